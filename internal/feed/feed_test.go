package feed_test

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/feed"
)

func read(t *testing.T, s string) (feed.Feed, []feed.Item) {
	t.Helper()
	var all []feed.Item
	f, err := feed.Read(strings.NewReader(s), feed.Options{Base: "https://forno.example/blog/feed.xml"}, func(it *feed.Item) error {
		all = append(all, *it)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if f.Items != len(all) || feed.KindOf([]byte(s)[:min(len(s), feed.Head)]) != f.Kind {
		t.Fatalf("%+v, %d articles", f, len(all))
	}
	return f, all
}

func want[T comparable](t *testing.T, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%v, want %v", got, want)
	}
}

const rss = `<?xml version="1.0" encoding="UTF-8"?>
<!-- made by hand -->
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom"
 xmlns:wfw="http://wellformedweb.org/CommentAPI/" xmlns:media="http://search.yahoo.com/mrss/">
<channel><title>Il Forno &amp; figli</title><link>https://forno.example/</link><language>it-IT</language><atom:link href="feed.xml" rel="self" type="application/rss+xml"/>
<atom:link rel="hub" href="https://hub.example/"/><lastBuildDate>Wed, 05 Apr 2023 11:30:00 +0200</lastBuildDate>
<image><title>not this</title><url>x.png</url><link>https://elsewhere.example/</link></image>
<item><title>Pane &lt;b&gt;alle&lt;/b&gt; sette</title><link>/pane</link><guid isPermaLink="false">post-1</guid><dc:creator><![CDATA[Anna Bruni]]></dc:creator>
<pubDate>Wed, 05 Apr 2023 09:30:00 GMT</pubDate><category>Pane</category><category><![CDATA[Mattina]]></category><description>In breve</description>
<content:encoded><![CDATA[<p>Pane alle <a href="/ore">sette</a></p><script>x()</script>]]></content:encoded><comments>https://forno.example/pane#c</comments>
<wfw:commentRss>https://forno.example/pane/feed</wfw:commentRss><enclosure url="https://forno.example/pane.jpg" length="12" type="image/jpeg"/><media:title>no</media:title></item>
<item><description><p>Senza titolo,<br/>con segni</p></description><guid>https://forno.example/2</guid><author>anna@forno.example (Anna)</author><pubDate>5 Apr 23 9:30 EST</pubDate></item>
<item><title>Niente altro</title></item><item></item>
</channel></rss>`

func TestRSS(t *testing.T) {
	t.Parallel()
	f, all := read(t, rss)
	want(t, f.Kind, feed.RSS)
	want(t, f.Title, "Il Forno & figli")
	want(t, f.URL, "https://forno.example/")
	want(t, f.Self, "https://forno.example/blog/feed.xml")
	want(t, strings.Join(f.Hubs, " "), "https://hub.example/")
	want(t, f.Updated, time.Date(2023, 4, 5, 9, 30, 0, 0, time.UTC))
	want(t, len(all), 3)
	a := all[0]
	want(t, a.ID, "post-1")
	want(t, a.URL, "https://forno.example/pane")
	want(t, a.Title, "Pane alle sette")
	want(t, a.Text, "Pane alle sette")
	want(t, a.Summary, "In breve")
	want(t, strings.Contains(a.HTML, "<script>"), true) // as it came
	want(t, a.Author.Name, "Anna Bruni")
	want(t, strings.Join(a.Tags, ","), "Pane,Mattina")
	want(t, a.CommentsURL+" "+a.CommentsFeed, "https://forno.example/pane#c https://forno.example/pane/feed")
	want(t, a.Files[0], feed.File{URL: "https://forno.example/pane.jpg", Type: "image/jpeg"})
	b := all[1]
	want(t, b.HTML, "<p>Senza titolo,<br>con segni</p>")
	want(t, b.Text, "Senza titolo,\ncon segni")
	want(t, b.URL, "https://forno.example/2")
	want(t, b.Author, feed.Person{Name: "Anna", Email: "anna@forno.example"})
	want(t, b.Published, time.Date(2023, 4, 5, 14, 30, 0, 0, time.UTC))
	want(t, strings.HasPrefix(all[2].ID, "made:"), true)
}

func TestRDF(t *testing.T) {
	t.Parallel()
	f, all := read(t, `<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://forno.example/feed"><title>Il Forno</title><link>https://forno.example</link><items><rdf:Seq><rdf:li resource="https://forno.example/1"/></rdf:Seq></items></channel>
<item rdf:about="https://forno.example/1"><title>Uno</title><link>https://forno.example/1</link><description>Pane</description><dc:date>2003-12-13T18:30+01:00</dc:date><dc:creator>Anna</dc:creator></item></rdf:RDF>`)
	want(t, f.Kind, feed.RDF)
	want(t, f.Title, "Il Forno")
	want(t, len(all), 1)
	want(t, all[0].ID, "https://forno.example/1")
	want(t, all[0].Text, "Pane")
	want(t, all[0].Published, time.Date(2003, 12, 13, 17, 30, 0, 0, time.UTC))
}

func TestAtom(t *testing.T) {
	t.Parallel()
	f, all := read(t, `<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" xmlns:thr="http://purl.org/syndication/thread/1.0" xml:lang="it" xml:base="https://forno.example/blog/">
<entry xml:base="2023/"><id>tag:forno.example,2023:1</id><title type="html">Pane &amp;amp; focaccia</title><link href="pane"/><link rel="replies" type="application/atom+xml" href="pane/replies"/>
<published>2023-04-05T09:30:00+02:00</published><updated>2023-04-06T09:30:00Z</updated><author><name>Anna</name><uri>https://anna.example</uri></author><author><name>Bruno</name></author>
<summary>In breve &amp; bene</summary><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Pane <em>caldo</em> &amp; buono<br/>sempre</p></div></content><category term="pane" label="Pane"/></entry>
<entry><id>2</id><title>R</title><content type="html">&lt;p&gt;Risposta&lt;/p&gt;</content><thr:in-reply-to ref="tag:forno.example,2023:1"/><updated>2023-04-06T09:30:00.25Z</updated></entry>
<title type="text">Il &lt;Forno&gt;</title><link href="https://forno.example/"/><link rel="self" href="atom.xml"/><link rel="next" href="atom2.xml"/><updated>2023-04-06T09:30:00Z</updated></feed>`)
	want(t, f.Kind, feed.Atom)
	want(t, f.Title, "Il <Forno>")
	want(t, f.Next, "https://forno.example/blog/atom2.xml")
	want(t, f.Language, "it")
	a := all[0]
	want(t, a.Title, "Pane & focaccia")
	want(t, a.URL, "https://forno.example/blog/2023/pane")
	want(t, a.CommentsFeed, "https://forno.example/blog/2023/pane/replies")
	want(t, a.HTML, "<div><p>Pane <em>caldo</em> &amp; buono<br>sempre</p></div>")
	want(t, a.Text, "Pane caldo & buono\nsempre")
	want(t, a.Summary, "In breve & bene")
	want(t, a.Author, feed.Person{Name: "Anna", URL: "https://anna.example"})
	want(t, strings.Join(a.Tags, ","), "Pane")
	want(t, all[1].ReplyTo, "tag:forno.example,2023:1")
	want(t, all[1].Text, "Risposta")
}

func TestJSONFeed(t *testing.T) {
	t.Parallel()
	f, all := read(t, "\ufeff"+`{"version":"https://jsonfeed.org/version/1.1","items":[
{"id":7,"url":"/pane","content_html":"<p>Pane</p>","summary":"In breve","date_published":"2023-04-05T09:30:00Z","authors":[{"name":"Anna"}],"tags":["pane"],"attachments":[{"url":"a.mp3","mime_type":"audio/mpeg"}]},
{"id":"8","content_text":"Solo parole","title":"T"},{"id":[1]},"?"],"title":"Il Forno","home_page_url":"https://forno.example/","next_url":"https://forno.example/2.json","hubs":[{"type":"WebSub","url":"https://hub.example/"}],"author":{"name":"A"}}`)
	want(t, f.Kind, feed.JSON)
	want(t, f.Title+f.Next+f.Author.Name, "Il Fornohttps://forno.example/2.jsonA")
	want(t, len(f.Hubs), 1)
	want(t, len(all), 2)
	want(t, all[0].ID, "7")
	want(t, all[0].URL, "https://forno.example/pane")
	want(t, all[0].Text+all[0].Summary, "PaneIn breve")
	want(t, all[0].Files[0].URL, "https://forno.example/blog/a.mp3")
	want(t, all[1].Text, "Solo parole")
}

// What real feeds get wrong is read all the same.
func TestDamageThatIsRead(t *testing.T) {
	t.Parallel()
	item := "<rss><channel><item><title>%s</title><guid>1</guid></item></channel></rss>"
	for name, s := range map[string]string{
		"latin":        "<?xml version='1.0' encoding='ISO-8859-1'?>" + fmt.Sprintf(item, "Perch\xe9"),
		"windows":      `<?xml version="1.0" encoding="windows-1252"?>` + fmt.Sprintf(item, "Perch\xe9"),
		"entity":       fmt.Sprintf(item, "Perch&eacute;"),
		"twice":        fmt.Sprintf(item, "Perch&amp;eacute;"),
		"control":      fmt.Sprintf(item, "Perch\u00e9\x08"),
		"mark":         "\ufeff" + fmt.Sprintf(item, "Perché"),
		"space before": "\n\n" + fmt.Sprintf(item, "Perché"),
		"open":         "<rss><channel><item><title>Perché</title><guid>1</guid><description><p>a</description></item></channel></rss>",
	} {
		_, all := read(t, s)
		if len(all) != 1 || all[0].Title != "Perché" {
			t.Errorf("%s: %+v", name, all)
		}
	}
	wide := "\xff\xfe"
	for _, r := range fmt.Sprintf(`<?xml version="1.0" encoding="utf-16"?>`+item, "Perché") {
		wide += string([]byte{byte(r), byte(r >> 8)})
	}
	n := 0
	if _, err := feed.Read(strings.NewReader(wide), feed.Options{}, func(it *feed.Item) error { n++; want(t, it.Title, "Perché"); return nil }); err != nil || n != 1 {
		t.Error(err, n)
	}
}

func TestMoments(t *testing.T) {
	t.Parallel()
	at := time.Date(2023, 4, 5, 9, 30, 0, 0, time.UTC)
	for _, s := range []string{
		"Wed, 05 Apr 2023 09:30:00 +0000", "Wed, 5 Apr 2023 09:30 GMT", "5 Apr 23 09:30:00 Z", "Wed 05 Apr 2023 11:30:00 CEST", "Wednesday, 05-Apr-23 09:30:00 UTC", "2023-04-05T09:30:00Z",
		"2023-04-05T11:30:00+0200", "2023-04-05 09:30:00", " 2023-04-05T09:30Z ", "Wed, 05 April 2023 05:30:00 EDT", "2023-04-05T09:30:00", "Wed, 05 Apr 2023 11:30:00 +02:00",
	} {
		want(t, feed.Moment(s), at)
	}
	for _, s := range []string{"", "ieri", "99 Apr 2023", strings.Repeat("2023 ", 50)} {
		want(t, feed.Moment(s), time.Time{})
	}
}

func TestWhatIsNoFeed(t *testing.T) {
	t.Parallel()
	none := func(*feed.Item) error { return nil }
	for s, e := range map[string]error{
		"": feed.ErrUnknown, "ciao": feed.ErrUnknown, "<html><body>x</body></html>": feed.ErrUnknown, `{"a":1}`: feed.ErrUnknown, rss[:1500]: feed.ErrForm, "<rss><channel><item>": feed.ErrForm,
		`{"version":"https://jsonfeed.org/version/1","items":[{"id":"1"}`: feed.ErrForm, "<rss>" + strings.Repeat("<a>", 1000): feed.ErrForm,
		"<rss><channel><item><title>" + strings.Repeat("a", 200_000):                                  feed.ErrPiece,
		`{"items":[{"id":"` + strings.Repeat("a", 200_000):                                            feed.ErrPiece,
		"<rss><channel><item><title>&x;</title></item></channel></rss" + strings.Repeat(" ", 200_000): feed.ErrPiece,
	} {
		if _, err := feed.Read(strings.NewReader(s), feed.Options{Piece: 100_000}, none); !errors.Is(err, e) {
			t.Errorf("%.60q: %v, want %v", s, err, e)
		}
	}
	stop := errors.New("stop")
	if _, err := feed.Read(strings.NewReader(rss), feed.Options{}, func(*feed.Item) error { return stop }); !errors.Is(err, stop) {
		t.Error(err)
	}
	if _, err := feed.Read(io.MultiReader(strings.NewReader(rss[:900]), failing{stop}), feed.Options{}, none); !errors.Is(err, stop) {
		t.Error(err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// A feed of a gigabyte is never held.
func TestAFeedIsAStream(t *testing.T) {
	one := "<item><guid>1</guid><title>Pane</title><description>" + strings.Repeat("caldo ", 2000) + "</description></item>"
	n, most := 0, uint64(0)
	var m runtime.MemStats
	_, err := feed.Read(io.MultiReader(strings.NewReader("<rss><channel>"), &again{s: one, left: 3000}, strings.NewReader("</channel></rss>")), feed.Options{}, func(*feed.Item) error {
		if n++; n%500 == 0 {
			runtime.GC()
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
		}
		return nil
	})
	if err != nil || n != 3000 {
		t.Fatal(n, err)
	}
	if most > 40<<20 {
		t.Fatalf("%d MB held for a feed of %d MB", most>>20, 3000*len(one)>>20)
	}
}

// again reads the same so many times.
type again struct {
	s    string
	at   int
	left int
}

func (a *again) Read(p []byte) (int, error) {
	if a.left == 0 {
		return 0, io.EOF
	}
	n := copy(p, a.s[a.at:])
	if a.at += n; a.at == len(a.s) {
		a.at = 0
		a.left--
	}
	return n, nil
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{rss, `<feed xmlns="http://www.w3.org/2005/Atom"><entry><title type="xhtml"><div>a</div></title></entry></feed>`, `{"version":"https://jsonfeed.org/version/1","items":[{"id":1}]}`, "<rdf:RDF><item/></rdf:RDF>", "\xff\xfe<\x00"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var ids []string
		_, err := feed.Read(strings.NewReader(string(b)), feed.Options{Base: "https://forno.example/", Piece: 1 << 16}, func(it *feed.Item) error {
			if it.ID == "" || it.URL != "" && !strings.HasPrefix(it.URL, "http") {
				t.Fatalf("%+v", it)
			}
			ids = append(ids, it.ID)
			return nil
		})
		if err != nil {
			if _, ours := errors.AsType[*fault.Error](err); !ours {
				t.Fatal(err)
			}
		}
		i := 0
		_, _ = feed.Read(strings.NewReader(string(b)), feed.Options{Base: "https://forno.example/", Piece: 1 << 16}, func(it *feed.Item) error {
			if ids[i] != it.ID {
				t.Fatal("another one")
			}
			i++
			return nil
		})
	})
}
