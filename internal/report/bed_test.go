package report_test

import (
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/report"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
)

func each(t *testing.T, f func(t *testing.T, h *housetest.House)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.Store) { f(t, housetest.New(t, s, housetest.Options{})) })
}

func must[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// dayOf is the day of a moment where the company is.
func dayOf(h *housetest.House, at time.Time) link.Day {
	return link.DayOf(at.In(h.Company.Location()))
}

// last gives the days of a period that ends today.
func last(h *housetest.House, days int) (from, to link.Day) {
	now := h.Clock.Now()
	return dayOf(h, now.AddDate(0, 0, 1-days)), dayOf(h, now)
}

func ints(n int) *int { return &n }

func cost(kind report.CostKind, cents int64, from, to link.Day) report.CostIn {
	return report.CostIn{Kind: kind, Cents: cents, From: from, To: to}
}
