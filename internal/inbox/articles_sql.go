package inbox

import (
	"context"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

func (x *Inbox) articleRows(ctx context.Context, c team.CompanyID, ch network.ChannelID, most int) ([]interactionRow, error) {
	var rows []interactionRow
	err := x.store.Read(ctx).NewSelect().Model(&rows).Where("company_id = ?", c).Where("channel_id = ?", ch).Where("mine").
		Where("kind = ?", network.KindPost).Where("parent_id = ''").Where("deleted_at IS NULL").Order("at DESC", "id DESC").Limit(int64(most)).Scan(ctx)
	return rows, store.Fault(err)
}
