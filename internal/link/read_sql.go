package link

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/team"

	"github.com/ponte-desk/ponte/internal/store"
)

const sumColumns = "sum(visits) AS visits, sum(visitors) AS visitors, sum(bots) AS bots, sum(previews) AS previews"

// sums gives the visits of links, of all days and since a day.
func (l *Links) sums(ctx context.Context, c team.CompanyID, marks []int64, since Day) (whole, late map[int64]Sum, err error) {
	whole, late = map[int64]Sum{}, map[int64]Sum{}
	if len(marks) == 0 {
		return whole, late, nil
	}
	for _, part := range []struct {
		into map[int64]Sum
		from Day
	}{{whole, 0}, {late, since}} {
		var rows []struct {
			Mark                             int64
			Visits, Visitors, Bots, Previews int64
		}
		err := l.rooms.Store.Read(ctx).NewSelect().Table("link_day").ColumnExpr("mark, "+sumColumns).Where("mark IN (?)", bun.List(marks)).
			Where("company_id = ?", c).Where("day >= ?", part.from).Group("mark").Scan(ctx, &rows)
		if err != nil {
			return nil, nil, store.Fault(err)
		}
		for _, r := range rows {
			part.into[r.Mark] = Sum{r.Visits, r.Visitors, r.Bots, r.Previews}
		}
	}
	return whole, late, nil
}

// readReport fills a report whose ends are set.
func (l *Links) readReport(ctx context.Context, x Link, r *Report) error {
	var rows []struct {
		Day                              Day
		Referrer                         string
		Device                           Device
		Visits, Visitors, Bots, Previews int64
	}
	err := l.rooms.Store.Read(ctx).NewSelect().Table("link_day").Column("day", "referrer", "device", "visits", "visitors", "bots", "previews").
		Where("mark = ?", x.mark).Where("company_id = ?", x.Company).Where("day BETWEEN ? AND ?", r.From, r.To).Order("day").Scan(ctx, &rows)
	if err != nil {
		return store.Fault(err)
	}
	days, sources, devices := map[Day]Sum{}, map[string]int64{}, map[Device]int64{}
	for _, w := range rows {
		s := Sum{w.Visits, w.Visitors, w.Bots, w.Previews}
		d := days[w.Day]
		d.Add(s)
		days[w.Day] = d
		r.Sum.Add(s)
		if w.Visits > 0 {
			sources[w.Referrer] += w.Visits
			devices[w.Device] += w.Visits
		}
	}
	for d := r.From; d <= r.To; d = d.Next() {
		r.Days = append(r.Days, DaySum{d, days[d]})
	}
	for k, n := range sources {
		r.Sources = append(r.Sources, From{Referrer: k, Visits: n})
	}
	for k, n := range devices {
		r.Devices = append(r.Devices, From{Device: k, Visits: n})
	}
	order := func(a, b From) int {
		return cmp.Or(cmp.Compare(b.Visits, a.Visits), cmp.Compare(a.Referrer, b.Referrer), cmp.Compare(a.Device, b.Device))
	}
	slices.SortFunc(r.Sources, order)
	slices.SortFunc(r.Devices, order)
	return nil
}

func (l *Links) readTallies(ctx context.Context, c team.CompanyID, from, to Day) ([]Tally, error) {
	rows, err := l.rooms.Store.Read(ctx).QueryContext(ctx,
		"SELECT day, channel, campaign, visits, visitors, bots, previews FROM link_tally WHERE company_id = ? AND day BETWEEN ? AND ? ORDER BY day, channel, campaign", c, from, to)
	if err != nil {
		return nil, store.Fault(err)
	}
	defer rows.Close()
	out := []Tally{}
	for rows.Next() {
		var t Tally
		if err := rows.Scan(&t.Day, &t.Channel, &t.Campaign, &t.Visits, &t.Visitors, &t.Bots, &t.Previews); err != nil {
			return nil, store.Fault(err)
		}
		out = append(out, t)
	}
	return out, store.Fault(rows.Err())
}

// readActing gives the links of a company that begin something.
func (l *Links) readActing(ctx context.Context, c team.CompanyID) (map[ID]Action, error) {
	var rows []struct {
		ID     ID
		Action Action
	}
	err := l.rooms.Store.Read(ctx).NewSelect().Table("link").Column("id", "action").Where("company_id = ?", c).Where("action <> ''").Scan(ctx, &rows)
	out := map[ID]Action{}
	for _, r := range rows {
		out[r.ID] = r.Action
	}
	return out, store.Fault(err)
}

func (l *Links) readActs(ctx context.Context, c team.CompanyID, from, to Day) (out []Acted, err error) {
	err = l.rooms.Store.Read(ctx).NewSelect().TableExpr("link AS x").Join("JOIN link_day AS d ON d.mark = x.mark").
		ColumnExpr("x.channel AS channel, x.campaign AS campaign, x.action AS action, sum(d.visits) AS visits").Where("x.company_id = ?", c).Where("x.action <> ''").
		Where("d.day BETWEEN ? AND ?", from, to).Where("d.visits > 0").GroupExpr("x.channel, x.campaign, x.action").OrderExpr("x.channel, x.campaign, x.action").Scan(ctx, &out)
	return out, store.Fault(err)
}

type visitRow struct {
	bun.BaseModel `bun:"table:link_visit"`
	ID            int64          `bun:"id,pk"`
	CompanyID     team.CompanyID `bun:"company_id"`
	Mark          int64          `bun:"mark"`
	Kind          Kind           `bun:"kind"`
	Why           Why            `bun:"why"`
	Visitor       int64          `bun:"visitor"`
	First         bool           `bun:"first"`
	Device        Device         `bun:"device"`
	Language      string         `bun:"language"`
	Referrer      string         `bun:"referrer"`
}

func (l *Links) readRows(ctx context.Context, x Link, before time.Time, limit int) ([]Visit, error) {
	var rows []visitRow
	q := l.rooms.Store.Read(ctx).NewSelect().Model(&rows).Where("mark = ?", x.mark).Where("company_id = ?", x.Company)
	if !before.IsZero() {
		q = q.Where("id < ?", idAt(before))
	}
	err := q.Order("id DESC").Limit(int64(limit)).Scan(ctx)
	out := make([]Visit, len(rows))
	for i, r := range rows {
		out[i] = Visit{At: timeOf(r.ID), Kind: r.Kind, Why: r.Why, First: r.First, Device: r.Device, Language: r.Language, Referrer: r.Referrer}
	}
	return out, store.Fault(err)
}

// countBetween counts the visits of people from one moment up to another, among those that are still kept.
func (l *Links) countBetween(ctx context.Context, x Link, from, to time.Time) (int64, error) {
	n, err := l.rooms.Store.Read(ctx).NewSelect().Table("link_visit").Where("mark = ?", x.mark).Where("company_id = ?", x.Company).Where("kind = ?", Person).
		Where("id >= ?", idAt(from)).Where("id < ?", idAt(to)).Count(ctx)
	return int64(n), store.Fault(err)
}

// cameToPosts gives when people opened links of posts, the latest first.
func (l *Links) cameToPosts(ctx context.Context, c team.CompanyID, place string, since time.Time, most int) ([]time.Time, error) {
	var ids []int64
	q := l.rooms.Store.Read(ctx).NewSelect().Table("link").Join("JOIN link_visit ON link_visit.mark = link.mark").ColumnExpr("link_visit.id").
		Where("link.company_id = ?", c).Where("link.post_id <> ''").Where("link_visit.kind = ?", Person).Where("link_visit.id >= ?", idAt(since))
	if place != "" {
		q = q.Where("link.place = ?", place)
	}
	if err := q.OrderExpr("link_visit.id DESC").Limit(int64(most)).Scan(ctx, &ids); err != nil {
		return nil, store.Fault(err)
	}
	out := make([]time.Time, len(ids))
	for i, id := range ids {
		out[i] = timeOf(id)
	}
	return out, nil
}

// visitsOf gives the visit of an id, and the first that the same visitor made on the same day: later than a moment, for salts are thrown away.
func (l *Links) visitsOf(ctx context.Context, c team.CompanyID, id int64) (first, last visitRow, err error) {
	if err = store.Fault(l.rooms.Store.Read(ctx).NewSelect().Model(&last).Where("id = ?", id).Where("company_id = ?", c).Scan(ctx)); err != nil {
		return first, last, err
	}
	if last.Visitor == 0 {
		return last, last, nil
	}
	// The salt lives a day: nobody else has the same hash, and an older one is of another salt.
	err = store.Fault(l.rooms.Store.Read(ctx).NewSelect().Model(&first).Where("id BETWEEN ? AND ?", idAt(timeOf(id).Add(-25*time.Hour)), id).
		Where("company_id = ?", c).Where("visitor = ?", last.Visitor).Order("id").Limit(1).Scan(ctx))
	return first, last, err
}

// forgetVisits deletes at most so many single visits from before a moment and tells how many it did.
func (l *Links) forgetVisits(ctx context.Context, tx *store.Tx, c team.CompanyID, before time.Time, most int) (int64, error) {
	res, err := tx.DB.NewRaw("DELETE FROM link_visit WHERE id IN (SELECT id FROM link_visit WHERE id < ? AND company_id = ? ORDER BY id LIMIT ?)", idAt(before), c, most).Exec(ctx)
	if err != nil {
		return 0, store.Fault(err)
	}
	return res.RowsAffected()
}

func (l *Links) readSummary(ctx context.Context, c team.CompanyID, from, to Day) (s Summary, err error) {
	var rows []struct {
		Day                              Day
		Channel, Campaign                string
		Visits, Visitors, Bots, Previews int64
	}
	db := l.rooms.Store.Read(ctx)
	err = db.NewSelect().Table("link_sum").Column("day", "visits", "visitors", "bots", "previews").
		Where("company_id = ?", c).Where("day BETWEEN ? AND ?", from, to).Where("day % 100 <> 0").Order("day").Scan(ctx, &rows)
	if err != nil {
		return s, store.Fault(err)
	}
	for _, r := range rows {
		sum := Sum{r.Visits, r.Visitors, r.Bots, r.Previews}
		s.Days = append(s.Days, DaySum{r.Day, sum})
		s.Sum.Add(sum)
	}
	// Whole months are read as such, and days before and after them.
	first, last := from/100*100, to/100*100
	if from%100 > 1 {
		first += 100
	}
	if to%100 < 31 { // a shorter month at the end is read by its days
		last -= 100
	}
	part := db.NewSelect().Table("link_tally").Column("channel", "campaign", "visits", "visitors", "bots", "previews").Where("company_id = ?", c)
	if first > last {
		part = part.Where("day BETWEEN ? AND ?", from, to)
	} else {
		part = part.Where("(day BETWEEN ? AND ? OR day BETWEEN ? AND ?)", from, first, last+100, to).
			UnionAll(db.NewSelect().Table("link_sum").Column("channel", "campaign", "visits", "visitors", "bots", "previews").
				Where("company_id = ?", c).Where("day BETWEEN ? AND ?", first, last).Where("day % 100 = 0"))
	}
	rows = rows[:0]
	err = db.NewSelect().TableExpr("(?) AS part", part).ColumnExpr("channel, campaign, "+sumColumns).GroupExpr("channel, campaign").OrderExpr("channel, campaign").Scan(ctx, &rows)
	if err != nil {
		return s, store.Fault(err)
	}
	channels, campaigns := map[string]Sum{}, map[string]Sum{}
	for _, r := range rows {
		sum := Sum{r.Visits, r.Visitors, r.Bots, r.Previews}
		s.Both = append(s.Both, Tally{Channel: r.Channel, Campaign: r.Campaign, Sum: sum})
		for _, p := range []struct {
			m    map[string]Sum
			name string
		}{{channels, r.Channel}, {campaigns, r.Campaign}} {
			all := p.m[p.name]
			all.Add(sum)
			p.m[p.name] = all
		}
	}
	parts := func(m map[string]Sum) (out []Part) {
		for name, sum := range m {
			out = append(out, Part{name, sum})
		}
		slices.SortFunc(out, func(a, b Part) int { return cmp.Or(cmp.Compare(b.Visits, a.Visits), cmp.Compare(a.Name, b.Name)) })
		return out
	}
	s.Channels, s.Campaigns = parts(channels), parts(campaigns)
	return s, nil
}
