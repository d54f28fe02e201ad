package record

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/merkle"
)

// Figures are what the growth page says, computed from leaves alone.
type Figures struct {
	Since          time.Time // the day of the first leaf; zero: there is none
	Leaves         int64
	Heard          int // criticisms received in public and not dismissed; erased ones count
	Answered       int // of those
	MedianMinutes  int // at least half of the answers came within; 0 when there is none; rounded up as RoundMinutes does
	SlowestMinutes int // all of them came within
	Undecided      int // left undecided past their time and still so; erased ones count
	Dismissed      int // judged to be no criticism and still so
	Cases          int // with at least one accepted criticism
	Published      int // improvements
	Voices         int // criticisms in the cases of published improvements
	Declined       int // cases that were declined and not taken up again
	Worked         int // improvements whose last effect says so
	NotWorked      int // improvements whose last effect says so
	TooEarly       int // improvements whose last effect says too early or too few, or that have none yet
	Confirmed      int // people whose last word is that it is better
	NotConfirmed   int // people whose last word is that it is not
	Promised       int // promises
	Kept           int // of those: in time
	KeptLate       int // of those: after their day
	Broken         int // of those: and not kept since
	Open           int // of those: neither kept nor broken
	Erased         int // criticisms of which nothing but the handle is left
}

// Figure is one of the figures by its public name.
type Figure struct {
	Name  string // as in the published document; never renamed
	Value int64
}

// List gives the figures one by one, in a fixed order, without Since.
func (f Figures) List() []Figure {
	return []Figure{
		{"leaves", f.Leaves},
		{"heard", int64(f.Heard)},
		{"answered", int64(f.Answered)},
		{"median_minutes", int64(f.MedianMinutes)},
		{"slowest_minutes", int64(f.SlowestMinutes)},
		{"undecided", int64(f.Undecided)},
		{"dismissed", int64(f.Dismissed)},
		{"cases", int64(f.Cases)},
		{"published", int64(f.Published)},
		{"voices", int64(f.Voices)},
		{"declined", int64(f.Declined)},
		{"worked", int64(f.Worked)},
		{"not_worked", int64(f.NotWorked)},
		{"too_early", int64(f.TooEarly)},
		{"confirmed", int64(f.Confirmed)},
		{"not_confirmed", int64(f.NotConfirmed)},
		{"promised", int64(f.Promised)},
		{"kept", int64(f.Kept)},
		{"kept_late", int64(f.KeptLate)},
		{"broken", int64(f.Broken)},
		{"open", int64(f.Open)},
		{"erased", int64(f.Erased)},
	}
}

// PublicFigures is the document at /record/figures.json: the figures of the growth page with the head of the record that they follow from.
type PublicFigures struct {
	Origin  string
	Head    merkle.Head
	Figures Figures
}

// MaxFigures is the size in bytes of the largest figures document that is read.
const MaxFigures = 16 << 10

// ErrFigures says that something is not a figures document.
var ErrFigures = fault.New(fault.Invalid, "record.figures")

// publishedDoc is the form of the document.
type publishedDoc struct {
	V       int        `json:"v"`
	Origin  string     `json:"origin"`
	Size    int64      `json:"size"`
	Root    string     `json:"root"` // base64, as in checkpoints
	Figures figuresDoc `json:"figures"`
}

type figuresDoc struct {
	Since          string `json:"since"` // "2026-03-12"; "" when there is no leaf
	Leaves         int64  `json:"leaves"`
	Heard          int    `json:"heard"`
	Answered       int    `json:"answered"`
	MedianMinutes  int    `json:"median_minutes"`
	SlowestMinutes int    `json:"slowest_minutes"`
	Undecided      int    `json:"undecided"`
	Dismissed      int    `json:"dismissed"`
	Cases          int    `json:"cases"`
	Published      int    `json:"published"`
	Voices         int    `json:"voices"`
	Declined       int    `json:"declined"`
	Worked         int    `json:"worked"`
	NotWorked      int    `json:"not_worked"`
	TooEarly       int    `json:"too_early"`
	Confirmed      int    `json:"confirmed"`
	NotConfirmed   int    `json:"not_confirmed"`
	Promised       int    `json:"promised"`
	Kept           int    `json:"kept"`
	KeptLate       int    `json:"kept_late"`
	Broken         int    `json:"broken"`
	Open           int    `json:"open"`
	Erased         int    `json:"erased"`
}

// Encode writes the document.
func (p PublicFigures) Encode() ([]byte, error) {
	f := p.Figures
	doc := publishedDoc{
		V: 1, Origin: p.Origin, Size: p.Head.Size, Root: base64.StdEncoding.EncodeToString(p.Head.Root[:]),
		Figures: figuresDoc{
			Leaves: f.Leaves, Heard: f.Heard, Answered: f.Answered, MedianMinutes: f.MedianMinutes, SlowestMinutes: f.SlowestMinutes,
			Undecided: f.Undecided, Dismissed: f.Dismissed, Cases: f.Cases, Published: f.Published, Voices: f.Voices, Declined: f.Declined,
			Worked: f.Worked, NotWorked: f.NotWorked, TooEarly: f.TooEarly, Confirmed: f.Confirmed, NotConfirmed: f.NotConfirmed,
			Promised: f.Promised, Kept: f.Kept, KeptLate: f.KeptLate, Broken: f.Broken, Open: f.Open, Erased: f.Erased,
		},
	}
	if !f.Since.IsZero() {
		doc.Figures.Since = f.Since.UTC().Format(dayForm)
	}
	b, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("record.PublicFigures.Encode: %w", err)
	}
	return append(b, '\n'), nil
}

// ParseFigures reads the document. Fields that it does not know, missing ones and anything behind it are ErrFigures.
func ParseFigures(b []byte) (PublicFigures, error) {
	if len(b) > MaxFigures {
		return PublicFigures{}, ErrFigures
	}
	var doc publishedDoc
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&doc); err != nil {
		return PublicFigures{}, ErrFigures.Because(err)
	}
	root, err := base64.StdEncoding.DecodeString(doc.Root)
	if err != nil || len(root) != 32 || doc.V != 1 || !merkle.IsOrigin(doc.Origin) || doc.Size < 0 {
		return PublicFigures{}, ErrFigures
	}
	f := doc.Figures
	p := PublicFigures{Origin: doc.Origin, Head: merkle.Head{Size: doc.Size, Root: merkle.Hash(root)}, Figures: Figures{
		Leaves: f.Leaves, Heard: f.Heard, Answered: f.Answered, MedianMinutes: f.MedianMinutes, SlowestMinutes: f.SlowestMinutes,
		Undecided: f.Undecided, Dismissed: f.Dismissed, Cases: f.Cases, Published: f.Published, Voices: f.Voices, Declined: f.Declined,
		Worked: f.Worked, NotWorked: f.NotWorked, TooEarly: f.TooEarly, Confirmed: f.Confirmed, NotConfirmed: f.NotConfirmed,
		Promised: f.Promised, Kept: f.Kept, KeptLate: f.KeptLate, Broken: f.Broken, Open: f.Open, Erased: f.Erased,
	}}
	if f.Since != "" {
		if p.Figures.Since, err = time.Parse(dayForm, f.Since); err != nil {
			return PublicFigures{}, ErrFigures.Because(err)
		}
	}
	// Byte for byte what is written for it: so nothing is missing, doubled or put behind.
	if again, err := p.Encode(); err != nil || !bytes.Equal(again, b) {
		return PublicFigures{}, ErrFigures
	}
	return p, nil
}
