package presence

import (
	"cmp"
	"slices"
	"time"

	"github.com/ponte-desk/ponte/internal/i18n"
)

// Say is a sentence that is still to be said in somebody's language: a key of the catalog with its values.
type Say struct {
	Key  string
	With []any // names and values in turn
}

// since is a moment that is said as the beginning of a time.
type since time.Time

func say(key string, with ...any) Say { return Say{Key: key, With: with} }

// In says the sentence, for a reader in a zone.
func (s Say) In(l *i18n.Localizer, zone *time.Location) string {
	with := make([]any, len(s.With))
	for i, x := range s.With {
		switch x := x.(type) {
		case time.Time:
			with[i] = l.Date(x.In(zone))
		case since:
			with[i] = l.SinceDate(time.Time(x).In(zone))
		case time.Duration:
			with[i] = l.Span(x)
		case int:
			with[i] = l.Number(x)
		default:
			with[i] = x
		}
	}
	return l.T(s.Key, with...)
}

// Part is which of the three sentences at the top of a portrait one is.
type Part string

// The three.
const (
	Well   Part = "well"   // what the company does well
	Stands Part = "stands" // what stands out
	Try    Part = "try"    // the one thing to try next week
)

// Line is a sentence at the top of a portrait, with why.
type Line struct {
	Part Part
	Say  Say
	Why  Say
	On   Key // the figure that it rests on; "" none
}

// When something is told. All of it is in the guide too.
const (
	wellAnswered = .75
	wellFaced    = .7
	wellQuick    = 4 * time.Hour
	wellWeeks    = .85
	wellReplies  = .5
	wellSelf     = .2
	wellHeard    = .5
	longSilence  = 21  // days
	muchSelf     = .35 // of sentences
	muchLeft     = .3  // of criticisms
	muchLater    = 3   // times as long outside company hours as in them
	fewReplies   = .3
	fewAsking    = .15
	muchThree    = .5
	hardEase     = 50
	harderThan   = 12 // points of ease, ours below theirs
	mixedWays    = .8 // of texts that speak to somebody use the same way
)

// weighed is a line that could be said, with how much speaks for it.
type weighed struct {
	Line
	weight float64
}

// Lines gives the three sentences. They follow from the figures by rules alone: of what could be said, each time what most speaks for.
func (v View) Lines() []Line {
	well := pick(v.well())
	if well == nil {
		well = &Line{Part: Well, Say: say("presence.well.none"), Why: say("presence.well.none.text", "ours", v.Ours, "theirs", v.Theirs, "since", since(v.Since()))}
	}
	stands := pick(slices.DeleteFunc(v.stands(), func(w weighed) bool { return w.On == well.On }))
	if stands == nil {
		stands = &Line{Part: Stands, Say: say("presence.stands.none"), Why: say("presence.stands.none.text", "ours", v.Ours, "theirs", v.Theirs, "since", since(v.Since()))}
	}
	try := v.try()
	for i := range try {
		if try[i].On == stands.On { // saying the same twice says less
			try[i].weight -= .15
		}
	}
	next := pick(try)
	if next == nil {
		next = &Line{Part: Try, Say: say("presence.try.none"), Why: say("presence.try.none.text")}
	}
	return []Line{*well, *stands, *next}
}

func pick(ws []weighed) *Line {
	if len(ws) == 0 {
		return nil
	}
	best := slices.MaxFunc(ws, func(a, b weighed) int { return cmp.Compare(a.weight, b.weight) })
	return &best.Line
}

// lines collects what could be said.
type lines struct {
	v    View
	part Part
	all  []weighed
}

func (l *lines) add(weight float64, on Key, key string, with ...any) {
	f := l.v.Figure(on)
	with = append([]any{"n", f.N, "of", f.Of, "since", since(l.v.Since())}, with...)
	l.all = append(l.all, weighed{Line{Part: l.part, Say: say(key, with...), Why: say(key+".text", with...), On: on}, weight})
}

// ok gives a figure that is of enough.
func (l *lines) ok(k Key) (Figure, bool) {
	f := l.v.Figure(k)
	return f, !f.Few
}

func (v View) well() []weighed {
	l := &lines{v: v, part: Well}
	if f, ok := l.ok(Faced); ok && f.Part() >= wellFaced {
		l.add(f.Part()+.3, Faced, "presence.well.faced")
	}
	w, quick := l.ok(Wait)
	if f, ok := l.ok(Taken); ok && f.Part() >= wellAnswered {
		l.add(f.Part()+.2, Taken, "presence.well.answered", "half", w.Median)
	}
	if quick && w.Median <= wellQuick {
		l.add(1-.3*float64(w.Median)/float64(wellQuick), Wait, "presence.well.quick", "half", w.Median, "ninth", w.Ninth)
	}
	if f, ok := l.ok(Weeks); ok && f.Part() >= wellWeeks {
		l.add(f.Part()-.05, Weeks, "presence.well.weeks")
	}
	if f, ok := l.ok(Replies); ok && f.Part() >= wellReplies {
		l.add(.4+.5*f.Part(), Replies, "presence.well.replies")
	}
	if f, ok := l.ok(Self); ok && f.Part() <= wellSelf {
		l.add(.9-f.Part(), Self, "presence.well.self")
	}
	if f, ok := l.ok(Heard); ok && f.Part() >= wellHeard {
		l.add(.4+.5*f.Part(), Heard, "presence.well.heard")
	}
	for _, k := range []Key{Faced, Taken, Asked, Replies, Weeks} {
		if f := v.Figure(k); f.Change() > 0 && f.Part() >= .5 {
			l.add(1.25, k, "presence.well.better."+string(k), "was", f.Before.N, "before", f.Before.Of)
		}
	}
	return l.all
}

func (v View) stands() []weighed {
	l := &lines{v: v, part: Stands}
	if f, ok := l.ok(Ignored); ok && f.N >= 2 && f.Part() >= muchLeft {
		l.add(.7+f.Part(), Ignored, "presence.stands.left")
	}
	if f, ok := l.ok(Gap); ok && f.N >= longSilence && len(f.Examples) > 0 {
		l.add(min(1.2, .4+float64(f.N)/60), Gap, "presence.stands.silence", "from", f.Examples[0].At)
	}
	if f, ok := l.ok(Self); ok && f.Part() >= muchSelf {
		l.add(.2+1.5*f.Part(), Self, "presence.stands.self")
	}
	if in, out, ok := v.later(); ok {
		l.add(.75, WaitOut, "presence.stands.later", "out", out.Median, "in", in.Median)
	}
	if f, ok := l.ok(Replies); ok && f.Part() <= fewReplies {
		l.add(1-2*f.Part(), Replies, "presence.stands.broadcast", "rest", f.Of-f.N)
	}
	if f, ok := l.ok(Three); ok && f.Part() >= muchThree {
		l.add(.2+f.Part(), Three, "presence.stands.three")
	}
	if f, ok := l.ok(Asking); ok && f.Part() <= fewAsking {
		l.add(.6-f.Part(), Asking, "presence.stands.asking")
	}
	if f, ok := l.ok(Ease); ok && (f.Ours < hardEase || f.Theirs-f.Ours >= harderThan) {
		l.add(.55, Ease, "presence.stands.hard", "ours", round(f.Ours), "theirs", round(f.Theirs), "words", f.Of)
	}
	if f, ok := l.ok(Register); ok && f.Part() < mixedWays {
		l.add(.5, Register, "presence.stands.ways", "tu", f.OurWays[0], "voi", f.OurWays[1], "lei", f.OurWays[2])
	}
	if f, ok := l.ok(Fresh); ok && f.Part() >= .5 {
		l.add(.45, Fresh, "presence.stands.fresh")
	}
	for _, k := range []Key{Faced, Taken, Asked, Replies, Weeks} {
		if f := v.Figure(k); f.Change() < 0 {
			l.add(1.1, k, "presence.stands.worse."+string(k), "was", f.Before.N, "before", f.Before.Of)
		}
	}
	return l.all
}

// later tells whether people wait much longer who write outside company hours.
func (v View) later() (in, out Figure, ok bool) {
	in, out = v.Figure(WaitIn), v.Figure(WaitOut)
	return in, out, !in.Few && !out.Few && out.Median >= muchLater*in.Median && out.Median >= 4*time.Hour
}

func (v View) try() []weighed {
	l := &lines{v: v, part: Try}
	if f := v.Figure(Ignored); f.N > 0 {
		l.add(1.1, Ignored, "presence.try.left")
	}
	if f, ok := l.ok(Taken); ok && f.Part() < wellAnswered {
		l.add(1.05-.3*f.Part(), Taken, "presence.try.answer", "rest", f.Of-f.N)
	}
	if f, ok := l.ok(Weeks); ok && f.Part() < .7 {
		l.add(.8, Weeks, "presence.try.weeks", "rest", f.Of-f.N)
	}
	if f, ok := l.ok(Self); ok && f.Part() >= muchSelf {
		l.add(.5+f.Part()/2, Self, "presence.try.self")
	}
	if f, ok := l.ok(Replies); ok && f.Part() <= fewReplies {
		l.add(.65, Replies, "presence.try.replies")
	}
	if f, ok := l.ok(Asking); ok && f.Part() <= fewAsking {
		l.add(.66, Asking, "presence.try.ask")
	}
	if in, out, ok := v.later(); ok {
		l.add(.6, WaitOut, "presence.try.later", "out", out.Median, "in", in.Median)
	}
	if f, ok := l.ok(Ease); ok && (f.Ours < hardEase || f.Theirs-f.Ours >= harderThan) {
		l.add(.5, Ease, "presence.try.short", "ours", round(f.Ours), "theirs", round(f.Theirs))
	}
	if f, ok := l.ok(Three); ok && f.Part() >= muchThree {
		l.add(.45, Three, "presence.try.others")
	}
	if f := v.Figure(Fresh); f.N > 0 {
		l.add(.3, Fresh, "presence.try.thank")
	}
	return l.all
}

func round(f float64) int { return int(f + .5) }
