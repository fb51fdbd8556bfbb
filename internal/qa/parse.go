package qa

import (
	"fmt"
	"strconv"
	"strings"
)

// ParseScore reads a score as String writes it.
func ParseScore(text string) (Score, error) {
	whole, tenth, ok := strings.Cut(text, ".")
	points, err := strconv.Atoi(whole)
	if err != nil || !ok || len(tenth) != 1 || tenth[0] < '0' || tenth[0] > '9' || points < 0 || points > 100 {
		return 0, fmt.Errorf("%q is not a score such as 98.5", text)
	}
	return Score(points*10 + int(tenth[0]-'0')), nil
}
