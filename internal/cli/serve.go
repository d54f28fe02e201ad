package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/ponte-desk/ponte/internal/app"
	"github.com/ponte-desk/ponte/internal/config"
	"github.com/ponte-desk/ponte/internal/signin"
	"github.com/ponte-desk/ponte/internal/team"
)

// stopWithin is how long deliveries under way may take to finish.
const stopWithin = 30 * time.Second

type serveCmd struct{ config.Config }

func (c *serveCmd) settings() *config.Config { return &c.Config }

func (c *serveCmd) run(s *session) error {
	return s.serve(c.Config, nil, func(a *app.App) error {
		address, err := a.Welcome(s.ctx)
		if err != nil {
			return err
		}
		if address != "" {
			s.print("cli.serve.welcome", "address", address)
		} else {
			s.print("cli.serve.open", "address", a.URL())
		}
		return nil
	})
}

// restPercent is how much the memory may grow before it is collected, of what is in use. Go's usual 100 let a house at rest take 96 MB where 89 do; GOGC says otherwise.
const restPercent = 50

// serve runs a house until someone wants it to end. furnish, if there is one, is called before anything works in it, opened when
// its doors are open.
func (s *session) serve(c config.Config, furnish, opened func(*app.App) error) (err error) {
	signals := s.Signals
	if signals == nil {
		ch := make(chan os.Signal, 2)
		signal.Notify(ch, os.Interrupt, syscall.SIGTERM)
		defer signal.Stop(ch)
		signals = ch
	}
	if _, set := s.Env("GOGC"); !set {
		debug.SetGCPercent(restPercent)
	}
	d := s.Deps
	d.Log = s.log(c)
	a, err := app.New(s.ctx, c, d)
	if err != nil {
		return err
	}
	if furnish != nil {
		err = furnish(a)
	}
	if err == nil {
		err = a.Start(s.ctx)
	}
	if err == nil {
		err = a.Store.Shrink(s.ctx)
		debug.FreeOSMemory() // building and furnishing took as much as the house needs: it goes back at once, not within minutes
	}
	if err == nil {
		err = opened(a)
	}
	if err == nil {
		select {
		case <-signals:
			s.print("cli.serve.stopping")
		case <-s.ctx.Done():
		case err = <-a.Failed():
		}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), stopWithin)
	defer cancel()
	stopped := make(chan error, 1)
	go func() { stopped <- a.Stop(ctx) }()
	select {
	case e := <-stopped:
		return errors.Join(err, e)
	case <-signals:
		return exit(Failed)
	}
}

type demoCmd struct{ config.Config }

func (c *demoCmd) settings() *config.Config { return &c.Config }

func (c *demoCmd) run(s *session) (err error) {
	dir, err := os.MkdirTemp("", "ponte-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	// Nothing of a real Ponte is touched, whatever the environment says.
	c.Data, c.Database, c.Key, c.SMTPHost = dir, "", "", ""
	s.print("cli.demo.filling")
	var email, password string
	// The story goes by its own clock: nothing else is at work while it is told.
	return s.serve(c.Config, func(a *app.App) error {
		_, owner, err := a.FillSample(s.ctx, team.Command(""))
		if err != nil {
			return err
		}
		email, password = owner.Email, strings.ToLower(rand.Text()[:20])
		token, err := a.Signin.Reset(s.ctx, team.Command(owner.Company), signin.ResetIn{Member: owner.ID})
		if err != nil {
			return err
		}
		_, err = a.Signin.UseLink(s.ctx, signin.UseLinkIn{Token: token, Password: password})
		return err
	}, func(a *app.App) error {
		fmt.Fprintln(s.Out)
		s.print("cli.demo.open", "address", a.URL(), "email", email, "password", password)
		return nil
	})
}

type versionCmd struct{}

func (*versionCmd) settings() *config.Config { return nil }

func (*versionCmd) run(s *session) error {
	v := app.ThisVersion()
	line := "ponte " + v.String()
	if v.Revision != "" {
		line += " (" + v.Revision[:min(12, len(v.Revision))]
		if v.Dirty {
			line += "+"
		}
		line += ")"
	}
	fmt.Fprintln(s.Out, line, v.Go)
	return nil
}
