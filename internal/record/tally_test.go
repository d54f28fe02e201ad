package record_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/record"
)

// table is a memory that keeps facts as a database would: as bytes.
type table map[record.Handle][]byte

func (t table) Recall(_ context.Context, h record.Handle) (record.Fact, error) {
	if b, ok := t[h]; ok {
		return record.ParseFact(b)
	}
	return record.Fact{}, nil
}

func (t table) Remember(_ context.Context, h record.Handle, f record.Fact) error {
	t[h] = f.Bytes()
	return nil
}

// past is a record as it is read by somebody with patience: every question goes through all leaves from the beginning.
type past []record.Leaf

func (p past) last(subject record.Handle, kinds ...record.Kind) *record.Leaf {
	for i := len(p) - 1; i >= 0; i-- {
		if p[i].Subject == subject && slices.Contains(kinds, p[i].Kind) {
			return &p[i]
		}
	}
	return nil
}

func (p past) kind(subject record.Handle, kinds ...record.Kind) record.Kind {
	if l := p.last(subject, kinds...); l != nil {
		return l.Kind
	}
	return ""
}

// sort is what a handle names.
func (p past) sort(h record.Handle) string {
	for _, l := range p {
		switch {
		case l.Subject == h:
			return sortOf(l.Kind)
		case l.Of == h:
			return "case"
		}
	}
	return ""
}

func sortOf(k record.Kind) string {
	switch k {
	case record.Declined, record.Reopened:
		return "case"
	case record.Published, record.Effect:
		return "improvement"
	case record.Promised, record.Kept, record.Broken:
		return "promise"
	}
	return "criticism"
}

func (p past) status(h record.Handle) record.Kind {
	return p.kind(h, record.Heard, record.Undecided, record.Dismissed)
}

// in is the case that a criticism is in.
func (p past) in(h record.Handle) record.Handle {
	if l := p.last(h, record.Accepted, record.Parted); l != nil && l.Kind == record.Accepted {
		return l.Of
	}
	return ""
}

// fits tells whether a leaf may come next.
func (p past) fits(l record.Leaf) bool {
	if len(p) > 0 && l.At.Before(p[len(p)-1].At) {
		return false
	}
	s, was := l.Subject, p.sort(l.Subject)
	introduces := slices.Contains([]record.Kind{record.Heard, record.Undecided, record.Declined, record.Published, record.Promised}, l.Kind)
	if was != "" && was != sortOf(l.Kind) || was == "" && !introduces || l.Of != "" && p.sort(l.Of) != "" && p.sort(l.Of) != "case" {
		return false
	}
	if p.last(s, record.Erased) != nil {
		return false
	}
	status := p.status(s)
	switch l.Kind {
	case record.Heard:
		begin := p.last(s, record.Heard, record.Undecided)
		return status != record.Heard && (begin == nil || begin.Said.Equal(l.Said) && bytes.Equal(begin.Commit, l.Commit))
	case record.Undecided:
		return status == ""
	case record.Dismissed:
		return status != record.Dismissed && p.in(s) == ""
	case record.Answered:
		return status == record.Heard && p.last(s, record.Answered) == nil
	case record.Accepted:
		return status == record.Heard && p.in(s) == ""
	case record.Parted:
		return p.in(s) == l.Of
	case record.Confirmed:
		return status == record.Heard && p.last(s, record.Accepted) != nil
	case record.Declined:
		return p.kind(s, record.Declined, record.Reopened) != record.Declined
	case record.Reopened:
		return p.kind(s, record.Declined, record.Reopened) == record.Declined
	case record.Published:
		return was == "" && p.kind(l.Of, record.Declined, record.Reopened) != record.Declined
	case record.Promised:
		return was == ""
	case record.Kept:
		broken := p.last(s, record.Broken) != nil
		return p.last(s, record.Kept) == nil && (broken || l.At.Before(p.last(s, record.Promised).Due.Add(36*time.Hour)))
	case record.Broken:
		return p.last(s, record.Kept, record.Broken) == nil
	}
	return true
}

// figures are counted from all leaves.
func (p past) figures() record.Figures {
	f := record.Figures{Leaves: int64(len(p))}
	if len(p) > 0 {
		f.Since = record.Day(p[0].At)
	}
	seen := map[record.Handle]bool{}
	voices := map[record.Handle]int{}
	withEntry := map[record.Handle]bool{}
	var minutes []int
	for _, l := range p {
		if l.Kind == record.Published {
			withEntry[l.Of] = true
		}
		if seen[l.Subject] {
			continue
		}
		seen[l.Subject] = true
		s := l.Subject
		switch sortOf(l.Kind) {
		case "criticism":
			switch p.status(s) {
			case record.Heard:
				f.Heard++
				if a := p.last(s, record.Answered); a != nil {
					f.Answered++
					minutes = append(minutes, a.Minutes)
				}
			case record.Undecided:
				f.Undecided++
			case record.Dismissed:
				f.Dismissed++
			}
			if c := p.in(s); c != "" {
				voices[c]++
			}
			if p.last(s, record.Erased) != nil {
				f.Erased++
			}
			if c := p.last(s, record.Confirmed); c != nil && c.Outcome == record.Worked {
				f.Confirmed++
			} else if c != nil {
				f.NotConfirmed++
			}
		case "case":
			if p.kind(s, record.Declined, record.Reopened) == record.Declined {
				f.Declined++
			}
		case "improvement":
			f.Published++
			switch e := p.last(s, record.Effect); {
			case e != nil && e.Outcome == record.Worked:
				f.Worked++
			case e != nil && e.Outcome == record.NotWorked:
				f.NotWorked++
			default:
				f.TooEarly++
			}
		case "promise":
			f.Promised++
			broken := p.last(s, record.Broken) != nil
			switch p.kind(s, record.Promised, record.Kept, record.Broken) {
			case record.Promised:
				f.Open++
			case record.Broken:
				f.Broken++
			case record.Kept:
				if broken {
					f.KeptLate++
				} else {
					f.Kept++
				}
			}
		}
	}
	f.Cases = len(voices)
	for c, n := range voices {
		if withEntry[c] {
			f.Voices += n
		}
	}
	if slices.Sort(minutes); len(minutes) > 0 {
		f.MedianMinutes = minutes[(len(minutes)-1)/2]
		f.SlowestMinutes = minutes[len(minutes)-1]
	}
	return f
}

var begin = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)

func handle(n int) record.Handle { return record.Handle(fmt.Sprintf("%032x", n)) }

// draw draws a leaf that is well formed and may or may not fit.
func draw(r *rapid.T, at time.Time) record.Leaf {
	l := record.Leaf{Kind: rapid.SampledFrom(record.Kinds).Draw(r, "kind"), At: at}
	// Few handles, mostly of the right sort, so that much fits and everything is tried.
	base := map[string]int{"criticism": 0, "case": 100, "improvement": 200, "promise": 300}
	sort := sortOf(l.Kind)
	if rapid.IntRange(0, 30).Draw(r, "another sort") == 0 {
		sort = rapid.SampledFrom([]string{"criticism", "case", "improvement", "promise"}).Draw(r, "sort")
	}
	n := rapid.IntRange(1, map[string]int{"criticism": 9, "case": 3, "improvement": 4, "promise": 4}[sort]).Draw(r, "number")
	l.Subject = handle(base[sort] + n)
	switch l.Kind {
	case record.Heard, record.Undecided:
		// The same time and address for a handle, but for one in ten.
		which := n
		if rapid.IntRange(0, 9).Draw(r, "another") == 0 {
			which += rapid.IntRange(1, 2).Draw(r, "which")
		}
		l.Said = begin.Add(-time.Duration(24+which/2) * time.Hour)
		l.Commit = record.Commit([]byte{1}, record.OfAddress, fmt.Sprint(which))
	case record.Dismissed:
		l.Reason = rapid.SampledFrom(record.Reasons).Draw(r, "reason")
	case record.Answered:
		l.Minutes = record.RoundMinutes(rapid.SampledFrom([]int{0, 1, 5, 59, 600, 601, 660, 661, 2880, 2881, 4320, 5_256_000}).Draw(r, "minutes"))
	case record.Accepted, record.Parted:
		l.Of = handle(100 + rapid.IntRange(1, 3).Draw(r, "case"))
	case record.Declined:
		l.Commit = record.Commit([]byte{1}, record.OfReason, "no")
	case record.Published:
		l.Of = handle(100 + rapid.IntRange(1, 3).Draw(r, "case"))
		l.Commit = record.Commit([]byte{1}, record.OfEntry, "done")
	case record.Effect:
		l.Outcome = rapid.SampledFrom(record.Outcomes).Draw(r, "outcome")
		l.Before, l.After = record.Count{People: n, Days: 28}, record.Count{People: 1, Days: 30}
	case record.Confirmed:
		l.Outcome = rapid.SampledFrom([]record.Outcome{record.Worked, record.NotWorked}).Draw(r, "outcome")
	case record.Promised:
		l.Due = record.Day(begin).AddDate(0, 0, rapid.IntRange(-1, 20).Draw(r, "day"))
	}
	if l.Of == l.Subject {
		l.Of = handle(199)
	}
	return l
}

// What fits and what follows from it is the same for somebody who reads everything each time, and for the tally, whether it lives on or
// is written down and read back before each leaf.
func TestTheTallyIsExact(t *testing.T) {
	t.Parallel()
	rules := map[record.Rule]int{}
	rapid.Check(t, func(r *rapid.T) {
		var all past
		var live record.Tally
		inMemory, inTable := record.NewMemory(), table{}
		var kept []byte
		at := begin
		for range rapid.IntRange(1, 120).Draw(r, "leaves") {
			at = at.Add(time.Duration(rapid.SampledFrom([]int{0, 0, 1, 7, 30, -1}).Draw(r, "hours")) * time.Hour)
			l := draw(r, at)
			want := all.fits(l)
			err := live.Add(t.Context(), inMemory, l)
			if (err == nil) != want {
				r.Fatalf("%v\nthe tally says %v, fits: %t", l, err, want)
			}
			var again record.Tally
			if err := again.UnmarshalText(kept); err != nil {
				r.Fatal(err)
			}
			if e := again.Add(t.Context(), inTable, l); fmt.Sprint(e) != fmt.Sprint(err) {
				r.Fatalf("from the table: %v, in memory: %v", e, err)
			}
			if err != nil {
				b, ok := errors.AsType[*record.Breach](err)
				if !ok {
					r.Fatalf("%v: %v", l, err)
				}
				rules[b.Rule]++
				at = live.Last()
				if at.IsZero() {
					at = begin
				}
				continue
			}
			all = append(all, l)
			if kept, err = again.MarshalText(); err != nil {
				r.Fatal(err)
			}
			if mine, err := live.MarshalText(); err != nil || !bytes.Equal(mine, kept) {
				r.Fatalf("%v\n%s\n%s", err, mine, kept)
			}
		}
		if diff := cmp.Diff(all.figures(), live.Figures()); diff != "" {
			r.Fatal("counted (-) and tallied (+) differ:\n" + diff)
		}
		counted, err := record.FiguresOf(slices.Values(all))
		if err != nil || counted != live.Figures() {
			r.Fatal(counted, err)
		}
	})
	for _, rule := range record.Rules {
		if rules[rule] == 0 {
			t.Errorf("the rule %s was never tried", rule)
		}
	}
}

// Nothing has changed after a leaf that does not fit, or could not be remembered.
func TestARefusedLeafLeavesNoTrace(t *testing.T) {
	t.Parallel()
	var tally record.Tally
	m := table{}
	for _, l := range []record.Leaf{
		{Kind: record.Heard, At: begin, Subject: handle(1), Said: begin, Commit: make([]byte, 32)},
		{Kind: record.Accepted, At: begin, Subject: handle(1), Of: handle(2)},
	} {
		if err := tally.Add(t.Context(), m, l); err != nil {
			t.Fatal(err)
		}
	}
	before, err := tally.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	facts := len(m)
	bad := record.Leaf{Kind: record.Accepted, At: begin.Add(time.Hour), Subject: handle(1), Of: handle(3)}
	if err := tally.Add(t.Context(), m, bad); err == nil {
		t.Fatal("it is in a case")
	}
	full := errors.New("the disk is full")
	if err := tally.Add(t.Context(), failing{m, full}, record.Leaf{Kind: record.Answered, At: begin.Add(time.Hour), Subject: handle(1), Minutes: 5}); !errors.Is(err, full) {
		t.Fatal(err)
	}
	after, err := tally.MarshalText()
	if err != nil || !bytes.Equal(before, after) || len(m) != facts {
		t.Fatalf("%s\n%s %v", before, after, err)
	}
}

type failing struct {
	table
	err error
}

func (f failing) Remember(context.Context, record.Handle, record.Fact) error { return f.err }

func TestPrepareMendsWhatClocksGotWrong(t *testing.T) {
	t.Parallel()
	var tally record.Tally
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 12, 17, 41, 5, 9, rome)
	l := tally.Prepare(record.Leaf{
		Kind: record.Heard, Subject: handle(1), Said: now.Add(3 * time.Hour), Commit: record.Commit(record.NewSalt(), record.OfAddress, "x"),
	}, now)
	want := time.Date(2026, 3, 12, 16, 0, 0, 0, time.UTC)
	if !l.At.Equal(want) || !l.Said.Equal(want) {
		t.Errorf("%v", l)
	}
	m := record.NewMemory()
	if err := tally.Add(t.Context(), m, l); err != nil {
		t.Fatal(err)
	}
	early := tally.Prepare(record.Leaf{Kind: record.Answered, Subject: handle(1), Minutes: -4}, now.Add(-2*time.Hour))
	if !early.At.Equal(want) || early.Minutes != 0 {
		t.Errorf("%v", early)
	}
	if err := tally.Add(t.Context(), m, early); err != nil {
		t.Error(err)
	}
	// The end of a day in Rome is another day in New York; the day meant is Rome's.
	p := tally.Prepare(record.Leaf{Kind: record.Promised, Subject: handle(2), Due: time.Date(2026, 3, 20, 23, 59, 59, 999, rome)}, now)
	if !p.Due.Equal(time.Date(2026, 3, 20, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("due %v", p.Due)
	}
	old := tally.Prepare(record.Leaf{Kind: record.Heard, Subject: handle(3), Commit: make([]byte, 32)}, now)
	if err := tally.Add(t.Context(), m, old); err != nil || old.Said.Unix() != 0 {
		t.Errorf("%v %v", old, err)
	}
}

// read reads a length of time as people do.
func read(r *rapid.T, shown string) (minutes int) {
	f := strings.Fields(shown)
	for i := 0; i+1 < len(f); i += 2 {
		n, err := strconv.Atoi(strings.ReplaceAll(f[i], ",", ""))
		unit, ok := map[string]int{"s": 0, "min": 1, "h": 60, "day": 1440, "days": 1440}[f[i+1]]
		if err != nil || !ok {
			r.Fatalf("%q", shown)
		}
		minutes += n * unit
	}
	return minutes
}

func TestMinutesAreRoundedUp(t *testing.T) {
	t.Parallel()
	catalog, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	words := catalog.For("en")
	for in, want := range map[int]int{
		-5: 0, 0: 0, 1: 1, 599: 599, 600: 600, 601: 660, 660: 660, 661: 720, 2880: 2880, 2881: 4320, 4320: 4320, 4321: 5760,
		5_256_000: 5_256_000, 9_000_000: 5_256_000,
	} {
		if got := record.RoundMinutes(in); got != want {
			t.Errorf("%d: %d", in, got)
		}
	}
	rapid.Check(t, func(r *rapid.T) {
		m := rapid.IntRange(0, 5_256_000).Draw(r, "minutes")
		up := record.RoundMinutes(m)
		if up < m || record.RoundMinutes(up) != up || up > m+1439 {
			r.Fatalf("%d becomes %d", m, up)
		}
		// What people are told says no less than what it is.
		if shown := words.Span(time.Duration(up) * time.Minute); read(r, shown) != up {
			r.Fatalf("%d minutes are shown as %s", up, shown)
		}
		// Each has a place of its own in the tally.
		var tally record.Tally
		mem := record.NewMemory()
		for i, minutes := range []int{up, record.RoundMinutes(up + 1)} {
			for _, l := range []record.Leaf{
				{Kind: record.Heard, At: begin, Subject: handle(i + 1), Said: begin, Commit: make([]byte, 32)},
				{Kind: record.Answered, At: begin, Subject: handle(i + 1), Minutes: minutes},
			} {
				if err := tally.Add(t.Context(), mem, l); err != nil {
					r.Fatal(err)
				}
			}
		}
		if f := tally.Figures(); f.MedianMinutes != up || f.SlowestMinutes != record.RoundMinutes(up+1) {
			r.Fatalf("%d minutes: half within %d, all within %d", m, f.MedianMinutes, f.SlowestMinutes)
		}
	})
}

func TestADamagedTallyIsNotRead(t *testing.T) {
	t.Parallel()
	var good record.Tally
	if err := good.Add(t.Context(), record.NewMemory(), record.Leaf{Kind: record.Promised, At: begin, Subject: handle(1), Due: record.Day(begin)}); err != nil {
		t.Fatal(err)
	}
	b, err := good.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{
		"x", "{}", `{"v":2}`, string(b[:len(b)-1]), string(bytes.Replace(b, []byte(`"answers":[]`), []byte(`"answers":[1]`), 1)),
		string(bytes.Replace(b, []byte(`"answers":[]`), []byte(`"answers":[99999,1]`), 1)),
		string(bytes.Replace(b, []byte(`"answers":[]`), []byte(`"answers":[-1,1]`), 1)),
		string(bytes.Replace(b, []byte(`2026-01-05T`), []byte(`2026-01-05X`), 1)),
	} {
		var tally record.Tally
		if err := tally.UnmarshalText([]byte(bad)); !errors.Is(err, record.ErrTally) {
			t.Errorf("%s: %v", bad, err)
		}
	}
	for _, bad := range [][]byte{nil, {1}, make([]byte, 40), append([]byte{1, 9}, make([]byte, 38)...)} {
		if _, err := record.ParseFact(bad); err == nil {
			t.Errorf("the fact %x passes", bad)
		}
	}
}
