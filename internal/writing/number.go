package writing

import (
	"strings"
	"unicode/utf8"
)

// groups are digits that stand together: 347 123 45 67.
type groups struct {
	from, to []int  // bytes of each group
	seps     []rune // what stands between them: one sign, a blank for brackets too
	plus     bool
	start    int // with the plus or the bracket before
}

// What is read of digits that stand together.
const (
	mostGroups = 8
	mostDigits = 24
)

// groupsAt reads digits that stand together from a byte on, which must be a digit.
func groupsAt(body string, i int) groups {
	g := groups{start: i}
	if i > 0 && body[i-1] == '(' {
		g.start--
	}
	if g.start > 0 && body[g.start-1] == '+' {
		g.start--
		g.plus = true
	}
	n := 0
	for len(g.from) < mostGroups {
		from := i
		for digitAt(body, i) && n < mostDigits {
			i++
			n++
		}
		g.from, g.to = append(g.from, from), append(g.to, i)
		sep, next := separator(body, i)
		if sep == 0 || !digitAt(body, next) || n == mostDigits {
			return g
		}
		g.seps = append(g.seps, sep)
		i = next
	}
	g.seps = g.seps[:len(g.from)-1]
	return g
}

// separator reads what may stand between groups of digits, and where it ends.
func separator(body string, i int) (sep rune, end int) {
	for n := 0; n < 3 && i < len(body); n++ {
		r, size := utf8.DecodeRuneInString(body[i:])
		switch r {
		case ' ', 0xa0, '(', ')':
			if sep == 0 {
				sep = ' '
			}
		case '.', '-', '/', '–':
			if sep != 0 && sep != ' ' {
				return 0, i
			}
			sep = r
		default:
			return sep, i
		}
		i += size
	}
	return sep, i
}

// digits gives the digits of the first k groups.
func (g *groups) digits(body string, k int) string {
	if k == 1 {
		return body[g.from[0]:g.to[0]]
	}
	var b strings.Builder
	for i := range k {
		b.WriteString(body[g.from[i]:g.to[i]])
	}
	return b.String()
}

func (g *groups) len(i int) int { return g.to[i] - g.from[i] }

// even tells whether the same sign stands between all of the groups from first on, of k.
func (g *groups) even(first, k int) bool {
	for i := first + 1; i < k-1; i++ {
		if g.seps[i] != g.seps[first] {
			return false
		}
	}
	return true
}

// thousands tells whether the first k groups are one number: 350.000.000.
func (g *groups) thousands(k int) bool {
	for i := 1; i < k; i++ {
		if g.seps[i-1] != '.' || g.len(i) != 3 {
			return false
		}
	}
	return k > 1
}

// date tells whether the first k groups are a day: 03/04/2026, 2026-04-03.
func (g *groups) date(body string, k int) bool {
	if k != 3 || g.seps[0] != g.seps[1] {
		return false
	}
	year := 2
	if g.len(0) == 4 {
		year = 0
	}
	y := body[g.from[year]:g.to[year]]
	return (strings.HasPrefix(y, "19") || strings.HasPrefix(y, "20")) && g.len(year) == 4 && g.len(1) <= 2 && g.len(2-year) <= 2
}

// numbers walks the digits that stand together, begin a token and belong to nothing else. f gives how many groups it took.
func (s *search) numbers(f func(i int, g *groups) int) {
	behind := 0
	for i := range s.tokens {
		t := &s.tokens[i]
		if t.kind != aNumber || t.start < behind || !digitAt(s.body, t.start) {
			continue
		}
		g := groupsAt(s.body, t.start)
		if s.has(span{g.start, g.to[0]}) || s.money(&g) {
			continue
		}
		if k := f(i, &g); k > 0 {
			behind = g.to[k-1]
		}
	}
}

// money tells whether a sign of money stands before.
func (s *search) money(g *groups) bool {
	before := strings.TrimRight(s.body[max(0, g.start-6):g.start], " \u00a0")
	return strings.HasSuffix(before, "€") || strings.HasSuffix(before, "$") || strings.HasSuffix(before, "£")
}

// counted tells whether what stands behind says that it is a sum or a share.
func (s *search) counted(end int) bool {
	rest := strings.TrimLeft(s.body[end:min(len(s.body), end+12)], " \u00a0")
	for _, sign := range []string{"€", "%", "$", "£", "euro", "EUR", "eur"} {
		if strings.HasPrefix(rest, sign) {
			return true
		}
	}
	return false
}

// whole tells whether a number ends there: no letter or digit goes on.
func (s *search) whole(end int) bool { return end >= len(s.body) || !alnum(s.body[end]) }

// cards tells of numbers of payment cards: of a length and a beginning that cards have, with the right check digit.
func (s *search) cards() {
	s.numbers(func(_ int, g *groups) int {
		for k := len(g.from); k > 0; k-- {
			d := g.digits(s.body, k)
			if len(d) < 14 || len(d) > 19 || k > 1 && (g.len(0) != 4 || g.seps[0] != ' ' && g.seps[0] != '-') || !g.even(0, k) || !s.whole(g.to[k-1]) {
				continue
			}
			if issued(d) && luhn(d) {
				s.found(Advice{Kind: Card, Level: Confirm, Key: "writing.card", Start: g.from[0], End: g.to[k-1]}, true)
				return k
			}
		}
		return 0
	})
}

// issued tells whether cards begin so and are as long (ISO/IEC 7812, as the card schemes publish theirs).
func issued(d string) bool {
	two, four := d[:2], d[:4]
	n := len(d)
	switch {
	case d[0] == '4':
		return n == 16 || n == 19
	case two >= "51" && two <= "55", four >= "2221" && four <= "2720":
		return n == 16
	case two == "34" || two == "37":
		return n == 15
	case two == "36" || two == "38" || two == "39" || d[:3] >= "300" && d[:3] <= "305":
		return n == 14
	case two == "35":
		return n == 16
	case two == "62", two == "50", two >= "56" && two <= "58", four == "6011", two == "64", two == "65", two == "67", two == "63":
		return n >= 16
	}
	return false
}

// luhn tells whether the last digit checks the others (ISO/IEC 7812-1, annex B).
func luhn(d string) bool {
	sum := 0
	for i := range len(d) {
		n := int(d[len(d)-1-i] - '0')
		if i%2 == 1 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	return sum%10 == 0
}

// phones tells of telephone numbers: Italian ones, those that begin with + or 00, American ones, and what stands behind a word such as
// tel. Behind a word such as order it is none, and what anybody may call for nothing (800) is meant to be known.
func (s *search) phones() {
	s.numbers(func(i int, g *groups) int {
		said := s.before(i)
		for k := len(g.from); k > 0; k-- {
			end := g.to[k-1]
			d := g.digits(s.body, k)
			if !s.whole(end) || g.date(s.body, k) || g.thousands(k) || s.counted(end) || !phone(g, d, k, said) {
				continue
			}
			if free(national(d)) || s.public[national(d)] {
				return k
			}
			s.found(Advice{Kind: Phone, Level: Confirm, Key: "writing.phone", Start: g.start, End: end}, true)
			return k
		}
		return 0
	})
	for i := range s.tokens { // https://wa.me/39347…
		t := &s.tokens[i]
		if t.kind != anAddress {
			continue
		}
		address := s.body[t.start:t.end]
		_, number, _ := strings.Cut(address, "wa.me/")
		number, _, _ = strings.Cut(number, "?")
		if d := digitsOf(number); len(d) >= 8 && !s.public[national(d)] {
			s.found(Advice{Kind: Phone, Level: Confirm, Key: "writing.phone", Start: t.start, End: t.end}, true)
		}
	}
}

// phone tells whether the digits of the first k groups are a telephone number. said is what the words before say: inPhone, inNotPhone or nothing.
func phone(g *groups, d string, k int, said section) bool {
	n := len(d)
	switch {
	case n < 6:
		return false
	case g.plus, strings.HasPrefix(d, "00") && n >= 10 && d[2] != '0':
		if !g.plus {
			n -= 2
			d = d[2:]
		}
		if strings.HasPrefix(d, "39") && (n < 8 || n > 13) {
			return false
		}
		return n >= 8 && n <= 15 && d[0] != '0'
	case said == inNotPhone:
		return false
	case said == inPhone && n >= 6 && n <= 12 && g.even(1, k):
		return true
	case d[0] == '3' && d[1] != '0': // mobile: 3 and two digits, seven behind
		return n == 10 && (k == 1 || g.len(0) == 3) && g.even(1, k)
	case d[0] == '0' && d[1] != '0': // the code of a place: 02, 06, else three or four digits
		if k == 1 {
			return n == 9 || n == 10
		}
		for i := 1; i < k; i++ {
			if g.len(i) < 2 {
				return false
			}
		}
		first := g.len(0)
		return n >= 8 && n <= 11 && g.even(1, k) && (first == 3 || first == 4 || first == 2 && (d[:2] == "02" || d[:2] == "06"))
	case d[0] >= '2' && k == 3 && n == 10 && g.len(0) == 3 && g.len(1) == 3: // (212) 555-0123
		return g.seps[1] == '-' || g.seps[1] == '.'
	}
	return false
}

// before tells what the words just before a token say about a number: the nearest counts.
func (s *search) before(i int) section {
	for k := i - 1; k >= 0 && k >= i-4; k-- {
		t := &s.tokens[k]
		switch {
		case t.kind == aBreak, t.kind == aNumber, t.sign == '!' || t.sign == '?':
			return ""
		case t.kind != aWord:
			continue
		}
		for _, l := range []*lists{listsOf("it"), listsOf("en")} { // whatever language it is
			for _, in := range []section{inNotPhone, inPhone} {
				if l.has(in, t.word) {
					return in
				}
			}
		}
	}
	return ""
}

// free tells whether a number costs the caller nothing or is a service for everybody.
func free(d string) bool {
	for _, begin := range []string{"800", "803", "199", "848", "892", "895", "899"} {
		if strings.HasPrefix(d, begin) {
			return true
		}
	}
	return false
}

// digitsOf gives the digits of a text.
func digitsOf(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// national leaves out how an Italian number is called from abroad.
func national(d string) string {
	d = strings.TrimPrefix(d, "00")
	if len(d) > 10 {
		d = strings.TrimPrefix(d, "39")
	}
	return d
}
