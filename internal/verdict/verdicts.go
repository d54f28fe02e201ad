package verdict

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/seal"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/triage"
)

// Rooms are the rooms below that this one is built on.
type Rooms struct {
	Store *store.Store
	Clock clock.Clock
	Team  *team.Team
	Queue *queue.Queue
	Seal  *seal.Keyring
	HTTP  *http.Client // asks for second opinions; it must be guarded
	Log   *slog.Logger
	// Judge stands for every model in tests. nil: the model that Ponte brings, as each company has taught it.
	Judge func(company team.CompanyID, text string) triage.Verdict
	// Learn stands for triage.Learn in tests.
	Learn func(base *triage.Model, corrections []triage.Correction, words []string) (*triage.Model, triage.Report, error)
}

// Changed hears of verdicts that became others without their texts having changed: a member corrected them, or a
// second opinion or a newer model came. actor is who did it.
type Changed func(ctx context.Context, tx *store.Tx, actor team.Actor, vs []Verdict) error

// Verdicts is the room.
type Verdicts struct {
	store     *store.Store
	clock     clock.Clock
	team      *team.Team
	queue     *queue.Queue
	seal      *seal.Keyring
	http      *http.Client
	log       *slog.Logger
	standIn   func(team.CompanyID, string) triage.Verdict
	makeModel func(base *triage.Model, corrections []triage.Correction, words []string) (*triage.Model, triage.Report, error)
	shelf     shelf
	source    Source
	changed   []Changed
}

// New makes the room.
func New(r Rooms) *Verdicts {
	v := &Verdicts{
		store: r.Store, clock: r.Clock, team: r.Team, queue: r.Queue, seal: r.Seal, http: r.HTTP, log: r.Log, standIn: r.Judge,
		makeModel: r.Learn,
	}
	if v.makeModel == nil {
		v.makeModel = triage.Learn
	}
	r.Team.OnRemove(v.removeCompany)
	return v
}

// OnChange registers who hears of changed verdicts. It is called while the house is built.
func (v *Verdicts) OnChange(f Changed) { v.changed = append(v.changed, f) }

// tend is the periodic job that takes up what no other job does.
type tend struct{}

func (tend) Kind() string { return "verdict.tend" }

const tendEvery = time.Minute

// Register adds the room's jobs to the queue.
func (v *Verdicts) Register(q *queue.Queue) {
	queue.Handle(q, 5*time.Minute, func(ctx context.Context, j learn) error {
		// Learning takes, now and then, more memory than the whole house at rest: it goes back at once.
		defer debug.FreeOSMemory()
		return v.whenTold(ctx, j.Company, v.Learn)
	})
	queue.Handle(q, 10*time.Minute, func(ctx context.Context, j anew) error { return v.whenTold(ctx, j.Company, v.JudgeAnew) })
	queue.Handle(q, askingTime+2*askTimeout, func(ctx context.Context, j second) error {
		again, err := v.AskSecond(ctx, j.Company)
		if err == nil && again == goOn {
			return queue.Again(again)
		}
		return err // after a pause Tend takes it up
	})
	queue.Handle(q, time.Minute, func(ctx context.Context, _ tend) error { return v.Tend(ctx) })
	q.Every(tendEvery, queue.Options{Line: queue.Think, MaxAttempts: 1, Unique: true}, tend{})
}

// Tend has models made again that were made from one which Ponte does not bring any more, and asks other models about
// what they could not be asked about when it came in.
func (v *Verdicts) Tend(ctx context.Context) error {
	if err := v.refresh(ctx); err != nil {
		return fmt.Errorf("verdict.Tend: %w", err)
	}
	now := v.clock.Now()
	companies, err := v.asking(ctx, now)
	if err != nil {
		return fmt.Errorf("verdict.Tend: %w", err)
	}
	for _, c := range companies {
		id, err := v.nextToAsk(ctx, c, now.Add(-askFor))
		if err == nil && id != "" {
			err = v.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error { return v.askLater(ctx, tx, c) })
		}
		if err != nil {
			return fmt.Errorf("verdict.Tend: %w", err)
		}
	}
	return nil
}

// toldIn is how long a job waits for the story of a sample company to be told.
const toldIn = 10 * time.Second

// whenTold runs a job of a company, later when its story is still being told: what came of the job would fall between things of months
// ago. A company that is gone has no work left.
func (v *Verdicts) whenTold(ctx context.Context, id team.CompanyID, job func(context.Context, team.CompanyID) error) error {
	c, err := v.team.Company(ctx, id)
	switch {
	case errors.Is(err, store.ErrMissing):
		return nil
	case err != nil:
		return err
	case c.Filling:
		return queue.Again(toldIn)
	}
	return job(ctx, id)
}

func (v *Verdicts) tell(ctx context.Context, tx *store.Tx, actor team.Actor, vs []Verdict) error {
	for _, f := range v.changed {
		if err := f(ctx, tx, actor, vs); err != nil {
			return err
		}
	}
	return nil
}
