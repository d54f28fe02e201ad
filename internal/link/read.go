package link

import (
	"context"
	"fmt"
	"time"

	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// Dead is the state of links in a Filter whose target does not answer.
const Dead State = "dead"

// Filter chooses links.
type Filter struct {
	State    State // "" all
	Campaign string
	Channel  string
	Tag      string
	Post     string
	Target   string // exactly, as the link keeps it
	Search   string
	Cursor   string
	Limit    int // 0: 30
}

// Listed is a link of a list, with its visits.
type Listed struct {
	Link
	Sum  Sum // of all its days
	Late Sum // of the last 28 days
}

const shownPast = 50

// List gives links, the newest first, and the cursor of the next page. It needs LinksRead.
func (l *Links) List(ctx context.Context, actor team.Actor, f Filter) (out []Listed, next string, err error) {
	if err := actor.May(team.LinksRead); err != nil {
		return nil, "", err
	}
	if f.Limit <= 0 {
		f.Limit = 30
	}
	var at time.Time
	var after string
	if f.Cursor != "" {
		if at, after, err = store.ParseCursor(f.Cursor); err != nil {
			return nil, "", err
		}
	}
	all, err := l.readList(ctx, actor.Company, f, at, ID(after), min(f.Limit, 200)+1)
	if err != nil {
		return nil, "", fmt.Errorf("link.List: %w", err)
	}
	if len(all) > f.Limit {
		all = all[:f.Limit]
		last := all[len(all)-1]
		next = store.Cursor(last.CreatedAt, string(last.ID))
	}
	marks := make([]int64, len(all))
	for i, x := range all {
		marks[i] = x.mark
	}
	since, err := l.dayBefore(ctx, actor.Company, 27)
	if err != nil {
		return nil, "", fmt.Errorf("link.List: %w", err)
	}
	whole, late, err := l.sums(ctx, actor.Company, marks, since)
	if err != nil {
		return nil, "", fmt.Errorf("link.List: %w", err)
	}
	for _, x := range all {
		out = append(out, Listed{x, whole[x.mark], late[x.mark]})
	}
	return out, next, nil
}

// dayBefore is the company's day so many days ago.
func (l *Links) dayBefore(ctx context.Context, c team.CompanyID, days int) (Day, error) {
	company, err := l.rooms.Team.Company(ctx, c)
	if err != nil {
		return 0, err
	}
	return DayOf(l.rooms.Clock.Now().In(company.Location()).AddDate(0, 0, -days)), nil
}

// Day is a day of the company's calendar, written as 20260302. It is stored in the database.
type Day int32

// DayOf is the day of a moment in its own zone.
func DayOf(t time.Time) Day {
	y, m, d := t.Date()
	return Day(y*10000 + int(m)*100 + d)
}

// Time is the day's noon in UTC, for saying it.
func (d Day) Time() time.Time {
	return time.Date(int(d)/10000, time.Month(int(d)/100%100), int(d)%100, 12, 0, 0, 0, time.UTC)
}

// Next is the day after.
func (d Day) Next() Day { return DayOf(d.Time().AddDate(0, 0, 1)) }

// Get gives a link. It needs LinksRead.
func (l *Links) Get(ctx context.Context, actor team.Actor, id ID) (Link, error) {
	if err := actor.May(team.LinksRead); err != nil {
		return Link{}, err
	}
	x, err := l.read(ctx, actor.Company, id)
	if err != nil {
		return x, fmt.Errorf("link.Get: %w", err)
	}
	return x, nil
}

// History gives where a link led before, the latest first, at most fifty. It needs LinksRead.
func (l *Links) History(ctx context.Context, actor team.Actor, id ID) ([]Past, error) {
	if _, err := l.Get(ctx, actor, id); err != nil {
		return nil, err
	}
	all, err := l.readPast(ctx, actor.Company, id)
	if err != nil {
		return nil, fmt.Errorf("link.History: %w", err)
	}
	return all, nil
}

// Words gives the campaigns and channels that links have, for choosing among them. It needs LinksRead.
func (l *Links) Words(ctx context.Context, actor team.Actor) (campaigns, channels []string, err error) {
	if err := actor.May(team.LinksRead); err != nil {
		return nil, nil, err
	}
	if campaigns, err = l.values(ctx, actor.Company, "campaign"); err == nil {
		channels, err = l.values(ctx, actor.Company, "channel")
	}
	if err != nil {
		return nil, nil, fmt.Errorf("link.Words: %w", err)
	}
	return campaigns, channels, nil
}

// DaySum is a day of a link.
type DaySum struct {
	Day Day
	Sum
}

// From is where visits came from.
type From struct {
	Referrer string // "" it is not said
	Device   Device
	Visits   int64
}

// Report is how a link does in a stretch of days, both ends included.
type Report struct {
	From, To Day
	Sum      Sum
	Days     []DaySum // every day, those without visits too
	Sources  []From   // by referrer, the most first, of all devices
	Devices  []From   // by device, of all referrers
}

// Visits tells how a link did in the last days, 1 to 400. It needs LinksRead.
func (l *Links) Visits(ctx context.Context, actor team.Actor, id ID, days int) (Report, error) {
	x, err := l.Get(ctx, actor, id)
	if err != nil {
		return Report{}, err
	}
	days = min(max(days, 1), 400)
	r := Report{}
	if r.To, err = l.dayBefore(ctx, actor.Company, 0); err == nil {
		r.From, err = l.dayBefore(ctx, actor.Company, days-1)
	}
	if err == nil {
		err = l.readReport(ctx, x, &r)
	}
	if err != nil {
		return Report{}, fmt.Errorf("link.Visits: %w", err)
	}
	return r, nil
}

// Tally is the sum of a day, a channel and a campaign.
type Tally struct {
	Day               Day
	Channel, Campaign string
	Sum
}

// Tallies gives the visits of a company in a stretch of days, both ends included, by day, channel and campaign, in this order. It is
// what results are made of; it needs LinksRead.
func (l *Links) Tallies(ctx context.Context, actor team.Actor, from, to Day) ([]Tally, error) {
	if err := actor.May(team.LinksRead); err != nil {
		return nil, err
	}
	all, err := l.readTallies(ctx, actor.Company, from, to)
	if err != nil {
		return nil, fmt.Errorf("link.Tallies: %w", err)
	}
	return all, nil
}

// Visit is a single visit, as it is kept.
type Visit struct {
	At       time.Time // to the millisecond
	Kind     Kind
	Why      Why
	First    bool // the visitor's first of that day through this link
	Device   Device
	Language string
	Referrer string
}

// Rows gives the single visits of a link that are still kept, the latest first: what its figures are made of. before is the moment of the
// page before, or zero. It needs LinksRead.
func (l *Links) Rows(ctx context.Context, actor team.Actor, id ID, before time.Time, limit int) ([]Visit, error) {
	x, err := l.Get(ctx, actor, id)
	if err != nil {
		return nil, err
	}
	all, err := l.readRows(ctx, x, before, min(max(limit, 1), 1000))
	if err != nil {
		return nil, fmt.Errorf("link.Rows: %w", err)
	}
	return all, nil
}

// Part is what one channel or campaign brought.
type Part struct {
	Name string // "" links that say none
	Sum
}

// Summary is what all links of a company brought in a stretch of days.
type Summary struct {
	Sum       Sum
	Days      []DaySum // those with visits, in order
	Channels  []Part   // the most visits first
	Campaigns []Part
	Both      []Tally // by channel and campaign, without a day
}

// Summary sums up the visits of a company in a stretch of days, both ends included. It reads what was summed as it came, so its time does
// not grow with visits. It needs LinksRead.
func (l *Links) Summary(ctx context.Context, actor team.Actor, from, to Day) (Summary, error) {
	if err := actor.May(team.LinksRead); err != nil {
		return Summary{}, err
	}
	s, err := l.readSummary(ctx, actor.Company, from, to)
	if err != nil {
		return Summary{}, fmt.Errorf("link.Summary: %w", err)
	}
	return s, nil
}
