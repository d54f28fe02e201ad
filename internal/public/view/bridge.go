package view

import (
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/record"
	desk "github.com/ponte-desk/ponte/internal/web/view"
)

// MostStones is how many improvements the bridge holds; of more it shows the newest.
const MostStones = 16

// ring is the bridge of the growth page.
var ring = desk.Ring{Width: 1200, Height: 612, CX: 600, CY: 606, Inner: 410, Outer: 572, From: 180, To: 0, Joint: 9, Keystone: 22}

// fewestPlaces are the places of a bridge on which little has been laid yet.
const fewestPlaces = 9

// stone is one stone of the bridge.
type stone struct {
	kind   desk.StoneKind
	path   string
	number string
	word   string
	lang   string // of the word, when it is not the page's
	label  string // for those who do not see it
	href   string
	x      string
	n, w   string // where number and word stand
}

// plain stones have no ground of their own: what stands on them is written in ink.
func (s stone) plain() bool { return s.kind == desk.StoneFailed || s.kind == desk.StoneEarly }

// bridge is what the arch of the growth page shows.
type bridge struct {
	stones []stone
	label  string
	size   string // "few", "some" or "many": how large what stands on the stones may be
	write  string // where the keystone leads; "" it is only missing
}

// bridge lays improvements, which come newest first, from both banks: 1, 9, 2, 8 and so on. The middle stays open.
func (p Page) bridge(all []growth.Improvement, published int, write string) bridge {
	all = all[:min(len(all), MostStones)]
	places := max(fewestPlaces, len(all)+1)
	places += 1 - places%2 // a keystone wants an odd number
	b := bridge{stones: make([]stone, places), size: "few", write: write}
	switch {
	case places > 13:
		b.size = "many"
	case places > fewestPlaces:
		b.size = "some"
	}
	middle := (ring.Inner + ring.Outer) / 2
	step := (ring.From - ring.To) / float64(places)
	for i, path := range ring.Stones(places) {
		a := (ring.From - step*(float64(i)+0.5)) * math.Pi / 180
		y := ring.CY - middle*math.Sin(a)
		b.stones[i] = stone{kind: desk.StoneOpen, path: path, x: short(ring.CX + middle*math.Cos(a)), n: short(y + 6), w: short(y + 32)}
	}
	if write != "" {
		b.stones[places/2].kind = desk.StoneNext
	}
	for k := range all {
		i := all[len(all)-1-k] // the oldest of them stands on the left bank
		at := k / 2
		if k%2 == 1 {
			at = places - 1 - k/2
		}
		s := &b.stones[at]
		word, lang := p.say(i.Stone)
		s.kind, s.number, s.word, s.lang = stoneKind(i), itoa(i.Number), clip(word, 16), lang
		s.href = p.entryPath(i.Number)
		s.label = p.T("publicpage.stone", "stone", join(s.number, s.word), "title", p.plain(i.Title), "outcome", p.outcome(i.Trend.Outcome))
	}
	switch {
	case len(all) == 0:
		b.label = p.T("publicpage.bridge.empty")
	case published > len(all):
		b.label = p.N("publicpage.bridge.newest", len(all), "of", p.Words.Number(published))
	default:
		b.label = p.N("publicpage.bridge", len(all))
	}
	return b
}

// stoneKind is how an improvement looks as a stone: what did not work stays on the bridge.
func stoneKind(i growth.Improvement) desk.StoneKind {
	switch i.Trend.Outcome {
	case record.Worked:
		return desk.StoneLaid
	case record.NotWorked:
		return desk.StoneFailed
	}
	return desk.StoneEarly
}

// short writes a length with at most two decimals.
func short(v float64) string { return strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64) }

// clip cuts a word that would not fit on a stone.
func clip(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}
