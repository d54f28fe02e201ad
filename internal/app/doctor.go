package app

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"github.com/ponte-desk/ponte/internal/config"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/mail"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/seal"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// Verdict is how a check came out.
type Verdict string

// The verdicts.
const (
	Well Verdict = "ok"
	Warn Verdict = "warn"
	Fail Verdict = "fail"
)

// Finding is one check of the doctor. Key is a key of the catalog; what to do about it stands at Key + ".remedy".
type Finding struct {
	Check   string
	Verdict Verdict
	Key     string
	Args    map[string]any
	Err     error // for the log; what people read comes from Key
}

// When the doctor begins to worry.
const (
	diskWarn     = 1 << 30 // bytes free
	diskFail     = 100 << 20
	backupWarn   = 7 * 24 * time.Hour
	triedWarn    = 90 * 24 * time.Hour
	queueLate    = 5 * time.Minute
	clockOff     = 5 * time.Second
	expiresSoon  = 7 // days
	mailPatience = 5 * time.Second
)

// Examine looks at a house as it is and says what is well and what is not. It changes nothing but what opening a
// database needs, and works when the house does not.
func Examine(ctx context.Context, c config.Config, d Deps) []Finding {
	x := &doctor{config: c}
	v := ThisVersion()
	x.note("version", Well, "doctor.version", "version", v.String(), "go", v.Go, "system", runtime.GOOS+"/"+runtime.GOARCH)
	if err := c.Check(); err != nil {
		x.fault("settings", err)
		return x.found
	}
	x.disk()
	x.key()
	x.address()
	x.mail(ctx)
	x.copies()
	d.Errand = true
	a, err := New(ctx, c, d)
	if err != nil {
		x.fault("database", err)
		return x.found
	}
	defer func() { _ = a.Stop(ctx) }()
	x.house(ctx, a)
	return x.found
}

type doctor struct {
	config config.Config
	found  []Finding
}

func (x *doctor) note(check string, v Verdict, key string, args ...any) {
	f := Finding{Check: check, Verdict: v, Key: key, Args: map[string]any{}}
	for i := 0; i+1 < len(args); i += 2 {
		f.Args[args[i].(string)] = args[i+1]
	}
	x.found = append(x.found, f)
}

func (x *doctor) fault(check string, err error) {
	f := fault.Of(err)
	x.found = append(x.found, Finding{Check: check, Verdict: Fail, Key: f.Key, Args: f.Args, Err: err})
}

func (x *doctor) disk() {
	var s syscall.Statfs_t
	if err := syscall.Statfs(x.config.Data, &s); err != nil {
		return // the database says what is wrong with the folder
	}
	free := int64(s.Bavail) * int64(s.Bsize)
	v, key := Well, "doctor.disk.ok"
	switch {
	case free < diskFail:
		v, key = Fail, "doctor.disk.low"
	case free < diskWarn:
		v, key = Warn, "doctor.disk.low"
	}
	x.note("disk", v, key, "free", free>>20, "folder", x.config.Data)
}

func (x *doctor) key() {
	if x.config.Key != "" {
		x.note("key", Well, "doctor.key.setting")
		return
	}
	path := filepath.Join(x.config.Data, seal.FileName)
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return // with a company there, opening the house says that it is missing
	case err != nil:
		x.fault("key", fault.New(fault.Internal, "seal.key.unreadable").With("path", path).Because(err))
	case info.Mode().Perm()&0o077 != 0:
		x.note("key", Warn, "seal.key.permissions", "path", path, "mode", "0"+strconv.FormatUint(uint64(info.Mode().Perm()), 8))
	default:
		x.note("key", Well, "doctor.key.ok")
	}
}

// address looks at how people come in.
func (x *doctor) address() {
	base := x.config.Base("")
	u, err := url.Parse(base)
	if err != nil {
		return // Check has looked at it
	}
	ip, ipErr := netip.ParseAddr(u.Hostname())
	local := u.Hostname() == "localhost" || ipErr == nil && ip.IsLoopback()
	switch {
	case x.config.TLSDomain != "" && u.Hostname() != x.config.TLSDomain:
		x.note("address", Fail, "doctor.address.differs", "base", base, "domain", x.config.TLSDomain)
	case u.Scheme == "https":
		x.note("address", Well, "doctor.address.ok", "base", base)
	case local:
		x.note("address", Well, "doctor.address.local", "base", base)
	default:
		x.note("address", Warn, "doctor.address.plain", "base", base)
	}
}

func (x *doctor) mail(ctx context.Context) {
	if x.config.SMTPHost == "" {
		x.note("mail", Well, "doctor.mail.off")
		return
	}
	port := x.config.SMTPPort
	if port == 0 {
		port = map[mail.TLS]int{mail.StartTLS: 587, mail.ImplicitTLS: 465, mail.PlainText: 25}[mail.TLS(x.config.SMTPTLS)]
	}
	host := net.JoinHostPort(x.config.SMTPHost, strconv.Itoa(port))
	conn, err := (&net.Dialer{Timeout: mailPatience}).DialContext(ctx, "tcp", host)
	if err != nil {
		x.found = append(x.found, Finding{Check: "mail", Verdict: Fail, Key: "doctor.mail.unreachable", Args: map[string]any{"host": host}, Err: err})
		return
	}
	_ = conn.Close()
	x.note("mail", Well, "doctor.mail.ok", "host", host)
}

func (x *doctor) copies() {
	last, err := lastBackup(x.config.Data)
	days := int(time.Since(last.At) / (24 * time.Hour))
	switch {
	case err != nil:
		x.note("backup", Warn, "doctor.backup.never")
	case time.Since(last.At) > backupWarn:
		x.note("backup", Warn, "doctor.backup.old", "days", days)
	default:
		x.note("backup", Well, "doctor.backup.ok", "days", days, "path", last.File)
	}
	if err != nil {
		return
	}
	tried, err := lastTried(x.config.Data)
	days = int(time.Since(tried.At) / (24 * time.Hour))
	switch {
	case err != nil:
		x.note("restore", Warn, "doctor.restore.never")
	case tried.Trouble != "":
		x.note("restore", Fail, "doctor.restore.failed", "path", tried.File, "days", days)
	case time.Since(tried.At) > triedWarn:
		x.note("restore", Warn, "doctor.restore.old", "path", tried.File, "days", days)
	default:
		x.note("restore", Well, "doctor.restore.ok", "path", tried.File, "days", days, "rows", tried.Rows)
	}
}

func (x *doctor) house(ctx context.Context, a *App) {
	where := a.Store.Path()
	if a.Store.Dialect() == store.Postgres {
		where = store.Redact(x.config.Database)
	}
	x.note("database", Well, "doctor.database.ok", "where", where)
	if s, err := a.Store.Schema(ctx); err != nil {
		x.fault("schema", err)
	} else {
		x.note("schema", Well, "doctor.schema.ok", "version", s.Version)
	}
	x.clock(ctx, a)
	if b, err := a.Queue.Backlog(ctx); err != nil {
		x.fault("queue", err)
	} else if !b.Oldest.IsZero() && a.Clock.Now().Sub(b.Oldest) > queueLate {
		x.note("queue", Warn, "doctor.queue.late", "due", b.Due, "minutes", int(a.Clock.Now().Sub(b.Oldest)/time.Minute))
	} else {
		x.note("queue", Well, "doctor.queue.ok", "due", b.Due, "failed", b.Failed)
	}
	companies, err := a.Team.Companies(ctx)
	if err != nil {
		x.fault("company", err)
		return
	}
	if len(companies) == 0 {
		x.note("company", Warn, "doctor.company.none")
	}
	for _, c := range companies {
		if c.Sample {
			continue
		}
		x.factors(ctx, a, c)
		x.channels(ctx, a, c)
	}
}

func (x *doctor) clock(ctx context.Context, a *App) {
	now := time.Now()
	if built := ThisVersion().Built; !built.IsZero() && now.Before(built.Add(-24*time.Hour)) {
		x.note("clock", Fail, "doctor.clock.past", "now", now.UTC().Format(time.RFC3339))
		return
	}
	there, err := a.Store.Now(ctx)
	if err != nil {
		x.fault("clock", err)
		return
	}
	if off := time.Since(there); off.Abs() > clockOff {
		x.note("clock", Warn, "doctor.clock.differs", "seconds", int(off.Abs()/time.Second))
		return
	}
	x.note("clock", Well, "doctor.clock.ok")
}

// factors counts who has a second factor.
func (x *doctor) factors(ctx context.Context, a *App, c team.Company) {
	members, err := a.Team.Members(ctx, team.Command(c.ID), team.MemberFilter{State: team.MemberActive})
	if err != nil {
		x.fault("two-factor", err)
		return
	}
	on, owners := 0, 0
	for _, m := range members {
		f, err := a.Signin.Factor(ctx, m.Actor(team.ViaScreen))
		if err != nil {
			x.fault("two-factor", err)
			return
		}
		switch {
		case f.On:
			on++
		case m.Role == team.Owner:
			owners++
		}
	}
	v, key := Well, "doctor.factor.ok"
	if owners > 0 {
		v, key = Warn, "doctor.factor.owner"
	}
	x.note("two-factor", v, key, "on", on, "members", len(members))
}

func (x *doctor) channels(ctx context.Context, a *App, c team.Company) {
	channels, err := a.Networks.Channels(ctx, team.Command(c.ID))
	if err != nil {
		x.fault("channels", err)
		return
	}
	for _, ch := range channels {
		args := []any{"handle", ch.Handle, "network", string(ch.Network)}
		days, foreseen := ch.DaysLeft(a.Clock.Now())
		switch {
		case ch.State == network.Broken:
			x.note("channels", Fail, "doctor.channel.broken", args...)
		case ch.Health.Problem != nil:
			x.note("channels", Warn, "doctor.channel.trouble", args...)
		case foreseen && days <= expiresSoon:
			x.note("channels", Warn, "doctor.channel.expires", append(args, "days", days)...)
		default:
			x.note("channels", Well, "doctor.channel.ok", args...)
		}
	}
}
