package triage

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// What one text may take: what is beyond is not read.
const (
	maxText   = 3000 // bytes
	maxTokens = 700
)

// kind is what sort of thing a token is.
type kind uint8

const (
	kindWord kind = iota
	kindNumber
	kindEmoji
	kindExclaim
	kindQuestion
	kindEllipsis
	kindComma
	kindStop
	kindQuote
	kindCurrency
	kindLink
	kindMention
)

// looked tells whether the lexicon may hold such a token.
func (k kind) looked() bool {
	return k == kindWord || k == kindNumber || k == kindEmoji || k == kindCurrency
}

// The marks of a token.
const (
	markCaps    = 1 << iota // all capitals, three letters at least
	markLong                // a letter drawn out, as in bellooo
	markHashtag             // stood behind #
	markJoined              // hangs on the token before without a space
)

// token is a word, a number, a picture or a sign.
type token struct {
	start, end int32 // bytes of the text
	from, to   int32 // bytes of the folded text
	kind       kind
	marks      uint8
	count      uint8  // how often a sign is repeated
	clause     uint16 // number of the clause, from 0
	sentence   uint16 // number of the sentence, from 0
}

// reader cuts a text into tokens. It is reused, so that reading allocates nothing.
type reader struct {
	text     string
	fold     []byte
	tokens   []token
	upper    int // capital letters
	lower    int // small letters
	foreign  int // letters of other alphabets than the Latin one
	clause   uint16
	sentence uint16
}

// cut shortens a text to what is read, between two runes.
func cut(text string) string {
	if len(text) <= maxText {
		return text
	}
	n := maxText
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}

func (d *reader) read(text string) {
	text = cut(text)
	d.text, d.fold, d.tokens = text, d.fold[:0], d.tokens[:0]
	d.upper, d.lower, d.foreign, d.clause, d.sentence = 0, 0, 0, 0, 0
	for i := 0; i < len(text) && len(d.tokens) < maxTokens; {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case isLetter(r) || isDigit(r):
			i = d.word(i, false)
		case r == '#' && i+1 < len(text) && startsWord(text[i+1:]):
			i = d.word(i+1, true)
		case r == '@' && i+1 < len(text) && startsWord(text[i+1:]):
			i = d.mention(i)
		case r == '\n':
			d.sentence++
			d.clause++
			i += size
		case r == ' ' || unicode.IsSpace(r):
			i += size
		default:
			i = d.sign(i, r, size)
		}
	}
}

func startsWord(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return isLetter(r) || isDigit(r)
}

// add keeps a token that reaches from start to end and was folded from the given place on.
func (d *reader) add(k kind, start, end, from int, marks uint8) {
	if n := len(d.tokens); n > 0 && int(d.tokens[n-1].end) == start {
		marks |= markJoined
	}
	d.tokens = append(d.tokens, token{
		start: int32(start), end: int32(end), from: int32(from), to: int32(len(d.fold)),
		kind: k, marks: marks, count: 1, clause: d.clause, sentence: d.sentence,
	})
}

// word reads letters and digits from i on and gives where it ended.
func (d *reader) word(i int, hashtag bool) int {
	if end := linkAt(d.text, i); end > i {
		from := len(d.fold)
		d.add(kindLink, i, end, from, 0)
		return end
	}
	start, from := i, len(d.fold)
	var upper, lower, digits int
	var marks uint8
	if hashtag {
		marks |= markHashtag
	}
	wasLower := false
	for i < len(d.text) {
		r, size := utf8.DecodeRuneInString(d.text[i:])
		letter, digit := isLetter(r), isDigit(r)
		if !letter && !digit && !isMark(r) {
			if digits > 0 && upper+lower == 0 && (r == ',' || r == '.') && i+1 < len(d.text) && isDigit(rune(d.text[i+1])) {
				i += size // 3,50
				continue
			}
			break
		}
		if letter {
			if unicode.IsUpper(r) {
				if hashtag && wasLower {
					break // #MaiPiu is two words
				}
				upper++
				wasLower = false
			} else {
				lower++
				wasLower = true
			}
			if r >= 0x250 && !unicode.Is(unicode.Latin, r) {
				d.foreign++
			}
		} else if digit {
			digits++
		}
		d.fold = appendFold(d.fold, r)
		i += size
	}
	d.upper += upper
	d.lower += lower
	if upper >= 3 && lower == 0 {
		marks |= markCaps
	}
	k := kindWord
	switch {
	case upper+lower == 0:
		k = kindNumber
	case d.shorten(from):
		marks |= markLong
	}
	if k == kindWord {
		d.laugh(from)
		if full := alias(d.fold[from:]); full != "" {
			d.fold = append(d.fold[:from], full...)
		}
		if w := d.fold[from:]; len(w) == 2 && w[0] == 'x' && w[1] == 'd' {
			k = kindEmoji
		}
	}
	d.add(k, start, i, from, marks)
	return i
}

// shorten takes out what is drawn out: three and more of a vowel become one, of a consonant inside a word two, at its
// end one. It tells whether there was anything.
func (d *reader) shorten(from int) bool {
	w := d.fold[from:]
	out, long := 0, false
	for i := 0; i < len(w); {
		n := 1
		for i+n < len(w) && w[i+n] == w[i] {
			n++
		}
		keep := n
		if n >= 3 && w[i] < utf8.RuneSelf && isLetter(rune(w[i])) {
			long = true
			keep = 1
			if i+n < len(w) && !vowel(w[i]) {
				keep = 2
			}
		}
		for k := range keep {
			w[out+k] = w[i]
		}
		out += keep
		i += n
	}
	d.fold = d.fold[:from+out]
	return long
}

func vowel(c byte) bool { return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' }

// laugh gives every laughter one spelling: ahahahah, hahaha, eheheh.
func (d *reader) laugh(from int) {
	w := d.fold[from:]
	if len(w) < 4 {
		return
	}
	aitches := 0
	for i, c := range w {
		switch {
		case c == 'h':
			aitches++
			if i > 0 && w[i-1] == 'h' {
				return
			}
		case c != 'a' && c != 'e' && c != 'i' && c != 'u':
			return
		case i > 0 && w[i-1] != 'h':
			return
		}
	}
	if aitches >= 2 {
		d.fold = append(d.fold[:from], "haha"...)
	}
}

// mention reads the name of an account, @name or @name@server.
func (d *reader) mention(i int) int {
	start := i
	i++
	for i < len(d.text) {
		r, size := utf8.DecodeRuneInString(d.text[i:])
		if !isLetter(r) && !isDigit(r) && r != '_' && r != '@' && (r != '.' && r != '-' || !startsWord(d.text[i+size:])) {
			break
		}
		i += size
	}
	d.add(kindMention, start, i, len(d.fold), 0)
	return i
}

// sign reads what is neither a word nor a space.
func (d *reader) sign(i int, r rune, size int) int {
	from := len(d.fold)
	if r < utf8.RuneSelf {
		if face, n := emoticonAt(d.text[i:]); n > 0 {
			d.fold = append(d.fold, face...)
			d.add(kindEmoji, i, i+n, from, 0)
			return i + n
		}
	}
	if isEmoji(r) {
		return d.emoji(i)
	}
	end := i + size
	k := kindStop
	switch r {
	case '!', '！', '¡':
		k = kindExclaim
	case '‼':
		k, size = kindExclaim, 0
	case '?', '？', '¿', '⁉', '؟':
		k = kindQuestion
	case '…':
		k = kindEllipsis
	case '.':
		if strings.HasPrefix(d.text[i:], "..") {
			k = kindEllipsis
		}
	case ',', ';', ':', '(', ')', '[', ']', '–', '—', '/', '|':
		k = kindComma
	case '"', '«', '»', '“', '”', '„':
		k = kindQuote
	case '€', '$', '£':
		k = kindCurrency
		d.fold = utf8.AppendRune(d.fold, r)
	case '\'', '’', '`', '´', '‘', '-', '_', '*', '~', '+', '&', '%', '#', '@', '=', '<', '>', '^', '\\', '{', '}':
		return end
	default:
		return end
	}
	count := 1
	for end < len(d.text) && count < 200 {
		next, n := utf8.DecodeRuneInString(d.text[end:])
		if next != r {
			break
		}
		count++
		end += n
	}
	if k == kindExclaim && size == 0 {
		count++
	}
	d.add(k, i, end, from, 0)
	d.tokens[len(d.tokens)-1].count = uint8(count)
	switch k {
	case kindExclaim, kindQuestion, kindStop, kindEllipsis:
		d.sentence++
		d.clause++
	case kindComma:
		d.clause++
	}
	return end
}

// emoji reads one picture with all its trimmings; its key is the first rune.
func (d *reader) emoji(i int) int {
	start, from := i, len(d.fold)
	r, size := utf8.DecodeRuneInString(d.text[i:])
	d.fold = utf8.AppendRune(d.fold, r)
	i += size
	joined := false
	flag := 0x1F1E6 <= r && r <= 0x1F1FF
	for i < len(d.text) {
		next, n := utf8.DecodeRuneInString(d.text[i:])
		switch {
		case isTrimming(next):
			joined = next == 0x200D
		case joined && (isEmoji(next) || next == 0x2640 || next == 0x2642):
			joined = false
		case flag && 0x1F1E6 <= next && next <= 0x1F1FF:
			d.fold = utf8.AppendRune(d.fold, next)
			flag = false
		default:
			d.add(kindEmoji, start, i, from, 0)
			return i
		}
		i += n
	}
	d.add(kindEmoji, start, i, from, 0)
	return i
}

// endings are the ends of names that make a link of two words with a dot between.
var endings = []string{"com", "it", "net", "org", "ly", "me", "io", "eu", "info", "shop", "xyz", "ru", "gg", "top", "club"}

// linkAt gives the end of an address that begins at i, or i.
func linkAt(text string, i int) int {
	s := text[i:]
	link := hasFold(s, "http://") || hasFold(s, "https://") || hasFold(s, "www.")
	if !link {
		n := 0
		for n < len(s) && (isLetter(rune(s[n])) || isDigit(rune(s[n])) || s[n] == '-') {
			n++
		}
		if n < 2 || n+2 >= len(s) || s[n] != '.' {
			return i
		}
		rest := s[n+1:]
		for _, e := range endings {
			if hasFold(rest, e) && (len(rest) == len(e) || rest[len(e)] == '/' || rest[len(e)] == ' ' && e != "me" && e != "it" && e != "top") {
				link = true
			}
		}
	}
	if !link {
		return i
	}
	n := strings.IndexFunc(s, unicode.IsSpace)
	if n < 0 {
		n = len(s)
	}
	return i + n
}

func hasFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}
