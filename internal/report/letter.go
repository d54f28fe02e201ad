package report

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/lead"
	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/mail"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// When the letter of Monday goes out, and how long it may be late.
const (
	mondayHour  = 8 // in the company's zone
	mondayAhead = 24 * time.Hour
	mondayLate  = 36 * time.Hour
	mondayEvery = 15 * time.Minute
	leadWaits   = 48 * time.Hour // before a lead that nobody called is the one thing to do
	leastChange = 10             // of two weeks together, from which on a change is said
)

// PathStop is where the door lets somebody stop the letter, followed by its word.
const PathStop = "/letter/stop/"

// Change is how a week differs from the one before.
type Change string

// The changes.
const (
	ChangeFew  Change = "few"  // there is too little to say
	ChangeSame Change = "same" // it may be chance
	ChangeMore Change = "more"
	ChangeLess Change = "less"
)

// changeOf compares two counts: they differ when that would come by chance once in twenty times at most, as things come that happen one by one
// (the difference of two Poisson counts has the variance of their sum).
func changeOf(now, before int) Change {
	switch d := now - before; {
	case now+before < leastChange:
		return ChangeFew
	case math.Abs(float64(d)) < 1.96*math.Sqrt(float64(now+before)):
		return ChangeSame
	case d > 0:
		return ChangeMore
	}
	return ChangeLess
}

// Todo is the one thing to do.
type Todo string

// The things to do, the most pressing first.
const (
	TodoLate     Todo = "late"     // somebody waits longer than the company wants
	TodoLeads    Todo = "leads"    // somebody left a way to be reached, and nobody called
	TodoSecurity Todo = "security" // a check asks for something; for owners
	TodoPlace    Todo = "place"    // more than half of the visits come from one place
	TodoAsk      Todo = "ask"      // nothing presses
)

// Monday is what the letter of a Monday says to one member.
type Monday struct {
	Day         link.Day // the Monday
	Now, Before Results  // the week that ended with the day before, and the week before that
	Todo        Todo
	TodoN       int
	Check       *Check // of TodoSecurity
}

// MondayLine is one figure of the letter.
type MondayLine struct {
	Key    string
	Say    string
	Beside string // how it was the week before
}

// mondayOf is the Monday of the week of a moment.
func mondayOf(t time.Time) time.Time {
	back := (int(t.Weekday()) + 6) % 7
	return time.Date(t.Year(), t.Month(), t.Day()-back, mondayHour, 0, 0, 0, t.Location())
}

// Monday gives the letter of the last Monday as the actor would get it. It needs ResultsRead.
func (x *Room) Monday(ctx context.Context, a team.Actor) (Monday, error) {
	if err := a.May(team.ResultsRead); err != nil {
		return Monday{}, wrap("Monday", err)
	}
	company, err := x.rooms.Team.Company(ctx, a.Company)
	if err != nil {
		return Monday{}, wrap("Monday", err)
	}
	m, err := x.monday(ctx, a, link.DayOf(mondayOf(x.rooms.Clock.Now().In(company.Location()))))
	return m, wrap("Monday", err)
}

func (x *Room) monday(ctx context.Context, a team.Actor, day link.Day) (m Monday, err error) {
	back := func(days int) link.Day { return link.DayOf(day.Time().AddDate(0, 0, -days)) }
	m.Day = day
	if m.Now, err = x.results(ctx, a, back(7), back(1)); err != nil {
		return m, err
	}
	if m.Before, err = x.results(ctx, a, back(14), back(8)); err != nil {
		return m, err
	}
	return m, x.todo(ctx, a, &m)
}

// todo finds the one thing to do.
func (x *Room) todo(ctx context.Context, a team.Actor, m *Monday) error {
	sys := team.System(a.Company)
	if a.Can(team.InboxRead) {
		counts, err := x.rooms.Inbox.Counts(ctx, sys)
		if err != nil {
			return err
		}
		if m.TodoN = counts.Views[inbox.ViewLate]; m.TodoN > 0 {
			m.Todo = TodoLate
			return nil
		}
	}
	if a.Can(team.LeadsRead) {
		sums, err := x.rooms.Leads.Sums(ctx, sys, lead.Filter{States: []lead.State{lead.Fresh}, To: x.rooms.Clock.Now().Add(-leadWaits)})
		if err != nil {
			return err
		}
		for _, s := range sums {
			m.TodoN += s.N
		}
		if m.TodoN > 0 {
			m.Todo = TodoLeads
			return nil
		}
	}
	if a.Can(team.AuditRead) {
		s, err := x.security(ctx, a.Company)
		if err != nil {
			return err
		}
		if c, ok := s.First(); ok {
			m.Todo, m.TodoN, m.Check = TodoSecurity, s.Count(CheckTodo), &c
			return nil
		}
	}
	d, err := x.dependence(ctx, a)
	if err != nil {
		return err
	}
	for _, r := range d.Rests {
		if r.On == OnPlaces && !r.Few && 2*r.First > r.Of {
			m.Todo, m.TodoN = TodoPlace, int(math.Round(100*r.FirstPart()))
			return nil
		}
	}
	m.Todo = TodoAsk
	return nil
}

func minutes(r Results) (n int) {
	for _, w := range r.Weeks {
		n += w.Minutes
	}
	return n
}

// Lines are the figures, each beside that of the week before.
func (m Monday) Lines(l *i18n.Localizer) []MondayLine {
	beside := func(now, before int, said string) string {
		return l.T("monday.beside", "before", said, "change", l.T("monday.change."+string(changeOf(now, before))))
	}
	n, b := m.Now, m.Before
	out := []MondayLine{
		{"answered", l.N("monday.answered", n.Answered, "waiting", l.Number(n.Waiting)), beside(n.Answered, b.Answered, l.Number(b.Answered))},
	}
	if len(n.Criticisms)+len(b.Criticisms) > 0 {
		out = append(out, MondayLine{
			"criticism", l.N("monday.criticism", len(n.Criticisms), "intime", l.Number(n.InTime()), "settled", l.Number(n.Settled())),
			beside(len(n.Criticisms), len(b.Criticisms), l.Number(len(b.Criticisms))),
		})
	}
	out = append(out,
		MondayLine{"visits", l.N("monday.visits", int(n.Total.Visits)), beside(int(n.Total.Visits), int(b.Total.Visits), l.Number(int(b.Total.Visits)))},
		MondayLine{
			"leads", l.N("monday.leads", n.Total.Leads, "good", l.Number(n.Total.Qualified), "sales", l.Number(n.Total.Sales)),
			beside(n.Total.Leads, b.Total.Leads, l.Number(b.Total.Leads)),
		},
	)
	if n.Hours != nil {
		say := func(r Results) string { return l.Span(time.Duration(minutes(r)) * time.Minute) }
		out = append(out, MondayLine{"time", l.T("monday.time", "span", say(n)), l.T("monday.before", "before", say(b))})
	}
	return out
}

// Period says which week it is about.
func (m Monday) Period(l *i18n.Localizer) string {
	return l.T("monday.period", "from", l.Date(m.Now.From.Time()), "to", l.Date(m.Now.To.Time()))
}

// TodoSay says the one thing to do.
func (m Monday) TodoSay(l *i18n.Localizer, zone *time.Location) string {
	if m.Check != nil {
		return l.T("monday.todo.security", "check", m.Check.Title(l), "remedy", m.Check.Remedy(l, zone))
	}
	return l.N("monday.todo."+string(m.Todo), m.TodoN)
}

// TodoPath is where on the desk one does it.
func (m Monday) TodoPath() string {
	return map[Todo]string{TodoLate: "/inbox?view=late", TodoLeads: "/leads", TodoSecurity: "/results/security", TodoPlace: "/results/dependence", TodoAsk: "/posts/new"}[m.Todo]
}

// Text is the letter as it is sent.
func (m Monday) Text(l *i18n.Localizer, zone *time.Location, name, base, stop string) string {
	var b strings.Builder
	b.WriteString(l.T("monday.hello", "name", name) + "\n\n" + m.Period(l) + "\n\n")
	for _, x := range m.Lines(l) {
		b.WriteString("• " + x.Say + "\n  " + x.Beside + "\n")
	}
	b.WriteString("\n" + l.T("monday.todo") + "\n" + m.TodoSay(l, zone) + "\n" + base + m.TodoPath() + "\n\n")
	b.WriteString(l.T("monday.sure") + "\n\n" + l.T("monday.choose", "link", stop) + "\n")
	return b.String()
}

// LettersLeave tells whether letters leave this house at all.
func (x *Room) LettersLeave() bool { return x.rooms.Mail != nil && x.rooms.Mail.Configured() }

// WantsMonday tells whether the actor wants the letter of Monday. Whoever may see results decides it for themselves.
func (x *Room) WantsMonday(ctx context.Context, a team.Actor) (bool, error) {
	if err := a.Self(); err != nil {
		return false, wrap("WantsMonday", err)
	}
	if err := a.May(team.ResultsRead); err != nil {
		return false, wrap("WantsMonday", err)
	}
	r, err := x.letterOf(ctx, a.Company, a.Member)
	return r.Wants, wrap("WantsMonday", err)
}

// ChooseMonday says whether the actor wants the letter of Monday. Whoever may see results decides it for themselves, in person.
func (x *Room) ChooseMonday(ctx context.Context, a team.Actor, wants bool) error {
	if err := a.Self(); err != nil {
		return wrap("ChooseMonday", err)
	}
	if err := a.May(team.ResultsRead); err != nil {
		return wrap("ChooseMonday", err)
	}
	return wrap("ChooseMonday", x.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := x.saveLetter(ctx, tx, a, wants); err != nil {
			return err
		}
		return x.auditLetter(ctx, tx, a)
	}))
}

// errStop is what a word of no letter gets.
var errStop = fault.New(fault.NotFound, "monday.stop.missing")

// MondayStop tells whose letters a word stops: the company and the address they go to, and whether they still go. The word stands in the letter, so
// whoever has the letter may stop it; it is good for nothing else. NotFound when it is of no letter.
func (x *Room) MondayStop(ctx context.Context, word string) (company team.Company, email string, wants bool, err error) {
	r, err := x.letterByStop(ctx, word)
	if errors.Is(err, store.ErrMissing) {
		return company, "", false, errStop
	}
	if err != nil {
		return company, "", false, wrap("MondayStop", err)
	}
	if company, err = x.rooms.Team.Company(ctx, r.CompanyID); err != nil {
		return company, "", false, wrap("MondayStop", err)
	}
	m, err := x.rooms.Team.Member(ctx, team.System(r.CompanyID), r.MemberID)
	return company, m.Email, r.Wants, wrap("MondayStop", err)
}

// StopMonday stops the letters that a word belongs to; twice is once.
func (x *Room) StopMonday(ctx context.Context, word string) error {
	return wrap("StopMonday", x.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		r, err := x.letterByStop(ctx, word)
		if errors.Is(err, store.ErrMissing) {
			return errStop
		}
		if err != nil || !r.Wants {
			return err
		}
		a := team.Actor{Company: r.CompanyID, Member: r.MemberID, Via: team.ViaSystem}
		if err := x.saveLetter(ctx, tx, a, false); err != nil {
			return err
		}
		return x.auditLetter(ctx, tx, a)
	}))
}

func (x *Room) auditLetter(ctx context.Context, tx *store.Tx, a team.Actor) error {
	return x.rooms.Team.Audit(ctx, tx, a, team.Entry{Verb: "report.letter", ObjectKind: "member", ObjectID: string(a.Member)})
}

// mondayJob writes one member the letter of one Monday.
type mondayJob struct {
	Company team.CompanyID `json:"company" river:"unique"`
	Member  team.MemberID  `json:"member" river:"unique"`
	Day     link.Day       `json:"day" river:"unique"`
}

func (mondayJob) Kind() string { return "report.monday" }

// mondaysJob plans the letters of the next Monday.
type mondaysJob struct{}

func (mondaysJob) Kind() string { return "report.mondays" }

func (x *Room) registerLetters(q *queue.Queue) {
	queue.Handle(q, 2*time.Minute, func(ctx context.Context, j mondayJob) error {
		again, err := x.WriteMonday(ctx, j.Company, j.Member, j.Day)
		if err != nil {
			return err
		}
		if again > 0 {
			return queue.Again(again)
		}
		return nil
	})
	queue.Handle(q, 5*time.Minute, func(ctx context.Context, _ mondaysJob) error { return x.PlanMondays(ctx) })
	q.Every(mondayEvery, queue.Options{Line: queue.Slow, MaxAttempts: 1, Unique: true}, mondaysJob{})
}

// PlanMondays plans the letters that go out within a day, and those that should have gone out and did not. A job calls it; it may be called at any
// time and any number of times.
func (x *Room) PlanMondays(ctx context.Context) error {
	if x.rooms.Queue == nil || !x.LettersLeave() {
		return nil
	}
	companies, err := x.rooms.Team.Companies(ctx)
	if err != nil {
		return wrap("PlanMondays", err)
	}
	now := x.rooms.Clock.Now()
	for _, c := range companies {
		if c.Sample || c.Filling { // nobody of it exists
			continue
		}
		due := mondayOf(now.In(c.Location()))
		if now.Sub(due) > mondayLate {
			due = time.Date(due.Year(), due.Month(), due.Day()+7, mondayHour, 0, 0, 0, due.Location())
		}
		if due.Sub(now) > mondayAhead {
			continue
		}
		day := link.DayOf(due)
		ids, err := x.lettersWanted(ctx, c.ID, day)
		if err != nil {
			return wrap("PlanMondays", err)
		}
		err = x.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
			for _, id := range ids {
				if err := x.rooms.Queue.Add(ctx, tx, mondayJob{Company: c.ID, Member: id, Day: day}, queue.Options{Line: queue.Slow, Unique: true, At: due}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return wrap("PlanMondays", err)
		}
	}
	return nil
}

// WriteMonday writes one member the letter of a Monday, once it is eight in the company's zone, and says after how long it wants to look again; 0: it is
// done. When the machine stops between the handing over and the noting, or nobody knows whether it arrived, it is handed over again rather than never, under
// the same Message-ID, so that mail programs show it once.
func (x *Room) WriteMonday(ctx context.Context, c team.CompanyID, member team.MemberID, day link.Day) (time.Duration, error) {
	company, err := x.rooms.Team.Company(ctx, c)
	if err != nil {
		return 0, wrap("WriteMonday", err)
	}
	r, err := x.letterOf(ctx, c, member)
	if err != nil || !r.Wants || r.Told >= day || company.Sample || !x.LettersLeave() {
		return 0, wrap("WriteMonday", err)
	}
	now, due := x.rooms.Clock.Now(), wall(day, mondayHour, company.Location())
	if wait := due.Sub(now); wait > 0 {
		return wait, nil
	}
	m, err := x.rooms.Team.Member(ctx, team.System(c), member)
	if err != nil {
		return 0, wrap("WriteMonday", err)
	}
	told := func() error {
		return x.rooms.Store.InTx(context.WithoutCancel(ctx), func(ctx context.Context, tx *store.Tx) error { return x.toldLetter(ctx, tx, c, member, day) })
	}
	a := m.Actor(team.ViaSystem)
	if m.State != team.MemberActive || !a.Can(team.ResultsRead) || now.Sub(due) > mondayLate {
		return 0, wrap("WriteMonday", told())
	}
	said, err := x.monday(ctx, a, day)
	if err != nil {
		return 0, wrap("WriteMonday", err)
	}
	l := x.rooms.Words.For(m.Locale, company.Locale)
	stop := x.rooms.BaseURL() + PathStop + r.Stop
	err = x.rooms.Mail.Send(ctx, mail.Letter{
		To: m.Email, ID: mondayID(c, member, day), Subject: strings.Join(strings.Fields(l.T("monday.subject", "company", company.Name)), " "),
		Text: said.Text(l, company.Location(), m.Name, x.rooms.BaseURL(), stop), Stop: stop,
	})
	if f := fault.Of(err); f != nil && (f.Kind == fault.Invalid || f.Key == mail.ErrOff.Key || f.Key == "mail.refused") {
		return 0, queue.Drop(errors.Join(err, told())) // no second try makes it right; the page says the same
	}
	if err == nil {
		err = told()
	}
	return 0, wrap("WriteMonday", err)
}

// mondayID is what a letter is known by, however often it is handed over.
func mondayID(c team.CompanyID, m team.MemberID, day link.Day) string {
	h := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%d", c, m, day))
	return "monday." + hex.EncodeToString(h[:16])
}

// leaveLetters forgets what somebody who left wanted.
func (x *Room) leaveLetters(ctx context.Context, tx *store.Tx, c team.CompanyID, leaver, _ team.MemberID) error {
	return x.dropLetters(ctx, tx, c, leaver)
}
