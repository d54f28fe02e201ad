package writing

import (
	"embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/ponte-desk/ponte/internal/text"
)

//go:embed data
var data embed.FS

// section is a list of the data files.
type section string

// The lists.
const (
	inCommon   section = "common"   // the most frequent words, by which the language is known
	inShort    section = "short"    // abbreviations, whose full stop ends no sentence
	inSelf     section = "self"     // praise of ourselves
	inOurs     section = "ours"     // words about us
	inYours    section = "yours"    // words about who reads
	inPlural   section = "plural"   // verbs: what we do
	inSingular section = "singular" // words that look like such a verb
	inTu       section = "tu"
	inVoi      section = "voi"
	inLei      section = "lei"
	inAnswer   section = "answer" // invitations
	inPrivate  section = "private"
	inPhone    section = "phone"    // before a telephone number
	inNotPhone section = "notphone" // before a number that is none
	inPassword section = "password"
	inRole     section = "role" // the beginnings of addresses that are nobody's own
	inJargon   section = "jargon"
)

// entry is a run of folded words in a list.
type entry struct {
	words []string
	in    section
	plain string // of jargon: what is offered instead
}

// lists are the words of a language.
type lists struct {
	name  string
	first map[string][]entry // by their first word, longer ones first
}

// has tells whether a folded word is in a list.
func (l *lists) has(in section, word string) bool {
	if l == nil {
		return false
	}
	for _, e := range l.first[word] {
		if e.in == in && len(e.words) == 1 {
			return true
		}
	}
	return false
}

// languages are those that have lists.
var languages = []string{"it", "en"}

// built are the lists that come with Ponte; they are read once.
var built = sync.OnceValues(func() (map[string]*lists, error) {
	all := map[string]*lists{}
	for _, name := range languages {
		b, err := data.ReadFile("data/" + name + ".txt")
		if err != nil {
			return nil, err
		}
		l, err := parseLists(name, string(b))
		if err != nil {
			return nil, fmt.Errorf("writing: %s: %w", name, err)
		}
		all[name] = l
	}
	return all, nil
})

// listsOf gives the lists of a language, nil for one that has none.
func listsOf(name string) *lists {
	all, err := built()
	if err != nil {
		return nil // a test reads them: they come with the program
	}
	return all[name]
}

// parseLists reads a data file; its head says how it is written.
func parseLists(name, s string) (*lists, error) {
	l := &lists{name: name, first: map[string][]entry{}}
	var in section
	n := 0
	for line := range strings.Lines(s) {
		n++
		line = strings.TrimSpace(line)
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
			continue
		case strings.HasPrefix(line, "["):
			in = section(strings.Trim(line, "[]"))
			continue
		}
		ways, plain, offered := strings.Cut(line, " = ")
		if offered != (in == inJargon) || in == "" {
			return nil, fmt.Errorf("line %d: only jargon offers another word, and always does", n)
		}
		for way := range strings.SplitSeq(ways, "/") {
			for _, form := range forms(way) {
				words := text.Words(form)
				if len(words) == 0 {
					return nil, fmt.Errorf("line %d: an entry without words", n)
				}
				l.first[words[0]] = append(l.first[words[0]], entry{words: words, in: in, plain: plain})
			}
		}
	}
	for _, es := range l.first {
		longestFirst(es)
	}
	return l, nil
}

// longestFirst puts entries with more words before others.
func longestFirst(es []entry) {
	slices.SortStableFunc(es, func(a, b entry) int { return len(b.words) - len(a.words) })
}

// forms writes out the letters in brackets: belli[oa] gives two.
func forms(s string) []string {
	before, rest, ok := strings.Cut(s, "[")
	letters, behind, closed := strings.Cut(rest, "]")
	if !ok || !closed {
		return []string{s}
	}
	var out []string
	for _, r := range letters {
		out = append(out, forms(before+string(r)+behind)...)
	}
	return out
}
