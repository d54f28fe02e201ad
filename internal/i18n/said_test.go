package i18n_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// source is what the product's own code says in quotes.
type source struct {
	words  map[string]string // each text in quotes, with a file that says it
	begins map[string]string // each text that ends with a dot and is joined with something
	faults map[string]string // the keys of errors
	verbs  map[string]string // what the register of deeds is told
}

var (
	quoted = regexp.MustCompile(`"([A-Za-z0-9_.]+)"`)
	joined = regexp.MustCompile(`"([a-z][a-z0-9_.]*\.)" ?\+`)
)

// read goes through every file of the product that speaks: Go, and the pages that Go is made from.
func read(t *testing.T) *source {
	t.Helper()
	s := &source{words: map[string]string{}, begins: map[string]string{}, faults: map[string]string{}, verbs: map[string]string{}}
	for _, root := range []string{"../../internal", "../../cmd"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			name := d.Name()
			if strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, "_templ.go") {
				return nil
			}
			if !strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, ".templ") {
				return nil
			}
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for _, m := range quoted.FindAllStringSubmatch(string(b), -1) {
				s.words[m[1]] = path
			}
			for _, m := range joined.FindAllStringSubmatch(string(b), -1) {
				s.begins[m[1]] = path
			}
			if strings.HasSuffix(name, ".go") {
				return s.parse(path, b)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(s.faults) < 100 || len(s.verbs) < 20 {
		t.Fatalf("only %d errors and %d verbs were found: the search has gone blind", len(s.faults), len(s.verbs))
	}
	return s
}

// parse finds the keys of errors and the verbs of the register: the second argument of fault.New, the Key of fields and
// problems, and the Verb of entries or an argument that is handed on as one.
func (s *source) parse(path string, b []byte) error {
	f, err := parser.ParseFile(token.NewFileSet(), path, b, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if sel, ok := n.Fun.(*ast.SelectorExpr); ok && len(n.Args) > 1 {
				if x, ok := sel.X.(*ast.Ident); ok && x.Name == "fault" && sel.Sel.Name == "New" {
					note(s.faults, n.Args[1], path)
				}
			}
		case *ast.CompositeLit:
			for _, e := range n.Elts {
				kv, ok := e.(*ast.KeyValueExpr)
				if !ok {
					continue
				}
				switch k, _ := kv.Key.(*ast.Ident); {
				case k == nil:
				case k.Name == "Key" && named(n.Type, "Field", "Problem", "Trouble"):
					note(s.faults, kv.Value, path)
				case k.Name == "Verb" && named(n.Type, "Entry"):
					note(s.verbs, kv.Value, path)
				}
			}
		}
		return true
	})
	return nil
}

func named(t ast.Expr, names ...string) bool {
	switch t := t.(type) {
	case *ast.SelectorExpr:
		return slices.Contains(names, t.Sel.Name)
	case *ast.Ident:
		return slices.Contains(names, t.Name)
	}
	return false
}

func note(into map[string]string, e ast.Expr, path string) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return
	}
	if v, err := strconv.Unquote(lit.Value); err == nil && strings.Contains(v, ".") && !strings.HasSuffix(v, ".") {
		into[v] = path
	}
}

// withoutRemedy are fields that only programs fill in: what is wrong with them says what to do.
var withoutRemedy = []string{"api.field."}

func TestEveryErrorHasWordsAndARemedy(t *testing.T) {
	t.Parallel()
	c, s := catalog(t), read(t)
	for _, lang := range []string{"it", "en"} {
		l := c.For(lang)
		for key, path := range s.faults {
			if !l.Has(key) {
				t.Errorf("%s: no words for %s of %s", lang, key, path)
			}
			plain := slices.ContainsFunc(withoutRemedy, func(p string) bool { return strings.HasPrefix(key, p) })
			if !plain && !l.Has(key+".remedy") {
				t.Errorf("%s: no remedy for %s of %s", lang, key, path)
			}
		}
	}
}

// Whatever is written into the register of deeds can be read there by people, and is said in one place only.
func TestEveryDeedHasWords(t *testing.T) {
	t.Parallel()
	c, s := catalog(t), read(t)
	l := c.For("it")
	for word, path := range s.words { // verbs that reach the entry as an argument
		room, _, _ := strings.Cut(strings.TrimPrefix(path, "../../internal/"), "/")
		if (room == "inbox" || room == "delivery" || room == "growth" || room == "post") && regexp.MustCompile(`^`+room+`\.[a-z.]+$`).MatchString(word) && strings.Contains(handsOn(t, path), `"`+word+`",`) {
			s.verbs[word] = path
		}
	}
	for verb, path := range s.verbs {
		one, two := l.Has("audit."+verb), l.Has("auditpage.verb."+verb)
		if !one && !two {
			t.Errorf("no words for the deed %s of %s", verb, path)
		}
	}
	for _, key := range c.Keys("it") {
		if verb, ok := strings.CutPrefix(key, "auditpage.verb."); ok && l.Has("audit."+verb) {
			t.Errorf("%s is never shown: audit.%s is", key, verb)
		}
	}
}

// handsOn gives the lines of a file that hand a verb to a function which writes the entry.
func handsOn(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for line := range strings.Lines(string(b)) {
		if strings.Contains(line, "revive(ctx") || strings.Contains(line, "decide(ctx") || strings.Contains(line, "redeliver(ctx") || strings.Contains(line, "onCase(ctx") ||
			strings.Contains(line, "p.change(ctx") || strings.Contains(line, "decideCorrection(ctx") || strings.Contains(line, "setPause(ctx") || strings.Contains(line, "p.create(ctx") {
			out.WriteString(line)
		}
	}
	return out.String()
}

// added are the endings that code puts behind a key, or behind a part that it puts in.
var added = []string{".remedy", ".text", ".what", ".may", ".missing"}

// counted are parts of keys that come from elsewhere than a text in quotes, with the reason.
var counted = map[string]string{
	"settings.day.": "days of the week as numbers",
	"web.zone.":     "cities as the time zones are called",
	"cli.help.":     "the texts of commands and flags, asked for by the tags of their fields",
	"fault.":        "kinds of errors without words of their own",
}

// What nobody says is not kept: sentences are work in two languages.
func TestNoSentenceIsLeftOver(t *testing.T) {
	t.Parallel()
	c, s := catalog(t), read(t)
	var used func(key string) bool
	used = func(key string) bool {
		if s.words[key] != "" {
			return true
		}
		for begin := range counted {
			if strings.HasPrefix(key, begin) {
				return true
			}
		}
		for begin := range s.begins {
			if part, ok := strings.CutPrefix(key, begin); ok && used(part) {
				return true
			}
		}
		return false
	}
	for _, key := range c.Keys("it") {
		ok := used(key)
		for base, cut := key, true; !ok && cut; {
			cut = false
			for _, a := range added {
				if b, has := strings.CutSuffix(base, a); has {
					base, cut = b, true
					ok = ok || used(base)
				}
			}
		}
		if !ok {
			t.Errorf("%q is said nowhere", key)
		}
	}
}
