package adapt

import (
	"strings"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// Measure counts a text as a network counts it, against a place's own limit, or the table's when max is 0. Limit 0
// means that there is none. A content warning counts by itself and is added.
func Measure(n Network, text string, max int) (used, limit int) {
	r := RulesOf(n)
	limit = r.Max
	if max > 0 {
		limit = max
	}
	return r.count(text), limit
}

// count is how long a text is by these rules.
func (r *Rules) count(text string) int {
	switch {
	case r.Network == LinkedIn:
		return utf16Len(little(text, nil))
	case r.Unit == Typed:
		return utf8.RuneCountInString(strings.TrimSpace(text))
	case r.Unit == Weighted:
		return weigh(text)
	case r.Unit == UTF16:
		return utf16Len(text)
	case r.Unit == EmojiByte:
		return emojiBytes(text)
	case r.Link > 0:
		return CountMastodon(text, r.Link)
	default:
		return graphemes(text)
	}
}

// graphemes counts grapheme clusters; what is only ASCII without carriage returns is as long as its bytes.
func graphemes(text string) int {
	for i := 0; i < len(text); i++ {
		if c := text[i]; c >= utf8.RuneSelf || c == '\r' {
			return uniseg.GraphemeClusterCount(text)
		}
	}
	return len(text)
}

func utf16Len(text string) int {
	n := 0
	for _, r := range text {
		n++
		if r > 0xffff {
			n++
		}
	}
	return n
}

// emojiBytes counts characters, and an emoji as the bytes it has in UTF-8.
func emojiBytes(text string) int {
	n := 0
	for rest, state := text, -1; rest != ""; {
		var cluster string
		cluster, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if len(cluster) > 1 {
			if _, _, ok := emojis(cluster); ok {
				n += len(cluster)
				continue
			}
		}
		n += utf8.RuneCountInString(cluster)
	}
	return n
}
