package adapt

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/publicsuffix"
)

// nodeKind is what a piece of a message is.
type nodeKind int

const (
	words  nodeKind = iota // written text
	link                   // text is what is written, value the address
	person                 // text is the name, value the person's id
	tag                    // text is the tag without its mark
	handle                 // text is a name on a network as it was typed, without its mark
	stars                  // a run of asterisks; after matchStars only those that are asterisks
)

// node is a piece of a message.
type node struct {
	kind         nodeKind
	text, value  string
	bold, italic bool
	named        bool // a link whose words were chosen
	opens        bool // a run of asterisks that may begin, and that may end something
	closes       bool
}

// written is a piece of a text without marks as it stands there.
func (n node) written() string {
	switch n.kind {
	case tag:
		return "#" + n.text
	case handle:
		return "@" + n.text
	}
	return n.text
}

// maxName is the longest name or words of a mark, in bytes. What is longer is text.
const maxName = 400

// noLink is what an address that stands in a text does not hold: space, quotes, and the scripts that are written without
// spaces, which would run on behind it.
const noLink = `\s<>"“”«»\x{200b}\x{3000}-\x{303f}\x{ff00}-\x{ffef}\p{Han}\p{Hiragana}\p{Katakana}`

var (
	personMark  = regexp.MustCompile(`^@\[([^\[\]\n]+)\]\(([A-Za-z0-9_]+)\)`)
	linkMark    = regexp.MustCompile(`^\[([^\[\]\n]+)\]\((https?://[^\s()<>]+(?:\([^\s()<>]*\)[^\s()<>]*)*)\)`)
	bareLink    = regexp.MustCompile(`^(?i:https?)://[^` + noLink + `]+`)
	bareDomain  = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+(?:/[^` + noLink + `]*)?`)
	handleMark  = regexp.MustCompile(`^@([A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?)(?:@([a-z0-9-]+(?:\.[a-z0-9-]+)+))?`)
	wordPattern = regexp.MustCompile(`^[\pL\pN\pM_]+`)
)

// parse reads the marks of a text. With plain there are none but links and tags that are written out.
func parse(text string, plain bool) []node {
	var nodes []node
	begin := 0 // of the written text that was not taken yet
	flush := func(at int) {
		if at > begin {
			nodes = append(nodes, node{kind: words, text: text[begin:at]})
		}
	}
	before := ' '
	for at := 0; at < len(text); {
		n, size := mark(text, at, before, plain)
		if size > 0 {
			flush(at)
			nodes = append(nodes, n)
			at += size
			begin = at
			before, _ = utf8.DecodeLastRuneInString(text[:at])
			continue
		}
		r, size := utf8.DecodeRuneInString(text[at:])
		before = r
		at += size
	}
	flush(len(text))
	if !plain {
		matchStars(nodes)
	}
	return nodes
}

// mark reads one mark that begins at a byte of the text; size 0 when there is none.
func mark(text string, at int, before rune, plain bool) (n node, size int) {
	rest := text[at:]
	switch c := rest[0]; {
	case c == '@' && !plain:
		if m := personMark.FindStringSubmatch(head(rest)); m != nil && strings.TrimSpace(m[1]) != "" {
			return node{kind: person, text: strings.TrimSpace(m[1]), value: m[2]}, len(m[0])
		}
		fallthrough
	case c == '@':
		if m := handleMark.FindString(rest); m != "" && !wordly(before) && !strings.ContainsRune("@/.=-", before) {
			return node{kind: handle, text: m[1:]}, len(m)
		}
	case c == '[' && !plain:
		if m := linkMark.FindStringSubmatch(head(rest)); m != nil && strings.TrimSpace(m[1]) != "" {
			label := strings.Join(strings.Fields(m[1]), " ")
			return node{kind: link, text: label, value: m[2], named: !sameAddress(label, m[2])}, len(m[0])
		}
	case c == '*' && !plain:
		n := len(rest) - len(strings.TrimLeft(rest, "*"))
		after, _ := utf8.DecodeRuneInString(rest[n:])
		return node{
			kind: stars, text: rest[:n],
			opens:  n <= 3 && len(rest) > n && !unicode.IsSpace(after) && !wordly(before),
			closes: n <= 3 && at > 0 && !unicode.IsSpace(before) && !(len(rest) > n && wordly(after)),
		}, n
	case c == '#' && !wordly(before) && before != '#' && before != '&' && before != '/':
		if w := wordPattern.FindString(rest[1:]); strings.ContainsFunc(w, unicode.IsLetter) {
			return node{kind: tag, text: w}, 1 + len(w)
		}
	case (c == 'h' || c == 'H') && !wordly(before):
		if u := trimAddress(bareLink.FindString(rest)); hasHost(u) {
			return node{kind: link, text: u, value: u}, len(u)
		}
		fallthrough
	case (c >= 'a' && c <= 'z' || c >= '0' && c <= '9') && opensDomain(before):
		if d := domain(rest); d != "" {
			return node{kind: link, text: d, value: "https://" + d}, len(d)
		}
	}
	return node{}, 0
}

// head is the part of a text in which a mark that begins there must end.
func head(s string) string {
	if i := strings.IndexByte(s, '\n'); i >= 0 {
		s = s[:i]
	}
	if len(s) > 8*maxName {
		s = s[:8*maxName]
	}
	return s
}

func wordly(r rune) bool {
	return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r)
}

// opensDomain tells after what an address without https:// may begin.
func opensDomain(r rune) bool {
	return unicode.IsSpace(r) || unicode.In(r, unicode.Ps, unicode.Pi) || r == '"' || r == '\''
}

// domain finds an address that is written without https://: lower case, under a domain that exists.
func domain(rest string) string {
	d := trimAddress(bareDomain.FindString(rest))
	host, _, path := strings.Cut(d, "/")
	if !strings.Contains(host, ".") {
		return ""
	}
	suffix, known := publicsuffix.PublicSuffix(host)
	if !known || suffix == host || !strings.HasSuffix(host, "."+suffix) {
		return ""
	}
	if next, _ := utf8.DecodeRuneInString(rest[len(d):]); !path && (next == '@' || wordly(next)) {
		return "" // a mail address, or a word that goes on
	}
	return d
}

// trimAddress takes from the end of an address what belongs to the sentence.
func trimAddress(u string) string {
	for u != "" {
		r, n := utf8.DecodeLastRuneInString(u)
		switch {
		case strings.ContainsRune(".,;:!?'\"*_…~", r) || unicode.In(r, unicode.Pf, unicode.Pi):
		case r == ')' && strings.Count(u, ")") > strings.Count(u, "("):
		case r == ']' && strings.Count(u, "]") > strings.Count(u, "["):
		case r == '}' && strings.Count(u, "}") > strings.Count(u, "{"):
		default:
			return u
		}
		u = u[:len(u)-n]
	}
	return u
}

// hasHost tells whether something stands behind https:// that can be a host.
func hasHost(u string) bool {
	_, rest, ok := strings.Cut(u, "://")
	r, _ := utf8.DecodeRuneInString(rest)
	return ok && rest != "" && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '[')
}

// sameAddress tells whether the words of a link only repeat its address.
func sameAddress(words, address string) bool {
	bare := func(s string) string {
		s = strings.ToLower(s)
		s = strings.TrimPrefix(strings.TrimPrefix(s, "https://"), "http://")
		return strings.TrimSuffix(strings.TrimPrefix(s, "www."), "/")
	}
	return bare(words) == bare(address)
}

// matchStars turns pairs of asterisks into bold and italic. A pair counts only when all asterisks inside it make pairs
// too, within one paragraph; what crosses or stays open remains as it was written.
func matchStars(nodes []node) {
	var open []int // the runs that wait for their end
	ends := map[int]int{}
	for i, n := range nodes {
		top := -1
		if len(open) > 0 {
			top = open[len(open)-1]
		}
		switch {
		case n.kind == words && strings.Contains(n.text, "\n\n"):
			open = nil
		case n.kind != stars:
		case n.closes && top >= 0 && i > top+1 && nodes[top].text == n.text:
			ends[top] = i
			open = open[:len(open)-1]
		case n.opens:
			open = append(open, i)
		case n.closes:
			open = nil // what is open holds an end without a beginning now
		}
	}
	bold, italic := 0, 0
	for i := range nodes {
		n := &nodes[i]
		if n.kind != stars {
			n.bold, n.italic = bold > 0, italic > 0
			continue
		}
		step := 0
		if end, ok := ends[i]; ok {
			step = 1
			ends[-end-1] = i // an end is found again when it comes
		} else if _, ok := ends[-i-1]; ok {
			step = -1
		}
		if step == 0 {
			n.bold, n.italic = bold > 0, italic > 0
			continue
		}
		if len(n.text) >= 2 {
			bold += step
		}
		if len(n.text) != 2 {
			italic += step
		}
		n.text, n.opens, n.closes = "", false, false
	}
}
