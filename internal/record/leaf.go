package record

import (
	"crypto/rand"
	"encoding/hex"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
)

// Handle is the public name of a criticism, a case, a promise or an improvement in the record: 16 random bytes in lower-case hex. It
// says nothing about anybody.
type Handle string

// NewHandle makes a handle that nothing has.
func NewHandle() Handle {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return Handle(hex.EncodeToString(b[:]))
}

// ParseHandle reads a handle.
func ParseHandle(s string) (Handle, error) {
	if !isHex(s, 32) {
		return "", fault.New(fault.Invalid, "record.handle")
	}
	return Handle(s), nil
}

// isHex tells whether a text is n lower-case hexadecimal digits.
func isHex(s string, n int) bool {
	if len(s) != n {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// Kind is what a leaf says. It stands in public logs: never renamed.
type Kind string

// The kinds of leaves, with the fields each has besides At and Subject. A leaf has all fields of its kind and no other.
const (
	Heard     Kind = "heard"     // a criticism was received in public; Said, Commit of its address
	Undecided Kind = "undecided" // a text that may be criticism was left undecided past its time; Said, Commit of its address
	Dismissed Kind = "dismissed" // what was heard or undecided was judged to be no criticism; Reason
	Answered  Kind = "answered"  // a criticism was answered in public; Minutes
	Accepted  Kind = "accepted"  // a criticism was accepted into the case named by Of
	Parted    Kind = "parted"    // it was taken out of the case named by Of again
	Declined  Kind = "declined"  // the case named by Subject will not be changed; Commit of the public reason
	Reopened  Kind = "reopened"  // a declined case was taken up again
	Published Kind = "published" // the improvement named by Subject, of the case named by Of, was published; Commit of its text
	Effect    Kind = "effect"    // what came of the improvement named by Subject: Outcome, Before, After
	Confirmed Kind = "confirmed" // the person who raised the criticism named by Subject said that it is better, or not: Outcome
	Promised  Kind = "promised"  // a promise named by Subject was made; Due
	Kept      Kind = "kept"      // it was kept, in time or, when a Broken leaf came before, late
	Broken    Kind = "broken"    // its day passed, or it was given up
	Erased    Kind = "erased"    // nothing but this handle is left of the criticism named by Subject: the person asked for it, or their time was over; it does not say which
)

// Kinds are all kinds.
var Kinds = []Kind{
	Heard, Undecided, Dismissed, Answered, Accepted, Parted, Declined, Reopened, Published, Effect, Confirmed, Promised, Kept, Broken, Erased,
}

// Reason is why something is no criticism. It stands in public logs: never renamed.
type Reason string

// The reasons.
const (
	NotAboutUs Reason = "not_about_us"
	Question   Reason = "question"
	Praise     Reason = "praise"
	Spam       Reason = "spam"
	Abuse      Reason = "abuse"     // insult without a matter
	Mistake    Reason = "mistake"   // it was never one: the machine, or a member, had read it wrong
	Withdrawn  Reason = "withdrawn" // the person says it is settled or was an error
)

// Reasons are all reasons.
var Reasons = []Reason{NotAboutUs, Question, Praise, Spam, Abuse, Mistake, Withdrawn}

// Outcome is what came of an improvement, or what a person says came of it. It stands in public logs: never renamed.
type Outcome string

// The outcomes.
const (
	TooEarly  Outcome = "too_early"
	Worked    Outcome = "worked"
	NotWorked Outcome = "not_worked"
	TooFew    Outcome = "too_few" // too few cases to say
)

// Outcomes are all outcomes.
var Outcomes = []Outcome{TooEarly, Worked, NotWorked, TooFew}

// Leaf is one line of the record. It holds no personal data: handles, salted commitments and times rounded down to the hour.
// Tally.Prepare rounds what has to be rounded.
type Leaf struct {
	Kind    Kind
	At      time.Time // when it was recorded, UTC, to the hour; never before the leaf that stands before it
	Subject Handle    // what it is about: a criticism, a case, an improvement or a promise, as the kind says
	Of      Handle    // what it belongs to; "" nothing
	Said    time.Time // when it was written, UTC, to the hour; never after At
	Commit  []byte    // the 32 bytes of Commit; nil: none
	Minutes int       // between writing and answer, rounded up as RoundMinutes does
	Reason  Reason
	Outcome Outcome
	Before  Count
	After   Count
	Due     time.Time // the day of the promise in the company's zone, written as UTC midnight
}

// Count is how many people complained in how many days.
type Count struct{ People, Days int }

// Hour rounds a time down to the hour, UTC.
func Hour(t time.Time) time.Time { return t.UTC().Truncate(time.Hour) }

// Day is the calendar day of a time in its own zone, written as UTC midnight.
func Day(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

const (
	exactMinutes = 10 * 60        // to here minutes are exact
	hourMinutes  = 48 * 60        // to here they are whole hours
	mostMinutes  = 3650 * 24 * 60 // and to here whole days
)

// RoundMinutes rounds how long an answer took as the record writes it: minutes to ten hours, whole hours to 48, whole days to ten years,
// which is the most. These are the steps in which people are told (i18n.Span), and it rounds up, so that "within" is true as it is shown.
func RoundMinutes(m int) int {
	switch m = max(m, 0); {
	case m <= exactMinutes:
		return m
	case m <= hourMinutes:
		return (m + 59) / 60 * 60
	default:
		return min((m+1439)/1440*1440, mostMinutes)
	}
}
