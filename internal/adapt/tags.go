package adapt

import (
	"strings"
	"unicode"
)

// tagger decides what becomes of the tags of a message.
type tagger struct {
	habit TagHabit
	apart bool     // tags have a field of their own
	most  int      // tags the network takes; 0: any number
	long  int      // graphemes a tag may have; 0: any number
	used  []string // what becomes a tag, in order, each once
	last  []node   // what stands in the line at the end: tags, and words that look like one
	left  []string // what has no place
	known map[string]bool
}

// has tells whether a tag is in one of the lists.
func (t *tagger) has(list byte, name string) bool { return t.known[string(list)+strings.ToLower(name)] }

func (t *tagger) keep(list byte, name string) {
	if t.known == nil {
		t.known = map[string]bool{}
	}
	t.known[string(list)+strings.ToLower(name)] = true
}

const (
	used byte = 'u'
	left byte = 'l'
)

// inside says what becomes of a tag in a sentence: its word stays in any case, with its mark or not, as a tag or not.
func (t *tagger) inside(name string) (marked, counts bool) {
	switch {
	case t.habit == Inline:
		return true, t.use(name)
	case t.habit == AtEnd:
		if !t.has(used, name) && t.use(name) {
			t.last = append(t.last, node{kind: tag, text: name})
		}
	case t.apart:
		t.use(name)
	}
	return false, false
}

// outside takes a tag that is no part of a sentence; written tells that it stood at the end of the text.
func (t *tagger) outside(name string, written bool) {
	switch {
	case name == "" || t.has(used, name):
	case written && t.habit == Inline && !t.use(name):
		t.last = append(t.last, node{kind: words, text: "#" + name}) // one more than the network takes stays as it was written
	case written && t.habit == Inline:
		t.last = append(t.last, node{kind: tag, text: name})
	case t.habit == NoTags && !t.apart || !t.use(name):
		if !t.has(left, name) {
			t.keep(left, name)
			t.left = append(t.left, name)
		}
	case t.habit != NoTags:
		t.last = append(t.last, node{kind: tag, text: name})
	}
}

// use makes a tag of a name, where one more may be.
func (t *tagger) use(name string) bool {
	switch {
	case t.has(used, name):
		return true
	case t.most > 0 && len(t.used) >= t.most || t.long > 0 && (graphemes(name) > t.long || len(name) > 10*t.long):
		return false
	}
	t.keep(used, name)
	t.used = append(t.used, name)
	return true
}

// cleanTag makes a tag of what somebody typed: no mark, no spaces.
func cleanTag(s string) string {
	return strings.Map(func(r rune) rune {
		if wordly(r) {
			return r
		}
		return -1
	}, s)
}

// trailing divides the pieces of a message into its text and the tags that stand alone at its end.
func trailing(nodes []node) (text []node, tags []string) {
	end := len(nodes)
	for end > 0 {
		n := nodes[end-1]
		if n.kind == tag || n.kind == words && strings.TrimFunc(n.text, unicode.IsSpace) == "" || n.kind == stars && n.text == "" {
			end--
			continue
		}
		break
	}
	// They stand alone when a line ends before them.
	from := end
	for from < len(nodes) && nodes[from].kind != tag {
		from++
	}
	switch {
	case from == len(nodes):
		return nodes, nil
	case end == 0:
	case nodes[end-1].kind == words && endsLine(nodes[end-1].text):
	case nodes[end].kind == words && strings.Contains(nodes[end].text, "\n"):
	default:
		// The tags begin in the last line of the text: those behind the first line end after them stand alone.
		for end < len(nodes) && !(nodes[end].kind == words && strings.Contains(nodes[end].text, "\n")) {
			end++
		}
	}
	for _, n := range nodes[end:] {
		if n.kind == tag {
			tags = append(tags, n.text)
		}
	}
	if len(tags) == 0 {
		return nodes, nil
	}
	return nodes[:end], tags
}

// endsLine tells whether a text ends with the end of a line.
func endsLine(s string) bool {
	space := s[len(strings.TrimRightFunc(s, unicode.IsSpace)):]
	return strings.Contains(space, "\n")
}
