package network

import (
	"errors"
	"fmt"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
)

// Verdict is what an error of a network means for what we do next.
type Verdict string

// The verdicts.
const (
	Later     Verdict = "later"     // the same may work later
	Reconnect Verdict = "reconnect" // a person must connect the account again
	Never     Verdict = "never"     // this will not work as it is
)

// Problem is an error of a network, read by its connector. Key is a catalog key ("network.problem.<what>", remedy
// under Key + ".remedy"); Err is for the log and carries neither tokens nor message bodies.
type Problem struct {
	Verdict    Verdict
	Uncertain  bool          // a mutation was under way and may have taken effect
	RetryAfter time.Duration // at least so long; 0: not told
	Key        string
	Args       map[string]any
	Err        error
}

// Error implements error.
func (p *Problem) Error() string {
	s := fmt.Sprintf("%s (%s)", p.Key, p.Verdict)
	if p.Uncertain {
		s += ", outcome unknown"
	}
	if p.Err != nil {
		s += ": " + p.Err.Error()
	}
	return s
}

// Unwrap gives the cause.
func (p *Problem) Unwrap() error { return p.Err }

// Fault turns the problem into the vocabulary of the house: what the person typed or wrote is Invalid, too much at
// once is Limited, all else is Upstream.
func (p *Problem) Fault() *fault.Error {
	kind := fault.Upstream
	switch p.Key {
	case ProblemAddress, ProblemInside, ProblemNotAServer, ProblemCredentials, ProblemSecondFactor, ProblemDenied, ProblemTooLong,
		ProblemNoFeed, ProblemNotWordPress, ProblemRESTOff, ProblemPlainHTTP, ProblemNoPasswords:
		kind = fault.Invalid
	case ProblemRate:
		kind = fault.Limited
	}
	return &fault.Error{Kind: kind, Key: p.Key, Args: p.Args, RetryAfter: p.RetryAfter, Err: p}
}

// ProblemOf gives the Problem in err's chain; any other error becomes one that may be tried again later.
func ProblemOf(err error) *Problem {
	if err == nil {
		return nil
	}
	if p, ok := errors.AsType[*Problem](err); ok {
		return p
	}
	return &Problem{Verdict: Later, Key: ProblemUnknown, Err: err}
}

// Keys of the problems that connectors report. A connector uses these and no others, so that each has its words and
// its remedy in both languages.
const (
	ProblemUnreachable  = "network.problem.unreachable"   // host, name or connection; args: host
	ProblemNotAServer   = "network.problem.not_a_server"  // something answers, but it is not this network; args: host
	ProblemAddress      = "network.problem.address"       // what was typed is not an address; args: address
	ProblemInside       = "network.problem.inside"        // the address points into a private network; args: host
	ProblemCredentials  = "network.problem.credentials"   // wrong name or password; args: host
	ProblemRevoked      = "network.problem.revoked"       // the token is no longer good; args: host
	ProblemScope        = "network.problem.scope"         // the token may not do this; args: host
	ProblemRate         = "network.problem.rate"          // too many requests; args: host
	ProblemServer       = "network.problem.server"        // the server failed (5xx); args: host, status
	ProblemTimeout      = "network.problem.timeout"       // no answer in time; args: host
	ProblemAnswer       = "network.problem.answer"        // an answer that cannot be understood; args: host
	ProblemTooLong      = "network.problem.too_long"      // the message is too long; args: used, max
	ProblemRefused      = "network.problem.refused"       // the server refused the content; args: host, reason
	ProblemMedia        = "network.problem.media"         // the server refused a file; args: host, name
	ProblemGone         = "network.problem.gone"          // what should be answered is no longer there
	ProblemSuspended    = "network.problem.suspended"     // the account is suspended or deactivated; args: host
	ProblemUnsupported  = "network.problem.unsupported"   // the server cannot do this; args: host
	ProblemDenied       = "network.problem.denied"        // the person said no while connecting; args: host
	ProblemSecondFactor = "network.problem.second_factor" // the account wants an app password; args: host
	ProblemNoFeed       = "network.problem.no_feed"       // a page answers and names no feed; args: host
	ProblemNotWordPress = "network.problem.not_wordpress" // a name and a password were given, and it is no WordPress; args: host
	ProblemRESTOff      = "network.problem.rest_off"      // WordPress whose interface for programs is switched off; args: host
	ProblemPlainHTTP    = "network.problem.plain_http"    // a password would travel for everybody to read; args: host
	ProblemNoPasswords  = "network.problem.no_passwords"  // WordPress without application passwords; args: host
)
