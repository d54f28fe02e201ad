package triage

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Entry is one word or phrase of the lexicon and what it says about a text.
type Entry struct {
	Words    string // folded, apart by a space; a word that ends in * is the beginning of words
	Polarity int    // -3..3, as felt by the company addressed
	Urgency  int    // 0..3

	themes themeSet
	cues   cueSet
	flags  wordFlag
}

// wordFlag is what a word does besides being good or bad.
type wordFlag uint16

const (
	flagInsult wordFlag = 1 << iota
	flagIrony
	flagNegator
	flagBooster
	flagDiminisher
	flagQuestion
	flagBut
	flagModal
	flagThanks
	flagSpam
	flagOthers // speaks of others than the company: who comments, who rules, who competes
	// flagDenies marks a phrase that holds a negator itself: another one before it does not turn it round, as in
	// "non ci torno mai più". It is found out, not written.
	flagDenies
)

// flagLetters are the letters of the flags in a lexicon file, in the order of the bits.
const flagLetters = "ixnbdqwmtso"

// Lexicon is what is known about the words of one language.
type Lexicon struct {
	Entries []Entry // ordered by their words
}

// The longest phrase of a lexicon, in words.
const maxPhrase = 6

// parseLexicon reads a lexicon file. A wrong line is an error that names file and line.
func parseLexicon(name string, b []byte) (*Lexicon, error) {
	lex := &Lexicon{}
	spelt, seen := map[string]int{}, map[string]bool{}
	var wrong []error
	var d reader
	lines := bufio.NewScanner(bytes.NewReader(b))
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		if line == "" || strings.HasPrefix(line, "# ") || line == "#" {
			continue
		}
		e, err := parseEntry(&d, line)
		spelled, _, _ := strings.Cut(line, " | ")
		if err == nil && spelt[spelled] > 0 {
			err = fmt.Errorf("%q stands in line %d already", spelled, spelt[spelled])
		}
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%s:%d: %w", name, n, err))
			continue
		}
		spelt[spelled] = n
		if seen[e.Words] || drawnOut(&d, spelled) {
			continue // read the same as another word: nn as non, seee as se
		}
		seen[e.Words] = true
		lex.Entries = append(lex.Entries, e)
	}
	if err := lines.Err(); err != nil {
		wrong = append(wrong, fmt.Errorf("%s: %w", name, err))
	}
	lex.findDenials()
	slices.SortFunc(lex.Entries, func(a, b Entry) int { return strings.Compare(a.Words, b.Words) })
	return lex, errors.Join(wrong...)
}

// findDenials marks the phrases that hold a negator.
func (l *Lexicon) findDenials() {
	negators := map[string]bool{}
	for _, e := range l.Entries {
		if e.flags&flagNegator != 0 && !strings.Contains(e.Words, " ") {
			negators[e.Words] = true
		}
	}
	for i := range l.Entries {
		for w := range strings.SplitSeq(l.Entries[i].Words, " ") {
			if negators[w] {
				l.Entries[i].flags |= flagDenies
			}
		}
	}
}

func parseEntry(d *reader, line string) (Entry, error) {
	f := strings.Split(line, " | ")
	if len(f) != 5 {
		return Entry{}, fmt.Errorf("%d fields instead of 5", len(f))
	}
	words := entryWords(d, f[0])
	if len(words) == 0 || len(words) > maxPhrase {
		return Entry{}, fmt.Errorf("%q is %d words long", f[0], len(words))
	}
	e := Entry{Words: strings.Join(words, " ")}
	var err error
	if e.Polarity, err = strconv.Atoi(f[1]); err != nil || e.Polarity < -3 || e.Polarity > 3 {
		return e, fmt.Errorf("%q is no polarity from -3 to 3", f[1])
	}
	if e.themes, err = parseThemes(f[2]); err != nil {
		return e, err
	}
	if level, cue, ok := strings.Cut(f[3], ":"); ok {
		bit, known := cueBit(Cue(cue))
		e.Urgency, err = strconv.Atoi(level)
		if err != nil || e.Urgency < 1 || e.Urgency > 3 || !known {
			return e, fmt.Errorf("%q is no urgency", f[3])
		}
		e.cues = bit
	} else if f[3] != "0" {
		return e, fmt.Errorf("%q is no urgency", f[3])
	}
	if f[4] != "-" {
		for _, r := range f[4] {
			i := strings.IndexRune(flagLetters, r)
			if i < 0 {
				return e, fmt.Errorf("%q is no flag", r)
			}
			e.flags |= 1 << i
		}
	}
	return e, nil
}

// parseThemes reads themes apart by commas, or - for none.
func parseThemes(s string) (themeSet, error) {
	var set themeSet
	if s == "-" {
		return 0, nil
	}
	for name := range strings.SplitSeq(s, ",") {
		bit, ok := themeBit(Theme(name))
		if !ok {
			return 0, fmt.Errorf("%q is no theme", name)
		}
		set |= bit
	}
	return set, nil
}

// drawnOut tells whether an entry holds a word with a letter drawn out, which a text loses when it is read.
func drawnOut(d *reader, s string) bool {
	d.read(s)
	return slices.ContainsFunc(d.tokens, func(t token) bool { return t.marks&markLong != 0 })
}

// entryWords cuts an entry into words as a text is cut. The marks of beginnings stay on them.
func entryWords(d *reader, s string) []string {
	var words []string
	for part := range strings.FieldsSeq(s) {
		part, star := strings.CutSuffix(part, "*")
		d.read(part)
		for _, t := range d.tokens {
			if t.kind.looked() {
				words = append(words, string(d.fold[t.from:t.to]))
			}
		}
		if star && len(words) > 0 {
			words[len(words)-1] += "*"
		}
	}
	return words
}

// line writes an entry as it stands in a lexicon file.
func (e Entry) line() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s | %d | ", e.Words, e.Polarity)
	sep := ""
	for i, t := range Themes {
		if e.themes&(1<<i) != 0 {
			b.WriteString(sep + string(t))
			sep = ","
		}
	}
	if e.themes == 0 {
		b.WriteByte('-')
	}
	b.WriteString(" | " + strconv.Itoa(e.Urgency))
	for i, c := range Cues {
		if e.cues&(1<<i) != 0 {
			b.WriteString(":" + string(c))
		}
	}
	b.WriteString(" | ")
	for i := range flagLetters {
		if e.flags&(1<<i) != 0 {
			b.WriteByte(flagLetters[i])
		}
	}
	if e.flags == 0 {
		b.WriteByte('-')
	}
	return b.String()
}
