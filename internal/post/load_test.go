package post_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/schedule"
	"github.com/ponte-desk/ponte/internal/team"
)

// connect gives a house more channels, each an account of its own on the fake network.
func connect(t testing.TB, h *housetest.House, n int) (chs []network.ChannelID, handles []string) {
	t.Helper()
	chs, handles = []network.ChannelID{h.Channel.ID}, []string{housetest.Handle}
	for i := 1; i < n; i++ {
		handle := fmt.Sprintf("filiale%d", i)
		h.Fake.Join(handle)
		ch, err := h.Networks.ConnectPassword(t.Context(), h.Actor(team.Owner), h.Fake.Server(), handle, networktest.AppPassword)
		if err != nil {
			t.Fatal(err)
		}
		chs, handles = append(chs, ch.ID), append(handles, handle)
	}
	return chs, handles
}

// Two hundred posts to five channels fall due in the same minute, several workers fight for them, the network misbehaves: none is
// lost, none doubled, none out of order on its channel.
func TestTwoHundredPostsInOneMinute(t *testing.T) {
	each(t, housetest.Options{Fake: networktest.FakeOptions{Safety: network.SafeByKey}}, func(t *testing.T, h *housetest.House) {
		const posts, channels, workers = 200, 5, 6
		ctx := t.Context()
		chs, handles := connect(t, h, channels)
		wall := schedule.WallOf(h.Clock.Now().Add(time.Hour), h.Company.Location())
		for i := range posts {
			x, err := h.Posts.Create(ctx, h.Actor(team.Owner), post.CreateIn{Message: post.Message{Text: fmt.Sprintf("Che ne dici? (%03d)", i)}, Channels: chs})
			ok(t, err)
			_, err = h.Posts.Schedule(ctx, h.Actor(team.Owner), x.ID, post.ScheduleIn{Version: x.Version, When: post.When{Kind: post.At, Wall: wall}})
			ok(t, err)
		}
		for i, way := range []networktest.Way{networktest.TooMany, networktest.AcceptThenTimeout, networktest.DropBefore, networktest.DropAfterSend, networktest.Broken} {
			for n := range 3 {
				h.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: way, Skip: 17 + 31*i + 150*n})
			}
		}
		at, _ := schedule.In(wall, h.Company.Location(), false)
		h.Clock.Set(at)
		done := func() bool {
			n, err := h.Store.Read(ctx).NewSelect().Table("post_part").Where("state = 'sent'").Count(ctx)
			return err != nil || n == posts*channels
		}
		deadline := time.Now().Add(5 * time.Minute)
		var wg sync.WaitGroup
		for w := range workers {
			wg.Go(func() {
				for !done() && time.Now().Before(deadline) {
					if w < 2 { // two nodes look for what is due
						if err := errors.Join(h.Posts.Due(ctx), h.Posts.Tend(ctx)); err != nil {
							t.Error(err)
							return
						}
					}
					var ids []delivery.ID
					err := h.Store.Read(ctx).NewSelect().Table("delivery").Column("id").Where("state IN ('planned', 'sending', 'unconfirmed')").Scan(ctx, &ids)
					if err != nil {
						t.Error(err)
						return
					}
					rand.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
					for _, id := range ids {
						if _, err := h.Deliveries.Step(ctx, id); err != nil && !strings.Contains(err.Error(), "delivery.moved") {
							t.Error(err)
							return
						}
					}
					h.Clock.Advance(20 * time.Millisecond) // pauses pass
				}
			})
		}
		wg.Wait()
		for _, handle := range handles {
			items := h.Fake.Standing(handle)
			if len(items) != posts {
				t.Errorf("%s: %d stand", handle, len(items))
			}
			for i, it := range items {
				if want := fmt.Sprintf("Che ne dici? (%03d)", i); it.Text != want {
					t.Errorf("%s: %q at %d, want %q", handle, it.Text, i, want)
					break
				}
			}
		}
		counts := must[post.Counts](t)(h.Posts.Counts(ctx, h.Actor(team.Owner)))
		if counts.States[post.Sent] != posts || counts.Trouble != 0 {
			t.Fatalf("%+v", counts)
		}
	})
}
