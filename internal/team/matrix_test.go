package team_test

import (
	"slices"
	"testing"

	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/team/teamtest"
)

func TestWhoMayDoWhat(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := teamtest.New(t, s)
		settings := team.ChangeCompanyIn{Name: "Ceramiche Arno", Zone: "Europe/Rome", Locale: "it", Settings: team.DefaultSettings()}
		guest := b.Members[team.Guest]
		teamtest.Matrix(t, b, []teamtest.Case{
			{Name: "ChangeCompany", Needs: team.CompanyChange, Try: func(t *testing.T, a team.Actor) error {
				_, err := b.Team.ChangeCompany(t.Context(), a, settings)
				return err
			}},
			{Name: "FoundSample", Needs: team.CompanyChange, Try: func(t *testing.T, a team.Actor) error {
				_, _, err := b.Team.FoundSample(t.Context(), a, team.FoundIn{})
				return err
			}},
			{Name: "RemoveSample", Needs: team.CompanyChange, Try: func(t *testing.T, a team.Actor) error {
				return b.Team.RemoveSample(t.Context(), a)
			}},
			{Name: "Members", Needs: team.MembersRead, Try: func(t *testing.T, a team.Actor) error {
				_, err := b.Team.Members(t.Context(), a, team.MemberFilter{})
				return err
			}},
			{Name: "Member", Needs: team.MembersRead, Try: func(t *testing.T, a team.Actor) error {
				_, err := b.Team.Member(t.Context(), a, guest.ID)
				return err
			}},
			{Name: "AddMember", Needs: team.MembersManage, Try: func(t *testing.T, a team.Actor) error {
				_, err := b.Team.AddMember(t.Context(), a, team.AddMemberIn{Email: "owner@example.it", Name: "X", Role: team.Guest})
				return err
			}},
			{Name: "ChangeMember", Needs: team.MembersManage, Try: func(t *testing.T, a team.Actor) error {
				_, err := b.Team.ChangeMember(t.Context(), a, team.ChangeMemberIn{Member: guest.ID, Name: "Gaia", Role: team.Guest, Job: string(a.Role)})
				if a.Member == guest.ID && a.Scopes == nil {
					// One's own name and job are one's own; the role is not.
					_, err = b.Team.ChangeMember(t.Context(), a, team.ChangeMemberIn{Member: guest.ID, Name: "Gaia", Role: team.Owner})
				}
				return err
			}},
			{Name: "ChangeMember, oneself", Roles: team.Roles, Try: func(t *testing.T, a team.Actor) error {
				_, err := b.Team.ChangeMember(t.Context(), a, team.ChangeMemberIn{Member: a.Member, Name: "Uno", Role: a.Role})
				return err
			}},
			{Name: "SetOwnPreferences", Roles: team.Roles, NoToken: true, Try: func(t *testing.T, a team.Actor) error {
				_, err := b.Team.SetOwnPreferences(t.Context(), a, team.Preferences{Theme: "dark"})
				return err
			}},
			{Name: "Invite", Needs: team.MembersManage, Try: func(t *testing.T, a team.Actor) error {
				_, _, err := b.Team.Invite(t.Context(), a, team.InviteIn{Email: "nuova@example.it", Role: team.Editor})
				return err
			}},
			{Name: "Invitations", Needs: team.MembersManage, Try: func(t *testing.T, a team.Actor) error {
				_, err := b.Team.Invitations(t.Context(), a)
				return err
			}},
			{Name: "RevokeInvitation", Needs: team.MembersManage, Try: func(t *testing.T, a team.Actor) error {
				return b.Team.RevokeInvitation(t.Context(), a, "inv_none")
			}},
			{Name: "AuditTrail", Needs: team.AuditRead, Try: func(t *testing.T, a team.Actor) error {
				_, err := b.Team.AuditTrail(t.Context(), a, team.AuditFilter{})
				return err
			}},
			{Name: "Leave, another", Needs: team.MembersManage, Try: func(t *testing.T, a team.Actor) error {
				// The heir is not one, so nobody leaves; who may not hears that first.
				other := b.Members[team.Editor].ID
				if a.Member == other {
					other = guest.ID
				}
				return b.Team.Leave(t.Context(), a, team.LeaveIn{Member: other, Heir: "mbr_none"})
			}},
		})
	})
}

// Only owners read the trail, and nobody holds a permission that an owner has not.
func TestGrants(t *testing.T) {
	t.Parallel()
	for _, r := range team.Roles {
		if r.Can(team.AuditRead) != (r == team.Owner) || r.Can(team.MembersManage) != (r == team.Owner) {
			t.Error(r)
		}
	}
	for _, p := range team.Permissions {
		if !team.Owner.Can(p) {
			t.Error("an owner may not", p)
		}
		if got, err := team.ParsePermission(string(p)); err != nil || got != p {
			t.Error(got, err)
		}
	}
	if _, err := team.ParsePermission("all"); err == nil {
		t.Error("a permission out of nothing")
	}
	if _, err := team.ParseRole("admin"); err == nil || slices.Contains(team.Roles, "admin") {
		t.Error("a role out of nothing")
	}
}
