package view

import "strconv"

// The addresses of leads and forms.
const (
	PathLeads      = "/leads"
	PathForms      = "/forms"
	PathQuality    = "/leads/quality"
	PathLeadNew    = "/leads/new"
	PathLeadImport = "/leads/import"
	PathLeadExport = "/leads/export.csv"
)

// LeadsPage lists leads.
type LeadsPage struct {
	Tabs     []Tab
	Lede     string
	Figures  []FigureProps
	Chips    []Chip
	Search   SearchProps
	Selects  []SelectProps // narrow the list
	Narrowed bool          // by more than the chips
	Rows     []LeadRow
	More     MoreProps
	Empty    *EmptyProps
	EmptyKey *KeyProps
	Keys     []KeyProps
	LiveHref string
}

// LeadRow is one lead in the list.
type LeadRow struct {
	ID      string
	Name    string
	Href    string
	Notes   []string
	Tags    []TagProps
	State   string
	Icon    string
	Worth   string
	Who     *WhoProps
	Owner   string
	Strange bool // the name was erased
}

// LeadSheet is one lead.
type LeadSheet struct {
	ID       string
	Name     string
	Eyebrow  string
	Trouble  *TroubleProps
	Answers  []LeadAnswer
	None     string // where there are no answers
	Reach    []Fact
	Person   *RowProps
	Maybe    []LeadMaybe
	First    []Fact
	Last     []Fact
	Same     bool // both touches are one
	NoTouch  string
	PostHref string // the post that brought them
	TalkHref string // the conversation in which they wrote
	Why      *WhyProps
	NoRules  string
	Agreed   []LeadAgreed
	Events   []LeadEvent
	Form     *LeadStateForm // nil: may not
	Facts    []Fact         // how it stands, for who may not change it
	NoteURL  string
	NoteText string
	NoteBad  string
	Who      *LeadWhoForm
	LiveHref string
}

// LeadAnswer is what somebody said to a question.
type LeadAnswer struct {
	Label string
	Text  []string // paragraphs
	Href  string   // of a file
}

// LeadMaybe is somebody whom a lead may be.
type LeadMaybe struct {
	Row RowProps
	Do  string // POST here joins both; "" may not
	ID  string
}

// LeadAgreed is a text that somebody was asked to agree to.
type LeadAgreed struct {
	Text string
	Said string
	Icon string
}

// LeadEvent is one thing that happened.
type LeadEvent struct {
	Icon string
	What string
	When string
	At   string
	Note string
}

// LeadStateForm changes how a lead stands.
type LeadStateForm struct {
	URL      string
	Version  string
	States   []Option
	Reason   string
	Value    string
	Currency string
	SoldOn   string
	Members  []Option
	Errors   map[string]string
}

// LeadWhoForm puts a name and an address right, or writes a new lead down.
type LeadWhoForm struct {
	URL      string
	Version  string
	Name     string
	Email    string
	Phone    string
	Channel  string
	Campaign string
	Note     string
	New      bool
	Link     string // the code of the link that brought them; it says channel and campaign
	LinkName string
	Error    string
	Remedy   string
	Errors   map[string]string
}

// FormsPage lists forms.
type FormsPage struct {
	Tabs   []Tab
	Rows   []RowProps
	NewURL string // POST here makes one; "" may not
	Empty  *EmptyProps
}

// FormPage is a form being made.
type FormPage struct {
	ID       string
	Title    string
	State    string
	Icon     string
	Counts   string
	Trouble  *TroubleProps
	Saved    bool
	Unsaved  string // what is shown is not kept yet
	Address  CopyProps
	Embed    CopyProps
	OpenURL  string // POST here with state; "" may not
	Live     bool
	Draft    bool
	Can      bool
	URL      string
	Version  string
	Name     string
	Settings FormSettings
	Fields   []FormField
	Kinds    []Option
	Preview  LeadForm
	Shown    string
	Intro    []string
	Consents []LeadAgreed
	Refused  []Fact
	Errors   map[string]string
}

// FormSettings are what a form says besides its questions.
type FormSettings struct {
	Title, Intro, Button, Thanks, Subject, Letter, Sites, Campaign, Channel string
	Confirm                                                                 bool
	Locales                                                                 []Option
}

// FormField is a question being made.
type FormField struct {
	Nth      int
	Key      string
	Kind     string
	KindSays string
	Label    string
	Hint     string
	Options  string // one on each line
	Required bool
	First    bool
	Last     bool
}

func (f FormField) name(part string) string { return "field" + strconv.Itoa(f.Nth) + "." + part }

func (f FormField) choosing() bool { return f.Kind == "choice" || f.Kind == "several" }

// QualityPage is what a company holds for a good lead.
type QualityPage struct {
	Tabs    []Tab
	Rules   []RuleRow
	Can     bool
	URL     string
	Whats   []Option
	Learnt  []LearntRow
	Enough  string // how many settled leads there are, or are missing
	Unsaved string
	Trouble *TroubleProps
	How     string
	Errors  map[string]string
}

// RuleRow is one rule being written.
type RuleRow struct {
	Nth    int
	Whats  []Option
	Hows   []Option
	Value  string
	Points string
	Says   string
	Bad    string
}

func (r RuleRow) name(part string) string { return "rule" + strconv.Itoa(r.Nth) + "." + part }

// LearntRow is a rule that the company's own leads speak for.
type LearntRow struct {
	Says  string
	Count string
	Add   string // the value that adds it
}

// LeadImport is a table of leads on its way in.
type LeadImport struct {
	Problem *TroubleProps
	Say     string // what would come of it, or how much is wrong
	Table   TableProps
	More    string
	Do      string // the key that takes it in; "" it cannot be
	Text    string // the table, carried to the second step
	Columns []Fact
}
