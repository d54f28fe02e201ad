package growth

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/record"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/triage"
	"github.com/ponte-desk/ponte/internal/verdict"
)

// listen takes the room's places in the inbox.
func (g *Growth) listen() {
	g.rooms.Inbox.Listen(inbox.Listeners{Heard: g.heard, Answered: g.answered, Replied: g.replied, Taken: g.taken, Joined: g.joined})
}

// criticisable tells whether something is words of theirs, which can be criticism at all.
func criticisable(i inbox.Interaction) bool {
	return !i.Mine && i.Kind.Speaks() && i.Conversation != "" && i.Identity != ""
}

// begin makes what is kept about an interaction that nothing was kept about. It is neither in the record nor in the database yet.
func (g *Growth) begin(c team.CompanyID, i inbox.Interaction, themes []triage.Theme, state CriticismState) *criticismRow {
	now := g.rooms.Clock.Now()
	r := &criticismRow{
		ID: CriticismID(criticismKind.New(now)), CompanyID: c, InteractionID: i.ID, ConversationID: i.Conversation, IdentityID: i.Identity,
		ChannelID: i.Channel, Handle: record.NewHandle(), Leaf: -1, State: state,
		Salt: hex.EncodeToString(record.NewSalt()), Signature: signature(i.Text), SaidAt: earlier(i.At, now), HeardAt: now, UndecidedLeaf: -1,
	}
	r.stands(i)
	r.about(themes)
	return r
}

// stands takes over where an interaction stands, and who can read it there. Only what everybody can read and find stands in the record.
func (r *criticismRow) stands(i inbox.Interaction) {
	address, err := record.NormalAddress(i.URL)
	if err != nil { // none, or none that a person could paste
		address = ""
	}
	r.Address = address
	r.Public = address != "" && (i.Visibility == network.Public || i.Visibility == network.Unlisted)
}

func (r *criticismRow) about(themes []triage.Theme) {
	if len(themes) > 0 {
		r.Theme = themes[0]
	}
}

// free tells whether nothing holds a criticism: neither the record nor a case nor the word of a member.
func (r *criticismRow) free() bool {
	return r.place() < 0 && r.CaseID == "" && r.DecidedAt.IsZero()
}

// place is where the record first tells of a criticism as it is now: as heard, else as left undecided; -1 nowhere.
func (r criticismRow) place() int64 {
	if r.Leaf >= 0 {
		return r.Leaf
	}
	return r.UndecidedLeaf
}

// heard hears from the inbox what was judged. What triage is sure of is counted, and stands in the record at once where
// everybody could read it; what it doubts waits for a member. The machine alone never takes back what stands in the record.
func (g *Growth) heard(ctx context.Context, tx *store.Tx, by team.Actor, ch network.Channel, hs []inbox.Heard) error {
	ours, _ := ctx.Value(deciding{}).(verdicts)
	hs = slices.DeleteFunc(slices.Clone(hs), func(h inbox.Heard) bool {
		if _, ok := ours[h.Interaction.ID]; ok {
			ours[h.Interaction.ID] = h.Verdict
			return true
		}
		return !criticisable(h.Interaction) || !h.Again && h.Verdict.Criticism == triage.No
	})
	if len(hs) == 0 {
		return nil
	}
	w, err := g.hearing(ctx, tx, ch.Company)
	if err == nil {
		err = w.run(ctx, by, hs)
	}
	if err != nil {
		return fmt.Errorf("growth.heard: %w", err)
	}
	return nil
}

// deciding carries, in a context, what this room is deciding about itself: its own word that triage is taught is not taken in as
// if it came from elsewhere. What the inbox says of it then is noted.
type deciding struct{}

type verdicts map[inbox.InteractionID]verdict.Verdict

// hearing is a batch of what was judged, at work.
type hearing struct {
	g        *Growth
	tx       *store.Tx
	company  team.CompanyID
	now      time.Time
	decideBy time.Time

	fresh, changed []*criticismRow
	gone           []CriticismID
	enter          []*criticismRow // to stand in the record as heard
	anew           []*criticismRow // that stand there as dismissed, to be heard again
	leave          []*criticismRow // to be said dismissed there
	edited         []*criticismRow // that say something else now, and are in a case
}

// hearing begins a batch: nobody else changes anything meanwhile.
func (g *Growth) hearing(ctx context.Context, tx *store.Tx, c team.CompanyID) (*hearing, error) {
	if err := g.alone(ctx, tx, c); err != nil {
		return nil, err
	}
	s, err := g.settingsOf(ctx, c)
	if err != nil {
		return nil, err
	}
	now := g.rooms.Clock.Now()
	return &hearing{g: g, tx: tx, company: c, now: now, decideBy: now.AddDate(0, 0, cmp.Or(s.DecideIn, 7))}, nil
}

func (w *hearing) run(ctx context.Context, by team.Actor, hs []inbox.Heard) error {
	ids := make([]inbox.InteractionID, len(hs))
	for i, h := range hs {
		ids[i] = h.Interaction.ID
	}
	known, err := w.g.criticismsOf(ctx, w.company, ids)
	if err != nil {
		return err
	}
	for _, h := range hs {
		said := h.Again && by.Via != team.ViaSystem && h.Verdict.Said != nil && h.Verdict.Said.Criticism != nil
		switch r := known[h.Interaction.ID]; {
		case r == nil:
			w.first(h, by, said)
		case said:
			if err := w.corrected(r, h, by); err != nil {
				return err
			}
		default:
			w.again(r, h)
		}
	}
	return w.write(ctx)
}

// first takes in what nothing was kept about.
func (w *hearing) first(h inbox.Heard, by team.Actor, said bool) {
	switch {
	case h.Verdict.Criticism == triage.Yes:
		r := w.g.begin(w.company, h.Interaction, h.Verdict.Themes, Counted)
		w.fresh = append(w.fresh, r)
		if said {
			r.DecidedBy, r.DecidedAt = by.Member, w.now
		}
		if !h.Past || said { // what was old when the channel was connected is kept to be found; a member brings it into the record
			w.enter = append(w.enter, r)
		}
	case h.Verdict.Criticism == triage.Check && !h.Past:
		r := w.g.begin(w.company, h.Interaction, h.Verdict.Themes, ToDecide)
		r.DecideBy = w.decideBy
		w.fresh = append(w.fresh, r)
	}
}

// corrected takes over a member's word on what something is.
func (w *hearing) corrected(r *criticismRow, h inbox.Heard, by team.Actor) error {
	w.reread(r, h)
	if h.Verdict.Criticism == triage.Yes {
		w.count(r, by)
		return nil
	}
	return w.dismiss(r, by, record.Mistake)
}

// count counts a criticism by a member's word, and has it stand in the record where everybody could read it.
func (w *hearing) count(r *criticismRow, by team.Actor) {
	again := r.State == Dismissed && r.Leaf >= 0
	r.State, r.DecidedBy, r.DecidedAt, r.Reason, r.DecideBy = Counted, by.Member, w.now, "", time.Time{}
	w.hear(r, again)
}

// hear has a criticism stand in the record as heard: for the first time, or again after it was dismissed there.
func (w *hearing) hear(r *criticismRow, again bool) {
	if again {
		w.anew = append(w.anew, r)
		return
	}
	w.enter = append(w.enter, r)
}

// dismiss takes a member's word that something is no criticism.
func (w *hearing) dismiss(r *criticismRow, by team.Actor, why record.Reason) error {
	if r.CaseID != "" {
		return inCase()
	}
	if r.State != Dismissed && r.place() >= 0 {
		w.leave = append(w.leave, r)
	}
	r.State, r.DecidedBy, r.DecidedAt, r.Reason, r.DecideBy = Dismissed, by.Member, w.now, why, time.Time{}
	return nil
}

// again takes in what the machine says of something that was there before: another text, or another opinion of the same.
func (w *hearing) again(r *criticismRow, h inbox.Heard) {
	other := w.reread(r, h)
	switch said := h.Verdict.Criticism; {
	case r.State == ToDecide && said == triage.Yes:
		r.State, r.DecideBy = Counted, time.Time{}
		w.enter = append(w.enter, r)
	case r.State == ToDecide && said == triage.No && r.free():
		w.gone = append(w.gone, r.ID)
	case r.State == Counted && r.free() && said == triage.No:
		w.gone = append(w.gone, r.ID)
	case r.State == Counted && r.free() && said == triage.Check && !h.Past:
		r.State, r.DecideBy = ToDecide, w.decideBy
	case r.State == Counted && r.free() && said == triage.Check:
		w.gone = append(w.gone, r.ID)
	case r.State == Dismissed && other && said == triage.Yes && !h.Past:
		// A member dismissed other words than these.
		r.State, r.Reason, r.DecidedBy, r.DecidedAt = Counted, "", "", time.Time{}
		w.hear(r, r.Leaf >= 0)
	}
}

// reread takes over what an interaction says now, and tells whether it is other words than before.
func (w *hearing) reread(r *criticismRow, h inbox.Heard) bool {
	w.changed = append(w.changed, r)
	sig := signature(h.Interaction.Text)
	other := !slices.Equal(sig, r.Signature)
	r.Signature, r.ConversationID = sig, h.Interaction.Conversation
	if other && r.CaseID != "" {
		w.edited = append(w.edited, r)
	}
	r.about(h.Verdict.Themes)
	if r.Quote != "" && !quotes(h.Interaction.Text, r.Quote) {
		r.Quote = ""
	}
	if r.place() < 0 { // what stands in the record stays as it was found
		r.stands(h.Interaction)
	}
	return other
}

// write stores what a batch came to.
func (w *hearing) write(ctx context.Context) error {
	if err := w.g.enter(ctx, w.tx, w.company, w.enter, w.anew); err != nil {
		return err
	}
	var leaves []record.Leaf
	for _, r := range w.leave {
		leaves = append(leaves, record.Leaf{Kind: record.Dismissed, Subject: r.Handle, Reason: r.Reason})
	}
	if _, err := w.g.ink(ctx, w.tx, w.company, leaves...); err != nil {
		return err
	}
	gone := map[CriticismID]bool{}
	for _, id := range w.gone {
		gone[id] = true
	}
	changed := slices.DeleteFunc(w.changed, func(r *criticismRow) bool { return gone[r.ID] })
	if err := w.g.deleteCriticisms(ctx, w.tx, w.company, w.gone); err != nil {
		return err
	}
	if err := w.g.updateCriticisms(ctx, w.tx, changed); err != nil {
		return err
	}
	if err := w.g.insertCriticisms(ctx, w.tx, w.fresh); err != nil {
		return err
	}
	for _, r := range w.edited {
		if err := w.g.requote(ctx, w.tx, w.company, r.CaseID, r.ID); err != nil {
			return err
		}
	}
	if len(w.fresh)+len(changed)+len(w.gone) == 0 {
		return nil
	}
	return w.g.touched(ctx, w.tx, w.company)
}

// enter has criticisms stand in the record as heard, and as answered when they were; who wrote first comes first. Those that not
// everybody could read and those that stand there already are passed over; anew are those that were dismissed there. The rows are
// changed, not stored.
func (g *Growth) enter(ctx context.Context, tx *store.Tx, c team.CompanyID, rows, anew []*criticismRow) error {
	rows = slices.DeleteFunc(slices.Clone(rows), func(r *criticismRow) bool { return !r.Public || r.Leaf >= 0 })
	rows = append(rows, anew...)
	if len(rows) == 0 {
		return nil
	}
	slices.SortStableFunc(rows, func(a, b *criticismRow) int { return cmp.Or(a.SaidAt.Compare(b.SaidAt), cmp.Compare(a.ID, b.ID)) })
	var silent []inbox.InteractionID
	for _, r := range rows {
		if r.AnsweredAt.IsZero() {
			silent = append(silent, r.InteractionID)
		}
	}
	answers, err := g.rooms.Inbox.AnsweredInPublic(ctx, c, silent)
	if err != nil {
		return err
	}
	var leaves []record.Leaf
	at := make([]int, len(rows)) // of each, the leaf that says that it was heard
	for i, r := range rows {
		at[i] = len(leaves)
		l, err := r.said(record.Heard)
		if err != nil {
			return err
		}
		leaves = append(leaves, l)
		told := r.Leaf >= 0 && !r.AnsweredAt.IsZero() // the record knew the answer before it was dismissed
		if r.AnsweredAt.IsZero() {
			r.AnsweredAt = answers[r.InteractionID]
		}
		if !told && !r.AnsweredAt.IsZero() {
			leaves = append(leaves, r.answeredLeaf())
		}
	}
	places, err := g.ink(ctx, tx, c, leaves...)
	if err != nil {
		return err
	}
	for i, r := range rows {
		r.Leaf = places[at[i]]
	}
	return nil
}

// said is a leaf that says when a criticism was written, and commits to where.
func (r *criticismRow) said(k record.Kind) (record.Leaf, error) {
	salt, err := hex.DecodeString(r.Salt)
	if err != nil {
		return record.Leaf{}, err
	}
	return record.Leaf{Kind: k, Subject: r.Handle, Said: r.SaidAt, Commit: record.Commit(salt, record.OfAddress, r.Address)}, nil
}

func (r *criticismRow) answeredLeaf() record.Leaf {
	return record.Leaf{Kind: record.Answered, Subject: r.Handle, Minutes: int(r.AnsweredAt.Sub(r.SaidAt) / time.Minute)}
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// answered hears from the inbox that something of ours stands in a conversation. What was said in public is answered in public.
func (g *Growth) answered(ctx context.Context, tx *store.Tx, as []inbox.Answered) error {
	byCompany := map[team.CompanyID][]inbox.Answered{}
	for _, a := range as {
		byCompany[a.Company] = append(byCompany[a.Company], a)
	}
	for _, c := range slices.Sorted(keys(byCompany)) {
		if err := g.answeredIn(ctx, tx, c, byCompany[c]); err != nil {
			return fmt.Errorf("growth.answered: %w", err)
		}
	}
	return nil
}

func (g *Growth) answeredIn(ctx context.Context, tx *store.Tx, c team.CompanyID, as []inbox.Answered) error {
	slices.SortStableFunc(as, func(a, b inbox.Answered) int { return a.At.Compare(b.At) })
	in := map[inbox.ConversationID][]inbox.Answered{}
	for _, a := range as {
		in[a.Conversation] = append(in[a.Conversation], a)
	}
	ids := slices.Sorted(keys(in))
	if waiting, err := g.unanswered(ctx, c, ids); err != nil || len(waiting) == 0 {
		return err
	}
	if err := g.alone(ctx, tx, c); err != nil {
		return err
	}
	waiting, err := g.unanswered(ctx, c, ids) // again: nobody else changes them now
	if err != nil {
		return err
	}
	var leaves []record.Leaf
	var rows []*criticismRow
	for i := range waiting {
		r := &waiting[i]
		for _, a := range in[r.ConversationID] {
			if a.At.Before(r.SaidAt) || r.Public && a.Private {
				continue
			}
			r.AnsweredAt = a.At
			rows = append(rows, r)
			if r.Leaf >= 0 {
				leaves = append(leaves, r.answeredLeaf())
			}
			break
		}
	}
	if len(rows) == 0 {
		return nil
	}
	if _, err := g.ink(ctx, tx, c, leaves...); err != nil {
		return err
	}
	if err := g.updateCriticisms(ctx, tx, rows); err != nil {
		return err
	}
	return g.touched(ctx, tx, c)
}

// taken hears what was taken back where it stood. What stands in the record or in a case stays; of the rest nothing is kept. Nothing more
// is made of the words: they leave the drafts that quote them, and nobody is written to about them.
func (g *Growth) taken(ctx context.Context, tx *store.Tx, c team.CompanyID, ids []inbox.InteractionID) error {
	if known, err := g.criticismsOf(ctx, c, ids); err != nil || len(known) == 0 {
		return err
	}
	if err := g.alone(ctx, tx, c); err != nil {
		return err
	}
	known, err := g.criticismsOf(ctx, c, ids)
	if err != nil {
		return err
	}
	var gone []CriticismID
	var cased []*criticismRow
	for _, r := range known {
		switch {
		case r.CaseID != "":
			cased = append(cased, r)
		case r.place() < 0:
			gone = append(gone, r.ID)
		}
	}
	if len(gone)+len(cased) == 0 {
		return nil
	}
	slices.Sort(gone)
	if err := g.deleteCriticisms(ctx, tx, c, gone); err != nil {
		return fmt.Errorf("growth.taken: %w", err)
	}
	if err := g.unsay(ctx, tx, c, cased); err != nil {
		return fmt.Errorf("growth.taken: %w", err)
	}
	return g.touched(ctx, tx, c)
}

// unsay takes words that were taken back out of what is being prepared in their cases. What is published stays: it was public before.
func (g *Growth) unsay(ctx context.Context, tx *store.Tx, c team.CompanyID, rows []*criticismRow) error {
	slices.SortFunc(rows, func(a, b *criticismRow) int { return cmp.Compare(a.ID, b.ID) })
	for _, r := range rows {
		if err := g.dropDraftLetter(ctx, tx, c, r.ID); err != nil {
			return err
		}
		if r.Quote != "" || r.Named {
			r.Quote, r.Named = "", false
			if err := g.updateCriticisms(ctx, tx, []*criticismRow{r}); err != nil {
				return err
			}
		}
		if err := g.requote(ctx, tx, c, r.CaseID, r.ID); err != nil {
			return err
		}
	}
	return nil
}

// joined hears that two conversations turned out to be one.
func (g *Growth) joined(ctx context.Context, tx *store.Tx, c team.CompanyID, kept, gone inbox.ConversationID) error {
	if err := g.alone(ctx, tx, c); err != nil {
		return err
	}
	if err := g.moveConversation(ctx, tx, c, kept, gone); err != nil {
		return fmt.Errorf("growth.joined: %w", err)
	}
	return nil
}

// overdueAtOnce bounds what one transaction says about what was left undecided.
const overdueAtOnce = 500

// LookOver says in the record, for every company, what was left undecided in public past its time.
func (g *Growth) LookOver(ctx context.Context) error {
	now := g.rooms.Clock.Now()
	companies, err := g.overdue(ctx, now)
	if err == nil {
		companies, err = g.rooms.Team.Working(ctx, companies)
	}
	if err != nil {
		return fmt.Errorf("growth.LookOver: %w", err)
	}
	for _, c := range companies {
		if err := g.inBatches(ctx, func(ctx context.Context, tx *store.Tx) (bool, error) { return g.lookOver(ctx, tx, c, now) }); err != nil {
			return fmt.Errorf("growth.LookOver: %w", err)
		}
	}
	return nil
}

// inBatches runs a step, each time in a transaction of its own, as long as there is more to do.
func (g *Growth) inBatches(ctx context.Context, step func(ctx context.Context, tx *store.Tx) (more bool, err error)) error {
	for more := true; more; {
		err := g.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
			more, err = step(ctx, tx)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (g *Growth) lookOver(ctx context.Context, tx *store.Tx, c team.CompanyID, now time.Time) (more bool, err error) {
	if err := g.alone(ctx, tx, c); err != nil {
		return false, err
	}
	found, err := g.overdueOf(ctx, c, now, overdueAtOnce)
	if err != nil || len(found) == 0 {
		return false, err
	}
	rows := make([]*criticismRow, len(found))
	leaves := make([]record.Leaf, len(found))
	for i := range found {
		rows[i] = &found[i]
		if leaves[i], err = rows[i].said(record.Undecided); err != nil {
			return false, err
		}
	}
	places, err := g.ink(ctx, tx, c, leaves...)
	if err != nil {
		return false, err
	}
	for i, r := range rows {
		r.Overdue, r.UndecidedLeaf = true, places[i]
	}
	if err := g.updateCriticisms(ctx, tx, rows); err != nil {
		return false, err
	}
	return len(rows) == overdueAtOnce, g.touched(ctx, tx, c)
}
