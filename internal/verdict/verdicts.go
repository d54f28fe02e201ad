package verdict

import (
	"context"
	"log/slog"
	"net/http"

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
	// Judge stands for the model in tests. nil: the model that Ponte brings, as each company has taught it.
	Judge func(company team.CompanyID, text string) triage.Verdict
}

// Changed hears of verdicts that became others without their texts having changed: a member corrected them, or a
// second opinion or a newer model came. actor is who did it.
type Changed func(ctx context.Context, tx *store.Tx, actor team.Actor, vs []Verdict) error

// Verdicts is the room.
type Verdicts struct {
	store   *store.Store
	clock   clock.Clock
	team    *team.Team
	queue   *queue.Queue
	seal    *seal.Keyring
	http    *http.Client
	log     *slog.Logger
	judge   func(team.CompanyID, string) triage.Verdict
	changed []Changed
}

// New makes the room.
func New(r Rooms) *Verdicts {
	v := &Verdicts{store: r.Store, clock: r.Clock, team: r.Team, queue: r.Queue, seal: r.Seal, http: r.HTTP, log: r.Log, judge: r.Judge}
	r.Team.OnRemove(v.removeCompany)
	return v
}

// OnChange registers who hears of changed verdicts. It is called while the house is built.
func (v *Verdicts) OnChange(f Changed) { v.changed = append(v.changed, f) }

// Register adds the room's jobs to the queue.
func (v *Verdicts) Register(*queue.Queue) {}

func (v *Verdicts) tell(ctx context.Context, tx *store.Tx, actor team.Actor, vs []Verdict) error {
	for _, f := range v.changed {
		if err := f(ctx, tx, actor, vs); err != nil {
			return err
		}
	}
	return nil
}
