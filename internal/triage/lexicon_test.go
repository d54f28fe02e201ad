package triage

import (
	"os"
	"strings"
	"testing"
)

func lexicon(t testing.TB, lines ...string) *matcher {
	t.Helper()
	lex, err := parseLexicon("test", []byte(strings.Join(lines, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	return compile(lex)
}

// found gives the entries that a matcher finds in a text.
func foundIn(m *matcher, text string) string {
	var d reader
	d.read(text)
	var names []string
	for _, f := range m.match(&d, nil) {
		names = append(names, f.entry.Words)
	}
	return strings.Join(names, ", ")
}

func TestLexicons(t *testing.T) {
	t.Parallel()
	for lang, least := range map[string]int{"it": 2000, "en": 1200} {
		name := "data/lexicon-" + lang + ".txt"
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		lex, err := parseLexicon(name, b)
		if err != nil {
			t.Error(err)
		}
		if len(lex.Entries) < least {
			t.Errorf("%s has %d entries, at least %d are promised", name, len(lex.Entries), least)
		}
		for _, e := range lex.Entries {
			again, err := parseEntry(&reader{}, e.line())
			again.flags |= e.flags & flagDenies
			if err != nil || again != e {
				t.Fatalf("%q is read back as %+v, %v", e.line(), again, err)
			}
		}
	}
}

func TestParseLexicon(t *testing.T) {
	t.Parallel()
	for _, wrong := range []string{
		"brutto | -2 | -", "brutto | x | - | 0 | -", "brutto | -4 | - | 0 | -", "brutto | 4 | - | 0 | -", "brutto | 1 | colour | 0 | -",
		"brutto | 1 | - | 4:health | -", "brutto | 1 | - | 1:hurry | -", "brutto | 1 | - | 2 | -", "brutto | 1 | - | 0 | z", " | 1 | - | 0 | -",
		"uno due tre quattro cinque sei sette | 1 | - | 0 | -", "brutto | -2 | - | 0 | -\nbrutto | -1 | - | 0 | -",
	} {
		if _, err := parseLexicon("name", []byte(wrong)); err == nil || !strings.Contains(err.Error(), "name:") {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}

func TestMatch(t *testing.T) {
	t.Parallel()
	m := lexicon(t,
		"bell* | 2 | - | 0 | -", "bellico | -1 | - | 0 | -", "non vedo l ora | 2 | - | 0 | -", "non | 0 | - | 0 | n", "ora | 0 | - | 0 | -",
		"arrivat* rott* | -3 | quality | 0 | -", "rott* | -2 | quality | 0 | -", "❤ | 3 | - | 0 | -", "orribil* | -3 | - | 0 | -", "cool | 2 | - | 0 | -", "€ | 0 | price | 0 | -", ":( | -1 | - | 0 | -")
	for _, c := range []struct{ text, want string }{
		{"Che bello!", "bell*"},
		{"BELLISSIMO", "bell*"},
		{"bellico", "bellico"},
		{"Non vedo l'ora", "non vedo l ora"},
		{"Non vedo, l'ora è tarda", "non, ora"},
		{"non vedo l ora di un bel giorno", "non vedo l ora"},
		{"È arrivata rotta", "arrivat* rott*"},
		{"è arrivata, rotta", "rott*"},
		{"belloooo", "bell*"},
		{"oribbile", "orribil*"}, // confused double letters
		{"orribbile", "orribil*"},
		{"coooool", "cool"},
		{"❤️❤️", "❤, ❤"},
		{"5€", "€"},
		{"uffa :-((", ":("},
		{"sbello", ""},
		{"", ""},
	} {
		if got := foundIn(m, c.text); got != c.want {
			t.Errorf("%q: %q, not %q", c.text, got, c.want)
		}
	}
}

// What stands around a word turns it round, strengthens it, weakens it.
func TestWeigh(t *testing.T) {
	t.Parallel()
	m := lexicon(t,
		"bell* | 2 | - | 0 | -", "problem* | -2 | - | 0 | -", "non | 0 | - | 0 | n", "nessun | 0 | - | 0 | n", "molto | 0 | - | 0 | b", "un po | 0 | - | 0 | d", "ma | 0 | - | 0 | w",
		"mai | 0 | - | 0 | n", "mai piu | -3 | - | 0 | -")
	for _, c := range []struct {
		text     string
		pos, neg float32
	}{
		{"bello", 2, 0},
		{"non è bello", 0, 2},
		{"nessun problema", 2, 0},
		{"non è, però bello", 2, 0},
		{"non lo so ma bello", 2, 0},
		{"non uno due tre quattro bello", 2, 0},
		{"molto bello", 2.8, 0},
		{"non molto bello", 0, 2.8},
		{"non ci torno mai più", 0, 3},
		{"BELLO", 2.8, 0},
		{"bellissimo", 2.8, 0},
		{"un po' bello", 1.2, 0},
	} {
		s := newScratch()
		s.begin(c.text, nil)
		s.found = m.match(&s.reader, s.found)
		s.weigh()
		var pos, neg float32
		for _, v := range s.felt {
			pos += v.pos
			neg += v.neg
		}
		if d := max(pos-c.pos, c.pos-pos, neg-c.neg, c.neg-neg); d > 0.001 {
			t.Errorf("%q: %.2f good and %.2f bad, not %.2f and %.2f", c.text, pos, neg, c.pos, c.neg)
		}
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	kinds := map[kind]string{
		kindNumber: "#", kindEmoji: "e", kindExclaim: "!", kindQuestion: "?", kindEllipsis: "…", kindComma: ",", kindStop: ".", kindQuote: "\"", kindCurrency: "€", kindLink: "L", kindMention: "@",
	}
	for _, c := range []struct{ text, want string }{
		{"Perché l'ho detto", "perche l ho detto"},
		{"PERCHE'?!", "perche ? !"},
		{"nn so xke", "non so perche"},
		{"bastaaaa!!!", "basta !"},
		{"bellisssssimo", "bellissimo"},
		{"ahahahahah", "haha"},
		{"10/10 e 3,50 €", "# , # e # €"},
		{"😂😂 👍🏽 ❤️ 👨‍👩‍👧 🇮🇹", "e e e e e e"},
		{"ciao :) :-( xD <3", "ciao e e e e"},
		{"Prezzo:Prezzo", "prezzo , prezzo"},
		{"@mario.rossi@server.it guarda https://a.it/b?c=d ora", "@ guarda L ora"},
		{"sito.it/pagina www.a.com", "L L"},
		{"#MaiPiù", "mai piu"},
		{"… ... ..", "… … …"},
		{"«no»", "\" no \""},
		{"ＷＩＤＥ 𝐛𝐨𝐥𝐝 straße œuvre", "wide bold strasse oeuvre"},
		{"a\x00\xffb", "a b"},
		{"", ""},
	} {
		var d reader
		d.read(c.text)
		var got []string
		for _, tok := range d.tokens {
			if k, ok := kinds[tok.kind]; ok {
				got = append(got, k)
			} else {
				got = append(got, string(d.fold[tok.from:tok.to]))
			}
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%q: %q, not %q", c.text, s, c.want)
		}
	}
}
