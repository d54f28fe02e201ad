package record_test

import (
	"bytes"
	"crypto/sha256"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/ponte-desk/ponte/internal/merkle"
	"github.com/ponte-desk/ponte/internal/record"
)

const million = 1_000_000

// peak measures how much more memory is taken at most while f runs than before.
func peak(f func()) uint64 {
	runtime.GC()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	most := before.HeapInuse
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				runtime.ReadMemStats(&now)
				most = max(most, now.HeapInuse)
			}
		}
	})
	f()
	close(done)
	wg.Wait()
	return most - before.HeapInuse
}

// onlyHeard is the record that takes the most memory: every leaf has a handle of its own.
func onlyHeard() iter.Seq[record.Leaf] {
	return func(yield func(record.Leaf) bool) {
		for i := 0; yield(record.Leaf{Kind: record.Heard, At: begin, Subject: record.NewHandle(), Said: begin, Commit: bytes.Repeat([]byte{byte(i)}, 32)}); i++ {
		}
	}
}

// shelve writes a record of a million leaves into a folder without keeping it in memory.
func shelve(b *testing.B, h *house, leaves iter.Seq[record.Leaf]) string {
	b.Helper()
	dir := b.TempDir()
	var raw [][]byte
	flush := func() {
		h.raw(b, raw...)
		raw, h.leaves = raw[:0], nil
		for p, body := range h.parts {
			file := filepath.Join(dir, filepath.FromSlash(p))
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				b.Fatal(err)
			}
			if err := os.WriteFile(file, body, 0o600); err != nil {
				b.Fatal(err)
			}
			if path, err := merkle.ParsePath(p); err == nil && path.Width == merkle.Width {
				delete(h.parts, p)
			}
		}
	}
	n := 0
	for l := range leaves {
		if n == million {
			break
		}
		n++
		if err := h.tally.Add(b.Context(), h.memory, l); err != nil {
			b.Fatal(err)
		}
		line, err := l.Encode()
		if err != nil {
			b.Fatal(err)
		}
		if raw = append(raw, line); len(raw) == 10_000 {
			flush()
		}
	}
	h.parts, h.memory = nil, nil
	return dir
}

// BenchmarkVerify checks a saved record of a million leaves completely, beside hashing as many leaves once and nothing else.
func BenchmarkVerify(b *testing.B) {
	for name, leaves := range map[string]iter.Seq[record.Leaf]{"story": told(), "only-heard": onlyHeard()} {
		b.Run(name, func(b *testing.B) {
			h := newHouse(b)
			from := record.Folder(shelve(b, h, leaves))
			var took, most float64
			for b.Loop() {
				start := time.Now()
				var r record.Report
				var err error
				p := peak(func() { r, err = record.Verify(b.Context(), from, record.Options{VerifierKey: h.verifier}) })
				if err != nil || !r.Good() || r.Read != million {
					b.Fatal(r.Findings, err)
				}
				took, most = took+time.Since(start).Seconds(), max(most, float64(p))
			}
			each := took / float64(b.N)
			line, err := story(1)[0].Encode()
			if err != nil {
				b.Fatal(err)
			}
			start := time.Now()
			for range million {
				sha256.Sum256(line)
			}
			bare := time.Since(start).Seconds()
			b.ReportMetric(million/each, "leaves/s")
			b.ReportMetric(million/bare, "sha256/s")
			b.ReportMetric(each/bare, "x-sha256")
			b.ReportMetric(most/(1<<20), "peak-MB")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkLeaf writes and reads a leaf, and counts it.
func BenchmarkLeaf(b *testing.B) {
	all := story(10_000)
	var lines [][]byte
	for _, l := range all {
		line, err := l.Encode()
		if err != nil {
			b.Fatal(err)
		}
		lines = append(lines, line)
	}
	b.Run("encode", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			if _, err := all[i%len(all)].Encode(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			if _, err := record.Decode(lines[i%len(lines)]); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("tally", func(b *testing.B) {
		b.ReportAllocs()
		var t record.Tally
		m := record.NewMemory()
		for i := 0; b.Loop(); i++ {
			if i%len(all) == 0 {
				t, m = record.Tally{}, record.NewMemory()
			}
			if err := t.Add(b.Context(), m, all[i%len(all)]); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("keep", func(b *testing.B) { // what each append writes and reads of the tally
		var t record.Tally
		m := record.NewMemory()
		for _, l := range all {
			if err := t.Add(b.Context(), m, l); err != nil {
				b.Fatal(err)
			}
		}
		var size int
		for b.Loop() {
			text, err := t.MarshalText()
			if err != nil {
				b.Fatal(err)
			}
			var again record.Tally
			if err := again.UnmarshalText(text); err != nil {
				b.Fatal(err)
			}
			size = len(text)
		}
		b.ReportMetric(float64(size), "bytes")
	})
}
