package record

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
)

// Domain is what a commitment is of, so that one can never be taken for another. It stands in public logs: never renamed.
type Domain string

// The domains.
const (
	OfAddress Domain = "address" // the NormalAddress of a comment
	OfReason  Domain = "reason"  // why a case is declined
	OfEntry   Domain = "entry"   // the text of an improvement
)

// SaltSize is the size of a salt in bytes.
const SaltSize = 16

// NewSalt makes a salt for one commitment. Whoever has neither salt nor text learns nothing from a commitment, and once the salt is
// erased nobody can show any more what it was of.
func NewSalt() []byte {
	b := make([]byte, SaltSize)
	_, _ = rand.Read(b) // never fails
	return b
}

// Commit commits to a text without telling it: SHA-256 over four netstrings (each a decimal length, a colon, the bytes, a comma), so
// that anybody can check it by hand: "ponte-record-1", the domain, the salt in lower-case hex, the text.
func Commit(salt []byte, domain Domain, text string) []byte {
	b := make([]byte, 0, 128+len(text))
	for _, part := range []string{"ponte-record-1", string(domain), hex.EncodeToString(salt), text} {
		b = strconv.AppendInt(b, int64(len(part)), 10)
		b = append(b, ':')
		b = append(b, part...)
		b = append(b, ',')
	}
	sum := sha256.Sum256(b)
	return sum[:]
}

// Opens tells whether a commitment is of this text with this salt.
func Opens(commit, salt []byte, domain Domain, text string) bool {
	return bytes.Equal(commit, Commit(salt, domain, text))
}
