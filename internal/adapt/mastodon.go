package adapt

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// Addresses as Mastodon finds them: with a protocol, a host with a dot, then path and query. What is at the end and
// belongs to the sentence is cut off by trimAddress.
var (
	tootURL     = regexp.MustCompile(`(?i)https?://(?:[\pL\pN](?:[\pL\pN_-]*[\pL\pN])?\.)+[\pL]{2,}(?::[0-9]+)?(?:[/?#][^\s<>"\x{3000}]*)?`)
	tootMention = regexp.MustCompile(`(?i)@([a-z0-9_]+(?:[.-]+[a-z0-9_]+)*)(?:@[\pL\pN\pM_.-]+[\pL\pN\pM_])?`)
)

// CountMastodon is how long a text is on Mastodon itself: in its characters, where each link counts as so many as link
// says and of a mention only the part before the server (docs.joinmastodon.org/user/posting, "Text").
func CountMastodon(text string, link int) int {
	text = strings.TrimSpace(text)
	if !strings.Contains(text, "@") && !strings.Contains(text, "://") {
		return graphemes(text)
	}
	var b strings.Builder
	b.Grow(len(text))
	none := []int{len(text) + 1}
	next := func(find func(string) []int, at int) []int {
		m := find(text[at:])
		if m == nil {
			return none
		}
		for i := range m {
			if m[i] >= 0 {
				m[i] += at
			}
		}
		return m
	}
	done := 0
	u, m := next(tootURL.FindStringIndex, 0), next(tootMention.FindStringSubmatchIndex, 0)
	for {
		if u[0] < done {
			u = next(tootURL.FindStringIndex, done)
		}
		if m[0] < done {
			m = next(tootMention.FindStringSubmatchIndex, done)
		}
		from := min(u[0], m[0])
		if from > len(text) {
			b.WriteString(text[done:])
			return graphemes(b.String())
		}
		b.WriteString(text[done:from])
		before, _ := utf8.DecodeLastRuneInString(text[done:from])
		alone := from == done
		switch {
		case u[0] == from:
			end := from + len(trimAddress(text[from:u[1]]))
			if !alone && (wordly(before) || strings.ContainsRune("@#$./-", before)) {
				b.WriteString(text[from:end]) // inside a word it is no link
			} else {
				b.WriteString(strings.Repeat("x", link))
			}
			done = end
		case !alone && (before == '=' || before == '/' || wordly(before)):
			b.WriteString(text[from:m[1]])
			done = m[1]
		default:
			b.WriteString(text[from:m[3]])
			done = m[1]
		}
	}
}
