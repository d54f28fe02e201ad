package team

import (
	"context"
	"fmt"
	"slices"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/store"
)

// FoundIn is what the first run asks: the company, and the person who runs it.
type FoundIn struct {
	Name       string
	Zone       string // IANA name; "" is Europe/Rome
	Locale     string // "it" or "en"; "" is "it"
	OwnerName  string
	OwnerEmail string
	OwnerJob   string
	Filling    bool // of a sample: until Filled says so, it is still being told
}

// The conflicts of founding and removing.
var (
	ErrFounded     = fault.New(fault.Conflict, "team.founded")      // the house has its company already
	ErrSampleThere = fault.New(fault.Conflict, "team.sample.there") // one sample at a time
	ErrSampleOnly  = fault.New(fault.Conflict, "team.sample.only")  // nothing would be left
	ErrNoSample    = fault.New(fault.NotFound, "team.sample.none")
)

// Empty tells whether no company exists yet, so that the first run is still ahead.
func (t *Team) Empty(ctx context.Context) (bool, error) {
	cs, err := t.Companies(ctx)
	return err == nil && len(cs) == 0, err
}

// Found makes the first company and its owner. It works once in the life of a house: of several at the same moment
// one founds, and the others get ErrFounded. It takes no actor, for nobody exists yet; the door asks for the one-time
// address of the first run.
func (t *Team) Found(ctx context.Context, in FoundIn) (c Company, m Member, err error) {
	err = t.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		there, err := t.lockCompanies(ctx, tx)
		if err != nil {
			return err
		}
		if len(there) > 0 {
			return ErrFounded
		}
		c, m, err = t.settle(ctx, tx, in, false)
		if err != nil {
			return err
		}
		return t.Audit(ctx, tx, m.Actor(ViaScreen), Entry{Verb: "team.founded", ObjectKind: "company", ObjectID: string(c.ID)})
	})
	if err != nil {
		return Company{}, Member{}, fmt.Errorf("team.Found: %w", err)
	}
	return c, m, nil
}

// FoundSample makes the sample company: beside the real one, at the wish of a person who may change the company, or
// alone in an empty house by the command line (an Actor with Via alone). There is at most one; RemoveSample takes it
// away.
func (t *Team) FoundSample(ctx context.Context, a Actor, in FoundIn) (c Company, m Member, err error) {
	err = t.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		there, err := t.lockCompanies(ctx, tx)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(there, func(c Company) bool { return c.Sample }) {
			return ErrSampleThere
		}
		alone := len(there) == 0 && (a.Via == ViaCommand || a.Via == ViaSystem)
		if !alone {
			if err := a.May(CompanyChange); err != nil {
				return err
			}
		}
		if c, m, err = t.settle(ctx, tx, in, true); err != nil || alone {
			return err
		}
		return t.Audit(ctx, tx, a, Entry{Verb: "team.sample.founded", ObjectKind: "company", ObjectID: string(c.ID)})
	})
	if err != nil {
		return Company{}, Member{}, fmt.Errorf("team.FoundSample: %w", err)
	}
	return c, m, nil
}

// settle writes a company and its first owner.
func (t *Team) settle(ctx context.Context, tx *store.Tx, in FoundIn, sample bool) (Company, Member, error) {
	if in.Zone == "" {
		in.Zone = "Europe/Rome"
	}
	if in.Locale == "" {
		in.Locale = "it"
	}
	now := t.clock.Now()
	c := Company{
		ID: CompanyID(companyKind.New(now)), Name: tidy(in.Name), Zone: in.Zone, Locale: in.Locale, Sample: sample, Filling: sample && in.Filling,
		Settings: DefaultSettings(), CreatedAt: now,
	}
	email, emailOK := tidyEmail(in.OwnerEmail)
	m := Member{
		ID: MemberID(memberKind.New(now)), Company: c.ID, Email: email, Name: tidy(in.OwnerName), Job: tidy(in.OwnerJob),
		Role: Owner, State: MemberActive, Settings: MemberSettings{Shortcuts: true}, CreatedAt: now,
	}
	fields := c.wrong()
	if !emailOK {
		fields = append(fields, fault.Field{Name: "owner_email", Key: "team.email.wrong"})
	}
	fields = append(fields, wrongText("owner_name", m.Name, 1, maxName)...)
	fields = append(fields, wrongText("owner_job", m.Job, 0, maxName)...)
	if err := fault.InvalidFields(fields...); err != nil {
		return Company{}, Member{}, err
	}
	if err := t.insertCompany(ctx, tx, c); err != nil {
		return Company{}, Member{}, err
	}
	return c, m, t.insertMember(ctx, tx, m)
}

// Filled says that the story of a sample company is told: from now on it is a company like any other.
func (t *Team) Filled(ctx context.Context, a Actor) error {
	err := t.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := a.May(CompanyChange); err != nil {
			return err
		}
		c, err := t.lockCompany(ctx, tx, a.Company)
		if err != nil {
			return err
		}
		if !c.Sample {
			return ErrNoSample
		}
		c.Filling = false
		return t.updateCompany(ctx, tx, c)
	})
	if err != nil {
		return fmt.Errorf("team.Filled: %w", err)
	}
	return nil
}

// Working leaves out of some companies those whose story is still being told: a job that met one would put things of today between
// those of months ago.
func (t *Team) Working(ctx context.Context, cs []CompanyID) ([]CompanyID, error) {
	if len(cs) == 0 {
		return nil, nil
	}
	all, err := t.readCompanies(ctx)
	if err != nil {
		return nil, fmt.Errorf("team.Working: %w", err)
	}
	return slices.DeleteFunc(slices.Clone(cs), func(id CompanyID) bool {
		return slices.ContainsFunc(all, func(c Company) bool { return c.ID == id && c.Filling })
	}), nil
}

// RemoveSample deletes the sample company and every row of it in every room. The actor is someone who may change the
// real company, or, while looking round the sample, the sample itself; the real company stays untouched.
func (t *Team) RemoveSample(ctx context.Context, a Actor) error {
	err := t.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := a.May(CompanyChange); err != nil {
			return err
		}
		there, err := t.lockCompanies(ctx, tx)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(there, func(c Company) bool { return c.Sample })
		if at < 0 {
			return ErrNoSample
		}
		if len(there) == 1 {
			return ErrSampleOnly
		}
		sample := there[at].ID
		for _, erase := range slices.Backward(t.erasers) {
			if err := erase(ctx, tx, sample); err != nil {
				return err
			}
		}
		if err := t.eraseCompany(ctx, tx, sample); err != nil {
			return err
		}
		if a.Company == sample {
			house := slices.IndexFunc(there, func(c Company) bool { return !c.Sample })
			a = System(there[house].ID)
		}
		return t.Audit(ctx, tx, a, Entry{Verb: "team.sample.removed", ObjectKind: "company", ObjectID: string(sample)})
	})
	if err != nil {
		return fmt.Errorf("team.RemoveSample: %w", err)
	}
	return nil
}
