package growth

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/record"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/triage"
)

// chunk bounds the rows of one statement.
const chunk = 250

// ofCompany is for queries that name many rows by other keys: said so, SQLite does not take it into its head to read everything of the
// company instead.
const ofCompany = "(company_id || '') = ?"

type criticismRow struct {
	bun.BaseModel  `bun:"table:criticism"`
	ID             CriticismID          `bun:"id,pk"`
	CompanyID      team.CompanyID       `bun:"company_id"`
	InteractionID  inbox.InteractionID  `bun:"interaction_id"`
	ConversationID inbox.ConversationID `bun:"conversation_id"`
	IdentityID     audience.IdentityID  `bun:"identity_id"`
	ChannelID      network.ChannelID    `bun:"channel_id"`
	Handle         record.Handle        `bun:"handle"`
	Public         bool                 `bun:"public"`
	Leaf           int64                `bun:"leaf"`
	UndecidedLeaf  int64                `bun:"undecided_leaf"`
	State          CriticismState       `bun:"state"`
	Theme          triage.Theme         `bun:"theme"`
	Address        string               `bun:"address"`
	Salt           string               `bun:"salt"`
	Signature      []byte               `bun:"signature"`
	SaidAt         time.Time            `bun:"said_at"`
	HeardAt        time.Time            `bun:"heard_at"`
	DecideBy       time.Time            `bun:"decide_by,nullzero"`
	Overdue        bool                 `bun:"overdue"`
	AnsweredAt     time.Time            `bun:"answered_at,nullzero"`
	Reason         record.Reason        `bun:"reason"`
	DecidedBy      team.MemberID        `bun:"decided_by"`
	DecidedAt      time.Time            `bun:"decided_at,nullzero"`
	CaseID         CaseID               `bun:"case_id"`
	Named          bool                 `bun:"named"`
	Quote          string               `bun:"quote"`
	ConfirmedAt    time.Time            `bun:"confirmed_at,nullzero"`
	Better         bool                 `bun:"better"`
}

func (r criticismRow) criticism() Criticism {
	return Criticism{
		ID: r.ID, Company: r.CompanyID, Interaction: r.InteractionID, Conversation: r.ConversationID, Identity: r.IdentityID,
		Channel: r.ChannelID, Handle: r.Handle, Public: r.Public, Leaf: r.place(), State: r.State, Theme: r.Theme, URL: r.Address,
		SaidAt: clock.Trim(r.SaidAt), HeardAt: clock.Trim(r.HeardAt), DecideBy: clock.Trim(r.DecideBy), Overdue: r.Overdue,
		AnsweredAt: clock.Trim(r.AnsweredAt), Reason: r.Reason, DecidedBy: r.DecidedBy, DecidedAt: clock.Trim(r.DecidedAt),
		Case: r.CaseID, Named: r.Named, Quote: r.Quote, ConfirmedAt: clock.Trim(r.ConfirmedAt), Better: r.Better,
	}
}

// trimmed brings the times of rows to the form of the house.
func trimmed(rows []criticismRow) []criticismRow {
	for i := range rows {
		r := &rows[i]
		r.SaidAt, r.HeardAt, r.DecideBy = clock.Trim(r.SaidAt), clock.Trim(r.HeardAt), clock.Trim(r.DecideBy)
		r.AnsweredAt, r.DecidedAt, r.ConfirmedAt = clock.Trim(r.AnsweredAt), clock.Trim(r.DecidedAt), clock.Trim(r.ConfirmedAt)
	}
	return rows
}

// criticismsOf gives what is kept about interactions.
func (g *Growth) criticismsOf(ctx context.Context, c team.CompanyID, ids []inbox.InteractionID) (map[inbox.InteractionID]*criticismRow, error) {
	out := make(map[inbox.InteractionID]*criticismRow, len(ids))
	for part := range slices.Chunk(ids, chunk) {
		var rows []criticismRow
		err := g.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where(ofCompany, c).Where("interaction_id IN (?)", bun.List(part)).
			Where("interaction_id <> ''").Scan(ctx) // the index holds only what has one
		if err != nil {
			return nil, store.Fault(err)
		}
		for i := range trimmed(rows) {
			out[rows[i].InteractionID] = &rows[i]
		}
	}
	return out, nil
}

// criticism gives one; what is not there, or another company's, is NotFound.
func (g *Growth) criticism(ctx context.Context, c team.CompanyID, id CriticismID) (*criticismRow, error) {
	rows := make([]criticismRow, 1)
	err := store.Fault(g.rooms.Store.Read(ctx).NewSelect().Model(&rows[0]).Where("company_id = ?", c).Where("id = ?", id).Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return nil, noCriticism()
	}
	return &trimmed(rows)[0], err
}

func (g *Growth) insertCriticisms(ctx context.Context, tx *store.Tx, rows []*criticismRow) error {
	for part := range slices.Chunk(rows, chunk) {
		if _, err := tx.DB.NewInsert().Model(&part).Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	return nil
}

func (g *Growth) updateCriticisms(ctx context.Context, tx *store.Tx, rows []*criticismRow) error {
	for _, r := range rows {
		if _, err := tx.DB.NewUpdate().Model(r).WherePK().Where("company_id = ?", r.CompanyID).Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	return nil
}

func (g *Growth) deleteCriticisms(ctx context.Context, tx *store.Tx, c team.CompanyID, ids []CriticismID) error {
	for part := range slices.Chunk(ids, chunk) {
		_, err := tx.DB.NewDelete().Model((*criticismRow)(nil)).Where(ofCompany, c).Where("id IN (?)", bun.List(part)).Exec(ctx)
		if err != nil {
			return store.Fault(err)
		}
	}
	return nil
}

// unanswered gives what waits for an answer in some conversations.
func (g *Growth) unanswered(ctx context.Context, c team.CompanyID, ids []inbox.ConversationID) ([]criticismRow, error) {
	var out []criticismRow
	for part := range slices.Chunk(ids, chunk) {
		var rows []criticismRow
		err := g.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("conversation_id IN (?)", bun.List(part)).
			Where("answered_at IS NULL").Where("state IN (?)", bun.List([]CriticismState{ToDecide, Counted})).Order("said_at", "id").Scan(ctx)
		if err != nil {
			return nil, store.Fault(err)
		}
		out = append(out, trimmed(rows)...)
	}
	return out, nil
}

// undecided lists what waits for a member's word, what is due first first.
func (g *Growth) undecided(ctx context.Context, c team.CompanyID, limit int) ([]criticismRow, error) {
	var rows []criticismRow
	err := g.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("state = 'to_decide'").
		Order("decide_by", "id").Limit(int64(limit)).Scan(ctx)
	return trimmed(rows), store.Fault(err)
}

// overdue finds companies that have left something undecided too long in public.
func (g *Growth) overdue(ctx context.Context, now time.Time) ([]team.CompanyID, error) {
	var out []team.CompanyID
	err := g.rooms.Store.Read(ctx).NewSelect().Model((*criticismRow)(nil)).Column("company_id").
		Where("state = 'to_decide' AND public AND NOT overdue").Where("decide_by <= ?", now).Scan(ctx, &out)
	return slices.Compact(slices.Sorted(slices.Values(out))), store.Fault(err)
}

// overdueOf gives what a company has left undecided too long in public, at most limit.
func (g *Growth) overdueOf(ctx context.Context, c team.CompanyID, now time.Time, limit int) ([]criticismRow, error) {
	var rows []criticismRow
	err := g.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where(ofCompany, c).
		Where("state = 'to_decide' AND public AND NOT overdue").Where("decide_by <= ?", now).Order("decide_by", "id").Limit(int64(limit)).Scan(ctx)
	return trimmed(rows), store.Fault(err)
}

func (g *Growth) ofConversation(ctx context.Context, c team.CompanyID, id inbox.ConversationID) ([]criticismRow, error) {
	var rows []criticismRow
	err := g.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("conversation_id = ?", id).Order("said_at", "id").Scan(ctx)
	return trimmed(rows), store.Fault(err)
}

// moveConversation follows the inbox when two conversations turn out to be one.
func (g *Growth) moveConversation(ctx context.Context, tx *store.Tx, c team.CompanyID, kept, gone inbox.ConversationID) error {
	for _, table := range []string{"criticism", "promise", "letter"} {
		_, err := tx.DB.NewRaw("UPDATE ? SET conversation_id = ? WHERE company_id = ? AND conversation_id = ?", bun.Ident(table), kept, c, gone).Exec(ctx)
		if err != nil {
			return store.Fault(err)
		}
	}
	return nil
}
