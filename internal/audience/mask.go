package audience

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ponte-desk/ponte/internal/network"
)

// Masked stands where a person was named who was erased.
const Masked = "…"

// words are what a person is known by.
type words struct {
	sure  []string // handles, addresses and ids that nobody else has
	short []string // short handles and names: theirs only where they took part
}

// wordsOf gathers what the accounts of a person, and the names they went by, are known by.
func wordsOf(identities []Identity, names []string) words {
	var w words
	for _, i := range identities {
		handle := strings.ToLower(i.Handle)
		switch local, _, far := strings.Cut(handle, "@"); {
		case handle == "":
		case far: // ada@one.example; on its own server she is @ada
			w.sure = append(w.sure, handle)
			w.short = append(w.short, "@"+local)
		case strings.ContainsRune(handle, '.'):
			w.sure = append(w.sure, handle)
		default:
			w.short = append(w.short, "@"+handle)
		}
		if distinctive(i.RemoteID) {
			w.sure = append(w.sure, strings.ToLower(i.RemoteID))
		}
		for _, address := range []string{i.URL, i.AvatarURL} {
			if strings.Contains(address, "://") && len(address) >= 12 {
				w.sure = append(w.sure, strings.ToLower(address))
			}
		}
	}
	for _, n := range names {
		if n = strings.Join(strings.Fields(n), " "); utf8.RuneCountInString(n) >= 3 && !strings.Contains(n, "://") {
			w.short = append(w.short, strings.ToLower(n))
		}
	}
	for _, list := range []*[]string{&w.sure, &w.short} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return w
}

// distinctive tells whether an id that a network gave cannot be anything else: a number can.
func distinctive(id string) bool {
	return len(id) >= 8 && strings.ContainsFunc(id, func(r rune) bool { return r < '0' || r > '9' })
}

var webAddress = regexp.MustCompile(`(?i)https?://[^\s"'<>\\()]+`)

// mask puts Masked where a text names the person, and tells whether it did. An address that leads to them goes as a whole.
// near says that they took part there, so that names and short handles mean them.
func (w words) mask(s string, near bool) (string, bool) {
	if s == "" || len(w.sure)+len(w.short) == 0 {
		return s, false
	}
	masked := webAddress.ReplaceAllStringFunc(s, func(address string) string {
		if find(address, w.sure) {
			return Masked
		}
		return address
	})
	list := w.sure
	if near {
		list = append(slices.Clone(list), w.short...)
	}
	// The longest first: a handle with its server before the handle alone.
	slices.SortFunc(list, func(a, b string) int { return len(b) - len(a) })
	for _, x := range list {
		masked = replace(masked, x)
	}
	return masked, masked != s
}

func find(s string, list []string) bool {
	s = strings.ToLower(s)
	return slices.ContainsFunc(list, func(x string) bool { return strings.Contains(s, x) })
}

// replace masks a word wherever it stands by itself, whatever its capitals.
func replace(s, word string) string {
	if begin, _, _ := strings.Cut(word, " "); !find(s, []string{begin}) {
		return s
	}
	re, err := regexp.Compile("(?i)" + strings.ReplaceAll(regexp.QuoteMeta(word), " ", `\s+`))
	if err != nil {
		return s // a quoted text always compiles
	}
	var b strings.Builder
	for rest, before := s, rune(0); ; {
		at := re.FindStringIndex(rest)
		if at == nil {
			b.WriteString(rest)
			return b.String()
		}
		if at[0] > 0 {
			before, _ = utf8.DecodeLastRuneInString(rest[:at[0]])
		}
		if !apart(word, before, rest[at[1]:]) {
			_, n := utf8.DecodeRuneInString(rest[at[0]:])
			b.WriteString(rest[:at[0]+n])
			before, _ = utf8.DecodeRuneInString(rest[at[0]:])
			rest = rest[at[0]+n:]
			continue
		}
		b.WriteString(rest[:at[0]])
		if rest[at[0]] == '@' {
			b.WriteByte('@')
		}
		b.WriteString(Masked)
		before, _ = utf8.DecodeLastRuneInString(rest[:at[1]])
		rest = rest[at[1]:]
	}
}

// apart tells whether what stands before and behind a word does not belong to it: @ada is neither in @adamo nor in
// @ada@two.example nor in @ada.two.example.
func apart(word string, before rune, behind string) bool {
	letter := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' }
	if before != 0 && letter(before) && letter(first(word)) {
		return false
	}
	next, n := utf8.DecodeRuneInString(behind)
	if n == 0 || !letter(last(word)) {
		return true
	}
	if letter(next) {
		return false
	}
	handle := word[0] == '@' || strings.ContainsAny(word, "@.:")
	if handle && (next == '@' || next == '-' || next == '.') {
		then, _ := utf8.DecodeRuneInString(behind[n:])
		return !letter(then)
	}
	return true
}

func first(s string) rune { r, _ := utf8.DecodeRuneInString(s); return r }

func last(s string) rune { r, _ := utf8.DecodeLastRuneInString(s); return r }

// Mask takes the person out of a text that others wrote anywhere: handles, addresses and ids that are nobody else's. It tells
// whether there was anything.
func (e Erasure) Mask(s string) (string, bool) { return e.words.mask(s, false) }

// MaskNear is Mask for texts of conversations and matters that the person took part in: names and short handles mean them
// there.
func (e Erasure) MaskNear(s string) (string, bool) { return e.words.mask(s, true) }

// Names tells whether a text names the person.
func (e Erasure) Names(s string) bool { return find(s, e.words.sure) || find(s, e.words.short) }

// Likes are patterns for LIKE with the escape character !, of lower-case texts in which Mask may find something.
func (e Erasure) Likes() []string {
	out := make([]string, len(e.words.sure))
	for i, x := range e.words.sure {
		out[i] = "%" + escapeLike(x) + "%"
	}
	return out
}

// MentionLikes are patterns for LIKE with the escape character !, of lower-case JSON in which a network may say that the person
// is mentioned: see Are.
func (e Erasure) MentionLikes() []string {
	var out []string
	for _, i := range e.Identities {
		for _, s := range []string{i.Handle, i.RemoteID} {
			if s != "" {
				out = append(out, `%"`+escapeLike(strings.ToLower(s))+`"%`)
			}
		}
	}
	return out
}

// Are tells whether an account that something names is the person's.
func (e Erasure) Are(n network.Name, a network.Author) bool {
	key := identityKey(n, a)
	return key != "" && slices.ContainsFunc(e.Identities, func(i Identity) bool { return i.Network == n && i.key == key })
}

// Owns tells whether a remote id names an account of the person's, where networks write accounts into ids.
func (e Erasure) Owns(n network.Name, remoteID string) bool {
	account := network.AccountIn(remoteID)
	return account != "" && slices.ContainsFunc(e.Identities, func(i Identity) bool { return i.Network == n && i.RemoteID == account })
}
