package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
	"github.com/dragoman-dev/dragoman/internal/document"
	"github.com/dragoman-dev/dragoman/internal/explain"
	"github.com/dragoman-dev/dragoman/internal/payload"
)

// newWhyCommand explains the translation of a segment.
func newWhyCommand() *cobra.Command {
	var namespace, store string
	cmd := &cobra.Command{
		Use:   "why JOB [SEGMENT]",
		Short: "Say how a segment of a job came to its translation, or each of them",
		Args:  cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := newClient()
			if err != nil {
				return err
			}
			backend, err := openPayloads(cmd.Context(), store, c, c)
			if err != nil {
				return err
			}
			segment := ""
			if len(args) > 1 {
				segment = args[1]
			}
			payloads := payload.New(backend, clock.RealClock{})
			return why(cmd.Context(), c, payloads, client.ObjectKey{Namespace: namespace, Name: args[0]}, segment, cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVarP(&namespace, "namespace", "n", "default", "namespace of the job")
	cmd.Flags().StringVar(&store, "payload-store", "", payloadStoreUsage)
	return cmd
}

// newClient reaches the cluster that KUBECONFIG or the usual places name.
func newClient() (client.Client, error) {
	cfg, err := ctrl.GetConfig()
	if err != nil {
		return nil, fmt.Errorf("find the cluster: %w", err)
	}
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			return nil, fmt.Errorf("build the scheme: %w", err)
		}
	}
	c, err := client.New(cfg, client.Options{Scheme: scheme})
	if err != nil {
		return nil, fmt.Errorf("reach the cluster: %w", err)
	}
	return c, nil
}

// opener reads what is in the payload store.
type opener interface {
	Open(ctx context.Context, namespace string, ref v1alpha1.PayloadReference) ([]byte, error)
}

// why prints the explanation of one segment, or of all without a number.
func why(ctx context.Context, c client.Reader, payloads opener, name client.ObjectKey, segment string, out io.Writer) error {
	job := &v1alpha1.TranslationJob{}
	if err := c.Get(ctx, name, job); err != nil {
		return fmt.Errorf("read the job: %w", err)
	}
	var stored *document.Result
	if r := job.Status.Result; r != nil && r.PayloadRef != nil {
		data, err := payloads.Open(ctx, job.Namespace, *r.PayloadRef)
		if err != nil {
			return fmt.Errorf("read the result of the job: %w", err)
		}
		result, err := document.UnmarshalResult(data)
		if err != nil {
			return fmt.Errorf("read the result of the job: %w", err)
		}
		stored = &result
	}
	total := int32(0)
	if job.Status.Progress != nil {
		total = job.Status.Progress.Total
	}
	first, last := int32(1), total
	if segment != "" {
		id, err := strconv.ParseInt(segment, 10, 32)
		if err != nil || id < 1 {
			return fmt.Errorf("%q is no number of a segment: they count from 1 to %d", segment, total)
		}
		first, last = int32(id), int32(id)
	}
	for id := first; id <= last; id++ {
		e, known := explain.Segment(job, stored, id)
		if !known {
			return fmt.Errorf("job %s has nothing to say of segment %d: it has %d segments, and shows them once it is at work (more than 50 when it has ended)", name, id, total)
		}
		if err := printExplanation(e, out); err != nil {
			return err
		}
	}
	return nil
}

func printExplanation(e explain.Explanation, out io.Writer) error {
	fmt.Fprintf(out, "segment %d: %s\n", e.ID, e.State)
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(table, "  %s\t%s\n", name, value)
		}
	}
	if e.Source != nil {
		row("source", *e.Source)
	}
	if e.Text != nil {
		row("translation", *e.Text)
	}
	row("origin", string(e.Origin))
	if p := e.Provider; p != nil {
		row("engine", strings.TrimSpace(fmt.Sprintf("%s %s", p.Type, p.Model))+fmt.Sprintf(" (%s %s)", p.Kind, p.Name))
		row("prompt", p.Prompt)
	}
	row("score", string(e.QAScore))
	row("corrections", fmt.Sprint(e.RetryCount))
	if e.Terms != nil {
		row("terms applied", strings.Join(e.Terms.Applied, ", "))
		row("terms missed", strings.Join(e.Terms.Missed, ", "))
	}
	row("checks", strings.Join(e.Checks, ", "))
	for _, f := range e.Findings {
		row("finding", fmt.Sprintf("%s, %s: %s", strings.ToLower(string(f.Severity)), f.Type, f.Message))
		row("  in source", marked(e.Source, f.SourceSpan))
		row("  in translation", marked(e.Text, f.Span))
	}
	row("error", e.Error)
	return table.Flush()
}
