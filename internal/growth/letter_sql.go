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
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

type letterRow struct {
	bun.BaseModel  `bun:"table:letter"`
	ID             LetterID             `bun:"id,pk"`
	CompanyID      team.CompanyID       `bun:"company_id"`
	CaseID         CaseID               `bun:"case_id"`
	ImprovementID  ImprovementID        `bun:"improvement_id"`
	CriticismID    CriticismID          `bun:"criticism_id"`
	ConversationID inbox.ConversationID `bun:"conversation_id"`
	IdentityID     audience.IdentityID  `bun:"identity_id"`
	TokenHash      string               `bun:"token_hash"`
	Body           string               `bun:"body"`
	State          LetterState          `bun:"state"`
	ReplyID        inbox.ReplyID        `bun:"reply_id"`
	SentBy         team.MemberID        `bun:"sent_by"`
	SentAt         time.Time            `bun:"sent_at,nullzero"`
	AnsweredAt     time.Time            `bun:"answered_at,nullzero"`
	Better         bool                 `bun:"better"`
	Words          string               `bun:"words"`
	Tries          int                  `bun:"tries"`
	TriedAt        time.Time            `bun:"tried_at,nullzero"`
}

func rowOfLetter(l Letter) letterRow {
	return letterRow{
		ID: l.ID, CompanyID: l.company, CaseID: l.Case, ImprovementID: l.improvement, CriticismID: l.Criticism, ConversationID: l.Conversation,
		IdentityID: l.identity, TokenHash: l.hash, Body: l.Text, State: l.State, ReplyID: l.Reply, SentBy: l.SentBy, SentAt: l.SentAt,
		AnsweredAt: l.AnsweredAt, Better: l.Better, Words: l.Words, Tries: l.tries, TriedAt: l.triedAt,
	}
}

func (r letterRow) letter() Letter {
	return Letter{
		ID: r.ID, Case: r.CaseID, Criticism: r.CriticismID, Conversation: r.ConversationID, Text: r.Body, State: r.State, Reply: r.ReplyID,
		SentAt: clock.Trim(r.SentAt), SentBy: r.SentBy, AnsweredAt: clock.Trim(r.AnsweredAt), Better: r.Better, Words: r.Words,
		company: r.CompanyID, improvement: r.ImprovementID, identity: r.IdentityID, hash: r.TokenHash, tries: r.Tries, triedAt: clock.Trim(r.TriedAt),
	}
}

func (g *Growth) insertLetters(ctx context.Context, tx *store.Tx, ls []Letter) error {
	for part := range slices.Chunk(ls, chunk) {
		rows := make([]letterRow, len(part))
		for n, l := range part {
			rows[n] = rowOfLetter(l)
		}
		if _, err := tx.DB.NewInsert().Model(&rows).Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	return nil
}

func (g *Growth) saveLetter(ctx context.Context, tx *store.Tx, l Letter) error {
	row := rowOfLetter(l)
	_, err := tx.DB.NewUpdate().Model(&row).WherePK().Where("company_id = ?", l.company).
		Column("token_hash", "body", "state", "reply_id", "sent_by", "sent_at", "answered_at", "better", "words", "tries", "tried_at").Exec(ctx)
	return store.Fault(err)
}

func (g *Growth) readLetter(ctx context.Context, c team.CompanyID, id LetterID) (Letter, error) {
	var r letterRow
	err := store.Fault(g.rooms.Store.Read(ctx).NewSelect().Model(&r).Where("company_id = ?", c).Where("id = ?", id).Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return Letter{}, missingLetter()
	}
	return r.letter(), err
}

// letters lists the letters of a case as they are kept, oldest first.
func (g *Growth) letters(ctx context.Context, c team.CompanyID, id CaseID) ([]Letter, error) {
	var rows []letterRow
	err := g.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("case_id = ?", id).Order("id").Scan(ctx)
	out := make([]Letter, len(rows))
	for n, r := range rows {
		out[n] = r.letter()
	}
	return out, store.Fault(err)
}

func (g *Growth) letterOfReply(ctx context.Context, c team.CompanyID, id inbox.ReplyID) (*Letter, error) {
	var r letterRow
	err := store.Fault(g.rooms.Store.Read(ctx).NewSelect().Model(&r).Where("company_id = ?", c).Where("reply_id = ?", id).Where("reply_id <> ''").Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return nil, nil
	}
	l := r.letter()
	return &l, err
}

// letterByHash finds a letter by the hash of its token, of whatever company: the token is all that a stranger has.
func (g *Growth) letterByHash(ctx context.Context, hash string) (*Letter, error) {
	var r letterRow
	err := store.Fault(g.rooms.Store.Read(ctx).NewSelect().Model(&r).Where("token_hash = ?", hash).Where("token_hash <> ''").Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return nil, nil
	}
	l := r.letter()
	return &l, err
}

// countConfirmed counts anew what people say came of an improvement.
func (g *Growth) countConfirmed(ctx context.Context, tx *store.Tx, c team.CompanyID, id ImprovementID) error {
	const answered = "(SELECT count(*) FROM letter AS l WHERE l.improvement_id = improvement.id AND l.state = 'answered' AND "
	_, err := tx.DB.NewRaw("UPDATE improvement SET better = "+answered+"l.better), not_better = "+answered+"NOT l.better) WHERE company_id = ? AND id = ?", c, id).Exec(ctx)
	return store.Fault(err)
}

// forgetLetters drops what letters about erased criticisms say, where they went and their links, and the words of those who wrote
// them wherever an entry quotes them. That a letter was answered, and how, stays counted.
func (g *Growth) forgetLetters(ctx context.Context, tx *store.Tx, c team.CompanyID, ids []CriticismID) error {
	for part := range slices.Chunk(ids, chunk) {
		_, err := tx.DB.NewUpdate().Model((*letterRow)(nil)).Where("company_id = ?", c).Where("criticism_id IN (?)", bun.List(part)).
			Set("state = CASE WHEN state = 'draft' THEN 'skipped' ELSE state END").Set("body = ''").Set("words = ''").Set("token_hash = ''").
			Set("identity_id = ''").Set("conversation_id = ''").Set("reply_id = ''").Exec(ctx)
		if err != nil {
			return store.Fault(err)
		}
	}
	return g.forgetQuotes(ctx, tx, c, ids)
}
