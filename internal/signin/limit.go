package signin

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/store"
)

// The rule of the door. Failed tries are counted in the database, so that restarts and further nodes forget nothing:
//
//   - from an address at which the member has never signed in, a try counts for the address, whatever accounts it
//     aims at, and for the account, whatever addresses it comes from;
//   - from an address at which the member has signed in before, a try counts for that member at that address alone.
//
// After a few free tries each failure makes the next wait longer, up to a bound. So an attack on an account from
// elsewhere, or on other accounts from the same office, never keeps a member out of where they work; sessions that
// are open stay open in any case; and nothing locks out a whole company. A day without failures forgets them.
type pace struct {
	free int           // failures without a wait
	base time.Duration // the first wait; it doubles
	most time.Duration
}

var (
	paceAddress = pace{free: 10, base: 15 * time.Second, most: time.Hour}
	paceAccount = pace{free: 10, base: 15 * time.Second, most: 15 * time.Minute}
	paceKnown   = pace{free: 5, base: 5 * time.Second, most: time.Minute}
)

const (
	forgetFailures = 24 * time.Hour
	forgetAddress  = 180 * 24 * time.Hour
)

// wait is how long the next try must wait after n failures.
func (p pace) wait(n int) time.Duration {
	d := p.base
	for i := p.free; i < n && d < p.most; i++ {
		d *= 2
	}
	if n < p.free {
		return 0
	}
	return min(d, p.most)
}

// bucket is one count of failures.
type bucket struct {
	key  string
	pace pace
}

func key(kind string, parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return kind + ":" + hex.EncodeToString(h.Sum(nil))
}

// buckets says where a try counts. known: the member has signed in from there before.
func buckets(email string, from netip.Prefix, known bool) []bucket {
	if known {
		return []bucket{{key("known", email, from.String()), paceKnown}}
	}
	return []bucket{{key("account", email), paceAccount}, {key("address", from.String()), paceAddress}}
}

// try is one try at the door that has been counted as a failure until it proves to be none.
type try struct {
	buckets []bucket
	counts  []int
}

// enter counts a try in advance, so that many at the same moment cannot all be free. Error: signin.limited.
func (s *Signin) enter(ctx context.Context, bs []bucket) (t try, err error) {
	now := s.clock.Now()
	err = s.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		t = try{buckets: bs}
		for _, b := range bs {
			r, err := s.lockAttempt(ctx, tx, b.key, now)
			if err != nil {
				return err
			}
			if r.Until.After(now) {
				return limited(r.Until.Sub(now))
			}
			if now.Sub(r.LastAt) > forgetFailures {
				r.Failures = 0
			}
			r.Failures++
			r.LastAt, r.Until = now, time.Time{}
			if d := b.pace.wait(r.Failures); d > 0 {
				r.Until = now.Add(d)
			}
			if err := s.saveAttempt(ctx, tx, r); err != nil {
				return err
			}
			t.counts = append(t.counts, r.Failures)
		}
		return nil
	})
	return t, err
}

// leave takes a try back that was no failure. clear also forgets earlier failures of the member, though never those
// of an address: else one's own account would buy free tries at others.
func (s *Signin) leave(ctx context.Context, tx *store.Tx, t try, clear bool) error {
	for i, b := range t.buckets {
		var err error
		if clear && b.pace != paceAddress {
			err = s.dropAttempt(ctx, tx, b.key)
		} else {
			err = s.undoAttempt(ctx, tx, b.key, t.counts[i])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func limited(d time.Duration) error {
	d = max(d, time.Second)
	wait := fmt.Sprintf("%d s", (d+time.Second-1)/time.Second)
	if d > time.Minute {
		wait = fmt.Sprintf("%d min", (d+time.Minute-1)/time.Minute)
	}
	return fault.New(fault.Limited, "signin.limited").With("wait", wait).After(d)
}

// prefix brings a remote address, with or without a port, to what counts as one place: an IPv4 address or the /64 of
// an IPv6 address. What cannot be read is one place too.
func prefix(remote string) netip.Prefix {
	a, ok := parseAddr(remote)
	if !ok {
		return netip.Prefix{}
	}
	bits := 32
	if a.Is6() {
		bits = 64
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}

func parseAddr(remote string) (netip.Addr, bool) {
	a, err := netip.ParseAddr(remote)
	if err != nil {
		ap, err := netip.ParseAddrPort(remote)
		if err != nil {
			return netip.Addr{}, false
		}
		a = ap.Addr()
	}
	return a.Unmap().WithZone(""), true
}

// mask shows an address without the part that names one machine.
func mask(remote string) string {
	a, ok := parseAddr(remote)
	switch {
	case !ok:
		return ""
	case a.Is4():
		b := a.As4()
		return fmt.Sprintf("%d.%d.%d.x", b[0], b[1], b[2])
	}
	p, err := a.Prefix(48)
	if err != nil {
		return ""
	}
	return p.Masked().Addr().String() + "x"
}
