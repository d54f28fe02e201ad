package feed

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"io"
	"net/url"
	"strings"

	"github.com/ponte-desk/ponte/internal/text"
)

// deepest is how many elements may stand inside each other.
const deepest = 200

// spaces are the namespaces that are told apart, by the short name that feeds use for them.
var spaces = map[string]string{
	"http://www.w3.org/2005/Atom": "atom", "http://purl.org/atom/ns#": "atom", "http://purl.org/dc/elements/1.1/": "dc", "http://purl.org/dc/terms/": "dc",
	"http://purl.org/rss/1.0/modules/content/": "content", "http://wellformedweb.org/CommentAPI/": "wfw", "http://search.yahoo.com/mrss/": "media",
	"http://purl.org/syndication/thread/1.0": "thr", "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes", "http://purl.org/rss/1.0/modules/slash/": "slash",
	"http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf", "http://www.w3.org/XML/1998/namespace": "xml",
}

// tag is an element's name with its short namespace; those of RSS itself have none.
func tag(n xml.Name) string {
	space, ok := spaces[n.Space]
	if strings.HasPrefix(n.Space, "http://wordpress.org/export/") {
		space, ok = "wp", true
		if strings.HasSuffix(n.Space, "/excerpt/") {
			space = "excerpt"
		}
	}
	if !ok && !strings.Contains(n.Space, "/") {
		space = strings.ToLower(n.Space) // a prefix that nobody declared
	}
	if space == "" {
		return strings.ToLower(n.Local)
	}
	return space + ":" + strings.ToLower(n.Local)
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if tag(a.Name) == name {
			return strings.TrimSpace(a.Value)
		}
	}
	return ""
}

// xmlFeed goes over RSS and Atom.
type xmlFeed struct {
	dec   *xml.Decoder
	in    *meter
	got   func(*Item) error
	feed  Feed
	depth int
	err   error // of got
}

func readXML(r io.Reader, in *meter, base *url.URL, got func(*Item) error) (Feed, error) {
	x := &xmlFeed{dec: xml.NewDecoder(r), in: in, got: got}
	x.dec.Strict, x.dec.Entity = false, xml.HTMLEntity
	x.dec.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	err := x.run(base)
	if x.err != nil {
		return x.feed, x.err
	}
	if err != nil {
		line, _ := x.dec.InputPos()
		return x.feed, in.broken(err, line)
	}
	return x.feed, nil
}

func (x *xmlFeed) run(base *url.URL) error {
	for {
		t, err := x.dec.Token()
		if errors.Is(err, io.EOF) {
			return ErrUnknown
		}
		if err != nil {
			return err
		}
		e, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		x.feed.Kind = rootKind(e.Name.Local)
		base := based(base, e)
		switch x.feed.Kind {
		case Atom:
			x.feed.Language = attr(e, "xml:lang")
			return x.each(func(e xml.StartElement) error { return x.atomHead(e, base) })
		case RSS, RDF:
			return x.each(func(e xml.StartElement) error {
				switch tag(e.Name) {
				case "channel":
					base := based(base, e)
					return x.each(func(e xml.StartElement) error { return x.rssHead(e, base) })
				case "item":
					return x.item(e, base, x.rssField)
				}
				return x.skip()
			})
		}
		return ErrUnknown
	}
}

// based follows xml:base.
func based(base *url.URL, e xml.StartElement) *url.URL {
	if s := attr(e, "xml:base"); s != "" {
		if u, err := base.Parse(s); err == nil {
			return u
		}
	}
	return base
}

// each calls got for each element inside the one that is open, until that one closes. got reads its element to the end.
func (x *xmlFeed) each(got func(e xml.StartElement) error) error {
	if x.depth++; x.depth > deepest {
		return errors.New("feed: too deep")
	}
	defer func() { x.depth-- }()
	for {
		t, err := x.dec.Token()
		if err != nil {
			return unexpected(err)
		}
		switch e := t.(type) {
		case xml.StartElement:
			if err := got(e); err != nil {
				return err
			}
		case xml.EndElement:
			return nil
		}
	}
}

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (x *xmlFeed) skip() error { return x.each(func(xml.StartElement) error { return x.skip() }) }

// void are elements of HTML that have no end.
var void = map[string]bool{"br": true, "hr": true, "img": true, "source": true, "wbr": true, "embed": true, "input": true}

// inner gives what stands in an element: its words and, where there are elements in it, the same as HTML.
func (x *xmlFeed) inner() (words, markup string, err error) {
	var plain, html strings.Builder
	elements, open := false, []string{}
	for {
		t, err := x.dec.Token()
		if err != nil {
			return "", "", unexpected(err)
		}
		switch e := t.(type) {
		case xml.CharData:
			plain.Write(e)
			_ = xml.EscapeText(&html, e)
		case xml.StartElement:
			if elements = true; len(open) > deepest {
				return "", "", errors.New("feed: too deep")
			}
			html.WriteString("<" + e.Name.Local)
			for _, a := range e.Attr {
				if a.Name.Space == "xmlns" || a.Name.Local == "xmlns" {
					continue
				}
				html.WriteString(" " + a.Name.Local + `="`)
				_ = xml.EscapeText(&html, []byte(a.Value))
				html.WriteString(`"`)
			}
			html.WriteString(">")
			open = append(open, e.Name.Local)
		case xml.EndElement:
			if len(open) == 0 {
				if !elements {
					return strings.TrimSpace(plain.String()), "", nil
				}
				return strings.TrimSpace(plain.String()), strings.TrimSpace(html.String()), nil
			}
			if name := open[len(open)-1]; !void[strings.ToLower(name)] {
				html.WriteString("</" + name + ">")
			}
			open = open[:len(open)-1]
		}
	}
}

// words reads an element as plain words; those that are written as HTML lose their marks.
func (x *xmlFeed) words() (string, error) {
	s, _, err := x.inner()
	return flat(s), err
}

// plain gives the words of HTML.
func plain(html string) string {
	if strings.ContainsAny(html, "<&") {
		return text.PlainFromHTML(html)
	}
	return strings.Join(strings.Fields(html), " ")
}

func flat(s string) string {
	if strings.ContainsAny(s, "<&") {
		s = text.PlainFromHTML(s)
	}
	return strings.Join(strings.Fields(s), " ")
}

// html reads an element whose words are HTML, whether escaped, in CDATA or as elements.
func (x *xmlFeed) html() (string, error) {
	s, markup, err := x.inner()
	if markup != "" {
		return markup, err
	}
	return s, err
}

// draft is an article while its fields come.
type draft struct {
	Item
	base        *url.URL
	description string // HTML
	permalink   bool
}

// item reads one article and hands it on.
func (x *xmlFeed) item(e xml.StartElement, base *url.URL, field func(d *draft, e xml.StartElement) error) error {
	x.in.rest()
	d := &draft{base: based(base, e)}
	d.Line, _ = x.dec.InputPos()
	d.ID, d.Language = attr(e, "rdf:about"), attr(e, "xml:lang")
	if err := x.each(func(e xml.StartElement) error { return field(d, e) }); err != nil {
		return err
	}
	if d.HTML == "" {
		d.HTML, d.description = d.description, ""
	}
	if d.URL == "" && (d.permalink || x.feed.Kind == RDF) {
		d.URL = address(d.base, d.ID)
	}
	if d.Text == "" {
		d.Text = plain(d.HTML)
	}
	if d.Summary == "" && d.description != "" {
		d.Summary = plain(d.description)
	}
	it := d.whole()
	if it == nil {
		return nil
	}
	x.feed.Items++
	x.err = x.got(it)
	x.in.rest()
	return x.err
}

// whole gives an article what it needs to be told apart; nil when nothing is in it.
func (it *Item) whole() *Item {
	if it.Title == "" && it.Text == "" && it.URL == "" && it.ID == "" && len(it.Files) == 0 {
		return nil
	}
	if it.ID == "" {
		it.ID = it.URL
	}
	if it.ID == "" {
		h := sha256.Sum256([]byte(it.Title + "\x00" + it.Text + "\x00" + it.Published.String()))
		it.ID = "made:" + hex.EncodeToString(h[:12])
	}
	if it.Summary == it.Text {
		it.Summary = ""
	}
	return it
}
