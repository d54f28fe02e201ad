package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/ponte-desk/ponte/internal/fault"
)

// version begins every envelope; it is stored in the database.
const version = "p1"

// saltSize is the length in bytes of what makes each envelope's own key.
const saltSize = 16

// Place is where a secret belongs. A secret opens only in the place it was sealed for, so that a row copied over
// another, or a token put in a password's column, is noticed. All three are stored beside it, in the clear.
type Place struct {
	Company string // the company's id
	Row     string // the row's id
	Purpose string // what it is: "channel.credentials", "member.totp"
}

// Errors to compare with errors.Is.
var (
	// ErrDamaged: the envelope was changed, cut, or moved to another place.
	ErrDamaged = fault.New(fault.Internal, "seal.damaged")
	// ErrUnknownKey: the envelope was sealed with a key that is not in the keyring.
	ErrUnknownKey = fault.New(fault.Internal, "seal.unknown_key")
)

// Seal encrypts a secret with the newest key: AES-256-GCM under a key derived for this envelope (HKDF-SHA-256,
// RFC 5869), with the place as additional data. The envelope is printable: "p1.<key id>.<base64>".
func (k *Keyring) Seal(p Place, secret []byte) (string, error) {
	newest := &k.keys[len(k.keys)-1]
	body := make([]byte, saltSize, saltSize+12+len(secret)+16)
	rand.Read(body)
	aead, err := newest.aead(body)
	if err != nil {
		return "", fmt.Errorf("seal.Seal: %w", err)
	}
	nonce := make([]byte, aead.NonceSize())
	rand.Read(nonce)
	body = append(body, nonce...)
	body = aead.Seal(body, nonce, secret, p.bytes(newest.id))
	return version + "." + newest.id + "." + base64.RawURLEncoding.EncodeToString(body), nil
}

// Unseal opens an envelope in its place. Errors: ErrDamaged, ErrUnknownKey.
func (k *Keyring) Unseal(p Place, envelope string) ([]byte, error) {
	id, text, err := split(envelope)
	if err != nil {
		return nil, fmt.Errorf("seal.Unseal: %w", err)
	}
	damaged := func(cause error) error {
		return fmt.Errorf("seal.Unseal: %w", ErrDamaged.With("purpose", p.Purpose).Because(cause))
	}
	for i := range k.keys {
		if k.keys[i].id != id {
			continue
		}
		body, err := base64.RawURLEncoding.Strict().DecodeString(text)
		if err != nil || len(body) < saltSize {
			return nil, damaged(errors.New("not an envelope"))
		}
		aead, err := k.keys[i].aead(body[:saltSize])
		if err != nil {
			return nil, fmt.Errorf("seal.Unseal: %w", err)
		}
		rest := body[saltSize:]
		if len(rest) < aead.NonceSize() {
			return nil, damaged(errors.New("cut"))
		}
		secret, err := aead.Open(nil, rest[:aead.NonceSize()], rest[aead.NonceSize():], p.bytes(id))
		if err != nil {
			return nil, damaged(err)
		}
		return secret, nil
	}
	return nil, fmt.Errorf("seal.Unseal: %w", ErrUnknownKey.With("id", id))
}

// Stale tells whether an envelope was sealed with another key than the newest.
func (k *Keyring) Stale(envelope string) bool {
	id, _, err := split(envelope)
	return err != nil || id != k.Newest()
}

// Reseal moves an envelope to the newest key; changed tells whether there was anything to do.
func (k *Keyring) Reseal(p Place, envelope string) (fresh string, changed bool, err error) {
	if !k.Stale(envelope) {
		return envelope, false, nil
	}
	secret, err := k.Unseal(p, envelope)
	if err != nil {
		return "", false, fmt.Errorf("seal.Reseal: %w", err)
	}
	fresh, err = k.Seal(p, secret)
	clear(secret)
	if err != nil {
		return "", false, fmt.Errorf("seal.Reseal: %w", err)
	}
	return fresh, true, nil
}

func split(envelope string) (id, text string, err error) {
	v, rest, _ := strings.Cut(envelope, ".")
	id, text, ok := strings.Cut(rest, ".")
	if !ok || v != version || id == "" {
		return "", "", ErrDamaged.Because(errors.New("not an envelope"))
	}
	return id, text, nil
}

func (k *key) aead(salt []byte) (cipher.AEAD, error) {
	derived, err := hkdf.Key(sha256.New, k.secret[:], salt, "ponte seal "+version, keySize)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(derived)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// bytes writes the place so that no two places read the same: each part after its length.
func (p Place) bytes(keyID string) []byte {
	var b []byte
	for _, part := range []string{version, keyID, p.Company, p.Row, p.Purpose} {
		b = binary.BigEndian.AppendUint64(b, uint64(len(part)))
		b = append(b, part...)
	}
	return b
}
