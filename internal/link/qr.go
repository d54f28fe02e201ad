package link

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"strconv"
	"strings"

	qr "github.com/piglig/go-qr"
	"golang.org/x/image/draw"

	"github.com/ponte-desk/ponte/internal/fault"
)

// Level is how much of a QR code may be dirty or covered and still be read.
type Level string

// The levels of ISO/IEC 18004: 7, 15, 25 and 30 of a hundred.
const (
	Low      Level = "l"
	Medium   Level = "m"
	Quartile Level = "q"
	High     Level = "h"
)

// Levels are all of them, from the lowest.
var Levels = []Level{Low, Medium, Quartile, High}

// Look is how a QR code is drawn.
type Look struct {
	Level Level  // "": quartile, or high with a logo
	Dark  string // #231d18; "": black
	Light string // "": white
	Logo  []byte // PNG, for the middle; nil: none
	Side  int    // pixels of a picture; 0: 1024
}

// The look of pictures.
const (
	quiet    = 4 // modules of margin, as the standard wants
	sideLess = 120
	sideMost = 4096
	sideThen = 1024
	// logoShare is how much of the side a logo takes, and coverLevel the least level that loses no more by it than it can make good, however long the address
	// and whatever the picture: the tests have it read by somebody else's reader, near, far and out of focus.
	logoShare  = 0.22
	coverLevel = qr.Quartile
	// contrast is the least that cameras in shops and phones in dim light can tell (WCAG's ratio).
	contrastLeast = 3.0
)

// Drawn is a QR code, ready to be drawn.
type Drawn struct {
	address     string
	n           int // modules on a side, without the margin
	dark        []bool
	ink, ground color.RGBA
	logo        image.Image
	logoPNG     []byte
	covered     bool // a logo covers more than the level can lose
	side        int
}

// Draw makes the QR code of an address. What cannot be read is refused: a code on ten thousand flyers cannot be called back.
func Draw(address string, k Look) (Drawn, error) {
	d := Drawn{address: forQR(address), side: k.Side, logoPNG: k.Logo}
	var wrong fields
	var ok bool
	if d.ink, ok = parseColour(k.Dark, color.RGBA{0, 0, 0, 255}); !ok {
		wrong.bad("dark", "link.qr.colour", nil)
	}
	if d.ground, ok = parseColour(k.Light, color.RGBA{255, 255, 255, 255}); !ok {
		wrong.bad("light", "link.qr.colour", nil)
	}
	if d.side == 0 {
		d.side = sideThen
	}
	if d.side < sideLess || d.side > sideMost {
		wrong.bad("side", "link.qr.side", map[string]any{"min": sideLess, "max": sideMost})
	}
	if k.Level == "" {
		k.Level = Quartile
		if k.Logo != nil {
			k.Level = High
		}
	}
	level, ok := map[Level]qr.Ecc{Low: qr.Low, Medium: qr.Medium, Quartile: qr.Quartile, High: qr.High}[k.Level]
	if !ok {
		wrong.bad("level", "link.qr.level", nil)
	}
	d.covered = k.Logo != nil && level < coverLevel
	if k.Logo != nil {
		img, err := png.Decode(bytes.NewReader(k.Logo))
		if err != nil {
			wrong.bad("logo", "link.logo.wrong", map[string]any{"mb": maxLogo >> 20})
		}
		d.logo = img
	}
	if err := fault.InvalidFields(wrong...); err != nil {
		return d, err
	}
	code, err := qr.EncodeText(d.address, level)
	if err != nil {
		return d, fault.New(fault.Invalid, "link.qr.long").Because(err)
	}
	d.n = code.Size()
	d.dark = make([]bool, d.n*d.n)
	for y := range d.n {
		for x := range d.n {
			d.dark[y*d.n+x] = code.Module(x, y)
		}
	}
	return d, nil
}

// forQR writes an address in the letters that QR codes pack tightest: scheme, host and /l/ may be in capitals, and codes too.
func forQR(address string) string {
	i := strings.Index(address, Path)
	if i < 0 || strings.ContainsAny(address, "?#") || strings.Count(address, "/") != 4 {
		return address
	}
	return strings.ToUpper(address)
}

func parseColour(s string, usual color.RGBA) (color.RGBA, bool) {
	s = strings.TrimPrefix(strings.TrimSpace(s), "#")
	if s == "" {
		return usual, true
	}
	n, err := strconv.ParseUint(s, 16, 32)
	if err != nil || len(s) != 6 {
		return usual, false
	}
	return color.RGBA{uint8(n >> 16), uint8(n >> 8), uint8(n), 255}, true
}

// Contrast is the code's, from 1 to 21 (WCAG 2).
func (d Drawn) Contrast() float64 { return contrast(d.ink, d.ground) }

// MustRead is an error when a camera could not read the code: its colours are too near to each other, it is light on dark (many readers do not turn it round), or its logo covers too much.
func (d Drawn) MustRead() error {
	switch {
	case d.Contrast() < contrastLeast || luminance(d.ink) > luminance(d.ground):
		return fault.InvalidFields(fault.Field{Name: "dark", Key: "link.qr.contrast", Args: map[string]any{"ratio": math.Floor(d.Contrast()*10) / 10, "least": contrastLeast}})
	case d.covered:
		return fault.InvalidFields(fault.Field{Name: "logo", Key: "link.qr.unread"})
	}
	return nil
}

// luminance and contrast are WCAG 2's.
func luminance(c color.RGBA) float64 {
	f := func(v uint8) float64 {
		x := float64(v) / 255
		if x <= 0.03928 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return 0.2126*f(c.R) + 0.7152*f(c.G) + 0.0722*f(c.B)
}

func contrast(a, b color.RGBA) float64 {
	x, y := luminance(a), luminance(b)
	if x < y {
		x, y = y, x
	}
	return (x + 0.05) / (y + 0.05)
}

// middle is the square that a logo stands in, in modules with the margin: where it begins and how long its side is.
func (d Drawn) middle() (from, side float64) {
	side = math.Round(float64(d.n)*logoShare/2)*2 + 1 // an odd number, like the code's side: it covers whole modules
	return (float64(d.n+2*quiet) - side) / 2, side
}

// image draws the code in about so many pixels: a whole number for each module, so that no edge is soft.
func (d Drawn) image(side int) *image.RGBA {
	all := d.n + 2*quiet
	m := max(side/all, 1)
	img := image.NewRGBA(image.Rect(0, 0, all*m, all*m))
	draw.Draw(img, img.Bounds(), image.NewUniform(d.ground), image.Point{}, draw.Src)
	ink := image.NewUniform(d.ink)
	for y := range d.n {
		for x := range d.n {
			if d.dark[y*d.n+x] {
				draw.Draw(img, image.Rect((x+quiet)*m, (y+quiet)*m, (x+quiet+1)*m, (y+quiet+1)*m), ink, image.Point{}, draw.Src)
			}
		}
	}
	if d.logo != nil {
		from, length := d.middle()
		box := image.Rect(int(from)*m, int(from)*m, int(from+length)*m, int(from+length)*m)
		draw.Draw(img, box, image.NewUniform(d.ground), image.Point{}, draw.Src)
		w, h := fit(d.logo.Bounds().Dx(), d.logo.Bounds().Dy(), float64(box.Dx())*0.9)
		at := image.Pt(box.Min.X+(box.Dx()-int(w))/2, box.Min.Y+(box.Dy()-int(h))/2)
		draw.CatmullRom.Scale(img, image.Rect(at.X, at.Y, at.X+int(w), at.Y+int(h)), d.logo, d.logo.Bounds(), draw.Over, nil)
	}
	return img
}

func fit(w, h int, most float64) (float64, float64) {
	s := most / float64(max(w, h))
	return float64(w) * s, float64(h) * s
}

// PNG is the code as a picture.
func (d Drawn) PNG() ([]byte, error) {
	var b bytes.Buffer
	e := png.Encoder{CompressionLevel: png.BestCompression}
	if err := e.Encode(&b, d.image(d.side)); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// rects calls f with every run of dark modules: column, row, length; the margin is not counted in.
func (d Drawn) rects(f func(x, y, w int)) {
	for y := range d.n {
		for x := 0; x < d.n; x++ {
			from := x
			for x < d.n && d.dark[y*d.n+x] {
				x++
			}
			if x > from {
				f(from, y, x-from)
			}
		}
	}
}

// SVG is the code as a drawing that can be printed in any size.
func (d Drawn) SVG() []byte {
	var b bytes.Buffer
	all := d.n + 2*quiet
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" shape-rendering="crispEdges"><rect width="%d" height="%d" fill="%s"/><path fill="%s" d="`, all, all, d.side, d.side, all, all, hexOf(d.ground), hexOf(d.ink))
	d.rects(func(x, y, w int) { fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", x+quiet, y+quiet, w, w) })
	b.WriteString(`"/>`)
	if d.logo != nil {
		from, length := d.middle()
		w, h := fit(d.logo.Bounds().Dx(), d.logo.Bounds().Dy(), length*0.9)
		fmt.Fprintf(&b, `<rect x="%g" y="%g" width="%g" height="%g" fill="%s"/><image x="%g" y="%g" width="%g" height="%g" href="data:image/png;base64,%s"/>`,
			from, from, length, length, hexOf(d.ground), from+(length-w)/2, from+(length-h)/2, w, h, base64.StdEncoding.EncodeToString(d.logoPNG))
	}
	b.WriteString(`</svg>`)
	return b.Bytes()
}

func hexOf(c color.RGBA) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }
