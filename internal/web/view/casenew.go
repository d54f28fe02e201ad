package view

// NewCase opens a case from what people wrote, or puts it into one that is there.
type NewCase struct {
	Back    string // where the reader came from
	Into    string // "" a new one; else "Caso 12: ...", the case that they came from
	Problem *TroubleProps
	Chosen  []CasePick // what it is about
	Same    []CasePick // others that say the same
	SameSay string
	Likely  []LikelyCase // open cases about the same
	Search  SearchProps
	Found   []FoundTalk
	Asked   bool
	Title   string
	Themes  []Option
	Owners  []Option
	Cases   []Option // open cases to put it into; the first is a new one
	Due     string
	Errors  map[string]string
	Key     KeyProps // also what Enter does
}

// CasePick is something that a person wrote, to be chosen.
type CasePick struct {
	ID      string
	Text    string
	Marks   []Span
	Byline  BylineProps
	Checked bool
	In      string // it belongs to a case already, and cannot be chosen
	InHref  string // that case
}

// LikelyCase is an open case about the same.
type LikelyCase struct {
	ID    string
	Title string
	Notes []string
	Why   string // "Hanno in comune: bordo, scheggiata"
	Href  string
}

// FoundTalk is a conversation that a search found.
type FoundTalk struct {
	Row RowProps
	Add string // address of this page with its words chosen
}
