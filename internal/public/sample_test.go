package public_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ponte-desk/ponte/internal/demo"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/public"
	"github.com/ponte-desk/ponte/internal/record"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

var thursday = time.Date(2026, 3, 12, 16, 20, 0, 0, time.UTC)

// sample is a house with the sample company in it, beside a real one.
func sample(t testing.TB, s *store.Store, moment time.Time) *house {
	t.Helper()
	h := &house{House: housetest.New(t, s, housetest.Options{Extra: []network.Name{network.Mastodon, network.Bluesky}})}
	h.Clock.Set(moment)
	_, _, err := demo.Fill(t.Context(), demo.Rooms{
		Team: h.Team, Networks: h.Networks, Audience: h.Audience, Inbox: h.Inbox, Deliveries: h.Deliveries, Growth: h.Growth, Clock: h.Clock,
	}, h.Actor(team.Owner), moment)
	h.must(err)
	h.door = serve(t, public.Rooms{Team: h.Team, Growth: h.Growth, Clock: h.Clock}, public.Options{BaseURL: housetest.BaseURL})
	return h
}

// The sample company shows the whole: stones, what is under way, what is declined, promises; and its record holds.
func TestTheSampleCompany(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := sample(t, s, thursday)
		eightStones(t, h)
		h.door.get("/sample/crescita").is(t, "the sample", http.StatusOK).says(t, "the sample", "non esiste", "Ci stiamo lavorando", "Non lo cambiamo, ed ecco perché", "Quello che abbiamo promesso", "Ha funzionato", "È presto per dirlo", "Non ha funzionato", "Il caso è riaperto")
		h.door.get("/sample/growth").is(t, "in English", http.StatusOK).says(t, "in English", "does not exist", "It worked")
		seen, to := map[string]bool{}, []string{"/sample/crescita", "/sample/growth", "/sample/crescita/embed"}
		for i := 0; i < len(to); i++ {
			path, _, _ := strings.Cut(to[i], "#")
			if seen[path] {
				continue
			}
			seen[path] = true
			got := h.door.get(path)
			if got.status != http.StatusOK && got.header.Get("Location") == "" {
				t.Errorf("%s: %d", path, got.status)
			}
			if strings.HasPrefix(got.header.Get("Content-Type"), "text/html") {
				for _, m := range hrefs.FindAllStringSubmatch(got.body, -1) {
					if l := strings.TrimPrefix(strings.ReplaceAll(m[1], "&amp;", "&"), housetest.BaseURL); strings.HasPrefix(l, "/") {
						to = append(to, l)
					}
				}
			}
		}
		if len(seen) < 25 {
			t.Errorf("only %d pages were found", len(seen))
		}
		from, err := record.Web(http.DefaultClient, h.door.server.URL+"/sample/record")
		h.must(err)
		report, err := record.Verify(t.Context(), from, record.Options{})
		if err != nil {
			t.Error(err)
		}
		for _, f := range report.Findings {
			if f.Grave {
				t.Errorf("the record does not hold: %+v", f)
			}
		}
	})
}

// The story is written for a Monday: on the other days what people wrote lies up to three days nearer or further from what was done. What
// came of it stays the same.
func TestTheSampleOnAFriday(t *testing.T) {
	t.Parallel()
	eightStones(t, sample(t, storetest.SQLite(t), time.Date(2026, 3, 13, 9, 5, 0, 0, time.UTC)))
}

// eightStones checks what came of the sample's eight changes: one did not work, of one it is too early to tell.
func eightStones(t *testing.T, h *house) {
	t.Helper()
	cs, err := h.Team.Companies(t.Context())
	h.must(err)
	p, err := h.Growth.Page(t.Context(), cs[len(cs)-1].ID, "", 0, false)
	h.must(err)
	got := map[string]record.Outcome{}
	for _, i := range p.Improvements {
		got[i.Stone.IT] = i.Trend.Outcome
		if w := i.Trend; w.Outcome == record.Worked && (w.Chance > .05 || w.Before.People < 4) {
			t.Errorf("%s worked by a hair: %+v", i.Stone.IT, w)
		}
		if i.Trend.Outcome == record.NotWorked && len(i.Later) != 1 {
			t.Errorf("%s did not work, and nobody says what comes now", i.Stone.IT)
		}
	}
	want := map[string]record.Outcome{
		"fumo": record.Worked, "telefono": record.Worked, "scatole": record.Worked, "spedizione": record.Worked, "lavastoviglie": record.Worked,
		"corsi": record.Worked, "ritardi": record.NotWorked, "modi": record.TooEarly,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the stones (-want +got):\n%s", diff)
	}
	if f := p.Figures; f.Promised != 5 || f.Kept != 2 || f.KeptLate != 1 || f.Broken != 1 {
		t.Errorf("the promises: %+v", f)
	}
}
