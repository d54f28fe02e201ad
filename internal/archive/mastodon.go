package archive

import (
	"encoding/json"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/text"
)

// mastodon reads actor.json and outbox.json, which are ActivityStreams (https://www.w3.org/TR/activitystreams-core/).
type mastodon struct{ s *scan }

func newMastodon(s *scan) reader { return mastodon{s} }

func claimsMastodon(name string, head []byte) bool {
	b := bare(head)
	return isJSON(b) && (base(name) == "outbox.json" && has(b, `"OrderedCollection"`) || base(name) == "actor.json" && has(b, `"inbox"`, `"outbox"`))
}

func (mastodon) learns(name string) bool { return base(name) == "actor.json" }
func (mastodon) reads(name string) bool  { return base(name) == "outbox.json" }

// oneOrMore is a text or a list of texts.
type oneOrMore []string

func (o *oneOrMore) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*o = oneOrMore{one}
		return nil
	}
	var more []json.RawMessage
	if err := json.Unmarshal(b, &more); err != nil {
		return err
	}
	for _, m := range more {
		if json.Unmarshal(m, &one) == nil {
			*o = append(*o, one)
		}
	}
	return nil
}

func (o oneOrMore) any(f func(string) bool) bool {
	for _, s := range o {
		if f(s) {
			return true
		}
	}
	return false
}

func (m mastodon) learn(f file) error {
	return readJSON(m.s, f, func(p string) bool { return p == "" }, func(_ string, raw []byte, line int) error {
		var a struct {
			ID       string `json:"id"`
			Username string `json:"preferredUsername"`
			Name     string `json:"name"`
			URL      string `json:"url"`
			Icon     struct {
				URL string `json:"url"`
			} `json:"icon"`
		}
		if err := json.Unmarshal(raw, &a); err != nil || a.ID == "" {
			return m.s.skip(UnreadShape, "", f, line)
		}
		m.account(a.ID, a.Username)
		m.s.me.Name, m.s.me.URL = a.Name, a.URL
		if strings.HasPrefix(a.Icon.URL, "https://") {
			m.s.me.AvatarURL = a.Icon.URL
		}
		return nil
	})
}

// account takes what the address of an actor tells.
func (m mastodon) account(id, username string) {
	u, err := url.Parse(id)
	if err != nil || u.Host == "" {
		return
	}
	if username == "" {
		username = path.Base(u.Path)
	}
	me := &m.s.me
	me.RemoteID, me.Handle, me.ServerURL, me.Name = id, username+"@"+u.Host, u.Scheme+"://"+u.Host, username
}

type activity struct {
	Type   string          `json:"type"`
	Actor  string          `json:"actor"`
	Object json.RawMessage `json:"object"`
}

type note struct {
	Type       string                                  `json:"type"`
	ID         string                                  `json:"id"`
	Summary    string                                  `json:"summary"`
	InReplyTo  string                                  `json:"inReplyTo"`
	Published  time.Time                               `json:"published"`
	Updated    time.Time                               `json:"updated"`
	URL        string                                  `json:"url"`
	To         oneOrMore                               `json:"to"`
	Cc         oneOrMore                               `json:"cc"`
	Content    string                                  `json:"content"`
	ContentMap map[string]string                       `json:"contentMap"`
	Attachment []struct{ MediaType, URL, Name string } `json:"attachment"`
	Tag        []struct{ Type, Href, Name string }     `json:"tag"`
	OneOf      []struct{ Name string }                 `json:"oneOf"`
	AnyOf      []struct{ Name string }                 `json:"anyOf"`
}

func (m mastodon) read(f file) error {
	return readJSON(m.s, f, func(p string) bool { return p == "orderedItems[]" }, func(_ string, raw []byte, line int) error {
		var a activity
		var n note
		skip := func(kind UnreadKind, detail string) error { return m.s.skip(kind, detail, f, line) }
		if json.Unmarshal(raw, &a) != nil {
			return skip(UnreadShape, "")
		}
		if a.Type == "Announce" {
			return skip(UnreadShare, "")
		}
		if a.Type != "Create" {
			return skip(UnreadRecord, shown(a.Type))
		}
		if json.Unmarshal(a.Object, &n) != nil || n.ID == "" {
			return skip(UnreadShape, "")
		}
		if m.s.me.RemoteID == "" { // an export without actor.json
			m.account(a.Actor, "")
		}
		return m.s.put(m.item(n), f, line)
	})
}

const toEverybody = "https://www.w3.org/ns/activitystreams#Public"

func everybody(s string) bool { return s == toEverybody || s == "as:Public" || s == "Public" }

func (m mastodon) item(n note) network.Item {
	it := network.Item{
		RemoteID: m.local(n.ID), Kind: network.KindPost, Mine: true, Text: text.PlainFromHTML(n.Content), HTML: n.Content, Warning: n.Summary,
		URL: n.URL, At: n.Published, EditedAt: n.Updated, ParentID: m.local(n.InReplyTo),
	}
	if n.Updated.Equal(n.Published) {
		it.EditedAt = time.Time{}
	}
	followers := func(s string) bool { return strings.HasSuffix(s, "/followers") }
	switch {
	case n.To.any(everybody):
		it.Visibility = network.Public
	case n.Cc.any(everybody):
		it.Visibility = network.Unlisted
	case n.To.any(followers), n.Cc.any(followers):
		it.Visibility = network.Followers
	default:
		it.Visibility = network.Direct
	}
	switch {
	case it.Visibility == network.Direct:
		it.Kind = network.KindMessage
	case it.ParentID != "":
		it.Kind = network.KindReply
	}
	if it.ParentID == "" {
		it.RootID = it.RemoteID
	}
	for lang, content := range n.ContentMap {
		if content == n.Content && (it.Language == "" || lang < it.Language) {
			it.Language = lang
		}
	}
	for _, o := range append(n.OneOf, n.AnyOf...) {
		it.Text += "\n- " + o.Name
	}
	for _, a := range n.Attachment {
		it.Media = append(it.Media, network.Media{Kind: mediaKind(a.MediaType), URL: m.address(a.URL), Alt: a.Name})
	}
	for _, t := range n.Tag {
		if t.Type == "Mention" {
			it.Mentions = append(it.Mentions, network.Author{RemoteID: t.Href, Handle: m.handle(t.Href, t.Name), URL: t.Href})
		}
	}
	return it
}

// local gives the id by which our server's own API knows a status of its own; others keep their address.
func (m mastodon) local(id string) string {
	rest, ok := strings.CutPrefix(id, m.s.me.ServerURL+"/")
	if !ok || m.s.me.ServerURL == "" {
		return id
	}
	if last := path.Base(rest); strings.Contains(rest, "/statuses/") && last != "" {
		return last
	}
	return id
}

// handle writes a mention as the live channel does, with the server: our own server's people are told without it.
func (m mastodon) handle(href, name string) string {
	name = strings.TrimPrefix(name, "@")
	if u, err := url.Parse(href); err == nil && u.Host != "" && !strings.Contains(name, "@") {
		return name + "@" + u.Host
	}
	return name
}

// address makes the whole address of a file that an export names by its path.
func (m mastodon) address(s string) string {
	if strings.HasPrefix(s, "/") && m.s.me.ServerURL != "" {
		return m.s.me.ServerURL + s
	}
	return s
}

func mediaKind(mime string) network.MediaKind {
	switch kind, _, _ := strings.Cut(mime, "/"); kind {
	case "image":
		return network.Image
	case "video":
		return network.Video
	case "audio":
		return network.Audio
	}
	return network.Other
}
