package audience

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// DefaultMonths is after how many months without a word people are forgotten, where a company has not decided otherwise.
const DefaultMonths = 24

// Bounds of what a company may decide, in months; 0 forgets nobody.
const (
	minMonths = 3
	maxMonths = 120
)

const (
	// forgetNotice is how long nobody is forgotten after a house has learnt to forget, and after the time was made shorter: so
	// that a company can look first.
	forgetNotice = 30 * 24 * time.Hour
	// stayFor is how long a person stays at least after they came in, however old what they wrote is.
	stayFor = 30 * 24 * time.Hour
)

// Keeper tells which of some accounts belong to people who are not to be forgotten now.
type Keeper func(ctx context.Context, c team.CompanyID, ids []IdentityID) (map[IdentityID]bool, error)

// OnKeep registers a room that knows who is not to be forgotten. It is called while the house is built.
func (a *Audience) OnKeep(k Keeper) { a.keepers = append(a.keepers, k) }

// Counter counts what some accounts wrote or did.
type Counter func(ctx context.Context, c team.CompanyID, ids []IdentityID) (int, error)

// OnCount registers the room that keeps what people write. It is called while the house is built.
func (a *Audience) OnCount(f Counter) { a.counters = append(a.counters, f) }

// Retention is how long a company remembers people who do not write any more.
type Retention struct {
	Months   int       // without a word after which people are forgotten; 0: nobody is
	BeginsAt time.Time // before this nobody is
	People   int       // how many the company knows
	Due      int       // how many of them would be forgotten now
	Items    int       // what they wrote or did
	Since    time.Time // when something of who has been silent longest of them came in; zero: nobody is due
	Capped   bool      // there are more than were counted
}

// Retention tells how long the company remembers, and how many people would be forgotten now. It needs CompanyRead.
func (a *Audience) Retention(ctx context.Context, actor team.Actor) (Retention, error) {
	if err := actor.May(team.CompanyRead); err != nil {
		return Retention{}, err
	}
	r, err := a.retention(ctx, actor.Company, -1)
	if err != nil {
		return Retention{}, fmt.Errorf("audience.Retention: %w", err)
	}
	return r, nil
}

// Preview is Retention as if the company now decided for some other number of months. It needs CompanyRead.
func (a *Audience) Preview(ctx context.Context, actor team.Actor, months int) (Retention, error) {
	if err := actor.May(team.CompanyRead); err != nil {
		return Retention{}, err
	}
	if err := saneMonths(months); err != nil {
		return Retention{}, err
	}
	r, err := a.retention(ctx, actor.Company, months)
	if err != nil {
		return Retention{}, fmt.Errorf("audience.Preview: %w", err)
	}
	return r, nil
}

func saneMonths(months int) error {
	if months != 0 && (months < minMonths || months > maxMonths) {
		return fault.InvalidFields(fault.Field{Name: "months", Key: "audience.retention.months", Args: map[string]any{"min": minMonths, "max": maxMonths}})
	}
	return nil
}

// SetRetention decides after how many months without a word people are forgotten, 3 to 120; 0 forgets nobody. Made shorter, or
// begun again, it takes 30 days until the first are. It needs CompanyChange.
func (a *Audience) SetRetention(ctx context.Context, actor team.Actor, months int) error {
	if err := actor.May(team.CompanyChange); err != nil {
		return err
	}
	if err := saneMonths(months); err != nil {
		return err
	}
	err := a.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		old, err := a.book(ctx, tx, actor.Company)
		if err != nil || old.months == months {
			return err
		}
		if err := a.setMonths(ctx, tx, actor.Company, months, old.beginsWith(months, a.clock.Now())); err != nil {
			return err
		}
		return a.team.Audit(ctx, tx, actor, team.Entry{
			Verb: "audience.retention", ObjectKind: "company", ObjectID: string(actor.Company),
			Detail: map[string]string{"months": fmt.Sprintf("%d > %d", old.months, months)},
		})
	})
	if err != nil {
		return fmt.Errorf("audience.SetRetention: %w", err)
	}
	return nil
}

// beginsWith is before when nobody is forgotten once a company has decided for so many months.
func (b book) beginsWith(months int, now time.Time) time.Time {
	if months != 0 && (b.months == 0 || months < b.months) {
		return now.Add(forgetNotice)
	}
	return b.begins
}

// KeepNote says that the person whom a note is about is not forgotten, however long they do not write; or, with keep false, that
// they may be. It needs PeopleManage.
func (a *Audience) KeepNote(ctx context.Context, actor team.Actor, note string, keep bool) error {
	if err := actor.May(team.PeopleManage); err != nil {
		return err
	}
	if _, err := noteKind.Parse(note); err != nil {
		return err
	}
	err := a.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		p, err := a.setKeep(ctx, tx, actor.Company, note, keep)
		if err != nil {
			return err
		}
		verb := "audience.keep"
		if !keep {
			verb = "audience.unkeep"
		}
		return a.team.Audit(ctx, tx, actor, team.Entry{Verb: verb, ObjectKind: "person", ObjectID: string(p)})
	})
	if err != nil {
		return fmt.Errorf("audience.KeepNote: %w", err)
	}
	return nil
}

const (
	// countMost bounds how many people a preview looks at.
	countMost = 2000
	// forgetMost is how many people of a company are forgotten in one go of the job.
	forgetMost = 100
	// forgetEvery is how often the job looks whether it is night somewhere.
	forgetEvery = 20 * time.Minute
)

// night are the hours, in the company's zone, in which people are forgotten.
const (
	nightFrom = 1
	nightTo   = 5
)

func nightIn(c team.Company, now time.Time) bool {
	h := now.In(c.Location()).Hour()
	return h >= nightFrom && h < nightTo
}

func (a *Audience) retention(ctx context.Context, c team.CompanyID, months int) (Retention, error) {
	b, err := a.readBook(ctx, c)
	if err != nil {
		return Retention{}, err
	}
	r := Retention{Months: b.months, BeginsAt: b.begins}
	if months >= 0 {
		r.Months, r.BeginsAt = months, b.beginsWith(months, a.clock.Now())
	}
	if r.People, err = a.countPeople(ctx, c); err != nil || r.Months == 0 {
		return r, err
	}
	looked := 0
	var due []PersonID
	err = a.silent(ctx, c, r.Months, func(p personRow) (bool, error) {
		if len(due) == 0 {
			r.Since = clock.Trim(p.SeenAt)
		}
		due = append(due, p.ID)
		return true, nil
	}, func(n int) bool {
		looked += n
		r.Capped = looked >= countMost
		return !r.Capped
	})
	if err != nil {
		return Retention{}, err
	}
	r.Due = len(due)
	r.Items, err = a.countItems(ctx, c, due)
	return r, err
}

// countItems counts what people wrote or did.
func (a *Audience) countItems(ctx context.Context, c team.CompanyID, people []PersonID) (n int, err error) {
	for part := range slices.Chunk(people, silentBatch) {
		owner, err := a.ownersOf(ctx, c, part)
		if err != nil {
			return 0, err
		}
		accounts := slices.Sorted(maps.Keys(owner))
		for _, count := range a.counters {
			some, err := count(ctx, c, accounts)
			if err != nil {
				return 0, err
			}
			n += some
		}
	}
	return n, nil
}

// silentBatch is how many people are looked at at once.
const silentBatch = 200

// silent walks through the people of a company who have not written for so many months and whom nothing keeps, who has been
// silent longest first. f is called for each and says whether to go on; looked hears how many were looked at after each part
// and says the same.
func (a *Audience) silent(ctx context.Context, c team.CompanyID, months int, f func(personRow) (bool, error), looked func(int) bool) error {
	now := a.clock.Now()
	after := personRow{}
	for {
		rows, err := a.silentPeople(ctx, c, now.AddDate(0, -months, 0), now.Add(-stayFor), after, silentBatch)
		if err != nil || len(rows) == 0 {
			return err
		}
		after = rows[len(rows)-1]
		free, err := a.free(ctx, c, rows)
		if err != nil {
			return err
		}
		for _, p := range free {
			on, err := f(p)
			if err != nil || !on {
				return err
			}
		}
		if !looked(len(rows)) {
			return nil
		}
	}
}

// free leaves out whom something keeps: a note, or a room above.
func (a *Audience) free(ctx context.Context, c team.CompanyID, rows []personRow) ([]personRow, error) {
	ids := make([]PersonID, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	kept, err := a.keptByNotes(ctx, c, ids)
	if err != nil {
		return nil, err
	}
	owner, err := a.ownersOf(ctx, c, ids)
	if err != nil {
		return nil, err
	}
	accounts := make([]IdentityID, 0, len(owner))
	for i := range owner {
		accounts = append(accounts, i)
	}
	for _, k := range a.keepers {
		some, err := k(ctx, c, accounts)
		if err != nil {
			return nil, err
		}
		for i, yes := range some {
			if yes {
				kept[owner[i]] = true
			}
		}
	}
	var out []personRow
	for _, r := range rows {
		if !kept[r.ID] {
			out = append(out, r)
		}
	}
	return out, nil
}

// forgetJob is the periodic job that forgets, at night, who has not written for long.
type forgetJob struct{}

func (forgetJob) Kind() string { return "audience.forget" }

// cleanJob rewrites a SQLite file, so that nothing of what was erased is left between its rows.
type cleanJob struct{}

func (cleanJob) Kind() string { return "audience.clean" }

// Register adds the room's jobs to the queue.
func (a *Audience) Register(q *queue.Queue) {
	a.queue = q
	queue.Handle(q, 10*time.Minute, func(ctx context.Context, j eraseJob) error {
		more, err := a.Continue(ctx, j.Erasure)
		if err != nil {
			if fault.KindOf(err) == fault.Conflict || fault.KindOf(err) == fault.Limited {
				return queue.Again(time.Minute)
			}
			return err
		}
		if more {
			return queue.Again(time.Second)
		}
		return nil
	})
	queue.Handle(q, 30*time.Minute, func(ctx context.Context, _ forgetJob) error { return a.Forget(ctx) })
	queue.Handle(q, -1, func(ctx context.Context, _ cleanJob) error {
		err := a.cleanUp(ctx)
		if errors.Is(err, store.ErrBusy) { // somebody reads what was there before
			return queue.Again(time.Minute)
		}
		return err
	})
	q.Every(forgetEvery, queue.Options{Line: queue.Slow, MaxAttempts: 1, Unique: true}, forgetJob{})
}

// Forget forgets, in every company where it is night, some of the people who have not written for as long as the company has
// decided. A job calls it.
func (a *Audience) Forget(ctx context.Context) error {
	companies, err := a.team.Companies(ctx)
	if err != nil {
		return fmt.Errorf("audience.Forget: %w", err)
	}
	for _, c := range companies {
		if !nightIn(c, a.clock.Now()) || c.Sample {
			continue
		}
		if err := a.forget(ctx, c.ID); err != nil {
			return fmt.Errorf("audience.Forget: %w", err)
		}
	}
	return nil
}

func (a *Audience) forget(ctx context.Context, c team.CompanyID) error {
	var b book
	err := a.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) (err error) { // from now on the company has a day on which it begins
		b, err = a.book(ctx, tx, c)
		return err
	})
	if err != nil {
		return err
	}
	id, err := a.forgetting(ctx, c)
	if err != nil {
		return err
	}
	if id != "" { // somebody of whom there was much: first to the end
		if err := a.toTheEnd(ctx, id); err != nil {
			return err
		}
	}
	if b.months == 0 || a.clock.Now().Before(b.begins) {
		return a.closeForgetting(ctx, c)
	}
	n := 0
	err = a.silent(ctx, c, b.months, func(p personRow) (bool, error) {
		done, err := a.forgetOne(ctx, c, p, b.months)
		if done {
			n++
		}
		return n < forgetMost && ctx.Err() == nil, err
	}, func(int) bool { return true })
	if err != nil || n >= forgetMost {
		return err
	}
	return a.closeForgetting(ctx, c)
}

// forgetOne forgets a person who is still silent, whom nothing keeps since, and who is not being erased.
func (a *Audience) forgetOne(ctx context.Context, c team.CompanyID, p personRow, months int) (done bool, err error) {
	var row *erasureRow
	err = a.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if _, err := a.book(ctx, tx, c); err != nil { // nobody else begins an erasure meanwhile
			return err
		}
		if _, busy, err := a.erasing(ctx, c, p.ID); err != nil || busy {
			return err
		}
		if still, err := a.stillSilent(ctx, tx, c, p.ID, a.clock.Now().AddDate(0, -months, 0)); err != nil || !still {
			return err
		}
		if free, err := a.free(ctx, c, []personRow{p}); err != nil || len(free) == 0 { // a case may have been opened meanwhile
			return err
		}
		if row, err = a.openForgetting(ctx, tx, c, p.ID); err != nil {
			return err
		}
		return a.step(ctx, tx, row)
	})
	if fault.KindOf(err) == fault.Conflict { // something to them is on its way: another night
		return false, nil
	}
	if err != nil || row == nil {
		return false, err
	}
	return true, a.toTheEnd(ctx, row.ID)
}

func (a *Audience) toTheEnd(ctx context.Context, id ErasureID) error {
	for {
		more, err := a.Continue(ctx, id)
		if err != nil || !more {
			return err
		}
	}
}

// openForgetting gives the erasure under which people are forgotten together, a new one when there is none open.
func (a *Audience) openForgetting(ctx context.Context, tx *store.Tx, c team.CompanyID, p PersonID) (*erasureRow, error) {
	id, err := a.forgetting(ctx, c)
	if err != nil {
		return nil, err
	}
	if id == "" {
		row := erasureRow{Aged: true, Via: team.ViaSystem, People: 1, PersonID: p}
		return &row, a.begin(ctx, tx, c, &row)
	}
	row, err := a.lockErasure(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	row.People, row.PersonID, row.Progress = row.People+1, p, progressJSON{}
	return row, nil
}

// closeForgetting ends what was forgotten together.
func (a *Audience) closeForgetting(ctx context.Context, c team.CompanyID) error {
	return a.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		id, err := a.forgetting(ctx, c)
		if err != nil || id == "" {
			return err
		}
		row, err := a.lockErasure(ctx, tx, id)
		if err != nil {
			return err
		}
		row.State, row.DoneAt = ErasureDone, a.clock.Now()
		if err := a.updateErasure(ctx, tx, row); err != nil {
			return err
		}
		if err := a.team.Audit(ctx, tx, team.System(c), team.Entry{
			Verb: "audience.forget", ObjectKind: "erasure", ObjectID: string(id),
			Detail: map[string]string{"number": fmt.Sprint(row.Number), "people": fmt.Sprint(row.People)},
		}); err != nil {
			return err
		}
		return a.goOn(ctx, tx, *row)
	})
}

// largeFile is from where on a file is rewritten at night only: others wait meanwhile.
const largeFile = 256 << 20

// cleanUp rewrites the file of a SQLite database and notes that it did. A large one waits for the night.
func (a *Audience) cleanUp(ctx context.Context) error {
	if a.store.Dialect() != store.SQLite {
		return nil
	}
	size, err := a.store.Size(ctx)
	if err != nil {
		return fmt.Errorf("audience.clean: %w", err)
	}
	if size > largeFile {
		companies, err := a.team.Companies(ctx)
		if err != nil {
			return fmt.Errorf("audience.clean: %w", err)
		}
		if len(companies) > 0 && !nightIn(companies[0], a.clock.Now()) {
			return queue.Again(forgetEvery)
		}
	}
	return a.Clean(ctx)
}

// Clean rewrites the file of a SQLite database now, so that nothing of what was erased is left between its rows, and notes that
// on the certificates. A job calls it after every erasure; on PostgreSQL it does nothing.
func (a *Audience) Clean(ctx context.Context) error {
	if a.store.Dialect() != store.SQLite {
		return nil
	}
	now := a.clock.Now()
	if err := a.store.Rewrite(ctx); err != nil {
		return fmt.Errorf("audience.Clean: %w", err)
	}
	err := a.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error { return a.noteCleaned(ctx, tx, now) })
	if err != nil {
		return fmt.Errorf("audience.Clean: %w", err)
	}
	return nil
}
