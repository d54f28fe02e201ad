package mention

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/text"
)

// Doer sends a request: a client that is guarded against being led inside.
type Doer interface {
	Do(r *http.Request) (*http.Response, error)
}

// mostPage is how many bytes of a page are read, unpacked (Webmention 3.2.2: a receiver limits what it reads).
const mostPage = 1 << 20

// Page is a page of the web as it was read.
type Page struct {
	URL    *url.URL // where it stands after all redirects
	Status int
	MIME   string   // "text/html"
	Links  []string // the Link headers
	Ping   string   // the X-Pingback header
	Body   []byte   // in UTF-8 where it is text, the first million bytes; empty when the status is no success
	Cut    bool     // there was more
}

// ErrStatus says that a page was not given. args: host, status.
var ErrStatus = fault.New(fault.Upstream, "mention.status")

// Read asks for a page. An answer without success is no error: see Page.Status.
func Read(ctx context.Context, d Doer, address string) (Page, error) {
	p, err := read(ctx, d, address)
	if err != nil {
		return Page{}, fmt.Errorf("mention.Read: %w", err)
	}
	return p, nil
}

func read(ctx context.Context, d Doer, address string) (Page, error) {
	u, err := Address(address)
	if err != nil {
		return Page{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath, RawQuery: u.RawQuery}).String(), nil)
	if err != nil {
		return Page{}, ErrAddress.Because(err)
	}
	req.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.5")
	res, err := d.Do(req)
	if err != nil {
		return Page{}, err
	}
	defer func() { _ = res.Body.Close() }() // only read from
	p := Page{URL: u, Status: res.StatusCode, Links: res.Header.Values("Link"), Ping: strings.TrimSpace(res.Header.Get("X-Pingback"))}
	if res.Request != nil && res.Request.URL != nil {
		p.URL = res.Request.URL
	}
	told := res.Header.Get("Content-Type")
	if p.MIME, _, err = mime.ParseMediaType(told); err != nil {
		p.MIME = strings.ToLower(strings.TrimSpace(strings.Split(told, ";")[0]))
	}
	if !p.OK() {
		return p, nil
	}
	if err := p.take(res.Body, told); err != nil {
		return Page{}, err
	}
	return p, ctx.Err()
}

// take reads the body.
func (p *Page) take(r io.Reader, told string) error {
	raw, err := io.ReadAll(io.LimitReader(r, mostPage+1))
	if err != nil && len(raw) == 0 {
		return err
	}
	p.Cut = err != nil || len(raw) > mostPage // a connection that broke in the middle: what was read counts
	raw = raw[:min(len(raw), mostPage)]
	if !strings.HasPrefix(p.MIME, "text/") && p.MIME != "application/xhtml+xml" {
		p.Body = raw
		return nil
	}
	if p.Body, err = io.ReadAll(text.Decode(bytes.NewReader(raw), told)); err != nil {
		p.Body = raw
	}
	return nil
}

// OK tells whether the page was given.
func (p Page) OK() bool { return p.Status >= 200 && p.Status <= 299 }

// Gone tells whether the page is not there any more, as far as its server says.
func (p Page) Gone() bool { return p.Status == http.StatusGone || p.Status == http.StatusNotFound }

// HTML tells whether it is a page of HTML.
func (p Page) HTML() bool { return p.MIME == "text/html" || p.MIME == "application/xhtml+xml" }

// base is what relative addresses in the page are relative to.
func (p Page) base(href string) *url.URL {
	if u := resolve(p.URL, href); u != nil {
		return u
	}
	return p.URL
}
