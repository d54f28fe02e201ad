package adapt

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
)

const (
	joiner    = '\u200d' // zero width joiner
	asEmoji   = '\ufe0f' // variation selector 16
	keycap    = '\u20e3'
	blackFlag = '\U0001f3f4'
	lastTag   = '\U000e007f'
)

// emojiBMP are the characters of the basic plane that are emoji (Unicode 16, emoji-data.txt, Emoji=Yes), without the
// digits, * and #.
var emojiBMP = &unicode.RangeTable{R16: []unicode.Range16{
	{0x00a9, 0x00a9, 1},
	{0x00ae, 0x00ae, 1},
	{0x203c, 0x203c, 1},
	{0x2049, 0x2049, 1},
	{0x2122, 0x2122, 1},
	{0x2139, 0x2139, 1},
	{0x2194, 0x2199, 1},
	{0x21a9, 0x21aa, 1},
	{0x231a, 0x231b, 1},
	{0x2328, 0x2328, 1},
	{0x23cf, 0x23cf, 1},
	{0x23e9, 0x23f3, 1},
	{0x23f8, 0x23fa, 1},
	{0x24c2, 0x24c2, 1},
	{0x25aa, 0x25ab, 1},
	{0x25b6, 0x25b6, 1},
	{0x25c0, 0x25c0, 1},
	{0x25fb, 0x25fe, 1},
	{0x2600, 0x2604, 1},
	{0x260e, 0x260e, 1},
	{0x2611, 0x2611, 1},
	{0x2614, 0x2615, 1},
	{0x2618, 0x2618, 1},
	{0x261d, 0x261d, 1},
	{0x2620, 0x2620, 1},
	{0x2622, 0x2623, 1},
	{0x2626, 0x2626, 1},
	{0x262a, 0x262a, 1},
	{0x262e, 0x262f, 1},
	{0x2638, 0x263a, 1},
	{0x2640, 0x2642, 2},
	{0x2648, 0x2653, 1},
	{0x265f, 0x2660, 1},
	{0x2663, 0x2663, 1},
	{0x2665, 0x2666, 1},
	{0x2668, 0x2668, 1},
	{0x267b, 0x267b, 1},
	{0x267e, 0x267f, 1},
	{0x2692, 0x2697, 1},
	{0x2699, 0x2699, 1},
	{0x269b, 0x269c, 1},
	{0x26a0, 0x26a1, 1},
	{0x26a7, 0x26a7, 1},
	{0x26aa, 0x26ab, 1},
	{0x26b0, 0x26b1, 1},
	{0x26bd, 0x26be, 1},
	{0x26c4, 0x26c5, 1},
	{0x26c8, 0x26c8, 1},
	{0x26ce, 0x26cf, 1},
	{0x26d1, 0x26d1, 1},
	{0x26d3, 0x26d4, 1},
	{0x26e9, 0x26ea, 1},
	{0x26f0, 0x26f5, 1},
	{0x26f7, 0x26fa, 1},
	{0x26fd, 0x26fd, 1},
	{0x2702, 0x2702, 1},
	{0x2705, 0x2705, 1},
	{0x2708, 0x270d, 1},
	{0x270f, 0x270f, 1},
	{0x2712, 0x2712, 1},
	{0x2714, 0x2714, 1},
	{0x2716, 0x2716, 1},
	{0x271d, 0x271d, 1},
	{0x2721, 0x2721, 1},
	{0x2728, 0x2728, 1},
	{0x2733, 0x2734, 1},
	{0x2744, 0x2744, 1},
	{0x2747, 0x2747, 1},
	{0x274c, 0x274c, 1},
	{0x274e, 0x274e, 1},
	{0x2753, 0x2755, 1},
	{0x2757, 0x2757, 1},
	{0x2763, 0x2764, 1},
	{0x2795, 0x2797, 1},
	{0x27a1, 0x27a1, 1},
	{0x27b0, 0x27b0, 1},
	{0x27bf, 0x27bf, 1},
	{0x2934, 0x2935, 1},
	{0x2b05, 0x2b07, 1},
	{0x2b1b, 0x2b1c, 1},
	{0x2b50, 0x2b50, 1},
	{0x2b55, 0x2b55, 1},
	{0x3030, 0x3030, 1},
	{0x303d, 0x303d, 1},
	{0x3297, 0x3297, 1},
	{0x3299, 0x3299, 1},
}, LatinOffset: 2}

// takesSkin are the emoji that can have a colour of skin (Emoji_Modifier_Base=Yes).
var takesSkin = &unicode.RangeTable{
	R16: []unicode.Range16{{0x261d, 0x261d, 1}, {0x26f9, 0x26f9, 1}, {0x270a, 0x270d, 1}},
	R32: []unicode.Range32{
		{0x1f385, 0x1f385, 1},
		{0x1f3c2, 0x1f3c4, 1},
		{0x1f3c7, 0x1f3c7, 1},
		{0x1f3ca, 0x1f3cc, 1},
		{0x1f442, 0x1f443, 1},
		{0x1f446, 0x1f450, 1},
		{0x1f466, 0x1f478, 1},
		{0x1f47c, 0x1f47c, 1},
		{0x1f481, 0x1f483, 1},
		{0x1f485, 0x1f487, 1},
		{0x1f48f, 0x1f48f, 1},
		{0x1f491, 0x1f491, 1},
		{0x1f4aa, 0x1f4aa, 1},
		{0x1f574, 0x1f575, 1},
		{0x1f57a, 0x1f57a, 1},
		{0x1f590, 0x1f590, 1},
		{0x1f595, 0x1f596, 1},
		{0x1f645, 0x1f647, 1},
		{0x1f64b, 0x1f64f, 1},
		{0x1f6a3, 0x1f6a3, 1},
		{0x1f6b4, 0x1f6b6, 1},
		{0x1f6c0, 0x1f6c0, 1},
		{0x1f6cc, 0x1f6cc, 1},
		{0x1f90c, 0x1f90c, 1},
		{0x1f90f, 0x1f90f, 1},
		{0x1f918, 0x1f91f, 1},
		{0x1f926, 0x1f926, 1},
		{0x1f930, 0x1f939, 1},
		{0x1f93c, 0x1f93e, 1},
		{0x1f977, 0x1f977, 1},
		{0x1f9b5, 0x1f9b6, 1},
		{0x1f9b8, 0x1f9b9, 1},
		{0x1f9bb, 0x1f9bb, 1},
		{0x1f9cd, 0x1f9cf, 1},
		{0x1f9d1, 0x1f9dd, 1},
		{0x1fac3, 0x1fac5, 1},
		{0x1faf0, 0x1faf8, 1},
	},
}

// joined are the emoji that follow a joiner in the sequences of emoji-zwj-sequences.txt.
const joined = "♀♂⚕⚖✈❤💋👨👩👦👧🧑🧒🤝🌾🍳🍼🎓🎤🎨🏫🏭💻💼🔧🔬🚀🚒🦯🦰🦱🦲🦳🦼🦽🎄🌈⚧☠🗨💨💫🌫🔥🩹🦺⬛❄🟩🟫↔↕💥➡🩰"

func isEmoji(r rune) bool {
	return r >= 0x1f000 && r <= 0x1faff && !isSkin(r) || r < 0x10000 && unicode.Is(emojiBMP, r)
}

func isSkin(r rune) bool { return r >= 0x1f3fb && r <= 0x1f3ff }

func isFlagLetter(r rune) bool { return r >= 0x1f1e6 && r <= 0x1f1ff }

// emojis tells whether a grapheme cluster is made of emoji, and of how many with how many other characters: a sequence
// that stands in Unicode's lists is one. What is merely joined, as nobody draws it, is several.
func emojis(cluster string) (many int, others []rune, ok bool) {
	first, size := utf8.DecodeRuneInString(cluster)
	if size == len(cluster) {
		if isEmoji(first) || isSkin(first) {
			return 1, nil, true
		}
		return 0, nil, false
	}
	switch {
	case isFlagLetter(first):
		second, n := utf8.DecodeRuneInString(cluster[size:])
		if size+n == len(cluster) && isFlagLetter(second) && isFlag(first, second) {
			return 1, nil, true
		}
	case strings.ContainsRune("0123456789#*", first):
		rest := strings.TrimPrefix(cluster[size:], string(asEmoji))
		if rest == string(keycap) {
			return 1, nil, true
		}
		return 0, nil, false
	case !isEmoji(first):
		return 0, nil, false
	}
	// elements apart by joiners
	elements := strings.Split(cluster, string(joiner))
	listed := len(elements) <= 4
	for i, e := range elements {
		base, n := utf8.DecodeRuneInString(e)
		if e == "" || !isEmoji(base) || i > 0 && !strings.ContainsRune(joined, base) {
			listed = false
		}
		if e != "" && isEmoji(base) {
			many++
		} else {
			others = append(others, []rune(e[:n])...)
		}
		tags := 0
		for j, r := range e[n:] {
			switch {
			case r == asEmoji && j == 0:
			case isSkin(r) && unicode.Is(takesSkin, base):
			case isSkin(r), isFlagLetter(r):
				many++
				listed = false
			case r >= 0xe0020 && r <= lastTag && base == blackFlag:
				others = append(others, r)
				tags++
			default:
				others = append(others, r)
				listed = false
			}
		}
		if tags > 0 && isRegionFlag(e) {
			others = others[:len(others)-tags]
		} else if tags > 0 {
			listed = false
		}
		if i > 0 {
			others = append(others, joiner)
		}
	}
	if listed {
		return 1, nil, true
	}
	return many, others, true
}

// isFlag tells whether two letters are the flag of a country.
func isFlag(a, b rune) bool {
	code := string([]rune{'A' + a - 0x1f1e6, 'A' + b - 0x1f1e6})
	switch code {
	case "EU", "UN", "AC", "CP", "DG", "EA", "IC", "TA", "XK":
		return true
	}
	region, err := language.ParseRegion(code)
	return err == nil && region.String() == code && region.IsCountry()
}

// isRegionFlag tells whether a black flag with tags is that of England, Scotland or Wales.
func isRegionFlag(e string) bool {
	var tags strings.Builder
	for _, r := range e {
		if r >= 0xe0020 && r < lastTag {
			tags.WriteRune(r - 0xe0000)
		}
	}
	switch tags.String() {
	case "gbeng", "gbsct", "gbwls":
		return strings.HasSuffix(e, string(lastTag))
	}
	return false
}
