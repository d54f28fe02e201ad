package growth

import (
	"cmp"
	"encoding/binary"
	"hash/fnv"
	"slices"
	"strings"

	"github.com/ponte-desk/ponte/internal/text"
	"github.com/ponte-desk/ponte/internal/triage"
)

// sameAt is from which likeness on two texts say the same.
const sameAt = .5

// maxStems bounds what a signature holds.
const maxStems = 48

// stems are the words of a text that carry what it is about, cut to their beginnings.
func stems(s string) map[string]string {
	out := map[string]string{}
	for _, w := range strings.FieldsFunc(s, func(r rune) bool { return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || r > 127) }) {
		f := text.Fold(w)
		if len(f) < 5 {
			continue
		}
		out[f[:5]] = w
	}
	return out
}

// signature says in a few bytes what a text is about, so that others that say the same are found without reading them.
func signature(s string) []byte {
	var hs []uint32
	for st := range stems(s) {
		h := fnv.New32a()
		_, _ = h.Write([]byte(st))
		hs = append(hs, h.Sum32())
	}
	slices.Sort(hs)
	hs = slices.Compact(hs)
	hs = hs[:min(len(hs), maxStems)]
	out := []byte{}
	for _, h := range hs {
		out = binary.BigEndian.AppendUint32(out, h)
	}
	return out
}

// likeness is how much two texts say the same, from 0 to 1.
func likeness(a, b []byte) float64 {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	set := map[string]bool{}
	for s := range slices.Chunk(a, 4) {
		set[string(s)] = true
	}
	common := 0
	for s := range slices.Chunk(b, 4) {
		if set[string(s)] {
			common++
		}
	}
	return float64(common) / (float64(min(len(a), len(b))) / 4)
}

// fold makes one signature of several: what they say most.
func fold(sigs [][]byte) []byte {
	n := map[string]int{}
	for _, sig := range sigs {
		for s := range slices.Chunk(sig, 4) {
			n[string(s)]++
		}
	}
	all := slices.SortedFunc(keys(n), func(a, b string) int { return cmp.Or(cmp.Compare(n[b], n[a]), cmp.Compare(a, b)) })
	all = all[:min(len(all), maxStems)]
	slices.Sort(all)
	return []byte(strings.Join(all, ""))
}

// knownTheme tells whether triage knows a theme.
func knownTheme(t triage.Theme) bool {
	switch t {
	case "product", "quality", "price", "service", "delivery", "staff", "place", "app", "communication", "ethics":
		return true
	}
	return false
}
