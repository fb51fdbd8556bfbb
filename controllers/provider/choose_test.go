package provider

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
	"github.com/dragoman-dev/dragoman/test/scripted"
)

// Providers own a, b and c and the cluster's d in chains that begin with a.
func TestChooseAlongAChain(t *testing.T) {
	ref := func(name v1alpha1.ObjectName) v1alpha1.ProviderReference {
		return v1alpha1.ProviderReference{Name: name}
	}
	cluster := v1alpha1.ProviderReference{Kind: clusterKind, Name: "d"}
	abcd := []v1alpha1.ProviderReference{ref("b"), ref("c"), cluster}
	passed := func(name v1alpha1.ObjectName, reason string) v1alpha1.PassedOverProvider {
		return v1alpha1.PassedOverProvider{Kind: ownKind, Name: name, Reason: reason}
	}
	given := v1alpha1.PassedOverProvider{
		Kind: ownKind, Name: "a", Reason: v1alpha1.MisconfiguredReason, Message: "the key was refused", FailedAttempts: 1,
	}
	gone := given
	gone.Name = "z"
	const (
		offers, other, broken = "offers", "other", "broken"
	)
	cases := map[string]struct {
		refs        []v1alpha1.ProviderReference
		states      map[string]string // by name; offers when it is not there
		unnamed     bool
		givenUp     []v1alpha1.PassedOverProvider
		unavailable []string
		want        string
		wantPassed  []v1alpha1.PassedOverProvider
		wantLast    bool
		wantReason  string
		wantMessage []string
		wantEnd     bool
	}{
		"the first, when it can":                 {refs: abcd, want: "a"},
		"and when it is alone":                   {want: "a", wantLast: true},
		"the next when it has not the pair":      {refs: abcd, states: map[string]string{"a": other}, want: "b", wantPassed: []v1alpha1.PassedOverProvider{passed("a", v1alpha1.PairNotOfferedReason)}},
		"the next when it is not ready":          {refs: abcd, states: map[string]string{"a": broken}, want: "b", wantPassed: []v1alpha1.PassedOverProvider{passed("a", v1alpha1.ProviderNotReadyReason)}},
		"the one after when that cannot, too":    {refs: abcd, states: map[string]string{"a": broken, "b": other}, want: "c", wantPassed: []v1alpha1.PassedOverProvider{passed("a", v1alpha1.ProviderNotReadyReason), passed("b", v1alpha1.PairNotOfferedReason)}},
		"the cluster's at last":                  {refs: []v1alpha1.ProviderReference{cluster}, states: map[string]string{"a": broken}, want: "d", wantLast: true, wantPassed: []v1alpha1.PassedOverProvider{passed("a", v1alpha1.ProviderNotReadyReason)}},
		"one that is not there is passed over":   {refs: []v1alpha1.ProviderReference{ref("x"), ref("b")}, states: map[string]string{"a": broken}, want: "b", wantLast: true, wantPassed: []v1alpha1.PassedOverProvider{passed("a", v1alpha1.ProviderNotReadyReason), passed("x", v1alpha1.ProviderNotFoundReason)}},
		"one that was given up":                  {refs: abcd, givenUp: []v1alpha1.PassedOverProvider{given}, want: "b", wantPassed: []v1alpha1.PassedOverProvider{given}},
		"also of a job that names none":          {refs: abcd, unnamed: true, givenUp: []v1alpha1.PassedOverProvider{given}, want: "b", wantPassed: []v1alpha1.PassedOverProvider{given}},
		"one that was given up in another chain": {refs: abcd, givenUp: []v1alpha1.PassedOverProvider{gone}, states: map[string]string{"a": broken}, want: "b", wantPassed: []v1alpha1.PassedOverProvider{gone, passed("a", v1alpha1.ProviderNotReadyReason)}},
		"itself among its fallbacks":             {refs: []v1alpha1.ProviderReference{ref("a"), ref("b"), ref("b")}, states: map[string]string{"a": broken}, want: "b", wantLast: true, wantPassed: []v1alpha1.PassedOverProvider{passed("a", v1alpha1.ProviderNotReadyReason)}},
		"the next while its calls fail":          {refs: abcd, unavailable: []string{"a"}, want: "b", wantPassed: []v1alpha1.PassedOverProvider{passed("a", v1alpha1.ProviderUnavailableReason)}},
		"itself while its calls fail and it is alone": {
			unavailable: []string{"a"}, want: "a", wantLast: true,
		},
		"itself while its calls fail, and no other can": {
			refs: []v1alpha1.ProviderReference{ref("b")}, states: map[string]string{"b": other}, unavailable: []string{"a"}, want: "a",
		},
		"the first of those whose calls fail": {
			refs: abcd, states: map[string]string{"c": other, "d": broken}, unavailable: []string{"a", "b"}, want: "a",
		},
		"none: it waits for the first": {
			refs: []v1alpha1.ProviderReference{ref("b")}, states: map[string]string{"a": broken, "b": other}, wantReason: v1alpha1.ProviderNotReadyReason,
			wantMessage: []string{`TranslationProvider "a" is not ready`, `nor can its fallbacks be used: "b" (PairNotOffered)`},
		},
		"none: it waits for one that may come": {
			refs: []v1alpha1.ProviderReference{ref("b")}, states: map[string]string{"a": other, "b": broken}, wantReason: v1alpha1.ProviderNotReadyReason,
			wantMessage: []string{`TranslationProvider "b" is not ready`},
		},
		"none: it ends": {
			refs: []v1alpha1.ProviderReference{ref("b")}, states: map[string]string{"a": other, "b": other}, wantReason: v1alpha1.PairNotOfferedReason, wantEnd: true,
			wantMessage: []string{`TranslationProvider "a" offers es→pt`, `"b" (PairNotOffered)`},
		},
		"none is left": {
			refs: []v1alpha1.ProviderReference{ref("b")}, states: map[string]string{"b": other}, givenUp: []v1alpha1.PassedOverProvider{given},
			wantReason: v1alpha1.MisconfiguredReason, wantEnd: true, wantMessage: []string{"the key was refused; nor can"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			d := NewDirectory(reader(t, false))
			for _, name := range []string{"a", "b", "c", "d"} {
				id := entryID{kind: ownKind, namespace: "shop", name: name}
				if name == "d" {
					id = entryID{kind: clusterKind, name: name}
				}
				e := entry{engine: scripted.New(), found: finding{offer: engine.Offer{Pairs: []engine.Pair{esca}}}}
				if name == "a" {
					e.spec.FallbackRefs = tc.refs
				}
				switch tc.states[name] {
				case other:
					e.found.offer.Pairs = []engine.Pair{espt}
				case broken:
					e.found.problem = errors.New("no answer")
				}
				d.put(t.Context(), id, e)
			}
			wish := pipeline.Wish{Namespace: "shop", Pair: esca, GivenUp: tc.givenUp, Unavailable: func(gate string) bool {
				for _, name := range tc.unavailable {
					if gate == "TranslationProvider/shop/"+name {
						return true
					}
				}
				return false
			}}
			if !tc.unnamed {
				wish.Named = &v1alpha1.ProviderReference{Kind: ownKind, Name: "a"}
			}
			got, blocker, err := d.Choose(t.Context(), wish)
			if err != nil {
				t.Fatal(err)
			}
			if tc.wantReason != "" {
				if blocker == nil || blocker.Reason != tc.wantReason || blocker.Terminal != tc.wantEnd {
					t.Fatalf("blocker = %+v, want %s, for good %v", blocker, tc.wantReason, tc.wantEnd)
				}
				for _, want := range tc.wantMessage {
					if !strings.Contains(blocker.Message, want) {
						t.Errorf("message %q does not hold %q", blocker.Message, want)
					}
				}
				return
			}
			if blocker != nil || string(got.Reference.Name) != tc.want || got.Fallbacks == tc.wantLast {
				t.Fatalf("chosen is %q, others left %v, blocker %+v; want %q, %v", got.Reference.Name, got.Fallbacks, blocker, tc.want, !tc.wantLast)
			}
			for i := range got.PassedOver {
				if got.PassedOver[i].Message == "" {
					t.Errorf("nothing is said of why %q was passed over", got.PassedOver[i].Name)
				}
				if got.PassedOver[i].FailedAttempts == 0 {
					got.PassedOver[i].Message = ""
				}
			}
			if diff := cmp.Diff(tc.wantPassed, got.PassedOver); diff != "" {
				t.Errorf("passed over (-want +got):\n%s", diff)
			}
		})
	}
}

// After a start of the manager the engines come one by one. A job waits for its own.
func TestAProviderWhoseAnswerIsStillToCome(t *testing.T) {
	cases := map[string]struct {
		ready      metav1.ConditionStatus
		wantChosen string
	}{
		"was never asked":          {},
		"was ready before":         {ready: metav1.ConditionTrue},
		"is asked now":             {ready: metav1.ConditionUnknown},
		"cannot be asked for good": {ready: metav1.ConditionFalse, wantChosen: "b"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			c := reader(t, true)
			var p v1alpha1.TranslationProvider
			if err := c.Get(t.Context(), client.ObjectKey{Namespace: "shop", Name: "new"}, &p); err != nil {
				t.Fatal(err)
			}
			p.Spec = v1alpha1.ProviderSpec{Type: v1alpha1.DeepLProvider, FallbackRefs: []v1alpha1.ProviderReference{{Kind: ownKind, Name: "b"}}}
			if tc.ready != "" {
				p.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ReadyCondition, Status: tc.ready}}
			}
			if err := c.Update(t.Context(), &p); err != nil {
				t.Fatal(err)
			}
			d := directory(t, c, filed{kind: ownKind, namespace: "shop", name: "b", pairs: []engine.Pair{esca}})
			got, blocker, err := d.Choose(t.Context(), pipeline.Wish{Namespace: "shop", Pair: esca, Named: &v1alpha1.ProviderReference{Kind: ownKind, Name: "new"}})
			if err != nil || string(got.Reference.Name) != tc.wantChosen || (blocker == nil) != (tc.wantChosen != "") {
				t.Errorf("Choose() = %q, %+v, %v; want %q", got.Reference.Name, blocker, err, tc.wantChosen)
			}
		})
	}
}
