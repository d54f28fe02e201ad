package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/schedule"
	"github.com/ponte-desk/ponte/internal/team"
)

// PostSlot is a moment of every week.
type PostSlot struct {
	Weekday int `json:"weekday" minimum:"0" maximum:"6" example:"2" doc:"0 Sunday to 6 Saturday."`
	Minute  int `json:"minute" minimum:"0" maximum:"1439" example:"1110" doc:"Since midnight, by the company's clock."`
}

// QuietWindow is a stretch of time in which nothing goes out.
type QuietWindow struct {
	From string `json:"from" example:"2026-08-10T00:00" doc:"By the company's clock: YYYY-MM-DDTHH:MM."`
	To   string `json:"to" example:"2026-08-24T00:00" doc:"Until just before."`
	Name string `json:"name,omitempty" example:"Holidays" doc:"What the company calls it."`
}

// QuietWeekly is a stretch of every week in which nothing goes out.
type QuietWeekly struct {
	Weekday int `json:"weekday" minimum:"0" maximum:"6" example:"0" doc:"0 Sunday to 6 Saturday."`
	From    int `json:"from" minimum:"0" maximum:"1440" example:"0" doc:"Minutes since midnight."`
	To      int `json:"to" minimum:"0" maximum:"1440" example:"480" doc:"Until just before; not behind from: in the next day."`
}

// PostSettings are what a company decides about its posts.
type PostSettings struct {
	Approval string                `json:"approval" enum:"none,one,role,two,owner" example:"one" doc:"Whose yes is wanted before a post goes out."`
	First    string                `json:"first,omitempty" example:"marketing" doc:"Of role and two: whose yes is asked first."`
	Second   string                `json:"second,omitempty" example:"owner" doc:"Of two: whose comes last."`
	Late     int                   `json:"late" minimum:"5" maximum:"1440" example:"60" doc:"Minutes after its time, beyond which a post asks before it goes out."`
	Windows  []QuietWindow         `json:"quiet" nullable:"false" doc:"Stretches of time in which nothing goes out."`
	Weekly   []QuietWeekly         `json:"quiet_weekly" nullable:"false" doc:"The same, of every week."`
	Slots    map[string][]PostSlot `json:"slots" nullable:"false" doc:"By channel: when posts go out that wait for the next free slot."`
	Tags     map[string]string     `json:"tags" nullable:"false" doc:"By channel: where tags go (inline, end, none); absent: as the network is used to."`
	Own      []string              `json:"own" nullable:"false" example:"[\"Ceramiche Arno\"]" doc:"Names of the company's brands and products, for the advice about talking of oneself."`
	Public   []string              `json:"public" nullable:"false" example:"[\"+39 055 123456\"]" doc:"Telephone numbers, addresses and IBANs that anybody may know."`
}

func postSettingsOf(s post.Settings) PostSettings {
	out := PostSettings{
		Approval: string(s.Approval), First: string(s.First), Second: string(s.Second), Late: s.Late, Slots: map[string][]PostSlot{}, Tags: map[string]string{},
		Own: strs(s.Own), Public: strs(s.Public),
		Windows: each(s.Quiet.Windows, func(w schedule.Window) QuietWindow {
			return QuietWindow{From: w.From.String(), To: w.To.String(), Name: w.Name}
		}),
		Weekly: each(s.Quiet.Weekly, func(w schedule.Weekly) QuietWeekly {
			return QuietWeekly{Weekday: int(w.Weekday), From: w.From, To: w.To}
		}),
	}
	for ch, slots := range s.Slots {
		out.Slots[string(ch)] = each(slots, func(x schedule.Slot) PostSlot { return PostSlot{Weekday: int(x.Weekday), Minute: x.Minute} })
	}
	for ch, h := range s.Habits {
		out.Tags[string(ch)] = h.Tags
	}
	return out
}

func (b PostSettings) settings() (post.Settings, error) {
	out := post.Settings{
		Approval: post.Mode(b.Approval), First: team.Role(b.First), Second: team.Role(b.Second), Late: b.Late, Own: b.Own, Public: b.Public,
		Slots: map[network.ChannelID][]schedule.Slot{}, Habits: map[network.ChannelID]post.Habit{},
	}
	for _, w := range b.Windows {
		from, err := wallIn(w.From)
		if err != nil {
			return out, err
		}
		to, err := wallIn(w.To)
		if err != nil {
			return out, err
		}
		out.Quiet.Windows = append(out.Quiet.Windows, schedule.Window{From: from, To: to, Name: w.Name})
	}
	for _, w := range b.Weekly {
		out.Quiet.Weekly = append(out.Quiet.Weekly, schedule.Weekly{Weekday: time.Weekday(w.Weekday), From: w.From, To: w.To})
	}
	for ch, slots := range b.Slots {
		out.Slots[network.ChannelID(ch)] = each(slots, func(x PostSlot) schedule.Slot {
			return schedule.Slot{Weekday: time.Weekday(x.Weekday), Minute: x.Minute}
		})
	}
	for ch, tags := range b.Tags {
		out.Habits[network.ChannelID(ch)] = post.Habit{Tags: tags}
	}
	return out, nil
}

// PostSnippet is words of the company's own, to be used again.
type PostSnippet struct {
	ID      string      `json:"id,omitempty" example:"pst_01kjpzx2p0000000000000000z" doc:"Identifier; absent: a new one."`
	Kind    string      `json:"kind" enum:"template,signature,tags" example:"signature" doc:"What it is for."`
	Name    string      `json:"name" example:"Workshop" doc:"There once in its kind."`
	Message PostMessage `json:"message" doc:"A signature has its text in it, a set of tags its tags."`
}

func snippetOf(s post.Snippet) PostSnippet {
	return PostSnippet{ID: string(s.ID), Kind: string(s.Kind), Name: s.Name, Message: messageOf(s.Message)}
}

// PostTable is a table of posts, as comma-separated values.
type PostTable struct {
	Table string `json:"table" example:"date,time,channels,text\n2026-03-29,18:30,mastodon,Ciao\n" doc:"With a line of column names: date, time, channels, title, text, media, alt, tags, first_comment, campaign, language, warning; Italian names do as well."`
	Dry   bool   `json:"dry,omitempty" doc:"Only try: nothing is kept, no file is fetched."`
	Plan  bool   `json:"plan,omitempty" doc:"What has a time is planned, not left a draft; needs posts.publish."`
}

// PostTableRow is a post of a table.
type PostTableRow struct {
	Line     int        `json:"line" example:"2" doc:"Of the table."`
	Post     string     `json:"post,omitempty" example:"pst_01kjpzx2p0000000000000000z" doc:"What it became; absent in a trial."`
	Writing  Writing    `json:"writing" doc:"Its content."`
	Due      *time.Time `json:"due_at,omitempty" example:"2026-03-29T16:30:00Z" doc:"When it is to go out."`
	Kind     string     `json:"kind,omitempty" example:"exact" enum:"exact,missing,doubled" doc:"Of the time."`
	Fetching []string   `json:"fetching" example:"[\"https://www.example.org/cup.jpg\"]" nullable:"false" doc:"Addresses of files."`
}

// PostTableError is what is wrong in a line of a table.
type PostTableError struct {
	Line   int    `json:"line" example:"2" doc:"Of the table."`
	Column string `json:"column,omitempty" example:"date" doc:"Which column."`
	Key    string `json:"key" example:"adapt.note.length" doc:"For programs."`
	Text   string `json:"text" example:"On Saturday we open the kiln." doc:"In words."`
	Remedy string `json:"remedy" example:"Look at the channel." doc:"What to do."`
}

// PostTableRead is what a table brought, or would.
type PostTableRead struct {
	Rows   []PostTableRow   `json:"rows" nullable:"false" doc:"Posts."`
	Errors []PostTableError `json:"errors" nullable:"false" doc:"Any: nothing was kept."`
}

func (a *API) postCompanyOperations() {
	x := a.rooms.Posts
	add(a, operation{
		id: "get-post-settings", method: http.MethodGet, path: "/posts/settings", tag: tagPosts, needs: team.PostsRead, summary: "Get what the company decided about posts",
		description: "Whose yes, slots, quiet times.",
	}, func(ctx context.Context, c *caller, _ *nothing) (*output[PostSettings], error) {
		s, err := x.Settings(ctx, c.actor)
		if err != nil {
			return nil, err
		}
		return answer(postSettingsOf(s)), nil
	})
	add(a, operation{
		id: "change-post-settings", method: http.MethodPut, path: "/posts/settings", tag: tagPosts, needs: team.PostsManage, summary: "Change what the company decided about posts",
		description: "Replaces all of it. What was asked for before stays asked for as it was.",
	}, func(ctx context.Context, c *caller, in *struct{ Body PostSettings }) (*nothing, error) {
		s, err := in.Body.settings()
		if err != nil {
			return nil, err
		}
		return nil, x.ChangeSettings(ctx, c.actor, s)
	})
	add(a, operation{
		id: "list-snippets", method: http.MethodGet, path: "/post-snippets", tag: tagPosts, needs: team.PostsRead, summary: "List templates, signatures and sets of tags", description: "By name.",
	}, func(ctx context.Context, c *caller, in *struct {
		Kind string `query:"kind" enum:"template,signature,tags" doc:"Only this kind."`
	},
	) (*output[list[PostSnippet]], error) {
		ss, err := x.Snippets(ctx, c.actor, post.SnippetKind(in.Kind))
		if err != nil {
			return nil, err
		}
		return answer(list[PostSnippet]{Items: each(ss, snippetOf)}), nil
	})
	add(a, operation{
		id: "save-snippet", method: http.MethodPost, path: "/post-snippets", tag: tagPosts, needs: team.PostsManage, summary: "Keep a template, a signature or a set of tags",
		description: "A new one, or with its id one that is there.", conflict: "The name is there already in its kind.",
	}, func(ctx context.Context, c *caller, in *struct{ Body PostSnippet }) (*output[PostSnippet], error) {
		b := in.Body
		s, err := x.SaveSnippet(ctx, c.actor, post.Snippet{ID: post.SnippetID(b.ID), Kind: post.SnippetKind(b.Kind), Name: b.Name, Message: b.Message.message()})
		if err != nil {
			return nil, err
		}
		return answer(snippetOf(s)), nil
	})
	add(a, operation{
		id: "delete-snippet", method: http.MethodDelete, path: "/post-snippets/{snippet}", tag: tagPosts, needs: team.PostsManage, summary: "Drop a template, a signature or a set of tags",
		description: "Posts that have it as their signature go without; what is approved stays as it is.",
	}, func(ctx context.Context, c *caller, in *struct {
		Snippet string `path:"snippet" example:"pst_01kjpzx2p0000000000000000z" doc:"The snippet's identifier."`
	},
	) (*nothing, error) {
		return nil, x.DeleteSnippet(ctx, c.actor, post.SnippetID(in.Snippet))
	})
	add(a, operation{
		id: "import-posts", method: http.MethodPost, path: "/posts/import", tag: tagPosts, needs: team.PostsWrite, calls: true, summary: "Take posts from a table",
		description: "All of them, or none when anything is wrong, told line by line. Try it first with dry.",
	}, func(ctx context.Context, c *caller, in *struct{ Body PostTable }) (*output[PostTableRead], error) {
		r, err := x.ImportCSV(ctx, c.actor, strings.NewReader(in.Body.Table), post.ImportIn{Dry: in.Body.Dry, Plan: in.Body.Plan})
		if err != nil {
			return nil, err
		}
		return answer(PostTableRead{
			Rows: each(r.Rows, func(v post.ImportedRow) PostTableRow {
				return PostTableRow{Line: v.Line, Post: string(v.Post), Writing: writingOf(v.Written), Due: when(v.DueAt), Kind: string(v.Kind), Fetching: strs(v.Fetching)}
			}),
			Errors: each(r.Errors, func(e post.LineError) PostTableError {
				return PostTableError{Line: e.Line, Column: e.Column, Key: e.Key, Text: c.words.T(e.Key, e.Args), Remedy: c.words.T(e.Key+".remedy", e.Args)}
			}),
		}), nil
	})
	add(a, operation{
		id: "export-posts", method: http.MethodGet, path: "/posts/export", tag: tagPosts, needs: team.PostsRead, produces: "text/csv", summary: "Get posts as a table",
		description: "Comma-separated values: what import-posts reads, with where each stands. The latest first.",
	}, func(ctx context.Context, c *caller, in *PostQuery) (*streamed, error) {
		return &streamed{Body: func(huma.Context) {
			h := c.writer.Header()
			h.Set("Content-Type", "text/csv; charset=utf-8")
			h.Set("Content-Disposition", `attachment; filename="posts.csv"`)
			if err := x.ExportCSV(ctx, c.actor, in.filter(), post.TableFor{}, c.writer); err != nil {
				c.err = err // the answer has begun: it ends short, and the log says why
			}
		}}, nil
	})
}
