package growth_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/merkle"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/record"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/verdict"
)

// Whatever members do and whatever comes in, in whatever order: the rules of the record hold, figures, leaves and rows agree, and every
// criticism that is recorded is found with a proof.
func TestAnySequence(t *testing.T) {
	t.Parallel()
	for seed := range uint64(10) {
		t.Run(fmt.Sprintf("sqlite/%d", seed), func(t *testing.T) {
			t.Parallel()
			sequence(t, storetest.SQLite(t), seed, 200)
		})
	}
	for seed := range uint64(3) {
		t.Run(fmt.Sprintf("postgres/%d", seed), func(t *testing.T) {
			t.Parallel()
			sequence(t, storetest.Postgres(t), 100+seed, 120)
		})
	}
}

// walk is a house in which anything happens.
type walk struct {
	t     *testing.T
	h     *housetest.House
	r     *rand.Rand
	items []network.Item
	cases []growth.CaseID
	n     int
}

func sequence(t *testing.T, s *store.Store, seed uint64, steps int) {
	w := &walk{t: t, h: house(t, s), r: rand.New(rand.NewPCG(seed, 7))}
	deeds := []func() error{
		w.comes, w.comes, w.comes, w.edited, w.takenBack, w.answered, w.decided, w.decided, w.corrected, w.opened, w.opened, w.joined, w.parted,
		w.movedOn, w.movedOn, w.declined, w.reopened, w.published, w.waited, w.waited, w.erased,
	}
	for step := range steps {
		n := w.r.IntN(len(deeds))
		switch err := deeds[n](); fault.KindOf(err) {
		case "", fault.Conflict, fault.Invalid, fault.NotFound:
		default:
			t.Fatalf("step %d, deed %d: %v", step, n, err)
		}
		if step%40 == 39 {
			leaves(t, w.h)
			agree(t, w.h)
		}
	}
	w.proofs()
}

func (w *walk) say() string {
	return []string{"rotto", "in ritardo", "forse", "tutto bene", "grazie"}[w.r.IntN(5)]
}

func (w *walk) ingest(items ...network.Item) error {
	_, err := w.h.Networks.Ingest(w.t.Context(), w.h.Channel, network.Page{Items: items, Cursor: "x"})
	return err
}

func (w *walk) comes() error {
	w.n++
	back := time.Duration(w.r.IntN(300)) * time.Minute
	if w.r.IntN(6) == 0 {
		back = 30 * 24 * time.Hour // it was old when the channel was connected
	}
	it := item(fmt.Sprintf("i%d", w.n), fmt.Sprintf("p%d", w.r.IntN(6)), fmt.Sprintf("%d %s", w.n, w.say()), w.h.Clock.Now().Add(-back))
	if w.r.IntN(5) == 0 {
		it.Kind, it.Visibility, it.ThreadKey = network.KindMessage, network.Direct, it.Author.RemoteID
	}
	w.items = append(w.items, it)
	if w.r.IntN(3) == 0 {
		return w.ingest(it, ours(fmt.Sprintf("o%d", w.n), it.RemoteID, "Eccoci", it.At.Add(time.Duration(w.r.IntN(200))*time.Minute)))
	}
	return w.ingest(it)
}

func (w *walk) some() *network.Item {
	if len(w.items) == 0 {
		return &network.Item{}
	}
	return &w.items[w.r.IntN(len(w.items))]
}

func (w *walk) edited() error {
	w.n++
	it := w.some()
	if it.RemoteID == "" {
		return nil
	}
	it.Text, it.Version = fmt.Sprintf("%d %s", w.n, w.say()), fmt.Sprint(w.n)
	return w.ingest(*it)
}

func (w *walk) takenBack() error {
	w.n++
	if it := w.some(); it.RemoteID != "" && w.r.IntN(2) == 0 {
		return w.ingest(network.Item{RemoteID: it.RemoteID, Deleted: true, At: it.At, Version: fmt.Sprint(w.n)})
	}
	return nil
}

func (w *walk) answered() error {
	w.n++
	it := w.some()
	if it.RemoteID == "" {
		return nil
	}
	o := ours(fmt.Sprintf("o%d", w.n), it.RemoteID, "Eccoci", w.h.Clock.Now())
	o.Visibility, o.ThreadKey = it.Visibility, it.ThreadKey
	if w.r.IntN(4) == 0 {
		o.Visibility = network.Direct
	}
	return w.ingest(o)
}

// said is something of theirs that arrived.
func (w *walk) said() inbox.Interaction {
	l := must[inbox.List](w.t)(w.h.Inbox.List(w.t.Context(), w.h.Actor(team.Owner), inbox.Filter{View: inbox.ViewAll, Limit: 100}))
	if len(l.Conversations) == 0 {
		return inbox.Interaction{}
	}
	th := must[inbox.Thread](w.t)(w.h.Inbox.Open(w.t.Context(), w.h.Actor(team.Owner), l.Conversations[w.r.IntN(len(l.Conversations))].ID))
	if len(th.Interactions) == 0 {
		return inbox.Interaction{}
	}
	return th.Interactions[w.r.IntN(len(th.Interactions))]
}

func (w *walk) someone() team.Actor {
	return w.h.Actor([]team.Role{team.Owner, team.Community}[w.r.IntN(2)])
}

func (w *walk) decided() error {
	in := growth.DecideIn{Interaction: w.said().ID, Criticism: w.r.IntN(2) == 0, Reason: record.Reasons[w.r.IntN(len(record.Reasons))]}
	return errOf(w.h.Growth.Decide(w.t.Context(), w.someone(), in))
}

func (w *walk) corrected() error {
	yes := w.r.IntN(2) == 0
	c := verdict.Correction{Criticism: &yes}
	if w.r.IntN(3) == 0 {
		c = verdict.Correction{Tone: "negative"}
	}
	return w.h.Inbox.Correct(w.t.Context(), w.someone(), w.said().ID, c)
}

func (w *walk) opened() error {
	k, err := w.h.Growth.Open(w.t.Context(), w.someone(), growth.OpenIn{Title: "x", Interactions: []inbox.InteractionID{w.said().ID, w.said().ID}})
	if err == nil {
		w.cases = append(w.cases, k.ID)
	}
	return err
}

func (w *walk) some1() growth.CaseID {
	if len(w.cases) == 0 {
		return "cas_01j00000000000000000000000"
	}
	return w.cases[w.r.IntN(len(w.cases))]
}

func (w *walk) joined() error {
	return w.h.Growth.Join(w.t.Context(), w.someone(), w.some1(), []inbox.InteractionID{w.said().ID})
}

func (w *walk) parted() error {
	f, err := w.h.Growth.OpenFile(w.t.Context(), w.someone(), w.some1())
	if err != nil || len(f.Voices) == 0 {
		return err
	}
	return w.h.Growth.Part(w.t.Context(), w.someone(), f.Voices[w.r.IntN(len(f.Voices))].ID)
}

func (w *walk) movedOn() error {
	to := []growth.CaseState{growth.CaseHeard, growth.CaseUnderstood, growth.CaseChanging, growth.CaseChanged, growth.CaseChanged}[w.r.IntN(5)]
	return w.h.Growth.Advance(w.t.Context(), w.someone(), w.some1(), growth.AdvanceIn{To: to, Cause: "c", Plan: "p", Did: growth.Words{IT: "f"}})
}

func (w *walk) declined() error {
	return w.h.Growth.Decline(w.t.Context(), w.someone(), w.some1(), growth.Words{IT: "No."})
}

func (w *walk) reopened() error { return w.h.Growth.Reopen(w.t.Context(), w.someone(), w.some1()) }

func (w *walk) published() error {
	f, err := w.h.Growth.OpenFile(w.t.Context(), w.someone(), w.some1())
	if err != nil || f.Improvement == nil {
		return err
	}
	owner, x := w.h.Actor(team.Owner), growth.Words{IT: "x"}
	if err := w.h.Growth.ChangeImprovement(w.t.Context(), owner, f.Improvement.ID, growth.DraftIn{Title: x, Stone: x, Said: x, Did: x}); err != nil {
		return err
	}
	return w.h.Growth.Publish(w.t.Context(), owner, f.Improvement.ID)
}

func (w *walk) waited() error {
	w.h.Clock.Advance(time.Duration(w.r.IntN(150)) * time.Hour)
	return w.h.Growth.LookOver(w.t.Context())
}

func (w *walk) erased() error {
	if w.r.IntN(4) != 0 {
		return nil
	}
	ps, _, err := w.h.Audience.Find(w.t.Context(), w.h.Actor(team.Owner), "", "", 10)
	if err != nil || len(ps) == 0 {
		return err
	}
	p := ps[w.r.IntN(len(ps))]
	return errOf(w.h.Audience.Erase(w.t.Context(), w.h.Actor(team.Owner), p.ID, audience.EraseIn{Name: p.Name}))
}

// proofs finds everything that is recorded and can be found, and checks the way from each leaf to the signed head.
func (w *walk) proofs() {
	w.t.Helper()
	ctx, c := w.t.Context(), w.h.Company.ID
	ls := leaves(w.t, w.h)
	agree(w.t, w.h)
	if len(ls) < 10 {
		w.t.Fatalf("only %s happened", kinds(ls))
	}
	n := map[record.Kind]int{}
	for _, l := range ls {
		n[l.Kind]++
	}
	w.t.Log(n)
	verifier := must[string](w.t)(w.h.Growth.VerifierKey(ctx, c))
	rows, err := w.h.Store.WriteDB().QueryContext(ctx, "SELECT address, state FROM criticism WHERE (leaf >= 0 OR undecided_leaf >= 0) AND address <> ''")
	if err != nil {
		w.t.Fatal(err)
	}
	var found [][2]string
	for rows.Next() {
		var f [2]string
		if err := rows.Scan(&f[0], &f[1]); err != nil {
			w.t.Fatal(err)
		}
		found = append(found, f)
	}
	if err := rows.Close(); err != nil {
		w.t.Fatal(err)
	}
	for _, at := range found {
		f := must[growth.Found](w.t)(w.h.Growth.Find(ctx, c, at[0]))
		head := must[merkle.Head](w.t)(merkle.Open(f.Checkpoint, verifier))
		leaf := must[record.Leaf](w.t)(record.Decode(f.Leaf))
		if err := merkle.CheckInclusion(head, f.Index, f.Leaf, f.Proof); err != nil || !record.Opens(leaf.Commit, f.Salt, record.OfAddress, f.Address) {
			w.t.Errorf("%s: %v", at[0], err)
		}
		if string(f.State) != at[1] || leaf.Subject != f.Handle || leaf.Subject != ls[f.Index].Subject {
			w.t.Errorf("%s: %+v", at[0], f)
		}
	}
}
