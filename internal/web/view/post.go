package view

import "github.com/a-h/templ"

// PostHead is the head of every page about one post.
type PostHead struct {
	Crumb     string
	CrumbHref string
	Title     string
	Lede      string
	Tags      []TagProps
	Others    string // who else is in it: "Marta ci sta scrivendo"
	Keys      []KeyProps
	More      []ItemProps // the menu at the end
}

// PostSaved says where the draft is kept, and whether somebody else saved meanwhile.
type PostSaved struct {
	Text     string // "Salvato 3 s fa"
	Ago      string // seconds since then: the island counts on from it
	Stale    string // said in place of Text: somebody else saved meanwhile
	StaleURL string // where both can be seen
	Failed   string // said when it was refused
}

// PostWriting is the page on which a post is written.
type PostWriting struct {
	ID       string // "" a new one
	Version  string
	Action   string // POST the whole form: it is saved
	KeepURL  string // POST quietly while one writes; "" it is not kept by itself
	LookURL  string // POST to see what would become of it; nothing is kept
	TouchURL string // POST: I am in it
	Bell     PostBell
	Head     PostHead
	Problem  *TroubleProps
	Note     string // before the sheet: what saving does to what is planned or stands already
	Saved    PostSaved
	Message  PostMessage
	Channels []PostChannel
	Fixed    []string // the channels, where they cannot be chosen any more
	Lost     string   // what is wrong with the channels
	Open     string   // the tab that is open: "" the message, else a channel
	Own      []PostOwn
	Files    PostFiles
	More     PostMore
	Look     PostLook
	Leaves   *PostLeaves // nil: who writes may not send it on
	Save     KeyProps    // the key that saves
	Comments *PostComments
	Share    *PostShare
	Week     *PostWeek
}

// PostBell listens for what others do to a post that is being written. The zero value listens to nothing.
type PostBell struct {
	URL    string // GET with the version: what is new
	Topics string // "posts:pst_... writing:pst_..."
}

// PostNews is what others did meanwhile. The zero value says nothing.
type PostNews struct {
	Text string
	Link string
	Href string
}

// PostMessage is the message itself.
type PostMessage struct {
	Text    string
	Error   string
	Marks   []Span // what the advice is about, in bytes
	Warning string
	Title   string
}

// PostChannel is a channel to tick.
type PostChannel struct {
	ID      string
	Net     string
	Label   string
	Note    string // "in pausa", "non risponde"
	Checked bool
}

// PostOwn is the tab of a channel's variant.
type PostOwn struct {
	ID      string // of the channel
	Net     string
	Label   string
	Own     bool   // changed by hand
	Base    string // names what stood in the field, to know later whether it was changed
	Text    string
	Title   *PostField // nil: this network has none
	Warning *PostField
	Comment *PostField
	Files   []PostPick // which files go along
	Parts   []PostCount
	Notes   []PostNote
	Error   string
}

// PostField is a further field of a variant.
type PostField struct {
	Label string
	Value string
	Error string
}

// PostPick is a file that may be left out.
type PostPick struct {
	N       string // its number in the message
	Src     string
	Label   string
	Checked bool
}

// PostCount is how long a part is, as the network counts.
type PostCount struct {
	Label string // "1 di 3"; "" the only one
	Used  string
	Of    string // "di 300"; "" no limit
	Over  bool
}

// PostNote says what adapting did, or what stands in the way.
type PostNote struct {
	Level  string // hint, warn, refuse
	Text   string
	Remedy string
}

func (n PostNote) icon() string {
	switch n.Level {
	case "refuse":
		return "close"
	case "warn":
		return "attention"
	}
	return "info"
}

// PostFiles are the pictures and films of a message.
type PostFiles struct {
	Items     []PostFile
	Accept    string
	UploadURL string     // POST files here at once, with script
	Shelf     []PostPick // files of earlier posts
	Error     string
}

// PostFile is one of them.
type PostFile struct {
	ID     string
	N      int
	Name   string
	Src    string // a small picture; "" for a film
	Alt    string
	Error  string
	FocusX int // from -100, left, to 100
	FocusY int // from -100, below, to 100
	Image  bool
}

// PostMore are the fields that most posts do not need.
type PostMore struct {
	Open       bool
	Set        string // what of it is set, said beside the closed fold
	Language   []Option
	Visibility []Option
	Signature  []Option
	TagSets    []PostTagSet
	Templates  []PostTagSet
	Tags       string
	Comment    string
	Campaign   string
	Numbering  bool
	Errors     map[string]string
}

// PostTagSet is a set of tags, or a template, to take in with one key.
type PostTagSet struct{ Name, Value string }

// PostLook is what becomes of what is written: it is drawn again after each save.
type PostLook struct {
	Ruler    *PostRuler
	Previews []PostPreview
	Advice   []PostAdvice
	Doubts   []PostDoubt
	Fine     string // said when there is no advice
	Empty    string // said in place of previews
	Track    PostTrack
}

// PostTrack offers to have the visits of the links in a post counted.
type PostTrack struct {
	Label string // "": there is no link
	Hint  string
	On    bool
}

// PostRuler is the ruler with a stop where each channel ends.
type PostRuler struct {
	Label string // spoken
	Used  int
	Stops []PostStop
}

// PostStop is where a channel ends.
type PostStop struct {
	Label string
	At    int
}

// PostAdvice is something to look at, with why.
type PostAdvice struct {
	Level  string // hint, look
	Title  string
	Remedy string
	Where  string // "In Bluesky"
	Words  string // the words it is about
	From   int    // in UTF-16 code units of the message; To 0: the whole
	To     int
}

// PostDoubt looks as if it should not go out: somebody must say that it may.
type PostDoubt struct {
	Mark  string // "" who reads may not say so
	Text  string
	Shown string
	By    string // who said so already
}

// PostPreview is a variant as its network shows it.
type PostPreview struct {
	ID      string // of the channel
	Net     string
	Label   string
	Layout  string // stream, page, picture, bubble, article, letter
	Tag     TagProps
	Counts  []PostCount
	Name    string
	Handle  string
	Parts   []PostPart
	Notes   []PostNote
	Comment []PostPart
	More    string // what the network writes where it cuts
}

// PostPart is one message on the network.
type PostPart struct {
	Title   string
	Warning string
	Text    []PostPiece
	Rest    []PostPiece // behind the cut
	Card    *PostCard
	Files   []PostImage
	Count   PostCount
}

// PostPiece is a part of a text with one look.
type PostPiece struct {
	Text string
	Kind string // "", link, mention, tag, bold, italic
}

// PostCard is the card of a link.
type PostCard struct {
	Host, Title, Text string
	Src               string // its picture; "" without
}

// PostImage is a picture in a gallery.
type PostImage struct {
	Src, Alt string
	Focus    string // a class that says what stays when it is cut
	Crop     *PostCrop
	Film     bool
	Play     string // where a film can be played; "" it is only named
}

// PostCrop is the part of a picture that goes out, in its own pixels.
type PostCrop struct{ X, Y, Width, Height, OfWidth, OfHeight int }

func (c PostCrop) box() string {
	return itoa(c.X) + " " + itoa(c.Y) + " " + itoa(c.Width) + " " + itoa(c.Height)
}

// PostLeaves is the sheet that says when it goes out and who says yes.
type PostLeaves struct {
	When   *PostWhen // nil: who writes may only ask
	Wanted string    // whose yes the company wants; "" nobody's
	Ask    *PostAsk
	Go     KeyProps // the red key
	Also   []KeyProps
	Note   string
}

// PostWhen is the choice of a time.
type PostWhen struct {
	Kind     string // now, slot, at
	Zone     string
	Slot     string // "giovedì alle 18:30"; "" no slots
	SlotNote string
	At       string // 2026-03-29T02:30
	Min      string
	ClockURL string // GET ?at=... says what is odd about an hour
	Clock    *PostClock
	Best     []PostHour
	BestNote string
	Repeat   PostRepeat
	Errors   map[string]string
}

// PostClock says what is odd about a chosen hour.
type PostClock struct {
	Lines  []string
	Second *CheckProps // the hour comes twice: the second is meant
	Anyway *CheckProps // it lies in quiet time: all the same
}

// PostHour is an hour in which people answered.
type PostHour struct {
	Text string // "giovedì alle 18"
	Of   string // "14 risposte in 9 giorni"
	At   string // the next one, to take it over
}

// PostRepeat says that it comes again.
type PostRepeat struct {
	Open     bool
	Every    []Option
	Interval string
	Weekdays []CheckProps
	Until    string
	Count    string
	Errors   map[string]string
}

// PostAsk is whom to ask for a yes.
type PostAsk struct {
	Members []CheckProps
	Note    string
	Error   string
}

// PostConfirm says what is about to happen, before it does.
type PostConfirm struct {
	Action  string
	Title   string
	Crumb   string
	Back    string // where one goes who changes their mind
	Facts   []Fact
	Doubts  []PostDoubt
	Error   string
	Hidden  []PostHidden
	Yes     KeyProps
	No      string
	Problem *TroubleProps
}

// PostHidden is a field that goes along.
type PostHidden struct{ Name, Value string }

// PostComments are what the team says about a post.
type PostComments struct {
	URL   string // POST; "" who reads may not
	Items []PostComment
	Text  string
	Error string
}

// PostComment is one of them.
type PostComment struct {
	Who     WhoProps
	Name    string
	When    string
	Text    string
	DropURL string // "" who reads may not
}

// PostShare says with whom a post is shared.
type PostShare struct {
	URL     string
	Members []CheckProps
}

// PostSheet is the page of a post that is not being written: it waits, goes out, or stands.
type PostSheet struct {
	ID       string
	LiveHref string
	Head     PostHead
	Problem  *TroubleProps
	Trouble  *PostTrouble
	Approve  *PostApprove
	When     *PostTime
	Previews []PostPreview
	Channels []PostPlace
	Figures  *PostFigures
	Carried  *PostCarried
	Said     []PostSaid
	SaidNote string
	Fixes    []PostFix
	Guests   *PostGuests
	Comments *PostComments
	Down     *PostDown
	Copy     *PostCopy
	Diary    []HistoryLine
}

// PostTrouble is why a post waits for a person, and what can be done.
type PostTrouble struct {
	Title string
	Text  string
	Keys  []PostKey
}

// PostKey is a key with a form of its own.
type PostKey struct {
	Key    KeyProps
	Action string
	Hidden []PostHidden
	Ask    *DialogProps // asks before
	Sure   string       // the key of the dialog
}

// PostApprove is the part about the yes.
type PostApprove struct {
	Done    bool // nothing is asked any more: it stands below what came of the post
	Title   string
	Steps   []Fact
	Words   []PostComment // what was said with it
	Changed []PostDiff    // what changed since somebody last saw it
	Since   string        // since when
	YesURL  string        // "" it is not this member's turn
	Hash    string
	Yes     KeyProps
	BackURL string
	Why     string
	Error   string
	Note    string
}

// PostDiff is a text with what went and what came.
type PostDiff struct {
	Label  string
	Pieces []PostChange
}

// PostChange is a piece of a diff.
type PostChange struct {
	Text string
	Kind string // "", gone, new
}

// PostTime is when it goes out, and how that is changed.
type PostTime struct {
	Facts   []Fact
	MoveURL string
	At      string
	Zone    string
	Error   string
	Keys    []PostKey
}

// PostPlace is where a variant stands, or why not.
type PostPlace struct {
	Net    string
	Label  string
	State  StateProps
	Links  []PostLink
	Keys   []PostKey
	Detail string
}

// PostLink leads to a message on its network.
type PostLink struct{ Label, Href string }

// PostFigures are what a post brought, read at fixed ages.
type PostFigures struct {
	Lede  string
	Rows  []PostFigure
	Chart *PostChart
	Came  string // by its links
	Note  string
}

// PostFigure is what one channel brought.
type PostFigure struct {
	Net    string
	Label  string
	Series []PostCell
	Links  []PostVisited
}

// PostVisited is a link of a post with who came by it.
type PostVisited struct {
	Address string
	Target  string
	Href    string // of its page; "": it is not for this member
	Visits  string
}

// PostCell is a reading: "12 reazioni, 3 risposte".
type PostCell struct {
	Age  string
	Text string
	Wait bool // not yet
}

// PostChart is the small drawing of it.
type PostChart struct {
	Label string
	Bars  []PostBar
}

// PostBar is a bar: its height in the 60 units of the drawing.
type PostBar struct {
	Label  string
	Value  string
	Height int
	Wait   bool
}

// PostCarried says by which ties a post was carried.
type PostCarried struct {
	Lede  string
	Table TableProps // no rows: nothing yet
	So    []string
}

// PostSaid is a conversation under a post.
type PostSaid struct {
	Href   string
	Byline BylineProps
	Text   string
	Tags   []TagProps
}

// PostFix is a correction of what stands.
type PostFix struct {
	Title   string
	State   string
	Text    string
	YesURL  string
	Hash    string
	BackURL string
	Error   string
}

// PostGuests are the personal links.
type PostGuests struct {
	URL   string // POST makes one; "" who reads may not
	Made  *CopyProps
	Items []PostGuest
	Name  string
	Days  []Option
	Error map[string]string
}

// PostGuest is one link.
type PostGuest struct {
	Name    string
	State   string
	DropURL string
}

// PostDown takes what stands down.
type PostDown struct {
	URL      string
	Channels []CheckProps
}

// PostCopy begins a new draft with the same words.
type PostCopy struct {
	URL      string
	Channels []CheckProps
}

// PostHistory are the earlier states of a post.
type PostHistory struct {
	Head    PostHead
	Problem *TroubleProps
	Items   []PostPast
	Empty   string
	Version string
	Delete  *PostKey
}

// PostPast is an earlier state.
type PostPast struct {
	ID         string
	Title      string
	Note       string
	Aside      bool
	Changes    []PostDiff
	RestoreURL string
	Restore    string
}

func postTab(id string) string {
	if id == "" {
		return "tab-message"
	}
	return "tab-" + id
}

func postData(pairs ...string) templ.Attributes {
	a := templ.Attributes{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			a[pairs[i]] = pairs[i+1]
		}
	}
	return a
}
