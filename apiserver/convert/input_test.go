package convert

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
)

func manyTexts(n int, text string) []Text {
	out := make([]Text, n)
	for i := range out {
		out[i].Text = text
	}
	return out
}

func TestWhereASourceIsKept(t *testing.T) {
	metadata := json.RawMessage(`{"a":"<b>"}`)
	cases := map[string]struct {
		text       *string
		texts      []Text
		wantForm   v1alpha1.PayloadForm // "" for the object
		wantStored string               // "" for anything
		wantDetail string
		wantKind   FaultKind
	}{
		"32768 bytes stand in the object":           {text: new(strings.Repeat("ñ", 16384))},
		"one more does not":                         {text: new(strings.Repeat("ñ", 16384) + "a"), wantForm: v1alpha1.TextForm},
		"16 MiB are stored":                         {text: new(strings.Repeat("a", 16<<20)), wantForm: v1alpha1.TextForm},
		"one byte more is too large":                {text: new(strings.Repeat("a", 16<<20+1)), wantDetail: "text is too large: it has 16777217 bytes and 16777216 are allowed in one job; send several jobs", wantKind: BadBriefing},
		"1000 texts stand in the object":            {texts: manyTexts(1000, "a")},
		"1001 do not":                               {texts: manyTexts(1001, "a"), wantForm: v1alpha1.TextsForm},
		"10000 are stored":                          {texts: manyTexts(10_000, "a"), wantForm: v1alpha1.TextsForm},
		"10001 are too many":                        {texts: manyTexts(10_001, "a"), wantDetail: "texts has 10001 entries; 10000 are allowed", wantKind: BadBriefing},
		"texts of 32769 bytes are stored":           {texts: manyTexts(3, strings.Repeat("a", 10923)), wantForm: v1alpha1.TextsForm},
		"much metadata is stored with them":         {texts: []Text{{Text: "a", Metadata: json.RawMessage(`"` + strings.Repeat("m", 256<<10) + `"`)}}, wantForm: v1alpha1.TextsForm},
		"an entry of 24001 letters is too long":     {texts: manyTexts(2, strings.Repeat("a", 24001)), wantDetail: "texts[0] is too long: it has 24001 characters and 24000 are allowed", wantKind: BadBriefing},
		"texts are stored as they were sent":        {texts: append(manyTexts(1001, "<a> & \u2028"), Text{Text: "b", Metadata: metadata}), wantForm: v1alpha1.TextsForm, wantStored: `{"text":"b","metadata":{"a":"<b>"}}]`},
		"texts of more than 16 MiB are too large":   {texts: manyTexts(10_000, strings.Repeat("a", 1700)), wantDetail: "texts is too large: it has 17000000 bytes and 16777216 are allowed in one job; send several jobs", wantKind: BadBriefing},
		"with their metadata they may be as well":   {texts: []Text{{Text: "a", Metadata: json.RawMessage(`"` + strings.Repeat("m", 16<<20) + `"`)}}, wantDetail: "texts, written as JSON with its metadata, is too large: it has 16777244 bytes and 16777216 are allowed in one job; send several jobs", wantKind: BadBriefing},
		"an empty text among many is named":         {texts: append(manyTexts(1001, "a"), Text{Text: " "}), wantDetail: "texts[1001] is empty", wantKind: BadBriefing},
		"neither of the two":                        {wantDetail: "text and texts are both missing; send exactly one of them", wantKind: BadBriefing},
		"both of the two":                           {text: new("a"), texts: manyTexts(1, "a"), wantDetail: "text and texts are both there; send exactly one of them", wantKind: BadBriefing},
		"an empty list is none, and says that much": {texts: []Text{}, wantDetail: "texts is empty", wantKind: BadBriefing},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			input, err := readInput(tc.text, tc.texts)
			if diff := cmp.Diff(tc.wantDetail, detailOf(t, err)); diff != "" {
				t.Fatalf("readInput() error (-want +got):\n%s", diff)
			}
			if fault, ok := errors.AsType[*Fault](err); ok {
				if fault.Kind != tc.wantKind || strings.ContainsAny(fault.Fields[0].Location, ", ") {
					t.Errorf("a fault of kind %d at %q, want kind %d", fault.Kind, fault.Fields[0].Location, tc.wantKind)
				}
				return
			}
			source := input.source()
			var form v1alpha1.PayloadForm
			if source.Payload != nil {
				form = source.Payload.Form
			}
			if form != tc.wantForm || (source.Text == nil && source.Texts == nil) != (form != "") {
				t.Fatalf("kept in form %q, want %q", form, tc.wantForm)
			}
			if !strings.HasSuffix(string(input.stored), tc.wantStored) {
				t.Errorf("stored …%s", input.stored[len(input.stored)-80:])
			}
		})
	}
}

// A payload reads as it was written, and gives a result the same shape as texts in
// the object do.
func TestTextsOfAPayload(t *testing.T) {
	texts := append(manyTexts(1001, "<a> & ñ"), Text{Text: "b", Metadata: json.RawMessage(`[1, "<b>"]`)})
	input, err := readInput(nil, texts)
	if err != nil {
		t.Fatal(err)
	}
	inline := Input{texts: texts}.source()
	got, err := SourceTexts(input.source(), input.stored)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(inline.Texts[:1001], got[:1001]); diff != "" {
		t.Errorf("SourceTexts() (-object +payload):\n%s", diff)
	}
	if diff := cmp.Diff(`[1,"<b>"]`, string(got[1001].Metadata.Raw)); diff != "" {
		t.Errorf("metadata (-want +got):\n%s", diff)
	}
	if _, err := SourceTexts(input.source(), []byte("{")); err == nil {
		t.Error("SourceTexts() read a damaged payload")
	}
	if items, err := SourceTexts(v1alpha1.Source{Payload: &v1alpha1.PayloadSource{Form: v1alpha1.TextForm}}, nil); err != nil || items != nil {
		t.Errorf("SourceTexts() of a single text = %v, %v", items, err)
	}
}

// A source decides the content by its texts, wherever it is kept.
func TestTheContentOfLargeSources(t *testing.T) {
	long := strings.Repeat("a", 40_000)
	content := func(text *string, texts []Text) string {
		t.Helper()
		input, err := readInput(text, texts)
		if err != nil {
			t.Fatal(err)
		}
		return Identify("demo", "", nil, Content{Items: []ContentPart{input.part(nil)}}).Content
	}
	half := long[:20_000]
	base := content(&long, nil)
	cases := map[string]struct {
		text     *string
		texts    []Text
		wantSame bool
	}{
		"the same text":          {text: new(strings.Clone(long)), wantSame: true},
		"another text":           {text: new(long + "b")},
		"the text in two":        {texts: []Text{{Text: half}, {Text: half}}},
		"a text with its digest": {text: new(base)},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if same := content(tc.text, tc.texts) == base; same != tc.wantSame {
				t.Errorf("same content: %t, want %t", same, tc.wantSame)
			}
		})
	}
	plain := content(nil, []Text{{Text: half}, {Text: half}})
	if plain != content(nil, []Text{{Text: half, Metadata: json.RawMessage("1")}, {Text: half}}) {
		t.Error("metadata decides the content")
	}
	if plain == content(nil, []Text{{Text: half + "a"}, {Text: half[1:]}}) {
		t.Error("where a text ends does not decide the content")
	}
}

func TestMoney(t *testing.T) {
	cases := map[string]struct {
		give, wantDetail string
		want             v1alpha1.Decimal
	}{
		"none":                            {give: `null`},
		"an empty string is none":         {give: `""`},
		"a number":                        {give: `0.05`, want: "0.05"},
		"a string":                        {give: `"0.050"`, want: "0.050"},
		"a whole number":                  {give: `12`, want: "12"},
		"zero":                            {give: `0`, want: "0"},
		"a small one as Python writes it": {give: `1e-05`, want: "0.00001"},
		"a large one as others write it":  {give: `1.5E+2`, want: "150"},
		"less than a millionth":           {give: `1e-7`, wantDetail: "max_cost_eur must be an amount in euro such as 0.05, with at most 6 digits after the point"},
		"below zero":                      {give: `-0.5`, wantDetail: "max_cost_eur must be an amount in euro such as 0.05, with at most 6 digits after the point"},
		"a billion digits":                {give: `1e999999999`, wantDetail: "max_cost_eur must be an amount in euro such as 0.05, with at most 6 digits after the point"},
		"words":                           {give: `"much"`, wantDetail: "max_cost_eur must be an amount in euro such as 0.05, with at most 6 digits after the point"},
		"a list":                          {give: `[1]`, wantDetail: "max_cost_eur must be an amount in euro such as 0.05"},
		"a truth":                         {give: `true`, wantDetail: "max_cost_eur must be an amount in euro such as 0.05"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var options Options
			err := Decode([]byte(`{"max_cost_eur":`+tc.give+`}`), &options)
			var got v1alpha1.Decimal
			if err == nil {
				got, err = options.MaxCostEUR.decimal()
			}
			if diff := cmp.Diff(tc.wantDetail, detailOf(t, err)); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if got != tc.want {
				t.Errorf("decimal() = %q, want %q", got, tc.want)
			}
		})
	}
}

func TestEngineInfo(t *testing.T) {
	llm := v1alpha1.ProviderSpec{Type: v1alpha1.OpenAIProvider, Model: "m", Prices: &v1alpha1.Prices{}}
	can := func(c v1alpha1.EngineCapabilities) v1alpha1.ProviderStatus {
		return v1alpha1.ProviderStatus{Capabilities: &c}
	}
	cases := map[string]struct {
		spec      v1alpha1.ProviderSpec
		status    v1alpha1.ProviderStatus
		want      engine.Info
		wantKnown bool
	}{
		"a language model": {
			spec: llm, status: can(v1alpha1.EngineCapabilities{Corrections: v1alpha1.CorrectByFindings, SegmentsPerCall: 20, CharactersPerCall: 8000}),
			want: engine.Info{Name: "openai", Model: "m", Corrects: true, Creates: true, Rates: true, Terms: true, Paid: true, MaxSegments: 20, MaxRunes: 8000}, wantKnown: true,
		},
		"rules": {
			spec: v1alpha1.ProviderSpec{Type: v1alpha1.ApertiumProvider}, status: can(v1alpha1.EngineCapabilities{Corrections: v1alpha1.CorrectByParts}),
			want: engine.Info{Name: "apertium"}, wantKnown: true,
		},
		"a service with glossaries": {
			spec: v1alpha1.ProviderSpec{Type: v1alpha1.DeepLProvider}, status: can(v1alpha1.EngineCapabilities{SegmentsPerCall: 50}),
			want: engine.Info{Name: "deepl", Terms: true, MaxSegments: 50}, wantKnown: true,
		},
		"one that has not said it": {spec: llm, want: engine.Info{Name: "openai", Model: "m", Creates: true, Rates: true, Terms: true, Paid: true}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, known := EngineInfo(tc.spec, tc.status)
			if diff := cmp.Diff(tc.want, got); diff != "" || known != tc.wantKnown {
				t.Errorf("EngineInfo() known %t, want %t (-want +got):\n%s", known, tc.wantKnown, diff)
			}
		})
	}
}

func TestAJobThatIsToRunAgain(t *testing.T) {
	job := func(reason, asked, handled string) *v1alpha1.TranslationJob {
		return &v1alpha1.TranslationJob{
			ObjectMeta: metav1.ObjectMeta{Generation: 1, Annotations: map[string]string{v1alpha1.RetryAnnotation: asked}},
			Status: v1alpha1.TranslationJobStatus{
				ObservedGeneration: 1, LastHandledRetry: handled, StartedAt: new(metav1.NewTime(time.Unix(0, 0))),
				Conditions: []metav1.Condition{{Type: v1alpha1.FinishedCondition, Status: metav1.ConditionTrue, Reason: reason}},
			},
		}
	}
	cases := map[string]struct {
		job  *v1alpha1.TranslationJob
		want Status
	}{
		"asked for":                   {job: job(v1alpha1.FailedReason, "2", "1"), want: StatusQueued},
		"asked for the first time":    {job: job(v1alpha1.NeedsReviewReason, "1", ""), want: StatusQueued},
		"dead":                        {job: job(v1alpha1.DeadReason, "1", ""), want: StatusQueued},
		"acted on":                    {job: job(v1alpha1.FailedReason, "1", "1"), want: StatusFailed},
		"not asked for":               {job: job(v1alpha1.FailedReason, "", "1"), want: StatusFailed},
		"longer than it may be":       {job: job(v1alpha1.FailedReason, strings.Repeat("1", 65), ""), want: StatusFailed},
		"of a job that needs none":    {job: job(v1alpha1.CompletedReason, "1", ""), want: StatusCompleted},
		"of a job that was cancelled": {job: job(v1alpha1.CancelledReason, "1", ""), want: StatusFailed},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := StatusOf(tc.job); got != tc.want || Ended(tc.job) != (tc.want != StatusQueued) || InLine(tc.job) != (tc.want == StatusQueued) {
				t.Errorf("StatusOf() = %s, want %s; ended %t, in line %t", got, tc.want, Ended(tc.job), InLine(tc.job))
			}
		})
	}
}

func TestRetryValuesAreNewAndFit(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	job := &v1alpha1.TranslationJob{ObjectMeta: metav1.ObjectMeta{UID: "u", ResourceVersion: "12"}}
	later := &v1alpha1.TranslationJob{ObjectMeta: metav1.ObjectMeta{UID: "u", ResourceVersion: "13"}}
	odd := &v1alpha1.TranslationJob{ObjectMeta: metav1.ObjectMeta{UID: "u", ResourceVersion: strings.Repeat("x", 80)}}
	if RetryValue(job, "", now) == RetryValue(later, "", now) || RetryValue(job, "", now) == RetryValue(job, "", now.Add(time.Second)) {
		t.Error("two retries have one value")
	}
	if RetryValue(job, "k", now) != RetryValue(later, "k", now.Add(time.Hour)) || RetryValue(job, "k", now) == RetryValue(job, "l", now) {
		t.Error("the value does not go by the Idempotency-Key")
	}
	for _, value := range []string{RetryValue(job, "", now), RetryValue(odd, "", now), RetryValue(job, "k", now)} {
		if len(value) > maxRetryValue {
			t.Errorf("%q has %d characters", value, len(value))
		}
	}
}
