package verdict

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/id"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/triage"
)

// Kinds of identifiers minted here.
const (
	correctionKind id.Kind = "cor"
	modelKind      id.Kind = "mod"
)

// MayCorrect is nil for who may say what a text is: those who organise the inbox, and those who decide what counts as
// criticism.
func MayCorrect(actor team.Actor) error {
	if actor.Can(team.GrowthManage) {
		return nil
	}
	return actor.May(team.InboxOrganise)
}

// Correct keeps what a member says a text is, and teaches it to the company's model. The text is as it stands now; the
// caller holds it until the transaction ends. What was said about the same text before and is not said anew stands.
func (v *Verdicts) Correct(ctx context.Context, tx *store.Tx, actor team.Actor, id, text string, c Correction) (Verdict, error) {
	if err := MayCorrect(actor); err != nil {
		return Verdict{}, err
	}
	if err := c.check(); err != nil {
		return Verdict{}, err
	}
	w, err := v.correct(ctx, tx, actor, id, text, c)
	if err != nil {
		return Verdict{}, fmt.Errorf("verdict.Correct: %w", err)
	}
	return w, nil
}

func (c Correction) check() error {
	var wrong []fault.Field
	if c.Criticism == nil && c.Tone == "" && c.Themes == nil && c.Urgency == nil {
		wrong = append(wrong, fault.Field{Name: "criticism", Key: "verdict.correction.empty"})
	}
	if c.Tone != "" && !slices.Contains(tones, c.Tone) {
		wrong = append(wrong, fault.Field{Name: "tone", Key: "verdict.correction.tone"})
	}
	for _, t := range c.Themes {
		if !slices.Contains(triage.Themes, t) {
			wrong = append(wrong, fault.Field{Name: "themes", Key: "verdict.correction.theme"})
			break
		}
	}
	if c.Urgency != nil && (*c.Urgency < 0 || *c.Urgency > 3) {
		wrong = append(wrong, fault.Field{Name: "urgency", Key: "verdict.correction.urgency"})
	}
	return fault.InvalidFields(wrong...)
}

var tones = []triage.Tone{triage.ToneNegative, triage.ToneNeutral, triage.TonePositive, triage.ToneMixed}

// over is what a member has said when they say c after before.
func (c Correction) over(before *Correction) Correction {
	if c.Themes != nil { // in the order in which models name them, each once
		said := c.Themes
		c.Themes = []triage.Theme{}
		for _, t := range triage.Themes {
			if slices.Contains(said, t) {
				c.Themes = append(c.Themes, t)
			}
		}
	}
	c.Seen = ""
	if before == nil {
		return c
	}
	if c.Criticism == nil {
		c.Criticism = before.Criticism
	}
	if c.Tone == "" {
		c.Tone = before.Tone
	}
	if c.Themes == nil {
		c.Themes = before.Themes
	}
	if c.Urgency == nil {
		c.Urgency = before.Urgency
	}
	return c
}

// same tells whether two corrections say the same.
func (c Correction) same(d Correction) bool {
	eq := func(a, b *int) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }
	yes := func(b *bool) *int {
		if b == nil {
			return nil
		}
		n := 0
		if *b {
			n = 1
		}
		return &n
	}
	return eq(yes(c.Criticism), yes(d.Criticism)) && c.Tone == d.Tone && eq(c.Urgency, d.Urgency) &&
		(c.Themes == nil) == (d.Themes == nil) && slices.Equal(c.Themes, d.Themes)
}

func (v *Verdicts) correct(ctx context.Context, tx *store.Tx, actor team.Actor, id, text string, c Correction) (Verdict, error) {
	digest := Digest(text)
	before, err := v.heldOne(ctx, tx, actor.Company, id)
	if err != nil {
		return Verdict{}, err
	}
	if c.Seen != "" && c.Seen != digest {
		return Verdict{}, fault.New(fault.Conflict, "verdict.moved")
	}
	if before.Digest != digest { // judged before it became what it is
		if _, err := v.judgeAll(ctx, tx, actor.Company, []Text{{ID: id, Text: text, At: before.SaidAt, Again: true}}); err != nil {
			return Verdict{}, err
		}
		if before, err = v.heldOne(ctx, tx, actor.Company, id); err != nil {
			return Verdict{}, err
		}
	}
	said := c.over(before.Said)
	if before.Said != nil && said.same(*before.Said) {
		return before, nil
	}
	now := v.clock.Now()
	after := before
	after.Said, after.CorrectedBy, after.CorrectedAt = &said, actor.Member, now
	after.settle()
	if err := v.update(ctx, tx, []Verdict{after}); err != nil {
		return Verdict{}, err
	}
	if err := v.insertCorrection(ctx, tx, correctionKind.New(now), after, text); err != nil {
		return Verdict{}, err
	}
	counts := tally{}
	counts.add(before, -1)
	counts.add(after, 1)
	if err := v.count(ctx, tx, actor.Company, counts); err != nil {
		return Verdict{}, err
	}
	if err := v.teach(ctx, tx, actor.Company); err != nil {
		return Verdict{}, err
	}
	return after, v.tell(ctx, tx, actor, []Verdict{after})
}

func (v *Verdicts) heldOne(ctx context.Context, tx *store.Tx, c team.CompanyID, id string) (Verdict, error) {
	vs, err := v.held(ctx, tx, c, []string{id})
	if err != nil {
		return Verdict{}, err
	}
	w, ok := vs[id]
	if !ok {
		return Verdict{}, fault.New(fault.NotFound, "verdict.missing")
	}
	return w, nil
}

// Trust says how much a model's decision was worth so far, in exact counts.
type Trust struct {
	Like       int // verdicts with the same decision of the model, this one included
	Looked     int // of them, those about which a member has said whether they are criticism
	Corrected  int // of them, those where the member said the opposite; a model that leaves it open is never corrected
	Criticisms int // of Looked, those that are criticism
}

// Trust counts the verdicts in which the model decided as in this one, and what members said about them. It is for
// other rooms, which have checked who asks.
func (v *Verdicts) Trust(ctx context.Context, c team.CompanyID, w Verdict) (Trust, error) {
	t, err := v.trust(ctx, c, w.Judged.Criticism.Decision)
	if err != nil {
		return Trust{}, fmt.Errorf("verdict.Trust: %w", err)
	}
	return t, nil
}

// Forget drops all that is kept about texts, because the people who wrote them are forgotten: what they were judged to
// be, what members and other models said, and every model that learned from it. The company's model is made again
// without it.
func (v *Verdicts) Forget(ctx context.Context, tx *store.Tx, c team.CompanyID, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	if err := v.forget(ctx, tx, c, ids); err != nil {
		return fmt.Errorf("verdict.Forget: %w", err)
	}
	return nil
}

func (v *Verdicts) forget(ctx context.Context, tx *store.Tx, c team.CompanyID, ids []string) error {
	old, err := v.held(ctx, tx, c, ids)
	if err != nil {
		return err
	}
	counts := tally{}
	for _, w := range old {
		counts.add(w, -1)
	}
	if err := v.drop(ctx, tx, slices.Sorted(maps.Keys(old))); err != nil {
		return err
	}
	first, err := v.dropCorrections(ctx, tx, c, ids)
	if err != nil {
		return err
	}
	if err := v.count(ctx, tx, c, counts); err != nil {
		return err
	}
	if first == "" {
		return nil
	}
	if err := v.dropModels(ctx, tx, c, first); err != nil {
		return err
	}
	return v.teach(ctx, tx, c)
}
