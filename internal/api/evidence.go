package api

import (
	"context"
	"net/http"
	"time"

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
}
