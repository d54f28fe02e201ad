package merkle_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/merkle"
)

// shelf keeps a log in memory, as a table would: one row for each tile, the last one rewritten.
type shelf struct {
	head    merkle.Head
	tiles   map[[2]int64]merkle.Tile
	bundles map[int64]merkle.Bundle
	reads   int
}

func newShelf() *shelf {
	return &shelf{head: merkle.Empty(), tiles: map[[2]int64]merkle.Tile{}, bundles: map[int64]merkle.Bundle{}}
}

var errGone = fault.New(fault.NotFound, "merkle.range")

func (s *shelf) Tile(_ context.Context, level int, n int64, width int) ([]byte, error) {
	s.reads++
	t, ok := s.tiles[[2]int64{int64(level), n}]
	if !ok || t.Width < width {
		return nil, errGone
	}
	return merkle.CutTile(t.Body, width)
}

func (s *shelf) Entries(_ context.Context, n int64, width int) ([]byte, error) {
	s.reads++
	b, ok := s.bundles[n]
	if !ok || b.Width < width {
		return nil, errGone
	}
	return merkle.CutBundle(b.Body, width)
}

func (s *shelf) append(t testing.TB, leaves ...[]byte) {
	t.Helper()
	head, tiles, bundles, err := merkle.Append(t.Context(), s.head, s, leaves)
	if err != nil {
		t.Fatal(err)
	}
	s.head = head
	for _, x := range tiles {
		s.tiles[[2]int64{int64(x.Level), x.N}] = x
	}
	for _, x := range bundles {
		s.bundles[x.N] = x
	}
}

// leaf makes the leaf of a number; lengths differ.
func leaf(i int) []byte { return []byte(fmt.Sprintf("%d%s", i, bytes.Repeat([]byte{'.'}, i%7))) }

func leaves(from, to int) (all [][]byte) {
	for i := from; i < to; i++ {
		all = append(all, leaf(i))
	}
	return all
}

// plain is RFC 6962 section 2.1, word for word.
func plain(d [][]byte) (h [32]byte) {
	switch n := len(d); n {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return sha256.Sum256(append([]byte{0}, d[0]...))
	default:
		k := 1
		for 2*k < n {
			k *= 2
		}
		l, r := plain(d[:k]), plain(d[k:])
		return sha256.Sum256(slices.Concat([]byte{1}, l[:], r[:]))
	}
}

// theirs is the head that tlog computes with its own storage.
type theirs struct {
	n      int64
	hashes []tlog.Hash
}

func (s *theirs) ReadHashes(at []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(at))
	for i, x := range at {
		out[i] = s.hashes[x]
	}
	return out, nil
}

func (s *theirs) add(t testing.TB, leaf []byte) {
	t.Helper()
	hs, err := tlog.StoredHashes(s.n, leaf, s)
	if err != nil {
		t.Fatal(err)
	}
	s.hashes = append(s.hashes, hs...)
	s.n++
}

func (s *theirs) root(t testing.TB) [32]byte {
	t.Helper()
	h, err := tlog.TreeHash(s.n, s)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// The roots of the first eight trees over the leaves that every implementation of RFC 6962 is tried with.
func TestKnownRoots(t *testing.T) {
	t.Parallel()
	in := []string{
		"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
	}
	want := []string{
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
	}
	s := newShelf()
	for i, w := range want {
		if got := hex.EncodeToString(s.head.Root[:]); got != w || s.head.Size != int64(i) {
			t.Errorf("%d leaves: size %d, root %s", i, s.head.Size, got)
		}
		if i < len(in) {
			b, err := hex.DecodeString(in[i])
			if err != nil {
				t.Fatal(err)
			}
			s.append(t, b)
		}
	}
}

func TestHeadsAreThoseOfOthers(t *testing.T) {
	t.Parallel()
	s, o := newShelf(), &theirs{}
	for n := 0; n <= 700; n++ {
		if s.head.Size != int64(n) || s.head.Root != o.root2(t) || n%37 == 0 && s.head.Root != plain(leaves(0, n)) {
			t.Fatalf("at %d the head is another", n)
		}
		s.append(t, leaf(n))
		o.add(t, leaf(n))
	}
	// Around the places where a tile of the second level becomes full.
	for _, n := range []int{65535, 65536, 65537, 65792, 70000} {
		more := leaves(int(s.head.Size), n)
		s.append(t, more...)
		for _, l := range more {
			o.add(t, l)
		}
		if s.head.Root != o.root(t) {
			t.Fatalf("at %d the head is another", n)
		}
	}
	if s.head.Root != plain(leaves(0, 70000)) {
		t.Fatal("the root is not that of the RFC")
	}
	// The example of the tlog-tiles specification.
	for level, want := range [][2]int{{273, 112}, {1, 17}, {0, 1}} {
		if w := merkle.WidthAt(70000, level, int64(want[0])); w != want[1] {
			t.Errorf("level %d: the last tile is %d wide", level, w)
		}
		if got := s.tiles[[2]int64{int64(level), int64(want[0])}]; got.Width != want[1] {
			t.Errorf("level %d: the last tile is kept %d wide", level, got.Width)
		}
	}
}

func (s *theirs) root2(t testing.TB) [32]byte {
	if s.n == 0 {
		return merkle.EmptyRoot()
	}
	return s.root(t)
}

// Every tile is what the specification says: each hash the root over its part of the leaves.
func TestTilesAreWhatTheyShouldBe(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.append(t, leaves(0, 66_100)...)
	all := leaves(0, 66_100)
	seen := 0
	for key, tile := range s.tiles {
		span := 1 << (8 * key[0])
		for i := range tile.Width {
			if key[0] == 0 && i%17 > 0 {
				continue
			}
			from := (int(tile.N)*256 + i) * span
			if want := plain(all[from : from+span]); !bytes.Equal(want[:], tile.Body[i*32:(i+1)*32]) {
				t.Fatalf("tile %d/%d: hash %d is another", key[0], key[1], i)
			}
			seen++
		}
		if len(tile.Body) != tile.Width*32 || tile.Width != merkle.WidthAt(s.head.Size, tile.Level, tile.N) {
			t.Fatalf("tile %v has %d bytes and the width %d", key, len(tile.Body), tile.Width)
		}
	}
	if len(s.tiles) != 259+2+1 || len(s.bundles) != 259 || seen < 4000 {
		t.Fatalf("%d tiles, %d bundles, %d hashes", len(s.tiles), len(s.bundles), seen)
	}
}

func TestAnySplitGivesTheSame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		n := rapid.IntRange(0, 1500).Draw(r, "leaves")
		whole, parts := newShelf(), newShelf()
		whole.append(t, leaves(0, n)...)
		for at := 0; at < n; {
			step := rapid.IntRange(0, min(n-at, 600)).Draw(r, "batch")
			parts.append(t, leaves(at, at+step)...)
			at += step
		}
		same := func(a, b []byte) bool { return bytes.Equal(a, b) }
		if whole.head != parts.head ||
			!maps.EqualFunc(whole.tiles, parts.tiles, func(a, b merkle.Tile) bool { return a.Width == b.Width && same(a.Body, b.Body) }) ||
			!maps.EqualFunc(whole.bundles, parts.bundles, func(a, b merkle.Bundle) bool { return a.Width == b.Width && same(a.Body, b.Body) }) {
			r.Fatalf("%d leaves in parts are another log", n)
		}
	})
}

// A log that has grown still gives what it was at every earlier size.
func TestNarrowerTilesAreCutFromWiderOnes(t *testing.T) {
	t.Parallel()
	late, early := newShelf(), newShelf()
	late.append(t, leaves(0, 900)...)
	for n := 1; n <= 900; n++ {
		early.append(t, leaf(n-1))
		for level := 0; merkle.WidthAt(int64(n), level, int64(n)>>(8*(level+1))) > 0; level++ {
			at := int64(n) >> (8 * (level + 1))
			w := merkle.WidthAt(int64(n), level, at)
			a, err := early.Tile(t.Context(), level, at, w)
			b, err2 := late.Tile(t.Context(), level, at, w)
			if err != nil || err2 != nil || !bytes.Equal(a, b) {
				t.Fatalf("at %d, tile %d/%d: %v %v", n, level, at, err, err2)
			}
		}
		if w := n % 256; w > 0 {
			a, err := early.Entries(t.Context(), int64(n/256), w)
			b, err2 := late.Entries(t.Context(), int64(n/256), w)
			if err != nil || err2 != nil || !bytes.Equal(a, b) {
				t.Fatalf("at %d, entries: %v %v", n, err, err2)
			}
		}
	}
}

func flip(h [32]byte, bit int) [32]byte {
	h[bit/8%32] ^= 1 << (bit % 8)
	return h
}

// wrong tries what is not the proof, for one proof of eleven: each hash changed, left out, in another order, one more.
func wrong(proof [][32]byte, seed int, check func([][32]byte) error) error {
	if seed%11 > 0 {
		return nil
	}
	for i := range proof {
		p := slices.Clone(proof)
		p[i] = flip(p[i], seed+i)
		if check(p) == nil {
			return fmt.Errorf("hash %d can be changed", i)
		}
		if check(slices.Delete(slices.Clone(proof), i, i+1)) == nil {
			return fmt.Errorf("hash %d can be left out", i)
		}
		if i > 0 && proof[i] != proof[i-1] {
			p := slices.Clone(proof)
			p[i], p[i-1] = p[i-1], p[i]
			if check(p) == nil {
				return fmt.Errorf("hashes %d and %d can change places", i-1, i)
			}
		}
	}
	if check(append(slices.Clone(proof), [32]byte{1})) == nil {
		return errors.New("a hash can be added")
	}
	return nil
}

// inclusion proves one leaf in the log as it was at one size, and that nothing else is proved by it.
func inclusion(ctx context.Context, s *shelf, head merkle.Head, at, seed int) error {
	proof, err := merkle.ProveInclusion(ctx, s, head, int64(at))
	if err != nil {
		return err
	}
	if err := merkle.CheckInclusion(head, int64(at), leaf(at), proof); err != nil {
		return err
	}
	if merkle.CheckInclusion(head, int64(at), leaf(at+1), proof) == nil {
		return errors.New("another leaf passes")
	}
	if head.Size > 1 {
		if other := (int64(at) + 1 + int64(seed)%(head.Size-1)) % head.Size; merkle.CheckInclusion(head, other, leaf(at), proof) == nil {
			return fmt.Errorf("it passes at %d too", other)
		}
	}
	if merkle.CheckInclusion(merkle.Head{Size: head.Size, Root: flip(head.Root, seed)}, int64(at), leaf(at), proof) == nil {
		return errors.New("another root passes")
	}
	return wrong(proof, seed, func(p [][32]byte) error { return merkle.CheckInclusion(head, int64(at), leaf(at), p) })
}

func consistency(ctx context.Context, s *shelf, old, head merkle.Head, seed int) error {
	proof, err := merkle.ProveConsistency(ctx, s, head, old.Size)
	if err != nil {
		return err
	}
	if err := merkle.CheckConsistency(old, head, proof); err != nil {
		return err
	}
	if merkle.CheckConsistency(merkle.Head{Size: old.Size, Root: flip(old.Root, seed)}, head, proof) == nil {
		return errors.New("another past passes")
	}
	if old.Size > 0 && merkle.CheckConsistency(old, merkle.Head{Size: head.Size, Root: flip(head.Root, seed)}, proof) == nil {
		return errors.New("another present passes")
	}
	return wrong(proof, seed, func(p [][32]byte) error { return merkle.CheckConsistency(old, head, p) })
}

// heads gives the head of the log of the first n leaves, for every n.
func heads(to int) []merkle.Head {
	var e merkle.Edge
	all := []merkle.Head{e.Head()}
	for i := range to {
		_ = e.Add(merkle.LeafHash(leaf(i)), nil)
		all = append(all, e.Head())
	}
	return all
}

func TestEveryProofOfEverySizeHolds(t *testing.T) {
	t.Parallel()
	const most = 260
	s, all := newShelf(), heads(most)
	s.append(t, leaves(0, most)...)
	for size := 1; size <= most; size++ {
		if size == 201 {
			size = 253 // and on beyond the first full tile
		}
		for i := range size {
			if err := inclusion(t.Context(), s, all[size], i, size*31+i); err != nil {
				t.Fatalf("leaf %d of %d: %v", i, size, err)
			}
		}
		for old := 0; old <= size; old++ {
			if err := consistency(t.Context(), s, all[old], all[size], size*31+old); err != nil {
				t.Fatalf("%d to %d: %v", old, size, err)
			}
		}
	}
}

func TestProofsOfLargeLogsHold(t *testing.T) {
	t.Parallel()
	const most = 140_000
	s, o := newShelf(), &theirs{}
	all := leaves(0, most)
	s.append(t, all...)
	for _, l := range all {
		o.add(t, l)
	}
	head := func(size int) merkle.Head {
		if size == 0 {
			return merkle.Empty()
		}
		h, err := tlog.TreeHash(int64(size), o)
		if err != nil {
			t.Fatal(err)
		}
		return merkle.Head{Size: int64(size), Root: h}
	}
	if s.head != head(most) {
		t.Fatal("the heads differ")
	}
	rapid.Check(t, func(r *rapid.T) {
		size := rapid.IntRange(1, most).Draw(r, "size")
		at := rapid.IntRange(0, size-1).Draw(r, "leaf")
		old := rapid.IntRange(0, size).Draw(r, "old")
		seed := 11 * rapid.IntRange(0, 31).Draw(r, "seed") // everything wrong is tried with each
		if err := inclusion(t.Context(), s, head(size), at, seed); err != nil {
			r.Fatalf("leaf %d of %d: %v", at, size, err)
		}
		if err := consistency(t.Context(), s, head(old), head(size), seed); err != nil {
			r.Fatalf("%d to %d: %v", old, size, err)
		}
	})
}

func TestAppendingTouchesAHandful(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.append(t, leaves(0, 70_001)...)
	for range 3 {
		s.reads = 0
		head, tiles, bundles, err := merkle.Append(t.Context(), s.head, s, [][]byte{leaf(1)})
		if err != nil || head.Size != s.head.Size+1 {
			t.Fatal(head, err)
		}
		if s.reads != 4 || len(tiles) != 1 || len(bundles) != 1 {
			t.Fatalf("%d reads, %d tiles and %d bundles written", s.reads, len(tiles), len(bundles))
		}
	}
	head, tiles, bundles, err := merkle.Append(t.Context(), s.head, s, nil)
	if err != nil || head != s.head || len(tiles)+len(bundles) > 0 {
		t.Fatal("nothing changes something", err)
	}
}

// What is kept and does not add up is not built on, and proves nothing.
func TestABrokenLogIsNotBuiltOn(t *testing.T) {
	t.Parallel()
	fresh := func() *shelf {
		s := newShelf()
		s.append(t, leaves(0, 700)...)
		return s
	}
	for name, hurt := range map[string]func(*shelf){
		"a hash of the last tile": func(s *shelf) { s.tiles[[2]int64{0, 2}].Body[40] ^= 1 },
		"a hash above":            func(s *shelf) { s.tiles[[2]int64{1, 0}].Body[3] ^= 1 },
		"a leaf":                  func(s *shelf) { s.bundles[2].Body[5] ^= 1 },
		"a leaf more in a bundle": func(s *shelf) {
			b := s.bundles[2]
			b.Body = slices.Concat(b.Body[:len(b.Body)-2], []byte{0, 0})
			s.bundles[2] = b
		},
		"the root":          func(s *shelf) { s.head.Root[0] ^= 1 },
		"the size":          func(s *shelf) { s.head.Size-- },
		"a size below zero": func(s *shelf) { s.head.Size = -1 },
	} {
		s := fresh()
		hurt(s)
		if _, _, _, err := merkle.Append(t.Context(), s.head, s, [][]byte{{1}}); !errors.Is(err, merkle.ErrBroken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	s := fresh()
	s.tiles[[2]int64{0, 1}].Body[100] ^= 1
	if _, err := merkle.ProveInclusion(t.Context(), s, s.head, 300); !errors.Is(err, merkle.ErrBroken) {
		t.Errorf("a proof out of a broken tile: %v", err)
	}
	s = fresh()
	s.tiles[[2]int64{1, 0}].Body[10] ^= 1
	if _, err := merkle.ProveConsistency(t.Context(), s, s.head, 600); !errors.Is(err, merkle.ErrBroken) {
		t.Errorf("a proof out of a broken tile: %v", err)
	}
}

// A tile that cannot be read is said as it is, not as a broken log.
func TestWhatCannotBeReadIsSaid(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.append(t, leaves(0, 700)...)
	delete(s.tiles, [2]int64{0, 2})
	if _, err := merkle.ProveInclusion(t.Context(), s, s.head, 600); !errors.Is(err, errGone) {
		t.Error(err)
	}
	if _, _, _, err := merkle.Append(t.Context(), s.head, s, leaves(0, 1)); !errors.Is(err, errGone) {
		t.Error(err)
	}
}

func TestRanges(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.append(t, leaves(0, 5)...)
	for _, i := range []int64{-1, 5, 6} {
		if _, err := merkle.ProveInclusion(t.Context(), s, s.head, i); !errors.Is(err, merkle.ErrRange) {
			t.Errorf("leaf %d: %v", i, err)
		}
		if err := merkle.CheckInclusion(s.head, i, leaf(0), nil); !errors.Is(err, merkle.ErrRange) {
			t.Errorf("leaf %d: %v", i, err)
		}
	}
	for _, n := range []int64{-1, 6} {
		if _, err := merkle.ProveConsistency(t.Context(), s, s.head, n); !errors.Is(err, merkle.ErrRange) {
			t.Errorf("size %d: %v", n, err)
		}
		if err := merkle.CheckConsistency(merkle.Head{Size: n}, s.head, nil); !errors.Is(err, merkle.ErrRange) {
			t.Errorf("size %d: %v", n, err)
		}
	}
	if _, _, _, err := merkle.Append(t.Context(), s.head, s, [][]byte{make([]byte, merkle.MaxLeaf+1)}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a leaf that is too long: %v", err)
	}
	s.append(t, make([]byte, merkle.MaxLeaf), nil)
	if got := s.bundles[0]; got.Width != 7 || s.head.Root != plain(append(leaves(0, 5), make([]byte, merkle.MaxLeaf), nil)) {
		t.Error("the longest leaf and the empty one are not kept")
	}
}

func TestWidthAt(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		size  int64
		level int
		n     int64
		want  int
	}{
		{0, 0, 0, 0},
		{1, 0, 0, 1},
		{1, 1, 0, 0},
		{256, 0, 0, 256},
		{256, 0, 1, 0},
		{256, 1, 0, 1},
		{257, 0, 1, 1},
		{1 << 16, 1, 0, 256},
		{1 << 16, 2, 0, 1},
		{-1, 0, 0, 0},
		{5, -1, 0, 0},
		{5, 0, -1, 0},
		{5, 64, 0, 0},
		{1<<63 - 1, 7, 0, 127},
		{1<<63 - 1, 0, 1<<55 - 1, 255},
		{1<<63 - 1, 0, 1 << 62, 0},
	} {
		if got := merkle.WidthAt(x.size, x.level, x.n); got != x.want {
			t.Errorf("%d, level %d, tile %d: %d", x.size, x.level, x.n, got)
		}
	}
}

func TestAnEdgeCanBeCopied(t *testing.T) {
	t.Parallel()
	var e merkle.Edge
	for i := range 300 {
		_ = e.Add(merkle.LeafHash(leaf(i)), nil)
	}
	c := e.Clone()
	for range 400 + rand.IntN(100) {
		_ = c.Add(merkle.LeafHash([]byte("x")), nil)
	}
	if e.Head() != heads(300)[300] || c.Head() == e.Head() {
		t.Fatal("a copy changes what it was made of")
	}
}
