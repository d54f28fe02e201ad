package adapt

// Source is where numbers were read.
type Source struct {
	What    string // which numbers
	Address string
	// Told is false when no number was found in the network's documentation: then it is the one on which those who
	// publish there agree, and Address is the page where it should stand.
	Told bool
	// Quoted: the page itself could not be read, only what others quote of it.
	Quoted bool
	Read   string // the day, YYYY-MM-DD
}

// Rules are one network's numbers and habits. Zero means no limit, unless a field says otherwise.
type Rules struct {
	Network Network
	Unit    Unit
	Max     int // of one part
	Caption int // of a part with media, where that differs
	Bytes   int // of one part, beside Max
	Link    int // what a link counts; 0: as long as it is
	Title   int
	Thread  bool // a message can go on in answers to itself

	HasTitle    bool // there is a place for a title
	NeedsTitle  bool
	Warning     bool // there is a place for a content warning, which counts
	Clickable   bool // links in the text can be followed
	NamedLinks  bool // words can carry a link
	Formatting  bool // bold and italic exist
	Mentions    bool // people can be named by their handle
	Card        bool // one address is shown as a card, a button or a pin's link
	Tags        TagHabit
	TagsApart   bool // tags have a field of their own
	MaxTags     int
	TagLength   int // graphemes of one tag
	MaxMentions int
	MaxLinks    int
	MaxCard     int // characters of the card's address
	NeedsMedia  bool
	FacetUnit   Unit
	Media       MediaRules
	Sources     []Source
}

// MediaRules are what a network takes with a post.
type MediaRules struct {
	Most      int  // files in one post; -1: none at all
	Mixed     bool // images and videos may go together
	Image     FileRules
	Animation FileRules
	Video     FileRules
}

// FileRules are what a network takes of one sort of file.
type FileRules struct {
	Most                 int // in one post; -1: this sort is not taken
	Bytes                int64
	MIME                 []string
	MinWidth, MinHeight  int
	MaxWidth, MaxHeight  int
	MaxSum               int     // width and height together
	MaxPixels            int     // width times height
	MinAspect, MaxAspect float64 // width by height
	MinSeconds           float64
	MaxSeconds           float64
	Codecs               []string
	Alt                  int // characters of a description; -1: there is no place for it
}

// of gives the rules for one sort of file.
func (r *MediaRules) of(k Kind) *FileRules {
	switch k {
	case Animation:
		return &r.Animation
	case Video:
		return &r.Video
	default:
		return &r.Image
	}
}

// literal makes the rules those of a place that counts every character as it is typed, addresses and names too.
func (r *Rules) literal() { r.Unit, r.Link = Typed, 0 }

// RulesOf gives a network's table. A network without one has no limits.
func RulesOf(n Network) Rules {
	switch n {
	case Mastodon:
		return mastodon()
	case Bluesky:
		return bluesky()
	case X:
		return x()
	case Threads:
		return threads()
	case LinkedIn:
		return linkedIn()
	case Facebook:
		return facebook()
	case Instagram:
		return instagram()
	case Google:
		return google()
	case Telegram:
		return telegram()
	case YouTube:
		return youTube()
	case Pinterest:
		return pinterest()
	case Site:
		return site()
	case Mail:
		return mail()
	case Fake:
		r := mastodon()
		r.Network = Fake
		r.literal()
		return r
	}
	return Rules{Network: n, Unit: Graphemes, FacetUnit: Bytes, Clickable: true, Tags: Inline}
}
