package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/schedule"
	"github.com/ponte-desk/ponte/internal/team"
)

// postDesk is how the company plans what it says by itself, as content/pubblica.json tells it: what it decided, the words it keeps, and its
// posts of the last weeks and of the next ones.
type postDesk struct {
	Settings struct {
		Approval string
		Late     int
		Own      []string
		Slots    []struct {
			Channels []string
			Days     []int
			At       string
		}
		Quiet struct {
			From, To string
			Window   struct {
				Name     string
				From, To int // days from the moment
			}
		}
	}
	Snippets []struct {
		Kind, Name, Text string
		Tags             []string
	}
	Posts []deskPost
}

// deskPost is one of them. One whose key is that of a post in post.txt says what stands there: people talk under it.
type deskPost struct {
	Key, By, At, Title, Text, Comment, Campaign, Signature string
	Channels, Tags, Share                                  []string
	Numbering, Track                                       bool
	Media                                                  []struct{ Motif, Alt string }
	Own                                                    map[string]struct{ Text string } // by hand, by channel
	Written, Approved                                      string                           // "": the day before
	Repeat                                                 int                              // so many times, once a week
	Slot                                                   bool                             // in the next free slot
	Late                                                   bool                             // its time went by
	Fails                                                  *struct {
		Channel, Problem string
		Args             map[string]any
	}
	Back *struct{ At, Why string } // sent back
	// Draft: nobody has asked about it yet.
	Draft    bool
	Comments []struct{ By, At, After, Text string } // After: from its time
}

func readDesk() (postDesk, error) {
	var d postDesk
	b, err := fs.ReadFile(content, "content/pubblica.json")
	if err == nil {
		err = json.Unmarshal(b, &d)
	}
	return d, err
}

// posting is what tells the company's posts.
type posting struct {
	*filler
	zone       *time.Location
	signatures map[string]post.SnippetID
	files      map[string]media.ID // by motif
	scenes     []scene
	failed     error
}

// publishes gives the scenes of the company's posts.
func (f *filler) publishes() ([]scene, error) {
	if f.Posts == nil {
		return nil, nil
	}
	d, err := readDesk()
	if err != nil {
		return nil, err
	}
	p := &posting{filler: f, zone: f.calendar.zone, signatures: map[string]post.SnippetID{}, files: map[string]media.ID{}}
	p.add(f.calendar.day(-28, 9*time.Hour), "settings", func(ctx context.Context) error { return p.decide(ctx, d) })
	for i := range d.Posts {
		p.tell(&d.Posts[i])
	}
	return p.scenes, p.failed
}

func (p *posting) add(at time.Time, key string, do func(ctx context.Context) error) {
	p.scenes = append(p.scenes, scene{at, func(ctx context.Context) error {
		if err := do(ctx); err != nil {
			return fmt.Errorf("post %s: %w", key, err)
		}
		return nil
	}})
}

// moment reads a moment; an empty one is another.
func (p *posting) moment(s string, or time.Time) time.Time {
	if s == "" {
		return or
	}
	at, err := p.when(s)
	if err != nil && p.failed == nil {
		p.failed = err
	}
	return at
}

// decide says how the company wants its posts, and keeps the words that it uses again.
func (p *posting) decide(ctx context.Context, d postDesk) error {
	s, err := p.Posts.Settings(ctx, p.actor)
	if err != nil {
		return err
	}
	s.Approval, s.Late, s.Own, s.Slots = post.Mode(d.Settings.Approval), d.Settings.Late, d.Settings.Own, map[network.ChannelID][]schedule.Slot{}
	for _, x := range d.Settings.Slots {
		at, ok := clockOf(x.At)
		if !ok {
			return fmt.Errorf("%q is no clock time", x.At)
		}
		for _, ch := range x.Channels {
			id := p.channels[ch].ID
			for _, day := range x.Days {
				s.Slots[id] = append(s.Slots[id], schedule.Slot{Weekday: time.Weekday(day), Minute: int(at / time.Minute)})
			}
		}
	}
	q := d.Settings.Quiet
	from, ok1 := clockOf(q.From)
	to, ok2 := clockOf(q.To)
	if !ok1 || !ok2 {
		return fmt.Errorf("%q to %q is no quiet time", q.From, q.To)
	}
	for day := range time.Saturday + 1 {
		s.Quiet.Weekly = append(s.Quiet.Weekly, schedule.Weekly{Weekday: day, From: int(from / time.Minute), To: int(to / time.Minute)})
	}
	wall := func(days int) schedule.Wall {
		return schedule.WallOf(p.calendar.at(p.sample.Moment, days, 0), p.zone)
	}
	s.Quiet.Windows = append(s.Quiet.Windows, schedule.Window{Name: q.Window.Name, From: wall(q.Window.From), To: wall(q.Window.To)})
	if err := p.Posts.ChangeSettings(ctx, p.actor, s); err != nil {
		return err
	}
	for _, x := range d.Snippets {
		kept, err := p.Posts.SaveSnippet(ctx, p.actor, post.Snippet{
			Kind: post.SnippetKind(x.Kind), Name: x.Name, Message: post.Message{Text: x.Text, Tags: x.Tags},
		})
		if err != nil {
			return fmt.Errorf("%s: %w", x.Name, err)
		}
		if kept.Kind == post.Signature {
			p.signatures[x.Name] = kept.ID
		}
	}
	return nil
}

// tell adds the scenes of one post: written, spoken about, approved or sent back, and what became of it.
func (p *posting) tell(x *deskPost) {
	known := slices.IndexFunc(p.sample.Posts, func(y Post) bool { return y.Key == x.Key })
	var at time.Time
	if known >= 0 {
		y := p.sample.Posts[known]
		x.By, x.Channels, x.Text, at = y.By, y.Channels, y.Text, y.At
		for _, m := range y.Media {
			x.Media = append(x.Media, struct{ Motif, Alt string }{m.Motif, m.Alt})
		}
	} else if x.At != "" {
		at = p.moment(x.At, at)
	}
	written := p.moment(x.Written, p.calendar.at(at, -1, 15*time.Hour+time.Duration(draw(80, "scritto", x.Key))*time.Minute))
	approved := p.moment(x.Approved, p.calendar.at(at, -1, 17*time.Hour+time.Duration(draw(90, "letto", x.Key))*time.Minute))
	var id post.ID
	p.add(written, x.Key, func(ctx context.Context) (err error) { id, err = p.write(ctx, x, at); return err })
	for _, c := range x.Comments {
		when := p.moment(c.At, at)
		if c.After != "" {
			d, err := time.ParseDuration(c.After)
			if err != nil && p.failed == nil {
				p.failed = err
			}
			when = at.Add(d)
		}
		p.add(when, x.Key, func(ctx context.Context) error {
			_, err := p.Posts.Comment(ctx, p.as(c.By), id, c.Text)
			return err
		})
	}
	switch {
	case x.Draft:
		return
	case x.Back != nil:
		p.add(p.moment(x.Back.At, at), x.Key, func(ctx context.Context) error {
			_, err := p.Posts.SendBack(ctx, p.actor, id, x.Back.Why)
			return err
		})
		return
	case known < 0 && x.Approved == "" && at.After(p.sample.Moment):
		return // waits for the owner's yes
	}
	if x.By != p.sample.Members[0].Key {
		p.add(approved, x.Key, func(ctx context.Context) error { return p.approve(ctx, id) })
	}
	if at.IsZero() || at.After(p.sample.Moment) {
		return
	}
	if x.Repeat == 0 {
		p.add(at, x.Key, func(ctx context.Context) error { return p.goesOut(ctx, x, id, at, known >= 0) })
		return
	}
	n := 0
	for again := range p.rule(x, at).All(schedule.WallOf(at, p.zone), p.zone) {
		if again.After(p.sample.Moment) {
			break
		}
		number := n
		p.add(again, x.Key, func(ctx context.Context) error {
			one, err := p.occurrence(ctx, id, number)
			if err != nil {
				return err
			}
			y := *x
			y.Key = fmt.Sprintf("%s-%d", x.Key, number+1)
			return p.goesOut(ctx, &y, one, again, false)
		})
		n++
	}
}

func (p *posting) rule(x *deskPost, at time.Time) schedule.Rule {
	w := schedule.WallOf(at, p.zone)
	return schedule.Rule{
		Every: schedule.Week, Interval: 1, Weekdays: []time.Weekday{at.In(p.zone).Weekday()}, Hour: w.Hour, Minute: w.Minute, Count: x.Repeat,
	}
}

// write makes a draft and, where it is more than that, asks for its time.
func (p *posting) write(ctx context.Context, x *deskPost, at time.Time) (post.ID, error) {
	in := post.CreateIn{
		Message: post.Message{
			Title: x.Title, Text: x.Text, Tags: x.Tags, Signature: p.signatures[x.Signature], FirstComment: x.Comment, Campaign: x.Campaign, Numbering: x.Numbering, Track: x.Track,
		},
		Own: map[network.ChannelID]post.Own{},
	}
	for _, ch := range x.Channels {
		in.Channels = append(in.Channels, p.channels[ch].ID)
		if own, ok := x.Own[ch]; ok {
			in.Own[p.channels[ch].ID] = post.Own{Title: x.Title, Text: own.Text, FirstComment: x.Comment}
		}
	}
	for _, m := range x.Media {
		id, err := p.picture(ctx, m.Motif)
		if err != nil {
			return "", err
		}
		in.Message.Media = append(in.Message.Media, post.Media{ID: id, Alt: m.Alt})
	}
	made, err := p.Posts.Create(ctx, p.as(x.By), in)
	if err != nil {
		return "", err
	}
	var with []team.MemberID
	for _, m := range x.Share {
		with = append(with, p.members[m].ID)
	}
	if len(with) > 0 {
		if err := p.Posts.Share(ctx, p.as(x.By), made.ID, with); err != nil {
			return "", err
		}
	}
	if x.Draft {
		return made.ID, nil
	}
	when := post.When{Kind: post.At, Wall: schedule.WallOf(at, p.zone)}
	if x.Slot {
		when = post.When{Kind: post.Slot}
	}
	if x.Repeat > 0 {
		rule := p.rule(x, at)
		when.Repeat = &rule
	}
	_, err = p.Posts.Schedule(ctx, p.as(x.By), made.ID, post.ScheduleIn{Version: made.Version, When: when})
	return made.ID, err
}

// approve is the owner's yes.
func (p *posting) approve(ctx context.Context, id post.ID) error {
	f, err := p.Posts.Open(ctx, p.actor, id)
	if err != nil {
		return err
	}
	_, err = p.Posts.Approve(ctx, p.actor, id, f.Post.Hash)
	return err
}

// occurrence finds one post of a series.
func (p *posting) occurrence(ctx context.Context, first post.ID, number int) (post.ID, error) {
	f, err := p.Posts.Open(ctx, p.actor, first)
	if err != nil || number == 0 {
		return first, err
	}
	for _, e := range f.Series.Posts {
		if e.Post.Occurrence == number {
			return e.Post.ID, nil
		}
	}
	return "", fmt.Errorf("it does not come a %d. time", number+1)
}

// goesOut is what the networks made of a post: nothing is called, the story says it.
func (p *posting) goesOut(ctx context.Context, x *deskPost, id post.ID, at time.Time, known bool) error {
	f, err := p.Posts.Open(ctx, p.actor, id)
	if err != nil {
		return err
	}
	s := post.Staged{Post: id}
	for _, v := range f.Variants {
		at0 := slices.IndexFunc(x.Channels, func(ch string) bool { return p.channels[ch].ID == v.Channel })
		ch := x.Channels[at0]
		one := post.StagedVariant{Channel: v.Channel, Late: x.Late}
		for n := range v.Contents {
			key := x.Key
			if n > 0 {
				key = fmt.Sprintf("%s/%d", x.Key, n+1)
			}
			part := post.StagedPart{RemoteID: remote(ch, key), URL: p.url(ch, key), At: at.Add(time.Duration(2*n+1) * time.Second)}
			if x.Fails != nil && x.Fails.Channel == ch {
				part.Trouble = &delivery.Trouble{Key: x.Fails.Problem, Args: x.Fails.Args, Verdict: network.Never, Since: part.At}
				one.Parts = append(one.Parts, part)
				break
			}
			part.Counts = p.counts(key, ch, part.At, known)
			one.Parts = append(one.Parts, part)
		}
		s.Variants = append(s.Variants, one)
	}
	return p.Posts.Stage(ctx, p.actor, s)
}

// ages are those of room post that the weeks of the story hold.
var ages = map[post.Age]time.Duration{"1h": time.Hour, "1d": 24 * time.Hour, "7d": 7 * 24 * time.Hour}

// counts is what a message had brought at each age: what people did in the story, and where they did nothing, because it is not in it, a
// number that depends on the key alone.
func (p *posting) counts(key, ch string, at time.Time, known bool) map[post.Age]post.Counted {
	out := map[post.Age]post.Counted{}
	for a, age := range ages {
		until := at.Add(age)
		if until.After(p.sample.Moment) {
			continue
		}
		var likes, replies, shares, quotes int
		if known {
			likes, shares, replies = p.brought(key, ch, until)
		} else {
			warm := 9 + draw(12, "caldo", key, ch)
			if strings.Contains(key, "/") { // what comes behind is seen by fewer
				warm /= 3
			}
			part := map[post.Age]int{"1h": 30, "1d": 85, "7d": 100}[a]
			likes, shares = warm*part/100, warm*part/900
		}
		out[a] = post.Counted{Reactions: &likes, Replies: &replies, Shares: &shares}
		if p.sample.network(ch) == Bluesky {
			c := out[a]
			c.Quotes = &quotes
			out[a] = c
		}
	}
	return out
}

// brought counts what people did with a post of the story until a moment.
func (p *posting) brought(key, ch string, until time.Time) (likes, shares, replies int) {
	for _, r := range p.sample.Reactions {
		if r.Parent != key || r.Channel != ch || r.At.After(until) {
			continue
		}
		switch r.Kind {
		case Like:
			likes++
		case Share:
			shares++
		}
	}
	for _, v := range p.sample.Conversations {
		if v.Post != key || v.Channel != ch {
			continue
		}
		for _, i := range v.Interactions {
			if i.Parent == key && !i.At.After(until) {
				replies++
			}
		}
	}
	return likes, shares, replies
}

// picture puts a motif among the company's files, once.
func (p *posting) picture(ctx context.Context, motif string) (media.ID, error) {
	if id, ok := p.files[motif]; ok {
		return id, nil
	}
	r, err := pictures.Open("picture/" + motif + ".png")
	if err != nil {
		return "", err
	}
	defer func() { _ = r.Close() }()
	f, err := p.Media.Add(ctx, media.Incoming{Company: string(p.company.ID), Name: motif + ".png", Body: r})
	if err != nil {
		return "", err
	}
	p.files[motif] = f.ID
	return f.ID, nil
}
