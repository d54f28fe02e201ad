package record

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
)

// Tally computes figures leaf by leaf, and holds each leaf to the rules. It is small however long the record is; what must be known of
// each handle is in a Memory. Two tallies over the same leaves are equal to the last byte.
type Tally struct {
	f    Figures // without the minutes
	last time.Time
	// answers counts the answers of heard criticisms by how long they took: the place of each length that RoundMinutes knows.
	answers []int32
}

// The places of the lengths.
const (
	hoursAt = exactMinutes + 1
	daysAt  = hoursAt + (hourMinutes-exactMinutes)/60
	lengths = daysAt + (mostMinutes-hourMinutes)/1440
)

// place is the place of a rounded length; length is the length of a place.
func place(minutes int) int {
	switch {
	case minutes <= exactMinutes:
		return minutes
	case minutes <= hourMinutes:
		return hoursAt + (minutes-exactMinutes)/60 - 1
	default:
		return daysAt + (minutes-hourMinutes)/1440 - 1
	}
}

func length(place int) int {
	switch {
	case place < hoursAt:
		return place
	case place < daysAt:
		return exactMinutes + (place-hoursAt+1)*60
	default:
		return hourMinutes + (place-daysAt+1)*1440
	}
}

// Last is the hour of the last leaf; zero when there is none.
func (t *Tally) Last() time.Time { return t.last }

// Prepare makes a leaf ready to be recorded now: At is now when it is not set, and never before the last leaf; times are rounded; what the
// clocks of networks got wrong (written after it was recorded, before 1970, answered before it was written) is brought into bounds. Due
// becomes its calendar day in its own zone.
func (t *Tally) Prepare(l Leaf, now time.Time) Leaf {
	if l.At.IsZero() {
		l.At = now
	}
	l.At = Hour(l.At)
	if l.At.Before(t.last) {
		l.At = t.last
	}
	if !l.Said.IsZero() || has[l.Kind].said {
		l.Said = Hour(l.Said)
		if l.Said.After(l.At) {
			l.Said = l.At
		}
		if epoch := time.Unix(0, 0).UTC(); l.Said.Before(epoch) {
			l.Said = epoch
		}
	}
	if !l.Due.IsZero() {
		l.Due = Day(l.Due)
	}
	l.Minutes = RoundMinutes(l.Minutes)
	return l
}

// everywhere is how long after the UTC midnight of a day's beginning that day is over everywhere on earth (UTC-12).
const everywhere = 36 * time.Hour

// Add counts one more leaf. A leaf that breaks a rule gives a *Breach, one that is not well formed ErrLeaf; then neither the tally nor the
// memory has changed.
func (t *Tally) Add(ctx context.Context, m Memory, l Leaf) error {
	if err := l.Check(); err != nil {
		return err
	}
	if l.At.Before(t.last) {
		return &Breach{RuleTime}
	}
	s, err := m.Recall(ctx, l.Subject)
	if err != nil {
		return fmt.Errorf("record.Tally.Add: %w", err)
	}
	var of Fact
	if l.Of != "" {
		if of, err = m.Recall(ctx, l.Of); err != nil {
			return fmt.Errorf("record.Tally.Add: %w", err)
		}
	}
	c := change{f: t.f, s: s, of: of, answer: -1}
	if rule := c.apply(l); rule != "" {
		return &Breach{rule}
	}
	if c.s != s {
		if err := m.Remember(ctx, l.Subject, c.s); err != nil {
			return fmt.Errorf("record.Tally.Add: %w", err)
		}
	}
	if c.of != of {
		if err := m.Remember(ctx, l.Of, c.of); err != nil {
			return fmt.Errorf("record.Tally.Add: %w", err)
		}
	}
	if c.answer >= 0 {
		p := place(c.answer)
		for len(t.answers) <= p {
			t.answers = append(t.answers, make([]int32, max(p+1-len(t.answers), 64))...)
		}
		t.answers[p] += c.by
	}
	if c.f.Leaves++; c.f.Leaves == 1 {
		c.f.Since = Day(l.At)
	}
	t.f, t.last = c.f, l.At
	return nil
}

// change is what a leaf changes, before it is certain.
type change struct {
	f      Figures
	s, of  Fact  // of Subject and of Of
	answer int   // the length of an answer that is counted or no longer counted; -1: none
	by     int32 // 1 or -1
}

// apply gives the rule that a leaf breaks, or "".
func (c *change) apply(l Leaf) Rule {
	switch l.Kind {
	case Heard, Undecided, Dismissed, Answered, Accepted, Parted, Confirmed, Erased:
		return c.criticism(l)
	case Declined, Reopened:
		return c.matter(l)
	case Published, Effect:
		return c.improvement(l)
	default:
		return c.promise(l)
	}
}

func (c *change) criticism(l Leaf) Rule {
	begins := l.Kind == Heard || l.Kind == Undecided
	switch {
	case c.s.class != nothing && c.s.class != aCriticism:
		return RuleNames
	case c.s.class == nothing && !begins:
		return RuleUnknown
	case c.s.flags.is(erased):
		return RuleErased
	}
	switch l.Kind {
	case Heard:
		switch {
		case c.s.state == heard:
			return RuleHeardTwice
		case c.s.class == aCriticism && c.s.print != printOf(l):
			return RuleOther
		}
		c.leave()
		c.s.class, c.s.state, c.s.print = aCriticism, heard, printOf(l)
		c.f.Heard++
		if c.s.flags.is(answered) {
			c.f.Answered++
			c.answer, c.by = int(c.s.n), 1
		}
	case Undecided:
		if c.s.class == aCriticism {
			return RuleHeardTwice
		}
		c.s = Fact{class: aCriticism, state: undecided, print: printOf(l)}
		c.f.Undecided++
	case Dismissed:
		switch {
		case c.s.state == dismissed:
			return RuleDismissedTwice
		case c.s.flags.is(accepted):
			return RuleInCase
		}
		c.leave()
		c.s.state = dismissed
		c.f.Dismissed++
	case Answered:
		switch {
		case c.s.state != heard:
			return RuleNotHeard
		case c.s.flags.is(answered):
			return RuleAnsweredTwice
		}
		c.s.flags |= answered
		c.s.n = int32(l.Minutes)
		c.f.Answered++
		c.answer, c.by = l.Minutes, 1
	case Accepted:
		return c.accept(l)
	case Parted:
		if !c.s.flags.is(accepted) || c.s.in != l.Of.raw() {
			return RuleNotInCase
		}
		c.s.flags &^= accepted
		c.s.in = [16]byte{}
		if c.of.n--; c.of.n == 0 {
			c.f.Cases--
		}
		if c.of.flags.is(published) {
			c.f.Voices--
		}
	case Confirmed:
		switch {
		case c.s.state != heard:
			return RuleNotHeard
		case !c.s.flags.is(everAccepted):
			return RuleNotAccepted
		}
		c.confirm(l.Outcome == Worked)
	case Erased:
		c.s.flags |= erased
		c.f.Erased++
	}
	return ""
}

// leave takes a criticism out of the figures of the state that it leaves.
func (c *change) leave() {
	switch c.s.state {
	case undecided:
		c.f.Undecided--
	case dismissed:
		c.f.Dismissed--
	case heard:
		c.f.Heard--
		if c.s.flags.is(answered) {
			c.f.Answered--
			c.answer, c.by = int(c.s.n), -1
		}
	}
}

func (c *change) accept(l Leaf) Rule {
	switch {
	case c.of.class != nothing && c.of.class != aCase:
		return RuleNames
	case c.s.state != heard:
		return RuleNotHeard
	case c.s.flags.is(accepted):
		return RuleInCase
	}
	if c.of.class == nothing {
		c.of = Fact{class: aCase, state: standing}
	}
	c.s.flags |= accepted | everAccepted
	c.s.in = l.Of.raw()
	if c.of.n++; c.of.n == 1 {
		c.f.Cases++
	}
	if c.of.flags.is(published) {
		c.f.Voices++
	}
	return ""
}

func (c *change) confirm(yes bool) {
	switch {
	case c.s.flags.is(better):
		c.f.Confirmed--
	case c.s.flags.is(worse):
		c.f.NotConfirmed--
	}
	c.s.flags &^= better | worse
	if yes {
		c.s.flags |= better
		c.f.Confirmed++
		return
	}
	c.s.flags |= worse
	c.f.NotConfirmed++
}

// matter is a leaf about a case. A case of criticisms that were all received in private has no Accepted leaf: being declined is the first
// that the record hears of it.
func (c *change) matter(l Leaf) Rule {
	switch {
	case c.s.class != nothing && c.s.class != aCase:
		return RuleNames
	case l.Kind == Declined && c.s.state == declined:
		return RuleDeclined
	case l.Kind == Reopened && c.s.class == nothing:
		return RuleUnknown
	case l.Kind == Reopened && c.s.state != declined:
		return RuleNotDeclined
	}
	c.s.class = aCase
	if l.Kind == Declined {
		c.s.state = declined
		c.f.Declined++
		return ""
	}
	c.s.state = standing
	c.f.Declined--
	return ""
}

func (c *change) improvement(l Leaf) Rule {
	switch {
	case c.s.class != nothing && c.s.class != anImprovement:
		return RuleNames
	case l.Kind == Published && c.s.class == anImprovement:
		return RulePublishedTwice
	case l.Kind == Published && c.of.class != nothing && c.of.class != aCase:
		return RuleNames
	case l.Kind == Published && c.of.state == declined:
		return RuleDeclined
	case l.Kind == Effect && c.s.class == nothing:
		return RuleUnknown
	}
	if l.Kind == Published {
		if c.of.class == nothing {
			c.of = Fact{class: aCase, state: standing}
		}
		if !c.of.flags.is(published) {
			c.f.Voices += int(c.of.n)
		}
		c.of.flags |= published
		c.s = Fact{class: anImprovement, state: unsaid}
		c.f.Published++
		c.f.TooEarly++
		return ""
	}
	*c.outcome()--
	switch l.Outcome {
	case Worked:
		c.s.state = worked
	case NotWorked:
		c.s.state = notWorked
	default:
		c.s.state = unsaid
	}
	*c.outcome()++
	return ""
}

// outcome is the figure that counts improvements such as the subject is now.
func (c *change) outcome() *int {
	switch c.s.state {
	case worked:
		return &c.f.Worked
	case notWorked:
		return &c.f.NotWorked
	default:
		return &c.f.TooEarly
	}
}

func (c *change) promise(l Leaf) Rule {
	switch {
	case c.s.class != nothing && c.s.class != aPromise:
		return RuleNames
	case l.Kind == Promised && c.s.class == aPromise:
		return RulePromisedTwice
	case l.Kind != Promised && c.s.class == nothing:
		return RuleUnknown
	case c.s.state == kept || c.s.state == keptLate || c.s.state == broken && l.Kind == Broken:
		return RuleSettled
	}
	switch {
	case l.Kind == Promised:
		c.s = Fact{class: aPromise, state: open, n: int32(l.Due.Unix() / 86400)}
		c.f.Promised++
		c.f.Open++
	case l.Kind == Broken:
		c.s.state = broken
		c.f.Open--
		c.f.Broken++
	case c.s.state == broken:
		c.s.state = keptLate
		c.f.Broken--
		c.f.KeptLate++
	case !l.At.Before(c.s.due().Add(everywhere)):
		return RuleKeptLate
	default:
		c.s.state = kept
		c.f.Open--
		c.f.Kept++
	}
	return ""
}

// due is the day of a promise.
func (f Fact) due() time.Time { return time.Unix(int64(f.n)*86400, 0).UTC() }

// Figures gives the figures as far as leaves were added.
func (t *Tally) Figures() Figures {
	f := t.f
	seen, half := 0, false
	for p, n := range t.answers {
		if n == 0 {
			continue
		}
		if seen += int(n); !half && 2*seen >= f.Answered {
			f.MedianMinutes, half = length(p), true
		}
		f.SlowestMinutes = length(p)
	}
	return f
}

// FiguresOf gives the figures that follow from leaves, and the first error when a leaf is not well formed or breaks a rule; such leaves are
// not counted.
func FiguresOf(leaves iter.Seq[Leaf]) (Figures, error) {
	var t Tally
	var first error
	m := NewMemory()
	for l := range leaves {
		if err := t.Add(context.Background(), m, l); err != nil && first == nil {
			first = fmt.Errorf("record.FiguresOf: %w", err)
		}
	}
	return t.Figures(), first
}

// tallyDoc is a written tally.
type tallyDoc struct {
	V       int     `json:"v"`
	Last    string  `json:"last,omitempty"`
	Since   string  `json:"since,omitempty"`
	Figures []int64 `json:"figures"` // in the order of List, without the minutes
	Answers []int32 `json:"answers"` // for each length that occurs: how many places it is behind the one before, how many answers
}

// ErrTally says that something is not a written tally.
var ErrTally = fault.New(fault.Internal, "record.tally")

// MarshalText writes a tally, for a table: some hundred bytes, and a few for each different length of an answer.
func (t *Tally) MarshalText() ([]byte, error) {
	doc := tallyDoc{V: 1, Figures: []int64{}, Answers: []int32{}}
	if !t.last.IsZero() {
		doc.Last, doc.Since = t.last.Format(hourForm), t.f.Since.Format(dayForm)
	}
	for _, f := range t.f.List() {
		if f.Name != "median_minutes" && f.Name != "slowest_minutes" {
			doc.Figures = append(doc.Figures, f.Value)
		}
	}
	before := 0
	for p, n := range t.answers {
		if n != 0 {
			doc.Answers = append(doc.Answers, int32(p-before), n)
			before = p
		}
	}
	return json.Marshal(doc)
}

// UnmarshalText reads what MarshalText wrote; nothing at all is the tally of no leaves.
func (t *Tally) UnmarshalText(b []byte) error {
	*t = Tally{}
	if len(b) == 0 {
		return nil
	}
	var doc tallyDoc
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&doc); err != nil {
		return ErrTally.Because(err)
	}
	n := doc.Figures
	if doc.V != 1 || len(n) != 20 || len(doc.Answers)%2 != 0 || (doc.Last == "") != (n[0] == 0) {
		return ErrTally
	}
	t.f = Figures{
		Leaves: n[0], Heard: int(n[1]), Answered: int(n[2]), Undecided: int(n[3]), Dismissed: int(n[4]), Cases: int(n[5]), Published: int(n[6]),
		Voices: int(n[7]), Declined: int(n[8]), Worked: int(n[9]), NotWorked: int(n[10]), TooEarly: int(n[11]), Confirmed: int(n[12]),
		NotConfirmed: int(n[13]), Promised: int(n[14]), Kept: int(n[15]), KeptLate: int(n[16]), Broken: int(n[17]), Open: int(n[18]), Erased: int(n[19]),
	}
	if doc.Last != "" {
		var err, err2 error
		t.last, err = time.Parse(hourForm, doc.Last)
		t.f.Since, err2 = time.Parse(dayForm, doc.Since)
		if err != nil || err2 != nil {
			return ErrTally
		}
	}
	at := 0
	for i := 0; i < len(doc.Answers); i += 2 {
		if at += int(doc.Answers[i]); doc.Answers[i] < 0 || at >= lengths {
			return ErrTally
		}
		for len(t.answers) <= at {
			t.answers = append(t.answers, make([]int32, max(at+1-len(t.answers), 64))...)
		}
		t.answers[at] = doc.Answers[i+1]
	}
	return nil
}
