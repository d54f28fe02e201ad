package web

import (
	"net/http"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/signin"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

func (w *Web) teamRoutes() {
	w.member("GET "+view.PathTeam, w.showTeam)
	w.member("POST "+view.PathTeam+"/invite", w.invite)
	w.member("POST "+view.PathTeam+"/invite/{id}/revoke", w.revokeInvitation)
	w.member("GET "+view.PathTeam+"/{id}", w.showMember)
	w.member("POST "+view.PathTeam+"/{id}", w.changeMember)
	w.member("POST "+view.PathTeam+"/{id}/link", w.resetMember)
	w.member("POST "+view.PathTeam+"/{id}/leave", w.leaveMember)
}

func (w *Web) showTeam(rw http.ResponseWriter, r *http.Request) error {
	return w.teamPage(rw, r, http.StatusOK, view.Team{})
}

func (w *Web) teamPage(rw http.ResponseWriter, r *http.Request, status int, s view.Team) error {
	v := visitOf(r)
	members, err := w.rooms.Team.Members(r.Context(), v.actor, team.MemberFilter{})
	if err != nil {
		return err
	}
	for _, m := range members {
		row := view.MemberRow{Name: m.Name, Email: m.Email, Job: m.Job, Role: v.role(m.Role), Href: view.PathTeam + "/" + string(m.ID), Self: m.ID == v.person.Member}
		if m.State == team.MemberLeft {
			row.Since = v.words.T("teampage.left.on", "date", v.words.Date(m.LeftAt.In(v.zone())))
			s.Left = append(s.Left, row)
			continue
		}
		s.Members = append(s.Members, row)
	}
	s.Alone = len(s.Members) == 1
	s.Manage = v.actor.Can(team.MembersManage)
	if s.Manage {
		open, err := w.rooms.Team.Invitations(r.Context(), v.actor)
		if err != nil {
			return err
		}
		for _, i := range open {
			s.Invitations = append(s.Invitations, view.InvitationRow{ID: string(i.ID), Email: i.Email, Name: i.Name, Role: v.role(i.Role), Until: v.words.Date(i.ExpiresAt.In(v.zone()))})
		}
	}
	chosen := team.Role(r.PostFormValue("role"))
	if chosen == "" || s.Link != "" {
		chosen = team.Community
	}
	s.Options = v.roleOptions(chosen)
	for _, role := range team.Roles {
		s.Roles = append(s.Roles, view.RoleLine{Name: v.role(role), May: v.words.T("team.role." + string(role) + ".may")})
	}
	p := w.page(r, view.RoomTeam, "teampage.title")
	return w.showStatus(rw, r, status, p, view.TeamPage(p, s))
}

func (v *visit) role(r team.Role) string { return v.words.T("team.role." + string(r)) }

func (v *visit) roleOptions(chosen team.Role) []view.Option {
	var out []view.Option
	for _, r := range team.Roles {
		out = append(out, view.Option{Value: string(r), Label: v.role(r), Selected: r == chosen})
	}
	return out
}

// invite makes an invitation and shows its link, this once.
func (w *Web) invite(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	in := team.InviteIn{Email: r.PostFormValue("email"), Name: r.PostFormValue("name"), Role: team.Role(r.PostFormValue("role"))}
	inv, token, err := w.rooms.Team.Invite(r.Context(), v.actor, in)
	if wrong, ok := w.wrong(rw, r, err, fault.Invalid, fault.Conflict); ok {
		return w.teamPage(rw, r, wrong.Status, view.Team{Email: in.Email, Name: in.Name, Error: wrong.Text, Remedy: wrong.Remedy, Errors: wrong.Fields})
	} else if err != nil {
		return err
	}
	who := inv.Name
	if who == "" {
		who = inv.Email
	}
	return w.teamPage(rw, r, http.StatusOK, view.Team{Link: w.address(r, InvitationPath(token)), Invited: who})
}

// address is the full address of a path of this house.
func (w *Web) address(r *http.Request, path string) string {
	if w.options.BaseURL != "" {
		return w.options.BaseURL + path
	}
	scheme := "http://"
	if visitOf(r).secure {
		scheme = "https://"
	}
	return scheme + r.Host + path
}

func (w *Web) revokeInvitation(rw http.ResponseWriter, r *http.Request) error {
	id, err := team.ParseInvitationID(r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := w.rooms.Team.RevokeInvitation(r.Context(), visitOf(r).actor, id); err != nil {
		return err
	}
	return w.done(rw, r, view.PathTeam, "teampage.revoked")
}

func (w *Web) theMember(r *http.Request) (team.Member, error) {
	id, err := team.ParseMemberID(r.PathValue("id"))
	if err != nil {
		return team.Member{}, fault.New(fault.NotFound, "fault.notfound").Because(err)
	}
	return w.rooms.Team.Member(r.Context(), visitOf(r).actor, id)
}

func (w *Web) showMember(rw http.ResponseWriter, r *http.Request) error {
	m, err := w.theMember(r)
	if err != nil {
		return err
	}
	return w.memberPage(rw, r, http.StatusOK, m, view.Member{Name: m.Name, Job: m.Job})
}

func (w *Web) memberPage(rw http.ResponseWriter, r *http.Request, status int, m team.Member, s view.Member) error {
	v := visitOf(r)
	s.Action = view.PathTeam + "/" + string(m.ID)
	s.Email, s.Role, s.RoleMay = m.Email, v.role(m.Role), v.words.T("team.role."+string(m.Role)+".may")
	s.Self = m.ID == v.actor.Member
	s.Manage = v.actor.Can(team.MembersManage)
	if m.State == team.MemberLeft {
		s.Left = v.words.T("teampage.left.on", "date", v.words.Date(m.LeftAt.In(v.zone())))
	} else {
		s.Change, s.Leave = s.Manage || s.Self, s.Manage || s.Self
		role := m.Role
		if chosen, err := team.ParseRole(r.PostFormValue("role")); err == nil {
			role = chosen
		}
		s.Roles = v.roleOptions(role)
	}
	if s.Leave {
		others, err := w.rooms.Team.Members(r.Context(), v.actor, team.MemberFilter{State: team.MemberActive})
		if err != nil {
			return err
		}
		s.Heirs = []view.Option{{Label: v.words.T("teampage.heir.nobody")}}
		for _, o := range others {
			if o.ID != m.ID {
				s.Heirs = append(s.Heirs, view.Option{Value: string(o.ID), Label: o.Name, Selected: r.PostFormValue("heir") == string(o.ID)})
			}
		}
	}
	p := w.page(r, view.RoomTeam, "")
	p.Title = m.Name
	return w.showStatus(rw, r, status, p, view.MemberPage(p, s))
}

func (w *Web) changeMember(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	m, err := w.theMember(r)
	if err != nil {
		return err
	}
	in := team.ChangeMemberIn{Member: m.ID, Name: r.PostFormValue("name"), Job: r.PostFormValue("job"), Role: m.Role}
	if r.PostForm.Has("role") {
		in.Role = team.Role(r.PostFormValue("role"))
	}
	_, err = w.rooms.Team.ChangeMember(r.Context(), v.actor, in)
	if wrong, ok := w.wrong(rw, r, err, fault.Invalid, fault.Conflict); ok {
		return w.memberPage(rw, r, wrong.Status, m, view.Member{Name: in.Name, Job: in.Job, Error: wrong.Text, Remedy: wrong.Remedy, Errors: wrong.Fields})
	} else if err != nil {
		return err
	}
	return w.done(rw, r, view.PathTeam+"/"+string(m.ID), "teampage.saved")
}

// resetMember makes a link with which the member sets a new password, and shows it this once.
func (w *Web) resetMember(rw http.ResponseWriter, r *http.Request) error {
	m, err := w.theMember(r)
	if err != nil {
		return err
	}
	token, err := w.rooms.Signin.Reset(r.Context(), visitOf(r).actor, signin.ResetIn{Member: m.ID, DropFactor: r.PostFormValue("drop") != ""})
	if err != nil {
		return err
	}
	return w.memberPage(rw, r, http.StatusOK, m, view.Member{Name: m.Name, Job: m.Job, Link: w.address(r, PasswordPath(token))})
}

// leaveMember ends a member's access everywhere and hands the work on.
func (w *Web) leaveMember(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	m, err := w.theMember(r)
	if err != nil {
		return err
	}
	err = w.rooms.Team.Leave(r.Context(), v.actor, team.LeaveIn{Member: m.ID, Heir: team.MemberID(r.PostFormValue("heir"))})
	if wrong, ok := w.wrong(rw, r, err, fault.Invalid, fault.Conflict); ok {
		return w.memberPage(rw, r, wrong.Status, m, view.Member{Name: m.Name, Job: m.Job, Error: wrong.Text, Remedy: wrong.Remedy, Errors: wrong.Fields})
	} else if err != nil {
		return err
	}
	if m.ID == v.person.Member {
		w.dropCookie(rw, r, w.sessionCookie(v))
		return w.done(rw, r, view.PathSignIn, "teampage.left.self")
	}
	return w.done(rw, r, view.PathTeam, "teampage.left.done", "who", m.Name)
}
