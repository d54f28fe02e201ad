package verdict

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/triage"
)

// keptModels is how many models of a company are kept.
const keptModels = 5

// maxLessons is how many corrections a model learns from.
const maxLessons = 5000

// gatherFor is how long a lesson waits for others, so that an hour of correcting does not make a model for each word.
const gatherFor = 20 * time.Second

// Model is a model that a company has taught.
type Model struct {
	Number      int // from 1 on
	Version     string
	Active      bool // it judges
	Accepted    bool // it did not forget what it knew; false: it was never used
	Undone      bool // a member went back to the one before it
	Corrections int  // texts with what members said about them, that it learned from
	Before      float64
	After       float64 // score on the regression set, 0 to 1: before it learned and after
	At          time.Time
}

// learn is the job that makes a company's model again. There may be one for each lesson: what one run has seen is
// nothing new for the next.
type learn struct {
	Company team.CompanyID `json:"company" river:"unique"`
	Lesson  int            `json:"lesson" river:"unique"`
}

func (learn) Kind() string { return "verdict.learn" }

// teach notes that there is something new to learn. What was said in a story is learned with the first word of somebody who is real.
func (v *Verdicts) teach(ctx context.Context, tx *store.Tx, c team.CompanyID) error {
	n, err := v.addLesson(ctx, tx, c)
	if err != nil {
		return err
	}
	if company, err := v.team.Company(ctx, c); err != nil || company.Filling {
		return err
	}
	return v.queue.Add(ctx, tx, learn{Company: c, Lesson: n}, queue.Options{Line: queue.Think, At: v.clock.Now().Add(gatherFor), Unique: true})
}

// lesson is all that a company's model is made from.
type lesson struct {
	number      int
	corrections []triage.Correction
	upto        string // id of the latest correction
	words       []string
}

// Learn makes the company's model again from all that members said, unless that was done already. A model that forgot
// what the one before knew is kept to be seen and not used.
func (v *Verdicts) Learn(ctx context.Context, c team.CompanyID) error {
	if err := v.learn(ctx, c); err != nil {
		return fmt.Errorf("verdict.Learn: %w", err)
	}
	return nil
}

func (v *Verdicts) learn(ctx context.Context, c team.CompanyID) error {
	given, learned, err := v.lessons(ctx, c)
	if err != nil || learned >= given {
		return err
	}
	l := lesson{number: given}
	if err := v.readLesson(ctx, c, &l); err != nil {
		return err
	}
	base, err := triage.Default()
	if err != nil {
		return err
	}
	var made *triage.Model
	var report triage.Report
	if len(l.corrections)+len(l.words) > 0 {
		if made, report, err = v.makeModel(base, l.corrections, l.words); err != nil {
			return err
		}
	}
	err = v.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error { return v.keepModel(ctx, tx, c, l, base, made, report) })
	if errors.Is(err, errOutdated) {
		return nil // more was said, or something was forgotten: the job of that goes on
	}
	return err
}

// errOutdated says that a lesson is not the latest any more.
var errOutdated = errors.New("verdict: the lesson is outdated")

// keepModel keeps what came of a lesson. made is nil when there was nothing to learn from: then Ponte's own model judges.
func (v *Verdicts) keepModel(ctx context.Context, tx *store.Tx, c team.CompanyID, l lesson, base, made *triage.Model, r triage.Report) error {
	if err := v.finishLesson(ctx, tx, c, l.number); err != nil {
		return err
	}
	before, err := v.activeModel(ctx, c, base.Version())
	if err != nil {
		return err
	}
	version := base.Version()
	if made != nil {
		weights, err := made.MarshalBinary()
		if err != nil {
			return err
		}
		row := modelRow{
			ID: modelKind.New(v.clock.Now()), CompanyID: c, Version: made.Version(), Base: base.Version(), Accepted: r.Acceptable(), Active: r.Acceptable(),
			Corrections: len(l.corrections), UpTo: l.upto, Before: r.Before, After: r.After, Weights: weights, At: v.clock.Now(),
		}
		if err := v.insertModel(ctx, tx, row); err != nil {
			return err
		}
		if !row.Accepted {
			return nil
		}
		version = made.Version()
	} else if err := v.activate(ctx, tx, c, 0); err != nil {
		return err
	}
	if version == before.Version || before.Version == "" && version == base.Version() {
		return nil
	}
	return v.judgeAnew(ctx, tx, c, version)
}

// Models lists the models that a company has taught, the newest first. With none active Ponte's own judges.
func (v *Verdicts) Models(ctx context.Context, actor team.Actor) ([]Model, error) {
	if err := actor.May(team.InboxRead); err != nil {
		return nil, err
	}
	ms, err := v.models(ctx, actor.Company)
	if err != nil {
		return nil, fmt.Errorf("verdict.Models: %w", err)
	}
	return ms, nil
}

// UndoModel goes back from the company's model to the one before it, or to the one that Ponte brings. What members had said in between
// stands where they said it, and no later model learns it; another word about the same text is learned. The company's own words stay.
func (v *Verdicts) UndoModel(ctx context.Context, actor team.Actor) error {
	if err := actor.May(team.CompanyChange); err != nil {
		return err
	}
	err := v.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		base, err := triage.Default()
		if err != nil {
			return err
		}
		undone, err := v.undoModel(ctx, tx, actor.Company, base.Version())
		if err != nil {
			return err
		}
		if undone == 0 {
			return fault.New(fault.Conflict, "verdict.model.none")
		}
		after, err := v.activeModel(ctx, actor.Company, base.Version())
		if err != nil {
			return err
		}
		version := after.Version
		if version == "" {
			version = base.Version()
		}
		if err := v.judgeAnew(ctx, tx, actor.Company, version); err != nil {
			return err
		}
		return v.team.Audit(ctx, tx, actor, team.Entry{
			Verb: "verdict.undo", ObjectKind: "company", ObjectID: string(actor.Company), Detail: map[string]string{"model": fmt.Sprint(undone)},
		})
	})
	if err != nil {
		return fmt.Errorf("verdict.UndoModel: %w", err)
	}
	return nil
}

// refresh has the models of companies made again that were made from a model which Ponte does not bring any more.
func (v *Verdicts) refresh(ctx context.Context) error {
	base, err := triage.Default()
	if err != nil {
		return err
	}
	companies, err := v.outdated(ctx, base.Version())
	if err != nil {
		return err
	}
	for _, c := range companies {
		if err := v.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
			if err := v.retire(ctx, tx, c, base.Version()); err != nil {
				return err
			}
			return v.teach(ctx, tx, c)
		}); err != nil {
			return err
		}
	}
	return nil
}
