package view

import "github.com/a-h/templ"

// PathImport is where exports of platforms are brought in.
const PathImport = PathSettings + "/import"

// Import is the view of what can be brought in, what is on its way and what came before. It posts to PathImport.
type Import struct {
	Tabs    SettingsTabs
	Closed  *EmptyProps // why nothing can be brought in here
	Chunk   int         // bytes sent at once
	Address *FieldProps // for the history of an account by its address; nil where that is not offered
	Going   []ImportCard
	Past    []RowProps
	Places  []ImportPlace
	Before  *ImportKey // criticism of the past that nobody answered
}

// ImportPlace says where a network gives out its export.
type ImportPlace struct {
	Net   string
	Name  string
	Where string // the way through its menus
	What  string // what is in it
}

// ImportCard is one export on its way in.
type ImportCard struct {
	ID      string
	Path    string
	Title   string
	Sub     string
	Live    bool   // more happens by itself
	Name    string // of the file, as long as its bytes come: the same file goes on where it stopped
	Size    string
	State   string
	Icon    string
	Percent int // -1: nobody knows
	Found   []ImportCount
	Facts   []Fact
	Trouble *TroubleProps
	Names   []CheckProps // which of these is the company
	Other   FieldProps
	Columns *ImportColumns
	Cancel  bool
	Again   bool
	// Once it is over.
	Done      bool
	Unread    TableProps
	Criticism *ImportKey // criticism that nobody answered
	Channel   *ImportKey
}

// ImportCount is how many things of a kind there are.
type ImportCount struct{ N, Label string }

// ImportKey leads on.
type ImportKey struct{ Label, Href, Text string }

// ImportColumns asks which column of a table holds what.
type ImportColumns struct {
	Names  []string
	Rows   [][]string
	Fields []SelectProps
	Where  FieldProps
	Error  string
}

// ImportPage is one export by itself.
type ImportPage struct {
	Tabs SettingsTabs
	Card ImportCard
}

func (c ImportCard) live() templ.Attributes {
	if !c.Live {
		return nil
	}
	return templ.Attributes{
		"hx-get": c.Path, "hx-trigger": "live:imports:" + c.ID + " from:body throttle:400ms, every 15s", "hx-select": "#" + c.ID, "hx-swap": "outerHTML", "hx-disinherit": "*",
	}
}

// waits are what the browser goes on with after a reload.
func (c ImportCard) waits() templ.Attributes {
	if c.Name == "" {
		return nil
	}
	return templ.Attributes{"data-upload": c.ID, "data-name": c.Name, "data-size": c.Size}
}
