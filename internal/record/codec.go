package record

import (
	"bytes"
	"encoding/hex"
	"slices"
	"strconv"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
)

// MaxLeaf is the size in bytes of the longest leaf that is read; the longest that can be written is shorter.
const MaxLeaf = 512

// ErrLeaf says that something is not a leaf, or not written as leaves are.
var ErrLeaf = fault.New(fault.Invalid, "record.leaf")

// The forms of times in leaves: an hour is written as an hour, so that nothing finer can be hidden in it.
const (
	hourForm = "2006-01-02T15Z"
	dayForm  = "2006-01-02"
	mostMany = 1_000_000_000 // people, days
)

// fields are what leaves of a kind have besides At and Subject.
type fields struct{ of, said, commit, minutes, reason, outcome, counts, due bool }

var has = map[Kind]fields{
	Heard:     {said: true, commit: true},
	Undecided: {said: true, commit: true},
	Dismissed: {reason: true},
	Answered:  {minutes: true},
	Accepted:  {of: true},
	Parted:    {of: true},
	Declined:  {commit: true},
	Reopened:  {},
	Published: {of: true, commit: true},
	Effect:    {outcome: true, counts: true},
	Confirmed: {outcome: true},
	Promised:  {due: true},
	Kept:      {},
	Broken:    {},
	Erased:    {},
}

// Check tells whether a leaf has all fields of its kind, each as it must be, and no other.
func (l Leaf) Check() error {
	f, ok := has[l.Kind]
	switch {
	case !ok:
		return ErrLeaf.With("field", "kind")
	case !isHour(l.At):
		return ErrLeaf.With("field", "at")
	case !isHex(string(l.Subject), 32):
		return ErrLeaf.With("field", "subject")
	case f.of != isHex(string(l.Of), 32) || !f.of && l.Of != "" || l.Of == l.Subject:
		return ErrLeaf.With("field", "of")
	case f.said != isHour(l.Said) || !f.said && !l.Said.IsZero() || l.Said.After(l.At):
		return ErrLeaf.With("field", "said")
	case f.commit != (len(l.Commit) == 32) || !f.commit && l.Commit != nil:
		return ErrLeaf.With("field", "commit")
	case !f.minutes && l.Minutes != 0 || RoundMinutes(l.Minutes) != l.Minutes:
		return ErrLeaf.With("field", "minutes")
	case f.reason != slices.Contains(Reasons, l.Reason) || !f.reason && l.Reason != "":
		return ErrLeaf.With("field", "reason")
	case f.outcome != slices.Contains(Outcomes, l.Outcome) || !f.outcome && l.Outcome != "",
		l.Kind == Confirmed && l.Outcome != Worked && l.Outcome != NotWorked:
		return ErrLeaf.With("field", "outcome")
	case !f.counts && l.Before != Count{} || !l.Before.ok():
		return ErrLeaf.With("field", "before")
	case !f.counts && l.After != Count{} || !l.After.ok():
		return ErrLeaf.With("field", "after")
	case f.due != isDay(l.Due) || !f.due && !l.Due.IsZero():
		return ErrLeaf.With("field", "due")
	}
	return nil
}

func (c Count) ok() bool {
	return c.People >= 0 && c.People <= mostMany && c.Days >= 0 && c.Days <= mostMany
}

func isHour(t time.Time) bool {
	return t.Year() >= 1970 && t.Year() <= 9999 && t.Location() == time.UTC && t.Equal(t.Truncate(time.Hour))
}

func isDay(t time.Time) bool { return isHour(t) && t.Hour() == 0 }

// Encode writes a leaf in its one form: a JSON object without spaces, its fields in the order of Leaf behind the version, those of its
// kind and no other, numbers in decimal, bytes in lower-case hex.
func (l Leaf) Encode() ([]byte, error) {
	if err := l.Check(); err != nil {
		return nil, err
	}
	f := has[l.Kind]
	b := make([]byte, 0, 256)
	b = append(b, `{"v":1,"kind":"`...)
	b = append(b, l.Kind...)
	b = append(b, `","at":"`...)
	b = l.At.AppendFormat(b, hourForm)
	b = append(b, `","subject":"`...)
	b = append(b, l.Subject...)
	b = append(b, '"')
	if f.of {
		b = append(b, `,"of":"`...)
		b = append(b, l.Of...)
		b = append(b, '"')
	}
	if f.said {
		b = append(b, `,"said":"`...)
		b = l.Said.AppendFormat(b, hourForm)
		b = append(b, '"')
	}
	if f.commit {
		b = append(b, `,"commit":"`...)
		b = hex.AppendEncode(b, l.Commit)
		b = append(b, '"')
	}
	if f.minutes {
		b = append(b, `,"minutes":`...)
		b = strconv.AppendInt(b, int64(l.Minutes), 10)
	}
	if f.reason {
		b = append(b, `,"reason":"`...)
		b = append(b, l.Reason...)
		b = append(b, '"')
	}
	if f.outcome {
		b = append(b, `,"outcome":"`...)
		b = append(b, l.Outcome...)
		b = append(b, '"')
	}
	if f.counts {
		b = l.Before.append(append(b, `,"before":`...))
		b = l.After.append(append(b, `,"after":`...))
	}
	if f.due {
		b = append(b, `,"due":"`...)
		b = l.Due.AppendFormat(b, dayForm)
		b = append(b, '"')
	}
	return append(b, '}'), nil
}

func (c Count) append(b []byte) []byte {
	b = strconv.AppendInt(append(b, `{"people":`...), int64(c.People), 10)
	b = strconv.AppendInt(append(b, `,"days":`...), int64(c.Days), 10)
	return append(b, '}')
}

// Decode reads a leaf. What Encode would not have written byte for byte is ErrLeaf: other fields, another order, spaces, numbers written
// otherwise, finer times.
func Decode(b []byte) (Leaf, error) {
	if len(b) > MaxLeaf {
		return Leaf{}, ErrLeaf.With("field", "length")
	}
	r := reader{rest: b}
	var l Leaf
	r.literal(`{"v":1,"kind":"`)
	l.Kind = Kind(r.word())
	f, ok := has[l.Kind]
	if !ok {
		return Leaf{}, ErrLeaf.With("field", "kind")
	}
	r.literal(`,"at":"`)
	l.At = r.hour()
	r.literal(`,"subject":"`)
	l.Subject = Handle(r.word())
	if f.of {
		r.literal(`,"of":"`)
		l.Of = Handle(r.word())
	}
	if f.said {
		r.literal(`,"said":"`)
		l.Said = r.hour()
	}
	if f.commit {
		r.literal(`,"commit":"`)
		w := r.word()
		l.Commit = make([]byte, 32)
		if !isHex(string(w), 64) {
			return Leaf{}, ErrLeaf.With("field", "commit")
		}
		_, _ = hex.Decode(l.Commit, w)
	}
	if f.minutes {
		r.literal(`,"minutes":`)
		l.Minutes = r.number()
	}
	if f.reason {
		r.literal(`,"reason":"`)
		l.Reason = Reason(r.word())
	}
	if f.outcome {
		r.literal(`,"outcome":"`)
		l.Outcome = Outcome(r.word())
	}
	if f.counts {
		l.Before = r.count(`,"before":`)
		l.After = r.count(`,"after":`)
	}
	if f.due {
		r.literal(`,"due":"`)
		l.Due = r.day()
	}
	r.literal(`}`)
	if r.failed || len(r.rest) > 0 {
		return Leaf{}, ErrLeaf.With("field", "form")
	}
	if err := l.Check(); err != nil {
		return Leaf{}, err
	}
	return l, nil
}

// reader reads a leaf from its beginning; once something is otherwise than it must be it reads nothing any more.
type reader struct {
	rest   []byte
	failed bool
}

func (r *reader) literal(s string) {
	rest, ok := bytes.CutPrefix(r.rest, []byte(s))
	if r.failed = r.failed || !ok; ok {
		r.rest = rest
	}
}

// word reads to the closing quote: letters, digits and signs that need no escape.
func (r *reader) word() []byte {
	i := bytes.IndexByte(r.rest, '"')
	if r.failed || i < 0 {
		r.failed = true
		return nil
	}
	w := r.rest[:i]
	r.rest = r.rest[i+1:]
	return w
}

func (r *reader) digits() (n int) {
	for len(r.rest) > 0 && r.rest[0] >= '0' && r.rest[0] <= '9' && n <= mostMany {
		n = n*10 + int(r.rest[0]-'0')
		r.rest = r.rest[1:]
	}
	return n
}

func (r *reader) number() int {
	before := r.rest
	n := r.digits()
	if read := len(before) - len(r.rest); read == 0 || before[0] == '0' && read > 1 {
		r.failed = true
	}
	return n
}

func (r *reader) count(name string) (c Count) {
	r.literal(name + `{"people":`)
	c.People = r.number()
	r.literal(`,"days":`)
	c.Days = r.number()
	r.literal(`}`)
	return c
}

func (r *reader) hour() time.Time {
	w := r.word()
	if len(w) != len(hourForm) || w[10] != 'T' || w[13] != 'Z' {
		r.failed = true
		return time.Time{}
	}
	h, ok := two(w[11:13], 23)
	day := r.date(w[:10])
	r.failed = r.failed || !ok
	return day.Add(time.Duration(h) * time.Hour)
}

func (r *reader) day() time.Time { return r.date(r.word()) }

func (r *reader) date(w []byte) time.Time {
	if len(w) != len(dayForm) || w[4] != '-' || w[7] != '-' {
		r.failed = true
		return time.Time{}
	}
	c, ok1 := two(w[:2], 99)
	y, ok2 := two(w[2:4], 99)
	m, ok3 := two(w[5:7], 12)
	d, ok4 := two(w[8:10], 31)
	t := time.Date(c*100+y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	if !ok1 || !ok2 || !ok3 || !ok4 || m == 0 || t.Day() != d { // no 31 February
		r.failed = true
		return time.Time{}
	}
	return t
}

func two(w []byte, most int) (int, bool) {
	if w[0] < '0' || w[0] > '9' || w[1] < '0' || w[1] > '9' {
		return 0, false
	}
	n := int(w[0]-'0')*10 + int(w[1]-'0')
	return n, n <= most
}
