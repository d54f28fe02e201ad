package presence

import (
	"math"
	"time"

	"github.com/ponte-desk/ponte/internal/inbox"
)

// Key names a figure. It is in portraits that are kept.
type Key string

// The figures.
const (
	Weeks   Key = "weeks"    // weeks with a sign of life, of all weeks
	Gap     Key = "gap"      // days of the longest silence
	Taken   Key = "answered" // turns of others that were answered, of those that waited long enough
	Wait    Key = "wait"     // how long answers took
	WaitIn  Key = "wait_in"  // to what came in company hours
	WaitOut Key = "wait_out" // to what came outside them

	Self   Key = "self"   // sentences about ourselves, of all
	Praise Key = "praise" // sentences that praise ourselves, of all

	Replies Key = "replies" // answers to others, of all that was said
	Asking  Key = "asking"  // posts that ask something, of all posts
	Heard   Key = "heard"   // posts that ask something and got an answer, of those that ask
	Asked   Key = "asked"   // turns of others that ask something and were answered, of those that ask

	Critical Key = "critical"          // criticisms in public, of all that others said in public
	Faced    Key = "critical_answered" // of these, answered in public
	Ignored  Key = "critical_left"     // of these, left
	Withdrew Key = "critical_deleted"  // of these, gone from the network since

	Ease     Key = "ease"     // how easy our sentences are to read, beside theirs
	Length   Key = "length"   // words in a sentence, ours beside theirs
	Register Key = "register" // how we speak to people, beside how they speak to us

	People  Key = "people"  // people who wrote and were answered, of those who wrote
	Fresh   Key = "fresh"   // people who wrote for the first time, of those who wrote
	Three   Key = "three"   // answers to the three people who got most, of all answers
	Circles Key = "circles" // circles of the ties in which somebody was answered, of all circles

	Site      Key = "site"      // posts that lead to the company's own site, of all posts
	Elsewhere Key = "elsewhere" // posts that lead to pages of others, of all posts
)

// Theme puts figures together.
type Theme string

// The themes.
const (
	Regular    Theme = "regular"
	Responsive Theme = "responsive"
	SelfTheme  Theme = "self"
	Talk       Theme = "talk"
	Criticism  Theme = "criticism"
	Level      Theme = "level"
	Variety    Theme = "variety"
	SiteTheme  Theme = "site"
)

// Themes are all themes with their figures, in the order of the page.
var Themes = []struct {
	Theme Theme
	Keys  []Key
}{
	{Regular, []Key{Weeks, Gap}},
	{Responsive, []Key{Taken, Wait, WaitIn, WaitOut}},
	{SelfTheme, []Key{Self, Praise}},
	{Talk, []Key{Replies, Asking, Heard, Asked}},
	{Criticism, []Key{Critical, Faced, Ignored, Withdrew}},
	{Level, []Key{Ease, Length, Register}},
	{Variety, []Key{People, Fresh, Three, Circles}},
	{SiteTheme, []Key{Site, Elsewhere}},
}

// least is of how many a figure must be before it says something; with fewer it is said that they are too few.
var least = map[Key]int{
	Weeks: 4, Gap: 4, Taken: 8, Wait: 5, WaitIn: 5, WaitOut: 5, Self: 20, Praise: 20, Replies: 8, Asking: 8, Heard: 4, Asked: 5, Critical: 20, Faced: 3, Ignored: 3,
	Withdrew: 3, Ease: 200, Length: 20, Register: 8, People: 8, Fresh: 8, Three: 10, Circles: 3, Site: 8, Elsewhere: 8,
}

// Least is of how many a figure must be before it says something.
func Least(k Key) int { return least[k] }

// Figure is one figure of a time, with of how many it is.
type Figure struct {
	Key   Key
	N, Of int // of spans and levels only Of: cases, words or sentences
	// Of spans: half of the answers took no longer than Median, nine of ten no longer than Ninth.
	Median, Ninth time.Duration
	// Of levels: ours, and theirs of so many.
	Ours, Theirs float64
	TheirsOf     int
	Language     string // of levels: which texts were read
	// Of the register: texts that speak to somebody as tu, voi, Lei; ours and theirs.
	OurWays, TheirWays [3]int
	// Few says that this is of too few to mean anything.
	Few bool
	// Before is the same figure of the time before; nil where there was none.
	Before   *Figure
	Examples []Example
	Series   []Point
}

// Span tells whether a figure is a length of time.
func (k Key) Span() bool { return k == Wait || k == WaitIn || k == WaitOut }

// Level tells whether a figure sets a value of ours beside one of theirs.
func (k Key) Level() bool { return k == Ease || k == Length }

// Share tells whether a figure is so many of so many.
func (k Key) Share() bool { return !k.Span() && !k.Level() && k != Gap && k != Register }

// Part is N of Of, 0 of nothing.
func (f Figure) Part() float64 {
	if f.Of == 0 {
		return 0
	}
	return float64(f.N) / float64(f.Of)
}

// Change says which way a share went since the time before: 1 up, -1 down, 0 when it may be chance, when either is of too few, or when
// there is no before. Two shares differ when the difference is more than twice its standard error.
func (f Figure) Change() int {
	if f.Before == nil || f.Few || f.Before.Few || !f.Key.Share() {
		return 0
	}
	a, b := float64(f.Of), float64(f.Before.Of)
	pooled := (float64(f.N) + float64(f.Before.N)) / (a + b)
	wide := math.Sqrt(pooled * (1 - pooled) * (1/a + 1/b))
	switch d := f.Part() - f.Before.Part(); {
	case wide == 0:
		return 0
	case d > 2*wide:
		return 1
	case d < -2*wide:
		return -1
	}
	return 0
}

// Role says what an example is an example of. It is in portraits that are kept.
type Role string

// The roles of examples.
const (
	IsLast     Role = "last"     // the last sign of life
	IsSilent   Role = "silent"   // the last before the silence
	IsBack     Role = "back"     // the first after it
	IsAnswered Role = "answered" // it got an answer
	IsLeft     Role = "left"     // it got none
	IsSlow     Role = "slow"     // it waited longest
	IsQuick    Role = "quick"    // it waited least
	IsSelf     Role = "self"
	IsPraise   Role = "praise"
	IsReply    Role = "reply"
	IsPost     Role = "post"
	IsAsking   Role = "asking"
	IsCritical Role = "critical"
	IsGone     Role = "gone"
	IsHard     Role = "hard" // a sentence that is hard to read
	IsTu       Role = "tu"
	IsVoi      Role = "voi"
	IsLei      Role = "lei"
	IsNew      Role = "new"  // the first time they wrote
	IsMost     Role = "most" // to one of the three
	IsSite     Role = "site"
	IsAway     Role = "away" // to a page of others
)

// Example is something that was said and that one can open. Its words are not kept here: they are read when somebody looks, so that nothing
// of a person who was erased is in a portrait.
type Example struct {
	ID         inbox.InteractionID
	At         time.Time
	Role       Role
	Private    bool // not everybody may read it: its words are not shown among the figures
	Start, End int  // bytes of the sentence meant; 0 and 0: all of it
}

// Point is a figure in a part of the time.
type Point struct {
	From   time.Time
	N, Of  int
	Median time.Duration // of spans
	Ours   float64       // of levels
}
