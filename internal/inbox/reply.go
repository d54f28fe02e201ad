package inbox

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/adapt"
	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// ReplyID names a reply.
type ReplyID string

// ReplyState is where a reply stands. It is stored in the database.
type ReplyState string

// The states of a reply.
const (
	ReplyPending   ReplyState = "pending"   // waits for a second person
	ReplyRejected  ReplyState = "rejected"  // sent back to its author with a reason
	ReplyWithdrawn ReplyState = "withdrawn" // taken back before it went out
	ReplySending   ReplyState = "sending"   // with the room delivery
	ReplySent      ReplyState = "sent"      // stands on the network
	ReplyFailed    ReplyState = "failed"    // did not get out
)

// Reply is an answer of ours on its way.
type Reply struct {
	ID           ReplyID
	Conversation ConversationID
	Channel      network.ChannelID
	Member       team.MemberID
	Answers      InteractionID
	Text         string // as written; the people a network wants named in front are added when it goes out
	Media        []delivery.Attachment
	Visibility   network.Visibility
	State        ReplyState
	Finish       State // what the conversation becomes: Waiting or Done
	DecidedBy    team.MemberID
	DecidedAt    time.Time
	Reason       string // why it was sent back
	Delivery     delivery.ID
	Interaction  InteractionID
	WaitedSince  time.Time // since when they waited when it was written
	WrittenAt    time.Time
}

// Draft is a reply being written. Each member has one for each conversation.
type Draft struct {
	Text      string
	Media     []delivery.Attachment
	UpdatedAt time.Time // zero: there is none
}

// ReplyIn is what a member wants to answer.
type ReplyIn struct {
	Conversation ConversationID
	Answers      InteractionID // "": the latest of theirs
	Text         string
	Media        []delivery.Attachment
	Finish       State  // Waiting or Done; "" is Waiting
	Seen         int    // the conversation's Revision that the member had before them; 0: not told
	Saved        string // id of the saved reply that was put into it; "" none
	Anyway       bool   // send although something came in meanwhile, or a colleague answered
}

// Room is how much room a reply has: the text that is put in front and what the network allows.
type Room struct {
	Prefix string // named in front by the network's custom, "" for none
	Limits network.Limits
	Empty  network.Length // what the prefix alone uses
}

// replyLimits are what a reply may have on a channel. A comment on a web site carries no files, whatever articles carry, and is no article.
func replyLimits(ch network.Channel) network.Limits {
	l := ch.Limits
	if ch.Network == network.Site {
		l.Attach, l.Characters = 0, min(l.Characters, siteComment)
	}
	return l
}

// siteComment bounds a comment on a web site, in characters: what no database of a site cuts, however they are written.
const siteComment = 16_000

// RoomFor tells how much room there is for an answer in a thread.
func (x *Inbox) RoomFor(t Thread) (Room, error) {
	target, ok := t.Last()
	if !ok {
		return Room{Limits: replyLimits(t.Channel)}, nil
	}
	prefix, err := x.prefix(target, t)
	if err != nil {
		return Room{}, fmt.Errorf("inbox.RoomFor: %w", err)
	}
	empty, err := x.networks.Measure(t.Channel, prefix)
	if err != nil {
		return Room{}, fmt.Errorf("inbox.RoomFor: %w", err)
	}
	return Room{Prefix: prefix, Limits: replyLimits(t.Channel), Empty: empty}, nil
}

// prefix is what the network wants in front of an answer, so that the people meant are told.
func (x *Inbox) prefix(target Interaction, t Thread) (string, error) {
	who := t.Identities[target.Identity]
	return x.networks.Address(t.Channel, network.Item{
		RemoteID: target.RemoteID, Kind: target.Kind, Visibility: target.Visibility, Mentions: target.Mentions,
		Author: network.Author{RemoteID: who.RemoteID, Handle: who.Handle, Name: who.Name, URL: who.URL},
	})
}

// visibility keeps an answer as private as what it answers.
func visibility(target Interaction, private bool) network.Visibility {
	switch {
	case private || target.Visibility.Private():
		return network.Direct
	case target.Visibility == "":
		return network.Public
	default:
		return target.Visibility
	}
}

// SaveDraft keeps what a member is writing; an empty draft is forgotten.
func (x *Inbox) SaveDraft(ctx context.Context, actor team.Actor, id ConversationID, d Draft) error {
	if err := actor.May(team.InboxReply); err != nil {
		return err
	}
	if actor.Member == "" {
		return fault.New(fault.Denied, "inbox.draft.member")
	}
	if len(d.Text) > maxReplyBytes {
		return fault.InvalidFields(fault.Field{Name: "text", Key: "inbox.reply.huge"})
	}
	return x.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if _, err := x.conversation(ctx, actor.Company, id); err != nil {
			return err
		}
		d.UpdatedAt = x.clock.Now()
		return x.saveDraft(ctx, tx, actor, id, d)
	})
}

// maxReplyBytes is beyond what any network takes; what is longer is no answer.
const maxReplyBytes = 64 << 10

// Reply answers a conversation. The answer goes out at once, or waits for a second person where the company wants it.
// What the network would refuse is refused here, and the draft stays.
func (x *Inbox) Reply(ctx context.Context, actor team.Actor, in ReplyIn) (Reply, error) {
	if err := actor.May(team.InboxReply); err != nil {
		return Reply{}, err
	}
	if in.Finish == "" {
		in.Finish = Waiting
	}
	if in.Finish != Waiting && in.Finish != Done {
		return Reply{}, fault.New(fault.Invalid, "inbox.reply.finish")
	}
	var r Reply
	err := x.change(ctx, actor, team.InboxReply, in.Conversation, team.Entry{Verb: "inbox.reply"},
		func(ctx context.Context, tx *store.Tx, c Conversation) (err error) {
			t, err := x.thread(ctx, actor, c.ID)
			if err != nil {
				return err
			}
			if !in.Anyway {
				if err := x.collision(actor, in, t); err != nil {
					return err
				}
			}
			if r, err = x.write(ctx, actor, in, t); err != nil {
				return err
			}
			company, err := x.team.Company(ctx, actor.Company)
			if err != nil {
				return err
			}
			if r.State = ReplySending; x.wantsApproval(company, actor, c) {
				r.State = ReplyPending
			}
			if err := x.insertReply(ctx, tx, actor.Company, r); err != nil {
				return err
			}
			if err := x.dropDraft(ctx, tx, actor, c.ID); err != nil {
				return err
			}
			if in.Saved != "" {
				// A saved reply that was deleted meanwhile keeps no answer back.
				if _, err := x.useSaved(ctx, tx, actor.Company, in.Saved); err != nil && fault.KindOf(err) != fault.NotFound {
					return err
				}
			}
			if r.State == ReplyPending {
				err = x.markPending(ctx, tx, c.ID)
			} else {
				err = x.dispatch(ctx, tx, actor, &r, t)
			}
			if err != nil {
				return err
			}
			return x.tellReplied(ctx, tx, r)
		})
	return r, err
}

// collision says when something came in, or a colleague answered, since the member looked.
func (x *Inbox) collision(actor team.Actor, in ReplyIn, t Thread) error {
	for _, r := range t.Replies {
		if r.Member != actor.Member && (r.State == ReplySending || r.State == ReplyPending) {
			return fault.New(fault.Conflict, "inbox.reply.double")
		}
	}
	if in.Seen > 0 && in.Seen != t.Conversation.Revision {
		return fault.New(fault.Conflict, "inbox.reply.moved")
	}
	return nil
}

// write checks an answer against what its network takes. All wrong fields come together.
func (x *Inbox) write(ctx context.Context, actor team.Actor, in ReplyIn, t Thread) (Reply, error) {
	text := strings.TrimSpace(strings.ReplaceAll(in.Text, "\r\n", "\n"))
	target, ok := t.Last()
	for _, i := range t.Interactions {
		if in.Answers != "" && i.ID == in.Answers {
			target, ok = i, !i.Mine && i.DeletedAt.IsZero()
		}
	}
	if !ok {
		return Reply{}, fault.New(fault.Conflict, "inbox.reply.gone")
	}
	prefix, err := x.prefix(target, t)
	if err != nil {
		return Reply{}, err
	}
	l, err := x.networks.Measure(t.Channel, prefix+text)
	if err != nil {
		return Reply{}, err
	}
	limits := replyLimits(t.Channel)
	if limits.Characters > 0 {
		l.Max = min(l.Max, limits.Characters)
	}
	var wrong []fault.Field
	switch {
	case text == "" && len(in.Media) == 0:
		wrong = append(wrong, fault.Field{Name: "text", Key: "inbox.reply.empty"})
	case l.Used > l.Max:
		wrong = append(wrong, fault.Field{Name: "text", Key: "inbox.reply.long", Args: map[string]any{"used": l.Used, "max": l.Max, "over": l.Used - l.Max}})
	case !l.Fits():
		wrong = append(wrong, fault.Field{Name: "text", Key: "inbox.reply.heavy", Args: map[string]any{"used": l.UsedBytes, "max": l.MaxBytes}})
	}
	if len(in.Media) > limits.Attach {
		wrong = append(wrong, fault.Field{Name: "media", Key: "inbox.reply.attach", Args: map[string]any{"max": limits.Attach}})
	}
	for _, m := range in.Media {
		if strings.TrimSpace(m.Alt) == "" {
			wrong = append(wrong, fault.Field{Name: "media", Key: "inbox.reply.alt"})
			break
		}
	}
	if len(in.Media) <= limits.Attach {
		_, refused, err := x.fit(ctx, t.Channel, in.Media)
		if err != nil {
			return Reply{}, err
		}
		if refused != "" {
			wrong = append(wrong, fault.Field{Name: "media", Key: "inbox.reply.file", Args: map[string]any{"name": refused}})
		}
	}
	if err := fault.InvalidFields(wrong...); err != nil {
		return Reply{}, err
	}
	now := x.clock.Now()
	return Reply{
		ID: ReplyID(replyKind.New(now)), Conversation: t.Conversation.ID, Channel: t.Conversation.Channel, Member: actor.Member,
		Answers: target.ID, Text: text, Media: in.Media, Visibility: visibility(target, t.Conversation.Private), Finish: in.Finish,
		WaitedSince: t.Conversation.WaitingSince, WrittenAt: now,
	}, nil
}

// fit gives the files of an answer the forms in which their channel takes them, as those of posts. refused names one of which no change of
// its pixels helps. One that is not there any more is told by the delivery.
func (x *Inbox) fit(ctx context.Context, ch network.Channel, files []delivery.Attachment) (fitted []delivery.Attachment, refused string, err error) {
	rules := adapt.RulesOf(adapt.Network(ch.Network)).Media
	if told := delivery.MediaRules(ch); told != nil {
		rules = *told
	}
	for _, a := range files {
		f, err := x.media.Get(ctx, string(ch.Company), media.ID(a.MediaID))
		switch {
		case fault.KindOf(err) == fault.NotFound:
		case err != nil:
			return nil, "", err
		default:
			goes := true
			if a, goes = delivery.Fit(a, delivery.Measured(f, strings.TrimSpace(a.Alt), a.FocusX, a.FocusY), rules); !goes && refused == "" {
				refused = f.Name
			}
		}
		fitted = append(fitted, a)
	}
	return fitted, refused, nil
}

// wantsApproval tells whether an answer must be read by a second person.
func (x *Inbox) wantsApproval(company team.Company, actor team.Actor, c Conversation) bool {
	switch company.Settings.Approval {
	case team.ApprovalAll:
		return true
	case team.ApprovalPublic:
		return !c.Private
	case team.ApprovalRole:
		return !actor.Role.Can(team.InboxApprove)
	default:
		return false
	}
}

// dispatch hands a reply to the room delivery and moves the conversation on.
func (x *Inbox) dispatch(ctx context.Context, tx *store.Tx, actor team.Actor, r *Reply, t Thread) error {
	var target Interaction
	for _, i := range t.Interactions {
		if i.ID == r.Answers {
			target = i
		}
	}
	if target.ID == "" || !target.DeletedAt.IsZero() {
		return fault.New(fault.Conflict, "inbox.reply.gone")
	}
	prefix, err := x.prefix(target, t)
	if err != nil {
		return err
	}
	files, _, err := x.fit(ctx, t.Channel, r.Media)
	if err != nil {
		return err
	}
	d, err := x.deliveries.Plan(ctx, tx, actor, delivery.Plan{
		Channel: r.Channel, Source: delivery.Source{Kind: delivery.ForReply, ID: string(r.ID)},
		Message: delivery.Message{
			Text: prefix + r.Text, ReplyTo: target.RemoteID, ReplyRoot: target.RootID,
			Visibility: r.Visibility, Warning: target.Warning, Language: target.Language, Media: files,
		},
	})
	if err != nil {
		return err
	}
	r.Delivery, r.State = d, ReplySending
	return x.setOut(ctx, tx, *r)
}

// Approve lets a waiting reply go out. Who wrote it may not approve it, unless nobody else could.
func (x *Inbox) Approve(ctx context.Context, actor team.Actor, id ReplyID) error {
	return x.decide(ctx, actor, id, "inbox.approve", func(ctx context.Context, tx *store.Tx, r Reply) error {
		r.DecidedBy, r.DecidedAt = actor.Member, x.clock.Now()
		if err := x.setDecided(ctx, tx, r, ReplySending); err != nil {
			return err
		}
		t, err := x.thread(ctx, actor, r.Conversation)
		if err != nil {
			return err
		}
		if err := x.dispatch(ctx, tx, actor, &r, t); err != nil {
			return err
		}
		return x.tellReplied(ctx, tx, r)
	})
}

// Reject sends a waiting reply back to its author, with a reason; the text becomes their draft again.
func (x *Inbox) Reject(ctx context.Context, actor team.Actor, id ReplyID, reason string) error {
	reason = strings.TrimSpace(reason)
	if reason == "" || len(reason) > maxNote {
		return fault.InvalidFields(fault.Field{Name: "reason", Key: "inbox.reject.reason"})
	}
	return x.decide(ctx, actor, id, "inbox.reject", func(ctx context.Context, tx *store.Tx, r Reply) error {
		r.DecidedBy, r.DecidedAt, r.Reason = actor.Member, x.clock.Now(), reason
		if err := x.setDecided(ctx, tx, r, ReplyRejected); err != nil {
			return err
		}
		if err := x.backToDraft(ctx, tx, actor.Company, r); err != nil {
			return err
		}
		r.State = ReplyRejected
		return x.tellReplied(ctx, tx, r)
	})
}

func (x *Inbox) decide(ctx context.Context, actor team.Actor, id ReplyID, verb string, f func(context.Context, *store.Tx, Reply) error) error {
	if err := actor.May(team.InboxApprove); err != nil {
		return err
	}
	r, err := x.reply(ctx, actor.Company, id)
	if err != nil {
		return fmt.Errorf("%s: %w", verb, err)
	}
	return x.change(ctx, actor, team.InboxApprove, r.Conversation, team.Entry{Verb: verb, Detail: map[string]string{"reply": string(id)}},
		func(ctx context.Context, tx *store.Tx, _ Conversation) error {
			r, err := x.reply(ctx, actor.Company, id) // again, inside the transaction
			if err != nil {
				return err
			}
			if r.State != ReplyPending {
				return fault.New(fault.Conflict, "inbox.reply.decided")
			}
			if r.Member == actor.Member && actor.Member != "" {
				other, err := x.otherApprover(ctx, actor)
				if err != nil {
					return err
				}
				if other {
					return fault.New(fault.Denied, "inbox.approve.own")
				}
			}
			return f(ctx, tx, r)
		})
}

// otherApprover tells whether someone else in the company may approve.
func (x *Inbox) otherApprover(ctx context.Context, actor team.Actor) (bool, error) {
	ms, err := x.team.MembersByID(ctx, actor.Company)
	if err != nil {
		return false, err
	}
	for id, m := range ms {
		if id != actor.Member && m.State == team.MemberActive && m.Role.Can(team.InboxApprove) {
			return true, nil
		}
	}
	return false, nil
}

// Withdraw takes back a reply that has not gone out: a waiting one, one that was sent back, or one that failed. The
// text becomes its author's draft again.
func (x *Inbox) Withdraw(ctx context.Context, actor team.Actor, id ReplyID) error {
	r, err := x.reply(ctx, actor.Company, id)
	if err != nil {
		return fmt.Errorf("inbox.Withdraw: %w", err)
	}
	return x.change(ctx, actor, team.InboxReply, r.Conversation, team.Entry{Verb: "inbox.withdraw", Detail: map[string]string{"reply": string(id)}},
		func(ctx context.Context, tx *store.Tx, _ Conversation) error {
			r, err := x.reply(ctx, actor.Company, id)
			if err != nil {
				return err
			}
			if r.Member != actor.Member && !actor.Can(team.InboxApprove) {
				return fault.New(fault.Denied, "inbox.withdraw.other")
			}
			if r.State != ReplyPending && r.State != ReplyFailed && r.State != ReplyRejected {
				return fault.New(fault.Conflict, "inbox.withdraw.late")
			}
			if err := x.setDecided(ctx, tx, r, ReplyWithdrawn); err != nil {
				return err
			}
			if err := x.backToDraft(ctx, tx, actor.Company, r); err != nil {
				return err
			}
			r.State = ReplyWithdrawn
			return x.tellReplied(ctx, tx, r)
		})
}

// Retry tries to bring out a failed reply again.
func (x *Inbox) Retry(ctx context.Context, actor team.Actor, id ReplyID) error {
	return x.redeliver(ctx, actor, id, "inbox.retry", x.deliveries.Retry)
}

// SendAgain brings out again a reply of which nobody knows whether it arrived, because a person has looked and says that
// it is not there.
func (x *Inbox) SendAgain(ctx context.Context, actor team.Actor, id ReplyID) error {
	return x.redeliver(ctx, actor, id, "inbox.sendagain", x.deliveries.SendAgain)
}

func (x *Inbox) redeliver(ctx context.Context, actor team.Actor, id ReplyID, verb string, f func(context.Context, team.Actor, delivery.ID) error) error {
	r, err := x.reply(ctx, actor.Company, id)
	if err != nil {
		return fmt.Errorf("%s: %w", verb, err)
	}
	if r.Delivery == "" {
		return fault.New(fault.Conflict, "inbox.withdraw.late")
	}
	return x.change(ctx, actor, team.InboxReply, r.Conversation, team.Entry{Verb: verb, Detail: map[string]string{"reply": string(id)}},
		func(ctx context.Context, _ *store.Tx, _ Conversation) error { return f(ctx, actor, r.Delivery) })
}

// GetReply gives one reply.
func (x *Inbox) GetReply(ctx context.Context, actor team.Actor, id ReplyID) (Reply, error) {
	if err := actor.May(team.InboxRead); err != nil {
		return Reply{}, err
	}
	return x.reply(ctx, actor.Company, id)
}

// delivered hears from the room delivery how a reply is going.
func (x *Inbox) delivered(ctx context.Context, tx *store.Tx, d delivery.Delivery) error {
	if d.State == delivery.Sent { // the channel may be bringing the same answer in right now
		if err := x.alone(ctx, tx, d.Channel); err != nil {
			return fmt.Errorf("inbox.delivered: %w", err)
		}
	}
	r, err := x.heldReply(ctx, tx, d.Company, ReplyID(d.Source.ID))
	if err != nil {
		return fmt.Errorf("inbox.delivered: %w", err)
	}
	before := r.State
	var stands *Answered
	switch d.State {
	case delivery.Sent:
		stands, err = x.sent(ctx, tx, &r, d)
	case delivery.Failed:
		err = x.failed(ctx, tx, r)
		r.State = ReplyFailed
	default:
		if r.State == ReplyWithdrawn { // its words went back to their author: they do not go out behind their back
			return fault.New(fault.Conflict, "inbox.reply.decided")
		}
		err = x.setReplyState(ctx, tx, r, ReplySending)
		r.State = ReplySending
	}
	if err == nil && r.State != before {
		err = x.tellReplied(ctx, tx, r)
	}
	if err == nil && stands != nil {
		err = x.tellAnswered(ctx, tx, *stands)
	}
	if err != nil {
		return fmt.Errorf("inbox.delivered: %w", err)
	}
	return x.tell(ctx, tx, team.System(d.Company), r.Conversation)
}
