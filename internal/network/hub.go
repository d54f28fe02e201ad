package network

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // hubs sign with it (WebSub section 8), and as an HMAC it holds
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/id"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/seal"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// A feed may name a hub that says at once when something new stands in it (WebSub, W3C Recommendation of 23 January 2018). What a hub
// sends is never read: it only makes the feed itself be read now, as its own server gives it.

// HubPath begins the addresses under which hubs reach the house; what follows is known to one hub alone.
const HubPath = "/hub/"

// HubAd is what a feed says of its hub (section 4). An empty Hub: it names none.
type HubAd struct {
	Hub   string
	Topic string // the address by which the hub knows the feed
}

// HubRequest is what a hub is asked (section 5.1).
type HubRequest struct {
	Hub      string
	Topic    string
	Callback string
	Leave    bool          // the hub is to stop
	Secret   string        // what the hub signs with; "": nothing is signed
	Lease    time.Duration // for how long
}

// Subscriber is a connector of a network whose places may have hubs.
type Subscriber interface {
	// Subscribe asks a hub once. What the hub makes of it comes back through HubPath. Its error is a *Problem.
	Subscribe(ctx context.Context, r HubRequest) error
}

// HubState is what a hub does for a channel. It is stored in the database.
type HubState string

// The states of a hub; "" is that there is none.
const (
	HubOn          HubState = "on"          // it has promised to ring
	HubAsked       HubState = "asked"       // it has not answered yet
	HubUnconfirmed HubState = "unconfirmed" // it said yes, and never came to make sure that we had asked
	HubRefused     HubState = "refused"     // it said no to the request
	HubDenied      HubState = "denied"      // it said no later
	HubUnreachable HubState = "unreachable" // it cannot be reached, or not understood
	HubInside      HubState = "inside"      // it stands in a private network
	HubHomeless    HubState = "homeless"    // this house has no address that a hub could call
)

// HubHealth is how a channel's hub does.
type HubHealth struct {
	Host  string
	State HubState
	Until time.Time // of the promise
}

// Rings tells whether the hub can be relied on now.
func (h HubHealth) Rings(now time.Time) bool { return h.State == HubOn && h.Until.After(now) }

// Bounds of what is asked of hubs, and of what they ask of us.
const (
	hubEvery     = time.Hour // a feed is read so often all the same, while its hub rings
	hubLease     = 10 * 24 * time.Hour
	hubLeaseMost = 30 * 24 * time.Hour
	hubLeaseTold = 24 * time.Hour   // taken where a hub tells none
	hubRenewLow  = 10 * time.Minute // a promise is not renewed sooner than this
	hubConfirm   = 15 * time.Minute // to make sure that we asked; doubled each time
	hubAgainMost = 24 * time.Hour
	hubLate      = 24 * time.Hour   // what was asked so long ago is no longer what we ask
	hubTwice     = 10 * time.Minute // a hub whose answer was lost may make sure again
	hubLeaveMost = 3                // times that it is told to stop
	hubRingGap   = 10 * time.Second // between two readings that a hub causes
	hubSoon      = 2 * time.Minute  // after a ring that brought nothing it is read again within
	hubChallenge = 4 << 10
)

// ErrNoHub: no hub was given this address, or not for this.
var ErrNoHub = fault.New(fault.NotFound, "channel.hub.missing")

const hubKind id.Kind = "hub"

// hubSecret is what only the hub knows, inside the seal.
type hubSecret struct {
	Token  string `json:"token"`
	Secret string `json:"secret"`
}

func hubPlace(c team.CompanyID, id string) seal.Place {
	return seal.Place{Company: string(c), Row: id, Purpose: "channel.hub"}
}

func hubHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// hubJob does what is due at a hub.
type hubJob struct {
	Company team.CompanyID `json:"company" river:"unique"`
	Hub     string         `json:"hub" river:"unique"`
}

func (hubJob) Kind() string { return "network.hub" }

// ringJob reads a channel whose hub rang again too soon.
type ringJob struct {
	Company team.CompanyID `json:"company" river:"unique"`
	Channel ChannelID      `json:"channel" river:"unique"`
}

func (ringJob) Kind() string { return "network.ring" }

// hubBase gives the address under which hubs can reach the house; "" when there is none that strangers could reach.
func (n *Networks) hubBase() string {
	if n.outside == nil {
		return ""
	}
	base := strings.TrimRight(n.outside(), "/")
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	name := strings.ToLower(u.Hostname())
	if ip, err := netip.ParseAddr(name); err == nil {
		if !ip.IsGlobalUnicast() || ip.IsPrivate() {
			return ""
		}
		return base
	}
	last := name[strings.LastIndexByte(name, '.')+1:]
	if last == name || last == "localhost" || last == "local" || last == "internal" || last == "lan" {
		return ""
	}
	return base
}

// heedHub takes in what a feed says of its hub. The channel's row is locked, and written by the caller.
func (n *Networks) heedHub(ctx context.Context, tx *store.Tx, ch *channelRow, ad HubAd) error {
	now, base := n.clock.Now(), n.hubBase()
	all, err := n.hubsOf(ctx, tx, ch.Company, ch.ID)
	if err != nil {
		return err
	}
	there := false
	for _, h := range all {
		switch {
		case h.Leaving:
		case base == "": // nobody could answer the hub when it makes sure
			err = n.deleteHub(ctx, tx, h)
		case h.Hub == ad.Hub && h.Topic == ad.Topic && h.Base == base:
			there = true
		default:
			err = n.leaveHub(ctx, tx, h)
		}
		if err != nil {
			return err
		}
	}
	switch {
	case there:
		return nil
	case ad.Hub == "":
		ch.Hub = hubHealthRow{}
		return nil
	case base == "":
		ch.Hub = hubHealthRow{Host: hostOf(ad.Hub), State: HubHomeless}
		return nil
	}
	h := hubRow{ID: hubKind.New(now), Company: ch.Company, Channel: ch.ID, Hub: ad.Hub, Topic: ad.Topic, Base: base, Next: now}
	secret := hubSecret{Token: random()}
	if strings.HasPrefix(ad.Hub, "https://") { // over http anybody on the way would read it (section 5.1)
		secret.Secret = random()
	}
	h.TokenHash = hubHash(secret.Token)
	if h.Secret, err = n.sealJSON(hubPlace(h.Company, h.ID), secret); err != nil {
		return err
	}
	if err := n.insertHub(ctx, tx, h); err != nil {
		return err
	}
	ch.Hub = hubHealthRow{Host: hostOf(ad.Hub), State: HubAsked}
	return n.addHub(ctx, tx, h)
}

func random() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

func hostOf(address string) string {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		return u.Host
	}
	return address
}

// addHub has what is due at a hub done soon.
func (n *Networks) addHub(ctx context.Context, tx *store.Tx, h hubRow) error {
	if n.queue == nil {
		return nil
	}
	return n.queue.Add(ctx, tx, hubJob{Company: h.Company, Hub: h.ID}, queue.Options{Line: queue.Hook, MaxAttempts: 1, Unique: true})
}

// leaveHub has a hub told to stop.
func (n *Networks) leaveHub(ctx context.Context, tx *store.Tx, h hubRow) error {
	h.Leaving, h.Asked, h.Confirmed, h.Tries, h.Next = true, time.Time{}, time.Time{}, 0, n.clock.Now()
	if err := n.updateHub(ctx, tx, h); err != nil {
		return err
	}
	return n.addHub(ctx, tx, h)
}

// leaveHubs has every hub of a channel told to stop. The channel's row is locked, and written by the caller.
func (n *Networks) leaveHubs(ctx context.Context, tx *store.Tx, ch *channelRow) error {
	all, err := n.hubsOf(ctx, tx, ch.Company, ch.ID)
	if err != nil {
		return err
	}
	for _, h := range all {
		if !h.Leaving {
			if err := n.leaveHub(ctx, tx, h); err != nil {
				return err
			}
		}
	}
	ch.Hub = hubHealthRow{}
	return nil
}

// tendHubs has done what is due at hubs.
func (n *Networks) tendHubs(ctx context.Context, now time.Time) error {
	due, err := n.hubsDue(ctx, now)
	if err != nil || len(due) == 0 || n.queue == nil {
		return err
	}
	return n.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		for _, h := range due {
			if err := n.addHub(ctx, tx, h); err != nil {
				return err
			}
		}
		return nil
	})
}

// stepHub does what is due at a hub: asks it, asks it again before its promise ends, tells it to stop.
func (n *Networks) stepHub(ctx context.Context, c team.CompanyID, hub string) error {
	var ask *hubRow
	var network Name
	err := n.withHub(ctx, c, hub, func(ctx context.Context, tx *store.Tx, ch *channelRow, h *hubRow) error {
		now := n.clock.Now()
		if h.Next.After(now) {
			return nil
		}
		unheard := !h.Asked.IsZero() && h.Confirmed.Before(h.Asked)
		switch {
		case h.Leaving && (!h.Confirmed.IsZero() || h.Tries >= hubLeaveMost || h.Until.Before(now) || n.hubBase() != h.Base):
			return n.deleteHub(ctx, tx, *h)
		case !h.Leaving && ch.State != Active: // it goes on when the channel does; a promise may run out meanwhile
			h.Next = now.Add(hubEvery)
			n.settleHub(ch, *h, HubUnconfirmed)
			return n.writeHub(ctx, tx, ch, *h)
		case unheard && !h.Leaving:
			n.settleHub(ch, *h, HubUnconfirmed)
		}
		// Written before it is asked, for hubs that make sure before they answer.
		h.Tries++
		h.Asked, h.Next = now, now.Add(hubAgain(h.Tries))
		if err := n.writeHub(ctx, tx, ch, *h); err != nil {
			return err
		}
		one := *h
		ask, network = &one, ch.Network
		return nil
	})
	if errors.Is(err, ErrNoHub) {
		return nil
	}
	if err != nil || ask == nil {
		return err
	}
	said := n.askHub(ctx, network, *ask)
	if said == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	n.log.Info("a hub could not be asked", "channel", ask.Channel, "hub", hostOf(ask.Hub), "err", said)
	return n.withHub(ctx, c, hub, func(ctx context.Context, tx *store.Tx, ch *channelRow, h *hubRow) error {
		if !h.Asked.Equal(ask.Asked) || !h.Confirmed.Before(h.Asked) || h.Leaving {
			return nil
		}
		state := HubUnreachable
		switch p := ProblemOf(said); {
		case p.Key == ProblemInside:
			state = HubInside
		case p.Verdict != Later:
			state = HubRefused
		}
		if h.Asked = (time.Time{}); state != HubUnreachable {
			h.Next = n.clock.Now().Add(hubAgainMost)
		}
		n.settleHub(ch, *h, state)
		return n.writeHub(ctx, tx, ch, *h)
	})
}

// hubAgain is how long a hub has, and how long it is left alone after it was asked so many times.
func hubAgain(tries int) time.Duration {
	return min(hubConfirm<<min(max(tries-1, 0), 10), hubAgainMost)
}

func (n *Networks) askHub(ctx context.Context, network Name, h hubRow) error {
	c, err := n.registry.Get(network)
	if err != nil {
		return err
	}
	s, ok := c.(Subscriber)
	if !ok {
		return &Problem{Verdict: Never, Key: ProblemUnsupported, Args: map[string]any{"host": hostOf(h.Hub)}}
	}
	var secret hubSecret
	if err := n.unsealJSON(hubPlace(h.Company, h.ID), h.Secret, &secret); err != nil {
		return err
	}
	return s.Subscribe(ctx, HubRequest{
		Hub: h.Hub, Topic: h.Topic, Callback: h.Base + HubPath + secret.Token, Leave: h.Leaving, Secret: secret.Secret, Lease: hubLease,
	})
}

// settleHub writes on the channel how its hub does: as long as its promise holds, nothing is wrong.
func (n *Networks) settleHub(ch *channelRow, h hubRow, trouble HubState) {
	ch.Hub.Host, ch.Hub.State, ch.Hub.Until = hostOf(h.Hub), trouble, h.Until
	if h.Until.After(n.clock.Now()) {
		ch.Hub.State = HubOn
	}
}

// HubQuery is what a hub says or asks at our address (section 5.3).
type HubQuery struct {
	Mode, Topic, Challenge, Lease string
}

// ConfirmHub answers a hub that makes sure that we asked: with its challenge when we did, with ErrNoHub when we did not. What it denies needs
// no answer.
func (n *Networks) ConfirmHub(ctx context.Context, token string, q HubQuery) (challenge string, err error) {
	found, err := n.hubAt(ctx, token)
	if err != nil {
		return "", fmt.Errorf("network.ConfirmHub: %w", err)
	}
	err = n.withHub(ctx, found.Company, found.ID, func(ctx context.Context, tx *store.Tx, ch *channelRow, h *hubRow) error {
		now := n.clock.Now()
		asked := !h.Asked.IsZero() && now.Sub(h.Asked) < hubLate && (h.Confirmed.Before(h.Asked) || now.Sub(h.Confirmed) < hubTwice)
		mode := map[bool]string{false: "subscribe", true: "unsubscribe"}[h.Leaving]
		switch {
		case q.Topic != h.Topic:
			return ErrNoHub
		case q.Mode == "denied":
			if h.Leaving {
				return n.deleteHub(ctx, tx, *h)
			}
			h.Asked, h.Until, h.Next = time.Time{}, time.Time{}, now.Add(hubAgainMost)
			n.settleHub(ch, *h, HubDenied)
			return n.writeHub(ctx, tx, ch, *h)
		case q.Mode != mode, !asked, q.Challenge == "", len(q.Challenge) > hubChallenge:
			return ErrNoHub
		}
		challenge = q.Challenge
		if h.Confirmed = now; h.Leaving { // remembered for a while, in case it makes sure again
			h.Until, h.Next = time.Time{}, now.Add(hubTwice)
			return n.writeHub(ctx, tx, ch, *h)
		}
		lease := hubLeaseTold
		if s, err := strconv.ParseInt(q.Lease, 10, 32); err == nil && s > 0 {
			lease = min(time.Duration(s)*time.Second, hubLeaseMost)
		}
		h.Tries, h.Until, h.Next = 0, clock.Trim(now.Add(lease)), now.Add(max(lease*4/5, hubRenewLow))
		n.settleHub(ch, *h, HubOn)
		return n.writeHub(ctx, tx, ch, *h)
	})
	if err != nil {
		return "", fmt.Errorf("network.ConfirmHub: %w", err)
	}
	return challenge, nil
}

// HubRang takes in that a hub says that something new stands in a feed (section 7), and has the feed read. Nothing of the body counts but its
// signature: with a wrong one nothing happens, and rang is false. A hub that is not, or no longer, wanted gets ErrNoHub.
func (n *Networks) HubRang(ctx context.Context, token, signature string, body io.Reader) (rang bool, err error) {
	h, err := n.hubAt(ctx, token)
	if err == nil && (h.Leaving || h.Confirmed.IsZero()) {
		err = ErrNoHub
	}
	if err != nil {
		return false, fmt.Errorf("network.HubRang: %w", err)
	}
	var secret hubSecret
	if err := n.unsealJSON(hubPlace(h.Company, h.ID), h.Secret, &secret); err != nil {
		return false, fmt.Errorf("network.HubRang: %w", err)
	}
	if secret.Secret != "" {
		good, err := signed(secret.Secret, signature, body)
		if err != nil {
			return false, fmt.Errorf("network.HubRang: %w", err)
		}
		if !good {
			n.log.Info("a hub's signature is wrong", "channel", h.Channel, "hub", hostOf(h.Hub))
			return false, nil
		}
	}
	if err := n.ringChannel(ctx, h.Company, h.Channel, true); err != nil {
		return false, fmt.Errorf("network.HubRang: %w", err)
	}
	return true, nil
}

// signed checks X-Hub-Signature over a body (section 8).
func signed(secret, signature string, body io.Reader) (bool, error) {
	method, told, _ := strings.Cut(strings.TrimSpace(signature), "=")
	make, known := map[string]func() hash.Hash{"sha1": sha1.New, "sha256": sha256.New, "sha384": sha512.New384, "sha512": sha512.New}[strings.ToLower(method)]
	want, err := hex.DecodeString(told)
	if !known || err != nil {
		return false, nil
	}
	m := hmac.New(make, []byte(secret))
	if _, err := io.Copy(m, body); err != nil {
		return false, err
	}
	return hmac.Equal(m.Sum(nil), want), nil
}

// ringChannel has a channel read now: another watcher takes over, and begins with reading. fresh: a hub rang this moment.
func (n *Networks) ringChannel(ctx context.Context, c team.CompanyID, id ChannelID, fresh bool) error {
	return n.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		row, err := n.lockChannel(ctx, tx, c, id)
		if err != nil || row.State != Active {
			return err
		}
		now := n.clock.Now()
		if fresh {
			row.Hub.Rung = now
		}
		if next := row.Hub.Woke.Add(hubRingGap); next.After(now) {
			if n.queue != nil {
				if err := n.queue.Add(ctx, tx, ringJob{Company: c, Channel: id}, queue.Options{At: next, MaxAttempts: 3, Unique: true}); err != nil {
					return err
				}
			}
			return n.updateChannel(ctx, tx, row)
		}
		row.Hub.Woke, row.WatchBeat = now, now
		row.WatchGeneration++
		if err := n.addWatch(ctx, tx, row); err != nil {
			return err
		}
		return n.updateChannel(ctx, tx, row)
	})
}

// calmUntil is until when a channel need not be read, because its hub would have rung; zero: it is to be read now.
func (r *channelRow) calmUntil(now time.Time) time.Time {
	switch {
	case !r.Hub.health().Rings(now), r.ReadTo == "", !r.BackfillDone, r.ProblemKey != "", !r.PolledAt.After(r.Hub.Rung):
		return time.Time{}
	}
	return r.PolledAt.Add(hubEvery)
}
