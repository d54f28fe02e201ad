package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

// server is one process of the house.
type server struct {
	name string
	log  string // the file its output goes to
	// stop is the signal that asks for an orderly end.
	stop syscall.Signal
	cmd  *exec.Cmd
	done chan struct{} // closed when the process has ended
	err  error         // valid once done is closed
}

// startServer starts cmd with its output in a log file under dir. The process
// gets a group of its own, so that Ctrl-C at the terminal does not stop it
// before the tests, and dies with us if we are killed.
func startServer(name, dir string, stop syscall.Signal, cmd *exec.Cmd) (*server, error) {
	logName := filepath.Join(dir, name+".log")
	logFile, err := os.Create(logName)
	if err != nil {
		return nil, err
	}
	defer logFile.Close()
	cmd.Stdout, cmd.Stderr = logFile, logFile
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
	cmd.SysProcAttr.Pdeathsig = stop
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	s := &server{name: name, log: logName, stop: stop, cmd: cmd, done: make(chan struct{})}
	go func() {
		s.err = cmd.Wait()
		close(s.done)
	}()
	return s, nil
}

// waitUntil asks ready every 50 ms until it answers nil, the process ends, ctx
// is cancelled or limit has passed.
func (s *server) waitUntil(ctx context.Context, limit time.Duration, ready func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	var last error
	for {
		if last = ready(ctx); last == nil {
			return nil
		}
		select {
		case <-s.done:
			return fmt.Errorf("%s ended before it was ready (%v)", s.name, s.err)
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return fmt.Errorf("%s was not ready after %s: %w", s.name, limit, last)
			}
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// close asks the process to end, waits up to 10 s and then kills its group.
func (s *server) close() {
	_ = s.cmd.Process.Signal(s.stop)
	select {
	case <-s.done:
	case <-time.After(10 * time.Second):
		fmt.Fprintf(os.Stderr, "servers: %s does not stop, killing it\n", s.name)
	}
	_ = syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL)
	<-s.done
}

// printLog writes the last 60 lines of the server's log to w.
func (s *server) printLog(w io.Writer) {
	text, err := os.ReadFile(s.log)
	if err != nil {
		fmt.Fprintf(w, "servers: %s: %v\n", s.name, err)
		return
	}
	lines := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	if len(lines) > 60 {
		lines = lines[len(lines)-60:]
	}
	fmt.Fprintf(w, "----- %s, last lines -----\n%s\n", s.name, strings.Join(lines, "\n"))
}

// freePort finds a loopback TCP port nobody listens on. It looks below the
// kernel's range for outgoing connections: no client socket can take the port
// between this test and the server's own listen.
func freePort(taken map[int]bool) (int, error) {
	for range 200 {
		port := 20000 + rand.IntN(10000)
		if taken[port] {
			continue
		}
		listener, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			continue
		}
		_ = listener.Close()
		taken[port] = true
		return port, nil
	}
	return 0, errors.New("no free port between 20000 and 29999 on 127.0.0.1")
}

// adoptOrphans makes this process the parent of every descendant whose own
// parent ends, so that killDescendants finds them all.
func adoptOrphans() error {
	const prSetChildSubreaper = 36
	if _, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, prSetChildSubreaper, 1, 0); errno != 0 {
		return fmt.Errorf("prctl(PR_SET_CHILD_SUBREAPER): %w", errno)
	}
	return nil
}

// killDescendants kills whatever the command or a server left running, however
// deep, until nothing is left. It gives up after 5 s.
func killDescendants() {
	deadline := time.Now().Add(5 * time.Second)
	for time.Now().Before(deadline) {
		pids := descendants(os.Getpid())
		if len(pids) == 0 {
			return
		}
		for _, pid := range pids {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		// Adopted orphans have no exec.Cmd waiting for them: collect them here.
		for {
			pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil)
			if pid <= 0 || err != nil {
				break
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	fmt.Fprintf(os.Stderr, "servers: still running: %v\n", descendants(os.Getpid()))
}

// descendants lists the processes below pid, from /proc.
func descendants(pid int) []int {
	children := map[int][]int{}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	for _, entry := range entries {
		child, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		stat, err := os.ReadFile(filepath.Join("/proc", entry.Name(), "stat"))
		if err != nil {
			continue
		}
		// pid (name) state ppid ...; the name may hold spaces and brackets.
		fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
		if len(fields) < 2 {
			continue
		}
		if parent, err := strconv.Atoi(fields[1]); err == nil {
			children[parent] = append(children[parent], child)
		}
	}
	var found []int
	queue := []int{pid}
	for len(queue) > 0 {
		below := children[queue[0]]
		queue = append(queue[1:], below...)
		found = append(found, below...)
	}
	return found
}

func isTerminal(file *os.File) bool {
	var settings [64]byte // larger than struct termios
	_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, file.Fd(), syscall.TCGETS, uintptr(unsafe.Pointer(&settings)))
	return errno == 0
}
