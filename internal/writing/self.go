package writing

import (
	"slices"
	"strings"

	"github.com/ponte-desk/ponte/internal/text"
)

// When a text is told to be about ourselves.
const (
	leastMarks  = 3  // words about us
	mostShare   = 50 // percent of its sentences
	mostPraise  = 2  // words of praise that are told
	lastMost    = 20 // earlier texts that are read
	leastLately = 5  // earlier texts that say something
	lateShare   = 40 // percent of their sentences, or of ours among them that praise us
)

// about is how much of a text is about ourselves.
type about struct{ ours, all, marks int }

func (a *about) add(b about) { a.ours, a.all, a.marks = a.ours+b.ours, a.all+b.all, a.marks+b.marks }

func (a about) percent() int {
	if a.all == 0 {
		return 0
	}
	return (100*a.ours + a.all/2) / a.all
}

// self tells how much of a text, and of what went out before it, is about ourselves, and where we praise ourselves. A sentence
// is about us when more of its words are about us than about who reads it; a question is for who reads it.
func (r *reading) self(t Text, l *lists, lately []earlier, add func(Advice)) {
	a := r.about(l, t.Own)
	if len(r.sentences) > 0 && a.percent() >= mostShare && a.marks >= leastMarks {
		add(Advice{Kind: Self, Level: Hint, Key: "writing.self", Args: map[string]any{"percent": a.percent(), "ours": a.ours, "all": a.all}})
	}
	praised := 0
	for _, h := range r.hits {
		if h.in != inSelf || r.tokens[h.from].quoted || praised == mostPraise {
			continue
		}
		praised++
		from, to := r.tokens[h.from].start, r.tokens[h.to-1].end
		add(Advice{Kind: Self, Level: Hint, Key: "writing.self.praise", Start: from, End: to, Args: map[string]any{"words": r.body[from:to]}})
	}
	var late about
	for _, e := range lately {
		late.add(e.about)
	}
	if n := len(lately); n >= leastLately && late.percent() >= lateShare && a.ours > 0 {
		add(Advice{Kind: Lately, Level: Hint, Key: "writing.self.lately", Args: map[string]any{"percent": late.percent(), "ours": late.ours, "all": late.all, "texts": n}})
	}
}

// earlier is what has to be known of a text that went out before.
type earlier struct {
	about
	asks bool
}

// readRecent reads what went out before, the last ones, in its order.
func readRecent(t Text) (all []earlier) {
	for _, body := range t.Recent[max(0, len(t.Recent)-lastMost):] {
		r := read(body)
		l := listsOf(tongue(t.Language, r))
		if l == nil || len(r.sentences) == 0 {
			continue
		}
		r.find(l, true)
		all = append(all, earlier{r.about(l, t.Own), r.asks()})
	}
	return all
}

// about counts the sentences of a text that are about ourselves.
func (r *reading) about(l *lists, own []string) about {
	us, you, marks := r.marks(l, own)
	a := about{all: len(r.sentences), marks: marks}
	for i := range r.sentences {
		if us[i] > you[i] {
			a.ours++
		}
	}
	return a
}

// oursIn tells of each sentence whether it is about ourselves.
func (r *reading) oursIn(l *lists, own []string) []bool {
	us, you, _ := r.marks(l, own)
	out := make([]bool, len(r.sentences))
	for i := range out {
		out[i] = us[i] > you[i]
	}
	return out
}

// marks counts for each sentence the words about us and those about who reads it; all are those about us.
func (r *reading) marks(l *lists, own []string) (us, you []int, all int) {
	us, you = make([]int, len(r.sentences)), make([]int, len(r.sentences))
	mark := func(in []int, i int) bool {
		t := &r.tokens[i]
		if t.quoted || t.sentence >= len(in) {
			return false
		}
		in[t.sentence]++
		return true
	}
	plural := make(map[int]bool, 8)
	for _, h := range r.hits {
		switch h.in {
		case inOurs, inPlural, inSelf:
			if mark(us, h.from) {
				all++
			}
			plural[h.from] = true
		case inYours, inTu, inVoi, inLei:
			mark(you, h.from)
		}
	}
	for i := range r.tokens {
		if t := &r.tokens[i]; t.kind == aWord && l.name == "it" && !plural[i] && weDo(t.word) && !l.has(inSingular, t.word) && mark(us, i) {
			all++
		}
	}
	for _, name := range own {
		for _, i := range r.where(text.Words(name)) {
			if mark(us, i) {
				all++
			}
		}
	}
	for i, s := range r.sentences {
		if s.asks {
			you[i]++
		}
	}
	return us, you, all
}

// weDo tells whether a folded Italian word is a verb of ours: facciamo, faremo, vorremmo, facevamo.
func weDo(word string) bool {
	if len(word) < 6 {
		return false
	}
	for _, end := range []string{"iamo", "remo", "remmo", "vamo"} {
		if strings.HasSuffix(word, end) {
			return true
		}
	}
	return false
}

// where gives the tokens at which these folded words stand.
func (r *reading) where(words []string) (at []int) {
	if len(words) == 0 {
		return nil
	}
	for i := range r.tokens {
		if r.tokens[i].word == words[0] && r.tokens[i].kind == aWord && r.stands(words, i) {
			at = append(at, i)
		}
	}
	return at
}

// When it is missed that nothing is asked.
const (
	unaskedWords = 8 // words of the text
	unaskedTexts = 3 // earlier texts of which none asked either
)

// asks tells whether a text has a question, or invites to something that one could answer.
func (r *reading) asks() bool {
	return slices.ContainsFunc(r.sentences, func(s sentence) bool { return s.asks }) || slices.ContainsFunc(r.hits, func(h hit) bool { return h.in == inAnswer })
}

// unasked tells that a text has no question and nothing that one could answer, and what went out just before it neither: not everything has to be
// a question.
func (r *reading) unasked(lately []earlier, add func(Advice)) {
	words := 0
	for _, s := range r.sentences {
		words += s.words
	}
	last := lately[max(0, len(lately)-unaskedTexts):]
	if words >= unaskedWords && !r.asks() && !slices.ContainsFunc(last, func(e earlier) bool { return e.asks }) {
		add(Advice{Kind: Unasked, Level: Hint, Key: "writing.unasked"})
	}
}

// jargon offers plainer words. A word is told once.
func (r *reading) jargon(add func(Advice)) {
	told := map[string]bool{}
	for _, h := range r.hits {
		if h.in != inJargon || told[h.plain] || r.tokens[h.from].quoted {
			continue
		}
		told[h.plain] = true
		from, to := r.tokens[h.from].start, r.tokens[h.to-1].end
		add(Advice{Kind: Jargon, Level: Hint, Key: "writing.jargon", Start: from, End: to, Args: map[string]any{"words": r.body[from:to], "plain": h.plain}})
	}
}
