package link

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"image"
	"image/color"
	"strings"
)

// Stamp is a code on a sheet, with what stands below it.
type Stamp struct {
	Drawn   Drawn
	Address string // without https://
	Title   string // "" none
}

// Sheets are how many codes a sheet can have: rows and columns.
var Sheets = map[int][2]int{1: {1, 1}, 4: {2, 2}, 12: {4, 3}, 24: {6, 4}, 40: {8, 5}}

// A4 in points, and its margin.
const (
	pageWidth  = 595.28
	pageHeight = 841.89
	pageMargin = 28.35
)

// Sheet is a PDF with codes to print and cut out: as many to a page as Sheets knows. It is drawn in lines, so it is sharp in any size; the
// letters are Helvetica, which every reader of PDF has (PDF 32000-1:2008, 9.6.2.2).
func Sheet(stamps []Stamp, perPage int) ([]byte, error) {
	grid, ok := Sheets[perPage]
	if !ok {
		grid, perPage = Sheets[12], 12
	}
	p := &pdf{}
	catalog, pages, font, bold := p.reserve(), p.reserve(), p.reserve(), p.reserve()
	var kids []string
	for from := 0; from < len(stamps); from += perPage {
		part := stamps[from:min(from+perPage, len(stamps))]
		var c bytes.Buffer
		images := map[string]int{}
		for i, s := range part {
			w, h := (pageWidth-2*pageMargin)/float64(grid[1]), (pageHeight-2*pageMargin)/float64(grid[0])
			x, y := pageMargin+float64(i%grid[1])*w, pageHeight-pageMargin-float64(i/grid[1]+1)*h
			if err := p.stamp(&c, s, x, y, w, h, images); err != nil {
				return nil, err
			}
		}
		content := p.reserve()
		p.stream(content, "", c.Bytes())
		var xs strings.Builder
		for name, n := range images {
			fmt.Fprintf(&xs, "/%s %d 0 R ", name, n)
		}
		page := p.reserve()
		p.object(page, fmt.Sprintf("<< /Type /Page /Parent %d 0 R /MediaBox [0 0 %.2f %.2f] /Contents %d 0 R /Resources << /Font << /F1 %d 0 R /F2 %d 0 R >> /XObject << %s>> >> >>",
			pages, pageWidth, pageHeight, content, font, bold, xs.String()))
		kids = append(kids, fmt.Sprintf("%d 0 R", page))
	}
	p.object(font, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
	p.object(bold, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>")
	p.object(pages, fmt.Sprintf("<< /Type /Pages /Kids [%s] /Count %d >>", strings.Join(kids, " "), len(kids)))
	p.object(catalog, fmt.Sprintf("<< /Type /Catalog /Pages %d 0 R >>", pages))
	return p.end(catalog), nil
}

// stamp draws a code into a cell of the sheet.
func (p *pdf) stamp(c *bytes.Buffer, s Stamp, x, y, w, h float64, images map[string]int) error {
	d := s.Drawn
	size := min(11, h/14)
	label := size * 1.5
	if s.Title != "" {
		label += size * 1.3
	}
	side := min(w, h-label) * 0.9
	if w > 400 {
		side = min(side, 340) // one to a page is not a poster
	}
	left, bottom := x+(w-side)/2, y+label+(h-label-side)/2
	all := float64(d.n + 2*quiet)
	m := side / all
	fmt.Fprintf(c, "%s rg %.3f %.3f %.3f %.3f re f\n%s rg\n", inkOf(d.ground), left, bottom, side, side, inkOf(d.ink))
	d.rects(func(cx, cy, cw int) {
		fmt.Fprintf(c, "%.3f %.3f %.3f %.3f re\n", left+float64(cx+quiet)*m, bottom+side-float64(cy+quiet+1)*m, float64(cw)*m, m)
	})
	c.WriteString("f\n")
	if d.logo != nil {
		from, length := d.middle()
		fmt.Fprintf(c, "%s rg %.3f %.3f %.3f %.3f re f\n", inkOf(d.ground), left+from*m, bottom+side-(from+length)*m, length*m, length*m)
		iw, ih := fit(d.logo.Bounds().Dx(), d.logo.Bounds().Dy(), length*0.9*m)
		name := "L0"
		if images[name] == 0 {
			n, err := p.image(d.logo, d.ground)
			if err != nil {
				return err
			}
			images[name] = n
		}
		fmt.Fprintf(c, "q %.3f 0 0 %.3f %.3f %.3f cm /%s Do Q\n", iw, ih, left+(from+length/2)*m-iw/2, bottom+side-(from+length/2)*m-ih/2, name)
	}
	line := bottom - size*1.1
	if s.Title != "" {
		write(c, "F2", size, x+w/2, line, w*0.94, s.Title)
		line -= size * 1.3
	}
	write(c, "F1", size, x+w/2, line, w*0.94, s.Address)
	return nil
}

func inkOf(c color.RGBA) string {
	return fmt.Sprintf("%.4f %.4f %.4f", float64(c.R)/255, float64(c.G)/255, float64(c.B)/255)
}

// write writes a line round a middle, smaller when it would be too wide.
func write(c *bytes.Buffer, font string, size, middle, y, most float64, s string) {
	raw := winAnsi(s)
	wide := 0.0
	for _, b := range raw {
		wide += helvetica(b)
	}
	if font == "F2" {
		wide *= 1.07
	}
	if wide*size > most && wide > 0 {
		size = most / wide
	}
	fmt.Fprintf(c, "0.137 0.114 0.094 rg BT /%s %.2f Tf %.3f %.3f Td (", font, size, middle-wide*size/2, y)
	for _, b := range raw {
		if b == '(' || b == ')' || b == '\\' {
			c.WriteByte('\\')
		}
		c.WriteByte(b)
	}
	c.WriteString(") Tj ET\n")
}

// winAnsi writes text in the letters of Helvetica; what it does not have is a question mark.
func winAnsi(s string) []byte {
	var out []byte
	for _, r := range s {
		switch {
		case r >= 0x20 && r < 0x7f || r >= 0xa0 && r <= 0xff:
			out = append(out, byte(r))
		case r == '’' || r == '‘':
			out = append(out, '\'')
		case r == '€':
			out = append(out, 0x80)
		case r == '–' || r == '—':
			out = append(out, 0x96)
		default:
			out = append(out, '?')
		}
	}
	return out
}

// helvetica is about how wide a letter is, in sizes of the font: enough to stand in the middle.
func helvetica(b byte) float64 {
	switch {
	case strings.IndexByte("ijl.,:;'!|", b) >= 0:
		return .25
	case strings.IndexByte("ftrI/()- ", b) >= 0:
		return .31
	case strings.IndexByte("mwMW", b) >= 0:
		return .84
	case b >= 'A' && b <= 'Z':
		return .69
	}
	return .55
}

// pdf is a file being written.
type pdf struct {
	out bytes.Buffer
	at  []int // where each object begins
}

func (p *pdf) reserve() int {
	p.at = append(p.at, 0)
	return len(p.at)
}

func (p *pdf) object(n int, body string) {
	if p.out.Len() == 0 {
		p.out.WriteString("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
	}
	p.at[n-1] = p.out.Len()
	fmt.Fprintf(&p.out, "%d 0 obj\n%s\nendobj\n", n, body)
}

func (p *pdf) stream(n int, head string, raw []byte) {
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	_, _ = w.Write(raw) // memory takes it
	_ = w.Close()
	p.object(n, fmt.Sprintf("<< %s/Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream", head, z.Len(), z.String()))
}

// image adds a picture on a ground and gives its number.
func (p *pdf) image(img image.Image, ground color.RGBA) (int, error) {
	b := img.Bounds()
	raw := make([]byte, 0, 3*b.Dx()*b.Dy())
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			r, g, bl, a := img.At(x, y).RGBA()
			over := func(c uint32, under uint8) byte { return byte((c + uint32(under)*0x101*(0xffff-a)/0xffff) >> 8) }
			raw = append(raw, over(r, ground.R), over(g, ground.G), over(bl, ground.B))
		}
	}
	n := p.reserve()
	p.stream(n, fmt.Sprintf("/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceRGB /BitsPerComponent 8 ", b.Dx(), b.Dy()), raw)
	return n, nil
}

func (p *pdf) end(catalog int) []byte {
	from := p.out.Len()
	fmt.Fprintf(&p.out, "xref\n0 %d\n0000000000 65535 f \n", len(p.at)+1)
	for _, at := range p.at {
		fmt.Fprintf(&p.out, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&p.out, "trailer\n<< /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(p.at)+1, catalog, from)
	return p.out.Bytes()
}
