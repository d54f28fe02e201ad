package triage

// themes tells what the text is about: what the lexicon names, when the head of the theme does not deny it, and what
// the head is sure of.
func (s *scratch) themes(p []float64, b *bands) themeSet {
	var set themeSet
	for i := range nThemes {
		if p[int(headTheme)+i] >= float64(b.theme) {
			set |= 1 << i
		}
	}
	return set
}

// ruledThemes tells what the lexicon alone names.
func (s *scratch) ruledThemes() themeSet {
	var set themeSet
	for i := range s.found {
		set |= s.found[i].entry.themes
	}
	return set
}
