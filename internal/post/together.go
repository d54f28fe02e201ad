package post

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/live"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

// mayRead is nil when the actor may read all posts, or this one is shared with them.
func (p *Posts) mayRead(ctx context.Context, actor team.Actor, id ID) error {
	return p.mayOne(ctx, actor, team.PostsRead, id)
}

// mayWrite is nil when the actor may write posts, or this one is shared with them and is not theirs only to say yes to.
func (p *Posts) mayWrite(ctx context.Context, actor team.Actor, id ID) error {
	return p.mayOne(ctx, actor, team.PostsWrite, id)
}

// mayOne asks for a permission, or that the post is shared with a member in person.
func (p *Posts) mayOne(ctx context.Context, actor team.Actor, need team.Permission, id ID) error {
	refused := actor.May(need)
	if refused == nil || actor.Self() != nil {
		return refused
	}
	s, err := p.share(ctx, actor.Company, id, actor.Member)
	switch {
	case err != nil:
		return err
	case s == nil, need != team.PostsRead && s.Asked: // asked for a yes: they read and decide
		return refused
	}
	return nil
}

// Share says which members see, change and comment on a post that may not see all; it replaces who was named before. It needs
// PostsWrite.
func (p *Posts) Share(ctx context.Context, actor team.Actor, id ID, with []team.MemberID) error {
	if err := actor.May(team.PostsWrite); err != nil {
		return err
	}
	with = slices.Compact(slices.Sorted(slices.Values(with)))
	err := p.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := p.alone(ctx, tx, actor.Company); err != nil {
			return err
		}
		if _, err := p.readPost(ctx, actor.Company, id); err != nil {
			return err
		}
		if err := p.active(ctx, actor.Company, "members", with); err != nil {
			return err
		}
		if err := p.setShares(ctx, tx, actor.Company, id, with, false); err != nil {
			return err
		}
		if err := p.rooms.Team.Audit(ctx, tx, actor, team.Entry{Verb: "post.share", ObjectKind: "post", ObjectID: string(id)}); err != nil {
			return err
		}
		return p.tell(ctx, tx, actor, id)
	})
	if err != nil {
		return fmt.Errorf("post.Share: %w", err)
	}
	return nil
}

// active refuses names that are not of active members.
func (p *Posts) active(ctx context.Context, c team.CompanyID, field string, ids []team.MemberID) error {
	if len(ids) == 0 {
		return nil
	}
	ms, err := p.rooms.Team.MembersByID(ctx, c)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if m, ok := ms[id]; !ok || m.State != team.MemberActive {
			return fault.InvalidFields(fault.Field{Name: field, Key: "post.member"})
		}
	}
	return nil
}

// hereFor is how long somebody counts as being in a post after their browser last said so.
const hereFor = 30 * time.Second

// Touch says that the actor is in a post, and gives the others who are. It needs PostsWrite, or that the post is shared with the
// actor.
func (p *Posts) Touch(ctx context.Context, actor team.Actor, id ID) ([]team.MemberID, error) {
	if err := p.mayWrite(ctx, actor, id); err != nil {
		return nil, err
	}
	if actor.Member == "" {
		return nil, fault.New(fault.Denied, "team.denied.self")
	}
	var others []team.MemberID
	err := p.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		x, err := p.readPost(ctx, actor.Company, id)
		if err != nil {
			return err
		}
		if x.State == Draft { // whether its links still answer is known while somebody writes
			w, err := p.written(ctx, x)
			if err != nil {
				return err
			}
			if err := p.askLinks(ctx, tx, actor.Company, w); err != nil {
				return err
			}
		}
		now := p.rooms.Clock.Now()
		was, err := p.touch(ctx, tx, actor, id, now)
		if err != nil {
			return err
		}
		if others, err = p.present(ctx, actor.Company, id, actor.Member, now); err != nil || was {
			return err
		}
		return p.rooms.Live.Tell(ctx, tx, live.Event{Company: string(actor.Company), Topic: live.Writing, Ref: string(id), By: string(actor.Member)})
	})
	if err != nil {
		return nil, fmt.Errorf("post.Touch: %w", err)
	}
	return others, nil
}

// Comment is what a member, or a guest by their link, said about a post, for the team only.
type Comment struct {
	ID     CommentID
	Member team.MemberID // "" when a guest said it
	Guest  string        // the guest's name
	Text   string
	At     time.Time
}

// maxComment bounds a comment, in characters.
const maxComment = 2000

// Comment says something about a post to the team. It needs PostsRead, or that the post is shared with the actor.
func (p *Posts) Comment(ctx context.Context, actor team.Actor, id ID, words string) (Comment, error) {
	if err := p.mayRead(ctx, actor, id); err != nil {
		return Comment{}, err
	}
	words = strings.TrimSpace(body(words))
	if n := text.Graphemes(words); n == 0 || n > maxComment {
		return Comment{}, fault.InvalidFields(fault.Field{Name: "text", Key: "post.comment.length", Args: map[string]any{"max": maxComment}})
	}
	now := p.rooms.Clock.Now()
	c := Comment{ID: CommentID(commentKind.New(now)), Member: actor.Member, Text: words, At: now}
	err := p.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if _, err := p.readPost(ctx, actor.Company, id); err != nil {
			return err
		}
		if err := p.insertComment(ctx, tx, actor.Company, id, c); err != nil {
			return err
		}
		if err := p.rooms.Team.Audit(ctx, tx, actor, team.Entry{Verb: "post.comment", ObjectKind: "post", ObjectID: string(id)}); err != nil {
			return err
		}
		return p.tell(ctx, tx, actor, id)
	})
	if err != nil {
		return Comment{}, fmt.Errorf("post.Comment: %w", err)
	}
	return c, nil
}

// DeleteComment takes a comment back: one's own, or any with PostsManage.
func (p *Posts) DeleteComment(ctx context.Context, actor team.Actor, comment CommentID) error {
	if actor.Self() != nil {
		if err := actor.May(team.PostsManage); err != nil {
			return err
		}
	}
	err := p.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		id, c, err := p.readComment(ctx, actor.Company, comment)
		if err != nil {
			return err
		}
		if c.Member != actor.Member || c.Member == "" {
			if err := actor.May(team.PostsManage); err != nil {
				return err
			}
		}
		if err := p.dropComment(ctx, tx, actor.Company, comment); err != nil {
			return err
		}
		if err := p.rooms.Team.Audit(ctx, tx, actor, team.Entry{Verb: "post.uncomment", ObjectKind: "post", ObjectID: string(id)}); err != nil {
			return err
		}
		return p.tell(ctx, tx, actor, id)
	})
	if err != nil {
		return fmt.Errorf("post.DeleteComment: %w", err)
	}
	return nil
}

// handOn lets go of what somebody has who leaves: nobody waits for their yes any more, and what was shared with them goes to
// the heir.
func (p *Posts) handOn(ctx context.Context, tx *store.Tx, c team.CompanyID, leaver, heir team.MemberID) error {
	if err := p.alone(ctx, tx, c); err != nil {
		return fmt.Errorf("post.handOn: %w", err)
	}
	if err := p.passShares(ctx, tx, c, leaver, heir); err != nil {
		return fmt.Errorf("post.handOn: %w", err)
	}
	if err := p.withdrawGuestsOf(ctx, tx, c, leaver, p.rooms.Clock.Now()); err != nil {
		return fmt.Errorf("post.handOn: %w", err)
	}
	return p.tell(ctx, tx, team.System(c), "")
}
