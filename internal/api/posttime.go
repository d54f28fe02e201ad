package api

import (
	"context"
	"net/http"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/schedule"
	"github.com/ponte-desk/ponte/internal/team"
)

func wallIn(s string) (schedule.Wall, error) {
	w, ok := schedule.ParseWall(s)
	if !ok {
		return w, fault.InvalidFields(fault.Field{Name: "at", Key: "api.field.wall"})
	}
	return w, nil
}

// PostClock is what a time on the company's wall means.
type PostClock struct {
	Moments []time.Time `json:"moments" example:"[\"2026-03-29T16:30:00Z\"]" nullable:"false" doc:"Two when it comes twice."`
	Kind    string      `json:"kind" example:"exact" enum:"exact,missing,doubled" doc:"missing: the clocks jump over it."`
	Quiet   *time.Time  `json:"quiet_until,omitempty" example:"2026-03-29T16:30:00Z" doc:"It lies in a quiet time, until then."`
	Zone    string      `json:"zone" example:"Europe/Rome" doc:"The company's."`
}

// PostStop says that everything is paused.
type PostStop struct {
	Paused bool       `json:"paused" doc:"Nothing goes out."`
	By     string     `json:"by,omitempty" example:"mbr_01kjpzx2p0000000000000000b" doc:"Who paused."`
	At     *time.Time `json:"at,omitempty" example:"2026-03-29T16:30:00Z" doc:"When."`
	Why    string     `json:"why,omitempty" example:"late" doc:"Why."`
}

// PostHour is an hour of the week in which people answered.
type PostHour struct {
	Weekday int  `json:"weekday" example:"2" minimum:"0" maximum:"6" doc:"0 Sunday to 6 Saturday."`
	Hour    int  `json:"hour" example:"18" minimum:"0" maximum:"23" doc:"By the company's clock."`
	Cases   int  `json:"cases" example:"14" doc:"What they did in it, all weeks together."`
	Days    int  `json:"days" example:"6" doc:"On how many different days."`
	Few     bool `json:"few" doc:"So few that it may be chance."`
}

// PostBest are the hours at which people answered and followed links.
type PostBest struct {
	Hours   []PostHour `json:"hours" nullable:"false" doc:"The best first."`
	Wrote   int        `json:"wrote" example:"320" doc:"What people wrote that was looked at."`
	Posts   int        `json:"posts" example:"24" doc:"Posts whose first hour was looked at."`
	Answers int        `json:"answers" example:"61" doc:"What those brought in it."`
	Visits  int        `json:"visits" example:"140" doc:"By the links of posts."`
	Weeks   int        `json:"weeks" example:"12" doc:"In so many weeks."`
}

func (a *API) postTimeOperations() {
	x := a.rooms.Posts
	add(a, operation{
		id: "schedule-post", method: http.MethodPost, path: "/posts/{post}/schedule", tag: tagPosts, needs: team.PostsPublish, summary: "Plan a post",
		description: "It goes out by itself at its time. Where the company wants somebody's yes first, it asks, and is planned with the last one.", conflict: staleConflict + " Or it has gone out.",
	}, func(ctx context.Context, c *caller, in *struct {
		PostPath
		Body struct {
			Version int      `json:"version" example:"3" doc:"That the caller has."`
			When    PostWhen `json:"when" doc:"When."`
		}
	},
	) (*output[Post], error) {
		id, err := in.id()
		if err != nil {
			return nil, err
		}
		w, err := in.Body.When.when()
		if err != nil {
			return nil, err
		}
		return postAnswer(x.Schedule(ctx, c.actor, id, post.ScheduleIn{Version: in.Body.Version, When: w}))
	})
	add(a, operation{
		id: "move-post", method: http.MethodPost, path: "/posts/{post}/move", tag: tagPosts, needs: team.PostsPublish, summary: "Give a post another time",
		description: "What was approved stays approved.", conflict: "It is not planned.",
	}, func(ctx context.Context, c *caller, in *struct {
		PostPath
		Body struct {
			At     string `json:"at" example:"2026-03-29T18:30" doc:"By the company's clock: YYYY-MM-DDTHH:MM."`
			Second bool   `json:"second,omitempty" doc:"Of an hour that comes twice, the second."`
		}
	},
	) (*output[Post], error) {
		id, err := in.id()
		if err != nil {
			return nil, err
		}
		w, err := wallIn(in.Body.At)
		if err != nil {
			return nil, err
		}
		return postAnswer(x.Move(ctx, c.actor, id, w, in.Body.Second))
	})
	add(a, operation{
		id: "cancel-post", method: http.MethodPost, path: "/posts/{post}/cancel", tag: tagPosts, needs: team.PostsPublish, summary: "Take a post back before it goes out",
		description: "What is out stays out, what is going out at this moment may still arrive, and the rest does not follow.", conflict: "There is nothing to take back.",
	}, func(ctx context.Context, c *caller, in *PostPath) (*output[cancelled], error) {
		id, err := in.id()
		if err != nil {
			return nil, err
		}
		k, err := x.Cancel(ctx, c.actor, id)
		if err != nil {
			return nil, err
		}
		return answer(cancelled{Post: postOf(k.Post), Out: strs(k.Out)}), nil
	})
	add(a, operation{
		id: "release-post", method: http.MethodPost, path: "/posts/{post}/release", tag: tagPosts, needs: team.PostsPublish, summary: "Let what is held go out now all the same",
		description: "After a pause, or when it is late.", conflict: "Nothing of it is held, or everything is paused.",
	}, func(ctx context.Context, c *caller, in *PostPath) (*output[Post], error) {
		id, err := in.id()
		if err != nil {
			return nil, err
		}
		return postAnswer(x.Release(ctx, c.actor, id))
	})
	add(a, operation{
		id: "get-post-calendar", method: http.MethodGet, path: "/posts/calendar", tag: tagPosts, needs: team.PostsRead, summary: "List posts by their time", description: "In a range of at most 70 days, in order.",
	}, func(ctx context.Context, c *caller, in *struct {
		From time.Time `query:"from" required:"true" example:"2026-03-01T00:00:00Z" doc:"From this moment on."`
		To   time.Time `query:"to" required:"true" example:"2026-04-01T00:00:00Z" doc:"Until before this moment."`
	},
	) (*output[list[PostEntry]], error) {
		es, err := x.Calendar(ctx, c.actor, in.From, in.To)
		if err != nil {
			return nil, err
		}
		return answer(list[PostEntry]{Items: each(es, entryOf)}), nil
	})
	add(a, operation{
		id: "read-post-clock", method: http.MethodGet, path: "/posts/clock", tag: tagPosts, needs: team.PostsRead, summary: "Ask what a time on the company's wall means",
		description: "Summer time makes an hour missing and another come twice.",
	}, func(ctx context.Context, c *caller, in *struct {
		At string `query:"at" required:"true" example:"2026-03-29T02:30" doc:"YYYY-MM-DDTHH:MM."`
	},
	) (*output[PostClock], error) {
		w, err := wallIn(in.At)
		if err != nil {
			return nil, err
		}
		s, err := x.Clock(ctx, c.actor, w)
		if err != nil {
			return nil, err
		}
		return answer(PostClock{Moments: each(s.Moments, time.Time.UTC), Kind: string(s.Kind), Quiet: when(s.Quiet), Zone: s.Zone}), nil
	})
	add(a, operation{
		id: "list-free-slots", method: http.MethodGet, path: "/posts/slots", tag: tagPosts, needs: team.PostsRead, summary: "List the next free slots of a channel", description: "In order.",
	}, func(ctx context.Context, c *caller, in *struct {
		Channel string `query:"channel" required:"true" example:"chn_01kjpzx2p0000000000000000f" doc:"The channel."`
		Count   int    `query:"count" minimum:"1" maximum:"50" default:"10" doc:"How many at most."`
	},
	) (*output[freeSlots], error) {
		ts, err := x.FreeSlots(ctx, c.actor, network.ChannelID(in.Channel), in.Count)
		if err != nil {
			return nil, err
		}
		return answer(freeSlots{Items: each(ts, time.Time.UTC)}), nil
	})
	add(a, operation{
		id: "list-best-hours", method: http.MethodGet, path: "/posts/best-hours", tag: tagPosts, needs: team.PostsRead, summary: "Find the hours in which people answered and came",
		description: "What they wrote, what posts brought within an hour, and the visits by the links of posts; with how many cases stand behind each.",
	}, func(ctx context.Context, c *caller, in *struct {
		Channel string `query:"channel" example:"chn_01kjpzx2p0000000000000000f" doc:"Only on this channel."`
	},
	) (*output[PostBest], error) {
		b, err := x.BestHours(ctx, c.actor, network.ChannelID(in.Channel))
		if err != nil {
			return nil, err
		}
		return answer(PostBest{Wrote: b.Wrote, Posts: b.Posts, Answers: b.Answers, Visits: b.Visits, Weeks: b.Weeks, Hours: each(b.Hours, func(h schedule.Hour) PostHour {
			return PostHour{Weekday: int(h.Weekday), Hour: h.Hour, Cases: h.Cases, Days: h.Days, Few: h.Few}
		})}), nil
	})
	add(a, operation{
		id: "get-pause", method: http.MethodGet, path: "/posts/pause", tag: tagPosts, needs: team.PostsRead, summary: "Ask whether everything is paused", description: "And who did it.",
	}, func(ctx context.Context, c *caller, _ *nothing) (*output[PostStop], error) {
		s, err := x.Paused(ctx, c.actor)
		if err != nil || s == nil {
			return answer(PostStop{}), err
		}
		return answer(PostStop{Paused: true, By: string(s.By), At: when(s.At), Why: s.Why}), nil
	})
	add(a, operation{
		id: "pause-posts", method: http.MethodPost, path: "/posts/pause", tag: tagPosts, needs: team.PostsPublish, summary: "Pause everything",
		description: "Nothing of any post goes out until somebody resumes. What falls due meanwhile asks before it goes out.",
	}, func(ctx context.Context, c *caller, in *struct {
		Body struct {
			Why string `json:"why" example:"An accident in town." doc:"For the team."`
		}
	},
	) (*nothing, error) {
		return nil, x.Pause(ctx, c.actor, in.Body.Why)
	})
	add(a, operation{
		id: "resume-posts", method: http.MethodPost, path: "/posts/resume", tag: tagPosts, needs: team.PostsPublish, summary: "Let posts go out again", description: "What was held stays held until somebody releases it.",
	}, func(ctx context.Context, c *caller, _ *nothing) (*nothing, error) {
		return nil, x.Resume(ctx, c.actor)
	})
	type SeriesPath struct {
		Series string `path:"series" example:"pst_01kjpzx2p0000000000000000z" doc:"The series' identifier."`
	}
	add(a, operation{
		id: "get-series", method: http.MethodGet, path: "/post-series/{series}", tag: tagPosts, needs: team.PostsRead, summary: "Get posts that come again", description: "A series with the posts that are there.",
	}, func(ctx context.Context, c *caller, in *SeriesPath) (*output[PostSeries], error) {
		s, err := x.SeriesOf(ctx, c.actor, post.SeriesID(in.Series))
		if err != nil {
			return nil, err
		}
		return answer(PostSeries{ID: string(s.ID), First: string(s.First), Start: s.Start.String(), Made: s.Made, Ended: s.Ended, Posts: each(s.Posts, entryOf)}), nil
	})
	add(a, operation{
		id: "end-series", method: http.MethodPost, path: "/post-series/{series}/end", tag: tagPosts, needs: team.PostsPublish, summary: "End a series",
		description: "Planned posts of it that nobody changed are taken back.", conflict: "It has ended.",
	}, func(ctx context.Context, c *caller, in *SeriesPath) (*nothing, error) {
		return nil, x.EndSeries(ctx, c.actor, post.SeriesID(in.Series))
	})
}

// freeSlots are moments of a channel.
type freeSlots struct {
	Items []time.Time `json:"items" nullable:"false" example:"[\"2026-03-31T08:00:00Z\"]" doc:"All of them."`
}

// cancelled is what became of a post that was taken back.
type cancelled struct {
	Post Post     `json:"post" doc:"The post."`
	Out  []string `json:"out" example:"[\"chn_01kjpzx2p0000000000000000f\"]" nullable:"false" doc:"Channels on which something of it was out already, or is going out at this moment."`
}

// PostSeries is a post that comes again.
type PostSeries struct {
	ID    string      `json:"id" example:"pst_01kjpzx2p0000000000000000z" doc:"Identifier."`
	First string      `json:"first" example:"pst_01kjpzx2p0000000000000000z" doc:"The post that it began with."`
	Start string      `json:"start" example:"2026-03-29T18:30" doc:"By the company's clock."`
	Made  int         `json:"made" example:"3" doc:"Posts so far."`
	Ended bool        `json:"ended" doc:"No more are made."`
	Posts []PostEntry `json:"posts" nullable:"false" doc:"Those that are there, in order."`
}
