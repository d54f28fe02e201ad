package inbox

import (
	"context"
	"fmt"
	"time"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// Staged is what members did in a conversation of the sample company, at times of the sample's own.
type Staged struct {
	Channel      network.ChannelID
	First        string // remote id of an interaction in the conversation
	State        State
	SnoozedUntil time.Time
	Assignee     team.MemberID
	Labels       []string
	Notes        []Note
	Authors      map[string]team.MemberID // who wrote which answer of ours, by remote id
	Replies      []Reply                  // those that did not go out
	Draft        Draft
	DraftBy      team.MemberID
}

// seenAfter is after how long the members of a sample have read the notes that name them.
const seenAfter = 3 * 24 * time.Hour

// Stage sets a conversation of the sample company as its story tells. In any other company it is refused: there, only
// use cases move conversations.
func (x *Inbox) Stage(ctx context.Context, actor team.Actor, s Staged) error {
	company, err := x.team.Company(ctx, actor.Company)
	if err != nil {
		return fmt.Errorf("inbox.Stage: %w", err)
	}
	if !company.Sample {
		return fault.New(fault.Denied, "inbox.stage.sample")
	}
	err = x.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		id, err := x.conversationWith(ctx, actor.Company, s.Channel, s.First)
		if err != nil {
			return err
		}
		if err := x.stage(ctx, tx, company, id, s); err != nil {
			return err
		}
		for _, l := range s.Labels {
			if _, err := x.putLabel(ctx, tx, company.ID, id, l, company.CreatedAt); err != nil {
				return err
			}
		}
		for _, n := range s.Notes {
			n.ID = noteKind.New(n.At)
			if n.Mentions == nil {
				n.Mentions = []team.MemberID{}
			}
			if err := x.insertNote(ctx, tx, company.ID, id, n); err != nil {
				return err
			}
			if x.clock.Now().Sub(n.At) < seenAfter {
				continue
			}
			for _, m := range n.Mentions { // long read by those it names
				if err := x.seeMentions(ctx, tx, team.Actor{Company: company.ID, Member: m}, id, n.At); err != nil {
					return err
				}
			}
		}
		for _, r := range s.Replies {
			r.ID, r.Conversation, r.Channel = ReplyID(replyKind.New(r.WrittenAt)), id, s.Channel
			if r.Finish == "" {
				r.Finish = Waiting
			}
			r.WrittenAt, r.DecidedAt = clock.Trim(r.WrittenAt), clock.Trim(r.DecidedAt)
			if err := x.stageReply(ctx, tx, company.ID, r); err != nil {
				return err
			}
		}
		if s.Draft.Text != "" {
			as := team.Actor{Company: company.ID, Member: s.DraftBy}
			if err := x.saveDraft(ctx, tx, as, id, s.Draft); err != nil {
				return err
			}
		}
		return x.flags(ctx, tx, id)
	})
	if err != nil {
		return fmt.Errorf("inbox.Stage: %w", err)
	}
	return nil
}
