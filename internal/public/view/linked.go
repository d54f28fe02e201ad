package view

import (
	"encoding/json"
	"strings"

	"github.com/ponte-desk/ponte/internal/growth"
)

// thing is an object of JSON-LD. Its keys come out in order of the alphabet.
type thing map[string]any

// linked writes a thing of schema.org as a block of data for machines: no script, which the policy would refuse. The
// encoder writes <, > and & as escapes, so that no text can end the block.
func linked(t thing) string {
	t["@context"] = "https://schema.org"
	b, err := json.Marshal(t)
	if err != nil {
		return ""
	}
	return `<script type="application/ld+json">` + string(b) + `</script>`
}

func (p Page) publisher() thing {
	return thing{"@type": "Organization", "name": p.CompanyName, "url": p.absolute(p.growthPath())}
}

// work is an improvement: something written about a change, not a review and not a rating, which would say more than is so.
func (p Page) work(i growth.Improvement) thing {
	_, other := p.say(i.Did)
	lang := p.Lang
	if other != "" {
		lang = other
	}
	t := thing{
		"@type": "Article", "headline": p.plain(i.Title), "abstract": p.plain(i.Did), "url": p.absolute(p.entryPath(i.Number)), "inLanguage": lang,
		"datePublished": p.stamp(i.PublishedAt), "author": p.publisher(), "publisher": p.publisher(),
	}
	if n := len(i.Later); n > 0 {
		t["dateModified"] = p.stamp(i.Later[n-1].At)
	}
	if said := p.plain(i.Said); said != "" && !p.wasErased(i.Said) {
		q := thing{"@type": "Quotation", "text": said}
		if i.QuotedAs != "" {
			q["creditText"] = i.QuotedAs
		}
		t["citation"] = q
	}
	return t
}

// LinkedGrowth describes the growth page: a list of what was changed, and where the figures come from.
func (p Page) LinkedGrowth(g growth.Public) string {
	list := make([]any, 0, len(g.Improvements))
	for n, i := range g.Improvements {
		list = append(list, thing{"@type": "ListItem", "position": n + 1, "item": p.work(i)})
	}
	t := thing{
		"@type": "CollectionPage", "name": strings.Join(p.Headline(g), " "), "description": p.Description, "url": p.absolute(p.Canonical), "inLanguage": p.Lang,
		"publisher":  p.publisher(),
		"mainEntity": thing{"@type": "ItemList", "numberOfItems": g.Figures.Published, "itemListOrder": "https://schema.org/ItemListOrderDescending", "itemListElement": list},
	}
	if g.Size > 0 {
		t["isBasedOn"] = thing{
			"@type": "Dataset", "name": p.T("publicpage.record.title") + ", " + p.CompanyName, "description": p.T("publicpage.describe.record", "company", p.CompanyName),
			"url": p.absolute(p.Prefix + PathRecord), "creator": p.publisher(), "isAccessibleForFree": true,
			"temporalCoverage": p.iso(g.Figures.Since) + "/..", "dateModified": p.stamp(g.HeadAt),
			"distribution": []any{thing{"@type": "DataDownload", "encodingFormat": "application/json", "contentUrl": p.absolute(p.Prefix + PathData)}},
		}
	}
	return linked(t)
}

// LinkedEntry describes one improvement.
func (p Page) LinkedEntry(i growth.Improvement) string {
	t := p.work(i)
	t["isPartOf"] = thing{"@type": "CollectionPage", "url": p.absolute(p.growthPath()), "name": p.T("publicpage.feed.title", "company", p.CompanyName)}
	t["mainEntityOfPage"] = p.absolute(p.Canonical)
	return linked(t)
}

// Describe sets what an improvement's page is called where it is shared.
func (p *Page) Describe(i growth.Improvement) {
	p.Title = p.plain(i.Title)
	p.Article = i.PublishedAt
	p.Description = p.T("publicpage.describe.entry", "said", sentence(p.plain(i.Said)), "did", sentence(p.plain(i.Did)), "outcome", p.outcome(i.Trend.Outcome))
}

// sentence cuts a text to what fits in a description, and ends it.
func sentence(s string) string {
	s = clip(strings.Join(strings.Fields(s), " "), 120)
	if s == "" || strings.ContainsAny(s[len(s)-1:], ".?!") || strings.HasSuffix(s, "…") || strings.HasSuffix(s, "»") || strings.HasSuffix(s, "”") {
		return s
	}
	return s + "."
}

// Story is an improvement in plain text, for feeds.
type Story struct {
	URL, Title, Text string
	Lang             string // when it is told in the other language only
}

// Story tells an improvement in plain text.
func (p Page) Story(i growth.Improvement) Story {
	s := Story{URL: p.absolute(p.entryPath(i.Number)), Title: p.plain(i.Title)}
	_, s.Lang = p.say(i.Did)
	var parts []string
	add := func(label, text string) {
		if text != "" {
			parts = append(parts, label+": "+text)
		}
	}
	var said string
	if !i.Said.Empty() {
		said, _, _ = p.voice(i.Said)
	}
	add(p.T("publicpage.you"), join(strings.Join(strings.Fields(said), " "), "("+p.quoted(i)+")"))
	add(p.T("publicpage.we"), p.plain(i.Did))
	add(p.outcome(i.Trend.Outcome), join(p.trend(i.Trend), p.remark(i.Trend), p.confirmed(i)))
	for _, l := range i.Later {
		add(p.day(l.At), p.plain(l.Text))
	}
	s.Text = strings.Join(parts, "\n\n")
	return s
}
