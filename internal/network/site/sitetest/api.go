package sitetest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

var roles = map[string][]string{
	"":           {"publish_posts", "edit_posts", "edit_others_posts", "publish_pages", "edit_pages", "edit_others_pages", "upload_files", "moderate_comments", "manage_categories"},
	"author":     {"publish_posts", "edit_posts", "upload_files"},
	"subscriber": {"read"},
}

func (s *Server) can(what string) bool { return slices.Contains(roles[s.opts.Role], what) }

// api answers as /wp-json does. It knows of WordPress 6.1 what the connector uses.
func (s *Server) api(w http.ResponseWriter, r *http.Request, path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	user, pass, told := r.BasicAuth()
	known := told && user == User && strings.ReplaceAll(pass, " ", "") == s.password && !s.opts.NoPasswords
	if told && !known {
		refuse(w, http.StatusUnauthorized, "incorrect_password", "The provided password is an invalid application password.")
		return
	}
	q := r.URL.Query()
	if q.Get("context") == "edit" && !known {
		refuse(w, http.StatusUnauthorized, "rest_forbidden_context", "Sorry, you are not allowed to edit posts in this post type.")
		return
	}
	if r.Method != http.MethodGet && !known {
		refuse(w, http.StatusUnauthorized, "rest_cannot_create", "Sorry, you are not allowed to create posts as this user.")
		return
	}
	part := strings.Split(strings.Trim(strings.TrimPrefix(path, "/wp/v2"), "/"), "/")
	n := int64(0)
	if len(part) > 1 {
		n, _ = strconv.ParseInt(part[1], 10, 64)
	}
	switch {
	case path == "/":
		about := map[string]any{"name": "Bottega &#8211; ceramiche", "url": s.URL, "home": s.URL, "namespaces": []string{"oembed/1.0", "wp/v2"}, "authentication": []any{}}
		if !s.opts.NoPasswords {
			about["authentication"] = map[string]any{"application-passwords": map[string]any{"endpoints": map[string]string{"authorization": s.URL + "/wp-admin/authorize-application.php"}}}
		}
		say(w, http.StatusOK, about)
	case path == "/wp/v2/users/me":
		can := map[string]bool{}
		for _, k := range roles[s.opts.Role] {
			can[k] = true
		}
		say(w, http.StatusOK, map[string]any{"id": userID, "name": "Ponte", "slug": User, "capabilities": can})
	case part[0] == "users":
		say(w, http.StatusOK, []any{map[string]any{"id": userID}, map[string]any{"id": 8}})
	case part[0] == "posts" || part[0] == "pages":
		s.articles(w, r, strings.TrimSuffix(part[0], "s"), n, known)
	case part[0] == "comments":
		s.commentary(w, r, n, known)
	case part[0] == "media":
		s.library(w, r, n)
	case part[0] == "tags" || part[0] == "categories":
		s.taxonomy(w, r, part[0])
	default:
		refuse(w, http.StatusNotFound, "rest_no_route", "No route was found matching the URL and request method.")
	}
}

func window[T any](w http.ResponseWriter, q url.Values, all []T) []T {
	most, _ := strconv.Atoi(q.Get("per_page"))
	if most == 0 {
		most = 10
	}
	from, _ := strconv.Atoi(q.Get("offset"))
	w.Header().Set("X-WP-Total", strconv.Itoa(len(all)))
	from = min(from, len(all))
	return all[from:min(from+most, len(all))]
}

func numbers(s string) (out []int64) {
	for _, p := range strings.Split(s, ",") {
		if n, err := strconv.ParseInt(p, 10, 64); err == nil {
			out = append(out, n)
		}
	}
	return out
}

func gmt(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05") }

func (s *Server) telling(p *post, q url.Values) map[string]any {
	title, content := map[string]any{"rendered": p.title}, map[string]any{"rendered": strings.ReplaceAll(p.content, `"`, "&#8221;"), "protected": false}
	if q.Get("context") == "edit" {
		title["raw"], content["raw"] = p.title, p.content
	}
	out := map[string]any{
		"id": p.id, "date_gmt": gmt(p.at), "modified_gmt": gmt(p.modified), "status": p.status, "type": p.kind, "link": s.link(p),
		"title": title, "content": content, "author": userID, "featured_media": p.featured, "tags": p.tags, "categories": p.categories,
	}
	if m := s.media[p.featured]; m != nil {
		out["_embedded"] = map[string]any{"wp:featuredmedia": []any{s.file(m)}}
	}
	return out
}

func (s *Server) articles(w http.ResponseWriter, r *http.Request, kind string, n int64, known bool) {
	q := r.URL.Query()
	switch {
	case r.Method == http.MethodGet && n == 0:
		if st := q.Get("status"); st != "" && st != "publish" && !(known && s.can("edit_posts")) {
			refuse(w, http.StatusBadRequest, "rest_invalid_param", "Invalid parameter(s): status")
			return
		}
		var all []*post
		for _, p := range s.sorted(kind) {
			switch {
			case p.status == "trash", p.status != "publish" && q.Get("status") != "any",
				q.Has("include") && !slices.Contains(numbers(q.Get("include")), p.id),
				!strings.Contains(strings.ToLower(p.title+"\n"+p.content), strings.ToLower(q.Get("search"))):
				continue
			}
			all = append(all, p)
		}
		out := []any{}
		for _, p := range window(w, q, all) {
			out = append(out, s.telling(p, q))
		}
		say(w, http.StatusOK, out)
		return
	case n != 0 && (s.posts[n] == nil || s.posts[n].kind != kind):
		refuse(w, http.StatusNotFound, "rest_post_invalid_id", "Invalid post ID.")
		return
	case r.Method == http.MethodGet:
		say(w, http.StatusOK, s.telling(s.posts[n], q))
		return
	case !s.can("publish_posts"):
		refuse(w, http.StatusForbidden, "rest_cannot_create", "Sorry, you are not allowed to create posts as this user.")
		return
	case r.Method == http.MethodDelete:
		p := s.posts[n]
		if p.status == "trash" {
			refuse(w, http.StatusGone, "rest_already_trashed", "The post has already been deleted.")
			return
		}
		p.status, p.modified = "trash", s.now()
		say(w, http.StatusOK, s.telling(p, q))
		return
	}
	var in struct {
		Title, Content, Status *string
		Featured               *int64 `json:"featured_media"`
		Tags, Categories       []int64
	}
	if !read(w, r, &in) {
		return
	}
	p, status := s.posts[n], http.StatusOK
	if p == nil {
		if (in.Title == nil || *in.Title == "") && (in.Content == nil || *in.Content == "") {
			refuse(w, http.StatusBadRequest, "empty_content", "Content, title, and excerpt are empty.")
			return
		}
		p, status = &post{id: s.next(), kind: kind, status: "draft", at: s.now()}, http.StatusCreated
		s.posts[p.id] = p
	}
	set(&p.title, in.Title)
	set(&p.content, in.Content)
	set(&p.status, in.Status)
	if in.Featured != nil {
		p.featured = *in.Featured
	}
	if in.Tags != nil {
		p.tags = in.Tags
	}
	if in.Categories != nil {
		p.categories = in.Categories
	}
	p.modified = s.now()
	say(w, status, s.telling(p, q))
}

func set(into *string, v *string) {
	if v != nil {
		*into = *v
	}
}

func read(w http.ResponseWriter, r *http.Request, into any) bool {
	if err := json.NewDecoder(io.LimitReader(r.Body, 8<<20)).Decode(into); err != nil {
		refuse(w, http.StatusBadRequest, "rest_invalid_json", "Invalid JSON body passed.")
		return false
	}
	return true
}

func (s *Server) remark(c *comment, q url.Values) map[string]any {
	content := map[string]any{"rendered": "<p>" + strings.ReplaceAll(c.text, "\n", "<br />\n") + "</p>\n"}
	out := map[string]any{
		"id": c.id, "post": c.post, "parent": c.parent, "author": c.author, "author_name": c.name, "author_url": c.url, "date_gmt": gmt(c.at),
		"content": content, "link": fmt.Sprintf("%s/post/%d/#comment-%d", s.URL, c.post, c.id), "status": c.status, "type": c.kind,
		"author_avatar_urls": map[string]string{"96": s.URL + "/avatar/" + strconv.FormatInt(c.id, 10)},
	}
	if p := s.posts[c.post]; p != nil {
		out["_links"] = map[string]any{"up": []any{map[string]any{"post_type": p.kind, "href": s.link(p)}}}
	}
	if q.Get("context") == "edit" {
		content["raw"], out["author_email"], out["author_user_agent"] = c.text, c.email, c.agent
	}
	return out
}

func (s *Server) commentary(w http.ResponseWriter, r *http.Request, n int64, known bool) {
	q := r.URL.Query()
	moderates := known && s.can("moderate_comments")
	if !moderates && (q.Get("context") == "edit" || q.Has("status") && q.Get("status") != "approve" || q.Has("type") || q.Has("author")) {
		code := http.StatusUnauthorized
		if known {
			code = http.StatusForbidden
		}
		refuse(w, code, "rest_forbidden_param", "Query parameter not permitted")
		return
	}
	switch {
	case r.Method == http.MethodGet && n == 0:
		s.remarks(w, q)
		return
	case n != 0 && s.comments[n] == nil:
		refuse(w, http.StatusNotFound, "rest_comment_invalid_id", "Invalid comment ID.")
		return
	case r.Method == http.MethodGet:
		say(w, http.StatusOK, s.remark(s.comments[n], q))
		return
	case r.Method == http.MethodDelete:
		c := s.comments[n]
		if c.status == "trash" {
			refuse(w, http.StatusGone, "rest_already_trashed", "The comment has already been trashed.")
			return
		}
		c.status = "trash"
		say(w, http.StatusOK, s.remark(c, q))
		return
	}
	var in struct {
		Post, Parent    int64
		Content, Status *string
		Agent           string `json:"author_user_agent"`
	}
	if !read(w, r, &in) {
		return
	}
	if n == 0 {
		s.remarkOn(w, q, in.Post, in.Parent, in.Content, cmp.Or(in.Agent, r.UserAgent()))
		return
	}
	c := s.comments[n]
	if in.Status != nil && in.Content == nil && c.status == *in.Status {
		refuse(w, http.StatusInternalServerError, "rest_comment_failed_edit", "Updating comment status failed.")
		return
	}
	set(&c.text, in.Content)
	set(&c.status, in.Status)
	say(w, http.StatusOK, s.remark(c, q))
}

func (s *Server) remarkOn(w http.ResponseWriter, q url.Values, on, parent int64, content *string, agent string) {
	p := s.posts[on]
	switch {
	case p == nil || p.status == "trash":
		refuse(w, http.StatusForbidden, "rest_comment_invalid_post_id", "Sorry, you are not allowed to create this comment without a post.")
		return
	case content == nil || *content == "":
		refuse(w, http.StatusBadRequest, "rest_comment_content_invalid", "Invalid comment content.")
		return
	}
	for _, c := range s.comments {
		if c.post == on && c.parent == parent && c.author == userID && c.text == *content && c.status != "trash" {
			refuse(w, http.StatusConflict, "comment_duplicate", "Duplicate comment detected; it looks as though you&#8217;ve already said that!")
			return
		}
	}
	c := &comment{id: s.next(), post: on, parent: parent, author: userID, name: "Ponte", text: *content, agent: agent, status: "approved", kind: "comment", at: s.now()}
	s.comments[c.id] = c
	say(w, http.StatusCreated, s.remark(c, q))
}

func (s *Server) remarks(w http.ResponseWriter, q url.Values) {
	var all []*comment
	for _, c := range s.comments {
		ok := c.status == "approved"
		switch st := q.Get("status"); st {
		case "all":
			ok = c.status == "approved" || c.status == "hold"
		case "hold", "spam", "trash":
			ok = c.status == st
		}
		ok = ok && (q.Get("type") == "all" || c.kind == "comment")
		for _, f := range []struct {
			name  string
			value int64
		}{{"include", c.id}, {"post", c.post}, {"parent", c.parent}, {"author", c.author}} {
			ok = ok && (!q.Has(f.name) || slices.Contains(numbers(q.Get(f.name)), f.value))
		}
		if ok {
			all = append(all, c)
		}
	}
	slices.SortFunc(all, func(a, b *comment) int {
		if q.Get("order") == "asc" {
			return cmp.Compare(a.id, b.id)
		}
		return cmp.Compare(b.id, a.id)
	})
	out := []any{}
	for _, c := range window(w, q, all) {
		out = append(out, s.remark(c, q))
	}
	say(w, http.StatusOK, out)
}

func (s *Server) file(m *media) map[string]any {
	return map[string]any{
		"id": m.id, "slug": m.slug, "alt_text": m.alt, "mime_type": m.mime, "source_url": fmt.Sprintf("%s/wp-content/uploads/%d-%s", s.URL, m.id, m.name),
	}
}

func (s *Server) library(w http.ResponseWriter, r *http.Request, n int64) {
	m := s.media[n]
	switch {
	case r.Method == http.MethodGet && n == 0:
		out := []any{}
		for _, m := range s.media {
			if m.slug == r.URL.Query().Get("slug") {
				out = append(out, s.file(m))
			}
		}
		say(w, http.StatusOK, out)
	case n != 0 && m == nil:
		refuse(w, http.StatusNotFound, "rest_post_invalid_id", "Invalid post ID.")
	case r.Method == http.MethodGet:
		say(w, http.StatusOK, s.file(m))
	case n != 0:
		var in struct {
			Alt *string `json:"alt_text"`
		}
		if read(w, r, &in) {
			set(&m.alt, in.Alt)
			say(w, http.StatusOK, s.file(m))
		}
	case !s.can("upload_files"):
		refuse(w, http.StatusForbidden, "rest_cannot_create", "Sorry, you are not allowed to upload media on this site.")
	default:
		f, head, err := r.FormFile("file")
		if err != nil {
			refuse(w, http.StatusBadRequest, "rest_upload_no_data", "No data supplied.")
			return
		}
		defer f.Close()
		b, err := io.ReadAll(f)
		if err != nil || len(b) == 0 {
			refuse(w, http.StatusBadRequest, "rest_upload_no_data", "No data supplied.")
			return
		}
		m := &media{id: s.next(), slug: r.FormValue("slug"), alt: r.FormValue("alt_text"), title: r.FormValue("title"), name: head.Filename, mime: head.Header.Get("Content-Type"), size: len(b)}
		s.media[m.id] = m
		say(w, http.StatusCreated, s.file(m))
	}
}

func (s *Server) taxonomy(w http.ResponseWriter, r *http.Request, which string) {
	names := s.terms[which]
	if r.Method == http.MethodGet {
		out := []any{}
		for name, id := range names {
			if strings.Contains(strings.ToLower(name), strings.ToLower(r.URL.Query().Get("search"))) {
				out = append(out, map[string]any{"id": id, "name": name})
			}
		}
		say(w, http.StatusOK, out)
		return
	}
	var in struct{ Name string }
	if !read(w, r, &in) {
		return
	}
	if _, there := names[in.Name]; there {
		refuse(w, http.StatusBadRequest, "term_exists", "A term with the name provided already exists in this taxonomy.")
		return
	}
	names[in.Name] = s.next()
	say(w, http.StatusCreated, map[string]any{"id": names[in.Name], "name": in.Name})
}

// Terms gives the names of the tags, or categories, of an article.
func (s *Server) Terms(id, which string) (out []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.posts[number(id)]
	ids := p.tags
	if which == "categories" {
		ids = p.categories
	}
	for name, n := range s.terms[which] {
		if slices.Contains(ids, n) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}
