package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ponte-desk/ponte/internal/lead"
	"github.com/ponte-desk/ponte/internal/team"
)

// LeadForm is a form.
type LeadForm struct {
	ID       string           `json:"id" example:"frm_01kjpzx2p0000000000000000f" doc:"Identifier."`
	Name     string           `json:"name" example:"Quotes" doc:"What the team calls it."`
	State    string           `json:"state" enum:"draft,live,closed" example:"live" doc:"Whether it takes anything."`
	Path     string           `json:"path" example:"/f/Ab3dEf9k" doc:"Where it is filled in; with ?frame=1 in a frame."`
	Fields   []LeadFormField  `json:"fields" nullable:"false" doc:"The questions."`
	Settings LeadFormSettings `json:"settings" doc:"What it says besides."`
	Leads    int              `json:"leads" example:"12" doc:"How many leads it brought."`
	Won      int              `json:"won" example:"3" doc:"How many of them were won."`
	Waiting  int              `json:"waiting" example:"1" doc:"Sent in and not confirmed yet."`
	Created  time.Time        `json:"created_at" example:"2026-03-02T09:00:00Z" doc:"When it was made."`
	Version  int              `json:"version" example:"1" doc:"Of the form."`
}

// LeadFormField is one question of a form.
type LeadFormField struct {
	Key      string   `json:"key" example:"what" doc:"Its name in answers: small letters, digits and underscores."`
	Kind     string   `json:"kind" enum:"short,long,email,phone,choice,several,number,date,consent,file" example:"choice" doc:"What it asks for."`
	Label    string   `json:"label" example:"What do you need?" doc:"The question; of a consent the whole text."`
	Hint     string   `json:"hint,omitempty" example:"A rough idea will do." doc:"Help below it."`
	Required bool     `json:"required" doc:"It must be answered."`
	Options  []string `json:"options,omitempty" nullable:"false" example:"[\"A quote\",\"A visit\"]" doc:"Of choice and several."`
}

// LeadFormSettings are what a form says besides its questions.
type LeadFormSettings struct {
	Title    string `json:"title,omitempty" example:"Ask for a quote" doc:"What strangers read on top; absent: its name."`
	Intro    string `json:"intro,omitempty" example:"Tell us what you need." doc:"Below the title."`
	Button   string `json:"button,omitempty" example:"Send" doc:"The word on the key; absent: Ponte's."`
	Thanks   string `json:"thanks,omitempty" example:"Thank you, we will call." doc:"After it was sent; absent: Ponte's sentence."`
	Language string `json:"language,omitempty" enum:"it,en" example:"it" doc:"Absent: the company's."`
	Confirm  bool   `json:"confirm,omitempty" doc:"Every address is proved by a letter before it is a lead."`
	Subject  string `json:"subject,omitempty" example:"We have read you" doc:"Of the letter that goes back at once; with letter."`
	Letter   string `json:"letter,omitempty" example:"Hello {name}, we call tomorrow." doc:"Its text; {name} is theirs."`
	Sites    string `json:"sites,omitempty" example:"https://www.example.org" doc:"Origins that may frame it, apart by spaces; absent: any."`
	Campaign string `json:"campaign,omitempty" example:"spring" doc:"Of whoever comes by no link."`
	Channel  string `json:"channel,omitempty" example:"window" doc:"Of whoever comes by no link."`
}

// LeadFormWords are all that a form says.
type LeadFormWords struct {
	Name     string           `json:"name" example:"Quotes" doc:"What the team calls it."`
	Fields   []LeadFormField  `json:"fields" nullable:"false" doc:"The questions: one of e-mail and telephone must be required."`
	Settings LeadFormSettings `json:"settings,omitempty" doc:"What it says besides."`
}

func (w LeadFormWords) in() lead.FormIn {
	s := w.Settings
	return lead.FormIn{
		Name: w.Name,
		Fields: each(w.Fields, func(q LeadFormField) lead.Field {
			return lead.Field{Key: q.Key, Kind: lead.Kind(q.Kind), Label: q.Label, Hint: q.Hint, Required: q.Required, Options: q.Options}
		}),
		Settings: lead.FormSettings{
			Title: s.Title, Intro: s.Intro, Button: s.Button, Thanks: s.Thanks, Locale: s.Language, Confirm: s.Confirm, Subject: s.Subject, Letter: s.Letter, Sites: s.Sites,
			Campaign: s.Campaign, Channel: s.Channel,
		},
	}
}

func formOf(f lead.FormCount) LeadForm {
	s := f.Settings
	return LeadForm{
		ID: string(f.ID), Name: f.Name, State: string(f.State), Path: lead.FormPath(f.Code), Leads: f.Leads, Won: f.Won, Waiting: f.Waiting, Created: f.CreatedAt.UTC(), Version: f.Version,
		Fields: each(f.Fields, func(q lead.Field) LeadFormField {
			return LeadFormField{Key: q.Key, Kind: string(q.Kind), Label: q.Label, Hint: q.Hint, Required: q.Required, Options: q.Options}
		}),
		Settings: LeadFormSettings{
			Title: s.Title, Intro: s.Intro, Button: s.Button, Thanks: s.Thanks, Language: s.Locale, Confirm: s.Confirm, Subject: s.Subject, Letter: s.Letter, Sites: s.Sites,
			Campaign: s.Campaign, Channel: s.Channel,
		},
	}
}

// LeadFormSheet is a form with the texts that people agreed to, and what it did not take.
type LeadFormSheet struct {
	LeadForm
	Consents []LeadFormText `json:"consents" nullable:"false" doc:"Every text that people were asked to agree to, oldest first."`
	Refused  map[string]int `json:"refused" nullable:"false" example:"{\"trap\":3}" doc:"What it did not take in the last 30 days, by cause."`
}

// LeadFormText is one version of a text to agree to.
type LeadFormText struct {
	Field   string    `json:"field" example:"privacy" doc:"Key of the field."`
	Version int       `json:"version" example:"2" doc:"From 1."`
	Text    string    `json:"text" example:"I have read the privacy notice." doc:"The exact words."`
	At      time.Time `json:"at" example:"2026-03-02T09:00:00Z" doc:"Since when."`
}

// leadFormOperations are about forms.
func (a *API) leadFormOperations() {
	x := a.rooms.Leads
	form := func(f lead.Form, err error) (*output[LeadForm], error) {
		if err != nil {
			return nil, err
		}
		return answer(formOf(lead.FormCount{Form: f})), nil
	}
	add(a, operation{
		id: "list-forms", method: http.MethodGet, path: "/forms", tag: tagLeads, needs: team.LeadsRead, summary: "List forms", description: "Newest first.",
	}, func(ctx context.Context, c *caller, _ *nothing) (*output[list[LeadForm]], error) {
		all, err := x.Forms(ctx, c.actor)
		if err != nil {
			return nil, err
		}
		return answer(list[LeadForm]{Items: each(all, formOf)}), nil
	})
	add(a, operation{
		id: "get-form", method: http.MethodGet, path: "/forms/{form}", tag: tagLeads, needs: team.LeadsRead, summary: "Get a form",
		description: "With the texts that people were asked to agree to, and what it did not take.",
	}, func(ctx context.Context, c *caller, in *LeadFormPath) (*output[LeadFormSheet], error) {
		f, err := x.OpenForm(ctx, c.actor, lead.FormID(in.Form))
		if err != nil {
			return nil, err
		}
		out := LeadFormSheet{LeadForm: formOf(f.FormCount), Refused: map[string]int{}, Consents: each(f.Consents, func(t lead.ConsentText) LeadFormText {
			return LeadFormText{Field: t.Field, Version: t.Version, Text: t.Body, At: t.At.UTC()}
		})}
		for _, r := range f.Refused {
			out.Refused[string(r.Cause)] = r.N
		}
		return answer(out), nil
	})
	add(a, operation{
		id: "create-form", method: http.MethodPost, path: "/forms", tag: tagLeads, needs: team.FormsManage, status: http.StatusCreated, summary: "Make a form", description: "It is a draft until it is opened.",
		conflict: "There are sixty already.",
	}, func(ctx context.Context, c *caller, in *struct{ Body LeadFormWords }) (*output[LeadForm], error) {
		return form(x.CreateForm(ctx, c.actor, in.Body.in()))
	})
	add(a, operation{
		id: "change-form", method: http.MethodPut, path: "/forms/{form}", tag: tagLeads, needs: team.FormsManage, summary: "Change a form",
		description: "All that it says is replaced. A text that people agree to gets a new version where it has other words.", conflict: "Somebody changed it since.",
	}, func(ctx context.Context, c *caller, in *struct {
		LeadFormPath
		Body struct {
			LeadFormWords
			Version int `json:"version,omitempty" example:"1" doc:"That was read: a newer one is a conflict. Absent: whatever it is."`
		}
	},
	) (*output[LeadForm], error) {
		words := in.Body.in()
		words.Version = in.Body.Version
		return form(x.ChangeForm(ctx, c.actor, lead.FormID(in.Form), words))
	})
	add(a, operation{
		id: "set-form-state", method: http.MethodPost, path: "/forms/{form}/state", tag: tagLeads, needs: team.FormsManage, summary: "Open a form to everybody, or close it",
		description: "A closed one says so to who comes.", conflict: "It sends letters, and there is no mail server.",
	}, func(ctx context.Context, c *caller, in *struct {
		LeadFormPath
		Body struct {
			State string `json:"state" enum:"live,closed" example:"live" doc:"Open or closed."`
		}
	},
	) (*output[LeadForm], error) {
		return form(x.SetForm(ctx, c.actor, lead.FormID(in.Form), lead.FormState(in.Body.State)))
	})
}

// LeadTable is a table of leads.
type LeadTable struct {
	Table string `json:"table" maxLength:"8388608" example:"name,email,channel\nAda Neri,ada@example.org,fair\n" doc:"Lines of CSV, the names of the columns first."`
	Dry   bool   `json:"dry,omitempty" example:"true" doc:"Only tell what would come of it."`
}

// LeadImport is what a table brought, or would.
type LeadImport struct {
	Leads  []LeadLine      `json:"leads" nullable:"false" doc:"One for each line."`
	Errors []LeadLineError `json:"errors" nullable:"false" doc:"What is wrong; any: nothing was stored."`
}

// LeadLine is a lead of a table.
type LeadLine struct {
	Line  int    `json:"line" example:"2" doc:"Line of the table."`
	ID    string `json:"id,omitempty" example:"led_01kjpzx2p0000000000000000d" doc:"Absent in a dry run."`
	Name  string `json:"name,omitempty" example:"Ada Neri" doc:"Name."`
	Email string `json:"email,omitempty" example:"ada@example.org" doc:"Address."`
}

// LeadLineError is what is wrong in a line.
type LeadLineError struct {
	Line   int    `json:"line" example:"3" doc:"Line of the table."`
	Column string `json:"column" example:"email" doc:"Column, where it is one."`
	Code   string `json:"code" example:"lead.csv.erased" doc:"For programs."`
	Words  string `json:"words" example:"This person was erased." doc:"The same in words, with what helps."`
}

func (a *API) leadTableOperations() {
	x := a.rooms.Leads
	add(a, operation{
		id: "import-leads", method: http.MethodPost, path: "/leads/import", tag: tagLeads, needs: team.LeadsManage, calls: true, summary: "Take leads from a table",
		description: "All of them, or none when anything is wrong, told line by line. With dry nothing is stored. Columns: " + strings.Join(lead.Columns, ", ") + ".",
	}, func(ctx context.Context, c *caller, in *struct{ Body LeadTable }) (*output[LeadImport], error) {
		got, err := x.ImportCSV(ctx, c.actor, strings.NewReader(in.Body.Table), in.Body.Dry)
		if err != nil {
			return nil, err
		}
		return answer(LeadImport{
			Leads: each(got.Rows, func(r lead.ImportedRow) LeadLine {
				return LeadLine{Line: r.Line, ID: string(r.Lead.ID), Name: r.Lead.Name, Email: r.Lead.Email}
			}),
			Errors: each(got.Errors, func(e lead.LineError) LeadLineError { return LeadLineError(c.lineError(e)) }),
		}), nil
	})
	add(a, operation{
		id: "export-leads", method: http.MethodGet, path: "/leads/export", tag: tagLeads, needs: team.LeadsManage, produces: "text/csv", summary: "Get leads as a table",
		description: "What import-leads reads, with where each stands and what brought it. It says who people are: the audit trail keeps that it was taken along.",
	}, func(ctx context.Context, c *caller, in *LeadQuery) (*streamed, error) {
		if err := c.actor.May(team.LeadsManage); err != nil {
			return nil, err
		}
		return &streamed{Body: func(huma.Context) {
			h := c.writer.Header()
			h.Set("Content-Type", "text/csv; charset=utf-8")
			h.Set("Content-Disposition", `attachment; filename="leads.csv"`)
			h.Set("Cache-Control", "no-store")
			if err := x.ExportCSV(ctx, c.actor, in.filter(), c.writer); err != nil {
				c.err = err // the answer has begun: it ends short, and the log says why
			}
		}}, nil
	})
}
