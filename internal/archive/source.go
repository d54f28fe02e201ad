package archive

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/ponte-desk/ponte/internal/fault"
)

// source is everything that was given: folders, zip files, packed tar files and single files, as one run of entries.
type source struct {
	paths  []string
	limits Limits
}

// file is one entry that is being read.
type file struct {
	place string // as people find it: the file that was given, and the entry in it
	name  string // the entry alone, with slashes; of a single file its own name
	r     io.Reader
}

// openSource looks at what was given.
func openSource(paths []string, l Limits) (*source, error) {
	s := &source{paths: paths, limits: l}
	for _, p := range paths {
		i, err := os.Stat(p)
		if err != nil || !i.IsDir() && !i.Mode().IsRegular() {
			return nil, ErrMissing.With("file", p).Because(err)
		}
	}
	return s, nil
}

// visit is one pass over a source.
type visit struct {
	ctx   context.Context
	m     *meter
	files int
	// want says whether an entry is read, whole whether to its end: then what is damaged is found.
	want  func(name string) bool
	whole bool
	read  func(f file) error
}

// each goes over the entries.
func (s *source) each(ctx context.Context, want func(string) bool, whole bool, read func(f file) error) error {
	v := &visit{ctx: ctx, m: &meter{ctx: ctx, limits: s.limits}, want: want, whole: whole, read: read}
	for _, p := range s.paths {
		if err := v.path(p); err != nil {
			return err
		}
	}
	return nil
}

func (v *visit) path(p string) error {
	i, err := os.Stat(p)
	if err != nil {
		return ErrMissing.With("file", p).Because(err)
	}
	if i.IsDir() {
		return v.folder(p)
	}
	f, err := os.Open(p)
	if err != nil {
		return ErrMissing.With("file", p).Because(err)
	}
	defer func() { _ = f.Close() }()
	v.m.packed += i.Size()
	head := make([]byte, 4)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return ErrMissing.With("file", p).Because(err)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return ErrMissing.With("file", p).Because(err)
	}
	switch head = head[:n]; {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return v.zip(p, f, i.Size())
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return v.gzip(p, f, i.Size())
	default:
		return v.entry(p, filepath.Base(p), f, 0)
	}
}

// folder reads a folder without following links out of it.
func (v *visit) folder(dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return ErrMissing.With("file", dir).Because(err)
	}
	defer func() { _ = root.Close() }()
	return fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		place := filepath.Join(dir, filepath.FromSlash(name))
		switch {
		case err != nil:
			return ErrMissing.With("file", place).Because(err)
		case d.IsDir():
			return nil
		case !d.Type().IsRegular():
			return v.offer(place, name+linkMark, nil, 0)
		}
		if err := v.count(name, place); err != nil {
			return err
		}
		if !v.want(name) {
			return nil
		}
		f, err := root.Open(name)
		if err != nil {
			return ErrMissing.With("file", place).Because(err)
		}
		defer func() { _ = f.Close() }()
		return v.offer(place, name, f, 0)
	})
}

// linkMark stands behind the name of an entry that is neither a file nor a folder: it is never read.
const linkMark = " ->"

func (v *visit) zip(p string, f io.ReaderAt, size int64) error {
	z, err := zip.NewReader(f, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return ErrDamaged.With("file", p).Because(err)
	}
	for _, e := range z.File {
		place := p + ": " + shown(e.Name)
		name := strings.TrimPrefix(e.Name, "./")
		if err := v.count(name, place); err != nil {
			return err
		}
		switch mode := e.Mode(); {
		case mode.IsDir():
			continue
		case !mode.IsRegular():
			name += linkMark
		}
		if !v.want(name) {
			continue
		}
		if e.Flags&1 != 0 {
			return ErrLocked.With("file", p)
		}
		r, err := e.Open()
		if err != nil {
			return ErrDamaged.With("file", place).Because(err)
		}
		err = v.offer(place, name, r, int64(min(e.CompressedSize64, 1<<60)))
		_ = r.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// gzip reads a packed tar file, or one packed file.
func (v *visit) gzip(p string, f io.Reader, size int64) error {
	z, err := gzip.NewReader(bufio.NewReader(f))
	if err != nil {
		return ErrDamaged.With("file", p).Because(err)
	}
	g := &guard{r: z, m: &meter{ctx: v.ctx, limits: v.m.limits, packed: size}, place: p}
	b := bufio.NewReaderSize(g, 64<<10)
	head, err := b.Peek(512)
	if err != nil && !errors.Is(err, io.EOF) {
		return spoiled(p, err)
	}
	if len(head) < 512 || string(head[257:262]) != "ustar" {
		return v.entry(p, strings.TrimSuffix(strings.TrimSuffix(filepath.Base(p), ".gz"), ".tgz"), b, 0)
	}
	t := tar.NewReader(b)
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			if _, err := io.Copy(io.Discard, b); err != nil {
				return spoiled(p, err)
			}
			return nil
		}
		if err != nil && !errors.Is(err, tar.ErrInsecurePath) {
			return spoiled(p, err)
		}
		place := p + ": " + shown(h.Name)
		name := strings.TrimPrefix(h.Name, "./")
		if name == "" || h.Typeflag == tar.TypeXGlobalHeader {
			continue
		}
		if err := v.count(name, place); err != nil {
			return err
		}
		switch h.Typeflag {
		case tar.TypeDir:
			continue
		case tar.TypeReg:
		default:
			name += linkMark
		}
		if err := v.offer(place, name, t, 0); err != nil {
			return err
		}
	}
}

// entry reads a single file.
func (v *visit) entry(place, name string, r io.Reader, packed int64) error {
	if err := v.count(name, place); err != nil {
		return err
	}
	return v.offer(place, name, r, packed)
}

// count looks at the name of an entry before anything else happens to it.
func (v *visit) count(name, place string) error {
	if err := v.ctx.Err(); err != nil {
		return err
	}
	if v.files++; v.files > v.m.limits.Files {
		return ErrMany.With("most", v.m.limits.Files)
	}
	name = strings.TrimSuffix(name, "/")
	drive := len(name) > 1 && name[1] == ':' && (name[0]|0x20 >= 'a' && name[0]|0x20 <= 'z')
	if !fs.ValidPath(name) || len(name) > 2000 || drive || strings.ContainsAny(name, "\\\x00") {
		return ErrPath.With("file", place)
	}
	return nil
}

// offer hands an entry on if it is wanted.
func (v *visit) offer(place, name string, r io.Reader, packed int64) error {
	if !v.want(name) {
		return nil
	}
	if strings.HasSuffix(name, linkMark) {
		r, packed = strings.NewReader(""), 0
	}
	g := &guard{r: r, m: v.m, place: place, packed: packed}
	if err := v.read(file{place: place, name: name, r: g}); err != nil {
		if g.err != nil {
			return g.err
		}
		return spoiled(place, err)
	}
	if !v.whole {
		return nil
	}
	if _, err := io.Copy(io.Discard, g); err != nil {
		return spoiled(place, err)
	}
	return nil
}

// spoiled makes a fault of an error of unpacking or reading; faults stay what they are.
func spoiled(place string, err error) error {
	if _, ours := errors.AsType[*fault.Error](err); ours || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return ErrDamaged.With("file", place).Because(fmt.Errorf("archive: %w", err))
}

// shown is the name of an entry without what would disturb a terminal.
func shown(name string) string {
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\uFFFD' {
			return '?'
		}
		return r
	}, strings.ToValidUTF8(name, "?"))
	if len(name) > 200 {
		name = strings.ToValidUTF8(name[:200], "") + "…"
	}
	return name
}

// base is the last part of an entry's name, in small letters.
func base(name string) string { return strings.ToLower(path.Base(name)) }
