package web

import (
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/report"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

func (w *Web) workRoutes() {
	w.member("GET "+view.PathWork, w.showWork)
	w.member("POST "+view.PathWork, w.sayWork)
	w.member("GET "+view.PathWorkExport, w.exportWork)
}

// workPlaces say what kind of work belongs to pages, by how their addresses begin; the first that fits counts.
var workPlaces = []struct {
	path string
	work report.Work
}{
	{view.PathLive, ""},
	{view.PathInbox, report.Answering},
	{view.PathCases, report.Improving},
	{view.PathPromises, report.Improving},
	{view.PathPosts, report.Writing},
	{view.PathLeads, report.Selling},
	{view.PathForms, report.Selling},
	{view.PathWork, report.Keeping},
	{view.PathResults, report.Selling},
	{view.PathPresence, report.Selling},
	{view.PathTies, report.Knowing},
	{"/people", report.Knowing},
	{view.PathChannels, report.Keeping},
	{view.PathTeam, report.Keeping},
	{view.PathSettings, report.Keeping},
}

// noteWork notes that a member is at work: they opened a page, or did something. What pages fetch by themselves says nothing about anybody, and
// neither does looking round the sample.
func (w *Web) noteWork(r *http.Request) {
	v := visitOf(r)
	if w.rooms.Report == nil || !v.home() || r.Method == http.MethodGet && (isFragment(r) || !opens(r)) {
		return
	}
	if r.URL.Path == view.PathToday {
		w.rooms.Report.Note(v.actor, report.Answering)
		return
	}
	for _, p := range workPlaces {
		if r.URL.Path == p.path || strings.HasPrefix(r.URL.Path, p.path+"/") {
			w.rooms.Report.Note(v.actor, p.work)
			return
		}
	}
}

// opens tells whether somebody opened a page, for all that their browser says: not a picture, not a script that asks.
func opens(r *http.Request) bool {
	if dest := r.Header.Get("Sec-Fetch-Dest"); dest != "" {
		return dest == "document"
	}
	accept := r.Header.Get("Accept")
	return accept == "" || strings.Contains(accept, "text/html")
}

// workShown is how many days of own minutes a page shows.
const workShown = 28

func (w *Web) showWork(rw http.ResponseWriter, r *http.Request) error {
	return w.ownWork(rw, r, http.StatusOK, view.WorkPage{})
}

func (w *Web) ownWork(rw http.ResponseWriter, r *http.Request, status int, out view.WorkPage) error {
	v := visitOf(r)
	now := w.rooms.Clock.Now().In(v.zone())
	from, to := link.DayOf(now.AddDate(0, 0, 1-workShown)), link.DayOf(now)
	all, err := w.rooms.Report.OwnWork(r.Context(), v.person, from, to)
	if err != nil {
		return err
	}
	sum, week := 0, 0
	for _, o := range all {
		sum += o.Minutes()
		if o.Day >= link.DayOf(now.AddDate(0, 0, -6)) {
			week += o.Minutes()
		}
		if n := len(out.Days); n == 0 || out.Days[n-1].Day != report.DayText(o.Day) {
			out.Days = append(out.Days, view.WorkDay{Day: report.DayText(o.Day), Title: v.words.Day(o.Day.Time())})
		}
		d := &out.Days[len(out.Days)-1]
		l := view.WorkLine{Work: string(o.Work), Label: v.words.T("resultspage.work." + string(o.Work)), Minutes: strconv.Itoa(o.Minutes())}
		l.Label2 = v.words.T("resultspage.time.field", "work", l.Label, "day", d.Title)
		if o.Said != nil {
			l.Note = v.words.T("resultspage.time.said", "minutes", strconv.Itoa((o.Seconds+30)/60))
		}
		d.Works = append(d.Works, l)
	}
	for i := range out.Days {
		n := 0
		for _, l := range out.Days[i].Works {
			m, err := strconv.Atoi(l.Minutes)
			if err != nil {
				return err
			}
			n += m
		}
		out.Days[i].Sum = v.minutes(n)
	}
	out.Figures = []view.FigureProps{
		{Label: v.words.T("resultspage.time.week"), N: v.minutes(week), Of: v.words.T("resultspage.time.week.of")},
		{Label: v.words.T("resultspage.time.month"), N: v.minutes(sum), Of: v.words.N("resultspage.days", workShown)},
	}
	out.Lede = v.words.T("resultspage.time.lede", "minutes", strconv.Itoa(int(report.Pause.Minutes())))
	out.Today = report.DayText(to)
	if out.Day == "" {
		out.Day = out.Today
	}
	for _, k := range report.Works {
		out.Kinds = append(out.Kinds, view.Option{Value: string(k), Label: v.words.T("resultspage.work." + string(k)), Selected: r.PostFormValue("work") == string(k)})
	}
	room := view.RoomResults
	if !v.actor.Can(team.ResultsRead) {
		room = ""
	}
	p := w.page(r, room, "resultspage.time")
	return w.showStatus(rw, r, status, p, view.OwnWorkPage(p, out))
}

// minutes writes a length of work: 2 h 40 min.
func (v *visit) minutes(n int) string {
	if n < 60 {
		return strconv.Itoa(n) + " min"
	}
	s := v.words.Number(n/60) + " h"
	if n%60 > 0 {
		s += " " + strconv.Itoa(n%60) + " min"
	}
	return s
}

// sayWork keeps what a member says of a day: one kind of work, or all those that the day has.
func (w *Web) sayWork(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	day, _ := report.ParseDay(r.PostFormValue("day"))
	err := w.sayDay(r, day)
	if wrong, ok := w.wrong(rw, r, err, fault.Invalid); ok {
		return w.ownWork(rw, r, wrong.Status, view.WorkPage{
			Day: r.PostFormValue("day"), Minutes: r.PostFormValue("minutes"), Errors: wrong.Fields, Error: wrong.Text, Remedy: wrong.Remedy,
		})
	} else if err != nil {
		return err
	}
	return w.done(rw, r, view.PathWork, "resultspage.time.kept", "day", v.words.Day(day.Time()))
}

func (w *Web) sayDay(r *http.Request, day link.Day) error {
	v := visitOf(r)
	said := func(k report.Work, s string) error {
		if s = strings.TrimSpace(s); s == "" {
			return w.rooms.Report.SayWork(r.Context(), v.person, day, k, nil)
		}
		n, err := strconv.Atoi(s)
		if err != nil {
			n = -1
		}
		return w.rooms.Report.SayWork(r.Context(), v.person, day, k, &n)
	}
	if k := r.PostFormValue("work"); k != "" {
		return said(report.Work(k), r.PostFormValue("minutes"))
	}
	own, err := w.rooms.Report.OwnWork(r.Context(), v.person, day, day)
	if err != nil {
		return err
	}
	for _, o := range own {
		s, ok := r.PostForm["minutes-"+string(o.Work)]
		if !ok || strings.TrimSpace(s[0]) == strconv.Itoa(o.Minutes()) {
			continue
		}
		if err := said(o.Work, s[0]); err != nil {
			return err
		}
	}
	return nil
}

func (w *Web) exportWork(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	all, err := w.rooms.Report.OwnWork(r.Context(), v.person, 0, 0)
	if err != nil {
		return err
	}
	rows := [][]string{{"day", "work", "minutes", "measured_minutes", "said"}}
	for _, o := range all {
		rows = append(rows, []string{report.DayText(o.Day), string(o.Work), strconv.Itoa(o.Minutes()), strconv.Itoa((o.Seconds + 30) / 60), strconv.FormatBool(o.Said != nil)})
	}
	csvHead(rw, "my-time.csv")
	return csv.NewWriter(rw).WriteAll(rows)
}

func csvHead(rw http.ResponseWriter, name string) {
	rw.Header().Set("Content-Type", "text/csv; charset=utf-8")
	rw.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
}
