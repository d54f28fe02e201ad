package triage

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// appendFold writes a letter or digit the way the lexicon spells it: small, without accents or flourish.
// A mark that only sits on a letter writes nothing.
func appendFold(dst []byte, r rune) []byte {
	if r < utf8.RuneSelf {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return append(dst, byte(r))
	}
	switch r {
	case 'ß', 'ẞ':
		return append(dst, "ss"...)
	case 'æ', 'Æ':
		return append(dst, "ae"...)
	case 'œ', 'Œ':
		return append(dst, "oe"...)
	case 'ø', 'Ø':
		return append(dst, 'o')
	case 'ł', 'Ł':
		return append(dst, 'l')
	case 'đ', 'Đ', 'ð', 'Ð':
		return append(dst, 'd')
	case 'ı':
		return append(dst, 'i')
	}
	if unicode.Is(unicode.Mn, r) {
		return dst
	}
	var raw [utf8.UTFMax]byte
	n := utf8.EncodeRune(raw[:], r)
	parts := norm.NFKD.Properties(raw[:n]).Decomposition()
	if parts == nil {
		return utf8.AppendRune(dst, unicode.ToLower(r))
	}
	for len(parts) > 0 {
		p, size := utf8.DecodeRune(parts)
		parts = parts[size:]
		if isLetter(p) || isDigit(p) {
			dst = utf8.AppendRune(dst, unicode.ToLower(p))
		}
	}
	return dst
}

func isLetter(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
	}
	return unicode.IsLetter(r)
}

func isDigit(r rune) bool {
	if r < utf8.RuneSelf {
		return '0' <= r && r <= '9'
	}
	return unicode.IsDigit(r)
}

func isMark(r rune) bool { return r >= utf8.RuneSelf && unicode.Is(unicode.Mn, r) }

// isEmoji tells pictures from letters and punctuation.
func isEmoji(r rune) bool {
	switch {
	case r < 0x2300:
		return false
	case r <= 0x23FF, 0x25A0 <= r && r <= 0x27BF, 0x2B00 <= r && r <= 0x2BFF, 0x1F000 <= r && r <= 0x1FAFF:
		return true
	}
	return false
}

// isTrimming tells what only dresses an emoji: the choice of picture, skin, joiners, tags.
func isTrimming(r rune) bool {
	return r == 0xFE0F || r == 0xFE0E || r == 0x200D || r == 0x20E3 || 0x1F3FB <= r && r <= 0x1F3FF || 0xE0020 <= r && r <= 0xE007F
}

// emoticons are the faces made of signs, with the spelling under which the lexicon knows them. Longer ones first.
var emoticons = []struct{ sign, face string }{
	{":'-(", ":'("},
	{":'(", ":'("},
	{":’(", ":'("},
	{":'-)", ":')"},
	{":')", ":')"},
	{":-)", ":)"},
	{":)", ":)"},
	{"=)", ":)"},
	{":-]", ":)"},
	{":]", ":)"},
	{":^)", ":)"},
	{":-D", ":d"},
	{":D", ":d"},
	{"=D", ":d"},
	{";-)", ";)"},
	{";)", ";)"},
	{":-(", ":("},
	{":(", ":("},
	{"=(", ":("},
	{":-[", ":("},
	{":[", ":("},
	{":-/", ":/"},
	{":/", ":/"},
	{":-\\", ":/"},
	{":\\", ":/"},
	{":-|", ":|"},
	{":|", ":|"},
	{":-P", ":p"},
	{":-p", ":p"},
	{":P", ":p"},
	{":p", ":p"},
	{":-*", ":*"},
	{":*", ":*"},
	{":-O", ":o"},
	{":-o", ":o"},
	{":O", ":o"},
	{":o", ":o"},
	{"<3", "<3"},
	{"</3", "</3"},
	{"^_^", "^^"},
	{"^^", "^^"},
	{"-_-", "-_-"},
	{"-.-", "-_-"},
	{">:(", ":("},
}

// emoticonAt gives the face that s begins with and its length, or an empty one.
func emoticonAt(s string) (face string, n int) {
	switch s[0] {
	case ':', ';', '=', '<', '^', '-', '>':
	default:
		return "", 0
	}
	for _, e := range emoticons {
		if len(s) >= len(e.sign) && s[:len(e.sign)] == e.sign {
			n = len(e.sign)
			if last := e.sign[n-1]; last == '/' && n < len(s) && s[n] == '/' {
				return "", 0 // the beginning of an address
			} else if isLetter(rune(last)) && n < len(s) && isLetter(rune(s[n])) && s[n] != last {
				return "", 0 // ":Prezzo"
			}
			for n < len(s) && s[n] == e.sign[len(e.sign)-1] {
				n++
			}
			return e.face, n
		}
	}
	return "", 0
}
