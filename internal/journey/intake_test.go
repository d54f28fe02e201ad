package journey_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/app"
	"github.com/ponte-desk/ponte/internal/apptest"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/network/mastodon/mastodontest"
)

// A process that is killed with kill -9 while it takes things in loses nothing and stores nothing twice.
func TestKilledWhileTakingIn(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, database string) {
		m := newMastodon(t, mastodontest.Options{})
		h := apptest.Start(t, apptest.Options{Database: database})
		m.join(t, h)
		c, owner := h.Config(), h.Owner
		must(t, h.Stop(context.WithoutCancel(t.Context())))
		const many = 90 // some pages of the server
		want := map[string]int{}
		for i := range many {
			text := fmt.Sprintf("Domanda numero %03d.", i)
			m.ask(t, text)
			want["@"+account+" "+text] = 0
		}
		o := apptest.ProcessOptions{Config: c}
		// Each process dies a little later after the server has given something.
		for i := range 6 {
			given := make(chan struct{}, 1)
			m.Inject(mastodontest.Fault{Endpoint: "GET /api/v1/*", Way: mastodontest.Slow, Skip: i, Entered: given})
			p := apptest.StartProcess(t, o)
			select {
			case <-given:
				<-time.After(time.Duration(i*7) * time.Millisecond)
			case <-time.After(10 * time.Second):
			}
			p.Kill()
			m.Heal()
		}
		last := apptest.StartProcess(t, o)
		a, err := app.New(context.WithoutCancel(t.Context()), c, app.Deps{Errand: true})
		must(t, err)
		defer func() { must(t, a.Stop(context.WithoutCancel(t.Context()))) }()
		read := func() (n int) {
			for k := range want {
				want[k] = 0
			}
			for cursor := ""; ; {
				l, err := a.Inbox.List(t.Context(), owner.Actor(), inbox.Filter{View: inbox.ViewAll, Limit: 100, Cursor: cursor})
				must(t, err)
				for _, x := range l.Conversations {
					th, err := a.Inbox.Open(t.Context(), owner.Actor(), x.ID)
					must(t, err)
					for _, i := range th.Interactions {
						want[i.Text]++
						n++
					}
				}
				if cursor = l.Next; cursor == "" {
					return n
				}
			}
		}
		eventually(t, "everything arrives", 60*time.Second, func() bool { return read() >= many })
		last.Stop()
		if n := read(); n != many {
			t.Errorf("%d things were taken in, %d were written", n, many)
		}
		for text, times := range want {
			if times != 1 {
				t.Errorf("%q stands %d times", text, times)
			}
		}
	})
}
