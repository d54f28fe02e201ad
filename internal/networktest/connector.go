package networktest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/ponte-desk/ponte/internal/network"
)

// Connector speaks to the fake.
func (f *Fake) Connector() network.Connector { return fakeConnector{f} }

type fakeConnector struct{ f *Fake }

func (c fakeConnector) Network() network.Name { return c.f.opts.Network }

func (c fakeConnector) start(ctx context.Context, call Call) (Fault, error) {
	x := c.f.enter(call)
	return x, c.f.begin(ctx, x)
}

func (c fakeConnector) Discover(ctx context.Context, address string) (network.Server, error) {
	if _, err := c.start(ctx, CallDiscover); err != nil {
		return network.Server{}, err
	}
	s := c.f.Server()
	want, _ := url.Parse(c.f.opts.URL)
	a := strings.TrimPrefix(strings.TrimSpace(address), "@")
	user, host, both := strings.Cut(a, "@")
	if !both {
		host, user = a, ""
	}
	if u, err := url.Parse(host); err == nil && u.Scheme != "" {
		host = u.Host
	}
	switch {
	case host == "" || strings.ContainsAny(host, " \t"):
		p := c.f.problem(network.Never, network.ProblemAddress, nil)
		p.Args["address"] = address
		return network.Server{}, p
	case !strings.EqualFold(host, want.Host):
		p := c.f.problem(network.Never, network.ProblemUnreachable, fmt.Errorf("no such host"))
		p.Args["host"] = host
		return network.Server{}, p
	}
	if user != "" {
		s.Handle = user + "@" + host
	}
	return s, nil
}

func (c fakeConnector) Register(ctx context.Context, s network.Server, redirectURI string) (network.App, error) {
	if _, err := c.start(ctx, CallRegister); err != nil {
		return network.App{}, err
	}
	return network.App{Network: s.Network, ServerURL: s.URL, ClientID: "client-1", ClientSecret: "secret-1", Scopes: []string{"read", "write"}}, nil
}

func (c fakeConnector) AuthorizeURL(a network.App, redirectURI, state, challenge string) string {
	return a.ServerURL + "/oauth/authorize?" + url.Values{
		"client_id": {a.ClientID}, "redirect_uri": {redirectURI}, "state": {state},
		"code_challenge": {challenge}, "response_type": {"code"},
	}.Encode()
}

func (c fakeConnector) Exchange(ctx context.Context, a network.App, redirectURI, code, verifier string) (network.Credentials, error) {
	if _, err := c.start(ctx, CallExchange); err != nil {
		return network.Credentials{}, err
	}
	c.f.mu.Lock()
	defer c.f.mu.Unlock()
	handle, ok := c.f.codes[code]
	if !ok {
		return network.Credentials{}, c.f.problem(network.Never, network.ProblemDenied, errors.New("unknown code"))
	}
	delete(c.f.codes, code)
	return c.f.issue(handle), nil
}

func (c fakeConnector) Login(ctx context.Context, s network.Server, identifier, password string) (network.Credentials, error) {
	if _, err := c.start(ctx, CallLogin); err != nil {
		return network.Credentials{}, err
	}
	c.f.mu.Lock()
	defer c.f.mu.Unlock()
	a, ok := c.f.accounts[strings.TrimPrefix(identifier, "@")]
	if !ok || a.password != password {
		return network.Credentials{}, c.f.problem(network.Never, network.ProblemCredentials, errors.New("wrong password"))
	}
	return c.f.issue(a.handle), nil
}

func (c fakeConnector) Open(cr network.Credentials, save func(context.Context, network.Credentials) error) network.Client {
	return &fakeClient{f: c.f, cr: &credentialsBox{c: cr, save: save}}
}

type fakeClient struct {
	f  *Fake
	cr *credentialsBox
}

// credentialsBox lets several goroutines use, and one renew, the same credentials.
type credentialsBox struct {
	mu   sync.Mutex // held while they are renewed, so that it happens once
	c    network.Credentials
	save func(context.Context, network.Credentials) error
}

// start is the beginning of every call: the fault that strikes it, and who is calling.
func (c *fakeClient) start(ctx context.Context, call Call) (Fault, string, error) {
	x := c.f.enter(call)
	if err := c.f.begin(ctx, x); err != nil {
		return x, "", err
	}
	handle, err := c.f.who(ctx, c.cr)
	return x, handle, err
}

// who turns the credentials into an account, renewing them when they are expired.
func (f *Fake) who(ctx context.Context, b *credentialsBox) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f.mu.Lock()
	t, ok := f.tokens[b.c.AccessToken]
	if ok && !t.expired {
		f.mu.Unlock()
		return t.handle, nil
	}
	handle, can := f.refresh[b.c.RefreshToken]
	if !ok || !can {
		f.mu.Unlock()
		return "", f.problem(network.Reconnect, network.ProblemRevoked, errors.New("status 401"))
	}
	delete(f.refresh, b.c.RefreshToken)
	fresh := f.issue(handle)
	f.mu.Unlock()
	if b.save != nil {
		if err := b.save(ctx, fresh); err != nil {
			return "", &network.Problem{Verdict: network.Later, Key: network.ProblemRevoked, Args: map[string]any{"host": "fake.example"}, Err: err}
		}
	}
	b.c = fresh
	return handle, nil
}

func (c *fakeClient) Probe(ctx context.Context) (network.Account, error) {
	_, me, err := c.start(ctx, CallProbe)
	if err != nil {
		return network.Account{}, err
	}
	a := c.f.author(me)
	return network.Account{
		RemoteID: a.RemoteID, Handle: a.Handle, Name: a.Name, URL: a.URL,
		Scopes: []string{"read", "write"}, DefaultVisibility: network.Public,
	}, nil
}

func (c *fakeClient) Limits(ctx context.Context) (network.Limits, error) {
	if _, _, err := c.start(ctx, CallLimits); err != nil {
		return network.Limits{}, err
	}
	return network.Limits{
		Characters: c.f.opts.Characters, Attach: fakeAttach, ImageBytes: c.f.opts.ImageBytes, VideoBytes: 4 << 20,
		MIMETypes: c.f.opts.MIMETypes, AltText: 1500,
		ImagePixels: 33_177_600, VideoPixels: 8_294_400, VideoFrames: 60, VideoSeconds: 140,
	}, nil
}

// fakeCursor is a place in the list of deeds: all from Back (not with it) to Fore (with it) was read.
type fakeCursor struct {
	Fore, Back int
}

func (c *fakeClient) Fetch(ctx context.Context, cursor string) (network.Page, error) {
	x, me, err := c.start(ctx, CallFetch)
	if err != nil {
		return network.Page{}, err
	}
	c.f.mu.Lock()
	defer c.f.mu.Unlock()
	var at fakeCursor
	if cursor == "" {
		at = fakeCursor{Fore: c.f.seq, Back: c.f.seq + 1}
	} else if err := json.Unmarshal([]byte(cursor), &at); err != nil {
		return network.Page{}, c.f.problem(network.Never, network.ProblemAnswer, err)
	}
	page := network.Page{Rate: network.Rate{Remaining: -1}}
	for _, d := range c.f.deeds {
		if d.seq > at.Fore && len(page.Items) < c.f.opts.PageSize {
			if !d.gone && c.f.concerns(d, me) {
				page.Items = append(page.Items, c.f.item(d, me))
			}
			at.Fore = d.seq
		}
	}
	for _, d := range slices.Backward(c.f.deeds) {
		if d.seq < at.Back && len(page.Items) < c.f.opts.PageSize {
			if !d.gone && c.f.concerns(d, me) {
				page.Items = append(page.Items, c.f.item(d, me))
			}
			at.Back = d.seq
		}
	}
	if n := len(c.f.deeds); n > 0 {
		page.More = at.Fore < c.f.deeds[n-1].seq || at.Back > c.f.deeds[0].seq
	}
	b, _ := json.Marshal(at)
	page.Cursor = string(b)
	switch x.Way {
	case RepeatItems:
		page.Items = append(page.Items, page.Items...)
	case ReorderItems:
		slices.Reverse(page.Items)
	case RepeatPage:
		page.Cursor, page.More = cursor, true
	}
	return page, nil
}

func (c *fakeClient) Refresh(ctx context.Context, ids []string) ([]network.Item, error) {
	_, me, err := c.start(ctx, CallRefresh)
	if err != nil {
		return nil, err
	}
	if len(ids) > 50 {
		return nil, c.f.problem(network.Never, network.ProblemRefused, fmt.Errorf("%d ids at once", len(ids)))
	}
	c.f.mu.Lock()
	defer c.f.mu.Unlock()
	var out []network.Item
	for _, id := range ids {
		switch d := c.f.byID[id]; {
		case d != nil && d.what != "post":
		case d == nil || !c.f.visible(d, me):
			out = append(out, network.Item{RemoteID: id, Deleted: true, Version: "gone"})
		default:
			out = append(out, c.f.item(d, me))
		}
	}
	return out, nil
}

func (c *fakeClient) Thread(ctx context.Context, id string) ([]network.Item, error) {
	_, me, err := c.start(ctx, CallThread)
	if err != nil {
		return nil, err
	}
	c.f.mu.Lock()
	defer c.f.mu.Unlock()
	d, err := c.f.lookup(id)
	if err != nil || !c.f.visible(d, me) {
		return nil, c.f.problem(network.Never, network.ProblemGone, err)
	}
	var out []network.Item
	for p := c.f.byID[d.parent]; p != nil; p = c.f.byID[p.parent] {
		if !p.gone && c.f.visible(p, me) {
			out = append([]network.Item{c.f.item(p, me)}, out...)
		}
	}
	out = append(out, c.f.item(d, me))
	in := map[string]bool{id: true}
	for _, a := range c.f.deeds {
		if a.what == "post" && in[a.parent] && a.id != id {
			in[a.id] = true
			if !a.gone && c.f.visible(a, me) && len(out) < 200 {
				out = append(out, c.f.item(a, me))
			}
		}
	}
	return out, nil
}

func (c *fakeClient) Listen(ctx context.Context, ring func(network.Bell)) error {
	if c.f.opts.NoStream {
		c.f.enter(CallListen)
		return c.f.problem(network.Never, network.ProblemUnsupported, nil)
	}
	_, me, err := c.start(ctx, CallListen)
	if err != nil {
		return err
	}
	ch := make(chan network.Bell, 64)
	c.f.mu.Lock()
	c.f.streams[ch] = c.f.account(me)
	broken := c.f.broken
	c.f.mu.Unlock()
	defer func() {
		c.f.mu.Lock()
		delete(c.f.streams, ch)
		c.f.mu.Unlock()
	}()
	for {
		select {
		case <-ctx.Done():
			return c.f.problem(network.Later, network.ProblemTimeout, ctx.Err())
		case <-broken:
			return c.f.problem(network.Later, network.ProblemUnreachable, io.ErrUnexpectedEOF)
		case b := <-ch:
			ring(b)
		}
	}
}

func (c *fakeClient) Publish(ctx context.Context, m network.Outgoing) (network.Receipt, error) {
	c.f.mu.Lock()
	c.f.attempts = append(c.f.attempts, m)
	c.f.mu.Unlock()
	x, me, err := c.start(ctx, CallPublish)
	if err != nil {
		return network.Receipt{}, err
	}
	if x.Way == RefuseFile && len(m.Media) > 0 {
		return network.Receipt{}, c.f.media(m.Media[0], errors.New("status 415"))
	}
	media, files, err := c.f.take(ctx, m, nil)
	if err != nil {
		return network.Receipt{}, err
	}
	if x.Way == DropAfterFiles {
		return network.Receipt{}, c.f.problem(network.Later, network.ProblemUnreachable, errors.New("connection reset by peer"))
	}
	c.f.mu.Lock()
	r, err := c.f.accept(me, m, media, files)
	c.f.mu.Unlock()
	if err != nil {
		return network.Receipt{}, err
	}
	if x.Accepted != nil {
		x.Accepted()
	}
	if x.Way == AcceptThenTimeout {
		return network.Receipt{}, c.f.silence()
	}
	return r, nil
}

// silence is an answer that does not come.
func (f *Fake) silence() *network.Problem {
	p := f.problem(network.Later, network.ProblemTimeout, context.DeadlineExceeded)
	p.Uncertain = true
	return p
}

func (f *Fake) media(u network.Upload, err error) error {
	p := f.problem(network.Never, network.ProblemMedia, err)
	p.Args["name"] = u.Name
	return p
}

// accept is the server's side of Publish. The lock is held.
func (f *Fake) accept(me string, m network.Outgoing, media []network.Media, files []string) (network.Receipt, error) {
	var id string
	switch key := me + "\x00" + m.Key; {
	case f.opts.Safety == network.SafeByClientID:
		id = "record:" + me + "/" + m.Key
		if d := f.byID[id]; d != nil {
			d.gone = false
			return f.receipt(d), nil
		}
	case f.opts.Safety == network.SafeByKey && !f.opts.IgnoreKey:
		if d := f.byID[f.byKey[key]]; d != nil && !d.gone {
			return f.receipt(d), nil
		}
	}
	d := &deed{
		id: id, what: "post", author: me, parent: m.ReplyTo, text: m.Text, warning: m.Warning,
		language: m.Language, visibility: m.Visibility, media: media, files: files,
	}
	if m.ReplyTo != "" && !(f.opts.Blind && f.byID[m.ReplyTo] == nil) {
		p, err := f.lookup(m.ReplyTo)
		if err != nil || !f.visible(p, me) {
			return network.Receipt{}, f.problem(network.Never, network.ProblemGone, err)
		}
		d.to = []string{p.author}
	}
	d = f.record(d)
	f.byKey[me+"\x00"+m.Key] = d.id
	return f.receipt(d), nil
}

func (f *Fake) receipt(d *deed) network.Receipt {
	return network.Receipt{RemoteID: d.id, URL: f.opts.URL + "/" + d.id, Version: d.version(), At: d.at, Media: slices.Clone(d.files)}
}

func (c *fakeClient) Find(ctx context.Context, m network.Outgoing) (network.Receipt, network.Presence, error) {
	x, me, err := c.start(ctx, CallFind)
	if err != nil {
		return network.Receipt{}, network.Unsure, err
	}
	switch x.Way {
	case FindUnsure:
		return network.Receipt{}, network.Unsure, nil
	case FindStale:
		return network.Receipt{}, network.Absent, nil
	}
	c.f.mu.Lock()
	defer c.f.mu.Unlock()
	// The fake remembers the key of everything, also where it lets doubles stand: it finds the latest.
	if d := c.f.byID[c.f.byKey[me+"\x00"+m.Key]]; d != nil && !d.gone {
		return c.f.receipt(d), network.Present, nil
	}
	return network.Receipt{}, network.Absent, nil
}

func (c *fakeClient) Delete(ctx context.Context, id string) error {
	x, me, err := c.start(ctx, CallDelete)
	if err != nil {
		return err
	}
	c.f.mu.Lock()
	defer c.f.mu.Unlock()
	if d := c.f.byID[id]; d != nil {
		if d.author != me {
			return c.f.problem(network.Never, network.ProblemRefused, errors.New("not ours"))
		}
		d.gone = true
		c.f.ring(d, network.Bell{RemoteIDs: []string{id}})
	}
	if x.Way == AcceptThenTimeout {
		return c.f.silence()
	}
	return nil
}

// Moderate sets the standing of what a stranger wrote, where the fake moderates.
func (c *fakeClient) Moderate(ctx context.Context, id string, st network.Standing) error {
	x, me, err := c.start(ctx, CallModerate)
	if err != nil {
		return err
	}
	c.f.mu.Lock()
	defer c.f.mu.Unlock()
	d := c.f.byID[id]
	switch {
	case !c.f.opts.Moderate:
		return c.f.problem(network.Never, network.ProblemUnsupported, nil)
	case d == nil || d.gone:
		return c.f.problem(network.Never, network.ProblemGone, nil)
	case d.author == me:
		return c.f.problem(network.Never, network.ProblemRefused, errors.New("ours"))
	}
	if d.standing != st {
		d.standing = st
		c.f.ring(d, network.Bell{RemoteIDs: []string{id}})
	}
	if x.Way == AcceptThenTimeout {
		return c.f.silence()
	}
	return nil
}

func (c *fakeClient) Measure(text string, l network.Limits) network.Length {
	return network.Length{Used: utf8.RuneCountInString(text), Max: l.Characters}
}

func (c *fakeClient) Address(to network.Item, self network.Account) string {
	if !c.f.opts.Address {
		return ""
	}
	var b strings.Builder
	seen := map[string]bool{self.Handle: true}
	for _, a := range append([]network.Author{to.Author}, to.Mentions...) {
		if !seen[a.Handle] {
			seen[a.Handle] = true
			b.WriteString("@" + a.Handle + " ")
		}
	}
	return b.String()
}

func (c *fakeClient) Traits() network.Traits {
	t := network.Traits{
		Stream: !c.f.opts.NoStream, Reply: true, Private: !c.f.opts.NoPrivate, Edit: !c.f.opts.NoEdit, Delete: true,
		Media: []network.MediaKind{network.Image, network.Video}, AltText: true, Safe: c.f.opts.Safety,
		Moderate: c.f.opts.Moderate,
	}
	if !c.f.opts.NoLists {
		t.Lists = []network.ListKind{network.ListFollowers, network.ListFollowing, network.ListSharers, network.ListLikers}
	}
	return t
}
