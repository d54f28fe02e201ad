package mail_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/http/httptest"
	netmail "net/mail"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/mail"
)

// server is a small mail server (RFC 5321) that keeps what it got.
type server struct {
	port    int
	auth    string // the mechanisms it offers, or ""
	hang    bool   // answers nothing
	hello   string
	quit    string      // the answer to QUIT
	tls     *tls.Config // STARTTLS is offered with it; nil: not
	wg      sync.WaitGroup
	mu      sync.Mutex
	login   string
	to      []string
	letters []string
}

func start(t *testing.T, s *server) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.port = l.Addr().(*net.TCPAddr).Port
	var conns sync.Map
	s.wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			conns.Store(c, true)
			s.wg.Go(func() { s.talk(c) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		conns.Range(func(c, _ any) bool { c.(net.Conn).Close(); return true })
		s.wg.Wait()
	})
	return s
}

func (s *server) talk(c net.Conn) {
	defer c.Close()
	say := func(line string) { io.WriteString(c, line+"\r\n") }
	r := bufio.NewReader(c)
	if s.hang {
		io.Copy(io.Discard, r)
		return
	}
	if s.hello != "" {
		say(s.hello)
		return
	}
	say("220 test ESMTP")
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		verb, rest, _ := strings.Cut(line, " ")
		switch strings.ToUpper(verb) {
		case "EHLO":
			say("250-test")
			if s.auth != "" {
				say("250-AUTH " + s.auth)
			}
			if s.tls != nil {
				say("250-STARTTLS")
			}
			say("250 8BITMIME")
		case "STARTTLS":
			say("220 go on")
			secure := tls.Server(c, s.tls)
			if secure.Handshake() != nil {
				return
			}
			c, r = secure, bufio.NewReader(secure)
		case "AUTH":
			_, coded, _ := strings.Cut(rest, " ")
			b, _ := base64.StdEncoding.DecodeString(coded)
			s.mu.Lock()
			s.login = string(b)
			s.mu.Unlock()
			if strings.HasSuffix(string(b), "right") {
				say("235 welcome")
			} else {
				say("535 5.7.8 no")
			}
		case "RCPT":
			switch {
			case strings.Contains(rest, "nobody@"):
				say("550 5.1.1 no such person")
			case strings.Contains(rest, "later@"):
				say("451 4.7.1 greylisted")
			default:
				s.mu.Lock()
				s.to = append(s.to, rest)
				s.mu.Unlock()
				say("250 ok")
			}
		case "DATA":
			say("354 go on")
			var b strings.Builder
			for {
				line, err := r.ReadString('\n')
				if err != nil {
					return
				}
				if line == ".\r\n" {
					break
				}
				b.WriteString(strings.TrimPrefix(line, "."))
			}
			s.mu.Lock()
			s.letters = append(s.letters, b.String())
			s.mu.Unlock()
			say("250 taken")
		case "QUIT":
			if s.quit == "" {
				return // hangs up without a goodbye
			}
			say(s.quit)
			return
		default:
			say("250 ok")
		}
	}
}

func (s *server) got() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.letters...)
}

func sender(t *testing.T, o mail.Options) mail.Sender {
	t.Helper()
	if o.Host == "" {
		o.Host = "127.0.0.1"
	}
	if o.From == "" {
		o.From = "Ponte <ponte@example.org>"
	}
	if o.TLS == "" {
		o.TLS = mail.PlainText
	}
	s, err := mail.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var letter = mail.Letter{To: "Elena Corsi <elena@example.org>", Subject: "Un invito, perché sì", Text: "Ciao Elena,\n.\nentra: https://ponte.example.org/x", HTML: "<p>Ciao</p>"}

func key(err error) string { return fault.Of(err).Key }

func TestALetterArrivesWhole(t *testing.T) {
	t.Parallel()
	for _, quit := range []string{"221 bye", ""} {
		s := start(t, &server{quit: quit})
		m := sender(t, mail.Options{Port: s.port})
		if !m.Configured() {
			t.Fatal("not configured")
		}
		if err := m.Send(t.Context(), letter); err != nil {
			t.Fatal(err)
		}
		letters := s.got()
		if len(letters) != 1 {
			t.Fatalf("%d letters", len(letters))
		}
		got, err := netmail.ReadMessage(strings.NewReader(letters[0]))
		if err != nil {
			t.Fatal(err)
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(got.Header.Get("Subject"))
		if err != nil || subject != letter.Subject {
			t.Errorf("subject %q %v", subject, err)
		}
		to, err := got.Header.AddressList("To")
		if err != nil || len(to) != 1 || to[0].Address != "elena@example.org" || to[0].Name != "Elena Corsi" {
			t.Errorf("to %v %v", to, err)
		}
		if !regexp.MustCompile(`^<[^<>@\s]+@[^<>@\s]+>$`).MatchString(got.Header.Get("Message-Id")) || got.Header.Get("Date") == "" || got.Header.Get("Auto-Submitted") != "auto-generated" {
			t.Errorf("headers %v", got.Header)
		}
		_, params, err := mime.ParseMediaType(got.Header.Get("Content-Type"))
		if err != nil {
			t.Fatal(err)
		}
		parts := multipart.NewReader(got.Body, params["boundary"])
		for _, want := range []string{letter.Text, letter.HTML} {
			p, err := parts.NextRawPart()
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(quotedprintable.NewReader(p))
			if err != nil || strings.TrimSpace(strings.ReplaceAll(string(b), "\r\n", "\n")) != want {
				t.Errorf("body %q %v, want %q", b, err, want)
			}
		}
	}
}

func TestALetterHandedOverAgainIsTheSame(t *testing.T) {
	t.Parallel()
	s := start(t, &server{})
	m := sender(t, mail.Options{Port: s.port})
	l := letter
	l.ID = "notice.0123456789abcdef"
	for range 2 {
		if err := m.Send(t.Context(), l); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Send(t.Context(), letter); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, x := range s.got() {
		got, err := netmail.ReadMessage(strings.NewReader(x))
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, got.Header.Get("Message-Id"))
	}
	if len(ids) != 3 || ids[0] != "<notice.0123456789abcdef@example.org>" || ids[1] != ids[0] || ids[2] == ids[0] {
		t.Fatalf("%q", ids)
	}
	l.Stop = "https://ponte.example/letter/stop/ABC"
	if err := m.Send(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	last, err := netmail.ReadMessage(strings.NewReader(s.got()[3]))
	if err != nil {
		t.Fatal(err)
	}
	if last.Header.Get("List-Unsubscribe") != "<"+l.Stop+">" || last.Header.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" {
		t.Errorf("the way to stop it: %v", last.Header)
	}
	for _, bad := range []string{"ftp://x", "https://x>\r\nBcc: x@example.org", "https://x y", "https://x,https://y"} {
		l := l
		l.Stop = bad
		if err := m.Send(t.Context(), l); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for _, bad := range []string{"a b", "a>\r\nBcc: x@example.org", ".a", "a.", "a..b", "a@b", "perché"} {
		l.ID = bad
		if err := m.Send(t.Context(), l); fault.Of(err) == nil || len(fault.Of(err).Fields) != 1 || fault.Of(err).Fields[0].Key != "mail.id" {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	s := start(t, &server{auth: "PLAIN"})
	if err := sender(t, mail.Options{Port: s.port, Username: "ponte", Password: "right"}).Send(t.Context(), letter); err != nil {
		t.Fatal(err)
	}
	if s.login != "\x00ponte\x00right" || len(s.got()) != 1 {
		t.Fatalf("%q, %d letters", s.login, len(s.got()))
	}
	err := sender(t, mail.Options{Port: s.port, Username: "ponte", Password: "wrong-secret"}).Send(t.Context(), letter)
	if key(err) != "mail.login" || strings.Contains(err.Error(), "wrong-secret") || len(s.got()) != 1 {
		t.Fatalf("%v", err)
	}
	if err := sender(t, mail.Options{Port: start(t, &server{}).port, Username: "ponte", Password: "right"}).Send(t.Context(), letter); key(err) != "mail.handshake" {
		t.Fatalf("a server without sign-in: %v", err)
	}
}

func TestWhatGoesWrongIsSaid(t *testing.T) {
	t.Parallel()
	s := start(t, &server{})
	plain := sender(t, mail.Options{Port: s.port})
	to := func(address string) mail.Letter { l := letter; l.To = address; return l }
	dead, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	deadPort := dead.Addr().(*net.TCPAddr).Port
	dead.Close()
	for _, c := range []struct {
		name   string
		sender mail.Sender
		letter mail.Letter
		want   string
	}{
		{"rejected recipient", plain, to("nobody@example.org"), "mail.refused"},
		{"greylisted", plain, to("later@example.org"), "mail.later"},
		{"dead host", sender(t, mail.Options{Port: deadPort}), letter, "mail.unreachable"},
		{"silent host", sender(t, mail.Options{Port: start(t, &server{hang: true}).port, Timeout: 200 * time.Millisecond}), letter, "mail.unreachable"},
		{"busy host", sender(t, mail.Options{Port: start(t, &server{hello: "421 too many"}).port}), letter, "mail.later"},
		{"closed host", sender(t, mail.Options{Port: start(t, &server{hello: "554 no"}).port}), letter, "mail.failed"},
		{"no encryption offered", sender(t, mail.Options{Port: s.port, TLS: mail.StartTLS}), letter, "mail.handshake"},
		{"not TLS at all", sender(t, mail.Options{Port: s.port, TLS: mail.ImplicitTLS}), letter, "mail.tls"},
		{"off", mail.Off{}, letter, "mail.off"},
	} {
		err := c.sender.Send(t.Context(), c.letter)
		if err == nil || key(err) != c.want {
			t.Errorf("%s: got %v, want %s", c.name, err, c.want)
		}
	}
	if n := len(s.got()); n != 0 {
		t.Errorf("%d letters got through", n)
	}
}

func TestNoHeaderComesInFromOutside(t *testing.T) {
	t.Parallel()
	s := start(t, &server{})
	m := sender(t, mail.Options{Port: s.port})
	for _, l := range []mail.Letter{
		{To: "a@example.org\r\nBcc: b@example.org", Subject: "x", Text: "y"},
		{To: "a@example.org, b@example.org", Subject: "x", Text: "y"},
		{To: "\"a\r\nBcc: b@example.org\" <a@example.org>", Subject: "x", Text: "y"},
		{To: "=?utf-8?q?a=0D=0ABcc:_b?= <a@example.org>", Subject: "x", Text: "y"},
		{To: "\"a b\"@example.org", Subject: "x", Text: "y"},
		{To: "", Subject: "x", Text: "y"},
		{To: "a@example.org", Subject: "x\r\nBcc: b@example.org", Text: "y"},
		{To: "a@example.org", Subject: "x\nBcc: b@example.org", Text: "y"},
		{To: "a@example.org", Subject: " ", Text: "y"},
		{To: "a@example.org", Subject: "x", Text: ""},
	} {
		var e *fault.Error
		if err := m.Send(t.Context(), l); !errors.As(err, &e) || e.Kind != fault.Invalid || len(e.Fields) != 1 {
			t.Errorf("%+v: %v", l, err)
		}
	}
	if err := m.Send(t.Context(), mail.Letter{To: "bad", Subject: "", Text: ""}); len(fault.Of(err).Fields) != 3 {
		t.Errorf("not all fields are named: %v", err)
	}
	if err := m.Send(t.Context(), mail.Letter{To: "a@example.org", Subject: "x", Text: "y\r\n.\r\nMAIL FROM:<x@example.org>\r\n"}); err != nil {
		t.Fatal(err)
	}
	if letters := s.got(); len(letters) != 1 || len(s.to) != 1 || !strings.Contains(letters[0], "MAIL FROM:<x@example.org>") {
		t.Fatalf("%d letters to %v", len(letters), s.to)
	}
}

func TestStartTLS(t *testing.T) {
	t.Parallel()
	web := httptest.NewTLSServer(nil) // lends its certificate for 127.0.0.1
	t.Cleanup(web.Close)
	s := start(t, &server{auth: "LOGIN PLAIN", tls: &tls.Config{Certificates: web.TLS.Certificates}})
	pool := x509.NewCertPool()
	pool.AddCert(web.Certificate())
	o := mail.Options{Port: s.port, TLS: mail.StartTLS, RootCAs: pool, Username: "ponte", Password: "right"}
	if err := sender(t, o).Send(t.Context(), letter); err != nil || len(s.got()) != 1 {
		t.Fatalf("%v, %d letters", err, len(s.got()))
	}
	o.RootCAs = nil
	if err := sender(t, o).Send(t.Context(), letter); key(err) != "mail.tls" || len(s.got()) != 1 {
		t.Fatalf("a certificate nobody knows: %v", err)
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	if s, err := mail.New(mail.Options{}); err != nil || s.Configured() {
		t.Errorf("without a host: %v %v", s, err)
	}
	for want, o := range map[string]mail.Options{
		"mail.from":     {Host: "a.it", From: "nobody"},
		"mail.settings": {Host: "a.it", From: "a@a.it", TLS: "maybe"},
	} {
		if _, err := mail.New(o); key(err) != want {
			t.Errorf("%+v: %v", o, err)
		}
	}
	if _, err := mail.New(mail.Options{Host: "a.it", From: "a@a.it", Port: 1 << 20}); key(err) != "mail.settings" {
		t.Errorf("port: %v", err)
	}
}

func FuzzLetter(f *testing.F) {
	s := &server{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go s.talk(c)
		}
	}()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	n, _ := strconv.Atoi(port)
	m, err := mail.New(mail.Options{Host: "127.0.0.1", Port: n, From: "p@example.org", TLS: mail.PlainText})
	if err != nil {
		f.Fatal(err)
	}
	f.Add("Elena <elena@example.org>", "Ciao")
	f.Add("x@example.org\nBcc: y@example.org", "a\r\nX: b")
	f.Fuzz(func(t *testing.T, to, subject string) {
		if m.Send(t.Context(), mail.Letter{To: to, Subject: subject, Text: "x"}) != nil {
			return
		}
		letters := s.got()
		got, err := netmail.ReadMessage(strings.NewReader(letters[len(letters)-1]))
		if err != nil {
			t.Fatalf("%q %q: %v", to, subject, err)
		}
		for name, values := range got.Header {
			switch name {
			case "From", "To", "Subject", "Date", "Message-Id", "Auto-Submitted", "Mime-Version", "User-Agent", "X-Mailer",
				"Content-Type", "Content-Transfer-Encoding":
				if len(values) != 1 {
					t.Fatalf("%d headers %s", len(values), name)
				}
			default:
				t.Fatalf("header %s: %q", name, values)
			}
		}
	})
}
