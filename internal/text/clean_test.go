package text_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"
	"pgregory.net/rapid"

	"github.com/ponte-desk/ponte/internal/text"
)

const link = ` rel="nofollow noopener noreferrer ugc" target="_blank"`

func TestCleanHTML(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want string }{
		{"plain", "a < b & c", "a &lt; b &amp; c"},
		{"kept", "<p>a<br>b</p><ul><li><em>x</em></li></ul><pre><code>y</code></pre>", "<p>a<br>b</p><ul><li><em>x</em></li></ul><pre><code>y</code></pre>"},
		{"class and style go", `<p class="x" style="color:red" id="y" onclick="z">a</p>`, "<p>a</p>"},
		{"bold and italic", "<b>a</b><i>b</i>", "<strong>a</strong><em>b</em>"},
		{"script", `a<script>alert(1)</script>b<style>p{}</style>`, "ab"},
		{"image", `a<img src="https://x.it/p.gif" onerror="alert(1)">b`, "ab"},
		{"link", `<a class="u" href="https://x.it/a?b=1&amp;c=2" rel="me" target="_top">x</a>`, `<a href="https://x.it/a?b=1&amp;c=2"` + link + `>x</a>`},
		{"javascript", `<a href="javascript:alert(1)">x</a>`, "x"},
		{"javascript hidden", "<a href=\" java\tscript:alert(1)\">x</a>", "x"},
		{"data", `<a href="data:text/html,x">x</a>`, "x"},
		{"relative", `<a href="/settings">x</a><a href="//x.it">y</a>`, "xy"},
		{"left open", "<p><em>a", "<p><em>a</em></p>"},
		{"closed too often", "a</p></div></blockquote>b", "ab"},
		{"overlapping", "<p><em>a</p>b</em>", "<p><em>a</em></p>b"},
		{"paragraph in paragraph", "<p>a<p>b", "<p>a</p><p>b</p>"},
		{"items without ends", "<ul><li>a<li>b</ul>", "<ul><li>a</li><li>b</li></ul>"},
		{"link in link", `<a href="https://a.it">a<a href="https://b.it">b</a></a>`, `<a href="https://a.it"` + link + `>a</a><a href="https://b.it"` + link + `>b</a>`},
		{"control characters", "a\x00\x01&#1;&#13;b", "ab"},
		{"svg", `<svg><a xlink:href="javascript:x">y</a><script>z</script></svg>`, "y"},
		{"broken comment", `<!--><script>x</script>-->a`, "--&gt;a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := text.CleanHTML(c.in)
			if got != c.want {
				t.Errorf("got %s\nwant %s", got, c.want)
			}
			checkClean(t, c.in)
		})
	}
}

func TestCleanHTMLEndsNestingWithoutEnd(t *testing.T) {
	t.Parallel()
	got := text.CleanHTML(strings.Repeat("<blockquote>", 100_000) + "a")
	if n := strings.Count(got, "<blockquote>"); n != 32 || !strings.Contains(got, "a") {
		t.Fatalf("%d deep", n)
	}
}

// fataler is what checks need of *testing.T and *rapid.T.
type fataler interface {
	Helper()
	Fatalf(string, ...any)
}

// checkClean reads the cleaned HTML as a browser would and finds nothing that was not let in.
func checkClean(t fataler, in string) {
	t.Helper()
	got := text.CleanHTML(in)
	if again := text.CleanHTML(got); again != got {
		t.Fatalf("cleaning %q twice differs:\n%s\n%s", in, got, again)
	}
	if !utf8.ValidString(got) {
		t.Fatalf("not valid UTF-8: %q", got)
	}
	allowed := map[string]bool{
		"p": true, "br": true, "a": true, "blockquote": true, "ul": true, "ol": true, "li": true, "em": true,
		"strong": true, "code": true, "pre": true, "html": true, "head": true, "body": true,
	}
	tree, err := html.Parse(strings.NewReader(got))
	if err != nil {
		t.Fatalf("%v", err)
	}
	for n := range tree.Descendants() {
		switch n.Type {
		case html.CommentNode, html.RawNode, html.DoctypeNode:
			t.Fatalf("a node of type %d in %s", n.Type, got)
		case html.ElementNode:
			if !allowed[n.Data] {
				t.Fatalf("element %s in %s", n.Data, got)
			}
			for _, a := range n.Attr {
				ok := n.Data == "a" && (a.Key == "rel" && a.Val == "nofollow noopener noreferrer ugc" ||
					a.Key == "target" && a.Val == "_blank" ||
					a.Key == "href" && (strings.HasPrefix(strings.ToLower(a.Val), "http://") || strings.HasPrefix(strings.ToLower(a.Val), "https://")))
				if !ok {
					t.Fatalf("attribute %s=%q in %s", a.Key, a.Val, got)
				}
			}
		}
	}
	open := map[string]int{}
	z := html.NewTokenizer(strings.NewReader(got))
	for tt := z.Next(); tt != html.ErrorToken; tt = z.Next() {
		switch name, _ := z.TagName(); tt {
		case html.StartTagToken:
			open[string(name)]++
		case html.EndTagToken:
			if open[string(name)]--; open[string(name)] < 0 {
				t.Fatalf("%s is closed too often in %s", name, got)
			}
		}
	}
	delete(open, "br")
	for name, n := range open {
		if n != 0 {
			t.Fatalf("%s is left open in %s", name, got)
		}
	}
}

func TestCleanHTMLProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.SampledFrom([]string{
			"<p>", "</p>", "<a href='https://a.it/%zz'>", `<a href="https://a.it/è?q=a b&c">`, "</a>", "<ul>", "<li>", "</ul>", "</li>", "<em>", "</em>",
			"<script>", "</script>", "<svg onload=x>", "<style>", "</style>", "<pre>", "\n", "</pre>", "<textarea>", "<title>", "<!--", "-->", "<br/>", "<b>",
			"</strong>", "<plaintext>", "<math>", "<table>", "<td>", "text", "&lt;script&gt;", "&#106;", "\x00", `" onmouseover="x`, "<a href=javascript:x>",
			"<blockquote>", "</blockquote>", "<![CDATA[", "]]>", "<template>", "<noscript>", "<iframe srcdoc='<script>'>", "<", ">", "'",
		}), 0, 25).Draw(t, "parts")
		checkClean(t, strings.Join(parts, ""))
	})
}

func FuzzCleanHTML(f *testing.F) {
	f.Add(`<p onclick=x>a<a href="https://a.it/?a=1&b=2#ü">b</a><script>c</script>`)
	f.Add("<svg><style><img src=x onerror=alert(1)></style></svg><textarea></p><a href=HTTP://A.it>")
	f.Fuzz(func(t *testing.T, s string) { checkClean(t, s) })
}

func TestPlainFromHTML(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want string }{
		{"paragraphs", "<p>Buongiorno,</p>\n<p>il vaso <b>è</b>\n rotto.<br>Davvero.</p>", "Buongiorno,\n\nil vaso è rotto.\nDavvero."},
		{"lines", "<div>a</div><div>b</div>", "a\nb"},
		{"list", "<p>ecco</p><ul><li>uno</li><li>due</li></ul>fine", "ecco\n\n- uno\n- due\n\nfine"},
		{"entities", "a &lt;b&gt; &amp;&nbsp;c", "a <b> & c"},
		{"script", "a<script>x</script><style>y</style><title>z</title>b", "ab"},
		{"nested drop", "a<svg><svg>x</svg>y</svg>b", "ab"},
		{"shortened link", `vedi <a href="https://example.org/a/very/long"><span class="invisible">https://</span><span class="ellipsis">example.org/a</span><span class="invisible">/very/long</span></a>.`, "vedi https://example.org/a/very/long."},
		{"link cut by the server", `<a href="https://example.org/a/very/long">example.org/a/ve…</a>`, "https://example.org/a/very/long"},
		{"link with words", `leggi <a href="https://example.org/a">la guida</a> ora`, "leggi la guida (https://example.org/a) ora"},
		{"link that says itself", `<a href="https://www.example.org/">example.org</a>`, "example.org"},
		{"mention", `<p><span class="h-card"><a href="https://m.it/@ada" class="u-url mention">@<span>ada</span></a></span> ciao</p>`, "@ada ciao"},
		{"hashtag", `<a href="https://m.it/tags/vasi">#<span>vasi</span></a>`, "#vasi"},
		{"script link", `<a href="javascript:x">y</a>`, "y"},
		{"image", `a <img src="x" alt=":cuore:"> b`, "a :cuore: b"},
		{"pre", "<pre>a\n  b</pre>c", "a\n  b\n\nc"},
		{"breaks", "a<br><br><br><br>b", "a\n\nb"},
		{"link left open", `a <a href="https://a.it">b`, "a b (https://a.it)"},
		{"empty", "<p></p>", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := text.PlainFromHTML(c.in); got != c.want {
				t.Errorf("got %q\nwant %q", got, c.want)
			}
		})
	}
}

func FuzzPlainFromHTML(f *testing.F) {
	f.Add(`<p>a<br>b <a href="https://a.it">c</a><script>d</script>`)
	f.Fuzz(func(t *testing.T, s string) {
		got := text.PlainFromHTML(s)
		if !utf8.ValidString(got) || strings.ContainsRune(got, 0) {
			t.Fatalf("%q is not fit for a database", got)
		}
		if got != strings.TrimSpace(got) {
			t.Fatalf("space at the ends of %q", got)
		}
	})
}
