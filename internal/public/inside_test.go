package public

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/clock"
)

func TestTheLimiterForgets(t *testing.T) {
	t.Parallel()
	c := clock.NewManual(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
	l := newLimiter(c, 3, 3*time.Minute)
	take := func(key string, want bool) {
		t.Helper()
		if err := l.take(key); (err == nil) != want || err != nil && !errors.Is(err, errLimited) {
			t.Errorf("%s: %v, want %v", key, err, want)
		}
	}
	take("a", true)
	take("a", true)
	take("a", true)
	take("a", false)
	take("b", true)
	c.Advance(time.Minute)
	take("a", true)
	take("a", false)
	c.Advance(time.Hour)
	take("a", true)
	for n := range keysMost + 10 {
		take(fmt.Sprint("key ", n), true)
	}
	if len(l.free) > keysMost {
		t.Errorf("%d keys are remembered", len(l.free))
	}
	c.Advance(time.Hour)
	take("c", true)
}

func TestTheShelfHasAnEnd(t *testing.T) {
	t.Parallel()
	s := newShelf()
	drawn := 0
	draw := func() ([]byte, error) { drawn++; return make([]byte, 100<<10), nil }
	for n := range 2 * shelfMost {
		if _, err := s.take(fmt.Sprint(n), "1", "x", draw); err != nil {
			t.Fatal(err)
		}
		if s.bytes > shelfBytes || len(s.pages) > shelfMost {
			t.Fatalf("%d pages of %d bytes", len(s.pages), s.bytes)
		}
	}
	before := drawn
	for range 5 {
		if _, err := s.take("same", "1", "x", draw); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.take("same", "2", "x", draw); err != nil || drawn != before+2 {
		t.Errorf("drawn %d times, want twice; %v", drawn-before, err)
	}
	for range 3 {
		if _, err := s.take("unversioned", "", "x", draw); err != nil {
			t.Fatal(err)
		}
	}
	if drawn != before+5 {
		t.Error("what has no version was kept")
	}
}
