package adapt_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/ponte-desk/ponte/internal/adapt"
)

// texts are the texts of a variant's parts.
func texts(v adapt.Variant) (all []string) {
	for _, p := range v.Parts {
		all = append(all, p.Text)
	}
	return all
}

// has tells whether a variant has a note of a key.
func has(v adapt.Variant, key string) bool {
	return slices.ContainsFunc(v.Notes, func(n adapt.Note) bool { return n.Key == key })
}

// named gives what a facet covers.
func named(p adapt.Part, f adapt.Facet, unit adapt.Unit) string {
	if unit == adapt.UTF16 {
		return string(utf16.Decode(utf16.Encode([]rune(p.Text))[f.Start:f.End]))
	}
	return p.Text[f.Start:f.End]
}

// said writes the facets of a part as kind, covered text, value.
func said(p adapt.Part, n adapt.Network) (all []string) {
	for _, f := range p.Facets {
		all = append(all, fmt.Sprintf("%s %q %s", f.Kind, named(p, f, adapt.RulesOf(n).FacetUnit), f.Value))
	}
	return all
}

func handles(id string) (string, bool) {
	h, ok := map[string]string{"per_ada": "ada@example.org", "per_bob": "bob.bsky.social", "per_li": "urn:li:person:abc", "per_tg": "tg://user?id=5"}[id]
	return h, ok
}

func TestMarks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, text, html string }{
		{"none", "a b", "a b", "<p>a b</p>"},
		{"bold", "a **b c** d", "a b c d", "<p>a <strong>b c</strong> d</p>"},
		{"italic", "*a* b", "a b", "<p><em>a</em> b</p>"},
		{"both", "***a***", "a", "<p><strong><em>a</em></strong></p>"},
		{"nested", "**a *b* c**", "a b c", "<p><strong>a <em>b</em> c</strong></p>"},
		{"crossing stays", "**a *b** c*", "**a *b** c*", "<p>**a *b** c*</p>"},
		{"open stays", "**a b", "**a b", "<p>**a b</p>"},
		{"in a word stays", "2*3*4 a**b**c", "2*3*4 a**b**c", "<p>2*3*4 a**b**c</p>"},
		{"with spaces stays", "2 * 3 * 4", "2 * 3 * 4", "<p>2 * 3 * 4</p>"},
		{"too many stay", "****a****", "****a****", "<p>****a****</p>"},
		{"not over paragraphs", "**a\n\nb**", "**a\n\nb**", "<p>**a</p>\n<p>b**</p>"},
		{"over lines", "**a\nb**", "a\nb", "<p><strong>a<br>\nb</strong></p>"},
		{"link", "leggi [la guida](https://a.it/g) ora", "leggi la guida ora", `<p>leggi <a href="https://a.it/g">la guida</a> ora</p>`},
		{"link with brackets", "[Ponte](https://a.it/P_(b))", "Ponte", `<p><a href="https://a.it/P_(b)">Ponte</a></p>`},
		{"bold link", "**[a](https://a.it)**", "a", `<p><strong><a href="https://a.it">a</a></strong></p>`},
		{"bare link", "vedi https://a.it/b?c=1&d=2.", "vedi https://a.it/b?c=1&d=2.", `<p>vedi <a href="https://a.it/b?c=1&amp;d=2">https://a.it/b?c=1&amp;d=2</a>.</p>`},
		{"host alone", "vedi arno.it, poi", "vedi arno.it, poi", `<p>vedi <a href="https://arno.it">arno.it</a>, poi</p>`},
		{"mail address is no link", "scrivi a info@arno.it", "scrivi a info@arno.it", "<p>scrivi a info@arno.it</p>"},
		{"no link to a script", "[a](javascript:x)", "[a](javascript:x)", "<p>[a](javascript:x)</p>"},
		{"person", "grazie a @[Ada Rossi](per_ada)!", "grazie a Ada Rossi!", "<p>grazie a Ada Rossi!</p>"},
		{"tag", "la nostra #ceramica.", "la nostra ceramica.", "<p>la nostra ceramica.</p>"},
		{"number is no tag", "il #1 di #5stelle", "il #1 di 5stelle", "<p>il #1 di 5stelle</p>"},
		{"escaped", "a < b & c", "a < b & c", "<p>a &lt; b &amp; c</p>"},
		{"spaces and ends", " a \r\n\r\n\r\n\r\nb\t\x00c ", "a\n\nb c", "<p>a</p>\n<p>b c</p>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			v := adapt.Fit(adapt.Message{Title: "t", Text: c.in}, adapt.Target{Network: adapt.Site})
			if len(v.Parts) != 1 || v.Parts[0].Text != c.text || v.Parts[0].Markup != c.html {
				t.Errorf("text %q\nhtml %s\nwant %q\n     %s", v.Parts[0].Text, v.Parts[0].Markup, c.text, c.html)
			}
		})
	}
}

func TestMarkdown(t *testing.T) {
	t.Parallel()
	m := adapt.Message{Title: "t", Text: "# no\n1. **a_b** [c](https://a.it) *d*\n- x\n\nfine"}
	v := adapt.Fit(m, adapt.Target{Network: adapt.Site, Markup: adapt.Markdown})
	want := "\\# no\\\n1\\. **a\\_b** [c](<https://a.it>) *d*\\\n\\- x\n\nfine"
	if v.Parts[0].Markup != want {
		t.Errorf("got\n%s\nwant\n%s", v.Parts[0].Markup, want)
	}
}

func TestFacets(t *testing.T) {
	t.Parallel()
	text := "🎉 **Ciao** @[Ada](per_ada) e @[Bob](per_bob): [la *guida*](https://a.it/g), https://b.it e #ceramica"
	for _, c := range []struct {
		n    adapt.Network
		text string
		want []string
	}{
		{adapt.Bluesky, "🎉 Ciao @ada@example.org e @bob.bsky.social: la *guida*, https://b.it e #ceramica", []string{
			`mention "@ada@example.org" ada@example.org`, `mention "@bob.bsky.social" bob.bsky.social`, `link "la *guida*" https://a.it/g`, `link "https://b.it" https://b.it`, `tag "#ceramica" ceramica`,
		}},
		{adapt.Telegram, "🎉 Ciao @ada@example.org e @bob.bsky.social: la *guida*, https://b.it e #ceramica", []string{
			`bold "Ciao" `, `mention "@ada@example.org" ada@example.org`, `mention "@bob.bsky.social" bob.bsky.social`, `link "la *guida*" https://a.it/g`, `link "https://b.it" https://b.it`, `tag "#ceramica" ceramica`,
		}},
		{adapt.Mastodon, "🎉 Ciao @ada@example.org e @bob.bsky.social: la *guida* (https://a.it/g), https://b.it e #ceramica", []string{
			`mention "@ada@example.org" ada@example.org`, `mention "@bob.bsky.social" bob.bsky.social`, `link "https://a.it/g" https://a.it/g`, `link "https://b.it" https://b.it`, `tag "#ceramica" ceramica`,
		}},
	} {
		v := adapt.Fit(adapt.Message{Text: text}, adapt.Target{Network: c.n, Handle: handles})
		if v.Parts[0].Text != c.text {
			t.Errorf("%s: %q", c.n, v.Parts[0].Text)
		}
		if diff := cmp.Diff(c.want, said(v.Parts[0], c.n)); diff != "" {
			t.Errorf("%s: %s", c.n, diff)
		}
	}
}

func TestPeople(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n       adapt.Network
		id      string
		text    string
		markup  string
		unknown bool
	}{
		{adapt.Mastodon, "per_ada", "Grazie @ada@example.org!", "", false},
		{adapt.Mastodon, "per_nobody", "Grazie Ada Rossi!", "", true},
		{adapt.Mastodon, "per_li", "Grazie Ada Rossi!", "", true},
		{adapt.LinkedIn, "per_li", "Grazie Ada Rossi!", `Grazie @[Ada Rossi](urn:li:person:abc)!`, false},
		{adapt.LinkedIn, "per_ada", "Grazie Ada Rossi!", "", true},
		{adapt.Telegram, "per_tg", "Grazie Ada Rossi!", "", false},
		{adapt.Site, "per_ada", "Grazie Ada Rossi!", "<p>Grazie Ada Rossi!</p>", false},
		{adapt.Google, "per_ada", "Grazie Ada Rossi!", "", false},
	} {
		v := adapt.Fit(adapt.Message{Title: "t", Text: "Grazie @[Ada Rossi](" + c.id + ")!"}, adapt.Target{Network: c.n, Handle: handles})
		p := v.Parts[0]
		if p.Text != c.text || p.Markup != c.markup || has(v, "adapt.person_unknown") != c.unknown {
			t.Errorf("%s, %s: %q %q %+v", c.n, c.id, p.Text, p.Markup, v.Notes)
		}
	}
}

func TestLittleText(t *testing.T) {
	t.Parallel()
	v := adapt.Fit(adapt.Message{Text: "Il #forno (1.200 °C) è {pronto}: a_b * c | d \\ e <f> ~\n\n#ceramica"}, adapt.Target{Network: adapt.LinkedIn})
	p := v.Parts[0]
	if want := "Il forno (1.200 °C) è {pronto}: a_b * c | d \\ e <f> ~\n\n#forno #ceramica"; p.Text != want {
		t.Errorf("text %q", p.Text)
	}
	want := `Il forno \(1.200 °C\) è \{pronto\}: a\_b \* c \| d \\ e \<f\> \~` + "\n\n#forno #ceramica"
	if p.Markup != want {
		t.Errorf("little %q\nwant   %q", p.Markup, want)
	}
	if p.Length != len([]rune(want)) {
		t.Errorf("length %d of %d", p.Length, len([]rune(want)))
	}
}

func TestTags(t *testing.T) {
	t.Parallel()
	text := "La #Ceramica di #Firenze è viva. #Ceramica\n\n#arte #artigianato"
	for _, c := range []struct {
		name  string
		n     adapt.Network
		habit adapt.TagHabit
		extra []string
		text  string
		apart []string
		left  bool
	}{
		{"inline", adapt.Mastodon, "", nil, text, nil, false},
		{"inline, more", adapt.Mastodon, "", []string{"#toscana", "ARTE"}, text + " #toscana", nil, false},
		{"end", adapt.Instagram, "", nil, "La Ceramica di Firenze è viva. Ceramica\n\n#Ceramica #Firenze #arte #artigianato", nil, false},
		{"end, asked for", adapt.Bluesky, adapt.AtEnd, []string{"toscana"}, "La Ceramica di Firenze è viva. Ceramica\n\n#Ceramica #Firenze #arte #artigianato #toscana", nil, false},
		{"none", adapt.Google, "", nil, "La Ceramica di Firenze è viva. Ceramica", nil, true},
		{"none, a field", adapt.Site, "", nil, "La Ceramica di Firenze è viva. Ceramica", []string{"Ceramica", "Firenze", "arte", "artigianato"}, false},
		{"one only", adapt.Threads, "", []string{"toscana"}, text, nil, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			v := adapt.Fit(adapt.Message{Title: "t", Text: text}, adapt.Target{Network: c.n, Tags: c.habit, ExtraTags: c.extra})
			p := v.Parts[0]
			if p.Text != c.text || !slices.Equal(p.Tags, c.apart) || has(v, "adapt.tags_left") != c.left {
				t.Errorf("%q %v %+v", p.Text, p.Tags, v.Notes)
			}
		})
	}
	long := "#" + strings.Repeat("a", 65)
	if v := adapt.Fit(adapt.Message{Text: "Ciao " + long}, adapt.Target{Network: adapt.Bluesky}); v.Parts[0].Text != "Ciao "+long || len(v.Parts[0].Facets) != 0 {
		t.Errorf("a tag that is too long is text: %+v", v.Parts[0])
	}
	many := strings.Builder{}
	for i := range 35 {
		fmt.Fprintf(&many, " #tag%d", i)
	}
	v := adapt.Fit(adapt.Message{Text: "Ciao." + "\n\n" + many.String(), Media: []adapt.Media{{Alt: "a"}}}, adapt.Target{Network: adapt.Instagram})
	if n := strings.Count(v.Parts[0].Text, "#"); n != 30 || !has(v, "adapt.tags_left") || v.Refused() {
		t.Errorf("%d tags, %+v", n, v.Notes)
	}
}

func TestUTM(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{
		{"https://a.it", "https://a.it/?utm_source=mastodon&utm_medium=social&utm_campaign=autunno+26"},
		{"https://a.it/b?c=1", "https://a.it/b?c=1&utm_source=mastodon&utm_medium=social&utm_campaign=autunno+26"},
		{"https://a.it/b?c=1&", "https://a.it/b?c=1&utm_source=mastodon&utm_medium=social&utm_campaign=autunno+26"},
		{"https://a.it/b#c", "https://a.it/b?utm_source=mastodon&utm_medium=social&utm_campaign=autunno+26#c"},
		{"https://a.it/?utm_campaign=x&UTM_Source=y", "https://a.it/?utm_campaign=x&UTM_Source=y&utm_medium=social"},
		{"https://a.it/?utm%5Fsource=y&utm_medium=z&utm_campaign=", "https://a.it/?utm%5Fsource=y&utm_medium=z&utm_campaign="},
		{"https://shop.a.it/", "https://shop.a.it/?utm_source=mastodon&utm_medium=social&utm_campaign=autunno+26"},
		{"https://nota.it/", "https://nota.it/"},
	} {
		target := adapt.Target{Network: adapt.Mastodon, UTM: &adapt.UTM{Campaign: "autunno 26", Hosts: []string{"a.it"}}}
		v := adapt.Fit(adapt.Message{Text: "Vedi " + c.in}, target)
		if got := strings.TrimPrefix(v.Parts[0].Text, "Vedi "); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.in, got, c.want)
		}
		again := adapt.Fit(adapt.Message{Text: v.Parts[0].Text}, target)
		if again.Parts[0].Text != v.Parts[0].Text {
			t.Errorf("twice: %s", again.Parts[0].Text)
		}
	}
	short := func(string) string { return "https://p.it/x1" }
	v := adapt.Fit(adapt.Message{Text: "[qui](https://a.it/b)"}, adapt.Target{Network: adapt.Bluesky, Link: short})
	if v.Parts[0].Text != "qui" || v.Parts[0].Facets[0].Value != "https://p.it/x1" || v.Parts[0].Card != "https://p.it/x1" {
		t.Errorf("shortened: %+v", v.Parts[0])
	}
	v = adapt.Fit(adapt.Message{Text: "Leggi [qui](https://a.it/b) e [là](https://a.it/c)"}, adapt.Target{Network: adapt.Google, UTM: &adapt.UTM{Campaign: "x"}})
	if v.Parts[0].Text != "Leggi qui e là (https://a.it/c)" || v.Parts[0].Card != "https://a.it/b?utm_source=google&utm_medium=social&utm_campaign=x" || !has(v, "adapt.link_on_button") {
		t.Errorf("on a button: %+v", v)
	}
	v = adapt.Fit(adapt.Message{Title: "t", Text: "https://a.it/b"}, adapt.Target{Network: adapt.Site, UTM: &adapt.UTM{Campaign: "x"}})
	if v.Parts[0].Text != "https://a.it/b" {
		t.Errorf("on one's own site: %+v", v)
	}
	v = adapt.Fit(adapt.Message{Text: "https://a.it/b", Media: []adapt.Media{{}}}, adapt.Target{Network: adapt.Instagram, UTM: &adapt.UTM{Campaign: "x"}})
	if v.Parts[0].Text != "https://a.it/b" || !has(v, "adapt.links_not_clickable") {
		t.Errorf("where links cannot be followed: %+v", v)
	}
}

func TestThreads(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		max      int
		numbered bool
		text     string
		want     []string
	}{
		{"fits", 20, true, "Uno due tre.", []string{"Uno due tre."}},
		{"paragraphs", 24, false, "Uno due tre.\n\nQuattro cinque sei.", []string{"Uno due tre.", "Quattro cinque sei."}},
		{"sentences", 24, false, "Uno due tre. Quattro cinque. Sei.", []string{"Uno due tre.", "Quattro cinque. Sei."}},
		{"numbers count", 24, true, "Uno due tre. Quattro cinque. Sei.", []string{"Uno due tre. (1/3)", "Quattro cinque. (2/3)", "Sei. (3/3)"}},
		{"titles", 32, false, "Ne parla il dott. Rossi con lei. Poi via.", []string{"Ne parla il dott. Rossi con lei.", "Poi via."}},
		{"initials", 26, false, "Un'aria di G. Verdi, bella. Fine qui.", []string{"Un'aria di G. Verdi,", "bella. Fine qui."}},
		{"ecc. in the middle", 34, false, "Vasi, piatti, ecc. ma anche tazze. Poi basta davvero.", []string{"Vasi, piatti, ecc. ma anche tazze.", "Poi basta davvero."}},
		{"ecc. at the end", 30, false, "Vasi, piatti, tazze, ecc. Tutto a mano, da sempre.", []string{"Vasi, piatti, tazze, ecc.", "Tutto a mano, da sempre."}},
		{"numbers", 30, false, "Costa 3.500 euro l'anno. Ne vale 5.000.", []string{"Costa 3.500 euro l'anno.", "Ne vale 5.000."}},
		{"a list", 26, false, "1. Il primo punto\n2. Il secondo punto", []string{"1. Il primo punto", "2. Il secondo punto"}},
		{"quotation", 40, false, "Disse: «Vengo. Aspettami.» E venne. Era tardi davvero.", []string{"Disse: «Vengo. Aspettami.» E venne.", "Era tardi davvero."}},
		{"English quotation", 44, false, "She said “Come in. Sit down.” He sat. Then it rained.", []string{"She said “Come in. Sit down.” He sat.", "Then it rained."}},
		{"lower case goes on", 40, false, "\"Perché?\" chiese la signora. Nessuno rispose.", []string{"\"Perché?\" chiese la signora.", "Nessuno rispose."}},
		{"emoji stay with their sentence", 22, false, "Che bello! 🎉🎉 Andiamo tutti.", []string{"Che bello! 🎉🎉", "Andiamo tutti."}},
		{"links are whole", 24, false, "Leggi qui https://a.it/" + strings.Repeat("b", 60) + " e poi dimmi.", []string{"Leggi qui", "https://a.it/" + strings.Repeat("b", 60), "e poi dimmi."}},
		{"a long word is torn", 10, false, "aaaaaaaaaaaaaaaaaaaaaaaa", []string{"aaaaaaaaaa", "aaaaaaaaaa", "aaaa"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			v := adapt.Fit(adapt.Message{Text: c.text}, adapt.Target{Network: adapt.Mastodon, Max: c.max, Numbering: c.numbered})
			if diff := cmp.Diff(c.want, texts(v)); diff != "" {
				t.Error(diff)
			}
			if v.Refused() {
				t.Errorf("refused: %+v", v.Notes)
			}
		})
	}
}

func TestChineseIsDividedWithoutSpaces(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("故人西辞黄鹤楼，烟花三月下扬州。孤帆远影碧空尽，唯见长江天际流。", 12)
	v := adapt.Fit(adapt.Message{Text: text}, adapt.Target{Network: adapt.X})
	if len(v.Parts) < 3 || v.Refused() || strings.Join(texts(v), "") != text {
		t.Fatalf("%d parts, %+v", len(v.Parts), v.Notes)
	}
	for _, p := range v.Parts {
		if !strings.HasSuffix(p.Text, "。") {
			t.Errorf("a part does not end with its sentence: %s", p.Text)
		}
	}
}

func TestTooLongWithoutThreads(t *testing.T) {
	t.Parallel()
	sentence := "Questa frase serve a riempire il testo fino al limite e oltre. "
	text := strings.TrimSpace(strings.Repeat(sentence, 30))
	v := adapt.Fit(adapt.Message{Text: text}, adapt.Target{Network: adapt.Google})
	if len(v.Parts) != 1 || v.Parts[0].Text != text || !v.Refused() {
		t.Fatalf("%+v", v)
	}
	n := v.Notes[0]
	if n.Key != "adapt.too_long" || n.Args["over"] != len([]rune(text))-1500 || n.Args["limit"] != 1500 {
		t.Errorf("%+v", n)
	}
	if v.Fits == "" || !strings.HasPrefix(text, v.Fits) || !strings.HasSuffix(v.Fits, "oltre.") || len([]rune(v.Fits)) > 1500 || len([]rune(v.Fits)) < 1400 {
		t.Errorf("%d: %q", len(v.Fits), v.Fits)
	}
}

func TestWarning(t *testing.T) {
	t.Parallel()
	m := adapt.Message{Text: strings.Repeat("a", 480), Warning: "Attenzione: fuoco"}
	v := adapt.Fit(m, adapt.Target{Network: adapt.Mastodon})
	if len(v.Parts) != 1 || v.Parts[0].Warning != m.Warning || v.Parts[0].Length != 497 {
		t.Errorf("%+v", v)
	}
	m.Text += " bbb ccc"
	v = adapt.Fit(m, adapt.Target{Network: adapt.Mastodon})
	if len(v.Parts) != 2 || v.Parts[1].Warning != m.Warning || v.Parts[1].Length > 500 {
		t.Errorf("the warning counts on each part: %+v", v)
	}
	v = adapt.Fit(adapt.Message{Text: "Brucia.", Warning: "Fuoco"}, adapt.Target{Network: adapt.Bluesky})
	if v.Parts[0].Text != "Fuoco\n\nBrucia." || !has(v, "adapt.warning_in_text") {
		t.Errorf("%+v", v)
	}
}

func TestTitles(t *testing.T) {
	t.Parallel()
	v := adapt.Fit(adapt.Message{Title: "Nuovi vasi", Text: "Ciao."}, adapt.Target{Network: adapt.Pinterest})
	if v.Parts[0].Title != "Nuovi vasi" {
		t.Errorf("%+v", v.Parts[0])
	}
	v = adapt.Fit(adapt.Message{Title: "Nuovi vasi", Text: "Ciao."}, adapt.Target{Network: adapt.X})
	if v.Parts[0].Title != "" || !has(v, "adapt.no_title") {
		t.Errorf("%+v", v)
	}
	v = adapt.Fit(adapt.Message{Text: "Abbiamo aperto il forno.\nE adesso?"}, adapt.Target{Network: adapt.Site})
	if v.Parts[0].Title != "Abbiamo aperto il forno" || !has(v, "adapt.title_made") || v.Refused() {
		t.Errorf("%+v", v)
	}
	v = adapt.Fit(adapt.Message{Text: "Il forno è acceso. Dopo tre giorni a mille e duecento gradi i vasi sono pronti, tutti."}, adapt.Target{Network: adapt.Mail})
	if v.Parts[0].Title != "Il forno è acceso" {
		t.Errorf("%+v", v.Parts[0].Title)
	}
	v = adapt.Fit(adapt.Message{Text: strings.Repeat("parola ", 20)}, adapt.Target{Network: adapt.Mail})
	if n := len(v.Parts[0].Title); n < 60 || n > 78 {
		t.Errorf("%q", v.Parts[0].Title)
	}
	v = adapt.Fit(adapt.Message{Title: strings.Repeat("t", 101), Text: "Ciao.", Media: []adapt.Media{{}}}, adapt.Target{Network: adapt.Pinterest})
	if !v.Refused() || !has(v, "adapt.title_too_long") {
		t.Errorf("%+v", v.Notes)
	}
}

func TestFooterIsThereOnce(t *testing.T) {
	t.Parallel()
	target := adapt.Target{Network: adapt.Mastodon, Footer: "Ceramiche Arno · arno.it"}
	v := adapt.Fit(adapt.Message{Text: "Ciao."}, target)
	if v.Parts[0].Text != "Ciao.\n\nCeramiche Arno · arno.it" {
		t.Errorf("%q", v.Parts[0].Text)
	}
	if again := adapt.Fit(adapt.Message{Text: v.Parts[0].Text}, target); again.Parts[0].Text != v.Parts[0].Text {
		t.Errorf("twice: %q", again.Parts[0].Text)
	}
}

func TestBlueskyShortensOnlyWhatItShows(t *testing.T) {
	t.Parallel()
	address := "https://example.org/" + strings.Repeat("a", 400)
	v := adapt.Fit(adapt.Message{Text: "Vedi " + address + " ora."}, adapt.Target{Network: adapt.Bluesky})
	if v.Refused() || len(v.Parts) != 1 || v.Parts[0].Facets[0].Value != address || !strings.Contains(v.Parts[0].Text, "…") || !has(v, "adapt.link_shortened") {
		t.Errorf("%+v", v)
	}
	v = adapt.Fit(adapt.Message{Text: "Vedi " + address + address + " ora."}, adapt.Target{Network: adapt.Threads})
	if !v.Refused() || !has(v, "adapt.piece_too_long") || strings.Count(strings.Join(texts(v), ""), address+address) != 1 {
		t.Errorf("a link is never cut: %+v", v)
	}
}

func TestBlueskyBytes(t *testing.T) {
	t.Parallel()
	text := strings.TrimSpace(strings.Repeat("👨‍👩‍👧‍👦 ", 140)) // 279 graphemes, 3639 bytes
	v := adapt.Fit(adapt.Message{Text: text}, adapt.Target{Network: adapt.Bluesky, Numbering: true})
	if len(v.Parts) != 2 || v.Refused() {
		t.Fatalf("%d parts %+v", len(v.Parts), v.Notes)
	}
	for _, p := range v.Parts {
		if len(p.Text) > 3000 {
			t.Errorf("%d bytes", len(p.Text))
		}
	}
}

func TestTelegramCaption(t *testing.T) {
	t.Parallel()
	text := strings.TrimSpace(strings.Repeat("Una frase lunga quanto basta, più o meno. ", 40))
	plain := adapt.Fit(adapt.Message{Text: text}, adapt.Target{Network: adapt.Telegram})
	if len(plain.Parts) != 1 || plain.Parts[0].Limit != 4096 {
		t.Errorf("%d parts", len(plain.Parts))
	}
	v := adapt.Fit(adapt.Message{Text: text, Media: []adapt.Media{{Kind: adapt.Image}}}, adapt.Target{Network: adapt.Telegram})
	if len(v.Parts) != 2 || v.Parts[0].Limit != 1024 || v.Parts[0].Length > 1024 || v.Parts[1].Limit != 4096 || !slices.Equal(v.Parts[0].Media, []int{0}) {
		t.Errorf("%+v", v.Parts)
	}
}

// A server that speaks like Mastodon counts what is typed.
func TestLiteral(t *testing.T) {
	t.Parallel()
	text := "Vedi https://example.org/" + strings.Repeat("a", 200) + " di @ada@example.org."
	for _, target := range []adapt.Target{{Network: adapt.Mastodon, Literal: true}, {Network: adapt.Fake}} {
		v := adapt.Fit(adapt.Message{Text: text}, target)
		if v.Parts[0].Length != len(text) || v.Parts[0].Unit != adapt.Typed {
			t.Errorf("%+v", v.Parts[0])
		}
	}
	if v := adapt.Fit(adapt.Message{Text: text}, adapt.Target{Network: adapt.Mastodon}); v.Parts[0].Length != 5+23+4+4+1 {
		t.Errorf("%+v", v.Parts[0])
	}
}

func TestMaxParts(t *testing.T) {
	t.Parallel()
	v := adapt.Fit(adapt.Message{Text: strings.Repeat("Una frase. ", 100)}, adapt.Target{Network: adapt.Mastodon, MaxParts: 2})
	if !v.Refused() || !has(v, "adapt.too_many_parts") {
		t.Errorf("%+v", v.Notes)
	}
}

func TestNothing(t *testing.T) {
	t.Parallel()
	for _, n := range adapt.Networks() {
		v := adapt.Fit(adapt.Message{Text: " \n "}, adapt.Target{Network: n})
		if len(v.Parts) != 1 || !v.Refused() {
			t.Errorf("%s: %+v", n, v)
		}
	}
}
