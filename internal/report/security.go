package report

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/team"
)

// House is what is known of the machine on which Ponte runs.
type House struct {
	Copied    time.Time // when the house was last copied; zero: never, as far as this machine remembers
	Tried     time.Time // when a copy was last restored into a throw-away place; zero: never
	TriedCopy time.Time // of when that copy is
	TriedWell bool      // it came back whole
	Rows      int       // that came back
	Version   string
	Built     time.Time // zero: not known
}

// CheckState is how a check came out.
type CheckState string

// The states of a check.
const (
	CheckFine    CheckState = "fine"
	CheckTodo    CheckState = "todo"
	CheckUnknown CheckState = "unknown" // there is no telling
)

// CheckKey names a check.
type CheckKey string

// The checks, in the order in which they are shown.
const (
	CheckFactor   CheckKey = "factor"   // who has a second factor
	CheckPublish  CheckKey = "publish"  // who may publish
	CheckApproval CheckKey = "approval" // what went out without a yes
	CheckChannels CheckKey = "channels" // the keys of channels
	CheckKeys     CheckKey = "keys"     // the keys of programs
	CheckSignins  CheckKey = "signins"  // who tried to get in
	CheckCopy     CheckKey = "copy"     // the last copy, tried by restoring it
	CheckVersion  CheckKey = "version"
)

// Checks lists them.
var Checks = []CheckKey{CheckFactor, CheckPublish, CheckApproval, CheckChannels, CheckKeys, CheckSignins, CheckCopy, CheckVersion}

// When a check begins to ask for something.
const (
	approvalDays = 90  // looked back for posts
	signinDays   = 30  // looked back for failed sign-ins
	manyFailed   = 10  // failed sign-ins at one account
	manyAtDoor   = 50  // at accounts that do not exist
	soonDays     = 14  // before a key ends
	idleDays     = 90  // that a program's key was not used
	copyDays     = 7   // since the last copy
	triedDays    = 90  // since a copy was tried
	versionDays  = 180 // since this version was built
)

// Check is one look at how safe the company's accounts, people and posts are.
type Check struct {
	Key   CheckKey
	State CheckState
	Case  string // which sentence of the catalog says it
	N, Of int    // the figure; Of is 0 where it is of nothing
	Since time.Time
	Args  map[string]any // of the sentence; times are moments
	Rows  []CheckRow     // what the figure is made of
}

// CheckRow is a part of what a check looked at.
type CheckRow struct {
	Name  string // of a member, an account, a key
	Net   network.Name
	State CheckState
	Case  string
	Args  map[string]any
	Post  post.ID // it is about
}

// Security is how safe the company's accounts, people and posts are.
type Security struct {
	At     time.Time
	Checks []Check
}

// Count tells how many checks came out in a way.
func (s Security) Count(state CheckState) int {
	n := 0
	for _, c := range s.Checks {
		if c.State == state {
			n++
		}
	}
	return n
}

// First is the first check that asks for something; ok is false when none does.
func (s Security) First() (c Check, ok bool) {
	i := slices.IndexFunc(s.Checks, func(c Check) bool { return c.State == CheckTodo })
	if i < 0 {
		return c, false
	}
	return s.Checks[i], true
}

// Title says what is looked at.
func (c Check) Title(l *i18n.Localizer) string { return l.T("security.check." + string(c.Key)) }

// Say says the figure, of what and since when.
func (c Check) Say(l *i18n.Localizer, zone *time.Location) string {
	return sayCase(l, zone, "security.is."+c.Case, c.N, c.args())
}

// Remedy says what to do next; "" where there is nothing to do.
func (c Check) Remedy(l *i18n.Localizer, zone *time.Location) string {
	key := "security.is." + c.Case + ".remedy"
	if !l.Has(key) {
		return ""
	}
	return sayCase(l, zone, key, c.N, c.args())
}

func (c Check) args() map[string]any {
	out := map[string]any{"n": c.N, "of": c.Of, "since": c.Since}
	for k, v := range c.Args {
		out[k] = v
	}
	return out
}

// Say says what there is to say of a row.
func (r CheckRow) Say(l *i18n.Localizer, zone *time.Location) string {
	if r.Case == "" {
		return ""
	}
	n, _ := r.Args["n"].(int)
	return sayCase(l, zone, "security.row."+r.Case, n, r.Args)
}

// sayCase says a sentence; moments among its arguments are said as dates, roles as words.
func sayCase(l *i18n.Localizer, zone *time.Location, key string, n int, args map[string]any) string {
	said := make([]any, 0, 2*len(args))
	for k, v := range args {
		switch x := v.(type) {
		case time.Time:
			if x.IsZero() {
				continue
			}
			if k == "since" {
				v = l.SinceDate(x.In(zone))
			} else {
				v = l.Date(x.In(zone))
			}
		case team.Role:
			v = l.T("team.role." + string(x))
		case int:
			v = l.Number(x)
		}
		said = append(said, k, v)
	}
	if _, plural := args["count"]; plural {
		return l.N(key, n, said...)
	}
	return l.T(key, said...)
}

// Security looks at how safe the company's accounts, people and posts are. It needs AuditRead, which only owners have.
func (x *Room) Security(ctx context.Context, a team.Actor) (Security, error) {
	if err := a.May(team.AuditRead); err != nil {
		return Security{}, wrap("Security", err)
	}
	s, err := x.security(ctx, a.Company)
	return s, wrap("Security", err)
}

// watcher looks at one company for whoever may see the result.
type watcher struct {
	*Room
	ctx     context.Context
	actor   team.Actor
	now     time.Time
	members []team.Member
	names   map[team.MemberID]team.Member
	factor  map[team.MemberID]bool
}

func (x *Room) security(ctx context.Context, c team.CompanyID) (Security, error) {
	w := &watcher{Room: x, ctx: ctx, actor: team.System(c), now: x.rooms.Clock.Now()}
	var err error
	if w.members, err = x.rooms.Team.Members(ctx, w.actor, team.MemberFilter{State: team.MemberActive}); err != nil {
		return Security{}, err
	}
	if w.names, err = x.rooms.Team.MembersByID(ctx, c); err != nil {
		return Security{}, err
	}
	if w.factor, err = x.rooms.Signin.Factors(ctx, w.actor); err != nil {
		return Security{}, err
	}
	s := Security{At: w.now}
	for _, f := range []func() (Check, error){w.factors, w.publishers, w.approvals, w.channels, w.keys, w.signins, w.copies, w.version} {
		check, err := f()
		if err != nil {
			return Security{}, err
		}
		s.Checks = append(s.Checks, check)
	}
	return s, nil
}

func (w *watcher) factors() (Check, error) {
	c := Check{Key: CheckFactor, State: CheckFine, Case: "factor.all", Of: len(w.members), Since: w.now}
	for _, m := range w.members {
		r := CheckRow{Name: m.Name, State: CheckFine, Case: "factor.on", Args: map[string]any{"role": m.Role}}
		if w.factor[m.ID] {
			c.N++
		} else {
			r.State, r.Case = CheckTodo, "factor.off"
		}
		c.Rows = append(c.Rows, r)
	}
	company, err := w.rooms.Team.Company(w.ctx, w.actor.Company)
	if c.N < c.Of {
		c.State, c.Case = CheckTodo, "factor.some"
		if company.Settings.TwoFactor {
			c.Case = "factor.wanted" // they are asked for it when they next come in
		}
	}
	worstFirst(c.Rows)
	return c, err
}

// publishers looks at who may publish: each of them can speak for the company, so each should have a second factor.
func (w *watcher) publishers() (Check, error) {
	c := Check{Key: CheckPublish, State: CheckFine, Case: "publish.safe", Of: len(w.members), Since: w.now}
	bare := 0
	for _, m := range w.members {
		if !m.Role.Can(team.PostsPublish) {
			continue
		}
		c.N++
		r := CheckRow{Name: m.Name, State: CheckFine, Case: "factor.on", Args: map[string]any{"role": m.Role}}
		if !w.factor[m.ID] {
			bare++
			r.State, r.Case = CheckTodo, "factor.off"
		}
		c.Rows = append(c.Rows, r)
	}
	if bare > 0 {
		c.State, c.Case, c.Args = CheckTodo, "publish.bare", map[string]any{"bare": bare}
	}
	worstFirst(c.Rows)
	return c, nil
}

func (w *watcher) approvals() (Check, error) {
	c := Check{Key: CheckApproval, Since: w.now.AddDate(0, 0, -approvalDays)}
	y, err := w.rooms.Posts.Yeses(w.ctx, w.actor, c.Since)
	if err != nil {
		return c, err
	}
	may := 0
	for _, m := range w.members {
		if m.Role.Can(team.PostsApprove) {
			may++
		}
	}
	c.N, c.Of = y.Sent-y.Given, y.Sent
	switch {
	case y.Sent == 0 && y.Wants:
		c.State, c.Case = CheckUnknown, "approval.none"
	case !y.Wants && may < 2:
		c.State, c.Case = CheckUnknown, "approval.alone"
	case !y.Wants:
		c.State, c.Case, c.Args = CheckTodo, "approval.off", map[string]any{"may": may}
	case c.N > 0:
		c.State, c.Case = CheckTodo, "approval.without"
	default:
		c.State, c.Case = CheckFine, "approval.all"
	}
	if c.Case == "approval.off" || c.Case == "approval.without" {
		for _, id := range y.Without {
			p, err := w.rooms.Posts.Whose(w.ctx, w.actor.Company, id)
			if err != nil {
				return c, err
			}
			c.Rows = append(c.Rows, CheckRow{Name: p.Title, State: c.State, Post: id})
		}
	}
	return c, nil
}

func (w *watcher) channels() (Check, error) {
	c := Check{Key: CheckChannels, State: CheckFine, Case: "channels.fine", Since: w.now}
	all, err := w.rooms.Networks.Channels(w.ctx, w.actor)
	if err != nil {
		return c, err
	}
	oldest := 0
	for _, ch := range all {
		if ch.Archive || ch.State == network.Gone {
			continue
		}
		c.Of++
		age := days(ch.ConnectedAt, w.now)
		oldest = max(oldest, age)
		r := CheckRow{Name: "@" + strings.TrimPrefix(ch.Handle, "@"), Net: ch.Network, State: CheckFine, Case: "channel.fine", Args: map[string]any{"n": age, "age": age, "count": true}}
		left, ends := ch.DaysLeft(w.now)
		switch {
		case ch.State == network.Broken:
			r.State, r.Case = CheckTodo, "channel.broken"
		case ends && left <= soonDays:
			r.State, r.Case, r.Args["left"], r.Args["n"] = CheckTodo, "channel.ends", left, left
		case ch.Health.Problem != nil:
			r.State, r.Case = CheckTodo, "channel.trouble"
		case ends:
			r.Case, r.Args["left"], r.Args["n"] = "channel.left", left, left
		}
		if r.State == CheckFine {
			c.N++
		}
		c.Rows = append(c.Rows, r)
	}
	c.Args = map[string]any{"oldest": oldest}
	switch {
	case c.Of == 0:
		c.State, c.Case = CheckUnknown, "channels.none"
	case c.N < c.Of:
		c.State, c.Case = CheckTodo, "channels.some"
	}
	worstFirst(c.Rows)
	return c, nil
}

func (w *watcher) keys() (Check, error) {
	c := Check{Key: CheckKeys, State: CheckFine, Case: "keys.none", Since: w.now}
	all, err := w.rooms.Signin.Tokens(w.ctx, w.actor)
	if err != nil {
		return c, err
	}
	for _, t := range all {
		c.Of++
		r := CheckRow{Name: t.Name + ", " + w.names[t.Member].Name, State: CheckFine, Case: "key.fine", Args: map[string]any{
			"age": days(t.CreatedAt, w.now), "left": days(w.now, t.ExpiresAt), "n": days(w.now, t.ExpiresAt), "count": true,
		}}
		switch last := later(t.CreatedAt, t.UsedAt); {
		case days(w.now, t.ExpiresAt) <= soonDays:
			r.State, r.Case = CheckTodo, "key.ends"
		case days(last, w.now) > idleDays:
			r.State, r.Case, r.Args["n"] = CheckTodo, "key.idle", days(last, w.now)
		}
		if r.State == CheckFine {
			c.N++
		}
		c.Rows = append(c.Rows, r)
	}
	switch {
	case c.Of > c.N:
		c.State, c.Case = CheckTodo, "keys.some"
	case c.Of > 0:
		c.Case = "keys.fine"
	}
	worstFirst(c.Rows)
	return c, nil
}

func (w *watcher) signins() (Check, error) {
	c := Check{Key: CheckSignins, State: CheckFine, Case: "signins.few", Since: w.now.AddDate(0, 0, -signinDays)}
	failed, err := w.rooms.Team.CountAudit(w.ctx, w.actor, team.AuditFilter{Verb: "signin.failed", From: c.Since})
	if err != nil {
		return c, err
	}
	entered, err := w.rooms.Team.CountAudit(w.ctx, w.actor, team.AuditFilter{Verb: "signin.entered", From: c.Since})
	if err != nil {
		return c, err
	}
	for id, n := range failed {
		r := CheckRow{Name: w.names[team.MemberID(id)].Name, State: CheckFine, Case: "signin.member", Args: map[string]any{"n": n, "count": true}}
		many := manyFailed
		if id == "" {
			r.Case, many = "signin.door", manyAtDoor
		}
		if n >= many {
			r.State = CheckTodo
			c.State, c.Case = CheckTodo, "signins.many"
		}
		c.N += n
		c.Rows = append(c.Rows, r)
	}
	c.Of = c.N
	for _, n := range entered {
		c.Of += n
	}
	if c.N == 0 {
		c.Case = "signins.none"
	}
	slices.SortFunc(c.Rows, func(a, b CheckRow) int {
		return cmp.Or(cmp.Compare(b.Args["n"].(int), a.Args["n"].(int)), cmp.Compare(a.Name, b.Name))
	})
	return c, nil
}

func (w *watcher) house() (House, bool, error) {
	if w.rooms.House == nil {
		return House{}, false, nil
	}
	h, err := w.rooms.House()
	return h, true, err
}

func (w *watcher) copies() (Check, error) {
	c := Check{Key: CheckCopy, State: CheckUnknown, Case: "copy.unknown"}
	h, ok, err := w.house()
	if err != nil || !ok {
		return c, err
	}
	c.State, c.Since = CheckTodo, h.Tried
	c.Args = map[string]any{"copied": h.Copied, "tried": h.Tried, "copy": h.TriedCopy, "rows": h.Rows, "days": days(h.Copied, w.now), "tried_days": days(h.Tried, w.now)}
	switch {
	case h.Copied.IsZero() && h.Tried.IsZero():
		c.Case = "copy.never"
	case h.Tried.IsZero():
		c.Case = "copy.untried"
	case !h.TriedWell:
		c.Case = "copy.failed"
	case days(later(h.Copied, h.TriedCopy), w.now) > copyDays:
		c.Case = "copy.old"
		c.Args["days"], c.Args["copied"] = days(later(h.Copied, h.TriedCopy), w.now), later(h.Copied, h.TriedCopy)
	case days(h.Tried, w.now) > triedDays:
		c.Case = "copy.stale"
	default:
		c.State, c.Case = CheckFine, "copy.fine"
	}
	c.N = h.Rows
	return c, nil
}

func (w *watcher) version() (Check, error) {
	c := Check{Key: CheckVersion, State: CheckUnknown, Case: "version.unknown", Args: map[string]any{"version": "Ponte"}}
	h, ok, err := w.house()
	if err != nil || !ok {
		return c, err
	}
	c.Args["version"] = h.Version
	if h.Built.IsZero() {
		return c, nil
	}
	c.Since, c.N = h.Built, days(h.Built, w.now)
	c.Args["days"], c.Args["built"] = c.N, h.Built
	if c.State, c.Case = CheckFine, "version.fine"; c.N > versionDays {
		c.State, c.Case = CheckTodo, "version.old"
	}
	return c, nil
}

// days are the whole days from a moment to another, never below 0.
func days(from, to time.Time) int { return max(int(to.Sub(from)/(24*time.Hour)), 0) }

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// worstFirst puts rows that ask for something before the others, in their order.
func worstFirst(rows []CheckRow) {
	slices.SortStableFunc(rows, func(a, b CheckRow) int {
		rank := func(s CheckState) int { return slices.Index([]CheckState{CheckTodo, CheckUnknown, CheckFine}, s) }
		return cmp.Compare(rank(a.State), rank(b.State))
	})
}
