package metrics

import (
	"fmt"
	"strings"
)

// Document returns the page docs/metrics.md.
func Document() string {
	var b strings.Builder
	b.WriteString(`<!-- Made from internal/metrics by make generate; do not edit. -->
# Metrics

The manager and the REST adapter serve these at ` + "`/metrics`" + `, on port 8090 unless ` + "`--metrics-addr`" + ` says otherwise,
beside those of controller-runtime, client-go and the Go runtime. [Operations](operations.md) has queries and alerts.

A label has the values below and no others: never the name of an object, a namespace, a model or the words of an error.
What does not fit is counted as ` + "`other`" + `. A histogram has the series ` + "`_bucket`, `_sum` and `_count`" + `.
`)
	section(&b, "The manager", ManagerDefinitions())
	section(&b, "The REST adapter", RESTDefinitions())
	return b.String()
}

func section(b *strings.Builder, title string, definitions []Definition) {
	fmt.Fprintf(b, "\n## %s\n| name | type | labels | meaning |\n|---|---|---|---|\n", title)
	for _, d := range definitions {
		var labels []string
		for _, l := range d.Labels {
			labels = append(labels, fmt.Sprintf("`%s`: %s", l.Name, strings.Join(l.Values, ", ")))
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", d.Name, d.Type, strings.Join(labels, "; "), d.Help)
	}
}
