package post

import (
	"context"
	"fmt"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/team"
)

// File is everything that the page of a post needs.
type File struct {
	Post        Post
	Written     Written
	Variants    []Variant // in the order of their channels
	Channels    map[network.ChannelID]network.Channel
	Files       map[media.ID]media.File
	Advice      []Advice // of a draft
	Doubts      []Doubt  // what must be confirmed, and who confirmed it
	Comments    []Comment
	Decisions   []Decision // oldest first
	Given       int        // of the yeses that are wanted, how many there are
	Guests      []Guest
	Shared      []team.MemberID
	Asked       []team.MemberID // by name
	Present     []team.MemberID // others who are in it now
	Members     map[team.MemberID]team.Member
	Series      *Series
	Corrections []Correction
	Results     []Result
	Visits      []Visited
	Said        Said
	Stop        *Stop // everything is paused
	May         May
}

// May says what an actor may do with a post as it stands.
type May struct {
	Write, Approve, Publish, Comment bool
}

// Open gives a post with everything that belongs to it. It needs PostsRead, or that the post is shared with the actor.
func (p *Posts) Open(ctx context.Context, actor team.Actor, id ID) (File, error) {
	if err := p.mayRead(ctx, actor, id); err != nil {
		return File{}, err
	}
	f, err := p.file(ctx, actor, id)
	if err != nil {
		return File{}, fmt.Errorf("post.Open: %w", err)
	}
	return f, nil
}

func (p *Posts) file(ctx context.Context, actor team.Actor, id ID) (f File, err error) {
	c := actor.Company
	if f.Post, err = p.readPost(ctx, c, id); err != nil {
		return f, err
	}
	if f.Written, err = p.written(ctx, f.Post); err != nil {
		return f, err
	}
	if f.Variants, _, err = p.showing(ctx, f.Post); err != nil {
		return f, err
	}
	if f.Channels, err = p.rooms.Networks.ChannelsByID(ctx, c); err != nil {
		return f, err
	}
	if f.Files, err = p.filesOf(ctx, c, f.Post.Message); err != nil {
		return f, err
	}
	if f.Post.State == Draft {
		if f.Advice, f.Doubts, err = p.look(ctx, c, id, f.Written); err != nil {
			return f, err
		}
	}
	if f.Comments, err = p.comments(ctx, c, id); err != nil {
		return f, err
	}
	if f.Decisions, err = p.allDecisions(ctx, f.Post); err != nil {
		return f, err
	}
	f.Given = given(f.Post.Wanted, f.Decisions)
	if f.Guests, err = p.guests(ctx, c, id); err != nil {
		return f, err
	}
	shares, err := p.shares(ctx, c, id)
	if err != nil {
		return f, err
	}
	for _, s := range shares {
		if s.Asked {
			f.Asked = append(f.Asked, s.MemberID)
		} else {
			f.Shared = append(f.Shared, s.MemberID)
		}
	}
	if f.Present, err = p.present(ctx, c, id, actor.Member, p.rooms.Clock.Now()); err != nil {
		return f, err
	}
	if f.Members, err = p.rooms.Team.MembersByID(ctx, c); err != nil {
		return f, err
	}
	if f.Post.Series != "" {
		s, err := p.series(ctx, c, f.Post.Series)
		if err != nil {
			return f, err
		}
		f.Series = &s
	}
	if f.Corrections, err = p.corrections(ctx, c, id); err != nil {
		return f, err
	}
	if f.Results, err = p.results(ctx, c, id); err != nil {
		return f, err
	}
	if f.Visits, err = p.visited(ctx, f.Post, f.Variants); err != nil {
		return f, err
	}
	if actor.Can(team.InboxRead) {
		if f.Said, err = p.said(ctx, f.Post, f.Variants); err != nil {
			return f, err
		}
	}
	if _, f.Stop, err = p.readSettings(ctx, c); err != nil {
		return f, err
	}
	f.May = May{
		Write: p.mayWrite(ctx, actor, id) == nil, Approve: p.mayDecide(ctx, actor, id) == nil, Publish: actor.Can(team.PostsPublish), Comment: true,
	}
	return f, nil
}

// filesOf gives the files of a message that are still there.
func (p *Posts) filesOf(ctx context.Context, c team.CompanyID, m Message) (map[media.ID]media.File, error) {
	out := map[media.ID]media.File{}
	for _, x := range m.Media {
		f, err := p.rooms.Media.Get(ctx, string(c), x.ID)
		if fault.KindOf(err) == fault.NotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		out[x.ID] = f
	}
	return out, nil
}

// PreviewIn is what a member has before them, stored or not.
type PreviewIn struct {
	Post     ID // "": a new one
	Message  Message
	Channels []network.ChannelID
	Own      map[network.ChannelID]Own
}

// Preview is how a message would go out now, with what is to be said about it.
type Preview struct {
	Variants []Variant
	Advice   []Advice
	Doubts   []Doubt
	Files    map[media.ID]media.File
}

// Preview fits a message to channels without storing anything. It needs PostsWrite, or that the post is shared with the actor.
func (p *Posts) Preview(ctx context.Context, actor team.Actor, in PreviewIn) (Preview, error) {
	if err := p.mayWrite(ctx, actor, in.Post); err != nil {
		return Preview{}, err
	}
	out, err := p.previewOf(ctx, actor, in)
	if err != nil {
		return Preview{}, fmt.Errorf("post.Preview: %w", err)
	}
	return out, nil
}

func (p *Posts) previewOf(ctx context.Context, actor team.Actor, in PreviewIn) (out Preview, err error) {
	w := Written{Message: in.Message, Channels: in.Channels, Own: in.Own}
	w.tidy()
	if err := p.check(ctx, actor.Company, w); err != nil {
		return out, err
	}
	f, err := p.fitter(ctx, actor.Company, in.Post, w)
	if err != nil {
		return out, err
	}
	for _, ch := range w.Channels {
		v := Variant{Channel: ch, Own: ownOf(w, ch), State: Idle}
		v.Fitted, v.Contents = f.fit(w.Message, v.Own, ch)
		out.Variants = append(out.Variants, v)
	}
	out.Files = f.files
	out.Advice, out.Doubts, err = p.look(ctx, actor.Company, in.Post, w)
	return out, err
}
