package tie

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// momentsVariable has the moments, in Unix seconds and between commas, at which the sets from outside are asked; without it they
// are asked at a half, two thirds and three quarters of their time.
const momentsVariable = "PONTE_BENCH_MOMENTS"

// moments are when a log is asked.
func moments(b *testing.B, l *Log) (all []int64) {
	b.Helper()
	first, last := l.Span()
	for _, s := range strings.FieldsFunc(os.Getenv(momentsVariable), func(r rune) bool { return r == ',' }) {
		at, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			b.Fatal(err)
		}
		if at > first && at < last {
			all = append(all, at)
		}
	}
	if len(all) == 0 {
		for _, part := range []float64{0.5, 2.0 / 3, 0.75} {
			all = append(all, first+int64(part*float64(last-first)))
		}
	}
	return all
}

// timed are the logs with times: companies of which the truth is known, and the sets from outside.
func timed(b *testing.B) []benchGraph {
	all := []benchGraph{
		{"drift", voiced{people: 1500, voices: 80, days: 150, circles: 10, posts: 0.05, drift: 0.1}.draw(500)},
		{"talk", voiced{people: 1500, voices: 80, days: 150, circles: 10, posts: 0.02, drift: 0.05, talk: 2, newcomers: 0.5}.draw(500)},
		{"burst", voiced{people: 3000, voices: 150, days: 150, circles: 10, posts: 0.03, drift: 0.05, noise: 0.3, newcomers: 0.7, burst: 3}.draw(500)},
	}
	for _, c := range given(b) {
		if first, last := c.log.Span(); last > first {
			all = append(all, c)
		}
	}
	return all
}

// BenchmarkWhatCameTrue asks at moments of the past whom to involve, and follows to the end of the log how many people those advised really
// reached. cover is by how many times more than by the rule Cover, best by how many times more than by the best of all simple rules, which
// is known only afterwards.
func BenchmarkWhatCameTrue(b *testing.B) {
	for _, c := range timed(b) {
		for i, now := range moments(b, c.log) {
			for _, k := range []int{20, 50} {
				b.Run(fmt.Sprintf("%s/%d/%d", c.name, i+1, k), func(b *testing.B) {
					o := ChooseOptions{K: k, Now: now, Carry: Carrying(c.log), Seed: 1}
					var a *Advice
					for b.Loop() {
						var err error
						if a, err = Choose(c.log, o); err != nil {
							b.Fatal(err)
						}
					}
					if err := o.prepare(c.log); err != nil {
						b.Fatal(err)
					}
					whole, err := newPast(c.log, o)
					if err != nil {
						b.Fatal(err)
					}
					m := whole.before(now)
					reached := func(people []Person) float64 {
						got := m.reach(people, math.MaxInt64)
						return float64(last(got))
					}
					var advised []Person
					for _, p := range a.Picks {
						advised = append(advised, p.Person)
					}
					best, d := 0.0, o.desk(len(c.log.Names), false)
					for _, name := range whole.rules() {
						best = max(best, reached(m.byRule(name, d, o.Ahead.Seconds()).people))
					}
					own := reached(advised)
					b.ReportMetric(own, "reached")
					b.ReportMetric((own+1)/(reached(m.byRule(Cover, d, o.Ahead.Seconds()).people)+1), "cover")
					b.ReportMetric((own+1)/(best+1), "best")
				})
			}
		}
	}
}

// BenchmarkForecasts asks the past in twelve windows: how often the intervals of 90 % held, and how many times the lower end the upper one
// is, on average.
func BenchmarkForecasts(b *testing.B) {
	for _, c := range timed(b) {
		b.Run(c.name, func(b *testing.B) {
			var t *Table
			for b.Loop() {
				var err error
				if t, err = Backtest(c.log, ChooseOptions{K: 20, Carry: Carrying(c.log), Seed: 1}); err != nil {
					b.Fatal(err)
				}
			}
			wide := 0.0
			for _, w := range t.Windows {
				if w.Forecast != nil {
					wide += math.Log((w.Forecast.High + 1) / (w.Forecast.Low + 1))
				}
			}
			b.ReportMetric(float64(t.Stated), "stated")
			b.ReportMetric(float64(t.Covered)/float64(max(t.Stated, 1)), "held")
			b.ReportMetric(math.Exp(wide/float64(max(t.Stated, 1))), "high/low")
			b.ReportMetric(t.Against[0].Ratio, "cover")
		})
	}
}

// BenchmarkIntensity says how far the chance of a tie can be believed at moments of the past: fitted on one half of the ties and
// looked at on the other (what is sought is whether anything happens on a tie until the end), and fitted on what came before and
// looked at on what came within the horizon. The baseline is the decayed count.
func BenchmarkIntensity(b *testing.B) {
	for _, c := range timed(b) {
		first, end := c.log.Span()
		for i, now := range moments(b, c.log) {
			b.Run(fmt.Sprintf("%s/%d", c.name, i+1), func(b *testing.B) {
				horizon := min(max(time.Duration((now-first)/12)*time.Second, time.Second), month)
				known := c.log.Before(now)
				g := built(b, known, BuildOptions{})
				f := Fuse(g, FuseOptions{})
				var in *Intensity
				for b.Loop() {
					var err error
					if in, err = LearnIntensity(known, IntensityOptions{Horizon: horizon, Now: now - 1}); err != nil {
						b.Fatal(err)
					}
				}
				chance, later := in.Of(known, f), make([]bool, g.Edges())
				for _, e := range c.log.Between(now, now+int64(horizon/time.Second)).Events {
					if x, ok := g.Find(e.Actor, e.Target); ok {
						later[x] = true
					}
				}
				b.ReportMetric(auc(chance, later), "forward-auc")
				b.ReportMetric(miscalibration(chance, later), "forward-error")

				all, err := in.past(c.log, now, end+1)
				if err != nil {
					b.Fatal(err)
				}
				count := make([]float64, all.rows())
				for i := range count {
					count[i] = all.row(i)[featDecayed]
				}
				b.ReportMetric(auc(count, all.y), "count-auc")
				all.standardise()
				halves := [2]*table{{width: features}, {width: features}}
				for i := range all.rows() {
					halves[i*7919/3%2].add(all.row(i), all.y[i])
				}
				chance, later = nil, nil
				for i, half := range halves {
					m := fit([]*table{halves[1-i].thin(maxRows)}, ridge)
					for r := range half.rows() {
						chance, later = append(chance, m.chance(half.row(r), 0)), append(later, half.y[r])
					}
				}
				b.ReportMetric(auc(chance, later), "auc")
				b.ReportMetric(miscalibration(chance, later), "error")
			})
		}
	}
}
