package site

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/ponte-desk/ponte/internal/network"
)

// statuses are WordPress's words for what becomes of a comment.
var statuses = map[network.Standing]string{
	network.Approved: "approved", network.Held: "hold", network.Spam: "spam", network.Trashed: "trash",
}

// Moderate implements network.Client.
func (w *wordPress) Moderate(ctx context.Context, remoteID string, s network.Standing) error {
	kind, n, ok := parseID(remoteID)
	status, known := statuses[s]
	if !ok || !known || kind != kindComment {
		return unsupported(w.cred.ServerURL)
	}
	at := "/wp/v2/comments/" + strconv.FormatInt(n, 10)
	var c wpComment
	if _, err := w.get(ctx, at, editing(), &c); err != nil {
		return certain(gone(err))
	}
	if standing(c.Status) == s {
		return nil // WordPress calls it an error to change nothing
	}
	err := w.send(ctx, http.MethodPost, at, nil, map[string]any{"status": status}, &c)
	if statusOf(err) == http.StatusInternalServerError && codeOf(err) == "rest_comment_failed_edit" {
		// Somebody at the site was faster, or the site says no.
		p := *network.ProblemOf(err)
		p.Verdict, p.Key, p.Uncertain = network.Never, network.ProblemRefused, false
		var now wpComment
		if _, gerr := w.get(ctx, at, editing(), &now); gerr == nil && standing(now.Status) == s {
			return nil
		}
		return &p
	}
	if err != nil {
		return gone(err)
	}
	if standing(c.Status) != s {
		return problem(network.Later, network.ProblemAnswer, w.cred.ServerURL, fmt.Errorf("a comment is %q after it was to be %q", cut(c.Status, 20), status))
	}
	return nil
}

// maxCounted is how many comments are looked at to count those of some articles.
const maxCounted = 1000

// Counts implements network.Client: how many comments stand under an article. A site tells nothing else.
func (w *wordPress) Counts(ctx context.Context, remoteIDs []string) ([]network.Counts, error) {
	if len(remoteIDs) > network.MostCounts {
		return nil, w.refuse("too many")
	}
	byKind := map[string][]string{}
	order := []string{}
	for _, id := range remoteIDs {
		if kind, n, ok := parseID(id); ok && kind != kindComment {
			byKind[kind] = append(byKind[kind], strconv.FormatInt(n, 10))
			order = append(order, id)
		}
	}
	if len(order) == 0 {
		return nil, nil
	}
	me, err := w.me(ctx)
	if err != nil {
		return nil, err
	}
	stands := map[string]bool{}
	for kind, ids := range byKind {
		err := w.refreshArticles(ctx, me, kind, ids, func(it network.Item) { stands[it.RemoteID] = true })
		if err != nil {
			return nil, err
		}
	}
	var ids []string
	kindOfNumber := map[int64]string{}
	for _, id := range order {
		if kind, n, _ := parseID(id); stands[id] {
			ids = append(ids, strconv.FormatInt(n, 10))
			kindOfNumber[n] = kind
		}
	}
	n, whole, err := w.countComments(ctx, ids)
	if err != nil {
		return nil, err
	}
	var out []network.Counts
	done := map[string]bool{}
	for _, id := range order {
		if done[id] {
			continue
		}
		done[id] = true
		if !stands[id] {
			out = append(out, network.Counts{RemoteID: id, Gone: true})
			continue
		}
		c := network.Counts{RemoteID: id}
		if _, number, _ := parseID(id); whole {
			c.Replies = network.Counted(n[number])
		}
		out = append(out, c)
	}
	return out, nil
}

// countComments counts the comments that stand under articles; false when there are more than are looked at.
func (w *wordPress) countComments(ctx context.Context, posts []string) (map[int64]int, bool, error) {
	n := map[int64]int{}
	if len(posts) == 0 {
		return n, true, nil
	}
	for offset := 0; offset < maxCounted; offset += listPage {
		var list []json.RawMessage
		_, err := w.get(ctx, "/wp/v2/comments", url.Values{
			"post": {strings.Join(posts, ",")}, "orderby": {"id"}, "order": {"asc"}, "offset": {strconv.Itoa(offset)},
			"per_page": {strconv.Itoa(listPage)}, "_fields": {"id,post"},
		}, &list)
		if err != nil {
			return nil, false, err
		}
		for _, c := range each[wpComment](list) {
			n[c.Post]++
		}
		if len(list) < listPage {
			return n, true, nil
		}
	}
	return n, false, nil
}
