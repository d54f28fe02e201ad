package webhook

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/fetch"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
)

// messageState is where a message stands. It is stored in the database.
type messageState string

const (
	waiting messageState = "waiting"
	heard   messageState = "heard"
	lost    messageState = "lost" // it was tried for a day, or the webhook was turned off
)

// message is what one program is told.
type message struct {
	ID       MessageID
	Company  team.CompanyID
	Webhook  ID
	Type     Type
	key      string
	Body     string // "" once it was settled
	State    messageState
	Attempts int
	At       time.Time
	NextAt   time.Time
	DoneAt   time.Time
}

// tellJob tells a program one thing.
type tellJob struct {
	Company team.CompanyID `json:"company" river:"unique"`
	Message MessageID      `json:"message" river:"unique"`
}

func (tellJob) Kind() string { return "webhook.tell" }

// sweepJob forgets what was told long ago.
type sweepJob struct{}

func (sweepJob) Kind() string { return "webhook.sweep" }

// Register adds the room's jobs to the queue.
func (w *Webhooks) Register(q *queue.Queue) {
	queue.Handle(q, callTime+time.Minute, func(ctx context.Context, j tellJob) error {
		again, err := w.Step(ctx, j.Company, j.Message)
		if err != nil {
			return err
		}
		if again > 0 {
			return queue.Again(again)
		}
		return nil
	})
	queue.Handle(q, 5*time.Minute, func(ctx context.Context, _ sweepJob) error { return w.Sweep(ctx) })
	q.Every(time.Hour, queue.Options{Line: queue.Slow, MaxAttempts: 1, Unique: true}, sweepJob{})
}

// envelope is what a program gets as JSON (Standard Webhooks, "Payload structure"), with the id of the header beside.
type envelope struct {
	ID        MessageID `json:"id"`
	Type      Type      `json:"type"`
	Timestamp time.Time `json:"timestamp"` // of the event
	Data      any       `json:"data"`
}

// Tell has the webhooks of a company told of an event, if and only if the transaction is committed. An event that was told of before is
// not told of again.
func (w *Webhooks) Tell(ctx context.Context, tx *store.Tx, c team.CompanyID, e Event) error {
	if w.rooms.Queue == nil {
		return nil
	}
	all, err := w.readAll(ctx, c)
	if err != nil {
		return fmt.Errorf("webhook.Tell: %w", err)
	}
	for _, x := range all {
		if !x.wants(e.Type) {
			continue
		}
		m, err := w.compose(x, e)
		if err != nil {
			return fmt.Errorf("webhook.Tell: %w", err)
		}
		fresh, err := w.insertMessage(ctx, tx, m)
		if err != nil {
			return fmt.Errorf("webhook.Tell: %w", err)
		}
		if !fresh {
			continue
		}
		if err := w.rooms.Queue.Add(ctx, tx, tellJob{Company: c, Message: m.ID}, queue.Options{Line: queue.Hook, MaxAttempts: 25, Unique: true}); err != nil {
			return fmt.Errorf("webhook.Tell: %w", err)
		}
	}
	return nil
}

// Wanted tells whether any webhook of a company wants to hear of a kind of event.
func (w *Webhooks) Wanted(ctx context.Context, c team.CompanyID, t Type) (bool, error) {
	all, err := w.readAll(ctx, c)
	if err != nil {
		return false, fmt.Errorf("webhook.Wanted: %w", err)
	}
	for _, x := range all {
		if x.wants(t) {
			return true, nil
		}
	}
	return false, nil
}

func (w *Webhooks) compose(x Webhook, e Event) (message, error) {
	now := w.rooms.Clock.Now()
	m := message{ID: MessageID(messageKind.New(now)), Company: x.Company, Webhook: x.ID, Type: e.Type, key: e.Key, State: waiting, At: now}
	b, err := json.Marshal(envelope{ID: m.ID, Type: e.Type, Timestamp: now, Data: e.Data})
	m.Body = string(b)
	return m, err
}

// Step calls a program once, when it is time, and says after how long it wants the next step; 0: there is none.
func (w *Webhooks) Step(ctx context.Context, c team.CompanyID, id MessageID) (time.Duration, error) {
	m, err := w.readMessage(ctx, c, id)
	if errors.Is(err, store.ErrMissing) {
		return 0, nil // forgotten, with its webhook
	}
	if err != nil {
		return 0, fmt.Errorf("webhook.Step: %w", err)
	}
	x, err := w.read(ctx, c, m.Webhook)
	if err != nil {
		return 0, fmt.Errorf("webhook.Step: %w", err)
	}
	now := w.rooms.Clock.Now()
	switch over := now.Sub(m.At) > tellFor; {
	case m.State != waiting || w.rooms.HTTP == nil:
		return 0, nil
	case x.State == Off || over && m.Attempts > 0:
		return 0, w.give(ctx, m, now)
	case m.NextAt.After(now):
		return m.NextAt.Sub(now), nil
	case x.restUntil.After(now) && !over:
		return x.restUntil.Sub(now), nil
	}
	a := w.call(ctx, x, m)
	if ctx.Err() != nil { // the house is shutting down: that says nothing of the program
		return 0, fmt.Errorf("webhook.Step: %w", ctx.Err())
	}
	return w.settle(ctx, m, a)
}

// give ends a message that is told no more.
func (w *Webhooks) give(ctx context.Context, m message, now time.Time) error {
	m.State, m.DoneAt, m.NextAt = lost, now, time.Time{}
	err := w.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error { return w.saveMessage(ctx, tx, m) })
	if err != nil {
		return fmt.Errorf("webhook.Step: %w", err)
	}
	return nil
}

// settle writes down what came of a call.
func (w *Webhooks) settle(ctx context.Context, m message, a called) (again time.Duration, err error) {
	ctx = context.WithoutCancel(ctx)
	err = w.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		x, err := w.hold(ctx, tx, m.Company, m.Webhook)
		if err != nil {
			return err
		}
		now := w.rooms.Clock.Now()
		m.Attempts++
		if a.Problem == nil {
			m.State, m.DoneAt, m.NextAt = heard, now, time.Time{}
		} else {
			again = max(pauses[min(m.Attempts, len(pauses))-1], min(a.after, tellFor/4))
			if m.NextAt = now.Add(again); m.NextAt.Sub(m.At) > tellFor {
				again, m.State, m.DoneAt, m.NextAt = 0, lost, now, time.Time{}
			}
		}
		if err := w.note(ctx, tx, &x, m, a, now); err != nil {
			return err
		}
		if x.State == Off && m.State == waiting {
			again, m.State, m.DoneAt, m.NextAt = 0, lost, now, time.Time{}
		}
		return w.saveMessage(ctx, tx, m)
	})
	if err != nil {
		return 0, fmt.Errorf("webhook.Step: %w", err)
	}
	return again, nil
}

// note writes down a call, and how the webhook does by it: one that has not heard anything for long is turned off.
func (w *Webhooks) note(ctx context.Context, tx *store.Tx, x *Webhook, m message, a called, now time.Time) error {
	if err := w.insertAttempt(ctx, tx, m, a.Attempt); err != nil {
		return err
	}
	if a.Problem == nil {
		return w.hears(ctx, tx, x, now)
	}
	x.Problem, x.restUntil = a.Problem, time.Time{}
	x.Failures++
	if x.FailingSince.IsZero() {
		x.FailingSince = now
	}
	if a.down { // the others would find the same
		x.restUntil = now.Add(max(min(5*time.Second<<min(x.Failures-1, 6), 5*time.Minute), min(a.after, time.Hour)))
	}
	if x.State == Active && (a.Status == http.StatusGone || now.Sub(x.FailingSince) >= failFor && x.Failures >= failLeast) {
		x.State, x.OffAt = Off, now
		w.rooms.Log.Warn("webhook: turned off", "company", x.Company, "webhook", x.ID, "problem", a.Problem.Key)
	}
	return w.save(ctx, tx, *x)
}

// hears writes down that a webhook gave a good answer: nothing it did before counts against it.
func (w *Webhooks) hears(ctx context.Context, tx *store.Tx, x *Webhook, now time.Time) error {
	x.SucceededAt, x.FailingSince, x.Failures, x.Problem, x.restUntil = now, time.Time{}, 0, nil, time.Time{}
	return w.save(ctx, tx, *x)
}

// Test tells a webhook, on or off, that a member wants to know whether it hears, and gives what came of it. It needs CompanyChange.
func (w *Webhooks) Test(ctx context.Context, actor team.Actor, id ID) (Attempt, error) {
	x, err := w.Get(ctx, actor, id)
	if err != nil {
		return Attempt{}, err
	}
	if w.rooms.HTTP == nil {
		return Attempt{}, fmt.Errorf("webhook.Test: %w", missing())
	}
	m, err := w.compose(x, Event{Type: Trial, Data: map[string]string{"company": string(actor.Company), "webhook": string(x.ID)}})
	if err != nil {
		return Attempt{}, fmt.Errorf("webhook.Test: %w", err)
	}
	m.key = string(m.ID)
	a := w.call(ctx, x, m)
	if ctx.Err() != nil {
		return Attempt{}, fmt.Errorf("webhook.Test: %w", ctx.Err())
	}
	err = w.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		now := w.rooms.Clock.Now()
		x, err := w.hold(ctx, tx, actor.Company, id)
		if err != nil {
			return err
		}
		if err := w.insertAttempt(ctx, tx, m, a.Attempt); err != nil {
			return err
		}
		if a.Problem == nil && x.State == Active { // it hears: what waits need not wait longer
			if err := w.hears(ctx, tx, &x, now); err != nil {
				return err
			}
		}
		return w.audit(ctx, tx, actor, "webhook.test", x)
	})
	if err != nil {
		return Attempt{}, fmt.Errorf("webhook.Test: %w", err)
	}
	return a.Attempt, nil
}

// Sweep forgets what was told long ago.
func (w *Webhooks) Sweep(ctx context.Context) error {
	now := w.rooms.Clock.Now()
	err := w.rooms.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		return w.sweep(ctx, tx, now.Add(-keepMessage), now.Add(-keepAttempt))
	})
	if err != nil {
		return fmt.Errorf("webhook.Sweep: %w", err)
	}
	return nil
}

// called is an attempt, with what it says about the next.
type called struct {
	Attempt
	after time.Duration // as the server asks
	down  bool          // the whole server is, not this message wrong
}

// call makes one call.
func (w *Webhooks) call(ctx context.Context, x Webhook, m message) (c called) {
	began := w.rooms.Clock.Now()
	start := time.Now()
	c.Attempt = Attempt{ID: attemptKind.New(began), Message: m.ID, Type: m.Type, At: began}
	defer func() { c.Took = time.Since(start) }()
	host := ""
	if u, err := url.Parse(x.URL); err == nil {
		host = u.Host
	}
	problem := func(key string) { c.Problem = &Problem{Key: key, Args: map[string]any{"host": host}} }
	secrets, err := w.secrets(x, began)
	if err != nil {
		w.rooms.Log.Error("webhook: a secret cannot be opened", "webhook", x.ID, "error", err)
		problem("webhook.problem.secret")
		return c
	}
	signature, err := Sign(string(m.ID), began, []byte(m.Body), secrets...)
	if err != nil {
		problem("webhook.problem.secret")
		return c
	}
	visit, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	req, err := http.NewRequestWithContext(visit, http.MethodPost, x.URL, bytes.NewReader([]byte(m.Body)))
	if err != nil {
		problem("webhook.problem.unreachable")
		return c
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("webhook-id", string(m.ID))
	req.Header.Set("webhook-timestamp", strconv.FormatInt(began.Unix(), 10))
	req.Header.Set("webhook-signature", signature)
	res, err := w.rooms.HTTP.Do(req)
	if err != nil {
		c.down = true
		problem(keyOf(err))
		return c
	}
	defer func() { _ = res.Body.Close() }()
	c.Status = res.StatusCode
	said, _ := io.ReadAll(io.LimitReader(res.Body, maxAnswer)) // what arrives of it is enough
	c.Answer = strings.TrimSpace(strings.Map(printable, strings.ToValidUTF8(string(said), "\uFFFD")))
	switch {
	case c.Status >= 200 && c.Status < 300:
	case c.Status == http.StatusGone:
		problem("webhook.problem.gone")
	case c.Status >= 300 && c.Status < 400:
		problem("webhook.problem.moved")
	default:
		problem("webhook.problem.status")
		c.Problem.Args["status"] = c.Status
		c.down = c.Status >= 500 || c.Status == http.StatusTooManyRequests
		if s, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil && s > 0 {
			c.after = time.Duration(min(s, int(tellFor/time.Second))) * time.Second
		}
	}
	return c
}

func printable(r rune) rune {
	if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
		return -1
	}
	return r
}

func (w *Webhooks) secrets(x Webhook, now time.Time) ([]string, error) {
	s, err := w.rooms.Seal.Unseal(x.place(purposeNow), x.secret)
	if err != nil {
		return nil, err
	}
	all := []string{string(s)}
	if x.secretBefore != "" && now.Before(x.BeforeUntil) {
		if s, err = w.rooms.Seal.Unseal(x.place(purposeBefore), x.secretBefore); err != nil {
			return nil, err
		}
		all = append(all, string(s))
	}
	return all, nil
}

// keyOf reads why there was no answer.
func keyOf(err error) string {
	var inside *fetch.InsideError
	var name *net.DNSError
	var slow net.Error
	var trust *tls.CertificateVerificationError
	switch {
	case errors.As(err, &inside):
		return "webhook.problem.inside"
	case errors.As(err, &name) && !name.IsTimeout:
		return "webhook.problem.name"
	case errors.As(err, &trust):
		return "webhook.problem.trust"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &slow) && slow.Timeout():
		return "webhook.problem.slow"
	}
	return "webhook.problem.unreachable"
}
