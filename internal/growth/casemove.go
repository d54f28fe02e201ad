package growth

import (
	"context"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/record"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/triage"
)

// ChangeCaseIn replaces what is known of a case: all of it is given.
type ChangeCaseIn struct {
	Title string
	Shown Words // the title that strangers read; empty: Title
	Theme triage.Theme
	Cause string
	Plan  string
	Owner team.MemberID
	DueAt time.Time
}

// ChangeCase changes what is known of a case. It needs GrowthManage; its owner may change cause and plan.
func (g *Growth) ChangeCase(ctx context.Context, actor team.Actor, c CaseID, in ChangeCaseIn) error {
	in.Title = strings.Join(strings.Fields(in.Title), " ")
	in.Shown = Words{IT: strings.Join(strings.Fields(in.Shown.IT), " "), EN: strings.Join(strings.Fields(in.Shown.EN), " ")}
	in.Cause, in.Plan, in.DueAt = tidyText(in.Cause), tidyText(in.Plan), clock.Trim(in.DueAt)
	return g.onCase(ctx, actor, c, ownerOrManager, "growth.case.change", func(ctx context.Context, tx *store.Tx, r *caseRow) ([]happened, error) {
		if in.Title != r.Title || in.Shown != r.shown() || in.Theme != r.Theme || in.Owner != r.OwnerID || !in.DueAt.Equal(r.DueAt) {
			if err := actor.May(team.GrowthManage); err != nil {
				return nil, err
			}
		}
		wrong := slices.Concat(wrongTitle(in.Title), in.Shown.wrong("shown", 0, maxTitle), wrongTheme(in.Theme), wrongLong("cause", in.Cause, maxBody), wrongLong("plan", in.Plan, maxBody))
		if in.Cause == "" && (r.State == CaseUnderstood || r.State == CaseChanging && r.Cause != "") {
			wrong = append(wrong, fault.Field{Name: "cause", Key: "growth.case.cause"})
		}
		if in.Plan == "" && r.State == CaseChanging {
			wrong = append(wrong, fault.Field{Name: "plan", Key: "growth.case.plan"})
		}
		if err := fault.InvalidFields(wrong...); err != nil {
			return nil, err
		}
		if in.Owner != r.OwnerID {
			if err := g.active(ctx, actor.Company, in.Owner); err != nil {
				return nil, err
			}
		}
		hs := r.differences(in)
		r.Title, r.PublicIT, r.PublicEN, r.Theme, r.Cause, r.Plan, r.OwnerID, r.DueAt = in.Title, in.Shown.IT, in.Shown.EN, in.Theme, in.Cause, in.Plan, in.Owner, in.DueAt
		return hs, nil
	})
}

func (r *caseRow) shown() Words { return Words{IT: r.PublicIT, EN: r.PublicEN} }

// differences are the lines of the diary that a change makes.
func (r *caseRow) differences(in ChangeCaseIn) []happened {
	var hs []happened
	if in.Title != r.Title || in.Shown != r.shown() || in.Theme != r.Theme {
		hs = append(hs, happened{"renamed", nil})
	}
	if in.Cause != r.Cause {
		hs = append(hs, happened{"cause", nil})
	}
	if in.Plan != r.Plan {
		hs = append(hs, happened{"plan", nil})
	}
	switch {
	case in.Owner == r.OwnerID:
	case in.Owner == "":
		hs = append(hs, happened{"ownerless", nil})
	default:
		hs = append(hs, happened{"owner", map[string]string{"member": string(in.Owner)}})
	}
	switch {
	case in.DueAt.Equal(r.DueAt):
	case in.DueAt.IsZero():
		hs = append(hs, happened{"dueless", nil})
	default:
		hs = append(hs, happened{"due", map[string]string{"date": in.DueAt.Format(time.RFC3339)}})
	}
	return hs
}

// AdvanceIn moves a case on.
type AdvanceIn struct {
	To    CaseState // CaseUnderstood (wants a cause), CaseChanging (wants a plan), CaseChanged (wants what was done); or back
	Cause string    // "" leaves what is known
	Plan  string    // "" leaves what is known
	Since time.Time // CaseChanged: since when it is in force; zero: now. Not in the future, not before the first criticism.
	Did   Words     // CaseChanged: what was done, in the words of the public entry; in one language at least
}

// Advance moves a case on, or back to an earlier state. Its owner may, and who has GrowthManage. When it becomes changed, a
// public entry and letters back to everybody who raised it are prepared. A closed case is taken up again first.
func (g *Growth) Advance(ctx context.Context, actor team.Actor, c CaseID, in AdvanceIn) error {
	in.Cause, in.Plan, in.Since, in.Did = tidyText(in.Cause), tidyText(in.Plan), clock.Trim(in.Since), in.Did.tidy()
	return g.onCase(ctx, actor, c, ownerOrManager, "growth.case.advance", func(ctx context.Context, tx *store.Tx, r *caseRow) ([]happened, error) {
		if !slices.Contains(openStates, r.State) {
			return nil, fault.New(fault.Conflict, "growth.case.closed")
		}
		if in.To != CaseChanged && !slices.Contains(openStates, in.To) {
			return nil, fault.InvalidFields(fault.Field{Name: "to", Key: "growth.case.to"})
		}
		now := g.rooms.Clock.Now()
		if in.Since.IsZero() {
			in.Since = now
		}
		if in.Cause != "" {
			r.Cause = in.Cause
		}
		if in.Plan != "" {
			r.Plan = in.Plan
		}
		wrong, err := g.wrongAdvance(ctx, r, in, now)
		if err != nil {
			return nil, err
		}
		if err := fault.InvalidFields(wrong...); err != nil {
			return nil, err
		}
		from := r.State
		if r.State = in.To; r.State != CaseChanged {
			return moved(from, in.To), nil
		}
		r.ChangedAt = in.Since
		full, err := g.counted(ctx, actor.Company, []caseRow{*r})
		if err != nil {
			return nil, err
		}
		return moved(from, in.To), g.prepare(ctx, tx, actor, full[0], in.Did, in.Since)
	})
}

// moved is the line of the diary for a step on or back.
func moved(from, to CaseState) []happened {
	if from == to {
		return nil
	}
	if slices.Index(openStates, to) >= 0 && slices.Index(openStates, to) < slices.Index(openStates, from) {
		return []happened{{"back", map[string]string{"state": string(to)}}}
	}
	return []happened{{string(to), nil}}
}

func (g *Growth) wrongAdvance(ctx context.Context, r *caseRow, in AdvanceIn, now time.Time) ([]fault.Field, error) {
	wrong := slices.Concat(wrongLong("cause", r.Cause, maxBody), wrongLong("plan", r.Plan, maxBody))
	switch in.To {
	case CaseUnderstood:
		if r.Cause == "" {
			wrong = append(wrong, fault.Field{Name: "cause", Key: "growth.case.cause"})
		}
	case CaseChanging:
		if r.Plan == "" {
			wrong = append(wrong, fault.Field{Name: "plan", Key: "growth.case.plan"})
		}
	case CaseChanged:
		if in.Did.Empty() {
			wrong = append(wrong, fault.Field{Name: "did", Key: "growth.case.did"})
		}
		wrong = append(wrong, wrongLong("did", in.Did.IT, maxBody)...)
		wrong = append(wrong, wrongLong("did", in.Did.EN, maxBody)...)
		rows, err := g.ofCase(ctx, r.CompanyID, r.ID)
		if err != nil {
			return nil, err
		}
		if in.Since.After(now) || len(rows) > 0 && in.Since.Before(rows[0].SaidAt) {
			wrong = append(wrong, fault.Field{Name: "since", Key: "growth.case.since"})
		}
	}
	return wrong, nil
}

// Decline says in public that a case will not be changed, and why. It needs GrowthPublish.
func (g *Growth) Decline(ctx context.Context, actor team.Actor, c CaseID, reason Words) error {
	if err := actor.May(team.GrowthPublish); err != nil {
		return err
	}
	reason = reason.tidy()
	return g.onCase(ctx, actor, c, needs(team.GrowthPublish), "growth.case.decline", func(ctx context.Context, tx *store.Tx, r *caseRow) ([]happened, error) {
		if !slices.Contains(openStates, r.State) {
			return nil, fault.New(fault.Conflict, "growth.case.closed")
		}
		wrong := slices.Concat(wrongLong("reason", reason.IT, maxBody), wrongLong("reason", reason.EN, maxBody))
		if reason.Empty() {
			wrong = append(wrong, fault.Field{Name: "reason", Key: "growth.case.reason"})
		}
		if err := fault.InvalidFields(wrong...); err != nil {
			return nil, err
		}
		salt := record.NewSalt()
		r.State, r.DeclinedAt, r.DeclineIT, r.DeclineEN, r.DeclineSalt = CaseDeclined, g.rooms.Clock.Now(), reason.IT, reason.EN, hex.EncodeToString(salt)
		r.Public = true // by this, if not before
		_, err := g.ink(ctx, tx, actor.Company, record.Leaf{
			Kind: record.Declined, Subject: r.Handle, Commit: record.Commit(salt, record.OfReason, reason.canonical()),
		})
		return []happened{{"declined", nil}}, err
	})
}

// canonical is the form in which both languages of a public text are committed to: Italian, a line with a feed, English.
func (w Words) canonical() string { return w.IT + "\n\f\n" + w.EN }

// Reopen takes up a declined or changed case again. The record keeps what it says. It needs GrowthManage.
func (g *Growth) Reopen(ctx context.Context, actor team.Actor, c CaseID) error {
	if err := actor.May(team.GrowthManage); err != nil {
		return err
	}
	return g.onCase(ctx, actor, c, needs(team.GrowthManage), "growth.case.reopen", func(ctx context.Context, tx *store.Tx, r *caseRow) ([]happened, error) {
		if slices.Contains(openStates, r.State) {
			return nil, fault.New(fault.Conflict, "growth.case.open")
		}
		if r.State == CaseDeclined {
			if _, err := g.ink(ctx, tx, actor.Company, record.Leaf{Kind: record.Reopened, Subject: r.Handle}); err != nil {
				return nil, err
			}
			r.DeclinedAt, r.DeclineIT, r.DeclineEN, r.DeclineSalt = zero, "", "", ""
		}
		switch {
		case r.Plan != "":
			r.State = CaseChanging
		case r.Cause != "":
			r.State = CaseUnderstood
		default:
			r.State = CaseHeard
		}
		r.ChangedAt = zero
		return []happened{{"reopened", nil}}, nil
	})
}

// handOn gives the cases and tasks of someone who leaves to an heir; without an heir they are nobody's, which everybody sees.
func (g *Growth) handOn(ctx context.Context, tx *store.Tx, c team.CompanyID, leaver, heir team.MemberID) error {
	if err := g.alone(ctx, tx, c); err != nil {
		return err
	}
	ids, err := g.handCases(ctx, tx, c, leaver, heir)
	if err != nil {
		return err
	}
	h := happened{"ownerless", nil}
	if heir != "" {
		h = happened{"owner", map[string]string{"member": string(heir)}}
	}
	for _, id := range ids {
		if err := g.diary(ctx, tx, team.System(c), id, h.key, h.args); err != nil {
			return err
		}
	}
	if err := g.handPromises(ctx, tx, c, leaver, heir); err != nil {
		return err
	}
	return g.touched(ctx, tx, c)
}
