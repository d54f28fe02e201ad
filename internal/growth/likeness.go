package growth

import (
	"slices"
	"strings"

	"github.com/ponte-desk/ponte/internal/text"
	"github.com/ponte-desk/ponte/internal/triage"
)

// sameAt is from which likeness on two texts say the same.
const sameAt = triage.Same

// signatureSize is how long one signature is; signatures of several texts stand one behind the other.
const signatureSize = len(triage.Signature{})

// mostTogether bounds how many signatures stand for a case: enough for the ways in which people say the same.
const mostTogether = 16

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

// signature says in a few bytes what a text is about, so that others that say the same are found without reading them. A text
// that is about nothing has none.
func signature(s string) []byte {
	m, err := triage.Default()
	if err != nil {
		return nil // the embedded model is tried by tests
	}
	sig := m.Signature(s)
	if sig == (triage.Signature{}) {
		return nil
	}
	return sig[:]
}

// likeness is how much two texts, or what stands for several, say the same, from 0 to 1: that of the nearest two.
func likeness(a, b []byte) (best float64) {
	for x := range slices.Chunk(a, signatureSize) {
		for y := range slices.Chunk(b, signatureSize) {
			if len(x) == signatureSize && len(y) == signatureSize {
				best = max(best, triage.Nearest(triage.Signature(x), triage.Signature(y)))
			}
		}
	}
	return best
}

// fold lets the first signatures stand for all.
func fold(sigs [][]byte) []byte {
	var out []byte
	for _, s := range sigs[:min(len(sigs), mostTogether)] {
		out = append(out, s...)
	}
	return out
}

// knownTheme tells whether triage knows a theme.
func knownTheme(t triage.Theme) bool { return slices.Contains(triage.Themes, t) }
