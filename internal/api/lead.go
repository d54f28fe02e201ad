package api

import (
	"context"
	"net/http"
	"time"

	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/lead"
	"github.com/ponte-desk/ponte/internal/team"
)

// Touch is one thing that brought somebody.
type Touch struct {
	At       time.Time `json:"at" example:"2026-03-02T09:00:00Z" doc:"When."`
	Link     string    `json:"link,omitempty" example:"lnk_01kjpzx2p0000000000000000k" doc:"The tracked link."`
	Post     string    `json:"post,omitempty" example:"pst_01kjpzx2p0000000000000000p" doc:"The post in which it stood."`
	Channel  string    `json:"channel,omitempty" example:"flyer" doc:"A network, or what the company calls it."`
	Campaign string    `json:"campaign,omitempty" example:"spring" doc:"Campaign."`
	Source   string    `json:"source,omitempty" example:"mastodon" doc:"As the address said."`
	Medium   string    `json:"medium,omitempty" example:"social" doc:"As the address said."`
}

func touchOf(t lead.Touch) *Touch {
	if !t.Known() {
		return nil
	}
	return &Touch{At: t.At.UTC(), Link: t.Link, Post: t.Post, Channel: t.Channel, Campaign: t.Campaign, Source: t.Source, Medium: t.Medium}
}

// LeadAnswer is what somebody said to a question.
type LeadAnswer struct {
	Key    string   `json:"key" example:"what" doc:"Key of the field."`
	Kind   string   `json:"kind" example:"choice" doc:"Kind of the field."`
	Label  string   `json:"label" example:"What do you need?" doc:"As it was asked."`
	Values []string `json:"values" nullable:"false" example:"[\"A quote\"]" doc:"What was said; of a file its name."`
}

// Lead is somebody who left a way to be reached.
type Lead struct {
	ID           string       `json:"id" example:"led_01kjpzx2p0000000000000000d" doc:"Identifier."`
	Source       string       `json:"source" enum:"form,talk,table,api,hand" example:"form" doc:"How it came in."`
	Form         string       `json:"form,omitempty" example:"frm_01kjpzx2p0000000000000000f" doc:"The form that was filled in."`
	Conversation string       `json:"conversation,omitempty" example:"cnv_01kjpzx2p0000000000000000g" doc:"The conversation that it came from."`
	State        string       `json:"state" enum:"new,contacted,qualified,won,lost" example:"new" doc:"Where it stands."`
	Reason       string       `json:"reason,omitempty" example:"Too expensive" doc:"Why it was lost."`
	Score        int          `json:"score" example:"3" doc:"The points of the company's rules."`
	Quality      string       `json:"quality,omitempty" enum:"good,fair,poor" example:"good" doc:"What the points mean; absent without rules."`
	Name         string       `json:"name,omitempty" example:"Ada Neri" doc:"Name; absent once the person was erased."`
	Email        string       `json:"email,omitempty" example:"ada@example.org" doc:"Address."`
	Phone        string       `json:"phone,omitempty" example:"+39 055 123456" doc:"Telephone."`
	Cents        int64        `json:"value_cents" example:"125000" doc:"What it is worth, in hundredths."`
	Currency     string       `json:"currency" example:"EUR" doc:"ISO 4217."`
	SoldOn       string       `json:"sold_on,omitempty" example:"2026-03-12" doc:"The day of the sale."`
	Member       string       `json:"member,omitempty" example:"mbr_01kjpzx2p0000000000000000b" doc:"Who follows it."`
	Answers      []LeadAnswer `json:"answers" nullable:"false" doc:"What was said to the form."`
	First        *Touch       `json:"first_touch,omitempty" doc:"What first brought them."`
	Last         *Touch       `json:"last_touch,omitempty" doc:"What brought them this time."`
	Confirmed    *time.Time   `json:"confirmed_at,omitempty" example:"2026-03-02T09:05:00Z" doc:"When the address was proved by a letter."`
	Created      time.Time    `json:"created_at" example:"2026-03-02T09:00:00Z" doc:"When it came."`
	Changed      time.Time    `json:"changed_at" example:"2026-03-02T09:00:00Z" doc:"When it was last changed."`
	Erased       *time.Time   `json:"erased_at,omitempty" example:"2026-04-02T09:00:00Z" doc:"When the person was taken out of it."`
	Version      int          `json:"version" example:"1" doc:"Give it with a change, so that nothing newer is overwritten."`
}

func leadOf(l lead.Lead) Lead {
	return Lead{
		ID: string(l.ID), Source: string(l.Source), Form: string(l.Form), Conversation: string(l.Conversation), State: string(l.State), Reason: l.Reason, Score: l.Score,
		Quality: string(l.Quality), Name: l.Name, Email: l.Email, Phone: l.Phone, Cents: l.Cents, Currency: l.Currency, SoldOn: l.SoldOn, Member: string(l.Member),
		Answers: each(l.Answers, func(a lead.Answer) LeadAnswer {
			return LeadAnswer{Key: a.Key, Kind: string(a.Kind), Label: a.Label, Values: append([]string{}, a.Values...)}
		}),
		First: touchOf(l.First), Last: touchOf(l.Last), Confirmed: when(l.ConfirmedAt), Created: l.CreatedAt.UTC(), Changed: l.ChangedAt.UTC(), Erased: when(l.ErasedAt),
		Version: l.Version,
	}
}

// LeadEvent is one thing that happened to a lead.
type LeadEvent struct {
	Kind   string    `json:"kind" enum:"came,state,value,given,note,joined,who" example:"state" doc:"What happened."`
	Member string    `json:"member,omitempty" example:"mbr_01kjpzx2p0000000000000000b" doc:"Who did it; absent: the person, or Ponte."`
	Was    string    `json:"was,omitempty" example:"new" doc:"Before."`
	Is     string    `json:"is,omitempty" example:"contacted" doc:"After."`
	Text   string    `json:"text,omitempty" example:"Called on Monday" doc:"Of a note; why it was lost."`
	At     time.Time `json:"at" example:"2026-03-02T09:00:00Z" doc:"When."`
}

// LeadConsent is a text that somebody was asked to agree to.
type LeadConsent struct {
	Field   string    `json:"field" example:"privacy" doc:"Key of the field."`
	Version int       `json:"version" example:"2" doc:"Version of the text, from 1."`
	Text    string    `json:"text" example:"I have read the privacy notice." doc:"The exact words."`
	Given   bool      `json:"given" doc:"Whether they agreed."`
	At      time.Time `json:"at" example:"2026-03-02T09:00:00Z" doc:"When."`
}

// LeadSheet is a lead with all that is known of it.
type LeadSheet struct {
	Lead
	Events   []LeadEvent   `json:"events" nullable:"false" doc:"What happened, oldest first."`
	Consents []LeadConsent `json:"consents" nullable:"false" doc:"What they were asked to agree to."`
	Reasons  []LeadRule    `json:"reasons" nullable:"false" doc:"The rules that speak for its quality."`
	Person   string        `json:"person,omitempty" example:"per_01kjpzx2p0000000000000000m" doc:"Whom it is from, for who may read people."`
}

// LeadRule is what a company holds for a good sign or a bad one.
type LeadRule struct {
	What   string `json:"what" enum:"answer,channel,campaign,source,form,phone,email,carrier,proved" example:"channel" doc:"What it looks at."`
	How    string `json:"how" enum:"is,is_not,contains,there,absent,at_least,at_most" example:"is" doc:"How it looks; capitals and accents do not count."`
	Field  string `json:"field,omitempty" example:"what" doc:"Key of the field, for answer."`
	Value  string `json:"value,omitempty" example:"flyer" doc:"What it is compared with; none for there and absent."`
	Points int    `json:"points" minimum:"-5" maximum:"5" example:"2" doc:"From -5 to 5, never 0."`
}

func ruleOf(r lead.Rule) LeadRule {
	return LeadRule{What: string(r.What), How: string(r.How), Field: r.Field, Value: r.Value, Points: r.Points}
}

// LeadRules are a company's rules.
type LeadRules struct {
	Rules []LeadRule `json:"rules" nullable:"false" doc:"In their order."`
}

// LearntRule is a rule that the company's own leads speak for.
type LearntRule struct {
	LeadRule
	Won     int `json:"won" example:"14" doc:"Won ones of those that meet it."`
	Of      int `json:"of" example:"15" doc:"Settled ones that meet it."`
	WonElse int `json:"won_else" example:"2" doc:"Won ones of the others."`
	Else    int `json:"of_else" example:"19" doc:"Settled others."`
}

// LeadQuality is what a company holds for a good lead, and what its own leads say.
type LeadQuality struct {
	Rules   []LeadRule   `json:"rules" nullable:"false" doc:"In their order."`
	Learnt  []LearntRule `json:"suggested" nullable:"false" doc:"What the won and the lost leads speak for; empty when there are too few, or nothing is clear enough."`
	Won     int          `json:"won" example:"16" doc:"Won leads looked at."`
	Lost    int          `json:"lost" example:"18" doc:"Lost leads looked at."`
	AtLeast int          `json:"at_least" example:"10" doc:"How many of each it takes."`
}

// NewLead is what a program knows of a lead.
type NewLead struct {
	Name     string              `json:"name,omitempty" example:"Ada Neri" doc:"Name."`
	Email    string              `json:"email,omitempty" example:"ada@example.org" doc:"Address; this or a telephone number is needed."`
	Phone    string              `json:"phone,omitempty" example:"+39 055 123456" doc:"Telephone."`
	Form     string              `json:"form,omitempty" example:"frm_01kjpzx2p0000000000000000f" doc:"The form whose questions are answered."`
	Answers  map[string][]string `json:"answers,omitempty" example:"{\"what\":[\"A quote\"]}" doc:"Answers by the keys of the form's fields, checked as on its page."`
	Channel  string              `json:"channel,omitempty" example:"fair" doc:"What brought them."`
	Campaign string              `json:"campaign,omitempty" example:"spring" doc:"Campaign."`
	Link     string              `json:"link,omitempty" example:"lomiru" doc:"The code of the tracked link that brought them; it says channel and campaign."`
	Cents    int64               `json:"value_cents,omitempty" example:"125000" doc:"What it is worth, in hundredths."`
	Currency string              `json:"currency,omitempty" example:"EUR" doc:"ISO 4217; absent: EUR."`
	Note     string              `json:"note,omitempty" example:"Met at the fair" doc:"For the team."`
}

// LeadChange is what becomes of a lead; what is absent stays.
type LeadChange struct {
	Version  int     `json:"version,omitempty" example:"1" doc:"That was read: a newer one is a conflict. Absent: whatever it is."`
	State    *string `json:"state,omitempty" nullable:"false" enum:"new,contacted,qualified,won,lost" example:"won" doc:"Where it stands."`
	Reason   string  `json:"reason,omitempty" example:"Too expensive" doc:"Why it is lost; needed with lost."`
	Cents    *int64  `json:"value_cents,omitempty" nullable:"false" example:"125000" doc:"What it is worth, in hundredths."`
	Currency *string `json:"currency,omitempty" nullable:"false" example:"EUR" doc:"ISO 4217."`
	SoldOn   *string `json:"sold_on,omitempty" nullable:"false" example:"2026-03-12" doc:"The day of the sale; absent with won: today."`
	Member   *string `json:"member,omitempty" nullable:"false" example:"mbr_01kjpzx2p0000000000000000b" doc:"Who follows it; empty: nobody."`
	Name     *string `json:"name,omitempty" nullable:"false" example:"Ada Neri" doc:"Name."`
	Email    *string `json:"email,omitempty" nullable:"false" example:"ada@example.org" doc:"Address."`
	Phone    *string `json:"phone,omitempty" nullable:"false" example:"+39 055 123456" doc:"Telephone."`
}

func (b LeadChange) in() lead.ChangeIn {
	in := lead.ChangeIn{Version: b.Version, Reason: b.Reason, Cents: b.Cents, Currency: b.Currency, SoldOn: b.SoldOn, Name: b.Name, Email: b.Email, Phone: b.Phone}
	if b.State != nil {
		s := lead.State(*b.State)
		in.State = &s
	}
	if b.Member != nil {
		m := team.MemberID(*b.Member)
		in.Member = &m
	}
	return in
}

// LeadSum is how many leads are in a state, and what they are worth.
type LeadSum struct {
	State    string `json:"state" enum:"new,contacted,qualified,won,lost" example:"won" doc:"The state."`
	Currency string `json:"currency" example:"EUR" doc:"ISO 4217; each currency by itself."`
	N        int    `json:"n" example:"12" doc:"How many."`
	Valued   int    `json:"valued" example:"9" doc:"How many of them have a value."`
	Cents    int64  `json:"value_cents" example:"940000" doc:"What these are worth together."`
}

// leadPage is a page of leads.
type leadPage struct {
	Page[Lead]
	Sums []LeadSum `json:"sums" nullable:"false" doc:"Of all leads that the filter lets through, whatever their state."`
}

// LeadPath names a lead.
type LeadPath struct {
	Lead string `path:"lead" example:"led_01kjpzx2p0000000000000000d" doc:"The lead's identifier."`
}

// LeadFormPath names a form.
type LeadFormPath struct {
	Form string `path:"form" example:"frm_01kjpzx2p0000000000000000f" doc:"The form's identifier."`
}

// LeadQuery narrows leads.
type LeadQuery struct {
	Paging
	States   []string `query:"state" enum:"new,contacted,qualified,won,lost" doc:"Only these states; several apart by commas."`
	Quality  string   `query:"quality" enum:"good,fair,poor" doc:"Only this quality."`
	Form     string   `query:"form" doc:"Only those of this form."`
	Channel  string   `query:"channel" doc:"Only those whom this channel brought last."`
	Campaign string   `query:"campaign" doc:"Only those whom this campaign brought last."`
	Member   string   `query:"member" doc:"Only those whom this member follows."`
	Query    string   `query:"q" doc:"How a name, or an address, begins."`
}

func (q LeadQuery) filter() lead.Filter {
	return lead.Filter{
		States: each(q.States, func(s string) lead.State { return lead.State(s) }), Quality: lead.Quality(q.Quality), Form: lead.FormID(q.Form), Channel: q.Channel,
		Campaign: q.Campaign, Member: team.MemberID(q.Member), Query: q.Query, Cursor: q.Cursor, Limit: q.Limit,
	}
}

func (a *API) leadOperations() {
	x := a.rooms.Leads
	add(a, operation{
		id: "list-leads", method: http.MethodGet, path: "/leads", tag: tagLeads, needs: team.LeadsRead, summary: "List leads", description: "Newest first, with sums over all that the filter lets through.",
	}, func(ctx context.Context, c *caller, in *LeadQuery) (*output[leadPage], error) {
		f := in.filter()
		p, err := x.List(ctx, c.actor, f)
		if err != nil {
			return nil, err
		}
		f.States = nil
		sums, err := x.Sums(ctx, c.actor, f)
		if err != nil {
			return nil, err
		}
		return answer(leadPage{Page: Page[Lead]{Items: each(p.Leads, leadOf), Next: p.Next}, Sums: each(sums, func(s lead.Sum) LeadSum {
			return LeadSum{State: string(s.State), Currency: s.Currency, N: s.N, Valued: s.Valued, Cents: s.Cents}
		})}), nil
	})
	add(a, operation{
		id: "get-lead", method: http.MethodGet, path: "/leads/{lead}", tag: tagLeads, needs: team.LeadsRead, summary: "Get a lead", description: "With what happened, what was agreed to and why it looks good.",
	}, func(ctx context.Context, c *caller, in *LeadPath) (*output[LeadSheet], error) {
		s, err := x.Open(ctx, c.actor, lead.ID(in.Lead))
		if err != nil {
			return nil, err
		}
		return answer(LeadSheet{
			Lead: leadOf(s.Lead), Person: string(s.Whose.Person.ID), Reasons: each(s.Reasons, ruleOf),
			Events: each(s.Events, func(e lead.Event) LeadEvent {
				return LeadEvent{Kind: string(e.Kind), Member: string(e.Member), Was: e.Was, Is: e.Becomes, Text: e.Body, At: e.At.UTC()}
			}),
			Consents: each(s.Agreed, func(g lead.Agreed) LeadConsent {
				return LeadConsent{Field: g.Field, Version: g.Version, Text: g.Body, Given: g.Given, At: g.Said.UTC()}
			}),
		}), nil
	})
	add(a, operation{
		id: "add-lead", method: http.MethodPost, path: "/leads", tag: tagLeads, needs: team.LeadsManage, status: http.StatusCreated, summary: "Add a lead",
		description: "Whoever has the same address as a lead before is taken for the same person.",
	}, func(ctx context.Context, c *caller, in *struct{ Body NewLead }) (*output[Lead], error) {
		b := in.Body
		l, err := x.Add(ctx, c.actor, lead.NewIn{
			Name: b.Name, Email: b.Email, Phone: b.Phone, Form: lead.FormID(b.Form), Answers: b.Answers, Channel: b.Channel, Campaign: b.Campaign, Link: b.Link, Cents: b.Cents,
			Currency: b.Currency, Note: b.Note,
		})
		if err != nil {
			return nil, err
		}
		return answer(leadOf(l)), nil
	})
	add(a, operation{
		id: "change-lead", method: http.MethodPatch, path: "/leads/{lead}", tag: tagLeads, needs: team.LeadsManage, summary: "Change a lead", description: "What is absent stays as it is.",
		conflict: "Somebody changed it since.",
	}, func(ctx context.Context, c *caller, in *struct {
		LeadPath
		Body LeadChange
	},
	) (*output[Lead], error) {
		l, err := x.Change(ctx, c.actor, lead.ID(in.Lead), in.Body.in())
		if err != nil {
			return nil, err
		}
		return answer(leadOf(l)), nil
	})
	add(a, operation{
		id: "note-lead", method: http.MethodPost, path: "/leads/{lead}/notes", tag: tagLeads, needs: team.LeadsManage, summary: "Write a note about a lead", description: "The team alone sees it.",
	}, func(ctx context.Context, c *caller, in *struct {
		LeadPath
		Body struct {
			Text string `json:"text" maxLength:"4000" example:"Called on Monday" doc:"For the team."`
		}
	},
	) (*nothing, error) {
		return nil, x.AddNote(ctx, c.actor, lead.ID(in.Lead), in.Body.Text)
	})
	add(a, operation{
		id: "lead-conversation", method: http.MethodPost, path: "/conversations/{conversation}/lead", tag: tagLeads, needs: team.LeadsManage,
		summary: "Make a lead of who writes in a conversation", description: "A conversation that has one gives it again.", conflict: "It is not known who writes.",
	}, func(ctx context.Context, c *caller, in *ConversationPath) (*output[Lead], error) {
		l, err := x.FromConversation(ctx, c.actor, inbox.ConversationID(in.Conversation), lead.NewIn{})
		if err != nil {
			return nil, err
		}
		return answer(leadOf(l)), nil
	})
	a.leadFormOperations()
	a.leadTableOperations()
	add(a, operation{
		id: "get-lead-quality", method: http.MethodGet, path: "/lead-rules", tag: tagLeads, needs: team.LeadsRead, summary: "Get the rules about a good lead",
		description: "With what the company's own won and lost leads speak for, once there are enough.",
	}, func(ctx context.Context, c *caller, _ *nothing) (*output[LeadQuality], error) {
		rules, err := x.Rules(ctx, c.actor)
		if err != nil {
			return nil, err
		}
		learnt, won, lost, err := x.Suggest(ctx, c.actor)
		if err != nil {
			return nil, err
		}
		return answer(LeadQuality{Rules: each(rules, ruleOf), Won: won, Lost: lost, AtLeast: lead.LearnFrom, Learnt: each(learnt, func(l lead.Learnt) LearntRule {
			return LearntRule{LeadRule: ruleOf(l.Rule), Won: l.Won, Of: l.Of, WonElse: l.WonElse, Else: l.But}
		})}), nil
	})
	add(a, operation{
		id: "set-lead-rules", method: http.MethodPut, path: "/lead-rules", tag: tagLeads, needs: team.FormsManage, summary: "Replace the rules about a good lead",
		description: "Every lead is read again by them.",
	}, func(ctx context.Context, c *caller, in *struct{ Body LeadRules }) (*output[LeadRules], error) {
		rules, err := x.SetRules(ctx, c.actor, each(in.Body.Rules, func(r LeadRule) lead.Rule {
			return lead.Rule{What: lead.What(r.What), How: lead.How(r.How), Field: r.Field, Value: r.Value, Points: r.Points}
		}))
		if err != nil {
			return nil, err
		}
		return answer(LeadRules{Rules: each(rules, ruleOf)}), nil
	})
}
