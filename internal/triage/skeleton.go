package triage

// Placeholder types so that other rooms compile until the engine lands. Replaced by the engine.

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

type Opinion struct {
	P        float64
	Decision Decision
}

// Span is a part of the judged text, by byte offsets, with what it weighed.
type Span struct {
	From, To int
	Weight   float64
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
