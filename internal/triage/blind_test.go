package triage

import (
	"os"
	"strings"
	"testing"
)

// blind gives the comments of a set that no model has read and no choice was made by.
func blind(t *testing.T, name string, lang Language) []example {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(b), "# Written by the authors of Ponte") || !strings.Contains(string(b), "# Blind: ") {
		t.Errorf("%s does not begin with who wrote it and what it is kept for", name)
	}
	all, err := readCorpus([]corpusFile{{name: string(lang) + "-blind.txt", text: b}})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// The blind sets stay apart from what models are made of: no comment of theirs stands in the corpus, nor one that says
// the same with a word or two exchanged.
func TestBlindSetsAreApart(t *testing.T) {
	t.Parallel()
	words := func(d *reader, text string) map[string]bool {
		d.read(text)
		set := map[string]bool{}
		for _, tok := range d.tokens {
			if tok.kind.looked() {
				set[string(d.fold[tok.from:tok.to])] = true
			}
		}
		return set
	}
	var d reader
	read := map[Language][]map[string]bool{}
	for _, e := range sources(t) {
		read[e.lang] = append(read[e.lang], words(&d, e.text))
	}
	for name, lang := range map[string]Language{"blind-urgency-en.txt": English, "blind-criticism-it.txt": Italian} {
		for _, e := range blind(t, name, lang) {
			mine := words(&d, e.text)
			for _, other := range read[lang] {
				both := 0
				for w := range mine {
					if other[w] {
						both++
					}
				}
				if either := len(mine) + len(other) - both; both == either && both >= 3 || both >= 5 && both*3 > either*2 {
					t.Errorf("%s: %q stands in the corpus, or nearly", name, e.text)
				}
			}
		}
	}
}

// What the model does on the blind sets is no worse than what the guide says. The floors stand below what was measured
// once, when the sets were opened.
func TestBlind(t *testing.T) {
	t.Parallel()
	m := model(t)
	urgency := blind(t, "blind-urgency-en.txt", English)
	var presses, alarms counts
	for _, e := range urgency {
		said := m.Judge(e.text).Urgency
		presses.add(said >= 2, e.urgency >= 2, 1)
		alarms.add(said == alarm, e.urgency == alarm, 1)
	}
	for _, c := range []struct {
		name              string
		got               counts
		precision, recall float64
	}{{"what presses", presses, 0.82, 0.62}, {"alarms", alarms, 0.80, 0.60}} {
		t.Logf("of %d comments: %s: precision %.3f, recall %.3f of %.0f", len(urgency), c.name, c.got.precision(), c.got.recall(), c.got.hit+c.got.missed)
		if c.got.precision() < c.precision || c.got.recall() < c.recall {
			t.Errorf("%s: precision %.3f, recall %.3f; the floors are %.2f, %.2f", c.name, c.got.precision(), c.got.recall(), c.precision, c.recall)
		}
	}
	var criticism []guess
	for _, e := range blind(t, "blind-criticism-it.txt", Italian) {
		criticism = append(criticism, guess{m.Judge(e.text).Criticism.P, e.flags&saysCriticism != 0, 1})
	}
	f := headFigures("criticism", criticism, nil)
	t.Logf("of %d comments: criticism: F1 %.3f, AUC %.3f", len(criticism), f.F1, f.AUC)
	if f.F1 < 0.72 || f.AUC < 0.87 {
		t.Errorf("criticism under advertisements: F1 %.3f, AUC %.3f; the floors are 0.72, 0.87", f.F1, f.AUC)
	}
}
