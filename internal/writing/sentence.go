package writing

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// sentence is a part of a text that has words.
type sentence struct {
	start, end int // bytes
	words      int // words and numbers
	letters    int
	asks       bool
}

// hit is an entry of a list that stands in a text.
type hit struct {
	entry
	from, to int // tokens
}

// read cuts a text into tokens and sentences.
func read(body string) *reading {
	r := scan(body)
	r.quote()
	var now sentence
	open := false
	end := func() {
		if open && now.words > 0 {
			r.sentences = append(r.sentences, now)
		}
		now, open = sentence{}, false
	}
	for i := range r.tokens {
		t := &r.tokens[i]
		switch t.kind {
		case aBreak:
			if !r.goesOn(i) {
				end()
			}
		case aWord, aNumber, anAddress, anEmail, aMention:
			if !open {
				now.start, open = t.start, true
			}
			now.end = t.end
			if t.kind == aWord || t.kind == aNumber {
				now.words++
				now.letters += t.letters
			}
		case aSign:
			if open {
				now.end = t.end
				now.asks = now.asks || t.sign == '?'
			}
			t.sentence = len(r.sentences)
			if r.ends(i) {
				end()
			}
			continue
		}
		t.sentence = len(r.sentences)
	}
	end()
	return r
}

// quote marks what stands within quotation marks. Straight ones that are not in pairs quote nothing.
func (r *reading) quote() {
	straight := 0
	for i := range r.tokens {
		if r.tokens[i].sign == '"' {
			straight++
		}
	}
	inside := false
	for i := range r.tokens {
		t := &r.tokens[i]
		switch t.sign {
		case '«', '“', '„':
			inside = true
		case '»', '”':
			inside = false
		case '"':
			inside = !inside && straight > 1
			straight--
		}
		t.quoted = inside
		if t.kind == aBreak && i > 0 && r.tokens[i-1].kind == aBreak {
			inside = false // a quotation that nobody closed ends with its paragraph
		}
	}
}

// ends tells whether a sign ends a sentence.
func (r *reading) ends(i int) bool {
	t := r.tokens[i]
	switch t.sign {
	case '!', '?', '…':
	case '.':
		if i > 0 {
			before := r.tokens[i-1]
			if before.end == t.start && before.kind == aWord && (before.letters == 1 || shortened(before.word)) {
				return false
			}
		}
	default:
		return false
	}
	next, _ := utf8.DecodeRuneInString(r.body[t.end:])
	if t.end < len(r.body) && (letter(next) || unicode.IsDigit(next)) {
		return false // no blank behind it: 9.30, p.es
	}
	for _, n := range r.tokens[i+1 : min(i+5, len(r.tokens))] {
		switch {
		case n.kind == aSign && n.start == t.end && strings.ContainsRune(".!?…", n.sign):
			return false // the last one of a row ends it
		case n.kind == aSign:
			continue
		case n.kind == aWord && (t.sign == '.' || t.sign == '…'):
			return n.capital
		}
		return true
	}
	return true
}

// goesOn tells whether a sentence goes on behind the end of a line: with a small letter, and before it no sign.
func (r *reading) goesOn(i int) bool {
	if i == 0 || i+1 >= len(r.tokens) {
		return false
	}
	before, next := r.tokens[i-1], r.tokens[i+1]
	if before.kind != aWord || next.kind != aWord || next.capital || next.apart {
		return false
	}
	return !strings.ContainsAny(r.body[r.tokens[i].end:next.start], "-*") // an item of a list
}

// shortened tells whether a folded word is an abbreviation of either language.
func shortened(word string) bool {
	return listsOf("it").has(inShort, word) || listsOf("en").has(inShort, word)
}

// tongue gives the language of a text: what was said, else the one of whose most frequent words it has more; "" when there are none.
func tongue(said string, r *reading) string {
	if len(said) >= 2 && (len(said) == 2 || said[2] == '-' || said[2] == '_') {
		return said[:2]
	}
	if said != "" {
		return said
	}
	it, en := listsOf("it"), listsOf("en")
	balance, any := 0, false
	for _, t := range r.tokens {
		if t.kind != aWord {
			continue
		}
		if it.has(inCommon, t.word) {
			balance, any = balance+1, true
		}
		if en.has(inCommon, t.word) {
			balance, any = balance-1, true
		}
	}
	switch {
	case !any:
		return ""
	case balance < 0:
		return "en"
	}
	return "it"
}

// find looks every run of words up in the lists of a language: in those that tell what is private or a password, or in all. In one list, what
// stands within a longer entry is not found again.
func (r *reading) find(l *lists, all bool) {
	behind := map[section]int{}
	for i := range r.tokens {
		if r.tokens[i].kind != aWord {
			continue
		}
		for _, e := range l.first[r.tokens[i].word] {
			switch e.in {
			case inPrivate, inPassword:
			case inCommon, inShort, inRole, inPhone, inNotPhone, inSingular:
				continue
			default:
				if !all {
					continue
				}
			}
			if behind[e.in] > i || !r.stands(e.words, i) {
				continue
			}
			behind[e.in] = i + len(e.words)
			r.hits = append(r.hits, hit{entry: e, from: i, to: i + len(e.words)})
		}
	}
}

// stands tells whether these words stand from token i on, with nothing but blanks between.
func (r *reading) stands(words []string, i int) bool {
	if i+len(words) > len(r.tokens) {
		return false
	}
	for k, w := range words {
		if t := &r.tokens[i+k]; t.kind != aWord && t.kind != aNumber || t.word != w && r.body[t.start:t.end] != w || k > 0 && t.apart {
			return false
		}
	}
	return true
}
