package mastodon

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/ponte-desk/ponte/internal/network"
)

func TestCount(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text string
		want       int
	}{
		{"empty", "", 0},
		{"letters", "Buongiorno", 10},
		{"accents apart", "perche\u0301", 6},
		{"a family is one", "👨‍👩‍👧‍👦", 1},
		{"a flag is one", "🇮🇹", 1},
		{"lines", "a\nb\n\nc", 6},
		{"spaces at the ends do not count", "  a \n", 1},
		// The documented cases: a link is 23 however long, a mention only its first part.
		{"long link", strings.Repeat("a", 476) + " http://" + strings.Repeat("b", 30) + ".com/example", 500},
		{"short link", "https://a.it", 23},
		{"link at the end of a sentence", "see https://a.it/b.", 4 + 23 + 1},
		{"link in brackets", "(https://a.it/b)", 25},
		{"link with brackets", "https://it.wikipedia.org/wiki/Ponte_(disambigua)", 23},
		{"link with query", "https://a.it/?x=1&y=2#z", 23},
		{"two links", "https://a.it https://b.it", 47},
		{"no protocol is no link", "example.org/a/b", 15},
		{"no dot is no link", "http://localhost/a", 18},
		{"inside a word is no link", "xhttps://a.it", 13},
		{"remote mention", strings.Repeat("a", 475) + " @alice@" + strings.Repeat("b", 30) + ".com", 475 + 1 + 6},
		{"local mention", "@alice hi", 9},
		{"mention with points", "@a.b-c@example.org!", 7},
		{"mail address is no mention", "write to ada@example.org", 24},
		{"mention in a link", "https://a.it/@alice@example.org", 23},
		{"several mentions", "@a@x.org @b@y.org c", 7},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := Count(tt.text, 23); got != tt.want {
				t.Errorf("Count(%q) = %d, want %d", tt.text, got, tt.want)
			}
		})
	}
}

func TestMeasureByServer(t *testing.T) {
	t.Parallel()
	l := network.Limits{Characters: 30, LinkLength: 23}
	text := "@ada@example.org https://example.org/a/very/long/address"
	open := func(software string) network.Client {
		return New(nil, "x").Open(network.Credentials{ServerURL: "https://m.example", Extra: map[string]string{"software": software}}, nil)
	}
	if got := open("mastodon").Measure(text, l); got.Used != 28 || got.Max != 30 || !got.Fits() {
		t.Errorf("mastodon: %+v", got)
	}
	for _, other := range []string{"gotosocial", "", "pleroma"} {
		if got := open(other).Measure(text, l); got.Used != utf8.RuneCountInString(text) || got.Fits() {
			t.Errorf("%q: %+v", other, got)
		}
	}
}

func TestAddress(t *testing.T) {
	t.Parallel()
	c := New(nil, "x").Open(network.Credentials{ServerURL: "https://m.example"}, nil)
	self := network.Account{RemoteID: "1", Handle: "ponte@m.example"}
	ada := network.Author{RemoteID: "2", Handle: "ada@m.example"}
	bob := network.Author{RemoteID: "3", Handle: "bob@other.example"}
	us := network.Author{RemoteID: "1", Handle: "ponte@m.example"}
	for name, tt := range map[string]struct {
		to   network.Item
		want string
	}{
		"neighbour":           {network.Item{Author: ada, Mentions: []network.Author{us}}, "@ada "},
		"from elsewhere":      {network.Item{Author: bob, Mentions: []network.Author{us}}, "@bob@other.example "},
		"all who are named":   {network.Item{Author: bob, Mentions: []network.Author{us, ada, bob}}, "@bob@other.example @ada "},
		"ourselves":           {network.Item{Author: us, Mine: true}, ""},
		"ourselves to others": {network.Item{Author: us, Mine: true, Mentions: []network.Author{ada}}, "@ada "},
	} {
		if got := c.Address(tt.to, self); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

func FuzzCount(f *testing.F) {
	f.Add("see https://a.it/b. and @ada@example.org (http://b.it/c_(d))")
	f.Add("@@a@ http://http://a.it")
	f.Fuzz(func(t *testing.T, s string) {
		if n := Count(s, 23); n < 0 || n > utf8.RuneCountInString(s)*23 {
			t.Errorf("Count(%q) = %d", s, n)
		}
	})
}
