package view

// People is the list of people outside.
type People struct {
	Search SearchProps
	Rows   []RowProps
	More   MoreProps
	Empty  *EmptyProps
	Key    *KeyProps
}

// PersonPage is one person outside.
type PersonPage struct {
	Card       PersonCardProps // name, identities
	Facts      []Fact
	History    []RowProps
	More       string // to all conversations with them
	Notes      []PersonNote
	NoteURL    string // "" for who may not
	NoteText   string
	NoteKeep   bool   // ticked
	KeepURL    string // "" for who may not
	RenameURL  string
	Name       string
	Errors     map[string]string
	Merge      *MergeForm
	Merges     []MergeLine
	Data       *PersonData
	Identities []RowProps
}

// MergeForm joins another person into this one: a search first, then a yes.
type MergeForm struct {
	Search SearchProps
	Found  []MergeChoice
	Asked  bool
	URL    string
}

// MergeChoice is a person who may be the same.
type MergeChoice struct {
	ID, Name, Note string
	Who            WhoProps
}

// MergeLine is a joining that can be undone.
type MergeLine struct{ Text, UndoURL string }
