package link_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// A summary of any stretch of days, with whole months in it or none, is the sum of its days by channel and campaign.
func TestASummaryIsTheSumOfItsDays(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := setup(t, s)
		a := b.Actor(team.Owner)
		rnd := rand.New(rand.NewPCG(4, 2))
		var links []link.Link
		for i := range 5 {
			links = append(links, b.make(link.In{Target: fmt.Sprintf("https://example.org/%d", i), Campaign: "c" + fmt.Sprint(i%3), Channel: "ch" + fmt.Sprint(i%2)}))
		}
		from := b.Clock.Now()
		for range 400 {
			b.open(links[rnd.IntN(len(links))], fmt.Sprintf("198.51.100.%d", rnd.IntN(3)), ask("GET", phone))
			b.Clock.Advance(time.Duration(rnd.IntN(15)) * time.Hour)
		}
		// Where visits count is changed when months are over: the sums of these months move with it.
		must[link.Link](t)(b.links.Change(t.Context(), a, links[0].ID, link.In{Target: links[0].Target, Campaign: "moved", Channel: "ch1"}))
		b.flush()
		days := int(b.Clock.Now().Sub(from).Hours()/24) + 3
		for range 200 {
			first := link.DayOf(from.AddDate(0, 0, rnd.IntN(days)-1))
			last := link.DayOf(first.Time().AddDate(0, 0, rnd.IntN(days)))
			got := must[link.Summary](t)(b.links.Summary(t.Context(), a, first, last))
			var want link.Summary
			both := map[[2]string]link.Sum{}
			for _, x := range must[[]link.Tally](t)(b.links.Tallies(t.Context(), a, first, last)) {
				want.Sum.Add(x.Sum)
				if n := len(want.Days); n == 0 || want.Days[n-1].Day != x.Day {
					want.Days = append(want.Days, link.DaySum{Day: x.Day})
				}
				want.Days[len(want.Days)-1].Add(x.Sum)
				sum := both[[2]string{x.Channel, x.Campaign}]
				sum.Add(x.Sum)
				both[[2]string{x.Channel, x.Campaign}] = sum
			}
			for k, s := range both {
				want.Both = append(want.Both, link.Tally{Channel: k[0], Campaign: k[1], Sum: s})
			}
			slices.SortFunc(want.Both, func(a, b link.Tally) int {
				return cmp.Or(cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.Campaign, b.Campaign))
			})
			got.Channels, got.Campaigns = nil, nil
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Fatalf("%d to %d: %s", first, last, diff)
			}
		}
	})
}
