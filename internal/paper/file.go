package paper

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"image"
	"image/color"
	"unicode/utf16"
)

// A4 in points.
const (
	Width  = 595.28
	Height = 841.89
)

// File is a PDF being written, object by object (ISO 32000-1).
type File struct {
	out bytes.Buffer
	at  []int // where each object begins
}

// Reserve gives the number of an object that is written later.
func (f *File) Reserve() int {
	f.at = append(f.at, 0)
	return len(f.at)
}

// Object writes an object.
func (f *File) Object(n int, body string) {
	if f.out.Len() == 0 {
		f.out.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	}
	f.at[n-1] = f.out.Len()
	fmt.Fprintf(&f.out, "%d 0 obj\n%s\nendobj\n", n, body)
}

// Stream writes a stream, compressed; head are further entries of its dictionary, each with a space after it.
func (f *File) Stream(n int, head string, raw []byte) {
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	_, _ = w.Write(raw) // memory takes it
	_ = w.Close()
	f.packed(n, head, z.Bytes())
}

func (f *File) packed(n int, head string, z []byte) {
	f.Object(n, fmt.Sprintf("<< %s/Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream", head, len(z), z))
}

// Picture writes a picture on a ground and gives its number.
func (f *File) Picture(img image.Image, ground color.RGBA) int {
	b := img.Bounds()
	raw := make([]byte, 0, 3*b.Dx()*b.Dy())
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			r, g, bl, a := img.At(x, y).RGBA()
			over := func(c uint32, under uint8) byte { return byte((c + uint32(under)*0x101*(0xffff-a)/0xffff) >> 8) }
			raw = append(raw, over(r, ground.R), over(g, ground.G), over(bl, ground.B))
		}
	}
	n := f.Reserve()
	f.Stream(n, fmt.Sprintf("/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceRGB /BitsPerComponent 8 ", b.Dx(), b.Dy()), raw)
	return n
}

// End gives the file, whose catalog and information stand under these numbers; info 0: it has none.
func (f *File) End(catalog, info int) []byte {
	from := f.out.Len()
	fmt.Fprintf(&f.out, "xref\n0 %d\n0000000000 65535 f \n", len(f.at)+1)
	for _, at := range f.at {
		fmt.Fprintf(&f.out, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&f.out, "trailer\n<< /Size %d /Root %d 0 R", len(f.at)+1, catalog)
	if info > 0 {
		fmt.Fprintf(&f.out, " /Info %d 0 R", info)
	}
	fmt.Fprintf(&f.out, " >>\nstartxref\n%d\n%%%%EOF\n", from)
	return f.out.Bytes()
}

// Say writes text outside of pages, such as a title, in whatever script.
func Say(s string) string {
	var b bytes.Buffer
	b.WriteString("<FEFF")
	for _, u := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, "%04X", u)
	}
	b.WriteByte('>')
	return b.String()
}
