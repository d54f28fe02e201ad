package growth_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/record"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// fillPage fills a house's page with so many published improvements: copies of one that went the whole way.
func fillPage(t testing.TB, h *housetest.House, improvements int) {
	t.Helper()
	ctx := t.Context()
	f := three(t, h)
	if err := h.Growth.Publish(ctx, h.Actor(team.Owner), f.Improvement.ID); err != nil {
		t.Fatal(err)
	}
	for _, table := range must[[]store.Table](t)(h.Store.Tables(ctx)) {
		if table.Name != "improvement" {
			continue
		}
		var one []any
		if err := h.Store.Rows(ctx, table, func(row []any) error {
			one = append([]any{}, row...)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		var rows [][]any
		for n := 2; n <= improvements; n++ {
			row := append([]any{}, one...)
			for at, c := range table.Columns {
				switch c.Name {
				case "id":
					row[at] = fmt.Sprintf("imp_%026d", n)
				case "handle":
					row[at] = string(record.NewHandle())
				case "number":
					row[at] = int64(n)
				}
			}
			rows = append(rows, row)
		}
		err := h.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
			for len(rows) > 0 {
				part := rows[:min(500, len(rows))]
				if err := h.Store.Insert(ctx, tx, table, part); err != nil {
					return err
				}
				rows = rows[len(part):]
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	openPage(t, h)
	if p := page(t, h); p.Improvements[0].Number != improvements {
		t.Fatalf("%d improvements", p.Improvements[0].Number)
	}
}

// The growth page of a company with 10,000 improvements, over HTTP: as it is asked for again and again, as it is asked for first after a
// change, from its middle, and beside it a server that writes the same bytes without having to find them.
func BenchmarkPage(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *store.Store{"sqlite": storetest.SQLite, "postgres": storetest.Postgres} {
		b.Run(name, func(b *testing.B) {
			h := house(b, open(b))
			fillPage(b, h, 10_000)
			owner := h.Actor(team.Owner)
			settings := must[growth.Settings](b)(h.Growth.Settings(b.Context(), owner))
			serve := func(b *testing.B, cursor string) []byte {
				p, err := h.Growth.Page(b.Context(), h.Company.ID, cursor, 20, false)
				if err != nil {
					b.Error(err)
					return nil
				}
				body, err := json.Marshal(p)
				if err != nil {
					b.Error(err)
				}
				return body
			}
			body := serve(b, "")
			run := func(name string, before func() error, f func(b *testing.B) []byte) {
				b.Run(name, func(b *testing.B) {
					s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(f(b)) }))
					defer s.Close()
					var took []time.Duration
					for b.Loop() {
						if before != nil {
							b.StopTimer()
							if err := before(); err != nil {
								b.Fatal(err)
							}
							b.StartTimer()
						}
						began := time.Now()
						r, err := http.Get(s.URL)
						if err != nil {
							b.Fatal(err)
						}
						n, err := io.Copy(io.Discard, r.Body)
						if err != nil || n == 0 {
							b.Fatal(n, err)
						}
						if err := r.Body.Close(); err != nil {
							b.Fatal(err)
						}
						took = append(took, time.Since(began))
					}
					slices.Sort(took)
					b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
					b.ReportMetric(float64(len(body)), "bytes")
				})
			}
			run("same-bytes", nil, func(*testing.B) []byte { return body })
			run("again", nil, func(b *testing.B) []byte { return serve(b, "") })
			run("after-a-change", func() error { return h.Growth.ChangeSettings(b.Context(), owner, settings) }, func(b *testing.B) []byte { return serve(b, "") })
			run("from-the-middle-after-a-change", func() error { return h.Growth.ChangeSettings(b.Context(), owner, settings) }, func(b *testing.B) []byte { return serve(b, "5000") })
		})
	}
}
