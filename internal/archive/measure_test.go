package archive_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"runtime"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/archive"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

var archiveSize = flag.Int("archive-mb", 256, "how many megabytes the archive has whose memory is measured")

// endless makes an archive of posts while it is read, and never holds it.
type endless struct {
	buf  bytes.Buffer
	left int64
	n    int
}

func (e *endless) Read(p []byte) (int, error) {
	for e.buf.Len() < len(p) && e.left >= 0 {
		switch {
		case e.n == 0:
			e.buf.WriteString("window.YTD.tweets.part0 = [")
		case e.left == 0:
			e.buf.WriteByte(']')
			e.left = -1
			continue
		default:
			e.buf.WriteByte(',')
		}
		before := e.buf.Len()
		fmt.Fprintf(&e.buf, `{"tweet":{"edit_info":{"initial":{"editTweetIds":["%d"],"isEditEligible":true}},"retweeted":false,"source":"<a href=\"https://forno.example\">x</a>",`+
			`"entities":{"hashtags":[],"urls":[]},"id_str":"%d","full_text":"Pane alle sette, focaccia alle otto, numero %d","created_at":"Wed Apr 05 09:30:00 +0000 2023","lang":"it"}}`, e.n, e.n, e.n)
		e.n++
		e.left = max(e.left-int64(e.buf.Len()-before), 0)
	}
	if e.buf.Len() == 0 {
		return 0, io.EOF
	}
	return e.buf.Read(p)
}

// What reading an archive of any size holds, beside what the bare stream holds.
func BenchmarkMemory(b *testing.B) {
	size := int64(*archiveSize) << 20
	b.Run("read", func(b *testing.B) {
		l := archive.Usual()
		for b.Loop() {
			var most uint64
			var m runtime.MemStats
			n, start := 0, time.Now()
			err := archive.Stream(archive.X, "tweets.js", &endless{left: size}, archive.Options{Limits: l}, func(network.Item) error {
				if n++; n%100_000 == 0 {
					runtime.ReadMemStats(&m)
					most = max(most, m.HeapInuse)
				}
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(most)/(1<<20), "MB-held")
			b.ReportMetric(float64(n)/time.Since(start).Seconds(), "things/s")
			b.ReportMetric(float64(size)/(1<<20), "MB-archive")
		}
	})
	b.Run("stream", func(b *testing.B) {
		for b.Loop() {
			start := time.Now()
			if _, err := io.Copy(io.Discard, &endless{left: size}); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(size)/(1<<20)/time.Since(start).Seconds(), "MB/s")
		}
	})
}

// Bringing things in on SQLite, with everything that happens to them, beside writing the same bytes into a bare table in as many transactions.
func BenchmarkStore(b *testing.B) {
	const n = 20_000
	items := make([]network.Item, n)
	for i := range items {
		who := fmt.Sprintf("ada%d", i%2000)
		items[i] = network.Item{
			RemoteID: fmt.Sprint(i), Kind: network.KindComment, Visibility: network.Public, Text: fmt.Sprintf("Il pane numero %d è molto buono, grazie a tutti del forno.", i), Version: "1",
			At: day.Add(time.Duration(i) * time.Minute), Author: network.Author{RemoteID: who, Handle: who, Name: who},
		}
	}
	parts := func(f func(part []network.Item)) {
		for at := 0; at < n; at += 500 {
			f(items[at : at+500])
		}
	}
	b.Run("house", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			h := housetest.New(b, storetest.SQLite(b), housetest.Options{})
			ch, err := h.Networks.OpenArchive(b.Context(), h.Actor(team.Owner), network.ArchiveIn{Network: "forum", ServerURL: "https://forum.example", Account: network.Account{RemoteID: "forno", Handle: "forno"}})
			check(b, err)
			b.StartTimer()
			start := time.Now()
			parts(func(part []network.Item) {
				_, err := h.Networks.IngestArchive(b.Context(), ch, part, nil)
				check(b, err)
			})
			b.ReportMetric(n/time.Since(start).Seconds(), "things/s")
		}
	})
	b.Run("table", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			s := storetest.SQLite(b)
			check(b, s.InTx(b.Context(), func(ctx context.Context, tx *store.Tx) error {
				_, err := tx.SQL().ExecContext(ctx, "CREATE TABLE bare (id TEXT PRIMARY KEY, who TEXT, body TEXT, at TIMESTAMP)")
				return err
			}))
			b.StartTimer()
			start := time.Now()
			parts(func(part []network.Item) {
				check(b, s.InTx(b.Context(), func(ctx context.Context, tx *store.Tx) error {
					for _, it := range part {
						if _, err := tx.SQL().ExecContext(ctx, "INSERT INTO bare VALUES (?, ?, ?, ?)", it.RemoteID, it.Author.RemoteID, it.Text, it.At); err != nil {
							return err
						}
					}
					return nil
				}))
			})
			b.ReportMetric(n/time.Since(start).Seconds(), "things/s")
		}
	})
}
