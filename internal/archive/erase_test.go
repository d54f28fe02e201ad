package archive_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ponte-desk/ponte/internal/archive"
	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// exec changes the database behind the house's back.
func exec(t *testing.T, h *housetest.House, query string, args ...any) {
	t.Helper()
	check(t, h.Store.InTx(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.DB.NewRaw(query, args...).Exec(ctx)
		return err
	}))
}

// count counts rows.
func count(t *testing.T, h *housetest.House, table string, c team.CompanyID) int {
	t.Helper()
	var n int
	check(t, h.Store.Read(t.Context()).NewRaw("SELECT count(*) FROM "+table+" WHERE company_id = ?", c).Scan(t.Context(), &n))
	return n
}

// failedByUs has an upload look as if it had failed by no fault of its file.
func failedByUs(t *testing.T, h *housetest.House, u archive.Upload) {
	t.Helper()
	exec(t, h, "UPDATE archive_upload SET state = ?, problem = ? WHERE id = ?", archive.Failed, `{"key":"archive.upload.disk","args":{}}`, u.ID)
	if got := there(t, h, u); got.State != archive.Failed || !got.Kept {
		t.Fatalf("%+v", got)
	}
}

// TestAnErasedPersonIsInNoImport: what was brought in goes, files that wait go when they may hold the person, those of others stay, and the same export
// given again brings nothing of theirs back.
func TestAnErasedPersonIsInNoImport(t *testing.T) {
	each(t, func(t *testing.T, h *housetest.House) {
		ctx, a := t.Context(), h.Actor(team.Owner)
		h.Audience.OnErase("archive", func(ctx context.Context, tx *store.Tx, e audience.Erasure) (audience.ErasureStep, error) {
			return audience.ErasureStep{}, h.Archives.Forget(ctx, tx, e.Company, e.Aged, e.Names)
		})
		chat := content(t, whatsappExport().zip(t))
		if u := work(t, h, give(t, h, "chat.zip", chat, archive.Said{Me: "Il Forno"})); u.State != archive.Done || u.New != 4 {
			t.Fatalf("%+v", u)
		}
		asks := work(t, h, give(t, h, "ancora.zip", chat, archive.Said{}))
		named, err := h.Archives.Begin(ctx, a, archive.UploadIn{Name: "Chat con Ada Rossi.txt", Size: 100})
		check(t, err)
		named, err = h.Archives.Take(ctx, a, named.ID, 0, strings.NewReader("05/04/23"))
		check(t, err)
		failed := give(t, h, "rotto.zip", chat, archive.Said{Me: "Il Forno"})
		failedByUs(t, h, failed)
		others := work(t, h, give(t, h, "sondaggio.csv", []byte("Data e ora;Nome;Messaggio\n05/04/2023 09:30;Bruno;Il pane era freddo\n06/04/2023 10:00;Carla;Buono\n"), archive.Said{}))
		if asks.State != archive.Asking || others.State != archive.Asking || lying(t, h) != 4 {
			t.Fatalf("%s, %s, %d files", asks.State, others.State, lying(t, h))
		}
		people, _, err := h.Audience.Find(ctx, a, "Ada Rossi", "", 10)
		check(t, err)
		if len(people) != 1 {
			t.Fatalf("%d people", len(people))
		}
		c, err := h.Audience.Erase(ctx, a, people[0].ID, audience.EraseIn{Name: people[0].Name})
		check(t, err)
		for more := c.State == audience.ErasureRunning; more; {
			more, err = h.Audience.Continue(ctx, c.ID)
			check(t, err)
		}
		for _, u := range []archive.Upload{asks, named} {
			if got := there(t, h, u); got.State != archive.Cancelled || got.Kept || got.Question != nil || got.Name != "" {
				t.Errorf("%+v", got)
			}
		}
		if got := there(t, h, failed); got.State != archive.Failed || got.Kept || got.Problem != nil {
			t.Errorf("%+v", got)
		}
		if got := there(t, h, others); got.State != archive.Asking || !got.Kept || lying(t, h) != 1 {
			t.Errorf("what names only others: %+v, %d files", got, lying(t, h))
		}
		left := list(t, h, inbox.Filter{View: inbox.ViewAll, Query: "aperti"})
		if len(left.Conversations) != 0 {
			t.Error("her words are still found")
		}
		if u := work(t, h, give(t, h, "chat.zip", chat, archive.Said{Me: "Il Forno"})); u.State != archive.Done || u.New != 0 {
			t.Errorf("given again: %+v", u)
		}
		if people, _, err := h.Audience.Find(ctx, a, "Ada Rossi", "", 10); err != nil || len(people) != 0 {
			t.Errorf("given again she is back: %v, %v", people, err)
		}
	})
}

// TestARemovedCompanyTakesItsImports: rows and files, those that are not whole too; another company's stay as they are.
func TestARemovedCompanyTakesItsImports(t *testing.T) {
	each(t, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		stays := work(t, h, give(t, h, "sondaggio.csv", []byte(foreignTable), archive.Said{}))
		work(t, h, give(t, h, "takeout.zip", content(t, googleExport().zip(t)), archive.Said{}))
		before := []int{lying(t, h), count(t, h, "archive_upload", h.Company.ID), count(t, h, "archive_import", h.Company.ID), count(t, h, "interaction", h.Company.ID)}
		// Nothing real belongs into the sample; for a moment it is a company like others.
		sample := &housetest.House{Bed: h.Other(t), T: t, Archives: h.Archives, Inbox: h.Inbox, Dir: h.Dir}
		exec(t, h, "UPDATE company SET sample = FALSE WHERE id = ?", sample.Company.ID)
		chat := content(t, whatsappExport().zip(t))
		if u := work(t, sample, give(t, sample, "chat.zip", chat, archive.Said{Me: "Il Forno"})); u.State != archive.Done || u.New != 4 {
			t.Fatalf("%+v", u)
		}
		asks := work(t, sample, give(t, sample, "chat2.zip", chat, archive.Said{}))
		failedByUs(t, sample, give(t, sample, "chat3.zip", chat, archive.Said{Me: "Il Forno"}))
		half, err := sample.Archives.Begin(ctx, sample.Actor(team.Owner), archive.UploadIn{Name: "half.zip", Size: int64(len(chat))})
		check(t, err)
		half, err = sample.Archives.Take(ctx, sample.Actor(team.Owner), half.ID, 0, bytes.NewReader(chat[:50]))
		check(t, err)
		if asks.State != archive.Asking || lying(t, h) != before[0]+3 {
			t.Fatalf("%s, %d files", asks.State, lying(t, h))
		}
		exec(t, h, "UPDATE company SET sample = TRUE WHERE id = ?", sample.Company.ID)
		check(t, h.Team.RemoveSample(ctx, h.Actor(team.Owner)))
		for _, table := range []string{"archive_upload", "archive_import", "channel", "seen", "conversation", "interaction", "person", "identity", "search_doc", "verdict"} {
			if n := count(t, h, table, sample.Company.ID); n != 0 {
				t.Errorf("%d rows are left in %s", n, table)
			}
		}
		// A part that was on its way comes too late, and what it left goes with the next sweep.
		if _, err := sample.Archives.Take(ctx, sample.Actor(team.Owner), half.ID, 50, bytes.NewReader(chat[50:])); fault.KindOf(err) != fault.NotFound {
			t.Errorf("a part for nobody: %v", err)
		}
		late := filepath.Join(h.Dir, "imports", string(half.ID), "half.zip")
		check(t, errors.Join(os.MkdirAll(filepath.Dir(late), 0o700), os.WriteFile(late, chat, 0o600)))
		check(t, h.Archives.Sweep(ctx))
		after := []int{lying(t, h), count(t, h, "archive_upload", h.Company.ID), count(t, h, "archive_import", h.Company.ID), count(t, h, "interaction", h.Company.ID)}
		for i := range before {
			if before[i] != after[i] {
				t.Errorf("the other company had %v, has %v", before, after)
				break
			}
		}
		if got := there(t, h, stays); got.State != archive.Asking || !got.Kept {
			t.Errorf("%+v", got)
		}
	})
}
