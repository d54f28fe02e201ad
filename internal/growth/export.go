package growth

import (
	"context"
	"fmt"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
)

// export gives what this room has of a person: what they criticised and what became of it, what was written back to them and what
// they said to it, and what they were promised.
func (g *Growth) export(ctx context.Context, s audience.Subject, put func(audience.Entry) error) error {
	if len(s.Identities) == 0 {
		return nil
	}
	if err := g.exportAll(ctx, s, put); err != nil {
		return fmt.Errorf("growth.export: %w", err)
	}
	return nil
}

func (g *Growth) exportAll(ctx context.Context, s audience.Subject, put func(audience.Entry) error) error {
	ids := s.IdentityIDs()
	rows, err := g.criticismsBy(ctx, s.Company, ids, nil)
	if err != nil {
		return err
	}
	cases := map[CaseID]*caseRow{}
	for _, r := range rows {
		e := audience.Entry{Section: audience.SectionCriticisms, At: r.SaidAt, Text: r.Quote, URL: r.Address}
		state, title := string(r.State), ""
		if r.CaseID != "" {
			if cases[r.CaseID] == nil {
				if cases[r.CaseID], err = g.caseRow(ctx, s.Company, r.CaseID); err != nil {
					return err
				}
			}
			state, title = string(cases[r.CaseID].State), cases[r.CaseID].Title
		}
		handle := ""
		if r.place() >= 0 {
			handle = string(r.Handle)
		}
		e.Facts = []audience.EntryFact{
			{Key: audience.FactState, Value: state},
			{Key: audience.FactThemes, Value: string(r.Theme)},
			{Key: audience.FactCase, Value: title},
			{Key: audience.FactRecord, Value: handle},
			{Key: audience.FactAnswered, Value: stamp(r.AnsweredAt)},
		}
		if !r.ConfirmedAt.IsZero() {
			e.Facts = append(e.Facts, audience.EntryFact{Key: audience.FactBetter, Value: fmt.Sprint(r.Better)})
		}
		if err := put(e); err != nil {
			return err
		}
	}
	letters, err := g.lettersTo(ctx, s.Company, ids)
	if err != nil {
		return err
	}
	for _, l := range letters {
		e := audience.Entry{Section: audience.SectionLetters, At: l.SentAt, Text: l.Text, Facts: []audience.EntryFact{
			{Key: audience.FactState, Value: string(l.State)}, {Key: audience.FactAnswered, Value: stamp(l.AnsweredAt)},
		}}
		if !l.AnsweredAt.IsZero() {
			e.Facts = append(e.Facts, audience.EntryFact{Key: audience.FactBetter, Value: fmt.Sprint(l.Better) + "\n" + l.Words})
		}
		if err := put(e); err != nil {
			return err
		}
	}
	promises, err := g.promisesTo(ctx, s.Company, ids)
	if err != nil {
		return err
	}
	for _, p := range promises {
		err := put(audience.Entry{Section: audience.SectionPromises, At: p.MadeAt, Text: p.Text, Facts: []audience.EntryFact{
			{Key: audience.FactState, Value: string(p.State)}, {Key: audience.FactDue, Value: stamp(p.DueAt)},
		}})
		if err != nil {
			return err
		}
	}
	return nil
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
