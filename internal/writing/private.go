package writing

import (
	"slices"
	"strings"

	"github.com/ponte-desk/ponte/internal/text"
)

// span is a part of a text in bytes.
type span struct{ from, to int }

func (s span) meets(o span) bool { return s.from < o.to && o.from < s.to }

// fact is something of somebody's own; a word only says what it is about.
type fact struct {
	span
	word bool
}

// search is the search for what is nobody's business.
type search struct {
	*reading
	public map[string]bool // folded, telephone numbers without their beginning
	taken  []bool          // of each byte: it belongs to something found
	facts  []fact          // of it, what is somebody's own
	add    func(Advice)
}

// private tells of secrets and of what is somebody's own, and gives where the latter stands, words such as birthday included. What was
// found as one thing is not found again as another.
func (r *reading) private(t Text, add func(Advice)) []fact {
	s := search{reading: r, public: map[string]bool{}, add: add}
	for _, p := range t.Public {
		s.public[text.Fold(strings.Join(strings.Fields(p), ""))] = true
		if d := digitsOf(p); len(d) >= 6 {
			s.public[national(d)] = true
		}
	}
	s.keys()
	s.ibans()
	s.fiscalCodes()
	s.cards()
	s.emails()
	s.phones()
	s.passwords()
	s.random()
	for _, h := range r.hits {
		if h.in == inPrivate {
			s.facts = append(s.facts, fact{span{r.tokens[h.from].start, r.tokens[h.to-1].end}, true})
		}
	}
	return s.facts
}

// found tells something unless it is known to be something else. own: it is somebody's own.
func (s *search) found(a Advice, own bool) {
	at := span{a.Start, a.End}
	if s.has(at) {
		return
	}
	if s.taken == nil {
		s.taken = make([]bool, len(s.body))
	}
	for i := at.from; i < at.to; i++ {
		s.taken[i] = true
	}
	if own {
		s.facts = append(s.facts, fact{span: at})
	}
	s.add(a)
}

func (s *search) has(at span) bool {
	return s.taken != nil && slices.Contains(s.taken[at.from:at.to], true)
}

// isPublic tells whether a contact is one of ours that anybody may know.
func (s *search) isPublic(at span) bool {
	return s.public[text.Fold(strings.Join(strings.Fields(s.body[at.from:at.to]), ""))]
}

// nearby is how many bytes away something is still beside a name.
const nearby = 80

// names tells of people who are named beside something private, and of people outside who are named in full at all.
func (r *reading) names(t Text, private []fact, add func(Advice)) {
	if len(t.Colleagues)+len(t.Customers) == 0 && len(private) == 0 {
		return
	}
	index := map[string][]int{}
	for i := range r.tokens {
		if k := &r.tokens[i]; k.kind == aWord {
			index[k.word] = append(index[k.word], i)
		}
	}
	type named struct {
		span
		full, outside bool
	}
	var all []named
	look := func(words []string, full, outside bool) {
		for _, i := range index[words[0]] {
			if r.stands(words, i) && r.tokens[i].capital {
				all = append(all, named{span{r.tokens[i].start, r.tokens[i+len(words)-1].end}, full, outside})
			}
		}
	}
	for n, names := range [][]string{t.Customers, t.Colleagues} {
		for _, name := range names {
			words := text.Words(name)
			switch len(words) {
			case 0:
				continue
			case 1:
			default:
				look(words, true, n == 0)
				if len(words) == 2 {
					look([]string{words[1], words[0]}, true, n == 0)
				}
			}
			if len(words[0]) >= 4 {
				look(words[:1], false, n == 0)
			}
		}
	}
	for i := 0; i < len(r.tokens); i++ {
		switch k := &r.tokens[i]; {
		case k.kind == aMention:
			all = append(all, named{span: span{k.start, k.end}})
		case k.person:
			from := i
			for i+1 < len(r.tokens) && r.tokens[i+1].person && !r.tokens[i+1].apart {
				i++
			}
			all = append(all, named{span: span{r.tokens[from].start, r.tokens[i].end}})
		}
	}
	slices.SortFunc(all, func(a, b named) int { // of two that meet the longer one, which begins first or ends last
		if a.from != b.from {
			return a.from - b.from
		}
		return b.to - a.to
	})
	end := 0
	for _, n := range all {
		if n.from < end {
			continue
		}
		end = n.to
		name := map[string]any{"name": text.Cut(r.body[n.from:n.to], 60)}
		switch {
		case slices.ContainsFunc(private, func(f fact) bool { return !f.meets(n.span) && r.beside(n.span, f) }):
			add(Advice{Kind: Name, Level: Confirm, Key: "writing.name.private", Start: n.from, End: n.to, Args: name})
		case n.outside && n.full && !r.tokens[r.tokenAt(n.from)].person:
			add(Advice{Kind: Name, Level: Careful, Key: "writing.name.customer", Start: n.from, End: n.to, Args: name})
		}
	}
}

// beside tells whether a name and a fact are in one sentence, or near one another when it is more than a word.
func (r *reading) beside(a span, f fact) bool {
	b := f.span
	if a.from > b.from {
		a, b = b, a
	}
	if !f.word && b.from-a.to <= nearby {
		return true
	}
	return r.tokens[r.tokenAt(a.from)].sentence == r.tokens[r.tokenAt(b.from)].sentence
}

// tokenAt gives the last token that begins at or before a byte, the first one where there is none.
func (r *reading) tokenAt(at int) int {
	i, exact := slices.BinarySearchFunc(r.tokens, at, func(t token, at int) int { return t.start - at })
	if !exact && i > 0 {
		i--
	}
	return i
}
