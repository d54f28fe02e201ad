package merkle_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/ponte-desk/ponte/internal/merkle"
)

const origin = "arno.example/ceramiche"

func key(t testing.TB, name string) (secret, verifier string) {
	t.Helper()
	secret, verifier, err := merkle.NewKey(name)
	if err != nil {
		t.Fatal(err)
	}
	return secret, verifier
}

// A checkpoint is what the specifications say, byte by byte, without help of the package that writes it.
func TestACheckpointIsWhatTheSpecificationSays(t *testing.T) {
	t.Parallel()
	secret, verifier := key(t, origin)
	head := merkle.Head{Size: 20852163, Root: sha256.Sum256([]byte("x"))}
	c, err := merkle.Sign(head, origin, secret)
	if err != nil {
		t.Fatal(err)
	}
	text := origin + "\n20852163\n" + base64.StdEncoding.EncodeToString(head.Root[:]) + "\n"
	rest, ok := strings.CutPrefix(string(c), text+"\n— "+origin+" ")
	if !ok || !strings.HasSuffix(rest, "\n") || strings.Count(rest, "\n") != 1 {
		t.Fatalf("%q", c)
	}
	sig, err := base64.StdEncoding.DecodeString(strings.TrimSpace(rest))
	if err != nil || len(sig) != 4+ed25519.SignatureSize {
		t.Fatal(len(sig), err)
	}
	parts := strings.SplitN(verifier, "+", 3)
	public, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(public) != 33 || public[0] != 1 || parts[0] != origin {
		t.Fatalf("%s %v", verifier, err)
	}
	id := sha256.Sum256([]byte(origin + "\n" + string(public)))
	if binary.BigEndian.Uint32(sig) != binary.BigEndian.Uint32(id[:]) {
		t.Error("another key id")
	}
	if !ed25519.Verify(public[1:], []byte(text), sig[4:]) {
		t.Error("the signature does not hold")
	}
	if got, err := merkle.Open(c, verifier); err != nil || got != head {
		t.Error(got, err)
	}
	if name, err := merkle.KeyName(verifier); err != nil || name != origin {
		t.Error(name, err)
	}
}

func TestOnlyTheRightCheckpointOpens(t *testing.T) {
	t.Parallel()
	secret, verifier := key(t, origin)
	_, other := key(t, origin)
	strangeSecret, strange := key(t, "else.example/x")
	head := merkle.Head{Size: 9, Root: sha256.Sum256([]byte("x"))}
	c, err := merkle.Sign(head, origin, secret)
	if err != nil {
		t.Fatal(err)
	}
	text := string(c)
	root := base64.StdEncoding.EncodeToString(head.Root[:])
	for name, x := range map[string]struct {
		checkpoint, verifier string
		want                 error
	}{
		"another key of the name":  {text, other, merkle.ErrSignature},
		"another name":             {text, strange, merkle.ErrSignature},
		"no key":                   {text, "x", merkle.ErrKey},
		"a secret for a key":       {text, secret, merkle.ErrKey},
		"another size":             {strings.Replace(text, "\n9\n", "\n10\n", 1), verifier, merkle.ErrSignature},
		"another root":             {strings.Replace(text, root, base64.StdEncoding.EncodeToString(make([]byte, 32)), 1), verifier, merkle.ErrSignature},
		"another origin":           {strings.Replace(text, origin+"\n", "else.example/x\n", 1), verifier, merkle.ErrSignature},
		"without its signature":    {merkle.Text(head, origin), verifier, merkle.ErrSignature},
		"zeroes in front":          {strings.Replace(text, "\n9\n", "\n09\n", 1), verifier, merkle.ErrCheckpoint},
		"a sign":                   {strings.Replace(text, "\n9\n", "\n+9\n", 1), verifier, merkle.ErrCheckpoint},
		"below zero":               {strings.Replace(text, "\n9\n", "\n-9\n", 1), verifier, merkle.ErrCheckpoint},
		"too large a size":         {strings.Replace(text, "\n9\n", "\n9223372036854775808\n", 1), verifier, merkle.ErrCheckpoint},
		"a short root":             {strings.Replace(text, root, "AAAA", 1), verifier, merkle.ErrCheckpoint},
		"a root written otherwise": {strings.Replace(text, root, strings.TrimRight(root, "="), 1), verifier, merkle.ErrCheckpoint},
		"lines of another system":  {strings.ReplaceAll(text, "\n", "\r\n"), verifier, merkle.ErrCheckpoint},
		"nothing":                  {"", verifier, merkle.ErrCheckpoint},
		"too long":                 {text + strings.Repeat("x", merkle.MaxCheckpoint), verifier, merkle.ErrCheckpoint},
		"leaves without a root":    {merkle.Text(merkle.Head{Root: head.Root}, origin), verifier, merkle.ErrCheckpoint},
		"a name that moves":        {strings.Replace(text, origin, "a\x1b[2Jb", 1), verifier, merkle.ErrCheckpoint},
		"a name read backwards":    {strings.Replace(text, origin, "a\u202eb", 1), verifier, merkle.ErrCheckpoint},
	} {
		if _, err := merkle.Open([]byte(x.checkpoint), x.verifier); !errors.Is(err, x.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A key may only sign for the log it is named after, and when it has signed for another that is not believed.
	elsewhere, err := note.NewSigner(strangeSecret)
	if err != nil {
		t.Fatal(err)
	}
	borrowed, err := note.Sign(&note.Note{Text: merkle.Text(head, origin)}, elsewhere)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := merkle.Open(borrowed, strange); !errors.Is(err, merkle.ErrSignature) {
		t.Error(err)
	}
	if _, err := merkle.Sign(head, origin, strangeSecret); !errors.Is(err, merkle.ErrKey) {
		t.Error(err)
	}
	for _, bad := range []string{"", "with space", "plus+plus", "line\nline", "a\x1b[2Jb"} {
		if _, _, err := merkle.NewKey(bad); !errors.Is(err, merkle.ErrKey) {
			t.Errorf("a key is made for %q: %v", bad, err)
		}
	}
}

// Witnesses sign below the log, and a later format may add lines; both leave the head as it is.
func TestCosignaturesAndExtensionsArePassedOver(t *testing.T) {
	t.Parallel()
	secret, verifier := key(t, origin)
	head := merkle.Head{Size: 3, Root: sha256.Sum256([]byte("x"))}
	signer, err := note.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	c, err := note.Sign(&note.Note{Text: merkle.Text(head, origin) + "an extension\n"}, signer)
	if err != nil {
		t.Fatal(err)
	}
	cosigned := append(bytes.Clone(c), "— witness.example/w "+base64.StdEncoding.EncodeToString(append([]byte{1, 2, 3, 4}, make([]byte, 72)...))+"\n"...)
	if got, err := merkle.Open(cosigned, verifier); err != nil || got != head {
		t.Fatal(got, err)
	}
	broken := bytes.Replace(cosigned, []byte("an extension"), []byte("another line"), 1)
	if _, err := merkle.Open(broken, verifier); !errors.Is(err, merkle.ErrSignature) {
		t.Fatal(err)
	}
}

func TestPaths(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]merkle.Path{
		"tile/0/000":                               {Width: 256},
		"tile/0/x001/234":                          {N: 1234, Width: 256},
		"tile/1/x001/x234/067":                     {Level: 1, N: 1234067, Width: 256},
		"tile/0/273.p/112":                         {N: 273, Width: 112},
		"tile/entries/000.p/1":                     {Entries: true, Width: 1},
		"tile/entries/x001/000.p/255":              {Entries: true, N: 1000, Width: 255},
		"tile/63/000":                              {Level: 63, Width: 256},
		"tile/0/x009/x223/x372/x036/x854/x775/807": {N: 9223372036854775807, Width: 256},
	} {
		if got, err := merkle.ParsePath(s); err != nil || got != want || got.String() != s {
			t.Errorf("%s: %+v %v, written %s", s, got, err, got)
		}
	}
	for _, s := range []string{
		"", "tile", "tile/", "tile/0", "tile/0/", "/tile/0/000", "tile/0/000/", "tile/0/0", "tile/0/0000", "tile/00/000", "tile/64/000", "tile/-1/000",
		"tile/+1/000", "tile/x/000", "tile/0/001/234", "tile/0/x001/x234", "tile/0/x000/001", "tile/0/x01/234", "tile/0/000.p/0", "tile/0/000.p/256",
		"tile/0/000.p/01", "tile/0/000.p/", "tile/0/000.p", "tile/0/000.p/1/2", "tile/0/000.p/1.p/1", "tile/0/..", "tile/0/../../etc", "tile/0/x001/..",
		"tile/entries/entries", "tile/data/000", "tile/8/0/000", "tile/0/00a", "tile/0/٠٠٠", "tile/0/ 00", "tile/0/000 ",
		"tile/0/x009/x223/x372/x036/x854/x775/808", "tile/0/x" + strings.Repeat("001/x", 40) + "001",
	} {
		if got, err := merkle.ParsePath(s); !errors.Is(err, merkle.ErrPath) {
			t.Errorf("%s is read as %+v: %v", s, got, err)
		}
	}
}

func TestBundlesAreExact(t *testing.T) {
	t.Parallel()
	good := []byte{0, 2, 'a', 'b', 0, 0, 0, 1, 'c'}
	if leaves, err := merkle.ParseBundle(good, 3); err != nil || len(leaves) != 3 || string(leaves[0]) != "ab" || len(leaves[1]) != 0 || string(leaves[2]) != "c" {
		t.Fatal(leaves, err)
	}
	for name, x := range map[string]struct {
		body  []byte
		width int
	}{
		"wider": {good, 4}, "narrower": {good, 2}, "cut off": {good[:8], 3}, "cut in a length": {good[:7], 3}, "extra bytes": {append(bytes.Clone(good), 0), 3},
		"no width": {nil, 0}, "below zero": {good, -1}, "too wide": {make([]byte, 514), 257},
	} {
		if _, err := merkle.ParseBundle(x.body, x.width); !errors.Is(err, merkle.ErrShape) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := merkle.CutTile(make([]byte, 64), 3); !errors.Is(err, merkle.ErrShape) {
		t.Error(err)
	}
	if b, err := merkle.CutTile(make([]byte, 96), 2); err != nil || len(b) != 64 {
		t.Error(len(b), err)
	}
}
