package adapt

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// What it costs to go on in a new part at a place of the text. A part of its own costs costPart, so that one part more
// is better than a sentence torn apart, and two sentences together better than two parts.
const (
	costParagraph = 0
	costLine      = 3
	costSentence  = 6
	costQuoted    = 16 // between the sentences of a quotation
	costClause    = 60
	costWord      = 70
	costInside    = 75   // inside a run without spaces, where its script allows a line to end
	costTorn      = 4000 // inside a word
	costPart      = 30
	costOver      = 1_000_000
	slackCost     = 8.0 // of a part that is empty, before the last
)

// chunk is a piece of a text that stays together, and what going on in a new part before it costs.
type chunk struct {
	start, end int // bytes
	gap        int // how long the space before it is, as the network counts
	size       int
	cost       float64
}

// span is a range of a text that means something.
type span struct {
	start, end int
	kind       FacetKind
	value      string
	whole      bool // stays in one part
}

// ruler measures ranges of one text by one network's rules.
type ruler struct {
	text  string
	spans []span // in order
	rules *Rules
}

// size is how long a range is.
func (l *ruler) size(start, end int) int {
	n := l.rules.count(l.text[start:end])
	if l.rules.Network == LinkedIn {
		n = utf16Len(little(l.text[start:end], cut(l.spans, start, end)))
	}
	return n
}

// gap is how long a space between two words is.
func (l *ruler) gap(space string) int {
	if len(space) == 1 {
		return 1
	}
	return l.rules.count("a"+space+"a") - l.rules.count("aa")
}

// longestWord is how far back, in bytes, one looks for the word that ends a sentence.
const longestWord = 200

// limits are how long a part may be; 0: any length.
type limits struct{ first, rest, bytes int }

func (m limits) of(first bool) int {
	if first {
		return m.first
	}
	return m.rest
}

// most is the limit of the roomier parts; 0: none.
func (m limits) most() int { return max(m.first, m.rest) }

// split divides a text into parts that fit, at paragraphs, else lines, else sentences, else words. A piece that fits in
// no part stands alone. A text that fits stays whole.
func (l *ruler) split(m limits) [][2]int {
	if l.text == "" || m.most() == 0 {
		return [][2]int{{0, len(l.text)}}
	}
	all := l.chunks(m)
	n := len(all)
	sums := make([]int, n+1) // sizes of the chunks before, with the gaps before them
	for i, c := range all {
		sums[i+1] = sums[i] + c.gap + c.size
	}
	best := make([]float64, n+1)
	from := make([]int, n+1)
	for j := 1; j <= n; j++ {
		best[j] = -1
		for i := j - 1; i >= 0; i-- {
			size := sums[j] - sums[i] - all[i].gap
			limit := m.of(i == 0)
			fits := size <= limit && (m.bytes == 0 || all[j-1].end-all[i].start <= m.bytes)
			if !fits && i < j-1 {
				if size > m.most() || m.bytes > 0 && all[j-1].end-all[i].start > m.bytes {
					break // and it only gets longer
				}
				continue
			}
			cost := best[i] + costPart
			if i > 0 {
				cost += all[i].cost
			}
			switch {
			case !fits:
				cost += costOver
			case j < n:
				slack := float64(limit-size) / float64(limit)
				cost += slackCost * slack * slack
			}
			if best[j] < 0 || cost < best[j] {
				best[j], from[j] = cost, i
			}
		}
	}
	var parts [][2]int
	for j := n; j > 0; j = from[j] {
		start, end := all[from[j]].start, all[j-1].end
		start += len(l.text[start:end]) - len(strings.TrimLeftFunc(l.text[start:end], unicode.IsSpace))
		end = start + len(strings.TrimRightFunc(l.text[start:end], unicode.IsSpace))
		parts = append(parts, [2]int{start, end})
	}
	for i, j := 0, len(parts)-1; i < j; i, j = i+1, j-1 {
		parts[i], parts[j] = parts[j], parts[i]
	}
	return parts
}

// chunks divides a text into pieces that stay together. Inside a sentence that fits into a part there is no piece of
// its own: no part would end there.
func (l *ruler) chunks(m limits) []chunk {
	fine := l.pieces(m)
	// Pieces of one sentence are joined when it fits into the smallest part.
	least := m.rest
	if m.first > 0 && (least == 0 || m.first < least) {
		least = m.first
	}
	var all []chunk
	for i := 0; i < len(fine); {
		j := i + 1
		for j < len(fine) && fine[j].cost > costQuoted {
			j++
		}
		whole := chunk{start: fine[i].start, end: fine[j-1].end, gap: fine[i].gap, cost: fine[i].cost}
		for k := i; k < j; k++ {
			whole.size += fine[k].size
			if k > i {
				whole.size += fine[k].gap
			}
		}
		if whole.size <= least && (m.bytes == 0 || whole.end-whole.start <= m.bytes) {
			all = append(all, whole)
		} else {
			all = append(all, fine[i:j]...)
		}
		i = j
	}
	return all
}

// pieces divides a text at its spaces, except inside what stays whole, and where a run without spaces is too long, or
// written without spaces, inside it too.
func (l *ruler) pieces(m limits) []chunk {
	var all []chunk
	var open quotes
	text, at, next := l.text, 0, 0
	line, lineStart := 0, true // where the line began; whether the last piece was its first
	for at < len(text) {
		begin := at
		for at < len(text) { // over the space
			r, n := utf8.DecodeRuneInString(text[at:])
			if !breaks(r) {
				break
			}
			at += n
		}
		gap := text[begin:at]
		if at == len(text) {
			break
		}
		start := at
		for at < len(text) { // to the next space that is not inside something whole
			for next < len(l.spans) && (l.spans[next].end <= at || !l.spans[next].whole) {
				next++
			}
			if next < len(l.spans) && l.spans[next].start <= at {
				at = l.spans[next].end
				continue
			}
			r, n := utf8.DecodeRuneInString(text[at:])
			if breaks(r) {
				break
			}
			at += n
		}
		c := chunk{start: start, end: at, gap: l.gap(gap), cost: costWord}
		switch {
		case strings.Count(gap, "\n") >= 2:
			c.cost, open, line, lineStart = costParagraph, quotes{}, start, true
		case strings.Contains(gap, "\n"):
			c.cost, line, lineStart = costLine, start, true
		case len(all) > 0:
			before := text[max(line, begin-longestWord):begin]
			switch {
			case endsSentence(before, text[start:], lineStart):
				c.cost = costSentence
				if open.depth > 0 {
					c.cost = costQuoted
				}
			case strings.HasSuffix(before, ",") || strings.HasSuffix(before, ";") || strings.HasSuffix(before, ":"):
				c.cost = costClause
			}
			lineStart = false
		}
		open.read(text[start:at])
		c.size = l.size(start, at)
		all = append(all, l.inside(c, m)...)
	}
	return all
}

// inside divides a run without spaces: where its script allows it, and anywhere when it does not fit into a part.
func (l *ruler) inside(c chunk, m limits) []chunk {
	long := c.size > m.most() || m.bytes > 0 && c.end-c.start > m.bytes
	run := l.text[c.start:c.end]
	if !long && !strings.ContainsFunc(run, unspaced) {
		return []chunk{c}
	}
	var all []chunk
	piece := func(start, end int, cost float64) {
		p := chunk{start: start, end: end, size: l.size(start, end), cost: cost}
		if len(all) == 0 {
			p.gap, p.cost = c.gap, c.cost
		}
		all = append(all, p)
	}
	begin, held, whole := 0, 0, l.protected(c.start, c.end)
	cost := float64(costInside)
	for rest, state := run, -1; rest != ""; {
		var cluster string
		var bounds int
		cluster, rest, bounds, state = uniseg.StepString(rest, state)
		end := len(run) - len(rest)
		held += l.rules.count(cluster) // about
		if rest == "" {
			break
		}
		for len(whole) > 0 && whole[0].end <= c.start+end {
			whole = whole[1:]
		}
		if len(whole) > 0 && whole[0].start < c.start+end {
			continue
		}
		last, _ := utf8.DecodeLastRuneInString(cluster)
		first, _ := utf8.DecodeRuneInString(rest)
		mayEnd := bounds&uniseg.MaskLine != uniseg.LineDontBreak && (unspaced(last) || unspaced(first))
		switch {
		case mayEnd:
			piece(c.start+begin, c.start+end, cost)
			begin, held, cost = end, 0, costInside
			if strings.ContainsRune(wideStops, last) {
				cost = costSentence
			}
		case long && (held >= max(m.most()/8, 1) || m.bytes > 0 && end-begin >= m.bytes/8):
			piece(c.start+begin, c.start+end, cost)
			begin, held, cost = end, 0, costTorn
		}
	}
	piece(c.start+begin, c.end, cost)
	// Together they may be longer than one by one: an address that X sees only as a whole.
	sum := 0
	for _, p := range all {
		sum += p.size
	}
	if sum < c.size {
		all[0].size += c.size - sum
	}
	return all
}

// protected gives what stays whole in a range.
func (l *ruler) protected(start, end int) (whole []span) {
	for _, s := range l.spans {
		if s.start >= end {
			break
		}
		if s.whole && s.end > start {
			whole = append(whole, s)
		}
	}
	return whole
}

// breaks tells whether a part may end at a space.
func breaks(r rune) bool {
	return unicode.IsSpace(r) && r != '\u00a0' && r != '\u2007' && r != '\u202f'
}

// unspaced tells whether a character belongs to a script that is written without spaces between words.
func unspaced(r rune) bool {
	return r >= 0x0e00 && (unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar) ||
		strings.ContainsRune(wideStops+"、，；：", r))
}
