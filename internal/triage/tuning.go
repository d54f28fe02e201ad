package triage

// tuning is what was chosen by trying on our own texts, each file of the corpus left out in turn.
type tuning struct {
	lens     lens
	cost     float32 // of being wrong by one
	epochs   int
	irony    float32 // what an ironic example counts
	hard     float32 // what an example with a deceptive surface counts
	life     float32 // what either counts when decisions are drawn
	language float32 // what a text counts more for the heads of languages
	grammar  float32 // what a sentence of the grammar counts, 0 for none
	seed     uint64
}

// tuned is the choice that models are trained with. Deceptive and ironic examples are far more frequent in the corpus
// than in life, and teach the plain words wrongly, so they count less; when decisions are drawn they count more again,
// to be on the careful side.
func tuned() tuning {
	return tuning{
		lens:     lens{group: [groupCount]float32{groupChar: 1, groupWord: 2, groupLetter: 0.5, groupClass: 1.25, groupEntry: 1}, dense: 1, denseLang: 0.1, bias: 1},
		cost:     0.08,
		epochs:   6,
		irony:    0.02,
		hard:     0.35,
		life:     0.25,
		language: 4,
		grammar:  0.2,
		seed:     20,
	}
}

// letterGroups are what the heads for languages see, toneGroups what the others see.
var (
	letterGroups = [groupCount]bool{groupChar: true, groupWord: true, groupLetter: true}
	toneGroups   = [groupCount]bool{groupChar: true, groupWord: true, groupClass: true, groupEntry: true}
)

// groupsOf gives the features that a head sees.
func (h head) groups() [groupCount]bool {
	if h >= headItalian {
		return letterGroups
	}
	return toneGroups
}
