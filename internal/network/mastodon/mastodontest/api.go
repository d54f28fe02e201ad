package mastodontest

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// call is a call by someone who is signed in. The server's lock is held while it is served.
type call struct {
	*http.Request
	me *account
}

func (s *Server) routes() *http.ServeMux {
	m := http.NewServeMux()
	m.HandleFunc("POST /api/v1/apps", s.registerApp)
	m.HandleFunc("GET /oauth/authorize", s.authorize)
	m.HandleFunc("POST /oauth/authorize", s.authorize)
	m.HandleFunc("GET /auth/sign_in", s.signIn)
	m.HandleFunc("POST /auth/sign_in", s.signIn)
	m.HandleFunc("POST /oauth/token", s.token)
	m.HandleFunc("POST /oauth/revoke", s.revoke)

	m.HandleFunc("GET /api/v1/instance", s.instanceV1)
	if !s.opts.OldInstance {
		m.HandleFunc("GET /api/v2/instance", s.instanceV2)
	}
	m.HandleFunc("GET /.well-known/nodeinfo", s.nodeinfoLinks)
	m.HandleFunc("GET /nodeinfo/2.0", s.nodeinfo)
	m.HandleFunc("GET /.well-known/webfinger", s.webfinger)
	m.HandleFunc("GET /system/media_attachments/{id}", s.serveFile)
	m.HandleFunc("GET /{name}", s.profile)
	m.HandleFunc("GET /{name}/{id}", s.profile)
	m.HandleFunc("GET /api/v1/streaming", s.streaming)
	if !s.opts.GoToSocial {
		m.HandleFunc("GET /.well-known/oauth-authorization-server", s.oauthMetadata)
		m.HandleFunc("GET /api/v1/streaming/health", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "OK") })
		m.HandleFunc("GET /api/v1/statuses", s.as("read:statuses", s.someStatuses))
	}
	for pattern, h := range map[string]struct {
		scope string
		do    func(http.ResponseWriter, call)
	}{
		"GET /api/v1/accounts/verify_credentials":     {"read:accounts", s.verifyCredentials},
		"GET /api/v1/accounts/{id}":                   {"read:accounts", s.oneAccount},
		"GET /api/v1/accounts/{id}/statuses":          {"read:statuses", s.accountStatuses},
		"GET /api/v1/accounts/{id}/followers":         {"read:accounts", s.followersOf},
		"GET /api/v1/accounts/{id}/following":         {"read:accounts", s.followingOf},
		"GET /api/v1/statuses/{id}/reblogged_by":      {"read:accounts", s.rebloggedBy},
		"GET /api/v1/statuses/{id}/favourited_by":     {"read:accounts", s.favouritedBy},
		"POST /api/v1/accounts/{id}/follow":           {"write:follows", s.follow},
		"POST /api/v1/follow_requests/{id}/authorize": {"write:follows", s.letIn},
		"GET /api/v1/preferences":                     {"read:accounts", s.preferences},
		"POST /api/v1/statuses":                       {"write:statuses", s.createStatus},
		"GET /api/v1/statuses/{id}":                   {"read:statuses", s.oneStatus},
		"DELETE /api/v1/statuses/{id}":                {"write:statuses", s.deleteStatus},
		"GET /api/v1/statuses/{id}/context":           {"read:statuses", s.context},
		"GET /api/v1/statuses/{id}/source":            {"read:statuses", s.source},
		"POST /api/v1/statuses/{id}/favourite":        {"write:favourites", s.favourite},
		"POST /api/v1/statuses/{id}/unfavourite":      {"write:favourites", s.unfavourite},
		"POST /api/v1/statuses/{id}/reblog":           {"write:statuses", s.reblog},
		"GET /api/v1/notifications":                   {"read:notifications", s.notifications},
		"GET /api/v1/conversations":                   {"read:statuses", s.conversations},
		"POST /api/v1/conversations/{id}/read":        {"write:conversations", s.readConversation},
		"DELETE /api/v1/conversations/{id}":           {"write:conversations", s.deleteConversation},
		"GET /api/v1/timelines/home":                  {"read:statuses", s.home},
		"POST /api/v2/media":                          {"write:media", s.upload},
		"GET /api/v1/media/{id}":                      {"write:media", s.oneFile},
		"PUT /api/v1/media/{id}":                      {"write:media", s.describeFile},
	} {
		m.HandleFunc(pattern, s.as(h.scope, h.do))
	}
	if !s.opts.NoEdit {
		m.HandleFunc("PUT /api/v1/statuses/{id}", s.as("write:statuses", s.editStatus))
	}
	m.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { s.notFound(w) })
	return m
}

// as lets only those in who may do this.
func (s *Server) as(scope string, do func(http.ResponseWriter, call)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && !form(w, r) {
			return
		}
		if s.limited(r) {
			text := "Too many requests"
			if s.opts.GoToSocial {
				text = "rate limit reached"
			}
			s.fail(w, http.StatusTooManyRequests, text)
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		g := s.tokens[token]
		gts := s.opts.GoToSocial
		switch {
		case g == nil && gts:
			s.fail(w, http.StatusUnauthorized, "Unauthorized: token not supplied")
		case g == nil, !g.expires.IsZero() && s.opts.Now().After(g.expires):
			s.fail(w, http.StatusUnauthorized, "The access token is invalid")
		case !has(g.scopes, scope) && gts:
			s.fail(w, http.StatusForbidden, "Forbidden: token has insufficient scope permission")
		case !has(g.scopes, scope):
			s.fail(w, http.StatusForbidden, "This action is outside the authorized scopes")
		case g.account.suspended:
			s.fail(w, http.StatusForbidden, "Your login is currently disabled")
		default:
			do(w, call{r, g.account})
		}
	}
}

// form reads what was sent, as a form of either kind or as JSON.
func form(w http.ResponseWriter, r *http.Request) bool {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	var err error
	switch kind {
	case "multipart/form-data":
		err = r.ParseMultipartForm(64 << 20)
	case "application/json":
		err = r.ParseForm()
		var m map[string]any
		if err == nil && json.NewDecoder(r.Body).Decode(&m) == nil {
			for k, v := range m {
				if list, ok := v.([]any); ok {
					for _, x := range list {
						if _, object := x.(map[string]any); object {
							b, _ := json.Marshal(x) // it came out of JSON
							x = string(b)
						}
						r.Form.Add(k+"[]", fmt.Sprint(x))
					}
				} else if v != nil {
					r.Form.Set(k, fmt.Sprint(v))
				}
			}
		}
	default:
		err = r.ParseForm()
	}
	if err != nil {
		http.Error(w, `{"error":"Bad Request"}`, http.StatusBadRequest)
	}
	return err == nil
}

func write(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	// The tape that is written to does not fail, and what is written is made of plain values.
	_ = json.NewEncoder(w).Encode(v)
}

func (s *Server) fail(w http.ResponseWriter, code int, text string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(code)
	write(w, map[string]any{"error": text})
}

func (s *Server) notFound(w http.ResponseWriter) {
	text := "Record not found"
	if s.opts.GoToSocial {
		text = "Not Found: target status not found"
	}
	s.fail(w, http.StatusNotFound, text)
}

// position is what a list is paged by.
type position[T any] struct {
	id string
	v  T
}

// paged gives a page of a list that is in order of time, oldest first, and the Link header for reading on.
func paged[T any](s *Server, w http.ResponseWriter, r *http.Request, usual int, all []position[T]) []position[T] {
	q := r.URL.Query()
	limit := usual
	if n, err := strconv.Atoi(q.Get("limit")); err == nil && n > 0 {
		limit = min(n, 2*usual)
	}
	in := slices.DeleteFunc(slices.Clone(all), func(p position[T]) bool {
		bound := func(name string, out func(string) bool) bool { v := q.Get(name); return v != "" && out(v) }
		return bound("max_id", func(v string) bool { return !older(p.id, v) }) ||
			bound("min_id", func(v string) bool { return !older(v, p.id) }) ||
			bound("since_id", func(v string) bool { return !older(v, p.id) })
	})
	slices.SortFunc(in, func(a, b position[T]) int {
		if older(a.id, b.id) {
			return -1
		}
		return 1
	})
	more := len(in) > limit
	if more && q.Get("min_id") != "" {
		in = in[:limit]
	} else if more {
		in = in[len(in)-limit:]
	}
	slices.Reverse(in)
	if len(in) == 0 {
		return in
	}
	link := func(bound, id, rel string) string {
		p := url.Values{}
		for k, v := range q {
			if k != "max_id" && k != "min_id" && k != "since_id" {
				p[k] = v
			}
		}
		p.Set(bound, id)
		return "<" + s.url + r.URL.Path + "?" + p.Encode() + `>; rel="` + rel + `"`
	}
	var links []string
	if len(in) == limit || s.opts.GoToSocial {
		links = append(links, link("max_id", in[len(in)-1].id, "next"))
	}
	links = append(links, link("min_id", in[0].id, "prev"))
	w.Header().Set("Link", strings.Join(links, ", "))
	return in
}

func (s *Server) verifyCredentials(w http.ResponseWriter, c call) {
	out := s.accountJSON(c.me)
	out["source"] = map[string]any{"privacy": s.defaultVisibility(), "sensitive": false, "language": "en", "note": "", "fields": []any{}, "follow_requests_count": 0}
	out["role"] = map[string]any{"id": "-99", "name": "", "permissions": "65536", "color": "", "highlighted": false}
	write(w, out)
}

func (s *Server) oneAccount(w http.ResponseWriter, c call) {
	if a := s.accounts[c.PathValue("id")]; a != nil {
		write(w, s.accountJSON(a))
		return
	}
	s.notFound(w)
}

func (s *Server) preferences(w http.ResponseWriter, _ call) {
	write(w, map[string]any{
		"posting:default:visibility": s.defaultVisibility(), "posting:default:sensitive": false, "posting:default:language": "en",
		"reading:expand:media": "default", "reading:expand:spoilers": false, "reading:autoplay:gifs": false,
	})
}

// list answers with the statuses that fit.
func (s *Server) list(w http.ResponseWriter, c call, fits func(*status) bool) {
	var all []position[*status]
	for _, x := range s.order {
		if !x.gone && s.visible(x, c.me) && fits(x) {
			all = append(all, position[*status]{x.id, x})
		}
	}
	out := []any{}
	for _, p := range paged(s, w, c.Request, 20, all) {
		out = append(out, s.statusJSON(p.v, c.me))
	}
	write(w, out)
}

func (s *Server) accountStatuses(w http.ResponseWriter, c call) {
	a := s.accounts[c.PathValue("id")]
	if a == nil {
		s.notFound(w)
		return
	}
	bare := c.URL.Query().Get("exclude_replies") == "true"
	s.list(w, c, func(x *status) bool { return x.author == a && !(bare && x.replyTo != "") })
}

func (s *Server) home(w http.ResponseWriter, c call) {
	s.list(w, c, func(x *status) bool {
		return x.visibility != "direct" && (x.author == c.me || x.author.followers[c.me.id])
	})
}

// mostTogether is how many statuses may be asked for at once.
const mostTogether = 20

func (s *Server) someStatuses(w http.ResponseWriter, c call) {
	if len(c.URL.Query()["id[]"]) > mostTogether {
		s.fail(w, http.StatusUnprocessableEntity, "Mastodon::ValidationError")
		return
	}
	out := []any{}
	for _, id := range c.URL.Query()["id[]"] {
		if x := s.statuses[id]; x != nil && !x.gone && s.visible(x, c.me) {
			out = append(out, s.statusJSON(x, c.me))
		}
	}
	write(w, out)
}

func (s *Server) follow(w http.ResponseWriter, c call) {
	a := s.accounts[c.PathValue("id")]
	if a == nil || a == c.me {
		s.notFound(w)
		return
	}
	s.follows(c.me, a)
	write(w, map[string]any{"id": a.id, "following": a.followers[c.me.id], "requested": a.locked, "showing_reblogs": true})
}

// follows lets one account follow another, or ask to. The lock is held.
func (s *Server) follows(who, whom *account) {
	if whom.followers[who.id] {
		return
	}
	if whom.locked {
		s.notify(whom, "follow_request", who, nil)
		return
	}
	whom.followers[who.id] = true
	s.notify(whom, "follow", who, nil)
}

func (s *Server) letIn(w http.ResponseWriter, c call) {
	a := s.accounts[c.PathValue("id")]
	if a == nil {
		s.notFound(w)
		return
	}
	c.me.followers[a.id] = true
	write(w, map[string]any{"id": a.id, "followed_by": true})
}

func (s *Server) createStatus(w http.ResponseWriter, c call) {
	f := c.Form
	x, no := s.post(c.me, draft{
		text: f.Get("status"), spoiler: f.Get("spoiler_text"), visibility: f.Get("visibility"), language: f.Get("language"),
		replyTo: f.Get("in_reply_to_id"), media: f["media_ids[]"], key: c.Header.Get("Idempotency-Key"), sensitive: f.Get("sensitive") == "true",
	})
	if no != nil {
		s.fail(w, no.code, no.text)
		return
	}
	write(w, s.statusJSON(x, c.me))
}

// status finds the status of the path, or answers that there is none.
func (s *Server) status(w http.ResponseWriter, c call, own bool) *status {
	x := s.statuses[c.PathValue("id")]
	if x == nil || x.gone || !s.visible(x, c.me) || own && x.author != c.me {
		s.notFound(w)
		return nil
	}
	return x
}

func (s *Server) oneStatus(w http.ResponseWriter, c call) {
	if x := s.status(w, c, false); x != nil {
		write(w, s.statusJSON(x, c.me))
	}
}

func (s *Server) editStatus(w http.ResponseWriter, c call) {
	x := s.status(w, c, true)
	if x == nil {
		return
	}
	f := c.Form
	d := draft{text: f.Get("status"), spoiler: f.Get("spoiler_text"), language: f.Get("language"), media: f["media_ids[]"], sensitive: f.Get("sensitive") == "true"}
	var about []attributes
	for _, one := range f["media_attributes[]"] {
		var a attributes
		if err := json.Unmarshal([]byte(one), &a); err != nil {
			s.fail(w, http.StatusBadRequest, "Bad Request")
			return
		}
		about = append(about, a)
	}
	if no := s.rewrite(x, d, about); no != nil {
		s.fail(w, no.code, no.text)
		return
	}
	write(w, s.statusJSON(x, c.me))
}

func (s *Server) deleteStatus(w http.ResponseWriter, c call) {
	if x := s.status(w, c, true); x != nil {
		out := s.statusJSON(x, c.me)
		out["text"] = x.text
		s.erase(x)
		write(w, out)
	}
}

func (s *Server) source(w http.ResponseWriter, c call) {
	if x := s.status(w, c, true); x != nil {
		write(w, map[string]any{"id": x.id, "text": x.text, "spoiler_text": x.spoiler})
	}
}

func (s *Server) context(w http.ResponseWriter, c call) {
	x := s.status(w, c, false)
	if x == nil {
		return
	}
	above, below := []any{}, []any{}
	for p := s.statuses[x.replyTo]; p != nil && !p.gone; p = s.statuses[p.replyTo] {
		if s.visible(p, c.me) {
			above = append([]any{s.statusJSON(p, c.me)}, above...)
		}
	}
	var down func(id string)
	down = func(id string) {
		for _, y := range s.order {
			if y.replyTo == id && !y.gone && s.visible(y, c.me) {
				below = append(below, s.statusJSON(y, c.me))
				down(y.id)
			}
		}
	}
	down(x.id)
	write(w, map[string]any{"ancestors": above, "descendants": below})
}

func (s *Server) favourite(w http.ResponseWriter, c call) {
	if x := s.status(w, c, false); x != nil {
		s.like(c.me, x)
		write(w, s.statusJSON(x, c.me))
	}
}

func (s *Server) like(who *account, x *status) {
	if !x.likes[who.id] {
		x.likes[who.id] = true
		if x.author != who {
			s.notify(x.author, "favourite", who, x)
		}
	}
}

func (s *Server) unfavourite(w http.ResponseWriter, c call) {
	if x := s.status(w, c, false); x != nil {
		delete(x.likes, c.me.id)
		write(w, s.statusJSON(x, c.me))
	}
}

func (s *Server) reblog(w http.ResponseWriter, c call) {
	if x := s.status(w, c, false); x != nil {
		s.share(c.me, x)
		out := s.statusJSON(x, c.me)
		out["reblog"] = s.statusJSON(x, c.me)
		write(w, out)
	}
}

func (s *Server) share(who *account, x *status) {
	if !x.shares[who.id] {
		x.shares[who.id] = true
		if x.author != who {
			s.notify(x.author, "reblog", who, x)
		}
	}
}

func (s *Server) notifications(w http.ResponseWriter, c call) {
	q := c.URL.Query()
	var all []position[*notice]
	for _, n := range c.me.notices {
		if t := q["types[]"]; len(t) > 0 && !slices.Contains(t, n.kind) || slices.Contains(q["exclude_types[]"], n.kind) {
			continue
		}
		all = append(all, position[*notice]{n.id, n})
	}
	out := []any{}
	for _, p := range paged(s, w, c.Request, 40, all) {
		out = append(out, s.noticeJSON(p.v, c.me))
	}
	write(w, out)
}

func (s *Server) conversations(w http.ResponseWriter, c call) {
	var all []position[*talk]
	for _, t := range s.talks {
		if t.owner == c.me && !t.hidden {
			all = append(all, position[*talk]{t.last.id, t})
		}
	}
	out := []any{}
	for _, p := range paged(s, w, c.Request, 20, all) {
		out = append(out, s.talkJSON(p.v))
	}
	write(w, out)
}

func (s *Server) conversation(w http.ResponseWriter, c call) *talk {
	for _, t := range s.talks {
		if t.id == c.PathValue("id") && t.owner == c.me {
			return t
		}
	}
	s.notFound(w)
	return nil
}

func (s *Server) readConversation(w http.ResponseWriter, c call) {
	if t := s.conversation(w, c); t != nil {
		t.unread = false
		write(w, s.talkJSON(t))
	}
}

func (s *Server) deleteConversation(w http.ResponseWriter, c call) {
	if t := s.conversation(w, c); t != nil {
		t.hidden = true
		write(w, map[string]any{})
	}
}

// profile shows accounts and statuses to browsers.
func (s *Server) profile(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name, ok := strings.CutPrefix(r.PathValue("name"), "@")
	a := s.byName(name)
	if !ok || a == nil {
		s.notFound(w)
		return
	}
	text := "@" + a.name + "@" + s.domain()
	if id := r.PathValue("id"); id != "" {
		x := s.statuses[id]
		if x == nil || x.gone || x.author != a || !s.visible(x, nil) {
			s.notFound(w)
			return
		}
		text = x.text
	}
	page(w, http.StatusOK, "notice", map[string]any{"Title": a.display, "Text": text})
}
