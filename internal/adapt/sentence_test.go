package adapt_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ponte-desk/ponte/internal/adapt"
)

// Each text is divided where its sentence ends; where the end were taken for somewhere else, another place would be
// cheaper.
func TestSentences(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		max  int
		want []string
	}{
		{"titles", 40, []string{"Prima frase intera.", "Poi parla il dott. Rossi di noi."}},
		{"English titles", 40, []string{"One whole sentence.", "Then Mrs. Brown talks about us."}},
		{"feminine titles", 42, []string{"Prima frase intera.", "Poi parla la dott.ssa Rossi di noi."}},
		{"initials", 28, []string{"Qui suona G. Verdi dal vivo", "stasera."}},
		{"house numbers", 30, []string{"Siamo al n. 5 di via Roma,", "sempre aperti."}},
		{"ecc. goes on", 34, []string{"Vasi e piatti ecc. ma anche tazze", "grandi davvero."}},
		{"ecc. goes on with a number", 34, []string{"Vasi e piatti ecc. 12 tazze grandi", "e belle."}},
		{"ecc. ends", 30, []string{"Vasi e piatti ecc.", "Tazze grandi e piccole."}},
		{"companies go on", 38, []string{"La Ceramiche Arno S.p.A. di Firenze fa", "tutto a mano."}},
		{"companies end", 40, []string{"Siamo la Ceramiche Arno S.r.l.", "Facciamo tutto a mano, da qui."}},
		{"a numbered line", 24, []string{"1. Il primo vaso è", "pronto. Il secondo no."}},
		{"prices", 26, []string{"Ora costa 3.500 euro.", "Ne vale più di 5.000."}},
		{"a year before Christ", 44, []string{"Il vaso è del 300 a.C. circa, dice Bianchi.", "Noi gli crediamo."}},
		{"a question in a sentence", 40, []string{"Primo passo qui.", "«Chi viene?» chiese la signora Anna."}},
		{"a quotation stays together", 46, []string{"Ecco qua tutto.", "Disse: «Vengo subito. Aspettami lì.» E andò."}},
		{"an English quotation", 46, []string{"That is it now.", "She said “I will come. Wait there.” And left."}},
		{"straight quotes", 46, []string{"That is it now.", "She said \"I will come. Wait there.\" And left."}},
		{"three points go on", 40, []string{"Prima frase intera.", "Aspettate... non è ancora finita."}},
		{"an exclamation", 30, []string{"Che bella sorpresa!", "Non ce l’aspettavamo."}},
		{"an emoji belongs to what is before it", 30, []string{"Che bella sorpresa! 🎉", "Non ce l’aspettavamo."}},
		{"a bracket closes", 34, []string{"Era pronto (lo dicevamo.)", "Adesso lo sanno tutti."}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			v := adapt.Fit(adapt.Message{Text: c.want[0] + " " + c.want[1], Plain: true}, adapt.Target{Network: adapt.Fake, Max: c.max})
			if diff := cmp.Diff(c.want, texts(v)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestASpaceThatDoesNotBreak(t *testing.T) {
	t.Parallel()
	want := []string{"Il vaso costa", "3.500\u00a0euro."}
	v := adapt.Fit(adapt.Message{Text: want[0] + " " + want[1]}, adapt.Target{Network: adapt.Fake, Max: 20})
	if diff := cmp.Diff(want, texts(v)); diff != "" {
		t.Error(diff)
	}
}
