package api

import (
	"context"
	"net/http"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/team"
)

// PostPath says which post.
type PostPath struct {
	Post string `path:"post" example:"pst_01kjpzx2p0000000000000000z" doc:"The post's identifier."`
}

// id reads the identifier; what is none names nothing.
func (p PostPath) id() (post.ID, error) {
	id, err := post.ParseID(p.Post)
	if err != nil {
		return "", fault.New(fault.NotFound, "post.missing").Because(err)
	}
	return id, nil
}

// postAnswer finishes an operation that answers with the post as it stands then.
func postAnswer(p post.Post, err error) (*output[Post], error) {
	if err != nil {
		return nil, err
	}
	return answer(postOf(p)), nil
}

// PostQuery narrows a list of posts.
type PostQuery struct {
	States  []string `query:"state" enum:"draft,pending,approved,planned,held,sending,sent,failed,gone" doc:"Only these states; several apart by commas."`
	Channel string   `query:"channel" example:"chn_01kjpzx2p0000000000000000f" doc:"Only for this channel."`
	Mine    bool     `query:"mine" doc:"Only those that the token's member made."`
	Trouble bool     `query:"trouble" doc:"Only those of which something did not get out, or nobody knows."`
}

func (q PostQuery) filter() post.Filter {
	return post.Filter{
		States: each(q.States, func(s string) post.State { return post.State(s) }), Channel: network.ChannelID(q.Channel), Mine: q.Mine, Trouble: q.Trouble,
	}
}

const staleConflict = "Somebody saved meanwhile: what came too late is kept aside in the history."

func (a *API) postOperations() {
	x := a.rooms.Posts
	add(a, operation{
		id: "list-posts", method: http.MethodGet, path: "/posts", tag: tagPosts, needs: team.PostsRead, summary: "List posts", description: "The latest first.",
	}, func(ctx context.Context, c *caller, in *struct {
		Paging
		PostQuery
	},
	) (*output[Page[PostEntry]], error) {
		f := in.filter()
		f.Cursor, f.Limit = in.Cursor, in.Limit
		l, err := x.List(ctx, c.actor, f)
		if err != nil {
			return nil, err
		}
		return answer(Page[PostEntry]{Items: each(l.Entries, entryOf), Next: l.Next}), nil
	})
	add(a, operation{
		id: "create-post", method: http.MethodPost, path: "/posts", tag: tagPosts, needs: team.PostsWrite, status: http.StatusCreated,
		summary: "Begin a post", description: "A draft. Nothing goes out by this.",
	}, func(ctx context.Context, c *caller, in *struct {
		Body struct {
			Writing
			Template string `json:"template,omitempty" example:"psn_01kjpzx2p0000000000000000z" doc:"A snippet of that kind, for an empty message."`
		}
	},
	) (*output[Post], error) {
		b := in.Body
		return postAnswer(x.Create(ctx, c.actor, post.CreateIn{Message: b.Message.message(), Channels: channelsIn(b.Channels), Own: b.own(), Template: post.SnippetID(b.Template)}))
	})
	add(a, operation{
		id: "get-post", method: http.MethodGet, path: "/posts/{post}", tag: tagPosts, needs: team.PostsRead, summary: "Get a post",
		description: "With its form for each channel, advice, comments, decisions, and what it brought.",
	}, func(ctx context.Context, c *caller, in *PostPath) (*output[PostWhole], error) {
		id, err := in.id()
		if err != nil {
			return nil, err
		}
		f, err := x.Open(ctx, c.actor, id)
		if err != nil {
			return nil, err
		}
		return answer(c.wholeOf(f)), nil
	})
	add(a, operation{
		id: "save-post", method: http.MethodPut, path: "/posts/{post}", tag: tagPosts, needs: team.PostsWrite, summary: "Save a draft",
		description: "Replaces the content. A post that was asked about, approved or planned is a draft again: every change asks again.", conflict: staleConflict + " Or it has gone out.",
	}, func(ctx context.Context, c *caller, in *struct {
		PostPath
		Body struct {
			Writing
			Version int `json:"version" example:"3" doc:"That it was started from."`
		}
	},
	) (*output[Post], error) {
		id, err := in.id()
		if err != nil {
			return nil, err
		}
		b := in.Body
		return postAnswer(x.SaveDraft(ctx, c.actor, post.SaveIn{Post: id, Version: b.Version, Message: b.Message.message(), Channels: channelsIn(b.Channels), Own: b.own()}))
	})
	add(a, operation{
		id: "delete-post", method: http.MethodDelete, path: "/posts/{post}", tag: tagPosts, needs: team.PostsWrite, summary: "Drop a post",
		description: "One of which nothing went out.", conflict: "Something of it has gone out.",
	}, func(ctx context.Context, c *caller, in *PostPath) (*nothing, error) {
		id, err := in.id()
		if err != nil {
			return nil, err
		}
		return nil, x.Delete(ctx, c.actor, id)
	})
	add(a, operation{
		id: "preview-post", method: http.MethodPost, path: "/posts/preview", tag: tagPosts, needs: team.PostsWrite, summary: "See how a message would go out",
		description: "Its form for each channel by the network's own rules, and how it reads. Nothing is kept.",
	}, func(ctx context.Context, c *caller, in *struct{ Body Writing }) (*output[postPreview], error) {
		p, err := x.Preview(ctx, c.actor, post.PreviewIn{Message: in.Body.Message.message(), Channels: channelsIn(in.Body.Channels), Own: in.Body.own()})
		if err != nil {
			return nil, err
		}
		return answer(postPreview{Variants: each(p.Variants, c.variantOf), Advice: each(p.Advice, c.adviceOf), Doubts: each(p.Doubts, c.doubtOf)}), nil
	})
	add(a, operation{
		id: "follow-message", method: http.MethodPost, path: "/posts/{post}/follow", tag: tagPosts, needs: team.PostsWrite, summary: "Let a channel follow the message again",
		description: "What was written by hand for it goes into the history.", conflict: "It has gone out.",
	}, func(ctx context.Context, c *caller, in *struct {
		PostPath
		Body struct {
			Channel string `json:"channel" example:"chn_01kjpzx2p0000000000000000f" doc:"Which."`
		}
	},
	) (*output[Post], error) {
		id, err := in.id()
		if err != nil {
			return nil, err
		}
		return postAnswer(x.Follow(ctx, c.actor, id, network.ChannelID(in.Body.Channel)))
	})
	add(a, operation{
		id: "copy-post", method: http.MethodPost, path: "/posts/{post}/copy", tag: tagPosts, needs: team.PostsWrite, status: http.StatusCreated, summary: "Begin a post with the words of another",
		description: "For some of its channels or, with none named, all that are still there.",
	}, func(ctx context.Context, c *caller, in *struct {
		PostPath
		Body struct {
			Channels []string `json:"channels,omitempty" nullable:"false" example:"[\"chn_01kjpzx2p0000000000000000f\"]" doc:"Where."`
		}
	},
	) (*output[Post], error) {
		id, err := in.id()
		if err != nil {
			return nil, err
		}
		return postAnswer(x.Copy(ctx, c.actor, id, channelsIn(in.Body.Channels)))
	})
	a.postTeamOperations()
	a.postYesOperations()
	a.postTimeOperations()
	a.postAfterOperations()
	a.postCompanyOperations()
}

// postPreview is how a message would go out.
type postPreview struct {
	Variants []PostVariant `json:"variants" nullable:"false" doc:"Its form for each channel."`
	Advice   []PostAdvice  `json:"advice" nullable:"false" doc:"How it reads."`
	Doubts   []PostDoubt   `json:"doubts" nullable:"false" doc:"What would have to be confirmed."`
}

// PostPast is an earlier state of a message.
type PostPast struct {
	ID      string  `json:"id" example:"pst_01kjpzx2p0000000000000000z" doc:"Identifier."`
	Version int     `json:"version" example:"3" doc:"Of what it is, or that it was started from when it stands aside."`
	Aside   bool    `json:"aside" doc:"It came too late: the post went on without it."`
	By      string  `json:"by,omitempty" example:"mbr_01kjpzx2p0000000000000000b" doc:"Who saved it."`
	Writing Writing `json:"writing" doc:"What it said."`
}

func (a *API) postTeamOperations() {
	x := a.rooms.Posts
	add(a, operation{
		id: "list-post-history", method: http.MethodGet, path: "/posts/{post}/history", tag: tagPosts, needs: team.PostsRead, summary: "List what a post said before", description: "Newest first.",
	}, func(ctx context.Context, c *caller, in *PostPath) (*output[list[PostPast]], error) {
		id, err := in.id()
		if err != nil {
			return nil, err
		}
		ps, err := x.History(ctx, c.actor, id)
		if err != nil {
			return nil, err
		}
		return answer(list[PostPast]{Items: each(ps, func(p post.Past) PostPast {
			return PostPast{ID: string(p.ID), Version: p.Version, Aside: p.Aside, By: string(p.Member), Writing: writingOf(p.Written)}
		})}), nil
	})
	add(a, operation{
		id: "restore-post", method: http.MethodPost, path: "/posts/{post}/restore", tag: tagPosts, needs: team.PostsWrite, summary: "Bring an earlier state back",
		description: "What stands now goes into the history.", conflict: staleConflict + " Or it has gone out.",
	}, func(ctx context.Context, c *caller, in *struct {
		PostPath
		Body struct {
			Past    string `json:"past" example:"ppa_01kjpzx2p0000000000000000z" doc:"Of the history."`
			Version int    `json:"version" example:"3" doc:"That the caller has."`
		}
	},
	) (*output[Post], error) {
		id, err := in.id()
		if err != nil {
			return nil, err
		}
		return postAnswer(x.Restore(ctx, c.actor, id, post.PastID(in.Body.Past), in.Body.Version))
	})
	add(a, operation{
		id: "comment-post", method: http.MethodPost, path: "/posts/{post}/comments", tag: tagPosts, needs: team.PostsRead, status: http.StatusCreated, summary: "Say something about a post",
		description: "To the team; nothing of it goes out.",
	}, func(ctx context.Context, c *caller, in *struct {
		PostPath
		Body struct {
			Text string `json:"text" example:"Is Saturday still right?" doc:"What."`
		}
	},
	) (*output[PostComment], error) {
		id, err := in.id()
		if err != nil {
			return nil, err
		}
		k, err := x.Comment(ctx, c.actor, id, in.Body.Text)
		if err != nil {
			return nil, err
		}
		return answer(commentOf(k)), nil
	})
	add(a, operation{
		id: "delete-post-comment", method: http.MethodDelete, path: "/post-comments/{comment}", tag: tagPosts, needs: team.PostsManage, summary: "Take a comment away",
		description: "Members take back their own on screen.",
	}, func(ctx context.Context, c *caller, in *struct {
		Comment string `path:"comment" example:"pst_01kjpzx2p0000000000000000z" doc:"The comment's identifier."`
	},
	) (*nothing, error) {
		return nil, x.DeleteComment(ctx, c.actor, post.CommentID(in.Comment))
	})
	add(a, operation{
		id: "share-post", method: http.MethodPut, path: "/posts/{post}/shared", tag: tagPosts, needs: team.PostsWrite, summary: "Share a post",
		description: "With members who may not see all posts; it replaces who was named before.",
	}, func(ctx context.Context, c *caller, in *struct {
		PostPath
		Body struct {
			Members []string `json:"members" nullable:"false" example:"[\"mbr_01kjpzx2p0000000000000000b\"]" doc:"Whom with."`
		}
	},
	) (*nothing, error) {
		id, err := in.id()
		if err != nil {
			return nil, err
		}
		return nil, x.Share(ctx, c.actor, id, membersIn(in.Body.Members))
	})
}

func (a *API) postYesOperations() {
	x := a.rooms.Posts
	add(a, operation{
		id: "list-posts-to-approve", method: http.MethodGet, path: "/posts/to-approve", tag: tagPosts, needs: team.PostsApprove, summary: "List posts that wait for a yes",
		description: "Which the token's member may give next, oldest first, at most 50.",
	}, func(ctx context.Context, c *caller, _ *nothing) (*output[list[PostEntry]], error) {
		es, err := x.ToApprove(ctx, c.actor)
		if err != nil {
			return nil, err
		}
		return answer(list[PostEntry]{Items: each(es, entryOf)}), nil
	})
	add(a, operation{
		id: "ask-post", method: http.MethodPost, path: "/posts/{post}/ask", tag: tagPosts, needs: team.PostsWrite, summary: "Ask for the yes that the company wants",
		description: "Freezes what goes out.", conflict: staleConflict + " Or it is no draft.",
	}, func(ctx context.Context, c *caller, in *struct {
		PostPath
		Body struct {
			Version int      `json:"version" example:"3" doc:"That the caller has."`
			Of      []string `json:"of,omitempty" nullable:"false" example:"[\"mbr_01kjpzx2p0000000000000000b\"]" doc:"Members who are asked by name."`
			Note    string   `json:"note,omitempty" example:"For the fair." doc:"For who decides."`
		}
	},
	) (*output[Post], error) {
		id, err := in.id()
		if err != nil {
			return nil, err
		}
		return postAnswer(x.Ask(ctx, c.actor, id, post.AskIn{Version: in.Body.Version, Of: membersIn(in.Body.Of), Note: in.Body.Note}))
	})
	add(a, operation{
		id: "approve-post", method: http.MethodPost, path: "/posts/{post}/approve", tag: tagPosts, needs: team.PostsApprove, summary: "Approve a post",
		description: "The exact bytes that the hash names. With the last yes it goes out at the time that was wished for.", conflict: "It says something else by now, or does not wait.",
	}, func(ctx context.Context, c *caller, in *struct {
		PostPath
		Body struct {
			Hash string `json:"hash" example:"4f7a91c2d3e4f5061728394a5b6c7d8e" doc:"Of the post that the caller saw."`
		}
	},
	) (*output[Post], error) {
		id, err := in.id()
		if err != nil {
			return nil, err
		}
		return postAnswer(x.Approve(ctx, c.actor, id, in.Body.Hash))
	})
	add(a, operation{
		id: "return-post", method: http.MethodPost, path: "/posts/{post}/return", tag: tagPosts, needs: team.PostsApprove, summary: "Send a post back", description: "With what should change.", conflict: "It does not wait.",
	}, func(ctx context.Context, c *caller, in *struct {
		PostPath
		Body Rejection
	},
	) (*output[Post], error) {
		id, err := in.id()
		if err != nil {
			return nil, err
		}
		return postAnswer(x.SendBack(ctx, c.actor, id, in.Body.Reason))
	})
	add(a, operation{
		id: "unask-post", method: http.MethodPost, path: "/posts/{post}/unask", tag: tagPosts, needs: team.PostsWrite, summary: "Take back what was asked", description: "The post is a draft again.", conflict: "It does not wait.",
	}, func(ctx context.Context, c *caller, in *PostPath) (*output[Post], error) {
		id, err := in.id()
		if err != nil {
			return nil, err
		}
		return postAnswer(x.WithdrawAsk(ctx, c.actor, id))
	})
	add(a, operation{
		id: "invite-guest", method: http.MethodPost, path: "/posts/{post}/guests", tag: tagPosts, needs: team.PostsPublish, status: http.StatusCreated, summary: "Make a personal link for a guest",
		description: "Somebody without an account reads this one post and says yes or no, in the place of the token's member. The address is told once.",
	}, func(ctx context.Context, c *caller, in *struct {
		PostPath
		Body struct {
			Name string `json:"name" example:"Studio Neri" doc:"Whom it is for."`
			Days int    `json:"days,omitempty" minimum:"1" maximum:"30" example:"7" doc:"For which it works."`
		}
	},
	) (*output[invitedGuest], error) {
		id, err := in.id()
		if err != nil {
			return nil, err
		}
		g, token, err := x.InviteGuest(ctx, c.actor, id, post.GuestIn{Name: in.Body.Name, Days: in.Body.Days})
		if err != nil {
			return nil, err
		}
		return answer(invitedGuest{PostGuest: guestOf(g), Token: token}), nil
	})
	add(a, operation{
		id: "withdraw-guest", method: http.MethodDelete, path: "/post-guests/{guest}", tag: tagPosts, needs: team.PostsPublish, summary: "Withdraw a personal link", description: "It ends at once.",
	}, func(ctx context.Context, c *caller, in *struct {
		Guest string `path:"guest" example:"pst_01kjpzx2p0000000000000000z" doc:"The link's identifier."`
	},
	) (*nothing, error) {
		return nil, x.WithdrawGuest(ctx, c.actor, post.GuestID(in.Guest))
	})
}

// invitedGuest is a link with its token, which is told once.
type invitedGuest struct {
	PostGuest
	Token string `json:"token" example:"q7Zr1" doc:"The last part of the personal address; it is told once."`
}
