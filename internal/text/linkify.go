package text

import (
	"net/url"
	"strings"
	"unicode"
)

// Segment is a part of a plain text; URL is the address it leads to, or "".
type Segment struct {
	Text string
	URL  string
}

// Linkify finds the web addresses in a plain text. The segments in their order are the text, letter for letter; URL
// is always absolute with http or https. Addresses that carry a name or password before their host are left alone,
// because they are made to look like another place.
func Linkify(s string) []Segment {
	var out []Segment
	plain := 0
	for i := 0; i < len(s); {
		n := addressLength(s, i)
		if n == 0 {
			i++
			continue
		}
		address := s[i : i+n]
		target := address
		if strings.EqualFold(address[:4], "www.") {
			target = "https://" + address
		}
		u, err := url.Parse(target)
		if err != nil || u.User != nil || !strings.Contains(strings.Trim(u.Hostname(), "."), ".") {
			i += n
			continue
		}
		if i > plain {
			out = append(out, Segment{Text: s[plain:i]})
		}
		u.Scheme = strings.ToLower(u.Scheme)
		out = append(out, Segment{Text: address, URL: u.String()})
		i += n
		plain = i
	}
	if plain < len(s) {
		out = append(out, Segment{Text: s[plain:]})
	}
	return out
}

// maxAddress is how many bytes an address may have to be taken for one.
const maxAddress = 2048

// addressLength gives the length in bytes of the web address that begins at i, or 0.
func addressLength(s string, i int) int {
	start := -1
	for _, prefix := range []string{"https://", "http://", "www."} {
		if len(s)-i > len(prefix) && strings.EqualFold(s[i:i+len(prefix)], prefix) {
			start = i + len(prefix)
			break
		}
	}
	if start < 0 || (i > 0 && tailsWord(s[:i])) {
		return 0
	}
	end := start
	round, square := 0, 0 // brackets closed more often than opened
	for j, r := range s[start:] {
		if unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("<>\"“”«»|\\^`{}", r) || r == unicode.ReplacementChar {
			break
		}
		if j > maxAddress {
			return 0
		}
		switch r {
		case '(':
			round--
		case ')':
			round++
		case '[':
			square--
		case ']':
			square++
		}
		end = start + j + len(string(r))
	}
	for end > start {
		last := s[end-1]
		switch {
		case strings.IndexByte(".,;:!?'*_~", last) >= 0:
			end--
		case last == ')' && round > 0:
			end--
			round--
		case last == ']' && square > 0:
			end--
			square--
		case strings.HasSuffix(s[start:end], Ellipsis), strings.HasSuffix(s[start:end], "’"):
			end -= len(Ellipsis) // both are three bytes long
		default:
			return end - i
		}
	}
	return 0
}

// tailsWord tells whether before ends inside a word, so that "xhttp://" or "ewww.ok.it" is no address.
func tailsWord(before string) bool {
	var last rune
	for _, r := range before[max(0, len(before)-4):] {
		last = r
	}
	return unicode.IsLetter(last) || unicode.IsDigit(last) || last == '@' || last == '.' || last == '/'
}
