package api

import (
	"context"
	"net/http"
	"time"

	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/team"
)

// GrowthSettings are what the company decides about its growth page. The figures are not among them.
type GrowthSettings struct {
	Open      bool     `json:"open" doc:"Everybody sees the page; else only members do."`
	Title     Words    `json:"title" doc:"Title of the page."`
	Lede      Words    `json:"lede" doc:"What stands under it."`
	Promise   Words    `json:"promise" doc:"What the company promises about answering."`
	WriteTo   string   `json:"write_to,omitempty" example:"https://www.example.org/contact" doc:"Where people may write: an https address or an e-mail address."`
	Approvers []string `json:"approvers" nullable:"false" example:"[\"owner\"]" doc:"Roles that may approve public entries; owners always may."`
	DecideIn  int      `json:"decide_in" minimum:"1" maximum:"30" example:"7" doc:"Days within which a doubt should be decided."`
	Embed     []string `json:"embed" nullable:"false" example:"[\"https://www.example.org\"]" doc:"Sites that may show the page in a frame; none: every one."`
}

func growthSettingsOf(s growth.Settings) GrowthSettings {
	return GrowthSettings{
		Open: s.Open, Title: wordsOf(s.Title), Lede: wordsOf(s.Lede), Promise: wordsOf(s.Promise), WriteTo: s.WriteTo, Approvers: strs(s.Approvers),
		DecideIn: s.DecideIn, Embed: strs(s.Embed),
	}
}

// HeadPost is the weekly public post of the record's head.
type HeadPost struct {
	ID    string    `json:"id" example:"hed_01kjpzx2p0000000000000000y" doc:"Identifier."`
	Text  string    `json:"text" example:"desk.example/record 412 ..." doc:"What goes out."`
	Size  int64     `json:"size" example:"412" doc:"Leaves of the record."`
	Made  time.Time `json:"made_at" example:"2026-03-16T08:00:00Z" doc:"When it was prepared."`
	State string    `json:"state" enum:"draft,sent,skipped" example:"draft" doc:"draft: waits for a person's yes."`
	URLs  []string  `json:"urls" nullable:"false" example:"[\"https://mastodon.example/@arno/9\"]" doc:"Where it stands."`
}

func headPostOf(h growth.HeadPost) HeadPost {
	return HeadPost{ID: h.ID, Text: h.Text, Size: h.Size, Made: h.MadeAt.UTC(), State: string(h.State), URLs: strs(h.URLs)}
}

func (a *API) growthOperations() {
	x := a.rooms.Growth
	add(a, operation{
		id: "get-growth-settings", method: http.MethodGet, path: "/growth/settings", tag: tagGrowth, needs: team.GrowthRead,
		summary: "Get the growth page's settings", description: "Tone and texts, who approves, where the page may be shown.",
	}, func(ctx context.Context, c *caller, _ *nothing) (*output[GrowthSettings], error) {
		s, err := x.Settings(ctx, c.actor)
		if err != nil {
			return nil, err
		}
		return answer(growthSettingsOf(s)), nil
	})
	add(a, operation{
		id: "change-growth-settings", method: http.MethodPut, path: "/growth/settings", tag: tagGrowth, needs: team.CompanyChange,
		summary: "Change the growth page's settings", description: "Replaces all of them. The figures follow from the record and cannot be changed.",
	}, func(ctx context.Context, c *caller, in *struct{ Body GrowthSettings }) (*nothing, error) {
		b := in.Body
		return nil, x.ChangeSettings(ctx, c.actor, growth.Settings{
			Open: b.Open, Title: b.Title.words(), Lede: b.Lede.words(), Promise: b.Promise.words(), WriteTo: b.WriteTo,
			Approvers: each(b.Approvers, func(s string) team.Role { return team.Role(s) }), DecideIn: b.DecideIn, Embed: b.Embed,
		})
	})
	add(a, operation{
		id: "list-head-posts", method: http.MethodGet, path: "/growth/head-posts", tag: tagGrowth, needs: team.GrowthRead,
		summary: "List the weekly posts of the record's head", description: "Prepared and sent, newest first. Strangers who see them hold witnesses of the record.",
	}, func(ctx context.Context, c *caller, _ *nothing) (*output[list[HeadPost]], error) {
		hs, err := x.HeadPosts(ctx, c.actor)
		if err != nil {
			return nil, err
		}
		return answer(list[HeadPost]{Items: each(hs, headPostOf)}), nil
	})
	type PostPath struct {
		Post string `path:"post" example:"hed_01kjpzx2p0000000000000000y" doc:"The post's identifier."`
	}
	add(a, operation{
		id: "send-head-post", method: http.MethodPost, path: "/growth/head-posts/{post}/send", tag: tagGrowth, needs: team.GrowthPublish,
		summary: "Post the record's head", description: "On these channels, exactly once.", conflict: "It was sent or skipped already.",
	}, func(ctx context.Context, c *caller, in *struct {
		PostPath
		Body struct {
			Channels []string `json:"channels" nullable:"false" minItems:"1" maxItems:"50" example:"[\"chn_01kjpzx2p0000000000000000f\"]" doc:"Where."`
		}
	},
	) (*nothing, error) {
		return nil, x.SendHead(ctx, c.actor, in.Post, in.Body.Channels)
	})
	add(a, operation{
		id: "skip-head-post", method: http.MethodPost, path: "/growth/head-posts/{post}/skip", tag: tagGrowth, needs: team.GrowthPublish,
		summary: "Do not post the record's head", description: "This week.", conflict: "It was sent or skipped already.",
	}, func(ctx context.Context, c *caller, in *PostPath) (*nothing, error) {
		return nil, x.SkipHead(ctx, c.actor, in.Post)
	})
}
