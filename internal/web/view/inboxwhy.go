package view

import "github.com/a-h/templ"

// WhyCriticism is the box under what somebody wrote: why it is criticism, or may be.
type WhyCriticism struct {
	ID      string // of the interaction
	Title   string
	Reasons []WhyLine
	HowSure string
	Second  string // what another model thinks
	SecondW string // why, in its words
	Open    *KeyProps
	Yes     *KeyProps // for a doubt
	URL     string    // POST the member's word here; "" for who may not
	No      string    // the label of the menu that asks why not
	CaseSay string    // it belongs to a case: which, and how that stands
	Case    string
	CaseHow TagProps
	Error   string
}

// WhyLine is a reason: a sentence that ends with words of theirs.
type WhyLine struct {
	Text  string
	Words []string
}

// WhyPart draws the box as what comes after a message.
func WhyPart(p Page, w WhyCriticism) templ.Component { return whyCriticism(p, w) }

// PromiseAsk is a sentence of an answer that promises something, with what becomes of it.
type PromiseAsk struct {
	N      string // of the sentence, from 0
	Text   string
	No     bool // it is no promise
	Due    string
	Owners []Option
	Cases  []Option
	Errors map[string]string // due, text, owner, case
}
