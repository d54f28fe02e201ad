package growth

import (
	"context"
	"time"

	"github.com/ponte-desk/ponte/internal/inbox"
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
	UpdatedAt  time.Time
	Voices     int       // criticisms in it
	People     int       // different people among them
	FirstAt    time.Time // when the first of them was written
	LastAt     time.Time
	TasksOpen  int
	Tasks      int
}

// Late tells whether a case should have been changed by now.
func (c Case) Late(now time.Time) bool {
	return !c.DueAt.IsZero() && c.DueAt.Before(now) && c.State != CaseChanged && c.State != CaseDeclined
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

// OpenIn opens a case.
type OpenIn struct {
	Title        string
	Theme        triage.Theme          // "" of the first criticism
	Interactions []inbox.InteractionID // at least one; those that were no criticism yet become it by this
	Owner        team.MemberID
	DueAt        time.Time
}

// Open opens a case from interactions. It needs GrowthManage.
func (g *Growth) Open(ctx context.Context, actor team.Actor, in OpenIn) (Case, error) {
	return Case{}, errSkeleton
}

// Join puts interactions into a case that is there. It needs GrowthManage.
func (g *Growth) Join(ctx context.Context, actor team.Actor, c CaseID, is []inbox.InteractionID) error {
	return errSkeleton
}

// Part takes a criticism out of its case; a case keeps at least one. It needs GrowthManage.
func (g *Growth) Part(ctx context.Context, actor team.Actor, c CriticismID) error { return errSkeleton }

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

// Cases lists cases. Who has GrowthRead sees all, any other member those they own or have a task in.
func (g *Growth) Cases(ctx context.Context, actor team.Actor, f CaseFilter) (CasePage, error) {
	return CasePage{}, errSkeleton
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
	Args   map[string]string
}

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

// OpenFile gives a case with everything that belongs to it. Who may not see it hears that it is not there.
func (g *Growth) OpenFile(ctx context.Context, actor team.Actor, c CaseID) (File, error) {
	return File{}, errSkeleton
}

// ChangeCaseIn replaces what it names.
type ChangeCaseIn struct {
	Title string
	Theme triage.Theme
	Cause string
	Plan  string
	Owner team.MemberID
	DueAt time.Time
}

// ChangeCase changes what is known of a case. It needs GrowthManage; its owner may change cause and plan.
func (g *Growth) ChangeCase(ctx context.Context, actor team.Actor, c CaseID, in ChangeCaseIn) error {
	return errSkeleton
}

// AdvanceIn moves a case on.
type AdvanceIn struct {
	To    CaseState // CaseUnderstood (wants a cause), CaseChanging (wants a plan), CaseChanged (wants since when)
	Cause string
	Plan  string
	Since time.Time // CaseChanged: since when it is in force; zero: now. Not in the future, not before the first criticism.
	Did   Words     // CaseChanged: what was done, in the words of the public entry
}

// Advance moves a case on, or back to an earlier state. Its owner may, and who has GrowthManage. When it becomes changed, a
// public entry and letters back to everybody who raised it are prepared.
func (g *Growth) Advance(ctx context.Context, actor team.Actor, c CaseID, in AdvanceIn) error {
	return errSkeleton
}

// Decline says in public that a case will not be changed, and why. It needs GrowthPublish.
func (g *Growth) Decline(ctx context.Context, actor team.Actor, c CaseID, reason Words) error {
	return errSkeleton
}

// Reopen takes up a declined or changed case again. The record keeps what it says. It needs GrowthManage.
func (g *Growth) Reopen(ctx context.Context, actor team.Actor, c CaseID) error { return errSkeleton }

// AddTask adds something to do. Its owner may, and who has GrowthManage.
func (g *Growth) AddTask(ctx context.Context, actor team.Actor, c CaseID, text string, owner team.MemberID) (Task, error) {
	return Task{}, errSkeleton
}

// FinishTask says that a task is done, or not (done false). Who owns it or the case may, and who has GrowthManage.
func (g *Growth) FinishTask(ctx context.Context, actor team.Actor, t TaskID, done bool) error {
	return errSkeleton
}

// DropTask takes a task away.
func (g *Growth) DropTask(ctx context.Context, actor team.Actor, t TaskID) error { return errSkeleton }

// AddEvidence adds a piece of evidence. Its owner may, and who has GrowthManage.
func (g *Growth) AddEvidence(ctx context.Context, actor team.Actor, c CaseID, e Evidence) (Evidence, error) {
	return Evidence{}, errSkeleton
}

// DropEvidence takes a piece of evidence away.
func (g *Growth) DropEvidence(ctx context.Context, actor team.Actor, e EvidenceID) error {
	return errSkeleton
}

// SetQuote says how a criticism is quoted in public: with the person's name or without, all of it or a part that must be
// in it. It needs GrowthManage.
func (g *Growth) SetQuote(ctx context.Context, actor team.Actor, c CriticismID, named bool, part string) error {
	return errSkeleton
}
