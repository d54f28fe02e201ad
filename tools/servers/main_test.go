package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		args              string
		postgres, bluesky bool
		mail, wordpress   bool
		partial           bool
		command           string
		wrong             bool
	}{
		{args: "run -- go test ./...", postgres: true, bluesky: true, mail: true, wordpress: true, command: "go test ./..."},
		{args: "run go version", postgres: true, bluesky: true, mail: true, wordpress: true, command: "go version"},
		{args: "run --only postgres -- true", postgres: true, partial: true, command: "true"},
		{args: "run --only postgres,bluesky -- true --only x", postgres: true, bluesky: true, partial: true, command: "true --only x"},
		{args: "run --only mail -- true", mail: true, partial: true, command: "true"},
		{args: "run --only wordpress -- true", wordpress: true, partial: true, command: "true"},
		{args: "run --only mysql -- true", wrong: true},
		{args: "run --nothing -- true", wrong: true},
		{args: "run --", wrong: true},
		{args: "start", wrong: true},
		{args: "", wrong: true},
	} {
		got, err := parse(strings.Fields(tt.args))
		if (err != nil) != tt.wrong {
			t.Errorf("parse(%q) error = %v", tt.args, err)
			continue
		}
		if tt.wrong {
			continue
		}
		if got.postgres != tt.postgres || got.bluesky != tt.bluesky || got.mail != tt.mail || got.wordpress != tt.wordpress || got.partial != tt.partial || strings.Join(got.command, " ") != tt.command {
			t.Errorf("parse(%q) = %+v", tt.args, got)
		}
	}
}

func TestEnvironmentReplacesWhatAnotherRunHadSet(t *testing.T) {
	t.Parallel()
	h := &house{pgBin: "/pg/bin", exported: map[string]string{"PONTE_TEST_PDS": "http://localhost:1"}}
	got := h.environment([]string{"PATH=/bin", "PONTE_TEST_PDS=old", "PONTE_TEST_APPVIEW=old", "PONTE_TEST_MASTODON=https://m.example", "HOME=/root"})
	want := []string{"PATH=/bin:/pg/bin", "PONTE_TEST_MASTODON=https://m.example", "HOME=/root", "PONTE_TEST_PDS=http://localhost:1"}
	if !slices.Equal(got, want) {
		t.Errorf("environment = %q, want %q", got, want)
	}
}

func TestRunCommandReturnsTheCommandsCode(t *testing.T) {
	t.Parallel()
	for script, want := range map[string]int{
		"exit 0":        0,
		"exit 3":        3,
		"kill -TERM $$": 128 + 15,
	} {
		if got := runCommand([]string{"sh", "-c", script}, os.Environ(), nil); got != want {
			t.Errorf("%s: code %d, want %d", script, got, want)
		}
	}
	if got := runCommand([]string{"/no/such/program"}, nil, nil); got != 127 {
		t.Errorf("missing program: code %d, want 127", got)
	}
}

func TestRunCommandPassesSignalsOn(t *testing.T) {
	t.Parallel()
	ready := filepath.Join(t.TempDir(), "ready")
	signals := make(chan os.Signal, 1)
	codes := make(chan int, 1)
	go func() {
		codes <- runCommand([]string{"sh", "-c", "trap 'exit 9' TERM; : >" + ready + "; while :; do sleep 0.05; done"}, os.Environ(), signals)
	}()
	deadline := time.Now().Add(10 * time.Second)
	for {
		if _, err := os.Stat(ready); err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the command did not start")
		}
		time.Sleep(5 * time.Millisecond)
	}
	signals <- syscall.SIGTERM
	if got := <-codes; got != 9 {
		t.Errorf("code %d, want the trap's 9", got)
	}
}

func TestDescendantsSeesGrandchildren(t *testing.T) {
	t.Parallel()
	cmd := exec.Command("sh", "-c", "sleep 60 & echo $!; wait")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
	}()
	var line [32]byte
	n, err := out.Read(line[:])
	if err != nil {
		t.Fatal(err)
	}
	grandchild, err := strconv.Atoi(strings.TrimSpace(string(line[:n])))
	if err != nil {
		t.Fatal(err)
	}
	got := descendants(os.Getpid())
	if !slices.Contains(got, cmd.Process.Pid) || !slices.Contains(got, grandchild) {
		t.Errorf("descendants = %v, want %d and %d among them", got, cmd.Process.Pid, grandchild)
	}
}

func TestRemoveAbandonedKeepsLivingRuns(t *testing.T) {
	t.Parallel()
	dead := exec.Command("true")
	if err := dead.Run(); err != nil {
		t.Fatal(err)
	}
	temp := t.TempDir()
	gone := filepath.Join(temp, folderPrefix+strconv.Itoa(dead.Process.Pid)+"-1")
	living := filepath.Join(temp, folderPrefix+strconv.Itoa(os.Getpid())+"-1")
	other := filepath.Join(temp, folderPrefix+"notes")
	for _, dir := range []string{gone, living, other} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	removeAbandoned(temp)
	if _, err := os.Stat(gone); err == nil {
		t.Error("the folder of a run that ended is still there")
	}
	for _, dir := range []string{living, other} {
		if _, err := os.Stat(dir); err != nil {
			t.Errorf("%s was removed", filepath.Base(dir))
		}
	}
}
