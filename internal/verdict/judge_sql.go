package verdict

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/triage"
)

// chunk bounds the rows of one statement.
const chunk = 250

type verdictRow struct {
	bun.BaseModel `bun:"table:verdict"`
	Subject       string          `bun:"subject,pk"`
	CompanyID     team.CompanyID  `bun:"company_id"`
	Digest        string          `bun:"digest"`
	Model         string          `bun:"model"`
	SaidAt        time.Time       `bun:"said_at"`
	At            time.Time       `bun:"at"`
	Criticism     triage.Decision `bun:"criticism"`
	Tone          triage.Tone     `bun:"tone"`
	Themes        string          `bun:"themes"`
	Urgency       int             `bun:"urgency"`
	Judged        string          `bun:"judged"`
	Second        string          `bun:"second,nullzero"`
	SecondTries   int             `bun:"second_tries"`
	Said          string          `bun:"said,nullzero"`
	CorrectedBy   team.MemberID   `bun:"corrected_by"`
	CorrectedAt   time.Time       `bun:"corrected_at,nullzero"`
}

func rowOf(v Verdict) (verdictRow, error) {
	r := verdictRow{
		Subject: v.Subject, CompanyID: v.Company, Digest: v.Digest, Model: v.Model, SaidAt: clock.Trim(v.SaidAt), At: clock.Trim(v.At),
		Criticism: v.Criticism, Tone: v.Tone, Themes: string(appendStrings(nil, v.Themes)), Urgency: v.Urgency,
		Judged: string(appendJudged(nil, v.Judged)), SecondTries: v.tries, CorrectedBy: v.CorrectedBy, CorrectedAt: clock.Trim(v.CorrectedAt),
	}
	var err error
	if v.Second != nil {
		if r.Second, err = encode(secondJSON{v.Second.Model, v.Second.Criticism, v.Second.Why, v.Second.At}); err != nil {
			return r, err
		}
	}
	if v.Said != nil {
		r.Said, err = encode(saidOf(*v.Said))
	}
	return r, err
}

func (r verdictRow) verdict() (Verdict, error) {
	v := Verdict{
		Subject: r.Subject, Company: r.CompanyID, Digest: r.Digest, Model: r.Model, SaidAt: clock.Trim(r.SaidAt), At: clock.Trim(r.At),
		tries:       r.SecondTries,
		CorrectedBy: r.CorrectedBy, CorrectedAt: clock.Trim(r.CorrectedAt),
	}
	var j judgedJSON
	if err := json.Unmarshal([]byte(r.Judged), &j); err != nil {
		return v, err
	}
	v.Judged = j.judged()
	if r.Second != "" {
		var s secondJSON
		if err := json.Unmarshal([]byte(r.Second), &s); err != nil {
			return v, err
		}
		v.Second = &Second{s.Model, s.Criticism, s.Why, clock.Trim(s.At)}
	}
	if r.Said != "" {
		var s saidJSON
		if err := json.Unmarshal([]byte(r.Said), &s); err != nil {
			return v, err
		}
		c := s.correction()
		v.Said = &c
	}
	v.settle()
	return v, nil
}

// judgedJSON is how what the model said is stored: short, because there are many.
type judgedJSON struct {
	Language triage.Language `json:"l"`
	Tone     triage.Tone     `json:"t"`
	Decision triage.Decision `json:"d"`
	P        [8]float64      `json:"p"` // criticism, negative, positive, question, praise, spam, insult, irony
	Themes   []triage.Theme  `json:"th"`
	Urgency  int             `json:"u"`
	Cues     []triage.Cue    `json:"c"`
	Evidence [][3]float64    `json:"e"` // start, end, weight
}

func (j judgedJSON) judged() triage.Verdict {
	v := triage.Verdict{
		Language: j.Language, Tone: j.Tone, Criticism: triage.Opinion{P: j.P[0], Decision: j.Decision}, Negative: j.P[1], Positive: j.P[2],
		Question: j.P[3], Praise: j.P[4], Spam: j.P[5], Insult: j.P[6], Irony: j.P[7], Themes: j.Themes, Urgency: j.Urgency, Cues: j.Cues,
	}
	for _, e := range j.Evidence {
		v.Evidence = append(v.Evidence, triage.Span{Start: int(e[0]), End: int(e[1]), Weight: e[2]})
	}
	return v
}

// appendJudged writes a judgedJSON by hand: histories bring many texts at once.
func appendJudged(b []byte, v triage.Verdict) []byte {
	b = append(b, `{"l":"`...)
	b = append(b, v.Language...)
	b = append(b, `","t":"`...)
	b = append(b, v.Tone...)
	b = append(b, `","d":"`...)
	b = append(b, v.Criticism.Decision...)
	b = append(b, `","p":[`...)
	for i, p := range [8]float64{v.Criticism.P, v.Negative, v.Positive, v.Question, v.Praise, v.Spam, v.Insult, v.Irony} {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendShare(b, p)
	}
	b = append(b, `],"th":`...)
	b = appendStrings(b, v.Themes)
	b = append(b, `,"u":`...)
	b = strconv.AppendInt(b, int64(v.Urgency), 10)
	b = append(b, `,"c":`...)
	b = appendStrings(b, v.Cues)
	b = append(b, `,"e":[`...)
	for i, e := range v.Evidence {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '[')
		b = strconv.AppendInt(b, int64(e.Start), 10)
		b = append(b, ',')
		b = strconv.AppendInt(b, int64(e.End), 10)
		b = append(b, ',')
		b = appendShare(b, e.Weight)
		b = append(b, ']')
	}
	return append(b, "]}"...)
}

// appendShare writes a number between 0 and 1 with four places: more says nothing.
func appendShare(b []byte, p float64) []byte {
	n := int64(p*10_000 + .5)
	if n < 0 || p != p {
		n = 0
	}
	return strconv.AppendFloat(b, float64(n)/10_000, 'g', -1, 64)
}

// appendStrings writes words of this house's own, which need no escaping, as JSON.
func appendStrings[S ~string](b []byte, s []S) []byte {
	b = append(b, '[')
	for i, w := range s {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '"')
		b = append(b, w...)
		b = append(b, '"')
	}
	return append(b, ']')
}

type secondJSON struct {
	Model     string          `json:"model"`
	Criticism triage.Decision `json:"criticism"`
	Why       string          `json:"why"`
	At        time.Time       `json:"at"`
}

// saidJSON is how a member's word is stored.
type saidJSON struct {
	Criticism *bool          `json:"criticism,omitempty"`
	Tone      triage.Tone    `json:"tone,omitempty"`
	Themes    []triage.Theme `json:"themes"`
	Urgency   *int           `json:"urgency,omitempty"`
}

func saidOf(c Correction) saidJSON { return saidJSON{c.Criticism, c.Tone, c.Themes, c.Urgency} }

func (s saidJSON) correction() Correction {
	return Correction{Criticism: s.Criticism, Tone: s.Tone, Themes: s.Themes, Urgency: s.Urgency}
}

func encode(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}

// read gives verdicts; held ones do not change until the transaction ends.
func (v *Verdicts) read(ctx context.Context, db bun.IDB, c team.CompanyID, ids []string, hold bool) (map[string]Verdict, error) {
	out := make(map[string]Verdict, len(ids))
	for part := range slices.Chunk(ids, chunk) {
		var rows []verdictRow
		q := db.NewSelect().Model(&rows).Where("subject IN (?)", bun.List(part)).Order("subject")
		if hold && v.store.Dialect() == store.Postgres {
			q = q.For("NO KEY UPDATE")
		}
		if err := q.Scan(ctx); err != nil {
			return nil, store.Fault(err)
		}
		for _, r := range rows {
			if r.CompanyID != c {
				continue
			}
			w, err := r.verdict()
			if err != nil {
				return nil, err
			}
			out[r.Subject] = w
		}
	}
	return out, nil
}

func (v *Verdicts) held(ctx context.Context, tx *store.Tx, c team.CompanyID, ids []string) (map[string]Verdict, error) {
	return v.read(ctx, tx.DB, c, ids, true)
}

func rowsOf(vs []Verdict) ([]verdictRow, error) {
	rows := make([]verdictRow, len(vs))
	for i, w := range vs {
		var err error
		if rows[i], err = rowOf(w); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

func (v *Verdicts) insert(ctx context.Context, tx *store.Tx, vs []Verdict) error {
	rows, err := rowsOf(vs)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(rows, chunk) {
		if _, err := tx.DB.NewInsert().Model(&part).Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	return nil
}

// update writes verdicts that are there already.
func (v *Verdicts) update(ctx context.Context, tx *store.Tx, vs []Verdict) error {
	rows, err := rowsOf(vs)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(rows, chunk) {
		_, err := tx.DB.NewInsert().Model(&part).On("CONFLICT (subject) DO UPDATE").
			Set("digest = EXCLUDED.digest, model = EXCLUDED.model, said_at = EXCLUDED.said_at, at = EXCLUDED.at").
			Set("criticism = EXCLUDED.criticism, tone = EXCLUDED.tone, themes = EXCLUDED.themes, urgency = EXCLUDED.urgency").
			Set("judged = EXCLUDED.judged, second = EXCLUDED.second, second_tries = EXCLUDED.second_tries, said = EXCLUDED.said").
			Set("corrected_by = EXCLUDED.corrected_by, corrected_at = EXCLUDED.corrected_at").Exec(ctx)
		if err != nil {
			return store.Fault(err)
		}
	}
	return nil
}

// heard is what a member said about a text.
type heard struct {
	body   string
	said   Correction
	member team.MemberID
	at     time.Time
}

type correctionRow struct {
	bun.BaseModel `bun:"table:correction"`
	ID            string         `bun:"id,pk"`
	CompanyID     team.CompanyID `bun:"company_id"`
	Subject       string         `bun:"subject"`
	Body          string         `bun:"body"`
	Said          string         `bun:"said"`
	MemberID      team.MemberID  `bun:"member_id"`
	At            time.Time      `bun:"at"`
	Aside         bool           `bun:"aside"` // what no model learns any more: a member went back from the one that had
}

// said gives what members said about subjects, oldest first.
func (v *Verdicts) said(ctx context.Context, tx *store.Tx, c team.CompanyID, ids []string) (map[string][]heard, error) {
	out := map[string][]heard{}
	for part := range slices.Chunk(ids, chunk) {
		var rows []correctionRow
		if err := tx.DB.NewSelect().Model(&rows).Where("subject IN (?)", bun.List(part)).Order("id").Scan(ctx); err != nil {
			return nil, store.Fault(err)
		}
		for _, r := range rows {
			if r.CompanyID != c {
				continue
			}
			var s saidJSON
			if err := json.Unmarshal([]byte(r.Said), &s); err != nil {
				return nil, err
			}
			out[r.Subject] = append(out[r.Subject], heard{body: r.Body, said: s.correction(), member: r.MemberID, at: clock.Trim(r.At)})
		}
	}
	return out, nil
}

// count adds to what was judged how. It comes last in a transaction: whoever else counts waits for its end.
func (v *Verdicts) count(ctx context.Context, tx *store.Tx, c team.CompanyID, t tally) error {
	for _, d := range []triage.Decision{triage.Check, triage.No, triage.Yes} {
		n := t[d]
		if n == (counted{}) {
			continue
		}
		_, err := tx.DB.NewRaw("INSERT INTO verdict_tally (company_id, decision, judged, looked, corrected, criticisms) VALUES (?, ?, ?, ?, ?, ?) "+
			"ON CONFLICT (company_id, decision) DO UPDATE SET judged = verdict_tally.judged + EXCLUDED.judged, looked = verdict_tally.looked + EXCLUDED.looked, "+
			"corrected = verdict_tally.corrected + EXCLUDED.corrected, criticisms = verdict_tally.criticisms + EXCLUDED.criticisms",
			c, d, n.judged, n.looked, n.corrected, n.criticisms).Exec(ctx)
		if err != nil {
			return store.Fault(err)
		}
	}
	return nil
}

// tables lists what belongs to this room.
var tables = []string{"second_opinion", "triage_model", "lesson", "own_word", "correction", "verdict_tally", "verdict"}

func (v *Verdicts) removeCompany(ctx context.Context, tx *store.Tx, c team.CompanyID) error {
	for _, t := range tables {
		if _, err := tx.DB.NewRaw("DELETE FROM ? WHERE company_id = ?", bun.Ident(t), c).Exec(ctx); err != nil {
			return store.Fault(err)
		}
	}
	return nil
}
