package bluesky

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestTID(t *testing.T) {
	t.Parallel()
	// The first is an example of https://atproto.com/specs/tid.
	for _, s := range []string{"3jzfcijpj2z2a", "7777777777777", "3zzzzzzzzzzzz", "2222222222222"} {
		if _, ok := parseTID(s); !ok {
			t.Errorf("%q is valid", s)
		}
	}
	for _, s := range []string{"", "3jzfcijpj2z21", "0000000000000", "3jzfcijpj2z2aa", "3jzfcijpj2z2", "3JZFCIJPJ2Z2A", "3jzf-cij-pj2z-2a", "zzzzzzzzzzzzz", "kjzfcijpj2z2a"} {
		if _, ok := parseTID(s); ok {
			t.Errorf("%q is not valid", s)
		}
	}
	at := time.Date(2026, 11, 23, 11, 0, 0, 123456000, time.UTC)
	if got := makeTID(at, 77).at(); !got.Equal(at) {
		t.Errorf("time came back as %v", got)
	}
}

func TestRecordKey(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.String().Draw(t, "key")
		at := time.UnixMicro(rapid.Int64Range(0, 4102444800_000000).Draw(t, "at"))
		k := recordKey(key, at)
		if _, ok := parseTID(string(k)); !ok {
			t.Fatalf("%q is no TID", k)
		}
		if again := recordKey(key, at.In(time.FixedZone("x", 3600))); again != k {
			t.Fatalf("%q and then %q", k, again)
		}
		if d := k.at().Sub(at); d <= -time.Millisecond || d >= time.Millisecond {
			t.Fatalf("the key's time is %v off", d)
		}
		later := recordKey(key, at.Add(2*time.Millisecond))
		if later <= k {
			t.Fatalf("%q does not sort after %q", later, k)
		}
	})
	// Many messages of one transaction get places of their own.
	at, seen := time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC), map[tid]bool{}
	for i := range 200 {
		seen[recordKey(strings.Repeat("k", i+1), at)] = true
	}
	if len(seen) != 200 {
		t.Errorf("%d places for 200 messages", len(seen))
	}
}

func TestURI(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"at://did:plc:2lgfizcz6pezc4f6fw4urxae/app.bsky.feed.post/3n2wcgxuap22v",
		"at://did:web:localhost%3A1234/app.bsky.actor.profile/self",
		"at://did:plc:x/a.b.c/a:b~c_d-e.f",
	} {
		if u, ok := parseURI(s); !ok || u.String() != s {
			t.Errorf("%q: %+v %v", s, u, ok)
		}
	}
	for _, s := range []string{
		"", "at://", "at://alice.test/app.bsky.feed.post/x", "at://did:plc:x/app.bsky.feed.post",
		"at://did:plc:x/app.bsky.feed.post/x/y", "at://did:plc:x/post/x", "at://did:plc:x/app.bsky.feed.post/..",
		"at://did:plc:x/app.bsky.feed.post/a b", "https://did:plc:x/a.b.c/d", "at://did:plc:x/a.b.c/d?e", "at://did:plc:x/a.b.c/d#e",
	} {
		if u, ok := parseURI(s); ok {
			t.Errorf("%q was read as %+v", s, u)
		}
	}
}

func TestHandle(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"alice.bsky.social": "alice.bsky.social", "@Alice.Bsky.Social": "alice.bsky.social",
		" \u202a@alice.test\u202c ": "alice.test", "xn--ls8h.test": "xn--ls8h.test",
	} {
		if got, ok := parseHandle(in); !ok || got != want {
			t.Errorf("%q: %q %v", in, got, ok)
		}
	}
	for _, in := range []string{"", "@", "alice", "alice..test", "-a.test", "a.test.", "a.1", "127.0.0.1", "a_b.test", "ali ce.test", "https://a.test", "a.test/x", strings.Repeat("a.", 130) + "test"} {
		if got, ok := parseHandle(in); ok {
			t.Errorf("%q was read as %q", in, got)
		}
	}
}

func TestSpans(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"niente di speciale":                           nil,
		"vedi https://example.org/a?b=c&d=e#f fine":    {"https://example.org/a?b=c&d=e#f"},
		"(https://it.wikipedia.org/wiki/Pane_(cibo)).": {"https://it.wikipedia.org/wiki/Pane_(cibo)"},
		"«https://example.org/è»":                      {"https://example.org/è"},
		"HTTPS://Example.org!":                         {"HTTPS://Example.org"},
		"www.ceramichearno.it, poi":                    {"www.ceramichearno.it"},
		"ceramichearno.it/negozio?x=1.":                {"ceramichearno.it/negozio?x=1"},
		"scrivi a info@ceramichearno.it":               nil,
		"versione 1.2.3 e ore 12.30":                   nil,
		"file.txt e a.b":                               nil,
		"fine.Poi altro":                               nil,
		"https://":                                     nil,
		"grazie @ada.bsky.social!":                     {"@ada.bsky.social"},
		"@ada e @ada.":                                 nil,
		"mail@ada.test":                                nil,
		"#pane #2026 #pane2026, ＃forno":                {"#pane", "#pane2026", "＃forno"},
		"#città-di-pane. #!":                           {"#città-di-pane"},
		"👩‍👩‍👧 #è @ada.test https://x.org":             {"#è", "@ada.test", "https://x.org"},
	} {
		var got []string
		for _, s := range spans(text) {
			got = append(got, text[s.start:s.end])
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// checkSpans checks that every range covers exactly what it names.
func checkSpans(t interface{ Fatalf(string, ...any) }, text string) {
	text = strings.ToValidUTF8(text, "\uFFFD") // as compose does
	end := 0
	for _, s := range spans(text) {
		if s.start < end || s.end <= s.start || s.end > len(text) {
			t.Fatalf("range %d-%d after %d in %d bytes of %q", s.start, s.end, end, len(text), text)
		}
		end = s.end
		if !border(text, s.start) || !border(text, s.end) {
			t.Fatalf("range %d-%d cuts a character of %q", s.start, s.end, text)
		}
		part := text[s.start:s.end]
		switch s.kind {
		case featureLink:
			if part != s.value && "https://"+part != s.value {
				t.Fatalf("link %q covers %q", s.value, part)
			}
		case featureMention:
			if !strings.EqualFold(part, "@"+s.value) {
				t.Fatalf("mention %q covers %q", s.value, part)
			}
		case featureTag:
			if part != "#"+s.value && part != "＃"+s.value {
				t.Fatalf("tag %q covers %q", s.value, part)
			}
		default:
			t.Fatalf("kind %q", s.kind)
		}
	}
}

func TestSpansCoverWhatTheyName(t *testing.T) {
	t.Parallel()
	piece := rapid.SampledFrom([]string{
		" ", "\n", "a", "è", "👩‍👩‍👧", "(", ")", ".", ",", "…", "»", "@ada.test", "@Bob.Example.com", "#pane", "＃è", "#1",
		"https://example.org/a(b)", "http://x", "www.example.it", "example.com", "@", "#", "\u202e", "한국", "\xff",
	})
	rapid.Check(t, func(t *rapid.T) {
		checkSpans(t, strings.Join(rapid.SliceOfN(piece, 0, 30).Draw(t, "pieces"), ""))
	})
}

func FuzzSpans(f *testing.F) {
	f.Add("ciao @ada.test, vedi https://example.org/a_(b). #pane www.x.it ＃é\xff")
	f.Fuzz(func(t *testing.T, text string) { checkSpans(t, text) })
}

func TestPlainText(t *testing.T) {
	t.Parallel()
	link := func(text, shown, uri string) post {
		i := strings.Index(text, shown)
		return post{Text: text, Facets: []facet{{Index: byteRange{i, i + len(shown)}, Features: []feature{{Type: featureLink, URI: uri}}}}}
	}
	card := link("Novità:", "Novità:", "")
	card.Facets, card.Embed = nil, &embed{Type: embedExternal, External: "https://example.org/news"}
	same := link("vedi https://example.org/news", "https://example.org/news", "https://example.org/news")
	same.Embed = card.Embed
	for want, p := range map[string]post{
		"è qui https://example.org/a/very/long/path ok": link("è qui example.org/a/ve... ok", "example.org/a/ve...", "https://example.org/a/very/long/path"),
		"è qui https://www.example.org/long":            link("è qui example.org/lo…", "example.org/lo…", "https://www.example.org/long"),
		"example.org":                                   link("example.org", "example.org", "https://example.org/"),
		"clicca qui (https://example.org/x) ora":        link("clicca qui ora", "clicca qui", "https://example.org/x"),
		"bank.example (https://evil.example)":           link("bank.example", "bank.example", "https://evil.example"),
		"nulla":                                         link("nulla", "nulla", "javascript:alert(1)"),
		"Novità:\nhttps://example.org/news":             card,
		"vedi https://example.org/news":                 same,
	} {
		if got := plainText(p); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func FuzzRecord(f *testing.F) {
	f.Add([]byte(`{"$type":"app.bsky.feed.post","text":"è x.org/a...","facets":[{"index":{"byteStart":3,"byteEnd":13},"features":[{"$type":"app.bsky.richtext.facet#link","uri":"https://x.org/abc"}]}],"langs":["it"],"createdAt":"2026-11-22T19:01:13.000Z"}`))
	f.Add([]byte(`{"$type":"app.bsky.feed.post","text":"x","embed":{"$type":"app.bsky.embed.recordWithMedia","record":{"record":{"uri":"at://did:plc:a/b.c.d/e","cid":"x"}},"media":{"$type":"app.bsky.embed.images","images":[{"alt":"a","image":{"ref":{"$link":"b"}},"aspectRatio":{"width":1,"height":2}}]}},"labels":{"values":[{"val":"porn"}]}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		cl := &client{c: &Connector{web: "https://bsky.app"}, did: "did:plc:us"}
		u := atURI{DID: "did:plc:a", Collection: collectionPost, Key: "k"}
		it, ok := cl.item(source{uri: u, cid: "c", author: profileView{DID: u.DID}, record: raw, home: "https://pds.example"})
		if !ok {
			return
		}
		if it.Kind == "" || it.RemoteID != u.String() {
			t.Fatalf("%+v", it)
		}
		p, _ := parsePost(raw)
		for _, f := range usable(p) {
			if f.Index.End > len(p.Text) || !border(p.Text, f.Index.Start) || !border(p.Text, f.Index.End) {
				t.Fatalf("facet %+v of %q", f, p.Text)
			}
		}
		if utf8.ValidString(p.Text) && !utf8.ValidString(it.Text) {
			t.Fatalf("%q became %q", p.Text, it.Text)
		}
	})
}

func FuzzURI(f *testing.F) {
	f.Add("at://did:plc:2lgfizcz6pezc4f6fw4urxae/app.bsky.feed.post/3n2wcgxuap22v")
	f.Fuzz(func(t *testing.T, s string) {
		if u, ok := parseURI(s); ok && u.String() != s {
			t.Fatalf("%q became %q", s, u)
		}
	})
}

func FuzzTID(f *testing.F) {
	f.Add("3jzfcijpj2z2a")
	f.Fuzz(func(t *testing.T, s string) {
		k, ok := parseTID(s)
		if !ok || digit(s[0]) > 7 {
			return // the syntax allows the topmost bit, which no time before the year 287396 needs
		}
		var clock uint16
		for _, c := range []byte(s[len(s)-2:]) {
			clock = clock<<5 | uint16(digit(c))
		}
		if again := makeTID(k.at(), clock); again != k {
			t.Fatalf("%q became %q", k, again)
		}
	})
}

func FuzzCursor(f *testing.F) {
	f.Add(cursor{Version: cursorVersion, Notified: list{Begun: true, Seen: hashOf("a", "b"), Run: &run{Next: "x"}}}.String())
	f.Fuzz(func(t *testing.T, s string) {
		c, err := parseCursor(s)
		if err != nil {
			return
		}
		again, err := parseCursor(c.String())
		if err != nil {
			t.Fatalf("%q cannot be read again: %v", c.String(), err)
		}
		if again.String() != c.String() {
			t.Fatalf("%q became %q", c.String(), again.String())
		}
	})
}

func TestRecordIsTheSameBytes(t *testing.T) {
	t.Parallel()
	p := post{Type: collectionPost, Text: "è <b> & 👩‍👩‍👧", CreatedAt: formatTime(time.Date(2026, 1, 2, 3, 4, 5, 6789000, time.UTC)), Langs: []string{"it"}}
	b, err := json.Marshal(putRecord{Repo: "did:plc:x", Collection: collectionPost, Key: "k", Record: p})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"repo":"did:plc:x","collection":"app.bsky.feed.post","rkey":"k","record":{"$type":"app.bsky.feed.post","text":"è \u003cb\u003e \u0026 👩‍👩‍👧","langs":["it"],"createdAt":"2026-01-02T03:04:05.006789Z"},"swapRecord":null}`
	if string(b) != want {
		t.Errorf("%s\nwant\n%s", b, want)
	}
}
