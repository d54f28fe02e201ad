package web

import (
	"encoding/base64"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/signin"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

func (w *Web) accountRoutes() {
	w.member("GET "+view.PathProfile, w.showAccount)
	w.member("POST "+view.PathProfile, w.changeMe)
	w.member("POST "+view.PathProfile+"/preferences", w.changePreferences)
	w.member("POST "+view.PathProfile+"/letters", w.chooseLetters)
	w.member("POST "+view.PathProfile+"/password", w.changePassword)
	w.member("POST "+view.PathProfile+"/sessions/end", w.endOtherSessions)
	w.member("POST "+view.PathProfile+"/sessions/{id}/end", w.endSession)
	w.member("GET "+view.PathProfile+"/tokens", w.showNewToken)
	w.member("POST "+view.PathProfile+"/tokens", w.createToken)
	w.member("POST "+view.PathProfile+"/tokens/{id}/revoke", w.revokeToken)
	w.member("GET "+view.PathFactor, w.showFactor, beforeFactor)
	w.member("POST "+view.PathFactor, w.beginFactor, beforeFactor)
	w.member("POST "+view.PathFactor+"/confirm", w.confirmFactor, beforeFactor)
	w.member("POST "+view.PathFactor+"/codes", w.renewCodes)
	w.member("POST "+view.PathFactor+"/off", w.endFactor)
}

func (w *Web) showAccount(rw http.ResponseWriter, r *http.Request) error {
	me := visitOf(r).me
	return w.accountPage(rw, r, http.StatusOK, view.Account{Name: me.Name, Job: me.Job})
}

func (w *Web) accountPage(rw http.ResponseWriter, r *http.Request, status int, s view.Account) error {
	v := visitOf(r)
	ctx, l, now := r.Context(), v.words, w.rooms.Clock.Now()
	s.Tabs, s.Email, s.Role = v.tabs(view.PathProfile), v.me.Email, v.role(v.me.Role)
	s.Locales = localeOptions(l, v.me.Locale, l.T("account.locale.company"))
	s.Shortcuts = v.me.Settings.Shortcuts
	factor, err := w.rooms.Signin.Factor(ctx, v.person)
	if err != nil {
		return err
	}
	s.FactorOn, s.Factor = factor.On, l.T("account.factor.is.off")
	if factor.On {
		s.Factor = l.T("account.factor.is.on")
	}
	sessions, err := w.rooms.Signin.Sessions(ctx, v.person)
	if err != nil {
		return err
	}
	for _, x := range sessions {
		s.Sessions = append(s.Sessions, view.SessionLine{
			ID: string(x.ID), Agent: x.Agent, Address: x.Address, Seen: l.T("account.sessions.seen", "ago", l.Ago(x.SeenAt, now)), Current: x.ID == v.session.ID,
		})
	}
	tokens, err := w.rooms.Signin.Tokens(ctx, v.person)
	if err != nil {
		return err
	}
	names, err := w.rooms.Team.MembersByID(ctx, v.person.Company)
	if err != nil {
		return err
	}
	for _, t := range tokens {
		line := view.TokenLine{
			ID: string(t.ID), Name: t.Name, Scopes: l.N("account.tokens.count", len(t.Scopes)), Used: l.T("account.tokens.unused"),
			Until: l.T("account.tokens.until", "date", l.Date(t.ExpiresAt.In(v.zone()))),
		}
		if !t.UsedAt.IsZero() {
			line.Used = l.T("account.tokens.used", "ago", l.Ago(t.UsedAt, now))
		}
		if t.Member != v.person.Member {
			line.Owner = l.T("account.tokens.of", "who", names[t.Member].Name)
		}
		s.Tokens = append(s.Tokens, line)
	}
	if s.Letters, err = w.letterChoices(r); err != nil {
		return err
	}
	p := w.page(r, view.RoomSettings, "account.title")
	return w.showStatus(rw, r, status, p, view.AccountPage(p, s))
}

func (w *Web) changeMe(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	in := team.ChangeMemberIn{Member: v.me.ID, Name: r.PostFormValue("name"), Job: r.PostFormValue("job"), Role: v.me.Role}
	_, err := w.rooms.Team.ChangeMember(r.Context(), v.person, in)
	if wrong, ok := w.wrong(rw, r, err, fault.Invalid, fault.Conflict); ok {
		return w.accountPage(rw, r, wrong.Status, view.Account{Name: in.Name, Job: in.Job, Form: "me", Error: wrong.Text, Remedy: wrong.Remedy, Errors: wrong.Fields})
	} else if err != nil {
		return err
	}
	return w.done(rw, r, view.PathProfile, "account.saved")
}

func (w *Web) changePreferences(rw http.ResponseWriter, r *http.Request) error {
	locale := r.PostFormValue("locale")
	err := w.prefer(r, func(p *team.Preferences) { p.Locale, p.Shortcuts = locale, r.PostFormValue("shortcuts") != "" })
	if err != nil {
		return err
	}
	if locale != "" {
		w.setCookie(rw, r, langCookie, w.rooms.Catalog.Match(locale), yearLong)
	}
	return w.done(rw, r, view.PathProfile, "account.saved")
}

func (w *Web) changePassword(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	err := w.rooms.Signin.SetPassword(r.Context(), v.person, signin.SetPasswordIn{Old: r.PostFormValue("old"), New: r.PostFormValue("password"), Keep: v.session.ID})
	again := view.Account{Name: v.me.Name, Job: v.me.Job, Form: "password"}
	if errors.Is(err, signin.ErrWrong) {
		v.err = err
		again.Errors = map[string]string{"old": v.words.T("account.password.wrong")}
		return w.accountPage(rw, r, http.StatusUnprocessableEntity, again)
	}
	if wrong, ok := w.wrong(rw, r, err, fault.Invalid, fault.Limited); ok {
		again.Error, again.Remedy, again.Errors = wrong.Text, wrong.Remedy, wrong.Fields
		return w.accountPage(rw, r, wrong.Status, again)
	} else if err != nil {
		return err
	}
	return w.done(rw, r, view.PathProfile, "account.password.done")
}

func (w *Web) endOtherSessions(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	if err := w.rooms.Signin.RevokeOtherSessions(r.Context(), v.person, v.session.ID); err != nil {
		return err
	}
	return w.done(rw, r, view.PathProfile, "account.sessions.others.done")
}

func (w *Web) endSession(rw http.ResponseWriter, r *http.Request) error {
	id, err := signin.ParseSessionID(r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := w.rooms.Signin.RevokeSession(r.Context(), visitOf(r).person, id); err != nil {
		return err
	}
	return w.done(rw, r, view.PathProfile, "account.sessions.done")
}

// lives are how long a new key may work, in days.
var lives = []int{30, 90, 365, 730}

func (w *Web) showNewToken(rw http.ResponseWriter, r *http.Request) error {
	return w.tokenPage(rw, r, http.StatusOK, view.Tokens{})
}

func (w *Web) tokenPage(rw http.ResponseWriter, r *http.Request, status int, s view.Tokens) error {
	v := visitOf(r)
	chosen := r.PostForm["scopes"]
	for _, p := range team.Permissions {
		key := "account.scope." + string(p)
		switch {
		case v.person.Can(p):
		case v.person.Own(p):
			key = "account.scope.own." + string(p)
		default:
			continue
		}
		s.Scopes = append(s.Scopes, view.CheckProps{Name: "scopes", Value: string(p), Label: v.words.T(key), Hint: string(p), Checked: slices.Contains(chosen, string(p))})
	}
	days := r.PostFormValue("expires")
	if days == "" {
		days = "365"
	}
	for _, d := range lives {
		s.Lives = append(s.Lives, view.Option{Value: strconv.Itoa(d), Label: v.words.N("time.days", d), Selected: strconv.Itoa(d) == days})
	}
	p := w.page(r, view.RoomSettings, "account.tokens.new")
	return w.showStatus(rw, r, status, p, view.TokensPage(p, s))
}

// createToken makes a key and shows its secret, this once.
func (w *Web) createToken(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	in := signin.CreateTokenIn{Name: r.PostFormValue("name")}
	for _, s := range r.PostForm["scopes"] {
		in.Scopes = append(in.Scopes, team.Permission(s))
	}
	if days, err := strconv.Atoi(r.PostFormValue("expires")); err == nil && slices.Contains(lives, days) {
		// The longest life is counted from the moment at which the room looks, so it is asked for a little shorter.
		in.Expires = w.rooms.Clock.Now().Add(time.Duration(days)*24*time.Hour - time.Minute)
	}
	t, secret, err := w.rooms.Signin.CreateToken(r.Context(), v.person, in)
	if wrong, ok := w.wrong(rw, r, err, fault.Invalid); ok {
		return w.tokenPage(rw, r, wrong.Status, view.Tokens{Name: in.Name, Error: wrong.Text, Remedy: wrong.Remedy, Errors: wrong.Fields})
	} else if err != nil {
		return err
	}
	return w.tokenPage(rw, r, http.StatusOK, view.Tokens{Secret: secret, Made: t.Name})
}

func (w *Web) revokeToken(rw http.ResponseWriter, r *http.Request) error {
	id, err := signin.ParseTokenID(r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := w.rooms.Signin.RevokeToken(r.Context(), visitOf(r).person, id); err != nil {
		return err
	}
	return w.done(rw, r, view.PathProfile, "account.tokens.revoked")
}

func (w *Web) showFactor(rw http.ResponseWriter, r *http.Request) error {
	return w.factorPage(rw, r, http.StatusOK, view.Factor{})
}

// fewCodes is when one should make new recovery codes.
const fewCodes = 3

func (w *Web) factorPage(rw http.ResponseWriter, r *http.Request, status int, s view.Factor) error {
	v := visitOf(r)
	f, err := w.rooms.Signin.Factor(r.Context(), v.person)
	if err != nil {
		return err
	}
	s.Tabs, s.On, s.Wanted = v.tabs(view.PathProfile), f.On, v.session.NeedsFactor && !f.On
	s.Left, s.Few = v.words.N("account.codes.left", f.Codes), f.Codes < fewCodes
	for i, c := range s.Secret {
		if i > 0 && i%4 == 0 {
			s.Grouped += " "
		}
		s.Grouped += string(c)
	}
	p := w.page(r, view.RoomSettings, "account.factor")
	return w.showStatus(rw, r, status, p, view.FactorPage(p, s))
}

const qrPrefix = "data:image/svg+xml;base64,"

func (w *Web) beginFactor(rw http.ResponseWriter, r *http.Request) error {
	setup, err := w.rooms.Signin.BeginTOTP(r.Context(), visitOf(r).person)
	if err != nil {
		return err
	}
	return w.factorPage(rw, r, http.StatusOK, view.Factor{Secret: setup.Secret, QR: qrPrefix + base64.StdEncoding.EncodeToString([]byte(setup.QR))})
}

// confirmFactor turns the second factor on with a first code. When the code is wrong the same image stays on the page:
// the phone knows it already.
func (w *Web) confirmFactor(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	codes, err := w.rooms.Signin.ConfirmTOTP(r.Context(), v.person, strings.TrimSpace(r.PostFormValue("code")))
	again := view.Factor{Form: "confirm", Secret: r.PostFormValue("secret"), QR: r.PostFormValue("qr")}
	if !strings.HasPrefix(again.QR, qrPrefix) {
		again.QR, again.Secret = "", ""
	}
	if errors.Is(err, signin.ErrCode) {
		wrong, _ := w.wrong(rw, r, err, fault.Denied)
		again.CodeNote = wrong.Text + " " + wrong.Remedy
		return w.factorPage(rw, r, http.StatusUnprocessableEntity, again)
	}
	if wrong, ok := w.wrong(rw, r, err, fault.Invalid, fault.Limited); ok {
		again.Error, again.Remedy = wrong.Text, wrong.Remedy
		return w.factorPage(rw, r, wrong.Status, again)
	} else if err != nil {
		return err
	}
	v.session.NeedsFactor = false
	return w.factorPage(rw, r, http.StatusOK, view.Factor{Codes: codes})
}

func (w *Web) renewCodes(rw http.ResponseWriter, r *http.Request) error {
	codes, err := w.rooms.Signin.NewRecoveryCodes(r.Context(), visitOf(r).person, r.PostFormValue("password"))
	if s, ok := w.factorWrong(rw, r, err, "codes"); ok {
		return w.factorPage(rw, r, http.StatusUnprocessableEntity, s)
	} else if err != nil {
		return err
	}
	return w.factorPage(rw, r, http.StatusOK, view.Factor{Codes: codes})
}

func (w *Web) endFactor(rw http.ResponseWriter, r *http.Request) error {
	err := w.rooms.Signin.DisableTOTP(r.Context(), visitOf(r).person, r.PostFormValue("password"))
	if s, ok := w.factorWrong(rw, r, err, "off"); ok {
		return w.factorPage(rw, r, http.StatusUnprocessableEntity, s)
	} else if err != nil {
		return err
	}
	return w.done(rw, r, view.PathProfile, "account.factor.off.done")
}

// factorWrong draws a form of the second factor again; a wrong password is said in the words of this page.
func (w *Web) factorWrong(rw http.ResponseWriter, r *http.Request, err error, form string) (view.Factor, bool) {
	wrong, ok := w.wrong(rw, r, err, fault.Denied, fault.Limited, fault.Conflict, fault.Invalid)
	if !ok {
		return view.Factor{}, false
	}
	if errors.Is(err, signin.ErrWrong) {
		wrong.Text, wrong.Remedy = visitOf(r).words.T("account.password.wrong"), ""
	}
	return view.Factor{Form: form, Error: wrong.Text, Remedy: wrong.Remedy}, true
}
