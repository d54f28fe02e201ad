package demo

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// reader builds a company from lines. See content/LEGGIMI.md for the form of the files.
type reader struct {
	company  *Company
	calendar calendar
	known    map[string]Post

	conversation *Conversation
	post         *Post
	interaction  *Interaction
	last         time.Time // of the newest line of the conversation
	tell         *string   // where lines of text go
	note         *Note
}

// fields cuts "a; b; c" and demands n parts.
func fields(s string, n int) ([]string, error) {
	f := strings.Split(s, ";")
	if len(f) != n {
		return nil, fmt.Errorf("%d parts instead of %d in %q", len(f), n, s)
	}
	for i := range f {
		f[i] = strings.TrimSpace(f[i])
	}
	return f, nil
}

func (r *reader) companyLine(line string) error {
	c := r.company
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "name":
		c.Name = rest
	case "about":
		c.About = rest
	case "zone":
		c.Zone = rest
	case "locale":
		c.Locale = rest
	case "target":
		span, how, _ := strings.Cut(rest, " ")
		d, err := time.ParseDuration(span)
		if err != nil {
			return err
		}
		c.ReplyTarget, c.ReplyInOpenHours = d, how == "open"
	case "hours":
		f, err := fields(rest, 3)
		if err != nil {
			return err
		}
		from, ok1 := clockOf(f[1])
		to, ok2 := clockOf(f[2])
		d, err := strconv.Atoi(f[0])
		if err != nil || !ok1 || !ok2 || d < 0 || d > 6 {
			return fmt.Errorf("%q are no opening hours", rest)
		}
		c.Hours = append(c.Hours, Hours{Day: time.Weekday(d), From: from, To: to})
	case "member":
		f, err := fields(rest, 5)
		if err != nil {
			return err
		}
		c.Members = append(c.Members, Member{Key: f[0], Name: f[1], Email: f[2], Role: Role(f[3]), Job: f[4]})
	case "colleague":
		f, err := fields(rest, 2)
		if err != nil {
			return err
		}
		c.Colleagues = append(c.Colleagues, Colleague{Name: f[0], Job: f[1]})
	case "channel":
		f, err := fields(rest, 5)
		if err != nil {
			return err
		}
		c.Channels = append(c.Channels, Channel{Key: f[0], Network: NetworkName(f[1]), Handle: f[2], Name: f[3], Server: f[4]})
	case "label":
		f, err := fields(rest, 3)
		if err != nil {
			return err
		}
		c.Labels = append(c.Labels, Label{Key: f[0], Name: f[1], Color: f[2]})
	case "saved":
		f, err := fields(rest, 2)
		if err != nil {
			return err
		}
		c.SavedReplies = append(c.SavedReplies, SavedReply{Key: f[0], Title: f[1]})
		r.tell = &c.SavedReplies[len(c.SavedReplies)-1].Text
	case "|":
		return r.say(rest)
	default:
		return fmt.Errorf("%q is no word of this file", word)
	}
	return nil
}

// personLine reads "key; name; m handle, b handle; place; language; about", "! key; member; day clock; note" and
// "= keep; other; why".
func (r *reader) personLine(line string) error {
	c := r.company
	if rest, ok := strings.CutPrefix(line, "! "); ok {
		f := strings.SplitN(rest, ";", 4)
		if len(f) != 4 {
			return fmt.Errorf("a note about a person has 4 parts: %q", rest)
		}
		at, _, err := r.calendar.take(strings.Fields(f[2]), time.Time{}, c.ReplyTarget, c.ReplyInOpenHours)
		if err != nil {
			return err
		}
		for i := range c.People {
			if c.People[i].Key == strings.TrimSpace(f[0]) {
				text := strings.TrimSpace(f[3])
				c.People[i].Notes = append(c.People[i].Notes, Note{By: strings.TrimSpace(f[1]), At: at, Text: text, Mentions: named(text)})
				return nil
			}
		}
		return fmt.Errorf("nobody is called %q", f[0])
	}
	if rest, ok := strings.CutPrefix(line, "= "); ok {
		f := strings.SplitN(rest, ";", 3)
		if len(f) != 3 {
			return fmt.Errorf("two people to join have 3 parts: %q", rest)
		}
		c.Merges = append(c.Merges, Merge{Keep: strings.TrimSpace(f[0]), Other: strings.TrimSpace(f[1]), Why: strings.TrimSpace(f[2])})
		return nil
	}
	f := strings.SplitN(line, ";", 6)
	if len(f) != 6 {
		return fmt.Errorf("a person has 6 parts: %q", line)
	}
	for i := range f {
		f[i] = strings.TrimSpace(f[i])
	}
	p := Person{Key: f[0], Name: f[1], Place: f[3], Language: f[4], About: f[5]}
	for id := range strings.SplitSeq(f[2], ",") {
		kind, handle, _ := strings.Cut(strings.TrimSpace(id), " ")
		switch kind {
		case "m":
			p.Identities = append(p.Identities, Identity{Mastodon, handle})
		case "b":
			p.Identities = append(p.Identities, Identity{Bluesky, handle})
		default:
			return fmt.Errorf("%q is no identity", id)
		}
	}
	c.People = append(c.People, p)
	return nil
}

// talkLine reads posts and conversations.
func (r *reader) talkLine(line string) error {
	mark, rest, spaced := strings.Cut(line, " ")
	if mark == "=" && !spaced {
		rest, spaced = "", true
	}
	if !spaced {
		if mark == "%unlisted" {
			return r.detail("unlisted", "")
		}
		return r.say(line)
	}
	switch mark {
	case "+":
		return r.postHead(strings.Fields(rest))
	case "=":
		return r.conversationHead(strings.Fields(rest))
	case ">":
		return r.personSpeaks(strings.Fields(rest))
	case "<":
		return r.memberSpeaks(strings.Fields(rest))
	case "!", "?":
		return r.aside(mark, strings.Fields(rest))
	case "%img":
		return r.picture(rest)
	case "%cw", "%was", "%edit", "%del", "%lang", "%why":
		return r.detail(mark[1:], rest)
	}
	return r.say(line)
}

// say adds a line to the text being told; "/" alone makes a paragraph.
func (r *reader) say(line string) error {
	if r.tell == nil {
		return fmt.Errorf("text that belongs to nothing: %q", line)
	}
	if line == "/" {
		line = ""
	}
	if r.interaction != nil && r.conversation != nil {
		line = strings.ReplaceAll(line, "@@", "@"+r.handle(r.conversation.Channel))
	}
	if *r.tell != "" {
		*r.tell += "\n"
	}
	*r.tell += line
	if r.note != nil {
		r.note.Mentions = named(r.note.Text)
	}
	return nil
}

// handle is how people name a channel: without its server on Mastodon, in full on Bluesky.
func (r *reader) handle(channel string) string {
	for _, c := range r.company.Channels {
		if c.Key == channel {
			if c.Network == Mastodon {
				name, _, _ := strings.Cut(c.Handle, "@")
				return name
			}
			return c.Handle
		}
	}
	return ""
}

var reNamed = regexp.MustCompile(`@([a-z]+)\b`)

// named gives the members named with @, each once.
func named(text string) []string {
	var out []string
	seen := map[string]bool{}
	for _, m := range reNamed.FindAllStringSubmatch(text, -1) {
		if !seen[m[1]] {
			seen[m[1]] = true
			out = append(out, m[1])
		}
	}
	return out
}

func (r *reader) take(words []string) (time.Time, []string, error) {
	return r.calendar.take(words, r.last, r.company.ReplyTarget, r.company.ReplyInOpenHours)
}

// postHead reads "+ key day clock channels member".
func (r *reader) postHead(w []string) error {
	if len(w) != 5 {
		return fmt.Errorf("a post has key, day, clock, channels and member: %q", w)
	}
	r.conversation, r.interaction, r.note, r.last = nil, nil, nil, time.Time{}
	at, rest, err := r.take(w[1:])
	if err != nil {
		return err
	}
	r.company.Posts = append(r.company.Posts, Post{Key: w[0], At: at, Channels: strings.Split(rest[0], ","), By: rest[1]})
	r.post = &r.company.Posts[len(r.company.Posts)-1]
	r.tell = &r.post.Text
	return nil
}

// conversationHead reads "= labels @assignee state", all of them free to leave out.
func (r *reader) conversationHead(words []string) error {
	c := Conversation{Key: fmt.Sprintf("c%03d", len(r.company.Conversations)+1), State: Done}
	for _, w := range words {
		switch {
		case w == "open":
			c.State = Open
		case w == "waiting":
			c.State = Waiting
		case w == "spam":
			c.Spam = true
		case strings.HasPrefix(w, "snooze:"):
			n, err := strconv.Atoi(strings.TrimPrefix(w, "snooze:"))
			if err != nil || n < 1 {
				return fmt.Errorf("%q is no number of days", w)
			}
			c.State, c.SnoozedUntil = Snoozed, r.calendar.at(r.calendar.moment, n, 9*time.Hour)
		case strings.HasPrefix(w, "@"):
			c.Assignee = w[1:]
		default:
			c.Labels = strings.Split(w, ",")
		}
	}
	r.company.Conversations = append(r.company.Conversations, c)
	r.conversation = &r.company.Conversations[len(r.company.Conversations)-1]
	r.post, r.interaction, r.tell, r.note, r.last = nil, nil, nil, nil, time.Time{}
	return nil
}

// add puts an interaction into the conversation.
func (r *reader) add(i Interaction) {
	c := r.conversation
	i.Key = fmt.Sprintf("%s.%d", c.Key, len(c.Interactions)+1)
	i.Channel = c.Channel
	c.Interactions = append(c.Interactions, i)
	r.interaction = &c.Interactions[len(c.Interactions)-1]
	r.tell, r.note, r.last = &r.interaction.Text, nil, i.At
}

// personSpeaks reads "> person time [channel] [~post | dm] [^person]".
func (r *reader) personSpeaks(w []string) error {
	c := r.conversation
	if c == nil || len(w) < 2 {
		return fmt.Errorf("who speaks, and when, in which conversation: %q", w)
	}
	at, rest, err := r.take(w[1:])
	if err != nil {
		return err
	}
	i := Interaction{Person: w[0], At: at, Visibility: Public, Kind: Reply}
	for _, p := range r.company.People {
		if p.Key == w[0] {
			i.Language = p.Language
		}
	}
	first := len(c.Interactions) == 0
	if first {
		if len(rest) == 0 {
			return fmt.Errorf("the channel is missing")
		}
		c.Channel, rest = rest[0], rest[1:]
		i.Kind = Mention
	} else {
		i.Parent = r.parent("")
		i.Visibility = c.Interactions[0].Visibility
		if i.Visibility == Direct {
			i.Kind = Message
		}
	}
	for _, word := range rest {
		switch {
		case word == "dm" && first:
			i.Kind, i.Visibility = Message, Direct
		case strings.HasPrefix(word, "~") && first:
			p, ok := r.known[word[1:]]
			if !ok {
				return fmt.Errorf("there is no post %q", word[1:])
			}
			c.Post, i.Parent, i.Kind = p.Key, p.Key, Reply
		case strings.HasPrefix(word, "^") && !first:
			if i.Parent = r.parent(word[1:]); i.Parent == "" {
				return fmt.Errorf("%q said nothing before", word[1:])
			}
		default:
			return fmt.Errorf("%q means nothing here", word)
		}
	}
	r.add(i)
	return nil
}

// parent is the last interaction that stands on the network, or the last one of a person.
func (r *reader) parent(person string) string {
	for n := len(r.conversation.Interactions) - 1; n >= 0; n-- {
		i := r.conversation.Interactions[n]
		if i.Answer != nil && i.Answer.State != Sent {
			continue
		}
		if person == "" || i.Person == person {
			return i.Key
		}
	}
	return ""
}

// memberSpeaks reads "< member time [ok:member | pending | rejected:member] [^person]".
func (r *reader) memberSpeaks(w []string) error {
	c := r.conversation
	if c == nil || len(w) < 2 || len(c.Interactions) == 0 {
		return fmt.Errorf("an answer needs a member, a time and something to answer: %q", w)
	}
	at, rest, err := r.take(w[1:])
	if err != nil {
		return err
	}
	first := c.Interactions[0]
	i := Interaction{
		At: at, Kind: Reply, Visibility: first.Visibility, Parent: r.parent(""), Language: first.Language,
		Answer: &Answer{By: w[0], State: Sent},
	}
	if first.Visibility == Direct {
		i.Kind = Message
	}
	for _, word := range rest {
		switch {
		case word == "pending":
			i.Answer.State = Pending
		case strings.HasPrefix(word, "ok:"):
			i.Answer.Decider, i.Answer.DecidedAt = word[3:], at
		case strings.HasPrefix(word, "rejected:"):
			i.Answer.State, i.Answer.Decider = Rejected, word[9:]
		case strings.HasPrefix(word, "^"):
			if i.Parent = r.parent(word[1:]); i.Parent == "" {
				return fmt.Errorf("%q said nothing before", word[1:])
			}
		default:
			return fmt.Errorf("%q means nothing here", word)
		}
	}
	r.add(i)
	return nil
}

// aside reads "! member time" (a note) and "? member time" (a draft).
func (r *reader) aside(mark string, w []string) error {
	c := r.conversation
	if c == nil || len(w) < 2 {
		return fmt.Errorf("a note or draft needs a member and a time: %q", w)
	}
	at, rest, err := r.take(w[1:])
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return fmt.Errorf("%q means nothing here", rest)
	}
	r.interaction, r.note = nil, nil
	if mark == "?" {
		c.Draft = &Draft{By: w[0], At: at}
		r.tell = &c.Draft.Text
		return nil
	}
	c.Notes = append(c.Notes, Note{By: w[0], At: at})
	r.note = &c.Notes[len(c.Notes)-1]
	r.tell = &r.note.Text
	r.last = at
	return nil
}

// picture reads "%img motif WIDTHxHEIGHT alt".
func (r *reader) picture(rest string) error {
	f := strings.SplitN(rest, " ", 3)
	if len(f) < 2 {
		return fmt.Errorf("a picture has a motif, a size and mostly a description: %q", rest)
	}
	m := Media{Motif: f[0]}
	if n, err := fmt.Sscanf(f[1], "%dx%d", &m.Width, &m.Height); n != 2 || err != nil {
		return fmt.Errorf("%q is no size", f[1])
	}
	if len(f) == 3 {
		m.Alt = f[2]
	}
	switch {
	case r.interaction != nil:
		m.Seed = len(r.company.Conversations)*4 + len(r.interaction.Media)
		r.interaction.Media = append(r.interaction.Media, m)
	case r.post != nil:
		m.Seed = len(r.company.Posts)*4 + len(r.post.Media) + 100000
		r.post.Media = append(r.post.Media, m)
	default:
		return fmt.Errorf("a picture that belongs to nothing")
	}
	return nil
}

// detail reads what else is to be known of an interaction.
func (r *reader) detail(what, rest string) error {
	i := r.interaction
	if i == nil {
		return fmt.Errorf("%%%s belongs to nothing", what)
	}
	switch what {
	case "cw":
		i.Warning = rest
	case "was":
		i.Before = rest
	case "lang":
		i.Language = rest
	case "unlisted":
		i.Visibility = Unlisted
	case "edit", "del", "why":
		word, reason, _ := strings.Cut(rest, " ")
		m := reAfter.FindStringSubmatch(word)
		if m == nil {
			return fmt.Errorf("%q is no span of time", word)
		}
		at := i.At.Add(span(m))
		switch {
		case what == "edit":
			i.EditedAt = at
		case what == "del":
			i.DeletedAt = at
		case i.Answer == nil || reason == "":
			return fmt.Errorf("a reason belongs to an answer")
		default:
			i.Answer.DecidedAt, i.Answer.Reason = at, reason
		}
	}
	return nil
}
