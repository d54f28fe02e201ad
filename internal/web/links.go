package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
	"github.com/ponte-desk/ponte/internal/web/view"
)

func (w *Web) linkRoutes() {
	w.member("GET "+view.PathLinks, w.showLinks)
	w.member("GET "+view.PathNewLink, w.showNewLink)
	w.member("POST "+view.PathNewLink, w.makeLink)
	w.member("GET "+view.PathLinkExport, w.exportLinks)
	w.member("GET "+view.PathLinkTable, w.showLinkTable)
	w.member("POST "+view.PathLinkTable, w.bringLinks, bodyUpTo(maxLinkTable))
	w.member("GET "+view.PathLinkSettings, w.showLinkSettings)
	w.member("POST "+view.PathLinkSettings, w.changeLinkSettings, bodyUpTo(maxLinkLogo))
	w.member("GET "+view.PathLinkSettings+"/logo.png", w.linkLogo)
	w.member("GET "+view.PathLinks+"/{id}", w.showLink)
	w.member("GET "+view.PathLinks+"/{id}/edit", w.showLinkEdit)
	w.member("POST "+view.PathLinks+"/{id}/edit", w.changeLink)
	w.member("POST "+view.PathLinks+"/{id}/state", w.linkState)
	w.member("POST "+view.PathLinks+"/{id}/look", w.lookLink)
	w.member("GET "+view.PathLinks+"/{id}/rows", w.showLinkRows)
	w.member("GET "+view.PathLinks+"/{id}/qr.svg", w.linkSVG)
	w.member("GET "+view.PathLinks+"/{id}/qr.png", w.linkPNG)
	w.member("GET "+view.PathLinks+"/{id}/qr.pdf", w.linkPDF)
}

// lately is how many days the list of links looks back.
const lately = 28

func linkPath(id link.ID) string { return view.PathLinks + "/" + string(id) }

// channelWord is what a channel is called.
func (v *visit) linkChannel(s string) string {
	if key := "linkspage.channel." + s; s != "" && v.words.Has(key) {
		return v.words.T(key)
	}
	if s == "" {
		return v.words.T("linkspage.channel.none")
	}
	return s
}

// channelField is how a channel stands in a field: by its word, so that nobody has to know what it is stored as.
func (v *visit) channelField(s string) string {
	if s == "" {
		return ""
	}
	return v.linkChannel(s)
}

// channelWords are what channels are called, those that there are before those that Ponte knows.
func (v *visit) channelWords(channels []string) (out []string) {
	for _, c := range append(channels, link.Channels...) {
		if word := v.channelField(c); !slices.Contains(out, word) {
			out = append(out, word)
		}
	}
	return out
}

// channelTyped reads a channel that somebody typed or chose by its word, in whichever language.
func (w *Web) channelTyped(s string) string {
	for _, c := range link.Channels {
		for _, words := range w.words {
			if text.Fold(words.T("linkspage.channel."+c)) == text.Fold(strings.TrimSpace(s)) {
				return c
			}
		}
	}
	return s
}

func (v *visit) count(n int64) string { return v.words.Number(int(n)) }

// sumFigures says a sum in figures: visits, visitors, and what is counted apart.
func (v *visit) sumFigures(s link.Sum, since string) []view.FigureProps {
	return []view.FigureProps{
		{Label: v.words.T("linkspage.figure.visits"), N: v.count(s.Visits), Of: since},
		{Label: v.words.T("linkspage.figure.visitors"), N: v.count(s.Visitors), So: v.words.T("linkspage.figure.visitors.so")},
		{Label: v.words.T("linkspage.figure.apart"), N: v.count(s.Bots + s.Previews), So: v.words.T("linkspage.figure.apart.so", "bots", v.count(s.Bots), "previews", v.count(s.Previews))},
	}
}

func (w *Web) showLinks(rw http.ResponseWriter, r *http.Request) error {
	v, q, ctx := visitOf(r), r.URL.Query(), r.Context()
	f := link.Filter{State: link.State(q.Get("state")), Search: q.Get("q"), Channel: q.Get("channel"), Campaign: q.Get("campaign"), Tag: q.Get("tag"), Cursor: q.Get("cursor")}
	if !slices.Contains([]link.State{"", link.Active, link.Off, link.Dead}, f.State) {
		f.State = ""
	}
	list, next, err := w.rooms.Links.List(ctx, v.actor, f)
	if err != nil {
		return err
	}
	base, err := w.linkBase(r)
	if err != nil {
		return err
	}
	out := view.Links{
		Change: v.actor.Can(team.LinksManage), Any: len(list) > 0 || f.State != "" || f.Search != "" || f.Channel != "" || f.Campaign != "" || f.Tag != "" || f.Cursor != "",
		Search: view.SearchProps{Action: view.PathLinks, Value: f.Search, Label: v.words.T("linkspage.search"), Hidden: map[string]string{}},
	}
	if f.State != "" {
		out.Search.Hidden["state"] = string(f.State)
	}
	for _, s := range []link.State{"", link.Active, link.Dead, link.Off} {
		href := view.PathLinks
		if s != "" {
			href += "?state=" + string(s)
		}
		out.Filters = append(out.Filters, view.Tab{Label: v.words.T("linkspage.filter." + first(string(s), "all")), Href: href, Current: s == f.State})
	}
	for _, x := range list {
		out.Rows = append(out.Rows, v.linkRow(base, x))
	}
	if next != "" {
		q.Set("cursor", next)
		out.More = view.MoreProps{Href: view.PathLinks + "?" + q.Encode(), Label: v.words.T("linkspage.next")}
	}
	if out.Any {
		if err := w.linksLately(r, &out); err != nil {
			return err
		}
	}
	p := w.page(r, view.RoomResults, "linkspage.title")
	return w.show(rw, r, p, view.LinksPage(p, out))
}

// linkBase is what stands before codes; where the house does not know its own address, the one it was asked under.
func (w *Web) linkBase(r *http.Request) (string, error) {
	base, err := w.rooms.Links.Base(r.Context(), visitOf(r).actor.Company)
	return base, err
}

func (v *visit) linkRow(base string, x link.Listed) view.RowProps {
	row := view.RowProps{
		Icon: "link", Title: x.Title, Href: linkPath(x.ID), Text: shownAddress(base + x.Code), Notes: []string{v.linkChannel(x.Channel)},
		Aside: v.words.N("linkspage.visits.count", int(x.Late.Visits), "all", v.count(x.Sum.Visits)),
	}
	if x.Campaign != "" {
		row.Notes = append(row.Notes, x.Campaign)
	}
	for _, t := range x.Tags {
		row.Notes = append(row.Notes, "#"+t)
	}
	switch {
	case x.State == link.Off:
		row.Icon = "archive"
		row.Notes = append(row.Notes, v.words.T("linkspage.state.off"))
	case !x.DeadSince.IsZero():
		row.Icon = "attention"
		row.Notes = append(row.Notes, v.words.T("linkspage.state.dead"))
	}
	return row
}

// shownAddress is an address as one says it.
func shownAddress(s string) string {
	for _, p := range []string{"https://", "http://", "tel:", "mailto:"} {
		s = strings.TrimPrefix(s, p)
	}
	return s
}

// linksLately says what all links brought lately, by day and by channel.
func (w *Web) linksLately(r *http.Request, out *view.Links) error {
	v := visitOf(r)
	now := w.rooms.Clock.Now().In(v.zone())
	from, to := link.DayOf(now.AddDate(0, 0, 1-lately)), link.DayOf(now)
	all, err := w.rooms.Links.Summary(r.Context(), v.actor, from, to)
	if err != nil {
		return err
	}
	days, channels := map[link.Day]int64{}, map[string]int64{}
	for _, d := range all.Days {
		days[d.Day] = d.Visits
	}
	for _, c := range all.Channels {
		channels[c.Name] = c.Visits
	}
	out.Figures = v.sumFigures(all.Sum, v.words.T("linkspage.lately", "days", strconv.Itoa(lately)))
	var list []link.DaySum
	for d := from; d <= to; d = d.Next() {
		list = append(list, link.DaySum{Day: d, Sum: link.Sum{Visits: days[d]}})
	}
	out.Chart = v.dayChart(list)
	out.Channels = v.bars(channels, v.linkChannel)
	return nil
}

// bars draws counts, the most first, at most eight.
func (v *visit) bars(counts map[string]int64, name func(string) string) (out []view.HBar) {
	var keys []string
	for k, n := range counts {
		if n > 0 {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, func(a, b string) int {
		if d := counts[b] - counts[a]; d != 0 {
			return int(d)
		}
		return strings.Compare(a, b)
	})
	for i, k := range keys[:min(len(keys), 8)] {
		out = append(out, view.HBar{Label: name(k), Value: v.count(counts[k]), Share: float64(counts[k]) / float64(counts[keys[0]]), Main: i == 0})
	}
	return out
}

func (v *visit) dayChart(days []link.DaySum) *view.DayChart {
	c := &view.DayChart{}
	best := days[0]
	for _, d := range days {
		c.Days = append(c.Days, d.Visits)
		if d.Visits > best.Visits {
			best = d
		}
	}
	if best.Visits == 0 {
		return nil
	}
	last := days[len(days)-1]
	c.From, c.To = v.words.Date(days[0].Day.Time()), v.words.T("linkspage.today")
	c.First = v.count(best.Visits)
	if best.Day != last.Day && last.Visits > 0 && int64(len(days)) <= 90 {
		c.Last = v.count(last.Visits)
	}
	c.Label = v.words.T("linkspage.chart", "from", v.words.Date(days[0].Day.Time()), "best", v.count(best.Visits), "day", v.words.Date(best.Day.Time()), "last", v.count(last.Visits))
	return c
}

func (w *Web) exportLinks(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	if err := v.actor.May(team.LinksRead); err != nil {
		return err
	}
	rw.Header().Set("Content-Type", "text/csv; charset=utf-8")
	rw.Header().Set("Content-Disposition", `attachment; filename="links.csv"`)
	return w.rooms.Links.ExportCSV(r.Context(), v.actor, rw)
}

func (w *Web) showNewLink(rw http.ResponseWriter, r *http.Request) error {
	return w.linkForm(rw, r, http.StatusOK, view.LinkForm{Path: view.PathNewLink, Back: view.PathLinks, Fresh: true, Target: r.URL.Query().Get("target")}, "linkspage.new")
}

func (w *Web) linkForm(rw http.ResponseWriter, r *http.Request, status int, f view.LinkForm, title string) error {
	v := visitOf(r)
	if err := v.actor.May(team.LinksManage); err != nil {
		return err
	}
	campaigns, channels, err := w.rooms.Links.Words(r.Context(), v.actor)
	if err != nil {
		return err
	}
	f.Campaigns, f.Channel, f.Channels = campaigns, v.channelField(f.Channel), v.channelWords(channels)
	p := w.page(r, view.RoomResults, title)
	return w.showStatus(rw, r, status, p, view.LinkFormPage(p, f))
}

// linkIn reads the form of a link.
func (w *Web) linkIn(r *http.Request, zone *time.Location) (in link.In, f view.LinkForm, err error) {
	get := r.PostFormValue
	f = view.LinkForm{
		Target: get("target"), Title: get("title"), Channel: w.channelTyped(get("channel")), Campaign: get("campaign"), Source: get("source"), Medium: get("medium"), Term: get("term"), Content: get("content"),
		Tags: get("tags"), Code: get("code"), How: get("how"), Expires: get("expires"), Languages: get("languages"), IOS: get("ios"), Android: get("android"), Desktop: get("desktop"), Open: get("open") != "",
	}
	in = link.In{
		Target: f.Target, Title: f.Title, Channel: f.Channel, Campaign: f.Campaign, Source: f.Source, Medium: f.Medium, Term: f.Term, Content: f.Content,
		Tags: link.SplitTags(f.Tags), Password: get("password"), Open: f.Open,
		Devices: link.Targets{link.IOS: f.IOS, link.Android: f.Android, link.Desktop: f.Desktop}, Languages: link.Targets{},
	}
	switch f.How {
	case "own":
		in.Code = f.Code
		if strings.TrimSpace(f.Code) == "" {
			err = fault.InvalidFields(fault.Field{Name: "code", Key: "link.code.wrong"})
		}
	case "say":
		in.Say = true
	}
	for _, line := range strings.Split(f.Languages, "\n") {
		if lang, target, _ := strings.Cut(strings.TrimSpace(line), " "); lang != "" {
			in.Languages[strings.TrimSuffix(lang, ":")] = strings.TrimSpace(target)
		}
	}
	if f.Expires != "" {
		at, ok := link.ParseDay(f.Expires, zone)
		if !ok {
			err = fault.InvalidFields(fault.Field{Name: "expires", Key: "link.csv.date"})
		}
		in.ExpiresAt = at
	}
	return in, f, err
}

func (w *Web) makeLink(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	in, f, err := w.linkIn(r, v.zone())
	var x link.Link
	if err == nil {
		x, err = w.rooms.Links.Create(r.Context(), v.actor, in)
	}
	if wrong, ok := w.wrong(rw, r, err, fault.Invalid); ok {
		f.Path, f.Back, f.Fresh = view.PathNewLink, view.PathLinks, true
		f.Error, f.Remedy, f.Errors = wrong.Text, wrong.Remedy, wrong.Fields
		return w.linkForm(rw, r, wrong.Status, f, "linkspage.new")
	} else if err != nil {
		return err
	}
	return w.done(rw, r, linkPath(x.ID), "linkspage.made")
}

// linkOf reads the link of an address.
func (w *Web) linkOf(r *http.Request) (link.Link, error) {
	id, err := link.ParseID(r.PathValue("id"))
	if err != nil {
		return link.Link{}, err
	}
	return w.rooms.Links.Get(r.Context(), visitOf(r).actor, id)
}

func (w *Web) showLinkEdit(rw http.ResponseWriter, r *http.Request) error {
	x, err := w.linkOf(r)
	if err != nil {
		return err
	}
	f := view.LinkForm{
		Path: linkPath(x.ID) + "/edit", Back: linkPath(x.ID), Target: x.Target, Title: x.Title, Channel: x.Channel, Campaign: x.Campaign, Source: x.Source, Medium: x.Medium, Term: x.Term, Content: x.Content,
		Tags: strings.Join(x.Tags, ", "), Expires: x.LastDay(visitOf(r).zone()), IOS: x.Devices[link.IOS], Android: x.Devices[link.Android], Desktop: x.Devices[link.Desktop], Locked: x.Locked(),
	}
	var lines []string
	for k, t := range x.Languages {
		lines = append(lines, k+" "+t)
	}
	slices.Sort(lines)
	f.Languages = strings.Join(lines, "\n")
	return w.linkForm(rw, r, http.StatusOK, f, "linkspage.change")
}

func (w *Web) changeLink(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	x, err := w.linkOf(r)
	if err != nil {
		return err
	}
	in, f, err := w.linkIn(r, v.zone())
	if err == nil {
		_, err = w.rooms.Links.Change(r.Context(), v.actor, x.ID, in)
	}
	if wrong, ok := w.wrong(rw, r, err, fault.Invalid); ok {
		f.Path, f.Back, f.Locked = linkPath(x.ID)+"/edit", linkPath(x.ID), x.Locked()
		f.Error, f.Remedy, f.Errors = wrong.Text, wrong.Remedy, wrong.Fields
		return w.linkForm(rw, r, wrong.Status, f, "linkspage.change")
	} else if err != nil {
		return err
	}
	return w.done(rw, r, linkPath(x.ID), "linkspage.saved")
}

func (w *Web) linkState(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	x, err := w.linkOf(r)
	if err != nil {
		return err
	}
	if r.PostFormValue("to") == string(link.Active) {
		if _, err := w.rooms.Links.TakeBack(r.Context(), v.actor, x.ID); err != nil {
			return err
		}
		return w.done(rw, r, linkPath(x.ID), "linkspage.resumed")
	}
	if _, err := w.rooms.Links.PutAway(r.Context(), v.actor, x.ID); err != nil {
		return err
	}
	return w.done(rw, r, linkPath(x.ID), "linkspage.ended")
}

func (w *Web) lookLink(rw http.ResponseWriter, r *http.Request) error {
	x, err := w.linkOf(r)
	if err != nil {
		return err
	}
	y, err := w.rooms.Links.Look(r.Context(), visitOf(r).actor, x.ID)
	if err != nil {
		return err
	}
	key := "linkspage.looked"
	if y.Trouble != "" {
		key = "linkspage.looked.not"
	}
	return w.done(rw, r, linkPath(x.ID), key)
}

// todayLinks says which links lead nowhere, to who can put that right.
func (d *desk) todayLinks(t *view.Today) error {
	if !d.v.actor.Can(team.LinksManage) {
		return nil
	}
	all, err := d.rooms.Links.DeadLinks(d.ctx(), d.v.actor)
	if err != nil {
		return err
	}
	for _, x := range all[:min(len(all), 3)] {
		t.Trouble = append(t.Trouble, view.TodayTrouble{
			Title: d.t("linkspage.dead", "name", x.Title), Text: d.t("linkspage.trouble." + string(x.Trouble)), Remedy: d.t("linkspage.dead.remedy"), Key: d.t("linkspage.dead.key"), Href: linkPath(x.ID),
		})
	}
	return nil
}

// queryOf keeps of a request's query what a QR code's look is made of.
func queryOf(r *http.Request) url.Values {
	q := url.Values{}
	for _, name := range []string{"level", "dark", "light", "logo"} {
		if s := r.URL.Query().Get(name); s != "" {
			q.Set(name, s)
		}
	}
	return q
}
