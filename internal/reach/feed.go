package reach

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// named is the kind of event by which somebody names another.
const named = "named"

// feedMost is how many interactions are gone through in one transaction.
const feedMost = 200

// feedJob goes through what came in.
type feedJob struct {
	Company team.CompanyID `json:"company" river:"unique"`
}

func (feedJob) Kind() string { return "reach.feed" }

// came keeps, in the transaction that takes something in, that it is to be gone through.
func (r *Room) came(ctx context.Context, tx *store.Tx, c team.CompanyID, ids []inbox.InteractionID) error {
	company, err := r.rooms.Team.Company(ctx, c)
	if err != nil {
		return fmt.Errorf("reach.came: %w", err)
	}
	if company.Filling { // all of it is gone through once the story is told
		return nil
	}
	if err := r.addInbound(ctx, tx, c, ids); err != nil {
		return fmt.Errorf("reach.came: %w", err)
	}
	return r.addFeed(ctx, tx, c)
}

// Feed goes through what came in and was not yet gone through, and through what was there before. A job calls it; it may be broken off
// anywhere.
func (r *Room) Feed(ctx context.Context, c team.CompanyID) error {
	for {
		more := false
		err := r.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
			more, err = r.feedSome(ctx, tx, c)
			return err
		})
		if err != nil {
			return fmt.Errorf("reach.Feed: %w", err)
		}
		if !more {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

func (r *Room) feedSome(ctx context.Context, tx *store.Tx, c team.CompanyID) (more bool, err error) {
	if _, err := r.rooms.Team.Company(ctx, c); err != nil {
		if fault.KindOf(err) == fault.NotFound { // it was removed meanwhile
			return false, nil
		}
		return false, err
	}
	s, err := r.setting(ctx, tx, c)
	if err != nil {
		return false, err
	}
	ids, err := r.inbound(ctx, tx, c, feedMost)
	if err != nil {
		return false, err
	}
	var ds []inbox.Deed
	switch {
	case len(ids) > 0:
		if ds, err = r.rooms.Inbox.DeedsByID(ctx, c, ids); err != nil {
			return false, err
		}
	case s.PastTo != pastDone:
		if ds, err = r.rooms.Inbox.Deeds(ctx, c, inbox.InteractionID(s.PastTo), feedMost); err != nil {
			return false, err
		}
		s.PastTo = pastDone
		if len(ds) == feedMost {
			s.PastTo = string(ds[len(ds)-1].ID)
		}
	default:
		return false, nil
	}
	if len(ds) > 0 {
		if err := r.take(ctx, tx, s, ds); err != nil {
			return false, err
		}
	}
	// What was taken in meanwhile and is not there any more was erased: nothing of it stays.
	have := map[inbox.InteractionID]bool{}
	for _, d := range ds {
		have[d.ID] = true
	}
	if err := r.removeEvents(ctx, tx, c, slices.DeleteFunc(slices.Clone(ids), func(i inbox.InteractionID) bool { return have[i] })); err != nil {
		return false, err
	}
	if err := r.removeInbound(ctx, tx, c, ids); err != nil {
		return false, err
	}
	return true, r.saveSetting(ctx, tx, s)
}

// account is one that something was done by or towards.
type account struct {
	network network.Name
	key     string
}

// ownAccounts are those of the company's channels.
func ownAccounts(channels map[network.ChannelID]network.Channel) map[account]bool {
	own := map[account]bool{}
	for _, ch := range channels {
		own[account{ch.Network, audience.Key(ch.Network, network.Author{RemoteID: ch.RemoteID, Handle: ch.Handle})}] = true
	}
	return own
}

// intake turns deeds into events.
type intake struct {
	room     *Room
	company  team.CompanyID
	channels map[network.ChannelID]network.Channel
	own      map[account]bool
	known    map[audience.IdentityID]audience.Identity
	actors   map[account]ActorID
}

// take puts the events of some deeds in the place of those that were there of them.
func (r *Room) take(ctx context.Context, tx *store.Tx, s *settingRow, ds []inbox.Deed) error {
	in := &intake{room: r, company: s.CompanyID}
	var err error
	if in.channels, err = r.rooms.Networks.ChannelsByID(ctx, s.CompanyID); err != nil {
		return err
	}
	in.own = ownAccounts(in.channels)
	if in.known, err = r.rooms.Audience.IdentitiesByID(ctx, s.CompanyID, identitiesIn(ds)); err != nil {
		return err
	}
	if err := in.meet(ctx, tx, s, ds); err != nil {
		return err
	}
	sources := make([]inbox.InteractionID, len(ds))
	var rows []eventRow
	var posts []postRow
	now := r.rooms.Clock.Now()
	for i, d := range ds {
		sources[i] = d.ID
		if d.Deleted {
			continue
		}
		es := in.events(d)
		for j := range es {
			e := &es[j]
			e.CompanyID, e.SourceID, e.Seq, e.At, e.SeenAt = s.CompanyID, string(d.ID), j, d.At, now
			e.ChannelID, e.Network = d.Channel, in.channels[d.Channel].Network
		}
		if len(es) > 0 && !d.Mine {
			es[0].Words = strings.Join(wordsOf(d.Text), " ")
		}
		rows = append(rows, es...)
		if d.Mine && d.Kind == network.KindPost && d.ParentID == "" && now.Sub(d.At) < postsBack {
			posts = append(posts, postRow{CompanyID: s.CompanyID, ChannelID: d.Channel, RemoteID: d.RemoteID, At: d.At})
		}
	}
	if err := r.removeEvents(ctx, tx, s.CompanyID, sources); err != nil {
		return err
	}
	if err := r.addEvents(ctx, tx, rows); err != nil {
		return err
	}
	if len(rows) > 0 {
		s.heard(now)
	}
	if err := r.addPosts(ctx, tx, posts); err != nil {
		return err
	}
	return r.noticeInvolved(ctx, tx, s.CompanyID, rows)
}

func identitiesIn(ds []inbox.Deed) []audience.IdentityID {
	set := map[audience.IdentityID]bool{}
	for _, d := range ds {
		for _, i := range []audience.IdentityID{d.Identity, d.Parent.Identity, d.Root.Identity} {
			if i != "" {
				set[i] = true
			}
		}
	}
	out := make([]audience.IdentityID, 0, len(set))
	for i := range set {
		out = append(out, i)
	}
	slices.Sort(out)
	return out
}

// meet finds the actors of all accounts in some deeds, and makes those that are not there yet.
func (in *intake) meet(ctx context.Context, tx *store.Tx, s *settingRow, ds []inbox.Deed) error {
	want := map[account]seen{}
	add := func(a account, ch network.ChannelID, id audience.IdentityID) {
		if a.key == "" || in.own[a] {
			return
		}
		w := want[a]
		if id != "" {
			w.identity = id
		}
		if w.channel == "" {
			w.channel = ch
		}
		want[a] = w
	}
	for _, d := range ds {
		for _, id := range []audience.IdentityID{d.Identity, d.Parent.Identity} {
			if x, ok := in.known[id]; ok {
				add(account{x.Network, x.Key()}, d.Channel, id)
			}
		}
		n := in.channels[d.Channel].Network
		for _, m := range d.Mentions {
			add(account{n, audience.Key(n, m)}, d.Channel, "")
		}
		if a := in.parentAccount(d); a.key != "" {
			add(a, d.Channel, "")
		}
	}
	var err error
	in.actors, err = in.room.actors(ctx, tx, s, want)
	return err
}

// parentAccount is whose it is what a deed answers, as far as its address tells.
func (in *intake) parentAccount(d inbox.Deed) account {
	n := in.channels[d.Channel].Network
	if d.Parent.Known || d.ParentID == "" || n == network.Mastodon {
		return account{}
	}
	return account{n, network.AccountIn(d.ParentID)}
}

// actor gives who has an account; ours is the empty one, ok says whether it is anybody.
func (in *intake) actor(a account) (id ActorID, ok bool) {
	if in.own[a] {
		return "", true
	}
	id, ok = in.actors[a]
	return id, ok
}

func (in *intake) byIdentity(i audience.IdentityID) (ActorID, bool) {
	x, ok := in.known[i]
	if !ok {
		return "", false
	}
	return in.actor(account{x.Network, x.Key()})
}

// parent gives who wrote what a deed answers.
func (in *intake) parent(d inbox.Deed) (ActorID, bool) {
	switch {
	case d.ParentID == "":
		return "", false
	case d.Parent.Mine:
		return "", true
	case d.Parent.Known:
		return in.byIdentity(d.Parent.Identity)
	}
	if a := in.parentAccount(d); a.key != "" {
		return in.actor(a)
	}
	return "", false
}

// events says who did what towards whom in one deed. The first event is what was done; the others are who is named in it.
func (in *intake) events(d inbox.Deed) []eventRow {
	self, ok := ActorID(""), true
	if !d.Mine {
		if self, ok = in.byIdentity(d.Identity); !ok || self == "" {
			return nil // of our own second account, or of nobody
		}
	}
	var out []eventRow
	seen := map[ActorID]bool{self: true}
	towards := func(kind string, whom ActorID, item string) {
		if !seen[whom] {
			seen[whom] = true
			out = append(out, eventRow{ActorID: self, TargetID: whom, Kind: kind, Item: item})
		}
	}
	item := ""
	switch {
	case d.Mine:
	case d.Root.Mine:
		item = d.RootID
	case d.Parent.Mine || !d.Kind.Speaks():
		item = d.ParentID
	}
	parent, answered := in.parent(d)
	kind := string(d.Kind)
	switch {
	case d.Kind == network.KindPost && d.ParentID != "": // what others talk about around an answer
		kind = string(network.KindReply)
		if answered {
			towards(kind, parent, item)
		}
	case d.Mine || d.Kind == network.KindPost:
		if answered {
			towards(kind, parent, item)
		}
	case d.Kind == network.KindReply && answered && parent != "":
		towards(kind, parent, item)
		if d.Root.Mine {
			towards(kind, "", item)
		}
	default: // everything else is done towards us
		towards(kind, "", item)
	}
	n := in.channels[d.Channel].Network
	for _, m := range d.Mentions {
		a, ok := in.actor(account{n, audience.Key(n, m)})
		if ok {
			towards(named, a, "")
		}
	}
	return out
}
