package mention_test

import (
	"net/url"
	"slices"
	"testing"

	"github.com/ponte-desk/ponte/internal/mention"
)

func read(t testing.TB, address, kind, body string) mention.Page {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return mention.Page{URL: u, Status: 200, MIME: kind, Body: []byte(body)}
}

func TestMentions(t *testing.T) {
	t.Parallel()
	const target = "https://arno.example/vasi"
	for name, c := range map[string]struct {
		kind, body, target string
		want               bool
	}{
		"a link":                            {body: `<a href="https://arno.example/vasi">vasi</a>`, want: true},
		"odd letters and a port":            {body: `<A HREF="HTTPS://Arno.Example:443/vasi">`, want: true},
		"http for https":                    {body: `<a href="http://arno.example/vasi">`, want: true},
		"a picture shown":                   {body: `<img src="https://arno.example/vasi">`, want: true},
		"a citation":                        {body: `<blockquote cite="https://arno.example/vasi">x</blockquote>`, want: true},
		"a hidden like":                     {body: `<data class="u-like-of" value="https://arno.example/vasi"></data>`, want: true},
		"to a place in the page":            {body: `<a href="https://arno.example/vasi#forno">`, want: true},
		"entities":                          {body: `<a href="https://arno.example/vasi?a=1&amp;b=2">`, target: "https://arno.example/vasi?a=1&b=2", want: true},
		"relative to a base":                {body: `<base href="https://arno.example/"><a href="vasi">`, want: true},
		"only the words":                    {body: `<p>https://arno.example/vasi</p>`},
		"in a comment":                      {body: `<!-- <a href="https://arno.example/vasi"> -->`},
		"in a script":                       {body: `<script>"<a href='https://arno.example/vasi'>"</script>`},
		"in a template":                     {body: `<template><a href="https://arno.example/vasi"></a></template>`},
		"in the words of a form":            {body: `<textarea><a href="https://arno.example/vasi"></textarea>`},
		"another page that begins the same": {body: `<a href="https://arno.example/vasi-2">`},
		"another host":                      {body: `<a href="https://arno.example.org/vasi">`},
		"a style sheet of the page":         {body: `<link rel="stylesheet" href="https://arno.example/vasi">`},
		"the place that was named":          {body: `<a href="https://arno.example/vasi#a">`, target: target + "#a", want: true},
		"another place":                     {body: `<a href="https://arno.example/vasi#b">`, target: target + "#a"},
		"JSON":                              {kind: "application/feed+json", body: `{"items":[{"a":1,"external_url":"https://arno.example/vasi"}]}`, want: true},
		"JSON, inside a text":               {kind: "application/json", body: `{"text":"see https://arno.example/vasi now"}`},
		"plain text":                        {kind: "text/plain", body: "guarda https://arno.example/vasi, bello", want: true},
		"plain text, longer":                {kind: "text/plain", body: "guarda https://arno.example/vasi/due"},
		"a picture":                         {kind: "image/png", body: `<a href="https://arno.example/vasi">`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.kind == "" {
				c.kind = "text/html"
			}
			if c.target == "" {
				c.target = target
			}
			if got := mention.Mentions(read(t, "https://blog.example/uno", c.kind, c.body), c.target); got != c.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestLinks(t *testing.T) {
	t.Parallel()
	got := mention.Links("https://arno.example/blog/uno", `<p><a href="/due">2</a> <a href="https://b.example/x#a">x</a> <a href="https://b.example/x#b">x</a>
		<img src="https://c.example/p.png"> <a href="mailto:a@b.example">m</a> <a href="tre">3</a> <a href="">io</a> <a href="https://u:p@d.example/">d</a></p>`)
	want := []string{"https://arno.example/due", "https://b.example/x#a", "https://arno.example/blog/tre"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestWithin(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		page, site string
		want       bool
	}{
		{"https://arno.example/vasi", "https://arno.example", true},
		{"http://www.arno.example/vasi", "https://arno.example/", true},
		{"https://arno.example/", "https://www.arno.example", true},
		{"https://arno.example.org/vasi", "https://arno.example", false},
		{"https://shop.arno.example/vasi", "https://arno.example", false},
		{"https://arno.example:8443/vasi", "https://arno.example", false},
		{"https://host.example/arno/vasi", "https://host.example/arno", true},
		{"https://host.example/arno", "https://host.example/arno/", true},
		{"https://host.example/arno2", "https://host.example/arno", false},
		{"https://host.example/arno/../other", "https://host.example/arno", false},
		{"ftp://arno.example/vasi", "https://arno.example", false},
		{"https://arno.example@evil.example/", "https://arno.example", false},
	} {
		if got := mention.Within(c.page, c.site); got != c.want {
			t.Errorf("%s in %s: %v", c.page, c.site, got)
		}
	}
}

func TestKey(t *testing.T) {
	t.Parallel()
	for _, same := range [][2]string{
		{"HTTP://Arno.example:80", "https://arno.example/#x"},
		{"https://arno.example/caff%C3%A8", "https://arno.example/caffè"},
		{"https://arno.example/%7Eada", "https://arno.example/~ada"},
	} {
		if a, b := mention.Key(same[0]), mention.Key(same[1]); a == "" || a != b {
			t.Errorf("%s: %q, %s: %q", same[0], a, same[1], b)
		}
	}
	for _, other := range [][2]string{
		{"https://arno.example/a", "https://arno.example/A"},
		{"https://arno.example/a?b", "https://arno.example/a"},
		{"https://arno.example/a%2Fb", "https://arno.example/a/b"},
		{"http://arno.example:8080/", "http://arno.example/"},
	} {
		if a, b := mention.Key(other[0]), mention.Key(other[1]); a == b {
			t.Errorf("%s and %s are one: %q", other[0], other[1], a)
		}
	}
}
