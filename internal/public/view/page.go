package view

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/team"
	desk "github.com/ponte-desk/ponte/internal/web/view"
)

// The addresses of the public pages, below the prefix of the sample where that is shown.
const (
	PathRecord = "/record/"
	PathFind   = "/record/find"
	PathProof  = "/record/proof"
	PathHead   = "/record/checkpoint"
	PathKey    = "/record/key"
	PathData   = "/record/figures.json"
	PathLink   = "/c/" // a personal link; its token follows
	PathGuest  = "/g/" // a personal link to a post that waits for a yes
	PathForm   = "/f/" // a form to be filled in; its code follows

	PathLinkback = "/m/" // where other people's sites tell that they link the company's; the channel's id follows

	SamplePrefix = "/sample" // where the sample company stands beside a real one
)

// PathGrowth is the growth page in a language.
func PathGrowth(lang string) string {
	if lang == "en" {
		return "/growth"
	}
	return "/crescita"
}

// Page is what every public page needs besides its own content.
type Page struct {
	desk.Page
	Words       *i18n.Localizer
	Erased      func(lang string) []string // the sentences that growth puts, or once put, where a person's words were erased
	Company     team.Company
	Base        string // scheme and host, without a slash at its end
	Prefix      string // SamplePrefix or ""
	Description string
	Canonical   string    // path of this page; "" when it has no address of its own for others
	Other       string    // path of the same page in the other language
	Index       bool      // search engines may list it
	Closed      bool      // the page is not open: a member looks at it
	Feeds       bool      // the page says where its feeds are
	Article     time.Time // when what the page shows was published; zero: it is no article
	Updated     time.Time // of what the page shows
	WriteHere   bool      // the growth page says where to write
	Data        string    // JSON-LD; "" none
	Picture     string    // path of the picture that goes along where the page is shared; "" none
	PictureSays string    // for those who do not see it
	Sheets      []string  // further style sheets
}

// NewPage makes a page of a company in the language of its voice.
func NewPage(l *i18n.Localizer, assets func(string) string, c team.Company, base, prefix string) Page {
	return Page{
		Page:    desk.Page{Lang: l.Lang(), CompanyName: c.Name, Sample: c.Sample, AssetURL: assets, T: l.T, N: l.N},
		Words:   l,
		Company: c,
		Base:    base,
		Prefix:  prefix,
		Index:   !c.Sample,
	}
}

// otherLang is the language that the page is not in.
func (p Page) otherLang() string {
	if p.Lang == "en" {
		return "it"
	}
	return "en"
}

// growthPath is the address of the growth page in the page's language.
func (p Page) growthPath() string { return p.Prefix + PathGrowth(p.Lang) }

// entryPath is the address of one improvement.
func (p Page) entryPath(number int) string { return p.growthPath() + "/" + itoa(number) }

// recordPath is an address of the record, in the page's language.
func (p Page) recordPath() string { return p.Prefix + PathRecord + "?lang=" + p.Lang }

func (p Page) absolute(path string) string { return p.Base + path }

// host is the name under which the page is known, for paper.
func (p Page) host() string {
	_, rest, _ := strings.Cut(p.Base, "://")
	return rest
}

func (p Page) documentTitle() string {
	if p.Title == "" {
		return p.CompanyName
	}
	return p.Title + " · " + p.CompanyName
}

func (p Page) robots() string {
	if p.Index && !p.Closed {
		return "index, follow"
	}
	return "noindex"
}

func (p Page) locale(lang string) string {
	if lang == "en" {
		return "en_GB"
	}
	return "it_IT"
}

// day writes a day in the company's zone.
func (p Page) day(t time.Time) string { return p.Words.Date(t.In(p.Company.Location())) }

// on writes on which day something was; since, since when it is so.
func (p Page) on(t time.Time) string    { return p.Words.OnDate(t.In(p.Company.Location())) }
func (p Page) since(t time.Time) string { return p.Words.SinceDate(t.In(p.Company.Location())) }

// month writes a month in the company's zone.
func (p Page) month(t time.Time) string { return p.Words.Month(t.In(p.Company.Location())) }

// iso is a day for machines.
func (p Page) iso(t time.Time) string { return t.In(p.Company.Location()).Format(time.DateOnly) }

// say gives a public text in the page's language, else in the other, and the language when it is another.
func (p Page) say(w growth.Words) (text, other string) {
	text, in := w.In(p.Lang)
	if in == p.Lang {
		return text, ""
	}
	return text, in
}

// plain is a public text without its language.
func (p Page) plain(w growth.Words) string {
	text, _ := p.say(w)
	return text
}

// erased tells whether a sentence stands where a person's words were erased.
func (p Page) erased(lang, said string) bool {
	return p.Erased != nil && slices.Contains(p.Erased(lang), said)
}

// wasErased tells whether a person's words were erased from a text.
func (p Page) wasErased(w growth.Words) bool {
	_, _, erased := p.voice(w)
	return erased
}

// writeTo turns where people may write into an address to follow; "" when there is none that can be trusted.
func writeTo(s string) string {
	if u, err := url.Parse(s); err == nil && u.Scheme == "https" && u.Host != "" {
		return u.String()
	}
	if local, domain, ok := strings.Cut(s, "@"); ok && local != "" && domain != "" && !strings.ContainsAny(s, "/:?#&% \"'<>") {
		return "mailto:" + s
	}
	return ""
}
