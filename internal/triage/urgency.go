package triage

// urgency tells how pressing a text is: what its three heads say, never more than one above what the lexicon or the time
// waited gives. Criticism that presses, with a word of alarm, is an alarm; who does not complain is in no great hurry.
// The cues are those of the lexicon.
func (s *scratch) urgency(p []float64, b *bands) (int, cueSet) {
	level := 0
	ruled, cues := s.ruled()
	for k := range nUrgent {
		if p[int(headUrgent)+k] >= float64(b.urgent[k]) {
			level = k + 1
		}
	}
	level = min(level, ruled+1)
	switch {
	case level > 0 && ruled == alarm && p[headCriticism] >= 0.5 && p[headUrgent+1] >= 0.4:
		level = alarm
	case max(p[headCriticism], p[headNegative]) < 0.3:
		level = min(level, 1)
	}
	if level == 0 {
		return 0, 0
	}
	return level, cues
}

// ruled tells how pressing the words of the lexicon and the time waited are, and which cues say so.
func (s *scratch) ruled() (int, cueSet) {
	level := 0
	var cues cueSet
	for i := range s.found {
		e := s.found[i].entry
		if e.Urgency == 0 {
			continue
		}
		cues |= e.cues
		if e.Urgency < alarm || !s.felt[i].negated {
			level = max(level, e.Urgency)
		}
	}
	if w := s.waiting(); w > 0 {
		level = max(level, w)
		bit, _ := cueBit(CueWaiting)
		cues |= bit
	}
	return level, cues
}

// alarm is the greatest urgency.
const alarm = 3

// waiting tells how urgent it is that somebody has waited so long: 1 from days on, 2 from three weeks on, 0 for none.
func (s *scratch) waiting() int {
	level := 0
	for i := 0; i+1 < len(s.tokens); i++ {
		n := s.amount(i)
		if n == 0 {
			continue
		}
		switch string(s.fold[s.tokens[i+1].from:s.tokens[i+1].to]) {
		case "giorni", "gg", "days":
			if n >= 21 {
				level = 2
			} else if n >= 2 {
				level = max(level, 1)
			}
		case "settimane", "settimana", "weeks", "week":
			level = max(level, 1)
			if n >= 3 {
				level = 2
			}
		case "mesi", "mese", "months", "month":
			level = max(level, 1)
			if n >= 2 {
				level = 2
			}
		}
	}
	return level
}

// amount reads a small number at token i, in figures or words of either language; 0 for none.
func (s *scratch) amount(i int) int {
	t := &s.tokens[i]
	w := s.fold[t.from:t.to]
	if t.kind == kindNumber {
		x, ok := s.small(i)
		if !ok {
			return 0
		}
		return int(x)
	}
	if t.kind != kindWord {
		return 0
	}
	switch string(w) {
	case "un", "una", "a", "one":
		return 1
	case "due", "two":
		return 2
	case "tre", "three":
		return 3
	case "quattro", "four":
		return 4
	case "cinque", "five":
		return 5
	case "sei", "six":
		return 6
	case "sette", "seven":
		return 7
	case "otto", "eight":
		return 8
	case "nove", "nine":
		return 9
	case "dieci", "ten":
		return 10
	case "quindici", "fifteen":
		return 15
	case "venti", "twenty":
		return 20
	case "trenta", "thirty":
		return 30
	}
	return 0
}
