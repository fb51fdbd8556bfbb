// Command gen writes the plural data of package icu from the files plurals.json and
// ordinals.json of the npm package cldr-core.
//
//	go run ./internal/icu/gen -from DIR/supplemental -version VERSION -to internal/icu/data/plurals.txt
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

func main() {
	from := flag.String("from", "", "folder with plurals.json and ordinals.json")
	version := flag.String("version", "", "version of the package cldr-core they are from")
	to := flag.String("to", "", "file to write")
	flag.Parse()
	if err := run(*from, *version, *to); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1) //nolint:forbidigo // this is a main
	}
}

const head = `# Plural categories of the languages of Unicode CLDR, for cardinal numbers (plural) and
# ordinal numbers (selectordinal), each with a whole number that takes it; "-" where
# only fractions do. One line for each set of categories and numbers, then its
# languages. Written by internal/icu/gen from supplemental/plurals.json and
# supplemental/ordinals.json of the npm package cldr-core %s; the rules themselves are
# left out. Copyright (c) Unicode, Inc. Licence: Unicode-3.0, see LICENSE.unicode.
`

func run(from, version, to string) error {
	var b strings.Builder
	fmt.Fprintf(&b, head, version)
	for _, table := range []struct{ file, key, kind string }{
		{"plurals.json", "plurals-type-cardinal", "plural"},
		{"ordinals.json", "plurals-type-ordinal", "selectordinal"},
	} {
		lines, err := read(filepath.Join(from, table.file), table.key)
		if err != nil {
			return err
		}
		for _, rules := range slices.Sorted(maps.Keys(lines)) {
			slices.Sort(lines[rules])
			fmt.Fprintf(&b, "%s %s: %s\n", table.kind, rules, strings.Join(lines[rules], " "))
		}
	}
	return os.WriteFile(to, []byte(b.String()), 0o644)
}

// read returns the languages by their categories and samples.
func read(path, key string) (map[string][]string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var file struct {
		Supplemental map[string]json.RawMessage `json:"supplemental"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var rules map[string]map[string]string
	if err := json.Unmarshal(file.Supplemental[key], &rules); err != nil {
		return nil, fmt.Errorf("%s: %s: %w", path, key, err)
	}
	out := map[string][]string{}
	for language, of := range rules {
		if language == "root" || language == "und" {
			continue // no language
		}
		var fields []string
		for _, category := range []string{"zero", "one", "two", "few", "many", "other"} {
			if rule, ok := of["pluralRule-count-"+category]; ok {
				fields = append(fields, category+"="+sample(category, rule))
			}
		}
		line := strings.Join(fields, " ")
		out[line] = append(out[line], language)
	}
	return out, nil
}

// sample picks one of the whole numbers of a rule: 1 for "one" where it may, else the
// first above 1, because texts treat 0 and 1 in ways of their own, else the first.
func sample(category, rule string) string {
	_, numbers, found := strings.Cut(rule, "@integer")
	if !found {
		return "-"
	}
	numbers, _, _ = strings.Cut(numbers, "@decimal")
	var all []int
	for field := range strings.SplitSeq(numbers, ",") {
		first, last, isRange := strings.Cut(strings.TrimSpace(field), "~")
		n, err := strconv.Atoi(first)
		if err != nil {
			continue // "…", and powers of ten such as 1c6
		}
		all = append(all, n)
		if end, err := strconv.Atoi(last); isRange && err == nil {
			for n++; n <= end; n++ {
				all = append(all, n)
			}
		}
	}
	if len(all) == 0 {
		return "-"
	}
	if category == "one" && slices.Contains(all, 1) {
		return "1"
	}
	if at := slices.IndexFunc(all, func(n int) bool { return n > 1 }); at >= 0 {
		return strconv.Itoa(all[at])
	}
	return strconv.Itoa(all[0])
}
