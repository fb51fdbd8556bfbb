package money

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
)

func TestParse(t *testing.T) {
	cases := map[string]struct {
		in      v1alpha1.Decimal
		want    Euro
		wantErr bool
	}{
		"nothing":                       {in: "", want: 0},
		"zero":                          {in: "0", want: 0},
		"euro":                          {in: "12", want: 12_000_000},
		"cent":                          {in: "0.03", want: 30_000},
		"a millionth":                   {in: "0.000001", want: 1},
		"less than a millionth is none": {in: "0.0000019", want: 1},
		"what floats cannot hold":       {in: "9007199254.740993", want: 9_007_199_254_740_993},
		"the largest in the API":        {in: "9999999999.999999", want: 9_999_999_999_999_999},
		"the largest":                   {in: "9223372036854.775807", want: math.MaxInt64},
		"more than the largest":         {in: "9223372036854.775808", wantErr: true},
		"less than nothing":             {in: "-0.01", wantErr: true},
		"no number":                     {in: "much", wantErr: true},
		"a comma":                       {in: "0,03", wantErr: true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := Parse(tc.in)
			if (err != nil) != tc.wantErr || got != tc.want {
				t.Errorf("Parse(%q) = %d, %v; want %d, error %v", tc.in, got, err, tc.want, tc.wantErr)
			}
		})
	}
}

func TestDecimal(t *testing.T) {
	cases := map[Euro]v1alpha1.Decimal{
		0: "0.00", 1: "0.000001", 30_000: "0.03", 500_000: "0.50", 1_000_000: "1.00", 12_345_678: "12.345678",
		math.MaxInt64: "9223372036854.775807",
	}
	for amount, want := range cases {
		t.Run(string(want), func(t *testing.T) {
			if got := amount.Decimal(); got != want {
				t.Errorf("Decimal() = %q, want %q", got, want)
			}
			if back, err := Parse(amount.Decimal()); err != nil || back != amount {
				t.Errorf("Parse(%q) = %d, %v; want %d", amount.Decimal(), back, err, amount)
			}
		})
	}
}

func TestCost(t *testing.T) {
	llm := Prices{InputPerMillionTokens: 2_500_000, OutputPerMillionTokens: 10_000_000}
	cases := map[string]struct {
		prices Prices
		usage  engine.Usage
		want   Euro
	}{
		"nothing used":                 {prices: llm},
		"free":                         {usage: engine.Usage{InputTokens: 5, OutputTokens: 5, Characters: 5}},
		"a million of each":            {prices: llm, usage: engine.Usage{InputTokens: 1_000_000, OutputTokens: 1_000_000}, want: 12_500_000},
		"characters":                   {prices: Prices{PerMillionCharacters: 20_000_000}, usage: engine.Usage{Characters: 50, InputTokens: 9}, want: 1000},
		"a part of a millionth is one": {prices: Prices{InputPerMillionTokens: 1}, usage: engine.Usage{InputTokens: 1}, want: 1},
		"each kind is rounded up":      {prices: Prices{InputPerMillionTokens: 1, OutputPerMillionTokens: 1}, usage: engine.Usage{InputTokens: 1, OutputTokens: 1}, want: 2},
		"an exact amount is kept":      {prices: Prices{InputPerMillionTokens: 1_000_000}, usage: engine.Usage{InputTokens: 7}, want: 7},
		"more than can be counted":     {prices: Prices{InputPerMillionTokens: math.MaxInt64}, usage: engine.Usage{InputTokens: 1e9}, want: math.MaxInt64},
		"a sum beyond what can be counted": {
			prices: Prices{InputPerMillionTokens: math.MaxInt64, OutputPerMillionTokens: math.MaxInt64},
			usage:  engine.Usage{InputTokens: 1e6, OutputTokens: 1e6}, want: math.MaxInt64,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := tc.prices.Cost(tc.usage); got != tc.want {
				t.Errorf("Cost() = %d, want %d", got, tc.want)
			}
		})
	}
}

func TestPricesOf(t *testing.T) {
	cases := map[string]struct {
		in       *v1alpha1.Prices
		want     Prices
		wantFree bool
		wantErr  bool
	}{
		"none": {wantFree: true},
		"all": {
			in:   &v1alpha1.Prices{InputPerMillionTokens: "2.50", OutputPerMillionTokens: "10", PerMillionCharacters: "0.000001"},
			want: Prices{InputPerMillionTokens: 2_500_000, OutputPerMillionTokens: 10_000_000, PerMillionCharacters: 1},
		},
		"nothing is free":      {in: &v1alpha1.Prices{InputPerMillionTokens: "0"}, wantFree: true},
		"one that is no price": {in: &v1alpha1.Prices{InputPerMillionTokens: "1", PerMillionCharacters: "free"}, wantErr: true, wantFree: true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := PricesOf(tc.in)
			if (err != nil) != tc.wantErr {
				t.Errorf("PricesOf() error = %v, want one: %v", err, tc.wantErr)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" || got.Free() != tc.wantFree {
				t.Errorf("PricesOf() is free: %v (-want +got):\n%s", got.Free(), diff)
			}
		})
	}
}
