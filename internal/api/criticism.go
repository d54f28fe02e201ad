package api

import (
	"context"
	"net/http"
	"time"

	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/record"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/triage"
)

// Criticism is an interaction in which a person says that something is wrong.
type Criticism struct {
	ID           string     `json:"id" example:"crt_01kjpzx2p0000000000000000u" doc:"Identifier."`
	Interaction  string     `json:"interaction,omitempty" example:"int_01kjpzx2p0000000000000000j" doc:"What they wrote; absent: it was erased."`
	Conversation string     `json:"conversation,omitempty" example:"cnv_01kjpzx2p0000000000000000g" doc:"Where."`
	Handle       string     `json:"handle" example:"4f7a91c2d3e4f5061728394a5b6c7d8e" doc:"Its name in the public record."`
	Public       bool       `json:"public" doc:"Everybody could read it: it stands in the record."`
	Leaf         *int64     `json:"leaf,omitempty" example:"31" doc:"Its place in the record, from 0; absent: it has none."`
	State        string     `json:"state" enum:"to_decide,counted,dismissed,erased" example:"counted" doc:"to_decide: a member decides."`
	Theme        string     `json:"theme,omitempty" example:"quality" doc:"What it is about."`
	Said         time.Time  `json:"said_at" example:"2026-03-11T18:30:00Z" doc:"When it was written."`
	DecideBy     *time.Time `json:"decide_by,omitempty" example:"2026-03-18T18:30:00Z" doc:"Until when a member should decide."`
	Overdue      bool       `json:"overdue" doc:"That time has passed, and the record says so."`
	Answered     *time.Time `json:"answered_at,omitempty" example:"2026-03-12T09:00:00Z" doc:"When we answered."`
	Reason       string     `json:"reason,omitempty" example:"question" doc:"Why it is none."`
	Case         string     `json:"case,omitempty" example:"cas_01kjpzx2p0000000000000000r" doc:"The case it belongs to."`
	Named        bool       `json:"named" doc:"It is quoted with the person's first name and initial."`
	Quote        string     `json:"quote,omitempty" example:"The cup arrived chipped" doc:"What is quoted of it; absent: all of it."`
	Confirmed    *time.Time `json:"confirmed_at,omitempty" example:"2026-04-02T09:00:00Z" doc:"When the person said whether it is better."`
	Better       bool       `json:"better" doc:"What they said."`
}

func criticismOf(c growth.Criticism) Criticism {
	out := Criticism{
		ID: string(c.ID), Interaction: string(c.Interaction), Conversation: string(c.Conversation), Handle: string(c.Handle), Public: c.Public, State: string(c.State),
		Theme: string(c.Theme), Said: c.SaidAt.UTC(), DecideBy: when(c.DecideBy), Overdue: c.Overdue, Answered: when(c.AnsweredAt), Reason: string(c.Reason),
		Case: string(c.Case), Named: c.Named, Quote: c.Quote, Confirmed: when(c.ConfirmedAt), Better: c.Better,
	}
	if c.Leaf >= 0 {
		out.Leaf = &c.Leaf
	}
	return out
}

// Voice is a criticism with the words and the person behind it.
type Voice struct {
	Criticism Criticism `json:"criticism" doc:"The criticism."`
	Text      string    `json:"text,omitempty" example:"The cup arrived chipped for the second time." doc:"Their words; absent: taken back or erased."`
	Stars     int       `json:"stars,omitempty" example:"2" doc:"1 to 5, of reviews."`
	From      *Identity `json:"from,omitempty" doc:"Who wrote it."`
}

func voiceOf(v growth.Voice) Voice {
	out := Voice{Criticism: criticismOf(v.Criticism), Text: v.Text, Stars: v.Stars}
	if v.From.ID != "" {
		i := identityOf(v.From)
		out.From = &i
	}
	return out
}

// Likely is an open case that something may belong to.
type Likely struct {
	Case  Case     `json:"case" doc:"The case."`
	Score float64  `json:"score" example:"0.71" doc:"0 to 1: how alike they are."`
	Words []string `json:"words" nullable:"false" example:"[\"chipped\",\"rim\"]" doc:"What they have in common."`
}

// Same is who says the same.
type Same struct {
	Voices []Voice    `json:"voices" nullable:"false" doc:"In no case, newest first."`
	People int        `json:"people" example:"3" doc:"Different people among them."`
	Since  *time.Time `json:"since,omitempty" example:"2026-02-12T09:00:00Z" doc:"When the first of them was written."`
	Cases  []Likely   `json:"cases" nullable:"false" doc:"Open cases about the same, likeliest first."`
}

// Decision is a member's word on whether something is criticism.
type Decision struct {
	Criticism bool   `json:"criticism" doc:"It is one."`
	Theme     string `json:"theme,omitempty" example:"quality" doc:"When it is; absent: what triage says."`
	Reason    string `json:"reason,omitempty" enum:"not_about_us,question,praise,spam,abuse,mistake,withdrawn" example:"question" doc:"When it is not: why. It stands in the public record."`
}

// Quoting says how it is quoted in public.
type Quoting struct {
	Named bool   `json:"named" doc:"With the person's first name and initial; else without a name."`
	Part  string `json:"part,omitempty" example:"The cup arrived chipped" doc:"A part of their own words; absent: all of it."`
}

func (a *API) criticismOperations() {
	x := a.rooms.Growth
	add(a, operation{
		id: "list-undecided", method: http.MethodGet, path: "/criticisms/undecided", tag: tagCriticism, needs: team.GrowthRead,
		summary: "List what waits for a word", description: "Triage is in doubt: a member decides. What is due first comes first.",
	}, func(ctx context.Context, c *caller, in *struct {
		Limit int `query:"limit" minimum:"1" maximum:"100" default:"30" doc:"How many at most."`
	},
	) (*output[list[Voice]], error) {
		vs, err := x.Undecided(ctx, c.actor, in.Limit)
		if err != nil {
			return nil, err
		}
		return answer(list[Voice]{Items: each(vs, voiceOf)}), nil
	})
	type InteractionPath struct {
		Interaction string `path:"interaction" example:"int_01kjpzx2p0000000000000000j" doc:"The interaction's identifier."`
	}
	add(a, operation{
		id: "decide-criticism", method: http.MethodPost, path: "/interactions/{interaction}/criticism", tag: tagCriticism, needs: team.GrowthManage,
		summary: "Say whether it is criticism", description: "The word teaches triage. What stands in the record stays there; that it was dismissed, and why, is added.",
		conflict: "It belongs to a case: take it out first.",
	}, func(ctx context.Context, c *caller, in *struct {
		InteractionPath
		Body Decision
	},
	) (*output[Criticism], error) {
		cr, err := x.Decide(ctx, c.actor, growth.DecideIn{
			Interaction: inbox.InteractionID(in.Interaction), Criticism: in.Body.Criticism, Theme: triage.Theme(in.Body.Theme), Reason: record.Reason(in.Body.Reason),
		})
		if err != nil {
			return nil, err
		}
		return answer(criticismOf(cr)), nil
	})
	add(a, operation{
		id: "list-same", method: http.MethodGet, path: "/interactions/{interaction}/same", tag: tagCriticism, needs: team.GrowthRead,
		summary: "List who says the same", description: "In the last year, and the open cases about it.",
	}, func(ctx context.Context, c *caller, in *InteractionPath) (*output[Same], error) {
		s, err := x.SaySame(ctx, c.actor, []inbox.InteractionID{inbox.InteractionID(in.Interaction)})
		if err != nil {
			return nil, err
		}
		return answer(Same{
			Voices: each(s.Voices, voiceOf), People: s.People, Since: when(s.Since),
			Cases: each(s.Cases, func(l growth.Likely) Likely {
				return Likely{Case: a.caseOf(l.Case), Score: l.Score, Words: strs(l.Words)}
			}),
		}), nil
	})
	type CriticismPath struct {
		Criticism string `path:"criticism" example:"crt_01kjpzx2p0000000000000000u" doc:"The criticism's identifier."`
	}
	add(a, operation{
		id: "part-criticism", method: http.MethodPost, path: "/criticisms/{criticism}/part", tag: tagCriticism, needs: team.GrowthManage,
		summary: "Take a criticism out of its case", description: "A case keeps at least one.", conflict: "It is the last one, or in no case.",
	}, func(ctx context.Context, c *caller, in *CriticismPath) (*nothing, error) {
		return nil, x.Part(ctx, c.actor, growth.CriticismID(in.Criticism))
	})
	add(a, operation{
		id: "quote-criticism", method: http.MethodPut, path: "/criticisms/{criticism}/quote", tag: tagCriticism, needs: team.GrowthManage,
		summary: "Say how a criticism is quoted", description: "Without a name unless said otherwise.",
	}, func(ctx context.Context, c *caller, in *struct {
		CriticismPath
		Body Quoting
	},
	) (*nothing, error) {
		return nil, x.SetQuote(ctx, c.actor, growth.CriticismID(in.Criticism), in.Body.Named, in.Body.Part)
	})
}
