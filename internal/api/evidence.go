package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ponte-desk/ponte/internal/report"
	"github.com/ponte-desk/ponte/internal/team"
)

// Security is how safe the company's accounts, people and posts are.
type Security struct {
	At     time.Time       `json:"at" example:"2026-03-31T09:00:00Z" doc:"When it was looked at."`
	Checks []SecurityCheck `json:"checks" nullable:"false" doc:"The checks."`
}

// SecurityCheck is one look.
type SecurityCheck struct {
	Key    string        `json:"key" enum:"factor,publish,approval,channels,keys,signins,copy,version" example:"factor" doc:"What was looked at."`
	State  string        `json:"state" enum:"fine,todo,unknown" example:"todo" doc:"How it came out."`
	Title  string        `json:"title" example:"Second factor" doc:"In the language of the answer."`
	Say    string        `json:"say" example:"On for 3 of 6 members, today." doc:"The figure, of what and since when."`
	Remedy string        `json:"remedy,omitempty" example:"Ask it of everybody." doc:"What to do next; absent: nothing."`
	N      int           `json:"n" example:"3" doc:"The figure."`
	Of     int           `json:"of" example:"6" doc:"Of how many; 0 where it is of nothing."`
	Since  *time.Time    `json:"since,omitempty" example:"2026-03-01T09:00:00Z" doc:"Since when it is counted; of a copy when it was tried, of the version when it was made."`
	Rows   []SecurityRow `json:"rows" nullable:"false" doc:"What the figure is made of."`
}

// SecurityRow is a part of a check.
type SecurityRow struct {
	Name    string `json:"name" example:"Olga Neri" doc:"Of a member, an account, a key, a post."`
	Network string `json:"network,omitempty" example:"mastodon" doc:"Of an account."`
	State   string `json:"state" enum:"fine,todo,unknown" example:"fine" doc:"How it came out."`
	Say     string `json:"say,omitempty" example:"Owner, on" doc:"In the language of the answer."`
	Post    string `json:"post,omitempty" example:"pst_01kjpzx2p0000000000000000p" doc:"The post it is about."`
}

// OwnDependence is on how few the company rests, and what it could take along.
type OwnDependence struct {
	At    time.Time `json:"at" example:"2026-03-31T09:00:00Z" doc:"When it was looked at."`
	Since time.Time `json:"since" example:"2025-12-31T09:00:00Z" doc:"Since when it is counted."`
	Rests []Rest    `json:"rests" nullable:"false" doc:"What it rests on."`
	Out   WaysOut   `json:"out" doc:"What remains its own."`
}

// Rest is on how few something rests.
type Rest struct {
	On        string     `json:"on" enum:"people,places,members" example:"places" doc:"Who does something towards it, where visits come from, who answers."`
	Known     bool       `json:"known" doc:"There is a way to tell."`
	Few       bool       `json:"few" doc:"It is of too few to say more."`
	Of        int        `json:"of" example:"430" doc:"What people did, visits, answers."`
	Count     int        `json:"count" example:"6" doc:"How many people, places, members they come from."`
	First     int        `json:"first" example:"210" doc:"Of them, what the first brought."`
	Top       int        `json:"top" example:"430" doc:"What the first ten brought."`
	Effective *float64   `json:"effective,omitempty" example:"2.9" doc:"As many equally active ones would be as concentrated (Hill's N2); absent: there is no telling."`
	Without   *float64   `json:"without,omitempty" example:"3.4" doc:"The same when the first is gone."`
	Parts     []RestPart `json:"parts" nullable:"false" doc:"The first ones."`
	Lines     []string   `json:"lines" nullable:"false" example:"[\"From the first place come 210 visits of 430 in 90 days.\"]" doc:"The same in words."`
}

// RestPart is one of those on whom it rests.
type RestPart struct {
	Name   string `json:"name,omitempty" example:"newsletter" doc:"Of a person, a place, a member; absent: not known, or not for you."`
	Person string `json:"person,omitempty" example:"per_01kjpzx2p0000000000000000h" doc:"The person."`
	N      int    `json:"n" example:"210" doc:"What they brought."`
}

// WaysOut is what the company could take along.
type WaysOut struct {
	Followers int `json:"followers" example:"840" doc:"Accounts that follow it."`
	Handles   int `json:"handles" example:"310" doc:"Of them, whose public handle is known."`
	Leads     int `json:"leads" example:"120" doc:"Addresses that people left."`
	Agreed    int `json:"agreed" example:"85" doc:"Of them, with a consent given in a form."`
	Sites     int `json:"sites" example:"1" doc:"Sites of its own that are connected."`
	Own       int `json:"own_visits" example:"140" doc:"Visits by ways that belong to nobody else."`
	Visits    int `json:"visits" example:"430" doc:"All visits."`
}

// some is a number that may not be there.
func some(n float64) *float64 {
	if n == 0 {
		return nil
	}
	return &n
}

func (a *API) evidenceOperations() {
	x := a.rooms.Report
	add(a, operation{
		id: "get-security", method: http.MethodGet, path: "/results/security", tag: tagResults, needs: team.AuditRead, summary: "See how safe accounts, people and posts are",
		description: "Checks, each with its figure, what it is made of and what to do: second factors, who may publish, posts that went out without a yes, keys of channels and programs, failed sign-ins, the last copy as it was tried by restoring it, the version.",
	}, func(ctx context.Context, c *caller, _ *struct{}) (*output[Security], error) {
		s, err := x.Security(ctx, c.actor)
		if err != nil {
			return nil, err
		}
		company, err := a.rooms.Team.Company(ctx, c.actor.Company)
		if err != nil {
			return nil, err
		}
		zone := company.Location()
		return answer(Security{At: s.At.UTC(), Checks: each(s.Checks, func(k report.Check) SecurityCheck {
			return SecurityCheck{
				Key: string(k.Key), State: string(k.State), Title: k.Title(c.words), Say: k.Say(c.words, zone), Remedy: k.Remedy(c.words, zone), N: k.N, Of: k.Of, Since: when(k.Since),
				Rows: each(k.Rows, func(r report.CheckRow) SecurityRow {
					return SecurityRow{Name: r.Name, Network: string(r.Net), State: string(r.State), Say: r.Say(c.words, zone), Post: string(r.Post)}
				}),
			}
		})}), nil
	})
	add(a, operation{
		id: "get-dependence", method: http.MethodGet, path: "/results/dependence", tag: tagResults, needs: team.ResultsRead, summary: "See on how few the company rests",
		description: "How much of what people do comes from the ten most active, how visits are spread over places and answers over members, each with its effective number, what would be left without the first, and what the company could take along.",
	}, func(ctx context.Context, c *caller, _ *struct{}) (*output[OwnDependence], error) {
		d, err := x.Dependence(ctx, c.actor)
		if err != nil {
			return nil, err
		}
		return answer(OwnDependence{At: d.At.UTC(), Since: d.Since.UTC(), Out: outOf(d.Out), Rests: each(d.Rests, func(r report.Rest) Rest {
			return Rest{
				On: string(r.On), Known: r.Known, Few: r.Few, Of: r.Of, Count: r.Count, First: r.First, Top: r.Top, Effective: some(r.Effective), Without: some(r.Without), Lines: r.Lines(c.words),
				Parts: each(r.Parts, func(p report.RestPart) RestPart { return RestPart{Name: p.Name, Person: string(p.Person), N: p.N} }),
			}
		})}), nil
	})
	add(a, operation{
		id: "export-followers", method: http.MethodGet, path: "/results/dependence/followers", tag: tagResults, needs: team.PeopleErase, produces: "text/csv", summary: "Take along who follows the company",
		description: "The public handles of followers, as far as they are known. The audit trail keeps that it was done.",
	}, func(ctx context.Context, c *caller, _ *nothing) (*streamed, error) {
		if err := c.actor.May(team.PeopleErase); err != nil {
			return nil, err
		}
		return &streamed{Body: func(huma.Context) {
			h := c.writer.Header()
			h.Set("Content-Type", "text/csv; charset=utf-8")
			h.Set("Content-Disposition", `attachment; filename="followers.csv"`)
			if err := x.ExportFollowers(ctx, c.actor, c.writer); err != nil {
				c.err = err // the answer has begun: it ends short, and the log says why
			}
		}}, nil
	})
}

func outOf(o report.Out) WaysOut {
	return WaysOut{Followers: o.Followers, Handles: o.Handles, Leads: o.Leads, Agreed: o.Agreed, Sites: o.Sites, Own: o.Own, Visits: o.Visits}
}
