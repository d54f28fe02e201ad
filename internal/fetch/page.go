package fetch

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/text"
)

// Bounds of what is read of a page.
const (
	mostPage        = 1 << 20 // bytes, unpacked: what a page says about itself stands in its head
	mostToken       = 64 << 10
	mostTitle       = 300 // characters
	mostDescription = 600
)

// Page is what a page of the web says about itself.
type Page struct {
	Address     string // where it stands after all redirects
	MIME        string // of the answer
	Title       string
	Description string
	Image       string // the address of the picture that stands for it
}

// StatusError says that a server answered with a status that is not a success. Find it with errors.As; as a fault it is fetch.status.
type StatusError struct {
	Host   string
	Status int
}

// Error implements error.
func (e *StatusError) Error() string { return fmt.Sprintf("fetch: %s answered %d", e.Host, e.Status) }

// Unwrap gives the fault that doors show.
func (e *StatusError) Unwrap() error {
	return fault.New(fault.Upstream, "fetch.status").With("host", e.Host).With("status", e.Status)
}

// ReadPage asks for a page and reads what it says about itself: as Open Graph (ogp.me), as a card of X, else its title and its
// description. Of what is no page there is the kind alone. Not more than its first million bytes are read; characters that a page's own
// character set does not have are replaced. An answer that is no success is a *StatusError.
func ReadPage(ctx context.Context, client *http.Client, address string) (Page, error) {
	p, err := readPage(ctx, client, address)
	if err != nil {
		return Page{}, fmt.Errorf("fetch.ReadPage: %w", err)
	}
	return p, nil
}

func readPage(ctx context.Context, client *http.Client, address string) (Page, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return Page{}, fault.New(fault.Invalid, "fetch.address").With("address", address).Because(err)
	}
	req.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.5")
	res, err := client.Do(req)
	if err != nil {
		return Page{}, err
	}
	defer res.Body.Close()
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return Page{}, &StatusError{Host: req.URL.Hostname(), Status: res.StatusCode}
	}
	at := res.Request.URL
	p := Page{Address: at.String()}
	told := res.Header.Get("Content-Type")
	if p.MIME, _, err = mime.ParseMediaType(told); err != nil {
		p.MIME = strings.ToLower(strings.TrimSpace(told))
	}
	if p.MIME != "text/html" && p.MIME != "application/xhtml+xml" {
		return p, nil
	}
	p.read(text.Decode(io.LimitReader(res.Body, mostPage), told), at)
	if ctx.Err() != nil { // it stopped in the middle: nobody knows what else it would have said
		return Page{}, ctx.Err()
	}
	return p, nil
}

// rank says which of the places where a page tells the same counts more: the lowest.
var rank = map[string]int{
	"og:title": 1, "twitter:title": 2,
	"og:description": 1, "twitter:description": 2, "description": 3,
	"og:image:secure_url": 1, "og:image": 2, "og:image:url": 2, "twitter:image": 3, "twitter:image:src": 3,
}

// read reads the head of a page.
func (p *Page) read(body io.Reader, at *url.URL) {
	z := html.NewTokenizer(body)
	z.SetMaxBuf(mostToken)
	best := map[*string]int{}
	take := func(into *string, key, value string) {
		n := rank[key]
		if value = line(value); value == "" || best[into] > 0 && best[into] <= n {
			return
		}
		*into, best[into] = value, n
	}
	base, title := at, ""
	inTitle := false
	for {
		switch z.Next() {
		case html.ErrorToken:
			p.finish(base, title)
			return // the end, a token that is too long, or a connection that broke: what was read counts
		case html.TextToken:
			if inTitle {
				title += string(z.Text())
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			if atom.Lookup(name) == atom.Title {
				inTitle = false
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, has := z.TagName()
			switch atom.Lookup(name) {
			case atom.Body:
				if p.Title != "" || title != "" { // some write their head into the body
					p.finish(base, title)
					return
				}
			case atom.Title:
				inTitle = title == ""
			case atom.Base:
				if u, err := at.Parse(attribute(z, has, "href")["href"]); err == nil {
					base = u
				}
			case atom.Meta:
				a := attribute(z, has, "property", "name", "content")
				for _, key := range []string{strings.ToLower(a["property"]), strings.ToLower(a["name"])} {
					switch {
					case rank[key] == 0:
					case strings.HasSuffix(key, "title"):
						take(&p.Title, key, a["content"])
					case strings.HasSuffix(key, "description"):
						take(&p.Description, key, a["content"])
					default:
						take(&p.Image, key, a["content"])
					}
				}
			}
		}
	}
}

// finish brings what was read into its form.
func (p *Page) finish(base *url.URL, title string) {
	if p.Title == "" {
		p.Title = line(title)
	}
	p.Title, p.Description = text.Cut(p.Title, mostTitle), text.Cut(p.Description, mostDescription)
	if p.Image == "" {
		return
	}
	u, err := base.Parse(p.Image)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		p.Image = ""
		return
	}
	p.Image = u.String()
}

// attribute gives some attributes of a tag.
func attribute(z *html.Tokenizer, more bool, names ...string) map[string]string {
	out := map[string]string{}
	for more {
		var key, value []byte
		key, value, more = z.TagAttr()
		for _, n := range names {
			if _, has := out[n]; !has && string(key) == n {
				out[n] = strings.TrimSpace(string(value))
			}
		}
	}
	return out
}

// line puts a text on one line, without what nobody sees.
func line(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), r == '\ufeff', r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069: // what turns the writing around, too
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	return strings.Join(strings.Fields(s), " ")
}
