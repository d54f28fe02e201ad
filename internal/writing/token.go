package writing

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ponte-desk/ponte/internal/text"
)

// kind is what sort of thing a token is.
type kind uint8

const (
	aWord kind = iota
	aNumber
	anAddress // of the web
	anEmail
	aMention // of an account
	aTag
	anEmoji // pictures in a row
	aSign   // what may end a sentence, and quotation marks
	aBreak  // the end of a line
)

// token is a piece of a text.
type token struct {
	start, end int
	kind       kind
	apart      bool   // more than blanks, hyphens and apostrophes stands between it and the token before
	capital    bool   // begins with a capital letter
	upper      bool   // has no small letter
	quoted     bool   // stands within quotation marks
	person     bool   // stands within @[…](…): a person named on purpose
	letters    int    // letters and digits
	word       string // of a word: folded
	sign       rune   // of a sign
	sentence   int    // its number
}

// reading is a text cut into tokens and sentences.
type reading struct {
	body      string
	tokens    []token
	sentences []sentence
	hits      []hit
}

// scanner cuts a text into tokens from left to right; it looks at every byte a bounded number of times.
type scanner struct {
	*reading
	apart  bool
	person bool
}

// scan cuts a text into tokens.
func scan(body string) *reading {
	s := scanner{reading: &reading{body: body, tokens: make([]token, 0, len(body)/5+8)}}
	for i := 0; i < len(body); {
		i = s.next(i)
	}
	return s.reading
}

func (s *scanner) add(t token) {
	t.apart, t.person = s.apart, s.person
	s.apart = false
	s.tokens = append(s.tokens, t)
}

// next reads one token from i on and gives where the next may begin.
func (s *scanner) next(i int) int {
	body := s.body
	r, size := utf8.DecodeRuneInString(body[i:])
	switch {
	case letter(r) || unicode.IsDigit(r):
		if end := emailEnd(body, i); end > i {
			s.add(token{start: i, end: end, kind: anEmail})
			return end
		}
		if end := addressEnd(body, i); end > i {
			s.add(token{start: i, end: end, kind: anAddress})
			return end
		}
		return s.word(i)
	case r == '#' && wordAt(body, i+1):
		end := i + 1 + runOf(body[i+1:], func(r rune) bool { return letter(r) || unicode.IsDigit(r) || r == '_' })
		s.add(token{start: i, end: end, kind: aTag})
		return end
	case r == '@' && strings.HasPrefix(body[i:], "@["):
		s.apart, s.person = true, true
		return i + 2
	case r == '@' && wordAt(body, i+1):
		end := i + 1 + runOf(body[i+1:], func(r rune) bool { return letter(r) || unicode.IsDigit(r) || strings.ContainsRune("_-.@", r) })
		for end > i+1 && strings.IndexByte("-.@", body[end-1]) >= 0 {
			end--
		}
		s.add(token{start: i, end: end, kind: aMention})
		return end
	case r == ']':
		s.apart = true
		if !s.person {
			return i + size
		}
		s.person = false
		if rest := body[i+1:]; strings.HasPrefix(rest, "(") { // who it is stands in the brackets
			if n := strings.IndexByte(rest[:min(len(rest), 80)], ')'); n > 0 {
				return i + 1 + n + 1
			}
		}
		return i + size
	case r == '\n':
		s.person = false
		s.add(token{start: i, end: i + 1, kind: aBreak})
		return i + 1
	case picture(r):
		return s.pictures(i)
	case strings.ContainsRune(".!?…¿¡", r), strings.ContainsRune(`"«»“”„`, r):
		s.add(token{start: i, end: i + size, kind: aSign, sign: r})
		s.apart = true
		return i + size
	case r == ' ' || r == '\t' || r == '\'' || r == '’' || r == '-' || r == '*' || r == '_' || r == 0xa0:
		return i + size
	}
	s.apart = true
	return i + size
}

// word reads letters and digits; a number may have points and commas inside.
func (s *scanner) word(i int) int {
	body, start := s.body, i
	t := token{start: start, upper: true}
	digits := 0
	for i < len(body) {
		r, size := utf8.DecodeRuneInString(body[i:])
		switch {
		case unicode.IsDigit(r):
			digits++
			t.letters++
		case letter(r):
			if t.letters == 0 {
				t.capital = unicode.IsUpper(r)
			}
			t.letters++
			if !unicode.IsUpper(r) {
				t.upper = false
			}
		case unicode.Is(unicode.M, r):
		case digits > 0 && digits == t.letters && (r == '.' || r == ',') && digitAt(body, i+1):
		default:
			size = 0
		}
		if size == 0 {
			break
		}
		i += size
	}
	t.end = i
	if digits == t.letters {
		t.kind, t.upper = aNumber, false
	} else {
		t.word = text.Fold(body[start:i])
	}
	s.add(t)
	return i
}

// pictures reads emoji in a row, with blanks between.
func (s *scanner) pictures(i int) int {
	start, end := i, i
	for i < len(s.body) {
		r, size := utf8.DecodeRuneInString(s.body[i:])
		switch {
		case picture(r) || trimming(r):
			i += size
			end = i
			continue
		case r == ' ':
			i++
			continue
		}
		break
	}
	s.add(token{start: start, end: end, kind: anEmoji})
	s.apart = true
	return end
}

func letter(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
	}
	return unicode.IsLetter(r)
}

func digitAt(s string, i int) bool { return i >= 0 && i < len(s) && s[i] >= '0' && s[i] <= '9' }

func wordAt(s string, i int) bool {
	r, _ := utf8.DecodeRuneInString(s[min(i, len(s)):])
	return letter(r) || unicode.IsDigit(r)
}

// runOf gives how many bytes of a text satisfy f from its beginning on.
func runOf(s string, f func(rune) bool) int {
	if n := strings.IndexFunc(s, func(r rune) bool { return !f(r) }); n >= 0 {
		return n
	}
	return len(s)
}

// picture tells whether a rune is an emoji by itself; trimming whether it changes the one before.
func picture(r rune) bool {
	switch {
	case r < 0x203C:
		return false
	case r >= 0x1F000 && r <= 0x1FAFF, r >= 0x2600 && r <= 0x27BF && r != 0x2717 && r != 0x2713, r >= 0x1F1E6 && r <= 0x1F1FF:
		return true
	}
	switch r {
	case 0x203C, 0x2049, 0x231A, 0x231B, 0x2328, 0x23CF, 0x2934, 0x2935, 0x2B05, 0x2B06, 0x2B07, 0x2B1B, 0x2B1C, 0x2B50, 0x2B55, 0x3030, 0x303D:
		return true
	}
	return r >= 0x23E9 && r <= 0x23FA
}

func trimming(r rune) bool {
	return r == 0x200D || r == 0xFE0F || r == 0x20E3 || r >= 0x1F3FB && r <= 0x1F3FF || r >= 0xE0020 && r <= 0xE007F
}

// longest is how far addresses are read.
const longest = 2048

// addressEnd gives the end of a web address that begins at i, or i.
func addressEnd(body string, i int) int {
	rest := body[i:]
	known := false
	for _, p := range []string{"https://", "http://", "www."} {
		if len(rest) > len(p) && strings.EqualFold(rest[:len(p)], p) {
			known = true
		}
	}
	if !known && !bare(rest) {
		return i
	}
	n := strings.IndexFunc(rest[:min(len(rest), longest)], func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune("<>\"“”«»)]", r)
	})
	if n < 0 {
		n = min(len(rest), longest)
		for n < len(rest) && !utf8.RuneStart(rest[n]) {
			n--
		}
	}
	for n > 0 && strings.IndexByte(".,;:!?'*", rest[n-1]) >= 0 {
		n--
	}
	return i + n
}

// bare tells whether a text begins with the name of a server: names with points between, two letters before the first, and small letters at the end.
func bare(s string) bool {
	n, dot := 0, -1
	for n < len(s) && n < 80 {
		switch c := s[n]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-':
		case c == '.' && n > 0 && s[n-1] != '.':
			dot = n
		default:
			return dot > 1 && small(s[dot+1:n]) && c != '@' && c != '_'
		}
		n++
	}
	return dot > 1 && n < 80 && small(s[dot+1:n])
}

// small tells whether a text is two to six small letters: the end of a server's name.
func small(s string) bool {
	for i := range len(s) {
		if s[i] < 'a' || s[i] > 'z' {
			return false
		}
	}
	return len(s) >= 2 && len(s) <= 6
}

// emailEnd gives the end of an e-mail address that begins at i, or i. Names before the @ have at most 64 bytes (RFC 5321).
func emailEnd(body string, i int) int {
	n := i
	for n < len(body) && n-i <= 64 && (alnum(body[n]) || strings.IndexByte("._%+&-", body[n]) >= 0) {
		n++
	}
	if n == i || n-i > 64 || n >= len(body) || body[n] != '@' {
		return i
	}
	at := n
	n++
	dot := -1
	for n < len(body) && n-at <= 255 && (alnum(body[n]) || body[n] == '-' || body[n] == '.' && n+1 < len(body) && alnum(body[n+1])) {
		if body[n] == '.' {
			dot = n
		}
		n++
	}
	if dot < at+2 || n-dot < 3 {
		return i
	}
	return n
}

func alnum(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}
