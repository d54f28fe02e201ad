package mastodon

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/ponte-desk/ponte/internal/network"
)

// place is where a status belongs.
type place struct {
	root ident
	key  string // of its private conversation
	ours bool   // something of ours is among its ancestors
}

// mostKnown limits what a client remembers.
const mostKnown = 2000

func (c *client) placed(id ident) (place, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p, ok := c.roots[id]
	return p, ok
}

func (c *client) remember(id ident, p place) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.roots) >= mostKnown {
		clear(c.roots)
	}
	c.roots[id] = p
}

func (c *client) context(ctx context.Context, id ident) (threadContext, error) {
	var t threadContext
	_, err := c.get(ctx, "/api/v1/statuses/"+url.PathEscape(string(id))+"/context", nil, &t)
	return t, err
}

func rootOf(s *status, t threadContext) ident {
	if len(t.Ancestors) > 0 {
		return t.Ancestors[0].ID
	}
	return s.ID
}

// talks finds the private conversation of a status. The API names conversations only together with their last
// status, so the way leads over the thread. Where the list of conversations does not help, the first message of the
// thread stands for the conversation.
type talks struct {
	r      *reading
	loaded bool
	latest map[ident]*conversation // by last status
}

// mostTalks limits how many pages of conversations are read to place a message.
const mostTalks = 3

func (t *talks) load(ctx context.Context) error {
	if t.loaded {
		return nil
	}
	if t.latest == nil {
		t.latest = map[ident]*conversation{}
	}
	older := ""
	for range mostTalks {
		q := url.Values{"limit": {"40"}}
		if older != "" {
			q.Set("max_id", older)
		}
		var page []conversation
		a, err := t.r.c.get(ctx, "/api/v1/conversations", q, &page)
		switch statusOf(err) {
		case http.StatusNotFound, http.StatusForbidden, http.StatusNotImplemented:
			t.loaded = true
			return nil
		}
		if err != nil {
			return err
		}
		t.r.took(a)
		for i := range page {
			if s := page[i].LastStatus; s != nil {
				t.latest[s.ID] = &page[i]
			}
		}
		if _, older = pages(a); older == "" || len(page) == 0 {
			break
		}
	}
	t.loaded = true
	return nil
}

// with gives the people of a private status besides us.
func (m *self) with(s *status) []ident {
	ids := []ident{s.Account.ID}
	for _, x := range s.Mentions {
		ids = append(ids, x.ID)
	}
	slices.Sort(ids)
	return slices.DeleteFunc(slices.Compact(ids), func(id ident) bool { return id == m.ID })
}

func (m *self) people(v *conversation) []ident {
	var ids []ident
	for _, a := range v.Accounts {
		ids = append(ids, a.ID)
	}
	slices.Sort(ids)
	return slices.DeleteFunc(slices.Compact(ids), func(id ident) bool { return id == m.ID })
}

const talkKey = "conversation:"

// place finds the conversation and the first message of a private status.
func (t *talks) place(ctx context.Context, s *status) (place, error) {
	if p, ok := t.r.c.placed(s.ID); ok {
		return p, nil
	}
	if err := t.load(ctx); err != nil {
		return place{}, err
	}
	thread, err := t.r.c.context(ctx, s.ID)
	if err != nil && statusOf(err) != http.StatusNotFound {
		return place{}, err
	}
	p := place{root: rootOf(s, thread)}
	around := append([]*status{s}, direct(thread)...)
	who := t.r.m.with(s)
	for _, x := range around {
		if v := t.latest[x.ID]; v != nil && slices.Equal(t.r.m.people(v), who) {
			p.key = talkKey + string(v.ID)
		}
	}
	if p.key == "" {
		p.key = "thread:" + string(p.root)
		return p, nil // not remembered: the list may name it the next time
	}
	for _, x := range around {
		if slices.Equal(t.r.m.with(x), who) {
			t.r.c.remember(x.ID, p)
		}
	}
	return p, nil
}

// whole reads the messages of a conversation, oldest first.
func (t *talks) whole(ctx context.Context, v *conversation) ([]*status, place, error) {
	last := v.LastStatus
	if t.latest == nil {
		t.latest = map[ident]*conversation{}
	}
	t.latest[last.ID] = v
	thread := threadContext{}
	if last.InReplyToID != "" {
		var err error
		thread, err = t.r.c.context(ctx, last.ID)
		if err != nil && statusOf(err) != http.StatusNotFound {
			return nil, place{}, err
		}
	}
	p := place{root: rootOf(last, thread), key: talkKey + string(v.ID)}
	who := t.r.m.people(v)
	var out []*status
	for _, s := range append(direct(thread), last) {
		if slices.Equal(t.r.m.with(s), who) || s == last {
			out = append(out, s)
			t.r.c.remember(s.ID, p)
		}
	}
	slices.SortStableFunc(out, func(a, b *status) int { return a.CreatedAt.time().Compare(b.CreatedAt.time()) })
	return out, p, nil
}

// direct gives the private statuses of a thread.
func direct(t threadContext) []*status {
	var out []*status
	for _, list := range [][]status{t.Ancestors, t.Descendants} {
		for i := range list {
			if list[i].Visibility == "direct" {
				out = append(out, &list[i])
			}
		}
	}
	return out
}

// mostRefreshed and mostInThread are the contract's.
const (
	mostRefreshed = 50
	mostInThread  = 200
)

// Refresh implements network.Client.
func (c *client) Refresh(ctx context.Context, ids []string) ([]network.Item, error) {
	if len(ids) > mostRefreshed {
		return nil, c.srv.problem(network.Never, network.ProblemRefused, nil)
	}
	m, err := c.me(ctx)
	if err != nil {
		return nil, err
	}
	r := &reading{c: c, m: m, seen: map[string]bool{}}
	have, err := c.several(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if !isStatus(id) {
			continue
		}
		s, err := c.one(ctx, have, id)
		if err != nil {
			return nil, err
		}
		if s == nil {
			r.add(gone(id))
			continue
		}
		it, err := r.status(ctx, s, true)
		if err != nil {
			return nil, err
		}
		r.add(it)
	}
	return r.page.Items, nil
}

// isStatus tells ids of statuses from those we make for likes, shares and follows.
func isStatus(id string) bool {
	if id == "" || len(id) > 100 {
		return false
	}
	for _, r := range id {
		if !(r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r == '-' || r == '_') {
			return false
		}
	}
	return true
}

// Thread implements network.Client.
func (c *client) Thread(ctx context.Context, id string) ([]network.Item, error) {
	m, err := c.me(ctx)
	if err != nil {
		return nil, err
	}
	if !isStatus(id) {
		return nil, c.srv.problem(network.Never, network.ProblemGone, nil)
	}
	var s status
	if _, err := c.get(ctx, "/api/v1/statuses/"+url.PathEscape(id), nil, &s); err != nil {
		return nil, err
	}
	t, err := c.context(ctx, s.ID)
	if err != nil {
		return nil, err
	}
	if n := len(t.Ancestors); n > mostInThread/2 {
		// The first says what it is about, the last ones what is answered.
		t.Ancestors = append(t.Ancestors[:1:1], t.Ancestors[n-mostInThread/2+1:]...)
	}
	root := rootOf(&s, t)
	r := &reading{c: c, m: m, seen: map[string]bool{}}
	for _, list := range [][]status{t.Ancestors, {s}, t.Descendants} {
		for i := range list {
			x := &list[i]
			it := m.item(x)
			if x.Visibility == "direct" {
				if it, err = r.status(ctx, x, false); err != nil {
					return nil, err
				}
			}
			it.RootID = string(root)
			if len(r.page.Items) < mostInThread {
				r.add(it)
			}
		}
	}
	return r.page.Items, nil
}
