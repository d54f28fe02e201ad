package reach

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/tie"
)

// mostKept is how many words of somebody are kept in a material.
const mostKept = 200

// material gathers what was known until a moment.
func (r *Room) material(ctx context.Context, c team.CompanyID, until time.Time) (*Material, error) {
	w, err := r.load(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("reach.Material: %w", err)
	}
	if until.IsZero() {
		return w.now(r.rooms.Clock.Now())
	}
	return w.at(until)
}

// whole is everything that is kept round a company.
type whole struct {
	company     team.Company
	setting     settingRow
	actors      []actorRow
	accounts    map[audience.IdentityID]audience.Identity
	names       map[audience.PersonID]string
	events      []eventRow
	follows     []followRow
	suggestions []suggestionRow
	lists       []ActorID
}

func (r *Room) load(ctx context.Context, c team.CompanyID) (w *whole, err error) {
	w = &whole{accounts: map[audience.IdentityID]audience.Identity{}}
	if w.company, err = r.rooms.Team.Company(ctx, c); err != nil {
		return nil, err
	}
	if w.setting, err = r.readSetting(ctx, c); err != nil {
		return nil, err
	}
	if w.actors, err = r.readActors(ctx, c); err != nil {
		return nil, err
	}
	accounts, names, err := r.rooms.Audience.Everybody(ctx, c)
	if err != nil {
		return nil, err
	}
	w.names = names
	for _, a := range accounts {
		w.accounts[a.ID] = a
	}
	if w.events, err = r.readEvents(ctx, c); err != nil {
		return nil, err
	}
	if w.follows, err = r.readFollows(ctx, c); err != nil {
		return nil, err
	}
	if w.suggestions, err = r.readSuggestions(ctx, c); err != nil {
		return nil, err
	}
	w.lists, err = r.listsRead(ctx, c)
	return w, err
}

// now gives everything that is known at this moment.
func (w *whole) now(at time.Time) (*Material, error) {
	m, err := w.at(at.Add(time.Microsecond))
	if err == nil {
		m.Now = at
	}
	return m, err
}

// at gives what was known before a moment.
func (w *whole) at(until time.Time) (*Material, error) {
	g := &gathering{
		m: &Material{Company: w.company.ID, Zone: w.company.Location(), Now: until, Log: &tie.Log{}}, person: map[ActorID]tie.Person{"": Us}, kinds: map[string]tie.Kind{},
		items: map[string]int64{},
	}
	for _, k := range usualKinds {
		g.kind(k)
	}
	g.people(w)
	g.events(w)
	g.follows(w)
	if err := g.advice(w); err != nil {
		return nil, fmt.Errorf("reach.Material: %w", err)
	}
	g.listed(w)
	g.m.Log.Sort()
	return g.m, nil
}

// gathering is a material being put together.
type gathering struct {
	m      *Material
	person map[ActorID]tie.Person
	kinds  map[string]tie.Kind
	items  map[string]int64
}

// kind gives the number of a kind.
func (g *gathering) kind(name string) tie.Kind {
	k, ok := g.kinds[name]
	if !ok {
		k = tie.Kind(len(g.m.Log.Kinds))
		g.kinds[name] = k
		g.m.Log.Kinds = append(g.m.Log.Kinds, name)
	}
	return k
}

// item gives the number of what an event is about, 0 for nothing.
func (g *gathering) item(ch network.ChannelID, remoteID string) int64 {
	if remoteID == "" {
		return 0
	}
	key := string(ch) + "\x00" + remoteID
	n, ok := g.items[key]
	if !ok {
		n = int64(len(g.items) + 1)
		g.items[key] = n
	}
	return n
}

// usualKinds are the kinds of every log, in the order of their numbers, so that the same events always give the same log.
var usualKinds = []string{
	"", string(network.KindReply), string(network.KindMention), string(network.KindMessage), string(network.KindComment), string(network.KindReview),
	string(network.KindQuote), string(network.KindLike), string(network.KindShare), string(network.KindFollow), named,
}

func (g *gathering) people(w *whole) {
	m := g.m
	m.Actors = append(m.Actors, Actor{Knows: true})
	m.Log.Names = append(m.Log.Names, "")
	byPerson := map[audience.PersonID]tie.Person{}
	for _, row := range w.actors {
		x, ok := w.accounts[row.IdentityID]
		if ok {
			if p, is := byPerson[x.Person]; is { // another account of somebody who is there already
				g.person[row.ID] = p
				a := &m.Actors[p]
				a.IDs = append(a.IDs, row.ID)
				a.Followers = max(a.Followers, row.Followers)
				a.Bot = a.Bot || x.Bot
				continue
			}
			byPerson[x.Person] = tie.Person(len(m.Actors))
		}
		a := Actor{ID: row.ID, Network: row.Network, Followers: row.Followers, IDs: []ActorID{row.ID}}
		if ok {
			a.Person, a.Name, a.Handle, a.Bot = x.Person, w.names[x.Person], x.Handle, x.Bot
		}
		g.person[row.ID] = tie.Person(len(m.Actors))
		m.Actors = append(m.Actors, a)
		m.Log.Names = append(m.Log.Names, string(row.ID))
	}
	m.Words = make([][]string, len(m.Actors))
}

func (g *gathering) events(w *whole) {
	m := g.m
	for _, e := range w.events {
		when := e.At
		if when.IsZero() {
			when = e.SeenAt
		}
		actor, ok := g.person[e.ActorID]
		target, is := g.person[e.TargetID]
		if !ok || !is || actor == target || !when.Before(m.Now) {
			continue
		}
		x := tie.Event{Actor: actor, Target: target, Kind: g.kind(e.Kind), Item: g.item(e.ChannelID, e.Item)}
		if !e.At.IsZero() {
			x.At = e.At.Unix()
		}
		m.Log.Events = append(m.Log.Events, x)
		if target == Us {
			m.Actors[actor].meets(when)
			if e.Kind == string(network.KindFollow) {
				m.Actors[actor].Follows = true
			}
		}
		if e.Words != "" {
			all := append(m.Words[actor], strings.Fields(e.Words)...)
			m.Words[actor] = all[max(0, len(all)-mostKept):]
		}
	}
}

// meets notes that somebody had to do with the company at a moment.
func (a *Actor) meets(at time.Time) {
	a.Knows = true
	if a.Reached.IsZero() || at.Before(a.Reached) {
		a.Reached = at
	}
}

func (g *gathering) follows(w *whole) {
	m := g.m
	// What somebody was told to have done at a moment need not be told again as something whose moment nobody knows.
	told := map[[2]tie.Person]bool{}
	follow := g.kind(string(network.KindFollow))
	for _, e := range m.Log.Events {
		if e.Kind == follow {
			told[[2]tie.Person{e.Actor, e.Target}] = true
		}
	}
	for _, f := range w.follows {
		actor, ok := g.person[f.ActorID]
		target, is := g.person[f.TargetID]
		if !ok || !is || actor == target || !f.FirstAt.Before(m.Now) {
			continue
		}
		if target == Us {
			m.Actors[actor].Follows = true
		}
		pair := [2]tie.Person{actor, target}
		if told[pair] {
			continue
		}
		told[pair] = true
		m.Log.Events = append(m.Log.Events, tie.Event{Actor: actor, Target: target, Kind: follow})
		if target == Us {
			m.Actors[actor].meets(f.FirstAt)
		}
	}
}

func (g *gathering) advice(w *whole) error {
	m := g.m
	for _, x := range w.suggestions {
		p, ok := g.person[x.ActorID]
		if ok && !x.DoneAt.IsZero() && x.DoneAt.Before(m.Now) && x.State != Dismissed {
			m.Involved = append(m.Involved, tie.Involvement{Person: p, At: x.DoneAt.Unix()})
		}
	}
	if w.setting.Salt == "" {
		return nil
	}
	mark, err := w.setting.marker()
	if err != nil {
		return err
	}
	for p := 1; p < len(m.Actors); p++ {
		if m.Actors[p].Known() && heldBack(mark, m.Actors[p], m.Now, w.setting.Hold) {
			m.Held = append(m.Held, tie.Person(p))
		}
	}
	return nil
}

func (g *gathering) listed(w *whole) {
	people := map[tie.Person]bool{}
	for _, id := range w.lists {
		if p, ok := g.person[id]; ok && p != Us {
			people[p] = true
		}
	}
	g.m.Lists = len(people)
	for _, a := range g.m.Actors[1:] {
		if a.Known() && a.Knows {
			g.m.Listable++
		}
	}
}

// heldBack says whether somebody is held back from advice in the quarter of a moment: by lot, and always the same.
func heldBack(m marker, a Actor, at time.Time, hold int) bool {
	ids := slices.Sorted(slices.Values(a.IDs))
	return m.share("hold", string(ids[0]), quarterOf(at)) < float64(hold)/100
}

// quarterOf names the quarter of a moment.
func quarterOf(at time.Time) string {
	at = at.UTC()
	return fmt.Sprintf("%d-%d", at.Year(), (int(at.Month())-1)/3)
}

// Classes gives the class of everybody's tie with the company, by person of the log; those who have none are not in it. They are the
// classes that a portrait of the same material shows.
func (m *Material) Classes() (map[tie.Person]tie.Class, error) {
	d := newDraft(m)
	c, err := d.classes()
	if err != nil {
		return nil, fmt.Errorf("reach.Classes: %w", err)
	}
	at := make(map[ActorID]tie.Person, len(m.Actors)) // the draft has its people in another order
	for p, a := range m.Actors {
		at[a.ID] = tie.Person(p)
	}
	out := map[tie.Person]tie.Class{}
	for who, e := range c.graph.Neighbours(Us) {
		out[at[d.m.Actors[who].ID]] = c.of[e]
	}
	return out, nil
}
