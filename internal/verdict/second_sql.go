package verdict

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

type secondRow struct {
	bun.BaseModel `bun:"table:second_opinion"`
	CompanyID     team.CompanyID `bun:"company_id,pk"`
	Address       string         `bun:"address"`
	Model         string         `bun:"model"`
	Secret        string         `bun:"secret"` // sealed
	Enabled       bool           `bun:"enabled"`
	AnsweredAt    time.Time      `bun:"answered_at,nullzero"`
	ProblemKey    string         `bun:"problem_key"`
	ProblemArgs   string         `bun:"problem_args"`
	ProblemAt     time.Time      `bun:"problem_at,nullzero"`
	Failures      int            `bun:"failures"`
	RestUntil     time.Time      `bun:"rest_until,nullzero"`
}

func (r secondRow) settings() (SecondSettings, error) {
	s := SecondSettings{
		Enabled: r.Enabled, Address: r.Address, Model: r.Model, HasKey: r.Secret != "",
		AnsweredAt: clock.Trim(r.AnsweredAt), RestUntil: clock.Trim(r.RestUntil),
	}
	if r.ProblemKey == "" {
		return s, nil
	}
	s.Problem = &SecondProblem{Key: r.ProblemKey, At: clock.Trim(r.ProblemAt)}
	return s, json.Unmarshal([]byte(r.ProblemArgs), &s.Problem.Args)
}

// secondRow gives the settings of a company; the zero value is off.
func (v *Verdicts) secondRow(ctx context.Context, c team.CompanyID) (r secondRow, err error) {
	err = store.Fault(v.store.Read(ctx).NewSelect().Model(&r).Where("company_id = ?", c).Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return secondRow{CompanyID: c, ProblemArgs: "{}"}, nil
	}
	r.AnsweredAt, r.ProblemAt, r.RestUntil = clock.Trim(r.AnsweredAt), clock.Trim(r.ProblemAt), clock.Trim(r.RestUntil)
	return r, err
}

func (v *Verdicts) saveSecond(ctx context.Context, tx *store.Tx, r secondRow) error {
	_, err := tx.DB.NewInsert().Model(&r).On("CONFLICT (company_id) DO UPDATE").
		Set("address = EXCLUDED.address, model = EXCLUDED.model, secret = EXCLUDED.secret, enabled = EXCLUDED.enabled").
		Set("answered_at = EXCLUDED.answered_at, problem_key = EXCLUDED.problem_key, problem_args = EXCLUDED.problem_args").
		Set("problem_at = EXCLUDED.problem_at, failures = EXCLUDED.failures, rest_until = EXCLUDED.rest_until").Exec(ctx)
	return store.Fault(err)
}

// sameSecond tells whether the settings are still those with which was asked.
func (v *Verdicts) sameSecond(ctx context.Context, tx *store.Tx, asked secondRow) (bool, error) {
	var now secondRow
	q := tx.DB.NewSelect().Model(&now).Where("company_id = ?", asked.CompanyID)
	if v.store.Dialect() == store.Postgres {
		q = q.For("UPDATE")
	}
	err := store.Fault(q.Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return false, nil
	}
	return now.Enabled && now.Address == asked.Address && now.Model == asked.Model && now.Secret == asked.Secret, err
}

func (v *Verdicts) noteAnswer(ctx context.Context, tx *store.Tx, c team.CompanyID, now time.Time) error {
	_, err := tx.DB.NewUpdate().Model((*secondRow)(nil)).Where("company_id = ?", c).Set("answered_at = ?", now).Set("problem_key = ''").
		Set("problem_args = '{}'").Set("problem_at = NULL").Set("failures = 0").Set("rest_until = NULL").Exec(ctx)
	return store.Fault(err)
}

func (v *Verdicts) saveProblem(ctx context.Context, tx *store.Tx, c team.CompanyID, p *fault.Error, now, until time.Time) error {
	args := p.Args
	if args == nil {
		args = map[string]any{}
	}
	b, err := encode(args)
	if err != nil {
		return err
	}
	_, err = tx.DB.NewUpdate().Model((*secondRow)(nil)).Where("company_id = ?", c).Set("problem_key = ?", p.Key).Set("problem_args = ?", b).
		Set("problem_at = ?", now).Set("failures = failures + 1").Set("rest_until = ?", until).Exec(ctx)
	return store.Fault(err)
}

// nextToAsk gives the newest text since a moment about which another model is to be asked, "" when there is none.
func (v *Verdicts) nextToAsk(ctx context.Context, c team.CompanyID, since time.Time) (id string, err error) {
	err = store.Fault(v.store.Read(ctx).NewSelect().Model((*verdictRow)(nil)).Column("subject").Where("company_id = ?", c).
		Where("criticism = 'check'").Where("said_at > ?", since).Where("second IS NULL").Where("said IS NULL").Where("second_tries < ?", maxTries).
		Order("said_at DESC", "subject DESC").Limit(1).Scan(ctx, &id))
	if errors.Is(err, store.ErrMissing) {
		return "", nil
	}
	return id, err
}

func (v *Verdicts) setTries(ctx context.Context, tx *store.Tx, id string, n int) error {
	_, err := tx.DB.NewUpdate().Model((*verdictRow)(nil)).Where("subject = ?", id).Set("second_tries = ?", n).Exec(ctx)
	return store.Fault(err)
}

func (v *Verdicts) addTry(ctx context.Context, tx *store.Tx, id string) error {
	_, err := tx.DB.NewUpdate().Model((*verdictRow)(nil)).Where("subject = ?", id).Set("second_tries = second_tries + 1").Exec(ctx)
	return store.Fault(err)
}

// asking lists the companies that ask another model and whose pause is over.
func (v *Verdicts) asking(ctx context.Context, now time.Time) ([]team.CompanyID, error) {
	var cs []team.CompanyID
	err := v.store.Read(ctx).NewSelect().Model((*secondRow)(nil)).Column("company_id").Where("enabled").
		Where("rest_until IS NULL OR rest_until <= ?", now).Order("company_id").Scan(ctx, &cs)
	return cs, store.Fault(err)
}
