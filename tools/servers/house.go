package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// house is the set of servers of one run.
type house struct {
	opts     options
	dir      string // removed by close
	account  *account
	ports    map[int]bool
	servers  []*server
	exported map[string]string
	mu       sync.Mutex // of ports, servers and exported: WordPress comes up beside the others
	pgBin    string
	password string
}

// newHouse makes the temporary folder and looks for what must be installed.
func newHouse(opts options) (*house, error) {
	h := &house{opts: opts, ports: map[int]bool{}, exported: map[string]string{}, password: rand.Text()}
	if opts.postgres || opts.bluesky || opts.wordpress {
		var err error
		if h.account, err = unprivileged(); err != nil {
			return nil, err
		}
	}
	if opts.postgres || opts.bluesky {
		bin, err := findPostgres()
		if err != nil {
			return nil, err
		}
		h.pgBin = bin
	}
	if opts.wordpress {
		if err := findWordpress(); err != nil {
			return nil, err
		}
	}
	if opts.bluesky {
		for _, program := range []string{"redis-server", "node"} {
			if _, err := exec.LookPath(program); err != nil {
				return nil, fmt.Errorf("%s is not installed: run script/setup", program)
			}
		}
		if _, err := os.Stat(filepath.Join(opts.root, "test/servers/node_modules/@atproto/dev-env")); err != nil {
			return nil, errors.New("test/servers/node_modules is not there: run script/setup")
		}
	}
	if opts.mail {
		if _, err := exec.LookPath("node"); err != nil {
			return nil, errors.New("node is not installed: run script/setup")
		}
		if _, err := os.Stat(filepath.Join(opts.root, "test/mail/node_modules/smtp-server")); err != nil {
			return nil, errors.New("test/mail/node_modules is not there: run script/setup")
		}
	}
	dir, err := os.MkdirTemp("", folderPrefix+strconv.Itoa(os.Getpid())+"-")
	if err != nil {
		return nil, err
	}
	h.dir = dir
	// PostgreSQL runs under another account when we are root: it must pass
	// through, though not list.
	if err := os.Chmod(dir, 0o711); err != nil {
		h.close()
		return nil, err
	}
	return h, nil
}

// start brings everything up, in order, and returns when all of it answers.
func (h *house) start(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	wordpress := make(chan error, 1)
	if h.opts.wordpress {
		go func() { wordpress <- h.startWordpress(ctx) }()
	} else {
		wordpress <- nil
	}
	err := h.startOthers(ctx)
	if err != nil {
		cancel()
	}
	if werr := <-wordpress; err == nil {
		err = werr
	}
	if err != nil {
		return err
	}
	if h.opts.mail {
		if err := h.startMail(ctx); err != nil {
			return err
		}
	}
	if chromium := findChromium(); chromium != "" {
		h.exported["PONTE_TEST_CHROMIUM"] = chromium
	} else if !h.opts.partial {
		return errors.New("no chromium found: run script/setup")
	}
	sender := filepath.Join(h.opts.root, "test/webmention")
	if _, err := os.Stat(filepath.Join(sender, "node_modules/@remy/webmention")); err == nil {
		h.exported["PONTE_TEST_WEBMENTION"] = filepath.Join(sender, "send.mjs")
	} else if !h.opts.partial {
		return errors.New("the sender in test/webmention is not installed: run script/setup")
	}
	if !h.opts.partial {
		h.exported["PONTE_TEST_REQUIRE"] = "1"
	}
	return nil
}

// startOthers brings up PostgreSQL, Redis and the Bluesky network, each when the one before it answers.
func (h *house) startOthers(ctx context.Context) error {
	pg := ""
	if h.opts.postgres || h.opts.bluesky {
		var err error
		if pg, err = h.startPostgres(ctx); err != nil {
			return err
		}
	}
	if h.opts.postgres {
		h.export("PONTE_TEST_POSTGRES", pg+"/ponte_test?sslmode=disable")
	}
	if h.opts.bluesky {
		redis, err := h.startRedis(ctx)
		if err != nil {
			return err
		}
		if err := h.startBluesky(ctx, pg+"/bluesky?sslmode=disable", redis); err != nil {
			return err
		}
	}
	return nil
}

// export names a server to the tests.
func (h *house) export(name, value string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.exported[name] = value
}

func (h *house) port() (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return freePort(h.ports)
}

// startPostgres makes a cluster of its own and returns its URL without a
// database. Durability is off: the data lives as long as the run.
func (h *house) startPostgres(ctx context.Context) (string, error) {
	data := filepath.Join(h.dir, "postgres")
	if err := os.Mkdir(data, 0o700); err != nil {
		return "", err
	}
	passwords := filepath.Join(h.dir, "postgres-password")
	if err := os.WriteFile(passwords, []byte(h.password+"\n"), 0o600); err != nil {
		return "", err
	}
	for _, path := range []string{data, passwords} {
		if err := h.account.own(path); err != nil {
			return "", err
		}
	}
	initdb := h.account.command(ctx, filepath.Join(h.pgBin, "initdb"), "-D", data, "-U", "postgres",
		"--auth=scram-sha-256", "--pwfile="+passwords, "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
	initdb.Dir = data
	if out, err := initdb.CombinedOutput(); err != nil {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		return "", fmt.Errorf("initdb: %w\n%s", err, out)
	}
	port, err := h.port()
	if err != nil {
		return "", err
	}
	settings := []string{"-D", data, "-p", strconv.Itoa(port)}
	for _, setting := range []string{
		"listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=300",
		"fsync=off", "synchronous_commit=off", "full_page_writes=off",
		// A container's /dev/shm is often too small for parallel queries.
		"shared_buffers=256MB", "dynamic_shared_memory_type=mmap",
		"max_locks_per_transaction=256", "timezone=UTC", "log_min_messages=warning",
	} {
		settings = append(settings, "-c", setting)
	}
	// Not bound to ctx: the orderly end is close's business.
	cmd := h.account.command(context.Background(), filepath.Join(h.pgBin, "postgres"), settings...)
	cmd.Dir = data
	// SIGINT is PostgreSQL's fast shutdown: it does not wait for clients.
	pg, err := h.add("postgres", syscall.SIGINT, cmd)
	if err != nil {
		return "", err
	}
	address := fmt.Sprintf("postgres://postgres:%s@127.0.0.1:%d", h.password, port)
	if err := pg.waitUntil(ctx, 60*time.Second, func(ctx context.Context) error {
		return h.psql(ctx, address+"/postgres", "select 1")
	}); err != nil {
		return "", err
	}
	for _, database := range []string{"ponte_test", "bluesky"} {
		if err := h.psql(ctx, address+"/postgres", "create database "+database); err != nil {
			return "", err
		}
	}
	return address, nil
}

func (h *house) psql(ctx context.Context, url, statement string) error {
	cmd := exec.CommandContext(ctx, filepath.Join(h.pgBin, "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", statement, url)
	cmd.Env = append(os.Environ(), "PGCONNECT_TIMEOUT=5")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("psql: %w: %s", err, strings.TrimSpace(string(out)))
	}
	return nil
}

// startRedis starts the cache the appview wants and returns its host:port.
func (h *house) startRedis(ctx context.Context) (string, error) {
	port, err := h.port()
	if err != nil {
		return "", err
	}
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	dir := filepath.Join(h.dir, "redis")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", err
	}
	if err := h.account.own(dir); err != nil {
		return "", err
	}
	cmd := h.account.command(context.Background(), "redis-server", "--port", strconv.Itoa(port), "--bind", "127.0.0.1",
		"--save", "", "--appendonly", "no", "--dir", dir)
	cmd.Dir = dir
	redis, err := h.add("redis", syscall.SIGTERM, cmd)
	if err != nil {
		return "", err
	}
	return address, redis.waitUntil(ctx, 30*time.Second, func(ctx context.Context) error {
		conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", address)
		if err != nil {
			return err
		}
		defer conn.Close()
		_ = conn.SetDeadline(time.Now().Add(time.Second))
		if _, err := io.WriteString(conn, "PING\r\n"); err != nil {
			return err
		}
		answer, err := bufio.NewReader(conn).ReadString('\n')
		if err == nil && !strings.HasPrefix(answer, "+PONG") {
			err = fmt.Errorf("redis answered %q", answer)
		}
		return err
	})
}

// startBluesky starts PLC, PDS and appview in one Node process, which writes
// their addresses to a file when they listen.
func (h *house) startBluesky(ctx context.Context, database, redis string) error {
	ready := filepath.Join(h.dir, "bluesky.json")
	temp := filepath.Join(h.dir, "bluesky")
	if err := os.Mkdir(temp, 0o700); err != nil {
		return err
	}
	scripts := filepath.Join(h.opts.root, "test/servers")
	cmd := exec.Command("node", "--import", "./loopback.mjs", "./bluesky.mjs")
	cmd.Dir = scripts
	cmd.Env = append(os.Environ(), "LOG_ENABLED=false", "NODE_ENV=test", "TMPDIR="+temp,
		"DB_POSTGRES_URL="+database, "DB_POSTGRES_SCHEMA=bluesky", "REDIS_HOST="+redis, "PONTE_BLUESKY_READY="+ready)
	for _, name := range []string{"PLC", "PDS", "APPVIEW", "OZONE"} {
		port, err := h.port()
		if err != nil {
			return err
		}
		cmd.Env = append(cmd.Env, fmt.Sprintf("PONTE_BLUESKY_%s_PORT=%d", name, port))
	}
	node, err := h.add("bluesky", syscall.SIGTERM, cmd)
	if err != nil {
		return err
	}
	var at struct{ PLC, PDS, Appview string }
	if err := node.waitUntil(ctx, 180*time.Second, func(context.Context) error {
		text, err := os.ReadFile(ready)
		if err != nil {
			return err
		}
		return json.Unmarshal(text, &at)
	}); err != nil {
		return err
	}
	for _, url := range []string{at.PLC + "/_health", at.PDS + "/xrpc/com.atproto.server.describeServer", at.Appview + "/xrpc/_health"} {
		if err := node.waitUntil(ctx, 30*time.Second, func(ctx context.Context) error { return get(ctx, url) }); err != nil {
			return err
		}
	}
	h.export("PONTE_TEST_PLC", at.PLC)
	h.export("PONTE_TEST_PDS", at.PDS)
	h.export("PONTE_TEST_APPVIEW", at.Appview)
	return nil
}

func get(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s", url, response.Status)
	}
	return nil
}

func (h *house) add(name string, stop syscall.Signal, cmd *exec.Cmd) (*server, error) {
	s, err := startServer(name, h.dir, stop, cmd)
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.servers = append(h.servers, s)
	return s, nil
}

// environment is base with PONTE_TEST_* and the PostgreSQL programs added.
func (h *house) environment(base []string) []string {
	var env []string
	for _, pair := range base {
		// What the caller had set would lead a test to a server of another run.
		if name, _, _ := strings.Cut(pair, "="); strings.HasPrefix(name, "PONTE_TEST_") && name != "PONTE_TEST_MASTODON" {
			continue
		}
		if path, ok := strings.CutPrefix(pair, "PATH="); ok && h.pgBin != "" {
			pair = "PATH=" + path + string(os.PathListSeparator) + h.pgBin
		}
		env = append(env, pair)
	}
	for name, value := range h.exported {
		env = append(env, name+"="+value)
	}
	return env
}

func (h *house) names() []string {
	var names []string
	for _, s := range h.servers {
		names = append(names, s.name)
	}
	return names
}

func (h *house) printLogs(w io.Writer) {
	for _, s := range h.servers {
		s.printLog(w)
	}
}

// close stops the servers, the last started first, kills what is left of any
// process of this run and removes the folder.
func (h *house) close() {
	for i := len(h.servers) - 1; i >= 0; i-- {
		h.servers[i].close()
	}
	killDescendants()
	if h.dir != "" {
		if err := os.RemoveAll(h.dir); err != nil {
			fmt.Fprintf(os.Stderr, "servers: %v\n", err)
		}
	}
}

const folderPrefix = "ponte-servers-"

// removeAbandoned removes the folders of runs that were killed before they
// could clean up: theirs is a process id that no longer exists.
func removeAbandoned(temp string) {
	entries, err := filepath.Glob(filepath.Join(temp, folderPrefix+"*"))
	if err != nil {
		return
	}
	for _, entry := range entries {
		number, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(entry), folderPrefix), "-")
		pid, err := strconv.Atoi(number)
		if err != nil {
			continue
		}
		if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			_ = os.RemoveAll(entry)
		}
	}
}

// account is whom PostgreSQL, Redis and MariaDB run as; the zero value is ourselves.
type account struct {
	uid, gid uint32
	other    bool
}

// unprivileged returns ourselves, or the postgres account when we are root:
// PostgreSQL refuses to run as root.
func unprivileged() (*account, error) {
	if os.Geteuid() != 0 {
		return &account{}, nil
	}
	found, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("running as root, PostgreSQL needs the account postgres: %w", err)
	}
	uid, err := strconv.ParseUint(found.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(found.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &account{uid: uint32(uid), gid: uint32(gid), other: true}, nil
}

func (a *account) own(path string) error {
	if !a.other {
		return nil
	}
	return os.Chown(path, int(a.uid), int(a.gid))
}

func (a *account) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	if a.other {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: a.uid, Gid: a.gid}}
	}
	return cmd
}

// findPostgres returns the folder with initdb and postgres: on the PATH, or
// the newest of Debian's.
func findPostgres() (string, error) {
	var folders []string
	if path, err := exec.LookPath("initdb"); err == nil {
		folders = append(folders, filepath.Dir(path))
	}
	debian, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return "", err
	}
	version := func(path string) int {
		number, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		return number
	}
	sort.Slice(debian, func(i, j int) bool { return version(debian[i]) > version(debian[j]) })
	for _, folder := range append(folders, debian...) {
		complete := true
		for _, program := range []string{"initdb", "postgres", "psql"} {
			if _, err := os.Stat(filepath.Join(folder, program)); err != nil {
				complete = false
			}
		}
		if complete {
			return folder, nil
		}
	}
	return "", errors.New("PostgreSQL (initdb, postgres, psql) is not installed: run script/setup")
}

// findChromium returns the browser's path, or nothing.
func findChromium() string {
	if path := os.Getenv("PONTE_TEST_CHROMIUM"); path != "" {
		return path
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}
