package delivery

import (
	"context"
	"strconv"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// useKept gives the files of an attempt the handles under which the server already has them from an earlier one, and has those noted that
// are brought now: a message that is tried again does not bring its pictures again. used tells whether there were any.
func (d *Deliveries) useKept(ctx context.Context, x Delivery, out *network.Outgoing) (used bool, err error) {
	items := map[string]*network.Upload{}
	for i := range out.Media {
		if out.Media[i].RemoteID == "" {
			items[strconv.Itoa(i)+" "+x.Message.Media[i].MediaID] = &out.Media[i]
		}
	}
	if out.Card != nil && out.Card.Image != nil && x.Message.Card != nil {
		items["card "+x.Message.Card.MediaID] = out.Card.Image
	}
	if len(items) == 0 {
		return false, nil
	}
	kept := map[string]string{}
	if x.Attempts > 1 {
		if kept, err = d.keptUploads(ctx, x.Company, x.ID, d.clock.Now()); err != nil {
			return false, err
		}
	}
	for item, u := range items {
		u.Kept = kept[item]
		used = used || u.Kept != ""
		u.Keep = func(ctx context.Context, handle string, life time.Duration) {
			// What was brought was brought, also when the attempt is cut off; what cannot be noted is brought again.
			ctx = context.WithoutCancel(ctx)
			err := d.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
				return d.keepUpload(ctx, tx, uploadRow{DeliveryID: x.ID, CompanyID: x.Company, Item: item, Handle: handle, Until: d.clock.Now().Add(life)})
			})
			if err != nil {
				d.log.Error("delivery: a file that was brought could not be noted", "delivery", x.ID, "error", err)
			}
		}
	}
	return used, nil
}

func (d *Deliveries) forgetKept(ctx context.Context, c team.CompanyID, id ID) {
	ctx = context.WithoutCancel(ctx)
	err := d.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error { return d.dropUploads(ctx, tx, c, []ID{id}) })
	if err != nil {
		d.log.Error("delivery: files that a server no longer knows could not be forgotten", "delivery", id, "error", err)
	}
}
