package text

import (
	"strings"
	"unicode"

	"github.com/rivo/uniseg"
)

// Ellipsis is what Cut and Snippet put where they left something out. It counts as one character.
const Ellipsis = "…"

// Graphemes counts what a reader sees as characters: extended grapheme clusters (Unicode Standard Annex #29).
func Graphemes(s string) int { return uniseg.GraphemeClusterCount(s) }

// Cut shortens a text to at most limit graphemes, the ellipsis included. It never cuts inside a grapheme, and cuts
// between words unless that would lose more than half of what fits. A text that fits is returned unchanged; a limit
// below 1 gives "".
func Cut(s string, limit int) string {
	if limit < 1 {
		return ""
	}
	if len(s) <= limit { // no text has more graphemes than bytes
		return s
	}
	fits, space, seen := 0, -1, 0 // byte offsets; seen counts graphemes
	half := 0
	rest, state := s, -1
	for len(rest) > 0 {
		var cluster string
		cluster, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		seen++
		if seen > limit {
			break
		}
		at := len(s) - len(rest) - len(cluster)
		if seen == limit { // room for the ellipsis ends here
			fits = at
		}
		if seen <= limit && at > 0 && isSpace(cluster) {
			space = at
		}
		if seen == (limit+1)/2 {
			half = at
		}
	}
	if seen <= limit {
		return s
	}
	end := fits
	if space > half {
		end = space
	}
	return strings.TrimRightFunc(s[:end], func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune(",;:-–—", r)
	}) + Ellipsis
}

func isSpace(cluster string) bool {
	for _, r := range cluster {
		if !unicode.IsSpace(r) {
			return false
		}
	}
	return cluster != ""
}

// Piece is a part of a text, marked when it answers what was looked for.
type Piece struct {
	Text   string
	Marked bool
}

// Snippet shows the part of a text where words of a query begin, at most limit graphemes long, with the words marked.
// Query and text are compared folded, so the query may be folded already. The pieces in their order are the snippet;
// the ellipses are pieces too. Where nothing matches, the text's beginning is shown unmarked. Line breaks become spaces.
func Snippet(s, query string, limit int) []Piece {
	if limit < 1 {
		return nil
	}
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, " ")), " ")
	if s == "" {
		return nil
	}
	clusters, marked := mark(s, Words(query))
	first := -1
	for i, m := range marked {
		if m {
			first = i
			break
		}
	}
	from, to := window(clusters, first, limit)
	var pieces []Piece
	add := func(text string, m bool) {
		if n := len(pieces); n > 0 && pieces[n-1].Marked == m {
			pieces[n-1].Text += text
			return
		}
		pieces = append(pieces, Piece{Text: text, Marked: m})
	}
	if from > 0 {
		add(Ellipsis, false)
	}
	for i := from; i < to; i++ {
		add(clusters[i], marked[i])
	}
	if to < len(clusters) {
		add(Ellipsis, false)
	}
	return pieces
}

// window chooses the graphemes to show: about a third of the room before the first mark, beginning at a word.
func window(clusters []string, first, limit int) (from, to int) {
	n := len(clusters)
	if n <= limit {
		return 0, n
	}
	if first > limit/3 {
		from = first - limit/3
		for i := from; i < first; i++ {
			if isSpace(clusters[i]) {
				from = i + 1
				break
			}
		}
	}
	room := limit - 1 // an ellipsis at the end, unless the end is shown
	if from > 0 {
		room--
	}
	if room < 1 {
		return 0, max(limit-1, 0)
	}
	if from > 0 && n-from <= room+1 {
		return from, n
	}
	to = from + room
	for i := to; i > max(first+1, to-room/3); i-- { // end between words, unless that is far back
		if isSpace(clusters[i]) {
			return from, i
		}
	}
	return from, to
}

// mark splits a text into graphemes and marks those at the beginning of words that answer one of the folded words.
func mark(s string, words []string) (clusters []string, marked []bool) {
	var folded strings.Builder
	var owner []int // the grapheme behind each byte of folded
	rest, state := s, -1
	for len(rest) > 0 {
		var cluster string
		cluster, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		f := Fold(cluster)
		folded.WriteString(f)
		for range len(f) {
			owner = append(owner, len(clusters))
		}
		clusters = append(clusters, cluster)
	}
	marked = make([]bool, len(clusters))
	whole := folded.String()
	begins := true
	for i, r := range whole {
		alone := unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
		if wordRune(r) && (begins || alone) {
			for _, w := range words {
				if strings.HasPrefix(whole[i:], w) {
					for j := i; j < i+len(w); j++ {
						marked[owner[j]] = true
					}
				}
			}
		}
		begins = !wordRune(r) || alone
	}
	return clusters, marked
}

// Initials gives the one or two characters of a round avatar: "Elena Corsi" becomes "EC", "Ponte" becomes "PO". A name
// without letters and digits gives its first grapheme, so that an emoji stays whole; an empty one gives "?".
func Initials(name string) string {
	name = strings.TrimSpace(strings.ToValidUTF8(name, ""))
	var words [][]string // the graphemes of each word that are letters or digits
	var word []string
	var first string
	rest, state := name, -1
	for len(rest) > 0 {
		var cluster string
		cluster, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if first == "" {
			first = cluster
		}
		r := []rune(cluster)[0]
		switch {
		case unicode.IsLetter(r), unicode.IsNumber(r) && len(cluster) == len(string(r)):
			word = append(word, cluster)
		case r == '\'', r == '’': // d'Angelo is one word
		default:
			if len(word) > 0 {
				words = append(words, word)
				word = nil
			}
		}
	}
	if len(word) > 0 {
		words = append(words, word)
	}
	switch {
	case len(words) > 1:
		return strings.ToUpper(words[0][0] + words[len(words)-1][0])
	case len(words) == 1:
		return strings.ToUpper(strings.Join(words[0][:min(2, len(words[0]))], ""))
	case first != "":
		return first
	default:
		return "?"
	}
}
