package merkle_test

import (
	"crypto/sha256"
	"fmt"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/ponte-desk/ponte/internal/merkle"
)

// million is the size of the log that is measured.
const million = 1_000_000

// line is a leaf as long as those of the public record.
func line(i int) []byte {
	return []byte(fmt.Sprintf(`{"v":1,"kind":"heard","at":"2026-03-12T17Z","subject":"%032x","said":"2026-03-12T15Z","commit":"%064x"}`, i, i))
}

// large is a log of a million leaves in tiles, and the same in memory as tlog keeps one.
func large(b *testing.B) (*shelf, *theirs) {
	b.Helper()
	s, o := newShelf(), &theirs{}
	batch := make([][]byte, 0, 10_000)
	for i := range million {
		l := line(i)
		o.add(b, l)
		if batch = append(batch, l); len(batch) == cap(batch) {
			s.append(b, batch...)
			batch = batch[:0]
		}
	}
	if s.head.Size != million || s.head.Root != o.root(b) {
		b.Fatal("the logs differ")
	}
	return s, o
}

// against reports how long f takes on average beside bases measured in the same run, each as its time and as how many times f takes as long.
func against(b *testing.B, f func(i int), bases map[string]func(i int)) {
	b.Helper()
	i := 0
	for b.Loop() {
		f(i)
		i++
	}
	took := b.Elapsed() / time.Duration(b.N)
	for name, base := range bases {
		n := min(max(b.N, 1), 100_000)
		start := time.Now()
		for j := range n {
			base(j)
		}
		each := time.Since(start) / time.Duration(n)
		b.ReportMetric(float64(each.Nanoseconds()), name+"-ns")
		b.ReportMetric(float64(took)/float64(max(each, 1)), "x-"+name)
	}
}

// BenchmarkAppend appends to a log of a million leaves, whose right edge is read and checked each time.
func BenchmarkAppend(b *testing.B) {
	s, o := large(b)
	for _, size := range []int{1, 500} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			batch := make([][]byte, size)
			for i := range batch {
				batch[i] = line(million + i)
			}
			var wrote int
			against(b, func(int) {
				_, tiles, bundles, err := merkle.Append(b.Context(), s.head, s, batch)
				if err != nil {
					b.Fatal(err)
				}
				wrote = len(tiles) + len(bundles)
			}, map[string]func(int){
				"sha256": func(int) {
					for _, l := range batch {
						sha256.Sum256(l)
					}
				},
				"tlog": func(int) {
					grown := theirs{n: o.n, hashes: o.hashes[:len(o.hashes):len(o.hashes)]}
					var fresh []tlog.Hash
					read := tlog.HashReaderFunc(func(at []int64) ([]tlog.Hash, error) {
						out := make([]tlog.Hash, len(at))
						for i, x := range at {
							if x < int64(len(grown.hashes)) {
								out[i] = grown.hashes[x]
							} else {
								out[i] = fresh[x-int64(len(grown.hashes))]
							}
						}
						return out, nil
					})
					for i, l := range batch {
						hs, err := tlog.StoredHashes(grown.n+int64(i), l, read)
						if err != nil {
							b.Fatal(err)
						}
						fresh = append(fresh, hs...)
					}
				},
			})
			b.ReportMetric(float64(wrote), "rows-written")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*size), "ns/leaf")
		})
	}
}

// BenchmarkProve proves at a log of a million leaves. The tiles that a proof comes from are shown to belong to the head first; the baseline
// trusts its memory.
func BenchmarkProve(b *testing.B) {
	s, o := large(b)
	b.Run("inclusion", func(b *testing.B) {
		against(b, func(i int) {
			if _, err := merkle.ProveInclusion(b.Context(), s, s.head, int64(i)*7919%million); err != nil {
				b.Fatal(err)
			}
		}, map[string]func(int){"tlog": func(i int) {
			if _, err := tlog.ProveRecord(million, int64(i)*7919%million, o); err != nil {
				b.Fatal(err)
			}
		}})
	})
	b.Run("consistency", func(b *testing.B) {
		against(b, func(i int) {
			if _, err := merkle.ProveConsistency(b.Context(), s, s.head, 1+int64(i)*7919%million); err != nil {
				b.Fatal(err)
			}
		}, map[string]func(int){"tlog": func(i int) {
			if _, err := tlog.ProveTree(million, 1+int64(i)*7919%million, o); err != nil {
				b.Fatal(err)
			}
		}})
	})
	b.Run("check", func(b *testing.B) {
		const at = 123_456
		proof, err := merkle.ProveInclusion(b.Context(), s, s.head, at)
		if err != nil {
			b.Fatal(err)
		}
		l := line(at)
		against(b, func(int) {
			if err := merkle.CheckInclusion(s.head, at, l, proof); err != nil {
				b.Fatal(err)
			}
		}, map[string]func(int){"sha256": func(int) {
			sha256.Sum256(l)
			for range proof {
				sha256.Sum256(l[:65])
			}
		}})
	})
}
