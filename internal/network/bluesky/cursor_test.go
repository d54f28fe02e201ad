package bluesky

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ponte-desk/ponte/internal/network"
)

// board is a list of a server as it pages: newest first, with a cursor that leaves out what shares its time.
type board struct {
	things []thing
	size   int
	broken bool
}

type thing struct {
	at time.Time
	id string
}

func (b *board) add(at time.Time) string {
	id := fmt.Sprintf("at://did:plc:x/app.bsky.feed.like/%d", len(b.things))
	b.things = append(b.things, thing{at, id})
	return id
}

// read pages like the real index, and corrects the cursor like notifications does.
func (b *board) read(next string) (page, error) {
	if b.broken {
		return page{}, errors.New("down")
	}
	sorted := slices.Clone(b.things)
	slices.SortStableFunc(sorted, func(x, y thing) int { return y.at.Compare(x.at) })
	var p page
	var newest, oldest time.Time
	for _, x := range sorted {
		if next != "" && !x.at.Before(parseTime(next)) {
			continue
		}
		if len(p.entries) == b.size {
			break
		}
		if newest.IsZero() {
			newest = x.at
		}
		oldest = x.at
		p.entries = append(p.entries, entry{place: x.at.Format(placeFormat), hash: hashOf(x.id, "c"), item: network.Item{RemoteID: x.id}})
	}
	if len(p.entries) == 0 {
		return p, nil
	}
	p.next = again(oldest.Format("2006-01-02T15:04:05.000Z"), next, newest, oldest)
	return p, nil
}

// TestListLosesNothing lets things arrive, also a little below what is known and several at one instant, between and
// within readings that are cut off by crashes and failures, and wants every one told.
func TestListLosesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b := &board{size: rapid.IntRange(7, 12).Draw(t, "page")}
		now := time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC)
		stored := cursor{Version: cursorVersion}.String()
		told, want := map[string]bool{}, map[string]bool{}
		// step is one Fetch: it reads, and either stores what it read with the cursor or crashes before.
		step := func(crash bool) (more bool) {
			c, err := parseCursor(stored)
			if err != nil {
				t.Fatal(err)
			}
			l := &c.Notified
			var got []entry
			if l.Run == nil && l.older() && rapid.Bool().Draw(t, "past first") {
				got, err = l.past(b.read)
			} else {
				got, err = l.head(now, b.read, timeBelow)
			}
			if err != nil || crash {
				return true
			}
			for _, e := range got {
				told[e.item.RemoteID] = true
			}
			stored = c.String()
			return l.Run != nil || l.older()
		}
		for range rapid.IntRange(1, 40).Draw(t, "events") {
			switch rapid.IntRange(0, 5).Draw(t, "event") {
			case 0, 1:
				now = now.Add(time.Duration(rapid.IntRange(1, 5000).Draw(t, "ms")) * time.Millisecond)
				// Fewer at one instant than a page holds: more than that no client can page through.
				for range rapid.IntRange(1, 3).Draw(t, "at once") {
					want[b.add(now)] = true
				}
			case 2:
				late := time.Duration(rapid.IntRange(1, int(overlap/time.Second)-1).Draw(t, "late")) * time.Second
				// Backdated, but not to an instant that is full.
				want[b.add(now.Add(-late).Add(time.Duration(len(b.things))*17*time.Millisecond))] = true
				now = now.Add(time.Duration(len(b.things)) * 20 * time.Millisecond)
			case 3:
				step(rapid.Bool().Draw(t, "crash"))
			case 4:
				b.broken = true
				step(false)
				b.broken = false
			case 5:
				now = now.Add(time.Duration(rapid.IntRange(0, 48).Draw(t, "hours")) * time.Hour)
			}
		}
		rounds := 0
		for step(false) {
			if rounds++; rounds > 1000 {
				t.Fatalf("reading does not end")
			}
		}
		for range 3 {
			step(false)
		}
		for step(false) {
		}
		for id := range want {
			if !told[id] {
				t.Fatalf("%s was lost", id)
			}
		}
	})
}

// TestListIsQuiet wants that what was told is not told again at every reading.
func TestListIsQuiet(t *testing.T) {
	t.Parallel()
	b, now := &board{size: pageSize}, time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC)
	var l list
	for i := range 150 {
		b.add(now.Add(time.Duration(i-150) * time.Hour))
	}
	if got, _ := l.head(now, b.read, timeBelow); len(got) != pageSize || !l.older() {
		t.Fatalf("first reading: %d, older %v", len(got), l.older())
	}
	for range 3 {
		if got, _ := l.head(now.Add(time.Minute), b.read, timeBelow); len(got) != 0 || l.Run != nil {
			t.Errorf("nothing happened and %d were told", len(got))
		}
	}
	b.add(now)
	if got, _ := l.head(now.Add(time.Minute), b.read, timeBelow); len(got) != 1 {
		t.Errorf("one happened and %d were told", len(got))
	}
	// Far below, by a device whose clock is two days slow: on a page that is read anyway.
	b.add(now.Add(-48 * time.Hour))
	if got, _ := l.head(now.Add(time.Minute), b.read, timeBelow); len(got) != 1 {
		t.Errorf("one happened far below and %d were told", len(got))
	}
	if n := len(l.Seen); n > keepSeen*seenLen {
		t.Errorf("%d bytes remembered", n)
	}
}

// TestListSweeps wants that what was placed too deep for a reading is found within a day.
func TestListSweeps(t *testing.T) {
	t.Parallel()
	b, now := &board{size: 5}, time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC)
	for i := range 40 {
		b.add(now.Add(-time.Duration(i) * time.Hour))
	}
	var l list
	read := func(at time.Time) (ids []string) {
		for {
			got, err := l.head(at, b.read, timeBelow)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range got {
				ids = append(ids, e.item.RemoteID)
			}
			if l.Run == nil {
				return ids
			}
		}
	}
	read(now)
	for l.older() {
		if _, err := l.past(b.read); err != nil {
			t.Fatal(err)
		}
	}
	deep := b.add(now.Add(-20*time.Hour - time.Minute))
	if ids := read(now.Add(time.Hour)); slices.Contains(ids, deep) {
		t.Error("a short reading went as deep as a sweep: the test proves nothing")
	}
	if ids := read(now.Add(sweepEvery)); !slices.Contains(ids, deep) {
		t.Error("the daily sweep did not find it")
	}
	if strings.Contains(l.Seen, "=") {
		t.Error("padding in what is remembered")
	}
}

// TestListEnds wants that a server that pages in circles does not hold us for ever.
func TestListEnds(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC)
	circle := func(next string) (page, error) {
		return page{next: map[string]string{"": "a", "a": "b", "b": "a"}[next], entries: []entry{{place: now.Format(placeFormat), hash: hashOf("x", "y")}}}, nil
	}
	var l list
	if _, err := l.head(now, circle, timeBelow); err != nil {
		t.Fatal(err)
	}
	n := 0
	for ; l.older() && n <= maxPages; n++ {
		if _, err := l.past(circle); err != nil {
			t.Fatal(err)
		}
	}
	for {
		if _, err := l.head(now, circle, timeBelow); err != nil {
			t.Fatal(err)
		}
		if n++; l.Run == nil || n > 3*maxPages {
			break
		}
	}
	if l.older() || l.Run != nil {
		t.Error("reading goes on for ever")
	}
}
