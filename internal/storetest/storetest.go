package storetest

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/store"
)

// Each runs f once on SQLite and once on PostgreSQL, in parallel subtests, each with a database of its own.
func Each(t *testing.T, f func(t *testing.T, s *store.Store)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		f(t, SQLite(t))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		f(t, Postgres(t))
	})
}

// Log is a logger that says nothing.
func Log() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

var (
	liteOnce sync.Once
	liteTmpl []byte
	liteErr  error
)

// SQLite opens a fresh, migrated SQLite database that goes away with the test.
func SQLite(t testing.TB) *store.Store {
	t.Helper()
	liteOnce.Do(func() { liteTmpl, liteErr = sqliteTemplate() })
	if liteErr != nil {
		t.Fatal(liteErr)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, store.FileName), liteTmpl, 0o600); err != nil {
		t.Fatal(err)
	}
	return open(t, store.Options{Dir: dir, Careless: true})
}

// sqliteTemplate migrates once in a process; each test then starts from a copy.
func sqliteTemplate() ([]byte, error) {
	dir, err := os.MkdirTemp("", "ponte-template-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	ctx := context.Background()
	s, err := store.Open(ctx, store.Options{Dir: dir, Careless: true})
	if err != nil {
		return nil, err
	}
	if err := migrate(ctx, s); err != nil {
		return nil, err
	}
	// Closing the last connection folds the write-ahead log into the file.
	if err := s.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, store.FileName))
}

func migrate(ctx context.Context, s *store.Store) error {
	if err := s.Migrate(ctx); err != nil {
		return err
	}
	return queue.Migrate(ctx, s, Log())
}

var (
	pgOnce sync.Once
	pgTmpl string
	pgErr  error
	pgNext atomic.Int64
	pgLock sync.Mutex // CREATE DATABASE from one template wants to be alone
)

// PostgresURL is the address of the PostgreSQL server for tests. Without one the test is skipped, unless
// PONTE_TEST_REQUIRE is set, as `make test` does: then it fails.
func PostgresURL(t testing.TB) string {
	t.Helper()
	address := os.Getenv("PONTE_TEST_POSTGRES")
	if address == "" {
		if os.Getenv("PONTE_TEST_REQUIRE") != "" {
			t.Fatal("PONTE_TEST_POSTGRES is not set, and PONTE_TEST_REQUIRE wants it: run make test")
		}
		t.Skip("PONTE_TEST_POSTGRES is not set: run make test to test on PostgreSQL too")
	}
	return address
}

// Postgres opens a fresh, migrated PostgreSQL database that goes away with the test.
func Postgres(t testing.TB) *store.Store {
	t.Helper()
	return open(t, store.Options{URL: FreshPostgres(t), MaxConns: 8})
}

// FreshPostgres makes a migrated PostgreSQL database of the test's own and gives its address.
func FreshPostgres(t testing.TB) string {
	t.Helper()
	address := PostgresURL(t)
	pgOnce.Do(func() { pgTmpl, pgErr = postgresTemplate(address) })
	if pgErr != nil {
		t.Fatal(pgErr)
	}
	name := fmt.Sprintf("ponte_test_%d_%d", os.Getpid(), pgNext.Add(1))
	pgLock.Lock()
	err := exec(address, "CREATE DATABASE "+name+" TEMPLATE "+pgTmpl)
	pgLock.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := exec(address, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
			t.Log(err)
		}
	})
	return database(address, name)
}

// EmptyPostgres makes an empty PostgreSQL database of the test's own and gives its address.
func EmptyPostgres(t testing.TB) string {
	t.Helper()
	address := PostgresURL(t)
	name := fmt.Sprintf("ponte_empty_%d_%d", os.Getpid(), pgNext.Add(1))
	if err := exec(address, "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := exec(address, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
			t.Log(err)
		}
	})
	return database(address, name)
}

// postgresTemplate makes the template database of this process. It stays until the server of the tests goes away.
func postgresTemplate(address string) (string, error) {
	name := fmt.Sprintf("ponte_template_%d", os.Getpid())
	if err := exec(address, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
		return "", err
	}
	if err := exec(address, "CREATE DATABASE "+name); err != nil {
		return "", err
	}
	ctx := context.Background()
	s, err := store.Open(ctx, store.Options{URL: database(address, name), MaxConns: 4})
	if err != nil {
		return "", err
	}
	defer func() { _ = s.Close() }()
	return name, migrate(ctx, s)
}

func database(address, name string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	u.Path = "/" + name
	return u.String()
}

func exec(address, query string) error {
	ctx := context.Background()
	c, err := pgx.Connect(ctx, address)
	if err != nil {
		return fmt.Errorf("storetest: %w", err)
	}
	defer func() { _ = c.Close(ctx) }()
	if _, err := c.Exec(ctx, query); err != nil {
		return fmt.Errorf("storetest: %s: %w", strings.SplitN(query, " ", 3)[0], err)
	}
	return nil
}

func open(t testing.TB, o store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("closing the store: %v", err)
		}
	})
	return s
}
