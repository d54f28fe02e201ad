package reach

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/tie"
)

const (
	// postsBack is how old a post may be when it is first seen, for what came of it to be counted.
	postsBack = 90 * 24 * time.Hour
	// creditFor is for how long after it went out something is counted for a post.
	creditFor = Ahead
)

// The kinds of credits. They are stored in the database.
const (
	creditShare = "share"
	creditFirst = "first"
)

// frozen keeps the classes of ties as they were when a post went out.
type frozen struct {
	post    postRow
	classes map[ActorID]tie.Class
}

// freeze keeps, for posts for which that was not done yet, the class of everybody's tie as it was when they went out: only what had
// happened before counts, so that what came of a post cannot make its own carriers strong. What is known was read after the posts.
func (r *Room) freeze(ctx context.Context, w *whole, posts []postRow) (err error) {
	c := w.company.ID
	// One message goes out on several channels at almost the same time: its ties are looked at once.
	var last *frozen
	for _, p := range posts {
		f := &frozen{post: p}
		if last != nil && p.At.Sub(last.post.At) < time.Minute {
			f.classes = last.classes
		} else if f.classes, err = w.classesAt(p.At); err != nil {
			return fmt.Errorf("reach.freeze: %w", err)
		} else {
			last = f
		}
		err := r.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
			s, err := r.setting(ctx, tx, c)
			if err != nil || s.Anew != w.setting.Anew { // somebody was erased meanwhile: another portrait freezes without them
				return err
			}
			return r.saveFrozen(ctx, tx, *f, r.rooms.Clock.Now())
		})
		if err != nil {
			return fmt.Errorf("reach.freeze: %w", err)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

func (w *whole) classesAt(at time.Time) (map[ActorID]tie.Class, error) {
	m, err := w.at(at)
	if err != nil {
		return nil, err
	}
	classes, err := m.Classes()
	if err != nil {
		return nil, err
	}
	out := map[ActorID]tie.Class{}
	for p, class := range classes {
		if !m.Actors[p].Knows {
			continue
		}
		for _, id := range m.Actors[p].IDs {
			out[id] = class
		}
	}
	return out, nil
}

// credit works out anew what is credited for the posts of which something still can come: to whoever shared them, and to those through
// whom people came who had never had to do with the company. m is what is known now.
func (r *Room) credit(ctx context.Context, tx *store.Tx, m *Material) error {
	posts, err := r.openPosts(ctx, tx, m.Company)
	if err != nil || len(posts) == 0 {
		return err
	}
	w := newWays(m)
	events, err := r.eventsAboutUs(ctx, tx, m.Company, posts[0].At, m.Now)
	if err != nil {
		return err
	}
	w.add(events, posts)
	for _, p := range posts {
		classes, err := r.frozenClasses(ctx, tx, p)
		if err != nil {
			return err
		}
		if err := r.saveCredits(ctx, tx, p, w.credits(p, classes), m.Now.Sub(p.At) >= creditFor); err != nil {
			return err
		}
	}
	return nil
}

// place is a post on a channel.
type place struct {
	channel  network.ChannelID
	remoteID string
}

func (p postRow) place() place { return place{p.ChannelID, p.RemoteID} }

// act is something that somebody did about a post of ours.
type act struct {
	who  tie.Person
	at   time.Time
	post place
}

// ways are how people came to a company: what was done about its posts, and who is tied to whom.
type ways struct {
	m      *Material
	person map[ActorID]tie.Person
	acts   []act                                   // about posts, in the order of time
	shares map[place][]act                         // of each post, in the order of time
	tied   map[tie.Person]map[tie.Person]time.Time // upon whom somebody acted, whom they follow, and since when; zero: nobody knows
	came   map[tie.Person]act                      // who came, when, and about which post
}

func newWays(m *Material) *ways {
	w := &ways{m: m, person: m.byActor(), shares: map[place][]act{}, tied: map[tie.Person]map[tie.Person]time.Time{}, came: map[tie.Person]act{}}
	for _, e := range m.Log.Events {
		if e.Actor == Us || e.Target == Us {
			continue
		}
		at := zero
		if e.At > 0 {
			at = time.Unix(e.At, 0)
		}
		if w.tied[e.Actor] == nil {
			w.tied[e.Actor] = map[tie.Person]time.Time{}
		}
		if old, ok := w.tied[e.Actor][e.Target]; !ok || at.Before(old) {
			w.tied[e.Actor][e.Target] = at
		}
	}
	return w
}

// add takes in what was done towards us since the first of some posts, in the order of time.
func (w *ways) add(events []eventRow, posts []postRow) {
	ours := map[place]bool{}
	for _, p := range posts {
		ours[p.place()] = true
	}
	for _, e := range events {
		who, ok := w.person[e.ActorID]
		if !ok || who == Us {
			continue
		}
		at := e.At
		if at.IsZero() {
			at = e.SeenAt
		}
		x := act{who: who, at: at, post: place{e.ChannelID, e.Item}}
		if !ours[x.post] {
			x.post = place{}
		}
		if x.post != (place{}) {
			w.acts = append(w.acts, x)
			if e.Kind == string(network.KindShare) || e.Kind == string(network.KindQuote) {
				w.shares[x.post] = append(w.shares[x.post], x)
			}
		}
		if old, ok := w.came[who]; (!ok || at.Before(old.at)) && w.m.Actors[who].Reached.Equal(at) {
			w.came[who] = x
		}
	}
	byTime := func(a, b act) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.who, b.who)) }
	slices.SortStableFunc(w.acts, byTime)
	for _, s := range w.shares {
		slices.SortStableFunc(s, byTime)
	}
}

// through gives what led somebody to us: the last act about a post, before they came, of one upon whom they had acted or whom they
// follow. Somebody who came about a post came through that post.
func (w *ways) through(x act) (act, bool) {
	for _, a := range slices.Backward(w.acts) {
		if a.at.After(x.at) || a.who == x.who || x.at.Sub(a.at) > creditFor {
			continue
		}
		if x.post != (place{}) && a.post != x.post {
			continue
		}
		if since, ok := w.tied[x.who][a.who]; ok && !since.After(x.at) {
			return a, true
		}
	}
	return act{}, false
}

// credits gives what is credited for a post.
func (w *ways) credits(p postRow, classes map[ActorID]tie.Class) []creditRow {
	var rows []creditRow
	class := func(who tie.Person) tie.Class {
		for _, id := range w.m.Actors[who].IDs {
			if c, ok := classes[id]; ok {
				return c
			}
		}
		return tie.Unknown
	}
	in := func(at time.Time) bool { return at.After(p.At) && at.Sub(p.At) < creditFor }
	shared := map[tie.Person]bool{}
	for _, s := range w.shares[p.place()] {
		if shared[s.who] || !in(s.at) {
			continue
		}
		shared[s.who] = true
		id := w.m.Actors[s.who].ID
		rows = append(rows, creditRow{Kind: creditShare, ActorID: id, CarrierID: id, Class: int(class(s.who)), At: s.at})
	}
	for who := tie.Person(1); int(who) < len(w.m.Actors); who++ {
		x, ok := w.came[who]
		if !ok || !in(x.at) {
			continue
		}
		a, found := w.through(x)
		row := creditRow{Kind: creditFirst, ActorID: w.m.Actors[who].ID, At: x.at}
		switch {
		case found && a.post == p.place():
			row.CarrierID, row.Class = w.m.Actors[a.who].ID, int(class(a.who))
		case !found && x.post == p.place():
		default:
			continue
		}
		rows = append(rows, row)
	}
	for i := range rows {
		rows[i].CompanyID, rows[i].ChannelID, rows[i].RemoteID = p.CompanyID, p.ChannelID, p.RemoteID
	}
	return rows
}

// Credits tells by which ties what the company published since a moment was carried further, and people came who had never had to do
// with it. Ties are of the class that they had when the post went out; Unknown are those of whom nothing was known then, and those who
// came nobody knows how. Classes that carried nothing are not in it. It is for the rooms above and for this one, which have checked who
// asks.
func (r *Room) Credits(ctx context.Context, c team.CompanyID, since time.Time) ([]Credit, error) {
	out, err := r.readCredits(ctx, c, since, "", "")
	if err != nil {
		return nil, fmt.Errorf("reach.Credits: %w", err)
	}
	return out, nil
}

// PostAt is where something of the company's stands on a channel.
type PostAt struct {
	Channel  network.ChannelID
	RemoteID string
}

// PostTies tells by which ties a post was carried.
type PostTies struct {
	// Credits by class, Unknown first; classes that carried nothing are not in it.
	Credits []Credit
	// Seen says that the post was met in the ties, Frozen that the classes were kept as they were when it went out: before that nothing
	// is credited. Until is the end of what is counted; it is still counted while Open.
	Seen, Frozen, Open bool
	Until              time.Time
}

// PostCredits is Credits of one post, wherever it stands. It names nobody, and needs PostsRead, as what else a post brought.
func (r *Room) PostCredits(ctx context.Context, actor team.Actor, places []PostAt) (PostTies, error) {
	if err := actor.May(team.PostsRead); err != nil {
		return PostTies{}, err
	}
	var out PostTies
	by := map[tie.Class]Credit{}
	for _, p := range places {
		row, ok, err := r.readPost(ctx, actor.Company, p)
		if err != nil {
			return PostTies{}, fmt.Errorf("reach.PostCredits: %w", err)
		}
		if !ok { // a later part of a thread, or one that nothing was heard of yet
			continue
		}
		out.Seen, out.Frozen, out.Open = true, out.Frozen || !row.FrozenAt.IsZero(), out.Open || !row.Closed
		if until := row.At.Add(creditFor); until.After(out.Until) {
			out.Until = until
		}
		credits, err := r.readCredits(ctx, actor.Company, zero, p.Channel, p.RemoteID)
		if err != nil {
			return PostTies{}, fmt.Errorf("reach.PostCredits: %w", err)
		}
		for _, c := range credits {
			sum := by[c.Class]
			by[c.Class] = Credit{Class: c.Class, Shares: sum.Shares + c.Shares, First: sum.First + c.First}
		}
	}
	for _, class := range slices.Sorted(maps.Keys(by)) {
		out.Credits = append(out.Credits, by[class])
	}
	return out, nil
}
