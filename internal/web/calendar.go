package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/schedule"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

func (w *Web) calendarRoutes() {
	w.member("GET "+view.PathCalendar, w.showCalendar)
	w.member("POST "+view.PathCalendar+"/move", w.moveInCalendar)
}

// How much the calendar shows.
const (
	dayPosts   = 4  // posts on a day of a month
	slotsAhead = 14 // free slots of a channel
	looseShown = 12 // posts without a time
)

// calSpan is what the calendar shows.
type calSpan struct {
	month   bool
	day     time.Time // noon of the day that was asked for, in the company's zone
	first   time.Time // the first day
	days    int
	channel network.ChannelID
}

// spanOf reads what is to be seen from the query of an address.
func (d *desk) spanOf(q url.Values) (s calSpan, err error) {
	s.day = noon(d.now)
	if x := q.Get("day"); x != "" {
		at, err := time.ParseInLocation(time.DateOnly, x, d.zone)
		if err != nil {
			return s, fault.New(fault.Invalid, "web.day.wrong")
		}
		s.day = noon(at)
	}
	s.channel = network.ChannelID(q.Get("channel"))
	if _, ok := d.channels[s.channel]; s.channel != "" && !ok {
		return s, fault.New(fault.Invalid, "web.filter.unknown")
	}
	switch q.Get("view") {
	case "", "week":
		s.first, s.days = addDays(s.day, -mondays(s.day)), 7
	case "month":
		s.month = true
		first := addDays(s.day, 1-s.day.Day())
		s.first = addDays(first, -mondays(first))
		s.days = 28
		for !addDays(s.first, s.days).After(lastOfMonth(s.day)) {
			s.days += 7
		}
	default:
		return s, fault.New(fault.Invalid, "web.filter.unknown")
	}
	return s, nil
}

func (s calSpan) href(day time.Time, month bool, ch network.ChannelID) string {
	v := ""
	if month {
		v = "month"
	}
	return view.PathCalendar + "?" + query("view", v, "day", day.Format(time.DateOnly), "channel", string(ch))
}

// noon is the middle of a day: no clock is put forward over it.
func noon(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 12, 0, 0, 0, t.Location())
}

func addDays(t time.Time, n int) time.Time { return noon(t.AddDate(0, 0, n)) }

// mondays is how many days ago it was Monday.
func mondays(t time.Time) int { return (int(t.Weekday()) + 6) % 7 }

func lastOfMonth(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month()+1, 0, 12, 0, 0, 0, t.Location())
}

// midnight is the first moment of a day: where the clocks jump over midnight, what comes then.
func midnight(t time.Time, zone *time.Location) time.Time {
	at, _ := schedule.In(schedule.Wall{Year: t.Year(), Month: t.Month(), Day: t.Day()}, zone, false)
	return at
}

func (w *Web) showCalendar(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	s, err := d.spanOf(r.URL.Query())
	if err != nil {
		return err
	}
	return d.calendarPage(rw, http.StatusOK, s, nil, nil)
}

func (d *desk) calendarPage(rw http.ResponseWriter, status int, s calSpan, problem *view.TroubleProps, toast *view.ToastProps) error {
	p := d.postPage("calendarpage.title")
	p.Topics = "posts"
	if toast != nil {
		p.Toast = toast
	}
	out, err := d.calendar(s)
	if err != nil {
		return err
	}
	out.Problem = problem
	p.Path = out.LiveHref
	if d.v.actor.Can(team.PostsPublish) && p.Stop == nil {
		out.Pause = &view.PostPause{Back: out.LiveHref}
	}
	return d.showStatus(rw, d.r, status, p, view.Calendar(p, out))
}

// calendar reads what the page shows.
func (d *desk) calendar(s calSpan) (view.CalendarPage, error) {
	words := d.v.words
	out := view.CalendarPage{
		LiveHref: s.href(s.day, s.month, s.channel), Tabs: d.postTabs(view.PathCalendar), Zone: zoneName(words, d.v.company.Zone),
		Views: []view.Chip{
			{Label: d.t("calendarpage.week"), Href: s.href(s.day, false, s.channel), Current: !s.month},
			{Label: d.t("calendarpage.month"), Href: s.href(s.day, true, s.channel), Current: s.month},
		},
	}
	if d.v.actor.Can(team.PostsPublish) {
		out.MoveURL = view.PathCalendar + "/move"
	}
	if d.v.actor.Can(team.PostsWrite) {
		out.New = &view.KeyProps{Label: d.t("postlist.new"), Icon: "edit", Letter: "n", Href: view.PathPosts + "/new"}
	}
	shows := func(t time.Time) bool {
		if s.month {
			return t.Month() == s.day.Month() && t.Year() == s.day.Year()
		}
		return !noon(t).Before(s.first) && noon(t).Before(addDays(s.first, 7))
	}
	if s.month {
		first := addDays(s.day, 1-s.day.Day())
		out.Title = upperFirst(words.Month(s.day))
		out.Prev, out.Next = s.href(addDays(first, -1), true, s.channel), s.href(addDays(lastOfMonth(s.day), 1), true, s.channel)
	} else {
		out.Title = d.t("calendarpage.week.of", "day", d.weekDay(s.first))
		out.Prev, out.Next = s.href(addDays(s.first, -7), false, s.channel), s.href(addDays(s.first, 7), false, s.channel)
	}
	if !shows(d.now) {
		out.Now = s.href(d.now, s.month, s.channel)
	}
	for _, ch := range d.postChannels() {
		out.Channels = append(out.Channels, view.ItemProps{Label: d.channelName(ch), Note: view.NetLabel(ch.Network), Href: s.href(s.day, s.month, ch.ID), Current: ch.ID == s.channel})
	}
	if s.channel != "" {
		out.Channel = d.channelName(d.channels[s.channel])
		out.Channels = append(out.Channels, view.ItemProps{Label: d.t("postlist.channels"), Href: s.href(s.day, s.month, "")})
	}
	b, err := d.calBoard(s)
	if err != nil {
		return out, err
	}
	if s.month {
		out.Month = b.month()
		for _, wd := range weekdays {
			out.Names = append(out.Names, d.t("calendarpage.short."+string(rune('0'+int(wd)))))
		}
	} else {
		out.Week = b.week()
		out.Notes = append(out.Notes, b.bestNote()...)
	}
	if len(b.quiet.Weekly)+len(b.quiet.Windows) > 0 {
		out.Notes = append(out.Notes, d.t("calendarpage.quiet.note"))
	}
	if len(b.slots) > 0 {
		out.Notes = append(out.Notes, d.t("calendarpage.slots.note"))
	}
	out.Loose, err = d.loose(s)
	return out, err
}

// weekDay writes a day in the middle of a sentence: "16 marzo".
func (d *desk) weekDay(t time.Time) string {
	if t.Year() != d.now.Year() {
		return d.v.words.Date(t)
	}
	_, rest, _ := strings.Cut(d.v.words.Day(t), " ")
	return rest
}

// board is what a calendar is drawn from.
type board struct {
	*desk
	span    calSpan
	entries []post.Entry
	quiet   schedule.Quiet
	best    post.Best
	slots   map[time.Time][]network.ChannelID // free ones
}

func (d *desk) calBoard(s calSpan) (*board, error) {
	b := &board{desk: d, span: s, slots: map[time.Time][]network.ChannelID{}}
	from, to := midnight(s.first, d.zone), midnight(addDays(s.first, s.days), d.zone)
	all, err := d.rooms.Posts.Calendar(d.ctx(), d.v.actor, from, to)
	if err != nil {
		return nil, err
	}
	for _, e := range all {
		if s.channel == "" || slices.Contains(e.Channels, s.channel) {
			b.entries = append(b.entries, e)
		}
	}
	if !d.v.actor.Can(team.PostsRead) {
		return b, nil
	}
	settings, err := d.rooms.Posts.Settings(d.ctx(), d.v.actor)
	if err != nil {
		return nil, err
	}
	b.quiet = settings.Quiet
	if to.After(d.now) {
		for ch := range settings.Slots {
			if len(settings.Slots[ch]) == 0 || s.channel != "" && ch != s.channel || d.channels[ch].State != network.Active {
				continue
			}
			free, err := d.rooms.Posts.FreeSlots(d.ctx(), d.v.actor, ch, slotsAhead)
			if err != nil {
				return nil, err
			}
			for _, at := range free {
				if !at.Before(from) && at.Before(to) {
					b.slots[at.UTC()] = append(b.slots[at.UTC()], ch)
				}
			}
		}
	}
	if !s.month {
		b.best, err = d.rooms.Posts.BestHours(d.ctx(), d.v.actor, s.channel)
	}
	return b, err
}

// bestNote says what the best hours are reckoned from.
func (b *board) bestNote() []string {
	if len(b.best.Hours) == 0 {
		return nil
	}
	return []string{b.t("calendarpage.best.note", "wrote", b.v.words.Number(b.best.Wrote), "posts", b.v.words.Number(b.best.Posts), "visits", b.v.words.Number(b.best.Visits), "weeks", b.v.words.Number(b.best.Weeks))}
}

// movable tells whether a post's time can be chosen anew.
func (d *desk) movable(x post.Post) bool {
	switch x.State {
	case post.Draft, post.Pending, post.Approved, post.Planned, post.Held:
		return d.v.actor.Can(team.PostsPublish)
	}
	return false
}

func (d *desk) calEntry(e post.Entry) view.CalEntry {
	x := e.Post
	row := d.postRow(e)
	out := view.CalEntry{
		ID: string(x.ID), Title: cutWords(d.postTitle(e), 60), Href: postPath(x.ID), State: view.TagProps{Label: row.State, Icon: row.Icon}, Nets: row.Nets, Move: d.movable(x),
	}
	switch {
	case row.Late:
		out.Kind, out.State.Kind = "held", view.TagLate
	case x.State == post.Draft || x.State == post.Pending:
		out.Kind = "draft"
	case x.State == post.Sent || x.State == post.Gone:
		out.Kind = "out"
	}
	at := x.DueAt
	if !x.SentAt.IsZero() {
		at = x.SentAt
	}
	if !at.IsZero() {
		wall := schedule.WallOf(at, d.zone)
		out.At, out.Clock = wall.String(), d.v.words.Clock(at.In(d.zone))
		if all, kind := schedule.Moments(wall, d.zone); kind == schedule.Doubled {
			out.Twice, out.Second = true, !at.Truncate(time.Minute).Equal(all[0])
			if out.Second {
				out.Clock = d.t("calendarpage.second.clock", "clock", out.Clock)
			}
		}
	}
	return out
}

// loose are posts that have no time yet: they can be put into the calendar.
func (d *desk) loose(s calSpan) ([]view.CalEntry, error) {
	if !d.v.actor.Can(team.PostsPublish) {
		return nil, nil
	}
	l, err := d.rooms.Posts.List(d.ctx(), d.v.actor, post.Filter{States: []post.State{post.Draft, post.Pending, post.Approved}, Channel: s.channel, Limit: 60})
	if err != nil {
		return nil, err
	}
	var out []view.CalEntry
	for _, e := range l.Entries {
		if e.Post.DueAt.IsZero() && e.Post.When.Kind == "" && len(out) < looseShown {
			out = append(out, d.calEntry(e))
		}
	}
	for i := range out { // the field proposes tomorrow at ten
		out[i].At = schedule.Wall{Year: d.now.Year(), Month: d.now.Month(), Day: d.now.Day() + 1, Hour: 10}.String()
	}
	return out, nil
}

// moveInCalendar gives a post another time: by its form, by dragging or by the keyboard. An answer for a script is the calendar.
func (w *Web) moveInCalendar(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	if err := d.v.actor.May(team.PostsPublish); err != nil {
		return err
	}
	back := view.PathCalendar
	s, err := d.spanOf(nil)
	if u, bad := url.Parse(safeBack(r.PostFormValue("back"))); bad == nil && u.Path == view.PathCalendar {
		back = u.RequestURI()
		s, err = d.spanOf(u.Query())
	}
	if err != nil {
		return err
	}
	id := post.ID(r.PostFormValue("post"))
	before, err := w.rooms.Posts.Open(r.Context(), d.v.actor, id)
	if err != nil {
		return err
	}
	wall, err := d.dropped(r.PostFormValue("at"), before.Post)
	if was := r.PostFormValue("was"); err == nil && was != "" && was != before.Post.DueAt.UTC().Format(time.RFC3339) {
		err = fault.New(fault.Conflict, "web.undo.late") // moved again since: only the last move is taken back
	}
	var moved post.Post
	if err == nil {
		moved, err = w.rooms.Posts.Move(r.Context(), d.v.actor, id, wall, r.PostFormValue("second") != "")
	}
	if pr, ok := w.wrong(rw, r, err, fault.Invalid, fault.Conflict); ok {
		said := pr.Text
		for _, name := range sortedIDs(pr.Fields) {
			said = strings.TrimSpace(said + " " + pr.Fields[name])
		}
		return d.calendarPage(rw, pr.Status, s, &view.TroubleProps{Title: d.t("calendarpage.stays", "title", cutWords(cmp.Or(before.Post.Message.Title, before.Post.Message.Text), 60)), Text: said, Remedy: pr.Remedy}, nil)
	} else if err != nil {
		return err
	}
	done := said{Key: "calendarpage.moved", Args: map[string]string{"moment": d.moment(moved.DueAt)}}
	if was := before.Post; !was.DueAt.IsZero() && was.DueAt.After(d.now) {
		old := schedule.WallOf(was.DueAt, d.zone)
		done.Target = "#calendar"
		done.Undo, done.With = view.PathCalendar+"/move", map[string]string{"post": string(id), "at": old.String(), "back": back, "was": moved.DueAt.UTC().Format(time.RFC3339)}
		if all, kind := schedule.Moments(old, d.zone); kind == schedule.Doubled && !was.DueAt.Equal(all[0]) {
			done.With["second"] = "1"
		}
	}
	if !isFragment(r) {
		w.leaveToast(rw, r, done)
		return w.redirect(rw, r, back+"#entry-"+string(id))
	}
	return d.calendarPage(rw, http.StatusOK, s, nil, &view.ToastProps{Text: d.t(done.Key, "moment", d.moment(moved.DueAt)), UndoURL: done.Undo, Fields: done.With, Target: done.Target})
}

// dropped reads where a post was put: a time, or with the name of a day alone that day at the hour it had.
func (d *desk) dropped(at string, x post.Post) (schedule.Wall, error) {
	if wall, ok := schedule.ParseWall(at); ok {
		return wall, nil
	}
	day, err := time.ParseInLocation(time.DateOnly, at, d.zone)
	if err != nil {
		return schedule.Wall{}, fault.InvalidFields(fault.Field{Name: "at", Key: "web.day.wrong"})
	}
	wall := schedule.Wall{Hour: 10}
	if !x.DueAt.IsZero() {
		wall = schedule.WallOf(x.DueAt, d.zone)
	}
	wall.Year, wall.Month, wall.Day = day.Year(), day.Month(), day.Day()
	return wall, nil
}
