package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

func (w *Web) settingsRoutes() {
	w.member("GET "+view.PathSettings, w.showSettings)
	w.member("POST "+view.PathSettings, w.changeCompany)
	w.member("POST "+view.PathSettings+"/sample/remove", w.removeSample)
	w.member("GET "+view.PathSaved, w.showReplies)
	w.member("POST "+view.PathSaved, w.saveReply)
	w.member("POST "+view.PathSaved+"/{id}/delete", w.deleteReply)
	w.member("POST "+view.PathSaved+"/labels/{id}/delete", w.deleteLabel)
	w.member("GET "+view.PathHelp, w.showHelp, beforeFactor)
}

func (v *visit) tabs(current string) view.SettingsTabs {
	return view.SettingsTabs{Current: current, Replies: v.actor.Can(team.SavedRepliesUse), Triage: v.actor.Can(team.CompanyChange), Import: v.actor.Can(team.ChannelsManage), Posts: v.actor.Can(team.PostsRead), Ties: v.actor.Can(team.PeopleRead), Audit: v.actor.Can(team.AuditRead)}
}

// weekdays are the days as people here count them, Monday first.
var weekdays = [7]time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}

// targets are the times within which one may promise an answer, in minutes.
var targets = []team.Duration{60, 2 * 60, 4 * 60, 8 * 60, 12 * 60, 24 * 60, 2 * 24 * 60, 3 * 24 * 60, 7 * 24 * 60}

var approvals = []team.Approval{team.ApprovalNone, team.ApprovalRole, team.ApprovalPublic, team.ApprovalAll}

func dayField(d time.Weekday) string { return "day" + strconv.Itoa(int(d)) }

func clockOf(minutes int) string {
	return strconv.Itoa(minutes/60) + ":" + string(rune('0'+minutes%60/10)) + string(rune('0'+minutes%10))
}

// hoursText writes the hours of a day as one types them: "9:00-13:00, 14:30-18:00".
func hoursText(spans []team.Span) string {
	var out []string
	for _, s := range spans {
		out = append(out, clockOf(s.From)+"-"+clockOf(s.To))
	}
	return strings.Join(out, ", ")
}

// readHours reads what hoursText writes, and what people write: "9-13 e 14.30-18", "closed" as nothing.
func readHours(s string) ([]team.Span, bool) {
	s = strings.NewReplacer("–", "-", "—", "-", ".", ":", ";", ",", " e ", ",", " and ", ",").Replace(strings.TrimSpace(s))
	s = strings.ReplaceAll(s, " - ", "-")
	if s == "" || s == "-" {
		return nil, true
	}
	var out []team.Span
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' }) {
		from, to, ok := strings.Cut(part, "-")
		a, okA := readClock(from)
		b, okB := readClock(to)
		if !ok || !okA || !okB {
			return nil, false
		}
		out = append(out, team.Span{From: a, To: b})
	}
	return out, true
}

func readClock(s string) (minutes int, ok bool) {
	hour, minute, both := strings.Cut(strings.TrimSpace(s), ":")
	if !both {
		minute = "0"
	}
	h, err1 := strconv.Atoi(hour)
	m, err2 := strconv.Atoi(minute)
	if err1 != nil || err2 != nil || h < 0 || m < 0 || m > 59 || h > 24 || h == 24 && m > 0 {
		return 0, false
	}
	return h*60 + m, true
}

func (w *Web) showSettings(rw http.ResponseWriter, r *http.Request) error {
	c := visitOf(r).company
	s := view.Company{}
	for _, d := range weekdays {
		s.Days = append(s.Days, view.DayHours{Name: dayField(d), Value: hoursText(c.Settings.Hours[d])})
	}
	return w.settingsPage(rw, r, http.StatusOK, c, s)
}

// settingsPage draws the company as it is in c, which may hold what was typed and not taken.
func (w *Web) settingsPage(rw http.ResponseWriter, r *http.Request, status int, c team.Company, s view.Company) error {
	v := visitOf(r)
	if err := v.actor.May(team.CompanyRead); err != nil {
		return err
	}
	l := v.words
	s.Tabs, s.Change = v.tabs(view.PathSettings), v.actor.Can(team.CompanyChange)
	s.Name, s.Zones, s.Locales = c.Name, zoneOptions(l, c.Zone), localeOptions(l, c.Locale, "")
	s.InHours, s.TwoFactor = c.Settings.InHours, c.Settings.TwoFactor
	for i, d := range weekdays {
		s.Days[i].Label = l.T("settings.day." + strconv.Itoa(int(d)))
	}
	known := false
	for _, t := range targets {
		known = known || t == c.Settings.Target
		s.Targets = append(s.Targets, view.Option{Value: strconv.Itoa(int(t)), Label: l.Span(t.Std()), Selected: t == c.Settings.Target})
	}
	if !known && c.Settings.Target > 0 {
		s.Targets = append(s.Targets, view.Option{Value: strconv.Itoa(int(c.Settings.Target)), Label: l.Span(c.Settings.Target.Std()), Selected: true})
	}
	for _, a := range approvals {
		s.Approvals = append(s.Approvals, view.ChoiceProps{
			Name: "approval", Value: string(a), Title: l.T("settings.approval." + string(a)), What: l.T("settings.approval." + string(a) + ".what"), Checked: a == c.Settings.Approval,
		})
	}
	hours := l.T("settings.hours.closed")
	for i, d := range weekdays {
		if s.Days[i].Value != "" {
			hours = l.T("settings.day."+strconv.Itoa(int(d))) + " " + s.Days[i].Value
			break
		}
	}
	s.Facts = []view.Fact{
		{Label: l.T("settings.name"), Value: c.Name},
		{Label: l.T("door.welcome.zone"), Value: zoneName(l, c.Zone)},
		{Label: l.T("settings.hours"), Value: hours},
		{Label: l.T("settings.target.label"), Value: l.Span(c.Settings.Target.Std())},
		{Label: l.T("settings.approval"), Value: l.T("settings.approval." + string(c.Settings.Approval))},
	}
	cs, err := w.rooms.Team.Companies(r.Context())
	if err != nil {
		return err
	}
	s.InSample, s.SampleCan = v.session.Visiting != "", w.options.FillSample != nil && v.person.Can(team.CompanyChange)
	for _, x := range cs {
		s.SampleThere = s.SampleThere || x.Sample
	}
	s.SampleAlone = len(cs) == 1 && s.SampleThere
	p := w.page(r, view.RoomSettings, "settings.title")
	return w.showStatus(rw, r, status, p, view.CompanyPage(p, s))
}

func localeOptions(l *i18n.Localizer, chosen, none string) []view.Option {
	var out []view.Option
	if none != "" {
		out = append(out, view.Option{Label: none, Selected: chosen == ""})
	}
	for _, lang := range i18n.Langs {
		out = append(out, view.Option{Value: lang, Label: l.T("settings.locale." + lang), Selected: lang == chosen})
	}
	return out
}

func (w *Web) changeCompany(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	c := v.company
	c.Name, c.Zone, c.Locale = r.PostFormValue("name"), r.PostFormValue("zone"), r.PostFormValue("locale")
	c.Settings.InHours, c.Settings.TwoFactor = r.PostFormValue("inhours") != "", r.PostFormValue("twofactor") != ""
	c.Settings.Approval = team.Approval(r.PostFormValue("approval"))
	minutes, err := strconv.Atoi(r.PostFormValue("target"))
	if err != nil {
		minutes = 0
	}
	c.Settings.Target = team.Duration(minutes)
	s := view.Company{}
	readable := true
	for _, d := range weekdays {
		day := view.DayHours{Name: dayField(d), Value: r.PostFormValue(dayField(d))}
		spans, ok := readHours(day.Value)
		if ok {
			c.Settings.Hours[d] = spans
		} else {
			readable = false
			day.Error = v.words.T("settings.hours.wrong")
		}
		s.Days = append(s.Days, day)
	}
	if err := v.actor.May(team.CompanyChange); err != nil {
		return err
	}
	if !readable {
		return w.settingsPage(rw, r, http.StatusUnprocessableEntity, c, s)
	}
	_, err = w.rooms.Team.ChangeCompany(r.Context(), v.actor, team.ChangeCompanyIn{Name: c.Name, Zone: c.Zone, Locale: c.Locale, Settings: c.Settings})
	if wrong, ok := w.wrong(rw, r, err, fault.Invalid, fault.Conflict); ok {
		s.Error, s.Remedy, s.Errors = wrong.Text, wrong.Remedy, wrong.Fields
		return w.settingsPage(rw, r, wrong.Status, c, s)
	} else if err != nil {
		return err
	}
	return w.done(rw, r, view.PathSettings, "settings.saved.done")
}

// removeSample deletes the sample company. Who was looking round it is home again.
func (w *Web) removeSample(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	if !v.home() {
		if err := w.rooms.Signin.Visit(r.Context(), v.session, ""); err != nil {
			return err
		}
	}
	if err := w.rooms.Team.RemoveSample(r.Context(), v.person); err != nil {
		return err
	}
	return w.done(rw, r, view.PathSettings, "settings.sample.removed")
}

func (w *Web) showReplies(rw http.ResponseWriter, r *http.Request) error {
	return w.repliesPage(rw, r, http.StatusOK, view.Replies{ID: r.URL.Query().Get("id")}, true)
}

func (w *Web) repliesPage(rw http.ResponseWriter, r *http.Request, status int, s view.Replies, fresh bool) error {
	v := visitOf(r)
	saved, err := w.rooms.Inbox.SavedReplies(r.Context(), v.actor)
	if err != nil {
		return err
	}
	labels, err := w.rooms.Inbox.Labels(r.Context(), v.actor)
	if err != nil {
		return err
	}
	s.Tabs, s.Manage = v.tabs(view.PathSaved), v.actor.Can(team.SavedReplies)
	found := false
	for _, x := range saved {
		line := view.SavedLine{ID: x.ID, Title: x.Title, Body: x.Body, Used: v.words.N("settings.saved.used", x.Used)}
		s.Saved = append(s.Saved, line)
		if x.ID == s.ID {
			found = true
			if fresh {
				s.Title, s.Body = x.Title, x.Body
			}
		}
	}
	if !found && fresh {
		s.ID = ""
	}
	for _, l := range labels {
		s.Labels = append(s.Labels, view.Option{Value: l.ID, Label: l.Name})
	}
	p := w.page(r, view.RoomSettings, "settings.replies.title")
	return w.showStatus(rw, r, status, p, view.RepliesPage(p, s))
}

func (w *Web) saveReply(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	in := inbox.SavedReply{ID: r.PostFormValue("id"), Title: r.PostFormValue("title"), Body: strings.ReplaceAll(r.PostFormValue("body"), "\r\n", "\n")}
	_, err := w.rooms.Inbox.SaveReply(r.Context(), v.actor, in)
	if wrong, ok := w.wrong(rw, r, err, fault.Invalid, fault.Conflict); ok {
		return w.repliesPage(rw, r, wrong.Status, view.Replies{ID: in.ID, Title: in.Title, Body: in.Body, Error: wrong.Text, Remedy: wrong.Remedy, Errors: wrong.Fields}, false)
	} else if err != nil {
		return err
	}
	return w.done(rw, r, view.PathSaved, "settings.saved.kept")
}

func (w *Web) deleteReply(rw http.ResponseWriter, r *http.Request) error {
	if err := w.rooms.Inbox.DeleteSavedReply(r.Context(), visitOf(r).actor, r.PathValue("id")); err != nil {
		return err
	}
	return w.done(rw, r, view.PathSaved, "settings.saved.deleted")
}

func (w *Web) deleteLabel(rw http.ResponseWriter, r *http.Request) error {
	if err := w.rooms.Inbox.DeleteLabel(r.Context(), visitOf(r).actor, r.PathValue("id")); err != nil {
		return err
	}
	return w.done(rw, r, view.PathSaved, "settings.labels.deleted")
}

// terms are the words of the glossary that the help explains, in the order in which one meets them.
var terms = []string{"company", "member", "network", "channel", "person", "identity", "interaction", "conversation", "reply", "approval", "delivery", "label", "snooze", "note", "target", "triage", "criticism", "case", "promise", "improvement", "record", "tie", "circle", "bridge", "sample"}

func (w *Web) showHelp(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	s := view.Help{Tabs: v.tabs(view.PathHelp)}
	for _, t := range terms {
		s.Terms = append(s.Terms, view.Term{Word: v.words.T("help.word." + t), Means: v.words.T("help.means." + t)})
	}
	p := w.page(r, view.RoomSettings, "help.title")
	return w.show(rw, r, p, view.HelpPage(p, s))
}
