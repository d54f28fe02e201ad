package writing

import (
	"path"
	"strings"

	"github.com/ponte-desk/ponte/internal/text"
)

// What counts as shouting.
const (
	capitalWord  = 4 // letters of a word in capitals that is no abbreviation
	capitalAlone = 8 // letters of one that is told even when it stands alone
	mostBangs    = 2 // exclamation marks in a text
	mostPictures = 2 // emoji in a row
	mostTags     = 5
)

// shouting tells of words in capitals, exclamation marks and rows of emoji.
func (r *reading) shouting(t Text, add func(Advice)) {
	own := map[string]bool{} // written as the company writes itself
	for _, name := range t.Own {
		for _, w := range text.Words(name) {
			own[w] = true
		}
	}
	from, long, loud := -1, 0, false
	end := func(i int) {
		if from >= 0 && (long >= 2 || loud) {
			last := i - 1
			for r.tokens[last].kind != aWord {
				last--
			}
			add(Advice{Kind: Capitals, Level: Hint, Key: "writing.capitals", Start: r.tokens[from].start, End: r.tokens[last].end})
		}
		from, long, loud = -1, 0, false
	}
	bangs, at := 0, -1
	for i := range r.tokens {
		t := &r.tokens[i]
		switch {
		case t.kind == aWord && t.upper && own[t.word]:
		case t.kind == aWord && t.upper && !t.quoted:
			if from < 0 {
				from = i
			}
			if t.letters >= capitalWord && letters(t.word) { // a number of an account is no word
				long++
			}
			loud = loud || t.letters >= capitalAlone && letters(t.word)
		case t.kind == aNumber || t.kind == aSign && t.sign != '.':
		default:
			end(i)
		}
		switch {
		case t.sign == '!' && !t.quoted:
			bangs++
			if at < 0 && (bangs > mostBangs || i+1 < len(r.tokens) && r.tokens[i+1].sign == '!' && r.tokens[i+1].start == t.end) {
				at = i
			}
		case t.kind == anEmoji:
			if n := text.Graphemes(strings.ReplaceAll(r.body[t.start:t.end], " ", "")); n > mostPictures {
				add(Advice{Kind: Emoji, Level: Hint, Key: "writing.emoji", Start: t.start, End: t.end, Args: map[string]any{"count": n}})
			}
		}
	}
	end(len(r.tokens))
	if at >= 0 {
		last := at
		for last+1 < len(r.tokens) && r.tokens[last+1].sign == '!' && r.tokens[last+1].start == r.tokens[last].end {
			last++
		}
		add(Advice{Kind: Exclaiming, Level: Hint, Key: "writing.exclaiming", Start: r.tokens[at].start, End: r.tokens[last].end})
	}
}

// letters tells whether a folded word has letters only.
func letters(word string) bool { return !strings.ContainsAny(word, "0123456789") }

// tags tells that there are too many tags.
func (r *reading) tags(t Text, add func(Advice)) {
	n := 0
	var a Advice
	for i := range r.tokens {
		if k := &r.tokens[i]; k.kind == aTag {
			if n++; n > mostTags && a.End == 0 {
				a.Start, a.End = k.start, k.end
			}
		}
	}
	if n += max(0, t.Tags); n > mostTags {
		a.Kind, a.Level, a.Key, a.Args = Tags, Hint, "writing.tags", map[string]any{"count": n}
		add(a)
	}
}

// alts tells of pictures about which nothing is said for those who do not see them.
func alts(t Text, add func(Advice)) {
	missing := max(0, t.Media-len(t.Alts))
	for _, alt := range t.Alts {
		switch {
		case strings.TrimSpace(alt) == "":
			missing++
		case fileName(alt):
			add(Advice{Kind: Alt, Level: Careful, Key: "writing.alt.file", Args: map[string]any{"alt": text.Cut(alt, 60)}})
		}
	}
	if missing > 0 {
		add(Advice{Kind: Alt, Level: Careful, Key: "writing.alt", Args: map[string]any{"count": missing, "all": max(t.Media, len(t.Alts))}})
	}
}

// fileName tells whether a description is only what a camera calls its files.
func fileName(alt string) bool {
	alt = strings.ToLower(strings.TrimSpace(alt))
	if strings.ContainsAny(alt, " \n\t") {
		return false
	}
	switch path.Ext(alt) {
	case ".jpg", ".jpeg", ".png", ".gif", ".webp", ".heic", ".avif", ".mp4", ".mov", ".svg":
		return true
	}
	for _, camera := range []string{"img", "dsc", "pxl", "image", "foto", "photo", "screenshot", "schermata", "picture"} {
		if rest, ok := strings.CutPrefix(alt, camera); ok && strings.Trim(rest, "0123456789_-") == "" {
			return true
		}
	}
	return false
}
