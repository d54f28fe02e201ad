package presence_test

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/presence"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/writing"
)

// frac is what a share must be.
type frac struct{ n, of int }

// recount counts everything again from what was planted, in the plainest way.
func recount(b *bed, all []told, from, to time.Time) (shares map[presence.Key]frac, waits map[presence.Key][]time.Duration, gap int) {
	shares, waits = map[presence.Key]frac{}, map[presence.Key][]time.Duration{}
	count := func(k presence.Key, yes bool) {
		f := shares[k]
		f.of++
		if yes {
			f.n++
		}
		shares[k] = f
	}
	add := func(k presence.Key, n, of int) { shares[k] = frac{shares[k].n + n, shares[k].of + of} }
	within := func(x told) bool { return !x.at.Before(from) && x.at.Before(to) }
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b told) int { return a.at.Compare(b.at) })
	const day = 24 * time.Hour
	weeks := int((to.Sub(from) + 7*day - 1) / (7 * day))
	alive := map[int]bool{}
	last, longest := from, time.Duration(-1)
	firstOf, wrote := map[string]time.Time{}, map[string]bool{}
	for _, x := range all {
		if _, ok := firstOf[x.who]; !ok && x.who != "" {
			firstOf[x.who] = x.at
		}
		if !within(x) {
			continue
		}
		switch {
		case x.who == "" && x.public:
			alive[int((to.Sub(x.at)-time.Microsecond)/(7*day))] = true
			longest, last = max(longest, x.at.Sub(last)), x.at
			add(presence.Self, x.ours, x.sentences)
			add(presence.Praise, x.praise, x.sentences)
			count(presence.Replies, x.parent != "")
			if x.parent == "" {
				count(presence.Asking, x.asks > 0)
				count(presence.Site, x.site)
				count(presence.Elsewhere, x.away)
				if x.asks > 0 {
					count(presence.Heard, slices.ContainsFunc(all, func(y told) bool { return y.who != "" && y.parent == x.id && !y.gone }))
				}
			}
		case x.who != "":
			if !x.gone {
				wrote[x.who] = true
			}
			if !x.public {
				continue
			}
			count(presence.Critical, x.critical)
			if x.critical {
				faced := slices.ContainsFunc(all, func(y told) bool { return y.who == "" && y.public && y.talk == x.talk && !y.at.Before(x.at) })
				count(presence.Withdrew, x.gone)
				if faced || b.Clock.Now().Sub(x.at) >= 2*day {
					count(presence.Faced, faced)
					count(presence.Ignored, !faced && !x.gone)
				}
			}
		}
	}
	longest = max(longest, to.Sub(last))
	shares[presence.Weeks] = frac{len(alive), weeks}
	answers := map[string]int{}
	talks := map[string][]told{}
	for _, x := range all {
		if x.talk != "" {
			talks[x.talk] = append(talks[x.talk], x)
		}
	}
	for _, xs := range talks {
		var open *told
		asks, answered := false, false
		end := func(by *told) {
			if open == nil {
				return
			}
			defer func() { open = nil }()
			if !within(*open) || by == nil && b.Clock.Now().Sub(open.at) < 2*day {
				return
			}
			count(presence.Taken, by != nil)
			if asks {
				count(presence.Asked, by != nil)
			}
			if by == nil {
				return
			}
			took := by.at.Sub(open.at)
			answers[open.who]++
			waits[presence.Wait] = append(waits[presence.Wait], took)
			k := presence.WaitOut
			if b.Company.Settings.Hours.Open(open.at, b.Company.Location()) {
				k = presence.WaitIn
			}
			waits[k] = append(waits[k], took)
		}
		for i := range xs {
			x := &xs[i]
			switch {
			case x.who == "":
				end(x)
				answered = true
			case x.gone:
			case open != nil:
				asks = asks || x.asks > 0
			case !answered || x.asks > 0 || x.critical:
				open, asks = x, x.asks > 0
			}
		}
		end(nil)
	}
	var counts []int
	for who := range wrote {
		count(presence.People, answers[who] > 0)
		count(presence.Fresh, !firstOf[who].Before(from))
	}
	for _, n := range answers {
		counts = append(counts, n)
	}
	slices.SortFunc(counts, func(a, b int) int { return cmp.Compare(b, a) })
	for i, n := range counts {
		if i < 3 {
			add(presence.Three, n, 0)
		}
		add(presence.Three, 0, n)
	}
	return shares, waits, int(longest / day)
}

func check(t *testing.T, b *bed, all []told, v presence.View) {
	t.Helper()
	from := v.From
	shares, waits, gap := recount(b, all, from, v.To)
	for _, th := range presence.Themes {
		for _, k := range th.Keys {
			f := v.Figure(k)
			switch {
			case k == presence.Circles || k == presence.Register || k.Level():
			case k == presence.Fresh && v.Weeks == 0: // everybody is new to all of the past
				if !f.Few || f.Of != 0 {
					t.Errorf("new to all of the past: %+v", f)
				}
			case k == presence.Gap:
				if f.N != gap {
					t.Errorf("%d weeks, %s: %d days, not %d", v.Weeks, k, f.N, gap)
				}
			case k.Span():
				ws := slices.Sorted(slices.Values(waits[k]))
				if f.Of != len(ws) {
					t.Errorf("%d weeks, %s: of %d, not %d", v.Weeks, k, f.Of, len(ws))
				} else if len(ws) > 0 && (f.Median != ws[(len(ws)-1)/2] || f.Ninth != ws[(9*len(ws)+9)/10-1]) {
					t.Errorf("%d weeks, %s: %s and %s", v.Weeks, k, f.Median, f.Ninth)
				}
			default:
				if w := shares[k]; f.N != w.n || f.Of != w.of {
					t.Errorf("%d weeks, %s: %d of %d, not %d of %d", v.Weeks, k, f.N, f.Of, w.n, w.of)
				}
			}
			if !k.Share() && f.Few != (f.Of < presence.Least(k)) && !k.Level() {
				t.Errorf("%s of %d is few: %t", k, f.Of, f.Few)
			}
		}
	}
	if v.Before.IsZero() != (v.Figure(presence.Self).Before == nil) {
		t.Errorf("%d weeks: before %s, %+v", v.Weeks, v.Before, v.Figure(presence.Self).Before)
	}
	if !v.Before.IsZero() {
		then, _, _ := recount(b, all, v.Before, v.From)
		for _, k := range []presence.Key{presence.Self, presence.Taken, presence.Weeks, presence.Faced, presence.Fresh} {
			if f := v.Figure(k).Before; f.N != then[k].n || f.Of != then[k].of {
				t.Errorf("%d weeks, before, %s: %d of %d, not %+v", v.Weeks, k, f.N, f.Of, then[k])
			}
		}
	}
	n, of := 0, 0
	for _, p := range v.Figure(presence.Self).Series {
		n, of = n+p.N, of+p.Of
	}
	if f := v.Figure(presence.Self); len(f.Series) > 0 && (n != f.N || of != f.Of) {
		t.Errorf("%d weeks: the parts of the time add up to %d of %d", v.Weeks, n, of)
	}
}

// Every figure is what one gets when counting what was planted in the plainest way, over every period, on both databases.
func TestEveryFigure(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := newBed(t, s)
		all := b.plant(7, 60)
		p := b.drawn()
		if p.Said != len(all) || p.Short() || p.Ended || len(p.Views) != 4 || p.Usual() != 52 {
			t.Fatalf("said %d of %d, %d views, usual %d, ended %t", p.Said, len(all), len(p.Views), p.Usual(), p.Ended)
		}
		for _, v := range p.Views {
			check(t, b, all, v)
		}
		// What examples point at is there, and is what it is said to be.
		v, _ := p.View("", 0)
		checkExamples(t, b, all, v)
		for _, l := range v.Lines() {
			if l.Say.Key == "" || l.Why.Key == "" {
				t.Errorf("%+v", l)
			}
		}
	})
}

func checkExamples(t *testing.T, b *bed, all []told, v presence.View) {
	t.Helper()
	byID := map[string]told{}
	for _, x := range all {
		byID[x.id] = x
	}
	seen := 0
	for k, f := range v.Figures {
		if f.N > 0 && len(f.Examples) == 0 && k != presence.Circles && k != presence.Praise {
			t.Errorf("%s has no example", k)
		}
		for _, e := range f.Examples {
			s, err := b.Presence.Open(t.Context(), b.Actor(team.Community), e.ID)
			if err != nil {
				t.Fatalf("%s: %v", k, err)
			}
			seen++
			x := byID[s.Interaction.RemoteID]
			switch {
			case k == presence.Self && (x.who != "" || x.ours == 0 || e.End > len(x.text) || e.Start >= e.End),
				k == presence.Critical && !x.critical,
				k == presence.Asking && (x.who != "" || x.asks == 0 || x.parent != ""),
				k == presence.Site && !x.site,
				k == presence.Withdrew && !x.gone,
				k == presence.Replies && e.Role == presence.IsPost && x.parent != "":
				t.Errorf("%s as %s: %+v", k, e.Role, x)
			}
		}
	}
	if seen < 20 {
		t.Errorf("only %d examples", seen)
	}
}

// A text is measured beside theirs: the same formulas over the same words give the same.
func TestLevels(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := newBed(t, s)
		const hard = "La straordinaria conformazione geomorfologica dell’impasto ceramico determina inequivocabilmente caratteristiche organolettiche differenziate e particolarmente apprezzabili."
		const easy = "Il blu mi piace. La tazza è bella. Il caldo resta."
		for i := range 40 {
			at := b.Clock.Now().Add(-time.Duration(i+1) * 12 * time.Hour)
			post := b.say("", "", hard+" Portate la vostra tazza.", at, network.Public)
			b.say("ada", post, easy, at.Add(time.Hour), network.Public)
			b.say("bob", "", "Puoi dirmi quando apre? Il tuo negozio è bello.", at.Add(time.Hour), network.Public)
		}
		b.bring()
		v, _ := b.drawn().View("", 0)
		want := func(text string, times int) (float64, float64, int) {
			var sentences, words, letters int
			for _, x := range writing.Measure(writing.Text{Body: text, Language: "it"}).Sentences {
				sentences, words, letters = sentences+times, words+times*x.Words, letters+times*x.Letters
			}
			ease, _ := writing.Ease("it", sentences, words, letters, 0)
			return ease, float64(words) / float64(sentences), words
		}
		ease, length, words := want(hard+" Portate la vostra tazza.", 40)
		if f := v.Figure(presence.Ease); f.Few || f.Ours != ease || f.Of != words || f.Language != "it" || f.Theirs <= f.Ours {
			t.Errorf("ease %+v, not %v of %d", f, ease, words)
		}
		if f := v.Figure(presence.Length); f.Ours != length || f.Theirs >= f.Ours {
			t.Errorf("length %+v, not %v", f, length)
		}
		if f := v.Figure(presence.Register); f.OurWays != [3]int{0, 40, 0} || f.TheirWays[0] != 40 || f.N != 40 {
			t.Errorf("register %+v", f)
		}
		for _, e := range v.Figure(presence.Ease).Examples {
			said, err := b.Presence.Open(t.Context(), b.Actor(team.Owner), e.ID)
			b.ok(err)
			if got := said.Interaction.Text[e.Start:e.End]; got != hard {
				t.Errorf("the hardest sentence is %q", got)
			}
		}
	})
}

// A company whose history came from an export alone has a portrait; it ends where the export does, and each channel has its own.
func TestArchiveAlone(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := newBed(t, s)
		ctx, owner := t.Context(), b.Actor(team.Owner)
		_, err := b.Networks.Disconnect(ctx, owner, b.Channel.ID)
		b.ok(err)
		ch, err := b.Networks.OpenArchive(ctx, owner, network.ArchiveIn{Network: "facebook", Account: network.Account{RemoteID: "1", Handle: "arno", Name: "Ceramiche Arno"}})
		b.ok(err)
		end := b.Clock.Now().AddDate(-1, 0, 0).Truncate(time.Second)
		for i := range 30 {
			at := end.Add(-time.Duration(30-i) * 24 * time.Hour)
			post := b.say("", "", "Noi facciamo tazze.", at, network.Public)
			first := b.say("ada", post, "Quando apre il negozio?", at.Add(time.Hour), network.Public)
			if i%2 == 0 {
				b.say("", first, "Domani alle nove.", at.Add(3*time.Hour), network.Public)
			}
		}
		_, err = b.Networks.IngestArchive(ctx, ch, b.items, nil)
		b.ok(err)
		p := b.drawn()
		if !p.Ended || p.Until.After(end) || p.Short() {
			t.Fatalf("ended %t, until %s", p.Ended, p.Until)
		}
		v, ok := p.View("", 0)
		if !ok || len(p.Channels()) != 0 { // one channel is all of them
			t.Fatalf("%v %v", ok, p.Channels())
		}
		// The last one is left, and has waited for less than two days when the export ends.
		for k, want := range map[presence.Key]frac{presence.Taken: {15, 29}, presence.Self: {30, 45}, presence.Asked: {15, 29}, presence.Replies: {15, 45}, presence.People: {1, 1}} {
			if f := v.Figure(k); f.N != want.n || f.Of != want.of {
				t.Errorf("%s: %d of %d, not %+v", k, f.N, f.Of, want)
			}
		}
		if f := v.Figure(presence.Wait); f.Median != 2*time.Hour || f.Ninth != 2*time.Hour || f.Of != 15 {
			t.Errorf("%+v", f)
		}
	})
}

// Who was erased is in no figure any more, and until the next portrait there is none.
func TestErasure(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := newBed(t, s)
		ctx, owner := t.Context(), b.Actor(team.Owner)
		for i := range 12 {
			at := b.Clock.Now().Add(-time.Duration(i+3) * 24 * time.Hour)
			post := b.say("", "", "Il blu viene dal cobalto.", at, network.Public)
			for _, who := range []string{"ada", "bob"} {
				b.say("", b.say(who, post, "Quando apre?", at.Add(time.Hour), network.Public), "Domani.", at.Add(2*time.Hour), network.Public)
			}
		}
		b.bring()
		before, _ := b.drawn().View("", 0)
		if f := before.Figure(presence.People); f.N != 2 || f.Of != 2 {
			t.Fatalf("%+v", f)
		}
		people, _, err := b.Audience.Find(ctx, owner, "ada", "", 10)
		b.ok(err)
		_, err = b.Audience.Erase(ctx, owner, people[0].ID, audience.EraseIn{Name: people[0].Name})
		b.ok(err)
		if p, err := b.Presence.Portrait(ctx, owner); err != nil || p != nil {
			t.Errorf("a portrait with them is still there: %v, %v", p, err)
		}
		after, _ := b.drawn().View("", 0)
		if f := after.Figure(presence.People); f.N != 1 || f.Of != 1 {
			t.Errorf("afterwards %+v", f)
		}
		if f, g := before.Figure(presence.Asked), after.Figure(presence.Asked); f.Of != 24 || g.Of != 12 {
			t.Errorf("asked: %d, then %d", f.Of, g.Of)
		}
		progress, err := b.Presence.Progress(ctx, owner)
		if err != nil || progress.Drawn.IsZero() || progress.Stage != presence.Idle {
			t.Errorf("%+v, %v", progress, err)
		}
	})
}

// A portrait is asked for, drawn and told of; when it is drawn by itself follows from what came in.
func TestWork(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := newBed(t, s)
		ctx, owner := t.Context(), b.Actor(team.Owner)
		due := func() bool {
			t.Helper()
			ok, err := b.Presence.Due(ctx, b.Company.ID)
			b.ok(err)
			return ok
		}
		if p := b.drawn(); !p.Short() || len(p.Views) != 0 || due() {
			t.Errorf("of nothing: %+v", p)
		}
		b.Clock.Advance(time.Minute)
		for i := range 20 {
			b.say("", "", "Il blu viene dal cobalto.", b.Clock.Now().Add(-time.Duration(i)*time.Hour), network.Public)
		}
		b.bring()
		if due() {
			t.Error("it is drawn while a history comes in")
		}
		b.Clock.Advance(11 * time.Minute)
		if !due() {
			t.Error("it is not drawn when a history has come in")
		}
		b.ok(b.Presence.Refresh(ctx, owner))
		progress, err := b.Presence.Progress(ctx, owner)
		if err != nil || progress.Stage != presence.Waiting || progress.Asked.IsZero() {
			t.Errorf("%+v, %v", progress, err)
		}
		b.Clock.Advance(time.Second)
		if p := b.drawn(); p.Short() || p.Ours != 20 || due() {
			t.Errorf("%+v, due %t", p, due())
		}
		b.Clock.Advance(5 * 24 * time.Hour)
		b.Clock.Set(time.Date(b.Clock.Now().Year(), b.Clock.Now().Month(), b.Clock.Now().Day(), 12, 0, 0, 0, time.UTC))
		b.items = nil
		b.say("ada", "", "Quando apre?", b.Clock.Now(), network.Public)
		b.bring()
		b.Clock.Advance(time.Hour)
		if due() {
			t.Error("what is a day old is drawn at noon")
		}
		b.Clock.Set(time.Date(b.Clock.Now().Year(), b.Clock.Now().Month(), b.Clock.Now().Day()+1, 2, 30, 0, 0, time.UTC))
		if !due() {
			t.Error("it is not drawn at night")
		}
		if _, err := b.Presence.Portrait(ctx, b.Actor(team.Contributor)); fault.KindOf(err) != fault.Denied {
			t.Errorf("a contributor: %v", err)
		}
		if err := b.Presence.Refresh(ctx, b.Actor(team.Contributor)); fault.KindOf(err) != fault.Denied {
			t.Errorf("a contributor: %v", err)
		}
		if _, err := b.Presence.Open(ctx, owner, inbox.InteractionID("nothing")); fault.KindOf(err) != fault.NotFound {
			t.Errorf("nothing: %v", err)
		}
	})
}
