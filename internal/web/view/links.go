package view

import (
	"strconv"

	"github.com/a-h/templ"
)

// The pages of links.
const (
	PathNewLink      = PathLinks + "/new"
	PathLinkTable    = PathLinks + "/table"
	PathLinkSettings = PathLinks + "/settings"
	PathLinkExport   = PathLinks + "/export.csv"
)

// linkTabs are the pages of links.
func linkTabs(p Page, current string) []Tab {
	tabs := []Tab{
		{Label: p.T("linkspage.tab.links"), Href: PathLinks},
		{Label: p.T("linkspage.tab.table"), Href: PathLinkTable},
		{Label: p.T("linkspage.tab.settings"), Href: PathLinkSettings},
	}
	for i := range tabs {
		tabs[i].Current = tabs[i].Href == current
	}
	return tabs
}

// Links is the list of links.
type Links struct {
	Change   bool
	Any      bool // the company has links at all
	Figures  []FigureProps
	Chart    *DayChart
	Channels []HBar
	Search   SearchProps
	Filters  []Tab
	Rows     []RowProps
	More     MoreProps
}

// HBar is a line of horizontal bars.
type HBar struct {
	Label string
	Value string
	Share float64 // of the longest
	Main  bool
	Href  string // opens what it is made of
}

func (b HBar) width() string { return strconv.FormatFloat(100*b.Share, 'f', 2, 64) }

// DayChart is a bar for every day.
type DayChart struct {
	Label       string // the whole in a sentence
	From, To    string // under its ends
	Days        []int64
	First, Last string // the highest day's and the last day's number
}

// The size of the chart.
const (
	dayChartWidth  = 720.0
	dayChartHeight = 150.0
	dayChartFoot   = 118.0
	dayChartTop    = 34.0
)

type dayBar struct {
	X, Y, W, H, Middle, Over string
	Main, Best               bool
}

func (c DayChart) bars() (out []dayBar) {
	most := int64(1)
	best := 0
	for i, n := range c.Days {
		if n > most {
			most, best = n, i
		}
	}
	step := dayChartWidth / float64(max(len(c.Days), 1))
	gap := min(4.0, step/4)
	f := func(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) }
	for i, n := range c.Days {
		h := (dayChartFoot - dayChartTop) * float64(n) / float64(most)
		x := float64(i) * step
		out = append(out, dayBar{
			X: f(x + gap/2), Y: f(dayChartFoot - h), W: f(step - gap), H: f(h), Middle: f(min(max(x+step/2, 14), dayChartWidth-14)), Over: f(dayChartFoot - h - 8), Main: i == len(c.Days)-1, Best: i == best && n > 0,
		})
	}
	return out
}

// LinkForm is what one says about a link.
type LinkForm struct {
	Path                             string // it posts here
	Back                             string
	Fresh                            bool
	Target, Title, Channel, Campaign string
	Source, Medium, Term, Content    string
	Tags, Code, How                  string // How: "", say, own
	Expires, Password, Languages     string
	IOS, Android, Desktop            string
	Locked, Open                     bool
	Channels, Campaigns              []string
	Error, Remedy                    string
	Errors                           map[string]string
}

// more tells whether the fields behind the fold have something to say.
func (f LinkForm) more() bool {
	for _, name := range []string{"expires", "password", "devices", "languages"} {
		if f.Errors[name] != "" {
			return true
		}
	}
	return f.Expires != "" || f.Languages != "" || f.IOS != "" || f.Android != "" || f.Desktop != "" || f.Locked
}

func (f LinkForm) utm() bool {
	return f.Source != "" || f.Medium != "" || f.Term != "" || f.Content != ""
}

// LinkPage is one link.
type LinkPage struct {
	Path    string
	Name    string
	Change  bool
	Address CopyProps
	Trouble *TroubleProps
	Figures []FigureProps
	Chart   *DayChart
	Periods []Tab
	Sources []HBar
	Devices []HBar
	Rows    string // address of the single visits
	Facts   []Fact
	History []RowProps
	QR      LinkQR
	Off     bool
	MayLook bool
	Begins  string // what opening it begins, and that this is no lead yet; "" a page is read
	Lead    string // where one writes down who called; "" may not
}

// LinkQR is a QR code and how it is drawn.
type LinkQR struct {
	Image, Says   string // address of the drawing; ""
	Levels        []Option
	Dark, Light   string
	Logo, HasLogo bool
	SVG, PNG      string
	Sheets        []Option
	Sheet         string // where the sheet is asked for
	Hidden        map[string]string
	Error         map[string]string
	Scan          string // what Ponte saw
}

// LinkRows are single visits.
type LinkRows struct {
	Back, Name string
	Table      TableProps
	Next       string
}

// LinkTable brings in a table of links.
type LinkTable struct {
	Problem   *TroubleProps
	Looked    bool
	Say, Name string
	Table     TableProps
	Wrong     bool
	Do        string
	Text      string
	Columns   []Fact
}

// LinkSettings is what the company decides about its links.
type LinkSettings struct {
	Change        bool
	Domain, Keep  string
	Base          string // of the house
	HasLogo       bool
	Logo          string // its address
	Error, Remedy string
	Errors        map[string]string
	Facts         []Fact
}

// listOf gives a field a list to choose from; the field takes other words, too.
func listOf(name string) templ.Attributes { return templ.Attributes{"list": name + "-list"} }

func passwordHint(p Page, f LinkForm) string {
	if f.Locked {
		return p.T("linkspage.password.there")
	}
	return p.T("linkspage.password.hint")
}
