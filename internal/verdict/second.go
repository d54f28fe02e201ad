package verdict

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/queue"
	"github.com/ponte-desk/ponte/internal/seal"
	"github.com/ponte-desk/ponte/internal/store"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/triage"
)

// SecondSettings say which other model a company asks about texts that are to be checked, and how that goes.
type SecondSettings struct {
	Enabled bool
	Address string // of an OpenAI-compatible service, up to and without /chat/completions
	Model   string // as the service calls it
	HasKey  bool   // a key is kept; it is never shown
	// How it goes.
	AnsweredAt time.Time // the last answer that could be used; zero: none yet
	Problem    *SecondProblem
	RestUntil  time.Time // after problems it is asked again from then on; zero: at once
}

// SecondProblem is why the last question was in vain. Key is in the catalogs, with a remedy.
type SecondProblem struct {
	Key  string
	Args map[string]any
	At   time.Time
}

// SecondIn is what a company wants to ask.
type SecondIn struct {
	Enabled bool
	Address string
	Model   string
	Key     *string // nil: as it was; "": none
}

// Bounds of the settings, in bytes.
const (
	maxAddress   = 500
	maxModelName = 120
	maxKey       = 500
)

// keyPlace is where the key of a company's second opinion belongs.
func keyPlace(c team.CompanyID) seal.Place {
	return seal.Place{Company: string(c), Row: string(c), Purpose: "verdict.second"}
}

// SecondSettings gives what a company asks of another model.
func (v *Verdicts) SecondSettings(ctx context.Context, actor team.Actor) (SecondSettings, error) {
	if err := actor.May(team.CompanyChange); err != nil {
		return SecondSettings{}, err
	}
	r, err := v.secondRow(ctx, actor.Company)
	if err != nil {
		return SecondSettings{}, fmt.Errorf("verdict.SecondSettings: %w", err)
	}
	return r.settings()
}

// SetSecondSettings says which other model is asked, if any. Off, nothing leaves the house.
func (v *Verdicts) SetSecondSettings(ctx context.Context, actor team.Actor, in SecondIn) error {
	if err := actor.May(team.CompanyChange); err != nil {
		return err
	}
	in.Address, in.Model = strings.TrimSpace(in.Address), strings.TrimSpace(in.Model)
	err := v.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		before, err := v.secondRow(ctx, actor.Company)
		if err != nil {
			return err
		}
		row := secondRow{CompanyID: actor.Company, Enabled: in.Enabled, Secret: before.Secret, ProblemArgs: "{}"}
		if row.Address, row.Model, err = in.check(before.Secret != ""); err != nil {
			return err
		}
		switch {
		case in.Key == nil:
			// A key is for one service: another may not get it.
			if row.Address != before.Address {
				row.Secret = ""
			}
		case *in.Key == "":
			row.Secret = ""
		default:
			if row.Secret, err = v.seal.Seal(keyPlace(actor.Company), []byte(strings.TrimSpace(*in.Key))); err != nil {
				return err
			}
		}
		if row.Address == before.Address && row.Model == before.Model {
			row.AnsweredAt = before.AnsweredAt
		}
		if err := v.saveSecond(ctx, tx, row); err != nil {
			return err
		}
		if row.Enabled {
			if err := v.askLater(ctx, tx, actor.Company); err != nil {
				return err
			}
		}
		return v.team.Audit(ctx, tx, actor, team.Entry{
			Verb: "verdict.second", ObjectKind: "company", ObjectID: string(actor.Company), Detail: map[string]string{"enabled": fmt.Sprint(row.Enabled)},
		})
	})
	if err != nil {
		return fmt.Errorf("verdict.SetSecondSettings: %w", err)
	}
	return nil
}

// check gives the settings as they are kept. All wrong fields come together.
func (in SecondIn) check(hasKey bool) (address, model string, err error) {
	var wrong []fault.Field
	bad := func(name, key string) { wrong = append(wrong, fault.Field{Name: name, Key: key}) }
	if in.Key != nil {
		hasKey = *in.Key != ""
		if len(*in.Key) > maxKey || strings.ContainsAny(strings.TrimSpace(*in.Key), "\r\n\t ") {
			bad("key", "verdict.second.key.wrong")
		}
	}
	if in.Address != "" || in.Enabled {
		u, err := url.Parse(in.Address)
		switch {
		case err != nil || len(in.Address) > maxAddress || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
			bad("address", "verdict.second.address")
		case u.Scheme == "http" && hasKey && !near(u.Hostname()):
			bad("address", "verdict.second.plain")
		default:
			u.Path = strings.TrimSuffix(strings.TrimSuffix(strings.TrimRight(u.Path, "/"), "/chat/completions"), "/")
			address = u.String()
		}
	}
	if in.Enabled && in.Model == "" || len(in.Model) > maxModelName {
		bad("model", "verdict.second.model")
	}
	return address, in.Model, fault.InvalidFields(wrong...)
}

// near tells whether a host is this machine by its name.
func near(host string) bool {
	return host == "localhost" || host == "::1" || strings.HasPrefix(host, "127.")
}

// second is the job that asks the other model about what is to be checked, one text after the other.
type second struct {
	Company team.CompanyID `json:"company" river:"unique"`
}

func (second) Kind() string { return "verdict.second" }

func (v *Verdicts) askLater(ctx context.Context, tx *store.Tx, c team.CompanyID) error {
	return v.queue.Add(ctx, tx, second{Company: c}, queue.Options{Line: queue.Think, Unique: true})
}

// How asking goes.
const (
	askFor     = 7 * 24 * time.Hour // older texts are not asked about
	maxTries   = 3                  // for one text that gets no answer which can be used
	askingTime = time.Minute        // of one run, after which others get their turn
)

// rests are the pauses after one failure, two, three in a row, and so on; the last one is for all further ones.
var rests = []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 6 * time.Hour}

// askedFor tells whether another model is to be asked about a text.
func (w Verdict) askedFor(now time.Time) bool {
	return w.Criticism == triage.Check && w.Second == nil && w.Said == nil && w.tries < maxTries && w.SaidAt.After(now.Add(-askFor))
}

// goOn is the pause of a run that gives others their turn.
const goOn = time.Second

// AskSecond asks the company's other model about recent texts that are to be checked, the newest first, and says after
// how long it wants to go on; 0: nothing is left.
func (v *Verdicts) AskSecond(ctx context.Context, c team.CompanyID) (time.Duration, error) {
	start := time.Now()
	for {
		again, err := v.askNext(ctx, c)
		if err != nil {
			return 0, fmt.Errorf("verdict.AskSecond: %w", err)
		}
		if again != 0 {
			return max(0, again), nil
		}
		if time.Since(start) > askingTime {
			return goOn, nil
		}
	}
}

// askNext asks about one text: 0 when it was answered, below 0 when there is nothing to ask, else the pause.
func (v *Verdicts) askNext(ctx context.Context, c team.CompanyID) (time.Duration, error) {
	const nothing = -1
	set, err := v.secondRow(ctx, c)
	if err != nil || !set.Enabled {
		return nothing, err
	}
	now := v.clock.Now()
	if set.RestUntil.After(now) {
		return set.RestUntil.Sub(now), nil
	}
	id, err := v.nextToAsk(ctx, c, now.Add(-askFor))
	if err != nil || id == "" {
		return nothing, err
	}
	text, err := v.standing(ctx, c, id)
	if err != nil {
		return 0, err
	}
	if text == "" { // taken back
		return 0, v.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error { return v.setTries(ctx, tx, id, maxTries) })
	}
	said, problem := v.ask(ctx, set, text)
	if ctx.Err() != nil {
		return 0, ctx.Err()
	}
	if problem != nil {
		return v.noteProblem(ctx, set, id, problem)
	}
	return 0, v.keepSecond(ctx, set, id, text, said)
}

// standing gives a text as it stands, "" when it was taken back.
func (v *Verdicts) standing(ctx context.Context, c team.CompanyID, id string) (text string, err error) {
	err = v.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		stand, err := v.source(ctx, tx, c, []string{id})
		text = stand[id]
		return err
	})
	return text, err
}

// keepSecond puts an answer beside the first opinion, unless the text, the settings or a member's word are others by now.
func (v *Verdicts) keepSecond(ctx context.Context, set secondRow, id, text string, said Second) error {
	return v.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		stand, err := v.source(ctx, tx, set.CompanyID, []string{id})
		if err != nil {
			return err
		}
		is, err := v.sameSecond(ctx, tx, set)
		if err != nil || !is {
			return err
		}
		now := v.clock.Now()
		if err := v.noteAnswer(ctx, tx, set.CompanyID, now); err != nil {
			return err
		}
		ws, err := v.held(ctx, tx, set.CompanyID, []string{id})
		if err != nil {
			return err
		}
		w, there := ws[id]
		if !there || stand[id] != text || w.Digest != Digest(text) || !w.askedFor(now) {
			return nil
		}
		said.At = now
		w.Second = &said
		w.settle()
		if err := v.update(ctx, tx, []Verdict{w}); err != nil {
			return err
		}
		return v.tell(ctx, tx, team.System(set.CompanyID), []Verdict{w})
	})
}

// noteProblem keeps why there was no answer and gives the pause before the next question.
func (v *Verdicts) noteProblem(ctx context.Context, set secondRow, id string, p *fault.Error) (time.Duration, error) {
	rest := rests[min(set.Failures, len(rests)-1)]
	if p.RetryAfter > rest {
		rest = min(p.RetryAfter, rests[len(rests)-1])
	}
	v.log.Warn("verdict: no second opinion", "company", set.CompanyID, "problem", p.Key, "error", p.Err, "again", rest)
	err := v.store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		is, err := v.sameSecond(ctx, tx, set)
		if err != nil {
			return err
		}
		if !is { // other settings now: what went wrong was not theirs
			rest = goOn
			return nil
		}
		if ofText(p) {
			if err := v.addTry(ctx, tx, id); err != nil {
				return err
			}
		}
		now := v.clock.Now()
		return v.saveProblem(ctx, tx, set.CompanyID, p, now, now.Add(rest))
	})
	return rest, err
}

// ofText tells whether a problem may lie in the text that was asked about, so that it is not asked for ever.
func ofText(p *fault.Error) bool {
	return errors.Is(p, errSlow) || errors.Is(p, errHuge) || errors.Is(p, errUnclear) || errors.Is(p, errRefused)
}
