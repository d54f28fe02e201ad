package bluesky

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"

	"github.com/ponte-desk/ponte/internal/network"
)

// maxThread is how many items of a conversation are read.
const maxThread = 200

// Refresh implements network.Client. Our own records are read from our own repository; other people's as the index
// shows them, and what it leaves out is asked of the author's server, because leaving out is not deleting: the index
// also hides what is blocked, muted or not yet known to it.
func (cl *client) Refresh(ctx context.Context, remoteIDs []string) ([]network.Item, error) {
	var posts []string
	for _, id := range remoteIDs {
		if u, ok := parseURI(id); ok && u.Collection == collectionPost && !slices.Contains(posts, id) {
			posts = append(posts, id)
		}
	}
	views, err := cl.views(ctx, posts)
	if err != nil {
		return nil, err
	}
	var out []network.Item
	for i, id := range remoteIDs {
		u, ok := parseURI(id)
		if !ok || slices.Contains(remoteIDs[:i], id) {
			continue
		}
		view, shown := views[id]
		if shown && u.DID != cl.did {
			if it, ok := cl.item(view); ok {
				out = append(out, it)
			}
			continue
		}
		it, ok, err := cl.standing(ctx, u, view)
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, it)
		}
	}
	return out, nil
}

// standing asks the server where a record lives whether it is still there. It says nothing when that server cannot
// be asked. view is how the index shows the record, or zero.
func (cl *client) standing(ctx context.Context, u atURI, view source) (network.Item, bool, error) {
	var rec storedRecord
	var err error
	if u.DID == cl.did {
		rec, err = cl.recordHome(ctx, cl.cred.ServerURL, u)
	} else {
		var doc document
		if doc, err = cl.c.document(ctx, u.DID); err == nil {
			rec, err = cl.recordHome(ctx, doc.pds(), u)
		}
	}
	switch {
	case said(err) == "RecordNotFound" || errors.Is(err, errNoDocument):
		return network.Item{RemoteID: u.String(), Deleted: true, Mine: u.DID == cl.did, Kind: kindOfCollection(u.Collection)}, true, nil
	case err != nil && u.DID == cl.did:
		return network.Item{}, false, err
	case err != nil || u.DID != cl.did:
		return network.Item{}, false, nil
	}
	src, ok := cl.ownSource(rec)
	if !ok {
		return network.Item{}, false, nil
	}
	if view.cid == rec.CID {
		src.view, src.indexed, src.labels, src.author = view.view, view.indexed, view.labels, view.author
	}
	it, ok := cl.item(src)
	return it, ok, nil
}

func kindOfCollection(collection string) network.ItemKind {
	switch collection {
	case collectionLike:
		return network.KindLike
	case collectionRepost:
		return network.KindShare
	case collectionFollow:
		return network.KindFollow
	default:
		return network.KindPost
	}
}

// threadNode is app.bsky.feed.defs#threadViewPost, #notFoundPost or #blockedPost; the latter two have no post.
type threadNode struct {
	Post    *postView
	Parent  *threadNode
	Replies []threadNode
}

// Thread implements network.Client. Posts that are blocked or not there are left out; what answers them is kept.
func (cl *client) Thread(ctx context.Context, remoteID string) ([]network.Item, error) {
	u, ok := parseURI(remoteID)
	if !ok {
		return nil, badAddress(remoteID)
	}
	if u.Collection != collectionPost {
		return nil, unsupported(cl.cred.ServerURL)
	}
	gone := &network.Problem{Verdict: network.Never, Key: network.ProblemGone}
	if u.DID == cl.did {
		// The index may show for a while what we deleted.
		if _, err := cl.recordHome(ctx, cl.cred.ServerURL, u); said(err) == "RecordNotFound" {
			gone.Err = err
			return nil, gone
		}
	}
	var told struct{ Thread json.RawMessage }
	_, err := cl.do(ctx, request{nsid: "app.bsky.feed.getPostThread", query: url.Values{"uri": {remoteID}, "depth": {"50"}, "parentHeight": {"100"}}}, &told)
	if err != nil && said(err) != "NotFound" {
		return nil, err
	}
	var node threadNode
	if err == nil {
		if err := json.Unmarshal(told.Thread, &node); err != nil {
			return nil, &network.Problem{Verdict: network.Later, Key: network.ProblemAnswer, Args: hostArgs(cl.cred.ServerURL)}
		}
	}
	if node.Post == nil {
		return cl.alone(ctx, u)
	}
	var up []network.Item
	for at := node.Parent; at != nil && len(up) < maxThread/2; at = at.Parent {
		if it, ok := cl.shown(at); ok {
			up = append(up, it)
		}
	}
	slices.Reverse(up)
	return cl.below(up, &node), nil
}

// alone gives a post that the index does not show, when its author's server has it.
func (cl *client) alone(ctx context.Context, u atURI) ([]network.Item, error) {
	doc, err := cl.c.document(ctx, u.DID)
	var rec storedRecord
	if err == nil {
		rec, err = cl.recordHome(ctx, doc.pds(), u)
	}
	if err != nil {
		if said(err) == "RecordNotFound" || errors.Is(err, errNoDocument) {
			return nil, &network.Problem{Verdict: network.Never, Key: network.ProblemGone, Err: err}
		}
		return nil, err
	}
	it, ok := cl.item(source{
		uri: u, cid: rec.CID, record: rec.Value, home: doc.pds(),
		author: profileView{DID: u.DID, Handle: doc.handle()},
	})
	if !ok {
		return nil, &network.Problem{Verdict: network.Never, Key: network.ProblemGone}
	}
	return []network.Item{it}, nil
}

func (cl *client) shown(n *threadNode) (network.Item, bool) {
	if n.Post == nil {
		return network.Item{}, false
	}
	s, ok := sourceOf(*n.Post)
	if !ok {
		return network.Item{}, false
	}
	return cl.item(s)
}

// below adds a node and all that answers it, depth first.
func (cl *client) below(items []network.Item, n *threadNode) []network.Item {
	if len(items) >= maxThread {
		return items
	}
	if it, ok := cl.shown(n); ok {
		items = append(items, it)
	}
	for i := range n.Replies {
		items = cl.below(items, &n.Replies[i])
	}
	return items
}
