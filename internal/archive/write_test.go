package archive_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// files are the entries of an export, in order.
type files [][2]string

func (fs files) zip(t testing.TB) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range fs {
		w, err := z.Create(f[0])
		check(t, err)
		_, err = w.Write([]byte(f[1]))
		check(t, err)
	}
	check(t, z.Close())
	return save(t, "export.zip", b.Bytes())
}

func (fs files) tar(t testing.TB) string {
	t.Helper()
	var b bytes.Buffer
	g := gzip.NewWriter(&b)
	w := tar.NewWriter(g)
	for _, f := range fs {
		check(t, w.WriteHeader(&tar.Header{Name: f[0], Mode: 0o600, Size: int64(len(f[1])), Typeflag: tar.TypeReg}))
		_, err := w.Write([]byte(f[1]))
		check(t, err)
	}
	check(t, w.Close())
	check(t, g.Close())
	return save(t, "export.tar.gz", b.Bytes())
}

func (fs files) folder(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range fs {
		check(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, f[0])), 0o700))
		check(t, os.WriteFile(filepath.Join(dir, f[0]), []byte(f[1]), 0o600))
	}
	return dir
}

func save(t testing.TB, name string, b []byte) string {
	t.Helper()
	p := filepath.Join(t.TempDir(), name)
	check(t, os.WriteFile(p, b, 0o600))
	return p
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func js(v any) string {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		panic(err)
	}
	return string(b)
}

// broken writes text as Facebook does: each byte of UTF-8 as a character.
func broken(s string) string {
	r := make([]rune, 0, len(s))
	for _, b := range []byte(s) {
		r = append(r, rune(b))
	}
	return string(r)
}

type m = map[string]any

var day = time.Date(2023, 4, 5, 9, 30, 0, 0, time.UTC)

const public = "https://www.w3.org/ns/activitystreams#Public"

func mastodonExport() files {
	status := func(n int, more m) m {
		o := m{
			"id": fmt.Sprintf("https://social.example/users/forno/statuses/%d", n), "type": "Note", "summary": nil, "inReplyTo": nil,
			"published": day.Add(time.Duration(n) * time.Hour).Format(time.RFC3339), "url": fmt.Sprintf("https://social.example/@forno/%d", n),
			"attributedTo": "https://social.example/users/forno", "to": []string{public}, "cc": []string{"https://social.example/users/forno/followers"},
			"content": "<p>Pane alle sette</p>", "contentMap": m{"it": "<p>Pane alle sette</p>"}, "attachment": []any{}, "tag": []any{},
		}
		for k, v := range more {
			o[k] = v
		}
		return m{"id": o["id"].(string) + "/activity", "type": "Create", "actor": o["attributedTo"], "published": o["published"], "object": o}
	}
	return files{
		{"media_attachments/files/1/original/pane.png", "not read"},
		{"outbox.json", js(m{
			"@context": "https://www.w3.org/ns/activitystreams", "id": "outbox.json", "type": "OrderedCollection", "totalItems": 4,
			"orderedItems": []any{
				status(101, m{"attachment": []any{m{"type": "Document", "mediaType": "image/png", "url": "/media_attachments/files/1/original/pane.png", "name": "un filone"}}}),
				status(102, m{
					"inReplyTo": "https://social.example/users/forno/statuses/101", "content": "<p>E la focaccia alle otto</p>",
					"to": []string{"https://social.example/users/forno/followers"}, "cc": []string{public},
				}),
				status(103, m{
					"inReplyTo": "https://altrove.example/users/ada/statuses/9", "content": "<p>@ada certo</p>", "to": "https://altrove.example/users/ada", "cc": []string{},
					"tag": []any{m{"type": "Mention", "href": "https://altrove.example/users/ada", "name": "@ada@altrove.example"}},
				}),
				m{"id": "x", "type": "Announce", "actor": "https://social.example/users/forno", "object": "https://altrove.example/users/ada/statuses/8"},
			},
		})},
		{"likes.json", js(m{"type": "OrderedCollection", "orderedItems": []any{}})},
		{"actor.json", js(m{
			"id": "https://social.example/users/forno", "type": "Person", "preferredUsername": "forno", "name": "Il Forno", "url": "https://social.example/@forno",
			"inbox": "https://social.example/users/forno/inbox", "outbox": "outbox.json",
		})},
	}
}

func xExport() files {
	part := func(name string, v any) string { return "window.YTD." + name + ".part0 = " + js(v) }
	return files{
		{"data/manifest.js", "window.__THAR_CONFIG = {}"},
		{"data/account.js", part("account", []any{m{"account": m{"accountId": "7", "username": "forno", "accountDisplayName": "Il Forno", "email": "x@example.org"}}})},
		{"data/tweets.js", part("tweets", []any{
			m{"tweet": m{
				"id_str": "900", "full_text": "Pane &amp; focaccia https://t.co/a https://t.co/b", "created_at": "Wed Apr 05 09:30:00 +0000 2023", "lang": "it",
				"entities":          m{"urls": []any{m{"url": "https://t.co/a", "expanded_url": "https://forno.example/pane"}}},
				"extended_entities": m{"media": []any{m{"url": "https://t.co/b", "media_url_https": "https://pbs.example/1.jpg", "type": "photo"}}},
			}},
			m{"tweet": m{"id_str": "901", "full_text": "@ada alle otto", "created_at": "Wed Apr 05 10:30:00 +0000 2023", "in_reply_to_status_id_str": "899"}},
			m{"tweet": m{"id_str": "902", "full_text": "RT @ada: buono", "created_at": "Wed Apr 05 11:30:00 +0000 2023"}},
			m{"tweet": m{"id_str": "903", "full_text": "senza data", "created_at": "ieri"}},
		})},
		{"data/direct-messages.js", part("direct_messages", []any{m{"dmConversation": m{"conversationId": "7-8", "messages": []any{
			m{"messageCreate": m{"id": "1", "senderId": "8", "recipientId": "7", "text": "Siete aperti?", "createdAt": "2023-04-05T12:00:00.000Z"}},
			m{"messageCreate": m{"id": "2", "senderId": "7", "recipientId": "8", "text": "Sì", "createdAt": "2023-04-05T12:05:00.000Z"}},
			m{"joinConversation": m{"createdAt": "2023-04-05T12:05:00.000Z"}},
		}}}})},
	}
}

func telegramExport() files {
	text := func(id int, from, fromID string, words any, more m) m {
		o := m{"id": id, "type": "message", "date": "2023-04-05T09:30:00", "date_unixtime": fmt.Sprint(day.Unix() + int64(id)), "from": from, "from_id": fromID, "text": words}
		for k, v := range more {
			o[k] = v
		}
		return o
	}
	return files{{"result.json", `{
 "about": "Here is the data you requested.",
 "personal_information": {"user_id": 5, "first_name": "Il", "last_name": "Forno", "username": "@ilforno"},
 "chats": {"about": "x", "list": [` +
		`{"name": "Ada", "type": "personal_chat", "id": 77, "messages": ` + js([]any{
		text(1, "Ada", "user9", "Siete aperti?", nil),
		text(2, "Il Forno", "user5", []any{"Sì, ", m{"type": "bold", "text": "fino alle otto"}}, m{"reply_to_message_id": 1}),
		m{"id": 3, "type": "service", "date": "2023-04-05T09:30:00", "action": "phone_call"},
		text(4, "Ada", "user9", "", m{"photo": "photos/1.jpg"}),
	}) + `}, ` +
		`{"name": "Novità", "type": "public_channel", "id": 78, "messages": ` + js([]any{text(1, "Novità", "channel78", "Focaccia!", nil)}) + `}]}}`}}
}

func googleExport() files {
	return files{
		{"Takeout/Google Business Profile/account-1/location-2/data.json", js(m{"title": "Il Forno", "phoneNumbers": m{}})},
		{"Takeout/Google Business Profile/account-1/location-2/reviews.json", js(m{"reviews": []any{
			m{
				"name": "accounts/1/locations/2/reviews/r1", "reviewer": m{"displayName": "Ada R."}, "starRating": "TWO", "comment": "Pane freddo",
				"createTime": "2023-04-05T09:30:00.123456Z", "updateTime": "2023-04-05T09:30:00.123456Z",
				"reviewReply": m{"comment": "Ci dispiace, passi domani", "updateTime": "2023-04-06T09:30:00Z"},
			},
			m{"name": "accounts/1/locations/2/reviews/r2", "reviewer": m{"displayName": "Bea"}, "starRating": "FIVE", "createTime": "2023-04-07T09:30:00Z"},
		}})},
	}
}

func facebookExport() files {
	return files{
		{"profile_information/profile_information.json", js(m{"profile_v2": m{"name": m{"full_name": broken("Caffè Forno")}, "username": "caffeforno"}})},
		{"your_facebook_activity/messages/inbox/adarossi_12/message_1.json", js(m{
			"participants": []any{m{"name": "Ada Rossi"}, m{"name": broken("Caffè Forno")}},
			"messages": []any{
				m{"sender_name": broken("Caffè Forno"), "timestamp_ms": day.UnixMilli() + 1000, "content": broken("Sì, è aperto 🙂")},
				m{"sender_name": "Ada Rossi", "timestamp_ms": day.UnixMilli(), "content": broken("È aperto?")},
				m{"sender_name": "Ada Rossi", "timestamp_ms": day.UnixMilli(), "photos": []any{m{"uri": "x.jpg"}}},
			},
			"title": "Ada Rossi", "thread_path": "inbox/adarossi_12",
		})},
		{"your_facebook_activity/posts/your_posts_1.json", js([]any{
			m{"timestamp": day.Unix(), "title": broken("Caffè Forno ha pubblicato un post."), "data": []any{m{"post": broken("Il pane è pronto")}}},
			m{"timestamp": day.Unix() + 9, "attachments": []any{m{"data": []any{m{"media": m{"uri": "y.jpg", "creation_timestamp": day.Unix()}}}}}},
		})},
		{"your_facebook_activity/comments_and_reactions/comments.json", js(m{"comments_v2": []any{
			m{"timestamp": day.Unix(), "data": []any{m{"comment": m{"timestamp": day.Unix(), "comment": broken("Grazie, città mia"), "author": broken("Caffè Forno")}}}, "title": "x"},
		}})},
	}
}

func instagramExport() files {
	return files{
		{"personal_information/personal_information/personal_information.json", js(m{"profile_user": []any{m{"string_map_data": m{"Nome utente": m{"value": "forno"}, "Nome": m{"value": "Il Forno"}}}}})},
		{"your_instagram_activity/media/posts_1.json", js([]any{m{"media": []any{m{"uri": "a.jpg", "creation_timestamp": day.Unix(), "title": broken("Metà focaccia")}}}})},
		{"your_instagram_activity/comments/post_comments_1.json", js([]any{m{"string_map_data": m{"Commento": m{"value": broken("Arriva più tardi")}, "Ora": m{"timestamp": day.Unix()}}}})},
		{"your_instagram_activity/messages/inbox/bea_3/message_1.json", js(m{
			"participants": []any{m{"name": "Bea"}, m{"name": "Il Forno"}},
			"messages":     []any{m{"sender_name": "Bea", "timestamp_ms": day.UnixMilli(), "content": "Quanto costa?"}},
		})},
	}
}

const whatsappItalian = "05/04/23, 09:30 - I messaggi e le chiamate sono crittografati end-to-end.\n" +
	"05/04/23, 09:31 - Ada Rossi: Buongiorno,\nsiete aperti\n\noggi?\n05/04/23, 09:32 - Il Forno: Sì: fino alle otto\n" +
	"25/04/23, 09:33 - Ada Rossi: <Media omessi>\n25/04/23, 09:34 - Ada Rossi: ok\n25/04/23, 09:34 - Ada Rossi: ok\n"

const whatsappEnglish = "\u200e[4/5/23, 9:30:15\u202fAM] Bea: \u200eMessages and calls are end-to-end encrypted.\r\n" +
	"[4/5/23, 9:31:15\u202fPM] Bea: Good evening\r\n[4/25/23, 12:05:00\u202fAM] Il Forno: Good night\r\n\u200e[4/25/23, 12:06:00\u202fAM] Bea: \u200eimage omitted\r\n"

func whatsappExport() files {
	return files{{"Chat WhatsApp con Ada Rossi.txt", whatsappItalian}}
}

const tableExport = "id,time,author,author_id,text,parent,mine,stars,colour\n" +
	"1,2023-04-05T09:30:00Z,Ada,u1,\"Buono,\ne caldo\",,,5,red\n2,2023-04-05 10:30,Il Forno,,Grazie,1,sì,,\n3,mai,Ada,u1,Ancora,,,,\n4,2023-04-06,,,Anonimo,,,,\n"

const linesExport = `{"id":"1","time":"2023-04-05T09:30:00Z","author":"Ada","text":"Freddo","stars":2}` + "\n\n" +
	`{"id":"2","time":"2023-04-06T09:30:00Z","author":"Il Forno","mine":true,"text":"Scusi","parent":"1"}` + "\n"

// cbor writes a value as DAG-CBOR: keys by length, then by letters.
func cbor(v any) []byte {
	head := func(kind byte, n uint64) []byte {
		switch {
		case n < 24:
			return []byte{kind<<5 | byte(n)}
		case n < 1<<8:
			return []byte{kind<<5 | 24, byte(n)}
		case n < 1<<16:
			return binary.BigEndian.AppendUint16([]byte{kind<<5 | 25}, uint16(n))
		case n < 1<<32:
			return binary.BigEndian.AppendUint32([]byte{kind<<5 | 26}, uint32(n))
		}
		return binary.BigEndian.AppendUint64([]byte{kind<<5 | 27}, n)
	}
	switch v := v.(type) {
	case nil:
		return []byte{0xf6}
	case bool:
		if v {
			return []byte{0xf5}
		}
		return []byte{0xf4}
	case int:
		if v < 0 {
			return head(1, uint64(-1-v))
		}
		return head(0, uint64(v))
	case string:
		return append(head(3, uint64(len(v))), v...)
	case []byte:
		return append(head(2, uint64(len(v))), v...)
	case cid:
		return slices.Concat([]byte{0xd8, 42}, head(2, uint64(len(v)+1)), []byte{0}, []byte(v))
	case []any:
		b := head(4, uint64(len(v)))
		for _, x := range v {
			b = append(b, cbor(x)...)
		}
		return b
	case m:
		var keys []string
		for k := range v {
			keys = append(keys, k)
		}
		slices.SortFunc(keys, func(a, b string) int {
			if len(a) != len(b) {
				return len(a) - len(b)
			}
			return strings.Compare(a, b)
		})
		b := head(5, uint64(len(v)))
		for _, k := range keys {
			b = append(b, cbor(k)...)
			b = append(b, cbor(v[k])...)
		}
		return b
	}
	panic(fmt.Sprintf("%T", v))
}

type cid string

func cidOf(block []byte) cid {
	sum := sha256.Sum256(block)
	return cid(append([]byte{1, 0x71, 0x12, 32}, sum[:]...))
}

const did = "did:plc:fornofornofornoforno"

// repository writes the records of an account as one CAR file.
func repository(records [][2]any) []byte {
	var blocks [][]byte
	put := func(v any) cid {
		b := cbor(v)
		blocks = append(blocks, b)
		return cidOf(b)
	}
	type at struct {
		key string
		id  cid
	}
	var all []at
	for _, r := range records {
		all = append(all, at{r[0].(string), put(r[1])})
	}
	slices.SortFunc(all, func(a, b at) int { return strings.Compare(a.key, b.key) })
	var list []any
	last := ""
	for _, a := range all {
		p := 0
		for p < len(last) && p < len(a.key) && last[p] == a.key[p] {
			p++
		}
		list = append(list, m{"p": p, "k": []byte(a.key[p:]), "v": a.id, "t": nil})
		last = a.key
	}
	if list == nil {
		list = []any{}
	}
	root := put(m{"l": nil, "e": list})
	commit := put(m{"did": did, "version": 3, "data": root, "rev": "3k", "prev": nil, "sig": []byte{1, 2, 3}})
	section := func(parts ...[]byte) []byte {
		b := slices.Concat(parts...)
		return append(binary.AppendUvarint(nil, uint64(len(b))), b...)
	}
	out := section(cbor(m{"version": 1, "roots": []any{commit}}))
	for i := len(blocks) - 1; i >= 0; i-- { // the commit first, as servers write it
		out = append(out, section([]byte(cidOf(blocks[i])), blocks[i])...)
	}
	return out
}

func blueskyExport() []byte {
	post := func(words string, more m) m {
		o := m{"$type": "app.bsky.feed.post", "text": words, "createdAt": "2023-04-05T09:30:00.000Z", "langs": []any{"it"}}
		for k, v := range more {
			o[k] = v
		}
		return o
	}
	ref := func(uri string) m { return m{"uri": uri, "cid": "bafy"} }
	return repository([][2]any{
		{"app.bsky.feed.post/3a", post("Pane alle sette", nil)},
		{"app.bsky.feed.post/3b", post("E la focaccia alle otto", m{"reply": m{"root": ref("at://" + did + "/app.bsky.feed.post/3a"), "parent": ref("at://" + did + "/app.bsky.feed.post/3a")}})},
		{"app.bsky.feed.post/3c", post("Una foto", m{"embed": m{"$type": "app.bsky.embed.images", "images": []any{m{"alt": "un filone", "image": m{"size": 300}}}}})},
		{"app.bsky.feed.like/3d", m{"$type": "app.bsky.feed.like", "subject": ref("at://did:plc:x/app.bsky.feed.post/1"), "createdAt": "2023-04-05T09:30:00.000Z"}},
		{"app.bsky.feed.repost/3e", m{"$type": "app.bsky.feed.repost", "subject": ref("at://did:plc:x/app.bsky.feed.post/1"), "createdAt": "2023-04-05T09:30:00.000Z"}},
		{"app.bsky.actor.profile/self", m{"$type": "app.bsky.actor.profile", "displayName": "Il Forno"}},
	})
}
