package view

// TriagePage is what a company teaches the triage, and which second opinion it asks.
type TriagePage struct {
	Tabs   SettingsTabs
	Words  string // one to a line
	Errors map[string]string
	Error  string
	Remedy string
	// The company's own model.
	Say    string
	Models TableProps
	Undo   bool
	Refuse string // why going back did not work
	// The second opinion.
	Enabled bool
	Address string
	Model   string
	HasKey  bool
	State   []Fact
	Problem *TroubleProps
}
