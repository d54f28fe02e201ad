package link

import (
	"crypto/rand"
	"math/big"
	"regexp"
	"strings"
)

// How codes are written: what a person copies from paper has no letter that looks like another, and what a person hears is made of
// syllables that Italian and English ears write down alike.
const (
	letters    = "23456789abcdefghjkmnpqrstuvwxyz"
	codeLen    = 6
	consonants = "bdfglmnprstv"
	vowels     = "aeiou"
)

// own is how a code that a company chooses itself is written.
var own = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$`)

// unsaid are sounds that no company wants to read out on the radio.
var unsaid = []string{"figa", "sega", "pene", "tete", "pupu", "pipi", "mona", "topa", "morto", "nudo", "puta", "anal", "fag", "nig", "tit", "rape"}

// newCode makes a code at random.
func newCode() string {
	b := make([]byte, codeLen)
	for i := range b {
		b[i] = pick(letters)
	}
	return string(b)
}

// sayable makes a code of so many syllables that one can say: "lomiru".
func sayable(syllables int) string {
	for {
		var b strings.Builder
		for range syllables {
			b.WriteByte(pick(consonants))
			b.WriteByte(pick(vowels))
		}
		if code := b.String(); !ugly(code) {
			return code
		}
	}
}

func ugly(code string) bool {
	for _, u := range unsaid {
		if strings.Contains(code, u) {
			return true
		}
	}
	return false
}

func pick(from string) byte {
	n, err := rand.Int(rand.Reader, big.NewInt(int64(len(from))))
	if err != nil { // the machine has no randomness: nothing works then
		panic(err)
	}
	return from[n.Int64()]
}

// cleanCode writes a code as it is kept: what was heard or copied may have capitals.
func cleanCode(s string) string { return strings.ToLower(strings.TrimSpace(s)) }
