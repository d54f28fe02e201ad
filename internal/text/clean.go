package text

import (
	"net/url"
	"strings"
	"sync"
	"unicode"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
)

// maxNesting is how deep CleanHTML lets elements stand in each other; what is deeper loses its element, not its text.
const maxNesting = 32

// linkRel and linkTarget stand on every link that people outside wrote.
const (
	linkRel    = "nofollow noopener noreferrer ugc"
	linkTarget = "_blank"
)

var postPolicy = sync.OnceValue(func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "blockquote", "ul", "ol", "li", "em", "strong", "b", "i", "code", "pre")
	p.AllowAttrs("href").OnElements("a")
	p.AllowURLSchemes("http", "https")
	p.AllowRelativeURLs(false)
	p.RequireParseableURLs(true)
	return p
})

// CleanHTML makes HTML that a network told safe to show: p, br, blockquote, ul, ol, li, em, strong, code, pre, and
// links with an absolute http or https address. Everything else is dropped: attributes, classes, images, scripts with
// what they hold; of other elements the text stays. Elements are closed in order and at most 32 deep. Cleaning twice
// is cleaning once.
func CleanHTML(s string) string {
	s = postPolicy().Sanitize(strings.ToValidUTF8(s, "\ufffd"))
	var b balancer
	z := html.NewTokenizer(strings.NewReader(s))
	for {
		switch z.Next() {
		case html.ErrorToken: // the end: a string reader has no other error
			b.closeTo(0)
			return b.out.String()
		case html.TextToken:
			b.text(string(z.Text()))
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			b.open(element(t.Data), t.Attr)
		case html.EndTagToken:
			t := z.Token()
			b.close(element(t.Data))
		}
	}
}

// element gives the name under which an element goes on.
func element(name string) string {
	switch name {
	case "b":
		return "strong"
	case "i":
		return "em"
	default:
		return name
	}
}

// balancer writes elements so that each is closed in order. The cleaner before it works token by token, and an end
// tag too many would otherwise close an element of the page around it.
type balancer struct {
	out   strings.Builder
	stack []string
}

func (b *balancer) text(s string) {
	b.out.WriteString(html.EscapeString(strings.Map(visible, s)))
}

// visible drops control characters, which have no place in HTML and which PostgreSQL refuses in part.
func visible(r rune) rune {
	if r != '\n' && r != '\t' && unicode.IsControl(r) {
		return -1
	}
	return r
}

func (b *balancer) open(name string, attrs []html.Attribute) {
	if name == "br" {
		b.out.WriteString("<br>")
		return
	}
	switch name {
	case "p", "ul", "ol", "blockquote", "pre":
		b.closeInside("p", "li", "blockquote")
	case "li":
		b.closeInside("li", "ul", "ol")
	case "a":
		b.closeInside("a")
	}
	if len(b.stack) >= maxNesting {
		return
	}
	if name == "a" {
		href, ok := webAddress(attrs)
		if !ok {
			return
		}
		b.out.WriteString(`<a href="` + html.EscapeString(href) + `" rel="` + linkRel + `" target="` + linkTarget + `">`)
	} else {
		b.out.WriteString("<" + name + ">")
	}
	b.stack = append(b.stack, name)
}

func webAddress(attrs []html.Attribute) (string, bool) {
	for _, a := range attrs {
		if a.Key == "href" && a.Namespace == "" {
			u, err := url.Parse(a.Val)
			if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
				return "", false
			}
			return a.Val, true
		}
	}
	return "", false
}

// closeInside closes the innermost open element of this name, unless one of the walls stands between.
func (b *balancer) closeInside(name string, walls ...string) {
	for i := len(b.stack) - 1; i >= 0; i-- {
		if b.stack[i] == name {
			b.closeTo(i)
			return
		}
		for _, w := range walls {
			if b.stack[i] == w {
				return
			}
		}
	}
}

func (b *balancer) close(name string) { b.closeInside(name) }

func (b *balancer) closeTo(depth int) {
	for len(b.stack) > depth {
		last := len(b.stack) - 1
		b.out.WriteString("</" + b.stack[last] + ">")
		b.stack = b.stack[:last]
	}
}
