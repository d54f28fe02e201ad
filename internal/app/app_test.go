package app_test

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/ponte-desk/ponte/internal/app"
	"github.com/ponte-desk/ponte/internal/apptest"
	"github.com/ponte-desk/ponte/internal/config"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/store"
)

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// A schema that another node has moved on makes this node unready; the process still answers.
func TestReadyzTellsWhatIsNotReady(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, database string) {
		h := apptest.Start(t, apptest.Options{Database: database, Empty: true})
		if _, err := h.Store.WriteDB().Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, TRUE)"); err != nil {
			t.Fatal(err)
		}
		status, body := get(t, h.URL()+"/readyz")
		var state map[string]string
		if err := json.Unmarshal([]byte(body), &state); err != nil {
			t.Fatal(err)
		}
		if status != http.StatusServiceUnavailable || state["schema"] != "different" || state["database"] != "ok" || state["queue"] != "ok" {
			t.Errorf("readyz: %d %s", status, body)
		}
		if status, _ := get(t, h.URL()+"/healthz"); status != http.StatusOK {
			t.Errorf("healthz: %d", status)
		}
	})
}

func TestMetricsStandOnTheirOwnAddressOnly(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, database string) {
		address := free(t)
		h := apptest.Start(t, apptest.Options{Database: database, Config: func(c *config.Config) { c.MetricsListen = address }})
		status, body := get(t, "http://"+address+"/metrics")
		if status != http.StatusOK || !strings.Contains(body, `ponte_queue_jobs{state="due"}`) || !strings.Contains(body, "go_goroutines") {
			t.Errorf("metrics: %d %.300s", status, body)
		}
		if _, body := get(t, h.URL()+"/metrics"); strings.Contains(body, "go_goroutines") {
			t.Error("the front door shows the figures")
		}
	})
}

func TestOwnTLSAnswersOnlyForItsName(t *testing.T) {
	t.Parallel()
	acme := free(t)
	h := apptest.Start(t, apptest.Options{Empty: true, Config: func(c *config.Config) {
		c.TLSDomain, c.ACMEListen = "desk.example", acme
	}})
	if !strings.HasPrefix(h.URL(), "https://desk.example:") {
		t.Errorf("the address is %s", h.URL())
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+acme+"/today", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = "desk.example"
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if to := res.Header.Get("Location"); res.StatusCode != http.StatusFound || to != "https://desk.example/today" {
		t.Errorf("plain HTTP answered %d to %s", res.StatusCode, to)
	}
	req.URL.Path = "/.well-known/acme-challenge/nothing"
	if res, err = client.Do(req); err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusNotFound {
		t.Errorf("an unknown challenge answered %d", res.StatusCode)
	}
}

func TestWelcomeIsThereOnceOnly(t *testing.T) {
	t.Parallel()
	h := apptest.Start(t, apptest.Options{Empty: true})
	address, err := h.Welcome(t.Context())
	if err != nil || !strings.HasPrefix(address, h.URL()+"/welcome?token=") {
		t.Fatalf("%q, %v", address, err)
	}
	h.Found()
	if address, err := h.Welcome(t.Context()); err != nil || address != "" {
		t.Errorf("after the founding: %q, %v", address, err)
	}
}

func TestAnErrandDoesNotMakeAHouse(t *testing.T) {
	t.Parallel()
	c := apptest.Settings(t, "")
	if _, err := app.New(t.Context(), c, app.Deps{Errand: true}); !errors.Is(err, app.ErrNothing) {
		t.Fatalf("%v", err)
	}
	if left, err := os.ReadDir(c.Data); err != nil || len(left) > 0 {
		t.Errorf("it left %v, %v", left, err)
	}
}

func TestAFolderThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	if os.Getuid() == 0 {
		// Root may write everywhere but below a file.
		c := apptest.Settings(t, "")
		c.Data += "/file"
		if err := os.WriteFile(c.Data, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := app.New(t.Context(), c, app.Deps{})
		if f := fault.Of(err); f == nil || f.Key != "store.folder" {
			t.Fatalf("%v", err)
		}
		return
	}
	c := apptest.Settings(t, "")
	if err := os.Chmod(c.Data, 0o500); err != nil {
		t.Fatal(err)
	}
	_, err := app.New(t.Context(), c, app.Deps{})
	if f := fault.Of(err); f == nil || f.Key != "app.folder" {
		t.Fatalf("%v", err)
	}
}

// After the end nothing of the house goes on working.
func TestStopLeavesNothingBehind(t *testing.T) {
	before := goleak.IgnoreCurrent()
	c := apptest.Settings(t, "")
	a, err := app.New(t.Context(), c, app.Deps{Careless: true, Signin: apptest.Cheap()})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if a.Store.Dialect() != store.SQLite {
		t.Fatal(a.Store.Dialect())
	}
	if status, _ := get(t, a.URL()+"/readyz"); status != http.StatusOK {
		t.Fatal(status)
	}
	http.DefaultClient.CloseIdleConnections()
	start := time.Now()
	if err := a.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Logf("stopped within %s", time.Since(start).Round(time.Millisecond))
	goleak.VerifyNone(t, before)
}
