package signin

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/team"
)

func TestPace(t *testing.T) {
	t.Parallel()
	for n, d := range map[int]time.Duration{
		0: 0, 1: 0, 9: 0, 10: 15 * time.Second, 11: 30 * time.Second, 12: time.Minute, 15: 8 * time.Minute, 16: 15 * time.Minute, 1 << 20: 15 * time.Minute,
	} {
		if got := paceAccount.wait(n); got != d {
			t.Errorf("after %d failures %v, want %v", n, got, d)
		}
	}
}

func TestPlaces(t *testing.T) {
	t.Parallel()
	for remote, place := range map[string][2]string{
		"192.0.2.10:5123":             {"192.0.2.10/32", "192.0.2.x"},
		"192.0.2.10":                  {"192.0.2.10/32", "192.0.2.x"},
		"::ffff:192.0.2.10":           {"192.0.2.10/32", "192.0.2.x"},
		"[2001:db8:1:2:3::7%eth0]:80": {"2001:db8:1:2::/64", "2001:db8:1::x"},
		"2001:db8:1:2:ffff::":         {"2001:db8:1:2::/64", "2001:db8:1::x"},
		"a host":                      {"invalid Prefix", ""},
		"":                            {"invalid Prefix", ""},
	} {
		if got := [2]string{prefix(remote).String(), mask(remote)}; got != place {
			t.Errorf("%s: %v, want %v", remote, got, place)
		}
	}
}

// hammer fails n times and tells how many tries were looked at, rather than turned away.
func (b *bed) hammer(t *testing.T, m team.Member, n int, from func(i int) Visitor) (looked int, last time.Duration) {
	t.Helper()
	for i := range n {
		_, err := b.in(m, fmt.Sprint("guess number ", i), from(i))
		switch fault.KindOf(err) {
		case fault.Denied:
			looked++
		case fault.Limited:
			last = fault.Of(err).RetryAfter
		default:
			t.Fatal(err)
		}
	}
	return looked, last
}

func at(v Visitor) func(int) Visitor { return func(int) Visitor { return v } }

func TestAnAttackFromOneAddressLocksOutTheAttackerOnly(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bed) {
		m, colleague := b.give(t, team.Community), b.give(t, team.Editor)
		open := b.mustIn(t, m, home)
		b.mustIn(t, colleague, home)
		looked, wait := b.hammer(t, m, 40, at(afar))
		if looked != 10 || wait != 15*time.Second {
			t.Errorf("%d tries were looked at, wait %v", looked, wait)
		}
		// The right password from there must wait too, or the limit would limit nothing.
		if _, err := b.in(m, secret, afar); fault.KindOf(err) != fault.Limited {
			t.Error(err)
		}
		// The member at the known address, in the open session, and the colleague notice nothing.
		b.mustIn(t, m, home)
		b.mustIn(t, colleague, home)
		_, _, err := b.ByToken(t.Context(), open.Token)
		ok(t, "the open session", err)
		// Other accounts from the attacker's address wait as well.
		if _, err := b.in(colleague, secret, afar); fault.KindOf(err) != fault.Limited {
			t.Error("the attacker goes on with the next account:", err)
		}
		// Each further failure doubles the wait.
		for _, d := range []time.Duration{15, 30, 60, 120} {
			b.Clock.Advance(d*time.Second - time.Microsecond)
			if looked, _ := b.hammer(t, m, 1, at(afar)); looked != 0 {
				t.Fatal("too early after", d)
			}
			b.Clock.Advance(time.Microsecond)
			if looked, _ := b.hammer(t, m, 1, at(afar)); looked != 1 {
				t.Fatal("still turned away after", d)
			}
		}
		// A day of peace forgets.
		b.Clock.Advance(forgetFailures + time.Hour)
		b.mustIn(t, m, afar)
	})
}

func TestAnAttackFromManyAddressesSlowsDown(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bed) {
		m := b.give(t, team.Community)
		b.mustIn(t, m, home)
		if looked, _ := b.hammer(t, m, 60, address); looked != 10 {
			t.Error(looked, "tries were looked at")
		}
		b.mustIn(t, m, home) // known here
		// From a new address the member waits at most a quarter of an hour, however long the attack.
		for range 30 {
			b.Clock.Advance(paceAccount.most)
			if looked, wait := b.hammer(t, m, 2, func(i int) Visitor {
				return Visitor{RemoteAddr: fmt.Sprintf("100.64.%d.%d", b.Clock.Now().Unix()%250, i)}
			}); looked != 1 || wait > paceAccount.most {
				t.Fatal(looked, wait)
			}
		}
		b.Clock.Advance(paceAccount.most)
		b.mustIn(t, m, other)
		// And a link from an owner opens the door at once.
		if looked, _ := b.hammer(t, b.Members[team.Guest], 60, func(i int) Visitor { return address(100 + i) }); looked != 10 {
			t.Error(looked)
		}
		b.give(t, team.Guest)
		b.mustIn(t, b.Members[team.Guest], other)
	})
}

func TestAnAttackFromTheOfficeLocksOutNoColleague(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bed) {
		m, colleague := b.give(t, team.Community), b.give(t, team.Editor)
		b.mustIn(t, m, home)
		b.mustIn(t, colleague, home)
		looked, wait := b.hammer(t, m, 30, at(home))
		if looked != 5 || wait != 5*time.Second {
			t.Error(looked, wait)
		}
		b.mustIn(t, colleague, home)
		for range 20 {
			b.Clock.Advance(paceKnown.most)
			b.hammer(t, m, 1, at(home))
		}
		b.Clock.Advance(paceKnown.most) // never longer than a minute
		b.mustIn(t, m, home)
		if looked, _ := b.hammer(t, m, 30, at(home)); looked != 5 {
			t.Error("a success did not forget:", looked)
		}
	})
}

// One's own account does not buy free tries at others.
func TestSuccessDoesNotWashAnAddress(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bed) {
		own := b.give(t, team.Editor)
		looked := 0
		for i := range 30 {
			n, _ := b.hammer(t, team.Member{Email: fmt.Sprintf("m%d@example.it", i)}, 1, at(afar))
			looked += n
			if i == 5 {
				b.mustIn(t, own, afar)
			}
		}
		if looked != 10 {
			t.Error(looked, "tries were looked at")
		}
	})
}

func TestManyTriesAtOnceAreCountedOneByOne(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bed) {
		m := b.give(t, team.Community)
		var wg sync.WaitGroup
		var mu sync.Mutex
		kinds := map[fault.Kind]int{}
		for range 30 {
			wg.Go(func() {
				_, err := b.in(m, "a guess of many", afar)
				mu.Lock()
				defer mu.Unlock()
				kinds[fault.KindOf(err)]++
			})
		}
		wg.Wait()
		if kinds[fault.Denied] != 10 || kinds[fault.Limited] != 20 {
			t.Error(kinds)
		}
	})
}

// Another node, or the same one after a restart, knows the failures.
func TestRestartsForgetNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, b *bed) {
		m := b.give(t, team.Community)
		b.hammer(t, m, 10, at(afar))
		again := New(b.Store, team.New(b.Store, b.Clock), b.keys, b.Clock, Options{Params: cheap})
		if _, err := again.SignIn(t.Context(), SignInIn{Email: m.Email, Password: secret, Visitor: afar}); fault.KindOf(err) != fault.Limited {
			t.Error(err)
		}
	})
}
