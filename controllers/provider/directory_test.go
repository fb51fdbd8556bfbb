package provider

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/money"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
	"github.com/dragoman-dev/dragoman/test/scripted"
)

const (
	ownKind     = v1alpha1.TranslationProviderKind
	clusterKind = v1alpha1.ClusterTranslationProviderKind
)

// reader returns one that knows the namespaces shop (team=web) and docs, and the
// providers shop/new and the cluster's late, which have not been probed.
func reader(t *testing.T, late bool) client.WithWatch {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{v1alpha1.AddToScheme, clientgoscheme.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	objects := []client.Object{
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "shop", Labels: map[string]string{"team": "web"}}},
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "docs"}},
	}
	if late {
		objects = append(objects,
			&v1alpha1.TranslationProvider{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "new"}},
			&v1alpha1.ClusterTranslationProvider{ObjectMeta: metav1.ObjectMeta{Name: "late"}})
	}
	return fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).Build()
}

// filed is a provider in the directory.
type filed struct {
	kind            v1alpha1.ProviderKind
	namespace, name string
	pseudo          bool
	any             bool
	pairs           []engine.Pair
	broken          bool
	selector        *metav1.LabelSelector
}

func directory(t *testing.T, reader client.Reader, providers ...filed) *Directory {
	t.Helper()
	d := NewDirectory(reader)
	for _, f := range providers {
		e := entry{engine: scripted.New(), spec: v1alpha1.ProviderSpec{Type: v1alpha1.ApertiumProvider, Model: "m"}}
		if f.pseudo {
			e.spec.Type = v1alpha1.PseudoProvider
		}
		e.found = finding{offer: engine.Offer{Any: f.any, Pairs: f.pairs}}
		if f.broken {
			e.found.problem = errors.New("no answer")
		}
		admit(&v1alpha1.ClusterTranslationProvider{Spec: v1alpha1.ClusterTranslationProviderSpec{NamespaceSelector: f.selector}}, &e)
		d.put(t.Context(), entryID{kind: f.kind, namespace: f.namespace, name: f.name}, e)
	}
	return d
}

var (
	esca = engine.Pair{Source: "es", Target: "ca"}
	espt = engine.Pair{Source: "es", Target: "pt"}
)

func TestChoose(t *testing.T) {
	own := func(name string, pairs ...engine.Pair) filed {
		return filed{kind: ownKind, namespace: "shop", name: name, pairs: pairs}
	}
	cluster := func(name string, pairs ...engine.Pair) filed {
		return filed{kind: clusterKind, name: name, pairs: pairs}
	}
	broken := func(f filed) filed { f.broken = true; return f }
	pseudo := func(f filed) filed { f.pseudo, f.any = true, true; return f }
	anyPair := func(f filed) filed { f.any = true; return f }
	web := func(f filed) filed {
		f.selector = &metav1.LabelSelector{MatchLabels: map[string]string{"team": "web"}}
		return f
	}
	unreadable := func(f filed) filed {
		f.selector = &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "a", Operator: "Like"}}}
		return f
	}
	named := func(kind v1alpha1.ProviderKind, name string) *v1alpha1.ProviderReference {
		return &v1alpha1.ProviderReference{Kind: kind, Name: v1alpha1.ObjectName(name)}
	}
	blocker := func(reason, message string, terminal bool) *pipeline.Blocker {
		return &pipeline.Blocker{Reason: reason, Message: message, Terminal: terminal}
	}
	const again = " is not ready; its Ready condition says why, and the job goes on when it is"
	cases := map[string]struct {
		providers []filed
		late      bool
		namespace string // shop
		ref       *v1alpha1.ProviderReference
		want      engine.Pair // es→ca
		wantGate  string
		wantPair  engine.Pair
		blocker   *pipeline.Blocker
	}{
		"the first by name": {
			providers: []filed{own("c", esca), own("b", esca), own("d", esca)}, wantGate: "TranslationProvider/shop/b", wantPair: esca,
		},
		"of those that offer the pair": {
			providers: []filed{own("a", espt), own("b", esca)}, wantGate: "TranslationProvider/shop/b", wantPair: esca,
		},
		"of those that are ready": {
			providers: []filed{broken(own("a", esca)), own("b", esca)}, wantGate: "TranslationProvider/shop/b", wantPair: esca,
		},
		"the namespace's before the cluster's": {
			providers: []filed{cluster("a", esca), own("z", esca)}, wantGate: "TranslationProvider/shop/z", wantPair: esca,
		},
		"the cluster's when the namespace's offers something else": {
			providers: []filed{cluster("b", esca), cluster("a", esca), own("z", espt)}, wantGate: "ClusterTranslationProvider//a", wantPair: esca,
		},
		"another namespace's is none": {
			providers: []filed{{kind: ownKind, namespace: "docs", name: "a", pairs: []engine.Pair{esca}}},
			blocker:   blocker(v1alpha1.ProviderNotFoundReason, `no provider serves namespace "shop" yet; make a TranslationProvider there, or a ClusterTranslationProvider`, false),
		},
		"pseudo is never taken unnamed": {
			providers: []filed{pseudo(own("a")), pseudo(cluster("b"))},
			blocker:   blocker(v1alpha1.ProviderNotFoundReason, `no provider serves namespace "shop" yet; make a TranslationProvider there, or a ClusterTranslationProvider`, false),
		},
		"pseudo by its name": {
			providers: []filed{pseudo(own("a")), own("b", esca)}, ref: named(ownKind, "a"), wantGate: "TranslationProvider/shop/a", wantPair: esca,
		},
		"the pair as it is offered": {
			providers: []filed{own("a", esca)}, want: engine.Pair{Source: "es-MX", Target: "ca"}, wantGate: "TranslationProvider/shop/a", wantPair: esca,
		},
		"the pair as it is wanted, of an engine for all": {
			providers: []filed{anyPair(own("a"))}, want: engine.Pair{Source: "es-MX", Target: "ca"}, wantGate: "TranslationProvider/shop/a",
			wantPair: engine.Pair{Source: "es-MX", Target: "ca"},
		},
		"a cluster provider for the teams it admits": {
			providers: []filed{web(cluster("a", esca))}, wantGate: "ClusterTranslationProvider//a", wantPair: esca,
		},
		"and not for others": {
			providers: []filed{web(cluster("a", esca)), cluster("b", esca)}, namespace: "docs", wantGate: "ClusterTranslationProvider//b", wantPair: esca,
		},
		"one whose selector cannot be read admits nobody": {
			providers: []filed{unreadable(cluster("a", esca))},
			blocker:   blocker(v1alpha1.ProviderNotFoundReason, `no provider serves namespace "shop" yet; make a TranslationProvider there, or a ClusterTranslationProvider`, false),
		},
		"named, and not admitted": {
			providers: []filed{web(cluster("a", esca))}, namespace: "docs", ref: named(clusterKind, "a"),
			blocker: blocker(v1alpha1.ProviderNotFoundReason, `ClusterTranslationProvider "a" does not admit namespace "docs"; ask its owner or name another`, true),
		},
		"named, and not there": {
			ref: named(ownKind, "x"), blocker: blocker(v1alpha1.ProviderNotFoundReason, `there is no TranslationProvider "x" in namespace "shop"; the job goes on when there is`, false),
		},
		"named of the cluster, and not there": {
			ref: named(clusterKind, "x"), blocker: blocker(v1alpha1.ProviderNotFoundReason, `there is no ClusterTranslationProvider "x"; the job goes on when there is`, false),
		},
		"named, and not probed yet": {
			late: true, ref: named(ownKind, "new"), blocker: blocker(v1alpha1.ProviderNotReadyReason, `TranslationProvider "new"`+again, false),
		},
		"named of the cluster, and not probed yet": {
			late: true, ref: named(clusterKind, "late"), blocker: blocker(v1alpha1.ProviderNotReadyReason, `ClusterTranslationProvider "late"`+again, false),
		},
		"named, and not ready": {
			providers: []filed{broken(own("a", esca)), own("b", esca)}, ref: named(ownKind, "a"),
			blocker: blocker(v1alpha1.ProviderNotReadyReason, `TranslationProvider "a"`+again, false),
		},
		"named, and offers something else": {
			providers: []filed{own("a", espt), own("b", esca)}, ref: named(ownKind, "a"),
			blocker: blocker(v1alpha1.PairNotOfferedReason, `es→ca is not on offer; TranslationProvider "a" offers es→pt`, true),
		},
		"one that is not ready may offer the pair": {
			providers: []filed{own("a", espt), broken(own("b"))},
			blocker:   blocker(v1alpha1.ProviderNotReadyReason, `no ready provider offers es→ca, and "b" is not ready; the job goes on when one is`, false),
		},
		"one that has not been probed may": {
			providers: []filed{own("a", espt)}, late: true,
			blocker: blocker(v1alpha1.ProviderNotReadyReason, `TranslationProvider "new"`+again, false),
		},
		"nobody offers the pair": {
			providers: []filed{own("a", espt), cluster("b", engine.Pair{Source: "en", Target: "es"}, espt)},
			blocker:   blocker(v1alpha1.PairNotOfferedReason, `es→ca is not on offer; the providers of namespace "shop" offer en→es, es→pt`, true),
		},
		"nobody offers anything": {
			providers: []filed{own("a")},
			blocker:   blocker(v1alpha1.PairNotOfferedReason, `es→ca is not on offer; the providers of namespace "shop" offer nothing`, true),
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if tc.namespace == "" {
				tc.namespace = "shop"
			}
			if tc.want == (engine.Pair{}) {
				tc.want = esca
			}
			d := directory(t, reader(t, tc.late), tc.providers...)
			got, blocker, err := d.Choose(t.Context(), pipeline.Wish{Namespace: tc.namespace, Named: tc.ref, Pair: tc.want})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.blocker, blocker); diff != "" {
				t.Errorf("blocker (-want +got):\n%s", diff)
			}
			if got.Gate != tc.wantGate || got.Pair != tc.wantPair || (got.Engine == nil) != (tc.blocker != nil) {
				t.Errorf("chosen is %q for %s, want %q for %s", got.Gate, got.Pair, tc.wantGate, tc.wantPair)
			}
		})
	}
}

func TestChooseSurfacesErrors(t *testing.T) {
	down := errors.New("no route")
	failing := func(t *testing.T) client.Reader {
		return interceptor.NewClient(reader(t, false), interceptor.Funcs{
			Get: func(context.Context, client.WithWatch, client.ObjectKey, client.Object, ...client.GetOption) error {
				return down
			},
			List: func(context.Context, client.WithWatch, client.ObjectList, ...client.ListOption) error { return down },
		})
	}
	selective := filed{kind: clusterKind, name: "a", pairs: []engine.Pair{esca}, selector: &metav1.LabelSelector{}}
	cases := map[string]struct {
		providers []filed
		ref       *v1alpha1.ProviderReference
	}{
		"a namespace":                       {providers: []filed{selective}},
		"a namespace, for a named one":      {providers: []filed{selective}, ref: &v1alpha1.ProviderReference{Kind: clusterKind, Name: "a"}},
		"a provider":                        {ref: &v1alpha1.ProviderReference{Kind: ownKind, Name: "x"}},
		"the providers that are not probed": {providers: []filed{{kind: clusterKind, name: "a", pairs: []engine.Pair{espt}}}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			d := directory(t, failing(t), tc.providers...)
			if _, blocker, err := d.Choose(t.Context(), pipeline.Wish{Namespace: "shop", Named: tc.ref, Pair: esca}); !errors.Is(err, down) || blocker != nil {
				t.Errorf("Choose() = %+v, %v; want the error of the reader", blocker, err)
			}
		})
	}
}

func TestWhatAJobIsToldOfItsProvider(t *testing.T) {
	d := NewDirectory(reader(t, false))
	e := scripted.New()
	d.put(t.Context(), entryID{kind: ownKind, namespace: "shop", name: "a"}, entry{
		engine: e, prices: money.Prices{PerMillionCharacters: 7}, found: finding{offer: engine.Offer{Any: true}},
		spec: v1alpha1.ProviderSpec{Type: v1alpha1.OpenAIProvider, Model: "m", Limits: &v1alpha1.ProviderLimits{Concurrency: new(int32(9))}},
	})
	got, _, err := d.Choose(t.Context(), pipeline.Wish{Namespace: "shop", Pair: esca})
	if err != nil {
		t.Fatal(err)
	}
	want := pipeline.Provider{
		Pair: esca, Prices: money.Prices{PerMillionCharacters: 7}, Gate: "TranslationProvider/shop/a", Limits: pipeline.Limits{Concurrency: 9},
		Reference: v1alpha1.ProviderStatusReference{Kind: ownKind, Name: "a", Type: v1alpha1.OpenAIProvider, Model: "m"},
	}
	if got.Engine.Info() != e.Info() {
		t.Error("the engine is another")
	}
	got.Engine = nil
	if got.IsOutdated() {
		t.Error("the provider is outdated from the start")
	}
	outdated := got.IsOutdated
	got.Outdated = nil
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("provider (-want +got):\n%s", diff)
	}
	d.remove(t.Context(), entryID{kind: ownKind, namespace: "shop", name: "a"})
	if !outdated() {
		t.Error("the provider is gone, and not outdated")
	}
}

// closing counts how often it was closed.
type closing struct {
	*scripted.Engine
	closed int
	err    error
}

// Close implements engine.Engine.
func (c *closing) Close() error { c.closed++; return c.err }

func TestEnginesComeAndGo(t *testing.T) {
	id := entryID{kind: ownKind, namespace: "shop", name: "a"}
	offer := func(pairs ...engine.Pair) finding { return finding{offer: engine.Offer{Pairs: pairs}} }
	first, second := &closing{Engine: scripted.New()}, &closing{Engine: scripted.New()}
	steps := []struct {
		what       string
		do         func(*Directory)
		wantTold   int
		wantClosed [2]int
	}{
		{"the first probe, which finds nothing", func(d *Directory) { d.put(t.Context(), id, entry{engine: first}) }, 1, [2]int{}},
		{"the same again", func(d *Directory) { d.put(t.Context(), id, entry{engine: first}) }, 1, [2]int{}},
		{"another offer", func(d *Directory) { d.put(t.Context(), id, entry{engine: first, found: offer(esca, espt)}) }, 2, [2]int{}},
		{"it fails", func(d *Directory) {
			d.put(t.Context(), id, entry{engine: first, found: finding{offer: engine.Offer{Pairs: []engine.Pair{esca, espt}}, problem: errors.New("no answer")}})
		}, 3, [2]int{}},
		{"a new key", func(d *Directory) {
			d.put(t.Context(), id, entry{engine: second, origin: origin{secretVersion: "2"}, found: offer(esca)})
		}, 4, [2]int{1, 0}},
		{"the object is deleted", func(d *Directory) { d.remove(t.Context(), id) }, 5, [2]int{1, 1}},
		{"and was deleted before", func(d *Directory) { d.remove(t.Context(), id) }, 5, [2]int{1, 1}},
	}
	told := 0
	d := NewDirectory(reader(t, false))
	d.OnChange(func(context.Context) error { told++; return errors.New("of no matter") })
	for _, step := range steps {
		step.do(d)
		if told != step.wantTold || first.closed != step.wantClosed[0] || second.closed != step.wantClosed[1] {
			t.Errorf("%s: told %d times, closed %d and %d; want %d, %v", step.what, told, first.closed, second.closed, step.wantTold, step.wantClosed)
		}
	}
}

func TestCloseEndsEveryEngine(t *testing.T) {
	d := NewDirectory(nil)
	good, bad := &closing{Engine: scripted.New()}, &closing{Engine: scripted.New(), err: errors.New("stuck")}
	d.put(t.Context(), entryID{kind: ownKind, name: "fine"}, entry{engine: scripted.New()})
	if err := d.Close(); err != nil {
		t.Errorf("Close() = %v", err)
	}
	d.put(t.Context(), entryID{kind: ownKind, name: "good"}, entry{engine: good})
	d.put(t.Context(), entryID{kind: ownKind, name: "bad"}, entry{engine: bad})
	if err := d.Close(); !errors.Is(err, bad.err) || err.Error() != `close engine of TranslationProvider "bad": stuck` {
		t.Errorf("Close() = %v", err)
	}
	if good.closed != 1 || bad.closed != 1 {
		t.Errorf("closed %d and %d times, want once", good.closed, bad.closed)
	}
	if err := d.Close(); err != nil || good.closed != 1 {
		t.Errorf("Close() again = %v after %d closes", err, good.closed)
	}
}

// A job holds its engine for as long as it takes. The provider may get a new key in
// the meantime, and be deleted.
func TestAJobUsesTheEngineOfTheDay(t *testing.T) {
	id := entryID{kind: ownKind, namespace: "shop", name: "a"}
	file := func(d *Directory, e engine.Engine, key string) {
		d.put(t.Context(), id, entry{engine: e, origin: origin{secretVersion: key}, found: finding{offer: engine.Offer{Any: true}}})
	}
	cases := map[string]struct {
		change     func(*Directory, *scripted.Engine)
		wantCalled int // of the first and the second engine
	}{
		"nothing changed":          {change: func(*Directory, *scripted.Engine) {}, wantCalled: 1},
		"a new key":                {change: func(d *Directory, next *scripted.Engine) { file(d, next, "2") }, wantCalled: 2},
		"the provider is deleted":  {change: func(d *Directory, _ *scripted.Engine) { d.remove(t.Context(), id) }, wantCalled: 1},
		"another model, not asked": {change: func(d *Directory, next *scripted.Engine) { next.Description.Model = "large"; file(d, next, "2") }, wantCalled: 1},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			engines := []*scripted.Engine{scripted.New(), scripted.New()}
			d := NewDirectory(reader(t, false))
			file(d, engines[0], "1")
			chosen, _, err := d.Choose(t.Context(), pipeline.Wish{Namespace: "shop", Pair: esca})
			if err != nil {
				t.Fatal(err)
			}
			tc.change(d, engines[1])
			if _, err := chosen.Engine.Translate(t.Context(), engine.Request{Segments: []engine.Segment{{ID: 1, Text: "Hola."}}}); err != nil {
				t.Fatal(err)
			}
			for i, e := range engines {
				if called := e.Calls() == 1; called != (i+1 == tc.wantCalled) {
					t.Errorf("engine %d was called: %v", i+1, called)
				}
			}
		})
	}
}
