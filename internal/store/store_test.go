package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
)

func insert(ctx context.Context, tx *store.Tx, id string) error {
	_, err := tx.DB.NewRaw("INSERT INTO company (id, name, zone, locale, settings, created_at) VALUES (?, 'A', 'Europe/Rome', 'it', '{}', '2026-01-01 00:00:00+00:00')", id).Exec(ctx)
	return err
}

func count(t *testing.T, s *store.Store) (n int) {
	t.Helper()
	if err := s.Read(t.Context()).NewRaw("SELECT count(*) FROM company").Scan(t.Context(), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestInTx(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		told := false
		err := s.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
			tx.AfterCommit(func() { told = true })
			if err := insert(ctx, tx, "cmp_1"); err != nil {
				return err
			}
			// A read inside sees what was written, and a transaction inside is the same one.
			if n := 0; s.Read(ctx).NewRaw("SELECT count(*) FROM company").Scan(ctx, &n) != nil || n != 1 {
				t.Errorf("inside: %d companies, want 1", n)
			}
			return s.InTx(ctx, func(ctx context.Context, inner *store.Tx) error {
				if inner != tx {
					t.Error("an InTx inside did not join")
				}
				return insert(ctx, inner, "cmp_2")
			})
		})
		if err != nil || !told || count(t, s) != 2 {
			t.Fatalf("err %v, told %v, rows %d", err, told, count(t, s))
		}

		told = false
		boom := errors.New("boom")
		err = s.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
			tx.AfterCommit(func() { told = true })
			if err := insert(ctx, tx, "cmp_3"); err != nil {
				return err
			}
			return boom
		})
		if !errors.Is(err, boom) || told || count(t, s) != 2 {
			t.Fatalf("after a rollback: err %v, told %v, rows %d", err, told, count(t, s))
		}

		err = s.InTx(ctx, func(ctx context.Context, tx *store.Tx) error { return insert(ctx, tx, "cmp_1") })
		if !errors.Is(err, store.ErrTaken) {
			t.Fatalf("a taken key gives %v", err)
		}
		if err := s.Shrink(ctx); err != nil || count(t, s) != 2 {
			t.Fatalf("after giving memory back: %v, %d rows", err, count(t, s))
		}
	})
}

// A rehearsal shows what would be, and leaves nothing behind.
func TestRehearse(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		told, seen := false, 0
		err := s.Rehearse(ctx, func(ctx context.Context, tx *store.Tx) error {
			tx.AfterCommit(func() { told = true })
			if err := insert(ctx, tx, "cmp_1"); err != nil {
				return err
			}
			return s.Read(ctx).NewRaw("SELECT count(*) FROM company").Scan(ctx, &seen)
		})
		if err != nil || told || seen != 1 || count(t, s) != 0 {
			t.Errorf("err %v, told %v, seen %d, left %d", err, told, seen, count(t, s))
		}
		boom := errors.New("boom")
		if err := s.Rehearse(ctx, func(context.Context, *store.Tx) error { return boom }); !errors.Is(err, boom) {
			t.Errorf("what went wrong is lost: %v", err)
		}
		// Inside a transaction it could not be taken back alone.
		err = s.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
			if err := s.Rehearse(ctx, func(ctx context.Context, tx *store.Tx) error { return insert(ctx, tx, "cmp_2") }); err == nil {
				t.Error("a rehearsal joined a transaction")
			}
			return nil
		})
		if err != nil || count(t, s) != 0 {
			t.Errorf("err %v, left %d", err, count(t, s))
		}
	})
}

func TestAPanicRollsBackAndFreesTheWriteLock(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		func() {
			defer func() { _ = recover() }()
			_ = s.InTx(t.Context(), func(ctx context.Context, tx *store.Tx) error {
				if err := insert(ctx, tx, "cmp_1"); err != nil {
					t.Error(err)
				}
				panic("boom")
			})
		}()
		if err := s.InTx(t.Context(), func(ctx context.Context, tx *store.Tx) error { return insert(ctx, tx, "cmp_1") }); err != nil {
			t.Fatal(err)
		}
	})
}

func TestManyWritersNeverLoseTheLock(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		if err := s.InTx(ctx, func(ctx context.Context, tx *store.Tx) error { return insert(ctx, tx, "cmp_1") }); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 10 {
					err := s.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
						_, err := tx.DB.NewRaw("UPDATE company SET name = name || 'x' WHERE id = 'cmp_1'").Exec(ctx)
						return err
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		var n int
		if err := s.Read(ctx).NewRaw("SELECT length(name) FROM company").Scan(ctx, &n); err != nil || n != 81 {
			t.Fatalf("%d writes arrived of 80 (%v)", n-1, err)
		}
	})
}

func TestANewerSchemaIsRefused(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		err := s.InTx(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.DB.NewRaw("INSERT INTO goose_db_version (version_id, is_applied) VALUES (9000, ?)", true).Exec(ctx)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := fault.Of(s.Migrate(t.Context())); err == nil || err.Key != "store.newer" {
			t.Fatalf("a newer schema gives %v", err)
		}
	})
}

func TestADamagedFileIsNamed(t *testing.T) {
	t.Parallel()
	for name, content := range map[string][]byte{
		"not a database": []byte("this is a letter to my grandmother, and it is long enough to have a header of its own"),
		"damaged":        damaged(t),
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, store.FileName), content, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := store.Open(t.Context(), store.Options{Dir: dir})
		if err == nil {
			_ = s.Close()
			t.Fatalf("%s: opened", name)
		}
		if e := fault.Of(err); e.Key != "store.corrupt" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// damaged is a real database with its middle overwritten.
func damaged(t *testing.T) []byte {
	t.Helper()
	s := storetest.SQLite(t)
	if _, err := s.WriteDB().ExecContext(t.Context(), "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(s.Path())
	if err != nil {
		t.Fatal(err)
	}
	for i := 4096; i < len(b)-4096; i++ {
		b[i] = 0xa5
	}
	return b
}

func TestWrongAddressesSayWhatToDoAndHideThePassword(t *testing.T) {
	t.Parallel()
	for address, key := range map[string]string{
		"postgres://ponte:geheim@127.0.0.1:1/ponte": "store.unreachable",
		"postgres://%zz": "store.address",
	} {
		_, err := store.Open(t.Context(), store.Options{URL: address})
		if e := fault.Of(err); e == nil || e.Key != key {
			t.Errorf("%s: %v, want %s", address, err, key)
		}
	}
	if got := store.Redact("postgres://ponte:geheim@db:5432/ponte"); got != "postgres://ponte:…@db:5432/ponte" {
		t.Error(got)
	}
}
