package link

import (
	"context"
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ponte-desk/ponte/internal/team"
)

// Way is a link as the door needs it: where it leads, and whether it does. It is not changed once it is made.
type Way struct {
	Company team.CompanyID
	Title   string

	code      string
	mark      int64
	zone      *zone
	target    string
	base      string // of the house
	devices   Targets
	languages Targets
	expires   time.Time
	password  string
	off       bool
	until     time.Time // when it is read again
}

// Locked tells whether it asks for a password.
func (w *Way) Locked() bool { return w.password != "" }

// Shown tells whether it leads to a number or an address, which a page of the house shows: a browser cannot be led there at once everywhere.
func (w *Way) Shown() bool { return !Web(w.target) }

// Ended tells whether it leads nowhere any more.
func (w *Way) Ended(now time.Time) bool {
	return w.off || !w.expires.IsZero() && !now.Before(w.expires)
}

// Leads is where the way leads somebody.
func (w *Way) Leads(s Seen) string {
	if w.devices != nil {
		if t := w.devices[s.Device.target()]; t != "" {
			return t
		}
	}
	if w.languages != nil {
		if t := w.languages[s.Language]; t != "" {
			return t
		}
	}
	return w.target
}

// ways keeps those that were opened lately at hand: two generations, so that what is opened often stays and nothing is sorted.
// It is safe for use by several goroutines.
type ways struct {
	shards [32]shard
	seed   maphash.Seed
	life   time.Duration
	turn   atomic.Uint64 // rises with every change: what was read before one is not kept
}

type shard struct {
	mu    sync.Mutex
	young map[string]*Way
	old   map[string]*Way
	_     [24]byte // a line of its own
}

// What is kept at hand: 32 shards of two generations.
const (
	mostYoung = 4096
	// Another node may change a link. On SQLite there is none.
	lifeAlone = 10 * time.Minute
	lifeNodes = 3 * time.Second
)

func newWays(alone bool) *ways {
	w := &ways{seed: maphash.MakeSeed(), life: lifeNodes}
	if alone {
		w.life = lifeAlone
	}
	for i := range w.shards {
		w.shards[i].young = map[string]*Way{}
	}
	return w
}

func (w *ways) shard(code string) *shard {
	return &w.shards[maphash.String(w.seed, code)%uint64(len(w.shards))]
}

func (w *ways) get(code string, now time.Time) *Way {
	s := w.shard(code)
	s.mu.Lock()
	defer s.mu.Unlock()
	x, ok := s.young[code]
	if !ok {
		if x, ok = s.old[code]; !ok {
			return nil
		}
		s.put(code, x)
	}
	if !now.Before(x.until) {
		return nil
	}
	return x
}

func (s *shard) put(code string, x *Way) {
	if len(s.young) >= mostYoung {
		s.old, s.young = s.young, make(map[string]*Way, mostYoung)
	}
	s.young[code] = x
}

// keep keeps a way that was read when the turn was turn.
func (w *ways) keep(code string, x *Way, turn uint64) {
	s := w.shard(code)
	s.mu.Lock()
	defer s.mu.Unlock()
	if w.turn.Load() == turn {
		s.put(code, x)
	}
}

func (w *ways) drop(code string) {
	w.turn.Add(1)
	s := w.shard(code)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.young, code)
	delete(s.old, code)
}

func (w *ways) clear() {
	w.turn.Add(1)
	for i := range w.shards {
		s := &w.shards[i]
		s.mu.Lock()
		clear(s.young)
		clear(s.old)
		s.mu.Unlock()
	}
}

// Find gives the way behind a code, as people type it; NotFound when there is none.
func (l *Links) Find(ctx context.Context, code string) (*Way, error) {
	now := l.rooms.Clock.Now()
	if x := l.ways.get(code, now); x != nil {
		return x, nil
	}
	code = cleanCode(code)
	if !own.MatchString(code) {
		return nil, missing()
	}
	if x := l.ways.get(code, now); x != nil {
		return x, nil
	}
	turn := l.ways.turn.Load()
	x, err := l.readWay(ctx, code)
	if err != nil {
		return nil, err
	}
	z, err := l.zoneOf(ctx, x.Company)
	if err != nil {
		return nil, err
	}
	w := &Way{
		base: l.rooms.BaseURL(), Company: x.Company, Title: x.Title, code: x.Code, mark: x.mark, zone: z, target: x.Leads(x.Target), expires: x.ExpiresAt, password: x.password,
		off: x.State == Off, until: now.Add(l.ways.life),
	}
	if len(x.Devices) > 0 {
		w.devices = Targets{}
		for k, t := range x.Devices {
			w.devices[k] = x.Leads(t)
		}
	}
	if len(x.Languages) > 0 {
		w.languages = Targets{}
		for k, t := range x.Languages {
			w.languages[k] = x.Leads(t)
		}
	}
	l.ways.keep(code, w, turn)
	return w, nil
}

// zoneOf gives the zone that a company's days have. Companies in one zone share it.
func (l *Links) zoneOf(ctx context.Context, c team.CompanyID) (*zone, error) {
	if z := l.recorder.known(c, l.rooms.Clock.Now()); z != nil {
		return z, nil
	}
	company, err := l.rooms.Team.Company(ctx, c)
	if err != nil {
		return nil, err
	}
	return l.recorder.learn(c, company.Zone, company.Location(), l.rooms.Clock.Now()), nil
}
