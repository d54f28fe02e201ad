package verdict

import (
	"time"

	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/triage"
)

// Verdict is what a text of a person outside was judged to be. What a member said stands above what the model said.
type Verdict struct {
	Subject string // the id of the interaction
	Company team.CompanyID
	Model   string         // version of the model that judged
	Judged  triage.Verdict // what the model said
	At      time.Time

	// What counts: the member's word where there is one, else the second opinion's, else the model's.
	Criticism triage.Decision
	Themes    []triage.Theme
	Urgency   int

	CorrectedBy team.MemberID // "" nobody corrected it
	CorrectedAt time.Time
	Second      *Second // nil: none was asked
}

// Sure tells whether nobody needs to look: the model is sure, or a member has decided.
func (v Verdict) Sure() bool { return v.Criticism != triage.Check }

// Second is what another model said about a text that was to be checked.
type Second struct {
	Model     string
	Criticism triage.Decision
	Why       string
	At        time.Time
}

// Correction is what a member says a text is.
type Correction struct {
	Criticism *bool // nil: not said
	Tone      triage.Tone
	Themes    []triage.Theme // nil: not said
	Urgency   *int
}
