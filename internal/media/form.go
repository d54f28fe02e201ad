package media

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"slices"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
)

// Form is what an image must become for a place that does not take it as it is. The same form of the same image is always the same
// bytes. It is stored in the database: a new field must be right when it is missing.
type Form struct {
	X, Y                  int    // of the part that stays, from the top left, in pixels of the original
	PartWidth, PartHeight int    // of the part that stays; 0: all of it
	Width, Height         int    // of the result; 0: as large as the part
	MIME                  string // image/jpeg or image/png
	Bytes                 int64  // it may have at most so many; 0: any number
}

// Same tells whether two forms, nil for none, give the same image.
func (f *Form) Same(o *Form) bool {
	if f == nil || o == nil {
		return f == o
	}
	return *f == *o
}

// formMark begins the names of results; formsKept is how long one stays that nobody wants any more: it can be made again.
const (
	formMark  = "as-"
	formsKept = 30 * 24 * time.Hour
)

// name is what the result is called beside the original.
func (f Form) name() string {
	sum := sha256.Sum256(fmt.Append(nil, f))
	return formMark + hex.EncodeToString(sum[:10])
}

// Formed is an image in another form. Its file lies beside the original and goes with it.
type Formed struct {
	Name          string
	MIME          string
	Bytes         int64
	Width, Height int
	path          string
}

// Open opens it. Close it.
func (f Formed) Open() (io.ReadCloser, error) { return os.Open(f.path) }

// The steps by which a JPEG gets lighter, and by how much an image gets smaller when no step is light enough.
var qualities = []int{88, 82, 76, 70, 62, 54}

const (
	lighter   = 0.85
	leastSide = 64 // pixels, of the longer side: what is still too heavy then is not sent
)

// errHeavy is what a result that has too many bytes ends with.
var errHeavy = errors.New("too many bytes")

// ErrForm: an image cannot be brought into a form.
var ErrForm = fault.New(fault.Invalid, "media.form")

// Form gives an image in another form, made the first time it is asked for and kept as long as it is wanted: cut to a part, scaled down, as JPEG (what is
// transparent on white) or PNG, and no heavier than allowed, by the quality of a JPEG first, then by its size. Of an animation it is
// the first picture. One image at a time is unpacked. Errors: ErrGone, ErrLost, ErrForm, ErrFull.
func (m *Media) Form(ctx context.Context, company string, id ID, form Form) (Formed, error) {
	f, err := m.Get(ctx, company, id)
	if err != nil {
		return Formed{}, fmt.Errorf("media.Form: %w", err)
	}
	made, err := m.form(ctx, f, form)
	if err != nil {
		return Formed{}, fmt.Errorf("media.Form: %w", err)
	}
	made.Name = cleanName(f.Name, made.MIME)
	return made, nil
}

func (m *Media) form(ctx context.Context, f File, form Form) (Formed, error) {
	part := image.Rect(form.X, form.Y, form.X+form.PartWidth, form.Y+form.PartHeight)
	if form.PartWidth == 0 && form.PartHeight == 0 {
		part = image.Rect(0, 0, f.Width, f.Height)
	}
	if form.Width == 0 && form.Height == 0 {
		form.Width, form.Height = part.Dx(), part.Dy()
	}
	known := form.MIME == "image/jpeg" || form.MIME == "image/png"
	if !isImage(f.MIME) || !known || part.Empty() || !part.In(image.Rect(0, 0, f.Width, f.Height)) || form.Width < 1 || form.Height < 1 ||
		form.Width > part.Dx() || form.Height > part.Dy() {
		return Formed{}, ErrForm.With("name", f.Name)
	}
	path := m.path(f.SHA256) + "." + form.name()
	if made, err := formed(path, form.MIME); err == nil {
		now := m.options.Clock.Now()
		return made, m.diskFault(os.Chtimes(path, now, now)) // it is wanted: Sweep leaves it
	}
	select {
	case m.decode <- struct{}{}:
		defer func() { <-m.decode }()
	case <-ctx.Done():
		return Formed{}, ctx.Err()
	}
	if made, err := formed(path, form.MIME); err == nil { // somebody else has made it meanwhile
		return made, nil
	}
	raw, err := os.ReadFile(m.path(f.SHA256))
	if errors.Is(err, os.ErrNotExist) {
		return Formed{}, ErrLost.With("name", f.Name).Because(err)
	}
	if err != nil {
		return Formed{}, m.diskFault(err)
	}
	img, err := decode(raw, f.MIME)
	if err != nil {
		return Formed{}, ErrLost.With("name", f.Name).Because(err)
	}
	if b := img.Bounds(); b != image.Rect(0, 0, f.Width, f.Height) { // the first picture of an animation may be a part of it
		whole := image.NewRGBA(image.Rect(0, 0, f.Width, f.Height))
		draw.Draw(whole, b, img, b.Min, draw.Src)
		img = whole
	}
	out, err := shape(img, part, form)
	if err != nil {
		return Formed{}, ErrForm.With("name", f.Name).Because(err)
	}
	t, err := m.temp()
	if err != nil {
		return Formed{}, err
	}
	defer t.discard()
	if _, err := t.Write(out); err != nil {
		return Formed{}, m.diskFault(err)
	}
	m.files.RLock()
	defer m.files.RUnlock()
	if err := t.place(path); err != nil {
		return Formed{}, m.diskFault(err)
	}
	return formed(path, form.MIME)
}

// formed reads what is known of a result that lies there.
func formed(path, kind string) (Formed, error) {
	file, err := os.Open(path)
	if err != nil {
		return Formed{}, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return Formed{}, err
	}
	config := png.DecodeConfig
	if kind == "image/jpeg" {
		config = jpeg.DecodeConfig
	}
	c, err := config(file)
	return Formed{MIME: kind, Bytes: info.Size(), Width: c.Width, Height: c.Height, path: path}, err
}

// shape cuts, scales and writes an image, and makes it lighter until it has no more bytes than allowed.
func shape(img image.Image, part image.Rectangle, form Form) ([]byte, error) {
	img, err := cutOut(img, part)
	if err != nil {
		return nil, err
	}
	w, h := form.Width, form.Height
	for {
		now := img
		if b := img.Bounds(); b.Dx() != w || b.Dy() != h {
			now = scaled(img, w, h)
		}
		if form.MIME == "image/jpeg" {
			now = onWhite(now)
		}
		out, err := lightest(now, form)
		if !errors.Is(err, errHeavy) {
			return out, err
		}
		if max(w, h) <= leastSide {
			return nil, err
		}
		w, h = max(int(float64(w)*lighter), 1), max(int(float64(h)*lighter), 1)
	}
}

// cutOut gives a part of an image, which shares its pixels.
func cutOut(img image.Image, part image.Rectangle) (image.Image, error) {
	if part == img.Bounds() {
		return img, nil
	}
	s, ok := img.(interface {
		SubImage(image.Rectangle) image.Image
	})
	if !ok || !part.In(img.Bounds()) {
		return nil, fmt.Errorf("%T of %v has no part %v", img, img.Bounds(), part)
	}
	return s.SubImage(part), nil
}

// onWhite gives what is transparent a white ground; what is not stays as it is.
func onWhite(img image.Image) image.Image {
	if o, ok := img.(interface{ Opaque() bool }); ok && o.Opaque() {
		return img
	}
	b := img.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(out, out.Bounds(), image.White, image.Point{}, draw.Src)
	draw.Draw(out, out.Bounds(), img, b.Min, draw.Over)
	return out
}

// lightest writes an image in the best quality that is light enough.
func lightest(img image.Image, form Form) ([]byte, error) {
	if form.MIME != "image/jpeg" {
		return light(form.Bytes, func(w io.Writer) error { return encode(w, img, form.MIME) })
	}
	for _, q := range qualities {
		out, err := light(form.Bytes, func(w io.Writer) error { return jpeg.Encode(w, img, &jpeg.Options{Quality: q}) })
		if !errors.Is(err, errHeavy) {
			return out, err
		}
	}
	return nil, errHeavy
}

// light gives what is written when it has at most so many bytes, 0 for any number, else errHeavy.
func light(most int64, write func(io.Writer) error) ([]byte, error) {
	b := &bounded{most: most}
	if err := write(b); err != nil {
		return nil, err
	}
	return slices.Clip(b.Bytes()), nil
}

// bounded is a buffer that takes only so many bytes.
type bounded struct {
	bytes.Buffer
	most int64
}

// Write implements io.Writer.
func (b *bounded) Write(p []byte) (int, error) {
	if b.most > 0 && int64(b.Len())+int64(len(p)) > b.most {
		return 0, errHeavy
	}
	return b.Buffer.Write(p)
}
