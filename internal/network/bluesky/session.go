package bluesky

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
)

// Keys of network.Credentials.Extra.
const (
	extraDID     = "did"     // the account
	extraHandle  = "handle"  // its handle when it was last told
	extraService = "service" // the server that gives and renews the session
)

// renewBefore is how long before its end an access token is renewed.
const renewBefore = 2 * time.Minute

// keepSession is how long a renewed session is remembered after its last use. It is far longer than the few minutes
// for which two parts of the program may hold credentials of different age.
const keepSession = 7 * 24 * time.Hour

// told is a session as createSession, refreshSession and getSession tell it.
type told struct {
	DID        string
	Handle     string
	AccessJWT  string `json:"accessJwt"`
	RefreshJWT string `json:"refreshJwt"`
	DIDDoc     json.RawMessage
	Active     *bool
	Status     string
}

func (t told) inactive() bool { return t.Active != nil && !*t.Active }

// Login implements network.Connector. The account's own server is read from its DID document and used from then on.
func (c *Connector) Login(ctx context.Context, s network.Server, identifier, password string) (network.Credentials, error) {
	name := strings.TrimPrefix(trimTyped(identifier), "@")
	if h, ok := parseHandle(name); ok {
		name = h
	}
	if name == "" || password == "" {
		return network.Credentials{}, &network.Problem{Verdict: network.Never, Key: network.ProblemCredentials, Args: hostArgs(s.URL)}
	}
	var t told
	_, err := c.call(ctx, request{
		base: s.URL, nsid: "com.atproto.server.createSession",
		body: map[string]string{"identifier": name, "password": password},
	}, &t)
	if err != nil {
		p := network.ProblemOf(err)
		if p.Key == network.ProblemRevoked || said(err) == "InvalidRequest" {
			p.Key, p.Verdict = network.ProblemCredentials, network.Never
			p.Args = hostArgs(s.URL)
		}
		return network.Credentials{}, p
	}
	if t.inactive() {
		return network.Credentials{}, suspended(s.URL)
	}
	if !isDID(t.DID) || t.AccessJWT == "" || t.RefreshJWT == "" {
		return network.Credentials{}, &network.Problem{Verdict: network.Later, Key: network.ProblemAnswer, Args: hostArgs(s.URL)}
	}
	home := s.URL
	var doc document
	if json.Unmarshal(t.DIDDoc, &doc) != nil || doc.ID != t.DID {
		doc, _ = c.document(ctx, t.DID) // without it the server itself is the best address there is
	}
	if pds := doc.pds(); pds != "" && (strings.HasPrefix(pds, "https://") || strings.HasPrefix(s.URL, "http://")) {
		home = pds
	}
	cred := network.Credentials{
		ServerURL: home, AccessToken: t.AccessJWT, RefreshToken: t.RefreshJWT,
		Extra: map[string]string{extraDID: t.DID, extraHandle: t.Handle, extraService: s.URL},
	}
	claims := readClaims(t.AccessJWT)
	cred.Expires = claims.expires()
	if claims.Scope != "" {
		cred.Scopes = strings.Fields(claims.Scope)
	}
	return cred, nil
}

func suspended(base string) *network.Problem {
	return &network.Problem{Verdict: network.Reconnect, Key: network.ProblemSuspended, Args: hostArgs(base)}
}

// claims are what a token says about itself. They are read to plan and never to trust: the server decides.
type claims struct {
	Scope    string
	IssuedAt int64 `json:"iat"`
	Expiry   int64 `json:"exp"`
}

func (c claims) expires() time.Time {
	if c.Expiry <= 0 || c.Expiry > 1<<40 {
		return time.Time{}
	}
	return time.Unix(c.Expiry, 0).UTC()
}

func readClaims(jwt string) claims {
	var c claims
	parts := strings.Split(jwt, ".")
	if len(parts) != 3 {
		return c
	}
	body, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil || json.Unmarshal(body, &c) != nil {
		return claims{}
	}
	return c
}

// sessions makes every client that was opened with the same session share one line of renewals, however old the
// credentials are that it was opened with: a refresh token is used once and by one of them.
type sessions struct {
	mu     sync.Mutex
	byHash map[[sha256.Size]byte]*session
}

func newSessions() *sessions { return &sessions{byHash: map[[sha256.Size]byte]*session{}} }

// session is one line of renewals.
type session struct {
	turn chan struct{} // holds one token; who takes it may renew

	mu       sync.Mutex
	cur      network.Credentials
	unsaved  bool      // cur was renewed and could not be saved yet
	until    time.Time // when cur should be renewed by our own clock; zero: not before the server says so
	lastUsed time.Time
}

func (ss *sessions) open(cred network.Credentials, now time.Time) *session {
	s := &session{turn: make(chan struct{}, 1), cur: cred, lastUsed: now}
	s.turn <- struct{}{}
	if at := cred.Expires; !at.IsZero() {
		s.until = at.Add(-renewBefore)
	} else if at := readClaims(cred.AccessToken).expires(); !at.IsZero() {
		s.until = at.Add(-renewBefore)
	}
	if cred.RefreshToken == "" {
		return s
	}
	ss.mu.Lock()
	defer ss.mu.Unlock()
	h := sha256.Sum256([]byte(cred.ServerURL + "\x00" + cred.Extra[extraDID] + "\x00" + cred.RefreshToken))
	if known, ok := ss.byHash[h]; ok {
		known.touch(now)
		return known
	}
	ss.byHash[h] = s
	return s
}

// renewed remembers that cred continues s, and forgets lines that nobody has used for long.
func (ss *sessions) renewed(s *session, cred network.Credentials, now time.Time) {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	h := sha256.Sum256([]byte(cred.ServerURL + "\x00" + cred.Extra[extraDID] + "\x00" + cred.RefreshToken))
	ss.byHash[h] = s
	for h, other := range ss.byHash {
		if other != s && other.idle(now) > keepSession {
			delete(ss.byHash, h)
		}
	}
}

func (s *session) touch(now time.Time) {
	s.mu.Lock()
	s.lastUsed = now
	s.mu.Unlock()
}

func (s *session) idle(now time.Time) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return now.Sub(s.lastUsed)
}

// current gives the newest credentials, and whether they are good to use as they are.
func (s *session) current(now time.Time) (network.Credentials, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastUsed = now
	due := s.cur.RefreshToken != "" && !s.until.IsZero() && now.After(s.until)
	return s.cur, !s.unsaved && !due
}

// credentials gives credentials to act with, renewed when their time has come.
func (cl *client) credentials(ctx context.Context) (network.Credentials, error) {
	cred, good := cl.session.current(cl.c.now())
	if good {
		return cred, nil
	}
	return cl.renew(ctx, "")
}

// renew replaces the access token that was refused, or "" for one that is about to end. Whoever comes second gets what the first
// one brought.
func (cl *client) renew(ctx context.Context, refused string) (network.Credentials, error) {
	s := cl.session
	select {
	case <-s.turn:
		defer func() { s.turn <- struct{}{} }()
	case <-ctx.Done():
		return network.Credentials{}, unreached(cl.cred.ServerURL, "com.atproto.server.refreshSession", ctx.Err())
	}
	s.mu.Lock()
	cur, unsaved := s.cur, s.unsaved
	s.mu.Unlock()
	// From here on the caller's patience does not matter: a token that the server gave must not get lost.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout+10*time.Second)
	defer cancel()
	if unsaved {
		return cl.keep(ctx, cur)
	}
	if refused == "" {
		if _, good := s.current(cl.c.now()); good { // who had the turn before has renewed it and was still saving it when we asked
			return cur, nil
		}
	} else if cur.AccessToken != refused {
		return cur, nil
	}
	next, err := cl.refresh(ctx, cur)
	if err != nil {
		return network.Credentials{}, err
	}
	now := cl.c.now()
	s.mu.Lock()
	s.cur, s.unsaved, s.until = next, true, time.Time{}
	// The lifetime counts from now by our own clock, so that a wrong clock does not renew at every call.
	if cl := readClaims(next.AccessToken); cl.Expiry > cl.IssuedAt && cl.IssuedAt > 0 {
		s.until = now.Add(max(time.Duration(cl.Expiry-cl.IssuedAt)*time.Second-renewBefore, time.Second))
	}
	s.mu.Unlock()
	cl.c.sessions.renewed(s, next, now)
	return cl.keep(ctx, next)
}

// keep saves renewed credentials. Until that has succeeded they are not used.
func (cl *client) keep(ctx context.Context, cred network.Credentials) (network.Credentials, error) {
	if cl.save != nil {
		if err := cl.save(ctx, cred); err != nil {
			return network.Credentials{}, network.ProblemOf(err)
		}
	}
	cl.session.mu.Lock()
	cl.session.unsaved = false
	cl.session.mu.Unlock()
	return cred, nil
}

// refresh asks the server for a new pair of tokens.
func (cl *client) refresh(ctx context.Context, cur network.Credentials) (network.Credentials, error) {
	base := cur.Extra[extraService]
	if base == "" {
		base = cur.ServerURL
	}
	revoked := &network.Problem{Verdict: network.Reconnect, Key: network.ProblemRevoked, Args: hostArgs(base)}
	if cur.RefreshToken == "" {
		return network.Credentials{}, revoked
	}
	var t told
	_, err := cl.c.call(ctx, request{base: base, nsid: "com.atproto.server.refreshSession", post: true, token: cur.RefreshToken}, &t)
	if err != nil {
		p := network.ProblemOf(err)
		if e, ok := errors.AsType[*serverError](err); ok && e.Status == 400 && p.Verdict == network.Never {
			revoked.Err = e
			return network.Credentials{}, revoked
		}
		return network.Credentials{}, p
	}
	if t.inactive() {
		return network.Credentials{}, suspended(base)
	}
	if t.AccessJWT == "" || t.RefreshJWT == "" || t.DID != cur.Extra[extraDID] {
		return network.Credentials{}, &network.Problem{Verdict: network.Later, Key: network.ProblemAnswer, Args: hostArgs(base)}
	}
	next := cur
	next.AccessToken, next.RefreshToken, next.Expires = t.AccessJWT, t.RefreshJWT, readClaims(t.AccessJWT).expires()
	next.Extra = maps.Clone(cur.Extra)
	if h, ok := parseHandle(t.Handle); ok {
		next.Extra[extraHandle] = h
	}
	return next, nil
}
