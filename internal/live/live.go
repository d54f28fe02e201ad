package live

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/ponte-desk/ponte/internal/store"
)

// Topic is what changed.
type Topic string

// The topics.
const (
	Inbox        Topic = "inbox"        // lists of conversations and counts
	Conversation Topic = "conversation" // one conversation; Ref is its id
	Ties         Topic = "ties"         // the portrait of the ties, advice, and how far the work on them is
	Presence     Topic = "presence"     // the portrait of the company's own voice, and how far the work on it is
	Channels     Topic = "channels"     // the health of channels
	Writing      Topic = "writing"      // someone writes in a conversation, or is in a post; Ref is its id
	Cases        Topic = "cases"        // criticism, cases, promises and the growth page; Ref is a case, "" when it is of none
	Posts        Topic = "posts"        // posts and what concerns all of them; Ref is a post, "" when it is none
	Leads        Topic = "leads"        // leads and forms; Ref is one of them, "" when it is none
	Imports      Topic = "imports"      // archives that are being brought in; Ref is an upload
	Links        Topic = "links"        // what a link in a post leads to was learned
	Access       Topic = "access"       // a member's way in has ended; Ref is the member
	Resync       Topic = "resync"       // events were missed: read everything again
)

// Event says that something changed, never what: who hears it reads again with their own rights.
type Event struct {
	Company string `json:"c"`
	Topic   Topic  `json:"t"`
	Ref     string `json:"r,omitempty"`
	By      string `json:"b,omitempty"` // the member who did it, so that their own tab may stay still
}

// channel is the name of the PostgreSQL notification channel.
const channel = "ponte_live"

// Hub hands events to the subscribers of a company on this node; on PostgreSQL to those of every node.
type Hub struct {
	store *store.Store
	log   *slog.Logger

	mu   sync.Mutex
	subs map[string]map[chan Event]struct{}
}

// New makes a hub.
func New(s *store.Store, log *slog.Logger) *Hub {
	return &Hub{store: s, log: log, subs: map[string]map[chan Event]struct{}{}}
}

// Tell sends events when and only when the transaction is committed.
func (h *Hub) Tell(ctx context.Context, tx *store.Tx, events ...Event) error {
	if h.store.Dialect() == store.SQLite {
		tx.AfterCommit(func() {
			for _, e := range events {
				h.hand(e)
			}
		})
		return nil
	}
	for _, e := range events {
		b, err := json.Marshal(e)
		if err != nil {
			return err
		}
		if _, err := tx.PGX().Exec(ctx, "SELECT pg_notify('"+channel+"', $1)", string(b)); err != nil {
			return store.Fault(err)
		}
	}
	return nil
}

// Subscribe hears the events of a company until cancel is called. Who does not keep up gets one Resync instead of
// what was missed.
func (h *Hub) Subscribe(company string) (events <-chan Event, cancel func()) {
	c := make(chan Event, 64)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.subs[company] == nil {
		h.subs[company] = map[chan Event]struct{}{}
	}
	h.subs[company][c] = struct{}{}
	return c, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.subs[company], c)
		if len(h.subs[company]) == 0 {
			delete(h.subs, company)
		}
	}
}

// Listeners is the number of open subscriptions.
func (h *Hub) Listeners() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for _, s := range h.subs {
		n += len(s)
	}
	return n
}

func (h *Hub) hand(e Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.subs[e.Company] {
		offer(c, e)
	}
}

// offer never blocks: a full subscriber loses its oldest event and is told to read everything again.
func offer(c chan Event, e Event) {
	select {
	case c <- e:
		return
	default:
	}
	for range 2 {
		select {
		case <-c:
		default:
		}
	}
	for _, x := range []Event{{Company: e.Company, Topic: Resync}, e} {
		select {
		case c <- x:
		default:
		}
	}
}

// Run listens for the events of all nodes until ctx is over. On SQLite there is one node and nothing to do.
func (h *Hub) Run(ctx context.Context) {
	if h.store.Dialect() == store.SQLite {
		<-ctx.Done()
		return
	}
	for pause := time.Second; ctx.Err() == nil; pause = min(2*pause, 30*time.Second) {
		started := time.Now()
		err := h.listen(ctx)
		if ctx.Err() != nil {
			return
		}
		h.log.Warn("live: the database no longer rings; trying again", "error", err, "pause", pause)
		if time.Since(started) > time.Minute {
			pause = time.Second
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

func (h *Hub) resyncAll() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for company, subs := range h.subs {
		for c := range subs {
			offer(c, Event{Company: company, Topic: Resync})
		}
	}
}

func (h *Hub) listen(ctx context.Context) (err error) {
	conn, err := h.store.Pool().Acquire(ctx)
	if err != nil {
		return err
	}
	// A listening connection is not fit for the pool any more.
	raw := conn.Hijack()
	defer func() { err = errors.Join(err, raw.Close(context.WithoutCancel(ctx))) }()
	if _, err := raw.Exec(ctx, "LISTEN "+channel); err != nil {
		return err
	}
	h.resyncAll() // what was told before this moment was heard by nobody here
	for {
		n, err := raw.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		var e Event
		if err := json.Unmarshal([]byte(n.Payload), &e); err != nil {
			h.log.Warn("live: an event that cannot be read", "error", err)
			continue
		}
		h.hand(e)
	}
}
