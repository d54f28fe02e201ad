package growth

import (
	"context"
	"fmt"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// sees tells what an actor may see of cases: with GrowthRead all, else those that are the member's own: which they are in charge of or have a
// task in.
func sees(a team.Actor) (all bool, err error) {
	if a.Can(team.GrowthRead) {
		return true, nil
	}
	return false, a.MayOwn(team.GrowthRead)
}

// works tells what an actor may work on: who may manage or publish, a program too, need not be told to read as well.
func works(a team.Actor) (all bool, err error) {
	if a.Can(team.GrowthManage) || a.Can(team.GrowthPublish) {
		return true, nil
	}
	if a.Own(team.GrowthManage) && !a.Can(team.GrowthRead) {
		return false, nil
	}
	return sees(a)
}

// seen gives a case to an actor who may see all of them, or else this one; of any other they hear that it is not there.
func (g *Growth) seen(ctx context.Context, a team.Actor, id CaseID, all bool) (*caseRow, error) {
	if _, err := caseKind.Parse(string(id)); err != nil {
		return nil, noCase()
	}
	r, err := g.caseRow(ctx, a.Company, id)
	if err != nil || all || r.OwnerID == a.Member {
		return r, err
	}
	part, err := g.hasTask(ctx, a.Company, id, a.Member)
	if err == nil && !part {
		err = noCase()
	}
	return r, err
}

// rule says whether an actor may do something to a case that they see.
type rule func(a team.Actor, r *caseRow) error

func needs(p team.Permission) rule {
	return func(a team.Actor, _ *caseRow) error { return a.May(p) }
}

// ownerOrManager lets whoever is in charge of a case do it, and who has GrowthManage.
func ownerOrManager(a team.Actor, r *caseRow) error { return mayWork(a, r.OwnerID) }

// mayWork is nil when an actor may work on what a member owns: it is theirs, or they have GrowthManage.
func mayWork(a team.Actor, owner team.MemberID) error {
	if owner != "" && owner == a.Member {
		return a.MayOwn(team.GrowthManage)
	}
	return a.May(team.GrowthManage)
}

// MayWork is nil when the actor may work on a case: for doors that have something to do before they hand it in.
func (g *Growth) MayWork(ctx context.Context, actor team.Actor, id CaseID) error {
	all, err := works(actor)
	if err != nil {
		return err
	}
	r, err := g.seen(ctx, actor, id, all)
	if err != nil {
		return fmt.Errorf("growth.MayWork: %w", err)
	}
	return ownerOrManager(actor, r)
}

// happened is what a change of a case leaves in its diary.
type happened struct {
	key  string
	args map[string]string
}

// onCase runs one change of a case: who may, alone, with its diary, the audit trail and the bell.
func (g *Growth) onCase(ctx context.Context, a team.Actor, id CaseID, may rule, verb string, f func(ctx context.Context, tx *store.Tx, r *caseRow) ([]happened, error)) error {
	err := g.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		all, err := works(a)
		if err != nil {
			return err
		}
		if err := g.alone(ctx, tx, a.Company); err != nil {
			return err
		}
		r, err := g.seen(ctx, a, id, all)
		if err != nil {
			return err
		}
		if err := may(a, r); err != nil {
			return err
		}
		before := r.State
		hs, err := f(ctx, tx, r)
		if err != nil {
			return err
		}
		r.UpdatedAt, r.Rank = g.rooms.Clock.Now(), rankOf(r)
		if err := g.updateCase(ctx, tx, r); err != nil {
			return err
		}
		for _, h := range hs {
			if err := g.diary(ctx, tx, a, id, h.key, h.args); err != nil {
				return err
			}
		}
		e := team.Entry{Verb: verb, ObjectKind: "case", ObjectID: string(id)}
		if r.State != before {
			e.Detail = map[string]string{"from": string(before), "to": string(r.State)}
		}
		if err := g.rooms.Team.Audit(ctx, tx, a, e); err != nil {
			return err
		}
		return g.touchedCase(ctx, tx, a.Company, id)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", verb, err)
	}
	return nil
}

// active tells whether someone is a member who can own something; "" is nobody and fine.
func (g *Growth) active(ctx context.Context, c team.CompanyID, m team.MemberID) error {
	if m == "" {
		return nil
	}
	all, err := g.rooms.Team.MembersByID(ctx, c)
	if err != nil {
		return err
	}
	if all[m].State != team.MemberActive {
		return fault.New(fault.Invalid, "growth.case.owner")
	}
	return nil
}

// voicesOf gives the voices of a case, oldest first.
func (g *Growth) voicesOf(ctx context.Context, c team.CompanyID, id CaseID) ([]Voice, error) {
	rows, err := g.ofCase(ctx, c, id)
	if err != nil {
		return nil, err
	}
	return g.voices(ctx, c, rows)
}
