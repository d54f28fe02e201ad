package text_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ponte-desk/ponte/internal/text"
)

func TestFold(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                          "",
		"Perché È così":             "perche e cosi",
		"STRASSE Straße GROẞ":       "strasse strasse gross",
		"Œuvre Æther Smørrebrød":    "oeuvre aether smorrebrod",
		"Łódź Đorđe Þór":            "lodz dorde thor",
		"ﬁne ① ²":                   "fine 1 2",
		"ΟΔΥΣΣΕΥΣ":                  "οδυσσευσ",
		"İstanbul ısı":              "istanbul isi",
		"cafe\u0301 caf\u00e9":      "cafe cafe",
		"so\u00adft zero\u200bw":    "soft zerow",
		"a\x00b\tc\u00a0d":          "a b c d",
		"l’ordine":                  "l'ordine",
		"A1 & B2":                   "a1 & b2",
		"Ｆｕｌｌ":                      "full",
		"bad\xffutf":                "bad utf",
		"한국어":                       text.Fold("한국어"),
		"\u1e9e\u0345 \u03d2\u0301": text.Fold("\u1e9e\u0345 \u03d2\u0301"),
	} {
		if got := text.Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestFoldIsSettledForEveryCharacter(t *testing.T) {
	t.Parallel()
	for r := rune(0); r <= utf8.MaxRune; r++ {
		once := text.Fold(string(r))
		if twice := text.Fold(once); twice != once {
			t.Errorf("%U: %q then %q", r, once, twice)
		}
	}
}

func TestFoldProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		once := text.Fold(s)
		if text.Fold(once) != once {
			t.Fatalf("folding twice differs: %q", once)
		}
		if text.Fold(strings.ToUpper(once)) != text.Fold(strings.ToUpper(text.Fold(strings.ToUpper(once)))) {
			t.Fatal("folding is not stable over case")
		}
		if !slices.Equal(text.Words(s), text.Words(once)) {
			t.Fatalf("words of the folded text differ: %q %q", text.Words(s), text.Words(once))
		}
	})
}

func TestWords(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][]string{
		"":                              nil,
		"L'Ordine n. 42, è ARRIVATO!":   {"l", "ordine", "n", "42", "e", "arrivato"},
		"@ada@example.org":              {"ada", "example", "org"},
		"vaso🌿rotto":                    {"vaso", "rotto"},
		"東京ok":                          {"東", "京", "ok"},
		"#CeramicheArno https://a.it/x": {"ceramichearno", "https", "a", "it", "x"},
	} {
		if diff := cmp.Diff(want, text.Words(in)); diff != "" {
			t.Errorf("Words(%q): %s", in, diff)
		}
	}
}

func FuzzFold(f *testing.F) {
	f.Add("Perché ß \xff\x00 ẞ")
	f.Fuzz(func(t *testing.T, s string) {
		once := text.Fold(s)
		if !utf8.ValidString(once) || strings.ContainsRune(once, 0) {
			t.Fatalf("%q is not fit for a database", once)
		}
		if text.Fold(once) != once {
			t.Fatalf("%q is not settled", once)
		}
	})
}
