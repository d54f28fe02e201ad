package lead

import (
	"context"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

// What is what a rule looks at. It is stored in the database.
type What string

// What rules look at.
const (
	WhatAnswer   What = "answer"   // to the field Rule.Field
	WhatChannel  What = "channel"  // of the last touch
	WhatCampaign What = "campaign" // of the last touch
	WhatSource   What = "source"   // how it came in
	WhatForm     What = "form"
	WhatPhone    What = "phone"   // whether there is one
	WhatEmail    What = "email"   // the part behind the @
	WhatCarrier  What = "carrier" // whether a person carried it
	WhatProved   What = "proved"  // whether the address was proved
)

// Whats lists what rules look at.
var Whats = []What{WhatAnswer, WhatChannel, WhatCampaign, WhatSource, WhatForm, WhatPhone, WhatEmail, WhatCarrier, WhatProved}

// How is how a rule looks. It is stored in the database.
type How string

// How rules look; capitals and accents do not count.
const (
	Is       How = "is"
	IsNot    How = "is_not"
	Contains How = "contains"
	There    How = "there"  // there is something
	Absent   How = "absent" // there is nothing
	AtLeast  How = "at_least"
	AtMost   How = "at_most"
)

// Hows lists how rules look.
var Hows = []How{Is, IsNot, Contains, There, Absent, AtLeast, AtMost}

// Rule is what a company holds for a good sign or a bad one.
type Rule struct {
	ID     RuleID
	What   What
	How    How
	Field  string // the key of the field, for WhatAnswer
	Value  string
	Points int // -5 to 5, never 0
}

// From how many points a lead is good, and below which it is poor.
const (
	GoodFrom  = 2
	PoorBelow = 0
)

const (
	mostRules  = 40
	mostPoints = 5
)

// Bare tells whether a look needs no value.
func (h How) Bare() bool { return h == There || h == Absent }

// values are what a lead has of what a rule looks at.
func (r Rule) values(l Lead) []string {
	some := func(s string) []string {
		if s == "" {
			return nil
		}
		return []string{s}
	}
	switch r.What {
	case WhatAnswer:
		for _, a := range l.Answers {
			if a.Key == r.Field {
				return a.Values
			}
		}
	case WhatChannel:
		return some(l.Last.Channel)
	case WhatCampaign:
		return some(l.Last.Campaign)
	case WhatSource:
		return some(string(l.Source))
	case WhatForm:
		return some(string(l.Form))
	case WhatPhone:
		return some(l.Phone)
	case WhatEmail:
		_, domain, _ := strings.Cut(l.Email, "@")
		return some(domain)
	case WhatCarrier:
		return some(string(l.Last.Carrier) + string(l.First.Carrier))
	case WhatProved:
		if !l.ConfirmedAt.IsZero() {
			return []string{"yes"}
		}
	}
	return nil
}

// Meets tells whether a lead is as a rule says.
func (r Rule) Meets(l Lead) bool {
	vs := r.values(l)
	want := text.Fold(r.Value)
	any := func(f func(string) bool) bool { return slices.ContainsFunc(vs, f) }
	number := func(s string) (float64, bool) {
		v, err := strconv.ParseFloat(strings.Replace(strings.TrimSpace(s), ",", ".", 1), 64)
		return v, err == nil
	}
	switch r.How {
	case There:
		return len(vs) > 0
	case Absent:
		return len(vs) == 0
	case Is:
		return any(func(s string) bool { return text.Fold(s) == want })
	case IsNot:
		return len(vs) > 0 && !any(func(s string) bool { return text.Fold(s) == want })
	case Contains:
		return any(func(s string) bool { return strings.Contains(text.Fold(s), want) })
	case AtLeast, AtMost:
		limit, ok := number(r.Value)
		return ok && any(func(s string) bool {
			v, ok := number(s)
			return ok && (r.How == AtLeast && v >= limit || r.How == AtMost && v <= limit)
		})
	}
	return false
}

// judge sums what the rules say, with those that speak.
func judge(rules []Rule, l Lead) (score int, q Quality, met []Rule) {
	if len(rules) == 0 {
		return 0, "", nil
	}
	for _, r := range rules {
		if r.Meets(l) {
			score += r.Points
			met = append(met, r)
		}
	}
	switch {
	case score >= GoodFrom:
		q = Good
	case score < PoorBelow:
		q = Poor
	default:
		q = Fair
	}
	return score, q, met
}

// Rules lists the company's rules. It needs LeadsRead.
func (x *Leads) Rules(ctx context.Context, a team.Actor) ([]Rule, error) {
	if err := a.May(team.LeadsRead); err != nil {
		return nil, err
	}
	out, err := x.rules(ctx, a.Company)
	return out, wrap("Rules", err)
}

// Reasons tells which rules speak for the quality of a lead. It needs LeadsRead.
func (x *Leads) Reasons(ctx context.Context, a team.Actor, l Lead) ([]Rule, error) {
	rules, err := x.Rules(ctx, a)
	_, _, met := judge(rules, l)
	return met, err
}

func wrongRule(n int, r Rule) (out []fault.Field) {
	say := func(part, key string) {
		out = append(out, fault.Field{Name: "rule" + itoa(n) + "." + part, Key: key, Args: map[string]any{"most": mostPoints}})
	}
	if !slices.Contains(Whats, r.What) || r.What == WhatAnswer && !goodKey(r.Field) {
		say("what", "lead.rule.what")
	}
	if !slices.Contains(Hows, r.How) {
		say("how", "lead.rule.how")
	}
	if !r.How.Bare() && (r.Value == "" || text.Graphemes(r.Value) > maxName || unclean(r.Value)) {
		say("value", "lead.rule.value")
	}
	if r.How == AtLeast || r.How == AtMost {
		if _, err := strconv.ParseFloat(strings.Replace(r.Value, ",", ".", 1), 64); err != nil {
			say("value", "lead.answer.number")
		}
	}
	if r.Points == 0 || r.Points > mostPoints || r.Points < -mostPoints {
		say("points", "lead.rule.points")
	}
	return out
}

// SetRules replaces the company's rules; every lead is read again by them. It needs FormsManage.
func (x *Leads) SetRules(ctx context.Context, a team.Actor, rules []Rule) (out []Rule, err error) {
	err = x.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := a.May(team.FormsManage); err != nil {
			return err
		}
		if len(rules) > mostRules {
			return fault.InvalidFields(fault.Field{Name: "rules", Key: "lead.rule.many", Args: map[string]any{"most": mostRules}})
		}
		var wrong []fault.Field
		now := x.rooms.Clock.Now()
		for i, r := range rules {
			if r.Value = line(r.Value); r.How.Bare() {
				r.Value = ""
			}
			if r.What != WhatAnswer {
				r.Field = ""
			}
			wrong = append(wrong, wrongRule(i, r)...)
			r.ID = RuleID(ruleKind.New(now))
			out = append(out, r)
		}
		if err := fault.InvalidFields(wrong...); err != nil {
			return err
		}
		if err := x.replaceRules(ctx, tx, a.Company, out); err != nil {
			return err
		}
		if x.rooms.Queue != nil {
			if err := x.rooms.Queue.Add(ctx, tx, judgeJob{a.Company}, queue.Options{Line: queue.Slow, Unique: true}); err != nil {
				return err
			}
		}
		return x.rooms.Team.Audit(ctx, tx, a, team.Entry{Verb: "lead.rules", ObjectKind: "company", ObjectID: string(a.Company), Detail: map[string]string{"rules": itoa(len(out))}})
	})
	return out, wrap("SetRules", err)
}

// Judge reads every lead of a company again by its rules, some at a time.
func (x *Leads) Judge(ctx context.Context, c team.CompanyID) error {
	after := ID("")
	for {
		n := 0
		err := x.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
			rules, err := x.rules(ctx, c)
			if err != nil {
				return err
			}
			some, err := x.someAfter(ctx, c, after, 200)
			if err != nil {
				return err
			}
			n = len(some)
			for _, l := range some {
				after = l.ID
				if score, q, _ := judge(rules, l); score != l.Score || q != l.Quality {
					if err := x.saveQuality(ctx, tx, c, l.ID, score, q); err != nil {
						return err
					}
				}
			}
			if n == 0 {
				return x.tell(ctx, tx, c, "")
			}
			return nil
		})
		if err != nil || n == 0 {
			return wrap("Judge", err)
		}
	}
}

// Learnt is a rule that the company's own won and lost leads speak for, with the counts.
type Learnt struct {
	Rule         Rule
	Won, Of      int // of those that meet it
	WonElse, But int // of the others
}

// From how many settled leads on, of each kind, anything is said, and how many must meet a rule.
const (
	LearnFrom = 10
	leastMet  = 5
)

// Suggest says which rules the company's own won and lost leads speak for, the surest first; won and lost are how many there are. It needs
// LeadsRead. Nothing is said where fewer than LearnFrom were won, or lost, and only what would come by chance less than once in twenty times,
// all that was looked at taken together.
func (x *Leads) Suggest(ctx context.Context, a team.Actor) (out []Learnt, won, lost int, err error) {
	if err := a.May(team.LeadsRead); err != nil {
		return nil, 0, 0, err
	}
	all, err := x.settled(ctx, a.Company, 2000)
	if err != nil {
		return nil, 0, 0, wrap("Suggest", err)
	}
	have, err := x.rules(ctx, a.Company)
	if err != nil {
		return nil, 0, 0, wrap("Suggest", err)
	}
	out, won, lost = learn(all, have)
	return out, won, lost, nil
}

// learn compares what meets a rule with what does not.
func learn(all []Lead, have []Rule) (out []Learnt, won, lost int) {
	for _, l := range all {
		switch l.State {
		case Won:
			won++
		case Lost:
			lost++
		}
	}
	if won < LearnFrom || lost < LearnFrom {
		return nil, won, lost
	}
	var tries []Rule
	try := func(r Rule) {
		if !slices.ContainsFunc(tries, func(o Rule) bool { return o == r }) {
			tries = append(tries, r)
		}
	}
	for _, l := range all {
		for _, w := range []What{WhatChannel, WhatCampaign, WhatSource} {
			for _, v := range (Rule{What: w}).values(l) {
				try(Rule{What: w, How: Is, Value: v})
			}
		}
		for _, w := range []What{WhatPhone, WhatCarrier, WhatProved} {
			try(Rule{What: w, How: There})
		}
		for _, q := range l.Answers {
			if q.Kind != Choice && q.Kind != Several {
				continue
			}
			for _, v := range q.Values {
				try(Rule{What: WhatAnswer, Field: q.Key, How: Is, Value: v})
			}
		}
	}
	type found struct {
		Learnt
		z float64
	}
	var best []found
	for _, r := range tries {
		if slices.ContainsFunc(have, func(o Rule) bool {
			return o.What == r.What && o.How == r.How && o.Field == r.Field && o.Value == r.Value
		}) {
			continue
		}
		f := found{Learnt: Learnt{Rule: r}}
		for _, l := range all {
			hit := 0
			if l.State == Won {
				hit = 1
			}
			if r.Meets(l) {
				f.Won, f.Of = f.Won+hit, f.Of+1
			} else {
				f.WonElse, f.But = f.WonElse+hit, f.But+1
			}
		}
		if f.Of < leastMet || f.But < leastMet {
			continue
		}
		p := float64(won) / float64(won+lost)
		f.z = (float64(f.Won)/float64(f.Of) - float64(f.WonElse)/float64(f.But)) / math.Sqrt(p*(1-p)*(1/float64(f.Of)+1/float64(f.But)))
		if math.Erfc(math.Abs(f.z)/math.Sqrt2)*float64(len(tries)) >= .05 {
			continue
		}
		f.Rule.Points = 1
		if math.Abs(f.z) > 4 {
			f.Rule.Points = 2
		}
		if f.z < 0 {
			f.Rule.Points = -f.Rule.Points
		}
		best = append(best, f)
	}
	slices.SortStableFunc(best, func(a, b found) int { return int(math.Copysign(1, math.Abs(b.z)-math.Abs(a.z))) })
	for _, f := range best[:min(len(best), 6)] {
		out = append(out, f.Learnt)
	}
	return out, won, lost
}
