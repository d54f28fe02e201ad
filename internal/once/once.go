package once

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/id"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/seal"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

const claimKind id.Kind = "clm"

// Life is how long an answer is remembered.
const Life = 24 * time.Hour

const (
	claimLife  = 5 * time.Minute // longer than any request takes; a process that was killed blocks a key so long
	inFlight   = 2 * time.Second // what is told to who asks meanwhile
	sweepEvery = time.Hour
	maxKey     = 255 // characters
)

// Errors to compare with errors.Is.
var (
	ErrKey      = fault.New(fault.Invalid, "once.key")       // not 1 to 255 visible ASCII characters
	ErrOther    = fault.New(fault.Conflict, "once.other")    // the key came with another request before
	ErrInFlight = fault.New(fault.Conflict, "once.inflight") // the same request is being worked on
	ErrLost     = fault.New(fault.Conflict, "once.lost")     // it was done, but the answer can no longer be opened
)

// Request is what was asked, by whom, under which key.
type Request struct {
	Company team.CompanyID
	Token   string // who asks; a key of one token says nothing about that of another
	Key     string // chosen by who asks: 1 to 255 visible ASCII characters
	Hash    string // of everything that makes the request what it is
}

// Answer is what a request got.
type Answer struct {
	Status int    // of HTTP; 200 to 299 is remembered, anything else changed nothing and is not
	Body   []byte // sealed at rest: it may hold what is shown only once
}

func (a Answer) good() bool { return a.Status >= 200 && a.Status < 300 }

// Once remembers answers. It is safe for use by several goroutines.
type Once struct {
	store *store.Store
	keys  *seal.Keyring
	clock clock.Clock
}

// New makes the room. It takes its place in the room team: what it keeps goes away with a company.
func New(s *store.Store, k *seal.Keyring, c clock.Clock, t *team.Team) *Once {
	o := &Once{store: s, keys: k, clock: c}
	t.OnRemove(o.erase)
	return o
}

// sweep is the periodic job that forgets old answers.
type sweep struct{}

func (sweep) Kind() string { return "once.sweep" }

// Register adds the room's jobs to the queue.
func (o *Once) Register(q *queue.Queue) {
	queue.Handle(q, time.Minute, func(ctx context.Context, _ sweep) error { return o.Sweep(ctx) })
	q.Every(sweepEvery, queue.Options{Line: queue.Slow, MaxAttempts: 1, Unique: true}, sweep{})
}

// Sweep forgets answers older than Life.
func (o *Once) Sweep(ctx context.Context) error {
	err := o.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		return o.deleteBefore(ctx, tx, o.clock.Now().Add(-Life))
	})
	if err != nil {
		return fmt.Errorf("once.Sweep: %w", err)
	}
	return nil
}

// errRefused rolls back what a request did that did not get a good answer.
var errRefused = errors.New("once: not a good answer")

// Within does a request in one transaction with remembering its answer: f's changes and the answer are there
// together, or neither. Use cases called by f join the transaction by its context; f calls no network. When the answer
// is not good, everything f changed is rolled back and the key is free again. replayed tells that the answer is an
// earlier one and that f was not called. Errors: ErrKey, ErrOther, ErrInFlight, ErrLost.
func (o *Once) Within(ctx context.Context, r Request, f func(ctx context.Context) Answer) (a Answer, replayed bool, err error) {
	return o.do(ctx, r, func(ctx context.Context, claim string) (a Answer, err error) {
		err = o.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
			if a = f(ctx); !a.good() {
				return errRefused
			}
			return o.keep(ctx, tx, r, claim, a)
		})
		return a, err
	})
}

// Around does a request that calls networks or takes files, outside of any transaction, and remembers its answer
// after. Killed in between, the request may be done again after five minutes: only what bears that is done so.
func (o *Once) Around(ctx context.Context, r Request, f func(ctx context.Context) Answer) (a Answer, replayed bool, err error) {
	return o.do(ctx, r, func(ctx context.Context, claim string) (Answer, error) {
		a := f(ctx)
		if !a.good() {
			return a, errRefused
		}
		// What was done is done, also when who asked is gone.
		ctx = context.WithoutCancel(ctx)
		return a, o.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error { return o.keep(ctx, tx, r, claim, a) })
	})
}

func (o *Once) do(ctx context.Context, r Request, f func(ctx context.Context, claim string) (Answer, error)) (Answer, bool, error) {
	if !r.sane() {
		return Answer{}, false, fmt.Errorf("once.Do: %w", ErrKey)
	}
	claim, old, err := o.claim(ctx, r)
	if errors.Is(err, store.ErrTaken) { // another claimed it at the same moment: see what that was
		claim, old, err = o.claim(ctx, r)
	}
	if err != nil {
		return Answer{}, false, fmt.Errorf("once.Do: %w", err)
	}
	if old != nil {
		return *old, true, nil
	}
	kept := false
	defer func() {
		if !kept { // also when f panics
			o.free(context.WithoutCancel(ctx), r, claim)
		}
	}()
	a, err := f(ctx, claim)
	if errors.Is(err, errRefused) {
		return a, false, nil
	}
	if err != nil {
		return Answer{}, false, fmt.Errorf("once.Do: %w", err)
	}
	kept = true
	return a, false, nil
}

func (r Request) sane() bool {
	if r.Key == "" || len(r.Key) > maxKey {
		return false
	}
	for _, c := range []byte(r.Key) {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return true
}

// claim takes a key for this request, or gives the answer that is remembered.
func (o *Once) claim(ctx context.Context, r Request) (claim string, old *Answer, err error) {
	err = o.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		now := o.clock.Now()
		row, err := o.read(ctx, tx, r)
		if err != nil {
			return err
		}
		if row != nil && !row.CreatedAt.After(now.Add(-Life)) {
			if err := o.delete(ctx, tx, r, row.Claim); err != nil {
				return err
			}
			row = nil
		}
		claim = claimKind.New(now)
		switch {
		case row == nil:
			return o.insert(ctx, tx, answerRow{
				CompanyID: r.Company, TokenID: r.Token, Key: r.Key, RequestHash: r.Hash, Claim: claim, ClaimedUntil: now.Add(claimLife), CreatedAt: now,
			})
		case row.RequestHash != r.Hash:
			return ErrOther
		case row.Status > 0:
			body, err := o.keys.Unseal(r.place(), row.Response)
			if err != nil {
				return ErrLost.Because(err)
			}
			old = &Answer{Status: row.Status, Body: body}
			return nil
		case row.ClaimedUntil.After(now):
			return ErrInFlight.After(inFlight)
		}
		return o.retake(ctx, tx, r, row.Claim, claim, now.Add(claimLife))
	})
	return claim, old, err
}

// place is where an answer is sealed for.
func (r Request) place() seal.Place {
	return seal.Place{Company: string(r.Company), Row: r.Token + " " + r.Key, Purpose: "once.answer"}
}

func (o *Once) keep(ctx context.Context, tx *store.Tx, r Request, claim string, a Answer) error {
	sealed, err := o.keys.Seal(r.place(), a.Body)
	if err != nil {
		return err
	}
	return o.settle(ctx, tx, r, claim, a.Status, sealed)
}

// free gives a key back. When that fails the claim runs out by itself.
func (o *Once) free(ctx context.Context, r Request, claim string) {
	_ = o.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error { return o.delete(ctx, tx, r, claim) })
}

// Forget drops what requests of the last day were answered, because it may hold what somebody is erased with. That they were done
// stays known, so that none is done twice: who asks again hears ErrLost. A key that names somebody goes as a whole. It gives how
// many answers were dropped.
func (o *Once) Forget(ctx context.Context, tx *store.Tx, c team.CompanyID, names func(string) bool) (int, error) {
	n, err := o.forget(ctx, tx, c, names)
	if err != nil {
		return 0, fmt.Errorf("once.Forget: %w", err)
	}
	return n, nil
}
