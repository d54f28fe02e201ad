package networktest

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
)

func TestFakeKeepsTheContract(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]FakeOptions{
		"read back":       {},
		"client id":       {Safety: network.SafeByClientID, PageSize: 7},
		"key":             {Safety: network.SafeByKey, Address: true},
		"no stream":       {NoStream: true, NoPrivate: true},
		"one item a page": {PageSize: 1},
		"short posts":     {Characters: 120},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := NewFake(o)
			Run(t, Fixture{
				Connector: f.Connector(), Address: "@ponte@fake.example", Many: 10,
				Join:     func(context.Context) (network.Credentials, error) { return f.Join("ponte@fake.example"), nil },
				Stranger: f.Stranger("ada@fake.example", "ponte@fake.example"),
			})
		})
	}
}

func setup(t *testing.T, o FakeOptions) (*Fake, network.Client, *FakeStranger) {
	t.Helper()
	f := NewFake(o)
	c := f.Connector().Open(f.Join("ponte"), nil)
	return f, c, f.Stranger("ada", "ponte")
}

func TestAcceptThenTimeoutStandsOnce(t *testing.T) {
	t.Parallel()
	f, c, _ := setup(t, FakeOptions{})
	stood := 0
	f.Inject(Fault{Call: CallPublish, Way: AcceptThenTimeout, Accepted: func() { stood = len(f.Standing("ponte")) }})
	m := network.Outgoing{Key: "k1", Text: "hello"}
	_, err := c.Publish(t.Context(), m)
	if p := network.ProblemOf(err); p == nil || !p.Uncertain || p.Verdict != network.Later {
		t.Fatalf("Publish: %v", err)
	}
	if stood != 1 {
		t.Errorf("when accepted, %d stood", stood)
	}
	if _, p, err := c.Find(t.Context(), m); p != network.Present || err != nil {
		t.Errorf("Find: %q, %v", p, err)
	}
	if got := f.Standing("ponte"); len(got) != 1 || got[0].Text != "hello" {
		t.Errorf("standing: %+v", got)
	}
	if f.Calls(CallPublish) != 1 || len(f.Attempts()) != 1 {
		t.Errorf("%d calls, %d attempts", f.Calls(CallPublish), len(f.Attempts()))
	}
}

func TestMisbehaviour(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		way       Way
		verdict   network.Verdict
		key       string
		uncertain bool
		stands    int
	}{
		{DropBefore, network.Later, network.ProblemUnreachable, false, 0},
		{DropAfterSend, network.Later, network.ProblemUnreachable, true, 0},
		{AcceptThenTimeout, network.Later, network.ProblemTimeout, true, 1},
		{TooMany, network.Later, network.ProblemRate, false, 0},
		{Broken, network.Later, network.ProblemServer, true, 0},
		{TokenRevoked, network.Reconnect, network.ProblemRevoked, false, 0},
		{Refuse, network.Never, network.ProblemRefused, false, 0},
	} {
		t.Run(string(tt.way), func(t *testing.T) {
			t.Parallel()
			f, c, _ := setup(t, FakeOptions{})
			f.Inject(Fault{Call: CallPublish, Way: tt.way, RetryAfter: time.Minute})
			_, err := c.Publish(t.Context(), network.Outgoing{Key: "k", Text: "x"})
			p := network.ProblemOf(err)
			if p == nil || p.Verdict != tt.verdict || p.Key != tt.key || p.Uncertain != tt.uncertain {
				t.Errorf("got %v", err)
			}
			if n := len(f.Standing("ponte")); n != tt.stands {
				t.Errorf("%d stand, want %d", n, tt.stands)
			}
			if tt.way == TooMany && p.RetryAfter != time.Minute {
				t.Errorf("retry after %v", p.RetryAfter)
			}
			if _, err := c.Publish(t.Context(), network.Outgoing{Key: "k2", Text: "y"}); err != nil {
				t.Errorf("the fault struck twice: %v", err)
			}
		})
	}
}

func TestIgnoredKeyMakesADouble(t *testing.T) {
	t.Parallel()
	f, c, _ := setup(t, FakeOptions{Safety: network.SafeByKey, IgnoreKey: true})
	for range 2 {
		if _, err := c.Publish(t.Context(), network.Outgoing{Key: "same", Text: "x"}); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(f.Standing("ponte")); n != 2 {
		t.Errorf("%d stand, want the double", n)
	}
}

func TestLyingPages(t *testing.T) {
	t.Parallel()
	f, c, ada := setup(t, FakeOptions{})
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	f.Freeze(at)
	for range 3 {
		if _, err := ada.Mention(t.Context(), "hi"); err != nil {
			t.Fatal(err)
		}
	}
	f.Inject(Fault{Call: CallFetch, Way: RepeatPage}, Fault{Call: CallFetch, Way: RepeatItems}, Fault{Call: CallFetch, Way: ReorderItems})
	first, _ := c.Fetch(t.Context(), "")
	if first.Cursor != "" || !first.More || len(first.Items) != 3 {
		t.Errorf("the lie: %+v", first)
	}
	second, _ := c.Fetch(t.Context(), "")
	if len(second.Items) != 6 || second.More {
		t.Errorf("%d items, more %v", len(second.Items), second.More)
	}
	third, _ := c.Fetch(t.Context(), "")
	if third.Items[0].RemoteID != first.Items[2].RemoteID {
		t.Error("not reordered")
	}
	for _, it := range third.Items {
		if !it.At.Equal(at) {
			t.Errorf("time %v", it.At)
		}
	}
}

func TestExpiredTokenIsRenewedAndSavedFirst(t *testing.T) {
	t.Parallel()
	f := NewFake(FakeOptions{})
	var saved []network.Credentials
	full := errors.New("disk full")
	fail := true
	c := f.Connector().Open(f.Join("ponte"), func(_ context.Context, cr network.Credentials) error {
		if fail {
			return full
		}
		saved = append(saved, cr)
		return nil
	})
	f.Expire("ponte")
	if _, err := c.Probe(t.Context()); !errors.Is(err, full) {
		t.Errorf("when saving fails: %v", err)
	}
	fail = false
	c = f.Connector().Open(f.Join("ponte"), func(_ context.Context, cr network.Credentials) error {
		saved = append(saved, cr)
		return nil
	})
	f.Expire("ponte")
	if _, err := c.Probe(t.Context()); err != nil || len(saved) != 1 {
		t.Fatalf("renewal: %v, %d saved", err, len(saved))
	}
	if _, err := c.Fetch(t.Context(), ""); err != nil || len(saved) != 1 {
		t.Errorf("second call: %v, %d saved", err, len(saved))
	}
	f.Revoke("ponte")
	if _, err := c.Probe(t.Context()); network.ProblemOf(err).Verdict != network.Reconnect {
		t.Errorf("after revoking: %v", err)
	}
}

func TestRenewalHappensOnce(t *testing.T) {
	t.Parallel()
	f := NewFake(FakeOptions{})
	var saved atomic.Int32
	c := f.Connector().Open(f.Join("ponte"), func(context.Context, network.Credentials) error {
		saved.Add(1)
		return nil
	})
	f.Expire("ponte")
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := c.Probe(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := saved.Load(); n != 1 {
		t.Errorf("saved %d times", n)
	}
}

func TestHoldACall(t *testing.T) {
	t.Parallel()
	f, c, _ := setup(t, FakeOptions{})
	entered, until := make(chan struct{}, 1), make(chan struct{})
	f.Inject(Fault{Call: CallPublish, Way: Slow, Entered: entered, Until: until})
	done := make(chan error)
	go func() {
		_, err := c.Publish(t.Context(), network.Outgoing{Key: "k", Text: "x"})
		done <- err
	}()
	<-entered
	if n := len(f.Standing("ponte")); n != 0 {
		t.Errorf("%d stand while the call is held", n)
	}
	close(until)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if n := len(f.Standing("ponte")); n != 1 {
		t.Errorf("%d stand", n)
	}
}

func TestDiscoverOAuthJourney(t *testing.T) {
	t.Parallel()
	f := NewFake(FakeOptions{Join: network.JoinOAuth})
	con := f.Connector()
	s, err := con.Discover(t.Context(), "@ponte@fake.example")
	if err != nil || s.Handle != "ponte@fake.example" || s.Join != network.JoinOAuth {
		t.Fatalf("%+v, %v", s, err)
	}
	app, err := con.Register(t.Context(), s, "https://desk.example/back")
	if err != nil {
		t.Fatal(err)
	}
	code := f.Code("ponte@fake.example")
	cr, err := con.Exchange(t.Context(), app, "https://desk.example/back", code, "verifier")
	if err != nil {
		t.Fatal(err)
	}
	if a, err := con.Open(cr, nil).Probe(t.Context()); err != nil || a.Handle != "ponte@fake.example" {
		t.Errorf("%+v, %v", a, err)
	}
	if _, err := con.Exchange(t.Context(), app, "https://desk.example/back", code, "verifier"); err == nil {
		t.Error("a code is good once")
	}
}
