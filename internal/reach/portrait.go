package reach

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/tie"
)

// PortraitVersion is the form of a portrait that is kept. One of another form is drawn anew.
const PortraitVersion = 1

// The least that a portrait is drawn from; with less, whatever one saw would be chance.
const (
	LeastPeople = 10
	LeastEvents = 20
)

// Periods are for how many days back circles and dependence are drawn. The first is shown when nothing is asked for.
var Periods = []int{90, 30, 365}

// Portrait is what a Material shows. People are in it by id alone: their names are asked for when it is read, so that nobody who was
// erased is named.
type Portrait struct {
	At time.Time
	// First is the first moment that anything is known of; zero when nothing is.
	First time.Time
	// People and Events are in the material, the company and machines not counted.
	People, Events int
	// Lists tells of how many people the lists of followers were read, and of how many they could be.
	Lists, Listable int
	// Views by period, in the order of Periods; none when Short.
	Views   []View
	Advice  Advice
	Cooling Cooling
	Past    Past
	// Ties are those of people whom the house knows with the company.
	Ties map[audience.PersonID]PersonTie
	// Cases is on how many ties the chances were tested and how many of these were active; 0 when they rest on a rule of thumb.
	Cases, CasesActive int
}

// Short says that there is too little to draw a portrait from.
func (p *Portrait) Short() bool { return p.People < LeastPeople || p.Events < LeastEvents }

// View gives the period of so many days; the first one when there is none.
func (p *Portrait) View(days int) (View, bool) {
	for _, v := range p.Views {
		if v.Days == days {
			return v, true
		}
	}
	if len(p.Views) > 0 {
		return p.Views[0], true
	}
	return View{}, false
}

// View is who had to do with whom in the last days.
type View struct {
	Days  int
	Since time.Time
	// People had to do with somebody; Know of them had ever had to do with the company. Events and Ties are what was counted.
	People, Know, Events, Ties int
	// Circles of at least leastCircle people, largest first. Others is how many people are in smaller ones.
	Circles []Circle
	Others  int
	// Home is the circle in which the company is at home; -1 without one.
	Home    int
	Bridges []Bridge
	// Kin are how many ties there are between circles that know the company.
	Kin     []Kin
	Depends Depends
}

// Circle is people who have more to do with each other than with the rest.
type Circle struct {
	People, Know int
	// Alone is the circle of those who have to do with nobody but the company, as far as one can see.
	Alone bool
	// Words tell it from the others, the most telling first; none when nothing does.
	Words []string
	// Heart is whom in it the house knows and who has most ties in it; "" nobody.
	Heart audience.PersonID
	// Carriers lead there: who know the company and have to do with people in it who do not. Those with most come first.
	Carriers []Carrier
	// Carrying is how many they are, those not named included.
	Carrying int
}

// Ours says that most of a circle knows the company.
func (c Circle) Ours() bool { return 2*c.Know >= c.People }

// Carrier leads into a circle.
type Carrier struct {
	Person audience.PersonID
	// To is how many people there who do not know the company they have to do with; Acts how often these did something towards them.
	To, Acts int
}

// Bridge is a carrier as the picture shows them: from a circle that knows the company to one that does not.
type Bridge struct {
	Person   audience.PersonID
	From, To int // circles
	// Ties is how many people there the carrier has to do with, Acts how often these did something towards them.
	Ties, Acts int
	// Only says that nobody else leads there.
	Only bool
}

// Kin is that two circles which know the company have to do with each other.
type Kin struct{ A, B, Ties int }

// Range is a number of people that is not certain.
type Range struct {
	Low, Expected, High float64
	// Known says that there was enough past to give Low and High.
	Known bool
}

// DrawOptions say what is drawn. The zero value is what the house uses.
type DrawOptions struct {
	// Advise is how many people are advised at most; 0 is 12.
	Advise int
	// Seed decides every draw of chance.
	Seed uint64
}

// Draw makes the portrait of a material. It depends on nothing else.
func Draw(m *Material, o DrawOptions) (*Portrait, error) {
	if o.Advise <= 0 {
		o.Advise = 12
	}
	d := newDraft(m)
	p := &Portrait{At: m.Now, People: d.people, Events: len(d.log.Events), Lists: m.Lists, Listable: m.Listable, Ties: map[audience.PersonID]PersonTie{}}
	if first, _ := d.log.Span(); first > 0 {
		p.First = time.Unix(first, 0).UTC()
	}
	if p.Short() {
		return p, nil
	}
	for _, days := range Periods {
		v, err := d.view(days)
		if err != nil {
			return nil, fmt.Errorf("reach.Draw: %w", err)
		}
		p.Views = append(p.Views, v)
	}
	if err := d.ties(p); err != nil {
		return nil, fmt.Errorf("reach.Draw: %w", err)
	}
	if err := d.advise(p, o); err != nil {
		return nil, fmt.Errorf("reach.Draw: %w", err)
	}
	d.cool(p)
	return p, nil
}

// portray draws the portrait that is kept, and says whom it advises.
func portray(m *Material) (Drawn, error) {
	p, err := Draw(m, DrawOptions{})
	if err != nil {
		return Drawn{}, err
	}
	out := Drawn{Version: PortraitVersion}
	for _, pick := range p.Advice.Picks {
		who, ok := m.PersonOf(pick.Person)
		if !ok {
			continue
		}
		why, err := json.Marshal(pick)
		if err != nil {
			return Drawn{}, fmt.Errorf("reach.portray: %w", err)
		}
		out.Advised = append(out.Advised, Advised{
			Person: who, Class: pick.Class, Until: p.Advice.Until, Why: why,
			Expected: tie.Interval{Low: pick.Expected.Low, Expected: pick.Expected.Expected, High: pick.Expected.High},
		})
	}
	if out.Blob, err = json.Marshal(p); err != nil {
		return Drawn{}, fmt.Errorf("reach.portray: %w", err)
	}
	return out, nil
}

// ReadPortrait reads a portrait that was kept; ok is false for one of another form.
func ReadPortrait(s Snapshot) (*Portrait, bool) {
	if s.Version != PortraitVersion {
		return nil, false
	}
	var p Portrait
	if err := json.Unmarshal(s.Blob, &p); err != nil {
		return nil, false
	}
	return &p, true
}

// draft is a material without machines, and what is read off it more than once.
type draft struct {
	m      *Material
	log    *tie.Log
	people int // who have had to do with anybody
	now    int64
	shares map[tie.Kind]bool
	follow tie.Kind // 0: there is none
	// circle is, by person, the circle of the first period; -1 none. only are the circles into which a single person leads.
	circle []int
	only   map[int]audience.PersonID
}

func newDraft(m *Material) *draft {
	m = ordered(m)
	d := &draft{m: m, log: &tie.Log{Names: m.Log.Names, Kinds: m.Log.Kinds}, now: m.Now.Unix(), shares: map[tie.Kind]bool{}}
	seen := make([]bool, len(m.Actors))
	for _, e := range m.Log.Events {
		if e.Actor == e.Target || m.Actors[e.Actor].Bot || m.Actors[e.Target].Bot {
			continue
		}
		d.log.Events = append(d.log.Events, e)
		seen[e.Actor], seen[e.Target] = true, true
	}
	for p, yes := range seen {
		if yes && tie.Person(p) != Us {
			d.people++
		}
	}
	for _, k := range tie.Carrying(m.Log) {
		d.shares[k] = true
	}
	for k, name := range m.Log.Kinds {
		if name == string(network.KindFollow) {
			d.follow = tie.Kind(k)
		}
	}
	return d
}

// ordered gives a material whose people stand in the order of their ids, so that the same people give the same circles, whatever numbers
// they happen to have.
func ordered(m *Material) *Material {
	order := make([]int, len(m.Actors))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order[1:], func(a, b int) int { return cmp.Compare(m.Actors[a].ID, m.Actors[b].ID) })
	to := make([]tie.Person, len(order))
	out := *m
	out.Actors, out.Words = make([]Actor, len(order)), make([][]string, len(order))
	out.Log = &tie.Log{Kinds: m.Log.Kinds, Names: make([]string, len(order)), Events: slices.Clone(m.Log.Events)}
	for i, p := range order {
		to[p] = tie.Person(i)
		out.Actors[i], out.Log.Names[i] = m.Actors[p], m.Log.Names[p]
		if p < len(m.Words) {
			out.Words[i] = m.Words[p]
		}
	}
	for i, e := range out.Log.Events {
		out.Log.Events[i].Actor, out.Log.Events[i].Target = to[e.Actor], to[e.Target]
	}
	slices.SortFunc(out.Log.Events, func(a, b tie.Event) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Actor, b.Actor), cmp.Compare(a.Target, b.Target), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Item, b.Item))
	})
	out.Involved = slices.Clone(m.Involved)
	for i := range out.Involved {
		out.Involved[i].Person = to[out.Involved[i].Person]
	}
	return &out
}

// since gives what happened from a moment on, and what is known without its moment: who follows whom.
func (d *draft) since(from int64) *tie.Log {
	l := &tie.Log{Names: d.log.Names, Kinds: d.log.Kinds}
	for _, e := range d.log.Events {
		if e.At == 0 || e.At >= from {
			l.Events = append(l.Events, e)
		}
	}
	return l
}

// named says whether somebody can be named: the house knows them.
func (d *draft) named(p tie.Person) bool { return p != Us && d.m.Actors[p].Known() }
