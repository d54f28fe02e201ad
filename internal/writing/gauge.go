package writing

import "slices"

// Gauge is what can be counted in a text, for adding up over many.
type Gauge struct {
	Language  string // "it" or "en"; "" for others, of which only Sentences with their bounds and questions are told
	Sentences []Sentence
	// Tu, Voi and Lei are how often an Italian text speaks to its readers in each way; what stands in quotation marks is said by others.
	Tu, Voi, Lei int
}

// Sentence is one sentence of a text.
type Sentence struct {
	Start, End                int  // bytes of the text
	Words, Letters, Syllables int  // syllables of English alone
	Asks                      bool // it ends with a question mark
	Ours                      bool // more of its words are about ourselves than about who reads it
	Praise                    bool // it praises ourselves
}

// Measure counts what is in a text. Only Body, Language and Own of it are read. The same text gives the same.
func Measure(t Text) Gauge {
	r := read(t.Body)
	l := listsOf(tongue(t.Language, r))
	g := Gauge{Sentences: make([]Sentence, len(r.sentences))}
	for i, s := range r.sentences {
		g.Sentences[i] = Sentence{Start: s.start, End: s.end, Words: s.words, Letters: s.letters, Asks: s.asks}
	}
	if l == nil {
		return g
	}
	g.Language = l.name
	r.find(l, true)
	for i, ours := range r.oursIn(l, t.Own) {
		g.Sentences[i].Ours = ours
	}
	for _, h := range r.hits {
		if at := &r.tokens[h.from]; h.in == inSelf && !at.quoted && at.sentence < len(g.Sentences) {
			g.Sentences[at.sentence].Praise = true
		}
	}
	if l.name == "en" {
		r.spoken(func(sentence, n int) { g.Sentences[sentence].Syllables += n })
		return g
	}
	ways := r.ways()
	g.Tu, g.Voi, g.Lei = len(ways[0].at), len(ways[1].at), len(ways[2].at)
	return g
}

// Asks tells whether the text has a question.
func (g Gauge) Asks() bool {
	return slices.ContainsFunc(g.Sentences, func(s Sentence) bool { return s.Asks })
}

// Ease is how easy some sentences are to read, 0 (hard) to 100 (easy): by Gulpease in Italian, by Flesch in English. ok is false for
// other languages, and where there are no words.
func Ease(language string, sentences, words, letters, syllables int) (ease float64, ok bool) {
	c := counts{sentences: sentences, words: words, letters: letters, syllables: syllables}
	switch {
	case words == 0 || sentences == 0:
		return 0, false
	case language == "it":
		return c.gulpease(), true
	case language == "en":
		return c.flesch(), true
	}
	return 0, false
}
