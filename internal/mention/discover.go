package mention

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Endpoints say where a page wants to be told that it was linked; "" is nowhere.
type Endpoints struct {
	Webmention string
	Pingback   string
	Trackback  string
}

// Any tells whether the page wants to be told at all.
func (e Endpoints) Any() bool { return e.Webmention != "" || e.Pingback != "" || e.Trackback != "" }

// Look reads a page that was linked and finds where it wants to be told.
func Look(ctx context.Context, d Doer, target string) (Endpoints, error) {
	p, err := read(ctx, d, target)
	if err == nil && !p.OK() {
		err = ErrStatus.With("host", p.URL.Hostname()).With("status", p.Status)
	}
	if err != nil {
		return Endpoints{}, fmt.Errorf("mention.Look: %w", err)
	}
	return Discover(p, target), nil
}

// Discover finds where a page wants to be told. Webmention: the first Link header, else the first link or a element, in the order of the
// document, of that relation (Webmention 3.1.2). Pingback: the X-Pingback header, else the first link element (Pingback 1.0, section 2).
// Trackback: the RDF about this page, else the first link or a element. Relative addresses are relative to where the page stands.
func Discover(p Page, target string) Endpoints {
	var e Endpoints
	for _, l := range linkHeaders(p.Links) {
		if e.Webmention == "" && slices.Contains(l.rel, "webmention") {
			e.Webmention = at(p.URL, l.href)
		}
	}
	if u := resolve(p.URL, p.Ping); p.Ping != "" && u != nil {
		e.Pingback = u.String()
	}
	if p.HTML() {
		e.scan(p, target)
	}
	return e
}

func at(base *url.URL, href string) string {
	if u := resolve(base, href); u != nil {
		return u.String()
	}
	return ""
}

// scan reads the elements and the comments of a page.
func (e *Endpoints) scan(p Page, target string) {
	base, based := p.URL, false
	rdf := ""
	z := html.NewTokenizer(bytes.NewReader(p.Body))
	z.SetMaxBuf(mostPage)
	hidden := 0 // templates are no part of the page
	for {
		switch z.Next() {
		case html.ErrorToken:
			if rdf != "" {
				e.Trackback = rdf
			}
			return
		case html.CommentToken:
			if rdf == "" {
				rdf = pingOf(string(z.Text()), base, target)
			}
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
			case hidden > 0:
			case a == atom.Base && !based:
				if href, has := attributes(z, more)["href"]; has {
					base, based = p.base(href), true
				}
			case a == atom.Link || a == atom.A || a == atom.Area:
				e.element(a, attributes(z, more), base)
			case rdf == "" && string(name) == "rdf:description":
				rdf = pingIn(attributes(z, more), base, target)
			}
		}
	}
}

// element reads a link.
func (e *Endpoints) element(a atom.Atom, attrs map[string]string, base *url.URL) {
	href, has := attrs["href"]
	if !has {
		return
	}
	for _, rel := range strings.Fields(strings.ToLower(attrs["rel"])) {
		switch {
		case rel == "webmention" && e.Webmention == "":
			e.Webmention = at(base, href)
		case rel == "pingback" && a == atom.Link && e.Pingback == "" && strings.TrimSpace(href) != "":
			e.Pingback = at(base, href)
		case rel == "trackback" && e.Trackback == "" && strings.TrimSpace(href) != "":
			e.Trackback = at(base, href)
		}
	}
}

// pingOf looks for RDF in a comment (TrackBack 1.2, "Auto-discovery of TrackBack ping URLs").
func pingOf(comment string, base *url.URL, target string) string {
	if !strings.Contains(comment, "trackback:ping") {
		return ""
	}
	z := html.NewTokenizer(strings.NewReader(comment))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return ""
		case html.StartTagToken, html.SelfClosingTagToken:
			if name, more := z.TagName(); string(name) == "rdf:description" {
				if u := pingIn(attributes(z, more), base, target); u != "" {
					return u
				}
			}
		}
	}
}

// pingIn reads a description: it counts when it is about this page, for many may stand in one.
func pingIn(attrs map[string]string, base *url.URL, target string) string {
	about := attrs["dc:identifier"]
	if about == "" {
		about = attrs["rdf:about"]
	}
	if attrs["trackback:ping"] == "" || !Same(at(base, about), target) {
		return ""
	}
	return at(base, attrs["trackback:ping"])
}

// attributes gives the attributes of a tag; of several with one name the first counts.
func attributes(z *html.Tokenizer, more bool) map[string]string {
	out := map[string]string{}
	for more {
		var key, value []byte
		key, value, more = z.TagAttr()
		if _, has := out[string(key)]; !has {
			out[string(key)] = string(value)
		}
	}
	return out
}

// headerLink is a link of a Link header.
type headerLink struct {
	href string
	rel  []string // in small letters
}

// linkHeaders reads Link headers (RFC 8288 section 3), as far as browsers and the specifications' own examples write them. A header
// that is broken counts up to where it breaks.
func linkHeaders(values []string) []headerLink {
	var out []headerLink
	for _, v := range values {
		for {
			v = strings.TrimLeft(v, " \t,")
			if !strings.HasPrefix(v, "<") {
				break
			}
			href, rest, ok := strings.Cut(v[1:], ">")
			if !ok {
				break
			}
			l := headerLink{href: href}
			l.rel, v = linkParams(rest)
			out = append(out, l)
		}
	}
	return out
}

// linkParams reads the parameters of one link up to the comma behind them.
func linkParams(s string) (rel []string, rest string) {
	for {
		s = strings.TrimLeft(s, " \t")
		if !strings.HasPrefix(s, ";") {
			return rel, skipTo(s, ",")
		}
		s = strings.TrimLeft(s[1:], " \t;")
		end := strings.IndexAny(s, "=;, \t")
		if end < 0 {
			return rel, ""
		}
		name := strings.ToLower(s[:end])
		s = strings.TrimLeft(s[end:], " \t")
		if !strings.HasPrefix(s, "=") {
			continue
		}
		var value string
		value, s = paramValue(strings.TrimLeft(s[1:], " \t"))
		if name == "rel" && rel == nil { // of several the first counts (RFC 8288 section 3.3)
			rel = strings.Fields(strings.ToLower(value))
		}
	}
}

// paramValue reads a value, in quotes or without.
func paramValue(s string) (value, rest string) {
	if !strings.HasPrefix(s, `"`) {
		end := strings.IndexAny(s, ";, \t")
		if end < 0 {
			return s, ""
		}
		return s[:end], s[end:]
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case s[i] == '"':
			return b.String(), s[i+1:]
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String(), ""
}

func skipTo(s, mark string) string {
	if i := strings.Index(s, mark); i >= 0 {
		return s[i:]
	}
	return ""
}
