package triage

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// perPattern is how many sentences are made of one pattern, those that come out the same counted once.
const perPattern = 40

// grammar makes plain sentences for volume: patterns with slots.
type grammar struct {
	lang     Language
	slots    map[string][]string
	patterns []pattern
}

// pattern is a sentence with slots, and what it says.
type pattern struct {
	like example // its labels
	text string
}

// readGrammars reads data/grammar-*.txt and makes their sentences: the same ones every time.
func readGrammars(src fs.FS) ([]example, error) {
	var all []example
	var wrong []error
	for _, lang := range lexiconLanguages {
		name := fmt.Sprintf("data/grammar-%s.txt", lang)
		b, err := fs.ReadFile(src, name)
		if err != nil {
			return nil, err
		}
		g, err := parseGrammar(name, lang, b)
		wrong = append(wrong, err)
		all = append(all, g.expand()...)
	}
	return all, errors.Join(wrong...)
}

// parseGrammar reads a grammar file: "@slot = words | words" and "TONE FLAGS | pattern".
func parseGrammar(name string, lang Language, b []byte) (*grammar, error) {
	g := &grammar{lang: lang, slots: map[string][]string{}}
	var wrong []error
	n := 0
	for line := range bytes.Lines(b) {
		n++
		s := strings.TrimRight(string(line), "\n")
		if s == "" || s == "#" || strings.HasPrefix(s, "# ") {
			continue
		}
		if err := g.line(s); err != nil {
			wrong = append(wrong, fmt.Errorf("%s:%d: %w", name, n, err))
		}
	}
	return g, errors.Join(wrong...)
}

func (g *grammar) line(s string) error {
	if slot, ok := strings.CutPrefix(s, "@"); ok {
		name, words, ok := strings.Cut(slot, " = ")
		if !ok || g.slots[name] != nil {
			return fmt.Errorf("%q is no new slot", s)
		}
		g.slots[name] = strings.Split(words, " | ")
		return nil
	}
	head, text, ok := strings.Cut(s, " | ")
	if !ok || strings.Count(head, " ") != 1 {
		return fmt.Errorf("%q is no pattern", s)
	}
	e, err := parseExample(string(g.lang)+"-grammar", head+" - 0 | "+text)
	if err != nil {
		return err
	}
	e.labels = knowsTone | knowsFlags | knowsCriticism
	for rest := text; ; {
		_, after, ok := strings.Cut(rest, "{")
		if !ok {
			break
		}
		slot, after, ok := strings.Cut(after, "}")
		if !ok || g.slots[strings.TrimSuffix(slot, "?")] == nil {
			return fmt.Errorf("no slot %q", slot)
		}
		rest = after
	}
	g.patterns = append(g.patterns, pattern{like: e, text: text})
	return nil
}

// expand makes the sentences.
func (g *grammar) expand() []example {
	var all []example
	seen := map[string]bool{}
	for _, p := range g.patterns {
		r := source(hashBytes(hashSeed+11, p.text))
		for range perPattern {
			e := p.like
			e.text = strings.Join(strings.Fields(g.fill(&r, p.text)), " ")
			if !seen[e.text] && e.text != "" {
				seen[e.text] = true
				all = append(all, e)
			}
		}
	}
	return all
}

func (g *grammar) fill(r *source, text string) string {
	var b strings.Builder
	for {
		before, after, ok := strings.Cut(text, "{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		slot, rest, _ := strings.Cut(after, "}")
		text = rest
		name, optional := strings.CutSuffix(slot, "?")
		if optional && r.below(2) == 0 {
			continue
		}
		words := g.slots[name]
		b.WriteString(words[r.below(len(words))])
	}
}
