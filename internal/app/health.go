package app

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/VictoriaMetrics/metrics"
)

// healthz says that the process answers, whatever else is the matter.
func (a *App) healthz(rw http.ResponseWriter, _ *http.Request) {
	answer(rw, http.StatusOK, map[string]string{"status": "ok"})
}

// schemaEvery is how often readyz looks at the schema, which only another node can change.
const schemaEvery = 30 * time.Second

// readiness remembers what was found about the schema.
type readiness struct {
	mu     sync.Mutex
	at     time.Time
	schema string
}

// readyz says whether this node can work: the database answers, its schema is the one this program knows, and the
// workers run.
func (a *App) readyz(rw http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	state := map[string]string{"database": "ok", "schema": "ok", "queue": "ok"}
	status := http.StatusOK
	bad := func(name, how string) { state[name], status = how, http.StatusServiceUnavailable }
	if err := a.Store.Ping(ctx); err != nil {
		bad("database", "unreachable")
		bad("schema", "unknown")
	} else if s := a.schemaState(ctx); s != "ok" {
		bad("schema", s)
	}
	if a.server == nil || !a.server.serving.Load() {
		bad("queue", "stopped")
	}
	state["status"] = "ok"
	if status != http.StatusOK {
		state["status"] = "unready"
	}
	answer(rw, status, state)
}

func (a *App) schemaState(ctx context.Context) string {
	a.ready.mu.Lock()
	defer a.ready.mu.Unlock()
	if now := a.Clock.Now(); a.ready.schema != "ok" || now.Sub(a.ready.at) > schemaEvery {
		s, err := a.Store.Schema(ctx)
		switch {
		case err != nil:
			a.ready.schema = "unknown"
		case s.Version != s.Known:
			a.ready.schema = "different"
		default:
			a.ready.schema = "ok"
		}
		a.ready.at = now
	}
	return a.ready.schema
}

func answer(rw http.ResponseWriter, status int, body map[string]string) {
	rw.Header().Set("Content-Type", "application/json")
	rw.Header().Set("Cache-Control", "no-store")
	rw.WriteHeader(status)
	_ = json.NewEncoder(rw).Encode(body) // whoever asked may be gone
}

// metrics are figures in the text format of Prometheus. They stand on an address of their own, never on the front door.
// What cannot be counted at the moment is left out.
func (a *App) metrics() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		metrics.WriteGaugeUint64(rw, "ponte_live_listeners", uint64(a.Live.Listeners()))
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		l, err := a.Queue.Backlog(ctx)
		if err != nil {
			a.Log.ErrorContext(ctx, "counting jobs", "error", err)
		} else {
			for _, s := range []struct {
				name string
				n    int
			}{{"due", l.Due}, {"running", l.Running}, {"retrying", l.Retrying}, {"failed", l.Failed}} {
				metrics.WriteGaugeUint64(rw, `ponte_queue_jobs{state="`+s.name+`"}`, uint64(s.n))
			}
		}
		metrics.WriteProcessMetrics(rw)
	})
	return mux
}
