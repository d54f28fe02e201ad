package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"
)

// ColumnKind is what a column holds, said the same way for both databases.
type ColumnKind string

// The kinds of columns. A row of a table is read as string, int64, float64, bool, time.Time and []byte, or nil.
const (
	TextColumn  ColumnKind = "text"
	IntColumn   ColumnKind = "int"
	FloatColumn ColumnKind = "float"
	BoolColumn  ColumnKind = "bool"
	TimeColumn  ColumnKind = "time"
	BytesColumn ColumnKind = "bytes"
)

// Column is a column of a table.
type Column struct {
	Name string     `json:"name"`
	Kind ColumnKind `json:"kind"`
}

// Table is a table that a copy of the house holds.
type Table struct {
	Name    string   `json:"name"`
	Columns []Column `json:"columns"`
}

// Snapshot runs f on one moment of the database, while others go on writing. Reads inside go through the context it
// gives; nothing can be written inside.
func (s *Store) Snapshot(ctx context.Context, f func(ctx context.Context) error) error {
	o := &sql.TxOptions{ReadOnly: true}
	if s.dialect == Postgres {
		o.Isolation = sql.LevelRepeatableRead
	}
	tx, err := s.read.BeginTx(ctx, o)
	if err != nil {
		return fmt.Errorf("store.Snapshot: %w", Fault(err))
	}
	defer func() { _ = tx.Rollback() }()
	return f(context.WithValue(ctx, txKey{}, &Tx{DB: tx}))
}

// Tables lists the tables of the schema so that a table comes after those it points at. Those of the job engine, of the
// migrations and of the search index are left out: the first two describe a running house, the third its own room copies.
func (s *Store) Tables(ctx context.Context) ([]Table, error) {
	query := `SELECT m.name AS tbl, c.name AS col, c.type AS kind FROM sqlite_master m JOIN pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'search_doc%' ORDER BY m.name, c.cid`
	links := `SELECT m.name AS a, f."table" AS b FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table'`
	if s.dialect == Postgres {
		query = `SELECT c.table_name AS tbl, c.column_name AS col, c.data_type AS kind FROM information_schema.columns c
			JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
			WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE' AND c.table_name <> 'search_doc'
			ORDER BY c.table_name, c.ordinal_position`
		links = `SELECT a.relname AS a, b.relname AS b FROM pg_constraint k JOIN pg_class a ON a.oid = k.conrelid
			JOIN pg_class b ON b.oid = k.confrelid WHERE k.contype = 'f' AND k.connamespace = CAST(current_schema() AS regnamespace)`
	}
	var cols []struct{ Tbl, Col, Kind string }
	if err := s.Read(ctx).NewRaw(query).Scan(ctx, &cols); err != nil {
		return nil, fmt.Errorf("store.Tables: %w", Fault(err))
	}
	var points []struct{ A, B string }
	if err := s.Read(ctx).NewRaw(links).Scan(ctx, &points); err != nil {
		return nil, fmt.Errorf("store.Tables: %w", Fault(err))
	}
	var all []Table
	for _, c := range cols {
		if strings.HasPrefix(c.Tbl, "river_") || strings.HasPrefix(c.Tbl, "goose_") {
			continue
		}
		if len(all) == 0 || all[len(all)-1].Name != c.Tbl {
			all = append(all, Table{Name: c.Tbl})
		}
		t := &all[len(all)-1]
		t.Columns = append(t.Columns, Column{Name: c.Col, Kind: kindOf(c.Kind)})
	}
	var sorted []Table
	done := map[string]bool{}
	for len(sorted) < len(all) {
		before := len(sorted)
		for _, t := range all {
			waits := slices.ContainsFunc(points, func(p struct{ A, B string }) bool {
				return p.A == t.Name && p.B != t.Name && !done[p.B]
			})
			if !done[t.Name] && !waits {
				done[t.Name] = true
				sorted = append(sorted, t)
			}
		}
		if len(sorted) == before {
			return nil, fmt.Errorf("store.Tables: tables point at each other in a circle")
		}
	}
	return sorted, nil
}

func kindOf(declared string) ColumnKind {
	d := strings.ToUpper(declared)
	for _, k := range []struct {
		word string
		kind ColumnKind
	}{
		{"TIMESTAMP", TimeColumn},
		{"BOOL", BoolColumn},
		{"INT", IntColumn},
		{"BLOB", BytesColumn},
		{"BYTEA", BytesColumn},
		{"REAL", FloatColumn},
		{"DOUBLE", FloatColumn},
		{"FLOAT", FloatColumn},
	} {
		if strings.Contains(d, k.word) {
			return k.kind
		}
	}
	return TextColumn
}

// Rows reads every row of a table; the slice is used again for the next one.
func (s *Store) Rows(ctx context.Context, t Table, f func(row []any) error) (err error) {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = `"` + c.Name + `"`
		if s.dialect == Postgres && c.Kind == TextColumn {
			names[i] = "CAST(" + names[i] + " AS TEXT)" // JSONB
		}
	}
	rows, err := s.Read(ctx).QueryContext(ctx, "SELECT "+strings.Join(names, ", ")+` FROM "`+t.Name+`"`)
	if err != nil {
		return fmt.Errorf("store.Rows %s: %w", t.Name, Fault(err))
	}
	defer func() { _ = rows.Close() }()
	row := make([]any, len(t.Columns))
	into := make([]any, len(t.Columns))
	for rows.Next() {
		for i := range row {
			row[i], into[i] = nil, &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return fmt.Errorf("store.Rows %s: %w", t.Name, Fault(err))
		}
		for i, c := range t.Columns {
			switch v := row[i].(type) {
			case []byte:
				if c.Kind == TextColumn {
					row[i] = string(v)
				}
			case int64:
				if c.Kind == BoolColumn { // SQLite has no other
					row[i] = v != 0
				}
			}
		}
		if err := f(row); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("store.Rows %s: %w", t.Name, Fault(err))
	}
	return nil
}

// Insert writes rows, as Rows gave them on either database, into a table in a transaction.
func (s *Store) Insert(ctx context.Context, tx *Tx, t Table, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	names := make([]bun.Ident, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = bun.Ident(c.Name)
	}
	line := "(" + strings.Repeat("?, ", len(t.Columns)-1) + "?)"
	args := make([]any, 0, 2+len(rows)*len(t.Columns))
	args = append(args, bun.Ident(t.Name), bun.List(names))
	for _, r := range rows {
		args = append(args, r...)
	}
	query := "INSERT INTO ? (?) VALUES " + strings.Repeat(line+", ", len(rows)-1) + line
	if _, err := tx.DB.NewRaw(query, args...).Exec(ctx); err != nil {
		return fmt.Errorf("store.Insert %s: %w", t.Name, Fault(err))
	}
	return nil
}

// Defer lets rows of one transaction point at rows that come later. PostgreSQL wants the order of Tables instead.
func (s *Store) Defer(ctx context.Context, tx *Tx) error {
	if s.dialect == Postgres {
		return nil
	}
	if _, err := tx.DB.ExecContext(ctx, "PRAGMA defer_foreign_keys = ON"); err != nil {
		return fmt.Errorf("store.Defer: %w", Fault(err))
	}
	return nil
}

// Clear drops every table of a PostgreSQL schema, those of the job engine too, so that a copy can be brought back into
// it. On SQLite a file is put in the place of a file instead.
func (s *Store) Clear(ctx context.Context) error {
	if s.dialect != Postgres {
		return fmt.Errorf("store.Clear: for PostgreSQL only")
	}
	_, err := s.write.ExecContext(ctx, `DO $$ DECLARE r record; BEGIN
		FOR r IN SELECT tablename AS n FROM pg_tables WHERE schemaname = current_schema() LOOP
			EXECUTE 'DROP TABLE IF EXISTS ' || quote_ident(r.n) || ' CASCADE'; END LOOP;
		FOR r IN SELECT p.oid::regprocedure AS n FROM pg_proc p WHERE p.pronamespace = current_schema()::regnamespace AND p.proname LIKE 'river%' LOOP
			EXECUTE 'DROP FUNCTION IF EXISTS ' || r.n || ' CASCADE'; END LOOP;
		FOR r IN SELECT t.typname AS n FROM pg_type t WHERE t.typnamespace = current_schema()::regnamespace AND t.typtype = 'e' AND t.typname LIKE 'river%' LOOP
			EXECUTE 'DROP TYPE IF EXISTS ' || quote_ident(r.n) || ' CASCADE'; END LOOP;
		END $$`)
	if err != nil {
		return fmt.Errorf("store.Clear: %w", Fault(err))
	}
	return nil
}
