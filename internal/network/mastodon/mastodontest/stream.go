package mastodontest

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"

	"github.com/coder/websocket"
)

// stream is one open websocket.
type stream struct {
	account *account
	events  chan []byte
	gone    chan struct{}
	once    sync.Once
	mu      sync.Mutex
	names   map[string]bool
}

func (st *stream) end() { st.once.Do(func() { close(st.gone) }) }

// send puts an event on the stream; who reads too slowly misses it, as on a real server.
func (st *stream) send(name, event string, payload any) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if !st.names[name] {
		return
	}
	if _, plain := payload.(string); !plain {
		b, err := json.Marshal(payload)
		if err != nil {
			return // plain values always marshal
		}
		payload = string(b)
	}
	b, err := json.Marshal(map[string]any{"stream": []string{name}, "event": event, "payload": payload})
	if err != nil {
		return
	}
	select {
	case st.events <- b:
	default:
	}
}

// send tells an account's streams of something. The lock is held.
func (s *Server) send(a *account, name, event string, payload any) {
	for st := range s.streams {
		if st.account == a {
			st.send(name, event, payload)
		}
	}
}

// broadcast tells the streams of those whom a status concerns. The lock is held.
func (s *Server) broadcast(event string, x *status, to func(*account) bool) {
	for st := range s.streams {
		if to(st.account) {
			st.send("user", event, s.statusJSON(x, st.account))
		}
	}
}

func (s *Server) streaming(w http.ResponseWriter, r *http.Request) {
	if !strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		s.fail(w, http.StatusBadRequest, "Bad Request: websockets only")
		return
	}
	token := r.URL.Query().Get("access_token")
	if token == "" {
		token, _ = strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	}
	if token == "" {
		token = r.Header.Get("Sec-WebSocket-Protocol")
	}
	s.mu.Lock()
	g := s.tokens[token]
	s.mu.Unlock()
	if g == nil || !g.expires.IsZero() && s.opts.Now().After(g.expires) {
		s.fail(w, http.StatusUnauthorized, "Missing access token")
		return
	}
	st := &stream{account: g.account, events: make(chan []byte, 256), gone: make(chan struct{}), names: map[string]bool{}}
	if name := r.URL.Query().Get("stream"); name != "" {
		st.names[name] = true
	}
	s.mu.Lock()
	s.streams[st] = true
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.streams, st)
		s.mu.Unlock()
	}()
	// What happens from now on is kept for the stream, so that nothing is missed while it opens.
	c, err := websocket.Accept(w, r, nil)
	if err != nil {
		return // Accept has answered
	}
	defer c.CloseNow()
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	go func() {
		defer cancel()
		for {
			_, data, err := c.Read(ctx)
			if err != nil {
				return
			}
			var m struct{ Type, Stream string }
			if json.Unmarshal(data, &m) != nil {
				continue
			}
			st.mu.Lock()
			switch m.Type {
			case "subscribe":
				st.names[m.Stream] = true
			case "unsubscribe":
				delete(st.names, m.Stream)
			}
			st.mu.Unlock()
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return
		case <-st.gone:
			return
		case b := <-st.events:
			if c.Write(ctx, websocket.MessageText, b) != nil {
				return
			}
		}
	}
}
