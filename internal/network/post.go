package network

// MostCounts is how many posts are counted at once.
const MostCounts = 25

// Count is a number that a network may keep to itself. The zero Count is not told, which is not the same as none.
type Count struct {
	N    int
	Told bool
}

// Counted is a number that was told. Nonsense below zero counts as none.
func Counted(n int) Count { return Count{N: max(n, 0), Told: true} }

// CountedOr reads a number that may be missing in an answer.
func CountedOr(n *int) Count {
	if n == nil {
		return Count{}
	}
	return Counted(*n)
}

// Counts are what a post has brought so far.
type Counts struct {
	RemoteID  string
	Gone      bool // the server says that it is not there; then nothing is told
	Reactions Count
	Replies   Count
	Shares    Count
	Quotes    Count
	Views     Count
}

// FacetKind is what a range of a text is. It is stored in the database.
type FacetKind string

// The kinds of facets. A connector leaves out those that its network does not know; the words stay.
const (
	FacetLink    FacetKind = "link"
	FacetMention FacetKind = "mention"
	FacetTag     FacetKind = "tag"
	FacetBold    FacetKind = "bold"
	FacetItalic  FacetKind = "italic"
)

// Facet says what a range of a text is. Start and End count in the network's own unit; End is exclusive.
type Facet struct {
	Kind       FacetKind
	Start, End int
	Value      string // an address, a handle or stable id, a tag without its mark; "" for how words look
}

// Card shows what a link leads to.
type Card struct {
	URL         string
	Title       string
	Description string
	Image       *Upload // nil: without a picture
}
