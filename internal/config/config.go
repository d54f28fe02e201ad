package config

import (
	"cmp"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/mail"
	"github.com/ponte-desk/ponte/internal/store"
)

// Config is every setting of a Ponte. Each is a flag (--base-url), a variable of the environment (PONTE_BASE_URL) and a
// line of the settings file (base-url = "..."); the flag wins over the variable, the variable over the file. Settings
// tagged secret can also lie in a file of their own, named by the variable with _FILE at its end.
type Config struct {
	File          string   `name:"config" placeholder:"FILE" help:"config"`
	Data          string   `name:"data" default:"data" placeholder:"DIR" help:"data"`
	Database      string   `name:"database" secret:"" placeholder:"URL" help:"database"`
	Key           string   `name:"key" secret:"" placeholder:"KEY" help:"key"`
	Listen        string   `name:"listen" placeholder:"ADDRESS" help:"listen"`
	BaseURL       string   `name:"base-url" placeholder:"URL" help:"base_url"`
	TLSDomain     string   `name:"tls-domain" placeholder:"NAME" help:"tls_domain"`
	ACMEListen    string   `name:"acme-listen" hidden:"" default:":80" help:"acme_listen"`
	MetricsListen string   `name:"metrics-listen" placeholder:"ADDRESS" help:"metrics_listen"`
	TrustProxy    bool     `name:"trust-proxy" help:"trust_proxy"`
	AllowNetwork  []string `name:"allow-network" placeholder:"CIDR" help:"allow_network"`
	PLCDirectory  string   `name:"plc-directory" hidden:"" placeholder:"URL" help:"plc_directory"`
	SMTPHost      string   `name:"smtp-host" placeholder:"NAME" help:"smtp_host"`
	SMTPPort      int      `name:"smtp-port" default:"0" placeholder:"PORT" help:"smtp_port"`
	SMTPUsername  string   `name:"smtp-username" placeholder:"NAME" help:"smtp_username"`
	SMTPPassword  string   `name:"smtp-password" secret:"" placeholder:"PASSWORD" help:"smtp_password"`
	SMTPFrom      string   `name:"smtp-from" placeholder:"ADDRESS" help:"smtp_from"`
	SMTPTLS       string   `name:"smtp-tls" default:"starttls" placeholder:"HOW" help:"smtp_tls"`
	LogLevel      string   `name:"log-level" default:"info" placeholder:"LEVEL" help:"log_level"`
}

// Names are the names of all settings that may stand in the settings file.
func Names() []string {
	var names []string
	for f := range reflect.TypeFor[Config]().Fields() {
		if name := f.Tag.Get("name"); name != "config" {
			names = append(names, name)
		}
	}
	return names
}

// Check tells everything that is wrong, each setting by its name, or nil.
func (c Config) Check() error {
	var bad []fault.Field
	wrong := func(name, key string, value any) {
		bad = append(bad, fault.Field{Name: name, Key: key, Args: map[string]any{"value": value}})
	}
	if strings.TrimSpace(c.Data) == "" {
		wrong("data", "config.data", c.Data)
	}
	if c.Database != "" {
		if u, err := url.Parse(c.Database); err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") || u.Host == "" && u.Query().Get("host") == "" {
			wrong("database", "config.database", "") // it may hold a password
		}
	}
	if !isAddress(c.Address()) {
		wrong("listen", "config.address", c.Listen)
	}
	if c.TLSDomain != "" && !isAddress(c.ACMEListen) {
		wrong("acme-listen", "config.address", c.ACMEListen)
	}
	if c.MetricsListen != "" && !isAddress(c.MetricsListen) {
		wrong("metrics-listen", "config.address", c.MetricsListen)
	}
	if c.BaseURL != "" && !isBase(c.BaseURL) {
		wrong("base-url", "config.url", c.BaseURL)
	}
	if c.PLCDirectory != "" && !isBase(c.PLCDirectory) {
		wrong("plc-directory", "config.url", c.PLCDirectory)
	}
	if c.TLSDomain != "" && (!strings.Contains(c.TLSDomain, ".") || strings.ContainsAny(c.TLSDomain, "/: *")) {
		wrong("tls-domain", "config.domain", c.TLSDomain)
	}
	if _, at := c.networks(); at != "" {
		wrong("allow-network", "config.network", at)
	}
	if c.SMTPPort < 0 || c.SMTPPort > 65535 {
		wrong("smtp-port", "config.port", c.SMTPPort)
	}
	if !slices.Contains([]mail.TLS{mail.StartTLS, mail.ImplicitTLS, mail.PlainText}, mail.TLS(c.SMTPTLS)) {
		wrong("smtp-tls", "config.smtp_tls", c.SMTPTLS)
	}
	if c.SMTPHost != "" && c.SMTPFrom == "" {
		wrong("smtp-from", "config.smtp_from", "")
	}
	if _, ok := levels[strings.ToLower(c.LogLevel)]; !ok {
		wrong("log-level", "config.log_level", c.LogLevel)
	}
	return fault.InvalidFields(bad...)
}

var levels = map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}

// Address is what is listened on: as set, else :443 with a TLS domain, else :8080.
func (c Config) Address() string {
	if c.TLSDomain != "" {
		return cmp.Or(c.Listen, ":443")
	}
	return cmp.Or(c.Listen, ":8080")
}

// Level is how much the log says.
func (c Config) Level() slog.Level { return levels[strings.ToLower(c.LogLevel)] }

// Networks are the networks that calls to the outside may reach though they lie inside.
func (c Config) Networks() []netip.Prefix {
	ps, _ := c.networks()
	return ps
}

func (c Config) networks() (ps []netip.Prefix, wrong string) {
	for _, s := range c.AllowNetwork {
		p, err := netip.ParsePrefix(strings.TrimSpace(s))
		if err != nil {
			return nil, s
		}
		ps = append(ps, p.Masked())
	}
	return ps, ""
}

// Mail is how letters leave.
func (c Config) Mail() mail.Options {
	return mail.Options{
		Host: c.SMTPHost, Port: c.SMTPPort, Username: c.SMTPUsername, Password: c.SMTPPassword, From: c.SMTPFrom, TLS: mail.TLS(c.SMTPTLS),
	}
}

// Base is the address under which people reach Ponte, without a slash at its end: as set, else made of what is
// listened on. listening is the address that was really taken, when the set one leaves the port open.
func (c Config) Base(listening string) string {
	if c.BaseURL != "" {
		return strings.TrimRight(c.BaseURL, "/")
	}
	host, port, err := net.SplitHostPort(cmp.Or(listening, c.Address()))
	if err != nil {
		return "http://localhost:8080"
	}
	if c.TLSDomain != "" {
		if port == "443" || port == "https" {
			return "https://" + c.TLSDomain
		}
		return "https://" + net.JoinHostPort(c.TLSDomain, port)
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && (ip.IsUnspecified() || ip.IsLoopback()) {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// Secure tells that people reach Ponte by https.
func (c Config) Secure() bool { return strings.HasPrefix(c.Base(""), "https://") }

// Redacted is the settings as they may be shown and logged: without secrets.
func (c Config) Redacted() Config {
	if c.Database != "" {
		c.Database = store.Redact(c.Database)
	}
	for _, secret := range []*string{&c.Key, &c.SMTPPassword} {
		if *secret != "" {
			*secret = "…"
		}
	}
	return c
}

func isAddress(s string) bool {
	host, port, err := net.SplitHostPort(s)
	if err != nil || strings.ContainsAny(host, " /") {
		return false
	}
	n, err := strconv.Atoi(port)
	return err == nil && n >= 0 && n <= 65535
}

// isBase: a web address without path, question or name.
func isBase(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && u.User == nil &&
		strings.Trim(u.Path, "/") == "" && u.RawQuery == "" && u.Fragment == ""
}
