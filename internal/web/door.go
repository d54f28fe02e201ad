package web

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/signin"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

const (
	pathInvitation = "/invite/"
	pathPassword   = "/password/"
	pathVisit      = view.PathVisit
	pathFactor     = view.PathFactor
)

// InvitationPath is the address at which an invitation is accepted, below the base URL.
func InvitationPath(token string) string { return pathInvitation + token }

// PasswordPath is the address at which a one-time link sets a new password, below the base URL.
func PasswordPath(token string) string { return pathPassword + token }

// WelcomePath is the one-time address of the first run, below the base URL.
func WelcomePath(token string) string { return view.PathWelcome + "?token=" + token }

func (w *Web) doorRoutes() {
	w.open("GET "+view.PathWelcome, w.showWelcome, beforeWelcome)
	w.open("POST "+view.PathWelcome, w.found, beforeWelcome)
	w.member("GET "+view.PathStart, w.showStart)
	w.member("POST "+view.PathStart, w.start)
	w.open("GET "+view.PathSignIn, w.showSignIn)
	w.open("POST "+view.PathSignIn, w.signIn)
	w.open("GET "+view.PathSignInCode, w.showCode)
	w.open("POST "+view.PathSignInCode, w.signInCode)
	w.open("POST "+view.PathSignOut, w.signOut)
	w.open("POST "+view.PathLanguage, w.changeLanguage, beforeWelcome)
	w.open("POST "+view.PathTheme, w.changeTheme, beforeWelcome)
	w.open("GET "+pathInvitation+"{token}", w.showInvitation)
	w.open("POST "+pathInvitation+"{token}", w.join)
	w.open("GET "+pathPassword+"{token}", w.showPasswordLink)
	w.open("POST "+pathPassword+"{token}", w.usePasswordLink)
	w.member("POST "+pathVisit, w.visitSample)
}

// showWelcome is the first run. Only the one-time address opens it; once the company is there it leads on.
func (w *Web) showWelcome(rw http.ResponseWriter, r *http.Request) error {
	empty, err := w.rooms.Team.Empty(r.Context())
	if err != nil {
		return err
	}
	if !empty {
		return w.redirect(rw, r, view.PathToday)
	}
	v := visitOf(r)
	if token := r.URL.Query().Get("token"); token != "" {
		if err := w.rooms.Signin.VerifySetup(r.Context(), token); err == nil {
			w.setCookie(rw, r, setupCookie(v), token, time.Hour)
			return w.redirect(rw, r, view.PathWelcome)
		} else if !errors.Is(err, signin.ErrSetup) {
			return err
		}
	}
	if ok, err := w.maySetUp(r); err != nil {
		return err
	} else if !ok {
		return w.render(rw, r, http.StatusForbidden, view.LockedPage(w.page(r, "", "door.locked.title")))
	}
	return w.welcome(rw, r, http.StatusOK, view.Welcome{Step: 1, Zones: zoneOptions(v.words, defaultZone)})
}

func (w *Web) maySetUp(r *http.Request) (bool, error) {
	err := w.rooms.Signin.VerifySetup(r.Context(), cookieValue(r, setupCookie(visitOf(r))))
	if errors.Is(err, signin.ErrSetup) {
		return false, nil
	}
	return err == nil, err
}

func (w *Web) welcome(rw http.ResponseWriter, r *http.Request, status int, v view.Welcome) error {
	return w.render(rw, r, status, view.WelcomePage(w.page(r, "", "door.welcome.title"), v))
}

// found makes the company and its owner, who is then signed in.
func (w *Web) found(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	if ok, err := w.maySetUp(r); err != nil {
		return err
	} else if !ok {
		return w.render(rw, r, http.StatusForbidden, view.LockedPage(w.page(r, "", "door.locked.title")))
	}
	out, err := w.rooms.Signin.Found(r.Context(), signin.FoundIn{
		FoundIn: team.FoundIn{
			Name: r.PostFormValue("company"), Zone: r.PostFormValue("zone"), Locale: v.lang,
			OwnerName: r.PostFormValue("name"), OwnerEmail: r.PostFormValue("email"),
		},
		Password: r.PostFormValue("password"), Setup: cookieValue(r, setupCookie(v)), Visitor: v.visitor(r),
	})
	if wrong, ok := w.wrong(rw, r, err, fault.Invalid, fault.Conflict, fault.Limited); ok {
		f := wrong.Fields
		return w.welcome(rw, r, wrong.Status, view.Welcome{
			Step: 1, Company: r.PostFormValue("company"), Zones: zoneOptions(v.words, r.PostFormValue("zone")), Name: r.PostFormValue("name"), Email: r.PostFormValue("email"),
			Error: wrong.Text, Remedy: wrong.Remedy,
			Errors: map[string]string{"company": f["name"], "zone": f["zone"], "name": f["owner_name"], "email": f["owner_email"], "password": f["password"]},
		})
	} else if err != nil {
		return err
	}
	w.dropCookie(rw, r, setupCookie(v))
	w.enter(rw, r, out)
	return w.redirect(rw, r, view.PathStart)
}

// showStart asks where to begin.
func (w *Web) showStart(rw http.ResponseWriter, r *http.Request) error {
	return w.welcome(rw, r, http.StatusOK, w.startView(r))
}

func (w *Web) startView(r *http.Request) view.Welcome {
	v := visitOf(r)
	return view.Welcome{Step: 2, Company: v.company.Name, Zone: zoneName(v.words, v.company.Zone), Name: v.me.Name, Networks: "Mastodon, Bluesky", NoSample: w.options.FillSample == nil}
}

// start goes the way that was chosen.
func (w *Web) start(rw http.ResponseWriter, r *http.Request) error {
	switch r.PostFormValue("way") {
	case view.WayConnect:
		return w.redirect(rw, r, view.PathChannels)
	case view.WayImport:
		return w.redirect(rw, r, view.PathImport)
	case view.WaySample:
		return w.visitSample(rw, r)
	}
	s := w.startView(r)
	s.Errors = map[string]string{"way": visitOf(r).words.T("web.way.wrong")}
	return w.welcome(rw, r, http.StatusUnprocessableEntity, s)
}

// visitSample looks round the sample company, which is made at the first wish, or with "home" comes back.
func (w *Web) visitSample(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	if r.PostFormValue("to") == "home" {
		if err := w.rooms.Signin.Visit(r.Context(), v.session, ""); err != nil {
			return err
		}
		return w.redirect(rw, r, view.PathToday)
	}
	sample, err := w.sample(r)
	if err != nil {
		return err
	}
	if sample == "" {
		if w.options.FillSample == nil {
			return team.ErrNoSample
		}
		if err := w.options.FillSample(r.Context(), v.person); err != nil {
			return err
		}
		if sample, err = w.sample(r); err != nil {
			return err
		}
	}
	if err := w.rooms.Signin.Visit(r.Context(), v.session, sample); err != nil {
		return err
	}
	return w.redirect(rw, r, view.PathToday)
}

// sample finds the sample company; "" when there is none.
func (w *Web) sample(r *http.Request) (team.CompanyID, error) {
	cs, err := w.rooms.Team.Companies(r.Context())
	if err != nil {
		return "", err
	}
	for _, c := range cs {
		if c.Sample {
			return c.ID, nil
		}
	}
	return "", nil
}

// enter puts the session's token into its cookie.
func (w *Web) enter(rw http.ResponseWriter, r *http.Request, out signin.SignInOut) {
	w.setCookie(rw, r, w.sessionCookie(visitOf(r)), out.Token, signin.SessionLife)
}

// doorPage is the page of someone who is not signed in. A house with one company says its name.
func (w *Web) doorPage(r *http.Request, title string, args ...any) (view.Page, error) {
	p := w.page(r, "", title, args...)
	if visitOf(r).known {
		return p, nil
	}
	cs, err := w.rooms.Team.Companies(r.Context())
	if err != nil {
		return p, err
	}
	if len(cs) > 0 {
		p.CompanyName, p.Sample = cs[0].Name, cs[0].Sample
	}
	return p, nil
}

func (w *Web) signInPage(rw http.ResponseWriter, r *http.Request, status int, s view.SignIn) error {
	p, err := w.doorPage(r, "door.enter")
	if err != nil {
		return err
	}
	return w.render(rw, r, status, view.SignInPage(p, s))
}

func (w *Web) showSignIn(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	next := safeNext(r.URL.Query().Get("next"))
	if v.known {
		return w.redirect(rw, r, next)
	}
	s := view.SignIn{Step: view.SignInPassword, Next: next}
	switch said, ok := w.takeToast(rw, r); {
	case ok:
		s.Note = v.words.T(said.Key)
	case cookieValue(r, w.sessionCookie(v)) != "":
		s.Note = v.words.T("web.session.over")
	}
	return w.signInPage(rw, r, http.StatusOK, s)
}

// signIn is the first step: e-mail address and password.
func (w *Web) signIn(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	next := safeNext(r.PostFormValue("next"))
	email := r.PostFormValue("email")
	out, err := w.rooms.Signin.SignIn(r.Context(), signin.SignInIn{Email: email, Password: r.PostFormValue("password"), Visitor: v.visitor(r)})
	if wrong, ok := w.wrong(rw, r, err, fault.Denied, fault.Limited, fault.Invalid); ok {
		return w.signInPage(rw, r, formStatus(wrong.Status), view.SignIn{Step: view.SignInPassword, Email: email, Next: next, Error: wrong.Text, Remedy: wrong.Remedy, Errors: wrong.Fields})
	} else if err != nil {
		return err
	}
	if out.NeedsCode {
		w.setCookie(rw, r, ticketCookie(v), out.Ticket, 10*time.Minute)
		return w.redirect(rw, r, view.PathSignInCode+"?"+query("next", next))
	}
	w.enter(rw, r, out)
	return w.redirect(rw, r, next)
}

// formStatus is the status of a form that comes back: what was typed did not fit.
func formStatus(status int) int {
	if status == http.StatusForbidden {
		return http.StatusUnprocessableEntity
	}
	return status
}

// showCode asks for the second factor of who has shown the password.
func (w *Web) showCode(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	next := safeNext(r.URL.Query().Get("next"))
	if v.known {
		return w.redirect(rw, r, next)
	}
	if cookieValue(r, ticketCookie(v)) == "" {
		return w.redirect(rw, r, view.PathSignIn+"?"+query("next", next))
	}
	step := view.SignInCode
	if r.URL.Query().Get("with") == "recovery" {
		step = view.SignInRecovery
	}
	return w.signInPage(rw, r, http.StatusOK, view.SignIn{Step: step, Next: next})
}

// signInCode is the second step: a code of the app, or a recovery code.
func (w *Web) signInCode(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	next := safeNext(r.PostFormValue("next"))
	step, field := view.SignInCode, "code"
	if r.PostForm.Has("recovery") {
		step, field = view.SignInRecovery, "recovery"
	}
	code := strings.TrimSpace(r.PostFormValue(field))
	ticket := cookieValue(r, ticketCookie(v))
	if ticket == "" {
		return w.done(rw, r, view.PathSignIn+"?"+query("next", next), "web.ticket.over")
	}
	out, err := w.rooms.Signin.SignIn(r.Context(), signin.SignInIn{Ticket: ticket, Code: code, Visitor: v.visitor(r)})
	switch {
	case errors.Is(err, signin.ErrSignedOut):
		w.dropCookie(rw, r, ticketCookie(v))
		return w.done(rw, r, view.PathSignIn+"?"+query("next", next), "web.ticket.over")
	case errors.Is(err, signin.ErrCode):
		wrong, _ := w.wrong(rw, r, err, fault.Denied)
		return w.signInPage(rw, r, http.StatusUnprocessableEntity, view.SignIn{Step: step, Next: next, Errors: map[string]string{field: wrong.Text + " " + wrong.Remedy}})
	}
	if wrong, ok := w.wrong(rw, r, err, fault.Limited, fault.Invalid); ok {
		return w.signInPage(rw, r, wrong.Status, view.SignIn{Step: step, Next: next, Error: wrong.Text, Remedy: wrong.Remedy, Errors: wrong.Fields})
	} else if err != nil {
		return err
	}
	w.dropCookie(rw, r, ticketCookie(v))
	w.enter(rw, r, out)
	return w.redirect(rw, r, next)
}

func (w *Web) signOut(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	if token := cookieValue(r, w.sessionCookie(v)); token != "" {
		if err := w.rooms.Signin.SignOut(r.Context(), token); err != nil {
			return err
		}
		w.dropCookie(rw, r, w.sessionCookie(v))
	}
	// Whatever this browser kept of the desk goes too.
	rw.Header().Set("Clear-Site-Data", `"cache"`)
	return w.done(rw, r, view.PathSignIn, "web.signed.out")
}

// changeLanguage remembers the language in this browser, and for a member also in their preferences.
func (w *Web) changeLanguage(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	lang := w.rooms.Catalog.Match(r.PostFormValue("lang"))
	w.setCookie(rw, r, langCookie, lang, yearLong)
	if v.known {
		if err := w.prefer(r, func(p *team.Preferences) { p.Locale = lang }); err != nil {
			return err
		}
	}
	return w.redirect(rw, r, safeBack(r.PostFormValue("back")))
}

// changeTheme remembers the theme in this browser, and for a member also in their preferences.
func (w *Web) changeTheme(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	theme := themeOf(r.PostFormValue("theme"))
	w.setCookie(rw, r, themeCookie, theme, yearLong)
	if v.known {
		if theme == view.ThemeAuto {
			theme = ""
		}
		if err := w.prefer(r, func(p *team.Preferences) { p.Theme = theme }); err != nil {
			return err
		}
	}
	return w.redirect(rw, r, safeBack(r.PostFormValue("back")))
}

// prefer changes one of the member's own preferences and leaves the others.
func (w *Web) prefer(r *http.Request, change func(*team.Preferences)) error {
	v := visitOf(r)
	p := team.Preferences{Locale: v.me.Locale, Theme: v.me.Settings.Theme, Shortcuts: v.me.Settings.Shortcuts}
	change(&p)
	_, err := w.rooms.Team.SetOwnPreferences(r.Context(), v.person, p)
	return err
}

// showInvitation is what an invited person sees.
func (w *Web) showInvitation(rw http.ResponseWriter, r *http.Request) error {
	return w.invitation(rw, r, http.StatusOK, view.Invite{})
}

func (w *Web) invitation(rw http.ResponseWriter, r *http.Request, status int, s view.Invite) error {
	token := r.PathValue("token")
	inv, c, err := w.rooms.Team.InvitationByToken(r.Context(), token)
	if err != nil {
		return err
	}
	v := visitOf(r)
	members, err := w.rooms.Team.MembersByID(r.Context(), c.ID)
	if err != nil {
		return err
	}
	s.Action = pathInvitation + token
	s.Inviter = members[inv.InvitedBy].Name
	if s.Inviter == "" {
		s.Inviter = c.Name
	}
	s.Role, s.Email = v.words.T("team.role."+string(inv.Role)), inv.Email
	if s.Name == "" && status == http.StatusOK {
		s.Name = inv.Name
	}
	p := w.page(r, "", "door.invite.accept")
	p.CompanyName, p.Sample = c.Name, c.Sample
	return w.render(rw, r, status, view.InvitePage(p, s))
}

// join accepts an invitation.
func (w *Web) join(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	out, err := w.rooms.Signin.Join(r.Context(), signin.JoinIn{
		AcceptIn: team.AcceptIn{Token: r.PathValue("token"), Name: r.PostFormValue("name"), Locale: v.lang, RequestID: v.id},
		Password: r.PostFormValue("password"), Visitor: v.visitor(r),
	})
	if wrong, ok := w.wrong(rw, r, err, fault.Invalid, fault.Conflict, fault.Limited); ok {
		return w.invitation(rw, r, wrong.Status, view.Invite{Name: r.PostFormValue("name"), Error: wrong.Text, Remedy: wrong.Remedy, Errors: wrong.Fields})
	} else if err != nil {
		return err
	}
	w.enter(rw, r, out)
	return w.redirect(rw, r, view.PathToday)
}

// showPasswordLink is the page of a one-time link that sets a new password.
func (w *Web) showPasswordLink(rw http.ResponseWriter, r *http.Request) error {
	return w.passwordLink(rw, r, http.StatusOK, problem{})
}

func (w *Web) passwordLink(rw http.ResponseWriter, r *http.Request, status int, wrong problem) error {
	token := r.PathValue("token")
	m, err := w.rooms.Signin.LinkMember(r.Context(), token)
	if err != nil {
		return err
	}
	p, err := w.doorPage(r, "web.password.title")
	if err != nil {
		return err
	}
	return w.render(rw, r, status, view.PasswordPage(p, view.NewPassword{Action: pathPassword + token, Email: m.Email, Error: wrong.Text, Remedy: wrong.Remedy, Errors: wrong.Fields}))
}

func (w *Web) usePasswordLink(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	_, err := w.rooms.Signin.UseLink(r.Context(), signin.UseLinkIn{Token: r.PathValue("token"), Password: r.PostFormValue("password"), Visitor: v.visitor(r)})
	if wrong, ok := w.wrong(rw, r, err, fault.Invalid, fault.Limited); ok {
		return w.passwordLink(rw, r, wrong.Status, wrong)
	} else if err != nil {
		return err
	}
	return w.done(rw, r, view.PathSignIn, "web.password.set")
}
