package link

import (
	"bytes"
	"fmt"
	"image/color"
	"strings"

	"github.com/ponte-desk/ponte/internal/paper"
)

// Stamp is a code on a sheet, with what stands below it.
type Stamp struct {
	Drawn   Drawn
	Address string // without https://
	Title   string // "" none
}

// Sheets are how many codes a sheet can have: rows and columns.
var Sheets = map[int][2]int{1: {1, 1}, 4: {2, 2}, 12: {4, 3}, 24: {6, 4}, 40: {8, 5}}

const (
	pageWidth  = paper.Width
	pageHeight = paper.Height
	pageMargin = 28.35
)

// Sheet is a PDF with codes to print and cut out: as many to a page as Sheets knows. It is drawn in lines, so it is sharp in any size.
func Sheet(stamps []Stamp, perPage int) []byte {
	grid, ok := Sheets[perPage]
	if !ok {
		grid, perPage = Sheets[12], 12
	}
	p := &paper.File{}
	catalog, pages := p.Reserve(), p.Reserve()
	fonts := p.Resources()
	var kids []string
	for from := 0; from < len(stamps); from += perPage {
		part := stamps[from:min(from+perPage, len(stamps))]
		var c bytes.Buffer
		images := map[string]int{}
		for i, s := range part {
			w, h := (pageWidth-2*pageMargin)/float64(grid[1]), (pageHeight-2*pageMargin)/float64(grid[0])
			x, y := pageMargin+float64(i%grid[1])*w, pageHeight-pageMargin-float64(i/grid[1]+1)*h
			stamp(p, &c, s, x, y, w, h, images)
		}
		content := p.Reserve()
		p.Stream(content, "", c.Bytes())
		var xs strings.Builder
		for name, n := range images {
			fmt.Fprintf(&xs, "/%s %d 0 R ", name, n)
		}
		page := p.Reserve()
		p.Object(page, fmt.Sprintf("<< /Type /Page /Parent %d 0 R /MediaBox [0 0 %.2f %.2f] /Contents %d 0 R /Resources << %s/XObject << %s>> >> >>",
			pages, pageWidth, pageHeight, content, fonts, xs.String()))
		kids = append(kids, fmt.Sprintf("%d 0 R", page))
	}
	p.Object(pages, fmt.Sprintf("<< /Type /Pages /Kids [%s] /Count %d >>", strings.Join(kids, " "), len(kids)))
	p.Object(catalog, fmt.Sprintf("<< /Type /Catalog /Pages %d 0 R >>", pages))
	return p.End(catalog, 0)
}

// stamp draws a code into a cell of the sheet.
func stamp(p *paper.File, c *bytes.Buffer, s Stamp, x, y, w, h float64, images map[string]int) {
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
			images[name] = p.Picture(d.logo, d.ground)
		}
		fmt.Fprintf(c, "q %.3f 0 0 %.3f %.3f %.3f cm /%s Do Q\n", iw, ih, left+(from+length/2)*m-iw/2, bottom+side-(from+length/2)*m-ih/2, name)
	}
	line := bottom - size*1.1
	if s.Title != "" {
		write(c, paper.Bold, size, x+w/2, line, w*0.94, s.Title)
		line -= size * 1.3
	}
	write(c, paper.Regular, size, x+w/2, line, w*0.94, s.Address)
}

func inkOf(c color.RGBA) string {
	return fmt.Sprintf("%.4f %.4f %.4f", float64(c.R)/255, float64(c.G)/255, float64(c.B)/255)
}

// write writes a line round a middle, smaller when it would be too wide.
func write(c *bytes.Buffer, font *paper.Font, size, middle, y, most float64, s string) {
	if wide := font.Wide(s, size); wide > most {
		size *= most / wide
	}
	c.WriteString("0.137 0.114 0.094 rg " + font.Show(s, size, middle-font.Wide(s, size)/2, y))
}
