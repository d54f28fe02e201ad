package web

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

// periods are how many days a link's page can look back.
var periods = []int{28, 90, 365}

// Bounds of forms with files.
const (
	maxLinkTable = 9 << 20
	maxLinkLogo  = 3 << 20
	visitsShown  = 100
)

func (w *Web) showLink(rw http.ResponseWriter, r *http.Request) error {
	v, ctx := visitOf(r), r.Context()
	x, err := w.linkOf(r)
	if err != nil {
		return err
	}
	days := periods[0]
	if n, err := strconv.Atoi(r.URL.Query().Get("days")); err == nil && slices.Contains(periods, n) {
		days = n
	}
	rep, err := w.rooms.Links.Visits(ctx, v.actor, x.ID, days)
	if err != nil {
		return err
	}
	address, err := w.rooms.Links.Address(ctx, x)
	if err != nil {
		return err
	}
	out := view.LinkPage{
		Path: linkPath(x.ID), Name: x.Title, Change: v.actor.Can(team.LinksManage), Off: x.State == link.Off, MayLook: v.actor.Can(team.LinksManage), Rows: linkPath(x.ID) + "/rows",
		Address: view.CopyProps{ID: "link-address", Label: v.words.T("linkspage.address.copy"), Value: address},
		Figures: v.sumFigures(rep.Sum, v.words.SinceDate(rep.From.Time())), Chart: v.dayChart(rep.Days),
	}
	for _, n := range periods {
		out.Periods = append(out.Periods, view.Tab{Label: v.words.N("linkspage.period.days", n), Href: linkPath(x.ID) + "?days=" + strconv.Itoa(n), Current: n == days})
	}
	sources, devices := map[string]int64{}, map[string]int64{}
	for _, f := range rep.Sources {
		sources[f.Referrer] = f.Visits
	}
	for _, f := range rep.Devices {
		devices[f.Device.Name()] = f.Visits
	}
	out.Sources = v.bars(sources, v.sourceWord)
	out.Devices = v.bars(devices, v.deviceWord)
	if x.Action != "" {
		out.Begins = v.words.T("linkspage.act." + string(x.Action))
		out.Figures[0].Label = v.words.T("linkspage.actfigure." + string(x.Action))
		if v.actor.Can(team.LeadsManage) {
			out.Lead = view.PathLeadNew + "?" + query("link", x.Code)
		}
	}
	if x.Trouble != "" && x.State == link.Active {
		out.Trouble = &view.TroubleProps{Title: v.words.T("linkspage.trouble"), Text: v.words.T("linkspage.trouble." + string(x.Trouble)), Remedy: v.words.T("linkspage.dead.remedy")}
	}
	if err := w.linkFacts(r, x, &out); err != nil {
		return err
	}
	if err := w.linkQRView(r, x, address, &out.QR); err != nil {
		return err
	}
	p := w.page(r, view.RoomResults, "linkspage.title")
	p.Title = x.Title
	return w.show(rw, r, p, view.OneLinkPage(p, out))
}

func (v *visit) sourceWord(s string) string {
	switch s {
	case "":
		return v.words.T("linkspage.source.none")
	case link.FromQR:
		return v.words.T("linkspage.source.qr")
	}
	return s
}

func (v *visit) deviceWord(s string) string { return v.words.T("linkspage.device." + s) }

func (w *Web) linkFacts(r *http.Request, x link.Link, out *view.LinkPage) error {
	v, now := visitOf(r), w.rooms.Clock.Now()
	fact := func(key, value string) {
		if value != "" {
			out.Facts = append(out.Facts, view.Fact{Label: v.words.T(key), Value: value})
		}
	}
	fact("linkspage.leads", x.Leads(x.Target))
	if x.State == link.Off {
		out.Facts = append(out.Facts, view.Fact{Label: v.words.T("linkspage.state"), Value: v.words.T("linkspage.state.off"), Icon: "attention"})
	}
	fact("linkspage.channel", v.linkChannel(x.Channel))
	fact("linkspage.campaign", x.Campaign)
	fact("linkspage.tags", strings.Join(x.Tags, ", "))
	for _, d := range link.DeviceNames {
		fact("linkspage."+d, x.Devices[d])
	}
	for _, lang := range sortedTargets(x.Languages) {
		out.Facts = append(out.Facts, view.Fact{Label: v.words.T("linkspage.language", "lang", lang), Value: x.Languages[lang]})
	}
	if !x.ExpiresAt.IsZero() {
		f := view.Fact{Label: v.words.T("linkspage.expires"), Value: v.words.Date(x.ExpiresAt.In(v.zone()).Add(-time.Second))}
		if !now.Before(x.ExpiresAt) {
			f.Icon, f.Note = "attention", v.words.T("linkspage.expired")
		}
		out.Facts = append(out.Facts, f)
	}
	if x.Locked() {
		out.Facts = append(out.Facts, view.Fact{Label: v.words.T("linkspage.password"), Value: v.words.T("linkspage.password.asks"), Icon: "lock"})
	}
	if !x.CheckedAt.IsZero() && x.Trouble == "" {
		out.Facts = append(out.Facts, view.Fact{Label: v.words.T("linkspage.checked"), Value: v.words.T("linkspage.checked.fine", "ago", v.words.Ago(x.CheckedAt, now)), Icon: "check"})
	}
	members, err := w.rooms.Team.MembersByID(r.Context(), v.actor.Company)
	if err != nil {
		return err
	}
	made := v.words.Date(x.CreatedAt.In(v.zone()))
	if m, ok := members[x.CreatedBy]; ok {
		made = v.words.T("linkspage.made.by", "day", made, "name", m.Name)
	}
	fact("linkspage.made.when", made)
	past, err := w.rooms.Links.History(r.Context(), v.actor, x.ID)
	if err != nil {
		return err
	}
	for _, h := range past {
		row := view.RowProps{Icon: "clock", Title: shownAddress(h.Target), Notes: []string{v.words.T("linkspage.until", "when", v.words.Moment(h.At.In(v.zone()), now.In(v.zone())))}}
		if m, ok := members[h.Member]; ok {
			row.Notes = append(row.Notes, m.Name)
		}
		out.History = append(out.History, row)
	}
	return nil
}

func sortedTargets(t link.Targets) (keys []string) {
	for k := range t {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// lookOf reads how a QR code is to be drawn.
func (w *Web) lookOf(r *http.Request) (link.Look, link.Settings, error) {
	q := r.URL.Query()
	s, err := w.rooms.Links.Settings(r.Context(), visitOf(r).actor)
	if err != nil {
		return link.Look{}, s, err
	}
	k := link.Look{Level: link.Level(q.Get("level")), Dark: q.Get("dark"), Light: q.Get("light")}
	if q.Get("logo") != "" {
		k.Logo = s.Logo
	}
	return k, s, nil
}

func (w *Web) linkQRView(r *http.Request, x link.Link, address string, out *view.LinkQR) error {
	v := visitOf(r)
	k, s, err := w.lookOf(r)
	if err != nil {
		return err
	}
	out.HasLogo, out.Logo, out.Dark, out.Light = s.Logo != nil, k.Logo != nil, first(k.Dark, "#000000"), first(k.Light, "#ffffff")
	out.Levels = append(out.Levels, view.Option{Label: v.words.T("linkspage.qr.level.usual"), Selected: k.Level == ""})
	for _, l := range link.Levels {
		out.Levels = append(out.Levels, view.Option{Value: string(l), Label: v.words.T("linkspage.qr.level." + string(l)), Selected: l == k.Level})
	}
	d, err := link.Draw(address, k)
	if err == nil {
		err = d.MustRead()
	}
	if e := fault.Of(err); err != nil {
		if e.Kind != fault.Invalid {
			return err
		}
		out.Error = map[string]string{}
		for _, f := range e.Fields {
			out.Error[f.Name] = sayField(v.words, f)
		}
		return nil
	}
	q := queryOf(r)
	query := ""
	out.Hidden = map[string]string{}
	if len(q) > 0 {
		query = "?" + q.Encode()
		for name := range q {
			out.Hidden[name] = q.Get(name)
		}
	}
	at := linkPath(x.ID) + "/qr"
	out.Image, out.SVG, out.PNG, out.Sheet = at+".svg"+query, at+".svg"+query, at+".png"+query, at+".pdf"
	out.Says = v.words.T("linkspage.qr.says", "address", shownAddress(address))
	out.Scan = v.words.T("linkspage.qr.scan")
	for _, n := range []int{1, 4, 12, 24, 40} {
		out.Sheets = append(out.Sheets, view.Option{Value: strconv.Itoa(n), Label: v.words.N("linkspage.sheet.codes", n), Selected: n == 12})
	}
	return nil
}

// drawnQR draws the QR code of an address; one that cannot be read is refused.
func (w *Web) drawnQR(r *http.Request) (x link.Link, address string, d link.Drawn, err error) {
	if x, err = w.linkOf(r); err != nil {
		return x, "", d, err
	}
	if address, err = w.rooms.Links.Address(r.Context(), x); err != nil {
		return x, "", d, err
	}
	k, _, err := w.lookOf(r)
	if err != nil {
		return x, "", d, err
	}
	if d, err = link.Draw(address, k); err == nil {
		err = d.MustRead()
	}
	return x, address, d, err
}

func file(rw http.ResponseWriter, kind, name string, raw []byte) error {
	h := rw.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", `inline; filename="`+name+`"`)
	h.Set("Content-Length", strconv.Itoa(len(raw)))
	h.Set("Cache-Control", "private, no-cache")
	_, _ = rw.Write(raw) // the browser may be gone
	return nil
}

func (w *Web) linkSVG(rw http.ResponseWriter, r *http.Request) error {
	x, _, d, err := w.drawnQR(r)
	if err != nil {
		return err
	}
	return file(rw, "image/svg+xml", "qr-"+x.Code+".svg", d.SVG())
}

func (w *Web) linkPNG(rw http.ResponseWriter, r *http.Request) error {
	x, _, d, err := w.drawnQR(r)
	if err != nil {
		return err
	}
	raw, err := d.PNG()
	if err != nil {
		return err
	}
	return file(rw, "image/png", "qr-"+x.Code+".png", raw)
}

// linkPDF is a sheet full of the code.
func (w *Web) linkPDF(rw http.ResponseWriter, r *http.Request) error {
	x, address, d, err := w.drawnQR(r)
	if err != nil {
		return err
	}
	per, _ := strconv.Atoi(r.URL.Query().Get("per"))
	if _, ok := link.Sheets[per]; !ok {
		per = 12
	}
	stamps := make([]link.Stamp, per)
	for i := range stamps {
		stamps[i] = link.Stamp{Drawn: d, Address: shownAddress(address)}
	}
	if per == 1 {
		stamps[0].Title = x.Title
	}
	return file(rw, "application/pdf", "qr-"+x.Code+".pdf", link.Sheet(stamps, per))
}

func (w *Web) linkLogo(rw http.ResponseWriter, r *http.Request) error {
	s, err := w.rooms.Links.Settings(r.Context(), visitOf(r).actor)
	if err != nil {
		return err
	}
	if s.Logo == nil {
		return fault.New(fault.NotFound, "link.missing")
	}
	return file(rw, "image/png", "logo.png", s.Logo)
}

func (w *Web) showLinkRows(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	x, err := w.linkOf(r)
	if err != nil {
		return err
	}
	var before time.Time
	if n, err := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64); err == nil && n > 0 {
		before = time.UnixMilli(n)
	}
	rows, err := w.rooms.Links.Rows(r.Context(), v.actor, x.ID, before, visitsShown)
	if err != nil {
		return err
	}
	out := view.LinkRows{Back: linkPath(x.ID), Name: x.Title, Table: view.TableProps{Caption: v.words.T("linkspage.rows"), Heads: true, Columns: []view.Column{
		{Label: v.words.T("linkspage.row.when")}, {Label: v.words.T("linkspage.row.who")}, {Label: v.words.T("linkspage.row.from")}, {Label: v.words.T("linkspage.row.device")}, {Label: v.words.T("linkspage.row.language")},
	}}}
	now := w.rooms.Clock.Now().In(v.zone())
	for _, x := range rows {
		who := v.words.T("linkspage.kind." + kindName(x.Kind))
		switch {
		case x.Why != link.WhyNone:
			who += ": " + v.words.T("linkspage.why."+strconv.Itoa(int(x.Why)))
		case x.First:
			who = v.words.T("linkspage.kind.first")
		}
		from, device := "", ""
		if x.Kind == link.Person && x.Why != link.WhyAsked {
			from, device = v.sourceWord(x.Referrer), v.deviceWord(x.Device.Name())
		}
		out.Table.Rows = append(out.Table.Rows, []templ.Component{
			view.Plain(v.words.Moment(x.At.In(v.zone()), now)), view.Plain(who), view.Plain(from), view.Plain(device), view.Plain(x.Language),
		})
	}
	if len(rows) == visitsShown {
		out.Next = linkPath(x.ID) + "/rows?before=" + strconv.FormatInt(rows[len(rows)-1].At.UnixMilli(), 10)
	}
	p := w.page(r, view.RoomResults, "linkspage.rows")
	return w.show(rw, r, p, view.LinkRowsPage(p, out))
}

func kindName(k link.Kind) string {
	switch k {
	case link.Bot:
		return "bot"
	case link.Preview:
		return "preview"
	}
	return "person"
}

// parsed reads a form that may have a file.
func parsed(r *http.Request, memory int64) error {
	if err := r.ParseMultipartForm(memory); !errors.Is(err, http.ErrNotMultipart) {
		return err
	}
	return nil
}

func (w *Web) showLinkTable(rw http.ResponseWriter, r *http.Request) error {
	return w.linkTable(rw, r, http.StatusOK, view.LinkTable{})
}

func (w *Web) linkTable(rw http.ResponseWriter, r *http.Request, status int, out view.LinkTable) error {
	v := visitOf(r)
	if err := v.actor.May(team.LinksManage); err != nil {
		return err
	}
	for _, c := range link.Columns {
		out.Columns = append(out.Columns, view.Fact{Label: v.words.T("linkspage.columnname." + c), Value: v.words.T("linkspage.column." + c)})
	}
	p := w.page(r, view.RoomResults, "linkspage.title")
	return w.showStatus(rw, r, status, p, view.LinkTablePage(p, out))
}

// bringLinks says first what would come of a table, line by line, and makes the links when that was seen.
func (w *Web) bringLinks(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	text, name, err := broughtTable(r, 4)
	var got link.Imported
	out := view.LinkTable{Text: text, Name: name}
	dry := r.PostFormValue("do") == ""
	if err == nil {
		got, err = w.rooms.Links.ImportCSV(r.Context(), v.actor, strings.NewReader(text), dry)
	}
	if wrong, ok := w.wrong(rw, r, err, fault.Invalid); ok {
		return w.linkTable(rw, r, wrong.Status, view.LinkTable{Problem: &view.TroubleProps{Title: wrong.Text, Remedy: wrong.Remedy}})
	} else if err != nil {
		return err
	}
	if !dry && len(got.Errors) == 0 {
		return w.done(rw, r, view.PathLinks, "linkspage.table.done", "count", strconv.Itoa(len(got.Rows)))
	}
	status := http.StatusOK
	out.Looked = true
	if n := len(got.Errors); n > 0 {
		status, out.Wrong = http.StatusUnprocessableEntity, true
		out.Say = v.words.N("linkspage.table.errors", n)
		out.Table = v.lineErrors(out.Say, "linkspage.columnname.", got.Errors)
	} else {
		n := len(got.Rows)
		out.Say = v.words.N("linkspage.table.would", n)
		out.Table = view.TableProps{Caption: out.Say, Heads: true, Columns: []view.Column{{Label: v.words.T("sheet.head.line")}, {Label: v.words.T("linkspage.name")}, {Label: v.words.T("linkspage.target")}, {Label: v.words.T("linkspage.campaign")}}}
		for _, x := range got.Rows[:min(n, rowsShown)] {
			out.Table.Rows = append(out.Table.Rows, []templ.Component{view.Plain(v.words.Number(x.Line)), view.Plain(x.Link.Title), view.Plain(shownAddress(x.Link.Target)), view.Plain(x.Link.Campaign)})
		}
		if n > 0 {
			out.Do = v.words.N("linkspage.table.do", n)
		}
	}
	return w.linkTable(rw, r, status, out)
}

func (w *Web) showLinkSettings(rw http.ResponseWriter, r *http.Request) error {
	s, err := w.rooms.Links.Settings(r.Context(), visitOf(r).actor)
	if err != nil {
		return err
	}
	return w.linkSettings(rw, r, http.StatusOK, view.LinkSettings{Domain: s.Domain, Keep: strconv.Itoa(s.KeepDays)})
}

func (w *Web) linkSettings(rw http.ResponseWriter, r *http.Request, status int, out view.LinkSettings) error {
	v := visitOf(r)
	s, err := w.rooms.Links.Settings(r.Context(), v.actor)
	if err != nil {
		return err
	}
	base, err := w.rooms.Links.Base(r.Context(), v.actor.Company)
	if err != nil {
		return err
	}
	out.Change, out.HasLogo, out.Logo, out.Base = v.actor.Can(team.LinksManage), s.Logo != nil, view.PathLinkSettings+"/logo.png", shownAddress(base)
	out.Facts = []view.Fact{{Label: v.words.T("linkspage.domain"), Value: shownAddress(base)}, {Label: v.words.T("linkspage.keep"), Value: strconv.Itoa(s.KeepDays)}}
	p := w.page(r, view.RoomResults, "linkspage.title")
	return w.showStatus(rw, r, status, p, view.LinkSettingsPage(p, out))
}

func (w *Web) changeLinkSettings(rw http.ResponseWriter, r *http.Request) error {
	err := parsed(r, maxLinkLogo)
	if r.MultipartForm != nil {
		defer func() { _ = r.MultipartForm.RemoveAll() }() // files that are left are swept with the machine's own
	}
	out := view.LinkSettings{Domain: r.PostFormValue("domain"), Keep: r.PostFormValue("keep")}
	in := link.SettingsIn{Domain: out.Domain, NoLogo: r.PostFormValue("nologo") != ""}
	if err != nil {
		err = fault.InvalidFields(fault.Field{Name: "logo", Key: "link.logo.wrong", Args: map[string]any{"mb": 2}})
	} else {
		in.KeepDays, _ = strconv.Atoi(strings.TrimSpace(out.Keep)) // 0 is refused with what is taken
		if f, _, ferr := r.FormFile("logo"); ferr == nil {
			in.Logo, err = io.ReadAll(f)
			_ = f.Close() // only read from
		}
	}
	if err == nil {
		_, err = w.rooms.Links.ChangeSettings(r.Context(), visitOf(r).actor, in)
	}
	if wrong, ok := w.wrong(rw, r, err, fault.Invalid); ok {
		out.Error, out.Remedy, out.Errors = wrong.Text, wrong.Remedy, wrong.Fields
		return w.linkSettings(rw, r, wrong.Status, out)
	} else if err != nil {
		return err
	}
	return w.done(rw, r, view.PathLinkSettings, "linkspage.settings.saved")
}
