package site

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	nethtml "golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/text"
)

// wpText is a text as it was written and as it is shown; the first is told to whom may edit it.
type wpText struct {
	Raw      string `json:"raw"`
	Rendered string `json:"rendered"`
}

// wpPost is an article or a page.
type wpPost struct {
	ID       int64  `json:"id"`
	Date     string `json:"date_gmt"`
	Modified string `json:"modified_gmt"`
	Status   string `json:"status"`
	Type     string `json:"type"`
	Link     string `json:"link"`
	Title    wpText `json:"title"`
	Content  wpText `json:"content"`
	Author   int64  `json:"author"`
	Featured int64  `json:"featured_media"`
	Embedded struct {
		Media []json.RawMessage `json:"wp:featuredmedia"`
	} `json:"_embedded"`
}

// wpMedia is a file of the library.
type wpMedia struct {
	ID   int64  `json:"id"`
	URL  string `json:"source_url"`
	Alt  string `json:"alt_text"`
	MIME string `json:"mime_type"`
	Info struct {
		Width  int `json:"width"`
		Height int `json:"height"`
	} `json:"-"`
}

// wpComment is a comment, a pingback, a trackback, or what a plugin keeps as one.
type wpComment struct {
	ID      int64             `json:"id"`
	Post    int64             `json:"post"`
	Parent  int64             `json:"parent"`
	Author  int64             `json:"author"`
	Name    string            `json:"author_name"`
	Email   string            `json:"author_email"`
	URL     string            `json:"author_url"`
	Agent   string            `json:"author_user_agent"`
	Date    string            `json:"date_gmt"`
	Content wpText            `json:"content"`
	Link    string            `json:"link"`
	Status  string            `json:"status"`
	Type    string            `json:"type"`
	Avatars map[string]string `json:"author_avatar_urls"`
	Links   struct {
		Up []struct {
			PostType string `json:"post_type"`
		} `json:"up"`
	} `json:"_links"`
}

// each reads the members of a list one by one: one that cannot be read, because a plugin put something odd in it, does not
// keep the others away.
func each[T any](list []json.RawMessage) []T {
	out := make([]T, 0, len(list))
	for _, raw := range list {
		var v T
		if json.Unmarshal(raw, &v) == nil {
			out = append(out, v)
		}
	}
	return out
}

func kindOf(p *wpPost) string {
	if p.Type == "page" {
		return kindPage
	}
	return kindPost
}

// marker is what Ponte writes, for no reader to see, into an article of its own, so that it is found again when the answer to
// putting it there was lost.
func marker(key string) string {
	sum := sha256.Sum256([]byte(key))
	return "ponte" + hex.EncodeToString(sum[:12])
}

var markerPattern = regexp.MustCompile(`<!-- (ponte[0-9a-f]{24}) -->`)

// article makes an item of an article or page.
func (w *wordPress) article(p *wpPost) network.Item {
	body := p.Content.Rendered
	if markerPattern.MatchString(p.Content.Raw) || body == "" {
		body = p.Content.Raw // our own words, without the quotes and dashes that WordPress makes nicer
	}
	title := p.Title.Raw
	if title == "" {
		title = p.Title.Rendered
	}
	it := network.Item{
		RemoteID: makeID(kindOf(p), p.ID), Kind: network.KindPost, Mine: true, Author: author(w.cred),
		Text: articleText(text.PlainFromHTML(title), plainBody(body)), HTML: body, Visibility: network.Public, URL: webAddress(p.Link), At: wpTime(p.Date),
	}
	it.RootID = it.RemoteID
	for _, m := range each[wpMedia](p.Embedded.Media) {
		if m.ID != p.Featured || webAddress(m.URL) == "" {
			continue
		}
		kind := network.Image
		if !strings.HasPrefix(m.MIME, "image/") {
			kind = network.Other
		}
		it.Media = append(it.Media, network.Media{Kind: kind, URL: m.URL, Alt: m.Alt})
	}
	for _, m := range pictures(body, p.Link) {
		if !shows(it.Media, m.URL) {
			it.Media = append(it.Media, m)
		}
	}
	modified := wpTime(p.Modified)
	if it.At.IsZero() {
		it.At = modified // a draft has no moment of its own yet
	}
	if modified.After(it.At) {
		it.EditedAt = modified
	}
	it.Version = version(it)
	return it
}

var imageTag = regexp.MustCompile(`(?is)<img\b[^>]*>`)

// plainBody is an article for people to read. Its pictures stand beside it, with what one sees on them.
func plainBody(s string) string { return text.PlainFromHTML(imageTag.ReplaceAllString(s, "")) }

// comment makes an item of a comment.
func (w *wordPress) comment(ctx context.Context, c *wpComment) (network.Item, error) {
	it := network.Item{
		RemoteID: makeID(kindComment, c.ID), Kind: network.KindComment, Text: commentText(c.Content), HTML: c.Content.Rendered,
		Visibility: network.Public, URL: webAddress(c.Link), At: wpTime(c.Date), Standing: standing(c.Status), Author: guest(c),
	}
	if c.Type != "" && c.Type != "comment" {
		it.Kind = network.KindMention // a pingback, a trackback, what a plugin received
	}
	it.ParentID = makeID(w.postKind(c), c.Post)
	it.RootID = it.ParentID
	if c.Parent > 0 {
		it.ParentID = makeID(kindComment, c.Parent)
	}
	if c.Author > 0 {
		ours, err := w.ours(ctx, c.Author)
		if err != nil {
			return it, err
		}
		if ours {
			it.Mine, it.Author, it.Standing = true, author(w.cred), ""
			if c.Parent > 0 {
				it.Kind = network.KindReply
			}
		}
	}
	it.Deleted = c.Status == "trash"
	it.Version = version(it)
	return it, nil
}

// postKind is what a comment stands under.
func (*wordPress) postKind(c *wpComment) string {
	for _, up := range c.Links.Up {
		if up.PostType == "page" {
			return kindPage
		}
	}
	return kindPost
}

func standing(status string) network.Standing {
	switch status {
	case "hold", "unapproved", "0":
		return network.Held
	case "spam":
		return network.Spam
	case "trash", "post-trashed":
		return network.Trashed
	}
	return network.Approved
}

// guest is who wrote a comment: a user of the site, or whoever gave a name. Who gives the same mail address is the same
// person; the address itself stays on the site.
func guest(c *wpComment) network.Author {
	a := network.Author{Name: plainTitle(c.Name), URL: webAddress(c.URL), AvatarURL: webAddress(c.Avatars["96"])}
	switch email := strings.ToLower(strings.TrimSpace(c.Email)); {
	case c.Author > 0:
		a.RemoteID = "user:" + strconv.FormatInt(c.Author, 10)
	case email != "":
		a.RemoteID = "mail:" + digest(email)
	case a.URL != "":
		a.RemoteID = "web:" + digest(strings.ToLower(hostOf(a.URL)+"\x00"+a.Name))
	default:
		a.RemoteID = "name:" + digest(strings.ToLower(a.Name))
	}
	if a.Handle = a.Name; a.Handle == "" {
		a.Handle = cut(hostOf(a.URL), 100)
	}
	return a
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:16])
}

// commentText is a comment for people to read. As it was written it has line breaks and a little HTML.
func commentText(t wpText) string {
	s := t.Raw
	if s == "" {
		return text.PlainFromHTML(t.Rendered)
	}
	if !strings.Contains(s, "<p") && !strings.Contains(s, "<br") {
		s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\n", "<br>")
	}
	return text.PlainFromHTML(s)
}

// ours tells whether a user of the site writes for it: what they comment is the company's word.
func (w *wordPress) ours(ctx context.Context, user int64) (bool, error) {
	me, err := w.me(ctx)
	if err != nil {
		return false, err
	}
	if user == me.ID {
		return true, nil
	}
	w.mu.Lock()
	known := w.authors
	w.mu.Unlock()
	if known == nil {
		known = map[int64]bool{}
		var list []json.RawMessage
		_, err := w.get(ctx, "/wp/v2/users", url.Values{"has_published_posts": {"post", "page"}, "per_page": {"100"}, "_fields": {"id"}}, &list)
		switch p := network.ProblemOf(err); {
		case err == nil:
			for _, u := range each[wpUser](list) {
				known[u.ID] = true
			}
		case p.Verdict != network.Never: // hidden by a plugin: then only the user itself is ours
			return false, err
		}
		w.mu.Lock()
		w.authors = known
		w.mu.Unlock()
	}
	return known[user], nil
}

var imageClass = regexp.MustCompile(`\bwp-image-([1-9][0-9]{0,17})\b`)

// pictures finds the pictures in an article.
func pictures(body, base string) (all []network.Media) {
	at, err := url.Parse(base)
	if err != nil {
		at = &url.URL{}
	}
	z := nethtml.NewTokenizer(strings.NewReader(body))
	z.SetMaxBuf(256 << 10)
	for len(all) < maxFiles {
		switch z.Next() {
		case nethtml.ErrorToken:
			return all
		case nethtml.StartTagToken, nethtml.SelfClosingTagToken:
			tag, more := z.TagName()
			if atom.Lookup(tag) != atom.Img {
				continue
			}
			a := attributes(z, more)
			u, err := at.Parse(strings.TrimSpace(a["src"]))
			if err != nil || webAddress(u.String()) == "" || a["width"] == "1" && a["height"] == "1" || shows(all, u.String()) {
				continue
			}
			m := network.Media{Kind: network.Image, URL: u.String(), Alt: a["alt"]}
			m.Width, _ = strconv.Atoi(a["width"])
			m.Height, _ = strconv.Atoi(a["height"])
			all = append(all, m)
		}
	}
	return all
}

// imageIDs finds which files of the library an article shows.
func imageIDs(body string) (ids []int64) {
	for _, m := range imageClass.FindAllStringSubmatch(body, -1) {
		if n, err := strconv.ParseInt(m[1], 10, 64); err == nil && !slices.Contains(ids, n) {
			ids = append(ids, n)
		}
	}
	return ids
}

// paragraphs makes HTML of a plain text.
func paragraphs(s string) string {
	var b strings.Builder
	for _, p := range strings.Split(strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")), "\n\n") {
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString("<p>" + strings.ReplaceAll(html.EscapeString(p), "\n", "<br>\n") + "</p>")
	}
	return b.String()
}

// missing tells whether an error says that something is not there.
func missing(err error) bool {
	s := statusOf(err)
	return err != nil && (s == http.StatusNotFound || s == http.StatusGone)
}
