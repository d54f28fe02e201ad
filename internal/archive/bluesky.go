package archive

import (
	"bytes"
	"errors"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
)

// bluesky reads the repository of an account as one CAR file (https://atproto.com/specs/repository): first the signed commit, which tells whose it
// is, and the tree, which tells under what key each record stands; then the records.
type bluesky struct {
	s    *scan
	did  string
	keys map[link]string
}

func newBluesky(s *scan) reader { return &bluesky{s: s, keys: map[link]string{}} }

func claimsBluesky(_ string, head []byte) bool {
	// The header is a short map of roots and version.
	return len(head) > 20 && head[1] == 0xa2 && bytes.Contains(head[:min(len(head), 128)], []byte("eroots")) && bytes.Contains(head[:min(len(head), 128)], []byte("gversion\x01"))
}

func (b *bluesky) learns(name string) bool { return hasEnding(name, ".car") }
func (b *bluesky) reads(name string) bool  { return b.learns(name) }

// mostKeys bounds the records of a repository; the largest known have some millions.
const mostKeys = 5_000_000

func (b *bluesky) learn(f file) error {
	commits := map[link]string{}
	roots, err := carBlocks(b.s, f, func(id link, block []byte) error {
		v, err := decodeCBOR(block)
		m, ok := v.(map[string]any)
		if err != nil || !ok {
			return nil // told when it is read
		}
		if did, ok := m["did"].(string); ok && m["data"] != nil && m["sig"] != nil {
			if len(commits) < 100 {
				commits[id] = did
			}
			return nil
		}
		if list, ok := m["e"].([]any); ok {
			return b.node(f, list)
		}
		if m["$type"] == "app.bsky.actor.profile" {
			if name, ok := m["displayName"].(string); ok {
				b.s.me.Name = name
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, r := range roots {
		b.did = commits[r]
	}
	if !strings.HasPrefix(b.did, "did:") {
		return ErrDamaged.With("file", f.place).Because(errors.New("archive: a repository without its commit"))
	}
	me := &b.s.me
	me.RemoteID, me.Handle, me.URL = b.did, b.did, "https://bsky.app/profile/"+b.did
	if b.s.Me != "" {
		me.Handle = strings.TrimPrefix(tidy(b.s.Me), "@")
	}
	if me.Name == "" {
		me.Name = me.Handle
	}
	return nil
}

// node takes the keys of one node of the tree: each says how much of the one before it begins with.
func (b *bluesky) node(f file, list []any) error {
	last := ""
	for _, e := range list {
		m, _ := e.(map[string]any)
		p, okP := m["p"].(int64)
		k, okK := m["k"].([]byte)
		v, okV := m["v"].(link)
		if !okP || !okK || !okV || p < 0 || p > int64(len(last)) || len(k) > 1000 {
			return ErrDamaged.With("file", f.place).Because(errors.New("archive: a broken tree"))
		}
		last = last[:p] + string(k)
		if len(b.keys) >= mostKeys {
			return ErrMany.With("most", mostKeys)
		}
		b.keys[v] = last
	}
	return nil
}

func (b *bluesky) read(f file) error {
	_, err := carBlocks(b.s, f, func(id link, block []byte) error {
		v, err := decodeCBOR(block)
		m, ok := v.(map[string]any)
		if err != nil || !ok {
			return b.s.skip(UnreadShape, "", f, 0)
		}
		kind, _ := m["$type"].(string)
		key, known := b.keys[id]
		switch {
		case kind == "": // the tree and the commit
			return nil
		case !known:
			return b.s.skip(UnreadShape, shown(kind), f, 0)
		case kind == "app.bsky.feed.repost":
			b.s.tally.skip(UnreadShare, "", f.place+" "+shown(key), 0)
			return nil
		case kind != "app.bsky.feed.post":
			b.s.tally.skip(UnreadRecord, shown(kind), f.place+" "+shown(key), 0)
			return nil
		}
		return b.s.put(b.item(id, key, m, f), f, 0)
	})
	return err
}

// at goes into maps by their keys.
func at(v any, keys ...string) any {
	for _, k := range keys {
		m, _ := v.(map[string]any)
		v = m[k]
	}
	return v
}

func textAt(v any, keys ...string) string {
	s, _ := at(v, keys...).(string)
	return s
}

func listAt(v any, keys ...string) []any {
	l, _ := at(v, keys...).([]any)
	return l
}

func (b *bluesky) item(id link, key string, m map[string]any, f file) network.Item {
	uri := "at://" + b.did + "/" + key
	it := network.Item{
		RemoteID: uri, Version: id.String(), Kind: network.KindPost, Mine: true, Text: textAt(m, "text"), RootID: uri, Visibility: network.Public,
		URL: b.s.me.URL + "/post/" + key[strings.LastIndexByte(key, '/')+1:],
	}
	it.At, _ = time.Parse(time.RFC3339Nano, textAt(m, "createdAt"))
	if langs := listAt(m, "langs"); len(langs) > 0 {
		it.Language, _ = langs[0].(string)
	}
	quoted := textAt(m, "embed", "record", "uri")
	if quoted == "" {
		quoted = textAt(m, "embed", "record", "record", "uri")
	}
	switch parent := textAt(m, "reply", "parent", "uri"); {
	case parent != "":
		it.Kind, it.ParentID, it.RootID = network.KindReply, parent, textAt(m, "reply", "root", "uri")
	case quoted != "":
		it.ParentID = quoted
		if strings.HasPrefix(quoted, "at://"+b.did+"/") {
			it.Kind = network.KindQuote
		}
	}
	for _, x := range listAt(m, "facets") {
		for _, feature := range listAt(x, "features") {
			if did := textAt(feature, "did"); did != "" {
				it.Mentions = append(it.Mentions, network.Author{RemoteID: did})
			}
		}
	}
	images := listAt(m, "embed", "images")
	if len(images) == 0 {
		images = listAt(m, "embed", "media", "images")
	}
	if len(images) > 0 || at(m, "embed", "video") != nil {
		b.s.tally.skip(UnreadMedia, "", f.place+" "+shown(key), 0)
	}
	for _, l := range listAt(m, "labels", "values") {
		if v := textAt(l, "val"); v != "" && it.Warning == "" {
			it.Warning = v
		}
	}
	return it
}
