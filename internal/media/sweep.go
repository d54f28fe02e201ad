package media

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Swept says what Sweep removed.
type Swept struct {
	Rows  int   // of deleted files
	Files int   // on disk, smaller images included
	Bytes int64 // of them
}

// Sweep frees the room of files that were deleted longer than grace ago, and of those that never got a row because
// Ponte was stopped in between, and of images in other forms that nobody has wanted for a month. Younger ones are left alone: an upload may be under way. With several nodes on one
// folder, one of them sweeps, and grace is far longer than an upload takes: a day.
func (m *Media) Sweep(ctx context.Context, grace time.Duration) (Swept, error) {
	var done Swept
	before := m.options.Clock.Now().Add(-grace)
	rows, err := m.dropDeleted(ctx, before)
	if err != nil {
		return done, fmt.Errorf("media.Sweep: %w", err)
	}
	done.Rows = rows
	err = filepath.WalkDir(m.root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
		size, err := m.sweepFile(ctx, path, before)
		if size >= 0 {
			done.Files++
			done.Bytes += size
		}
		return err
	})
	if err != nil {
		return done, fmt.Errorf("media.Sweep: %w", m.diskFault(err))
	}
	return done, nil
}

// sweepFile removes a file that nobody keeps and gives its size, -1 when it stays.
func (m *Media) sweepFile(ctx context.Context, path string, before time.Time) (int64, error) {
	m.files.Lock()
	defer m.files.Unlock()
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return -1, nil
	}
	if err != nil {
		return -1, err
	}
	if !info.ModTime().Before(before) {
		return -1, nil
	}
	if filepath.Dir(path) != m.tmp() {
		sum, made, _ := strings.Cut(filepath.Base(path), ".")
		kept, err := m.kept(ctx, sum)
		stale := strings.HasPrefix(made, formMark) && info.ModTime().Before(before.Add(-formsKept))
		if err != nil || kept && !stale {
			return -1, err
		}
	}
	if err := os.Remove(path); err != nil {
		return -1, err
	}
	return info.Size(), nil
}
