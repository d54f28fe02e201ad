package reach_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/reach"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/tie"
)

func events(m *reach.Material, kind string) (out []string) {
	for _, l := range told(m) {
		if f := strings.Fields(l); f[0] != "actor" && (kind == "" || f[1] == kind) {
			out = append(out, strings.Join(f[:3], " "))
		}
	}
	return out
}

// What people do comes into the ties in whatever order it is brought, once.
func TestWhatComesInMakesTies(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := newBed(t, s)
		post := b.Post("Il forno è acceso #ceramica")
		b.later()
		q := b.reply("ada", post, "Che bello il blu cobalto #ceramica")
		b.reply("bob", q, "Anche secondo me @carla")
		b.share("bob", post)
		b.ok(b.Stranger("dora").Follow(t.Context()))
		b.Stranger("carla") // she has an account and says nothing to us
		b.mention("ada", "e il verde smeraldo?")
		b.fed()
		b.ok(b.Reach.Feed(t.Context(), b.Company.ID))
		want := []string{"ada mention us", "ada reply us", "bob reply ada", "bob reply us", "bob share us", "dora follow us"}
		m := b.material()
		got := slices.DeleteFunc(events(m, ""), func(s string) bool { return strings.Contains(s, "named") })
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
		ada := b.actor(m, "ada")
		if !slices.Contains(m.Words[ada], "#ceramica") || !slices.Contains(m.Words[ada], "smeraldo") || m.Actors[ada].Person != b.person("ada").ID {
			t.Errorf("%+v %q", m.Actors[ada], m.Words[ada])
		}
		if a := m.Actors[b.actor(m, "dora")]; !a.Follows || !a.Knows || a.Reached.IsZero() {
			t.Errorf("%+v", a)
		}
		// What was known before the post went out is nothing.
		early := must[*reach.Material](t)(b.Reach.Material(t.Context(), b.Company.ID, b.Clock.Now().Add(-90*time.Minute)))
		if len(early.Log.Events) != 0 {
			t.Errorf("%v", told(early))
		}
		// What is taken back is no tie any more; people who are merged are one.
		b.ok(b.Stranger("bob").Delete(t.Context(), q))
		b.Refresh(q)
		must[audience.MergeID](t)(b.Audience.MergePeople(t.Context(), b.Actor(team.Owner), b.person("bob").ID, b.person("dora").ID))
		b.ok(b.Reach.Feed(t.Context(), b.Company.ID))
		m = b.material()
		if slices.Contains(events(m, ""), "ada reply us") || m.Actors[b.actor(m, "bob")].Follows != true {
			t.Errorf("%v", told(m))
		}
	})
}

// Everything that was there before the ties were built is gone through, and broken off anywhere it goes on.
func TestThePastIsGoneThrough(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := newBed(t, s)
		post := b.Post("ciao")
		for i := range 450 {
			b.reply([]string{"ada", "bob", "carla"}[i%3], post, "una domanda")
		}
		b.Read()
		b.ok(s.InTx(t.Context(), reach.ForgetInbound)) // as if all of it were from before
		b.ok(b.Reach.Feed(t.Context(), b.Company.ID))
		if n := len(events(b.material(), "reply")); n != 450 {
			t.Errorf("%d of 450", n)
		}
	})
}

// circle plants people who follow and answer each other.
func (b *bed) circle(names ...string) {
	b.t.Helper()
	for _, x := range names {
		for _, y := range names {
			if x != y {
				b.ok(b.Fake.Stranger(x, y).FollowWho(y))
			}
		}
	}
}

func TestListsAreRead(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		b := newBed(t, s)
		b.circle("ada", "uno", "due", "tre")
		post := b.Post("ciao")
		b.reply("ada", post, "ciao a voi")
		b.fed()
		b.ok(b.Stranger("zoe").Follow(ctx))
		b.ok(b.Stranger("zoe").Like(ctx, post)) // the channel is not read after this: the list alone tells
		b.collect()
		m := b.material()
		ada := m.Actors[b.actor(m, "ada")]
		if m.Lists != 1 || m.Listable != 1 || !ada.Known() {
			t.Errorf("lists %d of %d, %+v", m.Lists, m.Listable, ada)
		}
		want := []string{"ada follow somebody", "ada follow somebody", "ada follow somebody", "somebody follow ada", "somebody follow ada", "somebody follow ada", "somebody follow us"}
		if diff := cmp.Diff(want, events(m, "follow")); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"somebody like us"}, events(m, "like")); diff != "" {
			t.Error(diff)
		}
		for _, a := range m.Actors[1:] {
			if a.Person == "" && (a.Name != "" || a.Handle != "") {
				t.Errorf("a stranger has a name: %+v", a)
			}
		}
		calls := b.Fake.Calls(networktest.CallPeople)
		b.collect()
		if n := b.Fake.Calls(networktest.CallPeople); n != calls {
			t.Errorf("what was read just now was read again: %d calls", n-calls)
		}
		// The same told by the network later is the same.
		b.fed()
		if diff := cmp.Diff([]string{"zoe like us"}, events(b.material(), "like")); diff != "" {
			t.Error(diff)
		}
		// Who is not seen for long is taken off; who is switched off goes at once.
		b.Clock.Advance(91 * 24 * time.Hour)
		b.Fake.Inject(networktest.Fault{Call: networktest.CallPeople, Way: networktest.TooMany, RetryAfter: time.Hour})
		if wait := must[time.Duration](t)(b.Reach.Collect(ctx, b.Company.ID, b.Channel.ID)); wait < 30*time.Minute {
			t.Errorf("after a 429 it goes on after %s", wait)
		}
		if n := events(b.material(), "follow"); len(n) != 1 {
			t.Errorf("still %v", n)
		}
		b.Clock.Advance(2 * time.Hour)
		b.collect()
		b.ok(b.Reach.Draw(ctx, b.Company.ID))
		if c := must[reach.Collected](t)(b.Reach.Collected(ctx, b.Actor(team.Guest))); c.Lists == 0 || c.Follows < 6 {
			t.Errorf("collected %+v", c)
		}
		b.ok(b.Reach.ChangeSettings(ctx, b.Actor(team.Owner), reach.Settings{Collect: false, Hold: 20}))
		if c := must[reach.Collected](t)(b.Reach.Collected(ctx, b.Actor(team.Guest))); c != (reach.Collected{}) {
			t.Errorf("not forgotten: %+v", c)
		}
		if p := must[reach.Progress](t)(b.Reach.Progress(ctx, b.Actor(team.Owner))); p.Stage != reach.Waiting {
			t.Errorf("the portrait still shows the lists, and none is asked for: %+v", p)
		}
		m = b.material()
		if n := events(m, "follow"); len(n) != 1 || len(m.Actors) != 3 {
			t.Errorf("%v, %d actors", n, len(m.Actors))
		}
		calls = b.Fake.Calls(networktest.CallPeople)
		b.collect()
		if n := b.Fake.Calls(networktest.CallPeople); n != calls {
			t.Error("a company that does not want it has lists read")
		}
	})
}

// story has a few weeks happen, with or without one of the people in it.
func (b *bed) story(with bool) {
	ctx := b.t.Context()
	pia := func(f func()) {
		if with {
			f()
		} else {
			b.Clock.Advance(time.Minute)
		}
	}
	b.circle("ada", "bob", "carla")
	b.circle("dora", "elio", "fabio")
	for week := range 5 {
		post := b.Post("lettera")
		b.later()
		a := b.reply("ada", post, "che bella tazza #ceramica")
		b.reply("bob", a, "concordo sulla ceramica")
		b.reply("carla", post, "quando riaprite il laboratorio")
		pia(func() { b.reply("pia", post, "vengo anche io zqxjzq") })
		b.share("dora", post)
		b.reply("elio", post, "arrivo da dora")
		if week > 2 {
			b.share("fabio", post)
		}
		b.Clock.Advance(6 * 24 * time.Hour)
	}
	if with {
		b.ok(b.Fake.Stranger("pia", "ada").FollowWho("ada"))
		b.ok(b.Fake.Stranger("pia", "dora").FollowWho("dora"))
		b.ok(b.Fake.Stranger("ada", "pia").FollowWho("pia"))
	}
	b.fed()
	b.collect()
	b.ok(b.Reach.Draw(ctx, b.Company.ID))
}

// Afterwards everything is as if the person had never been there.
// A channel bears a dozen pages a minute and sixty an hour: asking again and again within the minute uses up nothing of the hour.
func TestAPageThatIsNotReadDoesNotCount(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := newBed(t, s)
		post := b.Post("ciao")
		for _, who := range []string{"ada", "bea", "cleo", "dora", "ester", "fede", "gaia", "ines"} {
			b.reply(who, post, "ciao a voi")
		}
		b.fed()
		var wait time.Duration
		for range 70 {
			wait = must[time.Duration](t)(b.Reach.Collect(t.Context(), b.Company.ID, b.Channel.ID))
		}
		if wait <= 0 || wait > time.Minute {
			t.Fatalf("it wants to go on after %s", wait)
		}
		calls := b.Fake.Calls(networktest.CallPeople)
		b.Clock.Advance(wait)
		must[time.Duration](t)(b.Reach.Collect(t.Context(), b.Company.ID, b.Channel.ID))
		if n := b.Fake.Calls(networktest.CallPeople); n <= calls {
			t.Errorf("after the minute nothing was read: %d calls", n)
		}
	})
}

// Who asks for a portrait while one is being drawn gets one that was begun after they asked.
func TestAskedWhileItIsDrawn(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		b := newBed(t, s)
		b.reply("ada", b.Post("ciao"), "ciao a voi")
		b.fed()
		b.Reach.SetDraw(func(*reach.Material) (reach.Drawn, error) {
			b.Clock.Advance(time.Second)
			return reach.Drawn{Blob: []byte(`{}`)}, b.Reach.Refresh(ctx, b.Actor(team.Owner))
		})
		b.ok(b.Reach.Draw(ctx, b.Company.ID))
		if p := must[reach.Progress](t)(b.Reach.Progress(ctx, b.Actor(team.Owner))); p.Stage != reach.Waiting || p.AskedAt.IsZero() {
			t.Errorf("what was asked for is forgotten: %+v", p)
		}
		b.Reach.SetDraw(func(*reach.Material) (reach.Drawn, error) { return reach.Drawn{Blob: []byte(`{}`)}, nil })
		b.Clock.Advance(time.Second)
		b.ok(b.Reach.Draw(ctx, b.Company.ID))
		if p := must[reach.Progress](t)(b.Reach.Progress(ctx, b.Actor(team.Owner))); p.Stage != reach.Idle || !p.AskedAt.IsZero() {
			t.Errorf("it is drawn and still asked for: %+v", p)
		}
	})
}

// What comes in while a portrait is drawn is not in it, and is not forgotten either.
func TestNewsWhileItIsDrawn(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		b := newBed(t, s)
		post := b.Post("ciao")
		b.reply("ada", post, "ciao a voi")
		b.fed()
		news := func() time.Time { return must[reach.Progress](t)(b.Reach.Progress(ctx, b.Actor(team.Owner))).NewsAt }
		if news().IsZero() {
			t.Fatal("there is nothing new before the first portrait")
		}
		b.Reach.SetDraw(func(m *reach.Material) (reach.Drawn, error) {
			b.reply("bob", post, "ci sono anche io")
			b.fed()
			return reach.Drawn{Blob: []byte(`{}`)}, nil
		})
		b.ok(b.Reach.Draw(ctx, b.Company.ID))
		if news().IsZero() {
			t.Error("what bob wrote is in no portrait, and nothing says so")
		}
		b.Reach.SetDraw(func(*reach.Material) (reach.Drawn, error) { return reach.Drawn{Blob: []byte(`{}`)}, nil })
		b.Clock.Advance(time.Second)
		b.ok(b.Reach.Draw(ctx, b.Company.ID))
		if at := news(); !at.IsZero() {
			t.Errorf("it is all drawn, and there is said to be news of %s", at)
		}
	})
}

func TestErasureLeavesWhatWouldBeWithoutThem(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		b := newBed(t, s)
		b.story(true)
		pia := b.person("pia")
		var sections []audience.Section
		bundle := must[*audience.Bundle](t)(b.Audience.Export(ctx, b.Actor(team.Owner), pia.ID))
		b.ok(bundle.Each(ctx, func(e audience.Entry) error { sections = append(sections, e.Section); return nil }))
		if !slices.Contains(sections, audience.SectionTies) {
			t.Errorf("the export has no ties: %v", sections)
		}
		cert := must[audience.Certificate](t)(b.Audience.Erase(ctx, b.Actor(team.Owner), pia.ID, audience.EraseIn{Name: pia.Name}))
		for cert.State != audience.ErasureDone {
			if more := must[bool](t)(b.Audience.Continue(ctx, cert.ID)); !more {
				break
			}
		}
		if cert.Erased[audience.ErasedTies] == 0 {
			t.Errorf("%v", cert.Erased)
		}
		if _, ok, err := b.Reach.LatestSnapshot(ctx, b.Actor(team.Owner)); ok || err != nil {
			t.Errorf("a portrait with them is still there: %v", err)
		}
		again := func(b *bed) *reach.Material {
			b.ok(b.Reach.Draw(ctx, b.Company.ID))
			b.Clock.Advance(8 * 24 * time.Hour)
			b.collect() // her account stands on the lists of others: it is not taken in again
			b.Read()
			b.ok(b.Reach.Draw(ctx, b.Company.ID))
			return b.material()
		}
		got := again(b)
		other := newBed(t, storetest.SQLite(t))
		other.story(false)
		want := again(other)
		if diff := cmp.Diff(told(want), told(got)); diff != "" {
			t.Errorf("without her (-), with her erased (+):\n%s", diff)
		}
		credits := func(b *bed) []reach.Credit {
			return must[[]reach.Credit](t)(b.Reach.Credits(ctx, b.Company.ID, time.Time{}))
		}
		if diff := cmp.Diff(credits(other), credits(b)); diff != "" {
			t.Errorf("credits: without her (-), with her erased (+):\n%s", diff)
		}
		if len(credits(b)) == 0 {
			t.Error("nothing was credited to anybody")
		}
		gc, wc := must[map[tie.Person]tie.Class](t)(got.Classes()), must[map[tie.Person]tie.Class](t)(want.Classes())
		for _, h := range []string{"ada", "bob", "carla", "dora", "elio", "fabio"} {
			if g, w := gc[b.actor(got, h)], wc[other.actor(want, h)]; g != w {
				t.Errorf("%s is %s, without her %s", h, g, w)
			}
		}
	})
}

// What a post brought cannot make its own carriers strong: the class is that of before.
func TestClassesAreFrozenAndCredited(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		b := newBed(t, s)
		first := b.Post("prima")
		b.reply("ada", first, "una sola volta")
		b.Clock.Advance(60 * 24 * time.Hour)
		post := b.Post("il forno è di nuovo acceso")
		b.later()
		b.share("ada", post)
		talk := b.reply("ada", post, "guardate che meraviglia")
		b.reply("nuovo", talk, "non la conoscevo") // came through her
		b.reply("solo", post, "sono capitato qui") // nobody knows how
		for range 10 {
			b.reply("ada", post, "ancora io")
		}
		b.fed()
		b.ok(b.Reach.Draw(ctx, b.Company.ID))
		places := []reach.PostAt{{Channel: b.Channel.ID, RemoteID: "nowhere"}, {Channel: b.Channel.ID, RemoteID: post}}
		got := must[reach.PostTies](t)(b.Reach.PostCredits(ctx, b.Actor(team.Guest), places))
		want := []reach.Credit{{Class: tie.Unknown, First: 1}, {Class: tie.Local, Shares: 1, First: 1}}
		if diff := cmp.Diff(want, got.Credits); diff != "" {
			t.Error(diff)
		}
		if !got.Seen || !got.Frozen || !got.Open || !got.Until.After(b.Clock.Now()) {
			t.Errorf("%+v", got)
		}
		if none := must[reach.PostTies](t)(b.Reach.PostCredits(ctx, b.Actor(team.Guest), places[:1])); none.Seen || none.Credits != nil {
			t.Errorf("of a post that nobody met: %+v", none)
		}
		if _, err := b.Reach.PostCredits(ctx, b.Actor(team.Contributor), places); fault.KindOf(err) != fault.Denied {
			t.Errorf("a contributor: %v", err)
		}
		m := b.material()
		now := must[map[tie.Person]tie.Class](t)(m.Classes())
		if c := now[b.actor(m, "ada")]; c.IsWeak() {
			t.Errorf("now she is %s: the test would pass without freezing", c)
		}
	})
}

func TestAdviceIsHeldBackFollowedAndMeasured(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		b := newBed(t, s)
		b.ok(b.Reach.ChangeSettings(ctx, b.Actor(team.Owner), reach.Settings{Collect: true, Hold: 50}))
		post := b.Post("ciao")
		var names []string
		for i := range 40 {
			names = append(names, "p"+string(rune('a'+i/26))+string(rune('a'+i%26)))
			b.reply(names[i], post, "buongiorno")
		}
		b.fed()
		b.Reach.SetDraw(func(m *reach.Material) (reach.Drawn, error) {
			d := reach.Drawn{Blob: []byte(`{}`), Version: 1}
			for _, n := range names {
				d.Advised = append(d.Advised, reach.Advised{Person: b.actor(m, n), Class: tie.Weak, Expected: tie.Interval{Low: 0, Expected: 2, High: 5}})
			}
			return d, nil
		})
		b.Clock.Advance(40 * 24 * time.Hour)
		b.ok(b.Reach.Draw(ctx, b.Company.ID))
		shown := must[[]reach.Suggestion](t)(b.Reach.Suggestions(ctx, b.Actor(team.Owner), reach.SuggestionsIn{Open: true}))
		all := must[[]reach.Suggestion](t)(b.Reach.Suggestions(ctx, b.Actor(team.Owner), reach.SuggestionsIn{Held: true}))
		if len(all) != 40 || len(shown) < 10 || len(shown) > 30 {
			t.Fatalf("%d of %d are shown", len(shown), len(all))
		}
		// The same again advises nobody twice.
		b.later()
		b.ok(b.Reach.Draw(ctx, b.Company.ID))
		if again := must[[]reach.Suggestion](t)(b.Reach.Suggestions(ctx, b.Actor(team.Owner), reach.SuggestionsIn{Held: true})); len(again) != 40 {
			t.Errorf("%d after another portrait", len(again))
		}
		// Everybody who is shown brings two people; the first is thanked in the inbox.
		handle := map[audience.PersonID]string{}
		for _, n := range names {
			handle[b.person(n).ID] = n
		}
		first := handle[shown[0].Person]
		list := must[inbox.List](t)(b.Inbox.List(ctx, b.Actor(team.Owner), inbox.Filter{View: inbox.ViewAll, Limit: 100}))
		for _, c := range list.Conversations {
			th := must[inbox.Thread](t)(b.Inbox.Open(ctx, b.Actor(team.Owner), c.ID))
			if th.Person() == shown[0].Person {
				r := must[inbox.Reply](t)(b.Inbox.Reply(ctx, b.Actor(team.Owner), inbox.ReplyIn{Conversation: c.ID, Text: "Grazie di cuore", Anyway: true}))
				b.Deliver(r.Delivery, time.Hour)
			}
		}
		b.ok(b.Reach.Dismiss(ctx, b.Actor(team.Owner), shown[1].ID))
		b.later()
		for _, x := range shown {
			id := b.reply(handle[x.Person], post, "ne parlo a tutti")
			b.reply("n1"+handle[x.Person], id, "grazie a te")
			b.reply("n2"+handle[x.Person], id, "grazie anche da me")
		}
		b.fed()
		b.Clock.Advance(31 * 24 * time.Hour)
		b.Reach.SetDraw(func(*reach.Material) (reach.Drawn, error) { return reach.Drawn{Blob: []byte(`{}`)}, nil })
		b.ok(b.Reach.Draw(ctx, b.Company.ID))
		states := map[reach.State]int{}
		for _, x := range must[[]reach.Suggestion](t)(b.Reach.Suggestions(ctx, b.Actor(team.Owner), reach.SuggestionsIn{Held: true})) {
			states[x.State]++
			want := 2
			if x.State == reach.Held {
				want = 0
			}
			if x.Reached != want || !x.Measured {
				t.Errorf("%s reached %d: %+v", handle[x.Person], x.Reached, x)
			}
			if handle[x.Person] == first && (x.State != reach.Involved || x.DoneAt.IsZero()) {
				t.Errorf("thanked, and %s", x.State)
			}
		}
		if states[reach.Involved] != 1 || states[reach.Dismissed] != 1 || states[reach.Lapsed] != len(shown)-2 {
			t.Errorf("%v", states)
		}
		l := must[reach.Lift](t)(b.Reach.Lift(ctx, b.Actor(team.Owner)))
		if l.Few || l.More.Expected != 2 || l.Shown.People != len(shown) || l.Held.People != 40-len(shown) || l.Shown.Reached != 2*len(shown) || l.More.Low > 2 || l.More.High < 2 {
			t.Errorf("%+v", l)
		}
	})
}
