package merkle

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"

	"github.com/ponte-desk/ponte/internal/fault"
)

// MaxCheckpoint is the size in bytes of the largest checkpoint that is read: room for many cosignatures.
const MaxCheckpoint = 128 << 10

var (
	// ErrCheckpoint says that something is not a checkpoint.
	ErrCheckpoint = fault.New(fault.Invalid, "merkle.checkpoint")
	// ErrSignature says that a checkpoint is not signed by the key.
	ErrSignature = fault.New(fault.Invalid, "merkle.signature")
	// ErrKey says that something is not a key, or not the key of this log.
	ErrKey = fault.New(fault.Invalid, "merkle.key")
)

// IsOrigin tells whether a text may be the name of a log: one line that can be shown without doing anything to the screen.
func IsOrigin(s string) bool {
	return s != "" && len(s) <= 255 && utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) })
}

// NewKey makes an Ed25519 key to sign checkpoints with (C2SP signed-note, algorithm 1). Its name is that of the log, for example
// "example.com/ada", without spaces and plus signs. The secret is to be sealed, the verifier to be shown.
func NewKey(name string) (secret, verifier string, err error) {
	secret, verifier, err = note.GenerateKey(rand.Reader, name)
	if err == nil {
		_, err = note.NewSigner(secret) // it looks at the name
	}
	if err != nil || !IsOrigin(name) {
		return "", "", fmt.Errorf("merkle.NewKey: %w", ErrKey.Because(err))
	}
	return secret, verifier, nil
}

// KeyName is the name in a verifier key, which is the origin of its log.
func KeyName(verifier string) (string, error) {
	v, err := note.NewVerifier(verifier)
	if err != nil || !IsOrigin(v.Name()) {
		return "", fmt.Errorf("merkle.KeyName: %w", ErrKey.Because(err))
	}
	return v.Name(), nil
}

// Sign writes the checkpoint of a head: origin, size, root and the signature of the key of that name (C2SP tlog-checkpoint). The caller
// signs only heads that grew out of each other.
func Sign(head Head, origin, secret string) ([]byte, error) {
	s, err := note.NewSigner(secret)
	if err != nil {
		return nil, fmt.Errorf("merkle.Sign: %w", ErrKey.Because(err))
	}
	if s.Name() != origin || head.Size < 0 {
		return nil, fmt.Errorf("merkle.Sign: %w", ErrKey)
	}
	msg, err := note.Sign(&note.Note{Text: Text(head, origin)}, s)
	if err != nil {
		return nil, fmt.Errorf("merkle.Sign: %w", ErrKey.Because(err))
	}
	return msg, nil
}

// Text is what is signed of a head: three lines.
func Text(head Head, origin string) string {
	return origin + "\n" + strconv.FormatInt(head.Size, 10) + "\n" + base64.StdEncoding.EncodeToString(head.Root[:]) + "\n"
}

// Open gives the head in a checkpoint that is signed by the key and names its log. Signatures of others, such as witnesses, are passed over.
func Open(checkpoint []byte, verifier string) (Head, error) {
	v, err := note.NewVerifier(verifier)
	if err != nil {
		return Head{}, fmt.Errorf("merkle.Open: %w", ErrKey.Because(err))
	}
	origin, head, err := Parse(checkpoint)
	if err != nil {
		return Head{}, fmt.Errorf("merkle.Open: %w", err)
	}
	n, err := note.Open(checkpoint, note.VerifierList(v))
	if err != nil {
		return Head{}, fmt.Errorf("merkle.Open: %w", ErrSignature.Because(err))
	}
	if origin != v.Name() || !strings.HasPrefix(n.Text, Text(head, origin)) {
		return Head{}, fmt.Errorf("merkle.Open: %w", ErrSignature)
	}
	return head, nil
}

// Parse reads a checkpoint without asking who signed it, or whether anybody did.
func Parse(checkpoint []byte) (origin string, head Head, err error) {
	if len(checkpoint) > MaxCheckpoint {
		return "", Head{}, ErrCheckpoint
	}
	var lines [3]string
	rest := checkpoint
	for i := range lines {
		line, after, ok := bytes.Cut(rest, []byte("\n"))
		if !ok || len(line) == 0 {
			return "", Head{}, ErrCheckpoint
		}
		lines[i], rest = string(line), after
	}
	if !IsOrigin(lines[0]) {
		return "", Head{}, ErrCheckpoint
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return "", Head{}, ErrCheckpoint
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != hashSize || base64.StdEncoding.EncodeToString(root) != lines[2] {
		return "", Head{}, ErrCheckpoint
	}
	head = Head{Size: size, Root: Hash(root)}
	if size == 0 && head != Empty() {
		return "", Head{}, ErrCheckpoint
	}
	return lines[0], head, nil
}
