package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

func TestCompare(t *testing.T) {
	text := &task{order: order{Number: 7, Language: "ca"}, Sentences: []int{1, 2, 1}}
	texts := &task{order: order{Number: 7, Language: "ca"}, Sentences: []int{1, 2}, Texts: true}
	line := func(n int) string { return translated(sentence(7, n)) }
	tests := map[string]struct {
		task *task
		got  []string
		want []int
	}{
		"the whole text":         {task: text, got: []string{line(1) + " " + line(2) + " " + line(1)}},
		"a sentence is missing":  {task: text, got: []string{line(1) + " " + line(1)}, want: []int{2}},
		"a sentence is its own":  {task: text, got: []string{line(1) + " " + sentence(7, 2) + " " + line(1)}, want: []int{2}},
		"a repeat is missing":    {task: text, got: []string{line(1) + " " + line(2)}, want: []int{1}},
		"no result":              {task: text, want: []int{1, 2, 1}},
		"all texts":              {task: texts, got: []string{line(1), line(2)}},
		"texts that are swapped": {task: texts, got: []string{line(2), line(1)}, want: []int{1, 2}},
		"a text too few":         {task: texts, got: []string{line(1)}, want: []int{2}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, compare(tc.task, tc.got)); diff != "" {
				t.Errorf("missing (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNeedless(t *testing.T) {
	completed := version(v1alpha1.CompletedReason, true, func(j *v1alpha1.TranslationJob) {
		j.UID = "done"
		j.Status.Result = &v1alpha1.Result{PayloadRef: &v1alpha1.PayloadReference{Name: "job-a.done.result-1"}}
	})
	working := version(v1alpha1.ProcessingReason, false, func(j *v1alpha1.TranslationJob) { j.UID = "works" })
	jobs := map[types.UID]*v1alpha1.TranslationJob{"done": completed, "works": working}
	tests := map[string]struct {
		name, kind string
		owner      types.UID
		want       bool
	}{
		"a part of the memory":        {name: "memory-x", kind: "memory"},
		"a page of a job at work":     {name: "job-b.works.page-000000", kind: "page", owner: "works"},
		"a page of a Completed job":   {name: "job-a.done.page-000000", kind: "page", owner: "done", want: true},
		"a page of a job that went":   {name: "job-c.gone.page-000000", kind: "page", owner: "gone", want: true},
		"the result of a job":         {name: "job-a.done.result-1-0", kind: "result", owner: "done"},
		"a result that nobody points": {name: "job-a.done.result-12-0", kind: "result", owner: "done", want: true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			cm := &metav1.PartialObjectMetadata{}
			cm.Name, cm.Labels = tc.name, map[string]string{"translation.dragoman.dev/payload-kind": tc.kind}
			if tc.owner != "" {
				cm.OwnerReferences = []metav1.OwnerReference{{Kind: "TranslationJob", UID: tc.owner, Controller: new(true)}}
			}
			if why := needless(cm, jobs); (why != "") != tc.want {
				t.Errorf("needless: %q, want %v", why, tc.want)
			}
		})
	}
}
