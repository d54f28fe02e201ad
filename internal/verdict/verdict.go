package verdict

import (
	"crypto/sha256"
	"encoding/base64"
	"time"
	"unicode/utf8"

	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/triage"
)

// Verdict is what a text of a person outside was judged to be. What a member said stands above what the models said.
type Verdict struct {
	Subject string // the id of the interaction
	Company team.CompanyID
	Digest  string         // of the text that was judged
	Model   string         // version of the model that judged
	Judged  triage.Verdict // what the model said
	SaidAt  time.Time      // when the text was written
	At      time.Time      // when it was judged

	// What counts: the member's word where there is one, else the second opinion's, else the model's.
	Criticism triage.Decision
	Tone      triage.Tone
	Themes    []triage.Theme
	Urgency   int // 0 to 3

	Said        *Correction   // what a member said; nil: nobody corrected it
	CorrectedBy team.MemberID // "" nobody corrected it, or no member in person
	CorrectedAt time.Time
	Second      *Second // nil: none was asked, or none has come yet
	tries       int     // how often a second opinion was asked in vain
}

// Sure tells whether nobody needs to look: the model is sure, or a member has decided.
func (v Verdict) Sure() bool { return v.Criticism != triage.Check }

// likely is from where on a probability counts as so.
const likely = .5

// Asks tells whether the text asks something.
func (v Verdict) Asks() bool { return v.Judged.Question >= likely }

// Praises tells whether the text praises. What a member calls negative does not, whatever the model thinks.
func (v Verdict) Praises() bool {
	return v.Judged.Praise >= likely && (v.Said == nil || v.Said.Tone != triage.ToneNegative)
}

// Second is what another model said about a text that was to be checked.
type Second struct {
	Model     string
	Criticism triage.Decision // Check: it is not sure either
	Why       string          // in the words of the model: plain text, to be shown as such
	At        time.Time
}

// Correction is what a member says a text is.
type Correction struct {
	Criticism *bool          // nil: not said
	Tone      triage.Tone    // "": not said
	Themes    []triage.Theme // nil: not said
	Urgency   *int           // nil: not said
	// Seen is the Digest of the verdict that the member had before them. When the text is another by now, the
	// correction is a Conflict. "": not told.
	Seen string
}

// Digest tells texts apart without keeping them.
func Digest(text string) string {
	h := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(h[:12])
}

// Mark puts the words of the judged text into the evidence, which is kept without them. What does not fit the text is
// left out.
func (v *Verdict) Mark(text string) {
	var fits []triage.Span
	for _, e := range v.Judged.Evidence {
		if e.Start >= 0 && e.Start < e.End && e.End <= len(text) && utf8.RuneStart(text[e.Start]) && (e.End == len(text) || utf8.RuneStart(text[e.End])) {
			e.Word = text[e.Start:e.End]
			fits = append(fits, e)
		}
	}
	v.Judged.Evidence = fits
}

// decided is the decision of a member, who is always sure.
func decided(yes bool) triage.Decision {
	if yes {
		return triage.Yes
	}
	return triage.No
}

// settle derives what counts.
func (v *Verdict) settle() {
	v.Criticism, v.Tone, v.Themes, v.Urgency = v.Judged.Criticism.Decision, v.Judged.Tone, v.Judged.Themes, v.Judged.Urgency
	if v.Second != nil {
		v.Criticism = v.Second.Criticism
	}
	c := v.Said
	if c == nil {
		return
	}
	if c.Criticism != nil {
		v.Criticism = decided(*c.Criticism)
	}
	if c.Tone != "" {
		v.Tone = c.Tone
	}
	if c.Themes != nil {
		v.Themes = c.Themes
	}
	if c.Urgency != nil {
		v.Urgency = *c.Urgency
	}
}
