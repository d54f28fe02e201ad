package triage

import (
	"slices"
	"strings"
)

// ownNames are the company's own words: its name, brands, products. They neither praise nor blame, and who says them
// speaks of the company.
type ownNames struct {
	words []string   // folded, apart by spaces, in order
	parts [][]string // the same, cut
}

// newOwnNames reads a company's words; what holds no word is left out.
func newOwnNames(words []string) *ownNames {
	n := &ownNames{}
	var d reader
	for _, w := range words {
		parts := entryWords(&d, strings.ReplaceAll(w, "*", " "))
		if len(parts) == 0 || len(parts) > maxPhrase {
			continue
		}
		n.words = append(n.words, strings.Join(parts, " "))
	}
	slices.Sort(n.words)
	n.words = slices.Compact(n.words)
	for _, w := range n.words {
		n.parts = append(n.parts, strings.Split(w, " "))
	}
	return n
}

// mark tells the tokens that are the company's own.
func (n *ownNames) mark(s *scratch) {
	if n == nil {
		return
	}
	for i := range s.tokens {
		for _, parts := range n.parts {
			if n.standsAt(s, i, parts) {
				for k := range parts {
					s.persons[i+k] = personUs
				}
			}
		}
	}
}

func (n *ownNames) standsAt(s *scratch, i int, parts []string) bool {
	if i+len(parts) > len(s.tokens) {
		return false
	}
	for k, p := range parts {
		t := &s.tokens[i+k]
		if t.kind != kindWord && t.kind != kindNumber || string(s.fold[t.from:t.to]) != p {
			return false
		}
	}
	return true
}

// dropOwn forgets what the lexicon says about the company's own words.
func (s *scratch) dropOwn() {
	s.found = slices.DeleteFunc(s.found, func(f found) bool {
		for i := f.from; i < f.to; i++ {
			if s.persons[i] == personUs {
				return true
			}
		}
		return false
	})
}
