package networktest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
)

// FakeOptions shape a Fake. The zero value of each field gives what its comment says.
type FakeOptions struct {
	Network    network.Name     // "fake"
	URL        string           // "https://fake.example"
	Join       network.Join     // JoinAppPassword
	Safety     network.Safety   // SafeByReadBack
	IgnoreKey  bool             // with SafeByKey: the server says it honours the key, and does not
	PageSize   int              // 20 items
	Characters int              // 300
	Address    bool             // a reply must name the people meant in its text; false: the reply itself tells them
	NoStream   bool             // Listen is not offered
	NoPrivate  bool             // private messages are not offered
	NoEdit     bool             // what was published cannot be edited
	NoLists    bool             // who follows whom, who shared and who liked cannot be listed
	ImageBytes int64            // of a picture; 1 MiB
	MIMETypes  []string         // PNG, JPEG, WebP, GIF and MP4
	Moderate   bool             // what strangers write waits for our yes
	Blind      bool             // a reply may go to what does not stand here; for tests that bring items in by themselves
	Now        func() time.Time // time.Now
}

// Fake is a network in memory: accounts, what they did, and a connector that speaks to it. Tests act on it as
// strangers would, and tell it to misbehave with Inject. All methods are safe for use by several goroutines.
type Fake struct {
	opts FakeOptions

	mu       sync.Mutex
	accounts map[string]*fakeAccount // by handle
	tokens   map[string]*fakeToken   // access tokens
	refresh  map[string]string       // refresh token -> handle
	codes    map[string]string       // OAuth code -> handle
	deeds    []*deed                 // in the order they happened
	byID     map[string]*deed
	byKey    map[string]string // handle + key -> id
	frozen   time.Time
	last     time.Time
	seq      int
	faults   []*Fault
	calls    map[Call]int
	uploads  int
	loose    map[string]bool // files that were brought, by id
	attempts []network.Outgoing
	streams  map[chan network.Bell]*fakeAccount
	broken   chan struct{}
}

type fakeAccount struct {
	handle   string
	password string
}

type fakeToken struct {
	handle  string
	expired bool
}

// deed is anything an account did, as the server keeps it.
type deed struct {
	id, what   string // what: "post", "like", "share", "follow"
	seq        int
	author     string
	parent     string
	root       string
	quote      string
	thread     string
	to         []string // handles named
	text       string
	warning    string
	language   string
	visibility network.Visibility
	media      []network.Media
	files      []string // ids of media
	views      *int     // nil: not told
	at, edited time.Time
	gone       bool
	standing   network.Standing
}

// NewFake makes an empty network.
func NewFake(o FakeOptions) *Fake {
	if o.Network == "" {
		o.Network = "fake"
	}
	if o.URL == "" {
		o.URL = "https://fake.example"
	}
	if o.Join == "" {
		o.Join = network.JoinAppPassword
	}
	if o.Safety == "" {
		o.Safety = network.SafeByReadBack
	}
	if o.PageSize == 0 {
		o.PageSize = 20
	}
	if o.Characters == 0 {
		o.Characters = 300
	}
	if o.ImageBytes == 0 {
		o.ImageBytes = 1 << 20
	}
	if o.MIMETypes == nil {
		o.MIMETypes = []string{"image/png", "image/jpeg", "image/webp", "image/gif", "video/mp4"}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Fake{
		opts:     o,
		accounts: map[string]*fakeAccount{},
		tokens:   map[string]*fakeToken{},
		refresh:  map[string]string{},
		codes:    map[string]string{},
		byID:     map[string]*deed{},
		byKey:    map[string]string{},
		calls:    map[Call]int{},
		loose:    map[string]bool{},
		streams:  map[chan network.Bell]*fakeAccount{},
		broken:   make(chan struct{}),
	}
}

// Server is what Discover finds.
func (f *Fake) Server() network.Server {
	return network.Server{Network: f.opts.Network, URL: f.opts.URL, Title: "Fake", Software: "fake", Version: "1.0.0", Join: f.opts.Join}
}

// AppPassword is what Login accepts for every account.
const AppPassword = "app-pass-word-1234"

// account makes the account when there is none yet. The lock is held.
func (f *Fake) account(handle string) *fakeAccount {
	a, ok := f.accounts[handle]
	if !ok {
		a = &fakeAccount{handle: handle, password: AppPassword}
		f.accounts[handle] = a
	}
	return a
}

// Join makes an account, when there is none yet, and gives fresh credentials for it.
func (f *Fake) Join(handle string) network.Credentials {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.account(handle)
	return f.issue(handle)
}

// issue gives new tokens. The lock is held.
func (f *Fake) issue(handle string) network.Credentials {
	f.seq++
	access, refresh := fmt.Sprintf("access-%s-%d", handle, f.seq), fmt.Sprintf("refresh-%s-%d", handle, f.seq)
	f.tokens[access] = &fakeToken{handle: handle}
	f.refresh[refresh] = handle
	return network.Credentials{
		ServerURL: f.opts.URL, AccessToken: access, RefreshToken: refresh,
		Scopes: []string{"read", "write"}, Extra: map[string]string{"handle": handle},
	}
}

// Code gives the code with which the person's browser would come back after saying yes as handle.
func (f *Fake) Code(handle string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.account(handle)
	f.seq++
	code := fmt.Sprintf("code-%d", f.seq)
	f.codes[code] = handle
	return code
}

// Revoke makes every token of an account worthless, as when the person removes Ponte there.
func (f *Fake) Revoke(handle string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for k, t := range f.tokens {
		if t.handle == handle {
			delete(f.tokens, k)
		}
	}
	for k, h := range f.refresh {
		if h == handle {
			delete(f.refresh, k)
		}
	}
}

// Expire ends the access tokens of an account; its refresh tokens stay good.
func (f *Fake) Expire(handle string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, t := range f.tokens {
		if t.handle == handle {
			t.expired = true
		}
	}
}

// Freeze gives everything that happens from now on the same time, until it is called with the zero time.
func (f *Fake) Freeze(at time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.frozen = at
}

// BreakStreams ends every open stream, as when the server restarts.
func (f *Fake) BreakStreams() {
	f.mu.Lock()
	defer f.mu.Unlock()
	close(f.broken)
	f.broken = make(chan struct{})
}

// Streams counts the open streams.
func (f *Fake) Streams() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.streams)
}

// Calls counts how often a method was called, refused calls too.
func (f *Fake) Calls(c Call) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls[c]
}

// Attempts lists what was given to Publish, in order, whatever became of it.
func (f *Fake) Attempts() []network.Outgoing {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.attempts)
}

// Standing lists what an account wrote and what still stands there, oldest first: the proof of "exactly once".
func (f *Fake) Standing(handle string) []network.Item {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []network.Item
	for _, d := range f.deeds {
		if d.author == handle && d.what == "post" && !d.gone {
			out = append(out, f.item(d, handle))
		}
	}
	return out
}

// now gives the time of the next deed. The lock is held.
func (f *Fake) now() time.Time {
	if !f.frozen.IsZero() {
		return f.frozen
	}
	t := f.opts.Now().UTC().Truncate(time.Millisecond)
	// The clock of a server moves on between two posts; a test's clock may stand still.
	if !t.After(f.last) {
		t = f.last.Add(time.Millisecond)
	}
	f.last = t
	return t
}

// record keeps a deed. The lock is held.
func (f *Fake) record(d *deed) *deed {
	f.account(d.author)
	f.seq++
	d.seq = f.seq
	if d.id == "" {
		d.id = fmt.Sprintf("%s-%06d", d.what, d.seq)
	}
	if d.what != "post" {
		d.id = strings.Join([]string{d.what, d.author, d.parent + strings.Join(d.to, "")}, ":")
		if f.byID[d.id] != nil {
			return f.byID[d.id]
		}
	}
	if d.at.IsZero() {
		d.at = f.now()
	}
	if d.visibility == "" {
		d.visibility = network.Public
	}
	if d.what == "post" {
		d.root = d.id
		if p := f.byID[d.parent]; p != nil {
			d.root = p.root
			if d.visibility == network.Direct && p.thread != "" {
				d.thread = p.thread
				// A direct reply reaches whom it answers, named or not.
				d.to = append(d.to, p.author)
			}
		}
		d.to = append(d.to, f.named(d.text)...)
		slices.Sort(d.to)
		d.to = slices.DeleteFunc(slices.Compact(d.to), func(h string) bool { return h == d.author })
		if d.visibility == network.Direct && d.thread == "" {
			who := append([]string{d.author}, d.to...)
			slices.Sort(who)
			d.thread = "conversation:" + strings.Join(who, "+")
		}
	}
	f.deeds = append(f.deeds, d)
	f.byID[d.id] = d
	f.ring(d, network.Bell{})
	return d
}

var fakeMention = regexp.MustCompile(`@([\pL\pN_][\pL\pN_.@-]*[\pL\pN_])`)

// named gives the known accounts that a text names.
func (f *Fake) named(text string) []string {
	var out []string
	for _, m := range fakeMention.FindAllStringSubmatch(text, -1) {
		if _, ok := f.accounts[m[1]]; ok {
			out = append(out, m[1])
		}
	}
	return out
}

// ring wakes the streams of all whom a deed concerns. The lock is held.
func (f *Fake) ring(d *deed, b network.Bell) {
	for ch, a := range f.streams {
		if f.concerns(d, a.handle) {
			select {
			case ch <- b:
			default:
			}
		}
	}
}

// concerns tells whether an account is shown a deed. The lock is held.
func (f *Fake) concerns(d *deed, viewer string) bool {
	if d.author == viewer || slices.Contains(d.to, viewer) {
		return true
	}
	if d.visibility == network.Direct {
		return false
	}
	for _, id := range []string{d.parent, d.root, d.quote} {
		if p := f.byID[id]; p != nil && p != d && p.author == viewer {
			return true
		}
	}
	return false
}

// visible tells whether an account may read a deed. The lock is held.
func (f *Fake) visible(d *deed, viewer string) bool {
	return d.visibility != network.Direct || d.author == viewer || slices.Contains(d.to, viewer)
}

func (f *Fake) author(handle string) network.Author {
	name, _, _ := strings.Cut(handle, "@")
	return network.Author{RemoteID: "account:" + handle, Handle: handle, Name: name, URL: f.opts.URL + "/@" + handle}
}

// item shows a deed to an account. The lock is held.
func (f *Fake) item(d *deed, viewer string) network.Item {
	it := network.Item{
		RemoteID: d.id, Mine: d.author == viewer, Author: f.author(d.author), ParentID: d.parent,
		ThreadKey: d.thread, Text: d.text, Warning: d.warning, Language: d.language, Visibility: d.visibility,
		Media: slices.Clone(d.media), URL: f.opts.URL + "/" + d.id, At: d.at, EditedAt: d.edited,
	}
	for _, h := range d.to {
		it.Mentions = append(it.Mentions, f.author(h))
	}
	mine := func(id string) bool { p := f.byID[id]; return p != nil && p != d && p.author == viewer }
	switch {
	case d.what == "like":
		it.Kind = network.KindLike
	case d.what == "share":
		it.Kind = network.KindShare
	case d.what == "follow":
		it.Kind, it.Mentions = network.KindFollow, nil
	case d.visibility == network.Direct:
		it.Kind, it.RootID = network.KindMessage, d.root
	case d.quote != "":
		it.Kind, it.RootID, it.ParentID = network.KindQuote, d.root, d.quote
	case it.Mine && d.parent != "", mine(d.parent), mine(d.root):
		it.Kind, it.RootID = network.KindReply, d.root
	case slices.Contains(d.to, viewer):
		it.Kind, it.RootID = network.KindMention, d.root
	case d.parent != "":
		it.Kind, it.RootID = network.KindReply, d.root
	default:
		it.Kind, it.RootID = network.KindPost, d.root
	}
	it.Version, it.Standing = d.version(), d.standing
	if f.opts.Moderate && !it.Mine && it.Standing == "" && it.Kind.Speaks() {
		it.Standing = network.Held
	}
	if d.gone {
		it = network.Item{RemoteID: d.id, Kind: it.Kind, Mine: it.Mine, Deleted: true, Version: "gone"}
	}
	return it
}

func (d *deed) version() string {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q %d", d.text, d.warning, d.edited.UnixMicro())
	for _, m := range d.media {
		fmt.Fprintf(h, " %q", m.Alt)
	}
	if d.standing != "" {
		fmt.Fprintf(h, " %s", d.standing)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// lookup gives a deed that stands. The lock is held.
func (f *Fake) lookup(id string) (*deed, error) {
	d := f.byID[id]
	if d == nil || d.gone {
		return nil, fmt.Errorf("networktest: nothing stands at %q", id)
	}
	return d, nil
}

// Stranger gives an account outside that acts. me is the handle of the account it acts towards.
func (f *Fake) Stranger(handle, me string) *FakeStranger {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.account(handle)
	f.account(me)
	return &FakeStranger{f: f, handle: handle, me: me}
}

// FakeStranger is an account outside on a Fake.
type FakeStranger struct {
	f          *Fake
	handle, me string
}

var _ Stranger = (*FakeStranger)(nil)

func (s *FakeStranger) do(d *deed) (string, error) {
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	d.author = s.handle
	for _, id := range []string{d.parent, d.quote} {
		if id != "" {
			if _, err := s.f.lookup(id); err != nil {
				return "", err
			}
		}
	}
	return s.f.record(d).id, nil
}

// Handle is the stranger's own.
func (s *FakeStranger) Handle() string { return s.handle }

// Post writes something that has nothing to do with us.
func (s *FakeStranger) Post(_ context.Context, text string) (string, error) {
	return s.do(&deed{what: "post", text: text})
}

// Reply implements Stranger.
func (s *FakeStranger) Reply(_ context.Context, to, text string) (string, error) {
	s.f.mu.Lock()
	v := network.Public
	if p := s.f.byID[to]; p != nil {
		v = p.visibility
	}
	s.f.mu.Unlock()
	return s.do(&deed{what: "post", parent: to, text: text, visibility: v})
}

// Mention implements Stranger.
func (s *FakeStranger) Mention(_ context.Context, text string) (string, error) {
	return s.do(&deed{what: "post", text: "@" + s.me + " " + text, to: []string{s.me}})
}

// Message implements Stranger.
func (s *FakeStranger) Message(_ context.Context, text string) (string, error) {
	return s.do(&deed{what: "post", text: text, to: []string{s.me}, visibility: network.Direct})
}

// PostWithMedia implements Stranger.
func (s *FakeStranger) PostWithMedia(_ context.Context, text, alt string) (string, error) {
	m := network.Media{Kind: network.Image, URL: s.f.opts.URL + "/media/1.png", PreviewURL: s.f.opts.URL + "/media/1-small.png", Alt: alt, Width: 64, Height: 48}
	return s.do(&deed{what: "post", text: "@" + s.me + " " + text, to: []string{s.me}, media: []network.Media{m}})
}

// Quote shows something of ours with words of its own.
func (s *FakeStranger) Quote(_ context.Context, id, text string) (string, error) {
	return s.do(&deed{what: "post", quote: id, text: text})
}

// Like implements Stranger.
func (s *FakeStranger) Like(_ context.Context, id string) error {
	_, err := s.do(&deed{what: "like", parent: id})
	return err
}

// Share shows something of ours to the stranger's followers.
func (s *FakeStranger) Share(_ context.Context, id string) error {
	_, err := s.do(&deed{what: "share", parent: id})
	return err
}

// Follow implements Stranger.
func (s *FakeStranger) Follow(context.Context) error {
	_, err := s.do(&deed{what: "follow", to: []string{s.me}})
	return err
}

// FollowWho follows another account than ours.
func (s *FakeStranger) FollowWho(handle string) error {
	_, err := s.do(&deed{what: "follow", to: []string{handle}})
	return err
}

// Edit implements Stranger.
func (s *FakeStranger) Edit(_ context.Context, id, text string) error {
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	d, err := s.f.lookup(id)
	if err != nil {
		return err
	}
	d.text, d.edited = text, s.f.now()
	s.f.ring(d, network.Bell{RemoteIDs: []string{id}})
	return nil
}

// Delete implements Stranger.
func (s *FakeStranger) Delete(_ context.Context, id string) error {
	s.f.mu.Lock()
	defer s.f.mu.Unlock()
	d, err := s.f.lookup(id)
	if err != nil {
		return err
	}
	d.gone = true
	s.f.ring(d, network.Bell{RemoteIDs: []string{id}})
	return nil
}
