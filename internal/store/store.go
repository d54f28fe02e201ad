package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/ponte-desk/ponte/internal/fault"
)

// Dialect is which database stands behind the store.
type Dialect string

// The dialects.
const (
	SQLite   Dialect = "sqlite"
	Postgres Dialect = "postgres"
)

// FileName is the name of the SQLite database inside the data folder.
const FileName = "ponte.db"

// Options say which database to open.
type Options struct {
	// Dir is the data folder for SQLite; it is made when missing.
	Dir string
	// URL is a postgres:// address; when set, Dir is not used for the database.
	URL string
	// MaxConns bounds the PostgreSQL pool; 0 means 16.
	MaxConns int
	// Careless trades safety against power cuts for speed. Only tests set it.
	Careless bool
}

// Store is an open database: on SQLite a write pool of one connection and a read-only pool, on PostgreSQL one
// pool. It is safe for use by several goroutines.
type Store struct {
	dialect Dialect
	path    string // SQLite only
	write   *bun.DB
	read    *bun.DB
	pool    *pgxpool.Pool // PostgreSQL only
}

// Open opens the database. It neither creates tables nor changes any; see Migrate.
func Open(ctx context.Context, o Options) (*Store, error) {
	if o.URL != "" {
		return openPostgres(ctx, o)
	}
	return openSQLite(ctx, o)
}

func openSQLite(ctx context.Context, o Options) (*Store, error) {
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("store.Open: %w", fault.New(fault.Invalid, "store.folder").With("folder", o.Dir).Because(err))
	}
	path := filepath.Join(o.Dir, FileName)
	w, err := sql.Open("sqlite", dsn(path, o.Careless, false))
	if err != nil {
		return nil, fmt.Errorf("store.Open: %w", err)
	}
	w.SetMaxOpenConns(1)
	r, err := sql.Open("sqlite", dsn(path, o.Careless, true))
	if err != nil {
		_ = w.Close()
		return nil, fmt.Errorf("store.Open: %w", err)
	}
	r.SetMaxOpenConns(8)
	r.SetMaxIdleConns(8)              // opening one reads the whole schema: under load none is to be thrown away
	r.SetConnMaxIdleTime(time.Minute) // with each goes its cache
	s := &Store{
		dialect: SQLite, path: path,
		write: bun.NewDB(w, sqlitedialect.New()),
		read:  bun.NewDB(r, sqlitedialect.New()),
	}
	if err := s.check(ctx); err != nil {
		_ = s.Close()
		return nil, fmt.Errorf("store.Open: %w", err)
	}
	return s, nil
}

// checkWhole is up to which size a database is read through at start. A larger one would hold up the start: of that only
// the beginning is read, and damage further in is met where it is read.
const checkWhole = 64 << 20

// check tells whether the file is a database and undamaged, as far as that is quickly told.
func (s *Store) check(ctx context.Context) error {
	info, err := os.Stat(s.path)
	if err == nil && info.Size() > checkWhole {
		var n int
		return Fault(s.write.DB.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_master").Scan(&n))
	}
	return s.Check(ctx)
}

// Check reads a SQLite database through, for damage. On PostgreSQL the server does so itself.
func (s *Store) Check(ctx context.Context) error {
	if s.dialect != SQLite {
		return nil
	}
	var said string
	if err := s.write.DB.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&said); err != nil {
		return Fault(err)
	}
	if said != "ok" {
		return fault.New(fault.Internal, "store.corrupt").With("file", s.path).Because(errors.New(said))
	}
	return nil
}

// Shrink gives back the memory in which SQLite keeps what it read, after much work at once.
func (s *Store) Shrink(ctx context.Context) error {
	if s.dialect != SQLite {
		return nil
	}
	_, err := s.write.DB.ExecContext(ctx, "PRAGMA shrink_memory")
	return Fault(err)
}

// dsn puts the pragmas into the address: PRAGMA by Exec would reach one connection only.
func dsn(path string, careless, readOnly bool) string {
	q := url.Values{}
	q.Add("_pragma", "busy_timeout(10000)")
	q.Add("_pragma", "foreign_keys(1)")
	q.Add("_pragma", "temp_store(2)")
	q.Set("_time_format", "sqlite")
	if readOnly {
		q.Add("_pragma", "query_only(1)")
		q.Add("_pragma", "cache_size(-8000)") // KiB, for each connection
	} else {
		q.Add("_pragma", "journal_mode(WAL)")
		q.Add("_pragma", "secure_delete(1)") // what is deleted is written over
		q.Add("_pragma", "wal_autocheckpoint(2000)")
		q.Add("_pragma", "cache_size(-64000)") // what taking in a large history touches
		q.Set("_txlock", "immediate")
		if careless {
			q.Add("_pragma", "synchronous(0)")
		} else {
			q.Add("_pragma", "synchronous(2)")
		}
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

func openPostgres(ctx context.Context, o Options) (*Store, error) {
	cfg, err := pgxpool.ParseConfig(o.URL)
	if err != nil {
		// The address may hold a password: it stays out of the message.
		return nil, fmt.Errorf("store.Open: %w", fault.New(fault.Invalid, "store.address"))
	}
	cfg.MaxConns = int32(o.MaxConns)
	if cfg.MaxConns <= 0 {
		cfg.MaxConns = 16
	}
	// The query builder writes values into the text, so a statement cache would only fill up.
	cfg.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec
	cfg.ConnConfig.RuntimeParams["timezone"] = "UTC"
	if cfg.ConnConfig.RuntimeParams["application_name"] == "" {
		cfg.ConnConfig.RuntimeParams["application_name"] = "ponte"
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("store.Open: %w", fault.New(fault.Invalid, "store.address"))
	}
	pingCtx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if err := pool.Ping(pingCtx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("store.Open: %w", fault.New(fault.Upstream, "store.unreachable").With("host", cfg.ConnConfig.Host).Because(err))
	}
	db := bun.NewDB(stdlib.OpenDBFromPool(pool), pgdialect.New())
	return &Store{dialect: Postgres, write: db, read: db, pool: pool}, nil
}

// Dialect tells which database stands behind.
func (s *Store) Dialect() Dialect { return s.dialect }

// Path is the file of a SQLite database, "" on PostgreSQL.
func (s *Store) Path() string { return s.path }

// Pool is the PostgreSQL pool for the job engine and for listening, nil on SQLite.
func (s *Store) Pool() *pgxpool.Pool { return s.pool }

// WriteDB is the pool with the right to write. Only the rooms store and queue use it.
func (s *Store) WriteDB() *sql.DB { return s.write.DB }

// Ping checks that the database answers.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.read.PingContext(ctx); err != nil {
		return fmt.Errorf("store.Ping: %w", Fault(err))
	}
	return nil
}

// Close closes the pools.
func (s *Store) Close() error {
	err := s.write.Close()
	if s.read != s.write {
		err = errors.Join(err, s.read.Close())
	}
	if s.pool != nil {
		s.pool.Close()
	}
	return err
}

// Read gives what reading goes through: the transaction that ctx belongs to, so that a use case sees what it has
// written itself, else the read pool.
func (s *Store) Read(ctx context.Context) bun.IDB {
	if tx := txOf(ctx); tx != nil {
		return tx.DB
	}
	return s.read
}

// OnQuery hands the text of every query to f before it runs, for tests that look at query plans.
func (s *Store) OnQuery(f func(query string)) {
	s.write = s.write.WithQueryHook(queryHook(f))
	s.read = s.read.WithQueryHook(queryHook(f))
}

type queryHook func(string)

func (h queryHook) BeforeQuery(ctx context.Context, e *bun.QueryEvent) context.Context {
	h(e.Query)
	return ctx
}

func (queryHook) AfterQuery(context.Context, *bun.QueryEvent) {}

// Redact cuts the password out of a database address, for logs and the doctor.
func Redact(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "postgres://…"
	}
	if _, has := u.User.Password(); has {
		u.User = url.UserPassword(u.User.Username(), "…")
	}
	s, _ := url.PathUnescape(u.String())
	return strings.TrimSpace(s)
}

// Now is the clock of the machine the database runs on.
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	query := "SELECT CAST(unixepoch('subsec') * 1000000 AS INTEGER)"
	if s.dialect == Postgres {
		query = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)"
	}
	var micros int64
	if err := s.read.QueryRowContext(ctx, query).Scan(&micros); err != nil {
		return time.Time{}, fmt.Errorf("store.Now: %w", Fault(err))
	}
	return time.UnixMicro(micros).UTC(), nil
}

// Size is how many bytes a SQLite database takes; 0 on PostgreSQL.
func (s *Store) Size(ctx context.Context) (int64, error) {
	if s.dialect != SQLite {
		return 0, nil
	}
	var n int64
	err := s.read.QueryRowContext(ctx, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size").Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("store.Size: %w", Fault(err))
	}
	return n, nil
}

// inMemory is up to which size a database is rewritten in memory; a larger one goes through a temporary file.
const inMemory = 64 << 20

// Rewrite writes the file of a SQLite database anew and empties its write-ahead log, so that nothing is left there of what was
// deleted. Nobody can write meanwhile. Where somebody reads what was there before it says ErrBusy: try again later. PostgreSQL
// does such things itself, and thoroughly only when its administrator says so (VACUUM FULL).
func (s *Store) Rewrite(ctx context.Context) error {
	if s.dialect != SQLite {
		return nil
	}
	size, err := s.Size(ctx)
	if err != nil {
		return err
	}
	c, err := s.write.Conn(ctx)
	if err != nil {
		return fmt.Errorf("store.Rewrite: %w", Fault(err))
	}
	defer func() { _ = c.Close() }()
	if size > inMemory {
		if _, err := c.ExecContext(ctx, "PRAGMA temp_store = 1"); err != nil {
			return fmt.Errorf("store.Rewrite: %w", Fault(err))
		}
		defer func() { _, _ = c.ExecContext(context.WithoutCancel(ctx), "PRAGMA temp_store = 2") }() // only slower otherwise
	}
	if _, err := c.ExecContext(ctx, "VACUUM"); err != nil {
		return fmt.Errorf("store.Rewrite: %w", Fault(err))
	}
	var busy, pages, moved int
	if err := c.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &moved); err != nil {
		return fmt.Errorf("store.Rewrite: %w", Fault(err))
	}
	if busy != 0 {
		return fmt.Errorf("store.Rewrite: %w", ErrBusy)
	}
	return nil
}
