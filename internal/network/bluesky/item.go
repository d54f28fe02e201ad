package bluesky

import (
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
)

// clockSkew is how far in the future a post may say it was written before the index's own time is believed instead.
const clockSkew = time.Minute

// profileURL is where a browser shows an account.
func (c *Connector) profileURL(handle, did string) string {
	if _, ok := parseHandle(handle); !ok || handle == "handle.invalid" {
		handle = did
	}
	return c.web + "/profile/" + url.PathEscape(handle)
}

// postURL is where a browser shows a post.
func (c *Connector) postURL(handle string, u atURI) string {
	return c.profileURL(handle, u.DID) + "/post/" + url.PathEscape(u.Key)
}

// author reads an account. A handle that the network could not prove is not shown as one.
func (c *Connector) author(v profileView) network.Author {
	a := network.Author{RemoteID: v.DID, Handle: v.Handle, Name: v.DisplayName, URL: c.profileURL(v.Handle, v.DID), AvatarURL: webAddress(v.Avatar)}
	if a.Handle == "" || a.Handle == "handle.invalid" {
		a.Handle = v.DID
	}
	for _, l := range v.Labels {
		a.Bot = a.Bot || l.Val == "bot" && !l.Neg
	}
	return a
}

// source is a post from wherever it was read.
type source struct {
	uri     atURI
	cid     string
	author  profileView
	record  json.RawMessage
	view    *embedView // nil when the index did not show it
	indexed time.Time  // zero when not told
	labels  []label
	home    string // the author's server, for files without a view; "" when not known
}

// sourceOf reads a post view.
func sourceOf(v postView) (source, bool) {
	u, ok := parseURI(v.URI)
	if !ok || u.DID != v.Author.DID || v.CID == "" {
		return source{}, false
	}
	s := source{uri: u, cid: v.CID, author: v.Author, record: v.Record, indexed: parseTime(v.IndexedAt), labels: v.Labels}
	var view embedView
	if json.Unmarshal(v.Embed, &view) == nil {
		s.view = &view
	}
	return s, true
}

// item makes an item of a post.
func (cl *client) item(s source) (network.Item, bool) {
	p, ok := parsePost(s.record)
	if !ok || s.uri.Collection != collectionPost {
		return network.Item{}, false
	}
	it := network.Item{
		RemoteID: s.uri.String(), Version: s.cid, Mine: s.uri.DID == cl.did, Author: cl.c.author(s.author),
		Kind: kindOf(p, cl.did), RootID: s.uri.String(),
		Text: plainText(p), Warning: warning(p, s.labels), Visibility: network.Public,
		Media: files(p, s), Mentions: mentions(p), URL: cl.c.postURL(s.author.Handle, s.uri),
		At: written(p.CreatedAt, s.indexed),
	}
	if len(p.Langs) > 0 {
		it.Language = cut(p.Langs[0], 40)
	}
	switch {
	case p.Reply != nil:
		it.ParentID, it.RootID = p.Reply.Parent.URI, p.Reply.Root.URI
	case p.quoted().URI != "":
		it.ParentID = p.quoted().URI
	}
	return it, true
}

// kindOf reads from the record alone what a post is to self, so that it is the same wherever the post was read.
func kindOf(p post, self string) network.ItemKind {
	ours := func(uri string) bool { return strings.HasPrefix(uri, "at://"+self+"/") }
	switch {
	case p.Reply != nil && (ours(p.Reply.Parent.URI) || ours(p.Reply.Root.URI)):
		return network.KindReply
	case ours(p.quoted().URI) && p.Reply == nil:
		return network.KindQuote
	case names(p, self):
		return network.KindMention
	case p.Reply != nil:
		return network.KindReply
	default:
		return network.KindPost
	}
}

func names(p post, did string) bool {
	for _, f := range p.Facets {
		for _, ft := range f.Features {
			if ft.Type == featureMention && ft.DID == did {
				return true
			}
		}
	}
	return false
}

// written gives when a post was written, as its author tells it, unless that lies after the moment it was seen.
func written(createdAt string, indexed time.Time) time.Time {
	t := parseTime(createdAt)
	if t.IsZero() || !indexed.IsZero() && t.After(indexed.Add(clockSkew)) {
		return indexed
	}
	return t
}

// warning joins what the author and the network warn of.
func warning(p post, shown []label) string {
	var all []label
	if p.Labels != nil {
		all = append(all, p.Labels.Values...)
	}
	var out []string
	seen := map[string]bool{}
	for _, l := range append(all, shown...) {
		// Labels with ! are instructions to apps; of these two say something about the content.
		v := l.Val
		if v == "!warn" || v == "!hide" {
			v = v[1:]
		}
		if l.Neg || v == "" || v[0] == '!' || seen[v] {
			continue
		}
		seen[v] = true
		out = append(out, v)
	}
	return strings.Join(out, ", ")
}

// files reads what a post carries, with the addresses the index gives, or else those of the author's server.
func files(p post, s source) []network.Media {
	m := p.media()
	if m == nil {
		return nil
	}
	view := s.view.files()
	var out []network.Media
	switch m.Type {
	case embedImages:
		for i, img := range m.Images {
			f := network.Media{Kind: network.Image, Alt: img.Alt}
			f.Width, f.Height = size(img.Ratio)
			if view != nil && i < len(view.Images) && len(view.Images) == len(m.Images) {
				f.URL, f.PreviewURL = webAddress(view.Images[i].Fullsize), webAddress(view.Images[i].Thumb)
			}
			if f.URL == "" {
				f.URL = blobURL(s.home, s.uri.DID, img.Image.cid())
			}
			out = append(out, f)
		}
	case embedVideo:
		f := network.Media{Kind: network.Video, Alt: m.Alt}
		f.Width, f.Height = size(m.Ratio)
		if view != nil {
			f.URL, f.PreviewURL = webAddress(view.Playlist), webAddress(view.Thumbnail)
		}
		if f.URL == "" {
			f.URL = blobURL(s.home, s.uri.DID, m.Video.cid())
		}
		out = append(out, f)
	}
	return out
}

func size(r *ratio) (int, int) {
	if r == nil || r.Width <= 0 || r.Height <= 0 {
		return 0, 0
	}
	return r.Width, r.Height
}

// deed makes an item of a like, a share or a follow.
func (cl *client) deed(u atURI, cid string, by profileView, raw json.RawMessage, indexed time.Time) (network.Item, bool) {
	var rec struct {
		Subject   json.RawMessage
		CreatedAt string
	}
	if json.Unmarshal(raw, &rec) != nil {
		return network.Item{}, false
	}
	it := network.Item{
		RemoteID: u.String(), Version: cid, Mine: u.DID == cl.did, Author: cl.c.author(by),
		Visibility: network.Public, URL: cl.c.profileURL(by.Handle, by.DID), At: written(rec.CreatedAt, indexed),
	}
	var ref strongRef
	switch u.Collection {
	case collectionLike:
		it.Kind = network.KindLike
	case collectionRepost:
		it.Kind = network.KindShare
	case collectionFollow:
		it.Kind = network.KindFollow
		return it, true
	default:
		return network.Item{}, false
	}
	if json.Unmarshal(rec.Subject, &ref) == nil {
		it.ParentID = ref.URI
	}
	return it, true
}
