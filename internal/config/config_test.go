package config_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/ponte-desk/ponte/internal/config"
	"github.com/ponte-desk/ponte/internal/fault"
)

func good() config.Config {
	return config.Config{Data: "data", SMTPTLS: "starttls", LogLevel: "info", ACMEListen: ":80"}
}

func TestCheckNamesEverySettingThatIsWrong(t *testing.T) {
	t.Parallel()
	if err := good().Check(); err != nil {
		t.Fatalf("good settings: %v", err)
	}
	c := config.Config{
		Data: " ", Database: "mysql://u:hidden@h/db", Listen: "8080", MetricsListen: ":70000", BaseURL: "https://desk.example/below",
		PLCDirectory: "plc", TLSDomain: "https://desk.example", ACMEListen: ":80", AllowNetwork: []string{"10.0.0.0/8", "10.0.0.1"},
		SMTPHost: "mail.example", SMTPPort: -1, SMTPTLS: "ssl", LogLevel: "loud",
	}
	err := c.Check()
	e, ok := errors.AsType[*fault.Error](err)
	if !ok || e.Kind != fault.Invalid {
		t.Fatalf("%v", err)
	}
	wrong := map[string]bool{}
	for _, f := range e.Fields {
		wrong[f.Name] = true
	}
	for _, name := range []string{
		"data", "database", "listen", "metrics-listen", "base-url", "plc-directory", "tls-domain", "allow-network", "smtp-port", "smtp-tls",
		"smtp-from", "log-level",
	} {
		if !wrong[name] {
			t.Errorf("%s passed", name)
		}
		delete(wrong, name)
	}
	if len(wrong) > 0 {
		t.Errorf("wrong besides: %v", wrong)
	}
	if strings.Contains(fmt.Sprintf("%v %+v", err, e.Fields), "hidden") {
		t.Error("the message shows a password")
	}
}

func TestBaseIsTheAddressForPeople(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		set       func(*config.Config)
		listening string
		want      string
		secure    bool
	}{
		{func(*config.Config) {}, "", "http://localhost:8080", false},
		{func(*config.Config) {}, "[::]:41234", "http://localhost:41234", false},
		{func(c *config.Config) { c.Listen = "127.0.0.1:0" }, "127.0.0.1:5", "http://localhost:5", false},
		{func(c *config.Config) { c.Listen = "192.168.1.5:80" }, "", "http://192.168.1.5:80", false},
		{func(c *config.Config) { c.BaseURL = "https://desk.example/" }, "[::]:8080", "https://desk.example", true},
		{func(c *config.Config) { c.TLSDomain = "desk.example" }, "", "https://desk.example", true},
		{func(c *config.Config) { c.TLSDomain, c.Listen = "desk.example", ":8443" }, "", "https://desk.example:8443", true},
	} {
		c := good()
		x.set(&c)
		if err := c.Check(); err != nil {
			t.Errorf("%s: %v", x.want, err)
		}
		if got := c.Base(x.listening); got != x.want || c.Secure() != x.secure {
			t.Errorf("got %s, secure %t; want %s", got, c.Secure(), x.want)
		}
	}
}

func TestRedactedShowsNoSecret(t *testing.T) {
	t.Parallel()
	c := good()
	c.Database, c.Key, c.SMTPPassword = "postgres://u:hush1@h/db", "hush2", "hush3"
	if s := fmt.Sprintf("%+v", c.Redacted()); strings.Contains(s, "hush") {
		t.Errorf("it shows a secret: %s", s)
	}
	if c.Key != "hush2" {
		t.Error("the settings themselves were changed")
	}
}

func TestEverySettingHasAName(t *testing.T) {
	t.Parallel()
	names := config.Names()
	seen := map[string]bool{}
	for _, n := range names {
		if n == "" || seen[n] {
			t.Errorf("the name %q", n)
		}
		seen[n] = true
	}
	for _, n := range []string{"data", "base-url", "smtp-password", "allow-network"} {
		if !seen[n] {
			t.Errorf("%s is not among them", n)
		}
	}
}
