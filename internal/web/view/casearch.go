package view

import (
	"math"
	"strconv"

	"github.com/a-h/templ"
)

// ringCase spans the five columns of a case: 52 degrees of a large circle, so that each stone stands over its column.
var ringCase = Ring{Width: 1028, Height: 204, CX: 514, CY: 1168, Inner: 1080, Outer: 1156, From: 116, To: 64, Joint: 8, Keystone: 10}

// CaseStep is one of the five steps of a case.
type CaseStep struct {
	Name  string // "La causa"
	Text  string // what is known of it
	Stone StoneKind
	Href  string // where the reader goes on
}

// CaseArch is the arch of a case over its five columns.
type CaseArch struct {
	Steps []CaseStep
	Say   string // "Manca un passo solo: dirlo a tutti."
	Label string // of the list of steps, spoken
}

// stoneLabel is a word or a number on a stone.
type stoneLabel struct {
	x, y  string
	class string
	text  string
}

// labels writes the names of the steps on their stones, and their numbers for where the names have no room.
func (a CaseArch) labels() []stoneLabel {
	var out []stoneLabel
	step := (ringCase.From - ringCase.To) / float64(len(a.Steps))
	for i, s := range a.Steps {
		radius := (ringCase.Inner+ringCase.Outer)/2 + 8
		angle := (ringCase.From - step*(float64(i)+0.5)) * math.Pi / 180
		x, y := ringCase.CX+radius*math.Cos(angle), ringCase.CY-radius*math.Sin(angle)
		on := ""
		switch s.Stone {
		case StoneNext:
			on = "on-red"
		case StoneOpen, StoneFailed, StoneEarly:
			on = "plain"
		}
		out = append(out, stoneLabel{num(x), num(y + 19), join("n", on), strconv.Itoa(i + 1)}, stoneLabel{num(x), num(y + 17), join("w", on), s.Name})
	}
	return out
}

func stepAttrs(s CaseStep) templ.Attributes {
	if s.Stone != StoneNext {
		return nil
	}
	return templ.Attributes{"aria-current": "step"}
}
