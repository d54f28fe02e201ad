package growth

import (
	"context"
	"time"

	"github.com/ponte-desk/ponte/internal/record"
	"github.com/ponte-desk/ponte/internal/team"
)

// Found is what the record says about the comment at an address.
type Found struct {
	State       CriticismState
	RecordedAt  time.Time
	AnsweredAt  time.Time
	CaseState   CaseState // "" no case
	CaseTitle   string
	Improvement int // number of the published improvement; 0 none
	Reason      record.Reason
	// What proves it: the leaf, the salt and address that its commitment opens with, and the way to the root.
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
	return Found{}, errSkeleton
}

// Checkpoint gives the signed head of a company's record (C2SP tlog-checkpoint).
func (g *Growth) Checkpoint(ctx context.Context, c team.CompanyID) ([]byte, error) {
	return nil, errSkeleton
}

// Tile gives a hash tile (C2SP tlog-tiles): level 0 to 5, width 1 to 256; NotFound when the tree is not that large.
func (g *Growth) Tile(ctx context.Context, c team.CompanyID, level int, n int64, width int) ([]byte, error) {
	return nil, errSkeleton
}

// Entries gives an entry bundle (C2SP tlog-tiles), width 1 to 256.
func (g *Growth) Entries(ctx context.Context, c team.CompanyID, n int64, width int) ([]byte, error) {
	return nil, errSkeleton
}

// VerifierKey is the key that checkpoints are signed with, as signed-note writes it: "name+hash+key".
func (g *Growth) VerifierKey(ctx context.Context, c team.CompanyID) (string, error) {
	return "", errSkeleton
}
