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

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/mention"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// State is where a mention stands. It is stored in the database.
type State string

// The states of a mention.
const (
	Waiting State = "waiting" // to be looked at
	Taken   State = "taken"   // the source was read, and it says so
	Refused State = "refused" // it never did
	Gone    State = "gone"    // it did once
)

// Reason is why a mention is not shown on the company's site. It is stored in the database.
type Reason string

// The reasons. Criticism is hidden as an insult, as spam or because its author wishes it, and for no other reason.
const (
	Insult Reason = "insult"
	Spam   Reason = "spam"
	Wish   Reason = "wish"  // its author asked for it
	Other  Reason = "other" // it does not fit there
)

// Reasons lists the reasons in the order in which they are offered.
var Reasons = []Reason{Insult, Spam, Wish, Other}

// Mention is a page of somebody else's that says something of a page of the company's site.
type Mention struct {
	ID       MentionID
	Company  team.CompanyID
	Channel  network.ChannelID
	Source   string
	Target   string
	Protocol mention.Protocol // how we were told last
	State    State
	Kind     mention.Kind // "" until the source was read
	RemoteID string       // of the interaction that it became
	Problem  string       // why it was refused, as a key of the catalog
	Hidden   Reason       // "": it is shown
	HiddenBy team.MemberID
	HiddenAt time.Time
	FirstAt  time.Time
	ToldAt   time.Time // the last time
	Verified time.Time // when the source was first seen to say so; zero: never
	Checked  time.Time // when the source was last read; zero: never

	targetKey, sourceKey, authorKey, host string
	tries, told                           int
}

// ToldIn is what a stranger tells us.
type ToldIn struct {
	Channel  network.ChannelID
	Source   string
	Target   string
	Protocol mention.Protocol
}

// Bounds of what we let ourselves be told.
const (
	mostOfHost  = 60  // by one host's pages in an hour
	mostWaiting = 500 // mentions of a channel's pages
	askedAgain  = time.Minute
)

// checkJob has a source read.
type checkJob struct {
	Company team.CompanyID `json:"company" river:"unique"`
	Mention MentionID      `json:"mention" river:"unique"`
}

func (checkJob) Kind() string { return "linkback.check" }

// Tell notes that a page is said to link to a page of the site, and has it looked at. Told again it is looked at again: that is how a source
// says that it has changed or is gone. Nothing is believed before the source was read. A target that is not of the site, a blocked host and
// too much at once are refused with a fault.
func (x *Linkbacks) Tell(ctx context.Context, in ToldIn) (Mention, error) {
	m, err := x.tell(ctx, in)
	if err != nil {
		return Mention{}, fmt.Errorf("linkback.Tell: %w", err)
	}
	return m, nil
}

func (x *Linkbacks) tell(ctx context.Context, in ToldIn) (Mention, error) {
	ch, err := x.Site(ctx, in.Channel)
	if err != nil {
		return Mention{}, err
	}
	if ch.Sample {
		return Mention{}, ErrNoSite
	}
	source, target, err := pair(in, address(ch))
	if err != nil {
		return Mention{}, err
	}
	if ch.State == network.Paused {
		return Mention{}, ErrPaused.After(time.Hour)
	}
	var m Mention
	err = x.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if blocked, err := x.isBlocked(ctx, ch.Company, host(source)); err != nil || blocked {
			return errors.Join(err, when(blocked, ErrBlocked.With("host", host(source))))
		}
		now := x.rooms.Clock.Now()
		old, err := x.mentionOf(ctx, tx, ch, mention.Key(in.Source), mention.Key(in.Target))
		switch {
		case errors.Is(err, ErrNoMention):
			m = Mention{
				ID: MentionID(mentionKind.New(now)), Company: ch.Company, Channel: ch.ID, Source: source.String(), Target: target.String(), Protocol: in.Protocol,
				State: Waiting, FirstAt: now, ToldAt: now, sourceKey: mention.Key(in.Source), targetKey: mention.Key(in.Target), host: host(source), told: 1,
			}
			m.RemoteID = remoteID(m.sourceKey, m.targetKey)
			if err := x.room(ctx, ch, m.host, now); err != nil {
				return err
			}
			if err := x.insertMention(ctx, tx, m); err != nil {
				return err
			}
		case err != nil:
			return err
		case old.State == Waiting && now.Sub(old.ToldAt) < askedAgain: // it is being looked at
			m = old
			return nil
		default:
			if err := x.room(ctx, ch, old.host, now); err != nil {
				return err
			}
			m = old
			m.State, m.Source, m.Target, m.Protocol, m.ToldAt, m.tries = Waiting, source.String(), target.String(), in.Protocol, now, 0
			m.told++
			if err := x.saveMention(ctx, tx, m); err != nil {
				return err
			}
		}
		return x.checkSoon(ctx, tx, m)
	})
	return m, err
}

func when(is bool, err error) error {
	if is {
		return err
	}
	return nil
}

// checkSoon has a mention looked at.
func (x *Linkbacks) checkSoon(ctx context.Context, tx *store.Tx, m Mention) error {
	if x.rooms.Queue == nil {
		return nil
	}
	return x.rooms.Queue.Add(ctx, tx, checkJob{Company: m.Company, Mention: m.ID}, queue.Options{Line: queue.Hook, MaxAttempts: 25, Unique: true})
}

// pair reads the two addresses.
func pair(in ToldIn, site string) (source, target *url.URL, err error) {
	if source, err = mention.Address(in.Source); err != nil {
		return nil, nil, err
	}
	if target, err = mention.Address(in.Target); err != nil || !mention.Within(in.Target, site) {
		return nil, nil, ErrTarget.Because(err)
	}
	if mention.Same(in.Source, in.Target) {
		return nil, nil, mention.ErrSame
	}
	return source, target, nil
}

// room tells whether there is room for one more.
func (x *Linkbacks) room(ctx context.Context, ch network.Channel, host string, now time.Time) error {
	of, waiting, err := x.load(ctx, ch, host, now.Add(-time.Hour))
	if err != nil {
		return err
	}
	if of >= mostOfHost {
		return ErrBusy.After(time.Hour)
	}
	if waiting >= mostWaiting {
		return ErrBusy.After(10 * time.Minute)
	}
	return nil
}

// remotePrefix begins the remote ids of mentions. The connector of the site knows nothing of them.
const remotePrefix = "linkback:"

// remoteID is what the channel calls a mention. It names nobody.
func remoteID(sourceKey, targetKey string) string {
	sum := sha256.Sum256([]byte(sourceKey + "\n" + targetKey))
	return remotePrefix + base64.RawURLEncoding.EncodeToString(sum[:18])
}

// IsRemoteID tells whether an interaction came in as a mention rather than by the connector.
func IsRemoteID(s string) bool { return strings.HasPrefix(s, remotePrefix) }

// Status gives how a mention stands, for whoever told us of it. It needs the channel that it was told to.
func (x *Linkbacks) Status(ctx context.Context, ch network.ChannelID, id MentionID) (Mention, error) {
	site, err := x.Site(ctx, ch)
	if err != nil {
		return Mention{}, fmt.Errorf("linkback.Status: %w", err)
	}
	m, err := x.readMention(ctx, site.Company, id)
	if err == nil && m.Channel != ch {
		err = ErrNoMention
	}
	if err != nil {
		return Mention{}, fmt.Errorf("linkback.Status: %w", err)
	}
	return m, nil
}

// Settle looks at a mention at once and gives how it stands then. What takes longer than patience, or cannot be read now, goes on by itself
// and comes back as waiting.
func (x *Linkbacks) Settle(ctx context.Context, m Mention, patience time.Duration) (Mention, error) {
	if m.State != Waiting {
		return m, nil
	}
	call, cancel := context.WithTimeout(ctx, patience)
	_, err := x.Check(call, m.Company, m.ID)
	cancel()
	if err != nil && call.Err() == nil {
		return Mention{}, fmt.Errorf("linkback.Settle: %w", err)
	}
	now, err := x.readMention(ctx, m.Company, m.ID)
	if errors.Is(err, ErrNoMention) { // of somebody who was erased
		m.State, m.Problem = Refused, ProblemNoSource
		return m, nil
	}
	if err != nil {
		return Mention{}, fmt.Errorf("linkback.Settle: %w", err)
	}
	return now, nil
}

// Error of a mention that was refused, nil for any other.
func (m Mention) Err() error {
	if m.State != Refused && m.State != Gone {
		return nil
	}
	key := m.Problem
	if key == "" {
		key = ProblemNoLink
	}
	return fault.New(fault.Invalid, key)
}
