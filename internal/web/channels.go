package web

import (
	"net/http"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

// CallbackPath is where a server sends the browser back after consent.
const CallbackPath = view.PathChannels + "/callback"

func (w *Web) channelRoutes() {
	w.member("GET "+view.PathChannels, w.showChannels)
	w.member("GET "+view.PathChannels+"/new", w.showNewChannel)
	w.member("POST "+view.PathChannels+"/new/mastodon", w.connectMastodon)
	w.member("POST "+view.PathChannels+"/new/bluesky", w.connectBluesky)
	w.member("POST "+view.PathChannels+"/new/site", w.connectSite)
	w.member("GET "+CallbackPath, w.finishConnecting)
	w.member("POST "+view.PathChannels+"/{id}/probe", w.probeChannel)
	w.member("POST "+view.PathChannels+"/{id}/pause", w.pauseChannel)
	w.member("POST "+view.PathChannels+"/{id}/resume", w.resumeChannel)
	w.member("POST "+view.PathChannels+"/{id}/rename", w.renameChannel)
	w.member("POST "+view.PathChannels+"/{id}/disconnect", w.disconnectChannel)
	w.member("POST "+view.PathChannels+"/{id}/reconnect", w.reconnectChannel)
}

func (w *Web) showChannels(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	channels, err := w.rooms.Networks.Channels(r.Context(), v.actor)
	if err != nil {
		return err
	}
	s := view.Channels{Manage: v.actor.Can(team.ChannelsManage) && !v.company.Sample}
	now := w.rooms.Clock.Now()
	for _, c := range channels {
		sheet := v.channelSheet(c, now, s.Manage)
		if err := w.siteArticles(r.Context(), v, c, now, &sheet); err != nil {
			return err
		}
		s.Channels = append(s.Channels, sheet)
	}
	p := w.page(r, view.RoomChannels, "channelspage.title")
	p.Topics = "channels inbox"
	return w.show(rw, r, p, view.ChannelsPage(p, s))
}

// networkName is what people call a network.
func (v *visit) networkName(n network.Name) string {
	if key := "channelspage.network." + string(n); v.words.Has(key) {
		return v.words.T(key)
	}
	return string(n)
}

func (v *visit) channelSheet(c network.Channel, now time.Time, manage bool) view.ChannelSheet {
	s := view.ChannelSheet{
		Path: view.PathChannels + "/" + string(c.ID), ID: string(c.ID), Network: string(c.Network), Kind: v.networkName(c.Network),
		Name: c.Name, Handle: c.Handle, URL: webAddress(c.URL), Manage: manage, Sample: c.Sample, Broken: c.State == network.Broken, Paused: c.State == network.Paused,
	}
	if s.Name == "" {
		s.Name = c.Handle
	}
	for _, l := range c.Lines(now) {
		said := v.line(l, now)
		switch l.About {
		case network.AboutState:
			s.State, s.Tone = said, string(l.Tone)
		case network.AboutTodo:
			s.Todo = said
			if l.Tone == network.Act {
				s.Tone = string(network.Act)
			}
		case network.AboutAccount: // stands in the head
		default:
			f := view.Fact{Label: v.words.T("channelspage.about." + string(l.About)), Value: said}
			if l.Tone == network.Act {
				f.Icon = "attention"
			}
			s.Facts = append(s.Facts, f)
		}
	}
	return s
}

// line says a sentence about a channel; moments are said in the company's zone.
func (v *visit) line(l network.Line, now time.Time) string {
	args := map[string]any{}
	for k, a := range l.Args {
		if t, ok := a.(time.Time); ok {
			a = v.words.Moment(t.In(v.zone()), now.In(v.zone()))
		}
		args[k] = a
	}
	if l.Plural {
		return v.words.N(l.Key, l.Count, args)
	}
	return v.words.T(l.Key, args)
}

// webAddress lets only addresses of the web through: a link comes from a server that is not ours.
func webAddress(s string) string {
	if strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://") {
		return s
	}
	return ""
}

func (w *Web) showNewChannel(rw http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	return w.newChannelPage(rw, r, http.StatusOK, view.NewChannel{Address: q.Get("address"), Account: q.Get("account"), Server: q.Get("server"), Site: q.Get("site"), User: q.Get("user")})
}

func (w *Web) newChannelPage(rw http.ResponseWriter, r *http.Request, status int, s view.NewChannel) error {
	if err := visitOf(r).actor.May(team.ChannelsManage); err != nil {
		return err
	}
	p := w.page(r, view.RoomChannels, "channelspage.new.title")
	return w.showStatus(rw, r, status, p, view.NewChannelPage(p, s))
}

// connecting are the errors that belong beside the form: what was typed, what answered, what the server said.
var connecting = []fault.Kind{fault.Invalid, fault.NotFound, fault.Upstream, fault.Limited, fault.Conflict}

// connectMastodon finds the server and leads there, where the person says yes.
func (w *Web) connectMastodon(rw http.ResponseWriter, r *http.Request) error {
	form := view.NewChannel{Chosen: string(network.Mastodon), Address: strings.TrimSpace(r.PostFormValue("address"))}
	to, err := w.beginOAuth(r, form.Address)
	if wrong, ok := w.wrong(rw, r, err, connecting...); ok {
		form.Error, form.Remedy, form.Errors = wrong.Text, wrong.Remedy, wrong.Fields
		return w.newChannelPage(rw, r, wrong.Status, form)
	} else if err != nil {
		return err
	}
	return w.leaveTo(rw, r, to)
}

func (w *Web) beginOAuth(r *http.Request, address string) (string, error) {
	v := visitOf(r)
	server, err := w.rooms.Networks.Look(r.Context(), v.actor, network.Mastodon, address)
	if err != nil {
		return "", err
	}
	return w.rooms.Networks.Begin(r.Context(), v.actor, server, w.address(r, CallbackPath))
}

// finishConnecting is where the browser comes back. The state in the address is good once, for this member only.
func (w *Web) finishConnecting(rw http.ResponseWriter, r *http.Request) error {
	v, q := visitOf(r), r.URL.Query()
	ch, err := w.rooms.Networks.Finish(r.Context(), v.actor, q.Get("state"), q.Get("code"), q.Get("error"))
	if wrong, ok := w.wrong(rw, r, err, connecting...); ok {
		text := wrong.Text
		for _, said := range wrong.Fields {
			text = strings.TrimSpace(text + " " + said)
		}
		return w.newChannelPage(rw, r, wrong.Status, view.NewChannel{Chosen: string(network.Mastodon), Error: text, Remedy: wrong.Remedy})
	} else if err != nil {
		return err
	}
	return w.done(rw, r, view.PathChannels, "channelspage.connected", "name", ch.Handle)
}

func (w *Web) connectBluesky(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	form := view.NewChannel{
		Chosen: string(network.Bluesky), Account: strings.TrimPrefix(strings.TrimSpace(r.PostFormValue("account")), "@"),
		Server: strings.TrimSpace(r.PostFormValue("server")),
	}
	address := form.Server
	if address == "" {
		address = form.Account
	}
	server, err := w.rooms.Networks.Look(r.Context(), v.actor, network.Bluesky, address)
	var ch network.Channel
	if err == nil {
		ch, err = w.rooms.Networks.ConnectPassword(r.Context(), v.actor, server, form.Account, strings.TrimSpace(r.PostFormValue("password")))
	}
	if wrong, ok := w.wrong(rw, r, err, connecting...); ok {
		form.Error, form.Remedy, form.Errors = wrong.Text, wrong.Remedy, wrong.Fields
		for field, at := range map[string]string{"identifier": "account", "address": "account"} {
			if said := form.Errors[field]; said != "" {
				form.Errors[at] = said
			}
		}
		return w.newChannelPage(rw, r, wrong.Status, form)
	} else if err != nil {
		return err
	}
	return w.done(rw, r, view.PathChannels, "channelspage.connected", "name", ch.Handle)
}

// connectSite connects a web site: as WordPress when a name and a password were given, else by its feed.
func (w *Web) connectSite(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	form := view.NewChannel{Chosen: string(network.Site), Site: strings.TrimSpace(r.PostFormValue("site")), User: strings.TrimSpace(r.PostFormValue("user"))}
	password := strings.TrimSpace(r.PostFormValue("password"))
	server, err := w.rooms.Networks.Look(r.Context(), v.actor, network.Site, form.Site)
	var ch network.Channel
	switch {
	case err != nil:
	case form.User == "" && password == "" && server.Open:
		ch, err = w.rooms.Networks.ConnectOpen(r.Context(), v.actor, server)
	default: // the connector says what is in the way where there is no WordPress, or where it takes no password
		server.Join = network.JoinAppPassword
		ch, err = w.rooms.Networks.ConnectPassword(r.Context(), v.actor, server, form.User, password)
	}
	if wrong, ok := w.wrong(rw, r, err, connecting...); ok {
		form.Error, form.Remedy, form.Errors = wrong.Text, wrong.Remedy, wrong.Fields
		if said := form.Errors["identifier"]; said != "" {
			form.Errors["user"] = v.words.T("channelspage.site.user.missing")
		}
		return w.newChannelPage(rw, r, wrong.Status, form)
	} else if err != nil {
		return err
	}
	said := "channelspage.connected"
	if ch.Traits.ReadOnly {
		said = "channelspage.connected.site"
	}
	return w.done(rw, r, view.PathChannels, said, "name", ch.Handle)
}

// theChannel reads which channel a route is about.
func theChannel(r *http.Request) (network.ChannelID, error) {
	id, err := network.ParseChannelID(r.PathValue("id"))
	if err != nil {
		return "", fault.New(fault.NotFound, "channel.missing").Because(err)
	}
	return id, nil
}

// onChannel does one thing to a channel and says so.
func (w *Web) onChannel(rw http.ResponseWriter, r *http.Request, said string, do func(network.ChannelID) (network.Channel, error)) error {
	id, err := theChannel(r)
	if err != nil {
		return err
	}
	ch, err := do(id)
	if err != nil {
		return err
	}
	return w.done(rw, r, view.PathChannels, said, "name", ch.Handle)
}

func (w *Web) probeChannel(rw http.ResponseWriter, r *http.Request) error {
	return w.onChannel(rw, r, "channelspage.probed", func(id network.ChannelID) (network.Channel, error) {
		return w.rooms.Networks.ProbeNow(r.Context(), visitOf(r).actor, id)
	})
}

func (w *Web) pauseChannel(rw http.ResponseWriter, r *http.Request) error {
	return w.onChannel(rw, r, "channelspage.paused", func(id network.ChannelID) (network.Channel, error) {
		return w.rooms.Networks.Pause(r.Context(), visitOf(r).actor, id)
	})
}

func (w *Web) resumeChannel(rw http.ResponseWriter, r *http.Request) error {
	return w.onChannel(rw, r, "channelspage.resumed", func(id network.ChannelID) (network.Channel, error) {
		return w.rooms.Networks.Resume(r.Context(), visitOf(r).actor, id)
	})
}

func (w *Web) renameChannel(rw http.ResponseWriter, r *http.Request) error {
	return w.onChannel(rw, r, "channelspage.renamed", func(id network.ChannelID) (network.Channel, error) {
		return w.rooms.Networks.Rename(r.Context(), visitOf(r).actor, id, r.PostFormValue("name"))
	})
}

func (w *Web) disconnectChannel(rw http.ResponseWriter, r *http.Request) error {
	return w.onChannel(rw, r, "channelspage.disconnected", func(id network.ChannelID) (network.Channel, error) {
		return w.rooms.Networks.Disconnect(r.Context(), visitOf(r).actor, id)
	})
}

// reconnectChannel leads to where the account is connected again: to its server, or to the form for an app password.
func (w *Web) reconnectChannel(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	id, err := theChannel(r)
	if err != nil {
		return err
	}
	ch, err := w.rooms.Networks.Channel(r.Context(), v.actor, id)
	if err != nil {
		return err
	}
	if ch.Network == network.Site {
		return w.redirect(rw, r, view.PathChannels+"/new?"+query("site", ch.ServerURL)+"#site")
	}
	if ch.Network != network.Mastodon {
		return w.redirect(rw, r, view.PathChannels+"/new?"+query("account", ch.Handle, "server", ch.ServerURL))
	}
	to, err := w.beginOAuth(r, ch.ServerURL)
	if wrong, ok := w.wrong(rw, r, err, connecting...); ok {
		return w.newChannelPage(rw, r, wrong.Status, view.NewChannel{Chosen: string(network.Mastodon), Address: ch.ServerURL, Error: wrong.Text, Remedy: wrong.Remedy, Errors: wrong.Fields})
	} else if err != nil {
		return err
	}
	return w.leaveTo(rw, r, to)
}
