package triage

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// someCorrections are what a member might say about comments that the model has not read.
func someCorrections(t testing.TB, n int) []Correction {
	t.Helper()
	var out []Correction
	for _, e := range sources(t) {
		if len(out) == n {
			break
		}
		if tenth(e.text) != regression || e.labels&knowsCriticism == 0 {
			continue
		}
		said := No
		if e.flags&saysCriticism != 0 {
			said = Yes
		}
		out = append(out, Correction{Text: e.text, Criticism: said, Tone: e.tone, Themes: e.themes.list(), Urgency: &e.urgency})
	}
	if len(out) < n {
		t.Fatalf("only %d corrections", len(out))
	}
	return out
}

func TestLearn(t *testing.T) {
	t.Parallel()
	m := model(t)
	two := 2
	corrections := []Correction{
		{Text: "La vostra moka è una bomba a orologeria", Criticism: Yes, Tone: ToneNegative, Themes: []Theme{ThemeQuality}, Urgency: &two},
		{Text: "sta moka fa un caffè illegale 😂", Criticism: No, Tone: TonePositive, Themes: []Theme{ThemeProduct}},
		{Text: "Il caffè di mia suocera è identico", Criticism: Yes},
		{Text: "Your moka is wicked", Criticism: No, Tone: TonePositive},
	}
	learnt, report, err := Learn(m, corrections, []string{"Moka Arno", "Pessimo Bar"})
	if err != nil {
		t.Fatal(err)
	}
	if !report.Acceptable() || report.Corrections != len(corrections) || report.Before != m.score {
		t.Errorf("report %+v", report)
	}
	for _, c := range corrections {
		v := learnt.Judge(c.Text)
		checkVerdict(t, c.Text, v)
		if v.Criticism.Decision != c.Criticism || (v.Criticism.P >= 0.5) != (c.Criticism == Yes) {
			t.Errorf("%q: criticism %v, corrected to %s", c.Text, v.Criticism, c.Criticism)
		}
		if c.Tone != "" && v.Tone != c.Tone {
			t.Errorf("%q sounds %s, corrected to %s", c.Text, v.Tone, c.Tone)
		}
		if c.Themes != nil && !slices.Equal(v.Themes, c.Themes) {
			t.Errorf("%q is about %v, corrected to %v", c.Text, v.Themes, c.Themes)
		}
		if c.Urgency != nil && v.Urgency != *c.Urgency {
			t.Errorf("%q has urgency %d, corrected to %d", c.Text, v.Urgency, *c.Urgency)
		}
	}
	// What is like a corrected text follows, without being it.
	like := "questa moka è una bomba a orologeria, attenti"
	if was, is := m.Judge(like).Criticism.P, learnt.Judge(like).Criticism.P; is <= was {
		t.Errorf("%q: %.3f before, %.3f after", like, was, is)
	}
	// The company's own words neither blame nor praise.
	if v := learnt.Judge("Pessimo Bar"); v.Criticism.Decision == Yes || len(v.Evidence) > 0 {
		t.Errorf("the company's name is judged: %+v", v)
	}
	if v := m.Judge("Pessimo Bar"); v.Criticism.P < 0.5 {
		t.Errorf("the same words of nobody: %+v", v.Criticism)
	}
	if m.Version() == learnt.Version() {
		t.Error("two models have one version")
	}
}

// The same corrections give the same model; base stays as it was; what was learned before does not count twice.
func TestLearnIsDeterministic(t *testing.T) {
	t.Parallel()
	m := model(t)
	before, err := m.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	corrections := someCorrections(t, 12)
	one, _, err := Learn(m, corrections, []string{"Arno"})
	if err != nil {
		t.Fatal(err)
	}
	two, _, err := Learn(one, corrections, []string{"Arno"})
	if err != nil {
		t.Fatal(err)
	}
	a, err := one.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	b, err := two.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a, b) || one.Version() != two.Version() {
		t.Error("the same corrections gave two models")
	}
	after, err := m.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(before, after) {
		t.Error("learning changed the model that it began from")
	}
}

// Many corrections of the hard kind are learned without forgetting the rest.
func TestLearnDoesNotForget(t *testing.T) {
	t.Parallel()
	m := model(t)
	var hard []Correction
	for _, c := range someCorrections(t, 500) {
		if v := m.Judge(c.Text); v.Criticism.Decision != c.Criticism && len(hard) < 40 {
			hard = append(hard, c)
		}
	}
	learnt, report, err := Learn(m, hard, nil)
	if err != nil {
		t.Fatal(err)
	}
	// They are of the regression set here, so that the score rises: what counts is that the rest did not fall.
	rest := slices.DeleteFunc(sources(t), func(e example) bool {
		return tenth(e.text) != regression || slices.ContainsFunc(hard, func(c Correction) bool { return c.Text == e.text })
	})
	if was, is := scoreOn(m, rest), scoreOn(learnt, rest); is < was-fall {
		t.Errorf("after %d corrections the rest fell from %.4f to %.4f", len(hard), was, is)
	}
	if report.After <= report.Before {
		t.Errorf("nothing was learned: %+v", report)
	}
}

func TestLearnLaterCorrectionsCount(t *testing.T) {
	t.Parallel()
	m := model(t)
	learnt, _, err := Learn(m, []Correction{{Text: "Che roba!", Criticism: Yes}, {Text: "CHE ROBA", Criticism: No}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if v := learnt.Judge("che roba"); v.Criticism.Decision != No {
		t.Errorf("%+v", v.Criticism)
	}
}

func TestLearnRefuses(t *testing.T) {
	t.Parallel()
	m := model(t)
	four := 4
	for _, c := range []Correction{
		{Text: "x", Criticism: Check}, {Text: "x", Tone: "angry"}, {Text: "x", Themes: []Theme{"colour"}}, {Text: "x", Urgency: &four},
	} {
		if _, _, err := Learn(m, []Correction{c}, nil); err == nil {
			t.Errorf("%+v was learned", c)
		}
	}
	if _, _, err := Learn(m, make([]Correction, maxCorrections+1), nil); err == nil {
		t.Error("too many corrections were learned")
	}
	if _, _, err := Learn(m, nil, make([]string, maxWords+1)); err == nil {
		t.Error("too many words were taken")
	}
}

func TestStoredModels(t *testing.T) {
	t.Parallel()
	m := model(t)
	learnt, _, err := Learn(m, someCorrections(t, 5), []string{"Ceramiche Arno", "èèè"})
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range []*Model{m, learnt} {
		b, err := one.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		var read Model
		if err := read.UnmarshalBinary(b); err != nil {
			t.Fatal(err)
		}
		if read.Version() != one.Version() {
			t.Errorf("version %s is read as %s", one.Version(), read.Version())
		}
		for _, text := range benchTexts {
			if a, b := one.Judge(text), read.Judge(text); !sameVerdict(a, b) {
				t.Errorf("%q: %+v, and read back %+v", text, a, b)
			}
		}
	}
	b, err := learnt.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	if len(b) > 200_000 {
		t.Errorf("what was learned from five corrections takes %d bytes", len(b))
	}
	if len(modelBytes) > 2_000_000 {
		t.Errorf("the embedded model takes %d bytes", len(modelBytes))
	}
	stranger := *m
	stranger.hash = "000000000000"
	lost := *learnt
	lost.base = &stranger
	b, err = lost.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ReadModel(b); !errors.Is(err, ErrOtherBase) {
		t.Errorf("a model of another base: %v", err)
	}
}

func TestDamagedModels(t *testing.T) {
	t.Parallel()
	m := model(t)
	learnt, _, err := Learn(m, someCorrections(t, 3), []string{"Arno"})
	if err != nil {
		t.Fatal(err)
	}
	good, err := learnt.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range [][]byte{nil, {0}, []byte("ponte"), []byte(magicWhole), []byte(magicLearnt), good[:len(good)/2], append(slices.Clone(good), good...)[:len(good)-1]} {
		if _, err := ReadModel(b); !errors.Is(err, ErrDamaged) {
			t.Errorf("%d bytes: %v", len(b), err)
		}
	}
	payload := learnt.difference()
	rapid.Check(t, func(t *rapid.T) {
		b := slices.Clone(payload)
		for range rapid.IntRange(1, 6).Draw(t, "changes") {
			b[rapid.IntRange(0, len(b)-1).Draw(t, "at")] = rapid.Byte().Draw(t, "byte")
		}
		b = b[:rapid.IntRange(0, len(b)).Draw(t, "length")]
		if read, err := readLearnt(b, m); err == nil {
			checkVerdict(t, "Che schifo 😡", read.Judge("Che schifo 😡"))
		}
	})
}

func FuzzReadModel(f *testing.F) {
	m := model(f)
	learnt, _, err := Learn(m, []Correction{{Text: "x y z", Criticism: Yes}}, []string{"Arno"})
	if err != nil {
		f.Fatal(err)
	}
	b, err := learnt.MarshalBinary()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(magicWhole))
	f.Add([]byte(magicLearnt + "\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if read, err := ReadModel(b); err == nil {
			checkVerdict(t, "Che schifo 😡", read.Judge("Che schifo 😡"))
		}
	})
}
