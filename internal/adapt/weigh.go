package adapt

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
	"golang.org/x/text/unicode/norm"
)

// weigh is the weighted length of a text on X, as twitter-text counts it by its configuration 3: after NFC each
// address weighs 23, each emoji 2, the code points of four ranges 1, and every other one 2.
func weigh(text string) int {
	text = norm.NFC.String(text)
	n, done := 0, 0
	for _, u := range tweetLinks(text) {
		n += weighPlain(text[done:u[0]]) + tweetLinkWeight
		done = u[1]
	}
	return n + weighPlain(text[done:])
}

// tweetLinkWeight is what an address weighs, however long it is (transformedURLLength).
const tweetLinkWeight = 23

// weighPlain weighs a text in which nothing is an address.
func weighPlain(text string) int {
	n := 0
	for rest, state := text, -1; rest != ""; {
		if c := rest[0]; c < utf8.RuneSelf && (len(rest) == 1 || rest[1] < utf8.RuneSelf) {
			n++
			rest, state = rest[1:], -1
			continue
		}
		var cluster string
		cluster, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		many, others, ok := emojis(cluster)
		if !ok {
			for _, r := range cluster {
				n += weightOf(r)
			}
			continue
		}
		n += 2 * many
		for _, r := range others {
			n += weightOf(r)
		}
	}
	return n
}

// weightOf is the weight of a code point: the ranges of twitter-text's config/v3.json.
func weightOf(r rune) int {
	switch {
	case r <= 4351, r >= 8192 && r <= 8205, r >= 8208 && r <= 8223, r >= 8242 && r <= 8247:
		return 1
	}
	return 2
}

// The characters of the parts of an address, after twitter-text's expressions.
const (
	latin     = `\x{c0}-\x{d6}\x{d8}-\x{f6}\x{f8}-\x{24f}\x{253}\x{254}\x{256}\x{257}\x{259}\x{25b}\x{263}\x{268}\x{26f}\x{272}\x{289}\x{28b}\x{2bb}\x{300}-\x{36f}\x{1e00}-\x{1eff}`
	pathChar  = `[a-z\x{400}-\x{4ff}0-9!*';:=+,.$/%#\[\]\-\x{2013}_~@|&` + latin + `]`
	balanced  = `\((?:` + pathChar + `+|` + pathChar + `*\(` + pathChar + `+\)` + pathChar + `*)\)`
	pathEnd   = `(?:[+\-a-z\x{400}-\x{4ff}0-9=_#/` + latin + `]|` + balanced + `)`
	queryChar = `[a-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]`
)

var (
	tweetTail = regexp.MustCompile(`^(?i:(?::[0-9]+)?(?:/(?:(?:` + pathChar + `*(?:` + balanced + pathChar + `*)*` + pathEnd + `)|(?:@` + pathChar + `+/))*)?(?:\?` + queryChar + `*[a-z0-9\-_&=#/])?)`)
	shortSlug = regexp.MustCompile(`^(?i:/[a-z0-9]+(?:\?` + queryChar + `*[a-z0-9\-_&=#/])?)`)
	latinRun  = regexp.MustCompile(`(?i)(?:[\-a-z0-9` + latin + `]+\.)+`)
)

// tweetLinks finds what X makes an address of, as ranges of bytes.
func tweetLinks(text string) (found [][2]int) {
	if !strings.Contains(text, ".") {
		return nil
	}
	before, barren := ' ', 0 // no host without https:// begins before barren
	for at := 0; at < len(text); {
		r, size := utf8.DecodeRuneInString(text[at:])
		if mayPrecede(before) && isHostRune(r) {
			if links, end := tweetLink(text, at, before, &barren); end > at {
				found = append(found, links...)
				before, _ = utf8.DecodeLastRuneInString(text[:end])
				at = end
				continue
			}
			for r < utf8.RuneSelf && at+size < len(text) && isAlnum(text[at+size]) { // nothing begins inside a word
				r = rune(text[at+size])
				size++
			}
		}
		before = r
		at += size
	}
	return found
}

func isAlnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// mayPrecede tells what may stand before an address.
func mayPrecede(r rune) bool {
	return !(r < utf8.RuneSelf && isAlnum(byte(r))) && !strings.ContainsRune("@＠$#＃\ufffe\ufeff\uffff", r)
}

// isHostRune tells what may stand in a label of a host.
func isHostRune(r rune) bool {
	return !unicode.IsSpace(r) && !strings.ContainsRune("!'#%&()*+,\\-./:;<=>?@[]^_{|}~$\u180e\ufffe\ufeff\uffff", r) && !isDirection(r)
}

func isDirection(r rune) bool {
	return r >= 0x202a && r <= 0x202e || r == 0x061c || r == 0x200e || r == 0x200f || r >= 0x2066 && r <= 0x2069
}

// tweetLink reads what begins at a byte: one address with https://, or without it a host in which there may be several,
// because scripts without spaces count as letters of a host. end is behind all of it; at: there is none.
func tweetLink(text string, at int, before rune, barren *int) (links [][2]int, end int) {
	rest := text[at:]
	protocol := 0
	for _, p := range []string{"https://", "http://"} {
		if len(rest) >= len(p) && strings.EqualFold(rest[:len(p)], p) {
			protocol = len(p)
		}
	}
	if protocol == 0 && (at < *barren || strings.ContainsRune("-_./", before)) {
		return nil, at
	}
	host, looked, domains := hostLength(rest[protocol:])
	if host == 0 {
		if !domains && protocol == 0 {
			*barren = at + looked
		}
		return nil, at
	}
	name := rest[protocol : protocol+host]
	tail := rest[protocol+host:]
	tail = tweetTail.FindString(tail[:min(len(tail), longestTweetLink+utf8.UTFMax)])
	end = at + protocol + host + len(tail)
	if protocol > 0 {
		if strings.EqualFold(name, "t.co") && tail != "" {
			slug := shortSlug.FindString(tail)
			if path, _, _ := strings.Cut(slug, "?"); len(path) > 41 {
				return nil, at
			}
			if slug != "" {
				end -= len(tail) - len(slug)
			}
		}
		if end-at > longestTweetLink {
			return nil, end
		}
		return [][2]int{{at, end}}, end
	}
	for from := 0; from < len(name); { // each host in Latin letters
		run := latinRun.FindStringIndex(name[from:])
		if run == nil {
			break
		}
		begin := from + run[0]
		labels := strings.Split(name[begin:from+run[1]], ".")
		labels = labels[:len(labels)-1]
		stop := from + run[1]
		length := 0
		for k := len(labels); k >= 1 && length == 0; k-- { // the last label that can be a domain
			label, after := name[stop:], ""
			if i := strings.IndexByte(label, '.'); i >= 0 {
				label, after = label[:i], label[i:]
			}
			if n := domainEnd(label, after); n > 0 {
				length = stop + n - begin
			}
			stop -= len(labels[k-1]) + 1
		}
		if length == 0 {
			from += run[1]
			continue
		}
		links = append(links, [2]int{at + begin, at + begin + length})
		from = begin + length
	}
	if len(links) == 0 {
		return nil, at
	}
	links[len(links)-1][1] = end
	return links, end
}

func isLatin(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// longestTweetLink is where an address is no longer one, in bytes.
const longestTweetLink = 4096

// longestHost is where a host is no longer one, in bytes: 253 characters of four bytes.
const longestHost = 1012

// hostLength is how many bytes at the beginning are a host under a domain that exists; 0: none. looked is how far it
// looked, domains whether one of the labels is a domain at all.
func hostLength(s string) (host, looked int, domains bool) {
	end, label, labels := 0, 0, 0
	dotted := false
	for end < len(s) && end < longestHost {
		r, n := utf8.DecodeRuneInString(s[end:])
		if r == '.' {
			if label == 0 {
				break
			}
			labels++
			label, dotted = 0, true
			end += n
			continue
		}
		if !isHostRune(r) && r != '-' && r != '_' {
			break
		}
		label++
		end += n
	}
	if !dotted {
		return 0, end, false
	}
	// From the longest host to the shortest, as the expression goes back.
	parts := strings.Split(s[:end], ".")
	length := len(s[:end])
	for k := len(parts) - 1; k >= 1; k-- {
		before := length - len(parts[k])
		if n := domainEnd(parts[k], s[length:]); n > 0 {
			domains = true
			if validLabels(parts[:k]) {
				return before + n, end, true
			}
		}
		length = before - 1
	}
	return 0, end, domains
}

// domainEnd is how many bytes of a label are a top-level domain that ends there.
func domainEnd(label, after string) int {
	whole := strings.TrimRight(label, "-_")
	for n := len(whole); n > 0; {
		next, size := utf8.DecodeRuneInString(label[n:])
		if n == len(label) {
			next, size = utf8.DecodeRuneInString(after)
		}
		ends := size == 0 || next >= utf8.RuneSelf || !isAlnum(byte(next)) && !strings.ContainsRune("@+-", next)
		if ends && isTopLevel(label[:n]) {
			return n
		}
		_, size = utf8.DecodeLastRuneInString(label[:n])
		n -= size
		if label[n] < utf8.RuneSelf {
			// Inside a word of ASCII no domain ends.
			for n > 0 && label[n-1] < utf8.RuneSelf && isAlnum(label[n-1]) && isAlnum(label[n]) {
				n--
			}
		}
	}
	return 0
}

func isTopLevel(label string) bool {
	if strings.ContainsAny(label, "_-") && !strings.HasPrefix(label, "xn--") {
		return false
	}
	ascii := strings.ToLower(label)
	if !isLatin(label) {
		var err error
		if ascii, err = idna.ToASCII(ascii); err != nil {
			return false
		}
	}
	_, known := publicsuffix.PublicSuffix("x." + ascii)
	return known
}

// validLabels tells whether the labels before the top-level domain can be a host: the last of them without _, none
// longer than 63 characters once it is written in ASCII.
func validLabels(labels []string) bool {
	for i, l := range labels {
		first, _ := utf8.DecodeRuneInString(l)
		last, _ := utf8.DecodeLastRuneInString(l)
		if l == "" || !isHostRune(first) || !isHostRune(last) || i == len(labels)-1 && strings.Contains(l, "_") {
			return false
		}
		ascii := l
		if !isLatin(l) {
			if a, err := idna.ToASCII(l); err == nil {
				ascii = a
			}
		}
		if len(ascii) > 63 {
			return false
		}
	}
	return len(labels) > 0 && !(strings.HasPrefix(labels[0], "xn--") && !isLatin(labels[0]))
}
