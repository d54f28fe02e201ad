package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/bep/imagemeta"
	"golang.org/x/image/webp"

	"github.com/ponte-desk/ponte/internal/fault"
)

// Size is how long the longer side of an image may be, in pixels.
type Size int

// The sizes.
const (
	Whole Size = 0    // as it is kept
	Small Size = 400  // for lists
	Large Size = 1600 // for looking at
)

// maxSide is the greatest width or height that is taken in, in pixels.
const maxSide = 30_000

// maxFrames is how many images an animation may have.
const maxFrames = 2000

func isImage(kind string) bool {
	switch kind {
	case "image/jpeg", "image/png", "image/gif", "image/webp":
		return true
	default:
		return false
	}
}

// rewrite decodes an image and writes it anew.
func (m *Media) rewrite(ctx context.Context, path, kind string) (_ *temp, _ string, width, height int, err error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, "", 0, 0, m.diskFault(err)
	}
	// The header is asked before anything is unpacked: a small file can claim to be an enormous image.
	if err := m.checkSize(raw, kind); err != nil {
		return nil, "", 0, 0, err
	}
	select {
	case m.decode <- struct{}{}:
		defer func() { <-m.decode }()
	case <-ctx.Done():
		return nil, "", 0, 0, ctx.Err()
	}
	t, err := m.temp()
	if err != nil {
		return nil, "", 0, 0, err
	}
	defer func() {
		if err != nil {
			t.discard()
		}
	}()
	if kind == "image/gif" {
		all, err := decodeAnimation(raw)
		if err != nil {
			return nil, "", 0, 0, ErrDamaged.Because(err)
		}
		if len(all.Image) > 1 {
			if err := gif.EncodeAll(t, all); err != nil {
				return nil, "", 0, 0, m.writing(t, err)
			}
			return t, kind, all.Config.Width, all.Config.Height, nil
		}
	}
	img, err := decode(raw, kind)
	if err != nil {
		return nil, "", 0, 0, ErrDamaged.Because(err)
	}
	img = upright(img, orientation(raw, kind))
	kind = keptAs(img, kind)
	if err := encode(t, img, kind); err != nil {
		return nil, "", 0, 0, m.writing(t, err)
	}
	return t, kind, img.Bounds().Dx(), img.Bounds().Dy(), nil
}

// writing tells an error of the disk from an image that cannot be written.
func (m *Media) writing(t *temp, err error) error {
	if _, disk := errors.AsType[*os.PathError](err); disk {
		return m.diskFault(err)
	}
	return ErrDamaged.Because(err)
}

func (m *Media) checkSize(raw []byte, kind string) error {
	var cfg image.Config
	var err error
	switch kind {
	case "image/jpeg":
		cfg, err = jpeg.DecodeConfig(bytes.NewReader(raw))
	case "image/png":
		cfg, err = png.DecodeConfig(bytes.NewReader(raw))
	case "image/webp":
		cfg, err = webp.DecodeConfig(bytes.NewReader(raw))
	case "image/gif":
		var pixels int64
		var frames int
		cfg, pixels, frames, err = measureGIF(raw)
		if err == nil && (pixels > 2*m.options.MaxPixels || frames > maxFrames) {
			return m.tooManyPixels()
		}
	}
	if err != nil {
		return ErrDamaged.Because(err)
	}
	if cfg.Width < 1 || cfg.Height < 1 {
		return ErrDamaged.Because(fmt.Errorf("%d x %d pixels", cfg.Width, cfg.Height))
	}
	if cfg.Width > maxSide || cfg.Height > maxSide || int64(cfg.Width)*int64(cfg.Height) > m.options.MaxPixels {
		return m.tooManyPixels()
	}
	return nil
}

func (m *Media) tooManyPixels() *fault.Error {
	return ErrPixels.With("max", m.options.MaxPixels/1_000_000)
}

// decode reads an image; a decoder that stumbles over hostile bytes gives an error like any other.
func decode(raw []byte, kind string) (img image.Image, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the decoder of %s gave up: %v", kind, r)
		}
	}()
	switch kind {
	case "image/jpeg":
		return jpeg.Decode(bytes.NewReader(raw))
	case "image/png":
		return png.Decode(bytes.NewReader(raw))
	case "image/gif":
		return gif.Decode(bytes.NewReader(raw))
	default:
		return webp.Decode(bytes.NewReader(raw))
	}
}

func decodeAnimation(raw []byte) (all *gif.GIF, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the decoder of GIF gave up: %v", r)
		}
	}()
	return gif.DecodeAll(bytes.NewReader(raw))
}

// keptAs chooses the format: photographs as JPEG, all that may be transparent or was kept without loss as PNG.
func keptAs(img image.Image, kind string) string {
	switch kind {
	case "image/jpeg":
		return kind
	case "image/webp":
		if _, photo := img.(*image.YCbCr); photo {
			return "image/jpeg"
		}
		if rgba, ok := img.(*image.RGBA); ok && rgba.Opaque() { // an upright photograph
			return "image/jpeg"
		}
	}
	return "image/png"
}

func encode(w io.Writer, img image.Image, kind string) error {
	if kind == "image/jpeg" {
		return jpeg.Encode(w, img, &jpeg.Options{Quality: 88})
	}
	return (&png.Encoder{CompressionLevel: png.DefaultCompression}).Encode(w, img)
}

// orientation reads how a camera was held, 1 to 8 (EXIF 2.32, tag 0x0112); 1, upright, when nothing says so.
func orientation(raw []byte, kind string) int {
	formats := map[string]imagemeta.ImageFormat{"image/jpeg": imagemeta.JPEG, "image/png": imagemeta.PNG, "image/webp": imagemeta.WebP}
	format, ok := formats[kind]
	if !ok {
		return 1
	}
	found := 1
	// Damaged metadata are no reason to refuse an image: they are dropped anyway.
	_, _ = imagemeta.Decode(imagemeta.Options{
		R: bytes.NewReader(raw), ImageFormat: format, Sources: imagemeta.EXIF, Timeout: 2 * time.Second, LimitNumTags: 500,
		ShouldHandleTag: func(tag imagemeta.TagInfo) bool { return tag.Tag == "Orientation" && tag.Namespace == "IFD0" },
		HandleTag: func(tag imagemeta.TagInfo) error {
			if n, err := strconv.Atoi(fmt.Sprint(tag.Value)); err == nil && n >= 1 && n <= 8 {
				found = n
			}
			return imagemeta.ErrStopWalking
		},
	})
	return found
}

// upright turns and mirrors an image so that it stands as it was seen.
func upright(img image.Image, orientation int) image.Image {
	if orientation == 1 {
		return img
	}
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	out := image.Rect(0, 0, w, h)
	if orientation >= 5 {
		out = image.Rect(0, 0, h, w)
	}
	dst, src := image.NewRGBA(out), newRows(img)
	for y := range h {
		row := src.row(y)
		for x := range w {
			dx, dy := x, y
			switch orientation {
			case 2:
				dx = w - 1 - x
			case 3:
				dx, dy = w-1-x, h-1-y
			case 4:
				dy = h - 1 - y
			case 5:
				dx, dy = y, x
			case 6:
				dx, dy = h-1-y, x
			case 7:
				dx, dy = h-1-y, w-1-x
			case 8:
				dx, dy = y, w-1-x
			}
			copy(dst.Pix[dst.PixOffset(dx, dy):][:4], row[x*4:][:4])
		}
	}
	return dst
}

// smaller gives the path of a smaller image, made when it is not there yet.
func (m *Media) smaller(ctx context.Context, f File, size Size) (path, kind string, err error) {
	kind = "image/png"
	if f.MIME == "image/jpeg" {
		kind = f.MIME
	}
	path = m.path(f.SHA256) + "." + strconv.Itoa(int(size))
	if _, err := os.Stat(path); err == nil {
		return path, kind, nil
	}
	select {
	case m.decode <- struct{}{}:
		defer func() { <-m.decode }()
	case <-ctx.Done():
		return "", "", ctx.Err()
	}
	if _, err := os.Stat(path); err == nil { // somebody else has made it meanwhile
		return path, kind, nil
	}
	raw, err := os.ReadFile(m.path(f.SHA256))
	if errors.Is(err, os.ErrNotExist) {
		return "", "", ErrLost.With("name", f.Name).Because(err)
	}
	if err != nil {
		return "", "", m.diskFault(err)
	}
	img, err := decode(raw, f.MIME)
	if err != nil {
		return "", "", ErrLost.With("name", f.Name).Because(err)
	}
	t, err := m.temp()
	if err != nil {
		return "", "", err
	}
	defer t.discard()
	if err := encode(t, sized(img, int(size)), kind); err != nil {
		return "", "", m.diskFault(err)
	}
	m.files.RLock()
	defer m.files.RUnlock()
	if err := t.place(path); err != nil {
		return "", "", m.diskFault(err)
	}
	return path, kind, nil
}
