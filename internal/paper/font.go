package paper

import (
	_ "embed"
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

//go:embed fonts/regular.ttf.z
var regularFile []byte

//go:embed fonts/bold.ttf.z
var boldFile []byte

// Font is one of the two that pages are set in.
type Font struct {
	name   string // in the resources of a page
	full   string
	stem   int
	length int
	file   *[]byte
	widths *[224]uint16
}

// The fonts.
var (
	Regular = &Font{"F1", "HankenGrotesk-Regular", 80, regularLength, &regularFile, &regularWidths}
	Bold    = &Font{"F2", "HankenGrotesk-SemiBold", 120, boldLength, &boldFile, &boldWidths}
)

// Wide is how wide text is, in points.
func (f *Font) Wide(s string, size float64) float64 {
	n := 0
	for _, b := range letters(s) {
		if b >= 32 {
			n += int(f.widths[b-32])
		}
	}
	return float64(n) * size / 1000
}

// Show is the operator that writes text at a place, from the left.
func (f *Font) Show(s string, size, x, y float64) string {
	var b strings.Builder
	fmt.Fprintf(&b, "BT /%s %.2f Tf %.2f %.2f Td (", f.name, size, x, y)
	for _, c := range letters(s) {
		if c == '(' || c == ')' || c == '\\' {
			b.WriteByte('\\')
		}
		b.WriteByte(c)
	}
	b.WriteString(") Tj ET\n")
	return b.String()
}

// windows are the letters that Windows-1252 has between 0x80 and 0x9f.
var windows = map[rune]byte{
	'€': 0x80, '‚': 0x82, '„': 0x84, '…': 0x85, 'ˆ': 0x88, '‹': 0x8b, 'Œ': 0x8c, '‘': 0x91, '’': 0x92, '“': 0x93, '”': 0x94, '•': 0x95, '–': 0x96, '—': 0x97,
	'˜': 0x98, '™': 0x99, '›': 0x9b, 'œ': 0x9c,
}

// letters writes text in Windows-1252. A letter it does not have loses its accent, or is a question mark; narrow spaces are spaces.
func letters(s string) []byte {
	out := make([]byte, 0, len(s))
	one := func(r rune) bool {
		switch b, ok := windows[r]; {
		case r >= 0x20 && r < 0x7f || r >= 0xa0 && r <= 0xff:
			out = append(out, byte(r))
		case ok:
			out = append(out, b)
		case r == '\u2212':
			out = append(out, '-')
		case unicode.IsSpace(r) || r == '\u202f' || r == '\u2009':
			out = append(out, ' ')
		default:
			return false
		}
		return true
	}
	for _, r := range norm.NFC.String(s) {
		if one(r) {
			continue
		}
		base := []rune(norm.NFD.String(string(r)))[0]
		if base == r || !one(base) {
			if !unicode.Is(unicode.Mn, r) && r != '\u200d' && r != '\ufe0f' {
				out = append(out, '?')
			}
		}
	}
	return out
}

// Resources embeds the fonts and gives the entry for the resources of a page.
func (f *File) Resources() string {
	out := "/Font << "
	unicodes := f.Reserve()
	f.Stream(unicodes, "", []byte(toUnicode()))
	for _, font := range []*Font{Regular, Bold} {
		n, about, file := f.Reserve(), f.Reserve(), f.Reserve()
		f.packed(file, fmt.Sprintf("/Length1 %d ", font.length), *font.file)
		f.Object(about, fmt.Sprintf("<< /Type /FontDescriptor /FontName /%s /Flags 32 /FontBBox [-175 -258 1034 917] /ItalicAngle 0 /Ascent 1000 /Descent -303 /CapHeight 697 /StemV %d /FontFile2 %d 0 R >>",
			font.full, font.stem, file))
		f.Object(n, fmt.Sprintf("<< /Type /Font /Subtype /TrueType /BaseFont /%s /FirstChar 32 /LastChar 255 /Widths %v /FontDescriptor %d 0 R /Encoding /WinAnsiEncoding /ToUnicode %d 0 R >>",
			font.full, *font.widths, about, unicodes))
		out += fmt.Sprintf("/%s %d 0 R ", font.name, n)
	}
	return out + ">> "
}

// toUnicode says which letter each byte is, for who copies or searches (ISO 32000-1, 9.10.3).
func toUnicode() string {
	var b strings.Builder
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CMapType 2 def\n1 begincodespacerange\n<00> <FF>\nendcodespacerange\n")
	b.WriteString("2 beginbfrange\n<20> <7E> <0020>\n<A0> <FF> <00A0>\nendbfrange\n")
	fmt.Fprintf(&b, "%d beginbfchar\n", len(windows))
	for c := byte(0x80); c < 0xa0; c++ {
		for r, at := range windows {
			if at == c {
				fmt.Fprintf(&b, "<%02X> <%04X>\n", c, r)
			}
		}
	}
	b.WriteString("endbfchar\nendcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return b.String()
}
