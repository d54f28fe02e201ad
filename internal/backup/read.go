package backup

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"filippo.io/age"

	"github.com/ponte-desk/ponte/internal/search"
	"github.com/ponte-desk/ponte/internal/store"
)

// Unpacked is an archive that was checked and lies in a folder.
type Unpacked struct {
	Manifest
	dir string
}

// maxManifest bounds what is read into memory from an archive, in bytes.
const maxManifest = 64 << 20

// Unpack checks an archive, its version and every checksum, and lays it out in an empty folder, which is only good
// when there is no error. Errors: ErrNotOne, ErrDamaged, ErrNewer, ErrPassphrase, ErrEncrypted.
func Unpack(r io.Reader, dir, passphrase string) (*Unpacked, error) {
	u := &Unpacked{dir: dir}
	if err := u.unpack(r, passphrase); err != nil {
		return nil, fmt.Errorf("backup.Unpack: %w", store.Fault(err))
	}
	return u, nil
}

func (u *Unpacked) unpack(r io.Reader, passphrase string) error {
	in := bufio.NewReaderSize(r, 256<<10)
	head, _ := in.Peek(21) // shorter is no archive either
	var plain io.Reader = in
	if bytes.HasPrefix(head, []byte("age-encryption.org/v1")) {
		if passphrase == "" {
			return ErrEncrypted
		}
		id, err := age.NewScryptIdentity(passphrase)
		if err != nil {
			return ErrPassphrase.Because(err)
		}
		id.SetMaxWorkFactor(22)
		if plain, err = age.Decrypt(in, id); err != nil {
			var wrong *age.NoIdentityMatchError
			if errors.As(err, &wrong) {
				return ErrPassphrase.Because(err)
			}
			return ErrDamaged.Because(err)
		}
	}
	zip, err := gzip.NewReader(plain)
	if err != nil {
		return ErrNotOne.Because(err)
	}
	files := tar.NewReader(zip)
	sums := map[string]string{}
	var promised map[string]string
	for {
		h, err := files.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return ErrDamaged.Because(err)
		}
		if u.Format == 0 && h.Name != manifestName {
			return ErrNotOne
		}
		switch h.Name {
		case manifestName:
			b, err := u.take(files, h.Name, sums)
			if err != nil {
				return err
			}
			if json.Unmarshal(b, &u.Manifest) != nil || u.Format <= 0 {
				return ErrNotOne
			}
			if u.Format > Format {
				return ErrNewer.With("program", u.Program)
			}
		case sumsName:
			b, err := io.ReadAll(io.LimitReader(files, maxManifest))
			if err != nil || json.Unmarshal(b, &promised) != nil {
				return ErrDamaged.Because(err)
			}
		default:
			if err := u.keep(files, h, sums); err != nil {
				return err
			}
		}
	}
	// What the packing itself checks stands behind the last entry.
	if _, err := io.Copy(io.Discard, zip); err != nil {
		return ErrDamaged.Because(err)
	}
	if promised == nil || len(promised) != len(sums) {
		return ErrDamaged.Because(errors.New("the archive is cut off"))
	}
	for name, sum := range promised {
		if sums[name] != sum {
			return ErrDamaged.Because(fmt.Errorf("%s differs", name))
		}
	}
	return nil
}

func (u *Unpacked) take(r io.Reader, name string, sums map[string]string) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxManifest))
	if err != nil {
		return nil, ErrDamaged.Because(err)
	}
	sum := sha256.Sum256(b)
	sums[name] = hex.EncodeToString(sum[:])
	return b, nil
}

func (u *Unpacked) keep(r io.Reader, h *tar.Header, sums map[string]string) (err error) {
	if h.Typeflag != tar.TypeReg || !filepath.IsLocal(h.Name) {
		return ErrDamaged.Because(fmt.Errorf("a strange entry %q", h.Name))
	}
	path := filepath.Join(u.dir, filepath.FromSlash(h.Name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	hash := sha256.New()
	broken := &reading{Reader: r}
	if _, err := io.Copy(io.MultiWriter(f, hash), broken); err != nil {
		if broken.err != nil {
			return ErrDamaged.Because(err)
		}
		return err
	}
	sums[h.Name] = hex.EncodeToString(hash.Sum(nil))
	return nil
}

// reading tells a broken archive from a disk that is full.
type reading struct {
	io.Reader
	err error
}

// Read implements io.Reader.
func (r *reading) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		r.err = err
	}
	return n, err
}

// batch bounds the values of one INSERT.
const batch = 4000

// Load fills an empty database, migrated to the archive's schema, in one transaction.
func (u *Unpacked) Load(ctx context.Context, s *store.Store, x *search.Search) error {
	there, err := s.Tables(ctx)
	if err != nil {
		return fmt.Errorf("backup.Load: %w", err)
	}
	from := map[string]store.Table{}
	for _, t := range u.Tables {
		from[t.Name] = t
	}
	err = s.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := s.Defer(ctx, tx); err != nil {
			return err
		}
		for _, t := range there {
			source, ok := from[t.Name]
			if !ok {
				return ErrDamaged.Because(fmt.Errorf("no table %s in it", t.Name))
			}
			if err := u.table(ctx, s, tx, source, t); err != nil {
				return err
			}
		}
		return u.index(ctx, tx, x)
	})
	if err != nil {
		return fmt.Errorf("backup.Load: %w", err)
	}
	return nil
}

func (u *Unpacked) lines(name string, f func(*json.Decoder) error) error {
	file, err := os.Open(filepath.Join(u.dir, filepath.FromSlash(name)))
	if err != nil {
		return ErrDamaged.Because(err)
	}
	defer func() { _ = file.Close() }()
	d := json.NewDecoder(bufio.NewReaderSize(file, 256<<10))
	d.UseNumber()
	for {
		if err := f(d); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// table copies rows. The target's columns decide the kinds; both name the same ones, in whatever order.
func (u *Unpacked) table(ctx context.Context, s *store.Store, tx *store.Tx, source, target store.Table) error {
	as := store.Table{Name: target.Name}
	for _, c := range source.Columns {
		found := false
		for _, t := range target.Columns {
			if t.Name == c.Name {
				as.Columns, found = append(as.Columns, t), true
			}
		}
		if !found {
			return ErrDamaged.Because(fmt.Errorf("column %s.%s is not known", source.Name, c.Name))
		}
	}
	var rows [][]any
	flush := func() error {
		err := s.Insert(ctx, tx, as, rows)
		rows = rows[:0]
		return err
	}
	err := u.lines(tableFolder+source.Name+".jsonl", func(d *json.Decoder) error {
		var raw []any
		if err := d.Decode(&raw); err != nil {
			return err
		}
		if len(raw) != len(as.Columns) {
			return ErrDamaged.Because(fmt.Errorf("a row of %s is too short", source.Name))
		}
		for i, c := range as.Columns {
			v, err := value(c.Kind, raw[i])
			if err != nil {
				return ErrDamaged.Because(fmt.Errorf("%s.%s: %w", source.Name, c.Name, err))
			}
			raw[i] = v
		}
		if rows = append(rows, raw); len(rows)*len(as.Columns) >= batch {
			return flush()
		}
		return nil
	})
	if err != nil {
		return err
	}
	return flush()
}

// value reads what JSON holds as a column wants it.
func value(k store.ColumnKind, v any) (any, error) {
	n, isNumber := v.(json.Number)
	text, isText := v.(string)
	switch {
	case v == nil:
		return nil, nil
	case k == store.BoolColumn:
		if b, ok := v.(bool); ok {
			return b, nil
		}
		return nil, fmt.Errorf("%T is no bool", v)
	case k == store.IntColumn && isNumber:
		return n.Int64()
	case k == store.FloatColumn && isNumber:
		return n.Float64()
	case k == store.TimeColumn && isText:
		t, err := time.Parse(time.RFC3339Nano, text)
		return t.UTC(), err
	case k == store.BytesColumn && isText:
		return base64.StdEncoding.DecodeString(text)
	case k == store.TextColumn && isText:
		return text, nil
	}
	return nil, fmt.Errorf("%T is no %s", v, k)
}

func (u *Unpacked) index(ctx context.Context, tx *store.Tx, x *search.Search) error {
	var docs []search.Doc
	err := u.lines(searchName, func(d *json.Decoder) error {
		var doc search.Doc
		if err := d.Decode(&doc); err != nil {
			return err
		}
		if docs = append(docs, doc); len(docs) < 1000 {
			return nil
		}
		err := x.Index(ctx, tx, docs)
		docs = docs[:0]
		return err
	})
	if err != nil || len(docs) == 0 {
		return err
	}
	return x.Index(ctx, tx, docs)
}

// Files lists what belongs into the data folder beside the database, as it lies in the unpacked folder: "ponte.key" and
// the folder "media", where they are there.
func (u *Unpacked) Files() []string {
	var names []string
	for _, name := range []string{"ponte.key", strings.TrimSuffix(mediaFolder, "/")} {
		if _, err := os.Stat(filepath.Join(u.dir, name)); err == nil {
			names = append(names, name)
		}
	}
	return names
}

// Counted is what a database holds of an archive.
type Counted struct{ Tables, Rows int }

// Check compares a database that was loaded with the archive: each table must hold as many rows as there are in it. Error: ErrDamaged.
func (u *Unpacked) Check(ctx context.Context, s *store.Store) (c Counted, err error) {
	err = s.Snapshot(ctx, func(ctx context.Context) error {
		tables, err := s.Tables(ctx)
		if err != nil {
			return err
		}
		for _, t := range tables {
			want, got := 0, 0
			err := u.lines(tableFolder+t.Name+".jsonl", func(d *json.Decoder) error {
				var raw json.RawMessage
				if err := d.Decode(&raw); err != nil {
					return err
				}
				want++
				return nil
			})
			if err != nil {
				return err
			}
			if err := s.Rows(ctx, t, func([]any) error { got++; return nil }); err != nil {
				return err
			}
			if got != want {
				return ErrDamaged.Because(fmt.Errorf("%s has %d rows of %d", t.Name, got, want))
			}
			c.Tables++
			c.Rows += got
		}
		return nil
	})
	if err != nil {
		return Counted{}, fmt.Errorf("backup.Check: %w", err)
	}
	return c, nil
}
