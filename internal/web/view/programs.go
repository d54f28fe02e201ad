package view

// PathPrograms is where programs of the company's own are told what happens.
const PathPrograms = PathSettings + "/programs"

// Programs is the view of all programs.
type Programs struct {
	Tabs     SettingsTabs
	Programs []RowProps
	Form     ProgramForm
}

// ProgramForm is what one says about a program.
type ProgramForm struct {
	URL    string
	Name   string
	On     bool
	Events []CheckProps
	Error  string
	Remedy string
	Errors map[string]string // by field: url, name, events
}

// Program is the view of one program. Its forms post below Path.
type Program struct {
	Tabs     SettingsTabs
	Path     string
	Name     string
	Secret   string // this once
	Fresh    bool   // it was just added
	Facts    []Fact
	Form     ProgramForm
	Trouble  *TroubleProps // Ponte turned it off
	Tested   *TroubleProps // a test was not heard
	Attempts []RowProps
}

// Letters are of which troubles a member gets a letter.
type Letters struct {
	Off   bool // no letters leave this house
	Email string
	Kinds []SelectProps
}
