package inbox

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// talksWith gives conversations that people took part in or began.
func (x *Inbox) talksWith(ctx context.Context, tx *store.Tx, c team.CompanyID, ids []audience.IdentityID, limit int) ([]ConversationID, error) {
	var out []ConversationID
	err := tx.DB.NewSelect().Model((*interactionRow)(nil)).ColumnExpr("DISTINCT conversation_id").Where("company_id = ?", c).
		Where("identity_id IN (?)", bun.List(ids)).Where("conversation_id <> ''").Where("NOT mine").Order("conversation_id").Limit(int64(limit)).Scan(ctx, &out)
	if err != nil || len(out) > 0 {
		return out, store.Fault(err)
	}
	err = tx.DB.NewSelect().Model((*conversationRow)(nil)).Column("id").Where("company_id = ?", c).Where("identity_id IN (?)", bun.List(ids)).
		Order("id").Limit(int64(limit)).Scan(ctx, &out)
	return out, store.Fault(err)
}

// looseOf gives what people did outside of any conversation: likes, shares, follows, talk around something.
func (x *Inbox) looseOf(ctx context.Context, tx *store.Tx, c team.CompanyID, ids []audience.IdentityID, limit int) ([]interactionRow, error) {
	var rows []interactionRow
	err := tx.DB.NewSelect().Model(&rows).Where("company_id = ?", c).Where("identity_id IN (?)", bun.List(ids)).Where("conversation_id = ''").
		Where("NOT mine").Limit(int64(limit)).Scan(ctx)
	return trim(rows), store.Fault(err)
}

func trim(rows []interactionRow) []interactionRow {
	for i := range rows {
		rows[i].At, rows[i].DeletedAt = clock.Trim(rows[i].At), clock.Trim(rows[i].DeletedAt)
	}
	return rows
}

// heldRow gives a conversation that nobody else changes until the transaction ends.
func (x *Inbox) heldRow(ctx context.Context, tx *store.Tx, c team.CompanyID, id ConversationID) (conversationRow, error) {
	var row conversationRow
	err := x.hold(tx.DB.NewSelect().Model(&row).Where("company_id = ?", c).Where("id = ?", id)).Scan(ctx)
	row.WaitingSince = clock.Trim(row.WaitingSince)
	return row, store.Fault(err)
}

func (x *Inbox) talkRows(ctx context.Context, tx *store.Tx, id ConversationID) ([]interactionRow, error) {
	var rows []interactionRow
	err := tx.DB.NewSelect().Model(&rows).Where("conversation_id = ?", id).Order("at", "id").Scan(ctx)
	return trim(rows), store.Fault(err)
}

func (x *Inbox) repliesOf(ctx context.Context, tx *store.Tx, id ConversationID) ([]replyRow, error) {
	var rows []replyRow
	err := tx.DB.NewSelect().Model(&rows).Where("conversation_id = ?", id).Order("id").Scan(ctx)
	return rows, store.Fault(err)
}

func (x *Inbox) deleteReplies(ctx context.Context, tx *store.Tx, c team.CompanyID, ids []ReplyID) error {
	for part := range slices.Chunk(ids, chunk) {
		if _, err := tx.DB.NewDelete().Model((*replyRow)(nil)).Where("company_id = ?", c).Where("id IN (?)", bun.List(part)).Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	return nil
}

// fileUsed tells whether some answer or draft still carries a file.
func (x *Inbox) fileUsed(ctx context.Context, tx *store.Tx, c team.CompanyID, file string) (bool, error) {
	for _, table := range []string{"reply", "draft"} {
		used, err := tx.DB.NewSelect().Table(table).Where("company_id = ?", c).Where("CAST(media AS TEXT) LIKE ?", "%"+file+"%").Exists(ctx)
		if err != nil || used {
			return used, store.Fault(err)
		}
	}
	return false, nil
}

func (x *Inbox) deleteInteractions(ctx context.Context, tx *store.Tx, c team.CompanyID, ids []InteractionID) error {
	if _, err := tx.DB.NewDelete().Model((*pastRow)(nil)).Where("company_id = ?", c).Where("interaction_id IN (?)", bun.List(ids)).Exec(ctx); err != nil {
		return store.Fault(err)
	}
	_, err := tx.DB.NewDelete().Model((*interactionRow)(nil)).Where("company_id = ?", c).Where("id IN (?)", bun.List(ids)).Exec(ctx)
	return store.Fault(err)
}

// unhook lets nothing hang on items any more.
func (x *Inbox) unhook(ctx context.Context, tx *store.Tx, c team.CompanyID, ch network.ChannelID, remoteIDs []string) error {
	var ids []InteractionID
	err := tx.DB.NewSelect().Model((*interactionRow)(nil)).Column("id").Where("channel_id = ?", ch).Where("parent_id IN (?)", bun.List(remoteIDs)).
		Where("parent_id <> ''").Scan(ctx, &ids)
	if err != nil {
		return store.Fault(err)
	}
	if err := x.tellCame(ctx, tx, c, ids); err != nil {
		return err
	}
	_, err = tx.DB.NewUpdate().Model((*interactionRow)(nil)).Where("channel_id = ?", ch).Where("parent_id IN (?)", bun.List(remoteIDs)).
		Where("parent_id <> ''").Set("parent_id = ''").Exec(ctx)
	if err != nil {
		return store.Fault(err)
	}
	_, err = tx.DB.NewUpdate().Model((*interactionRow)(nil)).Where("channel_id = ?", ch).Where("root_id IN (?)", bun.List(remoteIDs)).
		Where("root_id <> ''").Set("root_id = ''").Exec(ctx)
	return store.Fault(err)
}

// dropped counts what went with a conversation.
type dropped struct{ notes, drafts int }

// deleteTalk deletes a conversation without interactions and answers, with everything that hangs on it, and labels that hung on
// nothing else and name somebody.
func (x *Inbox) deleteTalk(ctx context.Context, tx *store.Tx, c team.CompanyID, id ConversationID, names func(string) bool) (n dropped, err error) {
	if n.drafts, err = x.deleteDrafts(ctx, tx, c, id); err != nil {
		return n, err
	}
	labels, err := x.labelsOf(ctx, c, []ConversationID{id})
	if err != nil {
		return n, err
	}
	if _, err := tx.DB.NewRaw("DELETE FROM note_mention WHERE company_id = ? AND note_id IN (SELECT id FROM note WHERE conversation_id = ?)", c, id).Exec(ctx); err != nil {
		return n, store.Fault(err)
	}
	for _, table := range []string{"writing", "conversation_label", "note"} {
		res, err := tx.DB.NewRaw("DELETE FROM ? WHERE company_id = ? AND conversation_id = ?", bun.Ident(table), c, id).Exec(ctx)
		if err != nil {
			return n, store.Fault(err)
		}
		if table == "note" {
			k, _ := res.RowsAffected()
			n.notes = int(k)
		}
	}
	for _, l := range labels[id] {
		if !names(l.Name) {
			continue
		}
		_, err := tx.DB.NewRaw("DELETE FROM label WHERE company_id = ? AND id = ? AND NOT EXISTS (SELECT 1 FROM conversation_label WHERE company_id = ? AND label_id = ?)",
			c, l.ID, c, l.ID).Exec(ctx)
		if err != nil {
			return n, store.Fault(err)
		}
	}
	_, err = tx.DB.NewDelete().Model((*conversationRow)(nil)).Where("company_id = ?", c).Where("id = ?", id).Exec(ctx)
	return n, store.Fault(err)
}

func (x *Inbox) deleteDrafts(ctx context.Context, tx *store.Tx, c team.CompanyID, id ConversationID) (int, error) {
	res, err := tx.DB.NewDelete().Model((*draftRow)(nil)).Where("company_id = ?", c).Where("conversation_id = ?", id).Exec(ctx)
	if err != nil {
		return 0, store.Fault(err)
	}
	n, err := res.RowsAffected()
	return int(n), store.Fault(err)
}

func (x *Inbox) setKey(ctx context.Context, tx *store.Tx, c team.CompanyID, id ConversationID, key string) error {
	_, err := tx.DB.NewUpdate().Model((*conversationRow)(nil)).Where("company_id = ?", c).Where("id = ?", id).Set("key = ?", key).Exec(ctx)
	return store.Fault(err)
}

// namedTable is a table in which people may be named.
type namedTable struct {
	name  string
	id    string   // column that orders it
	texts []string // columns that hold words, JSON among them
	json  []string // which of them are JSON
	talk  string   // column of the conversation; "" it belongs to none
	drop  bool     // a row that names somebody goes as a whole
}

// named are the tables of this room in which people may be named.
var named = []namedTable{
	{name: "interaction", id: "id", texts: []string{"body", "warning", "url", "parent_id", "root_id", "mentions", "media"}, json: []string{"mentions", "media"}, talk: "conversation_id"},
	{name: "interaction_past", id: "id", texts: []string{"body", "warning", "media"}, json: []string{"media"}, talk: "interaction_id"},
	{name: "conversation", id: "id", texts: []string{"preview"}, talk: "id"},
	{name: "reply", id: "id", texts: []string{"body", "reason", "media"}, json: []string{"media"}, talk: "conversation_id"},
	{name: "note", id: "id", texts: []string{"body"}, talk: "conversation_id"},
	{name: "draft", id: "conversation_id", texts: []string{"body", "media"}, json: []string{"media"}, talk: "conversation_id"},
	{name: "saved_reply", id: "id", texts: []string{"title", "body"}},
	{name: "label", id: "id", texts: []string{"name"}, drop: true},
}

// nameQuery says in which rows to look.
type nameQuery struct {
	table        namedTable
	company      team.CompanyID
	conversation ConversationID // all of a conversation; else
	after, to    string         // between two ids, "" without end,
	likes        []string       // what may name somebody, lower-case patterns
	mentions     []string       // the same, of what a network says is mentioned
}

// text is a column as a text.
func (t namedTable) text(column string) string {
	if slices.Contains(t.json, column) {
		return "CAST(" + column + " AS TEXT)"
	}
	return column
}

// where narrows a query to the rows.
func (q nameQuery) where(sel *bun.SelectQuery) *bun.SelectQuery {
	t := q.table
	sel = sel.Where("company_id = ?", q.company)
	if q.conversation != "" {
		if t.name == "interaction_past" {
			return sel.Where("interaction_id IN (SELECT id FROM interaction WHERE conversation_id = ?)", q.conversation)
		}
		return sel.Where("? = ?", bun.Ident(t.talk), q.conversation)
	}
	if q.after != "" {
		sel = sel.Where("? > ?", bun.Ident(t.id), q.after)
	}
	if q.to != "" {
		sel = sel.Where("? <= ?", bun.Ident(t.id), q.to)
	}
	return sel.WhereGroup(" AND ", func(sel *bun.SelectQuery) *bun.SelectQuery {
		for _, column := range t.texts {
			for _, l := range q.likes {
				sel = sel.WhereOr("lower("+t.text(column)+") LIKE ? ESCAPE '!'", l)
			}
		}
		if slices.Contains(t.texts, "mentions") {
			for _, l := range q.mentions {
				sel = sel.WhereOr("lower("+t.text("mentions")+") LIKE ? ESCAPE '!'", l)
			}
		}
		return sel
	})
}

// windowEnd gives the id of the row that ends a look of so many rows, "" when fewer are left.
func (x *Inbox) windowEnd(ctx context.Context, tx *store.Tx, t namedTable, after string, rows int) (string, error) {
	var ids []string
	q := tx.DB.NewSelect().Table(t.name).Column(t.id).Order(t.id).Limit(1).Offset(int64(rows - 1))
	if after != "" {
		q = q.Where("? > ?", bun.Ident(t.id), after)
	}
	if err := q.Scan(ctx, &ids); err != nil || len(ids) == 0 {
		return "", store.Fault(err)
	}
	return ids[0], nil
}

// namedRow is a row with its words.
type namedRow struct {
	id, second string // the key; a draft has two parts
	texts      []string
}

func (t namedTable) key() []string {
	if t.name == "draft" {
		return []string{"conversation_id", "member_id"}
	}
	return []string{t.id}
}

func (x *Inbox) findNamed(ctx context.Context, tx *store.Tx, q nameQuery) ([]namedRow, error) {
	t := q.table
	columns := slices.Clone(t.key())
	if len(columns) == 1 {
		columns = append(columns, "''")
	}
	for _, c := range t.texts {
		columns = append(columns, "coalesce("+t.text(c)+", '')")
	}
	sel := q.where(tx.DB.NewSelect().Table(t.name).ColumnExpr(strings.Join(columns, ", ")))
	rows, err := sel.Rows(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	defer func() { _ = rows.Close() }()
	var out []namedRow
	for rows.Next() {
		r := namedRow{texts: make([]string, len(t.texts))}
		into := []any{&r.id, &r.second}
		for i := range r.texts {
			into = append(into, &r.texts[i])
		}
		if err := rows.Scan(into...); err != nil {
			return nil, store.Fault(err)
		}
		out = append(out, r)
	}
	return out, store.Fault(rows.Err())
}

func (t namedTable) is(r namedRow) (where string, args []any) {
	where, args = "? = ?", []any{bun.Ident(t.key()[0]), r.id}
	if len(t.key()) > 1 {
		where, args = where+" AND ? = ?", append(args, bun.Ident(t.key()[1]), r.second)
	}
	return where, args
}

func (x *Inbox) setNamed(ctx context.Context, tx *store.Tx, t namedTable, c team.CompanyID, r namedRow) error {
	where, args := t.is(r)
	up := tx.DB.NewUpdate().Table(t.name).Where("company_id = ?", c).Where(where, args...)
	for i, column := range t.texts {
		if r.texts[i] == "" && slices.Contains(t.json, column) {
			continue // there is none
		}
		up = up.Set("? = ?", bun.Ident(column), r.texts[i])
	}
	_, err := up.Exec(ctx)
	return store.Fault(err)
}

func (x *Inbox) dropNamed(ctx context.Context, tx *store.Tx, t namedTable, c team.CompanyID, r namedRow) error {
	if t.name != "label" {
		return fmt.Errorf("a row of %s does not go as a whole", t.name)
	}
	return x.deleteLabel(ctx, tx, c, r.id)
}

func (x *Inbox) namedInteractions(ctx context.Context, tx *store.Tx, q nameQuery) ([]interactionRow, error) {
	var rows []interactionRow
	err := q.where(tx.DB.NewSelect().Model(&rows)).Scan(ctx)
	return trim(rows), store.Fault(err)
}

func (x *Inbox) setInteraction(ctx context.Context, tx *store.Tx, r interactionRow) error {
	_, err := tx.DB.NewUpdate().Model(&r).Column("body", "warning", "url", "parent_id", "root_id", "mentions", "media").
		Where("company_id = ?", r.CompanyID).Where("id = ?", r.ID).Exec(ctx)
	return store.Fault(err)
}

// maskPreviews takes somebody out of what lists show of conversations.
func (x *Inbox) maskPreviews(ctx context.Context, tx *store.Tx, c team.CompanyID, ids []ConversationID, mask func(string) (string, bool)) error {
	for part := range slices.Chunk(ids, chunk) {
		var rows []conversationRow
		if err := tx.DB.NewSelect().Model(&rows).Column("id", "preview").Where("company_id = ?", c).Where("id IN (?)", bun.List(part)).Scan(ctx); err != nil {
			return store.Fault(err)
		}
		for _, r := range rows {
			preview, changed := mask(r.Preview)
			if !changed {
				continue
			}
			_, err := tx.DB.NewUpdate().Model((*conversationRow)(nil)).Where("company_id = ?", c).Where("id = ?", r.ID).Set("preview = ?", preview).Exec(ctx)
			if err != nil {
				return store.Fault(err)
			}
		}
	}
	return nil
}

// inOpenTalks tells which accounts take part in conversations that are not over: somebody waits there, or it was put aside, or
// an answer of ours is on its way.
func (x *Inbox) inOpenTalks(ctx context.Context, c team.CompanyID, ids []audience.IdentityID) (map[audience.IdentityID]bool, error) {
	out := map[audience.IdentityID]bool{}
	for part := range slices.Chunk(ids, chunk) {
		var some []audience.IdentityID
		err := x.store.Read(ctx).NewRaw("SELECT DISTINCT i.identity_id FROM interaction AS i JOIN conversation AS c ON c.id = i.conversation_id "+
			"WHERE i.company_id = ? AND i.identity_id IN (?) AND (c.state IN (?) OR c.pending OR c.trouble)",
			c, bun.List(part), bun.List([]State{Open, Snoozed})).Scan(ctx, &some)
		if err != nil {
			return nil, store.Fault(err)
		}
		for _, i := range some {
			out[i] = true
		}
	}
	return out, nil
}
