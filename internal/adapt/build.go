package adapt

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/rivo/uniseg"
	"golang.org/x/net/publicsuffix"
)

// builder writes a message as one network shows it.
type builder struct {
	rules  *Rules
	target *Target
	tags   tagger
	out    strings.Builder
	spans  []span
	notes  []Note
	cards  []string // the addresses, in order
	names  int      // people named by their handle
	links  int
	styled bool // bold or italic was lost
	open   bool // asterisks remained that look like marks
}

func (b *builder) note(level Level, key string, args map[string]any) {
	b.notes = append(b.notes, Note{Level: level, Key: key, Args: args, Part: -1, Media: -1})
}

// add writes text that means something.
func (b *builder) add(text string, kind FacetKind, value string, whole bool) {
	start := b.out.Len()
	b.out.WriteString(text)
	b.spans = append(b.spans, span{start: start, end: b.out.Len(), kind: kind, value: value, whole: whole})
}

// write writes the pieces of a message.
func (b *builder) write(nodes []node) {
	bold, italic := -1, -1 // where the emphasis began
	style := func(n node) {
		for _, s := range []struct {
			on    bool
			since *int
			kind  FacetKind
		}{{n.bold, &bold, FacetBold}, {n.italic, &italic, FacetItalic}} {
			switch {
			case s.on && *s.since < 0:
				*s.since = b.out.Len()
			case !s.on && *s.since >= 0:
				b.emphasise(*s.since, b.out.Len(), s.kind)
				*s.since = -1
			}
		}
	}
	for _, n := range nodes {
		if n.kind == stars && n.text == "" {
			continue
		}
		style(n)
		switch n.kind {
		case words:
			b.out.WriteString(n.text)
		case stars:
			b.open = b.open || n.opens || n.closes
			b.out.WriteString(n.text)
		case tag:
			b.tag(n.text)
		case person:
			b.person(n.text, n.value)
		case handle:
			b.handle(n.text)
		case link:
			b.link(n)
		}
	}
	style(node{})
}

func (b *builder) emphasise(start, end int, kind FacetKind) {
	if start >= end {
		return
	}
	if !b.rules.Formatting {
		b.styled = true
		return
	}
	b.spans = append(b.spans, span{start: start, end: end, kind: kind})
}

func (b *builder) tag(name string) {
	marked, counts := b.tags.inside(name)
	switch {
	case counts:
		b.add("#"+name, FacetTag, name, true)
	case marked:
		b.out.WriteString("#" + name)
	default:
		b.out.WriteString(name)
	}
}

// person names somebody, by the handle they have on the network, else by their name.
func (b *builder) person(name, id string) {
	handle, ok := "", false
	if b.target.Handle != nil {
		handle, ok = b.target.Handle(id)
	}
	handle = strings.TrimPrefix(strings.TrimSpace(handle), "@")
	urn, chat := strings.HasPrefix(handle, "urn:li:"), strings.HasPrefix(handle, "tg://")
	switch {
	case !b.rules.Mentions:
		b.out.WriteString(name)
	case !ok || handle == "" || strings.ContainsFunc(handle, unicode.IsSpace) ||
		urn != (b.rules.Network == LinkedIn) || chat && b.rules.Network != Telegram:
		b.out.WriteString(name)
		if !slices.ContainsFunc(b.notes, func(n Note) bool { return n.Key == "adapt.person_unknown" && n.Args["name"] == name }) {
			b.note(Warn, "adapt.person_unknown", map[string]any{"name": name})
		}
	case urn:
		b.names++
		b.add(name, FacetMention, handle, false)
	case chat:
		b.names++
		b.add(name, FacetLink, handle, false)
	default:
		b.names++
		b.add("@"+handle, FacetMention, handle, true)
	}
}

// handle writes a name as it was typed; where it can be somebody's on this network it names them.
func (b *builder) handle(name string) {
	dotted, remote := strings.Contains(name, "."), strings.Contains(name, "@")
	can := b.rules.Mentions && b.rules.Network != LinkedIn
	switch b.rules.Network {
	case Mastodon, Fake:
	case Bluesky:
		_, known := publicsuffix.PublicSuffix(strings.ToLower(name))
		can = can && dotted && known && !remote && !strings.Contains(name, "..") && !strings.Contains(name, "_")
	case Threads, Instagram:
		can = can && !remote
	default:
		can = can && !remote && !dotted && !strings.Contains(name, "-")
	}
	if !can {
		b.out.WriteString("@" + name)
		return
	}
	b.names++
	b.add("@"+name, FacetMention, name, true)
}

// tooWide is from where on an address is shown shortened where words can carry it, in graphemes.
const tooWide = 200

func (b *builder) link(n node) {
	b.links++
	address := n.value
	short := n.value == "https://"+n.text // it was written without https://, to be read
	if b.rules.Clickable && (!short || b.rules.NamedLinks) {
		address = b.tagged(address)
	}
	first := len(b.cards) == 0
	b.cards = append(b.cards, b.tagged(n.value))
	switch {
	case short:
		b.add(n.text, FacetLink, address, true)
	case n.named && b.rules.NamedLinks:
		b.add(n.text, FacetLink, address, b.fitsEasily(n.text))
	case n.named && b.rules.Card && !b.rules.Clickable && first:
		b.out.WriteString(n.text) // the address is on the button
	case n.named:
		b.out.WriteString(n.text + " (")
		b.add(address, FacetLink, address, true)
		b.out.WriteByte(')')
	case b.rules.NamedLinks && b.rules.Max > 0 && !b.fitsEasily(address) && b.rules.Network != Telegram:
		b.add(shortened(address), FacetLink, address, true)
		b.note(Hint, "adapt.link_shortened", map[string]any{"link": address})
	default:
		b.add(address, FacetLink, address, true)
	}
}

// fitsEasily tells whether words can stay together in one part.
func (b *builder) fitsEasily(s string) bool {
	return b.rules.Max == 0 || uniseg.GraphemeClusterCount(s) <= min(tooWide, b.limit()*2/3)
}

func (b *builder) limit() int { return cmp.Or(b.target.Max, b.rules.Max) }

// shortened shows an address without its protocol, cut after some characters. What it leads to is told apart.
func shortened(address string) string {
	_, bare, _ := strings.Cut(address, "://")
	var out strings.Builder
	for rest, state, n := bare, -1, 0; rest != "" && n < 40; n++ {
		var cluster string
		cluster, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		out.WriteString(cluster)
	}
	return out.String() + "…"
}

// text ends the writing: one form of line ends and spaces, nothing at the ends. The spans move along.
func (b *builder) text() (string, []span) {
	s := b.out.String()
	slices.SortStableFunc(b.spans, func(x, y span) int {
		return cmp.Or(cmp.Compare(x.start, y.start), cmp.Compare(y.end, x.end), cmp.Compare(x.kind, y.kind)) // bold and italic outside
	})
	trimmed := strings.TrimFunc(s, unicode.IsSpace)
	cutOff := strings.Index(s, trimmed)
	var spans []span
	for _, p := range cut(b.spans, cutOff, cutOff+len(trimmed)) {
		if p.end > p.start {
			spans = append(spans, p)
		}
	}
	return trimmed, spans
}

// tidy gives a text one form of line ends and leaves out what nobody sees: control characters, spaces at the ends of
// lines, more than one empty line.
func tidy(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\r' || r == '\u2028':
			return '\n'
		case r == '\u2029':
			return '\n'
		case r == '\t' || r == '\v' || r == '\f' || r == '\u0085':
			return ' '
		case r == '\n':
			return r
		case unicode.IsControl(r), r == '\ufeff', r == '\ufffe', r == '\uffff':
			return -1
		}
		return r
	}, s)
	lines := strings.Split(s, "\n")
	out := lines[:0]
	empty := 0
	for _, l := range lines {
		l = strings.TrimRightFunc(l, unicode.IsSpace)
		if l == "" {
			empty++
		} else {
			empty = 0
		}
		if empty <= 1 {
			out = append(out, l)
		}
	}
	return strings.TrimFunc(strings.Join(out, "\n"), unicode.IsSpace)
}

// cut gives what of the spans lies in a range, with offsets from its beginning.
func cut(spans []span, start, end int) (inside []span) {
	for _, s := range spans {
		if s.start >= end {
			break
		}
		if s.end <= start {
			continue
		}
		s.start, s.end = max(s.start, start)-start, min(s.end, end)-start
		inside = append(inside, s)
	}
	return inside
}

// facets turns spans into facets in the network's unit.
func facets(text string, spans []span, unit Unit) []Facet {
	if len(spans) == 0 {
		return nil
	}
	at := func(b int) int { return b }
	if unit == UTF16 {
		offsets := make([]int, 0, len(text)+1)
		n := 0
		for i, r := range text {
			for len(offsets) <= i {
				offsets = append(offsets, n)
			}
			n++
			if r > 0xffff {
				n++
			}
		}
		for len(offsets) <= len(text) {
			offsets = append(offsets, n)
		}
		at = func(b int) int { return offsets[b] }
	}
	out := make([]Facet, 0, len(spans))
	for _, s := range spans {
		out = append(out, Facet{Kind: s.kind, Start: at(s.start), End: at(s.end), Value: s.value})
	}
	return out
}
