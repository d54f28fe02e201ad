package bench_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/public"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// How large the table of links is, and how the load comes.
const (
	manyLinks = 1_000_000
	callers   = 16 // connections that ask one after the other
	roundTime = 3 * time.Second
)

// many fills a table of links as fast as the database takes them.
func fillLinks(b *testing.B, s *store.Store, c team.CompanyID) {
	b.Helper()
	ctx := b.Context()
	tx, err := s.WriteDB().BeginTx(ctx, nil)
	if err != nil {
		b.Fatal(err)
	}
	const part = 500
	for n := 0; n < manyLinks; n += part {
		var q strings.Builder
		q.WriteString("INSERT INTO link (id, company_id, mark, code, title, target, find, campaign, channel, state, created_at, changed_at) VALUES ")
		for i := n; i < n+part; i++ {
			if i > n {
				q.WriteByte(',')
			}
			fmt.Fprintf(&q, "('lnk_%d','%s',%d,'k%d','Link %d','https://www.example.org/page/%d','link','c%d','ch%d','active','2026-01-01 00:00:00','2026-01-01 00:00:00')", i, c, i+1, i, i, i, i%20, i%8)
		}
		if _, err := tx.ExecContext(ctx, q.String()); err != nil {
			b.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
}

// served puts a handler on a port.
func served(b *testing.B, h http.Handler) string {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	s := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.Serve(l) }()
	b.Cleanup(func() { _ = s.Close() })
	return l.Addr().String()
}

// caller is a connection that asks for redirects. It does as little as it can: the machine is for the server.
type caller struct {
	conn net.Conn
	r    *bufio.Reader
	buf  []byte
}

func dial(b *testing.B, address string) *caller {
	b.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = c.Close() })
	return &caller{conn: c, r: bufio.NewReader(c)}
}

func (c *caller) ask(path string) error {
	c.buf = append(c.buf[:0], "GET "...)
	c.buf = append(c.buf, path...)
	c.buf = append(c.buf, " HTTP/1.1\r\nHost: ponte.example\r\nUser-Agent: Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1\r\nAccept-Language: it-IT,it;q=0.9\r\nReferer: https://www.instagram.com/\r\n\r\n"...)
	if _, err := c.conn.Write(c.buf); err != nil {
		return err
	}
	line, err := c.r.ReadSlice('\n')
	if err != nil {
		return err
	}
	if !strings.HasPrefix(string(line), "HTTP/1.1 302") {
		return fmt.Errorf("%s: %s", path, line)
	}
	body := 0
	for {
		line, err := c.r.ReadSlice('\n')
		if err != nil {
			return err
		}
		if len(line) <= 2 {
			break
		}
		if n, ok := strings.CutPrefix(string(line), "Content-Length: "); ok {
			body, _ = strconv.Atoi(strings.TrimSpace(n))
		}
	}
	_, err = io.CopyN(io.Discard, c.r, int64(body))
	return err
}

// codes gives the codes of links as they are opened: few of them often, as posts are, or all alike.
func codes(rnd *rand.Rand, alike bool) func() string {
	if alike {
		return func() string { return "/l/k" + strconv.Itoa(rnd.IntN(manyLinks)) }
	}
	z := rand.NewZipf(rnd, 1.1, 10, manyLinks-1)
	return func() string { return "/l/k" + strconv.FormatUint(z.Uint64(), 10) }
}

// full asks as fast as it is answered and gives requests per second.
func full(b *testing.B, address string, alike bool) float64 {
	b.Helper()
	var n atomic.Int64
	var all sync.WaitGroup
	start := time.Now()
	for i := range callers {
		c, next := dial(b, address), codes(rand.New(rand.NewPCG(uint64(i), 9)), alike)
		all.Go(func() {
			for time.Since(start) < roundTime {
				if err := c.ask(next()); err != nil {
					b.Error(err)
					return
				}
				n.Add(1)
			}
		})
	}
	all.Wait()
	return float64(n.Load()) / time.Since(start).Seconds()
}

// half asks at a rate, whether it is answered or not, and gives how long answers took from when they were due.
func half(b *testing.B, address string, rate float64, alike bool) []time.Duration {
	b.Helper()
	var mu sync.Mutex
	var took []time.Duration
	var all sync.WaitGroup
	start := time.Now()
	every := time.Duration(float64(callers) / rate * float64(time.Second))
	for i := range callers {
		c, next := dial(b, address), codes(rand.New(rand.NewPCG(uint64(i), 11)), alike)
		due := start.Add(every * time.Duration(i) / callers)
		all.Go(func() {
			var mine []time.Duration
			for time.Since(start) < roundTime {
				if wait := time.Until(due); wait > 0 {
					time.Sleep(wait)
				}
				// What the sleeper oversleeps is not the server's.
				asked := time.Now()
				if err := c.ask(next()); err != nil {
					b.Error(err)
					return
				}
				mine = append(mine, time.Since(asked))
				due = due.Add(every)
			}
			mu.Lock()
			defer mu.Unlock()
			took = append(took, mine...)
		})
	}
	all.Wait()
	slices.Sort(took)
	return took
}

// BenchmarkRedirect measures how fast links lead on, with visits recorded, on a table of a million links, beside a bare net/http redirect in
// the same run: "posts" opens a few links often, as posts and flyers are opened, "alike" opens all of them alike, which no cache helps.
func BenchmarkRedirect(b *testing.B) {
	s, err := store.Open(b.Context(), store.Options{Dir: b.TempDir()}) // as a running house: every batch is on the disk
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	if err := s.Migrate(b.Context()); err != nil {
		b.Fatal(err)
	}
	if err := queue.Migrate(b.Context(), s, storetest.Log()); err != nil {
		b.Fatal(err)
	}
	tm := team.New(s, clock.System())
	c, owner, err := tm.Found(b.Context(), team.FoundIn{Name: "Ceramiche Arno", Zone: "Europe/Rome", Locale: "it", OwnerName: "Olga", OwnerEmail: "olga@example.it"})
	if err != nil {
		b.Fatal(err)
	}
	fillLinks(b, s, c.ID)
	links := link.New(link.Rooms{Store: s, Clock: clock.System(), Team: tm, BaseURL: func() string { return "https://ponte.example" }})
	catalog, err := i18n.Load()
	if err != nil {
		b.Fatal(err)
	}
	door, err := public.New(public.Rooms{Team: tm, Links: links, Catalog: catalog, Log: storetest.Log()}, public.Options{BaseURL: "https://ponte.example"})
	if err != nil {
		b.Fatal(err)
	}
	mux := http.NewServeMux()
	door.Mount(mux)
	ours := served(b, mux)
	plain := http.NewServeMux()
	plain.HandleFunc("/l/", func(rw http.ResponseWriter, r *http.Request) {
		http.Redirect(rw, r, "https://www.example.org/page/1", http.StatusFound)
	})
	bare := served(b, plain)
	ctx, stop := context.WithCancel(b.Context())
	running := make(chan struct{})
	go func() { links.Run(ctx); close(running) }()
	b.Cleanup(func() { stop(); <-running })

	for _, alike := range []bool{false, true} {
		name := "posts"
		if alike {
			name = "alike"
		}
		b.Run(name, func(b *testing.B) {
			full(b, ours, alike) // what was opened lately is at hand
			for range b.N {
				var bares, mine []float64
				for range 3 {
					bares, mine = append(bares, full(b, bare, alike)), append(mine, full(b, ours, alike))
				}
				slices.Sort(bares)
				slices.Sort(mine)
				b.ReportMetric(bares[1], "bare/s")
				b.ReportMetric(mine[1], "ours/s")
				b.ReportMetric(mine[1]/bares[1], "ratio")
				took := half(b, ours, mine[1]/2, alike)
				b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
				beside := half(b, bare, mine[1]/2, alike)
				b.ReportMetric(float64(beside[len(beside)*99/100].Microseconds())/1000, "bare-p99-ms")
			}
		})
	}
	stop()
	<-running
	// What was measured is what is kept: every answer is a visit.
	all, err := links.Tallies(context.WithoutCancel(b.Context()), owner.Actor(team.ViaScreen), 0, 99999999)
	if err != nil {
		b.Fatal(err)
	}
	var kept int64
	for _, t := range all {
		kept += t.Visits
	}
	var rows int64
	if err := s.WriteDB().QueryRow("SELECT count(*) FROM link_visit").Scan(&rows); err != nil || rows != kept || kept == 0 {
		b.Fatalf("%d rows, %d in the sums, %v", rows, kept, err)
	}
	b.Logf("%d visits were recorded", kept)
}

// BenchmarkTallies measures how fast ten million visits of a year are summarised by day, channel and campaign for the page of results. They are
// summed up as they come; here stand the sums of 365 days, 8 channels and 25 campaigns.
func BenchmarkTallies(b *testing.B) {
	s := storetest.SQLite(b)
	tm := team.New(s, clock.System())
	c, owner, err := tm.Found(b.Context(), team.FoundIn{Name: "Ceramiche Arno", Zone: "Europe/Rome", Locale: "it", OwnerName: "Olga", OwnerEmail: "olga@example.it"})
	if err != nil {
		b.Fatal(err)
	}
	links := link.New(link.Rooms{Store: s, Clock: clock.System(), Team: tm})
	from := time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)
	var total int64
	for d := range 365 {
		day := link.DayOf(from.AddDate(0, 0, d))
		var q strings.Builder
		q.WriteString("INSERT INTO link_tally (company_id, day, channel, campaign, visits, visitors, bots, previews) VALUES ")
		for i := range 8 * 25 {
			if i > 0 {
				q.WriteByte(',')
			}
			n := int64(137)
			total += n
			fmt.Fprintf(&q, "('%s',%d,'ch%d','c%d',%d,%d,9,7)", c.ID, day, i%8, i/8, n, n*3/4)
		}
		if _, err := s.WriteDB().ExecContext(b.Context(), q.String()); err != nil {
			b.Fatal(err)
		}
	}
	for _, q := range []string{
		"INSERT INTO link_sum SELECT company_id, day, '', '', sum(visits), sum(visitors), sum(bots), sum(previews) FROM link_tally GROUP BY company_id, day",
		"INSERT INTO link_sum SELECT company_id, day / 100 * 100, channel, campaign, sum(visits), sum(visitors), sum(bots), sum(previews) FROM link_tally GROUP BY company_id, day / 100 * 100, channel, campaign",
	} {
		if _, err := s.WriteDB().ExecContext(b.Context(), q); err != nil {
			b.Fatal(err)
		}
	}
	if total < 10_000_000 {
		b.Fatal(total)
	}
	var took []time.Duration
	for b.Loop() {
		start := time.Now()
		all, err := links.Summary(b.Context(), owner.Actor(team.ViaScreen), link.DayOf(from), link.DayOf(from.AddDate(1, 0, 0)))
		if err != nil || all.Sum.Visits != total || len(all.Days) != 365 || len(all.Channels) != 8 || len(all.Campaigns) != 25 {
			b.Fatal(all.Sum, len(all.Days), err)
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}
