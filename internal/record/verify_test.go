package record_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/merkle"
	"github.com/ponte-desk/ponte/internal/record"
)

const origin = "arno.example/ceramiche"

// house writes a record as a company does, and keeps its parts by their paths.
type house struct {
	secret, verifier string
	head             merkle.Head
	leaves           [][]byte
	tally            record.Tally
	memory           record.Memory
	parts            map[string][]byte
}

func newHouse(t testing.TB) *house {
	t.Helper()
	secret, verifier, err := merkle.NewKey(origin)
	if err != nil {
		t.Fatal(err)
	}
	return &house{secret: secret, verifier: verifier, head: merkle.Empty(), memory: record.NewMemory(), parts: map[string][]byte{record.KeyPath: []byte(verifier + "\n")}}
}

func (h *house) Tile(_ context.Context, level int, n int64, width int) ([]byte, error) {
	return h.parts[merkle.Path{Level: level, N: n, Width: width}.String()], nil
}

func (h *house) Entries(_ context.Context, n int64, width int) ([]byte, error) {
	return h.parts[merkle.Path{Entries: true, N: n, Width: width}.String()], nil
}

// raw appends leaves as they are, whatever they say.
func (h *house) raw(t testing.TB, leaves ...[]byte) {
	t.Helper()
	head, tiles, bundles, err := merkle.Append(t.Context(), h.head, h, leaves)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range tiles {
		h.parts[merkle.Path{Level: x.Level, N: x.N, Width: x.Width}.String()] = x.Body
	}
	for _, x := range bundles {
		h.parts[merkle.Path{Entries: true, N: x.N, Width: x.Width}.String()] = x.Body
	}
	h.head = head
	h.leaves = append(h.leaves, leaves...)
	h.publish(t)
}

// write appends leaves and counts them.
func (h *house) write(t testing.TB, leaves ...record.Leaf) {
	t.Helper()
	var raw [][]byte
	for _, l := range leaves {
		if err := h.tally.Add(t.Context(), h.memory, l); err != nil {
			t.Fatalf("%v: %v", l, err)
		}
		b, err := l.Encode()
		if err != nil {
			t.Fatal(err)
		}
		raw = append(raw, b)
	}
	h.raw(t, raw...)
}

// publish signs the head and writes the figures.
func (h *house) publish(t testing.TB) {
	t.Helper()
	c, err := merkle.Sign(h.head, origin, h.secret)
	if err != nil {
		t.Fatal(err)
	}
	h.parts[record.CheckpointPath] = c
	h.figures(t, h.tally.Figures())
}

func (h *house) figures(t testing.TB, f record.Figures) {
	t.Helper()
	b, err := record.PublicFigures{Origin: origin, Head: h.head, Figures: f}.Encode()
	if err != nil {
		t.Fatal(err)
	}
	h.parts[record.FiguresPath] = b
}

// story is a record in which everything happens, of n leaves.
func story(n int) (all []record.Leaf) {
	for l := range told() {
		if len(all) == n {
			break
		}
		all = append(all, l)
	}
	return all
}

// told is a record in which everything happens, without an end.
func told() iter.Seq[record.Leaf] {
	return func(yield func(record.Leaf) bool) {
		at := begin
		for i := 0; ; i++ {
			at = at.Add(time.Duration(i%3) * time.Hour)
			for _, l := range happens(i, at) {
				if !yield(l) {
					return
				}
			}
		}
	}
}

// happens is what happens to one criticism.
func happens(i int, at time.Time) (all []record.Leaf) {
	who := handle(1_000_000 + i)
	matter, entry, word := handle(2_000_000+i/8), handle(3_000_000+i/8), handle(4_000_000+i)
	heard := record.Heard
	if i%11 == 5 {
		heard = record.Undecided
	}
	all = append(all, record.Leaf{Kind: heard, At: at, Subject: who, Said: at.Add(-time.Hour), Commit: record.Commit([]byte{1}, record.OfAddress, fmt.Sprint(i))})
	if heard == record.Undecided {
		return all
	}
	if i%7 == 3 {
		all = append(all, record.Leaf{Kind: record.Dismissed, At: at, Subject: who, Reason: record.Reasons[i%len(record.Reasons)]})
		return all
	}
	if i%3 > 0 {
		all = append(all, record.Leaf{Kind: record.Answered, At: at, Subject: who, Minutes: i % 500})
	}
	if i%2 == 0 {
		all = append(all, record.Leaf{Kind: record.Accepted, At: at, Subject: who, Of: matter})
	}
	if i%8 == 6 && i%16 != 6 {
		all = append(all,
			record.Leaf{Kind: record.Published, At: at, Subject: entry, Of: matter, Commit: record.Commit([]byte{1}, record.OfEntry, "x")},
			record.Leaf{Kind: record.Effect, At: at, Subject: entry, Outcome: record.Outcomes[i/8%4], Before: record.Count{People: 9, Days: 30}, After: record.Count{People: 1, Days: 30}},
			record.Leaf{Kind: record.Confirmed, At: at, Subject: who, Outcome: []record.Outcome{record.Worked, record.NotWorked}[i/8%2]},
		)
	}
	if i%16 == 6 {
		all = append(all, record.Leaf{Kind: record.Declined, At: at, Subject: matter, Commit: record.Commit([]byte{1}, record.OfReason, "x")})
	}
	if i%5 == 0 {
		all = append(all, record.Leaf{Kind: record.Promised, At: at, Subject: word, Due: record.Day(at).AddDate(0, 0, 3)})
		if i%2 == 0 {
			all = append(all, record.Leaf{Kind: record.Broken, At: at, Subject: word})
		}
		all = append(all, record.Leaf{Kind: record.Kept, At: at, Subject: word})
	}
	if i%13 == 0 {
		all = append(all, record.Leaf{Kind: record.Erased, At: at, Subject: who})
	}
	return all
}

// founded is a house with a story of n leaves.
func founded(t testing.TB, n int) *house {
	t.Helper()
	h := newHouse(t)
	h.write(t, story(n)...)
	return h
}

func (h *house) handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, ok := strings.CutPrefix(r.URL.Path, "/record/")
		b, there := h.parts[p]
		if !ok || !there {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(b)
	})
}

func (h *house) serve(t testing.TB) record.Source {
	t.Helper()
	s := httptest.NewServer(h.handler())
	t.Cleanup(s.Close)
	return web(t, s.URL+"/record")
}

func web(t testing.TB, address string) record.Source {
	t.Helper()
	from, err := record.Web(http.DefaultClient, address)
	if err != nil {
		t.Fatal(err)
	}
	return from
}

// save writes the parts into a folder, as they are.
func (h *house) save(t testing.TB) record.Source {
	t.Helper()
	dir := t.TempDir()
	for p, b := range h.parts {
		file := filepath.Join(dir, filepath.FromSlash(p))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return record.Folder(dir)
}

func keys(r record.Report) (all []string) {
	for _, f := range r.Findings {
		if f.Grave {
			all = append(all, f.Key)
		}
	}
	return all
}

// found verifies a record as it is served and as it lies in a folder, which must come to the same.
func (h *house) found(t *testing.T, o record.Options) record.Report {
	t.Helper()
	o.VerifierKey = h.verifier
	return h.as(t, o)
}

func (h *house) as(t *testing.T, o record.Options) record.Report {
	t.Helper()
	o.Patience = time.Nanosecond
	served, err := record.Verify(t.Context(), h.serve(t), o)
	if err != nil {
		t.Fatal(err)
	}
	saved, err := record.Verify(t.Context(), h.save(t), o)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(served.Findings, saved.Findings); diff != "" {
		t.Fatal("served (-) and saved (+) differ:\n" + diff)
	}
	return served
}

// finds wants just these findings that something does not hold.
func finds(t *testing.T, r record.Report, want ...string) {
	t.Helper()
	got := slices.Compact(keys(r))
	if !slices.Equal(got, want) || r.Good() != (len(want) == 0) {
		t.Errorf("found %v, wanted %v (good: %t)", got, want, r.Good())
		for _, f := range r.Findings {
			t.Log(f)
		}
	}
}

// where gives the leaf of the first finding of a key, -2 when there is none.
func where(r record.Report, key string) int64 {
	for _, f := range r.Findings {
		if f.Key == key {
			return f.Leaf
		}
	}
	return -2
}

func bundle(n int64, width int) string {
	return merkle.Path{Entries: true, N: n, Width: width}.String()
}

func tile(level int, n int64, width int) string {
	return merkle.Path{Level: level, N: n, Width: width}.String()
}

// rebundle changes the leaves of a bundle.
func (h *house) rebundle(t *testing.T, path string, width int, change func([][]byte) [][]byte) {
	t.Helper()
	leaves, err := merkle.ParseBundle(h.parts[path], width)
	if err != nil {
		t.Fatal(err)
	}
	var b []byte
	for _, l := range change(leaves) {
		b = append(append(b, byte(len(l)>>8), byte(len(l))), l...)
	}
	h.parts[path] = b
}

func TestAnHonestRecordHolds(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, 255, 256, 257, 600, 1024} {
		h := founded(t, n)
		r := h.found(t, record.Options{})
		finds(t, r)
		if r.Origin != origin || r.Head != h.head || !r.Signed || !r.KeyGiven || r.Read != int64(n) || r.Figures != h.tally.Figures() || r.Public.Figures != r.Figures {
			t.Errorf("%d leaves: %+v", n, r)
		}
		if !r.Since.Equal(begin) || r.Last.Before(begin) || r.Tiles < 1 {
			t.Errorf("%d leaves: %+v", n, r)
		}
	}
	h := newHouse(t)
	h.publish(t)
	finds(t, h.found(t, record.Options{}))
	// Deep enough for tiles of tiles.
	h = founded(t, 66_000)
	finds(t, h.found(t, record.Options{}))
	h.parts[tile(1, 0, 256)] = bytes.Clone(h.parts[tile(1, 0, 256)])
	h.parts[tile(1, 0, 256)][77] ^= 1
	r := h.found(t, record.Options{})
	finds(t, r, "record.finding.tile")
	if where(r, "record.finding.tile") != 0 || r.Findings[0].Args["last"] != int64(65535) || r.Findings[0].Args["level"] != 1 {
		t.Errorf("%+v", r.Findings)
	}
}

func TestItGrewOutOfWhatWasSaved(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	all := story(700)
	var heads [][]byte
	var plain []string
	for _, cut := range []int{0, 1, 100, 256, 300, 512, 699, 700} {
		h.write(t, all[len(h.leaves):cut]...)
		if cut == 0 {
			h.publish(t)
		}
		heads = append(heads, h.parts[record.CheckpointPath])
		plain = append(plain, strings.TrimSpace(merkle.Text(h.head, origin)))
	}
	for i := range heads {
		r := h.found(t, record.Options{SavedHead: heads[i]})
		finds(t, r)
		if r.Saved == nil {
			t.Error("it was not compared")
		}
		finds(t, h.found(t, record.Options{SavedHead: []byte(plain[i])}))
	}
}

func TestPromisesThatNobodyMentionsAnyMore(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	day := record.Day(begin)
	h.write(t,
		record.Leaf{Kind: record.Promised, At: begin, Subject: handle(1), Due: day.AddDate(0, 0, 3)},
		record.Leaf{Kind: record.Promised, At: begin, Subject: handle(2), Due: day.AddDate(0, 0, 4)},
		record.Leaf{Kind: record.Kept, At: begin, Subject: handle(1)},
	)
	due := day.AddDate(0, 0, 4)
	for now, want := range map[time.Time]int64{
		due.Add(83 * time.Hour): -2,
		due.Add(85 * time.Hour): 1,
		{}:                      -2,
	} {
		r := h.found(t, record.Options{Now: now})
		finds(t, r)
		if got := where(r, "record.finding.promise_silent"); got != want {
			t.Errorf("%v: leaf %d", now, got)
		}
	}
}

func TestFindingsDoNotFloodTheReport(t *testing.T) {
	t.Parallel()
	h := founded(t, 600)
	for _, p := range []string{tile(0, 0, 256), tile(0, 1, 256)} {
		h.parts[p] = make([]byte, 256*32)
	}
	r := h.found(t, record.Options{})
	if len(r.Findings) != 100 || r.More != 412 || r.Good() {
		t.Errorf("%d findings and %d more", len(r.Findings), r.More)
	}
}

// What was saved while it was checked can be checked again without the site.
func TestSavingWhatIsRead(t *testing.T) {
	t.Parallel()
	h := founded(t, 600)
	dir := filepath.Join(t.TempDir(), "saved")
	if _, err := record.Verify(t.Context(), record.Saving(h.serve(t), dir), record.Options{}); err != nil {
		t.Fatal(err)
	}
	r, err := record.Verify(t.Context(), record.Folder(dir), record.Options{VerifierKey: h.verifier})
	if err != nil || !r.Good() || r.Read != 600 {
		t.Fatal(r, err)
	}
	for p, b := range h.parts {
		got, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(p)))
		narrower := strings.Contains(p, ".p/") && err != nil // of when the record was shorter
		if !narrower && !bytes.Equal(got, b) {
			t.Errorf("%s was saved otherwise: %v", p, err)
		}
	}
	file := filepath.Join(dir, "not a folder")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := record.Verify(t.Context(), record.Saving(h.serve(t), file), record.Options{}); !errors.Is(err, record.ErrSave) {
		t.Error(err)
	}
}

// A folder is not left, whatever links somebody put in it.
func TestAFolderIsNotLeft(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	out := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(out, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(out, filepath.Join(dir, record.KeyPath)); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, record.CheckpointPath), 0o755); err != nil {
		t.Fatal(err)
	}
	if b, err := record.Folder(dir).Get(t.Context(), record.KeyPath, 100); err == nil {
		t.Errorf("%q", b)
	}
	if _, err := record.Folder(dir).Get(t.Context(), record.CheckpointPath, 100); !errors.Is(err, record.ErrMissing) {
		t.Error(err)
	}
	if _, err := record.Folder(filepath.Join(dir, "nothing")).Get(t.Context(), record.KeyPath, 100); fault.Of(err).Key != "record.folder" {
		t.Error(err)
	}
}

func TestServersThatMisbehave(t *testing.T) {
	t.Parallel()
	h := founded(t, 300)
	inner := h.handler()
	away := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("another host was asked") }))
	t.Cleanup(away.Close)
	var count atomic.Int64
	for name, x := range map[string]struct {
		serve http.HandlerFunc
		want  error
	}{
		"sends on to another server": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, away.URL+r.URL.Path, http.StatusFound)
		}, record.ErrMoved},
		"always fails": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }, record.ErrUnreachable},
		"forbids":      {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }, record.ErrUnreachable},
		"fails in the middle": {func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, "entries/001") {
				w.WriteHeader(http.StatusInternalServerError)
				return
			}
			inner.ServeHTTP(w, r)
		}, record.ErrUnreachable},
		"fails once in three": {func(w http.ResponseWriter, r *http.Request) {
			if count.Add(1)%3 == 1 {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			inner.ServeHTTP(w, r)
		}, nil},
		"sends on within itself": {func(w http.ResponseWriter, r *http.Request) {
			if rest, ok := strings.CutPrefix(r.URL.Path, "/record/x/"); ok {
				r.URL.Path = "/record/" + rest
				inner.ServeHTTP(w, r)
				return
			}
			http.Redirect(w, r, strings.Replace(r.URL.Path, "/record/", "/record/x/", 1), http.StatusFound)
		}, nil},
		"sends on for ever": {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) }, record.ErrMoved},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := httptest.NewServer(x.serve)
			t.Cleanup(s.Close)
			r, err := record.Verify(t.Context(), web(t, s.URL+"/record/"), record.Options{VerifierKey: h.verifier})
			if !errors.Is(err, x.want) || x.want == nil && !r.Good() {
				t.Errorf("%v, %v", err, r.Findings)
			}
		})
	}
	closed := httptest.NewServer(inner)
	closed.Close()
	if _, err := record.Verify(t.Context(), web(t, closed.URL+"/record"), record.Options{}); !errors.Is(err, record.ErrUnreachable) {
		t.Error(err)
	}
	for _, bad := range []string{"", "x", "ftp://x.example/record", "https://"} {
		if _, err := record.Web(http.DefaultClient, bad); !errors.Is(err, record.ErrAddress) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// A record that grows while it is read is checked as it was when its head was read.
func TestARecordThatGrowsMeanwhile(t *testing.T) {
	t.Parallel()
	h := founded(t, 500)
	old := maps.Clone(h.parts)
	h.write(t, story(600)[500:]...)
	// The server has only what is there now; what was partial is full.
	for p := range h.parts {
		if strings.Contains(p, ".p/") && h.parts[strings.Split(p, ".p/")[0]] != nil {
			delete(h.parts, p)
		}
	}
	h.parts[record.CheckpointPath], h.parts[record.FiguresPath] = old[record.CheckpointPath], old[record.FiguresPath]
	r := h.found(t, record.Options{})
	finds(t, r)
	if r.Read != 500 {
		t.Errorf("%d leaves", r.Read)
	}
	// Head and figures that are not of one moment are read again.
	var asked atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/record/"+record.FiguresPath && asked.Add(1) == 1 {
			b := bytes.Replace(old[record.FiguresPath], []byte(`"size": 500`), []byte(`"size": 499`), 1)
			_, _ = w.Write(b)
			return
		}
		h.handler().ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	r, err := record.Verify(t.Context(), web(t, s.URL+"/record"), record.Options{VerifierKey: h.verifier, Patience: time.Nanosecond})
	if err != nil || !r.Good() || asked.Load() != 2 {
		t.Error(r.Findings, err, asked.Load())
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	h := founded(t, 300)
	if _, err := record.Verify(t.Context(), h.serve(t), record.Options{MaxLeaves: 299}); !errors.Is(err, record.ErrLarge) {
		t.Error(err)
	}
	// A head that claims a log without end costs nothing.
	c, err := merkle.Sign(merkle.Head{Size: 1<<63 - 1, Root: h.head.Root}, origin, h.secret)
	if err != nil {
		t.Fatal(err)
	}
	h.parts[record.CheckpointPath] = c
	if _, err := record.Verify(t.Context(), h.serve(t), record.Options{Patience: 1}); !errors.Is(err, record.ErrLarge) {
		t.Error(err)
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(s.Close)
	if _, err := record.Verify(t.Context(), web(t, s.URL+"/record"), record.Options{Within: 50 * time.Millisecond}); !errors.Is(err, record.ErrUnreachable) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := record.Verify(ctx, founded(t, 300).serve(t), record.Options{}); !errors.Is(err, record.ErrUnreachable) {
		t.Error(err)
	}
}

func TestNothingIsLeftRunning(t *testing.T) {
	h := founded(t, 5000)
	from := h.save(t)
	delete(h.parts, bundle(0, 256))
	delete(h.parts, tile(0, 0, 256))
	broken := h.save(t)
	before := runtime.NumGoroutine()
	for _, s := range []record.Source{from, broken} {
		if _, err := record.Verify(t.Context(), s, record.Options{}); err != nil {
			t.Fatal(err)
		}
	}
	// One that has said its last word may still be counted for a moment.
	after := runtime.NumGoroutine()
	for end := time.Now().Add(10 * time.Second); after > before && time.Now().Before(end); after = runtime.NumGoroutine() {
		time.Sleep(10 * time.Millisecond)
	}
	if after > before {
		t.Errorf("%d goroutines, before %d", after, before)
	}
}
