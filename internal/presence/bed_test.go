package presence_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/presence"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/triage"
)

// bed is a house in which somebody speaks and is spoken to.
type bed struct {
	*housetest.House
	t     testing.TB
	items []network.Item // on the house's channel
	n     int
}

// judge goes by a word: "rotto" is criticism.
func judge(_ team.CompanyID, text string) triage.Verdict {
	v := triage.Verdict{Language: "it", Tone: triage.ToneNeutral, Criticism: triage.Opinion{P: .05, Decision: triage.No}}
	if strings.Contains(text, "rotto") {
		v.Criticism = triage.Opinion{P: .95, Decision: triage.Yes}
	}
	return v
}

func newBed(t testing.TB, s *store.Store) *bed {
	t.Helper()
	return &bed{House: housetest.New(t, s, housetest.Options{Fake: networktest.FakeOptions{PageSize: 50}, Judge: judge}), t: t}
}

func (b *bed) ok(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func author(who string) network.Author {
	return network.Author{RemoteID: "did:" + who, Handle: who + ".example", Name: who}
}

// say plants something: who is "" for us, to is what it answers.
func (b *bed) say(who, to, text string, at time.Time, v network.Visibility) string {
	b.n++
	it := network.Item{
		RemoteID: fmt.Sprintf("r%06d", b.n), Kind: network.KindPost, Mine: who == "", ParentID: to, Text: text, Language: "it", Visibility: v, At: at, Version: "1",
	}
	switch {
	case who != "" && to != "":
		it.Kind, it.Author = network.KindReply, author(who)
	case who != "":
		it.Kind, it.Author = network.KindMention, author(who)
	case to != "":
		it.Kind = network.KindReply
	}
	if it.Mine {
		it.Author = network.Author{RemoteID: b.Channel.RemoteID, Handle: b.Channel.Handle}
	}
	b.items = append(b.items, it)
	return it.RemoteID
}

// bring brings in all that was planted.
func (b *bed) bring() {
	b.t.Helper()
	_, err := b.Networks.Ingest(b.t.Context(), b.Channel, network.Page{Items: b.items})
	b.ok(err)
}

func (b *bed) drawn() *presence.Portrait {
	b.t.Helper()
	b.ok(b.Presence.Draw(b.t.Context(), b.Company.ID))
	p, err := b.Presence.Portrait(b.t.Context(), b.Actor(team.Owner))
	b.ok(err)
	if p == nil {
		b.t.Fatal("there is no portrait")
	}
	return p
}

// phrase is a text of which everything that is counted is known by hand.
type phrase struct {
	text                  string
	sentences, ours, asks int
	praise                int
	site, away            bool
	critical              bool
}

var ourPhrases = []phrase{
	{text: "Noi facciamo tazze. Il forno scalda piano.", sentences: 2, ours: 1},
	{text: "La nostra bottega compie cento anni.", sentences: 1, ours: 1},
	{text: "Il blu viene dal cobalto. Come lo usa la gente?", sentences: 2, asks: 1},
	{text: "Il museo apre domani, con un orario più lungo: https://museo.example/orari", sentences: 1, away: true},
	{text: "Il catalogo è pronto: https://www.ceramichearno.example/catalogo", sentences: 1, site: true},
	{text: "Ceramiche Arno apre un negozio.", sentences: 1, ours: 1},
}

var theirPhrases = []phrase{
	{text: "Il piatto è arrivato rotto.", sentences: 1, critical: true},
	{text: "Quando apre il negozio?", sentences: 1, asks: 1},
	{text: "Il blu è bellissimo.", sentences: 1},
	{text: "La tazza tiene bene il caldo.", sentences: 1},
}

// told is something that was planted, with what is known of it.
type told struct {
	phrase
	id, parent string
	who        string // "" us
	at         time.Time
	public     bool
	gone       bool
	talk       string // the conversation, "" a post of ours
}

// plant plants a long history by lot, the same for the same seed.
func (b *bed) plant(seed uint64, weeks int) []told {
	b.t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	end := b.Clock.Now()
	var all []told
	put := func(who, parent, talk string, ph phrase, at time.Time, v network.Visibility) string {
		id := b.say(who, parent, ph.text, at, v)
		if talk == "" && who != "" {
			talk = id
		}
		all = append(all, told{phrase: ph, id: id, parent: parent, who: who, at: at, public: v == network.Public, talk: talk})
		return id
	}
	moment := func(from time.Time, most time.Duration) time.Time {
		return from.Add(time.Duration(r.Int64N(int64(most)))).Truncate(time.Microsecond)
	}
	for w := range weeks {
		from := end.Add(-time.Duration(weeks-w)*7*24*time.Hour - 11*24*time.Hour) // whatever is said, it is said before now
		if w%5 == 3 {                                                             // nobody says anything
			continue
		}
		for range 1 + r.IntN(4) {
			at := moment(from, 6*24*time.Hour)
			post := put("", "", "", ourPhrases[r.IntN(len(ourPhrases))], at, network.Public)
			for range r.IntN(3) {
				who := fmt.Sprintf("p%02d", r.IntN(15))
				said := moment(at, 24*time.Hour)
				first := put(who, post, "", theirPhrases[r.IntN(len(theirPhrases))], said, network.Public)
				b.goOn(r, put, first, who, said, network.Public, moment)
			}
		}
		for range r.IntN(3) {
			v := network.Public
			if r.IntN(3) == 0 {
				v = network.Direct
			}
			who := fmt.Sprintf("p%02d", r.IntN(25))
			said := moment(from, 6*24*time.Hour)
			first := put(who, "", "", theirPhrases[r.IntN(len(theirPhrases))], said, v)
			b.goOn(r, put, first, who, said, v, moment)
		}
	}
	b.bring()
	var gone []network.Item
	for i := range all {
		if all[i].critical && all[i].public && r.IntN(6) == 0 {
			all[i].gone = true
			it := b.items[i]
			it.Deleted, it.Version = true, "2"
			gone = append(gone, it)
		}
	}
	_, err := b.Networks.Ingest(b.t.Context(), b.Channel, network.Page{Items: gone})
	b.ok(err)
	return all
}

// goOn lets a conversation go on, or not.
func (b *bed) goOn(r *rand.Rand, put func(who, parent, talk string, ph phrase, at time.Time, v network.Visibility) string, first, who string, said time.Time,
	v network.Visibility, moment func(time.Time, time.Duration) time.Time,
) {
	if r.IntN(4) == 0 {
		return
	}
	at := moment(said.Add(time.Minute), 40*time.Hour)
	answer := put("", first, first, ourPhrases[r.IntN(3)], at, v)
	if r.IntN(2) == 0 {
		later := moment(at.Add(time.Minute), 20*time.Hour)
		again := put(who, answer, first, theirPhrases[r.IntN(len(theirPhrases))], later, v)
		if r.IntN(2) == 0 {
			put("", again, first, ourPhrases[r.IntN(3)], moment(later.Add(time.Minute), 20*time.Hour), v)
		}
	}
}
