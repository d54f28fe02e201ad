package triage

// class is what a word is, forgetting which.
type class struct {
	code     byte
	from, to int32 // tokens, to excluded
}

// The classes of tokens that no lexicon has to know.
const (
	classWord   = 'w'
	classFirst  = 'I'
	classSecond = 'v'
	classNumber = '#'
	classLaugh  = 'h'
)

// classOf names the class of a found entry.
func classOf(e *Entry, v sentiment, k kind) byte {
	switch {
	case e.flags&flagInsult != 0:
		return 'i'
	case e.flags&flagSpam != 0:
		return 's'
	case e.flags&flagIrony != 0:
		return 'x'
	case k == kindEmoji && e.Polarity > 0:
		return 'E'
	case k == kindEmoji && e.Polarity < 0:
		return 'e'
	case k == kindEmoji:
		return 'o'
	case e.Polarity > 0 && v.negated:
		return 'Z'
	case e.Polarity < 0 && v.negated:
		return 'z'
	case e.Polarity > 1:
		return 'P'
	case e.Polarity == 1:
		return 'p'
	case e.Polarity < -1:
		return 'N'
	case e.Polarity == -1:
		return 'n'
	case e.flags&flagNegator != 0:
		return '~'
	case e.flags&flagBut != 0:
		return '|'
	case e.flags&flagModal != 0:
		return 'm'
	case e.flags&flagQuestion != 0:
		return 'q'
	case e.flags&flagThanks != 0:
		return 't'
	case e.flags&flagBooster != 0:
		return '+'
	case e.flags&flagDiminisher != 0:
		return '-'
	case e.Urgency > 0:
		return 'U'
	case e.themes != 0:
		return 'T'
	}
	return classWord
}

// classOfToken names the class of a token that is in no entry.
func (s *scratch) classOfToken(i int) byte {
	t := &s.tokens[i]
	switch t.kind {
	case kindWord:
		switch s.persons[i] {
		case personFirst:
			return classFirst
		case personSecond, personUs:
			return classSecond
		}
		if string(s.fold[t.from:t.to]) == "haha" {
			return classLaugh
		}
		return classWord
	case kindNumber:
		return classNumber
	case kindEmoji:
		return 'o'
	case kindExclaim:
		return '!'
	case kindQuestion:
		return '?'
	case kindEllipsis:
		return ':'
	case kindStop:
		return '.'
	case kindQuote:
		return '"'
	case kindCurrency:
		return 'c'
	case kindLink:
		return 'L'
	case kindMention:
		return '@'
	}
	return ','
}

// classify writes the text as a row of classes; repeats of other words and of pictures count once.
func (s *scratch) classify() {
	s.classes = append(s.classes[:0], class{code: '^'})
	next := 0
	for i := 0; i < len(s.tokens); {
		c := class{from: int32(i), to: int32(i + 1)}
		if next < len(s.found) && int(s.found[next].from) == i {
			f := &s.found[next]
			c.code, c.to = classOf(f.entry, s.felt[next], s.tokens[i].kind), f.to
			next++
			if c.code == classWord && s.persons[i] != personNone {
				c.code = s.classOfToken(i)
			}
		} else {
			c.code = s.classOfToken(i)
		}
		i = int(c.to)
		if last := &s.classes[len(s.classes)-1]; last.code == c.code && (c.code == classWord || s.tokens[c.from].kind == kindEmoji) {
			last.to = c.to
			continue
		}
		s.classes = append(s.classes, c)
	}
	n := int32(len(s.tokens))
	s.classes = append(s.classes, class{code: '$', from: max(0, n-1), to: n})
}

// rows takes one to three classes in a row, then two and three without the other words between.
func (s *scratch) rows() {
	s.classify()
	s.row(hashSeed+10, 1, 3)
	kept := s.classes[:1]
	for _, c := range s.classes[1:] {
		if c.code != classWord && c.code != ',' && c.code != 'T' {
			kept = append(kept, c)
		}
	}
	s.classes = kept
	s.row(hashSeed+11, 2, 4)
}

func (s *scratch) row(seed uint64, shortest, longest int) {
	for a := range s.classes {
		h := seed
		for n := 1; n <= longest && a+n <= len(s.classes); n++ {
			h = hashByte(h, s.classes[a+n-1].code)
			if n >= shortest {
				s.take(groupClass, h, int(s.classes[a].from), int(s.classes[a+n-1].to))
			}
		}
	}
}

// entries takes what was found in the lexicon by name.
func (s *scratch) entries() {
	before := uint64(1)
	for i := range s.found {
		f := &s.found[i]
		if f.entry.Polarity == 0 && f.entry.flags&^flagDenies == 0 {
			continue
		}
		h := hashBytes(hashSeed+20, f.entry.Words)
		if s.felt[i].negated {
			h = mix(h)
		}
		s.take(groupEntry, h, int(f.from), int(f.to))
		from := int(f.from)
		if i > 0 {
			from = int(s.found[i-1].from)
		}
		s.take(groupEntry, before*hashPrime+h, from, int(f.to))
		before = h
	}
}
