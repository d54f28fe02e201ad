package archive_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/archive"
	"github.com/ponte-desk/ponte/internal/network"
)

// read gives what is in an export, and everything that it would bring in.
func read(t *testing.T, o archive.Options, paths ...string) (archive.Report, map[string]network.Item) {
	t.Helper()
	items := map[string]network.Item{}
	r, err := archive.Read(t.Context(), paths, o, func(it network.Item) error { items[it.RemoteID] = it; return nil })
	check(t, err)
	if r.Items != len(items) {
		t.Fatalf("%d things, %d ids", r.Items, len(items))
	}
	return r, items
}

// unread writes what was not brought in as "kind detail count".
func unread(r archive.Report) string {
	var b strings.Builder
	for _, u := range r.Unread {
		if u.File == "" {
			b.WriteString("no place! ")
		}
		fmt.Fprintf(&b, "%s %s %d; ", u.Kind, u.Detail, u.Count)
	}
	return b.String()
}

func texts(items map[string]network.Item) string {
	out := ""
	for _, it := range items {
		out += it.Text + "\n"
	}
	return out
}

func TestMastodon(t *testing.T) {
	t.Parallel()
	for name, path := range map[string]string{"zip": mastodonExport().zip(t), "tar": mastodonExport().tar(t), "folder": mastodonExport().folder(t)} {
		r, items := read(t, archive.Options{}, path)
		if r.Format != archive.Mastodon || r.Account.Handle != "forno@social.example" || r.Account.ServerURL != "https://social.example" || r.Account.Name != "Il Forno" {
			t.Fatalf("%s: %+v", name, r)
		}
		if r.Items != 3 || r.Mine != 3 || r.People != 0 {
			t.Fatalf("%s: %+v", name, r)
		}
		post, answer, private := items["101"], items["102"], items["103"]
		if post.Text != "Pane alle sette" || post.Language != "it" || len(post.Media) != 1 || post.Media[0].Alt != "un filone" || post.Kind != network.KindPost || !post.At.Equal(day.Add(101*time.Hour)) {
			t.Fatalf("%+v", post)
		}
		if answer.ParentID != "101" || answer.Visibility != network.Unlisted || answer.Kind != network.KindReply {
			t.Fatalf("%+v", answer)
		}
		if private.Visibility != network.Direct || private.ParentID != "https://altrove.example/users/ada/statuses/9" || private.Mentions[0].Handle != "ada@altrove.example" {
			t.Fatalf("%+v", private)
		}
		if u := unread(r); !strings.Contains(u, "share  1;") || !strings.Contains(u, "file likes.json 1;") || !strings.Contains(u, "file .png 1;") {
			t.Fatal(u)
		}
	}
}

func TestX(t *testing.T) {
	t.Parallel()
	r, items := read(t, archive.Options{}, xExport().zip(t))
	if r.Format != archive.X || r.Account.Handle != "forno" || r.Items != 4 || r.Mine != 3 || r.People != 1 {
		t.Fatalf("%+v", r)
	}
	if it := items["900"]; it.Text != "Pane & focaccia https://forno.example/pane" || len(it.Media) != 1 || !it.At.Equal(day) {
		t.Fatalf("%+v", it)
	}
	if it := items["901"]; it.ParentID != "899" || it.Kind != network.KindReply {
		t.Fatalf("%+v", it)
	}
	if it := items["dm:1"]; it.Mine || it.ThreadKey != "7-8" || it.Author.RemoteID != "8" || !items["dm:2"].Mine {
		t.Fatalf("%+v", it)
	}
	if u := unread(r); u != "file manifest.js 1; notice  1; share  1; time  1; " {
		t.Fatal(u)
	}
}

func TestTelegram(t *testing.T) {
	t.Parallel()
	r, items := read(t, archive.Options{}, telegramExport().folder(t))
	if r.Format != archive.Telegram || r.Account.Handle != "ilforno" || r.Items != 3 || r.Mine != 2 {
		t.Fatalf("%+v", r)
	}
	if it := items["77:2"]; !it.Mine || it.Text != "Sì, fino alle otto" || it.ParentID != "77:1" || it.ThreadKey != "77" {
		t.Fatalf("%+v", it)
	}
	if it := items["78:1"]; it.Kind != network.KindPost || !it.Mine || it.ThreadKey != "" {
		t.Fatalf("%+v", it)
	}
	if u := unread(r); u != "media  1; notice phone_call 1; " {
		t.Fatal(u)
	}
	// One chat alone does not tell who we are.
	one := `{"name": "Ada", "type": "personal_chat", "id": 77, "messages": [{"id": 1, "type": "message", "date_unixtime": "1680687000", "from": "Ada", "from_id": "user9", "text": "ciao"},` +
		`{"id": 2, "type": "message", "date_unixtime": "1680687001", "from": "Forno", "from_id": "user5", "text": "ciao"}]}`
	path := save(t, "result.json", []byte(one))
	if r, _ := read(t, archive.Options{}, path); r.Account.RemoteID != "" || strings.Join(r.Names, ",") != "Ada,Forno" {
		t.Fatalf("%+v", r)
	}
	if r, items := read(t, archive.Options{Me: "forno"}, path); r.Mine != 1 || !items["77:2"].Mine || r.Account.RemoteID != "user5" {
		t.Fatalf("%+v", r)
	}
}

func TestGoogle(t *testing.T) {
	t.Parallel()
	r, items := read(t, archive.Options{}, googleExport().zip(t))
	if r.Format != archive.Google || r.Account.Handle != "Il Forno" || r.Account.RemoteID != "accounts/1/locations/2" || r.Items != 3 || r.Mine != 1 {
		t.Fatalf("%+v", r)
	}
	if it := items["accounts/1/locations/2/reviews/r1"]; it.Stars != 2 || it.Kind != network.KindReview || it.Author.Name != "Ada R." {
		t.Fatalf("%+v", it)
	}
	if it := items["accounts/1/locations/2/reviews/r1/reply"]; !it.Mine || it.ParentID != "accounts/1/locations/2/reviews/r1" {
		t.Fatalf("%+v", it)
	}
	if items["accounts/1/locations/2/reviews/r2"].Stars != 5 { // stars without words
		t.Fatal("the silent review is missing")
	}
}

func TestFacebook(t *testing.T) {
	t.Parallel()
	r, items := read(t, archive.Options{}, facebookExport().zip(t))
	if r.Format != archive.Facebook || r.Account.Name != "Caffè Forno" || r.Items != 4 || r.Mine != 3 || r.People != 1 {
		t.Fatalf("%+v", r)
	}
	for _, want := range []string{"Sì, è aperto 🙂", "È aperto?", "Il pane è pronto", "Grazie, città mia"} {
		if !strings.Contains(texts(items), want) {
			t.Errorf("%q is missing in %q", want, texts(items))
		}
	}
	for _, it := range items {
		if it.Text == "È aperto?" && (it.Mine || it.ThreadKey != "adarossi_12" || it.Author.RemoteID != "name:ada rossi@adarossi_12" || it.Visibility != network.Direct) {
			t.Errorf("%+v", it)
		}
	}
	if u := unread(r); u != "media  2; " {
		t.Fatal(u)
	}
}

func TestInstagram(t *testing.T) {
	t.Parallel()
	r, items := read(t, archive.Options{}, instagramExport().tar(t))
	if r.Format != archive.Instagram || r.Account.Handle != "forno" || r.Items != 3 || r.Mine != 2 {
		t.Fatalf("%+v", r)
	}
	for _, want := range []string{"Metà focaccia", "Arriva più tardi", "Quanto costa?"} {
		if !strings.Contains(texts(items), want) {
			t.Errorf("%q is missing", want)
		}
	}
}

func TestWhatsApp(t *testing.T) {
	t.Parallel()
	rome, err := time.LoadLocation("Europe/Rome")
	check(t, err)
	r, items := read(t, archive.Options{Me: "il forno", Zone: rome}, whatsappExport().zip(t))
	if r.Format != archive.WhatsApp || r.Account.Handle != "Il Forno" || r.Items != 4 || r.Mine != 1 || r.People != 1 {
		t.Fatalf("%+v", r)
	}
	if !r.From.Equal(time.Date(2023, 4, 5, 7, 31, 0, 0, time.UTC)) || !r.To.Equal(time.Date(2023, 4, 25, 7, 34, 0, 0, time.UTC)) {
		t.Fatalf("%s to %s", r.From, r.To)
	}
	if s := texts(items); !strings.Contains(s, "Buongiorno,\nsiete aperti\n\noggi?\n") || strings.Count(s, "ok") != 2 || !strings.Contains(s, "Sì: fino alle otto") {
		t.Fatal(s)
	}
	if u := unread(r); u != "media  1; notice  1; " {
		t.Fatal(u)
	}
	// The other form, with the month first and twelve hours, and as a file alone.
	r, items = read(t, archive.Options{Me: "Il Forno", Zone: rome}, save(t, "_chat.txt", []byte(whatsappEnglish)))
	if r.Items != 3 || r.Mine != 1 || !r.To.Equal(time.Date(2023, 4, 24, 22, 5, 0, 0, time.UTC)) {
		t.Fatalf("%+v", r)
	}
	for _, it := range items {
		if it.Text == "Good evening" && (!it.At.Equal(time.Date(2023, 4, 5, 19, 31, 15, 0, time.UTC)) || it.ThreadKey != "bea") {
			t.Fatalf("%+v", it)
		}
	}
	if _, err := archive.Survey(t.Context(), []string{whatsappExport().zip(t)}, archive.Options{Me: "Carla"}); !errors.Is(err, archive.ErrNobody) {
		t.Fatal(err)
	}
}

func TestTableAndLines(t *testing.T) {
	t.Parallel()
	r, items := read(t, archive.Options{Me: "Il Forno", Network: "forum"}, save(t, "x.csv", []byte(tableExport)))
	if r.Format != archive.Table || r.Account.Network != "forum" || r.Items != 2 || r.Mine != 1 {
		t.Fatalf("%+v", r)
	}
	if it := items["1"]; it.Text != "Buono,\ne caldo" || it.Stars != 5 || it.Kind != network.KindReview || it.Author.RemoteID != "u1" {
		t.Fatalf("%+v", it)
	}
	if it := items["2"]; it.ParentID != "1" || it.Kind != network.KindReply {
		t.Fatalf("%+v", it)
	}
	if u := unread(r); u != "column colour 1; shape author 1; time  1; " {
		t.Fatal(u)
	}
	for _, u := range r.Unread {
		if u.Kind == archive.UnreadTime && u.Line != 5 { // the first row has two lines
			t.Fatalf("%+v", u)
		}
	}
	r, items = read(t, archive.Options{Me: "Il Forno"}, save(t, "x.jsonl", []byte(linesExport)))
	if r.Format != archive.Lines || r.Items != 2 || items["1"].Stars != 2 || !items["2"].Mine {
		t.Fatalf("%+v", r)
	}
	// As a German or Italian table program writes it.
	if r, _ := read(t, archive.Options{Me: "x"}, save(t, "x.csv", []byte("\xef\xbb\xbftime;author;text\r\n05/04/2023 09:30;Ada;\"ciao; caro\"\r\n"))); r.Items != 1 {
		t.Fatalf("%+v", r)
	}
}

func TestBluesky(t *testing.T) {
	t.Parallel()
	r, items := read(t, archive.Options{}, save(t, "repo.car", blueskyExport()))
	if r.Format != archive.Bluesky || r.Account.RemoteID != did || r.Account.Name != "Il Forno" || r.Items != 3 || r.Mine != 3 {
		t.Fatalf("%+v", r)
	}
	post := items["at://"+did+"/app.bsky.feed.post/3a"]
	if post.Text != "Pane alle sette" || post.Language != "it" || !post.At.Equal(day) || !strings.HasPrefix(post.Version, "bafyrei") {
		t.Fatalf("%+v", post)
	}
	if it := items["at://"+did+"/app.bsky.feed.post/3b"]; it.Kind != network.KindReply || it.ParentID != post.RemoteID || it.RootID != post.RemoteID {
		t.Fatalf("%+v", it)
	}
	if u := unread(r); u != "media  1; record app.bsky.actor.profile 1; record app.bsky.feed.like 1; share  1; " {
		t.Fatal(u)
	}
	// One changed byte in a block no longer fits its name.
	b := blueskyExport()
	b[bytes.Index(b, []byte("sette"))]++
	if _, err := archive.Survey(t.Context(), []string{save(t, "repo.car", b)}, archive.Options{}); !errors.Is(err, archive.ErrDamaged) {
		t.Fatal(err)
	}
}

// The same export in another wrapping is the same export.
func TestTheWrappingDoesNotMatter(t *testing.T) {
	t.Parallel()
	a, _ := read(t, archive.Options{}, xExport().zip(t))
	b, _ := read(t, archive.Options{}, xExport().tar(t))
	if a.Digest != b.Digest || a.Digest == "" {
		t.Fatal(a.Digest, b.Digest)
	}
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	small := archive.Usual()
	small.Slack, small.Piece = 1<<20, 1<<20
	nothing := func(n int) string { return strings.Repeat(" ", n) }
	whole := xExport().zip(t)
	cut := func(path string, keep int) string {
		b, err := os.ReadFile(path)
		check(t, err)
		return save(t, filepath.Base(path), b[:len(b)+keep])
	}
	flipped := func() string {
		b, err := os.ReadFile(mastodonExport().tar(t))
		check(t, err)
		b[len(b)/2] ^= 0xff
		return save(t, "export.tar.gz", b)
	}
	packed := func(name, content string) string {
		var b bytes.Buffer
		g := gzip.NewWriter(&b)
		_, err := g.Write([]byte(content))
		check(t, err)
		check(t, g.Close())
		return save(t, name, b.Bytes())
	}
	roomy := small
	roomy.Piece = 64 << 20
	few := small
	few.Files = 2
	tiny := small
	tiny.Entry = 100
	for _, x := range []struct {
		name string
		path string
		o    archive.Limits
		want error
	}{
		{"not there", "nowhere.zip", small, archive.ErrMissing},
		{"a picture", save(t, "a.jpg", []byte("\xff\xd8\xff\xe0 no")), small, archive.ErrUnknown},
		{"an empty file", save(t, "empty", nil), small, archive.ErrUnknown},
		{"an empty folder", t.TempDir(), small, archive.ErrUnknown},
		{"other JSON", save(t, "a.json", []byte(`{"a": 1}`)), small, archive.ErrUnknown},
		{"pages", files{{"your_facebook_activity/start.html", "<html>"}}.zip(t), small, archive.ErrPages},
		{"two kinds", append(xExport(), telegramExport()...).zip(t), small, archive.ErrMixed},
		{"half a zip", cut(whole, -40), small, archive.ErrDamaged},
		{"half a tar", cut(mastodonExport().tar(t), -40), small, archive.ErrDamaged},
		{"a flipped byte", flipped(), small, archive.ErrDamaged},
		{"half a JSON", save(t, "result.json", []byte(telegramExport()[0][1][:600])), small, archive.ErrDamaged},
		{"wrong JSON", save(t, "result.json", []byte(strings.Replace(telegramExport()[0][1], `"id": 2`, `"id" 2`, 1))), small, archive.ErrForm},
		{"a way out", files{{"../../etc/tweets.js", "window.YTD.x = []"}}.zip(t), small, archive.ErrPath},
		{"an absolute name", files{{"/tweets.js", "window.YTD.x = []"}}.tar(t), small, archive.ErrPath},
		{"a drive", files{{"C:/tweets.js", "window.YTD.x = []"}}.zip(t), small, archive.ErrPath},
		{"backslashes", files{{`..\tweets.js`, "window.YTD.x = []"}}.tar(t), small, archive.ErrPath},
		{"too many", xExport().zip(t), few, archive.ErrMany},
		{"too large", xExport().zip(t), tiny, archive.ErrLarge},
		{"nothing, zipped", files{{"data/tweets.js", "window.YTD.tweets.part0 = [" + nothing(20<<20) + "]"}}.zip(t), roomy, archive.ErrBomb},
		{"nothing, in a tar beside", append(files{{"zeros.bin", strings.Repeat("\x00", 20<<20)}}, xExport()...).tar(t), small, archive.ErrBomb},
		{"nothing, packed alone", packed("tweets.js.gz", "window.YTD.tweets.part0 = ["+nothing(20<<20)+"]"), roomy, archive.ErrBomb},
		{"nothing, plain", save(t, "tweets.js", []byte("window.YTD.tweets.part0 = ["+nothing(3<<20)+"]")), small, archive.ErrPiece},
		{"one huge word", save(t, "tweets.js", []byte(`window.YTD.tweets.part0 = [{"tweet": {"id_str": "`+strings.Repeat("7", 3<<20)+`"}}]`)), small, archive.ErrPiece},
		{"one endless line", save(t, "x.csv", []byte("time,text\n\""+strings.Repeat("7", 3<<20))), small, archive.ErrPiece},
		{"a tower", save(t, "tweets.js", []byte("window.YTD.tweets.part0 = "+strings.Repeat("[", 100_000))), small, archive.ErrForm},
	} {
		_, err := archive.Survey(t.Context(), []string{x.path}, archive.Options{Limits: x.o})
		if !errors.Is(err, x.want) {
			t.Errorf("%s: %v, want %v", x.name, err, x.want)
		}
	}
	// A folder's links are not followed.
	dir := xExport().folder(t)
	check(t, os.Symlink("/etc/passwd", filepath.Join(dir, "data", "tweets-part1.js")))
	if r, _ := read(t, archive.Options{}, dir); !strings.Contains(unread(r), "link  1;") {
		t.Fatal(unread(r))
	}
}
