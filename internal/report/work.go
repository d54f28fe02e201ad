package report

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// Work is what a member was at. It is stored in the database.
type Work string

// The kinds of work.
const (
	Answering Work = "answering" // the inbox
	Improving Work = "improving" // cases, promises, the growth page
	Writing   Work = "writing"   // posts and the calendar
	Selling   Work = "selling"   // leads, links and what comes of them
	Knowing   Work = "knowing"   // people and ties
	Keeping   Work = "keeping"   // the house: channels, team, settings
)

// Works lists the kinds of work.
var Works = []Work{Answering, Improving, Writing, Selling, Knowing, Keeping}

// How work is measured: what lies between two signs of somebody counts when it is no longer than Pause, since reading and thinking are
// work; after a longer one the sign before it counts Least.
const (
	Pause = 10 * time.Minute
	Least = time.Minute
)

const (
	beatEvery = 15 * time.Second // closer signs of the same work say nothing new
	mostBeats = 20000            // that wait while the database takes nothing
	flushTime = 20 * time.Second
	mostSaid  = 24 * 60 // minutes of a day
)

// beat is a sign that somebody is at work.
type beat struct {
	at   time.Time
	work Work
}

type worker struct {
	company team.CompanyID
	member  team.MemberID
}

// pulses hold signs of members until they are written.
type pulses struct {
	mu    sync.Mutex
	beats map[worker][]beat
	n     int
}

func (p *pulses) note(w worker, b beat) {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := p.beats[w]
	if n := len(all); n > 0 && all[n-1].work == b.work && b.at.Sub(all[n-1].at) < beatEvery || p.n >= mostBeats {
		return
	}
	if p.beats == nil {
		p.beats = map[worker][]beat{}
	}
	p.beats[w], p.n = append(all, b), p.n+1
}

func (p *pulses) take() map[worker][]beat {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := p.beats
	p.beats, p.n = nil, 0
	return all
}

func (p *pulses) back(all map[worker][]beat) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for w, bs := range p.beats {
		all[w] = append(all[w], bs...)
	}
	p.beats, p.n = all, 0
	for _, bs := range all {
		p.n += len(bs)
	}
}

// Note notes that a member is at work. Nothing is written yet, and nothing is kept of what they do but its kind.
func (x *Room) Note(a team.Actor, w Work) {
	if a.Member == "" || a.Company == "" || a.Scopes != nil || !slices.Contains(Works, w) {
		return
	}
	x.pulses.note(worker{a.Company, a.Member}, beat{x.rooms.Clock.Now(), w})
}

// FlushWork writes what was noted.
func (x *Room) FlushWork(ctx context.Context) error {
	all := x.pulses.take()
	if len(all) == 0 {
		return nil
	}
	if err := x.writeWork(ctx, all); err != nil {
		x.pulses.back(all)
		return wrap("FlushWork", err)
	}
	return nil
}

// Run writes work as it is noted, until ctx is over; then it writes what is left.
func (x *Room) Run(ctx context.Context) {
	tick := time.NewTicker(flushTime)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			if err := x.FlushWork(last); err != nil {
				x.rooms.Log.Warn("report: minutes were not written", "error", err)
			}
			return
		}
		if err := x.FlushWork(ctx); err != nil {
			x.rooms.Log.Warn("report: minutes wait to be written", "error", err)
		}
	}
}

// dayWork is what is measured of a member on a day.
type dayWork struct {
	worker
	day  link.Day
	work Work
}

// reckon adds to sums what lies between signs, the first of which may be from before, and gives the last.
func reckon(sums map[dayWork]time.Duration, w worker, last beat, signs []beat, zone *time.Location) beat {
	for _, b := range signs {
		gap := b.at.Sub(last.at)
		switch {
		case last.at.IsZero():
		case gap <= 0: // of another node that was slower to write
			continue
		case gap <= Pause:
			sums[dayWork{w, link.DayOf(last.at.In(zone)), last.work}] += gap
		default:
			sums[dayWork{w, link.DayOf(last.at.In(zone)), last.work}] += Least
		}
		last = b
	}
	return last
}

func (x *Room) writeWork(ctx context.Context, all map[worker][]beat) error {
	zones := map[team.CompanyID]*time.Location{}
	workers := make([]worker, 0, len(all))
	for w := range all {
		workers = append(workers, w)
		if zones[w.company] == nil {
			c, err := x.rooms.Team.Company(ctx, w.company)
			if err != nil {
				if fault.Of(err).Kind == fault.NotFound { // it was removed meanwhile
					zones[w.company] = time.UTC
					delete(all, w)
					continue
				}
				return err
			}
			zones[w.company] = c.Location()
		}
	}
	slices.SortFunc(workers, func(a, b worker) int {
		return strings.Compare(string(a.company)+string(a.member), string(b.company)+string(b.member))
	})
	return x.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		for _, w := range workers {
			signs, ok := all[w]
			if !ok {
				continue
			}
			last, err := x.pulse(ctx, tx, w)
			if err != nil {
				return err
			}
			sums := map[dayWork]time.Duration{}
			next := reckon(sums, w, last, signs, zones[w.company])
			if err := x.addWork(ctx, tx, sums); err != nil {
				return err
			}
			if next == last {
				continue
			}
			if err := x.savePulse(ctx, tx, w, next); err != nil {
				return err
			}
		}
		return nil
	})
}

// OwnWork is what a member did on a day.
type OwnWork struct {
	Day     link.Day
	Work    Work
	Seconds int  // measured
	Said    *int // minutes, as they say themselves; nil: what was measured stands
}

// Minutes is what counts.
func (o OwnWork) Minutes() int {
	if o.Said != nil {
		return *o.Said
	}
	return (o.Seconds + 30) / 60
}

// OwnWork gives the actor's own minutes in a stretch of days, the latest day first. They are for nobody else: it takes the member in person.
func (x *Room) OwnWork(ctx context.Context, a team.Actor, from, to link.Day) ([]OwnWork, error) {
	if err := a.Self(); err != nil {
		return nil, err
	}
	out, err := x.ownWork(ctx, worker{a.Company, a.Member}, from, to)
	return out, wrap("OwnWork", err)
}

// SayWork puts what the actor says in the place of what was measured of them on a day; nil minutes take that back. It takes the member in person.
func (x *Room) SayWork(ctx context.Context, a team.Actor, day link.Day, w Work, minutes *int) error {
	if err := a.Self(); err != nil {
		return err
	}
	company, err := x.rooms.Team.Company(ctx, a.Company)
	if err != nil {
		return wrap("SayWork", err)
	}
	var wrong []fault.Field
	if !slices.Contains(Works, w) {
		wrong = append(wrong, fault.Field{Name: "work", Key: "report.work.kind"})
	}
	if !sane(day) || day > link.DayOf(x.rooms.Clock.Now().In(company.Location())) {
		wrong = append(wrong, fault.Field{Name: "day", Key: "report.work.day"})
	}
	if minutes != nil && (*minutes < 0 || *minutes > mostSaid) {
		wrong = append(wrong, fault.Field{Name: "minutes", Key: "report.work.minutes", Args: map[string]any{"most": mostSaid}})
	}
	if err := fault.InvalidFields(wrong...); err != nil {
		return err
	}
	err = x.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		return x.sayWork(ctx, tx, dayWork{worker{a.Company, a.Member}, day, w}, minutes)
	})
	return wrap("SayWork", err)
}

// Hours are the minutes of all together. There is none of anybody alone.
type Hours struct {
	Minutes int
	People  int // who worked at all
	ByWork  map[Work]int
	ByDay   map[link.Day]int
	Cents   int64   // what they cost, at the rate of each role
	Unrated int     // minutes of roles without a rate: they cost more than nothing
	cents   float64 // before rounding
}

// Hours sums the minutes of a stretch of days. It needs TimeRead.
func (x *Room) Hours(ctx context.Context, a team.Actor, from, to link.Day) (Hours, error) {
	if err := a.May(team.TimeRead); err != nil {
		return Hours{}, err
	}
	h, err := x.hours(ctx, a.Company, from, to)
	return h, wrap("Hours", err)
}

func (x *Room) hours(ctx context.Context, c team.CompanyID, from, to link.Day) (Hours, error) {
	h := Hours{ByWork: map[Work]int{}, ByDay: map[link.Day]int{}}
	rows, err := x.workBetween(ctx, c, from, to)
	if err != nil {
		return h, err
	}
	rates, err := x.rates(ctx, c)
	if err != nil {
		return h, err
	}
	members, err := x.rooms.Team.MembersByID(ctx, c)
	if err != nil {
		return h, err
	}
	people := map[team.MemberID]bool{}
	for _, r := range rows {
		n := r.own().Minutes()
		if n == 0 {
			continue
		}
		role, left := strings.CutPrefix(string(r.MemberID), leftPrefix)
		if !left {
			role = string(members[r.MemberID].Role)
		}
		people[r.MemberID] = true
		h.Minutes += n
		h.ByWork[r.Kind] += n
		h.ByDay[r.Day] += n
		rate := rates[team.Role(role)]
		if rate == 0 {
			h.Unrated += n
		}
		h.cents += float64(rate) * float64(n) / 60
	}
	h.People, h.Cents = len(people), int64(h.cents+0.5)
	return h, nil
}

// leftPrefix begins what stands for the members of a role who left.
const leftPrefix = "left:"

// leave makes the minutes of a member who leaves nobody's: what stays is how long somebody of that role worked.
func (x *Room) leave(ctx context.Context, tx *store.Tx, c team.CompanyID, leaver, _ team.MemberID) error {
	members, err := x.rooms.Team.MembersByID(ctx, c)
	if err != nil {
		return wrap("leave", err)
	}
	w := worker{c, leaver}
	x.pulses.forget(w)
	rows, err := x.ownWork(ctx, w, 0, 0)
	if err != nil {
		return wrap("leave", err)
	}
	sums := map[dayWork]time.Duration{}
	for _, r := range rows {
		sums[dayWork{worker{c, team.MemberID(leftPrefix + string(members[leaver].Role))}, r.Day, r.Work}] += time.Duration(r.Minutes()) * time.Minute
	}
	if err := x.dropWorker(ctx, tx, w); err != nil {
		return wrap("leave", err)
	}
	return wrap("leave", x.addWork(ctx, tx, sums))
}

func (p *pulses) forget(w worker) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n -= len(p.beats[w])
	delete(p.beats, w)
}
