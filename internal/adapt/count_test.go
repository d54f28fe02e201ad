package adapt_test

import (
	"strings"
	"testing"

	"github.com/ponte-desk/ponte/internal/adapt"
)

func TestMeasure(t *testing.T) {
	t.Parallel()
	long := "https://example.org/" + strings.Repeat("a", 200)
	for _, c := range []struct {
		name string
		n    adapt.Network
		text string
		want int
	}{
		{"mastodon letters", adapt.Mastodon, "Buongiorno", 10},
		{"mastodon accents apart", adapt.Mastodon, "perche\u0301", 6},
		{"mastodon family", adapt.Mastodon, "👨‍👩‍👧‍👦", 1},
		{"mastodon link", adapt.Mastodon, long, 23},
		{"mastodon link in brackets", adapt.Mastodon, "(" + long + ").", 26},
		{"mastodon two links", adapt.Mastodon, "https://a.it https://b.it/c?d=1#e", 47},
		{"mastodon remote mention", adapt.Mastodon, "a @alice@example.org b", 10},
		{"mastodon mention first", adapt.Mastodon, "@a@x.org @b@y.org c", 7},
		{"mastodon mail address", adapt.Mastodon, "write to ada@example.org", 24},
		{"mastodon mention in a link", adapt.Mastodon, "https://a.it/@alice@example.org", 23},
		{"mastodon no protocol", adapt.Mastodon, "example.org/a/b", 15},
		{"mastodon inside a word", adapt.Mastodon, "xhttps://a.it", 13},
		{"mastodon many mentions and a link far away", adapt.Mastodon, strings.Repeat("@a@b.it ", 100) + "https://a.it", 300 + 23},

		{"bluesky counts graphemes", adapt.Bluesky, "👩🏽‍🚀 " + long, 2 + len(long)},

		{"x letters", adapt.X, "Perché no?", 10},
		{"x accents apart", adapt.X, "Perche\u0301 no?", 10},
		{"x link", adapt.X, "vedi " + long + ".", 5 + 23 + 1},
		{"x link without protocol", adapt.X, "vedi example.org/a/b ora", 5 + 23 + 4},
		{"x link under no domain", adapt.X, "vedi example.orgx/a", 19},
		{"x mail address", adapt.X, "ada@example.org", 15},
		{"x version", adapt.X, "Go 1.26.0", 9},
		{"x list", adapt.X, "uno.due.tre", 11},
		{"x link glued to letters", adapt.X, "xhttps://a.it/b", 15},
		{"x link after Chinese", adapt.X, "見てhttps://a.it", 4 + 23},
		{"x host after Chinese", adapt.X, "見てa.it", 4 + 23},
		{"x host in Chinese", adapt.X, "http://例え.jp/a", 23},
		{"x host with port and query", adapt.X, "http://a.it:8080/b?c=d&e=f#g", 23},
		{"x brackets in a path", adapt.X, "(https://it.wikipedia.org/wiki/Ponte_(arco))", 25},
		{"x point at the end", adapt.X, "https://a.it/b.", 24},
		{"x domain that goes on", adapt.X, "a.it@b", 6},
		{"x underscore before a host", adapt.X, "_a.it", 5},
		{"x label too long", adapt.X, "https://" + strings.Repeat("a", 64) + ".it", 8 + 64 + 3},
		{"x Chinese", adapt.X, "故人西辞", 8},
		{"x Chinese punctuation", adapt.X, "，。", 4},
		{"x Hangul", adapt.X, "안녕", 4},
		{"x Arabic", adapt.X, "مرحبا", 5},
		{"x typographic quotes", adapt.X, "“a” – ‘b’…", 12 - 1},
		{"x euro", adapt.X, "5 €", 4},
		{"x emoji", adapt.X, "🎉", 2},
		{"x emoji with skin", adapt.X, "👍🏽", 2},
		{"x family", adapt.X, "👨‍👩‍👧‍👦", 2},
		{"x flag", adapt.X, "🇮🇹🇪🇺", 4},
		{"x flag of nobody", adapt.X, "🇽🇽", 4},
		{"x Scotland", adapt.X, "🏴󠁧󠁢󠁳󠁣󠁴󠁿", 2},
		{"x keycap", adapt.X, "1️⃣", 2},
		{"x heart with selector", adapt.X, "❤️", 2},
		{"x burning heart", adapt.X, "❤️‍🔥", 2},
		{"x joined as nobody draws it", adapt.X, "👩‍🐶", 2 + 1 + 2},
		{"x skin on a dog", adapt.X, "🐶🏽", 4},
		{"x copyright", adapt.X, "©", 2},
		{"x selector behind a letter", adapt.X, "a\ufe0f", 3},
		{"x stacked marks", adapt.X, "z" + strings.Repeat("\u0335", 10), 11},

		{"threads letters", adapt.Threads, "Perché no?", 10},
		{"threads emoji", adapt.Threads, "ciao 🎉", 5 + 4},
		{"threads family", adapt.Threads, "👨‍👩‍👧‍👦", 25},
		{"threads Chinese", adapt.Threads, "故人", 2},
		{"threads digits are no emoji", adapt.Threads, "12#*", 4},
		{"threads keycap", adapt.Threads, "1️⃣", 7},

		{"linkedin", adapt.LinkedIn, "Perché no?", 10},
		{"linkedin reserved", adapt.LinkedIn, "a (b) #c #", 10 + 3},
		{"linkedin emoji", adapt.LinkedIn, "🎉", 2},
		{"telegram emoji", adapt.Telegram, "🎉a", 3},
		{"instagram family", adapt.Instagram, "👨‍👩‍👧‍👦", 11},
		{"site", adapt.Site, "perche\u0301 🎉", 8},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got, _ := adapt.Measure(c.n, c.text, 0); got != c.want {
				t.Errorf("%q is %d, want %d", c.text, got, c.want)
			}
		})
	}
}

func TestMeasureKnowsTheLimit(t *testing.T) {
	t.Parallel()
	for n, want := range map[adapt.Network]int{
		adapt.Mastodon: 500, adapt.Bluesky: 300, adapt.X: 280, adapt.Threads: 500, adapt.LinkedIn: 3000, adapt.Facebook: 63206,
		adapt.Instagram: 2200, adapt.Google: 1500, adapt.Telegram: 4096, adapt.YouTube: 5000, adapt.Pinterest: 800, adapt.Site: 0, adapt.Mail: 0,
	} {
		if _, got := adapt.Measure(n, "a", 0); got != want {
			t.Errorf("%s: %d, want %d", n, got, want)
		}
	}
	if _, got := adapt.Measure(adapt.Mastodon, "a", 5000); got != 5000 {
		t.Errorf("the place's own limit: %d", got)
	}
}

func TestTheTablesSayWhereTheyAreFrom(t *testing.T) {
	t.Parallel()
	for _, n := range adapt.Networks() {
		r := adapt.RulesOf(n)
		if r.Network != n || r.Unit == "" || r.FacetUnit == "" || r.Tags == adapt.AsUsual {
			t.Errorf("%s: the table lacks something: %+v", n, r)
		}
		if len(r.Sources) == 0 {
			t.Errorf("%s: no source", n)
		}
		for _, s := range r.Sources {
			if !strings.HasPrefix(s.Address, "https://") || s.What == "" || len(s.Read) != len("2026-11-26") {
				t.Errorf("%s: source %+v", n, s)
			}
		}
	}
	if adapt.Known("myspace") || !adapt.Known(adapt.Bluesky) {
		t.Error("Known")
	}
}
