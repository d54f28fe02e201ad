package web_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/notice"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/webhook"
)

var sealedSecret = regexp.MustCompile(`whsec_[A-Za-z0-9+/=]{40,}`)

func TestProgramsOnThePages(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		var status atomic.Int32
		status.Store(http.StatusOK)
		program := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(int(status.Load())) }))
		t.Cleanup(program.Close)
		for _, role := range team.Roles {
			if got := h.as(role).get("/settings/programs"); (got.status == http.StatusOK) != role.Can(team.CompanyChange) {
				t.Errorf("%s: %d", role, got.status)
			}
		}
		owner := h.as(team.Owner)
		if got := owner.get("/settings/programs"); marker.MatchString(got.body) || !strings.Contains(got.body, `value="delivery.failed"`) {
			t.Errorf("%s", marker.FindString(got.body))
		}
		got := owner.post("/settings/programs", "url", "http://esempio.it", "name", "Il mio")
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, `value="http://esempio.it"`) || !strings.Contains(got.body, `value="Il mio"`) {
			t.Errorf("what was typed is lost: %d", got.status)
		}
		got = owner.post("/settings/programs", "url", program.URL+"/x", "name", "Magazzino", "events", "delivery.failed")
		if got.status != http.StatusOK || !sealedSecret.MatchString(got.body) || marker.MatchString(got.body) {
			t.Fatalf("%d %s", got.status, marker.FindString(got.body))
		}
		all, err := h.Webhooks.List(t.Context(), h.Actor(team.Owner))
		if err != nil || len(all) != 1 {
			t.Fatalf("%d %v", len(all), err)
		}
		path := "/settings/programs/" + string(all[0].ID)
		if got = owner.get(path); sealedSecret.MatchString(got.body) || got.status != http.StatusOK {
			t.Error("the secret is shown again")
		}
		if got = owner.post(path + "/test"); got.status != http.StatusSeeOther {
			t.Errorf("%d", got.status)
		}
		status.Store(http.StatusGone)
		if got = owner.post(path + "/test"); got.status != http.StatusOK || !strings.Contains(got.body, "410") || marker.MatchString(got.body) {
			t.Errorf("%d %s", got.status, marker.FindString(got.body))
		}
		if got = owner.post(path + "/secret"); !sealedSecret.MatchString(got.body) {
			t.Error("no new secret")
		}
		// Ponte stops telling it: the page of today says so, to who can do something.
		if err := h.tell(webhook.Event{Type: webhook.DeliveryFailed, Key: "one"}); err != nil {
			t.Fatal(err)
		}
		if got = owner.get("/"); !strings.Contains(got.body, path) || !strings.Contains(got.body, "Ponte ha smesso di avvisare Magazzino") {
			t.Error("today does not say that a program was turned off")
		}
		if got = h.as(team.Marketing).get("/"); strings.Contains(got.body, path) {
			t.Error("who cannot turn it on again reads of it")
		}
		if got = owner.post(path, "url", program.URL, "name", "Magazzino", "events", "delivery.settled", "on", "on"); got.status != http.StatusSeeOther {
			t.Errorf("%d", got.status)
		}
		if got = owner.get("/"); strings.Contains(got.body, path) {
			t.Error("it was turned on again and today still says that it is off")
		}
		if got = owner.post(path + "/remove"); got.status != http.StatusSeeOther {
			t.Errorf("%d", got.status)
		}
		if got = owner.get(path); got.status != http.StatusNotFound {
			t.Errorf("%d", got.status)
		}
	})
}

func TestMembersChooseTheirLetters(t *testing.T) {
	t.Parallel()
	eachHouse(t, housetest.Options{}, func(t *testing.T, h *house) {
		editor := h.as(team.Editor)
		got := editor.get("/settings/me")
		if !strings.Contains(got.body, `id="letters"`) || !strings.Contains(got.body, "manca il server di posta") || marker.MatchString(got.body) {
			t.Errorf("%s", marker.FindString(got.body))
		}
		if got = editor.post("/settings/me/letters", "failed", "all", "unconfirmed", "never", "late", "mine"); got.status != http.StatusSeeOther {
			t.Fatalf("%d", got.status)
		}
		c, err := h.Notices.Choice(t.Context(), h.Actor(team.Editor))
		if err != nil || (c != notice.Choice{Failed: notice.All, Unconfirmed: notice.Never, Late: notice.Mine}) {
			t.Errorf("%+v %v", c, err)
		}
		if got = editor.post("/settings/me/letters", "failed", "sometimes", "unconfirmed", "never", "late", "mine"); got.status != http.StatusUnprocessableEntity {
			t.Errorf("%d", got.status)
		}
		if got = h.as(team.Guest).get("/settings/me"); strings.Contains(got.body, "Di tutta l’azienda") {
			t.Error("a guest is offered what they may not have")
		}
		if got = h.as(team.Contributor).get("/settings/me"); strings.Contains(got.body, `id="letters"`) {
			t.Error("who reads nothing is offered letters")
		}
	})
}

// tell tells programs of an event and calls them until nothing waits.
func (h *house) tell(e webhook.Event) error {
	ctx := h.T.Context()
	if err := h.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error { return h.Webhooks.Tell(ctx, tx, h.Company.ID, e) }); err != nil {
		return err
	}
	ids, err := h.Webhooks.Waiting(ctx)
	for _, id := range ids {
		if _, err := h.Webhooks.Step(ctx, h.Company.ID, id); err != nil {
			return err
		}
	}
	h.Clock.Advance(time.Minute)
	return err
}
