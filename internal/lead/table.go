package lead

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/sheet"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

// Columns of a table of leads, as they are written; each has an Italian name beside it. One of email and phone must be there. Columns that a table
// going out has besides are not read.
var Columns = []string{"name", "email", "phone", "channel", "campaign", "state", "reason", "value", "currency", "sold_on", "created", "note"}

// beside are the columns that a table going out has beside them.
var beside = []string{"source", "form", "quality", "score", "first_channel", "first_campaign", "member", "answers", "id"}

var italian = map[string]string{
	"nome": "name", "e-mail": "email", "telefono": "phone", "canale": "channel", "campagna": "campaign", "stato": "state", "motivo": "reason", "valore": "value",
	"valuta": "currency", "venduto_il": "sold_on", "arrivato_il": "created", "nota": "note",
}

var italianStates = map[string]State{"nuovo": Fresh, "sentito": Contacted, "promettente": Qualified, "vinto": Won, "perso": Lost}

// Bounds of a table.
const (
	maxTable = 8 << 20 // bytes
	mostRows = 5000
)

// LineError is what is wrong in a line of a table; its remedy stands at Key + ".remedy".
type LineError = sheet.LineError

// Imported is what a table brought, or would.
type Imported struct {
	Rows   []ImportedRow
	Errors []LineError // any: nothing was stored
}

// ImportedRow is a lead of a table.
type ImportedRow struct {
	Line int
	Lead Lead // its ID is "" in a dry run
}

// errLines takes back what was stored of a table in which something is wrong.
var errLines = errors.New("lead: lines of a table are wrong")

// ImportCSV reads leads from a table: all of them, or none when anything is wrong, told line by line. A dry run stores nothing. Who was erased is not
// brought back. It needs LeadsManage.
func (x *Leads) ImportCSV(ctx context.Context, a team.Actor, r io.Reader, dry bool) (out Imported, err error) {
	if err := a.May(team.LeadsManage); err != nil {
		return out, err
	}
	lines, wrong, err := readTable(r)
	if err != nil || len(wrong) > 0 {
		return Imported{Errors: wrong}, wrap("ImportCSV", err)
	}
	work := func(ctx context.Context, tx *store.Tx) error {
		out = Imported{}
		for _, l := range lines {
			if err := x.takeLine(ctx, tx, a, l, &out); err != nil {
				return err
			}
		}
		if len(out.Errors) > 0 {
			return errLines
		}
		return x.rooms.Team.Audit(ctx, tx, a, team.Entry{Verb: "lead.imported", ObjectKind: "company", ObjectID: string(a.Company), Detail: map[string]string{"leads": itoa(len(out.Rows))}})
	}
	if dry {
		err = x.rooms.Store.Rehearse(ctx, work)
	} else {
		err = x.rooms.Store.InTx(ctx, work)
	}
	if errors.Is(err, errLines) {
		err, out.Rows = nil, nil
	}
	if dry {
		for i := range out.Rows {
			out.Rows[i].Lead.ID = ""
		}
	}
	return out, wrap("ImportCSV", err)
}

// takeLine makes a lead of a line, or says what is wrong in it.
func (x *Leads) takeLine(ctx context.Context, tx *store.Tx, a team.Actor, l sheet.Row, out *Imported) error {
	in, wrong := newIn(l)
	out.Errors = append(out.Errors, wrong...)
	if len(wrong) > 0 {
		return nil
	}
	if email, ok := tidyEmail(in.Email); ok {
		let, err := x.rooms.Audience.Welcome(ctx, tx, a.Company, ByEmail, []network.Author{{RemoteID: email, Handle: email}})
		if err != nil {
			return err
		}
		if len(let) == 0 {
			out.Errors = append(out.Errors, LineError{Line: l.Line, Column: "email", Key: "lead.csv.erased"})
			return nil
		}
	}
	got, err := x.add(ctx, tx, a, in, FromTable)
	if wrong := sheet.Fields(l.Line, err); wrong != nil {
		out.Errors = append(out.Errors, wrong...)
		return nil
	}
	if err != nil {
		return err
	}
	out.Rows = append(out.Rows, ImportedRow{Line: l.Line, Lead: got})
	return nil
}

func newIn(l sheet.Row) (in NewIn, wrong []LineError) {
	bad := func(column, key string) { wrong = append(wrong, LineError{Line: l.Line, Column: column, Key: key}) }
	c := l.Cells
	in = NewIn{
		Name: c["name"], Email: c["email"], Phone: c["phone"], Channel: c["channel"], Campaign: c["campaign"], Currency: strings.ToUpper(c["currency"]), SoldOn: c["sold_on"],
		Note: c["note"], State: State(strings.ToLower(c["state"])), Reason: c["reason"],
	}
	if s, ok := italianStates[string(in.State)]; ok {
		in.State = s
	}
	if in.State == Lost && in.Reason == "" {
		bad("reason", "lead.reason")
	}
	if c["value"] != "" {
		cents, ok := ParseAmount(c["value"])
		if !ok {
			bad("value", "lead.value")
		}
		in.Cents = cents
	}
	if c["created"] != "" {
		t, err := time.Parse(time.DateOnly, c["created"])
		if err != nil {
			if t, err = time.Parse(time.RFC3339, c["created"]); err != nil {
				bad("created", "lead.answer.date")
			}
		}
		in.CreatedAt = t.UTC()
	}
	return in, wrong
}

// ParseAmount reads an amount as people write it, in hundredths: 1.250,00 or 1,250.00 or 1250.
func ParseAmount(s string) (int64, bool) {
	s = strings.Map(func(r rune) rune {
		if r == ' ' || r == '\u00a0' || r == '€' || r == '\'' || r == '’' {
			return -1
		}
		return r
	}, s)
	if s == "" {
		return 0, true
	}
	whole, part := s, ""
	if i := strings.LastIndexAny(s, ".,"); i >= 0 && len(s)-i-1 <= 2 {
		whole, part = s[:i], s[i+1:]
	}
	whole = strings.NewReplacer(".", "", ",", "").Replace(whole)
	for len(part) < 2 {
		part += "0"
	}
	n, err := strconv.ParseInt(whole+part, 10, 64)
	return n, err == nil && whole != "" && whole[0] >= '0' && whole[0] <= '9' && n <= mostCents
}

// readTable reads the lines of a table.
func readTable(r io.Reader) (lines []sheet.Row, wrong []LineError, err error) {
	columns, lines, wrong, err := sheet.Read(r, sheet.Form{Bytes: maxTable, Rows: mostRows, Column: func(said string) (string, bool) {
		if en, ok := italian[said]; ok {
			said = en
		}
		if slices.Contains(beside, said) {
			return "", true
		}
		return said, slices.Contains(Columns, said)
	}})
	if err == nil && !slices.Contains(columns, "email") && !slices.Contains(columns, "phone") {
		wrong = append(wrong, LineError{Line: 1, Column: "email", Key: "lead.csv.reach"})
	}
	return lines, wrong, err
}

// ExportCSV writes leads as a table that comes in again as it was. It holds who people are: it needs LeadsManage, and the register of deeds keeps that it
// was taken along.
func (x *Leads) ExportCSV(ctx context.Context, a team.Actor, f Filter, w io.Writer) error {
	if err := a.May(team.LeadsManage); err != nil {
		return err
	}
	names := map[FormID]string{}
	forms, err := x.forms(ctx, a.Company)
	if err != nil {
		return wrap("ExportCSV", err)
	}
	for _, o := range forms {
		names[o.ID] = o.Name
	}
	err = x.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		return x.rooms.Team.Audit(ctx, tx, a, team.Entry{Verb: "lead.exported", ObjectKind: "company", ObjectID: string(a.Company)})
	})
	if err != nil {
		return wrap("ExportCSV", err)
	}
	b := bufio.NewWriter(w)
	c := csv.NewWriter(b)
	if err := c.Write(append(slices.Clone(Columns), beside...)); err != nil {
		return wrap("ExportCSV", err)
	}
	f.Cursor, f.Limit = "", mostListed
	for {
		p, err := x.List(ctx, a, f)
		if err != nil {
			return wrap("ExportCSV", err)
		}
		for _, l := range p.Leads {
			if err := c.Write(cells(l, names)); err != nil {
				return wrap("ExportCSV", err)
			}
		}
		if f.Cursor = p.Next; f.Cursor == "" {
			c.Flush()
			return wrap("ExportCSV", errors.Join(c.Error(), b.Flush()))
		}
	}
}

// cells are a lead as a line of a table.
func cells(l Lead, forms map[FormID]string) (out []string) {
	value := ""
	if l.Cents > 0 {
		value, _, _ = strings.Cut(Money(l.Cents, l.Currency), " ")
	}
	var said []string
	for _, a := range l.Answers {
		said = append(said, a.Label+": "+strings.Join(a.Values, ", "))
	}
	for _, s := range []string{
		l.Name, l.Email, l.Phone, l.Last.Channel, l.Last.Campaign, string(l.State), l.Reason, value, l.Currency, l.SoldOn, l.CreatedAt.Format(time.RFC3339), "",
		string(l.Source), forms[l.Form], string(l.Quality), itoa(l.Score), l.First.Channel, l.First.Campaign, string(l.Member), strings.Join(said, "\n"), string(l.ID),
	} {
		out = append(out, text.Guard(s))
	}
	return out
}
