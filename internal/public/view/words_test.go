package view

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/record"
	"github.com/ponte-desk/ponte/internal/team"
	desk "github.com/ponte-desk/ponte/internal/web/view"
)

func page(t *testing.T, lang string) Page {
	t.Helper()
	c, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if m := c.Missing(); len(m) > 0 {
			t.Errorf("sentences that are not there: %v", m)
		}
	})
	p := NewPage(c.For(lang), func(s string) string { return "/static/" + s }, team.Company{Name: "Ceramiche Arno", Zone: "Europe/Rome", Locale: "it"}, "https://ponte.example", "")
	p.Erased = func(lang string) []string {
		return map[string][]string{"it": {"Cancellate.", "Tolte."}, "en": {"Erased."}}[lang]
	}
	return p
}

// Stones are laid from both banks, the middle stays open, and the paths are those of the design's drawing.
func TestTheBridge(t *testing.T) {
	t.Parallel()
	p := page(t, "it")
	laid := func(n, published int, write string) (bridge, string) {
		var all []growth.Improvement
		for i := n; i > 0; i-- {
			all = append(all, growth.Improvement{Number: published - n + i, Stone: growth.Words{IT: fmt.Sprint("s", i)}, Trend: growth.Trend{Outcome: record.Worked}})
		}
		b := p.bridge(all, published, write)
		var said []string
		for _, s := range b.stones {
			switch {
			case s.kind == desk.StoneNext:
				said = append(said, "key")
			case s.href == "":
				said = append(said, "-")
			default:
				said = append(said, s.number)
			}
		}
		return b, strings.Join(said, " ")
	}
	for _, c := range []struct {
		n, published int
		write, want  string
		size         string
	}{
		{0, 0, "", "- - - - - - - - -", "few"},
		{0, 0, "x", "- - - - key - - - -", "few"},
		{1, 1, "x", "1 - - - key - - - -", "few"},
		{5, 5, "x", "1 3 5 - key - - 4 2", "few"},
		{8, 8, "x", "1 3 5 7 key 8 6 4 2", "few"},
		{8, 8, "", "1 3 5 7 - 8 6 4 2", "few"},
		{9, 9, "x", "1 3 5 7 9 key - 8 6 4 2", "some"},
		{12, 12, "x", "1 3 5 7 9 11 key 12 10 8 6 4 2", "some"},
		{16, 16, "x", "1 3 5 7 9 11 13 15 key 16 14 12 10 8 6 4 2", "many"},
		{16, 116, "x", "101 103 105 107 109 111 113 115 key 116 114 112 110 108 106 104 102", "many"},
		{20, 20, "x", "5 7 9 11 13 15 17 19 key 20 18 16 14 12 10 8 6", "many"},
	} {
		b, got := laid(c.n, c.published, c.write)
		if got != c.want || b.size != c.size {
			t.Errorf("%d of %d: %s (%s), want %s (%s)", c.n, c.published, got, b.size, c.want, c.size)
		}
	}
	b, _ := laid(8, 8, "x")
	for i, want := range map[int]string{
		0: "M28.02 601.5A572 572 0 0 1 60.97 414.6L213.21 470.01A410 410 0 0 0 190.02 601.5z",
		4: "M501.29 20.26A594 594 0 0 1 698.71 20.26L664.47 214.47A396.8 396.8 0 0 0 535.53 214.47z",
		8: "M1139.03 414.6A572 572 0 0 1 1171.98 601.5L1009.98 601.5A410 410 0 0 0 986.79 470.01z",
	} {
		if b.stones[i].path != want {
			t.Errorf("stone %d is %s", i, b.stones[i].path)
		}
	}
	if s := b.stones[0]; s.x != "116.46" || s.n != "526.74" || s.w != "552.74" {
		t.Errorf("what stands on the first stone stands at %s, %s and %s", s.x, s.n, s.w)
	}
	if b, _ := laid(16, 116, ""); b.label != "Le pietre del ponte: le 16 più recenti di 116" {
		t.Error(b.label)
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	it, en := page(t, "it"), page(t, "en")
	for c, want := range map[float64]string{0.05: "20", 0.048: "21", 0.33: "3", 0.5: "2", 1: "1", 0.0123: "81", 0.004: "250", 0.00312: "320", 0.001: "1000"} {
		if got := it.chance(c); got != "Un calo così capiterebbe per caso circa 1 volta su "+want+"." {
			t.Errorf("chance of %v: %s", c, got)
		}
	}
	for _, c := range []float64{0, 0.00099, 1e-300} {
		if got := it.chance(c); got != "Un calo così capiterebbe per caso meno di 1 volta su 1000." {
			t.Errorf("chance of %v: %s", c, got)
		}
	}
	trend := func(o record.Outcome, b, bd, a, ad int) growth.Trend {
		return growth.Trend{Outcome: o, Before: record.Count{People: b, Days: bd}, After: record.Count{People: a, Days: ad}, Chance: .05, LookAt: time.Date(2026, 7, 31, 23, 0, 0, 0, time.UTC)}
	}
	for got, want := range map[string]string{
		it.trend(trend(record.Worked, 6, 84, 1, 63)):              "Da 6 persone in 12 settimane a 1 in 9 settimane.",
		it.trend(trend(record.Worked, 6, 84, 0, 13)):              "Da 6 persone in 12 settimane a nessuna in 13 giorni.",
		en.trend(trend(record.NotWorked, 1, 28, 12, 1)):           "From 1 person in 4 weeks to 12 in 1 day.",
		en.trend(trend(record.NotWorked, 0, 28, 0, 14)):           "From nobody in 4 weeks to none in 2 weeks.",
		it.trend(growth.Trend{}):                                  "",
		it.remark(trend(record.TooEarly, 6, 84, 1, 7)):            "Riguardiamo il conto in agosto 2026.", // in the company's zone
		it.remark(trend(record.NotWorked, 6, 84, 9, 70)):          "",
		it.remark(growth.Trend{Outcome: record.TooFew}):           "",
		it.quoted(growth.Improvement{Others: 7}):                  "8 persone",
		it.quoted(growth.Improvement{}):                           "1 persona",
		it.quoted(growth.Improvement{QuotedAs: "Elena C."}):       "Elena C.",
		it.confirmed(growth.Improvement{Better: 1}):               "Una risposta alle lettere mandate a chi l’aveva detto dice che va meglio.",
		en.confirmed(growth.Improvement{Better: 2, NotBetter: 1}): "2 answers to the letters sent to those who had said it say that it is better. One answer says: not yet.",
		grouped("4f7a91c2e0"):                                     "4f7a·91c2·e0",
		fingerprint("4f7a91c2e0b1"):                               "4f7a·91c2",
		fingerprint(""):                                           "",
		clip("lavastoviglie", 16):                                 "lavastoviglie",
		clip("precipitevolissimevolmente", 16):                    "precipitevoliss…",
		sentence("Si rompe"):                                      "Si rompe.",
		sentence("Si rompe?"):                                     "Si rompe?",
		sentence(strings.Repeat("a", 200)):                        strings.Repeat("a", 119) + "…",
		writeTo("https://a.example/x?y=1"):                        "https://a.example/x?y=1",
		writeTo("ciao@a.example"):                                 "mailto:ciao@a.example",
		writeTo("javascript:alert(1)"):                            "",
		writeTo("http://a.example"):                               "",
		writeTo("a@b?cc=c@d"):                                     "",
		writeTo(""):                                               "",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	for title, want := range map[string][]string{
		"Ce l’avete detto. Ci abbiamo lavorato.": {"Ce l’avete detto.", "Ci abbiamo lavorato."},
		"Una sola riga":         {"Una sola riga"},
		"Prima? Poi. E adesso":  {"Prima?", "Poi.", "E adesso"},
		"ponte.example ascolta": {"ponte.example ascolta"},
		"":                      {""},
	} {
		if diff := cmp.Diff(want, headline(title)); diff != "" {
			t.Errorf("%q: %s", title, diff)
		}
	}
}

// Words of people stand in the marks of their language; what stands where they were erased was said by nobody.
func TestQuotationMarks(t *testing.T) {
	t.Parallel()
	it, en := page(t, "it"), page(t, "en")
	for _, c := range []struct {
		p           Page
		w           growth.Words
		said, other string
		erased      bool
	}{
		{it, growth.Words{IT: "Si rompe.", EN: "It breaks."}, "«Si rompe.»", "", false},
		{en, growth.Words{IT: "Si rompe.", EN: "It breaks."}, "“It breaks.”", "", false},
		{en, growth.Words{IT: "Si rompe."}, "«Si rompe.»", "it", false},
		{it, growth.Words{EN: "It breaks."}, "“It breaks.”", "en", false},
		{it, growth.Words{IT: "«Si rompe.»"}, "«Si rompe.»", "", false},
		{it, growth.Words{IT: "Cancellate."}, "Cancellate.", "", true},
		{en, growth.Words{IT: "Cancellate."}, "Cancellate.", "it", true},
		{en, growth.Words{IT: "Tolte."}, "Tolte.", "it", true}, // as it was said once
	} {
		said, other, erased := c.p.voice(c.w)
		if said != c.said || other != c.other || erased != c.erased {
			t.Errorf("%+v in %s: %q %q %v", c.w, c.p.Lang, said, other, erased)
		}
	}
	i := growth.Improvement{Said: growth.Words{IT: "Cancellate."}, Did: growth.Words{IT: "Fatto."}, Title: growth.Words{IT: "Titolo"}}
	if s := it.LinkedEntry(i); strings.Contains(s, "Quotation") {
		t.Errorf("what nobody said is given out as a quotation: %s", s)
	}
}
