package store

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/ponte-desk/ponte/internal/fault"
)

//go:embed migration
var migrations embed.FS

// Schema tells where a database stands: its version, and the newest version this program knows.
type Schema struct{ Version, Known int64 }

// Migrate brings the schema to the newest version this program knows. A database that a newer Ponte has written
// is refused. Several nodes may call it at once on PostgreSQL: one works, the others wait.
func (s *Store) Migrate(ctx context.Context) error {
	return s.migrate(ctx, func(p *goose.Provider) error {
		_, err := p.Up(ctx)
		return err
	})
}

// MigrateTo brings the schema up to one version, for tests of the way there.
func (s *Store) MigrateTo(ctx context.Context, version int64) error {
	return s.migrate(ctx, func(p *goose.Provider) error {
		_, err := p.UpTo(ctx, version)
		return err
	})
}

func (s *Store) migrate(ctx context.Context, up func(*goose.Provider) error) error {
	p, err := s.provider()
	if err != nil {
		return err
	}
	at, err := p.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("store.Migrate: %w", Fault(err))
	}
	if known := newest(p); at > known {
		return fmt.Errorf("store.Migrate: %w", fault.New(fault.Invalid, "store.newer").With("version", at).With("known", known))
	}
	if err := up(p); err != nil {
		var partial *goose.PartialError
		if errors.As(err, &partial) {
			err = fmt.Errorf("version %d: %w", partial.Failed.Source.Version, partial.Err)
		}
		return fmt.Errorf("store.Migrate: %w", Fault(err))
	}
	return nil
}

// Schema reads where the database stands.
func (s *Store) Schema(ctx context.Context) (Schema, error) {
	p, err := s.provider()
	if err != nil {
		return Schema{}, err
	}
	at, err := p.GetDBVersion(ctx)
	if err != nil {
		return Schema{}, fmt.Errorf("store.Schema: %w", Fault(err))
	}
	return Schema{Version: at, Known: newest(p)}, nil
}

func newest(p *goose.Provider) int64 {
	list := p.ListSources()
	if len(list) == 0 {
		return 0
	}
	return list[len(list)-1].Version
}

func (s *Store) provider() (*goose.Provider, error) {
	dir, err := fs.Sub(migrations, "migration/"+string(s.dialect))
	if err != nil {
		return nil, fmt.Errorf("store.Migrate: %w", err)
	}
	var p *goose.Provider
	if s.dialect == Postgres {
		l, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return nil, fmt.Errorf("store.Migrate: %w", err)
		}
		p, err = goose.NewProvider(goose.DialectPostgres, s.write.DB, dir, goose.WithSessionLocker(l))
		if err != nil {
			return nil, fmt.Errorf("store.Migrate: %w", err)
		}
		return p, nil
	}
	p, err = goose.NewProvider(goose.DialectSQLite3, s.write.DB, dir)
	if err != nil {
		return nil, fmt.Errorf("store.Migrate: %w", err)
	}
	return p, nil
}
