package linkback

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// titles gives what pages of a channel are called, by their keys.
func (x *Linkbacks) titles(ctx context.Context, c team.CompanyID, ch network.ChannelID, keys []string) (map[string]string, error) {
	out := map[string]string{}
	for part := range slices.Chunk(keys, chunk) {
		var rows []articleRow
		err := x.rooms.Store.Read(ctx).NewSelect().Model(&rows).Column("url_key", "title").Where("company_id = ?", c).Where("channel_id = ?", ch).
			Where("url_key IN (?)", bun.List(part)).Scan(ctx)
		if err != nil {
			return nil, store.Fault(err)
		}
		for _, r := range rows {
			out[r.URLKey] = r.Title
		}
	}
	return out, nil
}

// counted is a line of a count.
type counted struct {
	Key    string `bun:"key"`
	State  string `bun:"state"`
	Hidden bool   `bun:"hid"`
	N      int    `bun:"n"`
}

func (x *Linkbacks) tally(ctx context.Context, c team.CompanyID, ch network.ChannelID) (Tally, error) {
	var rows []counted
	err := x.rooms.Store.Read(ctx).NewSelect().Model((*mentionRow)(nil)).ColumnExpr("state, hidden <> '' AS hid, count(*) AS n").Where("company_id = ?", c).Where("channel_id = ?", ch).
		GroupExpr("state, hidden <> ''").Scan(ctx, &rows)
	t := Tally{States: map[State]int{}}
	for _, r := range rows {
		t.States[State(r.State)] += r.N
		if r.Hidden {
			t.Hidden += r.N
		}
	}
	return t, store.Fault(err)
}

// words counts mentions and sendings of pages, by their keys.
func (x *Linkbacks) words(ctx context.Context, c team.CompanyID, ch network.ChannelID, keys []string) (map[string]Word, error) {
	out := map[string]Word{}
	for part := range slices.Chunk(keys, chunk) {
		var rows []counted
		err := x.rooms.Store.Read(ctx).NewSelect().Model((*mentionRow)(nil)).ColumnExpr("target_key AS key, hidden <> '' AS hid, count(*) AS n").Where("company_id = ?", c).
			Where("channel_id = ?", ch).Where("target_key IN (?)", bun.List(part)).Where("state IN (?)", bun.List([]State{Taken, Waiting})).Where("verified_at IS NOT NULL").
			GroupExpr("target_key, hidden <> ''").Scan(ctx, &rows)
		if err != nil {
			return nil, store.Fault(err)
		}
		for _, r := range rows {
			w := out[r.Key]
			w.Mentions += r.N
			if r.Hidden {
				w.Hidden += r.N
			}
			out[r.Key] = w
		}
		var sent []counted
		err = x.rooms.Store.Read(ctx).NewSelect().Model((*sendingRow)(nil)).ColumnExpr("a.url_key AS key, sending_row.state AS state, count(*) AS n").
			Join("JOIN linkback_article AS a ON a.id = sending_row.article_id").Where("sending_row.company_id = ?", c).Where("sending_row.channel_id = ?", ch).
			Where("a.url_key IN (?)", bun.List(part)).GroupExpr("a.url_key, sending_row.state").Scan(ctx, &sent)
		if err != nil {
			return nil, store.Fault(err)
		}
		for _, r := range sent {
			w := out[r.Key]
			if w.Sendings == nil {
				w.Sendings = map[SendingState]int{}
			}
			w.Sendings[SendingState(r.State)] += r.N
			out[r.Key] = w
		}
	}
	return out, nil
}
