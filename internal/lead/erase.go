package lead

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// erase takes a person out of their leads: name, address, number, answers, files, notes, what they agreed to. That there was a lead, what brought
// it, what became of it and what it was worth stays, and leads to nobody. What of theirs waits to be confirmed goes whole, and so does their name
// where they carried something to others, or members wrote of them.
func (x *Leads) erase(ctx context.Context, tx *store.Tx, e audience.Erasure) (s audience.ErasureStep, err error) {
	s, err = x.eraseStep(ctx, tx, e)
	return s, wrap("erase", err)
}

func (x *Leads) eraseStep(ctx context.Context, tx *store.Tx, e audience.Erasure) (s audience.ErasureStep, err error) {
	all, err := x.byIdentities(ctx, e.Company, e.IdentityIDs())
	if err != nil {
		return s, err
	}
	var emails []string
	for _, i := range e.Identities {
		if i.Network == ByEmail {
			emails = append(emails, i.RemoteID)
		}
	}
	for _, l := range all {
		if l.Email != "" {
			emails = append(emails, l.Email)
		}
		if err := x.eraseFiles(ctx, tx, e.Company, l.Answers); err != nil {
			return s, err
		}
		if err := x.strip(ctx, tx, l, x.rooms.Clock.Now()); err != nil {
			return s, err
		}
	}
	s.Add(audience.ErasedLeads, len(all))
	for _, email := range emails {
		waits, err := x.dropWaiting(ctx, tx, e.Company, mark(string(e.Company), email))
		if err != nil {
			return s, err
		}
		for _, w := range waits {
			if err := x.eraseFiles(ctx, tx, e.Company, w.Body.Answers); err != nil {
				return s, err
			}
		}
		s.Add(audience.ErasedLeads, len(waits))
	}
	if err := x.dropCarrier(ctx, tx, e.Company, e.IdentityIDs()); err != nil {
		return s, err
	}
	n, err := x.maskEvents(ctx, tx, e)
	s.Add(audience.ErasedNames, n)
	return s, err
}

func (x *Leads) eraseFiles(ctx context.Context, tx *store.Tx, c team.CompanyID, answers []Answer) error {
	for _, a := range answers {
		if a.File == "" {
			continue
		}
		if err := gone(x.rooms.Media.Erase(ctx, tx, string(c), a.File)); err != nil {
			return err
		}
	}
	return nil
}

// keep says who is not forgotten by age: whose lead is open, or was sold, and moved within a year.
func (x *Leads) keep(ctx context.Context, c team.CompanyID, ids []audience.IdentityID) (map[audience.IdentityID]bool, error) {
	all, err := x.byIdentities(ctx, c, ids)
	if err != nil {
		return nil, wrap("keep", err)
	}
	out := map[audience.IdentityID]bool{}
	since := x.rooms.Clock.Now().AddDate(-1, 0, 0)
	for _, l := range all {
		if l.State != Lost && l.ChangedAt.After(since) {
			out[l.Identity] = true
		}
	}
	return out, nil
}

// export gives the leads of a person.
func (x *Leads) export(ctx context.Context, s audience.Subject, put func(audience.Entry) error) error {
	all, err := x.byIdentities(ctx, s.Company, s.IdentityIDs())
	if err != nil {
		return wrap("export", err)
	}
	for _, l := range all {
		if err := x.exportLead(ctx, l, put); err != nil {
			return wrap("export", err)
		}
	}
	return nil
}

func (x *Leads) exportLead(ctx context.Context, l Lead, put func(audience.Entry) error) error {
	facts := []audience.EntryFact{
		{Key: audience.FactName, Value: l.Name},
		{Key: audience.FactHandle, Value: strings.Trim(l.Email+" "+l.Phone, " ")},
		{Key: audience.FactKind, Value: string(l.Source)},
		{Key: audience.FactState, Value: string(l.State)},
		{Key: audience.FactFrom, Value: strings.Trim(l.Last.Channel+" "+l.Last.Campaign, " ")},
	}
	if l.Cents > 0 {
		facts = append(facts, audience.EntryFact{Key: audience.FactExpected, Value: Money(l.Cents, l.Currency)})
	}
	var said []string
	for _, a := range l.Answers {
		said = append(said, a.Label+": "+strings.Join(a.Values, ", "))
	}
	if err := put(audience.Entry{Section: audience.SectionLeads, At: l.CreatedAt, Text: strings.Join(said, "\n"), Facts: facts}); err != nil {
		return err
	}
	agreed, err := x.agreed(ctx, l.Company, l.ID)
	if err != nil {
		return err
	}
	for _, a := range agreed {
		e := audience.Entry{Section: audience.SectionConsents, At: a.Said, Text: a.Body, Facts: []audience.EntryFact{{Key: audience.FactState, Value: fmt.Sprint(a.Given)}, {Key: audience.FactID, Value: string(a.ID)}}}
		if err := put(e); err != nil {
			return err
		}
	}
	events, err := x.events(ctx, l.Company, l.ID)
	if err != nil {
		return err
	}
	for _, v := range events {
		if v.Body == "" {
			continue
		}
		if err := put(audience.Entry{Section: audience.SectionLeads, At: v.At, Text: v.Body, Facts: []audience.EntryFact{{Key: audience.FactKind, Value: string(v.Kind)}}}); err != nil {
			return err
		}
	}
	return nil
}

// hand gives the leads of a member who leaves to the heir.
func (x *Leads) hand(ctx context.Context, tx *store.Tx, c team.CompanyID, leaver, heir team.MemberID) error {
	return wrap("hand", x.giveAll(ctx, tx, c, leaver, heir))
}

// day is how a day is kept.
func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }
