package triage

// Languages of the lexicons, in the order in which a model keeps them.
var lexiconLanguages = [...]Language{Italian, English}

// langIndex gives the place of a language's own weights; -1 for none.
func langIndex(l Language) int8 {
	switch l {
	case Italian:
		return 0
	case English:
		return 1
	}
	return -1
}

// vocabulary is the words that a model knows.
type vocabulary struct {
	lex    [2]*matcher
	common *commonWords
	names  *ownNames
}

// hear takes what tells the language of a text: its letters, and which lexicon knows its words.
func (s *scratch) hear(v *vocabulary) {
	s.spell()
	for i, m := range v.lex {
		s.known[i] = m.match(&s.reader, s.known[i][:0])
	}
	s.tongues(v.common)
}

// look takes every feature of a text of a language, once it was heard.
func (s *scratch) look(lang Language) {
	switch lang {
	case Italian:
		s.found = append(s.found[:0], s.known[0]...)
	case English:
		s.found = append(s.found[:0], s.known[1]...)
	default:
		s.found = mergeFound(s.found[:0], s.known[0], s.known[1])
	}
	s.dropOwn()
	s.weigh()
	s.sums()
	s.entries()
	s.rows()
}

// mergeFound gives the entries of both lists that do not overlap: the longer one, and the first list's of two that are
// as long.
func mergeFound(out, a, b []found) []found {
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0, len(a) > 0 && a[0].to <= b[0].from:
			out, a = append(out, a[0]), a[1:]
		case len(a) == 0, b[0].to <= a[0].from:
			out, b = append(out, b[0]), b[1:]
		case b[0].to-b[0].from > a[0].to-a[0].from:
			a = a[1:]
		default:
			b = b[1:]
		}
	}
	return out
}

// rowOf looks at an example for the solver.
func rowOf(s *scratch, e *example, v *vocabulary, l *lens) row {
	s.begin(e.text, v.names)
	s.hear(v)
	r := row{lang: langIndex(e.lang), tongue: s.tongue}
	if e.labels&^knowsLanguage != 0 {
		s.look(e.lang)
		r.dense = s.dense
		r.ruled, _ = s.ruled()
	}
	r.at = make([]uint32, 0, len(s.feats))
	for g := range groupCount {
		for i := range s.feats {
			if s.feats[i].group == g {
				r.at = append(r.at, s.feats[i].at)
			}
		}
		r.ends[g] = int32(len(r.at))
	}
	r.measure(l)
	return r
}

// measure sets what each feature is worth.
func (r *row) measure(l *lens) {
	for g := range groupCount {
		r.value[g] = 0
		if n := r.ends[g] - r.place(g); n > 0 {
			r.value[g] = l.worth(g, int(n))
		}
	}
}

// worth is what each of n features of a group is worth.
func (l *lens) worth(g group, n int) float32 { return l.group[g] / sqrt32(float32(n)) }
