package adapt_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ponte-desk/ponte/internal/adapt"
)

// nasty are pieces of texts that break what is careless.
var nasty = []string{
	"ciao", "Perché", "perche\u0301", "l’azienda", "S.p.A.", "dott. Rossi", "ecc.", "3.500", "1.", "p.es.", "e.g.", "a.C.",
	"👨‍👩‍👧‍👦", "👍🏽", "🇮🇹", "🇽🇽", "1️⃣", "❤️‍🔥", "👩‍🐶", "🐶🏽", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "©", "☺", "☺️", "\u200d", "\ufe0f", "\u20e3",
	"مرحبا", "\u202eשלום\u202c", "ไทย", "한국어", "故人西辞黄鹤楼，烟花三月下扬州。", "ひらがな。カタカナ", "z\u0335\u0336\u0337\u0338",
	"https://example.org", "https://example.org/a/b?c=d&e=f#g,", "(https://it.wikipedia.org/wiki/Ponte_(arco))", "https://a.it.", "http://例え.jp/あ",
	"example.org/path", "arno.it", "xhttps://a.it", "info@arno.it", "@ada@example.org", "@ada", "a@b@c", "t.co/abc", "https://t.co/abc/def", "_a.it", "a_b.com",
	"#ceramica", "#è_bello", "#1", "##a", "#", "&#39;", "**", "*", "***", "**a", "a**", "*b*", "**c**", "[x](https://a.it)", "[x](y)", "@[Ada](per_1)", "@[", "](", "[", ")",
	"\"", "«", "»", "“", "”", "'", "—", "…", "!?", ".", ";", ",", "{", "}", "|", "\\", "~", "<b>", "&amp;", "\u00a0", "\u200b", "\u2028",
	strings.Repeat("lunghissimo", 12), strings.Repeat("字", 40), strings.Repeat("e\u0301", 30),
}

var between = []string{" ", " ", " ", " ", " ", " ", ". ", "! ", ", ", "\n", "\n\n", "\n\n\n", "", " «", "» ", "\t", "  "}

// nastyText draws a text made of them; glued: pieces may touch each other.
func nastyText(t *rapid.T, glued bool) string {
	n := rapid.IntRange(0, 90).Draw(t, "n")
	var b strings.Builder
	for range n {
		b.WriteString(rapid.SampledFrom(nasty).Draw(t, "piece"))
		space := rapid.SampledFrom(between).Draw(t, "space")
		if space == "" && !glued {
			space = " "
		}
		b.WriteString(space)
	}
	return b.String()
}

var number = regexp.MustCompile(` \((\d+)/(\d+)\)$`)

// unspaced leaves out what is space.
func unspaced(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

// failer is what checks need of *testing.T and *rapid.T.
type failer interface {
	Helper()
	Fatalf(string, ...any)
}

// checkParts holds a variant against the laws that every variant keeps.
func checkParts(t failer, m adapt.Message, target adapt.Target, v adapt.Variant) {
	t.Helper()
	rules := adapt.RulesOf(target.Network)
	for i, p := range v.Parts {
		if !utf8.ValidString(p.Text) || !utf8.ValidString(p.Markup) {
			t.Fatalf("part %d is not valid UTF-8: %q", i, p.Text)
		}
		used, limit := adapt.Measure(target.Network, p.Text, target.Max)
		if p.Warning != "" {
			w, _ := adapt.Measure(target.Network, p.Warning, 0)
			used += w
		}
		if rules.Caption > 0 && len(p.Media) > 0 {
			limit = min(limit, rules.Caption)
		}
		if used != p.Length {
			t.Fatalf("part %d is %d long and says %d: %q", i, used, p.Length, p.Text)
		}
		if over := limit > 0 && used > limit || rules.Bytes > 0 && len(p.Text) > rules.Bytes; over && !v.Refused() {
			t.Fatalf("part %d has %d of %d, %d bytes, and is not refused: %q", i, used, limit, len(p.Text), p.Text)
		}
		if p.Limit != limit {
			t.Fatalf("part %d says limit %d of %d", i, p.Limit, limit)
		}
		checkFacets(t, p, rules.FacetUnit)
	}
	if again := adapt.Fit(m, target); cmp.Diff(v, again) != "" {
		t.Fatalf("twice the same is not the same: %s", cmp.Diff(v, again))
	}
}

// checkFacets makes sure that each facet covers exactly what it names.
func checkFacets(t failer, p adapt.Part, unit adapt.Unit) {
	t.Helper()
	length := len(p.Text)
	if unit == adapt.UTF16 {
		length = 0
		for _, r := range p.Text {
			length++
			if r > 0xffff {
				length++
			}
		}
	}
	last := 0
	for _, f := range p.Facets {
		if f.Start < last || f.Start >= f.End || f.End > length {
			t.Fatalf("facet %+v of %d in %q", f, length, p.Text)
		}
		last = f.Start
		covered := named(p, f, unit)
		if covered != p.Covered(f) {
			t.Fatalf("facet %+v covers %q, not %q", f, covered, p.Covered(f))
		}
		if !utf8.ValidString(covered) || strings.ContainsRune(covered, utf8.RuneError) && !strings.ContainsRune(p.Text, utf8.RuneError) {
			t.Fatalf("facet %+v cuts a character: %q", f, covered)
		}
		switch f.Kind {
		case adapt.FacetTag:
			if covered != "#"+f.Value {
				t.Fatalf("tag %q covers %q", f.Value, covered)
			}
		case adapt.FacetMention:
			if covered != "@"+f.Value && !strings.HasPrefix(f.Value, "urn:") {
				t.Fatalf("mention %q covers %q", f.Value, covered)
			}
		case adapt.FacetLink:
			if f.Value == "" || strings.ContainsAny(f.Value, " \n") {
				t.Fatalf("link %+v", f)
			}
			if strings.HasPrefix(covered, "https://") && covered != f.Value {
				t.Fatalf("link to %q covers %q", f.Value, covered)
			}
		}
	}
}

func drawTarget(t *rapid.T) adapt.Target {
	target := adapt.Target{
		Network:   rapid.SampledFrom(adapt.Networks()).Draw(t, "network"),
		Numbering: rapid.Bool().Draw(t, "numbering"),
		Tags:      adapt.Inline,
	}
	switch rapid.IntRange(0, 3).Draw(t, "max") {
	case 0:
		target.Max = rapid.IntRange(310, 900).Draw(t, "own")
	case 1:
		if target.Network != adapt.Bluesky { // which would shorten what it shows of a link
			target.Max = rapid.IntRange(150, 310).Draw(t, "small")
		}
	}
	return target
}

// No part is longer than its network allows, and together the parts hold the text: every character that is not space,
// once and in order.
func TestLawNothingIsTooLongAndNothingIsLost(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := adapt.Message{Title: "t", Text: nastyText(t, true), Plain: true, Media: []adapt.Media{{Kind: adapt.Image, Alt: "a"}}}
		if rapid.Bool().Draw(t, "warning") {
			m.Warning = "Attenzione 🔥"
		}
		target := drawTarget(t)
		v := adapt.Fit(m, target)
		checkParts(t, m, target, v)
		rules := adapt.RulesOf(target.Network)
		for _, n := range v.Notes {
			switch {
			case n.Key == "adapt.link_shortened":
				return // what is shown is not what was written
			case n.Key == "adapt.piece_too_long": // only what cannot be divided: a link
				if strings.ContainsFunc(strings.TrimSuffix(v.Parts[n.Part].Text, number.FindString(v.Parts[n.Part].Text)), unicode.IsSpace) {
					t.Fatalf("refused: %+v %q", n, v.Parts[n.Part].Text)
				}
			case n.Level == adapt.Refuse && rules.Thread && n.Key != "adapt.too_many_links" && n.Key != "adapt.empty":
				t.Fatalf("refused: %+v", n)
			}
		}
		var got strings.Builder
		for i, p := range v.Parts {
			text := p.Text
			if target.Numbering && len(v.Parts) > 1 {
				at := number.FindStringSubmatchIndex(text)
				if at == nil {
					if !has(v, "adapt.no_numbers") {
						t.Fatalf("part %d has no number: %q", i, text)
					}
				} else {
					if want := fmt.Sprintf(" (%d/%d)", i+1, len(v.Parts)); text[at[0]:] != want {
						t.Fatalf("part %d says %q, want %q", i, text[at[0]:], want)
					}
					text = text[:at[0]]
				}
			}
			if text != strings.TrimSpace(text) || text == "" && len(v.Parts) > 1 {
				t.Fatalf("space at the ends of part %d: %q", i, text)
			}
			got.WriteString(text)
		}
		want := m.Text
		if m.Warning != "" && !rules.Warning {
			want = m.Warning + want
		}
		if g, w := unspaced(got.String()), unspaced(want); g != w {
			t.Fatalf("the parts hold\n%q\nnot\n%q", g, w)
		}
	})
}

// A word that fits into a part is in one part.
func TestLawWordsStayWhole(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var words []string
		for range rapid.IntRange(1, 250).Draw(t, "n") {
			w := rapid.StringMatching(`[a-zàèéìòù]{1,14}[.!?,;:]?`).Draw(t, "word")
			if rapid.IntRange(0, 15).Draw(t, "link") == 0 {
				w = "https://example.org/" + w
			}
			words = append(words, w)
		}
		target := drawTarget(t)
		v := adapt.Fit(adapt.Message{Title: "t", Text: strings.Join(words, " ")}, target)
		var got []string
		for _, p := range v.Parts {
			got = append(got, strings.Fields(number.ReplaceAllString(p.Text, ""))...)
		}
		if diff := cmp.Diff(words, got); diff != "" {
			t.Fatalf("%s", diff)
		}
	})
}

// The text of a single part, fitted again, is the same.
func TestLawFittingTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		target := drawTarget(t)
		target.Tags = rapid.SampledFrom([]adapt.TagHabit{adapt.AsUsual, adapt.Inline, adapt.AtEnd, adapt.NoTags}).Draw(t, "habit")
		target.UTM = rapid.SampledFrom([]*adapt.UTM{nil, {Campaign: "x y"}}).Draw(t, "utm")
		target.Footer = rapid.SampledFrom([]string{"", "Ceramiche Arno"}).Draw(t, "footer")
		target.ExtraTags = rapid.SampledFrom([][]string{nil, {"arte", "ceramica"}}).Draw(t, "extra")
		v := adapt.Fit(adapt.Message{Title: "t", Text: nastyText(t, false)}, target)
		if len(v.Parts) > 1 {
			return
		}
		again := adapt.Fit(adapt.Message{Title: "t", Text: v.Parts[0].Text, Plain: true}, target)
		if len(again.Parts) != 1 || again.Parts[0].Text != v.Parts[0].Text || again.Parts[0].Length != v.Parts[0].Length && target.Network != adapt.LinkedIn {
			t.Fatalf("first\n%q\nthen\n%q", v.Parts[0].Text, texts(again))
		}
	})
}

// Marks are written for each network so that the words are kept and facets cover what they name.
func TestLawMarks(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var src, want strings.Builder
		target := drawTarget(t)
		target.Handle = func(id string) (string, bool) { return id + ".example.org", id != "per_none" }
		rules := adapt.RulesOf(target.Network)
		links := 0
		for i := range rapid.IntRange(1, 60).Draw(t, "n") {
			if i > 0 {
				src.WriteString(" ")
			}
			w := rapid.SampledFrom([]string{"parola", "Fine.", "🎉", "故人", "più", "e\u0301"}).Draw(t, "word")
			switch rapid.IntRange(0, 6).Draw(t, "mark") {
			case 0:
				src.WriteString("**" + w + "**")
				want.WriteString(w)
			case 1:
				src.WriteString("*" + w + " e*")
				want.WriteString(w + "e")
			case 2:
				src.WriteString("[" + w + " qui](https://a.it/b)")
				want.WriteString(w + "qui")
				links++
				if !rules.NamedLinks && (rules.Clickable || !rules.Card || links > 1) { // the first is on the button
					want.WriteString("(https://a.it/b)")
				}
			case 3:
				id := rapid.SampledFrom([]string{"per_a", "per_none"}).Draw(t, "id")
				src.WriteString("@[Ada Rossi](" + id + ")")
				if rules.Mentions && id == "per_a" && rules.Network != adapt.LinkedIn {
					want.WriteString("@per_a.example.org")
				} else {
					want.WriteString("AdaRossi")
				}
			case 4:
				src.WriteString("#ceramica")
				want.WriteString("#ceramica")
			default:
				src.WriteString(w)
				want.WriteString(w)
			}
		}
		m := adapt.Message{Title: "t", Text: src.String()}
		v := adapt.Fit(m, target)
		checkParts(t, m, target, v)
		var got strings.Builder
		for _, p := range v.Parts {
			got.WriteString(number.ReplaceAllString(p.Text, ""))
		}
		if g, w := unspaced(got.String()), unspaced(want.String()); g != w {
			t.Fatalf("of %q\n got %q\nwant %q", src.String(), g, w)
		}
	})
}

func FuzzFit(f *testing.F) {
	for i := range 20 {
		r := rand.New(rand.NewPCG(uint64(i), 1))
		var b strings.Builder
		for range 30 {
			b.WriteString(nasty[r.IntN(len(nasty))] + between[r.IntN(len(between))])
		}
		f.Add(b.String(), uint8(i), uint16(100*i), i%2 == 0)
	}
	f.Fuzz(func(t *testing.T, text string, network uint8, limit uint16, plain bool) {
		if len(text) > 20_000 {
			return
		}
		target := adapt.Target{Network: adapt.Networks()[int(network)%len(adapt.Networks())], Max: int(limit), Numbering: plain, UTM: &adapt.UTM{Campaign: "x"}}
		m := adapt.Message{Text: text, Plain: plain, Title: "t"}
		checkParts(t, m, target, adapt.Fit(m, target))
	})
}
