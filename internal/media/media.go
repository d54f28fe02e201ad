package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/id"
	"github.com/ponte-desk/ponte/internal/store"
)

// ID names a file.
type ID string

const idKind id.Kind = "med"

// ParseID reads an ID from outside.
func ParseID(s string) (ID, error) {
	s, err := idKind.Parse(s)
	return ID(s), err
}

// MaxAlt is how many characters a description may have; networks allow less (see their limits).
const MaxAlt = 5000

// The limits where Options say nothing.
const (
	DefaultMaxBytes  = 20 << 20
	DefaultMaxPixels = 50_000_000
)

// Errors to compare with errors.Is.
var (
	ErrGone    = fault.New(fault.NotFound, "media.gone")   // no such file, or deleted, or another company's
	ErrLost    = fault.New(fault.Internal, "media.lost")   // the row is there, the file on disk is not
	ErrEmpty   = fault.New(fault.Invalid, "media.empty")   // nothing in it
	ErrTooBig  = fault.New(fault.Invalid, "media.too_big") // more bytes than allowed
	ErrPixels  = fault.New(fault.Invalid, "media.pixels")  // more pixels than allowed
	ErrKind    = fault.New(fault.Invalid, "media.kind")    // a kind of file that is not taken
	ErrDamaged = fault.New(fault.Invalid, "media.damaged") // says it is an image, but cannot be read as one
	ErrBroken  = fault.New(fault.Invalid, "media.broken")  // the upload broke off
	ErrAlt     = fault.New(fault.Invalid, "media.alt")     // the description is too long
	ErrFull    = fault.New(fault.Internal, "media.full")   // no room on the disk
	ErrFolder  = fault.New(fault.Internal, "media.folder") // the folder cannot be written
)

// Options say where files are kept and how large they may be.
type Options struct {
	Dir       string   // the data folder; files lie in its folder "media"
	MaxBytes  int64    // of one file; 0: 20 MiB
	MaxPixels int64    // width times height of one image, an animation may have twice as many; 0: 50 million
	Allow     []string // kinds kept as they came, besides images: "video/mp4", "application/pdf"; metadata stay in them
	Clock     clock.Clock
}

// Media keeps files. It is safe for use by several goroutines.
type Media struct {
	store   *store.Store
	options Options
	root    string
	decode  chan struct{} // one image at a time is unpacked: a large one takes hundreds of megabytes
	files   sync.RWMutex  // held for writing while Sweep removes files, for reading from placing one to storing its row
}

// File is one file that a company keeps.
type File struct {
	ID        ID
	Company   string
	SHA256    string // of what is kept, in hex
	MIME      string // of what is kept
	Bytes     int64
	Width     int // pixels; 0 for what is no image
	Height    int
	Name      string // as a person would save it, with the ending of MIME
	Alt       string // what it shows, for who cannot see it
	CreatedBy string // the member's id; "" for Ponte itself
	CreatedAt time.Time
}

// Image tells whether the file is an image.
func (f File) Image() bool { return strings.HasPrefix(f.MIME, "image/") }

// Incoming is a file on its way in.
type Incoming struct {
	Company string
	Member  string // who brings it; "" for Ponte itself
	Name    string // as it was called; "" when it had no name
	Alt     string
	Body    io.Reader
	// MaxBytes is a limit smaller than that of Options; 0: none.
	MaxBytes int64
	// Allow are kinds that are kept as they came for this file alone, besides those of Options.
	Allow []string
}

// New makes the folder and the room.
func New(s *store.Store, o Options) (*Media, error) {
	if o.MaxBytes <= 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	if o.MaxPixels <= 0 {
		o.MaxPixels = DefaultMaxPixels
	}
	if o.Clock == nil {
		o.Clock = clock.System()
	}
	m := &Media{store: s, options: o, root: filepath.Join(o.Dir, "media"), decode: make(chan struct{}, 1)}
	if err := os.MkdirAll(m.tmp(), 0o700); err != nil {
		return nil, fmt.Errorf("media.New: %w", m.diskFault(err))
	}
	return m, nil
}

// Add takes a file in. What it is is found from its content, never from its name. Images are decoded and written
// anew, turned upright, so that nothing else comes along: no place and camera (EXIF), no text, no second file behind
// the first. JPEG stays JPEG, PNG stays PNG, WebP becomes one of both, an animated GIF stays GIF and a still one
// becomes PNG; colours are taken for sRGB. Errors: ErrEmpty, ErrTooBig, ErrPixels, ErrKind, ErrDamaged, ErrBroken,
// ErrAlt, ErrFull, ErrFolder.
func (m *Media) Add(ctx context.Context, in Incoming) (File, error) {
	f, err := m.add(ctx, in)
	if err != nil {
		return File{}, fmt.Errorf("media.Add: %w", err)
	}
	return f, nil
}

func (m *Media) add(ctx context.Context, in Incoming) (File, error) {
	alt, err := cleanAlt(in.Alt)
	if err != nil {
		return File{}, err
	}
	limit := m.options.MaxBytes
	if in.MaxBytes > 0 {
		limit = min(limit, in.MaxBytes)
	}
	raw, err := m.receive(in.Body, limit)
	if err != nil {
		return File{}, err
	}
	defer raw.discard()
	kind, err := sniff(raw.path)
	if err != nil {
		return File{}, m.diskFault(err)
	}
	kept := raw
	var width, height int
	switch {
	case isImage(kind):
		var done *temp
		if done, kind, width, height, err = m.rewrite(ctx, raw.path, kind); err != nil {
			return File{}, err
		}
		defer done.discard()
		kept = done
	case slices.Contains(m.options.Allow, kind), slices.Contains(in.Allow, kind):
	default:
		return File{}, ErrKind.With("mime", kind)
	}
	now := m.options.Clock.Now()
	f := File{
		ID: ID(idKind.New(now)), Company: in.Company, SHA256: kept.sum(), MIME: kind, Bytes: kept.size, Width: width, Height: height,
		Name: cleanName(in.Name, kind), Alt: alt, CreatedBy: in.Member, CreatedAt: now,
	}
	m.files.RLock()
	defer m.files.RUnlock()
	if err := kept.place(m.path(f.SHA256)); err != nil {
		return File{}, m.diskFault(err)
	}
	if err := m.insert(ctx, f); err != nil {
		return File{}, err // the file without a row is swept later
	}
	return f, nil
}

// Get reads what is known of a file. Errors: ErrGone.
func (m *Media) Get(ctx context.Context, company string, id ID) (File, error) {
	found, err := m.Some(ctx, company, []ID{id})
	if err != nil {
		return File{}, err
	}
	return found[0], nil
}

// Some reads what is known of several files, in the order asked for. One that is not there gives ErrGone.
func (m *Media) Some(ctx context.Context, company string, ids []ID) ([]File, error) {
	found, err := m.find(ctx, company, ids)
	if err != nil {
		return nil, fmt.Errorf("media.Some: %w", err)
	}
	files := make([]File, 0, len(ids))
	for _, id := range ids {
		f, ok := found[id]
		if !ok {
			return nil, fmt.Errorf("media.Some: %w", ErrGone.With("id", string(id)))
		}
		files = append(files, f)
	}
	return files, nil
}

// SetAlt changes what a file is said to show. Errors: ErrGone, ErrAlt.
func (m *Media) SetAlt(ctx context.Context, company string, id ID, alt string) error {
	alt, err := cleanAlt(alt)
	if err == nil {
		err = m.updateAlt(ctx, company, id, alt)
	}
	if err != nil {
		return fmt.Errorf("media.SetAlt: %w", err)
	}
	return nil
}

// Delete takes a file away from everybody at once; Sweep frees its room. Deleting what is gone gives ErrGone.
func (m *Media) Delete(ctx context.Context, company string, id ID) error {
	if err := m.markDeleted(ctx, company, id, m.options.Clock.Now()); err != nil {
		return fmt.Errorf("media.Delete: %w", err)
	}
	return nil
}

// Content is an open file. Close it.
type Content struct {
	io.ReadSeekCloser
	MIME  string
	Bytes int64
}

// Open opens a file, whole or as a smaller image, which is made the first time it is asked for. What is no image, or
// not larger than the size, opens whole. Errors: ErrGone, ErrLost, ErrFull.
func (m *Media) Open(ctx context.Context, company string, id ID, size Size) (Content, error) {
	f, err := m.Get(ctx, company, id)
	if err != nil {
		return Content{}, fmt.Errorf("media.Open: %w", err)
	}
	path, kind := m.path(f.SHA256), f.MIME
	if size != Whole && f.Image() && max(f.Width, f.Height) > int(size) {
		if path, kind, err = m.smaller(ctx, f, size); err != nil {
			return Content{}, fmt.Errorf("media.Open: %w", err)
		}
	}
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return Content{}, fmt.Errorf("media.Open: %w", ErrLost.With("name", f.Name).Because(err))
	}
	if err != nil {
		return Content{}, fmt.Errorf("media.Open: %w", m.diskFault(err))
	}
	info, err := file.Stat()
	if err != nil {
		_ = file.Close()
		return Content{}, fmt.Errorf("media.Open: %w", m.diskFault(err))
	}
	return Content{ReadSeekCloser: file, MIME: kind, Bytes: info.Size()}, nil
}

func cleanAlt(alt string) (string, error) {
	alt = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r != '\n' && unicode.IsControl(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(alt, "")))
	if utf8.RuneCountInString(alt) > MaxAlt {
		return "", ErrAlt.With("max", MaxAlt)
	}
	return alt, nil
}

// cleanName keeps of a name what is safe in a header, on a screen and in a folder, with the ending of what it is now.
func cleanName(name, kind string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.TrimSuffix(name, filepath.Ext(name))
	name = strings.Trim(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || strings.ContainsRune(`"<>:|?*;`, r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, "")), " .")
	if runes := []rune(name); len(runes) > 80 {
		name = strings.TrimRight(string(runes[:80]), " .")
	}
	if name == "" {
		name = "media"
	}
	return name + ending(kind)
}

func ending(kind string) string {
	switch kind {
	case "image/jpeg":
		return ".jpg"
	case "video/mp4":
		return ".mp4"
	default:
		return "." + kind[strings.LastIndexByte(kind, '/')+1:]
	}
}
