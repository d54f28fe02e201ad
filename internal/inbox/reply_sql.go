package inbox

import (
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/search"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

type replyRow struct {
	bun.BaseModel  `bun:"table:reply"`
	ID             ReplyID               `bun:"id,pk"`
	CompanyID      team.CompanyID        `bun:"company_id"`
	ConversationID ConversationID        `bun:"conversation_id"`
	ChannelID      network.ChannelID     `bun:"channel_id"`
	MemberID       team.MemberID         `bun:"member_id"`
	AnswersID      InteractionID         `bun:"answers_id"`
	Body           string                `bun:"body"`
	Media          []delivery.Attachment `bun:"media"`
	Visibility     network.Visibility    `bun:"visibility"`
	State          ReplyState            `bun:"state"`
	Finish         State                 `bun:"finish"`
	DecidedBy      team.MemberID         `bun:"decided_by"`
	DecidedAt      time.Time             `bun:"decided_at,nullzero"`
	Reason         string                `bun:"reason"`
	DeliveryID     delivery.ID           `bun:"delivery_id"`
	InteractionID  InteractionID         `bun:"interaction_id"`
	WaitedSince    time.Time             `bun:"waited_since,nullzero"`
	WrittenAt      time.Time             `bun:"written_at"`
}

func (r replyRow) reply() Reply {
	return Reply{
		ID: r.ID, Conversation: r.ConversationID, Channel: r.ChannelID, Member: r.MemberID, Answers: r.AnswersID, Text: r.Body,
		Media: r.Media, Visibility: r.Visibility, State: r.State, Finish: r.Finish, DecidedBy: r.DecidedBy,
		DecidedAt: clock.Trim(r.DecidedAt), Reason: r.Reason, Delivery: r.DeliveryID, Interaction: r.InteractionID,
		WaitedSince: clock.Trim(r.WaitedSince), WrittenAt: clock.Trim(r.WrittenAt),
	}
}

func (x *Inbox) insertReply(ctx context.Context, tx *store.Tx, c team.CompanyID, r Reply) error {
	media := r.Media
	if media == nil {
		media = []delivery.Attachment{}
	}
	row := replyRow{
		ID: r.ID, CompanyID: c, ConversationID: r.Conversation, ChannelID: r.Channel, MemberID: r.Member, AnswersID: r.Answers,
		Body: r.Text, Media: media, Visibility: r.Visibility, State: r.State, Finish: r.Finish, WaitedSince: r.WaitedSince, WrittenAt: r.WrittenAt,
	}
	_, err := tx.DB.NewInsert().Model(&row).Exec(ctx)
	return store.Fault(err)
}

func (x *Inbox) reply(ctx context.Context, c team.CompanyID, id ReplyID) (Reply, error) {
	var row replyRow
	err := store.Fault(x.store.Read(ctx).NewSelect().Model(&row).Where("company_id = ?", c).Where("id = ?", id).Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return Reply{}, fault.New(fault.NotFound, "inbox.reply.missing")
	}
	return row.reply(), err
}

// heldReply gives a reply whose conversation nobody else changes until the transaction ends.
func (x *Inbox) heldReply(ctx context.Context, tx *store.Tx, c team.CompanyID, id ReplyID) (Reply, error) {
	for last := false; ; last = true {
		r, err := x.reply(ctx, c, id)
		if err != nil {
			return Reply{}, err
		}
		// A conversation that was joined to another in between is gone: the reply says where it is now.
		if _, err = x.held(ctx, tx, c, r.Conversation); err == nil || last || fault.KindOf(err) != fault.NotFound {
			return r, err
		}
	}
}

// openReplies are those that people must see although they do not stand on the network.
func (x *Inbox) openReplies(ctx context.Context, c team.CompanyID, id ConversationID) ([]Reply, error) {
	var rows []replyRow
	err := x.store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("conversation_id = ?", id).
		Where("state IN (?)", bun.List([]ReplyState{ReplyPending, ReplyRejected, ReplySending, ReplyFailed})).Order("id").Scan(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	out := make([]Reply, len(rows))
	for i, r := range rows {
		out[i] = r.reply()
	}
	return out, nil
}

func (x *Inbox) markPending(ctx context.Context, tx *store.Tx, id ConversationID) error {
	_, err := tx.DB.NewUpdate().Model((*conversationRow)(nil)).Where("id = ?", id).Set("pending = ?", true).Exec(ctx)
	return store.Fault(err)
}

// setOut notes that a reply is with the room delivery; while it is on its way nobody counts as waiting.
func (x *Inbox) setOut(ctx context.Context, tx *store.Tx, r Reply) error {
	if _, err := tx.DB.NewUpdate().Model((*replyRow)(nil)).Where("id = ?", r.ID).Set("state = ?", ReplySending).Set("delivery_id = ?", r.Delivery).Exec(ctx); err != nil {
		return store.Fault(err)
	}
	up := tx.DB.NewUpdate().Model((*conversationRow)(nil)).Where("id = ?", r.Conversation).Set("state = ?", r.Finish).
		Set("waiting_since = NULL").Set("due_at = NULL").Set("snoozed_until = NULL")
	if r.Finish == Done {
		up = up.Set("done_at = ?", x.clock.Now())
	}
	if _, err := up.Exec(ctx); err != nil {
		return store.Fault(err)
	}
	return x.flags(ctx, tx, r.Conversation)
}

// flags derives what waits for a second person and what is in trouble from the replies themselves: in trouble is also
// one of which nobody knows whether it arrived.
func (x *Inbox) flags(ctx context.Context, tx *store.Tx, id ConversationID) error {
	var away []replyRow
	err := tx.DB.NewSelect().Model(&away).Where("conversation_id = ?", id).Where("state = ?", ReplySending).Where("delivery_id <> ''").Scan(ctx)
	if err != nil {
		return store.Fault(err)
	}
	unknown := false
	for _, r := range away {
		d, err := x.deliveries.Get(ctx, r.CompanyID, r.DeliveryID)
		if err != nil {
			return err
		}
		unknown = unknown || d.State == delivery.Unconfirmed
	}
	_, err = tx.DB.NewRaw("UPDATE conversation SET "+
		"pending = EXISTS (SELECT 1 FROM reply WHERE conversation_id = ? AND state = 'pending'), "+
		"trouble = (? OR EXISTS (SELECT 1 FROM reply WHERE conversation_id = ? AND state = 'failed')) WHERE id = ?", id, unknown, id, id).Exec(ctx)
	return store.Fault(err)
}

// setDecided moves a reply that waits, was sent back or failed; another hand that was faster is a Conflict.
func (x *Inbox) setDecided(ctx context.Context, tx *store.Tx, r Reply, to ReplyState) error {
	res, err := tx.DB.NewUpdate().Model((*replyRow)(nil)).Where("id = ?", r.ID).Where("state = ?", r.State).
		Set("state = ?", to).Set("decided_by = ?", r.DecidedBy).Set("decided_at = ?", bun.NullTime{Time: r.DecidedAt}).Set("reason = ?", r.Reason).Exec(ctx)
	if err != nil {
		return store.Fault(err)
	}
	if n, _ := res.RowsAffected(); n == 0 {
		return fault.New(fault.Conflict, "inbox.reply.decided")
	}
	return x.flags(ctx, tx, r.Conversation)
}

func (x *Inbox) setReplyState(ctx context.Context, tx *store.Tx, r Reply, to ReplyState) error {
	if _, err := tx.DB.NewUpdate().Model((*replyRow)(nil)).Where("id = ?", r.ID).Set("state = ?", to).Exec(ctx); err != nil {
		return store.Fault(err)
	}
	return x.flags(ctx, tx, r.Conversation)
}

// failed gives a conversation back to those who wait for an answer.
func (x *Inbox) failed(ctx context.Context, tx *store.Tx, r Reply) error {
	if err := x.setReplyState(ctx, tx, r, ReplyFailed); err != nil {
		return err
	}
	var row conversationRow
	if err := tx.DB.NewSelect().Model(&row).Where("id = ?", r.Conversation).Scan(ctx); err != nil {
		return store.Fault(err)
	}
	if r.WaitedSince.IsZero() || !row.WaitingSince.IsZero() {
		return nil
	}
	company, err := x.team.Company(ctx, row.CompanyID)
	if err != nil {
		return err
	}
	_, err = tx.DB.NewUpdate().Model((*conversationRow)(nil)).Where("id = ?", r.Conversation).Set("state = ?", Open).Set("done_at = NULL").
		Set("waiting_since = ?", r.WaitedSince).Set("due_at = ?", bun.NullTime{Time: earliest(due(company, r.WaitedSince), clock.Trim(row.HurryAt))}).Exec(ctx)
	return store.Fault(err)
}

// sent puts a reply into the thread. The channel may have brought it back already, as something of ours: then only
// who wrote it is added. It gives the answer when nobody was told of it yet.
func (x *Inbox) sent(ctx context.Context, tx *store.Tx, r *Reply, d delivery.Delivery) (*Answered, error) {
	var have interactionRow
	err := store.Fault(tx.DB.NewSelect().Model(&have).Where("channel_id = ?", d.Channel).Where("remote_id = ?", d.Receipt.RemoteID).Scan(ctx))
	if err != nil && !errors.Is(err, store.ErrMissing) {
		return nil, err
	}
	fresh := err != nil
	if fresh {
		have = interactionRow{
			ID: InteractionID(interactionKind.New(x.clock.Now())), CompanyID: d.Company, ChannelID: d.Channel, RemoteID: d.Receipt.RemoteID,
			ConversationID: r.Conversation, Kind: network.KindReply, Mine: true, MemberID: r.Member, ParentID: d.Message.ReplyTo,
			RootID: d.Message.ReplyRoot, Body: d.Message.Text, Warning: d.Message.Warning, Language: d.Message.Language,
			Visibility: r.Visibility, URL: d.Receipt.URL, Version: d.Receipt.Version, At: clock.Trim(d.Receipt.At),
		}
		if r.Visibility.Private() {
			have.Kind = network.KindMessage
		}
		if have.At.IsZero() {
			have.At = x.clock.Now()
		}
		for _, m := range r.Media {
			have.Media = append(have.Media, network.Media{Kind: network.Image, URL: "/media/" + m.MediaID, Alt: m.Alt})
		}
		if _, err := tx.DB.NewInsert().Model(&have).Exec(ctx); err != nil {
			return nil, store.Fault(err)
		}
		doc := search.Doc{Company: string(d.Company), Kind: searchKind, Ref: string(have.ID), At: have.At, Text: have.Body}
		if err := x.search.Index(ctx, tx, []search.Doc{doc}); err != nil {
			return nil, err
		}
		if err := x.tellCame(ctx, tx, d.Company, []InteractionID{have.ID}); err != nil {
			return nil, err
		}
	}
	if !fresh {
		if _, err := tx.DB.NewUpdate().Model((*interactionRow)(nil)).Where("id = ?", have.ID).
			Set("member_id = ?", r.Member).Set("conversation_id = ?", r.Conversation).Exec(ctx); err != nil {
			return nil, store.Fault(err)
		}
	}
	if _, err := tx.DB.NewUpdate().Model((*replyRow)(nil)).Where("id = ?", r.ID).Set("state = ?", ReplySent).Set("interaction_id = ?", have.ID).Exec(ctx); err != nil {
		return nil, store.Fault(err)
	}
	counted := fresh || have.ConversationID != r.Conversation
	if err := x.countOut(ctx, tx, r.Conversation, clock.Trim(have.At), counted); err != nil {
		return nil, err
	}
	r.State, r.Interaction = ReplySent, have.ID
	if err := x.flags(ctx, tx, r.Conversation); err != nil || !counted {
		return nil, err
	}
	return &Answered{Company: d.Company, Conversation: r.Conversation, Private: r.Visibility.Private(), At: clock.Trim(have.At)}, nil
}

// countOut counts an answer of ours that went out at a moment.
func (x *Inbox) countOut(ctx context.Context, tx *store.Tx, id ConversationID, at time.Time, count bool) error {
	var row conversationRow
	if err := tx.DB.NewSelect().Model(&row).Where("id = ?", id).Scan(ctx); err != nil {
		return store.Fault(err)
	}
	up := tx.DB.NewUpdate().Model((*conversationRow)(nil)).Where("id = ?", id).Set("revision = revision + 1")
	if count {
		up = up.Set("outgoing = outgoing + 1")
	}
	if at.After(row.LastOutAt) {
		up = up.Set("last_out_at = ?", at)
	}
	if at.After(row.LastAt) {
		up = up.Set("last_at = ?", at)
	}
	_, err := up.Exec(ctx)
	return store.Fault(err)
}

type draftRow struct {
	bun.BaseModel  `bun:"table:draft"`
	CompanyID      team.CompanyID        `bun:"company_id"`
	ConversationID ConversationID        `bun:"conversation_id,pk"`
	MemberID       team.MemberID         `bun:"member_id,pk"`
	Body           string                `bun:"body"`
	Media          []delivery.Attachment `bun:"media"`
	UpdatedAt      time.Time             `bun:"updated_at"`
}

func (x *Inbox) saveDraft(ctx context.Context, tx *store.Tx, actor team.Actor, id ConversationID, d Draft) error {
	if d.Text == "" && len(d.Media) == 0 {
		return x.dropDraft(ctx, tx, actor, id)
	}
	if d.Media == nil {
		d.Media = []delivery.Attachment{}
	}
	row := draftRow{CompanyID: actor.Company, ConversationID: id, MemberID: actor.Member, Body: d.Text, Media: d.Media, UpdatedAt: d.UpdatedAt}
	_, err := tx.DB.NewInsert().Model(&row).On("CONFLICT (conversation_id, member_id) DO UPDATE").
		Set("body = EXCLUDED.body, media = EXCLUDED.media, updated_at = EXCLUDED.updated_at").Exec(ctx)
	return store.Fault(err)
}

func (x *Inbox) draft(ctx context.Context, actor team.Actor, id ConversationID) (Draft, error) {
	var row draftRow
	err := store.Fault(x.store.Read(ctx).NewSelect().Model(&row).Where("company_id = ?", actor.Company).Where("conversation_id = ?", id).Where("member_id = ?", actor.Member).Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return Draft{}, nil
	}
	return Draft{Text: row.Body, Media: row.Media, UpdatedAt: clock.Trim(row.UpdatedAt)}, err
}

func (x *Inbox) dropDraft(ctx context.Context, tx *store.Tx, actor team.Actor, id ConversationID) error {
	_, err := tx.DB.NewDelete().Model((*draftRow)(nil)).Where("company_id = ?", actor.Company).Where("conversation_id = ?", id).Where("member_id = ?", actor.Member).Exec(ctx)
	return store.Fault(err)
}

// backToDraft gives a text back to its author, unless they are writing something else there already.
func (x *Inbox) backToDraft(ctx context.Context, tx *store.Tx, c team.CompanyID, r Reply) error {
	if r.Member == "" {
		return nil
	}
	media := r.Media
	if media == nil {
		media = []delivery.Attachment{}
	}
	row := draftRow{CompanyID: c, ConversationID: r.Conversation, MemberID: r.Member, Body: r.Text, Media: media, UpdatedAt: x.clock.Now()}
	_, err := tx.DB.NewInsert().Model(&row).On("CONFLICT (conversation_id, member_id) DO NOTHING").Exec(ctx)
	return store.Fault(err)
}
