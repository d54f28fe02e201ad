package demo

import (
	"context"
	"fmt"
	"strings"

	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/record"
	"github.com/ponte-desk/ponte/internal/triage"
)

// storyDoubts is what somebody of the company says of what triage was not sure about: evening by evening, all that has come in. Words
// stand for what they are part of.
type storyDoubts struct {
	By        string
	Criticism map[string]triage.Theme  // these are criticism
	None      map[string]record.Reason // these are none, for this reason; what is named nowhere is a question if it asks, else a mistake
	Left      []string                 // nobody says what these are
}

// on says what a text is, and whether anybody says it.
func (d storyDoubts) on(text string) (in growth.DecideIn, said bool) {
	for _, part := range d.Left {
		if strings.Contains(text, part) {
			return in, false
		}
	}
	for part, theme := range d.Criticism {
		if strings.Contains(text, part) {
			return growth.DecideIn{Criticism: true, Theme: theme}, true
		}
	}
	for part, reason := range d.None {
		if strings.Contains(text, part) {
			return growth.DecideIn{Reason: reason}, true
		}
	}
	if strings.Contains(text, "?") {
		return growth.DecideIn{Reason: record.Question}, true
	}
	return growth.DecideIn{Reason: record.Mistake}, true
}

// decide goes through what waits for a member's word.
func (f *filler) decide(ctx context.Context) error {
	waiting, err := f.Growth.Undecided(ctx, f.as(f.doubts.By), 100)
	if err != nil {
		return err
	}
	for _, v := range waiting {
		in, said := f.doubts.on(v.Text)
		if !said {
			continue
		}
		in.Interaction = v.Interaction
		if _, err := f.Growth.Decide(ctx, f.as(f.doubts.By), in); err != nil {
			return fmt.Errorf("%q: %w", v.Text, err)
		}
	}
	return nil
}
