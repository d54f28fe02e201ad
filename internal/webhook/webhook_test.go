package webhook_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/fetch"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/seal"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/team/teamtest"
	"github.com/ponte-desk/ponte/internal/webhook"

	"github.com/ponte-desk/ponte/internal/housetest"
)

// program is a company's own program, which keeps what it is told.
type program struct {
	*httptest.Server
	mu     sync.Mutex
	answer int
	after  string
	calls  []call
}

type call struct {
	header http.Header
	body   string
}

func start(t *testing.T) *program {
	t.Helper()
	p := &program{answer: http.StatusNoContent}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		p.mu.Lock()
		defer p.mu.Unlock()
		p.calls = append(p.calls, call{r.Header.Clone(), string(b)})
		if p.after != "" {
			w.Header().Set("Retry-After", p.after)
		}
		if p.answer == http.StatusFound {
			w.Header().Set("Location", "/elsewhere")
		}
		w.WriteHeader(p.answer)
		if p.answer != http.StatusNoContent {
			io.WriteString(w, "sono \x00stanco"+strings.Repeat(".", 2000))
		}
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *program) says(status int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer = status
}

func (p *program) heard() []call {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]call(nil), p.calls...)
}

type bed struct {
	*teamtest.Bed
	hooks *webhook.Webhooks
	keys  *seal.Keyring
	queue *queue.Queue
}

func each(t *testing.T, f func(t *testing.T, b *bed)) {
	t.Helper()
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := &bed{Bed: teamtest.New(t, s)}
		var err error
		if b.keys, err = seal.Open(seal.Options{Dir: t.TempDir()}); err != nil {
			t.Fatal(err)
		}
		b.queue = queue.New(s, storetest.Log(), queue.Config{})
		b.hooks = webhook.New(webhook.Rooms{
			Store: s, Clock: b.Clock, Team: b.Team, Queue: b.queue, Seal: b.keys, Allow: housetest.Loopback,
			HTTP: fetch.NewClient(fetch.Options{AllowNetworks: housetest.Loopback, MaxRedirects: -1}),
		})
		b.hooks.Register(b.queue)
		ok(t, b.queue.Open())
		f(t, b)
	})
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// add adds a program that wants to hear of everything.
func (b *bed) add(t *testing.T, address string) (webhook.Webhook, string) {
	t.Helper()
	x, secret, err := b.hooks.Add(t.Context(), b.Actor(team.Owner), webhook.In{URL: address, Name: "Magazzino", Events: webhook.Types, On: true})
	ok(t, err)
	return x, secret
}

// tell tells of an event, and gives the messages that it became.
func (b *bed) tell(t *testing.T, key string) {
	t.Helper()
	ok(t, b.Store.InTx(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		return b.hooks.Tell(ctx, tx, b.Company.ID, webhook.Event{Type: webhook.DeliveryFailed, Key: key, Data: map[string]int{"attempts": 3}})
	}))
}

func (b *bed) messages(t *testing.T) []webhook.MessageID {
	t.Helper()
	ids, err := b.hooks.Waiting(t.Context())
	ok(t, err)
	return ids
}

// run steps everything that waits, moving the clock, until nothing waits or patience is over.
func (b *bed) run(t *testing.T, patience time.Duration) {
	t.Helper()
	for waited := time.Duration(0); ; {
		pause := time.Duration(0)
		for _, id := range b.messages(t) {
			again, err := b.hooks.Step(t.Context(), b.Company.ID, id)
			ok(t, err)
			if again > 0 && (pause == 0 || again < pause) {
				pause = again
			}
		}
		if pause == 0 || waited+pause > patience {
			return
		}
		waited += pause
		b.Clock.Advance(pause)
	}
}

func (b *bed) get(t *testing.T, id webhook.ID) webhook.Webhook {
	t.Helper()
	x, err := b.hooks.Get(t.Context(), b.Actor(team.Owner), id)
	ok(t, err)
	return x
}

func (b *bed) attempts(t *testing.T, id webhook.ID) []webhook.Attempt {
	t.Helper()
	all, err := b.hooks.Attempts(t.Context(), b.Actor(team.Owner), id)
	ok(t, err)
	return all
}

// signed checks a call as the specification has receivers do it, without the code of the product.
func signed(t *testing.T, c call, secret string) bool {
	t.Helper()
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil || len(key) < 24 || !strings.HasPrefix(secret, "whsec_") {
		t.Fatalf("%q is no secret: %v", secret, err)
	}
	mac := hmac.New(sha256.New, key)
	io.WriteString(mac, c.header.Get("webhook-id")+"."+c.header.Get("webhook-timestamp")+"."+c.body)
	want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	for _, s := range strings.Fields(c.header.Get("webhook-signature")) {
		if s == want {
			return true
		}
	}
	return false
}

func TestAnEventIsToldSignedAndOnce(t *testing.T) {
	each(t, func(t *testing.T, b *bed) {
		p := start(t)
		x, secret := b.add(t, p.URL+"/avvisi?chi=noi")
		other, _, err := b.hooks.Add(t.Context(), b.Actor(team.Owner), webhook.In{URL: p.URL, Events: []webhook.Type{webhook.DeliverySettled}, On: true})
		ok(t, err)
		b.tell(t, "dlv_1/failed/1")
		b.tell(t, "dlv_1/failed/1") // by a worker that ran twice
		b.run(t, 0)
		calls := p.heard()
		if len(calls) != 1 {
			t.Fatalf("%d calls", len(calls))
		}
		c := calls[0]
		if !signed(t, c, secret) {
			t.Errorf("signature %q", c.header.Get("webhook-signature"))
		}
		c.body += " "
		if signed(t, c, secret) {
			t.Error("another body has the same signature")
		}
		sec, err := strconv.ParseInt(c.header.Get("webhook-timestamp"), 10, 64)
		if err != nil || sec != b.Clock.Now().Unix() {
			t.Errorf("timestamp %q", c.header.Get("webhook-timestamp"))
		}
		var said struct {
			ID        string
			Type      string
			Timestamp time.Time
			Data      map[string]int
		}
		ok(t, json.Unmarshal([]byte(c.body), &said))
		if said.ID != c.header.Get("webhook-id") || said.ID == "" || said.Type != "delivery.failed" || said.Timestamp.IsZero() || said.Data["attempts"] != 3 ||
			c.header.Get("Content-Type") != "application/json" {
			t.Errorf("%s %v", c.body, c.header)
		}
		if as := b.attempts(t, x.ID); len(as) != 1 || as[0].Status != http.StatusNoContent || as[0].Problem != nil || string(as[0].Message) != said.ID {
			t.Errorf("%+v", as)
		}
		if got := b.get(t, x.ID); got.SucceededAt.IsZero() || got.Failures != 0 {
			t.Errorf("%+v", got)
		}
		if as := b.attempts(t, other.ID); len(as) != 0 {
			t.Errorf("one who did not want to hear was told: %+v", as)
		}
	})
}

func TestWhatIsNotHeardIsToldAgainForADay(t *testing.T) {
	each(t, func(t *testing.T, b *bed) {
		p := start(t)
		p.says(http.StatusInternalServerError)
		x, secret := b.add(t, p.URL)
		b.tell(t, "one")
		b.run(t, 3*time.Minute)
		calls := p.heard()
		if len(calls) < 3 || len(calls) > 6 {
			t.Fatalf("%d calls in three minutes", len(calls))
		}
		for _, c := range calls {
			if c.header.Get("webhook-id") != calls[0].header.Get("webhook-id") || c.body != calls[0].body || !signed(t, c, secret) {
				t.Errorf("another message: %v", c.header)
			}
		}
		as := b.attempts(t, x.ID)
		if a := as[0]; a.Status != 500 || a.Problem == nil || a.Problem.Key != "webhook.problem.status" || !strings.HasPrefix(a.Answer, "sono stanco") || len(a.Answer) > 500 {
			t.Errorf("%+v", a)
		}
		p.says(http.StatusOK)
		b.run(t, time.Hour)
		if got := b.get(t, x.ID); got.Failures != 0 || got.Problem != nil || len(b.messages(t)) != 0 {
			t.Errorf("%+v", got)
		}
		p.says(http.StatusBadRequest)
		b.tell(t, "two")
		b.run(t, 48*time.Hour)
		if n := len(p.heard()) - len(calls) - 1; n < 8 || n > 20 {
			t.Errorf("%d calls in a day", n)
		}
		if got := b.get(t, x.ID); got.State != webhook.Active || len(b.messages(t)) != 0 {
			t.Errorf("after one message that was not heard: %+v", got)
		}
	})
}

func TestWhoIsDownIsNotCalledForEveryMessage(t *testing.T) {
	each(t, func(t *testing.T, b *bed) {
		p := start(t)
		p.says(http.StatusServiceUnavailable)
		b.add(t, p.URL)
		for n := range 40 {
			b.tell(t, strconv.Itoa(n))
		}
		b.run(t, 2*time.Minute)
		if n := len(p.heard()); n > 10 {
			t.Errorf("%d calls in two minutes", n)
		}
		p.says(http.StatusOK)
		b.run(t, 24*time.Hour)
		if n := len(b.messages(t)); n != 0 {
			t.Errorf("%d still wait", n)
		}
	})
}

func TestWhoDoesNotHearForLongIsTurnedOff(t *testing.T) {
	each(t, func(t *testing.T, b *bed) {
		p := start(t)
		p.says(http.StatusBadGateway)
		x, _ := b.add(t, p.URL)
		for day := range 4 {
			b.tell(t, "day "+strconv.Itoa(day))
			b.run(t, 24*time.Hour)
		}
		got := b.get(t, x.ID)
		stopped, err := b.hooks.Stopped(t.Context(), b.Actor(team.Owner))
		ok(t, err)
		if got.State != webhook.Off || got.OffAt.IsZero() || got.Problem == nil || len(stopped) != 1 || len(b.messages(t)) != 0 {
			t.Fatalf("%+v, %d stopped", got, len(stopped))
		}
		before := len(p.heard())
		b.tell(t, "nobody listens")
		b.run(t, time.Hour)
		if len(p.heard()) != before {
			t.Error("one that is off was called")
		}
		p.says(http.StatusOK)
		_, err = b.hooks.Change(t.Context(), b.Actor(team.Owner), x.ID, webhook.In{URL: x.URL, Events: x.Events, On: true})
		ok(t, err)
		if got = b.get(t, x.ID); got.State != webhook.Active || !got.OffAt.IsZero() || got.Failures != 0 || got.Problem != nil {
			t.Errorf("%+v", got)
		}
		p.says(http.StatusGone)
		b.tell(t, "gone")
		b.run(t, time.Hour)
		if got = b.get(t, x.ID); got.State != webhook.Off || got.Problem.Key != "webhook.problem.gone" {
			t.Errorf("%+v", got)
		}
	})
}

func TestATestIsACall(t *testing.T) {
	each(t, func(t *testing.T, b *bed) {
		p := start(t)
		x, secret := b.add(t, p.URL)
		a, err := b.hooks.Test(t.Context(), b.Actor(team.Owner), x.ID)
		ok(t, err)
		calls := p.heard()
		if a.Problem != nil || a.Type != webhook.Trial || len(calls) != 1 || !signed(t, calls[0], secret) || !strings.Contains(calls[0].body, "webhook.test") {
			t.Fatalf("%+v %+v", a, calls)
		}
		_, fresh, err := b.hooks.RenewSecret(t.Context(), b.Actor(team.Owner), x.ID)
		ok(t, err)
		b.tell(t, "one")
		b.run(t, 0)
		if c := p.heard()[1]; fresh == secret || !signed(t, c, fresh) || !signed(t, c, secret) {
			t.Error("for a day both secrets hold")
		}
		b.Clock.Advance(25 * time.Hour)
		b.tell(t, "two")
		b.run(t, 0)
		if c := p.heard()[2]; !signed(t, c, fresh) || signed(t, c, secret) {
			t.Error("after a day only the new secret holds")
		}
		p.says(http.StatusFound)
		if a, err = b.hooks.Test(t.Context(), b.Actor(team.Owner), x.ID); err != nil || a.Problem == nil || a.Problem.Key != "webhook.problem.moved" || len(p.heard()) != 4 {
			t.Errorf("a redirect: %+v %v", a, err)
		}
		p.Close()
		if a, err = b.hooks.Test(t.Context(), b.Actor(team.Owner), x.ID); err != nil || a.Problem == nil || a.Problem.Key != "webhook.problem.unreachable" || a.Status != 0 {
			t.Errorf("nobody there: %+v %v", a, err)
		}
	})
}

func TestWhereAWebhookMayStand(t *testing.T) {
	each(t, func(t *testing.T, b *bed) {
		for address, key := range map[string]string{
			"https://example.org/x":            "",
			"http://127.0.0.1:9000/x":          "", // allowed in this test only
			"http://example.org/x":             "webhook.plain",
			"https://10.1.2.3/x":               "webhook.inside",
			"https://169.254.169.254/latest":   "webhook.inside",
			"https://[::1]/x":                  "webhook.inside",
			"https://0x7f.1/x":                 "webhook.inside",
			"https://elena:chiave@example.org": "webhook.url",
			"ftp://example.org":                "webhook.url",
			"example.org":                      "webhook.url",
			"":                                 "webhook.url",
		} {
			_, _, err := b.hooks.Add(t.Context(), b.Actor(team.Owner), webhook.In{URL: address, Events: webhook.Types, On: true})
			var f *fault.Error
			if key == "" {
				ok(t, err)
			} else if !errors.As(err, &f) || len(f.Fields) != 1 || f.Fields[0].Key != key {
				t.Errorf("%q: %v, want %s", address, err, key)
			}
		}
		_, _, err := b.hooks.Add(t.Context(), b.Actor(team.Owner), webhook.In{URL: "https://example.org", Events: []webhook.Type{"inbox.everything"}})
		var f *fault.Error
		if !errors.As(err, &f) || f.Fields[0].Key != "webhook.events" {
			t.Errorf("%v", err)
		}
	})
}

// A name that leads inside is found out when it is called, whatever it led to when it was written.
func TestANameThatLeadsInside(t *testing.T) {
	t.Parallel()
	b := &bed{Bed: teamtest.New(t, storetest.SQLite(t))}
	keys, err := seal.Open(seal.Options{Dir: t.TempDir()})
	ok(t, err)
	hooks := webhook.New(webhook.Rooms{Store: b.Store, Clock: b.Clock, Team: b.Team, Seal: keys, HTTP: fetch.NewClient(fetch.Options{MaxRedirects: -1})})
	x, _, err := hooks.Add(t.Context(), b.Actor(team.Owner), webhook.In{URL: "https://localhost/x", Events: webhook.Types, On: true})
	ok(t, err)
	a, err := hooks.Test(t.Context(), b.Actor(team.Owner), x.ID)
	if err != nil || a.Problem == nil || a.Problem.Key != "webhook.problem.inside" {
		t.Fatalf("%+v %v", a, err)
	}
}

func TestSecretsMoveToANewKey(t *testing.T) {
	t.Parallel()
	b := &bed{Bed: teamtest.New(t, storetest.SQLite(t))}
	dir := t.TempDir()
	keys, err := seal.Open(seal.Options{Dir: dir})
	ok(t, err)
	rooms := webhook.Rooms{Store: b.Store, Clock: b.Clock, Team: b.Team, Seal: keys, Allow: housetest.Loopback, HTTP: fetch.NewClient(fetch.Options{AllowNetworks: housetest.Loopback})}
	p := start(t)
	x, _, err := webhook.New(rooms).Add(t.Context(), b.Actor(team.Owner), webhook.In{URL: p.URL, Events: webhook.Types, On: true})
	ok(t, err)
	_, secret, err := webhook.New(rooms).RenewSecret(t.Context(), b.Actor(team.Owner), x.ID)
	ok(t, err)
	rooms.Seal, err = seal.Rotate(dir)
	ok(t, err)
	hooks := webhook.New(rooms)
	if n, err := hooks.Reseal(t.Context()); n != 1 || err != nil {
		t.Fatalf("%d %v", n, err)
	}
	if n, err := hooks.Reseal(t.Context()); n != 0 || err != nil {
		t.Fatalf("again: %d %v", n, err)
	}
	if a, err := hooks.Test(t.Context(), b.Actor(team.Owner), x.ID); err != nil || a.Problem != nil || !signed(t, p.heard()[0], secret) {
		t.Fatalf("%+v %v", a, err)
	}
}

func TestWhoMay(t *testing.T) {
	t.Parallel()
	b := &bed{Bed: teamtest.New(t, storetest.SQLite(t))}
	keys, err := seal.Open(seal.Options{Dir: t.TempDir()})
	ok(t, err)
	b.hooks = webhook.New(webhook.Rooms{Store: b.Store, Clock: b.Clock, Team: b.Team, Seal: keys, Allow: housetest.Loopback, HTTP: fetch.NewClient(fetch.Options{AllowNetworks: housetest.Loopback})})
	p := start(t)
	x, _ := b.add(t, p.URL)
	in := webhook.In{URL: p.URL, Events: webhook.Types, On: true}
	may := func(name string, f func(t *testing.T, a team.Actor) error) teamtest.Case {
		return teamtest.Case{Name: name, Needs: team.CompanyChange, Try: f}
	}
	teamtest.Matrix(t, b.Bed, []teamtest.Case{
		may("list", func(t *testing.T, a team.Actor) error { _, err := b.hooks.List(t.Context(), a); return err }),
		may("get", func(t *testing.T, a team.Actor) error { _, err := b.hooks.Get(t.Context(), a, x.ID); return err }),
		may("stopped", func(t *testing.T, a team.Actor) error { _, err := b.hooks.Stopped(t.Context(), a); return err }),
		may("attempts", func(t *testing.T, a team.Actor) error { _, err := b.hooks.Attempts(t.Context(), a, x.ID); return err }),
		may("add", func(t *testing.T, a team.Actor) error { _, _, err := b.hooks.Add(t.Context(), a, in); return err }),
		may("change", func(t *testing.T, a team.Actor) error { _, err := b.hooks.Change(t.Context(), a, x.ID, in); return err }),
		may("renew", func(t *testing.T, a team.Actor) error {
			_, _, err := b.hooks.RenewSecret(t.Context(), a, x.ID)
			return err
		}),
		may("test", func(t *testing.T, a team.Actor) error { _, err := b.hooks.Test(t.Context(), a, x.ID); return err }),
		may("remove", func(t *testing.T, a team.Actor) error {
			return b.hooks.Remove(t.Context(), a, webhook.ID("whk_00000000000000000000000000"))
		}),
	})
	o := b.Other(t)
	if _, err := b.hooks.Get(t.Context(), o.Actor(team.Owner), x.ID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("another company: %v", err)
	}
}
