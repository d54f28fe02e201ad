package app

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
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

// metrics are figures for Prometheus. They stand on an address of their own, never on the front door.
func (a *App) metrics() http.Handler {
	reg := prometheus.NewRegistry()
	reg.MustRegister(
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "ponte_live_listeners", Help: "Open browsers that listen for changes."},
			func() float64 { return float64(a.Live.Listeners()) }),
		&backlog{a: a, desc: prometheus.NewDesc("ponte_queue_jobs", "Jobs by what they wait for.", []string{"state"}, nil)},
	)
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(reg, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError}))
	return mux
}

// backlog counts jobs when it is asked.
type backlog struct {
	a    *App
	desc *prometheus.Desc
}

// Describe implements prometheus.Collector.
func (b *backlog) Describe(c chan<- *prometheus.Desc) { c <- b.desc }

// Collect implements prometheus.Collector.
func (b *backlog) Collect(c chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	l, err := b.a.Queue.Backlog(ctx)
	if err != nil {
		c <- prometheus.NewInvalidMetric(b.desc, err)
		return
	}
	for state, n := range map[string]int{"due": l.Due, "running": l.Running, "retrying": l.Retrying, "failed": l.Failed} {
		c <- prometheus.MustNewConstMetric(b.desc, prometheus.GaugeValue, float64(n), state)
	}
}
