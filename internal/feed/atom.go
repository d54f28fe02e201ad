package feed

import (
	"encoding/xml"
	"net/url"
	"strings"
)

// atomHead reads what stands in a feed of Atom.
func (x *xmlFeed) atomHead(e xml.StartElement, base *url.URL) (err error) {
	switch strings.ToLower(e.Name.Local) {
	case "entry":
		return x.item(e, base, x.atomField)
	case "link":
		x.headLink(e, base)
		return x.skip()
	case "title":
		_, x.feed.Title, err = x.construct(e)
		return err
	case "updated", "modified":
		s, _, err := x.inner()
		x.feed.Updated = Moment(s)
		return err
	case "author":
		return x.author(&x.feed.Author, base)
	}
	return x.skip()
}

// construct reads a text construct (RFC 4287, 3.1): as HTML, and plain.
func (x *xmlFeed) construct(e xml.StartElement) (html, said string, err error) {
	s, markup, err := x.inner()
	switch kind := strings.ToLower(attr(e, "type")); {
	case kind == "xhtml", markup != "":
		if markup == "" {
			markup = escaped(s)
		}
		return markup, plain(markup), err
	case strings.Contains(kind, "html"):
		return s, plain(s), err
	default:
		return escaped(s), s, err
	}
}

func escaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}

// atomField reads what stands in an article of Atom.
func (x *xmlFeed) atomField(d *draft, e xml.StartElement) (err error) {
	name := tag(e.Name)
	if !strings.Contains(name, ":") { // nobody said which namespace
		name = "atom:" + name
	}
	switch name {
	case "atom:title":
		_, d.Title, err = x.construct(e)
		d.Title = strings.Join(strings.Fields(d.Title), " ")
		return err
	case "atom:content":
		if src := address(d.base, attr(e, "src")); src != "" {
			d.Files = append(d.Files, File{URL: src, Type: attr(e, "type")})
			return x.skip()
		}
		d.HTML, d.Text, err = x.construct(e)
		return err
	case "atom:summary":
		d.description, d.Summary, err = x.construct(e)
		return err
	case "atom:link":
		x.itemLink(d, e)
		return x.skip()
	case "atom:author":
		if d.Author != (Person{}) { // the first is named
			return x.skip()
		}
		return x.author(&d.Author, d.base)
	case "atom:category":
		name := attr(e, "label")
		if name == "" {
			name = attr(e, "term")
		}
		if name != "" {
			d.Tags = append(d.Tags, name)
		}
		return x.skip()
	case "thr:in-reply-to":
		d.ReplyTo = attr(e, "ref")
		return x.skip()
	case "atom:id", "atom:published", "atom:issued", "atom:updated", "atom:modified":
		s, _, err := x.inner()
		switch name {
		case "atom:id":
			d.ID = s
		case "atom:published", "atom:issued":
			d.Published = Moment(s)
		default:
			d.Updated = Moment(s)
		}
		return err
	}
	return x.skip()
}
