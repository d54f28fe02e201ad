package media_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/storetest"
)

// formed brings a file into a form and reads what came of it.
func (d desk) formed(t testing.TB, f media.File, form media.Form) (media.Formed, image.Image, []byte) {
	t.Helper()
	made, err := d.Form(t.Context(), f.Company, f.ID, form)
	if err != nil {
		t.Fatal(err)
	}
	r, err := made.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	read := png.Decode
	if made.MIME == "image/jpeg" {
		read = jpeg.Decode
	}
	img, err := read(bytes.NewReader(b))
	if err != nil {
		t.Fatalf("%s: %v", made.MIME, err)
	}
	if made.Bytes != int64(len(b)) || made.Width != img.Bounds().Dx() || made.Height != img.Bounds().Dy() {
		t.Fatalf("%+v is %d bytes of %v", made, len(b), img.Bounds())
	}
	return made, img, b
}

// grain is a picture that no format makes small: its upper left corner is red.
func grain(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	r := rand.New(rand.NewPCG(1, 2))
	for i := 0; i < len(img.Pix); i += 4 {
		n := r.Uint32()
		img.Pix[i], img.Pix[i+1], img.Pix[i+2], img.Pix[i+3] = uint8(n), uint8(n>>8), uint8(n>>16), 255
	}
	for y := range h / 4 {
		for x := range w / 4 {
			img.SetRGBA(x, y, color.RGBA{R: 255, A: 255})
		}
	}
	return img
}

func near(t *testing.T, img image.Image, x, y int, want color.NRGBA) {
	t.Helper()
	c := color.NRGBAModel.Convert(img.At(img.Bounds().Min.X+x, img.Bounds().Min.Y+y)).(color.NRGBA)
	for _, d := range []int{int(c.R) - int(want.R), int(c.G) - int(want.G), int(c.B) - int(want.B), int(c.A) - int(want.A)} {
		if d < -24 || d > 24 {
			t.Errorf("at %d, %d: %v, not %v", x, y, c, want)
			return
		}
	}
}

var (
	red   = color.NRGBA{R: 255, A: 255}
	blue  = color.NRGBA{B: 255, A: 255}
	white = color.NRGBA{R: 255, G: 255, B: 255, A: 255}
)

func TestFormTransparentOnWhite(t *testing.T) {
	t.Parallel()
	d := open(t, storetest.SQLite(t), media.Options{})
	img := image.NewNRGBA(image.Rect(0, 0, 100, 80))
	for y := range 80 {
		for x := range 40 {
			img.SetNRGBA(x, y, red)
		}
	}
	f := d.add(t, "logo.png", pngOf(t, img))
	made, out, _ := d.formed(t, f, media.Form{MIME: "image/jpeg"})
	if made.MIME != "image/jpeg" || made.Name != "logo.jpg" || made.Width != 100 || made.Height != 80 {
		t.Errorf("%+v", made)
	}
	near(t, out, 10, 40, red)
	near(t, out, 80, 40, white)
	_, out, _ = d.formed(t, f, media.Form{MIME: "image/png", Width: 50, Height: 40})
	near(t, out, 5, 20, red)
	near(t, out, 40, 20, color.NRGBA{})
}

// What was photographed lying on its side stands, and nothing of the camera goes out.
func TestFormStandsUpright(t *testing.T) {
	t.Parallel()
	d := open(t, storetest.SQLite(t), media.Options{})
	f := d.add(t, "foto.jpg", withEXIF(jpegOf(t, picture(400, 200)), 6))
	made, out, b := d.formed(t, f, media.Form{MIME: "image/jpeg", Width: 100, Height: 200})
	if made.Width != 100 || made.Height != 200 || bytes.Contains(b, []byte("Exif")) || bytes.Contains(b, []byte("SecretCamer")) {
		t.Errorf("%+v", made)
	}
	near(t, out, 50, 30, red)
	near(t, out, 50, 170, blue)
}

func TestFormIsNoHeavierThanAllowed(t *testing.T) {
	t.Parallel()
	d := open(t, storetest.SQLite(t), media.Options{})
	var b bytes.Buffer
	if err := jpeg.Encode(&b, grain(1500, 700), &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	f := d.add(t, "grana.jpg", b.Bytes())
	whole, _, _ := d.formed(t, f, media.Form{MIME: "image/jpeg"})
	for _, most := range []int64{whole.Bytes - 1, whole.Bytes / 2, whole.Bytes / 10, 20_000} {
		made, out, _ := d.formed(t, f, media.Form{MIME: "image/jpeg", Bytes: most})
		if made.Bytes > most || made.Bytes < most/3 {
			t.Errorf("%d bytes where %d are allowed", made.Bytes, most)
		}
		if a := float64(made.Width) / float64(made.Height); a < 2.0 || a > 2.3 {
			t.Errorf("%+v has another shape", made)
		}
		near(t, out, made.Width/16, made.Height/16, red)
	}
	made, out, _ := d.formed(t, d.add(t, "grana.png", pngOf(t, grain(300, 200))), media.Form{MIME: "image/png", Bytes: 60_000})
	if made.Bytes > 60_000 || made.Width >= 300 {
		t.Errorf("%+v", made)
	}
	near(t, out, 5, 5, red)
	if _, err := d.Form(t.Context(), f.Company, f.ID, media.Form{MIME: "image/jpeg", Bytes: 100}); fault.KindOf(err) != fault.Invalid || fault.Of(err).Key != "media.form" {
		t.Errorf("a hundred bytes: %v", err)
	}
}

func TestFormCutsAPart(t *testing.T) {
	t.Parallel()
	d := open(t, storetest.SQLite(t), media.Options{})
	f := d.add(t, "largo.png", pngOf(t, picture(1000, 100)))
	for _, c := range []struct {
		x    int
		want color.NRGBA
	}{{0, red}, {200, red}, {600, blue}, {900, blue}} {
		made, out, _ := d.formed(t, f, media.Form{X: c.x, PartWidth: 100, PartHeight: 100, Width: 50, Height: 50, MIME: "image/jpeg"})
		if made.Width != 50 || made.Height != 50 {
			t.Errorf("%+v", made)
		}
		near(t, out, 25, 25, c.want)
	}
	_, out, _ := d.formed(t, f, media.Form{X: 450, Y: 20, PartWidth: 100, PartHeight: 80, MIME: "image/png"})
	near(t, out, 10, 40, red)
	near(t, out, 90, 40, blue)
	for _, bad := range []media.Form{
		{MIME: "image/jpeg", X: 950, PartWidth: 100, PartHeight: 100},
		{MIME: "image/jpeg", X: -1, PartWidth: 100, PartHeight: 100},
		{MIME: "image/jpeg", Width: 2000, Height: 200},
		{MIME: "image/jpeg", Width: 10, Height: -1},
		{MIME: "image/gif"},
		{},
	} {
		if _, err := d.Form(t.Context(), f.Company, f.ID, bad); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	if _, err := d.Form(t.Context(), "com_b", f.ID, media.Form{MIME: "image/jpeg"}); fault.KindOf(err) != fault.NotFound {
		t.Errorf("of another company: %v", err)
	}
}

// A WebP goes out where there is none; of what moves, the first picture goes where nothing moves.
func TestFormOfOtherKinds(t *testing.T) {
	t.Parallel()
	d := open(t, storetest.SQLite(t), media.Options{})
	clear := webpOf("VP8X", "\x10\x00\x00\x00\x3b\x00\x00\x27\x00\x00", "ALPH", unbase64(t, webpAlpha), "VP8 ", unbase64(t, webpClear))
	made, out, _ := d.formed(t, d.add(t, "vaso.webp", clear), media.Form{MIME: "image/jpeg"})
	if made.Name != "vaso.jpg" {
		t.Errorf("%+v", made)
	}
	near(t, out, 50, 20, white)
	g := &gif.GIF{Config: image.Config{Width: 60, Height: 40}}
	for i := range 3 { // the first picture fills a part only
		p := image.NewPaletted(image.Rect(30, 0, 60, 40), color.Palette{red, blue, color.NRGBA{}})
		for n := range p.Pix {
			p.Pix[n] = uint8(i)
		}
		g.Image, g.Delay, g.Disposal = append(g.Image, p), append(g.Delay, 10), append(g.Disposal, gif.DisposalNone)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, g); err != nil {
		t.Fatal(err)
	}
	f := d.add(t, "ruota.gif", b.Bytes())
	if f.MIME != "image/gif" {
		t.Fatalf("%+v", f)
	}
	_, out, _ = d.formed(t, f, media.Form{MIME: "image/jpeg"})
	near(t, out, 10, 20, white)
	near(t, out, 45, 20, red)
}

// The same form is made once, whoever asks and how many at once, and goes with its original.
func TestFormIsMadeOnce(t *testing.T) {
	t.Parallel()
	d := open(t, storetest.SQLite(t), media.Options{})
	f := d.add(t, "foto.jpg", jpegOf(t, picture(900, 600)))
	before := d.files(t)
	form := media.Form{MIME: "image/jpeg", Width: 300, Height: 200}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := d.Form(context.Background(), f.Company, f.ID, form); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := d.files(t); n != before+1 {
		t.Errorf("%d files more", n-before)
	}
	other, _, _ := d.formed(t, f, media.Form{MIME: "image/jpeg", Width: 150, Height: 100})
	if n := d.files(t); other.Width != 150 || n != before+2 {
		t.Errorf("%+v, %d files more", other, n-before)
	}
	// What is wanted stays, what is not goes after a month; both can be had again.
	d.clock.Advance(25 * 24 * time.Hour)
	d.formed(t, f, form)
	d.clock.Advance(10 * 24 * time.Hour)
	if done, err := d.Sweep(t.Context(), 24*time.Hour); err != nil || done.Files != 1 {
		t.Errorf("%+v %v", done, err)
	}
	if n := d.files(t); n != before+1 {
		t.Errorf("%d files more", n-before)
	}
	d.formed(t, f, media.Form{MIME: "image/jpeg", Width: 150, Height: 100})
	if err := d.Delete(t.Context(), f.Company, f.ID); err != nil {
		t.Fatal(err)
	}
	d.clock.Advance(48 * time.Hour)
	if _, err := d.Sweep(t.Context(), 24*time.Hour); err != nil {
		t.Fatal(err)
	}
	if n := d.files(t); n != 0 {
		t.Errorf("%d files stay", n)
	}
}

// A picture of forty million pixels takes the room of its own pixels and of the result, not a multiple of it.
func TestFormOfALargePictureTakesLittleRoom(t *testing.T) {
	d := open(t, storetest.SQLite(t), media.Options{})
	const w, h = 8000, 5000
	img := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
	for i := range img.Y {
		img.Y[i] = uint8(i / 31)
	}
	for i := range img.Cb {
		img.Cb[i], img.Cr[i] = 128, 128
	}
	f := d.add(t, "grande.jpg", jpegOf(t, img))
	img = nil
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	made, err := d.Form(t.Context(), f.Company, f.ID, media.Form{MIME: "image/jpeg", Width: 2000, Height: 1250, Bytes: 2_000_000})
	if err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	// Unpacked it has 60 million bytes, the result 10.
	if all := after.TotalAlloc - before.TotalAlloc; all > 160_000_000 {
		t.Errorf("%d million bytes were asked for, in all", all/1_000_000)
	} else {
		t.Logf("%d million bytes in all", all/1_000_000)
	}
	if made.Width != 2000 || made.Height != 1250 || made.Bytes > 2_000_000 {
		t.Errorf("%+v", made)
	}
}
