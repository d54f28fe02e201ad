package audience

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/id"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

// PersonID names a person outside the company.
type PersonID string

// IdentityID names one account of a person on a network.
type IdentityID string

// MergeID names the joining of two people.
type MergeID string

const (
	personKind   id.Kind = "per"
	identityKind id.Kind = "idn"
	noteKind     id.Kind = "pnt"
	mergeKind    id.Kind = "mrg"
)

// Person is someone outside.
type Person struct {
	ID         PersonID
	Name       string
	Named      bool // a member wrote the name; networks no longer change it
	CreatedAt  time.Time
	SeenAt     time.Time // when something of theirs last came in
	Identities []Identity
}

// Identity is one account of a person.
type Identity struct {
	ID        IdentityID
	Person    PersonID
	Network   network.Name
	RemoteID  string
	Handle    string
	Name      string
	URL       string
	AvatarURL string
	Bot       bool

	key string // what makes two sightings the same account
}

// Label gives the name to show: the account's name, else its handle.
func (i Identity) Label() string {
	if i.Name != "" {
		return i.Name
	}
	return i.Handle
}

// Note is what a member wrote about a person, for the team only.
type Note struct {
	ID     string
	Member team.MemberID
	Body   string
	At     time.Time
	Keep   bool // while it is there the person is not forgotten by age
}

// Merge is the joining of two people by a member.
type Merge struct {
	ID       MergeID
	Kept     PersonID
	GoneName string
	Member   team.MemberID
	At       time.Time
	Undone   bool
}

// Audience knows people.
type Audience struct {
	store    *store.Store
	clock    clock.Clock
	team     *team.Team
	queue    *queue.Queue // nil until Register
	erasers  []eraser
	keepers  []Keeper
	counters []Counter
	exports  []Exporter
}

// New makes the room.
func New(s *store.Store, c clock.Clock, t *team.Team) *Audience {
	a := &Audience{store: s, clock: c, team: t}
	t.OnRemove(a.removeCompany)
	return a
}

// identityKey is what makes two sightings the same account. Fediverse servers number accounts each in its own way, so
// the handle with its server counts; elsewhere the network's own id does.
func identityKey(n network.Name, a network.Author) string {
	if n == network.Mastodon && a.Handle != "" {
		return strings.ToLower(a.Handle)
	}
	return a.RemoteID
}

// Observe notes who wrote, in the transaction that brings in what they wrote, and gives the identity of each author
// by RemoteID. New accounts become new people; changed names and pictures are taken over. seen is when each wrote last, by
// RemoteID.
func (a *Audience) Observe(ctx context.Context, tx *store.Tx, c team.CompanyID, n network.Name, authors []network.Author, seen map[string]time.Time) (map[string]IdentityID, error) {
	byKey := map[string]network.Author{}
	var keys []string
	last := map[string]time.Time{}
	for _, au := range authors {
		k := identityKey(n, au)
		if k == "" {
			continue
		}
		if _, ok := byKey[k]; !ok {
			keys = append(keys, k)
		}
		byKey[k] = au
		if t := seen[au.RemoteID]; t.After(last[k]) {
			last[k] = t
		}
	}
	slices.Sort(keys) // two channels that see the same people at once take them in the same order
	ids, err := a.observe(ctx, tx, c, n, keys, byKey, last)
	if err != nil {
		return nil, fmt.Errorf("audience.Observe: %w", err)
	}
	out := make(map[string]IdentityID, len(authors))
	for _, au := range authors {
		if k := identityKey(n, au); k != "" {
			out[au.RemoteID] = ids[k]
		}
	}
	return out, nil
}

// Person gives a person with all identities.
func (a *Audience) Person(ctx context.Context, actor team.Actor, p PersonID) (Person, error) {
	if err := actor.May(team.PeopleRead); err != nil {
		return Person{}, err
	}
	if _, err := personKind.Parse(string(p)); err != nil {
		return Person{}, err
	}
	return a.person(ctx, actor.Company, p)
}

// Find lists people whose name or handle begins with the words of a query, most recently seen first; an empty query
// lists everybody. cursor is what the last page gave, "" for the first. limit is at most 100.
func (a *Audience) Find(ctx context.Context, actor team.Actor, query, cursor string, limit int) ([]Person, string, error) {
	if err := actor.May(team.PeopleRead); err != nil {
		return nil, "", err
	}
	return a.find(ctx, actor.Company, text.Fold(strings.TrimPrefix(strings.TrimSpace(query), "@")), cursor, clampLimit(limit))
}

func clampLimit(n int) int {
	if n <= 0 {
		return 30
	}
	return min(n, 100)
}

// maxName bounds a person's name, in characters.
const maxName = 120

// Rename gives a person the name that a member knows them by; "" goes back to the name of the first account.
func (a *Audience) Rename(ctx context.Context, actor team.Actor, p PersonID, name string) error {
	if err := actor.May(team.PeopleManage); err != nil {
		return err
	}
	name = strings.Join(strings.Fields(name), " ")
	if text.Graphemes(name) > maxName {
		return fault.InvalidFields(fault.Field{Name: "name", Key: "audience.name.long", Args: map[string]any{"max": maxName}})
	}
	return a.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := a.erasable(ctx, actor.Company, p); err != nil {
			return fmt.Errorf("audience.Rename: %w", err)
		}
		if err := a.rename(ctx, tx, actor, p, name); err != nil {
			return fmt.Errorf("audience.Rename: %w", err)
		}
		return a.team.Audit(ctx, tx, actor, team.Entry{Verb: "audience.rename", ObjectKind: "person", ObjectID: string(p)})
	})
}

// maxNote bounds a note, in characters.
const maxNote = 4000

// AddNote writes a note about a person.
func (a *Audience) AddNote(ctx context.Context, actor team.Actor, p PersonID, body string) (Note, error) {
	if err := actor.May(team.PeopleManage); err != nil {
		return Note{}, err
	}
	body = strings.TrimSpace(body)
	if body == "" {
		return Note{}, fault.InvalidFields(fault.Field{Name: "body", Key: "audience.note.empty"})
	}
	if text.Graphemes(body) > maxNote {
		return Note{}, fault.InvalidFields(fault.Field{Name: "body", Key: "audience.note.long", Args: map[string]any{"max": maxNote}})
	}
	n := Note{Member: actor.Member, Body: body, At: a.clock.Now()}
	n.ID = noteKind.New(n.At)
	return n, a.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := a.erasable(ctx, actor.Company, p); err != nil {
			return fmt.Errorf("audience.AddNote: %w", err)
		}
		if _, err := a.person(ctx, actor.Company, p); err != nil {
			return fmt.Errorf("audience.AddNote: %w", err)
		}
		if err := a.addNote(ctx, tx, actor.Company, p, n); err != nil {
			return fmt.Errorf("audience.AddNote: %w", err)
		}
		return a.team.Audit(ctx, tx, actor, team.Entry{Verb: "audience.note", ObjectKind: "person", ObjectID: string(p)})
	})
}

// Notes lists the notes about a person, oldest first.
func (a *Audience) Notes(ctx context.Context, actor team.Actor, p PersonID) ([]Note, error) {
	if err := actor.May(team.PeopleRead); err != nil {
		return nil, err
	}
	return a.notes(ctx, actor.Company, p)
}

// MergePeople joins gone into kept: identities and notes move, gone is no more. It can be undone.
func (a *Audience) MergePeople(ctx context.Context, actor team.Actor, kept, gone PersonID) (MergeID, error) {
	if err := actor.May(team.PeopleManage); err != nil {
		return "", err
	}
	if kept == gone {
		return "", fault.New(fault.Invalid, "audience.merge.same")
	}
	now := a.clock.Now()
	mid := MergeID(mergeKind.New(now))
	return mid, a.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		for _, p := range []PersonID{kept, gone} {
			if err := a.erasable(ctx, actor.Company, p); err != nil {
				return fmt.Errorf("audience.MergePeople: %w", err)
			}
		}
		if err := a.merge(ctx, tx, actor, mid, kept, gone, now); err != nil {
			return fmt.Errorf("audience.MergePeople: %w", err)
		}
		return a.team.Audit(ctx, tx, actor, team.Entry{
			Verb: "audience.merge", ObjectKind: "person", ObjectID: string(kept),
			Detail: map[string]string{"gone": string(gone)},
		})
	})
}

// UndoMerge parts two people again as they were when they were joined. Identities that were moved on since then stay
// where they are. A merge that was undone already is a Conflict.
func (a *Audience) UndoMerge(ctx context.Context, actor team.Actor, m MergeID) error {
	if err := actor.May(team.PeopleManage); err != nil {
		return err
	}
	return a.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		back, err := a.undo(ctx, tx, actor, m, a.clock.Now())
		if err != nil {
			return fmt.Errorf("audience.UndoMerge: %w", err)
		}
		return a.team.Audit(ctx, tx, actor, team.Entry{
			Verb: "audience.part", ObjectKind: "person", ObjectID: string(back),
		})
	})
}

// Merges lists the joinings into a person that can be undone, newest first.
func (a *Audience) Merges(ctx context.Context, actor team.Actor, p PersonID) ([]Merge, error) {
	if err := actor.May(team.PeopleRead); err != nil {
		return nil, err
	}
	return a.merges(ctx, actor.Company, p)
}

// IdentitiesByID gives identities for names on screen. It is for other rooms, which have checked who asks.
func (a *Audience) IdentitiesByID(ctx context.Context, c team.CompanyID, ids []IdentityID) (map[IdentityID]Identity, error) {
	return a.identities(ctx, c, ids)
}

// IdentitiesOf gives the identities of a person. It is for other rooms, which have checked who asks.
func (a *Audience) IdentitiesOf(ctx context.Context, c team.CompanyID, p PersonID) ([]Identity, error) {
	person, err := a.person(ctx, c, p)
	if err != nil {
		return nil, err
	}
	return person.Identities, nil
}
