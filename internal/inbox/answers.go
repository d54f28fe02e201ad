package inbox

import (
	"context"
	"fmt"
	"time"

	"github.com/ponte-desk/ponte/internal/team"
)

// Answer is what was written to us and got an answer: the first word that waited, and the first of ours after it.
type Answer struct {
	Conversation ConversationID
	Asked        time.Time
	Answered     time.Time
}

// Answers gives what was answered in a time, and how many wrote in it and wait still; capped tells that there was more than is read. A
// conversation in which they wrote again is answered again. It is for rooms that have checked who asks.
func (x *Inbox) Answers(ctx context.Context, c team.CompanyID, from, to time.Time) (all []Answer, waiting int, capped bool, err error) {
	words, err := x.wordsSince(ctx, c, from, weekMost)
	if err != nil {
		return nil, 0, false, fmt.Errorf("inbox.Answers: %w", err)
	}
	all, waiting = answersOf(words, to)
	return all, waiting, len(words) == weekMost, nil
}

// answersOf reads words that are sorted by conversation and time.
func answersOf(words []word, to time.Time) (all []Answer, waiting int) {
	var open Answer
	for _, s := range words {
		if s.Conversation != open.Conversation {
			if !open.Asked.IsZero() {
				waiting++
			}
			open = Answer{Conversation: s.Conversation}
		}
		switch {
		case !s.At.Before(to): // later than what is looked at
		case !s.Mine && open.Asked.IsZero():
			open.Asked = s.At
		case s.Mine && !open.Asked.IsZero():
			open.Answered = s.At
			all = append(all, open)
			open = Answer{Conversation: s.Conversation}
		}
	}
	if !open.Asked.IsZero() {
		waiting++
	}
	return all, waiting
}
