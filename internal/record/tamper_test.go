package record_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/merkle"
	"github.com/ponte-desk/ponte/internal/record"
)

// The tampering, one by one. A company that has the key can sign anything; what it cannot do is make others forget what they saw.

func TestALeafRemoved(t *testing.T) {
	t.Parallel()
	h := founded(t, 600)
	h.rebundle(t, bundle(2, 88), 88, func(ls [][]byte) [][]byte { return slices.Delete(ls, 30, 31) })
	r := h.found(t, record.Options{})
	finds(t, r, "record.finding.bundle_shape")
	if where(r, "record.finding.bundle_shape") != 512 || r.Findings[0].Args["last"] != int64(599) {
		t.Errorf("%+v", r.Findings)
	}
	// Closed up, with the last one twice so that the number is right.
	h = founded(t, 600)
	h.rebundle(t, bundle(2, 88), 88, func(ls [][]byte) [][]byte { return append(slices.Delete(slices.Clone(ls), 30, 31), ls[87]) })
	r = h.found(t, record.Options{})
	if where(r, "record.finding.leaf_moved") != 542 || r.Good() {
		t.Errorf("%+v", r.Findings)
	}
	// Removed and signed anew: nothing is wrong with it, except for whoever saved a head.
	all := story(600)
	drop := slices.IndexFunc(all, func(l record.Leaf) bool { return l.Kind == record.Undecided })
	honest, other := founded(t, 600), newHouse(t)
	other.secret, other.verifier, other.parts[record.KeyPath] = honest.secret, honest.verifier, honest.parts[record.KeyPath]
	other.write(t, slices.Delete(slices.Clone(all), drop, drop+1)...)
	finds(t, other.found(t, record.Options{}))
	finds(t, other.found(t, record.Options{SavedHead: honest.parts[record.CheckpointPath]}), "record.finding.rolled_back")
	other.write(t, record.Leaf{Kind: record.Heard, At: all[599].At, Subject: handle(5), Said: begin, Commit: make([]byte, 32)})
	finds(t, other.found(t, record.Options{SavedHead: honest.parts[record.CheckpointPath]}), "record.finding.two_histories")
}

func TestALeafAltered(t *testing.T) {
	t.Parallel()
	for at, path := range map[int]string{3: bundle(0, 256), 300: bundle(1, 256), 599: bundle(2, 88)} {
		h := founded(t, 600)
		h.rebundle(t, path, min(256, 600-at/256*256), func(ls [][]byte) [][]byte {
			ls = slices.Clone(ls)
			ls[at%256] = bytes.Replace(ls[at%256], []byte("2026-"), []byte("2025-"), 1)
			return ls
		})
		r := h.found(t, record.Options{})
		if where(r, "record.finding.leaf_altered") != int64(at) || r.Good() {
			t.Errorf("leaf %d: %+v", at, r.Findings)
		}
		for _, f := range r.Findings { // tiles and figures are right, and are not blamed
			if strings.Contains(f.Key, "tile") || strings.Contains(f.Key, "root") || strings.Contains(f.Key, "figure") || r.Against != nil {
				t.Errorf("leaf %d: %+v", at, f)
			}
		}
	}
	// With its hash in the tile changed too: the signed root does not fit any more.
	h := founded(t, 600)
	h.rebundle(t, bundle(1, 256), 256, func(ls [][]byte) [][]byte {
		ls = slices.Clone(ls)
		ls[7] = bytes.Replace(ls[7], []byte("2026-"), []byte("2025-"), 1)
		hash := merkle.LeafHash(ls[7])
		h.parts[tile(0, 1, 256)] = slices.Concat(h.parts[tile(0, 1, 256)][:7*32], hash[:], h.parts[tile(0, 1, 256)][8*32:])
		return ls
	})
	r := h.found(t, record.Options{})
	if !slices.Contains(keys(r), "record.finding.root") || !slices.Contains(keys(r), "record.finding.tile") {
		t.Errorf("%+v", r.Findings)
	}
}

func TestLeavesReordered(t *testing.T) {
	t.Parallel()
	h := founded(t, 600)
	h.rebundle(t, bundle(0, 256), 256, func(ls [][]byte) [][]byte {
		ls = slices.Clone(ls)
		ls[10], ls[200] = ls[200], ls[10]
		return ls
	})
	r := h.found(t, record.Options{})
	if where(r, "record.finding.leaf_moved") != 10 || r.Good() {
		t.Errorf("%+v", r.Findings)
	}
	i := slices.IndexFunc(r.Findings, func(f record.Finding) bool { return f.Key == "record.finding.leaf_moved" })
	if r.Findings[i].Args["place"] != int64(200) || r.Findings[i+1].Args["place"] != int64(10) {
		t.Errorf("%+v", r.Findings)
	}
}

func TestAHeadRolledBack(t *testing.T) {
	t.Parallel()
	h := founded(t, 500)
	old := maps.Clone(h.parts)
	h.write(t, record.Leaf{Kind: record.Heard, At: h.tally.Last(), Subject: handle(5), Said: begin, Commit: make([]byte, 32)})
	saved := h.parts[record.CheckpointPath]
	finds(t, h.found(t, record.Options{SavedHead: saved}))
	h.parts = old
	r := h.found(t, record.Options{SavedHead: saved})
	finds(t, r, "record.finding.rolled_back")
	if r.Findings[0].Args["saved"] != int64(501) || r.Findings[0].Args["size"] != int64(500) {
		t.Errorf("%+v", r.Findings)
	}
}

func TestAFigureChanged(t *testing.T) {
	t.Parallel()
	h := founded(t, 600)
	honest := h.tally.Figures()
	for i, f := range honest.List() {
		h.publish(t)
		text := string(h.parts[record.FiguresPath])
		changed := strings.Replace(text, fmt.Sprintf(`"%s": %d`, f.Name, f.Value), fmt.Sprintf(`"%s": %d`, f.Name, f.Value+1), 1)
		if changed == text {
			t.Fatalf("%s is not in the document", f.Name)
		}
		h.parts[record.FiguresPath] = []byte(changed)
		r := h.found(t, record.Options{})
		finds(t, r, "record.finding.figure")
		if r.Against == nil || *r.Against != honest {
			t.Errorf("counted %+v", r.Against)
		}
		if a := r.Findings[0].Args; a["name"] != honest.List()[i].Name || a["said"] != f.Value+1 || a["counted"] != f.Value {
			t.Errorf("%+v", a)
		}
	}
	changed := honest
	changed.Since = changed.Since.AddDate(-1, 0, 0)
	h.figures(t, changed)
	finds(t, h.found(t, record.Options{}), "record.finding.since")
	// Figures of another moment, of another record, of another form, or none.
	h = founded(t, 500)
	old := h.parts[record.FiguresPath]
	h.write(t, record.Leaf{Kind: record.Heard, At: h.tally.Last(), Subject: handle(5), Said: begin, Commit: make([]byte, 32)})
	fresh := h.parts[record.FiguresPath]
	h.parts[record.FiguresPath] = old
	finds(t, h.found(t, record.Options{}), "record.finding.figures_behind")
	h.parts[record.FiguresPath] = bytes.Replace(fresh, []byte(`"size": 501`), []byte(`"size": 502`), 1)
	finds(t, h.found(t, record.Options{}), "record.finding.figures_ahead")
	h.parts[record.FiguresPath] = bytes.Replace(fresh, []byte(origin), []byte("else.example/x"), 1)
	finds(t, h.found(t, record.Options{}), "record.finding.figures_origin")
	h.parts[record.FiguresPath] = bytes.Replace(fresh, []byte(`"heard"`), []byte(`"hurt"`), 1)
	finds(t, h.found(t, record.Options{}), "record.finding.figures_form")
	h.parts[record.FiguresPath] = bytes.Repeat([]byte{'x'}, record.MaxFigures+1)
	finds(t, h.found(t, record.Options{}), "record.finding.figures_form")
	delete(h.parts, record.FiguresPath)
	finds(t, h.found(t, record.Options{}), "record.finding.figures_missing")
	h.head.Root[0] ^= 1
	h.figures(t, h.tally.Figures())
	h.head.Root[0] ^= 1
	finds(t, h.found(t, record.Options{}), "record.finding.figures_root")
}

// Two people are shown two records of the same length and name, both signed.
func TestTwoHistories(t *testing.T) {
	t.Parallel()
	one := founded(t, 500)
	two := newHouse(t)
	two.secret, two.verifier, two.parts[record.KeyPath] = one.secret, one.verifier, one.parts[record.KeyPath]
	all := story(600)
	i := slices.IndexFunc(all, func(l record.Leaf) bool { return l.Kind == record.Effect })
	all[i].After.People = 0
	two.write(t, all[:500]...)
	saved := one.parts[record.CheckpointPath]
	finds(t, one.found(t, record.Options{SavedHead: saved}))
	finds(t, two.found(t, record.Options{}))
	finds(t, two.found(t, record.Options{SavedHead: saved}), "record.finding.two_histories")
	two.write(t, all[500:]...)
	finds(t, two.found(t, record.Options{SavedHead: saved}), "record.finding.two_histories")
	finds(t, two.found(t, record.Options{SavedHead: []byte(merkle.Text(one.head, origin))}), "record.finding.two_histories")
	// A saved head of another record, or of another key, is said to be one.
	finds(t, two.found(t, record.Options{SavedHead: []byte(merkle.Text(one.head, "else.example/x"))}), "record.finding.other_record")
	three := newHouse(t)
	three.write(t, all[:400]...)
	finds(t, two.found(t, record.Options{SavedHead: three.parts[record.CheckpointPath]}), "record.finding.saved_key")
	if _, err := record.Verify(t.Context(), two.serve(t), record.Options{SavedHead: []byte("x")}); !errors.Is(err, merkle.ErrCheckpoint) {
		t.Error(err)
	}
}

func TestAPartialTileLies(t *testing.T) {
	t.Parallel()
	for path, at := range map[string]int64{tile(0, 2, 88): 512 + 9, tile(0, 1, 256): 256 + 9} {
		h := founded(t, 550)
		saved := h.parts[record.CheckpointPath]
		h.write(t, story(600)[550:]...)
		h.parts[path] = bytes.Clone(h.parts[path])
		h.parts[path][9*32] ^= 1
		// Also against a head saved earlier: the past is not blamed for it.
		r := h.found(t, record.Options{SavedHead: saved})
		finds(t, r, "record.finding.tile")
		if where(r, "record.finding.tile") != at {
			t.Errorf("%+v", r.Findings)
		}
	}
	h := founded(t, 600)
	h.parts[tile(1, 0, 2)] = bytes.Clone(h.parts[tile(1, 0, 2)])
	h.parts[tile(1, 0, 2)][40] ^= 1
	r := h.found(t, record.Options{})
	finds(t, r, "record.finding.tile")
	if r.Findings[0].Args["level"] != 1 || r.Findings[0].Args["last"] != int64(511) {
		t.Errorf("%+v", r.Findings)
	}
	delete(h.parts, tile(1, 0, 2))
	finds(t, h.found(t, record.Options{}), "record.finding.tile_missing")
	h = founded(t, 600)
	delete(h.parts, tile(0, 2, 88))
	finds(t, h.found(t, record.Options{}), "record.finding.tile_missing")
	h = founded(t, 600)
	h.parts[tile(0, 2, 88)] = append(bytes.Clone(h.parts[tile(0, 2, 88)]), 0)
	finds(t, h.found(t, record.Options{}), "record.finding.tile_shape")
}

func TestAWrongKey(t *testing.T) {
	t.Parallel()
	h := founded(t, 300)
	_, other, err := merkle.NewKey(origin)
	if err != nil {
		t.Fatal(err)
	}
	r := h.as(t, record.Options{VerifierKey: other})
	finds(t, r, "record.finding.signature")
	if r.Signed {
		t.Error("it passes for signed")
	}
	_, strange, err := merkle.NewKey("else.example/x")
	if err != nil {
		t.Fatal(err)
	}
	finds(t, h.as(t, record.Options{VerifierKey: strange}), "record.finding.other_key")
	// The key of the site is taken with a remark.
	r = h.as(t, record.Options{})
	finds(t, r)
	if where(r, "record.finding.key_of_site") != -1 || r.KeyGiven || !r.Signed {
		t.Errorf("%+v", r)
	}
	h.parts[record.KeyPath] = []byte(other)
	finds(t, h.as(t, record.Options{}), "record.finding.signature")
	h.parts[record.KeyPath] = []byte("no key")
	finds(t, h.as(t, record.Options{}), "record.finding.no_key")
	delete(h.parts, record.KeyPath)
	finds(t, h.as(t, record.Options{}), "record.finding.no_key")
	if _, err := record.Verify(t.Context(), h.serve(t), record.Options{VerifierKey: "x"}); !errors.Is(err, merkle.ErrKey) {
		t.Error(err)
	}
	// A head that nobody signed, or that is none.
	h.parts[record.CheckpointPath] = []byte(merkle.Text(h.head, origin))
	finds(t, h.found(t, record.Options{}), "record.finding.signature")
	h.parts[record.CheckpointPath] = []byte("hello\n")
	finds(t, h.found(t, record.Options{}), "record.finding.checkpoint")
	delete(h.parts, record.CheckpointPath)
	if _, err := record.Verify(t.Context(), h.serve(t), record.Options{VerifierKey: h.verifier}); !errors.Is(err, record.ErrMissing) {
		t.Error(err)
	}
}

func TestATruncatedBundle(t *testing.T) {
	t.Parallel()
	h := founded(t, 600)
	for _, cut := range []int{1, 2, 100, 5000} {
		b := h.parts[bundle(1, 256)]
		h.parts[bundle(1, 256)] = b[:len(b)-cut]
		r := h.found(t, record.Options{})
		finds(t, r, "record.finding.bundle_shape")
		if where(r, "record.finding.bundle_shape") != 256 || r.Read != 600-256 {
			t.Errorf("%+v", r.Findings)
		}
	}
	delete(h.parts, bundle(1, 256))
	finds(t, h.found(t, record.Options{}), "record.finding.bundle_missing")
	// With the tile gone too there is nothing to go on with.
	delete(h.parts, tile(0, 1, 256))
	r := h.found(t, record.Options{})
	finds(t, r, "record.finding.bundle_missing", "record.finding.tile_missing")
	if r.Read != 256 {
		t.Errorf("%d leaves were read", r.Read)
	}
}

func TestExtraBytes(t *testing.T) {
	t.Parallel()
	for name, add := range map[string][]byte{"a byte": {0}, "a leaf": {0, 1, 'x'}, "far too much": make([]byte, 1<<20)} {
		h := founded(t, 600)
		h.parts[bundle(2, 88)] = append(bytes.Clone(h.parts[bundle(2, 88)]), add...)
		r := h.found(t, record.Options{})
		if got := slices.Compact(keys(r)); !slices.Equal(got, []string{"record.finding.bundle_shape"}) {
			t.Errorf("%s: %v", name, got)
		}
	}
	h := founded(t, 600)
	h.parts[tile(0, 0, 256)] = append(bytes.Clone(h.parts[tile(0, 0, 256)]), make([]byte, 1<<20)...)
	finds(t, h.found(t, record.Options{}), "record.finding.tile_shape")
}

// What a company signs may still say what no record says.
func TestTheGrammarIsKept(t *testing.T) {
	t.Parallel()
	h := founded(t, 300)
	at := h.tally.Last()
	counted := h.tally.Figures()
	enc := func(l record.Leaf) []byte {
		b, err := l.Encode()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	h.raw(t,
		enc(record.Leaf{Kind: record.Answered, At: at, Subject: handle(77), Minutes: 4}),
		[]byte(`{"v":1,"kind":"heard","name":"Ada"}`),
		enc(record.Leaf{Kind: record.Erased, At: begin.Add(-time.Hour), Subject: handle(1_000_000)}),
	)
	h.figures(t, counted)
	r := h.found(t, record.Options{})
	finds(t, r, "record.rule.unknown", "record.finding.leaf_form", "record.rule.time")
	if where(r, "record.rule.unknown") != 300 || where(r, "record.finding.leaf_form") != 301 || where(r, "record.rule.time") != 302 {
		t.Errorf("%+v", r.Findings)
	}
	if r.Read != 302 {
		t.Errorf("%d leaves were read", r.Read)
	}
}
