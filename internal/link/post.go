package link

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

// ForPost is an address in a post, as one channel is to carry it.
type ForPost struct {
	Post     string
	Place    string // the channel of the company
	Channel  string // its network
	Campaign string
	Title    string
	Address  string // as somebody wrote it
	Member   team.MemberID
}

// Planned is what becomes of such an address.
type Planned struct {
	ID      ID // "": it is not made yet
	Code    string
	Address string // what stands in the post; "" it stays as it is
}

// PlanForPost tells which links a post would go out with, without making any: the code of a link follows from the post, the channel and the
// address, so what is shown beforehand is what goes out. What cannot be a link, or is one of the company's already, stays as it is. It is for
// rooms, and asks for no permission.
func (l *Links) PlanForPost(ctx context.Context, c team.CompanyID, wants []ForPost) ([]Planned, error) {
	out := make([]Planned, len(wants))
	if len(wants) == 0 {
		return out, nil
	}
	s, err := l.settings(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("link.PlanForPost: %w", err)
	}
	for i, w := range wants {
		if _, ok := l.fromPost(c, s, w); !ok {
			continue
		}
		if out[i], err = l.planned(ctx, c, s, w); err != nil {
			return nil, fmt.Errorf("link.PlanForPost: %w", err)
		}
	}
	return out, nil
}

// planned finds the code of an address: that of the link that was made for it, else the first that is free.
func (l *Links) planned(ctx context.Context, c team.CompanyID, s Settings, w ForPost) (Planned, error) {
	for n := range tries {
		code := codeFrom(c, w, n)
		x, err := l.readByCode(ctx, code)
		if fault.KindOf(err) == fault.NotFound {
			return Planned{Code: code, Address: l.address(s, code)}, nil
		}
		if err != nil {
			return Planned{}, err
		}
		if x.Company == c && x.Post == w.Post && x.Place == w.Place && w.Post != "" {
			return Planned{ID: x.ID, Code: code, Address: l.address(s, code)}, nil
		}
	}
	return Planned{}, errors.New("link: no code is free")
}

// MakeForPost makes the links that a post goes out with, in the transaction in which its words are fixed. One that is there already takes on
// what has changed. It is for rooms, and asks for no permission.
func (l *Links) MakeForPost(ctx context.Context, tx *store.Tx, c team.CompanyID, wants []ForPost) error {
	s, err := l.settings(ctx, c)
	if err != nil {
		return fmt.Errorf("link.MakeForPost: %w", err)
	}
	for _, w := range wants {
		x, ok := l.fromPost(c, s, w)
		if !ok {
			continue
		}
		p, err := l.planned(ctx, c, s, w)
		if err == nil && p.ID == "" {
			err = l.insertFor(ctx, tx, x, p.Code)
		} else if err == nil {
			err = l.renew(ctx, tx, p.ID, x)
		}
		if err != nil {
			return fmt.Errorf("link.MakeForPost: %w", err)
		}
	}
	return nil
}

func (l *Links) insertFor(ctx context.Context, tx *store.Tx, x Link, code string) error {
	now := l.rooms.Clock.Now()
	x.ID, x.Code, x.mark, x.CreatedAt, x.ChangedAt = ID(kind.New(now)), code, newMark(), now, now
	free, err := l.insert(ctx, tx, x)
	if err == nil && !free {
		err = errors.New("link: a code was taken meanwhile")
	}
	if err == nil {
		tx.AfterCommit(func() { l.ways.drop(x.Code) })
	}
	return err
}

// renew has a link of a post count for the campaign that the post has now, and lead on again if it was put away.
func (l *Links) renew(ctx context.Context, tx *store.Tx, id ID, to Link) error {
	x, err := l.hold(ctx, tx, to.Company, id)
	if err != nil {
		return err
	}
	before := x
	x.Title, x.Campaign, x.State = to.Title, to.Campaign, Active
	if x.Title == before.Title && x.Campaign == before.Campaign && x.State == before.State {
		return nil
	}
	x.ChangedAt = l.rooms.Clock.Now()
	if before.Campaign != x.Campaign {
		if err := l.moveTally(ctx, tx, before, x); err != nil {
			return err
		}
	}
	tx.AfterCommit(func() { l.ways.drop(x.Code) })
	return l.save(ctx, tx, x)
}

// fromPost gives the link of an address in a post, not made yet. What the address says of where its visits come from stays as it says.
func (l *Links) fromPost(c team.CompanyID, s Settings, w ForPost) (Link, bool) {
	if strings.HasPrefix(w.Address, l.address(s, "")) || strings.HasPrefix(w.Address, l.address(Settings{}, "")) {
		return Link{}, false
	}
	campaign, _ := word(w.Campaign, maxWord)
	x, err := l.check(In{Target: w.Address, Title: cutTitle(w.Title), Channel: w.Channel}, Link{Company: c, State: Active, Post: w.Post, Place: w.Place, CreatedBy: w.Member})
	if err != nil {
		return x, false
	}
	for _, f := range []struct {
		into *string
		is   string
	}{{&x.Source, w.Channel}, {&x.Medium, "social"}, {&x.Campaign, campaign}} {
		if *f.into == "" {
			*f.into = f.is
		}
	}
	return x, true
}

func cutTitle(s string) string {
	s, _ = word(s, maxTitle)
	return text.Cut(s, maxTitle)
}

// codeFrom is the n-th code that an address in a post may have.
func codeFrom(c team.CompanyID, w ForPost, n int) string {
	h := sha256.New()
	for _, s := range []string{string(c), w.Post, w.Place, w.Address} {
		_ = binary.Write(h, binary.BigEndian, uint32(len(s))) // a hash takes everything
		_, _ = h.Write([]byte(s))
	}
	_ = binary.Write(h, binary.BigEndian, uint32(n))
	v := binary.BigEndian.Uint64(h.Sum(nil))
	b := make([]byte, codeLen)
	for i := range b {
		b[i] = letters[v%uint64(len(letters))]
		v /= uint64(len(letters))
	}
	return string(b)
}

// DropOfPost takes away the links of a post that was dropped before it went out: those that nobody opened are forgotten, the others end. It is
// for rooms, and asks for no permission.
func (l *Links) DropOfPost(ctx context.Context, tx *store.Tx, c team.CompanyID, post string) error {
	all, err := l.readOfPost(ctx, c, post)
	if err != nil {
		return fmt.Errorf("link.DropOfPost: %w", err)
	}
	for _, x := range all {
		gone, err := l.forgetUnopened(ctx, tx, x)
		if err == nil && !gone {
			x.State, x.ChangedAt = Off, l.rooms.Clock.Now()
			err = l.save(ctx, tx, x)
		}
		if err != nil {
			return fmt.Errorf("link.DropOfPost: %w", err)
		}
		tx.AfterCommit(func() { l.ways.drop(x.Code) })
	}
	return nil
}

// CameToPosts gives when people opened the links of posts, on one channel of the company or, with "", on all, since a moment: the latest, at
// most so many, as far as single visits are kept. It is for rooms, and asks for no permission.
func (l *Links) CameToPosts(ctx context.Context, c team.CompanyID, place string, since time.Time, most int) ([]time.Time, error) {
	out, err := l.cameToPosts(ctx, c, place, since, most)
	if err != nil {
		return nil, fmt.Errorf("link.CameToPosts: %w", err)
	}
	return out, nil
}

// Reachable tells whether strangers can open the company's links: their address is neither this machine's own nor one inside a private network.
func (l *Links) Reachable(ctx context.Context, c team.CompanyID) (bool, error) {
	base, err := l.Base(ctx, c)
	if err != nil {
		return false, err
	}
	u, err := url.Parse(base)
	if err != nil || u.Host == "" {
		return false, nil
	}
	host := strings.ToLower(u.Hostname())
	if a, err := netip.ParseAddr(host); err == nil {
		return !a.IsLoopback() && !a.IsPrivate() && !a.IsLinkLocalUnicast() && !a.IsUnspecified(), nil
	}
	return host != "localhost" && !strings.HasSuffix(host, ".localhost") && !strings.HasSuffix(host, ".local") && strings.Contains(host, "."), nil
}

// PostVisits are the visits that one link of a post brought.
type PostVisits struct {
	Link  Link
	Place string
	Sum   Sum     // of all its days
	Until []int64 // visits of people before each of the moments that were asked for
}

// VisitsOfPost tells what the links of a post brought, by channel and address: all together, and since a moment up to others, as far as single
// visits are kept. It is for rooms, and asks for no permission.
func (l *Links) VisitsOfPost(ctx context.Context, c team.CompanyID, post string, since func(place string) (from time.Time, until []time.Time)) ([]PostVisits, error) {
	all, err := l.readOfPost(ctx, c, post)
	if err != nil {
		return nil, fmt.Errorf("link.VisitsOfPost: %w", err)
	}
	marks := make([]int64, len(all))
	for i, x := range all {
		marks[i] = x.mark
	}
	whole, _, err := l.sums(ctx, c, marks, 0)
	if err != nil {
		return nil, fmt.Errorf("link.VisitsOfPost: %w", err)
	}
	out := make([]PostVisits, 0, len(all))
	for _, x := range all {
		v := PostVisits{Link: x, Place: x.Place, Sum: whole[x.mark]}
		from, until := since(x.Place)
		for _, t := range until {
			n, err := l.countBetween(ctx, x, from, t)
			if err != nil {
				return nil, fmt.Errorf("link.VisitsOfPost: %w", err)
			}
			v.Until = append(v.Until, n)
		}
		out = append(out, v)
	}
	slices.SortFunc(out, func(a, b PostVisits) int {
		return strings.Compare(a.Place+"\x00"+a.Link.Target, b.Place+"\x00"+b.Link.Target)
	})
	return out, nil
}
