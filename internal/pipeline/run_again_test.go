package pipeline_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dragoman-dev/dragoman/internal/engine"
	"github.com/dragoman-dev/dragoman/internal/pipeline"
	"github.com/dragoman-dev/dragoman/test/scripted"
)

func TestSegmentsWithoutAnAnswerAreGatheredAndAskedForAgain(t *testing.T) {
	texts := []string{"uno", "dos", "tres", "cuatro", "cinco", "seis"}
	cases := map[string]struct {
		cannot bool
		// bad texts have no answer in so many calls that ask for them.
		bad map[string]int
		// want are the ids of each call, and whether the engine is to leave what is bad.
		want []string
		end  pipeline.End
	}{
		"none": {want: []string{"[1 2] true", "[3 4] true", "[5 6] true"}, end: pipeline.Finished},
		"one in each call costs one call more, or two": {
			bad:  map[string]int{"dos": 1, "tres": 1, "seis": 1},
			want: []string{"[1 2] true", "[3 4] true", "[5 6] true", "[2 3] true", "[6] true"}, end: pipeline.Finished,
		},
		"in the last pass the engine tries by itself": {
			bad:  map[string]int{"dos": 2},
			want: []string{"[1 2] true", "[3 4] true", "[5 6] true", "[2] true", "[2] false"}, end: pipeline.Finished,
		},
		"what never comes ends the attempt": {
			bad:  map[string]int{"dos": 9},
			want: []string{"[1 2] true", "[3 4] true", "[5 6] true", "[2] true", "[2] false"}, end: pipeline.Retry,
		},
		"an engine that always answers the same is asked once": {
			cannot: true, bad: map[string]int{"dos": 1},
			want: []string{"[1 2] false", "[3 4] false", "[5 6] false"}, end: pipeline.Retry,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			b := newBench(texts...)
			b.engine.Description.Corrects, b.engine.Description.MaxSegments = !tc.cannot, 2
			b.tools.Checks = nil
			var got []string
			left := maps.Clone(tc.bad)
			b.engine.Script = func(_ context.Context, _ int, req engine.Request) (engine.Response, error) {
				out := scripted.Translation(req)
				var ids []int
				for i, s := range req.Segments {
					ids = append(ids, s.ID)
					if left[s.Text] > 0 {
						left[s.Text]--
						out.Segments[i] = engine.Translation{ID: s.ID, Err: engine.Errorf(engine.Transient, "no")}
					}
				}
				got = append(got, fmt.Sprint(ids, " ", req.Partial))
				return out, nil
			}
			outcome := b.run().Do(t.Context())
			if diff := cmp.Diff(tc.want, got); diff != "" || outcome.End != tc.end {
				t.Errorf("ended as %v: %s (-want +got):\n%s", outcome.End, outcome.Message, diff)
			}
			if done := b.translations(); tc.end == pipeline.Finished && slices.Contains(done, "-") {
				t.Errorf("published %q", done)
			}
		})
	}
}
