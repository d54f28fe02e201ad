package archive

import (
	"errors"
	"strings"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/feed"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/text"
)

// siteFeed reads the history of a site from its feed, and with comments from what WordPress exports (WXR), which is a feed with more in it.
type siteFeed struct {
	s     *scan
	wxr   bool
	feeds map[string]feed.Feed // by the name of the entry
}

func newSite(s *scan) reader { return &siteFeed{s: s, feeds: map[string]feed.Feed{}} }

func newWordPress(s *scan) reader {
	return &siteFeed{s: s, wxr: true, feeds: map[string]feed.Feed{}}
}

func claimsFeed(_ string, head []byte) bool {
	return feed.KindOf(head[:min(len(head), feed.Head)]) != ""
}

func claimsWordPress(name string, head []byte) bool {
	return claimsFeed(name, head) && has(head, "wordpress.org/export/")
}

func (x *siteFeed) learns(name string) bool { return x.reads(name) }
func (x *siteFeed) reads(name string) bool  { return x.s.known[name] }

func (x *siteFeed) each(f file, got func(*feed.Item) error) (feed.Feed, error) {
	head, err := feed.Read(f.r, feed.Options{Piece: x.s.Limits.Piece}, got)
	switch {
	case errors.Is(err, feed.ErrPiece):
		return head, ErrPiece.With("file", f.place)
	case errors.Is(err, feed.ErrForm):
		e := fault.Of(err)
		if strings.Contains(err.Error(), "unexpected EOF") {
			return head, ErrDamaged.With("file", f.place).Because(err)
		}
		return head, ErrForm.With("file", f.place).With("line", e.Args["line"]).Because(err)
	case errors.Is(err, feed.ErrUnknown):
		return head, ErrForm.With("file", f.place).With("line", 1).Because(err)
	}
	return head, err
}

func (x *siteFeed) learn(f file) error {
	first := ""
	head, err := x.each(f, func(it *feed.Item) error {
		if first == "" {
			first = it.URL
		}
		return nil
	})
	if err != nil {
		return err
	}
	x.feeds[f.name] = head
	for _, link := range []string{head.URL, head.Self, first} {
		if x.s.me.RemoteID == "" {
			x.s.site(link)
		}
	}
	if x.s.me.RemoteID != "" && head.Title != "" {
		x.s.me.Name = head.Title
	}
	return nil
}

func (x *siteFeed) read(f file) error {
	team := map[string]bool{}
	for _, a := range x.feeds[f.name].Team {
		team[a.ID] = true
	}
	_, err := x.each(f, func(it *feed.Item) error { return x.item(it, f, team) })
	return err
}

func (x *siteFeed) item(it *feed.Item, f file, team map[string]bool) error {
	p := it.WordPress
	switch {
	case p == nil:
	case p.Kind == "attachment":
		return x.s.skip(UnreadMedia, "", f, it.Line)
	case p.Kind != "post" && p.Kind != "page":
		return x.s.skip(UnreadRecord, shown(p.Kind), f, it.Line)
	case p.State != "publish":
		return x.s.skip(UnreadRecord, shown(p.State), f, it.Line)
	}
	words := it.Text
	if words == "" {
		words = it.Summary
	}
	if it.Title != "" {
		words = strings.TrimSpace(it.Title + "\n\n" + words)
	}
	at := it.Published
	if at.IsZero() {
		at = it.Updated
	}
	post := network.Item{RemoteID: it.ID, RootID: it.ID, Kind: network.KindPost, Mine: true, Text: words, HTML: it.HTML, URL: it.URL, At: at, Language: it.Language}
	if it.Updated.After(at) {
		post.EditedAt = it.Updated
	}
	for _, m := range it.Files {
		post.Media = append(post.Media, network.Media{Kind: mediaKind(m.Type), URL: m.URL})
	}
	if err := x.s.put(post, f, it.Line); err != nil || p == nil {
		return err
	}
	for _, c := range p.Comments {
		if err := x.comment(it, c, f, team); err != nil {
			return err
		}
	}
	return nil
}

func (x *siteFeed) comment(it *feed.Item, c feed.Comment, f file, team map[string]bool) error {
	switch {
	case c.State == "spam" || c.State == "trash" || c.State == "post-trashed":
		return x.s.skip(UnreadNotice, c.State, f, it.Line)
	case c.State != "1":
		return x.s.skip(UnreadRecord, "not approved", f, it.Line)
	}
	id := func(n string) string { return it.ID + "#comment-" + n }
	author := network.Author{RemoteID: "mail:" + strings.ToLower(c.Author.Email), Handle: c.Author.Name, Name: c.Author.Name, URL: c.Author.URL}
	switch {
	case c.Author.Email == "" && c.Author.URL != "":
		author.RemoteID = c.Author.URL
	case c.Author.Email == "":
		author.RemoteID = "name:" + strings.ToLower(tidy(c.Author.Name))
	}
	if strings.TrimSpace(author.Handle) == "" {
		author.Handle = author.RemoteID
	}
	out := network.Item{
		RemoteID: id(c.ID), ParentID: it.ID, RootID: it.ID, Kind: network.KindComment, Text: text.PlainFromHTML(strings.ReplaceAll(c.HTML, "\n", "<br>")), At: c.At, Author: author,
		Mine: c.UserID != "" && team[c.UserID] || x.s.isMe(c.Author.Name, c.Author.Email),
	}
	if it.URL != "" {
		out.URL = it.URL + "#comment-" + c.ID
	}
	if c.Parent != "" && c.Parent != "0" {
		out.ParentID = id(c.Parent)
	}
	switch {
	case c.Kind == "pingback" || c.Kind == "trackback":
		out.Kind, out.Author.RemoteID, out.URL = network.KindMention, c.Author.URL, c.Author.URL
	case out.Mine:
		out.Kind = network.KindReply
	}
	return x.s.put(out, f, it.Line)
}
