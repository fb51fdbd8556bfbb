package corpus

import (
	"encoding/binary"
	"errors"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
)

// message is a message of a catalogue.
type message struct{ source, target string }

// magic is the first number of a .mo file, in the byte order of the file.
const magic = 0x950412de

var errFormat = errors.New("it is no .mo file, or it is damaged")

// parse reads a .mo file as the manual of GNU gettext describes it: a table of the
// sources and one of the targets, each entry a length and an offset. Headers,
// contexts and plurals are left out.
func parse(data []byte) ([]message, error) {
	const header = 20
	if len(data) < header {
		return nil, errFormat
	}
	var order binary.ByteOrder = binary.LittleEndian
	if order.Uint32(data) != magic {
		order = binary.BigEndian
	}
	if order.Uint32(data) != magic {
		return nil, errFormat
	}
	number := func(at uint64) uint64 {
		if at+4 > uint64(len(data)) {
			return uint64(len(data)) // leads to no text
		}
		return uint64(order.Uint32(data[at:]))
	}
	text := func(table, i uint64) (string, bool) {
		const entry = 8
		length, offset := number(table+entry*i), number(table+entry*i+4)
		if offset+length > uint64(len(data)) {
			return "", false
		}
		return string(data[offset : offset+length]), true
	}
	count, sources, targets := number(8), number(12), number(16)
	if count > uint64(len(data)) {
		return nil, errFormat
	}
	decode := asUTF8
	var all []message
	for i := range count {
		source, ok := text(sources, i)
		target, there := text(targets, i)
		if !ok || !there {
			return nil, errFormat
		}
		if source == "" { // the header, always the first
			decode = decoderOf(target)
			continue
		}
		if isSpecial(source) || strings.TrimSpace(target) == "" {
			continue
		}
		if target, ok = decode(target); ok && utf8.ValidString(source) {
			all = append(all, message{source: source, target: target})
		}
	}
	return all, nil
}

// isSpecial finds messages with a context or with plural forms.
func isSpecial(source string) bool { return strings.ContainsAny(source, "\x00\x04") }

func asUTF8(text string) (string, bool) { return text, utf8.ValidString(text) }

// decoderOf returns the decoder for the encoding that a header names.
func decoderOf(header string) func(string) (string, bool) {
	_, after, _ := strings.Cut(header, "charset=")
	name, _, _ := strings.Cut(after, "\n")
	name = strings.ToLower(strings.TrimSpace(name))
	if name == "utf-8" || name == "utf8" || name == "" {
		return asUTF8
	}
	e, err := htmlindex.Get(name)
	if err != nil {
		return func(string) (string, bool) { return "", false }
	}
	return func(text string) (string, bool) { return decoded(e, text) }
}

func decoded(e encoding.Encoding, text string) (string, bool) {
	out, err := e.NewDecoder().String(text)
	return out, err == nil && !strings.ContainsRune(out, utf8.RuneError)
}
