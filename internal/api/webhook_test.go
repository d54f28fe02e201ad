package api_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ponte-desk/ponte/internal/api"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/webhook"
)

func TestWebhooks(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := setup(t, s)
		status := http.StatusOK
		said := make(chan *http.Request, 10)
		bodies := make(chan string, 10)
		program := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			said <- r
			bodies <- string(body)
			w.WriteHeader(status)
			io.WriteString(w, "not today")
		}))
		t.Cleanup(program.Close)
		own := b.token(team.Owner)
		if got := b.ask(b.token(team.Marketing), "GET", "/api/v1/webhooks", ""); got.status != http.StatusForbidden {
			t.Errorf("marketing: %d", got.status)
		}
		if got := b.ask(own, "POST", "/api/v1/webhooks", `{"url":"http://www.example.org","events":[]}`); got.status != 422 || !strings.Contains(got.body, `"url"`) || !strings.Contains(got.body, `"events"`) {
			t.Errorf("%d %s", got.status, got.body)
		}
		made := into[api.WebhookSecret](t, b.ask(own, "POST", "/api/v1/webhooks", `{"url":"`+program.URL+`","name":"Warehouse","events":["delivery.failed","delivery.settled"]}`), 201)
		if !strings.HasPrefix(made.Secret, "whsec_") || made.State != "active" || len(made.Events) != 2 {
			t.Fatalf("%+v", made)
		}
		path := "/api/v1/webhooks/" + made.ID
		if got := b.ask(own, "GET", path, ""); strings.Contains(got.body, made.Secret) || got.status != 200 {
			t.Errorf("the secret is shown again: %s", got.body)
		}
		heard := into[api.WebhookAttempt](t, b.ask(own, "POST", path+"/test", ""), 200)
		r, body := <-said, <-bodies
		want, err := webhook.Sign(r.Header.Get("webhook-id"), b.Clock.Now(), []byte(body), made.Secret)
		if err != nil || !heard.Heard || r.Header.Get("webhook-signature") != want || heard.Message != r.Header.Get("webhook-id") {
			t.Errorf("%+v %v", heard, r.Header)
		}
		status = http.StatusTeapot
		deaf := into[api.WebhookAttempt](t, b.ask(own, "POST", path+"/test", ""), 200)
		if deaf.Heard || deaf.Status != http.StatusTeapot || deaf.Answer != "not today" || deaf.Trouble != "webhook.problem.status" || !strings.Contains(deaf.Words, "418") {
			t.Errorf("%+v", deaf)
		}
		if all := into[struct{ Items []api.WebhookAttempt }](t, b.ask(own, "GET", path+"/attempts", ""), 200); len(all.Items) != 2 || all.Items[0].ID != deaf.ID {
			t.Errorf("%+v", all)
		}
		if x := into[api.WebhookSecret](t, b.ask(own, "POST", path+"/secret", ""), 200); x.Secret == made.Secret || x.SecretBefore == nil {
			t.Errorf("%+v", x)
		}
		if x := into[api.Webhook](t, b.ask(own, "PUT", path, `{"url":"`+program.URL+`","events":["delivery.failed"],"off":true}`), 200); x.State != "off" || x.Name != "" || len(x.Events) != 1 {
			t.Errorf("%+v", x)
		}
		if got := b.ask(own, "DELETE", path, ""); got.status != http.StatusNoContent {
			t.Errorf("%d %s", got.status, got.body)
		}
		if all := into[struct{ Items []api.Webhook }](t, b.ask(own, "GET", "/api/v1/webhooks", ""), 200); len(all.Items) != 0 {
			t.Errorf("%+v", all)
		}
	})
}
