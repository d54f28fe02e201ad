package report_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/lead"
	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/mail"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/report"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/team/teamtest"
)

// postbox keeps the letters that are handed to it; broken says what it answers instead.
type postbox struct {
	mu      sync.Mutex
	letters []mail.Letter
	broken  error
}

func (p *postbox) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.letters)
}

func (p *postbox) Configured() bool { return true }

func (p *postbox) Send(_ context.Context, l mail.Letter) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.letters = append(p.letters, l)
	return p.broken
}

func TestWhoSeesTheMondayLetter(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := housetest.New(t, s, housetest.Options{})
		teamtest.Matrix(t, h.Bed, []teamtest.Case{
			{Name: "Monday", Needs: team.ResultsRead, Try: func(t *testing.T, a team.Actor) error { _, err := h.Report.Monday(t.Context(), a); return err }},
			{Name: "ChooseMonday", Needs: team.ResultsRead, NoToken: true, Try: func(t *testing.T, a team.Actor) error { return h.Report.ChooseMonday(t.Context(), a, true) }},
		})
	})
}

// The letter goes at eight on the company's wall, in winter and in summer, once, in the member's language, with the figures of the rows.
func TestTheMondayLetter(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		box := &postbox{}
		h := housetest.New(t, s, housetest.Options{Mail: box})
		ctx := t.Context()
		ok := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		guest, owner := h.Members[team.Guest], h.Members[team.Owner]
		ok(h.Report.ChooseMonday(ctx, h.Actor(team.Owner), true))
		ok(h.Report.ChooseMonday(ctx, h.Actor(team.Guest), true))
		_, err := h.Team.SetOwnPreferences(ctx, h.Actor(team.Guest), team.Preferences{Locale: "en"})
		ok(err)
		rome := h.Company.Location()

		// 23 March is still winter, 30 March is summer: one hour earlier on the clock of the world.
		h.Clock.Set(time.Date(2026, time.March, 18, 10, 0, 0, 0, rome).UTC())
		for i := range 12 {
			_, err := h.Leads.Add(ctx, h.Actor(team.Owner), lead.NewIn{Name: "Ada", Email: fmt.Sprintf("ada%d@example.it", i)})
			ok(err)
		}
		monday := link.Day(20260323)
		h.Clock.Set(time.Date(2026, time.March, 23, 6, 59, 0, 0, time.UTC))
		again, err := h.Report.WriteMonday(ctx, h.Company.ID, owner.ID, monday)
		if err != nil || again != time.Minute || len(box.letters) != 0 {
			t.Fatalf("before eight: %v, %v, %d letters", again, err, len(box.letters))
		}
		h.Clock.Advance(time.Minute)
		again, err = h.Report.WriteMonday(ctx, h.Company.ID, owner.ID, monday)
		if err != nil || again != 0 || len(box.letters) != 1 {
			t.Fatalf("at eight: %v, %v, %d letters", again, err, len(box.letters))
		}
		got := box.letters[0]
		for _, want := range []string{"Buongiorno " + owner.Name, "16 marzo", "22 marzo", "12 contatti nuovi", "di più, e non per caso", "12 contatti aspettano da più di due giorni", "https://ponte.example/letter/stop/"} {
			if !strings.Contains(got.Text, want) {
				t.Errorf("the letter does not say %q:\n%s", want, got.Text)
			}
		}
		if got.To != owner.Email || got.ID == "" || !strings.Contains(got.Subject, h.Company.Name) {
			t.Errorf("the letter is %+v", got)
		}
		if !strings.HasPrefix(got.Stop, "https://ponte.example/letter/stop/") || !strings.Contains(got.Text, got.Stop) {
			t.Errorf("it is stopped at %q", got.Stop)
		}
		// Run again, it is not written again.
		if _, err := h.Report.WriteMonday(ctx, h.Company.ID, owner.ID, monday); err != nil || len(box.letters) != 1 {
			t.Errorf("again: %v, %d letters", err, len(box.letters))
		}
		// Where nobody knows whether it arrived it is handed over again, as the same letter; the guest reads English and hears no hours.
		box.broken = errors.New("the line went dead")
		if _, err := h.Report.WriteMonday(ctx, h.Company.ID, guest.ID, monday); err == nil {
			t.Error("a letter that did not leave is taken as sent")
		}
		box.broken = nil
		_, err = h.Report.WriteMonday(ctx, h.Company.ID, guest.ID, monday)
		ok(err)
		if len(box.letters) != 3 || box.letters[1].ID != box.letters[2].ID || box.letters[2].ID == got.ID {
			t.Fatalf("%d letters: %+v", len(box.letters), box.letters[1:])
		}
		if said := box.letters[2].Text; !strings.Contains(said, "Good morning") || !strings.Contains(said, "12 new leads") || strings.Contains(said, "at the desk") {
			t.Errorf("the guest reads\n%s", said)
		}
		if !strings.Contains(got.Text, "al banco") {
			t.Error("the owner does not hear the hours")
		}

		h.Clock.Set(time.Date(2026, time.March, 30, 5, 59, 0, 0, time.UTC))
		again, err = h.Report.WriteMonday(ctx, h.Company.ID, owner.ID, 20260330)
		if err != nil || again != time.Minute {
			t.Errorf("before eight in summer: %v, %v", again, err)
		}
		h.Clock.Advance(time.Minute)
		_, err = h.Report.WriteMonday(ctx, h.Company.ID, owner.ID, 20260330)
		ok(err)
		if len(box.letters) != 4 || !strings.Contains(box.letters[3].Text, "0 contatti nuovi") || !strings.Contains(box.letters[3].Text, "di meno, e non per caso") {
			t.Errorf("%d letters, the last\n%s", len(box.letters), box.letters[len(box.letters)-1].Text)
		}
		// Whoever has the letter stops it without signing in, and only theirs; wanting it again gives it again.
		word := strings.TrimPrefix(got.Stop, "https://ponte.example"+report.PathStop)
		for range 2 {
			ok(h.Report.StopMonday(ctx, word))
		}
		_, email, wants, err := h.Report.MondayStop(ctx, word)
		ok(err)
		theirs, err := h.Report.WantsMonday(ctx, h.Actor(team.Guest))
		ok(err)
		if wants || email != owner.Email || !theirs {
			t.Errorf("after stopping: %v to %s, the guest %v", wants, email, theirs)
		}
		if err := h.Report.StopMonday(ctx, "nothing"); fault.KindOf(err) != fault.NotFound {
			t.Errorf("a word of no letter: %v", err)
		}
		ok(h.Report.ChooseMonday(ctx, h.Actor(team.Owner), true))
		// Who wants it no more, and who is too late, gets none.
		ok(h.Report.ChooseMonday(ctx, h.Actor(team.Owner), false))
		h.Clock.Set(time.Date(2026, time.April, 6, 8, 0, 0, 0, time.UTC))
		_, err = h.Report.WriteMonday(ctx, h.Company.ID, owner.ID, 20260406)
		ok(err)
		h.Clock.Set(time.Date(2026, time.April, 8, 8, 0, 0, 0, time.UTC))
		_, err = h.Report.WriteMonday(ctx, h.Company.ID, guest.ID, 20260406)
		ok(err)
		if len(box.letters) != 4 {
			t.Errorf("%d letters", len(box.letters))
		}
	})
}

// Planned from anywhere in the day before, the job writes at eight; planned twice, it writes once.
func TestMondaysArePlannedByTheQueue(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		box := &postbox{}
		h := housetest.New(t, s, housetest.Options{Mail: box})
		ctx := t.Context()
		if err := h.Report.ChooseMonday(ctx, h.Actor(team.Owner), true); err != nil {
			t.Fatal(err)
		}
		for _, at := range []struct {
			when time.Time
			jobs int
		}{
			{time.Date(2026, time.March, 4, 9, 0, 0, 0, time.UTC), 0}, // a Wednesday
			{time.Date(2026, time.March, 8, 9, 0, 0, 0, time.UTC), 1}, // the Sunday before
			{time.Date(2026, time.March, 9, 9, 0, 0, 0, time.UTC), 1}, // it should have gone
		} {
			h.Clock.Set(at.when)
			for range 2 {
				if err := h.Report.PlanMondays(ctx); err != nil {
					t.Fatal(err)
				}
			}
			if n := jobs(t, s, "report.monday", "scheduled") + jobs(t, s, "report.monday", "available"); n != at.jobs {
				t.Errorf("%s: %d jobs, want %d", at.when, n, at.jobs)
			}
		}
	})
}

// The real queue writes to who wants it, once, also when the house is started again on that Monday; never to who left.
func TestMondayThroughTheQueue(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		box := &postbox{}
		h := housetest.New(t, s, housetest.Options{Mail: box})
		ctx := t.Context()
		for _, r := range []team.Role{team.Owner, team.Marketing, team.Guest} {
			ok(t, h.Report.ChooseMonday(ctx, h.Actor(r), true))
		}
		ok(t, h.Report.ChooseMonday(ctx, h.Actor(team.Guest), false))
		h.Clock.Set(time.Date(2026, time.March, 30, 6, 30, 0, 0, time.UTC)) // half past eight in Rome, on the first Monday of summer time
		ok(t, h.Report.PlanMondays(ctx))
		err := h.Team.Leave(ctx, h.Actor(team.Owner), team.LeaveIn{Member: h.Members[team.Marketing].ID, Heir: h.Members[team.Owner].ID})
		ok(t, err)
		for start := 1; start <= 2; start++ {
			q := queue.New(s, storetest.Log(), queue.Config{Poll: 20 * time.Millisecond})
			h.Report.Register(q)
			ok(t, q.Open())
			run, stop := context.WithCancel(context.WithoutCancel(ctx))
			ok(t, q.Start(run))
			for deadline := time.Now().Add(40 * time.Second); jobs(t, s, "report.mondays", "completed") < start || jobs(t, s, "report.monday", "completed") < 2; <-time.After(20 * time.Millisecond) {
				if time.Now().After(deadline) {
					t.Fatalf("start %d: %d letters, planned %d times", start, box.count(), jobs(t, s, "report.mondays", "completed"))
				}
			}
			end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
			ok(t, q.Stop(end))
			cancel()
			stop()
			if n := box.count(); n != 1 || box.letters[0].To != h.Members[team.Owner].Email {
				t.Fatalf("start %d: %d letters", start, n)
			}
		}
	})
}

func jobs(t *testing.T, s *store.Store, kind, state string) (n int) {
	t.Helper()
	if err := s.WriteDB().QueryRow("SELECT count(*) FROM river_job WHERE kind = '" + kind + "' AND state = '" + state + "'").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
