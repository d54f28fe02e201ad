package view

import (
	"strconv"

	"github.com/a-h/templ"
)

// CasePage is a case with everything that belongs to it.
type CasePage struct {
	ID        string
	LiveHref  string
	Crumb     string // "Casi"
	CrumbHref string
	Number    string // "Caso 12"
	Title     string
	Lede      string
	Tags      []TagProps // late, sample
	Owner     *AssignMenu
	OwnerSay  string // who is in charge, for who may not change it
	More      []ItemProps
	Problem   *TroubleProps // what did not work, when it belongs to no field
	Arch      CaseArch
	Chart     *CaseChart
	Verdict   string // "Probabilmente sì."
	VerdictSo string
	Voices    []CaseVoice
	VoicesSay string // "Le quattro critiche"
	AddHref   string // "" for who may not
	Same      []CaseSame
	SameURL   string // POST interaction here to take it in
	Evidence  EvidencePart
	Tasks     TaskPart
	Sheet     CaseSheet
	Letters   LetterPart
	Promises  []PromiseRow
	Edit      *CaseEdit
	Decline   *DeclineForm
	Diary     []HistoryLine
}

// CaseVoice is what one person wrote.
type CaseVoice struct {
	ID      string // of the criticism: its place on the page
	Text    string // "" when it is gone
	Gone    string // said instead
	Byline  BylineProps
	Tags    []TagProps
	Public  string // how it is quoted: "In pubblico: senza nome, tutta la frase"
	URL     string // POST the quote here; "" for who may not
	PartURL string // POST here to take it out; "" when it cannot be
	Named   bool
	As      string // "Elena C."
	Quote   string
	Error   string
	Open    bool
}

// CaseSame is what says the same and is in no case.
type CaseSame struct {
	ID     string // of the interaction
	Text   string
	Byline BylineProps
}

// EvidencePart is what shows a cause or a change.
type EvidencePart struct {
	Items  []Evidence
	URL    string // "" for who may not add
	Open   bool   // the form is open
	Values map[string]string
	Errors map[string]string
}

// Evidence is one piece of it.
type Evidence struct {
	Kind    string // "text", "link", "picture", "figure"
	Text    string
	URL     string
	Host    string // of a link
	Src     string // of a picture
	Value   string
	OutOf   string
	By      string // "Saverio, 12 mar"
	DropURL string
}

// TaskPart is what is to be done.
type TaskPart struct {
	Items  []Task
	URL    string // "" for who may not add
	Text   string
	Owners []Option
	Error  string
	Say    string // "2 di 3"
}

// Task is one thing to do.
type Task struct {
	Text    string
	Who     *WhoProps
	Name    string
	Done    bool
	DoneSay string
	URL     string // POST done=1 or done= here; "" for who may not
	DropURL string
}

// CaseSheet is the thing in hand: what the next step needs. Exactly one of its parts is set.
type CaseSheet struct {
	Title string
	Step  *StepForm
	Entry *EntrySheet
	Said  string // nothing to do for the reader: a sentence
	Text  []Words2
	Keys  []KeyProps
	URL   string // the form that Keys send
}

// Words2 is a text with the language it is in.
type Words2 struct{ Lang, Text string }

// StepForm moves a case on.
type StepForm struct {
	URL    string
	To     string
	Fields []FieldProps // the text in question
	Note   string
	Key    KeyProps
	Back   *KeyProps // back to the step before; sends to "back"
}

// EntrySheet is the public entry: you said, we did, how it went.
type EntrySheet struct {
	State     string // "Bozza", "Aspetta il via libera di Marta"
	Icon      string
	Versions  []EntryVersion
	Missing   string // the language that is not written yet
	Key       *KeyProps
	KeyURL    string
	Ask       *DialogProps // asked before Key does what cannot be undone; its yes goes to KeyURL
	AskYes    string
	Return    string // POST reason here; "" for who may not
	ReturnErr string
	Note      string // under the keys
	Form      *EntryForm
	Later     []LaterLine
	LaterURL  string // POST it, en here; "" for who may not
	LaterErr  string
	PageHref  string // the public page
	PageSay   string
}

// EntryVersion is the entry in one language.
type EntryVersion struct {
	Lang  string
	Name  string // of the language, when both are there
	Title string
	Lines []EntryLine
}

// EntryLine is one line of the entry as it will be read.
type EntryLine struct {
	Label string
	Text  string
	Said  bool // in the voice of people outside
}

// LaterLine is what was added after publishing.
type LaterLine struct{ When, Text string }

// EntryForm changes the text of the entry in both languages.
type EntryForm struct {
	URL    string
	Open   bool
	Values map[string]string // title_it, title_en, stone_it ... did_en
	Errors map[string]string
}

// LetterPart is what goes back to those who said it.
type LetterPart struct {
	Say     string // "3 su 4"
	Text    string // when there is none yet: what will come
	Letters []Letter
}

// Letter is one of them.
type Letter struct {
	ID    string
	Who   WhoProps
	Name  string
	First string // as one speaks to them
	Where string // "Mastodon"
	State string // how it stands; "" while it is a draft
	Icon  string
	Words string // what they answered
	Text  string
	URL   string // POST text here; "" for who may not write
	Key   string // "Scrivile"
	Error string
	Open  bool
	Talk  string
	Note  string       // who can read it
	Asks  []PromiseAsk // what it promises, to be answered before it goes out
}

// CaseEdit changes what is known of a case.
type CaseEdit struct {
	URL    string
	Open   bool
	Plain  bool // only cause and plan may be changed
	Themes []Option
	Owners []Option
	Values map[string]string // title, shown_it, shown_en, cause, plan, due
	Errors map[string]string
	// Who reads the title, and what the public one is for.
	TitleHint, ShownHint string
}

// DeclineForm says in public why something is not changed.
type DeclineForm struct {
	URL    string
	Open   bool
	Values map[string]string // it, en
	Error  string
}

func pressed(yes bool) templ.Attributes {
	return templ.Attributes{"aria-pressed": strconv.FormatBool(yes)}
}

func taskIcon(t Task) string {
	if t.Done {
		return "check"
	}
	return "hourglass"
}

func chartNote(p Page, c CaseChart) string {
	if c.Countable() {
		return p.T("casepage.chart.square")
	}
	return p.T("casepage.chart.bar")
}

// langAttrs marks the language of a field.
func langAttrs(lang string) templ.Attributes { return templ.Attributes{"lang": lang} }
