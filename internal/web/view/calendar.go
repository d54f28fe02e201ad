package view

import "github.com/a-h/templ"

// CalendarPage is what goes out when: a week with its hours, or a month.
type CalendarPage struct {
	LiveHref string
	Tabs     []Tab
	Title    string // "La settimana del 16 marzo"
	Zone     string // in which all times are
	Problem  *TroubleProps
	Pause    *PostPause
	New      *KeyProps
	Prev     string
	Next     string
	Now      string // leads to today; "" it is shown
	Views    []Chip
	Channels []ItemProps
	Channel  string
	MoveURL  string // POST a post's new time; "" the reader may not
	Week     *CalWeek
	Month    []CalDay
	Names    []string // of the days of the week, over a month
	Notes    []string // what best hours and free slots are, what the clocks do
	Loose    []CalEntry
}

// CalWeek is a week. Its lines are the hours that any of its days has.
type CalWeek struct {
	Lines []CalLine
	Days  []CalDay
}

// CalLine is an hour on the left.
type CalLine struct {
	Label string
	Still bool // nothing happens in it on any day: it is drawn low
}

// CalDay is a day.
type CalDay struct {
	Name    string // "gio"
	Number  string // "19"
	Long    string // "giovedì 19 marzo"
	Date    string // 2026-03-19
	Today   bool
	Past    bool
	Other   bool   // of the month before or after
	Note    string // "23 ore: l’orologio salta le 2"
	Quiet   string // name of the time in which nothing is published, when it fills the day
	Hours   []CalHour
	Entries []CalEntry // of a month
	Free    string     // of a month: how many free slots
	More    string     // there are more than are shown
	Href    string     // the week of the day
	At      string     // where a post goes that is dropped here: the date
	Say     string
}

// CalHour is an hour of a day.
type CalHour struct {
	At      string // 2026-03-19T18:00; "" nothing can be put here
	Second  bool   // the second of an hour that comes twice
	Say     string // "giovedì 19 marzo, ore 18"
	Still   bool
	Absent  bool // the day does not have it
	Quiet   bool
	Name    string // said where a quiet time begins
	Best    string // "14"
	BestSay string
	Slots   []CalSlot
	Entries []CalEntry
}

// CalSlot is a free slot.
type CalSlot struct {
	Label string // "18:30"
	Say   string // "Posto libero per Mastodon e Bluesky"
	At    string
	Nets  []PostNet
}

// CalEntry is a post in the calendar.
type CalEntry struct {
	ID     string
	Title  string
	Href   string
	Clock  string // "18:30"; "" it has no time
	State  TagProps
	Kind   string // draft, out, held, "" a planned one
	Nets   []PostNet
	Move   bool
	At     string // 2026-03-19T18:30
	Second bool
	Twice  bool // its hour comes twice that day: the form asks which
	Long   string
}

func calAttrs(at, say string, second bool) templ.Attributes {
	a := templ.Attributes{}
	if at != "" {
		a["data-cell"] = at
		a["data-say"] = say
	}
	if second {
		a["data-second"] = "1"
	}
	return a
}

func entryAttrs(e CalEntry) templ.Attributes {
	if !e.Move {
		return nil
	}
	a := templ.Attributes{"data-card": e.ID, "data-at": e.At, "draggable": "true"}
	if e.Second {
		a["data-second"] = "1"
	}
	return a
}

// liftAttrs makes a post's link the place from which the keyboard takes it up.
func liftAttrs(e CalEntry) templ.Attributes {
	if !e.Move {
		return nil
	}
	return templ.Attributes{"data-lift": true, "aria-keyshortcuts": "m"}
}

func (w CalWeek) class() string { return "cal-week lines-" + itoa(len(w.Lines)) }
