package api

import (
	"context"
	"net/http"
	"time"

	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/webhook"
)

// Webhook is a program of the company's own that is told what happens.
type Webhook struct {
	ID           string     `json:"id" example:"whk_01kjpzx2p0000000000000000z" doc:"Identifier."`
	URL          string     `json:"url" example:"https://www.example.org/ponte" doc:"Where it is told, by POST."`
	Name         string     `json:"name,omitempty" example:"Warehouse" doc:"What the company calls it."`
	Events       []string   `json:"events" nullable:"false" example:"[\"delivery.failed\"]" doc:"What it is told: delivery.failed, delivery.unconfirmed, delivery.settled, lead.created, lead.changed."`
	State        string     `json:"state" enum:"active,off" example:"active" doc:"Whether it is told anything."`
	Created      time.Time  `json:"created_at" example:"2026-03-02T09:00:00Z" doc:"When it was added."`
	Succeeded    *time.Time `json:"succeeded_at,omitempty" example:"2026-03-02T09:00:00Z" doc:"The last time it heard; absent: never."`
	FailingSince *time.Time `json:"failing_since,omitempty" example:"2026-03-02T09:00:00Z" doc:"Since when it has not heard; absent: it hears."`
	Failures     int        `json:"failures" example:"0" doc:"Calls in a row that it did not hear."`
	OffAt        *time.Time `json:"off_at,omitempty" example:"2026-03-05T09:00:00Z" doc:"When Ponte turned it off, because it had not heard for three days or said 410; absent: it did not."`
	Trouble      string     `json:"trouble,omitempty" example:"webhook.problem.slow" doc:"Why it did not hear the last time, for programs."`
	Words        string     `json:"trouble_words,omitempty" example:"www.example.org did not answer within 15 seconds." doc:"The same in words."`
	SecretBefore *time.Time `json:"secret_before_until,omitempty" example:"2026-03-03T09:00:00Z" doc:"Until when what is sent carries the signature of the secret before, too."`
}

// WebhookSecret is a webhook with its secret.
type WebhookSecret struct {
	Webhook
	Secret string `json:"secret" example:"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" doc:"Signs what is sent, as Standard Webhooks say. It is not shown again."`
}

// WebhookChange is what one says about a webhook.
type WebhookChange struct {
	URL    string   `json:"url" maxLength:"500" example:"https://www.example.org/ponte" doc:"Where it is told, by POST: an https address of the open web."`
	Name   string   `json:"name,omitempty" example:"Warehouse" doc:"What the company calls it."`
	Events []string `json:"events" nullable:"false" example:"[\"delivery.failed\",\"delivery.unconfirmed\"]" doc:"What it is told: delivery.failed, delivery.unconfirmed, delivery.settled, lead.created, lead.changed."`
	Off    bool     `json:"off,omitempty" doc:"It is told nothing for now."`
}

// WebhookAttempt is one call of a webhook.
type WebhookAttempt struct {
	ID      string    `json:"id" example:"wha_01kjpzx2p0000000000000000z" doc:"Identifier of the call."`
	Message string    `json:"message" example:"whm_01kjpzx2p0000000000000000z" doc:"What was told: the header webhook-id, the same in every call about it."`
	Type    string    `json:"type" example:"delivery.failed" doc:"What happened; webhook.test when a member tried it."`
	At      time.Time `json:"at" example:"2026-03-02T09:00:00Z" doc:"When it was called."`
	Took    int64     `json:"took_ms" example:"120" doc:"How long the answer took, in milliseconds."`
	Status  int       `json:"status" example:"204" doc:"Of the answer; 0: there was none."`
	Answer  string    `json:"answer" example:"ok" doc:"How the answer begins, at most 500 bytes."`
	Heard   bool      `json:"heard" example:"true" doc:"The answer was 200 to 299."`
	Trouble string    `json:"trouble,omitempty" example:"webhook.problem.status" doc:"Why it did not hear, for programs."`
	Words   string    `json:"trouble_words,omitempty" example:"www.example.org answered 500." doc:"The same in words, with what helps."`
}

func (c *caller) webhookOf(x webhook.Webhook) Webhook {
	out := Webhook{
		ID: string(x.ID), URL: x.URL, Name: x.Name, Events: strs(x.Events), State: string(x.State), Created: x.CreatedAt, Succeeded: when(x.SucceededAt),
		FailingSince: when(x.FailingSince), Failures: x.Failures, OffAt: when(x.OffAt), SecretBefore: when(x.BeforeUntil),
	}
	out.Trouble, out.Words = c.deafness(x.Problem)
	return out
}

func (c *caller) attemptOf(x webhook.Attempt) WebhookAttempt {
	out := WebhookAttempt{
		ID: x.ID, Message: string(x.Message), Type: string(x.Type), At: x.At, Took: x.Took.Milliseconds(), Status: x.Status, Answer: x.Answer, Heard: x.Problem == nil,
	}
	out.Trouble, out.Words = c.deafness(x.Problem)
	return out
}

// deafness says why a webhook did not hear.
func (c *caller) deafness(p *webhook.Problem) (key, words string) {
	if p == nil {
		return "", ""
	}
	return p.Key, c.words.T(p.Key, p.Args) + " " + c.words.T(p.Key+".remedy", p.Args)
}

func (b WebhookChange) in() webhook.In {
	return webhook.In{URL: b.URL, Name: b.Name, On: !b.Off, Events: each(b.Events, func(s string) webhook.Type { return webhook.Type(s) })}
}

// WebhookPath names a webhook.
type WebhookPath struct {
	Webhook string `path:"webhook" example:"whk_01kjpzx2p0000000000000000z" doc:"The webhook's identifier."`
}

// WebhookChanging is a change of a webhook.
type WebhookChanging struct {
	WebhookPath
	Body WebhookChange
}

func (a *API) webhookOperations() {
	x := a.rooms.Webhooks
	add(a, operation{
		id: "list-webhooks", method: http.MethodGet, path: "/webhooks", tag: tagWebhooks, needs: team.CompanyChange, summary: "List webhooks", description: "In the order in which they were added.",
	}, func(ctx context.Context, c *caller, _ *nothing) (*output[list[Webhook]], error) {
		all, err := x.List(ctx, c.actor)
		if err != nil {
			return nil, err
		}
		return answer(list[Webhook]{Items: each(all, c.webhookOf)}), nil
	})
	add(a, operation{
		id: "get-webhook", method: http.MethodGet, path: "/webhooks/{webhook}", tag: tagWebhooks, needs: team.CompanyChange, summary: "Get a webhook", description: "With how it does.",
	}, func(ctx context.Context, c *caller, in *WebhookPath) (*output[Webhook], error) {
		w, err := x.Get(ctx, c.actor, webhook.ID(in.Webhook))
		if err != nil {
			return nil, err
		}
		return answer(c.webhookOf(w)), nil
	})
	add(a, operation{
		id: "add-webhook", method: http.MethodPost, path: "/webhooks", tag: tagWebhooks, needs: team.CompanyChange, status: http.StatusCreated, summary: "Add a webhook",
		description: "The answer has its secret, this once. What is sent carries the headers webhook-id, webhook-timestamp and webhook-signature of Standard Webhooks.",
		conflict:    "There are ten already.",
	}, func(ctx context.Context, c *caller, in *struct{ Body WebhookChange }) (*output[WebhookSecret], error) {
		w, secret, err := x.Add(ctx, c.actor, in.Body.in())
		if err != nil {
			return nil, err
		}
		return answer(WebhookSecret{Webhook: c.webhookOf(w), Secret: secret}), nil
	})
	add(a, operation{
		id: "change-webhook", method: http.MethodPut, path: "/webhooks/{webhook}", tag: tagWebhooks, needs: team.CompanyChange, summary: "Change a webhook, or turn it on or off",
		description: "Replaces all that is said about it; its secret stays. Turned on again, it begins without faults.",
	}, func(ctx context.Context, c *caller, in *WebhookChanging) (*output[Webhook], error) {
		w, err := x.Change(ctx, c.actor, webhook.ID(in.Webhook), in.Body.in())
		if err != nil {
			return nil, err
		}
		return answer(c.webhookOf(w)), nil
	})
	add(a, operation{
		id: "remove-webhook", method: http.MethodDelete, path: "/webhooks/{webhook}", tag: tagWebhooks, needs: team.CompanyChange, summary: "Remove a webhook",
		description: "With what it was told.",
	}, func(ctx context.Context, c *caller, in *WebhookPath) (*nothing, error) {
		return nil, x.Remove(ctx, c.actor, webhook.ID(in.Webhook))
	})
	add(a, operation{
		id: "renew-webhook-secret", method: http.MethodPost, path: "/webhooks/{webhook}/secret", tag: tagWebhooks, needs: team.CompanyChange, summary: "Give a webhook a new secret",
		description: "The answer has it, this once. For a day what is sent carries the signature of the one before, too, so that the program can change over.",
	}, func(ctx context.Context, c *caller, in *WebhookPath) (*output[WebhookSecret], error) {
		w, secret, err := x.RenewSecret(ctx, c.actor, webhook.ID(in.Webhook))
		if err != nil {
			return nil, err
		}
		return answer(WebhookSecret{Webhook: c.webhookOf(w), Secret: secret}), nil
	})
	add(a, operation{
		id: "test-webhook", method: http.MethodPost, path: "/webhooks/{webhook}/test", tag: tagWebhooks, needs: team.CompanyChange, calls: true, summary: "Call a webhook now",
		description: "With an event of the type webhook.test, whether it is on or off. A call that was not heard is a good answer, too: see heard.",
	}, func(ctx context.Context, c *caller, in *WebhookPath) (*output[WebhookAttempt], error) {
		t, err := x.Test(ctx, c.actor, webhook.ID(in.Webhook))
		if err != nil {
			return nil, err
		}
		return answer(c.attemptOf(t)), nil
	})
	add(a, operation{
		id: "list-webhook-attempts", method: http.MethodGet, path: "/webhooks/{webhook}/attempts", tag: tagWebhooks, needs: team.CompanyChange, summary: "List the latest calls of a webhook",
		description: "Newest first, at most 50, of the last 30 days.",
	}, func(ctx context.Context, c *caller, in *WebhookPath) (*output[list[WebhookAttempt]], error) {
		all, err := x.Attempts(ctx, c.actor, webhook.ID(in.Webhook))
		if err != nil {
			return nil, err
		}
		return answer(list[WebhookAttempt]{Items: each(all, c.attemptOf)}), nil
	})
}
