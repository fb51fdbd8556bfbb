package document

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// Result is everything a job has to say in the end. It is the content of a result
// payload, as JSON.
type Result struct {
	Translation
	Segments []v1alpha1.SegmentStatus `json:"segments"`
	Findings []v1alpha1.Finding       `json:"findings"`
	// WordCount of the translation.
	WordCount int32 `json:"wordCount"`
}

// Limits of what an object may hold of a result.
const (
	// MaxInlineBytes bounds the texts of a result in an object: all of status stays
	// far below etcd's limit of 1.5 MiB an object.
	MaxInlineBytes = 32 << 10
	// MaxInlineSegments and MaxInlineFindings bound the rows.
	MaxInlineSegments = 50
	MaxInlineFindings = 50
)

// FitsInline says whether the result may stand in the object.
func (r Result) FitsInline() bool {
	return r.bytes() <= MaxInlineBytes && len(r.Segments) <= MaxInlineSegments && len(r.Findings) <= MaxInlineFindings
}

func (r Result) bytes() int {
	n := 0
	if r.Text != nil {
		n = len(*r.Text)
	}
	for _, t := range r.Texts {
		if t != nil {
			n += len(*t)
		}
	}
	return n
}

// SHA256 returns the digest of the translation in hex: of the text, or of the
// JSON list for texts; "" when there is none.
func (r Result) SHA256() string {
	switch {
	case r.Text != nil:
		return digest([]byte(*r.Text))
	case r.Texts != nil:
		list, err := json.Marshal(r.Texts)
		if err != nil {
			return "" // strings always marshal
		}
		return digest(list)
	default:
		return ""
	}
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// Inline returns the result as it stands in an object. The caller asks FitsInline
// first.
func (r Result) Inline() *v1alpha1.Result {
	out := &v1alpha1.Result{Text: r.Text, Findings: r.Findings, SHA256: r.SHA256(), WordCount: r.WordCount}
	for _, t := range r.Texts {
		out.Texts = append(out.Texts, v1alpha1.ResultItem{Text: t})
	}
	return out
}

// Referenced returns what stands in an object when the result is in a payload.
func (r Result) Referenced(ref v1alpha1.PayloadReference) *v1alpha1.Result {
	return &v1alpha1.Result{PayloadRef: &ref, SHA256: r.SHA256(), WordCount: r.WordCount}
}

// Marshal returns the content of a payload.
func (r Result) Marshal() ([]byte, error) { return json.Marshal(r) }

// UnmarshalResult reads the content of a payload.
func UnmarshalResult(data []byte) (Result, error) {
	var r Result
	err := json.Unmarshal(data, &r)
	return r, err
}
