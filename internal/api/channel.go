package api

import (
	"context"
	"net/http"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/team"
)

// errNoReturn says that this house cannot say where a browser is to come back to.
var errNoReturn = fault.New(fault.Conflict, "api.connect.nowhere")

// Channel is one account of the company on a network.
type Channel struct {
	ID         string        `json:"id" example:"chn_01kjpzx2p0000000000000000f" doc:"Identifier."`
	Network    string        `json:"network" example:"mastodon" doc:"Kind of network."`
	Server     string        `json:"server" example:"https://mastodon.example" doc:"The server's address."`
	Handle     string        `json:"handle" example:"arno@mastodon.example" doc:"The account, as it is written there."`
	Name       string        `json:"name" example:"Ceramiche Arno" doc:"Name shown in Ponte."`
	URL        string        `json:"url,omitempty" example:"https://mastodon.example/@arno" doc:"Where a browser shows the account."`
	Avatar     string        `json:"avatar_url,omitempty" example:"https://mastodon.example/a.png" doc:"The account's picture."`
	State      string        `json:"state" enum:"active,paused,broken,gone" example:"active" doc:"active: is watched and can send; paused: a member stopped it; broken: a person must connect it again; gone: disconnected."`
	Sample     bool          `json:"sample" doc:"Of the sample company: nothing goes out."`
	Connected  time.Time     `json:"connected_at" example:"2026-03-02T09:00:00Z" doc:"The last time a person connected it."`
	By         string        `json:"connected_by,omitempty" example:"mbr_01kjpzx2p0000000000000000b" doc:"Who connected it."`
	Expires    *time.Time    `json:"expires_at,omitempty" example:"2026-09-02T09:00:00Z" doc:"When a person must connect it again; absent: not foreseen."`
	Scopes     []string      `json:"scopes" nullable:"false" example:"[\"read\",\"write\"]" doc:"What the server truly lets us do, as far as it tells."`
	Limits     ChannelLimits `json:"limits" doc:"What the network allows."`
	CanReply   bool          `json:"can_reply" example:"true" doc:"Answers can be sent."`
	CanPrivate bool          `json:"can_reply_privately" example:"true" doc:"Private messages can be answered."`
	Health     ChannelHealth `json:"health" doc:"How it does."`
}

// ChannelLimits are what a network allows.
type ChannelLimits struct {
	Characters int      `json:"characters" example:"500" doc:"Length of a message, in the network's own count."`
	Bytes      int      `json:"bytes" example:"0" doc:"Length of a message in bytes; 0: no limit."`
	Attach     int      `json:"attachments" example:"4" doc:"Number of files."`
	Alt        int      `json:"alt_characters" example:"1500" doc:"Length of a file's description."`
	ImageBytes int64    `json:"image_bytes" example:"16777216" doc:"Size of an image; 0: not told."`
	Types      []string `json:"types" nullable:"false" example:"[\"image/jpeg\"]" doc:"Formats of files that are taken."`
}

// ChannelHealth is how a channel does.
type ChannelHealth struct {
	Success  *time.Time `json:"last_success_at,omitempty" example:"2026-03-02T09:00:00Z" doc:"When the network last answered as it should."`
	Attempt  *time.Time `json:"last_attempt_at,omitempty" example:"2026-03-02T09:00:00Z" doc:"When it was last asked."`
	Look     *time.Time `json:"next_look_at,omitempty" example:"2026-03-03T09:00:00Z" doc:"When account and rights are looked at next."`
	Problem  string     `json:"problem,omitempty" example:"network.problem.revoked" doc:"What stands in the way, for programs."`
	Since    *time.Time `json:"problem_since,omitempty" example:"2026-03-02T09:00:00Z" doc:"Since when."`
	Backfill bool       `json:"history_read" doc:"What the server still had from before was read."`
	Items    int        `json:"items" example:"118" doc:"How much was received."`
	Days     *int       `json:"days_left,omitempty" example:"41" doc:"Whole days until a person must connect it again; absent: not foreseen."`
	Lines    []Line     `json:"lines" nullable:"false" doc:"All of it in plain words, in the caller's language."`
}

// Line is one sentence about a channel.
type Line struct {
	About string `json:"about" enum:"state,todo,account,scopes,success,items,hub,expires,next" example:"state" doc:"What it is about."`
	Tone  string `json:"tone" enum:"fine,wait,act" example:"fine" doc:"fine; wait: Ponte deals with it by itself; act: a person must do something."`
	Text  string `json:"text" example:"Everything works." doc:"The sentence."`
}

// channelOf converts a channel; its sentences are said in words and in zone.
func (a *API) channelOf(words *i18n.Localizer, zone *time.Location) func(network.Channel) Channel {
	now := a.rooms.Clock.Now()
	return func(ch network.Channel) Channel {
		out := Channel{
			ID: string(ch.ID), Network: string(ch.Network), Server: ch.ServerURL, Handle: ch.Handle, Name: ch.Name, URL: ch.URL, Avatar: ch.AvatarURL,
			State: string(ch.State), Sample: ch.Sample, Connected: ch.ConnectedAt.UTC(), By: string(ch.ConnectedBy), Expires: when(ch.Expires),
			Scopes: strs(ch.Scopes), CanReply: ch.Traits.Reply, CanPrivate: ch.Traits.Private,
			Limits: ChannelLimits{
				Characters: ch.Limits.Characters, Bytes: ch.Limits.Bytes, Attach: ch.Limits.Attach, Alt: ch.Limits.AltText,
				ImageBytes: ch.Limits.ImageBytes, Types: strs(ch.Limits.MIMETypes),
			},
			Health: ChannelHealth{
				Success: when(ch.Health.LastSuccess), Attempt: when(ch.Health.LastAttempt), Look: when(ch.Health.NextLook),
				Backfill: ch.Health.BackfillDone, Items: ch.Health.Items, Lines: []Line{},
			},
		}
		if p := ch.Health.Problem; p != nil {
			out.Health.Problem, out.Health.Since = p.Key, when(p.Since)
		}
		if left, foreseen := ch.DaysLeft(now); foreseen {
			out.Health.Days = &left
		}
		for _, l := range ch.Lines(now) {
			args := map[string]any{}
			for k, v := range l.Args {
				if t, ok := v.(time.Time); ok {
					v = words.Moment(t.In(zone), now.In(zone))
				}
				args[k] = v
			}
			text := ""
			if l.Plural {
				text = words.N(l.Key, l.Count, args)
			} else {
				text = words.T(l.Key, args)
			}
			out.Health.Lines = append(out.Health.Lines, Line{About: string(l.About), Tone: string(l.Tone), Text: text})
		}
		return out
	}
}

// sayChannel answers with a channel.
func (a *API) sayChannel(ctx context.Context, c *caller, ch network.Channel) (*output[Channel], error) {
	company, err := a.rooms.Team.Company(ctx, c.actor.Company)
	if err != nil {
		return nil, err
	}
	return answer(a.channelOf(c.words, company.Location())(ch)), nil
}

// ChannelPath says which one.
type ChannelPath struct {
	Channel string `path:"channel" example:"chn_01kjpzx2p0000000000000000f" doc:"The channel's identifier."`
}

// ChannelChange is what of a channel is to be changed.
type ChannelChange struct {
	Name string `json:"name" example:"The shop in Via Roma" doc:"Name shown in Ponte, up to 80 characters; empty takes the account's own again."`
}

// Server is what answers at an address.
type Server struct {
	Network  string `json:"network" example:"mastodon" doc:"Kind of network."`
	URL      string `json:"url" example:"https://mastodon.example" doc:"The server's address."`
	Title    string `json:"title,omitempty" example:"Mastodon Example" doc:"What it calls itself."`
	Software string `json:"software,omitempty" example:"mastodon" doc:"Its software."`
	Version  string `json:"version,omitempty" example:"4.4.1" doc:"Its version."`
	Join     string `json:"join" enum:"oauth,app_password" example:"oauth" doc:"How an account is connected: begin-channel for oauth, connect-channel for app_password."`
}

// Login connects an account by an app password.
type Login struct {
	Network    string `json:"network" example:"bluesky" doc:"Kind of network."`
	Address    string `json:"address" example:"bsky.social" doc:"The server, or the account, as a person would type it."`
	Identifier string `json:"identifier" example:"arno.bsky.social" doc:"The account's name there."`
	Password   string `json:"password" example:"abcd-efgh-ijkl-mnop" writeOnly:"true" doc:"An app password; it is not kept."`
}

// Begin starts to connect an account by consent.
type Begin struct {
	Network string `json:"network" example:"mastodon" doc:"Kind of network."`
	Address string `json:"address" example:"mastodon.example" doc:"The server, or the account, as a person would type it."`
}

// Consent is where a person says yes.
type Consent struct {
	URL string `json:"url" example:"https://mastodon.example/oauth/authorize?..." doc:"To be opened within 15 minutes in a browser in which the token's member is signed in to Ponte."`
}

func (a *API) channelOperations() {
	add(a, operation{
		id: "list-channels", method: http.MethodGet, path: "/channels", tag: tagChannels, needs: team.ChannelsRead,
		summary: "List channels", description: "The channels with their health, in the order in which they came. Those that were disconnected are left out.",
	}, func(ctx context.Context, c *caller, _ *nothing) (*output[list[Channel]], error) {
		chs, err := a.rooms.Networks.Channels(ctx, c.actor)
		if err != nil {
			return nil, err
		}
		company, err := a.rooms.Team.Company(ctx, c.actor.Company)
		if err != nil {
			return nil, err
		}
		return answer(list[Channel]{Items: each(chs, a.channelOf(c.words, company.Location()))}), nil
	})
	add(a, operation{
		id: "get-channel", method: http.MethodGet, path: "/channels/{channel}", tag: tagChannels, needs: team.ChannelsRead,
		summary: "Get a channel", description: "One channel with its health, also one that was disconnected.",
	}, func(ctx context.Context, c *caller, in *ChannelPath) (*output[Channel], error) {
		id, err := network.ParseChannelID(in.Channel)
		if err != nil {
			return nil, err
		}
		ch, err := a.rooms.Networks.Channel(ctx, c.actor, id)
		if err != nil {
			return nil, err
		}
		return a.sayChannel(ctx, c, ch)
	})
	add(a, operation{
		id: "rename-channel", method: http.MethodPatch, path: "/channels/{channel}", tag: tagChannels, needs: team.ChannelsManage,
		summary: "Rename a channel", description: "Gives a channel a name of the company's own.", conflict: "The channel was disconnected.",
	}, func(ctx context.Context, c *caller, in *struct {
		ChannelPath
		Body ChannelChange
	},
	) (*output[Channel], error) {
		id, err := network.ParseChannelID(in.Channel)
		if err != nil {
			return nil, err
		}
		ch, err := a.rooms.Networks.Rename(ctx, c.actor, id, in.Body.Name)
		if err != nil {
			return nil, err
		}
		return a.sayChannel(ctx, c, ch)
	})
	turn := func(id, verb, summary, description, conflict string, calls bool, f func(context.Context, team.Actor, network.ChannelID) (network.Channel, error)) {
		add(a, operation{
			id: id, method: http.MethodPost, path: "/channels/{channel}/" + verb, tag: tagChannels, needs: team.ChannelsManage,
			summary: summary, description: description, conflict: conflict, calls: calls,
		}, func(ctx context.Context, c *caller, in *ChannelPath) (*output[Channel], error) {
			id, err := network.ParseChannelID(in.Channel)
			if err != nil {
				return nil, err
			}
			ch, err := f(ctx, c.actor, id)
			if err != nil {
				return nil, err
			}
			return a.sayChannel(ctx, c, ch)
		})
	}
	n := a.rooms.Networks
	turn("probe-channel", "probe", "Look at a channel now",
		"Asks the network who we are there and what we may do. What stands in the way is told in the health. Once in 10 seconds at most.",
		"The channel was disconnected.", true, n.ProbeNow)
	turn("pause-channel", "pause", "Pause a channel", "Stops reading and sending.", "The channel must be connected again first, or was disconnected.", false, n.Pause)
	turn("resume-channel", "resume", "Resume a channel", "Goes on reading where a paused channel stopped.", "The channel is not paused.", false, n.Resume)
	turn("disconnect-channel", "disconnect", "Disconnect a channel",
		"Forgets the credentials and keeps what was received.", "The channel was disconnected before.", false, n.Disconnect)
	a.connectOperations()
}

func (a *API) connectOperations() {
	add(a, operation{
		id: "look-server", method: http.MethodGet, path: "/servers", tag: tagChannels, needs: team.ChannelsManage, calls: true,
		summary: "Look at a server", description: "Tells what answers at an address, and how an account is connected there. Nothing is changed.",
	}, func(ctx context.Context, c *caller, in *struct {
		Network string `query:"network" required:"true" example:"mastodon" doc:"Kind of network."`
		Address string `query:"address" required:"true" maxLength:"500" example:"mastodon.example" doc:"The server, or the account, as a person would type it."`
	},
	) (*output[Server], error) {
		s, err := a.rooms.Networks.Look(ctx, c.actor, network.Name(in.Network), in.Address)
		if err != nil {
			return nil, err
		}
		return answer(Server{Network: string(s.Network), URL: s.URL, Title: s.Title, Software: s.Software, Version: s.Version, Join: string(s.Join)}), nil
	})
	add(a, operation{
		id: "connect-channel", method: http.MethodPost, path: "/channels", tag: tagChannels, needs: team.ChannelsManage, status: http.StatusCreated, calls: true,
		summary: "Connect an account by an app password", description: "Connects an account on a server that takes app passwords, or connects it again.",
	}, func(ctx context.Context, c *caller, in *struct{ Body Login }) (*output[Channel], error) {
		s, err := a.rooms.Networks.Look(ctx, c.actor, network.Name(in.Body.Network), in.Body.Address)
		if err != nil {
			return nil, err
		}
		ch, err := a.rooms.Networks.ConnectPassword(ctx, c.actor, s, in.Body.Identifier, in.Body.Password)
		if err != nil {
			return nil, err
		}
		return a.sayChannel(ctx, c, ch)
	})
	add(a, operation{
		id: "begin-channel", method: http.MethodPost, path: "/channels/begin", tag: tagChannels, needs: team.ChannelsManage, calls: true,
		summary:     "Begin to connect an account by consent",
		description: "Gives the address where a person says yes. Their browser comes back to Ponte, where the token's member must be signed in; the channel is there then.",
		conflict:    "This house does not know the address at which browsers reach it.",
	}, func(ctx context.Context, c *caller, in *struct{ Body Begin }) (*output[Consent], error) {
		if a.options.ConnectReturn == "" {
			return nil, errNoReturn
		}
		s, err := a.rooms.Networks.Look(ctx, c.actor, network.Name(in.Body.Network), in.Body.Address)
		if err != nil {
			return nil, err
		}
		address, err := a.rooms.Networks.Begin(ctx, c.actor, s, a.options.ConnectReturn)
		if err != nil {
			return nil, err
		}
		return answer(Consent{URL: address}), nil
	})
}
