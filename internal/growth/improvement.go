package growth

import (
	"context"
	"time"

	"github.com/ponte-desk/ponte/internal/record"
	"github.com/ponte-desk/ponte/internal/team"
)

// ImprovementState is where a public entry stands. It is stored in the database.
type ImprovementState string

// The states of an improvement.
const (
	ImprovementDraft     ImprovementState = "draft"
	ImprovementAsked     ImprovementState = "asked"     // waits for whoever the company says
	ImprovementApproved  ImprovementState = "approved"  // may be published
	ImprovementPublished ImprovementState = "published" // stands on the growth page and in the record for good
)

// Improvement is what was changed: you said, we did, it worked.
type Improvement struct {
	ID          ImprovementID
	Company     team.CompanyID
	Case        CaseID
	CaseNumber  int
	Number      int // of the published ones of the company, from 1; 0: not published
	Handle      record.Handle
	State       ImprovementState
	Title       Words     // "The divider in the boxes"
	Stone       Words     // one word for the arch: "boxes"
	Said        Words     // you said
	Did         Words     // we did
	Since       time.Time // since when the change is in force
	Voices      int       // criticisms in its case when it was published
	Others      int       // people besides the one quoted
	QuotedAs    string    // "Elena C." or ""
	Trend       Trend     // as of CheckedAt
	CheckedAt   time.Time
	Later       []Line // what was added after publishing, oldest first
	ApprovedBy  team.MemberID
	ApprovedAt  time.Time
	PublishedBy team.MemberID
	PublishedAt time.Time
	Leaf        int64 // its place in the record; -1: none
	Better      int   // people who confirmed that it is better
	NotBetter   int   // people who said that it is not
}

// Line is what was added to a published entry.
type Line struct {
	At   time.Time
	Text Words
}

// DraftIn replaces the text of an entry that is not published.
type DraftIn struct{ Title, Stone, Said, Did Words }

// ChangeImprovement changes the text of a draft; an approval is gone by this. It needs GrowthManage; the case's owner may too.
func (g *Growth) ChangeImprovement(ctx context.Context, actor team.Actor, i ImprovementID, in DraftIn) error {
	return errSkeleton
}

// AskApproval hands a draft to whoever the company says. It needs GrowthManage.
func (g *Growth) AskApproval(ctx context.Context, actor team.Actor, i ImprovementID) error {
	return errSkeleton
}

// ApproveImprovement says that an entry may be published as it stands. The company's settings say who may.
func (g *Growth) ApproveImprovement(ctx context.Context, actor team.Actor, i ImprovementID) error {
	return errSkeleton
}

// ReturnImprovement sends an entry back to be changed, with a reason for the diary.
func (g *Growth) ReturnImprovement(ctx context.Context, actor team.Actor, i ImprovementID, reason string) error {
	return errSkeleton
}

// Publish puts an approved entry on the growth page and into the record, for good. It needs GrowthPublish. Who may approve
// may publish a draft at once: that is an approval too.
func (g *Growth) Publish(ctx context.Context, actor team.Actor, i ImprovementID) error {
	return errSkeleton
}

// AddLine adds a line to a published entry. It needs GrowthPublish.
func (g *Growth) AddLine(ctx context.Context, actor team.Actor, i ImprovementID, text Words) error {
	return errSkeleton
}

// ToApprove lists the entries that wait for the actor's approval.
func (g *Growth) ToApprove(ctx context.Context, actor team.Actor) ([]Improvement, error) {
	return nil, errSkeleton
}

// MayApprove tells whether the company's settings let the actor approve.
func (g *Growth) MayApprove(ctx context.Context, actor team.Actor) (bool, error) {
	return false, errSkeleton
}
