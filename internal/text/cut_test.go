package text_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ponte-desk/ponte/internal/text"
)

func TestGraphemes(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]int{"": 0, "ciao": 4, "perche\u0301": 6, "👩‍👩‍👧🇮🇹": 2, "\r\n": 1} {
		if got := text.Graphemes(in); got != want {
			t.Errorf("Graphemes(%q) = %d, want %d", in, got, want)
		}
	}
}

func TestCut(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in    string
		limit int
		want  string
	}{
		{"Buongiorno", 10, "Buongiorno"},
		{"Buongiorno a tutti", 14, "Buongiorno a…"},
		{"Buongiorno a tutti", 18, "Buongiorno a tutti"},
		{"Buongiorno a tutti", 5, "Buon…"},
		{"Il vaso, rotto", 9, "Il vaso…"},
		{"perché sì", 9, "perché sì"},
		{"👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧", 2, "👩‍👩‍👧…"},
		{"🇮🇹🇫🇷🇩🇪", 2, "🇮🇹…"},
		{"abc", 1, "…"},
		{"abc", 0, ""},
		{"abc", -4, ""},
		{"", 3, ""},
	} {
		if got := text.Cut(c.in, c.limit); got != c.want {
			t.Errorf("Cut(%q, %d) = %q, want %q", c.in, c.limit, got, c.want)
		}
	}
}

func TestCutProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.StringMatching(`([a-z]{1,9} ){0,12}`)).Draw(t, "s")
		limit := rapid.IntRange(-1, 40).Draw(t, "limit")
		checkCut(t, s, limit)
	})
}

func checkCut(t interface {
	Helper()
	Fatalf(string, ...any)
}, s string, limit int,
) {
	t.Helper()
	got := text.Cut(s, limit)
	if n := text.Graphemes(got); n > max(limit, 0) {
		t.Fatalf("%d graphemes, at most %d asked: %q", n, limit, got)
	}
	if limit < 1 {
		return
	}
	if text.Graphemes(s) <= limit {
		if got != s {
			t.Fatalf("a text that fits was changed: %q to %q", s, got)
		}
		return
	}
	kept, ok := strings.CutSuffix(got, text.Ellipsis)
	if !ok || !strings.HasPrefix(s, kept) {
		t.Fatalf("%q does not begin %q", got, s)
	}
}

func FuzzCut(f *testing.F) {
	f.Add("Buongiorno a tutti 👩‍👩‍👧", 7)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		checkCut(t, s, limit)
	})
}

func TestSnippet(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, in, query string
		limit           int
		want            []text.Piece
	}{
		{"accents", "Il caffè è buono", "CAFFE", 40, []text.Piece{{Text: "Il "}, {Text: "caffè", Marked: true}, {Text: " è buono"}}},
		{"prefix of a word only", "scaffale caffettiera", "caff", 40, []text.Piece{{Text: "scaffale "}, {Text: "caff", Marked: true}, {Text: "ettiera"}}},
		{"spelled out", "die Straße", "strasse", 40, []text.Piece{{Text: "die "}, {Text: "Straße", Marked: true}}},
		{"nothing found", "uno due tre", "zzz", 40, []text.Piece{{Text: "uno due tre"}}},
		{"no query", "uno\n\n due", "", 40, []text.Piece{{Text: "uno due"}}},
		{"middle", "uno due tre quattro cinque sei sette otto", "cinque", 20, []text.Piece{{Text: "…"}, {Text: "cinque", Marked: true}, {Text: " sei sette…"}}},
		{"empty", " ", "x", 20, nil},
		{"no room", "abc", "a", 0, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, text.Snippet(c.in, c.query, c.limit)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func FuzzSnippet(f *testing.F) {
	f.Add("Il caffè è\nbuono 👩‍👩‍👧 davvero", "caffe", 9)
	f.Fuzz(func(t *testing.T, s, query string, limit int) {
		if limit > 1000 {
			limit = 1000
		}
		var all strings.Builder
		for i, p := range text.Snippet(s, query, limit) {
			if p.Text == "" {
				t.Fatalf("piece %d is empty", i)
			}
			all.WriteString(p.Text)
		}
		if n := text.Graphemes(all.String()); n > max(limit, 0) {
			t.Fatalf("%d graphemes, at most %d asked: %q", n, limit, all.String())
		}
		if !utf8.ValidString(all.String()) {
			t.Fatal("not valid UTF-8")
		}
	})
}

func TestInitials(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Elena Corsi":         "EC",
		"  anna maria rossi ": "AR",
		"Ponte":               "PO",
		"x":                   "X",
		"Gianni D'Angelo":     "GD",
		"elena.corsi":         "EC",
		"🌿 Elena 🌿 Corsi 🌿":   "EC",
		"👩‍👩‍👧 🌿":             "👩‍👩‍👧",
		"éva Ø":               "ÉØ",
		"東京":                  "東京",
		"":                    "?",
		"\xff":                "?",
	} {
		if got := text.Initials(in); got != want {
			t.Errorf("Initials(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestInitialsAreShort(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		got := text.Initials(rapid.String().Draw(t, "name"))
		if n := text.Graphemes(got); n < 1 || n > 4 { // upper-casing can spell one character as two (ﬁ, ß)
			t.Fatalf("%q", got)
		}
	})
}
