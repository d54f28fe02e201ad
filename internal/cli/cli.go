package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/ponte-desk/ponte/internal/app"
	"github.com/ponte-desk/ponte/internal/config"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/i18n"
)

// The exit codes.
const (
	Fine     = 0
	Failed   = 1
	WrongUse = 2
)

// Terminal is what a command sees of the machine.
type Terminal struct {
	In       io.Reader
	Out, Err io.Writer
	Env      func(string) (string, bool)
	// Signals tells that someone wants the process to end; a second one ends it at once. nil: signals of the system.
	Signals <-chan os.Signal
	// Deps reach the house that a command opens. Only tests set them.
	Deps app.Deps
}

// System is the terminal of this process.
func System() Terminal {
	return Terminal{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Env: os.LookupEnv}
}

// commands is the command line.
type commands struct {
	Serve    serveCmd    `cmd:"" help:"serve"`
	Demo     demoCmd     `cmd:"" help:"demo"`
	User     userCmd     `cmd:"" help:"user"`
	Token    tokenCmd    `cmd:"" help:"token"`
	Doctor   doctorCmd   `cmd:"" help:"doctor"`
	Backup   backupCmd   `cmd:"" help:"backup"`
	Restore  restoreCmd  `cmd:"" help:"restore"`
	Import   importCmd   `cmd:"" help:"import"`
	Presence presenceCmd `cmd:"" help:"presence"`
	Report   reportCmd   `cmd:"" help:"report"`
	Record   recordCmd   `cmd:"" help:"record"`
	Triage   triageCmd   `cmd:"" help:"triage"`
	Adapt    adaptCmd    `cmd:"" help:"adapt"`
	Tie      tieCmd      `cmd:"" help:"tie"`
	Version  versionCmd  `cmd:"" help:"version"`
}

// session is one run of a command.
type session struct {
	Terminal
	ctx     context.Context
	catalog *i18n.Catalog
	words   *i18n.Localizer
	debug   bool
}

// command is implemented by every command; settings is nil when it needs none.
type command interface {
	settings() *config.Config
	run(s *session) error
}

// exit ends a command with a code when everything has been said already.
type exit int

// Error implements error.
func (e exit) Error() string { return fmt.Sprintf("exit %d", int(e)) }

// Run runs one command line and gives the exit code: 0 fine, 1 failed, 2 wrong use.
func Run(ctx context.Context, args []string, t Terminal) int {
	catalog, err := i18n.Load()
	if err != nil {
		fmt.Fprintln(t.Err, err)
		return Failed
	}
	s := &session{Terminal: t, ctx: ctx, catalog: catalog, words: catalog.For(language(t.Env))}
	var line commands
	root := tree(&line)
	if words, ok := asksHelp(args); ok {
		return s.help(root, words)
	}
	c, err := root.parse(args, config.NewSource(t.Env))
	if w, ok := errors.AsType[*wrong](err); ok {
		return s.misuse(s.words.T(w.key, "name", w.name, "value", w.value))
	}
	if err != nil {
		return s.fail(err)
	}
	if cfg := c.settings(); cfg != nil {
		if err := cfg.Check(); err != nil {
			code := s.fail(err)
			return max(code, Failed)
		}
		s.debug = cfg.Level() == slog.LevelDebug
	}
	if err := c.run(s); err != nil {
		return s.fail(err)
	}
	return Fine
}

// language is the one of the terminal; Italian where it says nothing, or nothing that names a language.
func language(env func(string) (string, bool)) string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		v, _ := env(name)
		v, _, _ = strings.Cut(v, ".")
		if v != "" && v != "C" && v != "POSIX" {
			return strings.ReplaceAll(v, "_", "-")
		}
	}
	return ""
}

// misuse says that the command line was not understood.
func (s *session) misuse(detail string) int {
	fmt.Fprintln(s.Err, s.words.T("cli.misuse", "detail", detail))
	fmt.Fprintln(s.Err, s.words.T("cli.misuse.remedy"))
	return WrongUse
}

// fail says what went wrong and what to do about it.
func (s *session) fail(err error) int {
	var e exit
	if errors.As(err, &e) {
		return int(e)
	}
	f := fault.Of(err)
	for _, field := range f.Fields {
		args := map[string]any{"value": field.Args["value"], "name": "--" + strings.ReplaceAll(field.Name, "_", "-")}
		for k, v := range field.Args {
			args[k] = v
		}
		fmt.Fprintf(s.Err, "--%s: %s", strings.ReplaceAll(field.Name, "_", "-"), s.words.T(field.Key, args))
		if s.words.Has(field.Key + ".remedy") {
			fmt.Fprint(s.Err, " ", s.words.T(field.Key+".remedy", args))
		}
		fmt.Fprintln(s.Err)
	}
	if len(f.Fields) == 0 {
		what, remedy := s.words.Error(err)
		fmt.Fprintln(s.Err, s.words.T("cli.failed", "what", what))
		if remedy != "" {
			fmt.Fprintln(s.Err, remedy)
		}
	}
	switch {
	case s.debug:
		fmt.Fprintln(s.Err, "debug:", err)
	case f.Kind == fault.Internal || f.Err != nil:
		fmt.Fprintln(s.Err, s.words.T("cli.more"))
	}
	return Failed
}

// log is where a running house writes what it does.
func (s *session) log(c config.Config) *slog.Logger {
	return slog.New(slog.NewTextHandler(s.Err, &slog.HandlerOptions{Level: c.Level()}))
}

// open opens the house for one command.
func (s *session) open(c config.Config) (*app.App, error) {
	d := s.Deps
	d.Errand = true
	if s.debug {
		d.Log = s.log(c)
	}
	return app.New(s.ctx, c, d)
}

// print writes a sentence.
func (s *session) print(key string, args ...any) {
	fmt.Fprintln(s.Out, s.words.T(key, args...))
}

// secret reads a secret that is given itself or as a file.
func secret(value, file string) (string, error) {
	if file == "" {
		return value, nil
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return "", fault.New(fault.Invalid, "config.secret_file").With("path", file).With("name", "--passphrase-file").Because(err)
	}
	return cmp.Or(strings.TrimSpace(string(b)), value), nil
}
