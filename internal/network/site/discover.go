package site

import (
	"bytes"
	"context"
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/ponte-desk/ponte/internal/feed"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/text"
)

const softwareWordPress = "wordpress"

// wordPressAPI is the relation by which a page tells where WordPress's interface stands (developer.wordpress.org/rest-api,
// "Discovery").
const wordPressAPI = "https://api.w.org/"

// found is what stands at an address.
type found struct {
	url       string // of the site: its page, or the feed itself when that is what was named; no slash at the end of a page
	title     string
	software  string // "wordpress", or the form of the feed: "rss", "atom", "json", "rdf"
	version   string
	feed      string // its address; "" without
	api       string // root of WordPress's interface, with which programs can speak; "" without
	passwords bool   // WordPress takes application passwords
}

// usualFeeds are where sites put a feed that their page does not name.
var usualFeeds = []string{"feed", "rss.xml", "feed.xml", "atom.xml", "index.xml"}

// find looks at what stands at an address that a person typed.
func (c *Connector) find(ctx context.Context, typed string) (found, error) {
	addresses, ok := candidates(typed)
	if !ok {
		return found{}, badAddress(typed)
	}
	var first error
	for _, address := range addresses {
		a, err := c.call(ctx, request{url: address, accept: "text/html,application/xhtml+xml,application/rss+xml,application/atom+xml,application/feed+json;q=0.9,*/*;q=0.5", most: maxAnswer, cut: true})
		if err == nil {
			return c.read(ctx, a)
		}
		if first == nil {
			first = err
		}
		if p := network.ProblemOf(err); p.Key != network.ProblemUnreachable && p.Key != network.ProblemTimeout {
			break // something answers there: the other address would not say more
		}
	}
	switch p := network.ProblemOf(first); p.Key {
	case network.ProblemUnreachable, network.ProblemTimeout, network.ProblemInside, network.ProblemRate, network.ProblemServer, network.ProblemAddress:
		return found{}, p
	default:
		return found{}, &network.Problem{Verdict: network.Never, Key: network.ProblemNotAServer, Args: p.Args, Err: p.Err}
	}
}

// candidates are the addresses to try for what a person typed: without a scheme, and with http alone, https comes first.
func candidates(typed string) ([]string, bool) {
	typed = strings.TrimSpace(typed)
	scheme, rest, told := strings.Cut(typed, "://")
	if !told {
		scheme, rest = "https", typed
	}
	scheme = strings.ToLower(scheme)
	u, err := url.Parse(scheme + "://" + rest)
	if err != nil || scheme != "http" && scheme != "https" || u.Hostname() == "" || u.User != nil || strings.ContainsAny(rest, " \t\n@") ||
		!strings.ContainsAny(u.Hostname(), ".:") && u.Hostname() != "localhost" {
		return nil, false
	}
	u.Host, u.Fragment = strings.ToLower(u.Host), ""
	secure, open := *u, *u
	secure.Scheme, open.Scheme = "https", "http"
	switch {
	case told && scheme == "https":
		return []string{secure.String()}, true
	case told && u.Port() != "":
		return []string{open.String()}, true
	}
	return []string{secure.String(), open.String()}, true
}

// read makes out what a page or a feed is.
func (c *Connector) read(ctx context.Context, a answer) (found, error) {
	if kind := feed.KindOf(a.body[:min(len(a.body), feed.Head)]); kind != "" {
		at := a.url.String()
		told, _ := feed.Read(bytes.NewReader(a.body), feed.Options{Base: at}, func(*feed.Item) error { return nil })
		return found{url: at, title: told.Title, software: string(kind), feed: at}, nil
	}
	p := readPage(a)
	f := found{url: strings.TrimSuffix(withoutQuery(a.url), "/"), title: p.title, feed: p.feed}
	if api := p.api; api != "" || p.wordPress {
		c.wordPress(ctx, &f, api)
	}
	if f.software == "" && p.wordPress {
		f.software = softwareWordPress
	}
	if f.feed == "" {
		f.feed = c.guess(ctx, a.url)
	}
	switch {
	case f.feed == "" && f.api == "":
		return found{}, problem(network.Never, network.ProblemNoFeed, a.url.String(), nil)
	case f.software == "":
		f.software = "feed"
	}
	return f, nil
}

func withoutQuery(u *url.URL) string {
	bare := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}
	return bare.String()
}

// guess looks for a feed where sites usually have one.
func (c *Connector) guess(ctx context.Context, page *url.URL) string {
	for _, name := range usualFeeds {
		at := page.ResolveReference(&url.URL{Path: "/" + name})
		a, err := c.call(ctx, request{url: at.String(), accept: feedTypes, most: maxHead, cut: true})
		if err == nil && feed.KindOf(a.body[:min(len(a.body), feed.Head)]) != "" {
			return a.url.String()
		}
		if p := network.ProblemOf(err); err != nil && p.Key != network.ProblemGone && p.Key != network.ProblemAnswer {
			return "" // it does not want to be asked
		}
	}
	return ""
}

// wordPress looks whether WordPress's interface answers, and what it says of itself. The interface must stand where the
// page stands: a page must not send passwords elsewhere.
func (c *Connector) wordPress(ctx context.Context, f *found, api string) {
	roots := []string{api}
	if api == "" {
		roots = []string{f.url + "/wp-json/", f.url + "/?rest_route=/"}
	}
	for _, root := range roots {
		if !sameHost(root, f.url) {
			continue
		}
		a, err := c.call(ctx, request{url: root, accept: "application/json"})
		if err != nil {
			continue
		}
		var told struct {
			Name           string
			Home           string
			Namespaces     []string
			Authentication json.RawMessage
		}
		if json.Unmarshal(a.body, &told) != nil || !strings.Contains(" "+strings.Join(told.Namespaces, " ")+" ", " wp/v2 ") {
			continue
		}
		f.software, f.api = softwareWordPress, root
		var ways map[string]json.RawMessage
		if json.Unmarshal(told.Authentication, &ways) == nil {
			_, f.passwords = ways["application-passwords"]
		}
		if told.Name != "" {
			f.title = plainTitle(told.Name)
		}
		if home := strings.TrimSuffix(told.Home, "/"); webAddress(home) != "" && sameHost(home, f.url) {
			f.url = home
		}
		return
	}
}

func sameHost(a, b string) bool {
	ua, err := url.Parse(a)
	if err != nil {
		return false
	}
	ub, err := url.Parse(b)
	return err == nil && strings.EqualFold(ua.Host, ub.Host) && ua.Scheme == ub.Scheme
}

// page is what the head of a page says.
type page struct {
	title     string
	feed      string
	api       string
	wordPress bool
}

func readPage(a answer) page {
	var p page
	for _, l := range links(a.header, a.url) {
		if l.rel == wordPressAPI {
			p.api = l.href
		}
	}
	kind := a.header.Get("Content-Type")
	if t, _, err := mime.ParseMediaType(kind); err == nil && t != "text/html" && t != "application/xhtml+xml" {
		return p
	}
	z := html.NewTokenizer(text.Decode(bytes.NewReader(a.body), kind))
	z.SetMaxBuf(256 << 10)
	base, inTitle, name := a.url, false, ""
	best := 0
	for {
		switch z.Next() {
		case html.ErrorToken:
			if p.title == "" {
				p.title = plainTitle(name)
			}
			return p
		case html.TextToken:
			if inTitle {
				name += string(z.Text())
			}
		case html.EndTagToken:
			tag, _ := z.TagName()
			inTitle = inTitle && atom.Lookup(tag) != atom.Title
		case html.StartTagToken, html.SelfClosingTagToken:
			tag, more := z.TagName()
			at := attributes(z, more)
			switch atom.Lookup(tag) {
			case atom.Title:
				inTitle = name == ""
			case atom.Base:
				if u, err := a.url.Parse(at["href"]); err == nil {
					base = u
				}
			case atom.Meta:
				switch {
				case at["property"] == "og:site_name":
					p.title = plainTitle(at["content"])
				case strings.EqualFold(at["name"], "generator") && strings.HasPrefix(at["content"], "WordPress"):
					p.wordPress = true
				}
			case atom.Link:
				u, err := base.Parse(strings.TrimSpace(at["href"]))
				if err != nil || webAddress(u.String()) == "" {
					continue
				}
				rel := " " + strings.ToLower(at["rel"]) + " "
				if strings.TrimSpace(rel) == wordPressAPI && p.api == "" {
					p.api = u.String()
				}
				if n := worth(rel, at, u, a.url); n > best {
					best, p.feed = n, u.String()
				}
			}
		}
	}
}

// worth says how much a link counts as the feed of a page: 0 for none. Feeds of comments count less, and so do those of other
// sites; of equal ones the first counts.
func worth(rel string, at map[string]string, u, page *url.URL) int {
	if !strings.Contains(rel, " alternate ") && !strings.Contains(rel, " feed ") {
		return 0
	}
	kind, _, _ := mime.ParseMediaType(at["type"])
	n := 0
	switch kind {
	case "application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml":
		n = 4
	case "application/json", "text/xml", "application/xml":
		n = 2
		if strings.Contains(u.Path, "wp-json") {
			return 0
		}
	default:
		return 0
	}
	if strings.EqualFold(u.Hostname(), page.Hostname()) {
		n += 4
	}
	told := strings.ToLower(at["title"] + " " + u.Path)
	if strings.Contains(told, "comment") || strings.Contains(told, "commenti") {
		n--
		if n > 4 {
			n -= 3
		}
	}
	return n
}

func attributes(z *html.Tokenizer, more bool) map[string]string {
	out := map[string]string{}
	for more {
		var k, v []byte
		k, v, more = z.TagAttr()
		if _, has := out[string(k)]; !has {
			out[string(k)] = string(v)
		}
	}
	return out
}

// link is one of a Link header (RFC 8288).
type link struct{ href, rel string }

func links(h http.Header, base *url.URL) (all []link) {
	for _, line := range h.Values("Link") {
		for len(line) > 0 && len(all) < 50 {
			_, rest, ok := strings.Cut(line, "<")
			if !ok {
				break
			}
			target, rest, ok := strings.Cut(rest, ">")
			if !ok {
				break
			}
			params, next := rest, ""
			if i := strings.Index(rest, ",<"); i >= 0 {
				params, next = rest[:i], rest[i+1:]
			} else if i := strings.Index(rest, ", <"); i >= 0 {
				params, next = rest[:i], rest[i+1:]
			}
			line = next
			u, err := base.Parse(target)
			if err != nil {
				continue
			}
			for _, p := range strings.Split(params, ";") {
				if k, v, ok := strings.Cut(p, "="); ok && strings.EqualFold(strings.TrimSpace(k), "rel") {
					for _, rel := range strings.Fields(strings.Trim(strings.TrimSpace(v), `"`)) {
						all = append(all, link{href: u.String(), rel: rel})
					}
				}
			}
		}
	}
	return all
}

// plainTitle puts a name on one line.
func plainTitle(s string) string {
	return cut(strings.Join(strings.Fields(html.UnescapeString(s)), " "), 300)
}
