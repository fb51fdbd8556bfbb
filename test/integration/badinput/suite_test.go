// Package badinput_test gives Dragoman what nobody should give it, a story for each: a
// reference to nothing, text that is no text, a language model that does anything but
// translate. It runs on a real API server with the controllers and the REST adapter, and
// the model's engine talks to a server on the loopback interface.
//
// Every story asks for the same three things: what is wrong is said once and clearly, in
// words that do not quote the text; nothing crashes; and no job that holds a bad text is
// called Completed or Ready. Where an input is odd and right, a faithful answer to it
// must be Completed, and a broken one found.
package badinput_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/controllers"
	"github.com/dragoman-dev/dragoman/internal/document"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/engine/openai"
	"github.com/dragoman-dev/dragoman/internal/engine/openai/openaitest"
	"github.com/dragoman-dev/dragoman/internal/payload"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
	"github.com/dragoman-dev/dragoman/test/build"
	"github.com/dragoman-dev/dragoman/test/integration/suite"
)

var (
	world *suite.World
	// rest is the address of the REST adapter.
	rest string
)

func TestBadInput(t *testing.T) { suite.Run(t, "Bad input", suite.Patience) }

var _ = BeforeSuite(func() {
	world = suite.Start()
	o := controllers.DefaultOptions()
	o.Namespace = "default"
	o.Pace = pipeline.Pace{AnnounceAfter: 500 * time.Millisecond, ReportEvery: 100 * time.Millisecond}
	o.Factories = map[v1alpha1.ProviderType]engine.Factory{v1alpha1.OpenAIProvider: openai.Factory(openai.Options{})}
	manager := world.Manage(o)
	DeferCleanup(func() { Expect(manager.Stop()).To(Succeed()) })
	rest = world.Serve()
})

// model is a language model that says what a story has it say, with a provider in a
// namespace of its own.
type model struct {
	*openaitest.Server

	namespace string
}

// newModel starts a model with its answers, by the text as the model sees it. What it
// has no answer for it turns round.
func newModel(ctx context.Context, answers map[string]string) model {
	GinkgoHelper()
	m := model{Server: openaitest.Start(), namespace: world.NewNamespace(ctx)}
	DeferCleanup(m.Close)
	m.Translate = func(pair engine.Pair, text string) string {
		if answer, ok := answers[text]; ok {
			return answer
		}
		return openaitest.Reverse(pair, text)
	}
	provider := build.Scripted("model", m.namespace)
	provider.Spec.Endpoint, provider.Spec.Model = m.URL, openaitest.Model
	provider.Spec.TimeoutSeconds = new(int32(2))
	world.Provide(ctx, provider)
	return m
}

// translate has a job of some texts translated from English, and waits for its end.
func (m model) translate(ctx context.Context, name, target string, texts ...string) *v1alpha1.TranslationJob {
	GinkgoHelper()
	return m.run(ctx, build.Job(name, m.namespace).Languages("en", target).Texts(texts...))
}

// run runs a job to its end.
func (m model) run(ctx context.Context, job *build.JobWrapper) *v1alpha1.TranslationJob {
	GinkgoHelper()
	job.Spec.BackoffLimit = new(int32(1))
	world.Create(ctx, job.Obj())
	done := world.Finished(ctx, m.namespace, job.Name)
	Expect(done.Status.LostAttempts).To(BeZero(), "no attempt crashed")
	m.saysNothingOf(ctx, done)
	return done
}

// told are words of the texts of the stories that nothing of Dragoman's own has.
var told = []string{"apricot", "aprikose", "basket", "körbe", "panier", "abricot", "מוכנה", "مشمش", "абрикос"}

// saysNothingOf checks that neither the status of a job beside its result nor an event
// repeats a text.
func (m model) saysNothingOf(ctx context.Context, job *v1alpha1.TranslationJob) {
	GinkgoHelper()
	status := job.Status.DeepCopy()
	if status.Result != nil {
		status.Result.Text, status.Result.Texts = nil, nil
	}
	for i := range status.Segments {
		status.Segments[i].Terms = nil // the client's own words
	}
	said, err := json.Marshal(status)
	Expect(err).NotTo(HaveOccurred())
	all := string(said)
	var events corev1.EventList
	Expect(world.Client.List(ctx, &events, client.InNamespace(m.namespace))).To(Succeed())
	for _, event := range events.Items {
		all += "\n" + event.Message
	}
	for _, word := range told {
		Expect(strings.ToLower(all)).NotTo(ContainSubstring(word))
	}
}

// passes checks that a job is Completed with a text, and with no finding but notes.
func passes(job *v1alpha1.TranslationJob, text string) {
	GinkgoHelper()
	Expect(job.Status.Phase).To(Equal(v1alpha1.CompletedPhase), "%s", findingsOf(job))
	Expect(meta.IsStatusConditionTrue(job.Status.Conditions, v1alpha1.ReadyCondition)).To(BeTrue())
	for _, f := range findingsOf(job) {
		Expect(f.Severity).To(Equal(v1alpha1.NeutralSeverity), f.Message)
	}
	Expect(*job.Status.Result.Texts[0].Text).To(Equal(text))
}

// isHeld checks that a job ended in a phase that is not Completed, is not Ready, and that
// its condition Stalled says why, in words.
func isHeld(job *v1alpha1.TranslationJob, phase v1alpha1.Phase, reason, message string) {
	GinkgoHelper()
	Expect(phase).NotTo(Equal(v1alpha1.CompletedPhase))
	Expect(job.Status.Phase).To(Equal(phase), "%s", findingsOf(job))
	Expect(meta.IsStatusConditionTrue(job.Status.Conditions, v1alpha1.ReadyCondition)).To(BeFalse())
	stalled := suite.Condition(job, v1alpha1.StalledCondition)
	Expect(stalled.Reason).To(Equal(reason))
	Expect(stalled.Message).To(ContainSubstring(message))
}

// needsReview checks that a job asks for a person, and says what to look at in these
// findings and no others.
func needsReview(job *v1alpha1.TranslationJob, findings ...types.GomegaMatcher) {
	GinkgoHelper()
	isHeld(job, v1alpha1.NeedsReviewPhase, v1alpha1.NeedsReviewReason, "need a person")
	all := make([]any, len(findings))
	for i, f := range findings {
		all[i] = f
	}
	Expect(findingsOf(job)).To(ConsistOf(all...))
}

// findingsOf returns the findings of a job, also those that are kept beside a large
// result.
func findingsOf(job *v1alpha1.TranslationJob) []v1alpha1.Finding {
	GinkgoHelper()
	switch result := job.Status.Result; {
	case result == nil:
		return nil
	case result.PayloadRef == nil:
		return result.Findings
	default:
		data, err := payload.Open(context.Background(), world.Client, job.Namespace, *result.PayloadRef)
		Expect(err).NotTo(HaveOccurred())
		var stored document.Result
		Expect(json.Unmarshal(data, &stored)).To(Succeed())
		return stored.Findings
	}
}

// finding matches a finding on a segment by what it says.
func finding(segment int, check string, severity v1alpha1.Severity, says string) types.GomegaMatcher {
	return And(
		HaveField("Segment", BeEquivalentTo(segment)), HaveField("Type", check), HaveField("Severity", severity),
		HaveField("Message", ContainSubstring(says)),
	)
}

// note matches a note on the source of a segment.
func note(segment int, check, says string) types.GomegaMatcher {
	return finding(segment, check, v1alpha1.NeutralSeverity, says)
}

// critical matches a finding that no score makes up for.
func critical(segment int, check, says string) types.GomegaMatcher {
	return finding(segment, check, v1alpha1.CriticalSeverity, says)
}
