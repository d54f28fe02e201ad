package merkle_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/ponte-desk/ponte/internal/merkle"
)

func FuzzParsePath(f *testing.F) {
	for _, s := range []string{
		"tile/0/000", "tile/entries/x001/x234/067", "tile/entries/999.p/1", "tile/63/x123/456.p/255", "tile/0/x000/001", "tile/00/001", "tile/0/001.p/256",
		"tile/0/../000", "tile/0/x9223372036854775/x807/000",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := merkle.ParsePath(s)
		if err != nil {
			return
		}
		if p.String() != s {
			t.Fatalf("%q is read as %+v and written as %q", s, p, p)
		}
		if p.N < 0 || p.Width < 1 || p.Width > merkle.Width || p.Level < 0 || p.Level > merkle.MaxLevel || strings.Contains(s, "..") {
			t.Fatalf("%q is read as %+v", s, p)
		}
	})
}

func FuzzParseBundle(f *testing.F) {
	f.Add([]byte{0, 1, 'a', 0, 0}, 2)
	f.Add([]byte{0xff, 0xff}, 1)
	f.Add([]byte{}, 256)
	f.Fuzz(func(t *testing.T, b []byte, width int) {
		leaves, err := merkle.ParseBundle(b, width)
		if err != nil {
			return
		}
		var again []byte
		for _, l := range leaves {
			again = append(append(again, byte(len(l)>>8), byte(len(l))), l...)
		}
		if len(leaves) != width || !bytes.Equal(again, b) {
			t.Fatalf("%d leaves of %d", len(leaves), width)
		}
		for w := 1; w <= width; w++ {
			cut, err := merkle.CutBundle(b, w)
			if err != nil {
				t.Fatal(err)
			}
			if part, err := merkle.ParseBundle(cut, w); err != nil || len(part) != w {
				t.Fatalf("cut to %d: %v", w, err)
			}
		}
	})
}

func FuzzParseCheckpoint(f *testing.F) {
	secret, verifier, err := merkle.NewKey("example.com/log")
	if err != nil {
		f.Fatal(err)
	}
	signed, err := merkle.Sign(merkle.Head{Size: 7, Root: [32]byte{1}}, "example.com/log", secret)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(signed)
	f.Add([]byte(merkle.Text(merkle.Empty(), "x")))
	f.Add([]byte("a\n-1\n\n"))
	f.Add([]byte("a\n007\nAAAA\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		origin, head, err := merkle.Parse(b)
		if err == nil && !strings.HasPrefix(string(b), merkle.Text(head, origin)) {
			t.Fatalf("%q is read as %s %v", b, origin, head)
		}
		opened, err2 := merkle.Open(b, verifier)
		if err2 == nil && (err != nil || opened != head || !bytes.HasPrefix(b, []byte(merkle.Text(merkle.Head{Size: 7, Root: [32]byte{1}}, "example.com/log")))) {
			t.Fatalf("%q opens", b)
		}
		if err2 != nil && !errors.Is(err2, merkle.ErrCheckpoint) && !errors.Is(err2, merkle.ErrSignature) {
			t.Fatal(err2)
		}
	})
}
