package linkback

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/mention"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

// checkPauses are those after a reading that failed; after the last it is given up.
var checkPauses = []time.Duration{time.Minute, 10 * time.Minute, time.Hour, 6 * time.Hour, 24 * time.Hour}

// checkTime bounds reading one page.
const checkTime = 20 * time.Second

// seen is what reading a source came to.
type seen struct {
	state   State
	problem string
	later   bool // nobody knows: again after a while
	what    mention.Mention
}

// Check reads the source of a mention that waits and takes it in, takes it back, or refuses it. It says after how long it wants to be called
// again; 0: there is nothing more to do.
func (x *Linkbacks) Check(ctx context.Context, c team.CompanyID, id MentionID) (time.Duration, error) {
	m, err := x.readMention(ctx, c, id)
	if errors.Is(err, ErrNoMention) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("linkback.Check: %w", err)
	}
	if m.State != Waiting || x.rooms.HTTP == nil {
		return 0, nil
	}
	ch, err := x.Site(ctx, m.Channel)
	if errors.Is(err, ErrNoSite) {
		return 0, nil // the site was disconnected meanwhile: nobody asks for it any more
	}
	if err != nil {
		return 0, fmt.Errorf("linkback.Check: %w", err)
	}
	if wait := x.pace.take(m.host); wait > 0 {
		return wait, nil
	}
	s, err := x.look(ctx, ch, m)
	if err != nil {
		return 0, fmt.Errorf("linkback.Check: %w", err)
	}
	wait, err := x.settle(context.WithoutCancel(ctx), ch, m, s)
	if err != nil {
		return 0, fmt.Errorf("linkback.Check: %w", err)
	}
	return wait, nil
}

// look reads the source, and the target where we do not know it yet.
func (x *Linkbacks) look(ctx context.Context, ch network.Channel, m Mention) (seen, error) {
	p, err := x.page(ctx, m.Source)
	switch {
	case ctx.Err() != nil:
		return seen{}, ctx.Err()
	case err != nil:
		key, later := trouble(err)
		return seen{state: Refused, problem: key, later: later}, nil
	case p.Gone():
		return seen{state: Refused, problem: ProblemNoSource}, nil
	case !p.OK():
		return seen{state: Refused, problem: ProblemUnreachable, later: p.Status >= 500 || p.Status == 408 || p.Status == 425 || p.Status == 429}, nil
	case !mention.Mentions(p, m.Target):
		return seen{state: Refused, problem: ProblemNoLink}, nil
	}
	there, err := x.targetIsThere(ctx, ch, m)
	if err != nil {
		return seen{}, err
	}
	if !there {
		return seen{state: Refused, problem: ProblemNoTarget}, nil
	}
	return seen{state: Taken, what: mention.Understand(p, m.Target)}, nil
}

func (x *Linkbacks) page(ctx context.Context, address string) (mention.Page, error) {
	call, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	return mention.Read(call, x.rooms.HTTP, address)
}

// targetIsThere tells whether the site has the page that is said to be linked. Only a site that says that it has not is believed.
func (x *Linkbacks) targetIsThere(ctx context.Context, ch network.Channel, m Mention) (bool, error) {
	if known, err := x.targetKnown(ctx, ch, m.targetKey); err != nil || known {
		return known, err
	}
	p, err := x.page(ctx, m.Target)
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	return err != nil || !p.Gone(), nil
}

// settle writes down what came of a check.
func (x *Linkbacks) settle(ctx context.Context, ch network.Channel, m Mention, s seen) (time.Duration, error) {
	now := x.rooms.Clock.Now()
	if s.later {
		return x.later(ctx, m, s, now)
	}
	item := network.Item{RemoteID: m.RemoteID, Deleted: true}
	if s.state == Taken {
		if item = x.itemOf(ctx, ch, m, s.what, now); item.RemoteID == "" {
			return 0, nil
		}
	}
	var wait time.Duration
	_, err := x.rooms.Networks.IngestTold(ctx, ch, []network.Item{item}, func(ctx context.Context, tx *store.Tx, res network.IngestResult) error {
		cur, err := x.holdMention(ctx, tx, m)
		if err != nil || cur.told != m.told || cur.State != Waiting {
			wait = anew(m, cur)
			return err
		}
		if s.state == Taken && res == (network.IngestResult{}) { // of somebody who was erased: nothing of it stays
			return x.deleteMention(ctx, tx, cur)
		}
		cur.Checked, cur.tries, cur.Problem, cur.State = now, 0, s.problem, s.state
		switch {
		case s.state == Taken:
			cur.Kind, cur.authorKey = s.what.Kind, item.Author.RemoteID
			if cur.Verified.IsZero() {
				cur.Verified = now
			}
		case !cur.Verified.IsZero():
			cur.State = Gone
		}
		return x.saveMention(ctx, tx, cur)
	})
	if errors.Is(err, network.ErrGone) || errors.Is(err, ErrNoMention) {
		return 0, nil
	}
	return wait, err
}

// anew has a mention looked at again that was told again while it was being looked at: its job could not be added beside the one that runs.
func anew(m, cur Mention) time.Duration {
	if cur.State == Waiting && cur.told != m.told {
		return time.Second
	}
	return 0
}

// later has a source read again that cannot be read now. What was good before stays so when it cannot be read for long.
func (x *Linkbacks) later(ctx context.Context, m Mention, s seen, now time.Time) (wait time.Duration, err error) {
	err = x.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		cur, err := x.holdMention(ctx, tx, m)
		if err != nil || cur.told != m.told || cur.State != Waiting {
			wait = anew(m, cur)
			return err
		}
		cur.Checked = now
		if cur.tries < len(checkPauses) {
			wait = checkPauses[cur.tries]
			cur.tries++
			return x.saveMention(ctx, tx, cur)
		}
		if cur.State, cur.Problem = Refused, s.problem; !cur.Verified.IsZero() {
			cur.State, cur.Problem = Taken, ""
		}
		return x.saveMention(ctx, tx, cur)
	})
	if errors.Is(err, ErrNoMention) {
		return 0, nil
	}
	return wait, err
}

// kinds says what a mention is as an interaction. A bookmark shows others the page, as a share does, unless it has words of its own.
func itemKind(m mention.Mention) network.ItemKind {
	switch m.Kind {
	case mention.Reply:
		return network.KindReply
	case mention.Like:
		return network.KindLike
	case mention.Repost:
		return network.KindShare
	case mention.Bookmark:
		if m.Text == "" {
			return network.KindShare
		}
	}
	return network.KindMention
}

// itemOf makes the interaction of a mention.
func (x *Linkbacks) itemOf(ctx context.Context, ch network.Channel, m Mention, what mention.Mention, now time.Time) network.Item {
	it := network.Item{
		RemoteID: m.RemoteID, Kind: itemKind(what), Author: author(what), URL: what.URL, Language: language(what.Language), Visibility: network.Public,
		At: what.Published, ParentID: mention.Key(m.Target),
	}
	if a, err := x.articleAt(ctx, ch, m.targetKey); err == nil && a.RemoteID != "" {
		it.ParentID = a.RemoteID
	}
	if it.Kind.Speaks() {
		it.Text = words(what)
	}
	if it.At.IsZero() || it.At.After(now) {
		it.At = m.FirstAt
	}
	if what.Updated.After(it.At) && !what.Updated.After(now) {
		it.EditedAt = what.Updated
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{string(it.Kind), it.Text, it.URL, it.ParentID, it.Author.RemoteID, it.Author.Name, it.Author.AvatarURL}, "\n")))
	it.Version = base64.RawURLEncoding.EncodeToString(sum[:12])
	return it
}

// words are what people read of a mention.
func words(m mention.Mention) string {
	switch {
	case m.Title == "" && m.Text == "": // it has nothing but the link
		return m.URL
	case m.Title == "" || m.Kind == mention.Reply && m.Text != "":
		return m.Text
	case m.Text == "":
		return m.Title
	}
	return m.Title + "\n\n" + m.Text
}

// author is who wrote a source: known by the address of their page, called by it where they give no name.
func author(m mention.Mention) network.Author {
	a := network.Author{RemoteID: mention.Key(m.Author.URL), Name: m.Author.Name, URL: m.Author.URL, AvatarURL: m.Author.Photo}
	if a.RemoteID == "" {
		a.RemoteID, a.URL = mention.Key(m.URL), m.URL
	}
	a.RemoteID = strings.TrimSuffix(a.RemoteID, "/")
	a.Handle = text.Cut(a.RemoteID, 200)
	return a
}

// language takes what looks like a tag of a language (BCP 47).
func language(s string) string {
	if len(s) > 35 || strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != "" {
		return ""
	}
	return s
}

// blockable are the hosts whose blocking would block a host: itself and those above it.
func blockable(host string) []string {
	out := []string{host}
	for {
		_, rest, ok := strings.Cut(host, ".")
		if !ok || !strings.Contains(rest, ".") {
			return out
		}
		out, host = append(out, rest), rest
	}
}

// hostOf reads what a member types as a host: a host, or an address.
func hostOf(s string) (string, error) {
	s = strings.TrimSpace(s)
	if !strings.Contains(s, "://") {
		s = "https://" + s
	}
	u, err := mention.Address(s)
	if err != nil {
		return "", err
	}
	h := strings.TrimPrefix(host(u), "www.")
	if _, err := url.Parse("https://" + h); err != nil || len(h) > 253 {
		return "", mention.ErrAddress
	}
	return h, nil
}
