// Package money counts euro exactly, and says what the use of an engine costs.
//
// It is pure: amounts are whole millionths of a euro, never floats.
package money

import (
	"fmt"
	"math"
	"math/big"
	"strings"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
)

// Euro is an amount in millionths of a euro.
type Euro int64

// Parse reads a decimal number; "" is 0. More than six digits after the point
// are rounded down.
func Parse(d v1alpha1.Decimal) (Euro, error) {
	if d == "" {
		return 0, nil
	}
	rat, ok := new(big.Rat).SetString(string(d))
	if !ok || rat.Sign() < 0 {
		return 0, fmt.Errorf("%q is not a decimal number", string(d))
	}
	micro := new(big.Rat).Mul(rat, big.NewRat(1_000_000, 1))
	whole := new(big.Int).Quo(micro.Num(), micro.Denom())
	if !whole.IsInt64() {
		return 0, fmt.Errorf("%q is too large", string(d))
	}
	return Euro(whole.Int64()), nil
}

// Decimal returns the amount with at least two and at most six digits after the
// point, such as "0.03".
func (e Euro) Decimal() v1alpha1.Decimal {
	whole, frac := int64(e)/1_000_000, int64(e)%1_000_000
	digits := strings.TrimRight(fmt.Sprintf("%06d", frac), "0")
	for len(digits) < 2 {
		digits += "0"
	}
	return v1alpha1.Decimal(fmt.Sprintf("%d.%s", whole, digits))
}

// Prices of an engine.
type Prices struct {
	InputPerMillionTokens, OutputPerMillionTokens, PerMillionCharacters Euro
}

// Free says that calls cost nothing.
func (p Prices) Free() bool { return p == Prices{} }

// PricesOf reads the prices of a provider; nil is free.
func PricesOf(p *v1alpha1.Prices) (Prices, error) {
	if p == nil {
		return Prices{}, nil
	}
	var out Prices
	for _, field := range []struct {
		from v1alpha1.Decimal
		to   *Euro
	}{
		{p.InputPerMillionTokens, &out.InputPerMillionTokens},
		{p.OutputPerMillionTokens, &out.OutputPerMillionTokens},
		{p.PerMillionCharacters, &out.PerMillionCharacters},
	} {
		amount, err := Parse(field.from)
		if err != nil {
			return Prices{}, fmt.Errorf("read prices: %w", err)
		}
		*field.to = amount
	}
	return out, nil
}

// Plus adds, and stays at the largest amount that can be counted.
func (e Euro) Plus(f Euro) Euro {
	if f > math.MaxInt64-e {
		return math.MaxInt64
	}
	return e + f
}

// cost of a quantity at a price for a million, rounded up: a bound stays a bound.
// What is too much to be counted is the largest amount.
func cost(quantity int64, perMillion Euro) Euro {
	product := new(big.Int).Mul(big.NewInt(quantity), big.NewInt(int64(perMillion)))
	product.Add(product, big.NewInt(999_999))
	product.Quo(product, big.NewInt(1_000_000))
	if !product.IsInt64() {
		return math.MaxInt64
	}
	return Euro(product.Int64())
}

// Cost of a usage, rounded up.
func (p Prices) Cost(u engine.Usage) Euro {
	return cost(u.InputTokens, p.InputPerMillionTokens).
		Plus(cost(u.OutputTokens, p.OutputPerMillionTokens)).
		Plus(cost(u.Characters, p.PerMillionCharacters))
}
