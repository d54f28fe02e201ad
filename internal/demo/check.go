package demo

import (
	"errors"
	"fmt"
	"time"
	"unicode/utf8"
)

// Reach is how far back the sample goes at most.
const Reach = 92 * 24 * time.Hour

// check proves that everything named exists, that times run forward and that what stands on a network fits there.
func check(c *Company) error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }

	members, people, channels, labels := map[string]bool{}, map[string]Person{}, map[string]NetworkName{}, map[string]bool{}
	for _, m := range c.Members {
		members[m.Key] = true
	}
	for _, ch := range c.Channels {
		channels[ch.Key] = ch.Network
	}
	for _, l := range c.Labels {
		labels[l.Key] = true
	}
	for _, p := range c.People {
		if _, twice := people[p.Key]; twice {
			bad("person %s stands twice", p.Key)
		}
		people[p.Key] = p
	}
	inside := func(where string, t time.Time) {
		if t.After(c.Moment) || t.Before(c.Moment.Add(-Reach)) {
			bad("%s: %s lies outside the three months before %s", where, t.Format(time.DateTime), c.Moment.Format(time.DateTime))
		}
	}
	member := func(where, key string) {
		if !members[key] {
			bad("%s: no member %q", where, key)
		}
	}
	note := func(where string, n Note) {
		inside(where, n.At)
		member(where, n.By)
		for _, m := range n.Mentions {
			member(where, m)
		}
		if n.Text == "" {
			bad("%s: an empty note", where)
		}
	}
	fits := func(where, channel, text string) {
		n, ok := channels[channel]
		if !ok {
			bad("%s: no channel %q", where, channel)
			return
		}
		if used := utf8.RuneCountInString(text); used == 0 || used > n.Limit() {
			bad("%s: %d characters, %s allows 1 to %d", where, used, n, n.Limit())
		}
	}

	for _, p := range c.People {
		for _, n := range p.Notes {
			note("person "+p.Key, n)
		}
	}
	for _, m := range c.Merges {
		if people[m.Keep].Key == "" || people[m.Other].Key == "" {
			bad("merge %s and %s: nobody", m.Keep, m.Other)
		}
	}
	posts := map[string]Post{}
	for _, p := range c.Posts {
		if _, twice := posts[p.Key]; twice {
			bad("post %s stands twice", p.Key)
		}
		posts[p.Key] = p
		inside("post "+p.Key, p.At)
		member("post "+p.Key, p.By)
		for _, ch := range p.Channels {
			fits("post "+p.Key, ch, p.Text)
		}
	}
	for _, v := range c.Conversations {
		checkConversation(c, v, posts, people, channels, labels, bad, inside, member, note, fits)
	}
	return errors.Join(errs...)
}

func checkConversation(c *Company, v Conversation, posts map[string]Post, people map[string]Person,
	channels map[string]NetworkName, labels map[string]bool, bad func(string, ...any), inside func(string, time.Time),
	member func(string, string), note func(string, Note), fits func(string, string, string)) {
	if len(v.Interactions) == 0 {
		bad("%s is empty", v.Key)
		return
	}
	first := v.Interactions[0]
	where := fmt.Sprintf("%s (%s)", v.Key, first.Person)
	if first.Person == "" {
		bad("%s begins with ourselves", where)
	}
	last := time.Time{}
	if v.Post != "" {
		last = posts[v.Post].At
		if !has(posts[v.Post].Channels, v.Channel) {
			bad("%s: post %s does not stand on channel %s", where, v.Post, v.Channel)
		}
	}
	if v.Assignee != "" {
		member(where, v.Assignee)
	}
	for _, l := range v.Labels {
		if !labels[l] {
			bad("%s: no label %q", where, l)
		}
	}
	for _, i := range v.Interactions {
		inside(i.Key+" "+where, i.At)
		if !i.At.After(last) {
			bad("%s %s: %s is not after what comes before", i.Key, where, i.At.Format(time.DateTime))
		}
		last = i.At
		fits(i.Key+" "+where, v.Channel, i.Text)
		for _, t := range []time.Time{i.EditedAt, i.DeletedAt} {
			if !t.IsZero() {
				inside(i.Key+" "+where, t)
			}
		}
		if (i.Before == "") != i.EditedAt.IsZero() {
			bad("%s: an edit has a time and the words before", i.Key)
		}
		if i.Answer != nil {
			member(i.Key, i.Answer.By)
			if i.Answer.Decider != "" {
				member(i.Key, i.Answer.Decider)
			}
			if i.Answer.State == Rejected && i.Answer.Reason == "" {
				bad("%s: rejected without a reason", i.Key)
			}
			continue
		}
		p, ok := people[i.Person]
		if !ok {
			bad("%s: nobody is called %q", i.Key, i.Person)
		} else if !p.on(channels[v.Channel]) {
			bad("%s: %s has no account on %s", i.Key, i.Person, channels[v.Channel])
		}
	}
	if v.Channel == "b" && first.Visibility == Direct {
		bad("%s: no private messages on Bluesky", where)
	}
	theirs := v.lastWord().Answer == nil
	if v.State == Waiting && !theirs || v.State == Open && theirs {
		bad("%s: state %s does not fit who spoke last", where, v.State)
	}
	for _, n := range v.Notes {
		note(where, n)
		if n.At.Before(first.At) {
			bad("%s: a note before anything was said", where)
		}
	}
	if v.Draft != nil {
		member(where, v.Draft.By)
		inside(where, v.Draft.At)
		fits(where, v.Channel, v.Draft.Text)
	}
}

// lastWord is the newest interaction that stands on the network.
func (v Conversation) lastWord() Interaction {
	for n := len(v.Interactions) - 1; n >= 0; n-- {
		if i := v.Interactions[n]; i.Answer == nil || i.Answer.State == Sent {
			return i
		}
	}
	return Interaction{}
}

func has(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
