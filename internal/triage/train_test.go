package triage

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/fstest"
)

// The model that Ponte carries is what its sources give, bit for bit, and what it does on comments that it has not read
// is no worse than what is promised. The floors stand a little below what was measured when the model was made.
func TestModelIsWhatTrainingGives(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes several seconds")
	}
	m, report, err := Train(os.DirFS("."), Options{Measure: true})
	if err != nil {
		t.Fatal(err)
	}
	shipped := model(t)
	if !bytes.Equal(m.payload(), shipped.payload()) || m.Version() != shipped.Version() {
		t.Errorf("model.bin is version %s, its sources give %s: run ponte triage train", shipped.Version(), m.Version())
	}
	if report.Before != shipped.score || report.Before < 0.65 {
		t.Errorf("regression set: %.4f, stored %.4f", report.Before, shipped.score)
	}
	report.Write(io.Discard)
	for _, floor := range []struct {
		lang  Language
		head  string
		f1    float64 // of everything held out, deceptive and ironic texts included
		auc   float64
		plain float64 // F1 of what is neither
	}{
		{Italian, "criticism", 0.69, 0.81, 0.81},
		{Italian, "negative", 0.69, 0.81, 0.81},
		{Italian, "positive", 0.66, 0.82, 0.78},
		{Italian, "question", 0.83, 0.97, 0.85},
		{English, "criticism", 0.76, 0.83, 0.83},
		{English, "negative", 0.77, 0.84, 0.83},
		{English, "positive", 0.69, 0.85, 0.78},
		{English, "question", 0.82, 0.97, 0.83},
	} {
		for _, h := range report.Measured[floor.lang].Heads {
			if h.Name == floor.head && (h.F1 < floor.f1 || h.AUC < floor.auc || h.PlainF1 < floor.plain) {
				t.Errorf("%s %s: F1 %.3f, AUC %.3f, plain F1 %.3f; the floors are %.2f, %.2f, %.2f", floor.lang, floor.head, h.F1, h.AUC, h.PlainF1, floor.f1, floor.auc, floor.plain)
			}
		}
	}
	for lang, least := range map[Language]struct{ all, short float64 }{Italian: {0.975, 0.88}, English: {0.975, 0.88}, Other: {0.88, 0.80}} {
		f := report.Measured[lang]
		if f.Language < least.all || f.LanguageShort < least.short {
			t.Errorf("%s: language right %.3f, of short texts %.3f", lang, f.Language, f.LanguageShort)
		}
	}
	for _, lang := range lexiconLanguages {
		f := report.Measured[lang]
		if f.ThemeF1 < 0.46 || f.ThemeF1 < f.RuledF1 {
			t.Errorf("%s: themes %.3f, by the lexicon alone %.3f", lang, f.ThemeF1, f.RuledF1)
		}
		if f.YesPrecision < 0.76 || f.NoLeaks > 0.17 || f.Check > 0.40 {
			t.Errorf("%s: yes is right %.3f, no is wrong %.3f, left to a person %.3f", lang, f.YesPrecision, f.NoLeaks, f.Check)
		}
	}
}

// A processor that multiplies and adds in one step rounds once where others round twice. Nothing here may be compiled
// to such a step, or the model would come out differently.
func TestTheSameBitsOnArm(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("compiles for another machine")
	}
	build := exec.Command("go", "build", "-gcflags=-S", ".")
	build.Env = append(os.Environ(), "GOARCH=arm64", "GOOS=linux", "CGO_ENABLED=0")
	listing, err := build.CombinedOutput()
	if err != nil {
		t.Skipf("no compiler for arm64: %v\n%.300s", err, listing)
	}
	if !bytes.Contains(listing, []byte("FMULS")) && !bytes.Contains(listing, []byte("FMULD")) {
		t.Fatal("the listing holds no multiplication: the search has gone blind")
	}
	for line := range bytes.Lines(listing) {
		for _, step := range []string{"FMADD", "FMSUB", "FNMADD", "FNMSUB"} {
			if bytes.Contains(line, []byte("\t"+step)) {
				t.Errorf("one step: %s", bytes.TrimSpace(line))
			}
		}
	}
}

func TestTrainNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	src := fstest.MapFS{
		"data/lexicon-it.txt": {Data: []byte("brutto | -9 | - | 0 | -\n")},
		"data/lexicon-en.txt": {Data: []byte("bad | -2 | - | 0 | -\n")},
		commonFile:            {Data: []byte("it | il\n")},
		"corpus/it-a.txt":     {Data: []byte("neg c quality 0 | Rotto\nnonsense\n")},
	}
	_, _, err := Train(src, Options{})
	if err == nil {
		t.Fatal("it was trained")
	}
	for _, want := range []string{"data/lexicon-it.txt:1: ", "corpus/it-a.txt:2: "} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not say %q", err, want)
		}
	}
	delete(src, commonFile)
	if _, _, err := Train(src, Options{}); err == nil {
		t.Error("it was trained without a file")
	}
}

func TestAcceptable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		before, after float64
		want          bool
	}{{0.7, 0.7, true}, {0.7, 0.8, true}, {0.7, 0.692, true}, {0.7, 0.689, false}} {
		if got := (Report{Before: c.before, After: c.after}).Acceptable(); got != c.want {
			t.Errorf("from %.3f to %.3f: %v", c.before, c.after, got)
		}
	}
}

func TestMeasures(t *testing.T) {
	t.Parallel()
	all := []guess{{0.9, true, 1}, {0.8, true, 1}, {0.3, false, 1}, {0.1, false, 1}}
	if r := ranking(all); r != 1 {
		t.Errorf("ranking %v", r)
	}
	if r := ranking([]guess{{0.5, true, 1}, {0.5, false, 1}}); r != 0.5 {
		t.Errorf("ranking of a tie %v", r)
	}
	if b := brier(all); b < 0.037 || b > 0.038 {
		t.Errorf("brier %v", b)
	}
	if c := calibration(all); c < 0.17 || c > 0.18 {
		t.Errorf("calibration %v", c)
	}
	c := counts{hit: 3, falseAlarm: 1, missed: 2}
	if c.precision() != 0.75 || c.recall() != 0.6 || c.f1() < 0.666 || c.f1() > 0.667 {
		t.Errorf("%v %v %v", c.precision(), c.recall(), c.f1())
	}
	var many []guess
	for i := range 1000 {
		p := float64(i) / 1000
		many = append(many, guess{p, mix(uint64(i))%1000 < uint64(i), 1})
	}
	lower, upper := band(many, 0.9, 0.1)
	if lower < 0.1 || lower > 0.3 || upper < 0.7 || upper > 0.9 {
		t.Errorf("band %.3f to %.3f", lower, upper)
	}
	// Scores whose odds are known come out as they are.
	var js []judged
	for i := range 20000 {
		s := float32(i%80)/10 - 4
		js = append(js, judged{s, float64(mix(uint64(i)+99)%100000)/100000 < logistic(float64(s)*1.5+0.5), 1})
	}
	if p := fitPlatt(js); p.slope < 1.35 || p.slope > 1.65 || p.shift < 0.35 || p.shift > 0.65 {
		t.Errorf("fitted %+v", p)
	}
}
