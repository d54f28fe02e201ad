package inbox

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/live"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/search"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

// pastAfter is how old something may be when a channel is connected and still count as waiting for an answer. What
// is older arrives as past: found, readable, part of people's history, but nobody is told that it waits.
const pastAfter = 14 * 24 * time.Hour

// previewLength bounds the preview in lists, in characters.
const previewLength = 240

// searchKind names interactions in the search index.
const searchKind = "interaction"

// Receive takes in what a channel brought, in the transaction that also stores how far it was read. Items are new, or
// differ from what was brought before. It implements network.Receiver.
func (x *Inbox) Receive(ctx context.Context, tx *store.Tx, ch network.Channel, items []network.Item) error {
	company, err := x.team.Company(ctx, ch.Company)
	if err != nil {
		return fmt.Errorf("inbox.Receive: %w", err)
	}
	in := x.newIntake(tx, ch, company)
	if err := in.run(ctx, items); err != nil {
		return fmt.Errorf("inbox.Receive: %w", err)
	}
	return nil
}

func (x *Inbox) newIntake(tx *store.Tx, ch network.Channel, company team.Company) *intake {
	return &intake{
		Inbox: x, tx: tx, ch: ch, company: company, now: x.clock.Now(),
		convs: map[ConversationID]*tally{}, spare: map[ConversationID]conversationRow{}, moved: map[ConversationID]ConversationID{},
		adopted: map[string]ConversationID{},
	}
}

// intake is one Receive at work.
type intake struct {
	*Inbox
	tx      *store.Tx
	ch      network.Channel
	company team.Company
	now     time.Time

	identities map[string]audience.IdentityID
	labels     map[string]network.Author
	placed     map[string]place // by remote id: what is stored, and what this batch placed
	children   map[string][]ConversationID
	threads    map[string]ConversationID // by conversation key
	convs      map[ConversationID]*tally
	spare      map[ConversationID]conversationRow // read ahead, perhaps not needed
	moved      map[ConversationID]ConversationID  // joined into
	orphans    map[string][]string                // stored answers of ours without a conversation, by what they answer
	adopted    map[string]ConversationID          // stored answers of ours that found their conversation now
	rows       []interactionRow
	edited     []interactionRow // known ones with another text, or back after they were taken away
	taken      []InteractionID
	found      []interactionRow // stored answers of ours that found their conversation, once they are written
	docs       []search.Doc
}

// place is where an interaction stands in the threads.
type place struct {
	conversation ConversationID
	mine         bool
	root         bool // a post of our own that starts a thread: its answers are conversations of their own
}

func (in *intake) run(ctx context.Context, items []network.Item) error {
	if err := in.alone(ctx, in.tx, in.ch.ID); err != nil {
		return err
	}
	items = slices.Clone(items)
	slices.SortStableFunc(items, func(a, b network.Item) int { return a.At.Compare(b.At) })
	stored, err := in.stored(ctx, items)
	if err != nil {
		return err
	}
	var fresh []network.Item
	for _, it := range items {
		old, known := stored[it.RemoteID]
		switch {
		case known:
			if err := in.change(ctx, old, it); err != nil {
				return err
			}
		case !it.Deleted:
			fresh = append(fresh, it)
		}
	}
	if err := in.prepare(ctx, fresh); err != nil {
		return err
	}
	for _, it := range fresh {
		if err := in.add(ctx, it); err != nil {
			return err
		}
	}
	return in.finish(ctx)
}

// prepare notes the authors and looks up what the fresh items hang on.
func (in *intake) prepare(ctx context.Context, fresh []network.Item) error {
	authors := make([]network.Author, 0, len(fresh))
	seen := map[string]time.Time{}
	in.labels = map[string]network.Author{}
	for _, it := range fresh {
		if it.Mine {
			continue
		}
		authors = append(authors, it.Author)
		in.labels[it.RemoteID] = it.Author
		if it.At.After(seen[it.Author.RemoteID]) {
			seen[it.Author.RemoteID] = clock.Trim(it.At)
		}
	}
	var err error
	if in.identities, err = in.audience.Observe(ctx, in.tx, in.ch.Company, in.ch.Network, authors, seen); err != nil {
		return err
	}
	return in.lookUp(ctx, fresh)
}

// add places one fresh item.
func (in *intake) add(ctx context.Context, it network.Item) error {
	row := in.row(it)
	if it.Kind.Speaks() {
		id, err := in.placeItem(ctx, it, row)
		if err != nil {
			return err
		}
		row.ConversationID = id
		if id != "" {
			in.convs[id].add(row)
			in.docs = append(in.docs, in.doc(row, in.labels[it.RemoteID]))
			if p, ok := in.placed[it.ParentID]; ok && p.mine && !p.root && p.conversation == "" {
				in.adopt(it.ParentID, id)
			}
			for _, o := range in.orphans[it.RemoteID] {
				in.adopt(o, id)
			}
		}
	}
	in.placed[it.RemoteID] = place{
		conversation: row.ConversationID, mine: it.Mine, root: it.Mine && it.ParentID == "" && it.ThreadKey == "",
	}
	if it.ParentID != "" && row.ConversationID != "" {
		in.children[it.ParentID] = append(in.children[it.ParentID], row.ConversationID)
	}
	in.rows = append(in.rows, row)
	return nil
}

// placeItem finds the conversation an item belongs to, or starts one. Under a post of our own each answer starts a
// conversation of its own, because each of its writers waits for us by themselves. What arrives late, because
// histories are read from the newest to the oldest, joins what hangs on it, and joins branches that turn out to be one.
func (in *intake) placeItem(ctx context.Context, it network.Item, row interactionRow) (ConversationID, error) {
	if it.ThreadKey != "" {
		return in.thread(ctx, "t:"+it.ThreadKey, it, row)
	}
	if it.Mine && it.ParentID == "" {
		return "", nil // a post of our own
	}
	home := ConversationID("")
	if p, ok := in.placed[it.ParentID]; ok && it.ParentID != "" {
		home = p.conversation
	}
	if p, ok := in.placed[it.RootID]; ok && home == "" && it.RootID != "" && !p.root {
		home = p.conversation
	}
	for _, branch := range in.children[it.RemoteID] {
		branch = in.alias(branch)
		switch {
		case home == "":
			home = branch
		case in.alias(home) != branch:
			if err := in.join(ctx, in.alias(home), branch); err != nil {
				return "", err
			}
		}
	}
	if home != "" {
		return in.alias(home), in.need(ctx, in.alias(home))
	}
	if it.Mine {
		return "", nil // an answer of ours to something that we never saw: it joins when that arrives
	}
	if it.Kind == network.KindPost {
		return "", nil // other people's talk that belongs to nothing of ours
	}
	return in.thread(ctx, "i:"+it.RemoteID, it, row)
}

// adopt gives an answer of ours, which came before what it belongs to, its conversation. The conversation is at hand.
func (in *intake) adopt(remoteID string, id ConversationID) {
	p := in.placed[remoteID]
	p.conversation, p.mine = id, true
	in.placed[remoteID] = p
	for i := range in.rows {
		if in.rows[i].RemoteID == remoteID {
			in.rows[i].ConversationID = id
			in.convs[id].add(in.rows[i])
			in.docs = append(in.docs, in.doc(in.rows[i], network.Author{}))
			return
		}
	}
	in.adopted[remoteID] = id
	in.convs[id].stale = true
}

// thread gives the conversation of a key, a new one when there is none.
func (in *intake) thread(ctx context.Context, key string, it network.Item, row interactionRow) (ConversationID, error) {
	if id, ok := in.threads[key]; ok {
		id = in.alias(id)
		return id, in.need(ctx, id)
	}
	id := ConversationID(conversationKind.New(in.now))
	in.threads[key] = id
	in.convs[id] = &tally{fresh: true, past: pastUntil(in.ch), self: in.ch.Handle, row: conversationRow{
		ID: id, CompanyID: in.ch.Company, ChannelID: in.ch.ID, Key: key, IdentityID: row.IdentityID,
		Private: it.Visibility.Private(), Kind: it.Kind, State: Done, CreatedAt: in.now, Revision: 1, Judged: true,
	}}
	return id, nil
}

func (in *intake) row(it network.Item) interactionRow {
	r := interactionRow{
		ID: InteractionID(interactionKind.New(in.now)), CompanyID: in.ch.Company, ChannelID: in.ch.ID, RemoteID: it.RemoteID,
		Kind: it.Kind, Mine: it.Mine, ParentID: it.ParentID, RootID: it.RootID, Body: it.Text, Warning: it.Warning,
		Language: it.Language, Visibility: it.Visibility, Media: it.Media, Mentions: it.Mentions, Stars: it.Stars,
		URL: it.URL, Version: it.Version, At: clock.Trim(it.At), EditedAt: clock.Trim(it.EditedAt), Standing: it.Standing,
	}
	if r.Visibility == "" {
		r.Visibility = network.Public
	}
	if !it.Mine {
		r.IdentityID = in.identities[it.Author.RemoteID]
	}
	return r
}

func (in *intake) doc(r interactionRow, a network.Author) search.Doc {
	parts := []string{a.Name, a.Handle, r.Warning, r.Body}
	for _, m := range r.Media {
		parts = append(parts, m.Alt)
	}
	return search.Doc{Company: string(r.CompanyID), Kind: searchKind, Ref: string(r.ID), At: r.At, Text: strings.Join(parts, " ")}
}

// finish writes what the batch brought.
func (in *intake) finish(ctx context.Context) error {
	if err := in.insert(ctx); err != nil {
		return err
	}
	heard, err := in.judge(ctx)
	if err != nil {
		return err
	}
	touched := make([]*tally, 0, len(in.convs))
	for _, t := range in.convs {
		touched = append(touched, t)
	}
	slices.SortFunc(touched, func(a, b *tally) int { return cmp.Compare(a.row.ID, b.row.ID) })
	for _, t := range touched {
		if t.stale {
			if err := in.recount(ctx, t); err != nil {
				return err
			}
		}
		t.settle(in.company)
	}
	if err := in.saveConversations(ctx, touched); err != nil {
		return err
	}
	if err := in.search.Index(ctx, in.tx, in.docs); err != nil {
		return err
	}
	if err := in.announce(ctx, heard); err != nil {
		return err
	}
	if err := in.tellCame(ctx, in.tx, in.ch.Company, in.came()); err != nil {
		return err
	}
	if len(touched) == 0 {
		return nil
	}
	events := []live.Event{{Company: string(in.ch.Company), Topic: live.Inbox}}
	if len(touched) <= 20 { // during a backfill the lists alone are told
		for _, t := range touched {
			events = append(events, live.Event{Company: string(in.ch.Company), Topic: live.Conversation, Ref: string(t.row.ID)})
		}
	}
	return in.live.Tell(ctx, in.tx, events...)
}

// came lists what is new, was changed or was taken back.
func (in *intake) came() []InteractionID {
	ids := slices.Clone(in.taken)
	for _, rows := range [][]interactionRow{in.rows, in.edited} {
		for _, r := range rows {
			ids = append(ids, r.ID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// zero is no moment at all.
var zero time.Time

// tally counts what a conversation holds while items are added to it.
type tally struct {
	row   conversationRow
	fresh bool      // not in the database yet
	stale bool      // must be counted again from what is stored
	past  time.Time // what they wrote before this waits for nobody
	self  string    // our own account, as it is mentioned
	live  bool      // something of theirs was added now
}

// handled is the moment up to which everything they wrote counts as dealt with.
func (t *tally) handled() time.Time {
	h := t.past
	for _, at := range []time.Time{t.row.LastOutAt, t.row.DoneAt} {
		if at.After(h) {
			h = at
		}
	}
	return h
}

// add counts one interaction that speaks.
func (t *tally) add(r interactionRow) {
	c := &t.row
	if !r.DeletedAt.IsZero() || r.Standing == network.Spam {
		return
	}
	if r.At.After(c.LastAt) && (r.Mine || r.Kind != network.KindPost) {
		c.LastAt = r.At
	}
	if r.Mine {
		c.Outgoing++
		if r.At.After(c.LastOutAt) {
			c.LastOutAt = r.At
		}
		if !c.WaitingSince.IsZero() && !c.WaitingSince.After(r.At) {
			if c.LastInAt.After(r.At) {
				t.stale = true // who waits since when can only be told by looking at all of it
			} else {
				c.WaitingSince, c.HurryAt = time.Time{}, time.Time{}
			}
		}
		return
	}
	if r.Kind == network.KindPost {
		return // what others talk about around it: shown, but nobody waits for us
	}
	c.Incoming++
	if !r.At.Before(c.LastInAt) {
		c.LastInAt, c.LastInID = r.At, r.ID
		c.Preview = text.Cut(preview(r, t.self), previewLength)
	}
	if r.At.After(t.handled()) {
		t.live = true
		if c.WaitingSince.IsZero() { // a new wait: what was urgent before is over
			c.WaitingSince, c.HurryAt = r.At, time.Time{}
		} else if r.At.Before(c.WaitingSince) {
			c.WaitingSince = r.At
		}
	}
	if r.Visibility.Private() {
		c.Private = true
	}
}

// preview is what a list shows of an interaction: its words without line breaks and without our own name in front,
// which networks put there only so that we are told.
func preview(r interactionRow, self string) string {
	words := strings.Fields(r.Body)
	for len(words) > 1 && names(words[0], self) {
		words = words[1:]
	}
	s := strings.Join(words, " ")
	if r.Warning != "" {
		s = strings.TrimSpace(r.Warning + " · " + s)
	}
	for i := 0; s == "" && i < len(r.Media); i++ {
		s = r.Media[i].Alt
	}
	return s
}

// names tells whether a word is a mention of an account, with or without its server.
func names(word, handle string) bool {
	name, ok := strings.CutPrefix(strings.TrimRight(word, ",:;.!?"), "@")
	local, _, _ := strings.Cut(handle, "@")
	return ok && handle != "" && (strings.EqualFold(name, handle) || strings.EqualFold(name, local))
}

// settle derives state and due moment from the counts.
func (t *tally) settle(company team.Company) {
	c := &t.row
	if c.LastInAt.IsZero() {
		c.LastInAt = c.LastAt
	}
	switch {
	case !c.WaitingSince.IsZero():
		if c.State != Snoozed || t.live {
			c.State = Open
			c.SnoozedUntil = time.Time{}
		}
		c.DoneAt = time.Time{}
		c.DueAt = earliest(due(company, c.WaitingSince), c.HurryAt)
	case c.State == Open:
		c.State, c.DueAt = Waiting, time.Time{}
	case t.fresh && c.LastOutAt.After(t.past):
		c.State, c.DueAt = Waiting, time.Time{}
	default:
		c.DueAt = time.Time{}
		if c.State == Done && c.DoneAt.IsZero() {
			c.DoneAt = c.LastAt
		}
	}
}
