package report

import (
	"bufio"
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"math"
	"slices"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
	"github.com/ponte-desk/ponte/internal/tie"
)

// dependDays is for how many days back it is said on how few the company rests.
const dependDays = 90

// leastDepend is from how many on more is said than that they are too few.
const leastDepend = 20

// OnWhat is what a company may rest on.
type OnWhat string

// What a company may rest on.
const (
	OnPeople  OnWhat = "people"  // who does something towards it
	OnPlaces  OnWhat = "places"  // where its visits come from
	OnMembers OnWhat = "members" // who answers
)

// Rest says on how few something rests.
type Rest struct {
	On    OnWhat
	Known bool // there is a way to tell
	Few   bool // there is too little to say more
	Of    int  // what people did, visits, answers
	Count int  // how many people, places or members they come from
	First int  // of Of, what the first brought
	Top   int  // what the first ten brought
	// Effective is as many equally active ones as would be as concentrated (Hill's N2, estimated); 0: there is no telling. Without is the same
	// when the first is gone.
	Effective, Without float64
	Parts              []RestPart // the first ones, the most first
}

// RestPart is one of those on whom it rests.
type RestPart struct {
	Person audience.PersonID // of OnPeople; "" nobody in the house knows them
	Name   string            // of a person, a place (as links name it) or a member; "" it is not for whoever asks
	N      int
}

// FirstPart is the part of the first, from 0 to 1.
func (r Rest) FirstPart() float64 { return part(r.First, r.Of) }

// TopPart is the part of the first ten, from 0 to 1.
func (r Rest) TopPart() float64 { return part(r.Top, r.Of) }

func part(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}

// Out is what a company could take along if it had to leave.
type Out struct {
	Followers int // accounts that follow it, as far as networks show them
	Handles   int // of them, whose name the house knows: these can be taken along
	Leads     int // people who left an address
	Agreed    int // of them, who agreed to a text of a form: these may be written to
	Sites     int // web sites of its own that are connected
	Own       int // visits in the time that came in ways that belong to nobody else: site, newsletter, print, radio, window, parcel, fair
	Visits    int // all visits in the time
}

// Dependence says on how few the company rests, and what it could take along.
type Dependence struct {
	At, Since time.Time
	Days      int
	Rests     []Rest
	Out       Out
}

// ownWays are channels of links that belong to no network.
var ownWays = []string{"newsletter", "site", "print", "radio", "window", "parcel", "fair"}

// mostParts are how many of each are shown by themselves.
const mostParts = 10

// Dependence says on how few people, places and colleagues the company rests. It needs ResultsRead. People are named to who may read people, colleagues
// to who may see everybody's hours.
func (x *Room) Dependence(ctx context.Context, a team.Actor) (Dependence, error) {
	if err := a.May(team.ResultsRead); err != nil {
		return Dependence{}, wrap("Dependence", err)
	}
	d, err := x.dependence(ctx, a)
	return d, wrap("Dependence", err)
}

func (x *Room) dependence(ctx context.Context, a team.Actor) (d Dependence, err error) {
	company, err := x.rooms.Team.Company(ctx, a.Company)
	if err != nil {
		return d, err
	}
	d.At, d.Days = x.rooms.Clock.Now(), dependDays
	d.Since = d.At.AddDate(0, 0, -dependDays)
	sys := team.System(a.Company)
	people, err := x.onPeople(ctx, sys, a.Can(team.PeopleRead))
	if err != nil {
		return d, err
	}
	zone := company.Location()
	visits, err := x.rooms.Links.Summary(ctx, sys, link.DayOf(d.Since.In(zone).AddDate(0, 0, 1)), link.DayOf(d.At.In(zone)))
	if err != nil {
		return d, err
	}
	answers, err := x.rooms.Inbox.AnswersBy(ctx, sys, d.Since, d.At)
	if err != nil {
		return d, err
	}
	members, err := x.rooms.Team.MembersByID(ctx, a.Company)
	if err != nil {
		return d, err
	}
	var places, mates []RestPart
	for _, p := range visits.Channels {
		places = append(places, RestPart{Name: p.Name, N: int(p.Visits)})
		if slices.Contains(ownWays, p.Name) {
			d.Out.Own += int(p.Visits)
		}
	}
	d.Out.Visits = int(visits.Sum.Visits)
	named := a.Can(team.TimeRead)
	for id, n := range answers.Members {
		m := RestPart{N: n}
		if named {
			m.Name = members[id].Name
		}
		mates = append(mates, m)
	}
	d.Rests = []Rest{people, restOn(OnPlaces, places), restOn(OnMembers, mates)}
	return d, x.waysOut(ctx, sys, &d.Out)
}

// onPeople takes what the portrait of the ties says, which is drawn at night.
func (x *Room) onPeople(ctx context.Context, sys team.Actor, named bool) (Rest, error) {
	r := Rest{On: OnPeople}
	p, err := x.rooms.Reach.Portrait(ctx, sys)
	if err != nil || p == nil {
		return r, err
	}
	v, ok := p.View(dependDays)
	if !ok || v.Days != dependDays {
		return r, nil
	}
	s := v.Depends
	r.Known, r.Few, r.Of, r.Count, r.Top, r.Effective, r.Without = true, s.Few, s.Events, s.People, s.Top10, s.Effective, s.Without
	for i, f := range s.Top {
		if i == 0 {
			r.First = f.Events
		}
		part := RestPart{N: f.Events}
		if named && f.Person != "" {
			part.Person = f.Person
			who, err := x.rooms.Audience.Person(ctx, sys, f.Person)
			if err == nil {
				part.Name = who.Name
			} else if !errors.Is(err, store.ErrMissing) {
				return r, err
			}
		}
		r.Parts = append(r.Parts, part)
	}
	return r, nil
}

// restOn reckons on how few parts something rests.
func restOn(on OnWhat, parts []RestPart) Rest {
	r := Rest{On: on, Known: true}
	counts := make([]int, 0, len(parts))
	for _, p := range parts {
		if p.N > 0 {
			counts = append(counts, p.N)
			r.Parts = append(r.Parts, p)
		}
	}
	slices.SortFunc(r.Parts, func(a, b RestPart) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Name, b.Name)) })
	c := tie.Concentrate(counts)
	r.Of, r.Count = c.Events, c.People
	r.Few = r.Of < leastDepend
	for i, p := range r.Parts {
		if i == 0 {
			r.First = p.N
		}
		if i < 10 {
			r.Top += p.N
		}
	}
	if !r.Few {
		r.Effective, r.Without = certain(c.N2), certain(c.WithoutFirst[1])
	}
	r.Parts = r.Parts[:min(len(r.Parts), mostParts)]
	return r
}

// certain is a number that can be said; 0: it cannot.
func certain(n float64) float64 {
	if math.IsInf(n, 0) || math.IsNaN(n) {
		return 0
	}
	return n
}

func (x *Room) waysOut(ctx context.Context, sys team.Actor, o *Out) error {
	f, err := x.rooms.Reach.Followers(ctx, sys)
	if err != nil {
		return err
	}
	known, err := x.rooms.Audience.IdentitiesByID(ctx, sys.Company, f.Known)
	if err != nil {
		return err
	}
	o.Followers, o.Handles = f.All, len(known)
	if o.Leads, o.Agreed, err = x.rooms.Leads.Reachable(ctx, sys.Company); err != nil {
		return err
	}
	channels, err := x.rooms.Networks.Channels(ctx, sys)
	if err != nil {
		return err
	}
	for _, ch := range channels {
		if ch.Network == network.Site && ch.State != network.Gone && !ch.Archive {
			o.Sites++
		}
	}
	return nil
}

// FollowerColumns are the columns of the table of followers.
var FollowerColumns = []string{"network", "handle", "name", "url"}

// ExportFollowers writes the public handles of who follows the company, as far as the house knows them. It holds who people are: it needs PeopleErase,
// which is for taking people's data along, and the register of deeds keeps that it was done.
func (x *Room) ExportFollowers(ctx context.Context, a team.Actor, w io.Writer) error {
	if err := a.May(team.PeopleErase); err != nil {
		return wrap("ExportFollowers", err)
	}
	f, err := x.rooms.Reach.Followers(ctx, team.System(a.Company))
	if err != nil {
		return wrap("ExportFollowers", err)
	}
	known, err := x.rooms.Audience.IdentitiesByID(ctx, a.Company, f.Known)
	if err != nil {
		return wrap("ExportFollowers", err)
	}
	err = x.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		return x.rooms.Team.Audit(ctx, tx, a, team.Entry{Verb: "report.followers", ObjectKind: "company", ObjectID: string(a.Company)})
	})
	if err != nil {
		return wrap("ExportFollowers", err)
	}
	b := bufio.NewWriter(w)
	c := csv.NewWriter(b)
	err = c.Write(FollowerColumns)
	for _, id := range f.Known {
		i, ok := known[id]
		if err != nil || !ok {
			continue
		}
		err = c.Write([]string{text.Guard(string(i.Network)), text.Guard(i.Handle), text.Guard(i.Name), text.Guard(i.URL)})
	}
	c.Flush()
	return wrap("ExportFollowers", errors.Join(err, c.Error(), b.Flush()))
}
