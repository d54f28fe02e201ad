package post

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

// SnippetKind is a kind of words that are kept to be used again. It is stored in the database.
type SnippetKind string

// The kinds.
const (
	Template  SnippetKind = "template"  // a message to begin with
	Signature SnippetKind = "signature" // a last paragraph
	TagSet    SnippetKind = "tags"
)

// SnippetKinds lists the kinds.
var SnippetKinds = []SnippetKind{Template, Signature, TagSet}

// Snippet is words of the company's own. A signature has its text in Message.Text, a set of tags its tags in Message.Tags.
type Snippet struct {
	ID        SnippetID // "": a new one
	Kind      SnippetKind
	Name      string
	Message   Message
	ChangedBy team.MemberID
	ChangedAt time.Time
}

// Bounds of snippets.
const (
	maxSnippet   = 80 // characters of a name
	mostSnippets = 200
)

// Snippets gives the snippets of a kind by name; of every kind when kind is "". It needs PostsRead.
func (p *Posts) Snippets(ctx context.Context, actor team.Actor, kind SnippetKind) ([]Snippet, error) {
	if err := actor.May(team.PostsRead); err != nil {
		return nil, err
	}
	out, err := p.readSnippets(ctx, actor.Company, kind)
	if err != nil {
		return nil, fmt.Errorf("post.Snippets: %w", err)
	}
	return out, nil
}

// SaveSnippet keeps a snippet; a name is there once in its kind. It needs PostsManage.
func (p *Posts) SaveSnippet(ctx context.Context, actor team.Actor, s Snippet) (Snippet, error) {
	if err := actor.May(team.PostsManage); err != nil {
		return Snippet{}, err
	}
	w := Written{Message: s.Message}
	w.tidy()
	s.Name, s.Message = line(s.Name), w.Message
	s.Message.Signature = ""
	var wrong []fault.Field
	if !slices.Contains(SnippetKinds, s.Kind) {
		wrong = append(wrong, fault.Field{Name: "kind", Key: "post.snippet.kind"})
	}
	if n := text.Graphemes(s.Name); n == 0 || n > maxSnippet {
		wrong = append(wrong, fault.Field{Name: "name", Key: "post.snippet.name", Args: map[string]any{"max": maxSnippet}})
	}
	switch s.Kind {
	case Signature:
		s.Message = Message{Text: s.Message.Text}
	case TagSet:
		s.Message = Message{Tags: s.Message.Tags}
	}
	if s.Message.Text == "" && len(s.Message.Tags) == 0 && len(s.Message.Media) == 0 {
		wrong = append(wrong, fault.Field{Name: "text", Key: "post.snippet.empty"})
	}
	if err := fault.InvalidFields(wrong...); err != nil {
		return Snippet{}, err
	}
	if err := p.check(ctx, actor.Company, Written{Message: s.Message}); err != nil {
		return Snippet{}, fmt.Errorf("post.SaveSnippet: %w", err)
	}
	s.ChangedBy, s.ChangedAt = actor.Member, p.rooms.Clock.Now()
	err := p.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := p.alone(ctx, tx, actor.Company); err != nil {
			return err
		}
		if s.ID == "" {
			all, err := p.readSnippets(ctx, actor.Company, s.Kind)
			if err != nil {
				return err
			}
			if len(all) >= mostSnippets {
				return fault.New(fault.Conflict, "post.snippet.many").With("max", mostSnippets)
			}
			s.ID = SnippetID(snippetKind.New(s.ChangedAt))
			if err := p.insertSnippet(ctx, tx, actor.Company, s); err != nil {
				return err
			}
		} else if err := p.updateSnippet(ctx, tx, actor.Company, s); err != nil {
			return err
		}
		err := p.rooms.Team.Audit(ctx, tx, actor, team.Entry{
			Verb: "post.snippet.save", ObjectKind: "snippet", ObjectID: string(s.ID), Detail: map[string]string{"kind": string(s.Kind), "name": s.Name},
		})
		if err != nil {
			return err
		}
		return p.tell(ctx, tx, actor, "")
	})
	if err != nil {
		return Snippet{}, fmt.Errorf("post.SaveSnippet: %w", err)
	}
	return s, nil
}

// DeleteSnippet drops a snippet. Posts that have it as their signature go without; what is approved stays as it is. It needs
// PostsManage.
func (p *Posts) DeleteSnippet(ctx context.Context, actor team.Actor, id SnippetID) error {
	if err := actor.May(team.PostsManage); err != nil {
		return err
	}
	err := p.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		s, err := p.snippet(ctx, actor.Company, id)
		if err != nil {
			return err
		}
		if err := p.dropSnippet(ctx, tx, actor.Company, id); err != nil {
			return err
		}
		err = p.rooms.Team.Audit(ctx, tx, actor, team.Entry{
			Verb: "post.snippet.delete", ObjectKind: "snippet", ObjectID: string(id), Detail: map[string]string{"kind": string(s.Kind), "name": s.Name},
		})
		if err != nil {
			return err
		}
		return p.tell(ctx, tx, actor, "")
	})
	if err != nil {
		return fmt.Errorf("post.DeleteSnippet: %w", err)
	}
	return nil
}
