package tie

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// anchor is what programs of others need for the same graph, where they are installed.
type anchor struct {
	// Seconds of processor time, by what was done; what was not done is not there.
	Seconds map[string]float64
	// Modularity of the circles found.
	Modularity map[string]float64
	// Missing are the programs that are not installed.
	Missing []string
	// Overlap by Edge and Constraint by Person, nil for none.
	Overlap    []float64
	Constraint []*float64
}

// python is what runs testdata/anchors.py: PONTE_BENCH_PYTHON, else python3.
func python() string {
	if p := os.Getenv("PONTE_BENCH_PYTHON"); p != "" {
		return p
	}
	return "python3"
}

// anchors has the programs of others do something with a graph. What is not installed is said in the log of the benchmark.
func anchors(b *testing.B, g *Graph, want ...string) anchor {
	b.Helper()
	a := anchor{Seconds: map[string]float64{}}
	file := filepath.Join(b.TempDir(), "ties")
	f, err := os.Create(file)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriter(f)
	for _, ends := range g.All() {
		fmt.Fprintf(w, "%d %d\n", ends[0], ends[1])
	}
	if err := errors.Join(w.Flush(), f.Close()); err != nil {
		b.Fatal(err)
	}
	cmd := exec.CommandContext(b.Context(), python(), append([]string{"testdata/anchors.py", file, strconv.Itoa(g.People())}, want...)...)
	var said strings.Builder
	cmd.Stderr = &said
	raw, err := cmd.Output()
	if errors.Is(err, exec.ErrNotFound) {
		b.Logf("%s is not here: nothing to compare with", python())
		return a
	}
	if err != nil {
		b.Fatalf("%v: %s", err, said.String())
	}
	if err := json.Unmarshal(raw, &a); err != nil {
		b.Fatal(err)
	}
	for _, name := range a.Missing {
		b.Logf("%s is not installed for %s: nothing to compare with", name, python())
	}
	return a
}

// agree fails when the values of the other program are not these.
func (a anchor) agree(b *testing.B, t *Ties) {
	b.Helper()
	for e, want := range a.Overlap {
		if got := t.Overlap(Edge(e)); math.Abs(got-want) > 1e-6 {
			b.Fatalf("overlap of tie %d: %v, the anchor has %v", e, got, want)
		}
	}
	for p, want := range a.Constraint {
		if got := t.Constraint[p]; want == nil != math.IsNaN(got) || (want != nil && math.Abs(got-*want) > 1e-6) {
			b.Fatalf("constraint of %d: %v, the anchor has %v", p, got, want)
		}
	}
}

// setsVariable names files of events, each as Read takes it, that benchmarks measure besides what is generated. They
// are never part of Ponte.
const setsVariable = "PONTE_BENCH_TIES"

// sets are the logs in the files of setsVariable, with the names of the files.
var sets = sync.OnceValues(func() ([]benchGraph, error) {
	var all []benchGraph
	for _, path := range filepath.SplitList(os.Getenv(setsVariable)) {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		l, _, err := Read(f, ReadOptions{})
		if err := errors.Join(err, f.Close()); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		name, _, _ := strings.Cut(filepath.Base(path), ".")
		all = append(all, benchGraph{name, l})
	}
	return all, nil
})

// given are the sets from outside; without any, that is said.
func given(b *testing.B) []benchGraph {
	b.Helper()
	all, err := sets()
	if err != nil {
		b.Fatal(err)
	}
	if len(all) == 0 {
		b.Logf("%s names no files: only what is generated is measured", setsVariable)
	}
	return all
}
