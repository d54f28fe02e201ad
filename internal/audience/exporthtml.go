package audience

import (
	"context"
	"html/template"
	"io"
	"net/url"
	"time"

	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/team"
)

// exportPage is the page for people inside an export: it stands alone, without anything of anybody's server.
var exportPage = template.Must(template.New("head").Parse(`<!doctype html>
<html lang="{{.Lang}}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Title}}</title>
<style>
:root { color-scheme: light dark; }
body { font: 1rem/1.55 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; line-height: 1.2; } h2 { font-size: 1.2rem; margin: 2.5rem 0 .5rem; }
article { border-top: 1px solid color-mix(in srgb, currentColor 25%, transparent); padding: .8rem 0; break-inside: avoid; }
p { margin: .3rem 0; white-space: pre-wrap; overflow-wrap: anywhere; } time, dt { opacity: .75; font-size: .9rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem .8rem; margin: .3rem 0; } dd { margin: 0; overflow-wrap: anywhere; white-space: pre-wrap; }
</style>
</head>
<body>
<h1>{{.Title}}</h1>
<p>{{.Lede}}</p>
{{define "section"}}<h2>{{.}}</h2>
{{end}}{{define "entry"}}<article>
{{with .At}}<time>{{.}}</time>
{{end}}{{with .Text}}<p>{{.}}</p>
{{end}}{{with .Link}}<p><a href="{{.}}">{{.}}</a></p>
{{end}}{{if .Facts}}<dl>{{range .Facts}}<dt>{{.Label}}</dt><dd>{{.Value}}</dd>{{end}}</dl>
{{end}}</article>
{{end}}{{define "none"}}<p>{{.}}</p>
{{end}}{{define "tail"}}</body>
</html>
{{end}}`))

type shownFact struct{ Label, Value string }

// writeHTML writes everything as a page.
func (b *Bundle) writeHTML(ctx context.Context, w io.Writer, words *i18n.Localizer, company team.Company) error {
	zone := company.Location()
	moment := func(t time.Time) string {
		t = t.In(zone)
		return words.Date(t) + ", " + words.Clock(t)
	}
	head := struct{ Lang, Title, Lede string }{
		words.Lang(), words.T("audience.export.title", "name", b.Person.Name),
		words.T("audience.export.lede", "company", company.Name, "moment", moment(b.At)),
	}
	if err := exportPage.Execute(w, head); err != nil {
		return err
	}
	section := Section("")
	err := b.Each(ctx, func(e Entry) error {
		if e.Section != section {
			section = e.Section
			if err := exportPage.ExecuteTemplate(w, "section", words.T("audience.export.section."+string(section))); err != nil {
				return err
			}
		}
		v := struct {
			At, Text, Link string
			Facts          []shownFact
		}{Text: e.Text}
		if !e.At.IsZero() {
			v.At = moment(e.At)
		}
		if u, err := url.Parse(e.URL); err == nil && (u.Scheme == "https" || u.Scheme == "http") {
			v.Link = e.URL
		}
		for _, x := range e.Facts {
			v.Facts = append(v.Facts, shownFact{words.T("audience.export.fact." + string(x.Key)), x.Value})
		}
		return exportPage.ExecuteTemplate(w, "entry", v)
	})
	if err != nil {
		return err
	}
	if section == "" {
		if err := exportPage.ExecuteTemplate(w, "none", words.T("audience.export.none")); err != nil {
			return err
		}
	}
	return exportPage.ExecuteTemplate(w, "tail", nil)
}
