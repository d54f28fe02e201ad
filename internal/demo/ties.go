package demo

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/reach"
	"github.com/ponte-desk/ponte/internal/tie"
)

// circle is people of the story who have to do with each other, and those behind them whom the company does not know.
type circle struct {
	key     string
	known   []string // keys of people
	bridge  string   // who leads there
	others  int      // whom the company does not know
	weekly  int      // of them hand on in a week what the bridge says
	words   []string
	follows int // each follows so many others
}

// circles are as the presence of the company has grown: at home in Montelupo, elsewhere through one person each.
var circles = []circle{
	{key: "montelupo", words: []string{"#montelupo", "bottega", "corso", "tornio"}, follows: 9, known: []string{
		"giovi", "camilla", "raffa", "lidia", "lidiab", "roberto", "nicco", "enzo", "ambra", "omar", "gianni", "gmeucci", "debora", "wanda", "irma", "leo", "fabio", "ugo", "maestra",
		"marisa", "bruno", "lapo", "bianca", "giacomo", "serena", "erminio", "giornale", "radiolungo", "prolocoarno", "sandro", "akiko", "dinogar", "noemi", "duccio",
	}},
	{key: "collezionisti", words: []string{"#collezionisti", "maiolica", "tazzine", "servizio"}, follows: 9, others: 14, known: []string{
		"collezio", "tazzine", "loris", "oreste", "michele", "gabriele", "milena", "arianna", "vittoria", "patrizia", "owen", "rosaria", "corrado", "stefania",
	}},
	{key: "ristoratori", words: []string{"#ristoratoridellago", "trattoria", "coperti", "lago"}, bridge: "nadia", others: 46, weekly: 3, follows: 4},
	{key: "keramiek", words: []string{"#keramiek", "glazuur", "draaischijf", "atelier"}, bridge: "hanneke", others: 54, weekly: 3, follows: 4, known: []string{"willemijn", "tessa"}},
	{key: "scuole", words: []string{"#scuoledarte", "studenti", "aula", "tornire"}, bridge: "piero", others: 32, weekly: 2, follows: 4, known: []string{"profmarini"}},
	{key: "tavole", words: []string{"#tavoledicasa", "ricette", "apparecchiare", "pane"}, bridge: "elena", others: 118, weekly: 6, follows: 4},
}

// round is when advice was given in the story, in days before its end, and how long it held.
var rounds = []struct{ from, until int }{{74, 44}, {43, 13}}

// tie adds to the ties what the story does not tell in words: who follows whom, and what was advised before.
func (f *filler) tie(ctx context.Context) error {
	if f.Ties == nil {
		return nil
	}
	return f.Ties.Stage(ctx, f.actor, f.woven())
}

// other is somebody behind a circle, whom the company does not know.
func other(c circle, n int) reach.StagedAccount {
	return reach.StagedAccount{Network: network.Mastodon, Key: fmt.Sprintf("%s%03d@altrove.example", c.key, n)}
}

// account gives the first account of somebody of the story.
func (f *filler) account(person string) (reach.StagedAccount, bool) {
	p, ok := f.people[person]
	if !ok || len(p.Identities) == 0 {
		return reach.StagedAccount{}, false
	}
	n := p.Identities[0].Network
	if n == Mastodon {
		return reach.StagedAccount{Network: network.Mastodon, Key: strings.ToLower(p.Identities[0].Handle)}, true
	}
	return reach.StagedAccount{Network: network.Name(n), Key: f.author(person, n).RemoteID}, true
}

// woven makes it. Who follows whom depends on the names alone, when on the moment.
func (f *filler) woven() reach.Staged {
	st := reach.Staged{At: f.sample.Moment.AddDate(0, 0, -80)}
	ago := func(days, minutes int) time.Time {
		return f.sample.Moment.Add(-time.Duration(days)*24*time.Hour + time.Duration(minutes)*time.Minute)
	}
	byKey := map[string]circle{}
	for _, c := range circles {
		byKey[c.key] = c
		var all []reach.StagedAccount
		for _, k := range c.known {
			if a, ok := f.account(k); ok {
				all = append(all, a)
			}
		}
		known := len(all)
		for n := range c.others {
			all = append(all, other(c, n))
		}
		for i, a := range all {
			for j := range c.follows {
				to := draw(len(all), "conosce", c.key, fmt.Sprint(i), fmt.Sprint(j))
				if to != i {
					st.Follows = append(st.Follows, reach.StagedFollow{Who: a, Whom: all[to]})
				}
			}
		}
		for i := range max(known, 4) { // what they talk about
			st.Deeds = append(st.Deeds, reach.StagedDeed{Who: all[i], Whom: all[(i+1)%len(all)], At: ago(60-i%50, 30), Words: c.words[:2+draw(3, "parla", c.key, fmt.Sprint(i))]})
		}
		b, ok := f.account(c.bridge)
		if !ok {
			continue
		}
		for i, a := range all {
			if draw(10, "segue", c.key, fmt.Sprint(i)) < 7 {
				st.Follows = append(st.Follows, reach.StagedFollow{Who: a, Whom: b})
			}
			if draw(10, "ricambia", c.key, fmt.Sprint(i)) < 3 {
				st.Follows = append(st.Follows, reach.StagedFollow{Who: b, Whom: a})
			}
		}
		for i := range 5 {
			st.Deeds = append(st.Deeds, reach.StagedDeed{Who: b, Whom: all[i], At: ago(70-9*i, 45), Words: c.words})
		}
		for week := range 12 { // they hand on what they hear from the one who leads to them
			for i := range c.weekly {
				who := other(c, draw(c.others, "riporta", c.key, fmt.Sprint(week), fmt.Sprint(i)))
				st.Deeds = append(st.Deeds, reach.StagedDeed{
					Who: who, Whom: b, Kind: network.KindShare, At: ago(7*(12-week)-3, draw(9000, "quando", c.key, fmt.Sprint(week), fmt.Sprint(i))-4500),
				})
			}
		}
	}
	f.advised(&st, byKey, ago)
	return st
}

// advised tells what was advised, to whom the company turned, and lets come of it what came.
func (f *filler) advised(st *reach.Staged, byKey map[string]circle, ago func(days, minutes int) time.Time) {
	for r, span := range rounds {
		rank := 0
		add := func(who string, state reach.State, class tie.Class, expected tie.Interval) {
			a, ok := f.account(who)
			if !ok {
				return
			}
			rank++
			x := reach.StagedAdvice{Who: a, Rank: rank, State: state, Class: class, Expected: expected, At: ago(span.from, 0), Until: ago(span.until, 0)}
			if state == reach.Involved {
				x.DoneAt, x.DoneBy = ago(span.from-2-draw(6, "coinvolge", who), draw(600, who)), f.owner.ID
			}
			st.Advice = append(st.Advice, x)
		}
		// Those who lead elsewhere are heard of often: nobody holds them back.
		add("elena", reach.Involved, tie.Wormhole, tie.Interval{Low: 9, Expected: 18, High: 31})
		add("hanneke", reach.Involved, tie.Wormhole, tie.Interval{Low: 5, Expected: 11, High: 19})
		add("nadia", []reach.State{reach.Involved, reach.Lapsed}[r], tie.Wormhole, tie.Interval{Low: 4, Expected: 9, High: 16})
		add("piero", reach.Involved, tie.Wormhole, tie.Interval{Low: 2, Expected: 6, High: 12})
		// Weak ties round the collectors and at home; some were held back by lot.
		weak := slices.Concat(byKey["collezionisti"].known, byKey["montelupo"].known[:16])
		for i, who := range weak {
			if i%2 != r {
				continue
			}
			state, bring := reach.Lapsed, draw(2, "porta", who)
			switch {
			case i%4 < 2 && draw(9, "lotto", who) > 0:
				state, bring = reach.Held, draw(2, "da solo", who)
			case draw(3, "fatto", who) > 0:
				state, bring = reach.Involved, 1+draw(3, "dopo", who)
			}
			add(who, state, tie.Weak, tie.Interval{Low: 0, Expected: 1.4, High: 4})
			a, _ := f.account(who)
			for n := range bring {
				st.Deeds = append(st.Deeds, reach.StagedDeed{
					Who: other(byKey["collezionisti"], draw(14, "nuovo", who, fmt.Sprint(n))), Whom: a, Kind: network.KindShare,
					At: ago(span.until+1+draw(20, "giorno", who, fmt.Sprint(n)), 60*n),
				})
			}
		}
	}
}
