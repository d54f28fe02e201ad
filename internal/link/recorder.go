package link

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	mathrand "math/rand/v2"
	"sync"
	"time"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// How visits are written.
const (
	// flushEvery bounds what a process that is killed loses: a visit waits so long, and for the batch that is being written.
	flushEvery = 400 * time.Millisecond
	// batch is how many visits one transaction writes.
	batch = 20_000
	// mostWaiting is how many visits wait at most while the database takes none.
	mostWaiting = 500_000
	// mostSeen is how many pairs of visitor and link of a day are remembered; beyond it somebody may count as a visitor twice.
	mostSeen = 2_000_000
	zoneLife = time.Minute
)

// visit is one opening on its way to the database. There is nothing in it that leads back to a person or an address.
type visit struct {
	id       int64
	company  team.CompanyID
	mark     int64
	day      int32
	kind     Kind
	why      Why
	first    bool
	device   Device
	visitor  int64
	language string
	referrer string
}

// recorder takes visits in and hands them out in batches. It is safe for use by several goroutines.
type recorder struct {
	clock   clock.Clock
	mu      sync.Mutex
	waiting []visit
	spare   []visit
	dropped int
	last    int64 // id
	node    int64
	zones   map[string]*zone
	company map[team.CompanyID]known
	writing sync.Mutex // one batch at a time, in order
}

type known struct {
	zone  *zone
	until time.Time
}

// zone is a time zone with what is known of its day: the salt of the visitors, and who was seen. Both are in memory only, and gone with the day.
type zone struct {
	location *time.Location
	name     string
	day      int32
	ends     time.Time
	salt     [32]byte
	seen     map[uint64]struct{}
}

func newRecorder(c clock.Clock) *recorder {
	return &recorder{clock: c, node: mathrand.Int64N(1 << nodeBits), zones: map[string]*zone{}, company: map[team.CompanyID]known{}}
}

func (r *recorder) known(c team.CompanyID, now time.Time) *zone {
	r.mu.Lock()
	defer r.mu.Unlock()
	if k := r.company[c]; now.Before(k.until) {
		return k.zone
	}
	return nil
}

func (r *recorder) learn(c team.CompanyID, name string, location *time.Location, now time.Time) *zone {
	r.mu.Lock()
	defer r.mu.Unlock()
	z := r.zones[name]
	if z == nil {
		z = &zone{location: location, name: name}
		r.zones[name] = z
	}
	r.company[c] = known{z, now.Add(zoneLife)}
	return z
}

// turn begins a new day: the salt of the one before is thrown away.
func (z *zone) turn(now time.Time) {
	t := now.In(z.location)
	y, m, d := t.Date()
	z.day = int32(y*10000 + int(m)*100 + d)
	z.ends = time.Date(y, m, d+1, 0, 0, 0, 0, z.location)
	_, _ = rand.Read(z.salt[:]) // never fails: it ends the program instead
	z.seen = map[uint64]struct{}{}
}

// Ids of visits: milliseconds, the node, and a count within the millisecond, so that they sort by time and two nodes do not make the same.
const (
	countBits = 12
	nodeBits  = 10
)

// idAt is the first id of a moment.
func idAt(t time.Time) int64 { return t.UnixMilli() << (countBits + nodeBits) }

// timeOf is the moment of an id.
func timeOf(id int64) time.Time { return time.UnixMilli(id >> (countBits + nodeBits)).UTC() }

func (r *recorder) mint(now time.Time) int64 {
	id := now.UnixMilli() << countBits
	if id <= r.last {
		id = r.last + 1
	}
	r.last = id
	return id>>countBits<<(countBits+nodeBits) | r.node<<countBits | id&(1<<countBits-1)
}

// Note notes that a way was opened, and gives what a page of the house may know the visit by; "" where nobody is to be known.
func (l *Links) Note(w *Way, s Seen) Token {
	id := l.recorder.note(w, s, l.rooms.Clock.Now())
	if id == 0 || s.Kind != Person || s.Private {
		return ""
	}
	return tokenOf(id)
}

func (r *recorder) note(w *Way, s Seen, now time.Time) int64 {
	v := visit{company: w.Company, mark: w.mark, kind: s.Kind, why: s.Why}
	r.mu.Lock()
	defer r.mu.Unlock()
	z := w.zone
	if !now.Before(z.ends) {
		z.turn(now)
	}
	v.day = z.day
	if s.Kind == Person && !s.Private {
		v.visitor = z.visitor(w.Company, s)
		v.device, v.language, v.referrer = s.Device, s.Language, s.Referrer
		key := uint64(v.visitor) ^ uint64(w.mark)*0x9e3779b97f4a7c15
		if _, again := z.seen[key]; !again {
			v.first = true
			if len(z.seen) >= mostSeen {
				clear(z.seen)
			}
			z.seen[key] = struct{}{}
		}
	}
	if len(r.waiting) >= mostWaiting {
		r.dropped++
		return 0
	}
	v.id = r.mint(now)
	r.waiting = append(r.waiting, v)
	return v.id
}

// visitor is a mark of who opens something today: nobody can make it again once the salt is gone. It is never 0.
func (z *zone) visitor(c team.CompanyID, s Seen) int64 {
	var room [256]byte
	b := append(room[:0], z.salt[:]...)
	b = append(b, c...)
	b = append(b, 0)
	b = append(b, s.address...)
	b = append(b, 0)
	b = append(b, s.agent...)
	sum := sha256.Sum256(b)
	return int64(binary.LittleEndian.Uint64(sum[:8])>>1) | 1
}

// take gives what waits, at most a batch.
func (r *recorder) take() []visit {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.waiting) <= batch {
		out := r.waiting
		r.waiting, r.spare = r.spare[:0], nil
		return out
	}
	out := append([]visit(nil), r.waiting[:batch]...)
	r.waiting = r.waiting[:copy(r.waiting, r.waiting[batch:])]
	return out
}

// back puts a batch back that could not be written.
func (r *recorder) back(vs []visit) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waiting = append(vs, r.waiting...)
}

// done gives the room of a batch back.
func (r *recorder) done(vs []visit) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if cap(vs) <= batch {
		r.spare = vs[:0]
	}
}

// again gives a batch new ids, when another node has made the same.
func (r *recorder) again(vs []visit) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.node = mathrand.Int64N(1 << nodeBits)
	for i := range vs {
		vs[i].id = vs[i].id&^(((1<<nodeBits)-1)<<countBits) | r.node<<countBits
	}
}

// Flush writes what waits.
func (l *Links) Flush(ctx context.Context) error {
	r := l.recorder
	r.writing.Lock()
	defer r.writing.Unlock()
	for {
		vs := r.take()
		if len(vs) == 0 {
			return nil
		}
		err := l.write(ctx, vs)
		for i := 0; i < 3 && err != nil && fault.KindOf(err) == fault.Conflict; i++ {
			r.again(vs)
			err = l.write(ctx, vs)
		}
		if err != nil {
			r.back(vs)
			return fmt.Errorf("link.Flush: %w", err)
		}
		r.done(vs)
	}
}

// write writes a batch: the rows and the sums that follow from them, in one transaction.
func (l *Links) write(ctx context.Context, vs []visit) error {
	return l.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := l.insertVisits(ctx, tx, vs); err != nil {
			return err
		}
		return l.addUp(ctx, tx, vs)
	})
}

// Run writes visits as they come, until ctx is over; then it writes what is left.
func (l *Links) Run(ctx context.Context) {
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			l.flushLoudly(ctx)
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
			defer cancel()
			l.flushLoudly(last)
			return
		}
	}
}

func (l *Links) flushLoudly(ctx context.Context) {
	if err := l.Flush(ctx); err != nil && ctx.Err() == nil {
		l.rooms.Log.ErrorContext(ctx, "link: visits could not be written and wait", "error", err.Error())
	}
	r := l.recorder
	r.mu.Lock()
	n := r.dropped
	r.dropped = 0
	r.mu.Unlock()
	if n > 0 {
		l.rooms.Log.ErrorContext(ctx, "link: visits were not counted, because the database has taken none for long", "visits", n)
	}
}
