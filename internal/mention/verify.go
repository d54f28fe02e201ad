package mention

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/ponte-desk/ponte/internal/text"
)

// mostLinks is how many links of a page are given.
const mostLinks = 500

// Mentions tells whether a page really links to the target (Webmention 3.2.2): in HTML an element leads there or shows it, in JSON a value is
// it, in plain text it stands there. Comments, scripts and templates are no part of a page.
func Mentions(p Page, target string) bool {
	t, err := Address(target)
	if err != nil {
		return false
	}
	found := false
	switch {
	case p.HTML():
		walkLinks(p, func(u *url.URL, _ bool) bool {
			found = meets(u, t)
			return !found
		})
	case p.MIME == "application/json" || strings.HasSuffix(p.MIME, "+json"):
		var v any
		found = json.Unmarshal(p.Body, &v) == nil && inJSON(v, t, 0)
	case strings.HasPrefix(p.MIME, "text/"):
		for _, s := range text.Linkify(string(p.Body)) {
			if u, err := Address(s.URL); s.URL != "" && err == nil && meets(u, t) {
				return true
			}
		}
	}
	return found
}

func inJSON(v any, t *url.URL, depth int) bool {
	if depth > 100 {
		return false
	}
	switch v := v.(type) {
	case string:
		u, err := Address(v)
		return err == nil && meets(u, t)
	case []any:
		for _, x := range v {
			if inJSON(x, t, depth+1) {
				return true
			}
		}
	case map[string]any:
		for _, x := range v {
			if inJSON(x, t, depth+1) {
				return true
			}
		}
	}
	return false
}

// Links gives where a piece of HTML leads: the addresses of its links, each page once, in order, at most 500. What only shows something,
// as pictures do, is left out.
func Links(base, fragment string) []string {
	u, err := Address(base)
	if err != nil {
		return nil
	}
	var out []string
	seen := map[string]bool{}
	walkLinks(Page{URL: u, MIME: "text/html", Body: []byte(fragment)}, func(u *url.URL, leads bool) bool {
		if k := key(u); leads && !seen[k] {
			seen[k] = true
			out = append(out, u.String())
		}
		return len(out) < mostLinks
	})
	return out
}

// shows are the attributes with which elements show or lead to something.
var shows = map[atom.Atom][]string{
	atom.A: {"href"}, atom.Area: {"href"}, atom.Img: {"src"}, atom.Video: {"src", "poster"}, atom.Audio: {"src"}, atom.Source: {"src"},
	atom.Iframe: {"src"}, atom.Embed: {"src"}, atom.Object: {"data"}, atom.Blockquote: {"cite"}, atom.Q: {"cite"}, atom.Del: {"cite"}, atom.Ins: {"cite"},
}

// walkLinks tells f of every address in a page until it says no.
func walkLinks(p Page, f func(u *url.URL, leads bool) bool) {
	base, based := p.URL, false
	z := html.NewTokenizer(bytes.NewReader(p.Body))
	z.SetMaxBuf(mostPage)
	hidden := 0
	for {
		switch z.Next() {
		case html.ErrorToken:
			return
		case html.EndTagToken:
			if name, _ := z.TagName(); atom.Lookup(name) == atom.Template && hidden > 0 {
				hidden--
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := z.TagName()
			a := atom.Lookup(name)
			switch {
			case a == atom.Template:
				hidden++
			case hidden > 0 || !more:
			case a == atom.Base && !based:
				if href, has := attributes(z, more)["href"]; has {
					base, based = p.base(href), true
				}
			default:
				attrs := attributes(z, more)
				for _, name := range addressesOf(a, attrs) {
					if u := resolve(base, attrs[name]); strings.TrimSpace(attrs[name]) != "" && u != nil && !f(u, a == atom.A || a == atom.Area) {
						return
					}
				}
			}
		}
	}
}

// addressesOf names the attributes of an element that hold addresses. link and data count where they say a property of what is written.
func addressesOf(a atom.Atom, attrs map[string]string) []string {
	switch {
	case a == atom.Link && strings.Contains(attrs["class"], "u-"):
		return []string{"href"}
	case a == atom.Data && strings.Contains(attrs["class"], "u-"):
		return []string{"value"}
	}
	return shows[a]
}
