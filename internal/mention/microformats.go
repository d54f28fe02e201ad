package mention

import (
	"bytes"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/ponte-desk/ponte/internal/text"
)

// Item is a thing that a page marks with microformats2 (microformats.org/wiki/microformats2-parsing).
type Item struct {
	Types    []string // "h-entry"
	Props    map[string][]Value
	Children []*Item // things inside that are no property

	node   *html.Node
	old    bool // marked as before microformats2: nothing is implied
	nested bool // a thing or a property that is one stands inside
	pOrE   bool // a p- or e- property was named
	u      bool // a u- property was named
}

// Value is one value of a property.
type Value struct {
	Text string // plain; an address is absolute
	HTML string // of e- properties, as it stands in the page
	Item *Item  // when the value is a thing by itself
}

// Is tells whether an item has a type.
func (i *Item) Is(t string) bool { return slices.Contains(i.Types, t) }

// First gives the first value of a property.
func (i *Item) First(name string) (Value, bool) {
	if v := i.Props[name]; len(v) > 0 {
		return v[0], true
	}
	return Value{}, false
}

// Text gives the first value of a property as plain text, "" when there is none.
func (i *Item) Text(name string) string {
	v, _ := i.First(name)
	return v.Text
}

// mostItems is how many things of a page are read.
const mostItems = 500

// Microformats reads the things that a page marks. A page that is no HTML, or that is nested beyond what anybody writes, has none.
func Microformats(p Page) []*Item {
	if !p.HTML() {
		return nil
	}
	root, err := html.Parse(bytes.NewReader(p.Body))
	if err != nil {
		return nil
	}
	m := &mf{base: p.URL}
	if b := find(root, func(n *html.Node) bool { return n.DataAtom == atom.Base && hasAttr(n, "href") }); b != nil {
		m.base = p.base(attr(b, "href"))
	}
	m.walk(root, nil)
	return m.items
}

type mf struct {
	base  *url.URL
	items []*Item
	count int
}

// className is what the class of a thing or of a property looks like.
var className = regexp.MustCompile(`^(h|p|u|dt|e)((?:-[a-z0-9]+)?(?:-[a-z]+)+)$`)

// named are the microformats2 classes of an element.
type named struct {
	roots []string    // "h-entry"
	props [][2]string // {"p", "name"}
	old   bool
}

func (m *mf) names(n *html.Node, in *Item) named {
	var out named
	classes := strings.Fields(attr(n, "class"))
	for _, c := range classes {
		switch x := className.FindStringSubmatch(c); {
		case x == nil:
		case x[1] == "h":
			if !slices.Contains(out.roots, c) {
				out.roots = append(out.roots, c)
			}
		default:
			if p := [2]string{x[1], x[2][1:]}; !slices.Contains(out.props, p) {
				out.props = append(out.props, p)
			}
		}
	}
	if len(out.roots) == 0 {
		for _, c := range classes {
			if t := oldRoots[c]; t != "" && !slices.Contains(out.roots, t) {
				out.roots, out.old = append(out.roots, t), true
			}
		}
	}
	if in != nil && in.old {
		out.props = nil
		for _, c := range classes {
			for _, t := range in.Types {
				if p, has := oldProps[t][c]; has && !slices.Contains(out.props, p) {
					out.props = append(out.props, p)
				}
			}
		}
		if in.Is("h-entry") && hasWord(attr(n, "rel"), "bookmark") {
			out.props = append(out.props, [2]string{"u", "url"})
		}
	}
	return out
}

// What stood for things before microformats2, and themes still write.
var (
	oldRoots = map[string]string{"hentry": "h-entry", "vcard": "h-card", "hfeed": "h-feed"}
	oldProps = map[string]map[string][2]string{
		"h-entry": {
			"entry-title": {"p", "name"}, "entry-summary": {"p", "summary"}, "entry-content": {"e", "content"}, "published": {"dt", "published"},
			"updated": {"dt", "updated"}, "author": {"p", "author"},
		},
		"h-card": {"fn": {"p", "name"}, "url": {"u", "url"}, "photo": {"u", "photo"}, "nickname": {"p", "nickname"}},
		"h-feed": {"author": {"p", "author"}},
	}
)

// walk reads a node and what is in it, for the item it stands in.
func (m *mf) walk(n *html.Node, in *Item) {
	if n.Type == html.ElementNode {
		if n.DataAtom == atom.Template {
			return
		}
		names := m.names(n, in)
		switch {
		case len(names.roots) > 0 && m.count < mostItems:
			m.root(n, in, names)
			return
		case in != nil:
			for _, p := range names.props {
				in.named(p[0])
				in.add(p[1], m.value(n, p[0]))
			}
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		m.walk(c, in)
	}
}

// root reads a thing.
func (m *mf) root(n *html.Node, in *Item, names named) {
	m.count++
	it := &Item{Types: names.roots, Props: map[string][]Value{}, node: n, old: names.old}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		m.walk(c, it)
	}
	if !it.old {
		m.imply(it)
	}
	if in == nil {
		m.items = append(m.items, it)
		return
	}
	in.nested = true
	if len(names.props) == 0 {
		in.Children = append(in.Children, it)
		return
	}
	for _, p := range names.props {
		in.named(p[0])
		v := m.value(n, p[0])
		v.Item = it
		switch p[0] {
		case "p":
			if s := it.Text("name"); s != "" {
				v.Text = s
			}
		case "u":
			if s := it.Text("url"); s != "" {
				v.Text = s
			}
		}
		in.add(p[1], v)
	}
}

func (i *Item) named(prefix string) {
	switch prefix {
	case "p", "e":
		i.pOrE = true
	case "u":
		i.u = true
	}
}

func (i *Item) add(name string, v Value) {
	if len(i.Props[name]) < mostItems {
		i.Props[name] = append(i.Props[name], v)
	}
}

// value reads what an element says as a property of a kind.
func (m *mf) value(n *html.Node, prefix string) Value {
	switch prefix {
	case "e":
		var b bytes.Buffer
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			if html.Render(&b, c) != nil {
				break
			}
		}
		return Value{HTML: b.String(), Text: m.text(n)}
	case "u":
		if s, ok := m.address(n); ok {
			if u := resolve(m.base, s); u != nil {
				s = u.String()
			}
			return Value{Text: strings.TrimSpace(s)}
		}
	case "dt":
		if s := m.parts(n, true); s != "" {
			return Value{Text: s}
		}
		if s := attr(n, "datetime"); s != "" && (n.DataAtom == atom.Time || n.DataAtom == atom.Ins || n.DataAtom == atom.Del) {
			return Value{Text: s}
		}
	}
	if prefix != "dt" {
		if s := m.parts(n, false); s != "" {
			return Value{Text: s}
		}
	}
	switch {
	case (n.DataAtom == atom.Abbr || n.DataAtom == atom.Link) && hasAttr(n, "title"):
		return Value{Text: attr(n, "title")}
	case (n.DataAtom == atom.Data || n.DataAtom == atom.Input) && hasAttr(n, "value"):
		return Value{Text: attr(n, "value")}
	case prefix == "p" && (n.DataAtom == atom.Img || n.DataAtom == atom.Area) && hasAttr(n, "alt"):
		return Value{Text: attr(n, "alt")}
	}
	s := m.text(n)
	if prefix == "u" {
		if u := resolve(m.base, s); u != nil && strings.Contains(s, ":") {
			s = u.String()
		}
	}
	return Value{Text: s}
}

// address gives the address that an element leads to or shows.
func (m *mf) address(n *html.Node) (string, bool) {
	name := ""
	switch n.DataAtom {
	case atom.A, atom.Area, atom.Link:
		name = "href"
	case atom.Img, atom.Audio, atom.Source, atom.Iframe:
		name = "src"
	case atom.Video:
		if name = "src"; !hasAttr(n, "src") {
			name = "poster"
		}
	case atom.Object:
		name = "data"
	default:
		return "", false
	}
	return attr(n, name), hasAttr(n, name)
}

// parts joins the parts of a value that stand in elements of their own (the value class pattern). Dates and times of day are put together.
func (m *mf) parts(n *html.Node, date bool) string {
	var out []string
	var look func(*html.Node)
	look = func(n *html.Node) {
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			if c.Type != html.ElementNode {
				continue
			}
			classes := strings.Fields(attr(c, "class"))
			switch {
			case slices.Contains(classes, "value-title"):
				out = append(out, attr(c, "title"))
			case slices.Contains(classes, "value"):
				out = append(out, m.part(c, date))
			case slices.ContainsFunc(classes, className.MatchString): // another property
			default:
				look(c)
			}
		}
	}
	look(n)
	if date {
		return strings.Join(out, " ")
	}
	return strings.Join(out, "")
}

func (m *mf) part(n *html.Node, date bool) string {
	switch {
	case (n.DataAtom == atom.Img || n.DataAtom == atom.Area) && hasAttr(n, "alt"):
		return attr(n, "alt")
	case (n.DataAtom == atom.Data || n.DataAtom == atom.Input) && hasAttr(n, "value"):
		return attr(n, "value")
	case n.DataAtom == atom.Abbr && hasAttr(n, "title"):
		return attr(n, "title")
	case date && hasAttr(n, "datetime"):
		return attr(n, "datetime")
	}
	return m.text(n)
}

// text is what an element says, pictures as their description.
func (m *mf) text(n *html.Node) string {
	var b strings.Builder
	var add func(*html.Node)
	add = func(n *html.Node) {
		switch {
		case n.Type == html.TextNode:
			b.WriteString(n.Data)
		case n.Type != html.ElementNode:
		case n.DataAtom == atom.Script || n.DataAtom == atom.Style || n.DataAtom == atom.Template:
		case n.DataAtom == atom.Img:
			if hasAttr(n, "alt") {
				b.WriteString(attr(n, "alt"))
			} else if u := resolve(m.base, attr(n, "src")); u != nil && hasAttr(n, "src") {
				b.WriteString(" " + u.String() + " ")
			}
		case n.DataAtom == atom.Br:
			b.WriteByte('\n')
		default:
			for c := n.FirstChild; c != nil; c = c.NextSibling {
				add(c)
			}
		}
	}
	if n.DataAtom == atom.Img {
		add(n)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		add(c)
	}
	return strings.TrimSpace(b.String())
}

// imply fills name, photo and url where nothing says them.
func (m *mf) imply(it *Item) {
	n := it.node
	if !it.pOrE && !it.nested && len(it.Props["name"]) == 0 {
		it.add("name", Value{Text: m.impliedName(n)})
	}
	if !it.u && !it.nested {
		if len(it.Props["photo"]) == 0 {
			if s, ok := m.implied(n, atom.Img, atom.Object); ok {
				it.add("photo", Value{Text: s})
			}
		}
		if len(it.Props["url"]) == 0 {
			if s, ok := m.implied(n, atom.A, atom.Area); ok {
				it.add("url", Value{Text: s})
			}
		}
	}
}

func (m *mf) impliedName(n *html.Node) string {
	for depth := 0; n != nil && depth < 3; depth++ {
		switch {
		case (n.DataAtom == atom.Img || n.DataAtom == atom.Area) && hasAttr(n, "alt") && (depth == 0 || attr(n, "alt") != ""):
			return strings.TrimSpace(attr(n, "alt"))
		case n.DataAtom == atom.Abbr && hasAttr(n, "title") && (depth == 0 || attr(n, "title") != ""):
			return strings.TrimSpace(attr(n, "title"))
		}
		child := onlyChild(n)
		if child == nil || isRoot(child) {
			break
		}
		n = child
	}
	return m.text(top(n))
}

// top goes back to the thing that a node stands in.
func top(n *html.Node) *html.Node {
	for x := n; x != nil; x = x.Parent {
		if isRoot(x) {
			return x
		}
	}
	return n
}

// implied looks for the address of the thing itself, of its only child of a kind, or of the only child of its only child.
func (m *mf) implied(n *html.Node, kinds ...atom.Atom) (string, bool) {
	value := func(n *html.Node) (string, bool) {
		s, ok := m.address(n)
		if !ok {
			return "", false
		}
		if u := resolve(m.base, s); u != nil {
			s = u.String()
		}
		return s, true
	}
	if slices.Contains(kinds, n.DataAtom) {
		return value(n)
	}
	for range 2 {
		for _, k := range kinds {
			if c := onlyOfType(n, k); c != nil && !isRoot(c) {
				if s, ok := value(c); ok {
					return s, true
				}
			}
		}
		child := onlyChild(n)
		if child == nil || isRoot(child) {
			return "", false
		}
		n = child
	}
	return "", false
}

func onlyChild(n *html.Node) *html.Node {
	var only *html.Node
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type != html.ElementNode {
			continue
		}
		if only != nil {
			return nil
		}
		only = c
	}
	return only
}

func onlyOfType(n *html.Node, kind atom.Atom) *html.Node {
	var only *html.Node
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode && c.DataAtom == kind {
			if only != nil {
				return nil
			}
			only = c
		}
	}
	return only
}

func isRoot(n *html.Node) bool {
	return slices.ContainsFunc(strings.Fields(attr(n, "class")), func(c string) bool {
		return strings.HasPrefix(c, "h-") && className.MatchString(c)
	})
}

func find(n *html.Node, is func(*html.Node) bool) *html.Node {
	for x := range n.Descendants() {
		if x.Type == html.ElementNode && is(x) {
			return x
		}
	}
	return nil
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name && a.Namespace == "" {
			return a.Val
		}
	}
	return ""
}

func hasAttr(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name && a.Namespace == "" })
}

// hasWord tells whether a list of words has one.
func hasWord(list, word string) bool {
	return slices.ContainsFunc(strings.Fields(list), func(w string) bool { return strings.EqualFold(w, word) })
}

// oneLine puts a text on one line.
func oneLine(s string) string {
	return strings.Join(strings.Fields(strings.ToValidUTF8(strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0x7f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == '\ufeff' {
			return -1 // what turns the writing around, too
		}
		return r
	}, s), "\ufffd")), " ")
}

// short is a text on one line, cut.
func short(s string, most int) string { return text.Cut(oneLine(s), most) }
