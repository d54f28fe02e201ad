package triage

// themes tells what the text is about: the themes whose heads are likely enough. The words of each theme are among what
// the heads look at.
func (b *bands) themes(p []float64) themeSet {
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
