package web

import (
	"bytes"
	"net/http"

	"github.com/ponte-desk/ponte/internal/report"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

func (w *Web) dependenceRoutes() {
	w.member("GET "+view.PathDependence, w.showDependence)
	w.member("GET "+view.PathDependence+"/followers.csv", w.exportFollowers)
}

func (w *Web) showDependence(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	d, err := w.rooms.Report.Dependence(r.Context(), v.actor)
	if err != nil {
		return err
	}
	p := w.page(r, view.RoomResults, "dependpage.title")
	l := v.words
	out := view.Dependence{Lede: l.T("dependpage.lede", "days", l.Number(d.Days), "since", l.SinceDate(d.Since.In(v.zone())))}
	links := map[report.OnWhat]string{report.OnPeople: view.PathTies, report.OnPlaces: view.PathLinks, report.OnMembers: view.PathTeam}
	for _, x := range d.Rests {
		s := view.DependRest{ID: string(x.On), Title: x.Title(l), Lines: x.Lines(l), Href: links[x.On], Link: l.T("dependpage.link." + string(x.On))}
		if x.Known && !x.Few {
			n := x.First
			s.Label = l.T("dependpage.first")
			if x.On == report.OnPeople {
				n, s.Label = x.Top, l.T("dependpage.ten")
			}
			s.N, s.Of = l.Number(n), l.T("dependpage.of", "of", l.Number(x.Of))
		}
		for i, part := range x.Parts {
			if !x.Few {
				s.Bars = append(s.Bars, view.HBar{Label: x.PartName(l, i), Value: l.Number(part.N), Share: float64(part.N) / float64(x.First), Main: i == 0})
			}
		}
		out.Rests = append(out.Rests, s)
	}
	out.Ways = dependWays(v, d.Out)
	return w.show(rw, r, p, view.DependencePage(p, out))
}

// dependWays says what the company could take along, each with the key that does it.
func dependWays(v *visit, o report.Out) []view.DependWay {
	l := v.words
	followers := view.DependWay{Title: l.T("dependpage.followers"), Text: l.T("dependpage.followers.none")}
	switch {
	case o.Followers > 0 && o.Handles == o.Followers:
		followers.Text = l.T("dependpage.followers.all", "n", l.Number(o.Followers))
	case o.Followers > 0:
		followers.Text = l.T("dependpage.followers.n", "n", l.Number(o.Handles), "of", l.Number(o.Followers))
	}
	if o.Handles > 0 && v.actor.Can(team.PeopleErase) {
		followers.Key = &view.KeyProps{Label: l.T("dependpage.followers.key"), Icon: "download", Kind: view.KeyQuiet, Href: view.PathDependence + "/followers.csv"}
	}
	leads := view.DependWay{Title: l.T("dependpage.leads"), Text: l.T("dependpage.leads.none")}
	if o.Leads > 0 {
		leads.Text = l.T("dependpage.leads.n", "n", l.Number(o.Agreed), "of", l.Number(o.Leads))
	}
	switch {
	case o.Leads > 0 && v.actor.Can(team.LeadsRead):
		leads.Key = &view.KeyProps{Label: l.T("dependpage.leads.key"), Kind: view.KeyQuiet, Href: view.PathLeads}
	case v.actor.Can(team.FormsManage):
		leads.Key = &view.KeyProps{Label: l.T("dependpage.leads.forms"), Kind: view.KeyQuiet, Href: view.PathForms}
	}
	own := view.DependWay{Title: l.T("dependpage.own"), Text: l.T("dependpage.own.none")}
	if o.Visits > 0 {
		own.Text = l.T("dependpage.own.n", "n", l.Number(o.Own), "of", l.Number(o.Visits))
	}
	if o.Sites > 0 {
		own.Text += " " + l.T("dependpage.own.site")
	} else {
		own.Text += " " + l.T("dependpage.own.nosite")
		if v.actor.Can(team.ChannelsManage) {
			own.Key = &view.KeyProps{Label: l.T("dependpage.own.key"), Kind: view.KeyQuiet, Href: view.PathChannels}
		}
	}
	return []view.DependWay{followers, leads, own}
}

func (w *Web) exportFollowers(rw http.ResponseWriter, r *http.Request) error {
	var b bytes.Buffer
	if err := w.rooms.Report.ExportFollowers(r.Context(), visitOf(r).actor, &b); err != nil {
		return err
	}
	rw.Header().Set("Content-Type", "text/csv; charset=utf-8")
	rw.Header().Set("Content-Disposition", `attachment; filename="followers.csv"`)
	_, err := rw.Write(b.Bytes())
	return err
}
