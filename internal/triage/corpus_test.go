package triage

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

// sources is the folder that the model is made from.
func sources(t testing.TB) []example {
	t.Helper()
	files, err := corpusFiles(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	all, err := readCorpus(files)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// What the corpus promises to be: large enough, individually written, and of the kind that companies get.
func TestCorpus(t *testing.T) {
	t.Parallel()
	all := sources(t)
	n, rough, ironic, hard := map[Language]int{}, map[Language]int{}, map[Language]int{}, map[Language]int{}
	criticism := map[Language]int{}
	for i := range all {
		e := &all[i]
		n[e.lang]++
		count := func(m map[Language]int, f exampleFlag) {
			if e.flags&f != 0 {
				m[e.lang]++
			}
		}
		count(rough, saysRough)
		count(ironic, saysIrony)
		count(hard, saysHard)
		count(criticism, saysCriticism)
	}
	for lang, least := range map[Language]int{Italian: 5500, English: 4000, Other: 400} {
		if n[lang] < least {
			t.Errorf("%s: %d comments, at least %d are promised", lang, n[lang], least)
		}
	}
	for _, lang := range lexiconLanguages {
		share := func(name string, m map[Language]int, least, most float64) {
			if s := float64(m[lang]) / float64(n[lang]); s < least || s > most {
				t.Errorf("%s: %s is %.3f of the comments, promised is %.3f to %.3f", lang, name, s, least, most)
			}
		}
		share("rough spelling", rough, 0.3, 1)
		share("irony", ironic, 0.1, 0.25)
		share("a deceptive surface", hard, 0.15, 0.5)
		share("criticism", criticism, 0.3, 0.6)
	}
}

func TestEveryFileSaysWhoWroteIt(t *testing.T) {
	t.Parallel()
	files, err := corpusFiles(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"data/lexicon-it.txt", "data/lexicon-en.txt", "data/grammar-it.txt", "data/grammar-en.txt", commonFile} {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, corpusFile{name: name, text: b})
	}
	for _, f := range files {
		if !strings.HasPrefix(string(f.text), "# Written by the authors of Ponte") {
			t.Errorf("%s does not begin with who wrote it", f.name)
		}
	}
}

func TestParseExample(t *testing.T) {
	t.Parallel()
	e, err := parseExample("it-shops", `mix cqh quality,price 2 | Bello,\nma rotto`)
	if err != nil {
		t.Fatal(err)
	}
	if e.text != "Bello,\nma rotto" || e.lang != Italian || e.tone != ToneMixed || e.urgency != 2 ||
		e.flags != saysCriticism|saysQuestion|saysHard || e.themes.list()[1] != ThemePrice {
		t.Errorf("read as %+v", e)
	}
	if e, err := parseExample("other", "fr | Bonjour"); err != nil || e.lang != Other || e.labels != knowsLanguage {
		t.Errorf("other language: %+v, %v", e, err)
	}
	for _, c := range []struct{ source, line string }{
		{"it-a", "neg c quality 0"},
		{"it-a", "neg c quality 0 | "},
		{"it-a", "neg c quality 0 |  spaces "},
		{"it-a", "neg c quality 0 | one | two"},
		{"it-a", "bad c quality 0 | x"},
		{"it-a", "neg z quality 0 | x"},
		{"it-a", "neg tc quality 0 | x"},
		{"it-a", "neg cc quality 0 | x"},
		{"it-a", "neg c colour 0 | x"},
		{"it-a", "neg c quality 4 | x"},
		{"it-a", "neg c quality -1 | x"},
		{"it-a", "neg c quality | x"},
		{"fr-a", "neg c quality 0 | x"},
		{"other", "it | Ciao"},
		{"other", "fra | Salut"},
	} {
		if e, err := parseExample(c.source, c.line); err == nil {
			t.Errorf("%s: %q is read as %+v", c.source, c.line, e)
		}
	}
}

func TestReadCorpusNamesEveryWrongLine(t *testing.T) {
	t.Parallel()
	files, err := corpusFiles(fstest.MapFS{
		"corpus/it-a.txt": {Data: []byte("# head\n\nneg c quality 0 | Rotto\nneg c quality 9 | Rotta\nneu - - 0 | Ciao\n")},
		"corpus/it-b.txt": {Data: []byte("pos p - 0 | Rotto\n")},
		"corpus/en-a.txt": {Data: []byte("pos p - 0 | Ciao\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	all, err := readCorpus(files)
	if err == nil || len(all) != 3 {
		t.Fatalf("%d comments, %v", len(all), err)
	}
	for _, want := range []string{"corpus/it-a.txt:4: ", "corpus/it-b.txt:1: the same text as corpus/it-a.txt:3"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not say %q", err, want)
		}
	}
}

func TestPackedCorpus(t *testing.T) {
	t.Parallel()
	src := os.DirFS(".")
	packed, err := unpackCorpus(corpusBytes)
	if err != nil {
		t.Fatal(err)
	}
	files, err := corpusFiles(src)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if f.name == "corpus/other.txt" {
			continue
		}
		if len(packed) == 0 || packed[0].name != f.name || string(packed[0].text) != string(f.text) {
			t.Fatalf("corpus.bin is not what stands in %s: run ponte triage train", f.name)
		}
		packed = packed[1:]
	}
	if len(packed) > 0 {
		t.Errorf("corpus.bin holds %s, which is not there", packed[0].name)
	}
}

func TestGrammar(t *testing.T) {
	t.Parallel()
	lines, err := readGrammars(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	if len(lines) < 2000 || len(lines) > 5000 {
		t.Errorf("%d sentences", len(lines))
	}
	again, err := readGrammars(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	for i := range lines {
		if lines[i] != again[i] {
			t.Fatalf("%q the first time, %q the second", lines[i].text, again[i].text)
		}
		if strings.ContainsAny(lines[i].text, "{}") {
			t.Errorf("%q has a slot left", lines[i].text)
		}
	}
	for _, wrong := range []string{"neg c | {nothing}", "neg | x", "@a = b\n@a = c", "neg c", "bad c | x", "neg c | {open"} {
		if _, err := parseGrammar("g", Italian, []byte(wrong+"\n")); err == nil {
			t.Errorf("%q is read", wrong)
		}
	}
}
