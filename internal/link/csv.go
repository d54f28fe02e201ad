package link

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

// Columns of a table of links, as they are written; only target must be there. Each has an Italian name beside it. Other targets stand in
// columns of their own: target_ios, target_android, target_desktop, and target_it, target_en and so on.
var Columns = []string{"target", "code", "title", "campaign", "channel", "source", "medium", "term", "content", "tags", "expires", "password"}

var italian = map[string]string{
	"destinazione": "target", "indirizzo": "target", "codice": "code", "titolo": "title", "nome": "title", "campagna": "campaign", "canale": "channel", "fonte": "source", "mezzo": "medium",
	"termine": "term", "contenuto": "content", "tag": "tags", "scadenza": "expires", "utm_source": "source", "utm_medium": "medium", "utm_campaign": "campaign", "utm_term": "term", "utm_content": "content", "url": "target",
}

// Bounds of a table.
const (
	maxTable = 4 << 20 // bytes
	mostRows = 5000
)

// ImportedRow is a link of a table.
type ImportedRow struct {
	Line int
	In   In
	Link Link // without an id in a dry run
}

// LineError is what is wrong in a line of a table; its remedy stands at Key + ".remedy".
type LineError struct {
	Line   int
	Column string
	Key    string
	Args   map[string]any
}

// Imported is what a table brought, or would.
type Imported struct {
	Rows   []ImportedRow
	Errors []LineError // any: nothing was stored
}

// errLines rolls back what was stored of a table in which something is wrong.
var errLines = errors.New("link: lines of a table are wrong")

// ImportCSV makes the links of a table: all of them, or none when anything is wrong, told line by line. With dry nothing is stored: what would
// come of it is told, codes and all clashes of codes included. It needs LinksManage.
func (l *Links) ImportCSV(ctx context.Context, actor team.Actor, r io.Reader, dry bool) (out Imported, err error) {
	if err := actor.May(team.LinksManage); err != nil {
		return out, err
	}
	company, err := l.rooms.Team.Company(ctx, actor.Company)
	if err != nil {
		return out, fmt.Errorf("link.ImportCSV: %w", err)
	}
	t := &table{zone: company.Location()}
	if err := t.read(r); err != nil {
		return out, fmt.Errorf("link.ImportCSV: %w", err)
	}
	run := l.rooms.Store.InTx
	if dry {
		run = l.rooms.Store.Rehearse
	}
	err = run(ctx, func(ctx context.Context, tx *store.Tx) error {
		out = Imported{Rows: t.rows, Errors: t.errors}
		for i := range out.Rows {
			r := &out.Rows[i]
			x, err := l.create(ctx, tx, actor, r.In)
			if wrong := lineErrors(r.Line, err); wrong != nil {
				out.Errors = append(out.Errors, wrong...)
				continue
			}
			if err != nil {
				return err
			}
			if r.Link = x; dry {
				r.Link.ID = ""
				if r.In.Code == "" {
					r.Link.Code = "" // the next time it is another
				}
				continue
			}
			if err := l.audit(ctx, tx, actor, "link.import", x); err != nil {
				return err
			}
		}
		slices.SortStableFunc(out.Errors, func(a, b LineError) int { return a.Line - b.Line })
		if len(out.Errors) > 0 {
			return errLines
		}
		return nil
	})
	if err != nil && !errors.Is(err, errLines) {
		return Imported{}, fmt.Errorf("link.ImportCSV: %w", err)
	}
	return out, nil
}

// lineErrors makes of what a person did wrong errors of a line; nil: there are none.
func lineErrors(line int, err error) (all []LineError) {
	e := fault.Of(err)
	if err == nil || e.Kind != fault.Invalid {
		return nil
	}
	for _, f := range e.Fields {
		all = append(all, LineError{Line: line, Column: f.Name, Key: f.Key, Args: f.Args})
	}
	if len(all) == 0 {
		all = []LineError{{Line: line, Key: e.Key, Args: e.Args}}
	}
	return all
}

// table is a table on its way in.
type table struct {
	zone   *time.Location
	rows   []ImportedRow
	errors []LineError
}

func (t *table) bad(line int, column, key string, args map[string]any) {
	t.errors = append(t.errors, LineError{Line: line, Column: column, Key: key, Args: args})
}

// read reads the lines of a table. Semicolons or commas divide its columns, as its first line says.
func (t *table) read(r io.Reader) error {
	raw, err := io.ReadAll(io.LimitReader(r, maxTable+1))
	if err != nil {
		return fault.New(fault.Invalid, "link.csv.unreadable").Because(err)
	}
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	switch {
	case len(raw) > maxTable:
		return fault.New(fault.Invalid, "link.csv.huge").With("max", maxTable>>20)
	case !utf8.Valid(raw) || bytes.IndexByte(raw, 0) >= 0:
		return fault.New(fault.Invalid, "link.csv.encoding")
	case len(bytes.TrimSpace(raw)) == 0:
		return fault.New(fault.Invalid, "link.csv.empty")
	}
	c := csv.NewReader(bytes.NewReader(raw))
	c.FieldsPerRecord = -1
	if first, _, _ := bytes.Cut(raw, []byte("\n")); bytes.Count(first, []byte(";")) > bytes.Count(first, []byte(",")) {
		c.Comma = ';'
	}
	head, err := c.Read()
	if err != nil {
		return fault.New(fault.Invalid, "link.csv.unreadable").Because(err)
	}
	columns := t.head(head)
	if len(t.errors) > 0 {
		return nil
	}
	for {
		record, err := c.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			line := 0
			if e, ok := errors.AsType[*csv.ParseError](err); ok {
				line = e.Line
			}
			t.bad(line, "", "link.csv.line", nil)
			return nil
		}
		line, _ := c.FieldPos(0)
		cells := map[string]string{}
		for i, v := range record {
			if v = strings.TrimSpace(v); v == "" {
				continue
			}
			if i >= len(columns) {
				t.bad(line, "", "link.csv.cells", nil)
				break
			}
			cells[columns[i]] = v
		}
		if len(cells) == 0 {
			continue
		}
		if len(t.rows) == mostRows {
			return fault.New(fault.Invalid, "link.csv.rows").With("max", mostRows)
		}
		t.rows = append(t.rows, ImportedRow{Line: line, In: t.in(line, cells)})
	}
}

func (t *table) head(head []string) []string {
	columns := make([]string, len(head))
	for i, h := range head {
		name := strings.ReplaceAll(strings.ToLower(strings.TrimSpace(h)), " ", "_")
		name = strings.Replace(name, "destinazione_", "target_", 1)
		if en, ok := italian[name]; ok {
			name = en
		}
		other, isOther := strings.CutPrefix(name, "target_")
		switch {
		case !slices.Contains(Columns, name) && !(isOther && (slices.Contains(DeviceNames, other) || languageName.MatchString(other))):
			t.bad(1, strings.TrimSpace(h), "link.csv.column", map[string]any{"name": strings.TrimSpace(h)})
		case slices.Contains(columns[:i], name):
			t.bad(1, name, "link.csv.twice", map[string]any{"name": name})
		}
		columns[i] = name
	}
	if !slices.Contains(columns, "target") {
		t.bad(1, "target", "link.csv.notarget", nil)
	}
	return columns
}

func (t *table) in(line int, cells map[string]string) In {
	in := In{
		Target: cells["target"], Code: cells["code"], Title: cells["title"], Campaign: cells["campaign"], Channel: cells["channel"], Source: cells["source"],
		Medium: cells["medium"], Term: cells["term"], Content: cells["content"], Password: cells["password"], Tags: SplitTags(cells["tags"]),
		Devices: Targets{}, Languages: Targets{},
	}
	for name, v := range cells {
		if other, ok := strings.CutPrefix(name, "target_"); ok {
			if slices.Contains(DeviceNames, other) {
				in.Devices[other] = v
			} else {
				in.Languages[other] = v
			}
		}
	}
	if s := cells["expires"]; s != "" {
		at, ok := ParseDay(s, t.zone)
		if !ok {
			t.bad(line, "expires", "link.csv.date", nil)
		}
		in.ExpiresAt = at
	}
	return in
}

// SplitTags reads tags apart by commas, semicolons or line breaks.
func SplitTags(s string) []string {
	return strings.FieldsFunc(s, func(c rune) bool { return c == ',' || c == ';' || c == '\n' })
}

// ParseDay reads a day as people write it and gives the moment at which it is over.
func ParseDay(s string, zone *time.Location) (time.Time, bool) {
	for _, layout := range []string{"2006-01-02", "02/01/2006", "2/1/2006", "02.01.2006"} {
		if day, err := time.Parse(layout, strings.TrimSpace(s)); err == nil {
			return time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, zone).UTC(), true
		}
	}
	return time.Time{}, false
}

// LastDay is the last day on which a link leads on, as ParseDay reads it.
func (x Link) LastDay(zone *time.Location) string {
	if x.ExpiresAt.IsZero() {
		return ""
	}
	return x.ExpiresAt.In(zone).Add(-time.Second).Format("2006-01-02")
}

// ExportCSV writes the links of a company as a table, with their visits, the newest first, at most so many as a table may bring in.
// It needs LinksRead.
func (l *Links) ExportCSV(ctx context.Context, actor team.Actor, w io.Writer) error {
	company, err := l.rooms.Team.Company(ctx, actor.Company)
	if err != nil {
		return fmt.Errorf("link.ExportCSV: %w", err)
	}
	base, err := l.Base(ctx, actor.Company)
	if err != nil {
		return fmt.Errorf("link.ExportCSV: %w", err)
	}
	out := csv.NewWriter(w)
	_ = out.Write([]string{"address", "code", "title", "target", "campaign", "channel", "source", "medium", "term", "content", "tags", "expires", "state", "visits", "visitors", "bots", "previews"})
	f := Filter{Limit: 200}
	for n := 0; n < mostRows; {
		part, next, err := l.List(ctx, actor, f)
		if err != nil {
			return err
		}
		for _, x := range part {
			row := []string{base + x.Code, x.Code, x.Title, x.Target, x.Campaign, x.Channel, x.Source, x.Medium, x.Term, x.Content, strings.Join(x.Tags, ", "), x.LastDay(company.Location()), string(x.State)}
			for i, c := range row {
				row[i] = text.Guard(c)
			}
			for _, k := range []int64{x.Sum.Visits, x.Sum.Visitors, x.Sum.Bots, x.Sum.Previews} {
				row = append(row, fmt.Sprint(k))
			}
			_ = out.Write(row) // told at Flush
			n++
		}
		if f.Cursor = next; next == "" {
			break
		}
	}
	out.Flush()
	return out.Error()
}
