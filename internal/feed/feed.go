package feed

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/text"
)

// Kind is a form of feed.
type Kind string

// The forms that are read: RSS 0.9x and 2.0 (https://www.rssboard.org/rss-specification), RSS 1.0 (https://web.resource.org/rss/1.0/spec),
// Atom (RFC 4287), JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/).
const (
	RSS  Kind = "rss"
	RDF  Kind = "rdf"
	Atom Kind = "atom"
	JSON Kind = "json"
)

// Feed is what a feed says of itself. Addresses are absolute http or https ones, or empty.
type Feed struct {
	Kind     Kind
	Title    string
	URL      string   // the site's page
	Self     string   // where the feed says it stands
	Next     string   // where older articles stand (RFC 5005, JSON Feed)
	Hubs     []string // WebSub hubs
	Language string
	Author   Person
	Updated  time.Time // zero: not told
	Items    int       // how many articles were handed on
	Team     []Member  // of a WordPress export: the accounts on the site
}

// Person is who wrote something.
type Person struct {
	Name  string
	URL   string
	Email string
}

// Item is one article.
type Item struct {
	// ID is the feed's own (guid, rdf:about, atom:id); without one the article's address, or a sign made of its title and words.
	ID    string
	URL   string
	Title string // plain
	// HTML is the article as it came, not cleaned; Text the same for people to read.
	HTML      string
	Text      string
	Summary   string // plain; "" when the feed gives only one of both
	Author    Person
	Published time.Time // zero: not told
	Updated   time.Time // zero: not told
	Tags      []string
	Language  string
	Files     []File
	// CommentsURL is the page of the comments, CommentsFeed their own feed; ReplyTo what this one answers (RFC 4685).
	CommentsURL  string
	CommentsFeed string
	ReplyTo      string
	WordPress    *WordPress // of a WordPress export; else nil
	Line         int        // where it begins; 0: not known
}

// File is what an article brings with it.
type File struct {
	URL  string
	Type string // as the feed says, for example image/jpeg
}

// The faults of reading a feed. Articles before the place may have been handed on.
var (
	ErrUnknown = fault.New(fault.Invalid, "feed.unknown") // no feed
	ErrForm    = fault.New(fault.Invalid, "feed.form")    // not written as feeds are, or cut off; args: line
	ErrPiece   = fault.New(fault.Invalid, "feed.piece")   // one article is too large; args: line
)

// Options shape how a feed is read.
type Options struct {
	// Base is the address the feed was read from: relative addresses hang on it.
	Base string
	// Piece is how many bytes one article may have; 0: 4 MiB. How long the whole may be is for the giver of the reader to decide.
	Piece int64
}

// Head is how much of a file is looked at to know its kind.
const Head = 1 << 10

// KindOf tells a feed by its beginning; "" when it is none.
func KindOf(head []byte) Kind {
	s := bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")))
	if bytes.HasPrefix(s, []byte("{")) && bytes.Contains(head, []byte("jsonfeed.org")) {
		return JSON
	}
	for len(s) > 0 && s[0] == '<' {
		switch {
		case bytes.HasPrefix(s, []byte("<?")):
			_, s, _ = bytes.Cut(s, []byte("?>"))
		case bytes.HasPrefix(s, []byte("<!--")):
			_, s, _ = bytes.Cut(s, []byte("-->"))
		case bytes.HasPrefix(s, []byte("<!")):
			_, s, _ = bytes.Cut(s, []byte(">"))
		default:
			name := string(s[1:min(len(s), 40)])
			if i := strings.IndexAny(name, " \t\r\n>/"); i >= 0 {
				name = name[:i]
			}
			if _, local, ok := strings.Cut(name, ":"); ok {
				name = local
			}
			return rootKind(name)
		}
		s = bytes.TrimSpace(s)
	}
	return ""
}

func rootKind(local string) Kind {
	switch strings.ToLower(local) {
	case "rss":
		return RSS
	case "rdf":
		return RDF
	case "feed":
		return Atom
	}
	return ""
}

// Read hands on the articles of a feed in its own order, each as soon as it has been read, and gives what the feed says of itself. An error of got ends the reading and is given back.
func Read(r io.Reader, o Options, got func(*Item) error) (Feed, error) {
	if o.Piece == 0 {
		o.Piece = 4 << 20
	}
	base, _ := url.Parse(o.Base)
	if base == nil {
		base = &url.URL{}
	}
	in := &meter{r: r, most: o.Piece, line: 1}
	b := bufio.NewReader(in)
	head, err := b.Peek(Head)
	if err != nil && !errors.Is(err, io.EOF) && len(head) == 0 {
		return Feed{}, err
	}
	if bytes.HasPrefix(bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))), []byte("{")) {
		return readJSON(b, in, base, got)
	}
	return readXML(&clean{r: text.Decode(b, "")}, in, base, got)
}

// meter ends a reading when too much comes without a pause.
type meter struct {
	r     io.Reader
	most  int64
	since int64
	over  bool
	err   error // of the reader below
	line  int
}

func (m *meter) rest() { m.since = 0 }

func (m *meter) Read(p []byte) (int, error) {
	if m.since > m.most {
		m.over = true
		return 0, io.ErrUnexpectedEOF
	}
	n, err := m.r.Read(p)
	if m.since += int64(n); err != nil && !errors.Is(err, io.EOF) {
		m.err = err
	}
	m.line += bytes.Count(p[:n], []byte{'\n'})
	return n, err
}

// broken makes the fault of what ended a reading.
func (m *meter) broken(err error, line int) error {
	switch {
	case m.over:
		return ErrPiece.With("line", line)
	case m.err != nil:
		return m.err
	}
	if _, ours := errors.AsType[*fault.Error](err); ours {
		return err
	}
	return ErrForm.With("line", line).Because(err)
}

// clean makes spaces of control signs, which XML forbids and feeds hold all the same.
type clean struct{ r io.Reader }

func (c *clean) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	for i, b := range p[:n] {
		if b < ' ' && b != '\n' && b != '\r' && b != '\t' {
			p[i] = ' '
		}
	}
	return n, err
}

// address makes an absolute web address; "" when it is none.
func address(base *url.URL, s string) string {
	s = strings.TrimSpace(s)
	if s == "" || len(s) > 4000 {
		return ""
	}
	u, err := base.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return ""
	}
	return u.String()
}
