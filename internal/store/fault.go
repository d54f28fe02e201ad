package store

import (
	"database/sql"
	"errors"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
	sqlitedriver "modernc.org/sqlite"

	"github.com/ponte-desk/ponte/internal/fault"
)

// The faults of the database, as every room sees them.
var (
	ErrTaken    = fault.New(fault.Conflict, "store.taken")    // a unique key is taken
	ErrMissing  = fault.New(fault.NotFound, "store.missing")  // no such row
	ErrBusy     = fault.New(fault.Limited, "store.busy")      // the write lock was not to be had in time
	ErrFull     = fault.New(fault.Internal, "store.full")     // no room on the disk
	ErrCorrupt  = fault.New(fault.Internal, "store.corrupt")  // the file is damaged or no database
	ErrReadOnly = fault.New(fault.Internal, "store.readonly") // the file or folder cannot be written
	ErrLink     = fault.New(fault.Conflict, "store.link")     // a row points at one that is not there
)

// Fault turns a driver's error into the vocabulary of the house. Errors that already belong to it, and errors it
// does not know, pass unchanged.
func Fault(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	if errors.Is(err, sql.ErrNoRows) {
		return ErrMissing.Because(err)
	}
	if e, ok := errors.AsType[*sqlitedriver.Error](err); ok {
		switch e.Code() {
		case 2067, 1555: // SQLITE_CONSTRAINT_UNIQUE, SQLITE_CONSTRAINT_PRIMARYKEY
			return ErrTaken.Because(err)
		case 787: // SQLITE_CONSTRAINT_FOREIGNKEY
			return ErrLink.Because(err)
		}
		switch e.Code() & 0xff {
		case 5, 6: // SQLITE_BUSY, SQLITE_LOCKED
			return ErrBusy.Because(err)
		case 13: // SQLITE_FULL
			return ErrFull.Because(err)
		case 11, 26: // SQLITE_CORRUPT, SQLITE_NOTADB
			return ErrCorrupt.Because(err)
		case 8, 14: // SQLITE_READONLY, SQLITE_CANTOPEN
			return ErrReadOnly.Because(err)
		}
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch e.Code {
		case "23505":
			return ErrTaken.Because(err)
		case "23503":
			return ErrLink.Because(err)
		case "53100":
			return ErrFull.Because(err)
		case "55P03", "40001", "40P01":
			return ErrBusy.Because(err)
		}
	}
	if errors.Is(err, syscall.ENOSPC) {
		return ErrFull.Because(err)
	}
	return err
}
