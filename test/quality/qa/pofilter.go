package qa

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/dragoman-dev/dragoman/internal/qa"
	"github.com/dragoman-dev/dragoman/test/quality/rows"
)

// pofilter is the peer: https://docs.translatehouse.org/projects/translate-toolkit.
type pofilter struct {
	out *rows.Rows
	// dir holds its files; "" when it is not installed.
	dir   string
	spent time.Duration
	pairs int
}

func newPofilter(ctx context.Context, out *rows.Rows) *pofilter {
	p := &pofilter{out: out}
	version, err := exec.CommandContext(ctx, "pofilter", "--version").Output()
	if err != nil {
		out.Progressf("  pofilter is not installed (Debian: apt-get install translate-toolkit); its rows are left out")
		return p
	}
	if p.dir, err = os.MkdirTemp("", "pofilter-"); err != nil {
		out.Progressf("  pofilter has no room for its files; its rows are left out: %v", err)
		return p
	}
	out.Progressf("  side by side with %s", strings.TrimSpace(string(version)))
	return p
}

func (p *pofilter) close() { _ = os.RemoveAll(p.dir) } // of its own; "" removes nothing

// human is the kind of the pairs that nothing was done to.
const human = "human"

// measure has pofilter read translations by people and the planted ones, in one
// file, and prints how many of each kind it remarks on.
func (p *pofilter) measure(ctx context.Context, language string, people []qa.Input, planted []planting) error {
	if p.dir == "" {
		return nil
	}
	kinds := append([]planting{{fault: human, faulty: people}}, planted...)
	from, to := filepath.Join(p.dir, language+".po"), filepath.Join(p.dir, language+".out.po")
	if err := writePO(from, language, kinds); err != nil {
		return err
	}
	start := time.Now()
	cmd := exec.CommandContext(ctx, "pofilter", "--progress=none", "--language="+language, from, to) //nolint:gosec // files of our own
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	p.spent += time.Since(start)
	remarks, err := readRemarks(to)
	if err != nil {
		return err
	}
	for _, k := range kinds {
		p.pairs += len(k.faulty)
		remarked, serious := 0, 0
		for i := range k.faulty {
			checks := remarks[contextOf(k.fault, i)]
			if len(checks) > 0 {
				remarked++
			}
			if slices.ContainsFunc(checks, func(check string) bool { return !isCosmetic(check) }) {
				serious++
			}
		}
		row := "caught_pct_" + k.fault
		if k.fault == human {
			row = "false_alarm_pct"
		}
		p.out.Percent(fmt.Sprintf("pofilter_%s_%s", row, language), remarked, len(k.faulty))
		p.out.Percent(fmt.Sprintf("pofilter_serious_%s_%s", row, language), serious, len(k.faulty))
	}
	return nil
}

func (p *pofilter) total() {
	if p.pairs > 0 {
		p.out.Add("pofilter_us_per_pair", "%.1f", float64(p.spent.Microseconds())/float64(p.pairs))
	}
}

// isCosmetic says whether pofilter's own source marks a check as cosmetic.
func isCosmetic(check string) bool {
	return slices.Contains([]string{
		"accelerators", "brackets", "doublequoting", "doublespacing", "doublewords", "endpunc", "endwhitespace",
		"puncspacing", "simplecaps", "simpleplurals", "singlequoting", "startcaps", "startpunc", "startwhitespace", "validchars",
	}, check)
}

func contextOf(kind string, i int) string { return fmt.Sprintf("%s-%d", kind, i) }

// writePO writes pairs as a PO file; the context of each names its kind and place.
func writePO(name, language string, kinds []planting) error {
	file, err := os.Create(name) //nolint:gosec // a file of our own
	if err != nil {
		return err
	}
	w := bufio.NewWriter(file)
	_, _ = fmt.Fprintf(w, "msgid \"\"\nmsgstr \"\"\n\"Content-Type: text/plain; charset=UTF-8\\n\"\n\"Language: %s\\n\"\n", language)
	for _, k := range kinds {
		for i, in := range k.faulty {
			_, _ = fmt.Fprintf(w, "\nmsgctxt \"%s\"\nmsgid %s\nmsgstr %s\n", contextOf(k.fault, i), quoted(in.Source), quoted(in.Target))
		}
	}
	return errors.Join(w.Flush(), file.Close())
}

// quoted writes a text as PO files do.
func quoted(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`, "\r", `\r`, "\v", `\v`, "\f", `\f`, "\a", `\a`, "\b", `\b`).Replace(text) + `"`
}

// readRemarks maps the context of each pair that pofilter remarks on to the names of
// the checks that do. Without a remark it writes no file.
func readRemarks(name string) (map[string][]string, error) {
	file, err := os.Open(name) //nolint:gosec // a file of our own
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // it was read
	remarks := map[string][]string{}
	var checks []string
	lines := bufio.NewScanner(file)
	const longest = 1 << 20
	lines.Buffer(nil, longest)
	for lines.Scan() {
		line := lines.Text()
		if note, ok := strings.CutPrefix(line, "# (pofilter) "); ok {
			check, _, _ := strings.Cut(note, ":")
			checks = append(checks, check)
		}
		if key, ok := strings.CutPrefix(line, "msgctxt \""); ok {
			remarks[strings.TrimSuffix(key, `"`)] = checks
			checks = nil
		}
	}
	return remarks, lines.Err()
}
