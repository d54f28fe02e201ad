package triage

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// commonFile holds the words by which languages are known.
const commonFile = "data/words.txt"

// commonWords are frequent words, each with the languages that have it.
type commonWords struct {
	words map[string]tongueSet
	table table
}

// tongueSet is a set of languages: Italian, English, others.
type tongueSet uint8

const (
	inItalian tongueSet = 1 << iota
	inEnglish
	inOther
)

func newCommonWords(words map[string]tongueSet) *commonWords {
	c := &commonWords{words: words, table: newTable(len(words))}
	for _, w := range slices.Sorted(maps.Keys(words)) {
		c.table.put(mix(hashBytes(hashSeed, w)), int32(words[w]))
	}
	return c
}

// in tells in which languages a word is frequent.
func (c *commonWords) in(word []byte) tongueSet {
	set, _ := c.table.get(mix(hashBytes(hashSeed, word)))
	return tongueSet(set)
}

// readCommonWords reads the file: "lang | words".
func readCommonWords(src fs.FS) (*commonWords, error) {
	b, err := fs.ReadFile(src, commonFile)
	if err != nil {
		return nil, err
	}
	all := map[string]tongueSet{}
	var wrong []error
	n := 0
	var d reader
	for line := range bytes.Lines(b) {
		n++
		s := strings.TrimRight(string(line), "\n")
		if s == "" || s == "#" || strings.HasPrefix(s, "# ") {
			continue
		}
		lang, words, ok := strings.Cut(s, " | ")
		if !ok || len(lang) != 2 {
			wrong = append(wrong, fmt.Errorf("%s:%d: %q is no language", commonFile, n, lang))
			continue
		}
		set := inOther
		switch Language(lang) {
		case Italian:
			set = inItalian
		case English:
			set = inEnglish
		}
		for w := range strings.FieldsSeq(words) {
			if read := entryWords(&d, w); len(read) != 1 || read[0] != w {
				wrong = append(wrong, fmt.Errorf("%s:%d: %q is read as %q", commonFile, n, w, read))
			}
			all[w] |= set
		}
	}
	return newCommonWords(all), errors.Join(wrong...)
}

// What tells languages apart besides letters.
const (
	tongueItalian       = iota // share of words that the Italian lexicon knows
	tongueEnglish              // ... the English one
	tongueOther                // ... are common in other languages
	tongueCommonItalian        // ... in Italian
	tongueCommonEnglish        // ... in English
	tongueOnlyOther            // ... in others alone
	tongueOnlyItalian          // ... in Italian alone
	tongueOnlyEnglish          // ... in English alone
	tongueMore                 // Italian knows more than English
	tongueLess                 // less
	tongueAlone                // no lexicon knows any
	tongueAccents              // share of words with letters that neither language writes
	tongueCount
)

// tongues fills the features of languages.
func (s *scratch) tongues(common *commonWords) {
	s.tongue = [tongueCount]float32{}
	t := &s.tongue
	words := float32(0)
	for i := range s.tokens {
		w := &s.tokens[i]
		if w.kind != kindWord || s.persons[i] == personUs {
			continue
		}
		words++
		in := common.in(s.fold[w.from:w.to])
		for _, c := range [...]struct {
			at   int
			what bool
		}{
			{tongueOther, in&inOther != 0},
			{tongueCommonItalian, in&inItalian != 0},
			{tongueCommonEnglish, in&inEnglish != 0},
			{tongueOnlyOther, in == inOther},
			{tongueOnlyItalian, in == inItalian},
			{tongueOnlyEnglish, in == inEnglish},
			{tongueAccents, strange(s.text[w.start:w.end])},
		} {
			if c.what {
				t[c.at]++
			}
		}
	}
	if words == 0 {
		return
	}
	it, en := s.coverage(0), s.coverage(1)
	t[tongueItalian], t[tongueEnglish] = it, en
	for i := range t {
		t[i] /= words
	}
	switch {
	case it > en:
		t[tongueMore] = 1
	case it < en:
		t[tongueLess] = 1
	case it == 0:
		t[tongueAlone] = 1
	}
}

// coverage counts the words that a lexicon knows.
func (s *scratch) coverage(lex int) float32 {
	n := float32(0)
	for i := range s.known[lex] {
		if f := &s.known[lex][i]; !f.loose {
			for k := f.from; k < f.to; k++ {
				if s.tokens[k].kind == kindWord && s.persons[k] != personUs {
					n++
				}
			}
		}
	}
	return n
}

// strange tells whether a word has a letter that is written in neither Italian nor English.
func strange(word string) bool {
	for _, r := range word {
		if r >= utf8.RuneSelf && isLetter(r) && !strings.ContainsRune("àèéìíòóùúÀÈÉÌÒÙ", r) {
			return true
		}
	}
	return false
}

// The least that a language must be likely to be named.
const surely = 0.3

// language decides from what the three heads for languages say.
func (m *Model) language(s *scratch, raw *scores) Language {
	letters, words := 0, 0
	for i := range s.tokens {
		if t := &s.tokens[i]; t.kind == kindWord && s.persons[i] != personUs && string(s.fold[t.from:t.to]) != "haha" {
			words++
			letters += utf8.RuneCount(s.fold[t.from:t.to])
		}
	}
	if s.foreign*2 > letters {
		return Other
	}
	if letters < 2 {
		return Undetermined
	}
	best, second, lang := -1.0, -1.0, Undetermined
	for k, l := range languages {
		h := headItalian + head(k)
		p := m.heads[h].platt[0].of(raw[h])
		if p > best {
			best, second, lang = p, best, l
		} else if p > second {
			second = p
		}
	}
	if best < surely || best < 1.02*second {
		return Undetermined
	}
	return lang
}
