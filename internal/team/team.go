package team

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/store"
)

// LeaveHook is what another room does, in the same transaction, when a member leaves: access ends, and work goes to
// the heir, or to nobody when heir is "".
type LeaveHook func(ctx context.Context, tx *store.Tx, company CompanyID, leaver, heir MemberID) error

// Eraser deletes every row that another room keeps for a company, in the transaction that removes the company.
type Eraser func(ctx context.Context, tx *store.Tx, company CompanyID) error

// Team is the room. Hooks are registered while the house is being built, before anything is served.
type Team struct {
	store   *store.Store
	clock   clock.Clock
	leave   []LeaveHook
	erasers []Eraser
	letters *letters // nil while no mail is set up
}

// New makes the room over a store.
func New(s *store.Store, c clock.Clock) *Team { return &Team{store: s, clock: c} }

// OnLeave registers what a room does when a member leaves. Hooks run in the order of registration.
func (t *Team) OnLeave(h LeaveHook) { t.leave = append(t.leave, h) }

// OnRemove registers what a room deletes when a company is removed. Erasers run in the reverse order of
// registration, so that rooms built upon others go first.
func (t *Team) OnRemove(e Eraser) { t.erasers = append(t.erasers, e) }

// newToken makes a secret of 256 bits for a link, and the hash under which it is kept.
func newToken() (token, hash string) {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails: it ends the program instead
	token = base64.RawURLEncoding.EncodeToString(b)
	return token, hashToken(token)
}

func hashToken(token string) string {
	h := sha256.Sum256([]byte(token))
	return hex.EncodeToString(h[:])
}
