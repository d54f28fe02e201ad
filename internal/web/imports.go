package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/ponte-desk/ponte/internal/archive"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

func (w *Web) importRoutes() {
	w.member("GET "+view.PathImport, w.showImports)
	w.member("POST "+view.PathImport, w.beginImport)
	w.member("POST "+view.PathImport+"/address", w.collectImport)
	w.member("GET "+view.PathImport+"/{id}", w.showImport)
	w.member("GET "+view.PathImport+"/{id}/state", w.importState)
	w.member("POST "+view.PathImport+"/{id}/bytes", w.takeImport, bodyUpTo(archive.MaxChunk+1))
	w.member("POST "+view.PathImport+"/{id}/answer", w.answerImport)
	w.member("POST "+view.PathImport+"/{id}/again", w.againImport)
	w.member("POST "+view.PathImport+"/{id}/cancel", w.cancelImport)
}

// importChunk is how many bytes a browser sends at once: few enough for a slow line.
const importChunk = 4 << 20

// importPlaces are the networks in the order in which they are shown, with the mark that stands for each.
var importPlaces = []string{
	"facebook", "instagram", "google", "youtube", "whatsapp", "telegram", "x", "linkedin", "mastodon", "bluesky", "wordpress", "disqus", "feed", "mail", "table",
}

func (w *Web) showImports(rw http.ResponseWriter, r *http.Request) error {
	return w.importsPage(rw, r, http.StatusOK, "", "")
}

// importsPage draws all exports; wrong is why an address was not taken.
func (w *Web) importsPage(rw http.ResponseWriter, r *http.Request, status int, address, wrong string) error {
	v := visitOf(r)
	s := view.Import{Tabs: v.tabs(view.PathImport), Chunk: importChunk}
	all, err := w.rooms.Archives.Uploads(r.Context(), v.actor)
	if err != nil {
		return err
	}
	if v.company.Sample {
		s.Closed = &view.EmptyProps{Title: v.words.T("importpage.sample"), Text: v.words.T("importpage.sample.text")}
	}
	if w.rooms.Archives.TakesAddresses() {
		s.Address = &view.FieldProps{
			ID: "address", Name: "address", Label: v.words.T("importpage.address"), Hint: v.words.T("importpage.address.hint"), Value: address, Error: wrong,
			Placeholder: "nome.bsky.social", Autocomplete: "off",
		}
	}
	names, err := w.channelNames(r)
	if err == nil && v.actor.Can(team.InboxRead) {
		s.Before, err = w.importCriticism(r, "")
	}
	if err != nil {
		return err
	}
	for _, u := range all {
		if u.State.Over() {
			s.Past = append(s.Past, w.importRow(v, u, names))
		} else {
			s.Going = append(s.Going, w.importCard(v, u, names))
		}
	}
	mark := map[string]string{"mail": "email", "wordpress": "site", "disqus": "site", "feed": "site", "table": "site"}
	for _, x := range importPlaces {
		s.Places = append(s.Places, view.ImportPlace{
			Net: first(mark[x], x), Name: v.words.T("importpage.place." + x), Where: v.words.T("importpage.way." + x), What: v.words.T("importpage.place." + x + ".what"),
		})
	}
	p := w.page(r, view.RoomSettings, "importpage.title")
	p.Topics = "imports"
	return w.showStatus(rw, r, status, p, view.ImportsPage(p, s))
}

// channelNames says how the channels are called.
func (w *Web) channelNames(r *http.Request) (map[network.ChannelID]network.Channel, error) {
	channels, err := w.rooms.Networks.Channels(r.Context(), visitOf(r).actor)
	if err != nil {
		return nil, err
	}
	out := map[network.ChannelID]network.Channel{}
	for _, c := range channels {
		out[c.ID] = c
	}
	return out, nil
}

func importPath(id archive.UploadID) string { return view.PathImport + "/" + string(id) }

// importTitle names an export: by its format and account where they are known, else by its file.
func (w *Web) importTitle(v *visit, u archive.Upload, names map[network.ChannelID]network.Channel) string {
	format := ""
	if u.Found != nil && u.Found.Format != "" {
		format = v.words.T("archive.format." + string(u.Found.Format))
		format = strings.ToUpper(format[:1]) + format[1:]
	}
	handle := ""
	if c, ok := names[u.Channel]; ok {
		handle = c.Handle
	} else if u.Found != nil {
		handle = u.Found.Account.Handle
	}
	switch {
	case format != "" && handle != "":
		return v.words.T("importpage.named", "format", format, "account", handle)
	case format != "":
		return format
	case u.Name != "":
		return u.Name
	}
	return v.words.T("importpage.nameless")
}

// importState says how far an export is, with its icon.
func importIcon(s archive.UploadState) string {
	switch s {
	case archive.Done:
		return "check"
	case archive.Failed, archive.Asking:
		return "attention"
	case archive.Cancelled:
		return "close"
	case archive.Arriving:
		return "upload"
	}
	return "hourglass"
}

func (w *Web) importRow(v *visit, u archive.Upload, names map[network.ChannelID]network.Channel) view.RowProps {
	now := w.rooms.Clock.Now()
	row := view.RowProps{Icon: importIcon(u.State), Title: w.importTitle(v, u, names), Aside: v.words.Ago(u.StartedAt, now)}
	if u.ID != "" {
		row.Href = importPath(u.ID)
	}
	switch u.State {
	case archive.Done:
		row.Notes = []string{v.words.N("importpage.new", u.New)}
		if u.Changed > 0 {
			row.Notes = append(row.Notes, v.words.N("importpage.changed", u.Changed))
		}
		if u.Known > 0 {
			row.Notes = append(row.Notes, v.words.N("importpage.known", u.Known))
		}
	case archive.Failed:
		row.Notes = []string{v.words.T("importpage.state.failed")}
	default:
		row.Notes = []string{v.words.T("importpage.state.cancelled")}
		if u.New > 0 {
			row.Notes = append(row.Notes, v.words.N("importpage.new", u.New))
		}
	}
	if u.By == "" && u.ID == "" {
		row.Notes = append(row.Notes, v.words.T("importpage.by_command"))
	}
	return row
}

// bytesSay says a size as people do.
func bytesSay(v *visit, n int64) string {
	switch {
	case n >= 1<<30:
		return v.words.T("importpage.size.gb", "n", decimal(v.words.Lang(), float64(n)/(1<<30)))
	case n >= 1<<20:
		return v.words.T("importpage.size.mb", "n", v.words.Number(int((n+1<<19)>>20)))
	}
	return v.words.T("importpage.size.kb", "n", v.words.Number(int((n+1023)>>10)))
}

func (w *Web) importCard(v *visit, u archive.Upload, names map[network.ChannelID]network.Channel) view.ImportCard {
	l := v.words
	c := view.ImportCard{
		ID: string(u.ID), Path: importPath(u.ID), Title: w.importTitle(v, u, names), State: l.T("importpage.state." + string(u.State)), Icon: importIcon(u.State), Percent: -1,
		Cancel: !u.State.Over(), Done: u.State == archive.Done, Again: u.State == archive.Failed && u.Kept,
		Live: u.State == archive.Arriving || u.State == archive.Queued || u.State == archive.Reading || u.State == archive.Bringing,
	}
	total := 0
	if u.Found != nil {
		total = u.Found.Items
		for _, k := range u.Found.Kinds {
			c.Found = append(c.Found, view.ImportCount{N: l.Number(k.Count), Label: l.T("archive.kind." + string(k.Kind))})
		}
		if u.Found.People > 0 {
			c.Found = append(c.Found, view.ImportCount{N: l.Number(u.Found.People), Label: l.T("importpage.people")})
		}
		if !u.Found.From.IsZero() && total > 0 {
			c.Sub = l.T("importpage.span", "from", l.Date(u.Found.From.In(v.zone())), "to", l.Date(u.Found.To.In(v.zone())))
		}
	}
	switch u.State {
	case archive.Arriving:
		c.Name, c.Size, c.Percent = u.Name, strconv.FormatInt(u.Size, 10), int(u.Received*100/max(u.Size, 1))
		c.Sub = l.T("importpage.arrived", "received", bytesSay(v, u.Received), "size", bytesSay(v, u.Size))
	case archive.Bringing:
		c.Percent = u.Done * 100 / max(total, 1)
		c.State = l.T("importpage.state.bringing.of", "done", l.Number(u.Done), "total", l.Number(total))
	case archive.Asking:
		w.importQuestion(v, u, &c)
	case archive.Done:
		c.Facts = []view.Fact{{Label: l.T("importpage.fact.new"), Value: l.Number(u.New)}, {Label: l.T("importpage.fact.known"), Value: l.Number(u.Known)}}
		if u.Changed > 0 {
			c.Facts = append(c.Facts, view.Fact{Label: l.T("importpage.fact.changed"), Value: l.Number(u.Changed)})
		}
	case archive.Cancelled:
		c.Facts = []view.Fact{{Label: l.T("importpage.fact.stays"), Value: l.Number(u.New)}}
	}
	if u.Problem != nil {
		c.Trouble = &view.TroubleProps{ID: c.ID + "-trouble", Title: l.T(u.Problem.Key, u.Problem.Args), Remedy: l.T(u.Problem.Key+".remedy", u.Problem.Args)}
	} else if u.State == archive.Failed {
		c.Trouble = &view.TroubleProps{ID: c.ID + "-trouble", Title: l.T("importpage.state.failed"), Remedy: l.T("importpage.failed.remedy")}
	}
	return c
}

// importQuestion asks what must be known first.
func (w *Web) importQuestion(v *visit, u archive.Upload, c *view.ImportCard) {
	l, q := v.words, u.Question
	if q == nil {
		return
	}
	if q.Table == nil {
		for _, n := range q.Names {
			if n != "" {
				c.Names = append(c.Names, view.CheckProps{Name: "name", Value: n, Label: n, Radio: true})
			}
		}
		c.Other = view.FieldProps{ID: c.ID + "-me", Name: "me", Label: l.T("importpage.me"), Hint: l.T("importpage.me.hint"), Autocomplete: "off"}
		if len(c.Names) > 0 {
			c.Other.Label = l.T("importpage.me.other")
		}
		if q.Me != "" {
			c.Other.Error, c.Other.Value = l.T("importpage.nobody", "me", q.Me), q.Me
		}
		return
	}
	c.Columns = &view.ImportColumns{
		Names: q.Table.Columns, Rows: q.Table.Rows,
		Where: view.FieldProps{ID: c.ID + "-network", Name: "network", Label: l.T("importpage.network"), Hint: l.T("importpage.network.hint"), Value: u.Said.Network, Autocomplete: "off"},
	}
	for _, ours := range archive.Columns() {
		f := view.SelectProps{ID: c.ID + "-" + ours, Name: "column." + ours, Label: l.T("importpage.column." + ours), Options: []view.Option{{Label: l.T("importpage.column.none")}}, Required: ours == "time"}
		chosen := q.Table.Guess[ours]
		if said, ok := u.Said.Columns[ours]; ok {
			chosen = said
		}
		for _, theirs := range q.Table.Columns {
			if theirs != "" {
				f.Options = append(f.Options, view.Option{Value: theirs, Label: theirs, Selected: theirs == chosen})
			}
		}
		c.Columns.Fields = append(c.Columns.Fields, f)
	}
}

// theImport reads which upload a route is about.
func (w *Web) theImport(r *http.Request) (archive.Upload, error) {
	id, err := archive.ParseUploadID(r.PathValue("id"))
	if err != nil {
		return archive.Upload{}, err
	}
	return w.rooms.Archives.Upload(r.Context(), visitOf(r).actor, id)
}

func (w *Web) showImport(rw http.ResponseWriter, r *http.Request) error {
	u, err := w.theImport(r)
	if err != nil {
		return err
	}
	return w.importPage(rw, r, http.StatusOK, u, "")
}

// importPage draws one export; wrong is why an answer was not taken.
func (w *Web) importPage(rw http.ResponseWriter, r *http.Request, status int, u archive.Upload, wrong string) error {
	v := visitOf(r)
	names, err := w.channelNames(r)
	if err != nil {
		return err
	}
	s := view.ImportPage{Tabs: v.tabs(view.PathImport), Card: w.importCard(v, u, names)}
	if s.Card.Columns != nil {
		s.Card.Columns.Error = wrong
	} else if wrong != "" {
		s.Card.Other.Error = wrong
	}
	if s.Card.Done {
		if err := w.importResult(r, u, &s.Card); err != nil {
			return err
		}
	}
	p := w.page(r, view.RoomSettings, "importpage.title")
	p.Topics = "imports"
	return w.showStatus(rw, r, status, p, view.OneImport(p, s))
}

// importResult says what became of an export, and where one goes on.
func (w *Web) importResult(r *http.Request, u archive.Upload, c *view.ImportCard) error {
	v := visitOf(r)
	l := v.words
	if v.actor.Can(team.InboxRead) {
		var err error
		if c.Criticism, err = w.importCriticism(r, u.Channel); err != nil {
			return err
		}
		c.Channel = &view.ImportKey{Label: l.T("importpage.look"), Href: view.PathInbox + "?" + query("view", "all", "channel", string(u.Channel))}
	}
	if u.Found == nil {
		return nil
	}
	c.Unread = view.TableProps{
		Caption: l.T("importpage.unread"), Columns: []view.Column{{Label: l.T("importpage.unread.kind")}, {Label: l.T("importpage.unread.detail")}, {Label: l.T("importpage.unread.count"), Number: true}},
		Heads: true,
	}
	for _, x := range u.Found.Unread {
		c.Unread.Rows = append(c.Unread.Rows, []templ.Component{view.Plain(l.T("archive.unread." + string(x.Kind))), view.Plain(x.Detail), view.Number(l.Number(x.Count), "")})
	}
	return nil
}

// importCriticism leads to criticism of the past that nobody answered; nil where there is none.
func (w *Web) importCriticism(r *http.Request, ch network.ChannelID) (*view.ImportKey, error) {
	v := visitOf(r)
	past, err := w.rooms.Inbox.List(r.Context(), v.actor, inbox.Filter{View: inbox.ViewBefore, Channel: ch, Limit: 100})
	if err != nil || len(past.Conversations) == 0 {
		return nil, err
	}
	k := &view.ImportKey{Text: v.words.N("importpage.criticism", len(past.Conversations)), Label: v.words.T("importpage.criticism.go"), Href: view.PathBefore}
	if past.Next != "" {
		k.Text = v.words.T("importpage.criticism.many", "count", len(past.Conversations))
	}
	if ch != "" {
		k.Href += "?" + query("channel", string(ch))
	}
	return k, nil
}

// importSays is what the browser is told while it sends a file.
type importSays struct {
	ID       string `json:"id"`
	Received int64  `json:"received"`
	Size     int64  `json:"size"`
	State    string `json:"state"`
}

func sayImport(rw http.ResponseWriter, u archive.Upload) error {
	rw.Header().Set("Content-Type", "application/json")
	rw.Header().Set("Cache-Control", "no-store")
	return json.NewEncoder(rw).Encode(importSays{string(u.ID), u.Received, u.Size, string(u.State)})
}

func (w *Web) beginImport(rw http.ResponseWriter, r *http.Request) error {
	size, err := strconv.ParseInt(r.PostFormValue("size"), 10, 64)
	if err != nil {
		return archive.ErrSize.With("most", archive.MaxUpload>>30).Because(err)
	}
	u, err := w.rooms.Archives.Begin(r.Context(), visitOf(r).actor, archive.UploadIn{Name: r.PostFormValue("name"), Size: size})
	if err != nil {
		return err
	}
	return sayImport(rw, u)
}

// collectImport has the public history of an account read by its address.
func (w *Web) collectImport(rw http.ResponseWriter, r *http.Request) error {
	address := r.PostFormValue("address")
	u, err := w.rooms.Archives.Collect(r.Context(), visitOf(r).actor, address)
	if errors.Is(err, archive.ErrAddress) {
		what, remedy := visitOf(r).words.Error(fault.Of(err))
		return w.importsPage(rw, r, http.StatusUnprocessableEntity, address, what+" "+remedy)
	}
	if err != nil {
		return err
	}
	http.Redirect(rw, r, importPath(u.ID), http.StatusSeeOther)
	return nil
}

func (w *Web) importState(rw http.ResponseWriter, r *http.Request) error {
	u, err := w.theImport(r)
	if err != nil {
		return err
	}
	return sayImport(rw, u)
}

func (w *Web) takeImport(rw http.ResponseWriter, r *http.Request) error {
	id, err := archive.ParseUploadID(r.PathValue("id"))
	if err != nil {
		return err
	}
	at, err := strconv.ParseInt(r.URL.Query().Get("at"), 10, 64)
	if err != nil || at < 0 {
		return archive.ErrOffset.With("received", 0)
	}
	u, err := w.rooms.Archives.Take(r.Context(), visitOf(r).actor, id, at, r.Body)
	if err != nil {
		return err
	}
	return sayImport(rw, u)
}

func (w *Web) answerImport(rw http.ResponseWriter, r *http.Request) error {
	u, err := w.theImport(r)
	if err != nil {
		return err
	}
	said := archive.Said{Me: strings.TrimSpace(r.PostFormValue("me")), Network: strings.ToLower(strings.TrimSpace(r.PostFormValue("network")))}
	if name := r.PostFormValue("name"); said.Me == "" || u.Question != nil && said.Me == u.Question.Me && name != "" {
		said.Me = name
	}
	for _, ours := range archive.Columns() {
		if theirs := r.PostFormValue("column." + ours); theirs != "" {
			if said.Columns == nil {
				said.Columns = map[string]string{}
			}
			said.Columns[ours] = theirs
		}
	}
	_, err = w.rooms.Archives.Answer(r.Context(), visitOf(r).actor, u.ID, said)
	if wrong, ok := w.wrong(rw, r, err, fault.Invalid); ok {
		u.Said = said
		return w.importPage(rw, r, wrong.Status, u, strings.TrimSpace(wrong.Text+" "+wrong.Remedy))
	} else if err != nil {
		return err
	}
	return w.done(rw, r, view.PathImport, "")
}

func (w *Web) againImport(rw http.ResponseWriter, r *http.Request) error {
	u, err := w.theImport(r)
	if err == nil {
		_, err = w.rooms.Archives.Again(r.Context(), visitOf(r).actor, u.ID)
	}
	if err != nil {
		return err
	}
	return w.done(rw, r, view.PathImport, "")
}

func (w *Web) cancelImport(rw http.ResponseWriter, r *http.Request) error {
	u, err := w.theImport(r)
	if err == nil {
		_, err = w.rooms.Archives.Cancel(r.Context(), visitOf(r).actor, u.ID)
	}
	if err != nil {
		return err
	}
	return w.done(rw, r, view.PathImport, "importpage.cancelled")
}
