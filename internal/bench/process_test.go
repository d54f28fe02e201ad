package bench_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// build makes a program and gives its size in bytes.
func build(b *testing.B, file string, command ...string) int64 {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), command[0], command[1:]...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	info, err := os.Stat(file)
	if err != nil {
		b.Fatal(err)
	}
	return info.Size()
}

func freePort(b *testing.B) string {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// start runs a program until it answers, and gives how long that took.
func start(b *testing.B, address string, file string, args ...string) (*exec.Cmd, time.Duration) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), 2*time.Minute)
	b.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, file, args...)
	cmd.Env = append(os.Environ(), "TMPDIR="+b.TempDir())
	began := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	})
	for time.Since(began) < time.Minute {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/healthz", nil)
		if err != nil {
			b.Fatal(err)
		}
		if res, err := http.DefaultClient.Do(req); err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return cmd, time.Since(began)
			}
		}
		time.Sleep(2 * time.Millisecond)
	}
	b.Fatalf("%s did not answer within a minute", filepath.Base(file))
	return nil, 0
}

// resident reads how much memory a process holds, in bytes.
func resident(b *testing.B, cmd *exec.Cmd) float64 {
	b.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid))
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			if err != nil {
				b.Fatal(err)
			}
			return kb * 1024
		}
	}
	b.Fatal("no VmRSS")
	return 0
}

const mb = 1 << 20

// BenchmarkProcess measures the program as people run it: its size, the time from start to the first answer on an
// empty folder and on one that is there already, and its memory at rest with the sample company. The baseline is the
// smallest web server, built and started the same way.
func BenchmarkProcess(b *testing.B) {
	ponte, bare := filepath.Join(b.TempDir(), "ponte"), filepath.Join(b.TempDir(), "bare")
	size := build(b, ponte, "make", "-C", "../..", "build", "BINARY="+ponte) // as it is shipped
	bareSize := build(b, bare, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", bare, "./testdata/bare")
	b.ReportMetric(float64(size)/mb, "binary-MB")
	b.ReportMetric(float64(bareSize)/mb, "bare-binary-MB")

	at := freePort(b)
	cmd, took := start(b, at, bare, at)
	b.ReportMetric(took.Seconds()*1000, "bare-start-ms")
	b.ReportMetric(resident(b, cmd)/mb, "bare-rss-MB")

	dir := filepath.Join(b.TempDir(), "data")
	for _, name := range []string{"first-start-ms", "start-ms"} {
		at := freePort(b)
		cmd, took := start(b, at, ponte, "serve", "--data", dir, "--listen", at)
		b.ReportMetric(took.Seconds()*1000, name)
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			b.Fatal(err)
		}
		if err := cmd.Wait(); err != nil {
			b.Fatalf("ponte did not stop cleanly: %v", err)
		}
	}

	at = freePort(b)
	cmd, _ = start(b, at, ponte, "demo", "--listen", at)
	time.Sleep(15 * time.Second) // at rest
	b.ReportMetric(resident(b, cmd)/mb, "demo-rss-MB")
	b.ReportMetric(0, "ns/op")
}
