package growth

import (
	"slices"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/record"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/triage"
)

// CaseState is where a case stands. It is stored in the database.
type CaseState string

// The states of a case, in their order.
const (
	CaseHeard      CaseState = "heard"      // opened
	CaseUnderstood CaseState = "understood" // the cause is known
	CaseChanging   CaseState = "changing"   // something is being changed
	CaseChanged    CaseState = "changed"    // it was changed
	CaseDeclined   CaseState = "declined"   // it will not be changed, and everybody may read why
)

// Case is one or more criticisms accepted as one matter.
type Case struct {
	ID         CaseID
	Company    team.CompanyID
	Number     int // of the company, from 1: "case 12"
	Handle     record.Handle
	Title      string
	Shown      Words // the title that strangers read; empty: Title
	Theme      triage.Theme
	State      CaseState
	Cause      string
	Plan       string        // what is being changed
	Owner      team.MemberID // "" nobody
	DueAt      time.Time     // zero: no date
	OpenedBy   team.MemberID
	OpenedAt   time.Time
	ChangedAt  time.Time // since when the change is in force; zero: not changed
	DeclinedAt time.Time
	Decline    Words // the public reason
	Public     bool  // it stands in the record: one of its criticisms does, or did
	UpdatedAt  time.Time
	Voices     int       // criticisms in it
	People     int       // different people among them
	FirstAt    time.Time // when the first of them was written
	LastAt     time.Time
	TasksOpen  int
	Tasks      int
	Entry      ImprovementState // of its newest public entry; "" none is prepared
	Stone      int              // number of its newest published entry; 0 none
	Outcome    record.Outcome   // what came of that one
}

// PublicTitle is how strangers read what a case is about: as a member wrote it for them, else its title, which is in the company's
// language.
func (c Case) PublicTitle(locale string) Words {
	if !c.Shown.Empty() {
		return c.Shown
	}
	return inLanguage(locale, c.Title)
}

// Open tells whether something is still to be done.
func (c Case) Open() bool { return slices.Contains(openStates, c.State) }

// openStates are those of a case that is not closed.
var openStates = []CaseState{CaseHeard, CaseUnderstood, CaseChanging}

// Late tells whether a case should have been changed by now.
func (c Case) Late(now time.Time) bool {
	return !c.DueAt.IsZero() && c.DueAt.Before(now) && c.Open()
}

// Words is a public text in both languages. Either may be empty: the other is then shown, said to be in its language.
type Words struct{ IT, EN string }

// In gives the text in a language, else in the other.
func (w Words) In(lang string) (text, in string) {
	if lang == "en" && w.EN != "" || w.IT == "" {
		return w.EN, "en"
	}
	return w.IT, "it"
}

// Empty tells whether nothing is said.
func (w Words) Empty() bool { return w.IT == "" && w.EN == "" }

// CaseFilter narrows the list of cases. Empty fields do not narrow.
type CaseFilter struct {
	States []CaseState
	Owner  team.MemberID
	Theme  triage.Theme
	Late   bool
	Cursor string
	Limit  int // 1 to 100; 0 is 30
}

// CasePage is a part of the list of cases: open ones by date, then closed ones, newest first.
type CasePage struct {
	Cases []Case
	Next  string // "" at the end
	// Counts are how many cases are in each state, unnarrowed, for those the actor may see.
	Counts map[CaseState]int
}

// Task is something to do for a case.
type Task struct {
	ID     TaskID
	Text   string
	Owner  team.MemberID
	DoneAt time.Time
	DoneBy team.MemberID
}

// EvidenceKind is what sort of evidence it is. It is stored in the database.
type EvidenceKind string

// The kinds of evidence.
const (
	EvidenceText    EvidenceKind = "text"
	EvidenceLink    EvidenceKind = "link"
	EvidencePicture EvidenceKind = "picture"
	EvidenceFigure  EvidenceKind = "figure"
)

// Evidence is what shows a cause or a change.
type Evidence struct {
	ID     EvidenceID
	Kind   EvidenceKind
	Text   string // the text; what the link, the picture (its description) or the figure is
	URL    string // EvidenceLink
	Media  string // EvidencePicture: id of the room media
	Value  string // EvidenceFigure: "6", "of": "214 cups"
	OutOf  string
	Member team.MemberID
	At     time.Time
}

// Event is a line of a case's diary.
type Event struct {
	At     time.Time
	Member team.MemberID // "" Ponte itself
	Key    string        // of the catalog: growth.event.<key>
	// Args fill the sentence. "member" is a member's id and "date" a moment (RFC 3339), for the reader to see as a name and a day;
	// "state" is a CaseState. "by" is who did it, and comes from Member.
	Args map[string]string
}

// Sentence is the key of what happened in the catalog.
func (e Event) Sentence() string { return "growth.event." + e.Key }

// Week is how many different people complained in seven days that begin at Start, in the company's zone.
type Week struct {
	Start  time.Time
	People int
}

// File is a case with everything that belongs to it.
type File struct {
	Case        Case
	Voices      []Voice // oldest first
	Tasks       []Task
	Evidence    []Evidence
	Diary       []Event // newest first
	Promises    []Promise
	Improvement *Improvement // nil: none is prepared yet
	Letters     []Letter
	Weeks       []Week // from eight weeks before the first criticism to now, at most 53
	Trend       Trend
	Candidates  []Voice // in no case, and say the same
}

// noCase says that there is no such case, or none for this actor to see.
func noCase() error { return fault.New(fault.NotFound, "growth.case.missing") }
