package network

import (
	"slices"
	"strings"
	"time"
)

// Tone is how a line of a channel's state is to be felt.
type Tone string

// The tones.
const (
	Fine Tone = "fine"
	Wait Tone = "wait" // Ponte deals with it by itself
	Act  Tone = "act"  // a person must do something
)

// About is what a line is about.
type About string

// What lines are about, in the order in which they come.
const (
	AboutState   About = "state"   // how it does, in one sentence
	AboutTodo    About = "todo"    // what to do; only when there is something
	AboutAccount About = "account" // who we are there
	AboutScopes  About = "scopes"  // what the server truly lets us do
	AboutSuccess About = "success" // when it last answered as it should
	AboutItems   About = "items"   // how much was received
	AboutExpires About = "expires" // days left until someone must connect again
	AboutHub     About = "hub"     // whether the site's hub rings when something is new
	AboutNext    About = "next"    // when account and rights are looked at next
)

// Line is one sentence about a channel: a catalog key with its arguments. Arguments that are a time.Time are to be
// said in the reader's zone (i18n: Moment). A plural key is said for Count.
type Line struct {
	About  About
	Tone   Tone
	Key    string
	Args   map[string]any
	Plural bool
	Count  int
}

// soonDays is how many days before the end of a connection people are told to act.
const soonDays = 14

// Lines says how a channel does, in plain words, for its page and for the API.
func (c Channel) Lines(now time.Time) []Line {
	lines := c.state(now)
	lines = append(lines, Line{
		About: AboutAccount, Tone: Fine, Key: "channel.line.account",
		Args: map[string]any{"handle": c.Handle, "host": host(c.ServerURL)},
	})
	if c.Network == Site {
		lines[len(lines)-1].Key = "channel.line.account.site"
	}
	items := Line{About: AboutItems, Tone: Fine, Key: "channel.line.items", Plural: true, Count: c.Health.Items}
	if c.Sample {
		return append(lines, items)
	}
	if c.State != Gone {
		scopes := Line{About: AboutScopes, Tone: Fine, Key: "channel.line.scopes", Args: map[string]any{"scopes": strings.Join(c.Scopes, ", ")}}
		switch {
		case c.Network == Site && c.Traits.ReadOnly && len(c.Scopes) == 0:
			scopes.Key, scopes.Args = "channel.line.scopes.feed", nil
		case c.Network == Site:
			has := func(s string) bool { return slices.Contains(c.Scopes, s) }
			scopes.Key = "channel.line.scopes.site"
			scopes.Args = map[string]any{
				"publish": has("publish_posts"), "write": has("edit_posts"), "pages": has("publish_pages"), "files": has("upload_files"), "moderate": has("moderate_comments"),
			}
		case len(c.Scopes) == 0:
			scopes.Key, scopes.Args = "channel.line.scopes.untold", nil
		}
		lines = append(lines, scopes)
	}
	success := Line{About: AboutSuccess, Tone: Fine, Key: "channel.line.success", Args: map[string]any{"at": c.Health.LastSuccess}}
	if c.Health.LastSuccess.IsZero() {
		success = Line{About: AboutSuccess, Tone: Wait, Key: "channel.line.success.never"}
	}
	lines = append(lines, success, items)
	if c.State == Gone {
		return lines
	}
	if hub := c.Health.Hub; hub.State != "" && c.State == Active {
		if hub.State == HubOn && !hub.Rings(now) {
			hub.State = HubAsked
		}
		l := Line{About: AboutHub, Tone: Fine, Key: "channel.line.hub." + string(hub.State), Args: map[string]any{"host": hub.Host}}
		if hub.State == HubOn {
			l.Args["until"] = hub.Until
		}
		lines = append(lines, l)
	}
	if left, foreseen := c.DaysLeft(now); !foreseen {
		lines = append(lines, Line{About: AboutExpires, Tone: Fine, Key: "channel.line.expires.never"})
	} else {
		l := Line{About: AboutExpires, Tone: Fine, Key: "channel.line.expires", Plural: true, Count: left, Args: map[string]any{"at": c.Expires}}
		if left <= soonDays {
			l.Tone = Act
		}
		lines = append(lines, l)
	}
	if !c.Health.NextLook.IsZero() && c.State != Paused {
		lines = append(lines, Line{About: AboutNext, Tone: Fine, Key: "channel.line.next", Args: map[string]any{"at": c.Health.NextLook}})
	}
	return lines
}

// state says how the channel does, and what to do.
func (c Channel) state(now time.Time) []Line {
	say := func(t Tone, key string) Line { return Line{About: AboutState, Tone: t, Key: key} }
	todo := func(t Tone, key string, args map[string]any) Line {
		return Line{About: AboutTodo, Tone: t, Key: key, Args: args}
	}
	problem := c.Health.Problem
	switch {
	case c.Sample:
		return []Line{say(Fine, "channel.line.sample")}
	case c.State == Gone:
		return []Line{say(Fine, "channel.line.gone"), todo(Fine, "channel.line.gone.todo", nil)}
	case c.State == Paused:
		return []Line{say(Wait, "channel.line.paused"), todo(Wait, "channel.line.paused.todo", nil)}
	case problem != nil:
		tone := Wait
		if c.State == Broken || problem.Verdict == Reconnect {
			tone = Act
		}
		return []Line{
			{About: AboutState, Tone: tone, Key: problem.Key, Args: problem.Args},
			todo(tone, problem.Key+".remedy", problem.Args),
		}
	case c.State == Broken:
		return []Line{say(Act, "channel.line.broken"), todo(Act, "channel.line.reconnect", nil)}
	}
	if left, foreseen := c.DaysLeft(now); foreseen && left <= soonDays {
		return []Line{say(Fine, "channel.line.active"), todo(Act, "channel.line.reconnect", nil)}
	}
	if !c.Health.BackfillDone {
		return []Line{say(Wait, "channel.line.backfill")}
	}
	return []Line{say(Fine, "channel.line.active")}
}

// DaysLeft gives the whole days until a person must connect the channel again, 0 when that is today or past; foreseen
// is false when nothing says that it ends.
func (c Channel) DaysLeft(now time.Time) (days int, foreseen bool) {
	if c.Expires.IsZero() {
		return 0, false
	}
	return max(int(c.Expires.Sub(now)/(24*time.Hour)), 0), true
}
