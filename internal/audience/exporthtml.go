package audience

import (
	"context"
	"fmt"
	"html"
	"io"
	"net/url"
	"time"

	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/team"
)

// exportHead opens the page for people inside an export: it stands alone, without anything of anybody's server. Its verbs are the language, twice the title, and the lede.
const exportHead = `<!doctype html>
<html lang="%s">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>%s</title>
<style>
:root { color-scheme: light dark; }
body { font: 1rem/1.55 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; line-height: 1.2; } h2 { font-size: 1.2rem; margin: 2.5rem 0 .5rem; }
article { border-top: 1px solid color-mix(in srgb, currentColor 25%%, transparent); padding: .8rem 0; break-inside: avoid; }
p { margin: .3rem 0; white-space: pre-wrap; overflow-wrap: anywhere; } time, dt { opacity: .75; font-size: .9rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem .8rem; margin: .3rem 0; } dd { margin: 0; overflow-wrap: anywhere; white-space: pre-wrap; }
</style>
</head>
<body>
<h1>%s</h1>
<p>%s</p>
`

// page writes HTML and remembers the first error. Whatever is put into it is escaped.
type page struct {
	w   io.Writer
	err error
}

func (p *page) put(format string, texts ...string) {
	if p.err != nil {
		return
	}
	safe := make([]any, len(texts))
	for i, t := range texts {
		safe[i] = html.EscapeString(t)
	}
	_, p.err = fmt.Fprintf(p.w, format, safe...)
}

// writeHTML writes everything as a page.
func (b *Bundle) writeHTML(ctx context.Context, w io.Writer, words *i18n.Localizer, company team.Company) error {
	zone := company.Location()
	moment := func(t time.Time) string {
		t = t.In(zone)
		return words.Date(t) + ", " + words.Clock(t)
	}
	title := words.T("audience.export.title", "name", b.Person.Name)
	p := page{w: w}
	p.put(exportHead, words.Lang(), title, title, words.T("audience.export.lede", "company", company.Name, "moment", moment(b.At)))
	section := Section("")
	err := b.Each(ctx, func(e Entry) error {
		if e.Section != section {
			section = e.Section
			p.put("<h2>%s</h2>\n", words.T("audience.export.section."+string(section)))
		}
		p.put("<article>\n")
		if !e.At.IsZero() {
			p.put("<time>%s</time>\n", moment(e.At))
		}
		if e.Text != "" {
			p.put("<p>%s</p>\n", e.Text)
		}
		if u, err := url.Parse(e.URL); err == nil && (u.Scheme == "https" || u.Scheme == "http") {
			p.put("<p><a href=\"%s\">%s</a></p>\n", e.URL, e.URL)
		}
		if len(e.Facts) > 0 {
			p.put("<dl>")
			for _, x := range e.Facts {
				p.put("<dt>%s</dt><dd>%s</dd>", words.T("audience.export.fact."+string(x.Key)), x.Value)
			}
			p.put("</dl>\n")
		}
		p.put("</article>\n")
		return p.err
	})
	if err != nil {
		return err
	}
	if section == "" {
		p.put("<p>%s</p>\n", words.T("audience.export.none"))
	}
	p.put("</body>\n</html>\n")
	return p.err
}
