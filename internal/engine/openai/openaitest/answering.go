package openaitest

import (
	"net/http"
	"strings"
)

// ContentFilter ends the answer for a text that holds the marker.
func ContentFilter(marker string) Fault {
	f := answering("ContentFilter", func(x *exchange) { x.finish, x.content = "content_filter", new("") })
	f.applies = holding(marker)
	return f
}

// FinishLength cuts the answers of calls with more than this many runes of text.
func FinishLength(maxRunes int) Fault {
	f := spoiling(answering("FinishLength", func(x *exchange) {
		x.finish, x.content = "length", new(strings.TrimSuffix(x.json(), "}]}"))
	}))
	f.applies = longerThan(maxRunes)
	return f
}

// Refusal says no in prose to calls with a text that holds the marker.
func Refusal(marker string) Fault {
	f := answering("Refusal", func(x *exchange) { x.content = new("I'm sorry, but I can't help with that request.") })
	f.applies = holding(marker)
	return f
}

// RefusalField says no in the field for it to calls with a text that holds the marker.
func RefusalField(marker string) Fault {
	f := answering("RefusalField", func(x *exchange) { x.content, x.refusal = new(""), "I cannot do that: "+x.quote() })
	f.applies = holding(marker)
	return f
}

// RefusalText says no as the translation of texts that hold the marker.
func RefusalText(marker string) Fault {
	f := answering("RefusalText", func(x *exchange) {
		for i, s := range x.call.Segments {
			if strings.Contains(s.Text, marker) {
				x.answer[i].Text = "I'm sorry, but I can't translate this text."
			}
		}
	})
	f.applies = holding(marker)
	return f
}

// MalformedJSON ends the answer in the middle, with finish_reason stop. It quotes
// the text.
func MalformedJSON() Fault {
	return spoiling(answering("MalformedJSON", func(x *exchange) {
		whole := x.json()
		x.content = new(whole[:len(whole)-2])
	}))
}

// MalformedJSONFor does so for calls with a text that holds the marker.
func MalformedJSONFor(marker string) Fault {
	f := MalformedJSON()
	f.applies = holding(marker)
	return f
}

// SwappedIDs exchanges the first two ids; a single id becomes one that was not sent.
func SwappedIDs() Fault {
	return spoiling(answering("SwappedIDs", func(x *exchange) {
		if len(x.answer) == 1 {
			x.answer[0].ID++
			return
		}
		x.answer[0].ID, x.answer[1].ID = x.answer[1].ID, x.answer[0].ID
	}))
}

// SwappedTexts exchanges the first two texts and keeps the ids in order.
func SwappedTexts() Fault {
	f := answering("SwappedTexts", func(x *exchange) {
		x.answer[0].Text, x.answer[1].Text = x.answer[1].Text, x.answer[0].Text
	})
	f.applies = func(x *exchange) bool { return len(x.call.Segments) > 1 }
	return f
}

// MissingID leaves the last segment out.
func MissingID() Fault {
	return spoiling(answering("MissingID", func(x *exchange) { x.answer = x.answer[:len(x.answer)-1] }))
}

// DuplicatedID answers the first segment twice.
func DuplicatedID() Fault {
	return spoiling(answering("DuplicatedID", func(x *exchange) { x.answer = append(x.answer, x.answer[0]) }))
}

// ExtraID answers a segment that was not sent.
func ExtraID() Fault {
	return spoiling(answering("ExtraID", func(x *exchange) {
		highest := 0
		for _, it := range x.answer {
			highest = max(highest, it.ID)
		}
		x.answer = append(x.answer, answerItem{ID: highest + 1, Text: "one more"})
	}))
}

// EmptyText answers the first segment with nothing.
func EmptyText() Fault {
	return spoiling(answering("EmptyText", func(x *exchange) { x.answer[0].Text = "" }))
}

// EchoSource hands the source back.
func EchoSource() Fault {
	return answering("EchoSource", func(x *exchange) {
		for i, s := range x.call.Segments {
			x.answer[i].Text = s.Text
		}
	})
}

// DropPlaceable loses the first placeable of each text.
func DropPlaceable() Fault {
	return answering("DropPlaceable", func(x *exchange) {
		for i := range x.answer {
			if at := token.FindStringIndex(x.answer[i].Text); at != nil {
				x.answer[i].Text = x.answer[i].Text[:at[0]] + x.answer[i].Text[at[1]:]
			}
		}
	})
}

// ChatterAround puts prose around the JSON.
func ChatterAround() Fault {
	return answering("ChatterAround", func(x *exchange) {
		x.content = new("Sure! Here is the translation {as asked}:\n\n" + x.json() + "\n\nLet me know if you need more.")
	})
}

// Preface announces each translation inside its text.
func Preface() Fault {
	return answering("Preface", func(x *exchange) {
		for i := range x.answer {
			x.answer[i].Text = "Here is the translation:\n" + x.answer[i].Text
		}
	})
}

// CodeFence puts the JSON into a fence.
func CodeFence() Fault {
	return answering("CodeFence", func(x *exchange) { x.content = new("```json\n" + x.json() + "\n```") })
}

// Reasoning puts thoughts with a draft before the JSON.
func Reasoning() Fault {
	return answering("Reasoning", func(x *exchange) {
		x.content = new("<think>Perhaps " + x.json() + "? Yes.</think>\n" + x.json())
	})
}

// BareText answers without JSON: a line that announces the texts, then the texts.
func BareText() Fault {
	return answering("BareText", func(x *exchange) {
		var texts []string
		for _, it := range x.answer {
			texts = append(texts, it.Text)
		}
		x.content = new("Here is the translation:\n" + strings.Join(texts, "\n"))
	})
}

// MissingIDFor does so for calls with a text that holds the marker.
func MissingIDFor(marker string) Fault {
	f := MissingID()
	f.applies = holding(marker)
	return f
}

// NoUsage commits another fault, or answers well with None, and does not say what
// was used.
func NoUsage(f Fault) Fault {
	answer := f.commit
	if answer == nil {
		f = Fault{status: http.StatusOK}
		answer = func(w http.ResponseWriter, _ *http.Request, x *exchange) { x.write(w) }
	}
	f.Name = "NoUsage" + f.Name
	f.commit = func(w http.ResponseWriter, r *http.Request, x *exchange) {
		x.untold = true
		answer(w, r, x)
	}
	return f
}
