package public

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/url"
	"time"

	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/public/view"
)

// atomFeed is a feed of RFC 4287, with pages as in RFC 5005.
type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string      `xml:"xml:lang,attr"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Author  atomPerson  `xml:"author"`
	Links   []atomLink  `xml:"link"`
	Made    string      `xml:"generator"`
	Entries []atomEntry `xml:"entry"`
}

type atomPerson struct {
	Name string `xml:"name"`
	URI  string `xml:"uri,omitempty"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr"`
	Href string `xml:"href,attr"`
}

type atomText struct {
	Type string `xml:"type,attr"`
	Lang string `xml:"xml:lang,attr,omitempty"`
	Text string `xml:",chardata"`
}

type atomEntry struct {
	ID        string   `xml:"id"`
	Title     atomText `xml:"title"`
	Published string   `xml:"published"`
	Updated   string   `xml:"updated"`
	Link      atomLink `xml:"link"`
	Content   atomText `xml:"content"`
}

// jsonFeed is a feed of JSON Feed 1.1.
type jsonFeed struct {
	Version     string       `json:"version"`
	Title       string       `json:"title"`
	HomePageURL string       `json:"home_page_url"`
	FeedURL     string       `json:"feed_url"`
	NextURL     string       `json:"next_url,omitempty"`
	Description string       `json:"description"`
	Language    string       `json:"language"`
	Authors     []jsonAuthor `json:"authors"`
	Items       []jsonItem   `json:"items"`
}

type jsonAuthor struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

type jsonItem struct {
	ID            string `json:"id"`
	URL           string `json:"url"`
	Title         string `json:"title"`
	ContentText   string `json:"content_text"`
	DatePublished string `json:"date_published"`
	DateModified  string `json:"date_modified"`
	Language      string `json:"language,omitempty"`
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// touched is when an improvement last said something new.
func touched(i growth.Improvement) time.Time {
	if n := len(i.Later); n > 0 {
		return i.Later[n-1].At
	}
	return i.PublishedAt
}

// feedOf reads what a feed holds, and its page.
func (p *Public) feedOf(rw http.ResponseWriter, r *http.Request, v *visit, name string) (growth.Public, view.Page, error) {
	from := r.URL.Query().Get("from")
	g, err := p.open(r, v, from)
	if err != nil {
		return g, view.Page{}, err
	}
	h := rw.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	path := "/" + name
	if from != "" {
		path += "?from=" + url.QueryEscape(from)
	}
	return g, p.sheet(r, v, g, path), nil
}

func (p *Public) serveAtom(rw http.ResponseWriter, r *http.Request, v *visit) error {
	g, page, err := p.feedOf(rw, r, v, "feed.atom")
	if err != nil {
		return err
	}
	return p.give(rw, r, v, g.Version, "application/atom+xml; charset=utf-8", func() ([]byte, error) {
		home := page.Base + v.prefix + view.PathGrowth(v.lang)
		f := atomFeed{
			Lang: v.lang, ID: home, Title: v.words.T("publicpage.feed.title", "company", g.Company.Name), Author: atomPerson{Name: g.Company.Name, URI: home},
			Made: "Ponte", Links: []atomLink{{Rel: "self", Type: "application/atom+xml", Href: page.Base + page.Canonical}, {Rel: "alternate", Type: "text/html", Href: home}},
		}
		if g.Next != "" {
			f.Links = append(f.Links, atomLink{Rel: "next", Type: "application/atom+xml", Href: home + "/feed.atom?from=" + url.QueryEscape(g.Next)})
		}
		updated := g.Company.CreatedAt
		for _, i := range g.Improvements {
			s := page.Story(i)
			at := touched(i)
			if at.After(updated) {
				updated = at
			}
			f.Entries = append(f.Entries, atomEntry{
				ID: s.URL, Title: atomText{Type: "text", Lang: s.Lang, Text: s.Title}, Published: stamp(i.PublishedAt), Updated: stamp(at),
				Link: atomLink{Rel: "alternate", Type: "text/html", Href: s.URL}, Content: atomText{Type: "text", Lang: s.Lang, Text: s.Text},
			})
		}
		f.Updated = stamp(updated)
		b, err := xml.MarshalIndent(f, "", "  ")
		return append([]byte(xml.Header), append(b, '\n')...), err
	})
}

func (p *Public) serveJSONFeed(rw http.ResponseWriter, r *http.Request, v *visit) error {
	g, page, err := p.feedOf(rw, r, v, "feed.json")
	if err != nil {
		return err
	}
	return p.give(rw, r, v, g.Version, "application/feed+json; charset=utf-8", func() ([]byte, error) {
		home := page.Base + v.prefix + view.PathGrowth(v.lang)
		f := jsonFeed{
			Version: "https://jsonfeed.org/version/1.1", Title: v.words.T("publicpage.feed.title", "company", g.Company.Name), HomePageURL: home,
			FeedURL: page.Base + page.Canonical, Description: v.words.T("publicpage.describe", "company", g.Company.Name), Language: v.lang,
			Authors: []jsonAuthor{{Name: g.Company.Name, URL: home}}, Items: []jsonItem{},
		}
		if g.Next != "" {
			f.NextURL = home + "/feed.json?from=" + url.QueryEscape(g.Next)
		}
		for _, i := range g.Improvements {
			s := page.Story(i)
			f.Items = append(f.Items, jsonItem{
				ID: s.URL, URL: s.URL, Title: s.Title, ContentText: s.Text, DatePublished: stamp(i.PublishedAt), DateModified: stamp(touched(i)), Language: s.Lang,
			})
		}
		b, err := json.MarshalIndent(f, "", "  ")
		return append(b, '\n'), err
	})
}
