package public_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/public"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team/teamtest"
)

func TestAPersonalLink(t *testing.T) {
	t.Parallel()
	d, f, _ := made(t, arno)
	const at = "/c/kept-token-of-elena"
	got := d.get(at).is(t, "the link", http.StatusOK).says(t, "the link", "Va meglio?", "Sì, va meglio", "Non ancora", "separatore", "Conserviamo la tua risposta")
	for name, want := range map[string]string{"Cache-Control": "no-store", "X-Robots-Tag": "noindex", "Referrer-Policy": "same-origin"} {
		if got.header.Get(name) != want {
			t.Errorf("%s is %q", name, got.header.Get(name))
		}
	}
	d.get("/c/not-published").is(t, "what is not published", http.StatusOK).says(t, "what is not published", "Tazze scheggiate", "In vigore dal 20 marzo 2026")
	d.get("/c/nothing").is(t, "a link that is not there", http.StatusNotFound).says(t, "a link that is not there", "non porta più")

	d.do(http.MethodPost, at, url.Values{"words": {"meglio"}}).is(t, "without a choice", http.StatusUnprocessableEntity).says(t, "without a choice", "Scegli uno dei due tasti", ">meglio</textarea>")
	long := strings.Repeat("a", 501)
	d.do(http.MethodPost, at, url.Values{"better": {"yes"}, "words": {long}}).is(t, "too many words", http.StatusUnprocessableEntity).says(t, "too many words", long+"</textarea>", "500")
	yes := d.do(http.MethodPost, at, url.Values{"better": {"yes"}, "words": {"molto"}})
	if yes.status != http.StatusSeeOther || yes.header.Get("Location") != at+"?lang=it" {
		t.Fatalf("yes: %d to %q", yes.status, yes.header.Get("Location"))
	}
	d.get(at+"?lang=it").says(t, "after the answer", "Hai detto l’8 giugno 2026 che va meglio", "Hai cambiato idea?")
	d.do(http.MethodPost, at+"?lang=en", url.Values{"better": {"no"}}).is(t, "another mind", http.StatusSeeOther)
	d.get(at+"?lang=en").says(t, "after the second answer", "You said on 8 June 2026: not yet.")
	if diff := cmp.Diff([]string{`kept-token-of-elena true "molto"`, `kept-token-of-elena false ""`}, f.answers); diff != "" {
		t.Error(diff)
	}
	for _, head := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Sec-Fetch-Site", "", "Origin", "https://evil.example"}} {
		d.do(http.MethodPost, at, url.Values{"better": {"yes"}}, head...).is(t, "from another site", http.StatusForbidden)
	}
	if len(f.answers) != 2 {
		t.Errorf("answers: %v", f.answers)
	}
	big := d.do(http.MethodPost, at, url.Values{"better": {"yes"}, "words": {strings.Repeat("a", 64<<10)}})
	if big.status < 400 || big.status >= 500 || len(f.answers) != 2 {
		t.Errorf("a form without end: %d", big.status)
	}
}

func TestAnsweringHasItsLimits(t *testing.T) {
	t.Parallel()
	d, f, _ := made(t, arno)
	const at = "/c/kept-token-of-elena"
	limited := 0
	for range 20 {
		if got := d.do(http.MethodPost, at, url.Values{"better": {"yes"}, "words": {"ancora"}}); got.status == http.StatusTooManyRequests {
			limited++
			got.says(t, "limited", "Troppe richieste", ">ancora</textarea>")
		}
	}
	if limited != 8 || len(f.answers) != 12 {
		t.Errorf("%d of 20 were limited, %d kept", limited, len(f.answers))
	}
	d.clock.Advance(10 * time.Minute)
	d.do(http.MethodPost, at, url.Values{"better": {"yes"}}).is(t, "later", http.StatusSeeOther)

	limited = 0
	for n := range 100 {
		if got := d.get(fmt.Sprint("/record/find?address=https://x.example/", n)); got.status == http.StatusTooManyRequests {
			limited++
			if got.header.Get("Retry-After") == "" {
				t.Error("nothing says when to try again")
			}
		}
	}
	if limited < 35 || limited > 60 {
		t.Errorf("%d of 100 searches were limited", limited)
	}
}

// Neither links nor what is looked for stand in the log.
func TestTheLogKeepsSecrets(t *testing.T) {
	t.Parallel()
	b := teamtest.New(t, storetest.SQLite(t))
	catalog, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	p, err := public.New(public.Rooms{Team: b.Team, Growth: arno(t, b.Company), Clock: b.Clock, Catalog: catalog, Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))}, public.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/c/kept-token-of-elena", "/c/kept-token-of-nobody", "/record/find?address=https://social.example/@elena/37", "/record/find?address=https://social.example/@nobody/1", "/record/proof?address=https://social.example/@elena/37"} {
		p.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil))
	}
	if n := strings.Count(log.String(), "status="); n != 5 {
		t.Fatalf("%d lines:\n%s", n, &log)
	}
	for _, secret := range []string{"kept-token", "elena", "nobody", "192.0.2.1"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log holds %q:\n%s", secret, &log)
		}
	}
}
