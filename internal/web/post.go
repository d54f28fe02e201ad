package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

// maxPostForm is the size of a post with its files, in bytes.
const maxPostForm = 96 << 20

func (w *Web) postRoutes() {
	at := view.PathPosts
	w.member("GET "+at+"/new", w.newPost)
	w.member("GET "+at+"/clock", w.postClock)
	w.member("GET "+at+"/{id}", w.showPost)
	w.member("GET "+at+"/{id}/edit", w.editPost)
	w.member("GET "+at+"/{id}/news", w.postNews)
	w.member("GET "+at+"/{id}/history", w.showPostHistory)
	w.member("POST "+at+"/save", w.savePost, bodyUpTo(maxPostForm))
	w.member("POST "+at+"/draft", w.keepPost, bodyUpTo(maxPostForm))
	w.member("POST "+at+"/files", w.addPostFiles, bodyUpTo(maxPostForm))
	w.member("POST "+at+"/look", w.lookPost, bodyUpTo(maxPostForm))
	w.member("POST "+at+"/touch", w.touchPost)
	w.member("POST "+at+"/confirm", w.confirmPost, bodyUpTo(maxPostForm))
	w.member("POST "+at+"/{id}/go", w.sendPost)
	w.postDoRoutes()
}

// postDesk is the desk with a post on it.
type postDesk struct {
	*desk
	file  post.File
	base  string
	state postState
}

// postState is what an answer to a form adds to the page of a post.
type postState struct {
	form    string            // which form
	typed   map[string]string // by field
	wrong   map[string]string
	problem *view.TroubleProps
	written *post.Written // what was typed in the composer
	saved   view.PostSaved
	open    string // the tab
	made    *view.CopyProps
}

func (s postState) error(form, field string) string {
	if s.form != form {
		return ""
	}
	return s.wrong[field]
}

func (s postState) value(form, field string) string {
	if s.form != form {
		return ""
	}
	return s.typed[field]
}

// postPage is the shell of a page about posts.
func (d *desk) postPage(title string, args ...any) view.Page {
	return d.Web.page(d.r, view.RoomPosts, title, args...)
}

func postPath(id post.ID) string { return view.PathPosts + "/" + string(id) }

// openPost reads a post and what its page needs.
func (d *desk) openPost(id post.ID, s postState) (*postDesk, error) {
	f, err := d.rooms.Posts.Open(d.ctx(), d.v.actor, id)
	if err != nil {
		return nil, err
	}
	return &postDesk{desk: d, file: f, base: postPath(id), state: s}, nil
}

// blank is a post that is not there yet.
func (d *desk) blank(s postState) (*postDesk, error) {
	if err := d.v.actor.May(team.PostsWrite); err != nil {
		return nil, err
	}
	x := &postDesk{desk: d, base: view.PathPosts, state: s, file: post.File{
		Post: post.Post{State: post.Draft}, Channels: d.channels, Members: d.members, Files: map[media.ID]media.File{},
		May: post.May{Write: true, Publish: d.v.actor.Can(team.PostsPublish)},
	}}
	if s.written != nil {
		x.file.Written = *s.written
		return x, nil
	}
	// What one is used to: the channels of the last post, else every channel that works; its links counted or not.
	last, err := d.rooms.Posts.List(d.ctx(), d.v.actor, post.Filter{Limit: 1})
	if err != nil {
		return nil, err
	}
	if len(last.Entries) > 0 {
		x.file.Written.Message.Track = last.Entries[0].Post.Message.Track
	}
	for _, ch := range d.postChannels() {
		if len(last.Entries) > 0 && !slices.Contains(last.Entries[0].Channels, ch.ID) || ch.State != network.Active {
			continue
		}
		x.file.Written.Channels = append(x.file.Written.Channels, ch.ID)
	}
	return x, x.preview()
}

// postChannels are the channels one may write to, in their order.
func (d *desk) postChannels() []network.Channel {
	var out []network.Channel
	for _, ch := range sortedChannels(d.channels) {
		if ch.State != network.Gone && ch.Sends() {
			out = append(out, ch)
		}
	}
	return out
}

// preview fits what is written without keeping it, and lays it into the file.
func (x *postDesk) preview() error {
	w := x.file.Written
	out, err := x.rooms.Posts.Preview(x.ctx(), x.v.actor, post.PreviewIn{Post: x.file.Post.ID, Message: w.Message, Channels: w.Channels, Own: w.Own})
	if fault.KindOf(err) == fault.Invalid {
		return nil // said where it is wrong
	}
	if err != nil {
		return err
	}
	x.file.Variants, x.file.Advice, x.file.Doubts = out.Variants, out.Advice, out.Doubts
	if out.Files != nil {
		x.file.Files = out.Files
	}
	return nil
}

func (w *Web) newPost(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	var x *postDesk
	if article := r.URL.Query().Get("article"); article != "" {
		x, err = d.fromArticle(inbox.InteractionID(article))
	} else {
		x, err = d.blank(postState{})
	}
	if err != nil {
		return err
	}
	return x.showWriting(rw, http.StatusOK)
}

func (w *Web) showPost(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	return d.showPostAs(rw, post.ID(r.PathValue("id")), http.StatusOK, postState{})
}

// showPostAs draws a post: a draft for who may write is the composer, everything else its page.
func (d *desk) showPostAs(rw http.ResponseWriter, id post.ID, status int, s postState) error {
	x, err := d.openPost(id, s)
	if err != nil {
		return err
	}
	if x.file.Post.State == post.Draft && x.file.May.Write {
		return x.showWriting(rw, status)
	}
	return x.showSheet(rw, status)
}

// editPost is the composer for what waits, is planned or stands already.
func (w *Web) editPost(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	x, err := d.openPost(post.ID(r.PathValue("id")), postState{})
	if err != nil {
		return err
	}
	switch {
	case x.file.Post.State == post.Draft:
		return w.redirect(rw, r, x.base)
	case !x.file.May.Write:
		return x.v.actor.May(team.PostsWrite)
	}
	if err := x.preview(); err != nil {
		return err
	}
	return x.showWriting(rw, http.StatusOK)
}

// stands tells that something of a post is on its way or on a network: other words are a correction of it.
func (x *postDesk) stands() bool {
	switch x.file.Post.State {
	case post.Sending, post.Sent, post.Failed, post.Gone:
		return true
	}
	return false
}

// keptPost is what came of saving: the desk as it is now, or what stands in the way.
type keptPost struct {
	x     *postDesk
	id    post.ID
	wrong *problem
	stale bool
}

// keep saves what a form holds, as a new post or a draft that is there. What cannot be kept comes back as it was typed.
func (d *desk) keep(rw http.ResponseWriter, f postForm) (keptPost, error) {
	var err error
	id := f.id
	if err = f.wrong; err == nil {
		if id == "" {
			var made post.Post
			made, err = d.rooms.Posts.Create(d.ctx(), d.v.actor, post.CreateIn{Message: f.written.Message, Channels: f.written.Channels, Own: f.written.Own})
			id = made.ID
		} else {
			_, err = d.rooms.Posts.SaveDraft(d.ctx(), d.v.actor, post.SaveIn{
				Post: id, Version: f.version, Message: f.written.Message, Channels: f.written.Channels, Own: f.written.Own,
			})
		}
	}
	if err == nil && f.follow != "" && id != "" {
		_, err = d.rooms.Posts.Follow(d.ctx(), d.v.actor, id, f.follow)
	}
	if err == nil && len(f.confirm) > 0 {
		err = d.rooms.Posts.Confirm(d.ctx(), d.v.actor, id, f.confirm)
		if fault.KindOf(err) == fault.Conflict {
			err = nil // what was confirmed is no longer written: it is asked again where it is needed
		}
	}
	s := postState{open: f.open, form: "write"}
	pr, bad := d.wrong(rw, d.r, err, fault.Invalid, fault.Conflict)
	if !bad && err != nil {
		return keptPost{}, err
	}
	out := keptPost{id: id}
	if bad {
		out.wrong, s.wrong, s.written = &pr, pr.Fields, &f.written
		e := fault.Of(err)
		if e.Key == "post.stale" {
			out.stale = true
			s.saved = d.stale(id, e)
			pr.Text, pr.Remedy = "", ""
		}
		if pr.Text != "" {
			s.problem = &view.TroubleProps{Title: pr.Text, Remedy: pr.Remedy}
		}
		s.saved.Failed = d.t("postpage.saved.wrong")
	}
	if id == "" {
		out.x, err = d.blank(s)
	} else if out.x, err = d.openPost(id, s); err == nil && bad {
		out.x.file.Written = f.written
		if out.stale {
			out.x.file.Post.Version = f.version
		}
	}
	if err == nil && bad {
		err = out.x.preview()
	}
	return out, err
}

// stale says that somebody else saved meanwhile, and where both can be seen.
func (d *desk) stale(id post.ID, e *fault.Error) view.PostSaved {
	who, _ := e.Args["member"].(string)
	kept, _ := e.Args["kept"].(string)
	return view.PostSaved{Stale: d.t("postpage.stale", "name", d.memberName(team.MemberID(who))), StaleURL: postPath(id) + "/history#" + kept}
}

// savePost keeps the form and goes on writing.
func (w *Web) savePost(rw http.ResponseWriter, r *http.Request) error {
	d, f, done, err := w.postForm(r)
	if err != nil {
		return err
	}
	defer done()
	if f.id != "" {
		x, err := d.openPost(f.id, postState{})
		if err != nil {
			return err
		}
		if x.stands() {
			return x.correct(rw, f)
		}
	}
	k, err := d.keep(rw, f)
	if err != nil {
		return err
	}
	if k.wrong != nil {
		return k.x.showWriting(rw, k.wrong.Status)
	}
	to := postPath(k.id)
	if f.open != "" {
		to += "?tab=" + f.open
	}
	return d.done(rw, r, to, "postpage.saved")
}

// keepPost is savePost while one writes: it answers with the parts of the page that change.
func (w *Web) keepPost(rw http.ResponseWriter, r *http.Request) error {
	d, f, done, err := w.postForm(r)
	if err != nil {
		return err
	}
	defer done()
	f.follow, f.template, f.files = "", "", nil
	if f.id == "" && f.empty() {
		rw.WriteHeader(http.StatusNoContent)
		return nil
	}
	fresh := f.id == ""
	k, err := d.keep(rw, f)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if k.wrong != nil {
		status = k.wrong.Status
	}
	if fresh && k.id != "" {
		rw.Header().Set("HX-Replace-Url", postPath(k.id))
	}
	return k.x.renderParts(rw, status, f, k.stale, false)
}

// lookPost shows what would become of what is written; nothing is kept.
func (w *Web) lookPost(rw http.ResponseWriter, r *http.Request) error {
	d, f, done, err := w.postForm(r)
	if err != nil {
		return err
	}
	defer done()
	s := postState{open: f.open, form: "write"}
	var x *postDesk
	if f.id == "" {
		x, err = d.blank(s)
	} else {
		x, err = d.openPost(f.id, s)
	}
	if err != nil {
		return err
	}
	x.file.Written = f.written
	w2 := f.written
	out, err := d.rooms.Posts.Preview(r.Context(), d.v.actor, post.PreviewIn{Post: f.id, Message: w2.Message, Channels: w2.Channels, Own: w2.Own})
	if pr, bad := d.wrong(rw, r, err, fault.Invalid, fault.Conflict); bad {
		x.state.wrong = pr.Fields
	} else if err != nil {
		return err
	}
	x.file.Variants, x.file.Advice, x.file.Doubts = out.Variants, out.Advice, out.Doubts
	if out.Files != nil {
		x.file.Files = out.Files
	}
	return x.renderLook(rw, f)
}

// addPostFiles takes files in at once and keeps the draft with them.
func (w *Web) addPostFiles(rw http.ResponseWriter, r *http.Request) error {
	d, f, done, err := w.postForm(r)
	if err != nil {
		return err
	}
	defer done()
	f.follow, f.template = "", ""
	if f.wrong == nil && f.id == "" {
		if err := d.v.actor.May(team.PostsWrite); err != nil {
			return err
		}
	}
	fresh := f.id == ""
	k, err := d.keep(rw, f)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if k.wrong != nil {
		status = k.wrong.Status
	}
	if fresh && k.id != "" {
		return w.redirect(rw, r, postPath(k.id))
	}
	return k.x.renderParts(rw, status, f, k.stale, true)
}

// touchPost says that the member is in a post, and tells who else is.
func (w *Web) touchPost(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	others, err := w.rooms.Posts.Touch(r.Context(), d.v.actor, post.ID(r.PostFormValue("post")))
	if err != nil {
		return err
	}
	return w.render(rw, r, http.StatusOK, view.PostOthers(d.present(others)))
}

// postNews tells a page on which a post is written what others did to it since: who is in it, whether somebody saved other words,
// whether it went on or away. Nothing of what is typed is touched.
func (w *Web) postNews(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	p := d.postPage("")
	x, err := d.openPost(post.ID(r.PathValue("id")), postState{})
	if fault.KindOf(err) == fault.NotFound {
		return w.render(rw, r, http.StatusOK, view.PostNewsPart(p, view.PostNews{Text: d.t("postpage.news.gone")}, true))
	}
	if err != nil {
		return err
	}
	now := x.file.Post
	version, err := strconv.Atoi(r.URL.Query().Get("version"))
	if err != nil {
		version = now.Version // it has none yet: there is nothing newer
	}
	var n view.PostNews
	switch {
	case string(now.State) != r.URL.Query().Get("state"):
		n = view.PostNews{Text: d.t("postpage.news.state", "state", d.t("postpage.state."+string(now.State))), Link: d.t("postpage.news.look"), Href: x.base}
	case now.Version > version && now.SavedBy != "" && now.SavedBy != d.v.actor.Member:
		n = view.PostNews{
			Text: d.t("postpage.news.saved", "name", d.memberName(now.SavedBy), "when", d.v.words.Ago(now.SavedAt, d.now)),
			Link: d.t("postpage.news.read"), Href: x.base,
		}
	}
	parts := []templ.Component{view.PostOthers(d.present(x.file.Present)), view.PostNewsPart(p, n, true)}
	if r.URL.Query().Get("comments") != "" { // they stand on the page
		parts = append(parts, view.PostCommentRows(p, *x.comments(), true))
	}
	return w.render(rw, r, http.StatusOK, templ.Join(parts...))
}

// present says who else is in a post.
func (d *desk) present(others []team.MemberID) string {
	var names []string
	for _, m := range others {
		names = append(names, d.memberName(m))
	}
	if len(names) == 0 {
		return ""
	}
	return d.v.words.N("postpage.present", len(names), "names", strings.Join(names, ", "))
}

// postUse runs something about the post of a request and answers with its page, or by going on.
func (w *Web) postUse(rw http.ResponseWriter, r *http.Request, f caseForm, use func(ctx context.Context, d *desk, a team.Actor, id post.ID) error) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	id := post.ID(r.PathValue("id"))
	return d.postDone(rw, id, use(r.Context(), d, d.v.actor, id), f)
}

func (d *desk) postDone(rw http.ResponseWriter, id post.ID, err error, f caseForm) error {
	pr, bad := d.wrong(rw, d.r, err, fault.Invalid, fault.Conflict)
	if !bad && err != nil {
		if e := fault.Of(err); e.Kind != fault.Denied || !strings.HasPrefix(e.Key, "post.") {
			return err
		}
		pr, _ = d.wrong(rw, d.r, err, fault.Denied) // a yes that is another's to give is said on the page
		bad = true
	}
	if !bad {
		to := postPath(id)
		if f.place != "" {
			to += "#" + f.place
		}
		return d.done(rw, d.r, to, f.key, f.args...)
	}
	s := postState{form: f.name, typed: map[string]string{}, wrong: pr.Fields}
	for _, name := range f.fields {
		s.typed[name] = d.r.PostFormValue(name)
	}
	said := pr.Text
	for _, name := range sortedIDs(pr.Fields) {
		if !f.has(name) {
			said = strings.TrimSpace(said + " " + pr.Fields[name])
		}
	}
	if said != "" {
		s.problem = &view.TroubleProps{Title: said, Remedy: pr.Remedy}
	}
	return d.showPostAs(rw, id, pr.Status, s)
}

// tooBig tells that a request held more than is allowed.
func tooBig(err error) bool {
	var big *http.MaxBytesError
	return errors.As(err, &big)
}
