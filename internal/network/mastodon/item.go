package mastodon

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/text"
)

func visibility(s string) network.Visibility {
	switch s {
	case "public", "local": // some servers have posts for their own people
		return network.Public
	case "unlisted":
		return network.Unlisted
	case "direct":
		return network.Direct
	default:
		return network.Followers // "private", and "mutuals_only" and the like of some servers
	}
}

func visibilityWord(v network.Visibility) string {
	if v == network.Followers {
		return "private"
	}
	return string(v)
}

func (m *self) author(a account) network.Author {
	name := a.DisplayName
	if name == "" {
		name = a.Username
	}
	return network.Author{RemoteID: string(a.ID), Handle: m.handle(a.Acct), Name: name, URL: a.URL, AvatarURL: a.Avatar, Bot: a.Bot}
}

// kind says what a status is to us.
func (m *self) kind(s *status) network.ItemKind {
	switch {
	case s.Visibility == "direct":
		return network.KindMessage
	case s.Account.ID == m.ID && s.InReplyToID != "":
		return network.KindReply
	case s.Account.ID == m.ID:
		return network.KindPost
	case s.InReplyToAccountID == m.ID:
		return network.KindReply
	case s.Quote != nil && s.Quote.Quoted != nil && s.Quote.Quoted.Account.ID == m.ID:
		return network.KindQuote
	}
	for _, x := range s.Mentions {
		if x.ID == m.ID {
			return network.KindMention
		}
	}
	if s.InReplyToID != "" {
		return network.KindReply
	}
	return network.KindPost
}

// item turns a status into an item.
func (m *self) item(s *status) network.Item {
	it := network.Item{
		RemoteID: string(s.ID), Kind: m.kind(s), Mine: s.Account.ID == m.ID, Author: m.author(s.Account),
		ParentID: string(s.InReplyToID), Text: text.PlainFromHTML(s.Content), HTML: s.Content, Warning: s.SpoilerText,
		Language: s.Language, Visibility: visibility(s.Visibility), URL: s.URL,
		At: s.CreatedAt.time(), EditedAt: s.EditedAt.time(), Version: version(s),
	}
	if it.URL == "" {
		it.URL = s.URI
	}
	if s.InReplyToID == "" {
		it.RootID = it.RemoteID
	}
	if it.Kind == network.KindQuote {
		it.ParentID, it.RootID = string(s.Quote.Quoted.ID), ""
	}
	if s.Poll != nil {
		for _, o := range s.Poll.Options {
			it.Text += "\n- " + o.Title
		}
	}
	for _, a := range s.Media {
		it.Media = append(it.Media, media(a))
	}
	for _, x := range s.Mentions {
		it.Mentions = append(it.Mentions, network.Author{RemoteID: string(x.ID), Handle: m.handle(x.Acct), Name: x.Username, URL: x.URL})
	}
	return it
}

func media(a attachment) network.Media {
	out := network.Media{
		Kind: network.Other, URL: a.URL, PreviewURL: a.PreviewURL, Alt: a.Description,
		Width: a.Meta.Original.Width, Height: a.Meta.Original.Height,
	}
	if out.URL == "" {
		out.URL = a.RemoteURL
	}
	switch a.Type {
	case "image":
		out.Kind = network.Image
	case "video", "gifv":
		out.Kind = network.Video
	case "audio":
		out.Kind = network.Audio
	}
	return out
}

// version differs whenever what people read differs. Counts, addresses of files and names change without that.
func version(s *status) string {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q %q %q", s.Content, s.SpoilerText, s.Visibility, s.EditedAt.time().UTC())
	for _, a := range s.Media {
		fmt.Fprintf(h, " %q %q", a.ID, a.Description)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// gone is what is told of a status that the server no longer has.
func gone(id string) network.Item {
	return network.Item{RemoteID: id, Deleted: true, Version: "gone"}
}

// silent turns a notification without words into an item; false for those that tell nothing.
func (m *self) silent(n *notification) (network.Item, bool) {
	it := network.Item{Author: m.author(n.Account), At: n.CreatedAt.time(), Version: "1", Visibility: network.Public}
	about := func(kind network.ItemKind) (network.Item, bool) {
		if n.Status == nil {
			return it, false // what was liked is gone by now
		}
		it.Kind, it.ParentID, it.URL = kind, string(n.Status.ID), n.Status.URL
		it.RemoteID = string(kind) + ":" + it.Author.RemoteID + ":" + it.ParentID
		return it, true
	}
	switch n.Type {
	case "favourite":
		return about(network.KindLike)
	case "reblog":
		return about(network.KindShare)
	case "follow", "follow_request":
		it.Kind, it.URL = network.KindFollow, n.Account.URL
		it.RemoteID = string(network.KindFollow) + ":" + it.Author.RemoteID
		return it, true
	default:
		return it, false
	}
}
