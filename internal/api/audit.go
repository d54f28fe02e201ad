package api

import (
	"context"
	"maps"
	"net/http"
	"time"

	"github.com/ponte-desk/ponte/internal/team"
)

// AuditEntry is one line of the audit trail.
type AuditEntry struct {
	ID      string            `json:"id" example:"aud_01kjpzx2p0000000000000000u" doc:"Identifier."`
	At      time.Time         `json:"at" example:"2026-03-02T09:00:00Z" doc:"When."`
	Member  string            `json:"member,omitempty" example:"mbr_01kjpzx2p0000000000000000b" doc:"Who; absent: the command line, Ponte itself, or someone unknown at the door."`
	Via     string            `json:"via" enum:"screen,api,command,system" example:"api" doc:"How they came in."`
	Verb    string            `json:"verb" example:"inbox.reply" doc:"What was done."`
	Kind    string            `json:"object_kind" example:"conversation" doc:"To what."`
	Object  string            `json:"object_id" example:"cnv_01kjpzx2p0000000000000000g" doc:"To which one."`
	Detail  map[string]string `json:"detail" example:"{\"to\":\"mbr_01kjpzx2p0000000000000000b\"}" doc:"Short facts; never a secret, never what people wrote."`
	Request string            `json:"request,omitempty" example:"req_01kjpzx2p0000000000000000v" doc:"The request that did it."`
}

func (a *API) auditOperations() {
	add(a, operation{
		id: "list-audit", method: http.MethodGet, path: "/audit", tag: tagAudit, needs: team.AuditRead,
		summary: "Read the audit trail", description: "Who did what, newest first.",
	}, func(ctx context.Context, c *caller, in *struct {
		Paging
		Member string    `query:"member" example:"mbr_01kjpzx2p0000000000000000b" doc:"Only what this member did."`
		Kind   string    `query:"object_kind" example:"conversation" doc:"Only what was done to this kind of thing."`
		Object string    `query:"object_id" example:"cnv_01kjpzx2p0000000000000000g" doc:"Only what was done to this one."`
		Verb   string    `query:"verb" example:"inbox.reply" doc:"Only this deed."`
		From   time.Time `query:"from" example:"2026-03-01T00:00:00Z" doc:"From this moment on."`
		To     time.Time `query:"to" example:"2026-04-01T00:00:00Z" doc:"Until before this moment."`
	},
	) (*output[Page[AuditEntry]], error) {
		p, err := a.rooms.Team.AuditTrail(ctx, c.actor, team.AuditFilter{
			Cursor: in.Cursor, Limit: in.Limit, Member: team.MemberID(in.Member), ObjectKind: in.Kind, ObjectID: in.Object, Verb: in.Verb,
			From: in.From.UTC(), To: in.To.UTC(),
		})
		if err != nil {
			return nil, err
		}
		return answer(Page[AuditEntry]{Next: p.Next, Items: each(p.Entries, func(e team.AuditEntry) AuditEntry {
			detail := map[string]string{}
			maps.Copy(detail, e.Detail)
			return AuditEntry{
				ID: e.ID, At: e.At.UTC(), Member: string(e.Member), Via: string(e.Via), Verb: e.Verb, Kind: e.ObjectKind, Object: e.ObjectID,
				Detail: detail, Request: e.RequestID,
			}
		})}), nil
	})
}
