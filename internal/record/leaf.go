package record

import "time"

// Handle is the public name of a criticism, a case, a promise or an improvement in the record: 16 random bytes in hex. It
// says nothing about anybody.
type Handle string

// Kind is what a leaf says. It stands in public logs: never renamed.
type Kind string

// The kinds of leaves.
const (
	Heard     Kind = "heard"     // a criticism was received in public
	Undecided Kind = "undecided" // a text that may be criticism was left undecided past its time
	Dismissed Kind = "dismissed" // what was heard was judged to be no criticism; Reason says why
	Answered  Kind = "answered"  // a criticism was answered in public; Minutes after it was written
	Accepted  Kind = "accepted"  // a criticism was accepted into the case named by Of
	Declined  Kind = "declined"  // the case named by Subject will not be changed; Commit is of the public reason
	Published Kind = "published" // the improvement named by Subject, of the case named by Of, was published; Commit is of its text
	Effect    Kind = "effect"    // what came of the improvement named by Subject: Outcome, Before, After
	Confirmed Kind = "confirmed" // a person who raised the criticism named by Subject said that it is better, or not (Outcome)
	Promised  Kind = "promised"  // a promise named by Subject was made; Due is its day
	Kept      Kind = "kept"      // it was kept (after its day when a Broken leaf came before)
	Broken    Kind = "broken"    // its day passed and it was not kept
	Erased    Kind = "erased"    // at the person's request nothing but this handle is left of the criticism
)

// Reason is why something is no criticism. It stands in public logs.
type Reason string

// The reasons.
const (
	NotAboutUs Reason = "not_about_us"
	Question   Reason = "question"
	Praise     Reason = "praise"
	Spam       Reason = "spam"
	Abuse      Reason = "abuse" // insult without a matter
	Mistake    Reason = "mistake"
	Withdrawn  Reason = "withdrawn" // the person says it is settled or was an error
)

// Outcome is what came of an improvement, or what a person says came of it. It stands in public logs.
type Outcome string

// The outcomes.
const (
	TooEarly  Outcome = "too_early"
	Worked    Outcome = "worked"
	NotWorked Outcome = "not_worked"
	TooFew    Outcome = "too_few" // too few cases to say
)

// Leaf is one line of the record. It holds no personal data: handles, salted commitments and times rounded down to the hour.
type Leaf struct {
	Kind    Kind
	At      time.Time // when it was recorded, UTC, to the hour
	Subject Handle
	Of      Handle    // what it belongs to; "" nothing
	Said    time.Time // Heard: when it was written, to the hour
	Commit  []byte    // SHA-256 commitment; nil: none
	Minutes int       // Answered: between writing and answer
	Reason  Reason
	Outcome Outcome
	Before  Count     // Effect
	After   Count     // Effect
	Due     time.Time // Promised: the day, UTC midnight
}

// Count is how many people complained in how many days.
type Count struct{ People, Days int }

// Figures are what the growth page says, computed from leaves alone. Since is the day of the first leaf.
type Figures struct {
	Since          time.Time
	Leaves         int64
	Heard          int // criticisms received in public and not dismissed; erased ones count
	Answered       int // of those
	MedianMinutes  int // half of the answers came within; 0 when there is none
	SlowestMinutes int
	Undecided      int // left undecided past their time and still so
	Dismissed      int
	Cases          int // with at least one accepted criticism
	Published      int // improvements
	Voices         int // criticisms in the cases of published improvements
	Declined       int // cases
	Worked         int // improvements whose last effect says so
	NotWorked      int
	TooEarly       int // and too few
	Confirmed      int // people who said that it is better
	NotConfirmed   int // people who said that it is not
	Promised       int
	Kept           int // in time
	KeptLate       int
	Broken         int // and not kept since
	Open           int // promises whose day has not come
	Erased         int
}
