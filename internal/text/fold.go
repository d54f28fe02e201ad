package text

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Fold brings a text to the form in which Ponte searches: compatibility decomposition (Unicode NFKD), marks and
// invisible characters removed, case folded, letters that do not decompose (ß, œ, ø, ł ...) spelled out, control
// characters turned into spaces. Digits and punctuation stay. Both databases search what this function made, so that
// they find the same. Folding twice is folding once. The result is valid UTF-8 without NUL.
func Fold(s string) string {
	if plain(s) {
		return strings.ToLower(s)
	}
	s = strings.ToValidUTF8(s, " ")
	// Case folding can yield characters that decompose again (U+1E9E, U+0345 ...); a few rounds settle every one.
	for range 4 {
		next := foldOnce(s)
		if next == s {
			break
		}
		s = next
	}
	return s
}

// plain tells whether lower-casing alone folds s: printable ASCII only.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

func foldOnce(s string) string {
	folded := cases.Fold().String(norm.NFKD.String(s))
	var b strings.Builder
	b.Grow(len(folded))
	for _, r := range norm.NFKD.String(folded) {
		switch {
		case unicode.Is(unicode.Mn, r), unicode.Is(unicode.Me, r), unicode.Is(unicode.Cf, r):
		case unicode.IsControl(r), unicode.IsSpace(r):
			b.WriteByte(' ')
		default:
			if spelled, ok := spell(r); ok {
				b.WriteString(spelled)
			} else {
				b.WriteRune(r)
			}
		}
	}
	return b.String()
}

// spell writes out lower-case letters that Unicode does not decompose but people type in another way.
func spell(r rune) (string, bool) {
	switch r {
	case 'æ':
		return "ae", true
	case 'œ':
		return "oe", true
	case 'ø':
		return "o", true
	case 'ł':
		return "l", true
	case 'đ', 'ð':
		return "d", true
	case 'þ':
		return "th", true
	case 'ı':
		return "i", true
	case 'ħ':
		return "h", true
	case 'ŧ':
		return "t", true
	case 'ŋ':
		return "n", true
	case '’', '‘', 'ʼ', '`':
		return "'", true
	default:
		return "", false
	}
}

// Words gives the words of a text, folded, in their order: runs of letters and digits. Characters of scripts that
// write no spaces (Han, Hiragana, Katakana) are a word each.
func Words(s string) []string {
	folded := Fold(s)
	var words []string
	start := -1
	end := func(i int) {
		if start >= 0 {
			words = append(words, folded[start:i])
			start = -1
		}
	}
	for i, r := range folded {
		switch {
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana):
			end(i)
			words = append(words, string(r))
		case wordRune(r):
			if start < 0 {
				start = i
			}
		default:
			end(i)
		}
	}
	end(len(folded))
	return words
}

func wordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.Mc, r)
}
