package audience

import (
	"context"
	"fmt"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// Key is what makes two sightings of an account on a network the same; "" when that cannot be told.
func Key(n network.Name, a network.Author) string { return identityKey(n, a) }

// Key is what makes two sightings of the account the same.
func (i Identity) Key() string { return i.key }

// Welcome leaves out of some accounts those of people who were erased, in the transaction in which the rest is taken in. It is for
// other rooms, which hear of accounts in other ways than through what people write.
func (a *Audience) Welcome(ctx context.Context, tx *store.Tx, c team.CompanyID, n network.Name, authors []network.Author) ([]network.Author, error) {
	b, any, err := a.marks(ctx, tx, c)
	if err != nil || !any {
		return authors, wrapped("audience.Welcome", err)
	}
	ask := map[string]bool{}
	for _, x := range authors {
		ask[b.account(n, identityKey(n, x))] = true
	}
	found, err := a.marked(ctx, tx, c, sortedKeys(ask))
	if err != nil {
		return nil, wrapped("audience.Welcome", err)
	}
	out := make([]network.Author, 0, len(authors))
	for _, x := range authors {
		if found[b.account(n, identityKey(n, x))] == "" {
			out = append(out, x)
		}
	}
	return out, nil
}

func wrapped(where string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", where, err)
}

// IdentitiesByKey gives the accounts that the company knows of those with some keys, by key. It is for other rooms, which have
// checked who asks.
func (a *Audience) IdentitiesByKey(ctx context.Context, c team.CompanyID, n network.Name, keys []string) (map[string]Identity, error) {
	out, err := a.identitiesByKey(ctx, c, n, keys)
	return out, wrapped("audience.IdentitiesByKey", err)
}

// Everybody gives all accounts of a company with their people, in the order of the accounts, for rooms that look at all of them
// together and have checked who asks. names has the people's names.
func (a *Audience) Everybody(ctx context.Context, c team.CompanyID) (accounts []Identity, names map[PersonID]string, err error) {
	accounts, names, err = a.everybody(ctx, c)
	return accounts, names, wrapped("audience.Everybody", err)
}
