package team

import (
	"context"
	"fmt"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/store"
)

// Entry is what a room writes into the audit trail: something that was changed.
type Entry struct {
	Verb       string // "room.verb", for example "inbox.reply.approved"
	ObjectKind string // what it happened to: "member", "conversation", "channel"...
	ObjectID   string
	Detail     map[string]string // short facts; never a secret, never what people wrote
}

// AuditEntry is one line of the audit trail.
type AuditEntry struct {
	ID         string
	Company    CompanyID
	At         time.Time
	Member     MemberID // "" for the command line, for Ponte itself and for someone unknown at the door
	Via        Via
	Verb       string
	ObjectKind string
	ObjectID   string
	Detail     map[string]string
	RequestID  string
}

// Audit remembers who did what, in the transaction that did it.
func (t *Team) Audit(ctx context.Context, tx *store.Tx, a Actor, e Entry) error {
	now := t.clock.Now()
	err := t.insertAudit(ctx, tx, AuditEntry{
		ID: auditKind.New(now), Company: a.Company, At: now, Member: a.Member, Via: a.Via, Verb: e.Verb,
		ObjectKind: e.ObjectKind, ObjectID: e.ObjectID, Detail: e.Detail, RequestID: a.RequestID,
	})
	if err != nil {
		return fmt.Errorf("team.Audit: %w", err)
	}
	return nil
}

// AuditFilter narrows the audit trail. Empty fields do not narrow.
type AuditFilter struct {
	Cursor     string // Next of the page before
	Limit      int    // 1 to 200; 0 is 50
	Member     MemberID
	ObjectKind string
	ObjectID   string
	Verb       string
	From       time.Time // included
	To         time.Time // excluded
}

// AuditPage is a part of the audit trail, newest first.
type AuditPage struct {
	Entries []AuditEntry
	Next    string // "" at the end
}

// AuditTrail reads who did what in the actor's company. It needs AuditRead, which only owners have.
func (t *Team) AuditTrail(ctx context.Context, a Actor, f AuditFilter) (AuditPage, error) {
	if err := a.May(AuditRead); err != nil {
		return AuditPage{}, fmt.Errorf("team.AuditTrail: %w", err)
	}
	if f.Cursor != "" {
		if _, err := auditKind.Parse(f.Cursor); err != nil {
			return AuditPage{}, fmt.Errorf("team.AuditTrail: %w", fault.New(fault.Invalid, "store.cursor").Because(err))
		}
	}
	if f.Limit <= 0 {
		f.Limit = 50
	}
	f.Limit = min(f.Limit, 200)
	limit := f.Limit
	f.Limit++ // one more tells whether there is a next page
	es, err := t.readAudit(ctx, a.Company, f)
	if err != nil {
		return AuditPage{}, fmt.Errorf("team.AuditTrail: %w", err)
	}
	p := AuditPage{Entries: es}
	if len(es) > limit {
		p.Entries, p.Next = es[:limit], es[limit-1].ID
	}
	return p, nil
}

// CountAudit counts entries of the audit trail by what they happened to. The filter's cursor and limit do not matter. It needs AuditRead.
func (t *Team) CountAudit(ctx context.Context, a Actor, f AuditFilter) (map[string]int, error) {
	if err := a.May(AuditRead); err != nil {
		return nil, fmt.Errorf("team.CountAudit: %w", err)
	}
	n, err := t.countAudit(ctx, a.Company, f)
	if err != nil {
		return nil, fmt.Errorf("team.CountAudit: %w", err)
	}
	return n, nil
}
