package writing

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func TestTheLists(t *testing.T) {
	t.Parallel()
	all, err := built()
	if err != nil {
		t.Fatal(err)
	}
	either := []section{inCommon, inShort, inSelf, inOurs, inYours, inAnswer, inPrivate, inPhone, inNotPhone, inPassword, inRole, inJargon}
	known := append(slices.Clone(either), inPlural, inSingular, inTu, inVoi, inLei)
	for name, l := range all {
		count := map[section]int{}
		seen := map[string]bool{}
		for _, es := range l.first {
			for _, e := range es {
				count[e.in]++
				if !slices.Contains(known, e.in) {
					t.Errorf("%s: there is no list %s", name, e.in)
				}
				if at := string(e.in) + " " + strings.Join(e.words, " "); seen[at] {
					t.Errorf("%s: %s stands twice", name, at)
				} else {
					seen[at] = true
				}
			}
		}
		for _, in := range either {
			if count[in] < 5 {
				t.Errorf("%s: only %d entries of %s", name, count[in], in)
			}
		}
		t.Logf("%s: %v", name, count)
	}
	for _, bad := range []string{"word\n", "[jargon]\nword\n", "[tu]\nword = other\n", "[tu]\na / - / b\n"} {
		if _, err := parseLists("x", bad); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
	if got := forms("orgoglios[oa] [xy]"); !slices.Equal(got, []string{"orgoglioso x", "orgoglioso y", "orgogliosa x", "orgogliosa y"}) {
		t.Error(got)
	}
}

func TestFormulas(t *testing.T) {
	t.Parallel()
	// 20 words, 2 sentences, 90 letters: 89 + (600 - 900) / 20.
	if got := (counts{sentences: 2, words: 20, letters: 90}).gulpease(); got != 74 {
		t.Error("gulpease", got)
	}
	if got := (counts{sentences: 1, words: 10, letters: 10}).gulpease(); got != 100 {
		t.Error("at most 100:", got)
	}
	// 20 words, 2 sentences, 30 syllables: 206.835 - 10.15 - 126.9.
	if got := (counts{sentences: 2, words: 20, syllables: 30}).flesch(); math.Abs(got-69.785) > 1e-9 {
		t.Error("flesch", got)
	}
	if got := (counts{}).flesch() + (counts{}).gulpease(); got != 200 {
		t.Error("of nothing", got)
	}
}

func TestSyllables(t *testing.T) {
	t.Parallel()
	wrong := 0
	words := map[string]int{
		"the": 1, "cat": 1, "make": 1, "table": 2, "people": 2, "water": 2, "ceramic": 3, "beautiful": 3, "asked": 1, "wanted": 2, "boxes": 2, "makes": 1, "houses": 2, "nation": 2, "creation": 3,
		"pianist": 3, "yellow": 2, "idea": 3, "kiln": 1, "glaze": 1, "pottery": 3, "saturday": 3, "every": 3, "business": 3, "free": 1, "agree": 2, "rhythm": 1, "little": 2, "candle": 2, "education": 4,
	}
	for w, n := range words {
		if got := syllables(w); got != n {
			wrong++
			t.Logf("%s: %d, not %d", w, got, n)
		}
	}
	if 10*wrong > len(words) {
		t.Errorf("%d of %d wrong", wrong, len(words))
	}
}

func TestCheckDigits(t *testing.T) {
	t.Parallel()
	for _, iban := range []string{"IT60X0542811101000000123456", "DE89370400440532013000", "GB29NWBK60161331926819", "FR1420041010050500013M02606", "NL91ABNA0417164300", "SM86U0322509800000000270100"} {
		if !mod97(iban) || ibanLengths[iban[:2]] != len(iban) {
			t.Errorf("%s is one", iban)
		}
		for i := 4; i < len(iban); i++ { // one digit wrong is always noticed
			if b := []byte(iban); b[i] >= '0' && b[i] <= '9' {
				b[i] = '0' + (b[i]-'0'+1)%10
				if mod97(string(b)) {
					t.Errorf("%s passes for one", b)
				}
			}
		}
	}
	for _, card := range []string{"4111111111111111", "5555555555554444", "378282246310005", "6011111111111117", "30569309025904", "3530111333300000"} {
		if !luhn(card) || !issued(card) {
			t.Errorf("%s is one", card)
		}
		b := []byte(card)
		b[5] = '0' + (b[5]-'0'+1)%10
		if luhn(string(b)) {
			t.Errorf("%s passes for one", b)
		}
	}
	for code, want := range map[string]bool{
		"RSSMRA80A01H501U": true, "RSSMRA80A01H501V": false, "VRDLGU75T50F205P": fiscalCode("VRDLGU75T50F205P"),
		"RSSMRA80A01H5011": false, "RSSMRA80G01H501U": false, "1SSMRA80A01H501U": false,
	} {
		if fiscalCode(code) != want {
			t.Errorf("%s: %v", code, !want)
		}
	}
	// Every letter in the place of the check letter: one of them is right.
	n := 0
	for c := 'A'; c <= 'Z'; c++ {
		if fiscalCode("RSSMRALLALMHRLM" + string(c)) {
			n++
		}
	}
	if n != 1 {
		t.Errorf("with letters for digits %d check letters are right", n)
	}
}

func TestSentences(t *testing.T) {
	t.Parallel()
	for body, want := range map[string][]string{
		"Il sig. Rossi apre alle 9.30. Poi chiude!":  {"Il sig. Rossi apre alle 9.30.", "Poi chiude!"},
		"Davvero?? Sì... forse. No":                  {"Davvero??", "Sì... forse.", "No"},
		"Prima riga\nseconda riga, la stessa\nTerza": {"Prima riga\nseconda riga, la stessa", "Terza"},
		"- uno\n- due\n\n#tag #altro\n":              {"uno", "due"},
		"Visita www.arno.it. Grazie":                 {"Visita www.arno.it.", "Grazie"},
		"Ha detto «Vieni.» Poi è uscito":             {"Ha detto «Vieni.", "Poi è uscito"},
		"":                                           nil,
	} {
		r := read(body)
		var got []string
		for _, s := range r.sentences {
			got = append(got, body[s.start:s.end])
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", body, got, want)
		}
	}
}
