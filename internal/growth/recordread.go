package growth

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/merkle"
	"github.com/ponte-desk/ponte/internal/record"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// Found is what the record says about the comment at an address.
type Found struct {
	Handle      record.Handle // its public name in the record
	State       CriticismState
	RecordedAt  time.Time
	AnsweredAt  time.Time
	CaseState   CaseState // "" no case
	CaseTitle   Words
	Improvement int // number of the published improvement; 0 none
	Reason      record.Reason
	// What proves it: the leaf, the salt and address that its commitment opens with, and the way to the root.
	Address    string // in its normal form
	Index      int64
	Leaf       []byte
	Salt       []byte
	Size       int64
	Root       [32]byte
	Proof      [][32]byte // RFC 6962 section 2.1.1
	Checkpoint []byte
}

// Find looks for the comment at an address. One that is not recorded is NotFound; so is an erased one.
func (g *Growth) Find(ctx context.Context, c team.CompanyID, address string) (Found, error) {
	normal, err := record.NormalAddress(address)
	if err != nil {
		return Found{}, fault.InvalidFields(fault.Field{Name: "address", Key: "growth.record.address"})
	}
	f, err := g.find(ctx, c, normal)
	if err != nil {
		return Found{}, fmt.Errorf("growth.Find: %w", err)
	}
	return f, nil
}

func (g *Growth) find(ctx context.Context, c team.CompanyID, normal string) (Found, error) {
	rows, err := g.recorded(ctx, c, normal)
	if err != nil {
		return Found{}, err
	}
	if len(rows) == 0 {
		return Found{}, fault.New(fault.NotFound, "growth.record.unknown")
	}
	r := rows[0]
	l, err := g.log(ctx, c) // after the row: so its leaf is in it
	if err != nil {
		return Found{}, err
	}
	f := Found{
		Handle: r.Handle, State: r.State, AnsweredAt: r.AnsweredAt, Reason: r.Reason, Address: normal, Index: r.place(), Size: l.Size, Root: l.head().Root,
		Checkpoint: []byte(l.Checkpoint),
	}
	if f.Salt, err = hex.DecodeString(r.Salt); err != nil {
		return Found{}, err
	}
	bundle := f.Index / merkle.Width
	body, err := g.bundle(ctx, c, l.Size, bundle, merkle.WidthAt(l.Size, 0, bundle))
	if err != nil {
		return Found{}, err
	}
	leaves, err := merkle.ParseBundle(body, merkle.WidthAt(l.Size, 0, bundle))
	if err != nil {
		return Found{}, err
	}
	f.Leaf = leaves[f.Index%merkle.Width]
	leaf, err := record.Decode(f.Leaf)
	if err != nil {
		return Found{}, err
	}
	f.RecordedAt = leaf.At
	if f.Proof, err = merkle.ProveInclusion(ctx, cachedReader{g, c, l.Size}, l.head(), f.Index); err != nil {
		return Found{}, err
	}
	if r.CaseID == "" {
		return f, nil
	}
	k, err := g.caseRow(ctx, c, r.CaseID)
	if err != nil {
		return Found{}, err
	}
	company, err := g.rooms.Team.Company(ctx, c)
	if err != nil {
		return Found{}, err
	}
	f.CaseState, f.CaseTitle = k.State, k.file().PublicTitle(company.Locale)
	i, err := g.improvementOfCase(ctx, c, r.CaseID)
	if err == nil && i != nil {
		f.Improvement = i.Number
	}
	return f, err
}

// Checkpoint gives the signed head of a company's record (C2SP tlog-checkpoint). Before the first leaf there is none: NotFound.
func (g *Growth) Checkpoint(ctx context.Context, c team.CompanyID) ([]byte, error) {
	l, err := g.logToRead(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("growth.Checkpoint: %w", err)
	}
	return []byte(l.Checkpoint), nil
}

// VerifierKey is the key that checkpoints are signed with, as signed-note writes it: "name+hash+key".
func (g *Growth) VerifierKey(ctx context.Context, c team.CompanyID) (string, error) {
	l, err := g.logToRead(ctx, c)
	if err != nil {
		return "", fmt.Errorf("growth.VerifierKey: %w", err)
	}
	return l.Verifier, nil
}

// PublicFigures gives the figures of a company's record with the head that they follow from.
func (g *Growth) PublicFigures(ctx context.Context, c team.CompanyID) (record.PublicFigures, error) {
	s, err := g.recordOf(ctx, c)
	if err == nil && s.Origin == "" {
		err = fault.New(fault.NotFound, "growth.record.none")
	}
	if err != nil {
		return record.PublicFigures{}, fmt.Errorf("growth.PublicFigures: %w", err)
	}
	return record.PublicFigures{Origin: s.Origin, Head: s.Head, Figures: s.Figures}, nil
}

// Tile gives a hash tile (C2SP tlog-tiles): level 0 to 5, width 1 to 256; NotFound when the tree is not that large.
func (g *Growth) Tile(ctx context.Context, c team.CompanyID, level int, n int64, width int) ([]byte, error) {
	l, err := g.logToRead(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("growth.Tile: %w", err)
	}
	return cachedReader{g, c, l.Size}.Tile(ctx, level, n, width)
}

// Entries gives an entry bundle (C2SP tlog-tiles), width 1 to 256; NotFound when the record is not that long.
func (g *Growth) Entries(ctx context.Context, c team.CompanyID, n int64, width int) ([]byte, error) {
	l, err := g.logToRead(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("growth.Entries: %w", err)
	}
	return g.bundle(ctx, c, l.Size, n, width)
}

func (g *Growth) logToRead(ctx context.Context, c team.CompanyID) (*logRow, error) {
	l, err := g.log(ctx, c)
	if errors.Is(err, store.ErrMissing) {
		return nil, fault.New(fault.NotFound, "growth.record.none")
	}
	return l, err
}

// noTile says that a record is not as large as what was asked for.
func noTile() error { return fault.New(fault.NotFound, "growth.record.tile") }

// bundle gives a bundle of a record of some size. What is full never changes and is kept at hand.
func (g *Growth) bundle(ctx context.Context, c team.CompanyID, size, n int64, width int) ([]byte, error) {
	if width < 1 || merkle.WidthAt(size, 0, n) < width {
		return nil, noTile()
	}
	full := merkle.WidthAt(size, 0, n) == merkle.Width
	return g.cache.get(cacheKey{c, -1, n}, full, func(w int) ([]byte, error) { return logReader{g, c}.Entries(ctx, n, w) },
		func(b []byte) ([]byte, error) { return merkle.CutBundle(b, width) }, width)
}

// cachedReader reads the tiles of a record of some size, through what is kept at hand. It implements merkle.Reader.
type cachedReader struct {
	g       *Growth
	company team.CompanyID
	size    int64
}

// Tile implements merkle.Reader.
func (r cachedReader) Tile(ctx context.Context, level int, n int64, width int) ([]byte, error) {
	if width < 1 || merkle.WidthAt(r.size, level, n) < width {
		return nil, noTile()
	}
	full := merkle.WidthAt(r.size, level, n) == merkle.Width
	return r.g.cache.get(cacheKey{r.company, level, n}, full, func(w int) ([]byte, error) { return logReader{r.g, r.company}.Tile(ctx, level, n, w) },
		func(b []byte) ([]byte, error) { return merkle.CutTile(b, width) }, width)
}

// Entries implements merkle.Reader.
func (r cachedReader) Entries(ctx context.Context, n int64, width int) ([]byte, error) {
	return r.g.bundle(ctx, r.company, r.size, n, width)
}
