package growth

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/record"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/triage"
	"github.com/ponte-desk/ponte/internal/verdict"
)

// CriticismState is where a criticism stands before it belongs to a case. It is stored in the database.
type CriticismState string

// The states of a criticism.
const (
	ToDecide  CriticismState = "to_decide" // triage is in doubt: a member decides
	Counted   CriticismState = "counted"   // it is one
	Dismissed CriticismState = "dismissed" // it was judged to be none, with a reason
	Erased    CriticismState = "erased"    // nothing of it is left but its handle
)

// Criticism is an interaction in which a person says that something is wrong.
type Criticism struct {
	ID           CriticismID
	Company      team.CompanyID
	Interaction  inbox.InteractionID
	Conversation inbox.ConversationID
	Identity     audience.IdentityID
	Channel      network.ChannelID
	Handle       record.Handle
	Public       bool  // everybody could read it: it stands in the record
	Leaf         int64 // its place in the record; -1: it has none
	State        CriticismState
	Theme        triage.Theme // the first of its themes; "" none
	URL          string       // where it stands; "" unknown
	SaidAt       time.Time
	HeardAt      time.Time
	DecideBy     time.Time // ToDecide: until when a member should decide
	Overdue      bool      // that time has passed and the record says so
	AnsweredAt   time.Time // zero: not answered
	Reason       record.Reason
	DecidedBy    team.MemberID
	DecidedAt    time.Time
	Case         CaseID // "" none
	Named        bool   // quoted with the person's first name and initial; else without a name
	Quote        string // what is quoted of it in public; "" all of it
	ConfirmedAt  time.Time
	Better       bool // what they confirmed
}

// Voice is a criticism with the words and the person behind it, for the team.
type Voice struct {
	Criticism
	Text  string // "" when it was taken back or erased
	Stars int
	From  audience.Identity
}

// DecideIn is a member's word on whether something is criticism.
type DecideIn struct {
	Interaction inbox.InteractionID
	Criticism   bool
	Theme       triage.Theme  // when it is; "" leaves what triage says
	Reason      record.Reason // when it is not
}

// Decide says whether an interaction is criticism. The word teaches triage. What stands in the record as heard gets a leaf
// that says that it was dismissed, with the reason. It needs GrowthManage. What is in a case must be taken out of it first.
func (g *Growth) Decide(ctx context.Context, actor team.Actor, in DecideIn) (Criticism, error) {
	if err := actor.May(team.GrowthManage); err != nil {
		return Criticism{}, err
	}
	var wrong []fault.Field
	if in.Criticism && in.Theme != "" && !knownTheme(in.Theme) {
		wrong = append(wrong, fault.Field{Name: "theme", Key: "growth.criticism.theme"})
	}
	if !in.Criticism && !slices.Contains(record.Reasons, in.Reason) {
		wrong = append(wrong, fault.Field{Name: "reason", Key: "growth.criticism.reason"})
	}
	if err := fault.InvalidFields(wrong...); err != nil {
		return Criticism{}, err
	}
	var c Criticism
	err := g.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		i, err := g.interaction(ctx, actor.Company, in.Interaction)
		if err != nil {
			return err
		}
		r, err := g.decide(ctx, tx, actor, i, in)
		if err != nil {
			return err
		}
		c = r.criticism()
		return g.rooms.Team.Audit(ctx, tx, actor, team.Entry{
			Verb: "growth.decide", ObjectKind: "criticism", ObjectID: string(c.ID), Detail: map[string]string{"state": string(c.State), "reason": string(c.Reason)},
		})
	})
	if err != nil {
		return Criticism{}, fmt.Errorf("growth.Decide: %w", err)
	}
	return c, nil
}

// interaction gives words of theirs. What is not there, or another company's, is NotFound; what is ours is Invalid.
func (g *Growth) interaction(ctx context.Context, c team.CompanyID, id inbox.InteractionID) (inbox.Interaction, error) {
	is, err := g.interactions(ctx, c, []inbox.InteractionID{id})
	if err != nil {
		return inbox.Interaction{}, err
	}
	return is[0], nil
}

func (g *Growth) interactions(ctx context.Context, c team.CompanyID, ids []inbox.InteractionID) ([]inbox.Interaction, error) {
	found, err := g.rooms.Inbox.InteractionsByID(ctx, c, ids)
	if err != nil {
		return nil, err
	}
	out := make([]inbox.Interaction, 0, len(ids))
	for _, id := range ids {
		i, ok := found[id]
		if !ok {
			return nil, noCriticism()
		}
		if !criticisable(i) {
			return nil, fault.New(fault.Invalid, "growth.criticism.ours")
		}
		out = append(out, i)
	}
	return out, nil
}

func (g *Growth) decide(ctx context.Context, tx *store.Tx, actor team.Actor, i inbox.Interaction, in DecideIn) (*criticismRow, error) {
	taught, err := g.teach(ctx, actor, []inbox.Interaction{i}, in.Criticism, in.Theme)
	if err != nil {
		return nil, err
	}
	w, err := g.hearing(ctx, tx, actor.Company)
	if err != nil {
		return nil, err
	}
	known, err := g.criticismsOf(ctx, actor.Company, []inbox.InteractionID{i.ID})
	if err != nil {
		return nil, err
	}
	r := w.hold(i, known[i.ID], taught)
	if in.Criticism {
		w.count(r, actor)
	} else if err := w.dismiss(r, actor, in.Reason); err != nil {
		return nil, err
	}
	return r, w.write(ctx)
}

// hold gives what is kept about an interaction to be changed, or begins it.
func (w *hearing) hold(i inbox.Interaction, r *criticismRow, taught verdicts) *criticismRow {
	if r == nil {
		r = w.g.begin(w.company, i, nil, ToDecide)
		w.fresh = append(w.fresh, r)
	} else {
		w.changed = append(w.changed, r)
	}
	r.about(taught[i.ID].Themes)
	return r
}

// teach tells triage what a member said. The inbox takes its rows for it, all of them together as whatever comes in does, so it comes before this
// room is alone.
func (g *Growth) teach(ctx context.Context, actor team.Actor, is []inbox.Interaction, criticism bool, theme triage.Theme) (verdicts, error) {
	said := verdict.Correction{Criticism: &criticism}
	if theme != "" {
		said.Themes = []triage.Theme{theme}
	}
	taught := verdicts{}
	for _, i := range is {
		taught[i.ID] = verdict.Verdict{Themes: said.Themes}
	}
	ctx = context.WithValue(ctx, deciding{}, taught)
	var ids []inbox.InteractionID
	for _, i := range is {
		if i.DeletedAt.IsZero() { // triage learns nothing from what was taken back
			ids = append(ids, i.ID)
		}
	}
	if err := g.rooms.Inbox.CorrectAll(ctx, actor, ids, said); err != nil {
		return nil, err
	}
	return taught, nil
}

// Undecided lists what waits for a member's word, what is due first first, at most limit (1 to 100; 0 is 30). It needs GrowthRead.
func (g *Growth) Undecided(ctx context.Context, actor team.Actor, limit int) ([]Voice, error) {
	if err := actor.May(team.GrowthRead); err != nil {
		return nil, err
	}
	rows, err := g.undecided(ctx, actor.Company, clampLimit(limit))
	if err != nil {
		return nil, fmt.Errorf("growth.Undecided: %w", err)
	}
	return g.voices(ctx, actor.Company, rows)
}

func clampLimit(n int) int {
	if n <= 0 {
		return 30
	}
	return min(n, 100)
}

// voices puts words and people to criticisms.
func (g *Growth) voices(ctx context.Context, c team.CompanyID, rows []criticismRow) ([]Voice, error) {
	var is []inbox.InteractionID
	var who []audience.IdentityID
	for _, r := range rows {
		if r.InteractionID != "" {
			is = append(is, r.InteractionID)
		}
		who = append(who, r.IdentityID)
	}
	said, err := g.rooms.Inbox.InteractionsByID(ctx, c, is)
	if err != nil {
		return nil, err
	}
	people, err := g.rooms.Audience.IdentitiesByID(ctx, c, who)
	if err != nil {
		return nil, err
	}
	out := make([]Voice, len(rows))
	for n, r := range rows {
		out[n] = Voice{Criticism: r.criticism(), From: people[r.IdentityID]}
		if i := said[r.InteractionID]; i.DeletedAt.IsZero() {
			out[n].Text, out[n].Stars = i.Text, i.Stars
		}
	}
	return out, nil
}

// OfConversation gives the criticisms of a conversation by interaction. It needs InboxRead.
func (g *Growth) OfConversation(ctx context.Context, actor team.Actor, c inbox.ConversationID) (map[inbox.InteractionID]Criticism, error) {
	if err := actor.May(team.InboxRead); err != nil {
		return nil, err
	}
	rows, err := g.ofConversation(ctx, actor.Company, c)
	if err != nil {
		return nil, fmt.Errorf("growth.OfConversation: %w", err)
	}
	out := make(map[inbox.InteractionID]Criticism, len(rows))
	for _, r := range rows {
		if r.InteractionID != "" {
			out[r.InteractionID] = r.criticism()
		}
	}
	return out, nil
}

// noCriticism says that there is no such criticism, or nothing that could be one.
func noCriticism() error { return fault.New(fault.NotFound, "growth.criticism.missing") }

// inCase says that a criticism belongs to a case.
func inCase() error { return fault.New(fault.Conflict, "growth.criticism.incase") }
