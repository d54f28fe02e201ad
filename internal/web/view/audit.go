package view

// AuditLine is one thing that was done.
type AuditLine struct {
	When   string // "14:20"
	At     string // RFC 3339
	Who    string
	Ponte  bool // Ponte itself, or the command line
	What   string
	Object string
	Detail string
	Via    string
}

// AuditDay is what was done on a day.
type AuditDay struct {
	Label string
	Lines []AuditLine
}

// Audit is the view of the audit trail.
type Audit struct {
	Tabs     SettingsTabs
	Days     []AuditDay
	Members  []Option
	From     string // YYYY-MM-DD
	To       string
	Error    string // about the dates
	Filtered bool
	Next     string // address of the next page; "" at the end
}

// Term is a word of Ponte and what it means.
type Term struct{ Word, Means string }

// Help is the view of the help.
type Help struct {
	Tabs  SettingsTabs
	Terms []Term
}
