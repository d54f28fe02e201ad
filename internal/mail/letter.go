package mail

import (
	"context"
	netmail "net/mail"
	"strings"
	"unicode"

	"github.com/ponte-desk/ponte/internal/fault"
)

// Letter is what one person gets. Text is always there; HTML is the same for who likes it better, or "".
type Letter struct {
	To      string // "elena@example.org" or "Elena Corsi <elena@example.org>"; one address
	Subject string // one line
	Text    string
	HTML    string
	// ID makes the letter the same one when it is handed over again, because nobody knows whether it arrived: mail programs show letters with
	// the same Message-ID once. Letters, digits, points, dashes and underscores; "": every handing over is a letter of its own.
	ID string
	// Stop is an address under which whoever gets the letter stops more of its kind by POST, without signing in (RFC 8058): mail programs
	// show a key for it. "": the letter is not one of many.
	Stop string
}

// Sender sends letters. It is safe for use by several goroutines.
type Sender interface {
	// Send hands one letter to the company's mail server. It makes one attempt. Faults: mail.off, mail.address,
	// mail.subject, mail.empty, mail.id, mail.unreachable, mail.handshake, mail.login, mail.insecure, mail.tls, mail.refused, mail.later,
	// mail.failed. A letter that failed with mail.unreachable or mail.later may be sent again.
	Send(ctx context.Context, l Letter) error
	// Configured tells whether letters can be sent at all; without it doors show links to pass on by hand.
	Configured() bool
}

// ErrOff says that no mail server is set.
var ErrOff = fault.New(fault.Conflict, "mail.off")

// Off is the sender of a Ponte without a mail server.
type Off struct{}

// Send implements Sender: it gives ErrOff.
func (Off) Send(context.Context, Letter) error { return ErrOff }

// Configured implements Sender.
func (Off) Configured() bool { return false }

// check finds everything wrong with a letter before anybody is called.
func (l Letter) check() (*netmail.Address, error) {
	var fields []fault.Field
	to, err := address(l.To)
	if err != nil {
		fields = append(fields, fault.Field{Name: "to", Key: "mail.address"})
	}
	if strings.TrimSpace(l.Subject) == "" || strings.ContainsFunc(l.Subject, unicode.IsControl) || len(l.Subject) > 500 {
		fields = append(fields, fault.Field{Name: "subject", Key: "mail.subject"})
	}
	if strings.TrimSpace(l.Text) == "" {
		fields = append(fields, fault.Field{Name: "text", Key: "mail.empty"})
	}
	if len(l.ID) > 200 || strings.ContainsFunc(l.ID, func(r rune) bool {
		return r != '.' && r != '-' && r != '_' && (r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r))
	}) || strings.HasPrefix(l.ID, ".") || strings.HasSuffix(l.ID, ".") || strings.Contains(l.ID, "..") { // RFC 5322 section 3.2.3: dot-atom-text
		fields = append(fields, fault.Field{Name: "id", Key: "mail.id"})
	}
	if l.Stop != "" && (!strings.HasPrefix(l.Stop, "http") || strings.ContainsAny(l.Stop, "<>,") || strings.ContainsFunc(l.Stop, func(r rune) bool { return r <= ' ' || r > '~' })) {
		fields = append(fields, fault.Field{Name: "stop", Key: "mail.address"})
	}
	if err := fault.InvalidFields(fields...); err != nil {
		return nil, err
	}
	return to, nil
}

// Uncertain tells whether nobody knows after this fault of Send whether the letter arrived.
func Uncertain(err error) bool {
	f := fault.Of(err)
	return f != nil && f.Kind == fault.Upstream && (f.Key == "mail.unreachable" || f.Key == "mail.failed")
}

// address reads one address (RFC 5322 section 3.4). Control characters, which could begin a header of their own, are
// refused wherever they stand.
func address(s string) (*netmail.Address, error) {
	if strings.ContainsFunc(s, unicode.IsControl) || len(s) > 400 {
		return nil, fault.New(fault.Invalid, "mail.address")
	}
	a, err := netmail.ParseAddress(s)
	if err != nil {
		return nil, fault.New(fault.Invalid, "mail.address").Because(err)
	}
	if strings.ContainsFunc(a.Address+a.Name, unicode.IsControl) || strings.ContainsAny(a.Address, " \"<>,;") {
		return nil, fault.New(fault.Invalid, "mail.address")
	}
	return a, nil
}
