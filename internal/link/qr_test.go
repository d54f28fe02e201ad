package link_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

func logo(t testing.TB, c color.Color) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 400, 300))
	for y := range 300 {
		for x := range 400 {
			if (x/40+y/40)%2 == 0 {
				img.Set(x, y, c)
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// decode reads a picture as somebody else's reader; "" when it cannot. pure spares it looking for the code in the picture.
func decode(t *testing.T, raw []byte, pure bool) string {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	var hints map[gozxing.DecodeHintType]any
	if pure {
		hints = map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_PURE_BARCODE: true}
	}
	bits, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		t.Fatal(err)
	}
	got, err := qrcode.NewQRCodeReader().Decode(bits, hints)
	if err != nil {
		return ""
	}
	return got.GetText()
}

func TestAQRCodeIsRead(t *testing.T) {
	t.Parallel()
	b := setup(t, storetest.SQLite(t))
	set, err := b.links.ChangeSettings(t.Context(), b.Actor(team.Owner), link.SettingsIn{KeepDays: 400, Logo: logo(t, color.RGBA{0xd7, 0x21, 0x1c, 0xff})})
	if err != nil {
		t.Fatal(err)
	}
	for _, look := range []link.Look{
		{}, {Level: link.Low}, {Level: link.Medium}, {Level: link.High}, {Dark: "#185063", Light: "f6f2ea"}, {Logo: set.Logo}, {Logo: set.Logo, Dark: "#231d18", Light: "#cee9ef", Side: 300},
	} {
		d, err := link.Draw(house+"/l/fiera-2026", look)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.MustRead(); err != nil {
			t.Errorf("%s, %d: %v", look.Level, len(look.Logo), err)
		}
		got := ""
		for _, side := range []int{1024, 600, 400} { // as one looks from nearer and farther
			if look.Side = side; got == "" {
				d, err := link.Draw(house+"/l/fiera-2026", look)
				if err != nil {
					t.Fatal(err)
				}
				raw, err := d.PNG()
				if err != nil {
					t.Fatal(err)
				}
				got = decode(t, raw, false)
			}
		}
		if got != "HTTPS://PONTE.EXAMPLE/L/FIERA-2026" {
			t.Errorf("%+v: %q", look.Level, got)
		}
		svg := string(d.SVG())
		if !strings.HasPrefix(svg, "<svg ") || strings.Contains(svg, "<image") != (look.Logo != nil) {
			t.Error(svg[:200])
		}
	}
	for name, look := range map[string]link.Look{"pale": {Dark: "#a2c5cb"}, "inverse": {Dark: "#ffffff", Light: "#000000"}, "the same": {Dark: "#ffffff"}} {
		d, err := link.Draw(house+"/l/x", look)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.MustRead(); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A logo on a code that can lose little is noticed by reading it.
	if d, err := link.Draw(house+"/l/x", link.Look{Level: link.Low, Logo: set.Logo}); err != nil || d.MustRead() == nil {
		t.Error("a logo covers what level l cannot lose, and nobody noticed", err)
	}
	if _, err := link.Draw(house+"/l/x", link.Look{Dark: "red", Level: "z", Side: 9}); len(fault.Of(err).Fields) != 3 {
		t.Error(err)
	}
	for _, bad := range [][]byte{[]byte("GIF89a"), []byte("<svg/>"), {0x89, 'P', 'N', 'G'}} {
		if _, err := b.links.ChangeSettings(t.Context(), b.Actor(team.Owner), link.SettingsIn{KeepDays: 400, Logo: bad}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// Whatever the length of the address and the level, the code says the address, and what MustRead lets pass with a logo, in whichever picture, is read in spite of it.
func TestEveryQRCodeIsRead(t *testing.T) {
	t.Parallel()
	logos := [][]byte{nil, logo(t, color.Black), logo(t, color.RGBA{0xd7, 0x21, 0x1c, 0xff})}
	for _, level := range link.Levels {
		for n := 1; n <= 180; n += 7 {
			address := "https://x.it/l/" + strings.Repeat("ab3", n)[:n]
			for i, logo := range logos {
				d, err := link.Draw(address, link.Look{Level: level, Logo: logo, Side: 400})
				if err != nil {
					t.Fatal(err)
				}
				if err := d.MustRead(); err != nil {
					if logo == nil || level == link.Quartile || level == link.High {
						t.Errorf("%d signs at level %s with logo %d: %v", n, level, i, err)
					}
					continue
				}
				raw, err := d.PNG()
				if err != nil {
					t.Fatal(err)
				}
				if got := decode(t, raw, true); got != strings.ToUpper(address) {
					t.Errorf("%d signs at level %s with logo %d: read %q", n, level, i, got)
				}
			}
		}
	}
}

func TestASheetIsAPDF(t *testing.T) {
	t.Parallel()
	d, err := link.Draw(house+"/l/x", link.Look{Logo: logo(t, color.Black)})
	if err != nil {
		t.Fatal(err)
	}
	for per := range link.Sheets {
		var stamps []link.Stamp
		for range per + 1 {
			stamps = append(stamps, link.Stamp{Drawn: d, Address: "ponte.example/l/x", Title: "Caffè (del centro)"})
		}
		raw := link.Sheet(stamps, per)
		if !bytes.HasPrefix(raw, []byte("%PDF-1.7")) || !bytes.HasSuffix(raw, []byte("%%EOF\n")) || bytes.Count(raw, []byte("/Type /Page ")) != 2 {
			t.Errorf("%d: %q", per, raw[:80])
		}
	}
}
