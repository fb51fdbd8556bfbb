package apertium

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// stage is one command of a pipeline.
type stage struct {
	// env holds settings of this command alone, as NAME=value.
	env  []string
	name string
	args []string
}

// recipe is what a mode file says.
type recipe struct {
	stages []stage
	// generates is true when a stage takes $1, the switch that says how unknown
	// words are marked. Only whole translations have it; modes that stop half-way,
	// for people who write dictionaries, do not.
	generates bool
}

const (
	// marksOn is what $1 stands for: mark each word that is not known.
	marksOn = "-g"
	// flushOnNUL makes a stage treat NUL as the end of a text. Without it a stage
	// holds text back until its input ends.
	flushOnNUL = "-z"
)

// parseRecipe reads a mode file: one line of shell, commands joined by "|". Only
// what mode files use is understood: quotes, backslashes, settings before a
// command, and the parameters $1 and $2. Anything else that a shell would act on
// is an error, so that nothing is run in another way than it was meant.
func parseRecipe(text string) (recipe, error) {
	commands, generates, err := splitCommands(text)
	if err != nil {
		return recipe{}, err
	}
	r := recipe{generates: generates}
	for i, words := range commands {
		s, err := newStage(words)
		if err != nil {
			return recipe{}, fmt.Errorf("command %d: %w", i+1, err)
		}
		r.stages = append(r.stages, s)
	}
	return r, nil
}

func newStage(words []string) (stage, error) {
	var s stage
	if len(words) > 1 && words[0] == "env" {
		words = words[1:]
	}
	for len(words) > 0 && isSetting(words[0]) {
		s.env = append(s.env, words[0])
		words = words[1:]
	}
	if len(words) == 0 {
		return stage{}, errors.New("no program is named")
	}
	s.name, s.args = words[0], slices.Clone(words[1:])
	if !slices.Contains(s.args, flushOnNUL) && !slices.Contains(s.args, "--null-flush") {
		s.args = slices.Insert(s.args, 0, flushOnNUL)
	}
	return s, nil
}

// isSetting says whether a word is NAME=value.
func isSetting(word string) bool {
	name, _, found := strings.Cut(word, "=")
	if !found || name == "" {
		return false
	}
	for i, r := range name {
		letter := r == '_' || (r >= 'A' && r <= 'Z') || (r >= 'a' && r <= 'z')
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return true
}

// splitter holds the state between two characters of a mode file.
type splitter struct {
	commands  [][]string
	words     []string
	word      strings.Builder
	inWord    bool
	generates bool
}

func splitCommands(text string) (commands [][]string, generates bool, err error) {
	s := &splitter{}
	rest := strings.TrimSpace(text)
	for rest != "" {
		if rest, err = s.next(rest); err != nil {
			return nil, false, err
		}
	}
	if err := s.endCommand(); err != nil {
		return nil, false, err
	}
	return s.commands, s.generates, nil
}

// next takes one character, one quoted string or one parameter off the front.
func (s *splitter) next(rest string) (string, error) {
	c := rest[0]
	switch {
	case strings.IndexByte(" \t\r\n", c) >= 0:
		s.endWord()
	case c == '|':
		if err := s.endCommand(); err != nil {
			return "", err
		}
	case c == '\'' || c == '"':
		return s.quoted(rest)
	case c == '\\':
		if len(rest) < 2 {
			return "", errors.New("it ends in a backslash")
		}
		s.add(rest[1:2])
		return rest[2:], nil
	case c == '$':
		return s.parameter(rest)
	case strings.IndexByte("<>;&`()*?", c) >= 0:
		return "", fmt.Errorf("%q has a meaning to a shell that is not supported", c)
	default:
		s.add(rest[:1])
	}
	return rest[1:], nil
}

func (s *splitter) add(text string) {
	s.word.WriteString(text)
	s.inWord = true
}

func (s *splitter) quoted(rest string) (string, error) {
	quote := rest[:1]
	inside, after, found := strings.Cut(rest[1:], quote)
	if !found {
		return "", errors.New("a quotation is not closed")
	}
	if quote == `"` && strings.ContainsAny(inside, "$`\\") {
		return "", errors.New("a quotation holds something to expand")
	}
	s.add(inside)
	return after, nil
}

// parameter replaces $1 by the switch for marks and drops $2, which is a list of
// options that people may give by hand.
func (s *splitter) parameter(rest string) (string, error) {
	switch {
	case strings.HasPrefix(rest, "$1"):
		s.add(marksOn)
		s.generates = true
	case strings.HasPrefix(rest, "$2"):
	default:
		return "", errors.New("it expands something other than $1 and $2")
	}
	return rest[2:], nil
}

func (s *splitter) endWord() {
	if s.inWord {
		s.words = append(s.words, s.word.String())
	}
	s.word.Reset()
	s.inWord = false
}

func (s *splitter) endCommand() error {
	s.endWord()
	if len(s.words) == 0 {
		return errors.New("a command is empty")
	}
	s.commands = append(s.commands, s.words)
	s.words = nil
	return nil
}
