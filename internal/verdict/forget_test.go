package verdict_test

import (
	"context"
	"testing"

	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/store"
)

func forget(t *testing.T, h *housetest.House, is ...inbox.Interaction) {
	t.Helper()
	ids := make([]string, len(is))
	for n, i := range is {
		ids[n] = string(i.ID)
	}
	err := h.Store.InTx(t.Context(), func(ctx context.Context, tx *store.Tx) error { return h.Verdicts.Forget(ctx, tx, h.Company.ID, ids) })
	if err != nil {
		t.Fatal(err)
	}
}
