package lead

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"math/bits"
	"strconv"
	"strings"
	"time"
)

// Proof of work takes the place of a stranger's captcha: the browser of who fills in a form reckons for a moment, and the server checks it
// at once. A page gives a challenge, signed with the form's own secret; the answer is a number with which the hash of both begins with
// ProofBits zero bits. A challenge is good for proofLasts and once.

// ProofBits is how many zero bits a proof has: some hundred thousand hashes, a moment for a telephone and dear for who sends thousands.
const ProofBits = 16

const proofLasts = 3 * time.Hour

// challenge makes what a page gives to be proved.
func (f Form) challenge(now time.Time) string {
	head := strconv.FormatInt(now.Unix(), 36) + "." + random(9)
	return head + "." + f.sign(head)
}

func (f Form) sign(head string) string {
	m := hmac.New(sha256.New, []byte(f.secret))
	m.Write([]byte(string(f.ID) + "." + head))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil)[:15])
}

// proved tells whether a challenge was given by this form, is not stale, and was worked on.
func (f Form) proved(challenge, answer string, now time.Time) bool {
	parts := strings.Split(challenge, ".")
	if len(parts) != 3 || len(challenge) > 80 || len(answer) == 0 || len(answer) > 20 {
		return false
	}
	head := parts[0] + "." + parts[1]
	if !hmac.Equal([]byte(f.sign(head)), []byte(parts[2])) {
		return false
	}
	at, err := strconv.ParseInt(parts[0], 36, 64)
	if err != nil {
		return false
	}
	age := now.Sub(time.Unix(at, 0))
	return age > -time.Minute && age < proofLasts && Zeros(challenge, answer) >= ProofBits
}

// Zeros counts the zero bits with which the hash of a challenge and an answer begins.
func Zeros(challenge, answer string) int {
	h := sha256.Sum256([]byte(challenge + ":" + answer))
	n := 0
	for _, b := range h {
		if b != 0 {
			return n + bits.LeadingZeros8(b)
		}
		n += 8
	}
	return n
}

// mark is a hash under which something is found again without being kept.
func mark(parts ...string) string {
	h := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(h[:16])
}
