package verdict_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/triage"
	"github.com/ponte-desk/ponte/internal/verdict"
)

// school makes models that are told apart by what they should have learned, quickly, and says how well they did.
type school struct {
	after   float64 // score after learning; before it is .8
	lessons [][]triage.Correction
	words   [][]string
	during  func() // happens while it learns
}

func (s *school) learn(base *triage.Model, cs []triage.Correction, words []string) (*triage.Model, triage.Report, error) {
	s.lessons, s.words = append(s.lessons, cs), append(s.words, words)
	if s.during != nil {
		s.during()
	}
	mark := fmt.Sprint(words)
	for _, c := range cs {
		mark += c.Text + string(c.Criticism)
	}
	m, r, err := triage.Learn(base, nil, []string{verdict.Digest(mark)})
	r.Before, r.After = .8, s.after
	return m, r, err
}

func learn(t *testing.T, h *housetest.House) {
	t.Helper()
	if err := h.Verdicts.Learn(t.Context(), h.Company.ID); err != nil {
		t.Fatal(err)
	}
}

func models(t *testing.T, h *housetest.House) []verdict.Model {
	t.Helper()
	return must[[]verdict.Model](t)(h.Verdicts.Models(t.Context(), h.Actor(team.Guest)))
}

// active gives the version that judges.
func active(t *testing.T, h *housetest.House) string {
	t.Helper()
	for _, m := range models(t, h) {
		if m.Active {
			return m.Version
		}
	}
	return must[*triage.Model](t)(triage.Default()).Version()
}

// judged gives which model judges a text that comes in now.
func judged(t *testing.T, h *housetest.House, id string) string {
	t.Helper()
	return of(t, h, says(t, h, id, "Buongiorno "+id)).Model
}

// What members say is learned: the same words are judged so the next time, wherever they come from.
func TestACompanyTeachesItsModel(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		base := must[*triage.Model](t)(triage.Default())
		texts := []string{
			"la tazza è una bomba", "che bomba questo piatto", "servizio da urlo e prezzi da urlo", "mi aspettavo di più dal corso",
			"il blu quest'anno tende al grigio",
		}
		wrong := 0
		for n, text := range texts {
			i := says(t, h, text, text)
			was := of(t, h, i)
			if was.Model != base.Version() {
				t.Fatalf("judged by %s", was.Model)
			}
			criticism := n > 2
			if (was.Criticism == triage.Yes) != criticism || was.Criticism == triage.Check {
				wrong++
			}
			correct(t, h, i, verdict.Correction{Criticism: &criticism})
		}
		if wrong == 0 {
			t.Fatal("there is nothing to learn: the test wants other texts")
		}
		learn(t, h)
		ms := models(t, h)
		if len(ms) != 1 || !ms[0].Active || !ms[0].Accepted || ms[0].Corrections != len(texts) || ms[0].Number != 1 || ms[0].After < ms[0].Before-.01 {
			t.Fatalf("%+v", ms)
		}
		for n, text := range texts {
			v := of(t, h, says(t, h, "again "+text, text))
			want := triage.No
			if n > 2 {
				want = triage.Yes
			}
			if v.Model != ms[0].Version || v.Said != nil || v.Judged.Criticism.Decision != want {
				t.Errorf("%q: %+v, want %s", text, v.Judged.Criticism, want)
			}
		}
		// Another company judges as before.
		other := h.Other(t).Company.ID
		err := h.Store.InTx(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			vs, err := h.Verdicts.Judge(ctx, tx, other, []verdict.Text{{ID: "x", Text: texts[0], At: h.Clock.Now()}})
			if vs["x"].Model != base.Version() {
				t.Errorf("judged by %s", vs["x"].Model)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// A model that forgot what the one before knew is not used, and one that cannot be made changes nothing.
func TestAModelThatForgotIsNotUsed(t *testing.T) {
	s := &school{after: .785}
	each(t, housetest.Options{Learn: s.copy().learn}, func(t *testing.T, h *housetest.House) {
		before := judged(t, h, "1")
		correct(t, h, says(t, h, "2", "forse era rotta"), verdict.Correction{Criticism: yes()})
		learn(t, h)
		if ms := models(t, h); len(ms) != 1 || ms[0].Active || ms[0].Accepted {
			t.Fatalf("%+v", ms)
		}
		if got := judged(t, h, "3"); got != before {
			t.Fatalf("judged by %s", got)
		}
	})
}

func (s *school) copy() *school { c := *s; return &c }

func TestOnlyWhatIsNewIsLearned(t *testing.T) {
	t.Parallel()
	each2(t, func(t *testing.T, h *housetest.House, s *school) {
		i := says(t, h, "1", "forse era rotta")
		learn(t, h)
		correct(t, h, i, verdict.Correction{Criticism: no()})
		correct(t, h, i, verdict.Correction{Criticism: yes()})
		three := 3
		correct(t, h, i, verdict.Correction{Urgency: &three, Themes: []triage.Theme{triage.ThemeProduct, triage.ThemeProduct}})
		for range 3 {
			learn(t, h)
		}
		if len(s.lessons) != 1 || len(s.lessons[0]) != 1 {
			t.Fatalf("%+v", s.lessons)
		}
		c := s.lessons[0][0]
		if c.Text != "forse era rotta" || c.Criticism != triage.Yes || *c.Urgency != 3 || len(c.Themes) != 1 {
			t.Fatalf("%+v", c)
		}
		if err := h.Verdicts.SetWords(t.Context(), h.Actor(team.Owner), []string{" Ceramiche  Arno ", "ceramiche arno", "", "Blu di Scarlino"}); err != nil {
			t.Fatal(err)
		}
		learn(t, h)
		if len(s.words) != 2 || strings.Join(s.words[1], "|") != "Blu di Scarlino|Ceramiche Arno" {
			t.Fatalf("%q", s.words)
		}
		if ms := models(t, h); len(ms) != 2 || !ms[0].Active || ms[1].Active {
			t.Fatalf("%+v", ms)
		}
	})
}

// each2 runs a test in a house with a school of its own.
func each2(t *testing.T, f func(t *testing.T, h *housetest.House, s *school)) {
	t.Helper()
	eachStore(t, func(t *testing.T, db *store.Store) {
		s := &school{after: .8}
		f(t, housetest.New(t, db, housetest.Options{Learn: s.learn}), s)
	})
}

func TestTheLastFiveModelsAreKeptAndUndone(t *testing.T) {
	t.Parallel()
	each2(t, func(t *testing.T, h *housetest.House, s *school) {
		ctx, owner := t.Context(), h.Actor(team.Owner)
		if err := h.Verdicts.UndoModel(ctx, owner); key(err) != "verdict.model.none" {
			t.Fatalf("%v", err)
		}
		base := active(t, h)
		teach := func(n int) {
			t.Helper()
			correct(t, h, says(t, h, strings.Repeat("x", n), strings.Repeat("forse ", n)), verdict.Correction{Criticism: yes()})
			learn(t, h)
		}
		for n := range 7 {
			teach(n + 1)
		}
		ms := models(t, h)
		if len(ms) != 5 || ms[0].Number != 7 || !ms[0].Active || ms[4].Number != 3 || ms[0].Corrections != 7 {
			t.Fatalf("%+v", ms)
		}
		if got := judged(t, h, "a"); got != ms[0].Version {
			t.Fatalf("judged by %s", got)
		}
		for n := range 5 {
			if err := h.Verdicts.UndoModel(ctx, owner); err != nil {
				t.Fatal(err)
			}
			want := base
			if n < 4 {
				want = ms[n+1].Version
			}
			if got := judged(t, h, strings.Repeat("b", n+1)); got != want || active(t, h) != want {
				t.Fatalf("undone %d times: judged by %s, want %s", n+1, got, want)
			}
		}
		if err := h.Verdicts.UndoModel(ctx, owner); key(err) != "verdict.model.none" {
			t.Fatalf("%v", err)
		}
		// The next lesson makes a new one, of that lesson alone: what was undone does not come back with it. Going back from it skips those
		// that were undone.
		teach(8)
		if ms := models(t, h); ms[0].Number != 8 || !ms[0].Active || ms[0].Corrections != 1 {
			t.Fatalf("%+v", ms)
		}
		if err := h.Verdicts.UndoModel(ctx, owner); err != nil || active(t, h) != base {
			t.Fatalf("%v, %s", err, active(t, h))
		}
		// However many are refused, the one that judges stays.
		teach(9)
		kept := active(t, h)
		s.after = .5
		for n := range 7 {
			teach(10 + n)
		}
		if ms := models(t, h); active(t, h) != kept || kept == base || len(ms) != 6 {
			t.Fatalf("%s, %+v", active(t, h), ms)
		}
	})
}

// Going back by one keeps what the model before had learned. What was said stands at its text all the same; another word about it is learned.
func TestWhatWasUndoneStaysUndone(t *testing.T) {
	t.Parallel()
	each2(t, func(t *testing.T, h *housetest.House, s *school) {
		ctx, owner := t.Context(), h.Actor(team.Owner)
		first, second, third := says(t, h, "1", "forse era rotta"), says(t, h, "2", "forse era storta"), says(t, h, "3", "forse era verde")
		for _, i := range []inbox.Interaction{first, second} {
			correct(t, h, i, verdict.Correction{Criticism: yes()})
			learn(t, h)
		}
		if err := h.Verdicts.UndoModel(ctx, owner); err != nil {
			t.Fatal(err)
		}
		correct(t, h, third, verdict.Correction{Criticism: no()})
		learn(t, h)
		if ms := models(t, h); ms[0].Corrections != 2 || !ms[0].Active {
			t.Fatalf("%+v", ms)
		}
		for _, l := range s.lessons[len(s.lessons)-1] {
			if l.Text == "forse era storta" {
				t.Error("what was undone came back")
			}
		}
		if said := of(t, h, second).Said; said == nil || said.Criticism == nil || !*said.Criticism {
			t.Errorf("what the member said is gone: %+v", said)
		}
		correct(t, h, second, verdict.Correction{Criticism: no()})
		learn(t, h)
		if ms := models(t, h); ms[0].Corrections != 3 {
			t.Fatalf("%+v", ms)
		}
	})
}

// What is said while a model is made is not lost, and what is forgotten meanwhile is in no model.
func TestWhatHappensWhileItLearns(t *testing.T) {
	t.Parallel()
	each2(t, func(t *testing.T, h *housetest.House, s *school) {
		one, two := says(t, h, "1", "forse era rotta"), says(t, h, "2", "forse era storta")
		correct(t, h, one, verdict.Correction{Criticism: yes()})
		s.during = func() {
			s.during = nil
			correct(t, h, two, verdict.Correction{Criticism: no()})
		}
		learn(t, h)
		if ms := models(t, h); len(ms) != 0 {
			t.Fatalf("a model of half of what was said: %+v", ms)
		}
		learn(t, h)
		if ms := models(t, h); len(ms) != 1 || ms[0].Corrections != 2 {
			t.Fatalf("%+v", ms)
		}
		correct(t, h, says(t, h, "3", "forse era verde"), verdict.Correction{Criticism: no()})
		s.during = func() {
			s.during = nil
			forget(t, h, two)
		}
		learn(t, h)
		if ms := models(t, h); len(ms) != 0 {
			t.Fatalf("a model that knows what is forgotten: %+v", ms)
		}
		learn(t, h)
		last := s.lessons[len(s.lessons)-1]
		if ms := models(t, h); len(ms) != 1 || ms[0].Corrections != 2 || !ms[0].Active || len(last) != 2 {
			t.Fatalf("%+v", ms)
		}
	})
}

// What a better model is sure of is not left to be checked, if it is recent and nobody has said anything.
func TestDoubtsAreJudgedAnew(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, db *store.Store) {
		sure := false
		h := housetest.New(t, db, housetest.Options{Judge: func(c team.CompanyID, text string) triage.Verdict {
			v := doubting(c, text)
			if sure && v.Criticism.Decision == triage.Check && !strings.Contains(text, "mistero") {
				v.Criticism = triage.Opinion{P: .9, Decision: triage.Yes}
			}
			return v
		}})
		now := h.Clock.Now()
		var doubts []inbox.Interaction
		for n := range 230 { // more than one step takes
			doubts = append(doubts, saysAt(t, h, "d"+strings.Repeat("x", n), "forse era rotta", now.Add(-time.Duration(n%7)*time.Hour)))
		}
		old := saysAt(t, h, "old", "forse era rotta", now.Add(-91*24*time.Hour))
		word := says(t, h, "word", "forse lo sa una persona")
		correct(t, h, word, verdict.Correction{Tone: triage.TonePositive})
		still := says(t, h, "still", "forse un mistero")
		gone := says(t, h, "gone", "forse lo cancello")
		if _, err := h.Store.WriteDB().ExecContext(t.Context(), "UPDATE interaction SET deleted_at = at WHERE remote_id = 'gone'"); err != nil {
			t.Fatal(err)
		}
		sure = true
		heard := changes(h)
		if err := h.Verdicts.JudgeAnew(t.Context(), h.Company.ID); err != nil {
			t.Fatal(err)
		}
		for _, i := range doubts {
			if v := of(t, h, i); v.Criticism != triage.Yes {
				t.Fatalf("%+v", v)
			}
		}
		if c := conversation(t, h, doubts[0]); !c.Criticism || c.Doubt {
			t.Fatalf("%+v", c)
		}
		for name, i := range map[string]inbox.Interaction{"old": old, "said": word, "still": still, "gone": gone} {
			if v := of(t, h, i); v.Criticism != triage.Check {
				t.Errorf("%s: %+v", name, v)
			}
		}
		if len(*heard) != len(doubts) {
			t.Fatalf("%d changes were heard of", len(*heard))
		}
		trust := must[verdict.Trust](t)(h.Verdicts.Trust(t.Context(), h.Company.ID, of(t, h, doubts[0])))
		if trust.Like != len(doubts) || trust.Looked != 0 {
			t.Fatalf("%+v", trust)
		}
	})
}

// A house with a newer Ponte makes the companies' models anew, and judges with its own until then.
func TestANewerPonteTeachesAnew(t *testing.T) {
	t.Parallel()
	each2(t, func(t *testing.T, h *housetest.House, s *school) {
		ctx := t.Context()
		correct(t, h, says(t, h, "1", "forse era rotta"), verdict.Correction{Criticism: yes()})
		learn(t, h)
		own := active(t, h)
		if _, err := h.Store.WriteDB().ExecContext(ctx, "UPDATE triage_model SET base = 'older'"); err != nil {
			t.Fatal(err)
		}
		base := must[*triage.Model](t)(triage.Default()).Version()
		if got := judged(t, h, "2"); got != base {
			t.Fatalf("judged by %s", got)
		}
		if err := h.Verdicts.Tend(ctx); err != nil {
			t.Fatal(err)
		}
		learn(t, h)
		if got := judged(t, h, "3"); got != own || len(s.lessons) != 2 {
			t.Fatalf("judged by %s after %d lessons", got, len(s.lessons))
		}
		// A damaged one keeps nothing back.
		if _, err := h.Store.WriteDB().ExecContext(ctx, "UPDATE triage_model SET id = 'mod_x', weights = 'x' WHERE active"); err != nil {
			t.Fatal(err)
		}
		if got := judged(t, h, "4"); got != base {
			t.Fatalf("judged by %s", got)
		}
	})
}

// The job runs by itself when somebody corrects.
func TestCorrectingTeaches(t *testing.T) {
	t.Parallel()
	each2(t, func(t *testing.T, h *housetest.House, _ *school) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		correct(t, h, says(t, h, "1", "forse era rotta"), verdict.Correction{Criticism: yes()})
		if err := h.Queue.Start(ctx); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			stop, done := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
			defer done()
			if err := h.Queue.Stop(stop); err != nil && !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
		deadline := time.After(time.Minute)
		for len(models(t, h)) == 0 {
			select {
			case <-deadline:
				t.Fatal("nobody learns")
			case <-time.After(20 * time.Millisecond):
			}
		}
	})
}
