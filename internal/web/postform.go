package web

import (
	"errors"
	"hash/fnv"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/team"
)

// postForm is what the composer sends.
type postForm struct {
	id       post.ID
	version  int
	written  post.Written
	tabs     []network.ChannelID // the channels whose tabs are on the page
	open     string
	follow   network.ChannelID
	template post.SnippetID
	confirm  []string
	files    []*multipart.FileHeader
	wrong    error // what was wrong before anything was kept: a file that could not be taken in
	values   url.Values
}

// empty tells that nothing worth keeping was written yet.
func (f postForm) empty() bool {
	m := f.written.Message
	return strings.TrimSpace(m.Text) == "" && m.Title == "" && len(m.Media) == 0
}

// postForm reads the composer. done lets go of what it holds on disk.
func (w *Web) postForm(r *http.Request) (d *desk, f postForm, done func(), err error) {
	done = func() {}
	if err := r.ParseMultipartForm(1 << 20); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		if tooBig(err) {
			return nil, f, done, err
		}
		return nil, f, done, media.ErrBroken.Because(err)
	}
	if form := r.MultipartForm; form != nil {
		done = func() { _ = form.RemoveAll() } // temporary files: the system clears what stays
		f.files = form.File["file"]
	}
	if d, err = w.sideDesk(r); err != nil {
		return nil, f, done, err
	}
	f.values = r.PostForm
	get := func(name string) string { return f.values.Get(name) }
	f.id, f.open = post.ID(get("post")), get("tab")
	f.version, _ = strconv.Atoi(get("version")) // not a number: no version, so stale
	f.follow, f.template, f.confirm = network.ChannelID(get("follow")), post.SnippetID(get("template")), f.values["confirm"]
	for _, t := range f.values["tabs"] {
		f.tabs = append(f.tabs, network.ChannelID(t))
	}
	f.written = f.read()
	if len(f.files) > 0 || f.template != "" {
		// Before anything of the form is used, whoever sends it must be allowed to write.
		if f.id == "" {
			err = d.v.actor.May(team.PostsWrite)
		} else {
			_, err = w.rooms.Posts.Preview(r.Context(), d.v.actor, post.PreviewIn{Post: f.id})
		}
		if err != nil {
			return nil, f, done, err
		}
	}
	f.takeIn(d)
	if f.template != "" {
		if err := f.fill(d); err != nil {
			return nil, f, done, err
		}
	}
	return d, f, done, nil
}

// read reads the message, its channels and what is written by hand for some.
func (f *postForm) read() post.Written {
	get := func(name string) string { return unix(f.values.Get(name)) }
	m := post.Message{
		Title: get("title"), Text: get("text"), Warning: get("warning"), Language: get("language"), Visibility: network.Visibility(get("visibility")),
		Signature: post.SnippetID(get("signature")), FirstComment: get("first-comment"), Campaign: get("campaign"), Numbering: get("numbering") != "", Track: get("track") != "",
	}
	m.Tags = strings.FieldsFunc(get("tags"), func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\t' || r == '#' })
	for i, raw := range f.values["media"] {
		id, err := media.ParseID(raw)
		if err != nil || slices.Contains(f.values["media-drop"], raw) {
			continue
		}
		m.Media = append(m.Media, post.Media{
			ID: id, Alt: unix(nth(f.values["media-alt"], i)), FocusX: hundredth(nth(f.values["media-x"], i)), FocusY: hundredth(nth(f.values["media-y"], i)),
		})
	}
	if id, err := media.ParseID(f.values.Get("media-add")); err == nil && !slices.ContainsFunc(m.Media, func(x post.Media) bool { return x.ID == id }) {
		m.Media = append(m.Media, post.Media{ID: id}) // its description is the one it has
	}
	w := post.Written{Message: m, Own: map[network.ChannelID]post.Own{}}
	for _, ch := range f.values["channels"] {
		w.Channels = append(w.Channels, network.ChannelID(ch))
	}
	for _, ch := range w.Channels {
		if own, changed := f.own(ch, m); changed && ch != f.follow {
			w.Own[ch] = own
		}
	}
	return w
}

// own reads a channel's tab. A variant follows the message until somebody changed it: by the word of the browser, else by what
// stands in the field now and what stood in it before.
func (f *postForm) own(ch network.ChannelID, m post.Message) (post.Own, bool) {
	if !slices.Contains(f.tabs, ch) {
		return post.Own{}, false
	}
	id := string(ch)
	pick := func(name, there string) string {
		if _, shown := f.values[name+id]; shown {
			return unix(f.values.Get(name + id))
		}
		return there
	}
	o := post.Own{
		Title: pick("own-title-", m.Title), Text: pick("own-text-", m.Text), Warning: pick("own-warning-", m.Warning), FirstComment: pick("own-comment-", m.FirstComment),
	}
	ticked := f.values["own-file-"+id]
	left := false
	for i, x := range m.Media {
		was := strings.Contains(f.values.Get("own-files-"+id), string(x.ID))
		if was && !slices.Contains(ticked, string(x.ID)) {
			left = true
			continue
		}
		o.Media = append(o.Media, i)
	}
	if !left {
		o.Media = nil
	} else if o.Media == nil {
		o.Media = []int{}
	}
	switch f.values.Get("own-is-" + id) {
	case "0":
		return o, false
	case "":
		if f.values.Get("own-base-"+id) == baseOf(o.Title, o.Text, o.Warning, o.FirstComment, strings.Join(ticked, " ")) {
			return o, false
		}
	}
	same := o.Title == m.Title && o.Text == m.Text && o.Warning == m.Warning && o.FirstComment == m.FirstComment && o.Media == nil
	return o, !same
}

// baseOf names what stands in the fields of a tab.
func baseOf(fields ...string) string {
	h := fnv.New64a()
	for _, s := range fields {
		_, _ = h.Write([]byte(unix(s) + "\x00")) // never fails
	}
	return strconv.FormatUint(h.Sum64(), 36)
}

// takeIn keeps the files that came with the form.
func (f *postForm) takeIn(d *desk) {
	for _, h := range f.files {
		if h.Size == 0 && h.Filename == "" {
			continue
		}
		file, err := d.takeIn(h, "", 0)
		if err != nil {
			e := fault.Of(err)
			if e.Kind != fault.Invalid {
				f.wrong = err
				return
			}
			f.wrong = fault.InvalidFields(fault.Field{Name: "media", Key: e.Key, Args: e.Args})
			continue
		}
		f.written.Message.Media = append(f.written.Message.Media, post.Media{ID: file.ID})
	}
}

// fill takes a template in: as the message when nothing is written yet, else behind it.
func (f *postForm) fill(d *desk) error {
	all, err := d.rooms.Posts.Snippets(d.ctx(), d.v.actor, post.Template)
	if err != nil {
		return err
	}
	for _, s := range all {
		if s.ID != f.template {
			continue
		}
		m := &f.written.Message
		if strings.TrimSpace(m.Text) == "" {
			m.Text = s.Message.Text
			m.Title, m.Warning = first(m.Title, s.Message.Title), first(m.Warning, s.Message.Warning)
		} else {
			m.Text = strings.TrimRight(m.Text, "\n ") + "\n\n" + s.Message.Text
		}
		if len(m.Tags) == 0 {
			m.Tags = s.Message.Tags
		}
	}
	return nil
}

// unix gives a text one form of line ends, as browsers send another.
func unix(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }

func hundredth(s string) float64 {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return float64(max(-100, min(100, n))) / 100
}
