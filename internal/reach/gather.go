package reach

import (
	"context"
	"fmt"
	"maps"
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
	company, err := r.rooms.Team.Company(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("reach.Material: %w", err)
	}
	if until.IsZero() {
		until = r.rooms.Clock.Now()
	}
	g := &gathering{m: &Material{Company: c, Zone: company.Location(), Now: until}, person: map[ActorID]tie.Person{"": Us}, kinds: map[string]tie.Kind{}, items: map[string]int64{}}
	for _, f := range []func(context.Context, *gathering) error{r.gatherActors, r.gatherEvents, r.gatherFollows, r.gatherAdvice, r.gatherLists} {
		if err := f(ctx, g); err != nil {
			return nil, fmt.Errorf("reach.Material: %w", err)
		}
	}
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

func (r *Room) gatherActors(ctx context.Context, g *gathering) error {
	m := g.m
	m.Log = &tie.Log{}
	for _, k := range usualKinds {
		g.kind(k)
	}
	rows, err := r.readActors(ctx, m.Company)
	if err != nil {
		return err
	}
	accounts, names, err := r.rooms.Audience.Everybody(ctx, m.Company)
	if err != nil {
		return err
	}
	known := make(map[audience.IdentityID]audience.Identity, len(accounts))
	for _, a := range accounts {
		known[a.ID] = a
	}
	m.Actors = append(m.Actors, Actor{Knows: true})
	m.Log.Names = append(m.Log.Names, "")
	byPerson := map[audience.PersonID]tie.Person{}
	for _, row := range rows {
		x, ok := known[row.IdentityID]
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
			a.Person, a.Name, a.Handle, a.Bot = x.Person, names[x.Person], x.Handle, x.Bot
		}
		g.person[row.ID] = tie.Person(len(m.Actors))
		m.Actors = append(m.Actors, a)
		m.Log.Names = append(m.Log.Names, string(row.ID))
	}
	m.Words = make([][]string, len(m.Actors))
	return nil
}

func (r *Room) gatherEvents(ctx context.Context, g *gathering) error {
	m := g.m
	return r.eachEvent(ctx, m.Company, m.Now, func(e eventRow) {
		actor, ok := g.person[e.ActorID]
		target, is := g.person[e.TargetID]
		if !ok || !is || actor == target {
			return
		}
		x := tie.Event{Actor: actor, Target: target, Kind: g.kind(e.Kind), Item: g.item(e.ChannelID, e.Item)}
		when := e.SeenAt
		if !e.At.IsZero() {
			x.At, when = e.At.Unix(), e.At
		}
		m.Log.Events = append(m.Log.Events, x)
		if target == Us {
			m.Actors[actor].meets(when)
			if e.Kind == string(network.KindFollow) {
				m.Actors[actor].Follows = true
			}
		}
		if e.Words != "" {
			w := append(m.Words[actor], strings.Fields(e.Words)...)
			m.Words[actor] = w[max(0, len(w)-mostKept):]
		}
	})
}

// meets notes that somebody had to do with the company at a moment.
func (a *Actor) meets(at time.Time) {
	a.Knows = true
	if a.Reached.IsZero() || at.Before(a.Reached) {
		a.Reached = at
	}
}

func (r *Room) gatherFollows(ctx context.Context, g *gathering) error {
	m := g.m
	// What somebody was told to have done at a moment need not be told again as something whose moment nobody knows.
	told := map[[2]tie.Person]bool{}
	follow := g.kind(string(network.KindFollow))
	for _, e := range m.Log.Events {
		if e.Kind == follow {
			told[[2]tie.Person{e.Actor, e.Target}] = true
		}
	}
	return r.eachFollow(ctx, m.Company, m.Now, func(f followRow) {
		actor, ok := g.person[f.ActorID]
		target, is := g.person[f.TargetID]
		if !ok || !is || actor == target {
			return
		}
		if target == Us {
			m.Actors[actor].Follows = true
		}
		pair := [2]tie.Person{actor, target}
		if told[pair] {
			return
		}
		told[pair] = true
		m.Log.Events = append(m.Log.Events, tie.Event{Actor: actor, Target: target, Kind: follow})
		if target == Us {
			m.Actors[actor].meets(f.FirstAt)
		}
	})
}

func (r *Room) gatherAdvice(ctx context.Context, g *gathering) error {
	m := g.m
	rows, err := r.suggestionRows(ctx, m.Company, m.Now)
	if err != nil {
		return err
	}
	for _, x := range rows {
		p, ok := g.person[x.ActorID]
		if ok && !x.DoneAt.IsZero() && !x.DoneAt.After(m.Now) && x.State != Dismissed {
			m.Involved = append(m.Involved, tie.Involvement{Person: p, At: x.DoneAt.Unix()})
		}
	}
	s, err := r.readSetting(ctx, m.Company)
	if err != nil || s.Salt == "" {
		return err
	}
	mark, err := s.marker()
	if err != nil {
		return err
	}
	for p := 1; p < len(m.Actors); p++ {
		if m.Actors[p].Known() && heldBack(mark, m.Actors[p], m.Now, s.Hold) {
			m.Held = append(m.Held, tie.Person(p))
		}
	}
	return nil
}

func (r *Room) gatherLists(ctx context.Context, g *gathering) error {
	read, err := r.listsRead(ctx, g.m.Company)
	if err != nil {
		return err
	}
	people := map[tie.Person]bool{}
	for _, id := range read {
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
	return nil
}

// heldBack says whether somebody is held back from advice in the quarter of a moment: by lot, and always the same.
func heldBack(m marker, a Actor, at time.Time, hold int) bool {
	ids := slices.Sorted(slices.Values(a.IDs))
	quarter := fmt.Sprintf("%d-%d", at.Year(), (int(at.Month())-1)/3)
	return m.share("hold", string(ids[0]), quarter) < float64(hold)/100
}

// Classes gives the class of everybody's tie with the company, by person of the log; those who have none are not in it. How much happens
// is cut at one half, how much is shared at the median of the company's own ties.
func (m *Material) Classes() (map[tie.Person]tie.Class, error) {
	known := m.Log
	g, err := tie.Build(known, tie.BuildOptions{Now: m.Now.Unix()})
	if err != nil {
		return nil, err
	}
	t := tie.Fuse(g, tie.FuseOptions{})
	in, err := tie.LearnIntensity(known, tie.IntensityOptions{Now: m.Now.Unix()})
	if err != nil {
		return nil, err
	}
	edges := map[tie.Person]tie.Edge{}
	var shared []float64
	for p, e := range g.Neighbours(Us) {
		edges[p] = e
		if t.Common(e) > 0 {
			shared = append(shared, t.Overlap(e))
		}
	}
	o := tie.ClassOptions{}
	if len(shared) > 0 {
		slices.Sort(shared)
		o.Embedded = shared[len(shared)/2]
	}
	cs := tie.Classify(t, in.Of(known, t), o)
	out := make(map[tie.Person]tie.Class, len(edges))
	for _, p := range slices.Sorted(maps.Keys(edges)) {
		out[p] = cs.Of[edges[p]]
	}
	return out, nil
}
