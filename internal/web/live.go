package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/live"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

// heartbeat is how often an open ear hears something, so that proxies keep it open; the session is looked at as often.
const heartbeat = 20 * time.Second

func (w *Web) liveRoutes() {
	w.member("GET "+view.PathLive, w.listen)
}

// listen tells an open browser that something changed (server-sent events). Each event is {"topic":"conversation","ref":"cnv_..."}.
func (w *Web) listen(rw http.ResponseWriter, r *http.Request) error {
	v := visitOf(r)
	out := http.NewResponseController(rw)
	// The server's own write deadline is for pages.
	_ = out.SetWriteDeadline(time.Time{}) // a connection without deadlines needs none lifted
	events, cancel := w.rooms.Live.Subscribe(string(v.actor.Company))
	defer cancel()
	topics := strings.Fields(r.URL.Query().Get("topics"))
	mine := w.sharedTopics(r, topics)
	h := rw.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	rw.WriteHeader(http.StatusOK)
	if _, err := fmt.Fprint(rw, "retry: 3000\n\n"); err != nil {
		return nil
	}
	if err := out.Flush(); err != nil {
		return nil // the browser is gone
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		text := ": \n\n"
		select {
		case <-r.Context().Done():
			return nil
		case <-beat.C:
			if !w.stays(rw, r, v) {
				return nil
			}
		case e := <-events:
			if e.Topic == live.Access {
				if e.Ref == string(v.person.Member) && !w.stays(rw, r, v) {
					return nil
				}
				continue
			}
			if !hears(v.actor, topics, mine, e) {
				continue
			}
			b, err := json.Marshal(map[string]string{"topic": string(e.Topic), "ref": e.Ref, "by": e.By})
			if err != nil {
				return nil
			}
			text = "data: " + string(b) + "\n\n"
		}
		if _, err := fmt.Fprint(rw, text); err != nil {
			return nil
		}
		if err := out.Flush(); err != nil {
			return nil
		}
	}
}

// stays looks whether the listener still may listen. Who signed out, left or went to look round another company hears one
// last thing: that the page has to be read again.
func (w *Web) stays(rw http.ResponseWriter, r *http.Request, v *visit) bool {
	actor, _, err := w.rooms.Signin.ByToken(r.Context(), v.token)
	if err == nil && actor.Company == v.actor.Company {
		v.actor = actor
		return true
	}
	if _, err := fmt.Fprint(rw, "data: {\"topic\":\"out\"}\n\n"); err == nil {
		_ = http.NewResponseController(rw).Flush() // the browser may be gone
	}
	return false
}

// sharedTopics are the posts among the topics that a member may open because they are shared with them, though they may not read all.
func (w *Web) sharedTopics(r *http.Request, topics []string) []string {
	v := visitOf(r)
	if w.rooms.Posts == nil || v.actor.Can(team.PostsRead) {
		return nil
	}
	var out []string
	for _, t := range topics {
		name, ref, _ := strings.Cut(t, ":")
		if name != string(live.Posts) || ref == "" || len(out) == mostShared {
			continue
		}
		if _, err := w.rooms.Posts.Open(r.Context(), v.actor, post.ID(ref)); err == nil {
			out = append(out, ref)
		}
	}
	return out
}

// mostShared is how many shared posts one ear listens to.
const mostShared = 4

// hears tells whether a listener asked for an event and may know of it; mine are posts that are shared with them.
func hears(a team.Actor, topics, mine []string, e live.Event) bool {
	switch e.Topic {
	case live.Resync:
		return true
	case live.Imports:
		if !a.Can(team.ChannelsManage) {
			return false
		}
	case live.Channels:
		if !a.Can(team.ChannelsRead) {
			return false
		}
	case live.Inbox, live.Conversation, live.Presence:
		if !a.Can(team.InboxRead) {
			return false
		}
	case live.Writing: // in a conversation, or in a post
		if !a.Can(team.InboxRead) && !slices.Contains(mine, e.Ref) {
			return false
		}
	case live.Ties:
		if !a.Can(team.PeopleRead) {
			return false
		}
	case live.Posts:
		if !a.Can(team.PostsRead) && !slices.Contains(mine, e.Ref) {
			return false
		}
	}
	return len(topics) == 0 || slices.ContainsFunc(topics, func(t string) bool {
		name, ref, _ := strings.Cut(t, ":")
		return name == string(e.Topic) && (ref == "" || ref == e.Ref)
	})
}
