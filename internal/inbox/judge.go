package inbox

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/triage"
	"github.com/ponte-desk/ponte/internal/verdict"
)

// judged tells whether a stored interaction is something that is judged: words of theirs in a conversation.
func (r interactionRow) judged() bool {
	return !r.Mine && r.ConversationID != "" && r.Kind.Speaks()
}

// addressed tells whether it was said to us. What others talk about around an answer is judged and shown, but says
// nothing about the conversation, and is only heard once a member has said what it is.
func (r interactionRow) addressed() bool { return r.Kind != network.KindPost }

// judge has the words of theirs that a batch brought judged, and gives what is to be heard of them.
func (in *intake) judge(ctx context.Context) ([]Heard, error) {
	var texts []verdict.Text
	var rows []interactionRow
	for _, r := range in.rows {
		if r.judged() {
			texts = append(texts, verdict.Text{ID: string(r.ID), Text: r.Body, At: r.At})
			rows = append(rows, r)
		}
	}
	fresh := len(rows)
	for _, r := range in.edited {
		if r.ConversationID = in.alias(r.ConversationID); r.judged() {
			texts = append(texts, verdict.Text{ID: string(r.ID), Text: r.Body, At: r.At, Again: true})
			rows = append(rows, r)
		}
	}
	verdicts, err := in.verdicts.Judge(ctx, in.tx, in.ch.Company, texts)
	if err != nil {
		return nil, err
	}
	heard := make([]Heard, 0, len(rows))
	for i, r := range rows {
		v := verdicts[string(r.ID)]
		if t := in.convs[r.ConversationID]; i < fresh && !t.stale { // what is stale is weighed when it is counted again
			t.weigh(in.company, r, v)
		}
		if r.addressed() {
			heard = append(heard, Heard{Interaction: r.interaction(), Verdict: v, Past: past(in.ch, r.At), Again: i >= fresh})
		}
	}
	slices.SortStableFunc(heard, func(a, b Heard) int {
		return cmp.Or(a.Interaction.At.Compare(b.Interaction.At), cmp.Compare(a.Interaction.ID, b.Interaction.ID))
	})
	return heard, nil
}

// past tells whether something was old already when its channel was connected.
func past(ch network.Channel, at time.Time) bool { return !at.After(pastUntil(ch)) }

// always lies behind everything that was ever written.
var always = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// pastUntil is the moment up to which what they wrote on a channel waits for nobody.
func pastUntil(ch network.Channel) time.Time {
	if ch.Archive { // nobody can answer there
		return always
	}
	return ch.ConnectedAt.Add(-pastAfter)
}

// weigh adds what something of theirs was judged to be to its conversation, which has counted it.
func (t *tally) weigh(company team.Company, r interactionRow, v verdict.Verdict) {
	if !r.judged() || !r.addressed() || !r.DeletedAt.IsZero() || v.Subject == "" {
		return
	}
	c := &t.row
	c.Criticism = c.Criticism || v.Criticism == triage.Yes
	c.Doubt = c.Doubt || v.Criticism == triage.Check
	c.Question = c.Question || v.Asks()
	c.Praise = c.Praise || v.Praises()
	c.Urgency = max(c.Urgency, v.Urgency)
	// Urgent is what waits, or what waited when it was settled: it is urgent again when it is taken up again.
	waits := r.At.After(t.past) && r.At.After(c.LastOutAt) && (c.WaitingSince.IsZero() || !r.At.Before(c.WaitingSince))
	if waits {
		c.HurryAt = earliest(c.HurryAt, hurry(company, r.At, v.Urgency))
	}
}

// clear forgets what was weighed.
func (t *tally) clear() {
	c := &t.row
	c.Criticism, c.Doubt, c.Question, c.Praise, c.Urgency, c.HurryAt = false, false, false, false, 0, zero
}

// verdictsOf gives what stored interactions were judged to be.
func (x *Inbox) verdictsOf(ctx context.Context, rows []interactionRow) (map[InteractionID]verdict.Verdict, error) {
	var ids []string
	out := map[InteractionID]verdict.Verdict{}
	for _, r := range rows {
		if r.judged() {
			ids = append(ids, string(r.ID))
		}
	}
	if len(ids) == 0 {
		return out, nil
	}
	vs, err := x.verdicts.Of(ctx, rows[0].CompanyID, ids)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		if v, ok := vs[string(r.ID)]; ok {
			out[r.ID] = v
		}
	}
	return out, nil
}

// marked gives what interactions were judged to be, with the words that weighed.
func (x *Inbox) marked(ctx context.Context, c team.CompanyID, is []Interaction) (map[InteractionID]verdict.Verdict, error) {
	var ids []string
	for _, i := range is {
		if !i.Mine && i.Kind.Speaks() {
			ids = append(ids, string(i.ID))
		}
	}
	out := make(map[InteractionID]verdict.Verdict, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	vs, err := x.verdicts.Of(ctx, c, ids)
	if err != nil {
		return nil, err
	}
	for _, i := range is {
		if v, ok := vs[string(i.ID)]; ok {
			v.Mark(i.Text)
			out[i.ID] = v
		}
	}
	return out, nil
}

// lastVerdicts gives what the last thing they wrote in conversations was judged to be.
func (x *Inbox) lastVerdicts(ctx context.Context, c team.CompanyID, cs []Conversation) (map[ConversationID]verdict.Verdict, error) {
	var ids []InteractionID
	for _, v := range cs {
		if v.LastIn != "" {
			ids = append(ids, v.LastIn)
		}
	}
	rows, err := x.interactionRows(ctx, c, ids)
	if err != nil {
		return nil, err
	}
	is := make([]Interaction, len(rows))
	for i, r := range rows {
		is[i] = r.interaction()
	}
	vs, err := x.marked(ctx, c, is)
	if err != nil {
		return nil, err
	}
	out := make(map[ConversationID]verdict.Verdict, len(vs))
	for _, i := range is {
		if v, ok := vs[i.ID]; ok {
			out[i.Conversation] = v
		}
	}
	return out, nil
}

// announce tells the rooms above what a batch brought.
func (in *intake) announce(ctx context.Context, heard []Heard) error {
	for _, gone := range sorted(keysOf(in.moved)) {
		if err := in.tellJoined(ctx, in.tx, in.ch.Company, in.alias(gone), gone); err != nil {
			return err
		}
	}
	if err := in.tellHeard(ctx, in.tx, team.System(in.ch.Company), in.ch, heard); err != nil {
		return err
	}
	var answers []Answered
	for _, r := range slices.Concat(in.found, in.rows) {
		if r.Mine && r.ConversationID != "" && r.Kind.Speaks() && r.DeletedAt.IsZero() {
			answers = append(answers, Answered{
				Company: r.CompanyID, Conversation: in.alias(r.ConversationID), Private: r.Visibility.Private(), At: r.At,
			})
		}
	}
	slices.SortStableFunc(answers, func(a, b Answered) int { return a.At.Compare(b.At) })
	if err := in.tellAnswered(ctx, in.tx, answers...); err != nil {
		return err
	}
	return in.tellTaken(ctx, in.tx, in.ch.Company, in.taken)
}

// reheard takes over verdicts that became others: what their conversations show, and who hears of it.
func (x *Inbox) reheard(ctx context.Context, tx *store.Tx, actor team.Actor, vs []verdict.Verdict) error {
	ids := make([]InteractionID, len(vs))
	by := map[InteractionID]verdict.Verdict{}
	for i, v := range vs {
		ids[i] = InteractionID(v.Subject)
		by[ids[i]] = v
	}
	rows, err := x.interactionRows(ctx, actor.Company, ids)
	if err != nil {
		return err
	}
	channels, err := x.networks.ChannelsByID(ctx, actor.Company)
	if err != nil {
		return err
	}
	convs := map[ConversationID]bool{}
	heard := map[network.ChannelID][]Heard{}
	for _, r := range rows {
		if !r.judged() {
			continue
		}
		convs[r.ConversationID] = true
		v := by[r.ID]
		if !r.DeletedAt.IsZero() || !r.addressed() && v.Said == nil {
			continue
		}
		i := r.interaction()
		heard[r.ChannelID] = append(heard[r.ChannelID], Heard{Interaction: i, Verdict: v, Past: past(channels[r.ChannelID], i.At), Again: true})
	}
	for _, id := range sorted(convs) {
		if err := x.reweigh(ctx, tx, actor.Company, id, channels); err != nil {
			return err
		}
		if err := x.tell(ctx, tx, actor, id); err != nil {
			return err
		}
	}
	for _, ch := range sorted(keysOf(heard)) {
		if err := x.tellHeard(ctx, tx, actor, channels[ch], heard[ch]); err != nil {
			return err
		}
	}
	return nil
}

func keysOf[K comparable, V any](m map[K]V) map[K]bool {
	out := make(map[K]bool, len(m))
	for k := range m {
		out[k] = true
	}
	return out
}

// reweighed is a conversation with what its words were judged to be, and by when it wants an answer now.
func (x *Inbox) reweighed(company team.Company, ch network.Channel, c conversationRow, rows []interactionRow, vs map[InteractionID]verdict.Verdict) conversationRow {
	t := tally{row: c, past: pastUntil(ch)}
	t.row.LastOutAt, t.row.WaitingSince = clock.Trim(c.LastOutAt), clock.Trim(c.WaitingSince)
	t.clear()
	for _, r := range rows {
		r.At, r.DeletedAt = clock.Trim(r.At), clock.Trim(r.DeletedAt)
		t.weigh(company, r, vs[r.ID])
	}
	if !t.row.WaitingSince.IsZero() {
		t.row.DueAt = earliest(due(company, t.row.WaitingSince), t.row.HurryAt)
	}
	return t.row
}
