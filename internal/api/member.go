package api

import (
	"context"
	"net/http"
	"time"

	"github.com/ponte-desk/ponte/internal/team"
)

// Member is a person of the company with a role.
type Member struct {
	ID      string     `json:"id" example:"mbr_01kjpzx2p0000000000000000b" doc:"Identifier."`
	Name    string     `json:"name" example:"Giulia Ferri" doc:"Name."`
	Email   string     `json:"email" example:"giulia@arno.example" doc:"E-mail address."`
	Job     string     `json:"job,omitempty" example:"Customer care" doc:"What they do in the company."`
	Role    string     `json:"role" enum:"owner,community,marketing,editor,contributor,guest" example:"community" doc:"Role."`
	State   string     `json:"state" enum:"active,left" example:"active" doc:"Whether they are still here."`
	Locale  string     `json:"locale,omitempty" enum:"it,en" example:"it" doc:"Language; absent: the company's."`
	Created time.Time  `json:"created_at" example:"2026-03-02T09:00:00Z" doc:"Since when they are here."`
	Left    *time.Time `json:"left_at,omitempty" example:"2026-09-30T16:00:00Z" doc:"When they left."`
}

func memberOf(m team.Member) Member {
	return Member{
		ID: string(m.ID), Name: m.Name, Email: m.Email, Job: m.Job, Role: string(m.Role), State: string(m.State), Locale: m.Locale,
		Created: m.CreatedAt.UTC(), Left: when(m.LeftAt),
	}
}

// Invitation asks a person to become a member.
type Invitation struct {
	ID      string    `json:"id" example:"inv_01kjpzx2p0000000000000000d" doc:"Identifier."`
	Email   string    `json:"email" example:"luca@arno.example" doc:"Whom it was made for."`
	Name    string    `json:"name,omitempty" example:"Luca Neri" doc:"Their name, as the inviter knows it."`
	Role    string    `json:"role" enum:"owner,community,marketing,editor,contributor,guest" example:"editor" doc:"The role they will have."`
	By      string    `json:"invited_by,omitempty" example:"mbr_01kjpzx2p0000000000000000b" doc:"The member who invited; absent: the command line."`
	Created time.Time `json:"created_at" example:"2026-03-02T09:00:00Z" doc:"When it was made."`
	Expires time.Time `json:"expires_at" example:"2026-03-09T09:00:00Z" doc:"Until when it can be accepted."`
	Token   string    `json:"token,omitempty" example:"9yV..." doc:"The secret of its link. Only in the answer that made it."`
	Link    string    `json:"link,omitempty" example:"https://ponte.arno.example/join/9yV..." doc:"Where it is accepted. Only in the answer that made it."`
}

func invitationOf(i team.Invitation) Invitation {
	return Invitation{
		ID: string(i.ID), Email: i.Email, Name: i.Name, Role: string(i.Role), By: string(i.InvitedBy), Created: i.CreatedAt.UTC(), Expires: i.ExpiresAt.UTC(),
	}
}

// MemberPath says which one.
type MemberPath struct {
	Member string `path:"member" example:"mbr_01kjpzx2p0000000000000000b" doc:"The member's identifier."`
}

// MemberChange is what of a member is to be changed.
type MemberChange struct {
	Name *string `json:"name,omitempty" nullable:"false" example:"Giulia Ferri" doc:"Name, 1 to 120 characters."`
	Job  *string `json:"job,omitempty" nullable:"false" example:"Customer care" doc:"What they do, up to 120 characters."`
	Role *string `json:"role,omitempty" nullable:"false" enum:"owner,community,marketing,editor,contributor,guest" example:"community" doc:"Role. The last owner stays owner."`
}

// Leaving says who takes over.
type Leaving struct {
	Heir string `json:"heir,omitempty" example:"mbr_01kjpzx2p0000000000000000e" doc:"The active colleague who takes over the work; absent: nobody in particular."`
}

// NewInvitation says who is invited, and for what.
type NewInvitation struct {
	Email string `json:"email" example:"luca@arno.example" doc:"E-mail address."`
	Name  string `json:"name,omitempty" example:"Luca Neri" doc:"Name, up to 120 characters."`
	Role  string `json:"role" enum:"owner,community,marketing,editor,contributor,guest" example:"editor" doc:"The role they will have."`
}

func (a *API) memberOperations() {
	add(a, operation{
		id: "list-members", method: http.MethodGet, path: "/members", tag: tagMembers, needs: team.MembersRead,
		summary: "List members", description: "The members by name, those who left at the end.",
	}, func(ctx context.Context, c *caller, in *struct {
		Role  string `query:"role" enum:"owner,community,marketing,editor,contributor,guest" doc:"Only members in this role."`
		State string `query:"state" enum:"active,left" doc:"Only members in this state."`
	},
	) (*output[list[Member]], error) {
		ms, err := a.rooms.Team.Members(ctx, c.actor, team.MemberFilter{Role: team.Role(in.Role), State: team.MemberState(in.State)})
		if err != nil {
			return nil, err
		}
		return answer(list[Member]{Items: each(ms, memberOf)}), nil
	})
	add(a, operation{
		id: "get-member", method: http.MethodGet, path: "/members/{member}", tag: tagMembers, needs: team.MembersRead,
		summary: "Get a member", description: "One member, also one who left.",
	}, func(ctx context.Context, c *caller, in *MemberPath) (*output[Member], error) {
		m, err := a.member(ctx, c.actor, in.Member)
		if err != nil {
			return nil, err
		}
		return answer(memberOf(m)), nil
	})
	add(a, operation{
		id: "change-member", method: http.MethodPatch, path: "/members/{member}", tag: tagMembers, needs: team.MembersManage,
		summary: "Change a member", description: "Changes what is given of name, job and role, and leaves the rest.",
		conflict: "The member left, or is the last owner.",
	}, func(ctx context.Context, c *caller, in *struct {
		MemberPath
		Body MemberChange
	},
	) (*output[Member], error) {
		// What is not given stays as it is, for who may change a member without reading the others too.
		m, err := a.member(ctx, team.System(c.actor.Company), in.Member)
		if err != nil {
			return nil, err
		}
		set(&m.Name, in.Body.Name)
		set(&m.Job, in.Body.Job)
		if in.Body.Role != nil {
			m.Role = team.Role(*in.Body.Role)
		}
		m, err = a.rooms.Team.ChangeMember(ctx, c.actor, team.ChangeMemberIn{Member: m.ID, Name: m.Name, Job: m.Job, Role: m.Role})
		if err != nil {
			return nil, err
		}
		return answer(memberOf(m)), nil
	})
	add(a, operation{
		id: "leave", method: http.MethodPost, path: "/members/{member}/leave", tag: tagMembers, needs: team.MembersManage,
		summary:     "Let a member leave",
		description: "Ends their access everywhere at once, sessions and tokens included, and hands their work on.",
		conflict:    "They left before, or are the last owner.",
	}, func(ctx context.Context, c *caller, in *struct {
		MemberPath
		Body Leaving
	},
	) (*nothing, error) {
		m, err := team.ParseMemberID(in.Member)
		if err != nil {
			return nil, err
		}
		return nil, a.rooms.Team.Leave(ctx, c.actor, team.LeaveIn{Member: m, Heir: team.MemberID(in.Body.Heir)})
	})
	add(a, operation{
		id: "invite", method: http.MethodPost, path: "/invitations", tag: tagMembers, needs: team.MembersManage, status: http.StatusCreated,
		summary: "Invite someone",
		description: "Makes an invitation and gives its link, this once. An earlier one to the same address ends. Where mail is set up, a letter goes out too, " +
			"with a link of its own.",
		conflict: "Someone with this address works here already.",
	}, func(ctx context.Context, c *caller, in *struct{ Body NewInvitation }) (*output[Invitation], error) {
		i, token, err := a.rooms.Team.Invite(ctx, c.actor, team.InviteIn{Email: in.Body.Email, Name: in.Body.Name, Role: team.Role(in.Body.Role)})
		if err != nil {
			return nil, err
		}
		out := invitationOf(i)
		out.Token = token
		if a.options.InvitationLink != nil {
			out.Link = a.options.InvitationLink(token)
		}
		return answer(out), nil
	})
	add(a, operation{
		id: "list-invitations", method: http.MethodGet, path: "/invitations", tag: tagMembers, needs: team.MembersManage,
		summary: "List invitations", description: "The invitations that are still open, newest first.",
	}, func(ctx context.Context, c *caller, _ *nothing) (*output[list[Invitation]], error) {
		is, err := a.rooms.Team.Invitations(ctx, c.actor)
		if err != nil {
			return nil, err
		}
		return answer(list[Invitation]{Items: each(is, invitationOf)}), nil
	})
	add(a, operation{
		id: "revoke-invitation", method: http.MethodDelete, path: "/invitations/{invitation}", tag: tagMembers, needs: team.MembersManage,
		summary: "Revoke an invitation", description: "Ends an open invitation: its link opens nothing any more.",
	}, func(ctx context.Context, c *caller, in *struct {
		Invitation string `path:"invitation" example:"inv_01kjpzx2p0000000000000000d" doc:"The invitation's identifier."`
	},
	) (*nothing, error) {
		i, err := team.ParseInvitationID(in.Invitation)
		if err != nil {
			return nil, err
		}
		return nil, a.rooms.Team.RevokeInvitation(ctx, c.actor, i)
	})
	a.tokenOperations()
}

func (a *API) member(ctx context.Context, by team.Actor, s string) (team.Member, error) {
	id, err := team.ParseMemberID(s)
	if err != nil {
		return team.Member{}, err
	}
	return a.rooms.Team.Member(ctx, by, id)
}
