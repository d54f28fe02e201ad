package triage

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// complaints reads testdata/same-*.txt: groups of what is the same complaint.
func complaints(t testing.TB, lang Language) (groups [][]string) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "same-"+string(lang)+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	for part := range strings.SplitSeq(string(b), "\n\n") {
		if !strings.HasPrefix(part, "#") {
			groups = append(groups, strings.Split(strings.TrimSpace(part), "\n"))
		}
	}
	return groups
}

func TestTheSameComplaintIsFoundAgain(t *testing.T) {
	t.Parallel()
	m := model(t)
	for _, lang := range lexiconLanguages {
		var all []guess
		var c counts
		groups := complaints(t, lang)
		for i, a := range groups {
			for k, b := range groups[:i+1] {
				for x, one := range a {
					for y, two := range b {
						if i == k && y >= x {
							continue
						}
						near := Nearest(m.Signature(one), m.Signature(two))
						all = append(all, guess{near, i == k, 1})
						c.add(near >= Same, i == k, 1)
					}
				}
			}
		}
		t.Logf("%s: %d pairs, ranking %.3f, from Same on precision %.3f, recall %.3f", lang, len(all), ranking(all), c.precision(), c.recall())
		if ranking(all) < 0.93 || c.precision() < 0.85 || c.recall() < 0.5 {
			t.Errorf("%s: ranking %.3f, precision %.3f, recall %.3f", lang, ranking(all), c.precision(), c.recall())
		}
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	m := model(t)
	if x := Nearest(m.Signature("Il vaso è arrivato rotto"), m.Signature("IL VASO È ARRIVATO ROTTO!!!")); x < 0.999 {
		t.Errorf("the same words are %.3f near", x)
	}
	if x := Nearest(m.Signature("😂😂"), m.Signature("😂😂")); x != 0 {
		t.Errorf("two texts about nothing are %.3f near", x)
	}
	if m.Signature("") != (Signature{}) {
		t.Error("no text has a signature")
	}
	rapid.Check(t, func(t *rapid.T) {
		one, two := someText(t), someText(t)
		a, b := m.Signature(one), m.Signature(two)
		x := Nearest(a, b)
		if !(x >= 0 && x <= 1) || x != Nearest(b, a) {
			t.Fatalf("%q and %q: %v and %v", one, two, x, Nearest(b, a))
		}
		if a != (Signature{}) && Nearest(a, a) < 0.999 {
			t.Fatalf("%q is %v near itself", one, Nearest(a, a))
		}
		if again := m.Signature(one); again != a {
			t.Fatalf("%q has two signatures", one)
		}
	})
	rapid.Check(t, func(t *rapid.T) { // whatever was stored
		var a, b Signature
		copy(a[:], rapid.SliceOfN(rapid.Byte(), 64, 64).Draw(t, "a"))
		copy(b[:], rapid.SliceOfN(rapid.Byte(), 64, 64).Draw(t, "b"))
		a[0], b[0] = signatureVersion, signatureVersion
		if x := Nearest(a, b); !(x >= 0 && x <= 1) {
			t.Fatalf("%v", x)
		}
	})
}
