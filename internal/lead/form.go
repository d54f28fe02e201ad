package lead

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

// FormState is whether a form takes anything. It is stored in the database.
type FormState string

// The states of a form.
const (
	Draft  FormState = "draft"  // only members see it
	Live   FormState = "live"   // everybody may fill it in
	Closed FormState = "closed" // it says that it is closed
)

// Form is what people fill in.
type Form struct {
	ID        FormID
	Company   team.CompanyID
	Code      string // in its address: /f/CODE
	Name      string // for the team
	State     FormState
	Fields    []Field
	Settings  FormSettings
	Version   int
	CreatedBy team.MemberID
	CreatedAt time.Time
	ChangedAt time.Time

	secret string
}

// FormSettings are what a form says besides its questions. They are stored as JSON.
type FormSettings struct {
	Title    string // what strangers read on top; "" is Name
	Intro    string
	Button   string // "" is the word of the catalog
	Thanks   string // after it was sent; "" is the sentence of the catalog
	Locale   string // "it" or "en"; "" is the company's
	Confirm  bool   // every address is proved by a letter before it is a lead
	Subject  string // of the letter that goes back at once; "" none goes
	Letter   string // its text; {name} is theirs
	Sites    string // origins that may frame it, apart by spaces; "" any
	Campaign string // of whoever comes with no link
	Channel  string
}

// Email tells whether a form asks for an address, and whether everybody must give it.
func (f Form) Email() (asks, must bool) {
	for _, x := range f.Fields {
		if x.Kind == Email {
			asks, must = true, must || x.Required
		}
	}
	return asks, must
}

// Shown is what strangers read on top.
func (f Form) Shown() string {
	if f.Settings.Title != "" {
		return f.Settings.Title
	}
	return f.Name
}

// ConsentText is one version of a text that people are asked to agree to.
type ConsentText struct {
	ID      ConsentID
	Form    FormID
	Field   string
	Version int // from 1
	Body    string
	At      time.Time
}

// Agreed is what somebody said to a text.
type Agreed struct {
	ConsentText
	Given bool
	Said  time.Time
}

const (
	mostForms = 60
	maxName   = 120
	maxText   = 4000
	codeBytes = 6
)

// FormIn is what a member says of a form.
type FormIn struct {
	Name     string
	Fields   []Field
	Settings FormSettings
	Version  int // that they changed; 0 does not look
}

// tidy brings what was typed to the form in which it is kept.
func (in FormIn) tidy() FormIn {
	in.Name = line(in.Name)
	s := &in.Settings
	for _, p := range []*string{&s.Title, &s.Button, &s.Subject, &s.Campaign, &s.Channel, &s.Sites} {
		*p = line(*p)
	}
	for _, p := range []*string{&s.Intro, &s.Thanks, &s.Letter} {
		*p = paragraph(*p)
	}
	in.Fields = slices.Clone(in.Fields)
	var keys []string
	for i := range in.Fields {
		f := &in.Fields[i]
		f.Label, f.Hint = line(f.Label), line(f.Hint)
		var options []string
		for _, o := range f.Options {
			if o = line(o); o != "" {
				options = append(options, o)
			}
		}
		if f.Options = options; f.Kind != Choice && f.Kind != Several {
			f.Options = nil
		}
		if f.Key == "" && f.Label != "" {
			f.Key = KeyOf(f.Label, keys)
		}
		keys = append(keys, f.Key)
	}
	return in
}

func (in FormIn) wrong() (out []fault.Field) {
	long := func(name, s string, most int) {
		if text.Graphemes(s) > most {
			out = append(out, fault.Field{Name: name, Key: "lead.field.long", Args: map[string]any{"most": most}})
		}
	}
	if in.Name == "" {
		out = append(out, fault.Field{Name: "name", Key: "lead.form.name"})
	}
	s := in.Settings
	long("name", in.Name, maxName)
	long("title", s.Title, maxName)
	long("intro", s.Intro, maxText)
	long("button", s.Button, 40)
	long("thanks", s.Thanks, maxText)
	long("subject", s.Subject, maxLabel)
	long("letter", s.Letter, maxText)
	long("campaign", s.Campaign, maxName)
	long("channel", s.Channel, maxName)
	if s.Locale != "" && s.Locale != "it" && s.Locale != "en" {
		out = append(out, fault.Field{Name: "locale", Key: "team.locale.wrong"})
	}
	if (s.Subject == "") != (s.Letter == "") {
		out = append(out, fault.Field{Name: "letter", Key: "lead.form.letter"})
	}
	for _, x := range strings.Fields(s.Sites) {
		if u, err := url.Parse(x); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.Path != "" || u.RawQuery != "" || u.User != nil || strings.ContainsAny(x, ";,'\"*") {
			out = append(out, fault.Field{Name: "sites", Key: "lead.form.site", Args: map[string]any{"site": x}})
			break
		}
	}
	out = append(out, wrongFields(in.Fields)...)
	asks, must := Form{Fields: in.Fields}.Email()
	if s.Confirm && !must {
		out = append(out, fault.Field{Name: "confirm", Key: "lead.form.confirm"})
	}
	if s.Subject != "" && !asks {
		out = append(out, fault.Field{Name: "letter", Key: "lead.form.noemail"})
	}
	return out
}

// random makes n bytes in the letters of an address.
func random(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: it ends the program instead
	return base64.RawURLEncoding.EncodeToString(b)
}

// CreateForm makes a form, a draft. It needs FormsManage.
func (x *Leads) CreateForm(ctx context.Context, a team.Actor, in FormIn) (f Form, err error) {
	err = x.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := a.May(team.FormsManage); err != nil {
			return err
		}
		in := in.tidy()
		if err := fault.InvalidFields(in.wrong()...); err != nil {
			return err
		}
		if n, err := x.countForms(ctx, a.Company); err != nil {
			return err
		} else if n >= mostForms {
			return fault.New(fault.Conflict, "lead.form.most").With("most", mostForms)
		}
		now := x.rooms.Clock.Now()
		f = Form{
			ID: FormID(formKind.New(now)), Company: a.Company, Code: random(codeBytes), Name: in.Name, State: Draft, Fields: in.Fields, Settings: in.Settings,
			Version: 1, CreatedBy: a.Member, CreatedAt: now, ChangedAt: now, secret: random(24),
		}
		if err := x.insertForm(ctx, tx, f); err != nil {
			return err
		}
		if err := x.keepConsents(ctx, tx, f); err != nil {
			return err
		}
		return x.formDone(ctx, tx, a, "lead.form.created", f)
	})
	return f, wrap("CreateForm", err)
}

func (x *Leads) formDone(ctx context.Context, tx *store.Tx, a team.Actor, verb string, f Form) error {
	if err := x.tell(ctx, tx, a.Company, string(f.ID)); err != nil {
		return err
	}
	return x.rooms.Team.Audit(ctx, tx, a, team.Entry{Verb: verb, ObjectKind: "form", ObjectID: string(f.ID), Detail: map[string]string{"name": f.Name}})
}

// ChangeForm changes a form; the texts that people agree to get a new version where they are other words. It needs FormsManage.
func (x *Leads) ChangeForm(ctx context.Context, a team.Actor, id FormID, in FormIn) (f Form, err error) {
	err = x.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := a.May(team.FormsManage); err != nil {
			return err
		}
		if f, err = x.holdForm(ctx, tx, a.Company, id); err != nil {
			return err
		}
		if in.Version != 0 && in.Version != f.Version {
			return errVersion
		}
		in := in.tidy()
		if err := fault.InvalidFields(in.wrong()...); err != nil {
			return err
		}
		f.Name, f.Fields, f.Settings, f.ChangedAt = in.Name, in.Fields, in.Settings, x.rooms.Clock.Now()
		f.Version++
		if err := x.saveForm(ctx, tx, f); err != nil {
			return err
		}
		if err := x.keepConsents(ctx, tx, f); err != nil {
			return err
		}
		return x.formDone(ctx, tx, a, "lead.form.changed", f)
	})
	return f, wrap("ChangeForm", err)
}

// SetForm opens a form to everybody, or closes it. It needs FormsManage.
func (x *Leads) SetForm(ctx context.Context, a team.Actor, id FormID, s FormState) (f Form, err error) {
	err = x.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := a.May(team.FormsManage); err != nil {
			return err
		}
		if s != Live && s != Closed {
			return fault.New(fault.Invalid, "lead.form.state")
		}
		if f, err = x.holdForm(ctx, tx, a.Company, id); err != nil || f.State == s {
			return err
		}
		if s == Live && (f.Settings.Confirm || f.Settings.Subject != "") && !x.rooms.Mail.Configured() {
			return fault.New(fault.Conflict, "lead.form.nomail")
		}
		f.State, f.ChangedAt = s, x.rooms.Clock.Now()
		f.Version++
		if err := x.saveForm(ctx, tx, f); err != nil {
			return err
		}
		verb := "lead.form.opened"
		if s == Closed {
			verb = "lead.form.closed"
		}
		return x.formDone(ctx, tx, a, verb, f)
	})
	return f, wrap("SetForm", err)
}

// keepConsents keeps every text to agree to as it now is, where it is not kept already.
func (x *Leads) keepConsents(ctx context.Context, tx *store.Tx, f Form) error {
	all, err := x.consents(ctx, f.Company, f.ID)
	if err != nil {
		return err
	}
	latest := map[string]ConsentText{}
	for _, c := range all {
		latest[c.Field] = c
	}
	for _, q := range f.Fields {
		old := latest[q.Key]
		if q.Kind != Consent || old.Body == q.Label {
			continue
		}
		now := x.rooms.Clock.Now()
		err := x.insertConsent(ctx, tx, f.Company, ConsentText{ID: ConsentID(consentKind.New(now)), Form: f.ID, Field: q.Key, Version: old.Version + 1, Body: q.Label, At: now})
		if err != nil {
			return err
		}
	}
	return nil
}

// Forms lists the forms, newest first. It needs LeadsRead or FormsManage.
func (x *Leads) Forms(ctx context.Context, a team.Actor) ([]FormCount, error) {
	if err := mayForms(a); err != nil {
		return nil, err
	}
	out, err := x.forms(ctx, a.Company)
	return out, wrap("Forms", err)
}

// FormCount is a form with what came of it.
type FormCount struct {
	Form
	Leads   int
	Won     int
	Waiting int // not confirmed yet
}

func mayForms(a team.Actor) error {
	if a.Can(team.LeadsRead) {
		return nil
	}
	return a.May(team.FormsManage)
}

// FormFile is a form with everything that is known of it.
type FormFile struct {
	FormCount
	Consents []ConsentText // oldest first
	Refused  []Refused     // of the last 30 days
}

// Refused is how much a form did not take.
type Refused struct {
	Cause Cause
	N     int
}

// OpenForm gives a form. It needs LeadsRead or FormsManage.
func (x *Leads) OpenForm(ctx context.Context, a team.Actor, id FormID) (out FormFile, err error) {
	if err := mayForms(a); err != nil {
		return out, err
	}
	if _, err := ParseFormID(string(id)); err != nil {
		return out, errForm.Because(err)
	}
	all, err := x.forms(ctx, a.Company)
	if err != nil {
		return out, wrap("OpenForm", err)
	}
	i := slices.IndexFunc(all, func(f FormCount) bool { return f.ID == id })
	if i < 0 {
		return out, wrap("OpenForm", errForm)
	}
	out.FormCount = all[i]
	if out.Consents, err = x.consents(ctx, a.Company, id); err != nil {
		return out, wrap("OpenForm", err)
	}
	out.Refused, err = x.refused(ctx, a.Company, id, x.rooms.Clock.Now().AddDate(0, 0, -30))
	return out, wrap("OpenForm", err)
}

// FormPath is where a form is filled in.
func FormPath(code string) string { return "/f/" + code }

func wrap(method string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("lead.%s: %w", method, err)
}
