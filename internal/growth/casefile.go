package growth

import (
	"context"
	"encoding/base64"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/team"
)

// rankOf orders the list of cases: open ones by their date, those without one behind, then closed ones by when they were closed,
// newest first.
func rankOf(r *caseRow) string {
	closed := r.ChangedAt
	switch {
	case r.State == CaseDeclined:
		closed = r.DeclinedAt
	case r.State == CaseChanged:
	case r.DueAt.IsZero():
		return "1" + micros(math.MaxInt64-r.OpenedAt.UnixMicro())
	default:
		return "0" + micros(r.DueAt.UnixMicro())
	}
	return "2" + micros(math.MaxInt64-closed.UnixMicro())
}

func micros(n int64) string { return fmt.Sprintf("%019d", max(0, n)) }

// parseRank reads the cursor of the list of cases.
func parseRank(s string) (rank, id string, err error) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	rank, id, ok := strings.Cut(string(b), " ")
	if err != nil || !ok || len(rank) != 20 || len(id) > 64 || strings.ContainsAny(string(b), "\x00") {
		return "", "", fault.New(fault.Invalid, "store.cursor")
	}
	return rank, id, nil
}

// Cases lists cases. Who has GrowthRead sees all, any other member those they own or have a task in.
func (g *Growth) Cases(ctx context.Context, actor team.Actor, f CaseFilter) (CasePage, error) {
	all, err := sees(actor)
	if err != nil {
		return CasePage{}, err
	}
	mine := actor.Member
	if all {
		mine = ""
	}
	p, err := g.cases(ctx, actor.Company, f, mine)
	if err != nil {
		return CasePage{}, fmt.Errorf("growth.Cases: %w", err)
	}
	return p, nil
}

func (g *Growth) cases(ctx context.Context, c team.CompanyID, f CaseFilter, mine team.MemberID) (p CasePage, err error) {
	f.Limit = clampLimit(f.Limit)
	limit := f.Limit
	f.Limit++ // one more tells whether there is a next page
	rows, err := g.listCases(ctx, c, f, mine, g.rooms.Clock.Now())
	if err != nil {
		return p, err
	}
	if len(rows) > limit {
		rows = rows[:limit]
		last := rows[limit-1]
		p.Next = base64.RawURLEncoding.EncodeToString([]byte(last.Rank + " " + string(last.ID)))
	}
	if p.Cases, err = g.counted(ctx, c, trimmedCases(rows)); err != nil {
		return p, err
	}
	p.Counts, err = g.countCases(ctx, c, mine)
	return p, err
}

// OpenFile gives a case with everything that belongs to it. Who may not see it hears that it is not there.
func (g *Growth) OpenFile(ctx context.Context, actor team.Actor, c CaseID) (File, error) {
	all, err := sees(actor)
	if err != nil {
		return File{}, err
	}
	r, err := g.seen(ctx, actor, c, all)
	if err != nil {
		return File{}, fmt.Errorf("growth.OpenFile: %w", err)
	}
	f, err := g.file(ctx, r)
	if err != nil {
		return File{}, fmt.Errorf("growth.OpenFile: %w", err)
	}
	return f, nil
}

func (g *Growth) file(ctx context.Context, r *caseRow) (f File, err error) {
	c := r.CompanyID
	full, err := g.counted(ctx, c, []caseRow{*r})
	if err != nil {
		return f, err
	}
	f.Case = full[0]
	rows, err := g.ofCase(ctx, c, r.ID)
	if err != nil {
		return f, err
	}
	if f.Voices, err = g.voices(ctx, c, rows); err != nil {
		return f, err
	}
	if f.Tasks, err = g.tasks(ctx, c, r.ID); err != nil {
		return f, err
	}
	if f.Evidence, err = g.evidences(ctx, c, r.ID); err != nil {
		return f, err
	}
	if f.Diary, err = g.events(ctx, c, r.ID); err != nil {
		return f, err
	}
	if f.Weeks, err = g.weeks(ctx, c, rows); err != nil {
		return f, err
	}
	if f.Candidates, err = g.candidates(ctx, r, rows); err != nil {
		return f, err
	}
	return f, g.fileOut(ctx, &f)
}

// candidates are the criticisms that say the same as a case and are in none, for a case that more may belong to.
func (g *Growth) candidates(ctx context.Context, r *caseRow, rows []criticismRow) ([]Voice, error) {
	if r.State == CaseDeclined || len(r.Signature) == 0 {
		return nil, nil
	}
	is := make([]inbox.InteractionID, len(rows))
	for i, v := range rows {
		is[i] = v.InteractionID
	}
	like, err := g.alike(ctx, r.CompanyID, [][]byte{r.Signature}, is)
	if err != nil {
		return nil, err
	}
	return g.voicesByID(ctx, r.CompanyID, like)
}

// Weeks are shown from this many before the first criticism, and never more than so many.
const (
	weeksBefore = 8
	maxWeeks    = 53
)

// weeks counts the different people of each week, from eight weeks before the first criticism to now. A week begins on Monday in the
// company's zone.
func (g *Growth) weeks(ctx context.Context, c team.CompanyID, rows []criticismRow) ([]Week, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	company, err := g.rooms.Team.Company(ctx, c)
	if err != nil {
		return nil, err
	}
	ids := make([]audience.IdentityID, len(rows))
	for i, r := range rows {
		ids[i] = r.IdentityID
	}
	who, err := g.who(ctx, c, ids)
	if err != nil {
		return nil, err
	}
	zone := company.Location()
	first := monday(rows[0].SaidAt, zone).AddDate(0, 0, -7*weeksBefore)
	this := monday(g.rooms.Clock.Now(), zone)
	if earliest := this.AddDate(0, 0, -7*(maxWeeks-1)); first.Before(earliest) {
		first = earliest
	}
	var out []Week
	for at := first; !at.After(this); at = at.AddDate(0, 0, 7) {
		next, people := at.AddDate(0, 0, 7), map[string]bool{}
		for _, r := range rows {
			if !r.SaidAt.Before(at) && r.SaidAt.Before(next) {
				people[who[r.IdentityID]] = true
			}
		}
		out = append(out, Week{Start: at, People: len(people)})
	}
	return out, nil
}

// monday is the beginning of the week that a moment lies in.
func monday(t time.Time, zone *time.Location) time.Time {
	t = t.In(zone)
	back := (int(t.Weekday()) + 6) % 7
	return time.Date(t.Year(), t.Month(), t.Day()-back, 0, 0, 0, 0, zone)
}

// fileOut adds what goes out of a case: promises, the entry, the letters.
func (g *Growth) fileOut(ctx context.Context, f *File) (err error) {
	c := f.Case.Company
	if f.Promises, err = g.promisesOfCase(ctx, c, f.Case.ID); err != nil {
		return err
	}
	if f.Improvement, err = g.improvementOfCase(ctx, c, f.Case.ID); err != nil {
		return err
	}
	if f.Letters, err = g.lettersOfCase(ctx, c, f.Case.ID); err != nil {
		return err
	}
	f.Trend, err = g.trendOfCase(ctx, f.Case)
	return err
}
