package triage_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ponte-desk/ponte/internal/triage"
)

// promiseCase is a line of testdata/promises-*.txt.
type promiseCase struct {
	due, words, text string // no words: nothing is promised
}

func promiseCases(t testing.TB, lang triage.Language) (all []promiseCase) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "promises-"+string(lang)+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "#") {
			continue
		}
		if text, ok := strings.CutPrefix(line, "no | "); ok {
			all = append(all, promiseCase{text: text})
			continue
		}
		f := strings.SplitN(line, " | ", 3)
		if len(f) != 3 {
			t.Fatalf("wrong line %q", line)
		}
		all = append(all, promiseCase{f[0], f[1], f[2]})
	}
	return all
}

func rome(t testing.TB) time.Time {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	return time.Date(2026, 3, 11, 10, 0, 0, 0, zone)
}

func TestPromises(t *testing.T) {
	t.Parallel()
	now := rome(t)
	for _, lang := range []triage.Language{triage.Italian, triage.English} {
		all := promiseCases(t, lang)
		nothing := 0
		for _, c := range all {
			if c.words == "" {
				nothing++
			}
			got := triage.Promises(c.text, lang, now)
			if c.words == "" {
				if len(got) > 0 {
					t.Errorf("%s: %q promises %q", lang, c.text, got[0].Word)
				}
				continue
			}
			if len(got) != 1 {
				t.Errorf("%s: %q: %d promises %v", lang, c.text, len(got), got)
				continue
			}
			p := got[0]
			due := "-"
			if !p.Due.IsZero() {
				due = strings.TrimSuffix(p.Due.In(now.Location()).Format("2006-01-02 15:04"), " 23:59")
			}
			if due != c.due {
				t.Errorf("%s: %q is due %s, not %s", lang, c.text, due, c.due)
			}
			if c.text[p.Start:p.End] != p.Word || !strings.HasPrefix(p.Word, c.words) {
				t.Errorf("%s: %q promises %q, not %q", lang, c.text, p.Word, c.words)
			}
		}
		if len(all) < 120 || nothing*5 < len(all)*2 {
			t.Errorf("%s: only %d cases, %d of them empty", lang, len(all), nothing)
		}
	}
}

func TestTwoPromises(t *testing.T) {
	t.Parallel()
	now := rome(t)
	for _, c := range []struct {
		lang triage.Language
		text string
		want []string
	}{
		{triage.Italian, "Ti rimborsiamo domani e ti mandiamo un buono entro venerdì.", []string{"2026-03-12", "2026-03-13"}},
		{triage.English, "We'll refund you tomorrow and we'll send a voucher by Friday.", []string{"2026-03-12", "2026-03-13"}},
		{triage.Italian, "Controlleremo i freni. Entro lunedì vi daremo una risposta.", []string{"", "2026-03-16"}},
	} {
		var got []string
		for _, p := range triage.Promises(c.text, c.lang, now) {
			if p.Due.IsZero() {
				got = append(got, "")
			} else {
				got = append(got, p.Due.Format("2006-01-02"))
			}
		}
		if strings.Join(got, ",") != strings.Join(c.want, ",") {
			t.Errorf("%q: %v, not %v", c.text, got, c.want)
		}
	}
}

// A year has its own ends: weeks and months that reach into the next one.
func TestPromisesAtTheEndOfTheYear(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 30, 17, 0, 0, 0, time.UTC) // a Wednesday
	for text, want := range map[string]string{
		"ti rimborsiamo entro fine mese":       "2026-12-31",
		"ti rimborsiamo il mese prossimo":      "2027-01-31",
		"ti rimborsiamo entro il 7 gennaio":    "2027-01-07",
		"ti rimborsiamo entro mercoledì":       "2027-01-06",
		"ti rimborsiamo entro 3 giorni":        "2027-01-02",
		"ti rimborsiamo la settimana prossima": "2027-01-10",
		"ti rimborsiamo entro il 29/2/2028":    "2028-02-29",
	} {
		got := triage.Promises(text, triage.Italian, now)
		if len(got) != 1 || got[0].Due.Format("2006-01-02") != want {
			t.Errorf("%q: %v, not %s", text, got, want)
		}
	}
}

func TestPromisesOfOtherLanguages(t *testing.T) {
	t.Parallel()
	if got := triage.Promises("Nous vous rembourserons demain", triage.Other, time.Now()); got != nil {
		t.Errorf("found %v", got)
	}
}

func TestPromisesStandInTheText(t *testing.T) {
	t.Parallel()
	now := rome(t)
	var words []string
	for _, lang := range []triage.Language{triage.Italian, triage.English} {
		for _, c := range promiseCases(t, lang) {
			words = append(words, strings.Fields(c.text)...)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 0, 30).Draw(t, "words"), " ") + rapid.String().Draw(t, "tail")
		for _, lang := range []triage.Language{triage.Italian, triage.English} {
			end := 0
			for _, p := range triage.Promises(text, lang, now) {
				if p.Start < end || p.End <= p.Start || p.End > len(text) || text[p.Start:p.End] != p.Word {
					t.Fatalf("%q: %+v", text, p)
				}
				end = p.Start
				if !p.Due.IsZero() && p.Due.Before(now.Add(-24*60*60*1e9)) {
					t.Fatalf("%q was due long ago: %s", text, p.Due)
				}
			}
		}
	})
}
