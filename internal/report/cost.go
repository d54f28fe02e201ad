package report

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/id"
	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

// CostID names an entry of the cost book.
type CostID string

const costKind id.Kind = "cst"

// ParseCostID checks outside text.
func ParseCostID(s string) (CostID, error) {
	v, err := costKind.Parse(s)
	return CostID(v), err
}

// CostKind is what money was spent on. It is stored in the database.
type CostKind string

// The kinds of costs.
const (
	Tools       CostKind = "tools"
	Advertising CostKind = "advertising"
	Print       CostKind = "print"
	Radio       CostKind = "radio"
	Fair        CostKind = "fair"
	Samples     CostKind = "samples"
	Other       CostKind = "other"
)

// CostKinds lists them.
var CostKinds = []CostKind{Tools, Advertising, Print, Radio, Fair, Samples, Other}

// Currency is that of the cost book. Leads that are worth something in another stand beside what is reckoned.
const Currency = "EUR"

// Bounds of the cost book.
const (
	maxWord   = 80 // graphemes
	maxNote   = 500
	mostCents = 1_000_000_000_00
	mostDays  = 3 * 366 // that an entry is spread over
	mostCosts = 20000   // of a company
)

// Cost is an entry of the cost book: money that was spent on some days, both ends included. It counts for each of them alike.
type Cost struct {
	ID       CostID
	Company  team.CompanyID
	Kind     CostKind
	Cents    int64
	From, To link.Day
	Channel  string // "" as its kind says: see Home
	Campaign string
	Note     string
	// What it would have cost in another way, and in which: somebody's guess, and always shown as one. 0: nobody said.
	ElsewhereCents int64
	Elsewhere      string
	By             team.MemberID
	CreatedAt      time.Time
	ChangedAt      time.Time
	Version        int
}

// Days is for how many days it counts.
func (c Cost) Days() int { return daysBetween(c.From, c.To) }

// Home is the channel that a cost belongs to: its own, else that of its kind where there is one.
func (c Cost) Home() string {
	switch {
	case c.Channel != "":
		return c.Channel
	case c.Kind == Print || c.Kind == Radio || c.Kind == Fair:
		return string(c.Kind)
	}
	return ""
}

// Within is how much of a cost, and of what it would have cost elsewhere, counts for a stretch of days.
func (c Cost) Within(from, to link.Day) (cents, elsewhere int64) {
	a, b := max(from, c.From), min(to, c.To)
	if a > b {
		return 0, 0
	}
	days, first, last := int64(c.Days()), int64(daysBetween(c.From, a)-1), int64(daysBetween(c.From, b))
	part := func(all int64) int64 { return all*last/days - all*first/days }
	return part(c.Cents), part(c.ElsewhereCents)
}

// daysBetween counts days, both ends included.
func daysBetween(from, to link.Day) int {
	return int(to.Time().Sub(from.Time()).Hours()/24+0.5) + 1
}

// CostIn is what somebody says of a cost.
type CostIn struct {
	Kind           CostKind
	Cents          int64
	From, To       link.Day // To 0: the day From
	Channel        string
	Campaign       string
	Note           string
	ElsewhereCents int64
	Elsewhere      string
	Version        int // that was looked at, in a change; 0 does not look
}

func (in CostIn) cost() (c Cost, wrong []fault.Field) {
	bad := func(field, key string, args ...any) {
		f := fault.Field{Name: field, Key: key}
		for i := 0; i+1 < len(args); i += 2 {
			if f.Args == nil {
				f.Args = map[string]any{}
			}
			f.Args[args[i].(string)] = args[i+1]
		}
		wrong = append(wrong, f)
	}
	if in.To == 0 {
		in.To = in.From
	}
	c = Cost{
		Kind: in.Kind, Cents: in.Cents, From: in.From, To: in.To, Channel: line(in.Channel), Campaign: line(in.Campaign), Note: strings.TrimSpace(in.Note),
		ElsewhereCents: in.ElsewhereCents, Elsewhere: line(in.Elsewhere),
	}
	if !slices.Contains(CostKinds, c.Kind) {
		bad("kind", "report.cost.kind")
	}
	if c.Cents <= 0 || c.Cents > mostCents {
		bad("amount", "report.cost.amount")
	}
	switch {
	case !sane(c.From):
		bad("from", "report.cost.day")
	case !sane(c.To):
		bad("to", "report.cost.day")
	case c.To < c.From:
		bad("to", "report.cost.order")
	case c.Days() > mostDays:
		bad("to", "report.cost.length", "most", mostDays)
	}
	for _, f := range []struct {
		name, s string
		most    int
	}{{"channel", c.Channel, maxWord}, {"campaign", c.Campaign, maxWord}, {"note", c.Note, maxNote}, {"elsewhere", c.Elsewhere, maxWord}} {
		if text.Graphemes(f.s) > f.most {
			bad(f.name, "report.cost.long", "most", f.most)
		}
	}
	if c.ElsewhereCents < 0 || c.ElsewhereCents > mostCents {
		bad("elsewhere_amount", "report.cost.amount")
	}
	return c, wrong
}

// sane tells whether a day is one of the calendar, of this age.
func sane(d link.Day) bool {
	return d >= 2000_01_01 && d < 2200_01_01 && link.DayOf(d.Time()) == d
}

func line(s string) string { return strings.Join(strings.Fields(s), " ") }

func itoa(n int) string { return strconv.Itoa(n) }

var (
	errNoCost  = fault.New(fault.NotFound, "report.cost.missing")
	errVersion = fault.New(fault.Conflict, "report.version")
)

// Costs lists what was spent in a stretch of days, the latest first; a zero day does not narrow. It needs ResultsRead.
func (x *Room) Costs(ctx context.Context, a team.Actor, from, to link.Day) ([]Cost, error) {
	if err := a.May(team.ResultsRead); err != nil {
		return nil, err
	}
	all, err := x.costs(ctx, a.Company, from, to)
	return all, wrap("Costs", err)
}

// Cost gives one entry. It needs ResultsRead.
func (x *Room) Cost(ctx context.Context, a team.Actor, id CostID) (Cost, error) {
	if err := a.May(team.ResultsRead); err != nil {
		return Cost{}, err
	}
	c, err := x.cost(ctx, a.Company, id)
	return c, wrap("Cost", err)
}

// AddCost writes a cost down. It needs CostsManage.
func (x *Room) AddCost(ctx context.Context, a team.Actor, in CostIn) (c Cost, err error) {
	if err := a.May(team.CostsManage); err != nil {
		return c, err
	}
	err = x.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		c, err = x.addCost(ctx, tx, a, in)
		return err
	})
	return c, wrap("AddCost", err)
}

func (x *Room) addCost(ctx context.Context, tx *store.Tx, a team.Actor, in CostIn) (Cost, error) {
	c, wrong := in.cost()
	if err := fault.InvalidFields(wrong...); err != nil {
		return c, err
	}
	n, err := x.countCosts(ctx, a.Company)
	if err != nil {
		return c, err
	}
	if n >= mostCosts {
		return c, fault.New(fault.Limited, "report.cost.most").With("most", mostCosts)
	}
	now := x.rooms.Clock.Now()
	c.ID, c.Company, c.By, c.CreatedAt, c.ChangedAt, c.Version = CostID(costKind.New(now)), a.Company, a.Member, now, now, 1
	if err := x.insertCost(ctx, tx, c); err != nil {
		return c, err
	}
	return c, x.auditCost(ctx, tx, a, "report.cost.added", c)
}

// ChangeCost changes an entry. It needs CostsManage.
func (x *Room) ChangeCost(ctx context.Context, a team.Actor, id CostID, in CostIn) (c Cost, err error) {
	if err := a.May(team.CostsManage); err != nil {
		return c, err
	}
	err = x.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		was, err := x.cost(ctx, a.Company, id)
		if err != nil {
			return err
		}
		if in.Version != 0 && in.Version != was.Version {
			return errVersion
		}
		next, wrong := in.cost()
		if err := fault.InvalidFields(wrong...); err != nil {
			return err
		}
		next.ID, next.Company, next.By, next.CreatedAt, next.ChangedAt, next.Version = was.ID, was.Company, was.By, was.CreatedAt, x.rooms.Clock.Now(), was.Version+1
		if err := x.saveCost(ctx, tx, next, was.Version); err != nil {
			return err
		}
		c = next
		return x.auditCost(ctx, tx, a, "report.cost.changed", c)
	})
	return c, wrap("ChangeCost", err)
}

// DropCost takes an entry out of the book. It needs CostsManage.
func (x *Room) DropCost(ctx context.Context, a team.Actor, id CostID) error {
	if err := a.May(team.CostsManage); err != nil {
		return err
	}
	err := x.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		c, err := x.cost(ctx, a.Company, id)
		if err != nil {
			return err
		}
		if err := x.deleteCost(ctx, tx, c); err != nil {
			return err
		}
		return x.auditCost(ctx, tx, a, "report.cost.dropped", c)
	})
	return wrap("DropCost", err)
}

func (x *Room) auditCost(ctx context.Context, tx *store.Tx, a team.Actor, verb string, c Cost) error {
	return x.rooms.Team.Audit(ctx, tx, a, team.Entry{
		Verb: verb, ObjectKind: "cost", ObjectID: string(c.ID),
		Detail: map[string]string{"kind": string(c.Kind), "cents": strconv.FormatInt(c.Cents, 10), "from": DayText(c.From), "to": DayText(c.To)},
	})
}

// DayText writes a day as programs read it: 2026-03-02.
func DayText(d link.Day) string { return d.Time().Format(time.DateOnly) }

// ParseDay reads a day as programs write it, and as people do: 2/3/2026.
func ParseDay(s string) (link.Day, bool) {
	s = strings.TrimSpace(s)
	for _, form := range []string{time.DateOnly, "2/1/2006", "2.1.2006", "2-1-2006"} {
		if t, err := time.Parse(form, s); err == nil && sane(link.DayOf(t)) {
			return link.DayOf(t), true
		}
	}
	return 0, false
}

// Words gives the channels and campaigns of the cost book, for choosing among them. It needs ResultsRead.
func (x *Room) Words(ctx context.Context, a team.Actor) (channels, campaigns []string, err error) {
	if err := a.May(team.ResultsRead); err != nil {
		return nil, nil, err
	}
	channels, campaigns, err = x.costWords(ctx, a.Company)
	return channels, campaigns, wrap("Words", err)
}

// erase takes a person out of what members wrote beside costs. What was spent stays.
func (x *Room) erase(ctx context.Context, tx *store.Tx, e audience.Erasure) (s audience.ErasureStep, err error) {
	all, err := x.namedCosts(ctx, tx, e.Company, e.Likes())
	if err != nil {
		return s, wrap("erase", err)
	}
	n := 0
	for _, c := range all {
		changed := false
		for _, f := range []*string{&c.Channel, &c.Campaign, &c.Note, &c.Elsewhere} {
			if masked, ok := e.Mask(*f); ok {
				*f, changed = masked, true
			}
		}
		if !changed {
			continue
		}
		n++
		if err := x.maskCost(ctx, tx, c); err != nil {
			return s, wrap("erase", err)
		}
	}
	s.Add(audience.ErasedNames, n)
	return s, nil
}
