package text_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ponte-desk/ponte/internal/text"
)

func TestLinkify(t *testing.T) {
	t.Parallel()
	to := func(s string) text.Segment { return text.Segment{Text: s, URL: s} }
	is := func(s string) text.Segment { return text.Segment{Text: s} }
	for _, c := range []struct {
		in   string
		want []text.Segment
	}{
		{"", nil},
		{"niente", []text.Segment{is("niente")}},
		{"vedi https://a.it/x, grazie", []text.Segment{is("vedi "), to("https://a.it/x"), is(", grazie")}},
		{"(https://a.it/x_(y))", []text.Segment{is("("), to("https://a.it/x_(y)"), is(")")}},
		{"www.a.it.", []text.Segment{{Text: "www.a.it", URL: "https://www.a.it"}, is(".")}},
		{"HTTP://a.it…", []text.Segment{{Text: "HTTP://a.it", URL: "http://a.it"}, is("…")}},
		{"a\nhttps://a.it\nb", []text.Segment{is("a\n"), to("https://a.it"), is("\nb")}},
		{"https://banca.it@evil.it/", []text.Segment{is("https://banca.it@evil.it/")}},
		{"javascript://a.it ftp://a.it", []text.Segment{is("javascript://a.it ftp://a.it")}},
		{"xhttps://a.it ada@www.a.it", []text.Segment{is("xhttps://a.it ada@www.a.it")}},
		{"http:// https://localhost", []text.Segment{is("http:// https://localhost")}},
		{"www.://0.0", []text.Segment{is("www.://0.0")}},
		{"<https://a.it>", []text.Segment{is("<"), to("https://a.it"), is(">")}},
	} {
		if diff := cmp.Diff(c.want, text.Linkify(c.in)); diff != "" {
			t.Errorf("Linkify(%q): %s", c.in, diff)
		}
	}
}

func TestLinkifyOfHostileBracketsIsQuick(t *testing.T) {
	t.Parallel()
	s := strings.Repeat("http://"+strings.Repeat(")", 2000)+" ", 500)
	if got := text.Linkify(s); len(got) != 1 {
		t.Fatalf("%d segments", len(got))
	}
}

func FuzzLinkify(f *testing.F) {
	f.Add("vedi https://a.it/x, (www.b.it) http://[::1]/ https://a.it/%zz\xff")
	f.Fuzz(func(t *testing.T, s string) {
		var all strings.Builder
		for _, g := range text.Linkify(s) {
			if g.Text == "" {
				t.Fatal("an empty segment")
			}
			all.WriteString(g.Text)
			if g.URL == "" {
				continue
			}
			u, err := url.Parse(g.URL)
			if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
				t.Fatalf("%q leads to %q", g.Text, g.URL)
			}
		}
		if all.String() != s {
			t.Fatalf("%q became %q", s, all.String())
		}
	})
}

func TestFill(t *testing.T) {
	t.Parallel()
	values := map[string]string{"nome": "Ada {link}", "Città": "Arezzo"}
	got, unknown := text.Fill("Ciao {{ nome }}, da {citta}: {link} {{link}} {data} {} {{ }} { a b }", values)
	if want := "Ciao Ada {link}, da Arezzo: {link} {{link}} {data} {} {{ }} { a b }"; got != want {
		t.Errorf("got %q\nwant %q", got, want)
	}
	if diff := cmp.Diff([]string{"link", "data"}, unknown); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"nome", "link"}, text.Placeholders("{{nome}} {link} {nome}")); diff != "" {
		t.Error(diff)
	}
}
