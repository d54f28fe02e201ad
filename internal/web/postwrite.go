package web

import (
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/ponte-desk/ponte/internal/adapt"
	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

// postAccept are the files that can be put to a post.
const postAccept = "image/jpeg,image/png,image/webp,image/gif,video/mp4,video/quicktime,video/webm"

// showWriting draws the composer.
func (x *postDesk) showWriting(rw http.ResponseWriter, status int) error {
	title := x.title()
	p := x.postPage("postpage.page", "title", title)
	if id := x.file.Post.ID; id != "" {
		p.Topics = x.bell().Topics
	}
	if x.state.open == "" {
		x.state.open = x.r.URL.Query().Get("tab")
	}
	out, err := x.writing()
	if err != nil {
		return err
	}
	return x.showStatus(rw, x.r, status, p, view.PostWrite(p, out))
}

// title is what a post is called: its title, else how it begins.
func (x *postDesk) title() string {
	m := x.file.Written.Message
	if m.Title != "" {
		return m.Title
	}
	if t := cutWords(strings.Join(strings.Fields(m.Text), " "), 60); t != "" {
		return t
	}
	return x.t("postpage.new")
}

func (x *postDesk) writing() (view.PostWriting, error) {
	f, id := x.file, x.file.Post.ID
	out := view.PostWriting{
		ID: string(id), Version: strconv.Itoa(f.Post.Version), Action: view.PathPosts + "/save", LookURL: view.PathPosts + "/look",
		Head: x.writingHead(), Problem: x.state.problem, Saved: x.saved(), Open: x.state.open, Channels: x.ticks(), Own: x.ownTabs(),
		Lost: x.state.error("write", "channels"), Look: x.look(), Message: x.message(),
		Save: view.KeyProps{Label: x.t("postpage.save"), Icon: "check"},
	}
	if f.Post.State == post.Draft && !x.stale() {
		out.KeepURL = view.PathPosts + "/draft"
	}
	out.Files = x.files()
	var err error
	if out.Files.Shelf, err = x.shelf(); err != nil {
		return out, err
	}
	if out.More, err = x.more(); err != nil {
		return out, err
	}
	switch {
	case x.stands():
		for _, ch := range f.Written.Channels {
			out.Fixed = append(out.Fixed, string(ch))
		}
		out.Note, out.Save = x.t("postpage.edit.stands"), view.KeyProps{Label: x.t("postpage.edit.do"), Icon: "send", Kind: view.KeyRed}
	case f.Post.State != post.Draft:
		out.Note, out.Save = x.t("postpage.edit.again"), view.KeyProps{Label: x.t("postpage.edit.draft"), Icon: "check", Kind: view.KeyRed}
	case x.v.actor.Can(team.PostsPublish) || x.v.actor.Can(team.PostsWrite):
		if out.Leaves, err = x.leaves(); err != nil {
			return out, err
		}
	}
	out.Bell = x.bell()
	if x.stands() {
		return out, nil
	}
	if out.Week, err = x.week(); err != nil {
		return out, err
	}
	out.TouchURL = view.PathPosts + "/touch" // the browser knows by then which post it is
	if id == "" {
		return out, nil
	}
	out.Comments = x.comments()
	if x.v.actor.Can(team.PostsWrite) {
		out.Share = x.share()
	}
	return out, nil
}

// bell listens for what others do to the post.
func (x *postDesk) bell() view.PostBell {
	id := string(x.file.Post.ID)
	if id == "" {
		return view.PostBell{}
	}
	return view.PostBell{URL: x.base + "/news?state=" + string(x.file.Post.State), Topics: "posts:" + id + " writing:" + id + " links"}
}

func (x *postDesk) stale() bool { return x.state.saved.Stale != "" }

func (x *postDesk) writingHead() view.PostHead {
	f := x.file
	h := view.PostHead{Title: x.title(), Lede: x.t("postpage.lede")}
	if f.Post.ID == "" {
		return h
	}
	h.Crumb, h.CrumbHref, h.Others = x.t("shell.posts"), view.PathPosts, x.present(f.Present)
	if f.Post.State != post.Draft {
		h.Crumb, h.CrumbHref, h.Lede = x.title(), x.base, ""
		h.Title = x.t("postpage.edit")
		return h
	}
	if f.Post.Back != "" {
		who := ""
		for _, s := range f.Decisions {
			if !s.Yes {
				who = first(s.Guest, x.memberName(s.Member))
			}
		}
		h.Lede = x.t("postpage.sentback", "name", who, "why", f.Post.Back)
	}
	h.More = append(h.More, view.ItemProps{Label: x.t("postpage.history"), Icon: "undo", Href: x.base + "/history"})
	if x.v.actor.Can(team.PostsWrite) {
		h.More = append(h.More, view.ItemProps{Label: x.t("postpage.delete"), Icon: "close", Href: x.base + "/history#delete"})
	}
	return h
}

// saved says when the draft was kept last.
func (x *postDesk) saved() view.PostSaved {
	s := x.state.saved
	if s.Stale != "" || s.Failed != "" || x.file.Post.ID == "" || x.file.Post.State != post.Draft {
		return s
	}
	at := x.file.Post.SavedAt
	s.Ago = strconv.Itoa(int(max(0, x.now.Sub(at).Seconds())))
	by := x.file.Post.SavedBy
	if by != "" && by != x.v.actor.Member {
		s.Ago, s.Text = "", x.t("postpage.saved.by", "name", x.memberName(by), "when", x.v.words.Ago(at, x.now))
		return s
	}
	s.Text = x.t("postpage.saved.at", "when", x.v.words.Ago(at, x.now))
	return s
}

func (x *postDesk) message() view.PostMessage {
	m := x.file.Written.Message
	out := view.PostMessage{Text: m.Text, Error: x.state.error("write", "text")}
	for _, a := range x.file.Advice {
		if a.Channel == "" && a.End > a.Start {
			out.Marks = append(out.Marks, view.Span{From: a.Start, To: a.End})
		}
	}
	for _, d := range x.file.Doubts {
		if d.Channel == "" && d.End > d.Start {
			out.Marks = append(out.Marks, view.Span{From: d.Start, To: d.End})
		}
	}
	slices.SortFunc(out.Marks, func(a, b view.Span) int { return a.From - b.From })
	return out
}

func (x *postDesk) ticks() []view.PostChannel {
	var out []view.PostChannel
	for _, ch := range x.postChannels() {
		c := view.PostChannel{ID: string(ch.ID), Net: string(ch.Network), Label: x.channelLabel(ch.ID), Checked: slices.Contains(x.file.Written.Channels, ch.ID)}
		switch ch.State {
		case network.Paused:
			c.Note = x.t("postpage.channel.paused")
		case network.Broken:
			c.Note = x.t("postpage.channel.broken")
		}
		out = append(out, c)
	}
	return out
}

func (x *postDesk) variant(ch network.ChannelID) post.Variant {
	for _, v := range x.file.Variants {
		if v.Channel == ch {
			return v
		}
	}
	return post.Variant{Channel: ch}
}

func (x *postDesk) ownTabs() []view.PostOwn {
	var out []view.PostOwn
	for _, ch := range sortedChannels(x.channels) {
		if slices.Contains(x.file.Written.Channels, ch.ID) {
			out = append(out, x.ownTab(ch))
		}
	}
	return out
}

func (x *postDesk) ownTab(ch network.Channel) view.PostOwn {
	m := x.file.Written.Message
	own, changed := x.file.Written.Own[ch.ID]
	if !changed {
		own = post.Own{Title: m.Title, Text: m.Text, Warning: m.Warning, FirstComment: m.FirstComment}
	}
	rules := adapt.RulesOf(adapt.Network(ch.Network))
	id := string(ch.ID)
	v := x.variant(ch.ID)
	out := view.PostOwn{
		ID: id, Net: string(ch.Network), Label: x.channelLabel(ch.ID), Own: changed, Text: own.Text, Parts: x.partCounts(ch, v), Notes: x.notes(v),
		Error: x.state.error("write", "own"),
	}
	title, warning, comment := m.Title, m.Warning, m.FirstComment
	if rules.HasTitle {
		out.Title, title = &view.PostField{Label: x.t("postpage.title"), Value: own.Title}, own.Title
	}
	if rules.Warning && (m.Warning != "" || own.Warning != "") {
		out.Warning, warning = &view.PostField{Label: x.t("postpage.warning"), Value: own.Warning}, own.Warning
	}
	if m.FirstComment != "" || own.FirstComment != "" {
		out.Comment, comment = &view.PostField{Label: x.t("postpage.comment.first"), Value: own.FirstComment}, own.FirstComment
	}
	var ticked []string
	for i, f := range m.Media {
		on := own.Media == nil || slices.Contains(own.Media, i)
		if on {
			ticked = append(ticked, string(f.ID))
		}
		out.Files = append(out.Files, view.PostPick{N: string(f.ID), Src: x.thumb(f.ID), Label: first(f.Alt, x.file.Files[f.ID].Name, x.t("component.media.image")), Checked: on})
	}
	out.Base = baseOf(title, own.Text, warning, comment, strings.Join(ticked, " "))
	return out
}

// thumb is a small picture of a file, "" for what is none.
func (x *postDesk) thumb(id media.ID) string {
	f, ok := x.file.Files[id]
	if !ok || !strings.HasPrefix(f.MIME, "image/") {
		return ""
	}
	return "/media/" + string(id) + "?size=small"
}

func (x *postDesk) files() view.PostFiles {
	out := view.PostFiles{Accept: postAccept, UploadURL: view.PathPosts + "/files", Error: strings.TrimSpace(x.state.error("write", "media") + " " + x.state.error("write", "alt"))}
	if x.file.Post.State != post.Draft {
		out.UploadURL = ""
	}
	for i, m := range x.file.Written.Message.Media {
		f := x.file.Files[m.ID]
		item := view.PostFile{
			ID: string(m.ID), N: i, Name: first(f.Name, x.t("component.media.file")), Alt: m.Alt, Src: x.thumb(m.ID), Image: strings.HasPrefix(f.MIME, "image/"),
			FocusX: int(math.Round(m.FocusX * 100)), FocusY: int(math.Round(m.FocusY * 100)),
		}
		if item.Alt == "" {
			item.Alt = f.Alt // what was said of it before
		}
		out.Items = append(out.Items, item)
	}
	return out
}

// shelf are the files of earlier posts that this one does not have yet.
func (x *postDesk) shelf() (out []view.PostPick, err error) {
	if x.file.Post.State != post.Draft || !x.v.actor.Can(team.PostsWrite) {
		return nil, nil
	}
	all, err := x.rooms.Posts.Library(x.ctx(), x.v.actor, "")
	for _, f := range all {
		if slices.ContainsFunc(x.file.Written.Message.Media, func(m post.Media) bool { return m.ID == f.ID }) {
			continue
		}
		pick := view.PostPick{N: string(f.ID), Label: first(f.Alt, f.Name, x.t("component.media.file"))}
		if strings.HasPrefix(f.MIME, "image/") {
			pick.Src = "/media/" + string(f.ID) + "?size=small"
		}
		out = append(out, pick)
	}
	return out, err
}

func (x *postDesk) more() (view.PostMore, error) {
	m := x.file.Written.Message
	out := view.PostMore{Tags: strings.Join(m.Tags, " "), Comment: m.FirstComment, Campaign: m.Campaign, Numbering: m.Numbering, Errors: map[string]string{"=title": m.Title, "=warning": m.Warning}}
	for _, name := range []string{"title", "warning", "visibility", "signature", "campaign", "tags"} {
		if said := x.state.error("write", name); said != "" {
			out.Errors[name], out.Open = said, true
		}
	}
	set := []string{m.Title, m.Warning, m.Campaign, cutWords(m.FirstComment, 30)}
	for _, t := range m.Tags {
		set = append(set, "#"+t)
	}
	out.Set = cutWords(strings.Join(slices.DeleteFunc(set, func(s string) bool { return s == "" }), " · "), 90)
	out.Language = append(out.Language, view.Option{Label: x.t("postpage.language.company"), Selected: m.Language == ""})
	for _, lang := range i18n.Langs {
		out.Language = append(out.Language, view.Option{Value: lang, Label: x.t("settings.locale." + lang), Selected: m.Language == lang})
	}
	for _, v := range []network.Visibility{network.Public, network.Unlisted, network.Followers} {
		out.Visibility = append(out.Visibility, view.Option{Value: string(v), Label: x.t("postpage.visibility." + string(v)), Selected: m.Visibility == v})
	}
	if !x.v.actor.Can(team.PostsRead) {
		out.Signature = []view.Option{{Value: string(m.Signature), Label: x.t("postpage.signature.none"), Selected: true}}
		return out, nil
	}
	all, err := x.rooms.Posts.Snippets(x.ctx(), x.v.actor, "")
	if err != nil {
		return out, err
	}
	out.Signature = append(out.Signature, view.Option{Label: x.t("postpage.signature.none"), Selected: m.Signature == ""})
	for _, s := range all {
		switch s.Kind {
		case post.Signature:
			out.Signature = append(out.Signature, view.Option{Value: string(s.ID), Label: s.Name, Selected: m.Signature == s.ID})
		case post.TagSet:
			out.TagSets = append(out.TagSets, view.PostTagSet{Name: s.Name, Value: strings.Join(s.Message.Tags, " ")})
		case post.Template:
			out.Templates = append(out.Templates, view.PostTagSet{Name: s.Name, Value: string(s.ID)})
		}
	}
	return out, nil
}

func (x *postDesk) comments() *view.PostComments {
	out := &view.PostComments{URL: x.base + "/comments", Text: x.state.value("comment", "text"), Error: x.state.error("comment", "text")}
	if x.v.actor.Member == "" {
		out.URL = ""
	}
	for _, c := range x.file.Comments {
		row := view.PostComment{Who: x.memberWho(c.Member), Name: x.memberName(c.Member), When: x.moment(c.At), Text: c.Text}
		if c.Member == "" {
			row.Who, row.Name = view.WhoProps{Name: c.Guest}, x.t("postpage.guest.said", "name", c.Guest)
		}
		if c.Member != "" && c.Member == x.v.actor.Member || x.v.actor.Can(team.PostsManage) {
			row.DropURL = x.base + "/comments/" + string(c.ID) + "/drop"
		}
		out.Items = append(out.Items, row)
	}
	return out
}

// share offers those who may not read all posts.
func (x *postDesk) share() *view.PostShare {
	out := &view.PostShare{URL: x.base + "/share"}
	for _, m := range x.activeMembers() {
		if m.Role.Can(team.PostsRead) && !slices.Contains(x.file.Shared, m.ID) {
			continue
		}
		out.Members = append(out.Members, view.CheckProps{Name: "members", Value: string(m.ID), Label: m.Name, Hint: m.Job, Checked: slices.Contains(x.file.Shared, m.ID)})
	}
	if len(out.Members) == 0 {
		return nil
	}
	return out
}

// renderLook answers with the parts that show what becomes of what is written.
func (x *postDesk) renderLook(rw http.ResponseWriter, f postForm) error {
	p := x.postPage("")
	return x.render(rw, x.r, http.StatusOK, inside(view.Fragment(p), x.lookParts(p, f)...))
}

func (x *postDesk) lookParts(p view.Page, f postForm) []templ.Component {
	look, own := x.look(), x.ownTabs()
	out := []templ.Component{
		view.PostRulerPart(look, true), view.PostPreviews(p, look, true), view.PostAdviceList(p, look, true), view.PostMarks(x.message(), true),
		view.PostTrackPart(look.Track, true),
	}
	if !sameTabs(f.tabs, own) {
		return append(out, view.PostOwnTabs(p, own, x.state.open, true))
	}
	for _, o := range own {
		out = append(out, view.PostOwnSign(p, o, true), view.PostOwnNotes(p, o, true))
	}
	return out
}

// sameTabs tells whether the page has the tabs of these channels already.
func sameTabs(tabs []network.ChannelID, own []view.PostOwn) bool {
	return slices.EqualFunc(tabs, own, func(a network.ChannelID, b view.PostOwn) bool { return string(a) == b.ID })
}

// renderParts answers a save in the background: the version, when it was kept, what becomes of it.
func (x *postDesk) renderParts(rw http.ResponseWriter, status int, f postForm, stale, files bool) error {
	p := x.postPage("postpage.page", "title", x.title())
	parts := []templ.Component{view.PostSavedPart(p, x.saved(), true)}
	if stale {
		parts = append(parts, view.PostKeepOff())
	} else {
		if f.id == "" && x.file.Post.ID != "" {
			parts = append(parts, view.PostBellPart(x.bell(), true))
		}
		parts = append(parts, view.PostIDs(string(x.file.Post.ID), strconv.Itoa(x.file.Post.Version)))
	}
	if files {
		parts = append(parts, view.PostFileList(p, x.files(), true))
		f.tabs = nil // the tabs show the files too
	}
	parts = append(parts, x.lookParts(p, f)...)
	return x.render(rw, x.r, status, inside(view.Fragment(p), parts...))
}

// correct sends what was written in the place of what stands.
func (x *postDesk) correct(rw http.ResponseWriter, f postForm) error {
	c, err := x.rooms.Posts.EditSent(x.ctx(), x.v.actor, post.EditIn{Post: f.id, Version: f.version, Message: f.written.Message, Own: f.written.Own, Confirm: f.confirm})
	if pr, bad := x.wrong(rw, x.r, err, errKinds...); bad {
		x.file.Written = f.written
		x.state = postState{form: "write", wrong: pr.Fields, open: f.open}
		said := pr.Text
		for _, name := range sortedIDs(pr.Fields) {
			if !slices.Contains([]string{"text", "channels", "own", "media", "title", "warning", "tags"}, name) {
				said = strings.TrimSpace(said + " " + pr.Fields[name])
			}
		}
		if said != "" {
			x.state.problem = &view.TroubleProps{Title: said, Remedy: pr.Remedy}
		}
		if err := x.preview(); err != nil {
			return err
		}
		return x.showWriting(rw, pr.Status)
	} else if err != nil {
		return err
	}
	key := "postpage.edit.done"
	if c.State == post.CorrectionPending {
		key = "postpage.edit.asked"
	}
	return x.done(rw, x.r, x.base, key)
}

// trouble says a cause with its remedy.
func (x *postDesk) trouble(t *delivery.Trouble) (cause, remedy string) {
	if t == nil {
		return "", ""
	}
	cause = x.t(t.Key, t.Args)
	if x.v.words.Has(t.Key + ".remedy") {
		remedy = x.t(t.Key+".remedy", t.Args)
	}
	return cause, remedy
}
