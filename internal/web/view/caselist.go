package view

// CasesPage is the list of cases.
type CasesPage struct {
	Tabs     []Tab
	LiveHref string
	Lede     string
	Chips    []Chip
	Rows     []CaseRow
	Doubts   string // "3 messaggi aspettano che qualcuno decida"; "" when none does
	More     MoreProps
	Empty    *EmptyProps
	EmptyKey *KeyProps
}

// Chip is one way to look at a list, with how many it holds.
type Chip struct {
	Label   string
	Href    string
	Count   string // "" for none
	Current bool
}

// CaseRow is a case in the list.
type CaseRow struct {
	Href   string
	Number string // "Caso 12"
	Title  string
	Stones []StoneKind
	Tags   []TagProps
	Notes  []string
	Owner  *WhoProps // nil: nobody
	Name   string    // of the owner
	Due    string
	Late   bool
}

// DoubtsPage is what waits for a member's word.
type DoubtsPage struct {
	Tabs     []Tab
	LiveHref string
	Rows     []Doubt
	More     string // when there are more than these
	Error    *TroubleProps
	Empty    *EmptyProps
}

// Doubt is something that may be criticism.
type Doubt struct {
	ID     string // of the interaction
	Text   string
	Marks  []Span
	Byline BylineProps
	Until  string // until when somebody should decide
	Over   bool   // that has passed, and the record says so
	URL    string // POST here; "" for who may only look
}

// NotCriticism are the reasons why something is none, as lines of a menu.
type NotCriticism struct {
	URL     string
	Target  string // CSS selector that htmx replaces; "" for a plain form
	Label   string
	Reasons []ItemProps
	Hidden  map[string]string
	Quiet   bool
	Up      bool
}
