package inbox

import (
	"context"
	"fmt"
	"strconv"

	"github.com/ponte-desk/ponte/internal/fault"
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

// texts gives what stored interactions say, for judging it anew: held, and without what was taken back.
func (x *Inbox) texts(ctx context.Context, tx *store.Tx, c team.CompanyID, ids []string) (map[string]string, error) {
	want := make([]InteractionID, len(ids))
	for i, id := range ids {
		want[i] = InteractionID(id)
	}
	rows, err := x.interactionRows(ctx, c, want)
	if err != nil {
		return nil, err
	}
	convs := map[ConversationID]bool{}
	for _, r := range rows {
		convs[r.ConversationID] = true
	}
	if err := x.holdAll(ctx, tx, sorted(convs)); err != nil {
		return nil, err
	}
	if rows, err = x.interactionRows(ctx, c, want); err != nil { // again, now that nobody changes them
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
