package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
)

// Tx is a running transaction.
type Tx struct {
	// DB runs queries inside the transaction. Only *_sql.go files use it.
	DB bun.IDB

	sql   *sql.Tx
	pgx   pgx.Tx
	after []func()
}

// SQL is the driver's transaction on SQLite, nil on PostgreSQL. Only the room queue uses it.
func (tx *Tx) SQL() *sql.Tx { return tx.sql }

// PGX is the driver's transaction on PostgreSQL, nil on SQLite. Only the room queue uses it.
func (tx *Tx) PGX() pgx.Tx { return tx.pgx }

// AfterCommit runs f once the transaction has been committed, and never when it is rolled back.
func (tx *Tx) AfterCommit(f func()) { tx.after = append(tx.after, f) }

type txKey struct{}

func txOf(ctx context.Context) *Tx {
	tx, _ := ctx.Value(txKey{}).(*Tx)
	return tx
}

// Inside tells whether a context carries a transaction: no network is called then.
func Inside(ctx context.Context) bool { return txOf(ctx) != nil }

// InTx runs f in a transaction: BEGIN IMMEDIATE on SQLite, READ COMMITTED on PostgreSQL, so state changes are
// written as compare-and-set, or the rows they are decided from are held while they are read. The context given to f carries the transaction: Read follows it, and an InTx inside
// joins it, so use cases can be made of use cases. An error or a panic rolls everything back.
// f must not call a network: the write lock is held meanwhile.
func (s *Store) InTx(ctx context.Context, f func(ctx context.Context, tx *Tx) error) error {
	if tx := txOf(ctx); tx != nil {
		return f(ctx, tx)
	}
	var tx *Tx
	var err error
	if s.dialect == SQLite {
		tx, err = s.sqliteTx(ctx, f)
	} else {
		tx, err = s.postgresTx(ctx, f)
	}
	if err != nil {
		return err
	}
	for _, f := range tx.after {
		f()
	}
	return nil
}

// errRehearsed ends a rehearsal.
var errRehearsed = errors.New("store.Rehearse: only to be seen")

// Rehearse runs f as InTx does and then takes everything back: to see what would happen. What f leaves for after the commit never
// runs. Inside another transaction it is refused, because it could not be taken back alone.
func (s *Store) Rehearse(ctx context.Context, f func(ctx context.Context, tx *Tx) error) error {
	if txOf(ctx) != nil {
		return errors.New("store.Rehearse: inside a transaction")
	}
	err := s.InTx(ctx, func(ctx context.Context, tx *Tx) error {
		if err := f(ctx, tx); err != nil {
			return err
		}
		return errRehearsed
	})
	if errors.Is(err, errRehearsed) {
		return nil
	}
	return err
}

func (s *Store) sqliteTx(ctx context.Context, f func(context.Context, *Tx) error) (*Tx, error) {
	btx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("store.InTx: %w", Fault(err))
	}
	defer func() { _ = btx.Rollback() }() // does nothing after a commit
	tx := &Tx{DB: btx, sql: btx.Tx}
	if err := f(context.WithValue(ctx, txKey{}, tx), tx); err != nil {
		return nil, Fault(err)
	}
	if err := btx.Commit(); err != nil {
		return nil, fmt.Errorf("store.InTx: %w", Fault(err))
	}
	return tx, nil
}

// postgresTx begins a pgx transaction on the connection that the query builder uses, so that the job engine, which
// wants a pgx.Tx, writes in the same transaction.
func (s *Store) postgresTx(ctx context.Context, f func(context.Context, *Tx) error) (_ *Tx, err error) {
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("store.InTx: %w", Fault(err))
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	var pc *pgx.Conn
	if err := conn.Raw(func(driver any) error {
		pc = driver.(*stdlib.Conn).Conn()
		return nil
	}); err != nil {
		return nil, fmt.Errorf("store.InTx: %w", Fault(err))
	}
	ptx, err := pc.Begin(ctx)
	if err != nil {
		return nil, fmt.Errorf("store.InTx: %w", Fault(err))
	}
	// The request's context may be over by now: a rollback must reach the server all the same.
	defer func() { _ = ptx.Rollback(context.WithoutCancel(ctx)) }()
	tx := &Tx{DB: conn, pgx: ptx}
	if err := f(context.WithValue(ctx, txKey{}, tx), tx); err != nil {
		return nil, Fault(err)
	}
	if err := ptx.Commit(ctx); err != nil {
		return nil, fmt.Errorf("store.InTx: %w", Fault(err))
	}
	return tx, nil
}
