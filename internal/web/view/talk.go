package view

import (
	"strconv"
	"strings"

	"github.com/a-h/templ"
)

// Voice is who speaks in a message.
type Voice string

// The voices: a person outside, the company, the team among themselves.
const (
	VoiceOutside Voice = ""
	VoiceOurs    Voice = "ours"
	VoiceNote    Voice = "note-inside"
)

// MessageProps describes one message of a thread.
type MessageProps struct {
	ID      string
	Voice   Voice
	Who     WhoProps
	Byline  BylineProps // without Who: the avatar stands beside the message
	Tags    []TagProps  // "Nota interna", "Privato", "Modificato"
	Warning string      // a content warning of the network: the body is folded behind it
	Body    templ.Component
	Media   []MediaProps
	State   *StateProps // how a message of ours went out
	Older   bool
	Gone    string // set when the person deleted it: said instead of the body
	Actions templ.Component
	After   templ.Component // stands under the message: why it is criticism
}

// MediaProps describes a picture, film or sound of a message.
type MediaProps struct {
	Kind string // "image", "video", "audio", "file"
	URL  string // opened by a click
	Src  string // small picture; "" when there is none
	Alt  string // "" is said to be missing
	Name string
}

// StateProps says how a message of ours went out, with its cause and remedy when it did not.
type StateProps struct {
	Icon   string // "hourglass", "check", "attention"
	Label  string
	Cause  string
	Remedy string
	Keys   templ.Component // "Manda di nuovo"
	Bad    bool
}

// Span is a part of a text to mark, in bytes: the words that say so.
type Span struct{ From, To int }

type piece struct {
	text   string
	marked bool
}

// pieces cuts a text at its spans. Spans that overlap or lie outside are left out.
func pieces(text string, marks []Span) []piece {
	var out []piece
	at := 0
	for _, m := range marks {
		if m.From < at || m.To <= m.From || m.To > len(text) {
			continue
		}
		if m.From > at {
			out = append(out, piece{text: text[at:m.From]})
		}
		out = append(out, piece{text: text[m.From:m.To], marked: true})
		at = m.To
	}
	if at < len(text) {
		out = append(out, piece{text: text[at:]})
	}
	return out
}

// paragraphs cuts a text at empty lines.
func paragraphs(text string) []string {
	var out []string
	for p := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n") {
		if p = strings.Trim(p, "\n"); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// Count is a rule of counting what is written. The island counts by it while a member types; the server decides.
type Count string

// The rules. Values are read by internal/web/island/count.ts.
const (
	CountGraphemes Count = "graphemes" // what a reader sees as one character
	CountMastodon  Count = "mastodon"  // graphemes; an address counts LinkLength, a mention only its local part
)

// ComposerLimit is how far one may write on a channel.
type ComposerLimit struct {
	Label      string // "Bluesky", "Mastodon"
	Count      Count
	Max        int // 300, 500 ...
	MaxBytes   int // 3000 on Bluesky; 0 for none
	LinkLength int // 23 on Mastodon; 0 when addresses count as they are
}

// ComposerTab is a way of writing: an answer, or a note inside.
type ComposerTab struct {
	Label   string
	Href    string
	Letter  string // its shortcut
	Current bool
	Attrs   templ.Attributes // of the link, for example hx-get and hx-target
}

func (t ComposerTab) attrs() templ.Attributes {
	return keyAttrs(KeyProps{Letter: t.Letter, Attrs: t.Attrs})
}

// SavedReply is a text the team keeps, with its placeholders already filled.
type SavedReply struct{ ID, Title, Text string }

// ComposerProps describes the sheet on which a member answers. Its children stand at the right of its foot: the keys.
type ComposerProps struct {
	ID         string // of the form
	Label      string // spoken: "Risposta a Elena"
	Action     string // POST
	Target     string // CSS selector that the answer of htmx replaces; "" for the form itself
	To         templ.Component
	Tabs       []ComposerTab
	Name       string // of the text area
	Text       string
	Prefix     string // counted before the text: "@elena@example.org "
	Hint       string // placeholder: folds the empty composer to one line
	Error      string
	Limit      *ComposerLimit
	Asks       []PromiseAsk // what the text promises, to be answered before it goes out
	Checks     []CheckLine
	Replies    []SavedReply
	Files      *ComposerFiles
	DraftURL   string // POST text here while it is written
	WritingURL string // POST here while somebody writes, so that others know
	Other      string // "Marta sta scrivendo qui": shown at once; live updates replace #ID-other
	Who        *WhoProps
	Note       string // at the left of the foot: "La rilegge Marta: è in pubblico"
	Hidden     map[string]string
	IsNote     bool   // a note inside: no ruler, sunken ground
	Open       bool   // never folds
	Letter     string // the shortcut that leads to the text
}

// ComposerFiles allows files with a description each.
type ComposerFiles struct {
	Name    string // of the file input; descriptions are sent as Name + "-alt", in the same order
	Accept  string // "image/png,image/jpeg"
	Max     int
	MaxSize int64 // bytes of each file; 0 for no limit
	AltMax  int   // characters of a description; 0 for no limit
	Kept    []KeptFile
}

// KeptFile is a file that came with an earlier attempt: it is sent as Name + "-kept" with its description as Name + "-kept-alt",
// in the same order; Name + "-drop" leaves it out.
type KeptFile struct {
	ID, Name, Src, Alt string
}

// CheckLine is a line under the text: what is good first, then the one thing missing.
type CheckLine struct {
	Text string
	Todo bool
	Link string
	Href string
}

func (c ComposerProps) name() string {
	if c.Name == "" {
		return "text"
	}
	return c.Name
}

func (c ComposerProps) target() string {
	if c.Target == "" {
		return "this"
	}
	return c.Target
}

func (c ComposerProps) class() string {
	return join("composer", "sheet", when(!c.Open && c.Text == "" && c.Hint != "" && c.Error == "" && (c.Files == nil || len(c.Files.Kept) == 0), "folds"), when(c.IsNote, "inside"))
}

func (c ComposerProps) attrs() templ.Attributes {
	a := templ.Attributes{}
	if c.DraftURL != "" {
		a["data-draft"] = c.DraftURL
	}
	if c.WritingURL != "" {
		a["data-writing"] = c.WritingURL
	}
	if c.Limit != nil {
		a["data-count"] = string(c.Limit.Count)
		a["data-max"] = strconv.Itoa(c.Limit.Max)
		a["data-prefix"] = c.Prefix
		if c.Limit.MaxBytes > 0 {
			a["data-max-bytes"] = strconv.Itoa(c.Limit.MaxBytes)
		}
		if c.Limit.LinkLength > 0 {
			a["data-link-length"] = strconv.Itoa(c.Limit.LinkLength)
		}
	}
	if c.Files != nil {
		a["enctype"] = "multipart/form-data"
		a["hx-encoding"] = "multipart/form-data"
	}
	return a
}

// tick is a mark on the ruler.
type tick struct {
	at    string // percent of the width
	tall  bool
	label string
}

// ruler lays ticks so that the stop stands at 92.6 % of the width, as on the sheet: five steps to a numbered mark.
func (l ComposerLimit) ruler() (ticks []tick, stop string) {
	step := max(1, l.Max/25)
	whole := float64(l.Max) / 0.926
	percent := func(n int) string { return num(float64(n)*100/whole) + "%" }
	for n, i := 0, 0; float64(n) <= whole; n, i = n+step, i+1 {
		t := tick{at: percent(n), tall: i%5 == 0}
		if t.tall && n > 0 && float64(n) < float64(l.Max)*0.78 {
			t.label = strconv.Itoa(n)
		}
		ticks = append(ticks, t)
	}
	return ticks, percent(l.Max)
}

// ConvRowProps describes a conversation in the list.
type ConvRowProps struct {
	ID      string
	Href    string
	Who     WhoProps
	Name    string
	When    string // "2 h 10 min", "15:42"
	At      string // RFC 3339, shown on hover
	Urgent  bool   // the last hours of a promise
	Said    string
	Ours    bool // the last word is ours: set in our face
	Tags    []TagProps
	Net     string
	NetNote string // "2 stelle", "Mastodon"
	Taken   *WhoProps
	Current bool
	Done    bool
	Unread  bool
	Target  string // CSS selector into which htmx loads the conversation; "" for a plain link
	CaseURL string // where a case is opened from it; "" for who may not
	Private string // "Privato": a lock beside the name, with its word; "" when it is in public
	Pick    string // the conversation's identifier, where several can be ticked; "" where not
}

// PersonCardProps describes the person of a conversation. Its children are further sections.
type PersonCardProps struct {
	Who        WhoProps
	Name       string
	Note       string // "@elena@example.org · Arezzo"
	Href       string
	Identities []IdentityLine
	About      string
	Tie        *TieCard
	History    []HistoryLine
	Notes      templ.Component
}

// IdentityLine is one handle of a person.
type IdentityLine struct {
	Net    string
	Handle string
	Href   string
	Note   string
}

// HistoryLine is one event of a person's history.
type HistoryLine struct {
	When string
	Text string
	Href string
}
