package triage

import "unicode/utf8"

// Features that have no place of their own are hashed into one of so many places.
const (
	hashBits = 16
	hashSize = 1 << hashBits
)

// group is a family of hashed features; each is brought to length 1 by itself and weighs by its own measure.
type group uint8

const (
	groupChar   group = iota // letters in a row within a word, its edges included
	groupWord                // words, their stems, pairs of words
	groupLetter              // letters with accents and of other alphabets as they stand, and pairs of letters
	groupClass               // what the words are, in a row: good, bad, negator, picture ...
	groupEntry               // entries of the lexicon by name, negated or not, and pairs of them
	groupCount
)

// feature is one hashed feature and the tokens that make it.
type feature struct {
	at       uint32 // place, below hashSize
	group    group
	from, to uint16 // tokens, to excluded
}

// scratch is what judging one text needs; it is used again for the next.
type scratch struct {
	reader
	persons []person
	known   [2][]found // by lexicon
	tongue  [tongueCount]float32
	found   []found
	felt    []sentiment
	dense   [dCount]float32
	feats   []feature
	counts  [groupCount]int
	seen    []uint32 // by place: the round in which it was last taken
	round   uint32
	classes []class
	shares  []float32
	pieces  []piece
	word    []byte
	stem    []byte
}

func newScratch() *scratch {
	return &scratch{seen: make([]uint32, hashSize)}
}

// begin reads a text and forgets the one before.
func (s *scratch) begin(text string, names *ownNames) {
	s.read(text)
	s.feats, s.found, s.felt = s.feats[:0], s.found[:0], s.felt[:0]
	s.counts = [groupCount]int{}
	s.round++
	if s.round == 0 {
		clear(s.seen)
		s.round = 1
	}
	s.persons = s.persons[:0]
	for i := range s.tokens {
		t := &s.tokens[i]
		p := personNone
		if t.kind == kindWord {
			p = personOf(s.fold[t.from:t.to])
		}
		s.persons = append(s.persons, p)
	}
	names.mark(s)
}

// take keeps a feature once per text.
func (s *scratch) take(g group, h uint64, from, to int) {
	at := uint32(mix(h^uint64(g)*edgeBegin) >> (64 - hashBits))
	if s.seen[at] == s.round {
		return
	}
	s.seen[at] = s.round
	s.feats = append(s.feats, feature{at: at, group: g, from: uint16(from), to: uint16(to)})
	s.counts[g]++
}

// spell takes the features that need no lexicon: letters and words.
func (s *scratch) spell() {
	const edge = '\x01'
	before, beforeStem := uint64(edge), uint64(edge)
	first := true
	for i := range s.tokens {
		t := &s.tokens[i]
		w := s.fold[t.from:t.to]
		switch {
		case s.persons[i] == personUs:
			s.word = append(s.word[:0], '\x02')
		case t.kind == kindWord:
			s.word = append(append(append(s.word[:0], edge), w...), edge)
			s.grams(s.word, i)
			s.word = append(s.word[:0], w...)
		case t.kind == kindEmoji:
			s.word = append(s.word[:0], w...)
		case t.kind == kindNumber:
			s.word = append(s.word[:0], '\x03', byte(min(len(w), 4)))
		default:
			continue // signs are seen by the sums and the classes
		}
		h := hashBytes(hashSeed, s.word)
		s.take(groupWord, h, i, i+1)
		s.take(groupWord, mix(before)+h, max(0, i-1), i+1)
		before = h
		if t.kind == kindWord {
			s.stem = stem(append(s.stem[:0], s.word...))
			hs := hashBytes(hashSeed+1, s.stem)
			s.take(groupWord, hs, i, i+1)
			if !first {
				s.take(groupWord, mix(beforeStem)+hs, max(0, i-1), i+1)
			}
			beforeStem, first = hs, false
		}
	}
	if n := len(s.tokens); n > 0 {
		s.take(groupWord, mix(before)+uint64(edge), n-1, n)
	}
	s.letters()
}

// grams takes two to four letters in a row.
func (s *scratch) grams(w []byte, i int) {
	for a := range w {
		h := uint64(hashSeed + 2)
		for n := range 4 {
			if a+n >= len(w) {
				break
			}
			h = hashByte(h, w[a+n])
			switch n {
			case 1:
				s.take(groupLetter, h, i, i+1)
			case 2, 3:
				s.take(groupChar, h, i, i+1)
			}
		}
	}
}

// letters takes what folding hides.
func (s *scratch) letters() {
	for i := range s.tokens {
		t := &s.tokens[i]
		if t.kind != kindWord {
			continue
		}
		raw := s.text[t.start:t.end]
		for k := 0; k < len(raw); {
			if raw[k] < utf8.RuneSelf {
				k++
				continue
			}
			r, size := utf8.DecodeRuneInString(raw[k:])
			h := hashByte(hashByte(hashByte(hashSeed+3, byte(r)), byte(r>>8)), byte(r>>16))
			s.take(groupLetter, h, i, i+1)
			edge := k + size
			if edge == len(raw) {
				s.take(groupLetter, h+1, i, i+1)
			}
			k = edge
		}
	}
}

// stem cuts what changes at the end of a word, in either language, roughly and in place.
func stem(w []byte) []byte {
	n := len(w)
	switch {
	case n > 6 && string(w[n-3:]) == "ing":
		n -= 3
	case n > 5 && string(w[n-2:]) == "ed":
		n -= 2
	case n > 8 && string(w[n-5:]) == "mente":
		n -= 5
	case n > 3 && w[n-1] == 's' && w[n-2] != 's':
		n--
	}
	for n > 3 && vowel(w[n-1]) {
		n--
	}
	if n > 6 && string(w[n-4:n]) == "issim" {
		n -= 4
	}
	return w[:n]
}
