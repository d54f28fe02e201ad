package api

import (
	"context"
	"net/http"
	"time"

	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/reach"
	"github.com/ponte-desk/ponte/internal/team"
)

// TiesTest is what advice would have been worth in the past.
type TiesTest struct {
	Windows []TiesWindow `json:"windows" nullable:"false" doc:"Times of the past, oldest first."`
	Stated  int          `json:"stated" example:"12" doc:"In how many of them a margin was given."`
	Covered int          `json:"covered" example:"10" doc:"In how many of these it held what happened."`
	Level   float64      `json:"level" example:"0.9" doc:"How often it should."`
	Advised int          `json:"advised" example:"171" doc:"New people whom those advised brought, in all."`
	Rule    int          `json:"rule" example:"140" doc:"New people whom those of the simplest rule brought."`
	More    int          `json:"more" example:"7" doc:"Times when the advice did better than the rule."`
	Same    int          `json:"same" example:"3" doc:"As well."`
	Less    int          `json:"less" example:"2" doc:"Worse."`

	Followed *TiesFollowed `json:"followed,omitempty" doc:"What advice that was followed and is over brought; absent: there is none."`
	Credits  []TieCredit   `json:"credits" nullable:"false" doc:"By which ties what the company published was carried in the last 90 days; classes that carried nothing are left out."`
	Lift     TiesLift      `json:"lift" doc:"Whether advice about weak ties helps: those who were shown beside those who were held back by lot."`
}

// TiesFollowed is what advice that was followed brought, against what was expected of it.
type TiesFollowed struct {
	Advice   int       `json:"advice" example:"11" doc:"How many pieces of advice."`
	Since    time.Time `json:"since" example:"2025-12-28T02:10:00Z" doc:"When the first of them was given."`
	Expected People    `json:"expected" doc:"New people expected, added up; low and high are the sums of those of each, and wider than those of a sum need be."`
	Reached  int       `json:"reached" example:"52" doc:"New people who came."`
}

// TiesLift is what advice about weak ties is worth.
type TiesLift struct {
	Shown TiesArm  `json:"shown" doc:"Those who were shown."`
	Held  TiesArm  `json:"held" doc:"Those who were held back."`
	Few   bool     `json:"few" doc:"Fewer than ten of either: nothing can be told, and low and high are absent."`
	More  float64  `json:"more" example:"1.4" doc:"How many more new people one of those shown brought, on average; less than 0: fewer."`
	Low   *float64 `json:"low,omitempty" example:"0.5" doc:"Between low and high it lies nine times of ten. With 0 between them it cannot be told from chance."`
	High  *float64 `json:"high,omitempty" example:"2.3" doc:"See low."`
	Hold  int      `json:"hold" example:"20" doc:"How many of a hundred weak ties are held back now."`
}

// TiesArm is one side of it.
type TiesArm struct {
	People  int     `json:"people" example:"24" doc:"Advised people whose time is over, each once a quarter: so long the lot holds."`
	Reached int     `json:"reached" example:"43" doc:"New people whom they brought, in all."`
	Done    int     `json:"involved" example:"15" doc:"Of these people, how many were involved."`
	Mean    float64 `json:"mean" example:"1.8" doc:"New people whom one of them brought a time they were advised."`
}

func armOf(x reach.Arm) TiesArm {
	return TiesArm{People: x.People, Reached: x.Reached, Done: x.Done, Mean: x.Mean}
}

func liftOf(l reach.Lift, hold int) TiesLift {
	out := TiesLift{Shown: armOf(l.Shown), Held: armOf(l.Held), Few: l.Few, More: l.More.Expected, Hold: hold}
	if !l.Few {
		out.Low, out.High = &l.More.Low, &l.More.High
	}
	return out
}

// TiesWindow is one time of the past.
type TiesWindow struct {
	From     time.Time `json:"from" example:"2025-11-02T00:00:00Z" doc:"The moment of the advice."`
	Until    time.Time `json:"until" example:"2025-12-02T00:00:00Z" doc:"The end of what is counted."`
	People   int       `json:"people" example:"12" doc:"How many were advised."`
	Reached  int       `json:"reached" example:"14" doc:"New people whom they brought."`
	Forecast *People   `json:"forecast,omitempty" doc:"What was foreseen; absent: too little was known."`
	Held     bool      `json:"held" doc:"What happened lies within it."`
}

// TiesSettings are what a company wants of its ties.
type TiesSettings struct {
	Collect bool `json:"collect" example:"true" doc:"Lists that networks show to everybody are read. Switched off, what is known from them alone is forgotten."`
	Hold    int  `json:"hold" minimum:"0" maximum:"50" example:"20" doc:"How many of a hundred weak ties are held back from advice, by lot, so that what it is worth can be told."`
}

// TiesSettingsNow are what a company wants of its ties, with what was learned from lists.
type TiesSettingsNow struct {
	TiesSettings
	Lists   int `json:"lists" example:"61" doc:"Of how many accounts a list of followers was read."`
	Follows int `json:"follows" example:"2310" doc:"How many times it is known from lists that one follows another."`
}

// PostTies says by which ties a post was carried.
type PostTies struct {
	Counted bool        `json:"counted" doc:"Ties were kept as they were when it went out; before that nothing is counted."`
	Open    bool        `json:"open" doc:"It is still counted."`
	Until   *time.Time  `json:"until,omitempty" example:"2026-04-30T10:00:00Z" doc:"The end of what is counted; absent: it has not gone out, or nothing was heard of it."`
	Credits []TieCredit `json:"credits" nullable:"false" doc:"By class; classes that carried nothing are left out."`
}

// TieCredit is what ties of a class carried.
type TieCredit struct {
	Class  string `json:"class" enum:"unknown,core,wormhole,embedded,weak,local_bridge" example:"weak" doc:"Of the tie when the post went out; unknown: there was none, or one cannot see through whom they came."`
	Shares int    `json:"shares" example:"3" doc:"How many passed it on."`
	First  int    `json:"first" example:"2" doc:"How many came who had never had to do with the company."`
}

func creditOf(x reach.Credit) TieCredit {
	return TieCredit{Class: x.Class.String(), Shares: x.Shares, First: x.First}
}

// tiesMeasured opens what tells whether advice about ties comes true, and what a company wants of them.
func (a *API) tiesMeasured(look func(context.Context, *caller) (reach.Look, error)) {
	x := a.rooms.Reach
	add(a, operation{
		id: "test-ties", method: http.MethodGet, path: "/ties/past", tag: tagTies, needs: team.PeopleRead, summary: "Get what advice would have been worth",
		description: "What would have been advised at moments of the past with what was known then, and what then happened; what advice that was followed brought; and whether it helps.",
	}, func(ctx context.Context, c *caller, _ *struct{}) (*output[TiesTest], error) {
		l, err := look(ctx, c)
		if err != nil {
			return nil, err
		}
		p := l.Portrait.Past
		out := TiesTest{
			Stated: p.Stated, Covered: p.Covered, Level: p.Level, Advised: p.Advised, Rule: p.Rule, More: p.More, Same: p.Same, Less: p.Less,
			Windows: each(p.Windows, func(w reach.PastWindow) TiesWindow {
				out := TiesWindow{From: w.From.UTC(), Until: w.Until.UTC(), People: w.People, Reached: w.Reached, Held: w.Held}
				if w.Forecast.Known {
					r := peopleRange(w.Forecast)
					out.Forecast = &r
				}
				return out
			}),
			Credits: each(l.Credits, creditOf), Lift: liftOf(l.Lift, l.Hold),
		}
		if b := l.Last; b != nil {
			out.Followed = &TiesFollowed{Advice: b.Involved, Since: b.Since.UTC(), Expected: peopleRange(b.Expected), Reached: b.Reached}
		}
		return answer(out), nil
	})
	add(a, operation{
		id: "get-ties-settings", method: http.MethodGet, path: "/ties/settings", tag: tagTies, needs: team.CompanyRead, summary: "Get what the company wants of its ties",
		description: "Whether public lists are read, and how many weak ties are held back from advice.",
	}, func(ctx context.Context, c *caller, _ *struct{}) (*output[TiesSettingsNow], error) {
		s, err := x.Settings(ctx, c.actor)
		if err != nil {
			return nil, err
		}
		kept, err := x.Collected(ctx, c.actor)
		if err != nil {
			return nil, err
		}
		return answer(TiesSettingsNow{TiesSettings: TiesSettings{Collect: s.Collect, Hold: s.Hold}, Lists: kept.Lists, Follows: kept.Follows}), nil
	})
	add(a, operation{
		id: "change-ties-settings", method: http.MethodPut, path: "/ties/settings", tag: tagTies, needs: team.CompanyChange, summary: "Change what the company wants of its ties",
		description: "Replaces both. With collect switched off, what is known from lists alone is forgotten at once and for good, and the portrait is drawn anew. Who is held back changes with the next advice.",
	}, func(ctx context.Context, c *caller, in *struct{ Body TiesSettings }) (*nothing, error) {
		return nil, x.ChangeSettings(ctx, c.actor, reach.Settings{Collect: in.Body.Collect, Hold: in.Body.Hold})
	})
	add(a, operation{
		id: "get-post-ties", method: http.MethodGet, path: "/posts/{post}/ties", tag: tagTies, needs: team.PostsRead, summary: "Get by which ties a post was carried",
		description: "Who passed it on and which new people came, by the class that the tie had when it went out, for 30 days. Nobody is named.",
	}, func(ctx context.Context, c *caller, in *PostPath) (*output[PostTies], error) {
		id, err := in.id()
		if err != nil {
			return nil, err
		}
		f, err := a.rooms.Posts.Open(ctx, c.actor, id)
		if err != nil {
			return nil, err
		}
		t, err := x.PostCredits(ctx, c.actor, placesOf(f))
		if err != nil {
			return nil, err
		}
		return answer(PostTies{Counted: t.Frozen, Open: t.Open, Until: when(t.Until), Credits: each(t.Credits, creditOf)}), nil
	})
}

// placesOf says where a post stands.
func placesOf(f post.File) []reach.PostAt {
	var out []reach.PostAt
	for _, v := range f.Variants {
		for _, part := range v.Parts {
			if part.RemoteID != "" {
				out = append(out, reach.PostAt{Channel: part.Channel, RemoteID: part.RemoteID})
			}
		}
	}
	return out
}
