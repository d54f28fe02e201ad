package id_test

import (
	"sort"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/id"
)

func TestNewSortsInOrderOfMinting(t *testing.T) {
	t.Parallel()
	k := id.Kind("cnv")
	at := time.Date(2026, 3, 12, 17, 20, 0, 0, time.UTC)
	var ids []string
	for i := range 1000 {
		// The clock jumps back every third time: order must hold all the same.
		ids = append(ids, k.New(at.Add(-time.Duration(i%3)*time.Second)))
	}
	if !sort.StringsAreSorted(ids) {
		t.Fatal("identifiers are not in the order of minting")
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	k := id.Kind("cnv")
	good := k.New(time.Now())
	for _, tc := range []struct {
		in string
		ok bool
	}{
		{good, true},
		{"", false},
		{"cnv_", false},
		{"per_" + good[4:], false},
		{good + "0", false},
		{"cnv_" + "ZZZZZZZZZZZZZZZZZZZZZZZZZZ", false},
		{"cnv_uuuuuuuuuuuuuuuuuuuuuuuuuu", false},
	} {
		_, err := k.Parse(tc.in)
		if (err == nil) != tc.ok {
			t.Errorf("Parse(%q) = %v, want ok %v", tc.in, err, tc.ok)
		}
		if err != nil && fault.KindOf(err) != fault.NotFound {
			t.Errorf("Parse(%q): kind %v, want invalid", tc.in, fault.KindOf(err))
		}
	}
}
