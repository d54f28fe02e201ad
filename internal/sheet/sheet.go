package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/text"
)

// LineError is what is wrong in a line of a table; its remedy stands at Key + ".remedy".
type LineError struct {
	Line   int
	Column string
	Key    string
	Args   map[string]any
}

// Form is what a table may look like.
type Form struct {
	Bytes, Rows int // at most
	// Column gives what a column is called here, from what its first line says in small letters with _ for spaces; "": it is passed over. known is false when there is no such column.
	Column func(said string) (name string, known bool)
}

// Row is a line: its cells by column, without the empty ones.
type Row struct {
	Line  int // in the file, the first is 1
	Cells map[string]string
}

// Read reads a table. Semicolons or commas divide its columns, as its first line says; lines without a word are passed over. With an error in the first line or a line that cannot be read
// there are no rows; wrong tells all that is wrong, line by line. Errors: of the table as a whole, of the kind fault.Invalid.
func Read(r io.Reader, f Form) (columns []string, rows []Row, wrong []LineError, err error) {
	raw, err := io.ReadAll(io.LimitReader(r, int64(f.Bytes)+1))
	if err != nil {
		return nil, nil, nil, fault.New(fault.Invalid, "sheet.unreadable").Because(err)
	}
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	switch {
	case len(raw) > f.Bytes:
		return nil, nil, nil, fault.New(fault.Invalid, "sheet.huge").With("max", f.Bytes>>20)
	case !utf8.Valid(raw) || bytes.IndexByte(raw, 0) >= 0:
		return nil, nil, nil, fault.New(fault.Invalid, "sheet.encoding")
	case len(bytes.TrimSpace(raw)) == 0:
		return nil, nil, nil, fault.New(fault.Invalid, "sheet.empty")
	}
	c := csv.NewReader(bytes.NewReader(raw))
	c.FieldsPerRecord = -1
	if first, _, _ := bytes.Cut(raw, []byte("\n")); bytes.Count(first, []byte(";")) > bytes.Count(first, []byte(",")) {
		c.Comma = ';'
	}
	said, err := c.Read()
	if err != nil {
		return nil, nil, nil, fault.New(fault.Invalid, "sheet.unreadable").Because(err)
	}
	columns, wrong = f.head(said)
	if len(wrong) > 0 {
		return columns, nil, wrong, nil
	}
	for {
		record, err := c.Read()
		if errors.Is(err, io.EOF) {
			return columns, rows, wrong, nil
		}
		if err != nil {
			line := 0
			if e, ok := errors.AsType[*csv.ParseError](err); ok {
				line = e.Line
			}
			return columns, nil, append(wrong, LineError{Line: line, Key: "sheet.line"}), nil
		}
		row := Row{Cells: map[string]string{}}
		row.Line, _ = c.FieldPos(0)
		for i, v := range record {
			if v = text.Unguard(strings.TrimSpace(v)); v == "" {
				continue
			}
			if i >= len(columns) {
				wrong = append(wrong, LineError{Line: row.Line, Key: "sheet.cells"})
				break
			}
			if columns[i] != "" {
				row.Cells[columns[i]] = v
			}
		}
		if len(row.Cells) == 0 {
			continue
		}
		if len(rows) == f.Rows {
			return nil, nil, nil, fault.New(fault.Invalid, "sheet.rows").With("max", f.Rows)
		}
		rows = append(rows, row)
	}
}

func (f Form) head(said []string) (columns []string, wrong []LineError) {
	columns = make([]string, len(said))
	for i, s := range said {
		s = strings.TrimSpace(s)
		name, known := f.Column(strings.ReplaceAll(strings.ToLower(s), " ", "_"))
		switch {
		case s == "" || known && name == "":
			name = ""
		case !known:
			wrong = append(wrong, LineError{Line: 1, Column: s, Key: "sheet.column", Args: map[string]any{"name": s}})
		case slices.Contains(columns[:i], name):
			wrong = append(wrong, LineError{Line: 1, Column: name, Key: "sheet.twice", Args: map[string]any{"name": name}})
		}
		columns[i] = name
	}
	return columns, wrong
}

// Fields makes of what a person did wrong errors of a line; nil when err is none of that kind.
func Fields(line int, err error) (all []LineError) {
	if err == nil {
		return nil
	}
	e := fault.Of(err)
	if e.Kind != fault.Invalid && e.Kind != fault.Conflict {
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
