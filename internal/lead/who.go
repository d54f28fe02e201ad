package lead

import (
	"context"
	"slices"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

// identify finds the account under which the person of a lead is known: that of another lead with the same address or number, else one
// that is called like the address, or the number. Who is not known becomes known.
func (x *Leads) identify(ctx context.Context, tx *store.Tx, l Lead) (audience.IdentityID, error) {
	phone := ""
	if l.Phone != "" {
		phone, _ = tidyPhone(l.Phone)
	}
	if l.Email != "" {
		known, err := x.identityByEmail(ctx, l.Company, l.Email)
		if err != nil || known != "" {
			return known, err
		}
	}
	n, key := ByEmail, l.Email
	if key == "" {
		n, key = ByPhone, phone
	}
	if key == "" {
		return "", fault.InvalidFields(fault.Field{Name: "email", Key: "lead.reach"})
	}
	name := l.Name
	if name == key || name == l.Phone {
		name = ""
	}
	ids, err := x.rooms.Audience.Observe(ctx, tx, l.Company, n, []network.Author{{RemoteID: key, Handle: key, Name: name}}, nil)
	return ids[key], err
}

// firstTouch is what first brought the person of a lead, as far as is known: of their leads before this one, else of this one.
func (x *Leads) firstTouch(ctx context.Context, l Lead) (Touch, error) {
	ids := []audience.IdentityID{l.Identity}
	known, err := x.rooms.Audience.IdentitiesByID(ctx, l.Company, ids)
	if err != nil {
		return Touch{}, err
	}
	if p := known[l.Identity].Person; p != "" {
		all, err := x.rooms.Audience.IdentitiesOf(ctx, l.Company, p)
		if err != nil {
			return Touch{}, err
		}
		ids = ids[:0]
		for _, i := range all {
			ids = append(ids, i.ID)
		}
	}
	t, err := x.earliest(ctx, l.Company, ids)
	if err != nil {
		return Touch{}, err
	}
	for _, own := range []Touch{l.First, l.Last} {
		if own.Known() && (!t.Known() || own.At.Before(t.At)) {
			t = own
		}
	}
	return t, nil
}

// Maybe is a person whom a lead may be: it is offered, and a member says.
type Maybe struct {
	Person audience.Person
	Why    Why
}

// Why is what speaks for two being one.
type Why string

// The reasons.
const (
	SameName  Why = "name"
	SameEmail Why = "email"
	SamePhone Why = "phone"
)

// Whose is whom a lead is from, and whom they may be besides.
type Whose struct {
	Person audience.Person // zero: they were erased
	Maybe  []Maybe
}

// Whose tells whom a lead is from. It needs PeopleRead and LeadsRead.
func (x *Leads) Whose(ctx context.Context, a team.Actor, l Lead) (out Whose, err error) {
	if err := a.May(team.LeadsRead); err != nil {
		return out, err
	}
	if l.Identity == "" || !a.Can(team.PeopleRead) {
		return out, nil
	}
	known, err := x.rooms.Audience.IdentitiesByID(ctx, a.Company, []audience.IdentityID{l.Identity})
	if err != nil || known[l.Identity].Person == "" {
		return out, wrap("Whose", err)
	}
	if out.Person, err = x.rooms.Audience.Person(ctx, a, known[l.Identity].Person); err != nil {
		return out, wrap("Whose", err)
	}
	seen := map[audience.PersonID]bool{out.Person.ID: true}
	offer := func(p audience.Person, why Why) {
		if !seen[p.ID] && len(out.Maybe) < 5 {
			seen[p.ID] = true
			out.Maybe = append(out.Maybe, Maybe{p, why})
		}
	}
	phone, _ := tidyPhone(l.Phone)
	for _, ask := range []struct {
		n   network.Name
		key string
		why Why
	}{{ByEmail, l.Email, SameEmail}, {ByPhone, phone, SamePhone}} {
		if ask.key == "" {
			continue
		}
		byKey, err := x.rooms.Audience.IdentitiesByKey(ctx, a.Company, ask.n, []string{ask.key})
		if err != nil {
			return out, wrap("Whose", err)
		}
		if i, ok := byKey[ask.key]; ok && !seen[i.Person] {
			p, err := x.rooms.Audience.Person(ctx, a, i.Person)
			if err != nil {
				return out, wrap("Whose", err)
			}
			offer(p, ask.why)
		}
	}
	if len(text.Words(text.Fold(l.Name))) < 2 { // half a name says nothing
		return out, nil
	}
	people, _, err := x.rooms.Audience.Find(ctx, a, l.Name, "", 10)
	if err != nil {
		return out, wrap("Whose", err)
	}
	same := func(s string) bool { return slices.Equal(text.Words(text.Fold(s)), text.Words(text.Fold(l.Name))) }
	for _, p := range people {
		if same(p.Name) || slices.ContainsFunc(p.Identities, func(i audience.Identity) bool { return same(i.Name) }) {
			offer(p, SameName)
		}
	}
	return out, nil
}

// Join says that the person of a lead is somebody who is known: both become one, which can be undone. It needs LeadsManage and PeopleManage.
func (x *Leads) Join(ctx context.Context, a team.Actor, id ID, p audience.PersonID) error {
	err := x.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := a.May(team.LeadsManage); err != nil {
			return err
		}
		l, err := x.hold(ctx, tx, a.Company, id)
		if err != nil {
			return err
		}
		w, err := x.Whose(ctx, a, l)
		if err != nil {
			return err
		}
		if w.Person.ID == "" {
			return errGone
		}
		if _, err := x.rooms.Audience.MergePeople(ctx, a, p, w.Person.ID); err != nil {
			return err
		}
		return x.note(ctx, tx, a, l, Event{Kind: EventJoined})
	})
	return wrap("Join", err)
}

// OfPerson lists the leads of a person, newest first. It needs LeadsRead.
func (x *Leads) OfPerson(ctx context.Context, a team.Actor, p audience.PersonID) ([]Lead, error) {
	if err := a.May(team.LeadsRead); err != nil {
		return nil, err
	}
	ids, err := x.rooms.Audience.IdentitiesOf(ctx, a.Company, p)
	if err != nil {
		return nil, wrap("OfPerson", err)
	}
	all := make([]audience.IdentityID, len(ids))
	for i, x := range ids {
		all[i] = x.ID
	}
	out, err := x.byIdentities(ctx, a.Company, all)
	return out, wrap("OfPerson", err)
}
