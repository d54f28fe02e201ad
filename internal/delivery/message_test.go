package delivery_test

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// picture puts a picture into the room media.
func picture(t *testing.T, h *housetest.House, name string) string {
	t.Helper()
	u := networktest.Picture(name, "")
	r, err := u.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	f, err := h.Media.Add(t.Context(), media.Incoming{Company: string(h.Company.ID), Name: name, Body: r})
	if err != nil {
		t.Fatal(err)
	}
	return string(f.ID)
}

func planMessage(t *testing.T, h *housetest.House, source string, m delivery.Message) delivery.ID {
	t.Helper()
	var id delivery.ID
	err := h.Store.InTx(t.Context(), func(ctx context.Context, tx *store.Tx) (err error) {
		id, err = h.Deliveries.Plan(ctx, tx, h.Actor(team.Owner), delivery.Plan{
			Channel: h.Channel.ID, Source: delivery.Source{Kind: delivery.ForPost, ID: source}, Message: m,
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// All that a message says reaches the network, at every attempt the same, and the receipt names the files.
func TestAMessageReachesTheNetworkWhole(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := housetest.New(t, s, housetest.Options{})
		text := "Il forno apre alle sei, vedi qui"
		m := delivery.Message{
			Text: text, Language: "it", Visibility: network.Public,
			Media:  []delivery.Attachment{{MediaID: picture(t, h, "uno.png"), Alt: " Una pagnotta ", FocusX: -0.5, FocusY: 0.25}},
			Facets: []network.Facet{{Kind: network.FacetLink, Start: 29, End: 32, Value: "https://example.org"}},
			Card:   &delivery.Card{URL: "https://example.org", Title: "Il forno", Description: "Ogni giorno", MediaID: picture(t, h, "card.png")},
		}
		h.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: networktest.DropBefore})
		id := planMessage(t, h, "a", m)
		d := h.Deliver(id, time.Hour)
		if d.State != delivery.Sent || !reflect.DeepEqual(d.Message, m) || len(d.Receipt.Media) != 1 {
			t.Fatalf("%+v", d)
		}
		all := h.Fake.Attempts()
		if len(all) != 2 {
			t.Fatalf("%d attempts", len(all))
		}
		for _, o := range all {
			if !reflect.DeepEqual(o.Facets, m.Facets) || o.Card == nil || o.Card.URL != m.Card.URL || o.Card.Title != m.Card.Title ||
				o.Card.Description != m.Card.Description || o.Card.Image == nil || o.Card.Image.MIME != "image/png" {
				t.Errorf("%+v", o)
			}
			if u := o.Media[0]; u.FocusX != -0.5 || u.FocusY != 0.25 || u.Alt != "Una pagnotta" || u.Width != 64 {
				t.Errorf("%+v", u)
			}
		}
		// A room edits what stands: other words, and the picture stays.
		edited := m
		edited.Text, edited.Facets = "Il forno apre alle sette", []network.Facet{}
		edited.Media = []delivery.Attachment{{RemoteID: d.Receipt.Media[0], Alt: "Una pagnotta bruciata"}}
		out, err := h.Deliveries.Outgoing(t.Context(), h.Company.ID, string(id), d.PreparedAt, edited)
		if err != nil {
			t.Fatal(err)
		}
		r, err := h.Networks.Edit(t.Context(), h.Company.ID, h.Channel.ID, d.Receipt.RemoteID, out)
		if err != nil || r.Media[0] != d.Receipt.Media[0] {
			t.Fatalf("%+v, %v", r, err)
		}
		if got := h.Fake.Standing(housetest.Handle); len(got) != 1 || got[0].Text != edited.Text || got[0].Media[0].Alt != "Una pagnotta bruciata" {
			t.Errorf("%+v", got)
		}
	})
}

// A card whose picture was deleted meanwhile goes out without; a file that was deleted does not.
func TestPicturesThatAreGone(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := housetest.New(t, s, housetest.Options{})
		gone := picture(t, h, "via.png")
		if err := h.Media.Delete(t.Context(), string(h.Company.ID), media.ID(gone)); err != nil {
			t.Fatal(err)
		}
		d := h.Deliver(planMessage(t, h, "card", delivery.Message{Text: "con carta", Card: &delivery.Card{URL: "https://example.org", MediaID: gone}}), time.Hour)
		if d.State != delivery.Sent || h.Fake.Attempts()[0].Card.Image != nil {
			t.Errorf("%+v", d)
		}
		d = h.Deliver(planMessage(t, h, "file", delivery.Message{Text: "con foto", Media: []delivery.Attachment{{MediaID: gone}}}), time.Hour)
		if d.State != delivery.Failed || d.Trouble.Key != "delivery.trouble.media" {
			t.Errorf("%+v", d)
		}
	})
}

// What was stored before messages said so much is read as it was meant.
func TestOldMessagesAreRead(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := housetest.New(t, s, housetest.Options{})
		id := plan(t, h, "a")
		old := `{"Text":"Vecchio","ReplyTo":"","ReplyRoot":"","Visibility":"public","Warning":"","Language":"it","Media":null}`
		err := s.InTx(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.DB.NewRaw("UPDATE delivery SET message = ? WHERE id = ?", old, id).Exec(ctx)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if d := h.Deliver(id, time.Minute); d.State != delivery.Sent || d.Message.Facets != nil || d.Message.Card != nil {
			t.Fatalf("%+v", d)
		}
		if o := h.Fake.Attempts()[0]; o.Text != "Vecchio" || o.Facets != nil || o.Card != nil {
			t.Errorf("%+v", o)
		}
	})
}

// Who was erased is named nowhere in a message.
func TestNobodyErasedIsNamedInFacetsAndCards(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := housetest.New(t, s, housetest.Options{})
		id := planMessage(t, h, "a", delivery.Message{
			Text:   "Grazie a chi ci ha scritto",
			Facets: []network.Facet{{Kind: network.FacetMention, Start: 0, End: 6, Value: "carla@one.example"}},
			Card:   &delivery.Card{URL: "https://example.org/carla@one.example", Title: "Di carla@one.example", Description: "carla@one.example"},
		})
		mask := func(w string) (string, bool) {
			m := strings.ReplaceAll(w, "carla@one.example", "qualcuno")
			return m, m != w
		}
		err := s.InTx(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			_, n, err := h.Deliveries.Mask(ctx, tx, h.Company.ID, "", []string{"%carla@one.example%"}, mask)
			if n != 1 {
				t.Errorf("%d changed", n)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		d, err := h.Deliveries.Get(t.Context(), h.Company.ID, id)
		if err != nil || d.Message.Facets != nil || *d.Message.Card != (delivery.Card{URL: "https://example.org/qualcuno", Title: "Di qualcuno", Description: "qualcuno"}) {
			t.Errorf("%+v %v", d.Message, err)
		}
	})
}
