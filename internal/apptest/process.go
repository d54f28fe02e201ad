package apptest

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/app"
	"github.com/ponte-desk/ponte/internal/config"
	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/queue"
)

// orders is the variable of the environment that turns a test binary into a house.
const orders = "PONTE_APPTEST_PROCESS"

// ProcessOptions are what a house in a process of its own is told.
type ProcessOptions struct {
	Config config.Config
	HaltAt string // a step of a delivery (see delivery.Config.Trace): the process says so and stands still
	// DieAt is such a step, too: the process ends itself there as kill -9 does, before anything else can happen.
	DieAt string
	// Delivery tunes deliveries; Trace cannot cross to another process.
	CallTimeout, SettlePause, CertainAfter, GiveUpAfter, Grace, Overdue time.Duration
}

// Main runs the tests of a package that starts processes: func TestMain(m *testing.M) { apptest.Main(m) }. What the tests
// shared is closed by last.
func Main(m *testing.M, last ...func()) {
	said := os.Getenv(orders)
	if said == "" {
		code := m.Run()
		for _, f := range last {
			f()
		}
		os.Exit(code)
	}
	if err := live(said); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// live is the life of a process that is a house.
func live(said string) error {
	var o ProcessOptions
	if err := json.Unmarshal([]byte(said), &o); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var out sync.Mutex
	say := func(format string, args ...any) {
		out.Lock()
		defer out.Unlock()
		fmt.Printf("apptest "+format+"\n", args...)
	}
	a, err := app.New(ctx, o.Config, app.Deps{
		Log:    slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: o.Config.Level()})),
		Signin: Cheap(), Queue: queue.Config{Poll: 20 * time.Millisecond},
		Delivery: delivery.Config{
			CallTimeout: o.CallTimeout, SettlePause: o.SettlePause, CertainAfter: o.CertainAfter, GiveUpAfter: o.GiveUpAfter,
			Grace: o.Grace, Overdue: o.Overdue,
			Trace: func(step string, id delivery.ID) {
				if step == o.DieAt {
					say("die %s %s", step, id)
					_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
				}
				if step == o.HaltAt {
					say("halt %s %s", step, id)
					select {} // until it is killed
				}
				say("step %s %s", step, id)
			},
		},
	})
	if err != nil {
		return err
	}
	if err := a.Start(ctx); err != nil {
		return err
	}
	say("open %s", a.URL())
	<-ctx.Done()
	end, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	return a.Stop(end)
}

// Process is a house in a process of its own.
type Process struct {
	URL  string
	t    testing.TB
	cmd  *exec.Cmd
	done chan struct{}
	mu   sync.Mutex
	told []string      // what it said
	news chan struct{} // closed and made anew when it says something
	err  error
}

// StartProcess starts a house in a process of its own, which is killed with the test at the latest. It works on the
// data folder or the database of Config; several may follow each other there.
func StartProcess(t testing.TB, o ProcessOptions) *Process {
	t.Helper()
	said, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &Process{t: t, cmd: exec.Command(exe), done: make(chan struct{}), news: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), orders+"="+string(said))
	log := &tail{}
	p.cmd.Stderr = log
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go p.listen(out)
	t.Cleanup(func() {
		p.Kill()
		if t.Failed() {
			t.Logf("the last words of the process:\n%s", log)
		}
	})
	p.URL = strings.TrimPrefix(p.Wait("open ", 30*time.Second), "open ")
	return p
}

func (p *Process) listen(out io.Reader) {
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if line, ok := strings.CutPrefix(lines.Text(), "apptest "); ok {
			p.mu.Lock()
			p.told = append(p.told, line)
			close(p.news)
			p.news = make(chan struct{})
			p.mu.Unlock()
		}
	}
	p.err = p.cmd.Wait()
	close(p.done)
}

// Wait waits until the process has said something that begins so, and gives the whole of it: "open URL",
// "step NAME ID", "halt NAME ID".
func (p *Process) Wait(prefix string, patience time.Duration) string {
	p.t.Helper()
	late := time.After(patience)
	for seen := 0; ; {
		p.mu.Lock()
		told, news := p.told, p.news
		p.mu.Unlock()
		for ; seen < len(told); seen++ {
			if strings.HasPrefix(told[seen], prefix) {
				return told[seen]
			}
		}
		select {
		case <-news:
		case <-p.done:
			p.t.Fatalf("the process ended before it said %q: %v", prefix, p.err)
		case <-late:
			p.t.Fatalf("the process did not say %q within %s; it said %q", prefix, patience, told)
		}
	}
}

// Kill ends the process at once (kill -9) and waits for its end.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill() // it may have ended already
	<-p.done
}

// Gone waits until the process has ended by itself.
func (p *Process) Gone(patience time.Duration) {
	p.t.Helper()
	select {
	case <-p.done:
	case <-time.After(patience):
		p.t.Fatal("the process is still there")
	}
}

// Stop asks the process to end and waits for it.
func (p *Process) Stop() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		p.t.Fatal(err)
	}
	select {
	case <-p.done:
	case <-time.After(30 * time.Second):
		p.t.Fatal("the process does not stop")
	}
	if p.err != nil {
		p.t.Fatalf("the process did not stop well: %v", p.err)
	}
}

// tail keeps the end of a log.
type tail struct {
	mu  sync.Mutex
	buf []byte
}

// Write implements io.Writer.
func (l *tail) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.buf = append(l.buf, p...)
	if over := len(l.buf) - 16<<10; over > 0 {
		l.buf = l.buf[over:]
	}
	return len(p), nil
}

// String is what was kept.
func (l *tail) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.buf)
}
