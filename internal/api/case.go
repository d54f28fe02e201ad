package api

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/triage"
)

// Words is a public text in both languages.
type Words struct {
	IT string `json:"it,omitempty" example:"Un separatore di cartone in ogni scatola." doc:"In Italian."`
	EN string `json:"en,omitempty" example:"A cardboard divider in every box." doc:"In English."`
}

func wordsOf(w growth.Words) Words  { return Words{IT: w.IT, EN: w.EN} }
func (w Words) words() growth.Words { return growth.Words{IT: w.IT, EN: w.EN} }
func ids(in []string) []inbox.InteractionID {
	return each(in, func(s string) inbox.InteractionID { return inbox.InteractionID(s) })
}

// moment reads a time that may be absent.
func moment(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// Case is one or more criticisms accepted as one matter.
type Case struct {
	ID       string     `json:"id" example:"cas_01kjpzx2p0000000000000000r" doc:"Identifier."`
	Number   int        `json:"number" example:"12" doc:"Of the company, from 1."`
	Handle   string     `json:"handle" example:"4f7a91c2d3e4f5061728394a5b6c7d8e" doc:"Its name in the public record."`
	Title    string     `json:"title" example:"Cups with chipped rims" doc:"What it is about."`
	Shown    *Words     `json:"shown,omitempty" doc:"The title that strangers read on the growth page; absent: title."`
	Theme    string     `json:"theme,omitempty" example:"quality" doc:"Theme of what is said."`
	State    string     `json:"state" enum:"heard,understood,changing,changed,declined" example:"understood" doc:"How far it has come."`
	Cause    string     `json:"cause,omitempty" example:"Two cups touch in their box." doc:"Why it happens."`
	Plan     string     `json:"plan,omitempty" example:"A divider in the box." doc:"What is being changed."`
	Owner    string     `json:"owner,omitempty" example:"mbr_01kjpzx2p0000000000000000b" doc:"The member who owns it; absent: nobody."`
	Due      *time.Time `json:"due_at,omitempty" example:"2026-03-20T17:00:00Z" doc:"By when it should be changed."`
	Late     bool       `json:"late" doc:"That moment has passed."`
	OpenedBy string     `json:"opened_by,omitempty" example:"mbr_01kjpzx2p0000000000000000e" doc:"Who opened it."`
	Opened   time.Time  `json:"opened_at" example:"2026-03-12T09:00:00Z" doc:"When."`
	Changed  *time.Time `json:"changed_at,omitempty" example:"2026-03-20T08:00:00Z" doc:"Since when the change is in force."`
	Declined *time.Time `json:"declined_at,omitempty" example:"2026-03-20T08:00:00Z" doc:"When it was declined."`
	Reason   *Words     `json:"reason,omitempty" doc:"Why it was declined, as everybody may read."`
	Voices   int        `json:"voices" example:"4" doc:"Criticisms in it."`
	People   int        `json:"people" example:"4" doc:"Different people among them."`
	First    *time.Time `json:"first_at,omitempty" example:"2026-02-12T09:00:00Z" doc:"When the first of them was written."`
	Last     *time.Time `json:"last_at,omitempty" example:"2026-03-11T09:00:00Z" doc:"When the last of them was written."`
	Entry    string     `json:"entry,omitempty" enum:"draft,asked,approved,published" example:"published" doc:"How far its newest public entry has come; absent: none is prepared."`
	Stone    int        `json:"stone,omitempty" example:"8" doc:"Number of its newest published entry."`
	Outcome  string     `json:"outcome,omitempty" enum:"too_early,worked,not_worked,too_few" example:"worked" doc:"What came of that one."`
	Tasks    int        `json:"tasks" example:"3" doc:"Things to do."`
	Open     int        `json:"tasks_open" example:"1" doc:"Those that are not done."`
}

func (a *API) caseOf(c growth.Case) Case {
	out := Case{
		ID: string(c.ID), Number: c.Number, Handle: string(c.Handle), Title: c.Title, Theme: string(c.Theme), State: string(c.State), Cause: c.Cause,
		Plan: c.Plan, Owner: string(c.Owner), Due: when(c.DueAt), Late: c.Late(a.rooms.Clock.Now()), OpenedBy: string(c.OpenedBy), Opened: c.OpenedAt.UTC(),
		Changed: when(c.ChangedAt), Declined: when(c.DeclinedAt), Voices: c.Voices, People: c.People, First: when(c.FirstAt), Last: when(c.LastAt),
		Tasks: c.Tasks, Open: c.TasksOpen, Entry: string(c.Entry), Stone: c.Stone, Outcome: string(c.Outcome),
	}
	if !c.Shown.Empty() {
		w := wordsOf(c.Shown)
		out.Shown = &w
	}
	if !c.Decline.Empty() {
		w := wordsOf(c.Decline)
		out.Reason = &w
	}
	return out
}

// casePage is a page of cases.
type casePage struct {
	Page[Case]
	Counts map[string]int `json:"counts" nullable:"false" example:"{\"heard\":2}" doc:"How many cases are in each state, of those that the caller may see."`
}

// Task is something to do for a case.
type Task struct {
	ID     string     `json:"id" example:"tsk_01kjpzx2p0000000000000000s" doc:"Identifier."`
	Text   string     `json:"text" example:"Ask the box maker for a price" doc:"What."`
	Owner  string     `json:"owner,omitempty" example:"mbr_01kjpzx2p0000000000000000b" doc:"Who; absent: whoever owns the case."`
	Done   *time.Time `json:"done_at,omitempty" example:"2026-03-14T09:00:00Z" doc:"When it was done."`
	DoneBy string     `json:"done_by,omitempty" example:"mbr_01kjpzx2p0000000000000000b" doc:"By whom."`
}

func taskOf(t growth.Task) Task {
	return Task{ID: string(t.ID), Text: t.Text, Owner: string(t.Owner), Done: when(t.DoneAt), DoneBy: string(t.DoneBy)}
}

// Evidence is what shows a cause or a change.
type Evidence struct {
	ID     string    `json:"id" example:"evd_01kjpzx2p0000000000000000t" doc:"Identifier."`
	Kind   string    `json:"kind" enum:"text,link,picture,figure" example:"figure" doc:"What sort."`
	Text   string    `json:"text" example:"Chipped cups since December" doc:"The text itself, or what the link, the picture or the figure is."`
	URL    string    `json:"url,omitempty" example:"https://example.org/boxes" doc:"Of a link."`
	Media  string    `json:"media,omitempty" example:"med_01kjpzx2p0000000000000000m" doc:"Of a picture: the file."`
	Value  string    `json:"value,omitempty" example:"6" doc:"Of a figure."`
	OutOf  string    `json:"out_of,omitempty" example:"214 cups" doc:"Of a figure: of what."`
	Member string    `json:"member,omitempty" example:"mbr_01kjpzx2p0000000000000000b" doc:"Who added it."`
	At     time.Time `json:"at" example:"2026-03-14T09:00:00Z" doc:"When."`
}

func evidenceOf(e growth.Evidence) Evidence {
	return Evidence{
		ID: string(e.ID), Kind: string(e.Kind), Text: e.Text, URL: e.URL, Media: e.Media, Value: e.Value, OutOf: e.OutOf, Member: string(e.Member), At: e.At.UTC(),
	}
}

// NewEvidence is a piece of evidence to add.
type NewEvidence struct {
	Kind  string `json:"kind" enum:"text,link,picture,figure" example:"figure" doc:"What sort."`
	Text  string `json:"text" example:"Chipped cups since December" doc:"The text itself, or what the link, the picture or the figure is."`
	URL   string `json:"url,omitempty" example:"https://example.org/boxes" doc:"Of a link; https only."`
	Media string `json:"media,omitempty" example:"med_01kjpzx2p0000000000000000m" doc:"Of a picture: a file that was uploaded."`
	Value string `json:"value,omitempty" example:"6" doc:"Of a figure."`
	OutOf string `json:"out_of,omitempty" example:"214 cups" doc:"Of a figure: of what."`
}

// DiaryLine is a line of a case's diary.
type DiaryLine struct {
	At     time.Time         `json:"at" example:"2026-03-12T09:00:00Z" doc:"When."`
	Member string            `json:"member,omitempty" example:"mbr_01kjpzx2p0000000000000000b" doc:"Who; absent: Ponte itself."`
	Code   string            `json:"code" example:"opened" doc:"What happened, for programs."`
	Args   map[string]string `json:"args" nullable:"false" example:"{\"voices\":\"4\"}" doc:"What belongs to it."`
}

// Week is how many people complained in a week.
type Week struct {
	Start  time.Time `json:"start" example:"2026-03-01T23:00:00Z" doc:"When the seven days begin, in the company's zone."`
	People int       `json:"people" example:"2" doc:"Different people."`
}

// CaseFile is a case with everything that belongs to it.
type CaseFile struct {
	Case        Case         `json:"case" doc:"The case."`
	Voices      []Voice      `json:"voices" nullable:"false" doc:"What people said, oldest first."`
	Tasks       []Task       `json:"tasks" nullable:"false" doc:"What is to do."`
	Evidence    []Evidence   `json:"evidence" nullable:"false" doc:"What shows the cause or the change."`
	Diary       []DiaryLine  `json:"diary" nullable:"false" doc:"What happened, newest first."`
	Promises    []Promise    `json:"promises" nullable:"false" doc:"What was promised because of it."`
	Improvement *Improvement `json:"improvement,omitempty" doc:"The public entry."`
	Letters     []Letter     `json:"letters" nullable:"false" doc:"Back to the people who raised it."`
	Weeks       []Week       `json:"weeks" nullable:"false" doc:"How many people complained, week by week."`
	Trend       Trend        `json:"trend" doc:"Before and after the change."`
	Candidates  []Voice      `json:"candidates" nullable:"false" doc:"In no case, and say the same."`
}

func (a *API) fileOf(f growth.File) CaseFile {
	out := CaseFile{
		Case: a.caseOf(f.Case), Voices: each(f.Voices, voiceOf), Tasks: each(f.Tasks, taskOf), Evidence: each(f.Evidence, evidenceOf),
		Diary: each(f.Diary, func(e growth.Event) DiaryLine {
			args := e.Args
			if args == nil {
				args = map[string]string{}
			}
			return DiaryLine{At: e.At.UTC(), Member: string(e.Member), Code: e.Key, Args: args}
		}),
		Promises: each(f.Promises, promiseOf), Letters: each(f.Letters, letterOf),
		Weeks: each(f.Weeks, func(w growth.Week) Week { return Week{Start: w.Start.UTC(), People: w.People} }),
		Trend: trendOf(f.Trend), Candidates: each(f.Candidates, voiceOf),
	}
	if f.Improvement != nil {
		i := improvementOf(*f.Improvement)
		out.Improvement = &i
	}
	return out
}

// NewCase opens a case.
type NewCase struct {
	Title        string     `json:"title" example:"Cups with chipped rims" doc:"1 to 120 characters."`
	Theme        string     `json:"theme,omitempty" example:"quality" doc:"Absent: of the first criticism."`
	Interactions []string   `json:"interactions" nullable:"false" minItems:"1" maxItems:"200" example:"[\"int_01kjpzx2p0000000000000000j\"]" doc:"What people wrote; what was no criticism yet becomes it by this."`
	Owner        string     `json:"owner,omitempty" example:"mbr_01kjpzx2p0000000000000000b" doc:"Who owns it."`
	Due          *time.Time `json:"due_at,omitempty" example:"2026-03-20T17:00:00Z" doc:"By when."`
}

// CaseChange replaces what is known of a case.
type CaseChange struct {
	Title string     `json:"title" example:"Cups with chipped rims" doc:"1 to 120 characters."`
	Shown Words      `json:"shown,omitempty" doc:"The title that strangers read on the growth page; absent: title."`
	Theme string     `json:"theme,omitempty" example:"quality" doc:"Theme."`
	Cause string     `json:"cause,omitempty" example:"Two cups touch in their box." doc:"Why it happens."`
	Plan  string     `json:"plan,omitempty" example:"A divider in the box." doc:"What is being changed."`
	Owner string     `json:"owner,omitempty" example:"mbr_01kjpzx2p0000000000000000b" doc:"Who owns it; absent: nobody."`
	Due   *time.Time `json:"due_at,omitempty" example:"2026-03-20T17:00:00Z" doc:"By when; absent: no date."`
}

// Advance moves a case on.
type Advance struct {
	To    string     `json:"to" enum:"heard,understood,changing,changed" example:"changed" doc:"understood wants a cause, changing a plan, changed what was done."`
	Cause string     `json:"cause,omitempty" example:"Two cups touch in their box." doc:"Absent: what is known already."`
	Plan  string     `json:"plan,omitempty" example:"A divider in the box." doc:"Absent: what is known already."`
	Since *time.Time `json:"since,omitempty" example:"2026-03-20T08:00:00Z" doc:"Since when the change is in force; absent: now."`
	Did   Words      `json:"did,omitempty" doc:"What was done, as the public entry says it."`
}

// Together names interactions.
type Together struct {
	Interactions []string `json:"interactions" nullable:"false" minItems:"1" maxItems:"200" example:"[\"int_01kjpzx2p0000000000000000j\"]" doc:"What people wrote."`
}

// NewTask is something to do.
type NewTask struct {
	Text  string `json:"text" example:"Ask the box maker for a price" doc:"What."`
	Owner string `json:"owner,omitempty" example:"mbr_01kjpzx2p0000000000000000b" doc:"Who."`
}

// CasePath says which case.
type CasePath struct {
	Case string `path:"case" example:"cas_01kjpzx2p0000000000000000r" doc:"The case's identifier."`
}

func (p CasePath) id() growth.CaseID { return growth.CaseID(p.Case) }

// caseQuery narrows the list of cases.
type caseQuery struct {
	Paging
	States []string `query:"state" enum:"heard,understood,changing,changed,declined" doc:"Only these states; several apart by commas."`
	Owner  string   `query:"owner" doc:"Only those of this member."`
	Theme  string   `query:"theme" doc:"Only this theme."`
	Late   bool     `query:"late" doc:"Only those that should have been changed by now."`
}

func (a *API) caseOperations() {
	x := a.rooms.Growth
	add(a, operation{
		id: "list-cases", method: http.MethodGet, path: "/cases", tag: tagCases, needs: team.GrowthRead, own: true, summary: "List cases",
		description: "Open cases by date, then closed ones, newest first.",
	}, func(ctx context.Context, c *caller, in *caseQuery) (*output[casePage], error) {
		p, err := x.Cases(ctx, c.actor, growth.CaseFilter{
			States: each(in.States, func(s string) growth.CaseState { return growth.CaseState(s) }), Owner: team.MemberID(in.Owner),
			Theme: triage.Theme(in.Theme), Late: in.Late, Cursor: in.Cursor, Limit: in.Limit,
		})
		if err != nil {
			return nil, err
		}
		out := casePage{Page: Page[Case]{Items: each(p.Cases, a.caseOf), Next: p.Next}, Counts: map[string]int{}}
		for s, n := range p.Counts {
			out.Counts[string(s)] = n
		}
		return answer(out), nil
	})
	add(a, operation{
		id: "open-case", method: http.MethodPost, path: "/cases", tag: tagCases, needs: team.GrowthManage, status: http.StatusCreated,
		summary: "Open a case", description: "Accepts what people wrote as one matter. What was public stands in the record from now on.",
		conflict: "One of them belongs to another case.",
	}, func(ctx context.Context, c *caller, in *struct{ Body NewCase }) (*output[Case], error) {
		cs, err := x.Open(ctx, c.actor, growth.OpenIn{
			Title: in.Body.Title, Theme: triage.Theme(in.Body.Theme), Interactions: ids(in.Body.Interactions), Owner: team.MemberID(in.Body.Owner), DueAt: moment(in.Body.Due),
		})
		if err != nil {
			return nil, err
		}
		return answer(a.caseOf(cs)), nil
	})
	add(a, operation{
		id: "get-case", method: http.MethodGet, path: "/cases/{case}", tag: tagCases, needs: team.GrowthRead, own: true, summary: "Get a case", description: "A case with everything that belongs to it.",
	}, func(ctx context.Context, c *caller, in *CasePath) (*output[CaseFile], error) {
		f, err := x.OpenFile(ctx, c.actor, in.id())
		if err != nil {
			return nil, err
		}
		return answer(a.fileOf(f)), nil
	})
	add(a, operation{
		id: "change-case", method: http.MethodPut, path: "/cases/{case}", tag: tagCases, needs: team.GrowthManage, own: true, summary: "Change a case",
		description: "Replaces title, theme, cause, plan, owner and date. Who is in charge of it changes cause and plan, and sends the rest as it is.",
	}, func(ctx context.Context, c *caller, in *struct {
		CasePath
		Body CaseChange
	},
	) (*nothing, error) {
		return nil, x.ChangeCase(ctx, c.actor, in.id(), growth.ChangeCaseIn{
			Title: in.Body.Title, Shown: in.Body.Shown.words(), Theme: triage.Theme(in.Body.Theme), Cause: in.Body.Cause, Plan: in.Body.Plan, Owner: team.MemberID(in.Body.Owner), DueAt: moment(in.Body.Due),
		})
	})
	add(a, operation{
		id: "advance-case", method: http.MethodPost, path: "/cases/{case}/advance", tag: tagCases, needs: team.GrowthManage, own: true, summary: "Move a case on",
		description: "Forward, or back to an earlier state. When it becomes changed, the public entry and the letters back are prepared; nothing goes out by this.",
		conflict:    "It has been declined.",
	}, func(ctx context.Context, c *caller, in *struct {
		CasePath
		Body Advance
	},
	) (*nothing, error) {
		return nil, x.Advance(ctx, c.actor, in.id(), growth.AdvanceIn{
			To: growth.CaseState(in.Body.To), Cause: in.Body.Cause, Plan: in.Body.Plan, Since: moment(in.Body.Since), Did: in.Body.Did.words(),
		})
	})
	add(a, operation{
		id: "decline-case", method: http.MethodPost, path: "/cases/{case}/decline", tag: tagCases, needs: team.GrowthPublish,
		summary: "Decline a case", description: "Says in public that it will not be changed, and why. The record keeps it.", conflict: "It has been changed or declined already.",
	}, func(ctx context.Context, c *caller, in *struct {
		CasePath
		Body struct {
			Reason Words `json:"reason" doc:"In at least one language."`
		}
	},
	) (*nothing, error) {
		return nil, x.Decline(ctx, c.actor, in.id(), in.Body.Reason.words())
	})
	add(a, operation{
		id: "reopen-case", method: http.MethodPost, path: "/cases/{case}/reopen", tag: tagCases, needs: team.GrowthManage,
		summary: "Take a case up again", description: "A declined or changed one. What the record says stays.", conflict: "It is open.",
	}, func(ctx context.Context, c *caller, in *CasePath) (*nothing, error) {
		return nil, x.Reopen(ctx, c.actor, in.id())
	})
	add(a, operation{
		id: "join-case", method: http.MethodPost, path: "/cases/{case}/join", tag: tagCases, needs: team.GrowthManage,
		summary: "Put more into a case", description: "What people wrote about the same.", conflict: "One of them belongs to another case.",
	}, func(ctx context.Context, c *caller, in *struct {
		CasePath
		Body Together
	},
	) (*nothing, error) {
		return nil, x.Join(ctx, c.actor, in.id(), ids(in.Body.Interactions))
	})
	a.taskOperations()
}

func (a *API) taskOperations() {
	x := a.rooms.Growth
	add(a, operation{
		id: "add-task", method: http.MethodPost, path: "/cases/{case}/tasks", tag: tagCases, needs: team.GrowthManage, own: true, status: http.StatusCreated,
		summary: "Add a task", description: "Something to do for a case.",
	}, func(ctx context.Context, c *caller, in *struct {
		CasePath
		Body NewTask
	},
	) (*output[Task], error) {
		t, err := x.AddTask(ctx, c.actor, in.id(), in.Body.Text, team.MemberID(in.Body.Owner))
		if err != nil {
			return nil, err
		}
		return answer(taskOf(t)), nil
	})
	type TaskPath struct {
		Task string `path:"task" example:"tsk_01kjpzx2p0000000000000000s" doc:"The task's identifier."`
	}
	for _, way := range []struct {
		id, verb, summary string
		done              bool
	}{{"finish-task", "finish", "Say that a task is done", true}, {"reopen-task", "reopen", "Say that a task is not done", false}} {
		add(a, operation{
			id: way.id, method: http.MethodPost, path: "/tasks/{task}/" + way.verb, tag: tagCases, needs: team.GrowthManage, own: true, summary: way.summary, description: "Of a case.",
		}, func(ctx context.Context, c *caller, in *TaskPath) (*nothing, error) {
			return nil, x.FinishTask(ctx, c.actor, growth.TaskID(in.Task), way.done)
		})
	}
	add(a, operation{
		id: "drop-task", method: http.MethodDelete, path: "/tasks/{task}", tag: tagCases, needs: team.GrowthManage, own: true, summary: "Take a task away", description: "Of a case.",
	}, func(ctx context.Context, c *caller, in *TaskPath) (*nothing, error) {
		return nil, x.DropTask(ctx, c.actor, growth.TaskID(in.Task))
	})
	add(a, operation{
		id: "add-evidence", method: http.MethodPost, path: "/cases/{case}/evidence", tag: tagCases, needs: team.GrowthManage, own: true, status: http.StatusCreated,
		summary: "Add evidence", description: "What shows a cause or a change: a text, a link, a picture, a figure.",
	}, func(ctx context.Context, c *caller, in *struct {
		CasePath
		Body NewEvidence
	},
	) (*output[Evidence], error) {
		e, err := x.AddEvidence(ctx, c.actor, in.id(), growth.Evidence{
			Kind: growth.EvidenceKind(in.Body.Kind), Text: in.Body.Text, URL: in.Body.URL, Media: in.Body.Media, Value: in.Body.Value, OutOf: in.Body.OutOf,
		})
		if err != nil {
			return nil, err
		}
		return answer(evidenceOf(e)), nil
	})
	add(a, operation{
		id: "add-picture", method: http.MethodPost, path: "/cases/{case}/pictures", tag: tagCases, needs: team.GrowthManage, own: true, status: http.StatusCreated,
		calls: true, upload: true, summary: "Add a picture as evidence",
		description: "A form (multipart/form-data) with one `file`, and as `alt` what it shows, which is wanted here. Images are written anew, so that place, camera and the like do not come along.",
	}, func(ctx context.Context, c *caller, in *CasePath) (*output[Evidence], error) {
		return a.addPicture(ctx, c, in.id())
	})
	a.describeUpload("/cases/{case}/pictures")
	add(a, operation{
		id: "get-picture", method: http.MethodGet, path: "/cases/{case}/pictures/{media}", tag: tagCases, needs: team.GrowthRead, own: true, produces: "application/octet-stream",
		summary: "Get a picture of a case", description: "The file itself, of a picture that is evidence of this case.",
	}, func(ctx context.Context, c *caller, in *struct {
		CasePath
		MediaPath
	},
	) (*streamed, error) {
		return a.picture(ctx, c, in.id(), in.Media)
	})
	add(a, operation{
		id: "drop-evidence", method: http.MethodDelete, path: "/evidence/{evidence}", tag: tagCases, needs: team.GrowthManage, own: true, summary: "Take evidence away", description: "Of a case.",
	}, func(ctx context.Context, c *caller, in *struct {
		Evidence string `path:"evidence" example:"evd_01kjpzx2p0000000000000000t" doc:"Its identifier."`
	},
	) (*nothing, error) {
		return nil, x.DropEvidence(ctx, c.actor, growth.EvidenceID(in.Evidence))
	})
}

// addPicture keeps a file and makes it evidence. Who may not add anything is told before the file is kept.
func (a *API) addPicture(ctx context.Context, c *caller, id growth.CaseID) (*output[Evidence], error) {
	x := a.rooms.Growth
	if err := x.MayWork(ctx, c.actor, id); err != nil {
		return nil, err
	}
	said := strings.TrimSpace(c.request.FormValue("alt"))
	if said == "" {
		return nil, fault.InvalidFields(fault.Field{Name: "alt", Key: "growth.case.evidence.text"})
	}
	f, err := a.upload(ctx, c)
	if err != nil {
		return nil, err
	}
	e, err := x.AddEvidence(ctx, c.actor, id, growth.Evidence{Kind: growth.EvidencePicture, Text: said, Media: string(f.ID)})
	if err != nil {
		return nil, err
	}
	return answer(evidenceOf(e)), nil
}

// picture gives the file of a picture that is evidence of a case.
func (a *API) picture(ctx context.Context, c *caller, id growth.CaseID, name string) (*streamed, error) {
	f, err := a.rooms.Growth.OpenFile(ctx, c.actor, id)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(f.Evidence, func(e growth.Evidence) bool { return e.Kind == growth.EvidencePicture && e.Media == name }) {
		return nil, media.ErrGone
	}
	file, err := a.file(ctx, c, name)
	if err != nil {
		return nil, err
	}
	return a.stream(ctx, c, file, media.Whole)
}
