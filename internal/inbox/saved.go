package inbox

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

// SavedReply is a text that the team uses again, with placeholders.
type SavedReply struct {
	ID        string
	Title     string
	Body      string
	Used      int // how many times it was put into an answer
	UpdatedAt time.Time
}

// placeholders are the names a saved reply may use, in both languages, with what they stand for.
var placeholders = map[string]string{
	"nome": "name", "name": "name", "azienda": "company", "company": "company",
	"io": "me", "me": "me", "canale": "channel", "channel": "channel",
}

const (
	maxSavedTitle = 80
	maxSavedBody  = 5000
)

// SavedReplies lists the company's saved replies, most used first.
func (x *Inbox) SavedReplies(ctx context.Context, actor team.Actor) ([]SavedReply, error) {
	if err := actor.May(team.SavedRepliesUse); err != nil {
		return nil, err
	}
	return x.savedReplies(ctx, actor.Company)
}

// SaveReply makes a saved reply, or changes the one with the id. A placeholder that does not exist is refused, so that
// no customer ever reads one.
func (x *Inbox) SaveReply(ctx context.Context, actor team.Actor, s SavedReply) (SavedReply, error) {
	if err := actor.May(team.SavedReplies); err != nil {
		return SavedReply{}, err
	}
	s.Title, s.Body = strings.Join(strings.Fields(s.Title), " "), strings.TrimSpace(s.Body)
	var wrong []fault.Field
	if s.Title == "" || text.Graphemes(s.Title) > maxSavedTitle {
		wrong = append(wrong, fault.Field{Name: "title", Key: "inbox.saved.title", Args: map[string]any{"max": maxSavedTitle}})
	}
	if s.Body == "" || text.Graphemes(s.Body) > maxSavedBody {
		wrong = append(wrong, fault.Field{Name: "body", Key: "inbox.saved.body", Args: map[string]any{"max": maxSavedBody}})
	}
	for _, p := range text.Placeholders(s.Body) {
		if _, ok := placeholders[p]; !ok {
			wrong = append(wrong, fault.Field{Name: "body", Key: "inbox.saved.placeholder", Args: map[string]any{"name": p}})
		}
	}
	if err := fault.InvalidFields(wrong...); err != nil {
		return SavedReply{}, err
	}
	s.UpdatedAt = x.clock.Now()
	fresh := s.ID == ""
	if fresh {
		s.ID = savedKind.New(s.UpdatedAt)
	}
	return s, x.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := x.saveSaved(ctx, tx, actor.Company, s, fresh); err != nil {
			return fmt.Errorf("inbox.SaveReply: %w", err)
		}
		return x.team.Audit(ctx, tx, actor, team.Entry{Verb: "inbox.saved", ObjectKind: "saved_reply", ObjectID: s.ID})
	})
}

// DeleteSavedReply removes a saved reply.
func (x *Inbox) DeleteSavedReply(ctx context.Context, actor team.Actor, id string) error {
	if err := actor.May(team.SavedReplies); err != nil {
		return err
	}
	return x.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := x.deleteSaved(ctx, tx, actor.Company, id); err != nil {
			return fmt.Errorf("inbox.DeleteSavedReply: %w", err)
		}
		return x.team.Audit(ctx, tx, actor, team.Entry{Verb: "inbox.saved.delete", ObjectKind: "saved_reply", ObjectID: id})
	})
}

// UseSavedReply fills a saved reply for a conversation and counts its use.
func (x *Inbox) UseSavedReply(ctx context.Context, actor team.Actor, id string, c ConversationID) (string, error) {
	if err := actor.May(team.SavedRepliesUse); err != nil {
		return "", err
	}
	var out string
	err := x.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		s, err := x.useSaved(ctx, tx, actor.Company, id)
		if err != nil {
			return err
		}
		t, err := x.thread(ctx, actor, c)
		if err != nil {
			return err
		}
		company, err := x.team.Company(ctx, actor.Company)
		if err != nil {
			return err
		}
		out, _ = text.Fill(s.Body, fillings(company, actor, t))
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("inbox.UseSavedReply: %w", err)
	}
	return out, nil
}

func firstName(name string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(name), " ")
	return first
}

func channelName(c network.Channel) string {
	if c.Name != "" {
		return c.Name
	}
	return c.Handle
}
