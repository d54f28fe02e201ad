package api

import (
	"context"
	"net/http"

	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/team"
)

// PostTrouble is something about a post that people should look at.
type PostTrouble struct {
	Kind    string    `json:"kind" example:"part" enum:"part,held,missed,correction" doc:"part: a message failed, or nobody knows whether it arrived."`
	Entry   PostEntry `json:"entry" doc:"The post."`
	Channel string    `json:"channel,omitempty" example:"chn_01kjpzx2p0000000000000000f" doc:"Absent: it is about the whole post."`
	Part    string    `json:"part,omitempty" example:"ppt_01kjpzx2p0000000000000000z" doc:"The message."`
	Key     string    `json:"key" example:"adapt.note.length" doc:"The cause, for programs."`
	Text    string    `json:"text" example:"On Saturday we open the kiln." doc:"The cause in words."`
	Remedy  string    `json:"remedy" example:"Look at the channel." doc:"What to do."`
}

// PostCounts says how many posts stand where.
type PostCounts struct {
	States  map[string]int `json:"states" nullable:"false" example:"{\"draft\":2}" doc:"By state; counting stops at 1000."`
	Trouble int            `json:"trouble" example:"1" doc:"Of which something did not get out, or nobody knows."`
	Missed  int            `json:"missed" example:"0" doc:"Whose time has passed without the yes they need."`
}

func (c *caller) postTroubleOf(t post.Trouble) PostTrouble {
	out := PostTrouble{Kind: string(t.Kind), Entry: entryOf(t.Entry), Channel: string(t.Channel), Key: t.Cause.Key}
	if t.Part != nil {
		out.Part = string(t.Part.ID)
	}
	_, out.Text = c.troubleOf(&t.Cause)
	out.Remedy = c.words.T(t.Cause.Key+".remedy", t.Cause.Args)
	return out
}

func (a *API) postAfterOperations() {
	x := a.rooms.Posts
	add(a, operation{
		id: "list-post-troubles", method: http.MethodGet, path: "/posts/troubles", tag: tagPosts, needs: team.PostsRead, summary: "List what is wrong with posts",
		description: "What failed or nobody knows the outcome of, what is held, what missed its time, newest first: each with its cause and what to do.",
	}, func(ctx context.Context, c *caller, _ *nothing) (*output[list[PostTrouble]], error) {
		ts, err := x.Troubled(ctx, c.actor)
		if err != nil {
			return nil, err
		}
		return answer(list[PostTrouble]{Items: each(ts, c.postTroubleOf)}), nil
	})
	add(a, operation{
		id: "count-posts", method: http.MethodGet, path: "/posts/counts", tag: tagPosts, needs: team.PostsRead, summary: "Count posts", description: "By where they stand.",
	}, func(ctx context.Context, c *caller, _ *nothing) (*output[PostCounts], error) {
		n, err := x.Counts(ctx, c.actor)
		if err != nil {
			return nil, err
		}
		out := PostCounts{States: map[string]int{}, Trouble: n.Trouble, Missed: n.Missed}
		for s, k := range n.States {
			out.States[string(s)] = k
		}
		return answer(out), nil
	})
	add(a, operation{
		id: "list-post-files", method: http.MethodGet, path: "/posts/files", tag: tagPosts, needs: team.PostsWrite, summary: "List the files of earlier posts",
		description: "Each once, the latest first, with the descriptions they were given.",
	}, func(ctx context.Context, c *caller, in *struct {
		Search string `query:"search" example:"blue cup" doc:"Words in descriptions and names."`
	},
	) (*output[list[File]], error) {
		all, err := x.Library(ctx, c.actor, in.Search)
		if err != nil {
			return nil, err
		}
		return answer(list[File]{Items: each(all, fileOf)}), nil
	})
	type PartPath struct {
		Part string `path:"part" example:"pst_01kjpzx2p0000000000000000z" doc:"The message's identifier."`
	}
	for _, way := range []struct {
		id, verb, summary, description, conflict string
		f                                        func(context.Context, team.Actor, post.PartID) error
	}{
		{"retry-part", "retry", "Try a message again", "One that failed.", "It did not fail.", x.Retry},
		{"send-part-again", "send-again", "Send a message again", "One of which nobody knows whether it arrived, because a person has looked and says that it is not there.", "Its outcome is known.", x.SendAgain},
		{"give-part-up", "give-up", "Give a message up", "One of which nobody knows whether it arrived: it counts as failed.", "Its outcome is known.", x.GiveUp},
	} {
		add(a, operation{
			id: way.id, method: http.MethodPost, path: "/post-parts/{part}/" + way.verb, tag: tagPosts, needs: team.PostsPublish, summary: way.summary, description: way.description, conflict: way.conflict,
		}, func(ctx context.Context, c *caller, in *PartPath) (*nothing, error) {
			return nil, way.f(ctx, c.actor, post.PartID(in.Part))
		})
	}
	correct := func(c *caller, k post.Correction, err error) (*output[PostCorrection], error) {
		if err != nil {
			return nil, err
		}
		return answer(c.correctionOf(k)), nil
	}
	add(a, operation{
		id: "edit-sent-post", method: http.MethodPost, path: "/posts/{post}/edit", tag: tagPosts, needs: team.PostsPublish, summary: "Change what stands on networks",
		description: "In the same number of messages. Where the company wants a yes before a post goes out, it wants one here.", conflict: "It has not gone out, or something of it is being changed.",
	}, func(ctx context.Context, c *caller, in *struct {
		PostPath
		Body struct {
			Writing
			Version int      `json:"version" example:"3" doc:"Of the post that the caller has."`
			Confirm []string `json:"confirm,omitempty" nullable:"false" example:"[\"iban:9f2c\"]" doc:"Marks of what looks as if it should not go out and may."`
		}
	},
	) (*output[PostCorrection], error) {
		id, err := in.id()
		if err != nil {
			return nil, err
		}
		b := in.Body
		k, err := x.EditSent(ctx, c.actor, post.EditIn{
			Post: id, Version: b.Version, Message: b.Message.message(), Own: b.own(), Channels: channelsIn(b.Channels), Confirm: b.Confirm,
		})
		return correct(c, k, err)
	})
	add(a, operation{
		id: "take-post-down", method: http.MethodPost, path: "/posts/{post}/take-down", tag: tagPosts, needs: team.PostsPublish, summary: "Take a post down",
		description: "From some channels or, with none named, from all. What is on its way is stopped. Nobody's yes is waited for.", conflict: "Nothing of it stands.",
	}, func(ctx context.Context, c *caller, in *struct {
		PostPath
		Body struct {
			Channels []string `json:"channels,omitempty" nullable:"false" example:"[\"chn_01kjpzx2p0000000000000000f\"]" doc:"Where; absent: everywhere."`
		}
	},
	) (*output[PostCorrection], error) {
		id, err := in.id()
		if err != nil {
			return nil, err
		}
		k, err := x.TakeDown(ctx, c.actor, id, channelsIn(in.Body.Channels))
		return correct(c, k, err)
	})
	type CorrectionPath struct {
		Correction string `path:"correction" example:"pst_01kjpzx2p0000000000000000z" doc:"The correction's identifier."`
	}
	add(a, operation{
		id: "approve-correction", method: http.MethodPost, path: "/post-corrections/{correction}/approve", tag: tagPosts, needs: team.PostsApprove, summary: "Approve other words for what stands",
		description: "The exact bytes that the hash names.", conflict: "It does not wait, or says something else.",
	}, func(ctx context.Context, c *caller, in *struct {
		CorrectionPath
		Body struct {
			Hash string `json:"hash" example:"4f7a91c2d3e4f5061728394a5b6c7d8e" doc:"Of the correction that the caller saw."`
		}
	},
	) (*output[PostCorrection], error) {
		k, err := x.ApproveCorrection(ctx, c.actor, post.CorrectionID(in.Correction), in.Body.Hash)
		return correct(c, k, err)
	})
	add(a, operation{
		id: "return-correction", method: http.MethodPost, path: "/post-corrections/{correction}/return", tag: tagPosts, needs: team.PostsApprove, summary: "Send other words for what stands back",
		description: "With a reason; what stands stays.", conflict: "It does not wait.",
	}, func(ctx context.Context, c *caller, in *struct {
		CorrectionPath
		Body Rejection
	},
	) (*output[PostCorrection], error) {
		k, err := x.SendBackCorrection(ctx, c.actor, post.CorrectionID(in.Correction), in.Body.Reason)
		return correct(c, k, err)
	})
	add(a, operation{
		id: "retry-correction", method: http.MethodPost, path: "/post-corrections/{correction}/retry", tag: tagPosts, needs: team.PostsPublish, summary: "Try a correction again",
		description: "One that did not get through.", conflict: "It did not fail.",
	}, func(ctx context.Context, c *caller, in *CorrectionPath) (*nothing, error) {
		return nil, x.RetryCorrection(ctx, c.actor, post.CorrectionID(in.Correction))
	})
}
