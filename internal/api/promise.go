package api

import (
	"context"
	"net/http"
	"time"

	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/team"
)

// Promise is something the company said that it would do.
type Promise struct {
	ID           string     `json:"id" example:"prm_01kjpzx2p0000000000000000v" doc:"Identifier."`
	Handle       string     `json:"handle" example:"4f7a91c2d3e4f5061728394a5b6c7d8e" doc:"Its name in the public record."`
	Conversation string     `json:"conversation,omitempty" example:"cnv_01kjpzx2p0000000000000000g" doc:"Where it was said."`
	Reply        string     `json:"reply,omitempty" example:"rep_01kjpzx2p0000000000000000n" doc:"In which answer."`
	Case         string     `json:"case,omitempty" example:"cas_01kjpzx2p0000000000000000r" doc:"The case it belongs to."`
	Text         string     `json:"text" example:"We will send you a new cup by Friday." doc:"The sentence."`
	Public       bool       `json:"public" doc:"Everybody could read it: it stands in the record."`
	Owner        string     `json:"owner,omitempty" example:"mbr_01kjpzx2p0000000000000000b" doc:"Who keeps it."`
	Due          time.Time  `json:"due_at" example:"2026-03-20T22:59:59Z" doc:"The end of its day in the company's zone."`
	State        string     `json:"state" enum:"written,open,kept,late,broken,gone" example:"open" doc:"written: its answer has not gone out; late: kept after its day; gone: its answer never went out."`
	Made         time.Time  `json:"made_at" example:"2026-03-12T09:10:00Z" doc:"When."`
	MadeBy       string     `json:"made_by,omitempty" example:"mbr_01kjpzx2p0000000000000000e" doc:"By whom."`
	Settled      *time.Time `json:"settled_at,omitempty" example:"2026-03-19T09:10:00Z" doc:"When it was kept or broken."`
	Note         string     `json:"note,omitempty" example:"Sent on Thursday" doc:"How."`
	To           string     `json:"to,omitempty" example:"Ada" doc:"Whom it was made to."`
}

func promiseOf(p growth.Promise) Promise {
	return Promise{
		ID: string(p.ID), Handle: string(p.Handle), Conversation: string(p.Conversation), Reply: string(p.Reply), Case: string(p.Case), Text: p.Text, Public: p.Public,
		Owner: string(p.Owner), Due: p.DueAt.UTC(), State: string(p.State), Made: p.MadeAt.UTC(), MadeBy: string(p.MadeBy), Settled: when(p.SettledAt), Note: p.Note, To: p.To,
	}
}

// NewPromise makes a sentence of an answer a promise.
type NewPromise struct {
	Text  string    `json:"text" example:"We will send you a new cup by Friday." doc:"The sentence."`
	Owner string    `json:"owner,omitempty" example:"mbr_01kjpzx2p0000000000000000b" doc:"Who keeps it; absent: the token's member."`
	Due   time.Time `json:"due_at" example:"2026-03-20T12:00:00Z" doc:"Any moment of its day."`
	Case  string    `json:"case,omitempty" example:"cas_01kjpzx2p0000000000000000r" doc:"The case it belongs to."`
}

func (p NewPromise) in() growth.PromiseIn {
	return growth.PromiseIn{Text: p.Text, Owner: team.MemberID(p.Owner), DueAt: p.Due, Case: growth.CaseID(p.Case)}
}

// Noticed is a sentence that promises something.
type Noticed struct {
	From int        `json:"from" example:"0" doc:"Where it begins, in bytes of the text."`
	To   int        `json:"to" example:"37" doc:"Where it ends."`
	Text string     `json:"text" example:"We will send you a new cup by Friday." doc:"The sentence."`
	Due  *time.Time `json:"due_at,omitempty" example:"2026-03-20T22:59:59Z" doc:"The end of the day that it names; absent: it names none."`
}

func noticedOf(n growth.Noticed) Noticed {
	return Noticed{From: n.From, To: n.To, Text: n.Text, Due: when(n.DueAt)}
}

// promisePage is a page of promises.
type promisePage struct {
	Page[Promise]
	Counts map[string]int `json:"counts" nullable:"false" example:"{\"open\":2}" doc:"How many are in each state, of those that the caller may see."`
}

// Settling says how a promise was kept, or why not.
type Settling struct {
	Note string `json:"note,omitempty" example:"Sent on Thursday" doc:"For the team."`
}

func (a *API) promiseOperations() {
	x := a.rooms.Growth
	add(a, operation{
		id: "list-promises", method: http.MethodGet, path: "/promises", tag: tagPromises, needs: team.GrowthRead, own: true, summary: "List promises",
		description: "What is due first comes first, settled ones newest first.",
	}, func(ctx context.Context, c *caller, in *struct {
		Paging
		States []string `query:"state" enum:"written,open,kept,late,broken,gone" doc:"Only these states; several apart by commas. Absent: open and broken."`
		Owner  string   `query:"owner" doc:"Only those of this member."`
	},
	) (*output[promisePage], error) {
		p, err := x.Promises(ctx, c.actor, growth.PromiseFilter{
			States: each(in.States, func(s string) growth.PromiseState { return growth.PromiseState(s) }), Owner: team.MemberID(in.Owner), Cursor: in.Cursor, Limit: in.Limit,
		})
		if err != nil {
			return nil, err
		}
		out := promisePage{Page: Page[Promise]{Items: each(p.Promises, promiseOf), Next: p.Next}, Counts: map[string]int{}}
		for s, n := range p.Counts {
			out.Counts[string(s)] = n
		}
		return answer(out), nil
	})
	add(a, operation{
		id: "notice-promises", method: http.MethodPost, path: "/promises/notice", tag: tagPromises, needs: team.InboxReply,
		summary: "Find what a text promises", description: "Nothing is kept of it. An answer that promises something is refused until it says what becomes of each.",
	}, func(ctx context.Context, c *caller, in *struct {
		Body struct {
			Text string `json:"text" maxLength:"65536" example:"We will send you a new cup by Friday." doc:"A text of ours."`
		}
	},
	) (*output[list[Noticed]], error) {
		ns, err := x.Notice(ctx, c.actor, in.Body.Text)
		if err != nil {
			return nil, err
		}
		return answer(list[Noticed]{Items: each(ns, noticedOf)}), nil
	})
	type PromisePath struct {
		Promise string `path:"promise" example:"prm_01kjpzx2p0000000000000000v" doc:"The promise's identifier."`
	}
	for _, way := range []struct {
		id, verb, summary, description string
		f                              func(context.Context, team.Actor, growth.PromiseID, string) error
	}{
		{"keep-promise", "keep", "Say that a promise was kept", "Also after its day: then it counts as kept late.", x.Keep},
		{"break-promise", "break", "Say that a promise will not be kept", "It counts as broken from now on.", x.Break},
	} {
		add(a, operation{
			id: way.id, method: http.MethodPost, path: "/promises/{promise}/" + way.verb, tag: tagPromises, needs: team.GrowthManage, own: true, summary: way.summary, description: way.description,
			conflict: "It is settled already, or its answer has not gone out.",
		}, func(ctx context.Context, c *caller, in *struct {
			PromisePath
			Body Settling
		},
		) (*nothing, error) {
			return nil, way.f(ctx, c.actor, growth.PromiseID(in.Promise), in.Body.Note)
		})
	}
	add(a, operation{
		id: "hand-promise", method: http.MethodPost, path: "/promises/{promise}/hand", tag: tagPromises, needs: team.GrowthManage,
		summary: "Give a promise to somebody else", description: "Its day does not move: that was said to a person.",
	}, func(ctx context.Context, c *caller, in *struct {
		PromisePath
		Body struct {
			To string `json:"to" example:"mbr_01kjpzx2p0000000000000000b" doc:"The member who keeps it from now on."`
		}
	},
	) (*nothing, error) {
		return nil, x.HandPromise(ctx, c.actor, growth.PromiseID(in.Promise), team.MemberID(in.Body.To))
	})
}
