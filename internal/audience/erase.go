package audience

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/id"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

// ErasureID names an erasure.
type ErasureID string

const erasureKind id.Kind = "ers"

// ErasureState is where an erasure stands. It is stored in the database.
type ErasureState string

// The states of an erasure.
const (
	ErasureRunning ErasureState = "running" // there was much: a job goes on step by step
	ErasureDone    ErasureState = "done"
)

// ErasedKind is a kind of thing that is erased. It is stored in the database.
type ErasedKind string

// The kinds of things that are erased, in the order in which a certificate lists them.
const (
	ErasedAccounts      ErasedKind = "accounts"      // on networks
	ErasedItems         ErasedKind = "items"         // what they wrote or did, with earlier texts
	ErasedConversations ErasedKind = "conversations" // that were with them alone
	ErasedAnswers       ErasedKind = "answers"       // of ours to them, with their way out
	ErasedNotes         ErasedKind = "notes"         // about them
	ErasedDrafts        ErasedKind = "drafts"        // of answers to them
	ErasedFiles         ErasedKind = "files"         // of answers to them
	ErasedMerges        ErasedKind = "merges"        // of people into them
	ErasedVerdicts      ErasedKind = "verdicts"      // what their texts were judged to be, with corrections
	ErasedCriticisms    ErasedKind = "criticisms"
	ErasedLetters       ErasedKind = "letters"
	ErasedQuotes        ErasedKind = "quotes"  // of theirs
	ErasedNames         ErasedKind = "names"   // texts of others that named them
	ErasedTraces        ErasedKind = "traces"  // of readings of the network
	ErasedDetails       ErasedKind = "details" // of the register of deeds
	ErasedReplays       ErasedKind = "replays" // answers to programs, kept to be given again
	ErasedCalls         ErasedKind = "calls"   // what programs were to be told, and what they answered
	ErasedTies          ErasedKind = "ties"    // what is known of whom they are tied to
	ErasedLeads         ErasedKind = "leads"   // who they were in them; the figures stay
)

// ErasedKinds lists the kinds in the order in which a certificate shows them.
var ErasedKinds = []ErasedKind{
	ErasedAccounts, ErasedItems, ErasedConversations, ErasedAnswers, ErasedNotes, ErasedDrafts, ErasedFiles, ErasedMerges, ErasedVerdicts,
	ErasedCriticisms, ErasedLetters, ErasedQuotes, ErasedNames, ErasedTraces, ErasedDetails, ErasedReplays, ErasedCalls, ErasedTies,
	ErasedLeads,
}

// StayKind is a kind of thing that stays. It is stored in the database.
type StayKind string

// The kinds of things that stay, each with its reason.
const (
	StayRecord StayKind = "record" // handles in the public record, which cannot be taken out of it and say nothing about anybody
	StayMarks  StayKind = "marks"  // salted hashes, so that nothing of theirs is taken in again
	StayDeed   StayKind = "deed"   // that somebody was erased, by whom and when
)

// StayKinds lists the kinds in the order in which a certificate shows them.
var StayKinds = []StayKind{StayRecord, StayMarks, StayDeed}

// Stay is what of an erased person stays.
type Stay struct {
	Kind StayKind
	N    int
	Refs []string // public handles; nothing that tells who it was
}

// Erasure is somebody being erased, as the rooms above see it.
type Erasure struct {
	ID         ErasureID
	Company    team.CompanyID
	Person     PersonID
	Identities []Identity
	Aged       bool      // nobody asked: they have not written for long
	At         time.Time // when it was asked
	Cursor     string    // how far the room has got, as it said after its last step; "" at the beginning

	words words
}

// IdentityIDs gives the ids of the accounts.
func (e Erasure) IdentityIDs() []IdentityID {
	out := make([]IdentityID, len(e.Identities))
	for i, x := range e.Identities {
		out[i] = x.ID
	}
	return out
}

// ErasureStep is what a room has done in one step.
type ErasureStep struct {
	Erased map[ErasedKind]int
	Stays  []Stay
	Cursor string // where the next step goes on; "" when nothing is left
}

// Add counts n more of a kind.
func (s *ErasureStep) Add(k ErasedKind, n int) {
	if n == 0 {
		return
	}
	if s.Erased == nil {
		s.Erased = map[ErasedKind]int{}
	}
	s.Erased[k] += n
}

// Eraser erases what a room keeps about a person, in the transaction that it is given: all of it, or where that is too much
// for one transaction a part of it, with a cursor. It may be called again with the same cursor.
type Eraser func(ctx context.Context, tx *store.Tx, e Erasure) (ErasureStep, error)

// eraser is a room's Eraser under a name by which an erasure that takes many steps finds it again.
type eraser struct {
	room  string
	erase Eraser
}

// OnErase registers how a room erases a person. Erasers run in the order of registration, so that rooms take their rows in the
// order in which everything else does; this room's own go last. It is called while the house is built.
func (a *Audience) OnErase(room string, f Eraser) {
	a.erasers = append(a.erasers, eraser{room, f})
}

// Errors to compare with errors.Is.
var (
	// ErrErasing says that a person is being erased: nothing more is done with them.
	ErrErasing = fault.New(fault.Conflict, "audience.erase.running")
	// ErrAway says that something to the person is on its way out at this moment.
	ErrAway = fault.New(fault.Conflict, "audience.erase.away")
)

// Certificate says that somebody was erased. It says nothing about who it was, but for what a member wrote as reference.
type Certificate struct {
	ID        ErasureID
	Number    int // of the company, from 1
	State     ErasureState
	Aged      bool // nobody asked: they had not written for long
	People    int  // 1, or how many were forgotten together
	By        team.MemberID
	Via       team.Via
	Reference string
	AskedAt   time.Time
	DoneAt    time.Time // zero: not yet
	CleanedAt time.Time // when the database's file was rewritten; zero: not yet, or the database does so itself
	Erased    map[ErasedKind]int
	Stays     []Stay
	RefusedAt time.Time // when something of theirs was last not taken in; zero: never
	AllowedAt time.Time // when a member allowed it again; zero: never
	AllowedBy team.MemberID
}

// EraseIn is what a member says when they have somebody erased.
type EraseIn struct {
	Name      string // the person's name, typed: it cannot be undone
	Reference string // of the request, such as its date or number; at most 200 characters
}

// maxReference bounds a reference, in characters.
const maxReference = 200

// Erase erases a person from every room: what they wrote, what was answered, what was noted, every name and address. It cannot
// be undone. What there is too much of for one transaction is erased by a job; the certificate says how far it is. It needs
// PeopleErase. A wrong name is Invalid; a person who is being erased is ErrErasing.
func (a *Audience) Erase(ctx context.Context, actor team.Actor, p PersonID, in EraseIn) (Certificate, error) {
	if err := actor.May(team.PeopleErase); err != nil {
		return Certificate{}, err
	}
	reference := strings.Join(strings.Fields(in.Reference), " ")
	if text.Graphemes(reference) > maxReference {
		return Certificate{}, fault.InvalidFields(fault.Field{Name: "reference", Key: "audience.erase.reference", Args: map[string]any{"max": maxReference}})
	}
	var row erasureRow
	err := a.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := a.erasable(ctx, actor.Company, p); err != nil {
			return err
		}
		person, err := a.person(ctx, actor.Company, p)
		if err != nil {
			return err
		}
		if strings.TrimSpace(in.Name) == "" || !sameName(in.Name, person.Name) {
			return fault.InvalidFields(fault.Field{Name: "name", Key: "audience.erase.name", Args: map[string]any{"name": person.Name}})
		}
		row = erasureRow{MemberID: actor.Member, Via: actor.Via, Reference: reference, People: 1, PersonID: p}
		if err := a.begin(ctx, tx, actor.Company, &row); err != nil {
			return err
		}
		if err := a.step(ctx, tx, &row); err != nil {
			return err
		}
		if err := a.goOn(ctx, tx, row); err != nil {
			return err
		}
		return a.team.Audit(ctx, tx, actor, team.Entry{
			Verb: "audience.erase", ObjectKind: "erasure", ObjectID: string(row.ID), Detail: map[string]string{"number": fmt.Sprint(row.Number)},
		})
	})
	if err != nil {
		return Certificate{}, fmt.Errorf("audience.Erase: %w", err)
	}
	return row.certificate(), nil
}

// Forecast is what an erasure would do now.
type Forecast struct {
	Erased map[ErasedKind]int
	Stays  []Stay
	Part   bool // there is too much for one look: it is at least so much
}

// PreviewErase tells what Erase would do: it is done and taken back, so that the figures are those of the certificate. Of very much only
// the first step is looked at. It needs PeopleErase and fails as Erase would.
func (a *Audience) PreviewErase(ctx context.Context, actor team.Actor, p PersonID) (Forecast, error) {
	if err := actor.May(team.PeopleErase); err != nil {
		return Forecast{}, err
	}
	var row erasureRow
	err := a.store.Rehearse(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := a.erasable(ctx, actor.Company, p); err != nil {
			return err
		}
		if _, err := a.person(ctx, actor.Company, p); err != nil {
			return err
		}
		row = erasureRow{MemberID: actor.Member, Via: actor.Via, People: 1, PersonID: p}
		if err := a.begin(ctx, tx, actor.Company, &row); err != nil {
			return err
		}
		return a.step(ctx, tx, &row)
	})
	if err != nil {
		return Forecast{}, fmt.Errorf("audience.PreviewErase: %w", err)
	}
	c := row.certificate()
	return Forecast{Erased: c.Erased, Stays: c.Stays, Part: c.State != ErasureDone}, nil
}

// sameName tells whether a name was typed right: capitals, accents and spaces do not count.
func sameName(a, b string) bool {
	return strings.Join(text.Words(text.Fold(a)), " ") == strings.Join(text.Words(text.Fold(b)), " ") || strings.TrimSpace(a) == strings.TrimSpace(b)
}

// begin opens an erasure: it has a number, and what is theirs is not taken in any more.
func (a *Audience) begin(ctx context.Context, tx *store.Tx, c team.CompanyID, row *erasureRow) error {
	book, err := a.book(ctx, tx, c)
	if err != nil {
		return err
	}
	now := a.clock.Now()
	row.ID, row.CompanyID, row.State, row.AskedAt = ErasureID(erasureKind.New(now)), c, ErasureRunning, now
	row.Erased, row.Stays = map[ErasedKind]int{}, []stayJSON{}
	if row.Number, err = a.nextNumber(ctx, tx, c); err != nil {
		return err
	}
	if err := a.insertErasure(ctx, tx, row); err != nil || row.Aged {
		return err
	}
	person, err := a.person(ctx, c, row.PersonID)
	if err != nil {
		return err
	}
	var marks []string
	for _, i := range person.Identities {
		marks = append(marks, book.account(i.Network, i.key))
		marks = append(marks, book.namesOf(i)...)
	}
	return a.addMarks(ctx, tx, c, row.ID, marks)
}

// MarkItems has items of a person that is being erased, or of ours to them, not taken in again. Nothing is marked when nobody
// asked for the erasure: who writes again is welcome.
func (a *Audience) MarkItems(ctx context.Context, tx *store.Tx, e Erasure, items []ItemRef) error {
	if e.Aged || len(items) == 0 {
		return nil
	}
	book, err := a.book(ctx, tx, e.Company)
	if err != nil {
		return fmt.Errorf("audience.MarkItems: %w", err)
	}
	marks := make([]string, len(items))
	for i, x := range items {
		marks[i] = book.item(x)
	}
	if err := a.addMarks(ctx, tx, e.Company, e.ID, marks); err != nil {
		return fmt.Errorf("audience.MarkItems: %w", err)
	}
	return nil
}

// step takes an erasure as far as one transaction goes.
func (a *Audience) step(ctx context.Context, tx *store.Tx, row *erasureRow) error {
	person, err := a.person(ctx, row.CompanyID, row.PersonID)
	if err != nil {
		return err
	}
	names, err := a.namesOf(ctx, row.CompanyID, person)
	if err != nil {
		return err
	}
	e := Erasure{
		ID: row.ID, Company: row.CompanyID, Person: person.ID, Identities: person.Identities, Aged: row.Aged, At: row.AskedAt,
		words: wordsOf(person.Identities, names),
	}
	reached := row.Progress.Room == ""
	for _, x := range append(slices.Clone(a.erasers), eraser{"team", a.eraseDetails}) {
		e.Cursor = ""
		if x.room == row.Progress.Room {
			reached, e.Cursor = true, row.Progress.Cursor
		}
		if !reached {
			continue
		}
		s, err := x.erase(ctx, tx, e)
		if err != nil {
			return fmt.Errorf("%s: %w", x.room, err)
		}
		row.count(s)
		if s.Cursor != "" {
			row.Progress = progressJSON{Room: x.room, Cursor: s.Cursor}
			return a.updateErasure(ctx, tx, row)
		}
	}
	if !reached {
		return errors.New("no room is called " + row.Progress.Room)
	}
	s, err := a.eraseOwn(ctx, tx, e)
	if err != nil {
		return err
	}
	row.count(s)
	row.PersonID, row.Progress = "", progressJSON{}
	if !row.Aged {
		row.stay(Stay{Kind: StayDeed, N: 1})
		marks, err := a.countMarks(ctx, row.ID)
		if err != nil {
			return err
		}
		row.stay(Stay{Kind: StayMarks, N: marks})
		row.State, row.DoneAt = ErasureDone, a.clock.Now()
	}
	return a.updateErasure(ctx, tx, row)
}

// eraseOwn erases what this room keeps.
func (a *Audience) eraseOwn(ctx context.Context, tx *store.Tx, e Erasure) (s ErasureStep, err error) {
	if err := a.deletePerson(ctx, tx, e, &s); err != nil {
		return s, err
	}
	n, err := a.maskNotes(ctx, tx, e)
	if err != nil {
		return s, err
	}
	s.Add(ErasedNames, n)
	return s, nil
}

// eraseDetails takes the person out of the register of deeds.
func (a *Audience) eraseDetails(ctx context.Context, tx *store.Tx, e Erasure) (s ErasureStep, err error) {
	next, n, err := a.team.ForgetDetails(ctx, tx, e.Company, e.Cursor, e.Names)
	s.Cursor = next
	s.Add(ErasedDetails, n)
	return s, err
}

// eraseJob goes on with an erasure that took more than one transaction.
type eraseJob struct {
	Erasure ErasureID `json:"erasure" river:"unique"`
}

func (eraseJob) Kind() string { return "audience.erase" }

// goOn has a job go on with what is not done, and another clean up behind what is.
func (a *Audience) goOn(ctx context.Context, tx *store.Tx, row erasureRow) error {
	if a.queue == nil {
		return errors.New("audience: Register was not called")
	}
	if row.State == ErasureDone {
		return a.queue.Add(ctx, tx, cleanJob{}, queue.Options{Line: queue.Slow})
	}
	return a.queue.Add(ctx, tx, eraseJob{row.ID}, queue.Options{Line: queue.Slow, MaxAttempts: 100})
}

// Continue takes an erasure one step further and tells whether more is left. A job calls it.
func (a *Audience) Continue(ctx context.Context, id ErasureID) (more bool, err error) {
	err = a.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		row, err := a.lockErasure(ctx, tx, id)
		if err != nil || row == nil || row.State == ErasureDone || row.PersonID == "" {
			return err
		}
		if err := a.step(ctx, tx, row); err != nil {
			return err
		}
		if more = row.PersonID != ""; more || row.Aged {
			return nil
		}
		return a.goOn(ctx, tx, *row)
	})
	if err != nil {
		return false, fmt.Errorf("audience.Continue: %w", err)
	}
	return more, nil
}

// Certificates lists what was erased, newest first; cursor is the number of the last one seen, 0 for the first page. limit is
// at most 100. It needs PeopleErase, or AuditRead.
func (a *Audience) Certificates(ctx context.Context, actor team.Actor, cursor, limit int) ([]Certificate, error) {
	if !actor.Can(team.AuditRead) {
		if err := actor.May(team.PeopleErase); err != nil {
			return nil, err
		}
	}
	out, err := a.certificates(ctx, actor.Company, cursor, clampLimit(limit))
	if err != nil {
		return nil, fmt.Errorf("audience.Certificates: %w", err)
	}
	return out, nil
}

// Certificate gives one by its number. It needs PeopleErase.
func (a *Audience) Certificate(ctx context.Context, actor team.Actor, number int) (Certificate, error) {
	if err := actor.May(team.PeopleErase); err != nil {
		return Certificate{}, err
	}
	c, err := a.readCertificate(ctx, actor.Company, number)
	if err != nil {
		return Certificate{}, fmt.Errorf("audience.Certificate: %w", err)
	}
	return c, nil
}

// Allow has what somebody writes taken in again who was erased: they agreed to it, or they have become a customer again. What
// was erased does not come back, but what still stands on a network may be read again. It needs PeopleErase.
func (a *Audience) Allow(ctx context.Context, actor team.Actor, number int) error {
	if err := actor.May(team.PeopleErase); err != nil {
		return err
	}
	err := a.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		c, err := a.readCertificate(ctx, actor.Company, number)
		if err != nil {
			return err
		}
		if c.State != ErasureDone || c.Aged || !c.AllowedAt.IsZero() {
			return fault.New(fault.Conflict, "audience.allow.none")
		}
		if err := a.allow(ctx, tx, actor, c.ID, a.clock.Now()); err != nil {
			return err
		}
		return a.team.Audit(ctx, tx, actor, team.Entry{
			Verb: "audience.allow", ObjectKind: "erasure", ObjectID: string(c.ID), Detail: map[string]string{"number": fmt.Sprint(c.Number)},
		})
	})
	if err != nil {
		return fmt.Errorf("audience.Allow: %w", err)
	}
	return nil
}

// Erasing gives the erasure of a person that is under way; ok is false when there is none. It needs PeopleRead.
func (a *Audience) Erasing(ctx context.Context, actor team.Actor, p PersonID) (c Certificate, ok bool, err error) {
	if err := actor.May(team.PeopleRead); err != nil {
		return Certificate{}, false, err
	}
	return a.erasing(ctx, actor.Company, p)
}

// erasable is ErrErasing when a person is being erased.
func (a *Audience) erasable(ctx context.Context, c team.CompanyID, p PersonID) error {
	_, busy, err := a.erasing(ctx, c, p)
	if err == nil && busy {
		err = ErrErasing
	}
	return err
}
