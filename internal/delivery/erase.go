package delivery

import (
	"context"
	"fmt"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// Hold keeps deliveries from being taken further until the transaction ends. free is false when a process is at one of them at
// this moment.
func (d *Deliveries) Hold(ctx context.Context, tx *store.Tx, c team.CompanyID, ids []ID) (free bool, err error) {
	if free, err = d.hold(ctx, tx, c, ids, d.clock.Now()); err != nil {
		return false, fmt.Errorf("delivery.Hold: %w", err)
	}
	return free, nil
}

// Forget drops deliveries, whatever their state. A job that comes for one of them finds nothing to do.
func (d *Deliveries) Forget(ctx context.Context, tx *store.Tx, c team.CompanyID, ids []ID) error {
	if err := d.drop(ctx, tx, c, ids); err != nil {
		return fmt.Errorf("delivery.Forget: %w", err)
	}
	return nil
}

// maskPart is how many deliveries are looked at in one go.
const maskPart = 20000

// Mask takes somebody out of what other deliveries say; likes are lower-case patterns of what may name them. It looks at some
// deliveries behind cursor, ID "" for the first, and gives where to go on, "" at the end, and how many were changed. What is on
// its way is changed too: nobody is named in it who was erased.
func (d *Deliveries) Mask(ctx context.Context, tx *store.Tx, c team.CompanyID, cursor string, likes []string, mask func(string) (string, bool)) (next string, n int, err error) {
	if len(likes) == 0 {
		return "", 0, nil
	}
	rows, end, err := d.named(ctx, tx, c, ID(cursor), likes, maskPart)
	if err != nil {
		return "", 0, fmt.Errorf("delivery.Mask: %w", err)
	}
	for _, r := range rows {
		m := r.Message
		changed := false
		m.Media = append([]Attachment(nil), m.Media...)
		words := []*string{&m.Text, &m.Warning, &m.ReplyTo, &m.ReplyRoot}
		for i := range m.Media {
			words = append(words, &m.Media[i].Alt)
		}
		m.Facets = append([]network.Facet(nil), m.Facets...)
		for i := range m.Facets {
			words = append(words, &m.Facets[i].Value)
		}
		if m.Card != nil {
			card := *m.Card
			m.Card = &card
			words = append(words, &card.URL, &card.Title, &card.Description)
		}
		for _, s := range words {
			masked, is := mask(*s)
			*s, changed = masked, changed || is
		}
		if !changed {
			continue
		}
		m.Facets = nil // they may point beside the words now: the connector looks for itself
		n++
		if err := d.setMessage(ctx, tx, c, r.ID, m); err != nil {
			return "", n, fmt.Errorf("delivery.Mask: %w", err)
		}
	}
	return string(end), n, nil
}
