package paper

import (
	"bytes"
	"fmt"
	"strings"
	"time"
)

// About is what a document says of itself.
type About struct {
	Title  string
	Author string
	Lang   string // it or en
	At     time.Time
	Foot   func(page, of int) string // under each page; nil: nothing
}

// Style is how a line is set.
type Style struct {
	Font   *Font
	Size   float64 // points
	Lead   float64 // from line to line; 0: 1.35 of the size
	Before float64 // room above
	Grey   bool
}

const (
	margin = 51 // 18 mm
	foot   = 62 // where text ends, from below
	ink    = "0.137 0.114 0.094"
	soft   = "0.400 0.361 0.325"
	rule   = "0.835 0.804 0.765"
	clay   = "0.690 0.231 0.122"
	sheetW = Width - 2*margin
)

// Doc is a document that flows over A4 pages, with its structure: what is a heading, what a table (ISO 32000-1, 14.7 and 14.8).
type Doc struct {
	about About
	file  File
	pages []*page
	y     float64 // from below
	root  *element
}

type page struct {
	number int // of its object
	body   bytes.Buffer
	marked []*element // what each of its marks belongs to
}

// element is a part of the structure.
type element struct {
	number int
	kind   string
	more   string // further entries
	parent *element
	kids   []*element
	marks  [][2]int // page and mark
}

// New begins a document.
func New(a About) *Doc {
	d := &Doc{about: a}
	d.root = d.element(nil, "Document", "")
	d.turn()
	return d
}

func (d *Doc) element(parent *element, kind, more string) *element {
	e := &element{number: d.file.Reserve(), kind: kind, more: more, parent: parent}
	if parent != nil {
		parent.kids = append(parent.kids, e)
	}
	return e
}

func (d *Doc) turn() {
	d.pages = append(d.pages, &page{number: d.file.Reserve()})
	d.y = Height - margin
}

func (d *Doc) now() *page { return d.pages[len(d.pages)-1] }

// Room begins a page unless so many points are left on this one.
func (d *Doc) Room(points float64) {
	if d.y-points < foot && d.y < Height-margin {
		d.turn()
	}
}

// mark writes what belongs to an element.
func (d *Doc) mark(e *element, ops string) {
	p := d.now()
	fmt.Fprintf(&p.body, "/%s << /MCID %d >> BDC\n%sEMC\n", e.kind, len(p.marked), ops)
	e.marks = append(e.marks, [2]int{len(d.pages) - 1, len(p.marked)})
	p.marked = append(p.marked, e)
}

// artifact writes what is only there to be seen.
func (d *Doc) artifact(ops string) { fmt.Fprintf(&d.now().body, "/Artifact BMC\n%sEMC\n", ops) }

func fill(colour string) string { return colour + " rg\n" }

func line(colour string, wide, x1, y1, x2, y2 float64) string {
	return fmt.Sprintf("%s RG %.2f w %.2f %.2f m %.2f %.2f l S\n", colour, wide, x1, y1, x2, y2)
}

func (s Style) lead() float64 {
	if s.Lead > 0 {
		return s.Lead
	}
	return 1.35 * s.Size
}

func (s Style) colour() string {
	if s.Grey {
		return fill(soft)
	}
	return fill(ink)
}

// lines breaks text at spaces so that no line is wider; a word that is wider stands alone and is cut.
func (s Style) lines(text string, wide float64) (out []string) {
	now := ""
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '\n' }) { // an amount stays with its sign
		for s.Font.Wide(w, s.Size) > wide {
			n := len(w)
			for n > 1 && s.Font.Wide(w[:n], s.Size) > wide {
				n--
			}
			for n > 1 && n < len(w) && w[n]&0xc0 == 0x80 { // not within a letter
				n--
			}
			if now != "" {
				out, now = append(out, now), ""
			}
			out = append(out, w[:n])
			w = w[n:]
		}
		switch {
		case now == "":
			now = w
		case s.Font.Wide(now+" "+w, s.Size) > wide:
			out, now = append(out, now), w
		default:
			now += " " + w
		}
	}
	return append(out, now)
}

// Text writes a paragraph, or a heading where kind is H1, H2 or H3. It is P for all else.
func (d *Doc) Text(kind, text string, s Style) {
	if text == "" {
		return
	}
	e := d.element(d.root, kind, "")
	d.y -= s.Before
	if kind != "P" {
		d.Room(s.lead() + 60) // a heading does not stand alone at the end of a page
	}
	for _, l := range s.lines(text, sheetW) {
		d.Room(s.lead())
		d.y -= s.lead()
		d.mark(e, s.colour()+s.Font.Show(l, s.Size, margin, d.y+0.3*s.Size))
	}
}

// Space leaves room.
func (d *Doc) Space(points float64) { d.y -= points }

// Rule draws a line over the whole width.
func (d *Doc) Rule(before float64) {
	d.Room(before + 20)
	d.y -= before
	d.artifact(line(ink, 1.2, margin, d.y, Width-margin, d.y))
}

// Column is one of a table.
type Column struct {
	Label string
	Wide  float64 // its part of the width
	Right bool    // figures
}

// Cell is one of a row: what it says, and a smaller line below.
type Cell struct {
	Text, Note string
	Strong     bool
	Indent     bool
	Bar        *Bar
}

// Bar is an interval drawn in a cell, in parts of its width.
type Bar struct {
	From, To, At float64
	Main, Open   bool
}

// Table writes a table; its head comes again on each page.
func (d *Doc) Table(caption string, columns []Column, rows [][]Cell) {
	t := d.element(d.root, "Table", "/A << /O /Table /Summary "+Say(caption)+" >> ")
	all := 0.0
	for _, c := range columns {
		all += c.Wide
	}
	small, note := Style{Font: Regular, Size: 9}, Style{Font: Regular, Size: 7.5, Grey: true}
	head := func() {
		row := d.element(t, "TR", "")
		d.row(row, columns, all, headCells(columns), Style{Font: Bold, Size: 8, Grey: true}, note)
		d.artifact(line(ink, 0.8, margin, d.y, Width-margin, d.y))
	}
	d.Room(70)
	head()
	for _, r := range rows {
		if d.y-d.high(columns, all, r, small, note) < foot {
			d.turn()
			head()
		}
		d.row(d.element(t, "TR", ""), columns, all, r, small, note)
		d.artifact(line(rule, 0.5, margin, d.y, Width-margin, d.y))
	}
}

func headCells(columns []Column) (out []Cell) {
	for _, c := range columns {
		out = append(out, Cell{Text: c.Label})
	}
	return out
}

const gutter, padding = 8.0, 4.0

func (d *Doc) high(columns []Column, all float64, cells []Cell, s, note Style) float64 {
	most := 0.0
	for i, c := range cells {
		wide := sheetW*columns[i].Wide/all - gutter
		h := float64(len(s.lines(c.Text, wide))) * s.lead()
		if c.Note != "" {
			h += float64(len(note.lines(c.Note, wide))) * note.lead()
		}
		most = max(most, h)
	}
	return most + 2*padding
}

func (d *Doc) row(row *element, columns []Column, all float64, cells []Cell, s, note Style) {
	high, x := d.high(columns, all, cells, s, note), float64(margin)
	for i, c := range cells {
		kind, more := "TD", ""
		switch {
		case s.Font == Bold:
			kind, more = "TH", "/A << /O /Table /Scope /Column >> "
		case i == 0:
			kind, more = "TH", "/A << /O /Table /Scope /Row >> "
		}
		e := d.element(row, kind, more)
		wide, y := sheetW*columns[i].Wide/all, d.y-padding
		put := func(s Style, text string) {
			for _, l := range s.lines(text, wide-gutter) {
				y -= s.lead()
				at := x
				if columns[i].Right {
					at = x + wide - s.Font.Wide(l, s.Size)
					if i < len(cells)-1 {
						at -= gutter
					}
				} else if c.Indent {
					at += 9
				}
				d.mark(e, s.colour()+s.Font.Show(l, s.Size, at, y+0.3*s.Size))
			}
		}
		style := s
		if c.Strong {
			style.Font = Bold
		}
		if c.Text != "" {
			put(style, c.Text)
		}
		if c.Note != "" {
			put(note, c.Note)
		}
		if c.Bar != nil {
			d.bar(*c.Bar, x, wide-gutter, d.y-padding-s.lead()/2-1)
		}
		x += wide
	}
	d.y -= high
}

func (d *Doc) bar(b Bar, x, wide, y float64) {
	colour := soft
	if b.Main {
		colour = clay
	}
	from, to := x+b.From*wide, x+max(b.To*wide, b.From*wide+1)
	ops := line(colour, 1.6, from, y, to, y) + line(colour, 2.4, x+b.At*wide, y-4, x+b.At*wide, y+4)
	if b.Open {
		ops += line(colour, 1.2, to-3.5, y+3.5, to, y) + line(colour, 1.2, to-3.5, y-3.5, to, y)
	}
	d.artifact(ops)
}

// Bytes ends the document and gives it.
func (d *Doc) Bytes() []byte {
	f := &d.file
	catalog, pages, tree, parents, info := f.Reserve(), f.Reserve(), f.Reserve(), f.Reserve(), f.Reserve()
	resources := f.Resources()
	var kids, nums strings.Builder
	for i, p := range d.pages {
		if d.about.Foot != nil {
			s := d.about.Foot(i+1, len(d.pages))
			fmt.Fprintf(&p.body, "/Artifact << /Type /Pagination >> BDC\n%s%sEMC\n", fill(soft), Regular.Show(s, 8, margin, 34))
		}
		body := f.Reserve()
		f.Stream(body, "", p.body.Bytes())
		f.Object(p.number, fmt.Sprintf("<< /Type /Page /Parent %d 0 R /MediaBox [0 0 %.2f %.2f] /Contents %d 0 R /Resources << %s>> /StructParents %d /Tabs /S >>", pages, Width, Height, body, resources, i))
		fmt.Fprintf(&kids, "%d 0 R ", p.number)
		fmt.Fprintf(&nums, "%d [", i)
		for _, e := range p.marked {
			fmt.Fprintf(&nums, "%d 0 R ", e.number)
		}
		nums.WriteString("] ")
	}
	f.Object(pages, fmt.Sprintf("<< /Type /Pages /Kids [%s] /Count %d >>", kids.String(), len(d.pages)))
	d.structure(d.root, tree)
	f.Object(parents, "<< /Nums ["+nums.String()+"] >>")
	f.Object(tree, fmt.Sprintf("<< /Type /StructTreeRoot /K %d 0 R /ParentTree %d 0 R /ParentTreeNextKey %d >>", d.root.number, parents, len(d.pages)))
	f.Object(info, fmt.Sprintf("<< /Title %s /Author %s /Creator %s /CreationDate (D:%sZ) >>", Say(d.about.Title), Say(d.about.Author), Say("Ponte"), d.about.At.UTC().Format("20060102150405")))
	f.Object(catalog, fmt.Sprintf("<< /Type /Catalog /Pages %d 0 R /Lang (%s) /MarkInfo << /Marked true >> /StructTreeRoot %d 0 R /ViewerPreferences << /DisplayDocTitle true >> >>",
		pages, d.about.Lang, tree))
	return f.End(catalog, info)
}

// structure writes an element and what is in it.
func (d *Doc) structure(e *element, parent int) {
	var kids strings.Builder
	for _, k := range e.kids {
		d.structure(k, e.number)
		fmt.Fprintf(&kids, "%d 0 R ", k.number)
	}
	for _, m := range e.marks {
		fmt.Fprintf(&kids, "<< /Type /MCR /Pg %d 0 R /MCID %d >> ", d.pages[m[0]].number, m[1])
	}
	d.file.Object(e.number, fmt.Sprintf("<< /Type /StructElem /S /%s /P %d 0 R %s/K [%s] >>", e.kind, parent, e.more, kids.String()))
}
