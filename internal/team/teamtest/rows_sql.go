package teamtest

import (
	"testing"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// Tables lists the tables of the schema that have a column, in order.
func Tables(t testing.TB, s *store.Store, column string) []string {
	t.Helper()
	query := `SELECT m.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c ON c.name = ? WHERE m.type = 'table' ORDER BY m.name`
	if s.Dialect() == store.Postgres {
		query = `SELECT table_name FROM information_schema.columns WHERE table_schema = current_schema() AND column_name = ? ORDER BY table_name`
	}
	var names []string
	if err := s.Read(t.Context()).NewRaw(query, column).Scan(t.Context(), &names); err != nil {
		t.Fatal(err)
	}
	return names
}

// Rows counts the rows of a company in every table of the schema that has any, for tests that erasing leaves nothing.
func Rows(t testing.TB, s *store.Store, c team.CompanyID) map[string]int {
	t.Helper()
	out := map[string]int{}
	count := func(table, column string) {
		var n int
		err := s.Read(t.Context()).NewSelect().Table(table).ColumnExpr("count(*)").Where("? = ?", bun.Ident(column), string(c)).Scan(t.Context(), &n)
		if err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			out[table] = n
		}
	}
	for _, table := range Tables(t, s, "company_id") {
		count(table, "company_id")
	}
	count("company", "id")
	return out
}
