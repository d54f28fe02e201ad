package triage

import "strings"

// hash64 is FNV-1a over bytes; it and mix are everything that is hashed here, so that models are the same everywhere.
const (
	hashSeed  = 14695981039346656037
	hashPrime = 1099511628211
)

func hashByte(h uint64, c byte) uint64 { return (h ^ uint64(c)) * hashPrime }

func hashBytes[T string | []byte](h uint64, s T) uint64 {
	for i := range len(s) {
		h = hashByte(h, s[i])
	}
	return h
}

// mix spreads a number over all its bits. Source: the finalizer of SplitMix64.
func mix(h uint64) uint64 {
	h ^= h >> 30
	h *= 0xbf58476d1ce4e5b9
	h ^= h >> 27
	h *= 0x94d049bb133111eb
	return h ^ h>>31
}

// How an edge of the matcher is followed: by a whole word, by its beginning, or by the word with single letters for
// double ones.
const (
	edgeWord   = 0x9e3779b97f4a7c15
	edgeBegin  = 0xc2b2ae3d27d4eb4f
	edgeSingle = 0x165667b19e3779f9
)

// The shortest words and beginnings, in letters left, that are looked up with single letters for double ones; a word
// with a letter drawn out may be shorter.
const (
	minSingle = 4
	minDrawn  = 3
)

// The longest beginning that is looked up, in bytes.
const maxBegin = 24

// matcher finds the entries of a lexicon in a text.
type matcher struct {
	lex     *Lexicon
	edges   table
	leaves  []int32 // by node: the entry that ends there, or -1
	minimal []uint8 // by node: the shortest beginning that leads on, 0 for none
	single  []uint8 // same, with single letters
}

// compile makes the matcher of a lexicon.
func compile(lex *Lexicon) *matcher {
	m := &matcher{lex: lex, edges: newTable(8 * len(lex.Entries)), leaves: []int32{-1}, minimal: []uint8{0}, single: []uint8{0}}
	for i, e := range lex.Entries {
		node := int32(0)
		for word := range strings.SplitSeq(e.Words, " ") {
			begin, star := strings.CutSuffix(word, "*")
			node = m.edge(node, begin, star)
		}
		m.leaves[node] = int32(i)
	}
	for i, e := range lex.Entries { // after the others: they go first
		begin, star := strings.CutSuffix(e.Words, "*")
		if strings.ContainsAny(e.Words, " ") {
			continue
		}
		squeezed := string(squeeze(nil, []byte(begin)))
		if len(squeezed) < minDrawn || star && len(squeezed) < minSingle || e.flags&(flagNegator|flagBut) != 0 {
			continue
		}
		key := edgeKey(0, hashBytes(hashSeed, squeezed), edgeSingle)
		if star {
			key = edgeKey(0, hashBytes(hashSeed, squeezed), edgeSingle^edgeBegin)
			m.single[0] = shortest(m.single[0], len(squeezed))
		}
		if _, taken := m.edges.get(key); !taken {
			m.edges.put(key, m.grow(int32(i)))
		}
	}
	return m
}

func (m *matcher) grow(leaf int32) int32 {
	m.leaves = append(m.leaves, leaf)
	m.minimal = append(m.minimal, 0)
	m.single = append(m.single, 0)
	return int32(len(m.leaves) - 1)
}

func (m *matcher) edge(node int32, word string, star bool) int32 {
	h := hashBytes(hashSeed, word)
	key := edgeKey(node, h, edgeWord)
	if star {
		key = edgeKey(node, h, edgeBegin)
		m.minimal[node] = shortest(m.minimal[node], len(word))
	}
	if next, ok := m.edges.get(key); ok {
		return next
	}
	next := m.grow(-1)
	m.edges.put(key, next)
	return next
}

func shortest(was uint8, n int) uint8 {
	if was == 0 || n < int(was) {
		return uint8(n)
	}
	return was
}

func edgeKey(node int32, h, way uint64) uint64 { return mix(h ^ way ^ uint64(node)*hashPrime) }

// squeeze writes single letters for double ones.
func squeeze(dst, word []byte) []byte {
	for i, c := range word {
		if i == 0 || c != word[i-1] {
			dst = append(dst, c)
		}
	}
	return dst
}

// found is an entry that stands in a text.
type found struct {
	from, to int32 // tokens, to excluded
	entry    *Entry
	loose    bool // found with single letters for double ones
}

// match finds entries from left to right: at each word the longest one, and no word twice.
func (m *matcher) match(d *reader, out []found) []found {
	for i := 0; i < len(d.tokens); {
		f := m.at(d, i)
		if f.entry == nil {
			i++
			continue
		}
		out = append(out, f)
		i = int(f.to)
	}
	return out
}

// at gives the entry that stands at token i; its entry is nil when there is none.
func (m *matcher) at(d *reader, i int) found {
	n, entry := m.longest(d, 0, i)
	loose := n == 0
	if loose {
		n, entry = m.loose(d, i)
	}
	f := found{from: int32(i), to: int32(i + n), loose: loose}
	if n > 0 {
		f.entry = &m.lex.Entries[entry]
	}
	return f
}

// longest gives how many tokens from i on an entry takes that goes on at a node.
func (m *matcher) longest(d *reader, node int32, i int) (n int, entry int32) {
	if i >= len(d.tokens) {
		return 0, -1
	}
	t := &d.tokens[i]
	if !t.kind.looked() {
		return 0, -1
	}
	word := d.fold[t.from:t.to]
	h := uint64(hashSeed)
	shortestBegin := int(m.minimal[node])
	var begins [maxBegin + 1]uint64
	for k, c := range word {
		h = hashByte(h, c)
		if k < maxBegin {
			begins[k+1] = h
		}
	}
	if next, ok := m.edges.get(edgeKey(node, h, edgeWord)); ok {
		n, entry = m.after(d, next, i)
	}
	if shortestBegin == 0 {
		return n, entry
	}
	for k := min(len(word), maxBegin); k >= shortestBegin; k-- {
		next, ok := m.edges.get(edgeKey(node, begins[k], edgeBegin))
		if !ok {
			continue
		}
		if more, e := m.after(d, next, i); more > n {
			n, entry = more, e
		}
	}
	return n, entry
}

// after goes on behind token i at a node.
func (m *matcher) after(d *reader, node int32, i int) (n int, entry int32) {
	if more, e := m.longest(d, node, i+1); more > 0 {
		return more + 1, e
	}
	if leaf := m.leaves[node]; leaf >= 0 {
		return 1, leaf
	}
	return 0, -1
}

// loose looks a single word up with single letters for double ones, which people confuse.
func (m *matcher) loose(d *reader, i int) (n int, entry int32) {
	t := &d.tokens[i]
	if t.kind != kindWord || t.to-t.from > 40 {
		return 0, -1
	}
	var buf [40]byte
	word := squeeze(buf[:0], d.fold[t.from:t.to])
	if len(word) < minDrawn || len(word) < minSingle && t.marks&markLong == 0 {
		return 0, -1
	}
	var begins [maxBegin + 1]uint64
	h := uint64(hashSeed)
	for k, c := range word {
		h = hashByte(h, c)
		if k < maxBegin {
			begins[k+1] = h
		}
	}
	if next, ok := m.edges.get(edgeKey(0, h, edgeSingle)); ok {
		return 1, m.leaves[next]
	}
	if m.single[0] == 0 {
		return 0, -1
	}
	for k := min(len(word), maxBegin); k >= int(m.single[0]); k-- {
		if next, ok := m.edges.get(edgeKey(0, begins[k], edgeSingle^edgeBegin)); ok {
			return 1, m.leaves[next]
		}
	}
	return 0, -1
}

// table is a map from numbers to small numbers that is only read once it is filled.
type table struct {
	keys   []uint64
	values []int32
	used   int
}

func newTable(n int) table {
	size := 16
	for size < 2*n {
		size *= 2
	}
	return table{keys: make([]uint64, size), values: make([]int32, size)}
}

func (t *table) get(key uint64) (int32, bool) {
	mask := uint64(len(t.keys) - 1)
	key |= 1 // 0 marks an empty place
	for i := key >> 1 & mask; ; i = (i + 1) & mask {
		switch t.keys[i] {
		case key:
			return t.values[i], true
		case 0:
			return 0, false
		}
	}
}

func (t *table) put(key uint64, value int32) {
	if 2*t.used >= len(t.keys) {
		bigger := newTable(2 * len(t.keys))
		for i, k := range t.keys {
			if k != 0 {
				bigger.put(k, t.values[i])
			}
		}
		*t = bigger
	}
	mask := uint64(len(t.keys) - 1)
	key |= 1
	i := key >> 1 & mask
	for t.keys[i] != 0 && t.keys[i] != key {
		i = (i + 1) & mask
	}
	if t.keys[i] == 0 {
		t.used++
	}
	t.keys[i], t.values[i] = key, value
}
