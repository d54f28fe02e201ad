package view

import (
	"strings"
	"time"

	"github.com/a-h/templ"
)

// KeyKind is one of the three kinds of keys. There is no fourth.
type KeyKind string

// The kinds of keys. At most one red key per screen: the next thing that waits for the person.
const (
	KeyPlain KeyKind = ""
	KeyRed   KeyKind = "red"
	KeyQuiet KeyKind = "quiet"
)

// KeyProps describes a key: a link when Href is set, else a button.
type KeyProps struct {
	Label    string // says what happens: "Manda a Giulia", never "OK"
	Kind     KeyKind
	Icon     string // "reply" for i-reply
	Letter   string // its shortcut: one of the letters of the keyboard layer, shown on the key
	Href     string
	Type     string // "submit" (default) or "button"
	Name     string
	Value    string
	Form     string // id of a form elsewhere on the page
	Big      bool
	OnlyIcon bool // Label is then its spoken name
	Disabled bool // say in Label why: "Serve il via libera"
	Attrs    templ.Attributes
}

func (k KeyProps) class() string {
	c := "key"
	if k.Kind != KeyPlain {
		c += " " + string(k.Kind)
	}
	if k.Big {
		c += " big"
	}
	if k.OnlyIcon {
		c += " only-icon"
	}
	return c
}

func (k KeyProps) kind() string {
	if k.Type == "" {
		return "submit"
	}
	return k.Type
}

// WhoKind is who an avatar stands for.
type WhoKind string

// Outside the company a circle, inside the team a rounded square; a bridge is tinted with glaze.
const (
	WhoPerson WhoKind = ""
	WhoTeam   WhoKind = "team"
	WhoBridge WhoKind = "bridge"
)

// Size of an avatar.
type Size string

// The sizes: 28, 36 and 52 px.
const (
	SizeSmall  Size = "small"
	SizeNormal Size = ""
	SizeLarge  Size = "large"
)

// WhoProps describes an avatar. It is silent for screen readers unless Title is set: the name stands beside it.
type WhoProps struct {
	Name     string
	Initials string // Initials(Name) when empty
	Kind     WhoKind
	Size     Size
	Title    string // set only where the name does not stand beside it: "Presa da Giulia"
}

func (w WhoProps) letters() string {
	if w.Initials != "" {
		return w.Initials
	}
	return Initials(w.Name)
}

func (w WhoProps) class() string { return join("who", string(w.Kind), string(w.Size)) }

// TagKind is how a label looks. Only criticism has a ground.
type TagKind string

// The kinds of labels.
const (
	TagPlain    TagKind = ""
	TagCritique TagKind = "critique"
	TagBridge   TagKind = "bridge"
	TagLate     TagKind = "late" // ink, bold: time is short
	TagNow      TagKind = "now"  // red: the last hours
)

// TagProps describes a label: a shape and a word. At most two on a row.
type TagProps struct {
	Label string
	Icon  string // "kind-critique", "kind-question", "kind-praise", "kind-mention", "hourglass", "lock" ...
	Kind  TagKind
}

// FieldProps describes a text field or a text area.
type FieldProps struct {
	ID           string // Name when empty
	Name         string
	Label        string
	Type         string // "text" when empty
	Value        string // never set for passwords
	Hint         string
	Error        string // how to put it right; marks the field
	Placeholder  string
	Autocomplete string
	Rows         int // more than 0 makes a text area
	Required     bool
	Attrs        templ.Attributes
}

func (f FieldProps) id() string {
	if f.ID == "" {
		return f.Name
	}
	return f.ID
}

func (f FieldProps) kind() string {
	if f.Type == "" {
		return "text"
	}
	return f.Type
}

func (f FieldProps) attrs() templ.Attributes {
	return fieldAttrs(f.id(), f.Hint, f.Error, f.Required, f.Attrs)
}

func fieldAttrs(id, hint, problem string, required bool, extra templ.Attributes) templ.Attributes {
	a := templ.Attributes{}
	for k, v := range extra {
		a[k] = v
	}
	var by []string
	if hint != "" {
		by = append(by, id+"-hint")
	}
	if problem != "" {
		by = append(by, id+"-problem")
		a["aria-invalid"] = "true"
	}
	if len(by) > 0 {
		a["aria-describedby"] = strings.Join(by, " ")
	}
	if required {
		a["required"] = true
	}
	return a
}

// Option is one line of a Select.
type Option struct {
	Value    string
	Label    string
	Selected bool
	Disabled bool
}

// SelectProps describes a choice among many.
type SelectProps struct {
	ID       string // Name when empty
	Name     string
	Label    string
	Hint     string
	Error    string
	Options  []Option
	Required bool
	Unseen   bool // the label is only for screen readers
	Attrs    templ.Attributes
}

func (s SelectProps) id() string {
	if s.ID == "" {
		return s.Name
	}
	return s.ID
}

// CheckProps describes a tick box, or with Radio one of several.
type CheckProps struct {
	Name    string
	Value   string // "on" when empty
	Label   string
	Hint    string
	Checked bool
	Radio   bool
	Attrs   templ.Attributes
}

func (c CheckProps) value() string {
	if c.Value == "" {
		return "on"
	}
	return c.Value
}

func (c CheckProps) kind() string {
	if c.Radio {
		return "radio"
	}
	return "checkbox"
}

// ChoiceProps describes a large radio: what happens, how long it takes, what does not happen.
type ChoiceProps struct {
	Name     string
	Value    string
	Title    string
	Time     string
	What     string
	Checked  bool
	Disabled bool
}

// SectionProps describes a section: a firm rule, a name, maybe a link or a note on the right.
type SectionProps struct {
	ID    string // of the heading
	Title string
	Class string // "c3" "c4" "c5" "c7" "c8" inside .columns
	Link  string
	Href  string
	Note  string // instead of a link
}

// HeadProps describes the head of a page; its children are keys.
type HeadProps struct {
	Eyebrow string
	Crumb   string // a link before the eyebrow: "Canali"
	Href    string // where Crumb leads
	Title   string
	Lede    string
}

// RowProps describes a row of Rows; its children stand on the right.
type RowProps struct {
	Who   *WhoProps
	Net   string // a network's mark instead of a person: "mastodon"
	Icon  string // or an icon
	Title string
	Href  string // makes the whole row a link
	Said  string // words of a person outside: set in the voice face
	Text  string // our words
	Notes []string
	Aside string
}

// WhyProps describes reasons: what is claimed, why, and how sure we are. Its children are keys ("no, it isn't").
type WhyProps struct {
	ID      string
	Title   string
	Icon    string
	Reasons []templ.Component // Plain("...") for a sentence; three at most
	HowSure string
	Clay    bool // about criticism
}

// FigureProps describes a number that is never alone.
type FigureProps struct {
	Label string
	N     string
	Unit  string // small, after the number: "su 31"
	So    string // what it means
	Of    string // out of how many, since when
}

// ArchProps describes an arch. Say the same in words beside it, or give Label.
type ArchProps struct {
	Ring   Ring
	Stones []StoneKind
	Label  string // spoken; the drawing is silent when empty
}

func (a ArchProps) hatched() bool {
	for _, s := range a.Stones {
		if s == StoneEarly {
			return true
		}
	}
	return false
}

// ArchClockProps describes the hours left of a promise.
type ArchClockProps struct {
	Left    time.Duration
	Promise time.Duration
	N       string // "2 h 10 min"
	So      string // "alla promessa delle 24 ore"
}

// EmptyProps describes good news or a first step. Its child is one key.
type EmptyProps struct {
	Title string
	Text  string
}

// TroubleProps describes trouble: what happened, since when, what Ponte is doing, what is safe. Its children are keys.
type TroubleProps struct {
	Title     string
	Text      string
	Remedy    string
	Reference string // finds the event in the log
	ID        string
}

// ToastProps describes a message after something was done.
type ToastProps struct {
	Text    string
	UndoURL string // POST here takes it back; "" when it cannot be
	Fields  map[string]string
	Target  string // what the answer is drawn in; "" the toast
}

// DialogProps describes a question before something that cannot be undone. Its children are keys. Open it with a key whose
// Attrs are DialogOpener(id).
type DialogProps struct {
	ID    string
	Title string
	Text  string
}

// DialogOpener gives the attributes of a button that opens a dialog, with or without script.
func DialogOpener(id string) templ.Attributes {
	return templ.Attributes{"popovertarget": id, "aria-haspopup": "dialog"}
}

// DialogCloser gives the attributes of a button that closes the dialog it is in.
func DialogCloser(id string) templ.Attributes {
	return templ.Attributes{"popovertarget": id, "popovertargetaction": "hide"}
}

// MenuProps describes a key that opens a short list below itself; it works without script. Its children fill the list: MenuItem,
// a small form, fields. Escape and a click elsewhere close it.
type MenuProps struct {
	Label    string
	Icon     string
	Letter   string
	Kind     KeyKind
	OnlyIcon bool
	Who      *WhoProps // before the label, instead of an icon
	End      bool      // the list hangs from the key's right edge
	Up       bool      // the list stands above the key
}

func (m MenuProps) key() KeyProps {
	return KeyProps{Label: m.Label, Icon: m.Icon, Letter: m.Letter, Kind: m.Kind, OnlyIcon: m.OnlyIcon}
}

// ItemProps describes a line of a menu: a link when Href is set, else a button of the form around the menu.
type ItemProps struct {
	Label   string
	Note    string // a second, fainter line
	Icon    string
	Href    string
	Name    string
	Value   string
	Current bool // marked with a check
	Attrs   templ.Attributes
}

func (i ItemProps) attrs() templ.Attributes {
	a := keyAttrs(KeyProps{Name: i.Name, Value: i.Value, Attrs: i.Attrs})
	if i.Current {
		a["aria-current"] = "true"
	}
	return a
}

// LiveAttrs makes an element read itself again from href whenever a topic rings: "inbox", "conversation:01H...". The answer
// replaces the element; it must carry the same attributes. Say the page's topics in Page.Topics.
func LiveAttrs(topic, href string) templ.Attributes {
	return templ.Attributes{"hx-get": href, "hx-trigger": "live:" + topic + " from:body", "hx-swap": "outerHTML", "hx-target": "this"}
}

// LiveTopics is LiveAttrs for an element that listens to several topics.
func LiveTopics(href string, topics ...string) templ.Attributes {
	on := make([]string, 0, len(topics))
	for _, t := range topics {
		on = append(on, "live:"+t+" from:body")
	}
	return templ.Attributes{"hx-get": href, "hx-trigger": strings.Join(on, ", "), "hx-swap": "outerHTML", "hx-target": "this"}
}

// Tab is one of several pages of a room: "Tu", "Azienda", "Risposte pronte".
type Tab struct {
	Label   string
	Href    string
	Current bool
	OnPhone bool // shown where the rail has no room for it
}

// Fact is a line of Facts: what, and how it is.
type Fact struct {
	Label string
	Value string
	Note  string
	Icon  string // "check", "attention", "hourglass"
	Href  string // the value leads there; "": nowhere
}

// CopyProps describes a text to take along: an invitation's address, a token, a recovery code.
type CopyProps struct {
	ID    string
	Label string
	Value string
	Hint  string
}

// SearchProps describes a field to search with: a GET form, focused by "/".
type SearchProps struct {
	Action string
	Name   string // "q" when empty
	Value  string
	Label  string
	Hidden map[string]string // further parts of the query to keep
	Attrs  templ.Attributes  // of the form, for example hx-get and hx-target
}

func (s SearchProps) name() string {
	if s.Name == "" {
		return "q"
	}
	return s.Name
}

// StarsProps describes a review's stars.
type StarsProps struct {
	Given int
	Of    int    // 5 when zero
	Label string // "2 stelle su 5"
}

func (s StarsProps) of() int {
	if s.Of == 0 {
		return 5
	}
	return s.Of
}

// BylineProps says who spoke, where and when. Its children are labels.
type BylineProps struct {
	Who      *WhoProps
	Name     string
	Href     string // of the person
	Net      string // network: "mastodon"
	NetLabel string // "Recensione su Google"
	Stars    *StarsProps
	When     string // "ieri alle 19:30"
	At       string // the exact time for machines and on hover, RFC 3339
	WhenHref string // the original on the network
	More     string // a link at the end: "Leggi la conversazione"
	MoreHref string
}

// MoreProps describes the way to the next page: a link that fetches more below itself. It never loads by itself.
type MoreProps struct {
	Href   string // of the next page, with its cursor
	Label  string // "Mostra altre 30"
	Target string // CSS selector of the list that grows, when htmx may fetch the rows in place
	Select string // CSS selector of the rows in the answer
}

// TableProps describes a table. Cells of numeric columns stand on the right.
type TableProps struct {
	Caption string // spoken
	Columns []Column
	Rows    [][]templ.Component
	Heads   bool // the first cell of each row is its heading
}

// Column is a column of a table.
type Column struct {
	Label  string
	Number bool
	Unseen bool // the label is only for screen readers (keys at the end of rows)
}

func join(parts ...string) string {
	kept := parts[:0]
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, " ")
}
