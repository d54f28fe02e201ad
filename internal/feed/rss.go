package feed

import (
	"encoding/xml"
	"net/url"
	"strings"
)

// rssHead reads what stands in the channel of RSS.
func (x *xmlFeed) rssHead(e xml.StartElement, base *url.URL) (err error) {
	f := &x.feed
	name := tag(e.Name)
	switch name {
	case "item":
		return x.item(e, base, x.rssField)
	case "atom:link":
		x.headLink(e, base)
		return x.skip()
	case "wp:author":
		return x.member()
	case "title", "link", "language", "dc:language", "managingeditor", "dc:creator", "lastbuilddate", "pubdate", "dc:date":
	default:
		return x.skip()
	}
	s, err := x.words()
	switch name {
	case "title":
		f.Title = s
	case "link":
		if f.URL == "" {
			f.URL = address(base, s)
		}
	case "language", "dc:language":
		f.Language = s
	case "managingeditor", "dc:creator":
		f.Author = person(s)
	case "lastbuilddate", "pubdate", "dc:date":
		if t := Moment(s); t.After(f.Updated) {
			f.Updated = t
		}
	}
	return err
}

// headLink takes a link of the feed itself.
func (x *xmlFeed) headLink(e xml.StartElement, base *url.URL) {
	f, u := &x.feed, address(base, attr(e, "href"))
	if u == "" {
		return
	}
	switch strings.ToLower(attr(e, "rel")) {
	case "self":
		f.Self = u
	case "hub":
		f.Hubs = append(f.Hubs, u)
	case "next", "prev-archive":
		f.Next = u
	case "", "alternate":
		if f.URL == "" {
			f.URL = u
		}
	}
}

// person takes a name from the ways in which RSS writes people: "Anna Bruni", "anna@example.it (Anna Bruni)", "Anna Bruni <anna@example.it>".
func person(s string) Person {
	s = strings.TrimSpace(s)
	if mail, name, ok := strings.Cut(s, " ("); ok && strings.Contains(mail, "@") {
		return Person{Name: strings.TrimSuffix(name, ")"), Email: mail}
	}
	if name, mail, ok := strings.Cut(s, "<"); ok && strings.Contains(mail, "@") {
		return Person{Name: strings.TrimSpace(name), Email: strings.TrimSuffix(mail, ">")}
	}
	if strings.Contains(s, "@") && !strings.Contains(s, " ") && !strings.HasPrefix(s, "@") {
		return Person{Email: s}
	}
	return Person{Name: s}
}

// rssField reads what stands in an article of RSS.
func (x *xmlFeed) rssField(d *draft, e xml.StartElement) (err error) {
	name := tag(e.Name)
	switch name {
	case "description":
		d.description, err = x.html()
		return err
	case "content:encoded", "body", "fullitem":
		d.HTML, err = x.html()
		return err
	case "enclosure", "media:content":
		if u := address(d.base, attr(e, "url")); u != "" {
			kind := attr(e, "type")
			if kind == "" {
				kind = attr(e, "medium")
			}
			d.Files = append(d.Files, File{URL: u, Type: kind})
		}
		return x.skip()
	case "atom:link":
		x.itemLink(d, e)
		return x.skip()
	case "guid":
		d.permalink = !strings.EqualFold(attr(e, "ispermalink"), "false")
	case "thr:in-reply-to":
		d.ReplyTo = attr(e, "ref")
		return x.skip()
	}
	if ours, err := x.wordpressField(d, name); ours || err != nil {
		return err
	}
	if name == "author" { // some write it as Atom does
		return x.author(&d.Author, d.base)
	}
	if strings.HasPrefix(name, "media:") || strings.HasPrefix(name, "itunes:") && name != "itunes:author" {
		return x.skip()
	}
	s, markup, err := x.inner()
	if err != nil || markup != "" && name != "title" {
		return err
	}
	switch name {
	case "title":
		d.Title = flat(s)
	case "link":
		if d.URL == "" {
			d.URL = address(d.base, s)
		}
	case "guid":
		d.ID = s
	case "dc:creator":
		d.Author = person(flat(s))
	case "itunes:author":
		if d.Author == (Person{}) {
			d.Author = person(flat(s))
		}
	case "pubdate", "dc:date", "dc:created", "dc:issued":
		if t := Moment(s); !t.IsZero() && d.Published.IsZero() {
			d.Published = t
		}
	case "atom:published":
		d.Published = Moment(s)
	case "atom:updated", "dc:modified":
		d.Updated = Moment(s)
	case "category", "dc:subject":
		if s = flat(s); s != "" {
			d.Tags = append(d.Tags, s)
		}
	case "comments":
		d.CommentsURL = address(d.base, s)
	case "wfw:commentrss":
		d.CommentsFeed = address(d.base, s)
	case "dc:language":
		d.Language = s
	}
	return nil
}

// itemLink takes a link of an article.
func (x *xmlFeed) itemLink(d *draft, e xml.StartElement) {
	u := address(d.base, attr(e, "href"))
	if u == "" {
		return
	}
	switch rel, kind := strings.ToLower(attr(e, "rel")), attr(e, "type"); rel {
	case "", "alternate":
		if d.URL == "" || kind == "text/html" {
			d.URL = u
		}
	case "enclosure":
		d.Files = append(d.Files, File{URL: u, Type: kind})
	case "replies":
		if strings.Contains(kind, "xml") {
			d.CommentsFeed = u
		} else {
			d.CommentsURL = u
		}
	}
}

// author reads a person: elements as Atom has them, or words.
func (x *xmlFeed) author(p *Person, base *url.URL) error {
	var words strings.Builder
	for {
		t, err := x.dec.Token()
		if err != nil {
			return unexpected(err)
		}
		switch e := t.(type) {
		case xml.CharData:
			words.Write(e)
		case xml.StartElement:
			s, _, err := x.inner()
			if err != nil {
				return err
			}
			switch strings.ToLower(e.Name.Local) {
			case "name":
				p.Name = flat(s)
			case "uri", "url":
				p.URL = address(base, s)
			case "email":
				p.Email = s
			}
		case xml.EndElement:
			if s := flat(words.String()); s != "" && p.Name == "" {
				*p = person(s)
			}
			return nil
		}
	}
}
