package network

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// Client opens a channel to act on its network. It makes no call. A channel that is paused, broken or gone, or of the
// sample company, gives a *Problem that says so: Later when it is paused, Reconnect when a person must connect it
// again, Never when it is gone or a sample. A channel that is not there gives ErrNoChannel.
func (n *Networks) Client(ctx context.Context, c team.CompanyID, id ChannelID) (Client, Channel, error) {
	row, err := n.readChannel(ctx, c, id)
	if err != nil {
		return nil, Channel{}, fmt.Errorf("network.Client: %w", err)
	}
	ch := row.channel()
	if p := closed(ch); p != nil {
		return nil, ch, fmt.Errorf("network.Client: %w", p)
	}
	client, err := n.open(row)
	if err != nil {
		return nil, ch, fmt.Errorf("network.Client: %w", err)
	}
	return client, ch, nil
}

// closed says why a channel cannot be used, nil when it can.
func closed(ch Channel) *Problem {
	switch {
	case ch.Sample:
		return &Problem{Verdict: Never, Key: ProblemSample}
	case ch.State == Paused:
		return &Problem{Verdict: Later, Key: ProblemPaused, RetryAfter: time.Minute}
	case ch.State == Gone:
		return &Problem{Verdict: Never, Key: ProblemGoneCh}
	case ch.State == Broken && ch.Health.Problem != nil:
		return &Problem{Verdict: Reconnect, Key: ch.Health.Problem.Key, Args: ch.Health.Problem.Args}
	case ch.State == Broken:
		return &Problem{Verdict: Reconnect, Key: ProblemRevoked, Args: map[string]any{"host": host(ch.ServerURL)}}
	}
	return nil
}

// open makes a client of a stored channel.
func (n *Networks) open(row *channelRow) (Client, error) {
	conn, err := n.registry.Get(row.Network)
	if err != nil {
		return nil, &Problem{Verdict: Never, Key: ProblemUnsupported, Args: map[string]any{"host": host(row.ServerURL)}, Err: err}
	}
	cred, err := n.credentials(row)
	if err != nil {
		return nil, &Problem{Verdict: Reconnect, Key: ProblemSecrets, Err: err}
	}
	k := &keeper{n: n, company: row.Company, id: row.ID, grant: row.Grant, renewal: row.Renewal}
	return conn.Open(cred, k.save), nil
}

// keeper saves the credentials that the server renews for one client.
type keeper struct {
	n       *Networks
	company team.CompanyID
	id      ChannelID
	grant   int

	mu      sync.Mutex
	renewal int // of the credentials that this client read or saved last
}

// save keeps renewed credentials. It writes only over credentials of the same grant, so that a person who connected
// meanwhile is never overruled; and when another client has renewed too, those that are good for longer stay.
func (k *keeper) save(ctx context.Context, fresh Credentials) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	n, saved := k.n, k.renewal
	// A refresh token may be good for one use only: what came in exchange is kept even when the caller has gone.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	err := n.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		row, err := n.lockChannel(ctx, tx, k.company, k.id)
		if err != nil {
			return err
		}
		if row.State == Gone || row.Grant != k.grant {
			return nil // these credentials are of no use to anyone any more, and the client that holds them ends soon
		}
		old, err := n.credentials(row)
		if err != nil {
			return err
		}
		kept, err := renewed(old, fresh)
		if err != nil {
			return err
		}
		if row.Renewal != k.renewal && !kept.Expires.After(old.Expires) {
			return nil
		}
		if row.Credentials, err = n.sealCredentials(k.company, k.id, kept); err != nil {
			return err
		}
		row.Renewal++
		saved = row.Renewal
		return n.updateChannel(ctx, tx, row)
	})
	if err != nil {
		return fmt.Errorf("network: save credentials: %w", err)
	}
	k.renewal = saved
	return nil
}

// Succeeded notes that a channel answered as it should.
func (n *Networks) Succeeded(ctx context.Context, ch Channel) error {
	err := n.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		row, err := n.lockChannel(ctx, tx, ch.Company, ch.ID)
		if err != nil || row.State != Active {
			return err
		}
		row.LastSuccess, row.LastAttempt = n.clock.Now(), n.clock.Now()
		had := row.ProblemKey != ""
		row.clearProblem()
		if err := n.updateChannel(ctx, tx, row); err != nil || !had {
			return err
		}
		return n.tell(ctx, tx, row.channel())
	})
	if err != nil {
		return fmt.Errorf("network.Succeeded: %w", err)
	}
	return nil
}

// Failed notes a problem of a channel. Reconnect breaks it, and watching ends, until a person connects it again;
// unless the credentials have been renewed since ch was read: then they deserve a try first. Later is shown until
// the channel answers again. Never is about what was asked, not about the channel.
func (n *Networks) Failed(ctx context.Context, ch Channel, p *Problem) error {
	err := n.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		row, err := n.lockChannel(ctx, tx, ch.Company, ch.ID)
		if err != nil {
			return err
		}
		if row.Grant != ch.grant || row.State == Gone || row.State == Paused {
			return nil
		}
		now := n.clock.Now()
		row.LastAttempt = now
		if p.Verdict == Never || p.Verdict == Reconnect && row.Renewal != ch.renewal {
			return n.updateChannel(ctx, tx, row)
		}
		if row.State == Broken && p.Verdict != Reconnect { // what broke it is still what is to be said
			row.NextLook = n.nextLook(lookBroken)
			return n.updateChannel(ctx, tx, row)
		}
		news := row.ProblemKey != p.Key || row.ProblemVerdict != p.Verdict
		if news {
			row.ProblemSince = now
		}
		row.ProblemKey, row.ProblemArgs, row.ProblemVerdict = p.Key, p.Args, p.Verdict
		if p.Verdict == Reconnect {
			row.NextLook = n.nextLook(lookBroken)
			if row.State == Active {
				row.State, news = Broken, true
				row.WatchGeneration++
				if err := n.audit(ctx, tx, team.System(row.Company), "broken", row.channel()); err != nil {
					return err
				}
			}
		}
		if err := n.updateChannel(ctx, tx, row); err != nil || !news {
			return err
		}
		return n.tell(ctx, tx, row.channel())
	})
	if err != nil && !errors.Is(err, ErrNoChannel) {
		return fmt.Errorf("network.Failed: %w", err)
	}
	return nil
}

// upstream turns what a client said into the vocabulary of doors; faults of our own stay what they are.
func upstream(err error) error {
	var p *Problem
	if !errors.As(err, &p) {
		if _, ours := errors.AsType[*fault.Error](err); ours {
			return err
		}
	}
	return ProblemOf(err).Fault()
}
