package placeholder

import "fmt"

// ProblemKind says what happened to a token.
type ProblemKind int

const (
	// Missing tokens are not in the answer.
	Missing ProblemKind = iota + 1
	// Duplicated tokens are in the answer more than once.
	Duplicated
	// Unknown tokens are in the answer and stand for nothing.
	Unknown
	// Nesting is wrong: a tag closes before it opens, or two pairs cross.
	Nesting
	// Order is wrong: a specifier without a number takes the argument of another.
	Order
	// Joined tokens stand so that the text beside them becomes part of the placeable.
	Joined
)

// String returns what happened, to follow "placeable ⟦1⟧".
func (k ProblemKind) String() string {
	switch k {
	case Missing:
		return "is missing"
	case Duplicated:
		return "is there more than once"
	case Unknown:
		return "stands for nothing in the source"
	case Nesting:
		return "is not nested as in the source"
	case Order:
		return "has no number and must keep its place in the order"
	case Joined:
		return "runs into the text beside it"
	default:
		return "is wrong"
	}
}

// Problem is a fault in how an answer uses its tokens.
type Problem struct {
	Kind ProblemKind
	// Token number; 0 for a sign that is part of no token.
	Token int
	// Of is the kind of placeable the token stands for; 0 when it stands for none.
	Of Kind
	// Placeable names what the token stands for, without prose; "" when unknown.
	Placeable string
}

// String describes the problem in a sentence fit for users, logs and a request
// for correction: it quotes no prose and no address.
func (p Problem) String() string {
	switch {
	case p.Token == 0:
		return "a token sign " + p.Kind.String()
	case p.Placeable == "":
		return fmt.Sprintf("placeable %s %v", Token(p.Token), p.Kind)
	default:
		return fmt.Sprintf("placeable %s (%s) %v", Token(p.Token), p.Placeable, p.Kind)
	}
}
