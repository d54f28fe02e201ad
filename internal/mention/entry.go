package mention

import (
	"bytes"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/ponte-desk/ponte/internal/text"
)

// Kind is what a page does towards another. It is stored in the database.
type Kind string

// The kinds.
const (
	Reply    Kind = "reply"
	Like     Kind = "like"
	Repost   Kind = "repost"
	Bookmark Kind = "bookmark"
	Plain    Kind = "mention" // it links there, and says no more
)

// Author is who wrote a page, as the page says.
type Author struct {
	Name  string
	URL   string
	Photo string
}

// Mention is what a page says about another.
type Mention struct {
	Kind      Kind
	URL       string // where the page itself says that it stands, on its own host; else where it was read
	Title     string
	Text      string // plain; what surrounds the link where the page does not mark what it says
	Marked    bool   // the page marks what it says: Text is the whole of it, not what surrounds the link
	Author    Author
	Published time.Time // zero: not told
	Updated   time.Time
	Language  string // as the page says; "" when it does not
}

// Bounds of what is kept of a mention, in characters.
const (
	mostText    = 10000
	mostAround  = 400
	mostTitles  = 300
	mostAuthors = 150
)

// relations are the properties by which an entry says what it does, in the order in which they count.
var relations = []struct {
	kind  Kind
	names []string
}{
	{Reply, []string{"in-reply-to"}},
	{Repost, []string{"repost-of", "repost"}},
	{Like, []string{"like-of", "like"}},
	{Bookmark, []string{"bookmark-of", "bookmark"}},
}

// Understand says what a page does towards a target it links to: as its microformats say, else its Open Graph properties and its title,
// with the words around the link.
func Understand(p Page, target string) Mention {
	m := Mention{Kind: Plain, URL: p.URL.String()}
	t, err := Address(target)
	if err != nil || !p.HTML() {
		m.Author.Name, m.Author.URL = p.URL.Hostname(), origin(p.URL)
		return m
	}
	head := readHead(p, t)
	items := Microformats(p)
	if e, feed := entryOf(items, t); e != nil {
		m.fromEntry(e, t)
		m.Author = authorOf(e, feed, items)
		if u, err := Address(e.Text("url")); err == nil && Host(u) == Host(p.URL) && len(items) > 0 {
			m.URL = u.String()
		}
	}
	m.Author.URL, m.Author.Photo = onWeb(p.URL, m.Author.URL), onWeb(p.URL, m.Author.Photo)
	m.fallBack(head, p)
	m.Title, m.Author.Name = short(m.Title, mostTitles), short(m.Author.Name, mostAuthors)
	if m.Author.Name == "" { // what stood there cannot be seen
		m.Author.Name = p.URL.Hostname()
	}
	m.Text = text.Cut(strings.TrimSpace(m.Text), mostText)
	return m
}

func onWeb(base *url.URL, s string) string {
	if s == "" {
		return ""
	}
	return at(base, s)
}

func origin(u *url.URL) string { return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/"}).String() }

// entryOf finds the entry that says something of the target: the one whose properties name it, else whose words link there, else the
// page's first; and the feed it stands in.
func entryOf(items []*Item, t *url.URL) (entry, feed *Item) {
	type one struct{ entry, feed *Item }
	var all []one
	var gather func(items []*Item, feed *Item)
	gather = func(items []*Item, feed *Item) {
		for _, i := range items {
			switch {
			case i.Is("h-entry"):
				all = append(all, one{i, feed})
			case i.Is("h-feed"):
				gather(i.Children, i)
			case len(i.Children) > 0:
				gather(i.Children, feed)
			}
		}
	}
	gather(items, nil)
	for _, o := range all {
		if kindOf(o.entry, t) != Plain {
			return o.entry, o.feed
		}
	}
	for _, o := range all {
		if linksTo(o.entry.node, t, o.entry) {
			return o.entry, o.feed
		}
	}
	if len(all) == 1 {
		return all[0].entry, all[0].feed
	}
	return nil, nil
}

// linksTo tells whether an element of an entry leads to the target.
func linksTo(n *html.Node, t *url.URL, e *Item) bool {
	var b bytes.Buffer
	if html.Render(&b, n) != nil {
		return false
	}
	base := t
	if u, err := Address(e.Text("url")); err == nil {
		base = u
	}
	found := false
	walkLinks(Page{URL: base, MIME: "text/html", Body: b.Bytes()}, func(u *url.URL, _ bool) bool {
		found = meets(u, t)
		return !found
	})
	return found
}

// kindOf says what an entry does towards the target.
func kindOf(e *Item, t *url.URL) Kind {
	for _, r := range relations {
		for _, name := range r.names {
			for _, v := range e.Props[name] {
				for _, s := range addresses(v) {
					if u, err := Address(s); err == nil && meets(u, t) {
						return r.kind
					}
				}
			}
		}
	}
	return Plain
}

// addresses are those that a value may mean: its own, and those of the thing it is.
func addresses(v Value) []string {
	out := []string{v.Text}
	if v.Item != nil {
		for _, u := range v.Item.Props["url"] {
			out = append(out, u.Text)
		}
	}
	return out
}

func (m *Mention) fromEntry(e *Item, t *url.URL) {
	m.Kind = kindOf(e, t)
	m.Published, m.Updated = moment(e.Text("published")), moment(e.Text("updated"))
	if e.old && len(e.Props["name"]) > 0 || !e.old {
		m.Title = e.Text("name")
	}
	if v, ok := e.First("content"); ok {
		m.Marked = true
		if m.Text = v.Text; v.HTML != "" {
			m.Text = text.PlainFromHTML(v.HTML)
		}
	}
	if m.Text == "" {
		m.Text = e.Text("summary")
		m.Marked = m.Marked || m.Text != ""
	}
	if m.Text == "" && m.Kind != Plain && m.Kind != Like && m.Kind != Repost && m.Title != "" { // a note without marks inside is its own name
		m.Text, m.Marked = m.Title, true
	}
	if strings.HasPrefix(squeeze(m.Text), squeeze(m.Title)) { // a note's name is its words again
		m.Title = ""
	}
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), "") }

// authorOf finds who wrote an entry (indieweb.org/authorship), as far as the page itself tells.
func authorOf(e, feed *Item, items []*Item) Author {
	for _, i := range []*Item{e, feed} {
		if i == nil {
			continue
		}
		if v, ok := i.First("author"); ok {
			return author(v, items)
		}
	}
	var cards []*Item
	for _, i := range items {
		if i.Is("h-card") {
			cards = append(cards, i)
		}
	}
	if len(cards) == 1 { // the page's one card is its owner's
		return author(Value{Item: cards[0]}, items)
	}
	return Author{}
}

func author(v Value, items []*Item) Author {
	if v.Item != nil && v.Item.Is("h-card") {
		return Author{Name: oneLine(v.Item.Text("name")), URL: v.Item.Text("url"), Photo: v.Item.Text("photo")}
	}
	if _, err := Address(v.Text); err == nil { // an address: the card on this page that has it
		for _, i := range items {
			if i.Is("h-card") && slices.ContainsFunc(i.Props["url"], func(u Value) bool { return Same(u.Text, v.Text) }) {
				return author(Value{Item: i}, nil)
			}
		}
		return Author{URL: v.Text}
	}
	return Author{Name: oneLine(v.Text)}
}

// fallBack fills what no microformat said.
func (m *Mention) fallBack(h head, p Page) {
	if m.Title == "" && !m.Marked {
		m.Title = firstOf(h.meta["og:title"], h.meta["twitter:title"], h.title)
	}
	if m.Text == "" && m.Kind == Plain {
		m.Text = firstOf(h.around, h.meta["og:description"], h.meta["description"])
	}
	if m.Author.Name == "" {
		m.Author.Name = firstOf(h.meta["author"], h.meta["article:author"], h.meta["og:site_name"])
		if _, err := Address(m.Author.Name); err == nil { // some give a page about the author there
			m.Author.Name = h.meta["og:site_name"]
		}
		if m.Author.Name == "" {
			m.Author.Name = p.URL.Hostname()
		}
	}
	if m.Author.URL == "" {
		m.Author.URL = origin(p.URL)
	}
	if m.Published.IsZero() {
		m.Published = moment(h.meta["article:published_time"])
	}
	if m.Language == "" {
		m.Language = h.language
	}
}

func firstOf(all ...string) string {
	for _, s := range all {
		if s = strings.TrimSpace(s); s != "" {
			return s
		}
	}
	return ""
}

// forms are the ways in which pages write a moment. Without a zone it is taken for UTC.
var forms = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05Z07:00",
	"2006-01-02 15:04:05Z0700", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05", "2006-01-02 15:04Z07:00", "2006-01-02 15:04", "2006-01-02", time.RFC1123Z, time.RFC1123,
}

func moment(s string) time.Time {
	s = strings.TrimSpace(s)
	for _, f := range forms {
		if t, err := time.Parse(f, s); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

// head is what a page says about itself, with the words around the link.
type head struct {
	title    string
	meta     map[string]string
	language string
	around   string
}

// readHead reads a page as a stream: its head, and the block of words in which the link stands.
func readHead(p Page, t *url.URL) head {
	h := head{meta: map[string]string{}}
	base := p.URL
	z := html.NewTokenizer(bytes.NewReader(p.Body))
	z.SetMaxBuf(mostPage)
	var words strings.Builder
	here, inTitle, silent := false, false, 0
	end := func() {
		if here && h.around == "" {
			h.around = text.Cut(oneLine(words.String()), mostAround)
		}
		words.Reset()
		here = false
	}
	for {
		switch z.Next() {
		case html.ErrorToken:
			end()
			return h
		case html.TextToken:
			switch {
			case inTitle:
				h.title += string(z.Text())
			case silent == 0 && words.Len() < 8<<10:
				words.Write(z.Text())
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			switch a := atom.Lookup(name); {
			case a == atom.Title:
				inTitle = false
			case mute(a):
				silent = max(silent-1, 0)
			case block(a):
				end()
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := z.TagName()
			switch a := atom.Lookup(name); {
			case a == atom.Title:
				inTitle = h.title == ""
			case mute(a):
				silent++
			case a == atom.Base:
				if href, has := attributes(z, more)["href"]; has && base == p.URL {
					base = p.base(href)
				}
			case a == atom.Html:
				h.language = attributes(z, more)["lang"]
			case a == atom.Meta:
				h.property(attributes(z, more))
			case a == atom.A:
				if u := resolve(base, attributes(z, more)["href"]); silent == 0 && meets(u, t) {
					here = true
				}
			case block(a):
				end()
			}
		}
	}
}

func (h *head) property(attrs map[string]string) {
	for _, name := range []string{attrs["property"], attrs["name"]} {
		name = strings.ToLower(strings.TrimSpace(name))
		if name != "" && h.meta[name] == "" && len(h.meta) < 200 {
			h.meta[name] = strings.TrimSpace(attrs["content"])
		}
	}
}

func mute(a atom.Atom) bool {
	return a == atom.Script || a == atom.Style || a == atom.Template || a == atom.Textarea || a == atom.Noscript
}

func block(a atom.Atom) bool {
	switch a {
	case atom.P, atom.Li, atom.Div, atom.Td, atom.Th, atom.Tr, atom.Blockquote, atom.Article, atom.Section, atom.Header, atom.Footer, atom.Main, atom.Aside,
		atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Dd, atom.Dt, atom.Ul, atom.Ol, atom.Dl, atom.Table, atom.Figure, atom.Figcaption, atom.Nav, atom.Body:
		return true
	}
	return false
}
