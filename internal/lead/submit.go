package lead

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/webhook"
)

// Cause is why something was not taken. It is stored in the database.
type Cause string

// The causes.
const (
	Trap    Cause = "trap"    // a field was filled in that people do not see
	Used    Cause = "used"    // a proof came twice
	Never   Cause = "never"   // it was never confirmed
	Letters Cause = "letters" // the address has had enough letters
)

// Shown is a form as strangers see it.
type Shown struct {
	Form
	Owner     team.Company
	Locale    string
	Challenge string // to be worked on
}

// Show gives a form to whoever has its address. A draft is shown to nobody, unless inside: then a member looks.
func (x *Leads) Show(ctx context.Context, code string, inside func(team.CompanyID) bool) (s Shown, err error) {
	if s.Form, err = x.formByCode(ctx, code); err != nil {
		return s, wrap("Show", err)
	}
	if s.Form.State == Draft && (inside == nil || !inside(s.Company)) {
		return Shown{}, wrap("Show", errForm)
	}
	if s.Owner, err = x.rooms.Team.Company(ctx, s.Company); err != nil {
		return s, wrap("Show", err)
	}
	if s.Locale = s.Settings.Locale; s.Locale == "" {
		s.Locale = s.Owner.Locale
	}
	s.Challenge = s.challenge(x.rooms.Clock.Now())
	return s, nil
}

// Sent is what a stranger sent in.
type Sent struct {
	Values    map[string][]string
	Files     []SentFile
	Trap      string // what stands in the field that nobody sees
	Challenge string
	Proof     string
	Touch     Touch  // what the address said; At is not looked at
	Mark      string // of a tracked link
}

// SentFile is a file on its way in.
type SentFile struct {
	Key  string // of the field
	Name string
	Size int64
	Body io.Reader
}

// Outcome is what became of what was sent in.
type Outcome string

// The outcomes.
const (
	Taken   Outcome = "taken"   // it is a lead
	Mailed  Outcome = "mailed"  // it is one once a letter was answered
	Waiting Outcome = "waiting" // it is one once it was confirmed on a page, after a moment
)

// Answered is the answer to who sent a form in.
type Answered struct {
	Outcome Outcome
	Email   string    // to which the letter went
	Token   string    // of what waits for a page
	From    time.Time // when the page may confirm it
}

// How long what was sent in waits, and how long one must wait who has no script.
const (
	waitLetter = 3 * 24 * time.Hour
	waitPage   = time.Hour
	waitLeast  = 10 * time.Second
)

// mostLetters is how many letters a form's doing brings to one address in a day.
const mostLetters = 3

// body is what waits. It is stored as JSON.
type body struct {
	Answers  []Answer
	Consents []consentSaid `json:",omitempty"`
	First    Touch
	Touch    Touch // the last
	Mail     bool  `json:",omitempty"` // a letter brings the token: what confirms it proves the address
}

type consentSaid struct {
	Consent ConsentID
	Given   bool
}

// Submit takes what a stranger filled in. With a proof of work it is a lead at once, unless the form wants every address confirmed; without
// one it waits for a letter to be answered, or where no letter can go for a page to be confirmed after a moment. What fell into the trap is
// answered as if it had been taken, and nothing is kept of it.
func (x *Leads) Submit(ctx context.Context, code string, in Sent) (out Answered, err error) {
	f, err := x.formByCode(ctx, code)
	if err != nil {
		return out, wrap("Submit", err)
	}
	switch f.State {
	case Live:
	case Closed:
		return out, wrap("Submit", fault.New(fault.Conflict, "lead.form.closed"))
	default:
		return out, wrap("Submit", errForm)
	}
	if in.Trap != "" {
		return Answered{Outcome: Taken}, wrap("Submit", x.refuse(ctx, f, Trap))
	}
	answers, consents, err := x.answered(ctx, f, in)
	if err != nil {
		return out, wrap("Submit", err)
	}
	now := x.rooms.Clock.Now()
	proved := f.proved(in.Challenge, in.Proof, now)
	if answers, err = x.takeFiles(ctx, f, answers, in.Files); err != nil {
		return out, wrap("Submit", err)
	}
	b := body{Answers: answers, Consents: consents}
	if b.First, b.Touch, err = x.touched(ctx, f, in, now); err == nil {
		out, err = x.settle(ctx, f, b, in, proved)
	}
	if err != nil {
		x.dropFiles(ctx, f.Company, answers)
	}
	return out, wrap("Submit", err)
}

// answered reads what was sent, and which texts were agreed to.
func (x *Leads) answered(ctx context.Context, f Form, in Sent) ([]Answer, []consentSaid, error) {
	answers, err := ReadAnswers(f.Fields, in.Values)
	var wrong []fault.Field
	if e := fault.Of(err); e != nil {
		if len(e.Fields) == 0 {
			return nil, nil, err
		}
		wrong = e.Fields
	}
	for _, q := range f.Fields {
		if q.Kind != File {
			continue
		}
		var sent []SentFile
		for _, s := range in.Files {
			if s.Key == q.Key && s.Size > 0 {
				sent = append(sent, s)
			}
		}
		switch {
		case len(sent) == 0 && q.Required:
			wrong = append(wrong, fault.Field{Name: q.Key, Key: "lead.answer.missing"})
		case len(sent) > 1:
			wrong = append(wrong, fault.Field{Name: q.Key, Key: "lead.answer.onefile"})
		case len(sent) == 1 && sent[0].Size > maxFile:
			wrong = append(wrong, fault.Field{Name: q.Key, Key: "lead.answer.big", Args: map[string]any{"most": maxFile >> 20}})
		}
	}
	if err := fault.InvalidFields(wrong...); err != nil {
		return nil, nil, err
	}
	all, err := x.consents(ctx, f.Company, f.ID)
	if err != nil {
		return nil, nil, err
	}
	var said []consentSaid
	for _, q := range f.Fields {
		if q.Kind != Consent {
			continue
		}
		i := -1
		for j, c := range all {
			if c.Field == q.Key && c.Body == q.Label {
				i = j // the latest with these words
			}
		}
		if i < 0 {
			return nil, nil, errors.New("lead.Submit: a text to agree to is not kept")
		}
		given := slices.ContainsFunc(answers, func(a Answer) bool { return a.Key == q.Key && len(a.Values) > 0 })
		said = append(said, consentSaid{all[i].ID, given})
	}
	return answers, said, nil
}

// takeFiles takes files in by their content, once everything else is right.
func (x *Leads) takeFiles(ctx context.Context, f Form, answers []Answer, files []SentFile) ([]Answer, error) {
	for _, q := range f.Fields {
		if q.Kind != File {
			continue
		}
		for _, s := range files {
			if s.Key != q.Key || s.Size == 0 {
				continue
			}
			got, err := x.rooms.Media.Add(ctx, media.Incoming{Company: string(f.Company), Name: s.Name, Body: s.Body, MaxBytes: maxFile, Allow: FileKinds})
			if err != nil {
				x.dropFiles(ctx, f.Company, answers)
				if e := fault.Of(err); e != nil && e.Kind == fault.Invalid {
					return nil, fault.InvalidFields(fault.Field{Name: q.Key, Key: "lead.answer.file"})
				}
				return nil, err
			}
			answers = append(answers, Answer{Key: q.Key, Kind: File, Label: q.Label, Values: []string{got.Name}, File: got.ID})
		}
	}
	return answers, nil
}

func (x *Leads) dropFiles(ctx context.Context, c team.CompanyID, answers []Answer) {
	for _, a := range answers {
		if a.File != "" {
			if err := x.rooms.Media.Delete(context.WithoutCancel(ctx), string(c), a.File); err != nil {
				x.rooms.Log.WarnContext(ctx, "lead: a file of what was not taken stays", "error", err)
			}
		}
	}
}

// touched says what brought somebody, first and last: tracked links, else what the address said, else what the form is for.
func (x *Leads) touched(ctx context.Context, f Form, in Sent, now time.Time) (first, last Touch, err error) {
	if in.Mark != "" && x.rooms.Tracks != nil {
		first, last, ok, err := x.rooms.Tracks.Touches(ctx, f.Company, in.Mark)
		if err != nil {
			return Touch{}, Touch{}, err
		}
		if ok {
			for _, t := range []*Touch{&first, &last} {
				if t.At.IsZero() {
					t.At = now
				}
			}
			return first, last, nil
		}
	}
	t := in.Touch
	if t.Campaign == "" && t.Source == "" && t.Medium == "" && t.Channel == "" {
		t.Campaign, t.Channel = f.Settings.Campaign, f.Settings.Channel
	}
	if t.Channel == "" {
		t.Channel = t.Source
	}
	if t.Campaign == "" && t.Channel == "" && t.Medium == "" {
		return Touch{}, Touch{}, nil
	}
	t.At = now
	t.Link, t.Post, t.Carrier = "", "", "" // nobody says that of themselves
	for _, p := range []*string{&t.Channel, &t.Campaign, &t.Source, &t.Medium} {
		*p = cut(line(*p), maxName)
	}
	return Touch{}, t, nil
}

// settle makes a lead of what came, or has it wait.
func (x *Leads) settle(ctx context.Context, f Form, b body, in Sent, proved bool) (out Answered, err error) {
	_, email, _ := reach(b.Answers)
	now := x.rooms.Clock.Now()
	letters := email != "" && x.rooms.Mail.Configured() && x.rooms.Queue != nil
	tooMany := false
	err = x.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if proved {
			fresh, err := x.useProof(ctx, tx, f.Company, mark("proof", in.Challenge), now.Add(proofLasts))
			if err != nil {
				return err
			}
			if !fresh {
				return fault.New(fault.Conflict, "lead.proof.used")
			}
			if !f.Settings.Confirm {
				l, err := x.take(ctx, tx, f, b, false)
				out = Answered{Outcome: Taken}
				if err != nil {
					return err
				}
				return x.thank(ctx, tx, f, l)
			}
		}
		if f.Settings.Confirm && !letters {
			return fault.New(fault.Conflict, "lead.form.nomail")
		}
		token := random(18)
		w := waiting{ID: waitingKind.New(now), Company: f.Company, Form: f.ID, hash: mark("token", token), mark: mark(string(f.Company), email), At: now}
		if !letters {
			w.Body, w.NotBefore, w.Until = b, now.Add(waitLeast), now.Add(waitPage)
			out = Answered{Outcome: Waiting, Token: token, From: w.NotBefore}
			return x.insertWaiting(ctx, tx, w)
		}
		out = Answered{Outcome: Mailed, Email: email}
		n, err := x.lettersTo(ctx, f.Company, w.mark, now.Add(-24*time.Hour))
		if err != nil {
			return err
		}
		if n >= mostLetters { // it is not told to whoever asks: they may not be whose address it is
			tooMany = true
			return x.countRefused(ctx, tx, f, Letters)
		}
		b.Mail = true
		w.Body, w.NotBefore, w.Until = b, now, now.Add(waitLetter)
		if err := x.insertWaiting(ctx, tx, w); err != nil {
			return err
		}
		if err := x.noteLetter(ctx, tx, f.Company, w.mark, now); err != nil {
			return err
		}
		return x.rooms.Queue.Add(ctx, tx, letterJob{Company: f.Company, Form: f.ID, Waiting: w.ID, Token: token}, queue.Options{Line: queue.Slow, MaxAttempts: 8})
	})
	if e := fault.Of(err); e != nil && e.Key == "lead.proof.used" {
		err = errors.Join(err, x.refuse(ctx, f, Used))
	}
	if err == nil && tooMany {
		x.dropFiles(ctx, f.Company, b.Answers)
	}
	return out, err
}

// refuse counts something that was not taken.
func (x *Leads) refuse(ctx context.Context, f Form, c Cause) error {
	return x.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error { return x.countRefused(ctx, tx, f, c) })
}

// Asked gives the form to which something belongs that waits for a confirmation. A token that is not, or no more, is NotFound.
func (x *Leads) Asked(ctx context.Context, code, token string) (s Shown, from time.Time, err error) {
	s, err = x.Show(ctx, code, nil)
	if err != nil {
		return s, from, err
	}
	w, err := x.readWaiting(ctx, s.ID, mark("token", token))
	if err == nil && !w.Until.After(x.rooms.Clock.Now()) {
		err = errToken
	}
	return s, w.NotBefore, wrap("Asked", err)
}

var errToken = fault.New(fault.NotFound, "lead.token")

// Confirm makes a lead of what waited.
func (x *Leads) Confirm(ctx context.Context, code, token string) error {
	f, err := x.formByCode(ctx, code)
	if err != nil {
		return wrap("Confirm", err)
	}
	err = x.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		w, err := x.takeWaiting(ctx, tx, f.ID, mark("token", token))
		if err != nil {
			return err
		}
		now := x.rooms.Clock.Now()
		if !w.Until.After(now) {
			return errToken
		}
		if wait := w.NotBefore.Sub(now); wait > 0 {
			return fault.New(fault.Limited, "lead.early").After(wait)
		}
		l, err := x.take(ctx, tx, f, w.Body, w.Body.Mail)
		if err != nil {
			return err
		}
		return x.thank(ctx, tx, f, l)
	})
	return wrap("Confirm", err)
}

// take makes a lead of what a form brought.
func (x *Leads) take(ctx context.Context, tx *store.Tx, f Form, b body, confirmed bool) (Lead, error) {
	now := x.rooms.Clock.Now()
	l := Lead{Company: f.Company, Source: FromForm, Form: f.ID, Answers: b.Answers, CreatedAt: now, First: b.First, Last: b.Touch}
	l.Name, l.Email, l.Phone = reach(b.Answers)
	if confirmed {
		l.ConfirmedAt = now
	}
	l, err := x.put(ctx, tx, l)
	if err != nil {
		return l, err
	}
	for _, s := range b.Consents {
		if err := x.insertAgreed(ctx, tx, l, s, now); err != nil {
			return l, err
		}
	}
	return l, x.note(ctx, tx, team.Actor{Company: f.Company}, l, Event{Kind: EventCame, Becomes: f.Name})
}

// put stores a new lead: whose it is, what brought them first, what the rules say of it. Everything that comes in goes through here.
func (x *Leads) put(ctx context.Context, tx *store.Tx, l Lead) (Lead, error) {
	now := x.rooms.Clock.Now()
	l.ID, l.Version, l.ChangedAt = ID(leadKind.New(now)), 1, now
	if l.CreatedAt.IsZero() {
		l.CreatedAt = now
	}
	if l.State == "" {
		l.State = Fresh
	}
	if l.Currency == "" {
		l.Currency = "EUR"
	}
	var err error
	if l.Identity == "" {
		if l.Identity, err = x.identify(ctx, tx, l); err != nil {
			return l, err
		}
	}
	if l.First, err = x.firstTouch(ctx, l); err != nil {
		return l, err
	}
	if !l.Last.Known() {
		l.Last = l.First
	}
	rules, err := x.rules(ctx, l.Company)
	if err != nil {
		return l, err
	}
	l.Score, l.Quality, _ = judge(rules, l)
	if err := x.insert(ctx, tx, l); err != nil {
		return l, err
	}
	return l, x.changed(ctx, tx, l, webhook.LeadCreated)
}

func cut(s string, most int) string {
	r := []rune(s)
	return string(r[:min(len(r), most)])
}
