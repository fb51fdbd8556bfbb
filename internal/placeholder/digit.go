package placeholder

import (
	"unicode"
	"unicode/utf8"
)

// parseDigits reads decimal digits of any script. Numbers that are too large to be
// a token read as 0.
func parseDigits(s string) (number int, ok bool) {
	for _, r := range s {
		digit, isDigit := Digit(r)
		if !isDigit {
			return 0, false
		}
		number = min(number*10+digit, maxToken)
	}
	if number == maxToken {
		number = 0
	}
	return number, s != ""
}

// Digit returns the value of a decimal digit of any script. Unicode sets the ten
// digits of a script side by side from zero on, so the place within the table's
// range gives the value.
func Digit(r rune) (value int, ok bool) {
	if r < utf8.RuneSelf {
		return int(r - '0'), r >= '0' && r <= '9'
	}
	for _, table := range unicode.Nd.R16 {
		if uint32(r) >= uint32(table.Lo) && uint32(r) <= uint32(table.Hi) {
			return int(uint32(r)-uint32(table.Lo)) % 10, true
		}
	}
	for _, table := range unicode.Nd.R32 {
		if uint32(r) >= table.Lo && uint32(r) <= table.Hi {
			return int(uint32(r)-table.Lo) % 10, true
		}
	}
	return 0, false
}
