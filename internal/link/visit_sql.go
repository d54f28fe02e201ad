package link

import (
	"cmp"
	"context"
	"maps"
	"runtime"
	"slices"
	"strconv"

	"github.com/uptrace/bun"

	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// rowsAtOnce is how many rows one statement carries: so few that what opens links never waits long for a processor.
const rowsAtOnce = 64

// step runs a statement of a batch, and lets others to the processor after it: a batch is long work that nobody waits for.
func step(ctx context.Context, tx *store.Tx, statement []byte) error {
	_, err := tx.DB.NewRaw(string(statement)).Exec(ctx)
	runtime.Gosched()
	return store.Fault(err)
}

// insertVisits writes the rows of visits. It writes the statement itself: a million a day pass here, and nothing in a visit comes from
// outside as it is. The company is an id of ours; language and referrer hold letters, figures, points and hyphens.
func (l *Links) insertVisits(ctx context.Context, tx *store.Tx, vs []visit) error {
	b := make([]byte, 0, rowsAtOnce*120)
	for part := range slices.Chunk(vs, rowsAtOnce) {
		b = append(b[:0], "INSERT INTO link_visit (id, company_id, mark, kind, why, visitor, first, device, language, referrer) VALUES "...)
		for i, v := range part {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(b, '(')
			b = strconv.AppendInt(b, v.id, 10)
			b = quote(b, string(v.company))
			for _, n := range []int64{v.mark, int64(v.kind), int64(v.why), v.visitor} {
				b = strconv.AppendInt(append(b, ','), n, 10)
			}
			b = strconv.AppendBool(append(b, ','), v.first)
			b = strconv.AppendInt(append(b, ','), int64(v.device), 10)
			b = quote(b, v.language)
			b = quote(b, v.referrer)
			b = append(b, ')')
		}
		if err := step(ctx, tx, b); err != nil {
			return err
		}
	}
	return nil
}

func quote(b []byte, s string) []byte {
	b = append(b, ',', '\'')
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '.', c == '-', c == '_':
			b = append(b, c)
		}
	}
	return append(b, '\'')
}

// Sum is how many visits there were.
type Sum struct {
	Visits   int64 // of people
	Visitors int64 // of them each one's first of a day; who asks not to be followed is in none
	Bots     int64
	Previews int64
}

func (s *Sum) add(v visit) {
	switch v.kind {
	case Person:
		s.Visits++
		if v.first {
			s.Visitors++
		}
	case Bot:
		s.Bots++
	case Preview:
		s.Previews++
	}
}

// Add adds another sum.
func (s *Sum) Add(o Sum) {
	s.Visits += o.Visits
	s.Visitors += o.Visitors
	s.Bots += o.Bots
	s.Previews += o.Previews
}

type dayKey struct {
	mark     int64
	day      int32
	referrer string
	device   Device
	company  team.CompanyID
}

type tallyKey struct {
	company           team.CompanyID
	day               int32
	channel, campaign string
}

// addUp brings the sums up to date with visits that are written in the same transaction.
func (l *Links) addUp(ctx context.Context, tx *store.Tx, vs []visit) error {
	days := map[dayKey]Sum{}
	marks := map[int64]place{}
	for _, v := range vs {
		k := dayKey{v.mark, v.day, v.referrer, v.device, v.company}
		s := days[k]
		s.add(v)
		days[k] = s
		marks[v.mark] = place{}
	}
	if err := l.places(ctx, tx, marks); err != nil {
		return err
	}
	tallies := map[tallyKey]Sum{}
	for k, s := range days {
		p := marks[k.mark]
		t := tallyKey{k.company, k.day, p.channel, p.campaign}
		all := tallies[t]
		all.Add(s)
		tallies[t] = all
	}
	keys := slices.SortedFunc(maps.Keys(days), func(a, b dayKey) int { // always in one order, so that two nodes do not wait for each other
		return cmp.Or(cmp.Compare(a.mark, b.mark), cmp.Compare(a.day, b.day), cmp.Compare(a.referrer, b.referrer), cmp.Compare(a.device, b.device))
	})
	for part := range slices.Chunk(keys, rowsAtOnce) {
		b := []byte("INSERT INTO link_day (mark, day, referrer, device, company_id, visits, visitors, bots, previews) VALUES ")
		for i, k := range part {
			if i > 0 {
				b = append(b, ',')
			}
			b = strconv.AppendInt(append(b, '('), k.mark, 10)
			b = strconv.AppendInt(append(b, ','), int64(k.day), 10)
			b = quote(b, k.referrer)
			b = strconv.AppendInt(append(b, ','), int64(k.device), 10)
			b = quote(b, string(k.company))
			b = append(days[k].values(b), ')')
		}
		b = append(b, " ON CONFLICT (mark, day, referrer, device) DO UPDATE SET "...)
		b = append(b, more("link_day")...)
		if err := step(ctx, tx, b); err != nil {
			return err
		}
	}
	return l.addTallies(ctx, tx, tallies)
}

func (s Sum) values(b []byte) []byte {
	for _, n := range []int64{s.Visits, s.Visitors, s.Bots, s.Previews} {
		b = strconv.AppendInt(append(b, ','), n, 10)
	}
	return b
}

// more adds what comes to what is there.
func more(table string) string {
	return "visits = " + table + ".visits + excluded.visits, visitors = " + table + ".visitors + excluded.visitors, bots = " + table + ".bots + excluded.bots, previews = " + table + ".previews + excluded.previews"
}

type tallyRow struct {
	bun.BaseModel `bun:"table:link_tally"`
	CompanyID     team.CompanyID `bun:"company_id,pk"`
	Day           int32          `bun:"day,pk"`
	Channel       string         `bun:"channel,pk"`
	Campaign      string         `bun:"campaign,pk"`
	Visits        int64          `bun:"visits"`
	Visitors      int64          `bun:"visitors"`
	Bots          int64          `bun:"bots"`
	Previews      int64          `bun:"previews"`
}

// addTallies adds to the sums of days by channel and campaign, and to the sums of these.
func (l *Links) addTallies(ctx context.Context, tx *store.Tx, tallies map[tallyKey]Sum) error {
	above := map[tallyKey]Sum{}
	for k, s := range tallies {
		for _, up := range []tallyKey{{company: k.company, day: k.day}, {k.company, month(k.day), k.channel, k.campaign}} {
			all := above[up]
			all.Add(s)
			above[up] = all
		}
	}
	if err := l.addSums(ctx, tx, "link_tally", tallies); err != nil {
		return err
	}
	return l.addSums(ctx, tx, "link_sum", above)
}

// month is how the sums of a month are written.
func month(day int32) int32 { return day / 100 * 100 }

func (l *Links) addSums(ctx context.Context, tx *store.Tx, table string, sums map[tallyKey]Sum) error {
	rows := make([]tallyRow, 0, len(sums))
	for k, s := range sums {
		rows = append(rows, tallyRow{CompanyID: k.company, Day: k.day, Channel: k.channel, Campaign: k.campaign, Visits: s.Visits, Visitors: s.Visitors, Bots: s.Bots, Previews: s.Previews})
	}
	slices.SortFunc(rows, func(a, b tallyRow) int {
		return cmp.Or(cmp.Compare(a.CompanyID, b.CompanyID), cmp.Compare(a.Day, b.Day), cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.Campaign, b.Campaign))
	})
	for part := range slices.Chunk(rows, rowsAtOnce) {
		_, err := tx.DB.NewInsert().Model(&part).ModelTableExpr(table + " AS tally_row").On("CONFLICT (company_id, day, channel, campaign) DO UPDATE").Set(more("tally_row")).Exec(ctx)
		if err != nil {
			return store.Fault(err)
		}
	}
	return nil
}

// place is where the visits of a link count.
type place struct{ channel, campaign string }

// places reads where links count, so that nobody moves them before the transaction ends.
func (l *Links) places(ctx context.Context, tx *store.Tx, marks map[int64]place) error {
	for part := range slices.Chunk(slices.Sorted(maps.Keys(marks)), 4*rowsAtOnce) {
		var rows []struct {
			Mark     int64
			Channel  string
			Campaign string
		}
		q := tx.DB.NewSelect().Table("link").Column("mark", "channel", "campaign").Where("mark IN (?)", bun.List(part)).Order("mark")
		if l.rooms.Store.Dialect() == store.Postgres {
			q = q.For("SHARE")
		}
		if err := q.Scan(ctx, &rows); err != nil {
			return store.Fault(err)
		}
		for _, r := range rows {
			marks[r.Mark] = place{r.Channel, r.Campaign}
		}
		runtime.Gosched()
	}
	return nil
}

// moveTally has the visits of a link count where it belongs now.
func (l *Links) moveTally(ctx context.Context, tx *store.Tx, from, to Link) error {
	var rows []tallyRow
	err := tx.DB.NewSelect().Table("link_day").ColumnExpr("day, sum(visits) AS visits, sum(visitors) AS visitors, sum(bots) AS bots, sum(previews) AS previews").
		Where("mark = ?", from.mark).Group("day").Scan(ctx, &rows)
	if err != nil {
		return store.Fault(err)
	}
	change := map[tallyKey]Sum{}
	for _, r := range rows {
		s := Sum{r.Visits, r.Visitors, r.Bots, r.Previews}
		change[tallyKey{to.Company, r.Day, to.Channel, to.Campaign}] = s
		change[tallyKey{from.Company, r.Day, from.Channel, from.Campaign}] = Sum{-s.Visits, -s.Visitors, -s.Bots, -s.Previews}
	}
	if err := l.addTallies(ctx, tx, change); err != nil {
		return err
	}
	for _, table := range []string{"link_tally", "link_sum"} {
		_, err := tx.DB.NewDelete().Table(table).Where("company_id = ?", from.Company).Where("channel = ?", from.Channel).Where("campaign = ?", from.Campaign).
			Where("visits = 0 AND visitors = 0 AND bots = 0 AND previews = 0").Exec(ctx)
		if err != nil {
			return store.Fault(err)
		}
	}
	return nil
}
