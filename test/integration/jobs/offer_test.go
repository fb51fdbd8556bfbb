package jobs_test

import (
	"context"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/test/build"
	"github.com/dragoman-dev/dragoman/test/scripted"
)

// fifty languages, as a translation service has them.
const fifty = "af ar az bg bn bs ca cs cy da de el en eo es et eu fa fi fr ga gl he hi hr hu id is it ja " +
	"ka ko lt lv mk ms mt nb nl pl pt ro ru sk sl sq sr sv tr uk"

var _ = Describe("A provider with fifty languages", func() {
	It("lists all of its pairs, and serves each", func(ctx context.Context) {
		e := scripted.New()
		e.Offers = engine.Offer{}
		languages := strings.Fields(fifty)
		Expect(languages).To(HaveLen(50))
		for _, source := range languages {
			for _, target := range languages {
				if source != target {
					e.Offers.Pairs = append(e.Offers.Pairs, engine.Pair{Source: source, Target: target})
				}
			}
		}
		s := newStage(ctx, e)
		var provider v1alpha1.TranslationProvider
		Expect(world.Client.Get(ctx, client.ObjectKey{Namespace: s.namespace, Name: "engine"}, &provider)).To(Succeed())
		Expect(provider.Status.Pairs).To(HaveLen(50 * 49))
		Expect(slices.Contains(provider.Status.Pairs, v1alpha1.LanguagePair{Source: "uk", Target: "tr"})).To(BeTrue())

		world.Create(ctx, build.Job("last", s.namespace).Languages("es", "uk").Text("Hola, mundo.").Obj())
		Expect(world.Finished(ctx, s.namespace, "last").Status.Provider.Name).To(Equal(v1alpha1.ObjectName("engine")))
	})
})
