package translationjob

import (
	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

// keepBytes bounds the source text that the cache keeps of an unfinished job. A
// short text costs less to keep than to read again; ten thousand of them waiting
// take 40 MiB.
const keepBytes = 4 << 10

// Strip is the cache's transform for TranslationJobs: it drops the texts of a job,
// which are read on demand. What is dropped leaves an empty value behind, which no
// valid job has.
func Strip(in any) (any, error) {
	job, ok := in.(*v1alpha1.TranslationJob)
	if !ok {
		return in, nil
	}
	job.ManagedFields = nil
	if job.Status.Result != nil {
		job.Status.Result.Text, job.Status.Result.Texts = nil, nil
		job.Status.Result.Findings = nil
	}
	if !settled(job) && sourceBytes(job) <= keepBytes {
		return job, nil
	}
	if job.Spec.Source.Text != nil {
		job.Spec.Source.Text = new("")
	}
	if job.Spec.Source.Texts != nil {
		job.Spec.Source.Texts = []v1alpha1.TextItem{}
	}
	if job.Spec.StyleReference != "" || job.Spec.Glossary != nil {
		job.Spec.StyleReference = ""
		job.Spec.Glossary = []v1alpha1.InlineTerm{} // stands for both
	}
	return job, nil
}

// stripped says whether Strip has taken anything of the spec.
func stripped(job *v1alpha1.TranslationJob) bool {
	s := job.Spec.Source
	return s.Text != nil && *s.Text == "" || s.Texts != nil && len(s.Texts) == 0 ||
		job.Spec.Glossary != nil && len(job.Spec.Glossary) == 0
}

// settled says whether the job has ended for the spec it has.
func settled(job *v1alpha1.TranslationJob) bool {
	return job.Status.CompletedAt != nil && job.Status.ObservedGeneration == job.Generation
}

func sourceBytes(job *v1alpha1.TranslationJob) int {
	n := len(job.Spec.StyleReference)
	if job.Spec.Source.Text != nil {
		n += len(*job.Spec.Source.Text)
	}
	for _, item := range job.Spec.Source.Texts {
		n += len(item.Text)
		if item.Metadata != nil {
			n += len(item.Metadata.Raw)
		}
	}
	return n
}
