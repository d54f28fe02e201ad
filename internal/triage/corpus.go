package triage

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// exampleFlag is what somebody who read a comment says about it.
type exampleFlag uint16

const (
	saysCriticism exampleFlag = 1 << iota
	saysQuestion
	saysPraise
	saysSpam
	saysInsult
	saysIrony
	saysRough // rough spelling
	saysHard  // deceptive surface
)

// exampleLetters are the letters of the flags in a corpus file, in the order of the bits.
const exampleLetters = "cqpsixth"

// example is a comment with what a person says about it.
type example struct {
	text    string
	lang    Language // by the file it stands in; of other.txt by the line
	tone    Tone
	flags   exampleFlag
	themes  themeSet
	urgency int
	source  string  // the file, without its ending
	weight  float32 // how much it counts in training
	labels  labelSet
}

// written tells a comment of the corpus from a sentence of the grammar.
func (e *example) written() bool { return e.labels&knowsThemes != 0 || e.lang == Other }

// labelSet tells which labels of an example are known.
type labelSet uint8

const (
	knowsTone labelSet = 1 << iota
	knowsFlags
	knowsCriticism
	knowsThemes
	knowsUrgency
	knowsLanguage
	knowsAll = knowsTone | knowsFlags | knowsCriticism | knowsThemes | knowsUrgency | knowsLanguage
)

// corpusFile is a file of the corpus.
type corpusFile struct {
	name string // corpus/it-shops.txt
	text []byte
}

// corpusFiles gives the files under corpus/, in the order of their names.
func corpusFiles(src fs.FS) ([]corpusFile, error) {
	names, err := fs.Glob(src, "corpus/*.txt")
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	var all []corpusFile
	for _, name := range names {
		b, err := fs.ReadFile(src, name)
		if err != nil {
			return nil, err
		}
		all = append(all, corpusFile{name: name, text: b})
	}
	if len(all) == 0 {
		return nil, errors.New("no files under corpus/")
	}
	return all, nil
}

// readCorpus reads every comment, in the order of files and lines. Wrong lines are errors that name file and line, all
// of them together; so is a text that stands twice in a language.
func readCorpus(files []corpusFile) ([]example, error) {
	var all []example
	var wrong []error
	type text struct {
		lang Language
		text string
	}
	seen := map[text]string{}
	for _, f := range files {
		source := strings.TrimSuffix(path.Base(f.name), ".txt")
		n := 0
		for line := range bytes.Lines(f.text) {
			n++
			s := strings.TrimRight(string(line), "\n")
			if s == "" || s == "#" || strings.HasPrefix(s, "# ") {
				continue
			}
			e, err := parseExample(source, s)
			where := fmt.Sprintf("%s:%d", f.name, n)
			key := text{e.lang, e.text}
			if err == nil && seen[key] != "" {
				err = fmt.Errorf("the same text as %s", seen[key])
			}
			if err != nil {
				wrong = append(wrong, fmt.Errorf("%s: %w", where, err))
				continue
			}
			seen[key] = where
			all = append(all, e)
		}
	}
	return all, errors.Join(wrong...)
}

// parseExample reads a line of a corpus file: "TONE FLAGS THEMES URGENCY | text", in other.txt "lang | text".
func parseExample(source, line string) (example, error) {
	e := example{source: source, weight: 1, labels: knowsAll}
	head, text, ok := strings.Cut(line, " | ")
	if !ok || strings.TrimSpace(text) == "" {
		return e, errors.New("no text behind \" | \"")
	}
	if strings.Contains(text, " | ") {
		return e, errors.New("\" | \" stands twice")
	}
	if strings.TrimSpace(text) != text {
		return e, errors.New("space at the edge of the text")
	}
	e.text = strings.ReplaceAll(text, `\n`, "\n")
	if letters(e.text) < 3 {
		e.labels &^= knowsLanguage
	}
	lang, _, _ := strings.Cut(source, "-")
	e.lang = Language(lang)
	switch e.lang {
	case Italian, English:
	case Other:
		if len(head) != 2 || head == "it" || head == "en" {
			return e, fmt.Errorf("%q is no other language", head)
		}
		e.labels &= knowsLanguage
		return e, nil
	default:
		return e, fmt.Errorf("file of an unknown language %q", lang)
	}
	f := strings.Split(head, " ")
	if len(f) != 4 {
		return e, fmt.Errorf("%d labels instead of 4", len(f))
	}
	switch f[0] {
	case "neg":
		e.tone = ToneNegative
	case "neu":
		e.tone = ToneNeutral
	case "pos":
		e.tone = TonePositive
	case "mix":
		e.tone = ToneMixed
	default:
		return e, fmt.Errorf("%q is no tone", f[0])
	}
	if f[1] != "-" {
		last := -1
		for _, r := range f[1] {
			i := strings.IndexRune(exampleLetters, r)
			if i <= last {
				return e, fmt.Errorf("%q is no flag, or out of order", r)
			}
			last = i
			e.flags |= 1 << i
		}
	}
	var err error
	if e.themes, err = parseThemes(f[2]); err != nil {
		return e, err
	}
	if len(f[3]) != 1 || f[3] < "0" || f[3] > "3" {
		return e, fmt.Errorf("%q is no urgency", f[3])
	}
	e.urgency = int(f[3][0] - '0')
	return e, nil
}

func letters(s string) int {
	n := 0
	for _, r := range s {
		if isLetter(r) {
			n++
		}
	}
	return n
}

// tenth gives a text one of ten places, by its words alone: the same on every machine and for ever.
func tenth(text string) int { return int(mix(hashBytes(hashSeed, text)) % 10) }

// The tenths that are kept apart.
const (
	// heldOut is never trained on when quality is measured.
	heldOut = 0
	// regression is never trained on at all: what is learned later is measured by it.
	regression = 1
)
