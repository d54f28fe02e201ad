package view

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"

	"golang.org/x/image/vector"

	"github.com/ponte-desk/ponte/internal/growth"
	desk "github.com/ponte-desk/ponte/internal/web/view"
)

// The picture that stands beside the page's name where it is shared: the bridge as it is now, without words, which the networks set beside
// it themselves.
const (
	ShareWidth  = 1200
	ShareHeight = 630
)

// The colours of the page by day, as tokens.css has them.
var (
	paper    = color.RGBA{0xf6, 0xf2, 0xea, 0xff}
	stoned   = color.RGBA{0xa2, 0xc5, 0xcb, 0xff}
	inked    = color.RGBA{0x23, 0x1d, 0x18, 0xff}
	reddened = color.RGBA{0xd7, 0x21, 0x1c, 0xff}
	ruled    = color.RGBA{0x87, 0x7f, 0x75, 0xff}
	glazed   = color.RGBA{0x3c, 0x7e, 0x94, 0xff}
)

// How the bridge stands in the picture.
const (
	shareScale = 0.92
	shareLeft  = (ShareWidth - 1200*shareScale) / 2
	shareTop   = 44
	shareLine  = 3.0 // how thick outlines are, in pixels
)

// Share draws the bridge as a PNG.
func (p Page) Share(g growth.Public) ([]byte, error) {
	b := p.bridge(g.Improvements, g.Figures.Published, writeTo(g.Settings.WriteTo))
	img := image.NewRGBA(image.Rect(0, 0, ShareWidth, ShareHeight))
	draw.Draw(img, img.Bounds(), image.NewUniform(paper), image.Point{}, draw.Src)
	for i, s := range ring.Sectors(len(b.stones)) {
		whole, inside := shape(s, 0), shape(s, shareLine/shareScale)
		switch b.stones[i].kind {
		case desk.StoneLaid:
			fill(img, whole, image.NewUniform(stoned))
		case desk.StoneNext:
			fill(img, whole, image.NewUniform(reddened))
		case desk.StoneFailed:
			fill(img, whole, image.NewUniform(inked))
			fill(img, inside, image.NewUniform(paper))
		case desk.StoneEarly:
			fill(img, whole, image.NewUniform(glazed))
			fill(img, inside, hatch{})
		default:
			fill(img, shape(s, shareLine/shareScale/2), dashes{})
			fill(img, inside, image.NewUniform(paper))
		}
	}
	var out bytes.Buffer
	err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&out, img)
	return out.Bytes(), err
}

// shape is the outline of a stone in the picture, moved inside by an inset; its joints are taken off as the page does.
func shape(s desk.Sector, inset float64) []point {
	inner, outer, joint := s.Inner+inset, s.Outer-inset, ring.Joint+2*inset
	at := func(radius, degrees float64) point {
		a := degrees * math.Pi / 180
		return point{float32(shareLeft + shareScale*(ring.CX+radius*math.Cos(a))), float32(shareTop + shareScale*(ring.CY-radius*math.Sin(a)))}
	}
	const steps = 24 // of an arc
	var out []point
	arc := func(radius, from, to float64) {
		off := math.Asin(joint/(2*radius)) * 180 / math.Pi
		from, to = from-off*sign(from-to), to+off*sign(from-to)
		for n := range steps + 1 {
			out = append(out, at(radius, from+(to-from)*float64(n)/steps))
		}
	}
	arc(outer, s.From, s.To)
	arc(inner, s.To, s.From)
	return out
}

func sign(x float64) float64 { return math.Copysign(1, x) }

type point struct{ x, y float32 }

func fill(img *image.RGBA, outline []point, with image.Image) {
	r := vector.NewRasterizer(ShareWidth, ShareHeight)
	for i, p := range outline {
		if i == 0 {
			r.MoveTo(p.x, p.y)
		} else {
			r.LineTo(p.x, p.y)
		}
	}
	r.ClosePath()
	r.Draw(img, img.Bounds(), with, image.Point{})
}

// hatch is what is too early to tell: lines across, as on the page.
type hatch struct{}

func (hatch) ColorModel() color.Model { return color.RGBAModel }
func (hatch) Bounds() image.Rectangle { return image.Rect(0, 0, ShareWidth, ShareHeight) }
func (hatch) At(x, y int) color.Color {
	if (x+y)%13 < 2 {
		return glazed
	}
	return paper
}

// dashes are where a stone is still to be laid.
type dashes struct{}

func (dashes) ColorModel() color.Model { return color.RGBAModel }
func (dashes) Bounds() image.Rectangle { return image.Rect(0, 0, ShareWidth, ShareHeight) }
func (dashes) At(x, y int) color.Color {
	if (x/9+y/9)%2 == 0 {
		return ruled
	}
	return paper
}
