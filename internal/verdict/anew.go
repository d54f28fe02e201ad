package verdict

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// Source gives texts as they stand, by the ids under which they were judged, and keeps them from changing until the
// transaction ends. What was taken back is left out.
type Source func(ctx context.Context, tx *store.Tx, c team.CompanyID, ids []string) (map[string]string, error)

// SetSource registers where texts are. It is called while the house is built.
func (v *Verdicts) SetSource(f Source) { v.source = f }

// recent is how old a text may be to be judged anew by a better model.
const recent = 90 * 24 * time.Hour

// anewAtOnce is how many texts are judged anew in one transaction.
const anewAtOnce = 100

// anew is the job that judges doubtful texts again after the company's model became another.
type anew struct {
	Company team.CompanyID `json:"company" river:"unique"`
	Version string         `json:"version" river:"unique"`
}

func (anew) Kind() string { return "verdict.anew" }

func (v *Verdicts) judgeAnew(ctx context.Context, tx *store.Tx, c team.CompanyID, version string) error {
	return v.queue.Add(ctx, tx, anew{Company: c, Version: version}, queue.Options{Line: queue.Think, Unique: true})
}

// JudgeAnew judges again, with the model that judges now, what was left to be checked, is recent, and on which nobody
// has said anything. Whoever hears of changed verdicts is told of those that changed.
func (v *Verdicts) JudgeAnew(ctx context.Context, c team.CompanyID) error {
	since := v.clock.Now().Add(-recent)
	for after := (mark{at: since}); ; {
		var more bool
		err := v.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
			after, more, err = v.anewBatch(ctx, tx, c, after)
			return err
		})
		if err != nil {
			return fmt.Errorf("verdict.JudgeAnew: %w", err)
		}
		if !more {
			return nil
		}
	}
}

// mark is a place in the texts of a company, by when they were written.
type mark struct {
	at time.Time
	id string
}

func (v *Verdicts) anewBatch(ctx context.Context, tx *store.Tx, c team.CompanyID, after mark) (mark, bool, error) {
	marks, err := v.doubtful(ctx, tx, c, after, anewAtOnce)
	if err != nil || len(marks) == 0 {
		return after, false, err
	}
	ids := make([]string, len(marks))
	for i, m := range marks {
		ids[i] = m.id
	}
	stand, err := v.source(ctx, tx, c, ids)
	if err != nil {
		return after, false, err
	}
	before, err := v.held(ctx, tx, c, slices.Sorted(maps.Keys(stand)))
	if err != nil {
		return after, false, err
	}
	var texts []Text
	for _, id := range ids {
		if w, ok := before[id]; ok && w.Said == nil {
			texts = append(texts, Text{ID: id, Text: stand[id], At: w.SaidAt, Again: true})
		}
	}
	judged, err := v.judgeAll(ctx, tx, c, texts)
	if err != nil {
		return after, false, err
	}
	var changed []Verdict
	for _, t := range texts {
		if w := judged[t.ID]; differs(before[t.ID], w) {
			changed = append(changed, w)
		}
	}
	if len(changed) > 0 {
		if err := v.tell(ctx, tx, team.System(c), changed); err != nil {
			return after, false, err
		}
	}
	return marks[len(marks)-1], len(marks) == anewAtOnce, nil
}

// differs tells whether a verdict became another for those who look at it.
func differs(a, b Verdict) bool {
	return a.Criticism != b.Criticism || a.Tone != b.Tone || a.Urgency != b.Urgency || !slices.Equal(a.Themes, b.Themes) ||
		a.Asks() != b.Asks() || a.Praises() != b.Praises()
}
