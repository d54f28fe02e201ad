package demo

import (
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"
)

// Reach is how far back the sample goes at most.
const Reach = 92 * 24 * time.Hour

// checker collects everything that is wrong with a company.
type checker struct {
	company  *Company
	members  map[string]bool
	labels   map[string]bool
	channels map[string]NetworkName
	people   map[string]Person
	posts    map[string]Post
	errs     []error
}

// check proves that everything named exists, that times run forward and that what stands on a network fits there.
func check(c *Company) error {
	k := &checker{
		company: c, members: map[string]bool{}, labels: map[string]bool{}, channels: map[string]NetworkName{},
		people: map[string]Person{}, posts: map[string]Post{},
	}
	for _, m := range c.Members {
		k.members[m.Key] = true
	}
	for _, ch := range c.Channels {
		k.channels[ch.Key] = ch.Network
	}
	for _, l := range c.Labels {
		k.labels[l.Key] = true
	}
	for _, p := range c.People {
		if _, twice := k.people[p.Key]; twice {
			k.bad("person %s stands twice", p.Key)
		}
		k.people[p.Key] = p
		for _, n := range p.Notes {
			k.note("person "+p.Key, n)
		}
	}
	for _, m := range c.Merges {
		if k.people[m.Keep].Key == "" || k.people[m.Other].Key == "" {
			k.bad("%s and %s cannot be one: one of them is nobody", m.Keep, m.Other)
		}
	}
	for _, p := range c.Posts {
		if _, twice := k.posts[p.Key]; twice {
			k.bad("post %s stands twice", p.Key)
		}
		k.posts[p.Key] = p
		k.inside("post "+p.Key, p.At)
		k.member("post "+p.Key, p.By)
		for _, ch := range p.Channels {
			k.fits("post "+p.Key, ch, p.Text)
		}
	}
	for _, v := range c.Conversations {
		k.conversation(v)
	}
	return errors.Join(k.errs...)
}

func (k *checker) bad(format string, args ...any) {
	k.errs = append(k.errs, fmt.Errorf(format, args...))
}

// inside demands a time in the three months before the moment.
func (k *checker) inside(where string, t time.Time) {
	if t.After(k.company.Moment) || t.Before(k.company.Moment.Add(-Reach)) {
		k.bad("%s: %s lies outside the three months before %s", where, t.Format(time.DateTime), k.company.Moment.Format(time.DateTime))
	}
}

func (k *checker) member(where, key string) {
	if !k.members[key] {
		k.bad("%s: no member %q", where, key)
	}
}

// fits demands words, and no more of them than the channel's network allows.
func (k *checker) fits(where, channel, text string) {
	n, ok := k.channels[channel]
	if !ok {
		k.bad("%s: no channel %q", where, channel)
		return
	}
	if used := utf8.RuneCountInString(text); used == 0 || used > n.Limit() {
		k.bad("%s: %d characters, %s allows 1 to %d", where, used, n, n.Limit())
	}
}

func (k *checker) note(where string, n Note) {
	k.inside(where, n.At)
	k.member(where, n.By)
	for _, m := range n.Mentions {
		k.member(where, m)
	}
	if n.Text == "" {
		k.bad("%s: an empty note", where)
	}
}

func (k *checker) conversation(v Conversation) {
	if len(v.Interactions) == 0 {
		k.bad("%s is empty", v.Key)
		return
	}
	first := v.Interactions[0]
	where := fmt.Sprintf("%s (%s)", v.Key, first.Person)
	if first.Person == "" {
		k.bad("%s begins with ourselves", where)
	}
	if first.Visibility == Direct && k.channels[v.Channel] == Bluesky {
		k.bad("%s: no private messages on Bluesky", where)
	}
	if v.Assignee != "" {
		k.member(where, v.Assignee)
	}
	for _, l := range v.Labels {
		if !k.labels[l] {
			k.bad("%s: no label %q", where, l)
		}
	}
	last := time.Time{}
	if v.Post != "" {
		last = k.posts[v.Post].At
		if !slices.Contains(k.posts[v.Post].Channels, v.Channel) {
			k.bad("%s: post %s does not stand on channel %s", where, v.Post, v.Channel)
		}
	}
	for _, i := range v.Interactions {
		if !i.At.After(last) {
			k.bad("%s %s: %s is not after what comes before", i.Key, where, i.At.Format(time.DateTime))
		}
		last = i.At
		k.interaction(i)
	}
	theirs := v.lastWord().Answer == nil
	if v.State == Open && !theirs || v.State == Waiting && theirs {
		k.bad("%s: state %s does not fit who spoke last", where, v.State)
	}
	for _, n := range v.Notes {
		k.note(where, n)
		if n.At.Before(first.At) {
			k.bad("%s: a note before anything was said", where)
		}
	}
	if v.Draft != nil {
		k.member(where, v.Draft.By)
		k.inside(where, v.Draft.At)
		k.fits(where, v.Channel, v.Draft.Text)
	}
}

func (k *checker) interaction(i Interaction) {
	where := fmt.Sprintf("%s (%s)", i.Key, i.Person)
	k.inside(where, i.At)
	k.fits(where, i.Channel, i.Text)
	for _, t := range []time.Time{i.EditedAt, i.DeletedAt} {
		if !t.IsZero() {
			k.inside(where, t)
		}
	}
	if (i.Before == "") != i.EditedAt.IsZero() {
		k.bad("%s: an edit has a time and the words before", i.Key)
	}
	if i.Answer == nil {
		p, ok := k.people[i.Person]
		if !ok {
			k.bad("%s: nobody is called %q", i.Key, i.Person)
		} else if !p.on(k.channels[i.Channel]) {
			k.bad("%s: %s has no account on %s", i.Key, i.Person, k.channels[i.Channel])
		}
		return
	}
	k.member(i.Key, i.Answer.By)
	if i.Answer.Decider != "" {
		k.member(i.Key, i.Answer.Decider)
	}
	if !i.Answer.DecidedAt.IsZero() {
		k.inside(i.Key, i.Answer.DecidedAt)
	}
	if i.Answer.State == Rejected && i.Answer.Reason == "" {
		k.bad("%s: rejected without a reason", i.Key)
	}
}

// lastWord is the newest interaction that stands on the network.
func (v Conversation) lastWord() Interaction {
	for _, i := range slices.Backward(v.Interactions) {
		if i.Answer == nil || i.Answer.State == Sent {
			return i
		}
	}
	return Interaction{}
}
