package presence_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// history plants n things said in ten years, and brings them in as an export.
func history(b *testing.B, n int) *bed {
	b.Helper()
	bed := newBed(b, storetest.SQLite(b))
	ctx, owner := b.Context(), bed.Actor(team.Owner)
	ch, err := bed.Networks.OpenArchive(ctx, owner, network.ArchiveIn{Network: "facebook", Account: network.Account{RemoteID: "1", Handle: "arno", Name: "Ceramiche Arno"}})
	bed.ok(err)
	step := 10 * 365 * 24 * time.Hour / time.Duration(n)
	at := bed.Clock.Now().Add(-10 * 365 * 24 * time.Hour)
	flush := func() {
		_, err := bed.Networks.IngestArchive(ctx, ch, bed.items, nil)
		bed.ok(err)
		bed.items = bed.items[:0]
	}
	for i := 0; i < n; i += 4 {
		at = at.Add(4 * step)
		post := bed.say("", "", ourPhrases[i/4%len(ourPhrases)].text+fmt.Sprintf(" Sono %d.", i), at, network.Public)
		first := bed.say(fmt.Sprintf("p%d", i%4999), post, theirPhrases[i/4%len(theirPhrases)].text, at.Add(time.Minute), network.Public)
		bed.say("", first, "Domani alle nove, con il caffè per tutti.", at.Add(2*time.Minute), network.Public)
		bed.say(fmt.Sprintf("q%d", i%997), post, "La tazza tiene bene il caldo, e il colore resta com’era.", at.Add(3*time.Minute), network.Public)
		if len(bed.items) >= 2000 {
			flush()
		}
	}
	flush()
	return bed
}

// BenchmarkDraw draws the portrait of 100,000 things said, beside reading them and nothing else.
func BenchmarkDraw(b *testing.B) {
	bed := history(b, 100_000)
	ctx := b.Context()
	var read, drawn time.Duration
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for b.Loop() {
		began := time.Now()
		n := 0
		for at := inbox.InteractionID(""); ; {
			vs, last, err := bed.Inbox.Voices(ctx, bed.Company.ID, at, 2000)
			bed.ok(err)
			n += len(vs)
			if at = last; at == "" {
				break
			}
		}
		read += time.Since(began)
		if n != 100_000 {
			b.Fatal(n)
		}
		began = time.Now()
		bed.ok(bed.Presence.Draw(ctx, bed.Company.ID))
		drawn += time.Since(began)
	}
	runtime.ReadMemStats(&after)
	b.ReportMetric(drawn.Seconds()/float64(b.N), "s/draw")
	b.ReportMetric(drawn.Seconds()/read.Seconds(), "times-reading")
	b.ReportMetric(float64(after.HeapSys)/(1<<20), "MB-heap")
}
