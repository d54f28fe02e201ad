package mastodon_test

import (
	"context"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/network/mastodon/mastodontest"
	"github.com/ponte-desk/ponte/internal/networktest"
)

// A file that the server has taken in an attempt that came to nothing is not brought again, and one that it no longer knows is.
func TestAFileThatIsThereIsNotBroughtAgain(t *testing.T) {
	t.Parallel()
	d := setup(t, mastodontest.Options{})
	m := message("una tazza")
	u := networktest.Picture("tazza.png", "Una tazza")
	var life time.Duration
	u.Keep = func(_ context.Context, handle string, l time.Duration) { m.Media[0].Kept, life = handle, l }
	m.Media = []network.Upload{u}
	d.s.Inject(mastodontest.Fault{Endpoint: "POST /api/v1/statuses", Way: mastodontest.TooMany})
	if _, err := d.c.Publish(t.Context(), m); problem(t, err).Key != network.ProblemRate {
		t.Fatalf("%v", err)
	}
	if m.Media[0].Kept == "" || life < time.Hour || d.s.Calls("POST /api/v2/media") != 1 {
		t.Fatalf("%q for %v", m.Media[0].Kept, life)
	}
	r, err := d.c.Publish(t.Context(), m)
	if err != nil || len(r.Media) != 1 || r.Media[0] != m.Media[0].Kept || d.s.Calls("POST /api/v2/media") != 1 {
		t.Fatalf("%+v %v, %d files brought", r, err, d.s.Calls("POST /api/v2/media"))
	}
	m.Media[0].Kept, m.Key = "999999", "another-key"
	r, err = d.c.Publish(t.Context(), m)
	if err != nil || len(r.Media) != 1 || r.Media[0] == "999999" || d.s.Calls("POST /api/v2/media") != 2 {
		t.Errorf("%+v %v, %d files brought", r, err, d.s.Calls("POST /api/v2/media"))
	}
}
