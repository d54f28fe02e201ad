package backup

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"filippo.io/age"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/seal"
	"github.com/ponte-desk/ponte/internal/search"
	"github.com/ponte-desk/ponte/internal/store"
)

// Format is the version of the archive. A newer one is refused.
const Format = 1

// The names inside an archive. Manifest comes first, sums last.
const (
	manifestName = "manifest.json"
	sumsName     = "checksums.json"
	searchName   = "search.jsonl"
	tableFolder  = "table/"
	mediaFolder  = "media/"
)

// Manifest says what an archive holds.
type Manifest struct {
	Format  int           `json:"format"`
	Program string        `json:"program"` // version of Ponte
	Dialect store.Dialect `json:"dialect"` // of the database it was taken from; it can be brought back into either
	Schema  int64         `json:"schema"`
	At      time.Time     `json:"at"`
	Key     bool          `json:"key"` // the key file is in it
	Tables  []store.Table `json:"tables"`
}

// Options say what is copied, and how.
type Options struct {
	Store      *store.Store
	Search     *search.Search
	Dir        string // the data folder
	Program    string
	At         time.Time
	Passphrase string // "": not encrypted
}

// Write copies the house into w while it goes on working: the database as it is at one moment, the files, the key.
func Write(ctx context.Context, w io.Writer, o Options) (m Manifest, err error) {
	spool, err := os.MkdirTemp("", "ponte-backup-") // 0700
	if err != nil {
		return Manifest{}, fmt.Errorf("backup.Write: %w", store.Fault(err))
	}
	defer func() { err = errors.Join(err, os.RemoveAll(spool)) }()
	out := bufio.NewWriterSize(w, 256<<10)
	var sealed io.WriteCloser
	var below io.Writer = out
	if o.Passphrase != "" {
		r, err := age.NewScryptRecipient(o.Passphrase)
		if err != nil {
			return Manifest{}, fmt.Errorf("backup.Write: %w", err)
		}
		if sealed, err = age.Encrypt(out, r); err != nil {
			return Manifest{}, fmt.Errorf("backup.Write: %w", err)
		}
		below = sealed
	}
	zip := gzip.NewWriter(below)
	a := &archive{tar: tar.NewWriter(zip), at: o.At, sums: map[string]string{}}
	if m, err = a.house(ctx, spool, o); err != nil {
		return Manifest{}, fmt.Errorf("backup.Write: %w", store.Fault(err))
	}
	err = errors.Join(a.json(sumsName, a.sums), a.tar.Close(), zip.Close())
	if sealed != nil {
		err = errors.Join(err, sealed.Close())
	}
	if err = errors.Join(err, out.Flush()); err != nil {
		return Manifest{}, fmt.Errorf("backup.Write: %w", store.Fault(err))
	}
	return m, nil
}

type archive struct {
	tar  *tar.Writer
	at   time.Time
	sums map[string]string // name -> SHA-256 in hex
}

func (a *archive) house(ctx context.Context, spool string, o Options) (Manifest, error) {
	schema, err := o.Store.Schema(ctx)
	if err != nil {
		return Manifest{}, err
	}
	m := Manifest{Format: Format, Program: o.Program, Dialect: o.Store.Dialect(), Schema: schema.Version, At: o.At}
	keyPath := filepath.Join(o.Dir, seal.FileName)
	if _, err := os.Stat(keyPath); err == nil {
		m.Key = true
	}
	err = o.Store.Snapshot(ctx, func(ctx context.Context) error {
		if m.Tables, err = o.Store.Tables(ctx); err != nil {
			return err
		}
		if err := a.json(manifestName, m); err != nil {
			return err
		}
		for _, t := range m.Tables {
			err := a.spooled(spool, tableFolder+t.Name+".jsonl", func(e *json.Encoder) error {
				return o.Store.Rows(ctx, t, func(row []any) error { return e.Encode(row) })
			})
			if err != nil {
				return err
			}
		}
		return a.spooled(spool, searchName, func(e *json.Encoder) error {
			return o.Search.Each(ctx, func(d search.Doc) error { return e.Encode(d) })
		})
	})
	if err != nil {
		return Manifest{}, err
	}
	if m.Key {
		if err := a.file(seal.FileName, keyPath); err != nil {
			return Manifest{}, err
		}
	}
	return m, a.media(filepath.Join(o.Dir, "media"))
}

// media copies the files. They are named by their content and never change; one that was swept away meanwhile belongs
// to nothing any more.
func (a *archive) media(root string) error {
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		if d.IsDir() && d.Name() == "tmp" && filepath.Dir(path) == root {
			return filepath.SkipDir
		}
		if !d.Type().IsRegular() {
			return nil
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if err := a.file(mediaFolder+filepath.ToSlash(rel), path); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	})
}

// spooled writes an entry whose size is known only at its end.
func (a *archive) spooled(dir, name string, f func(*json.Encoder) error) error {
	tmp, err := os.CreateTemp(dir, "entry-*")
	if err != nil {
		return err
	}
	b := bufio.NewWriterSize(tmp, 256<<10)
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if err := errors.Join(f(e), b.Flush(), tmp.Close()); err != nil {
		return err
	}
	if err := a.file(name, tmp.Name()); err != nil {
		return err
	}
	return os.Remove(tmp.Name())
}

func (a *archive) file(name, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	return a.entry(name, info.Size(), f)
}

func (a *archive) json(name string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return a.entry(name, int64(len(b)), strings.NewReader(string(b)))
}

func (a *archive) entry(name string, size int64, r io.Reader) error {
	if err := a.tar.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: size, ModTime: a.at, Typeflag: tar.TypeReg}); err != nil {
		return err
	}
	h := sha256.New()
	if _, err := io.Copy(io.MultiWriter(a.tar, h), io.LimitReader(r, size)); err != nil {
		return err
	}
	a.sums[name] = hex.EncodeToString(h.Sum(nil))
	return nil
}

// The faults of archives.
var (
	ErrNotOne     = fault.New(fault.Invalid, "backup.not_one")          // no archive of Ponte
	ErrDamaged    = fault.New(fault.Invalid, "backup.damaged")          // cut off or changed
	ErrNewer      = fault.New(fault.Invalid, "backup.newer")            // made by a newer Ponte
	ErrPassphrase = fault.New(fault.Denied, "backup.passphrase.wrong")  // does not open it
	ErrEncrypted  = fault.New(fault.Denied, "backup.passphrase.needed") // encrypted, and no passphrase given
)
