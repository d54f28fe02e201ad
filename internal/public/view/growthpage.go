package view

import (
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/a-h/templ"

	"github.com/ponte-desk/ponte/internal/growth"
)

// printed is how many stones fit on a sheet of paper.
const printed = 4

func query(s string) string { return url.QueryEscape(s) }

// stamp is a moment for machines.
func (p Page) stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// Headline is the title of the growth page, a sentence on each line.
func (p Page) Headline(g growth.Public) []string {
	return headline(p.plain(g.Settings.Title))
}

// How many characters fit under the arch.
const (
	titleRoom = 52
	ledeRoom  = 170
)

// growthClass puts what has more words than fit under the arch below it.
func (p Page) growthClass(g growth.Public, whole bool) string {
	if utf8.RuneCountInString(strings.Join(p.Headline(g), " ")) > titleRoom || whole && utf8.RuneCountInString(p.plain(g.Settings.Lede)) > ledeRoom {
		return "growth tall"
	}
	return "growth"
}

func (p Page) titleLang(g growth.Public) string {
	_, lang := p.say(g.Settings.Title)
	return lang
}

// older says how many stones come before those of this page.
func (p Page) older(g growth.Public) string {
	if n := g.Figures.Published - len(g.Improvements); n > 0 {
		return p.N("publicpage.more", n)
	}
	return p.T("publicpage.older")
}

// onPaper says what does not fit on a sheet of paper; "" when everything does.
func (p Page) onPaper(g growth.Public) string {
	n := g.Figures.Published - min(printed, len(g.Improvements))
	if n <= 0 {
		return ""
	}
	return p.N("publicpage.paper.more", n, "address", p.host()+p.growthPath())
}

// SharePath is where the picture of the bridge is. It changes with the record, so that who keeps one asks for the next.
func (p Page) SharePath(g growth.Public) string {
	return p.growthPath() + "/share.png?v=" + itoa(int(g.Size))
}

// Depict sets the picture that goes along where a page of growth is shared.
func (p *Page) Depict(g growth.Public) {
	p.Picture, p.PictureSays = p.SharePath(g), p.bridge(g.Improvements, g.Figures.Published, "").label
}

// Describing says what the growth page tells, with its figures once there are any.
func (p Page) Describing(g growth.Public) string {
	about := p.T("publicpage.describe", "company", p.CompanyName)
	f := g.Figures
	if f.Published == 0 {
		return about
	}
	figures := p.T("publicpage.describe.figures", "heard", p.Words.Number(f.Heard), "changed", p.Words.Number(f.Published), "worked", p.Words.Number(f.Worked))
	if f.NotWorked > 0 {
		figures += " " + p.T("publicpage.describe.not", "n", p.Words.Number(f.NotWorked))
	}
	return figures + " " + about
}

func (p Page) hasRooms(g growth.Public) bool {
	return len(g.Working) > 0 || len(g.Declined) > 0 || g.Figures.Promised > 0
}

func (p Page) ogTitle() string {
	if p.Title == "" {
		return p.CompanyName
	}
	return p.Title
}

// placeOf is where an improvement stands on the growth page; of those that are not on its first part, where the stones are.
func (p Page) placeOf(g growth.Public, i growth.Improvement) string {
	for _, on := range g.Improvements {
		if on.Number == i.Number {
			return p.growthPath() + "#stone-" + itoa(i.Number)
		}
	}
	return p.growthPath() + "#stones"
}

func langAttr(lang string) templ.Attributes {
	if lang == "" {
		return nil
	}
	return templ.Attributes{"lang": lang}
}

func plainly(class string, plain bool) string {
	if !plain {
		return class
	}
	return strings.TrimSpace(class + " plain")
}

func closingClass(write string) string {
	if write == "" {
		return "closing alone"
	}
	return "closing"
}
