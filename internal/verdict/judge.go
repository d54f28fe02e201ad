package verdict

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/triage"
)

// Text is something to be judged.
type Text struct {
	ID    string
	Text  string
	At    time.Time // when it was written
	Again bool      // it may have been judged before: as another text, or by an older model
}

// Judge judges texts with the company's model and keeps the verdicts. What a member said about a text stands when the
// text is the same as then, and so does a second opinion.
func (v *Verdicts) Judge(ctx context.Context, tx *store.Tx, c team.CompanyID, texts []Text) (map[string]Verdict, error) {
	if len(texts) == 0 {
		return nil, nil
	}
	out, err := v.judgeAll(ctx, tx, c, texts)
	if err != nil {
		return nil, fmt.Errorf("verdict.Judge: %w", err)
	}
	return out, nil
}

func (v *Verdicts) judgeAll(ctx context.Context, tx *store.Tx, c team.CompanyID, texts []Text) (map[string]Verdict, error) {
	m, err := v.model(ctx, c)
	if err != nil {
		return nil, err
	}
	var again []string
	for _, t := range texts {
		if t.Again {
			again = append(again, t.ID)
		}
	}
	old, err := v.held(ctx, tx, c, again)
	if err != nil {
		return nil, err
	}
	said, err := v.said(ctx, tx, c, again)
	if err != nil {
		return nil, err
	}
	now, version := v.clock.Now(), m.Version()
	out := make(map[string]Verdict, len(texts))
	var fresh, known []Verdict
	counts := tally{}
	for _, t := range texts {
		w := Verdict{
			Subject: t.ID, Company: c, Digest: Digest(t.Text), Model: version, Judged: m.Judge(t.Text), SaidAt: t.At, At: now,
		}
		before, is := old[t.ID]
		if is {
			if before.Digest == w.Digest {
				w.Second, w.tries = before.Second, before.tries
			}
			for _, s := range slices.Backward(said[t.ID]) {
				if s.body == t.Text {
					w.Said, w.CorrectedBy, w.CorrectedAt = &s.said, s.member, s.at
					break
				}
			}
			counts.add(before, -1)
		}
		w.settle()
		counts.add(w, 1)
		if is {
			known = append(known, w)
		} else {
			fresh = append(fresh, w)
		}
		out[t.ID] = w
	}
	if err := v.insert(ctx, tx, fresh); err != nil {
		return nil, err
	}
	if err := v.update(ctx, tx, known); err != nil {
		return nil, err
	}
	if err := v.wantSecond(ctx, tx, c, out, now); err != nil {
		return nil, err
	}
	return out, v.count(ctx, tx, c, counts)
}

// wantSecond has another model asked about what is to be checked, where the company wants that.
func (v *Verdicts) wantSecond(ctx context.Context, tx *store.Tx, c team.CompanyID, judged map[string]Verdict, now time.Time) error {
	for _, w := range judged {
		if !w.askedFor(now) {
			continue
		}
		set, err := v.secondRow(ctx, c)
		if err != nil || !set.Enabled {
			return err
		}
		return v.askLater(ctx, tx, c)
	}
	return nil
}

// Of gives verdicts. It is for other rooms, which have checked who asks; what is not there is left out.
func (v *Verdicts) Of(ctx context.Context, c team.CompanyID, ids []string) (map[string]Verdict, error) {
	out, err := v.read(ctx, v.store.Read(ctx), c, ids, false)
	if err != nil {
		return nil, fmt.Errorf("verdict.Of: %w", err)
	}
	return out, nil
}

// counted is a line of what was judged how.
type counted struct{ judged, looked, corrected, criticisms int }

// tally counts verdicts by what the model decided.
type tally map[triage.Decision]counted

// add counts a verdict n times.
func (t tally) add(v Verdict, n int) {
	d := v.Judged.Criticism.Decision
	c := t[d]
	c.judged += n
	if v.Said != nil && v.Said.Criticism != nil {
		c.looked += n
		yes := *v.Said.Criticism
		if yes {
			c.criticisms += n
		}
		if d == triage.Yes && !yes || d == triage.No && yes {
			c.corrected += n
		}
	}
	t[d] = c
}
