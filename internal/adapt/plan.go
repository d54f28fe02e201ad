package adapt

import (
	"math"
	"slices"
	"strings"
)

// Rect is a part of a picture, in its pixels, from the top left.
type Rect struct{ X, Y, Width, Height int }

// Plan says what a file must become so that a network takes it.
type Plan struct {
	Change        bool // false: it goes as it is
	Width, Height int  // of the result; 0: unknown
	MIME          string
	Crop          Rect  // of the original; all of it when nothing is cut off
	Bytes         int64 // the result may have at most so many; 0: any number
	// Refused is the key of the reason why no change of its pixels helps; Args are its words.
	Refused string
	Args    map[string]any
}

// Cropped tells whether something of the picture is cut off.
func (p Plan) Cropped(m Media) bool {
	return p.Crop.Width > 0 && (p.Crop.Width != m.Width || p.Crop.Height != m.Height)
}

// Focus gives where the point that matters lies in what is left of a picture.
func (p Plan) Focus(m Media) (x, y float64) {
	x, y = clamp(m.FocusX), clamp(m.FocusY)
	if !p.Cropped(m) || m.Width <= 0 || m.Height <= 0 {
		return x, y
	}
	left := (x+1)/2*float64(m.Width) - float64(p.Crop.X)
	top := (1-y)/2*float64(m.Height) - float64(p.Crop.Y)
	return clamp(left/float64(p.Crop.Width)*2 - 1), clamp(1 - top/float64(p.Crop.Height)*2)
}

// aspectSlack is how far a shape may be off before it counts, because sizes are whole pixels.
const aspectSlack = 0.005

// FitMedia says what a file must become so that a network takes it: its size, its form, its bytes, and what is cut
// off where the network refuses its shape. What matters of it, its focus, stays as near the middle as it can.
// Only pictures can be changed; a moving one fits or is refused.
func FitMedia(m Media, n Network) Plan {
	r := RulesOf(n)
	return FitMediaTo(m, r.Media)
}

// FitMediaTo is FitMedia for a place that told its own limits.
func FitMediaTo(m Media, rules MediaRules) Plan {
	r := rules.of(m.Kind)
	if as := rules.as(m); as != kindOf(m) { // its first picture
		m.Kind = as
		p := fitFile(m, rules.of(as))
		if p.Change = true; p.MIME == m.MIME { // also where a GIF is taken, it goes as what never moves
			p.MIME = target(m.MIME, []string{"image/jpeg", "image/png"})
		}
		return p
	}
	if rules.Most < 0 || r.Most < 0 {
		return Plan{Refused: "adapt.kind_refused"}
	}
	return fitFile(m, r)
}

func fitFile(m Media, r *FileRules) Plan {
	p := Plan{Width: m.Width, Height: m.Height, MIME: m.MIME, Bytes: r.Bytes, Crop: Rect{Width: m.Width, Height: m.Height}}
	if kindOf(m) != Image {
		if why := refusals(m, r); len(why) > 0 {
			p.Refused, p.Args = why[0].Key, why[0].Args
		}
		return p
	}
	if m.MIME != "" && len(r.MIME) > 0 && !slices.Contains(r.MIME, strings.ToLower(m.MIME)) {
		p.Change, p.MIME = true, target(m.MIME, r.MIME)
	}
	if r.Bytes > 0 && m.Bytes > r.Bytes {
		p.Change = true
		if p.MIME == "image/png" && slices.Contains(r.MIME, "image/jpeg") {
			p.MIME = "image/jpeg" // a photograph gets small in no other way
		}
	}
	if m.Width <= 0 || m.Height <= 0 {
		return p
	}
	p.Crop = crop(m, r)
	w, h := float64(p.Crop.Width), float64(p.Crop.Height)
	scale := 1.0
	down := func(most, have float64) {
		if most > 0 && have*scale > most {
			scale = most / have
		}
	}
	down(float64(r.MaxWidth), w)
	down(float64(r.MaxHeight), h)
	down(float64(r.MaxSum), w+h)
	if r.MaxPixels > 0 && w*h*scale*scale > float64(r.MaxPixels) {
		scale = math.Sqrt(float64(r.MaxPixels) / (w * h))
	}
	p.Width, p.Height = max(int(w*scale), 1), max(int(h*scale), 1)
	if scale == 1 {
		p.Width, p.Height = p.Crop.Width, p.Crop.Height
	}
	if p.Cropped(m) || scale < 1 {
		p.Change = true
	}
	if p.Width < r.MinWidth || p.Height < r.MinHeight {
		p.Refused, p.Args = "adapt.media_small", map[string]any{"width": p.Width, "height": p.Height}
	}
	return p
}

// crop is the largest part of a picture that has a shape the network takes, around its focus.
func crop(m Media, r *FileRules) Rect {
	w, h := float64(m.Width), float64(m.Height)
	aspect := w / h
	switch {
	case r.MinAspect > 0 && aspect < r.MinAspect-aspectSlack:
		h = math.Floor(w / r.MinAspect)
	case r.MaxAspect > 0 && aspect > r.MaxAspect+aspectSlack:
		w = math.Floor(h * r.MaxAspect)
	}
	cw, ch := max(int(w), 1), max(int(h), 1)
	// The focus in pixels, and the part around it, moved back inside.
	fx := (clamp(m.FocusX) + 1) / 2 * float64(m.Width)
	fy := (1 - clamp(m.FocusY)) / 2 * float64(m.Height)
	x := min(max(int(math.Round(fx-w/2)), 0), m.Width-cw)
	y := min(max(int(math.Round(fy-h/2)), 0), m.Height-ch)
	return Rect{X: x, Y: y, Width: cw, Height: ch}
}

func clamp(v float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return min(max(v, -1), 1)
}

// target is the form a picture is changed into: one that keeps what is transparent where the original may have it.
func target(from string, known []string) string {
	order := []string{"image/jpeg", "image/png"}
	switch strings.ToLower(from) {
	case "image/png", "image/gif", "image/webp", "image/bmp", "image/tiff":
		order = []string{"image/png", "image/jpeg"}
	}
	for _, o := range order {
		if slices.Contains(known, o) {
			return o
		}
	}
	return known[0]
}
