package inbox

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

var deedColumns = []string{"id", "channel_id", "remote_id", "kind", "mine", "identity_id", "parent_id", "root_id", "mentions", "body", "visibility", "at", "deleted_at"}

func (x *Inbox) deeds(ctx context.Context, c team.CompanyID, after InteractionID, limit int) ([]Deed, error) {
	var rows []interactionRow
	err := x.store.Read(ctx).NewSelect().Model(&rows).Column(deedColumns...).Where("company_id = ?", c).Where("id > ?", after).
		Order("id").Limit(int64(limit)).Scan(ctx)
	if err != nil {
		return nil, store.Fault(err)
	}
	return x.deedsOf(ctx, c, rows)
}

func (x *Inbox) deedsByID(ctx context.Context, c team.CompanyID, ids []InteractionID) ([]Deed, error) {
	var all []interactionRow
	seen := map[InteractionID]bool{}
	take := func(rows []interactionRow) {
		for _, r := range rows {
			if !seen[r.ID] {
				seen[r.ID] = true
				all = append(all, r)
			}
		}
	}
	for part := range slices.Chunk(ids, chunk) {
		var rows []interactionRow
		err := x.store.Read(ctx).NewSelect().Model(&rows).Column(deedColumns...).Where("company_id = ?", c).Where("id IN (?)", bun.List(part)).Order("id").Scan(ctx)
		if err != nil {
			return nil, store.Fault(err)
		}
		take(rows)
	}
	at := map[network.ChannelID][]string{}
	for _, r := range all {
		if r.Kind.Speaks() {
			at[r.ChannelID] = append(at[r.ChannelID], r.RemoteID)
		}
	}
	for _, ch := range sortedChannels(at) {
		for part := range slices.Chunk(at[ch], chunk) {
			var rows []interactionRow
			err := x.store.Read(ctx).NewSelect().Model(&rows).Column(deedColumns...).Where("channel_id = ?", ch).Where("parent_id IN (?)", bun.List(part)).
				Where("parent_id <> ''").Where("company_id = ?", c).Order("id").Limit(deedsUnder).Scan(ctx)
			if err != nil {
				return nil, store.Fault(err)
			}
			take(rows)
		}
	}
	return x.deedsOf(ctx, c, all)
}

// deedsUnder bounds what is looked at again because what it answers came in.
const deedsUnder = 1000

func sortedChannels(m map[network.ChannelID][]string) []network.ChannelID {
	out := make([]network.ChannelID, 0, len(m))
	for ch := range m {
		out = append(out, ch)
	}
	slices.Sort(out)
	return out
}

// deedsOf says of rows who wrote what they answer and who began their threads.
func (x *Inbox) deedsOf(ctx context.Context, c team.CompanyID, rows []interactionRow) ([]Deed, error) {
	above := map[network.ChannelID][]string{}
	for _, r := range rows {
		for _, id := range []string{r.ParentID, r.RootID} {
			if id != "" {
				above[r.ChannelID] = append(above[r.ChannelID], id)
			}
		}
	}
	whose := map[[2]string]Whose{}
	for _, ch := range sortedChannels(above) {
		ids := above[ch]
		slices.Sort(ids)
		for part := range slices.Chunk(slices.Compact(ids), chunk) {
			var found []interactionRow
			err := x.store.Read(ctx).NewSelect().Model(&found).Column("remote_id", "mine", "identity_id").Where("company_id = ?", c).
				Where("channel_id = ?", ch).Where("remote_id IN (?)", bun.List(part)).Scan(ctx)
			if err != nil {
				return nil, store.Fault(err)
			}
			for _, f := range found {
				whose[[2]string{string(ch), f.RemoteID}] = Whose{Known: true, Mine: f.Mine, Identity: f.IdentityID}
			}
		}
	}
	out := make([]Deed, len(rows))
	for i, r := range rows {
		d := Deed{
			ID: r.ID, Channel: r.ChannelID, RemoteID: r.RemoteID, Kind: r.Kind, Mine: r.Mine, Identity: r.IdentityID, ParentID: r.ParentID, RootID: r.RootID,
			Parent: whose[[2]string{string(r.ChannelID), r.ParentID}], Root: whose[[2]string{string(r.ChannelID), r.RootID}],
			Mentions: r.Mentions, At: clock.Trim(r.At), Deleted: !r.DeletedAt.IsZero(),
		}
		if r.Visibility == network.Public || r.Visibility == network.Unlisted {
			d.Text = r.Body
		}
		out[i] = d
	}
	return out, nil
}
