package inbox_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/triage"
	"github.com/ponte-desk/ponte/internal/verdict"
)

// byWords judges by words that the tests know.
func byWords(_ team.CompanyID, text string) triage.Verdict {
	v := triage.Verdict{Language: triage.Italian, Tone: triage.ToneNeutral, Criticism: triage.Opinion{P: .1, Decision: triage.No}, Themes: []triage.Theme{}}
	has := func(w string) bool { return strings.Contains(text, w) }
	if i := strings.Index(text, "rott"); i >= 0 {
		v.Criticism, v.Tone, v.Themes = triage.Opinion{P: .9, Decision: triage.Yes}, triage.ToneNegative, []triage.Theme{triage.ThemeProduct}
		v.Evidence = []triage.Span{{Word: "rott", Start: i, End: i + len("rott"), Weight: 1}}
	}
	if has("forse") {
		v.Criticism = triage.Opinion{P: .5, Decision: triage.Check}
	}
	if has("?") {
		v.Question = .9
	}
	if has("bell") {
		v.Praise = .9
	}
	if has("presto") {
		v.Urgency = 2
	}
	if has("bambin") {
		v.Urgency = 3
	}
	return v
}

var judging = housetest.Options{Judge: byWords}

func yes() *bool { v := true; return &v }
func no() *bool  { v := false; return &v }

func TestWhatTheyWriteIsAbout(t *testing.T) {
	each(t, judging, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		ada, bea, carla := h.Stranger("ada@one.example"), h.Stranger("bea@two.example"), h.Stranger("carla@three.example")
		first := must[string](t)(ada.Mention(ctx, "La tazza è arrivata rotta. Era bella"))
		must[string](t)(bea.Mention(ctx, "Siete aperti domenica?"))
		must[string](t)(carla.Mention(ctx, "forse mi aspettavo altro"))
		h.Read()
		by := func(v inbox.View) string {
			t.Helper()
			var who []string
			l := list(t, h, inbox.Filter{View: v})
			for _, c := range l.Conversations {
				who = append(who, strings.TrimSuffix(l.Identities[c.Identity].Handle, ".example"))
			}
			slices.Sort(who)
			n := must[inbox.Counts](t)(h.Inbox.Counts(ctx, h.Actor(team.Community))).Views[v]
			if n != len(who) {
				t.Errorf("%s holds %d and counts %d", v, len(who), n)
			}
			// A search in the view says the same.
			for _, q := range []string{"rotta", "domenica", "aspettavo"} {
				n -= len(list(t, h, inbox.Filter{View: v, Query: q}).Conversations)
			}
			if n != 0 {
				t.Errorf("%s is another for a search", v)
			}
			return strings.Join(who, " ")
		}
		for v, want := range map[inbox.View]string{
			inbox.ViewCriticism: "ada@one", inbox.ViewDoubt: "carla@three", inbox.ViewQuestion: "bea@two", inbox.ViewPraise: "ada@one",
			inbox.ViewAll: "ada@one bea@two carla@three",
		} {
			if got := by(v); got != want {
				t.Errorf("%s holds %q, want %q", v, got, want)
			}
		}
		c := one(t, h, inbox.ViewCriticism)
		if !c.Criticism || c.Doubt || c.Question || !c.Praise || c.Urgency != 0 {
			t.Fatalf("%+v", c)
		}
		// The row and the thread say why.
		l := list(t, h, inbox.Filter{View: inbox.ViewCriticism})
		v := l.Verdicts[c.ID]
		if v.Subject != string(c.LastIn) || v.Criticism != triage.Yes || len(v.Judged.Evidence) != 1 || v.Judged.Evidence[0].Word != "rott" {
			t.Fatalf("%+v", v)
		}
		th := open(t, h, c.ID)
		if got := th.Verdicts[th.Interactions[0].ID]; got.Criticism != triage.Yes || got.Judged.Evidence[0].Word != "rott" || len(th.Verdicts) != 1 {
			t.Fatalf("%+v", th.Verdicts)
		}
		// What is settled is in none of these views.
		if err := h.Inbox.Finish(ctx, h.Actor(team.Community), c.ID); err != nil {
			t.Fatal(err)
		}
		if by(inbox.ViewCriticism) != "" {
			t.Error("what is settled is still shown")
		}
		if err := h.Inbox.Reopen(ctx, h.Actor(team.Community), c.ID); err != nil {
			t.Fatal(err)
		}
		// What they took back counts for nothing.
		h.Clock.Advance(time.Minute)
		if err := ada.Delete(ctx, first); err != nil {
			t.Fatal(err)
		}
		h.Refresh(first)
		if c := open(t, h, c.ID).Conversation; c.Criticism || c.Praise || c.LastIn != "" {
			t.Fatalf("%+v", c)
		}
	})
}

// Several things in one conversation add up, whether they come together or one after the other, in whatever order.
func TestAConversationIsAllThatTheyWrote(t *testing.T) {
	items := []network.Item{question(), question(), question()}
	items[0].Text = "La tazza è rotta"
	items[1].RemoteID, items[1].ParentID, items[1].Kind, items[1].Text, items[1].At = "2", "1", network.KindReply, "Quando arriva la nuova?", items[0].At.Add(time.Minute)
	items[2].RemoteID, items[2].ParentID, items[2].Kind, items[2].Text, items[2].At = "3", "2", network.KindReply, "Peccato, era bella", items[0].At.Add(2*time.Minute)
	for name, order := range map[string][][]int{
		"at once": {{0, 1, 2}}, "one by one": {{0}, {1}, {2}}, "backwards": {{2}, {1}, {0}}, "the middle last": {{0, 2}, {1}},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, judging, func(t *testing.T, h *housetest.House) {
				for _, batch := range order {
					var page []network.Item
					for _, n := range batch {
						page = append(page, items[n])
					}
					if err := takeIn(t.Context(), h, page...); err != nil {
						t.Fatal(err)
					}
				}
				c := one(t, h, inbox.ViewAll)
				th := open(t, h, c.ID)
				if !c.Criticism || !c.Question || !c.Praise || c.Doubt || len(th.Verdicts) != 3 || c.LastIn != th.Interactions[2].ID {
					t.Fatalf("%+v\n%+v", c, th.Verdicts)
				}
			})
		})
	}
}

func TestUrgentIsDueSooner(t *testing.T) {
	each(t, judging, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		start := h.Clock.Now() // Monday, 10:00 in Rome
		target := h.Company.Settings.Target.Std()
		if target <= 4*time.Hour || h.Company.Settings.InHours {
			t.Fatalf("the test wants a company that answers within more than 4 hours of the day: %+v", h.Company.Settings)
		}
		due := func(want time.Time, why string) inbox.Conversation {
			t.Helper()
			h.Read()
			c := one(t, h, inbox.ViewAll)
			if !c.DueAt.Equal(want) {
				t.Fatalf("%s: due at %s, want %s", why, c.DueAt, want)
			}
			return c
		}
		ada := h.Stranger("ada@one.example")
		first := must[string](t)(ada.Mention(ctx, "Quanto costa la tazza?"))
		due(start.Add(target), "nothing is urgent")
		h.Clock.Advance(30 * time.Minute)
		second := must[string](t)(ada.Reply(ctx, first, "@ceramichearno Ditemelo presto"))
		c := due(start.Add(30*time.Minute+4*time.Hour), "urgent within 4 hours of when it became so")
		if c.Urgency != 2 || !c.WaitingSince.Equal(start) {
			t.Fatalf("%+v", c)
		}
		h.Clock.Advance(30 * time.Minute)
		third := must[string](t)(ada.Reply(ctx, second, "@ceramichearno Un bambino si è tagliato"))
		c = due(start.Add(2*time.Hour), "very urgent within an hour")
		// A member says that it is not.
		th := open(t, h, c.ID)
		none := 0
		actor := h.Actor(team.Community)
		if err := h.Inbox.Correct(ctx, actor, th.Interactions[2].ID, verdict.Correction{Urgency: &none}); err != nil {
			t.Fatal(err)
		}
		if c := due(start.Add(30*time.Minute+4*time.Hour), "a member decides"); c.Urgency != 2 {
			t.Fatalf("%+v", c)
		}
		// Settled, and taken up again: what waited is as urgent as it was.
		for _, f := range []func(context.Context, team.Actor, inbox.ConversationID) error{h.Inbox.Finish, h.Inbox.Reopen} {
			if err := f(ctx, actor, c.ID); err != nil {
				t.Fatal(err)
			}
		}
		if c := one(t, h, inbox.ViewAll); !c.DueAt.Equal(h.Clock.Now().Add(-30 * time.Minute).Add(4 * time.Hour)) {
			t.Fatalf("taken up again: due at %s", c.DueAt)
		}
		// Answered is answered: what they write then is not urgent because something was.
		r := must[inbox.Reply](t)(h.Inbox.Reply(ctx, actor, inbox.ReplyIn{Conversation: c.ID, Text: "Dodici euro"}))
		h.Deliver(r.Delivery, time.Hour)
		h.Clock.Advance(time.Hour)
		thanks := h.Clock.Now()
		must[string](t)(ada.Reply(ctx, third, "@ceramichearno Va bene"))
		due(thanks.Add(target), "another wait")
	})
}

// What a member says stands until the text is another.
func TestAMembersWordStands(t *testing.T) {
	each(t, judging, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		ada := h.Stranger("ada@one.example")
		first := must[string](t)(ada.Mention(ctx, "La voce rotta della cantante"))
		h.Read()
		c := one(t, h, inbox.ViewCriticism)
		i := open(t, h, c.ID).Interactions[0]
		actor := h.Actor(team.Editor)
		seen := open(t, h, c.ID).Verdicts[i.ID].Digest
		if err := h.Inbox.Correct(ctx, actor, i.ID, verdict.Correction{Criticism: no(), Seen: seen}); err != nil {
			t.Fatal(err)
		}
		v := open(t, h, c.ID).Verdicts[i.ID]
		if v.Criticism != triage.No || v.Judged.Criticism.Decision != triage.Yes || v.CorrectedBy != actor.Member || v.CorrectedAt.IsZero() {
			t.Fatalf("%+v", v)
		}
		if l := list(t, h, inbox.Filter{View: inbox.ViewCriticism}); len(l.Conversations) != 0 {
			t.Fatal("the view shows what a member took out of it")
		}
		trust := must[verdict.Trust](t)(h.Verdicts.Trust(ctx, h.Company.ID, v))
		if trust != (verdict.Trust{Like: 1, Looked: 1, Corrected: 1}) {
			t.Fatalf("%+v", trust)
		}
		edit := func(text string) verdict.Verdict {
			t.Helper()
			h.Clock.Advance(time.Minute)
			if err := ada.Edit(ctx, first, text); err != nil {
				t.Fatal(err)
			}
			h.Refresh(first)
			return open(t, h, c.ID).Verdicts[i.ID]
		}
		if v := edit("La voce rotta della mia tazza"); v.Criticism != triage.Yes || v.Said != nil || v.CorrectedBy != "" {
			t.Fatalf("another text: %+v", v)
		}
		one(t, h, inbox.ViewCriticism)
		if err := h.Inbox.Correct(ctx, actor, i.ID, verdict.Correction{Criticism: no(), Seen: seen}); key(err) != "verdict.moved" {
			t.Fatalf("what was seen is not what stands there: %v", err)
		}
		if v := edit("@ceramichearno La voce rotta della cantante"); v.Criticism != triage.No || v.CorrectedBy != actor.Member {
			t.Fatalf("the same text again: %+v", v)
		}
		if trust := must[verdict.Trust](t)(h.Verdicts.Trust(ctx, h.Company.ID, v)); trust != (verdict.Trust{Like: 1, Looked: 1, Corrected: 1}) {
			t.Fatalf("%+v", trust)
		}
	})
}

func TestWhatCannotBeCorrected(t *testing.T) {
	each(t, judging, func(t *testing.T, h *housetest.House) {
		ctx, actor := t.Context(), h.Actor(team.Owner)
		must[string](t)(h.Stranger("ada@one.example").Mention(ctx, "La tazza è rotta"))
		h.Read()
		c := one(t, h, inbox.ViewTodo)
		theirs := open(t, h, c.ID).Interactions[0].ID
		r := must[inbox.Reply](t)(h.Inbox.Reply(ctx, actor, inbox.ReplyIn{Conversation: c.ID, Text: "Te ne mandiamo una nuova"}))
		h.Deliver(r.Delivery, time.Hour)
		ours := must[inbox.Reply](t)(h.Inbox.GetReply(ctx, actor, r.ID)).Interaction
		four := 4
		for name, try := range map[string]struct {
			id   inbox.InteractionID
			said verdict.Correction
			key  string
		}{
			"ours":    {ours, verdict.Correction{Criticism: no()}, "inbox.correct.ours"},
			"nothing": {"int_01hzzzzzzzzzzzzzzzzzzzzzzz", verdict.Correction{Criticism: no()}, "inbox.interaction.missing"},
			"no id":   {"1", verdict.Correction{Criticism: no()}, "id.invalid"},
			"no word": {theirs, verdict.Correction{}, "verdict.correction.empty"},
			"tone":    {theirs, verdict.Correction{Tone: "angry"}, "verdict.correction.tone"},
			"theme":   {theirs, verdict.Correction{Themes: []triage.Theme{"weather"}}, "verdict.correction.theme"},
			"urgency": {theirs, verdict.Correction{Urgency: &four}, "verdict.correction.urgency"},
		} {
			if err := h.Inbox.Correct(ctx, actor, try.id, try.said); key(err) != try.key {
				t.Errorf("%s: %v, want %s", name, err, try.key)
			}
		}
	})
}

// An edit that comes in while a member corrects the old text leaves no word of theirs on the new one.
func TestACorrectionAndAnEditAtTheSameMoment(t *testing.T) {
	for _, first := range []string{"edit", "correction"} {
		t.Run(first, func(t *testing.T) {
			each(t, judging, func(t *testing.T, h *housetest.House) {
				ctx := t.Context()
				old, edited := question(), question()
				old.Text, edited.Text, edited.Version = "La voce rotta della cantante", "La tazza è rotta", "2"
				if err := takeIn(ctx, h, old); err != nil {
					t.Fatal(err)
				}
				c := one(t, h, inbox.ViewCriticism)
				th := open(t, h, c.ID)
				i := th.Interactions[0]
				correct := func(ctx context.Context) error {
					return h.Inbox.Correct(ctx, h.Actor(team.Owner), i.ID, verdict.Correction{Criticism: no(), Seen: th.Verdicts[i.ID].Digest})
				}
				edit := func(ctx context.Context) error { return takeIn(ctx, h, edited) }
				one, other, at := edit, correct, `INSERT INTO "verdict"`
				if first == "correction" {
					one, other, at = correct, edit, `INSERT INTO "correction"`
				}
				wait := meanwhile(t, h, at, other)
				firstErr := one(ctx)
				otherErr := wait()
				if first == "correction" {
					firstErr, otherErr = otherErr, firstErr
				}
				if firstErr != nil {
					t.Fatalf("the edit: %v", firstErr)
				}
				if otherErr != nil && key(otherErr) != "verdict.moved" {
					t.Fatalf("the correction: %v", otherErr)
				}
				if first == "edit" && key(otherErr) != "verdict.moved" {
					t.Fatalf("the correction of a text that is gone: %v", otherErr)
				}
				after := open(t, h, c.ID)
				if v := after.Verdicts[i.ID]; v.Criticism != triage.Yes || v.Said != nil || v.Digest != verdict.Digest(edited.Text) || !after.Conversation.Criticism {
					t.Fatalf("%+v", v)
				}
			})
		})
	}
}

// A house from before texts were judged catches up, and nobody above takes what is old for news.
func TestAnOldHouseCatchesUp(t *testing.T) {
	each(t, judging, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		ada := h.Stranger("ada@one.example")
		first := must[string](t)(ada.Mention(ctx, "La tazza è rotta"))
		must[string](t)(ada.Reply(ctx, first, "@ceramichearno Rispondete presto"))
		must[string](t)(h.Stranger("bea@two.example").Mention(ctx, "Che bella!"))
		h.Read()
		fresh := one(t, h, inbox.ViewCriticism)
		for _, q := range []string{
			"DELETE FROM verdict", "DELETE FROM verdict_tally",
			"UPDATE conversation SET criticism = FALSE, praise = FALSE, urgency = 0, hurry_at = NULL, judged = FALSE, last_in_id = '', due_at = '2026-03-09 12:00:00+00:00'",
		} {
			if _, err := h.Store.WriteDB().ExecContext(ctx, q); err != nil {
				t.Fatal(err)
			}
		}
		var heard []inbox.Heard
		h.Inbox.Listen(inbox.Listeners{Heard: hear(&heard)})
		for range 2 {
			if err := h.Inbox.CatchUp(ctx); err != nil {
				t.Fatal(err)
			}
		}
		c := one(t, h, inbox.ViewCriticism)
		if c.Urgency != 2 || !c.DueAt.Equal(fresh.DueAt) || c.LastIn != fresh.LastIn || c.Revision != fresh.Revision {
			t.Fatalf("%+v\nwas\n%+v", c, fresh)
		}
		one(t, h, inbox.ViewPraise)
		if len(heard) != 3 {
			t.Fatalf("heard %d times", len(heard))
		}
		for _, x := range heard {
			if !x.Past || x.Again {
				t.Errorf("%+v", x)
			}
		}
		// One that is corrected before its turn comes is judged then.
		if _, err := h.Store.WriteDB().ExecContext(ctx, "DELETE FROM verdict"); err != nil {
			t.Fatal(err)
		}
		if err := h.Inbox.Correct(ctx, h.Actor(team.Owner), c.LastIn, verdict.Correction{Criticism: yes()}); err != nil {
			t.Fatal(err)
		}
		if v := open(t, h, c.ID).Verdicts[c.LastIn]; v.Criticism != triage.Yes || v.Judged.Criticism.Decision != triage.No {
			t.Fatalf("%+v", v)
		}
	})
}

// Several things are corrected together or not at all, and whoever does so at the same moment the other way round, or brings in
// edits of them, waits and does not fail.
func TestSeveralCorrectionsAtTheSameMoment(t *testing.T) {
	each(t, judging, func(t *testing.T, h *housetest.House) {
		ctx, actor := t.Context(), h.Actor(team.Owner)
		one, two := question(), question()
		one.Text, two.Text, two.RemoteID = "La prima è rotta", "La seconda è rotta", "2"
		if err := takeIn(ctx, h, one, two); err != nil {
			t.Fatal(err)
		}
		var ids []inbox.InteractionID
		for _, c := range list(t, h, inbox.Filter{View: inbox.ViewCriticism}).Conversations {
			ids = append(ids, c.LastIn)
		}
		if len(ids) != 2 {
			t.Fatalf("%v", ids)
		}
		back := slices.Clone(ids)
		slices.Reverse(back)
		wait := meanwhile(t, h, `INSERT INTO verdict_tally`, func(ctx context.Context) error {
			return h.Inbox.CorrectAll(ctx, h.Actor(team.Editor), back, verdict.Correction{Criticism: yes()})
		})
		if err := h.Inbox.CorrectAll(ctx, actor, ids, verdict.Correction{Criticism: no()}); err != nil {
			t.Fatal(err)
		}
		if err := wait(); err != nil {
			t.Fatal(err)
		}
		edits := []network.Item{two, one}
		for i := range edits {
			edits[i].Text, edits[i].Version = edits[i].Text+" davvero", "2"
		}
		wait = meanwhile(t, h, `INSERT INTO verdict_tally`, func(ctx context.Context) error { return takeIn(ctx, h, edits...) })
		if err := h.Inbox.CorrectAll(ctx, actor, ids, verdict.Correction{Criticism: no()}); err != nil {
			t.Fatal(err)
		}
		if err := wait(); err != nil {
			t.Fatal(err)
		}
		if l := list(t, h, inbox.Filter{View: inbox.ViewCriticism}); len(l.Conversations) != 2 {
			t.Fatalf("%d conversations", len(l.Conversations))
		}
		err := h.Inbox.CorrectAll(ctx, actor, append(ids, "int_01hzzzzzzzzzzzzzzzzzzzzzzz"), verdict.Correction{Criticism: no()})
		if key(err) != "inbox.interaction.missing" || len(list(t, h, inbox.Filter{View: inbox.ViewCriticism}).Conversations) != 2 {
			t.Fatalf("half of it: %v", err)
		}
	})
}
