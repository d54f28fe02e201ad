package web

import (
	"net/http"

	"github.com/ponte-desk/ponte/internal/report"
	"github.com/ponte-desk/ponte/internal/web/view"
)

func (w *Web) securityRoutes() {
	w.member("GET "+view.PathSecurity, w.showSecurity)
}

// remedies say where one can do something about a check; for the others there is nowhere in the house.
var remedies = map[report.CheckKey]string{
	report.CheckFactor: view.PathSettings, report.CheckPublish: view.PathTeam, report.CheckApproval: view.PathSettings + "/posts", report.CheckChannels: view.PathChannels,
	report.CheckKeys: view.PathProfile, report.CheckSignins: view.PathAudit,
}

func (w *Web) showSecurity(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	s, err := w.rooms.Report.Security(r.Context(), v.actor)
	if err != nil {
		return err
	}
	p := w.page(r, view.RoomResults, "securitypage.title")
	l, zone := v.words, v.zone()
	out := view.Security{
		N: s.Count(report.CheckFine), Of: len(s.Checks), Sum: l.T("securitypage.sum", "of", len(s.Checks)),
		At: l.T("securitypage.at", "moment", l.Moment(s.At.In(zone), s.At.In(zone))),
	}
	if n := s.Count(report.CheckTodo); n > 0 {
		out.Says = append(out.Says, l.N("securitypage.sum.todo", n))
	} else {
		out.Says = append(out.Says, l.T("securitypage.sum.fine"))
	}
	if n := s.Count(report.CheckUnknown); n > 0 {
		out.Says = append(out.Says, l.N("securitypage.sum.unknown", n))
	}
	for _, state := range []report.CheckState{report.CheckTodo, report.CheckUnknown, report.CheckFine} {
		g := view.SecurityGroup{State: string(state), Title: l.T("securitypage.group." + string(state))}
		for _, c := range s.Checks {
			if c.State != state {
				continue
			}
			x := view.SecurityCheck{
				Key: string(c.Key), Title: c.Title(l), Say: c.Say(l, zone), Remedy: c.Remedy(l, zone), Href: remedies[c.Key], State: l.T("securitypage.state." + string(state)),
			}
			for _, row := range c.Rows {
				y := view.SecurityRow{Name: row.Name, Net: string(row.Net), Say: row.Say(l, zone), Todo: row.State == report.CheckTodo}
				if row.Post != "" {
					y.Href = view.PathPosts + "/" + string(row.Post)
				}
				x.Rows = append(x.Rows, y)
			}
			g.Checks = append(g.Checks, x)
		}
		if len(g.Checks) > 0 {
			out.Groups = append(out.Groups, g)
		}
	}
	return w.show(rw, r, p, view.SecurityPage(p, out))
}
