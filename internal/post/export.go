package post

import (
	"context"
	"fmt"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
)

// export gives the posts that mention a person.
func (p *Posts) export(ctx context.Context, s audience.Subject, put func(audience.Entry) error) error {
	xs, err := p.mentioning(ctx, s.Company, s.Person)
	if err != nil {
		return fmt.Errorf("post.export: %w", err)
	}
	for _, x := range xs {
		e := audience.Entry{
			Section: audience.SectionPosts, At: x.At, Text: plain(x.Message.Text), Facts: []audience.EntryFact{{Key: audience.FactState, Value: string(x.State)}},
		}
		parts, err := p.partsOf(ctx, s.Company, x.ID)
		if err != nil {
			return fmt.Errorf("post.export: %w", err)
		}
		for _, y := range parts {
			if e.URL == "" && y.State == PartSent {
				e.URL = y.URL
			}
			if !y.EditedAt.IsZero() {
				e.Facts = append(e.Facts, audience.EntryFact{Key: audience.FactEdited, Value: y.EditedAt.UTC().Format(time.RFC3339)})
			}
		}
		if err := put(e); err != nil {
			return err
		}
	}
	return nil
}
