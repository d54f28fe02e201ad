package view

import "github.com/a-h/templ"

// InboxPage is the inbox: filters, the list, and the conversation that is open.
type InboxPage struct {
	Filters InboxFilters
	List    ConvList
	Talk    *Talk
	Person  *PersonSide
}

// InboxFilters is the column of views, channels and labels.
type InboxFilters struct {
	LiveHref string
	Groups   []FilterGroup
}

// FilterGroup is a named list of ways to look.
type FilterGroup struct {
	Title string
	Items []FilterItem
}

// FilterItem is one way to look at the conversations.
type FilterItem struct {
	Label   string
	Href    string
	Count   string // "4", "più di 1000"; "" for none
	Net     string
	Icon    string
	Current bool
}

// ConvList is the list of conversations.
type ConvList struct {
	Title    string
	Note     string // how it is ordered, or what a search found
	LiveHref string
	Search   SearchProps
	Views    []Option // the same views for narrow screens
	Rows     []ConvRowProps
	After    []ConvRowProps // answered today
	More     MoreProps
	Empty    *EmptyProps
	EmptyKey *KeyProps
	Picked   *PickedBar // nil: who looks may do nothing with several
}

// PickedBar is what can be done with several conversations at once.
type PickedBar struct {
	URL  string // POST from, back and do here
	Back string // where one goes on
	Case bool   // a case may be opened from them
	Done bool   // they may be marked as done
}

// Talk is the conversation in hand.
type Talk struct {
	ID       string
	Topics   string
	Back     string // the list
	LookURL  string // POST once it is on screen
	Head     TalkHead
	Thread   TalkThread
	Composer *ComposerProps // nil: who looks may not write
	SendKeys []KeyProps
	OtherURL string // who else writes
	Notice   *TroubleProps
	Why      string // why there is no composer
}

// TalkHead names the person and holds what can be done with the conversation.
type TalkHead struct {
	ID       string
	Back     string
	Name     string
	Net      string
	Sub      string // "Menzione pubblica su Mastodon"
	Private  bool
	Tags     []TagProps
	Organise bool
	Assign   AssignMenu
	Label    LabelMenu
	Snooze   SnoozeMenu
	Open     bool // can be settled; else it can be taken up again
	DoneURL  string
	AgainURL string
	Original string // on the network
	Note     string // why a form in the head did not work
	CaseURL  string // where a case is opened from it; "" for who may not
	LeadURL  string // POST here makes a lead of who writes; "" for who may not, and where there is one
	LeadHref string // the lead that was made of it
}

// AssignMenu chooses who is in charge.
type AssignMenu struct {
	URL   string
	Label string
	Who   *WhoProps
	Items []ItemProps
	Error string
}

// LabelMenu puts labels on and takes them off.
type LabelMenu struct {
	URL   string
	Items []ItemProps // on: name "remove"; not on: name "label"
	Error string
	Value string
}

// SnoozeMenu puts a conversation aside.
type SnoozeMenu struct {
	URL   string
	Items []ItemProps
	Min   string // 2026-03-12
	Error string
}

// TalkThread is everything that was said, oldest first.
type TalkThread struct {
	ID       string
	LiveHref string
	Seen     string // the revision that is shown, sent with an answer
	About    *MessageProps
	Older    []MessageProps // folded
	OlderSay string
	Messages []MessageProps
}

// PastText is what a message said before it was edited.
type PastText struct{ Until, Text string }

// ReplyKeys are what can be done about an answer of ours on its way. Empty addresses are not offered.
type ReplyKeys struct {
	Approve, Reject, Withdraw, Retry, Again, GiveUp string
	Letter                                          bool
}

// Any tells whether something can be done.
func (k ReplyKeys) Any() bool {
	return k.Approve != "" || k.Reject != "" || k.Withdraw != "" || k.Retry != "" || k.Again != "" || k.GiveUp != ""
}

// PersonSide is the person beside a conversation.
type PersonSide struct {
	Card  PersonCardProps
	Notes []PersonNote
	Data  string // what is kept of them
	Href  string
	Merge string // the way to join two people; "" for who may not
}

// PersonNote is a note about a person.
type PersonNote struct {
	ID, Who, When, Text string
	Keep                bool // the person is not to be forgotten
}

// send makes a form that htmx sends in place; without script it is a plain form.
func send(action, target string) templ.Attributes {
	return templ.Attributes{"hx-post": action, "hx-target": target, "hx-swap": "outerHTML"}
}

func oob(yes bool) templ.Attributes {
	if !yes {
		return nil
	}
	return templ.Attributes{"hx-swap-oob": "true"}
}

// Said is what somebody wrote, with the words that weigh marked and its earlier texts folded below.
func Said(p Page, text string, marks []Span, past []PastText) templ.Component {
	return saidWithPast(p, text, marks, past)
}

// KeysFor gives the keys of an answer on its way, nil when there are none.
func KeysFor(p Page, k ReplyKeys) templ.Component {
	if !k.Any() {
		return nil
	}
	return replyKeys(p, k)
}

// Notes sets the notes about a person.
func Notes(notes []PersonNote) templ.Component {
	if len(notes) == 0 {
		return nil
	}
	return personNotes(notes)
}

func dateAttrs(from string) templ.Attributes {
	if from == "" {
		return nil
	}
	return templ.Attributes{"min": from}
}

func threadAttrs(t TalkThread, beside bool) templ.Attributes {
	a := LiveAttrs("conversation:"+t.ID, t.LiveHref)
	a["data-quiet"] = true
	if beside {
		a["hx-swap-oob"] = "true"
	}
	return a
}

// idOf makes an element's id of an address.
func idOf(url string) string {
	out := []rune(url)
	for i, r := range out {
		if !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z') {
			out[i] = '-'
		}
	}
	return string(out)
}
