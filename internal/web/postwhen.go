package web

import (
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

// leaves is the sheet that says when a draft goes out and whose yes it needs.
func (x *postDesk) leaves() (*view.PostLeaves, error) {
	s, err := x.rooms.Posts.Settings(x.ctx(), x.v.actor)
	if err != nil {
		return nil, err
	}
	out := &view.PostLeaves{Wanted: x.wanted(s), Ask: x.askWhom()}
	confirm := map[string]any{
		"formaction": view.PathPosts + "/confirm", "hx-post": view.PathPosts + "/confirm", "hx-target": "#post-confirm", "hx-swap": "innerHTML", "hx-include": "#post-form",
		"hx-encoding": "multipart/form-data", "data-keep-scroll": true,
	}
	plan := view.KeyProps{Label: x.t("postpage.go.plan"), Name: "do", Value: "plan", Kind: view.KeyRed, Big: true, Attrs: confirm}
	ask := view.KeyProps{Label: x.t("postpage.go.ask"), Name: "do", Value: "ask", Icon: "approve", Attrs: confirm}
	if !x.v.actor.Can(team.PostsPublish) {
		ask.Kind, ask.Big = view.KeyRed, true
		out.Go = ask
		return out, nil
	}
	if out.When, err = x.when(s); err != nil {
		return nil, err
	}
	if s.Approval != post.ModeNone {
		plan.Label = x.t("postpage.go.planask")
	}
	out.Go, out.Also = plan, []view.KeyProps{ask}
	if x.file.Stop != nil {
		out.Note = x.t("postpage.paused", "name", x.memberName(x.file.Stop.By), "why", x.file.Stop.Why)
	}
	return out, nil
}

// wanted says whose yes the company wants before a post goes out.
func (d *desk) wanted(s post.Settings) string {
	role := func(r team.Role, none string) string {
		if r == "" {
			return none
		}
		return d.t("team.role." + string(r))
	}
	switch s.Approval {
	case post.ModeOne:
		return d.t("postpage.wanted.one")
	case post.ModeRole:
		return d.t("postpage.wanted.role", "role", role(s.First, ""))
	case post.ModeOwner:
		return d.t("postpage.wanted.owner")
	case post.ModeTwo:
		return d.t("postpage.wanted.two", "first", role(s.First, d.t("postpage.wanted.anybody")), "second", role(s.Second, d.t("team.role.owner")))
	}
	return d.t("postpage.wanted.none")
}

func (x *postDesk) askWhom() *view.PostAsk {
	out := &view.PostAsk{Note: x.state.value("write", "note"), Error: x.state.error("write", "note")}
	for _, m := range x.activeMembers() {
		if m.ID == x.v.actor.Member {
			continue
		}
		out.Members = append(out.Members, view.CheckProps{Name: "of", Value: string(m.ID), Label: m.Name, Hint: first(m.Job, x.t("team.role."+string(m.Role)))})
	}
	return out
}

// when offers a time: what was wished for, else the next free slot, else an hour.
func (x *postDesk) when(s post.Settings) (*view.PostWhen, error) {
	was := x.file.Post.When
	out := &view.PostWhen{
		Kind: string(was.Kind), Zone: zoneName(x.v.words, x.v.company.Zone), ClockURL: view.PathPosts + "/clock", Errors: map[string]string{}, Min: schedule.WallOf(x.now, x.zone).String(),
	}
	if said := x.state.error("write", "when"); said != "" {
		out.Errors["when"] = said
	}
	slot, channel, full := time.Time{}, network.ChannelID(""), len(x.file.Written.Channels) > 0
	for _, ch := range x.file.Written.Channels {
		free, err := x.rooms.Posts.FreeSlots(x.ctx(), x.v.actor, ch, 1)
		if err != nil {
			return nil, err
		}
		if len(free) == 0 {
			full = false
			continue
		}
		if slot.IsZero() || free[0].Before(slot) {
			slot, channel = free[0], ch
		}
	}
	if full {
		out.Slot = x.t("postpage.when.slot", "moment", x.moment(slot))
		if len(x.file.Written.Channels) > 1 {
			out.SlotNote = x.t("postpage.when.slot.first", "channel", x.channelLabel(channel))
		}
	}
	if out.Kind == "" {
		out.Kind = "at"
		if full {
			out.Kind = "slot"
		}
	}
	at := x.now.Add(time.Hour).Truncate(time.Hour).Add(time.Hour)
	if was.Kind == post.At {
		out.At = was.Wall.String()
	} else {
		out.At = schedule.WallOf(at, x.zone).String()
	}
	best, err := x.rooms.Posts.BestHours(x.ctx(), x.v.actor, "")
	if err != nil {
		return nil, err
	}
	for _, h := range best.Hours {
		if h.Few || len(out.Best) == 3 {
			break
		}
		next := nextHour(x.now, h.Weekday, h.Hour)
		out.Best = append(out.Best, view.PostHour{
			Text: x.t("postpage.best.hour", "day", x.t("settings.day."+strconv.Itoa(int(h.Weekday))), "hour", strconv.Itoa(h.Hour)),
			Of:   x.v.words.N("postpage.best.of", h.Cases, "days", x.v.words.Number(h.Days)), At: schedule.WallOf(next, x.zone).String(),
		})
	}
	out.BestNote = x.t("postpage.best", "weeks", x.v.words.Number(best.Weeks), "wrote", x.v.words.Number(best.Wrote), "posts", x.v.words.Number(best.Posts), "visits", x.v.words.Number(best.Visits))
	if len(out.Best) == 0 {
		out.BestNote = x.v.words.N("postpage.best.few", best.Wrote+best.Visits, "weeks", x.v.words.Number(best.Weeks))
	}
	out.Repeat = x.repeat(was.Repeat)
	if was.Kind == post.At {
		clock, err := x.clock(was.Wall, was.Second, was.Anyway)
		if err != nil {
			return nil, err
		}
		out.Clock = clock
	}
	return out, nil
}

// nextHour is the next time that it is this hour of this day.
func nextHour(now time.Time, day time.Weekday, hour int) time.Time {
	t := time.Date(now.Year(), now.Month(), now.Day(), hour, 0, 0, 0, now.Location())
	t = t.AddDate(0, 0, (int(day)-int(now.Weekday())+7)%7)
	if !t.After(now) {
		t = t.AddDate(0, 0, 7)
	}
	return t
}

func (x *postDesk) repeat(was *schedule.Rule) view.PostRepeat {
	out := view.PostRepeat{Interval: "1", Errors: map[string]string{}}
	every := schedule.Unit("")
	var on []time.Weekday
	if was != nil {
		out.Open, every, on, out.Interval = true, was.Every, was.Weekdays, strconv.Itoa(max(1, was.Interval))
		if !was.Until.IsZero() {
			out.Until = was.Until.In(x.zone).Format(time.DateOnly)
		}
		if was.Count > 0 {
			out.Count = strconv.Itoa(was.Count)
		}
	}
	if x.state.form == "write" {
		for _, name := range []string{"every", "interval", "weekdays", "until", "count", "repeat"} {
			if said := x.state.wrong[name]; said != "" {
				out.Open, out.Errors[name] = true, said
			}
		}
	}
	out.Every = append(out.Every, view.Option{Label: x.t("postpage.repeat.not"), Selected: every == ""})
	for _, u := range []schedule.Unit{schedule.Day, schedule.Week, schedule.Month} {
		out.Every = append(out.Every, view.Option{Value: string(u), Label: x.t("postpage.repeat.every." + string(u)), Selected: every == u})
	}
	for i := range 7 {
		d := time.Weekday((i + 1) % 7)
		out.Weekdays = append(out.Weekdays, view.CheckProps{
			Name: "weekday", Value: strconv.Itoa(int(d)), Label: x.t("settings.day." + strconv.Itoa(int(d))), Checked: slices.Contains(on, d),
		})
	}
	return out
}

// whenOf reads the time from a form.
func (d *desk) whenOf(f url.Values) (post.When, error) {
	w := post.When{Kind: post.WhenKind(f.Get("when")), Second: f.Get("second") != "", Anyway: f.Get("anyway") != ""}
	if w.Kind != post.At {
		return w, nil
	}
	var ok bool
	if w.Wall, ok = schedule.ParseWall(f.Get("at")); !ok {
		return w, fault.InvalidFields(fault.Field{Name: "when", Key: "web.day.wrong"})
	}
	every := schedule.Unit(f.Get("every"))
	if every == "" {
		return w, nil
	}
	rule := &schedule.Rule{Every: every}
	number := func(name string) int {
		n, err := strconv.Atoi(strings.TrimSpace(f.Get(name)))
		if err != nil {
			return 0
		}
		return n
	}
	rule.Interval, rule.Count = number("interval"), number("count")
	for _, s := range f["weekday"] {
		if n, err := strconv.Atoi(s); err == nil && every == schedule.Week {
			rule.Weekdays = append(rule.Weekdays, time.Weekday(n))
		}
	}
	if s := f.Get("until"); s != "" {
		day, err := time.ParseInLocation(time.DateOnly, s, d.zone)
		if err != nil {
			return w, fault.InvalidFields(fault.Field{Name: "until", Key: "web.day.wrong"})
		}
		rule.Until = day.AddDate(0, 0, 1).Add(-time.Second) // to the end of the day
	}
	w.Repeat = rule
	return w, nil
}

// postClock says what is odd about an hour on the company's wall.
func (w *Web) postClock(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	wall, ok := schedule.ParseWall(r.URL.Query().Get("at"))
	if !ok {
		return w.render(rw, r, http.StatusOK, view.PostClockPart(d.postPage(""), nil))
	}
	x := &postDesk{desk: d}
	c, err := x.clock(wall, r.URL.Query().Get("second") != "", false)
	if err != nil {
		return err
	}
	return w.render(rw, r, http.StatusOK, view.PostClockPart(d.postPage(""), c))
}

func (x *postDesk) clock(wall schedule.Wall, second, anyway bool) (*view.PostClock, error) {
	says, err := x.rooms.Posts.Clock(x.ctx(), x.v.actor, wall)
	if err != nil {
		return nil, err
	}
	out := &view.PostClock{}
	if key := says.Kind.Key(); key != "" && len(says.Moments) > 0 {
		out.Lines = append(out.Lines, x.t(key, "asked", wallClock(wall), "used", x.v.words.Clock(says.Moments[0].In(x.zone))))
		if says.Kind == schedule.Doubled && len(says.Moments) > 1 {
			out.Second = &view.CheckProps{Name: "second", Label: x.t("postpage.when.second", "clock", wallClock(wall)), Checked: second}
		}
	}
	if !says.Quiet.IsZero() {
		out.Lines = append(out.Lines, x.t("postpage.when.quiet", "until", x.moment(says.Quiet)))
		out.Anyway = &view.CheckProps{Name: "anyway", Label: x.t("postpage.when.anyway"), Checked: anyway}
	}
	if len(out.Lines) == 0 {
		return nil, nil
	}
	return out, nil
}

func wallClock(w schedule.Wall) string {
	two := func(n int) string { return strconv.Itoa(n/10) + strconv.Itoa(n%10) }
	return two(w.Hour) + ":" + two(w.Minute)
}

// confirmPost keeps what is written, then says what is about to happen. Nothing goes out yet.
func (w *Web) confirmPost(rw http.ResponseWriter, r *http.Request) error {
	d, f, done, err := w.postForm(r)
	if err != nil {
		return err
	}
	defer done()
	f.follow, f.template = "", ""
	k, err := d.keep(rw, f)
	if err != nil {
		return err
	}
	if k.wrong != nil {
		return k.x.showOver(rw, k.wrong.Status)
	}
	return k.x.showConfirm(rw, http.StatusOK, f.values, nil)
}

// showOver draws the composer as the whole page, also for htmx, which asked for a dialog.
func (x *postDesk) showOver(rw http.ResponseWriter, status int) error {
	if isFragment(x.r) {
		rw.Header().Set("HX-Retarget", "#content")
		rw.Header().Set("HX-Reswap", "innerHTML")
	}
	return x.showWriting(rw, status)
}

// askFields are the fields of the composer that say when, and whom to ask.
var askFields = []string{"do", "when", "at", "second", "anyway", "every", "interval", "weekday", "until", "count", "of", "note"}

// showConfirm says who says yes, what goes out, when and who will see it.
func (x *postDesk) showConfirm(rw http.ResponseWriter, status int, f url.Values, pr *problem) error {
	c, err := x.confirm(f)
	if err != nil {
		return err
	}
	if pr != nil {
		said := pr.Text
		for _, name := range sortedIDs(pr.Fields) {
			said = strings.TrimSpace(said + " " + pr.Fields[name])
		}
		c.Problem = &view.TroubleProps{Title: said, Remedy: pr.Remedy}
	}
	p := x.postPage("postpage.page", "title", x.title())
	if isFragment(x.r) {
		return x.render(rw, x.r, http.StatusOK, inside(view.Fragment(p), view.PostConfirmDialog(p, c), view.PostIDs(string(x.file.Post.ID), strconv.Itoa(x.file.Post.Version)), view.PostSavedPart(p, x.saved(), true)))
	}
	return x.showStatus(rw, x.r, status, p, view.PostConfirmPage(p, c))
}

func (x *postDesk) confirm(f url.Values) (view.PostConfirm, error) {
	plan := f.Get("do") != "ask"
	c := view.PostConfirm{Action: x.base + "/go", Crumb: x.title(), Back: x.base, No: x.t("postpage.notyet"), Title: x.t("postpage.confirm.ask")}
	c.Hidden = append(c.Hidden, view.PostHidden{Name: "version", Value: strconv.Itoa(x.file.Post.Version)})
	for _, name := range askFields {
		for _, v := range f[name] {
			c.Hidden = append(c.Hidden, view.PostHidden{Name: name, Value: v})
		}
	}
	s, err := x.rooms.Posts.Settings(x.ctx(), x.v.actor)
	if err != nil {
		return c, err
	}
	asks := s.Approval != post.ModeNone && !(s.Approval == post.ModeOwner && x.v.actor.Role == team.Owner) || !plan
	c.Facts = append(c.Facts, view.Fact{Label: x.t("postpage.confirm.what"), Value: x.title(), Note: x.whatGoes()})
	if plan {
		c.Title = x.t("postpage.confirm.plan")
		c.Facts = append(c.Facts, x.whenFact(f))
	}
	c.Facts = append(c.Facts, view.Fact{Label: x.t("postpage.confirm.see"), Value: x.whoSees()})
	c.Facts = append(c.Facts, view.Fact{Label: x.t("postpage.confirm.yes"), Value: x.whoApproves(s, f["of"], asks)})
	c.Yes = view.KeyProps{Label: x.t("postpage.confirm.do.ask"), Icon: "approve"}
	if !asks {
		c.Yes = view.KeyProps{Label: x.t("postpage.confirm.do.plan"), Icon: "clock"}
		if f.Get("when") == string(post.Now) {
			c.Yes = view.KeyProps{Label: x.t("postpage.confirm.do.now"), Icon: "send"}
		}
	}
	for _, d := range x.doubts() {
		if d.By == "" {
			c.Doubts = append(c.Doubts, d)
		}
	}
	return c, nil
}

// whatGoes says what goes out on each channel.
func (x *postDesk) whatGoes() string {
	var out []string
	for _, ch := range sortedChannels(x.file.Channels) {
		i := slices.IndexFunc(x.file.Variants, func(v post.Variant) bool { return v.Channel == ch.ID })
		if i < 0 {
			continue
		}
		n := 0
		for _, c := range x.file.Variants[i].Contents {
			if !c.Comment {
				n++
			}
		}
		label := x.channelLabel(ch.ID)
		if n > 1 {
			label = x.v.words.N("postpage.confirm.parts", n, "channel", label)
		}
		out = append(out, label)
	}
	if len(out) == 0 {
		return x.t("postpage.confirm.nowhere")
	}
	return strings.Join(out, " · ")
}

func (x *postDesk) whenFact(f url.Values) view.Fact {
	fact := view.Fact{Label: x.t("postpage.confirm.when"), Value: x.t("postpage.when.now")}
	w, err := x.whenOf(f)
	switch {
	case w.Kind == post.Slot:
		fact.Value = x.t("postpage.when.slots")
	case w.Kind == post.At && err == nil:
		at, _ := schedule.In(w.Wall, x.zone, w.Second)
		fact.Value = x.v.words.Day(at.In(x.zone)) + ", " + x.v.words.Clock(at.In(x.zone))
		fact.Note = x.zoneNote(w, at)
		if w.Repeat != nil {
			fact.Note = x.sayRule(*w.Repeat) + " · " + fact.Note
		}
	case w.Kind == post.At:
		fact.Value = x.t("postpage.when.at")
	}
	return fact
}

// zoneNote says whose clock an hour is of, and what is odd about it: one that came from a minute the clock jumps over, or is one of two.
func (d *desk) zoneNote(w post.When, at time.Time) string {
	note := d.t("postpage.confirm.zone", "zone", zoneName(d.v.words, d.v.company.Zone))
	if w.Kind != post.At {
		return note
	}
	meant, kind := schedule.In(w.Wall, d.zone, w.Second)
	if !meant.Equal(at) {
		return note // moved on since, or an occurrence of what comes again
	}
	said := ""
	switch {
	case kind == schedule.Missing:
		said = d.t("postpage.odd.missing", "asked", wallClock(w.Wall))
	case kind == schedule.Doubled && w.Second:
		said = d.t("postpage.odd.second", "clock", wallClock(w.Wall))
	case kind == schedule.Doubled:
		said = d.t("postpage.odd.first", "clock", wallClock(w.Wall))
	default:
		return note
	}
	return said + " · " + note
}

// sayRule says how something comes again.
func (d *desk) sayRule(r schedule.Rule) string {
	out := d.v.words.N("postpage.rule."+string(r.Every), max(1, r.Interval))
	if !r.Until.IsZero() {
		out += ", " + d.t("postpage.rule.until", "date", d.v.words.Date(r.Until.In(d.zone)))
	}
	if r.Count > 0 {
		out += ", " + d.v.words.N("postpage.rule.count", r.Count)
	}
	return out
}

// whoSees says who will be able to read it.
func (x *postDesk) whoSees() string {
	v := x.file.Written.Message.Visibility
	if v == "" {
		v = network.Public
	}
	return x.t("postpage.confirm.see." + string(v))
}

func (x *postDesk) whoApproves(s post.Settings, of []string, asks bool) string {
	if !asks {
		if s.Approval == post.ModeOwner {
			return x.t("postpage.confirm.yours")
		}
		return x.t("postpage.wanted.none")
	}
	var names []string
	for _, id := range of {
		names = append(names, x.memberName(team.MemberID(id)))
	}
	said := x.wanted(s)
	if s.Approval == post.ModeNone {
		said = x.t("postpage.wanted.one")
	}
	if len(names) > 0 {
		said += " " + x.t("postpage.confirm.asked", "names", strings.Join(names, ", "))
	}
	return said
}

// sendPost does what was confirmed: asks for a yes, plans, or both.
func (w *Web) sendPost(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	id := post.ID(r.PathValue("id"))
	out, err := d.send(id, r.PostForm)
	if pr, bad := d.wrong(rw, r, err, errKinds...); bad {
		x, err := d.openPost(id, postState{form: "write", wrong: pr.Fields})
		if err != nil {
			return err
		}
		if x.file.Post.State != post.Draft || !x.file.May.Write {
			return d.postDone(rw, id, fault.New(fault.Conflict, "post.ask.state"), caseForm{})
		}
		return x.showConfirm(rw, pr.Status, r.PostForm, &pr)
	} else if err != nil {
		return err
	}
	key := "postpage.gone." + string(out.State)
	if out.State == post.Planned && out.When.Kind == post.Now {
		key = "postpage.gone.now"
	}
	return d.done(rw, r, postPath(id), key)
}

func (d *desk) send(id post.ID, f url.Values) (post.Post, error) {
	version, _ := strconv.Atoi(f.Get("version")) // not a number: stale
	posts, ctx, actor := d.rooms.Posts, d.ctx(), d.v.actor
	plan := f.Get("do") != "ask"
	need := team.PostsWrite
	if plan {
		need = team.PostsPublish
	}
	if err := actor.May(need); err != nil {
		return post.Post{}, err
	}
	var when post.When
	var err error
	if plan {
		if when, err = d.whenOf(f); err != nil {
			return post.Post{}, err
		}
	}
	if marks := f["confirm"]; len(marks) > 0 {
		if err := posts.Confirm(ctx, actor, id, marks); err != nil {
			return post.Post{}, err
		}
	}
	if !plan {
		return posts.Ask(ctx, actor, id, post.AskIn{Version: version, Of: members(f["of"]), Note: f.Get("note")})
	}
	s, err := posts.Settings(ctx, actor)
	if err != nil {
		return post.Post{}, err
	}
	out, err := posts.Schedule(ctx, actor, id, post.ScheduleIn{Version: version, When: when})
	if err != nil || out.State != post.Pending || s.Approval == post.ModeNone || len(f["of"]) == 0 && strings.TrimSpace(f.Get("note")) == "" {
		return out, err
	}
	// Somebody is to be asked by name: the same post is asked about again, and its wish stays.
	if _, err := posts.WithdrawAsk(ctx, actor, id); err != nil {
		return out, err
	}
	if out, err = posts.Ask(ctx, actor, id, post.AskIn{Version: version, Of: members(f["of"]), Note: f.Get("note")}); err != nil {
		return out, err
	}
	return posts.Schedule(ctx, actor, id, post.ScheduleIn{Version: version, When: when})
}

func members(ids []string) []team.MemberID {
	var out []team.MemberID
	for _, id := range ids {
		if id != "" {
			out = append(out, team.MemberID(id))
		}
	}
	return out
}
