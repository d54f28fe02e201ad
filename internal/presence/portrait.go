package presence

import (
	"time"

	"github.com/ponte-desk/ponte/internal/network"
)

// Version is the form of a portrait that is kept. One of another form is drawn anew.
const Version = 1

// Periods are for how many weeks back a portrait looks; 0 is all of the past.
var Periods = []int{6, 13, 52, 0}

// LeastSaid is how much must have been said, by us and by others together, before there is a portrait.
const LeastSaid = 10

// Portrait is how a company speaks and listens.
type Portrait struct {
	At time.Time
	// Until is the end of what is looked at: now, or the last thing known of a company that has nothing but exports.
	Until time.Time
	// Ended says that Until is not now.
	Ended bool
	First time.Time // the first thing known; zero: nothing is
	// Said are all things read, of which Ours are ours.
	Said, Ours int
	Views      []View
	// Own are the names and hosts by which the company knows itself in a text.
	Own, Hosts []string
}

// Short says that there is too little to draw a portrait from.
func (p *Portrait) Short() bool { return p.Said < LeastSaid || p.Ours == 0 }

// View is a portrait of one time, of one channel or of all.
type View struct {
	Channel network.ChannelID // "" all of them
	// Weeks is the period asked for; 0 all of the past.
	Weeks        int
	From, To     time.Time
	First        time.Time // the first thing known of the channel, or of all
	Before       time.Time // the beginning of the time before, which ends at From; zero: there was none
	Ours, Theirs int       // things said
	Figures      map[Key]Figure
}

// Since is from when on something is in a view: its beginning, or the first thing known.
func (v View) Since() time.Time {
	if v.First.After(v.From) {
		return v.First
	}
	return v.From
}

// Figure gives a figure; one that is not there is of nothing.
func (v View) Figure(k Key) Figure {
	f, ok := v.Figures[k]
	if !ok {
		return Figure{Key: k, Few: true}
	}
	return f
}

// View gives the portrait of some channel, "" for all, and period; of a period that has no view of its own, because the past is
// shorter, the longest one. below 0 asks for the usual period.
func (p *Portrait) View(ch network.ChannelID, weeks int) (View, bool) {
	var of []View
	for _, v := range p.Views {
		if v.Channel == ch {
			of = append(of, v)
		}
	}
	if len(of) == 0 {
		return View{}, false
	}
	if weeks < 0 {
		weeks = usual(of)
	}
	best := of[len(of)-1]
	for _, v := range of {
		if v.Weeks == weeks {
			return v, true
		}
	}
	return best, true
}

// ViewOf is View for who has a channel's id as a text.
func (p *Portrait) ViewOf(ch string, weeks int) (View, bool) {
	return p.View(network.ChannelID(ch), weeks)
}

// Usual is the period that is shown when nothing is asked for.
func (p *Portrait) Usual() int { return usual(p.Views) }

// usual is a year where there is one, else the longest period that can be set beside the time before, else all there is.
func usual(vs []View) int {
	weeks := 0
	for _, v := range vs {
		if v.Weeks == 52 || !v.Before.IsZero() {
			weeks = max(weeks, v.Weeks)
		}
	}
	return weeks
}

// Channels lists the channels that have a portrait of their own.
func (p *Portrait) Channels() []network.ChannelID {
	var out []network.ChannelID
	seen := map[network.ChannelID]bool{"": true}
	for _, v := range p.Views {
		if !seen[v.Channel] {
			seen[v.Channel] = true
			out = append(out, v.Channel)
		}
	}
	return out
}
