package api

import (
	"context"
	"net/http"
	"time"

	"github.com/ponte-desk/ponte/internal/reach"
	"github.com/ponte-desk/ponte/internal/team"
)

// People is a number of people that is not certain.
type People struct {
	Expected float64  `json:"expected" example:"6.5" doc:"What is expected."`
	Low      *float64 `json:"low,omitempty" example:"4" doc:"Between low and high it lies nine times of ten; absent: too little is known to say so."`
	High     *float64 `json:"high,omitempty" example:"11" doc:"See low."`
}

func peopleRange(r reach.Range) People {
	p := People{Expected: r.Expected}
	if r.Known {
		p.Low, p.High = &r.Low, &r.High
	}
	return p
}

// Carrier is somebody who leads into a circle.
type Carrier struct {
	Person string `json:"person" example:"per_01kjpzx2p0000000000000000i" doc:"Who."`
	Name   string `json:"name,omitempty" example:"Elena Corsi" doc:"Their name; absent: the house knows them no more."`
	To     int    `json:"to" example:"25" doc:"How many people there who do not know the company they have to do with."`
	Acts   int    `json:"acts" example:"40" doc:"How often these did something towards them."`
}

// Circle is people who have more to do with each other than with the rest.
type Circle struct {
	Number   int       `json:"number" example:"0" doc:"From 0; other numbers in another period."`
	Name     string    `json:"name" example:"#tavola" doc:"What it is called, in the language of the answer."`
	People   int       `json:"people" example:"70" doc:"How many are seen."`
	Know     int       `json:"know" example:"3" doc:"How many of them know the company."`
	Ours     bool      `json:"ours" doc:"Most of it knows the company."`
	Alone    bool      `json:"alone" doc:"Those who have to do with nobody but the company, as far as one sees."`
	Words    []string  `json:"words" nullable:"false" example:"[\"#tavola\"]" doc:"What tells it from the others."`
	Carriers []Carrier `json:"carriers" nullable:"false" doc:"Who leads there, most first; at most five."`
	Carrying int       `json:"carrying" example:"1" doc:"How many lead there."`
}

// TiesPortrait is who is tied to whom round the company.
type TiesPortrait struct {
	At      *time.Time  `json:"at,omitempty" example:"2026-03-31T02:10:00Z" doc:"Of when it is; absent: none was drawn yet."`
	Few     bool        `json:"few" doc:"Too little is known; nothing else is then said."`
	People  int         `json:"people" example:"772" doc:"People in it, the company and machines not counted."`
	Events  int         `json:"events" example:"3104" doc:"Things that happened between them."`
	Days    int         `json:"days" example:"90" doc:"For how many days back the circles and dependence are."`
	Circles []Circle    `json:"circles" nullable:"false" doc:"Circles, largest first."`
	Others  int         `json:"others" example:"12" doc:"People in circles too small to be told of."`
	Depends Dependence  `json:"dependence" doc:"On how few people the company rests."`
	Cooling []Cooling   `json:"cooling" nullable:"false" doc:"Friendships that cool down."`
	Asked   *time.Time  `json:"asked_at,omitempty" example:"2026-03-31T09:00:00Z" doc:"A new one is being drawn since then."`
	Lists   ListsRead   `json:"lists" doc:"Of whom it is known who follows them."`
	Sure    ChancesSeen `json:"chances" doc:"On what the chances of ties rest."`
}

// ListsRead says of how many people lists of followers were read.
type ListsRead struct {
	Read int `json:"read" example:"61" doc:"Read."`
	Of   int `json:"of" example:"99" doc:"Could be read."`
}

// ChancesSeen says on how many ties of the past the chances were tested.
type ChancesSeen struct {
	Cases  int `json:"cases" example:"412" doc:"Ties; 0: there is too little past, and the chances are a rule of thumb."`
	Active int `json:"active" example:"97" doc:"Of these, on how many something happened."`
}

// Dependence says on how few people and places the company rests.
type Dependence struct {
	Few       bool             `json:"few" doc:"Too little happened to say."`
	People    int              `json:"people" example:"99" doc:"Who did something towards the company in these days."`
	Events    int              `json:"events" example:"412" doc:"How often; follows do not count."`
	Top       []Fan            `json:"top" nullable:"false" doc:"The three who did most."`
	Top3      int              `json:"top3" example:"169" doc:"Of events, how many are theirs."`
	Top10     int              `json:"top10" example:"230" doc:"Of events, how many are the first ten's."`
	Effective float64          `json:"effective" example:"14.2" doc:"As many equally active people would be as concentrated; 0: there is no telling."`
	Lost      int              `json:"lost" example:"4" doc:"People whose only way to the company is the first of the top."`
	Networks  []NetworkBrought `json:"networks" nullable:"false" doc:"By network, most first."`
}

// Fan is somebody who did something towards the company.
type Fan struct {
	Person string `json:"person,omitempty" example:"per_01kjpzx2p0000000000000000i" doc:"Who; absent: the house knows them no more."`
	Name   string `json:"name,omitempty" example:"Nadia Conti" doc:"Their name."`
	Events int    `json:"events" example:"78" doc:"How often."`
}

// NetworkBrought is how much happened on a network.
type NetworkBrought struct {
	Network string `json:"network" example:"mastodon" doc:"Which."`
	Events  int    `json:"events" example:"400" doc:"How much."`
}

// Cooling is a friendship that cools down.
type Cooling struct {
	Person string     `json:"person" example:"per_01kjpzx2p0000000000000000i" doc:"Who."`
	Name   string     `json:"name,omitempty" example:"Marco Gori" doc:"Their name."`
	Before int        `json:"before" example:"11" doc:"How often they came in the 120 days before the last 60."`
	Recent int        `json:"recent" example:"1" doc:"How often in the last 60."`
	Last   *time.Time `json:"last_at,omitempty" example:"2026-02-04T10:00:00Z" doc:"The last time."`
	Chance float64    `json:"chance" example:"0.03" doc:"How likely somebody who comes as often as ever would have come so seldom."`
}

// TiesAdvice is somebody to involve, and why.
type TiesAdvice struct {
	ID           string   `json:"id" example:"rsg_01kjpzx2p0000000000000000w" doc:"Identifier."`
	Person       string   `json:"person" example:"per_01kjpzx2p0000000000000000i" doc:"Who."`
	Name         string   `json:"name" example:"Elena Corsi" doc:"Their name."`
	Expected     People   `json:"expected" doc:"New people whom they may bring, beside those of the people before them in the list."`
	Circle       *int     `json:"circle,omitempty" example:"0" doc:"The circle to which they lead, of those of 90 days."`
	Reasons      []string `json:"reasons" nullable:"false" example:"[\"Nobody else in that circle speaks of you.\"]" doc:"Why, in the language of the answer."`
	Action       string   `json:"action,omitempty" enum:"reply,thank,invite" example:"reply" doc:"What to do."`
	Conversation string   `json:"conversation,omitempty" example:"cnv_01kjpzx2p0000000000000000g" doc:"The last one with them."`
}

// PersonTie is the tie of somebody with the company.
type PersonTie struct {
	Class   string     `json:"class" enum:"unknown,core,wormhole,embedded,weak,local_bridge" example:"local_bridge" doc:"What it is: how much happens on it, and how many people both share."`
	Chance  *float64   `json:"chance,omitempty" example:"0.3" doc:"How likely something happens on it within 30 days; absent: it is not known when anything did."`
	Cases   int        `json:"cases" example:"412" doc:"On how many ties of the past such chances were tested; 0: a rule of thumb."`
	Acts    int        `json:"acts" example:"3" doc:"How often either did something."`
	Common  int        `json:"common" example:"0" doc:"How many people both have to do with."`
	First   *time.Time `json:"first_at,omitempty" example:"2025-01-18T10:00:00Z" doc:"The first time."`
	Last    *time.Time `json:"last_at,omitempty" example:"2026-03-11T18:30:00Z" doc:"The last time."`
	Circle  *int       `json:"circle,omitempty" example:"0" doc:"Their circle, of those of 90 days."`
	Cooling bool       `json:"cooling" doc:"They are heard of less than before."`
}

// Days says which period.
type Days struct {
	Days int `query:"days" minimum:"0" maximum:"365" example:"90" doc:"For how many days back: 30, 90 or 365; absent: 90."`
}

func (a *API) circlesOf(c *caller, l reach.Look, v reach.View) []Circle {
	out := make([]Circle, 0, len(v.Circles))
	for n, x := range v.Circles {
		out = append(out, Circle{
			Number: n, Name: l.CircleName(c.words, v, n), People: x.People, Know: x.Know, Ours: x.Ours(), Alone: x.Alone, Words: append([]string{}, x.Words...), Carrying: x.Carrying,
			Carriers: each(x.Carriers, func(y reach.Carrier) Carrier {
				return Carrier{Person: string(y.Person), Name: l.Names[y.Person], To: y.To, Acts: y.Acts}
			}),
		})
	}
	return out
}

func portraitOf(l reach.Look, v reach.View, circles []Circle) TiesPortrait {
	p := l.Portrait
	d := v.Depends
	return TiesPortrait{
		At: when(p.At), Few: p.Short(), People: p.People, Events: p.Events, Days: v.Days, Circles: circles, Others: v.Others,
		Depends: Dependence{
			Few: d.Few || p.Short(), People: d.People, Events: d.Events, Top3: d.Top3, Top10: d.Top10, Effective: d.Effective, Lost: d.Lost,
			Top: each(d.Top, func(f reach.Fan) Fan {
				return Fan{Person: string(f.Person), Name: l.Names[f.Person], Events: f.Events}
			}),
			Networks: each(d.Networks, func(n reach.Place) NetworkBrought {
				return NetworkBrought{Network: string(n.Network), Events: n.Events}
			}),
		},
		Cooling: each(p.Cooling.Friends, func(f reach.Cooler) Cooling {
			return Cooling{Person: string(f.Person), Name: l.Names[f.Person], Before: f.Before, Recent: f.Recent, Last: when(f.Last), Chance: f.Chance}
		}),
		Lists: ListsRead{Read: p.Lists, Of: p.Listable}, Sure: ChancesSeen{Cases: p.Cases, Active: p.CasesActive},
	}
}

func (a *API) tiesOperations() {
	x := a.rooms.Reach
	look := func(ctx context.Context, c *caller) (reach.Look, error) {
		l, err := x.Look(ctx, c.actor)
		if l.Portrait == nil {
			l.Portrait = &reach.Portrait{} // of nobody
		}
		return l, err
	}
	add(a, operation{
		id: "get-ties", method: http.MethodGet, path: "/ties", tag: tagTies, needs: team.PeopleRead, summary: "Get the portrait of the ties",
		description: "Who is tied to whom round the company, as last drawn: circles, who leads into them, dependence, cooling friendships.",
	}, func(ctx context.Context, c *caller, in *Days) (*output[TiesPortrait], error) {
		l, err := look(ctx, c)
		if err != nil {
			return nil, err
		}
		v, _ := l.Portrait.View(in.Days)
		out := portraitOf(l, v, a.circlesOf(c, l, v))
		progress, err := x.Progress(ctx, c.actor)
		if err != nil {
			return nil, err
		}
		if progress.Stage != reach.Idle {
			out.Asked = when(progress.AskedAt)
		}
		return answer(out), nil
	})
	add(a, operation{
		id: "list-circles", method: http.MethodGet, path: "/ties/circles", tag: tagTies, needs: team.PeopleRead, summary: "List the circles",
		description: "Circles of people round the company, largest first, and who leads into each.",
	}, func(ctx context.Context, c *caller, in *Days) (*output[list[Circle]], error) {
		l, err := look(ctx, c)
		if err != nil {
			return nil, err
		}
		v, _ := l.Portrait.View(in.Days)
		return answer(list[Circle]{Items: a.circlesOf(c, l, v)}), nil
	})
	add(a, operation{
		id: "list-ties-advice", method: http.MethodGet, path: "/ties/advice", tag: tagTies, needs: team.PeopleRead, summary: "List whom to involve",
		description: "People whom to involve now, in the order of choice, with why and the one thing to do. Who is held back is not among them.",
	}, func(ctx context.Context, c *caller, _ *struct{}) (*output[list[TiesAdvice]], error) {
		l, err := look(ctx, c)
		if err != nil {
			return nil, err
		}
		w, now := c.words, a.rooms.Clock.Now()
		return answer(list[TiesAdvice]{Items: each(l.Involve, func(i reach.Involve) TiesAdvice {
			return TiesAdvice{
				ID: string(i.Suggestion), Person: string(i.Person), Name: i.Name, Expected: peopleRange(i.Pick.Expected), Circle: number(i.Pick.Circle),
				Reasons: each(i.Reasons, func(s reach.Say) string { return s.In(w, now) }), Action: string(i.Action.Verb), Conversation: string(i.Action.Conversation),
			}
		})}), nil
	})
	type AdvicePath struct {
		Advice string `path:"advice" example:"rsg_01kjpzx2p0000000000000000w" doc:"The advice's identifier."`
	}
	add(a, operation{
		id: "put-advice-aside", method: http.MethodPost, path: "/ties/advice/{advice}/not-now", tag: tagTies, needs: team.PeopleManage, summary: "Not now",
		description: "Puts a piece of advice aside. The person is not advised again for 30 days.", conflict: "Something was decided about it before, or its time is over.",
	}, func(ctx context.Context, c *caller, in *AdvicePath) (*nothing, error) {
		return nil, x.Dismiss(ctx, c.actor, reach.SuggestionID(in.Advice))
	})
	add(a, operation{
		id: "take-advice-up", method: http.MethodPost, path: "/ties/advice/{advice}/again", tag: tagTies, needs: team.PeopleManage, summary: "After all",
		description: "Takes back that a piece of advice was put aside.", conflict: "It was not put aside.",
	}, func(ctx context.Context, c *caller, in *AdvicePath) (*nothing, error) {
		return nil, x.Recall(ctx, c.actor, reach.SuggestionID(in.Advice))
	})
	a.tiesMeasured(look)
	add(a, operation{
		id: "refresh-ties", method: http.MethodPost, path: "/ties/refresh", tag: tagTies, needs: team.PeopleRead, status: http.StatusAccepted, summary: "Draw the portrait anew",
		description: "It is drawn beside; while one is being drawn, nothing happens.",
	}, func(ctx context.Context, c *caller, _ *struct{}) (*nothing, error) {
		return nil, x.Refresh(ctx, c.actor)
	})
	add(a, operation{
		id: "get-person-tie", method: http.MethodGet, path: "/people/{person}/tie", tag: tagTies, needs: team.PeopleRead, summary: "Get the tie with a person",
		description: "What ties a person to the company, as last drawn.",
	}, func(ctx context.Context, c *caller, in *PersonPath) (*output[PersonTie], error) {
		if _, err := a.rooms.Audience.Person(ctx, c.actor, in.id()); err != nil {
			return nil, err
		}
		t, p, ok, err := x.TieOf(ctx, c.actor, in.id())
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, reach.ErrNone
		}
		out := PersonTie{
			Class: t.Class.String(), Cases: p.Cases, Acts: t.Acts, Common: t.Common, First: when(t.First), Last: when(t.Last), Circle: number(t.Circle), Cooling: t.Cooling,
		}
		if t.Dated {
			out.Chance = &t.Chance
		}
		return answer(out), nil
	})
}

// number is nil for what has none.
func number(n int) *int {
	if n < 0 {
		return nil
	}
	return &n
}
