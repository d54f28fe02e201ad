package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/lead"
	"github.com/ponte-desk/ponte/internal/report"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

const maxCostTable = 5 << 20

func (w *Web) costRoutes() {
	w.member("GET "+view.PathCosts, w.showCosts)
	w.member("POST "+view.PathCosts, w.addCost)
	w.member("GET "+view.PathCostExport, w.exportCosts)
	w.member("GET "+view.PathCostTable, w.showCostTable)
	w.member("POST "+view.PathCostTable, w.bringCosts, bodyUpTo(maxCostTable))
	w.member("GET "+view.PathCosts+"/{id}", w.showCost)
	w.member("POST "+view.PathCosts+"/{id}", w.changeCost)
	w.member("POST "+view.PathCosts+"/{id}/drop", w.dropCost)
	w.member("POST "+view.PathRates, w.setRates)
}

func costPath(id report.CostID) string { return view.PathCosts + "/" + string(id) }

func (v *visit) costKind(k report.CostKind) string {
	return v.words.T("resultspage.kind." + string(k))
}

func (w *Web) showCosts(rw http.ResponseWriter, r *http.Request) error {
	return w.costBook(rw, r, http.StatusOK, view.CostForm{})
}

// costBook shows the cost book with a form below; a query narrows it to a period and a channel.
func (w *Web) costBook(rw http.ResponseWriter, r *http.Request, status int, form view.CostForm) error {
	v, q := visitOf(r), r.URL.Query()
	from, _ := report.ParseDay(q.Get("from"))
	to, _ := report.ParseDay(q.Get("to"))
	all, err := w.rooms.Report.Costs(r.Context(), v.actor, from, to)
	if err != nil {
		return err
	}
	out := view.CostsPage{Lede: v.words.T("resultspage.costs.lede"), Change: v.actor.Can(team.CostsManage)}
	if from != 0 && to != 0 {
		out.Of, out.All = v.words.T("resultspage.period", "from", v.words.Date(from.Time()), "to", v.words.Date(to.Time())), view.PathCosts
	} else {
		from, to = 0, 0
	}
	channel, campaign := q.Get("channel"), q.Get("campaign")
	sum := int64(0)
	for _, c := range all {
		if channel != "" && c.Home() != channel || campaign != "" && c.Campaign != campaign {
			continue
		}
		counts := c.Cents
		if from != 0 {
			counts, _ = c.Within(from, to)
		}
		sum += counts
		out.Rows = append(out.Rows, v.costRow(c, counts, out.Change))
	}
	if len(out.Rows) > 0 {
		out.Sum = []view.FigureProps{{Label: v.words.T("resultspage.costs.sum"), N: v.words.Money(sum, report.Currency), Of: v.words.N("resultspage.costs.of", len(out.Rows))}}
	}
	if out.Change {
		if out.Form, err = w.costForm(r, form); err != nil {
			return err
		}
	}
	if v.actor.Can(team.TimeRead) && v.actor.Can(team.CostsManage) {
		rates, err := w.rooms.Report.Rates(r.Context(), v.actor)
		if err != nil {
			return err
		}
		for _, role := range team.Roles {
			f := view.FieldProps{Name: "rate-" + string(role), Label: v.words.T("team.role." + string(role)), Autocomplete: "off", Error: form.Errors[string(role)], Attrs: templ.Attributes{"inputmode": "decimal"}}
			if rates[role] > 0 {
				f.Value = v.amount(rates[role])
			}
			out.Rates = append(out.Rates, f)
		}
	}
	p := w.page(r, view.RoomResults, "resultspage.costs")
	return w.showStatus(rw, r, status, p, view.CostBook(p, out))
}

// amount writes an amount for a field: 180 or 1250,50.
func (v *visit) amount(cents int64) string {
	s, _, _ := strings.Cut(lead.Money(cents, ""), " ")
	s = strings.TrimSuffix(s, ".00")
	if v.lang == "it" {
		s = strings.ReplaceAll(s, ".", ",")
	}
	return s
}

func (v *visit) costRow(c report.Cost, counts int64, change bool) view.RowProps {
	row := view.RowProps{Icon: "euro", Title: v.costKind(c.Kind), Text: c.Note, Aside: v.words.Money(c.Cents, report.Currency)}
	if change {
		row.Href = costPath(c.ID)
	}
	days := v.words.Date(c.From.Time())
	if c.To != c.From {
		days = v.words.T("resultspage.period", "from", v.words.Date(c.From.Time()), "to", v.words.Date(c.To.Time()))
	}
	row.Notes = append(row.Notes, days)
	if c.Channel != "" {
		row.Notes = append(row.Notes, v.linkChannel(c.Channel))
	}
	if c.Campaign != "" {
		row.Notes = append(row.Notes, c.Campaign)
	}
	if counts != c.Cents {
		row.Notes = append(row.Notes, v.words.T("resultspage.costs.counts", "money", v.words.Money(counts, report.Currency)))
	}
	if c.ElsewhereCents > 0 {
		row.Notes = append(row.Notes, v.words.T("resultspage.costs.elsewhere", "money", v.words.Money(c.ElsewhereCents, report.Currency), "how", first(c.Elsewhere, v.words.T("resultspage.costs.otherwise"))))
	}
	return row
}

func (w *Web) costForm(r *http.Request, f view.CostForm) (view.CostForm, error) {
	v := visitOf(r)
	kind := r.PostFormValue("kind")
	if f.Path == "" {
		f.Path = view.PathCosts
	}
	if len(f.Kinds) == 0 {
		for _, k := range report.CostKinds {
			f.Kinds = append(f.Kinds, view.Option{Value: string(k), Label: v.costKind(k), Selected: kind == string(k)})
		}
	}
	channels, campaigns, err := w.rooms.Report.Words(r.Context(), v.actor)
	if err != nil {
		return f, err
	}
	if v.actor.Can(team.LinksRead) {
		more, others, err := w.rooms.Links.Words(r.Context(), v.actor)
		if err != nil {
			return f, err
		}
		channels, campaigns = append(channels, others...), append(campaigns, more...)
	}
	slices.Sort(campaigns)
	f.Channel, f.Channels, f.Campaigns = v.channelField(f.Channel), v.channelWords(channels), slices.Compact(campaigns)
	return f, nil
}

// costSaid reads what a form says of a cost, and gives the form back as it was filled in.
func (w *Web) costSaid(r *http.Request) (in report.CostIn, f view.CostForm) {
	get := r.PostFormValue
	f = view.CostForm{
		Amount: get("amount"), From: get("from"), To: get("to"), Channel: w.channelTyped(get("channel")), Campaign: get("campaign"), Note: get("note"), Elsewhere: get("elsewhere"),
		ElsewhereAmount: get("elsewhere_amount"), Version: get("version"),
	}
	in = report.CostIn{Kind: report.CostKind(get("kind")), Channel: f.Channel, Campaign: f.Campaign, Note: f.Note, Elsewhere: f.Elsewhere}
	amount := func(s string) int64 {
		n, ok := lead.ParseAmount(s)
		if !ok {
			return -1
		}
		return n
	}
	in.Cents, in.ElsewhereCents = amount(f.Amount), amount(f.ElsewhereAmount)
	in.From, _ = report.ParseDay(f.From)
	if f.To != "" {
		var ok bool
		if in.To, ok = report.ParseDay(f.To); !ok {
			in.To = 1 // no day: it is told with the others
		}
	}
	in.Version, _ = strconv.Atoi(f.Version)
	return in, f
}

func (w *Web) addCost(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	in, f := w.costSaid(r)
	_, err := w.rooms.Report.AddCost(r.Context(), v.actor, in)
	if wrong, ok := w.wrong(rw, r, err, fault.Invalid); ok {
		f.Errors, f.Error, f.Remedy = wrong.Fields, wrong.Text, wrong.Remedy
		return w.costBook(rw, r, wrong.Status, f)
	} else if err != nil {
		return err
	}
	return w.done(rw, r, view.PathCosts, "resultspage.cost.added")
}

func (w *Web) showCost(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	c, err := w.costOf(r)
	if err != nil {
		return err
	}
	f := view.CostForm{
		Amount: v.amount(c.Cents), From: report.DayText(c.From), To: report.DayText(c.To), Channel: c.Channel, Campaign: c.Campaign, Note: c.Note, Elsewhere: c.Elsewhere,
		Version: strconv.Itoa(c.Version),
	}
	if c.ElsewhereCents > 0 {
		f.ElsewhereAmount = v.amount(c.ElsewhereCents)
	}
	for _, k := range report.CostKinds {
		f.Kinds = append(f.Kinds, view.Option{Value: string(k), Label: v.costKind(k), Selected: k == c.Kind})
	}
	return w.costPage(rw, r, http.StatusOK, c.ID, f)
}

// costOf reads the cost of an address, for who may change it.
func (w *Web) costOf(r *http.Request) (report.Cost, error) {
	v := visitOf(r)
	if err := v.actor.May(team.CostsManage); err != nil {
		return report.Cost{}, err
	}
	id, err := report.ParseCostID(r.PathValue("id"))
	if err != nil {
		return report.Cost{}, err
	}
	return w.rooms.Report.Cost(r.Context(), v.actor, id)
}

func (w *Web) costPage(rw http.ResponseWriter, r *http.Request, status int, id report.CostID, f view.CostForm) error {
	f.Path, f.Drop = costPath(id), costPath(id)+"/drop"
	f, err := w.costForm(r, f)
	if err != nil {
		return err
	}
	p := w.page(r, view.RoomResults, "resultspage.cost.change")
	return w.showStatus(rw, r, status, p, view.CostPage(p, f))
}

func (w *Web) changeCost(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	c, err := w.costOf(r)
	if err != nil {
		return err
	}
	in, f := w.costSaid(r)
	_, err = w.rooms.Report.ChangeCost(r.Context(), v.actor, c.ID, in)
	if wrong, ok := w.wrong(rw, r, err, fault.Invalid, fault.Conflict); ok {
		f.Errors, f.Error, f.Remedy = wrong.Fields, wrong.Text, wrong.Remedy
		return w.costPage(rw, r, wrong.Status, c.ID, f)
	} else if err != nil {
		return err
	}
	return w.done(rw, r, view.PathCosts, "resultspage.cost.changed")
}

func (w *Web) dropCost(rw http.ResponseWriter, r *http.Request) error {
	c, err := w.costOf(r)
	if err != nil {
		return err
	}
	if err := w.rooms.Report.DropCost(r.Context(), visitOf(r).actor, c.ID); err != nil {
		return err
	}
	return w.done(rw, r, view.PathCosts, "resultspage.cost.dropped")
}

func (w *Web) setRates(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	rates := map[team.Role]int64{}
	for _, role := range team.Roles {
		n, ok := lead.ParseAmount(r.PostFormValue("rate-" + string(role)))
		if !ok {
			n = -1
		}
		rates[role] = n
	}
	err := w.rooms.Report.SetRates(r.Context(), v.actor, rates)
	if wrong, ok := w.wrong(rw, r, err, fault.Invalid); ok {
		return w.costBook(rw, r, wrong.Status, view.CostForm{Errors: wrong.Fields})
	} else if err != nil {
		return err
	}
	return w.done(rw, r, view.PathCosts, "resultspage.rates.kept")
}

func (w *Web) exportCosts(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	if err := v.actor.May(team.ResultsRead); err != nil {
		return err
	}
	csvHead(rw, "costs.csv")
	return w.rooms.Report.ExportCosts(r.Context(), v.actor, rw)
}

func (w *Web) showCostTable(rw http.ResponseWriter, r *http.Request) error {
	return w.costTable(rw, r, http.StatusOK, view.CostTable{})
}

func (w *Web) costTable(rw http.ResponseWriter, r *http.Request, status int, out view.CostTable) error {
	v := visitOf(r)
	if err := v.actor.May(team.CostsManage); err != nil {
		return err
	}
	for _, c := range report.CostColumns {
		out.Columns = append(out.Columns, view.Fact{Label: v.words.T("resultspage.column." + c), Value: v.words.T("resultspage.column." + c + ".what")})
	}
	p := w.page(r, view.RoomResults, "resultspage.table")
	return w.showStatus(rw, r, status, p, view.CostTablePage(p, out))
}

func (w *Web) bringCosts(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	text, _, err := broughtTable(r, 2)
	var got report.ImportedCosts
	out := view.CostTable{Text: text}
	dry := r.PostFormValue("do") == ""
	if err == nil {
		got, err = w.rooms.Report.ImportCosts(r.Context(), v.actor, strings.NewReader(text), dry)
	}
	if wrong, ok := w.wrong(rw, r, err, fault.Invalid); ok {
		return w.costTable(rw, r, wrong.Status, view.CostTable{Problem: &view.TroubleProps{Title: wrong.Text, Remedy: wrong.Remedy}})
	} else if err != nil {
		return err
	}
	if !dry && len(got.Errors) == 0 {
		return w.done(rw, r, view.PathCosts, "resultspage.table.done", "count", strconv.Itoa(len(got.Costs)))
	}
	status := http.StatusOK
	out.Looked = true
	if n := len(got.Errors); n > 0 {
		status = http.StatusUnprocessableEntity
		out.Say = v.words.N("resultspage.table.errors", n)
		out.Table = v.lineErrors(out.Say, "resultspage.column.", got.Errors)
		return w.costTable(rw, r, status, out)
	}
	n := len(got.Costs)
	out.Say = v.words.N("resultspage.table.would", n)
	out.Table = view.TableProps{Caption: out.Say, Heads: true, Columns: []view.Column{
		{Label: v.words.T("resultspage.column.kind")}, {Label: v.words.T("resultspage.column.from")}, {Label: v.words.T("resultspage.column.channel")}, {Label: v.words.T("resultspage.column.amount"), Number: true},
	}}
	for _, c := range got.Costs[:min(n, rowsShown)] {
		out.Table.Rows = append(out.Table.Rows, []templ.Component{
			view.Plain(v.costKind(c.Kind)), view.Plain(v.words.Date(c.From.Time())), view.Plain(v.linkChannel(c.Home())), view.Plain(v.words.Money(c.Cents, report.Currency)),
		})
	}
	if n > 0 {
		out.Do = v.words.N("resultspage.table.do", n)
	}
	return w.costTable(rw, r, status, out)
}
