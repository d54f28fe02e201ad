package api

import (
	"context"
	"net/http"
	"time"

	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/triage"
	"github.com/ponte-desk/ponte/internal/verdict"
)

// Verdict is what a text was judged to be.
type Verdict struct {
	Criticism string     `json:"criticism" enum:"yes,no,check" example:"yes" doc:"What counts: a member's word, else a second opinion's, else the model's. check: a person decides."`
	P         float64    `json:"p" example:"0.94" doc:"How likely the model holds it to be criticism, 0 to 1."`
	Tone      string     `json:"tone" example:"negative" doc:"negative, neutral, positive or mixed."`
	Language  string     `json:"language" example:"it" doc:"it, en, other or undetermined."`
	Question  float64    `json:"question" example:"0.02" doc:"How likely it asks something."`
	Praise    float64    `json:"praise" example:"0.05" doc:"How likely it praises."`
	Themes    []string   `json:"themes" nullable:"false" example:"[\"quality\"]" doc:"What it is about."`
	Urgency   int        `json:"urgency" example:"0" doc:"0 to 3."`
	Evidence  []string   `json:"evidence" nullable:"false" example:"[\"chipped\"]" doc:"The words that weighed most."`
	Corrected *time.Time `json:"corrected_at,omitempty" example:"2026-03-12T09:00:00Z" doc:"When a member said what it is."`
}

// verdictOf writes a verdict on a text.
func verdictOf(v verdict.Verdict, text string) *Verdict {
	if v.Subject == "" {
		return nil
	}
	j := v.Judged
	return &Verdict{
		Criticism: string(v.Criticism), P: j.Criticism.P, Tone: string(v.Tone), Language: string(j.Language), Question: j.Question, Praise: j.Praise,
		Themes: strs(v.Themes), Urgency: v.Urgency, Corrected: when(v.CorrectedAt),
		Evidence: each(j.Evidence, func(s triage.Span) string {
			if s.Start < 0 || s.End > len(text) || s.Start > s.End {
				return ""
			}
			return text[s.Start:s.End]
		}),
	}
}

// Said is what a member says a text is.
type Said struct {
	Criticism *bool    `json:"criticism,omitempty" doc:"It is criticism, or not; absent: not said."`
	Tone      string   `json:"tone,omitempty" enum:"negative,neutral,positive,mixed" example:"negative" doc:"Absent: not said."`
	Themes    []string `json:"themes,omitempty" nullable:"false" maxItems:"10" example:"[\"quality\"]" doc:"Absent: not said."`
	Urgency   *int     `json:"urgency,omitempty" minimum:"0" maximum:"3" example:"1" doc:"Absent: not said."`
}

// OwnWords are the company's own words.
type OwnWords struct {
	Words []string `json:"words" nullable:"false" maxItems:"500" example:"[\"Lungarno\"]" doc:"All of them."`
}

// TriageModel is a model that was made from the company's corrections.
type TriageModel struct {
	Number      int       `json:"number" example:"3" doc:"From 1 on."`
	Version     string    `json:"version" example:"d8cbb242991b" doc:"Fingerprint of its weights."`
	Active      bool      `json:"active" doc:"It judges."`
	Accepted    bool      `json:"accepted" doc:"It did not forget what it knew."`
	Corrections int       `json:"corrections" example:"24" doc:"What members said that it learned from."`
	Before      float64   `json:"score_before" example:"0.71" doc:"On the bundled set, before it learned."`
	After       float64   `json:"score_after" example:"0.71" doc:"After."`
	At          time.Time `json:"at" example:"2026-03-12T09:00:00Z" doc:"When it was made."`
}

func (a *API) verdictOperations() {
	x, v := a.rooms.Inbox, a.rooms.Verdicts
	add(a, operation{
		id: "correct-verdict", method: http.MethodPost, path: "/interactions/{interaction}/verdict", tag: tagCriticism, needs: team.InboxOrganise,
		summary: "Correct what a text was judged to be", description: "A member's word counts from now on, and the company's model learns from it.",
		conflict: "The text is another by now.",
	}, func(ctx context.Context, c *caller, in *struct {
		Interaction string `path:"interaction" example:"int_01kjpzx2p0000000000000000j" doc:"The interaction's identifier."`
		Body        Said
	},
	) (*nothing, error) {
		b := verdict.Correction{Criticism: in.Body.Criticism, Tone: triage.Tone(in.Body.Tone), Urgency: in.Body.Urgency}
		if in.Body.Themes != nil {
			b.Themes = each(in.Body.Themes, func(s string) triage.Theme { return triage.Theme(s) })
		}
		return nil, x.Correct(ctx, c.actor, inbox.InteractionID(in.Interaction), b)
	})
	add(a, operation{
		id: "list-own-words", method: http.MethodGet, path: "/triage/words", tag: tagCriticism, needs: team.InboxRead,
		summary: "List the company's own words", description: "Names of brands and products: they weigh nothing by themselves.",
	}, func(ctx context.Context, c *caller, _ *nothing) (*output[OwnWords], error) {
		ws, err := v.Words(ctx, c.actor)
		if err != nil {
			return nil, err
		}
		return answer(OwnWords{Words: strs(ws)}), nil
	})
	add(a, operation{
		id: "set-own-words", method: http.MethodPut, path: "/triage/words", tag: tagCriticism, needs: team.CompanyChange,
		summary: "Set the company's own words", description: "Replaces all of them.",
	}, func(ctx context.Context, c *caller, in *struct {
		Body struct {
			Words []string `json:"words" nullable:"false" maxItems:"500" example:"[\"Lungarno\"]" doc:"All of them."`
		}
	},
	) (*nothing, error) {
		return nil, v.SetWords(ctx, c.actor, in.Body.Words)
	})
	add(a, operation{
		id: "list-triage-models", method: http.MethodGet, path: "/triage/models", tag: tagCriticism, needs: team.InboxRead,
		summary: "List the company's models", description: "The last five, newest first; with how well they did on the bundled set before and after they learned.",
	}, func(ctx context.Context, c *caller, _ *nothing) (*output[list[TriageModel]], error) {
		ms, err := v.Models(ctx, c.actor)
		if err != nil {
			return nil, err
		}
		return answer(list[TriageModel]{Items: each(ms, func(m verdict.Model) TriageModel {
			return TriageModel{Number: m.Number, Version: m.Version, Active: m.Active, Accepted: m.Accepted, Corrections: m.Corrections, Before: m.Before, After: m.After, At: m.At.UTC()}
		})}), nil
	})
	add(a, operation{
		id: "undo-triage-model", method: http.MethodPost, path: "/triage/models/undo", tag: tagCriticism, needs: team.CompanyChange,
		summary: "Go back to the model before", description: "What members said stays; the next correction makes a new model.", conflict: "There is none before it.",
	}, func(ctx context.Context, c *caller, _ *nothing) (*nothing, error) {
		return nil, v.UndoModel(ctx, c.actor)
	})
}
