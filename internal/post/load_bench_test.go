package post_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// BenchmarkDueInOneMinute has a thousand posts to five channels fall due at one moment, on running workers, and shows how late their
// messages stand: the median and the 99th of a hundred. The baseline plans the same messages with the room delivery alone, in the
// same run on the same database: they leave in no order, and nobody may hold them. Both count what is stored after that moment, and x-p50 and x-p99
// are how many times as late as alone a message of a post stands. Nothing may be lost, doubled or, of posts, out of order. It runs once whatever b.N
// says.
func BenchmarkDueInOneMinute(b *testing.B) {
	const posts, channels = 1000, 5
	for name, database := range map[string]func(testing.TB) *store.Store{"sqlite": storetest.SQLite, "postgres": storetest.Postgres} {
		b.Run(name, func(b *testing.B) {
			h := housetest.New(b, database(b), housetest.Options{Fake: networktest.FakeOptions{Safety: network.SafeByKey, Now: time.Now}})
			chs, handles := connect(b, h, channels)
			for i := range posts {
				x, err := h.Posts.Create(b.Context(), h.Actor(team.Owner), post.CreateIn{Message: post.Message{Text: fmt.Sprintf("Che ne dici? (%04d)", i)}, Channels: chs})
				ok(b, err)
				_, err = h.Posts.Schedule(b.Context(), h.Actor(team.Owner), x.ID, post.ScheduleIn{Version: x.Version, When: post.When{Kind: post.At, Wall: wallOf(b, "2026-03-02T11:00")}})
				ok(b, err)
			}
			ok(b, h.Queue.Start(b.Context()))
			h.Clock.Set(utc(b, "2026-03-02T10:00"))
			due := time.Now()
			go func() { _ = h.Posts.Due(b.Context()) }() // what the job of this moment does
			wait(b, h, handles, 0, posts)
			for _, handle := range handles {
				for i, it := range h.Fake.Standing(handle) {
					if want := fmt.Sprintf("Che ne dici? (%04d)", i); it.Text != want {
						b.Fatalf("%s: %q at %d", handle, it.Text, i)
					}
				}
			}
			own := lateness(h, handles, 0, due)
			report(b, "posts", own)
			// The baseline, on the same house and its workers.
			began, before := time.Now(), h.Fake.Calls(networktest.CallPublish)
			for i := range posts {
				err := h.Store.InTx(b.Context(), func(ctx context.Context, tx *store.Tx) error {
					for _, ch := range chs {
						_, err := h.Deliveries.Plan(ctx, tx, h.Actor(team.Owner), delivery.Plan{
							Channel: ch, Source: delivery.Source{Kind: delivery.ForPost, ID: fmt.Sprintf("alone %d", i)},
							Message: delivery.Message{Text: fmt.Sprintf("Da solo (%04d)", i), Visibility: network.Public},
						})
						if err != nil {
							return err
						}
					}
					return nil
				})
				ok(b, err)
			}
			wait(b, h, handles, before, 2*posts)
			alone := lateness(h, handles, posts, began)
			report(b, "alone", alone)
			b.ReportMetric(at50(own).Seconds()/at50(alone).Seconds(), "x-p50")
			b.ReportMetric(at99(own).Seconds()/at99(alone).Seconds(), "x-p99")
			h.Networks.Stop() // watchers end
			stop, cancel := context.WithTimeout(context.WithoutCancel(b.Context()), 5*time.Second)
			defer cancel()
			ok(b, h.Queue.Stop(stop))
		})
	}
}

// wait waits until so many messages stand on each account. What stands is only counted when as many attempts were made as it takes, before
// of which there were at the beginning: counting takes time from the house.
func wait(b *testing.B, h *housetest.House, handles []string, before, n int) {
	b.Helper()
	need := n * len(handles)
	if before > 0 {
		need = before + n*len(handles)/2
	}
	pause := 50 * time.Millisecond
	for deadline := time.Now().Add(4 * time.Minute); ; time.Sleep(pause) {
		late := time.Now().After(deadline)
		if h.Fake.Calls(networktest.CallPublish) < need && !late {
			continue
		}
		left := 0
		for _, handle := range handles {
			left += n - len(h.Fake.Standing(handle))
		}
		if left == 0 {
			return
		}
		if left < 0 || late {
			b.Fatalf("%d messages too few", left)
		}
		pause = 250 * time.Millisecond
	}
}

// lateness gives how long after a moment each message stood, from the n-th of each account on, sorted.
func lateness(h *housetest.House, handles []string, n int, since time.Time) (out []time.Duration) {
	for _, handle := range handles {
		for _, it := range h.Fake.Standing(handle)[n:] {
			out = append(out, it.At.Sub(since))
		}
	}
	slices.Sort(out)
	return out
}

func report(b *testing.B, name string, ds []time.Duration) {
	b.Helper()
	b.ReportMetric(at50(ds).Seconds(), "s-p50-"+name)
	b.ReportMetric(at99(ds).Seconds(), "s-p99-"+name)
	b.ReportMetric(float64(len(ds))/ds[len(ds)-1].Seconds(), "/s-"+name)
}

func at50(ds []time.Duration) time.Duration { return ds[len(ds)/2] }

func at99(ds []time.Duration) time.Duration { return ds[len(ds)*99/100] }
