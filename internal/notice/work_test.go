package notice_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/webhook"
)

// The workers of a house do by themselves what the other tests do step by step.
func TestTheWorkersTell(t *testing.T) {
	each(t, func(t *testing.T, b *bed) {
		b.Clock.Set(time.Now().Add(-10 * time.Minute)) // the workers go by the clock of the machine
		var calls atomic.Int32
		program := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { calls.Add(1) }))
		defer program.Close()
		x, _, err := b.Webhooks.Add(t.Context(), b.Actor(team.Owner), webhook.In{URL: program.URL, Events: webhook.Types, On: true})
		ok(t, err)
		b.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: networktest.Refuse})
		if d := b.Deliver(b.publish(t, team.Editor, "La prima infornata è pronta"), time.Minute); d.State != delivery.Failed {
			t.Fatalf("%s", d.State)
		}
		b.Clock.Advance(2 * time.Minute)
		ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
		defer stop()
		ok(t, b.Queue.Start(ctx))
		defer func() {
			end, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Second) // the watcher of the channel is cut off
			defer cancel()
			ok(t, b.Queue.Stop(end))
		}()
		for deadline := time.Now().Add(40 * time.Second); ; {
			hook, err := b.Webhooks.Get(t.Context(), b.Actor(team.Owner), x.ID)
			ok(t, err)
			letters := len(b.mail.to(b.Members[team.Editor])) + len(b.mail.to(b.Members[team.Owner]))
			if letters == 2 && calls.Load() == 1 && !hook.SucceededAt.IsZero() {
				return
			}
			if time.Now().After(deadline) {
				t.Fatalf("%d letters, %d calls, %+v", letters, calls.Load(), hook)
			}
			<-time.After(50 * time.Millisecond)
		}
	})
}
