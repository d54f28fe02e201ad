package adapt_test

import (
	"strings"
	"testing"

	"github.com/rivo/uniseg"

	"github.com/ponte-desk/ponte/internal/adapt"
)

// benchText is a message of about 2,800 characters: five posts of Mastodon, ten of Bluesky.
var benchText = strings.TrimSpace(strings.Repeat("Oggi apriamo il forno grande: dopo tre giorni a **1.280 gradi** i vasi di @[Ada Rossi](per_ada) sono pronti. "+
	"Perché ci teniamo? Lo racconta [la nostra guida](https://arno.example.org/guida?capitolo=3), e chi vuole passa a trovarci 🎉.\n\n"+
	"«Nessuno ci credeva», dice il dott. Bianchi. Noi sì. #ceramica #Firenze\n\n", 9))

// The baseline: only counting the graphemes of the same text.
func BenchmarkGraphemes(b *testing.B) {
	b.SetBytes(int64(len(benchText)))
	for b.Loop() {
		uniseg.GraphemeClusterCount(benchText)
	}
}

func BenchmarkFit(b *testing.B) {
	m := adapt.Message{Title: "Il forno", Text: benchText}
	for _, n := range adapt.Networks() {
		b.Run(string(n), func(b *testing.B) {
			b.SetBytes(int64(len(benchText)))
			t := adapt.Target{Network: n, Numbering: true, UTM: &adapt.UTM{Campaign: "forno"}}
			for b.Loop() {
				adapt.Fit(m, t)
			}
		})
	}
}
