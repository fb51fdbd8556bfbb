package corpus

import (
	"encoding/binary"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// catalogue writes a .mo file.
func catalogue(order binary.AppendByteOrder, entries ...[2]string) []byte {
	const header, entry = 28, 8
	table := uint32(header)
	text := table + uint32(2*entry*len(entries)) //nolint:gosec // a handful of entries
	out := order.AppendUint32(nil, magic)
	for _, n := range []uint32{0, uint32(len(entries)), table, table + uint32(entry*len(entries)), 0, 0} { //nolint:gosec // a handful of entries
		out = order.AppendUint32(out, n)
	}
	var texts []byte
	for side := range 2 {
		for _, e := range entries {
			out = order.AppendUint32(out, uint32(len(e[side])))    //nolint:gosec // short texts
			out = order.AppendUint32(out, text+uint32(len(texts))) //nolint:gosec // short texts
			texts = append(append(texts, e[side]...), 0)
		}
	}
	return append(out, texts...)
}

func TestParse(t *testing.T) {
	utf8Header := [2]string{"", "Content-Type: text/plain; charset=UTF-8\n"}
	good := catalogue(binary.LittleEndian, utf8Header, [2]string{"Save", "Sichern"})
	cases := map[string]struct {
		data    []byte
		want    []message
		wantErr bool
	}{
		"little-endian": {data: good, want: []message{{"Save", "Sichern"}}},
		"big-endian":    {data: catalogue(binary.BigEndian, utf8Header, [2]string{"Save", "Sichern"}), want: []message{{"Save", "Sichern"}}},
		"contexts, plurals and gaps are left out": {
			data: catalogue(binary.LittleEndian, utf8Header, [2]string{"menu\x04Save", "Sichern"}, [2]string{"%d file\x00%d files", "a\x00b"}, [2]string{"Open", " "}),
		},
		"another encoding": {
			data: catalogue(binary.LittleEndian, [2]string{"", "charset=ISO-8859-1\n"}, [2]string{"over", "\xfcber"}),
			want: []message{{"over", "über"}},
		},
		"an encoding nobody knows": {data: catalogue(binary.LittleEndian, [2]string{"", "charset=CHARSET\n"}, [2]string{"over", "x"})},
		"invalid bytes":            {data: catalogue(binary.LittleEndian, utf8Header, [2]string{"over", "\xfcber"})},
		"no .mo file":              {data: make([]byte, 40), wantErr: true},
		"nothing":                  {wantErr: true},
		"cut short":                {data: good[:len(good)-12], wantErr: true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := parse(tc.data)
			if (err != nil) != tc.wantErr {
				t.Fatalf("parse() error = %v, want one: %v", err, tc.wantErr)
			}
			if diff := cmp.Diff(tc.want, got, cmp.AllowUnexported(message{})); diff != "" {
				t.Errorf("parse() (-want +got):\n%s", diff)
			}
		})
	}
}
