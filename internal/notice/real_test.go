package notice_test

import (
	"context"
	"mime"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/housetest"
	"github.com/ponte-desk/ponte/internal/mail"
	"github.com/ponte-desk/ponte/internal/mail/mailtest"
	"github.com/ponte-desk/ponte/internal/networktest"
	"github.com/ponte-desk/ponte/internal/storetest"
	"github.com/ponte-desk/ponte/internal/team"
)

// relay sends every letter to one address of a real server.
type relay struct {
	mail.Sender
	to string
}

func (r relay) Send(ctx context.Context, l mail.Letter) error {
	l.To = r.to
	return r.Sender.Send(ctx, l)
}

// Over a real mail server that takes the letter and hangs up: it comes twice, as the same letter, and not a third time.
func TestALetterGoesOverARealServer(t *testing.T) {
	t.Parallel()
	server := mailtest.FromEnv(t)
	to := mailtest.Address(t, "hangup")
	b := &bed{House: housetest.New(t, storetest.SQLite(t), housetest.Options{Mail: relay{server.Sender(t), to}})}
	who := b.Members[team.Editor].ID
	b.Fake.Inject(networktest.Fault{Call: networktest.CallPublish, Way: networktest.Refuse})
	b.Deliver(b.publish(t, team.Editor, "Perché il forno è già acceso"), time.Minute)
	b.Clock.Advance(time.Minute)
	if _, err := b.Notices.Write(t.Context(), b.Company.ID, who); !mail.Uncertain(err) {
		t.Fatalf("%v", err)
	}
	for range 2 {
		if _, err := b.Notices.Write(t.Context(), b.Company.ID, who); err != nil {
			t.Fatal(err)
		}
	}
	got := server.To(t, to)
	if len(got) != 2 {
		t.Fatalf("%d letters", len(got))
	}
	first, second := got[0].Read(t), got[1].Read(t)
	id := first.Header.Get("Message-Id")
	subject, err := new(mime.WordDecoder).DecodeHeader(first.Header.Get("Subject"))
	if err != nil || !strings.Contains(subject, "Perché il forno è già acceso") || !strings.HasPrefix(id, "<notice.") || second.Header.Get("Message-Id") != id || !got[1].Secure {
		t.Errorf("%q, %v, then %v", subject, first.Header, second.Header)
	}
}
