package adapt

import (
	"html"
	"strings"
)

// little writes LinkedIn's little text: its reserved characters are escaped, mentions and tags are its own elements
// (learn.microsoft.com, "little Text Format"). Offsets are bytes.
func little(text string, spans []span) string {
	var b strings.Builder
	b.Grow(len(text) + len(text)/8)
	at := 0
	plain := func(end int) { // tags stay as they are written
		for _, n := range parse(text[at:end], true) {
			if n.kind == tag {
				b.WriteString("#" + n.text)
				continue
			}
			escapeLittle(&b, n.written())
		}
		at = end
	}
	for _, s := range spans {
		if s.start < at || s.kind != FacetMention {
			continue
		}
		plain(s.start)
		b.WriteString("@[")
		escapeLittle(&b, text[s.start:s.end])
		b.WriteString("](" + s.value + ")")
		at = s.end
	}
	plain(len(text))
	return b.String()
}

func escapeLittle(b *strings.Builder, s string) {
	for i := 0; i < len(s); i++ {
		if strings.IndexByte(`|{}@[]()<>#\*_~`, s[i]) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
}

// article writes a text with its links and emphasis in paragraphs.
func article(text string, spans []span, form Markup) string {
	var b strings.Builder
	for i, p := range paragraphs(text) {
		if i > 0 && form == Markdown {
			b.WriteString("\n\n")
		}
		if form == Markdown {
			inline(&b, text[p.start:p.end], cut(spans, p.start, p.end), markdownStyle)
			continue
		}
		b.WriteString("<p>")
		inline(&b, text[p.start:p.end], cut(spans, p.start, p.end), htmlStyle)
		b.WriteString("</p>\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// paragraphs divides a text at its empty lines.
func paragraphs(text string) (all []span) {
	at := 0
	for {
		i := strings.Index(text[at:], "\n\n")
		if i < 0 {
			break
		}
		all = append(all, span{start: at, end: at + i})
		at += i + 2
	}
	return append(all, span{start: at, end: len(text)})
}

// style is how a form writes what a range is.
type style struct {
	escape func(string) string
	open   func(span) string
	close  func(span) string
}

var htmlStyle = style{
	escape: func(s string) string { return strings.ReplaceAll(html.EscapeString(s), "\n", "<br>\n") },
	open: func(s span) string {
		switch s.kind {
		case FacetBold:
			return "<strong>"
		case FacetItalic:
			return "<em>"
		case FacetLink:
			return `<a href="` + html.EscapeString(s.value) + `">`
		}
		return ""
	},
	close: func(s span) string {
		switch s.kind {
		case FacetBold:
			return "</strong>"
		case FacetItalic:
			return "</em>"
		case FacetLink:
			return "</a>"
		}
		return ""
	},
}

var markdownStyle = style{
	escape: escapeMarkdown,
	open: func(s span) string {
		switch s.kind {
		case FacetBold:
			return "**"
		case FacetItalic:
			return "*"
		case FacetLink:
			return "["
		}
		return ""
	},
	close: func(s span) string {
		switch s.kind {
		case FacetBold:
			return "**"
		case FacetItalic:
			return "*"
		case FacetLink:
			return "](<" + strings.NewReplacer("<", "%3C", ">", "%3E").Replace(s.value) + ">)"
		}
		return ""
	},
}

// escapeMarkdown takes their meaning from the characters that have one in Markdown; a line end becomes a hard one.
func escapeMarkdown(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		lineStart := i == 0 || s[i-1] == '\n'
		switch {
		case strings.IndexByte("\\`*_[]<>&", c) >= 0, lineStart && strings.IndexByte("#+-=~|", c) >= 0:
			b.WriteByte('\\')
		case c == '.' || c == ')':
			if n := strings.LastIndexByte(s[:i], '\n') + 1; isNumber(s[n:i]) {
				b.WriteByte('\\') // it would begin a list
			}
		case c == '\n':
			b.WriteString("\\")
		}
		b.WriteByte(c)
	}
	return b.String()
}

// inline writes a text with ranges that lie in each other or overlap: what crosses is closed and opened again.
func inline(b *strings.Builder, text string, spans []span, st style) {
	at := 0
	var open []span
	to := func(next int) {
		if next > at {
			b.WriteString(st.escape(text[at:next]))
			at = next
		}
	}
	closeUntil := func(end int) { // closes what ends at or before a place, and opens again what was closed with it
		for {
			last := -1
			for i, s := range open {
				if s.end <= end && (last < 0 || s.end <= open[last].end) {
					last = i
				}
			}
			if last < 0 {
				return
			}
			to(open[last].end)
			for i := len(open) - 1; i >= last; i-- {
				b.WriteString(st.close(open[i]))
			}
			open = append(open[:last:last], open[last+1:]...)
			for _, s := range open[last:] {
				b.WriteString(st.open(s))
			}
		}
	}
	for _, s := range spans {
		closeUntil(s.start)
		to(s.start)
		b.WriteString(st.open(s))
		open = append(open, s)
	}
	closeUntil(len(text))
	to(len(text))
}
