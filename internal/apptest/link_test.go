package apptest_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/app"
	"github.com/ponte-desk/ponte/internal/apptest"
	"github.com/ponte-desk/ponte/internal/config"
	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/team"
)

// opener opens links as a browser does, and does not go on to where they lead.
var opener = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func open(t *testing.T, url string) error {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0")
	res, err := opener.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }() // there is none
	if res.StatusCode != http.StatusFound || res.Header.Get("Location") != "https://example.org/offer?utm_campaign=spring" {
		t.Fatalf("%s: %d to %s", url, res.StatusCode, res.Header.Get("Location"))
	}
	return nil
}

// linked makes a house with a link that is closed again.
func linked(t *testing.T, database string) (config.Config, apptest.Person, link.Link) {
	t.Helper()
	h := apptest.Start(t, apptest.Options{Database: database})
	x, err := h.Links.Create(t.Context(), h.Owner.Actor(), link.In{Target: "https://example.org/offer", Channel: "print", Campaign: "spring"})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Stop(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	return h.Config(), h.Owner, x
}

// kept reads what a house in a folder knows of a link: its single visits and their sums.
func kept(t *testing.T, c config.Config, who apptest.Person, x link.Link) ([]link.Visit, link.Sum, link.Sum) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	a, err := app.New(ctx, c, app.Deps{Errand: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := a.Stop(ctx); err != nil {
			t.Error(err)
		}
	}()
	rows, err := a.Links.Rows(ctx, who.Actor(), x.ID, time.Time{}, 1000)
	if err != nil {
		t.Fatal(err)
	}
	r, err := a.Links.Visits(ctx, who.Actor(), x.ID, 2)
	if err != nil {
		t.Fatal(err)
	}
	all, err := a.Links.Tallies(ctx, team.System(who.Member.Company), 0, 99999999)
	if err != nil {
		t.Fatal(err)
	}
	var tally link.Sum
	for _, s := range all {
		tally.Add(s.Sum)
	}
	return rows, r.Sum, tally
}

// A house that is killed with kill -9 loses the visits of its last second at most, and what it keeps adds up.
func TestAKilledHouseLosesTheLastSecondOfVisitsAtMost(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, database string) {
		c, owner, x := linked(t, database)
		p := apptest.StartProcess(t, apptest.ProcessOptions{Config: c})
		var answered []time.Time
		for end := time.Now().Add(2500 * time.Millisecond); time.Now().Before(end); {
			if err := open(t, p.URL+"/l/"+x.Code); err != nil {
				t.Fatal(err)
			}
			answered = append(answered, time.Now())
			time.Sleep(5 * time.Millisecond) // a busy day, not a load test
		}
		p.Kill()
		died := time.Now()
		safe := 0
		for _, at := range answered {
			if died.Sub(at) > time.Second {
				safe++
			}
		}
		rows, sum, tally := kept(t, c, owner, x)
		if len(rows) < safe || len(rows) > len(answered) || safe == 0 {
			t.Errorf("of %d visits, %d of them older than a second, %d are kept", len(answered), safe, len(rows))
		}
		if want := int64(len(rows)); sum.Visits != want || tally.Visits != want || sum.Visitors != 1 || tally.Visitors != 1 {
			t.Errorf("%d rows, but %+v and %+v", want, sum, tally)
		}
		t.Logf("%d visits, %d kept", len(answered), len(rows))
	})
}

// A house that is stopped loses none, however late they came.
func TestAStoppedHouseLosesNoVisit(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, database string) {
		c, owner, x := linked(t, database)
		p := apptest.StartProcess(t, apptest.ProcessOptions{Config: c})
		const n = 300
		for range n {
			if err := open(t, p.URL+"/l/"+x.Code); err != nil {
				t.Fatal(err)
			}
		}
		p.Stop()
		rows, sum, tally := kept(t, c, owner, x)
		if len(rows) != n || sum.Visits != n || tally.Visits != n {
			t.Errorf("of %d visits there are %d rows, %+v and %+v", n, len(rows), sum, tally)
		}
	})
}
