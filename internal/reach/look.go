package reach

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/tie"
)

// ErrNone says that there is no portrait, or no tie in it.
var ErrNone = fault.New(fault.NotFound, "reach.none")

// Look is what a member sees of the ties: the last portrait, with names.
type Look struct {
	// Portrait is nil when none was drawn yet.
	Portrait *Portrait
	// Names are those of the people in it whom the house still knows.
	Names map[audience.PersonID]string
	// Involve are the people to involve now, in the order of choice; none is held back.
	Involve []Involve
	// Last is what the advice of the last windows that are over brought against what was expected; nil when there is none.
	Last *Balance
	// Lift is what advice about weak ties is worth; Hold of a hundred of them are held back.
	Lift Lift
	Hold int
	// Credits are by which ties what the company published in the last CreditDays was carried, by class.
	Credits []Credit
}

// CreditDays is for how many days back a Look has credits.
const CreditDays = 90

// Involve is somebody to involve, with why, and the one thing to do.
type Involve struct {
	Suggestion SuggestionID
	Person     audience.PersonID
	Name       string
	Pick       Pick
	State      State
	Reasons    []Say
	Action     Action
}

// Action is what to do about a piece of advice.
type Action struct {
	// Verb is reply (they wait for an answer), thank (they handed something on or praised) or invite; "" when there is no way to them.
	Verb Verb
	// Conversation is the last one with them.
	Conversation inbox.ConversationID
}

// Verb is a thing to do.
type Verb string

// The things to do.
const (
	VerbReply  Verb = "reply"
	VerbThank  Verb = "thank"
	VerbInvite Verb = "invite"
)

// Balance is what advice brought against what was expected of it.
type Balance struct {
	Since    time.Time
	Involved int // people who were involved on advice
	Reached  int // new people whom they brought
	Expected Range
}

// kept is the portraits that were read of late, so that a page does not read one for each of its parts.
type kept struct {
	mu sync.Mutex
	of map[team.CompanyID]keptPortrait
}

type keptPortrait struct {
	id SnapshotID
	p  *Portrait
}

// mostPortraits is how many companies' portraits are kept at hand.
const mostPortraits = 8

func (k *kept) read(s Snapshot) (*Portrait, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if have, ok := k.of[s.Company]; ok && have.id == s.ID {
		return have.p, true
	}
	p, ok := ReadPortrait(s)
	if !ok {
		return nil, false
	}
	if k.of == nil || len(k.of) >= mostPortraits {
		k.of = map[team.CompanyID]keptPortrait{}
	}
	k.of[s.Company] = keptPortrait{id: s.ID, p: p}
	return p, true
}

// Portrait gives the last portrait that was drawn of the actor's company; nil when there is none of the form of today.
func (r *Room) Portrait(ctx context.Context, actor team.Actor) (*Portrait, error) {
	s, ok, err := r.LatestSnapshot(ctx, actor)
	if err != nil || !ok {
		return nil, err
	}
	p, _ := r.kept.read(s)
	return p, nil
}

// Look gives what the page of ties shows.
func (r *Room) Look(ctx context.Context, actor team.Actor) (Look, error) {
	p, err := r.Portrait(ctx, actor)
	if err != nil || p == nil {
		return Look{}, err
	}
	out := Look{Portrait: p, Names: map[audience.PersonID]string{}}
	all, err := r.Suggestions(ctx, actor, SuggestionsIn{Limit: 500})
	if err != nil {
		return Look{}, fmt.Errorf("reach.Look: %w", err)
	}
	if err := r.name(ctx, actor, &out, all); err != nil {
		return Look{}, fmt.Errorf("reach.Look: %w", err)
	}
	now, picks := r.rooms.Clock.Now(), map[audience.PersonID]Pick{}
	for _, x := range p.Advice.Picks {
		picks[x.Person] = x
	}
	for _, s := range all {
		if s.State != Offered || !s.Until.After(now) {
			continue
		}
		i := Involve{Suggestion: s.ID, Person: s.Person, Name: out.Names[s.Person], State: s.State}
		if i.Name == "" || json.Unmarshal(s.Why, &i.Pick) != nil {
			continue
		}
		// What was expected when it was advised stays; what speaks for them is as the last portrait has it, whose circles have its numbers.
		expected := i.Pick.Expected
		if x, ok := picks[s.Person]; ok {
			i.Pick = x
		} else {
			i.Pick.Circle, i.Pick.Only = -1, false
		}
		i.Pick.Expected = expected
		if err := r.act(ctx, actor, p, &i); err != nil {
			return Look{}, fmt.Errorf("reach.Look: %w", err)
		}
		out.Involve = append(out.Involve, i)
	}
	order := map[audience.PersonID]int{}
	for i, x := range p.Advice.Picks {
		order[x.Person] = i - len(p.Advice.Picks)
	}
	slices.SortStableFunc(out.Involve, func(a, b Involve) int { return cmp.Compare(order[a.Person], order[b.Person]) })
	out.Last = balance(all)
	if out.Lift, err = r.Lift(ctx, actor); err != nil {
		return Look{}, fmt.Errorf("reach.Look: %w", err)
	}
	s, err := r.readSetting(ctx, actor.Company)
	if err != nil {
		return Look{}, fmt.Errorf("reach.Look: %w", err)
	}
	out.Hold = s.Hold
	if out.Credits, err = r.Credits(ctx, actor.Company, now.AddDate(0, 0, -CreditDays)); err != nil {
		return Look{}, fmt.Errorf("reach.Look: %w", err)
	}
	return out, nil
}

// name asks for the names of all who are in a portrait.
func (r *Room) name(ctx context.Context, actor team.Actor, l *Look, all []Suggestion) error {
	for _, s := range all {
		l.Names[s.Person] = ""
	}
	for _, v := range l.Portrait.Views {
		for _, c := range v.Circles {
			l.Names[c.Heart] = ""
			for _, x := range c.Carriers {
				l.Names[x.Person] = ""
			}
		}
		for _, f := range v.Depends.Top {
			l.Names[f.Person] = ""
		}
	}
	for _, f := range l.Portrait.Cooling.Friends {
		l.Names[f.Person] = ""
	}
	delete(l.Names, "")
	for p := range l.Names {
		x, err := r.rooms.Audience.Person(ctx, actor, p)
		if fault.KindOf(err) == fault.NotFound {
			continue // erased, or joined with another
		} else if err != nil {
			return err
		}
		l.Names[p] = x.Name
	}
	return nil
}

// act finds the one thing to do about somebody, and says why.
func (r *Room) act(ctx context.Context, actor team.Actor, p *Portrait, i *Involve) error {
	var last *inbox.Conversation
	if actor.Can(team.InboxRead) {
		talks, err := r.rooms.Inbox.History(ctx, actor, i.Person, 3)
		if err != nil && !errors.Is(err, context.Canceled) {
			return err
		}
		if len(talks) > 0 {
			last = &talks[0]
			i.Action = Action{Verb: VerbInvite, Conversation: last.ID}
			switch {
			case last.State == inbox.Open:
				i.Action.Verb = VerbReply
			case i.Pick.Shared > 0 || last.Praise:
				i.Action.Verb = VerbThank
			}
		}
	}
	i.Reasons = reasons(p, i.Pick, last)
	return nil
}

// reasons say why somebody is advised: three sentences at most.
func reasons(p *Portrait, x Pick, last *inbox.Conversation) []Say {
	var out []Say
	if last != nil && last.State == inbox.Open {
		switch {
		case last.Criticism:
			out = append(out, say("reach.why.criticised", "date", last.LastInAt))
		case last.Question:
			out = append(out, say("reach.why.asked", "date", last.LastInAt))
		default:
			out = append(out, say("reach.why.waits", "date", last.LastInAt))
		}
	}
	if x.Shared > 0 {
		out = append(out, sayN("reach.why.shared", x.Shared, "date", x.SharedAt))
	}
	switch {
	case x.Only:
		out = append(out, say("reach.why.only"))
	case x.Alone > 0 && len(out) < 3:
		out = append(out, sayN("reach.why.alone", x.Alone))
	}
	if x.New > 0 && len(out) < 3 {
		out = append(out, sayN("reach.why.new", x.New, "of", x.Audience))
	}
	if len(out) < 3 && x.Class.IsWeak() {
		out = append(out, say("reach.why.weak"))
	}
	if len(out) < 3 && x.Asked > 0 {
		out = append(out, sayN("reach.why.tired", x.Asked))
	}
	if len(out) == 0 {
		out = append(out, sayN("reach.why.audience", x.Audience))
	}
	return out
}

// balance sums up the advice whose time is over.
func balance(all []Suggestion) *Balance {
	b := Balance{Expected: Range{Known: true}}
	for _, s := range all {
		if s.State != Involved || !s.Measured {
			continue
		}
		b.Involved++
		b.Reached += s.Reached
		b.Expected.Expected += s.Expected.Expected
		b.Expected.Low += s.Expected.Low
		b.Expected.High += s.Expected.High
		b.Expected.Known = b.Expected.Known && s.Expected.High > 0 && !math.IsInf(s.Expected.High, 0)
		if b.Since.IsZero() || s.At.Before(b.Since) {
			b.Since = s.At
		}
	}
	if b.Involved == 0 {
		return nil
	}
	return &b
}

// CircleName says how a circle is called.
func (l Look) CircleName(w *i18n.Localizer, v View, n int) string {
	if n < 0 || n >= len(v.Circles) {
		return ""
	}
	c := v.Circles[n]
	switch name := l.Names[c.Heart]; {
	case c.Alone:
		return w.T("reach.circle.alone")
	case len(c.Words) > 0 && strings.HasPrefix(c.Words[0], "#"):
		return c.Words[0]
	case len(c.Words) > 1:
		return w.T("reach.circle.words", "one", c.Words[0], "two", c.Words[1])
	case len(c.Words) == 1:
		return w.T("reach.circle.word", "one", c.Words[0])
	case name != "":
		return w.T("reach.circle.round", "name", name)
	}
	return w.T("reach.circle.number", "n", n+1)
}

// Carried says who leads into a circle.
func (l Look) Carried(c Circle) Say {
	var names []string
	for _, x := range c.Carriers {
		if n := l.Names[x.Person]; n != "" {
			names = append(names, n)
		}
	}
	switch {
	case c.Alone:
		return say("reach.carry.alone")
	case c.Know == c.People:
		return say("reach.carry.home")
	case c.Ours():
		return say("reach.carry.many")
	case len(names) == 0:
		return say("reach.carry.nobody")
	case c.Carrying == 1:
		return say("reach.carry.only", "name", names[0])
	case c.Carrying == 2 && len(names) == 2:
		return say("reach.carry.two", "one", names[0], "two", names[1])
	}
	return sayN("reach.carry.more", c.Carrying-1, "name", names[0])
}

// TieOf gives the tie of somebody with the company; ok is false where there is none, or no portrait.
func (r *Room) TieOf(ctx context.Context, actor team.Actor, p audience.PersonID) (t PersonTie, of *Portrait, ok bool, err error) {
	if of, err = r.Portrait(ctx, actor); err != nil || of == nil {
		return t, of, false, err
	}
	t, ok = of.Ties[p]
	return t, of, ok, nil
}

// Kind says what a tie is, in a word and a sentence.
func (t PersonTie) Kind() Say {
	switch t.Class {
	case tie.Core:
		return say("reach.tie.core")
	case tie.Wormhole:
		return say("reach.tie.wormhole")
	case tie.Embedded:
		return say("reach.tie.embedded")
	case tie.Weak:
		return say("reach.tie.weak")
	case tie.Local:
		return say("reach.tie.local")
	}
	return say("reach.tie.unknown")
}

// ClassName is what ties of a class are called.
func ClassName(c tie.Class) Say {
	switch c {
	case tie.Core:
		return say("reach.class.core")
	case tie.Wormhole:
		return say("reach.class.wormhole")
	case tie.Embedded:
		return say("reach.class.embedded")
	case tie.Weak:
		return say("reach.class.weak")
	case tie.Local:
		return say("reach.class.local")
	}
	return say("reach.class.unknown")
}

// Often says how likely somebody is heard of within a month: as times of ten, never as a bare part of a hundred.
func (p *Portrait) Often(t PersonTie) Say {
	tenth := int(t.Chance*10 + 0.5)
	switch {
	case !t.Dated:
		return say("reach.often.unknown")
	case tenth <= 0:
		return say("reach.often.seldom")
	case tenth >= 10:
		return say("reach.often.sure")
	case p.Cases > 0:
		return sayN("reach.often.tested", tenth, "cases", p.Cases)
	}
	return sayN("reach.often.rule", tenth)
}
