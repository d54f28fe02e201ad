package adapt

// Network is a kind of place. The values are written into JSON and into the database.
type Network string

// The networks that have a table of rules.
const (
	Mastodon  Network = "mastodon"
	Bluesky   Network = "bluesky"
	X         Network = "x"
	Threads   Network = "threads"
	LinkedIn  Network = "linkedin"
	Facebook  Network = "facebook" // a Page
	Instagram Network = "instagram"
	Google    Network = "google" // a Business Profile
	Telegram  Network = "telegram"
	YouTube   Network = "youtube" // posts of the community
	Pinterest Network = "pinterest"
	Site      Network = "site" // an article of one's own site
	Mail      Network = "mail" // a plain letter
	Fake      Network = "fake" // the network of the tests: like Mastodon, but it counts every character that is typed
)

// Networks lists the networks a message can be fitted to, in the order in which people see them.
func Networks() []Network {
	return []Network{Mastodon, Bluesky, X, Threads, LinkedIn, Facebook, Instagram, Google, Telegram, YouTube, Pinterest, Site, Mail}
}

// Known tells whether there is a table of rules for a network.
func Known(n Network) bool {
	for _, k := range Networks() {
		if n == k {
			return true
		}
	}
	return n == Fake
}

// Unit is what a network counts.
type Unit string

const (
	Graphemes Unit = "graphemes" // what a reader sees as one character (Unicode Standard Annex #29)
	Typed     Unit = "typed"     // code points, as they are typed
	Weighted  Unit = "weighted"  // the weights of twitter-text, configuration 3
	UTF16     Unit = "utf16"     // code units of UTF-16
	EmojiByte Unit = "emoji"     // characters, an emoji as its bytes in UTF-8
	Bytes     Unit = "bytes"     // bytes of UTF-8; only for the offsets of facets
)

// TagHabit is where a network's people put hashtags.
type TagHabit string

const (
	Inline  TagHabit = "inline" // in the sentence
	AtEnd   TagHabit = "end"    // in a line of their own, at the end; in the sentence their plain word stays
	NoTags  TagHabit = "none"   // not at all; in the sentence their plain word stays
	AsUsual TagHabit = ""       // the network's habit
)
