package webhook

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/fetch"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/text"
)

// In is what a company says about a webhook.
type In struct {
	URL    string
	Name   string
	Events []Type
	On     bool
}

// check gives what is said as it is kept. All wrong fields come together.
func (w *Webhooks) check(in In) (In, error) {
	var wrong []fault.Field
	bad := func(name, key string) { wrong = append(wrong, fault.Field{Name: name, Key: key}) }
	in.URL, in.Name = strings.TrimSpace(in.URL), strings.TrimSpace(in.Name)
	u, err := url.Parse(in.URL)
	switch {
	case err != nil || len(in.URL) > maxURL || u.Host == "" || u.User != nil || u.Fragment != "" || u.Scheme != "https" && u.Scheme != "http":
		bad("url", "webhook.url")
	case u.Scheme == "http" && !w.near(u.Hostname()):
		bad("url", "webhook.plain")
	case fetch.Refused(u.Hostname(), w.rooms.Allow) != nil:
		bad("url", "webhook.inside")
	}
	if text.Graphemes(in.Name) > maxName || strings.ContainsFunc(in.Name, unicode.IsControl) {
		bad("name", "webhook.name")
	}
	var events []Type
	for _, t := range Types { // in order, each once
		if slices.Contains(in.Events, t) {
			events = append(events, t)
		}
	}
	if len(events) == 0 || slices.ContainsFunc(in.Events, func(t Type) bool { return !slices.Contains(Types, t) }) {
		bad("events", "webhook.events")
	}
	in.Events = events
	return in, fault.InvalidFields(wrong...)
}

// near tells whether a host is an address of this machine that the client may reach: there nobody listens in between.
func (w *Webhooks) near(host string) bool {
	return (host == "::1" || strings.HasPrefix(host, "127.")) && fetch.Refused(host, w.rooms.Allow) == nil
}

// List gives the webhooks of a company, in the order in which they were added. It needs CompanyChange.
func (w *Webhooks) List(ctx context.Context, actor team.Actor) ([]Webhook, error) {
	if err := actor.May(team.CompanyChange); err != nil {
		return nil, err
	}
	all, err := w.readAll(ctx, actor.Company)
	if err != nil {
		return nil, fmt.Errorf("webhook.List: %w", err)
	}
	return all, nil
}

// Get gives one webhook. It needs CompanyChange.
func (w *Webhooks) Get(ctx context.Context, actor team.Actor, id ID) (Webhook, error) {
	if err := actor.May(team.CompanyChange); err != nil {
		return Webhook{}, err
	}
	x, err := w.read(ctx, actor.Company, id)
	if err != nil {
		return Webhook{}, fmt.Errorf("webhook.Get: %w", err)
	}
	return x, nil
}

// Stopped gives the webhooks that Ponte turned off by itself and nobody has turned on since. It needs CompanyChange.
func (w *Webhooks) Stopped(ctx context.Context, actor team.Actor) ([]Webhook, error) {
	all, err := w.List(ctx, actor)
	return slices.DeleteFunc(all, func(x Webhook) bool { return x.State == Active || x.OffAt.IsZero() }), err
}

// Add adds a webhook and gives its secret, which is not shown again. It needs CompanyChange.
func (w *Webhooks) Add(ctx context.Context, actor team.Actor, in In) (Webhook, string, error) {
	if err := actor.May(team.CompanyChange); err != nil {
		return Webhook{}, "", err
	}
	in, err := w.check(in)
	if err != nil {
		return Webhook{}, "", fmt.Errorf("webhook.Add: %w", err)
	}
	now := w.rooms.Clock.Now()
	x := Webhook{
		ID: ID(hookKind.New(now)), Company: actor.Company, URL: in.URL, Name: in.Name, Events: in.Events, State: stateOf(in.On),
		CreatedBy: actor.Member, CreatedAt: now,
	}
	secret := newSecret()
	if x.secret, err = w.rooms.Seal.Seal(x.place(purposeNow), []byte(secret)); err != nil {
		return Webhook{}, "", fmt.Errorf("webhook.Add: %w", err)
	}
	err = w.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		all, err := w.readAll(ctx, actor.Company)
		if err != nil {
			return err
		}
		if len(all) >= mostHooks {
			return fault.New(fault.Conflict, "webhook.many").With("most", mostHooks)
		}
		if err := w.insert(ctx, tx, x); err != nil {
			return err
		}
		return w.audit(ctx, tx, actor, "webhook.add", x)
	})
	if err != nil {
		return Webhook{}, "", fmt.Errorf("webhook.Add: %w", err)
	}
	return x, secret, nil
}

func stateOf(on bool) State {
	if on {
		return Active
	}
	return Off
}

// Change changes where a webhook stands, what it is told, and whether. Turned on, it begins without faults. It needs CompanyChange.
func (w *Webhooks) Change(ctx context.Context, actor team.Actor, id ID, in In) (x Webhook, err error) {
	if err := actor.May(team.CompanyChange); err != nil {
		return x, err
	}
	if in, err = w.check(in); err != nil {
		return x, fmt.Errorf("webhook.Change: %w", err)
	}
	x, err = w.change(ctx, actor, id, "webhook.change", func(x *Webhook) error {
		if in.On && x.State == Off || in.URL != x.URL {
			x.FailingSince, x.Failures, x.Problem, x.restUntil = time.Time{}, 0, nil, time.Time{}
		}
		if in.On || x.State == Active {
			x.OffAt = time.Time{} // a person has decided
		}
		x.URL, x.Name, x.Events, x.State = in.URL, in.Name, in.Events, stateOf(in.On)
		return nil
	})
	if err != nil {
		return x, fmt.Errorf("webhook.Change: %w", err)
	}
	return x, nil
}

// RenewSecret gives a webhook a new secret. For a day what is sent carries the signature of the one before, too. It needs CompanyChange.
func (w *Webhooks) RenewSecret(ctx context.Context, actor team.Actor, id ID) (x Webhook, secret string, err error) {
	if err := actor.May(team.CompanyChange); err != nil {
		return x, "", err
	}
	secret = newSecret()
	x, err = w.change(ctx, actor, id, "webhook.renew", func(x *Webhook) error {
		before, err := w.rooms.Seal.Unseal(x.place(purposeNow), x.secret)
		if err != nil {
			return err
		}
		if x.secretBefore, err = w.rooms.Seal.Seal(x.place(purposeBefore), before); err != nil {
			return err
		}
		x.BeforeUntil = w.rooms.Clock.Now().Add(keepSecret)
		x.secret, err = w.rooms.Seal.Seal(x.place(purposeNow), []byte(secret))
		return err
	})
	if err != nil {
		return x, "", fmt.Errorf("webhook.RenewSecret: %w", err)
	}
	return x, secret, nil
}

func (w *Webhooks) change(ctx context.Context, actor team.Actor, id ID, verb string, f func(*Webhook) error) (x Webhook, err error) {
	err = w.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if x, err = w.hold(ctx, tx, actor.Company, id); err != nil {
			return err
		}
		if err := f(&x); err != nil {
			return err
		}
		if err := w.save(ctx, tx, x); err != nil {
			return err
		}
		return w.audit(ctx, tx, actor, verb, x)
	})
	return x, err
}

// Remove forgets a webhook and what it was told. It needs CompanyChange.
func (w *Webhooks) Remove(ctx context.Context, actor team.Actor, id ID) error {
	if err := actor.May(team.CompanyChange); err != nil {
		return err
	}
	err := w.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		x, err := w.hold(ctx, tx, actor.Company, id)
		if err != nil {
			return err
		}
		if err := w.delete(ctx, tx, x); err != nil {
			return err
		}
		return w.audit(ctx, tx, actor, "webhook.remove", x)
	})
	if err != nil {
		return fmt.Errorf("webhook.Remove: %w", err)
	}
	return nil
}

// Attempts gives the latest calls of a webhook, newest first. It needs CompanyChange.
func (w *Webhooks) Attempts(ctx context.Context, actor team.Actor, id ID) ([]Attempt, error) {
	if _, err := w.Get(ctx, actor, id); err != nil {
		return nil, err
	}
	all, err := w.readAttempts(ctx, actor.Company, id)
	if err != nil {
		return nil, fmt.Errorf("webhook.Attempts: %w", err)
	}
	return all, nil
}

// audit writes down who changed a webhook; its address may carry a secret, its host does not.
func (w *Webhooks) audit(ctx context.Context, tx *store.Tx, actor team.Actor, verb string, x Webhook) error {
	host := ""
	if u, err := url.Parse(x.URL); err == nil {
		host = u.Host
	}
	return w.rooms.Team.Audit(ctx, tx, actor, team.Entry{Verb: verb, ObjectKind: "webhook", ObjectID: string(x.ID), Detail: map[string]string{"host": host}})
}

// Reseal moves every secret of this room to the newest key and counts those it moved. It may be cut off and run again.
func (w *Webhooks) Reseal(ctx context.Context) (int, error) {
	moved := 0
	err := w.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		all, err := w.readAll(ctx, "")
		if err != nil {
			return err
		}
		for _, x := range all {
			now, a, err := w.rooms.Seal.Reseal(x.place(purposeNow), x.secret)
			if err != nil {
				return err
			}
			before, b := "", false
			if x.secretBefore != "" {
				if before, b, err = w.rooms.Seal.Reseal(x.place(purposeBefore), x.secretBefore); err != nil {
					return err
				}
			}
			if !a && !b {
				continue
			}
			x.secret, x.secretBefore = now, before
			if err := w.save(ctx, tx, x); err != nil {
				return err
			}
			moved++
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("webhook.Reseal: %w", err)
	}
	return moved, nil
}
