package team

import (
	"context"
	"fmt"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/store"
)

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

// The conflicts about members.
var (
	ErrLastOwner   = fault.New(fault.Conflict, "team.owner.last")   // a company is never without an owner
	ErrMemberThere = fault.New(fault.Conflict, "team.member.there") // a member with this e-mail works here already
	ErrMemberGone  = fault.New(fault.Conflict, "team.member.left")  // left already
	ErrHeir        = fault.New(fault.Invalid, "team.heir.wrong")    // the heir is not an active colleague
)

// MemberFilter narrows a list of members.
type MemberFilter struct {
	State MemberState // "": all
	Role  Role        // "": all
}

// Members lists the members of the actor's company by name, those who left at the end. It needs MembersRead.
func (t *Team) Members(ctx context.Context, a Actor, f MemberFilter) ([]Member, error) {
	if err := a.May(MembersRead); err != nil {
		return nil, fmt.Errorf("team.Members: %w", err)
	}
	ms, err := t.readMembers(ctx, a.Company, f)
	if err != nil {
		return nil, fmt.Errorf("team.Members: %w", err)
	}
	return ms, nil
}

// Member gives one member of the actor's company. It needs MembersRead, or to be that member.
func (t *Team) Member(ctx context.Context, a Actor, m MemberID) (Member, error) {
	if a.Self() != nil || a.Member != m {
		if err := a.May(MembersRead); err != nil {
			return Member{}, fmt.Errorf("team.Member: %w", err)
		}
	}
	out, err := t.readMember(ctx, a.Company, m)
	if err != nil {
		return Member{}, fmt.Errorf("team.Member: %w", err)
	}
	return out, nil
}

// MembersByID gives all members of a company, for names on screen; those who left are among them.
func (t *Team) MembersByID(ctx context.Context, c CompanyID) (map[MemberID]Member, error) {
	ms, err := t.readMembers(ctx, c, MemberFilter{})
	if err != nil {
		return nil, fmt.Errorf("team.MembersByID: %w", err)
	}
	out := make(map[MemberID]Member, len(ms))
	for _, m := range ms {
		out[m.ID] = m
	}
	return out, nil
}

// MemberByEmail gives the active member with an e-mail address, in whatever company. It decides nothing and takes no
// actor: it is for the room signin and for the command line.
func (t *Team) MemberByEmail(ctx context.Context, email string) (Member, error) {
	email, ok := tidyEmail(email)
	if !ok {
		return Member{}, fmt.Errorf("team.MemberByEmail: %w", store.ErrMissing)
	}
	m, err := t.readMemberByEmail(ctx, email)
	if err != nil {
		return Member{}, fmt.Errorf("team.MemberByEmail: %w", err)
	}
	return m, nil
}

// AddMemberIn names a new member.
type AddMemberIn struct {
	Email  string
	Name   string
	Job    string
	Role   Role
	Locale string // "" follows the company
}

// AddMember makes a member without an invitation, for the command line and for the sample. It needs MembersManage.
func (t *Team) AddMember(ctx context.Context, a Actor, in AddMemberIn) (m Member, err error) {
	err = t.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := a.May(MembersManage); err != nil {
			return err
		}
		if m, err = t.newMember(ctx, tx, a.Company, in); err != nil {
			return err
		}
		return t.Audit(ctx, tx, a, Entry{
			Verb: "team.member.added", ObjectKind: "member", ObjectID: string(m.ID), Detail: map[string]string{"role": string(m.Role)},
		})
	})
	if err != nil {
		return Member{}, fmt.Errorf("team.AddMember: %w", err)
	}
	return m, nil
}

func (t *Team) newMember(ctx context.Context, tx *store.Tx, c CompanyID, in AddMemberIn) (Member, error) {
	now := t.clock.Now()
	email, emailOK := tidyEmail(in.Email)
	m := Member{
		ID: MemberID(memberKind.New(now)), Company: c, Email: email, Name: tidy(in.Name), Job: tidy(in.Job), Role: in.Role,
		State: MemberActive, Locale: in.Locale, Settings: MemberSettings{Shortcuts: true}, CreatedAt: now,
	}
	fields := m.wrong()
	if !emailOK {
		fields = append(fields, fault.Field{Name: "email", Key: "team.email.wrong"})
	}
	if err := fault.InvalidFields(fields...); err != nil {
		return Member{}, err
	}
	return m, t.insertMember(ctx, tx, m)
}

// wrong lists everything about a member that cannot be, the e-mail address apart.
func (m Member) wrong() []fault.Field {
	fields := wrongText("name", m.Name, 1, maxName)
	fields = append(fields, wrongText("job", m.Job, 0, maxName)...)
	if _, err := ParseRole(string(m.Role)); err != nil {
		fields = append(fields, fault.Field{Name: "role", Key: "team.role.unknown", Args: map[string]any{"role": string(m.Role)}})
	}
	if m.Locale != "" {
		fields = append(fields, wrongLocale("locale", m.Locale)...)
	}
	return fields
}

// ChangeMemberIn is what others may change about a member; it replaces everything it names.
type ChangeMemberIn struct {
	Member MemberID
	Name   string
	Job    string
	Role   Role
}

// ChangeMember changes a member's name, job and role. It needs MembersManage; everybody may change their own name and
// job. The last owner stays owner.
func (t *Team) ChangeMember(ctx context.Context, a Actor, in ChangeMemberIn) (m Member, err error) {
	err = t.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if !a.Can(MembersManage) && (a.Self() != nil || in.Member != a.Member || in.Role != a.Role) {
			return a.May(MembersManage)
		}
		// The lock on the company keeps two owners from demoting each other at the same moment.
		if _, err := t.lockCompany(ctx, tx, a.Company); err != nil {
			return err
		}
		old, err := t.readMember(ctx, a.Company, in.Member)
		if err != nil {
			return err
		}
		if old.State != MemberActive {
			return ErrMemberGone
		}
		m = old
		m.Name, m.Job, m.Role = tidy(in.Name), tidy(in.Job), in.Role
		if err := fault.InvalidFields(m.wrong()...); err != nil {
			return err
		}
		if old.Role == Owner && m.Role != Owner {
			if err := t.keepOwner(ctx, m); err != nil {
				return err
			}
		}
		if err := t.updateMember(ctx, tx, m); err != nil {
			return err
		}
		d := map[string]string{}
		if old.Role != m.Role {
			d["role"] = string(old.Role) + " > " + string(m.Role)
		}
		if old.Name != m.Name {
			d["name"] = old.Name + " > " + m.Name
		}
		if old.Job != m.Job {
			d["job"] = old.Job + " > " + m.Job
		}
		return t.Audit(ctx, tx, a, Entry{Verb: "team.member.changed", ObjectKind: "member", ObjectID: string(m.ID), Detail: d})
	})
	if err != nil {
		return Member{}, fmt.Errorf("team.ChangeMember: %w", err)
	}
	return m, nil
}

// keepOwner is nil when another active owner than m is there.
func (t *Team) keepOwner(ctx context.Context, m Member) error {
	owners, err := t.readMembers(ctx, m.Company, MemberFilter{State: MemberActive, Role: Owner})
	if err != nil {
		return err
	}
	for _, o := range owners {
		if o.ID != m.ID {
			return nil
		}
	}
	return ErrLastOwner
}

// Preferences are what members decide for themselves.
type Preferences struct {
	Locale    string // "it", "en" or "" to follow the company
	Theme     string // "light", "dark" or "" to follow the device
	Shortcuts bool
}

// SetOwnPreferences changes what the actor decides for themselves. Every member may, in person.
func (t *Team) SetOwnPreferences(ctx context.Context, a Actor, p Preferences) (m Member, err error) {
	err = t.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := a.Self(); err != nil {
			return err
		}
		if m, err = t.readMember(ctx, a.Company, a.Member); err != nil {
			return err
		}
		if m.State != MemberActive {
			return ErrMemberGone
		}
		var fields []fault.Field
		if p.Locale != "" {
			fields = append(fields, wrongLocale("locale", p.Locale)...)
		}
		if p.Theme != "" && p.Theme != "light" && p.Theme != "dark" {
			fields = append(fields, fault.Field{Name: "theme", Key: "team.theme.wrong"})
		}
		if err := fault.InvalidFields(fields...); err != nil {
			return err
		}
		m.Locale, m.Settings.Theme, m.Settings.Shortcuts = p.Locale, p.Theme, p.Shortcuts
		if err := t.updateMember(ctx, tx, m); err != nil {
			return err
		}
		return t.Audit(ctx, tx, a, Entry{Verb: "team.preferences.changed", ObjectKind: "member", ObjectID: string(m.ID)})
	})
	if err != nil {
		return Member{}, fmt.Errorf("team.SetOwnPreferences: %w", err)
	}
	return m, nil
}

// LeaveIn says who leaves, and who takes over.
type LeaveIn struct {
	Member MemberID
	Heir   MemberID // an active colleague; "" leaves the work to nobody in particular
}

// Leave ends a member's access everywhere at once and hands the work to the heir, in one transaction with every
// registered hook. It needs MembersManage; everybody may leave by themselves. The last owner cannot leave.
func (t *Team) Leave(ctx context.Context, a Actor, in LeaveIn) error {
	err := t.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if !a.Can(MembersManage) && (a.Self() != nil || in.Member != a.Member) {
			return a.May(MembersManage)
		}
		if _, err := t.lockCompany(ctx, tx, a.Company); err != nil {
			return err
		}
		m, err := t.readMember(ctx, a.Company, in.Member)
		if err != nil {
			return err
		}
		if m.State != MemberActive {
			return ErrMemberGone
		}
		if m.Role == Owner {
			if err := t.keepOwner(ctx, m); err != nil {
				return err
			}
		}
		if in.Heir != "" {
			heir, err := t.readMember(ctx, a.Company, in.Heir)
			if fault.KindOf(err) == fault.NotFound || err == nil && (heir.State != MemberActive || heir.ID == m.ID) {
				return ErrHeir
			}
			if err != nil {
				return err
			}
		}
		m.State, m.LeftAt = MemberLeft, t.clock.Now()
		if err := t.updateMember(ctx, tx, m); err != nil {
			return err
		}
		for _, hook := range t.leave {
			if err := hook(ctx, tx, a.Company, m.ID, in.Heir); err != nil {
				return err
			}
		}
		return t.Audit(ctx, tx, a, Entry{
			Verb: "team.member.left", ObjectKind: "member", ObjectID: string(m.ID), Detail: map[string]string{"heir": string(in.Heir)},
		})
	})
	if err != nil {
		return fmt.Errorf("team.Leave: %w", err)
	}
	return nil
}
