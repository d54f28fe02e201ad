package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/crypto/acme/autocert"

	"github.com/ponte-desk/ponte/internal/fault"
)

// How long the doors wait. Streams lift the write deadline for themselves.
const (
	headTimeout  = 10 * time.Second
	readTimeout  = 5 * time.Minute // an upload over a slow line
	writeTimeout = 5 * time.Minute
	idleTimeout  = 2 * time.Minute
	maxHead      = 64 << 10
	streamGrace  = 300 * time.Millisecond // when stopping, before open streams are ended
)

// server is what runs between Start and Stop.
type server struct {
	address string // that was taken
	doors   []*http.Server
	hangUp  context.CancelFunc // ends every request
	quiet   context.CancelFunc // ends live
	group   sync.WaitGroup
	failed  chan error
	serving atomic.Bool
}

// Start opens the doors and lets the workers work. It returns as soon as requests are answered.
func (a *App) Start(ctx context.Context) (err error) {
	if a.server != nil {
		return errors.New("app.Start: started already")
	}
	srv := &server{failed: make(chan error, 3)}
	var open []net.Listener
	defer func() {
		if err != nil {
			for _, l := range open {
				_ = l.Close()
			}
			err = fmt.Errorf("app.Start: %w", err)
		}
	}()
	listen := func(address string) (net.Listener, error) {
		l, err := listen(ctx, address)
		if err == nil {
			open = append(open, l)
		}
		return l, err
	}
	front := a.deps.Listener
	if front == nil {
		if front, err = listen(a.config.Address()); err != nil {
			return err
		}
	}
	srv.address = front.Addr().String()
	a.server = srv
	handler, err := a.handler()
	if err != nil {
		return err
	}
	requests, hangUp := context.WithCancel(context.WithoutCancel(ctx))
	srv.hangUp = hangUp
	door := a.door(requests, handler)
	type pair struct {
		s *http.Server
		l net.Listener
	}
	pairs := []pair{{door, front}}
	if a.config.TLSDomain != "" {
		certs := &autocert.Manager{
			Prompt: autocert.AcceptTOS, Cache: autocert.DirCache(filepath.Join(a.config.Data, "acme")),
			HostPolicy: autocert.HostWhitelist(a.config.TLSDomain),
		}
		door.TLSConfig = certs.TLSConfig()
		l, err := listen(a.config.ACMEListen)
		if err != nil {
			return err
		}
		pairs = append(pairs, pair{a.door(requests, certs.HTTPHandler(nil)), l})
	}
	if a.config.MetricsListen != "" {
		l, err := listen(a.config.MetricsListen)
		if err != nil {
			return err
		}
		pairs = append(pairs, pair{a.door(requests, a.metrics()), l})
	}
	if err := a.work(ctx, srv); err != nil {
		hangUp()
		return err
	}
	for _, p := range pairs {
		srv.doors = append(srv.doors, p.s)
		srv.group.Go(func() {
			serve := p.s.Serve
			if p.s.TLSConfig != nil {
				serve = func(l net.Listener) error { return p.s.ServeTLS(l, "", "") }
			}
			if err := serve(p.l); !errors.Is(err, http.ErrServerClosed) {
				srv.failed <- err
			}
		})
	}
	srv.serving.Store(true)
	return nil
}

// work starts what works behind the doors.
func (a *App) work(ctx context.Context, srv *server) error {
	// What a process that died left behind is taken up at once; by itself it would be found, but later.
	if err := a.Deliveries.Recover(ctx); err != nil {
		return err
	}
	if err := a.Queue.Start(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	listening, quiet := context.WithCancel(context.WithoutCancel(ctx))
	srv.quiet = quiet
	srv.group.Go(func() { a.Live.Run(listening) })
	srv.group.Go(func() { a.Links.Run(listening) })
	srv.group.Go(func() { a.Report.Run(listening) })
	return nil
}

func (a *App) door(ctx context.Context, h http.Handler) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: headTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHead, BaseContext: func(net.Listener) context.Context { return ctx },
		ErrorLog: slog.NewLogLogger(a.Log.Handler(), slog.LevelDebug), // what strangers' broken connections cause
	}
}

// listen takes an address, or says in words of the catalog why not.
func listen(ctx context.Context, address string) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	switch {
	case err == nil:
		return l, nil
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fault.New(fault.Conflict, "app.port.taken").With("address", address).Because(err)
	case errors.Is(err, syscall.EACCES):
		return nil, fault.New(fault.Denied, "app.port.denied").With("address", address).Because(err)
	}
	return nil, fault.New(fault.Invalid, "app.port.wrong").With("address", address).Because(err)
}

// Failed tells when a door breaks while the house is open.
func (a *App) Failed() <-chan error {
	if a.server == nil {
		return nil
	}
	return a.server.failed
}

// URL is the address under which people reach Ponte, without a slash at its end.
func (a *App) URL() string {
	if a.server != nil {
		return a.config.Base(a.server.address)
	}
	return a.config.Base("")
}

// Stop closes the doors, lets the workers finish until ctx is over, and closes the stores, in this order.
func (a *App) Stop(ctx context.Context) error {
	var err error
	if srv := a.server; srv != nil {
		srv.serving.Store(false)
		if srv.hangUp != nil {
			timer := time.AfterFunc(streamGrace, srv.hangUp)
			for _, d := range srv.doors {
				if e := d.Shutdown(ctx); e != nil {
					err = errors.Join(err, e, d.Close())
				}
			}
			timer.Stop()
			srv.hangUp()
		}
		a.Networks.Stop()
		if srv.quiet != nil {
			err = errors.Join(err, a.Queue.Stop(ctx))
			srv.quiet()
		}
		srv.group.Wait()
	}
	a.close()
	if err != nil {
		return fmt.Errorf("app.Stop: %w", err)
	}
	return nil
}
