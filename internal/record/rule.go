package record

import "github.com/ponte-desk/ponte/internal/fault"

// Rule is a rule of the record's grammar. Its words stand in the catalog under "record.rule." and its name.
type Rule string

// The rules. A leaf that breaks one is never written by Ponte, and is reported by whoever checks a record.
const (
	// RuleTime: a leaf is not older than the one before it.
	RuleTime Rule = "time"
	// RuleNames: a handle names one thing only: a criticism, a case, an improvement or a promise.
	RuleNames Rule = "names"
	// RuleUnknown: nothing is said of what was not introduced. Criticisms are introduced by Heard or Undecided, cases by Accepted,
	// Declined or Published, improvements by Published, promises by Promised.
	RuleUnknown Rule = "unknown"
	// RuleErased: nothing is said any more of a criticism that was erased.
	RuleErased Rule = "erased"
	// RuleHeardTwice: what is heard is not heard again, nor left undecided; only what is undecided or was dismissed becomes heard.
	RuleHeardTwice Rule = "heard_twice"
	// RuleOther: what was undecided or dismissed and is heard now has the time and the address that it had.
	RuleOther Rule = "other"
	// RuleNotHeard: only what is heard is answered, accepted, confirmed.
	RuleNotHeard Rule = "not_heard"
	// RuleDismissedTwice: what is dismissed is not dismissed again.
	RuleDismissedTwice Rule = "dismissed_twice"
	// RuleInCase: what is in a case is neither dismissed nor accepted into another; it is parted first.
	RuleInCase Rule = "in_case"
	// RuleNotInCase: only what is in a case is parted from it, and from that one.
	RuleNotInCase Rule = "not_in_case"
	// RuleAnsweredTwice: the first answer counts, and stands once.
	RuleAnsweredTwice Rule = "answered_twice"
	// RuleNotAccepted: only who was accepted into a case once says whether it is better.
	RuleNotAccepted Rule = "not_accepted"
	// RuleDeclined: a declined case is neither declined again nor followed by an improvement before it is reopened.
	RuleDeclined Rule = "declined"
	// RuleNotDeclined: only a declined case is reopened.
	RuleNotDeclined Rule = "not_declined"
	// RulePublishedTwice: an improvement is published once.
	RulePublishedTwice Rule = "published_twice"
	// RulePromisedTwice: a promise is made once.
	RulePromisedTwice Rule = "promised_twice"
	// RuleSettled: a kept promise is neither kept nor broken again, a broken one not broken again.
	RuleSettled Rule = "settled"
	// RuleKeptLate: what is kept when its day is over everywhere on earth was broken before.
	RuleKeptLate Rule = "kept_late"
)

// Rules are all rules.
var Rules = []Rule{
	RuleTime, RuleNames, RuleUnknown, RuleErased, RuleHeardTwice, RuleOther, RuleNotHeard, RuleDismissedTwice, RuleInCase, RuleNotInCase,
	RuleAnsweredTwice, RuleNotAccepted, RuleDeclined, RuleNotDeclined, RulePublishedTwice, RulePromisedTwice, RuleSettled, RuleKeptLate,
}

// Breach is a leaf that breaks a rule.
type Breach struct{ Rule Rule }

// Error implements error.
func (b *Breach) Error() string { return "record: the leaf breaks the rule " + string(b.Rule) }

// Unwrap gives the fault for doors: whoever writes a record never meets it unless Ponte has a defect.
func (b *Breach) Unwrap() error {
	return fault.New(fault.Internal, "record.breach").With("rule", string(b.Rule))
}
