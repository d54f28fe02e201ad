package post_test

import (
	"testing"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/team"
)

// What posts carried can be taken again, with the description it was given once.
func TestFilesUsedBefore(t *testing.T) {
	each(t, housetest.Options{}, func(t *testing.T, h *housetest.House) {
		bowl, kiln := keep(t, h, "ciotola.jpg", jpegOf(t, halves(40, 30, 0), 80)).ID, keep(t, h, "forno.jpg", jpegOf(t, halves(30, 40, 0), 80)).ID
		for _, m := range [][]post.Media{{{ID: kiln, Alt: "Lo spioncino del forno"}}, {{ID: bowl, Alt: "Una ciotola blu"}, {ID: kiln}}} {
			must[post.Post](t)(h.Posts.Create(t.Context(), h.Actor(team.Editor), post.CreateIn{Message: post.Message{Text: words, Media: m}, Channels: []network.ChannelID{h.Channel.ID}}))
			h.Clock.Advance(1)
		}
		all := must[[]media.File](t)(h.Posts.Library(t.Context(), h.Actor(team.Editor), ""))
		if len(all) != 2 || all[0].ID != bowl || all[1].ID != kiln || all[1].Alt != "Lo spioncino del forno" {
			t.Fatalf("%+v", all)
		}
		if found := must[[]media.File](t)(h.Posts.Library(t.Context(), h.Actor(team.Editor), "SPIONCINO")); len(found) != 1 || found[0].ID != kiln {
			t.Errorf("%+v", found)
		}
		ok(t, h.Media.Delete(t.Context(), string(h.Company.ID), bowl))
		if left := must[[]media.File](t)(h.Posts.Library(t.Context(), h.Actor(team.Editor), "")); len(left) != 1 {
			t.Errorf("%+v", left)
		}
		_, err := h.Posts.Library(t.Context(), h.Actor(team.Contributor), "")
		if fault.KindOf(err) != fault.Denied {
			t.Error(err)
		}
	})
}
