package writing_test

import (
	"strings"
	"testing"

	"github.com/ponte-desk/ponte/internal/writing"
)

// Every sentence of these texts is counted by hand.
func TestMeasure(t *testing.T) {
	t.Parallel()
	body := "Siamo i migliori della Toscana. La nostra fabbrica compie cento anni! Hai già scelto la tua tazza? Il forno scalda piano."
	g := writing.Measure(writing.Text{Body: body, Language: "it"})
	if g.Language != "it" || len(g.Sentences) != 4 || !g.Asks() || g.Tu == 0 {
		t.Fatalf("%+v", g)
	}
	for i, want := range []struct{ ours, asks bool }{{true, false}, {true, false}, {false, true}, {false, false}} {
		s := g.Sentences[i]
		if s.Ours != want.ours || s.Asks != want.asks {
			t.Errorf("%q: %+v", body[s.Start:s.End], s)
		}
	}
	words, letters := 0, 0
	for _, s := range g.Sentences {
		words, letters = words+s.Words, letters+s.Letters
	}
	if words != len(strings.Fields(body)) {
		t.Errorf("%d words", words)
	}
	ease, ok := writing.Ease("it", 4, words, letters, 0)
	if want := 89 + (300*4-10*float64(letters))/float64(words); !ok || ease != min(100, want) {
		t.Errorf("%v, %v", ease, ok)
	}

	own := writing.Measure(writing.Text{Body: "Ceramiche Arno opens a new shop. You choose the colour.", Language: "en", Own: []string{"Ceramiche Arno"}})
	if len(own.Sentences) != 2 || !own.Sentences[0].Ours || own.Sentences[1].Ours || own.Sentences[0].Syllables == 0 {
		t.Errorf("%+v", own)
	}
	other := writing.Measure(writing.Text{Body: "Wir sind die Besten. Oder?", Language: "de"})
	if other.Language != "" || len(other.Sentences) != 2 || !other.Asks() || other.Sentences[0].Ours {
		t.Errorf("%+v", other)
	}
	if _, ok := writing.Ease("de", 2, 5, 20, 0); ok {
		t.Error("a language without a formula is measured")
	}
	if g := writing.Measure(writing.Text{}); len(g.Sentences) != 0 || g.Asks() {
		t.Errorf("%+v", g)
	}
}

func BenchmarkMeasure(b *testing.B) {
	body := "Oggi apriamo il forno nuovo. Avete già visto i colori della primavera? Da noi trovate tazze, piatti e ciotole fatte a mano."
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		writing.Measure(writing.Text{Body: body, Language: "it"})
	}
}

// The baseline of BenchmarkMeasure: words alone.
func BenchmarkFields(b *testing.B) {
	body := "Oggi apriamo il forno nuovo. Avete già visto i colori della primavera? Da noi trovate tazze, piatti e ciotole fatte a mano."
	b.SetBytes(int64(len(body)))
	n := 0
	for b.Loop() {
		n += len(strings.Fields(body))
	}
	_ = n
}
