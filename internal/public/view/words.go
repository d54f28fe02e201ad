package view

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/record"
)

func itoa(n int) string { return strconv.Itoa(n) }

// fewAnswers is under how many answers nothing is said about how long they take.
const fewAnswers = 5

// outcome says in words what came of an improvement.
func (p Page) outcome(o record.Outcome) string {
	switch o {
	case record.Worked:
		return p.T("publicpage.outcome.worked")
	case record.NotWorked:
		return p.T("publicpage.outcome.not_worked")
	case record.TooFew:
		return p.T("publicpage.outcome.too_few")
	}
	return p.T("publicpage.outcome.too_early")
}

// outcomeIcon is the shape that stands beside the word.
func outcomeIcon(o record.Outcome) string {
	switch o {
	case record.Worked:
		return "check"
	case record.NotWorked:
		return "close"
	}
	return "hourglass"
}

// people says how many, in words when it is nobody.
func (p Page) people(n int) string {
	if n == 0 {
		return p.T("publicpage.nobody")
	}
	return p.N("publicpage.people", n)
}

// span says how long, in days up to two weeks.
func (p Page) span(days int) string {
	if days < 14 {
		return p.N("publicpage.days", days)
	}
	return p.N("publicpage.weeks", int(math.Round(float64(days)/7)))
}

// trend says in figures what came of an improvement; "" when there is nothing to compare.
func (p Page) trend(t growth.Trend) string {
	if t.Before.Days == 0 {
		return ""
	}
	after := p.T("publicpage.none")
	if t.After.People > 0 {
		after = p.Words.Number(t.After.People)
	}
	return p.T("publicpage.trend", "before", p.people(t.Before.People), "beforespan", p.span(t.Before.Days), "after", after, "afterspan", p.span(t.After.Days))
}

// remark says how far to trust the figures of a trend, or when there will be more to say; "" when neither.
func (p Page) remark(t growth.Trend) string {
	switch t.Outcome {
	case record.Worked:
		return p.chance(t.Chance)
	case record.NotWorked:
		return ""
	}
	if t.LookAt.IsZero() {
		return ""
	}
	return p.T("publicpage.trend.look", "month", p.month(t.LookAt))
}

// chance says how likely a fall like this one is by chance, as one in so many.
func (p Page) chance(c float64) string {
	if c <= 0 || c < 0.001 {
		return p.T("publicpage.chance.rare", "n", p.Words.Number(1000))
	}
	n := 1 / c
	unit := math.Pow(10, max(0, math.Floor(math.Log10(n))-1)) // two figures: more would be more than is known
	return p.T("publicpage.chance", "n", p.Words.Number(int(math.Round(n/unit)*unit)))
}

// quoted says who said it, and with how many others.
func (p Page) quoted(i growth.Improvement) string {
	switch {
	case i.QuotedAs == "":
		return p.N("publicpage.people", max(1, i.Others+1))
	case i.Others == 0:
		return i.QuotedAs
	}
	return p.N("publicpage.quoted", i.Others, "name", i.QuotedAs)
}

// confirmed says what those who had complained answered; "" when nobody did.
func (p Page) confirmed(i growth.Improvement) string {
	var said []string
	if i.Better > 0 {
		said = append(said, p.N("publicpage.confirmed", i.Better))
	}
	if i.NotBetter > 0 {
		said = append(said, p.N("publicpage.unconfirmed", i.NotBetter))
	}
	return strings.Join(said, " ")
}

// voice is what a person said, in the marks of its language. Where their words were erased a sentence of ours stands, which
// nobody said.
func (p Page) voice(w growth.Words) (said, other string, erased bool) {
	said, other = p.say(w)
	if p.erased(p.Lang, said) || other != "" && p.erased(other, said) {
		return said, other, true
	}
	if strings.HasPrefix(said, "«") || strings.HasPrefix(said, "“") || strings.HasPrefix(said, `"`) {
		return said, other, false
	}
	if p.Lang == "en" && other == "" || other == "en" {
		return "“" + said + "”", other, false
	}
	return "«" + said + "»", other, false
}

// grouped sets hexadecimal figures in groups of four, so that people can compare them by eye.
func grouped(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i += 4 {
		if i > 0 {
			b.WriteString("·")
		}
		b.WriteString(s[i:min(i+4, len(s))])
	}
	return b.String()
}

// fingerprint is the part of a handle that stands for it on a page.
func fingerprint(h record.Handle) string { return grouped(string(h)[:min(8, len(h))]) }

// leafOf names the place of an improvement in the record.
func (p Page) leafOf(i growth.Improvement) string {
	return p.T("publicpage.leaf", "number", p.Words.Number(int(i.Leaf)), "print", fingerprint(i.Handle))
}

// figure is a number with what it is out of.
type figure struct {
	label string
	big   []part
	so    string
}

// part is a number, or a unit, which is set smaller.
type part struct {
	text  string
	small bool
}

func number(s string) []part { return []part{{text: s}} }

// spanParts sets the units of a length of time smaller and close to their numbers: 2h 40min.
func spanParts(s string) (parts []part) {
	for _, w := range strings.Fields(s) {
		_, err := strconv.Atoi(strings.NewReplacer(".", "", ",", "").Replace(w))
		if err == nil && len(parts) > 0 {
			w = " " + w
		}
		parts = append(parts, part{text: w, small: err != nil})
	}
	return parts
}

// figures are the four figures of the page. They come from the record's leaves alone.
func (p Page) figures(f record.Figures) []figure {
	no := number("–")
	heard := figure{label: p.T("publicpage.heard"), big: number(p.Words.Number(f.Heard)), so: p.T("publicpage.heard.none")}
	if f.Heard > 0 {
		answered := p.N("publicpage.answered", f.Answered)
		switch f.Answered {
		case 0:
			answered = p.T("publicpage.answered.none")
		case f.Heard:
			answered = p.T("publicpage.answered.all")
		}
		heard.so = p.T("publicpage.heard.so", "since", p.month(f.Since), "answered", answered)
	}
	changed := figure{label: p.T("publicpage.changed"), big: number(p.Words.Number(f.Published)), so: p.T("publicpage.changed.none")}
	worked := figure{label: p.T("publicpage.worked"), big: no, so: p.T("publicpage.worked.none")}
	if f.Published > 0 {
		changed.so = p.N("publicpage.changed.so", f.Voices, "heard", p.Words.Number(f.Heard))
		worked.big = []part{{text: p.Words.Number(f.Worked)}, {text: " " + p.T("publicpage.of", "n", p.Words.Number(f.Published)), small: true}}
		var so []string
		if f.NotWorked > 0 {
			so = append(so, p.N("publicpage.worked.not", f.NotWorked))
		}
		if f.TooEarly > 0 {
			so = append(so, p.N("publicpage.worked.early", f.TooEarly))
		}
		if f.Confirmed > 0 {
			so = append(so, p.N("publicpage.worked.confirmed", f.Confirmed))
		}
		worked.so = strings.Join(so, "; ")
	}
	answer := figure{label: p.T("publicpage.time"), big: no, so: p.T("publicpage.time.none")}
	switch {
	case f.Answered >= fewAnswers:
		answer.big = spanParts(p.Words.Span(time.Duration(f.MedianMinutes) * time.Minute))
		answer.so = p.T("publicpage.time.so", "slowest", p.Words.Span(time.Duration(f.SlowestMinutes)*time.Minute))
	case f.Answered > 0:
		answer.so = p.N("publicpage.time.few", f.Answered)
	}
	return []figure{heard, changed, worked, answer}
}

// rest says what the four figures leave out; "" when that is nothing.
func (p Page) rest(f record.Figures) string {
	var said []string
	for _, r := range []struct {
		n   int
		key string
	}{{f.Undecided, "publicpage.rest.undecided"}, {f.Dismissed, "publicpage.rest.dismissed"}, {f.Erased, "publicpage.rest.erased"}} {
		if r.n > 0 {
			said = append(said, p.N(r.key, r.n))
		}
	}
	return strings.Join(said, " ")
}

// promises says how the promises went whose day has come; rest is what is not among the kept ones.
func (p Page) promises(f record.Figures) (kept, of int, rest []string) {
	if f.KeptLate > 0 {
		rest = append(rest, p.N("publicpage.promises.late", f.KeptLate))
	}
	if f.Broken > 0 {
		rest = append(rest, p.N("publicpage.promises.broken", f.Broken))
	}
	if f.Open > 0 {
		rest = append(rest, p.N("publicpage.promises.open", f.Open))
	}
	return f.Kept, f.Kept + f.KeptLate + f.Broken, rest
}

// doing says where something stands that is being worked on.
func (p Page) doing(w growth.Working) string {
	switch w.State {
	case growth.CaseUnderstood:
		return p.T("publicpage.working.understood")
	case growth.CaseChanging:
		return p.T("publicpage.working.changing")
	}
	return p.T("publicpage.working.heard")
}

// headline breaks a title into its sentences, one on each line.
func headline(s string) []string {
	var lines []string
	for {
		i := strings.IndexAny(s, ".?!")
		if i < 0 || i+1 >= len(s) || s[i+1] != ' ' {
			return append(lines, s)
		}
		lines, s = append(lines, s[:i+1]), strings.TrimSpace(s[i+1:])
	}
}
