package i18n

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"sort"
	"strings"
	"sync"
	"text/template"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"github.com/ponte-desk/ponte/internal/fault"
)

//go:embed catalog
var files embed.FS

// Langs are the languages Ponte speaks; the first is spoken when nothing else is known.
var Langs = []string{"it", "en"}

// Catalog holds every sentence that people see, in every language.
type Catalog struct {
	bundle  *i18n.Bundle
	keys    map[string]map[string]bool // language -> key
	match   language.Matcher
	locals  map[string]*i18n.Localizer
	plain   map[string]map[string]string // messages without arguments or plurals: language -> key -> text
	mu      sync.Mutex
	missing map[string]bool
}

// Load reads the catalog that is built into the program: one file for each area and language.
func Load() (*Catalog, error) { return load(files) }

func load(fsys fs.FS) (*Catalog, error) {
	c := &Catalog{
		bundle:  i18n.NewBundle(language.Italian),
		keys:    map[string]map[string]bool{},
		locals:  map[string]*i18n.Localizer{},
		plain:   map[string]map[string]string{},
		missing: map[string]bool{},
	}
	var tags []language.Tag
	for _, lang := range Langs {
		tag := language.MustParse(lang)
		tags = append(tags, tag)
		names, err := fs.Glob(fsys, path.Join("catalog", lang, "*.toml"))
		if err != nil {
			return nil, fmt.Errorf("i18n.Load: %w", err)
		}
		c.keys[lang], c.plain[lang] = map[string]bool{}, map[string]string{}
		for _, name := range names {
			if err := c.read(fsys, name, lang, tag); err != nil {
				return nil, fmt.Errorf("i18n.Load %s: %w", name, err)
			}
		}
		c.locals[lang] = i18n.NewLocalizer(c.bundle, lang)
	}
	c.match = language.NewMatcher(tags)
	return c, nil
}

func (c *Catalog) read(fsys fs.FS, name, lang string, tag language.Tag) error {
	b, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	var raw map[string]any
	if _, err := toml.NewDecoder(bytes.NewReader(b)).Decode(&raw); err != nil {
		return err
	}
	var msgs []*i18n.Message
	for key, v := range raw {
		if c.keys[lang][key] {
			return fmt.Errorf("%q stands in two areas", key)
		}
		c.keys[lang][key] = true
		m := &i18n.Message{ID: key}
		switch v := v.(type) {
		case string:
			if !strings.Contains(v, "{{") {
				c.plain[lang][key] = v
				continue
			}
			m.Other = v
			if _, err := template.New(key).Parse(v); err != nil {
				return err
			}
		case map[string]any:
			one, _ := v["one"].(string)
			other, ok := v["other"].(string)
			if !ok || other == "" || one == "" {
				return fmt.Errorf("%q needs one and other", key)
			}
			m.One, m.Other = one, other
			if tag == language.Italian {
				m.Many = other // CLDR: millions without a fraction; Ponte's sentences are the same
			}
		default:
			return fmt.Errorf("%q is neither a text nor a plural", key)
		}
		msgs = append(msgs, m)
	}
	return c.bundle.AddMessages(tag, msgs...)
}

// Keys lists the keys of a language in order.
func (c *Catalog) Keys(lang string) []string {
	var ks []string
	for k := range c.keys[lang] {
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
	return &Localizer{c: c, lang: lang, l: c.locals[lang]}
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
	l    *i18n.Localizer
}

// Lang is the language spoken: "it" or "en".
func (l *Localizer) Lang() string { return l.lang }

// Has tells whether a key is in the catalog.
func (l *Localizer) Has(key string) bool { return l.c.keys[l.lang][key] }

// T gives the sentence of a key. args are pairs of a name and a value, or one map of them.
// A key that is not there comes back in brackets, so that it is seen.
func (l *Localizer) T(key string, args ...any) string {
	if s, ok := l.c.plain[l.lang][key]; ok {
		return s
	}
	return l.say(key, nil, data(args))
}

// N gives the sentence of a plural key for a count, which is "count" in the sentence.
func (l *Localizer) N(key string, count int, args ...any) string {
	d := data(args)
	d["count"] = l.Number(count)
	return l.say(key, count, d)
}

func (l *Localizer) say(key string, plural any, d map[string]any) string {
	if !l.Has(key) {
		l.c.mu.Lock()
		l.c.missing[key] = true
		l.c.mu.Unlock()
		return "[" + key + "]"
	}
	s, err := l.l.Localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: d, PluralCount: plural})
	if err != nil {
		return "[" + key + "]"
	}
	return s
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
