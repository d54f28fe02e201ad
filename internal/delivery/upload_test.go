package delivery_test

import (
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
)

// A message whose attempt breaks off behind its files does not bring them again.
func TestFilesAreBroughtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := housetest.New(t, s, housetest.Options{})
		m := delivery.Message{Text: "Due tazze", Media: []delivery.Attachment{
			{MediaID: picture(t, h, "uno.png"), Alt: "Una"}, {MediaID: picture(t, h, "due.png"), Alt: "Due"},
		}}
		h.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: networktest.DropAfterFiles, Times: 3})
		d := h.Deliver(planMessage(t, h, "a", m), time.Hour)
		if d.State != delivery.Sent || d.Attempts != 4 || h.Fake.Uploads() != 2 || len(d.Receipt.Media) != 2 {
			t.Errorf("%s after %d attempts, %d files brought", d.State, d.Attempts, h.Fake.Uploads())
		}
		if n := keptFiles(t, h); n != 0 {
			t.Errorf("%d handles are kept of what is out", n)
		}

		// When the server has thrown them away they are brought again, at once.
		h.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: networktest.DropAfterFiles})
		id := planMessage(t, h, "b", m)
		if _, err := h.Deliveries.Step(t.Context(), id); err != nil || h.Fake.Uploads() != 4 || keptFiles(t, h) != 2 {
			t.Fatalf("%v, %d files brought", err, h.Fake.Uploads())
		}
		h.Fake.ForgetFiles()
		if d = h.Deliver(id, time.Hour); d.State != delivery.Sent || d.Attempts != 2 || h.Fake.Uploads() != 6 {
			t.Errorf("%s after %d attempts, %d files brought", d.State, d.Attempts, h.Fake.Uploads())
		}

		// What has waited for too long is not relied upon.
		h.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: networktest.DropAfterFiles}, networktest.Fault{Call: networktest.CallPublish, Way: networktest.TooMany, RetryAfter: 2 * time.Hour})
		id = planMessage(t, h, "c", m)
		if d = h.Deliver(id, 3*time.Hour); d.State != delivery.Sent || h.Fake.Uploads() != 10 {
			t.Errorf("%s, %d files brought", d.State, h.Fake.Uploads())
		}
	})
}

func keptFiles(t *testing.T, h *housetest.House) (n int) {
	t.Helper()
	if err := h.Store.Read(t.Context()).NewSelect().Table("delivery_upload").ColumnExpr("count(*)").Scan(t.Context(), &n); err != nil {
		t.Fatal(err)
	}
	return n
}
