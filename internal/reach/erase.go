package reach

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/tie"
)

// eraseFeeds bounds how many portions of what the inbox changed are gone through in one step of an erasure.
const eraseFeeds = 10

// erase takes a person out of the ties: every tie of theirs, every portrait in which they are, what was advised about them. What was
// worked out with them there, the classes of other people's ties, what is credited and what was measured, is worked out anew by a job, so
// that afterwards all is as if they had never been there.
func (r *Room) erase(ctx context.Context, tx *store.Tx, e audience.Erasure) (step audience.ErasureStep, err error) {
	step, err = r.eraseStep(ctx, tx, e)
	if err != nil {
		err = fmt.Errorf("reach.erase: %w", err)
	}
	return step, err
}

func (r *Room) eraseStep(ctx context.Context, tx *store.Tx, e audience.Erasure) (step audience.ErasureStep, err error) {
	s, err := r.setting(ctx, tx, e.Company)
	if err != nil {
		return step, err
	}
	m, err := s.marker()
	if err != nil {
		return step, err
	}
	marks := make([]string, len(e.Identities))
	for i, x := range e.Identities {
		marks[i] = m.account(x.Network, x.Key())
	}
	ids, err := r.actorsMarked(ctx, tx, e.Company, e.IdentityIDs(), marks)
	if err != nil {
		return step, err
	}
	n, err := r.removeActors(ctx, tx, e.Company, e.Person, ids)
	if err != nil {
		return step, err
	}
	step.Add(audience.ErasedTies, n)
	// What the inbox changed on the way is gone through at once: words of others that named them are in it, and answers to them.
	for i := 0; ; i++ {
		behind, err := r.isBehind(ctx, e.Company)
		if err != nil {
			return step, err
		}
		if !behind {
			break
		}
		if i == eraseFeeds {
			step.Cursor = "feed"
			break
		}
		if _, err := r.feedSome(ctx, tx, e.Company); err != nil {
			return step, err
		}
	}
	if step.Cursor == "" { // what was gone through just now may have met them again
		again, err := r.actorsMarked(ctx, tx, e.Company, nil, marks)
		if err != nil {
			return step, err
		}
		if _, err := r.removeActors(ctx, tx, e.Company, e.Person, again); err != nil {
			return step, err
		}
	}
	if len(ids) == 0 || r.rooms.Queue == nil {
		return step, nil
	}
	return step, r.rooms.Queue.Add(ctx, tx, drawJob{e.Company}, queue.Options{Line: queue.Slow, Unique: true, MaxAttempts: 5})
}

// export gives whom somebody is tied to, and what was advised about them.
func (r *Room) export(ctx context.Context, s audience.Subject, put func(audience.Entry) error) error {
	ids, err := r.actorsByIdentity(ctx, s.Company, s.IdentityIDs())
	if err == nil && len(ids) > 0 {
		err = r.exportTies(ctx, s, ids, put)
	}
	if err != nil {
		return fmt.Errorf("reach.export: %w", err)
	}
	return nil
}

var errNobody = errors.New("reach: a tie has no ends")

func (r *Room) exportTies(ctx context.Context, s audience.Subject, ids []ActorID, put func(audience.Entry) error) error {
	theirs := map[ActorID]bool{}
	for _, id := range ids {
		theirs[id] = true
	}
	company, err := r.rooms.Team.Company(ctx, s.Company)
	if err != nil {
		return err
	}
	events, follows, err := r.tiesOf(ctx, s.Company, ids)
	if err != nil {
		return err
	}
	others := map[ActorID]bool{}
	for _, e := range events {
		others[e.ActorID], others[e.TargetID] = true, true
	}
	for _, f := range follows {
		others[f.ActorID], others[f.TargetID] = true, true
	}
	var ask []ActorID
	for id := range others {
		if id != "" && !theirs[id] {
			ask = append(ask, id)
		}
	}
	handles, err := r.handlesOf(ctx, s.Company, ask)
	if err != nil {
		return err
	}
	name := func(id ActorID) string {
		switch {
		case id == "":
			return company.Name
		case theirs[id]:
			return "*"
		case handles[id] != "":
			return handles[id]
		}
		return "?" // there is no more than a keyed hash
	}
	for _, e := range events {
		if e.ActorID == "" && e.TargetID == "" {
			return errNobody
		}
		err := put(audience.Entry{Section: audience.SectionTies, At: e.At, Facts: []audience.EntryFact{
			{Key: audience.FactKind, Value: e.Kind},
			{Key: audience.FactFrom, Value: name(e.ActorID)},
			{Key: audience.FactTo, Value: name(e.TargetID)},
			{Key: audience.FactThemes, Value: e.Words},
		}})
		if err != nil {
			return err
		}
	}
	for _, f := range follows {
		err := put(audience.Entry{Section: audience.SectionTies, At: f.FirstAt, Facts: []audience.EntryFact{
			{Key: audience.FactKind, Value: "follow"}, {Key: audience.FactFrom, Value: name(f.ActorID)}, {Key: audience.FactTo, Value: name(f.TargetID)},
		}})
		if err != nil {
			return err
		}
	}
	all, err := r.suggestions(ctx, s.Company, SuggestionsIn{Held: true, Person: s.Person, Limit: 500})
	if err != nil {
		return err
	}
	for _, x := range all {
		err := put(audience.Entry{Section: audience.SectionTies, At: x.At, Facts: []audience.EntryFact{
			{Key: audience.FactState, Value: string(x.State)},
			{Key: audience.FactKind, Value: tie.Class(x.Class).String()},
			{Key: audience.FactExpected, Value: strconv.FormatFloat(x.Expected.Expected, 'f', -1, 64)},
			{Key: audience.FactReached, Value: strconv.Itoa(x.Reached)},
			{Key: audience.FactAnswered, Value: rfc3339(x.DoneAt)},
		}})
		if err != nil {
			return err
		}
	}
	return nil
}

func rfc3339(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
