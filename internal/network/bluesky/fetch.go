package bluesky

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
)

// headEvery is how often the newest is looked at while the past is being read.
const headEvery = 10 * time.Second

// viewsPerCall is how many posts app.bsky.feed.getPosts gives at once.
const viewsPerCall = 25

// placeFormat makes times that sort as text.
const placeFormat = "2006-01-02T15:04:05.000000Z"

// Fetch implements network.Client. It reads what the network notified us of and our own posts. The number of unread
// notifications would be a cheaper question and the wrong one: it also falls when somebody looks at them elsewhere.
func (cl *client) Fetch(ctx context.Context, from string) (network.Page, error) {
	st, err := parseCursor(from)
	if err != nil {
		return network.Page{}, &network.Problem{Verdict: network.Never, Key: network.ProblemAnswer, Args: hostArgs(cl.cred.ServerURL), Err: err}
	}
	now := cl.c.now().UTC()
	rate := network.Rate{Remaining: -1}
	notified := func(next string) (page, error) { return cl.notifications(ctx, next, &rate) }
	own := func(next string) (page, error) { return cl.ownPosts(ctx, next, &rate) }
	var got []entry
	take := func(e []entry, err error) error {
		got = append(got, e...)
		return err
	}

	headDue := st.Notified.Run != nil || st.Own.Run != nil || st.HeadRead.IsZero() || now.Sub(st.HeadRead) >= headEvery || now.Before(st.HeadRead)
	if !headDue {
		switch {
		case st.Notified.older():
			err = take(st.Notified.past(notified))
		case st.Own.older():
			err = take(st.Own.past(own))
		}
		if err != nil {
			return network.Page{}, err
		}
	}
	// Whoever is told that there is no more has been told the newest.
	if headDue || !st.Notified.older() && !st.Own.older() {
		// A reading that goes on is not held up by the other list, which is read from its head when both are done.
		under := st.Notified.Run != nil || st.Own.Run != nil
		if !under || st.Notified.Run != nil {
			if err := take(st.Notified.head(now, notified, timeBelow)); err != nil {
				return network.Page{}, err
			}
		}
		if !under || st.Own.Run != nil {
			if err := take(st.Own.head(now, own, tidBelow)); err != nil {
				return network.Page{}, err
			}
		}
		if st.Notified.Run == nil && st.Own.Run == nil {
			st.HeadRead = now
		}
	}
	items, err := cl.complete(ctx, got)
	if err != nil {
		return network.Page{}, err
	}
	return network.Page{
		Items: items, Cursor: st.String(), Rate: rate,
		More: st.Notified.Run != nil || st.Own.Run != nil || st.Notified.older() || st.Own.older(),
	}, nil
}

// notifications reads a page of app.bsky.notification.listNotifications.
func (cl *client) notifications(ctx context.Context, next string, rate *network.Rate) (page, error) {
	q := url.Values{"limit": {strconv.Itoa(pageSize)}}
	if next != "" {
		q.Set("cursor", next)
	}
	var told struct {
		Notifications []struct {
			URI           string
			CID           string
			Author        profileView
			Reason        string
			ReasonSubject string
			Record        json.RawMessage
			IsRead        bool
			IndexedAt     string
			Labels        []label
		}
		Cursor string
	}
	r, err := cl.do(ctx, request{nsid: "app.bsky.notification.listNotifications", query: q}, &told)
	*rate = r
	if err != nil {
		return page{}, err
	}
	p := page{next: told.Cursor}
	var newest, oldest time.Time
	for _, n := range told.Notifications {
		u, ok := parseURI(n.URI)
		indexed := parseTime(n.IndexedAt)
		if !ok || u.DID != n.Author.DID || n.CID == "" || indexed.IsZero() {
			continue
		}
		if newest.IsZero() || indexed.After(newest) {
			newest = indexed
		}
		if oldest.IsZero() || indexed.Before(oldest) {
			oldest = indexed
		}
		e := entry{place: indexed.Format(placeFormat), hash: hashOf(n.URI, n.CID)}
		switch n.Reason {
		case "reply", "mention", "quote":
			e.post = &source{uri: u, cid: n.CID, author: n.Author, record: n.Record, indexed: indexed, labels: n.Labels}
			if e.item, ok = cl.item(*e.post); !ok {
				continue
			}
		case "like", "repost", "follow", "like-via-repost", "repost-via-repost":
			if e.item, ok = cl.deed(u, n.CID, n.Author, n.Record, indexed); !ok {
				continue
			}
		default:
			continue // nothing that anybody did towards us
		}
		e.item.Unread = !n.IsRead
		p.entries = append(p.entries, e)
	}
	p.next = again(told.Cursor, next, newest, oldest)
	return p, nil
}

// again gives the cursor to go on with after a page. The index pages by a time and leaves out what shares it with the
// last one told. Asked for one millisecond later it tells that again, to be folded; only when a whole page has one
// time there is no way but the server's. A cursor that is no time is taken as it is.
func again(told, asked string, newest, oldest time.Time) string {
	t := parseTime(told)
	if t.IsZero() || !newest.After(oldest) || !t.Before(newest) {
		return told
	}
	later := t.Truncate(time.Millisecond).Add(time.Millisecond).Format("2006-01-02T15:04:05.000Z")
	if later == asked {
		return told
	}
	return later
}

// ownPosts reads a page of our own posts from the account's own repository, which needs no index of the network.
func (cl *client) ownPosts(ctx context.Context, next string, rate *network.Rate) (page, error) {
	q := url.Values{"repo": {cl.did}, "collection": {collectionPost}, "limit": {strconv.Itoa(pageSize)}}
	if next != "" {
		q.Set("cursor", next)
	}
	var told struct {
		Records []storedRecord
		Cursor  string
	}
	r, err := cl.c.call(ctx, request{base: cl.cred.ServerURL, nsid: "com.atproto.repo.listRecords", query: q}, &told)
	if r.Remaining >= 0 && (rate.Remaining < 0 || r.Remaining < rate.Remaining) {
		*rate = r
	}
	if err != nil {
		return page{}, err
	}
	p := page{next: told.Cursor}
	if len(told.Records) == 0 {
		p.next = ""
	}
	for _, rec := range told.Records {
		src, ok := cl.ownSource(rec)
		if !ok {
			continue
		}
		e := entry{hash: hashOf(rec.URI, rec.CID), post: &src}
		// A key that is no time, or one of a far future, says nothing about the order of things.
		if t, ok := parseTID(src.uri.Key); ok && t.at().Before(cl.c.now().Add(time.Hour)) {
			e.place = src.uri.Key
		}
		if e.item, ok = cl.item(src); ok {
			p.entries = append(p.entries, e)
		}
	}
	return p, nil
}

// ownSource reads a record of our own repository.
func (cl *client) ownSource(rec storedRecord) (source, bool) {
	u, ok := parseURI(rec.URI)
	if !ok || u.DID != cl.did || u.Collection != collectionPost {
		return source{}, false
	}
	cred, _ := cl.session.current(cl.c.now())
	return source{
		uri: u, cid: rec.CID, record: rec.Value, home: cl.cred.ServerURL,
		author: profileView{DID: cl.did, Handle: cred.Extra[extraHandle]},
	}, true
}

// complete makes the items of a page, oldest first, each once, with the addresses of their files.
func (cl *client) complete(ctx context.Context, entries []entry) ([]network.Item, error) {
	var wanted []string
	for _, e := range entries {
		if e.post == nil {
			continue
		}
		if p, ok := parsePost(e.post.record); ok && p.hasFiles() && !slices.Contains(wanted, e.item.RemoteID) {
			wanted = append(wanted, e.item.RemoteID)
		}
	}
	views, err := cl.views(ctx, wanted)
	if err != nil {
		return nil, err
	}
	var items []network.Item
	told := map[string]bool{}
	for _, e := range slices.Backward(entries) {
		if told[e.hash] {
			continue
		}
		told[e.hash] = true
		if v, ok := views[e.item.RemoteID]; ok && v.cid == e.post.cid {
			e.post.view = v.view
			e.post.labels = append(e.post.labels, v.labels...)
			unread := e.item.Unread
			if it, ok := cl.item(*e.post); ok {
				e.item = it
				e.item.Unread = unread
			}
		}
		items = append(items, e.item)
	}
	return items, nil
}

// views reads posts as the index of the network shows them. What it does not show is not in the map.
func (cl *client) views(ctx context.Context, uris []string) (map[string]source, error) {
	out := map[string]source{}
	for part := range slices.Chunk(uris, viewsPerCall) {
		var told struct{ Posts []postView }
		if _, err := cl.do(ctx, request{nsid: "app.bsky.feed.getPosts", query: url.Values{"uris": part}}, &told); err != nil {
			return nil, err
		}
		for _, v := range told.Posts {
			if s, ok := sourceOf(v); ok {
				out[s.uri.String()] = s
			}
		}
	}
	return out, nil
}

// timeBelow gives the place so far below another in a list ordered by time.
func timeBelow(place string, by time.Duration) string {
	t, err := time.Parse(placeFormat, place)
	if err != nil {
		return ""
	}
	return t.Add(-by).Format(placeFormat)
}

// tidBelow gives the place so far below another in a list ordered by record key.
func tidBelow(place string, by time.Duration) string {
	t, ok := parseTID(place)
	if !ok {
		return ""
	}
	return string(makeTID(t.at().Add(-by), 0))
}
