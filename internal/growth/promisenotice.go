package growth

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/triage"
)

// Noticed is a sentence in a text of ours that promises something.
type Noticed struct {
	From, To int // bytes of the text
	Text     string
	DueAt    time.Time // the end of the day that it names; zero: it names none
}

// Notice finds what a text of ours promises, read at this moment in the company's zone. It needs InboxReply.
func (g *Growth) Notice(ctx context.Context, actor team.Actor, text string) ([]Noticed, error) {
	if err := actor.May(team.InboxReply); err != nil {
		return nil, err
	}
	company, err := g.rooms.Team.Company(ctx, actor.Company)
	if err != nil {
		return nil, fmt.Errorf("growth.Notice: %w", err)
	}
	return noticed(text, g.rooms.Clock.Now().In(company.Location())), nil
}

// mostRead bounds how much of a text is read, in bytes: no network takes an answer as long.
const mostRead = 64 << 10

// noticed finds the promises of a text, in their order. now is in the company's zone. Our own answers are read in both languages: which
// one they are written in need not be guessed, and neither finds a promise in the other.
func noticed(text string, now time.Time) (out []Noticed) {
	if len(text) > mostRead {
		return nil
	}
	for _, lang := range []triage.Language{triage.Italian, triage.English} {
		for _, p := range triage.Promises(text, lang, now) {
			n := Noticed{From: p.Start, To: p.End, Text: text[p.Start:p.End]}
			if !p.Due.IsZero() {
				n.DueAt = endOfDay(p.Due, now.Location())
			}
			out = append(out, n)
		}
	}
	slices.SortFunc(out, func(a, b Noticed) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(b.To, a.To), b.DueAt.Compare(a.DueAt))
	})
	end := 0
	return slices.DeleteFunc(out, func(n Noticed) bool { // what lies in one that was found already is the same one
		if n.From < end {
			return true
		}
		end = n.To
		return false
	})
}
