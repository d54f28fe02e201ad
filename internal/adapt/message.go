package adapt

import "slices"

// Message is what somebody wrote, once, for every network.
type Message struct {
	Title string
	// Text carries light marks: **bold**, *italic*, [words](https://…), @[Name](per_…) for a person, #tag.
	Text     string
	Plain    bool   // the text carries no marks: an asterisk is an asterisk
	Warning  string // what people should know before they read; a content warning where the network has it
	Language string // BCP 47
	Media    []Media
}

// Kind is a sort of file.
type Kind string

const (
	Image     Kind = "image"
	Animation Kind = "animation" // pictures that move, without sound
	Video     Kind = "video"
)

// Media is a file that goes with a message. Zero means unknown; what is unknown is not checked.
type Media struct {
	Kind          Kind
	MIME          string
	Bytes         int64
	Width, Height int // as it is shown, after turning
	Seconds       float64
	Codec         string // of the pictures: h264, hevc, vp9, av1
	Alt           string // what one sees, in words
	// The point that matters, from -1 (left, bottom) to 1 (right, top), as Mastodon writes it. 0, 0 is the middle.
	FocusX, FocusY float64
}

// Markup is how an article is written.
type Markup string

const (
	HTML     Markup = "html"
	Markdown Markup = "markdown"
)

// UTM are the parameters that tell a site where a visit came from. A parameter that a link already has stays as it is.
type UTM struct {
	Source   string // "": the network
	Medium   string // "": social; email in a letter
	Campaign string
	Content  string
	Term     string
	Hosts    []string // only links to these hosts and what is below them; empty: all links
}

// Target is the place a message is fitted to.
type Target struct {
	Network Network
	Max     int // the longest part, where the place itself has another limit than the table; 0: the table's
	// Literal: the place counts every character as it is typed, as the servers do that speak like Mastodon and are not.
	Literal bool
	Media   *MediaRules // the place's own limits of media; nil: the table's
	// Handle gives a person's name on this network, with or without @; on LinkedIn a urn:li:… and on Telegram also a
	// tg://user?id=… address. nil: nobody is known.
	Handle func(person string) (handle string, ok bool)
	// Link gives the address under which a link is followed from here; nil or "": as it is.
	Link      func(address string) string
	Tags      TagHabit
	Numbering bool // (1/3) at the end of each part of a thread
	UTM       *UTM
	MaxParts  int      // 0: as many as it takes
	Footer    string   // signature, a paragraph at the end; carries marks like the text
	ExtraTags []string // added where the network takes tags, with or without #
	Markup    Markup   // of an article; "": HTML
}

// Variant is a message as it goes to one network.
type Variant struct {
	Network Network
	Parts   []Part // never empty; several are a thread, in order
	Notes   []Note
	// Fits is the beginning of the text that would fit, cut at a sentence where there is one, when the text is too long
	// and the network has no threads.
	Fits string
}

// Refused tells whether the network would not take the variant as it is.
func (v Variant) Refused() bool {
	return slices.ContainsFunc(v.Notes, func(n Note) bool { return n.Level == Refuse })
}

// Part is one post of a variant.
type Part struct {
	Title   string
	Warning string // the content warning, where the network has a place for it
	Text    string // what people read
	// Markup is what is sent instead of Text where that is something else: LinkedIn's little text, an article's HTML or
	// Markdown. "": Text itself.
	Markup string
	// Length is how long the part is as the network counts it, Limit how long it may be; 0: no limit.
	Length, Limit int
	Unit          Unit
	Facets        []Facet // in order of Start
	FacetUnit     Unit    // what their offsets count: bytes of UTF-8, or code units of UTF-16 on Telegram
	Media         []int   // indexes into the message's media
	Card          string  // the address the network shows as a card, a button or a pin's link
	Tags          []string
}

// FacetKind is what a range of a text is.
type FacetKind string

const (
	FacetLink    FacetKind = "link"    // Value is the address
	FacetMention FacetKind = "mention" // Value is the handle without @, or LinkedIn's urn
	FacetTag     FacetKind = "tag"     // Value is the tag without #
	FacetBold    FacetKind = "bold"
	FacetItalic  FacetKind = "italic"
)

// Facet says what a range of a part's text is. Start and End count in Part.FacetUnit.
type Facet struct {
	Kind       FacetKind
	Start, End int
	Value      string
}

// Covered gives the piece of the text that a facet stands on.
func (p Part) Covered(f Facet) string {
	if p.FacetUnit != UTF16 {
		if f.Start < 0 || f.End > len(p.Text) || f.Start > f.End {
			return ""
		}
		return p.Text[f.Start:f.End]
	}
	start, end, at := -1, -1, 0
	for i, r := range p.Text {
		if at == f.Start {
			start = i
		}
		if at == f.End {
			end = i
		}
		at++
		if r > 0xffff {
			at++
		}
	}
	if at == f.End {
		end = len(p.Text)
	}
	if start < 0 || end < start {
		return ""
	}
	return p.Text[start:end]
}

// Level is how much a note matters.
type Level string

const (
	Hint   Level = "hint"   // good to know
	Warn   Level = "warn"   // look at it
	Refuse Level = "refuse" // the network would not take it
)

// Note says what became of something, or what is in the way. Key is in the catalogs, Args are its words.
type Note struct {
	Level Level
	Key   string
	Args  map[string]any
	Part  int // -1: none
	Media int // index into the message's media; -1: none
}
