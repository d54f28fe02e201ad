package reach

import (
	"context"
	"fmt"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// The bounds of what is collected.
const (
	pagesAnHour  = 60      // on each channel
	pagesOfOne   = 5       // of the lists of one person
	pagesOfOurs  = 100     // of the channel's own lists
	mostPeople   = 500     // whose lists are read, in a company: those who had to do with it last
	mostActors   = 100_000 // accounts in a company
	postsLately  = 14 * 24 * time.Hour
	againOurs    = 24 * time.Hour
	againTheirs  = 7 * 24 * time.Hour
	againTrouble = time.Hour
	// unseenFor is after how long somebody who was not seen again on a list is taken off.
	unseenFor = 90 * 24 * time.Hour
)

// collectJob reads lists on a channel.
type collectJob struct {
	Company team.CompanyID    `json:"company" river:"unique"`
	Channel network.ChannelID `json:"channel" river:"unique"`
}

func (collectJob) Kind() string { return "reach.collect" }

// collectDue gives the channels on which a list is to be read.
func (r *Room) collectDue(ctx context.Context, c team.CompanyID, now time.Time) ([]network.ChannelID, error) {
	channels, err := r.rooms.Networks.ChannelsByID(ctx, c)
	if err != nil {
		return nil, err
	}
	var out []network.ChannelID
	for id, ch := range channels {
		if ch.State != network.Active || ch.Sample || len(ch.Traits.Lists) == 0 {
			continue
		}
		next, err := r.nextList(ctx, c, id)
		if err != nil {
			return nil, err
		}
		if next == nil || !next.NextAt.After(now) {
			out = append(out, id)
		}
	}
	return out, nil
}

func (r *Room) collectFor(ctx context.Context, j collectJob) error {
	wait, err := r.Collect(ctx, j.Company, j.Channel)
	if err != nil {
		return err
	}
	if wait > 0 {
		return queue.Again(wait)
	}
	return nil
}

// Collect reads the lists on a channel that are due, page by page, as far as the channel bears. It says after how long to go on; 0: when
// something is due again. A job calls it; it may be broken off anywhere. Only lists that the network shows to everybody are read, and of
// people whom nobody in the house knows only a keyed hash is kept.
func (r *Room) Collect(ctx context.Context, c team.CompanyID, id network.ChannelID) (time.Duration, error) {
	channels, err := r.rooms.Networks.ChannelsByID(ctx, c)
	if err != nil {
		return 0, fmt.Errorf("reach.Collect: %w", err)
	}
	ch, ok := channels[id]
	s, err := r.readSetting(ctx, c)
	if err != nil {
		return 0, fmt.Errorf("reach.Collect: %w", err)
	}
	if !ok || ch.State != network.Active || ch.Sample || !s.Collect {
		return 0, nil
	}
	if err := r.plan(ctx, ch); err != nil {
		return 0, fmt.Errorf("reach.Collect: %w", err)
	}
	for ctx.Err() == nil {
		next, err := r.nextList(ctx, c, id)
		if err != nil {
			return 0, fmt.Errorf("reach.Collect: %w", err)
		}
		now := r.rooms.Clock.Now()
		if next == nil || next.NextAt.After(now) {
			return 0, nil
		}
		if left, err := r.pageAllowed(ctx, c, id, now); err != nil || left > 0 {
			return left, err
		}
		if wait, err := r.readList(ctx, ch, *next); err != nil || wait > 0 {
			return wait, err
		}
	}
	return 0, ctx.Err()
}

// readList reads the next page of a list and keeps it.
func (r *Room) readList(ctx context.Context, ch network.Channel, l listRow) (time.Duration, error) {
	of := network.ListOf{Kind: l.Kind, RemoteID: l.Subject, Cursor: l.Cursor}
	subject := ActorID("")
	if l.Kind == network.ListFollowers || l.Kind == network.ListFollowing {
		of.RemoteID = ch.RemoteID
		if subject = ActorID(l.Subject); subject != "" {
			known, err := r.identitiesOf(ctx, ch.Company, []ActorID{subject})
			if err != nil {
				return 0, err
			}
			who, err := r.rooms.Audience.IdentitiesByID(ctx, ch.Company, []audience.IdentityID{known[subject]})
			if err != nil {
				return 0, err
			}
			of.RemoteID = who[known[subject]].RemoteID
		}
	}
	page := network.PeoplePage{Hidden: true}
	if of.RemoteID != "" {
		var err error
		if page, err = r.rooms.Networks.People(ctx, ch.Company, ch.ID, of); err != nil {
			return r.unread(ctx, l, err)
		}
	}
	return 0, r.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		s, err := r.setting(ctx, tx, ch.Company)
		if err != nil || !s.Collect {
			return err
		}
		if ok, err := r.stillThere(ctx, tx, ch.Company, subject); err != nil || !ok { // erased while the page was on its way
			return err
		}
		if err := r.keepPage(ctx, tx, s, ch, l, subject, page); err != nil {
			return err
		}
		return r.turned(ctx, tx, l, page)
	})
}

// unread notes that a list could not be read now.
func (r *Room) unread(ctx context.Context, l listRow, err error) (time.Duration, error) {
	f := fault.Of(err)
	if f != nil && f.Kind == fault.Limited && f.RetryAfter > 0 { // nothing was read
		return f.RetryAfter, r.pageBack(ctx, l.CompanyID, l.ChannelID)
	}
	r.rooms.Log.Info("reach: a list could not be read", "channel", l.ChannelID, "kind", l.Kind, "error", err)
	wait := againTrouble
	if f != nil && f.RetryAfter > wait {
		wait = f.RetryAfter
	}
	l.NextAt = r.rooms.Clock.Now().Add(wait)
	return 0, r.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error { return r.saveList(ctx, tx, &l) })
}

// keepPage keeps who stands on a page.
func (r *Room) keepPage(ctx context.Context, tx *store.Tx, s *settingRow, ch network.Channel, l listRow, subject ActorID, page network.PeoplePage) error {
	authors := make([]network.Author, len(page.People))
	followers := map[string]int{}
	for i, p := range page.People {
		authors[i] = p.Author
		followers[audience.Key(ch.Network, p.Author)] = p.Followers.N
	}
	welcome, err := r.rooms.Audience.Welcome(ctx, tx, s.CompanyID, ch.Network, authors)
	if err != nil {
		return err
	}
	channels, err := r.rooms.Networks.ChannelsByID(ctx, s.CompanyID)
	if err != nil {
		return err
	}
	own := ownAccounts(channels)
	full, err := r.full(ctx, tx, s.CompanyID)
	if err != nil {
		return err
	}
	want := map[account]seen{}
	order := make([]account, 0, len(welcome))
	for _, w := range welcome {
		a := account{ch.Network, audience.Key(ch.Network, w)}
		if a.key == "" {
			continue
		}
		order = append(order, a)
		if !own[a] {
			want[a] = seen{channel: ch.ID, followers: followers[a.key]}
		}
	}
	if full { // nobody new is met any more; those who are there are seen again
		if err := r.onlyThere(ctx, tx, s, want); err != nil {
			return err
		}
	}
	ids, err := r.actors(ctx, tx, s, want)
	if err != nil {
		return err
	}
	var met []ActorID
	for _, a := range order {
		if own[a] {
			met = append(met, "")
		} else if id, ok := ids[a]; ok {
			met = append(met, id)
		}
	}
	if len(met) > 0 {
		s.heard(r.rooms.Clock.Now())
		if err := r.saveSetting(ctx, tx, s); err != nil {
			return err
		}
	}
	switch l.Kind {
	case network.ListFollowers, network.ListFollowing:
		return r.seeFollows(ctx, tx, s.CompanyID, subject, met, l.Kind == network.ListFollowers)
	default:
		kind := network.KindLike
		if l.Kind == network.ListSharers {
			kind = network.KindShare
		}
		return r.seeDeeds(ctx, tx, ch, string(kind), l.Subject, met)
	}
}

// turned notes how far a list was read.
func (r *Room) turned(ctx context.Context, tx *store.Tx, l listRow, page network.PeoplePage) error {
	now := r.rooms.Clock.Now()
	l.Cursor, l.Hidden = page.Cursor, page.Hidden
	l.Pages++
	most, again := pagesOfOne, againTheirs
	switch {
	case l.Kind == network.ListSharers || l.Kind == network.ListLikers:
		most, again = pagesOfOurs, againOurs/4
	case l.Subject == "":
		most, again = pagesOfOurs, againOurs
	}
	if l.Cursor == "" || l.Pages >= most {
		l.Cursor, l.Pages, l.ReadAt, l.NextAt = "", 0, now, now.Add(again)
	}
	return r.saveList(ctx, tx, &l)
}

// plan adds the lists that are to be read on a channel and are not planned yet, and takes off what grew old.
func (r *Room) plan(ctx context.Context, ch network.Channel) error {
	now := r.rooms.Clock.Now()
	return r.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if _, err := r.setting(ctx, tx, ch.Company); err != nil {
			return err
		}
		var rows []listRow
		add := func(k network.ListKind, subject string, at time.Time) {
			if ch.Traits.Gives(k) {
				rows = append(rows, listRow{CompanyID: ch.Company, ChannelID: ch.ID, Kind: k, Subject: subject, NextAt: at})
			}
		}
		for _, k := range []network.ListKind{network.ListFollowers, network.ListFollowing} {
			add(k, "", now)
		}
		people, err := r.latelyMet(ctx, tx, ch, mostPeople)
		if err != nil {
			return err
		}
		for i, id := range people {
			at := now.Add(time.Duration(i-mostPeople) * time.Second) // those who were there last come first
			add(network.ListFollowers, string(id), at)
			add(network.ListFollowing, string(id), at)
		}
		posts, err := r.latelyPosted(ctx, tx, ch, now.Add(-postsLately))
		if err != nil {
			return err
		}
		for _, p := range posts {
			add(network.ListSharers, p, now)
			add(network.ListLikers, p, now)
		}
		if err := r.addLists(ctx, tx, rows); err != nil {
			return err
		}
		return r.age(ctx, tx, ch, now)
	})
}
