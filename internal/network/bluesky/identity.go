package bluesky

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/ponte-desk/ponte/internal/network"
)

// maxDocument bounds a DID document and a handle file, in bytes.
const maxDocument = 256 << 10

// errNoDocument says that a DID is not registered, or no longer.
var errNoDocument = errors.New("no such DID")

// document is what a DID says about itself (https://www.w3.org/TR/did-core/, https://atproto.com/specs/did).
type document struct {
	ID          string   `json:"id"`
	AlsoKnownAs []string `json:"alsoKnownAs"`
	Service     []struct {
		ID       string          `json:"id"`
		Type     string          `json:"type"`
		Endpoint json.RawMessage `json:"serviceEndpoint"`
	} `json:"service"`
}

// pds gives the address of the account's own server, or "".
func (d document) pds() string {
	for _, s := range d.Service {
		var endpoint string
		if (s.ID == "#atproto_pds" || s.ID == d.ID+"#atproto_pds") && s.Type == "AtprotoPersonalDataServer" &&
			json.Unmarshal(s.Endpoint, &endpoint) == nil {
			return origin(endpoint)
		}
	}
	return ""
}

// handle gives the handle the document claims, unproved, or "".
func (d document) handle() string {
	for _, a := range d.AlsoKnownAs {
		if rest, ok := strings.CutPrefix(a, "at://"); ok {
			if h, ok := parseHandle(rest); ok {
				return h
			}
		}
	}
	return ""
}

func (d document) claims(handle string) bool { return d.handle() == handle }

// document reads the DID document of an account. A DID that is not registered any more gives errNoDocument in the
// chain.
func (c *Connector) document(ctx context.Context, did string) (document, error) {
	var address string
	switch {
	case !isDID(did):
		return document{}, badAddress(did)
	case strings.HasPrefix(did, "did:plc:"):
		address = c.plc + "/" + did
	case strings.HasPrefix(did, "did:web:"):
		// Only whole hosts are allowed in this protocol; a colon before the port is written %3A.
		host, err := url.PathUnescape(strings.TrimPrefix(did, "did:web:"))
		if err != nil || strings.Contains(strings.TrimPrefix(did, "did:web:"), ":") || strings.ContainsAny(host, "/?#@") {
			return document{}, badAddress(did)
		}
		scheme := "https"
		if name, _, _ := strings.Cut(host, ":"); name == "localhost" {
			scheme = "http"
		}
		address = scheme + "://" + host + "/.well-known/did.json"
	default:
		return document{}, badAddress(did)
	}
	body, status, err := c.public(ctx, address)
	if err != nil {
		return document{}, err
	}
	if status == http.StatusNotFound || status == http.StatusGone {
		p := badAddress(did)
		p.Err = errNoDocument
		return document{}, p
	}
	var d document
	if status != http.StatusOK || json.Unmarshal(body, &d) != nil || d.ID != did {
		return document{}, &network.Problem{Verdict: network.Later, Key: network.ProblemAnswer, Args: hostArgs(address), Err: fmt.Errorf("DID document: status %d", status)}
	}
	if d.pds() == "" {
		return document{}, &network.Problem{Verdict: network.Never, Key: network.ProblemAddress, Args: map[string]any{"address": did}, Err: errors.New("DID document names no server")}
	}
	return d, nil
}

// resolve finds the DID of a handle (https://atproto.com/specs/handle): by DNS, by the handle's own web site, and by
// asking the public service.
func (c *Connector) resolve(ctx context.Context, handle string) (string, error) {
	if c.lookup != nil {
		if texts, err := c.lookup(ctx, "_atproto."+handle); err == nil {
			var found []string
			for _, t := range texts {
				if did, ok := strings.CutPrefix(strings.TrimSpace(t), "did="); ok && isDID(did) {
					found = append(found, did)
				}
			}
			if len(found) == 1 {
				return found[0], nil
			}
		}
	}
	if body, status, err := c.public(ctx, "https://"+handle+"/.well-known/atproto-did"); err == nil && status == http.StatusOK {
		if did := strings.TrimSpace(string(body)); isDID(did) {
			return did, nil
		}
	}
	return c.resolveAt(ctx, c.service, handle)
}

// resolveAt asks a server for the DID of a handle.
func (c *Connector) resolveAt(ctx context.Context, base, handle string) (string, error) {
	var told struct{ DID string }
	_, err := c.call(ctx, request{base: base, nsid: "com.atproto.identity.resolveHandle", query: url.Values{"handle": {handle}}}, &told)
	if err != nil {
		if e, ok := errors.AsType[*serverError](err); ok && e.Status == http.StatusBadRequest {
			p := badAddress(handle)
			p.Err = e
			return "", p
		}
		return "", err
	}
	if !isDID(told.DID) {
		return "", badAddress(handle)
	}
	return told.DID, nil
}

// public reads a small public document.
func (c *Connector) public(ctx context.Context, address string) ([]byte, int, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, 0, badAddress(address)
	}
	req.Header.Set("User-Agent", c.userAgent)
	resp, err := c.plain.Do(req)
	if err != nil {
		return nil, 0, unreached(address, "public document", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxDocument))
	if err != nil {
		return nil, 0, unreached(address, "public document", err)
	}
	return body, resp.StatusCode, nil
}

func systemTXT(ctx context.Context, name string) ([]string, error) {
	return net.DefaultResolver.LookupTXT(ctx, name)
}
