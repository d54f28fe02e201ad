package growth

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// HeadPost is the weekly public post of the record's head, prepared for a person's yes. Strangers who keep it hold a witness: a
// record that was rewritten no longer fits it.
type HeadPost struct {
	ID     string
	Text   string
	Size   int64
	MadeAt time.Time
	State  LetterState // LetterDraft, LetterSent, LetterSkipped
	URLs   []string    // where it stands

	company    team.CompanyID
	week       string
	deliveries []delivery.ID
}

// When the post of a week is prepared, in the company's zone: on Monday morning, or until the end of Tuesday when the house
// stood still then.
const (
	headHour = 8
	headFor  = 40 * time.Hour
)

// HeadPosts lists the prepared and sent posts of the head, newest first, at most 20. It needs GrowthRead.
func (g *Growth) HeadPosts(ctx context.Context, actor team.Actor) ([]HeadPost, error) {
	if err := actor.May(team.GrowthRead); err != nil {
		return nil, err
	}
	ps, err := g.headPosts(ctx, actor.Company, 20)
	if err != nil {
		return nil, fmt.Errorf("growth.HeadPosts: %w", err)
	}
	for n := range ps {
		for _, id := range ps[n].deliveries {
			d, err := g.rooms.Deliveries.Get(ctx, actor.Company, id)
			if err != nil {
				return nil, fmt.Errorf("growth.HeadPosts: %w", err)
			}
			if d.State == delivery.Sent && d.Receipt.URL != "" {
				ps[n].URLs = append(ps[n].URLs, d.Receipt.URL)
			}
		}
	}
	return ps, nil
}

// SendHead says yes: the post goes out on these channels. It needs GrowthPublish.
func (g *Growth) SendHead(ctx context.Context, actor team.Actor, id string, channels []string) error {
	return g.changeHead(ctx, actor, id, "growth.head.send", func(ctx context.Context, tx *store.Tx, p *HeadPost) error {
		all, err := g.rooms.Networks.ChannelsByID(ctx, actor.Company)
		if err != nil {
			return err
		}
		company, err := g.rooms.Team.Company(ctx, actor.Company)
		if err != nil {
			return err
		}
		var to []network.Channel
		for _, name := range slices.Compact(slices.Sorted(slices.Values(channels))) {
			ch, ok := all[network.ChannelID(name)]
			if !ok || ch.State != network.Active {
				return fault.InvalidFields(fault.Field{Name: "channels", Key: "growth.head.channels"})
			}
			l, err := g.rooms.Networks.Measure(ch, p.Text)
			if err != nil {
				return err
			}
			if !l.Fits() {
				return fault.InvalidFields(fault.Field{Name: "channels", Key: "growth.head.long", Args: map[string]any{"channel": ch.Name}})
			}
			to = append(to, ch)
		}
		if len(to) == 0 {
			return fault.InvalidFields(fault.Field{Name: "channels", Key: "growth.head.channels"})
		}
		for _, ch := range to {
			d, err := g.rooms.Deliveries.Plan(ctx, tx, actor, delivery.Plan{
				Channel: ch.ID, Source: delivery.Source{Kind: delivery.ForRecord, ID: p.ID},
				Message: delivery.Message{Text: p.Text, Visibility: network.Public, Language: company.Locale},
			})
			if err != nil {
				return err
			}
			p.deliveries = append(p.deliveries, d)
		}
		p.State = LetterSent
		return nil
	})
}

// SkipHead decides not to post it. It needs GrowthPublish.
func (g *Growth) SkipHead(ctx context.Context, actor team.Actor, id string) error {
	return g.changeHead(ctx, actor, id, "growth.head.skip", func(_ context.Context, _ *store.Tx, p *HeadPost) error {
		p.State = LetterSkipped
		return nil
	})
}

// changeHead runs one change of a post that waits for a yes.
func (g *Growth) changeHead(ctx context.Context, actor team.Actor, id, verb string, f func(context.Context, *store.Tx, *HeadPost) error) error {
	if err := actor.May(team.GrowthPublish); err != nil {
		return err
	}
	if _, err := headKind.Parse(id); err != nil {
		return err
	}
	err := g.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := g.alone(ctx, tx, actor.Company); err != nil {
			return err
		}
		p, err := g.headPost(ctx, actor.Company, id)
		if err != nil {
			return err
		}
		if p.State != LetterDraft {
			return fault.New(fault.Conflict, "growth.head.settled")
		}
		if err := f(ctx, tx, &p); err != nil {
			return err
		}
		if err := g.saveHead(ctx, tx, p); err != nil {
			return err
		}
		if err := g.rooms.Team.Audit(ctx, tx, actor, team.Entry{Verb: verb, ObjectKind: "record", ObjectID: id}); err != nil {
			return err
		}
		return g.touched(ctx, tx, actor.Company)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", verb, err)
	}
	return nil
}

// headDelivered hears how a post is going, so that open pages show where it stands.
func (g *Growth) headDelivered(ctx context.Context, tx *store.Tx, d delivery.Delivery) error {
	return g.touched(ctx, tx, d.Company)
}

// PrepareHeads prepares the week's post of the record's head, in every company whose record has grown since the last one.
func (g *Growth) PrepareHeads(ctx context.Context) error {
	companies, err := g.rooms.Team.Companies(ctx)
	if err != nil {
		return fmt.Errorf("growth.PrepareHeads: %w", err)
	}
	for _, c := range companies {
		now := g.rooms.Clock.Now().In(c.Location())
		y, m, d := now.Date()
		monday := time.Date(y, m, d-(int(now.Weekday())+6)%7, headHour, 0, 0, 0, c.Location())
		if since := now.Sub(monday); since < 0 || since > headFor || c.Filling {
			continue
		}
		year, week := now.ISOWeek()
		err := g.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
			return g.prepareHead(ctx, tx, c, fmt.Sprintf("%d-W%02d", year, week))
		})
		if err != nil {
			return fmt.Errorf("growth.PrepareHeads: %w", err)
		}
	}
	return nil
}

func (g *Growth) prepareHead(ctx context.Context, tx *store.Tx, c team.Company, week string) error {
	if err := g.alone(ctx, tx, c.ID); err != nil {
		return err
	}
	last, err := g.headPosts(ctx, c.ID, 1)
	if err != nil {
		return err
	}
	h, err := g.recordOf(ctx, c.ID)
	if err != nil || h.Head.Size == 0 || len(last) > 0 && (last[0].week == week || last[0].Size == h.Head.Size) {
		return err
	}
	if len(last) > 0 && last[0].State == LetterDraft { // this one says all that the other did
		last[0].State = LetterSkipped
		if err := g.saveHead(ctx, tx, last[0]); err != nil {
			return err
		}
	}
	now := g.rooms.Clock.Now()
	err = g.insertHead(ctx, tx, HeadPost{
		ID: headKind.New(now), Size: h.Head.Size, MadeAt: now, State: LetterDraft, company: c.ID, week: week,
		Text: g.rooms.Words.For(c.Locale).T("growth.head.text", "origin", h.Origin, "size", strconv.FormatInt(h.Head.Size, 10),
			"root", base64.StdEncoding.EncodeToString(h.Head.Root[:])),
	})
	if err != nil {
		return err
	}
	return g.touched(ctx, tx, c.ID)
}
