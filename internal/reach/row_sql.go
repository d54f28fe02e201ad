package reach

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// chunk bounds the rows of one statement.
const chunk = 250

// zero is no moment at all.
var zero time.Time

type settingRow struct {
	bun.BaseModel `bun:"table:reach_setting"`
	CompanyID     team.CompanyID `bun:"company_id,pk"`
	Salt          string         `bun:"salt"`
	Collect       bool           `bun:"collect"`
	Hold          int            `bun:"hold"`
	PastTo        string         `bun:"past_to"`
	NewsAt        time.Time      `bun:"news_at,nullzero"`
	Anew          int            `bun:"anew"`
	Work          Stage          `bun:"work"`
	Done          int            `bun:"done"`
	AskedAt       time.Time      `bun:"asked_at,nullzero"`
	DrawnAt       time.Time      `bun:"drawn_at,nullzero"`
	Trouble       string         `bun:"trouble"`
}

// pastDone says in PastTo that everything from before was gone through.
const pastDone = "done"

func (s *settingRow) marker() (marker, error) { return base64.RawStdEncoding.DecodeString(s.Salt) }

// heard notes that something came in. Each time has a moment of its own, however the clock goes: by it a portrait tells whether something
// came in while it was drawn.
func (s *settingRow) heard(now time.Time) {
	if now.After(s.NewsAt) {
		s.NewsAt = now
	} else {
		s.NewsAt = s.NewsAt.Add(time.Microsecond)
	}
}

type inboundRow struct {
	bun.BaseModel `bun:"table:reach_inbound"`
	CompanyID     team.CompanyID      `bun:"company_id,pk"`
	InteractionID inbox.InteractionID `bun:"interaction_id,pk"`
}

type actorRow struct {
	bun.BaseModel `bun:"table:reach_actor"`
	ID            ActorID             `bun:"id,pk"`
	CompanyID     team.CompanyID      `bun:"company_id"`
	Network       network.Name        `bun:"network"`
	Mark          string              `bun:"mark"`
	IdentityID    audience.IdentityID `bun:"identity_id"`
	ChannelID     network.ChannelID   `bun:"channel_id"`
	Followers     int                 `bun:"followers"`
	SeenAt        time.Time           `bun:"seen_at"`
}

type eventRow struct {
	bun.BaseModel `bun:"table:reach_event"`
	CompanyID     team.CompanyID    `bun:"company_id,pk"`
	SourceID      string            `bun:"source_id,pk"`
	Seq           int               `bun:"seq,pk"`
	ActorID       ActorID           `bun:"actor_id"`
	TargetID      ActorID           `bun:"target_id"`
	Kind          string            `bun:"kind"`
	Network       network.Name      `bun:"network"`
	ChannelID     network.ChannelID `bun:"channel_id"`
	Item          string            `bun:"item"`
	At            time.Time         `bun:"at,nullzero"`
	SeenAt        time.Time         `bun:"seen_at"`
	Words         string            `bun:"words"`
}

type followRow struct {
	bun.BaseModel `bun:"table:reach_follow"`
	CompanyID     team.CompanyID `bun:"company_id,pk"`
	ActorID       ActorID        `bun:"actor_id,pk"`
	TargetID      ActorID        `bun:"target_id,pk"`
	FirstAt       time.Time      `bun:"first_at"`
	SeenAt        time.Time      `bun:"seen_at"`
}

// setting gives what a company wants and holds it until the transaction ends: whoever works on its ties does so alone.
func (r *Room) setting(ctx context.Context, tx *store.Tx, c team.CompanyID) (*settingRow, error) {
	salt := make([]byte, 32)
	_, _ = rand.Read(salt) // it never fails
	fresh := settingRow{CompanyID: c, Salt: base64.RawStdEncoding.EncodeToString(salt), Collect: true, Hold: UsualHold}
	if _, err := tx.DB.NewInsert().Model(&fresh).On("CONFLICT (company_id) DO NOTHING").Exec(ctx); err != nil {
		return nil, store.Fault(err)
	}
	s := &settingRow{}
	q := tx.DB.NewSelect().Model(s).Where("company_id = ?", c)
	if r.rooms.Store.Dialect() == store.Postgres {
		q = q.For("UPDATE")
	}
	return s, store.Fault(q.Scan(ctx))
}

func (r *Room) readSetting(ctx context.Context, c team.CompanyID) (settingRow, error) {
	var rows []settingRow
	err := r.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Scan(ctx)
	if len(rows) == 0 {
		return settingRow{CompanyID: c, Collect: true, Hold: UsualHold}, store.Fault(err)
	}
	return rows[0], store.Fault(err)
}

func (r *Room) saveSetting(ctx context.Context, tx *store.Tx, s *settingRow) error {
	_, err := tx.DB.NewUpdate().Model(s).WherePK().Exec(ctx)
	return store.Fault(err)
}

// tables are the room's, those that point at nothing first.
var tables = []string{
	"reach_inbound", "reach_event", "reach_follow", "reach_list", "reach_pace", "reach_class", "reach_credit", "reach_post", "reach_suggestion", "reach_snapshot",
	"reach_actor", "reach_setting",
}

func (r *Room) removeCompany(ctx context.Context, tx *store.Tx, c team.CompanyID) error {
	for _, t := range tables {
		if _, err := tx.DB.NewRaw("DELETE FROM ? WHERE company_id = ?", bun.Ident(t), c).Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	return nil
}
