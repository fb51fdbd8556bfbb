package main

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/fanout"
	"github.com/dragoman-dev/dragoman/internal/money"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
	"github.com/dragoman-dev/dragoman/test/build"
)

// order names what a job has to translate: the number that stands in each of its
// sentences, and the language. Whoever sees a segment knows by it which job it is of.
type order struct {
	Number   int
	Language string
}

// article is one sentence of an order: what is bought.
type article struct {
	order

	Sentence int
}

// sentence is written so that no check of the QA step finds fault with its
// translation.
func sentence(number, n int) string {
	return fmt.Sprintf("Pedido %d, frase %d: %s.", number, n, clauses[n%len(clauses)])
}

var clauses = []string{
	"la luna sube despacio sobre el agua clara", "el tren sale tarde de la ciudad",
	"nadie sabe cuando vuelve el barco", "la puerta del museo queda abierta", "hoy llueve en el valle",
}

// numbered finds the numbers of a sentence, also in its translation.
var numbered = regexp.MustCompile(`(\d+), \pL+ (\d+):`)

// sentencesIn returns the numbers of the order and of the sentences in a text.
func sentencesIn(text string) (number int, sentences []int) {
	for _, m := range numbered.FindAllStringSubmatch(text, -1) {
		// A number of another length than ours cannot be one of ours.
		number, _ = strconv.Atoi(m[1])
		n, _ := strconv.Atoi(m[2])
		sentences = append(sentences, n)
	}
	return number, sentences
}

// task is a job that the run waits for.
type task struct {
	order

	Namespace, Name string
	// Sentences in the order of the source, with their repeats.
	Sentences []int
	// Texts says that each sentence is a text of its own.
	Texts bool
	// MaxCost of the job; "" for none.
	MaxCost v1alpha1.Decimal
	// Batch that makes the job; nil for one that is made by itself.
	Batch *v1alpha1.TranslationBatch
}

// key names the job.
func (t *task) key() string { return t.Namespace + "/" + t.Name }

// source returns the texts of a job: one, unless it has texts.
func (t *task) source() []string {
	lines := make([]string, len(t.Sentences))
	for i, n := range t.Sentences {
		lines[i] = sentence(t.Number, n)
	}
	if t.Texts {
		return lines
	}
	return []string{strings.Join(lines, " ")}
}

// job returns the object.
func (t *task) job() *v1alpha1.TranslationJob {
	b := build.Job(t.Name, t.Namespace).Languages("es", t.Language)
	if t.Texts {
		b = b.Texts(t.source()...)
	} else {
		b = b.Text(t.source()[0])
	}
	return b.With(func(s *v1alpha1.TranslationJobSpec) {
		s.ProviderRef, s.MaxCost = providerRef(), t.MaxCost
	}).Obj()
}

func providerRef() *v1alpha1.ProviderReference {
	return &v1alpha1.ProviderReference{Kind: v1alpha1.ClusterTranslationProviderKind, Name: providerName}
}

// budget is a limit that jobs have in common.
type budget struct {
	Name  string
	Max   money.Euro
	Tasks []*task
}

// plan is all that is asked for.
type plan struct {
	Namespaces []string
	Batches    []*v1alpha1.TranslationBatch
	// Alone are the jobs that are made one by one, Tasks all jobs.
	Alone, Tasks []*task
	// Budgets of batches and of a namespace.
	Budgets []budget
	// Monthly is the limit of the last namespace.
	Monthly v1alpha1.Decimal
}

const (
	namespaces = 5
	// batchItems times the languages is a batch, and there are two of them.
	batchItems = 5
	// maxSegments of a job: more than one call takes, and more than a status lists.
	maxSegments = 60
)

var batchLanguages = []v1alpha1.LanguageTag{"ca", "pt"}

// planned draws the jobs.
func planned(o options) (plan, error) {
	var p plan
	for i := range namespaces {
		p.Namespaces = append(p.Namespaces, fmt.Sprintf("chaos-%d", i+1))
	}
	rng := rand.New(rand.NewPCG(o.Seed, 1))
	for i := range 2 {
		p.addBatch(rng, fmt.Sprintf("batch-%d", i+1), p.Namespaces[i])
	}
	budgeted := p.Namespaces[namespaces-1]
	monthly := budget{Name: "namespace " + budgeted}
	for number := len(p.Tasks) + 1; len(p.Tasks) < o.Jobs; number++ {
		t := &task{
			order: order{Number: number, Language: "ca"}, Name: fmt.Sprintf("job-%d", number),
			Namespace: p.Namespaces[rng.IntN(namespaces)], Sentences: drawSentences(rng), Texts: rng.IntN(4) == 0,
		}
		most, err := estimate(t)
		if err != nil {
			return p, err
		}
		if rng.IntN(5) == 0 { // from what is refused to what leaves room for every repeat
			t.MaxCost = (most * money.Euro(40+rng.IntN(80)) / 100).Decimal()
		}
		if t.Namespace == budgeted {
			monthly.Tasks = append(monthly.Tasks, t)
			monthly.Max += most * 3 / 10
		}
		p.Alone, p.Tasks = append(p.Alone, t), append(p.Tasks, t)
	}
	p.Budgets, p.Monthly = append(p.Budgets, monthly), monthly.Max.Decimal()
	for i := range p.Budgets {
		b := &p.Budgets[i]
		if i == len(p.Budgets)-1 {
			break
		}
		for _, t := range b.Tasks {
			most, err := estimate(t)
			if err != nil {
				return p, err
			}
			b.Max += most / 2
		}
		b.Tasks[0].Batch.Spec.MaxCost = b.Max.Decimal()
	}
	return p, nil
}

// addBatch draws a batch. Its budget is half of what its jobs may cost at most.
func (p *plan) addBatch(rng *rand.Rand, name, namespace string) {
	batch := build.Batch(name, namespace, batchLanguages)
	batch.Spec.Template.ProviderRef = providerRef()
	shared := budget{Name: "batch " + name}
	for item := range batchItems {
		number, sentences := len(p.Tasks)+1, drawSentences(rng)
		for _, language := range batchLanguages {
			shared.Tasks = append(shared.Tasks, &task{
				order: order{Number: number, Language: string(language)}, Namespace: namespace,
				Name: fanout.JobName(name, item, string(language)), Sentences: sentences, Batch: batch,
			})
		}
		text := shared.Tasks[len(shared.Tasks)-1].source()[0]
		batch.Spec.Items = append(batch.Spec.Items, v1alpha1.BatchItem{Source: v1alpha1.Source{Text: &text}})
		p.Tasks = append(p.Tasks, shared.Tasks[len(shared.Tasks)-len(batchLanguages):]...)
	}
	p.Batches, p.Budgets = append(p.Batches, batch), append(p.Budgets, shared)
}

// drawSentences draws 1 to 60 sentences; in every third job some come twice.
func drawSentences(rng *rand.Rand) []int {
	all := make([]int, 1+rng.IntN(maxSegments))
	repeats := rng.IntN(3) == 0
	for i := range all {
		all[i] = i + 1
		if repeats && i > 0 && rng.IntN(4) == 0 {
			all[i] = 1 + rng.IntN(i)
		}
	}
	return all
}

// estimate returns what the job would announce without a maxCost.
func estimate(t *task) (money.Euro, error) {
	prices, err := money.PricesOf(prices())
	if err != nil {
		return 0, err
	}
	work := pipeline.Job{
		Pair: engine.Pair{Source: "es", Target: t.Language}, SourceLanguage: "es", TargetLanguage: t.Language,
		Prices: prices, Paid: true, Text: t.source()[0],
	}
	if t.Texts {
		work.Text, work.Texts = "", t.source()
	}
	// As many segments a call as engines of type OpenAI take.
	e, err := pipeline.NewEstimate(work, engine.Info{Name: "openai", Corrects: true, Paid: true, MaxSegments: segmentsPerCall, MaxRunes: 8000})
	return e.PlannedMax, err
}

// prices are high, so that each call can be seen in a sum.
func prices() *v1alpha1.Prices {
	return &v1alpha1.Prices{InputPerMillionTokens: "100", OutputPerMillionTokens: "300"}
}

const (
	providerName = "paid"
	// concurrency is the most calls at one time.
	concurrency = 8
	// timeoutSeconds after which a manager gives a call up.
	timeoutSeconds = 3
	// segmentsPerCall is what one call of an engine of type OpenAI takes.
	segmentsPerCall = 40
)

// provider is the only engine of the run.
func provider(endpoint, model string) *v1alpha1.ClusterTranslationProvider {
	return &v1alpha1.ClusterTranslationProvider{
		ObjectMeta: metav1.ObjectMeta{Name: providerName},
		Spec: v1alpha1.ClusterTranslationProviderSpec{ProviderSpec: v1alpha1.ProviderSpec{
			Type: v1alpha1.OpenAIProvider, Endpoint: endpoint, Model: model, Prices: prices(),
			TimeoutSeconds: new(int32(timeoutSeconds)), Limits: &v1alpha1.ProviderLimits{Concurrency: new(int32(concurrency))},
		}},
	}
}
