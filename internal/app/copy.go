package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/ponte-desk/ponte/internal/backup"
	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/config"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/seal"
	"github.com/ponte-desk/ponte/internal/search"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// The faults of copies.
var (
	ErrFileThere  = fault.New(fault.Conflict, "backup.exists")  // the file of a backup is there already
	ErrHouseThere = fault.New(fault.Conflict, "restore.exists") // a restore would overwrite a Ponte
)

// lastName is the file in the data folder that remembers the last backup, for the doctor.
const lastName = "backup.json"

// LastBackup says when and where the house was last copied to.
type LastBackup struct {
	At    time.Time `json:"at"`
	File  string    `json:"file"`
	Bytes int64     `json:"bytes"`
}

// CopyIn says where a copy lies.
type CopyIn struct {
	File       string
	Passphrase string // "": not encrypted
	Force      bool   // overwrites what is there
}

// Backup copies the house into a file while it goes on working. The file is there whole or not at all, and readable by
// its owner alone.
func (a *App) Backup(ctx context.Context, in CopyIn) (LastBackup, error) {
	if _, err := os.Lstat(in.File); err == nil && !in.Force {
		return LastBackup{}, fmt.Errorf("app.Backup: %w", ErrFileThere.With("path", in.File))
	}
	f, err := os.CreateTemp(filepath.Dir(in.File), ".ponte-backup-*") // 0600
	if err != nil {
		return LastBackup{}, fmt.Errorf("app.Backup: %w", fault.New(fault.Invalid, "backup.unwritable").With("path", in.File).Because(err))
	}
	defer func() { _ = os.Remove(f.Name()) }() // after the rename there is nothing to remove
	last := LastBackup{At: a.Clock.Now(), File: in.File}
	_, err = backup.Write(ctx, f, backup.Options{
		Store: a.Store, Search: a.Search, Dir: a.config.Data, Program: ThisVersion().String(), At: last.At, Passphrase: in.Passphrase,
	})
	if err == nil {
		err = f.Sync()
	}
	if info, e := f.Stat(); e == nil {
		last.Bytes = info.Size()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), in.File)
	}
	if err != nil {
		return LastBackup{}, fmt.Errorf("app.Backup: %w", store.Fault(err))
	}
	b, err := json.Marshal(last)
	if err == nil {
		err = os.WriteFile(filepath.Join(a.config.Data, lastName), b, 0o600)
	}
	if err != nil {
		return LastBackup{}, fmt.Errorf("app.Backup: %w", err)
	}
	return last, nil
}

// lastBackup reads when the house was last copied; fs.ErrNotExist: never.
func lastBackup(dir string) (LastBackup, error) {
	var l LastBackup
	b, err := os.ReadFile(filepath.Join(dir, lastName))
	if err == nil {
		err = json.Unmarshal(b, &l)
	}
	return l, err
}

// Restored says what a restore did.
type Restored struct {
	backup.Manifest
	Before string // where what was there before lies now, "" when there was nothing
}

// Restore brings a copy back, on either database whichever it was taken from. The archive is checked to its last byte
// before anything is touched. What was there before is kept beside. No Ponte may run meanwhile.
func Restore(ctx context.Context, c config.Config, in CopyIn) (r Restored, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("app.Restore: %w", err)
		}
	}()
	if err := c.Check(); err != nil {
		return r, err
	}
	f, err := os.Open(in.File)
	if err != nil {
		return r, fault.New(fault.NotFound, "backup.unreadable").With("path", in.File).Because(err)
	}
	defer func() { _ = f.Close() }()
	if err := prepareFolder(c.Data); err != nil {
		return r, err
	}
	l, err := takeLock(c.Data)
	if err != nil {
		return r, err
	}
	defer l.release()
	if c.Database == "" && !in.Force {
		if _, err := os.Stat(filepath.Join(c.Data, store.FileName)); !errors.Is(err, fs.ErrNotExist) {
			return r, ErrHouseThere
		}
	}
	dir, err := os.MkdirTemp(c.Data, ".restore-")
	if err != nil {
		return r, fault.New(fault.Invalid, "app.folder").With("folder", c.Data).Because(err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	u, err := backup.Unpack(f, dir, in.Passphrase)
	if err != nil {
		return r, err
	}
	r.Manifest = u.Manifest
	stamp := clock.System().Now().Format("20060102-150405")
	if c.Database != "" {
		r.Before, err = restorePostgres(ctx, c, u, in.Force, stamp)
	} else {
		err = fill(ctx, store.Options{Dir: filepath.Join(dir, "new")}, u, false)
	}
	if err != nil {
		return r, err
	}
	moved, err := place(c.Data, dir, u, c.Database == "", "before-restore-"+stamp)
	if err != nil {
		return r, err
	}
	if r.Before == "" {
		r.Before = moved
	}
	return r, nil
}

// fill migrates an empty database to the archive's schema and loads it.
func fill(ctx context.Context, o store.Options, u *backup.Unpacked, clear bool) (err error) {
	s, err := store.Open(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	schema, err := s.Schema(ctx)
	if err != nil {
		return err
	}
	if u.Schema > schema.Known {
		return backup.ErrNewer.With("program", u.Program)
	}
	if clear {
		if err := s.Clear(ctx); err != nil {
			return err
		}
	}
	if err := s.MigrateTo(ctx, u.Schema); err != nil {
		return err
	}
	return u.Load(ctx, s, search.New(s))
}

// restorePostgres fills a PostgreSQL database. What is in it already is first copied into the data folder.
func restorePostgres(ctx context.Context, c config.Config, u *backup.Unpacked, force bool, stamp string) (before string, err error) {
	s, err := store.Open(ctx, store.Options{URL: c.Database})
	if err != nil {
		return "", err
	}
	schema, err := s.Schema(ctx)
	empty := schema.Version == 0
	if err == nil && !empty {
		empty, err = team.New(s, clock.System()).Empty(ctx)
	}
	if err = errors.Join(err, s.Close()); err != nil {
		return "", err
	}
	if u.Schema > schema.Known {
		return "", backup.ErrNewer.With("program", u.Program)
	}
	if !empty && !force {
		return "", ErrHouseThere
	}
	if !empty {
		before = filepath.Join(c.Data, "before-restore-"+stamp+".ponte")
		if err := backupBefore(ctx, c, before); err != nil {
			return "", err
		}
	}
	return before, fill(ctx, store.Options{URL: c.Database}, u, true)
}

func backupBefore(ctx context.Context, c config.Config, file string) (err error) {
	s, err := store.Open(ctx, store.Options{URL: c.Database})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = backup.Write(ctx, f, backup.Options{
		Store: s, Search: search.New(s), Dir: c.Data, Program: ThisVersion().String(), At: clock.System().Now(),
	})
	return errors.Join(err, f.Sync(), f.Close())
}

// place puts the restored files into the data folder; what they replace goes into the folder before.
func place(data, dir string, u *backup.Unpacked, lite bool, before string) (moved string, err error) {
	from := map[string]string{}
	for _, name := range u.Files() {
		from[name] = filepath.Join(dir, name)
	}
	names := u.Files()
	if lite {
		from[store.FileName] = filepath.Join(dir, "new", store.FileName)
		names = append(names, store.FileName+"-wal", store.FileName+"-shm", store.FileName)
	}
	for _, name := range names {
		path := filepath.Join(data, name)
		if _, err := os.Lstat(path); err == nil {
			aside := filepath.Join(data, before)
			if err := os.MkdirAll(aside, 0o700); err != nil {
				return "", err
			}
			if err := os.Rename(path, filepath.Join(aside, name)); err != nil {
				return "", err
			}
			moved = aside
		}
		if source := from[name]; source != "" {
			if err := os.Rename(source, path); err != nil {
				return "", err
			}
		}
	}
	return moved, nil
}

// KeyApart tells that the key of a house lies in its settings and not in the data folder, so that no backup holds it.
func (a *App) KeyApart() bool {
	_, err := os.Stat(filepath.Join(a.config.Data, seal.FileName))
	return err != nil
}
