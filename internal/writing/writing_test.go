package writing_test

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/text"
	"github.com/ponte-desk/ponte/internal/writing"
)

// found gives what each advice of a kind found, "" for the whole text.
func found(t writing.Text, kind writing.Kind) []string {
	var out []string
	for _, a := range writing.Look(t) {
		if a.Kind == kind {
			out = append(out, t.Body[a.Start:a.End])
		}
	}
	return out
}

// confirms gives what a text says that must be confirmed.
func confirms(t writing.Text) (out []string) {
	for _, a := range writing.Unconfirmed(t.Body, writing.Look(t), nil) {
		out = append(out, string(a.Kind)+": "+t.Body[a.Start:a.End])
	}
	return out
}

func check(t *testing.T, in writing.Text, kind writing.Kind, want ...string) {
	t.Helper()
	if got := found(in, kind); !slices.Equal(got, want) {
		t.Errorf("%s in %q: %q, want %q", kind, in.Body, got, want)
	}
}

// post is one of the sample company's own posts.
type post struct{ name, body string }

func samplePosts(t testing.TB) (all []post) {
	b, err := os.ReadFile("../demo/content/post.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "+ "):
			all = append(all, post{name: strings.Fields(line)[1]})
		case line != "" && !strings.HasPrefix(line, "%") && !strings.HasPrefix(line, "#") && len(all) > 0:
			all[len(all)-1].body += line + "\n"
		}
	}
	if len(all) < 40 {
		t.Fatalf("only %d posts", len(all))
	}
	return all
}

// In the story of the sample company Tommaso writes about ourselves, and the others do not.
func TestSelfReferenceInTheSample(t *testing.T) {
	t.Parallel()
	selfish := []string{"lungarno-blu", "primato", "vendita-lungarno", "premio", "listino-sito", "ristoranti-noi", "storia-nostra", "saldo-noi"}
	var others, wrong []string
	for _, p := range samplePosts(t) {
		self := len(found(writing.Text{Body: p.body, Language: "it"}, writing.Self)) > 0
		switch {
		case slices.Contains(selfish, p.name):
			if !self {
				t.Errorf("%s is about ourselves: %s", p.name, p.body)
			}
		default:
			others = append(others, p.name)
			if self {
				wrong = append(wrong, p.name)
			}
		}
	}
	t.Logf("of %d other posts %d are told to be about ourselves: %v", len(others), len(wrong), wrong)
	if 10*len(wrong) > len(others) {
		t.Errorf("of %d other posts %d are told to be about ourselves: %v", len(others), len(wrong), wrong)
	}
}

// Nothing of what the sample company says in public has to be confirmed, and hints stay few.
func TestTheSampleIsLeftInPeace(t *testing.T) {
	t.Parallel()
	count := map[writing.Kind]int{}
	posts := samplePosts(t)
	var recent []string
	for _, p := range posts {
		in := writing.Text{Body: p.body, Language: "it", Own: []string{"Ceramiche Arno"}, Recent: recent}
		recent = append(recent, p.body)
		if c := confirms(in); len(c) > 0 {
			t.Errorf("%s: %v", p.name, c)
		}
		seen := map[writing.Kind]bool{}
		for _, a := range writing.Look(in) {
			if !seen[a.Kind] {
				seen[a.Kind] = true
				count[a.Kind]++
			}
		}
	}
	t.Logf("of %d posts: %v", len(posts), count)
	for kind, most := range map[writing.Kind]int{writing.Readability: 10, writing.Register: 5, writing.Jargon: 10, writing.Capitals: 5, writing.Exclaiming: 10, writing.Promise: 25, writing.Unasked: 25} {
		if 100*count[kind] > most*len(posts) {
			t.Errorf("%s in %d of %d posts", kind, count[kind], len(posts))
		}
	}
}

func TestRegister(t *testing.T) {
	t.Parallel()
	for body, want := range map[string][]string{
		"Ciao a tutti, vi aspettiamo sabato. Scrivici se vuoi prenotare.":                    {"vi"},
		"Gentile cliente, La ringraziamo. Scrivici quando vuoi.":                             {"Scrivici"},
		"Se hai domande, la preghiamo di contattarci: puoi scrivere qui.":                    {"la preghiamo"},
		"Portateci la vostra tazza, vi facciamo un tè.":                                      nil,
		"Scrivici quando vuoi: ti rispondiamo noi, la tua tazza ti aspetta.":                 nil,
		"Abdou dice sempre: «Il becco decide lui, tu aspetti». Voi che ne dite?":             nil, // said by another
		"Vi sono tre forni e tu puoi usarli.":                                                nil, // there are
		"Luigi VI era re; tu lo sai?":                                                        nil,
		"Siamo lieti di informarLa che il Suo ordine è partito.":                             nil,
		"Il Suo ordine è partito, puoi seguirlo qui.":                                        nil, // at the beginning a capital says nothing
		"È partito il Suo ordine, puoi seguirlo qui.":                                        {"puoi"},
		"Andiamo a La Spezia e a Le Grazie, tu vieni?":                                       nil,
		"Ti aspettiamo sabato, e tu porta chi vuoi.\nVoi due fate il resto, le consegne no.": {"Voi"},
	} {
		check(t, writing.Text{Body: body, Language: "it"}, writing.Register, want...)
	}
	check(t, writing.Text{Body: "Tu vuoi, you want, vi aspettiamo", Language: "en"}, writing.Register)
}

func TestSelf(t *testing.T) {
	t.Parallel()
	praise := writing.Text{Body: "Siamo leader di settore. We like it.", Language: "it"}
	check(t, praise, writing.Self, "Siamo leader")
	check(t, writing.Text{Body: "We are proud to announce our new catalogue. Our team and our shop are ready. We love our work.", Language: "en"}, writing.Self, "", "We are proud")
	check(t, writing.Text{Body: "Your cup came back. You told us why, and your photo helped. Will you try the new one?", Language: "en"}, writing.Self)
	ours := "Noi facciamo il nostro lavoro con la nostra terra. Abbiamo il nostro forno."
	yours := "Quale tazza preferisci? La tua foto l'abbiamo vista tutti."
	var late []string
	for range 12 {
		late = append(late, ours)
	}
	check(t, writing.Text{Body: ours, Language: "it", Recent: late}, writing.Lately, "")
	check(t, writing.Text{Body: ours, Language: "it", Recent: late[:4]}, writing.Lately) // too few to say
	check(t, writing.Text{Body: yours, Language: "it", Recent: late}, writing.Lately)    // this one is better
	for range 20 {
		late = append(late, yours)
	}
	check(t, writing.Text{Body: ours, Language: "it", Recent: late}, writing.Lately) // only the last twenty count
}

func TestHints(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind writing.Kind
		lang string
		body string
		want []string
	}{
		{writing.Jargon, "it", "Una soluzione innovativa a 360° per i nostri stakeholder.", []string{"soluzione innovativa", "stakeholder"}},
		{writing.Jargon, "it", "Il forno sta a 1240 gradi, le tazze a 20.", nil},
		{writing.Jargon, "it", "Ha detto: «mission e vision». Noi diciamo scopo.", nil},
		{writing.Jargon, "en", "In order to leverage synergies we reach out.", []string{"In order to", "leverage", "synergies", "reach out"}},
		{writing.Jargon, "en", "The green glaze is the solution to a dull kitchen.", nil},
		{writing.Capitals, "it", "SCONTI SOLO OGGI, corri.", []string{"SCONTI SOLO OGGI"}},
		{writing.Capitals, "it", "Imperdibile? No: STRAORDINARIO.", []string{"STRAORDINARIO"}},
		{writing.Capitals, "it", "La partita IVA, il PDF dell'INPS e la sede ANSA di ROMA. Il DPI no.", nil},
		{writing.Capitals, "it", "Arriva CERAMICHE ARNO in fiera.", nil},
		{writing.Capitals, "it", "Il codice è ABCD1234EFGH", nil},
		{writing.Capitals, "it", "Il conto comincia con IBAN IT60 X054 e così via.", nil},
		{writing.Exclaiming, "it", "Che bello!! Davvero.", []string{"!!"}},
		{writing.Exclaiming, "it", "Uno! Due! Tre!", []string{"!"}},
		{writing.Exclaiming, "it", "Che bello! Davvero.", nil},
		{writing.Emoji, "it", "Sabato 🎉🎉 🎉 da noi", []string{"🎉🎉 🎉"}},
		{writing.Emoji, "it", "La famiglia 👩‍👩‍👧 e 🇮🇹 sabato 🎉.", nil},
		{writing.Unasked, "it", "Da domani il negozio apre alle nove e chiude alle tredici.", []string{""}},
		{writing.Unasked, "it", "Da domani il negozio apre alle nove: vi va bene?", nil},
		{writing.Unasked, "it", "Da domani il negozio apre alle nove: diteci se vi va bene.", nil},
		{writing.Unasked, "it", "Oggi siamo chiusi.", nil}, // too short to say
		{writing.Unasked, "en", "The shop opens at nine tomorrow and closes at one.", []string{""}},
		{writing.Unasked, "en", "The shop opens at nine tomorrow: tell us whether that helps.", nil},
		{writing.Tags, "it", "Blu #uno #due #tre #quattro #cinque #sei #sette", []string{"#sei"}},
		{writing.Tags, "it", "Blu #uno #due #tre #quattro #cinque, il numero #1 no", []string{"#1"}},
		{writing.Promise, "it", "Vi spediremo i pezzi nuovi entro venerdì.", []string{"Vi spediremo i pezzi nuovi entro venerdì"}},
		{writing.Promise, "it", "Apriamo alle nove.\n\nTi rimborsiamo domani.", []string{"Ti rimborsiamo domani"}},
		{writing.Promise, "it", "Ieri abbiamo spedito tutto.", nil},
		{writing.Promise, "en", "We will refund you by Friday.", []string{"We will refund you by Friday"}},
	} {
		in := writing.Text{Body: c.body, Language: c.lang, Own: []string{"Ceramiche Arno"}}
		check(t, in, c.kind, c.want...)
		for _, a := range writing.Look(in) {
			if a.Level == writing.Confirm {
				t.Errorf("%q must be confirmed: %+v", c.body, a)
			}
		}
	}
	check(t, writing.Text{Body: "Blu #uno", Tags: 5}, writing.Tags, "")
	check(t, writing.Text{Body: "Blu #uno", Tags: 4}, writing.Tags)
}

// What asks nothing is told when what went out before asked nothing either: not every post is a question.
func TestUnaskedIsAHabit(t *testing.T) {
	t.Parallel()
	news := "Da domani il negozio apre alle nove e chiude alle tredici."
	asking := "Quale tazza preferite?"
	for _, c := range []struct {
		recent []string
		told   bool
	}{
		{nil, true},
		{[]string{news}, true},
		{[]string{asking, news, news}, false},
		{[]string{news, asking}, false},
		{[]string{asking, news, news, news}, true},
	} {
		if got := len(found(writing.Text{Body: news, Language: "it", Recent: c.recent}, writing.Unasked)) > 0; got != c.told {
			t.Errorf("behind %q: %v", c.recent, got)
		}
	}
}

func TestAlt(t *testing.T) {
	t.Parallel()
	keys := func(in writing.Text) (out []string) {
		for _, a := range writing.Look(in) {
			if a.Kind == writing.Alt {
				out = append(out, fmt.Sprint(a.Key, a.Args["count"], a.Args["all"]))
			}
		}
		return out
	}
	for _, c := range []struct {
		in   writing.Text
		want []string
	}{
		{writing.Text{}, nil},
		{writing.Text{Media: 2, Alts: []string{"Una tazza blu", "Due mani"}}, nil},
		{writing.Text{Media: 3, Alts: []string{"Una tazza blu", " "}}, []string{"writing.alt2 3"}},
		{writing.Text{Media: 1, Alts: []string{"IMG_2041.JPG"}}, []string{"writing.alt.file<nil> <nil>"}},
		{writing.Text{Media: 1, Alts: []string{"foto"}}, []string{"writing.alt.file<nil> <nil>"}},
		{writing.Text{Media: 1, Alts: []string{"Fotografia"}}, nil},
	} {
		if got := keys(c.in); !slices.Equal(got, c.want) {
			t.Errorf("%+v: %q, want %q", c.in, got, c.want)
		}
	}
}

func TestReadabilityTellsTheSentence(t *testing.T) {
	t.Parallel()
	long := "Si comunica alla gentile clientela che, relativamente alle modalità di conferimento dei materiali precedentemente acquistati presso il nostro stabilimento produttivo, sarà necessario presentare la documentazione comprovante l'avvenuto pagamento."
	check(t, writing.Text{Body: "Ciao. " + long + " Grazie.", Language: "it"}, writing.Readability, long)
	check(t, writing.Text{Body: strings.Repeat("Il gatto dorme al sole. ", 12), Language: "it"}, writing.Readability)
	english := "Notwithstanding considerable organisational difficulties, the administration anticipates implementing comprehensive modifications concerning international transportation documentation, particularly regarding manufactured ceramics necessitating supplementary certification procedures immediately following acquisition."
	check(t, writing.Text{Body: "Hello there. " + english, Language: "en"}, writing.Readability, english)
	check(t, writing.Text{Body: strings.Repeat("The cat sleeps in the sun. ", 12), Language: "en"}, writing.Readability)
	check(t, writing.Text{Body: long, Language: "de"}, writing.Readability) // no formula for it
	check(t, writing.Text{Body: long}, writing.Readability, long)           // guessed
}

func TestConfirming(t *testing.T) {
	t.Parallel()
	in := writing.Text{Body: "Chiama il 347 1234567 o scrivi a mario.rossi@arno.example.", Language: "it"}
	open := writing.Unconfirmed(in.Body, writing.Look(in), nil)
	if len(open) != 2 || open[0].Kind != writing.Phone || open[1].Kind != writing.Email {
		t.Fatalf("%+v", open)
	}
	marks := []string{open[0].Mark(in.Body)}
	moved := in
	moved.Body = "Buongiorno! " + in.Body
	if rest := writing.Unconfirmed(moved.Body, writing.Look(moved), marks); len(rest) != 1 || rest[0].Kind != writing.Email {
		t.Errorf("moved it is confirmed no longer: %+v", rest)
	}
	other := in
	other.Body = strings.Replace(in.Body, "347", "348", 1)
	if rest := writing.Unconfirmed(other.Body, writing.Look(other), marks); len(rest) != 2 {
		t.Errorf("another number passes for the one that was confirmed: %+v", rest)
	}
	if strings.Contains(marks[0], "1234567") {
		t.Error("the mark tells the number")
	}
	for _, a := range open {
		if s := fmt.Sprint(a.Args); strings.Contains(s, "1234567") || strings.Contains(s, "rossi") {
			t.Errorf("arguments tell what is private: %s", s)
		}
	}
	if m := (writing.Advice{Kind: writing.Phone, Start: 5, End: 900}).Mark("short"); m == "" {
		t.Error("an advice of another text has no mark")
	}
}

// Every key is in both catalogs, with a remedy, and its sentences want no more than the arguments.
func TestEveryAdviceHasWords(t *testing.T) {
	t.Parallel()
	c, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]bool{}
	for _, in := range everything() {
		for _, a := range writing.Look(in) {
			said[a.Key] = true
			for _, lang := range i18n.Langs {
				l := c.For(lang)
				for _, key := range []string{a.Key, a.Key + ".remedy"} {
					if s := l.T(key, a.Args); strings.HasPrefix(s, "[") || strings.Contains(s, "<no value>") {
						t.Errorf("%s: %s: %s", lang, key, s)
					}
				}
			}
		}
	}
	for _, key := range c.Keys("it") {
		if strings.HasPrefix(key, "writing.") && !strings.HasSuffix(key, ".remedy") && !said[key] {
			t.Errorf("%s is never said by the texts of this test", key)
		}
	}
}

// everything are texts in which every advice is given.
func everything() []writing.Text {
	ours := "Noi facciamo il nostro lavoro con la nostra terra. Abbiamo il nostro forno."
	hard := strings.Repeat("Relativamente alle modalità di conferimento della documentazione amministrativa precedentemente acquisita, ", 6)
	return []writing.Text{
		{Body: ours + " Siamo orgogliosi di una soluzione innovativa.", Language: "it", Recent: slices.Repeat([]string{ours}, 20)},
		{Body: hard, Language: "it"},
		{Body: strings.Repeat("International transportation documentation necessitating supplementary certification ", 6), Language: "en"},
		{Body: "Ti aspetto, vi aspetto: STRAORDINARIO!! 🎉🎉🎉 #a #b #c #d #e #f Vi spediremo tutto domani.", Language: "it", Media: 2, Alts: []string{"IMG_1.jpg"}},
		{
			Body: "Marta Neri, 347 1234567, marta@neri.example, info@arno.example, IT60 X054 2811 1010 0000 0123 456, 4111 1111 1111 1111, RSSMRA80A01H501U.\n" +
				"La password è Estate2026!\nhttps://anna:segreta@arno.example/ " + "gh" + "p_" + strings.Repeat("aB3", 12) + " q7Gk2Zp9Xw4Lr8Tn3Vb6Yc1M\n-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----\n",
			Language: "it", Customers: []string{"Marta Neri"},
		},
		{Body: "Grazie a Marta Neri per la foto, che bella.", Language: "it", Customers: []string{"Marta Neri"}},
	}
}

// laws are what holds for every text.
func laws(t interface{ Fatalf(string, ...any) }, in writing.Text) {
	got := writing.Look(in)
	if again := writing.Look(in); !reflect.DeepEqual(got, again) {
		t.Fatalf("%q: twice looked at, twice different", in.Body)
	}
	begins := map[int]bool{len(in.Body): true}
	for i := range in.Body {
		begins[i] = true
	}
	rank := map[writing.Level]int{writing.Confirm: 0, writing.Careful: 1, writing.Hint: 2}
	last := 0
	for _, a := range got {
		if a.Start < 0 || a.End > len(in.Body) || a.Start > a.End || a.Start == a.End && a.End != 0 || !begins[a.Start] || !begins[a.End] {
			t.Fatalf("%q: %+v lies outside, or between two letters", in.Body, a)
		}
		if a.Level == writing.Confirm && a.Start == a.End {
			t.Fatalf("%q: %+v cannot be confirmed", in.Body, a)
		}
		r, ok := rank[a.Level]
		if !ok || r < last {
			t.Fatalf("%q: %+v stands in the wrong place", in.Body, a)
		}
		last = r
		if utf8.ValidString(in.Body) && a.Args["words"] != nil {
			if w, ok := a.Args["words"].(string); ok && !strings.Contains(in.Body, w) {
				t.Fatalf("%q does not hold %q", in.Body, w)
			}
		}
	}
}

func TestLaws(t *testing.T) {
	t.Parallel()
	for _, in := range everything() {
		laws(t, in)
	}
	pieces := []string{
		"347", " ", ".", "-", "/", "+39", "00", "(", ")", "055", "1234567", "tel", "ordine", "€", "IT60", "X054", "RSSMRA80A01H501U", "4111111111111111", "@", "@[", "](per_1)", "](https://a.it)",
		"#tag", "a", "È", "Lei", "LEI", "vi", "sono", "siamo", "leader", "orgogliosi", "di", "\n", "\n\n", "!", "?", "…", "«", "»", "\"", "“", "🎉", "👩‍👩‍👧", "🇮🇹", "www.", "https://", "arno.it", "info@arno.it",
		"password", ":", "=", "è", "eyJ", "sk-", "-----BEGIN ", "PRIVATE KEY-----", "-----END ", "aB3x9", "\xff", "\u00a0", "٣", "Marta", "Neri", "compleanno", "spediremo", "entro", "venerdì",
	}
	rapid.Check(t, func(t *rapid.T) {
		in := writing.Text{
			Body:     strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 60).Draw(t, "pieces"), rapid.SampledFrom([]string{"", " "}).Draw(t, "between")),
			Language: rapid.SampledFrom([]string{"it", "en", "de", "", "it-IT", "x"}).Draw(t, "language"),
			Own:      []string{"Neri", ""}, Public: []string{"055 1234567", "", "info@arno.it"}, Customers: []string{"Marta Neri", "Marta", ""}, Colleagues: []string{"Leader"},
			Media: rapid.IntRange(-1, 3).Draw(t, "media"), Tags: rapid.IntRange(-1, 9).Draw(t, "tags"),
		}
		laws(t, in)
	})
}

func FuzzLook(f *testing.F) {
	for _, in := range everything() {
		f.Add(in.Body, in.Language)
	}
	f.Add("Ti aspettiamo «domani» alle 9.30: tel. +39 (055) 123-4567!\xff٣٤", "")
	f.Fuzz(func(t *testing.T, body, language string) {
		laws(t, writing.Text{Body: body, Language: language, Own: []string{"Arno"}, Customers: []string{"Marta Neri"}, Recent: []string{body}, Alts: []string{body}, Public: []string{body}})
	})
}

// A long text takes its length in time: nothing is looked at again for every place.
func TestLongTexts(t *testing.T) {
	t.Parallel()
	for _, piece := range []string{"a.", "1 ", "0 1", ". ", "\"", "@[", "a@", "IT60 ", "-----BEGIN ", "password: ", "eyJ.", "vi sono ", "9", "é", "!\" ", "Marta 347 "} {
		body := strings.Repeat(piece, 200_000/len(piece))
		laws(t, writing.Text{Body: body, Language: "it", Customers: []string{"Marta Neri"}})
	}
}

var benchText = "Loretta cerca da sei mesi un verde che non sembri una piscina. Siamo alla prova 41, con l'ossido che ci ha portato Nives e il forno a 1.240 gradi.\n\n" +
	"Chi passa in negozio sabato dalle 9.30 alle 13 trova le dodici tesserine sul banco: secondo voi ci siamo, o è ancora una piscina? Diteci quale prendereste. #ceramica #verde https://www.arno.example/prove"

// BenchmarkLook looks at a post, with five hundred names and twenty earlier posts or without, beside what the cheapest writing help would do: look every word up in a map.
func BenchmarkLook(b *testing.B) {
	var names, recent []string
	for i := range 500 {
		names = append(names, fmt.Sprintf("Nome%d Cognome%d", i, i))
	}
	for range 20 {
		recent = append(recent, benchText)
	}
	for name, in := range map[string]writing.Text{
		"look":             {Body: benchText, Language: "it"},
		"names-and-recent": {Body: benchText, Language: "it", Customers: names, Recent: recent},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(benchText)))
			for b.Loop() {
				writing.Look(in)
			}
		})
	}
	b.Run("baseline", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(benchText)))
		words := map[string]int{"siamo": 1, "leader": 2}
		n := 0
		for b.Loop() {
			for _, w := range text.Words(benchText) {
				n += words[w]
			}
		}
		_ = n
	})
}
