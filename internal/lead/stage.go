package lead

import (
	"context"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// Staged is a lead of the sample company, as its story tells it.
type Staged struct {
	NewIn
	At      time.Time
	Source  Source
	First   Touch
	Last    Touch
	Moves   []Move // in their order
	Consent bool   // they agreed to every text of the form
}

// Move is what a member did with a staged lead.
type Move struct {
	At     time.Time
	Member team.MemberID
	Change ChangeIn
	Note   string
}

// Stage tells the sample company's leads, at their moments. set moves the clock of these rooms. Only a sample company that is being filled is told so.
func (x *Leads) Stage(ctx context.Context, a team.Actor, set func(time.Time), all []Staged) error {
	c, err := x.rooms.Team.Company(ctx, a.Company)
	if err != nil {
		return wrap("Stage", err)
	}
	if !c.Sample || !c.Filling || a.Via != team.ViaSystem {
		return wrap("Stage", fault.New(fault.Denied, "team.denied").With("permission", "lead.stage"))
	}
	for _, s := range all {
		set(s.At)
		l, err := x.stage(ctx, a, s)
		if err != nil {
			return wrap("Stage", err)
		}
		for _, m := range s.Moves {
			set(m.At)
			by := a
			by.Member = m.Member
			if m.Note != "" {
				err = x.AddNote(ctx, by, l.ID, m.Note)
			} else {
				_, err = x.Change(ctx, by, l.ID, m.Change)
			}
			if err != nil {
				return wrap("Stage", err)
			}
		}
	}
	return nil
}

func (x *Leads) stage(ctx context.Context, a team.Actor, s Staged) (l Lead, err error) {
	err = x.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		var form *Form
		if s.Form != "" {
			f, err := x.form(ctx, a.Company, s.Form)
			if err != nil {
				return err
			}
			form = &f
		}
		var wrong []fault.Field
		if l, wrong = s.lead(form, s.At); len(wrong) > 0 {
			return fault.InvalidFields(wrong...)
		}
		l.Company, l.Source, l.First, l.Last, l.CreatedAt = a.Company, s.Source, s.First, s.Last, s.At
		if l, err = x.put(ctx, tx, l); err != nil {
			return err
		}
		by, name := team.Actor{Company: a.Company}, ""
		if form != nil {
			name = form.Name
			texts, err := x.consents(ctx, a.Company, form.ID)
			if err != nil {
				return err
			}
			for _, t := range texts {
				if err := x.insertAgreed(ctx, tx, l, consentSaid{t.ID, s.Consent}, s.At); err != nil {
					return err
				}
			}
		} else {
			by.Member = s.Member
		}
		return x.note(ctx, tx, by, l, Event{Kind: EventCame, Becomes: name})
	})
	return l, err
}
