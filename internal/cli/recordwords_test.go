package cli_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/record"
)

// Whatever the check of a record may find, it can say, and what it means.
func TestEveryFindingHasWords(t *testing.T) {
	t.Parallel()
	keys := map[string]bool{}
	files, err := filepath.Glob(filepath.Join("..", "record", "verify*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`"(record\.finding\.\w+)"`).FindAllStringSubmatch(string(b), -1) {
			keys[m[1]], keys[m[1]+".text"] = true, true
		}
	}
	if len(keys) < 50 {
		t.Fatalf("only %d keys found", len(keys))
	}
	for _, r := range record.Rules {
		keys["record.rule."+string(r)] = true
	}
	for _, f := range (record.Figures{}).List() {
		keys["cli.record.figure."+f.Name] = true
	}
	catalog, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range i18n.Langs {
		words := catalog.For(lang)
		for k := range keys {
			if !words.Has(k) {
				t.Errorf("%s: no words for %s", lang, k)
			}
		}
	}
}
