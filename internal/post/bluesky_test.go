package post_test

import (
	"bytes"
	"encoding/json"
	"image/jpeg"
	"io"
	"net/http"
	"net/url"
	"testing"

	"github.com/ponte-desk/ponte/internal/fetch"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/network/bluesky/blueskytest"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// onBluesky is a house with a channel on a real server.
func onBluesky(t *testing.T, o housetest.Options) (*housetest.House, *blueskytest.Person, network.Channel) {
	t.Helper()
	n := blueskytest.FromEnv(t)
	o.More = append(o.More, n.Connector())
	h := housetest.New(t, storetest.SQLite(t), o)
	us := must[*blueskytest.Person](t)(n.Join(t.Context(), "ceramica"))
	password := must[string](t)(us.AppPassword(t.Context(), "ponte"))
	found := must[network.Server](t)(h.Networks.Look(t.Context(), h.Actor(team.Owner), network.Bluesky, n.PDS))
	return h, us, must[network.Channel](t)(h.Networks.ConnectPassword(t.Context(), h.Actor(team.Owner), found, us.Handle, password))
}

// blobOf reads a file of somebody's from their server.
func blobOf(t *testing.T, us *blueskytest.Person, cid string) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, us.Network.PDS+"/xrpc/com.atproto.sync.getBlob?"+url.Values{"did": {us.DID}, "cid": {cid}}.Encode(), nil)
	ok(t, err)
	res, err := blueskytest.Client().Do(req)
	ok(t, err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	ok(t, err)
	if res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", res.Status, b)
	}
	return b
}

// record reads the only post of an account into what the test needs of it.
func record(t *testing.T, us *blueskytest.Person, into any) {
	t.Helper()
	all := must[[]blueskytest.Record](t)(us.Records(t.Context(), "app.bsky.feed.post"))
	if len(all) != 1 {
		t.Fatalf("%d posts stand", len(all))
	}
	b, err := json.Marshal(all[0].Value)
	ok(t, err)
	ok(t, json.Unmarshal(b, into))
}

type blueskyBlob struct {
	Ref struct {
		Link string `json:"$link"`
	} `json:"ref"`
	MIME string `json:"mimeType"`
	Size int    `json:"size"`
}

// A photograph of 15 million pixels and six megabytes goes out to a real server, which takes it: as large as the network shows, with its
// true shape. One that is too heavy in that size loses quality, and then size.
func TestALargePictureStandsOnARealServer(t *testing.T) {
	t.Parallel()
	h, us, ch := onBluesky(t, housetest.Options{})
	large, grain := jpegOf(t, halves(6000, 2500, 55), 88), jpegOf(t, halves(2000, 2000, 120), 95)
	limit := int(ch.Limits.ImageBytes)
	if len(large) < 6_000_000 || len(grain) < limit {
		t.Fatalf("%d and %d bytes are not heavy", len(large), len(grain))
	}
	var m post.Message
	for i, b := range [][]byte{large, grain} {
		m.Media = append(m.Media, post.Media{ID: keep(t, h, "foto.jpg", b).ID, Alt: []string{"Il forno, aperto", "La sabbia"}[i]})
	}
	m.Text = words
	x := write(t, h, m, ch.ID)
	now(t, h, x)
	work(t, h, 0)
	if y := part(t, h, x.ID, 0); y.State != post.PartSent {
		t.Fatalf("%s %+v", y.State, y.Trouble)
	}
	var r struct {
		Embed struct {
			Images []struct {
				Alt         string
				Image       blueskyBlob
				AspectRatio struct{ Width, Height int }
			}
		}
	}
	record(t, us, &r)
	if len(r.Embed.Images) != 2 {
		t.Fatalf("%+v", r)
	}
	for i, shape := range []float64{2.4, 1} {
		img := r.Embed.Images[i]
		b := blobOf(t, us, img.Image.Ref.Link)
		config, err := jpeg.DecodeConfig(bytes.NewReader(b))
		ok(t, err)
		if len(b) != img.Image.Size || len(b) > limit || i == 1 && len(b) < limit/2 || img.Image.MIME != "image/jpeg" || img.Alt != m.Media[i].Alt {
			t.Errorf("%d bytes of %d allowed: %+v", len(b), limit, img)
		}
		if a := float64(config.Width) / float64(config.Height); config.Width < 1200 || config.Width > 2000 || a < shape-0.01 || a > shape+0.01 || img.AspectRatio.Width != config.Width || img.AspectRatio.Height != config.Height {
			t.Errorf("%d x %d, told as %+v", config.Width, config.Height, img.AspectRatio)
		}
		t.Logf("%d bytes, %d x %d, became %d", len([][]byte{large, grain}[i]), config.Width, config.Height, len(b))
	}
}

// The card of a link stands on a real server with its title, its words and its picture.
func TestACardStandsOnARealServer(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	h, us, ch := onBluesky(t, housetest.Options{Files: fetch.NewClient(fetch.Options{AllowNetworks: housetest.Loopback})})
	s.page("/forno", "Il forno &egrave; aperto", "Sabato, dalle nove", "/vaso.jpg")
	s.file("/vaso.jpg", "image/jpeg", jpegOf(t, halves(2400, 1260, 90), 92))
	x := write(t, h, post.Message{Text: "Vieni: " + s.URL + "/forno"}, ch.ID)
	asked(t, h)
	now(t, h, x)
	work(t, h, 0)
	if y := part(t, h, x.ID, 0); y.State != post.PartSent {
		t.Fatalf("%s %+v", y.State, y.Trouble)
	}
	var r struct {
		Embed struct {
			External struct {
				URI, Title, Description string
				Thumb                   blueskyBlob
			}
		}
	}
	record(t, us, &r)
	e := r.Embed.External
	if e.URI != s.URL+"/forno" || e.Title != "Il forno è aperto" || e.Description != "Sabato, dalle nove" {
		t.Errorf("%+v", e)
	}
	b := blobOf(t, us, e.Thumb.Ref.Link)
	config, err := jpeg.DecodeConfig(bytes.NewReader(b))
	ok(t, err)
	if len(b) > 1_000_000 || len(b) != e.Thumb.Size || config.Width != 1200 || config.Height != 630 {
		t.Errorf("%d bytes, %d x %d: %+v", len(b), config.Width, config.Height, e.Thumb)
	}
}
