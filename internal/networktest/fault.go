package networktest

import (
	"context"
	"errors"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
)

// Call names a method of the contract.
type Call string

// The methods that are counted and can be made to misbehave.
const (
	CallDiscover Call = "discover"
	CallRegister Call = "register"
	CallExchange Call = "exchange"
	CallLogin    Call = "login"
	CallProbe    Call = "probe"
	CallLimits   Call = "limits"
	CallFetch    Call = "fetch"
	CallRefresh  Call = "refresh"
	CallThread   Call = "thread"
	CallListen   Call = "listen"
	CallPublish  Call = "publish"
	CallFind     Call = "find"
	CallDelete   Call = "delete"
	CallModerate Call = "moderate"
	CallCounts   Call = "counts"
	CallEdit     Call = "edit"
	CallPeople   Call = "people"
)

// Way is how a call misbehaves.
type Way string

// The ways to misbehave.
const (
	// AcceptThenTimeout carries the mutation out and then gives no answer: Uncertain. For reads it is a time-out.
	AcceptThenTimeout Way = "accept_then_timeout"
	// DropBefore breaks the connection before anything was sent: not Uncertain.
	DropBefore Way = "drop_before"
	// DropAfterSend breaks the connection after sending, and nothing was carried out: Uncertain.
	DropAfterSend Way = "drop_after_send"
	// DropAfterFiles breaks the connection of Publish when the files are there and the message is not: not Uncertain.
	DropAfterFiles Way = "drop_after_files"
	// TooMany answers 429, with Fault.RetryAfter when that is set.
	TooMany Way = "too_many"
	// Broken answers 500 and carries nothing out; for Publish, Edit and Delete the outcome is Uncertain all the same.
	Broken Way = "broken"
	// TokenRevoked answers that the token is no longer good.
	TokenRevoked Way = "token_revoked"
	// Refuse answers that the content is not wanted: Never.
	Refuse Way = "refuse"
	// RefuseFile answers that the first file of a message is not wanted: Never. A message without files passes.
	RefuseFile Way = "refuse_file"
	// RepeatItems lists every item of a page twice.
	RepeatItems Way = "repeat_items"
	// ReorderItems lists a page backwards.
	ReorderItems Way = "reorder_items"
	// RepeatPage lies about the cursor: the page comes with the cursor it was asked with.
	RepeatPage Way = "repeat_page"
	// FindUnsure lets Find say that it cannot tell.
	FindUnsure Way = "find_unsure"
	// FindStale lets Find answer Absent whatever stands there, as a lagging copy of a database does.
	FindStale Way = "find_stale"
	// CountsStale lets Counts answer with what stood there before: nothing, and nothing gone.
	CountsStale Way = "counts_stale"
	// Slow only waits for Fault.Delay, or Fault.Until.
	Slow Way = "slow"
)

// Fault is one misbehaviour. Faults for the same call are used in the order they were injected.
type Fault struct {
	Call       Call
	Way        Way
	Skip       int // let so many calls pass first
	Times      int // how many calls it strikes; 0: one, below 0: all that come
	RetryAfter time.Duration
	Delay      time.Duration   // before anything happens; ends early with the call's context
	Entered    chan<- struct{} // told, without waiting, when a call is struck
	Until      <-chan struct{} // the call waits, before anything happens, until this is closed
	Accepted   func()          // for Publish and Edit: called when the message stands and the answer is not yet given
}

// Inject adds a misbehaviour.
func (f *Fake) Inject(fs ...Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, x := range fs {
		if x.Times == 0 {
			x.Times = 1
		}
		f.faults = append(f.faults, &x)
	}
}

// Heal takes all misbehaviour away.
func (f *Fake) Heal() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults = nil
}

// enter counts a call and gives the fault that strikes it; the zero Fault when none does.
func (f *Fake) enter(c Call) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls[c]++
	for i, x := range f.faults {
		if x.Call != c {
			continue
		}
		if x.Skip > 0 {
			x.Skip--
			return Fault{}
		}
		if x.Times > 0 {
			if x.Times--; x.Times == 0 {
				f.faults = append(f.faults[:i:i], f.faults[i+1:]...)
			}
		}
		return *x
	}
	return Fault{}
}

// begin does all of a fault that comes before the call reaches the server.
func (f *Fake) begin(ctx context.Context, x Fault) error {
	if x.Entered != nil {
		select {
		case x.Entered <- struct{}{}:
		default:
		}
	}
	if x.Until != nil {
		select {
		case <-x.Until:
		case <-ctx.Done():
			return f.problem(network.Later, network.ProblemTimeout, ctx.Err())
		}
	}
	if x.Delay > 0 {
		t := time.NewTimer(x.Delay)
		defer t.Stop()
		select {
		case <-t.C:
		case <-ctx.Done():
			return f.problem(network.Later, network.ProblemTimeout, ctx.Err())
		}
	}
	if err := ctx.Err(); err != nil {
		return f.problem(network.Later, network.ProblemTimeout, err)
	}
	mutation := x.Call == CallPublish || x.Call == CallEdit || x.Call == CallDelete || x.Call == CallModerate
	switch x.Way {
	case DropBefore:
		return f.problem(network.Later, network.ProblemUnreachable, errors.New("connection refused"))
	case DropAfterSend:
		p := f.problem(network.Later, network.ProblemUnreachable, errors.New("connection reset by peer"))
		p.Uncertain = mutation
		return p
	case TooMany:
		p := f.problem(network.Later, network.ProblemRate, errors.New("status 429"))
		p.RetryAfter = x.RetryAfter
		return p
	case Broken:
		p := f.problem(network.Later, network.ProblemServer, errors.New("status 500"))
		p.Args["status"] = 500
		p.Uncertain = mutation
		return p
	case TokenRevoked:
		return f.problem(network.Reconnect, network.ProblemRevoked, errors.New("status 401"))
	case Refuse:
		p := f.problem(network.Never, network.ProblemRefused, errors.New("status 422"))
		p.Args["reason"] = "refused"
		return p
	case AcceptThenTimeout:
		if !mutation {
			return f.problem(network.Later, network.ProblemTimeout, context.DeadlineExceeded)
		}
	}
	return nil
}

func (f *Fake) problem(v network.Verdict, key string, cause error) *network.Problem {
	return &network.Problem{Verdict: v, Key: key, Args: map[string]any{"host": "fake.example"}, Err: cause}
}
