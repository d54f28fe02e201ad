package network

import (
	"bytes"
	"context"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

type channelRow struct {
	bun.BaseModel `bun:"table:channel"`

	ID                ChannelID      `bun:"id,pk"`
	Company           team.CompanyID `bun:"company_id"`
	Network           Name           `bun:"network"`
	ServerURL         string         `bun:"server_url"`
	RemoteID          string         `bun:"remote_id"`
	Handle            string         `bun:"handle"`
	Name              string         `bun:"name"`
	Named             bool           `bun:"named"`
	URL               string         `bun:"url"`
	AvatarURL         string         `bun:"avatar_url"`
	Locked            bool           `bun:"locked"`
	DefaultVisibility Visibility     `bun:"visibility"`
	State             State          `bun:"state"`
	ConnectedBy       team.MemberID  `bun:"connected_by"`
	ConnectedAt       time.Time      `bun:"connected_at"`
	Scopes            []string       `bun:"scopes,type:jsonb"`
	Expires           time.Time      `bun:"expires_at,nullzero"`
	Limits            limitsRow      `bun:"limits,type:jsonb"`
	Traits            traitsRow      `bun:"traits,type:jsonb"`
	Sample            bool           `bun:"sample"`
	Archive           bool           `bun:"archive"`
	Credentials       string         `bun:"credentials"`
	Grant             int            `bun:"grant_no"`
	Renewal           int            `bun:"renewal_no"`
	ReadTo            string         `bun:"read_to"`
	BackfillDone      bool           `bun:"backfill_done"`
	Items             int            `bun:"items"`
	NewsAt            time.Time      `bun:"news_at,nullzero"`
	RefreshedAt       time.Time      `bun:"refreshed_at,nullzero"`
	PolledAt          time.Time      `bun:"polled_at,nullzero"`
	Hub               hubHealthRow   `bun:"hub,type:jsonb"`
	LastSuccess       time.Time      `bun:"last_success,nullzero"`
	LastAttempt       time.Time      `bun:"last_attempt,nullzero"`
	NextLook          time.Time      `bun:"next_look,nullzero"`
	ProbedAt          time.Time      `bun:"probed_at,nullzero"`
	ProblemKey        string         `bun:"problem_key"`
	ProblemArgs       argsRow        `bun:"problem_args,type:jsonb"`
	ProblemVerdict    Verdict        `bun:"problem_verdict"`
	ProblemSince      time.Time      `bun:"problem_since,nullzero"`
	WatchGeneration   int            `bun:"watch_generation"`
	WatchBeat         time.Time      `bun:"watch_beat,nullzero"`
}

// limitsRow is the stored form of Limits; a new field needs a value that fits old rows.
type limitsRow struct {
	Characters int      `json:"characters"`
	Bytes      int      `json:"bytes"`
	LinkLength int      `json:"link_length"`
	Attach     int      `json:"attach"`
	ImageBytes int64    `json:"image_bytes"`
	VideoBytes int64    `json:"video_bytes"`
	MIMETypes  []string `json:"mime_types"`
	AltText    int      `json:"alt_text"`

	AudioBytes   int64 `json:"audio_bytes"`
	ImagePixels  int64 `json:"image_pixels"`
	VideoPixels  int64 `json:"video_pixels"`
	VideoFrames  int   `json:"video_frames"`
	VideoSeconds int   `json:"video_seconds"`
}

// traitsRow is the stored form of Traits.
type traitsRow struct {
	Stream  bool        `json:"stream"`
	Reply   bool        `json:"reply"`
	Private bool        `json:"private"`
	Edit    bool        `json:"edit"`
	Delete  bool        `json:"delete"`
	Media   []MediaKind `json:"media"`
	AltText bool        `json:"alt_text"`
	Safe    Safety      `json:"safe"`
	Lists   []ListKind  `json:"lists"`

	ReadOnly bool `json:"read_only"`
	Moderate bool `json:"moderate"`
}

// argsRow keeps the arguments of a problem; numbers come back as they were written, not as fractions.
type argsRow map[string]any

// Value implements driver.Valuer.
func (a argsRow) Value() (driver.Value, error) {
	if a == nil {
		return "{}", nil
	}
	b, err := json.Marshal(a)
	return string(b), err
}

// Scan implements sql.Scanner.
func (a *argsRow) Scan(src any) error {
	var b []byte
	switch s := src.(type) {
	case nil:
		return nil
	case []byte:
		b = s
	case string:
		b = []byte(s)
	default:
		return fmt.Errorf("network: arguments stored as %T", src)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	return d.Decode((*map[string]any)(a))
}

func (r *channelRow) channel() Channel {
	ch := Channel{
		ID: r.ID, Company: r.Company, Network: r.Network, ServerURL: r.ServerURL, RemoteID: r.RemoteID, Handle: r.Handle,
		Name: r.Name, URL: r.URL, AvatarURL: r.AvatarURL, Locked: r.Locked, DefaultVisibility: r.DefaultVisibility,
		State: r.State, ConnectedBy: r.ConnectedBy, ConnectedAt: clock.Trim(r.ConnectedAt), Scopes: r.Scopes,
		Expires: clock.Trim(r.Expires), Limits: Limits(r.Limits), Traits: Traits(r.Traits), Sample: r.Sample, Archive: r.Archive,
		Health: Health{
			LastSuccess: clock.Trim(r.LastSuccess), LastAttempt: clock.Trim(r.LastAttempt), NextLook: clock.Trim(r.NextLook),
			BackfillDone: r.BackfillDone, Items: r.Items, Hub: r.Hub.health(),
		},
		grant: r.Grant, renewal: r.Renewal,
	}
	if r.ProblemKey != "" {
		ch.Health.Problem = &Trouble{Key: r.ProblemKey, Args: r.ProblemArgs, Verdict: r.ProblemVerdict, Since: clock.Trim(r.ProblemSince)}
	}
	return ch
}

func (r *channelRow) setAccount(a Account) {
	r.RemoteID, r.Handle, r.URL, r.AvatarURL = a.RemoteID, a.Handle, a.URL, a.AvatarURL
	r.Locked, r.DefaultVisibility, r.Expires = a.Locked, a.DefaultVisibility, clock.Trim(a.Expires)
	if a.Scopes != nil {
		r.Scopes = a.Scopes
	}
	if !r.Named {
		r.Name = a.Name
		if r.Name == "" {
			r.Name = a.Handle
		}
	}
}

func (r *channelRow) clearProblem() {
	r.ProblemKey, r.ProblemArgs, r.ProblemVerdict, r.ProblemSince = "", nil, "", time.Time{}
}

func (n *Networks) readChannel(ctx context.Context, c team.CompanyID, id ChannelID) (*channelRow, error) {
	r := &channelRow{}
	err := n.store.Read(ctx).NewSelect().Model(r).Where("id = ?", id).Where("company_id = ?", c).Scan(ctx)
	if err != nil {
		return nil, missing(store.Fault(err))
	}
	return r, nil
}

func (n *Networks) readChannelAt(ctx context.Context, id ChannelID) (*channelRow, error) {
	r := &channelRow{}
	if err := n.store.Read(ctx).NewSelect().Model(r).Where("id = ?", id).Scan(ctx); err != nil {
		return nil, missing(store.Fault(err))
	}
	return r, nil
}

// missing says of a channel that it is not there.
func missing(err error) error {
	if errors.Is(err, store.ErrMissing) {
		return ErrNoChannel.Because(err)
	}
	return err
}

// lockChannel reads a channel and keeps its row from changing until the transaction ends.
func (n *Networks) lockChannel(ctx context.Context, tx *store.Tx, c team.CompanyID, id ChannelID) (*channelRow, error) {
	r := &channelRow{}
	q := tx.DB.NewSelect().Model(r).Where("id = ?", id).Where("company_id = ?", c)
	if n.store.Dialect() == store.Postgres {
		q = q.For("UPDATE")
	}
	if err := q.Scan(ctx); err != nil {
		return nil, missing(store.Fault(err))
	}
	return r, nil
}

func (n *Networks) readChannels(ctx context.Context, c team.CompanyID) ([]Channel, error) {
	var rows []channelRow
	if err := n.store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Order("id").Scan(ctx); err != nil {
		return nil, store.Fault(err)
	}
	out := make([]Channel, 0, len(rows))
	for i := range rows {
		out = append(out, rows[i].channel())
	}
	return out, nil
}

// lockAccount finds the channel of an account, also one that is gone; nil when there is none. A DID is the same
// account on whatever server it lives; other ids belong to their server.
func (n *Networks) lockAccount(ctx context.Context, tx *store.Tx, c team.CompanyID, network Name, server, remoteID string) (*channelRow, error) {
	r := &channelRow{}
	q := tx.DB.NewSelect().Model(r).Where("company_id = ?", c).Where("network = ?", network).Where("remote_id = ?", remoteID).
		Where("(server_url = ? OR remote_id LIKE 'did:%')", server).OrderExpr("server_url = ? DESC, id", server).Limit(1)
	return n.lockFirst(ctx, q, r)
}

// lockFirst reads the channel that a query finds and keeps its row from changing until the transaction ends; nil when it finds none.
func (n *Networks) lockFirst(ctx context.Context, q *bun.SelectQuery, r *channelRow) (*channelRow, error) {
	if n.store.Dialect() == store.Postgres {
		q = q.For("UPDATE")
	}
	err := store.Fault(q.Scan(ctx))
	if errors.Is(err, store.ErrMissing) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

func (n *Networks) insertChannel(ctx context.Context, tx *store.Tx, r *channelRow) error {
	_, err := tx.DB.NewInsert().Model(r).Exec(ctx)
	return store.Fault(err)
}

// updateChannel writes a row that was locked before.
func (n *Networks) updateChannel(ctx context.Context, tx *store.Tx, r *channelRow) error {
	_, err := tx.DB.NewUpdate().Model(r).WherePK().Where("company_id = ?", r.Company).Exec(ctx)
	return store.Fault(err)
}

// markProbed takes the turn to look now; false when someone did after earliest.
func (n *Networks) markProbed(ctx context.Context, tx *store.Tx, c team.CompanyID, id ChannelID, now, earliest time.Time) (bool, error) {
	return affected(tx.DB.NewUpdate().Table("channel").Set("probed_at = ?", now).Where("id = ?", id).Where("company_id = ?", c).
		Where("(probed_at IS NULL OR probed_at <= ?)", earliest).Exec(ctx))
}

// beat says that a watcher lives, and what it did; false when another has taken its place or the channel is no longer
// to be watched.
func (n *Networks) beat(ctx context.Context, ch Channel, now time.Time) (bool, error) {
	alive := false
	err := n.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		alive, err = affected(tx.DB.NewUpdate().Table("channel").Set("watch_beat = ?", now).Where("id = ?", ch.ID).Where("company_id = ?", ch.Company).
			Where("watch_generation = ?", ch.watch).Where("state = ?", Active).Exec(ctx))
		return err
	})
	return alive, err
}

func affected(res interface{ RowsAffected() (int64, error) }, err error) (bool, error) {
	if err != nil {
		return false, store.Fault(err)
	}
	k, err := res.RowsAffected()
	return k > 0, store.Fault(err)
}

// unwatched gives the active channels whose watcher has not been heard of since a moment, and locks them.
func (n *Networks) unwatched(ctx context.Context, tx *store.Tx, since time.Time) ([]channelRow, error) {
	var rows []channelRow
	q := tx.DB.NewSelect().Model(&rows).Where("state = ?", Active).Where("credentials <> ''").Where("(watch_beat IS NULL OR watch_beat < ?)", since).Order("id")
	if n.store.Dialect() == store.Postgres {
		q = q.For("UPDATE SKIP LOCKED")
	}
	if err := q.Scan(ctx); err != nil {
		return nil, store.Fault(err)
	}
	return rows, nil
}

// lookDue gives the broken channels that are to be looked at again.
func (n *Networks) lookDue(ctx context.Context, tx *store.Tx, now time.Time) ([]channelRow, error) {
	var rows []channelRow
	err := tx.DB.NewSelect().Model(&rows).Where("state = ?", Broken).Where("credentials <> ''").Where("next_look <= ?", now).Order("id").Scan(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	return rows, nil
}

// anyUnwatched tells cheaply whether tending has anything to do.
func (n *Networks) anyUnwatched(ctx context.Context, since, now time.Time) (bool, error) {
	ok, err := n.store.Read(ctx).NewSelect().Table("channel").Where("credentials <> ''").
		Where("((state = ? AND (watch_beat IS NULL OR watch_beat < ?)) OR (state = ? AND next_look <= ?))", Active, since, Broken, now).Exists(ctx)
	return ok, store.Fault(err)
}

func (n *Networks) eraseRows(ctx context.Context, tx *store.Tx, c team.CompanyID) error {
	for _, table := range []string{"seen", "joining", "network_app", "channel_hub", "channel"} {
		if _, err := tx.DB.NewDelete().Table(table).Where("company_id = ?", c).Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	return nil
}

func (n *Networks) setRefreshed(ctx context.Context, ch Channel, now time.Time) error {
	return n.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.DB.NewUpdate().Table("channel").Set("refreshed_at = ?", now).Where("id = ?", ch.ID).Where("company_id = ?", ch.Company).Exec(ctx)
		return store.Fault(err)
	})
}
