package lead

import (
	"context"
	"fmt"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/mail"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

// letterJob writes to somebody who filled in a form. It says nothing of them: what it needs stands where erasing finds it.
type letterJob struct {
	Company team.CompanyID `json:"company"`
	Form    FormID         `json:"form"`
	Waiting string         `json:"waiting,omitempty"` // what waits to be confirmed, with its token
	Token   string         `json:"token,omitempty"`
	Lead    ID             `json:"lead,omitempty"` // who is thanked
}

func (letterJob) Kind() string { return "lead.letter" }

// sweepJob forgets what was never confirmed.
type sweepJob struct{}

func (sweepJob) Kind() string { return "lead.sweep" }

// judgeJob reads every lead of a company again by its rules.
type judgeJob struct {
	Company team.CompanyID `json:"company" river:"unique"`
}

func (judgeJob) Kind() string { return "lead.judge" }

// Register adds the room's jobs to the queue.
func (x *Leads) Register(q *queue.Queue) {
	queue.Handle(q, time.Minute, x.writeLetter)
	queue.Handle(q, 5*time.Minute, func(ctx context.Context, _ sweepJob) error { return x.Sweep(ctx) })
	queue.Handle(q, 10*time.Minute, func(ctx context.Context, j judgeJob) error { return x.Judge(ctx, j.Company) })
	q.Every(time.Hour, queue.Options{Line: queue.Slow, MaxAttempts: 1, Unique: true}, sweepJob{})
}

// thank has the letter that goes back at once leave, where the form has one and the address has not had enough.
func (x *Leads) thank(ctx context.Context, tx *store.Tx, f Form, l Lead) error {
	if f.Settings.Subject == "" || l.Email == "" || x.rooms.Queue == nil || !x.rooms.Mail.Configured() {
		return nil
	}
	now, m := x.rooms.Clock.Now(), mark(string(f.Company), l.Email)
	n, err := x.lettersTo(ctx, f.Company, m, now.Add(-24*time.Hour))
	if err != nil {
		return err
	}
	if n >= mostLetters && l.ConfirmedAt.IsZero() {
		return x.countRefused(ctx, tx, f, Letters)
	}
	if err := x.noteLetter(ctx, tx, f.Company, m, now); err != nil {
		return err
	}
	return x.rooms.Queue.Add(ctx, tx, letterJob{Company: f.Company, Form: f.ID, Lead: l.ID}, queue.Options{Line: queue.Slow, MaxAttempts: 8})
}

// writeLetter writes one letter. One that the server refuses for good is given up: nobody could put it right.
func (x *Leads) writeLetter(ctx context.Context, j letterJob) error {
	f, err := x.form(ctx, j.Company, j.Form)
	if fault.KindOf(err) == fault.NotFound {
		return nil // the company is no more
	}
	if err != nil {
		return wrap("writeLetter", err)
	}
	c, err := x.rooms.Team.Company(ctx, j.Company)
	if err != nil {
		return wrap("writeLetter", err)
	}
	if c.Sample { // nothing leaves the sample company
		return nil
	}
	l, ok, err := x.compose(ctx, c, f, j)
	if err != nil || !ok {
		return wrap("writeLetter", err)
	}
	err = x.rooms.Mail.Send(ctx, l)
	if e := fault.Of(err); e != nil && (e.Kind == fault.Invalid || e.Key == mail.ErrOff.Key || e.Key == "mail.refused") {
		return queue.Drop(err)
	}
	return wrap("writeLetter", err)
}

// compose words a letter in the language of the form; ok is false when there is nobody to write to any more.
func (x *Leads) compose(ctx context.Context, c team.Company, f Form, j letterJob) (out mail.Letter, ok bool, err error) {
	lang := f.Settings.Locale
	if lang == "" {
		lang = c.Locale
	}
	words := x.rooms.Words.For(lang)
	if j.Lead != "" {
		l, err := x.read(ctx, c.ID, j.Lead)
		if err != nil || l.Email == "" {
			return out, false, gone(err)
		}
		fill := map[string]string{"name": l.Name, "nome": l.Name, "company": c.Name, "azienda": c.Name}
		subject, _ := text.Fill(f.Settings.Subject, fill)
		body, _ := text.Fill(f.Settings.Letter, fill)
		return mail.Letter{To: l.Email, Subject: line(subject), Text: body + "\n\n" + words.T("lead.letter.why", "company", c.Name, "form", f.Shown()) + "\n"}, true, nil
	}
	w, err := x.readWaiting(ctx, f.ID, mark("token", j.Token))
	if err != nil {
		return out, false, gone(err)
	}
	_, email, _ := reach(w.Body.Answers)
	link := x.rooms.BaseURL() + FormPath(f.Code) + "/confirm/" + j.Token
	return mail.Letter{
		To: email, Subject: words.T("lead.letter.confirm.subject", "company", c.Name),
		Text: fmt.Sprintf("%s\n\n%s\n\n%s\n", words.T("lead.letter.confirm", "company", c.Name, "form", f.Shown()), link, words.T("lead.letter.confirm.not")),
	}, true, nil
}

// gone takes a fault away that only says that something is not there any more.
func gone(err error) error {
	if fault.KindOf(err) == fault.NotFound {
		return nil
	}
	return err
}

// Sweep forgets what was never confirmed, with its files, and what was kept against abuse.
func (x *Leads) Sweep(ctx context.Context) error {
	for {
		n, err := x.sweepSome(ctx)
		if err != nil || n == 0 {
			return wrap("Sweep", err)
		}
	}
}

func (x *Leads) sweepSome(ctx context.Context) (n int, err error) {
	now := x.rooms.Clock.Now()
	err = x.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		old, err := x.overWaiting(ctx, tx, now, 100)
		if err != nil {
			return err
		}
		n = len(old)
		for _, w := range old {
			if err := x.eraseFiles(ctx, tx, w.Company, w.Body.Answers); err != nil {
				return err
			}
			if err := x.countRefused(ctx, tx, Form{ID: w.Form, Company: w.Company}, Never); err != nil {
				return err
			}
		}
		return x.sweepRest(ctx, tx, now)
	})
	return n, err
}
