package inbox

import (
	"context"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
)

// chunk bounds the rows of one statement.
const chunk = 250

// stored reads which items are known already.
func (in *intake) stored(ctx context.Context, items []network.Item) (map[string]interactionRow, error) {
	ids := make([]string, len(items))
	for i, it := range items {
		ids[i] = it.RemoteID
	}
	out := map[string]interactionRow{}
	for part := range slices.Chunk(ids, chunk) {
		var rows []interactionRow
		if err := in.tx.DB.NewSelect().Model(&rows).Where("channel_id = ?", in.ch.ID).Where("remote_id IN (?)", bun.List(part)).Scan(ctx); err != nil {
			return nil, store.Fault(err)
		}
		for _, r := range rows {
			out[r.RemoteID] = r
		}
	}
	return out, nil
}

// placeRow is where a stored interaction stands.
type placeRow struct {
	RemoteID       string         `bun:"remote_id"`
	ParentID       string         `bun:"parent_id"`
	ConversationID ConversationID `bun:"conversation_id"`
	Mine           bool           `bun:"mine"`
}

// lookUp reads what the fresh items answer, what answers them, and the conversations of their thread keys.
func (in *intake) lookUp(ctx context.Context, fresh []network.Item) error {
	in.placed = map[string]place{}
	in.children = map[string][]ConversationID{}
	in.threads = map[string]ConversationID{}
	above, own, keys := map[string]bool{}, make([]string, 0, len(fresh)), map[string]bool{}
	for _, it := range fresh {
		if !it.Kind.Speaks() {
			continue
		}
		own = append(own, it.RemoteID)
		for _, id := range []string{it.ParentID, it.RootID} {
			if id != "" {
				above[id] = true
			}
		}
		if it.ThreadKey != "" {
			keys["t:"+it.ThreadKey] = true
		}
	}
	read := func(column string, ids []string, each func(placeRow)) error {
		for part := range slices.Chunk(ids, chunk) {
			var rows []placeRow
			err := in.tx.DB.NewSelect().TableExpr("interaction").Column("remote_id", "parent_id", "conversation_id", "mine").
				Where("channel_id = ?", in.ch.ID).Where("? IN (?)", bun.Ident(column), bun.List(part)).
				Where("? <> ''", bun.Ident(column)). // the index of parents holds only what has one
				Scan(ctx, &rows)
			if err != nil {
				return store.Fault(err)
			}
			for _, r := range rows {
				each(r)
			}
		}
		return nil
	}
	err := read("remote_id", sorted(above), func(r placeRow) {
		in.placed[r.RemoteID] = place{conversation: r.ConversationID, mine: r.Mine, root: r.Mine && r.ParentID == ""}
	})
	if err != nil {
		return err
	}
	in.orphans = map[string][]string{}
	err = read("parent_id", own, func(r placeRow) {
		if r.ConversationID != "" {
			in.children[r.ParentID] = append(in.children[r.ParentID], r.ConversationID)
		} else if r.Mine {
			in.orphans[r.ParentID] = append(in.orphans[r.ParentID], r.RemoteID)
		}
	})
	if err != nil {
		return err
	}
	for part := range slices.Chunk(sorted(keys), chunk) {
		var rows []conversationRow
		if err := in.tx.DB.NewSelect().Model(&rows).Column("id", "key").Where("channel_id = ?", in.ch.ID).Where("key IN (?)", bun.List(part)).Scan(ctx); err != nil {
			return store.Fault(err)
		}
		for _, r := range rows {
			in.threads[r.Key] = r.ID
		}
	}
	return in.load(ctx)
}

// load reads and holds the conversations that the fresh items will probably touch, in one go.
func (in *intake) load(ctx context.Context) error {
	want := map[ConversationID]bool{}
	for _, p := range in.placed {
		want[p.conversation] = true
	}
	for _, cs := range in.children {
		for _, c := range cs {
			want[c] = true
		}
	}
	for _, c := range in.threads {
		want[c] = true
	}
	delete(want, "")
	for c := range in.convs {
		delete(want, c)
	}
	for part := range slices.Chunk(sorted(want), chunk) {
		var rows []conversationRow
		if err := in.hold(in.tx.DB.NewSelect().Model(&rows).Where("id IN (?)", bun.List(part)).Order("id")).Scan(ctx); err != nil {
			return store.Fault(err)
		}
		for _, r := range rows {
			in.spare[r.ID] = r
		}
	}
	return nil
}

func sorted[K ~string](set map[K]bool) []K {
	out := make([]K, 0, len(set))
	for k := range set {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// insert writes the fresh interactions.
func (in *intake) insert(ctx context.Context) error {
	for i := range in.rows {
		in.rows[i].ConversationID = in.alias(in.rows[i].ConversationID)
	}
	for part := range slices.Chunk(in.rows, chunk) {
		if _, err := in.tx.DB.NewInsert().Model(&part).Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	return in.saveAdopted(ctx)
}

// saveAdopted writes the conversation of stored answers of ours that found theirs now.
func (in *intake) saveAdopted(ctx context.Context) error {
	for remoteID, id := range in.adopted {
		var r interactionRow
		err := in.tx.DB.NewSelect().Model(&r).Where("channel_id = ?", in.ch.ID).Where("remote_id = ?", remoteID).Scan(ctx)
		if err != nil {
			return store.Fault(err)
		}
		r.At = clock.Trim(r.At)
		r.ConversationID = in.alias(id)
		in.found = append(in.found, r)
		in.docs = append(in.docs, in.doc(r, network.Author{}))
		if _, err := in.tx.DB.NewUpdate().Model((*interactionRow)(nil)).Where("id = ?", r.ID).Set("conversation_id = ?", in.alias(id)).Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	return nil
}

// need makes a stored conversation ready for counting.
func (in *intake) need(ctx context.Context, id ConversationID) error {
	if in.convs[id] != nil {
		return nil
	}
	row, ok := in.spare[id]
	if !ok {
		if err := in.hold(in.tx.DB.NewSelect().Model(&row).Where("id = ?", id)).Scan(ctx); err != nil {
			return store.Fault(err)
		}
	}
	row.LastInAt, row.LastOutAt, row.LastAt = clock.Trim(row.LastInAt), clock.Trim(row.LastOutAt), clock.Trim(row.LastAt)
	row.WaitingSince, row.DoneAt = clock.Trim(row.WaitingSince), clock.Trim(row.DoneAt)
	in.convs[id] = &tally{row: row, past: pastUntil(in.ch), self: in.ch.Handle}
	return nil
}

// alias follows a conversation to the one it was joined into.
func (in *intake) alias(id ConversationID) ConversationID {
	for in.moved[id] != "" {
		id = in.moved[id]
	}
	return id
}

// join makes two conversations one: what belongs to gone moves to kept.
func (in *intake) join(ctx context.Context, kept, gone ConversationID) error {
	if err := in.need(ctx, kept); err != nil {
		return err
	}
	if err := in.need(ctx, gone); err != nil {
		return err
	}
	k, g := in.convs[kept], in.convs[gone]
	k.stale = true
	if k.row.AssigneeID == "" {
		k.row.AssigneeID = g.row.AssigneeID
	}
	k.row.Notes += g.row.Notes
	k.row.Pending, k.row.Trouble = k.row.Pending || g.row.Pending, k.row.Trouble || g.row.Trouble
	in.moved[gone] = kept
	delete(in.convs, gone)
	for i := range in.rows {
		if in.rows[i].ConversationID == gone {
			in.rows[i].ConversationID = kept
		}
	}
	if g.fresh {
		return nil
	}
	if k.fresh { // rows of gone will point at kept: it must be there first
		if _, err := in.tx.DB.NewInsert().Model(&k.row).Exec(ctx); err != nil {
			return store.Fault(err)
		}
		k.fresh = false
	}
	for _, table := range []string{"interaction", "note", "reply"} {
		if _, err := in.tx.DB.NewRaw("UPDATE ? SET conversation_id = ? WHERE conversation_id = ?", bun.Ident(table), kept, gone).Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	for _, keyed := range [][2]string{{"draft", "member_id"}, {"conversation_label", "label_id"}, {"writing", "member_id"}} {
		_, err := in.tx.DB.NewRaw("UPDATE ? SET conversation_id = ? WHERE conversation_id = ? AND ? NOT IN (SELECT ? FROM ? WHERE conversation_id = ?)",
			bun.Ident(keyed[0]), kept, gone, bun.Ident(keyed[1]), bun.Ident(keyed[1]), bun.Ident(keyed[0]), kept).Exec(ctx)
		if err != nil {
			return store.Fault(err)
		}
		if _, err := in.tx.DB.NewRaw("DELETE FROM ? WHERE conversation_id = ?", bun.Ident(keyed[0]), gone).Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	_, err := in.tx.DB.NewDelete().Model((*conversationRow)(nil)).Where("id = ?", gone).Exec(ctx)
	return store.Fault(err)
}

// recount counts a conversation again from all that is stored.
func (in *intake) recount(ctx context.Context, t *tally) error {
	var rows []interactionRow
	if err := in.tx.DB.NewSelect().Model(&rows).Where("conversation_id = ?", t.row.ID).Order("at", "id").Scan(ctx); err != nil {
		return store.Fault(err)
	}
	c := &t.row
	wasLive := t.live
	verdicts, err := in.verdictsOf(ctx, rows)
	if err != nil {
		return err
	}
	c.Incoming, c.Outgoing, c.Preview, c.LastInID = 0, 0, "", ""
	c.LastInAt, c.LastOutAt, c.LastAt, c.WaitingSince = zero, zero, zero, zero
	t.clear()
	first := true
	for _, r := range rows {
		if !r.Kind.Speaks() {
			continue
		}
		r.At, r.DeletedAt = clock.Trim(r.At), clock.Trim(r.DeletedAt)
		if r.DeletedAt.IsZero() && r.Mine && r.At.After(c.LastOutAt) {
			c.LastOutAt = r.At // so that what came before it does not count as waiting
		}
		if first && !r.Mine && r.Kind != network.KindPost {
			c.IdentityID, c.Kind, first = r.IdentityID, r.Kind, false
		}
	}
	for _, r := range rows {
		if r.Kind.Speaks() {
			r.At, r.DeletedAt = clock.Trim(r.At), clock.Trim(r.DeletedAt)
			t.add(r)
		}
	}
	for _, r := range rows {
		r.At, r.DeletedAt = clock.Trim(r.At), clock.Trim(r.DeletedAt)
		t.weigh(in.company, r, verdicts[r.ID])
	}
	t.stale, t.live = false, wasLive
	if c.LastAt.IsZero() { // everything was taken back
		c.LastAt = c.CreatedAt
		if len(rows) > 0 {
			c.LastAt = clock.Trim(rows[len(rows)-1].At)
		}
		c.LastInAt = c.LastAt
	}
	return nil
}

// saveConversations writes the touched conversations: new ones in bulk, known ones one by one.
func (in *intake) saveConversations(ctx context.Context, ts []*tally) error {
	var fresh, known []conversationRow
	for _, t := range ts {
		if t.fresh {
			fresh = append(fresh, t.row)
		} else {
			t.row.Revision++
			known = append(known, t.row)
		}
	}
	for part := range slices.Chunk(fresh, chunk) {
		if _, err := in.tx.DB.NewInsert().Model(&part).Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	for part := range slices.Chunk(known, chunk) {
		_, err := in.tx.DB.NewInsert().Model(&part).On("CONFLICT (id) DO UPDATE").Set(strings.Join(counted, ", ")).Exec(ctx)
		if err != nil {
			return store.Fault(err)
		}
	}
	return nil
}

// counted are the columns that counting and joining change. What members decide is among them: need and load hold the
// rows, so that nobody decides otherwise between reading and writing.
var counted = func() []string {
	var set []string
	for _, c := range []string{
		"identity_id", "private", "kind", "state", "assignee_id", "preview", "incoming", "outgoing", "notes", "last_in_at", "last_out_at",
		"last_at", "waiting_since", "due_at", "snoozed_until", "pending", "trouble", "done_at", "revision",
		"criticism", "doubt", "question", "praise", "urgency", "hurry_at", "last_in_id",
	} {
		set = append(set, c+" = EXCLUDED."+c)
	}
	return set
}()

// change takes over an edit or a deletion and keeps what was there before.
func (in *intake) change(ctx context.Context, old interactionRow, it network.Item) error {
	if it.Deleted {
		if !old.DeletedAt.IsZero() {
			return nil
		}
		if _, err := in.tx.DB.NewUpdate().Model((*interactionRow)(nil)).Where("id = ?", old.ID).Set("deleted_at = ?", in.now).Exec(ctx); err != nil {
			return store.Fault(err)
		}
		if err := in.search.Remove(ctx, in.tx, string(old.CompanyID), searchKind, string(old.ID), old.At); err != nil {
			return err
		}
		in.taken = append(in.taken, old.ID)
		return in.again(ctx, old.ConversationID)
	}
	now := in.row(it)
	up := in.tx.DB.NewUpdate().Model((*interactionRow)(nil)).Where("id = ?", old.ID).
		Set("version = ?", it.Version).Set("url = ?", it.URL).Set("deleted_at = NULL").Set("standing = ?", it.Standing)
	if now.Body != old.Body || now.Warning != old.Warning || !slices.Equal(now.Media, old.Media) {
		if now.EditedAt.IsZero() {
			now.EditedAt = in.now
		}
		past := pastRow{ID: pastKind.New(in.now), CompanyID: old.CompanyID, InteractionID: old.ID, Body: old.Body, Warning: old.Warning, Media: old.Media, Until: now.EditedAt}
		if _, err := in.tx.DB.NewInsert().Model(&past).Exec(ctx); err != nil {
			return store.Fault(err)
		}
		if old.ConversationID != "" {
			now.ID, now.At = old.ID, old.At
			in.docs = append(in.docs, in.doc(now, it.Author))
		}
		up = up.Set("body = ?", now.Body).Set("warning = ?", now.Warning).Set("edited_at = ?", now.EditedAt).Set("media = ?", now.Media)
	}
	if now.Body != old.Body || !old.DeletedAt.IsZero() {
		now.ID, now.ConversationID, now.IdentityID, now.MemberID = old.ID, old.ConversationID, old.IdentityID, old.MemberID
		now.At, now.Kind, now.ParentID, now.RootID, now.Mine = clock.Trim(old.At), old.Kind, old.ParentID, old.RootID, old.Mine
		in.edited = append(in.edited, now)
	}
	if _, err := up.Exec(ctx); err != nil {
		return store.Fault(err)
	}
	return in.again(ctx, old.ConversationID)
}

// again has a conversation counted again.
func (in *intake) again(ctx context.Context, id ConversationID) error {
	if id == "" {
		return nil
	}
	if err := in.need(ctx, id); err != nil {
		return err
	}
	in.convs[id].stale = true
	return nil
}

// setStanding keeps what became of something, and has its conversation counted again.
func (in *intake) setStanding(ctx context.Context, r interactionRow, s network.Standing) error {
	up := in.tx.DB.NewUpdate().Model((*interactionRow)(nil)).Where("id = ?", r.ID).Set("standing = ?", s)
	if s == network.Trashed && r.DeletedAt.IsZero() {
		up = up.Set("deleted_at = ?", in.now)
		if err := in.search.Remove(ctx, in.tx, string(r.CompanyID), searchKind, string(r.ID), r.At); err != nil {
			return err
		}
		in.taken = append(in.taken, r.ID)
	}
	if _, err := up.Exec(ctx); err != nil {
		return store.Fault(err)
	}
	return in.again(ctx, r.ConversationID)
}
