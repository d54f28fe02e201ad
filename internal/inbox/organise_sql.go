package inbox

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

func (x *Inbox) setAssignee(ctx context.Context, tx *store.Tx, c team.CompanyID, id ConversationID, to team.MemberID) error {
	_, err := tx.DB.NewUpdate().Model((*conversationRow)(nil)).Where("company_id = ?", c).Where("id = ?", id).Set("assignee_id = ?", to).Exec(ctx)
	return store.Fault(err)
}

// setState moves a conversation by a member's hand.
func (x *Inbox) setState(ctx context.Context, tx *store.Tx, c Conversation, to State, until, now time.Time) error {
	up := tx.DB.NewUpdate().Model((*conversationRow)(nil)).Where("company_id = ?", c.Company).Where("id = ?", c.ID).Set("state = ?", to)
	switch to {
	case Snoozed:
		up = up.Set("snoozed_until = ?", clock.Trim(until))
	case Done:
		up = up.Set("snoozed_until = NULL").Set("done_at = ?", now).Set("waiting_since = NULL").Set("due_at = NULL")
	case Open:
		since := c.WaitingSince
		if since.IsZero() && c.LastInAt.After(c.LastOutAt) {
			since = c.LastInAt
		}
		urgent := c.HurryAt
		if since.IsZero() {
			since, urgent = now, time.Time{} // nobody of theirs waits, but we want to come back to it
		}
		company, err := x.team.Company(ctx, c.Company)
		if err != nil {
			return err
		}
		by := earliest(due(company, since), urgent)
		up = up.Set("snoozed_until = NULL").Set("done_at = NULL").Set("waiting_since = ?", since).Set("due_at = ?", bun.NullTime{Time: by})
	case Waiting:
		up = up.Set("snoozed_until = NULL").Set("done_at = NULL").Set("waiting_since = NULL").Set("due_at = NULL")
	}
	_, err := up.Exec(ctx)
	return store.Fault(err)
}

// wakeDue opens snoozed conversations and tells whose they are. Where nobody waited, we ourselves wanted to come back.
func (x *Inbox) wakeDue(ctx context.Context, tx *store.Tx, now time.Time) ([]team.CompanyID, error) {
	var rows []conversationRow
	q := tx.DB.NewSelect().Model(&rows).Where("snoozed_until <= ?", now).Where("state = ?", Snoozed).Limit(500)
	if x.store.Dialect() == store.Postgres {
		q = q.For("NO KEY UPDATE SKIP LOCKED") // one that somebody has in hand waits for the next time
	}
	err := q.Scan(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	var out []team.CompanyID
	told := map[team.CompanyID]bool{}
	for _, r := range rows {
		if err := x.setState(ctx, tx, r.conversation(), Open, zero, now); err != nil {
			return nil, err
		}
		if !told[r.CompanyID] {
			told[r.CompanyID] = true
			out = append(out, r.CompanyID)
		}
	}
	return out, nil
}

// reassign hands on what a leaver was in charge of and forgets what they had only begun.
func (x *Inbox) reassign(ctx context.Context, tx *store.Tx, c team.CompanyID, leaver, heir team.MemberID) error {
	if _, err := tx.DB.NewUpdate().Model((*conversationRow)(nil)).Where("company_id = ?", c).Where("assignee_id = ?", leaver).
		Set("assignee_id = ?", heir).Exec(ctx); err != nil {
		return store.Fault(err)
	}
	if heir != "" {
		// A draft of the leaver goes on with the heir, unless the heir has one there already.
		if _, err := tx.DB.NewRaw("UPDATE draft SET member_id = ? WHERE company_id = ? AND member_id = ? AND conversation_id NOT IN "+
			"(SELECT conversation_id FROM draft WHERE member_id = ?)", heir, c, leaver, heir).Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	_, err := tx.DB.NewDelete().Model((*writingRow)(nil)).Where("company_id = ?", c).Where("member_id = ?", leaver).Exec(ctx)
	return store.Fault(err)
}

func (x *Inbox) insertNote(ctx context.Context, tx *store.Tx, c team.CompanyID, id ConversationID, n Note) error {
	row := noteRow{ID: n.ID, CompanyID: c, ConversationID: id, MemberID: n.Member, Body: n.Text, Mentions: n.Mentions, At: n.At}
	if _, err := tx.DB.NewInsert().Model(&row).Exec(ctx); err != nil {
		return store.Fault(err)
	}
	for _, m := range n.Mentions {
		if m == n.Member {
			continue
		}
		if _, err := tx.DB.NewRaw("INSERT INTO note_mention (company_id, note_id, member_id) VALUES (?, ?, ?)", c, n.ID, m).Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	_, err := tx.DB.NewUpdate().Model((*conversationRow)(nil)).Where("id = ?", id).Set("notes = notes + 1").Exec(ctx)
	return store.Fault(err)
}

func (x *Inbox) mentions(ctx context.Context, actor team.Actor) ([]Mention, error) {
	var rows []noteRow
	err := x.store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", actor.Company).
		Where("id IN (SELECT note_id FROM note_mention WHERE company_id = ? AND member_id = ? AND seen_at IS NULL)", actor.Company, actor.Member).
		Order("id DESC").Limit(20).Scan(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	out := make([]Mention, len(rows))
	for i, r := range rows {
		out[i] = Mention{Conversation: r.ConversationID, Note: Note{ID: r.ID, Member: r.MemberID, Text: r.Body, Mentions: r.Mentions, At: clock.Trim(r.At)}}
	}
	return out, nil
}

func (x *Inbox) seeMentions(ctx context.Context, tx *store.Tx, actor team.Actor, id ConversationID, now time.Time) error {
	_, err := tx.DB.NewRaw("UPDATE note_mention SET seen_at = ? WHERE company_id = ? AND member_id = ? AND seen_at IS NULL AND note_id IN "+
		"(SELECT id FROM note WHERE conversation_id = ?)", now, actor.Company, actor.Member, id).Exec(ctx)
	return store.Fault(err)
}

type labelRow struct {
	bun.BaseModel `bun:"table:label"`
	ID            string         `bun:"id,pk"`
	CompanyID     team.CompanyID `bun:"company_id"`
	Name          string         `bun:"name"`
	Folded        string         `bun:"folded"`
}

func (x *Inbox) putLabel(ctx context.Context, tx *store.Tx, c team.CompanyID, id ConversationID, name string, now time.Time) (Label, error) {
	row := labelRow{ID: labelKind.New(now), CompanyID: c, Name: name, Folded: text.Fold(name)}
	if _, err := tx.DB.NewInsert().Model(&row).On("CONFLICT (company_id, folded) DO NOTHING").Exec(ctx); err != nil {
		return Label{}, store.Fault(err)
	}
	var kept labelRow
	if err := tx.DB.NewSelect().Model(&kept).Where("company_id = ?", c).Where("folded = ?", row.Folded).Scan(ctx); err != nil {
		return Label{}, store.Fault(err)
	}
	_, err := tx.DB.NewRaw("INSERT INTO conversation_label (company_id, conversation_id, label_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
		c, id, kept.ID).Exec(ctx)
	return Label{ID: kept.ID, Name: kept.Name}, store.Fault(err)
}

func (x *Inbox) takeLabel(ctx context.Context, tx *store.Tx, c team.CompanyID, id ConversationID, label string) error {
	_, err := tx.DB.NewRaw("DELETE FROM conversation_label WHERE company_id = ? AND conversation_id = ? AND label_id = ?", c, id, label).Exec(ctx)
	return store.Fault(err)
}

func (x *Inbox) labels(ctx context.Context, c team.CompanyID) ([]Label, error) {
	var rows []labelRow
	if err := x.store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Order("folded").Scan(ctx); err != nil {
		return nil, store.Fault(err)
	}
	out := make([]Label, len(rows))
	for i, r := range rows {
		out[i] = Label{ID: r.ID, Name: r.Name}
	}
	return out, nil
}

func (x *Inbox) deleteLabel(ctx context.Context, tx *store.Tx, c team.CompanyID, label string) error {
	if _, err := tx.DB.NewRaw("DELETE FROM conversation_label WHERE company_id = ? AND label_id = ?", c, label).Exec(ctx); err != nil {
		return store.Fault(err)
	}
	res, err := tx.DB.NewDelete().Model((*labelRow)(nil)).Where("company_id = ?", c).Where("id = ?", label).Exec(ctx)
	if err != nil {
		return store.Fault(err)
	}
	if n, _ := res.RowsAffected(); n == 0 {
		return fault.New(fault.NotFound, "inbox.label.missing")
	}
	return nil
}

// tables lists what belongs to this room, children first.
var tables = []string{
	"reply", "draft", "writing", "saved_reply", "conversation_label", "label", "note_mention", "note",
	"interaction_past", "interaction", "conversation",
}

func (x *Inbox) removeCompany(ctx context.Context, tx *store.Tx, c team.CompanyID) error {
	for _, t := range tables {
		if _, err := tx.DB.NewRaw("DELETE FROM ? WHERE company_id = ?", bun.Ident(t), c).Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	return x.search.RemoveCompany(ctx, tx, string(c))
}

var _ network.Receiver = (*Inbox)(nil)
