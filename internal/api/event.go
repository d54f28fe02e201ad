package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ponte-desk/ponte/internal/live"
	"github.com/ponte-desk/ponte/internal/team"
)

// heartbeat is how often an open ear hears something, so that proxies keep it open; the token is looked at as often.
const heartbeat = 20 * time.Second

// Event says that something changed, never what.
type Event struct {
	Topic string `json:"topic" enum:"inbox,conversation,channels,writing,resync" example:"conversation" doc:"What changed; resync: events were missed, read everything again."`
	Ref   string `json:"ref,omitempty" example:"cnv_01kjpzx2p0000000000000000g" doc:"Which one."`
	By    string `json:"by,omitempty" example:"mbr_01kjpzx2p0000000000000000b" doc:"The member who did it."`
}

func (a *API) eventOperations() {
	add(a, operation{
		id: "listen", method: http.MethodGet, path: "/events", tag: tagEvents, needs: team.InboxRead, produces: "text/event-stream",
		summary: "Listen",
		description: "Server-sent events. The data of each is `{\"topic\":\"conversation\",\"ref\":\"cnv_...\",\"by\":\"mbr_...\"}`: something changed, never what; read it again. " +
			"The topics are inbox, conversation, channels, writing, and resync when events were missed. The stream ends with the token.",
	}, func(ctx context.Context, c *caller, _ *nothing) (*streamed, error) {
		return &streamed{Body: func(huma.Context) { a.listen(ctx, c) }}, nil
	})
}

func (a *API) listen(ctx context.Context, c *caller) {
	out := http.NewResponseController(c.writer)
	_ = out.SetWriteDeadline(time.Time{}) // a connection without deadlines needs none lifted
	events, cancel := a.rooms.Live.Subscribe(string(c.actor.Company))
	defer cancel()
	h := c.writer.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no")
	c.writer.WriteHeader(http.StatusOK)
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	text := "retry: 3000\n\n"
	for {
		if _, err := fmt.Fprint(c.writer, text); err != nil {
			return // the caller is gone
		}
		if err := out.Flush(); err != nil {
			return
		}
		for text = ""; text == ""; {
			select {
			case <-ctx.Done():
				return
			case <-beat.C:
				// A token that was revoked, or whose member left or lost the role, hears no more.
				actor, _, err := a.rooms.Signin.ByBearer(ctx, c.secret)
				if err != nil || actor.May(team.InboxRead) != nil {
					return
				}
				c.actor, text = actor, ": \n\n"
			case e := <-events:
				if e.Topic == live.Channels && !c.actor.Can(team.ChannelsRead) {
					continue
				}
				b, err := json.Marshal(Event{Topic: string(e.Topic), Ref: e.Ref, By: e.By})
				if err != nil {
					return
				}
				text = "data: " + string(b) + "\n\n"
			}
		}
	}
}
