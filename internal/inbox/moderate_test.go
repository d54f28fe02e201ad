package inbox_test

import (
	"testing"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/team"
)

// TestModerating: what is decided here counts at the place at once, what is decided there counts here, spam waits for nobody, and
// when the place does not take it nothing is kept.
func TestModerating(t *testing.T) {
	each(t, housetest.Options{Fake: networktest.FakeOptions{Moderate: true}}, func(t *testing.T, h *housetest.House) {
		ctx := t.Context()
		post := h.Post("Sabato apriamo il forno.")
		must[string](t)(h.Stranger("ada@one.example").Reply(ctx, post, "A che ora?"))
		h.Read()
		c := one(t, h, inbox.ViewTodo)
		comment := open(t, h, c.ID).Interactions[0]
		if comment.Standing != network.Held {
			t.Fatalf("it came as %q", comment.Standing)
		}
		decide := func(s network.Standing) error { return h.Inbox.Moderate(ctx, h.Actor(team.Community), comment.ID, s) }
		if err := h.Inbox.Moderate(ctx, h.Actor(team.Guest), comment.ID, network.Approved); fault.KindOf(err) != fault.Denied {
			t.Errorf("a guest: %v", err)
		}
		if err := decide("burned"); fault.KindOf(err) != fault.Invalid {
			t.Errorf("nonsense: %v", err)
		}
		if err := h.Inbox.Moderate(ctx, h.Actor(team.Community), "int_nothing", network.Spam); fault.KindOf(err) != fault.NotFound {
			t.Errorf("what is not there: %v", err)
		}
		h.Fake.Inject(networktest.Fault{Call: networktest.CallModerate, Way: networktest.Refuse})
		if err := decide(network.Spam); err == nil || open(t, h, c.ID).Interactions[0].Standing != network.Held {
			t.Errorf("the place said no: %v, kept %q", err, open(t, h, c.ID).Interactions[0].Standing)
		}
		for _, s := range []network.Standing{network.Approved, network.Spam, network.Spam, network.Approved} {
			if err := decide(s); err != nil {
				t.Fatalf("to %s: %v", s, err)
			}
			th := open(t, h, c.ID)
			waits := th.Conversation.State == inbox.Open
			if th.Interactions[0].Standing != s || waits == (s == network.Spam) {
				t.Errorf("%s: kept %q, state %s", s, th.Interactions[0].Standing, th.Conversation.State)
			}
		}
		if err := decide(network.Trashed); err != nil {
			t.Fatal(err)
		}
		if th := open(t, h, c.ID); th.Interactions[0].DeletedAt.IsZero() || th.Conversation.State == inbox.Open {
			t.Errorf("in the bin: %+v", th.Interactions[0])
		}
	})
}
