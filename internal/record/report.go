package record

import (
	"time"

	"github.com/ponte-desk/ponte/internal/merkle"
)

// Report is what came of checking a record.
type Report struct {
	Origin     string // its name, as its head says
	Checkpoint []byte // its head as it was read
	Head       merkle.Head
	Key        string // what it was checked with; "" there was none
	KeyGiven   bool   // the key was given, not taken from the record's own site
	Signed     bool   // the head is signed by the key
	// Saved is the head saved earlier that it was compared with; nil: none.
	Saved   *merkle.Head
	Read    int64     // leaves that could be read
	Tiles   int       // hash tiles that were compared
	Since   time.Time // the hour of the first leaf
	Last    time.Time // the hour of the last leaf
	Figures Figures   // counted from the leaves
	// Public are the figures that the company publishes; nil: they could not be read.
	Public *PublicFigures
	// Against are the figures counted from the leaves as far as the published ones go; nil: they cannot be told, because leaves are missing
	// or are not those that were signed.
	Against  *Figures
	Findings []Finding
	More     int // findings that are not in the list
	grave    bool
}

// Good tells whether everything holds. Remarks do not count.
func (r Report) Good() bool { return !r.grave }

// Finding is something that does not hold, or that should be known. What it says stands in the catalog under Key, what that means under
// Key + ".text".
type Finding struct {
	Key  string
	Args map[string]any
	Leaf int64 // where, from 0; -1: nowhere in particular
	// Grave findings say that something does not hold; others are remarks.
	Grave bool
}

// mostFindings are listed; the rest is counted.
const mostFindings = 100

// note notes a finding; args are pairs of a name and a value.
func (r *Report) note(f Finding, args []any) {
	r.grave = r.grave || f.Grave
	if len(r.Findings) >= mostFindings {
		r.More++
		return
	}
	f.Args = map[string]any{}
	if f.Leaf >= 0 {
		f.Args["leaf"] = f.Leaf
	}
	for i := 0; i+1 < len(args); i += 2 {
		f.Args[args[i].(string)] = args[i+1]
	}
	r.Findings = append(r.Findings, f)
}

// wrong notes something that does not hold.
func (r *Report) wrong(key string, leaf int64, args ...any) {
	r.note(Finding{Key: key, Leaf: leaf, Grave: true}, args)
}

// remark notes something that should be known.
func (r *Report) remark(key string, leaf int64, args ...any) {
	r.note(Finding{Key: key, Leaf: leaf}, args)
}
