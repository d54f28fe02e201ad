package web_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/ponte-desk/ponte/internal/fetch"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/live"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// bench is a wide picture of which the right end matters.
func bench(w, h int) []byte {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{R: uint8(60 + 120*x/w), G: 110, B: 140, A: 255}
			if dx, dy := x-w*9/10, y-h/2; dx*dx+dy*dy < h*h/9 {
				c = color.RGBA{R: 200, G: 80, B: 40, A: 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// carded is a house that reads links on this machine, with a channel that shows cards and one that cuts pictures.
func carded(t *testing.T) (h *house, blue, cuts network.Channel) {
	t.Helper()
	ig := networktest.NewFake(networktest.FakeOptions{Network: "instagram", URL: "https://instagram.example", Characters: 2200, MIMETypes: []string{"image/jpeg"}})
	ig.Join("ceramichearno")
	h = newHouse(t, storetest.SQLite(t), housetest.Options{
		Fake: networktest.FakeOptions{Network: network.Bluesky}, More: []network.Connector{ig.Connector()},
		Files: fetch.NewClient(fetch.Options{AllowNetworks: housetest.Loopback}),
	})
	cuts, err := h.Networks.ConnectPassword(t.Context(), h.Actor(team.Owner), ig.Server(), "ceramichearno", networktest.AppPassword)
	h.ok(err)
	return h, h.Channel, cuts
}

// shop is a place on the web with one page.
func shop(t *testing.T) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/forno":
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprint(w, `<meta property="og:title" content="Il forno di sabato"><meta property="og:description" content="Sei pezzi, ancora tiepidi."><meta property="og:image" content="/v.jpg">`)
		case "/v.jpg":
			_, _ = w.Write(bench(1200, 630))
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func (h *house) readLinks(addresses ...string) {
	for _, a := range addresses {
		h.ok(h.Posts.ReadLink(context.Background(), h.Company.ID, a))
	}
}

// The preview shows the card as its page told it and the part of a picture that goes out; what does not answer is said.
func TestPreviewsShowCardsAndCuts(t *testing.T) {
	t.Parallel()
	h, blue, cuts := carded(t)
	s := shop(t)
	f, err := h.Media.Add(t.Context(), media.Incoming{Company: string(h.Company.ID), Name: "banco.jpg", Body: bytes.NewReader(bench(2000, 500))})
	h.ok(err)
	x, err := h.Posts.Create(t.Context(), h.Actor(team.Editor), post.CreateIn{
		Message:  post.Message{Text: "Vieni: " + s.URL + "/forno oppure " + s.URL + "/manca"},
		Channels: []network.ChannelID{blue.ID},
	})
	h.ok(err)
	who := h.as(team.Editor)
	at := "/posts/" + string(x.ID)
	who.get(at).says(t, "before", "non è ancora stata letta")
	h.readLinks(s.URL+"/forno", s.URL+"/manca")
	picture := string(h.postFile(x.ID).Variants[0].Contents[0].Shown.Picture)
	page := who.get(at)
	page.says(t, "the card", "Il forno di sabato", "Sei pezzi, ancora tiepidi.", "/media/"+picture+"?size=large")
	page.says(t, "the warning", "/manca non c’è: il server risponde che non la trova.")
	if strings.Contains(page.body, "non è ancora stata letta") {
		t.Error("it was read")
	}
	who.get("/media/"+picture+"?size=large").is(t, "its picture", http.StatusOK, "")
	y, err := h.Posts.Create(t.Context(), h.Actor(team.Editor), post.CreateIn{
		Message:  post.Message{Text: kiln, Media: []post.Media{{ID: f.ID, Alt: "Il banco", FocusX: .8}}},
		Channels: []network.ChannelID{blue.ID, cuts.ID},
	})
	h.ok(err)
	cut := who.get("/posts/" + string(y.ID))
	cut.says(t, "the part that goes out", `viewBox="1045 0 955 500"`, `width="2000" height="500"`, `aria-label="Il banco"`)
	if n := strings.Count(cut.body, "<svg class=\"cut\""); n != 1 {
		t.Errorf("%d are cut", n)
	}
}

// What was read of a page comes into the composer while it is open, without a touch.
func TestACardComesByItself(t *testing.T) {
	t.Parallel()
	ctx := chromium(t)
	h, blue, cuts := carded(t)
	s := shop(t)
	owner := h.Members[team.Owner]
	h.give(owner)
	f, err := h.Media.Add(t.Context(), media.Incoming{Company: string(h.Company.ID), Name: "banco.jpg", Body: bytes.NewReader(bench(2000, 500))})
	h.ok(err)
	x, err := h.Posts.Create(t.Context(), h.Actor(team.Owner), post.CreateIn{Message: post.Message{Text: "Vieni: " + s.URL + "/forno, e poi " + s.URL + "/manca"}, Channels: []network.ChannelID{blue.ID}})
	h.ok(err)
	y, err := h.Posts.Create(t.Context(), h.Actor(team.Owner), post.CreateIn{
		Message: post.Message{Text: kiln, Media: []post.Media{{ID: f.ID, Alt: "Il banco", FocusX: .8}}}, Channels: []network.ChannelID{blue.ID, cuts.ID},
	})
	h.ok(err)
	v := &viewer{t: t, ctx: ctx}
	v.size(1440, "light")
	v.do(chromedp.Navigate(h.server.URL+"/sign-in?next=%2Fhelp"), chromedp.SendKeys("#email", owner.Email), chromedp.SendKeys("#password", secret), chromedp.Submit("#password"), chromedp.WaitVisible("#words"))
	v.do(chromedp.Navigate(h.server.URL+"/posts/"+string(x.ID)+"?lang=it"), chromedp.WaitVisible(`#post-previews .card`))
	h.readLinks(s.URL+"/forno", s.URL+"/manca")
	listens, stop := context.WithCancel(t.Context())
	var ringing sync.WaitGroup
	t.Cleanup(ringing.Wait)
	ringing.Go(func() { // until the page listens: nobody knows when it begins to
		for listens.Err() == nil {
			_ = h.Store.InTx(listens, func(ctx context.Context, tx *store.Tx) error {
				return h.Live.Tell(ctx, tx, live.Event{Company: string(h.Company.ID), Topic: live.Links})
			})
			select {
			case <-listens.Done():
			case <-time.After(200 * time.Millisecond):
			}
		}
	})
	v.do(chromedp.WaitVisible(`#post-previews .card img`), chromedp.WaitVisible(`#post-advice .warn`))
	stop()
	if said := v.text(`document.querySelector("#post-previews .card").textContent + document.querySelector("#post-advice").textContent`); !strings.Contains(said, "Il forno di sabato") || !strings.Contains(said, "/manca") {
		t.Errorf("%q", said)
	}
	v.look("it-post-card")
	v.do(chromedp.Navigate(h.server.URL+"/posts/"+string(y.ID)+"?lang=it"), chromedp.WaitVisible(`#post-previews svg.cut`))
	v.look("it-post-cut")
}
