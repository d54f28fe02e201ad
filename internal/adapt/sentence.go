package adapt

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// titles are abbreviations after which a sentence goes on, in Italian and English, in lower case and without the point.
var titles = wordSet(`sig sigg sig.ra sig.na sigra dott dr dott.ssa dssa prof prof.ssa proff ing avv arch geom rag on sen cav comm
	egr gent gent.mo gent.ma spett spett.le ill ill.mo preg preg.mo mons don s ss san mr mrs ms messrs st rev hon gen col capt lt sgt
	p.es es ad.es v vd cfr cf vs n nn no nr num art artt cap capp par pag pagg p pp pg vol voll fig figg tab tav tel fax cell int c.so
	v.le p.za p.zza l.go loc fraz e.g i.e viz approx ca c.a circa dept est min max sec ore h a.m p.m ed eds cit op ibid id al`)

// tails are abbreviations that may end a sentence: they do when the next word begins with a capital.
var tails = wordSet(`ecc etc s.p.a s.r.l s.n.c s.a.s s.s inc ltd co corp bros jr sr a.c d.c b.c a.d c.c p.s`)

func wordSet(s string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(s) {
		m[w] = true
	}
	return m
}

// wideStops end a sentence without a space behind them.
const wideStops = "。！？｡"

// endsSentence tells whether a sentence ends with before, when after follows a space. lineStart tells that the last word
// of before is the first of its line.
func endsSentence(before, after string, lineStart bool) bool {
	core := strings.TrimRightFunc(before, func(r rune) bool {
		return strings.ContainsRune(`"'*_)]}`, r) || unicode.In(r, unicode.Pf, unicode.Pe)
	})
	// An emoji behind the last word belongs to its sentence.
	bare, emoji := core, false
	for {
		r, n := utf8.DecodeLastRuneInString(bare)
		if !isEmoji(r) && !isSkin(r) && r != asEmoji && r != joiner && !isFlagLetter(r) && r != keycap {
			break
		}
		bare, emoji = strings.TrimRightFunc(bare[:len(bare)-n], unicode.IsSpace), true
	}
	core = bare
	last, size := utf8.DecodeLastRuneInString(core)
	if !strings.ContainsRune(".!?…‽؟۔।"+wideStops, last) {
		return false
	}
	next := firstOf(after)
	if unicode.IsLower(next) {
		return false
	}
	if isEmoji(next) || isFlagLetter(next) {
		return false // it goes with the sentence before it
	}
	if last != '.' || emoji {
		return true
	}
	stem := core[:len(core)-size]
	if strings.HasSuffix(stem, ".") {
		return true // three points
	}
	begin := strings.LastIndexFunc(stem, func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune(`("'«“‘[/’`, r)
	}) + 1
	if begin > 0 {
		_, n := utf8.DecodeRuneInString(stem[begin-1:])
		begin += n - 1
	}
	word := stem[begin:]
	lower := strings.ToLower(word)
	switch {
	case titles[lower]:
		return false
	case tails[lower]:
		return unicode.IsUpper(next) || next == 0
	case lineStart && isNumber(word):
		return false // 1. the first of a list
	case utf8.RuneCountInString(word) == 1 && unicode.IsUpper([]rune(word)[0]):
		return false // G. Verdi
	}
	return true
}

// firstOf is the first character of a text that is no opening quote or bracket.
func firstOf(s string) rune {
	for _, r := range s {
		if strings.ContainsRune(`"'([{*_¿¡`, r) || unicode.In(r, unicode.Pi, unicode.Ps) {
			continue
		}
		return r
	}
	return 0
}

func isNumber(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool { return !unicode.IsDigit(r) }) < 0
}

// quotes follows what is open in a text, so that a sentence inside a quotation is not where a part ends by preference.
type quotes struct{ depth int }

// read takes a piece of the text; a new paragraph closes all.
func (q *quotes) read(s string) {
	for i, r := range s {
		switch r {
		case '«', '“', '„':
			q.depth++
		case '»', '”':
			if q.depth > 0 {
				q.depth--
			}
		case '"':
			// Straight quotes say by their place whether they open.
			before, _ := utf8.DecodeLastRuneInString(s[:i])
			if i == 0 || strings.ContainsRune("([{'’", before) {
				q.depth++
			} else if q.depth > 0 {
				q.depth--
			}
		}
	}
}
