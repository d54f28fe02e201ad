package media_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"testing"

	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/storetest"
)

// The inner chunks of WebP images of 60 x 40 pixels, drawn in a browser: red and blue halves, lossy; a half-transparent
// red half beside nothing, lossy with its transparency; the same without loss.
const (
	webpPhoto = "kAYAnQEqPAAoAD5tNJVHJCMiISqoAIANiWMA0MkAPwA0wH4AUYD8AK0A/gGUAfoABJFVdqY6PUsnCyU+AAD+8JtBaYUke115Hb8gP+QH/8fOa2iaaNENuZVzoZGaK0NVXUvLrqV6RbD00Ogej0/1qWfxkB9slAAA"
	webpClear = "sAUAnQEqPAAoAD5tLpVHJCKiISq0CwCADYljANIxAD8ANOT+ADMAMkA/QAAmlKLdNJrdNJQAAP7wm0HZlteTwB3X78gP/ID/+Pg7O2y6JJUz0D8SdrU//h6ldGyWP/w9Sujdv4Y2nh9VA6dGWQAAAA=="
	webpAlpha = "AQ8wgBERgjDbqGbnTzWFe0b0P6rBbw=="
	webpExact = "LzvACRAPEPMfAxgMwmyjmp0/1RTuGdH/qAa3AQ=="
)

// webpOf puts chunks (name, content, name, content ...) into a WebP file.
func webpOf(chunks ...string) []byte {
	body := []byte("WEBP")
	for i := 0; i < len(chunks); i += 2 {
		body = append(body, chunks[i]...)
		body = binary.LittleEndian.AppendUint32(body, uint32(len(chunks[i+1])))
		body = append(body, chunks[i+1]...)
		if len(chunks[i+1])%2 == 1 {
			body = append(body, 0)
		}
	}
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

func unbase64(t testing.TB, s string) string {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestWebPBecomesWhatEveryNetworkTakes(t *testing.T) {
	t.Parallel()
	d := open(t, storetest.SQLite(t), media.Options{})
	photo, exact := unbase64(t, webpPhoto), unbase64(t, webpExact)
	clear, alpha := unbase64(t, webpClear), unbase64(t, webpAlpha)
	const head = "\x00\x00\x00\x3b\x00\x00\x27\x00\x00" // 60 x 40
	for _, c := range []struct {
		name string
		b    []byte
		kind string
		w, h int
		red  image.Point
		full bool
	}{
		{"photograph", webpOf("VP8 ", photo), "image/jpeg", 60, 40, image.Pt(5, 20), true},
		{"photograph held on its side", webpOf("VP8X", "\x08"+head, "VP8 ", photo, "EXIF", string(exif(6))), "image/jpeg", 40, 60, image.Pt(20, 5), true},
		{"transparent", webpOf("VP8X", "\x10"+head, "ALPH", alpha, "VP8 ", clear), "image/png", 60, 40, image.Pt(5, 20), false},
		{"without loss", webpOf("VP8L", exact), "image/png", 60, 40, image.Pt(5, 20), false},
	} {
		f := d.add(t, c.name+".webp", c.b)
		if f.MIME != c.kind || f.Width != c.w || f.Height != c.h {
			t.Errorf("%s: %+v", c.name, f)
			continue
		}
		b, _ := d.read(t, f, media.Whole)
		if bytes.Contains(b, []byte("SecretCamer")) {
			t.Errorf("%s keeps its metadata", c.name)
		}
		read := png.Decode
		if c.kind == "image/jpeg" {
			read = jpeg.Decode
		}
		img, err := read(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		p := color.NRGBAModel.Convert(img.At(c.red.X, c.red.Y)).(color.NRGBA)
		if p.R < 0xc0 || p.B > 0x40 || (p.A == 0xff) != c.full {
			t.Errorf("%s: %+v is not its red", c.name, p)
		}
	}
}
