package paper_test

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/encoding/charmap"

	"github.com/ponte-desk/ponte/internal/paper"
)

func made() []byte {
	d := paper.New(paper.About{Title: "Ottobre 2026 – Città & (C)", Author: "Ceramiche Arno", Lang: "it", At: time.Date(2026, 11, 2, 7, 0, 0, 0, time.UTC), Foot: func(n, of int) string { return fmt.Sprint("pagina ", n, " di ", of) }})
	d.Text("H1", "Perché così: 12 € l’uno", paper.Style{Font: paper.Bold, Size: 20})
	d.Text("P", strings.Repeat("Ogni numero dice da dove viene e quanto fidarsi. ", 30), paper.Style{Font: paper.Regular, Size: 10})
	var rows [][]paper.Cell
	for i := range 60 {
		rows = append(rows, []paper.Cell{{Text: fmt.Sprint("Riga ", i), Strong: i == 0}, {Text: "12", Note: "8 – 20"}, {Bar: &paper.Bar{From: .1, To: .7, At: .3, Main: true, Open: true}}})
	}
	d.Table("Le righe", []paper.Column{{Label: "Da dove", Wide: 3}, {Label: "Contatti", Wide: 1, Right: true}, {Label: "Margine", Wide: 2}}, rows)
	return d.Bytes()
}

var streams = regexp.MustCompile(`(?s)/Length (\d+) >>\nstream\n`)

// unpacked gives what streams hold.
func unpacked(t *testing.T, raw []byte) (out []string) {
	t.Helper()
	for _, at := range streams.FindAllSubmatchIndex(raw, -1) {
		r, err := zlib.NewReader(bytes.NewReader(raw[at[1]:]))
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(b))
	}
	return out
}

// Every object begins where the table of the file says, and the parts that a screen reader needs are there: language, title, order, headings, tables.
func TestADocument(t *testing.T) {
	t.Parallel()
	raw := made()
	_, table, ok := bytes.Cut(raw, []byte("\nxref\n"))
	if !ok {
		t.Fatal("no table of objects")
	}
	for n, l := range strings.Split(string(table), "\n")[2:] {
		if !strings.HasSuffix(l, " 00000 n ") {
			break
		}
		var at int
		if _, err := fmt.Sscanf(l, "%d", &at); err != nil || !bytes.HasPrefix(raw[at:], fmt.Appendf(nil, "%d 0 obj\n", n+1)) {
			t.Fatalf("object %d does not begin at %s", n+1, l)
		}
	}
	for _, want := range []string{"/Lang (it)", "/MarkInfo << /Marked true >>", "/DisplayDocTitle true", "/Title " + paper.Say("Ottobre 2026 – Città & (C)"), "/S /H1", "/S /Table", "/Scope /Column", "/Scope /Row", "/FontFile2", "/ToUnicode"} {
		if !bytes.Contains(raw, []byte(want)) {
			t.Errorf("no %s", want)
		}
	}
	// Whatever is drawn belongs to the structure or is said to be decoration, and each mark is known to its page's row of the tree.
	pages, marks := 0, 0
	for _, s := range unpacked(t, raw) {
		if !strings.Contains(s, " BDC\n") {
			continue
		}
		pages++
		marks += strings.Count(s, "/MCID ")
		depth := 0
		for _, l := range strings.Split(s, "\n") {
			switch {
			case strings.HasSuffix(l, " BDC") || strings.HasSuffix(l, " BMC"):
				depth++
			case l == "EMC":
				depth--
			case l != "" && depth != 1:
				t.Fatalf("%q stands outside of any mark", l)
			}
		}
	}
	if refs := bytes.Count(raw, []byte("/Type /MCR")); pages < 2 || marks == 0 || refs != marks {
		t.Errorf("%d pages, %d marks, %d in the tree", pages, marks, refs)
	}
	if n := strings.Count(string(raw), "/Scope /Column"); n != 3*pages {
		t.Errorf("%d heads on %d pages", n, pages)
	}
}

// The widths by which lines are broken are those of the embedded fonts, and every letter of Windows-1252 that they lack is one that few need.
func TestWidths(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]*paper.Font{"regular": paper.Regular, "bold": paper.Bold} {
		z, err := os.Open(filepath.Join("fonts", name+".ttf.z"))
		if err != nil {
			t.Fatal(err)
		}
		r, err := zlib.NewReader(z)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = z.Close()
		if !bytes.Contains(made(), fmt.Appendf(nil, "/Length1 %d ", len(raw))) {
			t.Errorf("%s: %d bytes are said otherwise", name, len(raw))
		}
		parsed, err := sfnt.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		var buf sfnt.Buffer
		for b := 0x20; b < 0x100; b++ {
			c := charmap.Windows1252.DecodeByte(byte(b))
			i, err := parsed.GlyphIndex(&buf, c)
			if err != nil || i == 0 {
				continue
			}
			wide, err := parsed.GlyphAdvance(&buf, i, fixed.I(1000), font.HintingNone)
			if err != nil {
				t.Fatal(err)
			}
			if got := f.Wide(string(c), 1000); strings.ContainsRune("àèéìòùÀÈ’€–", c) && got == 0 || got != 0 && int(got) != wide.Round() {
				t.Errorf("%s: %c is %v wide, in the font %d", name, c, got, wide.Round())
			}
		}
	}
}

// What the fonts lack keeps its letter without the accent; what has none is a question mark, and joins vanish.
func TestLetters(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"Łódź–Kraków": "?\xf3dz\x96Krak\xf3w", "caffe\u0300 €": "caff\xe8 \x80", "1\u202f000": "1 000", "😀": "?", "👩\u200d🔧": "??", "(a\\b)": `\(a\\b\)`} {
		if got := paper.Regular.Show(in, 10, 0, 0); !strings.Contains(got, "Td ("+want+") Tj") {
			t.Errorf("%q: %q", in, got)
		}
	}
}

// A reader of somebody else's finds text, order, tags and fonts.
func TestAnotherReader(t *testing.T) {
	t.Parallel()
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		if os.Getenv("PONTE_TEST_REQUIRE") != "" {
			t.Fatal(err)
		}
		t.Skip("pdftotext is not there: script/setup")
	}
	name := filepath.Join(t.TempDir(), "x.pdf")
	if err := os.WriteFile(name, made(), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), tool, name, "-").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "Perché così: 12 € l’uno") || !strings.Contains(string(out), "Riga 59") {
		t.Fatalf("%v\n%s", err, out)
	}
}
