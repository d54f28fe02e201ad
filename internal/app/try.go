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
	"github.com/ponte-desk/ponte/internal/report"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// triedName is the file in the data folder that remembers which copy was last tried by restoring it.
const triedName = "tried.json"

// Tried says how it went when a copy was restored into a place that was thrown away afterwards.
type Tried struct {
	At        time.Time     `json:"at"`
	File      string        `json:"file"`
	Copy      time.Time     `json:"copy_at"` // of when the copy is; zero when it could not even be opened
	Took      time.Duration `json:"took"`
	Tables    int           `json:"tables"`
	Rows      int           `json:"rows"`
	Companies int           `json:"companies"`
	Members   int           `json:"members"`
	Secrets   int           `json:"secrets"`           // that the key opened
	Trouble   string        `json:"trouble,omitempty"` // key of the catalog; "" it came back whole
}

// TryRestore restores a copy into a folder of its own, opens the house that comes of it, looks whether everything is there, and throws it
// away again. Nothing of the house in the settings is touched, and it may go on working meanwhile. How it went is remembered in its data
// folder. A copy taken from PostgreSQL is tried on SQLite: what is in it is the same.
func TryRestore(ctx context.Context, c config.Config, in CopyIn) (t Tried, err error) {
	if err := c.Check(); err != nil {
		return t, fmt.Errorf("app.TryRestore: %w", err)
	}
	began := clock.System().Now()
	t = Tried{At: began, File: in.File}
	err = t.try(ctx, c, in)
	t.Took = clock.System().Now().Sub(began)
	switch f := fault.Of(err); {
	case ctx.Err() != nil: // it says nothing about the copy
		return t, fmt.Errorf("app.TryRestore: %w", err)
	case errors.Is(err, backup.ErrEncrypted), errors.Is(err, backup.ErrPassphrase), f != nil && f.Key == "backup.unreadable":
		return t, fmt.Errorf("app.TryRestore: %w", err) // neither does this
	case err != nil && f != nil:
		t.Trouble = f.Key
	case err != nil:
		t.Trouble = "fault.internal"
	}
	b, e := json.Marshal(t)
	if e == nil {
		e = os.WriteFile(filepath.Join(c.Data, triedName), b, 0o600)
	}
	if err = errors.Join(err, e); err != nil {
		return t, fmt.Errorf("app.TryRestore: %w", err)
	}
	return t, nil
}

func (t *Tried) try(ctx context.Context, c config.Config, in CopyIn) (err error) {
	f, err := os.Open(in.File)
	if err != nil {
		return fault.New(fault.NotFound, "backup.unreadable").With("path", in.File).Because(err)
	}
	defer func() { _ = f.Close() }()
	dir, err := os.MkdirTemp(c.Data, ".restore-")
	if err != nil {
		return fault.New(fault.Invalid, "app.folder").With("folder", c.Data).Because(err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	u, err := backup.Unpack(f, filepath.Join(dir, "copy"), in.Passphrase)
	if err != nil {
		return err
	}
	t.Copy = u.At
	house := filepath.Join(dir, "house")
	if err := fill(ctx, store.Options{Dir: house, Careless: true}, u, false); err != nil {
		return err
	}
	if err := t.rows(ctx, house, u); err != nil {
		return err
	}
	for _, name := range u.Files() {
		if err := os.Rename(filepath.Join(dir, "copy", name), filepath.Join(house, name)); err != nil {
			return err
		}
	}
	c.Data, c.Database = house, ""
	return t.open(ctx, c)
}

// rows compares what stands in the restored database with what is in the copy.
func (t *Tried) rows(ctx context.Context, house string, u *backup.Unpacked) (err error) {
	s, err := store.Open(ctx, store.Options{Dir: house, Careless: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.Check(ctx); err != nil {
		return err
	}
	n, err := u.Check(ctx, s)
	t.Tables, t.Rows = n.Tables, n.Rows
	return err
}

// open opens the restored house as this program would, and counts whom it knows and which secrets its key opens.
func (t *Tried) open(ctx context.Context, c config.Config) (err error) {
	a, err := New(ctx, c, Deps{Errand: true, Careless: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Stop(context.WithoutCancel(ctx))) }()
	companies, err := a.Team.Companies(ctx)
	if err != nil {
		return err
	}
	t.Companies = len(companies)
	for _, x := range companies {
		ms, err := a.Team.Members(ctx, team.Command(x.ID), team.MemberFilter{})
		if err != nil {
			return err
		}
		t.Members += len(ms)
	}
	t.Secrets, err = a.Networks.CheckSecrets(ctx)
	return err
}

// lastTried reads how the last trial went; fs.ErrNotExist: none was ever made.
func lastTried(dir string) (Tried, error) {
	var t Tried
	b, err := os.ReadFile(filepath.Join(dir, triedName))
	if err == nil {
		err = json.Unmarshal(b, &t)
	}
	return t, err
}

// Copies tells when the house was last copied and when a copy was last tried, as its data folder remembers; both zero: never.
func (a *App) Copies() (LastBackup, Tried, error) {
	last, err := lastBackup(a.config.Data)
	if errors.Is(err, fs.ErrNotExist) {
		last, err = LastBackup{}, nil
	}
	tried, e := lastTried(a.config.Data)
	if errors.Is(e, fs.ErrNotExist) {
		tried, e = Tried{}, nil
	}
	if err := errors.Join(err, e); err != nil {
		return last, tried, fmt.Errorf("app.Copies: %w", err)
	}
	return last, tried, nil
}

// house tells the room of results what is known of the machine.
func (a *App) house() (report.House, error) {
	last, tried, err := a.Copies()
	v := ThisVersion()
	return report.House{
		Copied: last.At, Tried: tried.At, TriedCopy: tried.Copy, Rows: tried.Rows, TriedWell: !tried.At.IsZero() && tried.Trouble == "", Version: v.String(), Built: v.Built,
	}, err
}
