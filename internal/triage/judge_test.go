package triage

import (
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func model(t testing.TB) *Model {
	t.Helper()
	m, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// What anybody would see must be seen.
func TestJudge(t *testing.T) {
	t.Parallel()
	m := model(t)
	for _, c := range []struct {
		text     string
		lang     Language
		tone     Tone
		decision Decision // "" where either will do
		theme    Theme
	}{
		{"Che schifo di pubblicità", Italian, ToneNegative, Yes, ThemeCommunication},
		{"Bellissima canzone!!! 😍", Italian, TonePositive, No, ThemeCommunication},
		{"Pessimo servizio, non ci torno più", Italian, ToneNegative, Yes, ThemeService},
		{"Il vaso è arrivato rotto", Italian, ToneNegative, Yes, ""},
		{"Ma quanto costa?", Italian, ToneNeutral, No, ThemePrice},
		{"Buonasera, siete aperti domenica?", Italian, ToneNeutral, No, ""},
		{"Complimenti, siete bravissimi ❤️", Italian, TonePositive, No, ""},
		{"Camera sporca e personale maleducato", Italian, ToneNegative, Yes, ThemeStaff},
		{"e vabbè, sarete umani", Italian, ToneNeutral, No, ""},
		{"Vabbè, pazienza", Italian, ToneNeutral, No, ""},
		{"Fa niente, capita a tutti", Italian, "", No, ""},
		{"Non ancora", Italian, ToneNeutral, No, ""},
		{"Awful service, never coming back", English, ToneNegative, "", ""},
		{"Lovely staff and great food 😍", English, TonePositive, No, ThemeStaff},
		{"My parcel arrived broken and nobody answers the phone", English, ToneNegative, Yes, ""},
		{"Hi, are you open on Sunday?", English, ToneNeutral, No, ""},
		{"Thank you so much, you made my day", English, TonePositive, No, ""},
		{"I love my new phone", English, TonePositive, No, ""},
		{"My new jacket is gorgeous", English, TonePositive, No, ""},
		{"The delivery driver was lovely", English, TonePositive, No, ThemeDelivery},
		{"Best pizza in town", English, TonePositive, No, ""},
		{"Vielen Dank für die schnelle Lieferung", Other, "", Check, ""},
		{"No me gusta nada el nuevo sabor", Other, "", Check, ""},
		{"Очень красиво", Other, "", Check, ""},
		{"とても美味しかったです", Other, "", Check, ""},
		{"😍😍😍", Undetermined, TonePositive, No, ""},
		{"", Undetermined, ToneNeutral, No, ""},
		{"   \n ", Undetermined, ToneNeutral, No, ""},
		{"...", Undetermined, "", "", ""},
	} {
		v := m.Judge(c.text)
		if v.Language != c.lang {
			t.Errorf("%q is %s, not %s", c.text, v.Language, c.lang)
		}
		if c.tone != "" && v.Tone != c.tone {
			t.Errorf("%q sounds %s, not %s", c.text, v.Tone, c.tone)
		}
		if c.decision != "" && v.Criticism.Decision != c.decision {
			t.Errorf("%q: criticism %s (%.2f), not %s", c.text, v.Criticism.Decision, v.Criticism.P, c.decision)
		}
		if c.theme != "" && !slices.Contains(v.Themes, c.theme) {
			t.Errorf("%q is about %v, not %s", c.text, v.Themes, c.theme)
		}
	}
}

func TestUrgency(t *testing.T) {
	t.Parallel()
	m := model(t)
	for _, c := range []struct {
		text        string
		least, most int
		cue         Cue
	}{
		{"Mio figlio ha avuto una reazione allergica dopo il vostro gelato, siamo al pronto soccorso", 3, 3, CueHealth},
		{"Intossicazione alimentare dopo la cena da voi, ho chiamato la ASL e l'avvocato", 3, 3, CueLegal},
		{"Aspetto il rimborso da due mesi e non risponde nessuno", 1, 2, CueRefund},
		{"Food poisoning after dinner at yours, my lawyer will be in touch", 3, 3, CueHealth},
		{"Che bella canzone", 0, 0, ""},
		{"Lovely room, quiet and clean", 0, 0, ""},
		{"Quanto costa la spedizione?", 0, 1, ""},
	} {
		v := m.Judge(c.text)
		if v.Urgency < c.least || v.Urgency > c.most {
			t.Errorf("%q has urgency %d, not %d to %d", c.text, v.Urgency, c.least, c.most)
		}
		if c.cue != "" && !slices.Contains(v.Cues, c.cue) {
			t.Errorf("%q: cues %v lack %s", c.text, v.Cues, c.cue)
		}
	}
}

func TestEvidence(t *testing.T) {
	t.Parallel()
	m := model(t)
	for _, c := range []struct {
		text       string
		has, hasNo []string
	}{
		{"La zuppiera è arrivata rotta e il corriere è stato maleducato", []string{"maleducato"}, []string{"stato", "arrivata"}},
		{"Bellissima questa tazza", []string{"Bellissima"}, []string{"questa"}},
		{"😡 mai più", []string{"mai più"}, nil},
		{"Il cameriere non è stato gentile con mia madre", []string{"non è stato gentile"}, []string{"gentile", "stato", "madre"}},
		{"Non sono per niente soddisfatto del servizio", []string{"Non sono per niente soddisfatto"}, []string{"soddisfatto", "sono"}},
		{"The waiter was not friendly at all when we asked", []string{"not friendly"}, []string{"friendly", "when", "asked"}},
		{"I would really have wanted this to be there when it was dreadful", []string{"dreadful"}, []string{"would", "have", "this", "there", "when"}},
		{"I love my new phone", []string{"love"}, []string{"phone"}},
		{"Camera bella ma bagno sporchissimo", []string{"sporchissimo"}, []string{"bella"}},
	} {
		v := m.Judge(c.text)
		shown := func(word string) bool {
			return slices.ContainsFunc(v.Evidence, func(s Span) bool { return s.Word == word })
		}
		for _, word := range c.has {
			if !shown(word) {
				t.Errorf("%q: %q is not in the evidence %v", c.text, word, v.Evidence)
			}
		}
		for _, word := range c.hasNo {
			if shown(word) {
				t.Errorf("%q: %q says nothing and is in the evidence %v", c.text, word, v.Evidence)
			}
		}
	}
}

// Irony brings in a person where there is doubt, and never turns a decision round.
func TestIronyOnlyForcesACheck(t *testing.T) {
	t.Parallel()
	b := bands{lower: 0.2, upper: 0.8, irony: 0.6}
	rapid.Check(t, func(t *rapid.T) {
		p, irony := rapid.Float64Range(0, 1).Draw(t, "p"), rapid.Float64Range(0, 1).Draw(t, "irony")
		plain, heard := b.criticism(p, 0, Italian), b.criticism(p, irony, Italian)
		if heard.Decision != plain.Decision && heard.Decision != Check || heard.P != p {
			t.Fatalf("irony %.2f turned %v into %v", irony, plain, heard)
		}
		if irony < 0.6 && heard != plain {
			t.Fatalf("irony %.2f is not sure, and yet %v became %v", irony, plain, heard)
		}
		if other := b.criticism(p, irony, Other); other.Decision != Check {
			t.Fatalf("a language that is not known was decided: %v", other)
		}
	})
	if o := b.criticism(0.82, 0.9, Italian); o.Decision != Check {
		t.Errorf("irony in a doubtful yes: %v", o)
	}
	if o := b.criticism(0.99, 0.9, Italian); o.Decision != Yes {
		t.Errorf("irony in a sure yes: %v", o)
	}
}

// fataler is what checks need of *testing.T and *rapid.T.
type fataler interface {
	Helper()
	Fatalf(string, ...any)
}

// checkVerdict finds nothing in a verdict that cannot be.
func checkVerdict(t fataler, text string, v Verdict) {
	t.Helper()
	for _, p := range []float64{v.Criticism.P, v.Negative, v.Positive, v.Question, v.Praise, v.Spam, v.Insult, v.Irony} {
		if !(p >= 0 && p <= 1) {
			t.Fatalf("%q has a probability of %v", text, p)
		}
	}
	switch v.Language {
	case Italian, English, Other, Undetermined:
	default:
		t.Fatalf("%q is in %q", text, v.Language)
	}
	switch v.Criticism.Decision {
	case Yes, No, Check:
	default:
		t.Fatalf("%q is decided %q", text, v.Criticism.Decision)
	}
	if !slices.Contains(tones[:], v.Tone) || v.Urgency < 0 || v.Urgency > 3 || v.Themes == nil || len(v.Evidence) > maxEvidence {
		t.Fatalf("%q: %+v", text, v)
	}
	end := 0
	for _, e := range v.Evidence {
		if e.Start < end || e.End <= e.Start || e.End > len(text) || text[e.Start:e.End] != e.Word || !(e.Weight > 0 && e.Weight <= 1) {
			t.Fatalf("%q: evidence %+v after %d", text, e, end)
		}
		if utf8.ValidString(text) && !utf8.ValidString(e.Word) {
			t.Fatalf("%q: evidence %q cuts a letter", text, e.Word)
		}
		end = e.End
	}
}

// words are what texts of any sort are made of.
func someText(t *rapid.T) string {
	parts := rapid.SliceOfN(rapid.OneOf(
		rapid.SampledFrom([]string{
			"che", "schifo", "bellissimo", "non", "ma", "rotto", "pacco", "grazie", "nessun problema", "the", "worst", "great", "not bad", "😡", "😍", "👨‍👩‍👧", "!!!", "???", "...", "\n",
			"AVVOCATO", "da tre settimane", "10/10", "https://a.it", "@mario", "#MaiPiu", "xke", "bellooooo", "«", "»", "10 euro", "è", "\u0301", "\x00", "\xff", "🇮🇹", "ＷＩＤＥ",
		}), rapid.String()), 0, 40).Draw(t, "parts")
	return strings.Join(parts, rapid.SampledFrom([]string{" ", ""}).Draw(t, "between"))
}

func TestJudgeAnything(t *testing.T) {
	t.Parallel()
	m := model(t)
	rapid.Check(t, func(t *rapid.T) {
		text := someText(t)
		v := m.Judge(text)
		checkVerdict(t, text, v)
		if again := m.Judge(text); !sameVerdict(v, again) {
			t.Fatalf("%q: %+v, then %+v", text, v, again)
		}
	})
}

func sameVerdict(a, b Verdict) bool {
	return a.Language == b.Language && a.Tone == b.Tone && a.Criticism == b.Criticism && a.Negative == b.Negative && a.Positive == b.Positive &&
		a.Question == b.Question && a.Praise == b.Praise && a.Spam == b.Spam && a.Insult == b.Insult && a.Irony == b.Irony && a.Urgency == b.Urgency &&
		slices.Equal(a.Themes, b.Themes) && slices.Equal(a.Cues, b.Cues) && slices.Equal(a.Evidence, b.Evidence)
}

func TestJudgeLongTexts(t *testing.T) {
	t.Parallel()
	m := model(t)
	for _, text := range []string{
		strings.Repeat("che schifo ", 100_000), strings.Repeat("a", 1<<20), strings.Repeat("😡", 1<<18), strings.Repeat("è", maxText), strings.Repeat("!?", 1<<20), strings.Repeat("a ", 1<<18),
	} {
		checkVerdict(t, text, m.Judge(text))
	}
}

func TestJudgeAtOnce(t *testing.T) {
	t.Parallel()
	m := model(t)
	texts := []string{"Che schifo", "Bellissimo 😍", "Where is my parcel?", "aspetto il rimborso da un mese", "Merci", strings.Repeat("lungo ", 200)}
	var want []Verdict
	for _, s := range texts {
		want = append(want, m.Judge(s))
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 200 {
				k := i % len(texts)
				if v := m.Judge(texts[k]); !sameVerdict(v, want[k]) {
					t.Errorf("%q: %+v beside others", texts[k], v)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestJudgeAllocates(t *testing.T) {
	m := model(t)
	for _, text := range benchTexts {
		if n := testing.AllocsPerRun(50, func() { m.Judge(text) }); n > 10 {
			t.Errorf("%.0f allocations for %q", n, text)
		}
	}
}

func FuzzJudge(f *testing.F) {
	m := model(f)
	f.Add("Che schifo 😡, mai più!")
	f.Add("La zuppiera è arrivata rotta. Ho le foto: a chi le mando?")
	f.Add("\xff\x00é\u0301 ＷＩＤＥ :-( <3 10/10 https://x.it @a#b")
	f.Fuzz(func(t *testing.T, text string) { checkVerdict(t, text, m.Judge(text)) })
}

func TestExp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Float64Range(-40, 40).Draw(t, "x")
		if got, want := exp(x), math.Exp(x); math.Abs(got-want) > 1e-11*want {
			t.Fatalf("e to the %v: %v, not %v", x, got, want)
		}
	})
}
