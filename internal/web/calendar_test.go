package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/schedule"
	"github.com/ponte-desk/ponte/internal/team"
)

// plan has a post go out at a time on the company's wall.
func (h *house) plan(x post.Post, wall string) post.Post {
	h.door.t.Helper()
	w, ok := schedule.ParseWall(wall)
	if !ok {
		h.door.t.Fatal(wall)
	}
	x, err := h.Posts.Schedule(h.door.t.Context(), h.Actor(team.Owner), x.ID, post.ScheduleIn{Version: x.Version, When: post.When{Kind: post.At, Wall: w}})
	h.ok(err)
	return x
}

// wall is what the clock shows so many days from now at an hour.
func (h *house) wall(days int, clock string) string {
	zone := h.Company.Location()
	return h.Clock.Now().In(zone).AddDate(0, 0, days).Format(time.DateOnly) + "T" + clock
}

func TestWhoMayPlanPosts(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		x := h.plan(h.write(team.Editor, kiln), h.wall(2, "18:30"))
		for _, role := range team.Roles {
			who := h.as(role)
			for path, want := range map[string]int{
				"/posts": 200, "/posts?state=planned": 200, "/posts?state=nothing": 422, "/posts?channel=chn_x": 422, "/posts?mine=1": 200,
				"/posts/calendar": 200, "/posts/calendar?view=month": 200, "/posts/calendar?view=year": 422, "/posts/calendar?day=2026-02-30": 422,
				"/posts/stop": map[bool]int{true: 200, false: 403}[role.Can(team.PostsRead)],
			} {
				got := who.get(path)
				if got.status != want {
					t.Errorf("%s as %s: %d, want %d\n%s", path, role, got.status, want, cut(got.body))
				}
				if found := marker.FindString(got.body); found != "" {
					t.Errorf("%s as %s shows %q", path, role, found)
				}
				if got.status == http.StatusOK && len(red.FindAllString(got.body, -1)) > 1 {
					t.Errorf("%s as %s has more than one red key", path, role)
				}
			}
			if seen := strings.Contains(who.get("/posts/calendar?day="+h.wall(2, "")[:10]).body, "/posts/"+string(x.ID)); seen != role.Can(team.PostsRead) {
				t.Errorf("%s sees the planned post: %v", role, seen)
			}
			for path, pairs := range map[string][]string{
				"/posts/pause": {"why", "Una prova"}, "/posts/resume": nil, "/posts/calendar/move": {"post", string(x.ID), "at", h.wall(3, "10:00")},
			} {
				got := who.post(path, pairs...)
				if refused := got.status == http.StatusForbidden; refused == role.Can(team.PostsPublish) || got.status >= 500 {
					t.Errorf("POST %s as %s: %d %s", path, role, got.status, cut(got.body))
				}
			}
			if role.Can(team.PostsPublish) {
				_ = h.Posts.Resume(t.Context(), h.Actor(team.Owner)) // whichever came first
			}
		}
	})
}

// Only the last move of a post is taken back: an older offer says that it no longer holds, and the post stays where it is.
func TestAnOlderMoveIsNotTakenBack(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		who, x := h.as(team.Owner), h.plan(h.write(team.Editor, kiln), h.wall(2, "10:00"))
		was := func() string { return h.postFile(x.ID).Post.DueAt.UTC().Format(time.RFC3339) }
		first := was()
		who.post("/posts/calendar/move", "post", string(x.ID), "at", h.wall(3, "11:00")).is(t, "moving", http.StatusSeeOther, "/posts/calendar#entry-"+string(x.ID))
		after := was()
		page := who.get("/posts/calendar")
		page.says(t, "the toast", `name="was" value="`+after+`"`, `name="at" value="`+h.wall(2, "10:00")+`"`)
		who.post("/posts/calendar/move", "post", string(x.ID), "at", h.wall(4, "12:00")).is(t, "moving again", http.StatusSeeOther, "/posts/calendar#entry-"+string(x.ID))
		last := was()
		who.post("/posts/calendar/move", "post", string(x.ID), "at", h.wall(2, "10:00"), "was", after).says(t, "the older offer", "questo annullo non vale più", "Spostalo di nuovo")
		if got := was(); got != last {
			t.Errorf("it went to %s", got)
		}
		who.post("/posts/calendar/move", "post", string(x.ID), "at", h.wall(2, "10:00"), "was", last).is(t, "the last offer", http.StatusSeeOther, "/posts/calendar#entry-"+string(x.ID))
		if got := was(); got != first {
			t.Errorf("taken back it stands at %s, not %s", got, first)
		}
	})
}

func TestPausingEverything(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		who := h.as(team.Owner)
		x := h.plan(h.write(team.Editor, kiln), h.wall(1, "18:30"))
		wrong := who.post("/posts/pause", "why", " ")
		wrong.is(t, "without a reason", http.StatusUnprocessableEntity, "")
		wrong.says(t, "without a reason", "Perché", "pause-dialog")
		who.post("/posts/pause", "why", "È crollato il tetto", "back", "/posts/calendar").is(t, "pausing", http.StatusSeeOther, "/posts/calendar")
		for _, path := range []string{"/posts", "/posts/calendar", "/", "/posts/new", "/posts/" + string(x.ID), "/posts/stop"} {
			who.get(path).says(t, path, "È crollato il tetto", "Tutto è fermo da", `action="/posts/resume"`)
		}
		if got := who.get("/team"); strings.Contains(got.body, "È crollato il tetto") {
			t.Error("a page about something else says it too")
		}
		who.post("/posts/pause", "why", "Ancora").is(t, "pausing twice", http.StatusConflict, "")

		// What fell due meanwhile asks, on the list and on the page of today, also after it went on.
		h.Clock.Advance(48 * time.Hour)
		h.out()
		who.post("/posts/resume", "back", "//elsewhere.example").is(t, "going on", http.StatusSeeOther, "/")
		if got := who.get("/posts"); strings.Contains(got.body, "Tutto è fermo da") {
			t.Error("the banner stays")
		}
		for _, path := range []string{"/posts", "/"} {
			who.get(path).says(t, path, "chiede prima di uscire", "mentre le pubblicazioni erano ferme", "Guarda e decidi", "/posts/"+string(x.ID))
		}
		if h.postFile(x.ID).Post.State != post.Held {
			t.Errorf("it is %s", h.postFile(x.ID).Post.State)
		}
	})
}

func TestWhatWaitsComesFirst(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		h.approval(post.ModeOne)
		x := h.write(team.Editor, kiln)
		_, err := h.Posts.Ask(t.Context(), h.Actor(team.Editor), x.ID, post.AskIn{Version: x.Version})
		h.ok(err)
		boss, editor := h.as(team.Owner), h.as(team.Editor)
		for _, path := range []string{"/posts", "/"} {
			boss.get(path).says(t, path+" of who decides", "Sabato apriamo il forno", `href="/posts/`+string(x.ID)+`#approve"`)
		}
		boss.get("/posts").says(t, "the list", "Aspettano il tuo via libera", "Leggi e decidi")
		if got := editor.get("/posts"); strings.Contains(got.body, "Aspettano il tuo via libera") {
			t.Error("who may not decide is asked")
		}
		editor.get("/posts?state=pending").says(t, "those that wait", "Sabato apriamo il forno", "Aspetta il via libera")
		if got := editor.get("/posts?state=sent"); strings.Contains(got.body, "Sabato apriamo il forno") {
			t.Error("a filter does nothing")
		}
	})
}

// Where nothing can go out yet, the first step is a channel; then it is a post. Under the composer stands the week of the post.
func TestTheFirstPost(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		who := h.as(team.Owner)
		who.get("/posts").says(t, "with a channel", "Scrivi il primo", `href="/posts/new"`)
		if got := who.get("/posts/new"); strings.Contains(got.body, `id="post-week"`) {
			t.Error("a week without anything is drawn")
		}
		x := h.plan(h.write(team.Editor, kiln), h.wall(14, "18:30"))
		y := h.plan(h.write(team.Editor, "Il forno è freddo: e ora?"), h.wall(14, "19:00"))
		got := who.get("/posts/" + string(x.ID) + "/edit")
		got.says(t, "the composer of a planned post", `id="post-week"`, "La settimana del", "questo", "/posts/"+string(y.ID)+`"`, "Tutto il calendario")
		if strings.Contains(who.get("/posts/new").body, string(y.ID)) {
			t.Error("a new post shows another week than this one")
		}
		for _, p := range []post.Post{x, y} {
			_, err := h.Posts.Cancel(t.Context(), h.Actor(team.Owner), p.ID)
			h.ok(err)
			h.ok(h.Posts.Delete(t.Context(), h.Actor(team.Owner), p.ID))
		}
		_, err := h.Networks.Disconnect(t.Context(), h.Actor(team.Owner), h.Channel.ID)
		h.ok(err)
		who.get("/posts").says(t, "without a channel", "Prima serve un canale", "Collega un canale", `href="/channels"`)
		if got := h.as(team.Editor).get("/posts"); !strings.Contains(got.body, "Prima serve un canale") || strings.Contains(got.body, "Collega un canale") {
			t.Error("who may not connect a channel is told to")
		}
	})
}

func TestTheListGoesOn(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		seen := map[string]bool{}
		for i := range 33 {
			h.write(team.Editor, kiln+" "+itoa(i))
			h.Clock.Advance(time.Second)
		}
		who := h.as(team.Editor)
		at, pages := "/posts?state=draft", 0
		for at != "" && pages < 5 {
			got := who.get(at)
			for _, m := range strings.Split(got.body, `<a href="/posts/pst_`)[1:] {
				id, _, _ := strings.Cut(m, `"`)
				seen[id] = true
			}
			pages++
			at = ""
			if _, rest, ok := strings.Cut(got.body, `id="more"`); ok {
				if _, rest, ok = strings.Cut(rest, `href="/posts?`); ok {
					q, _, _ := strings.Cut(rest, `"`)
					at = "/posts?" + strings.ReplaceAll(q, "&amp;", "&")
				}
			}
		}
		if len(seen) != 33 || pages != 2 {
			t.Errorf("%d posts on %d pages", len(seen), pages)
		}
	})
}

func TestMovingInTheCalendar(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		who := h.as(team.Owner)
		x := h.plan(h.write(team.Editor, kiln), h.wall(2, "18:30"))
		week := "/posts/calendar?day=" + h.wall(2, "")[:10]
		page := who.get(week)
		page.says(t, "the week", `data-card="`+string(x.ID)+`"`, `data-at="`+h.wall(2, "18:30")+`"`, `data-cell="`+h.wall(2, "18:00")+`"`, `type="datetime-local"`, "Sposta")
		due := func() string { return schedule.WallOf(h.postFile(x.ID).Post.DueAt, h.Company.Location()).String() }

		// The plain form, and a day alone, which keeps the hour.
		who.post("/posts/calendar/move", "post", string(x.ID), "at", h.wall(3, "09:15"), "back", week).is(t, "the form", http.StatusSeeOther, week+"#entry-"+string(x.ID))
		if got := due(); got != h.wall(3, "09:15") {
			t.Errorf("it goes out at %s", got)
		}
		who.get(week).says(t, "afterwards", "Spostato", "Annulla")
		who.post("/posts/calendar/move", "post", string(x.ID), "at", h.wall(4, "")[:10], "back", "/posts/calendar?view=month")
		if got := due(); got != h.wall(4, "09:15") {
			t.Errorf("on a day it goes out at %s", got)
		}
		// A script gets the calendar, with the way back.
		who.head.Set("Hx-Request", "true")
		got := who.post("/posts/calendar/move", "post", string(x.ID), "at", h.wall(5, "11:00"), "back", week)
		got.is(t, "a drag", http.StatusOK, "")
		got.says(t, "a drag", `id="calendar"`, "Annulla", `value="`+h.wall(4, "09:15")+`"`)
		for what, pairs := range map[string][]string{
			"the past": {"at", h.wall(-3, "10:00")}, "no time": {"at", "domani"},
		} {
			bad := who.post("/posts/calendar/move", append([]string{"post", string(x.ID), "back", week}, pairs...)...)
			bad.is(t, what, http.StatusUnprocessableEntity, "")
			bad.says(t, what, "resta dov’era", `id="calendar"`)
		}
		if got := due(); got != h.wall(5, "11:00") {
			t.Errorf("after what was refused it goes out at %s", got)
		}
		// What is approved stays approved.
		if f := h.postFile(x.ID); f.Post.State != post.Planned {
			t.Errorf("it is %s", f.Post.State)
		}
	})
}

func TestQuietTimesSlotsAndTheClocks(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		ctx, owner := t.Context(), h.Actor(team.Owner)
		s, err := h.Posts.Settings(ctx, owner)
		h.ok(err)
		zone := h.Company.Location()
		today := h.Clock.Now().In(zone)
		day := today.AddDate(0, 0, 2)
		s.Slots = map[network.ChannelID][]schedule.Slot{h.Channel.ID: {{Weekday: day.Weekday(), Minute: 18*60 + 30}}}
		s.Quiet.Weekly = []schedule.Weekly{{Weekday: day.Weekday(), From: 12 * 60, To: 15 * 60}}
		h.ok(h.Posts.ChangeSettings(ctx, owner, s))
		who := h.as(team.Owner)
		page := who.get("/posts/calendar?day=" + day.Format(time.DateOnly))
		page.says(t, "the week", "Posto libero", "18:30", "Non si pubblica")
		if n := len(regexp.MustCompile(`class="cal-hour[^"]* quiet`).FindAllString(page.body, -1)); n != 3 {
			t.Errorf("%d hours are shaded, want 3", n)
		}
		// A taken slot is not free.
		h.plan(h.write(team.Editor, kiln), day.Format(time.DateOnly)+"T18:30")
		if got := who.get("/posts/calendar?day=" + day.Format(time.DateOnly)); strings.Contains(got.body, "Posto libero") {
			t.Error("a slot that is taken is shown as free")
		}
		quiet := h.write(team.Editor, kiln+" Due.")
		bad := who.post("/posts/calendar/move", "post", string(quiet.ID), "at", day.Format(time.DateOnly)+"T13:00", "back", "/posts/calendar")
		bad.is(t, "into a quiet time", http.StatusUnprocessableEntity, "")
		bad.says(t, "into a quiet time", "resta dov’era")

		// The day the clocks are put forward has 23 hours, the day they are put back 25; the second 2 o’clock can be chosen.
		h.Clock.Advance(time.Date(2027, 3, 20, 9, 0, 0, 0, zone).Sub(h.Clock.Now()))
		who = h.as(team.Owner)
		spring := who.get("/posts/calendar?day=2027-03-28")
		spring.says(t, "in March", "Solo 23 h", "quel giorno non ci sono", `cal-week lines-24`)
		if strings.Contains(spring.body, `data-cell="2027-03-28T02:00"`) {
			t.Error("an hour that does not exist takes posts")
		}
		autumn := who.get("/posts/calendar?day=2027-10-31")
		autumn.says(t, "in October", "25 h", `cal-week lines-25`, `data-second="1"`, "02 bis", "la seconda volta")
		if n := strings.Count(autumn.body, `data-cell="2027-10-31T02:00"`); n != 2 {
			t.Errorf("two o’clock is there %d times", n)
		}
		who.post("/posts/calendar/move", "post", string(quiet.ID), "at", "2027-10-31T02:30", "second", "1", "back", "/posts/calendar").is(t, "the second two o’clock", http.StatusSeeOther, "/posts/calendar#entry-"+string(quiet.ID))
		if at := h.postFile(quiet.ID).Post.DueAt; !at.Equal(time.Date(2027, 10, 31, 1, 30, 0, 0, time.UTC)) {
			t.Errorf("it goes out at %s", at)
		}
		who.get("/posts/calendar?day=2027-10-31").says(t, "where it stands", "02:30 (la seconda)", `name="second" value="1" checked`)
		who.get("/posts/calendar?view=month&day=2027-10-31").says(t, "the month", "25 h", "Ottobre 2027")
	})
}
