package journey_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/app"
	"github.com/ponte-desk/ponte/internal/apptest"
	"github.com/ponte-desk/ponte/internal/config"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network/mastodon/mastodontest"
)

// sites are the servers on which deliveries are cut off.
var sites = []struct {
	name string
	open func(t *testing.T) site
}{
	{"pds", func(t *testing.T) site { return newBluesky(t) }},
	{"mastodon", func(t *testing.T) site { return newMastodon(t, mastodontest.Options{}) }},
	{"gotosocial", func(t *testing.T) site { return newMastodon(t, mastodontest.Options{GoToSocial: true}) }},
}

// accepted is no step of ours: the server has taken the message and we have not heard of it.
const accepted = "accepted"

// On PostgreSQL another node may be at work: what a process held is only taken over when it has said nothing for so long.
const (
	call  = 2 * time.Second
	grace = 500 * time.Millisecond
)

// A process that is killed with kill -9 at any step of a reply's delivery leaves a reply that stands exactly once, on
// a real PDS, and on a server that takes the message and hangs up, whether that server honours the key or not.
func TestKilledAtEveryStepTheReplyStandsOnce(t *testing.T) {
	for _, s := range sites {
		for _, step := range []string{"planned", "claimed", "intended", accepted, "called", "settled"} {
			if s.name == "pds" && step == accepted {
				continue // nobody can stand between the PDS and us; "called" and "intended" enclose it
			}
			t.Run(s.name+"/"+step, func(t *testing.T) {
				t.Parallel()
				apptest.Each(t, func(t *testing.T, database string) { killed(t, s.open(t), database, step) })
			})
		}
	}
}

func killed(t *testing.T, s site, database, step string) {
	c, owner, asked := waiting(t, s, database, "È arrivata la tazza, ma il manico è scheggiato.")
	o := apptest.ProcessOptions{
		Config: c, DieAt: step, CallTimeout: call, SettlePause: 100 * time.Millisecond, CertainAfter: time.Second, Grace: grace, Overdue: grace,
	}
	if step == accepted {
		o.DieAt = ""
	}
	var p atomic.Pointer[apptest.Process]
	first := apptest.StartProcess(t, o)
	p.Store(first)
	// Where the server can be told to, it takes the message and hangs up; for one of the steps we are dead before that.
	s.breakNext(func() {
		if step == accepted {
			p.Load().Kill()
		}
	})
	const answer = "Ci spiace: domani parte una tazza nuova."
	reply(t, first, owner, asked.conversation, answer)
	first.Gone(30 * time.Second)

	if database != "" {
		<-time.After(call + 2*grace)
	}
	o.DieAt = ""
	second := apptest.StartProcess(t, o)
	p.Store(second)
	standing := func() (out []posted) {
		for _, x := range s.standing(t) {
			if strings.Contains(x.Text, answer) {
				out = append(out, x)
			}
		}
		return out
	}
	eventually(t, "the reply stands", 40*time.Second, func() bool { return len(standing()) > 0 })
	eventually(t, "the reply is known to stand", 40*time.Second, func() bool {
		th := look(t, c, owner, asked.conversation)
		return th.Conversation.State == inbox.Waiting && th.Conversation.Outgoing == 1 && len(th.Replies) == 0 && !th.Conversation.Trouble
	})
	second.Stop()
	if got := standing(); len(got) != 1 || got[0].Parent != asked.remote {
		t.Fatalf("the answer to %s stands as %+v", asked.remote, got)
	}
	// Whoever starts the house once more finds nothing left to do.
	third := apptest.StartProcess(t, o)
	th := look(t, c, owner, asked.conversation)
	third.Stop()
	if got := standing(); len(got) != 1 || th.Conversation.Outgoing != 1 {
		t.Fatalf("after one more start the answer stands as %+v, %d times in the inbox", got, th.Conversation.Outgoing)
	}
}

// question is what the stranger asked.
type question struct {
	conversation inbox.ConversationID
	remote       string
}

// waiting makes a house that is closed again, in which a stranger waits for an answer.
func waiting(t *testing.T, s site, database, text string) (config.Config, apptest.Person, question) {
	t.Helper()
	h := apptest.Start(t, apptest.Options{Database: database, Config: s.settings})
	s.join(t, h)
	q := question{remote: s.ask(t, text)}
	eventually(t, "the question arrives", 30*time.Second, func() bool {
		l := all(t, h)
		if len(l) > 0 {
			q.conversation = l[0].ID
		}
		return len(l) == 1
	})
	must(t, h.Stop(context.WithoutCancel(t.Context())))
	return h.Config(), h.Owner, q
}

// reply answers a conversation at the desk. The process may die of it: what comes back does not matter.
func reply(t *testing.T, p *apptest.Process, who apptest.Person, id inbox.ConversationID, text string) {
	t.Helper()
	res, err := who.Client.PostForm(fmt.Sprintf("%s/inbox/%s/reply", p.URL, id), url.Values{"text": {text}})
	if err == nil {
		res.Body.Close()
		if res.StatusCode >= 400 {
			t.Fatalf("the reply was answered with %s", res.Status)
		}
	}
}

// look reads a conversation beside a process that runs.
func look(t *testing.T, c config.Config, who apptest.Person, id inbox.ConversationID) inbox.Thread {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	a, err := app.New(ctx, c, app.Deps{Errand: true})
	must(t, err)
	defer func() { must(t, a.Stop(ctx)) }()
	th, err := a.Inbox.Open(ctx, who.Actor(), id)
	must(t, err)
	return th
}
