package app

import (
	"context"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/store"
)

// eraseReplays has answers to programs forgotten that may hold what somebody is erased with. Who is forgotten by age was in none
// of the last day.
func (a *App) eraseReplays(ctx context.Context, tx *store.Tx, e audience.Erasure) (s audience.ErasureStep, err error) {
	if e.Aged {
		return s, nil
	}
	n, err := a.Once.Forget(ctx, tx, e.Company, e.Names)
	s.Add(audience.ErasedReplays, n)
	return s, err
}

// eraseImports has forgotten what archives keep that are not brought in: it may name somebody.
func (a *App) eraseImports(ctx context.Context, tx *store.Tx, e audience.Erasure) (audience.ErasureStep, error) {
	return audience.ErasureStep{}, a.Archives.Forget(ctx, tx, e.Company, e.Aged, e.Names)
}

// eraseLinks takes somebody out of what members wrote about links. Visits name nobody.
func (a *App) eraseLinks(ctx context.Context, tx *store.Tx, e audience.Erasure) (s audience.ErasureStep, err error) {
	n, err := a.Links.EraseNames(ctx, tx, e.Company, link.Names{Likes: e.Likes(), Mask: e.Mask})
	s.Add(audience.ErasedNames, n)
	return s, err
}
