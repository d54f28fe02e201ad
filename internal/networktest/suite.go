package networktest

import (
	"bytes"
	"context"
	"crypto/rand"
	"image"
	"image/color"
	"image/png"
	"io"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
)

// Stranger is another account on the same network, acting towards ours. What the network does not have gives
// errors.ErrUnsupported.
type Stranger interface {
	// Handle is the stranger's own, as items show it.
	Handle() string
	// Reply answers something in public, or privately when it is private.
	Reply(ctx context.Context, remoteID, text string) (string, error)
	// Mention writes a post that names us.
	Mention(ctx context.Context, text string) (string, error)
	// Message writes to us privately.
	Message(ctx context.Context, text string) (string, error)
	// PostWithMedia writes a post that names us and carries a picture.
	PostWithMedia(ctx context.Context, text, alt string) (string, error)
	Like(ctx context.Context, remoteID string) error
	Follow(ctx context.Context) error
	Edit(ctx context.Context, remoteID, text string) error
	Delete(ctx context.Context, remoteID string) error
}

// Fixture is a network to check.
type Fixture struct {
	Connector network.Connector
	Address   string // what a person would type to find the server
	// Join gives credentials of our account; each call may give the same ones or new ones.
	Join     func(ctx context.Context) (network.Credentials, error)
	Stranger Stranger
	// Comments says that people cannot name us or follow us there, only comment on what stands on our own place: Mention
	// leaves a comment then, and reactions, mentions and warnings are not expected.
	Comments bool
	// Patience is how long what was done may take to show; 5 seconds when zero.
	Patience time.Duration
	// Many is how many items the paging is checked with, of ours and of the stranger each; 30 when zero.
	Many int
}

// Run checks that a connector keeps every promise of the contract on the network of the fixture.
func Run(t *testing.T, x Fixture) {
	if x.Patience == 0 {
		x.Patience = 5 * time.Second
	}
	if x.Many == 0 {
		x.Many = 30
	}
	s := &suite{Fixture: x}
	cr, err := x.Join(t.Context())
	if err != nil {
		t.Fatalf("Join: %v", err)
	}
	s.credentials = cr
	s.self, err = s.open(t).Probe(t.Context())
	if err != nil {
		t.Fatalf("Probe: %v", err)
	}
	t.Run("discover", s.discover)
	t.Run("discover what is something else", s.discoverOther)
	t.Run("probe", s.probe)
	t.Run("limits", s.limits)
	t.Run("traits", s.traits)
	t.Run("publish", s.publish)
	t.Run("publish a reply", s.publishReply)
	t.Run("publish with a picture", s.publishMedia)
	t.Run("publish to something gone", s.publishGone)
	t.Run("find", s.find)
	t.Run("the same key twice", s.sameKey)
	t.Run("measure", s.measure)
	t.Run("fetch replies and mentions", s.fetchSpeech)
	t.Run("fetch likes and follows", s.fetchSilent)
	t.Run("fetch private messages", s.fetchMessages)
	t.Run("fetch pictures", s.fetchMedia)
	t.Run("fetch loses nothing", s.fetchAll)
	t.Run("thread", s.thread)
	t.Run("edits and deletions", s.refresh)
	t.Run("delete twice", s.deleteTwice)
	t.Run("publish with facets and a card", s.publishFacets)
	t.Run("counts", s.counts)
	t.Run("lists of people", s.people)
	t.Run("edit", s.edit)
	t.Run("edit what cannot be edited", s.editRefused)
	t.Run("listen", s.listen)
	t.Run("a bad token", s.badToken)
	t.Run("a call that is given up", s.cancelled)
}

type suite struct {
	Fixture
	credentials network.Credentials
	self        network.Account
}

// open gives a fresh client, as after a restart. Renewed credentials are kept for the next one.
func (s *suite) open(t *testing.T) network.Client {
	t.Helper()
	return s.Connector.Open(s.credentials, func(_ context.Context, c network.Credentials) error {
		if c.AccessToken == "" {
			t.Error("credentials without an access token were saved")
		}
		s.credentials = c
		return nil
	})
}

// unique marks a text so that it is found again among others.
func unique(what string) string { return what + " " + rand.Text()[:12] }

func (s *suite) outgoing(text string) network.Outgoing {
	return network.Outgoing{
		Key: rand.Text(), PreparedAt: time.Now().UTC().Truncate(time.Microsecond), Text: text,
		Visibility: network.Public, Language: "en",
	}
}

func (s *suite) mustPublish(t *testing.T, m network.Outgoing) network.Receipt {
	t.Helper()
	r, err := s.open(t).Publish(t.Context(), m)
	if err != nil {
		t.Fatalf("Publish: %v", err)
	}
	if r.RemoteID == "" {
		t.Fatal("Publish gave no remote id")
	}
	return r
}

// reader reads as the room does: with an opaque cursor, from a fresh client each time, folding by RemoteID.
type reader struct {
	s      *suite
	cursor string
	items  map[string]network.Item
	pages  int
}

func (s *suite) reader() *reader { return &reader{s: s, items: map[string]network.Item{}} }

// all reads until there is no more.
func (r *reader) all(t *testing.T) {
	t.Helper()
	for range 500 {
		p, err := r.s.open(t).Fetch(t.Context(), r.cursor)
		if err != nil {
			t.Fatalf("Fetch after %d pages: %v", r.pages, err)
		}
		r.pages++
		r.cursor = p.Cursor
		if p.Cursor == "" {
			t.Fatal("Fetch gave an empty cursor: it would begin again for ever")
		}
		for _, it := range p.Items {
			r.check(t, it)
			r.items[it.RemoteID] = it
		}
		if !p.More {
			return
		}
	}
	t.Fatal("Fetch says for ever that there is more")
}

// check looks at what every item must have.
func (r *reader) check(t *testing.T, it network.Item) {
	t.Helper()
	switch {
	case it.RemoteID == "":
		t.Errorf("an item without a remote id: %+v", it)
	case it.Kind == "" && !it.Deleted:
		t.Errorf("item %s has no kind", it.RemoteID)
	case it.At.IsZero() && !it.Deleted:
		t.Errorf("item %s has no time", it.RemoteID)
	case it.Version == "" && it.Kind.Speaks():
		t.Errorf("item %s has no version", it.RemoteID)
	case it.Author.RemoteID == "" && !it.Deleted:
		t.Errorf("item %s has no author", it.RemoteID)
	case it.Mine != (it.Author.RemoteID == r.s.self.RemoteID) && !it.Deleted:
		t.Errorf("item %s by %s: Mine is %v", it.RemoteID, it.Author.Handle, it.Mine)
	}
	if old, ok := r.items[it.RemoteID]; ok && old.Version == it.Version && old.Text != it.Text {
		t.Errorf("item %s changed its text and kept its version", it.RemoteID)
	}
}

// until reads again and again until the item with that id is there.
func (r *reader) until(t *testing.T, id string) network.Item {
	t.Helper()
	var it network.Item
	r.s.eventually(t, "item "+id+" is fetched", func() bool {
		r.all(t)
		var ok bool
		it, ok = r.items[id]
		return ok
	})
	return it
}

// eventually polls until ok, and fails when patience ends.
func (s *suite) eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	end := time.Now().Add(s.Patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s", s.Patience, what)
		}
		<-tick.C
	}
}

// isProblem checks that an error is a Problem of a verdict with words and a remedy.
func isProblem(t *testing.T, err error, v network.Verdict, keys ...string) *network.Problem {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	p, ok := err.(*network.Problem)
	if !ok {
		t.Fatalf("the error is no *Problem but %T: %v", err, err)
	}
	if p.Verdict != v {
		t.Errorf("verdict %q, want %q: %v", p.Verdict, v, p)
	}
	for _, k := range keys {
		if p.Key == k {
			return p
		}
	}
	if len(keys) > 0 {
		t.Errorf("key %q, want one of %q: %v", p.Key, keys, p)
	}
	return p
}

// Picture makes a small PNG to attach.
func Picture(name, alt string) network.Upload {
	img := image.NewRGBA(image.Rect(0, 0, 64, 48))
	for x := range 64 {
		for y := range 48 {
			img.Set(x, y, color.RGBA{uint8(x * 4), uint8(y * 5), 128, 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err) // an encoder in memory that fails is a defect of the test
	}
	data := b.Bytes()
	return network.Upload{
		Name: name, MIME: "image/png", Alt: alt, Size: int64(len(data)), Width: 64, Height: 48,
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil },
	}
}
