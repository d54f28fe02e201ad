package bluesky

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
	"golang.org/x/net/publicsuffix"

	"github.com/ponte-desk/ponte/internal/network"
)

// Bounds of facets in what we write.
const (
	maxMentions     = 30
	maxTagGraphemes = 64
	maxTagBytes     = 640
)

var (
	linkShape    = regexp.MustCompile(`(?i)https?://[^\s<>"]+`)
	domainShape  = regexp.MustCompile(`(?i)[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)+(?::\d+)?(?:[/?#][^\s<>"]*)?`)
	mentionShape = regexp.MustCompile(`@[a-zA-Z0-9.-]+`)
	tagShape     = regexp.MustCompile(`[#＃][^\s#＃]+`)
)

// span is a found range of the text and what it means.
type span struct {
	start, end int
	kind       string // a feature type
	value      string // address, handle or tag
}

// spans finds the links, mentions and tags in a text, in order and without overlap. Offsets are bytes of UTF-8.
func spans(text string) []span {
	var found []span
	free := func(s, e int) bool {
		for _, f := range found {
			if s < f.end && f.start < e {
				return false
			}
		}
		return true
	}
	add := func(s span) {
		if s.end > s.start && free(s.start, s.end) {
			found = append(found, s)
		}
	}
	for _, m := range linkShape.FindAllStringIndex(text, -1) {
		if !opens(text, m[0]) {
			continue
		}
		end := trimEnd(text, m[0], m[1])
		if address := text[m[0]:end]; strings.Contains(address, "://") && hasHost(address) {
			add(span{m[0], end, featureLink, address})
		}
	}
	for _, m := range mentionShape.FindAllStringIndex(text, -1) {
		if !opens(text, m[0]) {
			continue
		}
		end := m[0] + len(strings.TrimRight(text[m[0]:m[1]], ".-"))
		if h, ok := parseHandle(text[m[0]+1 : end]); ok {
			add(span{m[0], end, featureMention, h})
		}
	}
	for _, m := range tagShape.FindAllStringIndex(text, -1) {
		if !opens(text, m[0]) {
			continue
		}
		end := m[0] + len(strings.TrimRightFunc(text[m[0]:m[1]], unicode.IsPunct))
		_, mark := utf8.DecodeRuneInString(text[m[0]:])
		if end <= m[0]+mark {
			continue
		}
		tag := text[m[0]+mark : end]
		if strings.ContainsFunc(tag, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsSymbol(r) }) &&
			len(tag) <= maxTagBytes && uniseg.GraphemeClusterCount(tag) <= maxTagGraphemes {
			add(span{m[0], end, featureTag, tag})
		}
	}
	for _, m := range domainShape.FindAllStringIndex(text, -1) {
		if !opens(text, m[0]) {
			continue
		}
		end := trimEnd(text, m[0], m[1])
		host, _, _ := strings.Cut(text[m[0]:end], "/")
		host = strings.ToLower(strings.FieldsFunc(host+" ", func(r rune) bool { return r == ':' || r == '?' || r == '#' })[0])
		host = strings.TrimSpace(host)
		if next, _ := utf8.DecodeRuneInString(text[end:]); next == '@' || unicode.IsLetter(next) || unicode.IsDigit(next) {
			continue // a mail address, or a word that goes on in letters no domain has
		}
		suffix, icann := publicsuffix.PublicSuffix(host)
		if icann && suffix != host && strings.HasSuffix(host, "."+suffix) && !strings.Contains(host, "..") && utf8.ValidString(host) {
			add(span{m[0], end, featureLink, "https://" + text[m[0]:end]})
		}
	}
	slices.SortFunc(found, func(a, b span) int { return a.start - b.start })
	return found
}

// opens tells whether something may begin at this byte: after nothing, space, or an opening bracket or quote.
func opens(text string, at int) bool {
	r, n := utf8.DecodeLastRuneInString(text[:at])
	return n == 0 || unicode.IsSpace(r) || unicode.In(r, unicode.Ps, unicode.Pi) || r == '"' || r == '\'' || r == '*' || r == '_'
}

// trimEnd leaves out the punctuation that ends a sentence and not an address.
func trimEnd(text string, start, end int) int {
	for end > start {
		r, n := utf8.DecodeLastRuneInString(text[start:end])
		switch {
		case strings.ContainsRune(".,;:!?'\"*_…", r) || unicode.In(r, unicode.Pf, unicode.Pi):
		case r == ')' && strings.Count(text[start:end], "(") < strings.Count(text[start:end], ")"):
		case r == ']' && strings.Count(text[start:end], "[") < strings.Count(text[start:end], "]"):
		default:
			return end
		}
		end -= n
	}
	return end
}

// hasHost tells whether something stands after the two slashes that can be a host.
func hasHost(address string) bool {
	_, rest, _ := strings.Cut(address, "://")
	r, _ := utf8.DecodeRuneInString(rest)
	return rest != "" && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '[')
}

// facets turns a text into the ranges the network wants. A name that belongs to nobody stays text; when it cannot be
// told whose it is, the error is returned, because the same message must be the same record at every attempt.
func (cl *client) facets(ctx context.Context, text string) ([]facet, error) {
	var out []facet
	known := map[string]string{}
	for _, s := range spans(text) {
		f := feature{Type: s.kind}
		switch s.kind {
		case featureLink:
			f.URI = s.value
		case featureTag:
			f.Tag = s.value
		case featureMention:
			did, asked := known[s.value]
			if !asked {
				if len(known) >= maxMentions {
					continue
				}
				var err error
				did, err = cl.c.resolveAt(ctx, cl.cred.ServerURL, s.value)
				if err != nil && network.ProblemOf(err).Key != network.ProblemAddress {
					return nil, err
				}
				known[s.value] = did
			}
			if did == "" {
				continue
			}
			f.DID = did
		}
		out = append(out, facet{Index: byteRange{s.start, s.end}, Features: []feature{f}})
	}
	return out, nil
}

// usable gives the facets whose ranges lie in the text, on the borders of characters and one after the other.
func usable(p post) []facet {
	in := slices.Clone(p.Facets)
	slices.SortStableFunc(in, func(a, b facet) int { return a.Index.Start - b.Index.Start })
	end := 0
	var out []facet
	for _, f := range in {
		r := f.Index
		if r.Start < end || r.End <= r.Start || r.End > len(p.Text) || !border(p.Text, r.Start) || !border(p.Text, r.End) {
			continue
		}
		out, end = append(out, f), r.End
	}
	return out
}

func border(s string, at int) bool { return at == len(s) || utf8.RuneStart(s[at]) }

// plainText gives a post's words with every link in full: apps show links shortened and keep the rest in a facet or
// in a card below.
func plainText(p post) string {
	var b strings.Builder
	at := 0
	for _, f := range usable(p) {
		b.WriteString(p.Text[at:f.Index.Start])
		b.WriteString(fullLink(p.Text[f.Index.Start:f.Index.End], f.Features))
		at = f.Index.End
	}
	b.WriteString(p.Text[at:])
	text := b.String()
	if m := p.media(); m != nil && m.Type == embedExternal {
		if card := webAddress(m.External); card != "" && !strings.Contains(text, strings.TrimSuffix(bareAddress(card), "/")) {
			text = strings.TrimRight(text, " \n")
			if text != "" {
				text += "\n"
			}
			text += card
		}
	}
	return text
}

// fullLink gives what should stand instead of the words shown for a link.
func fullLink(shown string, features []feature) string {
	i := slices.IndexFunc(features, func(f feature) bool { return f.Type == featureLink })
	if i < 0 {
		return shown
	}
	address := webAddress(features[i].URI)
	short := strings.TrimSpace(shown)
	head, cutOff := strings.CutSuffix(short, "…")
	if !cutOff {
		head, cutOff = strings.CutSuffix(short, "...")
	}
	switch full := bareAddress(address); {
	case address == "":
		return shown
	case strings.TrimSuffix(bareAddress(short), "/") == strings.TrimSuffix(full, "/"):
		return shown
	case cutOff && strings.HasPrefix(full, bareAddress(head)):
		return strings.Replace(shown, short, address, 1)
	default:
		return shown + " (" + address + ")"
	}
}

// bareAddress is an address without what apps leave out when they show it.
func bareAddress(s string) string {
	for _, prefix := range []string{"https://", "http://"} {
		if len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix) {
			s = s[len(prefix):]
			break
		}
	}
	return strings.TrimPrefix(s, "www.")
}

// mentions lists the people a post names.
func mentions(p post) []network.Author {
	var out []network.Author
	for _, f := range usable(p) {
		for _, ft := range f.Features {
			if ft.Type != featureMention || !isDID(ft.DID) || slices.ContainsFunc(out, func(a network.Author) bool { return a.RemoteID == ft.DID }) {
				continue
			}
			out = append(out, network.Author{RemoteID: ft.DID, Handle: strings.TrimPrefix(p.Text[f.Index.Start:f.Index.End], "@")})
		}
	}
	return out
}
