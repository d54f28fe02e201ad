package view

// PromisesPage is what the company said that it would do.
type PromisesPage struct {
	Tabs     []Tab
	LiveHref string
	Chips    []Chip
	Rows     []PromiseRow
	More     MoreProps
	Problem  *TroubleProps
	Empty    *EmptyProps
	EmptyKey *KeyProps
}

// PromiseRow is one promise.
type PromiseRow struct {
	ID       string
	Text     string
	Notes    []string // to whom, where, by whom it was made
	Href     string   // the conversation; "" for who may not read it
	Who      *WhoProps
	Name     string // who keeps it
	State    string // "entro venerdì 3 aprile", "mantenuta il 2 aprile"
	Icon     string
	Kind     TagKind
	How      string // how it was kept
	CaseHref string
	CaseSay  string
	KeepURL  string // POST note here; "" for who may not
	BreakURL string
	HandURL  string
	Members  []ItemProps
	Error    string
}
