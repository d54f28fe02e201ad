package mastodontest

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

type app struct {
	id, secret, name string
	redirects        []string
	scopes           []string
}

// grant is what a person allowed, before and after the code was exchanged.
type grant struct {
	app       *app
	account   *account
	scopes    []string
	redirect  string
	challenge string
	expires   time.Time // of the access token; zero: never
}

// signed is a browser that is signed in.
type signed struct {
	account *account
	token   string // against forged forms
}

const outOfBand = "urn:ietf:wg:oauth:2.0:oob"

// issue makes an access token. The lock is held.
func (s *Server) issue(g *grant) string {
	t := rand.Text() + rand.Text()
	if s.opts.TokenLife > 0 {
		g.expires = s.opts.Now().Add(s.opts.TokenLife)
	}
	s.tokens[t] = g
	return t
}

func (s *Server) registerApp(w http.ResponseWriter, r *http.Request) {
	if !form(w, r) {
		return
	}
	uris := append(strings.Fields(r.Form.Get("redirect_uris")), r.Form["redirect_uris[]"]...)
	if r.Form.Get("client_name") == "" || len(uris) == 0 {
		s.fail(w, http.StatusUnprocessableEntity, "Validation failed: Redirect URI can't be blank")
		return
	}
	a := &app{id: rand.Text(), secret: rand.Text(), name: r.Form.Get("client_name"), redirects: uris, scopes: strings.Fields(r.Form.Get("scopes"))}
	if len(a.scopes) == 0 {
		a.scopes = []string{"read"}
	}
	s.mu.Lock()
	s.apps[a.id] = a
	id := s.newID()
	s.mu.Unlock()
	write(w, map[string]any{
		"id": id, "name": a.name, "website": nil, "scopes": a.scopes, "redirect_uris": uris,
		"redirect_uri": strings.Join(uris, "\n"), "client_id": a.id, "client_secret": a.secret, "client_secret_expires_at": 0,
	})
}

var pages = template.Must(template.New("").Parse(`
{{define "head"}}<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{.Title}}</title></head><body><main><h1>{{.Title}}</h1>{{end}}
{{define "foot"}}</main></body></html>{{end}}
{{define "signin"}}{{template "head" .}}{{with .Error}}<p role="alert">{{.}}</p>{{end}}
<form method="post" action="/auth/sign_in">
<p><label for="user_email">E-mail address</label> <input id="user_email" name="user[email]" type="text" autocomplete="username" required></p>
<p><label for="user_password">Password</label> <input id="user_password" name="user[password]" type="password" autocomplete="current-password" required></p>
<input type="hidden" name="return" value="{{.Return}}"><p><button type="submit">Log in</button></p></form>{{template "foot" .}}{{end}}
{{define "consent"}}{{template "head" .}}<p><strong>{{.App}}</strong> would like permission to access your account <strong>@{{.Account}}</strong>.</p>
<ul>{{range .Scopes}}<li>{{.}}</li>{{end}}</ul>
<form method="post" action="/oauth/authorize">{{range $k, $v := .Hidden}}<input type="hidden" name="{{$k}}" value="{{$v}}">{{end}}<button type="submit" name="decision" value="allow">Authorize</button>
<button type="submit" name="decision" value="deny">Deny</button></form>{{template "foot" .}}{{end}}
{{define "notice"}}{{template "head" .}}<p>{{.Text}}</p>{{with .Code}}<input class="oauth-code" type="text" readonly value="{{.}}" aria-label="Code">{{end}}{{template "foot" .}}{{end}}`))

func page(w http.ResponseWriter, status int, name string, data map[string]any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	// The tape that is written to does not fail.
	_ = pages.ExecuteTemplate(w, name, data)
}

// wish is an authorization request, checked.
type wish struct {
	app             *app
	redirect, state string
	scopes          []string
	challenge       string
	values          url.Values
	account         *account
	browser         *signed
	problem         string // shown in the browser
	denial          string // told to the client
}

// wish reads an authorization request (RFC 6749 section 4.1.1). The lock is held.
func (s *Server) wish(r *http.Request) wish {
	v := wish{values: r.Form}
	v.app = s.apps[r.Form.Get("client_id")]
	v.redirect, v.state, v.challenge = r.Form.Get("redirect_uri"), r.Form.Get("state"), r.Form.Get("code_challenge")
	v.scopes = strings.Fields(r.Form.Get("scope"))
	if len(v.scopes) == 0 {
		v.scopes = []string{"read"}
	}
	switch {
	case v.app == nil:
		v.problem = "Client authentication failed due to unknown client, no client authentication included, or unsupported authentication method."
	case !slices.Contains(v.app.redirects, v.redirect):
		v.problem = "The redirect uri included is not valid."
	case r.Form.Get("response_type") != "code":
		v.denial = "unsupported_response_type"
	case v.challenge != "" && r.Form.Get("code_challenge_method") != "S256":
		v.denial = "invalid_request"
	}
	if v.app != nil {
		for _, sc := range v.scopes {
			if !has(v.app.scopes, sc) {
				v.denial = "invalid_scope"
			}
		}
	}
	if c, err := r.Cookie("_session_id"); err == nil {
		if b := s.sessions[c.Value]; b != nil {
			v.browser, v.account = b, b.account
		}
	}
	return v
}

// back sends the browser back to the client.
func back(w http.ResponseWriter, r *http.Request, v wish, q url.Values) {
	if v.state != "" {
		q.Set("state", v.state)
	}
	to := v.redirect + "?"
	if strings.Contains(v.redirect, "?") {
		to = v.redirect + "&"
	}
	http.Redirect(w, r, to+q.Encode(), http.StatusFound)
}

func (s *Server) authorize(w http.ResponseWriter, r *http.Request) {
	if !form(w, r) {
		return
	}
	s.mu.Lock()
	v := s.wish(r)
	s.mu.Unlock()
	switch {
	case v.problem != "":
		page(w, http.StatusBadRequest, "notice", map[string]any{"Title": "An error has occurred", "Text": v.problem})
	case v.denial != "":
		back(w, r, v, url.Values{"error": {v.denial}})
	case v.account == nil:
		http.Redirect(w, r, "/auth/sign_in?return="+url.QueryEscape("/oauth/authorize?"+r.URL.RawQuery), http.StatusFound)
	case r.Method == http.MethodGet:
		hidden := map[string]string{"authenticity_token": v.browser.token}
		for _, k := range []string{"client_id", "redirect_uri", "state", "response_type", "scope", "code_challenge", "code_challenge_method"} {
			if x := r.Form.Get(k); x != "" {
				hidden[k] = x
			}
		}
		page(w, http.StatusOK, "consent", map[string]any{
			"Title": "Authorization required", "App": v.app.name, "Account": v.account.name,
			"Scopes": v.scopes, "Hidden": hidden,
		})
	case r.Form.Get("authenticity_token") != v.browser.token:
		page(w, http.StatusUnprocessableEntity, "notice", map[string]any{"Title": "Security verification failed", "Text": "Are you blocking cookies?"})
	case r.Form.Get("decision") == "deny":
		back(w, r, v, url.Values{"error": {"access_denied"}, "error_description": {"The resource owner or authorization server denied the request."}})
	default:
		code := rand.Text() + rand.Text()
		s.mu.Lock()
		s.codes[code] = &grant{app: v.app, account: v.account, scopes: v.scopes, redirect: v.redirect, challenge: v.challenge}
		s.mu.Unlock()
		if v.redirect == outOfBand {
			page(w, http.StatusOK, "notice", map[string]any{"Title": "Copy this code", "Text": "Paste it into " + v.app.name + ".", "Code": code})
			return
		}
		back(w, r, v, url.Values{"code": {code}})
	}
}

func (s *Server) signIn(w http.ResponseWriter, r *http.Request) {
	if !form(w, r) {
		return
	}
	to := r.Form.Get("return")
	if !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") {
		to = "/"
	}
	show := func(status int, problem string) {
		page(w, status, "signin", map[string]any{"Title": "Log in", "Return": to, "Error": problem})
	}
	if r.Method == http.MethodGet {
		show(http.StatusOK, "")
		return
	}
	name := r.Form.Get("user[email]")
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.byName(strings.TrimPrefix(name, "@"))
	for _, x := range s.accounts {
		if strings.EqualFold(x.email, name) {
			a = x
		}
	}
	if a == nil || a.password == "" || a.password != r.Form.Get("user[password]") {
		show(http.StatusUnprocessableEntity, "Invalid E-mail address or password.")
		return
	}
	cookie := rand.Text()
	s.sessions[cookie] = &signed{account: a, token: rand.Text()}
	http.SetCookie(w, &http.Cookie{Name: "_session_id", Value: cookie, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, to, http.StatusFound)
}

func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	if !form(w, r) {
		return
	}
	refuse := func(status int, code, text string) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(status)
		write(w, map[string]any{"error": code, "error_description": text})
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.apps[r.Form.Get("client_id")]
	if a == nil || a.secret != r.Form.Get("client_secret") {
		refuse(http.StatusUnauthorized, "invalid_client", "Client authentication failed due to unknown client.")
		return
	}
	const invalid = "The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client."
	var g *grant
	switch r.Form.Get("grant_type") {
	case "authorization_code":
		code := r.Form.Get("code")
		g = s.codes[code]
		delete(s.codes, code)
		if g == nil || g.app != a || g.redirect != r.Form.Get("redirect_uri") {
			refuse(http.StatusBadRequest, "invalid_grant", invalid)
			return
		}
		sum := sha256.Sum256([]byte(r.Form.Get("code_verifier")))
		if g.challenge != "" && g.challenge != base64.RawURLEncoding.EncodeToString(sum[:]) {
			refuse(http.StatusBadRequest, "invalid_grant", invalid)
			return
		}
	case "refresh_token":
		old := r.Form.Get("refresh_token")
		if g = s.renewals[old]; g == nil || g.app != nil && g.app != a {
			refuse(http.StatusBadRequest, "invalid_grant", invalid)
			return
		}
		delete(s.renewals, old)
		next := *g
		g = &next
	default:
		refuse(http.StatusBadRequest, "unsupported_grant_type", "The authorization grant type is not supported by the authorization server.")
		return
	}
	out := map[string]any{"access_token": s.issue(g), "token_type": "Bearer", "scope": strings.Join(g.scopes, " "), "created_at": s.opts.Now().Unix()}
	if s.opts.TokenLife > 0 {
		refresh := rand.Text() + rand.Text()
		s.renewals[refresh] = g
		out["refresh_token"], out["expires_in"] = refresh, int(s.opts.TokenLife.Seconds())
	}
	write(w, out)
}

func (s *Server) revoke(w http.ResponseWriter, r *http.Request) {
	if !form(w, r) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if g := s.tokens[r.Form.Get("token")]; g != nil && g.app != nil && g.app.id == r.Form.Get("client_id") {
		delete(s.tokens, r.Form.Get("token"))
	}
	write(w, map[string]any{})
}
