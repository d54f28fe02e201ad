package mastodon

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
)

const (
	pageSize = 40
	// conversationPage is smaller, because each conversation costs a call of its own.
	conversationPage = 10
	// settled is after what time nothing appears any more between what a list already showed: servers give out an id
	// before the row can be read by others.
	settled = 15 * time.Second
)

// Fetch implements network.Client. It reads three lists, each one page forward and one page backward: notifications,
// our own statuses, and private conversations.
func (c *client) Fetch(ctx context.Context, cur string) (network.Page, error) {
	at, err := parseCursor(cur)
	if err != nil {
		return network.Page{}, c.srv.problem(network.Never, network.ProblemAnswer, err)
	}
	m, err := c.me(ctx)
	if err != nil {
		return network.Page{}, err
	}
	r := &reading{c: c, m: m, page: network.Page{Rate: network.Rate{Remaining: -1}}, seen: map[string]bool{}}
	for _, read := range []func(context.Context, *cursor) error{r.conversations, r.notifications, r.own} {
		if err := read(ctx, &at); err != nil {
			return network.Page{}, err
		}
	}
	r.page.Cursor = at.String()
	return r.page, nil
}

// reading is one Fetch.
type reading struct {
	c      *client
	m      *self
	page   network.Page
	seen   map[string]bool // remote id and version
	talks  *talks          // made when first needed
	looked int             // contexts read for roots
}

// add puts an item on the page, once.
func (r *reading) add(it network.Item) {
	key := it.RemoteID + "\x00" + it.Version
	if it.RemoteID == "" || r.seen[key] {
		return
	}
	r.seen[key] = true
	r.page.Items = append(r.page.Items, it)
}

func (r *reading) took(a answer) {
	if rate := a.rate; rate.Remaining >= 0 && (r.page.Rate.Remaining < 0 || rate.Remaining < r.page.Rate.Remaining) {
		r.page.Rate = rate
	}
}

// entry is a place in a list and when it came to be there.
type entry struct {
	id ident
	at time.Time
}

// list says how one of the lists is read.
type list struct {
	path  string
	query url.Values
	limit int
	// page reads one page into memory and gives its entries, newest first.
	page func(ctx context.Context, path string, q url.Values) (answer, []entry, error)
	// use puts what was read on the page; fresh tells that it was read forward.
	use func(ctx context.Context, fresh bool) error
}

// walk reads a list one page forward, and one backward while there is anything older.
func (r *reading) walk(ctx context.Context, l list, s *stream) error {
	if s.Off {
		return nil
	}
	read := func(bound, id string) (answer, []entry, error) {
		q := url.Values{"limit": {strconv.Itoa(l.limit)}}
		for k, v := range l.query {
			q[k] = v
		}
		if id != "" {
			q.Set(bound, id)
		}
		a, es, err := l.page(ctx, l.path, q)
		if err == nil {
			r.took(a)
		}
		return a, es, err
	}
	if s.Fore == "" {
		a, es, err := read("", "")
		if err != nil {
			return err
		}
		s.Fore, s.Back = beginning, ""
		if len(es) == 0 {
			s.Done = true
			return nil
		}
		newest, older := bounds(a, es)
		s.Fore, s.Back, s.Done = newest, older, older == ""
		// What is settled only soon is read once more, forward.
		if i := r.firstSettled(a, es); i < 0 {
			s.Fore = beginning
			if !s.Done || len(es) >= l.limit {
				s.Fore = string(es[len(es)-1].id)
			}
		} else if i > 0 {
			s.Fore = string(es[i].id)
		}
		r.page.More = r.page.More || !s.Done
		return l.use(ctx, true)
	}
	a, es, err := read("min_id", s.Fore)
	if err != nil {
		return err
	}
	if len(es) > 0 {
		was := s.Fore
		newest, _ := bounds(a, es)
		if len(es) >= l.limit {
			s.Fore = newest
		} else if i := r.firstSettled(a, es); i == 0 {
			s.Fore = newest
		} else if i > 0 {
			s.Fore = string(es[i].id)
		}
		r.page.More = r.page.More || s.Fore != was
		if err := l.use(ctx, true); err != nil {
			return err
		}
	}
	if s.Done {
		return nil
	}
	a, es, err = read("max_id", s.Back)
	if err != nil {
		return err
	}
	_, older := bounds(a, es)
	if len(es) == 0 || older == "" || older == s.Back {
		s.Done = true
	} else {
		s.Back, r.page.More = older, true
	}
	return l.use(ctx, false)
}

// bounds gives the positions for reading on: as the answer's links tell, else as its entries do.
func bounds(a answer, es []entry) (newest, older string) {
	newest, older = pages(a)
	if len(es) == 0 {
		return newest, older
	}
	if newest == "" {
		newest = string(es[0].id)
	}
	if older == "" && a.header.Get("Link") == "" {
		older = string(es[len(es)-1].id)
	}
	return newest, older
}

// firstSettled gives the first entry that is old enough to be passed by, -1 for none.
func (r *reading) firstSettled(a answer, es []entry) int {
	now := r.c.con.now()
	if skew, ok := r.c.srv.skew(a); ok {
		now = now.Add(skew)
	}
	for i, e := range es {
		if !e.at.After(now.Add(-settled)) {
			return i
		}
	}
	return -1
}

func (r *reading) notifications(ctx context.Context, at *cursor) error {
	var page []notification
	return r.walk(ctx, list{
		path: "/api/v1/notifications", limit: pageSize,
		page: func(ctx context.Context, path string, q url.Values) (answer, []entry, error) {
			page = nil
			a, err := r.c.get(ctx, path, q, &page)
			var es []entry
			for _, n := range page {
				es = append(es, entry{n.ID, n.CreatedAt.time()})
			}
			return a, es, err
		},
		use: func(ctx context.Context, fresh bool) error {
			for i := range page {
				if err := r.notification(ctx, &page[i], fresh); err != nil {
					return err
				}
			}
			return nil
		},
	}, &at.Notifications)
}

func (r *reading) notification(ctx context.Context, n *notification, fresh bool) error {
	if n.Status == nil || n.Type != "mention" && n.Type != "quote" {
		if it, ok := r.m.silent(n); ok {
			r.add(it)
		}
		return nil
	}
	it, err := r.status(ctx, n.Status, fresh)
	if err != nil {
		return err
	}
	r.add(it)
	return nil
}

// mostRoots limits how many threads one Fetch looks up to learn where they begin.
const mostRoots = 20

// status turns a status into an item with its conversation or thread.
func (r *reading) status(ctx context.Context, s *status, fresh bool) (network.Item, error) {
	it := r.m.item(s)
	switch {
	case s.Visibility == "direct":
		if r.talks == nil {
			r.talks = &talks{r: r}
		}
		p, err := r.talks.place(ctx, s)
		if err != nil {
			return it, err
		}
		it.RootID, it.ThreadKey = string(p.root), p.key
	case it.RootID == "" && it.Kind != network.KindQuote && !it.Mine:
		p, known := r.c.placed(s.ID)
		if !known {
			if !fresh || r.looked >= mostRoots {
				return it, nil
			}
			r.looked++
			t, err := r.c.context(ctx, s.ID)
			if err != nil {
				if statusOf(err) == http.StatusNotFound {
					return it, nil
				}
				return it, err
			}
			p = place{root: rootOf(s, t)}
			for _, a := range t.Ancestors {
				p.ours = p.ours || a.Account.ID == r.m.ID
			}
			r.c.remember(s.ID, p)
		}
		it.RootID = string(p.root)
		if p.ours && it.Kind == network.KindMention {
			it.Kind = network.KindReply
		}
	}
	return it, nil
}

func (r *reading) own(ctx context.Context, at *cursor) error {
	var page []status
	return r.walk(ctx, list{
		path: "/api/v1/accounts/" + url.PathEscape(string(r.m.ID)) + "/statuses", limit: pageSize,
		query: url.Values{"exclude_reblogs": {"true"}},
		page: func(ctx context.Context, path string, q url.Values) (answer, []entry, error) {
			page = nil
			a, err := r.c.get(ctx, path, q, &page)
			var es []entry
			for _, s := range page {
				es = append(es, entry{s.ID, s.CreatedAt.time()})
			}
			return a, es, err
		},
		use: func(ctx context.Context, fresh bool) error {
			for i := range page {
				if page[i].Reblog != nil {
					continue
				}
				it, err := r.status(ctx, &page[i], fresh)
				if err != nil {
					return err
				}
				r.add(it)
			}
			return nil
		},
	}, &at.Own)
}

func (r *reading) conversations(ctx context.Context, at *cursor) error {
	var page []conversation
	err := r.walk(ctx, list{
		path: "/api/v1/conversations", limit: conversationPage,
		page: func(ctx context.Context, path string, q url.Values) (answer, []entry, error) {
			page = nil
			a, err := r.c.get(ctx, path, q, &page)
			var es []entry
			for _, v := range page {
				if v.LastStatus != nil {
					es = append(es, entry{v.LastStatus.ID, v.LastStatus.CreatedAt.time()})
				}
			}
			return a, es, err
		},
		use: func(ctx context.Context, _ bool) error {
			for i := range page {
				if err := r.conversation(ctx, &page[i]); err != nil {
					return err
				}
			}
			return nil
		},
	}, &at.Conversations)
	switch statusOf(err) {
	case http.StatusNotFound, http.StatusForbidden, http.StatusNotImplemented:
		// Private messages come as notifications too; without the list only their conversation is less exact.
		at.Conversations.Off = true
		return nil
	}
	return err
}

// mostOfConversation is how many messages of a conversation are read when it moved.
const mostOfConversation = 40

// conversation puts the newest messages of a conversation on the page.
func (r *reading) conversation(ctx context.Context, v *conversation) error {
	last := v.LastStatus
	if last == nil {
		return nil
	}
	if r.talks == nil {
		r.talks = &talks{r: r}
	}
	messages, p, err := r.talks.whole(ctx, v)
	if err != nil {
		return err
	}
	if n := len(messages); n > mostOfConversation {
		messages = messages[n-mostOfConversation:]
	}
	for _, s := range messages {
		it := r.m.item(s)
		it.RootID, it.ThreadKey = string(p.root), p.key
		it.Unread = v.Unread && s.ID == last.ID
		r.add(it)
	}
	return nil
}
