package growth

import (
	"context"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"strconv"
	"sync"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/record"
	"github.com/ponte-desk/ponte/internal/team"
)

// Public is what the growth page shows. Nothing in it names a person who did not agree to be named. Whoever gets one shares it
// with others and changes nothing in it.
type Public struct {
	Company      team.Company
	Settings     Settings
	Figures      record.Figures
	Improvements []Improvement // newest first
	Next         string        // cursor; "" at the end
	Working      []Working     // what is being worked on, newest first, at most 20
	Declined     []Refusal     // newest first, at most 20
	Size         int64         // leaves of the record
	Head         string        // short fingerprint of the record's head; "" while the record is empty
	HeadAt       time.Time
	Version      string // changes whenever anything of the page does: for caches and ETag
}

// Working is an open case as the public sees it: one with criticism that everybody could read.
type Working struct {
	Title  Words
	State  CaseState
	Voices int       // of those in the record
	Since  time.Time // when the first of them was heard
}

// Refusal is a declined case as the public sees it.
type Refusal struct {
	Title  Words
	Reason Words
	Voices int // of those in the record
	At     time.Time
}

// mostWorking bounds how much of what is being worked on, and of what was declined, is shown.
const mostWorking = 20

// Page gives the growth page of a company, from 1 to 100 improvements at a time (0 is 20). It is for the public door; a company that has
// not opened its page gives NotFound unless inside is set (members look at their own).
func (g *Growth) Page(ctx context.Context, c team.CompanyID, cursor string, limit int, inside bool) (Public, error) {
	below := 0
	if cursor != "" {
		n, err := strconv.Atoi(cursor)
		if err != nil || n < 1 || strconv.Itoa(n) != cursor {
			return Public{}, fault.New(fault.Invalid, "store.cursor")
		}
		below = n
	}
	if limit <= 0 || limit > 100 {
		limit = 20
	}
	p, err := g.cover(ctx, c, inside)
	if err != nil {
		return Public{}, fmt.Errorf("growth.Page: %w", err)
	}
	key := sheet{company: c, below: below, limit: limit}
	if have, ok := g.pages.get(key, p.Version); ok {
		return have, nil
	}
	if err := g.fill(ctx, &p, below, limit); err != nil {
		return Public{}, fmt.Errorf("growth.Page: %w", err)
	}
	g.pages.put(key, p)
	return p, nil
}

// cover reads what every page needs, and what tells whether it has changed.
func (g *Growth) cover(ctx context.Context, c team.CompanyID, inside bool) (p Public, err error) {
	if p.Company, err = g.rooms.Team.Company(ctx, c); err != nil {
		return p, err
	}
	var version int
	if p.Settings, version, err = g.settingsVersion(ctx, c); err != nil {
		return p, err
	}
	if !p.Settings.Open && !inside {
		return p, fault.New(fault.NotFound, "growth.page.closed")
	}
	h, err := g.recordOf(ctx, c)
	if err != nil {
		return p, err
	}
	p.Figures, p.Size, p.HeadAt = h.Figures, h.Head.Size, h.ChangedAt
	if p.Size > 0 {
		p.Head = hex.EncodeToString(h.Head.Root[:8])
	}
	name := fnv.New32a()
	_, _ = fmt.Fprint(name, p.Company.Name, "\n", p.Company.Zone, "\n", p.Company.Locale) // never fails
	p.Version = fmt.Sprintf("%x-%x-%s-%x", version, p.Size, p.Head, name.Sum32())
	return p, nil
}

// fill reads the rest of a page.
func (g *Growth) fill(ctx context.Context, p *Public, below, limit int) (err error) {
	if p.Improvements, err = g.entries(ctx, p.Company.ID, below, limit+1); err != nil {
		return err
	}
	if len(p.Improvements) > limit {
		p.Improvements = p.Improvements[:limit]
		p.Next = strconv.Itoa(p.Improvements[limit-1].Number)
	}
	if p.Working, err = g.working(ctx, p.Company, mostWorking); err != nil {
		return err
	}
	p.Declined, err = g.refusals(ctx, p.Company, mostWorking)
	return err
}

// Entry gives one published improvement by its number, where Page would give the page.
func (g *Growth) Entry(ctx context.Context, c team.CompanyID, number int, inside bool) (Improvement, error) {
	s, err := g.settingsOf(ctx, c)
	if err == nil && !s.Open && !inside {
		err = fault.New(fault.NotFound, "growth.page.closed")
	}
	if err != nil {
		return Improvement{}, fmt.Errorf("growth.Entry: %w", err)
	}
	i, err := g.entry(ctx, c, number)
	if err != nil {
		return Improvement{}, fmt.Errorf("growth.Entry: %w", err)
	}
	return i, nil
}

// sheet is a part of a page.
type sheet struct {
	company      team.CompanyID
	below, limit int
}

// sheets keeps the pages that were asked for last, each as of its version. Everybody is shown the same: what is inside differs only in
// being shown at all.
type sheets struct {
	mu   sync.Mutex
	have map[sheet]Public
}

// mostSheets bounds what is kept; beyond, all is read again.
const mostSheets = 200

func (s *sheets) get(k sheet, version string) (Public, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.have[k]
	return p, ok && p.Version == version
}

func (s *sheets) put(k sheet, p Public) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.have == nil || len(s.have) >= mostSheets {
		s.have = map[sheet]Public{}
	}
	s.have[k] = p
}
