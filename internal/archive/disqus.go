package archive

import (
	"bufio"
	"encoding/xml"
	"errors"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/text"
)

// disqus reads the comments of a site as Disqus exports them (https://docs.disqus.com/developers/export/): threads, then what was written in them.
type disqus struct {
	s       *scan
	threads map[string]string // id to address
}

func newDisqus(s *scan) reader { return &disqus{s: s, threads: map[string]string{}} }

func claimsDisqus(_ string, head []byte) bool {
	return has(head, "<disqus") && has(head, "disqus.com")
}

func (d *disqus) learns(name string) bool { return d.reads(name) }
func (d *disqus) reads(name string) bool  { return d.s.known[name] }

type disqusRef struct {
	ID string `xml:"id,attr"`
}

type disqusThread struct {
	ID        string `xml:"id,attr"`
	Link      string `xml:"link"`
	IsDeleted bool   `xml:"isDeleted"`
}

type disqusPost struct {
	ID        string    `xml:"id,attr"`
	Message   string    `xml:"message"`
	CreatedAt string    `xml:"createdAt"`
	IsDeleted bool      `xml:"isDeleted"`
	IsSpam    bool      `xml:"isSpam"`
	Thread    disqusRef `xml:"thread"`
	Parent    disqusRef `xml:"parent"`
	Author    struct {
		Email       string `xml:"email"`
		Name        string `xml:"name"`
		Username    string `xml:"username"`
		IsAnonymous bool   `xml:"isAnonymous"`
	} `xml:"author"`
}

// each goes over the elements below the root.
func (d *disqus) each(f file, got func(dec *xml.Decoder, e xml.StartElement, line int) error) error {
	stop := &piece{r: f.r, most: d.s.Limits.Piece, place: f.place}
	dec := xml.NewDecoder(bufio.NewReaderSize(stop, 64<<10))
	dec.Strict, dec.Entity = false, xml.HTMLEntity
	for depth := 0; ; {
		stop.rest()
		t, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		line, _ := dec.InputPos()
		if err != nil {
			return xmlFault(f, line, err)
		}
		switch e := t.(type) {
		case xml.EndElement:
			depth--
		case xml.StartElement:
			if depth++; depth == 1 {
				continue
			}
			depth--
			if err := got(dec, e, line); err != nil {
				return xmlFault(f, line, err)
			}
		}
	}
}

// xmlFault makes a fault of an error of reading XML; faults stay what they are.
func xmlFault(f file, line int, err error) error {
	if syntax, ok := errors.AsType[*xml.SyntaxError](err); ok {
		if strings.Contains(syntax.Msg, "unexpected EOF") {
			return ErrDamaged.With("file", f.place).Because(err)
		}
		return ErrForm.With("file", f.place).With("line", syntax.Line).Because(err)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrDamaged.With("file", f.place).Because(err)
	}
	var number *xml.UnmarshalError
	if errors.As(err, &number) {
		return ErrForm.With("file", f.place).With("line", line).Because(err)
	}
	if strings.HasPrefix(err.Error(), "xml: ") { // the decoder has no type for what it thinks of a wrong declaration
		return ErrForm.With("file", f.place).With("line", line).Because(err)
	}
	return err
}

func (d *disqus) learn(f file) error {
	return d.each(f, func(dec *xml.Decoder, e xml.StartElement, _ int) error {
		if e.Name.Local != "thread" || d.s.me.RemoteID != "" {
			return dec.Skip()
		}
		var t disqusThread
		if err := dec.DecodeElement(&t, &e); err != nil {
			return formOf(err)
		}
		d.s.site(t.Link)
		return nil
	})
}

// formOf keeps what is not in its form from ending the reading, but not what is cut off.
func formOf(err error) error {
	if _, ok := errors.AsType[*xml.SyntaxError](err); ok || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	if strings.Contains(err.Error(), "strconv") {
		return nil
	}
	return err
}

// site makes the account of a site of the address of one of its pages.
func (s *scan) site(link string) {
	u, err := url.Parse(strings.TrimSpace(link))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return
	}
	home := u.Scheme + "://" + u.Host
	s.me.ServerURL, s.me.RemoteID, s.me.Handle, s.me.URL = home, home, strings.TrimPrefix(u.Host, "www."), home
	if s.me.Name == "" {
		s.me.Name = s.me.Handle
	}
}

func (d *disqus) read(f file) error {
	return d.each(f, func(dec *xml.Decoder, e xml.StartElement, line int) error {
		switch e.Name.Local {
		case "thread":
			var t disqusThread
			if err := dec.DecodeElement(&t, &e); err != nil {
				return formOf(err)
			}
			if t.ID != "" && t.Link != "" {
				d.threads[t.ID] = t.Link
			}
			return nil
		case "post":
			var p disqusPost
			if err := dec.DecodeElement(&p, &e); err != nil {
				if err := formOf(err); err != nil {
					return err
				}
				return d.s.skip(UnreadShape, "", f, line)
			}
			return d.post(p, f, line)
		case "category":
			return dec.Skip()
		}
		if err := d.s.skip(UnreadRecord, shown(e.Name.Local), f, line); err != nil {
			return err
		}
		return dec.Skip()
	})
}

func (d *disqus) post(p disqusPost, f file, line int) error {
	switch {
	case p.IsSpam:
		return d.s.skip(UnreadNotice, "spam", f, line)
	case p.IsDeleted:
		return d.s.skip(UnreadRecord, "deleted", f, line)
	case p.ID == "":
		return d.s.skip(UnreadShape, "", f, line)
	}
	at, _ := time.Parse(time.RFC3339, strings.TrimSpace(p.CreatedAt)) // none is said of it below
	author := network.Author{Handle: p.Author.Username, Name: p.Author.Name}
	switch {
	case p.Author.Username != "" && !p.Author.IsAnonymous:
		author.RemoteID, author.URL = "disqus:"+p.Author.Username, "https://disqus.com/by/"+url.PathEscape(p.Author.Username)+"/"
	case p.Author.Email != "":
		author.RemoteID, author.Handle = "mail:"+strings.ToLower(strings.TrimSpace(p.Author.Email)), p.Author.Name
	default:
		author.RemoteID, author.Handle = "name:"+strings.ToLower(tidy(p.Author.Name)), p.Author.Name
	}
	if strings.TrimSpace(author.Handle) == "" {
		author.Handle = author.RemoteID
	}
	d.s.tally.name(p.Author.Name)
	link := d.threads[p.Thread.ID]
	it := network.Item{
		RemoteID: "disqus:" + p.ID, Kind: network.KindComment, Text: text.PlainFromHTML(p.Message), At: at, Author: author, RootID: "disqus:thread:" + p.Thread.ID,
		Mine: d.s.isMe(p.Author.Username, p.Author.Name, p.Author.Email),
	}
	if link != "" {
		it.URL = link + "#comment-" + p.ID
	}
	if p.Parent.ID != "" {
		it.ParentID = "disqus:" + p.Parent.ID
	}
	if it.Mine {
		it.Kind = network.KindReply
	}
	return d.s.put(it, f, line)
}
