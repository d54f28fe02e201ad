package mention

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/ponte-desk/ponte/internal/text"
)

// Trackback is what a site tells of a page of its own that links here (TrackBack 1.2).
type Trackback struct {
	URL      string
	Title    string
	Excerpt  string
	BlogName string
}

// What a trackback says at most, in characters; the specification's own servers cut excerpts at 255.
const (
	mostName    = 150
	mostTitle   = 300
	mostExcerpt = 500
)

// mostForm is how many bytes of a form are read.
const mostForm = 64 << 10

// errForm says that it is no form.
var errForm = errors.New("mention: not a form of a trackback")

// ReadTrackback reads a ping of at most 64 KiB in the character set it names. Without an address it is none.
func ReadTrackback(contentType string, r io.Reader) (Trackback, error) {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return Trackback{}, fmt.Errorf("mention.ReadTrackback: %w", errForm)
	}
	b, err := io.ReadAll(io.LimitReader(r, mostForm+1))
	if err == nil && len(b) > mostForm {
		err = errForm
	}
	var form url.Values
	if err == nil {
		form, err = url.ParseQuery(string(b))
	}
	if err != nil {
		return Trackback{}, fmt.Errorf("mention.ReadTrackback: %w", err)
	}
	label := params["charset"]
	if label == "" {
		label = form.Get("charset") // as WordPress reads it
	}
	take := func(name string, most int) string {
		s := form.Get(name)
		if !utf8.ValidString(s) || label != "" && !strings.EqualFold(label, "utf-8") {
			if read, err := io.ReadAll(text.Decode(strings.NewReader(s), label)); err == nil {
				s = string(read)
			}
		}
		return text.Cut(oneLine(text.PlainFromHTML(s)), most)
	}
	t := Trackback{URL: strings.TrimSpace(form.Get("url")), Title: take("title", mostTitle), Excerpt: take("excerpt", mostExcerpt), BlogName: take("blog_name", mostName)}
	if _, err := Address(t.URL); err != nil {
		return Trackback{}, fmt.Errorf("mention.ReadTrackback: %w", err)
	}
	return t, nil
}

// form writes a ping.
func (t Trackback) form() url.Values {
	return url.Values{
		"url": {t.URL}, "title": {text.Cut(t.Title, mostTitle)}, "excerpt": {text.Cut(t.Excerpt, 255)}, "blog_name": {text.Cut(t.BlogName, mostName)},
	}
}

// TrackbackReply writes the answer to a ping: "" says yes.
func TrackbackReply(wrong string) []byte {
	if wrong == "" {
		return []byte(xmlHead + "<response><error>0</error></response>\n")
	}
	return []byte(xmlHead + "<response><error>1</error><message>" + escape(wrong) + "</message></response>\n")
}

// readTrackbackReply reads the answer to a ping: whether it says yes, and what it says otherwise.
func readTrackbackReply(r io.Reader) (ok bool, said string, err error) {
	x, err := newXML(r)
	if err == nil {
		err = x.open("response")
	}
	told := false
	for err == nil {
		var name string
		if name, err = x.next(); err != nil {
			break
		}
		switch name {
		case "":
			if !told {
				err = errXML
			}
			return ok, said, err
		case "error":
			var s string
			if s, err = x.text(); err == nil {
				var n int
				n, err = strconv.Atoi(strings.TrimSpace(s))
				ok, told = n == 0, true
			}
		case "message":
			said, err = x.text()
		default:
			err = x.d.Skip()
		}
	}
	return false, "", err
}

// RDF writes the comment by which a page of ours is found to take trackbacks. It holds no "--", which would end it.
func RDF(page, title, ping string) string {
	quote := func(s string) string { return strings.ReplaceAll(escape(s), "--", "&#45;&#45;") }
	return `<!--
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:trackback="http://madskills.com/public/xml/rss/module/trackback/">
<rdf:Description rdf:about="` + quote(page) + `" dc:identifier="` + quote(page) + `" dc:title="` + quote(title) + `" trackback:ping="` + quote(ping) + `" />
</rdf:RDF>
-->`
}

// formType is what forms are sent as.
const formType = "application/x-www-form-urlencoded; charset=utf-8"

func formRequest(r *http.Request) { r.Header.Set("Content-Type", formType) }
