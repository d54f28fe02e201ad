package view

import (
	"strings"
	"testing"
)

// No label of the ruler lies over another, and none is cut off, however long the channels' names are.
func TestLabelsOfTheRulerStandApart(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ceramiche", 4)
	for name, r := range map[string]PostRuler{
		"one":   {Stops: []PostStop{{"Mastodon", 500}}},
		"near":  {Stops: []PostStop{{"X", 280}, {"Bluesky", 300}, {"Mastodon", 500}}},
		"long":  {Stops: []PostStop{{long, 300}, {long, 300}, {"ceramichearno@uno.example", 500}, {"ceramichearno@due.example", 5000}}},
		"wide":  {Stops: []PostStop{{"Bluesky", 300}, {"LinkedIn", 3000}, {"Instagram", 2200}}},
		"none":  {},
		"small": {Stops: []PostStop{{"A", 1}, {"B", 5000}}},
	} {
		ticks, stops, _ := r.lay()
		whole := r.whole()
		var spans []span
		named := 0
		for _, s := range stops {
			if s.label != "" {
				named++
			}
		}
		if len(r.Stops) > 0 && named == 0 {
			t.Errorf("%s: no stop says anything", name)
		}
		add := func(label, at string) {
			if label == "" {
				return
			}
			n := 0
			for n = 0; n <= whole && num(float64(n)*100/float64(whole))+"%" != at; n++ {
			}
			over, _ := spanOf(label, n*100/whole)
			if over.from < 0 || over.to > 100 {
				t.Errorf("%s: %q is cut off: %+v", name, label, over)
			}
			for _, o := range spans {
				if over.from <= o.to && o.from <= over.to {
					t.Errorf("%s: %q at %s lies over another", name, label, at)
				}
			}
			spans = append(spans, over)
		}
		for _, s := range stops {
			add(s.label, s.at)
		}
		for _, k := range ticks {
			add(k.label, k.at)
		}
	}
}
