package post

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/adapt"
	"github.com/ponte-desk/ponte/internal/audience"
	"github.com/ponte-desk/ponte/internal/delivery"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/team"
)

// VariantState is where a variant stands. It is stored in the database.
type VariantState string

// The states of a variant.
const (
	Idle       VariantState = "idle"    // is not planned
	VarPlanned VariantState = "planned" // waits for its time
	VarHeld    VariantState = "held"    // its time has come, and a person must say that it may go out
	Queued     VariantState = "queued"  // waits for its turn on the channel
	VarSending VariantState = "sending" // is on its way
	VarSent    VariantState = "sent"
	VarFailed  VariantState = "failed"
	Stopped    VariantState = "stopped" // a member stopped it when something of it was out already
	VarGone    VariantState = "gone"    // was taken down
)

// Why says what holds a variant. It is stored in the database.
type Why string

// What holds a variant.
const (
	WhyPaused Why = "paused" // everything was paused when its time came
	WhyLate   Why = "late"   // its time passed long ago: the machine slept, or the network did not answer
)

// Variant is a post's form for one channel.
type Variant struct {
	ID       VariantID
	Channel  network.ChannelID
	Own      *Own // nil: it follows the message
	State    VariantState
	Why      Why           // of a held one
	Fitted   adapt.Variant // of a draft: as it would go out now, with what is to be said about it; else only its parts
	Contents []Content     // what goes out, message by message; frozen unless the post is a draft
	DueAt    time.Time
	SentAt   time.Time
	Parts    []Part // once it is on its way
}

// Content is one message on a network: a part of a thread, or the first comment.
type Content struct {
	Title      string
	Text       string // what people read
	Markup     string // what is sent in its place, "" the text itself
	Warning    string
	Card       string // the address that the network shows as a card
	Shown      *Shown // what the card shows beside it; nil: nothing is known
	Language   string
	Visibility network.Visibility
	Facets     []adapt.Facet
	Media      []delivery.Attachment
	Comment    bool // the first comment
	// Article is what an article of a web site has beside title and markup; nil elsewhere.
	Article *Article `json:",omitempty"`
}

// Article is how an article stands on a web site.
type Article struct {
	Tags     []string `json:",omitempty"`
	Category string   `json:",omitempty"`
	Draft    bool     `json:",omitempty"` // somebody publishes it there
	Page     bool     `json:",omitempty"`
}

// person is a person in a text with light marks.
var person = regexp.MustCompile(`@\[([^\]\n]*)\]\((per_[0-9a-z]{26})\)`)

// fitter is what variants are made with.
type fitter struct {
	company  team.Company
	settings Settings
	channels map[network.ChannelID]network.Channel
	files    map[media.ID]media.File
	people   map[string][]audience.Identity
	footer   string
	links    []Link // that are asked for, in their order
	thumbs   map[media.ID]media.File
	short    map[network.ChannelID]map[string]string // where an address is followed, on a channel
	shut     bool                                    // strangers cannot open such addresses
}

// fitter gathers what a message needs to be fitted.
func (p *Posts) fitter(ctx context.Context, c team.CompanyID, id ID, w Written) (*fitter, error) {
	m, own := w.Message, w.Own
	f := &fitter{files: map[media.ID]media.File{}, thumbs: map[media.ID]media.File{}, people: map[string][]audience.Identity{}}
	var err error
	if f.company, err = p.rooms.Team.Company(ctx, c); err != nil {
		return nil, err
	}
	if f.settings, err = p.settingsOf(ctx, c); err != nil {
		return nil, err
	}
	if f.channels, err = p.rooms.Networks.ChannelsByID(ctx, c); err != nil {
		return nil, err
	}
	for _, x := range m.Media {
		file, err := p.rooms.Media.Get(ctx, string(c), x.ID)
		if errors.Is(err, media.ErrGone) {
			continue // said by wrong
		}
		if err != nil {
			return nil, err
		}
		f.files[x.ID] = file
	}
	for _, t := range words(m, own) {
		for _, found := range person.FindAllStringSubmatch(t, -1) {
			id := found[2]
			if _, known := f.people[id]; known {
				continue
			}
			f.people[id], err = p.rooms.Audience.IdentitiesOf(ctx, c, audience.PersonID(id))
			if err != nil && fault.KindOf(err) != fault.NotFound {
				return nil, err
			}
		}
	}
	if f.footer, err = p.footer(ctx, c, m); err != nil {
		return nil, err
	}
	if err := p.gatherTracks(ctx, c, f, id, w); err != nil {
		return nil, err
	}
	return f, p.gatherLinks(ctx, c, f, w)
}

// footer is the text of a message's signature; "" without, and when it was deleted.
func (p *Posts) footer(ctx context.Context, c team.CompanyID, m Message) (string, error) {
	if m.Signature == "" {
		return "", nil
	}
	s, err := p.snippet(ctx, c, m.Signature)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return "", err
	}
	return s.Message.Text, nil
}

// words gives every text of a message that people read.
func words(m Message, own map[network.ChannelID]Own) []string {
	all := []string{m.Title, m.Text, m.Warning, m.FirstComment}
	for _, x := range m.Media {
		all = append(all, x.Alt)
	}
	for _, ch := range sortedKeys(own) {
		o := own[ch]
		all = append(all, o.Title, o.Text, o.Warning, o.FirstComment)
	}
	return all
}

// message is what a variant says: the message, with what was written by hand for its channel in place of it.
func (o *Own) message(m Message) Message {
	if o == nil {
		return m
	}
	m.Title, m.Text, m.Warning, m.FirstComment = o.Title, o.Text, o.Warning, o.FirstComment
	if o.Media != nil {
		var some []Media
		for _, n := range o.Media {
			if n >= 0 && n < len(m.Media) {
				some = append(some, m.Media[n])
			}
		}
		m.Media = some
	}
	return m
}

// fit makes a channel's variant of a message.
func (f *fitter) fit(m Message, own *Own, id network.ChannelID) (adapt.Variant, []Content) {
	ch := f.channels[id]
	said := own.message(m)
	if said.Language == "" {
		said.Language = f.company.Locale
	}
	if said.Visibility == "" {
		said.Visibility = network.Public
	}
	in := adapt.Message{Title: said.Title, Text: said.Text, Warning: said.Warning, Language: said.Language}
	for _, x := range said.Media {
		in.Media = append(in.Media, f.media(x))
	}
	t := f.target(said, ch)
	v := adapt.Fit(in, t)
	if f.shut && len(f.short[id]) > 0 {
		v.Notes = append(v.Notes, adapt.Note{Level: adapt.Warn, Key: "post.track.shut", Part: -1, Media: -1})
	}
	var out []Content
	for _, part := range v.Parts {
		c := Content{
			Title: part.Title, Text: part.Text, Markup: part.Markup, Warning: part.Warning, Card: part.Card, Language: said.Language,
			Visibility: said.Visibility, Facets: part.Facets,
		}
		if t.Network == adapt.Site {
			habit := f.settings.Habits[id]
			c.Article = &Article{Tags: part.Tags, Category: habit.Category, Draft: habit.Draft, Page: habit.Page}
		}
		if c.Card != "" {
			shown, note := f.card(c.Card, t)
			if c.Shown = shown; note != nil {
				v.Notes = append(v.Notes, *note)
			}
		}
		for _, n := range part.Media {
			if n >= 0 && n < len(said.Media) {
				c.Media = append(c.Media, f.attach(said.Media[n], in.Media[n], t))
			}
		}
		out = append(out, c)
	}
	if strings.TrimSpace(said.FirstComment) == "" {
		return v, out
	}
	t.ExtraTags, t.Footer, t.Numbering = nil, "", false
	for _, part := range adapt.Fit(adapt.Message{Text: said.FirstComment, Language: said.Language, Warning: said.Warning}, t).Parts {
		out = append(out, Content{
			Text: part.Text, Markup: part.Markup, Warning: part.Warning, Card: part.Card, Language: said.Language, Visibility: said.Visibility,
			Facets: part.Facets, Comment: true,
		})
		if t.Network == adapt.Site {
			out[len(out)-1].Markup = "" // a comment below an article is plain
		}
	}
	return v, out
}

// attach is how a file goes along to a place: in the form that the place takes.
func (f *fitter) attach(x Media, m adapt.Media, t adapt.Target) delivery.Attachment {
	rules := adapt.RulesOf(t.Network).Media
	if t.Media != nil {
		rules = *t.Media
	}
	a, _ := delivery.Fit(delivery.Attachment{MediaID: string(x.ID), Alt: m.Alt, FocusX: x.FocusX, FocusY: x.FocusY}, m, rules)
	return a
}

func (f *fitter) media(x Media) adapt.Media {
	return delivery.Measured(f.files[x.ID], strings.TrimSpace(x.Alt), x.FocusX, x.FocusY)
}

// target is a channel as adapt sees it: what its server allows, and what the company is used to there.
func (f *fitter) target(m Message, ch network.Channel) adapt.Target {
	habit := f.settings.Habits[ch.ID]
	t := adapt.Target{
		Network: adapt.Network(ch.Network), Max: ch.Limits.Characters, Media: delivery.MediaRules(ch),
		Literal: ch.Network == network.Mastodon && ch.Limits.Characters > 0 && ch.Limits.LinkLength == 0, Tags: adapt.TagHabit(habit.Tags), Numbering: m.Numbering,
		Footer: f.footer, ExtraTags: m.Tags,
		Handle: func(person string) (string, bool) {
			for _, i := range f.people[person] {
				if i.Network == ch.Network && i.Handle != "" {
					return i.Handle, true
				}
			}
			return "", false
		},
	}
	if m.Campaign != "" {
		t.UTM = &adapt.UTM{Source: string(ch.Network), Medium: "social", Campaign: m.Campaign}
	}
	if short, marks := f.short[ch.ID], t.UTM; len(short) > 0 { // the link says itself where its visits come from
		t.UTM, t.Link = nil, func(address string) string {
			if s, known := short[address]; known {
				return cmp.Or(s, address)
			}
			return marks.Mark(address, t.Network)
		}
	}
	return t
}

// goes is the address that a link goes out with.
func goes(t adapt.Target, address string) string {
	address = t.UTM.Mark(address, t.Network)
	if t.Link != nil {
		return t.Link(address)
	}
	return address
}

// hashOf names the exact bytes that go out: every message of every channel, with its files and their descriptions, in an order
// that does not depend on anything else.
func hashOf(contents map[network.ChannelID][]Content) string {
	h := sha256.New()
	for _, ch := range sortedKeys(contents) {
		put(h, string(ch), strconv.Itoa(len(contents[ch])))
		for _, c := range contents[ch] {
			put(h, c.Title, c.Text, c.Markup, c.Warning, c.Card, c.Language, string(c.Visibility), strconv.FormatBool(c.Comment), strconv.Itoa(len(c.Facets)))
			for _, f := range c.Facets {
				put(h, string(f.Kind), strconv.Itoa(f.Start), strconv.Itoa(f.End), f.Value)
			}
			if s := c.Shown; s != nil {
				put(h, "shown", s.Title, s.Description, string(s.Picture), fmt.Sprint(s.Form == nil))
				if s.Form != nil {
					put(h, fmt.Sprint(*s.Form))
				}
			}
			if a := c.Article; a != nil {
				put(h, append([]string{"article", a.Category, strconv.FormatBool(a.Draft), strconv.FormatBool(a.Page)}, a.Tags...)...)
			}
			put(h, strconv.Itoa(len(c.Media)))
			for _, m := range c.Media {
				put(h, m.MediaID, m.Alt, strconv.FormatFloat(m.FocusX, 'g', -1, 64), strconv.FormatFloat(m.FocusY, 'g', -1, 64))
				if m.Form != nil {
					put(h, "form", fmt.Sprint(*m.Form))
				}
			}
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// put writes texts so that no other texts give the same bytes.
func put(h hash.Hash, texts ...string) {
	for _, t := range texts {
		_ = binary.Write(h, binary.BigEndian, uint64(len(t)))
		_, _ = io.WriteString(h, t)
	}
}

func sortedKeys[K ~string, V any](m map[K]V) []K {
	out := make([]K, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
