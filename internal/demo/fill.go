package demo

import (
	"cmp"
	"context"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/growth"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/lead"
	"github.com/ponte-desk/ponte/internal/link"
	"github.com/ponte-desk/ponte/internal/linkback"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/reach"
	"github.com/ponte-desk/ponte/internal/report"
	"github.com/ponte-desk/ponte/internal/team"
)

// Rooms are the rooms that the sample company lives in.
type Rooms struct {
	Team     *team.Team
	Networks *network.Networks
	Audience *audience.Audience
	Inbox    *inbox.Inbox
	// What came of the criticism in it.
	Deliveries *delivery.Deliveries
	Growth     *growth.Growth
	// What the company says by itself. Posts nil: nothing of it is planned and counted.
	Media *media.Media
	Posts *post.Posts
	// Ties nil: nothing is told of who knows whom.
	Ties *reach.Room
	// Leads nil: nobody left a way to be reached.
	Leads *lead.Leads
	// Links nil: nothing leads to the company.
	Links *link.Links
	// Linkbacks nil: it has no site of its own.
	Linkbacks *linkback.Linkbacks
	// Report nil: nobody wrote down what it cost.
	Report *report.Room
	// Clock is the clock of these rooms: it goes with the story.
	Clock interface{ Set(t time.Time) }
}

//go:embed picture/*.svg picture/*.png
var pictures embed.FS

// Pictures are the drawings that stand for the sample's photographs, by name ("tazza.svg"; as "tazza.png" for posts, whose files
// networks take). The web door serves them under PicturePath.
func Pictures() fs.FS {
	f, err := fs.Sub(pictures, "picture")
	if err != nil {
		return pictures // cannot happen: the folder is embedded
	}
	return f
}

// PicturePath is where the pictures are served.
const PicturePath = "/sample/"

// Fill founds the sample company and lets its three months happen, so that they end at moment. by is who wishes it: a
// member who may change the real company, or the command line. It gives the company and its owner; when it fails half way, the
// company as far as it came, which is still marked as being filled.
func Fill(ctx context.Context, r Rooms, by team.Actor, moment time.Time) (team.Company, team.Member, error) {
	c, err := Load(moment, nil)
	if err != nil {
		return team.Company{}, team.Member{}, err
	}
	f := &filler{Rooms: r, sample: c, members: map[string]team.Member{}, channels: map[string]network.Channel{}}
	if err := f.run(ctx, by); err != nil {
		return f.company, team.Member{}, fmt.Errorf("demo.Fill: %w", err)
	}
	return f.company, f.owner, nil
}

// filler carries what has been made so far.
type filler struct {
	Rooms
	sample   *Company
	company  team.Company
	owner    team.Member
	actor    team.Actor
	members  map[string]team.Member
	channels map[string]network.Channel
	people   map[string]Person
	calendar calendar
	waiting  []waits
	doubts   storyDoubts
	links    map[string]link.Link // by their codes
}

func (f *filler) run(ctx context.Context, by team.Actor) error {
	for _, step := range []func(context.Context) error{
		func(ctx context.Context) error { return f.found(ctx, by) }, f.connect, f.happen, f.stage, f.remember, f.tie, f.link, f.site, f.lead, f.results, f.told,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// found makes the company and its members.
func (f *filler) found(ctx context.Context, by team.Actor) (err error) {
	c := f.sample
	first := c.Members[0]
	f.company, f.owner, err = f.Team.FoundSample(ctx, by, team.FoundIn{
		Name: c.Name, Zone: c.Zone, Locale: c.Locale, OwnerName: first.Name, OwnerEmail: first.Email, OwnerJob: first.Job, Filling: true,
	})
	if err != nil {
		return err
	}
	f.members[first.Key] = f.owner
	f.actor = f.owner.Actor(team.ViaSystem)
	settings := f.company.Settings
	settings.Hours = team.Hours{}
	for _, h := range c.Hours {
		settings.Hours[h.Day] = append(settings.Hours[h.Day], team.Span{From: int(h.From / time.Minute), To: int(h.To / time.Minute)})
	}
	settings.Target = team.Duration(c.ReplyTarget / time.Minute)
	settings.InHours = c.ReplyInOpenHours
	if f.company, err = f.Team.ChangeCompany(ctx, f.actor, team.ChangeCompanyIn{
		Name: f.company.Name, Zone: f.company.Zone, Locale: f.company.Locale, Settings: settings,
	}); err != nil {
		return err
	}
	for _, m := range c.Members[1:] {
		if f.members[m.Key], err = f.Team.AddMember(ctx, f.actor, team.AddMemberIn{
			Email: m.Email, Name: m.Name, Job: m.Job, Role: team.Role(m.Role),
		}); err != nil {
			return err
		}
	}
	return nil
}

// told opens the company: until now nothing else was at work in it.
func (f *filler) told(ctx context.Context) error {
	f.company.Filling = false
	return f.Team.Filled(ctx, f.actor)
}

// connect adds the channels; they were there before the story begins, so that nothing of it counts as past.
func (f *filler) connect(ctx context.Context) (err error) {
	for _, c := range f.sample.Channels {
		limits := network.Limits{Characters: c.Network.Limit(), Attach: 4, ImageBytes: 8 << 20, AltText: 1500, MIMETypes: []string{"image/jpeg", "image/png"}}
		traits := network.Traits{Reply: true, Delete: true, AltText: true, Media: []network.MediaKind{network.Image}, Safe: network.SafeByClientID}
		if c.Network == Mastodon {
			limits.LinkLength, traits.Private, traits.Stream, traits.Edit = 23, true, true, true
		} else {
			limits.Bytes = 3000
		}
		if f.channels[c.Key], err = f.Networks.AddSample(ctx, f.actor, network.AddSampleIn{
			Network: network.Name(c.Network), ServerURL: "https://" + c.Server, Connected: f.sample.Moment.AddDate(0, -4, 0),
			Account: network.Account{
				RemoteID: "own:" + c.Handle, Handle: c.Handle, Name: c.Name, URL: "https://" + c.Server + "/@" + c.Handle, Scopes: []string{"read", "write"},
			},
			Limits: limits, Traits: traits,
		}); err != nil {
			return err
		}
	}
	return nil
}

// happen lets everything arrive as the networks would have brought it.
func (f *filler) happen(ctx context.Context) error {
	f.people = map[string]Person{}
	for _, p := range f.sample.People {
		f.people[p.Key] = p
	}
	items, late := map[string][]network.Item{}, map[string][]network.Item{}
	add := func(channel string, is ...network.Item) { items[channel] = append(items[channel], is...) }
	for _, p := range f.sample.Posts {
		for _, ch := range p.Channels {
			add(ch, f.post(p, ch))
		}
	}
	for _, c := range f.sample.Conversations {
		for _, i := range c.Interactions {
			if i.Answer != nil && i.Answer.State != Sent {
				continue
			}
			first, changes := f.item(c.Channel, i)
			add(c.Channel, first)
			late[c.Channel] = append(late[c.Channel], changes...)
		}
	}
	for _, i := range f.sample.Reactions {
		first, _ := f.item(i.Channel, i)
		add(i.Channel, first)
	}
	s, err := readStory()
	if err != nil {
		return err
	}
	scenes, err := f.scenes(s)
	if err != nil {
		return err
	}
	more, err := f.publishes()
	if err != nil {
		return err
	}
	scenes = append(scenes, more...)
	slices.SortStableFunc(scenes, func(a, b scene) int { return a.at.Compare(b.at) })
	f.Clock.Set(f.sample.Moment.AddDate(0, -4, 0))
	if err := f.settle(ctx, s); err != nil {
		return err
	}
	if err := f.unfold(ctx, items, scenes); err != nil {
		return err
	}
	for _, c := range f.sample.Channels { // what was edited or taken back
		slices.SortStableFunc(late[c.Key], func(a, b network.Item) int { return a.At.Compare(b.At) })
		if _, err := f.Networks.Ingest(ctx, f.channels[c.Key], network.Page{Items: late[c.Key], Cursor: "sample"}); err != nil {
			return err
		}
	}
	return nil
}

// remote is the id that a thing has on a channel: posts stand on several.
func remote(channel, key string) string { return channel + ":" + key }

func (f *filler) post(p Post, channel string) network.Item {
	return network.Item{
		RemoteID: remote(channel, p.Key), Kind: network.KindPost, Mine: true, Text: p.Text, Language: "it", Visibility: network.Public,
		Media: pictured(p.Media), At: p.At, Version: "1", URL: f.url(channel, p.Key),
	}
}

func (f *filler) url(channel, key string) string { return f.channels[channel].URL + "/" + key }

// item makes what a network would bring: the thing itself, and what became of it later.
func (f *filler) item(channel string, i Interaction) (first network.Item, later []network.Item) {
	it := network.Item{
		RemoteID: remote(channel, i.Key), Kind: network.ItemKind(i.Kind), Mine: i.Person == "", Text: i.Text, Warning: i.Warning,
		Language: i.Language, Visibility: network.Visibility(i.Visibility), Media: pictured(i.Media), At: i.At, Version: "1",
		URL: f.url(channel, i.Key),
	}
	if i.Parent != "" {
		it.ParentID = remote(channel, i.Parent)
	}
	if it.Mine {
		it.Kind = network.KindReply
	} else {
		it.Author = f.author(i.Person, f.sample.network(channel))
	}
	first = it
	if i.Before != "" {
		first.Text = i.Before
		it.EditedAt, it.Version = i.EditedAt, "2"
		later = append(later, it)
	}
	if !i.DeletedAt.IsZero() {
		it.Deleted, it.Version = true, "3"
		later = append(later, it)
	}
	return first, later
}

// network gives the kind of network of a channel.
func (c *Company) network(channel string) NetworkName {
	i := slices.IndexFunc(c.Channels, func(x Channel) bool { return x.Key == channel })
	return c.Channels[max(i, 0)].Network
}

func (f *filler) author(person string, n NetworkName) network.Author {
	p := f.people[person]
	for _, id := range p.Identities {
		if id.Network == n {
			return network.Author{RemoteID: "account:" + id.Handle, Handle: id.Handle, Name: p.Name, URL: profile(id)}
		}
	}
	return network.Author{RemoteID: "account:" + person, Handle: person + ".example", Name: p.Name}
}

func profile(id Identity) string {
	if user, host, ok := strings.Cut(id.Handle, "@"); ok {
		return "https://" + host + "/@" + user
	}
	return "https://" + id.Handle
}

func pictured(ms []Media) []network.Media {
	var out []network.Media
	for _, m := range ms {
		out = append(out, network.Media{
			Kind: network.Image, URL: PicturePath + m.Motif + ".svg", PreviewURL: PicturePath + m.Motif + ".svg", Alt: m.Alt, Width: m.Width, Height: m.Height,
		})
	}
	return out
}

// stage sets the conversations as the team left them.
func (f *filler) stage(ctx context.Context) error {
	labels := map[string]string{}
	for _, l := range f.sample.Labels {
		labels[l.Key] = l.Name
	}
	for _, c := range f.sample.Conversations {
		s := inbox.Staged{
			Channel: f.channels[c.Channel].ID, First: remote(c.Channel, c.Interactions[0].Key), State: inbox.State(c.State),
			SnoozedUntil: c.SnoozedUntil, Assignee: f.members[c.Assignee].ID, Authors: map[string]team.MemberID{},
		}
		for _, l := range c.Labels {
			s.Labels = append(s.Labels, labels[l])
		}
		for _, n := range c.Notes {
			note := inbox.Note{Member: f.members[n.By].ID, Text: n.Text, At: n.At}
			for _, m := range n.Mentions {
				note.Mentions = append(note.Mentions, f.members[m].ID)
			}
			s.Notes = append(s.Notes, note)
		}
		for _, i := range c.Interactions {
			switch {
			case i.Answer == nil:
			case i.Answer.State == Sent:
				s.Authors[remote(c.Channel, i.Key)] = f.members[i.Answer.By].ID
			default:
				s.Replies = append(s.Replies, inbox.Reply{
					Member: f.members[i.Answer.By].ID, Text: i.Text, State: inbox.ReplyState(i.Answer.State), WrittenAt: i.At,
					DecidedBy: f.members[i.Answer.Decider].ID, DecidedAt: i.Answer.DecidedAt, Reason: i.Answer.Reason,
				})
			}
		}
		if c.Draft != nil {
			s.Draft, s.DraftBy = inbox.Draft{Text: c.Draft.Text, UpdatedAt: c.Draft.At}, f.members[c.Draft.By].ID
		}
		if err := f.Inbox.Stage(ctx, f.actor, s); err != nil {
			return fmt.Errorf("%s: %w", c.Key, err)
		}
	}
	return nil
}

// remember adds what the team keeps: notes about people and saved replies.
func (f *filler) remember(ctx context.Context) error {
	for _, s := range f.sample.SavedReplies {
		if _, err := f.Inbox.SaveReply(ctx, f.actor, inbox.SavedReply{Title: s.Title, Body: s.Text}); err != nil {
			return fmt.Errorf("saved reply %s: %w", s.Key, err)
		}
	}
	for _, p := range f.sample.People {
		if len(p.Notes) == 0 {
			continue
		}
		found, _, err := f.Audience.Find(ctx, f.actor, p.Name, "", 10)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(found, func(x audience.Person) bool { return has(x, p) })
		if at < 0 {
			continue // known to the team, but never wrote
		}
		notes := slices.Clone(p.Notes)
		slices.SortFunc(notes, func(a, b Note) int { return cmp.Compare(a.At.UnixNano(), b.At.UnixNano()) })
		for _, n := range notes {
			as := f.members[n.By].Actor(team.ViaSystem)
			as.Role = team.Owner // whoever of the sample noted it
			if _, err := f.Audience.AddNote(ctx, as, found[at].ID, n.Text); err != nil {
				return fmt.Errorf("note on %s: %w", p.Key, err)
			}
		}
	}
	return nil
}

func has(x audience.Person, p Person) bool {
	for _, i := range x.Identities {
		for _, q := range p.Identities {
			if i.Handle == q.Handle {
				return true
			}
		}
	}
	return false
}
