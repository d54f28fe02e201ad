package reach

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/tie"
)

var noon = time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)

// town is a company whose truth is known.
type town struct {
	m *Material
	r *rand.Rand
	n map[string]tie.Person
}

func newTown(seed uint64) *town {
	t := &town{r: rand.New(rand.NewPCG(seed, 77)), n: map[string]tie.Person{}}
	t.m = &Material{Now: noon, Zone: time.UTC, Log: &tie.Log{Kinds: []string{"", "reply", "share", "follow", "like"}}}
	t.person("us", true)
	return t
}

// person adds somebody; known are those whom the house can name, and who have had to do with it.
func (t *town) person(name string, known bool) tie.Person {
	p := tie.Person(len(t.m.Actors))
	a := Actor{ID: ActorID(fmt.Sprintf("rac_%05d", p)), Network: network.Mastodon, Knows: known && p != Us}
	if a.Knows {
		a.Person = audience.PersonID("per_" + name)
		a.Name = name
	}
	t.m.Actors, t.m.Words = append(t.m.Actors, a), append(t.m.Words, nil)
	t.m.Log.Names = append(t.m.Log.Names, string(a.ID))
	t.n[name] = p
	return p
}

func (t *town) act(actor, target tie.Person, kind tie.Kind, daysAgo float64) {
	t.m.Log.Events = append(t.m.Log.Events, tie.Event{Actor: actor, Target: target, Kind: kind, At: noon.Unix() - int64(daysAgo*86400) - 1})
}

// circle adds people who have to do with each other, and have words.
func (t *town) circle(name string, size int, known bool, words ...string) []tie.Person {
	all := make([]tie.Person, size)
	for i := range all {
		all[i] = t.person(fmt.Sprintf("%s%d", name, i), known)
		t.m.Words[all[i]] = append([]string{"cup", "hello"}, words...)
		for range min(i, 3) {
			t.act(all[i], all[t.r.IntN(i)], 1, t.r.Float64()*80)
		}
	}
	return all
}

func (t *town) draw(tb testing.TB) *Portrait {
	tb.Helper()
	t.m.Log.Sort()
	p, err := Draw(t.m, DrawOptions{})
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// arno is a town with a home, two circles that do not know the company, one carrier into the first and two into the second.
func arno(seed uint64) *town {
	t := newTown(seed)
	home := t.circle("home", 40, true, "terracotta")
	for _, p := range home {
		for range 1 + t.r.IntN(3) {
			t.act(p, Us, 1, t.r.Float64()*200)
		}
	}
	tables := t.circle("tables", 70, false, "#tavola", "#tavola", "tovaglia")
	lake := t.circle("lake", 30, false, "lago")
	elena, nadia, piero := home[3], home[7], home[11]
	t.n["elena"], t.n["nadia"], t.n["piero"] = elena, nadia, piero
	for i := range 25 {
		t.act(tables[i], elena, 2, t.r.Float64()*85)
	}
	for i := range 8 {
		t.act(lake[i], nadia, 2, t.r.Float64()*85)
	}
	for i := range 5 {
		t.act(lake[10+i], piero, 1, t.r.Float64()*85)
	}
	for range 30 {
		t.act(nadia, Us, 1, t.r.Float64()*85)
	}
	return t
}

func (t *town) id(name string) audience.PersonID { return t.m.Actors[t.n[name]].Person }

func TestDrawFindsWhatWasPlanted(t *testing.T) {
	t.Parallel()
	town := arno(1)
	p := town.draw(t)
	v, ok := p.View(90)
	if !ok || v.Days != 90 || len(v.Circles) != 3 {
		t.Fatalf("%+v", v)
	}
	tables, home, lake := v.Circles[0], v.Circles[1], v.Circles[2]
	// Who leads into a circle belongs to it as much as to home.
	if tables.People < 70 || tables.People > 71 || tables.Know > 1 || tables.Ours() || lake.People < 30 || lake.People > 32 {
		t.Errorf("tables %+v, lake %+v", tables, lake)
	}
	if v.Home != 1 || home.People < 37 || home.Know != home.People || !home.Ours() {
		t.Errorf("home %+v", home)
	}
	if len(tables.Words) == 0 || tables.Words[0] != "#tavola" || len(lake.Words) == 0 || lake.Words[0] != "lago" {
		t.Errorf("words %v %v", tables.Words, lake.Words)
	}
	if want := []Carrier{{Person: town.id("elena"), To: 25, Acts: 25}}; !reflect.DeepEqual(tables.Carriers, want) {
		t.Errorf("%+v", tables.Carriers)
	}
	if len(lake.Carriers) != 2 || lake.Carriers[0].Person != town.id("nadia") || lake.Carriers[0].To != 8 || lake.Carriers[1].Person != town.id("piero") {
		t.Errorf("%+v", lake.Carriers)
	}
	if b := v.Bridges[0]; b.Person != town.id("elena") || b.From != 1 || b.To != 0 || b.Ties != 25 || !b.Only {
		t.Errorf("%+v", b)
	}
}

func TestAdviceNamesWhoLeadsToNewPeople(t *testing.T) {
	t.Parallel()
	town := arno(2)
	p := town.draw(t)
	if len(p.Advice.Picks) == 0 || p.Advice.Picks[0].Person != town.id("elena") {
		t.Fatalf("%+v", p.Advice)
	}
	first := p.Advice.Picks[0]
	if first.Circle != 0 || !first.Only || first.Audience < 25 || first.Expected.Expected <= 0 {
		t.Errorf("%+v", first)
	}
	for _, x := range p.Advice.Picks {
		if x.Person == "" {
			t.Errorf("somebody without a name is advised: %+v", x)
		}
	}
	// Those who know the company already do not count: when all of her audience does, another one is first.
	known := arno(2)
	for i := range known.m.Actors {
		if i != 0 && slices.ContainsFunc(known.m.Log.Events, func(e tie.Event) bool { return e.Actor == tie.Person(i) && e.Target == known.n["elena"] }) {
			known.m.Actors[i].Knows = true
		}
	}
	if q := known.draw(t); len(q.Advice.Picks) == 0 || q.Advice.Picks[0].Person == town.id("elena") {
		t.Errorf("who is reached already still counts: %+v", q.Advice.Picks)
	}
	// Who was asked twice of late is left alone.
	tired := arno(2)
	for _, days := range []int{3, 12} {
		tired.m.Involved = append(tired.m.Involved, tie.Involvement{Person: tired.n["elena"], At: noon.AddDate(0, 0, -days).Unix()})
	}
	for _, x := range tired.draw(t).Advice.Picks {
		if x.Person == tired.id("elena") {
			t.Error("who was asked twice is asked again")
		}
	}
	// Machines are nobody.
	machine := arno(2)
	machine.m.Actors[machine.n["elena"]].Bot = true
	for _, x := range machine.draw(t).Advice.Picks {
		if x.Person == machine.id("elena") {
			t.Error("a machine is advised")
		}
	}
}

func TestPortraitOfTooFew(t *testing.T) {
	t.Parallel()
	town := newTown(1)
	for _, p := range town.circle("few", 4, true) {
		town.act(p, Us, 1, 3)
	}
	p := town.draw(t)
	if !p.Short() || p.People != 4 || len(p.Views) != 0 || len(p.Advice.Picks) != 0 {
		t.Errorf("%+v", p)
	}
	if q := newTown(9).draw(t); !q.Short() || q.People != 0 {
		t.Errorf("%+v", q)
	}
}

func TestCoolingFriends(t *testing.T) {
	t.Parallel()
	town := arno(3)
	friend, steady, fresh := town.person("friend", true), town.person("steady", true), town.person("fresh", true)
	for day := 61; day < 180; day += 8 {
		town.act(friend, Us, 1, float64(day))
	}
	for day := 2; day < 180; day += 8 {
		town.act(steady, Us, 1, float64(day))
	}
	for day := 2; day < 50; day += 4 {
		town.act(fresh, Us, 1, float64(day))
	}
	town.act(steady, Us, 1, 250)
	p := town.draw(t)
	if p.Cooling.Early || len(p.Cooling.Friends) != 1 {
		t.Fatalf("%+v", p.Cooling)
	}
	if f := p.Cooling.Friends[0]; f.Person != town.id("friend") || f.Before != 15 || f.Recent != 0 || f.Chance > 0.01 {
		t.Errorf("%+v", f)
	}
	if !p.Ties[town.id("friend")].Cooling || p.Ties[town.id("steady")].Cooling {
		t.Error("the ties do not say so")
	}
	if p.Cooling.Checked < 2 || math.Abs(p.Cooling.ByChance-0.05*float64(p.Cooling.Checked)) > 1e-9 {
		t.Errorf("%+v", p.Cooling)
	}
}

// With people who come as ever, no more seem to cool down than is said.
func TestCoolingIsSeldomByChance(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(6, 6))
	seem, checked := 0, 0
	for range 4000 {
		rate := 6 + r.Float64()*20 // in 180 days
		before, recent := 0, 0
		for at := r.ExpFloat64() / rate; at < 1; at += r.ExpFloat64() / rate {
			if at < 2.0/3 {
				before++
			} else {
				recent++
			}
		}
		if before < coolLeast {
			continue
		}
		checked++
		if atMost(recent, before+recent, 1.0/3) <= coolChance {
			seem++
		}
	}
	// That only those are looked at who came often before makes a few more.
	if float64(seem) > 1.5*coolChance*float64(checked) {
		t.Errorf("%d of %d", seem, checked)
	}
}

func TestDependence(t *testing.T) {
	t.Parallel()
	town := arno(4)
	for i := range 12 { // of whom the company hears by way of one alone
		p := town.person(fmt.Sprintf("behind%d", i), false)
		town.act(p, town.n["nadia"], 1, 5)
	}
	v, _ := town.draw(t).View(90)
	d := v.Depends
	if d.Few || d.Top[0].Person != town.id("nadia") || d.Top[0].Events < 30 || d.Top3 < d.Top[0].Events || d.Top10 < d.Top3 || d.Events < d.Top10 {
		t.Fatalf("%+v", d)
	}
	if d.Lost < 12 {
		t.Errorf("%d would be lost", d.Lost)
	}
	if !(d.Effective > 1) || d.Effective > float64(d.People) {
		t.Errorf("as many as %v of %d", d.Effective, d.People)
	}
	if len(d.Networks) != 1 || d.Networks[0].Events != d.Events {
		t.Errorf("%+v", d.Networks)
	}
}

// A portrait is kept as JSON, and comes back as it was.
func TestPortraitIsKept(t *testing.T) {
	t.Parallel()
	town := arno(5)
	want := town.draw(t)
	kept, err := portray(town.m)
	if err != nil {
		t.Fatal(err)
	}
	got, ok := ReadPortrait(Snapshot{Version: kept.Version, Blob: kept.Blob})
	if !ok {
		t.Fatal("it cannot be read")
	}
	a, _ := json.Marshal(want)
	b, _ := json.Marshal(got)
	if string(a) != string(b) {
		t.Error("it came back otherwise")
	}
	if len(kept.Advised) != len(want.Advice.Picks) || len(kept.Advised) == 0 || kept.Advised[0].Person != town.n["elena"] {
		t.Errorf("%+v", kept.Advised)
	}
	if _, ok := ReadPortrait(Snapshot{Version: kept.Version + 1, Blob: kept.Blob}); ok {
		t.Error("another form was read")
	}
}

// Who has which number in the log changes nothing that is said.
func TestDrawDoesNotKnowNumbers(t *testing.T) {
	t.Parallel()
	for seed := range uint64(5) {
		a := arno(seed + 10)
		want := a.draw(t)
		b := arno(seed + 10)
		b.m.Log.Sort()
		n := len(b.m.Actors)
		to := append([]int{0}, b.r.Perm(n-1)...)
		for i := 1; i < n; i++ {
			to[i]++
		}
		actors, names, words := make([]Actor, n), make([]string, n), make([][]string, n)
		for i := range n {
			actors[to[i]], names[to[i]], words[to[i]] = b.m.Actors[i], b.m.Log.Names[i], b.m.Words[i]
		}
		b.m.Actors, b.m.Log.Names, b.m.Words = actors, names, words
		for i, e := range b.m.Log.Events {
			b.m.Log.Events[i].Actor, b.m.Log.Events[i].Target = tie.Person(to[e.Actor]), tie.Person(to[e.Target])
		}
		got, err := Draw(b.m, DrawOptions{})
		if err != nil {
			t.Fatal(err)
		}
		x, _ := want.View(90)
		y, _ := got.View(90)
		if !reflect.DeepEqual(x, y) {
			t.Errorf("seed %d:\n%+v\n%+v", seed, x, y)
		}
		if !reflect.DeepEqual(want.Cooling, got.Cooling) {
			t.Errorf("seed %d: %+v %+v", seed, want.Cooling, got.Cooling)
		}
	}
}

// Everything that is said of ties has words in both languages.
func TestWhatIsSaidHasWords(t *testing.T) {
	t.Parallel()
	c, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	p := &Portrait{Cases: 412}
	var all []Say
	for class := tie.Unknown; class <= tie.Local; class++ {
		all = append(all, PersonTie{Class: class}.Kind())
	}
	for _, chance := range []float64{0, 0.3, 1} {
		all = append(all, p.Often(PersonTie{Chance: chance, Dated: true}), (&Portrait{}).Often(PersonTie{Chance: chance, Dated: true}))
	}
	all = append(all, p.Often(PersonTie{}))
	waits := func(f func(*inbox.Conversation)) *inbox.Conversation {
		c := &inbox.Conversation{State: inbox.Open, LastInAt: noon}
		f(c)
		return c
	}
	for _, last := range []*inbox.Conversation{nil, waits(func(*inbox.Conversation) {}), waits(func(c *inbox.Conversation) { c.Criticism = true }), waits(func(c *inbox.Conversation) { c.Question = true })} {
		for _, x := range []Pick{{Audience: 3}, {Only: true, New: 1, Audience: 4}, {Alone: 2, New: 2, Audience: 9, Class: tie.Weak}, {Shared: 2, SharedAt: noon, Asked: 1, Class: tie.Local}} {
			if r := reasons(p, x, last); len(r) == 0 || len(r) > 3 {
				t.Errorf("%d reasons", len(r))
			} else {
				all = append(all, r...)
			}
		}
	}
	l := Look{Portrait: p, Names: map[audience.PersonID]string{"a": "Ada", "b": "Bruno"}}
	for _, x := range []Circle{{Alone: true}, {People: 4, Know: 4}, {People: 4, Know: 3}, {People: 9}, {People: 9, Carriers: []Carrier{{Person: "a"}}, Carrying: 1}, {People: 9, Carriers: []Carrier{{Person: "a"}, {Person: "b"}}, Carrying: 2}, {People: 9, Carriers: []Carrier{{Person: "a"}}, Carrying: 7}} {
		all = append(all, l.Carried(x))
	}
	for _, lang := range i18n.Langs {
		w := c.For(lang)
		for _, s := range all {
			if text := s.In(w, noon); text == "" || strings.ContainsAny(text, "[]{}<") {
				t.Errorf("%s in %s: %q", s.Key, lang, text)
			}
		}
		v := View{Circles: []Circle{{Alone: true}, {Words: []string{"#cup"}}, {Words: []string{"cup", "lid"}}, {Words: []string{"cup"}}, {Heart: "a"}, {}}}
		for n := range v.Circles {
			if text := l.CircleName(w, v, n); text == "" || strings.ContainsAny(text, "[]{}<") {
				t.Errorf("circle %d in %s: %q", n, lang, text)
			}
		}
	}
}

// The classes that are frozen for a post are those that a portrait of the same moment shows.
func TestFrozenAndShownClassesAreOne(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		town := arno(seed)
		// A machine that answers everybody would make all of them share somebody.
		bot := town.person("bot", true)
		town.m.Actors[bot].Bot = true
		for p := range town.m.Actors {
			town.act(bot, tie.Person(p), 1, 3)
		}
		// Ids in another order than people came.
		for p := range town.m.Actors {
			if tie.Person(p) != Us {
				town.m.Actors[p].ID = ActorID(fmt.Sprintf("rac_%05d", (p*7919)%10007))
			}
		}
		p := town.draw(t)
		classes, err := town.m.Classes()
		if err != nil {
			t.Fatal(err)
		}
		kinds, shown := map[tie.Class]int{}, 0
		for who, class := range classes {
			a := town.m.Actors[who]
			if a.Bot || who == Us {
				t.Errorf("a machine, or the company itself, is %s", class)
			}
			if !a.Known() {
				continue
			}
			shown++
			kinds[class]++
			if got := p.Ties[a.Person].Class; got != class {
				t.Errorf("seed %d: %s is shown as %s and frozen as %s", seed, a.Name, got, class)
			}
		}
		if shown != len(p.Ties) || len(kinds) < 3 {
			t.Errorf("%d of %d ties, %v", shown, len(p.Ties), kinds)
		}
	}
}
