package link

import (
	"context"
	"fmt"
	"net/url"

	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// Names finds what names a person who is erased: patterns of lower-case texts that may (LIKE, with the escape character !), and what takes
// them out of a text.
type Names struct {
	Likes []string
	Mask  func(string) (string, bool)
}

// EraseNames takes a person out of what members wrote about links, and tells how many links named them. A link whose address names them ends:
// its address is cut to its host. Visits name nobody.
func (l *Links) EraseNames(ctx context.Context, tx *store.Tx, c team.CompanyID, n Names) (int, error) {
	all, err := l.readNamed(ctx, tx, c, n.Likes)
	if err != nil {
		return 0, fmt.Errorf("link.EraseNames: %w", err)
	}
	erased := 0
	for _, x := range all {
		before, changed := x, false
		mask := func(s *string) {
			if m, ok := n.Mask(*s); ok {
				*s, changed = m, true
			}
		}
		for _, s := range []*string{&x.Title, &x.Campaign, &x.Channel, &x.Source, &x.Medium, &x.Term, &x.Content} {
			mask(s)
		}
		x.Tags = append([]string(nil), x.Tags...)
		for i := range x.Tags {
			mask(&x.Tags[i])
		}
		if _, named := n.Mask(x.Target); named {
			x.Target, x.State, changed = hostOf(x.Target), Off, true
		}
		for _, others := range []*Targets{&x.Devices, &x.Languages} {
			kept := Targets{}
			for k, t := range *others {
				if _, named := n.Mask(t); named {
					changed = true
					continue
				}
				kept[k] = t
			}
			*others = kept
		}
		past, err := l.erasePast(ctx, tx, x, n.Mask)
		if err != nil {
			return 0, fmt.Errorf("link.EraseNames: %w", err)
		}
		if !changed && past == 0 {
			continue
		}
		erased++
		if before.Campaign != x.Campaign || before.Channel != x.Channel {
			if err := l.moveTally(ctx, tx, before, x); err != nil {
				return 0, fmt.Errorf("link.EraseNames: %w", err)
			}
		}
		if err := l.save(ctx, tx, x); err != nil {
			return 0, fmt.Errorf("link.EraseNames: %w", err)
		}
		tx.AfterCommit(func() { l.ways.drop(x.Code) })
	}
	return erased, nil
}

// hostOf cuts an address to its host.
func hostOf(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return "https://invalid.invalid"
	}
	return u.Scheme + "://" + u.Host
}
