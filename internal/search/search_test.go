package search_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/search"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
)

func TestFindsWithoutAccentsNewestFirst(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		x := search.New(s)
		at := time.Date(2026, 3, 12, 9, 0, 0, 0, time.UTC)
		doc := func(ref, body string, age int) search.Doc {
			return search.Doc{Company: "cmp_1", Kind: "interaction", Ref: ref, At: at.AddDate(0, 0, -age), Text: body}
		}
		docs := []search.Doc{
			doc("old", "Perché la tazza è scheggiata?", 9),
			doc("new", "PERCHE' non rispondete? La tazza...", 1),
			doc("plain", "un complimento per il blu", 2),
			{Company: "cmp_2", Kind: "interaction", Ref: "theirs", At: at, Text: "perché tazza"},
		}
		index := func(docs ...search.Doc) {
			t.Helper()
			if err := s.InTx(t.Context(), func(ctx context.Context, tx *store.Tx) error { return x.Index(ctx, tx, docs) }); err != nil {
				t.Fatal(err)
			}
		}
		index(docs...)
		find := func(q string) []string {
			t.Helper()
			refs, err := x.Find(t.Context(), search.Query{Company: "cmp_1", Kind: "interaction", Text: q})
			if err != nil {
				t.Fatalf("%q: %v", q, err)
			}
			return refs
		}
		for q, want := range map[string][]string{
			"perche":         {"new", "old"},
			"PERCHÉ tazza":   {"new", "old"},
			"scheg":          {"old"},
			"scheg ":         nil,
			"compli blu":     nil, // only the last word may be a beginning
			"complimento bl": {"plain"},
			"":               nil,
			"«»!?":           nil,
			`" OR 1=1 --`:    nil,
			"tazza AND NOT":  nil,
			"body:tazza":     nil,
			"'tazza':*":      {"new", "old"},
			"NEAR(tazza":     nil,
		} {
			if got := find(q); !slices.Equal(got, want) {
				t.Errorf("%q: %v, want %v", q, got, want)
			}
		}
		index(doc("old", "adesso parla di piatti", 9))
		if got := find("scheggiata"); len(got) != 0 {
			t.Errorf("the old text is still found: %v", got)
		}
		if err := s.InTx(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			return x.Remove(ctx, tx, "cmp_1", "interaction", "old", at.AddDate(0, 0, -9))
		}); err != nil {
			t.Fatal(err)
		}
		if got := find("piatti"); len(got) != 0 {
			t.Errorf("a removed text is still found: %v", got)
		}
	})
}

func FuzzFindNeverFails(f *testing.F) {
	s := storetest.SQLite(f)
	x := search.New(s)
	for _, seed := range []string{"tazza", `"`, "a* b^2", "NEAR/3", "{x}:y", "\x00", "é'\"", "-"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, q string) {
		if _, err := x.Find(context.Background(), search.Query{Company: "c", Kind: "k", Text: q}); err != nil {
			t.Fatalf("%q: %v", q, err)
		}
	})
}

// A word that is said again asks for nothing more. PostgreSQL would take it for a second condition that few meet, and
// gather every match: at a million documents that takes a quarter of a second.
func TestARepeatedWordIsAskedForOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		var asked []string
		s.OnQuery(func(q string) { asked = append(asked, q) })
		if _, err := search.New(s).Find(t.Context(), search.Query{Company: "cmp_1", Kind: "interaction", Text: "Tazza blu tazza BLÙ"}); err != nil {
			t.Fatal(err)
		}
		for _, q := range asked {
			if strings.Count(q, "tazza") != 1 || strings.Count(q, "blu") != 1 {
				t.Errorf("%s", q)
			}
		}
		if len(asked) == 0 {
			t.Error("nothing was asked")
		}
	})
}
