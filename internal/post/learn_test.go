package post_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/team"
)

// Who plans a post at once does not send it out with a bare card: its link is read before its words are frozen.
func TestALinkIsReadBeforeItIsFrozen(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	h := linked(t, 0)
	s.page("/forno", "Il forno", "Sabato", "/vaso.jpg")
	s.file("/vaso.jpg", "image/jpeg", jpegOf(t, halves(300, 150, 0), 90))
	x := write(t, h, post.Message{Text: "Vieni: " + s.URL + "/forno"}, h.Channel.ID)
	x = at(t, h, x, "2026-03-02T12:00")
	c := file(t, h, x.ID).Variants[0].Contents[0]
	if c.Shown == nil || c.Shown.Title != "Il forno" || c.Shown.Picture == "" || s.times("/forno") != 1 {
		t.Fatalf("%+v, read %d times", c.Shown, s.times("/forno"))
	}
	// The job that was made when it was written finds nothing to do.
	if asked(t, h); s.times("/forno") != 1 {
		t.Errorf("read %d times", s.times("/forno"))
	}
	// What does not answer does not keep anybody waiting for long, and goes out as before.
	s.says("/lento", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	slow := write(t, h, post.Message{Text: "Vieni: " + s.URL + "/lento"}, h.Channel.ID)
	slow = at(t, h, slow, "2026-03-02T12:30")
	if c := file(t, h, slow.ID).Variants[0].Contents[0]; slow.State != post.Planned || c.Shown != nil || !strings.HasSuffix(c.Card, "/lento") {
		t.Errorf("%s %+v", slow.State, c)
	}
}

// Links in tables are asked for as those that are typed, and those of posts that are planned at once beforehand.
func TestLinksOfTablesAreAskedFor(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	h := linked(t, 0)
	s.page("/uno", "Uno", "Primo", "")
	s.page("/due", "Due", "Secondo", "")
	table := "data,ora,canali,testo\n2026-03-29,18:30," + h.Channel.Handle + ",Vedi " + s.URL + "/uno\n,," + h.Channel.Handle + ",Vedi " + s.URL + "/due\n"
	if _, err := h.Posts.ImportCSV(t.Context(), h.Actor(team.Owner), strings.NewReader(table), post.ImportIn{Dry: true, Plan: true}); err != nil || len(s.asked) != 0 {
		t.Fatalf("a trial asks: %q %v", s.asked, err)
	}
	r := must[post.Imported](t)(h.Posts.ImportCSV(t.Context(), h.Actor(team.Owner), strings.NewReader(table), post.ImportIn{Plan: true}))
	if len(r.Errors) != 0 || len(r.Rows) != 2 {
		t.Fatalf("%+v", r)
	}
	if c := file(t, h, r.Rows[0].Post).Variants[0].Contents[0]; c.Shown == nil || c.Shown.Title != "Uno" {
		t.Errorf("%+v", c)
	}
	asked(t, h)
	if c := file(t, h, r.Rows[1].Post).Variants[0].Contents[0]; c.Shown == nil || c.Shown.Title != "Due" || s.times("/uno") != 1 {
		t.Errorf("%+v, read %d times", c, s.times("/uno"))
	}
}

// Pictures of cards go when nothing shows them any more, and links that nobody has written for long with them.
func TestPicturesOfCardsGo(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	h := linked(t, 0)
	s.page("/forno", "Il forno", "Sabato", "/a.jpg")
	for name, width := range map[string]int{"/a.jpg": 200, "/b.jpg": 300, "/c.jpg": 400} {
		s.file(name, "image/jpeg", jpegOf(t, halves(width, 150, 0), 90))
	}
	there := func(id media.ID) bool {
		_, err := h.Media.Get(t.Context(), string(h.Company.ID), id)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			t.Fatal(err)
		}
		return err == nil
	}
	shown := func(x post.Post) media.ID { return file(t, h, x.ID).Variants[0].Contents[0].Shown.Picture }
	x := write(t, h, post.Message{Text: "Vieni: " + s.URL + "/forno"}, h.Channel.ID)
	asked(t, h)
	a := shown(x)
	again := func(picture string) media.ID {
		s.page("/forno", "Il forno", "Sabato", picture)
		h.Clock.Advance(6 * time.Minute)
		x = save(t, h, x, "Vieni: "+s.URL+"/forno, alle "+picture)
		asked(t, h)
		return shown(x)
	}
	b := again("/b.jpg")
	if there(a) || !there(b) || a == b {
		t.Error("a picture that was replaced is still there, or the new one is not")
	}
	planned := write(t, h, post.Message{Text: "Ancora: " + s.URL + "/forno"}, h.Channel.ID)
	planned = at(t, h, planned, "2026-12-02T12:00")
	c := again("/c.jpg")
	if !there(b) || !there(c) || shown(planned) != b {
		t.Error("a picture that is frozen in a post is gone")
	}
	h.Clock.Advance(91 * 24 * time.Hour)
	ok(t, h.Posts.Tend(t.Context()))
	if there(c) || !there(b) {
		t.Error("the picture of a link that nobody wrote for long is still there, or that of a frozen card is gone")
	}
	if f := file(t, h, x.ID); f.Variants[0].Contents[0].Shown != nil {
		t.Errorf("%+v", f.Variants[0].Contents[0].Shown)
	}
}
