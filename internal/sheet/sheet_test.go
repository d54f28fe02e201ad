package sheet_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/sheet"
)

func form() sheet.Form {
	return sheet.Form{Bytes: 1000, Rows: 3, Column: func(said string) (string, bool) {
		switch said {
		case "nome", "name":
			return "name", true
		case "beside":
			return "", true
		}
		return said, said == "first_comment"
	}}
}

func TestRead(t *testing.T) {
	t.Parallel()
	columns, rows, wrong, err := sheet.Read(strings.NewReader("\xef\xbb\xbfNome ;First comment;Beside;\n Anna;\"a\nb\";x;\n;;only beside;\n\n'=1+1;\n"), form())
	want := []sheet.Row{{Line: 2, Cells: map[string]string{"name": "Anna", "first_comment": "a\nb"}}, {Line: 6, Cells: map[string]string{"name": "=1+1"}}}
	if diff := cmp.Diff(want, rows); diff != "" || err != nil || len(wrong) != 0 || !cmp.Equal(columns, []string{"name", "first_comment", "", ""}) {
		t.Errorf("%v %v %q\n%s", err, wrong, columns, diff)
	}
	if _, rows, wrong, err := sheet.Read(strings.NewReader("name,beside\na,b,c\n"), form()); err != nil || len(rows) != 1 || len(wrong) != 1 || wrong[0].Key != "sheet.cells" || wrong[0].Line != 2 {
		t.Error(rows, wrong, err)
	}
}

func TestReadWrong(t *testing.T) {
	t.Parallel()
	for table, want := range map[string]sheet.LineError{
		"name,colour\nx,y\n": {Line: 1, Column: "colour", Key: "sheet.column", Args: map[string]any{"name": "colour"}},
		"name,nome\nx,y\n":   {Line: 1, Column: "name", Key: "sheet.twice", Args: map[string]any{"name": "name"}},
		"name\nx\n\"y\n":     {Line: 3, Key: "sheet.line"},
	} {
		_, rows, wrong, err := sheet.Read(strings.NewReader(table), form())
		if err != nil || rows != nil || len(wrong) != 1 {
			t.Errorf("%q: %v %v %v", table, rows, wrong, err)
		} else if diff := cmp.Diff(want, wrong[0]); diff != "" {
			t.Errorf("%q: %s", table, diff)
		}
	}
	for table, key := range map[string]string{
		"": "sheet.empty", " \n ": "sheet.empty", "name\n\xff\n": "sheet.encoding", "name\n\x00\n": "sheet.encoding", "name\n" + strings.Repeat("x", 1000): "sheet.huge", "name\na\nb\nc\nd\n": "sheet.rows",
		"\"name": "sheet.unreadable",
	} {
		if _, _, _, err := sheet.Read(strings.NewReader(table), form()); fault.Of(err) == nil || fault.Of(err).Key != key {
			t.Errorf("%.20q: %v, want %s", table, err, key)
		}
	}
}

func TestFields(t *testing.T) {
	t.Parallel()
	if sheet.Fields(1, nil) != nil || sheet.Fields(1, fault.New(fault.Denied, "x")) != nil {
		t.Error("what is nobody's fault is made one of a line")
	}
	got := sheet.Fields(4, fault.InvalidFields(fault.Field{Name: "a", Key: "k"}, fault.Field{Name: "b", Key: "l"}))
	if diff := cmp.Diff([]sheet.LineError{{Line: 4, Column: "a", Key: "k"}, {Line: 4, Column: "b", Key: "l"}}, got); diff != "" {
		t.Error(diff)
	}
	if got := sheet.Fields(5, fault.New(fault.Conflict, "c")); len(got) != 1 || got[0].Key != "c" || got[0].Line != 5 {
		t.Error(got)
	}
}
