package archive

import (
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ponte-desk/ponte/internal/network"
)

// meta reads the JSON exports of Facebook and of Instagram, which are written by the same hand: messages alike, the rest
// each in its own way.
type meta struct {
	s         *scan
	instagram bool
}

func newFacebook(s *scan) reader  { return meta{s: s} }
func newInstagram(s *scan) reader { return meta{s: s, instagram: true} }

// claimsMessages tells a file of messages, which both have.
func claimsMessages(head []byte) bool {
	b := bare(head)
	return isJSON(b) && has(b, `"participants":[`, `"sender_name":`)
}

func claimsInstagram(name string, head []byte) bool {
	b := bare(head)
	if !isJSON(b) || claimsMessages(head) {
		return false
	}
	return has(b, `"profile_user":[`) || has(b, `"string_map_data":{`) || strings.HasPrefix(base(name), "posts_") && has(b, `"creation_timestamp":`)
}

func claimsFacebook(name string, head []byte) bool {
	b := bare(head)
	if !isJSON(b) {
		return false
	}
	return has(b, `"profile_v2":{`) || has(b, `"comments_v2":[`) || metaPosts.MatchString(base(name)) && has(b, `"timestamp":`, `"data":[`)
}

var (
	metaPosts    = regexp.MustCompile(`^(your_posts|page_posts|profile_posts|your_posts__check_ins__photos_and_videos|posts)(_\d+)?\.json$`)
	metaMessages = regexp.MustCompile(`^message_\d+\.json$`)
	metaComments = regexp.MustCompile(`^(comments|post_comments|reels_comments)(_\d+)?\.json$`)
)

func (m meta) learns(name string) bool {
	switch base(name) {
	case "profile_information.json", "page_information.json", "personal_information.json":
		return true
	}
	// Without those the names in the messages are what we can ask about.
	return metaMessages.MatchString(base(name))
}

func (m meta) reads(name string) bool {
	b := base(name)
	return metaMessages.MatchString(b) || metaPosts.MatchString(b) || metaComments.MatchString(b)
}

func (m meta) learn(f file) error {
	if metaMessages.MatchString(base(f.name)) {
		if m.s.me.RemoteID != "" || m.s.Me == "" && len(m.s.tally.report.Names) >= 12 {
			return nil
		}
		return readJSON(m.s, f, func(p string) bool { return p == "participants[].name" }, func(_ string, raw []byte, _ int) error {
			name := repair(raw)
			m.s.tally.name(name)
			if m.s.isMe(name) {
				m.whoWeAre(name, "")
			}
			return nil
		})
	}
	want := func(p string) bool {
		return p == "profile_v2.name.full_name" || p == "profile_v2.username" || p == "page_v2.name" || p == "name" || p == "profile_user[]"
	}
	name, handle := "", ""
	err := readJSON(m.s, f, want, func(p string, raw []byte, _ int) error {
		switch p {
		case "profile_user[]":
			var u mappedList
			if json.Unmarshal(raw, &u) == nil {
				handle, name = pick(u.Map, "Username", "Nome utente"), pick(u.Map, "Name", "Nome")
			}
		case "profile_v2.username":
			handle = repair(raw)
		default:
			name = repair(raw)
		}
		return nil
	})
	if err == nil && (name != "" || handle != "") && m.s.Me == "" {
		m.whoWeAre(name, handle)
	}
	return err
}

// whoWeAre takes the account. Messages tell people by their names alone, ours too.
func (m meta) whoWeAre(name, handle string) {
	if handle == "" {
		handle = name
	}
	if name == "" {
		name = handle
	}
	me := &m.s.me
	me.RemoteID, me.Handle, me.Name = "name:"+strings.ToLower(handle), handle, name
	if m.instagram && handle != name {
		me.URL = "https://www.instagram.com/" + handle + "/"
	}
}

// mapped is a value in Instagram's lists, whose names are in the language of the account.
type mapped struct {
	Value     string
	Timestamp int64
}

type mappedList struct {
	Map map[string]mapped `json:"string_map_data"`
}

func pick(m map[string]mapped, names ...string) string {
	for _, n := range names {
		if v, ok := m[n]; ok && v.Value != "" {
			return mend(v.Value)
		}
	}
	return ""
}

// repair reads a JSON text in which each byte of UTF-8 was written as a character of its own.
func repair(raw []byte) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return mend(s)
}

// mend turns characters that are bytes of UTF-8 back into what they were. What was never broken stays.
func mend(s string) string {
	b := make([]byte, 0, len(s))
	broken := false
	for _, r := range s {
		if r > 0xff {
			return s
		}
		broken = broken || r >= 0x80
		b = append(b, byte(r))
	}
	if !broken || !utf8.Valid(b) {
		return s
	}
	return string(b)
}

func (m meta) read(f file) error {
	switch b := base(f.name); {
	case metaMessages.MatchString(b):
		return m.messages(f)
	case metaComments.MatchString(b):
		return m.comments(f)
	default:
		return m.posts(f)
	}
}

type metaMessage struct {
	Sender  string            `json:"sender_name"`
	Millis  int64             `json:"timestamp_ms"`
	Content string            `json:"content"`
	Unsent  bool              `json:"is_unsent"`
	Call    *int64            `json:"call_duration"`
	Photos  []json.RawMessage `json:"photos"`
	Videos  []json.RawMessage `json:"videos"`
	Audio   []json.RawMessage `json:"audio_files"`
	Files   []json.RawMessage `json:"files"`
	Sticker json.RawMessage   `json:"sticker"`
	Share   struct {
		Link string `json:"link"`
		Text string `json:"share_text"`
	} `json:"share"`
}

func (m meta) messages(f file) error {
	thread := path.Base(path.Dir(f.name)) // the folder is the thread; its name tells apart people of the same name
	want := func(p string) bool { return p == "messages[]" }
	return readJSON(m.s, f, want, func(_ string, raw []byte, line int) error {
		var x metaMessage
		if json.Unmarshal(raw, &x) != nil {
			return m.s.skip(UnreadShape, "", f, line)
		}
		who, words := mend(x.Sender), mend(x.Content)
		if x.Unsent || x.Call != nil {
			return m.s.skip(UnreadNotice, "", f, line)
		}
		if x.Share.Link != "" && !strings.Contains(words, x.Share.Link) {
			words = strings.TrimSpace(words + "\n" + x.Share.Link)
		}
		if n := len(x.Photos) + len(x.Videos) + len(x.Audio) + len(x.Files); n > 0 || x.Sticker != nil {
			m.s.tally.skip(UnreadMedia, "", f.place, line)
			if words == "" {
				return nil
			}
		}
		person := "name:" + strings.ToLower(who) + "@" + thread
		return m.s.put(network.Item{
			RemoteID: "message:" + thread + ":" + fmt.Sprint(x.Millis) + ":" + mark(who, words), Kind: network.KindMessage, ThreadKey: thread,
			Mine: m.s.me.Name != "" && strings.EqualFold(who, m.s.me.Name), Author: network.Author{RemoteID: person, Handle: who, Name: who},
			Text: words, Visibility: network.Direct, At: time.UnixMilli(x.Millis),
		}, f, line)
	})
}

func (m meta) comments(f file) error {
	want := func(p string) bool { return p == "comments_v2[]" || strings.HasSuffix(p, "_comments[]") || p == "[]" }
	return readJSON(m.s, f, want, func(_ string, raw []byte, line int) error {
		var c struct {
			Timestamp int64
			Title     string
			Data      []struct {
				Comment *struct {
					Timestamp              int64
					Comment, Author, Group string
				}
			}
			mappedList
		}
		if json.Unmarshal(raw, &c) != nil {
			return m.s.skip(UnreadShape, "", f, line)
		}
		it := network.Item{Kind: network.KindComment, Mine: true}
		switch {
		case len(c.Data) > 0 && c.Data[0].Comment != nil:
			it.Text, it.At = mend(c.Data[0].Comment.Comment), time.Unix(c.Data[0].Comment.Timestamp, 0)
		case len(c.Map) > 0:
			it.Text = pick(c.Map, "Comment", "Commento")
			for _, v := range c.Map {
				if v.Timestamp > 0 {
					it.At = time.Unix(v.Timestamp, 0)
				}
			}
		default:
			return m.s.skip(UnreadShape, "", f, line)
		}
		it.RemoteID = "comment:" + fmt.Sprint(it.At.Unix()) + ":" + mark(it.Text)
		return m.s.put(it, f, line)
	})
}

type metaMedia struct {
	URI      string
	Title    string
	About    string `json:"description"`
	Created  int64  `json:"creation_timestamp"`
	External struct{ URL string }
}

func (m meta) posts(f file) error {
	want := func(p string) bool {
		return p == "[]" || strings.HasSuffix(p, "_posts_v2[]") || strings.HasSuffix(p, "ig_posts[]")
	}
	return readJSON(m.s, f, want, func(_ string, raw []byte, line int) error {
		var p struct {
			Timestamp   int64
			Created     int64 `json:"creation_timestamp"`
			Title       string
			Data        []struct{ Post string }
			Attachments []struct {
				Data []struct {
					Media    *metaMedia
					External *struct{ URL string } `json:"external_context"`
				}
			}
			Media []metaMedia
		}
		if json.Unmarshal(raw, &p) != nil {
			return m.s.skip(UnreadShape, "", f, line)
		}
		var text []string
		add := func(s string) {
			if s = strings.TrimSpace(mend(s)); s != "" && !strings.Contains(strings.Join(text, "\n"), s) {
				text = append(text, s)
			}
		}
		at, media := max(p.Timestamp, p.Created), p.Media
		for _, d := range p.Data {
			add(d.Post)
		}
		for _, a := range p.Attachments {
			for _, d := range a.Data {
				if d.Media != nil {
					media = append(media, *d.Media)
				}
				if d.External != nil {
					add(d.External.URL)
				}
			}
		}
		if m.instagram { // elsewhere the title is the platform's own sentence
			add(p.Title)
		}
		for _, x := range media {
			m.s.tally.skip(UnreadMedia, "", f.place, line)
			if at = max(at, 0); at == 0 {
				at = x.Created
			}
			if m.instagram {
				add(x.Title)
			}
			add(x.About)
		}
		if len(text) == 0 && len(media) > 0 {
			return nil
		}
		words := strings.Join(text, "\n")
		id := "post:" + fmt.Sprint(at) + ":" + mark(words)
		return m.s.put(network.Item{RemoteID: id, RootID: id, Kind: network.KindPost, Mine: true, Text: words, At: time.Unix(at, 0)}, f, line)
	})
}
