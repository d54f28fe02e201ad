package mention

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/text"
)

// Protocol is a way of telling. It is stored in the database.
type Protocol string

// The ways, from the one that says most to the oldest.
const (
	Webmention Protocol = "webmention"
	Pingback   Protocol = "pingback"
	TrackBack  Protocol = "trackback"
)

// Outcome is what came of telling. It is stored in the database.
type Outcome string

// What can come of telling.
const (
	Taken   Outcome = "taken"   // they took it, or will look at it
	Known   Outcome = "known"   // they had been told before
	Refused Outcome = "refused" // they said no: the same again will not help
	Later   Outcome = "later"   // they could not just now
)

// Answer is what the other side said.
type Answer struct {
	Protocol  Protocol
	Endpoint  string
	Outcome   Outcome
	Status    int           // of HTTP
	Fault     Code          // of XML-RPC, when Refused, Known or Later by a pingback
	StatusURL string        // where the other side tells what becomes of it
	Says      string        // in their words, plain and short
	After     time.Duration // they ask for this much patience
}

// mostAnswer is how many bytes of an answer are read, mostSays how many characters are kept.
const (
	mostAnswer = 64 << 10
	mostSays   = 300
)

// SendWebmention tells an endpoint that source links to target (Webmention 3.1.3). An error means that it could not be reached.
func SendWebmention(ctx context.Context, d Doer, endpoint, source, target string) (Answer, error) {
	a := Answer{Protocol: Webmention, Endpoint: endpoint}
	res, body, err := post(ctx, d, endpoint, []byte(url.Values{"source": {source}, "target": {target}}.Encode()), formRequest)
	if err != nil {
		return a, fmt.Errorf("mention.SendWebmention: %w", err)
	}
	a.read(res)
	if a.Outcome == Taken && res.StatusCode == http.StatusCreated && res.Request != nil {
		a.StatusURL = at(res.Request.URL, res.Header.Get("Location"))
	}
	a.say(res, body)
	return a, nil
}

// SendPingback tells an XML-RPC server that source links to target (Pingback 1.0, section 3).
func SendPingback(ctx context.Context, d Doer, endpoint, source, target string) (Answer, error) {
	a := Answer{Protocol: Pingback, Endpoint: endpoint}
	call := Call{Method: PingbackMethod, Params: []any{source, target}}
	res, body, err := post(ctx, d, endpoint, call.XML(), func(r *http.Request) { r.Header.Set("Content-Type", "text/xml") })
	if err != nil {
		return a, fmt.Errorf("mention.SendPingback: %w", err)
	}
	if a.read(res); a.Outcome != Taken {
		a.say(res, body)
		return a, nil
	}
	said, err := ReadReply(bytes.NewReader(body))
	f, fault := errors.AsType[*Fault](err)
	switch {
	case fault:
		a.Fault, a.Outcome = f.Code, Refused
		switch f.Code {
		case FaultKnown:
			a.Outcome = Known
		case FaultUpstream:
			a.Outcome = Later
		}
		a.says(f.Text)
	case err != nil:
		a.Outcome = Refused
		a.say(res, body)
	default:
		a.says(said)
	}
	return a, nil
}

// SendTrackback tells the address that takes trackbacks for a page (TrackBack 1.2).
func SendTrackback(ctx context.Context, d Doer, endpoint string, t Trackback) (Answer, error) {
	a := Answer{Protocol: TrackBack, Endpoint: endpoint}
	res, body, err := post(ctx, d, endpoint, []byte(t.form().Encode()), formRequest)
	if err != nil {
		return a, fmt.Errorf("mention.SendTrackback: %w", err)
	}
	if a.read(res); a.Outcome != Taken {
		a.say(res, body)
		return a, nil
	}
	ok, said, err := readTrackbackReply(bytes.NewReader(body))
	switch {
	case err != nil:
		a.Outcome = Refused
		a.say(res, body)
	case !ok:
		a.Outcome = Refused
		if low := strings.ToLower(said); strings.Contains(low, "already") && strings.Contains(low, "ping") { // as WordPress says it: there is no number for it
			a.Outcome = Known
		}
		a.says(said)
	}
	return a, nil
}

func post(ctx context.Context, d Doer, endpoint string, body []byte, with func(*http.Request)) (*http.Response, []byte, error) {
	u, err := Address(endpoint)
	if err != nil {
		return nil, nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), bytes.NewReader(body))
	if err != nil {
		return nil, nil, ErrAddress.Because(err)
	}
	with(req)
	res, err := d.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = res.Body.Close() }() // only read from
	got, err := io.ReadAll(io.LimitReader(res.Body, mostAnswer))
	if err != nil && len(got) == 0 && ctx.Err() != nil {
		return nil, nil, ctx.Err()
	}
	return res, got, nil
}

// read says what a status means. A redirect that made a question of what was sent has told nobody anything.
func (a *Answer) read(res *http.Response) {
	a.Status = res.StatusCode
	switch s := res.StatusCode; {
	case res.Request != nil && res.Request.Method != http.MethodPost:
		a.Outcome = Refused
	case s >= 200 && s <= 299:
		a.Outcome = Taken
	case s == http.StatusTooManyRequests, s == http.StatusRequestTimeout, s >= 500:
		a.Outcome = Later
		if n, err := strconv.Atoi(strings.TrimSpace(res.Header.Get("Retry-After"))); err == nil && n > 0 {
			a.After = time.Duration(min(n, 86400)) * time.Second
		}
	default:
		a.Outcome = Refused
	}
}

// say keeps the words of an answer of any form.
func (a *Answer) say(res *http.Response, body []byte) {
	s := string(body)
	if kind := res.Header.Get("Content-Type"); strings.Contains(kind, "html") {
		s = text.PlainFromHTML(s)
	}
	a.says(s)
}

func (a *Answer) says(s string) { a.Says = text.Cut(oneLine(s), mostSays) }
