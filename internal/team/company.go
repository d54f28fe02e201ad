package team

import (
	"context"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/id"
	"github.com/ponte-desk/ponte/internal/store"
)

// Kinds of identifiers minted here.
const (
	companyKind    id.Kind = "cmp"
	memberKind     id.Kind = "mbr"
	invitationKind id.Kind = "inv"
	auditKind      id.Kind = "aud"
)

// ParseMemberID checks an identifier from outside.
func ParseMemberID(s string) (MemberID, error) {
	v, err := memberKind.Parse(s)
	return MemberID(v), err
}

// ParseInvitationID checks an identifier from outside.
func ParseInvitationID(s string) (InvitationID, error) {
	v, err := invitationKind.Parse(s)
	return InvitationID(v), err
}

// Company is the workspace; every row belongs to one.
type Company struct {
	ID        CompanyID
	Name      string
	Zone      string // IANA name, for example "Europe/Rome"
	Locale    string // "it" or "en"
	Sample    bool   // holds invented data only
	Filling   bool   // its story is still being told, by a clock of its own: jobs leave it alone, and nobody visits it
	Settings  CompanySettings
	CreatedAt time.Time
}

// Location is the company's time zone.
func (c Company) Location() *time.Location {
	l, err := time.LoadLocation(c.Zone)
	if err != nil {
		return time.UTC
	}
	return l
}

// CompanySettings are what a company decides about how it works.
type CompanySettings struct {
	Hours     Hours    // when someone is there
	Target    Duration // within which a conversation should be answered, in hours of opening when InHours
	InHours   bool     // the target counts open hours only
	Approval  Approval // whose replies are read by a second person
	TwoFactor bool     // every member must have a second factor
}

// Duration is a length of time kept as whole minutes.
type Duration int

// Std turns it into the standard library's.
func (d Duration) Std() time.Duration { return time.Duration(d) * time.Minute }

// Hours are the opening hours of each weekday, Sunday first; a closed day has no spans.
type Hours [7][]Span

// Span is a part of a day, in minutes after midnight, From included and To excluded.
type Span struct{ From, To int }

// Approval says which replies wait for a second person. It is stored in the database.
type Approval string

// The kinds of approval.
const (
	ApprovalNone   Approval = "none"   // nobody's
	ApprovalRole   Approval = "role"   // of members whose role may not approve
	ApprovalPublic Approval = "public" // every public reply
	ApprovalAll    Approval = "all"    // every reply
)

// DefaultSettings are those of a new company: open Monday to Friday from 9 to 18, an answer within 24 hours,
// replies of those who may not approve are read by one who may.
func DefaultSettings() CompanySettings {
	s := CompanySettings{Target: 24 * 60, Approval: ApprovalRole}
	for d := time.Monday; d <= time.Friday; d++ {
		s.Hours[d] = []Span{{From: 9 * 60, To: 18 * 60}}
	}
	return s
}

// Bounds of what a company decides, in characters and in minutes.
const (
	maxName   = 120
	minTarget = Duration(5)
	maxTarget = Duration(30 * 24 * 60)
	maxSpans  = 6 // in one day
)

// tidy brings a short text to one line without spaces around it.
func tidy(s string) string { return strings.Join(strings.Fields(s), " ") }

// tidyEmail brings an e-mail address to the form in which it is kept and compared.
func tidyEmail(s string) (string, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || len(s) > 254 || !strings.Contains(s[strings.LastIndexByte(s, '@'):], ".") {
		return s, false
	}
	return s, true
}

func wrongText(field, s string, least, most int) []fault.Field {
	switch n := utf8.RuneCountInString(s); {
	case !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl):
		return []fault.Field{{Name: field, Key: "team.text.wrong"}}
	case n < least:
		return []fault.Field{{Name: field, Key: "team.text.missing"}}
	case n > most:
		return []fault.Field{{Name: field, Key: "team.text.long", Args: map[string]any{"most": most}}}
	}
	return nil
}

func wrongLocale(field, locale string) []fault.Field {
	if locale != "it" && locale != "en" {
		return []fault.Field{{Name: field, Key: "team.locale.wrong"}}
	}
	return nil
}

// wrong lists everything about the company that cannot be.
func (c Company) wrong() []fault.Field {
	fields := wrongText("name", c.Name, 1, maxName)
	if _, err := time.LoadLocation(c.Zone); err != nil || c.Zone == "" || c.Zone == "Local" {
		fields = append(fields, fault.Field{Name: "zone", Key: "team.zone.wrong"})
	}
	fields = append(fields, wrongLocale("locale", c.Locale)...)
	s := c.Settings
	if s.Target < minTarget || s.Target > maxTarget {
		fields = append(fields, fault.Field{Name: "target", Key: "team.target.wrong"})
	}
	if !s.Hours.sane() {
		fields = append(fields, fault.Field{Name: "hours", Key: "team.hours.wrong"})
	} else if s.InHours && s.Hours.Closed() {
		fields = append(fields, fault.Field{Name: "hours", Key: "team.hours.missing"})
	}
	if !slices.Contains([]Approval{ApprovalNone, ApprovalRole, ApprovalPublic, ApprovalAll}, s.Approval) {
		fields = append(fields, fault.Field{Name: "approval", Key: "team.approval.wrong"})
	}
	return fields
}

// Company gives a company.
func (t *Team) Company(ctx context.Context, c CompanyID) (Company, error) {
	out, err := t.readCompany(ctx, c)
	if err != nil {
		return Company{}, fmt.Errorf("team.Company: %w", err)
	}
	return out, nil
}

// Companies lists the companies of this house, the real one first.
func (t *Team) Companies(ctx context.Context) ([]Company, error) {
	out, err := t.readCompanies(ctx)
	if err != nil {
		return nil, fmt.Errorf("team.Companies: %w", err)
	}
	return out, nil
}

// ChangeCompanyIn is what may be changed about a company; it replaces everything it names.
type ChangeCompanyIn struct {
	Name     string
	Zone     string
	Locale   string
	Settings CompanySettings
}

// ChangeCompany changes the actor's company. It needs CompanyChange.
func (t *Team) ChangeCompany(ctx context.Context, a Actor, in ChangeCompanyIn) (c Company, err error) {
	err = t.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := a.May(CompanyChange); err != nil {
			return err
		}
		if c, err = t.lockCompany(ctx, tx, a.Company); err != nil {
			return err
		}
		old := c
		c.Name, c.Zone, c.Locale, c.Settings = tidy(in.Name), in.Zone, in.Locale, in.Settings
		if err := fault.InvalidFields(c.wrong()...); err != nil {
			return err
		}
		if err := t.updateCompany(ctx, tx, c); err != nil {
			return err
		}
		return t.Audit(ctx, tx, a, Entry{
			Verb: "team.company.changed", ObjectKind: "company", ObjectID: string(c.ID), Detail: companyChanges(old, c),
		})
	})
	if err != nil {
		return Company{}, fmt.Errorf("team.ChangeCompany: %w", err)
	}
	return c, nil
}

// companyChanges says what is new, for the audit trail.
func companyChanges(old, c Company) map[string]string {
	d := map[string]string{}
	note := func(name, was, is string) {
		if was != is {
			d[name] = was + " > " + is
		}
	}
	note("name", old.Name, c.Name)
	note("zone", old.Zone, c.Zone)
	note("locale", old.Locale, c.Locale)
	note("target", old.Settings.Target.Std().String(), c.Settings.Target.Std().String())
	note("in_hours", fmt.Sprint(old.Settings.InHours), fmt.Sprint(c.Settings.InHours))
	note("hours", old.Settings.Hours.String(), c.Settings.Hours.String())
	note("approval", string(old.Settings.Approval), string(c.Settings.Approval))
	note("two_factor", fmt.Sprint(old.Settings.TwoFactor), fmt.Sprint(c.Settings.TwoFactor))
	return d
}
