package web

import (
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/lead"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

func (w *Web) leadRoutes() {
	w.member("GET "+view.PathLeads, w.showLeads)
	w.member("GET "+view.PathLeadNew, w.showNewLead)
	w.member("POST "+view.PathLeads, w.addLead)
	w.member("GET "+view.PathLeadImport, w.showLeadImport)
	w.member("POST "+view.PathLeadImport, w.importLeads, bodyUpTo(maxLeadTable))
	w.member("GET "+view.PathLeadExport, w.exportLeads)
	w.member("GET "+view.PathLeads+"/{id}", w.showLead)
	w.member("POST "+view.PathLeads+"/{id}", w.changeLead)
	w.member("POST "+view.PathLeads+"/{id}/who", w.leadWho)
	w.member("POST "+view.PathLeads+"/{id}/note", w.noteLead)
	w.member("POST "+view.PathLeads+"/{id}/join", w.joinLead)
	w.member("GET "+view.PathLeads+"/{id}/file/{file}", w.leadFile)
	w.member("POST "+view.PathInbox+"/{id}/lead", w.talkLead)
	w.formRoutes()
	w.qualityRoutes()
}

func (d *desk) leadTabs(current string) []view.Tab {
	out := []view.Tab{}
	if d.v.actor.Can(team.LeadsRead) {
		out = append(out, view.Tab{Label: d.t("leadpage.tab"), Href: view.PathLeads, Current: current == view.PathLeads})
	}
	out = append(out, view.Tab{Label: d.t("formdesk.title"), Href: view.PathForms, Current: current == view.PathForms})
	if d.v.actor.Can(team.LeadsRead) {
		out = append(out, view.Tab{Label: d.t("qualitypage.title"), Href: view.PathQuality, Current: current == view.PathQuality})
	}
	return out
}

func (d *desk) leadPage(title string, args ...any) view.Page {
	p := d.Web.page(d.r, view.RoomResults, title, args...)
	p.Topics = "leads"
	return p
}

// leadViews are the ways to look at leads; the first is shown when nothing is asked for.
var leadViews = []struct {
	name   string
	states []lead.State
}{
	{"open", []lead.State{lead.Fresh, lead.Contacted, lead.Qualified}},
	{"new", []lead.State{lead.Fresh}},
	{"contacted", []lead.State{lead.Contacted}},
	{"qualified", []lead.State{lead.Qualified}},
	{"won", []lead.State{lead.Won}},
	{"lost", []lead.State{lead.Lost}},
	{"all", nil},
}

var leadIcons = map[lead.State]string{lead.Fresh: "star", lead.Contacted: "chat", lead.Qualified: "star-full", lead.Won: "euro", lead.Lost: "close"}

func (w *Web) showLeads(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	shown := leadViews[0]
	for _, v := range leadViews {
		if v.name == q.Get("state") {
			shown = v
		}
	}
	f := lead.Filter{
		Quality: lead.Quality(q.Get("quality")), Form: lead.FormID(q.Get("form")), Channel: q.Get("channel"), Campaign: q.Get("campaign"),
		Query: q.Get("q"),
	}
	f.From, f.To = d.v.days(q.Get("from"), q.Get("to"))
	narrowed := !f.From.IsZero() || !f.To.IsZero() || f.Quality != "" || f.Form != "" || f.Channel != "" || f.Campaign != "" || f.Query != ""
	sums, err := w.rooms.Leads.Sums(r.Context(), d.v.actor, f)
	if err != nil {
		return err
	}
	f.States, f.Cursor = shown.states, q.Get("after")
	page, err := w.rooms.Leads.List(r.Context(), d.v.actor, f)
	if err != nil {
		return err
	}
	forms, err := w.rooms.Leads.Forms(r.Context(), d.v.actor)
	if err != nil {
		return err
	}
	names := map[lead.FormID]string{}
	for _, x := range forms {
		names[x.ID] = x.Name
	}
	kept := query("q", q.Get("q"), "quality", q.Get("quality"), "form", q.Get("form"), "channel", q.Get("channel"), "campaign", q.Get("campaign"), "from", q.Get("from"), "to", q.Get("to"))
	at := func(state string) string {
		s := view.PathLeads + "?state=" + state
		if kept != "" {
			s += "&" + kept
		}
		return s
	}
	p := d.leadPage("leadpage.title")
	out := view.LeadsPage{Tabs: d.leadTabs(view.PathLeads), Lede: d.t("leadpage.lede"), LiveHref: at(shown.name), Narrowed: narrowed}
	all := 0
	for _, s := range sums {
		all += s.N
	}
	if all > 0 || narrowed {
		out.Figures = d.leadFigures(sums)
		for _, v := range leadViews {
			n := 0
			for _, s := range sums {
				if v.states == nil || slices.Contains(v.states, s.State) {
					n += s.N
				}
			}
			c := view.Chip{Label: d.t("leadpage.view." + v.name), Href: at(v.name), Current: v.name == shown.name}
			if n > 0 {
				c.Count = d.v.words.Number(n)
			}
			out.Chips = append(out.Chips, c)
		}
		if err := d.leadSelects(&out, f, forms); err != nil {
			return err
		}
		out.Search = view.SearchProps{Label: d.t("leadpage.search"), Value: q.Get("q"), Hidden: map[string]string{"state": shown.name}}
	}
	for _, l := range page.Leads {
		out.Rows = append(out.Rows, d.leadRow(l, names))
	}
	if page.Next != "" {
		out.More = view.MoreProps{Href: at(shown.name) + "&" + query("after", page.Next), Label: d.t("leadpage.more"), Target: "#lead-rows", Select: "#lead-rows > li"}
	}
	if d.v.actor.Can(team.LeadsManage) {
		out.Keys = append(out.Keys, view.KeyProps{Label: d.t("leadpage.new"), Icon: "plus", Letter: "n", Href: view.PathLeadNew})
		out.Keys = append(out.Keys, view.KeyProps{Label: d.t("leadtable.title"), Icon: "upload", Kind: view.KeyQuiet, Href: view.PathLeadImport})
		if all > 0 {
			out.Keys = append(out.Keys, view.KeyProps{Label: d.t("leadtable.export"), Icon: "download", Kind: view.KeyQuiet, Href: view.PathLeadExport + "?" + query("state", shown.name) + "&" + kept})
		}
	}
	if len(page.Leads) == 0 {
		switch {
		case all > 0 || narrowed:
			out.Empty = &view.EmptyProps{Title: d.t("leadpage.none"), Text: d.t("leadpage.none.text")}
		default:
			out.Empty = &view.EmptyProps{Title: d.t("leadpage.empty"), Text: d.t("leadpage.empty.text")}
			if d.v.actor.Can(team.FormsManage) {
				out.EmptyKey = &view.KeyProps{Label: d.t("leadpage.empty.key"), Kind: view.KeyRed, Href: view.PathForms}
			}
		}
	}
	return w.show(rw, r, p, view.Leads(p, out))
}

// leadFigures say what is open, won and lost, each with its count and what it is worth.
func (d *desk) leadFigures(sums []lead.Sum) (out []view.FigureProps) {
	for _, g := range []struct {
		name   string
		states []lead.State
	}{{"open", leadViews[0].states}, {"won", []lead.State{lead.Won}}, {"lost", []lead.State{lead.Lost}}} {
		n, valued := 0, 0
		byCurrency := map[string]int64{}
		for _, s := range sums {
			if slices.Contains(g.states, s.State) {
				n, valued = n+s.N, valued+s.Valued
				if s.Cents > 0 {
					byCurrency[s.Currency] += s.Cents
				}
			}
		}
		f := view.FigureProps{Label: d.t("leadpage.figure." + g.name), N: d.v.words.Number(n)}
		var worth []string
		for _, c := range slices.Sorted(keysOf(byCurrency)) {
			worth = append(worth, d.v.words.Money(byCurrency[c], c))
		}
		if len(worth) > 0 {
			f.So = strings.Join(worth, " + ")
			f.Of = d.v.words.N("leadpage.figure.valued", valued, "of", d.v.words.Number(n))
		} else {
			f.Of = d.t("leadpage.figure.noworth")
		}
		out = append(out, f)
	}
	return out
}

func keysOf[K comparable, V any](m map[K]V) func(func(K) bool) {
	return func(yield func(K) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// leadSelects are the lists that narrow the leads.
func (d *desk) leadSelects(out *view.LeadsPage, f lead.Filter, forms []lead.FormCount) error {
	channels, campaigns, err := d.rooms.Leads.Origins(d.ctx(), d.v.actor)
	if err != nil {
		return err
	}
	add := func(name, chosen string, values, labels []string) {
		if len(values) == 0 {
			return
		}
		s := view.SelectProps{ID: "lead-" + name, Name: name, Label: d.t("leadpage.by." + name), Options: []view.Option{{Label: d.t("leadpage.any"), Selected: chosen == ""}}}
		for i, v := range values {
			s.Options = append(s.Options, view.Option{Value: v, Label: labels[i], Selected: v == chosen})
		}
		out.Selects = append(out.Selects, s)
	}
	label := func(vs []string) (ls []string) {
		for _, v := range vs {
			ls = append(ls, d.channelWord(v))
		}
		return ls
	}
	add("channel", f.Channel, channels, label(channels))
	add("campaign", f.Campaign, campaigns, campaigns)
	var ids, names []string
	for _, x := range forms {
		ids, names = append(ids, string(x.ID)), append(names, x.Name)
	}
	add("form", string(f.Form), ids, names)
	var qs, ql []string
	for _, q := range lead.Qualities {
		qs, ql = append(qs, string(q)), append(ql, d.t("leadpage.quality."+string(q)))
	}
	add("quality", string(f.Quality), qs, ql)
	return nil
}

// channelWord is how a channel of a touch is called: what Ponte has a word for by that, anything else as the company wrote it.
func (d *desk) channelWord(s string) string {
	return d.v.channelField(s)
}

func (d *desk) leadName(l lead.Lead) string {
	if l.Name == "" {
		return d.t("leadpage.erased")
	}
	return l.Name
}

func (d *desk) leadRow(l lead.Lead, forms map[lead.FormID]string) view.LeadRow {
	row := view.LeadRow{
		ID: string(l.ID), Name: d.leadName(l), Strange: l.Name == "", Href: view.PathLeads + "/" + string(l.ID), State: d.t("leadpage.state." + string(l.State)),
		Icon: leadIcons[l.State],
	}
	from := d.t("leadpage.source." + string(l.Source))
	if forms[l.Form] != "" {
		from = forms[l.Form]
	}
	row.Notes = append(row.Notes, d.v.words.ShortDate(l.CreatedAt.In(d.zone), d.now), from)
	if l.Last.Channel != "" {
		row.Notes = append(row.Notes, d.channelWord(l.Last.Channel))
	}
	if l.Last.Campaign != "" {
		row.Notes = append(row.Notes, l.Last.Campaign)
	}
	if l.Quality == lead.Good {
		row.Tags = append(row.Tags, view.TagProps{Label: d.t("leadpage.quality.good"), Icon: "star-full"})
	} else if l.Quality == lead.Poor {
		row.Tags = append(row.Tags, view.TagProps{Label: d.t("leadpage.quality.poor"), Icon: "down"})
	}
	if l.Cents > 0 {
		row.Worth = d.v.words.Money(l.Cents, l.Currency)
	}
	if l.Member != "" {
		row.Owner = d.memberName(l.Member)
	}
	return row
}

func (w *Web) showNewLead(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	if err := d.v.actor.May(team.LeadsManage); err != nil {
		return err
	}
	return d.newLead(rw, http.StatusOK, view.LeadWhoForm{Link: r.URL.Query().Get("link")})
}

// newLead draws the form of a lead that somebody writes down.
func (d *desk) newLead(rw http.ResponseWriter, status int, f view.LeadWhoForm) error {
	f.URL, f.New = view.PathLeads, true
	if f.Link != "" {
		t, err := d.rooms.Links.TouchOf(d.ctx(), d.v.actor.Company, f.Link)
		switch {
		case fault.KindOf(err) == fault.NotFound:
			f.Link = ""
		case err != nil:
			return err
		default:
			f.LinkName = t.Title
			if t.Channel != "" {
				f.LinkName += " · " + d.channelWord(t.Channel)
			}
		}
	}
	p := d.leadPage("leadpage.new")
	return d.showStatus(rw, d.r, status, p, view.LeadNew(p, f))
}

func (w *Web) addLead(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	get := r.PostFormValue
	in := lead.NewIn{Name: get("name"), Email: get("email"), Phone: get("phone"), Channel: get("channel"), Campaign: get("campaign"), Note: get("note"), Link: get("link")}
	l, err := w.rooms.Leads.Add(r.Context(), d.v.actor, in)
	if pr, ok := w.wrong(rw, r, err, fault.Invalid); ok {
		return d.newLead(rw, pr.Status, view.LeadWhoForm{
			Name: in.Name, Email: in.Email, Phone: in.Phone, Channel: in.Channel, Campaign: in.Campaign, Note: in.Note, Link: in.Link, Errors: pr.Fields,
		})
	} else if err != nil {
		return err
	}
	return w.done(rw, r, view.PathLeads+"/"+string(l.ID), "leadpage.done.added", "name", d.leadName(l))
}

func (w *Web) showLead(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	return d.lead(rw, http.StatusOK, "", nil)
}

// lead draws a lead. form is what was sent and did not work, with why.
func (d *desk) lead(rw http.ResponseWriter, status int, form string, pr *problem) error {
	id := lead.ID(d.r.PathValue("id"))
	s, err := d.rooms.Leads.Open(d.ctx(), d.v.actor, id)
	if err != nil {
		return err
	}
	p := d.leadPage("leadpage.one", "name", d.leadName(s.Lead))
	at := view.PathLeads + "/" + string(id)
	out := view.LeadSheet{ID: string(id), Name: d.leadName(s.Lead), LiveHref: at, None: d.t("leadpage.said.none." + string(s.Source))}
	out.Eyebrow = d.t("leadpage.eyebrow", "state", d.t("leadpage.state."+string(s.State)), "date", d.v.words.Date(s.CreatedAt.In(d.zone)))
	d.leadSaid(&out, s)
	d.leadReach(&out, s)
	d.leadTouches(&out, s)
	if err := d.leadWhy(&out, s); err != nil {
		return err
	}
	for _, e := range s.Events {
		out.Events = append(out.Events, d.leadEvent(s, e))
	}
	if d.v.actor.Can(team.LeadsManage) {
		d.leadForms(&out, s, form, pr)
	} else {
		out.Facts = d.leadFacts(s.Lead)
	}
	if pr != nil && form == "" || pr != nil && len(pr.Fields) == 0 {
		out.Trouble = &view.TroubleProps{Title: pr.Text, Text: pr.Remedy}
	}
	return d.showStatus(rw, d.r, status, p, view.LeadPage(p, out))
}

func (d *desk) leadForms(out *view.LeadSheet, s lead.Sheet, form string, pr *problem) {
	at, get := view.PathLeads+"/"+out.ID, d.r.PostFormValue
	f := view.LeadStateForm{URL: at, Version: strconv.Itoa(s.Version), Reason: s.Reason, Currency: s.Currency, SoldOn: s.SoldOn}
	if s.Cents > 0 {
		f.Value = d.amount(s.Cents)
	}
	state, member := string(s.State), string(s.Member)
	if form == "state" && pr != nil {
		f.Reason, f.Value, f.Currency, f.SoldOn, state, member, f.Errors = get("reason"), get("value"), get("currency"), get("sold_on"), get("state"), get("member"), pr.Fields
	}
	for _, x := range lead.States {
		f.States = append(f.States, view.Option{Value: string(x), Label: d.t("leadpage.state." + string(x)), Selected: string(x) == state})
	}
	f.Members = []view.Option{{Label: d.t("leadpage.nobody"), Selected: member == ""}}
	for _, m := range d.activeMembers() {
		f.Members = append(f.Members, view.Option{Value: string(m.ID), Label: m.Name, Selected: string(m.ID) == member})
	}
	out.Form, out.NoteURL = &f, at+"/note"
	if form == "note" && pr != nil {
		out.NoteText, out.NoteBad = get("note"), pr.Fields["note"]
	}
	if s.ErasedAt.IsZero() {
		who := view.LeadWhoForm{URL: at + "/who", Version: strconv.Itoa(s.Version), Name: s.Name, Email: s.Email, Phone: s.Phone}
		if form == "who" && pr != nil {
			who.Name, who.Email, who.Phone, who.Errors = get("name"), get("email"), get("phone"), pr.Fields
		}
		out.Who = &who
	}
}

// amount writes hundredths as a person types them.
func (d *desk) amount(cents int64) string {
	s := strconv.FormatInt(cents/100, 10)
	if part := cents % 100; part != 0 {
		point := "."
		if d.v.lang == "it" {
			point = ","
		}
		s += point + strconv.FormatInt(100+part, 10)[1:]
	}
	return s
}

// leadDone answers after something was done about a lead.
func (d *desk) leadDone(rw http.ResponseWriter, form string, err error, key string, args ...string) error {
	if pr, ok := d.wrong(rw, d.r, err, fault.Invalid, fault.Conflict); ok {
		return d.lead(rw, pr.Status, form, &pr)
	} else if err != nil {
		return err
	}
	return d.done(rw, d.r, view.PathLeads+"/"+d.r.PathValue("id"), key, args...)
}

func (w *Web) changeLead(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	get := r.PostFormValue
	state, cur, sold, member := lead.State(get("state")), strings.ToUpper(strings.TrimSpace(get("currency"))), strings.TrimSpace(get("sold_on")), team.MemberID(get("member"))
	cents, ok := lead.ParseAmount(get("value"))
	if !ok {
		cents = -1 // the room says that this is no value
	}
	version, _ := strconv.Atoi(get("version")) // none does not look
	_, err = w.rooms.Leads.Change(r.Context(), d.v.actor, lead.ID(r.PathValue("id")), lead.ChangeIn{
		Version: version, State: &state, Reason: get("reason"), Cents: &cents, Currency: &cur, SoldOn: &sold, Member: &member,
	})
	return d.leadDone(rw, "state", err, "leadpage.done.changed")
}

func (w *Web) leadWho(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	name, email, phone := r.PostFormValue("name"), r.PostFormValue("email"), r.PostFormValue("phone")
	version, _ := strconv.Atoi(r.PostFormValue("version")) // none does not look
	_, err = w.rooms.Leads.Change(r.Context(), d.v.actor, lead.ID(r.PathValue("id")), lead.ChangeIn{Version: version, Name: &name, Email: &email, Phone: &phone})
	return d.leadDone(rw, "who", err, "leadpage.done.changed")
}

func (w *Web) noteLead(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	return d.leadDone(rw, "note", w.rooms.Leads.AddNote(r.Context(), d.v.actor, lead.ID(r.PathValue("id")), r.PostFormValue("note")), "leadpage.done.note")
}

// leadFile gives a file that somebody sent along: as a download, never shown in place.
func (w *Web) leadFile(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	s, err := w.rooms.Leads.Open(r.Context(), v.actor, lead.ID(r.PathValue("id")))
	if err != nil {
		return err
	}
	id := media.ID(r.PathValue("file"))
	i := slices.IndexFunc(s.Answers, func(a lead.Answer) bool { return a.File == id && id != "" })
	if i < 0 {
		return media.ErrGone
	}
	f, err := w.rooms.Media.Get(r.Context(), string(v.actor.Company), id)
	if err != nil {
		return err
	}
	c, err := w.rooms.Media.Open(r.Context(), string(v.actor.Company), id, media.Whole)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }() // only read from
	h := rw.Header()
	h.Set("Content-Type", c.MIME)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	http.ServeContent(rw, r, "", time.Time{}, c)
	return nil
}
