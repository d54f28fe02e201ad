package reach

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/live"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/tie"
)

// advise keeps what a portrait advises, in the transaction that keeps the portrait. Whom an earlier advice still names is not advised
// again. Of weak ties a part, by lot, is held back.
func (r *Room) advise(ctx context.Context, tx *store.Tx, s *settingRow, m *Material, advised []Advised) error {
	open, err := r.openSuggestions(ctx, s.CompanyID, m.Now)
	if err != nil {
		return err
	}
	taken, person := map[tie.Person]bool{}, m.byActor()
	for _, x := range open {
		if p, ok := person[x.ActorID]; ok {
			taken[p] = true
		}
	}
	held := map[tie.Person]bool{}
	for _, p := range m.Held {
		held[p] = true
	}
	var rows []suggestionRow
	for i, a := range advised {
		if taken[a.Person] || a.Person == Us || int(a.Person) >= len(m.Actors) || !m.Actors[a.Person].Known() {
			continue
		}
		taken[a.Person] = true
		x := suggestionRow{
			ID: SuggestionID(suggestionKind.New(m.Now)), CompanyID: s.CompanyID, ActorID: m.Actors[a.Person].ID, Rank: i + 1, State: Offered, Class: int(a.Class),
			Low: a.Expected.Low, Expected: a.Expected.Expected, At: m.Now, Until: a.Until, Why: json.RawMessage(a.Why),
		}
		if x.Until.IsZero() {
			x.Until = m.Now.Add(Ahead)
		}
		if len(x.Why) == 0 {
			x.Why = json.RawMessage("{}")
		}
		if !math.IsInf(a.Expected.High, 0) {
			x.High = &a.Expected.High
		}
		if a.Class.IsWeak() && held[a.Person] {
			x.State = Held
		}
		rows = append(rows, x)
	}
	return r.addSuggestions(ctx, tx, rows)
}

// Suggestions lists what is advised and what was, newest first and by rank. What is held back is only among them with held: who
// looks at what to do must not see it, or it could not be told what advice is worth. It needs PeopleRead.
func (r *Room) Suggestions(ctx context.Context, actor team.Actor, in SuggestionsIn) ([]Suggestion, error) {
	if err := actor.May(team.PeopleRead); err != nil {
		return nil, err
	}
	out, err := r.suggestions(ctx, actor.Company, in)
	if err != nil {
		return nil, fmt.Errorf("reach.Suggestions: %w", err)
	}
	return out, nil
}

// SuggestionsIn says which suggestions.
type SuggestionsIn struct {
	Open   bool // only those that can still be followed
	Held   bool // those that are held back too
	Person audience.PersonID
	Limit  int // at most 500; 0: 100
}

func (r *Room) suggestions(ctx context.Context, c team.CompanyID, in SuggestionsIn) ([]Suggestion, error) {
	in.Limit = min(in.Limit, 500)
	if in.Limit <= 0 {
		in.Limit = 100
	}
	var ids []ActorID
	if in.Person != "" {
		var err error
		if ids, err = r.actorsOfPerson(ctx, c, in.Person); err != nil || len(ids) == 0 {
			return nil, err
		}
	}
	rows, err := r.listSuggestions(ctx, c, in, ids, r.rooms.Clock.Now())
	if err != nil {
		return nil, err
	}
	people, err := r.peopleOf(ctx, c, rows)
	if err != nil {
		return nil, err
	}
	out := make([]Suggestion, len(rows))
	for i, x := range rows {
		out[i] = x.suggestion()
		out[i].Person = people[x.ActorID]
	}
	return out, nil
}

// peopleOf gives the people of the audience whom suggestions are about.
func (r *Room) peopleOf(ctx context.Context, c team.CompanyID, rows []suggestionRow) (map[ActorID]audience.PersonID, error) {
	ids := make([]ActorID, len(rows))
	for i, x := range rows {
		ids[i] = x.ActorID
	}
	identities, err := r.identitiesOf(ctx, c, ids)
	if err != nil {
		return nil, err
	}
	var all []audience.IdentityID
	for _, i := range identities {
		all = append(all, i)
	}
	slices.Sort(all)
	known, err := r.rooms.Audience.IdentitiesByID(ctx, c, slices.Compact(all))
	if err != nil {
		return nil, err
	}
	out := map[ActorID]audience.PersonID{}
	for a, i := range identities {
		out[a] = known[i].Person
	}
	return out, nil
}

// actorsOfPerson gives the accounts of a person of the audience.
func (r *Room) actorsOfPerson(ctx context.Context, c team.CompanyID, p audience.PersonID) ([]ActorID, error) {
	identities, err := r.rooms.Audience.IdentitiesOf(ctx, c, p)
	if err != nil {
		return nil, err
	}
	ids := make([]audience.IdentityID, len(identities))
	for i, x := range identities {
		ids[i] = x.ID
	}
	return r.actorsByIdentity(ctx, c, ids)
}

// The faults of advice.
var (
	errSettled = fault.New(fault.Conflict, "reach.suggestion.settled")
	errMissing = fault.New(fault.NotFound, "reach.suggestion.missing")
)

// Involve notes that somebody who was advised was thanked or involved, by a reply or otherwise. It needs PeopleManage.
func (r *Room) Involve(ctx context.Context, actor team.Actor, id SuggestionID, reply inbox.ReplyID) error {
	return r.decide(ctx, actor, id, "reach.involve", Offered, func(x *suggestionRow) {
		x.State, x.DoneAt, x.DoneBy, x.ReplyID = Involved, r.rooms.Clock.Now(), actor.Member, reply
	})
}

// Dismiss says that somebody is not to be involved now. They are not advised again for 30 days. It needs PeopleManage.
func (r *Room) Dismiss(ctx context.Context, actor team.Actor, id SuggestionID) error {
	return r.decide(ctx, actor, id, "reach.dismiss", Offered, func(x *suggestionRow) {
		x.State, x.DoneAt, x.DoneBy = Dismissed, r.rooms.Clock.Now(), actor.Member
	})
}

// Recall takes back that somebody was put aside. It needs PeopleManage.
func (r *Room) Recall(ctx context.Context, actor team.Actor, id SuggestionID) error {
	return r.decide(ctx, actor, id, "reach.recall", Dismissed, func(x *suggestionRow) {
		x.State, x.DoneAt, x.DoneBy = Offered, time.Time{}, ""
	})
}

// decide changes a piece of advice that stands at a state.
func (r *Room) decide(ctx context.Context, actor team.Actor, id SuggestionID, verb string, from State, f func(*suggestionRow)) error {
	if err := actor.May(team.PeopleManage); err != nil {
		return err
	}
	if _, err := suggestionKind.Parse(string(id)); err != nil {
		return errMissing.Because(err)
	}
	err := r.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if _, err := r.setting(ctx, tx, actor.Company); err != nil {
			return err
		}
		x, err := r.readSuggestion(ctx, tx, actor.Company, id)
		if err != nil {
			return err
		}
		if x.State == Held { // nobody is told that it is there
			return errMissing
		}
		if x.State != from {
			return errSettled
		}
		f(x)
		if err := r.saveSuggestion(ctx, tx, x); err != nil {
			return err
		}
		if err := r.tell(ctx, tx, actor); err != nil {
			return err
		}
		return r.rooms.Team.Audit(ctx, tx, actor, team.Entry{Verb: verb, ObjectKind: "suggestion", ObjectID: string(id)})
	})
	if err != nil {
		return fmt.Errorf("%s: %w", verb, err)
	}
	return nil
}

// tell says to open browsers that something about the ties changed.
func (r *Room) tell(ctx context.Context, tx *store.Tx, actor team.Actor) error {
	return r.rooms.Live.Tell(ctx, tx, live.Event{Company: string(actor.Company), Topic: live.Ties, By: string(actor.Member)})
}

// noticeInvolved notes of people who were advised that the company wrote to them or named them since: then they were involved,
// whichever way a member went about it.
func (r *Room) noticeInvolved(ctx context.Context, tx *store.Tx, c team.CompanyID, rows []eventRow) error {
	first := map[ActorID]time.Time{}
	for _, e := range rows {
		if e.ActorID == "" && e.TargetID != "" && (first[e.TargetID].IsZero() || e.At.Before(first[e.TargetID])) {
			first[e.TargetID] = e.At
		}
	}
	if len(first) == 0 {
		return nil
	}
	open, err := r.openSuggestions(ctx, c, r.rooms.Clock.Now())
	if err != nil {
		return err
	}
	changed := false
	for i := range open {
		x := &open[i]
		at, ok := first[x.ActorID]
		if !ok || !x.DoneAt.IsZero() || at.Before(x.At) || !at.Before(x.Until) {
			continue
		}
		x.DoneAt = at
		if x.State == Offered {
			x.State, changed = Involved, true
		}
		if err := r.saveSuggestion(ctx, tx, x); err != nil {
			return err
		}
	}
	if !changed {
		return nil
	}
	return r.tell(ctx, tx, team.System(c))
}

// knew gives those who had had to do with the company by a moment.
func (m *Material) knew(at time.Time) []tie.Person {
	var out []tie.Person
	for p, a := range m.Actors {
		if a.Knows && !a.Reached.After(at) {
			out = append(out, tie.Person(p))
		}
	}
	return out
}

// measure counts what came of advice until now, and settles what is over.
func (r *Room) measure(ctx context.Context, tx *store.Tx, m *Material) error {
	rows, err := r.unmeasured(ctx, tx, m.Company)
	if err != nil {
		return err
	}
	carry, person := m.Carry(), m.byActor()
	reached := map[[3]int64]int{}
	for i := range rows {
		x := &rows[i]
		p, ok := person[x.ActorID]
		if !ok {
			continue
		}
		until := x.Until
		if m.Now.Before(until) {
			until = m.Now
		}
		key := [3]int64{int64(p), x.At.Unix(), until.Unix()}
		n, known := reached[key]
		if !known {
			o := tie.ChooseOptions{Now: x.At.Unix() + 1, Home: []tie.Person{Us}, Carry: carry, Reached: m.knew(x.At)}
			got, err := tie.Reached(m.Log, o, []tie.Person{p}, until.Unix())
			if err != nil {
				return err
			}
			n = got[0]
			reached[key] = n
		}
		old := *x
		x.Reached = n
		if !m.Now.Before(x.Until) {
			x.Measured = true
			if x.State == Offered {
				x.State = Lapsed
			}
		}
		if x.Reached == old.Reached && x.Measured == old.Measured {
			continue
		}
		if err := r.saveSuggestion(ctx, tx, x); err != nil {
			return err
		}
	}
	return nil
}
