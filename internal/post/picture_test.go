package post_test

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// halves is red on the left and blue on the right, with so much grain that it weighs something.
func halves(w, h int, grain uint32) image.Image {
	img := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
	r := rand.New(rand.NewPCG(3, 4))
	for y := range h {
		for x := range w {
			c := color.YCbCr{Y: 76, Cb: 85, Cr: 255}
			if x >= w/2 {
				c = color.YCbCr{Y: 29, Cb: 255, Cr: 107}
			}
			if grain > 0 {
				c.Y += uint8(r.Uint32N(grain))
			}
			img.Y[img.YOffset(x, y)] = c.Y
			img.Cb[img.COffset(x, y)], img.Cr[img.COffset(x, y)] = c.Cb, c.Cr
		}
	}
	return img
}

func jpegOf(t testing.TB, img image.Image, quality int) []byte {
	t.Helper()
	var b bytes.Buffer
	ok(t, jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}))
	return b.Bytes()
}

func keep(t testing.TB, h *housetest.House, name string, b []byte) media.File {
	t.Helper()
	return must[media.File](t)(h.Media.Add(t.Context(), media.Incoming{Company: string(h.Company.ID), Name: name, Body: bytes.NewReader(b)}))
}

// carried reads a file as a network was given it.
func carried(t testing.TB, u network.Upload) (image.Image, []byte) {
	t.Helper()
	r, err := u.Open()
	ok(t, err)
	defer r.Close()
	b, err := io.ReadAll(r)
	ok(t, err)
	img, kind, err := image.Decode(bytes.NewReader(b))
	ok(t, err)
	if int64(len(b)) != u.Size || u.MIME != "image/"+kind || img.Bounds().Dx() != u.Width || img.Bounds().Dy() != u.Height {
		t.Fatalf("%d bytes of %s, %v, told as %d of %s, %d x %d", len(b), kind, img.Bounds(), u.Size, u.MIME, u.Width, u.Height)
	}
	return img, b
}

// hue tells what colour an image has at a place: r, b, w or something else.
func hue(img image.Image, fx, fy float64) string {
	b := img.Bounds()
	r, g, bl, _ := img.At(b.Min.X+int(fx*float64(b.Dx())), b.Min.Y+int(fy*float64(b.Dy()))).RGBA()
	switch {
	case r > 0xd000 && g > 0xd000 && bl > 0xd000:
		return "w"
	case r > 0x8000 && bl < 0x7000:
		return "r"
	case bl > 0x8000 && r < 0x7000:
		return "b"
	}
	return "?"
}

// second connects an account on another network.
func second(t testing.TB, h *housetest.House, f *networktest.Fake) network.Channel {
	t.Helper()
	f.Join("ceramiche")
	return must[network.Channel](t)(h.Networks.ConnectPassword(t.Context(), h.Actor(team.Owner), f.Server(), "ceramiche", networktest.AppPassword))
}

func write(t testing.TB, h *housetest.House, m post.Message, chs ...network.ChannelID) post.Post {
	t.Helper()
	return must[post.Post](t)(h.Posts.Create(t.Context(), h.Actor(team.Owner), post.CreateIn{Message: m, Channels: chs}))
}

// instagram is a network that takes JPEG alone and refuses what is too wide.
func instagram() *networktest.Fake {
	return networktest.NewFake(networktest.FakeOptions{
		Network: "instagram", URL: "https://instagram.example", Characters: 2200, ImageBytes: 8 << 20, MIMETypes: []string{"image/jpeg", "video/mp4"},
	})
}

// A picture goes to each network as it takes it, cut around its focus, and is kept as it is where nothing is in the way.
func TestAPictureGoesToEachNetworkAsItTakesIt(t *testing.T) {
	ig := instagram()
	each(t, housetest.Options{More: []network.Connector{ig.Connector()}}, func(t *testing.T, h *housetest.House) {
		ig := ig
		there := second(t, h, ig)
		raw := jpegOf(t, halves(2000, 500, 8), 80)
		f := keep(t, h, "forno.jpg", raw)
		before := len(ig.Attempts())
		for _, c := range []struct {
			focus float64
			at    float64
			want  string
		}{{-1, 0.9, "r"}, {1, 0.1, "b"}, {0, 0.1, "r"}, {0, 0.9, "b"}} {
			x := write(t, h, post.Message{Text: words, Media: []post.Media{{ID: f.ID, Alt: "Il forno", FocusX: c.focus}}}, h.Channel.ID, there.ID)
			now(t, h, x)
			work(t, h, 0)
			if got := file(t, h, x.ID); got.Post.State != post.Sent {
				t.Fatalf("%s: %+v", got.Post.State, got.Variants)
			}
			all, cuts := h.Fake.Attempts(), ig.Attempts()
			plain, cut := all[len(all)-1].Media[0], cuts[len(cuts)-1].Media[0]
			if _, b := carried(t, plain); int64(len(b)) != f.Bytes || plain.Width != 2000 || plain.FocusX != c.focus {
				t.Errorf("where nothing is in the way: %+v", plain)
			}
			img, _ := carried(t, cut)
			if a := float64(cut.Width) / float64(cut.Height); a < 1.89 || a > 1.92 || cut.Width > 1440 || cut.Alt != "Il forno" {
				t.Errorf("%d x %d: %+v", cut.Width, cut.Height, cut)
			}
			if got := hue(img, c.at, 0.5); got != c.want {
				t.Errorf("focus %v: at %v it is %s, not %s", c.focus, c.at, got, c.want)
			}
		}
		if n := len(ig.Attempts()) - before; n != 4 {
			t.Errorf("%d attempts", n)
		}
	})
}

// What has too many bytes gets lighter, once for all channels that want the same, and is uploaded once to each.
func TestAHeavyPictureIsMadeLighterOnce(t *testing.T) {
	t.Parallel()
	h := housetest.New(t, storetest.SQLite(t), housetest.Options{})
	chs, handles := connect(t, h, 3)
	raw := jpegOf(t, halves(6000, 2500, 55), 88)
	if len(raw) < 6_000_000 {
		t.Fatalf("%d bytes are not heavy", len(raw))
	}
	f := keep(t, h, "grande.jpg", raw)
	x := write(t, h, post.Message{Text: words, Media: []post.Media{{ID: f.ID, Alt: "Il forno"}}}, chs...)
	now(t, h, x)
	work(t, h, 0)
	all := h.Fake.Attempts()
	if len(all) != len(chs) {
		t.Fatalf("%d attempts", len(all))
	}
	for _, m := range all {
		img, b := carried(t, m.Media[0])
		if len(b) > 1<<20 || len(b) < 1<<18 {
			t.Errorf("%d bytes", len(b))
		}
		if a := float64(m.Media[0].Width) / float64(m.Media[0].Height); a < 2.39 || a > 2.41 || hue(img, 0.2, 0.5) != "r" || hue(img, 0.8, 0.5) != "b" {
			t.Errorf("%d x %d", m.Media[0].Width, m.Media[0].Height)
		}
	}
	made := 0
	ok(t, filepath.WalkDir(h.Dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.Contains(path, ".as-") {
			made++
		}
		return err
	}))
	if made != 1 {
		t.Errorf("made %d times", made)
	}
	for _, handle := range handles {
		if s := h.Fake.Standing(handle); len(s) != 1 || len(s[0].Media) != 1 {
			t.Errorf("%s: %+v", handle, s)
		}
	}
}

// What is transparent stands on white where there is only JPEG; what moves goes as it is, or as its first picture, and is said so.
func TestPicturesOfOtherKinds(t *testing.T) {
	t.Parallel()
	ig := instagram()
	h := housetest.New(t, storetest.SQLite(t), housetest.Options{More: []network.Connector{ig.Connector()}})
	there := second(t, h, ig)
	clear := image.NewNRGBA(image.Rect(0, 0, 400, 400))
	for y := range 400 {
		for x := range 200 {
			clear.SetNRGBA(x, y, color.NRGBA{R: 255, A: 255})
		}
	}
	var b bytes.Buffer
	ok(t, png.Encode(&b, clear))
	logo := keep(t, h, "logo.png", b.Bytes())
	g := &gif.GIF{Config: image.Config{Width: 300, Height: 300}}
	for i := range 3 {
		p := image.NewPaletted(image.Rect(0, 0, 300, 300), color.Palette{color.NRGBA{R: 255, A: 255}, color.NRGBA{B: 255, A: 255}, color.White})
		for n := range p.Pix {
			p.Pix[n] = uint8(i)
		}
		g.Image, g.Delay = append(g.Image, p), append(g.Delay, 10)
	}
	b.Reset()
	ok(t, gif.EncodeAll(&b, g))
	wheel := keep(t, h, "ruota.gif", b.Bytes())
	for _, f := range []media.File{logo, wheel} {
		x := write(t, h, post.Message{Text: words, Media: []post.Media{{ID: f.ID, Alt: "Il segno"}}}, h.Channel.ID, there.ID)
		v := file(t, h, x.ID).Variants
		at := slices.IndexFunc(v, func(v post.Variant) bool { return v.Channel == there.ID })
		said := false
		for _, n := range v[at].Fitted.Notes {
			said = said || n.Key == "adapt.animation_still" || n.Key == "adapt.image_changed"
		}
		if !said {
			t.Errorf("%s: nothing is said: %+v", f.Name, v[at].Fitted.Notes)
		}
		now(t, h, x)
		work(t, h, 0)
	}
	here, cut := h.Fake.Attempts(), ig.Attempts()
	if len(here) != 2 || len(cut) != 2 {
		t.Fatalf("%d and %d attempts", len(here), len(cut))
	}
	if img, _ := carried(t, cut[0].Media[0]); cut[0].Media[0].MIME != "image/jpeg" || cut[0].Media[0].Name != "logo.jpg" || hue(img, 0.2, 0.5) != "r" || hue(img, 0.8, 0.5) != "w" {
		t.Errorf("%+v", cut[0].Media[0])
	}
	if _, got := carried(t, here[0].Media[0]); here[0].Media[0].MIME != "image/png" || int64(len(got)) != logo.Bytes {
		t.Errorf("%+v", here[0].Media[0])
	}
	if img, _ := carried(t, cut[1].Media[0]); cut[1].Media[0].MIME != "image/jpeg" || hue(img, 0.5, 0.5) != "r" {
		t.Errorf("%+v", cut[1].Media[0])
	}
	if _, got := carried(t, here[1].Media[0]); here[1].Media[0].MIME != "image/gif" || int64(len(got)) != wheel.Bytes {
		t.Errorf("%+v", here[1].Media[0])
	}
}

// The focus is part of what is said yes to; when it moves, only the picture that is cut goes again.
func TestWhatIsCutIsAmongTheExactBytes(t *testing.T) {
	t.Parallel()
	ig := instagram()
	h := housetest.New(t, storetest.SQLite(t), housetest.Options{More: []network.Connector{ig.Connector()}})
	there := second(t, h, ig)
	wide, plain := keep(t, h, "largo.jpg", jpegOf(t, halves(1200, 300, 0), 80)), keep(t, h, "uno.jpg", jpegOf(t, halves(600, 600, 0), 80))
	m := post.Message{Text: words, Media: []post.Media{{ID: wide.ID, Alt: "Il banco"}, {ID: plain.ID, Alt: "Un vaso"}}}
	x := write(t, h, m, there.ID)
	x = now(t, h, x)
	work(t, h, 0)
	was := part(t, h, x.ID, 0)
	if was.State != post.PartSent || was.Content.Media[0].Form == nil || was.Content.Media[1].Form != nil {
		t.Fatalf("%s %+v", was.State, was.Content.Media)
	}
	m.Media = slices.Clone(m.Media)
	m.Media[0].FocusX = 1
	c := must[post.Correction](t)(h.Posts.EditSent(t.Context(), h.Actor(team.Owner), post.EditIn{Post: x.ID, Version: x.Version, Message: m}))
	if c.Hash == x.Hash {
		t.Error("the same bytes")
	}
	_, err := h.Posts.Correct(t.Context(), h.Company.ID, c.ID)
	ok(t, err)
	is := part(t, h, x.ID, 0)
	if is.Content.Media[0].Form.X <= was.Content.Media[0].Form.X || is.EditedAt.IsZero() {
		t.Errorf("%+v then %+v", was.Content.Media[0].Form, is.Content.Media[0].Form)
	}
	old, got := ig.Standing("ceramiche")[0].Media, was.Content.Media
	if len(old) != 2 || len(got) != 2 {
		t.Errorf("%+v", old)
	}
	if ig.Calls(networktest.CallEdit) != 1 {
		t.Errorf("%d edits", ig.Calls(networktest.CallEdit))
	}
}
