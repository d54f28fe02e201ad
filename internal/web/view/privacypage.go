package view

// PersonData is everything that is there about a person, with what the reader may do with it.
type PersonData struct {
	Text      string
	Kept      bool   // a note says that they are not to be forgotten
	Retention string // address of how long is kept what others wrote
	ExportURL string // "" for who may not
	EraseURL  string // "" for who may not
	Erasing   string // address of the certificate while they are being erased
}

// Erase asks for a yes before a person is erased. Its form posts to where it stands.
type Erase struct {
	Name    string
	Back    string
	Counted bool
	Part    bool // there is too much to be counted at once
	Groups  []ErasedGroup
	Stays   []StayLine
	Trouble *TroubleProps
	// The form, as typed.
	Typed     string
	Reference string
	Errors    map[string]string // by field: name, reference
}

// ErasedGroup is what goes, or went, from one place of the house.
type ErasedGroup struct {
	Name  string
	Lines []ErasedLine
}

// ErasedLine is how much of what.
type ErasedLine struct{ Label, N string }

// StayLine is what stays of a person, and why.
type StayLine struct {
	Title string
	Why   string
	Refs  []string // handles in the public record
}

// Privacy is how long is kept what others wrote, and what was erased. Its form posts to PathPrivacy.
type Privacy struct {
	Tabs   SettingsTabs
	Change bool
	Now    string // what is decided
	Months []Option
	Errors map[string]string // by field: months
	// What would happen.
	Would   bool // it is not what is decided
	Title   string
	Figures []FigureProps
	Say     string
	// The certificates.
	Listed       bool // the reader may see them
	Certificates []RowProps
	More         MoreProps
}

// Certificate says that somebody was erased, and not who.
type Certificate struct {
	Number  string
	Company string
	Here    string
	Lede    string
	Running bool
	Facts   []Fact
	Groups  []ErasedGroup
	Stays   []StayLine
	Allow   bool   // they may be taken in again
	Allowed string // who took them in again, and when
	Trouble *TroubleProps
}
