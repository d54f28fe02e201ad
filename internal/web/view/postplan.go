package view

// PathPostImport is where a table of posts is brought in.
const PathPostImport = PathPosts + "/import"

// PostImport is the page that brings in a table of posts: first what would come of it, then it is done.
type PostImport struct {
	Problem *TroubleProps
	Columns []Fact
	MayPlan bool
	Plan    bool
	Looked  bool   // a table was looked at
	Name    string // of its file
	Text    string // the table, to be sent again; "" it is too large for that
	Say     string // "12 messaggi, 3 con un’ora"
	Errors  TableProps
	Rows    TableProps
	More    string // there are more rows than are shown
	Do      string // the key; "" nothing can be done
}

// PostSettings is what a company decides about its posts.
type PostSettings struct {
	Tabs      SettingsTabs
	Change    bool
	Facts     []Fact      // for who may only look
	Decided   [5]Decision // approval, late, quiet times, slots, words
	Error     string
	Remedy    string
	Errors    map[string]string
	Approvals []ChoiceProps
	First     []Option
	Second    []Option
	Late      string
	Days      []DayHours // quiet hours of each day
	Windows   []QuietWindow
	Channels  []PostHabit
	Own       string
	Public    string
	Snippets  []SnippetGroup
	Edit      SnippetForm
}

// Decision is one thing that a company decides, with what holds now.
type Decision struct {
	ID    string
	Title string
	Now   string
	Open  bool // something in it is wrong
}

// QuietWindow is a time in which nothing is published.
type QuietWindow struct {
	N              string
	From, To, Name string
	Error          string
}

// PostHabit is what a company is used to on a channel.
type PostHabit struct {
	ID    string
	Net   string
	Label string
	Say   string // "4 posti a settimana"
	Slots int
	Open  bool
	Days  []DayHours // the slots of each day: "9:00, 18:30"
	Tags  []Option
	// Of a web site: in which category its articles stand, and how.
	Site     bool
	Category string
	As       []Option
}

// SnippetGroup are the words of one kind that are kept.
type SnippetGroup struct {
	Kind  string
	Title string
	Empty string
	Items []SnippetLine
}

// SnippetLine is one of them.
type SnippetLine struct{ ID, Name, Text, Note string }

// SnippetForm writes one.
type SnippetForm struct {
	ID     string
	Kinds  []Option
	Name   string
	Text   string
	Tags   string
	Error  string
	Remedy string
	Errors map[string]string
}

// snippetIcon is the shape of a kind of words.
func snippetIcon(kind string) string {
	switch kind {
	case "signature":
		return "edit"
	case "tags":
		return "label"
	}
	return "publish"
}
