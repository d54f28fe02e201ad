package archive

import (
	"encoding/json"
	"html"
	"regexp"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
)

// xArchive reads data/tweets.js and data/direct-messages.js, with account.js for whose they are.
type xArchive struct{ s *scan }

func newX(s *scan) reader { return xArchive{s} }

func claimsX(name string, head []byte) bool {
	return strings.HasSuffix(name, ".js") && strings.HasPrefix(string(head), "window.YTD.")
}

var (
	xPosts    = regexp.MustCompile(`^(tweets|tweet|community-tweet|note-tweet-none)(-part\d+)?\.js$`)
	xMessages = regexp.MustCompile(`^direct-messages(-group)?(-part\d+)?\.js$`)
)

func (xArchive) learns(name string) bool { return base(name) == "account.js" }
func (xArchive) reads(name string) bool {
	return xPosts.MatchString(base(name)) || xMessages.MatchString(base(name))
}

func (x xArchive) learn(f file) error {
	return readJSON(x.s, f, func(p string) bool { return p == "[].account" }, func(_ string, raw []byte, line int) error {
		var a struct{ AccountID, Username, AccountDisplayName string }
		if json.Unmarshal(raw, &a) != nil || a.AccountID == "" {
			return x.s.skip(UnreadShape, "", f, line)
		}
		x.s.me.RemoteID, x.s.me.Handle, x.s.me.Name, x.s.me.URL = a.AccountID, a.Username, a.AccountDisplayName, "https://x.com/"+a.Username
		return nil
	})
}

type tweet struct {
	ID        string `json:"id_str"`
	Text      string `json:"full_text"`
	CreatedAt string `json:"created_at"`
	Lang      string `json:"lang"`
	Parent    string `json:"in_reply_to_status_id_str"`
	Entities  struct {
		URLs []struct {
			URL      string `json:"url"`
			Expanded string `json:"expanded_url"`
		} `json:"urls"`
		Mentions []struct {
			ID   string `json:"id_str"`
			Name string `json:"screen_name"`
		} `json:"user_mentions"`
	} `json:"entities"`
	Extended struct {
		Media []struct {
			URL   string `json:"url"`
			Media string `json:"media_url_https"`
			Type  string `json:"type"`
			Alt   string `json:"ext_alt_text"`
		} `json:"media"`
	} `json:"extended_entities"`
}

func (x xArchive) read(f file) error {
	if xMessages.MatchString(base(f.name)) {
		return x.messages(f)
	}
	return readJSON(x.s, f, func(p string) bool { return p == "[].tweet" }, func(_ string, raw []byte, line int) error {
		var t tweet
		if json.Unmarshal(raw, &t) != nil || t.ID == "" {
			return x.s.skip(UnreadShape, "", f, line)
		}
		if strings.HasPrefix(t.Text, "RT @") {
			return x.s.skip(UnreadShare, "", f, line)
		}
		at, err := time.Parse(time.RubyDate, t.CreatedAt)
		if err != nil {
			return x.s.skip(UnreadTime, "", f, line)
		}
		it := network.Item{RemoteID: t.ID, Kind: network.KindPost, Mine: true, ParentID: t.Parent, Language: t.Lang, At: at}
		if x.s.me.Handle != "" {
			it.URL = "https://x.com/" + x.s.me.Handle + "/status/" + t.ID
		}
		if t.Parent != "" {
			it.Kind = network.KindReply
		} else {
			it.RootID = t.ID
		}
		words := t.Text
		for _, u := range t.Entities.URLs {
			if u.URL != "" {
				words = strings.ReplaceAll(words, u.URL, u.Expanded)
			}
		}
		for _, m := range t.Extended.Media {
			kind := network.Image
			if m.Type != "photo" {
				kind = network.Video
			}
			it.Media = append(it.Media, network.Media{Kind: kind, URL: m.Media, Alt: m.Alt})
			if m.URL != "" {
				words = strings.ReplaceAll(words, m.URL, "")
			}
		}
		it.Text = strings.TrimSpace(html.UnescapeString(words))
		for _, m := range t.Entities.Mentions {
			it.Mentions = append(it.Mentions, network.Author{RemoteID: m.ID, Handle: m.Name})
		}
		return x.s.put(it, f, line)
	})
}

func (x xArchive) messages(f file) error {
	conversation := ""
	want := func(p string) bool {
		return p == "[].dmConversation.conversationId" || p == "[].dmConversation.messages[]"
	}
	return readJSON(x.s, f, want, func(p string, raw []byte, line int) error {
		if strings.HasSuffix(p, "conversationId") {
			conversation = ""
			return json.Unmarshal(raw, &conversation)
		}
		var m struct {
			MessageCreate *struct {
				ID, SenderID, Text string
				CreatedAt          time.Time
				MediaURLs          []string `json:"mediaUrls"`
				URLs               []struct{ URL, Expanded string }
			} `json:"messageCreate"`
		}
		if json.Unmarshal(raw, &m) != nil {
			return x.s.skip(UnreadShape, "", f, line)
		}
		c := m.MessageCreate
		if c == nil || c.ID == "" || conversation == "" {
			return x.s.skip(UnreadNotice, "", f, line)
		}
		words := c.Text
		for _, u := range c.URLs {
			if u.URL != "" && u.Expanded != "" {
				words = strings.ReplaceAll(words, u.URL, u.Expanded)
			}
		}
		it := network.Item{
			RemoteID: "dm:" + c.ID, Kind: network.KindMessage, Mine: c.SenderID == x.s.me.RemoteID, ThreadKey: conversation,
			Author: network.Author{RemoteID: c.SenderID, Handle: c.SenderID, URL: "https://x.com/i/user/" + c.SenderID},
			Text:   html.UnescapeString(words), Visibility: network.Direct, At: c.CreatedAt,
		}
		for _, u := range c.MediaURLs {
			it.Media = append(it.Media, network.Media{Kind: network.Other, URL: u})
		}
		return x.s.put(it, f, line)
	})
}
