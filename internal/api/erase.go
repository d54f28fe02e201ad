package api

import (
	"context"
	"mime"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/team"
)

// Erasing says who is to be erased.
type Erasing struct {
	Name      string `json:"name" example:"Ada Rossi" doc:"The person's name as the house shows it, typed again: it cannot be undone."`
	Reference string `json:"reference,omitempty" maxLength:"200" example:"mail of 12 March" doc:"Of the request."`
}

// ErasureCertificate says that somebody was erased, and nothing about who it was.
type ErasureCertificate struct {
	Number    int            `json:"number" example:"4" doc:"Of the company, from 1."`
	State     string         `json:"state" enum:"running,done" example:"done" doc:"running: there was much, and a job goes on."`
	Aged      bool           `json:"aged" doc:"Nobody asked: they had not written for long."`
	People    int            `json:"people" example:"1" doc:"How many people."`
	By        string         `json:"by,omitempty" example:"mbr_01kjpzx2p0000000000000000b" doc:"Who did it."`
	Reference string         `json:"reference,omitempty" example:"mail of 12 March" doc:"Of the request."`
	Asked     time.Time      `json:"asked_at" example:"2026-03-12T09:00:00Z" doc:"When."`
	Done      *time.Time     `json:"done_at,omitempty" example:"2026-03-12T09:00:01Z" doc:"When it was finished."`
	Erased    map[string]int `json:"erased" nullable:"false" example:"{\"interactions\":12}" doc:"How much of what."`
	Stays     []Remaining    `json:"stays" nullable:"false" doc:"What stays, and why."`
}

// Remaining is what stays of an erased person.
type Remaining struct {
	Kind string   `json:"kind" example:"record" doc:"What."`
	N    int      `json:"count" example:"2" doc:"How much."`
	Refs []string `json:"refs" nullable:"false" example:"[\"4f7a91c2d3e4f5061728394a5b6c7d8e\"]" doc:"Public handles; nothing that tells who it was."`
}

func certificateOf(c audience.Certificate) ErasureCertificate {
	out := ErasureCertificate{
		Number: c.Number, State: string(c.State), Aged: c.Aged, People: c.People, By: string(c.By), Reference: c.Reference, Asked: c.AskedAt.UTC(), Done: when(c.DoneAt),
		Erased: map[string]int{}, Stays: each(c.Stays, func(s audience.Stay) Remaining { return Remaining{Kind: string(s.Kind), N: s.N, Refs: strs(s.Refs)} }),
	}
	for k, n := range c.Erased {
		out.Erased[string(k)] = n
	}
	return out
}

// Forgetting is how long the company remembers people who do not write any more.
type Forgetting struct {
	Months int        `json:"months" example:"24" doc:"Without a word after which people are forgotten; 0: nobody is."`
	Begins *time.Time `json:"begins_at,omitempty" example:"2026-04-12T09:00:00Z" doc:"Before this nobody is."`
	Due    int        `json:"due" example:"3" doc:"How many people would be forgotten now."`
	Capped bool       `json:"capped" doc:"There are more than were counted."`
}

func (a *API) eraseOperations() {
	x := a.rooms.Audience
	add(a, operation{
		id: "export-person", method: http.MethodGet, path: "/people/{person}/export", tag: tagPeople, needs: team.PeopleErase, produces: "application/zip",
		summary: "Export a person", description: "Everything that the house has of them: as JSON for programs and as a page for people. The audit trail keeps that it was done.",
	}, func(ctx context.Context, c *caller, in *PersonPath) (*streamed, error) {
		b, err := x.Export(ctx, c.actor, in.id())
		if err != nil {
			return nil, err
		}
		company, err := a.rooms.Team.Company(ctx, c.actor.Company)
		if err != nil {
			return nil, err
		}
		return &streamed{Body: func(huma.Context) {
			h := c.writer.Header()
			h.Set("Content-Type", "application/zip")
			h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": "ponte-" + string(b.Person.ID) + ".zip"}))
			h.Set("Cache-Control", "no-store")
			if err := b.WriteZip(ctx, c.writer, c.visit.words, company); err != nil {
				c.visit.err = err // the answer has begun: it ends short, and the log says why
			}
		}}, nil
	})
	add(a, operation{
		id: "erase-person", method: http.MethodPost, path: "/people/{person}/erase", tag: tagPeople, needs: team.PeopleErase,
		summary: "Erase a person", conflict: "They are being erased, or something to them is on its way out.",
		description: "From every room: what they wrote, what was answered, what was noted, every name and address. It cannot be undone. The public record keeps handles that tell nothing.",
	}, func(ctx context.Context, c *caller, in *struct {
		PersonPath
		Body Erasing
	},
	) (*output[ErasureCertificate], error) {
		out, err := x.Erase(ctx, c.actor, in.id(), audience.EraseIn{Name: in.Body.Name, Reference: in.Body.Reference})
		if err != nil {
			return nil, err
		}
		return answer(certificateOf(out)), nil
	})
	add(a, operation{
		id: "list-erasures", method: http.MethodGet, path: "/erasures", tag: tagPeople, needs: team.AuditRead,
		summary: "List certificates of erasure", description: "Newest first.",
	}, func(ctx context.Context, c *caller, in *Paging) (*output[Page[ErasureCertificate]], error) {
		after, _ := strconv.Atoi(in.Cursor) // what is no number begins at the first page
		cs, err := x.Certificates(ctx, c.actor, after, in.Limit)
		if err != nil {
			return nil, err
		}
		out := Page[ErasureCertificate]{Items: each(cs, certificateOf)}
		if len(cs) == in.Limit {
			out.Next = strconv.Itoa(cs[len(cs)-1].Number)
		}
		return answer(out), nil
	})
	type CertificatePath struct {
		Number int `path:"number" minimum:"1" example:"4" doc:"The certificate's number."`
	}
	add(a, operation{
		id: "get-erasure", method: http.MethodGet, path: "/erasures/{number}", tag: tagPeople, needs: team.PeopleErase,
		summary: "Get a certificate of erasure", description: "What was erased by count and kind, what stays and why.",
	}, func(ctx context.Context, c *caller, in *CertificatePath) (*output[ErasureCertificate], error) {
		out, err := x.Certificate(ctx, c.actor, in.Number)
		if err != nil {
			return nil, err
		}
		return answer(certificateOf(out)), nil
	})
	add(a, operation{
		id: "allow-erased", method: http.MethodPost, path: "/erasures/{number}/allow", tag: tagPeople, needs: team.PeopleErase,
		summary: "Take in again what an erased person writes", description: "They agreed to it, or have become a customer again. What was erased does not come back.",
		conflict: "It is allowed already, or still being erased.",
	}, func(ctx context.Context, c *caller, in *CertificatePath) (*nothing, error) {
		return nil, x.Allow(ctx, c.actor, in.Number)
	})
	add(a, operation{
		id: "get-retention", method: http.MethodGet, path: "/people/retention", tag: tagPeople, needs: team.CompanyRead,
		summary: "Get how long people are remembered", description: "Who does not write any more is forgotten after some months; whoever has something open, is in a case or is marked to be kept is not.",
	}, func(ctx context.Context, c *caller, _ *nothing) (*output[Forgetting], error) {
		r, err := x.Retention(ctx, c.actor)
		if err != nil {
			return nil, err
		}
		return answer(Forgetting{Months: r.Months, Begins: when(r.BeginsAt), Due: r.Due, Capped: r.Capped}), nil
	})
	add(a, operation{
		id: "set-retention", method: http.MethodPut, path: "/people/retention", tag: tagPeople, needs: team.CompanyChange,
		summary: "Set how long people are remembered", description: "Made shorter, or begun again, it takes 30 days until the first are forgotten.",
	}, func(ctx context.Context, c *caller, in *struct {
		Body struct {
			Months int `json:"months" minimum:"0" maximum:"120" example:"24" doc:"3 to 120; 0 forgets nobody."`
		}
	},
	) (*nothing, error) {
		return nil, x.SetRetention(ctx, c.actor, in.Body.Months)
	})
}
