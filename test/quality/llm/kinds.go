package llm

import (
	"strings"

	"github.com/dragoman-dev/dragoman/internal/engine/openai/openaitest"
)

// kind is a kind of fault: of a whole call, or of one text.
type kind struct {
	name string
	call *openaitest.Fault
	text func(call openaitest.Call, s openaitest.Segment, text string) string
}

// kinds are what models and those who sell them are seen to do.
func kinds() []kind {
	whole := func(name string, f openaitest.Fault) kind { return kind{name: name, call: &f} }
	return []kind{
		whole("status_429", openaitest.Status429(0)),
		whole("status_503", openaitest.Status5xx(503)),
		whole("cut_answer", openaitest.FinishLength(0)),
		whole("cut_json", openaitest.MalformedJSON()),
		whole("swapped_ids", openaitest.SwappedIDs()),
		whole("swapped_texts", openaitest.SwappedTexts()),
		whole("missing_id", openaitest.MissingID()),
		whole("chatter", openaitest.ChatterAround()),
		whole("html_body", openaitest.NotJSON()),
		whole("refused_call", openaitest.Refusal("")),
		{name: "refused_text", text: func(openaitest.Call, openaitest.Segment, string) string {
			return "I'm sorry, but I can't translate this text."
		}},
		{name: "lost_placeable", text: func(_ openaitest.Call, _ openaitest.Segment, text string) string {
			if at := token.FindStringIndex(text); at != nil {
				return text[:at[0]] + text[at[1]:]
			}
			return text
		}},
		{name: "echo", text: func(_ openaitest.Call, s openaitest.Segment, _ string) string { return s.Text }},
		{name: "announced_text", text: func(_ openaitest.Call, _ openaitest.Segment, text string) string {
			return "Sure! Here is the German translation: " + text
		}},
		{name: "offer_at_the_end", text: func(_ openaitest.Call, _ openaitest.Segment, text string) string {
			return text + " Let me know if you need anything else."
		}},
		{name: "repetition", text: func(_ openaitest.Call, _ openaitest.Segment, text string) string {
			return strings.Repeat(text+" ", 30)
		}},
		{name: "leaked_prompt", text: func(call openaitest.Call, _ openaitest.Segment, text string) string {
			rules := call.System[strings.Index(call.System, "Rules:"):]
			return text + " " + rules[:min(len(rules), 400)]
		}},
		{name: "ten_times_the_length", text: func(call openaitest.Call, _ openaitest.Segment, text string) string {
			var all []string
			for _, s := range call.Segments {
				all = append(all, s.Text)
			}
			return text + " " + strings.Join(all, " ")
		}},
	}
}
