package mention_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ponte-desk/ponte/internal/mention"
)

// plainItem writes an item as the specification's canonical JSON does, nested things under "item".
func plainItem(i *mention.Item) map[string]any {
	props := map[string]any{}
	for name, vs := range i.Props {
		var out []any
		for _, v := range vs {
			switch {
			case v.Item != nil:
				m := plainItem(v.Item)
				m["value"] = v.Text
				out = append(out, m)
			case v.HTML != "":
				out = append(out, map[string]any{"html": v.HTML, "value": v.Text})
			default:
				out = append(out, v.Text)
			}
		}
		props[name] = out
	}
	m := map[string]any{"type": i.Types, "properties": props}
	if len(i.Children) > 0 {
		var cs []any
		for _, c := range i.Children {
			cs = append(cs, plainItem(c))
		}
		m["children"] = cs
	}
	return m
}

func TestMicroformats(t *testing.T) {
	t.Parallel()
	for name, c := range map[string][2]string{
		"a card of one element": {
			`<a class="h-card" href="/ada">Ada Neri</a>`,
			`[{"type":["h-card"],"properties":{"name":["Ada Neri"],"url":["https://b.example/ada"]}}]`,
		},
		"a card that is a picture": {
			`<img class="h-card" src="a.png" alt="Ada">`,
			`[{"type":["h-card"],"properties":{"name":["Ada"],"photo":["https://b.example/d/a.png"]}}]`,
		},
		"a picture in a link": {
			`<a class="h-card" href="https://ada.example"><img src="/a.png" alt="Ada Neri"></a>`,
			`[{"type":["h-card"],"properties":{"name":["Ada Neri"],"photo":["https://b.example/a.png"],"url":["https://ada.example"]}}]`,
		},
		"an abbreviation": {`<abbr class="h-card" title="Ada Neri">AN</abbr>`, `[{"type":["h-card"],"properties":{"name":["Ada Neri"]}}]`},
		"deep only children": {
			`<div class="h-card"><p><a href="/ada"></a><img alt="Ada" src="/a.png"></p></div>`,
			`[{"type":["h-card"],"properties":{"name":["Ada"],"photo":["https://b.example/a.png"],"url":["https://b.example/ada"]}}]`,
		},
		"a named property ends implying": {
			`<div class="h-card"><a class="p-name" href="/ada">Ada</a> <a class="u-uid" href="/x">x</a></div>`,
			`[{"type":["h-card"],"properties":{"name":["Ada"],"uid":["https://b.example/x"]}}]`,
		},
		"kinds of values": {
			`<div class="h-entry"><h1 class="p-name"> Un  titolo </h1><data class="p-rsvp" value="yes"></data><abbr class="p-x" title="lungo">l</abbr>
			<img class="u-photo" src="/p.png" alt="foto"><video class="u-video" poster="/v.png"></video><object class="u-y" data="o"></object>
			<time class="dt-published" datetime="2026-11-20T10:00:00+01:00">ieri</time><p class="dt-updated"><span class="value">2026-11-21</span> alle <span class="value">10:30</span></p>
			<div class="e-content">Ciao <b>a</b> <a href="/z">tutti</a><script>no()</script></div></div>`,
			`[{"type":["h-entry"],"properties":{"name":["Un  titolo"],"rsvp":["yes"],"x":["lungo"],"photo":["https://b.example/p.png"],"video":["https://b.example/v.png"],"y":["https://b.example/d/o"],
			"published":["2026-11-20T10:00:00+01:00"],"updated":["2026-11-21 10:30"],"content":[{"html":"Ciao <b>a</b> <a href=\"/z\">tutti</a><script>no()</script>","value":"Ciao a tutti"}]}}]`,
		},
		"things in things": {
			`<div class="h-entry"><div class="p-author h-card"><a class="u-url p-name" href="https://ada.example/">Ada</a></div>
			<div class="u-in-reply-to h-cite"><a class="u-url" href="https://arno.example/vasi">Vasi</a></div><div class="h-card">Altro</div></div>`,
			`[{"type":["h-entry"],"properties":{"author":[{"type":["h-card"],"value":"Ada","properties":{"name":["Ada"],"url":["https://ada.example/"]}}],
			"in-reply-to":[{"type":["h-cite"],"value":"https://arno.example/vasi","properties":{"url":["https://arno.example/vasi"],"name":["Vasi"]}}]},
			"children":[{"type":["h-card"],"properties":{"name":["Altro"]}}]}]`,
		},
		"several properties, several types": {
			`<a class="h-entry h-x-note u-like-of p-z u-like-of" href="/a"><span class="p-name p-summary">n</span></a>`,
			`[{"type":["h-entry","h-x-note"],"properties":{"name":["n"],"summary":["n"],"url":["https://b.example/a"]}}]`,
		},
		"a feed": {
			`<div class="h-feed"><p class="p-name">Diario</p><div class="h-entry"><a href="/1">uno</a></div><div class="h-entry"><a href="/2">due</a></div></div>`,
			`[{"type":["h-feed"],"properties":{"name":["Diario"]},"children":[{"type":["h-entry"],"properties":{"name":["uno"],"url":["https://b.example/1"]}},{"type":["h-entry"],"properties":{"name":["due"],"url":["https://b.example/2"]}}]}]`,
		},
		"not what only looks alike": {`<div class="h- H-card h-Card h_card hcard h-1"><p class="p-name">x</p></div>`, `[]`},
		"as themes wrote it": {
			`<article class="hentry post"><h2 class="entry-title"><a rel="bookmark" href="/post/1">Titolo</a></h2>
			<span class="author vcard"><a class="url fn n" href="/author/ada">Ada</a></span><time class="updated" datetime="2026-01-02">x</time><div class="entry-content"><p>Testo</p></div></article>`,
			`[{"type":["h-entry"],"properties":{"name":["Titolo"],"url":["https://b.example/post/1"],"updated":["2026-01-02"],
			"author":[{"type":["h-card"],"value":"Ada","properties":{"url":["https://b.example/author/ada"],"name":["Ada"]}}],"content":[{"html":"<p>Testo</p>","value":"Testo"}]}}]`,
		},
		"a base":                             {`<base href="https://c.example/"><a class="h-card" href="x">y</a>`, `[{"type":["h-card"],"properties":{"name":["y"],"url":["https://c.example/x"]}}]`},
		"what is in a template is not there": {`<template><a class="h-card" href="x">y</a></template>`, `[]`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := []any{}
			for _, i := range mention.Microformats(read(t, "https://b.example/d/page", "text/html", c[0])) {
				got = append(got, plainItem(i))
			}
			b, err := json.Marshal(got)
			if err != nil {
				t.Fatal(err)
			}
			var a, want any
			if err := json.Unmarshal(b, &a); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal([]byte(c[1]), &want); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want, a); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestUnderstand(t *testing.T) {
	t.Parallel()
	const target = "https://arno.example/vasi"
	const link = `<a href="https://arno.example/vasi">vasi</a>`
	type want struct{ kind, url, title, text, author, authorURL, photo, at string }
	for name, c := range map[string]struct {
		body string
		want want
	}{
		"a reply": {
			`<div class="h-entry"><a class="u-url" href="/note/1"></a><a class="u-in-reply-to" href="https://arno.example/vasi">a</a>
			<a class="p-author h-card" href="https://ada.example/"><img src="/ada.png" alt="Ada Neri"></a><time class="dt-published" datetime="2026-11-20T10:00:00+01:00"></time>
			<div class="e-content"><p>Belli!</p><p>Quanto <b>costano</b>?</p></div></div>`,
			want{"reply", "https://b.example/note/1", "", "Belli!\n\nQuanto costano?", "Ada Neri", "https://ada.example/", "https://b.example/ada.png", "2026-11-20T09:00:00Z"},
		},
		"a like": {
			`<div class="h-entry"><span class="p-name">mi piace</span> <a class="u-like-of" href="https://arno.example/vasi#x">x</a></div>`,
			want{"like", "https://b.example/d/page", "mi piace", "", "b.example", "https://b.example/", "", ""},
		},
		"a repost as a thing": {
			`<div class="h-entry"><div class="u-repost-of h-cite"><a class="u-url" href="https://arno.example/vasi">Vasi</a></div><p class="p-author">Bruno</p></div>`,
			want{"repost", "https://b.example/d/page", "", "", "Bruno", "https://b.example/", "", ""},
		},
		"a bookmark": {
			`<div class="h-entry"><a class="u-bookmark-of" href="https://arno.example/vasi">Vasi</a><p class="p-summary">da rileggere</p><p class="p-name">Vasi</p></div>`,
			want{"bookmark", "https://b.example/d/page", "Vasi", "da rileggere", "b.example", "https://b.example/", "", ""},
		},
		"a reply to another page that links here": {
			`<div class="h-entry"><a class="u-in-reply-to" href="https://c.example/">c</a><div class="e-content">come ` + link + `</div></div>`,
			want{"mention", "https://b.example/d/page", "", "come vasi (https://arno.example/vasi)", "b.example", "https://b.example/", "", ""},
		},
		"the entry of a feed that links": {
			`<div class="h-feed"><a class="p-author h-card" href="/">Blog</a><div class="h-entry"><p class="p-name">uno</p></div>
			<div class="h-entry"><a class="u-url p-name" href="/due">due</a><p class="e-content">leggete ` + link + `</p></div></div>`,
			want{"mention", "https://b.example/due", "due", "leggete vasi (https://arno.example/vasi)", "Blog", "https://b.example/", "", ""},
		},
		"an author by address": {
			`<div class="h-entry"><a class="u-author" href="/me"></a><p class="e-content">` + link + `</p></div><div class="h-card"><a class="u-url p-name" href="/me">Carla</a></div>`,
			want{"mention", "https://b.example/d/page", "", "vasi (https://arno.example/vasi)", "Carla", "https://b.example/me", "", ""},
		},
		"an address on another host is not believed": {
			`<div class="h-entry"><a class="u-url" href="https://bank.example/"></a><p class="e-content">` + link + `</p></div>`,
			want{"mention", "https://b.example/d/page", "", "vasi (https://arno.example/vasi)", "b.example", "https://b.example/", "", ""},
		},
		"no marks at all": {
			`<html lang="it"><head><title> Il mio  blog </title><meta property="og:title" content="Giro in città"><meta property="og:site_name" content="Blog di Dario">
			<meta property="article:published_time" content="2026-11-20"></head><body><nav><a href="/">casa</a></nav><p>Prima.</p><p>Ho visto i ` + link + ` in vetrina.</p><p>Dopo.</p></body></html>`,
			want{"mention", "https://b.example/d/page", "Giro in città", "Ho visto i vasi in vetrina.", "Blog di Dario", "https://b.example/", "", "2026-11-20T00:00:00Z"},
		},
		"scripts for addresses": {
			`<div class="h-entry"><a class="p-author h-card" href="javascript:alert(1)"><img src="data:image/png;base64,xx" alt="X"></a><p class="e-content">` + link + `<script>alert(1)</script></p></div>`,
			want{"mention", "https://b.example/d/page", "", "vasi (https://arno.example/vasi)", "X", "https://b.example/", "", ""},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := mention.Understand(read(t, "https://b.example/d/page", "text/html", c.body), target)
			got := want{string(m.Kind), m.URL, m.Title, m.Text, m.Author.Name, m.Author.URL, m.Author.Photo, ""}
			if !m.Published.IsZero() {
				got.at = m.Published.Format("2006-01-02T15:04:05Z07:00")
			}
			if d := cmp.Diff(c.want, got, cmp.AllowUnexported(want{})); d != "" {
				t.Error(d)
			}
		})
	}
}

// BenchmarkUnderstand measures a page of a million bytes that is made to be slow beside one of as many plain words.
func BenchmarkUnderstand(b *testing.B) {
	for name, s := range map[string]string{
		"plain": strings.Repeat("<p>parole e ancora parole</p>", 36000), "formatting": strings.Repeat("<b><i><a href=x>", 65000), "tables": strings.Repeat("<table><tr><p>", 74000),
		"things": strings.Repeat(`<p class="h-entry p-author u-url">x`, 29000), "deep": strings.Repeat("<div>", 200000),
	} {
		b.Run(name, func(b *testing.B) {
			p := read(b, "https://b.example/", "text/html", s)
			b.SetBytes(int64(len(s)))
			for b.Loop() {
				mention.Understand(p, "https://arno.example/vasi")
			}
		})
	}
}
