package web_test

import (
	"bufio"
	"bytes"
	"context"
	"image"
	"image/png"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/live"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/team/teamtest"
	"github.com/ponte-desk/ponte/internal/web"
)

// An open page hears what it asked for, of its own company only, and nothing that the member may not know.
func TestLive(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	b := teamtest.New(t, s)
	d := newDoor(t, s, b.Team, b.Clock, web.Options{})
	tell := func(events ...live.Event) {
		t.Helper()
		if err := s.InTx(t.Context(), func(ctx context.Context, tx *store.Tx) error { return d.rooms.Live.Tell(ctx, tx, events...) }); err != nil {
			t.Fatal(err)
		}
	}
	stranger := d.browser("it").get("/live")
	if stranger.status != http.StatusForbidden {
		t.Errorf("a stranger hears: %d", stranger.status)
	}
	hear := func(role team.Role, topics string) (lines chan string) {
		t.Helper()
		d.give(b.Members[role])
		who := d.browser("it")
		who.enter(b.Members[role].Email)
		before := d.rooms.Live.Listeners()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.server.URL+"/live?topics="+topics, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept-Encoding", "gzip")
		res, err := who.client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		h := res.Header
		if h.Get("Content-Type") != "text/event-stream" || h.Get("X-Accel-Buffering") != "no" || h.Get("Content-Encoding") != "" {
			t.Errorf("the stream: %v", h)
		}
		lines = make(chan string, 16)
		go func() {
			defer func() { _ = res.Body.Close() }()
			for in := bufio.NewScanner(res.Body); in.Scan(); {
				if text, ok := strings.CutPrefix(in.Text(), "data: "); ok {
					lines <- text
				}
			}
			close(lines)
		}()
		for deadline := time.Now().Add(10 * time.Second); d.rooms.Live.Listeners() == before; {
			if time.Now().After(deadline) {
				t.Fatal("nobody listens")
			}
			time.Sleep(time.Millisecond)
		}
		return lines
	}
	next := func(lines chan string) string {
		t.Helper()
		select {
		case l := <-lines:
			return l
		case <-time.After(10 * time.Second):
			t.Fatal("nothing was heard")
			return ""
		}
	}
	inboxer, colleague := hear(team.Community, "inbox+conversation:cnv_1"), hear(team.Contributor, "inbox+conversation:cnv_1")
	tell(live.Event{Company: "cmp_other", Topic: live.Inbox}, live.Event{Company: string(b.Company.ID), Topic: live.Channels},
		live.Event{Company: string(b.Company.ID), Topic: live.Conversation, Ref: "cnv_2"}, live.Event{Company: string(b.Company.ID), Topic: live.Conversation, Ref: "cnv_1"},
		live.Event{Company: string(b.Company.ID), Topic: live.Resync})
	if got := next(inboxer); !strings.Contains(got, `"topic":"conversation"`) || !strings.Contains(got, `"ref":"cnv_1"`) {
		t.Errorf("the first bell is %s", got)
	}
	for _, lines := range []chan string{inboxer, colleague} {
		if got := next(lines); !strings.Contains(got, `"topic":"resync"`) {
			t.Errorf("the next bell is %s", got)
		}
	}
}

// Who may not read all posts hears of those that are shared with them, and of no other.
func TestLiveOfSharedPosts(t *testing.T) {
	t.Parallel()
	h := newHouse(t, storetest.SQLite(t), housetest.Options{})
	shared, other := h.write(team.Editor, kiln), h.write(team.Editor, kiln)
	h.ok(h.Posts.Share(t.Context(), h.Actor(team.Editor), shared.ID, []team.MemberID{h.Members[team.Contributor].ID}))
	who := h.as(team.Contributor)
	before := h.Live.Listeners()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.server.URL+"/live?topics=posts:"+string(other.ID)+"+writing:"+string(other.ID)+"+posts:"+string(shared.ID)+"+writing:"+string(shared.ID), nil)
	h.ok(err)
	res, err := who.client.Do(r)
	h.ok(err)
	defer func() { _ = res.Body.Close() }()
	for deadline := time.Now().Add(10 * time.Second); h.Live.Listeners() == before; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("nobody listens")
		}
	}
	for _, x := range []post.Post{other, shared} {
		_, err := h.Posts.Touch(t.Context(), h.Actor(team.Editor), x.ID)
		h.ok(err)
		_, err = h.Posts.SaveDraft(t.Context(), h.Actor(team.Editor), post.SaveIn{Post: x.ID, Version: 1, Message: post.Message{Text: kiln + " Alle 10."}, Channels: []network.ChannelID{h.Channel.ID}})
		h.ok(err)
	}
	var heard []string
	for in := bufio.NewScanner(res.Body); len(heard) < 2 && in.Scan(); {
		if text, ok := strings.CutPrefix(in.Text(), "data: "); ok {
			heard = append(heard, text)
		}
	}
	for i, topic := range []string{"writing", "posts"} {
		if !strings.Contains(heard[i], `"topic":"`+topic+`"`) || !strings.Contains(heard[i], string(shared.ID)) {
			t.Errorf("bell %d is %s", i, heard[i])
		}
	}
}

func TestMedia(t *testing.T) {
	t.Parallel()
	eachDoor(t, func(t *testing.T, d *door, b *teamtest.Bed) {
		var picture bytes.Buffer
		if err := png.Encode(&picture, image.NewRGBA(image.Rect(0, 0, 900, 300))); err != nil {
			t.Fatal(err)
		}
		f, err := d.rooms.Media.Add(t.Context(), media.Incoming{Company: string(b.Company.ID), Name: "tazza.png", Body: bytes.NewReader(picture.Bytes())})
		if err != nil {
			t.Fatal(err)
		}
		foreign, err := d.rooms.Media.Add(t.Context(), media.Incoming{Company: string(b.Other(t).Company.ID), Name: "tazza.png", Body: bytes.NewReader(picture.Bytes())})
		if err != nil {
			t.Fatal(err)
		}
		path := "/media/" + string(f.ID)
		d.browser("it").get(path).is(t, "a stranger", http.StatusSeeOther, "/sign-in?next=%2Fmedia%2F"+string(f.ID))
		d.give(b.Members[team.Guest])
		who := d.browser("it")
		who.enter(b.Members[team.Guest].Email)
		whole := who.get(path)
		whole.is(t, "the file", http.StatusOK, "")
		h := whole.header
		if h.Get("Content-Type") != "image/png" || h.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(h.Get("Content-Disposition"), "tazza.png") || !strings.Contains(h.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("the headers: %v", h)
		}
		small := who.get(path + "?size=small")
		c, _, err := image.DecodeConfig(strings.NewReader(small.body))
		if err != nil || c.Width != 400 {
			t.Errorf("the small image: %v %v", c, err)
		}
		who.head.Set("If-None-Match", h.Get("ETag"))
		who.get(path).is(t, "the file again", http.StatusNotModified, "")
		who.head.Del("If-None-Match")
		for _, other := range []string{string(foreign.ID), "med_nothing", "..%2f..%2fetc%2fpasswd"} {
			who.get("/media/"+other).is(t, "another file", http.StatusNotFound, "")
		}
	})
}

func TestPagesAreCompressedAndFormsBounded(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	b := teamtest.New(t, s)
	d := newDoor(t, s, b.Team, b.Clock, web.Options{})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.server.URL+"/sign-in", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", "gzip")
	res, err := (&http.Transport{DisableCompression: true}).RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	start, err := io.ReadAll(io.LimitReader(res.Body, 2))
	if err != nil || res.Header.Get("Content-Encoding") != "gzip" || !bytes.Equal(start, []byte{0x1f, 0x8b}) {
		t.Errorf("the page is not compressed: %v %v", res.Header, err)
	}
	m := b.Members[team.Owner]
	d.give(m)
	who := d.browser("it")
	who.enter(m.Email)
	big := who.post("/settings/replies", "title", "x", "body", strings.Repeat("a", 1<<20))
	big.is(t, "a form without end", http.StatusRequestEntityTooLarge, "")
	big.says(t, "a form without end", "È troppo grande.")
}
