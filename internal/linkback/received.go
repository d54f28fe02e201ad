package linkback

import (
	"context"
	"fmt"
	"time"

	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/inbox"
	"github.com/ponte-desk/ponte/internal/mention"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/team"
)

// Received is a mention with who wrote it and what they say.
type Received struct {
	Mention
	Host         string // the source's, as it is blocked
	Title        string // of our page, where we know it
	Author       string // "" until the source was read
	AuthorURL    string
	Text         string // plain; "" when it only links, or was taken back
	URL          string // of what they wrote
	At           time.Time
	Conversation inbox.ConversationID // "" for what nobody has to answer
}

// ReceivedList is a part of the mentions, newest first.
type ReceivedList struct {
	Mentions []Received
	Next     string // "" when this was the last
}

// Received lists mentions as Mentions does, with who wrote them and what they say. It needs InboxRead.
func (x *Linkbacks) Received(ctx context.Context, a team.Actor, f Filter) (ReceivedList, error) {
	l, err := x.Mentions(ctx, a, f)
	if err != nil {
		return ReceivedList{}, fmt.Errorf("linkback.Received: %w", err)
	}
	all, err := x.received(ctx, a.Company, l.Mentions)
	if err != nil {
		return ReceivedList{}, fmt.Errorf("linkback.Received: %w", err)
	}
	return ReceivedList{Mentions: all, Next: l.Next}, nil
}

// Mention gives one mention, as Received does. It needs InboxRead.
func (x *Linkbacks) Mention(ctx context.Context, a team.Actor, id MentionID) (Received, error) {
	if err := a.May(team.InboxRead); err != nil {
		return Received{}, fmt.Errorf("linkback.Mention: %w", err)
	}
	m, err := x.readMention(ctx, a.Company, id)
	if err != nil {
		return Received{}, fmt.Errorf("linkback.Mention: %w", err)
	}
	all, err := x.received(ctx, a.Company, []Mention{m})
	if err != nil {
		return Received{}, fmt.Errorf("linkback.Mention: %w", err)
	}
	return all[0], nil
}

// received looks up what is known of mentions, each channel's in one go.
func (x *Linkbacks) received(ctx context.Context, c team.CompanyID, all []Mention) ([]Received, error) {
	remote, keys := map[network.ChannelID][]string{}, map[network.ChannelID][]string{}
	var authors []string
	for _, m := range all {
		remote[m.Channel] = append(remote[m.Channel], m.RemoteID)
		keys[m.Channel] = append(keys[m.Channel], m.targetKey)
		if m.authorKey != "" {
			authors = append(authors, m.authorKey)
		}
	}
	people, err := x.rooms.Audience.IdentitiesByKey(ctx, c, network.Site, authors)
	if err != nil {
		return nil, err
	}
	said, titles := map[network.ChannelID]map[string]inbox.Interaction{}, map[network.ChannelID]map[string]string{}
	for ch := range remote {
		if said[ch], err = x.rooms.Inbox.InteractionsOn(ctx, c, ch, remote[ch]); err != nil {
			return nil, err
		}
		if titles[ch], err = x.titles(ctx, c, ch, keys[ch]); err != nil {
			return nil, err
		}
	}
	out := make([]Received, len(all))
	for i, m := range all {
		out[i] = Received{Mention: m, Host: m.host, Title: titles[m.Channel][m.targetKey]}
		if w, ok := said[m.Channel][m.RemoteID]; ok && w.DeletedAt.IsZero() {
			s := shown(m, w, people[m.authorKey])
			out[i].Author, out[i].AuthorURL, out[i].Text, out[i].URL, out[i].At, out[i].Conversation = s.Author, s.AuthorURL, s.Text, s.URL, s.At, w.Conversation
		} else if by, ok := people[m.authorKey]; ok {
			out[i].Author, out[i].AuthorURL = by.Label(), webOnly(by)
		}
	}
	return out, nil
}

func webOnly(i audience.Identity) string {
	if _, err := mention.Address(i.URL); err != nil {
		return ""
	}
	return i.URL
}

// Tally is how many mentions of a channel stand in each state. What is hidden is taken, too.
type Tally struct {
	States map[State]int
	Hidden int
}

// All is how many mentions there are.
func (t Tally) All() (n int) {
	for _, k := range t.States {
		n += k
	}
	return n
}

// Tally counts the mentions of a channel. It needs InboxRead.
func (x *Linkbacks) Tally(ctx context.Context, a team.Actor, ch network.ChannelID) (Tally, error) {
	if err := a.May(team.InboxRead); err != nil {
		return Tally{}, fmt.Errorf("linkback.Tally: %w", err)
	}
	t, err := x.tally(ctx, a.Company, ch)
	if err != nil {
		return Tally{}, fmt.Errorf("linkback.Tally: %w", err)
	}
	return t, nil
}

// Word is what has been said of a page of ours, and by it, in figures.
type Word struct {
	Mentions int // pages of others that were seen to link it, hidden ones too
	Hidden   int // of them
	Sendings map[SendingState]int
}

// Words counts what is said of pages of a channel and what their links were told, by address. It needs InboxRead.
func (x *Linkbacks) Words(ctx context.Context, a team.Actor, ch network.ChannelID, pages []string) (map[string]Word, error) {
	if err := a.May(team.InboxRead); err != nil {
		return nil, fmt.Errorf("linkback.Words: %w", err)
	}
	keys := make([]string, len(pages))
	for i, p := range pages {
		keys[i] = mention.Key(p)
	}
	found, err := x.words(ctx, a.Company, ch, keys)
	if err != nil {
		return nil, fmt.Errorf("linkback.Words: %w", err)
	}
	out := map[string]Word{}
	for i, p := range pages {
		out[p] = found[keys[i]]
	}
	return out, nil
}
