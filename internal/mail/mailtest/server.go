package mailtest

import (
	"crypto/x509"
	"encoding/json"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	ours "github.com/ponte-desk/ponte/internal/mail"
)

// Server is a real mail server. It refuses nobody@, puts later@ off, and does not answer to the first letter of each address that begins
// with hangup, though it takes it.
type Server struct {
	Options ours.Options // with which it is reached: STARTTLS and the right name and password
	TLS     int          // the port that is encrypted from the first byte
	box     string
}

// FromEnv finds the server that PONTE_TEST_MAIL describes. Without it the test is skipped, or fails when PONTE_TEST_REQUIRE is 1.
func FromEnv(t testing.TB) Server {
	t.Helper()
	raw := os.Getenv("PONTE_TEST_MAIL")
	if raw == "" {
		const why = "PONTE_TEST_MAIL names no mail server; make test starts one"
		if os.Getenv("PONTE_TEST_REQUIRE") == "1" {
			t.Fatal(why)
		}
		t.Skip(why)
	}
	var at struct {
		Submission, Implicit      int
		User, Password, Box, Cert string
	}
	if err := json.Unmarshal([]byte(raw), &at); err != nil {
		t.Fatal(err)
	}
	pem, err := os.ReadFile(at.Cert)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		t.Fatalf("%s is no certificate", at.Cert)
	}
	return Server{
		Options: ours.Options{
			Host: "127.0.0.1", Port: at.Submission, Username: at.User, Password: at.Password, From: "Ponte <ponte@arno.example>", TLS: ours.StartTLS, RootCAs: pool,
		},
		TLS: at.Implicit, box: at.Box,
	}
}

// Sender gives a sender to the server.
func (s Server) Sender(t testing.TB) ours.Sender {
	t.Helper()
	m, err := ours.New(s.Options)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Taken is a letter that the server took.
type Taken struct {
	From   string
	To     []string
	User   string // who signed in
	Secure bool   // it came encrypted
	Letter string // as it came
}

// Read reads a letter.
func (l Taken) Read(t testing.TB) *mail.Message {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(l.Letter))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// To lists the letters to an address, in the order in which they came.
func (s Server) To(t testing.TB, address string) (all []Taken) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(s.box, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	for _, n := range names {
		b, err := os.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		var l Taken
		if err := json.Unmarshal(b, &l); err != nil {
			t.Fatal(err)
		}
		if slices.Contains(l.To, address) {
			all = append(all, l)
		}
	}
	return all
}

// Address gives an address that nobody else has; name may be one that the server treats in its own way.
func Address(t testing.TB, name string) string {
	t.Helper()
	return name + strconv.Itoa(os.Getpid()) + "." + strings.ToLower(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, t.Name())) + "@arno.example"
}
