package lead_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/lead"
)

func TestATableComesInWholeOrNotAtAll(t *testing.T) {
	each(t, func(t *testing.T, b *bed) {
		ctx := t.Context()
		bad := "nome;e-mail;valore;stato;motivo;arrivato il\nAda;ada@example.it;1.250,50;vinto;;2026-01-10\nBob;;10;nuovo;;\nCarla;carla@example.it;tanto;perso;;ieri\n"
		out := must[lead.Imported](t)(b.Leads.ImportCSV(ctx, b.owner, strings.NewReader(bad), false))
		got := map[string]int{}
		for _, e := range out.Errors {
			got[e.Column+" "+e.Key] = e.Line
		}
		for want, line := range map[string]int{"email lead.reach": 3, "value lead.value": 4, "reason lead.reason": 4, "created lead.answer.date": 4} {
			if got[want] != line {
				t.Errorf("%s: line %d, want %d (%v)", want, got[want], line, got)
			}
		}
		if len(got) != 4 || len(out.Rows) != 0 || len(b.all(t)) != 0 {
			t.Errorf("%+v", out)
		}
		good := "\ufeffnome;e-mail;telefono;canale;valore;stato;arrivato il;nota\nAda;ADA@example.it;;fiera;1.250,50;vinto;2026-01-10;Vista in fiera\nBob;;055 123456;;;;;\n;;;;;;;\n"
		dry := must[lead.Imported](t)(b.Leads.ImportCSV(ctx, b.owner, strings.NewReader(good), true))
		if len(dry.Rows) != 2 || len(dry.Errors) != 0 || dry.Rows[0].Lead.ID != "" || len(b.all(t)) != 0 {
			t.Fatalf("%+v", dry)
		}
		must[lead.Imported](t)(b.Leads.ImportCSV(ctx, b.owner, strings.NewReader(good), false))
		for _, l := range b.all(t) {
			if l.Name == "Ada" && (l.Email != "ada@example.it" || l.Cents != 125050 || l.State != lead.Won || l.Last.Channel != "fiera" || l.CreatedAt.Format("2006-01-02") != "2026-01-10" || l.Source != lead.FromTable) {
				t.Errorf("%+v", l)
			}
		}
		for name, table := range map[string]string{"sheet.column": "nome;colore\n", "lead.csv.reach": "nome;canale\nx;y\n", "sheet.line": "nome,email\n\"x,y\n"} {
			out := must[lead.Imported](t)(b.Leads.ImportCSV(ctx, b.owner, strings.NewReader(table), true))
			if len(out.Errors) == 0 || out.Errors[len(out.Errors)-1].Key != name && out.Errors[0].Key != name {
				t.Errorf("%s: %+v", name, out)
			}
		}
		// Who was erased does not come back in a table.
		for _, l := range b.all(t) {
			if l.Name == "Ada" {
				p := must[lead.Sheet](t)(b.Leads.Open(ctx, b.owner, l.ID)).Whose.Person
				must[audience.Certificate](t)(b.Audience.Erase(ctx, b.owner, p.ID, audience.EraseIn{Name: p.Name}))
			}
		}
		again := must[lead.Imported](t)(b.Leads.ImportCSV(ctx, b.owner, strings.NewReader(good), false))
		if len(again.Errors) != 1 || again.Errors[0].Key != "lead.csv.erased" || again.Errors[0].Line != 2 {
			t.Errorf("%+v", again)
		}
	})
}

// A table that goes out holds no formulas, and comes in again as it was.
func TestATableGoesOutWithoutFormulas(t *testing.T) {
	each(t, func(t *testing.T, b *bed) {
		ctx := t.Context()
		must[lead.Lead](t)(b.Leads.Add(ctx, b.owner, lead.NewIn{Name: "=HYPERLINK(\"https://evil.example\")", Phone: "+39 055 123456", Campaign: "@sum", Channel: "-1+1", Cents: 12300}))
		var out bytes.Buffer
		ok(t, b.Leads.ExportCSV(ctx, b.owner, lead.Filter{}, &out))
		rows, err := csv.NewReader(bytes.NewReader(out.Bytes())).ReadAll()
		ok(t, err)
		for _, row := range rows[1:] {
			for _, cell := range row {
				if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
					t.Errorf("%q is a formula", cell)
				}
			}
		}
		got := must[lead.Imported](t)(b.Leads.ImportCSV(ctx, b.owner, &out, true))
		if len(got.Rows) != 1 || got.Rows[0].Lead.Name != "=HYPERLINK(\"https://evil.example\")" || got.Rows[0].Lead.Phone != "+39 055 123456" || got.Rows[0].Lead.Last.Campaign != "@sum" || got.Rows[0].Lead.Cents != 12300 {
			t.Errorf("%+v", got)
		}
	})
}

func TestAmountsAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]int64{"": 0, "1250": 125000, "1.250,50": 125050, "1,250.50": 125050, "12,5": 1250, "€ 3": 300, "1.250": 125000, "0,07": 7} {
		if got, ok := lead.ParseAmount(s); !ok || got != want {
			t.Errorf("%q: %d %v, want %d", s, got, ok, want)
		}
	}
	for _, s := range []string{"-5", "tanto", "1e9", ",5", "99999999999999999999", "+3"} {
		if got, ok := lead.ParseAmount(s); ok {
			t.Errorf("%q: %d", s, got)
		}
	}
}
