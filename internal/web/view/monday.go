package view

// Monday is the letter of Monday, with the wish to get it.
type Monday struct {
	Lede, Company, Hello, Period string
	Lines                        []MondayLine
	Todo, TodoHref               string
	Mine                         bool // the member may choose: it is their own company
	Wants                        bool
	Off                          bool // no letters leave this house
	Email                        string
}

// MondayLine is a figure, with how it was the week before.
type MondayLine struct{ Say, Beside string }

// MondayStop is the way out of the letter, for whoever has one.
type MondayStop struct {
	Action, Email string
	Wants         bool
}
