package web_test

import (
	"bytes"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/ponte-desk/ponte/internal/fetch"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web"
)

// A network's picture comes through the house; what is no picture, and what points inside, does not come at all.
func TestPicturesComeThroughTheHouse(t *testing.T) {
	t.Parallel()
	var drawn bytes.Buffer
	if err := png.Encode(&drawn, image.NewRGBA(image.Rect(0, 0, 2, 2))); err != nil {
		t.Fatal(err)
	}
	var asked []http.Header
	far := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Header.Clone())
		switch r.URL.Path {
		case "/tazza.png":
			_, _ = rw.Write(drawn.Bytes())
		case "/page.png": // says it is a picture, and is a page
			rw.Header().Set("Content-Type", "image/png")
			_, _ = rw.Write([]byte("<html><script>alert(1)</script>"))
		default:
			http.NotFound(rw, r)
		}
	}))
	defer far.Close()
	s := storetest.SQLite(t)
	h := newHouse(t, s, housetest.Options{})
	open := fetch.NewClient(fetch.Options{AllowNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	for name, client := range map[string]*http.Client{"open": open, "guarded": fetch.NewClient(fetch.Options{})} {
		door, err := web.New(h.rooms, web.Options{Outside: client})
		if err != nil {
			t.Fatal(err)
		}
		h.server.Config.Handler = door
		item := network.Item{
			RemoteID: "p-" + name, Kind: network.KindMention, Text: "Guardate", At: h.House.Clock.Now(), Version: "1",
			Author: network.Author{RemoteID: "ada", Handle: "ada@one.example"},
			Media: []network.Media{
				{Kind: network.Image, URL: far.URL + "/tazza.png", Alt: "la tazza rotta"},
				{Kind: network.Image, URL: far.URL + "/page.png"},
				{Kind: network.Image, URL: far.URL + "/gone.png"},
				{Kind: network.Video, URL: far.URL + "/tazza.png"},
			},
		}
		if _, err := h.Networks.Ingest(t.Context(), h.Channel, network.Page{Items: []network.Item{item}, Cursor: name}); err != nil {
			t.Fatal(err)
		}
		at := h.newest()
		id := string(h.thread(at).Interactions[0].ID)
		owner := h.as(team.Owner)
		page := owner.do("GET", at, nil)
		if !strings.Contains(page.body, `src="/inbox/picture/`+id+`/0"`) || !strings.Contains(page.body, `alt="la tazza rotta"`) {
			t.Fatalf("%s: the picture is not shown", name)
		}
		want := map[string]int{"0": http.StatusOK, "1": http.StatusBadGateway, "2": http.StatusBadGateway, "3": http.StatusNotFound, "9": http.StatusNotFound, "x": http.StatusNotFound}
		if name == "guarded" {
			want["0"] = http.StatusBadGateway
		}
		for n, status := range want {
			if got := owner.do("GET", "/inbox/picture/"+id+"/"+n, nil); got.status != status || status == http.StatusOK && got.header.Get("Content-Type") != "image/png" {
				t.Errorf("%s: picture %s gives %d, want %d", name, n, got.status, status)
			}
		}
		if got := h.as(team.Contributor).do("GET", "/inbox/picture/"+id+"/0", nil); got.status != http.StatusForbidden {
			t.Errorf("%s: a contributor without an inbox gets %d", name, got.status)
		}
	}
	for _, head := range asked {
		if head.Get("Cookie") != "" || head.Get("Referer") != "" {
			t.Errorf("the network's server learns %v", head)
		}
	}
}
