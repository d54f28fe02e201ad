package id

import (
	"crypto/rand"
	"strings"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/ponte-desk/ponte/internal/fault"
)

// Kind is the short prefix that tells what an identifier names ("cnv" for a conversation).
// It is stored in the database: never change one that has shipped.
type Kind string

var entropy = &ulid.LockedMonotonicReader{MonotonicReader: ulid.Monotonic(rand.Reader, 0)}

// mu keeps the time of successive identifiers from running backwards, so that identifiers minted
// by one process sort in the order in which they were minted.
var (
	mu   sync.Mutex
	last uint64
)

// New mints an identifier of this kind: the kind, an underscore and a lower-case ULID of 26 characters
// (https://github.com/ulid/spec). Identifiers minted by one process sort by the order of minting.
func (k Kind) New(now time.Time) string {
	ms := ulid.Timestamp(now)
	mu.Lock()
	defer mu.Unlock()
	if ms < last {
		ms = last
	}
	last = ms
	u, err := ulid.New(ms, entropy)
	if err != nil { // the monotonic counter of this millisecond is used up: take the next one
		last = ms + 1
		u = ulid.MustNew(last, entropy)
	}
	return string(k) + "_" + strings.ToLower(u.String())
}

// Parse checks that s is an identifier of this kind and returns it unchanged. What is none names nothing: that is NotFound.
func (k Kind) Parse(s string) (string, error) {
	rest, ok := strings.CutPrefix(s, string(k)+"_")
	if !ok || len(rest) != ulid.EncodedSize || rest != strings.ToLower(rest) {
		return "", fault.New(fault.NotFound, "id.invalid").With("kind", string(k))
	}
	if _, err := ulid.ParseStrict(strings.ToUpper(rest)); err != nil {
		return "", fault.New(fault.NotFound, "id.invalid").With("kind", string(k))
	}
	return s, nil
}
