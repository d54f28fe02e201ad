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

// teamLang is the language in which the team gives its cases titles, when it is not the page's.
func (p Page) teamLang() string {
	if p.Company.Locale == p.Lang {
		return ""
	}
	return p.Company.Locale
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
