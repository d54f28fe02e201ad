package public

import (
	"sync"
	"time"

	"github.com/ponte-desk/ponte/internal/clock"
)

// limiter lets each key do something so many times in a while, evenly. It keeps its keys in memory only: they are
// addresses of people. It is safe for use by several goroutines.
type limiter struct {
	clock clock.Clock
	most  int
	each  time.Duration // until one more may come
	mu    sync.Mutex
	free  map[string]time.Time // when all of a key's are free again
}

// keysMost is how many keys are remembered; when there are more, those that are free again are forgotten, and if that
// does not help, all.
const keysMost = 20000

func newLimiter(c clock.Clock, most int, per time.Duration) *limiter {
	return &limiter{clock: c, most: most, each: per / time.Duration(most), free: map[string]time.Time{}}
}

// take uses one up, or says with a fault how long to wait.
func (l *limiter) take(key string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock.Now()
	at := l.free[key]
	if at.Before(now) {
		at = now
	}
	at = at.Add(l.each)
	if over := at.Sub(now) - time.Duration(l.most)*l.each; over > 0 {
		return errLimited.After(over)
	}
	if len(l.free) >= keysMost {
		for k, t := range l.free {
			if !t.After(now) {
				delete(l.free, k)
			}
		}
		if len(l.free) >= keysMost {
			clear(l.free)
		}
	}
	l.free[key] = at
	return nil
}
