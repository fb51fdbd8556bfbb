package injection

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// leastTagged is how many letters tag characters have to spell. The flags of
	// England, Scotland and Wales have six signs and no space.
	leastTagged = 12
	// leastEncoded is the length of a run that is worth decoding, mostEncoded what is
	// decoded of it.
	leastEncoded = 16
	mostEncoded  = 1024
)

// hidden judges what tag characters spell. There is no honest reason to hide a
// sentence from the reader.
func hidden(tagged []byte) []vote {
	if len(tagged) < leastTagged || !bytes.ContainsRune(tagged, ' ') {
		return nil
	}
	return []vote{{HiddenText, 0.85}}
}

// encoded judges the runs of base64 and of hexadecimal digits that decode to text: one
// that holds an order was not encoded for the reader.
func encoded(text string) []vote {
	for start := 0; start+leastEncoded <= len(text); {
		// Words are short: most of the text is skipped by a look at the end of what would
		// have to be a run.
		last := start + leastEncoded - 1
		for last >= start && isBase64(text[last]) {
			last--
		}
		if last >= start {
			start = last + 1
			continue
		}
		end := start + leastEncoded
		for end < len(text) && isBase64(text[end]) {
			end++
		}
		if run := text[start:end]; orders(decode64(run)) || orders(decodeHex(run)) {
			return []vote{{Encoded, 0.85}}
		}
		start = end
	}
	return nil
}

// orders says whether decoded bytes are a text that a rule knows.
func orders(decoded []byte) bool {
	if len(decoded) < leastTagged || !utf8.Valid(decoded) || bytes.ContainsFunc(decoded, unprintable) {
		return false
	}
	folded := fold(string(decoded))
	votes, _ := look(folded.text, false)
	return len(votes) > 0 || len(tokens(folded.text)) > 0
}

func unprintable(r rune) bool { return unicode.IsControl(r) && !unicode.IsSpace(r) }

func isBase64(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '+' || c == '/' || c == '-' || c == '_'
}

// decode64 decodes the beginning of a run in either alphabet. A run of small letters
// alone is a word.
func decode64(run string) []byte {
	if strings.ToLower(run) == run {
		return nil
	}
	run = run[:min(len(run), mostEncoded)]
	out, err := base64.RawURLEncoding.DecodeString(strings.NewReplacer("+", "-", "/", "_").Replace(run[:len(run)/4*4]))
	if err != nil {
		return nil
	}
	return wholeRunes(out)
}

func decodeHex(run string) []byte {
	run = run[:min(len(run), mostEncoded)/2*2]
	out, err := hex.DecodeString(run)
	if err != nil {
		return nil
	}
	return wholeRunes(out)
}

// wholeRunes drops a rune that was cut off at the end.
func wholeRunes(text []byte) []byte {
	for range utf8.UTFMax {
		if r, size := utf8.DecodeLastRune(text); r != utf8.RuneError || size != 1 {
			return text
		}
		text = text[:len(text)-1]
	}
	return text
}

// tokens looks for the control tokens of models in folded text.
func tokens(text []byte) []vote {
	weight := 0.0
	for _, token := range templateTokens {
		if at := bytes.Index(text, []byte(token)); at >= 0 {
			weight = 0.8
			s := &scene{text: text, hits: words().find(text, false)}
			if s.mentioned(at, at+len(token)) || s.quoted(at, at+len(token)) {
				weight *= aboutFactor
			}
			break
		}
	}
	if weight == 0 {
		return nil
	}
	return []vote{{ChatTemplate, weight}}
}

// templateTokens of the chat templates in use, folded.
var templateTokens = []string{
	"<|im_start|>", "<|im_end|>", "<|system|>", "<|user|>", "<|assistant|>", "<|endoftext|>", "<|end_of_text|>", "<|begin_of_text|>",
	"<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<|start|>", "<|end|>", "<|channel|>", "<|message|>", "<|endofprompt|>",
	"[inst]", "[/inst]", "<<sys>>", "<</sys>>", "<start_of_turn>", "<end_of_turn>",
	"### instruction:", "### system:", "### response:", "### new instruction", "[system](#", "<system_prompt>", "</system_prompt>",
	"{{#system", "<|eom_id|>", "[system_prompt]", "[available_tools]", "<|end_of_turn|>",
}

// maxSpeaker bounds, in bytes, the name that begins a line of a conversation.
const maxSpeaker = 30

// turns looks for a forged conversation: lines of two speakers, one of them a model.
// One line of the system is less.
func turns(text string) []vote {
	var speakers map[string]bool
	for line := range strings.Lines(text) {
		name, _, ok := strings.Cut(strings.TrimLeft(line[:min(len(line), maxSpeaker)], " \t#*>[<"), ":")
		if !ok {
			continue
		}
		switch name = strings.ToLower(strings.Trim(name, " *]>")); name {
		case "system", "user", "assistant", "human", "ai", "developer":
			if speakers == nil {
				speakers = map[string]bool{}
			}
			speakers[name] = true
		}
	}
	switch {
	case len(speakers) > 1:
		return []vote{{ForgedTurn, 0.4}}
	case speakers["system"]:
		return []vote{{ForgedTurn, 0.35}}
	default:
		return nil
	}
}

// closes looks for a sign that what is to be translated has ended.
func closes(text string) []vote {
	small := strings.ToLower(text)
	for _, sign := range closings {
		if at := strings.Index(small, sign); at >= 0 && (sign[0] == '<' || sign[0] == '[' || framed(small, at, len(sign))) {
			return []vote{{ForgedTurn, 0.35}}
		}
	}
	return nil
}

// closings are such signs, in small letters. A phrase needs a frame of dashes or the
// like.
var closings = []string{
	"end of text", "end of document", "end of source", "end of input", "end of user", "end of translation", "end of data",
	"fin del texto", "fin du texte", "ende des textes", "fine del testo",
	"</text>", "</source>", "</document>", "</user", "</system", "[/system", "[system]", "<system>",
}

// framed says whether a phrase stands between dashes, brackets or the like.
func framed(text string, at, size int) bool {
	before, after := strings.TrimRight(text[:at], " "), strings.TrimLeft(text[at+size:], " ")
	return before != "" && strings.ContainsRune("-=#*<[(", rune(before[len(before)-1])) &&
		(after == "" || strings.ContainsRune("-=#*>])", rune(after[0])))
}
