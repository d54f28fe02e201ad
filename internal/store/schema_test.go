package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
)

// schema describes every table, column and index of a database, in order.
func schema(t *testing.T, s *store.Store) []string {
	t.Helper()
	query := "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY 1"
	if s.Dialect() == store.Postgres {
		query = `SELECT d FROM (
			SELECT 'column ' || table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' || coalesce(column_default, '') ||
				' ' || coalesce(collation_name, '') AS d FROM information_schema.columns WHERE table_schema = 'public'
			UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public'
			UNION ALL SELECT 'constraint ' || conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
				WHERE connamespace = 'public'::regnamespace) AS x ORDER BY d`
	}
	var out []string
	if err := s.Read(t.Context()).NewRaw(query).Scan(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// fresh opens an empty database.
func fresh(t *testing.T, d store.Dialect) *store.Store {
	t.Helper()
	o := store.Options{Dir: t.TempDir(), Careless: true}
	if d == store.Postgres {
		o = store.Options{URL: storetest.EmptyPostgres(t)}
	}
	s, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// A database that went through every version one by one is the same as one made today.
func TestFreshEqualsMigrated(t *testing.T) {
	t.Parallel()
	for _, d := range []store.Dialect{store.SQLite, store.Postgres} {
		t.Run(string(d), func(t *testing.T) {
			t.Parallel()
			all, steps := fresh(t, d), fresh(t, d)
			if err := all.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			at, err := all.Schema(t.Context())
			if err != nil || at.Version != at.Known || at.Known < 8 {
				t.Fatalf("%+v, %v", at, err)
			}
			for v := int64(1); v <= at.Known; v++ {
				if err := steps.MigrateTo(t.Context(), v); err != nil {
					t.Fatalf("version %d: %v", v, err)
				}
			}
			if diff := cmp.Diff(schema(t, all), schema(t, steps)); diff != "" {
				t.Fatal(diff)
			}
			if err := all.Migrate(t.Context()); err != nil {
				t.Fatalf("migrating again: %v", err)
			}
		})
	}
}

// Both databases have the same tables with the same columns.
func TestBothDatabasesHaveTheSameTables(t *testing.T) {
	t.Parallel()
	columns := func(s *store.Store) map[string]bool {
		t.Helper()
		query := "SELECT m.name || '.' || p.name FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS p WHERE m.type = 'table'"
		if s.Dialect() == store.Postgres {
			query = "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'public'"
		}
		var names []string
		if err := s.Read(t.Context()).NewRaw(query).Scan(t.Context(), &names); err != nil {
			t.Fatal(err)
		}
		out := map[string]bool{}
		for _, n := range names {
			table, _, _ := strings.Cut(n, ".")
			// The engines' own tables, and the search index, which is another thing on each.
			if !strings.HasPrefix(table, "river_") && !strings.HasPrefix(table, "goose_") && !strings.HasPrefix(table, "sqlite_") && !strings.HasPrefix(table, "search_") {
				out[n] = true
			}
		}
		return out
	}
	if diff := cmp.Diff(columns(storetest.SQLite(t)), columns(storetest.Postgres(t))); diff != "" {
		t.Fatal("SQLite (-) and PostgreSQL (+) differ:\n" + diff)
	}
}

// withoutCompany are the tables whose rows belong to no company, with the reason.
var withoutCompany = map[string]string{
	"company":        "it is the company",
	"setup":          "the house has no company yet",
	"signin_attempt": "tries at unknown accounts belong to nobody",
}

func TestEveryTableNamesItsCompany(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		query := "SELECT m.name AS name, max(p.name = 'company_id') AS has FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS p WHERE m.type = 'table' GROUP BY m.name"
		if s.Dialect() == store.Postgres {
			query = "SELECT table_name AS name, max((column_name = 'company_id')::int) AS has FROM information_schema.columns WHERE table_schema = 'public' GROUP BY table_name"
		}
		var rows []struct {
			Name string `bun:"name"`
			Has  int    `bun:"has"`
		}
		if err := s.Read(t.Context()).NewRaw(query).Scan(t.Context(), &rows); err != nil || len(rows) < 20 {
			t.Fatalf("%d tables, %v", len(rows), err)
		}
		seen := map[string]bool{}
		for _, r := range rows {
			seen[r.Name] = true
			engine := strings.HasPrefix(r.Name, "river_") || strings.HasPrefix(r.Name, "goose_") || strings.HasPrefix(r.Name, "sqlite_") || strings.HasPrefix(r.Name, "search_doc_")
			if r.Has == 0 && !engine && withoutCompany[r.Name] == "" {
				t.Errorf("%s does not say which company its rows belong to", r.Name)
			}
		}
		for name := range withoutCompany {
			if !seen[name] {
				t.Errorf("the exception %s is no longer there: take it off the list", name)
			}
		}
	})
}

// A full disk is said to be one, nothing half-written stays, and what was there is still there.
func TestAFullDiskIsNamedAndLosesNothing(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	if err := s.InTx(t.Context(), func(ctx context.Context, tx *store.Tx) error { return insert(ctx, tx, "cmp_1") }); err != nil {
		t.Fatal(err)
	}
	var pages int
	if err := s.WriteDB().QueryRowContext(t.Context(), "PRAGMA page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	if _, err := s.WriteDB().ExecContext(t.Context(), fmt.Sprintf("PRAGMA max_page_count = %d", pages+1)); err != nil {
		t.Fatal(err)
	}
	err := s.InTx(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		if err := insert(ctx, tx, "cmp_2"); err != nil {
			return err
		}
		_, err := tx.DB.NewRaw("UPDATE company SET name = ? WHERE id = 'cmp_2'", strings.Repeat("x", 100_000)).Exec(ctx)
		return err
	})
	if !errors.Is(err, store.ErrFull) {
		t.Fatalf("a full disk gives %v", err)
	}
	if n := count(t, s); n != 1 {
		t.Fatalf("%d companies", n)
	}
	if _, err := s.WriteDB().ExecContext(t.Context(), "PRAGMA max_page_count = 1000000"); err != nil {
		t.Fatal(err)
	}
	if err := s.InTx(t.Context(), func(ctx context.Context, tx *store.Tx) error { return insert(ctx, tx, "cmp_2") }); err != nil {
		t.Fatalf("after room was made: %v", err)
	}
}

// The SQLite driver works with just the version of its C library that it names itself.
func TestTheDriversLibraryIsTheOneItWants(t *testing.T) {
	t.Parallel()
	version := func(file, module string) string {
		t.Helper()
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		m := regexp.MustCompile(regexp.QuoteMeta(module) + ` (v\S+)`).FindSubmatch(b)
		if m == nil {
			t.Fatalf("%s does not name %s", file, module)
		}
		return string(m[1])
	}
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.GoMod}}", "modernc.org/sqlite").Output()
	if err != nil {
		t.Fatal(err)
	}
	ours, theirs := version("../../go.mod", "modernc.org/libc"), version(string(bytes.TrimSpace(out)), "modernc.org/libc")
	if ours != theirs {
		t.Fatalf("modernc.org/libc is %s, the driver wants %s", ours, theirs)
	}
}
