package media_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
)

type desk struct {
	*media.Media
	clock *clock.Manual
	dir   string
}

func open(t testing.TB, s *store.Store, o media.Options) desk {
	t.Helper()
	err := s.InTx(context.Background(), func(ctx context.Context, tx *store.Tx) error {
		for _, id := range []string{"com_a", "com_b"} {
			if _, err := tx.DB.ExecContext(ctx, "INSERT INTO company (id, name, zone, locale, settings, created_at) VALUES (?, 'A', 'Europe/Rome', 'it', '{}', ?)", id, time.Now().UTC()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	c := clock.NewManual(time.Now())
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	o.Clock = c
	m, err := media.New(s, o)
	if err != nil {
		t.Fatal(err)
	}
	return desk{Media: m, clock: c, dir: o.Dir}
}

func (d desk) add(t testing.TB, name string, b []byte) media.File {
	t.Helper()
	f, err := d.Add(t.Context(), media.Incoming{Company: "com_a", Member: "mem_1", Name: name, Body: bytes.NewReader(b)})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func (d desk) read(t testing.TB, f media.File, size media.Size) ([]byte, string) {
	t.Helper()
	c, err := d.Open(t.Context(), f.Company, f.ID, size)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	b, err := io.ReadAll(c)
	if err != nil || int64(len(b)) != c.Bytes {
		t.Fatalf("%d bytes of %d, %v", len(b), c.Bytes, err)
	}
	return b, c.MIME
}

// files counts what lies on the disk.
func (d desk) files(t testing.TB) (n int) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(d.dir, "media"), func(_ string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			n++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// picture is red on its left half and blue on its right.
func picture(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{R: 255, A: 255}
			if x >= w/2 {
				c = color.RGBA{B: 255, A: 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	return img
}

func jpegOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gifOf(t testing.TB, w, h, frames int) []byte {
	t.Helper()
	g := &gif.GIF{Config: image.Config{Width: w, Height: h}}
	for i := range frames {
		p := image.NewPaletted(image.Rect(0, 0, w, h), color.Palette{color.Black, color.White, color.RGBA{R: 255, A: 255}})
		p.SetColorIndex(i%w, 0, 1)
		g.Image = append(g.Image, p)
		g.Delay = append(g.Delay, 10)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, g); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// exif makes an EXIF block (EXIF 2.32) with an orientation, a maker and a GPS place.
func exif(orientation uint16) []byte {
	le := binary.LittleEndian
	b := []byte("II*\x00\x08\x00\x00\x00")
	entry := func(tag, kind uint16, count, value uint32) {
		b = le.AppendUint16(b, tag)
		b = le.AppendUint16(b, kind)
		b = le.AppendUint32(b, count)
		b = le.AppendUint32(b, value)
	}
	b = le.AppendUint16(b, 3)
	entry(0x010f, 2, 12, 50)                 // the maker, at 50
	entry(0x0112, 3, 1, uint32(orientation)) // orientation
	entry(0x8825, 4, 1, 62)                  // GPS, at 62
	b = le.AppendUint32(b, 0)                // no further directory: 50 bytes so far
	b = append(b, "SecretCamer\x00"...)      // 12 bytes
	b = le.AppendUint16(b, 2)
	entry(1, 2, 2, uint32('N'))
	entry(2, 5, 3, 92) // latitude, at 92
	b = le.AppendUint32(b, 0)
	for _, n := range []uint32{43, 1, 27, 1, 424242, 10000} {
		b = le.AppendUint32(b, n)
	}
	return b
}

// withEXIF puts an EXIF block into a JPEG.
func withEXIF(jpg []byte, orientation uint16) []byte {
	body := append([]byte("Exif\x00\x00"), exif(orientation)...)
	app1 := append([]byte{0xff, 0xe1}, binary.BigEndian.AppendUint16(nil, uint16(len(body)+2))...)
	return append(append(append([]byte{}, jpg[:2]...), append(app1, body...)...), jpg[2:]...)
}

func TestAFileIsKeptAndFoundAgain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := open(t, s, media.Options{})
		f, err := d.Add(t.Context(), media.Incoming{
			Company: "com_a", Member: "mem_1", Name: `C:\foto\..\vaso "blu".JPEG`, Alt: " Un vaso\x00 blu ", Body: bytes.NewReader(jpegOf(t, picture(60, 40))),
		})
		if err != nil {
			t.Fatal(err)
		}
		if f.MIME != "image/jpeg" || f.Width != 60 || f.Height != 40 || f.Name != "vaso blu.jpg" || f.Alt != "Un vaso blu" || !f.Image() {
			t.Errorf("%+v", f)
		}
		got, err := d.Get(t.Context(), "com_a", f.ID)
		if err != nil || got != f {
			t.Errorf("got %+v, %v\nwant %+v", got, err, f)
		}
		if _, err := media.ParseID(string(f.ID)); err != nil {
			t.Error(err)
		}
		b, kind := d.read(t, f, media.Whole)
		if int64(len(b)) != f.Bytes || kind != f.MIME {
			t.Errorf("%d bytes of %s", len(b), kind)
		}
		g := d.add(t, "", pngOf(t, picture(8, 8)))
		some, err := d.Some(t.Context(), "com_a", []media.ID{g.ID, f.ID})
		if err != nil || len(some) != 2 || some[0] != g || some[1] != f || g.Name != "media.png" {
			t.Errorf("%+v %v", some, err)
		}
		if err := d.SetAlt(t.Context(), "com_a", f.ID, "altro"); err != nil {
			t.Fatal(err)
		}
		if got, err := d.Get(t.Context(), "com_a", f.ID); err != nil || got.Alt != "altro" {
			t.Errorf("%+v %v", got, err)
		}
		if err := d.SetAlt(t.Context(), "com_a", f.ID, strings.Repeat("è", media.MaxAlt+1)); !errors.Is(err, media.ErrAlt) {
			t.Errorf("%v", err)
		}
	})
}

func TestAnotherCompanySeesNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := open(t, s, media.Options{})
		f := d.add(t, "x.png", pngOf(t, picture(8, 8)))
		for what, err := range map[string]error{
			"get":    second(d.Get(t.Context(), "com_b", f.ID)),
			"some":   second(d.Some(t.Context(), "com_b", []media.ID{f.ID})),
			"open":   second(d.Open(t.Context(), "com_b", f.ID, media.Whole)),
			"alt":    d.SetAlt(t.Context(), "com_b", f.ID, "x"),
			"delete": d.Delete(t.Context(), "com_b", f.ID),
		} {
			if !errors.Is(err, media.ErrGone) {
				t.Errorf("%s: %v", what, err)
			}
		}
		if _, err := d.Get(t.Context(), "com_a", f.ID); err != nil {
			t.Error(err)
		}
	})
}

func second[T any](_ T, err error) error { return err }

func TestDeleteAndSweep(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := open(t, s, media.Options{})
		content := jpegOf(t, picture(900, 500))
		mine := d.add(t, "a.jpg", content)
		theirs, err := d.Add(t.Context(), media.Incoming{Company: "com_b", Name: "b.jpg", Body: bytes.NewReader(content)})
		if err != nil || theirs.SHA256 != mine.SHA256 {
			t.Fatalf("%v %v", theirs, err)
		}
		d.read(t, mine, media.Small)
		if n := d.files(t); n != 2 {
			t.Fatalf("%d files for one content and one smaller image", n)
		}
		orphan := filepath.Join(d.dir, "media", "ab", "cd", strings.Repeat("abcd", 16))
		if err := os.MkdirAll(filepath.Dir(orphan), 0o700); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{orphan, filepath.Join(d.dir, "media", "tmp", "in-1")} {
			if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		sweep := func(want media.Swept, left int) {
			t.Helper()
			got, err := d.Sweep(t.Context(), time.Hour)
			if err != nil || got.Rows != want.Rows || got.Files != want.Files || d.files(t) != left {
				t.Errorf("swept %+v, %v, %d left; want %+v, %d left", got, err, d.files(t), want, left)
			}
		}
		sweep(media.Swept{}, 4) // all too young
		if err := d.Delete(t.Context(), "com_a", mine.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Open(t.Context(), "com_a", mine.ID, media.Whole); !errors.Is(err, media.ErrGone) {
			t.Errorf("a deleted file opens: %v", err)
		}
		if err := d.Delete(t.Context(), "com_a", mine.ID); !errors.Is(err, media.ErrGone) {
			t.Errorf("deleted twice: %v", err)
		}
		d.clock.Advance(2 * time.Hour)
		sweep(media.Swept{Rows: 1, Files: 2}, 2) // the other company still keeps the content
		if b, _ := d.read(t, theirs, media.Whole); int64(len(b)) != theirs.Bytes {
			t.Error("the other company's file is gone")
		}
		if err := d.Delete(t.Context(), "com_b", theirs.ID); err != nil {
			t.Fatal(err)
		}
		d.clock.Advance(2 * time.Hour)
		sweep(media.Swept{Rows: 1, Files: 2}, 0)
	})
}

func TestMetadataAreGone(t *testing.T) {
	t.Parallel()
	d := open(t, storetest.SQLite(t), media.Options{})
	jpg := withEXIF(jpegOf(t, picture(60, 40)), 1)
	if !bytes.Contains(jpg, []byte("SecretCamer")) || !bytes.Contains(jpg, binary.LittleEndian.AppendUint32(nil, 424242)) {
		t.Fatal("the test's image carries nothing")
	}
	jpg = append(jpg, "PK\x03\x04<script>alert(1)</script>"...) // a second file behind the first
	var text bytes.Buffer
	pngBytes := pngOf(t, picture(60, 40))
	chunk := append([]byte("tEXt"), "Comment\x00SecretCamer<script>"...)
	text.Write(pngBytes[:33])
	binary.Write(&text, binary.BigEndian, uint32(len(chunk)-4))
	text.Write(chunk)
	binary.Write(&text, binary.BigEndian, crc32.ChecksumIEEE(chunk))
	text.Write(pngBytes[33:])
	g := gifOf(t, 10, 10, 2)
	comment := append(append(append([]byte{}, g[:len(g)-1]...), "\x21\xfe\x0bSecretCamer\x00\x3b"...), "<script>"...)
	for kind, b := range map[string][]byte{"image/jpeg": jpg, "image/png": text.Bytes(), "image/gif": comment} {
		f := d.add(t, "x", b)
		kept, _ := d.read(t, f, media.Whole)
		if f.MIME != kind {
			t.Errorf("%s became %s", kind, f.MIME)
		}
		for _, secret := range []string{"SecretCamer", "Exif", "<script>", "PK\x03\x04"} {
			if !bytes.Contains(b, []byte(secret)) && secret == "SecretCamer" {
				t.Errorf("%s: the test's image carries nothing", kind)
			}
			if bytes.Contains(kept, []byte(secret)) {
				t.Errorf("%s keeps %q", kind, secret)
			}
		}
	}
}

func TestImagesStandUpright(t *testing.T) {
	t.Parallel()
	d := open(t, storetest.SQLite(t), media.Options{})
	// Where the red half of the picture is seen, for each orientation.
	for o, red := range map[uint16]image.Point{1: {5, 20}, 2: {55, 20}, 3: {55, 20}, 4: {5, 20}, 5: {20, 5}, 6: {20, 5}, 7: {20, 55}, 8: {20, 55}, 9: {5, 20}} {
		f := d.add(t, "x.jpg", withEXIF(jpegOf(t, picture(60, 40)), o))
		b, _ := d.read(t, f, media.Whole)
		img, err := jpeg.Decode(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		w, h := 60, 40
		if o >= 5 && o <= 8 {
			w, h = 40, 60
		}
		if f.Width != w || f.Height != h || img.Bounds().Dx() != w {
			t.Errorf("orientation %d: %d x %d", o, f.Width, f.Height)
			continue
		}
		if r, _, b, _ := img.At(red.X, red.Y).RGBA(); r < 0xc000 || b > 0x4000 {
			t.Errorf("orientation %d: %v is not red", o, red)
		}
	}
}

func TestSmallerImages(t *testing.T) {
	t.Parallel()
	d := open(t, storetest.SQLite(t), media.Options{})
	for _, c := range []struct {
		name   string
		b      []byte
		size   media.Size
		w, h   int
		format string
	}{
		{"large JPEG", jpegOf(t, picture(2000, 1000)), media.Large, 1600, 800, "jpeg"},
		{"small JPEG", jpegOf(t, picture(2000, 1000)), media.Small, 400, 200, "jpeg"},
		{"high PNG", pngOf(t, picture(100, 1000)), media.Small, 40, 400, "png"},
		{"very thin", pngOf(t, picture(1, 3000)), media.Small, 1, 400, "png"},
		{"already small", pngOf(t, picture(100, 50)), media.Small, 100, 50, "png"},
		{"animation", gifOf(t, 800, 10, 3), media.Small, 400, 5, "png"},
	} {
		f := d.add(t, c.name, c.b)
		for range 2 { // made, then found
			b, kind := d.read(t, f, c.size)
			cfg, format, err := image.DecodeConfig(bytes.NewReader(b))
			if err != nil || cfg.Width != c.w || cfg.Height != c.h || format != c.format || kind != "image/"+format {
				t.Errorf("%s: %d x %d %s %s %v", c.name, cfg.Width, cfg.Height, format, kind, err)
			}
		}
	}
}

func TestAnimationsStayAndStillOnesBecomePNG(t *testing.T) {
	t.Parallel()
	d := open(t, storetest.SQLite(t), media.Options{})
	f := d.add(t, "x.gif", gifOf(t, 20, 10, 3))
	b, _ := d.read(t, f, media.Whole)
	all, err := gif.DecodeAll(bytes.NewReader(b))
	if err != nil || len(all.Image) != 3 || f.MIME != "image/gif" || f.Width != 20 || f.Height != 10 {
		t.Errorf("%+v %v", f, err)
	}
	if f := d.add(t, "x.gif", gifOf(t, 20, 10, 1)); f.MIME != "image/png" || f.Name != "x.png" {
		t.Errorf("%+v", f)
	}
}

// pngHeader is a PNG that claims to be of a size and has nothing behind its head.
func pngHeader(w, h uint32) []byte {
	b := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d")
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32([]byte("IHDR"), w), h)
	head = append(head, 8, 6, 0, 0, 0)
	return binary.BigEndian.AppendUint32(append(b, head...), crc32.ChecksumIEEE(head))
}

func TestHostileFilesAreRefused(t *testing.T) {
	t.Parallel()
	d := open(t, storetest.SQLite(t), media.Options{MaxBytes: 64 << 10, MaxPixels: 1_000_000})
	jpg := jpegOf(t, picture(60, 40))
	hugeJPEG := bytes.Clone(jpg)
	at := bytes.Index(hugeJPEG, []byte{0xff, 0xc0})
	binary.BigEndian.PutUint16(hugeJPEG[at+5:], 20_000)
	binary.BigEndian.PutUint16(hugeJPEG[at+7:], 20_000)
	for _, c := range []struct {
		name string
		b    []byte
		want error
	}{
		{"nothing", nil, media.ErrEmpty},
		{"too many bytes", append(bytes.Clone(jpg), make([]byte, 64<<10)...), media.ErrTooBig},
		{"huge PNG header", pngHeader(1<<20, 1<<20), media.ErrPixels},
		{"wide PNG header", pngHeader(40_000, 1), media.ErrPixels},
		{"no pixels", pngHeader(0, 5), media.ErrDamaged},
		{"PNG header alone", pngHeader(10, 10), media.ErrDamaged},
		{"huge JPEG header", hugeJPEG, media.ErrPixels},
		{"a little too large", pngOf(t, image.NewGray(image.Rect(0, 0, 1001, 1000))), media.ErrPixels},
		{"animation of too many pixels", gifOf(t, 500, 500, 9), media.ErrPixels},
		{"truncated JPEG", jpg[:len(jpg)/3], media.ErrDamaged},
		{"truncated PNG", pngOf(t, picture(60, 40))[:60], media.ErrDamaged},
		{"truncated GIF", gifOf(t, 20, 10, 3)[:60], media.ErrDamaged},
		{"script that says GIF", []byte("GIF89a/*<script>alert(1)</script>*/=1;"), media.ErrDamaged},
		{"WebP of rubbish", []byte("RIFF\x20\x00\x00\x00WEBPVP8 \xff\xff\xff\xff0123456789"), media.ErrDamaged},
		{"page", []byte("<html><script>alert(1)</script>"), media.ErrKind},
		{"drawing", []byte(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), media.ErrKind},
		{"PDF", []byte("%PDF-1.7 ..."), media.ErrKind},
		{"video", []byte("\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"), media.ErrKind},
		{"text", []byte("ciao"), media.ErrKind},
	} {
		_, err := d.Add(t.Context(), media.Incoming{Company: "com_a", Name: c.name + ".png", Body: bytes.NewReader(c.b)})
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	_, err := d.Add(t.Context(), media.Incoming{Company: "com_a", Body: io.MultiReader(bytes.NewReader(jpg[:50]), iotest.ErrReader(io.ErrUnexpectedEOF))})
	if !errors.Is(err, media.ErrBroken) {
		t.Errorf("broken upload: %v", err)
	}
	_, err = d.Add(t.Context(), media.Incoming{Company: "com_a", Body: bytes.NewReader(jpg), MaxBytes: 10})
	if !errors.Is(err, media.ErrTooBig) {
		t.Errorf("smaller limit: %v", err)
	}
	if n := d.files(t); n != 0 {
		t.Errorf("%d files were left behind", n)
	}
}

func TestOtherKindsAreKeptOnlyWhenAllowed(t *testing.T) {
	t.Parallel()
	d := open(t, storetest.SQLite(t), media.Options{Allow: []string{"video/mp4"}})
	b := []byte("\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom the rest")
	f := d.add(t, "giro.MOV", b)
	if f.MIME != "video/mp4" || f.Name != "giro.mp4" || f.Image() || f.Width != 0 {
		t.Errorf("%+v", f)
	}
	if got, kind := d.read(t, f, media.Small); !bytes.Equal(got, b) || kind != "video/mp4" {
		t.Errorf("%q %s", got, kind)
	}
}

func TestALostFileIsSaid(t *testing.T) {
	t.Parallel()
	d := open(t, storetest.SQLite(t), media.Options{})
	f := d.add(t, "x.png", pngOf(t, picture(500, 8)))
	if err := os.Remove(filepath.Join(d.dir, "media", f.SHA256[:2], f.SHA256[2:4], f.SHA256)); err != nil {
		t.Fatal(err)
	}
	for _, size := range []media.Size{media.Whole, media.Small} {
		if _, err := d.Open(t.Context(), "com_a", f.ID, size); !errors.Is(err, media.ErrLost) {
			t.Errorf("%v", err)
		}
	}
}

func TestAFolderThatCannotBeWrittenIsSaid(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "media"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := media.New(storetest.SQLite(t), media.Options{Dir: dir}); !errors.Is(err, media.ErrFolder) {
		t.Errorf("%v", err)
	}
	d := open(t, storetest.SQLite(t), media.Options{})
	if err := os.RemoveAll(filepath.Join(d.dir, "media")); err != nil {
		t.Fatal(err)
	}
	_, err := d.Add(t.Context(), media.Incoming{Company: "com_a", Body: strings.NewReader("x")})
	if f := fault.Of(err); f.Key != "media.folder" || f.Kind != fault.Internal {
		t.Errorf("%v", err)
	}
}

func FuzzAdd(f *testing.F) {
	d := open(f, storetest.SQLite(f), media.Options{MaxBytes: 1 << 20, MaxPixels: 1 << 20})
	f.Add(withEXIF(jpegOf(f, picture(20, 10)), 6))
	f.Add(pngOf(f, picture(20, 10)))
	f.Add(gifOf(f, 20, 10, 3))
	f.Add(pngHeader(1<<30, 5))
	f.Add(webpOf("VP8 ", unbase64(f, webpPhoto)))
	f.Add(webpOf("VP8L", unbase64(f, webpExact)))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := d.Add(t.Context(), media.Incoming{Company: "com_a", Name: string(b), Body: bytes.NewReader(b)})
		if err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Fatalf("%v", err)
			}
			return
		}
		kept, kind := d.read(t, file, media.Whole)
		cfg, format, err := image.DecodeConfig(bytes.NewReader(kept))
		if err != nil || "image/"+format != kind || cfg.Width != file.Width || cfg.Height != file.Height {
			t.Fatalf("%+v: %s %v", file, format, err)
		}
		d.read(t, file, media.Small)
	})
}
