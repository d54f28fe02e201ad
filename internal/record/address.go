package record

import (
	"net"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/ponte-desk/ponte/internal/fault"
)

// MaxAddress is the size in bytes of the longest address.
const MaxAddress = 2048

// ErrAddress says that something is not the address of a page on the web.
var ErrAddress = fault.New(fault.Invalid, "record.address")

// tracking are parameters that say where somebody comes from, not what they look at. A star stands for any ending.
var tracking = []string{
	"utm_*", "mtm_*", "pk_campaign", "pk_kwd", "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "twclid", "ttclid", "yclid",
	"igsh", "igshid", "mc_cid", "mc_eid", "mkt_tok", "_hsenc", "_hsmi", "ref_src", "ref_url", "oly_anon_id", "oly_enc_id", "vero_id", "wickedid",
	"__twitter_impression", "_ga", "_gl",
}

// NormalAddress writes the address of a comment in one form, so that whoever pastes it finds it: scheme and host in lower case, https for
// http, no default port, no name and password, no fragment, no slash at the end, no tracking parameters, the others sorted, nothing
// escaped that need not be. It is applied to what is recorded and to what is pasted, and gives the same again when applied twice.
func NormalAddress(address string) (string, error) {
	address = strings.Trim(strings.TrimSpace(address), "<>")
	if len(address) > MaxAddress {
		return "", ErrAddress
	}
	bare := !strings.Contains(address, "://")
	if bare {
		address = "https://" + address
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Opaque != "" || bare && u.User != nil { // mailto:ada@example.com
		return "", ErrAddress
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if host == "" || host[0] == '.' || host[len(host)-1] == '.' || strings.Contains(host, "..") || strings.ContainsAny(host, "/%<>\\ ") {
		return "", ErrAddress
	}
	switch port := u.Port(); {
	case port != "" && port != "80" && port != "443":
		host = net.JoinHostPort(host, port)
	case strings.Contains(host, ":"):
		host = "[" + host + "]"
	}
	p := "/" + strings.Trim(u.Path, "/")
	if p = path.Clean(p); p == "/" {
		p = ""
	}
	n := url.URL{Scheme: "https", Host: host, Path: p, RawQuery: query(u.RawQuery)}
	out := n.String()
	if len(out) > MaxAddress {
		return "", ErrAddress
	}
	return out, nil
}

// query keeps what says which page it is, in one order.
func query(raw string) string {
	var kept []string
	for part := range strings.SplitSeq(raw, "&") {
		name, value, is := strings.Cut(part, "=")
		name, err := url.QueryUnescape(name)
		value, err2 := url.QueryUnescape(value)
		if err != nil || err2 != nil || name == "" || slices.ContainsFunc(tracking, func(t string) bool { return tracks(t, strings.ToLower(name)) }) {
			continue
		}
		part = url.QueryEscape(name)
		if is {
			part += "=" + url.QueryEscape(value)
		}
		kept = append(kept, part)
	}
	slices.Sort(kept)
	return strings.Join(kept, "&")
}

func tracks(pattern, name string) bool {
	if begin, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(name, begin)
	}
	return pattern == name
}
