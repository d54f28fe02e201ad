package mastodon

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/coder/websocket"

	"github.com/ponte-desk/ponte/internal/network"
)

const (
	// pingEvery is how often a silent stream is tried; pongWithin is how long the server has to answer.
	pingEvery  = 30 * time.Second
	pongWithin = 20 * time.Second
	// maxEvent is how large one event may be, in bytes.
	maxEvent = 1 << 20
)

// Listen implements network.Client over the websocket of the streaming API.
func (c *client) Listen(ctx context.Context, ring func(network.Bell)) error {
	m, err := c.me(ctx)
	if err != nil {
		return err
	}
	in, _, err := c.srv.instance(ctx)
	if err != nil {
		return err
	}
	token, err := c.bearer(ctx)
	if err != nil {
		return err
	}
	target := c.streamURL(in.streaming())
	conn, res, err := websocket.Dial(ctx, target+"/api/v1/streaming?stream=user", &websocket.DialOptions{
		HTTPClient: c.srv.http,
		HTTPHeader: http.Header{"User-Agent": {c.srv.userAgent}, "Authorization": {"Bearer " + token}},
	})
	if err != nil {
		return c.noStream(err, res)
	}
	defer conn.CloseNow()
	conn.SetReadLimit(maxEvent)
	// Servers that do not know this say so or ignore it; messages come as notifications too.
	if err := conn.Write(ctx, websocket.MessageText, []byte(`{"type":"subscribe","stream":"direct"}`)); err != nil {
		return c.broken(ctx, err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go c.keep(ctx, cancel, conn)
	// Something may have happened between the last reading and now.
	ring(network.Bell{})
	for {
		_, data, err := conn.Read(ctx)
		if err != nil {
			return c.broken(ctx, err)
		}
		if b, ok := bell(data, m.ID); ok {
			ring(b)
		}
	}
}

// streamURL takes the host that the server names, and the security of the address we were given: servers behind a
// proxy often name the wrong scheme, and none may talk us out of encryption.
func (c *client) streamURL(named string) string {
	base, err := url.Parse(c.srv.base)
	if err != nil {
		return c.srv.base
	}
	scheme := "wss"
	if base.Scheme == "http" {
		scheme = "ws"
	}
	host := base.Host
	if u, err := url.Parse(named); err == nil && u.Host != "" && strings.HasPrefix(u.Scheme, "ws") {
		host = u.Host
	}
	return scheme + "://" + host
}

// keep ends the reading when the server no longer answers.
func (c *client) keep(ctx context.Context, cancel context.CancelFunc, conn *websocket.Conn) {
	t := time.NewTicker(pingEvery)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		wait, done := context.WithTimeout(ctx, pongWithin)
		err := conn.Ping(wait)
		done()
		if err != nil {
			cancel()
			return
		}
	}
}

// noStream reads why no stream could be opened.
func (c *client) noStream(err error, res *http.Response) error {
	if res == nil {
		return c.srv.lost(err, request{method: http.MethodGet, path: "/api/v1/streaming"}, false)
	}
	switch p := c.srv.refused(answer{status: max(res.StatusCode, 300), header: res.Header}, request{method: http.MethodGet, path: "/api/v1/streaming"}); {
	case res.StatusCode == http.StatusNotFound, res.StatusCode == http.StatusBadRequest,
		res.StatusCode == http.StatusNotImplemented, res.StatusCode < 300:
		return c.srv.problem(network.Never, network.ProblemUnsupported, p.Err)
	default:
		return p
	}
}

func (c *client) broken(ctx context.Context, err error) error {
	if e := ctx.Err(); e != nil {
		err = e
	}
	if s := websocket.CloseStatus(err); s == websocket.StatusPolicyViolation {
		return c.srv.problem(network.Reconnect, network.ProblemRevoked, err)
	}
	if errors.Is(err, context.Canceled) {
		return c.srv.problem(network.Later, network.ProblemTimeout, err)
	}
	return c.srv.problem(network.Later, network.ProblemUnreachable, err)
}

// bell reads an event of the stream; false for those that do not concern us.
func bell(data []byte, me ident) (network.Bell, bool) {
	var e struct {
		Event   string          `json:"event"`
		Payload json.RawMessage `json:"payload"`
	}
	if json.Unmarshal(data, &e) != nil {
		return network.Bell{}, false
	}
	// The payload is JSON inside a string, or the id itself.
	payload := string(e.Payload)
	var inner string
	if json.Unmarshal(e.Payload, &inner) == nil {
		payload = inner
	}
	switch e.Event {
	case "notification", "conversation", "notifications_merged":
		return network.Bell{}, true
	case "delete":
		if id := strings.TrimSpace(payload); isStatus(id) {
			return network.Bell{RemoteIDs: []string{id}}, true
		}
	case "update", "status.update":
		var s status
		if json.Unmarshal([]byte(payload), &s) != nil {
			return network.Bell{}, false
		}
		if e.Event == "status.update" && isStatus(string(s.ID)) {
			return network.Bell{RemoteIDs: []string{string(s.ID)}}, true
		}
		return network.Bell{}, s.Account.ID == me // written elsewhere by our own people
	}
	return network.Bell{}, false
}
