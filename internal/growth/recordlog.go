package growth

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/merkle"
	"github.com/ponte-desk/ponte/internal/record"
	"github.com/ponte-desk/ponte/internal/seal"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

// ink writes leaves into a company's public record, in the order given, and gives their places. What it writes stays, whatever
// comes later: it is called with what is certain. At is filled in when it is zero, and times are rounded. A leaf that breaks a rule of the
// record is refused, and with it the whole transaction. Leaves, figures and the signed head change together.
func (g *Growth) ink(ctx context.Context, tx *store.Tx, c team.CompanyID, leaves ...record.Leaf) ([]int64, error) {
	if len(leaves) == 0 {
		return nil, nil
	}
	if err := g.alone(ctx, tx, c); err != nil {
		return nil, err
	}
	places, err := g.append(ctx, tx, c, leaves)
	if err != nil {
		return nil, fmt.Errorf("growth.ink: %w", err)
	}
	return places, nil
}

func (g *Growth) append(ctx context.Context, tx *store.Tx, c team.CompanyID, leaves []record.Leaf) ([]int64, error) {
	l, err := g.logForWriting(ctx, tx, c)
	if err != nil {
		return nil, err
	}
	var tally record.Tally
	if err := tally.UnmarshalText([]byte(l.Figures)); err != nil {
		return nil, err
	}
	m, err := g.remember(ctx, tx, c, leaves)
	if err != nil {
		return nil, err
	}
	now := g.rooms.Clock.Now()
	lines := make([][]byte, len(leaves))
	places := make([]int64, len(leaves))
	for i, leaf := range leaves {
		leaf = tally.Prepare(leaf, now)
		if err := tally.Add(ctx, m, leaf); err != nil {
			return nil, err
		}
		if lines[i], err = leaf.Encode(); err != nil {
			return nil, err
		}
		places[i] = l.Size + int64(i)
	}
	head, tiles, bundles, err := merkle.Append(ctx, l.head(), logReader{g, c}, lines)
	if err != nil {
		return nil, err
	}
	if err := g.sign(l, head); err != nil {
		return nil, err
	}
	figures, err := tally.MarshalText()
	if err != nil {
		return nil, err
	}
	l.Figures, l.ChangedAt = string(figures), now
	if err := g.saveFacts(ctx, tx, c, m); err != nil {
		return nil, err
	}
	if err := g.saveTiles(ctx, tx, c, tiles, bundles); err != nil {
		return nil, err
	}
	return places, g.saveLog(ctx, tx, l)
}

// sign puts a head with its signature into a log.
func (g *Growth) sign(l *logRow, head merkle.Head) error {
	secret, err := g.rooms.Seal.Unseal(keyPlace(l.CompanyID), l.Key)
	if err != nil {
		return err
	}
	defer clear(secret)
	signed, err := merkle.Sign(head, l.Origin, string(secret))
	if err != nil {
		return err
	}
	l.Size, l.Root, l.Checkpoint = head.Size, head.Root[:], string(signed)
	return nil
}

func keyPlace(c team.CompanyID) seal.Place {
	return seal.Place{Company: string(c), Row: string(c), Purpose: "record.key"}
}

// logForWriting gives a company's log, held; it is made with its key at the first leaf. Its name is made then as well, and stays whatever
// the house is called later: who keeps a head of it knows it by that name.
func (g *Growth) logForWriting(ctx context.Context, tx *store.Tx, c team.CompanyID) (*logRow, error) {
	l, err := g.heldLog(ctx, tx, c)
	if err == nil || !errors.Is(err, store.ErrMissing) {
		return l, err
	}
	company, err := g.rooms.Team.Company(ctx, c)
	if err != nil {
		return nil, err
	}
	origin := originOf(g.rooms.BaseURL(), company)
	taken, err := g.originTaken(ctx, c, origin)
	if err != nil {
		return nil, err
	}
	if taken { // two companies of one name in one house
		origin += "-" + string(c[max(0, len(c)-8):])
	}
	secret, verifier, err := merkle.NewKey(origin)
	if err != nil {
		return nil, err
	}
	sealed, err := g.rooms.Seal.Seal(keyPlace(c), []byte(secret))
	if err != nil {
		return nil, err
	}
	empty := merkle.Empty()
	l = &logRow{CompanyID: c, Origin: origin, Key: sealed, Verifier: verifier, Root: empty.Root[:], Figures: "{}", ChangedAt: g.rooms.Clock.Now()}
	var none record.Tally
	figures, err := none.MarshalText()
	if err != nil {
		return nil, err
	}
	l.Figures = string(figures)
	return l, g.insertLog(ctx, tx, l)
}

// originOf names a company's record: where the house stands, and the company in one word. That of the sample company says so.
func originOf(base string, c team.Company) string {
	host := "localhost"
	if u, err := url.Parse(base); err == nil && u.Host != "" {
		host = strings.ToLower(u.Host)
	}
	if c.Sample {
		host += "/sample"
	}
	return host + "/" + short(c)
}

// short is a company's name in one word that can stand in an address.
func short(c team.Company) string {
	words := strings.FieldsFunc(text.Fold(c.Name), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	s := strings.Join(words, "-")
	s = strings.Trim(s[:min(len(s), 40)], "-")
	if s == "" {
		_, s, _ = strings.Cut(string(c.ID), "_")
	}
	return s
}

// recordState is a company's record as it stands.
type recordState struct {
	Origin     string
	Head       merkle.Head
	Figures    record.Figures
	Checkpoint []byte
	Verifier   string
	ChangedAt  time.Time
}

// recordOf gives a company's record as it stands: figures and head belong together. Before the first leaf it is empty and has no name.
func (g *Growth) recordOf(ctx context.Context, c team.CompanyID) (recordState, error) {
	l, err := g.log(ctx, c)
	if errors.Is(err, store.ErrMissing) {
		return recordState{Head: merkle.Empty()}, nil
	}
	if err != nil {
		return recordState{}, err
	}
	var t record.Tally
	if err := t.UnmarshalText([]byte(l.Figures)); err != nil {
		return recordState{}, err
	}
	return recordState{
		Origin: l.Origin, Head: l.head(), Figures: t.Figures(), Checkpoint: []byte(l.Checkpoint), Verifier: l.Verifier, ChangedAt: l.ChangedAt,
	}, nil
}

// Reseal moves the keys of the records to the newest key of the house and counts those it moved. It may be cut off and run again.
func (g *Growth) Reseal(ctx context.Context) (int, error) {
	moved := 0
	err := g.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		keys, err := g.sealedKeys(ctx, tx)
		if err != nil {
			return err
		}
		for _, k := range keys {
			fresh, changed, err := g.rooms.Seal.Reseal(keyPlace(k.CompanyID), k.Key)
			if err != nil {
				return err
			}
			if !changed {
				continue
			}
			if err := g.saveKey(ctx, tx, k.CompanyID, fresh); err != nil {
				return err
			}
			moved++
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("growth.Reseal: %w", err)
	}
	return moved, nil
}
