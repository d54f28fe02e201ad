package triage

import (
	"strings"
	"time"
)

// Promise is something that an answer says we will do.
type Promise struct {
	Word       string    // the words that promise
	Start, End int       // bytes of the text
	Due        time.Time // the last moment, in the zone of now; zero when no time is said
}

// said is a word of an answer, with what the search for promises needs to know.
type said struct {
	word       string // folded
	raw        string // as it stands
	start, end int
	kind       kind
	clause     uint16
	sign       byte // the one byte between it and the word before, 0 when there is more or none
}

// sentence is the words of one sentence, signs left out.
type sentence []said

// tongue finds promises in one language.
type tongue interface {
	// promise tells whether a promise begins with word i, and how many words its verb takes. timed: it is one only
	// beside a time.
	promise(s sentence, i int) (n int, timed, ok bool)
	// when reads a time that begins with word i, and how many words it takes. An unset time is a time without a date,
	// such as soon.
	when(s sentence, i int, now time.Time) (due time.Time, n int, ok bool)
	// before tells where a promise whose verb begins with word i really begins: with its pronouns.
	before(s sentence, i int) int
}

// Promises finds what we promise in an answer of ours, in Italian or English; other languages hold none. Questions,
// quoted words, what is denied and what is only possible are no promises. now tells from when "tomorrow" counts, in the
// zone that the company lives in. A day means its last second.
func Promises(text string, lang Language, now time.Time) []Promise {
	var t tongue
	switch lang {
	case Italian:
		t = italian{}
	case English:
		t = english{}
	default:
		return nil
	}
	var out []Promise
	for _, s := range sentences(text) {
		out = append(out, promisesIn(text, s, t, now)...)
	}
	return out
}

// sentences cuts a text into sentences and leaves out questions and quotations.
func sentences(text string) []sentence {
	var d reader
	d.read(text)
	var out []sentence
	var now sentence
	number := uint16(0)
	quoted := false
	quotes := 0
	for i := range d.tokens {
		if d.tokens[i].kind == kindQuote {
			quotes++
		}
	}
	end := func() {
		if len(now) > 0 {
			out = append(out, now)
		}
		now = nil
	}
	for i := range d.tokens {
		t := &d.tokens[i]
		if t.sentence != number {
			end()
			number = t.sentence
		}
		switch t.kind {
		case kindQuestion:
			now = nil
			continue
		case kindQuote:
			switch text[t.start:t.end] {
			case "«", "“", "„":
				quoted = true
			case "»", "”":
				quoted = false
			default:
				quoted = !quoted && quotes > 1
			}
			quotes--
			continue
		case kindComma, kindStop, kindExclaim, kindEllipsis, kindEmoji, kindCurrency, kindLink, kindMention:
			continue
		}
		if quoted || quotedLine(text, int(t.start)) {
			continue
		}
		w := said{
			word: string(d.fold[t.from:t.to]), raw: text[t.start:t.end], start: int(t.start), end: int(t.end), kind: t.kind, clause: t.clause,
		}
		if n := len(now); n > 0 && now[n-1].end+1 == w.start {
			w.sign = text[w.start-1]
		}
		now = append(now, w)
	}
	end()
	return out
}

// quotedLine tells whether the line around a place begins with >.
func quotedLine(text string, at int) bool {
	line := text[strings.LastIndexByte(text[:at], '\n')+1 : at]
	return strings.HasPrefix(strings.TrimLeft(line, " "), ">")
}

// pledge is a promise under way.
type pledge struct {
	from, verb, after int // words: where it begins, its verb, the first behind the verb
	timed             bool
}

func promisesIn(text string, s sentence, t tongue, now time.Time) []Promise {
	var all []pledge
	for i := 0; i < len(s); {
		n, timed, ok := t.promise(s, i)
		if !ok {
			i++
			continue
		}
		all = append(all, pledge{from: t.before(s, i), verb: i, after: i + n, timed: timed})
		i += n
	}
	var out []Promise
	for k, p := range all {
		end := len(s)
		if k+1 < len(all) {
			end = all[k+1].from
		}
		due, last, found := timeIn(s, p.after, end, t, now)
		from := p.from
		if !found {
			begin := 0
			if k > 0 {
				begin = all[k-1].after
			}
			if d, at, ok := timeBefore(s, begin, p, t, now); ok {
				due, from, found = d, at, true
			}
		}
		if p.timed && !found {
			continue
		}
		if last == 0 {
			last = p.after
			for last < end && s[last].clause == s[p.after-1].clause {
				last++
			}
		}
		a, b := s[from].start, s[last-1].end
		out = append(out, Promise{Word: text[a:b], Start: a, End: b, Due: due})
	}
	return out
}

// timeBefore finds a time that is said before a promise and belongs to it: in its clause, or at the head of the
// sentence.
func timeBefore(s sentence, begin int, p pledge, t tongue, now time.Time) (due time.Time, at int, ok bool) {
	for i := begin; i < p.from; i++ {
		if i > 0 && s[i].clause != s[p.verb].clause {
			continue
		}
		if d, n, ok := t.when(s[:p.from], i, now); ok {
			return d, i, true
		} else if n > 1 {
			i += n - 1
		}
	}
	return time.Time{}, 0, false
}

// timeIn finds the time that is said between two words: the first one with a date, else the first one. last is the
// word behind it, 0 for none.
func timeIn(s sentence, from, to int, t tongue, now time.Time) (due time.Time, last int, found bool) {
	for i := from; i < to; {
		d, n, ok := t.when(s[:to], i, now)
		if !ok {
			i++
			continue
		}
		if !found || due.IsZero() && !d.IsZero() {
			due, last, found = d, i+n, true
		}
		i += n
	}
	return due, last, found
}

// at gives word i, "" beyond the edges.
func (s sentence) at(i int) string {
	if i < 0 || i >= len(s) {
		return ""
	}
	return s[i].word
}

// has tells whether the words from i on are these.
func (s sentence) has(i int, words string) bool {
	for w := range strings.SplitSeq(words, " ") {
		if s.at(i) != w {
			return false
		}
		i++
	}
	return true
}

// hasAny gives the length of the first of the phrases that stands at i, 0 for none.
func (s sentence) hasAny(i int, phrases ...string) int {
	for _, p := range phrases {
		if s.has(i, p) {
			return strings.Count(p, " ") + 1
		}
	}
	return 0
}

// within tells whether one of the phrases stands in the n words before i, in the same clause.
func (s sentence) within(i, n int, phrases ...string) bool {
	for k := max(0, i-n); k < i; k++ {
		if s[k].clause == s[i].clause {
			if m := s.hasAny(k, phrases...); m > 0 && k+m <= i {
				return true
			}
		}
	}
	return false
}
