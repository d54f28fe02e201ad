package report

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/ponte-desk/ponte/internal/lead"
	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/sheet"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

// CostColumns are those of a table of costs, as they are written; kind, amount and from must be there. Each has an Italian name beside it.
var CostColumns = []string{"kind", "amount", "from", "to", "channel", "campaign", "note", "elsewhere", "elsewhere_amount"}

var italianColumns = map[string]string{
	"tipo": "kind", "importo": "amount", "dal": "from", "al": "to", "canale": "channel", "campagna": "campaign", "nota": "note", "altrove": "elsewhere",
	"importo_altrove": "elsewhere_amount", "giorno": "from", "day": "from",
}

var italianKinds = map[string]CostKind{
	"strumenti": Tools, "pubblicità": Advertising, "pubblicita": Advertising, "stampa": Print, "radio": Radio, "fiera": Fair, "fiere": Fair, "campioni": Samples, "altro": Other,
}

// Bounds of a table.
const (
	maxTable = 2 << 20 // bytes
	mostRows = 5000
)

// LineError is what is wrong in a line of a table; its remedy stands at Key + ".remedy".
type LineError = sheet.LineError

// ImportedCosts is what a table brought, or would.
type ImportedCosts struct {
	Costs  []Cost // without ids in a dry run
	Errors []LineError
}

// errLines takes back what was stored of a table in which something is wrong.
var errLines = errors.New("report: lines of a table are wrong")

// ImportCosts reads a table into the cost book: all of it, or nothing when anything is wrong, told line by line. A dry run stores nothing. It
// needs CostsManage.
func (x *Room) ImportCosts(ctx context.Context, a team.Actor, r io.Reader, dry bool) (out ImportedCosts, err error) {
	if err := a.May(team.CostsManage); err != nil {
		return out, err
	}
	lines, wrong, err := readCosts(r)
	if err != nil || len(wrong) > 0 {
		return ImportedCosts{Errors: wrong}, wrap("ImportCosts", err)
	}
	run := x.rooms.Store.InTx
	if dry {
		run = x.rooms.Store.Rehearse
	}
	err = run(ctx, func(ctx context.Context, tx *store.Tx) error {
		out = ImportedCosts{}
		for _, l := range lines {
			c, err := x.addCost(ctx, tx, a, l.in)
			if wrong := sheet.Fields(l.line, err); wrong != nil {
				out.Errors = append(out.Errors, wrong...)
				continue
			}
			if err != nil {
				return err
			}
			if dry {
				c.ID = ""
			}
			out.Costs = append(out.Costs, c)
		}
		if len(out.Errors) > 0 {
			out.Costs = nil
			return errLines
		}
		return nil
	})
	if errors.Is(err, errLines) {
		err = nil
	}
	return out, wrap("ImportCosts", err)
}

type costLine struct {
	line int
	in   CostIn
}

// readCosts reads the lines of a table.
func readCosts(r io.Reader) (lines []costLine, wrong []LineError, err error) {
	columns, rows, wrong, err := sheet.Read(r, sheet.Form{Bytes: maxTable, Rows: mostRows, Column: func(said string) (string, bool) {
		if en, ok := italianColumns[said]; ok {
			said = en
		}
		return said, slices.Contains(CostColumns, said)
	}})
	if err != nil {
		return nil, nil, err
	}
	for _, must := range []string{"kind", "amount", "from"} {
		if !slices.Contains(columns, must) {
			wrong = append(wrong, LineError{Line: 1, Column: must, Key: "report.csv.must", Args: map[string]any{"name": must}})
		}
	}
	if len(wrong) > 0 {
		return nil, wrong, nil
	}
	for _, r := range rows {
		in, bad := costInOf(r.Line, r.Cells)
		lines, wrong = append(lines, costLine{r.Line, in}), append(wrong, bad...)
	}
	return lines, wrong, nil
}

func costInOf(line int, cells map[string]string) (in CostIn, wrong []LineError) {
	in = CostIn{
		Kind: CostKind(strings.ToLower(cells["kind"])), Channel: cells["channel"], Campaign: cells["campaign"], Note: cells["note"], Elsewhere: cells["elsewhere"],
	}
	if k, ok := italianKinds[string(in.Kind)]; ok {
		in.Kind = k
	}
	amount := func(column string) int64 {
		n, ok := lead.ParseAmount(cells[column])
		if !ok {
			wrong = append(wrong, LineError{Line: line, Column: column, Key: "report.cost.amount"})
		}
		return n
	}
	in.Cents, in.ElsewhereCents = amount("amount"), amount("elsewhere_amount")
	for column, out := range map[string]*link.Day{"from": &in.From, "to": &in.To} {
		if cells[column] == "" {
			continue
		}
		d, ok := ParseDay(cells[column])
		if !ok {
			wrong = append(wrong, LineError{Line: line, Column: column, Key: "report.cost.day"})
		}
		*out = d
	}
	return in, wrong
}

// ExportCosts writes the cost book as a table that comes in again as it was. It needs ResultsRead.
func (x *Room) ExportCosts(ctx context.Context, a team.Actor, w io.Writer) error {
	all, err := x.Costs(ctx, a, 0, 0)
	if err != nil {
		return err
	}
	b := bufio.NewWriter(w)
	c := csv.NewWriter(b)
	rows := [][]string{CostColumns}
	for _, e := range all {
		elsewhere := ""
		if e.ElsewhereCents > 0 {
			elsewhere = amountText(e.ElsewhereCents)
		}
		rows = append(rows, []string{
			string(e.Kind), amountText(e.Cents), DayText(e.From), DayText(e.To), text.Guard(e.Channel), text.Guard(e.Campaign), text.Guard(e.Note), text.Guard(e.Elsewhere), elsewhere,
		})
	}
	return wrap("ExportCosts", errors.Join(c.WriteAll(rows), b.Flush()))
}

// amountText writes an amount as tables and programs read it.
func amountText(cents int64) string {
	s, _, _ := strings.Cut(lead.Money(cents, Currency), " ")
	return s
}
