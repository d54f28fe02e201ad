package app_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ponte-desk/ponte/internal/app"
	"github.com/ponte-desk/ponte/internal/apptest"
	"github.com/ponte-desk/ponte/internal/backup"
	"github.com/ponte-desk/ponte/internal/config"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// contents reads every row of a database in a form that is the same for both, so that two can be compared.
func contents(t *testing.T, s *store.Store) map[string]map[string]int {
	t.Helper()
	all := map[string]map[string]int{}
	err := s.Snapshot(t.Context(), func(ctx context.Context) error {
		tables, err := s.Tables(ctx)
		if err != nil {
			return err
		}
		for _, table := range tables {
			rows := map[string]int{}
			err := s.Rows(ctx, table, func(row []any) error {
				named := map[string]any{}
				for i, c := range table.Columns {
					named[c.Name] = row[i]
					if at, ok := row[i].(time.Time); ok {
						named[c.Name] = at.UTC()
					}
					// JSON comes back from PostgreSQL with its own spaces and order.
					var v any
					if text, ok := row[i].(string); ok && len(text) > 1 && (text[0] == '{' || text[0] == '[') && json.Unmarshal([]byte(text), &v) == nil {
						named[c.Name] = v
					}
				}
				b, err := json.Marshal(named)
				rows[string(b)]++
				return err
			})
			if err != nil {
				return err
			}
			all[table.Name] = rows
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func open(t *testing.T, c config.Config) *app.App {
	t.Helper()
	a, err := app.New(t.Context(), c, app.Deps{Errand: true, Careless: true, Signin: apptest.Cheap()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return a
}

// finds counts what the inbox of the sample finds.
func finds(t *testing.T, a *app.App, query string) int {
	t.Helper()
	cs, err := a.Team.Companies(t.Context())
	if err != nil || len(cs) != 1 {
		t.Fatalf("%d companies, %v", len(cs), err)
	}
	l, err := a.Inbox.List(t.Context(), team.Command(cs[0].ID), inbox.Filter{View: inbox.ViewAll, Query: query, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	return len(l.Conversations)
}

// A copy of the sample company goes from SQLite to PostgreSQL and back, and nothing is lost or changed on the way.
func TestACopyMovesBetweenDatabases(t *testing.T) {
	t.Parallel()
	postgres := storetest.EmptyPostgres(t)
	dir := t.TempDir()
	from := apptest.Settings(t, "")
	a, err := app.New(t.Context(), from, app.Deps{Careless: true, Signin: apptest.Cheap()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Stop(context.Background()) })
	if _, _, err := a.FillSample(t.Context(), team.Command("")); err != nil {
		t.Fatal(err)
	}
	want := contents(t, a.Store)
	if len(want["interaction"]) < 100 || len(want["company"]) != 1 {
		t.Fatalf("the sample has %d interactions", len(want["interaction"]))
	}
	found := finds(t, a, "tazza")
	if found == 0 {
		t.Fatal("nothing is found in the sample")
	}
	first := filepath.Join(dir, "first.ponte")
	if _, err := a.Backup(t.Context(), app.CopyIn{File: first}); err != nil {
		t.Fatal(err)
	}

	there := apptest.Settings(t, postgres)
	if _, err := app.Restore(t.Context(), there, app.CopyIn{File: first}); err != nil {
		t.Fatal(err)
	}
	p := open(t, there)
	if diff := cmp.Diff(want, contents(t, p.Store)); diff != "" {
		t.Fatalf("on PostgreSQL (-want +got):\n%.4000s", diff)
	}
	if got := finds(t, p, "tazza"); got != found {
		t.Errorf("PostgreSQL finds %d, SQLite found %d", got, found)
	}
	if _, err := app.Restore(t.Context(), there, app.CopyIn{File: first}); !errors.Is(err, app.ErrHouseThere) {
		t.Errorf("a second restore without force: %v", err)
	}
	r, err := app.Restore(t.Context(), there, app.CopyIn{File: first, Force: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(r.Before); err != nil {
		t.Errorf("what was there before: %v", err)
	}
	second := filepath.Join(dir, "second.ponte")
	if _, err := p.Backup(t.Context(), app.CopyIn{File: second, Passphrase: "avanti e indietro"}); err != nil {
		t.Fatal(err)
	}

	back := apptest.Settings(t, "")
	if _, err := app.Restore(t.Context(), back, app.CopyIn{File: second, Passphrase: "avanti e indietro"}); err != nil {
		t.Fatal(err)
	}
	b := open(t, back)
	if diff := cmp.Diff(want, contents(t, b.Store)); diff != "" {
		t.Fatalf("back on SQLite (-want +got):\n%.4000s", diff)
	}
	if got := finds(t, b, "tazza"); got != found {
		t.Errorf("SQLite finds %d in the end, %d at the beginning", got, found)
	}
	// Times are kept as the rooms write them, so that lists go on in the right order.
	if got, want := texts(t, b.Store), texts(t, a.Store); !cmp.Equal(got, want) {
		t.Errorf("times are written differently: %s", cmp.Diff(want, got))
	}
}

// texts reads times of conversations as SQLite keeps them.
func texts(t *testing.T, s *store.Store) []string {
	t.Helper()
	rows, err := s.WriteDB().Query("SELECT CAST(last_at AS TEXT) || ' ' || CAST(created_at AS TEXT) FROM conversation ORDER BY id")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var all []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	return all
}

// A byte that changed anywhere in an archive is noticed before anything is touched.
func TestADamagedCopyIsRefused(t *testing.T) {
	t.Parallel()
	h := apptest.Start(t, apptest.Options{})
	file := filepath.Join(t.TempDir(), "copy.ponte")
	if _, err := h.Backup(t.Context(), app.CopyIn{File: file}); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for at := 12; at < len(whole); at += len(whole) / 40 {
		bad := append([]byte{}, whole...)
		bad[at] ^= 0xff // single bits may be padding of the packing, which nobody reads
		if err := os.WriteFile(file, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		c := apptest.Settings(t, "")
		_, err := app.Restore(t.Context(), c, app.CopyIn{File: file})
		if !errors.Is(err, backup.ErrDamaged) && !errors.Is(err, backup.ErrNotOne) {
			t.Fatalf("byte %d of %d changed: %v", at, len(whole), err)
		}
		if left, err := os.ReadDir(c.Data); err != nil || len(left) != 1 || left[0].Name() != "ponte.lock" {
			t.Fatalf("left in the folder: %v, %v", left, err)
		}
	}
}
