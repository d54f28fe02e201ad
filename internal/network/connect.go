package network

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/id"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

const appKind id.Kind = "app"

// joinWithin is how long a member may take to say yes at the server.
const joinWithin = 15 * time.Minute

// maxPassword bounds what is taken as an identifier or an app password, in bytes.
const maxPassword = 1000

// Look tells, without any account, what answers at an address that a member typed. It needs ChannelsManage.
func (n *Networks) Look(ctx context.Context, a team.Actor, network Name, address string) (Server, error) {
	if err := a.May(team.ChannelsManage); err != nil {
		return Server{}, fmt.Errorf("network.Look: %w", err)
	}
	c, err := n.registry.Get(network)
	if err != nil {
		return Server{}, fmt.Errorf("network.Look: %w", err)
	}
	s, err := c.Discover(ctx, address)
	if err != nil {
		return Server{}, fmt.Errorf("network.Look: %w", ProblemOf(err).Fault())
	}
	return s, nil
}

// Begin starts to connect an account on a server with Join == JoinOAuth and gives the address where the member's
// browser says yes. redirectURI is where it comes back to, for Finish, within 15 minutes. It needs ChannelsManage.
func (n *Networks) Begin(ctx context.Context, a team.Actor, s Server, redirectURI string) (string, error) {
	address, err := n.begin(ctx, a, s, redirectURI)
	if err != nil {
		return "", fmt.Errorf("network.Begin: %w", err)
	}
	return address, nil
}

func (n *Networks) begin(ctx context.Context, a team.Actor, s Server, redirectURI string) (string, error) {
	c, err := n.joinable(a, s, JoinOAuth)
	if err != nil {
		return "", err
	}
	app, appID, err := n.app(ctx, a.Company, c, s, redirectURI)
	if err != nil {
		return "", err
	}
	state, verifier := rand.Text(), rand.Text()+rand.Text() // RFC 7636 wants 43 characters or more
	hash := hashState(state)
	sealed, err := n.sealJSON(verifierPlace(a.Company, hash), verifier)
	if err != nil {
		return "", err
	}
	now := n.clock.Now()
	err = n.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := n.dropLateJoinings(ctx, tx, now); err != nil {
			return err
		}
		return n.insertJoining(ctx, tx, &joiningRow{
			StateHash: hash, Company: a.Company, Member: a.Member, Network: s.Network, Server: serverForm(s), AppID: appID,
			RedirectURI: redirectURI, Verifier: sealed, ExpiresAt: now.Add(joinWithin),
		})
	})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(verifier))
	return c.AuthorizeURL(app, redirectURI, state, base64.RawURLEncoding.EncodeToString(sum[:])), nil
}

func hashState(state string) string {
	sum := sha256.Sum256([]byte(state))
	return hex.EncodeToString(sum[:])
}

// joinable checks the right to connect and the way in.
func (n *Networks) joinable(a team.Actor, s Server, j Join) (Connector, error) {
	if err := a.May(team.ChannelsManage); err != nil {
		return nil, err
	}
	c, err := n.registry.Get(s.Network)
	if err != nil {
		return nil, err
	}
	if s.Join != j || s.URL == "" {
		return nil, ErrJoin
	}
	return c, nil
}

// app gives Ponte as an application of a server. It is made known there once and kept.
func (n *Networks) app(ctx context.Context, c team.CompanyID, conn Connector, s Server, redirectURI string) (App, string, error) {
	row, err := n.readApp(ctx, c, s, redirectURI)
	if err != nil {
		return App{}, "", err
	}
	if row == nil {
		app, err := conn.Register(ctx, s, redirectURI)
		if err != nil {
			return App{}, "", ProblemOf(err).Fault()
		}
		now := n.clock.Now()
		row = &appRow{ID: appKind.New(now), Company: c, Network: s.Network, ServerURL: s.URL, RedirectURI: redirectURI, CreatedAt: now}
		if row.Secret, err = n.sealJSON(appPlace(c, row.ID), appForm(app)); err != nil {
			return App{}, "", err
		}
		if err := n.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
			if err := n.insertApp(ctx, tx, row); err != nil {
				return err
			}
			row, err = n.readApp(ctx, c, s, redirectURI) // another request may have been faster: one is used by all
			return err
		}); err != nil {
			return App{}, "", err
		}
	}
	var form appForm
	if err := n.unsealJSON(appPlace(c, row.ID), row.Secret, &form); err != nil {
		return App{}, "", err
	}
	return App(form), row.ID, nil
}

// Finish connects the account after the member's browser came back with state and code, or with denied, the error
// that the server put into the address. It needs ChannelsManage, and the member who began.
func (n *Networks) Finish(ctx context.Context, a team.Actor, state, code, denied string) (Channel, error) {
	ch, err := n.finish(ctx, a, state, code, denied)
	if err != nil {
		return Channel{}, fmt.Errorf("network.Finish: %w", err)
	}
	return ch, nil
}

func (n *Networks) finish(ctx context.Context, a team.Actor, state, code, denied string) (Channel, error) {
	if err := a.May(team.ChannelsManage); err != nil {
		return Channel{}, err
	}
	var j *joiningRow
	err := n.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		j, err = n.takeJoining(ctx, tx, a, hashState(state))
		return err
	})
	if err != nil {
		return Channel{}, err
	}
	if !n.clock.Now().Before(j.ExpiresAt) {
		return Channel{}, ErrJoinLate
	}
	s := Server(j.Server)
	c, err := n.registry.Get(s.Network)
	if err != nil {
		return Channel{}, err
	}
	if denied != "" || code == "" {
		p := &Problem{Verdict: Never, Key: ProblemDenied, Args: map[string]any{"host": host(s.URL)}, Err: fmt.Errorf("the server said %.100q", denied)}
		return Channel{}, p.Fault()
	}
	row, err := n.readAppByID(ctx, a.Company, j.AppID)
	if errors.Is(err, store.ErrMissing) {
		return Channel{}, ErrJoinMissing.Because(err)
	}
	if err != nil {
		return Channel{}, err
	}
	var app appForm
	if err := n.unsealJSON(appPlace(a.Company, row.ID), row.Secret, &app); err != nil {
		return Channel{}, err
	}
	var verifier string
	if err := n.unsealJSON(verifierPlace(a.Company, j.StateHash), j.Verifier, &verifier); err != nil {
		return Channel{}, err
	}
	cred, err := c.Exchange(ctx, App(app), j.RedirectURI, code, verifier)
	if err != nil {
		p := ProblemOf(err)
		if p.Verdict != Later {
			// The server may have forgotten the application: the next attempt makes it known anew.
			if err := n.deleteApp(ctx, a.Company, row.ID); err != nil {
				return Channel{}, err
			}
		}
		return Channel{}, p.Fault()
	}
	return n.adopt(ctx, a, c, s, cred)
}

// ConnectPassword connects an account on a server with Join == JoinAppPassword. The password is not kept. It needs
// ChannelsManage.
func (n *Networks) ConnectPassword(ctx context.Context, a team.Actor, s Server, identifier, password string) (Channel, error) {
	c, err := n.joinable(a, s, JoinAppPassword)
	if err != nil {
		return Channel{}, fmt.Errorf("network.ConnectPassword: %w", err)
	}
	identifier, password = strings.TrimSpace(identifier), strings.TrimSpace(password)
	var wrong []fault.Field
	for _, f := range []struct{ name, value string }{{"identifier", identifier}, {"password", password}} {
		if f.value == "" || len(f.value) > maxPassword {
			wrong = append(wrong, fault.Field{Name: f.name, Key: "channel." + f.name + ".missing"})
		}
	}
	if err := fault.InvalidFields(wrong...); err != nil {
		return Channel{}, fmt.Errorf("network.ConnectPassword: %w", err)
	}
	cred, err := c.Login(ctx, s, identifier, password)
	if err != nil {
		return Channel{}, fmt.Errorf("network.ConnectPassword: %w", ProblemOf(err).Fault())
	}
	ch, err := n.adopt(ctx, a, c, s, cred)
	if err != nil {
		return Channel{}, fmt.Errorf("network.ConnectPassword: %w", err)
	}
	return ch, nil
}

// ConnectOpen connects a server that can be read without an account. It needs ChannelsManage.
func (n *Networks) ConnectOpen(ctx context.Context, a team.Actor, s Server) (Channel, error) {
	c, err := n.joinable(a, s, s.Join)
	if err == nil && !s.Open {
		err = ErrJoin
	}
	if err != nil {
		return Channel{}, fmt.Errorf("network.ConnectOpen: %w", err)
	}
	cred, err := c.Login(ctx, s, "", "")
	if err != nil {
		return Channel{}, fmt.Errorf("network.ConnectOpen: %w", ProblemOf(err).Fault())
	}
	ch, err := n.adopt(ctx, a, c, s, cred)
	if err != nil {
		return Channel{}, fmt.Errorf("network.ConnectOpen: %w", err)
	}
	return ch, nil
}

// adopt makes a channel of credentials, or revives the one that the account has or had.
func (n *Networks) adopt(ctx context.Context, a team.Actor, c Connector, s Server, cred Credentials) (Channel, error) {
	if cred.ServerURL == "" {
		cred.ServerURL = s.URL
	}
	var mu sync.Mutex // the server may renew the credentials while we look
	client := c.Open(cred, func(_ context.Context, fresh Credentials) error {
		mu.Lock()
		defer mu.Unlock()
		kept, err := renewed(cred, fresh)
		cred = kept
		return err
	})
	account, err := client.Probe(ctx)
	if err != nil {
		return Channel{}, ProblemOf(err).Fault()
	}
	limits, err := client.Limits(ctx)
	if err != nil {
		return Channel{}, ProblemOf(err).Fault()
	}
	mu.Lock()
	defer mu.Unlock()
	account = scrubAccount(account)
	if account.Scopes == nil {
		account.Scopes = cred.Scopes
	}
	got := found{network: s.Network, cred: cred, account: account, limits: limits, traits: client.Traits()}
	ch, err := n.keep(ctx, a, got)
	if errors.Is(err, store.ErrTaken) { // connected twice at the same moment: the second revives the first
		ch, err = n.keep(ctx, a, got)
	}
	return ch, err
}

// found is what looking at an account with fresh credentials gave.
type found struct {
	network Name
	cred    Credentials
	account Account
	limits  Limits
	traits  Traits
}

func (n *Networks) keep(ctx context.Context, a team.Actor, f found) (ch Channel, err error) {
	now := n.clock.Now()
	err = n.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		row, err := n.lockAccount(ctx, tx, a.Company, f.network, f.cred.ServerURL, f.account.RemoteID)
		if err != nil {
			return err
		}
		if row == nil { // exports do not always tell the id by which the server knows the account
			row, err = n.lockHandle(ctx, tx, a.Company, ArchiveIn{Network: f.network, ServerURL: f.cred.ServerURL, Account: f.account})
			if err != nil {
				return err
			}
			if row != nil && !row.Archive {
				row = nil
			}
		}
		fresh, verb := row == nil, "reconnected"
		if fresh {
			verb, row = "connected", &channelRow{ID: ChannelID(channelKind.New(now)), Company: a.Company, Network: f.network}
		}
		row.ServerURL, row.State, row.ConnectedBy, row.ConnectedAt, row.Archive = f.cred.ServerURL, Active, a.Member, now, false
		row.setAccount(f.account)
		row.Limits, row.Traits = limitsRow(f.limits), traitsRow(f.traits)
		row.Grant++
		row.Renewal, row.PolledAt = 0, time.Time{}
		row.LastSuccess, row.LastAttempt, row.NextLook = now, now, n.nextLook(lookEvery)
		row.clearProblem()
		if row.Credentials, err = n.sealCredentials(a.Company, row.ID, f.cred); err != nil {
			return err
		}
		row.WatchGeneration++
		row.WatchBeat = now
		if fresh {
			err = n.insertChannel(ctx, tx, row)
		} else {
			err = n.updateChannel(ctx, tx, row)
		}
		if err != nil {
			return err
		}
		ch = row.channel()
		if err := n.audit(ctx, tx, a, verb, ch); err != nil {
			return err
		}
		if err := n.addWatch(ctx, tx, row); err != nil {
			return err
		}
		return n.tell(ctx, tx, ch)
	})
	return ch, err
}

// scrubAccount takes out of an account what no database keeps.
func scrubAccount(a Account) Account {
	for _, s := range []*string{&a.RemoteID, &a.Handle, &a.Name, &a.URL, &a.AvatarURL} {
		*s = scrub(*s)
	}
	a.Expires = clock.Trim(a.Expires)
	return a
}

// scrub makes a text whole UTF-8 without zero bytes, as both databases want it.
func scrub(s string) string {
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "")
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// host cuts the scheme off a server's address, for sentences.
func host(serverURL string) string {
	if _, rest, ok := strings.Cut(serverURL, "://"); ok {
		return rest
	}
	return serverURL
}
