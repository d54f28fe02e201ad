package lead

import (
	"context"
	"regexp"
	"slices"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
	"github.com/ponte-desk/ponte/internal/webhook"
)

// EventKind is what happened to a lead. It is stored in the database.
type EventKind string

// What happens to leads.
const (
	EventCame   EventKind = "came"
	EventState  EventKind = "state"
	EventValue  EventKind = "value"
	EventGiven  EventKind = "given" // to a member
	EventNote   EventKind = "note"
	EventJoined EventKind = "joined"
	EventWho    EventKind = "who" // the name, the address or the number was put right
)

// Event is one thing that happened to a lead.
type Event struct {
	Kind    EventKind
	Member  team.MemberID // "" Ponte itself, or the person
	Was     string
	Becomes string
	Body    string // of a note; why it was lost
	At      time.Time
}

func (x *Leads) note(ctx context.Context, tx *store.Tx, a team.Actor, l Lead, e Event) error {
	e.Member, e.At = a.Member, x.rooms.Clock.Now()
	return x.insertEvent(ctx, tx, l, e)
}

// NewIn is what a member or a program knows of a lead that came in another way than by a form.
type NewIn struct {
	Name, Email, Phone string
	Answers            map[string][]string // by the keys of the fields of Form
	Form               FormID
	Channel, Campaign  string
	Link               string // the code of the tracked link that brought them, such as one to the telephone number: its channel and campaign count
	State              State
	Reason             string // with Lost
	Cents              int64
	Currency           string
	SoldOn             string
	Note               string
	CreatedAt          time.Time // zero: now
	Member             team.MemberID
}

const maxNote = 4000

var currency = regexp.MustCompile(`^[A-Z]{3}$`)

// lead makes a lead of what somebody knows, and says what is wrong with it.
func (in NewIn) lead(f *Form, now time.Time) (l Lead, wrong []fault.Field) {
	say := func(name, key string) {
		wrong = append(wrong, fault.Field{Name: name, Key: key, Args: map[string]any{"most": maxName}})
	}
	l = Lead{Name: line(in.Name), Phone: line(in.Phone), State: in.State, Reason: line(in.Reason), Cents: in.Cents, Currency: in.Currency, SoldOn: in.SoldOn, CreatedAt: in.CreatedAt, Member: in.Member}
	ok := true
	if f != nil {
		l.Form = f.ID
		answers, err := ReadAnswers(f.Fields, in.Answers)
		if e := fault.Of(err); e != nil {
			wrong = append(wrong, e.Fields...)
		}
		l.Answers = answers
		name, email, phone := reach(answers)
		if in.Email == "" {
			in.Email = email
		}
		if l.Phone == "" {
			l.Phone = phone
		}
		if l.Name == "" {
			l.Name = name
		}
	}
	if in.Email != "" {
		if l.Email, ok = tidyEmail(in.Email); !ok {
			say("email", "lead.answer.email")
		}
	}
	if l.Phone != "" {
		if _, ok = tidyPhone(l.Phone); !ok {
			say("phone", "lead.answer.phone")
		}
	}
	if l.Name == "" {
		l.Name, _, _ = cutAt(l.Email)
	}
	if l.Name == "" {
		l.Name = l.Phone
	}
	if text.Graphemes(l.Name) > maxName || unclean(l.Name) {
		say("name", "lead.name")
	}
	if l.State == "" {
		l.State = Fresh
	}
	if !slices.Contains(States, l.State) {
		say("state", "lead.state.unknown")
	}
	if l.Currency == "" {
		l.Currency = "EUR"
	}
	wrong = append(wrong, wrongWorth(l.Cents, l.Currency, l.SoldOn)...)
	if l.CreatedAt.After(now.Add(time.Minute)) {
		say("created", "lead.created.future")
	}
	return l, wrong
}

const mostCents = 1_000_000_000_00

func wrongWorth(cents int64, cur, soldOn string) (wrong []fault.Field) {
	if cents < 0 || cents > mostCents {
		wrong = append(wrong, fault.Field{Name: "value", Key: "lead.value"})
	}
	if !currency.MatchString(cur) {
		wrong = append(wrong, fault.Field{Name: "currency", Key: "lead.currency"})
	}
	if soldOn != "" {
		if _, err := time.Parse(time.DateOnly, soldOn); err != nil {
			wrong = append(wrong, fault.Field{Name: "sold_on", Key: "lead.answer.date"})
		}
	}
	return wrong
}

func cutAt(email string) (before, after string, ok bool) {
	for i := range len(email) {
		if email[i] == '@' {
			return email[:i], email[i+1:], true
		}
	}
	return email, "", false
}

// Add writes a lead down that came by hand or through a program. It needs LeadsManage.
func (x *Leads) Add(ctx context.Context, a team.Actor, in NewIn) (l Lead, err error) {
	err = x.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := a.May(team.LeadsManage); err != nil {
			return err
		}
		source := FromHand
		if a.Via == team.ViaAPI {
			source = FromAPI
		}
		l, err = x.add(ctx, tx, a, in, source)
		return err
	})
	return l, wrap("Add", err)
}

// add is Add for every way in.
func (x *Leads) add(ctx context.Context, tx *store.Tx, a team.Actor, in NewIn, source Source) (Lead, error) {
	now := x.rooms.Clock.Now()
	var form *Form
	if in.Form != "" {
		f, err := x.form(ctx, a.Company, in.Form)
		if err != nil {
			return Lead{}, err
		}
		form = &f
	}
	l, wrong := in.lead(form, now)
	if l.Email == "" && l.Phone == "" {
		wrong = append(wrong, fault.Field{Name: "email", Key: "lead.reach"})
	}
	if text.Graphemes(in.Note) > maxNote {
		wrong = append(wrong, fault.Field{Name: "note", Key: "lead.note.long", Args: map[string]any{"most": maxNote}})
	}
	var brought Touch
	if in.Link = line(in.Link); in.Link != "" {
		var err error
		if brought, err = x.saidLink(ctx, a.Company, in.Link); fault.KindOf(err) == fault.NotFound {
			wrong = append(wrong, fault.Field{Name: "link", Key: "lead.link"})
		} else if err != nil {
			return Lead{}, err
		}
	}
	if err := fault.InvalidFields(wrong...); err != nil {
		return Lead{}, err
	}
	l.Company, l.Source = a.Company, source
	if brought.Link != "" {
		if brought.At = l.CreatedAt; brought.At.IsZero() {
			brought.At = now
		}
		l.Last = brought
	} else if in.Channel = line(in.Channel); in.Channel != "" || line(in.Campaign) != "" {
		at := l.CreatedAt
		if at.IsZero() {
			at = now
		}
		l.Last = Touch{At: at, Channel: cut(in.Channel, maxName), Campaign: cut(line(in.Campaign), maxName)}
	}
	l, err := x.put(ctx, tx, l)
	if err != nil {
		return l, err
	}
	if err := x.note(ctx, tx, a, l, Event{Kind: EventCame}); err != nil {
		return l, err
	}
	if in.Note = paragraph(in.Note); in.Note != "" {
		if err := x.note(ctx, tx, a, l, Event{Kind: EventNote, Body: in.Note}); err != nil {
			return l, err
		}
	}
	return l, x.rooms.Team.Audit(ctx, tx, a, team.Entry{Verb: "lead.added", ObjectKind: "lead", ObjectID: string(l.ID)})
}

// saidLink gives what a link stands for that somebody says brought a lead.
func (x *Leads) saidLink(ctx context.Context, c team.CompanyID, code string) (Touch, error) {
	if x.rooms.Tracks == nil {
		return Touch{}, fault.New(fault.NotFound, "lead.link")
	}
	return x.rooms.Tracks.TouchOf(ctx, c, code)
}

// FromConversation makes a lead of somebody who writes to the company: the conversation says who and where. A conversation that has one gives it
// again. It needs LeadsManage, and a role that reads the inbox.
func (x *Leads) FromConversation(ctx context.Context, a team.Actor, id inbox.ConversationID, in NewIn) (l Lead, err error) {
	if err := a.May(team.LeadsManage); err != nil {
		return l, err
	}
	// The role must be one that reads the inbox; a key need not have that scope for this one conversation.
	reader := a
	reader.Scopes = nil
	t, err := x.rooms.Inbox.Open(ctx, reader, id)
	if err != nil {
		return l, wrap("FromConversation", err)
	}
	who := t.Identities[t.Conversation.Identity]
	if who.ID == "" {
		return l, wrap("FromConversation", fault.New(fault.Conflict, "lead.nobody"))
	}
	err = x.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if l, err = x.ofConversation(ctx, a.Company, id); err == nil || fault.KindOf(err) != fault.NotFound {
			return err
		}
		if in.Name == "" {
			in.Name = who.Label()
		}
		now := x.rooms.Clock.Now()
		var wrong []fault.Field
		if l, wrong = in.lead(nil, now); len(wrong) > 0 {
			return fault.InvalidFields(wrong...)
		}
		l.Company, l.Source, l.Conversation, l.Identity = a.Company, FromTalk, id, who.ID
		l.Last = Touch{At: t.Conversation.CreatedAt, Channel: string(t.Channel.Network), Campaign: cut(line(in.Campaign), maxName)}
		if l.Last.At.After(now) || l.Last.At.IsZero() {
			l.Last.At = now
		}
		if l, err = x.put(ctx, tx, l); err != nil {
			return err
		}
		if err := x.note(ctx, tx, a, l, Event{Kind: EventCame}); err != nil {
			return err
		}
		return x.rooms.Team.Audit(ctx, tx, a, team.Entry{Verb: "lead.added", ObjectKind: "lead", ObjectID: string(l.ID)})
	})
	return l, wrap("FromConversation", err)
}

// OfConversation gives the lead of a conversation; one without is NotFound. It needs LeadsRead.
func (x *Leads) OfConversation(ctx context.Context, a team.Actor, id inbox.ConversationID) (Lead, error) {
	if err := a.May(team.LeadsRead); err != nil {
		return Lead{}, err
	}
	l, err := x.ofConversation(ctx, a.Company, id)
	return l, wrap("OfConversation", err)
}

// ChangeIn is what may be changed about a lead. nil leaves as it is.
type ChangeIn struct {
	Version  int // that was looked at; 0 does not look
	State    *State
	Reason   string // with Lost
	Cents    *int64
	Currency *string
	SoldOn   *string
	Member   *team.MemberID
	Name     *string
	Email    *string
	Phone    *string
}

// Change changes a lead. It needs LeadsManage.
func (x *Leads) Change(ctx context.Context, a team.Actor, id ID, in ChangeIn) (l Lead, err error) {
	err = x.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := a.May(team.LeadsManage); err != nil {
			return err
		}
		if l, err = x.hold(ctx, tx, a.Company, id); err != nil {
			return err
		}
		if in.Version != 0 && in.Version != l.Version {
			return errVersion
		}
		was := l
		if err := x.apply(ctx, &l, in); err != nil {
			return err
		}
		events := differences(was, l)
		if len(events) == 0 {
			return nil
		}
		now := x.rooms.Clock.Now()
		l.ChangedAt = now
		l.Version++
		rules, err := x.rules(ctx, a.Company)
		if err != nil {
			return err
		}
		l.Score, l.Quality, _ = judge(rules, l)
		if err := x.save(ctx, tx, l); err != nil {
			return err
		}
		for _, e := range events {
			if err := x.note(ctx, tx, a, l, e); err != nil {
				return err
			}
		}
		if err := x.rooms.Team.Audit(ctx, tx, a, team.Entry{Verb: "lead.changed", ObjectKind: "lead", ObjectID: string(l.ID), Detail: map[string]string{"state": string(l.State)}}); err != nil {
			return err
		}
		return x.changed(ctx, tx, l, webhook.LeadChanged)
	})
	return l, wrap("Change", err)
}

// apply puts what is to change into a lead and says everything that is wrong together.
func (x *Leads) apply(ctx context.Context, l *Lead, in ChangeIn) error {
	var wrong []fault.Field
	say := func(name, key string) {
		wrong = append(wrong, fault.Field{Name: name, Key: key, Args: map[string]any{"most": maxName}})
	}
	if !l.ErasedAt.IsZero() && (in.Name != nil || in.Email != nil || in.Phone != nil) {
		return errGone
	}
	if in.Name != nil {
		if l.Name = line(*in.Name); l.Name == "" || text.Graphemes(l.Name) > maxName || unclean(l.Name) {
			say("name", "lead.name")
		}
	}
	ok := true
	if in.Email != nil && *in.Email != "" {
		if l.Email, ok = tidyEmail(*in.Email); !ok {
			say("email", "lead.answer.email")
		}
	} else if in.Email != nil {
		l.Email = ""
	}
	if in.Phone != nil {
		if l.Phone = line(*in.Phone); l.Phone != "" {
			if _, ok = tidyPhone(l.Phone); !ok {
				say("phone", "lead.answer.phone")
			}
		}
	}
	if in.Cents != nil {
		l.Cents = *in.Cents
	}
	if in.Currency != nil {
		l.Currency = *in.Currency
	}
	if in.SoldOn != nil {
		l.SoldOn = *in.SoldOn
	}
	if in.State != nil && *in.State != l.State || in.State != nil && *in.State == Lost {
		if !slices.Contains(States, *in.State) {
			say("state", "lead.state.unknown")
		}
		l.State, l.Reason = *in.State, ""
		if l.State == Lost {
			if l.Reason = line(in.Reason); l.Reason == "" {
				say("reason", "lead.reason")
			} else if text.Graphemes(l.Reason) > maxHint {
				wrong = append(wrong, fault.Field{Name: "reason", Key: "lead.field.long", Args: map[string]any{"most": maxHint}})
			}
		}
	}
	if l.State == Won && l.SoldOn == "" {
		c, err := x.rooms.Team.Company(ctx, l.Company)
		if err != nil {
			return err
		}
		l.SoldOn = x.rooms.Clock.Now().In(c.Location()).Format(time.DateOnly)
	}
	if l.State != Won {
		l.SoldOn = ""
	}
	if in.Member != nil && *in.Member != l.Member {
		if l.Member = *in.Member; l.Member != "" {
			members, err := x.rooms.Team.MembersByID(ctx, l.Company)
			if err != nil {
				return err
			}
			if m, ok := members[l.Member]; !ok || m.State != team.MemberActive {
				say("member", "lead.member")
			}
		}
	}
	wrong = append(wrong, wrongWorth(l.Cents, l.Currency, l.SoldOn)...)
	return fault.InvalidFields(wrong...)
}

// differences says what of a lead is new.
func differences(was, l Lead) (out []Event) {
	if was.State != l.State || was.Reason != l.Reason {
		out = append(out, Event{Kind: EventState, Was: string(was.State), Becomes: string(l.State), Body: l.Reason})
	}
	if was.Cents != l.Cents || was.Currency != l.Currency || was.SoldOn != l.SoldOn && was.State == l.State {
		out = append(out, Event{Kind: EventValue, Was: Money(was.Cents, was.Currency), Becomes: Money(l.Cents, l.Currency)})
	}
	if was.Member != l.Member {
		out = append(out, Event{Kind: EventGiven, Was: string(was.Member), Becomes: string(l.Member)})
	}
	if was.Name != l.Name || was.Email != l.Email || was.Phone != l.Phone {
		out = append(out, Event{Kind: EventWho})
	}
	return out
}

// Money writes an amount as it is kept: 1234.50 EUR.
func Money(cents int64, cur string) string {
	s := itoa(int(cents % 100))
	if len(s) < 2 {
		s = "0" + s
	}
	return itoa(int(cents/100)) + "." + s + " " + cur
}

// AddNote writes a note about a lead, for the team. It needs LeadsManage.
func (x *Leads) AddNote(ctx context.Context, a team.Actor, id ID, body string) error {
	body = paragraph(body)
	err := x.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := a.May(team.LeadsManage); err != nil {
			return err
		}
		if body == "" || unclean(body) {
			return fault.InvalidFields(fault.Field{Name: "note", Key: "lead.note.empty"})
		}
		if text.Graphemes(body) > maxNote {
			return fault.InvalidFields(fault.Field{Name: "note", Key: "lead.note.long", Args: map[string]any{"most": maxNote}})
		}
		l, err := x.hold(ctx, tx, a.Company, id)
		if err != nil {
			return err
		}
		if err := x.note(ctx, tx, a, l, Event{Kind: EventNote, Body: body}); err != nil {
			return err
		}
		if err := x.tell(ctx, tx, a.Company, string(id)); err != nil {
			return err
		}
		return x.rooms.Team.Audit(ctx, tx, a, team.Entry{Verb: "lead.noted", ObjectKind: "lead", ObjectID: string(id)})
	})
	return wrap("AddNote", err)
}

// Sheet is a lead with everything that is known of it.
type Sheet struct {
	Lead
	Events  []Event // oldest first
	Agreed  []Agreed
	Reasons []Rule // that speak for its quality
	Form    *Form  // nil: it came in another way
	Whose   Whose
	Carrier *audience.Identity // of the last touch, else of the first
}

// Open gives a lead. It needs LeadsRead.
func (x *Leads) Open(ctx context.Context, a team.Actor, id ID) (s Sheet, err error) {
	if err := a.May(team.LeadsRead); err != nil {
		return s, err
	}
	if _, err := ParseID(string(id)); err != nil {
		return s, wrap("Open", errGone.Because(err))
	}
	if s.Lead, err = x.read(ctx, a.Company, id); err != nil {
		return s, wrap("Open", err)
	}
	if s.Events, err = x.events(ctx, a.Company, id); err != nil {
		return s, wrap("Open", err)
	}
	if s.Agreed, err = x.agreed(ctx, a.Company, id); err != nil {
		return s, wrap("Open", err)
	}
	if s.Reasons, err = x.Reasons(ctx, a, s.Lead); err != nil {
		return s, wrap("Open", err)
	}
	if s.Lead.Form != "" {
		f, err := x.form(ctx, a.Company, s.Lead.Form)
		if err != nil {
			return s, wrap("Open", err)
		}
		s.Form = &f
	}
	if c := s.Last.Carrier + s.First.Carrier; c != "" {
		if s.Last.Carrier != "" {
			c = s.Last.Carrier
		}
		known, err := x.rooms.Audience.IdentitiesByID(ctx, a.Company, []audience.IdentityID{c})
		if err != nil {
			return s, wrap("Open", err)
		}
		if i, ok := known[c]; ok {
			s.Carrier = &i
		}
	}
	s.Whose, err = x.Whose(ctx, a, s.Lead)
	return s, wrap("Open", err)
}
