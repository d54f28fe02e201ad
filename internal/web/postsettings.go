package web

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/schedule"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

func (w *Web) postSettingsRoutes() {
	at := view.PathPostSettings
	w.member("GET "+at, w.showPostSettings)
	w.member("POST "+at, w.savePostSettings)
	w.member("POST "+at+"/snippets", w.saveSnippet)
	w.member("POST "+at+"/snippets/{id}/delete", w.deleteSnippet)
}

// moreWindows is how many empty lines stand below the times in which nothing is published.
const moreWindows = 2

// tagHabits are the places for hashtags that a company may choose on a channel.
var tagHabits = []string{"", "inline", "end", "none"}

// postSettingsState is what an answer to a form adds to the page.
type postSettingsState struct {
	status  int
	typed   url.Values // of the settings
	wrong   problem
	days    map[string]string // what is wrong with a day, by field
	snippet *view.SnippetForm
}

func (w *Web) showPostSettings(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	return d.postSettings(rw, postSettingsState{status: http.StatusOK})
}

func quietField(d time.Weekday) string { return "quiet" + strconv.Itoa(int(d)) }

func slotField(ch network.ChannelID, d time.Weekday) string {
	return "slots-" + string(ch) + "-" + strconv.Itoa(int(d))
}

// settingsForm writes settings as the fields of the form, so that what was typed and what is kept are drawn in the same way.
func (d *desk) settingsForm(s post.Settings) url.Values {
	f := url.Values{
		"approval": {string(s.Approval)}, "first": {string(s.First)}, "second": {string(s.Second)}, "late": {strconv.Itoa(s.Late)},
		"own": {strings.Join(s.Own, "\n")}, "public": {strings.Join(s.Public, "\n")},
	}
	for _, wd := range weekdays {
		var spans []team.Span
		for _, x := range s.Quiet.Weekly {
			if x.Weekday == wd {
				spans = append(spans, team.Span{From: x.From, To: x.To})
			}
		}
		slices.SortFunc(spans, func(a, b team.Span) int { return a.From - b.From })
		f.Set(quietField(wd), hoursText(spans))
	}
	for _, x := range s.Quiet.Windows {
		f["window-from"] = append(f["window-from"], x.From.String())
		f["window-to"] = append(f["window-to"], x.To.String())
		f["window-name"] = append(f["window-name"], x.Name)
	}
	for ch := range d.channels {
		for _, wd := range weekdays {
			var at []string
			slots := slices.SortedFunc(slices.Values(s.Slots[ch]), func(a, b schedule.Slot) int { return a.Minute - b.Minute })
			for _, x := range slots {
				if x.Weekday == wd {
					at = append(at, clockOf(x.Minute))
				}
			}
			f.Set(slotField(ch, wd), strings.Join(at, ", "))
		}
		f.Set("tags-"+string(ch), s.Habits[ch].Tags)
		f.Set("category-"+string(ch), s.Habits[ch].Category)
		f.Set("as-"+string(ch), articleAs(s.Habits[ch]))
	}
	return f
}

// readPostSettings reads the form. wrong is by field what cannot be read.
func (d *desk) readPostSettings(f url.Values, was post.Settings) (s post.Settings, wrong map[string]string) {
	wrong = map[string]string{}
	s = post.Settings{
		Approval: post.Mode(f.Get("approval")), Own: lines(f.Get("own")), Public: lines(f.Get("public")),
		Slots: maps.Clone(was.Slots), Habits: maps.Clone(was.Habits),
	}
	switch s.Approval {
	case post.ModeRole:
		s.First = team.Role(f.Get("first"))
	case post.ModeTwo:
		s.First, s.Second = team.Role(f.Get("first")), team.Role(f.Get("second"))
	}
	s.Late, _ = strconv.Atoi(strings.TrimSpace(f.Get("late"))) // not a number: too few, which is refused
	for _, wd := range weekdays {
		spans, ok := readHours(f.Get(quietField(wd)))
		if !ok {
			wrong[quietField(wd)] = d.t("postplan.quiet.wrong")
		}
		for _, x := range spans {
			s.Quiet.Weekly = append(s.Quiet.Weekly, schedule.Weekly{Weekday: wd, From: x.From, To: x.To % (24 * 60)})
		}
	}
	for i, from := range f["window-from"] {
		to, name := at(f["window-to"], i), strings.TrimSpace(at(f["window-name"], i))
		if from == "" && to == "" && name == "" {
			continue
		}
		a, okA := schedule.ParseWall(from)
		b, okB := schedule.ParseWall(to)
		if !okA || !okB || b.Compare(a) <= 0 {
			wrong["window-"+strconv.Itoa(i)] = d.t("postplan.windows.wrong")
			continue
		}
		s.Quiet.Windows = append(s.Quiet.Windows, schedule.Window{From: a, To: b, Name: name})
	}
	if s.Slots == nil {
		s.Slots = map[network.ChannelID][]schedule.Slot{}
	}
	if s.Habits == nil {
		s.Habits = map[network.ChannelID]post.Habit{}
	}
	for _, ch := range d.postChannels() {
		var slots []schedule.Slot
		there := false
		for _, wd := range weekdays {
			there = there || f.Has(slotField(ch.ID, wd))
			times, ok := readTimes(f.Get(slotField(ch.ID, wd)))
			if !ok {
				wrong[slotField(ch.ID, wd)] = d.t("postplan.slots.wrong")
			}
			for _, m := range times {
				slots = append(slots, schedule.Slot{Weekday: wd, Minute: m})
			}
		}
		if !there { // connected since the form was drawn
			continue
		}
		delete(s.Slots, ch.ID)
		if len(slots) > 0 {
			s.Slots[ch.ID] = slots
		}
		delete(s.Habits, ch.ID)
		h := post.Habit{Tags: f.Get("tags-" + string(ch.ID))}
		if ch.Network == network.Site {
			h.Category = strings.Join(strings.Fields(f.Get("category-"+string(ch.ID))), " ")
			h.Draft, h.Page = strings.HasPrefix(f.Get("as-"+string(ch.ID)), "draft"), strings.HasSuffix(f.Get("as-"+string(ch.ID)), "page")
		}
		if h != (post.Habit{}) {
			s.Habits[ch.ID] = h
		}
	}
	return s, wrong
}

// articlesAs are the ways in which what is published on a web site stands there.
var articlesAs = []string{"article", "page", "draft", "draftpage"}

func articleAs(h post.Habit) string {
	switch {
	case h.Draft && h.Page:
		return "draftpage"
	case h.Draft:
		return "draft"
	case h.Page:
		return "page"
	}
	return "article"
}

func at(all []string, i int) string {
	if i < len(all) {
		return strings.TrimSpace(all[i])
	}
	return ""
}

func lines(s string) []string {
	var out []string
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// readTimes reads times of the day as people write them: "9, 12.30 e 18:30".
func readTimes(s string) (minutes []int, ok bool) {
	s = strings.NewReplacer(".", ":", ";", ",", " e ", ",", " and ", ",").Replace(s)
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' }) {
		m, ok := readClock(part)
		if !ok || m >= 24*60 {
			return nil, false
		}
		if !slices.Contains(minutes, m) {
			minutes = append(minutes, m)
		}
	}
	slices.Sort(minutes)
	return minutes, true
}

func (w *Web) savePostSettings(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	if err := d.v.actor.May(team.PostsManage); err != nil {
		return err
	}
	was, err := w.rooms.Posts.Settings(r.Context(), d.v.actor)
	if err != nil {
		return err
	}
	s, days := d.readPostSettings(r.PostForm, was)
	state := postSettingsState{status: http.StatusUnprocessableEntity, typed: r.PostForm, days: days}
	if len(days) > 0 {
		return d.postSettings(rw, state)
	}
	err = w.rooms.Posts.ChangeSettings(r.Context(), d.v.actor, s)
	if pr, ok := w.wrong(rw, r, err, fault.Invalid, fault.Conflict); ok {
		state.status, state.wrong = pr.Status, pr
		return d.postSettings(rw, state)
	} else if err != nil {
		return err
	}
	return d.done(rw, r, view.PathPostSettings, "settings.saved.done")
}

// postSettings draws the page.
func (d *desk) postSettings(rw http.ResponseWriter, state postSettingsState) error {
	s, err := d.rooms.Posts.Settings(d.ctx(), d.v.actor)
	if err != nil {
		return err
	}
	f := state.typed
	if f == nil {
		f = d.settingsForm(s)
	}
	out := view.PostSettings{
		Tabs: d.v.tabs(view.PathPostSettings), Change: d.v.actor.Can(team.PostsManage), Error: state.wrong.Text, Remedy: state.wrong.Remedy, Errors: state.wrong.Fields,
		Late: f.Get("late"), Own: f.Get("own"), Public: f.Get("public"),
	}
	if out.Error == "" && len(out.Errors)+len(state.days) > 0 {
		out.Error = d.t("postplan.wrong")
	}
	for _, m := range post.Modes {
		out.Approvals = append(out.Approvals, view.ChoiceProps{
			Name: "approval", Value: string(m), Title: d.t("postplan.approval." + string(m)), What: d.t("postplan.approval." + string(m) + ".what"), Checked: f.Get("approval") == string(m),
		})
	}
	out.First = []view.Option{{Label: d.t("postplan.anybody"), Selected: f.Get("first") == ""}}
	out.Second = []view.Option{{Label: d.t("team.role." + string(team.Owner)), Selected: f.Get("second") == ""}}
	for _, r := range team.Roles {
		if !r.Can(team.PostsApprove) {
			continue
		}
		o := view.Option{Value: string(r), Label: d.t("team.role." + string(r))}
		o.Selected = f.Get("first") == o.Value
		out.First = append(out.First, o)
		if r != team.Owner {
			o.Selected = f.Get("second") == o.Value
			out.Second = append(out.Second, o)
		}
	}
	for _, wd := range weekdays {
		name := quietField(wd)
		out.Days = append(out.Days, view.DayHours{Name: name, Label: d.t("settings.day." + strconv.Itoa(int(wd))), Value: f.Get(name), Error: state.days[name]})
	}
	windows := len(f["window-from"])
	if state.typed == nil {
		windows += moreWindows
	}
	for i := range windows {
		out.Windows = append(out.Windows, view.QuietWindow{
			N: strconv.Itoa(i + 1), From: at(f["window-from"], i), To: at(f["window-to"], i), Name: at(f["window-name"], i), Error: state.days["window-"+strconv.Itoa(i)],
		})
	}
	for _, ch := range d.postChannels() {
		out.Channels = append(out.Channels, d.habit(ch, f, state.days))
	}
	d.decided(&out, f)
	if err := d.snippets(&out, state); err != nil {
		return err
	}
	p := d.Web.page(d.r, view.RoomSettings, "postplan.title")
	return d.showStatus(rw, d.r, state.status, p, view.PostSettingsPage(p, out))
}

// decided says of each thing what holds, as it stands in the form, and opens what has something wrong in it.
func (d *desk) decided(out *view.PostSettings, f url.Values) {
	role := func(name, without string) string {
		if r := f.Get(name); r != "" {
			return d.t("team.role." + r)
		}
		return d.t(without)
	}
	wrong := func(names ...string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return out.Errors[n] != "" })
	}
	set := func(i int, id, title, now string, open bool) {
		out.Decided[i] = view.Decision{ID: id, Title: d.t(title), Now: now, Open: open}
		out.Facts = append(out.Facts, view.Fact{Label: d.t(title), Value: now})
	}
	yes := d.t("postplan.now.none")
	switch mode := post.Mode(f.Get("approval")); mode {
	case post.ModeNone, post.ModeOne, post.ModeOwner:
		yes = d.t("postplan.approval." + string(mode))
	case post.ModeRole:
		yes = d.t("postplan.now.role", "first", role("first", "postplan.now.anybody"))
	case post.ModeTwo:
		yes = d.t("postplan.now.two", "first", role("first", "postplan.now.anybody"), "second", role("second", "team.role."+string(team.Owner)))
	}
	set(0, "approval", "postplan.approval", yes, wrong("approval", "first", "second"))
	minutes, _ := strconv.Atoi(strings.TrimSpace(f.Get("late"))) // what is none is told beside the field
	set(1, "late-title", "postplan.late", d.t("postplan.now.late", "span", d.v.words.Span(time.Duration(minutes)*time.Minute)), wrong("late"))
	days, windows, bad := 0, 0, wrong("quiet")
	for _, x := range out.Days {
		if bad = bad || x.Error != ""; strings.TrimSpace(x.Value) != "" {
			days++
		}
	}
	for _, x := range out.Windows {
		if bad = bad || x.Error != ""; x.From+x.To+x.Name != "" {
			windows++
		}
	}
	set(2, "quiet", "postplan.quiet", d.both("postplan.now.days", days, "postplan.now.windows", windows, "postplan.quiet.none"), bad)
	slots, bad := 0, wrong("slots", "habits")
	for _, c := range out.Channels {
		slots, bad = slots+c.Slots, bad || c.Open
	}
	set(3, "slots", "postplan.slots", d.both("postplan.slots.count", slots, "", 0, "postplan.slots.zero"), bad)
	set(4, "words-title", "postplan.words", d.both("postplan.now.names", len(lines(out.Own)), "postplan.now.public", len(lines(out.Public)), "postplan.now.none"), wrong("own", "public"))
}

// both counts two things, or says that there is neither.
func (d *desk) both(one string, n int, other string, m int, neither string) string {
	switch {
	case n > 0 && m > 0:
		return d.v.words.N(one, n) + ", " + d.v.words.N(other, m)
	case n > 0:
		return d.v.words.N(one, n)
	case m > 0:
		return d.v.words.N(other, m)
	}
	return d.t(neither)
}

// habit is what the company is used to on a channel.
func (d *desk) habit(ch network.Channel, f url.Values, wrong map[string]string) view.PostHabit {
	h := view.PostHabit{ID: string(ch.ID), Net: string(ch.Network), Label: d.channelLabel(ch.ID)}
	for _, wd := range weekdays {
		name := slotField(ch.ID, wd)
		h.Days = append(h.Days, view.DayHours{Name: name, Label: d.t("settings.day." + strconv.Itoa(int(wd))), Value: f.Get(name), Error: wrong[name]})
		if times, ok := readTimes(f.Get(name)); ok {
			h.Slots += len(times)
		}
		h.Open = h.Open || wrong[name] != ""
	}
	h.Say = d.both("postplan.slots.count", h.Slots, "", 0, "postplan.slots.zero")
	for _, t := range tagHabits {
		key := "postplan.tags.own"
		if t != "" {
			key = "postplan.tags." + t
		}
		h.Tags = append(h.Tags, view.Option{Value: t, Label: d.t(key), Selected: f.Get("tags-"+string(ch.ID)) == t})
	}
	if ch.Network == network.Site {
		h.Site, h.Category = true, f.Get("category-"+string(ch.ID))
		for _, as := range articlesAs {
			h.As = append(h.As, view.Option{Value: as, Label: d.t("postplan.as." + as), Selected: f.Get("as-"+string(ch.ID)) == as})
		}
	}
	return h
}

// snippets lists the words that are kept, and the form that writes one.
func (d *desk) snippets(out *view.PostSettings, state postSettingsState) error {
	all, err := d.rooms.Posts.Snippets(d.ctx(), d.v.actor, "")
	if err != nil {
		return err
	}
	wish := d.r.URL.Query().Get("snippet")
	if state.snippet != nil {
		out.Edit = *state.snippet
	}
	kind := string(post.Template)
	for _, k := range post.SnippetKinds {
		g := view.SnippetGroup{Kind: string(k), Title: d.t("postplan.snippet." + string(k)), Empty: d.t("postplan.none." + string(k))}
		for _, s := range all {
			if s.Kind != k {
				continue
			}
			line := view.SnippetLine{ID: string(s.ID), Name: s.Name, Text: cutWords(s.Message.Text, 160)}
			if len(s.Message.Tags) > 0 {
				line.Note = "#" + strings.Join(s.Message.Tags, " #")
			}
			g.Items = append(g.Items, line)
			if state.snippet == nil && string(s.ID) == wish {
				out.Edit = view.SnippetForm{ID: wish, Name: s.Name, Text: s.Message.Text, Tags: strings.Join(s.Message.Tags, ", ")}
				kind = string(k)
			}
		}
		out.Snippets = append(out.Snippets, g)
	}
	if state.snippet != nil {
		kind = d.r.PostFormValue("kind")
	}
	for _, k := range post.SnippetKinds {
		// What is there keeps its kind: it is used as that.
		if out.Edit.ID == "" || kind == string(k) {
			out.Edit.Kinds = append(out.Edit.Kinds, view.Option{Value: string(k), Label: d.t("postplan.snippet.one." + string(k)), Selected: kind == string(k)})
		}
	}
	return nil
}

// saveSnippet keeps a template, a signature or a set of tags. Of what is there already only what the form shows changes.
func (w *Web) saveSnippet(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	if err := d.v.actor.May(team.PostsManage); err != nil {
		return err
	}
	s := post.Snippet{ID: post.SnippetID(r.PostFormValue("id")), Kind: post.SnippetKind(r.PostFormValue("kind"))}
	if s.ID != "" {
		all, err := w.rooms.Posts.Snippets(r.Context(), d.v.actor, "")
		if err != nil {
			return err
		}
		for _, x := range all {
			if x.ID == s.ID {
				s = x
			}
		}
	}
	s.Name, s.Message.Text, s.Message.Tags = r.PostFormValue("name"), unix(r.PostFormValue("text")), nil
	for tag := range strings.FieldsFuncSeq(r.PostFormValue("tags"), func(c rune) bool { return c == ',' || c == ';' || c == ' ' || c == '#' || c == '\n' || c == '\r' }) {
		s.Message.Tags = append(s.Message.Tags, tag)
	}
	_, err = w.rooms.Posts.SaveSnippet(r.Context(), d.v.actor, s)
	if pr, ok := w.wrong(rw, r, err, fault.Invalid, fault.Conflict, fault.NotFound); ok {
		return d.postSettings(rw, postSettingsState{status: pr.Status, snippet: &view.SnippetForm{
			ID: string(s.ID), Name: s.Name, Text: s.Message.Text, Tags: r.PostFormValue("tags"), Error: pr.Text, Remedy: pr.Remedy, Errors: pr.Fields,
		}})
	} else if err != nil {
		return err
	}
	return d.done(rw, r, view.PathPostSettings+"#snippets-"+string(s.Kind), "postplan.snippet.saved")
}

func (w *Web) deleteSnippet(rw http.ResponseWriter, r *http.Request) error {
	if err := w.rooms.Posts.DeleteSnippet(r.Context(), visitOf(r).actor, post.SnippetID(r.PathValue("id"))); err != nil {
		return err
	}
	return w.done(rw, r, view.PathPostSettings+"#snippet", "postplan.snippet.deleted")
}
