package blueskytest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"time"
)

// Post writes a post and gives its address.
func (p *Person) Post(ctx context.Context, text string) (string, error) {
	return p.PostRecord(ctx, map[string]any{"text": text})
}

// PostRecord writes a post with whatever fields; type and time are filled when they are missing.
func (p *Person) PostRecord(ctx context.Context, fields map[string]any) (string, error) {
	return p.create(ctx, "app.bsky.feed.post", fields)
}

// Reply answers a post, once the person can see it.
func (p *Person) Reply(ctx context.Context, uri, text string) (string, error) {
	parent, err := p.see(ctx, uri)
	if err != nil {
		return "", err
	}
	ref := map[string]any{"uri": parent.URI, "cid": parent.CID}
	root := any(ref)
	if r, ok := parent.Value["reply"].(map[string]any); ok {
		root = r["root"]
	}
	return p.PostRecord(ctx, map[string]any{"text": text, "reply": map[string]any{"root": root, "parent": ref}})
}

// Mention writes a post that names someone before the text.
func (p *Person) Mention(ctx context.Context, who *Person, text string) (string, error) {
	return p.PostRecord(ctx, mention(who.Handle, who.DID, text))
}

func mention(handle, did, text string) map[string]any {
	return map[string]any{
		"text": "@" + handle + " " + text,
		"facets": []any{map[string]any{
			"index":    map[string]any{"byteStart": 0, "byteEnd": len(handle) + 1},
			"features": []any{map[string]any{"$type": "app.bsky.richtext.facet#mention", "did": did}},
		}},
	}
}

// Quote writes a post that shows another one.
func (p *Person) Quote(ctx context.Context, uri, text string) (string, error) {
	r, err := p.see(ctx, uri)
	if err != nil {
		return "", err
	}
	return p.PostRecord(ctx, map[string]any{"text": text, "embed": map[string]any{
		"$type": "app.bsky.embed.record", "record": map[string]any{"uri": r.URI, "cid": r.CID},
	}})
}

// Picture uploads a picture and gives an embed that shows it.
func (p *Person) Picture(ctx context.Context, mime string, data []byte, alt string) (map[string]any, error) {
	var told struct{ Blob json.RawMessage }
	if err := p.send(ctx, "com.atproto.repo.uploadBlob", mime, data, &told); err != nil {
		return nil, err
	}
	return map[string]any{"$type": "app.bsky.embed.images", "images": []any{map[string]any{"alt": alt, "image": told.Blob}}}, nil
}

// Like likes a post and gives the like's own address.
func (p *Person) Like(ctx context.Context, uri string) (string, error) {
	return p.point(ctx, "app.bsky.feed.like", uri)
}

// Repost shares a post and gives the share's own address.
func (p *Person) Repost(ctx context.Context, uri string) (string, error) {
	return p.point(ctx, "app.bsky.feed.repost", uri)
}

// see waits until the index of the network shows a post, as people do before they do something about it. An answer
// that reaches the index together with what it answers is not always told to anybody.
func (p *Person) see(ctx context.Context, uri string) (Record, error) {
	if p.Network.Appview == "" {
		return p.Get(ctx, uri)
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		var told struct{ Posts []struct{ URI string } }
		if err := p.get(ctx, "app.bsky.feed.getPosts", url.Values{"uris": {uri}}, &told); err != nil {
			return Record{}, err
		}
		if len(told.Posts) > 0 {
			return p.Get(ctx, uri)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return Record{}, fmt.Errorf("the index never showed %s", uri)
		}
	}
}

func (p *Person) point(ctx context.Context, collection, uri string) (string, error) {
	r, err := p.see(ctx, uri)
	if err != nil {
		return "", err
	}
	return p.create(ctx, collection, map[string]any{"subject": map[string]any{"uri": r.URI, "cid": r.CID}})
}

// Follow follows an account and gives the follow's own address.
func (p *Person) Follow(ctx context.Context, did string) (string, error) {
	return p.create(ctx, "app.bsky.graph.follow", map[string]any{"subject": did})
}

// Block blocks an account.
func (p *Person) Block(ctx context.Context, did string) (string, error) {
	return p.create(ctx, "app.bsky.graph.block", map[string]any{"subject": did})
}

// Edit puts another text in the place of a post.
func (p *Person) Edit(ctx context.Context, uri, text string) error {
	r, err := p.Get(ctx, uri)
	if err != nil {
		return err
	}
	_, collection, key, err := split(uri)
	if err != nil {
		return err
	}
	r.Value["text"] = text
	// What named something named bytes of the old text; the names at the start of both stay.
	old, _ := r.Value["facets"].([]any)
	delete(r.Value, "facets")
	if len(old) > 0 {
		f, _ := old[0].(map[string]any)
		index, _ := f["index"].(map[string]any)
		if end, _ := index["byteEnd"].(float64); int(end) <= len(text) {
			r.Value["facets"] = old[:1]
		}
	}
	return p.put(ctx, collection, key, r.Value)
}

// Delete takes a record away.
func (p *Person) Delete(ctx context.Context, uri string) error {
	_, collection, key, err := split(uri)
	if err != nil {
		return err
	}
	return p.post(ctx, "com.atproto.repo.deleteRecord", map[string]any{"repo": p.DID, "collection": collection, "rkey": key}, nil)
}

func (p *Person) create(ctx context.Context, collection string, fields map[string]any) (string, error) {
	if fields["$type"] == nil {
		fields["$type"] = collection
	}
	if fields["createdAt"] == nil {
		fields["createdAt"] = time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
	}
	var told struct{ URI string }
	err := p.post(ctx, "com.atproto.repo.createRecord", map[string]any{"repo": p.DID, "collection": collection, "record": fields}, &told)
	return told.URI, err
}

func (p *Person) put(ctx context.Context, collection, key string, record map[string]any) error {
	return p.post(ctx, "com.atproto.repo.putRecord", map[string]any{"repo": p.DID, "collection": collection, "rkey": key, "record": record}, nil)
}

// Deactivate makes the account invisible until its owner comes back.
func (p *Person) Deactivate(ctx context.Context) error {
	return p.post(ctx, "com.atproto.server.deactivateAccount", map[string]any{}, nil)
}
