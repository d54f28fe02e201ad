package site

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
)

const (
	listPage = 100 // members of a list at once, the most WordPress gives
	headPage = 30  // when the past has been read
	overlap  = 10  // read twice between two pages, because what is deleted meanwhile moves the rest up
	// siteEvery is how long a site is left alone between two readings: it often is a small machine.
	siteEvery = 20 * time.Second
	// maxThread is how many comments of an article are looked at for a conversation.
	maxThread = 500
)

// wpCursor is how far the lists of a site were read.
type wpCursor struct {
	Mode     string     `json:"m"`
	Comments wpProgress `json:"c"`
	Posts    wpProgress `json:"p"`
	Pages    wpProgress `json:"g"`
}

// wpProgress is how far one list was read: all that stands below Low, and, while the newest are being read down to there, how
// far that has come.
type wpProgress struct {
	Low string `json:"low,omitempty"`
	Run *wpRun `json:"run,omitempty"`
}

type wpRun struct {
	Offset int    `json:"o"`
	Top    string `json:"t"`
}

// placed is an item with its place in the list, newest first.
type placed struct {
	place string
	item  network.Item
}

// advance reads the next page of a list. equal tells that several may stand at one place, so that the list must be read to below it.
func (p *wpProgress) advance(equal bool, get func(offset, most int) ([]placed, int, error)) ([]network.Item, error) {
	offset, most, top := 0, listPage, ""
	if p.Run != nil {
		offset, top = p.Run.Offset, p.Run.Top
	} else if p.Low != "" {
		most = headPage
	}
	got, told, err := get(offset, most)
	if err != nil {
		return nil, err
	}
	items := make([]network.Item, len(got))
	for i, g := range got {
		items[i] = g.item
	}
	if top == "" && len(got) > 0 {
		top = got[0].place
	}
	end := told < most
	if n := len(got); n > 0 && p.Low != "" {
		last := got[n-1].place
		// Where nothing stands above what was read to, the rest was read too, however many stand at one place.
		end = end || last < p.Low || !equal && last == p.Low || p.Run == nil && got[0].place == p.Low
	}
	if end || told == 0 {
		p.Low, p.Run = max(p.Low, top), nil
	} else {
		p.Run = &wpRun{Offset: offset + told - overlap, Top: top}
	}
	return items, nil
}

// Fetch implements network.Client: comments, articles and pages, each from the newest on down to what was read before. The newest
// are read every time, so that what a person at the site approves or edits is seen soon.
func (w *wordPress) Fetch(ctx context.Context, from string) (network.Page, error) {
	mode, ok := modeOf(from)
	if !ok {
		return network.Page{}, problem(network.Never, network.ProblemAnswer, w.cred.ServerURL, errors.New("no cursor of ours"))
	}
	cur := wpCursor{Mode: modeWordPress}
	if mode == modeWordPress && json.Unmarshal([]byte(from), &cur) != nil {
		return network.Page{}, problem(network.Never, network.ProblemAnswer, w.cred.ServerURL, errors.New("a cursor of ours that is damaged"))
	}
	me, err := w.me(ctx)
	if err != nil {
		return network.Page{}, err
	}
	var items []network.Item
	under := cur.Comments.Run != nil || cur.Posts.Run != nil || cur.Pages.Run != nil
	skipped := false
	read := func(p *wpProgress, equal bool, get func(offset, most int) ([]placed, int, error)) error {
		if under && p.Run == nil && p.Low != "" {
			skipped = true // a list that was read already is not in the way of one that goes on
			return nil
		}
		got, err := p.advance(equal, get)
		items = append(items, got...)
		return err
	}
	// Articles first: what stands under them has its place then.
	for _, err := range []error{
		read(&cur.Posts, true, func(o, n int) ([]placed, int, error) { return w.articles(ctx, me, "/wp/v2/posts", o, n) }),
		read(&cur.Pages, true, func(o, n int) ([]placed, int, error) { return w.articles(ctx, me, "/wp/v2/pages", o, n) }),
		read(&cur.Comments, false, func(o, n int) ([]placed, int, error) { return w.comments(ctx, me, o, n) }),
	} {
		if err != nil {
			return network.Page{}, err
		}
	}
	b, err := json.Marshal(cur)
	if err != nil {
		return network.Page{}, problem(network.Later, network.ProblemAnswer, w.cred.ServerURL, err)
	}
	slices.SortStableFunc(items, func(a, b network.Item) int { return a.At.Compare(b.At) })
	return network.Page{
		Items: items, Cursor: string(b), Rate: network.Rate{Remaining: -1}, Wait: siteEvery,
		Hub:  &network.HubAd{}, // it is read so often that nobody has to ring
		More: skipped || cur.Comments.Run != nil || cur.Posts.Run != nil || cur.Pages.Run != nil,
	}, nil
}

// reading adds to a query in which form things are told: as they were written, to whom may edit them.
func reading(q url.Values, may bool) url.Values {
	if may {
		q.Set("context", "edit")
	}
	return q
}

// articles reads a page of what stands on the site, the last changed first.
func (w *wordPress) articles(ctx context.Context, me *wpUser, path string, offset, most int) ([]placed, int, error) {
	q := reading(url.Values{
		"orderby": {"modified"}, "order": {"desc"}, "status": {"publish"}, "offset": {strconv.Itoa(offset)}, "per_page": {strconv.Itoa(most)},
		"_embed": {"wp:featuredmedia"},
	}, editsAll(me, path))
	var list []json.RawMessage
	if _, err := w.get(ctx, path, q, &list); err != nil {
		return nil, 0, err
	}
	var out []placed
	for _, p := range each[wpPost](list) {
		if p.ID <= 0 || wpTime(p.Modified).IsZero() {
			continue
		}
		out = append(out, placed{place: p.Modified, item: w.article(&p)})
	}
	return out, len(list), nil
}

func editsAll(me *wpUser, path string) bool {
	if path == "/wp/v2/pages" {
		return me.may("edit_others_pages")
	}
	return me.may(mayOthers)
}

// comments reads a page of comments, newest first: those that stand and those that wait, or only the former where the user may not
// see the others.
func (w *wordPress) comments(ctx context.Context, me *wpUser, offset, most int) ([]placed, int, error) {
	q := url.Values{"orderby": {"id"}, "order": {"desc"}, "offset": {strconv.Itoa(offset)}, "per_page": {strconv.Itoa(most)}}
	if me.may(mayModerate) {
		q.Set("status", "all")
		q.Set("type", "all")
		q.Set("context", "edit")
	}
	var list []json.RawMessage
	if _, err := w.get(ctx, "/wp/v2/comments", q, &list); err != nil {
		return nil, 0, err
	}
	var out []placed
	for _, c := range each[wpComment](list) {
		if c.ID <= 0 {
			continue
		}
		it, err := w.comment(ctx, &c)
		if err != nil {
			return nil, 0, err
		}
		out = append(out, placed{place: fmt.Sprintf("%018d", c.ID), item: it})
	}
	return out, len(list), nil
}

// Refresh implements network.Client.
func (w *wordPress) Refresh(ctx context.Context, remoteIDs []string) ([]network.Item, error) {
	me, err := w.me(ctx)
	if err != nil {
		return nil, err
	}
	want := map[string][]string{}
	for _, id := range remoteIDs {
		if kind, n, ok := parseID(id); ok {
			want[kind] = append(want[kind], strconv.FormatInt(n, 10))
		}
	}
	var items []network.Item
	told := map[string]bool{}
	take := func(it network.Item) {
		if !told[it.RemoteID] {
			told[it.RemoteID] = true
			items = append(items, it)
		}
	}
	for _, kind := range []string{kindPost, kindPage} {
		if err := w.refreshArticles(ctx, me, kind, want[kind], take); err != nil {
			return nil, err
		}
	}
	if err := w.refreshComments(ctx, me, want[kindComment], take); err != nil {
		return nil, err
	}
	for _, id := range remoteIDs {
		if _, _, ok := parseID(id); ok && !told[id] {
			told[id] = true
			items = append(items, network.Item{RemoteID: id, Deleted: true, Version: "gone"})
		}
	}
	return items, nil
}

func pathOfKind(kind string) string {
	switch kind {
	case kindPage:
		return "/wp/v2/pages"
	case kindComment:
		return "/wp/v2/comments"
	}
	return "/wp/v2/posts"
}

func (w *wordPress) refreshArticles(ctx context.Context, me *wpUser, kind string, ids []string, take func(network.Item)) error {
	if len(ids) == 0 {
		return nil
	}
	path := pathOfKind(kind)
	q := reading(url.Values{"include": {strings.Join(ids, ",")}, "per_page": {strconv.Itoa(listPage)}, "_embed": {"wp:featuredmedia"}}, editsAll(me, path))
	if me.may(mayOthers) {
		q.Set("status", "any")
	}
	var list []json.RawMessage
	if _, err := w.get(ctx, path, q, &list); err != nil {
		return err
	}
	for _, p := range each[wpPost](list) {
		take(w.article(&p))
	}
	return nil
}

// refreshComments looks for comments where they may have been put: among those that stand or wait, in spam, in the bin.
func (w *wordPress) refreshComments(ctx context.Context, me *wpUser, ids []string, take func(network.Item)) error {
	left := slices.Clone(ids)
	places := []string{"all", "spam", "trash"}
	if !me.may(mayModerate) {
		places = []string{""}
	}
	for _, place := range places {
		if len(left) == 0 {
			return nil
		}
		q := url.Values{"include": {strings.Join(left, ",")}, "per_page": {strconv.Itoa(listPage)}}
		if place != "" {
			q.Set("status", place)
			q.Set("type", "all")
			q.Set("context", "edit")
		}
		var list []json.RawMessage
		if _, err := w.get(ctx, "/wp/v2/comments", q, &list); err != nil {
			return err
		}
		for _, c := range each[wpComment](list) {
			it, err := w.comment(ctx, &c)
			if err != nil {
				return err
			}
			take(it)
			left = slices.DeleteFunc(left, func(id string) bool { return id == strconv.FormatInt(c.ID, 10) })
		}
	}
	return nil
}

// one reads one comment, wherever it was put.
func (w *wordPress) one(ctx context.Context, n int64) (*wpComment, error) {
	me, err := w.me(ctx)
	if err != nil {
		return nil, err
	}
	var c wpComment
	if _, err := w.get(ctx, "/wp/v2/comments/"+strconv.FormatInt(n, 10), reading(url.Values{}, me.may(mayModerate)), &c); err != nil {
		return nil, err
	}
	if c.Status == "trash" || c.Status == "post-trashed" {
		return nil, problem(network.Never, network.ProblemGone, w.cred.ServerURL, nil)
	}
	return &c, nil
}

// Thread implements network.Client: the article, what leads to the comment, the comment, what answers it.
func (w *wordPress) Thread(ctx context.Context, remoteID string) ([]network.Item, error) {
	kind, n, ok := parseID(remoteID)
	if !ok {
		return nil, nil // something that reached the channel in another way: the site knows nothing around it
	}
	if kind != kindComment {
		it, err := w.oneArticle(ctx, kind, n)
		if err != nil {
			return nil, err
		}
		return []network.Item{it}, nil
	}
	c, err := w.one(ctx, n)
	if err != nil {
		return nil, err
	}
	all, err := w.commentsOf(ctx, c.Post)
	if err != nil {
		return nil, err
	}
	if _, there := all[c.ID]; !there {
		all[c.ID] = c // it stands too far back
	}
	above, below := around(all, c.ID)
	var items []network.Item
	root, err := w.oneArticle(ctx, w.postKind(c), c.Post)
	if err == nil {
		items = append(items, root)
	} else if !missing(err) {
		return nil, err
	}
	for _, x := range append(append(above, c), below...) {
		if len(items) == 200 {
			break
		}
		it, err := w.comment(ctx, x)
		if err != nil {
			return nil, err
		}
		items = append(items, it)
	}
	return items, nil
}

func (w *wordPress) oneArticle(ctx context.Context, kind string, n int64) (network.Item, error) {
	me, err := w.me(ctx)
	if err != nil {
		return network.Item{}, err
	}
	path := pathOfKind(kind)
	var p wpPost
	q := reading(url.Values{"_embed": {"wp:featuredmedia"}}, editsAll(me, path))
	if _, err := w.get(ctx, path+"/"+strconv.FormatInt(n, 10), q, &p); err != nil {
		return network.Item{}, err
	}
	if p.Status == "trash" {
		return network.Item{}, problem(network.Never, network.ProblemGone, w.cred.ServerURL, nil)
	}
	return w.article(&p), nil
}

// commentsOf reads the comments of an article by number.
func (w *wordPress) commentsOf(ctx context.Context, post int64) (map[int64]*wpComment, error) {
	me, err := w.me(ctx)
	if err != nil {
		return nil, err
	}
	all := map[int64]*wpComment{}
	for offset := 0; offset < maxThread; offset += listPage {
		q := url.Values{"post": {strconv.FormatInt(post, 10)}, "orderby": {"id"}, "order": {"asc"}, "offset": {strconv.Itoa(offset)}, "per_page": {strconv.Itoa(listPage)}}
		if me.may(mayModerate) {
			q.Set("status", "all")
			q.Set("type", "all")
			q.Set("context", "edit")
		}
		var list []json.RawMessage
		if _, err := w.get(ctx, "/wp/v2/comments", q, &list); err != nil {
			return nil, err
		}
		for _, c := range each[wpComment](list) {
			all[c.ID] = &c
		}
		if len(list) < listPage {
			break
		}
	}
	return all, nil
}

// around gives what leads to a comment, from the top, and what hangs below it, in order of time.
func around(all map[int64]*wpComment, n int64) (above, below []*wpComment) {
	seen := map[int64]bool{n: true}
	for c := all[n]; c != nil && c.Parent > 0 && !seen[c.Parent]; {
		seen[c.Parent] = true
		if c = all[c.Parent]; c != nil {
			above = append(above, c)
		}
	}
	slices.Reverse(above)
	hangs := map[int64]bool{n: true}
	for range 20 { // WordPress nests ten deep at most
		grew := false
		for id, c := range all {
			if hangs[c.Parent] && !hangs[id] && !seen[id] {
				hangs[id], grew = true, true
				below = append(below, c)
			}
		}
		if !grew {
			break
		}
	}
	slices.SortFunc(below, func(a, b *wpComment) int { return cmp.Compare(a.ID, b.ID) })
	return above, below
}
