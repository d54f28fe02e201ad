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

const ThemeProduct Theme = "product"

// Themes lists every theme, in the order in which verdicts name them.
var Themes = []Theme{ThemeProduct, "quality", "price", "service", "delivery", "staff", "place", "app", "communication", "ethics"}

// Model is a stand-in.
type Model struct{}

func Default() (*Model, error) { return &Model{}, nil }
func (*Model) Version() string { return "none" }
func (*Model) Judge(string) Verdict {
	return Verdict{Language: Undetermined, Tone: ToneNeutral, Criticism: Opinion{Decision: No}, Themes: []Theme{}}
}
func (*Model) MarshalBinary() ([]byte, error) { return []byte{}, nil }
func ReadModel([]byte) (*Model, error)        { return &Model{}, nil }

// Correction is what a member said about a text.
type Correction struct {
	Text      string
	Criticism Decision
	Tone      Tone
	Themes    []Theme
	Urgency   *int
}

type Report struct{ Before, After float64 }

func (r Report) Acceptable() bool { return r.After >= r.Before-.01 }

func Learn(base *Model, _ []Correction, _ []string) (*Model, Report, error) {
	return base, Report{}, nil
}
