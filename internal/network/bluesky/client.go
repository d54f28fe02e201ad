package bluesky

import (
	"context"
	"encoding/json"
	"net/url"

	"github.com/rivo/uniseg"

	"github.com/ponte-desk/ponte/internal/network"
)

// Limits of a post (app.bsky.feed.post, app.bsky.embed.images and app.bsky.embed.video). No server tells them.
const (
	maxGraphemes  = 300
	maxBytes      = 3000
	maxImages     = 4
	maxImageBytes = 1_000_000 // newer lexicons allow pictures 2,000,000; servers that are not so new refuse them
	// Films (docs.bsky.app/docs/tutorials/video, "simple method"): 100 MB in the lexicon, formerly 50, which is what
	// servers take unless they are told otherwise; three minutes.
	maxVideoBytes   = 50_000_000
	maxVideoSeconds = 180
	maxAlt          = 2000 // what the network's own app accepts
)

type client struct {
	c       *Connector
	cred    network.Credentials // as opened: for what never changes
	did     string
	session *session
	save    func(context.Context, network.Credentials) error
}

var _ network.Client = (*client)(nil)

// Open implements network.Connector.
func (c *Connector) Open(cred network.Credentials, save func(context.Context, network.Credentials) error) network.Client {
	return &client{c: c, cred: cred, did: cred.Extra[extraDID], session: c.sessions.open(cred, c.now()), save: save}
}

// do makes a call as the account. When the server says that the token has ended, the call was not done: it is made
// again, once, with a new one.
func (cl *client) do(ctx context.Context, r request, out any) (network.Rate, error) {
	cred, err := cl.credentials(ctx)
	if err != nil {
		return network.Rate{Remaining: -1}, err
	}
	r.base, r.token = cl.cred.ServerURL, cred.AccessToken
	rate, err := cl.c.call(ctx, r, out)
	if name := said(err); name == "ExpiredToken" || name == "InvalidToken" {
		cred, rerr := cl.renew(ctx, cred.AccessToken)
		if rerr != nil {
			return rate, rerr
		}
		r.token = cred.AccessToken
		return cl.c.call(ctx, r, out)
	}
	return rate, err
}

// Probe implements network.Client.
func (cl *client) Probe(ctx context.Context) (network.Account, error) {
	var t told
	if _, err := cl.do(ctx, request{nsid: "com.atproto.server.getSession"}, &t); err != nil {
		return network.Account{}, err
	}
	if t.inactive() {
		return network.Account{}, suspended(cl.cred.ServerURL)
	}
	if t.DID != cl.did {
		return network.Account{}, &network.Problem{Verdict: network.Later, Key: network.ProblemAnswer, Args: hostArgs(cl.cred.ServerURL)}
	}
	a := network.Account{
		RemoteID: t.DID, Handle: t.Handle, URL: cl.c.profileURL(t.Handle, t.DID),
		DefaultVisibility: network.Public,
	}
	cred, _ := cl.session.current(cl.c.now())
	a.Scopes = cred.Scopes
	var profile profileView
	if _, err := cl.do(ctx, request{nsid: "app.bsky.actor.getProfile", query: url.Values{"actor": {t.DID}}}, &profile); err == nil {
		a.Name, a.AvatarURL = profile.DisplayName, webAddress(profile.Avatar)
		return a, nil
	}
	// The index of the network is down or slow; the name stands in the account's own repository too.
	var got struct {
		Value struct {
			DisplayName string
			Avatar      blob
		}
	}
	_, err := cl.c.call(ctx, request{base: cl.cred.ServerURL, nsid: "com.atproto.repo.getRecord", query: url.Values{
		"repo": {t.DID}, "collection": {collectionProfile}, "rkey": {"self"},
	}}, &got)
	if err == nil {
		a.Name, a.AvatarURL = got.Value.DisplayName, blobURL(cl.cred.ServerURL, t.DID, got.Value.Avatar.cid())
	}
	return a, nil
}

// Limits implements network.Client. Servers do not tell their limits; these are the lexicons'.
func (cl *client) Limits(context.Context) (network.Limits, error) {
	return network.Limits{
		Characters: maxGraphemes, Bytes: maxBytes, Attach: maxImages, ImageBytes: maxImageBytes, AltText: maxAlt,
		MIMETypes: []string{"image/jpeg", "image/png", "image/webp", "video/mp4"}, VideoBytes: maxVideoBytes, VideoSeconds: maxVideoSeconds,
	}, nil
}

// Listen implements network.Client. The only stream is that of everything on the network, far too much for one
// account, so there is none.
func (cl *client) Listen(context.Context, func(network.Bell)) error {
	return unsupported(cl.cred.ServerURL)
}

// Measure implements network.Client: grapheme clusters (Unicode UAX 29) and bytes of UTF-8, both limited.
func (*client) Measure(text string, l network.Limits) network.Length {
	return network.Length{Used: uniseg.GraphemeClusterCount(text), Max: l.Characters, UsedBytes: len(text), MaxBytes: l.Bytes}
}

// Address implements network.Client. A reply notifies by itself.
func (*client) Address(network.Item, network.Account) string { return "" }

// Traits implements network.Client.
func (*client) Traits() network.Traits {
	return network.Traits{
		Reply: true, Delete: true, Media: []network.MediaKind{network.Image, network.Video}, AltText: true,
		Safe:  network.SafeByClientID,
		Lists: []network.ListKind{network.ListFollowers, network.ListFollowing, network.ListSharers, network.ListLikers},
	}
}

// record reads one record. The account's own server passes questions about other people's on to the index of the
// network; when that does not know it, the author's server is asked, which knows best.
func (cl *client) record(ctx context.Context, u atURI) (storedRecord, error) {
	if u.DID == cl.did {
		return cl.recordHome(ctx, cl.cred.ServerURL, u)
	}
	var rec storedRecord
	_, err := cl.do(ctx, u.get(), &rec)
	if err == nil && rec.is(u) {
		return rec, nil
	}
	if err != nil && network.ProblemOf(err).Verdict == network.Reconnect {
		return storedRecord{}, err
	}
	doc, err := cl.c.document(ctx, u.DID)
	if err != nil {
		return storedRecord{}, err
	}
	return cl.recordHome(ctx, doc.pds(), u)
}

// recordHome reads a record at its author's server, as anybody may.
func (cl *client) recordHome(ctx context.Context, base string, u atURI) (storedRecord, error) {
	var rec storedRecord
	r := u.get()
	r.base = base
	_, err := cl.c.call(ctx, r, &rec)
	if err == nil && !rec.is(u) {
		err = &network.Problem{Verdict: network.Later, Key: network.ProblemAnswer, Args: hostArgs(base)}
	}
	return rec, err
}

// get asks for a record.
func (u atURI) get() request {
	return request{nsid: "com.atproto.repo.getRecord", query: url.Values{"repo": {u.DID}, "collection": {u.Collection}, "rkey": {u.Key}}}
}

// is tells whether a server answered with the record it was asked for.
func (r storedRecord) is(u atURI) bool {
	return r.URI == u.String() && r.CID != "" && len(r.Value) > 0
}

// storedRecord is a record as a repository keeps it.
type storedRecord struct {
	URI   string
	CID   string
	Value json.RawMessage
}

// webAddress lets only web addresses through.
func webAddress(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return ""
	}
	return s
}

// blobURL is where a server gives out a file of one of its accounts.
func blobURL(base, did, cid string) string {
	if base == "" || cid == "" {
		return ""
	}
	return base + "/xrpc/com.atproto.sync.getBlob?" + url.Values{"did": {did}, "cid": {cid}}.Encode()
}
