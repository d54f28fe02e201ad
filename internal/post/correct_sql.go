package post

import (
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

type correctionRow struct {
	bun.BaseModel `bun:"table:post_correction"`
	ID            CorrectionID      `bun:"id,pk"`
	CompanyID     team.CompanyID    `bun:"company_id"`
	PostID        ID                `bun:"post_id"`
	Kind          CorrectionKind    `bun:"kind"`
	State         CorrectionState   `bun:"state"`
	Content       correctedRow      `bun:"content,type:jsonb"`
	Hash          string            `bun:"hash"`
	Wanted        wantedRow         `bun:"wanted,type:jsonb"`
	MemberID      team.MemberID     `bun:"member_id"`
	At            time.Time         `bun:"at"`
	DoneAt        time.Time         `bun:"done_at,nullzero"`
	Tries         int               `bun:"tries"`
	LookAt        time.Time         `bun:"look_at,nullzero"`
	Trouble       *delivery.Trouble `bun:"trouble,type:jsonb"`
}

// correctedRow is what a correction is about, as it is stored.
type correctedRow struct {
	Written Written
	Parts   map[PartID]Content
	Targets []PartID
	Done    []PartID
}

func rowOfCorrection(c team.CompanyID, x Correction) *correctionRow {
	return &correctionRow{
		ID: x.ID, CompanyID: c, PostID: x.Post, Kind: x.Kind, State: x.State, Content: correctedRow{x.Written, x.Parts, x.Targets, x.Done}, Hash: x.Hash,
		Wanted: wantedRow{x.Wanted}, MemberID: x.By, At: x.At, DoneAt: x.DoneAt, Tries: x.tries, LookAt: x.lookAt, Trouble: x.Trouble,
	}
}

func (r correctionRow) correction() Correction {
	return Correction{
		ID: r.ID, Post: r.PostID, Kind: r.Kind, State: r.State, Written: r.Content.Written, Parts: r.Content.Parts, Targets: r.Content.Targets,
		Done: r.Content.Done, Hash: r.Hash, Wanted: r.Wanted.Steps, By: r.MemberID, At: clock.Trim(r.At), DoneAt: clock.Trim(r.DoneAt), tries: r.Tries,
		lookAt: clock.Trim(r.LookAt), Trouble: r.Trouble,
	}
}

func (p *Posts) insertCorrection(ctx context.Context, tx *store.Tx, c team.CompanyID, x Correction) error {
	_, err := tx.DB.NewInsert().Model(rowOfCorrection(c, x)).Exec(ctx)
	return store.Fault(err)
}

func (p *Posts) saveCorrection(ctx context.Context, tx *store.Tx, c team.CompanyID, x Correction) error {
	_, err := tx.DB.NewUpdate().Model(rowOfCorrection(c, x)).WherePK().Where("company_id = ?", c).
		Column("state", "content", "done_at", "tries", "look_at", "trouble").Exec(ctx)
	return store.Fault(err)
}

func (p *Posts) correction(ctx context.Context, c team.CompanyID, id CorrectionID) (Correction, error) {
	var r correctionRow
	err := store.Fault(p.rooms.Store.Read(ctx).NewSelect().Model(&r).Where("id = ?", id).Where("company_id = ?", c).Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return Correction{}, fault.New(fault.NotFound, "post.correction.missing")
	}
	return r.correction(), err
}

func corrections(rows []correctionRow) []Correction {
	out := make([]Correction, len(rows))
	for i, r := range rows {
		out[i] = r.correction()
	}
	return out
}

// corrections gives those of a post, oldest first.
func (p *Posts) corrections(ctx context.Context, c team.CompanyID, id ID) ([]Correction, error) {
	var rows []correctionRow
	err := p.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("post_id = ?", id).Where("company_id = ?", c).Order("id").Scan(ctx)
	return corrections(rows), store.Fault(err)
}

// troubledCorrections gives those that did not get through.
func (p *Posts) troubledCorrections(ctx context.Context, c team.CompanyID) ([]Correction, error) {
	var rows []correctionRow
	err := p.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("state = ?", CorrectionFailed).Order("id DESC").
		Limit(mostWaiting).Scan(ctx)
	return corrections(rows), store.Fault(err)
}

// decisionsOn gives the decisions about a correction.
func (p *Posts) decisionsOn(ctx context.Context, x Post, c Correction) ([]Decision, error) {
	all, err := p.allDecisions(ctx, x)
	var out []Decision
	for _, d := range all {
		if d.Correction == c.ID {
			d.Valid = d.Yes && d.Hash == c.Hash
			out = append(out, d)
		}
	}
	return out, err
}

// setOwn keeps what was written by hand for channels, of a post that is out.
func (p *Posts) setOwn(ctx context.Context, tx *store.Tx, x Post, w Written) error {
	rows, err := p.variantRows(ctx, x.Company, x.ID)
	if err != nil {
		return err
	}
	for _, r := range rows {
		r.Own = ownOf(w, r.ChannelID)
		if _, err := tx.DB.NewUpdate().Model(r).WherePK().Column("own").Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	return nil
}

// staleCorrections gives those that should have gone on before a moment.
func (p *Posts) staleCorrections(ctx context.Context, before time.Time) ([]correctionRow, error) {
	var rows []correctionRow
	err := p.rooms.Store.Read(ctx).NewSelect().Model(&rows).Column("id", "company_id").Where("look_at IS NOT NULL").Where("look_at < ?", before).
		Where("state = ?", CorrectionWorking).Order("look_at").Limit(100).Scan(ctx)
	return rows, store.Fault(err)
}

// pendingCorrections gives those that wait for a yes, oldest first.
func (p *Posts) pendingCorrections(ctx context.Context, c team.CompanyID) ([]Correction, error) {
	var rows []correctionRow
	err := p.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("state = ?", CorrectionPending).Order("id").
		Limit(mostWaiting).Scan(ctx)
	return corrections(rows), store.Fault(err)
}
