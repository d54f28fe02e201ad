package writing

import (
	"math"
	"strings"
)

// enough is how many words a text needs before a formula says anything about it.
const enough = 25

// hard is the score below which a text is hard for who left school after eight years. Gulpease: easy for the licenza
// media from 60 on; Flesch: plain English from 60 on.
const hard = 60

// counts are what the formulas are made of.
type counts struct{ sentences, words, letters, syllables int }

func (c counts) minus(o counts) counts {
	return counts{c.sentences - o.sentences, c.words - o.words, c.letters - o.letters, c.syllables - o.syllables}
}

// gulpease is the readability of an Italian text, 0 (hard) to 100 (easy): P. Lucisano, M. E. Piemontese, GULPEASE: una formula per
// la predizione della difficoltà dei testi in lingua italiana, Scuola e città 3, 1988.
func (c counts) gulpease() float64 {
	if c.words == 0 {
		return 100
	}
	s := 89 + (300*float64(c.sentences)-10*float64(c.letters))/float64(c.words)
	return math.Min(100, math.Max(0, s))
}

// flesch is the reading ease of an English text, 0 (hard) to 100 (easy): R. Flesch, A new readability yardstick, Journal
// of Applied Psychology 32, 1948.
func (c counts) flesch() float64 {
	if c.words == 0 || c.sentences == 0 {
		return 100
	}
	s := 206.835 - 1.015*float64(c.words)/float64(c.sentences) - 84.6*float64(c.syllables)/float64(c.words)
	return math.Min(100, math.Max(0, s))
}

// readability tells that a text is hard to read, and which sentence weighs most: the one without which it would be easiest.
func (r *reading) readability(l *lists, add func(Advice)) {
	score, key := counts.gulpease, "writing.readability.gulpease"
	if l.name == "en" {
		score, key = counts.flesch, "writing.readability.flesch"
	}
	var all counts
	each := make([]counts, len(r.sentences))
	for i, s := range r.sentences {
		each[i] = counts{sentences: 1, words: s.words, letters: s.letters}
	}
	if l.name == "en" {
		r.spoken(func(sentence, n int) { each[sentence].syllables += n })
	}
	for _, c := range each {
		all.sentences++
		all.words += c.words
		all.letters += c.letters
		all.syllables += c.syllables
	}
	s := score(all)
	if all.words < enough || s >= hard {
		return
	}
	worst, best := 0, -1.0
	for i, c := range each {
		rest := all.minus(c)
		without := score(rest)
		if rest.words == 0 {
			without = 100
		}
		if without > best {
			worst, best = i, without
		}
	}
	w := r.sentences[worst]
	add(Advice{Kind: Readability, Level: Hint, Key: key, Start: w.start, End: w.end, Args: map[string]any{"score": int(math.Round(s)), "words": w.words}})
}

// spoken tells for each word of an English text, and each number, in which sentence it stands and with how many syllables it is spoken.
func (r *reading) spoken(add func(sentence, syllables int)) {
	for i := range r.tokens {
		t := &r.tokens[i]
		switch {
		case t.sentence >= len(r.sentences):
		case t.kind == aWord:
			add(t.sentence, syllables(t.word))
		case t.kind == aNumber:
			add(t.sentence, 2)
		}
	}
}

// syllables estimates how many syllables an English word is spoken with: runs of vowels, without a silent e.
func syllables(word string) int {
	if word == "people" {
		return 2 // the most frequent word that the rules below get wrong
	}
	n := 0
	before := false
	for i := range len(word) {
		v := strings.IndexByte("aeiouy", word[i]) >= 0 && !(word[i] == 'y' && i == 0)
		if v && !before {
			n++
		}
		before = v
	}
	for _, apart := range []string{"ia", "eo", "io", "iu", "ua", "uo"} { // two vowels, two syllables: creator, pianist; not nation
		if i := strings.Index(word, apart); i > 0 && word[i-1] != 't' && word[i-1] != 's' && word[i-1] != 'c' && word[i-1] != 'g' && word[i-1] != 'q' {
			n++
			break
		}
	}
	switch {
	case strings.HasSuffix(word, "le") && len(word) > 2 && strings.IndexByte("aeiouy", word[len(word)-3]) < 0:
	case strings.HasSuffix(word, "e"), strings.HasSuffix(word, "es") && !sibilant(word[:len(word)-2]), strings.HasSuffix(word, "ed") && !strings.HasSuffix(word, "ted") && !strings.HasSuffix(word, "ded"):
		if i := len(word) - 2; i > 0 && !strings.HasSuffix(word, "ee") {
			n--
		}
	}
	return max(n, 1)
}

// sibilant tells whether an e behind it is spoken before s: boxes, wishes, houses.
func sibilant(stem string) bool {
	for _, end := range []string{"s", "x", "z", "ch", "sh", "c", "g"} {
		if strings.HasSuffix(stem, end) {
			return true
		}
	}
	return false
}
