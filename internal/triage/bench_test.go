package triage

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// benchTexts are comments of usual lengths.
var benchTexts = []string{
	"Stupendo",
	"😂😂",
	"ma che canzone è??? bellissima 😍😍 la cerco da giorni",
	"Pacco arrivato ieri con due piatti su sei in frantumi, imballo ridicolo. A chi scrivo?",
	"Complimenti per l'assistenza, solo tre settimane per dirmi che non sapete niente. Bravissimi.",
	"Lovely to be ignored by three waiters at once. Really made us feel at home.",
	"Vi scrivo qui perché altrove non risponde nessuno: la lavatrice è piena di schiuma blu dopo l'uso del vostro nuovo detersivo in capsule, il tecnico mi ha chiesto 140 euro e ha le foto. " +
		"Intendo essere rimborsata, e vorrei sapere entro questa settimana con chi devo parlare.",
}

// BenchmarkJudge judges comments, and beside it does what the cheapest conceivable triage would: cut the text at its
// spaces and look every word up in a map.
func BenchmarkJudge(b *testing.B) {
	m := model(b)
	words := map[string]int{}
	for _, lex := range m.lex {
		for _, e := range lex.lex.Entries {
			words[e.Words] = e.Polarity
		}
	}
	b.Run("judge", func(b *testing.B) {
		b.ReportAllocs()
		times := make([]time.Duration, 0, 1<<20)
		i := 0
		for b.Loop() {
			start := time.Now()
			m.Judge(benchTexts[i%len(benchTexts)])
			if len(times) < cap(times) {
				times = append(times, time.Since(start))
			}
			i++
		}
		slices.Sort(times)
		b.ReportMetric(float64(times[len(times)/2].Nanoseconds())/1e3, "p50-us")
		b.ReportMetric(float64(times[len(times)*99/100].Nanoseconds())/1e3, "p99-us")
	})
	b.Run("baseline", func(b *testing.B) {
		b.ReportAllocs()
		i, sum := 0, 0
		for b.Loop() {
			for _, w := range strings.Fields(benchTexts[i%len(benchTexts)]) {
				sum += words[w]
			}
			i++
		}
		_ = sum
	})
}

func BenchmarkSignature(b *testing.B) {
	m := model(b)
	b.Run("signature", func(b *testing.B) {
		b.ReportAllocs()
		i := 0
		for b.Loop() {
			m.Signature(benchTexts[i%len(benchTexts)])
			i++
		}
	})
	one, two := m.Signature(benchTexts[3]), m.Signature(benchTexts[6])
	b.Run("nearest", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			Nearest(one, two)
		}
	})
}

func BenchmarkPromises(b *testing.B) {
	now := time.Date(2026, 3, 11, 10, 0, 0, 0, time.UTC)
	b.ReportAllocs()
	for b.Loop() {
		Promises("Buongiorno, ci dispiace molto per il piatto rotto: domani le spediamo un pezzo nuovo e provvederemo al rimborso entro venerdì.", Italian, now)
	}
}

// BenchmarkLearn learns from a hundred corrections; the target is a second and a half on one core.
func BenchmarkLearn(b *testing.B) {
	m := model(b)
	corrections := someCorrections(b, 100)
	for b.Loop() {
		if _, _, err := Learn(m, corrections, []string{"Ceramiche Arno"}); err != nil {
			b.Fatal(err)
		}
	}
}
