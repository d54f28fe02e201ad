package signin

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/sync/semaphore"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/team"
)

// Bounds of a password, in characters.
const (
	minPassword = 10
	maxPassword = 200
)

// Params are the cost of a password hash (argon2id, RFC 9106).
type Params struct {
	Memory  uint32 // KiB
	Passes  uint32
	Threads uint8
}

// DefaultParams are the ones that OWASP's Password Storage Cheat Sheet names for small machines: 19 MiB, two passes,
// one thread.
var DefaultParams = Params{Memory: 19 * 1024, Passes: 2, Threads: 1}

const (
	saltLen = 16
	keyLen  = 32
)

// hasher makes and checks password hashes, a few at a time: each takes much memory on purpose.
type hasher struct {
	params Params
	room   *semaphore.Weighted
	nobody string // the hash that is checked when there is none
	// running is called with +1 and -1 around each hashing; tests watch it.
	running func(int)
}

func newHasher(p Params, parallel int64) *hasher {
	h := &hasher{params: p, room: semaphore.NewWeighted(parallel), running: func(int) {}}
	h.nobody = encode(p, random(saltLen), random(keyLen))
	return h
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: it ends the program instead
	return b
}

func encode(p Params, salt, key []byte) string {
	e := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.Memory, p.Passes, p.Threads, e.EncodeToString(salt), e.EncodeToString(key))
}

func decode(s string) (p Params, salt, key []byte, err error) {
	parts := strings.Split(s, "$")
	var version int
	if len(parts) != 6 || parts[1] != "argon2id" {
		return p, nil, nil, errors.New("signin: not an argon2id hash")
	}
	if _, err := fmt.Sscanf(parts[2], "v=%d", &version); err != nil || version != argon2.Version {
		return p, nil, nil, errors.New("signin: another version of argon2id")
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.Memory, &p.Passes, &p.Threads); err != nil || p.Passes == 0 || p.Threads == 0 {
		return p, nil, nil, errors.New("signin: parameters of the hash")
	}
	if salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil {
		return p, nil, nil, errors.New("signin: salt of the hash")
	}
	if key, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil || len(key) == 0 {
		return p, nil, nil, errors.New("signin: key of the hash")
	}
	return p, salt, key, nil
}

// work runs the costly function when there is room, or gives up with ctx.
func (h *hasher) work(ctx context.Context, p Params, password string, salt []byte, n int) ([]byte, error) {
	if err := h.room.Acquire(ctx, 1); err != nil {
		return nil, fault.New(fault.Limited, "signin.busy").Because(err)
	}
	defer h.room.Release(1)
	h.running(1)
	defer h.running(-1)
	return argon2.IDKey([]byte(password), salt, p.Passes, p.Memory, p.Threads, uint32(n)), nil
}

func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	salt := random(saltLen)
	key, err := h.work(ctx, h.params, password, salt, keyLen)
	if err != nil {
		return "", err
	}
	return encode(h.params, salt, key), nil
}

// check compares a password with a hash. With "" for a hash it does the same work and says no, so that the time tells
// nobody who is a member. stale asks for a new hash, because the parameters have changed.
func (h *hasher) check(ctx context.Context, encoded, password string) (ok, stale bool, err error) {
	none := encoded == ""
	if none {
		encoded = h.nobody
	}
	if len(password) > 4*maxPassword {
		password = "" // nobody's
	}
	p, salt, want, err := decode(encoded)
	if err != nil {
		return false, false, err
	}
	got, err := h.work(ctx, p, password, salt, len(want))
	if err != nil {
		return false, false, err
	}
	ok = subtle.ConstantTimeCompare(got, want) == 1 && !none
	return ok, ok && (p != h.params || len(want) != keyLen), nil
}

// weak names what is wrong with a password, "" when nothing is. about is what a stranger knows: the e-mail address,
// the person's and the company's name.
func weak(password string, about ...string) string {
	n := utf8.RuneCountInString(password)
	switch {
	case !utf8.ValidString(password):
		return "signin.password.unreadable"
	case n < minPassword:
		return "signin.password.short"
	case n > maxPassword:
		return "signin.password.long"
	}
	folded := letters(password)
	core := strings.TrimRightFunc(folded, unicode.IsDigit)
	for _, word := range common {
		if folded == word || core != "" && core == strings.TrimRightFunc(word, unicode.IsDigit) {
			return "signin.password.common"
		}
	}
	if plain(folded) {
		return "signin.password.common"
	}
	for _, a := range about {
		local, _, _ := strings.Cut(a, "@")
		for _, known := range []string{letters(a), letters(local)} {
			if len(known) >= 3 && (core == known || folded == known || core == known+known) {
				return "signin.password.known"
			}
		}
	}
	return ""
}

// letters keeps the lower-case letters and the digits of a text.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// plain tells that a text is nothing but a short piece again and again, or a row such as abcdef or 987654.
func plain(s string) bool {
	rs := []rune(s)
	if len(rs) == 0 {
		return true
	}
	for piece := 1; piece <= 4 && piece*2 <= len(rs); piece++ {
		same := true
		for i := piece; i < len(rs) && same; i++ {
			same = rs[i] == rs[i-piece]
		}
		if same {
			return true
		}
	}
	up, down := true, true
	for i := 1; i < len(rs); i++ {
		step := rs[i] - rs[i-1]
		up = up && (step == 1 || rs[i-1] == '9' && rs[i] == '0')
		down = down && (step == -1 || rs[i-1] == '0' && rs[i] == '9')
	}
	return up || down
}

// CheckPassword says what is wrong with a new password for a person, or nil.
func CheckPassword(password string, m team.Member, company string) error {
	key := weak(password, m.Email, m.Name, company)
	if key == "" {
		return nil
	}
	return fault.InvalidFields(fault.Field{Name: "password", Key: key, Args: map[string]any{"least": minPassword, "most": maxPassword}})
}
