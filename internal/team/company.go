package team

import (
	"time"

	"github.com/ponte-desk/ponte/internal/id"
)

// Kinds of identifiers minted here.
const (
	companyKind    id.Kind = "cmp"
	memberKind     id.Kind = "mbr"
	invitationKind id.Kind = "inv"
	auditKind      id.Kind = "aud"
)

// Company is the workspace; every row belongs to one.
type Company struct {
	ID        CompanyID
	Name      string
	Zone      string // IANA name, for example "Europe/Rome"
	Locale    string // "it" or "en"
	Sample    bool   // holds invented data only
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

// MemberState is where a member stands. It is stored in the database.
type MemberState string

// The states of a member. Someone who left stays known by name, so that the past remains readable.
const (
	MemberActive MemberState = "active"
	MemberLeft   MemberState = "left"
)

// Member is a person of the company with a role.
type Member struct {
	ID        MemberID
	Company   CompanyID
	Email     string
	Name      string
	Job       string
	Role      Role
	State     MemberState
	Locale    string // "" follows the company
	Settings  MemberSettings
	CreatedAt time.Time
	LeftAt    time.Time // zero while active
}

// MemberSettings are what a member decides for themselves.
type MemberSettings struct {
	Theme     string // "", "light" or "dark"
	Shortcuts bool   // single-letter keys on
}

// Actor makes the member the one who does something through a door.
func (m Member) Actor(via Via) Actor {
	return Actor{Company: m.Company, Member: m.ID, Role: m.Role, Name: m.Name, Via: via}
}
