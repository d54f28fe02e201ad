package mail_test

import (
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"strings"
	"testing"

	"github.com/ponte-desk/ponte/internal/mail"
	"github.com/ponte-desk/ponte/internal/mail/mailtest"
)

// A real server takes letters, over STARTTLS and encrypted from the first byte, from who signs in.
func TestARealServerTakesLetters(t *testing.T) {
	t.Parallel()
	s := mailtest.FromEnv(t)
	implicit := s
	implicit.Options.TLS, implicit.Options.Port = mail.ImplicitTLS, s.TLS
	for name, s := range map[string]mailtest.Server{"starttls": s, "tls": implicit} {
		to := mailtest.Address(t, name)
		l := mail.Letter{
			To: "Elena Corsi <" + to + ">", Subject: "Perché sì: «il forno» è acceso 🔥", ID: "test." + name,
			Text: "Ciao Elena,\n.\n..\nFrom qui in poi: " + strings.Repeat("già letto ", 200) + "\nhttps://ponte.example.org/x?a=b&c=d", HTML: "<p>Ciao</p>",
		}
		if err := s.Sender(t).Send(t.Context(), l); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := s.To(t, to)
		if len(got) != 1 || got[0].User != s.Options.Username || !got[0].Secure || got[0].From != "ponte@arno.example" || len(got[0].To) != 1 {
			t.Errorf("%s: %+v", name, got)
			continue
		}
		m := got[0].Read(t)
		subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
		if err != nil || subject != l.Subject || m.Header.Get("Message-Id") != "<test."+name+"@arno.example>" || m.Header.Get("Date") == "" {
			t.Errorf("%s: %q %v", name, subject, m.Header)
		}
		_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
		if err != nil {
			t.Fatal(err)
		}
		p, err := multipart.NewReader(m.Body, params["boundary"]).NextRawPart()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(quotedprintable.NewReader(p))
		if err != nil || strings.TrimSpace(strings.ReplaceAll(string(b), "\r\n", "\n")) != l.Text {
			t.Errorf("%s: %q %v", name, b, err)
		}
	}
}

// What a real server refuses is said, and where it hangs up behind the letter nobody knows: handed over again it is the same letter.
func TestWhatARealServerRefuses(t *testing.T) {
	t.Parallel()
	s := mailtest.FromEnv(t)
	letterTo := func(to string) mail.Letter {
		return mail.Letter{To: to, Subject: "Prova", Text: "Prova", ID: "test.again"}
	}
	change := func(f func(o *mail.Options)) mail.Sender {
		x := s
		f(&x.Options)
		return x.Sender(t)
	}
	for _, c := range []struct {
		name, to, want string
		from           mail.Sender
	}{
		{"nobody", "nobody@arno.example", "mail.refused", s.Sender(t)},
		{"later", "later@arno.example", "mail.later", s.Sender(t)},
		{"a wrong password", "a@arno.example", "mail.login", change(func(o *mail.Options) { o.Password = "wrong-secret" })},
		{"no sign-in", "a@arno.example", "mail.failed", change(func(o *mail.Options) { o.Username, o.Password = "", "" })},
		{"a certificate nobody knows", "a@arno.example", "mail.tls", change(func(o *mail.Options) { o.RootCAs = nil })},
		{"clear where it is encrypted", "a@arno.example", "mail.tls", change(func(o *mail.Options) { o.TLS = mail.ImplicitTLS })},
	} {
		err := c.from.Send(t.Context(), letterTo(c.to))
		if err == nil || key(err) != c.want || strings.Contains(err.Error(), "wrong-secret") {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
		if len(s.To(t, c.to)) != 0 {
			t.Errorf("%s: a letter got through", c.name)
		}
	}
	long := letterTo(mailtest.Address(t, "long"))
	long.Text = strings.Repeat("Troppo lungo. ", 100_000)
	if err := s.Sender(t).Send(t.Context(), long); err == nil || len(s.To(t, long.To)) != 0 {
		t.Errorf("too long: %v", err)
	}
	to := mailtest.Address(t, "hangup")
	if err := s.Sender(t).Send(t.Context(), letterTo(to)); !mail.Uncertain(err) {
		t.Errorf("hung up: %v", err)
	}
	if err := s.Sender(t).Send(t.Context(), letterTo(to)); err != nil {
		t.Error(err)
	}
	got := s.To(t, to)
	if len(got) != 2 || got[0].Read(t).Header.Get("Message-Id") != got[1].Read(t).Header.Get("Message-Id") {
		t.Errorf("%+v", got)
	}
}
