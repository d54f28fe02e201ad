package bench_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx" for the baseline

	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// items is how many interactions a large company has had: a million, or PONTE_BENCH_ITEMS.
func items(b *testing.B) int {
	b.Helper()
	if s := os.Getenv("PONTE_BENCH_ITEMS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1000 {
			b.Fatalf("PONTE_BENCH_ITEMS=%q is no number of at least 1000", s)
		}
		return n
	}
	return 1_000_000
}

// page is how many items one transaction takes in.
const page = 500

// words make texts of a believable length whose frequencies fall as in language (Zipf).
var words = strings.Fields(`la il di che e un è per non una sono con mi ho si del tazza arriva bordo piatto blu spedizione quando
domani grazie forno corso sabato smalto colore regalo ordine pacco negozio telefono risposta prezzo bello rotto scheggiato vorrei
sapere aspetto settimana mattina sorella madre cucina tavola ciotola bottega mani terra argilla acqua fuoco vetro resistente lavastoviglie
catalogo listino ristorante coperti isola sardegna consegna corriere fragile imballo cartone scatola rimborso cambio fattura domenica
aperti chiusi parcheggio bambini laboratorio maestro tornio cottura temperatura crepa manico tappo coperchio insalatiera vassoio caffè`)

// generator makes the history of a large company, the same for the same seed.
type generator struct {
	r    *rand.Rand
	z    *rand.Zipf
	at   time.Time
	n    int
	last []string // remote ids that may be answered
}

func newGenerator(start time.Time) *generator {
	r := rand.New(rand.NewPCG(1, 2))
	return &generator{r: r, z: rand.NewZipf(r, 1.1, 4, uint64(len(words)-1)), at: start}
}

func (g *generator) text() string {
	w := make([]string, 6+g.r.IntN(24))
	for i := range w {
		w[i] = words[g.z.Uint64()]
	}
	return strings.Join(w, " ")
}

// next makes one item: seven in ten start or go on with a conversation of theirs, three in ten are answers of ours.
func (g *generator) next() network.Item {
	g.n++
	g.at = g.at.Add(time.Duration(1+g.r.IntN(40)) * time.Second)
	it := network.Item{
		RemoteID: fmt.Sprintf("n%09d", g.n), Kind: network.KindMention, Text: g.text(), Language: "it", Visibility: network.Public,
		At: g.at, Version: "1", URL: fmt.Sprintf("https://one.example/%d", g.n),
	}
	if len(g.last) > 0 && g.r.IntN(10) < 7 {
		i := g.r.IntN(len(g.last))
		it.Kind, it.ParentID = network.KindReply, g.last[i]
		it.Mine = g.r.IntN(10) < 4
		g.last[i] = it.RemoteID
	} else if g.last = append(g.last, it.RemoteID); len(g.last) > 2000 {
		g.last = slices.Delete(g.last, 0, 1000)
	}
	if !it.Mine {
		who := g.r.IntN(20_000)
		it.Author = network.Author{RemoteID: fmt.Sprintf("a%d", who), Handle: fmt.Sprintf("p%d@one.example", who), Name: fmt.Sprintf("Persona %d", who)}
	}
	return it
}

// each runs a benchmark on both databases.
func each(b *testing.B, f func(b *testing.B, s *store.Store)) {
	b.Helper()
	b.Run("sqlite", func(b *testing.B) { f(b, storetest.SQLite(b)) })
	b.Run("postgres", func(b *testing.B) { f(b, storetest.Postgres(b)) })
}

func fill(b *testing.B, h *housetest.House, n int) time.Duration {
	b.Helper()
	// The newest of it is of now; the oldest is long past.
	g := newGenerator(h.Clock.Now().Add(-time.Duration(n) * 21 * time.Second))
	var spent time.Duration
	for done := 0; done < n; done += page {
		batch := make([]network.Item, min(page, n-done))
		for i := range batch {
			batch[i] = g.next()
		}
		start := time.Now()
		if _, err := h.Networks.Ingest(b.Context(), h.Channel, network.Page{Items: batch, Cursor: "bench"}); err != nil {
			b.Fatal(err)
		}
		spent += time.Since(start)
	}
	return spent
}

// tables are what ingesting fills.
var tables = []string{"person", "identity", "seen", "conversation", "interaction", "search_doc", "verdict", "verdict_tally", "criticism", "record_fact"}

// BenchmarkIngest takes in a million interactions through everything that happens to them, and compares with bare,
// prepared inserts of the very same rows through the same driver, in transactions of the same size.
func BenchmarkIngest(b *testing.B) {
	each(b, func(b *testing.B, s *store.Store) {
		n := items(b)
		h := housetest.New(b, s, housetest.Options{})
		spent := fill(b, h, n)
		bare := bareInserts(b, s, n)
		b.ReportMetric(float64(n)/spent.Seconds(), "items/s")
		b.ReportMetric(float64(n)/bare.Seconds(), "bare-items/s")
		b.ReportMetric(bare.Seconds()/spent.Seconds(), "ratio")
		b.ReportMetric(0, "ns/op")
	})
}

// bareInserts reads every row that was written and inserts it into a fresh database.
func bareInserts(b *testing.B, from *store.Store, n int) time.Duration {
	b.Helper()
	var to *sql.DB
	lite := from.Dialect() == store.SQLite
	if lite {
		to = storetest.SQLite(b).WriteDB()
	} else {
		db, err := sql.Open("pgx", storetest.FreshPostgres(b))
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = db.Close() })
		to = db
	}
	var spent time.Duration
	transactions := (n + page - 1) / page
	// Rows point at companies that are not there in the fresh database.
	if lite {
		if _, err := to.ExecContext(b.Context(), "PRAGMA foreign_keys = OFF"); err != nil {
			b.Fatal(err)
		}
	} else if _, err := to.ExecContext(b.Context(), "ALTER DATABASE "+databaseName(b, to)+" SET session_replication_role = replica"); err != nil {
		b.Fatal(err)
	}
	if !lite {
		to.SetMaxIdleConns(0) // so that new connections see the setting
	}
	for _, table := range tables {
		spent += bareTable(b, from, to, table, transactions, lite)
	}
	return spent
}

func databaseName(b *testing.B, db *sql.DB) (name string) {
	b.Helper()
	if err := db.QueryRowContext(b.Context(), "SELECT current_database()").Scan(&name); err != nil {
		b.Fatal(err)
	}
	return name
}

func bareTable(b *testing.B, from *store.Store, to *sql.DB, table string, transactions int, lite bool) (spent time.Duration) {
	b.Helper()
	ctx := b.Context()
	columns := "*"
	if lite && table == "search_doc" {
		columns = "rowid, *"
	}
	rows, err := from.Read(ctx).QueryContext(ctx, "SELECT "+columns+" FROM "+table)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	names, err := rows.Columns()
	if err != nil {
		b.Fatal(err)
	}
	kinds, err := rows.ColumnTypes()
	if err != nil {
		b.Fatal(err)
	}
	var total int
	if err := from.Read(ctx).QueryRowContext(ctx, "SELECT count(*) FROM "+table).Scan(&total); err != nil {
		b.Fatal(err)
	}
	marks := make([]string, len(names))
	for i := range marks {
		marks[i] = "?"
		if !lite {
			marks[i] = "$" + strconv.Itoa(i+1)
		}
	}
	insert := "INSERT INTO " + table + " (" + strings.Join(names, ", ") + ") VALUES (" + strings.Join(marks, ", ") + ")"
	batch := max(1, (total+transactions-1)/transactions)
	for more := true; more; {
		var part [][]any
		for len(part) < batch {
			if more = rows.Next(); !more {
				break
			}
			values := make([]any, len(names))
			at := make([]any, len(names))
			for i := range values {
				at[i] = &values[i]
			}
			if err := rows.Scan(at...); err != nil {
				b.Fatal(err)
			}
			for i, v := range values {
				if raw, ok := v.([]byte); ok && !lite && kinds[i].DatabaseTypeName() != "BYTEA" {
					values[i] = string(raw)
				}
			}
			part = append(part, values)
		}
		if len(part) == 0 {
			break
		}
		start := time.Now()
		if err := insertAll(ctx, to, insert, part); err != nil {
			b.Fatalf("%s: %v", table, err)
		}
		spent += time.Since(start)
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
	return spent
}

func insertAll(ctx context.Context, to *sql.DB, insert string, part [][]any) error {
	tx, err := to.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	st, err := tx.PrepareContext(ctx, insert)
	if err != nil {
		return err
	}
	for _, values := range part {
		if _, err := st.ExecContext(ctx, values...); err != nil {
			return err
		}
	}
	if err := st.Close(); err != nil {
		return err
	}
	return tx.Commit()
}

// BenchmarkInbox reads the first page of every view, opens conversations and searches, in a house with a million
// interactions. The baseline is one bare query of one row by its key through the same driver.
func BenchmarkInbox(b *testing.B) {
	each(b, func(b *testing.B, s *store.Store) {
		h := housetest.New(b, s, housetest.Options{})
		fill(b, h, items(b))
		if s.Dialect() == store.Postgres {
			if _, err := s.WriteDB().ExecContext(b.Context(), "ANALYZE"); err != nil {
				b.Fatal(err)
			}
		}
		actor := h.Actor(team.Community)
		first, err := h.Inbox.List(b.Context(), actor, inbox.Filter{View: inbox.ViewAll, Limit: 100})
		if err != nil {
			b.Fatal(err)
		}
		r := rand.New(rand.NewPCG(3, 4))
		ways := map[string]func() error{
			"list": func() error {
				_, err := h.Inbox.List(b.Context(), actor, inbox.Filter{View: inbox.Views[r.IntN(len(inbox.Views))]})
				return err
			},
			"counts": func() error {
				_, err := h.Inbox.Counts(b.Context(), actor)
				return err
			},
			"search-common": func() error {
				_, err := h.Inbox.List(b.Context(), actor, inbox.Filter{View: inbox.ViewAll, Query: words[r.IntN(20)]})
				return err
			},
			"search-rare": func() error {
				q := words[len(words)-1-r.IntN(20)] + " " + words[len(words)-1-r.IntN(20)]
				_, err := h.Inbox.List(b.Context(), actor, inbox.Filter{View: inbox.ViewAll, Query: q})
				return err
			},
			"open": func() error {
				_, err := h.Inbox.Open(b.Context(), actor, first.Conversations[r.IntN(len(first.Conversations))].ID)
				return err
			},
			"bare-row": func() error {
				var id string
				return s.Read(b.Context()).NewRaw("SELECT id FROM conversation WHERE id = ?", first.Conversations[0].ID).Scan(b.Context(), &id)
			},
		}
		for _, name := range []string{"bare-row", "list", "counts", "open", "search-common", "search-rare"} {
			b.Run(name, func(b *testing.B) {
				if err := ways[name](); err != nil { // once to warm up
					b.Fatal(err)
				}
				var took []time.Duration
				for b.Loop() {
					start := time.Now()
					if err := ways[name](); err != nil {
						b.Fatal(err)
					}
					took = append(took, time.Since(start))
				}
				slices.Sort(took)
				b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
				b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
			})
		}
	})
}
