package triage

// head is one question that the model answers for every text.
type head int

const (
	headNegative head = iota
	headPositive
	headCriticism
	headQuestion
	headPraise
	headSpam
	headInsult
	headIrony
	headTheme                          // ten, in the order of Themes
	headUrgent  = headTheme + nThemes  // three: at least 1, 2, 3
	headItalian = headUrgent + nUrgent // these three know the letters and words only
	headEnglish = headItalian + 1
	headOther   = headItalian + 2
	headCount   = headItalian + 3
	nThemes     = 10
	nUrgent     = 3
)

// wants gives what an example says to a question: 1 yes, -1 no, 0 nothing.
func (h head) wants(e *example) int8 {
	yes := func(b bool) int8 {
		if b {
			return 1
		}
		return -1
	}
	if h >= headItalian {
		if e.labels&knowsLanguage == 0 {
			return 0
		}
		return yes(e.lang == []Language{Italian, English, Other}[h-headItalian])
	}
	if h >= headUrgent {
		if e.labels&knowsUrgency == 0 {
			return 0
		}
		return yes(e.urgency > int(h-headUrgent))
	}
	if h >= headTheme {
		if e.labels&knowsThemes == 0 {
			return 0
		}
		return yes(e.themes&(1<<(h-headTheme)) != 0)
	}
	switch h {
	case headNegative, headPositive:
		if e.labels&knowsTone == 0 {
			return 0
		}
		if h == headNegative {
			return yes(e.tone == ToneNegative || e.tone == ToneMixed)
		}
		return yes(e.tone == TonePositive || e.tone == ToneMixed)
	case headCriticism:
		if e.labels&knowsCriticism == 0 {
			return 0
		}
		return yes(e.flags&saysCriticism != 0)
	}
	if e.labels&knowsFlags == 0 {
		return 0
	}
	flag := map[head]exampleFlag{headQuestion: saysQuestion, headPraise: saysPraise, headSpam: saysSpam, headInsult: saysInsult, headIrony: saysIrony}[h]
	return yes(e.flags&flag != 0)
}
