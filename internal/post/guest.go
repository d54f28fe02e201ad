package post

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/media"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

// Guest is somebody without an account who may say yes or no to one post by a personal link.
type Guest struct {
	ID          GuestID
	Name        string
	InvitedBy   team.MemberID // in whose place they decide
	InvitedAt   time.Time
	ExpiresAt   time.Time
	SeenAt      time.Time // when the link was last opened; zero: never
	UsedAt      time.Time // when they decided; zero: not yet
	WithdrawnAt time.Time

	post ID
}

// Open tells whether the link still works.
func (g Guest) Open(now time.Time) bool {
	return g.WithdrawnAt.IsZero() && g.UsedAt.IsZero() && now.Before(g.ExpiresAt)
}

// GuestIn is whom a link is for.
type GuestIn struct {
	Name string
	Days int // for which it works, 1 to 30; 0: 7
}

// Bounds of links.
const (
	maxGuest   = 80 // characters of a name
	guestDays  = 7
	mostDays   = 30
	mostGuests = 20 // open links of a post
)

// InviteGuest makes a link by which somebody without an account reads one post and says yes or no, in the place of the member who
// invites them: where that member's yes would not count, theirs is kept as what they think. The token is told once and kept only
// as a hash. It needs PostsPublish.
func (p *Posts) InviteGuest(ctx context.Context, actor team.Actor, id ID, in GuestIn) (Guest, string, error) {
	if err := actor.May(team.PostsPublish); err != nil {
		return Guest{}, "", err
	}
	in.Name = line(in.Name)
	if in.Days == 0 {
		in.Days = guestDays
	}
	var wrong []fault.Field
	if n := text.Graphemes(in.Name); n == 0 || n > maxGuest {
		wrong = append(wrong, fault.Field{Name: "name", Key: "post.guest.name", Args: map[string]any{"max": maxGuest}})
	}
	if in.Days < 1 || in.Days > mostDays {
		wrong = append(wrong, fault.Field{Name: "days", Key: "post.guest.days", Args: map[string]any{"max": mostDays}})
	}
	if err := fault.InvalidFields(wrong...); err != nil {
		return Guest{}, "", err
	}
	if actor.Member == "" {
		return Guest{}, "", fault.New(fault.Denied, "team.denied.self")
	}
	token, hash := newToken()
	now := p.rooms.Clock.Now()
	g := Guest{
		ID: GuestID(guestKind.New(now)), Name: in.Name, InvitedBy: actor.Member, InvitedAt: now, ExpiresAt: now.AddDate(0, 0, in.Days), post: id,
	}
	_, err := p.change(ctx, actor, id, "post.guest.invite", func(ctx context.Context, tx *store.Tx, x *Post) error {
		if x.State != Draft && x.State != Pending {
			return fault.New(fault.Conflict, "post.guest.late")
		}
		gs, err := p.guests(ctx, actor.Company, id)
		if err != nil {
			return err
		}
		n := 0
		for _, o := range gs {
			if o.Open(now) {
				n++
			}
		}
		if n >= mostGuests {
			return fault.New(fault.Conflict, "post.guest.many").With("max", mostGuests)
		}
		return p.insertGuest(ctx, tx, actor.Company, g, hash)
	})
	if err != nil {
		return Guest{}, "", err
	}
	return g, token, nil
}

// WithdrawGuest ends a link at once. It needs PostsPublish.
func (p *Posts) WithdrawGuest(ctx context.Context, actor team.Actor, guest GuestID) error {
	if err := actor.May(team.PostsPublish); err != nil {
		return err
	}
	g, err := p.readGuest(ctx, actor.Company, guest)
	if err != nil {
		return fmt.Errorf("post.WithdrawGuest: %w", err)
	}
	_, err = p.change(ctx, actor, g.post, "post.guest.withdraw", func(ctx context.Context, tx *store.Tx, _ *Post) error {
		return p.withdrawGuest(ctx, tx, actor.Company, guest, p.rooms.Clock.Now())
	})
	return err
}

// GuestView is what a guest sees: the post as it would go out, and nothing else of the company.
type GuestView struct {
	Company  team.Company
	Guest    Guest
	Host     string // the name of the member who invited them
	Title    string
	Hash     string // of what they see; it goes back with the decision
	Waits    bool   // the post waits for a decision: before and after it can only be read
	DueAt    time.Time
	Variants []GuestVariant
	Files    map[media.ID]media.File
	Decision *Decision // what they said; nil: nothing yet
}

// GuestVariant is one channel's form of the post.
type GuestVariant struct {
	Channel  network.Channel // without anything but its name, handle, network and picture
	Contents []Content
}

// errGuest is about a link that nobody made. Only who holds a link learns that it is over or was withdrawn: its secret cannot be guessed.
func errGuest() error { return fault.New(fault.NotFound, "post.guest.gone") }

// ReadGuest shows a post to who holds a link to it. A link that was used shows what was said for as long as it lives.
func (p *Posts) ReadGuest(ctx context.Context, token string) (GuestView, error) {
	v, err := p.guestView(ctx, token)
	if err != nil {
		return GuestView{}, fmt.Errorf("post.ReadGuest: %w", err)
	}
	err = p.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		return p.seeGuest(ctx, tx, v.Guest.ID, p.rooms.Clock.Now())
	})
	if err != nil {
		return GuestView{}, fmt.Errorf("post.ReadGuest: %w", err)
	}
	return v, nil
}

func (p *Posts) guestView(ctx context.Context, token string) (v GuestView, err error) {
	g, c, err := p.guestOf(ctx, token)
	if err != nil {
		return v, err
	}
	v.Guest = g
	if v.Company, err = p.rooms.Team.Company(ctx, c); err != nil {
		return v, err
	}
	x, err := p.readPost(ctx, c, g.post)
	if err != nil {
		return v, err
	}
	ms, err := p.rooms.Team.MembersByID(ctx, c)
	if err != nil {
		return v, err
	}
	v.Host, v.Title, v.DueAt = ms[g.InvitedBy].Name, x.Message.Title, x.DueAt
	v.Waits = x.State == Pending && g.UsedAt.IsZero()
	vs, hash, err := p.showing(ctx, x)
	if err != nil {
		return v, err
	}
	v.Hash = hash
	all, err := p.rooms.Networks.ChannelsByID(ctx, c)
	if err != nil {
		return v, err
	}
	for _, one := range vs {
		ch := all[one.Channel]
		v.Variants = append(v.Variants, GuestVariant{
			Channel:  network.Channel{ID: ch.ID, Network: ch.Network, Handle: ch.Handle, Name: ch.Name, AvatarURL: ch.AvatarURL, Limits: ch.Limits},
			Contents: one.Contents,
		})
	}
	if v.Files, err = p.filesOf(ctx, c, x.Message); err != nil {
		return v, err
	}
	ds, err := p.decisions(ctx, x)
	if err != nil {
		return v, err
	}
	for i := range ds {
		if ds[i].guest == g.ID {
			v.Decision = &ds[i]
		}
	}
	return v, nil
}

// showing gives a post's variants with what goes out: frozen, or as a draft would go out now. hash names these bytes.
func (p *Posts) showing(ctx context.Context, x Post) ([]Variant, string, error) {
	vs, err := p.readVariants(ctx, x.Company, x.ID)
	if err != nil || x.State != Draft {
		return vs, x.Hash, err
	}
	w := Written{Message: x.Message, Own: map[network.ChannelID]Own{}}
	for _, v := range vs {
		w.Channels = append(w.Channels, v.Channel)
		if v.Own != nil {
			w.Own[v.Channel] = *v.Own
		}
	}
	f, err := p.fitter(ctx, x.Company, x.ID, w)
	if err != nil {
		return nil, "", err
	}
	contents := map[network.ChannelID][]Content{}
	for i := range vs {
		vs[i].Fitted, vs[i].Contents = f.fit(x.Message, vs[i].Own, vs[i].Channel)
		contents[vs[i].Channel] = vs[i].Contents
	}
	return vs, hashOf(contents), nil
}

// GuestMedia gives a file of the post that a link shows, and whose company it is.
func (p *Posts) GuestMedia(ctx context.Context, token string, file media.ID) (team.CompanyID, media.File, error) {
	g, c, err := p.guestOf(ctx, token)
	if err != nil {
		return "", media.File{}, fmt.Errorf("post.GuestMedia: %w", err)
	}
	x, err := p.readPost(ctx, c, g.post)
	if err != nil {
		return "", media.File{}, fmt.Errorf("post.GuestMedia: %w", err)
	}
	shown := slices.ContainsFunc(x.Message.Media, func(m Media) bool { return m.ID == file })
	if !shown { // the picture of a card
		vs, _, err := p.showing(ctx, x)
		if err != nil {
			return "", media.File{}, fmt.Errorf("post.GuestMedia: %w", err)
		}
		for _, v := range vs {
			shown = shown || slices.ContainsFunc(v.Contents, func(c Content) bool { return c.Shown != nil && c.Shown.Picture == file })
		}
	}
	if !shown || file == "" {
		return "", media.File{}, fmt.Errorf("post.GuestMedia: %w", media.ErrGone)
	}
	f, err := p.rooms.Media.Get(ctx, string(c), file)
	if err != nil {
		return "", media.File{}, fmt.Errorf("post.GuestMedia: %w", err)
	}
	return c, f, nil
}

// GuestDecision is what a guest says.
type GuestDecision struct {
	Yes   bool
	Words string // what should change; a no without words is none
	Hash  string // of what they saw
}

// DecideGuest takes a guest's yes or no. A link decides once.
func (p *Posts) DecideGuest(ctx context.Context, token string, in GuestDecision) error {
	in.Words = strings.TrimSpace(body(in.Words))
	if n := text.Graphemes(in.Words); n > maxComment || n == 0 && !in.Yes {
		return fault.InvalidFields(fault.Field{Name: "words", Key: "post.back.why", Args: map[string]any{"max": maxComment}})
	}
	g, c, err := p.guestOf(ctx, token)
	if err != nil {
		return fmt.Errorf("post.DecideGuest: %w", err)
	}
	verb := "post.guest.back"
	if in.Yes {
		verb = "post.guest.approve"
	}
	actor := team.System(c)
	_, err = p.change(ctx, actor, g.post, verb, func(ctx context.Context, tx *store.Tx, x *Post) error {
		g, _, err := p.guestOf(ctx, token) // again, with nobody else at it
		if err != nil {
			return err
		}
		if !g.UsedAt.IsZero() {
			return fault.New(fault.Conflict, "post.guest.used")
		}
		ms, err := p.rooms.Team.MembersByID(ctx, c)
		if err != nil {
			return err
		}
		s, err := p.share(ctx, c, x.ID, g.InvitedBy)
		if err != nil {
			return err
		}
		who := decider{member: ms[g.InvitedBy], asked: s != nil && s.Asked, guest: g}
		if err := p.useGuest(ctx, tx, g.ID, p.rooms.Clock.Now()); err != nil {
			return err
		}
		if !in.Yes {
			if in.Hash != x.Hash {
				return fault.New(fault.Conflict, "post.approve.moved")
			}
			return p.sendBack(ctx, tx, x, who, in.Words)
		}
		return p.approve(ctx, tx, x, who, in.Hash, in.Words)
	})
	return err
}

// newToken makes a secret of 256 bits for a link, and the hash under which it is kept.
func newToken() (token, hash string) {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails: it ends the program instead
	token = base64.RawURLEncoding.EncodeToString(b)
	return token, hashToken(token)
}

func hashToken(token string) string {
	h := sha256.Sum256([]byte(token))
	return hex.EncodeToString(h[:])
}
