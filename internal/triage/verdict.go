package triage

// Language is the language a text is written in. Stored and sent as it stands.
type Language string

// The languages that are told apart. A text without words, or with too few, is undetermined.
const (
	Italian      Language = "it"
	English      Language = "en"
	Other        Language = "other"
	Undetermined Language = "undetermined"
)

// Tone is how a text sounds as a whole. Stored and sent as it stands.
type Tone string

// The tones. Mixed is clearly both good and bad.
const (
	ToneNegative Tone = "negative"
	ToneNeutral  Tone = "neutral"
	TonePositive Tone = "positive"
	ToneMixed    Tone = "mixed"
)

// Decision says whether the machine is sure. Stored and sent as it stands.
type Decision string

// The decisions. Check leaves it to a person.
const (
	Yes   Decision = "yes"
	No    Decision = "no"
	Check Decision = "check"
)

// Theme is what a text is about. Stored and sent as it stands.
type Theme string

// The themes.
const (
	ThemeProduct       Theme = "product"
	ThemeQuality       Theme = "quality"
	ThemePrice         Theme = "price"
	ThemeService       Theme = "service"
	ThemeDelivery      Theme = "delivery"
	ThemeStaff         Theme = "staff"
	ThemePlace         Theme = "place"
	ThemeApp           Theme = "app"
	ThemeCommunication Theme = "communication"
	ThemeEthics        Theme = "ethics"
)

// Themes lists every theme, in the order in which verdicts name them.
var Themes = []Theme{
	ThemeProduct, ThemeQuality, ThemePrice, ThemeService, ThemeDelivery, ThemeStaff, ThemePlace, ThemeApp, ThemeCommunication, ThemeEthics,
}

// Cue is what makes a text urgent. Stored and sent as it stands.
type Cue string

// The cues.
const (
	CueHealth   Cue = "health"
	CueLegal    Cue = "legal"
	CueRefund   Cue = "refund"
	CueWaiting  Cue = "waiting"
	CueDown     Cue = "down"
	CueChildren Cue = "children"
	CuePress    Cue = "press"
)

// Cues lists every cue, in the order in which verdicts name them.
var Cues = []Cue{CueHealth, CueLegal, CueRefund, CueWaiting, CueDown, CueChildren, CuePress}

// Opinion is a probability and what follows from it.
type Opinion struct {
	P        float64 // 0..1
	Decision Decision
}

// Span is a part of the judged text that weighed.
type Span struct {
	Word       string  // the text between Start and End
	Start, End int     // bytes of the judged text
	Weight     float64 // share of what spoke for the verdict, 0..1
}

// Verdict is what a text carries. Every float is a calibrated probability in 0..1.
type Verdict struct {
	Language  Language
	Tone      Tone
	Criticism Opinion // something of the company addressed is said to be wrong

	Negative, Positive, Question, Praise, Spam, Insult, Irony float64

	Themes   []Theme // never nil
	Urgency  int     // 0 none .. 3 alarm
	Cues     []Cue   // what makes it urgent
	Evidence []Span  // the words that weighed most, at most 5, in the order of the text
}

// themeSet is a set of themes, one bit each, in the order of Themes.
type themeSet uint16

func themeBit(t Theme) (themeSet, bool) {
	for i, known := range Themes {
		if t == known {
			return 1 << i, true
		}
	}
	return 0, false
}

// list gives the themes of a set in order.
func (s themeSet) list() []Theme {
	out := make([]Theme, 0, 3)
	for i, t := range Themes {
		if s&(1<<i) != 0 {
			out = append(out, t)
		}
	}
	return out
}

// cueSet is a set of cues, one bit each, in the order of Cues.
type cueSet uint8

func cueBit(c Cue) (cueSet, bool) {
	for i, known := range Cues {
		if c == known {
			return 1 << i, true
		}
	}
	return 0, false
}

func (s cueSet) list() []Cue {
	if s == 0 {
		return nil
	}
	out := make([]Cue, 0, 2)
	for i, c := range Cues {
		if s&(1<<i) != 0 {
			out = append(out, c)
		}
	}
	return out
}
