package convert

import (
	"encoding/json"
	"math/big"
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// Money is an amount in euro, as a JSON number or as a string. The zero value is
// none.
type Money struct {
	// Text is the amount as it was written.
	Text string
}

// UnmarshalJSON reads either.
func (m *Money) UnmarshalJSON(data []byte) error {
	*m = Money{}
	switch {
	case isNull(data):
		return nil
	case data[0] == '"':
		return json.Unmarshal(data, &m.Text)
	case data[0] == '-' || data[0] >= '0' && data[0] <= '9':
		m.Text = string(data)
		return nil
	}
	return shape("max_cost_eur", "an amount in euro such as 0.05")
}

// MarshalJSON writes the amount as a string.
func (m Money) MarshalJSON() ([]byte, error) { return json.Marshal(m.Text) }

// Schema describes the union.
func (Money) Schema(huma.Registry) *huma.Schema {
	least := 0.0
	return &huma.Schema{OneOf: []*huma.Schema{
		{Type: huma.TypeNumber, Minimum: &least},
		{Type: huma.TypeString, Pattern: decimalForm.String()},
	}}
}

var (
	// decimalForm is what an amount looks like in the objects.
	decimalForm = regexp.MustCompile(`^[0-9]{1,10}([.][0-9]{1,6})?$`)
	// scientific is a small amount as some languages write it. The exponent is bounded:
	// a number of a billion digits must not be worked out.
	scientific = regexp.MustCompile(`^[0-9]{1,10}([.][0-9]{1,16})?[eE][-+]?[0-9]{1,2}$`)
)

// decimal returns the amount as the objects hold it; "" for none. The error is a
// *Fault of kind BadBriefing.
func (m Money) decimal() (v1alpha1.Decimal, error) {
	text := m.Text
	if scientific.MatchString(text) {
		if exact, ok := new(big.Rat).SetString(text); ok {
			short := exact.FloatString(6)
			if again, ok := new(big.Rat).SetString(short); ok && again.Cmp(exact) == 0 {
				text = strings.TrimRight(strings.TrimRight(short, "0"), ".")
			}
		}
	}
	if text != "" && !decimalForm.MatchString(text) {
		return "", briefing("max_cost_eur", "must be an amount in euro such as 0.05, with at most 6 digits after the point")
	}
	return v1alpha1.Decimal(text), nil
}
