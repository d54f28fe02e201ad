package notice_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/mail"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/notice"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/schedule"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/webhook"
)

// box is a mail server that keeps letters.
type box struct {
	mu      sync.Mutex
	fails   error
	after   func() error // what comes after a letter was taken
	letters []mail.Letter
}

func (b *box) Configured() bool { return true }

func (b *box) Send(_ context.Context, l mail.Letter) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fails != nil {
		return b.fails
	}
	b.letters = append(b.letters, l)
	if b.after != nil {
		return b.after()
	}
	return nil
}

func (b *box) to(m team.Member) (out []mail.Letter) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, l := range b.letters {
		if l.To == m.Email {
			out = append(out, l)
		}
	}
	return out
}

type bed struct {
	*housetest.House
	mail *box
}

func each(t *testing.T, f func(t *testing.T, b *bed)) {
	t.Helper()
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		m := &box{}
		f(t, &bed{House: housetest.New(t, s, housetest.Options{Mail: m}), mail: m})
	})
}

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// publish writes a post as a member and has the owner send it now; it gives the delivery that is due.
func (b *bed) publish(t *testing.T, by team.Role, text string) delivery.ID {
	t.Helper()
	ctx := t.Context()
	x := must[post.Post](t)(b.Posts.Create(ctx, b.Actor(by), post.CreateIn{Message: post.Message{Text: text}, Channels: []network.ChannelID{b.Channel.ID}}))
	must[post.Post](t)(b.Posts.Schedule(ctx, b.Actor(by), x.ID, post.ScheduleIn{Version: x.Version, When: post.When{Kind: post.Now}}))
	ok(t, b.Posts.Due(ctx))
	f := must[post.File](t)(b.Posts.Open(ctx, b.Actor(team.Owner), x.ID))
	return f.Variants[0].Parts[0].Delivery
}

// write has every member's letter written, as the jobs would.
func (b *bed) write(t *testing.T) {
	t.Helper()
	for _, m := range b.Members {
		_, err := b.Notices.Write(t.Context(), b.Company.ID, m.ID)
		ok(t, err)
	}
}

func TestWhoWroteAndWhoOwnsGetALetter(t *testing.T) {
	each(t, func(t *testing.T, b *bed) {
		b.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: networktest.Refuse})
		id := b.publish(t, team.Editor, "Sabato apriamo il forno: vieni a vedere")
		if d := b.Deliver(id, time.Minute); d.State != delivery.Failed {
			t.Fatalf("%s", d.State)
		}
		b.write(t)
		if len(b.mail.letters) != 0 {
			t.Fatal("letters are gathered for a minute")
		}
		b.Clock.Advance(time.Minute)
		b.write(t)
		b.Clock.Advance(time.Hour)
		b.write(t)
		for role, n := range map[team.Role]int{team.Owner: 1, team.Editor: 1, team.Marketing: 0, team.Community: 0, team.Contributor: 0, team.Guest: 0} {
			if got := b.mail.to(b.Members[role]); len(got) != n {
				t.Errorf("%s got %d letters", role, len(got))
			}
		}
		l := b.mail.to(b.Members[team.Editor])[0]
		f := must[delivery.Delivery](t)(b.Deliveries.Get(t.Context(), b.Company.ID, id))
		if !strings.Contains(l.Subject, "Sabato apriamo il forno") || !strings.Contains(l.Text, "Perché: ") || !strings.Contains(l.Text, "Che cosa fare: ") ||
			!strings.Contains(l.Text, housetest.BaseURL+"/posts/pst_") || !strings.Contains(l.Text, "/settings/me#letters") || strings.Contains(l.Text, "[") || f.Trouble == nil {
			t.Errorf("%s\n%s", l.Subject, l.Text)
		}
	})
}

func TestManyFailuresAreOneLetter(t *testing.T) {
	each(t, func(t *testing.T, b *bed) {
		b.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: networktest.Refuse, Times: -1})
		for _, s := range []string{"Il primo tornio", "Il secondo tornio", "Il terzo tornio"} {
			b.Deliver(b.publish(t, team.Marketing, s), time.Minute)
		}
		b.Clock.Advance(time.Minute)
		b.write(t)
		got := b.mail.to(b.Members[team.Marketing])
		if len(got) != 1 || !strings.Contains(got[0].Text, "primo") || !strings.Contains(got[0].Text, "secondo") || !strings.Contains(got[0].Text, "terzo") || !strings.Contains(got[0].Subject, "3") {
			t.Fatalf("%+v", got)
		}
		// What fails soon after waits: a storm is one letter in a quarter of an hour.
		b.Deliver(b.publish(t, team.Marketing, "Il quarto tornio"), time.Minute)
		b.Clock.Advance(2 * time.Minute)
		again := must[time.Duration](t)(b.Notices.Write(t.Context(), b.Company.ID, b.Members[team.Marketing].ID))
		if got = b.mail.to(b.Members[team.Marketing]); len(got) != 1 || again < 10*time.Minute {
			t.Fatalf("%d letters, again in %v", len(got), again)
		}
		b.Clock.Advance(again)
		b.write(t)
		if got = b.mail.to(b.Members[team.Marketing]); len(got) != 2 || !strings.Contains(got[1].Text, "quarto") || strings.Contains(got[1].Text, "primo") {
			t.Fatalf("%+v", got)
		}
	})
}

func TestWhatSettlesInTheMinuteIsNotTold(t *testing.T) {
	each(t, func(t *testing.T, b *bed) {
		b.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: networktest.AcceptThenTimeout})
		id := b.publish(t, team.Editor, "Il forno è acceso da stamattina")
		must[time.Duration](t)(b.Deliveries.Step(t.Context(), id))
		if d := must[delivery.Delivery](t)(b.Deliveries.Get(t.Context(), b.Company.ID, id)); d.State != delivery.Unconfirmed {
			t.Fatalf("%s", d.State)
		}
		if d := b.Deliver(id, time.Minute); d.State != delivery.Sent {
			t.Fatalf("%s", d.State)
		}
		b.Clock.Advance(2 * time.Minute)
		b.write(t)
		if len(b.mail.letters) != 0 {
			t.Errorf("%+v", b.mail.letters)
		}
		// What stays unknown is told, once however often it is read back.
		b.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: networktest.DropAfterSend}, networktest.Fault{Call: networktest.CallFind, Way: networktest.FindUnsure, Times: -1})
		id = b.publish(t, team.Editor, "Il forno è ancora acceso, passate")
		b.Deliver(id, 20*time.Minute)
		b.write(t)
		b.Deliver(id, time.Hour)
		b.write(t)
		if got := b.mail.to(b.Members[team.Editor]); len(got) != 1 || !strings.Contains(got[0].Subject, "Non si sa") {
			t.Errorf("%+v", got)
		}
	})
}

func TestARetryThatFailsIsANewFailure(t *testing.T) {
	each(t, func(t *testing.T, b *bed) {
		b.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: networktest.Refuse, Times: -1})
		id := b.publish(t, team.Editor, "Una tazza per ogni ospite")
		b.Deliver(id, time.Minute)
		b.Clock.Advance(time.Hour)
		b.write(t)
		f := must[notice.Choice](t)(b.Notices.Choice(t.Context(), b.Actor(team.Editor)))
		if f != notice.Default(team.Editor) {
			t.Errorf("%+v", f)
		}
		ok(t, b.Deliveries.Retry(t.Context(), b.Actor(team.Owner), id))
		b.Deliver(id, time.Minute)
		b.Clock.Advance(time.Hour)
		b.write(t)
		if got := b.mail.to(b.Members[team.Editor]); len(got) != 2 {
			t.Errorf("%d letters", len(got))
		}
	})
}

func TestAReplyThatFailsIsTold(t *testing.T) {
	each(t, func(t *testing.T, b *bed) {
		ctx := t.Context()
		id := must[string](t)(b.Stranger("giulia").Mention(ctx, "Il piatto è arrivato rotto"))
		b.Read()
		l := must[inbox.List](t)(b.Inbox.List(ctx, b.Actor(team.Owner), inbox.Filter{View: inbox.ViewAll, Limit: 10}))
		if id == "" || len(l.Conversations) != 1 {
			t.Fatalf("%d conversations", len(l.Conversations))
		}
		r := must[inbox.Reply](t)(b.Inbox.Reply(ctx, b.Actor(team.Community), inbox.ReplyIn{Conversation: l.Conversations[0].ID, Text: "Te ne mandiamo un altro domani"}))
		b.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: networktest.Refuse})
		if d := b.Deliver(r.Delivery, time.Minute); d.State != delivery.Failed {
			t.Fatalf("%s", d.State)
		}
		b.Clock.Advance(time.Minute)
		b.write(t)
		got := b.mail.to(b.Members[team.Community])
		if len(got) != 1 || !strings.Contains(got[0].Text, "/inbox/"+string(r.Conversation)) || strings.Contains(got[0].Text, "rotto") || strings.Contains(got[0].Text, "mandiamo") {
			t.Errorf("%+v", got)
		}
		if n := len(b.mail.to(b.Members[team.Marketing])); n != 0 {
			t.Errorf("a colleague got %d letters", n)
		}
	})
}

func TestWhatWaitsLateIsTold(t *testing.T) {
	each(t, func(t *testing.T, b *bed) {
		ctx := t.Context()
		must[network.Channel](t)(b.Networks.Pause(ctx, b.Actor(team.Owner), b.Channel.ID))
		id := b.publish(t, team.Editor, "Il nuovo catalogo è in bottega")
		b.Deliver(id, 9*time.Minute)
		ok(t, b.Notices.Tend(ctx))
		b.Clock.Advance(time.Minute)
		b.write(t)
		if len(b.mail.letters) != 0 {
			t.Fatalf("%+v", b.mail.letters)
		}
		b.Clock.Advance(3 * time.Minute)
		ok(t, b.Notices.Tend(ctx))
		ok(t, b.Notices.Tend(ctx))
		b.Clock.Advance(time.Minute)
		b.write(t)
		if got := b.mail.to(b.Members[team.Editor]); len(got) != 1 || !strings.HasPrefix(got[0].Subject, "In ritardo") {
			t.Fatalf("%+v", got)
		}
	})
}

func TestWhatIsHeldIsTold(t *testing.T) {
	each(t, func(t *testing.T, b *bed) {
		ctx := t.Context()
		x := must[post.Post](t)(b.Posts.Create(ctx, b.Actor(team.Editor), post.CreateIn{Message: post.Message{Text: "Domani si inforna"}, Channels: []network.ChannelID{b.Channel.ID}}))
		must[post.Post](t)(b.Posts.Schedule(ctx, b.Actor(team.Editor), x.ID, post.ScheduleIn{Version: x.Version, When: post.When{Kind: post.Now}}))
		b.Clock.Advance(5 * time.Hour) // the machine slept
		ok(t, b.Posts.Due(ctx))
		b.Clock.Advance(time.Minute)
		b.write(t)
		if got := b.mail.to(b.Members[team.Editor]); len(got) != 1 || !strings.HasPrefix(got[0].Subject, "Aspetta una decisione") {
			t.Fatalf("%+v", got)
		}
	})
}

func TestWhatMissesItsTimeIsTold(t *testing.T) {
	each(t, func(t *testing.T, b *bed) {
		ctx := t.Context()
		s := must[post.Settings](t)(b.Posts.Settings(ctx, b.Actor(team.Owner)))
		s.Approval = post.ModeOne
		ok(t, b.Posts.ChangeSettings(ctx, b.Actor(team.Owner), s))
		x := must[post.Post](t)(b.Posts.Create(ctx, b.Actor(team.Editor), post.CreateIn{Message: post.Message{Text: "Alle undici si apre"}, Channels: []network.ChannelID{b.Channel.ID}}))
		wall, _ := schedule.ParseWall("2026-03-02T11:00")
		x = must[post.Post](t)(b.Posts.Schedule(ctx, b.Actor(team.Editor), x.ID, post.ScheduleIn{Version: x.Version, When: post.When{Kind: post.At, Wall: wall}}))
		if x.State != post.Pending {
			t.Fatalf("%s", x.State)
		}
		b.Clock.Advance(65 * time.Minute)
		ok(t, b.Notices.Tend(ctx))
		b.Clock.Advance(10 * time.Minute)
		ok(t, b.Notices.Tend(ctx))
		b.Clock.Advance(time.Minute)
		b.write(t)
		ok(t, b.Notices.Tend(ctx))
		b.Clock.Advance(time.Hour)
		b.write(t)
		if got := b.mail.to(b.Members[team.Editor]); len(got) != 1 || !strings.HasPrefix(got[0].Subject, "Manca il via libera") || !strings.Contains(got[0].Text, "sposta") {
			t.Fatalf("%+v", got)
		}
	})
}

func TestMembersChoose(t *testing.T) {
	each(t, func(t *testing.T, b *bed) {
		ctx := t.Context()
		ok(t, b.Notices.Choose(ctx, b.Actor(team.Owner), notice.Choice{Failed: notice.Never, Unconfirmed: notice.All, Late: notice.All}))
		ok(t, b.Notices.Choose(ctx, b.Actor(team.Marketing), notice.Choice{Failed: notice.All, Unconfirmed: notice.Never, Late: notice.Never}))
		ok(t, b.Notices.Choose(ctx, b.Actor(team.Guest), notice.Choice{Failed: notice.All, Unconfirmed: notice.All, Late: notice.All}))
		err := b.Notices.Choose(ctx, b.Actor(team.Guest), notice.Choice{Failed: "sometimes", Unconfirmed: notice.All, Late: notice.All})
		if fault.KindOf(err) != fault.Invalid {
			t.Errorf("%v", err)
		}
		if err := b.Notices.Choose(ctx, b.Token(team.Owner, team.Permissions...), notice.Choice{}); fault.KindOf(err) != fault.Denied {
			t.Errorf("a program chose: %v", err)
		}
		b.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: networktest.Refuse})
		b.Deliver(b.publish(t, team.Editor, "La bottega resta aperta"), time.Minute)
		b.Clock.Advance(time.Minute)
		b.write(t)
		for role, n := range map[team.Role]int{team.Owner: 0, team.Editor: 1, team.Marketing: 1, team.Community: 0, team.Guest: 0} {
			if got := b.mail.to(b.Members[role]); len(got) != n {
				t.Errorf("%s got %d letters", role, len(got))
			}
		}
	})
}

func TestALetterThatDoesNotLeaveIsTriedAgain(t *testing.T) {
	each(t, func(t *testing.T, b *bed) {
		b.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: networktest.Refuse})
		b.Deliver(b.publish(t, team.Editor, "Un vaso al giorno"), time.Minute)
		b.Clock.Advance(time.Minute)
		b.mail.fails = fault.New(fault.Upstream, "mail.unreachable").With("host", "posta.example.it")
		who := b.Members[team.Editor]
		if _, err := b.Notices.Write(t.Context(), b.Company.ID, who.ID); !errors.Is(err, b.mail.fails) {
			t.Fatalf("%v", err)
		}
		// A letter that is certainly not there takes in what comes meanwhile.
		b.mail.fails = fault.New(fault.Upstream, "mail.later").With("host", "posta.example.it")
		if _, err := b.Notices.Write(t.Context(), b.Company.ID, who.ID); !errors.Is(err, b.mail.fails) {
			t.Fatalf("%v", err)
		}
		b.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: networktest.Refuse})
		b.Deliver(b.publish(t, team.Editor, "Due vasi al giorno"), time.Minute)
		b.mail.fails = nil
		b.write(t)
		if got := b.mail.to(who); len(got) != 1 || !strings.Contains(got[0].Text, "Un vaso") || !strings.Contains(got[0].Text, "Due vasi") {
			t.Errorf("%+v", got)
		}
	})
}

// When nobody knows whether a letter arrived, the same letter is handed over again: about the same, under the same mark.
func TestALetterInDoubtComesAsTheSame(t *testing.T) {
	stops := map[string]func() error{
		"the server hangs up":  func() error { return fault.New(fault.Upstream, "mail.failed").With("host", "posta.example.it") },
		"the process is ended": func() error { panic("ended") },
	}
	for name, after := range stops {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, b *bed) {
				who := b.Members[team.Editor]
				write := func() (again time.Duration, err error) {
					defer func() {
						if x := recover(); x != nil {
							err = errors.New("ended")
						}
					}()
					return b.Notices.Write(t.Context(), b.Company.ID, who.ID)
				}
				b.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: networktest.Refuse, Times: -1})
				b.Deliver(b.publish(t, team.Editor, "Il primo piatto"), time.Minute)
				b.Clock.Advance(time.Minute)
				b.mail.after = after
				if _, err := write(); err == nil {
					t.Fatal("it ended well")
				}
				b.Deliver(b.publish(t, team.Editor, "Il secondo piatto"), time.Minute)
				if _, err := write(); err == nil {
					t.Fatal("it ended well")
				}
				b.mail.after = nil
				again, err := write()
				ok(t, err)
				got := b.mail.to(who)
				if len(got) != 3 || again < 10*time.Minute || got[0].ID == "" {
					t.Fatalf("%d letters, again in %v", len(got), again)
				}
				for _, l := range got {
					if l.ID != got[0].ID || l.Text != got[0].Text || l.Subject != got[0].Subject || strings.Contains(l.Text, "secondo") {
						t.Errorf("%+v, want %+v", l, got[0])
					}
				}
				b.Clock.Advance(again)
				if again, err = write(); err != nil || again != 0 {
					t.Fatalf("%v %v", again, err)
				}
				if got = b.mail.to(who); len(got) != 4 || got[3].ID == got[0].ID || !strings.Contains(got[3].Text, "secondo") || strings.Contains(got[3].Text, "primo") {
					t.Fatalf("%+v", got)
				}
				if _, err := write(); err != nil || len(b.mail.to(who)) != 4 {
					t.Fatalf("%v", err)
				}
			})
		})
	}
}

func TestProgramsAreTold(t *testing.T) {
	each(t, func(t *testing.T, b *bed) {
		ctx := t.Context()
		var mu sync.Mutex
		var bodies []string
		server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			s, _ := io.ReadAll(r.Body)
			mu.Lock()
			defer mu.Unlock()
			bodies = append(bodies, string(s))
		}))
		defer server.Close()
		_, _, err := b.Webhooks.Add(ctx, b.Actor(team.Owner), webhook.In{URL: server.URL, Events: webhook.Types, On: true})
		ok(t, err)
		b.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: networktest.Refuse})
		failed := b.publish(t, team.Editor, "Parole che restano in casa")
		b.Deliver(failed, time.Minute)
		b.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: networktest.AcceptThenTimeout})
		doubted := b.publish(t, team.Editor, "Altre parole che restano in casa")
		b.Deliver(doubted, time.Minute)
		waiting := must[[]webhook.MessageID](t)(b.Webhooks.Waiting(ctx))
		for _, id := range waiting {
			_, err := b.Webhooks.Step(ctx, b.Company.ID, id)
			ok(t, err)
		}
		var said []string
		for _, s := range bodies {
			var e struct {
				Type string
				Data notice.Delivered
			}
			ok(t, json.Unmarshal([]byte(s), &e))
			said = append(said, e.Type+" "+e.Data.Delivery)
			if strings.Contains(s, "restano in casa") || e.Data.Source.Kind != "post" || !strings.HasPrefix(e.Data.Source.Post, "pst_") || e.Data.Channel.Handle != housetest.Handle ||
				e.Data.Link != housetest.BaseURL+"/posts/"+e.Data.Source.Post {
				t.Errorf("%s", s)
			}
			if e.Type == "delivery.failed" && (e.Data.Trouble == nil || e.Data.Trouble.Cause == "" || strings.HasPrefix(e.Data.Trouble.Cause, "[") || e.Data.Trouble.Remedy == "" || e.Data.SettledAt == nil) ||
				e.Type == "delivery.settled" && (e.Data.Trouble != nil || e.Data.RemoteID == "") {
				t.Errorf("%s", s)
			}
		}
		want := []string{"delivery.failed " + string(failed), "delivery.unconfirmed " + string(doubted), "delivery.settled " + string(doubted)}
		if slices.Sort(said); !slices.Equal(said, slices.Sorted(slices.Values(want))) {
			t.Errorf("%q, want %q", said, want)
		}
	})
}
