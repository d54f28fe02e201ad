package triage

import (
	"fmt"
	"io"
	"unicode/utf8"
)

// Report says what was trained and how well it does.
type Report struct {
	Examples map[Language]int // comments of the corpus, by language
	Entries  [2]int           // of the Italian and the English lexicon
	// Corrections are those that a model learned from.
	Corrections int
	// Before and After are the score on the regression set, 0..1: of the model before it learned and after.
	Before, After float64
	// Measured are the figures on the held-out tenth, by language; nil when it was not measured.
	Measured map[Language]*Figures
}

// fall is how much the score on the regression set may fall when a model learns.
const fall = 0.01

// Acceptable tells whether a model that learned did not forget.
func (r Report) Acceptable() bool { return r.After >= r.Before-fall }

// Figures are what a model does on texts that it has not read.
type Figures struct {
	Texts, Plain             int
	Heads                    []HeadFigures
	Tone                     [4][4]int // what it is, what it was said to be, in the order of the tones
	ToneF1                   float64
	Check                    float64 // share that is left to a person
	YesPrecision, NoLeaks    float64 // of what is decided
	Language, LanguageShort  float64 // share that is right: all, and below 20 characters
	NShort                   int
	ThemeF1, RuledF1         float64 // micro F1, with the heads and by the lexicon alone
	Urgency, UrgentPrecision float64
	UrgentRecall             float64
}

// HeadFigures are those of one head. Plain leaves out ironic texts and those with a deceptive surface.
type HeadFigures struct {
	Name                                           string
	Yes                                            int
	Precision, Recall, F1, AUC, Brier, ECE         float64
	PlainPrecision, PlainRecall, PlainF1, PlainAUC float64
}

var headNames = [...]string{"negative", "positive", "criticism", "question", "praise", "spam", "insult", "irony"}

// measure fills the figures from examples that the model has not read.
func (r *Report) measure(m *Model, examples []example) {
	r.Measured = map[Language]*Figures{}
	for _, lang := range languages {
		r.Measured[lang] = measure(m, examples, lang)
	}
}

func measure(m *Model, examples []example, lang Language) *Figures {
	f := &Figures{}
	s := newScratch()
	var all, plain [headTheme][]guess
	var themes, ruled, urgent counts
	var right, rightShort, known, checks, yes, yesRight, no, noWrong, urgencyRight int
	var tone [4]counts
	for i := range examples {
		e := &examples[i]
		if e.lang != lang {
			continue
		}
		f.Texts++
		v := m.judge(s, e.text, "")
		if e.labels&knowsLanguage != 0 {
			known++
			short := utf8.RuneCountInString(e.text) < 20
			if short {
				f.NShort++
			}
			if v.Language == lang {
				right++
				if short {
					rightShort++
				}
			}
		}
		if e.labels&knowsCriticism == 0 {
			continue
		}
		easy := e.flags&(saysHard|saysIrony) == 0
		if easy {
			f.Plain++
		}
		p := [headTheme]float64{v.Negative, v.Positive, v.Criticism.P, v.Question, v.Praise, v.Spam, v.Insult, v.Irony}
		for h := range headTheme {
			g := guess{p[h], h.wants(e) > 0, 1}
			all[h] = append(all[h], g)
			if easy {
				plain[h] = append(plain[h], g)
			}
		}
		is := headCriticism.wants(e) > 0
		switch v.Criticism.Decision {
		case Check:
			checks++
		case Yes:
			yes++
			if is {
				yesRight++
			}
		case No:
			no++
			if is {
				noWrong++
			}
		}
		for a, t := range tones {
			tone[a].add(v.Tone == t, e.tone == t, 1)
			for b, u := range tones {
				if e.tone == t && v.Tone == u {
					f.Tone[a][b]++
				}
			}
		}
		said, rule := themeSet(0), s.ruledThemes()
		for _, t := range v.Themes {
			bit, _ := themeBit(t)
			said |= bit
		}
		for k := range nThemes {
			bit := themeSet(1 << k)
			themes.add(said&bit != 0, e.themes&bit != 0, 1)
			ruled.add(rule&bit != 0, e.themes&bit != 0, 1)
		}
		if v.Urgency == e.urgency {
			urgencyRight++
		}
		urgent.add(v.Urgency >= 2, e.urgency >= 2, 1)
	}
	for h := range headTheme {
		f.Heads = append(f.Heads, headFigures(headNames[h], all[h], plain[h]))
	}
	n := float64(f.Texts)
	f.Language, f.LanguageShort = ratio(float64(right), float64(known)), ratio(float64(rightShort), float64(f.NShort))
	f.Check, f.YesPrecision, f.NoLeaks = ratio(float64(checks), n), ratio(float64(yesRight), float64(yes)), ratio(float64(noWrong), float64(no))
	f.ToneF1 = (tone[0].f1() + tone[1].f1() + tone[2].f1() + tone[3].f1()) / 4
	f.ThemeF1, f.RuledF1 = themes.f1(), ruled.f1()
	f.Urgency, f.UrgentPrecision, f.UrgentRecall = ratio(float64(urgencyRight), n), urgent.precision(), urgent.recall()
	return f
}

func headFigures(name string, all, plain []guess) HeadFigures {
	at := func(all []guess) (c counts) {
		for _, g := range all {
			c.add(g.p >= 0.5, g.yes, g.weight)
		}
		return c
	}
	a, p := at(all), at(plain)
	return HeadFigures{
		Name: name, Yes: int(a.hit + a.missed), Precision: a.precision(), Recall: a.recall(), F1: a.f1(), AUC: ranking(all), Brier: brier(all), ECE: calibration(all),
		PlainPrecision: p.precision(), PlainRecall: p.recall(), PlainF1: p.f1(), PlainAUC: ranking(plain),
	}
}

// Write writes a report for people who work on the model.
func (r Report) Write(w io.Writer) {
	fmt.Fprintf(w, "comments: it %d, en %d, other %d; entries: it %d, en %d\n", r.Examples[Italian], r.Examples[English], r.Examples[Other], r.Entries[0], r.Entries[1])
	fmt.Fprintf(w, "regression set: %.4f before, %.4f after\n", r.Before, r.After)
	for _, lang := range languages {
		f := r.Measured[lang]
		if f == nil {
			continue
		}
		fmt.Fprintf(w, "\n%s: %d texts held out (%d plain)\n", lang, f.Texts, f.Plain)
		fmt.Fprintf(w, "  language %.3f, below 20 characters %.3f of %d\n", f.Language, f.LanguageShort, f.NShort)
		if lang == Other {
			continue
		}
		fmt.Fprintf(w, "  %-10s %5s %6s %6s %6s %6s %6s %6s | plain: %6s %6s %6s %6s\n", "", "yes", "P", "R", "F1", "AUC", "Brier", "ECE", "P", "R", "F1", "AUC")
		for _, h := range f.Heads {
			fmt.Fprintf(w, "  %-10s %5d %6.3f %6.3f %6.3f %6.3f %6.3f %6.3f | plain: %6.3f %6.3f %6.3f %6.3f\n",
				h.Name, h.Yes, h.Precision, h.Recall, h.F1, h.AUC, h.Brier, h.ECE, h.PlainPrecision, h.PlainRecall, h.PlainF1, h.PlainAUC)
		}
		fmt.Fprintf(w, "  criticism decided: yes is right %.3f, no is wrong %.3f, left to a person %.3f\n", f.YesPrecision, f.NoLeaks, f.Check)
		fmt.Fprintf(w, "  tone, mean F1 %.3f; rows are what it is: negative neutral positive mixed\n", f.ToneF1)
		for k, row := range f.Tone {
			fmt.Fprintf(w, "    %-9s %5d %5d %5d %5d\n", tones[k], row[0], row[1], row[2], row[3])
		}
		fmt.Fprintf(w, "  themes, F1 %.3f (lexicon alone %.3f); urgency right %.3f, from 2 on: P %.3f R %.3f\n",
			f.ThemeF1, f.RuledF1, f.Urgency, f.UrgentPrecision, f.UrgentRecall)
	}
}

// score is how well a model does on the regression set: the mean F1 of criticism, negative and positive, both
// languages together.
func (t *training) score(m *Model) float64 { return scoreOn(m, t.apart(regression)) }

func scoreOn(m *Model, examples []example) float64 {
	s := newScratch()
	var c [3]counts
	for i := range examples {
		e := &examples[i]
		if e.labels&knowsCriticism == 0 {
			continue
		}
		v := m.judge(s, e.text, e.lang)
		c[0].add(v.Criticism.P >= 0.5, headCriticism.wants(e) > 0, 1)
		c[1].add(v.Negative >= 0.5, headNegative.wants(e) > 0, 1)
		c[2].add(v.Positive >= 0.5, headPositive.wants(e) > 0, 1)
	}
	return (c[0].f1() + c[1].f1() + c[2].f1()) / 3
}
