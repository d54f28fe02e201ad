package archive_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/archive"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/network"
)

func TestLinkedIn(t *testing.T) {
	t.Parallel()
	r, items := read(t, archive.Options{}, linkedinExport().zip(t))
	if r.Format != archive.LinkedIn || r.Account.Handle != "Anna Bruni" || r.Account.RemoteID != "name:anna bruni" || r.Items != 4 || r.Mine != 3 || r.People != 1 {
		t.Fatalf("%+v", r)
	}
	if it := items["urn:li:share:7001"]; it.Text != "Pane alle sette\ne focaccia alle otto" || it.Kind != network.KindPost || !it.At.Equal(day) {
		t.Fatalf("%+v", it)
	}
	for _, it := range items {
		switch {
		case it.Kind == network.KindReply && (it.ParentID != "urn:li:activity:9001" || it.Text != `Sì, anche "la domenica"`):
			t.Fatalf("%+v", it)
		case it.Kind == network.KindMessage && !it.Mine && (it.Text != "Ordine\nIl pane era freddo." || it.Author.URL != "https://www.linkedin.com/in/ada" || it.ThreadKey != "2-abc" || it.Visibility != network.Direct):
			t.Fatalf("%+v", it)
		}
	}
	if u := unread(r); u != "file Connections.csv 1; notice SPAM 1; share  1; " {
		t.Fatal(u)
	}
}

func TestYouTube(t *testing.T) {
	t.Parallel()
	r, items := read(t, archive.Options{}, youtubeExport().zip(t))
	if r.Format != archive.YouTube || r.Account.RemoteID != "UCforno" || r.Items != 2 || r.Mine != 2 {
		t.Fatalf("%+v", r)
	}
	if it := items["Ugy1"]; it.Text != "Grazie a tutti" || it.URL != "https://www.youtube.com/watch?v=vid1&lc=Ugy1" {
		t.Fatalf("%+v", it)
	}
	if it := items["Ugy1.2"]; it.ParentID != "Ugy1" {
		t.Fatalf("%+v", it)
	}
}

func TestWordPress(t *testing.T) {
	t.Parallel()
	r, items := read(t, archive.Options{}, save(t, "forno.WordPress.2023-05-01.xml", []byte(wordpressExport)))
	if r.Format != archive.WordPress || r.Account.RemoteID != "https://forno.example" || r.Account.Handle != "forno.example" || r.Account.Name != "Il Forno" || r.Items != 4 || r.Mine != 2 {
		t.Fatalf("%+v", r)
	}
	post := items["https://forno.example/?p=12"]
	if post.Text != "Pane alle sette\n\nDa domani il pane è pronto alle sette." || post.URL != "https://forno.example/pane/" || !post.At.Equal(day) {
		t.Fatalf("%+v", post)
	}
	if c := items["https://forno.example/?p=12#comment-5"]; c.ParentID != post.RemoteID || c.Author.RemoteID != "mail:ada@posta.example" || c.Text != "Alle sette era freddo.\nPeccato." || c.Kind != network.KindComment {
		t.Fatalf("%+v", c)
	}
	if c := items["https://forno.example/?p=12#comment-6"]; !c.Mine || c.ParentID != "https://forno.example/?p=12#comment-5" {
		t.Fatalf("%+v", c)
	}
	if c := items["https://forno.example/?p=12#comment-8"]; c.Kind != network.KindMention || c.URL != "https://giornale.example/forno" {
		t.Fatalf("%+v", c)
	}
	if u := unread(r); u != "media  1; notice spam 1; record draft 1; record nav_menu_item 1; " {
		t.Fatal(u)
	}
	if _, err := archive.Survey(t.Context(), []string{save(t, "half.xml", []byte(wordpressExport[:len(wordpressExport)/2]))}, archive.Options{}); !errors.Is(err, archive.ErrDamaged) {
		t.Fatal(err)
	}
}

func TestDisqus(t *testing.T) {
	t.Parallel()
	path := save(t, "ilforno-2023.xml", []byte(disqusExport))
	r, items := read(t, archive.Options{Me: "ilforno"}, path)
	if r.Format != archive.Disqus || r.Account.RemoteID != "https://www.forno.example" || r.Account.Handle != "forno.example" || r.Items != 2 || r.Mine != 1 {
		t.Fatalf("%+v", r)
	}
	if it := items["disqus:1001"]; it.Text != "Alle sette era freddo & duro." || it.URL != "https://www.forno.example/pane/#comment-1001" || it.Author.Name != "Ada Rossi" {
		t.Fatalf("%+v", it)
	}
	if it := items["disqus:1002"]; !it.Mine || it.ParentID != "disqus:1001" {
		t.Fatalf("%+v", it)
	}
	if u := unread(r); u != "notice spam 1; time  1; " {
		t.Fatal(u)
	}
	if _, err := archive.Survey(t.Context(), []string{save(t, "half.xml", []byte(disqusExport[:len(disqusExport)-100]))}, archive.Options{}); !errors.Is(err, archive.ErrDamaged) {
		t.Fatal(err)
	}
}

func TestFeed(t *testing.T) {
	t.Parallel()
	r, items := read(t, archive.Options{}, save(t, "feed.xml", []byte(feedExport)))
	if r.Format != archive.Site || r.Account.Handle != "forno.example" || r.Items != 1 || r.Mine != 1 || unread(r) != "time  1; " {
		t.Fatalf("%+v", r)
	}
	// The feed and the export of WordPress call an article alike.
	if it := items["https://forno.example/?p=12"]; it.Text != "Pane alle sette\n\nCaldo" || it.Kind != network.KindPost {
		t.Fatalf("%+v", it)
	}
}

func TestMbox(t *testing.T) {
	t.Parallel()
	path := save(t, "Inbox.mbox", []byte(mboxExport))
	r, items := read(t, archive.Options{}, path)
	if r.Format != archive.Mbox || r.Account.Handle != "info@forno.example" || r.Items != 2 || r.Mine != 1 || r.People != 1 {
		t.Fatalf("%+v", r)
	}
	it := items["<a1@posta.example>"]
	if it.Text != "Perché freddo?\n\nIl pane era freddo. Perché?\nFrom ieri è così." || it.Author.Handle != "ada@posta.example" || it.Author.Name != "Ada Rossì" || !it.At.Equal(day) || it.Visibility != network.Direct {
		t.Fatalf("%+v", it)
	}
	if a := items["<a2@forno.example>"]; !a.Mine || a.ParentID != it.RemoteID || a.ThreadKey != it.ThreadKey || a.Text != "Ci dispiace." {
		t.Fatalf("%+v", a)
	}
	if u := unread(r); u != "media  1; notice newsletter 1; time  1; " {
		t.Fatal(u)
	}
}

// A message with a file of any size is read for its words.
func TestMboxWithLargeFiles(t *testing.T) {
	t.Parallel()
	l := archive.Usual()
	l.Piece = 1 << 16
	big := strings.Replace(mboxExport, "AAAA\r\n", strings.Repeat(strings.Repeat("A", 76)+"\r\n", 40_000), 1)
	r, items := read(t, archive.Options{Limits: l}, save(t, "Inbox.mbox", []byte(big)))
	if r.Items != 2 || !strings.Contains(items["<a1@posta.example>"].Text, "Il pane era freddo") {
		t.Fatalf("%+v", r)
	}
}

// A table of somebody else's making is refused with a question, and read once it is said which column is which.
func TestColumns(t *testing.T) {
	t.Parallel()
	path := save(t, "sondaggio.csv", []byte(foreignTable))
	_, err := archive.Survey(t.Context(), []string{path}, archive.Options{})
	if !errors.Is(err, archive.ErrColumns) {
		t.Fatal(err)
	}
	p, err := archive.Peek(path)
	check(t, err)
	if strings.Join(p.Columns, "|") != "Data e ora|Nome|Messaggio|Voto|Reparto" || len(p.Rows) != 2 || p.Rows[1][1] != "Bruno" {
		t.Fatalf("%+v", p)
	}
	if p.Guess["time"] != "Data e ora" || p.Guess["author"] != "Nome" || p.Guess["text"] != "Messaggio" || p.Guess["stars"] != "Voto" {
		t.Fatalf("%+v", p.Guess)
	}
	rome := time.FixedZone("", 2*3600)
	r, items := read(t, archive.Options{Me: "Il Forno", Columns: p.Guess, Zone: rome}, path)
	if r.Format != archive.Table || r.Items != 2 || r.People != 2 || unread(r) != "column reparto 1; " {
		t.Fatalf("%+v %s", r, unread(r))
	}
	for _, it := range items {
		if it.Author.Name == "Ada Rossi" && (it.Stars != 2 || it.Kind != network.KindReview || !it.At.Equal(day.Add(-2*time.Hour))) {
			t.Fatalf("%+v", it)
		}
	}
	// Excel writes Windows-1252.
	latin := save(t, "a.csv", []byte("Data;Nome;Testo\n05/04/2023;Ada;Perch\xe9 cos\xec\n"))
	p, err = archive.Peek(latin)
	check(t, err)
	if p.Rows[0][2] != "Perché così" {
		t.Fatalf("%+v", p)
	}
	if _, err := archive.Peek(save(t, "a.txt", []byte("nessuna tabella\nqui"))); fault.KindOf(err) != fault.Invalid {
		t.Fatal(err)
	}
	for _, s := range []string{"ciao, come va\n", "una sola colonna\nx\n", "", "a;b"} {
		if _, err := archive.Survey(t.Context(), []string{save(t, "b.txt", []byte(s))}, archive.Options{}); fault.KindOf(err) != fault.Invalid {
			t.Fatalf("%q: %v", s, err)
		}
	}
}

func FuzzLinkedIn(f *testing.F) {
	fuzz(f, archive.LinkedIn, "messages.csv", linkedinExport()[3][1], linkedinExport()[1][1], linkedinExport()[2][1])
}
func FuzzYouTube(f *testing.F)   { fuzz(f, archive.YouTube, "comments.csv", youtubeExport()[0][1]) }
func FuzzWordPress(f *testing.F) { fuzz(f, archive.WordPress, "x.xml", wordpressExport) }
func FuzzDisqus(f *testing.F)    { fuzz(f, archive.Disqus, "x.xml", disqusExport) }
func FuzzSite(f *testing.F)      { fuzz(f, archive.Site, "feed.xml", feedExport, rssFragment) }
func FuzzMbox(f *testing.F)      { fuzz(f, archive.Mbox, "x.mbox", mboxExport) }

const rssFragment = `{"version":"https://jsonfeed.org/version/1.1","home_page_url":"https://forno.example/","items":[{"id":"1","content_text":"x","date_published":"2023-04-05T09:30:00Z"}]}`
