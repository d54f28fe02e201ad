package media

import (
	"image"
	"image/draw"
	"math"
)

// stripRows is how many rows of an image are unpacked to plain pixels at a time.
const stripRows = 32

// rows gives an image row by row as premultiplied RGBA, whatever it is kept as, without unpacking it whole.
type rows struct {
	src   image.Image
	strip *image.RGBA
	from  int // of the strip, in rows of src from its top
	have  int
}

func newRows(src image.Image) *rows {
	return &rows{src: src, strip: image.NewRGBA(image.Rect(0, 0, src.Bounds().Dx(), min(stripRows, src.Bounds().Dy())))}
}

// row gives row y, from 0. What it gives holds until the next call. Rows are asked for from the top down.
func (r *rows) row(y int) []uint8 {
	if y < r.from || y >= r.from+r.have {
		b := r.src.Bounds()
		r.from, r.have = y, min(r.strip.Rect.Dy(), b.Dy()-y)
		draw.Draw(r.strip, image.Rect(0, 0, b.Dx(), r.have), r.src, image.Pt(b.Min.X, b.Min.Y+y), draw.Src)
	}
	return r.strip.Pix[(y-r.from)*r.strip.Stride:][:r.strip.Rect.Dx()*4]
}

// taps are the pixels of a line that one pixel of a shorter line is made of, with their weights, which are 1 together.
type taps struct {
	from    int
	weights []float32
}

// tapsOf are those of a line of n pixels that becomes one of m, by the cubic of Catmull and Rom stretched over what falls together.
func tapsOf(n, m int) []taps {
	scale := float64(n) / float64(m)
	reach := max(scale, 1)
	out := make([]taps, m)
	for i := range out {
		centre := (float64(i)+0.5)*scale - 0.5
		from, to := max(int(math.Ceil(centre-2*reach)), 0), min(int(math.Floor(centre+2*reach)), n-1)
		t := taps{from: from, weights: make([]float32, to-from+1)}
		sum := 0.0
		for j := range t.weights {
			w := cubic(math.Abs(float64(from+j)-centre) / reach)
			t.weights[j] = float32(w)
			sum += w
		}
		for j := range t.weights {
			t.weights[j] /= float32(sum)
		}
		out[i] = t
	}
	return out
}

// cubic is the kernel of Catmull and Rom (Keys 1981, a = -1/2).
func cubic(x float64) float64 {
	switch {
	case x < 1:
		return (1.5*x-2.5)*x*x + 1
	case x < 2:
		return ((-0.5*x+2.5)*x-4)*x + 2
	}
	return 0
}

// scaled gives an image in another size. It goes through the original row by row: beside the result it takes the room of a few rows,
// however large the original is.
func scaled(img image.Image, w, h int) *image.RGBA {
	b := img.Bounds()
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	across, down := tapsOf(b.Dx(), w), tapsOf(b.Dy(), h)
	deep := 0
	for _, t := range down {
		deep = max(deep, len(t.weights))
	}
	// The rows already narrowed that the next row of the result may need, in a ring.
	ring := make([][]float32, deep)
	for i := range ring {
		ring[i] = make([]float32, w*4)
	}
	in, done := newRows(img), 0
	sum := make([]float32, w*4)
	for y := range h {
		t := down[y]
		for ; done < t.from+len(t.weights); done++ {
			if done >= t.from {
				narrow(ring[done%deep], in.row(done), across)
			}
		}
		clear(sum)
		for j, weight := range t.weights {
			for x, v := range ring[(t.from+j)%deep] {
				sum[x] += weight * v
			}
		}
		out := dst.Pix[y*dst.Stride:][:w*4]
		for x := 0; x < len(out); x += 4 {
			a := byteOf(sum[x+3])
			out[x], out[x+1], out[x+2], out[x+3] = min(byteOf(sum[x]), a), min(byteOf(sum[x+1]), a), min(byteOf(sum[x+2]), a), a
		}
	}
	return dst
}

// narrow makes a row shorter.
func narrow(dst []float32, src []uint8, across []taps) {
	for x, t := range across {
		var r, g, b, a float32
		at := t.from * 4
		for _, w := range t.weights {
			p := src[at : at+4 : at+4]
			r += w * float32(p[0])
			g += w * float32(p[1])
			b += w * float32(p[2])
			a += w * float32(p[3])
			at += 4
		}
		o := dst[x*4 : x*4+4 : x*4+4]
		o[0], o[1], o[2], o[3] = r, g, b, a
	}
}

func byteOf(v float32) uint8 { return uint8(min(max(v+0.5, 0), 255)) }

// sized gives the longer side of an image another length, and the other what fits to it.
func sized(img image.Image, side int) *image.RGBA {
	b := img.Bounds()
	w, h := side, max(1, (b.Dy()*side+b.Dx()/2)/b.Dx())
	if b.Dy() > b.Dx() {
		w, h = max(1, (b.Dx()*side+b.Dy()/2)/b.Dy()), side
	}
	return scaled(img, w, h)
}
