package view

import (
	"fmt"

	"github.com/a-h/templ"
)

// PresencePage is the portrait of the company's own voice.
type PresencePage struct {
	Lede       string
	When       string // "Disegnato 4 min fa"
	Period     string
	Periods    []ItemProps
	Channel    string
	Channels   []ItemProps
	RefreshURL string
	LetterHref string
	Computing  string // said while it is being drawn; "" it is not
	LiveHref   string
	Problem    *TroubleProps
	Empty      *EmptyProps
	EmptyKey   *KeyProps
	Lines      []PresenceLine
	Themes     []PresenceTheme
	Rules      []string
	Note       string
}

// PresenceLine is one of the three sentences at the top.
type PresenceLine struct {
	Part string
	Say  string
	Why  string
	Key  *KeyProps
}

// PresenceTheme is figures that belong together.
type PresenceTheme struct {
	ID      string
	Title   string
	Lede    string
	Figures []PresenceFigure
}

// PresenceFigure is one figure, with of how many it is.
type PresenceFigure struct {
	ID       string
	Label    string
	N        string
	Unit     string // "su 50"
	Few      string // too few to say: why
	So       string // what it means, how it was before
	Bars     []PresenceBar
	BarsSay  string // spoken instead of the bars
	First    string // under the first bar
	Last     string // under the last one
	Open     bool   // the examples are seen at once
	Examples []PresenceExample
	More     []PresenceExample
	MoreSay  string
}

// PresenceBar is a part of the time: how high of a hundred; below 0 there was nothing to count.
type PresenceBar struct{ High float64 }

// PresenceExample is something that was said.
type PresenceExample struct {
	Role string
	Meta string // who, where, when
	Said []Marked
	Href string
	Ours bool
}

// Marked is a piece of a text; Mark says what was found in it.
type Marked struct {
	Text string
	Mark bool
	Say  string // spoken behind it
}

// PresenceSaid is one thing that was said, in full.
type PresenceSaid struct {
	Title string
	Meta  string
	Said  []Marked
	Ours  bool
	Notes []string // what was counted in it
	Back  string
	Keys  []KeyProps
}

// PresenceLetter is the portrait on one sheet of paper.
type PresenceLetter struct {
	Company string
	Title   string
	When    string
	Lede    string
	Lines   []PresenceLine
	Rows    []PresenceRow
	// Compared says that there was a time before.
	Compared bool
	Foot     string
	Back     string
}

// PresenceRow is a figure on paper.
type PresenceRow struct{ Label, Now, Before string }

// spark is the drawing of the bars: one of 10 in width each.
type sparkBar struct{ x, y, h, class string }

func (f PresenceFigure) spark() (bars []sparkBar, box string) {
	for i, b := range f.Bars {
		x := num(float64(i) * 10)
		if b.High < 0 {
			bars = append(bars, sparkBar{x, "39", "1", "none"})
			continue
		}
		h := 2 + b.High*.38
		class := "then"
		if i == len(f.Bars)-1 {
			class = "now"
		}
		bars = append(bars, sparkBar{x, num(40 - h), num(h), class})
	}
	return bars, "0 0 " + num(float64(len(f.Bars))*10-2) + " 40"
}

// live has the page read itself again when something about the portrait changes, and every few seconds while one is drawn.
func (v PresencePage) live() templ.Attributes {
	out := LiveAttrs("presence", v.LiveHref)
	if v.Computing != "" {
		out["hx-trigger"] = fmt.Sprint(out["hx-trigger"], ", every 3s")
	}
	return out
}
