package journey_test

import (
	"bytes"
	"cmp"
	"flag"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/ponte-desk/ponte/internal/apptest"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/inbox"
)

var screens = flag.String("screens", "", "write the pictures of docs/screens into this folder")

// mostBytes is how large a picture of the documentation may be.
const mostBytes = 200 << 10

// The pictures of the documentation are the pages of the sample company.
func TestScreens(t *testing.T) {
	if *screens == "" {
		t.Skip("writes pictures only with -screens FOLDER")
	}
	must(t, os.MkdirAll(*screens, 0o755))
	h, owner, _ := sample(t)
	w := newWindow(t, h, "it", desktop)
	w.theme("light")
	w.signIn(owner.Email, apptest.Password)
	must(t, h.Reach.Draw(t.Context(), h.Owner.Company))
	waiting, err := h.Inbox.List(t.Context(), h.Owner.Actor(), inbox.Filter{})
	must(t, err)
	first := "/inbox/" + string(waiting.Conversations[0].ID)
	for _, s := range []struct{ name, path string }{
		{"today", "/"}, {"channels", "/channels"}, {"team", "/team"}, {"settings", "/settings"}, {"cases", "/cases?state=all"}, {"promises", "/promises"}, {"ties", "/ties"},
	} {
		w.open(s.path)
		w.picture(s.name)
	}
	cases, err := h.Growth.Cases(t.Context(), h.Owner.Actor(), growth.CaseFilter{States: []growth.CaseState{growth.CaseChanged}})
	must(t, err)
	at := slices.IndexFunc(cases.Cases, func(c growth.Case) bool { return c.Title == "Pezzi scheggiati sul bordo" })
	if at < 0 {
		t.Fatal("the story's case is not there")
	}
	tall := desktop
	tall.height = 1200
	w.resize(tall)
	for _, s := range []struct{ name, path string }{{"case", "/cases/" + string(cases.Cases[at].ID)}, {"growth-page", "/crescita"}} {
		w.open(s.path)
		w.picture(s.name)
	}
	w.resize(desktop)
	w.open(first)
	w.fill("#reply-text", "Buongiorno Roberto, ha ragione: l’indirizzo l’abbiamo sbagliato noi. Passa Saverio stamattina a riprenderlo.")
	w.picture("inbox-light")
	w.theme("dark")
	w.picture("inbox-dark")
	w.theme("light")
	w.resize(phone)
	for _, s := range []struct{ name, path string }{{"phone-today", "/"}, {"phone-inbox", first}} {
		w.open(s.path)
		w.picture(s.name)
	}
	fresh := apptest.Start(t, apptest.Options{Empty: true})
	address, err := fresh.Welcome(t.Context())
	must(t, err)
	v := newWindow(t, fresh, "it", desktop)
	v.theme("light")
	v.open(address)
	v.picture("welcome")
}

// picture writes what the window shows.
func (w *window) picture(name string) {
	w.t.Helper()
	w.text(`document.fonts.ready.then(() => Promise.all([...document.images].filter((i) => i.loading !== "lazy" || i.getBoundingClientRect().top < innerHeight).map((i) => i.decode().catch(() => {})))).then(() => "")`)
	shot, err := chromedp.Run(w.ctx, chromedp.CaptureScreenshot())
	must(w.t, err)
	img, err := png.Decode(bytes.NewReader(shot))
	must(w.t, err)
	var out bytes.Buffer
	must(w.t, (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, fewColours(img)))
	if out.Len() > mostBytes {
		w.t.Errorf("%s has %d bytes", name, out.Len())
	}
	must(w.t, os.WriteFile(filepath.Join(*screens, name+".png"), out.Bytes(), 0o644))
}

// fewColours draws a picture with the 256 colours it uses most; what is left takes the nearest of them.
func fewColours(img image.Image) *image.Paletted {
	count := map[color.RGBA]int{}
	b := img.Bounds()
	at := func(x, y int) color.RGBA {
		r, g, bl, _ := img.At(x, y).RGBA()
		return color.RGBA{uint8(r >> 8), uint8(g >> 8), uint8(bl >> 8), 255}
	}
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			count[at(x, y)]++
		}
	}
	all := make([]color.RGBA, 0, len(count))
	for c := range count {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b color.RGBA) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B))
	})
	var palette color.Palette
	for _, c := range all[:min(256, len(all))] {
		palette = append(palette, c)
	}
	out := image.NewPaletted(b, palette)
	nearest := map[color.RGBA]uint8{}
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			c := at(x, y)
			i, ok := nearest[c]
			if !ok {
				i = uint8(palette.Index(c))
				nearest[c] = i
			}
			out.SetColorIndex(x, y, i)
		}
	}
	return out
}
