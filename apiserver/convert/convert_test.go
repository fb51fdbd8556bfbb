package convert

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
)

func TestDecode(t *testing.T) {
	cases := map[string]struct {
		body       string
		want       CreateRequest
		wantDetail string
	}{
		"a target may be one language": {
			body: `{"target_lang":"ca"}`, want: CreateRequest{TargetLang: Targets{Tags: []string{"ca"}}},
		},
		"a target may be a list": {
			body: `{"target_lang":["ca","pt"]}`, want: CreateRequest{TargetLang: Targets{Tags: []string{"ca", "pt"}, List: true}},
		},
		"null is as good as nothing": {
			body: `{"target_lang":null,"text":null,"texts":null,"tone":null,"source_review":null}`, want: CreateRequest{},
		},
		"texts come with and without metadata": {
			body: `{"texts":["a",{"text":"b","metadata":{"id":1},"x":2},{"text":"c","metadata":null}]}`,
			want: CreateRequest{Texts: []Text{{Text: "a"}, {Text: "b", Metadata: json.RawMessage(`{"id":1}`)}, {Text: "c"}}},
		},
		"a constraint has a number or words": {
			body: `{"constraints":[{"type":"max_chars","value":20},{"type":"forbidden","value":"gratis"},{"type":"forbidden","value":["a","b"]},{"type":"forbidden","terms":["c"]}]}`,
			want: CreateRequest{Options: Options{Constraints: []Constraint{
				{Type: "max_chars", Value: ConstraintValue{Number: ptr.To(int32(20))}},
				{Type: "forbidden", Value: ConstraintValue{Words: []string{"gratis"}}},
				{Type: "forbidden", Value: ConstraintValue{Words: []string{"a", "b"}}},
				{Type: "forbidden", Terms: []string{"c"}},
			}}},
		},
		"unknown keys are left aside":            {body: `{"webhook":"x","tone":"formal"}`, want: CreateRequest{Options: Options{Tone: "formal"}}},
		"nothing is no object":                   {body: " ", wantDetail: "The body is empty; send a JSON object."},
		"a string is no object":                  {body: `"a"`, wantDetail: "The body must be a JSON object."},
		"half an object is no JSON":              {body: `{"text":"a"`, wantDetail: "The body is not JSON: unexpected EOF."},
		"an object among texts needs a text":     {body: `{"texts":[{"metadata":1}]}`, wantDetail: `texts must be a list of strings or of objects {"text", "metadata"}`},
		"a constraint of a fraction is none":     {body: `{"constraints":[{"value":1.5}]}`, wantDetail: "constraints.value must be a whole number, or a list of words for type forbidden"},
		"a yes or no is not a word":              {body: `{"source_review":"yes"}`, wantDetail: "source_review must be true or false, not string"},
		"a place in a list is named by its path": {body: `{"glossary":[{"source":1}]}`, wantDetail: "glossary.source must be a string, not number"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var got CreateRequest
			err := Decode([]byte(tc.body), &got)
			if diff := cmp.Diff(tc.wantDetail, detailOf(t, err)); diff != "" {
				t.Fatalf("Decode() error (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" && err == nil {
				t.Errorf("Decode() (-want +got):\n%s", diff)
			}
		})
	}
}

// detailOf returns the sentence of a fault; an error of another kind fails the test.
func detailOf(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	fault, ok := errors.AsType[*Fault](err)
	if !ok {
		t.Fatalf("error %v is no fault of the caller", err)
	}
	return fault.Detail
}

func TestReadConstraints(t *testing.T) {
	number := func(n int32) ConstraintValue { return ConstraintValue{Number: &n} }
	cases := map[string]struct {
		give       []Constraint
		want       []v1alpha1.Constraint
		wantDetail string
	}{
		"a limit": {
			give: []Constraint{{Type: "max_words", Value: number(3)}},
			want: []v1alpha1.Constraint{{Type: v1alpha1.MaxWordsConstraint, Value: ptr.To(int32(3))}},
		},
		"words from both places, each once": {
			give: []Constraint{{Type: "forbidden", Value: ConstraintValue{Words: []string{"a", "b"}}, Terms: []string{"b", "c"}}},
			want: []v1alpha1.Constraint{{Type: v1alpha1.ForbiddenConstraint, Terms: []string{"a", "b", "c"}}},
		},
		"a limit without a number":   {give: []Constraint{{Type: "max_chars"}}, wantDetail: "constraints[0].value must be a whole number from 1 to 1000000"},
		"forbidden without words":    {give: []Constraint{{Type: "forbidden"}}, wantDetail: "constraints[0].value must be a list of 1 to 50 words"},
		"forbidden with a number":    {give: []Constraint{{Type: "forbidden", Value: number(1), Terms: []string{"a"}}}, wantDetail: "constraints[0].value must be a list of 1 to 50 words"},
		"an empty word":              {give: []Constraint{{Type: "forbidden", Terms: []string{""}}}, wantDetail: "constraints[0].value has a word that is empty or has more than 200 characters"},
		"more than there may be":     {give: make([]Constraint, 11), wantDetail: "constraints has 11 entries; 10 are allowed"},
		"a type that does not exist": {give: []Constraint{{Type: "MaxChars"}}, wantDetail: "constraints[0].type must be one of max_chars, max_words, forbidden"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := readConstraints(tc.give, 10)
			if diff := cmp.Diff(tc.wantDetail, detailOf(t, err)); diff != "" {
				t.Fatalf("readConstraints() error (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("readConstraints() (-want +got):\n%s", diff)
			}
		})
	}
}

func TestInlineTerms(t *testing.T) {
	term := func(source, target string) v1alpha1.InlineTerm {
		return v1alpha1.InlineTerm{Source: source, Target: target, Handling: v1alpha1.TranslateTerm, Case: v1alpha1.CaseInsensitive}
	}
	cases := map[string]struct {
		give   Term
		domain string
		lang   string
		want   []v1alpha1.InlineTerm
	}{
		"the short spelling":                        {give: Term{Source: "a", Target: "b"}, lang: "ca", want: []v1alpha1.InlineTerm{term("a", "b")}},
		"the long spelling, for the language":       {give: Term{Term: "a", Translations: map[string]string{"ca": "b", "pt": "c"}}, lang: "pt", want: []v1alpha1.InlineTerm{term("a", "c")}},
		"the exact language wins":                   {give: Term{Term: "a", Translations: map[string]string{"pt": "b", "pt-BR": "c"}}, lang: "pt-BR", want: []v1alpha1.InlineTerm{term("a", "c")}},
		"the language alone stands for a region":    {give: Term{Term: "a", Translations: map[string]string{"pt": "b"}}, lang: "pt-BR", want: []v1alpha1.InlineTerm{term("a", "b")}},
		"another region does not":                   {give: Term{Term: "a", Translations: map[string]string{"pt-PT": "b"}}, lang: "pt-BR"},
		"an entry of another domain does not count": {give: Term{Source: "a", Target: "b", Domain: "legal"}, domain: "sport", lang: "ca"},
		"one of the same domain does":               {give: Term{Source: "a", Target: "b", Domain: "Legal"}, domain: "legal", lang: "ca", want: []v1alpha1.InlineTerm{term("a", "b")}},
		"one that is not approved does not":         {give: Term{Source: "a", Target: "b", Status: "pending"}, lang: "ca"},
		"a name is kept, in its letter case": {
			give: Term{Source: "a", DoNotTranslate: true, CaseSensitive: true}, lang: "ca",
			want: []v1alpha1.InlineTerm{{Source: "a", Handling: v1alpha1.KeepTerm, Case: v1alpha1.CaseSensitive}},
		},
		"forbidden alternatives are a set": {
			give: Term{Source: "a", Target: "b", ForbiddenAlternatives: []string{"d", "", "c", "d"}}, lang: "ca",
			want: []v1alpha1.InlineTerm{{Source: "a", Target: "b", Handling: v1alpha1.TranslateTerm, Case: v1alpha1.CaseInsensitive, Forbidden: []string{"c", "d"}}},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, inlineTerms([]Term{tc.give}, tc.domain, tc.lang)); diff != "" {
				t.Errorf("inlineTerms() (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCheckTerms(t *testing.T) {
	cases := map[string]struct {
		give []Term
		want string
	}{
		"either spelling is good":       {give: []Term{{Source: "a", Target: "b"}, {Term: "a", Translations: map[string]string{"ca": "b"}}}},
		"a term needs a source":         {give: []Term{{Target: "b"}}, want: `glossary[0] needs "source" and "target", or "term" and "translations"`},
		"and a target":                  {give: []Term{{Source: "b"}}, want: `glossary[0] needs "target" or "translations", unless "do_not_translate" is true`},
		"a key has to be a language":    {give: []Term{{Term: "a", Translations: map[string]string{"catalan": "b"}}}, want: `glossary[0].translations has a key that is no language: language tag "catalan" is not well-formed; write a BCP-47 tag such as "ca"`},
		"a language stands there once":  {give: []Term{{Term: "a", Translations: map[string]string{"ca": "b", "CA": "c"}}}, want: "glossary[0].translations has an empty or a second term for ca"},
		"a term is not blank":           {give: []Term{{Source: " ", Target: "b"}}, want: `glossary[0] needs "source" and "target", or "term" and "translations"`},
		"a target is not blank":         {give: []Term{{Source: "a", Target: "\t"}}, want: "glossary[0].target is blank"},
		"a translation is not blank":    {give: []Term{{Term: "a", Translations: map[string]string{"ca": " "}}}, want: "glossary[0].translations has an empty or a second term for ca"},
		"a term is not empty":           {give: []Term{{Term: "a", Translations: map[string]string{"ca": ""}}}, want: "glossary[0].translations has an empty or a second term for ca"},
		"a term is not a text":          {give: []Term{{Source: "a", Target: strings.Repeat("b", 201)}}, want: "glossary[0] has a term of 201 characters; 200 are allowed"},
		"a status is one of three":      {give: []Term{{Source: "a", Target: "b", Status: "new"}}, want: "glossary[0].status must be one of approved, pending, deprecated"},
		"there are at most 200":         {give: make([]Term, 201), want: "glossary has 201 entries; 200 are allowed"},
		"and 10 forbidden alternatives": {give: []Term{{Source: "a", Target: "b", ForbiddenAlternatives: make([]string, 11)}}, want: "glossary[0].forbidden_alternatives has 11 entries; 10 are allowed"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, detailOf(t, checkTerms(tc.give))); diff != "" {
				t.Errorf("checkTerms() (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCheckOffers(t *testing.T) {
	listed := Offer{Pairs: []engine.Pair{{Source: "es", Target: "ca"}, {Source: "en", Target: "es"}}}
	again := Offer{Pairs: []engine.Pair{{Source: "es", Target: "ca"}}}
	many := Offer{}
	for _, first := range "abcdefghijklm" {
		for _, second := range "abcdef" {
			many.Pairs = append(many.Pairs, engine.Pair{Source: "es", Target: string(first) + string(second)})
		}
	}
	cases := map[string]struct {
		offers []Offer
		langs  Languages
		mode   v1alpha1.Mode
		want   string
	}{
		"a pair on offer":           {offers: []Offer{listed}, langs: Languages{Source: "es", Targets: []string{"ca"}}},
		"a region of one":           {offers: []Offer{listed}, langs: Languages{Source: "es-MX", Targets: []string{"ca"}}},
		"any pair":                  {offers: []Offer{listed, {Any: true}}, langs: Languages{Source: "de", Targets: []string{"ja"}}},
		"no provider":               {langs: Languages{Source: "es", Targets: []string{"ca"}}, want: "no provider of this account is ready, so no pair of languages is on offer"},
		"a pair that nobody offers": {offers: []Offer{listed, again}, langs: Languages{Source: "de", Targets: []string{"ca", "ja"}}, want: "de→ca, de→ja is not on offer; on offer are: en→es, es→ca"},
		"new text needs a writer":   {offers: []Offer{listed}, langs: Languages{Source: "es", Targets: []string{"ca"}}, mode: v1alpha1.CreationMode, want: "no provider of this account can write new text (mode creation)"},
		"a writer takes its pairs":  {offers: []Offer{listed, {Any: true, Creates: true}}, langs: Languages{Source: "es", Targets: []string{"es"}}, mode: v1alpha1.CreationMode},
		"a provider without a pair": {offers: []Offer{{}}, langs: Languages{Source: "es", Targets: []string{"ca"}}, want: "es→ca is not on offer; on offer are: none"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, detailOf(t, CheckOffers(tc.offers, tc.langs, tc.mode))); diff != "" {
				t.Errorf("CheckOffers() (-want +got):\n%s", diff)
			}
		})
	}
	t.Run("a message names at most sixty pairs", func(t *testing.T) {
		got := detailOf(t, CheckOffers([]Offer{many}, Languages{Source: "de", Targets: []string{"ca"}}, v1alpha1.TranslationMode))
		if !strings.HasSuffix(got, " and 18 more") || strings.Count(got, "es→") != 60 {
			t.Errorf("CheckOffers() = %q", got)
		}
	})
}

func TestIdentify(t *testing.T) {
	content := func(change func(*CreateRequest)) Content {
		t.Helper()
		request := everything()
		change(&request)
		brief, err := ReadBrief(request)
		if err != nil {
			t.Fatal(err)
		}
		langs, err := ReadLanguages(request.SourceLang, request.TargetLang, brief.Options.Mode)
		if err != nil {
			t.Fatal(err)
		}
		return brief.Content(langs)
	}
	plain := content(func(*CreateRequest) {})
	first := Identify("demo", "", []byte("a"), plain)
	cases := map[string]struct {
		id       Identity
		wantSame bool
	}{
		"another body of the same content":    {id: Identify("demo", "", []byte("b"), plain), wantSame: true},
		"another project":                     {id: Identify("demo", "", nil, content(func(r *CreateRequest) { r.ProjectName = "other" })), wantSame: true},
		"another spelling of a language":      {id: Identify("demo", "", nil, content(func(r *CreateRequest) { r.TargetLang.Tags = []string{"CA"} })), wantSame: true},
		"another account":                     {id: Identify("other", "", nil, plain)},
		"another text":                        {id: Identify("demo", "", nil, content(func(r *CreateRequest) { r.Text = ptr.To("Adiós") }))},
		"the text as a list":                  {id: Identify("demo", "", nil, content(func(r *CreateRequest) { r.Text, r.Texts = nil, []Text{{Text: "Hola"}} }))},
		"the language as a list":              {id: Identify("demo", "", nil, content(func(r *CreateRequest) { r.TargetLang.List = true }))},
		"another language":                    {id: Identify("demo", "", nil, content(func(r *CreateRequest) { r.TargetLang.Tags = []string{"pt"} }))},
		"an Idempotency-Key":                  {id: Identify("demo", "k", nil, plain)},
		"no review, for a tier that has none": {id: Identify("demo", "", nil, content(func(r *CreateRequest) { r.SourceReview, r.Tier = nil, "free" }))},
		"the review that the tier decides":    {id: Identify("demo", "", nil, content(func(r *CreateRequest) { r.SourceReview = nil })), wantSame: true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if same := tc.id.Name(1) == first.Name(1); same != tc.wantSame {
				t.Errorf("the names are the same: %t, want %t", same, tc.wantSame)
			}
		})
	}
	t.Run("metadata does not count", func(t *testing.T) {
		with := content(func(r *CreateRequest) { r.Text, r.Texts = nil, []Text{{Text: "a", Metadata: []byte("1")}} })
		without := content(func(r *CreateRequest) { r.Text, r.Texts = nil, []Text{{Text: "a"}} })
		if diff := cmp.Diff(Identify("demo", "", nil, without), Identify("demo", "", nil, with), cmp.AllowUnexported(Identity{})); diff != "" {
			t.Errorf("Identify() (-without +with):\n%s", diff)
		}
	})
	t.Run("a later attempt has its own name in the series", func(t *testing.T) {
		if got := first.Name(2); got != first.Name(1)+"-2" || !first.Names(got) || first.Names(Identify("demo", "k", nil, plain).Name(1)) {
			t.Errorf("Name(2) = %q of the series of %q: %t", got, first.Name(1), first.Names(got))
		}
	})
}

func TestGlossaryName(t *testing.T) {
	cases := map[string]struct {
		id     string
		want   string
		wantOK bool
	}{
		"an id of ours":            {id: "gloss_abc23456", want: "gloss-abc23456", wantOK: true},
		"the name of an object":    {id: "brand.terms", want: "brand.terms", wantOK: true},
		"a way out of the account": {id: "../other/gloss"},
		"an empty id":              {id: ""},
		"capitals":                 {id: "Brand"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, ok := GlossaryName(tc.id)
			if ok != tc.wantOK || ok && got != tc.want {
				t.Errorf("GlossaryName() = %q, %t, want %q, %t", got, ok, tc.want, tc.wantOK)
			}
			if ok && GlossaryID(got) != tc.id {
				t.Errorf("GlossaryID(%q) = %q, want %q", got, GlossaryID(got), tc.id)
			}
		})
	}
}

func TestStatusOf(t *testing.T) {
	finished := func(reason string) []metav1.Condition {
		return []metav1.Condition{{Type: v1alpha1.FinishedCondition, Status: metav1.ConditionTrue, Reason: reason}}
	}
	cases := map[string]struct {
		generation int64
		status     v1alpha1.TranslationJobStatus
		want       Status
		wantEnded  bool
	}{
		"never seen":                       {generation: 1, status: v1alpha1.TranslationJobStatus{ObservedGeneration: -1}, want: StatusQueued},
		"waiting":                          {generation: 1, status: v1alpha1.TranslationJobStatus{ObservedGeneration: 1, Phase: v1alpha1.QueuedPhase}, want: StatusQueued},
		"suspended":                        {generation: 1, status: v1alpha1.TranslationJobStatus{ObservedGeneration: 1, Phase: v1alpha1.SuspendedPhase}, want: StatusQueued},
		"working":                          {generation: 1, status: v1alpha1.TranslationJobStatus{ObservedGeneration: 1, Phase: v1alpha1.ProcessingPhase}, want: StatusProcessing},
		"working, with a new spec to come": {generation: 2, status: v1alpha1.TranslationJobStatus{ObservedGeneration: 1, Phase: v1alpha1.ProcessingPhase}, want: StatusProcessing},
		"completed":                        {generation: 1, status: v1alpha1.TranslationJobStatus{ObservedGeneration: 1, Conditions: finished(v1alpha1.CompletedReason)}, want: StatusCompleted, wantEnded: true},
		"completed, of an older spec":      {generation: 2, status: v1alpha1.TranslationJobStatus{ObservedGeneration: 1, Phase: v1alpha1.CompletedPhase, Conditions: finished(v1alpha1.CompletedReason)}, want: StatusQueued},
		"the phase alone ends nothing":     {generation: 1, status: v1alpha1.TranslationJobStatus{ObservedGeneration: 1, Phase: v1alpha1.CompletedPhase}, want: StatusQueued},
		"a reason of a later version":      {generation: 1, status: v1alpha1.TranslationJobStatus{ObservedGeneration: 1, Conditions: finished("Exploded")}, want: StatusFailed, wantEnded: true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			job := &v1alpha1.TranslationJob{ObjectMeta: metav1.ObjectMeta{Generation: tc.generation}, Status: tc.status}
			if got, ended := StatusOf(job), Ended(job); got != tc.want || ended != tc.wantEnded {
				t.Errorf("StatusOf() = %s, Ended() = %t, want %s, %t", got, ended, tc.want, tc.wantEnded)
			}
		})
	}
}

func TestBatchStatus(t *testing.T) {
	cases := map[string]struct {
		counts map[Status]int
		total  int
		want   BatchStatus
	}{
		"nothing has begun":         {counts: map[Status]int{StatusQueued: 3}, total: 3, want: BatchQueued},
		"one has begun":             {counts: map[Status]int{StatusQueued: 2, StatusProcessing: 1}, total: 3, want: BatchProcessing},
		"one has ended":             {counts: map[Status]int{StatusQueued: 2, StatusCompleted: 1}, total: 3, want: BatchProcessing},
		"all went well":             {counts: map[Status]int{StatusCompleted: 3}, total: 3, want: BatchCompleted},
		"one is for review":         {counts: map[Status]int{StatusCompleted: 2, StatusNeedsReview: 1}, total: 3, want: BatchCompletedWithErrors},
		"all failed, in their ways": {counts: map[Status]int{StatusFailed: 2, StatusDead: 1}, total: 3, want: BatchFailed},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := batchStatus(tc.counts, tc.total); got != tc.want {
				t.Errorf("batchStatus() = %s, want %s", got, tc.want)
			}
		})
	}
}

func TestNewBatchDetailSums(t *testing.T) {
	job := func(words int32, score, cost v1alpha1.Decimal) *v1alpha1.TranslationJob {
		return &v1alpha1.TranslationJob{Status: v1alpha1.TranslationJobStatus{
			WordCount: &words, BilledWords: &words, QAScore: score, Cost: cost,
			Progress: &v1alpha1.Progress{Total: 2, Done: 1, Failed: 1},
		}}
	}
	batch := &v1alpha1.TranslationBatch{Spec: v1alpha1.TranslationBatchSpec{
		TargetLanguages: []v1alpha1.LanguageTag{"ca", "pt", "eu", "gl"}, Items: make([]v1alpha1.BatchItem, 1),
	}}
	got := NewBatchDetail(batch, []*v1alpha1.TranslationJob{job(10, "100.0", "0.1"), job(30, "90.0", "0.2"), job(5, "", "")})
	type sums struct {
		Score, Cost   float64
		Words, Billed int64
		Progress      Progress
		Total, Queued int
	}
	want := sums{Score: 92.5, Cost: 0.3, Words: 45, Billed: 45, Progress: Progress{Total: 6, Done: 3, Failed: 3}, Total: 4, Queued: 4}
	if diff := cmp.Diff(want, sums{*got.QAScore, got.CostEUR, got.WordCount, got.BilledWords, got.Progress, got.TotalJobs, got.Counts[StatusQueued]}); diff != "" {
		t.Errorf("NewBatchDetail() (-want +got):\n%s", diff)
	}
}

func TestJobsThatABatchNeverMadeCountAsFailed(t *testing.T) {
	batch := &v1alpha1.TranslationBatch{
		Spec: v1alpha1.TranslationBatchSpec{TargetLanguages: []v1alpha1.LanguageTag{"ca"}, Items: make([]v1alpha1.BatchItem, 1)},
		Status: v1alpha1.TranslationBatchStatus{Conditions: []metav1.Condition{
			{Type: v1alpha1.FinishedCondition, Status: metav1.ConditionTrue, Reason: v1alpha1.CancelledReason},
		}},
	}
	if got := NewBatchDetail(batch, nil).Status; got != BatchFailed {
		t.Errorf("NewBatchDetail().Status = %s, want %s", got, BatchFailed)
	}
}

func TestReadWait(t *testing.T) {
	cases := map[string]struct {
		give    string
		want    time.Duration
		wantErr bool
	}{
		"nothing":       {give: "", want: 0},
		"seconds":       {give: "30s", want: 30 * time.Second},
		"a bare number": {give: "30", want: 30 * time.Second},
		"milliseconds":  {give: "250ms", want: 250 * time.Millisecond},
		"the longest":   {give: "1m", want: time.Minute},
		"too long":      {give: "60.001s", wantErr: true},
		"before now":    {give: "-1", wantErr: true},
		"no time":       {give: "later", wantErr: true},
		"a unit alone":  {give: "s", wantErr: true},
		"far too long":  {give: "9999999999999h", wantErr: true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := ReadWait(tc.give, time.Minute)
			if got != tc.want || (err != nil) != tc.wantErr {
				t.Errorf("ReadWait() = %s, %v, want %s and an error: %t", got, err, tc.want, tc.wantErr)
			}
		})
	}
}

func TestQueryMatches(t *testing.T) {
	job := &v1alpha1.TranslationJob{
		ObjectMeta: metav1.ObjectMeta{
			Labels:          map[string]string{v1alpha1.ArchivedLabel: "true"},
			OwnerReferences: []metav1.OwnerReference{{Kind: "TranslationBatch", UID: "b-1", Controller: ptr.To(true)}},
		},
		Spec: v1alpha1.TranslationJobSpec{
			JobOptions:     v1alpha1.JobOptions{Mode: v1alpha1.CreationMode, ProjectName: "Website"},
			SourceLanguage: "es_MX", TargetLanguage: "ca",
		},
	}
	cases := map[string]struct {
		query string
		want  bool
	}{
		"archived jobs are hidden":             {query: "", want: false},
		"unless they are asked for":            {query: "archived=true", want: true},
		"or all are":                           {query: "archived=all", want: true},
		"by status":                            {query: "archived=all&status=queued", want: true},
		"by another status":                    {query: "archived=all&status=dead", want: false},
		"by mode":                              {query: "archived=all&mode=creation", want: true},
		"by another mode":                      {query: "archived=all&mode=translate", want: false},
		"by project":                           {query: "archived=all&project_name=Website", want: true},
		"by a project of another case":         {query: "archived=all&project_name=website", want: false},
		"by batch":                             {query: "archived=all&batch_id=b-1", want: true},
		"by another batch":                     {query: "archived=all&batch_id=b-2", want: false},
		"by a source in canonical form":        {query: "archived=all&source_lang=es-mx", want: true},
		"by another source":                    {query: "archived=all&source_lang=es", want: false},
		"by both languages":                    {query: "archived=all&source_lang=es-MX&target_lang=ca", want: true},
		"by both languages, of which one fits": {query: "archived=all&source_lang=es-MX&target_lang=pt", want: false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			values, err := url.ParseQuery(tc.query)
			if err != nil {
				t.Fatal(err)
			}
			query, err := ReadQuery(values)
			if err != nil {
				t.Fatal(err)
			}
			if got := query.Matches(job); got != tc.want {
				t.Errorf("Matches() = %t, want %t", got, tc.want)
			}
		})
	}
}
