package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/textproto"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"github.com/ponte-desk/ponte/internal/fault"
)

// TLS is how the way to the mail server is kept private.
type TLS string

// The ways. The zero value is StartTLS.
const (
	StartTLS    TLS = "starttls" // begins in the clear, then must encrypt; port 587
	ImplicitTLS TLS = "tls"      // encrypted from the first byte; port 465
	PlainText   TLS = "none"     // never encrypted; port 25; passwords go only to this machine
)

// Options say which mail server to use.
type Options struct {
	Host     string // "" turns mail off
	Port     int    // 0: the usual one of TLS
	Username string // "": no sign-in
	Password string
	From     string // "Ponte <ponte@example.org>"
	TLS      TLS
	// Timeout is for the connection and for each step. 0: 20 seconds.
	Timeout time.Duration
	// RootCAs are the authorities to trust, for a server with a private certificate. nil: the machine's own.
	RootCAs *x509.CertPool
}

type smtpSender struct {
	from    *netmail.Address
	host    string
	options []gomail.Option
}

// New makes a sender, Off when no host is set. It calls nobody. Faults: mail.from, mail.settings.
func New(o Options) (Sender, error) {
	if o.Host == "" {
		return Off{}, nil
	}
	from, err := address(o.From)
	if err != nil {
		return nil, fmt.Errorf("mail.New: %w", fault.New(fault.Invalid, "mail.from").Because(err))
	}
	if o.Timeout == 0 {
		o.Timeout = 20 * time.Second
	}
	options := []gomail.Option{
		gomail.WithTimeout(o.Timeout),
		gomail.WithoutNoop(), gomail.WithoutRset(), // one letter a connection
		gomail.WithTLSConfig(&tls.Config{ServerName: o.Host, MinVersion: tls.VersionTLS12, RootCAs: o.RootCAs}),
	}
	port := o.Port
	usual := 0
	switch o.TLS {
	case StartTLS, "":
		usual = 587
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case ImplicitTLS:
		usual = 465
		options = append(options, gomail.WithSSL())
	case PlainText:
		usual = 25
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		return nil, fmt.Errorf("mail.New: %w", fault.New(fault.Invalid, "mail.settings").With("setting", "tls"))
	}
	if port == 0 {
		port = usual
	}
	options = append(options, gomail.WithPort(port))
	if o.Username != "" {
		options = append(options, gomail.WithUsername(o.Username), gomail.WithPassword(o.Password),
			// PLAIN and LOGIN refuse themselves to any other machine when the way is not encrypted.
			gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthSCRAMSHA1, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin, gomail.SMTPAuthCramMD5))
	}
	if _, err := gomail.NewClient(o.Host, options...); err != nil {
		return nil, fmt.Errorf("mail.New: %w", fault.New(fault.Invalid, "mail.settings").With("setting", "host").Because(err))
	}
	return &smtpSender{from: from, host: o.Host, options: options}, nil
}

// Configured implements Sender.
func (s *smtpSender) Configured() bool { return true }

// Send implements Sender.
func (s *smtpSender) Send(ctx context.Context, l Letter) error {
	to, err := l.check()
	if err != nil {
		return fmt.Errorf("mail.Send: %w", err)
	}
	m := gomail.NewMsg()
	m.FromMailAddress(s.from)
	m.ToMailAddress(to)
	m.Subject(l.Subject)
	m.SetDate()
	if l.ID == "" {
		m.SetMessageID()
	} else {
		m.SetMessageIDWithValue(l.ID + "@" + s.from.Address[strings.LastIndexByte(s.from.Address, '@')+1:])
	}
	m.SetGenHeader("Auto-Submitted", "auto-generated") // so that holiday notes do not answer (RFC 3834)
	if l.Stop != "" {
		m.SetGenHeader("List-Unsubscribe", "<"+l.Stop+">")
		m.SetGenHeader("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	}
	m.SetBodyString(gomail.TypeTextPlain, l.Text)
	if l.HTML != "" {
		m.AddAlternativeString(gomail.TypeTextHTML, l.HTML)
	}
	// A client of its own for each letter: it is not made for use by several goroutines.
	c, err := gomail.NewClient(s.host, s.options...)
	if err != nil {
		return fmt.Errorf("mail.Send: %w", err)
	}
	if err := c.DialWithContext(ctx); err != nil {
		return fmt.Errorf("mail.Send: %w", s.connecting(err))
	}
	defer func() { _ = c.Close() }() // whether the letter was taken is known before the goodbye
	if err := c.Send(m); err != nil && !m.IsDelivered() {
		return fmt.Errorf("mail.Send: %w", s.sending(err))
	}
	return nil
}

// connecting says what went wrong before the letter. Errors of the server are kept for the log; they carry no password.
func (s *smtpSender) connecting(err error) error {
	say := func(kind fault.Kind, key string) error { return fault.New(kind, key).With("host", s.host).Because(err) }
	if errors.Is(err, smtp.ErrUnencrypted) {
		return say(fault.Invalid, "mail.insecure")
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return say(fault.Upstream, "mail.tls")
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return say(fault.Upstream, "mail.tls")
	}
	if e, ok := errors.AsType[*textproto.Error](err); ok {
		switch {
		case e.Code == 535 || e.Code == 534 || e.Code == 530 || e.Code == 538:
			return say(fault.Upstream, "mail.login")
		case e.Code >= 400 && e.Code < 500:
			return say(fault.Upstream, "mail.later")
		}
		return say(fault.Upstream, "mail.failed")
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return say(fault.Upstream, "mail.unreachable")
	}
	return say(fault.Upstream, "mail.handshake")
}

func (s *smtpSender) sending(err error) error {
	say := func(key string) error { return fault.New(fault.Upstream, key).With("host", s.host).Because(err) }
	if e, ok := errors.AsType[*gomail.SendError](err); ok {
		switch {
		case e.IsTemp():
			return say("mail.later")
		case e.Reason == gomail.ErrSMTPRcptTo:
			return say("mail.refused")
		}
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return say("mail.unreachable")
	}
	return say("mail.failed")
}
