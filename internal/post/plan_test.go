package post_test

import (
	"sync"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/schedule"
	"github.com/ponte-desk/ponte/internal/team"
)

func utc(t testing.TB, s string) time.Time {
	t.Helper()
	return must[time.Time](t)(time.Parse("2006-01-02T15:04", s))
}

// The hour that the clocks jump over and the hour that comes twice, in Europe/Rome.
func TestTheMissingAndTheDoubledHour(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx, who := t.Context(), h.Actor(team.Owner)
		for _, c := range []struct {
			wall   string
			second bool
			due    string
			kind   schedule.Kind
		}{
			{"2026-03-28T18:30", false, "2026-03-28T17:30", schedule.Exact},
			{"2026-03-29T02:30", false, "2026-03-29T01:30", schedule.Missing}, // 3:30 in summer time
			{"2026-03-29T18:30", false, "2026-03-29T16:30", schedule.Exact},
			{"2026-10-25T02:30", false, "2026-10-25T00:30", schedule.Doubled},
			{"2026-10-25T02:30", true, "2026-10-25T01:30", schedule.Doubled},
		} {
			x := draft(t, h, team.Editor, words)
			x = must[post.Post](t)(h.Posts.Schedule(ctx, who, x.ID, post.ScheduleIn{Version: x.Version, When: post.When{Kind: post.At, Wall: wallOf(t, c.wall), Second: c.second}}))
			if !x.DueAt.Equal(utc(t, c.due)) || x.State != post.Planned {
				t.Errorf("%s: due %s, want %s", c.wall, x.DueAt, c.due)
			}
			says := must[post.ClockSays](t)(h.Posts.Clock(ctx, who, wallOf(t, c.wall)))
			if says.Kind != c.kind || (c.kind == schedule.Doubled) != (len(says.Moments) == 2) {
				t.Errorf("%s: %+v", c.wall, says)
			}
		}
	})
}

// It goes out at its time across the change to summer time, and not before.
func TestAPostGoesOutAtItsTimeAcrossTheChange(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		x := at(t, h, draft(t, h, team.Editor, words), "2026-03-29T09:00")
		h.Clock.Set(utc(t, "2026-03-29T06:59"))
		work(t, h, time.Second)
		if len(standing(h)) != 0 {
			t.Fatal("it went out early")
		}
		h.Clock.Set(utc(t, "2026-03-29T07:00"))
		work(t, h, time.Second)
		if len(standing(h)) != 1 || file(t, h, x.ID).Post.State != post.Sent {
			t.Fatal("it did not go out")
		}
	})
}

// A company that moves to another zone keeps the times on its wall.
func TestAnotherZoneKeepsTheWall(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		x := at(t, h, draft(t, h, team.Editor, words), "2026-03-10T09:00")
		c := h.Company
		must[team.Company](t)(h.Team.ChangeCompany(ctx, h.Actor(team.Owner), team.ChangeCompanyIn{Name: c.Name, Zone: "America/New_York", Locale: c.Locale, Settings: c.Settings}))
		ok(t, h.Posts.Tend(ctx))
		if got := file(t, h, x.ID).Post; !got.DueAt.Equal(utc(t, "2026-03-10T13:00")) {
			t.Fatalf("due %s", got.DueAt)
		}
		h.Clock.Set(utc(t, "2026-03-10T08:00")) // nine o'clock in Rome
		work(t, h, time.Second)
		if len(standing(h)) != 0 {
			t.Fatal("it went out by the old clock")
		}
		h.Clock.Set(utc(t, "2026-03-10T13:00"))
		work(t, h, time.Second)
		if len(standing(h)) != 1 {
			t.Fatal("it did not go out")
		}
	})
}

// Nothing goes out while everything is paused; what fell due meanwhile asks.
func TestPauseStopsEverything(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx, who := t.Context(), h.Actor(team.Marketing)
		// One is in the middle of being tried again, one falls due during the pause, one behind it.
		h.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: networktest.TooMany, RetryAfter: 5 * time.Minute})
		tried := now(t, h, draft(t, h, team.Editor, "riprovato"))
		work(t, h, time.Second)
		during := at(t, h, draft(t, h, team.Editor, "durante"), "2026-03-02T10:30")
		after := at(t, h, draft(t, h, team.Editor, "dopo"), "2026-03-02T12:00")
		ok(t, h.Posts.Pause(ctx, who, "Un incidente in fabbrica"))
		fails(t, h.Posts.Pause(ctx, who, "ancora"), fault.Conflict, "post.pause.already")
		if s := must[*post.Stop](t)(h.Posts.Paused(ctx, h.Actor(team.Guest))); s == nil || s.Why != "Un incidente in fabbrica" || s.By != who.Member {
			t.Fatalf("%+v", s)
		}
		h.Clock.Advance(40 * time.Minute)
		work(t, h, time.Hour)
		if len(standing(h)) != 0 {
			t.Fatalf("%q went out while everything was paused", standing(h))
		}
		for _, x := range []post.Post{tried, during} {
			f := file(t, h, x.ID)
			if f.Post.State != post.Held || f.Variants[0].Why != post.WhyPaused || f.Stop == nil {
				t.Fatalf("%+v %+v", f.Post, f.Variants)
			}
		}
		_, err := h.Posts.Release(ctx, who, during.ID)
		fails(t, err, fault.Conflict, "post.paused")
		ok(t, h.Posts.Resume(ctx, who))
		work(t, h, time.Hour) // moves the clock no further: nothing is under way
		if len(standing(h)) != 0 {
			t.Fatalf("%q went out without being asked about", standing(h))
		}
		ts := must[[]post.Trouble](t)(h.Posts.Troubled(ctx, who))
		if len(ts) != 2 || ts[0].Kind != post.TroubleHeld || ts[0].Cause.Key != "post.held.paused" {
			t.Fatalf("%+v", ts)
		}
		must[post.Post](t)(h.Posts.Release(ctx, who, tried.ID))
		work(t, h, time.Minute)
		h.Clock.Set(utc(t, "2026-03-02T11:00"))
		work(t, h, time.Minute)
		if got := standing(h); len(got) != 2 || got[0] != "riprovato" || got[1] != "dopo" {
			t.Fatalf("%q", got)
		}
		if file(t, h, after.ID).Post.State != post.Sent {
			t.Fatal("what fell due after the pause did not go out")
		}
	})
}

// A pause in the middle of a thread holds the rest; released, it goes on behind what stands.
func TestAPauseInAThread(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx, who := t.Context(), h.Actor(team.Owner)
		x := now(t, h, draft(t, h, team.Editor, long(3)))
		ok(t, h.Posts.Due(ctx))
		step(ctx, h, open(t, h)[0])
		ok(t, h.Posts.Pause(ctx, who, "Fermi tutti"))
		work(t, h, time.Hour)
		if len(standing(h)) != 1 || file(t, h, x.ID).Post.State != post.Held {
			t.Fatalf("%d stand, %s", len(standing(h)), file(t, h, x.ID).Post.State)
		}
		ok(t, h.Posts.Resume(ctx, who))
		must[post.Post](t)(h.Posts.Release(ctx, who, x.ID))
		work(t, h, time.Minute)
		inOrder(t, h, 3)
	})
}

// A machine that slept over ten due posts asks about those that are later than the company allows.
func TestAsleepOverTenDuePosts(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		var ids []post.ID
		for i := range 10 {
			wall := schedule.WallOf(h.Clock.Now().Add(time.Duration(i+1)*20*time.Minute), h.Company.Location())
			x := draft(t, h, team.Editor, "numero "+string(rune('a'+i)))
			x = must[post.Post](t)(h.Posts.Schedule(ctx, h.Actor(team.Owner), x.ID, post.ScheduleIn{Version: x.Version, When: post.When{Kind: post.At, Wall: wall}}))
			ids = append(ids, x.ID)
		}
		h.Clock.Advance(199*time.Minute + 30*time.Second) // three are at most an hour late, the last has half a minute left
		work(t, h, time.Second)
		h.Clock.Advance(30 * time.Second)
		work(t, h, time.Second)
		if n := len(standing(h)); n != 4 {
			t.Fatalf("%q", standing(h))
		}
		for i, id := range ids {
			f := file(t, h, id)
			if want := i < 6; want != (f.Post.State == post.Held && f.Variants[0].Why == post.WhyLate) {
				t.Errorf("post %d: %s %s", i, f.Post.State, f.Variants[0].Why)
			}
		}
		// One is sent all the same, one is moved, the others stay asked about.
		must[post.Post](t)(h.Posts.Release(ctx, h.Actor(team.Owner), ids[0]))
		must[post.Post](t)(h.Posts.Move(ctx, h.Actor(team.Owner), ids[1], wallOf(t, "2026-03-03T10:00"), false))
		work(t, h, time.Minute)
		if n := len(standing(h)); n != 5 {
			t.Fatalf("%q", standing(h))
		}
		if f := file(t, h, ids[1]); f.Post.State != post.Planned {
			t.Fatal(f.Post.State)
		}
	})
}

// A network that does not answer until a post is late: the post is held with the cause, and does not go out by itself when
// the network is back.
func TestANetworkThatIsDownUntilItIsLate(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		h.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: networktest.DropBefore, Times: -1})
		x := now(t, h, draft(t, h, team.Editor, words))
		work(t, h, 3*time.Hour)
		f := file(t, h, x.ID)
		if f.Post.State != post.Held || f.Variants[0].Why != post.WhyLate || f.Variants[0].Parts[0].Trouble == nil {
			t.Fatalf("%+v %+v", f.Post, f.Variants)
		}
		ts := must[[]post.Trouble](t)(h.Posts.Troubled(t.Context(), h.Actor(team.Owner)))
		if len(ts) != 1 || ts[0].Part == nil || ts[0].Part.Trouble.Key != network.ProblemUnreachable {
			t.Fatalf("%+v", ts)
		}
		h.Fake.Heal()
		work(t, h, time.Hour)
		if len(standing(h)) != 0 {
			t.Fatal("it went out late without asking")
		}
		must[post.Post](t)(h.Posts.Release(t.Context(), h.Actor(team.Owner), x.ID))
		work(t, h, time.Hour)
		if len(standing(h)) != 1 {
			t.Fatal("it did not go out")
		}
	})
}

// A clock that jumps over the due time, forwards or back, sends once.
func TestAClockThatJumps(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		at(t, h, draft(t, h, team.Editor, words), "2026-03-02T10:30")
		h.Clock.Advance(50 * time.Minute) // over the time, within the limit
		work(t, h, time.Minute)
		h.Clock.Advance(-2 * time.Hour)
		work(t, h, time.Minute)
		h.Clock.Advance(3 * time.Hour)
		work(t, h, time.Minute)
		if n := len(standing(h)); n != 1 {
			t.Fatalf("%d stand", n)
		}
	})
}

// Cancelled at the very moment at which it is due, a post either goes out and says so, or does not.
func TestCancelledAsItFallsDue(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx, who := t.Context(), h.Actor(team.Owner)
		for i := range 20 {
			before := len(standing(h))
			x := now(t, h, draft(t, h, team.Editor, "gara "+string(rune('a'+i))))
			var c post.Cancelled
			var failed error
			var wg sync.WaitGroup
			wg.Go(func() { c, failed = h.Posts.Cancel(ctx, who, x.ID) })
			wg.Go(func() {
				if err := h.Posts.Due(ctx); err != nil {
					t.Error(err)
				}
				var ids []delivery.ID
				_ = h.Store.Read(ctx).NewSelect().Table("delivery").Column("id").Where("state = 'planned'").Scan(ctx, &ids)
				for _, id := range ids {
					step(ctx, h, id)
				}
			})
			wg.Wait()
			work(t, h, time.Minute)
			went := len(standing(h)) - before
			state := file(t, h, x.ID).Post.State
			switch {
			case failed != nil: // it was out before anybody could say no
				if fault.KindOf(failed) != fault.Conflict || went != 1 || state != post.Sent {
					t.Fatalf("%v, %d went out, %s", failed, went, state)
				}
			case len(c.Out) > 0: // it was going out: it went, or was caught at the last moment
				if went == 1 && state != post.Sent || went == 0 && state != post.Approved || went > 1 {
					t.Fatalf("%+v, %d went out, %s", c.Out, went, state)
				}
			default:
				if went != 0 || state != post.Approved {
					t.Fatalf("cancelled, and %d went out, %s", went, state)
				}
			}
		}
	})
}

// Cancelled in the middle of a thread: what is out stays, the rest does not follow.
func TestCancelledInAThread(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		x := now(t, h, draft(t, h, team.Editor, long(3)))
		ok(t, h.Posts.Due(ctx))
		step(ctx, h, open(t, h)[0])
		c := must[post.Cancelled](t)(h.Posts.Cancel(ctx, h.Actor(team.Owner), x.ID))
		if len(c.Out) != 1 || c.Post.State != post.Sent {
			t.Fatalf("%+v", c)
		}
		work(t, h, time.Hour)
		if n := len(standing(h)); n != 1 {
			t.Fatalf("%d stand", n)
		}
	})
}

// The next free slot of each channel is taken once, and lies outside quiet times.
func TestSlotsAreTakenOnce(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx, who, ch := t.Context(), h.Actor(team.Marketing), h.Channel.ID
		x := draft(t, h, team.Editor, "senza orari")
		_, err := h.Posts.Schedule(ctx, who, x.ID, post.ScheduleIn{Version: x.Version, When: post.When{Kind: post.Slot}})
		fails(t, err, fault.Invalid, "post.when.slots")
		wants(t, h, func(s *post.Settings) {
			s.Slots = map[network.ChannelID][]schedule.Slot{ch: {{Weekday: time.Thursday, Minute: 18*60 + 30}, {Weekday: time.Friday, Minute: 10 * 60}}}
			s.Quiet = schedule.Quiet{Windows: []schedule.Window{{From: wallOf(t, "2026-03-06T00:00"), To: wallOf(t, "2026-03-07T00:00"), Name: "Lutto"}}}
		})
		var got []string
		for range 3 {
			x := draft(t, h, team.Editor, words)
			x = must[post.Post](t)(h.Posts.Schedule(ctx, who, x.ID, post.ScheduleIn{Version: x.Version, When: post.When{Kind: post.Slot}}))
			got = append(got, schedule.WallOf(x.DueAt, h.Company.Location()).String())
		}
		// Thursday the 5th; Friday the 6th is quiet; Thursday the 12th; Friday the 13th.
		if got[0] != "2026-03-05T18:30" || got[1] != "2026-03-12T18:30" || got[2] != "2026-03-13T10:00" {
			t.Fatalf("%q", got)
		}
		free := must[[]time.Time](t)(h.Posts.FreeSlots(ctx, h.Actor(team.Guest), ch, 2))
		if len(free) != 2 || schedule.WallOf(free[0], h.Company.Location()).String() != "2026-03-19T18:30" {
			t.Fatalf("%v", free)
		}
	})
}

func TestQuietTimes(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx, who := t.Context(), h.Actor(team.Owner)
		x := at(t, h, draft(t, h, team.Editor, "già in programma"), "2026-03-03T12:00")
		wants(t, h, func(s *post.Settings) {
			s.Quiet = schedule.Quiet{Weekly: []schedule.Weekly{{Weekday: time.Tuesday, From: 0, To: 24 * 60}}}
		})
		y := draft(t, h, team.Editor, words)
		in := post.ScheduleIn{Version: y.Version, When: post.When{Kind: post.At, Wall: wallOf(t, "2026-03-03T15:00")}}
		_, err := h.Posts.Schedule(ctx, who, y.ID, in)
		fails(t, err, fault.Invalid, "post.when.quiet")
		in.When.Anyway = true
		must[post.Post](t)(h.Posts.Schedule(ctx, who, y.ID, in))
		h.Clock.Set(utc(t, "2026-03-03T11:00"))
		work(t, h, time.Minute)
		h.Clock.Set(utc(t, "2026-03-03T14:30"))
		work(t, h, time.Minute)
		if got := standing(h); len(got) != 1 || got[0] != words {
			t.Fatalf("%q", got)
		}
		// What was planned before the quiet time was made goes out when it is over.
		if f := file(t, h, x.ID); f.Post.State != post.Planned || !f.Post.DueAt.Equal(utc(t, "2026-03-03T23:00")) {
			t.Fatalf("%s due %s", f.Post.State, f.Post.DueAt)
		}
		h.Clock.Set(utc(t, "2026-03-03T23:00"))
		work(t, h, time.Minute)
		if len(standing(h)) != 2 {
			t.Fatalf("%q", standing(h))
		}
	})
}

// A post that comes again is a post of its own each time, made ahead over the same bytes, until the rule ends.
func TestASeries(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx, who := t.Context(), h.Actor(team.Owner)
		x := draft(t, h, team.Editor, words)
		rule := &schedule.Rule{Every: schedule.Week, Until: utc(t, "2026-05-01T00:00")}
		x = must[post.Post](t)(h.Posts.Schedule(ctx, who, x.ID, post.ScheduleIn{Version: x.Version, When: post.When{Kind: post.At, Wall: wallOf(t, "2026-03-05T18:30"), Repeat: rule}}))
		if x.Series == "" {
			t.Fatalf("%+v", x)
		}
		ok(t, h.Posts.MakeAhead(ctx))
		s := must[post.Series](t)(h.Posts.SeriesOf(ctx, who, x.Series))
		if len(s.Posts) != 5 || s.Ended { // 5, 12, 19, 26 March and 2 April lie within 35 days
			t.Fatalf("%d posts", len(s.Posts))
		}
		zone := h.Company.Location()
		for i, e := range s.Posts {
			w := schedule.WallOf(e.Post.DueAt, zone)
			if w.Hour != 18 || w.Minute != 30 || e.Post.State != post.Planned || e.Post.Occurrence != i || e.Post.Hash != x.Hash {
				t.Errorf("occurrence %d: %+v", i, e.Post)
			}
		}
		// One is changed: it is a draft of its own and asks again; the others go out.
		second := s.Posts[1].Post
		must[post.Post](t)(h.Posts.SaveDraft(ctx, who, post.SaveIn{Post: second.ID, Version: second.Version, Message: post.Message{Text: "Solo questa volta"}, Channels: []network.ChannelID{h.Channel.ID}}))
		for d := range 70 {
			for _, wall := range []string{"2026-03-05T16:31", "2026-03-05T17:31"} { // half past six in summer time, and in winter
				h.Clock.Set(utc(t, wall).AddDate(0, 0, d))
				work(t, h, time.Second)
			}
		}
		s = must[post.Series](t)(h.Posts.SeriesOf(ctx, who, x.Series))
		if len(s.Posts) != 9 || !s.Ended { // eight weeks behind the first, the last on 30 April
			t.Fatalf("%d posts, ended %v", len(s.Posts), s.Ended)
		}
		if n := len(standing(h)); n != 8 {
			t.Fatalf("%d went out", n)
		}
		fails(t, h.Posts.EndSeries(ctx, who, x.Series), fault.Conflict, "post.series.ended")
	})
}

func TestASeriesIsEnded(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		ctx, who := t.Context(), h.Actor(team.Owner)
		x := draft(t, h, team.Editor, words)
		x = must[post.Post](t)(h.Posts.Schedule(ctx, who, x.ID, post.ScheduleIn{Version: x.Version, When: post.When{
			Kind: post.At, Wall: wallOf(t, "2026-03-05T18:30"), Repeat: &schedule.Rule{Every: schedule.Day, Count: 10},
		}}))
		ok(t, h.Posts.MakeAhead(ctx))
		ok(t, h.Posts.EndSeries(ctx, who, x.Series))
		s := must[post.Series](t)(h.Posts.SeriesOf(ctx, who, x.Series))
		if len(s.Posts) != 1 || s.Posts[0].Post.ID != x.ID || !s.Ended {
			t.Fatalf("%+v", s.Posts)
		}
	})
}
