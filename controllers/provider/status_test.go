package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/test/kstatus"
	"github.com/dragoman-dev/dragoman/test/scripted"
)

var now = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

func TestStatusOf(t *testing.T) {
	const yes, no, unknown = metav1.ConditionTrue, metav1.ConditionFalse, metav1.ConditionUnknown
	listed := func(n int) []v1alpha1.LanguagePair {
		var out []v1alpha1.LanguagePair
		for i := range n {
			out = append(out, v1alpha1.LanguagePair{Source: "es", Target: v1alpha1.LanguageTag(fmt.Sprintf("x%d", i))})
		}
		return out
	}
	many := func(n int) []engine.Pair {
		var out []engine.Pair
		for i := range n {
			out = append(out, engine.Pair{Source: "es", Target: fmt.Sprintf("x%d", i)})
		}
		return out
	}
	byParts := &v1alpha1.EngineCapabilities{Corrections: v1alpha1.CorrectByParts}
	cases := map[string]struct {
		finding                     finding
		ready, reconciling, stalled metav1.ConditionStatus
		message                     string
		want                        v1alpha1.ProviderStatus
	}{
		"the first answer is still to come": {
			finding: finding{probing: true, reason: v1alpha1.ProbingReason, secretVersion: "7"},
			ready:   unknown, reconciling: yes, stalled: no, message: "the engine is asked for the first time",
			want: v1alpha1.ProviderStatus{SecretVersion: "7"},
		},
		"it offers pairs, and some are broken": {
			finding: finding{reason: v1alpha1.ProbeSucceededReason, offer: engine.Offer{Pairs: many(2), Broken: []engine.Pair{espt}}},
			ready:   yes, reconciling: no, stalled: no, message: "the engine answers",
			want: v1alpha1.ProviderStatus{
				PairPolicy: v1alpha1.ListedPairs, Pairs: listed(2), BrokenPairs: []v1alpha1.LanguagePair{{Source: "es", Target: "pt"}},
				Capabilities: byParts,
			},
		},
		"it offers any pair": {
			finding: finding{reason: v1alpha1.ProbeSucceededReason, offer: engine.Offer{Any: true}},
			ready:   yes, reconciling: no, stalled: no, message: "the engine answers",
			want: v1alpha1.ProviderStatus{PairPolicy: v1alpha1.AnyPair, Capabilities: byParts},
		},
		"it uses findings, and bounds its calls": {
			finding: finding{
				reason: v1alpha1.ProbeSucceededReason, offer: engine.Offer{Any: true},
				info: engine.Info{Corrects: true, MaxSegments: 40, MaxRunes: 8000},
			},
			ready: yes, reconciling: no, stalled: no, message: "the engine answers",
			want: v1alpha1.ProviderStatus{PairPolicy: v1alpha1.AnyPair, Capabilities: &v1alpha1.EngineCapabilities{
				Corrections: v1alpha1.CorrectByFindings, SegmentsPerCall: 40, CharactersPerCall: 8000,
			}},
		},
		"a bound beyond what the API holds, and one that is none": {
			finding: finding{
				reason: v1alpha1.ProbeSucceededReason, offer: engine.Offer{Any: true},
				info: engine.Info{MaxSegments: 1 << 40, MaxRunes: -1},
			},
			ready: yes, reconciling: no, stalled: no, message: "the engine answers",
			want: v1alpha1.ProviderStatus{PairPolicy: v1alpha1.AnyPair, Capabilities: &v1alpha1.EngineCapabilities{
				Corrections: v1alpha1.CorrectByParts, SegmentsPerCall: 1<<31 - 1,
			}},
		},
		"the list is bounded": {
			finding: finding{reason: v1alpha1.ProbeSucceededReason, offer: engine.Offer{Pairs: many(4001)}},
			ready:   yes, reconciling: no, stalled: no, message: "the engine answers",
			want: v1alpha1.ProviderStatus{PairPolicy: v1alpha1.ListedPairs, Pairs: listed(4000), Capabilities: byParts},
		},
		"it does not answer, which may pass": {
			finding: finding{
				reason: v1alpha1.ProbeFailedReason, problem: errors.New("no route"), waits: true,
				offer: engine.Offer{Any: true}, info: engine.Info{MaxSegments: 40},
			},
			ready: no, reconciling: yes, stalled: no, message: "no route",
		},
		"it is set wrong, which will not": {
			finding: finding{reason: v1alpha1.MisconfiguredReason, problem: errors.New("bad key")},
			ready:   no, reconciling: no, stalled: yes, message: "bad key",
		},
		"a long error is cut, and not within a letter": {
			finding: finding{reason: v1alpha1.MisconfiguredReason, problem: errors.New("a" + strings.Repeat("é", 800))},
			ready:   no, reconciling: no, stalled: yes, message: "a" + strings.Repeat("é", 510) + "…",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			was := v1alpha1.ProviderStatus{
				ObservedGeneration: 2, PairPolicy: v1alpha1.AnyPair, Pairs: listed(1), SecretVersion: "6", Capabilities: byParts,
				Conditions: []metav1.Condition{{Type: v1alpha1.ReadyCondition, Status: yes, Reason: "Old", ObservedGeneration: 2}},
			}
			got := statusOf(was, 3, tc.finding, now)
			if broken := kstatus.Broken(kstatus.Provider(3, got)); len(broken) > 0 {
				t.Errorf("broken rules: %v", broken)
			}
			for kind, want := range map[string]metav1.ConditionStatus{
				v1alpha1.ReadyCondition: tc.ready, v1alpha1.ReconcilingCondition: tc.reconciling, v1alpha1.StalledCondition: tc.stalled,
			} {
				c := meta.FindStatusCondition(got.Conditions, kind)
				if c.Status != want || c.Reason != tc.finding.reason || c.Message != tc.message || !utf8.ValidString(c.Message) {
					t.Errorf("condition %s is %s, %s, %q; want %s, %s, %q", kind, c.Status, c.Reason, c.Message, want, tc.finding.reason, tc.message)
				}
			}
			got.Conditions = nil
			tc.want.ObservedGeneration = 3
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("statusOf() (-want +got):\n%s", diff)
			}
			if was.Conditions[0].Reason != "Old" {
				t.Error("the recorded conditions were changed in place")
			}
		})
	}
}

func TestVerdict(t *testing.T) {
	wrong := engine.Errorf(engine.Misconfigured, "bad key")
	busy := engine.Errorf(engine.RateLimited, "slow down")
	cases := map[string]struct {
		err         error
		want        finding
		wantMessage string
	}{
		"it answers":          {want: finding{reason: v1alpha1.ProbeSucceededReason}},
		"it is set wrong":     {err: fmt.Errorf("probe: %w", wrong), want: finding{reason: v1alpha1.MisconfiguredReason}, wantMessage: "probe: bad key"},
		"it asks to wait":     {err: busy, want: finding{reason: v1alpha1.ProbeFailedReason, waits: true}, wantMessage: "slow down"},
		"an error of no kind": {err: errors.New("no route"), want: finding{reason: v1alpha1.ProbeFailedReason, waits: true}, wantMessage: "no route"},
		"it takes too long":   {err: fmt.Errorf("read: %w", context.DeadlineExceeded), want: finding{reason: v1alpha1.ProbeFailedReason, waits: true}, wantMessage: "no answer within 1m0s"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := verdict(tc.err)
			if (got.problem == nil) != (tc.wantMessage == "") || got.problem != nil && got.problem.Error() != tc.wantMessage {
				t.Errorf("the problem is %v, want %q", got.problem, tc.wantMessage)
			}
			got.problem = nil
			if got.reason != tc.want.reason || got.waits != tc.want.waits || got.probing {
				t.Errorf("verdict() = %+v, want %+v", got, tc.want)
			}
		})
	}
}

func TestAdmitted(t *testing.T) {
	pair := func(source, target v1alpha1.LanguageTag) v1alpha1.LanguagePair {
		return v1alpha1.LanguagePair{Source: source, Target: target}
	}
	offered := engine.Offer{Pairs: []engine.Pair{esca, espt}, Broken: []engine.Pair{{Source: "en", Target: "es"}}}
	cases := map[string]struct {
		offer engine.Offer
		pairs []v1alpha1.LanguagePair
		want  engine.Offer
	}{
		"all that is offered":             {offer: offered, want: offered},
		"those that are named":            {offer: offered, pairs: []v1alpha1.LanguagePair{pair("es", "pt")}, want: engine.Offer{Pairs: []engine.Pair{espt}, Broken: offered.Broken}},
		"spelled otherwise":               {offer: offered, pairs: []v1alpha1.LanguagePair{pair("spa", "CA")}, want: engine.Offer{Pairs: []engine.Pair{esca}, Broken: offered.Broken}},
		"what is not offered is not":      {offer: offered, pairs: []v1alpha1.LanguagePair{pair("es", "eu")}, want: engine.Offer{Broken: offered.Broken}},
		"nor what is no language":         {offer: offered, pairs: []v1alpha1.LanguagePair{pair("x", "ca")}, want: engine.Offer{Broken: offered.Broken}},
		"just those of an engine for all": {offer: engine.Offer{Any: true}, pairs: []v1alpha1.LanguagePair{pair("es", "eu")}, want: engine.Offer{Pairs: []engine.Pair{{Source: "es", Target: "eu"}}}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, admitted(tc.offer, tc.pairs)); diff != "" {
				t.Errorf("admitted() (-want +got):\n%s", diff)
			}
		})
	}
}

func TestProbe(t *testing.T) {
	cases := map[string]struct {
		broken  error
		crashed bool
		want    string
	}{
		"it answers":        {},
		"it fails":          {broken: errors.New("no route"), want: "no route"},
		"the engine panics": {crashed: true, want: "the probe crashed"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			e := scripted.New()
			e.Broken = tc.broken
			e.Description.MaxSegments = 7
			p := &probe{entry: entry{engine: e}}
			if tc.crashed {
				p.Crashed()
			} else {
				p.Do(t.Context(), nil)
			}
			f := p.finding(&v1alpha1.ProviderSpec{})
			got := ""
			if f.problem != nil {
				got = f.problem.Error()
			}
			if f.info.MaxSegments != 7 {
				t.Errorf("the engine is described as %+v", f.info)
			}
			if got != tc.want || f.waits != (tc.want != "") || f.offer.Any != !tc.crashed {
				t.Errorf("found %q, waits %v, any %v; want %q", got, f.waits, f.offer.Any, tc.want)
			}
			if filed := p.filed(f); filed.found.reason != f.reason || p.entry.found.reason != "" {
				t.Errorf("filed under %q", filed.found.reason)
			}
		})
	}
}

// A manager that starts does not take off the offer what the one before it has found.
func TestTheFirstProbeOfANewManager(t *testing.T) {
	found := statusOf(v1alpha1.ProviderStatus{}, 1, finding{reason: v1alpha1.ProbeSucceededReason, secretVersion: "7", offer: engine.Offer{Any: true}}, time.Time{})
	cases := map[string]struct {
		generation int64
		secret     string
		wantKept   bool
	}{
		"of the same spec and key": {generation: 1, secret: "7", wantKept: true},
		"of another spec":          {generation: 2, secret: "7"},
		"with another key":         {generation: 1, secret: "8"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := statusOf(found, tc.generation, finding{probing: true, reason: v1alpha1.ProbingReason, secretVersion: tc.secret}, time.Time{})
			if kept := cmp.Equal(found, got); kept != tc.wantKept {
				t.Errorf("kept %v, want %v", kept, tc.wantKept)
			}
		})
	}
}
