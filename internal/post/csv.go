package post

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/schedule"
	"github.com/ponte-desk/ponte/internal/sheet"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

// Columns of a table of posts, as they are written. Only text, or media, must be there. Each has an Italian name beside it.
//
//	date, data            2026-03-29, with time: by the clock on the company's wall
//	time, ora             18:30
//	channels, canali      handles, names or ids, apart by semicolons or spaces behind commas; or the name of a network that has one channel
//	title, titolo
//	text, testo           with light marks
//	media                 addresses (https) or ids of files that are here already, apart by semicolons or line breaks
//	alt                   what each file shows, in the same order, apart by line breaks or |
//	tags, tag             apart by spaces or commas
//	first_comment, primo_commento
//	campaign, campagna
//	language, lingua
//	warning, avviso
//	count_visits, conta_visite   yes or sì: links are counted
var Columns = []string{"date", "time", "channels", "title", "text", "media", "alt", "tags", "first_comment", "campaign", "language", "warning", "count_visits"}

// told are the columns that a table going out has beside them.
var told = []string{"state", "url", "sent", "id"}

var italian = map[string]string{
	"data": "date", "ora": "time", "canali": "channels", "titolo": "title", "testo": "text", "tag": "tags", "primo_commento": "first_comment",
	"campagna": "campaign", "lingua": "language", "avviso": "warning", "conta_visite": "count_visits", "stato": "state", "indirizzo": "url", "uscito": "sent",
}

// mark says that a file is UTF-8, where a spreadsheet would take it for something else.
const mark = "\ufeff"

// Bounds of a table.
const (
	maxTable  = 8 << 20 // bytes
	mostRows  = 1000
	maxFetch  = 20 << 20 // bytes of a file behind an address
	fetchTime = 30 * time.Second
)

// ImportIn is how a table is read.
type ImportIn struct {
	Dry  bool // nothing is stored, no file is fetched
	Plan bool // what has a time is planned, not left a draft; needs PostsPublish
}

// Imported is what a table brought, or would.
type Imported struct {
	Rows   []ImportedRow
	Errors []LineError // any: nothing was stored
}

// ImportedRow is a post of a table.
type ImportedRow struct {
	Line     int
	Post     ID // "" in a dry run
	Written  Written
	Wall     schedule.Wall // zero: no time
	DueAt    time.Time
	Kind     schedule.Kind // of the time: the hour that is jumped over, or comes twice
	Fetching []string      // addresses of files
}

// LineError is what is wrong in a line of a table; its remedy stands at Key + ".remedy".
type LineError = sheet.LineError

// ImportCSV reads posts from a table: all of them, or none when anything is wrong, told line by line. It needs PostsWrite.
func (p *Posts) ImportCSV(ctx context.Context, actor team.Actor, r io.Reader, in ImportIn) (Imported, error) {
	if err := actor.May(team.PostsWrite); err != nil {
		return Imported{}, err
	}
	if in.Plan {
		if err := actor.May(team.PostsPublish); err != nil {
			return Imported{}, err
		}
	}
	out, err := p.importCSV(ctx, actor, r, in)
	if err != nil {
		return Imported{}, fmt.Errorf("post.ImportCSV: %w", err)
	}
	return out, nil
}

func (p *Posts) importCSV(ctx context.Context, actor team.Actor, r io.Reader, in ImportIn) (out Imported, err error) {
	t := &table{company: actor.Company, posts: p}
	company, err := p.rooms.Team.Company(ctx, actor.Company)
	if err != nil {
		return out, err
	}
	t.zone = company.Location()
	if t.channels, err = p.rooms.Networks.ChannelsByID(ctx, actor.Company); err != nil {
		return out, err
	}
	if err := t.read(r); err != nil {
		return out, err
	}
	for i := range t.rows {
		if err := t.check(ctx, &t.rows[i]); err != nil {
			return out, err
		}
	}
	out.Rows, out.Errors = t.rows, t.errors
	if in.Dry || len(out.Errors) > 0 {
		return out, nil
	}
	// Files come before the transaction: no network is called inside one.
	for i := range out.Rows {
		if err := t.fetch(ctx, actor, &out.Rows[i]); err != nil {
			return out, err
		}
	}
	if out.Errors = t.errors; len(out.Errors) > 0 {
		return out, nil
	}
	if in.Plan {
		ws := make([]Written, 0, len(out.Rows))
		for _, r := range out.Rows {
			if !r.DueAt.IsZero() {
				ws = append(ws, r.Written)
			}
		}
		if err := p.learn(ctx, actor.Company, ws, learnMany); err != nil {
			return out, err
		}
	}
	err = p.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		for i := range out.Rows {
			if err := p.takeRow(ctx, tx, actor, &out.Rows[i], in.Plan); err != nil {
				if wrong := sheet.Fields(out.Rows[i].Line, err); wrong != nil {
					out.Errors = append(out.Errors, wrong...)
					continue
				}
				return err
			}
		}
		if len(out.Errors) > 0 {
			return errLines
		}
		return nil
	})
	if errors.Is(err, errLines) {
		return out, nil
	}
	return out, err
}

// errLines rolls back what was stored of a table in which something is wrong.
var errLines = errors.New("post: lines of a table are wrong")

func (p *Posts) takeRow(ctx context.Context, tx *store.Tx, actor team.Actor, r *ImportedRow, plan bool) error {
	x, err := p.create(ctx, tx, actor, r.Written, "post.import")
	if err != nil {
		return err
	}
	r.Post = x.ID
	if err := p.askLinks(ctx, tx, actor.Company, r.Written); err != nil {
		return err
	}
	if r.DueAt.IsZero() {
		return nil
	}
	when := When{Kind: At, Wall: r.Wall}
	if plan {
		_, err := p.Schedule(ctx, actor, x.ID, ScheduleIn{Version: x.Version, When: when})
		return err
	}
	if err := p.wish(ctx, &x, when); err != nil {
		return err
	}
	x.at()
	return p.savePost(ctx, tx, x)
}

// table is a table on its way in.
type table struct {
	posts    *Posts
	company  team.CompanyID
	zone     *time.Location
	channels map[network.ChannelID]network.Channel
	rows     []ImportedRow
	errors   []LineError
	cells    []map[string]string // of each row, by column
}

func (t *table) bad(line int, column, key string, args map[string]any) {
	t.errors = append(t.errors, LineError{Line: line, Column: column, Key: key, Args: args})
}

// read reads the lines of a table.
func (t *table) read(r io.Reader) error {
	columns, rows, wrong, err := sheet.Read(r, sheet.Form{Bytes: maxTable, Rows: mostRows, Column: func(said string) (string, bool) {
		if en, ok := italian[said]; ok {
			said = en
		}
		if slices.Contains(told, said) {
			return "", true
		}
		return said, slices.Contains(Columns, said)
	}})
	if err != nil {
		return err
	}
	if t.errors = wrong; !slices.Contains(columns, "text") && !slices.Contains(columns, "media") {
		t.bad(1, "text", "post.csv.notext", nil)
		return nil
	}
	for _, r := range rows {
		t.rows, t.cells = append(t.rows, ImportedRow{Line: r.Line}), append(t.cells, r.Cells)
	}
	return nil
}

// check turns a line into a post, or says what is wrong in it.
func (t *table) check(ctx context.Context, r *ImportedRow) error {
	cells := t.cells[slices.IndexFunc(t.rows, func(o ImportedRow) bool { return o.Line == r.Line })]
	m := Message{
		Title: cells["title"], Text: cells["text"], Warning: cells["warning"], Language: strings.ToLower(cells["language"]), FirstComment: cells["first_comment"],
		Campaign: cells["campaign"], Tags: strings.FieldsFunc(cells["tags"], func(c rune) bool { return c == ' ' || c == ',' || c == ';' || c == '\n' }),
	}
	before := len(t.errors)
	switch text.Fold(strings.TrimSpace(cells["count_visits"])) {
	case "", "no", "0", "false":
	case "si", "yes", "1", "true", "x":
		m.Track = true
	default:
		t.errors = append(t.errors, LineError{Line: r.Line, Column: "count_visits", Key: "post.csv.yes"})
	}
	r.Written = Written{Message: m, Own: map[network.ChannelID]Own{}}
	t.when(r, cells["date"], cells["time"])
	for _, name := range split(cells["channels"], ";\n") {
		for _, one := range split(name, ",") {
			t.channel(r, one)
		}
	}
	files := split(cells["media"], ";\n ")
	alts := alternatives(cells["alt"], len(files))
	for i, ref := range files {
		alt := ""
		if i < len(alts) {
			alt = alts[i]
		}
		t.file(r, ref, alt)
	}
	if m.Text == "" && len(r.Written.Message.Media) == 0 {
		t.bad(r.Line, "text", "post.csv.text", nil)
	}
	if len(t.errors) > before {
		return nil
	}
	w := r.Written
	w.Message.Media = slices.DeleteFunc(slices.Clone(w.Message.Media), func(x Media) bool { return x.ID == "" }) // they are still to be fetched
	w.tidy()
	err := t.posts.check(ctx, t.company, w)
	if e := fault.Of(err); err != nil && e.Kind == fault.Invalid {
		for _, f := range e.Fields {
			t.bad(r.Line, f.Name, f.Key, f.Args)
		}
		return nil
	}
	return err
}

// alternatives gives what each of n files shows: of one file the whole cell, of several a line each, or what stands between bars.
func alternatives(cell string, n int) []string {
	at := "|"
	switch {
	case n < 2:
		return []string{strings.Join(strings.Fields(cell), " ")}
	case strings.Contains(cell, "\n"):
		at = "\n"
	}
	all := strings.Split(cell, at)
	for i := range all {
		all[i] = strings.TrimSpace(all[i])
	}
	return all
}

func split(s, at string) (out []string) {
	for _, v := range strings.FieldsFunc(s, func(c rune) bool { return strings.ContainsRune(at, c) }) {
		if v = strings.TrimSpace(v); v != "" {
			out = append(out, v)
		}
	}
	return out
}

func (t *table) when(r *ImportedRow, date, clock string) {
	switch {
	case date == "" && clock == "":
		return
	case date == "":
		t.bad(r.Line, "date", "post.csv.date", nil)
		return
	case clock == "":
		t.bad(r.Line, "time", "post.csv.time", nil)
		return
	}
	var day time.Time
	var err error
	for _, layout := range []string{"2006-01-02", "02/01/2006", "2/1/2006", "02.01.2006"} {
		if day, err = time.Parse(layout, date); err == nil {
			break
		}
	}
	if err != nil {
		t.bad(r.Line, "date", "post.csv.date", nil)
	}
	hour, wrong := time.Parse("15:04", strings.ReplaceAll(clock, ".", ":"))
	if wrong != nil { // as some spreadsheets write it back
		hour, wrong = time.Parse("15:04:05", strings.ReplaceAll(clock, ".", ":"))
	}
	if wrong != nil {
		t.bad(r.Line, "time", "post.csv.time", nil)
	}
	if err != nil || wrong != nil {
		return
	}
	r.Wall = schedule.Wall{Year: day.Year(), Month: day.Month(), Day: day.Day(), Hour: hour.Hour(), Minute: hour.Minute()}
	r.DueAt, r.Kind = schedule.In(r.Wall, t.zone, false)
	if r.DueAt.Before(t.posts.rooms.Clock.Now()) {
		t.bad(r.Line, "date", "post.when.past", nil)
	}
}

// channel finds a channel by what people call it.
func (t *table) channel(r *ImportedRow, name string) {
	var found []network.ChannelID
	same := func(a string) bool {
		return strings.EqualFold(strings.TrimPrefix(a, "@"), strings.TrimPrefix(name, "@"))
	}
	for _, by := range []func(network.Channel) bool{
		func(c network.Channel) bool { return string(c.ID) == name },
		func(c network.Channel) bool { return same(c.Handle) },
		func(c network.Channel) bool { return same(c.Name) },
		func(c network.Channel) bool { return same(string(c.Network)) },
	} {
		for _, id := range sortedKeys(t.channels) {
			if usable(t.channels, id) && by(t.channels[id]) {
				found = append(found, id)
			}
		}
		if len(found) > 0 {
			break
		}
	}
	switch len(found) {
	case 0:
		t.bad(r.Line, "channels", "post.csv.channel", map[string]any{"name": name})
	case 1:
		r.Written.Channels = append(r.Written.Channels, found[0])
	default:
		t.bad(r.Line, "channels", "post.csv.channels", map[string]any{"name": name})
	}
}

// file takes a file by its id, or notes an address to fetch it from.
func (t *table) file(r *ImportedRow, ref, alt string) {
	if id, err := media.ParseID(ref); err == nil {
		r.Written.Message.Media = append(r.Written.Message.Media, Media{ID: id, Alt: alt})
		return
	}
	u, err := url.Parse(ref)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil {
		t.bad(r.Line, "media", "post.csv.media", map[string]any{"name": ref})
		return
	}
	r.Fetching = append(r.Fetching, ref)
	r.Written.Message.Media = append(r.Written.Message.Media, Media{Alt: alt})
}

// fetch brings the files of a line in.
func (t *table) fetch(ctx context.Context, actor team.Actor, r *ImportedRow) error {
	next := 0
	for i := range r.Written.Message.Media {
		m := &r.Written.Message.Media[i]
		if m.ID != "" {
			continue
		}
		address := r.Fetching[next]
		next++
		f, err := t.posts.fetch(ctx, actor, address, m.Alt)
		if err != nil {
			if k := fault.KindOf(err); k != fault.Invalid && k != fault.Upstream {
				return err
			}
			t.bad(r.Line, "media", "post.csv.fetch", map[string]any{"name": address})
			continue
		}
		m.ID = f.ID
	}
	return nil
}

// fetch brings in a file that lies at an address. What it may reach is guarded.
func (p *Posts) fetch(ctx context.Context, actor team.Actor, address, alt string) (media.File, error) {
	refused := fault.New(fault.Upstream, "post.csv.fetch").With("name", address)
	if p.rooms.HTTP == nil {
		return media.File{}, refused
	}
	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return media.File{}, refused.Because(err)
	}
	resp, err := p.rooms.HTTP.Do(req)
	if err != nil {
		return media.File{}, refused.Because(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return media.File{}, refused.Because(fmt.Errorf("status %d", resp.StatusCode))
	}
	return p.rooms.Media.Add(ctx, media.Incoming{
		Company: string(actor.Company), Member: string(actor.Member), Name: path.Base(req.URL.Path), Alt: alt, Body: resp.Body, MaxBytes: maxFetch,
	})
}
