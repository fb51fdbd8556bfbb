package crd_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

// refusal is an object that the API server must not accept.
type refusal struct {
	kind, spec string
	// want lists everything the API server says about it.
	want []string
}

// The sentences of the CEL rules. TestEveryRuleIsTried holds this list against the
// definitions.
const (
	badLanguage    = "must be a BCP-47 language tag such as de, pt-BR or zh-Hant"
	badDecimal     = "must be a decimal number such as 0.03, with at most 6 digits after the point"
	oneSource      = "set exactly one of text, texts, configMapKeyRef, file and payload"
	textBytes      = "source.text may have at most 32768 bytes; keep a longer text in a ConfigMap and use source.configMapKeyRef"
	textsBytes     = "source.texts may have at most 32768 bytes in all; make several jobs or a TranslationBatch of them"
	sameLanguage   = "targetLanguage must differ from sourceLanguage unless mode is Creation"
	targetTwice    = "each target language may stand in the list only once"
	blank          = "must have a character that is not white space"
	limitMissing   = "MaxChars and MaxWords need value; Forbidden needs terms"
	limitMixed     = "value goes with MaxChars and MaxWords, terms goes with Forbidden"
	limitZero      = "must be 1 or more"
	termTarget     = "target is needed unless handling is Keep"
	noTranslations = "translations are needed, unless handling is Keep or the entry only lists forbidden ones"
	needsEndpoint  = "type OpenAI needs endpoint, the base URL of the API such as https://api.example.com/v1"
	needsModel     = "type OpenAI needs model"
	needsBoth      = "type Anthropic needs model, and endpoint, the base URL of the API such as https://api.anthropic.com/v1"
	needsAddress   = "types ApertiumAPY and LibreTranslate need endpoint, the base URL of the service such as http://libretranslate:5000"
	needsKey       = "type DeepL needs secretRef"
	noKeyNeeded    = "types Apertium, ApertiumAPY and Pseudo take no key, so secretRef does not go with them"
	clusterOnly    = "fallbackRefs of a ClusterTranslationProvider name the kind ClusterTranslationProvider"
	badURL         = "must be an http or https URL"
)

// job is a good spec, to which a case adds lines.
const job = "sourceLanguage: es\ntargetLanguage: ca\n"

// jobOf is a good spec with a text, to which a case adds lines.
const jobOf = job + "source: {text: Hola}\n"

// batchOf is a good spec but for the languages and what a case adds.
const batchOf = "sourceLanguage: es\nitems: [{source: {text: Hola}}]\n"

// payloadRef names a payload as the REST adapter does.
var payloadRef = "{name: in-0, shards: 1, bytes: 40000, sha256: " + strings.Repeat("0a", 32) + "}"

// glossaryOf begins a glossary with one entry.
const glossaryOf = "sourceLanguage: es\nentries:\n"

func jobRefusals() map[string]refusal {
	return map[string]refusal{
		"a source with nothing in it": {spec: job + "source: {}", want: []string{
			"spec.source: spec.source in body should have at least 1 properties",
			"spec.source: " + oneSource,
		}},
		"no source at all": {spec: job, want: []string{"spec.source: Required value"}},
		"a text and a ConfigMap": {
			spec: job + "source: {text: Hola, configMapKeyRef: {name: a, key: b}}",
			want: []string{"spec.source: " + oneSource},
		},
		"texts and a file": {
			spec: job + "source: {texts: [{text: Hola}], file: {configMapKeyRef: {name: a, key: b}}}",
			want: []string{"spec.source: " + oneSource},
		},
		"an empty text": {spec: job + `source: {text: ""}`, want: []string{
			"spec.source.text: spec.source.text in body should be at least 1 chars long",
		}},
		"a text of 32769 letters": {spec: job + "source: {text: " + strings.Repeat("a", 32769) + "}", want: []string{
			"spec.source.text: Too long: may not be more than 32768 bytes",
		}},
		"a text of 16385 letters of two bytes": {
			spec: job + "source: {text: " + strings.Repeat("ñ", 16385) + "}", want: []string{"spec.source: " + textBytes},
		},
		"an empty list of texts": {spec: job + "source: {texts: []}", want: []string{
			"spec.source.texts: spec.source.texts in body should have at least 1 items",
		}},
		"1001 texts": {
			spec: job + "source: {texts: [" + strings.Repeat("{text: a},", 1001) + "]}",
			want: []string{"spec.source.texts: Too many: 1001: must have at most 1000 items"},
		},
		"an item of 24001 letters": {
			spec: job + "source: {texts: [{text: " + strings.Repeat("a", 24001) + "}]}",
			want: []string{"spec.source.texts[0].text: Too long: may not be more than 24000 bytes"},
		},
		"texts of 32769 bytes in all": {
			spec: job + "source: {texts: [{text: " + strings.Repeat("a", 20000) + "}, {text: " + strings.Repeat("a", 12769) + "}]}",
			want: []string{"spec.source: " + textsBytes},
		},
		"a text and a payload": {
			spec: job + "source: {text: Hola, payload: {ref: " + payloadRef + "}}",
			want: []string{"spec.source: " + oneSource},
		},
		"a payload that is nowhere": {spec: job + "source: {payload: {form: Text}}", want: []string{
			"spec.source.payload.ref: Required value",
		}},
		"a payload in an unknown form": {
			spec: job + "source: {payload: {form: Html, ref: " + payloadRef + "}}",
			want: []string{`spec.source.payload.form: Unsupported value: "Html": supported values: "Text", "Texts"`},
		},
		"a payload of nothing": {
			spec: job + "source: {payload: {ref: {name: a, shards: 0, bytes: 0, sha256: abc}}}",
			want: []string{
				"spec.source.payload.ref.bytes: spec.source.payload.ref.bytes in body should be greater than or equal to 1",
				"spec.source.payload.ref.sha256: spec.source.payload.ref.sha256 in body should be at least 64 chars long",
				"spec.source.payload.ref.shards: spec.source.payload.ref.shards in body should be greater than or equal to 1",
			},
		},
		"an item with metadata alone": {spec: job + "source: {texts: [{metadata: 1}]}", want: []string{
			"spec.source.texts[0].text: Required value",
		}},
		"a file in an unknown format": {
			spec: job + "source: {file: {format: Pdf, configMapKeyRef: {name: a, key: b}}}",
			want: []string{`spec.source.file.format: Unsupported value: "Pdf": supported values: "PlainText"`},
		},
		"a language with an underscore": {
			spec: "sourceLanguage: es_ES\ntargetLanguage: ca\nsource: {text: Hola}",
			want: []string{"spec.sourceLanguage: " + badLanguage},
		},
		"a language in words": {
			spec: "sourceLanguage: es\ntargetLanguage: catalan\nsource: {text: Hola}",
			want: []string{"spec.targetLanguage: " + badLanguage},
		},
		"a language of one letter": {
			spec: "sourceLanguage: es\ntargetLanguage: c\nsource: {text: Hola}",
			want: []string{
				"spec.targetLanguage: spec.targetLanguage in body should be at least 2 chars long",
				"spec.targetLanguage: " + badLanguage,
			},
		},
		"a language of 36 letters": {
			spec: "sourceLanguage: es\ntargetLanguage: ca-" + strings.Repeat("abcdefgh-", 3) + "abcdef\nsource: {text: Hola}",
			want: []string{"spec.targetLanguage: Too long: may not be more than 35 bytes"},
		},
		"into its own language": {
			spec: "sourceLanguage: es\ntargetLanguage: ES\nsource: {text: Hola}",
			want: []string{"spec: " + sameLanguage},
		},
		"an unknown mode": {spec: jobOf + "mode: Summary", want: []string{
			`spec.mode: Unsupported value: "Summary": supported values: "Translation", "Creation"`,
		}},
		"an unknown quality": {spec: jobOf + "quality: Best", want: []string{
			`spec.quality: Unsupported value: "Best": supported values: "Standard", "Premium"`,
		}},
		"an unknown tier": {spec: jobOf + "tier: Gold", want: []string{
			`spec.tier: Unsupported value: "Gold": supported values: "Free", "Starter", "Professional", "Business", "Enterprise"`,
		}},
		"an unknown source review": {spec: jobOf + "sourceReview: Maybe", want: []string{
			`spec.sourceReview: Unsupported value: "Maybe": supported values: "ByTier", "Always", "Never"`,
		}},
		"an unknown glossary priority": {spec: jobOf + "glossaryPriority: None", want: []string{
			`spec.glossaryPriority: Unsupported value: "None": supported values: "AccountFirst", "PrivateFirst"`,
		}},
		"a limit without its value": {spec: jobOf + "constraints: [{type: MaxChars}]", want: []string{
			"spec.constraints[0]: " + limitMissing,
		}},
		"forbidden terms without a list": {spec: jobOf + "constraints: [{type: Forbidden}]", want: []string{
			"spec.constraints[0]: " + limitMissing,
		}},
		"a limit with terms": {spec: jobOf + "constraints: [{type: MaxWords, value: 3, terms: [a]}]", want: []string{
			"spec.constraints[0]: " + limitMixed,
		}},
		"forbidden terms with a value": {spec: jobOf + "constraints: [{type: Forbidden, value: 3, terms: [a]}]", want: []string{
			"spec.constraints[0]: " + limitMixed,
		}},
		"a limit of 0": {spec: jobOf + "constraints: [{type: MaxChars, value: 0}]", want: []string{
			"spec.constraints[0].value: " + limitZero,
		}},
		"a limit of a million and one": {spec: jobOf + "constraints: [{type: MaxChars, value: 1000001}]", want: []string{
			"spec.constraints[0].value: spec.constraints[0].value in body should be less than or equal to 1000000",
		}},
		"an unknown limit": {spec: jobOf + "constraints: [{type: MaxLines, value: 1}]", want: []string{
			`spec.constraints[0].type: Unsupported value: "MaxLines": supported values: "MaxChars", "MaxWords", "Forbidden"`,
		}},
		"a forbidden term twice": {spec: jobOf + "constraints: [{type: Forbidden, terms: [a, a]}]", want: []string{
			`spec.constraints[0].terms[1]: Duplicate value: "a"`,
		}},
		"eleven limits": {
			spec: jobOf + "constraints: [" + strings.Repeat("{type: MaxChars, value: 1},", 11) + "]",
			want: []string{"spec.constraints: Too many: 11: must have at most 10 items"},
		},
		"a term without a translation": {spec: jobOf + "glossary: [{source: carro}]", want: []string{
			"spec.glossary[0]: " + termTarget,
		}},
		"201 terms": {
			spec: jobOf + "glossary: [" + strings.Repeat("{source: a, target: b},", 201) + "]",
			want: []string{"spec.glossary: Too many: 201: must have at most 200 items"},
		},
		"a glossary named twice": {spec: jobOf + "glossaryRefs: [{name: a}, {name: a}]", want: []string{
			`spec.glossaryRefs[1]: Duplicate value: {"name":"a"}`,
		}},
		"a blank term": {spec: jobOf + `glossary: [{source: " ", target: "\t"}]`, want: []string{
			"spec.glossary[0].source: " + blank, "spec.glossary[0].target: " + blank,
		}},
		"26 glossaries": {
			spec: jobOf + "glossaryRefs: [" + strings.Join(numbered("{name: g%d}", 26), ",") + "]",
			want: []string{"spec.glossaryRefs: Too many: 26: must have at most 25 items"},
		},
		"money with a comma": {spec: jobOf + `maxCost: "0,05"`, want: []string{"spec.maxCost: " + badDecimal}},
		"money below zero":   {spec: jobOf + `maxCost: "-1"`, want: []string{"spec.maxCost: " + badDecimal}},
		"money with 7 digits after the point": {
			spec: jobOf + `maxCost: "0.0000001"`, want: []string{"spec.maxCost: " + badDecimal},
		},
		"instructions of 2001 letters": {
			spec: jobOf + "instructions: " + strings.Repeat("a", 2001),
			want: []string{"spec.instructions: Too long: may not be more than 2000 bytes"},
		},
		"a style of 8001 letters": {
			spec: jobOf + "styleReference: " + strings.Repeat("a", 8001),
			want: []string{"spec.styleReference: Too long: may not be more than 8000 bytes"},
		},
		"a project name of 201 letters": {
			spec: jobOf + "projectName: " + strings.Repeat("a", 201),
			want: []string{"spec.projectName: Too long: may not be more than 200 bytes"},
		},
		"short fields of 101 letters": {
			spec: jobOf + fmt.Sprintf("domain: %[1]s\ntone: %[1]s\ntextType: %[1]s", strings.Repeat("a", 101)),
			want: []string{
				"spec.domain: Too long: may not be more than 100 bytes",
				"spec.textType: Too long: may not be more than 100 bytes",
				"spec.tone: Too long: may not be more than 100 bytes",
			},
		},
		"a priority of 1001": {spec: jobOf + "priority: 1001", want: []string{
			"spec.priority: spec.priority in body should be less than or equal to 1000",
		}},
		"a negative number of attempts": {spec: jobOf + "backoffLimit: -1", want: []string{
			"spec.backoffLimit: spec.backoffLimit in body should be greater than or equal to 0",
		}},
		"a deadline of 0 seconds": {spec: jobOf + "activeDeadlineSeconds: 0", want: []string{
			"spec.activeDeadlineSeconds: spec.activeDeadlineSeconds in body should be greater than or equal to 1",
		}},
		"a life time for no outcome": {spec: jobOf + "ttlAfterFinished: {}", want: []string{
			"spec.ttlAfterFinished: spec.ttlAfterFinished in body should have at least 1 properties",
		}},
		"a negative life time": {spec: jobOf + "ttlAfterFinished: {failed: -1}", want: []string{
			"spec.ttlAfterFinished.failed: spec.ttlAfterFinished.failed in body should be greater than or equal to 0",
		}},
		"delivery to a Pod": {spec: jobOf + "delivery: {kind: Pod, name: a}", want: []string{
			`spec.delivery.kind: Unsupported value: "Pod": supported values: "ConfigMap", "Secret"`,
		}},
		"a provider of no kind": {spec: jobOf + "providerRef: {kind: Engine, name: a}", want: []string{
			`spec.providerRef.kind: Unsupported value: "Engine": supported values: "TranslationProvider", "ClusterTranslationProvider"`,
		}},
		"a provider without a name": {spec: jobOf + "providerRef: {}", want: []string{
			"spec.providerRef.name: Required value",
		}},
	}
}

func otherRefusals() map[string]refusal {
	const provider, clusterProvider = "TranslationProvider", "ClusterTranslationProvider"
	openAI := "type: OpenAI\nendpoint: https://api.example.com/v1\nmodel: m\n"
	return map[string]refusal{
		"a target twice, in another case": {kind: "TranslationBatch", spec: batchOf + "targetLanguages: [pt-BR, ca, pt-br]", want: []string{
			"spec.targetLanguages: " + targetTwice,
		}},
		"a target that is no language": {kind: "TranslationBatch", spec: batchOf + "targetLanguages: [ca, '?!']", want: []string{
			"spec.targetLanguages[1]: " + badLanguage,
		}},
		"no target": {kind: "TranslationBatch", spec: batchOf + "targetLanguages: []", want: []string{
			"spec.targetLanguages: spec.targetLanguages in body should have at least 1 items",
		}},
		"21 targets": {
			kind: "TranslationBatch", spec: batchOf + "targetLanguages: [" + strings.Join(numbered("ca-x%d", 21), ",") + "]",
			want: []string{"spec.targetLanguages: Too many: 21: must have at most 20 items"},
		},
		"no item": {kind: "TranslationBatch", spec: "sourceLanguage: es\ntargetLanguages: [ca]\nitems: []", want: []string{
			"spec.items: spec.items in body should have at least 1 items",
		}},
		"1001 items": {
			kind: "TranslationBatch",
			spec: "sourceLanguage: es\ntargetLanguages: [ca]\nitems: [" + strings.Repeat("{source: {text: a}},", 1001) + "]",
			want: []string{"spec.items: Too many: 1001: must have at most 1000 items"},
		},
		"an item with two sources": {
			kind: "TranslationBatch",
			spec: "sourceLanguage: es\ntargetLanguages: [ca]\nitems: [{source: {text: a, texts: [{text: b}]}}]",
			want: []string{"spec.items[0].source: " + oneSource},
		},
		"an item that overrides nothing": {
			kind: "TranslationBatch",
			spec: "sourceLanguage: es\ntargetLanguages: [ca]\nitems: [{source: {text: a}, overrides: {}}]",
			want: []string{"spec.items[0].overrides: spec.items[0].overrides in body should have at least 1 properties"},
		},
		"a limit in an item without its value": {
			kind: "TranslationBatch",
			spec: "sourceLanguage: es\ntargetLanguages: [ca]\nitems: [{source: {text: a}, overrides: {constraints: [{type: MaxChars}]}}]",
			want: []string{"spec.items[0].overrides.constraints[0]: " + limitMissing},
		},
		"a template with a bad limit": {
			kind: "TranslationBatch", spec: batchOf + "targetLanguages: [ca]\ntemplate: {constraints: [{type: MaxChars}]}",
			want: []string{"spec.template.constraints[0]: " + limitMissing},
		},
		"an item with a text and a payload": {
			kind: "TranslationBatch",
			spec: "sourceLanguage: es\ntargetLanguages: [ca]\nitems: [{source: {text: a, payload: {ref: " + payloadRef + "}}}]",
			want: []string{"spec.items[0].source: " + oneSource},
		},
		"a batch's money with a comma": {
			kind: "TranslationBatch", spec: batchOf + "targetLanguages: [ca]\nmaxCost: '0,05'",
			want: []string{"spec.maxCost: " + badDecimal},
		},
		"a batch's money below zero": {
			kind: "TranslationBatch", spec: batchOf + "targetLanguages: [ca]\nmaxCost: '-1'",
			want: []string{"spec.maxCost: " + badDecimal},
		},
		"a life time of a batch for no outcome": {
			kind: "TranslationBatch", spec: batchOf + "targetLanguages: [ca]\nttlAfterFinished: {}", want: []string{
				"spec.ttlAfterFinished: spec.ttlAfterFinished in body should have at least 1 properties",
			},
		},
		"no job at a time": {kind: "TranslationBatch", spec: batchOf + "targetLanguages: [ca]\nmaxParallel: 0", want: []string{
			"spec.maxParallel: spec.maxParallel in body should be greater than or equal to 1",
		}},
		"an engine that does not exist": {kind: provider, spec: "type: Babel", want: []string{
			`spec.type: Unsupported value: "Babel": supported values: "Anthropic", "Apertium", "ApertiumAPY", "DeepL", "LibreTranslate", "OpenAI", "Pseudo"`,
		}},
		"a language model without address and name": {kind: provider, spec: "type: OpenAI", want: []string{
			"spec: " + needsEndpoint, "spec: " + needsModel,
		}},
		"an Anthropic model without its name": {
			kind: provider, spec: "type: Anthropic\nendpoint: https://api.anthropic.com/v1", want: []string{"spec: " + needsBoth},
		},
		"a server of one's own without an address": {kind: provider, spec: "type: LibreTranslate", want: []string{"spec: " + needsAddress}},
		"a service of Apertium without an address": {kind: clusterProvider, spec: "type: ApertiumAPY", want: []string{"spec: " + needsAddress}},
		"DeepL without a key":                      {kind: provider, spec: "type: DeepL", want: []string{"spec: " + needsKey}},
		"six fallbacks": {
			kind: provider, spec: "type: Pseudo\nfallbackRefs: [{name: a}, {name: b}, {name: c}, {name: d}, {name: e}, {name: f}]",
			want: []string{"spec.fallbackRefs: Too many: 6: must have at most 5 items"},
		},
		"a cluster's fallback in a namespace": {
			kind: clusterProvider, spec: "type: Pseudo\nfallbackRefs: [{name: a}]", want: []string{"spec: " + clusterOnly},
		},
		"a key for Apertium": {kind: provider, spec: "type: Apertium\nsecretRef: {name: a}", want: []string{"spec: " + noKeyNeeded}},
		"a key for a cluster's Pseudo": {
			kind: clusterProvider, spec: "type: Pseudo\nsecretRef: {name: a}", want: []string{"spec: " + noKeyNeeded},
		},
		"a cluster's language model without address and name": {kind: clusterProvider, spec: "type: OpenAI", want: []string{
			"spec: " + needsEndpoint, "spec: " + needsModel,
		}},
		"an address without a scheme": {
			kind: provider, spec: "type: OpenAI\nmodel: m\nendpoint: api.example.com", want: []string{"spec.endpoint: " + badURL},
		},
		"an address of a file": {
			kind: provider, spec: "type: OpenAI\nmodel: m\nendpoint: file:///etc/passwd", want: []string{"spec.endpoint: " + badURL},
		},
		"limits that limit nothing": {kind: provider, spec: openAI + "limits: {}", want: []string{
			"spec.limits: spec.limits in body should have at least 1 properties",
		}},
		"limits of 0": {
			kind: provider, spec: openAI + "limits: {concurrency: 0, requestsPerMinute: 0, tokensPerMinute: 0}",
			want: []string{
				"spec.limits.concurrency: spec.limits.concurrency in body should be greater than or equal to 1",
				"spec.limits.requestsPerMinute: spec.limits.requestsPerMinute in body should be greater than or equal to 1",
				"spec.limits.tokensPerMinute: spec.limits.tokensPerMinute in body should be greater than or equal to 1",
			},
		},
		"prices of nothing": {kind: provider, spec: openAI + "prices: {}", want: []string{
			"spec.prices: spec.prices in body should have at least 1 properties",
		}},
		"a price in words": {kind: provider, spec: openAI + "prices: {inputPerMillionTokens: cheap}", want: []string{
			"spec.prices.inputPerMillionTokens: " + badDecimal,
		}},
		"a pair with a bad language": {kind: provider, spec: openAI + "pairs: [{source: es, target: x}]", want: []string{
			"spec.pairs[0].target: spec.pairs[0].target in body should be at least 2 chars long",
			"spec.pairs[0].target: " + badLanguage,
		}},
		"a call without time": {kind: provider, spec: openAI + "timeoutSeconds: 0\nprobeIntervalSeconds: 0", want: []string{
			"spec.probeIntervalSeconds: spec.probeIntervalSeconds in body should be greater than or equal to 1",
			"spec.timeoutSeconds: spec.timeoutSeconds in body should be greater than or equal to 1",
		}},
		"blank terms": {kind: "Glossary", spec: glossaryOf + `- {term: " ", translations: [{language: ca, term: "\n"}]}`, want: []string{
			"spec.entries[0].term: " + blank, "spec.entries[0].translations[0].term: " + blank,
		}},
		"a term that nobody can use": {kind: "Glossary", spec: glossaryOf + "- {term: carrito}", want: []string{
			"spec.entries[0]: " + noTranslations,
		}},
		"two translations into one language": {
			kind: "Glossary",
			spec: glossaryOf + "- {term: carrito, translations: [{language: ca, term: a}, {language: ca, term: b}]}",
			want: []string{`spec.entries[0].translations[1]: Duplicate value: {"language":"ca"}`},
		},
		"a term of 201 letters": {
			kind: "Glossary", spec: glossaryOf + "- {handling: Keep, term: " + strings.Repeat("a", 201) + "}",
			want: []string{"spec.entries[0].term: Too long: may not be more than 200 bytes"},
		},
		"2001 entries": {
			kind: "Glossary", spec: "sourceLanguage: es\nentries: [" + strings.Repeat("{term: a, handling: Keep},", 2001) + "]",
			want: []string{"spec.entries: Too many: 2001: must have at most 2000 items"},
		},
		"a state that does not exist": {kind: "Glossary", spec: glossaryOf + "- {term: a, handling: Keep, status: Draft}", want: []string{
			`spec.entries[0].status: Unsupported value: "Draft": supported values: "Approved", "Pending", "Deprecated"`,
		}},
	}
}

func TestRefusals(t *testing.T) {
	namespace := newNamespace(t)
	cases := otherRefusals()
	for name, tc := range jobRefusals() {
		tc.kind = "TranslationJob"
		cases[name] = tc
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			err := create(t, object(t, namespace, tc.kind, tc.spec))
			if err == nil {
				t.Fatalf("the API server accepted it; want %q", tc.want)
			}
			slices.Sort(tc.want)
			if diff := cmp.Diff(tc.want, sentences(t, err)); diff != "" {
				t.Errorf("what the API server says (-want +got):\n%s", diff)
			}
		})
	}
}

// Every CEL rule of the definitions is met by a case above.
func TestEveryRuleIsTried(t *testing.T) {
	var tried []string
	for _, cases := range []map[string]refusal{jobRefusals(), otherRefusals()} {
		for _, tc := range cases {
			tried = append(tried, tc.want...)
		}
	}
	for rule := range celRules(t) {
		if !slices.ContainsFunc(tried, func(s string) bool { return strings.HasSuffix(s, ": "+rule) }) {
			t.Errorf("no case meets the rule %q", rule)
		}
	}
}

// celRules returns the messages of all CEL rules in the definitions.
func celRules(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(basesDir, "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("want the definitions in %s, got %d files, error %v", basesDir, len(files), err)
	}
	rules := map[string]bool{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var definition apiextensionsv1.CustomResourceDefinition
		if err := yaml.Unmarshal(data, &definition); err != nil {
			t.Fatalf("read %s: %v", file, err)
		}
		for _, version := range definition.Spec.Versions {
			collectRules(version.Schema.OpenAPIV3Schema, rules)
		}
	}
	return rules
}

func collectRules(schema *apiextensionsv1.JSONSchemaProps, into map[string]bool) {
	for _, rule := range schema.XValidations {
		into[rule.Message] = true
	}
	for _, property := range slices.Sorted(maps.Keys(schema.Properties)) {
		child := schema.Properties[property]
		collectRules(&child, into)
	}
	if schema.Items != nil && schema.Items.Schema != nil {
		collectRules(schema.Items.Schema, into)
	}
}

// numbered fills the numbers 1 to n into the format.
func numbered(format string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf(format, i+1)
	}
	return out
}
