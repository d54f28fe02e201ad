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

// languages are those of the last three heads, in their order.
var languages = [...]Language{Italian, English, Other}

// saidBy gives the flag of a comment that a head asks for.
var saidBy = [headTheme]exampleFlag{
	headCriticism: saysCriticism, headQuestion: saysQuestion, headPraise: saysPraise, headSpam: saysSpam, headInsult: saysInsult, headIrony: saysIrony,
}

// urgent tells the three heads of urgency from the rest.
func (h head) urgent() bool { return h >= headUrgent && h < headItalian }

// wants gives what an example says to a question: 1 yes, -1 no, 0 nothing.
func (h head) wants(e *example) int8 {
	switch {
	case h >= headItalian:
		return e.says(knowsLanguage, e.lang == languages[h-headItalian])
	case h >= headUrgent:
		return e.says(knowsUrgency, e.urgency > int(h-headUrgent))
	case h >= headTheme:
		return e.says(knowsThemes, e.themes&(1<<(h-headTheme)) != 0)
	case h == headNegative:
		return e.says(knowsTone, e.tone == ToneNegative || e.tone == ToneMixed)
	case h == headPositive:
		return e.says(knowsTone, e.tone == TonePositive || e.tone == ToneMixed)
	case h == headCriticism:
		return e.says(knowsCriticism, e.flags&saysCriticism != 0)
	}
	return e.says(knowsFlags, e.flags&saidBy[h] != 0)
}

// says gives 1 or -1, or 0 when the example does not know.
func (e *example) says(known labelSet, yes bool) int8 {
	switch {
	case e.labels&known == 0:
		return 0
	case yes:
		return 1
	}
	return -1
}
