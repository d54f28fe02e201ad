package presence_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/presence"
)

func share(k presence.Key, n, of int) presence.Figure {
	return presence.Figure{Key: k, N: n, Of: of, Few: of < presence.Least(k)}
}

// What is said follows from the figures, and from nothing else.
func TestLines(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 7, 9, 0, 0, 0, time.UTC)
	before := func(f presence.Figure, n, of int) presence.Figure {
		b := share(f.Key, n, of)
		f.Before = &b
		return f
	}
	wait := func(k presence.Key, median time.Duration, of int) presence.Figure {
		return presence.Figure{Key: k, Median: median, Ninth: 3 * median, Of: of, Few: of < presence.Least(k)}
	}
	gap := presence.Figure{Key: presence.Gap, N: 40, Of: 90, Examples: []presence.Example{{At: at, Role: presence.IsSilent}}}
	for name, c := range map[string]struct {
		figures []presence.Figure
		want    [3]string
	}{
		"nothing":   {nil, [3]string{"presence.well.none", "presence.stands.none", "presence.try.none"}},
		"too few":   {[]presence.Figure{share(presence.Taken, 7, 7), share(presence.Self, 10, 12)}, [3]string{"presence.well.none", "presence.stands.none", "presence.try.none"}},
		"answers":   {[]presence.Figure{share(presence.Taken, 46, 50), share(presence.Self, 60, 100)}, [3]string{"presence.well.answered", "presence.stands.self", "presence.try.self"}},
		"criticism": {[]presence.Figure{share(presence.Weeks, 50, 52), share(presence.Ignored, 5, 9)}, [3]string{"presence.well.weeks", "presence.stands.left", "presence.try.left"}},
		"silence":   {[]presence.Figure{share(presence.Replies, 40, 60), gap, share(presence.Weeks, 20, 52)}, [3]string{"presence.well.replies", "presence.stands.silence", "presence.try.weeks"}},
		"later":     {[]presence.Figure{share(presence.Faced, 9, 10), wait(presence.WaitIn, time.Hour, 20), wait(presence.WaitOut, 15*time.Hour, 20)}, [3]string{"presence.well.faced", "presence.stands.later", "presence.try.later"}},
		"hard":      {[]presence.Figure{share(presence.Taken, 46, 50), {Key: presence.Ease, Of: 900, TheirsOf: 900, Ours: 41, Theirs: 70}}, [3]string{"presence.well.answered", "presence.stands.hard", "presence.try.short"}},
		"better":    {[]presence.Figure{before(share(presence.Taken, 90, 100), 40, 100)}, [3]string{"presence.well.better.answered", "presence.stands.none", "presence.try.none"}},
		"worse":     {[]presence.Figure{before(share(presence.Taken, 40, 100), 90, 100)}, [3]string{"presence.well.none", "presence.stands.worse.answered", "presence.try.answer"}},
		"chance":    {[]presence.Figure{before(share(presence.Taken, 8, 10), 7, 10)}, [3]string{"presence.well.answered", "presence.stands.none", "presence.try.none"}},
	} {
		v := presence.View{Figures: map[presence.Key]presence.Figure{}, From: at}
		for _, f := range c.figures {
			v.Figures[f.Key] = f
		}
		lines := v.Lines()
		if len(lines) != 3 {
			t.Fatalf("%s: %d lines", name, len(lines))
		}
		for i, l := range lines {
			if l.Say.Key != c.want[i] {
				t.Errorf("%s: %s, not %s", name, l.Say.Key, c.want[i])
			}
		}
	}
}

// Every sentence that a rule can say is there in both languages, with its numbers.
func TestLinesAreSaid(t *testing.T) {
	t.Parallel()
	catalog, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	v := presence.View{From: time.Date(2026, 1, 7, 9, 0, 0, 0, time.UTC), Figures: map[presence.Key]presence.Figure{
		presence.Taken: share(presence.Taken, 46, 50), presence.Self: share(presence.Self, 60, 100),
		presence.Wait: {Key: presence.Wait, Median: 2 * time.Hour, Ninth: 9 * time.Hour, Of: 46},
	}}
	for lang, want := range map[string]string{"it": "46 volte su 50, dal 7 gennaio 2026; metà delle risposte arriva entro 2 h.", "en": "46 times of 50, since 7 January 2026; half of the answers come within 2 h."} {
		if got := v.Lines()[0].Why.In(catalog.For(lang), time.UTC); got != want {
			t.Errorf("%s: %q", lang, got)
		}
		for _, th := range presence.Themes {
			for _, k := range th.Keys {
				f := presence.Figure{Key: k, N: 3, Of: 400, TheirsOf: 400, Ours: 60, Theirs: 70}
				f.Before = &presence.Figure{Key: k, N: 9, Of: 400, TheirsOf: 400}
				n, unit := f.Value(catalog.For(lang))
				for _, s := range []string{f.Label(catalog.For(lang)), n, unit, f.Short(catalog.For(lang)), f.Beside(catalog.For(lang)), th.Theme.Title(catalog.For(lang)), th.Theme.Lede(catalog.For(lang))} {
					if s == "" || strings.Contains(s, "[") || strings.Contains(s, "no value") {
						t.Errorf("%s, %s: %q", lang, k, s)
					}
				}
			}
		}
	}
	if missing := catalog.Missing(); len(missing) > 0 {
		t.Errorf("%v", missing)
	}
}
