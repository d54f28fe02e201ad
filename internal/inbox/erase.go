package inbox

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/live"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/search"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// eraseBounds bound what one step of an erasure does.
type eraseBounds struct {
	talks, items int // conversations, and interactions
	window       int // rows of a table that one look for names goes through
	windows      int // full looks
}

var wholeSteps = eraseBounds{talks: 50, items: 2000, window: 20000, windows: 3}

// erase erases what the inbox keeps about a person: first the conversations that they took part in, then what they did without
// words, then their names in what others wrote.
func (x *Inbox) erase(ctx context.Context, tx *store.Tx, e audience.Erasure) (audience.ErasureStep, error) {
	w := &erasing{Inbox: x, tx: tx, e: e}
	if err := w.run(ctx); err != nil {
		return w.step, fmt.Errorf("inbox.erase: %w", err)
	}
	return w.step, nil
}

// erasing is one step of an erasure at work.
type erasing struct {
	*Inbox
	tx       *store.Tx
	e        audience.Erasure
	step     audience.ErasureStep
	company  team.Company
	channels map[network.ChannelID]network.Channel
	items    int // gone in this step
}

// The parts of an erasure, as cursors begin.
const (
	partTalks = ""
	partNames = "names:"
)

func (w *erasing) run(ctx context.Context) (err error) {
	// Nothing comes in meanwhile: what is on its way in has come, what comes later meets the gate.
	if err := w.networks.Hold(ctx, w.tx, w.e.Company); err != nil {
		return err
	}
	if w.company, err = w.team.Company(ctx, w.e.Company); err != nil {
		return err
	}
	if w.channels, err = w.networks.ChannelsByID(ctx, w.e.Company); err != nil {
		return err
	}
	cursor, naming := strings.CutPrefix(w.e.Cursor, partNames)
	if !naming {
		cursor = ""
		more, err := w.theirs(ctx)
		if err != nil {
			return err
		}
		if more {
			w.step.Cursor = "talks"
			return w.tell(ctx)
		}
	}
	next, err := w.names(ctx, cursor)
	if err != nil {
		return err
	}
	if next != "" {
		w.step.Cursor = partNames + next
	}
	return w.tell(ctx)
}

func (w *erasing) tell(ctx context.Context) error {
	return w.live.Tell(ctx, w.tx, live.Event{Company: string(w.e.Company), Topic: live.Inbox})
}

// theirs erases conversations that they took part in, and what they did outside of any. It tells whether more is left.
func (w *erasing) theirs(ctx context.Context) (more bool, err error) {
	ids := w.e.IdentityIDs()
	if len(ids) == 0 {
		return false, nil
	}
	talks, err := w.talksWith(ctx, w.tx, w.e.Company, ids, w.bounds.talks)
	if err != nil {
		return false, err
	}
	for i, id := range talks {
		if err := w.talk(ctx, id); err != nil {
			return false, err
		}
		if w.items >= w.bounds.items && i < len(talks)-1 {
			return true, nil
		}
	}
	if len(talks) == w.bounds.talks {
		return true, nil
	}
	for {
		loose, err := w.looseOf(ctx, w.tx, w.e.Company, ids, chunk)
		if err != nil || len(loose) == 0 {
			return false, err
		}
		if w.items >= w.bounds.items {
			return true, nil
		}
		if err := w.remove(ctx, loose); err != nil {
			return false, err
		}
	}
}

// talk erases what is theirs in a conversation: all of it when nobody else spoke to us there.
func (w *erasing) talk(ctx context.Context, id ConversationID) error {
	if err := w.stopReplies(ctx, id); err != nil {
		return err
	}
	conv, err := w.heldRow(ctx, w.tx, w.e.Company, id)
	if err != nil {
		return err
	}
	rows, err := w.talkRows(ctx, w.tx, id)
	if err != nil {
		return err
	}
	gone, kept := w.part(rows)
	if len(kept) == 0 {
		gone = rows
	}
	if err := w.remove(ctx, gone); err != nil {
		return err
	}
	if len(kept) == 0 {
		return w.dropTalk(ctx, id)
	}
	return w.keepTalk(ctx, conv, gone)
}

// part parts what a conversation holds into what goes with the person and what stays. Nothing stays where nobody else spoke to
// us. Of ours goes what answers them.
func (w *erasing) part(rows []interactionRow) (gone, kept []interactionRow) {
	theirs := map[string]bool{}
	for _, r := range rows {
		if w.is(r) {
			theirs[r.RemoteID] = true
		}
	}
	others := false
	for _, r := range rows {
		switch {
		case theirs[r.RemoteID], r.Mine && theirs[r.ParentID]:
			gone = append(gone, r)
		default:
			kept = append(kept, r)
			others = others || !r.Mine && r.Kind.Speaks() && r.Kind != network.KindPost
		}
	}
	if !others {
		return rows, nil
	}
	return gone, kept
}

// is tells whether something is the person's own.
func (w *erasing) is(r interactionRow) bool {
	return !r.Mine && slices.ContainsFunc(w.e.Identities, func(i audience.Identity) bool { return i.ID == r.IdentityID })
}

// stopReplies ends what is on its way out in a conversation to the person. What is being sent at this moment makes the whole
// wait.
func (w *erasing) stopReplies(ctx context.Context, id ConversationID) error {
	replies, err := w.repliesOf(ctx, w.tx, id)
	if err != nil {
		return err
	}
	var away []delivery.ID
	for _, r := range replies {
		if r.DeliveryID != "" {
			away = append(away, r.DeliveryID)
		}
	}
	free, err := w.deliveries.Hold(ctx, w.tx, w.e.Company, away)
	if err != nil {
		return err
	}
	if !free {
		return audience.ErrAway
	}
	return nil
}

// dropTalk deletes a conversation whose interactions are gone, with everything that the team put into it.
func (w *erasing) dropTalk(ctx context.Context, id ConversationID) error {
	replies, err := w.repliesOf(ctx, w.tx, id)
	if err != nil {
		return err
	}
	if err := w.dropReplies(ctx, replies); err != nil {
		return err
	}
	n, err := w.deleteTalk(ctx, w.tx, w.e.Company, id, w.e.Names)
	if err != nil {
		return err
	}
	w.step.Add(audience.ErasedConversations, 1)
	w.step.Add(audience.ErasedNotes, n.notes)
	w.step.Add(audience.ErasedDrafts, n.drafts)
	return nil
}

// keepTalk takes the person out of a conversation that goes on without them.
func (w *erasing) keepTalk(ctx context.Context, conv conversationRow, gone []interactionRow) error {
	answered := map[InteractionID]bool{}
	for _, r := range gone {
		answered[r.ID] = true
	}
	replies, err := w.repliesOf(ctx, w.tx, conv.ID)
	if err != nil {
		return err
	}
	to := slices.DeleteFunc(replies, func(r replyRow) bool { return !answered[r.AnswersID] })
	if err := w.dropReplies(ctx, to); err != nil {
		return err
	}
	drafts, err := w.deleteDrafts(ctx, w.tx, w.e.Company, conv.ID)
	if err != nil {
		return err
	}
	w.step.Add(audience.ErasedDrafts, drafts)
	// Names mean them here, in what others wrote and in what the team noted.
	for _, t := range named {
		if t.talk == "" {
			continue
		}
		if err := w.maskRows(ctx, t, w.e.MaskNear, func(q *nameQuery) { q.conversation = conv.ID }); err != nil {
			return err
		}
	}
	_, theirs := w.e.Mask(conv.Key)
	for _, r := range gone {
		theirs = theirs || conv.Key == "i:"+r.RemoteID
	}
	if theirs {
		if err := w.setKey(ctx, w.tx, w.e.Company, conv.ID, "e:"+string(conv.ID)); err != nil {
			return err
		}
	}
	return w.recountTalk(ctx, conv)
}

// recountTalk counts a conversation again from what has stayed. Nobody begins to wait by this: that an answer is gone does not
// mean that it was never given.
func (w *erasing) recountTalk(ctx context.Context, old conversationRow) error {
	in := &intake{
		Inbox: w.Inbox, tx: w.tx, ch: w.channels[old.ChannelID], company: w.company, now: w.clock.Now(),
		convs: map[ConversationID]*tally{}, spare: map[ConversationID]conversationRow{old.ID: old},
	}
	if err := in.need(ctx, old.ID); err != nil {
		return err
	}
	t := in.convs[old.ID]
	if err := in.recount(ctx, t); err != nil {
		return err
	}
	if since := t.row.WaitingSince; old.WaitingSince.IsZero() || since.Before(old.WaitingSince) && !since.IsZero() {
		t.row.WaitingSince = old.WaitingSince
	}
	state := t.row.State
	t.settle(w.company)
	if old.WaitingSince.IsZero() {
		t.row.State = state
	}
	if err := in.saveConversations(ctx, []*tally{t}); err != nil {
		return err
	}
	return w.flags(ctx, w.tx, old.ID)
}

// dropReplies deletes answers of ours to the person, with their way out and their files. Who keeps something about one that has
// not gone out hears that it never will.
func (w *erasing) dropReplies(ctx context.Context, rows []replyRow) error {
	var ids []ReplyID
	var ways []delivery.ID
	files := map[string]bool{}
	for _, r := range rows {
		ids = append(ids, r.ID)
		if r.DeliveryID != "" {
			ways = append(ways, r.DeliveryID)
		}
		for _, m := range r.Media {
			files[m.MediaID] = true
		}
		if r.State != ReplySent && r.State != ReplyWithdrawn {
			reply := r.reply()
			reply.State = ReplyWithdrawn
			if err := w.tellReplied(ctx, w.tx, reply); err != nil {
				return err
			}
		}
		if r.InteractionID == "" { // else it counts as what stands in the conversation
			w.step.Add(audience.ErasedAnswers, 1)
		}
	}
	if err := w.deliveries.Forget(ctx, w.tx, w.e.Company, ways); err != nil {
		return err
	}
	if err := w.deleteReplies(ctx, w.tx, w.e.Company, ids); err != nil {
		return err
	}
	for _, f := range sorted(files) {
		used, err := w.fileUsed(ctx, w.tx, w.e.Company, f)
		if err != nil {
			return err
		}
		if used {
			continue
		}
		switch err := w.media.Erase(ctx, w.tx, string(w.e.Company), media.ID(f)); {
		case err == nil:
			w.step.Add(audience.ErasedFiles, 1)
		case fault.KindOf(err) != fault.NotFound:
			return err
		}
	}
	return nil
}

// remove deletes interactions with their earlier texts, what they were judged to be, and every trace of having been read. What
// hangs on them hangs on nothing any more.
func (w *erasing) remove(ctx context.Context, rows []interactionRow) error {
	w.items += len(rows)
	for part := range slices.Chunk(rows, chunk) {
		ids := make([]InteractionID, len(part))
		subjects := make([]string, len(part))
		remote := map[network.ChannelID][]string{}
		var refs []audience.ItemRef
		for i, r := range part {
			ids[i], subjects[i] = r.ID, string(r.ID)
			remote[r.ChannelID] = append(remote[r.ChannelID], r.RemoteID)
			switch {
			case r.Mine:
				w.step.Add(audience.ErasedAnswers, 1)
			case w.is(r):
				w.step.Add(audience.ErasedItems, 1)
			}
			if r.Mine || w.is(r) { // what others wrote around it may come again
				refs = append(refs, audience.ItemRef{Channel: r.ChannelID, RemoteID: r.RemoteID})
			}
			if err := w.search.Remove(ctx, w.tx, string(r.CompanyID), searchKind, string(r.ID), r.At); err != nil {
				return err
			}
		}
		n, err := w.forgetVerdicts(ctx, subjects)
		if err != nil {
			return err
		}
		w.step.Add(audience.ErasedVerdicts, n)
		if err := w.audience.MarkItems(ctx, w.tx, w.e, refs); err != nil {
			return err
		}
		for _, ch := range sorted(keysOf(remote)) {
			n, err := w.networks.Forget(ctx, w.tx, w.e.Company, ch, remote[ch])
			if err != nil {
				return err
			}
			w.step.Add(audience.ErasedTraces, n)
			if err := w.unhook(ctx, w.tx, w.e.Company, ch, remote[ch]); err != nil {
				return err
			}
		}
		if err := w.deleteInteractions(ctx, w.tx, w.e.Company, ids); err != nil {
			return err
		}
		if err := w.tellCame(ctx, w.tx, w.e.Company, ids); err != nil { // that nothing is there any more
			return err
		}
	}
	return nil
}

func (w *erasing) forgetVerdicts(ctx context.Context, ids []string) (int, error) {
	vs, err := w.verdicts.Of(ctx, w.e.Company, ids)
	if err != nil {
		return 0, err
	}
	return len(vs), w.verdicts.Forget(ctx, w.tx, w.e.Company, ids)
}

// names looks for the person in what others wrote, table by table and part by part, and takes them out of it. It gives where the
// next step goes on, "" at the end.
func (w *erasing) names(ctx context.Context, cursor string) (next string, err error) {
	table, after, _ := strings.Cut(cursor, ":")
	begun := table == ""
	looks := 0
	for _, t := range named {
		if !begun && t.name != table {
			continue
		}
		if begun {
			after = ""
		}
		begun = true
		for {
			to, err := w.windowEnd(ctx, w.tx, t, after, w.bounds.window)
			if err != nil {
				return "", err
			}
			err = w.maskRows(ctx, t, w.e.Mask, func(q *nameQuery) {
				q.after, q.to, q.likes = after, to, w.e.Likes()
				if t.name == "interaction" {
					q.mentions = w.e.MentionLikes()
				}
			})
			if err != nil {
				return "", err
			}
			if to == "" {
				break
			}
			after = to
			if looks++; looks >= w.bounds.windows {
				return t.name + ":" + after, nil
			}
		}
	}
	cursor = ""
	for {
		n := 0
		cursor, n, err = w.deliveries.Mask(ctx, w.tx, w.e.Company, cursor, w.e.Likes(), w.e.Mask)
		w.step.Add(audience.ErasedNames, n)
		if err != nil || cursor == "" {
			break
		}
	}
	if err != nil {
		return "", err
	}
	n, err := w.media.Mask(ctx, w.tx, string(w.e.Company), w.e.Likes(), w.e.Mask)
	w.step.Add(audience.ErasedNames, n)
	return "", err
}

// maskRows takes the person out of rows of a table.
func (w *erasing) maskRows(ctx context.Context, t namedTable, mask func(string) (string, bool), narrow func(*nameQuery)) error {
	q := nameQuery{table: t, company: w.e.Company}
	narrow(&q)
	if q.conversation == "" && len(q.likes)+len(q.mentions) == 0 {
		return nil
	}
	if t.name == "interaction" {
		return w.maskInteractions(ctx, q, mask)
	}
	rows, err := w.findNamed(ctx, w.tx, q)
	if err != nil {
		return err
	}
	for _, r := range rows {
		changed := false
		for i, s := range r.texts {
			masked, is := mask(s)
			r.texts[i], changed = masked, changed || is
		}
		if !changed {
			continue
		}
		w.step.Add(audience.ErasedNames, 1)
		if t.drop {
			err = w.dropNamed(ctx, w.tx, t, w.e.Company, r)
		} else {
			err = w.setNamed(ctx, w.tx, t, w.e.Company, r)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// maskInteractions takes the person out of what others wrote, or we to others, and has it found without them.
func (w *erasing) maskInteractions(ctx context.Context, q nameQuery, mask func(string) (string, bool)) error {
	rows, err := w.namedInteractions(ctx, w.tx, q)
	if err != nil {
		return err
	}
	var changed []interactionRow
	for _, r := range rows {
		if !w.is(r) && w.maskInteraction(&r, mask) {
			changed = append(changed, r)
		}
	}
	if len(changed) == 0 {
		return nil
	}
	w.step.Add(audience.ErasedNames, len(changed))
	var who []audience.IdentityID
	for _, r := range changed {
		who = append(who, r.IdentityID)
	}
	authors, err := w.audience.IdentitiesByID(ctx, w.e.Company, who)
	if err != nil {
		return err
	}
	in := &intake{Inbox: w.Inbox, tx: w.tx}
	var docs []search.Doc
	shown := map[ConversationID]bool{}
	var ids []InteractionID
	for _, r := range changed {
		shown[r.ConversationID] = true
		ids = append(ids, r.ID)
		if err := w.setInteraction(ctx, w.tx, r); err != nil {
			return err
		}
		if r.ConversationID != "" && r.DeletedAt.IsZero() && r.Kind.Speaks() {
			a := authors[r.IdentityID]
			docs = append(docs, in.doc(r, network.Author{Name: a.Name, Handle: a.Handle}))
		}
	}
	delete(shown, "")
	if err := w.tellCame(ctx, w.tx, w.e.Company, ids); err != nil {
		return err
	}
	if err := w.maskPreviews(ctx, w.tx, w.e.Company, sorted(shown), w.e.MaskNear); err != nil {
		return err
	}
	return w.search.Index(ctx, w.tx, docs)
}

// maskInteraction takes the person out of one interaction and tells whether they were in it.
func (w *erasing) maskInteraction(r *interactionRow, mask func(string) (string, bool)) bool {
	n := w.channels[r.ChannelID].Network
	mentions := slices.DeleteFunc(slices.Clone(r.Mentions), func(a network.Author) bool { return w.e.Are(n, a) })
	changed := len(mentions) < len(r.Mentions)
	if changed {
		r.Mentions, mask = mentions, w.e.MaskNear // who is mentioned by the network is meant by name
	}
	for _, id := range []*string{&r.ParentID, &r.RootID} {
		if w.e.Owns(n, *id) {
			*id, changed = "", true
		}
	}
	for _, s := range []*string{&r.Body, &r.Warning, &r.URL} {
		masked, is := mask(*s)
		*s, changed = masked, changed || is
	}
	r.Media = slices.Clone(r.Media)
	for i := range r.Media {
		for _, s := range []*string{&r.Media[i].Alt, &r.Media[i].URL, &r.Media[i].PreviewURL} {
			masked, is := mask(*s)
			*s, changed = masked, changed || is
		}
	}
	return changed
}

// keep tells which accounts are not to be forgotten by age: somebody waits for us there, or we for a moment.
func (x *Inbox) keep(ctx context.Context, c team.CompanyID, ids []audience.IdentityID) (map[audience.IdentityID]bool, error) {
	out, err := x.inOpenTalks(ctx, c, ids)
	if err != nil {
		return nil, fmt.Errorf("inbox.keep: %w", err)
	}
	return out, nil
}

// count counts what accounts wrote or did.
func (x *Inbox) count(ctx context.Context, c team.CompanyID, ids []audience.IdentityID) (int, error) {
	n, err := x.countBy(ctx, c, ids)
	if err != nil {
		return 0, fmt.Errorf("inbox.count: %w", err)
	}
	return n, nil
}
