package bluesky

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/network"
)

// Bounds on an account's whole repository. The largest known have some hundred million bytes.
const (
	maxRepository  = 2 << 30
	repositoryTime = 2 * time.Hour
)

// History writes down everything that an account has said in public, as the network shows it to everybody: its repository as one CAR file
// (https://atproto.com/specs/sync). It takes a handle with or without @, an at:// address or a DID, and gives the handle. Its error is a *Problem.
func (c *Connector) History(ctx context.Context, address string, w io.Writer) (handle string, err error) {
	typed := strings.TrimPrefix(trimTyped(address), "at://")
	did := typed
	if !strings.HasPrefix(typed, "did:") {
		h, ok := parseHandle(typed)
		if !ok {
			return "", badAddress(address)
		}
		if did, err = c.resolve(ctx, h); err != nil {
			return "", err
		}
		handle = h
	}
	doc, err := c.document(ctx, did)
	if err != nil {
		return "", err
	}
	switch {
	case handle == "":
		handle = doc.handle()
	case !doc.claims(handle):
		return "", badAddress(handle) // someone points a name at an account that does not bear it
	}
	const nsid = "com.atproto.sync.getRepo"
	base := doc.pds()
	ctx, cancel := context.WithTimeout(ctx, repositoryTime)
	defer cancel()
	r := request{base: base, nsid: nsid, query: url.Values{"did": {did}}}
	req, err := r.build(ctx)
	if err != nil {
		return "", badAddress(address)
	}
	req.Header.Set("User-Agent", c.userAgent)
	req.Header.Set("Accept", "application/vnd.ipld.car")
	resp, err := c.strict.Do(req)
	if err != nil {
		return "", unreached(base, nsid, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(io.LimitReader(resp.Body, maxDocument))
		return "", c.refused(r, resp, body)
	}
	in := &counted{r: io.LimitReader(resp.Body, maxRepository+1)}
	if _, err := io.Copy(w, in); err != nil {
		if in.err == nil {
			return "", err // of who writes it down
		}
		return "", unreached(base, nsid, err)
	}
	if in.n > maxRepository {
		return "", &network.Problem{Verdict: network.Never, Key: network.ProblemAnswer, Args: hostArgs(base), Err: fmt.Errorf("%s: more than %d bytes", nsid, maxRepository)}
	}
	return handle, nil
}

// counted counts what is read, and remembers why a reading ended early.
type counted struct {
	r   io.Reader
	n   int64
	err error
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if c.n += int64(n); err != nil && !errors.Is(err, io.EOF) {
		c.err = err
	}
	return n, err
}
