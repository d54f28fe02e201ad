package api

import (
	"context"
	"net/http"
	"time"

	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/record"
	"github.com/ponte-desk/ponte/internal/team"
)

// Count is how many people complained in how many days.
type Count struct {
	People int `json:"people" example:"6" doc:"Different people."`
	Days   int `json:"days" example:"56" doc:"In so many days."`
}

func countOf(c record.Count) Count { return Count{People: c.People, Days: c.Days} }

// Trend compares before and after a change.
type Trend struct {
	Outcome string     `json:"outcome,omitempty" enum:"too_early,worked,not_worked,too_few" example:"worked" doc:"What came of it; absent: nothing was changed yet."`
	Before  Count      `json:"before" doc:"Before the change."`
	After   Count      `json:"after" doc:"Since the change."`
	Chance  float64    `json:"chance" example:"0.03" doc:"How likely a fall at least as great would be had nothing changed; 1: there was no fall."`
	Look    *time.Time `json:"look_at,omitempty" example:"2026-07-20T00:00:00Z" doc:"When there will probably be enough to say."`
}

func trendOf(t growth.Trend) Trend {
	return Trend{Outcome: string(t.Outcome), Before: countOf(t.Before), After: countOf(t.After), Chance: t.Chance, Look: when(t.LookAt)}
}

// LaterLine is what was added to a published entry.
type LaterLine struct {
	At   time.Time `json:"at" example:"2026-06-01T09:00:00Z" doc:"When."`
	Text Words     `json:"text" doc:"What."`
}

// Improvement is what was changed: you said, we did, it worked.
type Improvement struct {
	ID        string      `json:"id" example:"imp_01kjpzx2p0000000000000000w" doc:"Identifier."`
	Case      string      `json:"case" example:"cas_01kjpzx2p0000000000000000r" doc:"Its case."`
	Number    int         `json:"number,omitempty" example:"8" doc:"Of the published ones, from 1; absent: not published."`
	Handle    string      `json:"handle" example:"4f7a91c2d3e4f5061728394a5b6c7d8e" doc:"Its name in the public record."`
	State     string      `json:"state" enum:"draft,asked,approved,published" example:"draft" doc:"asked: waits for who may approve."`
	Title     Words       `json:"title" doc:"Title."`
	Stone     Words       `json:"stone" doc:"One word for the arch."`
	Said      Words       `json:"said" doc:"You said."`
	Did       Words       `json:"did" doc:"We did."`
	Since     time.Time   `json:"since" example:"2026-03-20T08:00:00Z" doc:"Since when the change is in force."`
	Voices    int         `json:"voices" example:"4" doc:"Criticisms in its case when it was published."`
	Trend     Trend       `json:"trend" doc:"Did it work."`
	Later     []LaterLine `json:"later" nullable:"false" doc:"What was added after publishing, oldest first."`
	Approved  *time.Time  `json:"approved_at,omitempty" example:"2026-05-21T09:00:00Z" doc:"When it was approved."`
	Published *time.Time  `json:"published_at,omitempty" example:"2026-05-22T09:00:00Z" doc:"When it was published."`
	Leaf      *int64      `json:"leaf,omitempty" example:"31" doc:"Its place in the record, from 0."`
	Better    int         `json:"better" example:"2" doc:"People who confirmed that it is better."`
	NotBetter int         `json:"not_better" example:"0" doc:"People who said that it is not."`
}

func improvementOf(i growth.Improvement) Improvement {
	out := Improvement{
		ID: string(i.ID), Case: string(i.Case), Number: i.Number, Handle: string(i.Handle), State: string(i.State), Title: wordsOf(i.Title), Stone: wordsOf(i.Stone),
		Said: wordsOf(i.Said), Did: wordsOf(i.Did), Since: i.Since.UTC(), Voices: i.Voices, Trend: trendOf(i.Trend),
		Later:    each(i.Later, func(l growth.Line) LaterLine { return LaterLine{At: l.At.UTC(), Text: wordsOf(l.Text)} }),
		Approved: when(i.ApprovedAt), Published: when(i.PublishedAt), Better: i.Better, NotBetter: i.NotBetter,
	}
	if i.Leaf >= 0 && i.Number > 0 {
		out.Leaf = &i.Leaf
	}
	return out
}

// ImprovementText replaces the text of an entry that is not published.
type ImprovementText struct {
	Title Words `json:"title" doc:"Title."`
	Stone Words `json:"stone" doc:"One word for the arch."`
	Said  Words `json:"said" doc:"You said."`
	Did   Words `json:"did" doc:"We did."`
}

// Letter is what goes back to a person who raised a case.
type Letter struct {
	ID           string     `json:"id" example:"ltr_01kjpzx2p0000000000000000x" doc:"Identifier."`
	Conversation string     `json:"conversation" example:"cnv_01kjpzx2p0000000000000000g" doc:"Where it goes."`
	To           *Identity  `json:"to,omitempty" doc:"To whom."`
	Text         string     `json:"text" example:"Ada, since 20 March ... https://desk.example/c/..." doc:"With the personal link in it."`
	State        string     `json:"state" enum:"draft,sent,skipped,answered" example:"draft" doc:"draft: waits for a person's yes."`
	Reply        string     `json:"reply,omitempty" example:"rep_01kjpzx2p0000000000000000n" doc:"The answer it became."`
	Sent         *time.Time `json:"sent_at,omitempty" example:"2026-04-02T09:00:00Z" doc:"When a person said yes."`
	Answered     *time.Time `json:"answered_at,omitempty" example:"2026-04-03T09:00:00Z" doc:"When they said whether it is better."`
	Better       bool       `json:"better" doc:"What they said."`
	Words        string     `json:"words,omitempty" example:"Good people." doc:"What they added, for the team."`
	Public       bool       `json:"public" doc:"It answers what everybody can read, and so can its link be read: the first answer counts, and no other."`
}

func letterOf(l growth.Letter) Letter {
	out := Letter{
		ID: string(l.ID), Conversation: string(l.Conversation), Text: l.Text, State: string(l.State), Reply: string(l.Reply), Sent: when(l.SentAt),
		Answered: when(l.AnsweredAt), Better: l.Better, Words: l.Words, Public: l.Public,
	}
	if l.To.ID != "" {
		i := identityOf(l.To)
		out.To = &i
	}
	return out
}

// ImprovementPath says which improvement.
type ImprovementPath struct {
	Improvement string `path:"improvement" example:"imp_01kjpzx2p0000000000000000w" doc:"The improvement's identifier."`
}

func (p ImprovementPath) id() growth.ImprovementID { return growth.ImprovementID(p.Improvement) }

func (a *API) improvementOperations() {
	x := a.rooms.Growth
	const approvers = " Who may approve is among the growth settings; owners always may."
	add(a, operation{
		id: "list-to-approve", method: http.MethodGet, path: "/improvements/to-approve", tag: tagImprovements, needs: team.GrowthPublish, summary: "List what waits for approval",
		description: "Entries that wait for the token's member." + approvers,
	}, func(ctx context.Context, c *caller, _ *nothing) (*output[list[Improvement]], error) {
		is, err := x.ToApprove(ctx, c.actor)
		if err != nil {
			return nil, err
		}
		return answer(list[Improvement]{Items: each(is, improvementOf)}), nil
	})
	add(a, operation{
		id: "change-improvement", method: http.MethodPut, path: "/improvements/{improvement}", tag: tagImprovements, needs: team.GrowthManage, own: true, summary: "Change a public entry",
		description: "One that is not published; an approval is gone by this.", conflict: "It is published: only lines can be added.",
	}, func(ctx context.Context, c *caller, in *struct {
		ImprovementPath
		Body ImprovementText
	},
	) (*nothing, error) {
		b := in.Body
		return nil, x.ChangeImprovement(ctx, c.actor, in.id(), growth.DraftIn{Title: b.Title.words(), Stone: b.Stone.words(), Said: b.Said.words(), Did: b.Did.words()})
	})
	for _, way := range []struct {
		id, verb, summary, description, conflict string
		needs                                    team.Permission
		f                                        func(context.Context, team.Actor, growth.ImprovementID) error
	}{
		{"ask-improvement", "ask", "Ask for approval", "Hands a draft to whoever the company says.", "It is no draft.", team.GrowthManage, x.AskApproval},
		{"approve-improvement", "approve", "Approve a public entry", "It may be published as it stands." + approvers, "It is published or approved already.", team.GrowthPublish, x.ApproveImprovement},
		{"publish-improvement", "publish", "Publish a public entry", "On the growth page and in the record, for good.", "It is published already, or not approved.", team.GrowthPublish, x.Publish},
	} {
		add(a, operation{
			id: way.id, method: http.MethodPost, path: "/improvements/{improvement}/" + way.verb, tag: tagImprovements, needs: way.needs, own: way.needs == team.GrowthManage,
			summary: way.summary, description: way.description, conflict: way.conflict,
		}, func(ctx context.Context, c *caller, in *ImprovementPath) (*nothing, error) {
			return nil, way.f(ctx, c.actor, in.id())
		})
	}
	add(a, operation{
		id: "return-improvement", method: http.MethodPost, path: "/improvements/{improvement}/return", tag: tagImprovements, needs: team.GrowthPublish, summary: "Send a public entry back",
		description: "To be changed, with a reason." + approvers, conflict: "It does not wait.",
	}, func(ctx context.Context, c *caller, in *struct {
		ImprovementPath
		Body Rejection
	},
	) (*nothing, error) {
		return nil, x.ReturnImprovement(ctx, c.actor, in.id(), in.Body.Reason)
	})
	add(a, operation{
		id: "add-line", method: http.MethodPost, path: "/improvements/{improvement}/lines", tag: tagImprovements, needs: team.GrowthPublish,
		summary: "Add a line to a published entry", description: "What is published is not changed: lines are added.", conflict: "It is not published.",
	}, func(ctx context.Context, c *caller, in *struct {
		ImprovementPath
		Body struct {
			Text Words `json:"text" doc:"In at least one language."`
		}
	},
	) (*nothing, error) {
		return nil, x.AddLine(ctx, c.actor, in.id(), in.Body.Text.words())
	})
	type LetterPath struct {
		Letter string `path:"letter" example:"ltr_01kjpzx2p0000000000000000x" doc:"The letter's identifier."`
	}
	add(a, operation{
		id: "change-letter", method: http.MethodPut, path: "/letters/{letter}", tag: tagImprovements, needs: team.InboxReply,
		summary: "Change a letter", description: "The personal link must stay in it.", conflict: "It has been sent or skipped.",
	}, func(ctx context.Context, c *caller, in *struct {
		LetterPath
		Body struct {
			Text string `json:"text" example:"Ada, since 20 March ..." doc:"All of it."`
		}
	},
	) (*nothing, error) {
		return nil, x.ChangeLetter(ctx, c.actor, growth.LetterID(in.Letter), in.Body.Text)
	})
	add(a, operation{
		id: "send-letter", method: http.MethodPost, path: "/letters/{letter}/send", tag: tagImprovements, needs: team.InboxReply,
		summary: "Send a letter", description: "It goes out as an answer, under the rules of the inbox. When it promises something, what becomes of that is said as for an answer; a body is needed only then.",
		conflict: "It has been sent or skipped, or it promises something and nobody says what becomes of it: `promises` tells what was noticed.",
	}, func(ctx context.Context, c *caller, in *struct {
		LetterPath
		Body *struct {
			Promises  []NewPromise `json:"promises,omitempty" nullable:"false" maxItems:"10" doc:"What it promises."`
			NoPromise bool         `json:"no_promise,omitempty" doc:"It promises nothing, or nothing more: a person has read what was noticed."`
		}
	},
	) (*nothing, error) {
		var of growth.Said
		if in.Body != nil {
			of = growth.Said{Promises: each(in.Body.Promises, NewPromise.in), NoPromise: in.Body.NoPromise}
		}
		id := growth.LetterID(in.Letter)
		err := x.SendLetter(ctx, c.actor, id, of)
		if err == nil {
			return nil, nil
		}
		l, failed := x.Letter(ctx, c.actor, id)
		if failed != nil {
			return nil, err
		}
		return nil, a.asked(ctx, c, err, l.Text)
	})
	add(a, operation{
		id: "skip-letter", method: http.MethodPost, path: "/letters/{letter}/skip", tag: tagImprovements, needs: team.InboxReply,
		summary: "Decide not to write", description: "Nothing goes out.", conflict: "It has been sent or skipped.",
	}, func(ctx context.Context, c *caller, in *LetterPath) (*nothing, error) {
		return nil, x.SkipLetter(ctx, c.actor, growth.LetterID(in.Letter))
	})
}
