package inbox

import (
	"context"
	"fmt"
	"strconv"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/verdict"
)

// Correct says what something that they wrote is. It stands above what models say as long as the text is the same, and
// the company's model learns it.
func (x *Inbox) Correct(ctx context.Context, actor team.Actor, id InteractionID, c verdict.Correction) error {
	if err := verdict.MayCorrect(actor); err != nil {
		return err
	}
	if _, err := interactionKind.Parse(string(id)); err != nil {
		return err
	}
	is, err := x.InteractionsByID(ctx, actor.Company, []InteractionID{id})
	if err != nil {
		return fmt.Errorf("inbox.Correct: %w", err)
	}
	i, ok := is[id]
	if !ok {
		return fault.New(fault.NotFound, "inbox.interaction.missing")
	}
	if i.Mine || i.Conversation == "" || !i.Kind.Speaks() {
		return fault.New(fault.Invalid, "inbox.correct.ours")
	}
	needs := team.InboxOrganise
	if !actor.Can(needs) {
		needs = team.GrowthManage
	}
	said := map[string]string{"interaction": string(id)}
	if c.Criticism != nil {
		said["criticism"] = strconv.FormatBool(*c.Criticism)
	}
	return x.change(ctx, actor, needs, i.Conversation, team.Entry{Verb: "inbox.correct", Detail: said},
		func(ctx context.Context, tx *store.Tx, _ Conversation) error {
			is, err := x.InteractionsByID(ctx, actor.Company, []InteractionID{id}) // again, now that nobody changes it
			if err != nil {
				return err
			}
			have, err := x.verdicts.Of(ctx, actor.Company, []string{string(id)})
			if err != nil {
				return err
			}
			if _, judged := have[string(id)]; !judged { // it came in before texts were judged
				text := verdict.Text{ID: string(id), Text: is[id].Text, At: is[id].At}
				if _, err := x.verdicts.Judge(ctx, tx, actor.Company, []verdict.Text{text}); err != nil {
					return err
				}
			}
			_, err = x.verdicts.Correct(ctx, tx, actor, string(id), is[id].Text, c)
			return err
		})
}

// CorrectAll says the same of several things that they wrote, all or none. They are taken in hand together, so that two who do
// that at the same moment never wait for each other.
func (x *Inbox) CorrectAll(ctx context.Context, actor team.Actor, ids []InteractionID, c verdict.Correction) error {
	if err := verdict.MayCorrect(actor); err != nil {
		return err
	}
	return x.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if _, err := x.heldRows(ctx, tx, actor.Company, ids); err != nil {
			return fmt.Errorf("inbox.CorrectAll: %w", err)
		}
		for _, id := range ids {
			if err := x.Correct(ctx, actor, id, c); err != nil {
				return err
			}
		}
		return nil
	})
}

// texts gives what stored interactions say, for judging it anew: held, and without what was taken back.
func (x *Inbox) texts(ctx context.Context, tx *store.Tx, c team.CompanyID, ids []string) (map[string]string, error) {
	want := make([]InteractionID, len(ids))
	for i, id := range ids {
		want[i] = InteractionID(id)
	}
	rows, err := x.heldRows(ctx, tx, c, want)
	if err != nil {
		return nil, err
	}
	out := make(map[string]string, len(rows))
	for _, r := range rows {
		if r.judged() && r.DeletedAt.IsZero() {
			out[string(r.ID)] = r.Body
		}
	}
	return out, nil
}

// heldRows gives interactions that nobody else changes until the transaction ends. Channels come before conversations, and both
// in order, as for whoever else takes several in hand.
func (x *Inbox) heldRows(ctx context.Context, tx *store.Tx, c team.CompanyID, ids []InteractionID) ([]interactionRow, error) {
	rows, err := x.interactionRows(ctx, c, ids)
	if err != nil {
		return nil, err
	}
	channels, convs := map[network.ChannelID]bool{}, map[ConversationID]bool{}
	for _, r := range rows {
		channels[r.ChannelID] = true
	}
	for _, ch := range sorted(channels) {
		if err := x.alone(ctx, tx, ch); err != nil {
			return nil, err
		}
	}
	if rows, err = x.interactionRows(ctx, c, ids); err != nil { // again, now that they stay where they are
		return nil, err
	}
	for _, r := range rows {
		convs[r.ConversationID] = true
	}
	return rows, x.holdAll(ctx, tx, sorted(convs))
}
