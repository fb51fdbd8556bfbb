package jobs_test

import (
	"context"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/test/build"
	"github.com/dragoman-dev/dragoman/test/kstatus"
	"github.com/dragoman-dev/dragoman/test/scripted"
)

var _ = Describe("What a job refers to", func() {
	It("is waited for: a source ConfigMap, then its key", func(ctx context.Context) {
		s := newStage(ctx, scripted.New())
		world.Create(ctx, build.Job("source", s.namespace).ConfigMap("page", "body").Obj())
		world.Waits(ctx, s.namespace, "source", v1alpha1.SourceNotFoundReason, `ConfigMap "page" is not in namespace "`+s.namespace+`"; the job goes on when it is`)

		page := build.ConfigMap("page", s.namespace, "title", "Hola")
		world.Create(ctx, page)
		world.Waits(ctx, s.namespace, "source", v1alpha1.SourceNotFoundReason, `ConfigMap "page" has no key "body"; the job goes on when it has`)

		page.Data["body"] = "La casa es grande."
		Expect(world.Client.Update(ctx, page)).To(Succeed())
		job := world.Finished(ctx, s.namespace, "source")
		Expect(*job.Status.Result.Text).To(Equal(scripted.Text("La casa es grande.")))
	})

	It("may be a plain text file in binary data", func(ctx context.Context) {
		s := newStage(ctx, scripted.New())
		file := build.ConfigMap("file", s.namespace, "other", "x")
		file.BinaryData = map[string][]byte{"a.txt": []byte("La casa es grande.\n")}
		world.Create(ctx, file, build.Job("file", s.namespace).With(func(spec *v1alpha1.TranslationJobSpec) {
			spec.Source = v1alpha1.Source{File: &v1alpha1.FileSource{
				ConfigMapKeyRef: v1alpha1.ConfigMapKeyReference{Name: "file", Key: "a.txt"}, Name: "a.txt",
			}}
		}).Obj())
		Expect(*world.Finished(ctx, s.namespace, "file").Status.Result.Text).To(Equal(scripted.Text("La casa es grande.") + "\n"))
	})

	It("must be text within the bound", func(ctx context.Context) {
		s := newStage(ctx, scripted.New())
		binary := build.ConfigMap("binary", s.namespace, "other", "x")
		binary.BinaryData = map[string][]byte{"body": {0xff, 0xfe, 0xfd}}
		world.Create(ctx, binary, build.ConfigMap("large", s.namespace, "body", strings.Repeat("a", 1_000_001)),
			build.Job("binary", s.namespace).ConfigMap("binary", "body").Obj(),
			build.Job("large", s.namespace).ConfigMap("large", "body").Obj())
		world.Fails(ctx, s.namespace, "binary", v1alpha1.SourceInvalidReason, `key "body" of ConfigMap "binary" is not UTF-8 text`)
		world.Fails(ctx, s.namespace, "large", v1alpha1.SourceTooLargeReason, `has 1000001 bytes; the limit is 1000000`)
	})

	It("is waited for: a glossary, whose terms then reach the engine", func(ctx context.Context) {
		var terms []engine.Term
		e := scripted.New()
		e.Script = func(_ context.Context, _ int, req engine.Request) (engine.Response, error) {
			terms = req.Terms
			return scripted.Translation(req), nil
		}
		s := newStage(ctx, e)
		world.Create(ctx, build.Job("terms", s.namespace).Text("El carrito es grande.").With(func(spec *v1alpha1.TranslationJobSpec) {
			spec.GlossaryRefs = []v1alpha1.GlossaryReference{{Name: "shop"}}
		}).Obj())
		world.Waits(ctx, s.namespace, "terms", v1alpha1.GlossaryNotFoundReason, `Glossary "shop" is not in namespace`)

		world.Create(ctx, &v1alpha1.Glossary{
			ObjectMeta: metav1.ObjectMeta{Name: "shop", Namespace: s.namespace},
			Spec: v1alpha1.GlossarySpec{SourceLanguage: "es", Entries: []v1alpha1.GlossaryEntry{
				{Term: "carrito", Translations: []v1alpha1.TermTranslation{{Language: "ca", Term: "cistella"}}},
				{Term: "perro", Translations: []v1alpha1.TermTranslation{{Language: "ca", Term: "gos"}}},
			}},
		})
		job := world.Finished(ctx, s.namespace, "terms")
		Expect(terms).To(ConsistOf(And(HaveField("Source", "carrito"), HaveField("Target", "cistella"))), "only terms that occur are sent")
		Expect(job.Status.Result.Findings).To(ContainElement(HaveField("Type", "terminology")), "the engine did not use the term")
	})

	It("is waited for: segmentation rules, until they are right", func(ctx context.Context) {
		s := newStage(ctx, scripted.New())
		world.Create(ctx, build.Job("ruled", s.namespace).Text("Uno; dos. Tres; cuatro.").With(func(spec *v1alpha1.TranslationJobSpec) {
			spec.Segmentation = &v1alpha1.Segmentation{RulesRef: v1alpha1.ConfigMapKeyReference{Name: "rules", Key: "srx"}}
		}).Obj())
		world.Waits(ctx, s.namespace, "ruled", v1alpha1.SegmentationRulesNotFoundReason, `ConfigMap "rules" is not in namespace`)

		rules := build.ConfigMap("rules", s.namespace, "srx", "<srx")
		world.Create(ctx, rules)
		world.Waits(ctx, s.namespace, "ruled", v1alpha1.SegmentationRulesInvalidReason, `key "srx" of ConfigMap "rules": `)

		rules.Data["srx"] = `<?xml version="1.0" encoding="UTF-8"?>
<srx xmlns="http://www.lisa.org/srx20" version="2.0">
  <header segmentsubflows="yes" cascade="no"/>
  <body>
    <languagerules><languagerule languagerulename="semicolons">
      <rule break="yes"><beforebreak>;</beforebreak><afterbreak>\s</afterbreak></rule>
    </languagerule></languagerules>
    <maprules><languagemap languagepattern="es.*" languagerulename="semicolons"/></maprules>
  </body>
</srx>`
		Expect(world.Client.Update(ctx, rules)).To(Succeed())
		world.Finished(ctx, s.namespace, "ruled")
		Expect(s.engine.Sold()).To(ConsistOf("Uno;", "dos. Tres;", "cuatro."))
	})

	It("is waited for: a provider that the job names", func(ctx context.Context) {
		s := stage{namespace: world.NewNamespace(ctx), engine: scripted.New()}
		world.Create(ctx, build.Job("named", s.namespace).Text("Hola, mundo.").Provider("later").Obj())
		world.Waits(ctx, s.namespace, "named", v1alpha1.ProviderNotFoundReason, `there is no TranslationProvider "later" in namespace`)
		s.provide(ctx, "later")
		Expect(world.Finished(ctx, s.namespace, "named").Status.Provider.Name).To(BeEquivalentTo("later"))
	})

	It("is waited for: any provider, when the job names none", func(ctx context.Context) {
		s := stage{namespace: world.NewNamespace(ctx), engine: scripted.New()}
		world.Create(ctx, build.Job("any", s.namespace).Text("Hola, mundo.").Obj())
		world.Waits(ctx, s.namespace, "any", v1alpha1.ProviderNotFoundReason, "no provider serves namespace")
		s.provide(ctx, "first")
		Expect(world.Finished(ctx, s.namespace, "any").Status.Phase).To(Equal(v1alpha1.CompletedPhase))
	})

	It("must offer the pair, and the message names the pairs on offer", func(ctx context.Context) {
		e := scripted.New()
		e.Offers = engine.Offer{Pairs: []engine.Pair{{Source: "en", Target: "es"}, {Source: "es", Target: "ca"}}}
		s := newStage(ctx, e)
		world.Create(ctx,
			build.Job("unnamed", s.namespace).Languages("de", "en").Text("Hallo.").Obj(),
			build.Job("named", s.namespace).Languages("de", "en").Text("Hallo.").Provider("engine").Obj(),
			build.Job("regional", s.namespace).Languages("en-GB", "es-MX").Text("The house is big.").Obj())
		world.Fails(ctx, s.namespace, "unnamed", v1alpha1.PairNotOfferedReason, "de→en is not on offer; the providers of namespace")
		world.Fails(ctx, s.namespace, "named", v1alpha1.PairNotOfferedReason, `de→en is not on offer; TranslationProvider "engine" offers en→es, es→ca`)
		Expect(world.Finished(ctx, s.namespace, "regional").Status.Phase).To(Equal(v1alpha1.CompletedPhase), "a regional tag falls back to its language")
	})

	It("must be a language that exists", func(ctx context.Context) {
		s := newStage(ctx, scripted.New())
		world.Create(ctx, build.Job("unknown", s.namespace).Languages("xx", "en").Text("Hola.").Obj())
		world.Fails(ctx, s.namespace, "unknown", v1alpha1.UnsupportedReason, "sourceLanguage")
	})

	It("must be able to write new text for mode Creation", func(ctx context.Context) {
		s := newStage(ctx, scripted.New())
		world.Create(ctx, build.Job("creation", s.namespace).Text("Un texto sobre casas.").With(func(spec *v1alpha1.TranslationJobSpec) {
			spec.Mode = v1alpha1.CreationMode
		}).Obj())
		world.Fails(ctx, s.namespace, "creation", v1alpha1.UnsupportedReason, `engine "scripted" cannot write new text`)
	})

	It("may not cost more than maxCost", func(ctx context.Context) {
		s := stage{namespace: world.NewNamespace(ctx), engine: scripted.New()}
		priced := build.Scripted("priced", s.namespace)
		priced.Spec.Model = s.namespace + "/priced"
		priced.Spec.Prices = &v1alpha1.Prices{PerMillionCharacters: "20"}
		engines.mu.Lock()
		engines.byModel[priced.Spec.Model] = s.engine
		engines.mu.Unlock()
		world.Create(ctx, priced, build.Job("dear", s.namespace).Text("Una frase bastante larga para este presupuesto.").With(func(spec *v1alpha1.TranslationJobSpec) {
			spec.MaxCost = "0.000001"
		}).Obj())
		world.Fails(ctx, s.namespace, "dear", v1alpha1.BudgetExceededReason, "and maxCost is 0.000001; raise maxCost or shorten the source")
		Expect(s.engine.Calls()).To(BeZero())

		world.Change(ctx, s.namespace, "dear", func(spec *v1alpha1.TranslationJobSpec) { spec.MaxCost = "1" })
		job := world.Finished(ctx, s.namespace, "dear")
		Expect(job.Status.Phase).To(Equal(v1alpha1.CompletedPhase), "a raised limit lets the job go on")
		Expect(job.Status.PlannedMaxCost).NotTo(BeEmpty())
	})
})

var _ = Describe("A provider", func() {
	ready := func(ctx context.Context, namespace, name string) func(Gomega, metav1.ConditionStatus, string, string) {
		return func(g Gomega, status metav1.ConditionStatus, reason, message string) {
			var p v1alpha1.TranslationProvider
			g.Expect(world.Client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, &p)).To(Succeed())
			g.Expect(kstatus.Broken(kstatus.Provider(p.Generation, p.Status))).To(BeEmpty())
			c := meta.FindStatusCondition(p.Status.Conditions, v1alpha1.ReadyCondition)
			g.Expect(c).NotTo(BeNil())
			g.Expect(c.Status).To(Equal(status), c.Message)
			g.Expect(c.Reason).To(Equal(reason))
			g.Expect(c.Message).To(ContainSubstring(message))
		}
	}

	It("waits for its Secret, takes it up, and takes a new key up without a restart", func(ctx context.Context) {
		s := stage{namespace: world.NewNamespace(ctx), engine: scripted.New()}
		p := build.Scripted("keyed", s.namespace)
		p.Spec.Model = s.namespace + "/keyed"
		p.Spec.SecretRef = &v1alpha1.SecretKeyReference{Name: "llm"}
		engines.mu.Lock()
		engines.byModel[p.Spec.Model] = s.engine
		engines.mu.Unlock()
		world.Create(ctx, p)
		state := ready(ctx, s.namespace, "keyed")
		Eventually(state).WithArguments(metav1.ConditionFalse, v1alpha1.SecretNotFoundReason, `Secret "llm" is not in namespace`).Should(Succeed())
		world.Create(ctx, build.Job("job", s.namespace).Text("Hola, mundo.").Provider("keyed").Obj())
		world.Waits(ctx, s.namespace, "job", v1alpha1.ProviderNotReadyReason, `TranslationProvider "keyed" is not ready`)

		secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "llm", Namespace: s.namespace}, StringData: map[string]string{"token": "x"}}
		world.Create(ctx, secret)
		Eventually(state).WithArguments(metav1.ConditionFalse, v1alpha1.SecretNotFoundReason, `has no key "apiKey"`).Should(Succeed())

		secret.StringData = map[string]string{"apiKey": "one"}
		Expect(world.Client.Update(ctx, secret)).To(Succeed())
		Eventually(state).WithArguments(metav1.ConditionTrue, v1alpha1.ProbeSucceededReason, "the engine answers").Should(Succeed())
		world.Finished(ctx, s.namespace, "job")

		secret.StringData = map[string]string{"apiKey": "two"}
		Expect(world.Client.Update(ctx, secret)).To(Succeed())
		Eventually(func() string {
			var now v1alpha1.TranslationProvider
			Expect(world.Client.Get(ctx, client.ObjectKeyFromObject(p), &now)).To(Succeed())
			return now.Status.SecretVersion
		}).Should(Equal(secret.ResourceVersion))
	})

	It("says why it is not ready: waiting for an engine that may come back, stalled by wrong settings", func(ctx context.Context) {
		down := scripted.New()
		down.Broken = engine.Errorf(engine.Transient, "connection refused")
		s := stage{namespace: world.NewNamespace(ctx), engine: down}
		p := build.Scripted("down", s.namespace)
		p.Spec.Model = s.namespace + "/down"
		engines.mu.Lock()
		engines.byModel[p.Spec.Model] = down
		engines.mu.Unlock()
		wrong := build.Scripted("wrong", s.namespace)
		wrong.Spec.Model = "no-such-model"
		pseudo := build.Scripted("pseudo", s.namespace)
		pseudo.Spec = v1alpha1.ProviderSpec{Type: v1alpha1.PseudoProvider}
		world.Create(ctx, p, wrong, pseudo)
		Eventually(ready(ctx, s.namespace, "down")).WithArguments(metav1.ConditionFalse, v1alpha1.ProbeFailedReason, "connection refused").Should(Succeed())
		Eventually(ready(ctx, s.namespace, "wrong")).WithArguments(metav1.ConditionFalse, v1alpha1.MisconfiguredReason, `there is no model "no-such-model"`).Should(Succeed())
		Eventually(ready(ctx, s.namespace, "pseudo")).WithArguments(metav1.ConditionFalse, v1alpha1.MisconfiguredReason, "engines of type Pseudo are not part of this manager").Should(Succeed())
	})

	It("of the cluster serves the namespaces it admits", func(ctx context.Context) {
		open, closed := world.NewNamespace(ctx), world.NewNamespace(ctx)
		e := scripted.New()
		p := &v1alpha1.ClusterTranslationProvider{
			ObjectMeta: metav1.ObjectMeta{Name: open},
			Spec: v1alpha1.ClusterTranslationProviderSpec{
				ProviderSpec:      build.Scripted("x", "x").Spec,
				NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"kubernetes.io/metadata.name": open}},
			},
		}
		p.Spec.Model = open + "/cluster"
		engines.mu.Lock()
		engines.byModel[p.Spec.Model] = e
		engines.mu.Unlock()
		world.Create(ctx, p)
		DeferCleanup(func(ctx context.Context) { Expect(world.Client.Delete(ctx, p)).To(Succeed()) })
		named := func(spec *v1alpha1.TranslationJobSpec) {
			spec.ProviderRef = &v1alpha1.ProviderReference{Kind: v1alpha1.ClusterTranslationProviderKind, Name: v1alpha1.ObjectName(p.Name)}
		}
		world.Create(ctx, build.Job("a", open).Text("Hola, mundo.").Obj(),
			build.Job("b", closed).Text("Hola, mundo.").With(named).Obj(),
			build.Job("c", closed).Text("Hola, mundo.").Obj())
		Expect(world.Finished(ctx, open, "a").Status.Provider.Kind).To(Equal(v1alpha1.ClusterTranslationProviderKind))
		world.Fails(ctx, closed, "b", v1alpha1.ProviderNotFoundReason, "does not admit namespace")
		world.Waits(ctx, closed, "c", v1alpha1.ProviderNotFoundReason, "no provider serves namespace")
	})
})
