package public

import (
	"bytes"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/public/view"
)

// How pages may be kept by others. Figures change at any moment and must be current: they are asked for again each time,
// and an answer that they did not change costs little.
const (
	cacheOpen   = "public, no-cache"
	cacheClosed = "private, no-store"
)

const html = "text/html; charset=utf-8"

func (p *Public) growthRoutes(prefix string) {
	for _, lang := range i18n.Langs {
		at := prefix + view.PathGrowth(lang)
		p.add("GET "+at, p.of(prefix, lang, p.showGrowth))
		p.add("GET "+at+"/{$}", func(rw http.ResponseWriter, r *http.Request, _ *visit) error {
			http.Redirect(rw, r, at, http.StatusMovedPermanently)
			return nil
		})
		p.add("GET "+at+"/{number}", p.of(prefix, lang, p.showEntry))
		p.add("GET "+at+"/share.png", p.of(prefix, lang, p.serveShare))
		p.add("GET "+at+"/feed.atom", p.of(prefix, lang, p.serveAtom))
		p.add("GET "+at+"/feed.json", p.of(prefix, lang, p.serveJSONFeed))
		p.add("GET "+at+"/embed", p.of(prefix, lang, p.showEmbed))
	}
}

// open reads what the growth page shows. A page that is not open is there for members of the company only.
func (p *Public) open(r *http.Request, v *visit, cursor string) (growth.Public, error) {
	g, err := p.rooms.Growth.Page(r.Context(), v.company.ID, cursor, view.MostStones, false)
	if fault.KindOf(err) == fault.NotFound && p.options.Inside != nil && p.options.Inside(r, v.company.ID) {
		if g, err = p.rooms.Growth.Page(r.Context(), v.company.ID, cursor, view.MostStones, true); err == nil {
			v.closed = true
		}
	}
	if fault.KindOf(err) == fault.Invalid {
		return g, errMissing.Because(err) // a cursor that nobody handed out
	}
	return g, err
}

// isOpen tells whether a stranger may see the company's page.
func (p *Public) isOpen(r *http.Request, v *visit) bool {
	if v.company.ID == "" {
		return false
	}
	_, err := p.rooms.Growth.Page(r.Context(), v.company.ID, "", view.MostStones, false)
	return err == nil
}

// give answers with a page that stays as it is for a version of what it shows.
func (p *Public) give(rw http.ResponseWriter, r *http.Request, v *visit, version, kind string, draw func() ([]byte, error)) error {
	cache := cacheOpen
	if v.closed {
		version, cache = "", cacheClosed
		rw.Header().Add("Vary", "Cookie")
	}
	key := strings.Join([]string{string(v.company.ID), p.base(r, v), v.lang, r.URL.Path, r.URL.Query().Get("from")}, "\x00")
	c, err := p.kept.take(key, version, kind, draw)
	if err != nil {
		return err
	}
	c.hand(rw, r, cache)
	return nil
}

func drawn(r *http.Request, c templ.Component) func() ([]byte, error) {
	return func() ([]byte, error) {
		var b bytes.Buffer
		err := c.Render(r.Context(), &b)
		return b.Bytes(), err
	}
}

// sheet makes a page of growth, with what all of them have.
func (p *Public) sheet(r *http.Request, v *visit, g growth.Public, path string) view.Page {
	v.company = g.Company
	page := p.page(r, v)
	page.Feeds, page.Updated, page.WriteHere = true, g.HeadAt, g.Settings.WriteTo != ""
	page.Canonical = v.prefix + view.PathGrowth(v.lang) + path
	page.Other = v.prefix + view.PathGrowth(other(v.lang)) + path
	return page
}

func other(lang string) string {
	if lang == "en" {
		return "it"
	}
	return "en"
}

func (p *Public) showGrowth(rw http.ResponseWriter, r *http.Request, v *visit) error {
	from := r.URL.Query().Get("from")
	g, err := p.open(r, v, from)
	if err != nil {
		return err
	}
	return p.give(rw, r, v, g.Version, html, func() ([]byte, error) {
		if from != "" {
			page := p.sheet(r, v, g, "?from="+url.QueryEscape(from))
			page.Title = v.words.T("publicpage.older.title")
			return drawn(r, view.OlderPage(page, g))()
		}
		page := p.sheet(r, v, g, "")
		page.Title = strings.Join(page.Headline(g), " ")
		page.Description = page.Describing(g)
		page.Depict(g)
		page.Data = page.LinkedGrowth(g)
		return drawn(r, view.GrowthPage(page, g))()
	})
}

func (p *Public) showEntry(rw http.ResponseWriter, r *http.Request, v *visit) error {
	g, err := p.open(r, v, "")
	if err != nil {
		return err
	}
	said := r.PathValue("number")
	number, err := strconv.Atoi(said)
	if err != nil || number < 1 || said != strconv.Itoa(number) {
		return errMissing
	}
	i, err := p.rooms.Growth.Entry(r.Context(), v.company.ID, number, v.closed)
	if err != nil {
		return err
	}
	return p.give(rw, r, v, g.Version, html, func() ([]byte, error) {
		page := p.sheet(r, v, g, "/"+said)
		page.Describe(i)
		page.Depict(g)
		page.Data = page.LinkedEntry(i)
		return drawn(r, view.EntryPage(page, g, i))()
	})
}

// serveShare is the picture of the bridge for where the page is shared.
func (p *Public) serveShare(rw http.ResponseWriter, r *http.Request, v *visit) error {
	g, err := p.open(r, v, "")
	if err != nil {
		return err
	}
	return p.give(rw, r, v, g.Version, "image/png", func() ([]byte, error) { return p.sheet(r, v, g, "").Share(g) })
}

// showEmbed is the page for a frame. Who may frame it is the company's to say.
func (p *Public) showEmbed(rw http.ResponseWriter, r *http.Request, v *visit) error {
	g, err := p.open(r, v, "")
	if err != nil {
		return err
	}
	h := rw.Header()
	h.Set("Content-Security-Policy", policy+framers(g.Settings.Embed))
	h.Del("X-Frame-Options")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("X-Robots-Tag", "noindex") // the whole page is the one to find
	return p.give(rw, r, v, g.Version, html, func() ([]byte, error) {
		page := p.sheet(r, v, g, "")
		page.Title, page.Index = v.words.T("publicpage.embed.title", "company", g.Company.Name), false
		return drawn(r, view.EmbedPage(page, g))()
	})
}

// framers writes the origins that may show a page in a frame as the policy wants them. What is no origin is left out; when
// the company named some and none is one, nobody may.
func framers(origins []string) string {
	if len(origins) == 0 {
		return "*"
	}
	said := []string{"'self'"}
	for _, o := range origins {
		u, err := url.Parse(o)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || strings.Trim(u.Path, "/") != "" ||
			u.RawQuery != "" || u.Fragment != "" || strings.ContainsAny(u.Host, " ;,'\"*\r\n") {
			continue
		}
		said = append(said, u.Scheme+"://"+u.Host)
	}
	return strings.Join(said, " ")
}
