package convert

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

const (
	// maxTextBytes bounds the texts that stand in the object, as the schema does.
	// Larger ones are stored as a payload.
	maxTextBytes = 32768
	// maxItemRunes bounds one of texts, as the schema does.
	maxItemRunes = 24000
	// maxTexts bounds the list in the object, as the schema does.
	maxTexts = 1000
	// maxStoredTexts bounds the list in a payload.
	maxStoredTexts = 10_000
	// maxInlineMetadata bounds the metadata of the texts that stand in the object, in
	// bytes: etcd limits an object to 1.5 MiB.
	maxInlineMetadata = 256 << 10
	// maxInputBytes bounds a payload, as the schema says of source.payload.
	maxInputBytes = 16 << 20
)

// Input is a source as it was sent, checked.
type Input struct {
	text  *string
	texts []Text
	// stored is what goes to the payload store; nil when the source fits in the object.
	stored []byte
}

// Large is a source that has to be stored before the objects that refer to it are
// made.
type Large struct {
	// Data to store.
	Data []byte

	into *v1alpha1.PayloadSource
}

// Stored tells the source where its payload is. It holds for the objects that were
// planned before, too.
func (l Large) Stored(ref v1alpha1.PayloadReference) { l.into.Ref = ref }

// Texts returns the source as the pipeline takes it: a text, or else a list.
func (i Input) Texts() (text string, texts []string) {
	if i.text != nil {
		return *i.text, nil
	}
	texts = make([]string, len(i.texts))
	for n, item := range i.texts {
		texts[n] = item.Text
	}
	return "", texts
}

// source returns the source of the objects. That of a large input says where it is
// only once it was Stored.
func (i Input) source() v1alpha1.Source {
	switch {
	case i.stored != nil && i.text != nil:
		return v1alpha1.Source{Payload: &v1alpha1.PayloadSource{Form: v1alpha1.TextForm}}
	case i.stored != nil:
		return v1alpha1.Source{Payload: &v1alpha1.PayloadSource{Form: v1alpha1.TextsForm}}
	case i.text != nil:
		return v1alpha1.Source{Text: i.text}
	}
	items := make([]v1alpha1.TextItem, len(i.texts))
	for n, item := range i.texts {
		items[n] = v1alpha1.TextItem{Text: item.Text, Metadata: metadata(item.Metadata)}
	}
	return v1alpha1.Source{Texts: items}
}

// large lists the sources that have to be stored.
func large(inputs []Input, sources []*v1alpha1.Source) []Large {
	var out []Large
	for n, input := range inputs {
		if input.stored != nil {
			out = append(out, Large{Data: input.stored, into: sources[n].Payload})
		}
	}
	return out
}

// inlineBytes returns how much of the object the source takes.
func (i Input) inlineBytes() int {
	if i.stored != nil {
		return 0
	}
	texts, metadata := i.bytes()
	return texts + metadata
}

func (i Input) bytes() (texts, metadata int) {
	if i.text != nil {
		return len(*i.text), 0
	}
	for _, item := range i.texts {
		texts += len(item.Text)
		metadata += len(item.Metadata)
	}
	return texts, metadata
}

// part returns what decides the output of the source. A large one stands in it by
// its digest.
func (i Input) part(overrides *v1alpha1.ItemOverrides) ContentPart {
	part := ContentPart{Overrides: overrides}
	text, texts := i.Texts()
	switch {
	case i.stored != nil && i.text != nil:
		part.Digest = hex.EncodeToString(digest("text", text))
	case i.stored != nil:
		part.Digest = hex.EncodeToString(digest(append([]string{"texts"}, texts...)...))
	case i.text != nil:
		part.Text = i.text
	default:
		part.Texts = texts
	}
	return part
}

// readInput checks the texts of one job. The error is a *Fault of kind BadBriefing.
func readInput(text *string, texts []Text) (Input, error) {
	switch {
	case text != nil && texts != nil:
		return Input{}, briefing("text", "and texts are both there; send exactly one of them")
	case text != nil:
		return readText(*text)
	case texts != nil:
		return readTexts(texts)
	default:
		return Input{}, briefing("text", "and texts are both missing; send exactly one of them")
	}
}

func readText(text string) (Input, error) {
	out := Input{text: &text}
	switch {
	case strings.TrimSpace(text) == "":
		return out, briefing("text", "is empty")
	case len(text) > maxInputBytes:
		return out, tooLarge("text", len(text))
	case len(text) > maxTextBytes:
		out.stored = []byte(text)
	}
	return out, nil
}

func readTexts(texts []Text) (Input, error) {
	out := Input{texts: texts}
	if len(texts) == 0 {
		return out, briefing("texts", "is empty")
	}
	if len(texts) > maxStoredTexts {
		return out, briefing("texts", "has %d entries; %d are allowed", len(texts), maxStoredTexts)
	}
	for i, item := range texts {
		field := fmt.Sprintf("texts[%d]", i)
		if strings.TrimSpace(item.Text) == "" {
			return out, briefing(field, "is empty")
		}
		if runes := utf8.RuneCountInString(item.Text); runes > maxItemRunes {
			return out, briefing(field, "is too long: it has %d characters and %d are allowed", runes, maxItemRunes)
		}
	}
	size, extra := out.bytes()
	if size > maxInputBytes {
		return out, tooLarge("texts", size)
	}
	if len(texts) > maxTexts || size > maxTextBytes || extra > maxInlineMetadata {
		data, err := marshalTexts(texts)
		if err != nil {
			return out, err
		}
		if len(data) > maxInputBytes {
			return out, tooLarge("texts, written as JSON with its metadata,", len(data))
		}
		out.stored = data
	}
	return out, nil
}

func tooLarge(field string, size int) error {
	fault := briefing(field, "is too large: it has %d bytes and %d are allowed in one job; send several jobs", size, maxInputBytes)
	fault.Fields[0].Location = "body." + strings.TrimRight(strings.Fields(field)[0], ",")
	return fault
}

// storedText is one of texts in a payload.
type storedText struct {
	Text     string          `json:"text"`
	Metadata json.RawMessage `json:"metadata,omitempty"`
}

func marshalTexts(texts []Text) ([]byte, error) {
	items := make([]storedText, len(texts))
	for i, item := range texts {
		items[i] = storedText(item)
	}
	data, err := plainJSON(items)
	if err != nil {
		return nil, fmt.Errorf("write the texts of a job: %w", err)
	}
	return bytes.TrimSuffix(data, []byte("\n")), nil
}

// SourceTexts returns the texts of a job's source with their metadata: of the
// object, or of its payload when it is kept in one. It is nil for a source that is
// not a list.
func SourceTexts(source v1alpha1.Source, payload []byte) ([]v1alpha1.TextItem, error) {
	if !ListInPayload(source) {
		return source.Texts, nil
	}
	var items []storedText
	if err := json.Unmarshal(payload, &items); err != nil {
		return nil, fmt.Errorf("read the texts of a job: %w", err)
	}
	out := make([]v1alpha1.TextItem, len(items))
	for i, item := range items {
		out[i] = v1alpha1.TextItem{Text: item.Text, Metadata: metadata(item.Metadata)}
	}
	return out, nil
}

// ListInPayload says whether the source is a list of texts in a payload, which has
// to be read for their metadata.
func ListInPayload(source v1alpha1.Source) bool {
	return source.Payload != nil && source.Payload.Form == v1alpha1.TextsForm
}

func metadata(raw []byte) *v1alpha1.Metadata {
	if isNull(raw) {
		return nil
	}
	return &v1alpha1.Metadata{Raw: raw}
}
