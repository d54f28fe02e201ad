package inbox

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

// Week says how people were answered since a moment.
type Week struct {
	Since    time.Time
	Received int           // conversations in which somebody wrote since then
	Answered int           // of these, how many got an answer after the first word of the week
	Half     time.Duration // within which half of the answers came; 0 while Answered is less than WeekFew
	Capped   bool          // there was more than is counted: the numbers are "at least"
}

// WeekFew is the number of answers from which the middle says something.
const WeekFew = 3

// weekMost bounds what is read, in interactions.
const weekMost = 20000

// Week counts since a moment, for the page of today and for reports. It needs InboxRead.
func (x *Inbox) Week(ctx context.Context, actor team.Actor, since time.Time) (Week, error) {
	if err := actor.May(team.InboxRead); err != nil {
		return Week{}, err
	}
	words, err := x.wordsSince(ctx, actor.Company, since, weekMost)
	if err != nil {
		return Week{}, fmt.Errorf("inbox.Week: %w", err)
	}
	return weekOf(words, since), nil
}

// word is one interaction, reduced to what a count needs.
type word struct {
	Conversation ConversationID
	Mine         bool
	At           time.Time
}

// weekOf counts words that are sorted by conversation and time.
func weekOf(words []word, since time.Time) Week {
	w := Week{Since: since, Capped: len(words) == weekMost}
	var took []time.Duration
	var current ConversationID
	var asked time.Time
	answered := false
	for _, s := range words {
		if s.Conversation != current {
			current, asked, answered = s.Conversation, time.Time{}, false
		}
		switch {
		case !s.Mine && asked.IsZero():
			asked = s.At
			w.Received++
		case s.Mine && !asked.IsZero() && !answered:
			answered = true
			took = append(took, s.At.Sub(asked))
		}
	}
	w.Answered = len(took)
	if w.Answered >= WeekFew {
		slices.Sort(took)
		w.Half = took[(len(took)-1)/2]
	}
	return w
}

// Filled gives the saved replies with their placeholders filled for a thread, most used first. Nothing is counted: a
// text that is looked at is not used yet.
func (x *Inbox) Filled(ctx context.Context, actor team.Actor, t Thread) ([]SavedReply, error) {
	all, err := x.SavedReplies(ctx, actor)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	company, err := x.team.Company(ctx, actor.Company)
	if err != nil {
		return nil, fmt.Errorf("inbox.Filled: %w", err)
	}
	values := fillings(company, actor, t)
	for i := range all {
		all[i].Body, _ = text.Fill(all[i].Body, values)
	}
	return all, nil
}

// fillings are the values of the placeholders in a thread.
func fillings(company team.Company, actor team.Actor, t Thread) map[string]string {
	means := map[string]string{
		"name": firstName(t.Identities[t.Conversation.Identity].Label()), "company": company.Name, "me": firstName(actor.Name), "channel": channelName(t.Channel),
	}
	values := map[string]string{}
	for word, meaning := range placeholders {
		values[word] = means[meaning]
	}
	return values
}

// WantsApproval tells whether an answer of the actor in a conversation is read by a second person before it goes out.
func (x *Inbox) WantsApproval(company team.Company, actor team.Actor, c Conversation) bool {
	return x.wantsApproval(company, actor, c)
}

// MayDecide tells whether the actor may let a waiting reply go out or send it back.
func (x *Inbox) MayDecide(ctx context.Context, actor team.Actor, r Reply) (bool, error) {
	if !actor.Can(team.InboxApprove) || r.State != ReplyPending {
		return false, nil
	}
	if r.Member != actor.Member || actor.Member == "" {
		return true, nil
	}
	other, err := x.otherApprover(ctx, actor)
	return !other, err
}

// AnsweredBy is how many answers each member wrote.
type AnsweredBy struct {
	Members map[team.MemberID]int
	Unsaid  int // answers of which it is not known who wrote them: they came in from the network
}

// AnswersBy counts what was answered from a moment on until another, by who wrote it. It needs InboxRead.
func (x *Inbox) AnswersBy(ctx context.Context, actor team.Actor, from, to time.Time) (AnsweredBy, error) {
	if err := actor.May(team.InboxRead); err != nil {
		return AnsweredBy{}, err
	}
	n, err := x.answersBy(ctx, actor.Company, from, to)
	if err != nil {
		return AnsweredBy{}, fmt.Errorf("inbox.AnswersBy: %w", err)
	}
	a := AnsweredBy{Members: n, Unsaid: n[""]}
	delete(n, "")
	return a, nil
}
