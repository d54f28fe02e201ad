package api

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxPaces bounds how many tokens are remembered: more than any company has in use at the same moment.
const maxPaces = 10_000

// pace bounds how fast each token asks, on this node.
type pace struct {
	rate  rate.Limit
	burst int

	mu   sync.Mutex
	each map[string]*rate.Limiter
}

func newPace(perSecond float64, burst int) *pace {
	return &pace{rate: rate.Limit(perSecond), burst: burst, each: map[string]*rate.Limiter{}}
}

// take counts a request of a token; it gives 0, or how long to wait.
func (p *pace) take(token string, now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	l, ok := p.each[token]
	if !ok {
		if len(p.each) >= maxPaces {
			p.forget(now)
		}
		l = rate.NewLimiter(p.rate, p.burst)
		p.each[token] = l
	}
	if l.AllowN(now, 1) {
		return 0
	}
	missing := 1 - l.TokensAt(now)
	return max(time.Duration(missing/float64(p.rate)*float64(time.Second)), time.Millisecond)
}

// forget drops the tokens that have been quiet long enough to start afresh; when all are busy, it drops them all.
func (p *pace) forget(now time.Time) {
	for k, l := range p.each {
		if l.TokensAt(now) >= float64(p.burst) {
			delete(p.each, k)
		}
	}
	if len(p.each) >= maxPaces {
		clear(p.each)
	}
}
