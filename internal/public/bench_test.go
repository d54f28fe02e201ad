package public_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/public"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
)

// stones is how many improvements the company of the benchmark has published.
const stones = 10_000

// many makes of one published improvement ten thousand, each with a case of its own.
func many(b *testing.B, h *house) {
	b.Helper()
	h.open()
	h.published("Il separatore nelle scatole", h.say("ada@one.example", "Il piatto è arrivato rotto in mille pezzi"))
	numbers := "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < " + strconv.Itoa(stones) + ") "
	err := h.Store.InTx(b.Context(), func(ctx context.Context, tx *store.Tx) error {
		for _, q := range []string{
			`INSERT INTO growth_case (id, company_id, number, handle, title, theme, state, cause, plan, opened_by, opened_at, changed_at, public, rank, updated_at) ` + numbers +
				`SELECT k.id || n.i, k.company_id, n.i, k.handle || n.i, k.title, k.theme, k.state, k.cause, k.plan, k.opened_by, k.opened_at, k.changed_at, k.public, k.rank || n.i, k.updated_at FROM growth_case AS k, n`,
			`INSERT INTO improvement (id, company_id, case_id, number, handle, state, words, later, since, voices, others, quoted_as, outcome, trend, checked_at, approved_by, approved_at, published_by, published_at, leaf, better, not_better) ` + numbers +
				`SELECT m.id || n.i, m.company_id, k.id, n.i, k.handle, m.state, m.words, m.later, m.since, m.voices, m.others, m.quoted_as, m.outcome, m.trend, m.checked_at, m.approved_by, m.approved_at, m.published_by, m.published_at, m.leaf, m.better, m.not_better
				FROM improvement AS m, n JOIN growth_case AS k ON k.number = n.i`,
		} {
			if _, err := tx.DB.NewRaw(q).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	h.must(err)
	if h.Store.Dialect() == store.Postgres {
		_, err := h.Store.WriteDB().ExecContext(b.Context(), "ANALYZE")
		h.must(err)
	}
}

// BenchmarkPage measures the whole door before a company with ten thousand improvements: the first part of the page when
// nothing has changed, the answer that it has not changed, a part that nobody has asked for yet, one entry, a feed. The baseline
// is a handler that writes as many bytes as the page has.
func BenchmarkPage(b *testing.B) {
	for _, on := range []struct {
		name string
		open func(testing.TB) *store.Store
	}{{"sqlite", storetest.SQLite}, {"postgres", storetest.Postgres}} {
		b.Run(on.name, func(b *testing.B) {
			h := &house{House: housetest.New(b, on.open(b), housetest.Options{Judge: judge})}
			catalog, err := i18n.Load()
			h.must(err)
			p, err := public.New(public.Rooms{Team: h.Team, Growth: h.Growth, Clock: h.Clock, Catalog: catalog, Log: storetest.Log()}, public.Options{BaseURL: housetest.BaseURL})
			h.must(err)
			many(b, h)
			ask := func(handler http.Handler, path, tag string, want int) *httptest.ResponseRecorder {
				r := httptest.NewRequest(http.MethodGet, path, nil)
				if tag != "" {
					r.Header.Set("If-None-Match", tag)
				}
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, r)
				if w.Code != want {
					b.Fatalf("%s: %d, want %d", path, w.Code, want)
				}
				return w
			}
			first := ask(p, "/crescita", "", http.StatusOK)
			body := first.Body.Bytes()
			bare := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) })
			cursor := stones
			for _, way := range []struct {
				name string
				do   func()
			}{
				{"bare", func() { ask(bare, "/crescita", "", http.StatusOK) }},
				{"page", func() { ask(p, "/crescita", "", http.StatusOK) }},
				{"unchanged", func() { ask(p, "/crescita", first.Header().Get("ETag"), http.StatusNotModified) }},
				{"anew", func() {
					// Each part is asked for once: it is read from the database and drawn.
					if cursor -= 7; cursor < 100 {
						cursor = stones - cursor
					}
					ask(p, "/crescita?from="+strconv.Itoa(cursor), "", http.StatusOK)
				}},
				{"entry", func() { ask(p, "/growth/"+strconv.Itoa(1+cursor%stones), "", http.StatusOK); cursor += 11 }},
				{"feed", func() { ask(p, "/growth/feed.atom", "", http.StatusOK) }},
			} {
				b.Run(way.name, func(b *testing.B) {
					way.do() // once to warm up
					var took []time.Duration
					for b.Loop() {
						start := time.Now()
						way.do()
						took = append(took, time.Since(start))
					}
					slices.Sort(took)
					b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
					b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
				})
			}
		})
	}
}
