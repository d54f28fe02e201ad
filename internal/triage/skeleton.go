package triage

// Placeholder types so that other rooms compile until the engine lands. Replaced by the engine, whose verdict.go has
// the same names.

type (
	Language string
	Tone     string
	Decision string
	Theme    string
	Cue      string
)

const (
	Yes   Decision = "yes"
	No    Decision = "no"
	Check Decision = "check"
)

const (
	Italian      Language = "it"
	English      Language = "en"
	Other        Language = "other"
	Undetermined Language = "undetermined"
)

const (
	ToneNegative Tone = "negative"
	ToneNeutral  Tone = "neutral"
	TonePositive Tone = "positive"
	ToneMixed    Tone = "mixed"
)

type Opinion struct {
	P        float64
	Decision Decision
}

// Span is a part of the judged text that weighed.
type Span struct {
	Word       string
	Start, End int
	Weight     float64
}

type Verdict struct {
	Language                                                  Language
	Tone                                                      Tone
	Criticism                                                 Opinion
	Negative, Positive, Question, Praise, Spam, Insult, Irony float64
	Themes                                                    []Theme
	Urgency                                                   int
	Cues                                                      []Cue
	Evidence                                                  []Span
}
