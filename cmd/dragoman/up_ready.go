package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/dragoman-dev/dragoman/api/v1alpha1"
)

const (
	// readyTimeout bounds the wait for the adapter and the first probe of every
	// engine; Apertium's takes a few seconds on a busy machine.
	readyTimeout = 2 * time.Minute
	readyPoll    = 100 * time.Millisecond
)

// waitReady waits until the adapter answers and every cluster provider has been
// probed, and returns a line about each provider.
func (u *up) waitReady(ctx context.Context) ([]string, error) {
	fmt.Fprintln(u.messages, "Starting the controllers and the REST adapter ...")
	var engines []string
	var last error
	err := wait.PollUntilContextTimeout(ctx, readyPoll, readyTimeout, true, func(ctx context.Context) (bool, error) {
		if last = answers(ctx, "http://"+u.Listen+"/readyz"); last != nil {
			return false, nil
		}
		var providers v1alpha1.ClusterTranslationProviderList
		if last = u.client.List(ctx, &providers); last != nil {
			return false, nil
		}
		engines, last = describeEngines(providers.Items)
		return last == nil, nil
	})
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, fmt.Errorf("not ready after %s: %w", readyTimeout, last)
	}
	return engines, nil
}

func answers(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the REST adapter answers %s", response.Status)
	}
	return nil
}

// describeEngines says what each provider offers, or why it does not. It fails
// while one has not been probed.
func describeEngines(providers []v1alpha1.ClusterTranslationProvider) ([]string, error) {
	var lines []string
	for _, p := range providers {
		ready := meta.FindStatusCondition(p.Status.Conditions, v1alpha1.ReadyCondition)
		switch {
		case ready == nil || ready.Status == metav1.ConditionUnknown || p.Status.ObservedGeneration != p.Generation:
			return nil, fmt.Errorf("provider %s has not been probed", p.Name)
		case ready.Status != metav1.ConditionTrue:
			lines = append(lines, fmt.Sprintf("%s: not ready, %s", p.Name, ready.Message))
		case p.Spec.Type == v1alpha1.PseudoProvider:
			lines = append(lines, p.Name+": pseudo-localisation for tests, only when a job names it")
		case p.Status.PairPolicy == v1alpha1.AnyPair:
			lines = append(lines, p.Name+": every pair of languages")
		default:
			lines = append(lines, fmt.Sprintf("%s: %d pairs of languages", p.Name, len(p.Status.Pairs)))
		}
	}
	if len(lines) == 0 {
		return nil, errors.New("there is no provider")
	}
	return lines, nil
}

// summary is the block that a newcomer reads when everything is ready.
func (u *up) summary(engines []string) string {
	kubectl, ok := u.finder.LocateKubectl(u.programs)
	if !ok {
		kubectl = "kubectl"
	} else if _, err := u.finder.LookPath("kubectl"); err == nil {
		kubectl = "kubectl"
	}
	return fmt.Sprintf(`
Dragoman is ready.

  REST API    http://%[1]s/v1 (documentation: http://%[1]s/docs)
  API key     %[2]s
  kubeconfig  %[3]s (namespace %[4]s)
  engines     %[5]s

Try it:

  %[6]s --kubeconfig %[3]s apply -f - <<EOF
%[7]sEOF
  %[6]s --kubeconfig %[3]s get tj

  curl http://%[1]s/v1/jobs -H "X-API-Key: $(cat %[8]s)" \
    -H 'Content-Type: application/json' \
    -d '%[9]s'

Ctrl-C stops everything and keeps the data in %[10]s.
`, u.Listen, u.key, shellWord(u.path("kubeconfig")), demoNamespace, strings.Join(engines, "\n              "),
		shellWord(kubectl), jobManifest("hello", "es", "ca", "Buenos días. El museo está abierto."),
		shellWord(u.path("api-key")), jobRequest("en", "es", "Good morning. The museum is open."),
		shellWord(u.DataDir))
}

// shellWord quotes a word for a shell when it needs that.
func shellWord(word string) string {
	safe := func(r rune) bool {
		return r == '/' || r == '.' || r == '-' || r == '_' || r == '~' ||
			'0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
	}
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !safe(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
