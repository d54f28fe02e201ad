package text

import (
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// PlainFromHTML writes HTML as plain text: paragraphs apart by a blank line, lines and list items by a line break,
// images as their description, links whole (an address the server shortened is written out, the address of a link
// with other words follows in brackets; mentions and hashtags stay as they read). Scripts, styles and what no reader
// sees are dropped. The result has no blank line at its ends and never two in a row outside pre.
func PlainFromHTML(s string) string {
	p := plainWriter{}
	z := html.NewTokenizer(strings.NewReader(strings.ToValidUTF8(s, "\ufffd")))
	for {
		switch z.Next() {
		case html.ErrorToken:
			p.endLink()
			return strings.TrimSpace(p.out.String())
		case html.TextToken:
			p.text(string(z.Text()))
		case html.StartTagToken:
			t := z.Token()
			p.start(t, true)
		case html.SelfClosingTagToken:
			t := z.Token()
			p.start(t, false)
		case html.EndTagToken:
			t := z.Token()
			p.end(t.DataAtom)
		}
	}
}

type plainWriter struct {
	out    strings.Builder
	breaks int  // line breaks owed before the next character
	space  bool // a space owed before the next character
	skip   atom.Atom
	depth  int // of skip inside itself
	pre    int

	link  strings.Builder // the words of the open link
	href  string
	inA   bool
	owedB int // what was owed before the link began
	owedS bool
}

func dropped(a atom.Atom) bool {
	switch a {
	case atom.Script, atom.Style, atom.Template, atom.Noscript, atom.Iframe, atom.Noembed, atom.Noframes,
		atom.Title, atom.Svg, atom.Math, atom.Object, atom.Textarea, atom.Select:
		return true
	default:
		return false
	}
}

// apart tells how many line breaks an element wants around itself.
func apart(a atom.Atom) int {
	switch a {
	case atom.P, atom.Blockquote, atom.Pre, atom.Ul, atom.Ol, atom.Dl, atom.Table, atom.H1, atom.H2, atom.H3,
		atom.H4, atom.H5, atom.H6, atom.Hr, atom.Figure:
		return 2
	case atom.Div, atom.Li, atom.Tr, atom.Dt, atom.Dd, atom.Section, atom.Article, atom.Header, atom.Footer,
		atom.Figcaption, atom.Main, atom.Aside, atom.Address:
		return 1
	default:
		return 0
	}
}

func (p *plainWriter) start(t html.Token, opens bool) {
	a := t.DataAtom
	if p.skip != 0 {
		if opens && a == p.skip {
			p.depth++
		}
		return
	}
	if dropped(a) {
		if opens {
			p.skip, p.depth = a, 1
		}
		return
	}
	switch a {
	case atom.Br:
		p.owe(p.breaks + 1)
	case atom.Img:
		p.text(attribute(t, "alt"))
	case atom.A:
		p.endLink()
		p.inA, p.href = true, strings.TrimSpace(attribute(t, "href"))
		p.owedB, p.owedS = p.breaks, p.space
		p.breaks, p.space = 0, false
	default:
		p.owe(apart(a))
		if a == atom.Li {
			p.write("- ")
		}
		if a == atom.Pre {
			p.pre++
		}
	}
}

func (p *plainWriter) end(a atom.Atom) {
	if p.skip != 0 {
		if a == p.skip {
			if p.depth--; p.depth == 0 {
				p.skip = 0
			}
		}
		return
	}
	switch a {
	case atom.A:
		p.endLink()
	case atom.Pre:
		p.pre = max(0, p.pre-1)
		p.owe(2)
	default:
		p.owe(apart(a))
	}
}

func attribute(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// owe asks for line breaks before the next character; inside a link they become a space.
func (p *plainWriter) owe(breaks int) {
	if breaks == 0 {
		return
	}
	if p.inA {
		p.space = true
		return
	}
	p.breaks = max(p.breaks, min(breaks, 2))
}

func (p *plainWriter) text(s string) {
	if p.skip != 0 {
		return
	}
	if p.pre > 0 && !p.inA {
		p.write(strings.Map(visible, s))
		return
	}
	for _, r := range s {
		if unicode.IsSpace(r) {
			p.space = true
			continue
		}
		if visible(r) < 0 {
			continue
		}
		p.write(string(r))
	}
}

// write puts out what is owed, then s.
func (p *plainWriter) write(s string) {
	if s == "" {
		return
	}
	out := &p.out
	if p.inA {
		out = &p.link
	}
	switch {
	case out.Len() == 0 && !p.inA:
	case p.breaks > 0:
		out.WriteString(strings.Repeat("\n", p.breaks))
	case p.space && out.Len() > 0 && !strings.HasSuffix(out.String(), "\n"):
		out.WriteByte(' ')
	}
	p.breaks, p.space = 0, false
	out.WriteString(s)
}

func (p *plainWriter) endLink() {
	if !p.inA {
		return
	}
	words, after := p.link.String(), p.space
	p.inA = false
	p.link.Reset()
	p.breaks, p.space = p.owedB, p.owedS
	p.write(wholeLink(words, p.href))
	p.space = p.space || after
}

// wholeLink says a link in plain text.
func wholeLink(words, href string) string {
	web := strings.HasPrefix(href, "http://") || strings.HasPrefix(href, "https://")
	href = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return visible(r)
	}, href)
	bare := func(s string) string {
		s = strings.TrimPrefix(strings.TrimPrefix(s, "https://"), "http://")
		return strings.TrimSuffix(strings.TrimPrefix(s, "www."), "/")
	}
	short := strings.TrimSuffix(strings.TrimSuffix(words, "…"), "...")
	switch {
	case !web, strings.HasPrefix(words, "@"), strings.HasPrefix(words, "#"):
		return words
	case words == "", short != words && strings.HasPrefix(bare(href), bare(short)):
		return href
	case bare(words) == bare(href):
		return words
	default:
		return words + " (" + href + ")"
	}
}
