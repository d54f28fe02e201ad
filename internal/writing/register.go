package writing

import (
	"slices"
	"strings"
)

// way is a way of speaking to readers, with where a text does.
type way struct {
	name string
	at   [][2]int // tokens
}

// ways finds how an Italian text speaks to its readers: tu, voi, Lei, in this order. What stands in quotation marks is said by others.
func (r *reading) ways() []way {
	ways := []way{{name: "tu"}, {name: "voi"}, {name: "Lei"}}
	note := func(which, from, to int) {
		if !r.tokens[from].quoted {
			ways[which].at = append(ways[which].at, [2]int{from, to})
		}
	}
	for _, h := range r.hits {
		switch h.in {
		case inTu:
			note(0, h.from, h.to)
		case inVoi:
			note(1, h.from, h.to)
		case inLei:
			note(2, h.from, h.to)
		}
	}
	for i := range r.tokens {
		switch t := &r.tokens[i]; {
		case t.kind != aWord:
		case r.voi(i):
			note(1, i, i+1)
		case r.lei(i):
			note(2, i, i+1)
		}
	}
	return ways
}

// register tells that an Italian text speaks to its readers in more than one way.
func (r *reading) register(add func(Advice)) {
	used := slices.DeleteFunc(r.ways(), func(w way) bool { return len(w.at) == 0 })
	if len(used) < 2 {
		return
	}
	for i := range used {
		slices.SortFunc(used[i].at, func(a, b [2]int) int { return a[0] - b[0] })
	}
	slices.SortStableFunc(used, func(a, b way) int { // the one used most, of equals the first in the text
		if len(a.at) != len(b.at) {
			return len(b.at) - len(a.at)
		}
		return a.at[0][0] - b.at[0][0]
	})
	main := used[0]
	for _, w := range used[1:] {
		from, to := r.tokens[w.at[0][0]].start, r.tokens[w.at[0][1]-1].end
		add(Advice{
			Kind: Register, Level: Hint, Key: "writing.register", Start: from, End: to,
			Args: map[string]any{"main": main.name, "mainwords": r.said(main.at[0]), "other": w.name, "words": r.body[from:to]},
		})
	}
}

// said gives the text of some tokens.
func (r *reading) said(at [2]int) string { return r.body[r.tokens[at[0]].start:r.tokens[at[1]-1].end] }

// voi tells whether a word speaks to several: vi, when it is not there is, and commands with something hung on, such as portateci.
func (r *reading) voi(i int) bool {
	t := &r.tokens[i]
	if t.word == "vi" {
		if i+1 < len(r.tokens) && slices.Contains([]string{"sono", "e", "era", "erano", "fu", "furono", "sara", "saranno", "siano", "sia"}, r.tokens[i+1].word) {
			return false
		}
		return !t.upper // VI is also a number
	}
	for _, end := range []string{"ci", "vi", "mi", "lo", "la", "li", "le", "ne"} {
		stem, ok := strings.CutSuffix(t.word, end)
		if ok && len(stem) >= 6 && (strings.HasSuffix(stem, "ate") || strings.HasSuffix(stem, "ete") || strings.HasSuffix(stem, "ite")) {
			return true
		}
	}
	return false
}

// lei tells whether a word speaks to one politely: with a capital letter where none belongs.
func (r *reading) lei(i int) bool {
	t := &r.tokens[i]
	raw := r.body[t.start:t.end]
	if strings.HasSuffix(raw, "rLa") || strings.HasSuffix(raw, "rLe") || strings.HasSuffix(raw, "viLa") {
		return true
	}
	if i == 0 || !t.capital || t.apart {
		return false
	}
	if before := &r.tokens[i-1]; before.kind != aWord || before.capital || before.sentence != t.sentence {
		return false
	}
	next := ""
	if i+1 < len(r.tokens) && !r.tokens[i+1].apart {
		next = r.tokens[i+1].word
		if r.tokens[i+1].capital {
			return false // a title: La Sua Casa
		}
	}
	switch raw {
	case "Lei", "Suo", "Sua", "Suoi", "Sue":
		return true
	case "La", "Le":
		return strings.HasSuffix(next, "iamo") || strings.HasSuffix(next, "remo")
	}
	return false
}
