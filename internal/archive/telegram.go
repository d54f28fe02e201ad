package archive

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
)

// telegram reads result.json, of one chat or of an account (https://core.telegram.org/import-export).
type telegram struct{ s *scan }

func newTelegram(s *scan) reader { return telegram{s} }

func claimsTelegram(_ string, head []byte) bool {
	b := bare(head)
	if !isJSON(b) {
		return false
	}
	chat := false
	for _, t := range []string{"personal_chat", "bot_chat", "saved_messages", "private_group", "private_supergroup", "public_supergroup", "private_channel", "public_channel"} {
		chat = chat || has(b, `"type":"`+t+`"`)
	}
	return chat && has(b, `"messages":[`) || has(b, `"personal_information":{`, `"user_id":`)
}

func (telegram) learns(name string) bool { return strings.HasSuffix(base(name), ".json") }
func (telegram) reads(name string) bool  { return strings.HasSuffix(base(name), ".json") }

// learn takes who we are; of a single chat it takes the first names, to be able to ask.
func (t telegram) learn(f file) error {
	want := func(p string) bool {
		return p == "personal_information" || t.s.me.RemoteID == "" && len(t.s.tally.report.Names) < 12 && (p == "messages[]" || p == "chats.list[].messages[]")
	}
	return readJSON(t.s, f, want, func(p string, raw []byte, line int) error {
		if p != "personal_information" {
			var m message
			if json.Unmarshal(raw, &m) != nil {
				return nil // told when it is read
			}
			t.s.tally.name(m.From)
			if t.s.isMe(m.From, m.FromID) {
				t.s.me.RemoteID, t.s.me.Handle, t.s.me.Name = m.FromID, m.From, m.From
			}
			return nil
		}
		var i struct {
			UserID    int64  `json:"user_id"`
			FirstName string `json:"first_name"`
			LastName  string `json:"last_name"`
			Username  string `json:"username"`
		}
		if json.Unmarshal(raw, &i) != nil || i.UserID == 0 {
			return t.s.skip(UnreadShape, "", f, line)
		}
		me := &t.s.me
		me.RemoteID, me.Name = fmt.Sprintf("user%d", i.UserID), strings.TrimSpace(i.FirstName+" "+i.LastName)
		if me.Handle = strings.TrimPrefix(i.Username, "@"); me.Handle == "" {
			me.Handle = me.Name
		}
		return nil
	})
}

type message struct {
	ID       int64           `json:"id"`
	Type     string          `json:"type"`
	Action   string          `json:"action"`
	Unix     string          `json:"date_unixtime"`
	Date     string          `json:"date"`
	EditUnix string          `json:"edited_unixtime"`
	From     string          `json:"from"`
	FromID   string          `json:"from_id"`
	Parent   int64           `json:"reply_to_message_id"`
	Text     json.RawMessage `json:"text"`
	Photo    string          `json:"photo"`
	File     string          `json:"file"`
}

// words joins the pieces of a text.
func words(raw json.RawMessage) string {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		return one
	}
	var more []json.RawMessage
	if json.Unmarshal(raw, &more) != nil {
		return ""
	}
	var b strings.Builder
	for _, m := range more {
		var piece struct{ Text string }
		if json.Unmarshal(m, &one) == nil {
			b.WriteString(one)
		} else if json.Unmarshal(m, &piece) == nil {
			b.WriteString(piece.Text)
		}
	}
	return b.String()
}

func (t telegram) read(f file) error {
	var kind string
	var chat int64
	want := func(p string) bool {
		switch strings.TrimPrefix(p, "chats.list[].") {
		case "type", "id", "messages[]":
			return true
		}
		return false
	}
	return readJSON(t.s, f, want, func(p string, raw []byte, line int) error {
		switch {
		case strings.HasSuffix(p, "type"):
			kind, chat = "", 0
			_ = json.Unmarshal(raw, &kind)
			return nil
		case strings.HasSuffix(p, "id"):
			_ = json.Unmarshal(raw, &chat)
			return nil
		}
		var m message
		if json.Unmarshal(raw, &m) != nil || chat == 0 || m.ID == 0 {
			return t.s.skip(UnreadShape, "", f, line)
		}
		if m.Type != "message" {
			return t.s.skip(UnreadNotice, shown(m.Action), f, line)
		}
		if m.Photo != "" || m.File != "" {
			t.s.tally.skip(UnreadMedia, "", f.place, line)
		}
		if len(words(m.Text)) == 0 && (m.Photo != "" || m.File != "") {
			return nil
		}
		return t.s.put(t.item(m, kind, chat), f, line)
	})
}

func (t telegram) item(m message, kind string, chat int64) network.Item {
	id := func(n int64) string { return fmt.Sprintf("%d:%d", chat, n) }
	it := network.Item{
		RemoteID: id(m.ID), Kind: network.KindMessage, Mine: m.FromID != "" && m.FromID == t.s.me.RemoteID,
		Author: network.Author{RemoteID: m.FromID, Handle: m.From, Name: m.From}, Text: words(m.Text), At: unix(m.Unix), EditedAt: unix(m.EditUnix),
		ThreadKey: strconv.FormatInt(chat, 10), Visibility: network.Direct,
	}
	if it.At.IsZero() { // exports before 2021 have the wall's time alone
		it.At, _ = time.ParseInLocation("2006-01-02T15:04:05", m.Date, t.s.Zone)
	}
	if it.Author.Handle == "" {
		it.Author.Handle, it.Author.Name = m.FromID, m.FromID
	}
	if m.Parent != 0 {
		it.ParentID = id(m.Parent)
	}
	switch kind {
	case "public_channel", "private_channel": // what the channel itself says
		it.Kind, it.ThreadKey = network.KindPost, ""
		it.Mine = it.Mine || m.FromID == fmt.Sprintf("channel%d", chat)
		it.Visibility = network.Public
	case "public_supergroup":
		it.Kind, it.Visibility = network.KindComment, network.Public
	}
	return it
}

// unix reads seconds since 1970; zero when they are not there.
func unix(s string) time.Time {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n <= 0 {
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}
