package growth_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx" for the baseline

	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/merkle"
	"github.com/ponte-desk/ponte/internal/record"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
)

// long is how many leaves a long record has: a million, or PONTE_BENCH_ITEMS.
func long(b *testing.B) int64 {
	b.Helper()
	if s := os.Getenv("PONTE_BENCH_ITEMS"); s != "" {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n < 1000 {
			b.Fatalf("PONTE_BENCH_ITEMS=%q is no number of at least 1000", s)
		}
		return n
	}
	return 1_000_000
}

func heardLeaves(h *housetest.House, n int) []record.Leaf {
	at := h.Clock.Now()
	out := make([]record.Leaf, n)
	for i := range out {
		out[i] = record.Leaf{Kind: record.Heard, Subject: record.NewHandle(), Said: at, Commit: record.Commit(record.NewSalt(), record.OfAddress, "x")}
	}
	return out
}

// lengthen brings a record to a length.
func lengthen(b *testing.B, h *housetest.House, n int64) {
	b.Helper()
	for at := int64(0); at < n; {
		places := must[[]int64](b)(h.Growth.Ink(b.Context(), h.Company.ID, heardLeaves(h, int(min(10_000, n-at)))...))
		at = places[len(places)-1] + 1
	}
}

// BenchmarkRecord appends to a record of a million leaves, one at a time and 500 at a time, and proves that a comment stands in it. Beside each
// appending stand bare, prepared statements that store the very same rows through the same driver, in transactions of the same size.
func BenchmarkRecord(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *store.Store{"sqlite": storetest.SQLite, "postgres": storetest.Postgres} {
		b.Run(name, func(b *testing.B) {
			h := house(b, open(b))
			n := long(b)
			lengthen(b, h, n)
			for _, batch := range []int{1, 500} {
				b.Run(fmt.Sprintf("append%d", batch), func(b *testing.B) { appending(b, h, batch) })
			}
			b.Run("find", func(b *testing.B) { finding(b, h, n) })
		})
	}
}

func appending(b *testing.B, h *housetest.House, batch int) {
	ctx := b.Context()
	replay := newReplay(b, h)
	var bare time.Duration
	for b.Loop() {
		leaves := heardLeaves(h, batch)
		places, err := h.Growth.Ink(ctx, h.Company.ID, leaves...)
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		bare += replay.run(ctx, leaves, places)
		b.StartTimer()
	}
	leaves := float64(b.N * batch)
	b.ReportMetric(leaves/b.Elapsed().Seconds(), "leaves/s")
	b.ReportMetric(leaves/bare.Seconds(), "bare-leaves/s")
	b.ReportMetric(bare.Seconds()/b.Elapsed().Seconds(), "ratio")
}

func finding(b *testing.B, h *housetest.House, n int64) {
	take(b, h, item("1", "ada", "È rotto", h.Clock.Now()))
	for b.Loop() {
		if f := must[growth.Found](b)(h.Growth.Find(b.Context(), h.Company.ID, "https://one.example/@ada/1")); f.Index < n {
			b.Fatal(f.Index)
		}
	}
}

// replay stores rows of the record that were just written once more, bare, into a database that holds nothing else.
type replay struct {
	b      *testing.B
	h      *housetest.House
	db     *sql.DB
	lite   bool
	upsert map[string]*sql.Stmt
}

func newReplay(b *testing.B, h *housetest.House) *replay {
	b.Helper()
	r := &replay{b: b, h: h, lite: h.Store.Dialect() == store.SQLite, upsert: map[string]*sql.Stmt{}}
	if r.lite {
		r.db = storetest.SQLite(b).WriteDB()
		r.exec("PRAGMA foreign_keys = OFF")
	} else {
		db, err := sql.Open("pgx", storetest.FreshPostgres(b))
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = db.Close() })
		r.db = db
		r.exec("ALTER TABLE record_log DROP CONSTRAINT record_log_company_id_fkey")
	}
	for table, keys := range map[string]string{
		"record_tile (company_id, level, number, width, body)":                                        "company_id, level, number",
		"record_bundle (company_id, number, width, body)":                                             "company_id, number",
		"record_fact (company_id, handle, body)":                                                      "company_id, handle",
		"record_log (company_id, origin, key, verifier, size, root, checkpoint, figures, changed_at)": "company_id",
	} {
		var name, columns string
		_, _ = fmt.Sscanf(table, "%s", &name)
		columns = table[len(name)+2 : len(table)-1]
		marks, set := "", ""
		for i, c := range splitList(columns) {
			if i > 0 {
				marks += ", "
				set += ", "
			}
			mark := "?"
			if !r.lite {
				mark = fmt.Sprintf("$%d", i+1)
			}
			marks, set = marks+mark, set+c+" = excluded."+c
		}
		st, err := r.db.PrepareContext(b.Context(), "INSERT INTO "+name+" ("+columns+") VALUES ("+marks+") ON CONFLICT ("+keys+") DO UPDATE SET "+set)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = st.Close() })
		r.upsert[name] = st
	}
	return r
}

func splitList(s string) []string {
	var out []string
	for from := 0; from < len(s); {
		to := from
		for to < len(s) && s[to] != ',' {
			to++
		}
		out = append(out, s[from:to])
		from = to + 2
	}
	return out
}

func (r *replay) exec(query string) {
	r.b.Helper()
	if _, err := r.db.ExecContext(r.b.Context(), query); err != nil {
		r.b.Fatal(err)
	}
}

// run stores the rows that appending leaves wrote, and gives how long that took.
func (r *replay) run(ctx context.Context, leaves []record.Leaf, places []int64) time.Duration {
	r.b.Helper()
	size := places[len(places)-1] + 1
	type row struct {
		table string
		args  []any
	}
	var rows []row
	read := func(table, columns, where string) {
		r.b.Helper()
		// The company comes first in every key: without it each of these would read its whole table.
		found, err := r.h.Store.WriteDB().QueryContext(ctx, "SELECT "+columns+" FROM "+table+" WHERE company_id = '"+string(r.h.Company.ID)+"' AND "+where)
		if err != nil {
			r.b.Fatal(err)
		}
		defer func() { _ = found.Close() }()
		for found.Next() {
			args := make([]any, len(splitList(columns)))
			into := make([]any, len(args))
			for i := range args {
				into[i] = &args[i]
			}
			if err := found.Scan(into...); err != nil {
				r.b.Fatal(err)
			}
			rows = append(rows, row{table, args})
		}
	}
	for level := 0; merkle.WidthAt(size, level, 0) > 0; level++ {
		from, to := places[0]>>(8*(level+1)), (size-1)>>(8*(level+1))
		read("record_tile", "company_id, level, number, width, body", fmt.Sprintf("level = %d AND number BETWEEN %d AND %d", level, from, to))
	}
	read("record_bundle", "company_id, number, width, body", fmt.Sprintf("number BETWEEN %d AND %d", places[0]>>8, (size-1)>>8))
	for _, l := range leaves {
		read("record_fact", "company_id, handle, body", "handle = '"+string(l.Subject)+"'")
	}
	read("record_log", "company_id, origin, key, verifier, size, root, checkpoint, figures, changed_at", "size > 0")
	start := time.Now()
	tx, err := r.db.BeginTx(ctx, nil)
	if err != nil {
		r.b.Fatal(err)
	}
	for _, w := range rows {
		if _, err := tx.StmtContext(ctx, r.upsert[w.table]).ExecContext(ctx, w.args...); err != nil {
			r.b.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		r.b.Fatal(err)
	}
	return time.Since(start)
}
