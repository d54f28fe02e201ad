package growth_test

import (
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/merkle"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/record"
	"github.com/ponte-desk/ponte/internal/team"
)

// What triage is sure of counts at once and stands in the record where everybody could read it; what it doubts waits; the rest is nothing.
func TestWhatComesInIsHeard(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		at := h.Clock.Now().Add(-3*time.Hour - 20*time.Minute)
		sure := one(t, h, item("1", "ada", "Il piatto è rotto", at))
		doubt := one(t, h, item("2", "ugo", "forse manca una tazza", at))
		plain := one(t, h, item("3", "eva", "Che belle tazze", at))
		private := item("4", "ida", "È rotto anche il mio", at)
		private.Kind, private.Visibility, private.ThreadKey = network.KindMessage, network.Direct, "dm"
		whispered := one(t, h, private)
		followers := item("5", "leo", "E il mio arriva in ritardo", at)
		followers.Visibility = network.Followers
		few := one(t, h, followers)
		nowhere := item("6", "mia", "Il vaso è rotto", at)
		nowhere.URL = ""
		lost := one(t, h, nowhere)

		c := criticism(t, h, sure)
		if c.State != growth.Counted || !c.Public || c.Leaf != 0 || c.Theme != "quality" || !c.SaidAt.Equal(at) || c.URL != sure.URL || c.Identity != sure.Identity {
			t.Errorf("%+v", c)
		}
		if c := criticism(t, h, doubt); c.State != growth.ToDecide || c.Leaf != -1 || !c.DecideBy.Equal(h.Clock.Now().AddDate(0, 0, 7)) {
			t.Errorf("%+v", c)
		}
		if c := criticism(t, h, plain); c.ID != "" {
			t.Errorf("%+v", c)
		}
		for _, i := range []inbox.Interaction{whispered, few, lost} {
			if c := criticism(t, h, i); c.State != growth.Counted || c.Public || c.Leaf != -1 {
				t.Errorf("%+v", c)
			}
		}
		ls := leaves(t, h)
		if kinds(ls) != "heard" || ls[0].Subject != c.Handle || !ls[0].Said.Equal(record.Hour(at)) || !ls[0].At.Equal(record.Hour(h.Clock.Now())) {
			t.Errorf("%+v", ls)
		}
	})
}

// Talk of other people around an answer of ours is no criticism of us until a member says so.
func TestTalkAroundIsNotHeard(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		at := h.Clock.Now().Add(-time.Hour)
		i := one(t, h, item("1", "ada", "Che belle tazze", at))
		around := item("2", "ugo", "A me una si è rotta: rotto tutto", at.Add(time.Minute))
		around.Kind, around.ParentID = network.KindPost, "1"
		other := one(t, h, around)
		if other.Conversation != i.Conversation || criticism(t, h, other).ID != "" {
			t.Errorf("%+v", other)
		}
	})
}

// What was old when its channel was connected is kept to be found, and comes into the record by a member's hand alone, with its own time.
func TestThePastStaysOutOfTheRecord(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, community := t.Context(), h.Actor(team.Community)
		at := h.Clock.Now().AddDate(0, 0, -40)
		old := one(t, h, item("1", "ada", "Il piatto è rotto", at))
		take(t, h, ours("2", "1", "Te ne mandiamo un altro", at.Add(90*time.Minute)))
		doubt := one(t, h, item("3", "ugo", "forse manca una tazza", at))
		if c := criticism(t, h, old); c.State != growth.Counted || c.Leaf != -1 || !c.AnsweredAt.Equal(at.Add(90*time.Minute)) {
			t.Errorf("%+v", c)
		}
		if c := criticism(t, h, doubt); c.ID != "" {
			t.Errorf("%+v", c)
		}
		if ls := leaves(t, h); len(ls) != 0 {
			t.Fatal(kinds(ls))
		}
		same := must[growth.Same](t)(h.Growth.SaySame(ctx, community, []inbox.InteractionID{one(t, h, item("4", "eva", "Anche il mio piatto è rotto", h.Clock.Now())).ID}))
		if len(same.Voices) != 1 || same.People != 1 || !same.Since.Equal(at) || same.Voices[0].Text != old.Text || same.Voices[0].From.Name != "ada" {
			t.Errorf("%+v", same)
		}
		must[growth.Criticism](t)(h.Growth.Decide(ctx, community, growth.DecideIn{Interaction: old.ID, Criticism: true}))
		ls := leaves(t, h)
		if kinds(ls) != "heard heard answered" || !ls[1].Said.Equal(record.Hour(at)) || ls[2].Minutes != 90 {
			t.Errorf("%s %+v", kinds(ls), ls)
		}
		must[growth.Case](t)(h.Growth.Open(ctx, community, growth.OpenIn{Title: "Tazze mancanti", Interactions: []inbox.InteractionID{doubt.ID}}))
		if ls := leaves(t, h); kinds(ls) != "heard heard answered heard accepted" || !ls[3].Said.Equal(record.Hour(at)) {
			t.Error(kinds(ls))
		}
	})
}

// Edits and other opinions move what nobody has decided; the machine alone takes nothing back that stands in the record.
func TestEditsMoveWhatIsNotRecorded(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		at := h.Clock.Now().Add(-time.Hour)
		edit := func(id, who, text, version string) inbox.Interaction {
			t.Helper()
			it := item(id, who, text, at)
			it.Version = version
			return one(t, h, it)
		}
		i := edit("1", "ada", "Che belle tazze", "1")
		if edit("1", "ada", "forse manca una tazza", "2"); criticism(t, h, i).State != growth.ToDecide {
			t.Error("a doubt after an edit does not wait")
		}
		if edit("1", "ada", "Che belle tazze davvero", "3"); criticism(t, h, i).ID != "" {
			t.Error("a doubt that is gone still waits")
		}
		edit("1", "ada", "forse manca una tazza", "4")
		edit("1", "ada", "Il piatto è rotto", "5")
		if c := criticism(t, h, i); c.State != growth.Counted || c.Leaf != 0 {
			t.Errorf("%+v", c)
		}
		edit("1", "ada", "Che belle tazze, tutto bene", "6")
		if c := criticism(t, h, i); c.State != growth.Counted || c.Leaf != 0 {
			t.Errorf("the machine took back what stands in the record: %+v", c)
		}
		if ls := leaves(t, h); kinds(ls) != "heard" {
			t.Error(kinds(ls))
		}
		// What stands nowhere moves both ways.
		dm := item("2", "ugo", "È rotto", at)
		dm.Kind, dm.Visibility, dm.ThreadKey = network.KindMessage, network.Direct, "dm"
		p := one(t, h, dm)
		dm.Text, dm.Version = "forse no", "2"
		if take(t, h, dm); criticism(t, h, p).State != growth.ToDecide {
			t.Error("what stands in no record does not come to be doubted")
		}
		dm.Text, dm.Version = "È rotto davvero", "3"
		take(t, h, dm)
		dm.Text, dm.Version = "Tutto bene", "4"
		if take(t, h, dm); criticism(t, h, p).ID != "" {
			t.Error("what stands in no record does not go")
		}
	})
}

// A doubt that nobody decides in time is said to be undecided; once decided it is heard, or dismissed, under the same handle.
func TestLeftUndecided(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, community := t.Context(), h.Actor(team.Community)
		at := h.Clock.Now().Add(-time.Hour)
		first := one(t, h, item("1", "ada", "forse manca una tazza", at))
		second := one(t, h, item("2", "ugo", "forse manca un piatto", at.Add(time.Minute)))
		dm := item("3", "eva", "forse è sbagliato", at)
		dm.Kind, dm.Visibility, dm.ThreadKey = network.KindMessage, network.Direct, "dm"
		private := one(t, h, dm)
		look := func() {
			t.Helper()
			if err := h.Growth.LookOver(ctx); err != nil {
				t.Fatal(err)
			}
		}
		h.Clock.Advance(7*24*time.Hour - time.Second)
		if look(); len(leaves(t, h)) != 0 {
			t.Fatal("too early")
		}
		h.Clock.Advance(time.Second)
		look()
		look() // it is said once
		if ls := leaves(t, h); kinds(ls) != "undecided undecided" {
			t.Fatal(kinds(ls))
		}
		c := criticism(t, h, first)
		if !c.Overdue || c.Leaf != 0 || c.State != growth.ToDecide {
			t.Errorf("%+v", c)
		}
		if c := criticism(t, h, private); c.Overdue {
			t.Errorf("%+v", c)
		}
		waiting := must[[]growth.Voice](t)(h.Growth.Undecided(ctx, h.Actor(team.Guest), 0))
		if len(waiting) != 3 || waiting[0].Text == "" || waiting[0].From.Name == "" {
			t.Errorf("%+v", waiting)
		}
		f := must[growth.Found](t)(h.Growth.Find(ctx, h.Company.ID, first.URL))
		if f.State != growth.ToDecide || f.Index != 0 || !record.Opens(must[record.Leaf](t)(record.Decode(f.Leaf)).Commit, f.Salt, record.OfAddress, f.Address) {
			t.Errorf("%+v", f)
		}
		must[growth.Criticism](t)(h.Growth.Decide(ctx, community, growth.DecideIn{Interaction: first.ID, Criticism: true, Theme: "delivery"}))
		no := must[growth.Criticism](t)(h.Growth.Decide(ctx, community, growth.DecideIn{Interaction: second.ID, Reason: record.Question}))
		ls := leaves(t, h)
		if kinds(ls) != "undecided undecided heard dismissed" || ls[2].Subject != c.Handle || ls[3].Subject != no.Handle || ls[3].Reason != record.Question {
			t.Errorf("%s", kinds(ls))
		}
		if c := criticism(t, h, first); c.State != growth.Counted || c.Theme != "delivery" || c.Leaf != 2 || c.DecidedBy != community.Member {
			t.Errorf("%+v", c)
		}
		if waiting := must[[]growth.Voice](t)(h.Growth.Undecided(ctx, community, 0)); len(waiting) != 1 {
			t.Errorf("%+v", waiting)
		}
	})
}

// A member's word moves what the machine said, with a reason, and back again; the record keeps each step and its first handle.
func TestDecide(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, community := t.Context(), h.Actor(team.Community)
		i := one(t, h, item("1", "ada", "Il piatto è rotto", h.Clock.Now().Add(-time.Hour)))
		decide := func(yes bool, why record.Reason) growth.Criticism {
			t.Helper()
			return must[growth.Criticism](t)(h.Growth.Decide(ctx, community, growth.DecideIn{Interaction: i.ID, Criticism: yes, Reason: why}))
		}
		no := decide(false, record.NotAboutUs)
		if no.State != growth.Dismissed || no.Reason != record.NotAboutUs || no.DecidedBy != community.Member {
			t.Errorf("%+v", no)
		}
		decide(false, record.NotAboutUs) // said twice
		h.Clock.Advance(time.Hour)
		take(t, h, ours("2", "1", "Ci dispiace", h.Clock.Now()))
		yes := decide(true, "")
		if yes.State != growth.Counted || yes.Handle != no.Handle || yes.AnsweredAt.IsZero() {
			t.Errorf("%+v", yes)
		}
		decide(false, record.Praise)
		decide(true, "")
		ls := leaves(t, h)
		if kinds(ls) != "heard dismissed heard answered dismissed heard" || ls[1].Reason != record.NotAboutUs || ls[4].Reason != record.Praise {
			t.Errorf("%s", kinds(ls))
		}
		for in, want := range map[growth.DecideIn]string{
			{Interaction: i.ID}:                                                       "growth.criticism.reason",
			{Interaction: i.ID, Reason: "because"}:                                    "growth.criticism.reason",
			{Interaction: i.ID, Criticism: true, Theme: "weather"}:                    "growth.criticism.theme",
			{Interaction: "int_nothing", Criticism: true}:                             "growth.criticism.missing",
			{Interaction: arrivedOurs(t, h, i.Conversation), Reason: record.Question}: "growth.criticism.ours",
		} {
			if _, err := h.Growth.Decide(ctx, community, in); key(err) != want {
				t.Errorf("%+v: %v", in, err)
			}
		}
		must[growth.Case](t)(h.Growth.Open(ctx, community, growth.OpenIn{Title: "Rotti", Interactions: []inbox.InteractionID{i.ID}}))
		if _, err := h.Growth.Decide(ctx, community, growth.DecideIn{Interaction: i.ID, Reason: record.Spam}); key(err) != "growth.criticism.incase" {
			t.Error(err)
		}
	})
}

func arrivedOurs(t testing.TB, h *housetest.House, c inbox.ConversationID) inbox.InteractionID {
	t.Helper()
	for _, i := range must[inbox.Thread](t)(h.Inbox.Open(t.Context(), h.Actor(team.Owner), c)).Interactions {
		if i.Mine {
			return i.ID
		}
	}
	t.Fatal("nothing of ours")
	return ""
}

// What was said in public is answered in public, once, by whatever way the answer took.
func TestAnswered(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, community := t.Context(), h.Actor(team.Community)
		i := say(t, h, "ada@one.example", "Il piatto è arrivato rotto")
		h.Clock.Advance(45 * time.Minute)
		r := must[inbox.Reply](t)(h.Inbox.Reply(ctx, community, inbox.ReplyIn{Conversation: i.Conversation, Text: "Te ne mandiamo uno nuovo"}))
		if !criticism(t, h, i).AnsweredAt.IsZero() {
			t.Error("answered before the answer stands there")
		}
		h.Deliver(r.Delivery, time.Hour)
		h.Read() // it comes back from the network as well
		c := criticism(t, h, i)
		if d := c.AnsweredAt.Sub(c.SaidAt); d < 44*time.Minute || d > 46*time.Minute {
			t.Errorf("%+v", c)
		}
		at := h.Clock.Now()
		take(t, h, item("7", "ugo", "Il mio arriva in ritardo", at))
		h.Clock.Advance(time.Hour)
		private := ours("8", "7", "Scrivici qui", h.Clock.Now())
		private.Visibility = network.Direct
		take(t, h, private)
		ugo := arrived(t, h, "Il mio arriva in ritardo")
		if c := criticism(t, h, ugo); !c.AnsweredAt.IsZero() {
			t.Errorf("a private answer to what everybody read: %+v", c)
		}
		take(t, h, ours("9", "7", "Arriva domani", at.Add(2*time.Hour)))
		if c := criticism(t, h, ugo); !c.AnsweredAt.Equal(at.Add(2 * time.Hour)) {
			t.Errorf("%+v", c)
		}
		h.Clock.Advance(6 * time.Hour)
		// What comes in together with its answer, and an answer of ours that came before what it answers.
		take(t, h, item("10", "eva", "Tazza rotta: rotto il manico", at.Add(3*time.Hour)), ours("11", "10", "Ci spiace", at.Add(4*time.Hour)))
		take(t, h, ours("13", "12", "Eccoci", at.Add(5*time.Hour)))
		take(t, h, item("12", "ida", "È rotto il vaso", at.Add(3*time.Hour)))
		ls := leaves(t, h)
		if kinds(ls) != "heard answered heard answered heard answered heard answered" {
			t.Fatal(kinds(ls))
		}
		for n, minutes := range map[int]int{1: 45, 3: 120, 5: 60, 7: 120} {
			if got := ls[n].Minutes; got != minutes || ls[n].Subject != ls[n-1].Subject {
				t.Errorf("leaf %d: %d minutes", n, got)
			}
		}
	})
}

// What was taken back is forgotten, unless the record or a case has it.
func TestTakenBack(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		at := h.Clock.Now().Add(-time.Hour)
		sure := one(t, h, item("1", "ada", "Il piatto è rotto", at))
		doubt := one(t, h, item("2", "ugo", "forse manca una tazza", at))
		for _, id := range []string{"1", "2"} {
			take(t, h, network.Item{RemoteID: id, Deleted: true, At: at, Version: "gone"})
		}
		if c := criticism(t, h, doubt); c.ID != "" {
			t.Errorf("%+v", c)
		}
		if c := criticism(t, h, sure); c.State != growth.Counted || c.Leaf != 0 {
			t.Errorf("%+v", c)
		}
		back := item("2", "ugo", "forse manca una tazza", at)
		back.Version = "3"
		if take(t, h, back); criticism(t, h, doubt).State != growth.ToDecide {
			t.Error("what came back is not heard")
		}
	})
}

// When two branches turn out to be one conversation, what is known goes along.
func TestJoinedConversations(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		at := h.Clock.Now().Add(-3 * time.Hour)
		late := item("2", "ugo", "Il piatto è rotto", at.Add(time.Minute))
		late.Kind, late.ParentID = network.KindReply, "1"
		other := item("3", "eva", "E in ritardo", at.Add(2*time.Minute))
		other.Kind, other.ParentID = network.KindReply, "1"
		a, b := one(t, h, late), one(t, h, other)
		if a.Conversation == b.Conversation {
			t.Fatal("they are one already")
		}
		first := one(t, h, item("1", "ada", "Che ne dite?", at))
		all := must[map[inbox.InteractionID]growth.Criticism](t)(h.Growth.OfConversation(t.Context(), h.Actor(team.Guest), first.Conversation))
		if len(all) != 2 || all[a.ID].Conversation != first.Conversation || all[b.ID].Conversation != first.Conversation {
			t.Errorf("%+v", all)
		}
		take(t, h, ours("4", "1", "Eccoci", at.Add(time.Hour)))
		if ls := leaves(t, h); kinds(ls) != "heard heard answered answered" {
			t.Error(kinds(ls))
		}
	})
}

// Addresses are found however they are pasted; what is not recorded is not found.
func TestFind(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, c := t.Context(), h.Company.ID
		if _, err := h.Growth.Checkpoint(ctx, c); key(err) != "growth.record.none" {
			t.Error(err)
		}
		if _, err := h.Growth.Find(ctx, c, "https://one.example/@ada/1"); key(err) != "growth.record.unknown" {
			t.Error(err)
		}
		at := h.Clock.Now().Add(-time.Hour)
		for n, who := range []string{"ada", "ugo", "eva"} {
			one(t, h, item(string(rune('1'+n)), who, who+": è rotto", at))
		}
		plain := one(t, h, item("9", "leo", "Che bello", at))
		f := must[growth.Found](t)(h.Growth.Find(ctx, c, " HTTPS://One.Example:443/@ugo/2?utm_source=x#frag "))
		leaf := must[record.Leaf](t)(record.Decode(f.Leaf))
		if f.Index != 1 || f.State != growth.Counted || leaf.Subject != f.Handle || !f.RecordedAt.Equal(leaf.At) {
			t.Errorf("%+v", f)
		}
		head := must[merkle.Head](t)(merkle.Open(f.Checkpoint, must[string](t)(h.Growth.VerifierKey(ctx, c))))
		if err := merkle.CheckInclusion(head, f.Index, f.Leaf, f.Proof); err != nil || head.Size != f.Size || head.Root != f.Root {
			t.Error(err)
		}
		if !record.Opens(leaf.Commit, f.Salt, record.OfAddress, f.Address) {
			t.Error("the commitment does not open")
		}
		for address, want := range map[string]string{
			plain.URL: "growth.record.unknown", "": "growth.record.address", "javascript:alert(1)": "growth.record.address",
		} {
			if _, err := h.Growth.Find(ctx, c, address); key(err) != want {
				t.Errorf("%s: %v", address, err)
			}
		}
		other := h.Other(t)
		if _, err := h.Growth.Find(ctx, other.Company.ID, "https://one.example/@ugo/2"); fault.KindOf(err) != fault.NotFound {
			t.Error(err)
		}
	})
}
