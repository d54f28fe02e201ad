package link

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/sheet"
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
type LineError = sheet.LineError

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
			if wrong := sheet.Fields(r.Line, err); wrong != nil {
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

// table is a table on its way in.
type table struct {
	zone   *time.Location
	rows   []ImportedRow
	errors []LineError
}

func (t *table) bad(line int, column, key string, args map[string]any) {
	t.errors = append(t.errors, LineError{Line: line, Column: column, Key: key, Args: args})
}

// read reads the lines of a table.
func (t *table) read(r io.Reader) error {
	columns, rows, wrong, err := sheet.Read(r, sheet.Form{Bytes: maxTable, Rows: mostRows, Column: column})
	if err != nil {
		return err
	}
	if t.errors = wrong; !slices.Contains(columns, "target") {
		t.bad(1, "target", "link.csv.notarget", nil)
		return nil
	}
	for _, r := range rows {
		t.rows = append(t.rows, ImportedRow{Line: r.Line, In: t.in(r.Line, r.Cells)})
	}
	return nil
}

func column(said string) (name string, known bool) {
	name = strings.Replace(said, "destinazione_", "target_", 1)
	if en, ok := italian[name]; ok {
		name = en
	}
	other, isOther := strings.CutPrefix(name, "target_")
	return name, slices.Contains(Columns, name) || isOther && (slices.Contains(DeviceNames, other) || languageName.MatchString(other))
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
