package triage

import (
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"sync"
)

// Options say how to train.
type Options struct {
	// Measure also trains a second model without the held-out tenth and measures it there. It takes longer.
	Measure bool
}

// folds is into how many parts the examples are cut to see what the model makes of what it has not read.
const folds = 3

// Train makes a model from corpus/, data/lexicon-*.txt and data/grammar-*.txt: of every comment but the regression
// set. The same files give the same bits, on every machine.
func Train(src fs.FS, o Options) (*Model, Report, error) {
	t, err := newTraining(src, tuned())
	if err != nil {
		return nil, Report{}, err
	}
	m := t.model(trained)
	r := Report{Examples: t.count(), Entries: [2]int{len(t.lex[0].lex.Entries), len(t.lex[1].lex.Entries)}}
	r.Before, r.After = m.score, m.score
	if o.Measure {
		apart := t.model(func(e *example) bool { return tenth(e.text) != regression && tenth(e.text) != heldOut })
		r.measure(apart, t.apart(heldOut))
	}
	return m, r, nil
}

// trained tells whether the model that is shipped has read an example.
func trained(e *example) bool { return tenth(e.text) != regression }

// training holds what models are made of.
type training struct {
	tuning   tuning
	examples []example
	rows     []row
	vocabulary
}

func newTraining(src fs.FS, tune tuning) (*training, error) {
	t := &training{tuning: tune}
	var wrong []error
	for i, lang := range lexiconLanguages {
		name := fmt.Sprintf("data/lexicon-%s.txt", lang)
		b, err := fs.ReadFile(src, name)
		if err != nil {
			return nil, err
		}
		lex, err := parseLexicon(name, b)
		wrong = append(wrong, err)
		t.lex[i] = compile(lex)
	}
	common, err := readCommonWords(src)
	wrong = append(wrong, err)
	t.common = common
	files, err := corpusFiles(src)
	if err != nil {
		return nil, err
	}
	examples, err := readCorpus(files)
	wrong = append(wrong, err)
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	t.examples = examples
	if tune.grammar > 0 {
		lines, err := readGrammars(src)
		if err != nil {
			return nil, err
		}
		for i := range lines {
			lines[i].weight = tune.grammar
		}
		t.examples = append(t.examples, lines...)
	}
	t.rows = t.build(t.examples)
	return t, nil
}

// build looks at examples, several at a time.
func (t *training) build(examples []example) []row {
	rows := make([]row, len(examples))
	parallel(len(examples), 256, func(from, to int) {
		s := newScratch()
		for i := from; i < to; i++ {
			rows[i] = rowOf(s, &examples[i], &t.vocabulary, &t.tuning.lens)
		}
	})
	return rows
}

// parallel calls f for pieces of 0..n-1 on every processor.
func parallel(n, piece int, f func(from, to int)) {
	var wg sync.WaitGroup
	next := make(chan int)
	for range min(runtime.GOMAXPROCS(0), (n+piece-1)/piece) {
		wg.Go(func() {
			for from := range next {
				f(from, min(n, from+piece))
			}
		})
	}
	for from := 0; from < n; from += piece {
		next <- from
	}
	close(next)
	wg.Wait()
}

// count tells how many examples there are, by language.
func (t *training) count() map[Language]int {
	n := map[Language]int{}
	for i := range t.examples {
		if t.examples[i].written() {
			n[t.examples[i].lang]++
		}
	}
	return n
}

// apart gives the examples of one tenth.
func (t *training) apart(number int) []example {
	var out []example
	for i := range t.examples {
		if e := &t.examples[i]; e.written() && tenth(e.text) == number {
			out = append(out, *e)
		}
	}
	return out
}

// part gives the part of the cut that an example belongs to.
func (t *training) part(i int) int {
	return int(mix(hashBytes(hashSeed+7, t.examples[i].text)) % folds)
}

// counts tells what an example counts for a head, before the balance of yes and no.
func (t *training) counts(h head, e *example) float32 {
	w := float32(t.tuning.cost * e.weight)
	if h >= headItalian {
		return float32(w * t.tuning.language)
	}
	if h == headIrony || h.urgent() {
		return w
	}
	if e.flags&saysIrony != 0 {
		w = float32(w * t.tuning.irony)
	}
	if e.flags&saysHard != 0 {
		w = float32(w * t.tuning.hard)
	}
	return w
}

// learn trains one head on the examples that are in.
func (t *training) learn(h head, in func(i int) bool) *line {
	k := t.task(h, in)
	k.balance()
	l := newLine()
	k.solve(&t.tuning.lens, l)
	return l
}

func (t *training) task(h head, in func(i int) bool) *task {
	k := &task{
		rows: t.rows, want: make([]int8, len(t.rows)), weight: make([]float32, len(t.rows)), epochs: t.tuning.epochs,
		groups: h.groups(), tongue: h >= headItalian, seed: t.tuning.seed + uint64(h),
	}
	for i := range t.rows {
		if in(i) {
			k.want[i] = h.wants(&t.examples[i])
			k.weight[i] = t.counts(h, &t.examples[i])
		}
	}
	return k
}

// balance lets what is rare count more, though not as much more as it is rarer.
func (k *task) balance() {
	var yes, no float32
	for i, want := range k.want {
		switch want {
		case 1:
			yes += k.weight[i]
		case -1:
			no += k.weight[i]
		}
	}
	if yes == 0 || no == 0 {
		return
	}
	more, less := min(4, sqrt32(no/yes)), min(1, max(0.25, sqrt32(yes/no)))
	for i := range k.weight {
		if k.want[i] > 0 {
			k.weight[i] = float32(k.weight[i] * more)
		} else {
			k.weight[i] = float32(k.weight[i] * less)
		}
	}
}

// model trains every head on the examples that are in, and learns from parts left out what scores mean.
func (t *training) model(in func(e *example) bool) *Model {
	m := newModel()
	m.vocabulary, m.lens = t.vocabulary, t.tuning.lens
	inside := make([]bool, len(t.rows))
	for i := range t.rows {
		inside[i] = in(&t.examples[i])
	}
	// held[h][i] is what a model that has not read example i says about it.
	held := make([][]float32, headCount)
	for h := range held {
		held[h] = make([]float32, len(t.rows))
	}
	var lock sync.Mutex
	parallel(int(headCount)*(folds+1), 1, func(job, _ int) {
		h, fold := head(job/(folds+1)), job%(folds+1)
		if fold == folds {
			l := t.learn(h, func(i int) bool { return inside[i] })
			lock.Lock()
			defer lock.Unlock()
			m.quantise(h, l, &t.tuning.lens)
			return
		}
		l := t.learn(h, func(i int) bool { return inside[i] && t.part(i) != fold })
		k := t.task(h, func(int) bool { return false })
		for i := range t.rows {
			if inside[i] && t.part(i) == fold {
				held[h][i] = l.score(k, &t.tuning.lens, &t.rows[i])
			}
		}
	})
	t.calibrate(m, inside, held)
	m.score = t.score(m)
	m.seal()
	return m
}
