package post_test

import (
	"bytes"
	"encoding/csv"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/schedule"
	"github.com/ponte-desk/ponte/internal/team"
)

func pictures(t testing.TB) *httptest.Server {
	t.Helper()
	var b bytes.Buffer
	ok(t, png.Encode(&b, image.NewRGBA(image.Rect(0, 0, 8, 8))))
	s := httptest.NewTLSServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/forno.png" {
			http.NotFound(rw, r)
			return
		}
		_, _ = rw.Write(b.Bytes())
	}))
	t.Cleanup(s.Close)
	return s
}

// A table comes in whole or not at all, and what is wrong is told line by line.
func TestATableComesIn(t *testing.T) {
	s := pictures(t)
	each(t, housetest.Options{Files: s.Client()}, func(t *testing.T, h *housetest.House) {
		ctx, who := t.Context(), h.Actor(team.Editor)
		good := "\xef\xbb\xbfData;Ora;Canali;Testo;Media;Alt;Tag\n" +
			"29/03/2026;02:30;@ceramichearno;\"Apriamo il forno,\nvieni?\";" + s.URL + "/forno.png;Il forno aperto;ceramica, arno\n" +
			";;ceramichearno;Senza data;;;\n"
		in := must[post.Imported](t)(h.Posts.ImportCSV(ctx, who, strings.NewReader(good), post.ImportIn{Dry: true}))
		if len(in.Errors) != 0 || len(in.Rows) != 2 || in.Rows[0].Kind != schedule.Missing || !in.Rows[0].DueAt.Equal(utc(t, "2026-03-29T01:30")) || in.Rows[0].Post != "" ||
			len(in.Rows[0].Fetching) != 1 {
			t.Fatalf("%+v", in)
		}
		if l := must[post.List](t)(h.Posts.List(ctx, who, post.Filter{})); len(l.Entries) != 0 {
			t.Fatal("a dry run stored something")
		}
		in = must[post.Imported](t)(h.Posts.ImportCSV(ctx, who, strings.NewReader(good), post.ImportIn{Plan: true}))
		if len(in.Errors) != 0 {
			t.Fatalf("%+v", in.Errors)
		}
		f := file(t, h, in.Rows[0].Post)
		m := f.Post.Message
		if f.Post.State != post.Planned || m.Text != "Apriamo il forno,\nvieni?" || len(m.Media) != 1 || m.Media[0].Alt != "Il forno aperto" || len(m.Tags) != 2 || len(f.Variants) != 1 {
			t.Fatalf("%+v", f.Post)
		}
		if f := file(t, h, in.Rows[1].Post); f.Post.State != post.Draft {
			t.Fatal(f.Post.State)
		}
		bad := "date,time,channels,text,media\n" +
			"2026-13-01,18:30,ceramichearno,uno,\n" +
			"2026-03-20,half past,nowhere,due,\n" +
			"2026-01-01,10:00,ceramichearno,passato,\n" +
			",,ceramichearno,,\n" +
			",,ceramichearno,tre,http://example.com/x.png\n" +
			",,ceramichearno,quattro,med_01kjpx6ty0nxr45hgvg7bydt65\n"
		in = must[post.Imported](t)(h.Posts.ImportCSV(ctx, who, strings.NewReader(bad), post.ImportIn{}))
		want := map[int][]string{2: {"post.csv.date"}, 3: {"post.csv.time", "post.csv.channel"}, 4: {"post.when.past"}, 5: {"post.csv.text"}, 6: {"post.csv.media"}, 7: {"post.media.gone"}}
		for _, e := range in.Errors {
			if len(want[e.Line]) == 0 || want[e.Line][0] != e.Key {
				t.Errorf("line %d: %s, want %v", e.Line, e.Key, want[e.Line])
				continue
			}
			want[e.Line] = want[e.Line][1:]
		}
		for line, left := range want {
			if len(left) > 0 {
				t.Errorf("line %d: nothing was said about %v", line, left)
			}
		}
		// A file that is not there is an error of its line, and nothing is stored.
		in = must[post.Imported](t)(h.Posts.ImportCSV(ctx, who, strings.NewReader("text,media\nuno,"+s.URL+"/forno.png\ndue,"+s.URL+"/manca.png\n"), post.ImportIn{}))
		if len(in.Errors) != 1 || in.Errors[0].Line != 3 || in.Errors[0].Key != "post.csv.fetch" {
			t.Fatalf("%+v", in.Errors)
		}
		if l := must[post.List](t)(h.Posts.List(ctx, who, post.Filter{})); len(l.Entries) != 2 {
			t.Fatalf("%d posts", len(l.Entries))
		}
		for text, key := range map[string]string{"": "sheet.empty", "text\n\xff\xfe\n": "sheet.encoding"} {
			_, err := h.Posts.ImportCSV(ctx, who, strings.NewReader(text), post.ImportIn{})
			fails(t, err, fault.Invalid, key)
		}
		_, err := h.Posts.ImportCSV(ctx, h.Actor(team.Guest), strings.NewReader(good), post.ImportIn{})
		fails(t, err, fault.Denied, "team.denied")
	})
}

// A table that goes out holds no formulas, opens in a spreadsheet as it is, and comes in again as it was.
func TestATableGoesOutAndComesInAgain(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx, who := t.Context(), h.Actor(team.Editor)
		texts := []string{
			"=HYPERLINK(\"https://example.com\")", "+39 sale", "-10% sabato", "@tutti: \"ciao\", a; presto", "Normale\nsu due righe", "'=già protetto", "''+due volte",
			"'l forno è acceso", "＝1+1", "Perché; così, sì",
		}
		var files []media.File
		for i := range 3 {
			var b bytes.Buffer
			ok(t, png.Encode(&b, image.NewRGBA(image.Rect(0, 0, 8+i, 8))))
			files = append(files, must[media.File](t)(h.Media.Add(ctx, media.Incoming{Company: string(h.Company.ID), Name: "f.png", Body: &b})))
		}
		alts := [][]string{{"Il forno | di sera"}, {"Uno", "Due"}, {"", "Solo il secondo", "Il terzo"}, {"", ""}}
		messages := map[string]post.Message{}
		for i, text := range texts {
			m := post.Message{Text: text, Title: "Titolo"}
			if i < len(alts) {
				for n, a := range alts[i] {
					m.Media = append(m.Media, post.Media{ID: files[n].ID, Alt: a})
				}
			}
			messages[text] = write(t, h, m, h.Channel.ID).Message
		}
		at(t, h, draft(t, h, team.Editor, "programmato"), "2026-03-20T18:30")
		for name, c := range map[string]struct {
			reader post.TableFor
			begin  string
			comma  rune
		}{
			"a program":     {post.TableFor{}, "date,time,channels,title,text,", ','},
			"in Italian":    {post.TableFor{Locale: "it", State: func(s post.State) string { return "«" + string(s) + "»" }}, "\xef\xbb\xbfdata;ora;canali;titolo;testo;", ';'},
			"and elsewhere": {post.TableFor{Locale: "en"}, "\xef\xbb\xbfdate,time,channels,title,text,", ','},
		} {
			var b bytes.Buffer
			ok(t, h.Posts.ExportCSV(ctx, h.Actor(team.Guest), post.Filter{}, c.reader, &b))
			if !strings.HasPrefix(b.String(), c.begin) || strings.Contains(b.String(), "\r\n") != (c.reader.Locale != "") {
				t.Errorf("%s: %q", name, b.String())
			}
			r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(b.Bytes(), []byte("\xef\xbb\xbf"))))
			r.Comma = c.comma
			rows := must[[][]string](t)(r.ReadAll())
			if len(rows) != len(texts)+2 {
				t.Fatalf("%s: %d rows", name, len(rows))
			}
			for _, r := range rows[1:] {
				for _, cell := range r {
					if first, _ := utf8.DecodeRuneInString(cell); strings.ContainsRune("=+-@＝＋－＠\t\r", first) {
						t.Errorf("%s: %q is a formula", name, cell)
					}
				}
			}
			if want := c.reader.State; want != nil && !strings.Contains(b.String(), "«planned»") {
				t.Errorf("%s: %q", name, b.String())
			}
			in := must[post.Imported](t)(h.Posts.ImportCSV(ctx, who, &b, post.ImportIn{Dry: true}))
			if len(in.Errors) != 0 || len(in.Rows) != len(texts)+1 {
				t.Fatalf("%s: %+v", name, in)
			}
			back := map[string]post.Message{}
			for _, r := range in.Rows {
				back[r.Written.Message.Text] = r.Written.Message
			}
			for _, text := range texts {
				got, there := back[text]
				if !there {
					t.Errorf("%s: %q did not come back", name, text)
					continue
				}
				for n, m := range messages[text].Media {
					if len(got.Media) != len(messages[text].Media) || got.Media[n] != m {
						t.Errorf("%s: the files of %q came back as %+v", name, text, got.Media)
						break
					}
				}
			}
		}
	})
}

func FuzzTable(f *testing.F) {
	f.Add("date,time,channels,text\n2026-03-20,18:30,x,ciao\n")
	f.Add("\xef\xbb\xbftesto;ora\n\"a;b\";\n")
	f.Add("text\n\"")
	h := fuzzHouse(f)
	f.Fuzz(func(t *testing.T, s string) {
		_, err := h.Posts.ImportCSV(t.Context(), h.Actor(team.Editor), strings.NewReader(s), post.ImportIn{Dry: true})
		if k := fault.KindOf(err); k != "" && k != fault.Invalid {
			t.Fatalf("%v", err)
		}
	})
}
