// Command servers starts the real servers Ponte's tests talk to, runs one
// command against them and stops them again.
//
//	servers run [--only postgres,bluesky,mail,wordpress] [--verbose] -- COMMAND [ARG...]
//
// Everything listens on loopback ports chosen at run time and keeps its data in
// one temporary folder, so that runs side by side do not meet and nothing that
// was on the machine before is touched. The exit code is the command's.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

const usage = `Starts PostgreSQL, Redis, a Bluesky network (PLC, PDS, appview) and a mail server on loopback,
runs COMMAND with PONTE_TEST_* set, stops them and returns COMMAND's exit code.

  script/servers run [--only postgres,bluesky,mail,wordpress] [--verbose] -- COMMAND [ARG...]

  --only LIST   start only these (postgres, bluesky, mail, wordpress); a test that needs another
                one is then skipped instead of failing
  --verbose     print what the servers write when they are stopped
`

func main() {
	// The kernel signals a child when the thread that started it ends
	// (Pdeathsig), so every child is started from this one thread.
	runtime.LockOSThread()
	os.Exit(run(os.Args[1:]))
}

// run returns the exit code: the command's own, 1 when a server failed, 2 for
// wrong use, 128 + signal when interrupted.
func run(args []string) int {
	opts, err := parse(args)
	if err != nil {
		fmt.Fprintf(os.Stderr, "servers: %v\n\n%s", err, usage)
		return 2
	}
	if err := adoptOrphans(); err != nil {
		fmt.Fprintf(os.Stderr, "servers: %v\n", err)
		return 1
	}
	removeAbandoned(os.TempDir())

	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)

	// A signal during the start cancels ctx; once the command runs, runCommand
	// reads the signals itself.
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	started := make(chan struct{})
	watcher := make(chan struct{})
	go func() {
		defer close(watcher)
		select {
		case sig := <-signals:
			cancel(interrupted{sig.(syscall.Signal)})
		case <-started:
		}
	}()

	house, err := newHouse(opts)
	if err != nil {
		fmt.Fprintf(os.Stderr, "servers: %v\n", err)
		return 1
	}
	defer house.close()

	begin := time.Now()
	err = house.start(ctx)
	close(started)
	<-watcher
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	if err != nil {
		var sig interrupted
		if errors.As(err, &sig) {
			fmt.Fprintf(os.Stderr, "servers: %v while starting\n", sig)
			return 128 + int(sig.signal)
		}
		fmt.Fprintf(os.Stderr, "servers: %v\n", err)
		house.printLogs(os.Stderr)
		return 1
	}
	fmt.Fprintf(os.Stderr, "servers: %s ready after %.1f s\n", strings.Join(house.names(), ", "), time.Since(begin).Seconds())

	code := runCommand(opts.command, house.environment(os.Environ()), signals)
	if opts.verbose {
		house.printLogs(os.Stderr)
	}
	return code
}

// options is what the command line asks for.
type options struct {
	root      string // the repository
	postgres  bool
	bluesky   bool
	mail      bool
	wordpress bool
	partial   bool // --only was given
	verbose   bool
	command   []string
}

func parse(args []string) (options, error) {
	if len(args) == 0 || args[0] != "run" {
		return options{}, errors.New("the first word must be run")
	}
	flags := flag.NewFlagSet("run", flag.ContinueOnError)
	flags.SetOutput(new(strings.Builder))
	only := flags.String("only", "", "")
	verbose := flags.Bool("verbose", false, "")
	root := flags.String("root", ".", "")
	if err := flags.Parse(args[1:]); err != nil {
		return options{}, err
	}
	opts := options{verbose: *verbose, command: flags.Args()}
	if len(opts.command) == 0 {
		return options{}, errors.New("no command after --")
	}
	abs, err := filepath.Abs(*root)
	if err != nil {
		return options{}, err
	}
	opts.root = abs
	if *only == "" {
		opts.postgres, opts.bluesky, opts.mail, opts.wordpress = true, true, true, true
		return opts, nil
	}
	opts.partial = true
	for _, name := range strings.Split(*only, ",") {
		switch strings.TrimSpace(name) {
		case "postgres":
			opts.postgres = true
		case "bluesky":
			opts.bluesky = true
		case "mail":
			opts.mail = true
		case "wordpress":
			opts.wordpress = true
		default:
			return options{}, fmt.Errorf("--only knows postgres, bluesky, mail and wordpress, not %q", name)
		}
	}
	return opts, nil
}

// interrupted is the signal that ended the start.
type interrupted struct{ signal syscall.Signal }

func (i interrupted) Error() string { return "stopped by " + i.signal.String() }

// runCommand runs argv to its end and returns its exit code. Signals that
// arrive meanwhile are passed on; a command that is still there 20 seconds
// later is killed.
func runCommand(argv, env []string, signals <-chan os.Signal) int {
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Env = env
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	// At a terminal the command shares our process group: it may read the
	// terminal, and Ctrl-C reaches all of it. Elsewhere it gets a group of its
	// own, so that a signal sent to us alone can be passed to all of it.
	shared := isTerminal(os.Stdin)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: !shared, Pdeathsig: syscall.SIGTERM}
	if err := cmd.Start(); err != nil {
		fmt.Fprintf(os.Stderr, "servers: %v\n", err)
		return 127
	}
	target := cmd.Process.Pid
	if !shared {
		target = -target
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()

	var first syscall.Signal
	var patience <-chan time.Time
	for {
		select {
		case err := <-done:
			if !shared {
				_ = syscall.Kill(target, syscall.SIGKILL)
			}
			return exitCode(err, first)
		case sig := <-signals:
			number := sig.(syscall.Signal)
			if first == 0 {
				first = number
				patience = time.After(20 * time.Second)
			}
			_ = syscall.Kill(target, number)
		case <-patience:
			patience = nil
			fmt.Fprintln(os.Stderr, "servers: the command does not stop, killing it")
			_ = syscall.Kill(target, syscall.SIGKILL)
		}
	}
}

// exitCode turns the end of a command into a shell's exit code. A command that
// swallowed the signal we passed on counts as interrupted all the same.
func exitCode(err error, passed syscall.Signal) int {
	code := 0
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		status, ok := exit.Sys().(syscall.WaitStatus)
		if ok && status.Signaled() {
			code = 128 + int(status.Signal())
		} else {
			code = exit.ExitCode()
		}
	case err != nil:
		fmt.Fprintf(os.Stderr, "servers: %v\n", err)
		code = 1
	}
	if code == 0 && passed != 0 {
		code = 128 + int(passed)
	}
	return code
}
