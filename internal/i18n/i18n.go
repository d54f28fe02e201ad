package i18n

import (
	"archive/zip"
	"bytes"
	_ "embed"
	"fmt"
	"io/fs"
	"path"
	"sort"
	"strings"
	"sync"

	"github.com/BurntSushi/toml"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"

	"github.com/ponte-desk/ponte/internal/fault"
)

// packed holds the folder catalog; script/generate writes it.
//
//go:embed catalog.zip
var packed string

// Langs are the languages Ponte speaks; the first is spoken when nothing else is known.
var Langs = []string{"it", "en"}

// Catalog holds every sentence that people see, in every language.
type Catalog struct {
	says    map[string]map[string]sentence // language -> key
	match   language.Matcher
	mu      sync.Mutex
	missing map[string]bool
}

// sentence is what stands under a key. one is only there where a count decides.
type sentence struct{ one, other string }

// Load reads the catalog that is built into the program: one file for each area and language.
func Load() (*Catalog, error) {
	files, err := zip.NewReader(strings.NewReader(packed), int64(len(packed)))
	if err != nil {
		return nil, fmt.Errorf("i18n.Load: %w", err)
	}
	return load(files)
}

func load(fsys fs.FS) (*Catalog, error) {
	c := &Catalog{says: map[string]map[string]sentence{}, missing: map[string]bool{}}
	var tags []language.Tag
	for _, lang := range Langs {
		tags = append(tags, language.MustParse(lang))
		names, err := fs.Glob(fsys, path.Join("catalog", lang, "*.toml"))
		if err != nil {
			return nil, fmt.Errorf("i18n.Load: %w", err)
		}
		c.says[lang] = map[string]sentence{}
		for _, name := range names {
			if err := read(fsys, name, c.says[lang]); err != nil {
				return nil, fmt.Errorf("i18n.Load %s: %w", name, err)
			}
		}
	}
	c.match = language.NewMatcher(tags)
	return c, nil
}

// read adds the sentences of one file.
func read(fsys fs.FS, name string, says map[string]sentence) error {
	b, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	var raw map[string]any
	if _, err := toml.NewDecoder(bytes.NewReader(b)).Decode(&raw); err != nil {
		return err
	}
	for key, v := range raw {
		if _, twice := says[key]; twice {
			return fmt.Errorf("%q stands in two areas", key)
		}
		var s sentence
		switch v := v.(type) {
		case string:
			s.other = v
		case map[string]any:
			s.one, _ = v["one"].(string)
			s.other, _ = v["other"].(string)
			if s.one == "" || s.other == "" {
				return fmt.Errorf("%q needs one and other", key)
			}
		default:
			return fmt.Errorf("%q is neither a text nor a plural", key)
		}
		for _, form := range []string{s.one, s.other} {
			if _, err := fill(form, nil); err != nil {
				return fmt.Errorf("%q: %w", key, err)
			}
		}
		says[key] = s
	}
	return nil
}

// Keys lists the keys of a language in order.
func (c *Catalog) Keys(lang string) []string {
	var ks []string
	for k := range c.says[lang] {
		ks = append(ks, k)
	}
	sort.Strings(ks)
	return ks
}

// Match gives the best language for wishes such as a member's locale ("it") or an Accept-Language header. Empty
// wishes are passed over; Italian is spoken when none fits.
func (c *Catalog) Match(wishes ...string) string {
	for _, w := range wishes {
		tags, _, err := language.ParseAcceptLanguage(w)
		if err != nil || len(tags) == 0 {
			continue
		}
		if _, i, confidence := c.match.Match(tags...); confidence > language.No {
			return Langs[i]
		}
	}
	return Langs[0]
}

// For gives the voice of the best language for the wishes; see Match.
func (c *Catalog) For(wishes ...string) *Localizer {
	lang := c.Match(wishes...)
	return &Localizer{c: c, lang: lang, tag: language.MustParse(lang)}
}

// Missing lists keys that were asked for and are not there; a test asserts that it stays empty.
func (c *Catalog) Missing() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var ks []string
	for k := range c.missing {
		ks = append(ks, k)
	}
	sort.Strings(ks)
	return ks
}

// Localizer speaks one language. It is safe for use by several goroutines.
type Localizer struct {
	c    *Catalog
	lang string
	tag  language.Tag
}

// Lang is the language spoken: "it" or "en".
func (l *Localizer) Lang() string { return l.lang }

// Has tells whether a key is in the catalog.
func (l *Localizer) Has(key string) bool { _, ok := l.c.says[l.lang][key]; return ok }

// T gives the sentence of a key. args are pairs of a name and a value, or one map of them.
// A key that is not there comes back in brackets, so that it is seen.
func (l *Localizer) T(key string, args ...any) string {
	s, ok := l.c.says[l.lang][key]
	if !ok {
		return l.miss(key)
	}
	if !strings.Contains(s.other, "{{") {
		return s.other
	}
	return l.say(key, s.other, data(args))
}

// N gives the sentence of a plural key for a count, which is "count" in the sentence. Which form it takes is CLDR's cardinal rule of the language; whatever is not
// one takes the other form (Italian has a form for millions: Ponte's sentences are the same there).
func (l *Localizer) N(key string, count int, args ...any) string {
	s, ok := l.c.says[l.lang][key]
	if !ok {
		return l.miss(key)
	}
	d := data(args)
	d["count"] = l.Number(count)
	if s.one != "" && plural.Cardinal.MatchPlural(l.tag, max(count, -count), 0, 0, 0, 0) == plural.One {
		return l.say(key, s.one, d)
	}
	return l.say(key, s.other, d)
}

func (l *Localizer) say(key, form string, d map[string]any) string {
	s, err := fill(form, d)
	if err != nil { // not after Load
		return "[" + key + "]"
	}
	return s
}

// miss remembers a key that is not there.
func (l *Localizer) miss(key string) string {
	l.c.mu.Lock()
	defer l.c.mu.Unlock()
	l.c.missing[key] = true
	return "[" + key + "]"
}

func data(args []any) map[string]any {
	d := map[string]any{}
	if len(args) == 1 {
		if m, ok := args[0].(map[string]any); ok {
			for k, v := range m {
				d[k] = v
			}
			return d
		}
	}
	for i := 0; i+1 < len(args); i += 2 {
		if k, ok := args[i].(string); ok {
			d[k] = args[i+1]
		}
	}
	return d
}

// Error says an error to a person: what happened, and what to do about it ("" when nothing is to be done).
func (l *Localizer) Error(err error) (what, remedy string) {
	e := fault.Of(err)
	if e == nil {
		return "", ""
	}
	key := e.Key
	if !l.Has(key) {
		key = "fault." + string(e.Kind)
	}
	what = l.T(key, e.Args)
	if l.Has(key + ".remedy") {
		remedy = l.T(key+".remedy", e.Args)
	} else if l.Has("fault." + string(e.Kind) + ".remedy") {
		remedy = l.T("fault."+string(e.Kind)+".remedy", e.Args)
	}
	return what, remedy
}
