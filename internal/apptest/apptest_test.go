package apptest_test

import (
	"errors"
	"net/http"
	"syscall"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/app"
	"github.com/ponte-desk/ponte/internal/apptest"
	"github.com/ponte-desk/ponte/internal/team"
)

func TestMain(m *testing.M) { apptest.Main(m) }

func status(t *testing.T, c *http.Client, url string) int {
	t.Helper()
	res, err := c.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return res.StatusCode
}

func TestAHouseAnswersAndKnowsItsMembers(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, database string) {
		h := apptest.Start(t, apptest.Options{Database: database})
		for _, path := range []string{"/healthz", "/readyz"} {
			if got := status(t, http.DefaultClient, h.URL()+path); got != http.StatusOK {
				t.Errorf("%s answered %d", path, got)
			}
		}
		editor := h.Add(team.Editor, "edda@ceramichearno.example", "Edda Neri")
		for _, p := range []apptest.Person{h.Owner, editor} {
			actor, _, err := h.Signin.ByToken(t.Context(), p.Token)
			if err != nil || actor.Member != p.ID {
				t.Errorf("the session of %s belongs to %s, %v", p.ID, actor.Member, err)
			}
		}
	})
}

func TestTwoHousesNeverServeOneFolder(t *testing.T) {
	t.Parallel()
	h := apptest.Start(t, apptest.Options{})
	_, err := app.New(t.Context(), h.Config(), app.Deps{})
	if !errors.Is(err, app.ErrLocked) {
		t.Fatalf("a second house in the folder: %v", err)
	}
}

func TestAProcessIsKilledAndStartsAgain(t *testing.T) {
	t.Parallel()
	apptest.Each(t, func(t *testing.T, database string) {
		c := apptest.Settings(t, database)
		p := apptest.StartProcess(t, apptest.ProcessOptions{Config: c})
		if got := status(t, http.DefaultClient, p.URL+"/readyz"); got != http.StatusOK {
			t.Fatalf("the first answered %d", got)
		}
		p.Kill()
		if _, err := http.Get(p.URL + "/readyz"); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Fatalf("after kill -9: %v", err)
		}
		start := time.Now()
		p = apptest.StartProcess(t, apptest.ProcessOptions{Config: c})
		if got := status(t, http.DefaultClient, p.URL+"/readyz"); got != http.StatusOK {
			t.Fatalf("the second answered %d", got)
		}
		t.Logf("from start to first answer: %s", time.Since(start).Round(time.Millisecond))
		p.Stop()
	})
}

func TestOpenStreamsDoNotHoldUpTheEnd(t *testing.T) {
	t.Parallel()
	h := apptest.Start(t, apptest.Options{})
	res, err := h.Owner.Client.Get(h.URL() + "/live")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("/live answered %d", res.StatusCode)
	}
	start := time.Now()
	if err := h.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Fatalf("stopping took %s", took)
	}
	if err := h.Store.Ping(t.Context()); err == nil {
		t.Fatal("the store is still open")
	}
}
