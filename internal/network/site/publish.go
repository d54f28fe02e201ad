package site

import (
	"context"
	"encoding/json"
	"errors"
	"html"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/text"
)

// agentOf is what Ponte gives as the program a comment was written with. It carries the message's key, so that the comment is
// found again when the answer to writing it was lost; whoever may moderate the site sees it, readers do not.
func agentOf(key string) string { return "Ponte (" + marker(key) + ")" }

// Publish implements network.Client: an answer to a comment, or an article.
func (w *wordPress) Publish(ctx context.Context, m network.Outgoing) (network.Receipt, error) {
	if m.Visibility != "" && m.Visibility != network.Public {
		return network.Receipt{}, unsupported(w.cred.ServerURL) // what is meant for fewer people must not go out
	}
	if m.ReplyTo != "" {
		return w.reply(ctx, m)
	}
	body, err := w.compose(ctx, m, marker(m.Key), nil)
	if err != nil {
		return network.Receipt{}, certain(err)
	}
	var p wpPost
	if err := w.send(ctx, http.MethodPost, pathFor(m), editing(), body.fields(true), &p); err != nil {
		return network.Receipt{}, err
	}
	return w.posted(&p, body)
}

func editing() url.Values { return url.Values{"context": {"edit"}} }

// certain says of an error of preparing a mutation that the mutation was not made.
func certain(err error) error {
	p := *network.ProblemOf(err)
	p.Uncertain = false
	return &p
}

func pathFor(m network.Outgoing) string {
	if m.Article != nil && m.Article.Page {
		return "/wp/v2/pages"
	}
	return "/wp/v2/posts"
}

func (w *wordPress) posted(p *wpPost, body *composed) (network.Receipt, error) {
	if p.ID <= 0 {
		pr := problem(network.Later, network.ProblemAnswer, w.cred.ServerURL, errors.New("an article without a number"))
		pr.Uncertain = true
		return network.Receipt{}, pr
	}
	it := w.article(p)
	r := network.Receipt{RemoteID: it.RemoteID, URL: it.URL, Version: it.Version, At: it.At}
	if body != nil {
		for _, f := range body.files {
			r.Media = append(r.Media, strconv.FormatInt(f.ID, 10))
		}
	} else {
		r.Media = filesOf(p)
	}
	return r, nil
}

// filesOf names the files of an article of ours, in order.
func filesOf(p *wpPost) (out []string) {
	if p.Featured > 0 {
		out = append(out, strconv.FormatInt(p.Featured, 10))
	}
	for _, n := range imageIDs(p.Content.Raw) {
		if n != p.Featured {
			out = append(out, strconv.FormatInt(n, 10))
		}
	}
	return out
}

// reply writes a comment below another, or below an article.
func (w *wordPress) reply(ctx context.Context, m network.Outgoing) (network.Receipt, error) {
	post, parent, err := w.below(ctx, m.ReplyTo)
	if err != nil {
		return network.Receipt{}, certain(err)
	}
	body := replyText(m)
	switch {
	case strings.TrimSpace(body) == "":
		return network.Receipt{}, w.refuse("empty")
	case len(m.Media) > 0:
		return network.Receipt{}, w.unwanted(m.Media[0], errors.New("a comment carries no files"))
	case len(body) > maxComment || text.Graphemes(m.Text) > maxCharacters:
		return network.Receipt{}, &network.Problem{Verdict: network.Never, Key: network.ProblemTooLong, Args: map[string]any{"used": len(body), "max": maxComment}}
	}
	fields := map[string]any{"post": post, "content": body, "author_user_agent": agentOf(m.Key)}
	if parent > 0 {
		fields["parent"] = parent
	}
	var c wpComment
	err = w.send(ctx, http.MethodPost, "/wp/v2/comments", nil, fields, &c)
	if codeOf(err) == "comment_duplicate" {
		// The same words by the same user in the same place: an earlier attempt, or somebody's earlier comment.
		if r, p, ferr := w.Find(ctx, m); ferr == nil && p == network.Present {
			return r, nil
		}
	}
	if err != nil {
		return network.Receipt{}, err
	}
	if c.ID <= 0 {
		p := problem(network.Later, network.ProblemAnswer, w.cred.ServerURL, errors.New("a comment without a number"))
		p.Uncertain = true
		return network.Receipt{}, p
	}
	return w.commented(ctx, &c)
}

func (w *wordPress) commented(ctx context.Context, c *wpComment) (network.Receipt, error) {
	it, err := w.comment(ctx, c)
	if err != nil { // it stands; who else writes for the site does not matter to it
		it = network.Item{RemoteID: makeID(kindComment, c.ID), URL: webAddress(c.Link), At: wpTime(c.Date)}
	}
	return network.Receipt{RemoteID: it.RemoteID, URL: it.URL, Version: it.Version, At: it.At}, nil
}

func replyText(m network.Outgoing) string {
	body := m.Text
	if warning := strings.TrimSpace(m.Warning); warning != "" {
		body = warning + "\n\n" + body
	}
	return html.EscapeString(strings.ToValidUTF8(strings.ReplaceAll(body, "\x00", ""), "\uFFFD"))
}

// below finds out where an answer goes: under which article, and below which comment.
func (w *wordPress) below(ctx context.Context, remoteID string) (post, parent int64, err error) {
	kind, n, ok := parseID(remoteID)
	if !ok {
		return 0, 0, unsupported(w.cred.ServerURL)
	}
	if kind != kindComment {
		if _, err := w.oneArticle(ctx, kind, n); err != nil {
			return 0, 0, gone(err)
		}
		return n, 0, nil
	}
	c, err := w.one(ctx, n)
	if err != nil {
		return 0, 0, gone(err)
	}
	if c.Status == "spam" {
		return 0, 0, problem(network.Never, network.ProblemGone, w.cred.ServerURL, nil)
	}
	return c.Post, n, nil
}

// gone makes sure that what is not there is said so, in the words for it.
func gone(err error) error {
	if missing(err) {
		return &network.Problem{Verdict: network.Never, Key: network.ProblemGone, Err: err}
	}
	return err
}

func (w *wordPress) refuse(why string) *network.Problem {
	p := problem(network.Never, network.ProblemRefused, w.cred.ServerURL, nil)
	p.Args["reason"] = why
	return p
}

// composed is an article as it goes to the site.
type composed struct {
	title    string
	content  string
	files    []wpMedia
	featured int64
	status   string
	tags     []int64
	category int64
	page     bool
}

// fields are what is sent. An edit leaves alone whether the article stands for everybody.
func (c *composed) fields(fresh bool) map[string]any {
	f := map[string]any{"title": c.title, "content": c.content, "featured_media": c.featured}
	if fresh {
		f["status"] = c.status
	}
	if !c.page && len(c.tags) > 0 {
		f["tags"] = c.tags
	}
	if !c.page && c.category > 0 {
		f["categories"] = []int64{c.category}
	}
	return f
}

// compose brings the files of an article to the site and writes what stands in it. stands are the files it has already.
func (w *wordPress) compose(ctx context.Context, m network.Outgoing, mark string, stands []string) (*composed, error) {
	me, err := w.me(ctx)
	if err != nil {
		return nil, err
	}
	m.Text = strings.ToValidUTF8(strings.ReplaceAll(m.Text, "\x00", ""), "\uFFFD")
	a := network.Article{}
	if m.Article != nil {
		a = *m.Article
	}
	limits, _ := w.Limits(ctx)
	if n := w.Measure(m.Text, limits); !n.Fits() {
		return nil, &network.Problem{Verdict: network.Never, Key: network.ProblemTooLong, Args: map[string]any{"used": n.Used, "max": n.Max}}
	}
	if strings.TrimSpace(m.Text) == "" && a.Title == "" && len(m.Media) == 0 {
		return nil, w.refuse("empty")
	}
	body := a.HTML
	if body == "" {
		body = paragraphs(m.Text)
	}
	if warning := strings.TrimSpace(m.Warning); warning != "" {
		body = paragraphs(warning) + "\n" + body
	}
	c := &composed{title: html.EscapeString(plainTitle(a.Title)), status: "publish", page: a.Page}
	if a.Draft {
		c.status = "draft"
	}
	for i, f := range m.Media {
		file, err := w.file(ctx, me, m.Key, i, f, stands)
		if err != nil {
			return nil, err
		}
		c.files = append(c.files, file)
	}
	c.content = blocks(body)
	for i, f := range c.files {
		if i == 0 && strings.HasPrefix(f.MIME, "image/") {
			c.featured = f.ID // the theme shows it at the head
			continue
		}
		c.content += "\n" + figure(f)
	}
	c.content += "\n<!-- " + mark + " -->"
	if !a.Page {
		for _, name := range a.Tags {
			n, err := w.term(ctx, "/wp/v2/tags", name)
			if err != nil {
				return nil, err
			}
			if n > 0 {
				c.tags = append(c.tags, n)
			}
		}
		if a.Category != "" {
			if c.category, err = w.term(ctx, "/wp/v2/categories", a.Category); err != nil {
				return nil, err
			}
		}
	}
	return c, nil
}

// blocks makes blocks of paragraphs, so that the site's own editor opens the article as it opens its own.
func blocks(body string) string {
	var b strings.Builder
	for _, p := range strings.Split(body, "\n<p>") {
		if b.Len() > 0 {
			b.WriteByte('\n')
			p = "<p>" + p
		}
		if strings.HasPrefix(p, "<p>") && strings.HasSuffix(p, "</p>") && strings.Count(p, "<p>") == 1 {
			p = "<!-- wp:paragraph -->\n" + p + "\n<!-- /wp:paragraph -->"
		}
		b.WriteString(p)
	}
	return b.String()
}

// figure shows a file in an article.
func figure(f wpMedia) string {
	src, alt := html.EscapeString(f.URL), html.EscapeString(f.Alt)
	n := strconv.FormatInt(f.ID, 10)
	if strings.HasPrefix(f.MIME, "video/") {
		return "<!-- wp:video {\"id\":" + n + "} -->\n<figure class=\"wp-block-video\"><video controls src=\"" + src + "\" aria-label=\"" + alt + "\"></video></figure>\n<!-- /wp:video -->"
	}
	return "<!-- wp:image {\"id\":" + n + ",\"sizeSlug\":\"full\"} -->\n<figure class=\"wp-block-image size-full\"><img src=\"" + src + "\" alt=\"" + alt +
		"\" class=\"wp-image-" + n + "\"/></figure>\n<!-- /wp:image -->"
}

// term gives the number of a tag or a category by its name, made where there is none and the user may make one; 0 else: the
// article goes out without it.
func (w *wordPress) term(ctx context.Context, path, name string) (int64, error) {
	name = strings.TrimPrefix(plainTitle(name), "#")
	if name == "" {
		return 0, nil
	}
	type term struct {
		ID   int64  `json:"id"`
		Name string `json:"name"`
	}
	var list []json.RawMessage
	if _, err := w.get(ctx, path, url.Values{"search": {name}, "per_page": {strconv.Itoa(listPage)}, "_fields": {"id,name"}}, &list); err != nil {
		return 0, never(err)
	}
	for _, t := range each[term](list) {
		if strings.EqualFold(html.UnescapeString(t.Name), name) {
			return t.ID, nil
		}
	}
	var made term
	r := request{method: http.MethodPost, url: w.address(path, nil)}
	b, _ := json.Marshal(map[string]string{"name": name})
	r.body, r.mime, r.length = strings.NewReader(string(b)), "application/json", int64(len(b))
	_, err := w.do(ctx, r, &made)
	if codeOf(err) == "term_exists" { // somebody was faster, or it has another form of the same name
		return 0, nil
	}
	if err != nil {
		return 0, never(err)
	}
	return made.ID, nil
}

// never leaves out errors that say that something cannot be had: the article does without.
func never(err error) error {
	if p := network.ProblemOf(err); p.Verdict == network.Never {
		return nil
	}
	return err
}

// Find implements network.Client. What Ponte wrote carries a sign of its own, so that what is found is certain.
func (w *wordPress) Find(ctx context.Context, m network.Outgoing) (network.Receipt, network.Presence, error) {
	me, err := w.me(ctx)
	if err != nil {
		return network.Receipt{}, network.Unsure, err
	}
	if m.ReplyTo != "" {
		return w.findComment(ctx, me, m)
	}
	mark := marker(m.Key)
	q := url.Values{"search": {mark}, "status": {"any"}, "context": {"edit"}, "per_page": {"10"}, "orderby": {"id"}, "order": {"asc"}}
	if !editsAll(me, pathFor(m)) {
		q.Set("author", strconv.FormatInt(me.ID, 10)) // others' may not be asked for in the form they were written in
	}
	var list []json.RawMessage
	if _, err := w.get(ctx, pathFor(m), q, &list); err != nil {
		return network.Receipt{}, network.Unsure, err
	}
	for _, p := range each[wpPost](list) {
		if strings.Contains(p.Content.Raw, "<!-- "+mark+" -->") && p.Status != "trash" {
			r, err := w.posted(&p, nil)
			return r, network.Present, err
		}
	}
	return network.Receipt{}, network.Absent, nil
}

// findSlack is how wrong a site's clock may be.
const findSlack = 10 * time.Minute

// findComment looks through our own comments. Where the user may not see with what a comment was written, its words, its place and
// its time must be the same.
func (w *wordPress) findComment(ctx context.Context, me *wpUser, m network.Outgoing) (network.Receipt, network.Presence, error) {
	kind, n, ok := parseID(m.ReplyTo)
	if !ok {
		return network.Receipt{}, network.Absent, nil
	}
	q := url.Values{"orderby": {"id"}, "order": {"desc"}, "per_page": {strconv.Itoa(listPage)}}
	if kind == kindComment {
		q.Set("parent", strconv.FormatInt(n, 10))
	} else {
		q.Set("post", strconv.FormatInt(n, 10))
	}
	moderates := me.may(mayModerate)
	if moderates {
		q.Set("status", "all")
		q.Set("context", "edit")
		q.Set("author", strconv.FormatInt(me.ID, 10))
	}
	var list []json.RawMessage
	if _, err := w.get(ctx, "/wp/v2/comments", q, &list); err != nil {
		if missing(err) {
			return network.Receipt{}, network.Absent, nil
		}
		return network.Receipt{}, network.Unsure, err
	}
	found := each[wpComment](list)
	for i := range found {
		c := &found[i]
		same := c.Agent == agentOf(m.Key)
		if !moderates {
			same = c.Author == me.ID && !wpTime(c.Date).Before(m.PreparedAt.Add(-findSlack)) &&
				strings.Join(strings.Fields(commentText(c.Content)), " ") == strings.Join(strings.Fields(html.UnescapeString(replyText(m))), " ")
		}
		if same {
			r, err := w.commented(ctx, c)
			return r, network.Present, err
		}
	}
	if len(list) == listPage {
		return network.Receipt{}, network.Unsure, nil
	}
	return network.Receipt{}, network.Absent, nil
}

// Edit implements network.Client.
func (w *wordPress) Edit(ctx context.Context, remoteID string, m network.Outgoing) (network.Receipt, error) {
	kind, n, ok := parseID(remoteID)
	if !ok {
		return network.Receipt{}, unsupported(w.cred.ServerURL)
	}
	at := pathOfKind(kind) + "/" + strconv.FormatInt(n, 10)
	if kind == kindComment {
		return w.editComment(ctx, at, n, m)
	}
	var p wpPost
	if _, err := w.get(ctx, at, editing(), &p); err != nil {
		return network.Receipt{}, certain(gone(err))
	}
	if p.Status == "trash" {
		return network.Receipt{}, problem(network.Never, network.ProblemGone, w.cred.ServerURL, nil)
	}
	mark := marker(m.Key)
	if f := markerPattern.FindStringSubmatch(p.Content.Raw); f != nil {
		mark = f[1] // by which it is found stays
	}
	body, err := w.compose(ctx, m, mark, filesOf(&p))
	if err != nil {
		return network.Receipt{}, certain(err)
	}
	fields := body.fields(false)
	if m.Article == nil {
		delete(fields, "title")
	}
	var after wpPost
	if err := w.send(ctx, http.MethodPost, at, url.Values{"context": {"edit"}, "_embed": {"wp:featuredmedia"}}, fields, &after); err != nil {
		return network.Receipt{}, gone(err)
	}
	return w.posted(&after, body)
}

func (w *wordPress) editComment(ctx context.Context, at string, n int64, m network.Outgoing) (network.Receipt, error) {
	c, err := w.one(ctx, n)
	if err != nil {
		return network.Receipt{}, certain(gone(err))
	}
	if ours, err := w.ours(ctx, c.Author); err != nil {
		return network.Receipt{}, certain(err)
	} else if c.Author == 0 || !ours {
		return network.Receipt{}, w.refuse("not ours") // what a guest wrote stays what they wrote
	}
	if len(m.Media) > 0 {
		return network.Receipt{}, w.unwanted(m.Media[0], errors.New("a comment carries no files"))
	}
	body := replyText(m)
	if c.Content.Raw == body {
		return w.commented(ctx, c) // WordPress calls it an error to change nothing
	}
	var after wpComment
	if err := w.send(ctx, http.MethodPost, at, editing(), map[string]any{"content": body}, &after); err != nil {
		return network.Receipt{}, gone(err)
	}
	return w.commented(ctx, &after)
}

// Delete implements network.Client. It goes to the site's own bin, from which a person can take it back.
func (w *wordPress) Delete(ctx context.Context, remoteID string) error {
	kind, n, ok := parseID(remoteID)
	if !ok {
		return unsupported(w.cred.ServerURL)
	}
	at := pathOfKind(kind) + "/" + strconv.FormatInt(n, 10)
	if kind == kindComment {
		c, err := w.one(ctx, n)
		if err != nil {
			if missing(err) || network.ProblemOf(err).Key == network.ProblemGone {
				return nil
			}
			return certain(err)
		}
		if ours, err := w.ours(ctx, c.Author); err != nil {
			return certain(err)
		} else if c.Author == 0 || !ours {
			return w.refuse("not ours")
		}
	}
	err := w.send(ctx, http.MethodDelete, at, nil, nil, nil)
	if statusOf(err) == http.StatusNotImplemented { // the site keeps no bin
		err = w.send(ctx, http.MethodDelete, at, url.Values{"force": {"true"}}, nil, nil)
	}
	if missing(err) {
		return nil
	}
	return err
}
