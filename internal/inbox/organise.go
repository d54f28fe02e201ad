package inbox

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

// change runs one change of a conversation: permission, transaction, audit and the bell.
func (x *Inbox) change(ctx context.Context, actor team.Actor, p team.Permission, id ConversationID, e team.Entry,
	f func(ctx context.Context, tx *store.Tx, c Conversation) error,
) error {
	if err := actor.May(p); err != nil {
		return err
	}
	if _, err := conversationKind.Parse(string(id)); err != nil {
		return err
	}
	e.ObjectKind, e.ObjectID = "conversation", string(id)
	err := x.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		c, err := x.held(ctx, tx, actor.Company, id)
		if err != nil {
			return err
		}
		if err := f(ctx, tx, c); err != nil {
			return err
		}
		if err := x.team.Audit(ctx, tx, actor, e); err != nil {
			return err
		}
		return x.tell(ctx, tx, actor, id)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", e.Verb, err)
	}
	return nil
}

// Assign puts a member in charge; "" puts nobody in charge.
func (x *Inbox) Assign(ctx context.Context, actor team.Actor, id ConversationID, to team.MemberID) error {
	return x.change(ctx, actor, team.InboxOrganise, id, team.Entry{Verb: "inbox.assign", Detail: map[string]string{"to": string(to)}},
		func(ctx context.Context, tx *store.Tx, _ Conversation) error {
			if to != "" {
				ms, err := x.team.MembersByID(ctx, actor.Company)
				if err != nil {
					return err
				}
				m, ok := ms[to]
				if !ok || m.State != team.MemberActive {
					return fault.New(fault.Invalid, "inbox.assign.gone")
				}
				if !m.Role.Can(team.InboxOrganise) {
					return fault.New(fault.Invalid, "inbox.assign.role").With("name", m.Name)
				}
			}
			return x.setAssignee(ctx, tx, actor.Company, id, to)
		})
}

// maxSnooze is how far ahead something can be put aside.
const maxSnooze = 366 * 24 * time.Hour

// Snooze puts a conversation aside until a moment, or until they write.
func (x *Inbox) Snooze(ctx context.Context, actor team.Actor, id ConversationID, until time.Time) error {
	now := x.clock.Now()
	if !until.After(now) || until.Sub(now) > maxSnooze {
		return fault.InvalidFields(fault.Field{Name: "until", Key: "inbox.snooze.when"})
	}
	return x.change(ctx, actor, team.InboxOrganise, id, team.Entry{Verb: "inbox.snooze"},
		func(ctx context.Context, tx *store.Tx, c Conversation) error {
			return x.setState(ctx, tx, c, Snoozed, until, now)
		})
}

// Finish settles a conversation: nobody waits any more, answered or not.
func (x *Inbox) Finish(ctx context.Context, actor team.Actor, id ConversationID) error {
	return x.change(ctx, actor, team.InboxOrganise, id, team.Entry{Verb: "inbox.done"},
		func(ctx context.Context, tx *store.Tx, c Conversation) error {
			return x.setState(ctx, tx, c, Done, time.Time{}, x.clock.Now())
		})
}

// Reopen takes up a settled or snoozed conversation again. Who was waiting before waits again.
func (x *Inbox) Reopen(ctx context.Context, actor team.Actor, id ConversationID) error {
	return x.change(ctx, actor, team.InboxOrganise, id, team.Entry{Verb: "inbox.reopen"},
		func(ctx context.Context, tx *store.Tx, c Conversation) error {
			return x.setState(ctx, tx, c, Open, time.Time{}, x.clock.Now())
		})
}

// maxNote bounds a note, in characters.
const maxNote = 4000

// AddNote writes a note for the team. Members are mentioned as @ and their first name or the part of their address
// before the @, and find the note on their page of today.
func (x *Inbox) AddNote(ctx context.Context, actor team.Actor, id ConversationID, body string) (Note, error) {
	body = strings.TrimSpace(body)
	if body == "" {
		return Note{}, fault.InvalidFields(fault.Field{Name: "text", Key: "inbox.note.empty"})
	}
	if text.Graphemes(body) > maxNote {
		return Note{}, fault.InvalidFields(fault.Field{Name: "text", Key: "inbox.note.long", Args: map[string]any{"max": maxNote}})
	}
	n := Note{Member: actor.Member, Text: body, At: x.clock.Now()}
	n.ID = noteKind.New(n.At)
	err := x.change(ctx, actor, team.InboxOrganise, id, team.Entry{Verb: "inbox.note"},
		func(ctx context.Context, tx *store.Tx, _ Conversation) error {
			ms, err := x.team.MembersByID(ctx, actor.Company)
			if err != nil {
				return err
			}
			n.Mentions = mentioned(body, ms)
			return x.insertNote(ctx, tx, actor.Company, id, n)
		})
	return n, err
}

// mentioned finds the members whom a note names.
func mentioned(body string, members map[team.MemberID]team.Member) []team.MemberID {
	names := map[string]bool{}
	for _, w := range strings.Fields(body) {
		if at := strings.IndexByte(w, '@'); at >= 0 && at+1 < len(w) {
			names[text.Fold(strings.TrimRight(w[at+1:], ".,;:!?)…»\"'"))] = true
		}
	}
	out := []team.MemberID{}
	for id, m := range members {
		if m.State != team.MemberActive {
			continue
		}
		first, _, _ := strings.Cut(m.Name, " ")
		local, _, _ := strings.Cut(m.Email, "@")
		if names[text.Fold(first)] || names[text.Fold(local)] {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// Mention is a note that names a member, not yet seen by them.
type Mention struct {
	Note         Note
	Conversation ConversationID
}

// Mentions lists the notes that name the actor and that they have not seen, newest first, at most 20.
func (x *Inbox) Mentions(ctx context.Context, actor team.Actor) ([]Mention, error) {
	if err := actor.May(team.InboxRead); err != nil {
		return nil, err
	}
	return x.mentions(ctx, actor)
}

// SeeMentions marks the notes of a conversation that name the actor as seen.
func (x *Inbox) SeeMentions(ctx context.Context, actor team.Actor, id ConversationID) error {
	if err := actor.May(team.InboxRead); err != nil {
		return err
	}
	return x.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		return x.seeMentions(ctx, tx, actor, id, x.clock.Now())
	})
}

// maxLabel bounds a label, in characters.
const maxLabel = 40

// AddLabel puts a label on a conversation; a new word becomes a new label.
func (x *Inbox) AddLabel(ctx context.Context, actor team.Actor, id ConversationID, name string) (Label, error) {
	name = strings.Join(strings.Fields(name), " ")
	if name == "" || text.Graphemes(name) > maxLabel {
		return Label{}, fault.InvalidFields(fault.Field{Name: "label", Key: "inbox.label.length", Args: map[string]any{"max": maxLabel}})
	}
	var l Label
	err := x.change(ctx, actor, team.InboxOrganise, id, team.Entry{Verb: "inbox.label", Detail: map[string]string{"label": name}},
		func(ctx context.Context, tx *store.Tx, _ Conversation) (err error) {
			l, err = x.putLabel(ctx, tx, actor.Company, id, name, x.clock.Now())
			return err
		})
	return l, err
}

// RemoveLabel takes a label off a conversation.
func (x *Inbox) RemoveLabel(ctx context.Context, actor team.Actor, id ConversationID, label string) error {
	return x.change(ctx, actor, team.InboxOrganise, id, team.Entry{Verb: "inbox.unlabel", Detail: map[string]string{"label": label}},
		func(ctx context.Context, tx *store.Tx, _ Conversation) error {
			return x.takeLabel(ctx, tx, actor.Company, id, label)
		})
}

// Labels lists the company's labels.
func (x *Inbox) Labels(ctx context.Context, actor team.Actor) ([]Label, error) {
	if err := actor.May(team.InboxRead); err != nil {
		return nil, err
	}
	return x.labels(ctx, actor.Company)
}

// DeleteLabel removes a label from the company and from every conversation.
func (x *Inbox) DeleteLabel(ctx context.Context, actor team.Actor, label string) error {
	if err := actor.May(team.SavedReplies); err != nil {
		return err
	}
	return x.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := x.deleteLabel(ctx, tx, actor.Company, label); err != nil {
			return fmt.Errorf("inbox.DeleteLabel: %w", err)
		}
		return x.team.Audit(ctx, tx, actor, team.Entry{Verb: "inbox.label.delete", ObjectKind: "label", ObjectID: label})
	})
}
