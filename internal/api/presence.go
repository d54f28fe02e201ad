package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/presence"
	"github.com/ponte-desk/ponte/internal/team"
)

// PresenceView says of which channel and time.
type PresenceView struct {
	Channel string `query:"channel" example:"chn_01kjpzx2p0000000000000000c" doc:"One channel; absent: all."`
	Weeks   int    `query:"weeks" minimum:"-1" maximum:"52" default:"-1" example:"52" doc:"For how many weeks back: 6, 13 or 52, 0 for all of the past; absent: the usual time."`
}

// PresencePortrait is how the company speaks and listens.
type PresencePortrait struct {
	At       *time.Time       `json:"at,omitempty" example:"2026-03-31T02:10:00Z" doc:"When it was drawn; absent: none was drawn yet."`
	Few      bool             `json:"few" doc:"Too little is known; nothing else is then said."`
	Channel  string           `json:"channel,omitempty" example:"chn_01kjpzx2p0000000000000000c" doc:"Of which channel; absent: of all."`
	Channels []string         `json:"channels" nullable:"false" example:"[\"chn_01kjpzx2p0000000000000000c\"]" doc:"Channels that have a portrait of their own."`
	Weeks    int              `json:"weeks" example:"52" doc:"Of how many weeks; 0: of all the past."`
	From     *time.Time       `json:"from,omitempty" example:"2025-04-01T02:10:00Z" doc:"The beginning of the time."`
	To       *time.Time       `json:"to,omitempty" example:"2026-03-31T02:10:00Z" doc:"Its end."`
	Before   *time.Time       `json:"before,omitempty" example:"2024-04-02T02:10:00Z" doc:"The beginning of the time before, which ends at from; absent: there was none."`
	Ours     int              `json:"ours" example:"412" doc:"Things said by the company."`
	Theirs   int              `json:"theirs" example:"690" doc:"Things said by others."`
	Lines    []PresenceLine   `json:"lines" nullable:"false" doc:"Three sentences: what the company does well, what stands out, what to try next week."`
	Figures  []PresenceFigure `json:"figures" nullable:"false" doc:"The figures."`
	Asked    *time.Time       `json:"asked_at,omitempty" example:"2026-03-31T09:00:00Z" doc:"A new one is being drawn since then."`
}

// PresenceLine is one of the three sentences.
type PresenceLine struct {
	Part   string `json:"part" enum:"well,stands,try" example:"try" doc:"Which of the three."`
	Say    string `json:"say" example:"End a post with a true question." doc:"In the language of the answer."`
	Why    string `json:"why" example:"So far 2 of 31 have one, since 31 March 2025." doc:"Why."`
	Figure string `json:"figure,omitempty" example:"asking" doc:"The figure that it rests on."`
}

// PresenceFigure is a figure, with of how many it is.
type PresenceFigure struct {
	Key      string            `json:"key" example:"answered" doc:"Which."`
	Theme    string            `json:"theme" example:"responsive" doc:"What it belongs to."`
	Label    string            `json:"label" example:"Times you answered who wrote to you" doc:"In the language of the answer."`
	Few      bool              `json:"few" doc:"It is of too few to mean anything."`
	N        int               `json:"n" example:"46" doc:"How many; of the longest silence days; nothing of lengths of time and levels."`
	Of       int               `json:"of" example:"50" doc:"Of how many: cases, words or sentences."`
	Median   *float64          `json:"median_seconds,omitempty" example:"7800" doc:"Half of the answers took no longer."`
	Ninth    *float64          `json:"ninth_seconds,omitempty" example:"86400" doc:"Nine of ten answers took no longer."`
	Ours     *float64          `json:"ours,omitempty" example:"58.2" doc:"Of a level: ours."`
	Theirs   *float64          `json:"theirs,omitempty" example:"71.4" doc:"Of a level: theirs."`
	TheirsOf int               `json:"theirs_of,omitempty" example:"4120" doc:"Of a level: of how many theirs is."`
	Ways     *PresenceWays     `json:"ways,omitempty" doc:"Of the register."`
	Before   *PresencePast     `json:"before,omitempty" doc:"The same of the time before."`
	Change   int               `json:"change" minimum:"-1" maximum:"1" example:"0" doc:"1: more than before, -1: less; 0: it may be chance, or there is no telling."`
	Parts    []PresencePoint   `json:"parts" nullable:"false" doc:"The time in parts, oldest first."`
	Examples []PresenceExample `json:"examples" nullable:"false" doc:"What one can look at."`
}

// PresenceWays is how Italian texts speak to somebody.
type PresenceWays struct {
	Tu        int `json:"tu" example:"12" doc:"Of ours, with tu."`
	Voi       int `json:"voi" example:"30" doc:"With voi."`
	Lei       int `json:"lei" example:"4" doc:"With Lei."`
	TheirsTu  int `json:"theirs_tu" example:"20" doc:"Of theirs, with tu."`
	TheirsVoi int `json:"theirs_voi" example:"55" doc:"With voi."`
	TheirsLei int `json:"theirs_lei" example:"10" doc:"With Lei."`
}

// PresencePast is a figure of the time before.
type PresencePast struct {
	Few    bool     `json:"few" doc:"It is of too few."`
	N      int      `json:"n" example:"30" doc:"As in the figure."`
	Of     int      `json:"of" example:"48" doc:"As in the figure."`
	Median *float64 `json:"median_seconds,omitempty" example:"9000" doc:"As in the figure."`
}

// PresencePoint is a figure in a part of the time.
type PresencePoint struct {
	From   time.Time `json:"from" example:"2025-04-01T02:10:00Z" doc:"The beginning of the part."`
	N      int       `json:"n" example:"4" doc:"As in the figure."`
	Of     int       `json:"of" example:"5" doc:"As in the figure."`
	Median *float64  `json:"median_seconds,omitempty" example:"7200" doc:"As in the figure."`
}

// PresenceExample is something that was said; its words are in the conversation.
type PresenceExample struct {
	Interaction string    `json:"interaction" example:"int_01kjpzx2p0000000000000000n" doc:"What."`
	At          time.Time `json:"at" example:"2026-02-11T10:00:00Z" doc:"When it was said."`
	Role        string    `json:"role" example:"left" doc:"What it is an example of."`
	Start       int       `json:"start,omitempty" example:"0" doc:"Where the sentence meant begins, in bytes."`
	End         int       `json:"end,omitempty" example:"42" doc:"Where it ends; absent: all of it is meant."`
}

func seconds(d time.Duration) *float64 {
	s := d.Seconds()
	return &s
}

func (a *API) presenceFigure(c *caller, t presence.Theme, f presence.Figure) PresenceFigure {
	out := PresenceFigure{
		Key: string(f.Key), Theme: string(t), Label: f.Label(c.words), Few: f.Few, N: f.N, Of: f.Of, Change: f.Change(),
		Parts: each(f.Series, func(p presence.Point) PresencePoint {
			x := PresencePoint{From: p.From.UTC(), N: p.N, Of: p.Of}
			if f.Key.Span() && p.Of > 0 {
				x.Median = seconds(p.Median)
			}
			return x
		}),
		Examples: each(f.Examples, func(e presence.Example) PresenceExample {
			return PresenceExample{Interaction: string(e.ID), At: e.At.UTC(), Role: string(e.Role), Start: e.Start, End: e.End}
		}),
	}
	switch {
	case f.Key.Span() && f.Of > 0:
		out.Median, out.Ninth = seconds(f.Median), seconds(f.Ninth)
	case f.Key.Level() && f.Of > 0:
		out.Ours, out.Theirs, out.TheirsOf = &f.Ours, &f.Theirs, f.TheirsOf
	case f.Key == presence.Register:
		out.Ways = &PresenceWays{f.OurWays[0], f.OurWays[1], f.OurWays[2], f.TheirWays[0], f.TheirWays[1], f.TheirWays[2]}
	}
	if b := f.Before; b != nil {
		out.Before = &PresencePast{Few: b.Few, N: b.N, Of: b.Of}
		if f.Key.Span() && b.Of > 0 {
			out.Before.Median = seconds(b.Median)
		}
	}
	return out
}

func (a *API) presenceOperations() {
	x := a.rooms.Presence
	add(a, operation{
		id: "get-presence", method: http.MethodGet, path: "/presence", tag: tagPresence, needs: team.InboxRead, summary: "Get the portrait of the company's own voice",
		description: "How regular, how responsive, how much about itself, how the company converses, takes criticism, writes and with how many people, as last drawn. Each figure with of how many it is, the same of the time before, and examples.",
	}, func(ctx context.Context, c *caller, in *PresenceView) (*output[PresencePortrait], error) {
		if in.Weeks >= 0 && !slices.Contains(presence.Periods, in.Weeks) {
			return nil, presence.ErrOver
		}
		p, err := x.Portrait(ctx, c.actor)
		if err != nil {
			return nil, err
		}
		progress, err := x.Progress(ctx, c.actor)
		if err != nil {
			return nil, err
		}
		out := PresencePortrait{Few: true, Channels: []string{}, Lines: []PresenceLine{}, Figures: []PresenceFigure{}}
		if progress.Stage != presence.Idle {
			out.Asked = when(progress.Asked)
		}
		if p == nil {
			return answer(out), nil
		}
		out.At = when(p.At)
		v, ok := p.View(network.ChannelID(in.Channel), in.Weeks)
		if !ok {
			return answer(out), nil
		}
		company, err := a.rooms.Team.Company(ctx, c.actor.Company)
		if err != nil {
			return nil, err
		}
		out.Few, out.Channel, out.Weeks, out.Ours, out.Theirs = false, string(v.Channel), v.Weeks, v.Ours, v.Theirs
		out.From, out.To, out.Before = when(v.From), when(v.To), when(v.Before)
		out.Channels = each(p.Channels(), func(ch network.ChannelID) string { return string(ch) })
		out.Lines = each(v.Lines(), func(l presence.Line) PresenceLine {
			return PresenceLine{Part: string(l.Part), Say: l.Say.In(c.words, company.Location()), Why: l.Why.In(c.words, company.Location()), Figure: string(l.On)}
		})
		for _, t := range presence.Themes {
			for _, k := range t.Keys {
				out.Figures = append(out.Figures, a.presenceFigure(c, t.Theme, v.Figure(k)))
			}
		}
		return answer(out), nil
	})
	add(a, operation{
		id: "refresh-presence", method: http.MethodPost, path: "/presence/refresh", tag: tagPresence, needs: team.InboxRead, status: http.StatusAccepted,
		summary: "Draw the portrait of the voice anew", description: "It is drawn beside; while one is being drawn, nothing happens.",
	}, func(ctx context.Context, c *caller, _ *struct{}) (*nothing, error) {
		return nil, x.Refresh(ctx, c.actor)
	})
}
