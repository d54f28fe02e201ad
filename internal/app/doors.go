package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/ponte-desk/ponte/internal/api"
	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/demo"
	"github.com/ponte-desk/ponte/internal/fetch"
	"github.com/ponte-desk/ponte/internal/lead"
	"github.com/ponte-desk/ponte/internal/public"
	"github.com/ponte-desk/ponte/internal/report"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web"
)

// handler puts the doors beside each other. A pattern that is longer wins: the desk has everything that nobody else has.
func (a *App) handler() (http.Handler, error) {
	base := ""
	if a.config.BaseURL != "" || a.config.TLSDomain != "" {
		base = a.URL()
	}
	desk, err := web.New(web.Rooms{
		Team: a.Team, Signin: a.Signin, Networks: a.Networks, Archives: a.Archives, Deliveries: a.Deliveries, Audience: a.Audience, Inbox: a.Inbox,
		Growth: a.Growth, Posts: a.Posts, Reach: a.Reach, Links: a.Links, Linkbacks: a.Linkbacks, Presence: a.Presence, Verdicts: a.Verdicts, Webhooks: a.Webhooks, Notices: a.Notices, Leads: a.Leads, Report: a.Report, Media: a.Media, Live: a.Live, Catalog: a.Catalog, Clock: a.Clock, Log: a.Log,
	}, web.Options{
		Pictures: demo.Pictures(),
		Outside:  fetch.NewClient(fetch.Options{AllowNetworks: a.config.Networks(), UserAgent: UserAgent(a.config.Base("")), Timeout: 20 * time.Second}),
		BaseURL:  base, Secure: a.config.Secure(), TrustProxy: a.config.TrustProxy,
		FillSample: func(ctx context.Context, actor team.Actor) error {
			_, _, err := a.FillSample(ctx, actor)
			return err
		},
	})
	if err != nil {
		return nil, err
	}
	programs := api.New(api.Rooms{
		Team: a.Team, Signin: a.Signin, Networks: a.Networks, Archives: a.Archives, Deliveries: a.Deliveries, Audience: a.Audience, Inbox: a.Inbox, Growth: a.Growth, Posts: a.Posts, Reach: a.Reach, Links: a.Links, Linkbacks: a.Linkbacks, Presence: a.Presence, Verdicts: a.Verdicts, Webhooks: a.Webhooks,
		Leads: a.Leads, Report: a.Report, Media: a.Media, Live: a.Live, Once: a.Once, Catalog: a.Catalog, Clock: a.Clock, Log: a.Log,
	}, api.Options{
		BaseURL: base, Version: ThisVersion().String(), InvitationLink: a.InvitationLink, ConnectReturn: a.URL() + web.CallbackPath,
	})
	strangers, err := public.New(public.Rooms{
		Team: a.Team, Growth: a.Growth, Posts: a.Posts, Links: a.Links, Leads: a.Leads, Linkbacks: a.Linkbacks, Hubs: a.Networks, Files: a.Media, Catalog: a.Catalog, Clock: a.Clock, Log: a.Log,
	}, public.Options{BaseURL: base, Comes: desk.Comes, Inside: desk.Inside})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	strangers.Mount(mux)
	mux.Handle(api.Mount, programs)
	mux.HandleFunc("GET /healthz", a.healthz)
	mux.HandleFunc("GET /readyz", a.readyz)
	mux.Handle("/", desk)
	return mux, nil
}

// FillSample founds the sample company and lets its three months happen, so that they end now. They happen in rooms of their
// own, on the same database, whose clock goes with the story: what is recorded in it is recorded at its moment. The jobs of the house
// leave the company alone until it is told.
func (a *App) FillSample(ctx context.Context, by team.Actor) (team.Company, team.Member, error) {
	// The telling leaves several times the memory that the house needs afterwards: it goes back at once, not within minutes.
	defer debug.FreeOSMemory()
	story := clock.NewManual(a.Clock.Now())
	told := a.Rooms
	told.Clock = story
	told.Team = team.New(a.Store, story)
	told.domain(a.connectors(), nil, nil, nil, a.deps.Delivery, a.URL, nil)
	told.Leads = lead.New(told.leadRooms(nil, nil, nil, a.URL))
	c, owner, err := demo.Fill(ctx, demo.Rooms{
		Team: told.Team, Networks: told.Networks, Audience: told.Audience, Inbox: told.Inbox, Deliveries: told.Deliveries, Growth: told.Growth,
		Media: told.Media, Posts: told.Posts, Ties: told.Reach, Links: told.Links, Linkbacks: told.Linkbacks, Leads: told.Leads, Report: report.New(told.reportRooms(nil, nil, nil, a.URL)), Clock: story,
	}, by, a.Clock.Now())
	if err != nil && c.ID != "" && by.Company != "" { // nobody wants half a story; alone in its house it goes with the house
		err = errors.Join(err, a.Team.RemoveSample(context.WithoutCancel(ctx), by))
	}
	return c, owner, err
}

// InvitationLink is the address on which an invitation is accepted.
func (a *App) InvitationLink(token string) string { return a.URL() + web.InvitationPath(token) }

// PasswordLink is the address on which a member sets a password.
func (a *App) PasswordLink(token string) string { return a.URL() + web.PasswordPath(token) }

// Welcome is the one-time address of the first run, or "" when a company is there already.
func (a *App) Welcome(ctx context.Context) (string, error) {
	token, err := a.Signin.OpenSetup(ctx)
	if err != nil || token == "" {
		if err != nil {
			err = fmt.Errorf("app.Welcome: %w", err)
		}
		return "", err
	}
	return a.URL() + web.WelcomePath(token), nil
}
