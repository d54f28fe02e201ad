package link

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"strings"

	"golang.org/x/crypto/argon2"
)

// The cost of a password's hash, as OWASP's Password Storage Cheat Sheet names it for small machines (argon2id, RFC 9106).
const (
	hashMemory = 19 * 1024 // KiB
	hashPasses = 2
	hashSalt   = 16
	hashLen    = 32
)

func (l *Links) derive(password string, salt []byte) []byte {
	l.hashing.Lock()
	defer l.hashing.Unlock()
	return argon2.IDKey([]byte(password), salt, hashPasses, hashMemory, 1, hashLen)
}

// hash gives what is kept of a password; "" of none.
func (l *Links) hash(password string) (string, error) {
	if password == "" {
		return "", nil
	}
	salt := make([]byte, hashSalt)
	if _, err := rand.Read(salt); err != nil {
		return "", err
	}
	e := base64.RawStdEncoding
	return e.EncodeToString(salt) + "$" + e.EncodeToString(l.derive(password, salt)), nil
}

// Opens tells whether a password opens a way.
func (l *Links) Opens(w *Way, password string) bool {
	a, b, ok := strings.Cut(w.password, "$")
	salt, err := base64.RawStdEncoding.DecodeString(a)
	key, err2 := base64.RawStdEncoding.DecodeString(b)
	if !ok || err != nil || err2 != nil || password == "" || len(password) > 200 {
		return false
	}
	return subtle.ConstantTimeCompare(key, l.derive(password, salt)) == 1
}
