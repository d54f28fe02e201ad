package notice

import (
	"context"
	"strconv"
	"time"

	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/webhook"
)

// Delivered is what programs are told of a delivery. Words of people are not in it.
type Delivered struct {
	Delivery  string     `json:"delivery"`
	State     string     `json:"state"` // failed, unconfirmed or sent
	Company   string     `json:"company"`
	Source    Source     `json:"source"`
	Channel   Channel    `json:"channel"`
	Planned   time.Time  `json:"planned_for"`
	Attempts  int        `json:"attempts"`
	TriedAt   *time.Time `json:"tried_at"`
	SettledAt *time.Time `json:"settled_at"`
	RemoteID  string     `json:"remote_id"` // of the message on its network, once it stands there
	URL       string     `json:"url"`
	Trouble   *Trouble   `json:"trouble"` // null when there is none
	Link      string     `json:"link"`    // where on the desk one can look and do something
}

// Source is what a delivery brings out.
type Source struct {
	Kind         string `json:"kind"` // post, reply or record
	ID           string `json:"id"`   // of the message: a part of a post, a reply
	Post         string `json:"post,omitempty"`
	Conversation string `json:"conversation,omitempty"`
}

// Channel is where a delivery goes.
type Channel struct {
	ID      string `json:"id"`
	Network string `json:"network"`
	Handle  string `json:"handle"`
	Name    string `json:"name"`
}

// Trouble is why, and what helps, in the company's language; programs go by the key.
type Trouble struct {
	Key     string `json:"key"`
	Verdict string `json:"verdict"` // later, reconnect or never
	Cause   string `json:"cause"`
	Remedy  string `json:"remedy"`
}

// program has the company's programs told how a message is going.
func (n *Notices) program(ctx context.Context, tx *store.Tx, d delivery.Delivery) error {
	e := webhook.Event{}
	switch d.State {
	case delivery.Failed:
		e.Type, e.Key = webhook.DeliveryFailed, stamp(d.SettledAt)
	case delivery.Unconfirmed:
		e.Type, e.Key = webhook.DeliveryUnconfirmed, stamp(d.TriedAt) // reading it back in vain is no news
	case delivery.Sent:
		e.Type, e.Key = webhook.DeliverySettled, stamp(d.SettledAt)
	default:
		return nil
	}
	wanted, err := n.rooms.Webhooks.Wanted(ctx, d.Company, e.Type)
	if err != nil || !wanted {
		return err
	}
	e.Key = string(d.ID) + "/" + string(e.Type) + "/" + e.Key
	c, err := n.rooms.Team.Company(ctx, d.Company)
	if err != nil || c.Sample {
		return err
	}
	s, err := n.source(ctx, d)
	if err != nil {
		return err
	}
	channels, err := n.rooms.Networks.ChannelsByID(ctx, d.Company)
	if err != nil {
		return err
	}
	ch := channels[d.Channel]
	data := Delivered{
		Delivery: string(d.ID), State: string(d.State), Company: string(d.Company), Source: Source{Kind: string(d.Source.Kind), ID: d.Source.ID},
		Channel: Channel{ID: string(ch.ID), Network: string(ch.Network), Handle: ch.Handle, Name: ch.Name}, Planned: d.NotBefore, Attempts: d.Attempts,
		TriedAt: moment(d.TriedAt), SettledAt: moment(d.SettledAt), RemoteID: d.Receipt.RemoteID, URL: d.Receipt.URL, Link: n.link(d.Source.Kind, s.id),
	}
	switch d.Source.Kind {
	case delivery.ForPost:
		data.Source.Post = s.id
	case delivery.ForReply:
		data.Source.Conversation = s.id
	}
	if t := d.Trouble; t != nil {
		w := n.rooms.Words.For(c.Locale)
		data.Trouble = &Trouble{Key: t.Key, Verdict: string(t.Verdict), Cause: w.T(t.Key, t.Args), Remedy: w.T(t.Key+".remedy", t.Args)}
	}
	e.Data = data
	return n.rooms.Webhooks.Tell(ctx, tx, d.Company, e)
}

func stamp(t time.Time) string { return strconv.FormatInt(t.UnixMicro(), 36) }

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
