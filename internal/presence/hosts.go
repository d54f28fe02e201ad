package presence

import (
	"net/url"
	"slices"
	"strings"

	"github.com/ponte-desk/ponte/internal/text"
)

// leastName is how long a name must be, written as one word, before an address that holds it counts as ours.
const leastName = 5

// hosts tells our own site from pages of others. An address is ours when it holds the company's name, or what one of its accounts is
// called, written as one word: ceramichearno.example and shop.ceramiche-arno.example for Ceramiche Arno.
type hosts struct {
	names []string
	seen  map[string]bool // of ours
	not   map[string]bool // where the accounts are: a link there leads to the network, not to a site
}

func newHosts(names, servers []string) *hosts {
	h := &hosts{seen: map[string]bool{}, not: map[string]bool{}}
	for _, n := range names {
		if s := squeeze(n); len(s) >= leastName {
			h.names = append(h.names, s)
		}
	}
	for _, s := range servers {
		if u, err := url.Parse(s); err == nil && u.Host != "" {
			h.not[strings.ToLower(u.Hostname())] = true
		}
	}
	return h
}

// squeeze writes a name as one word.
func squeeze(s string) string { return strings.Join(text.Words(s), "") }

// in tells whether a text leads to our own site, and whether it leads to pages of others.
func (h *hosts) in(body string) (ours, others bool) {
	if !strings.Contains(body, ".") {
		return false, false
	}
	for _, part := range text.Linkify(body) {
		if part.URL == "" {
			continue
		}
		u, err := url.Parse(part.URL)
		if err != nil || u.Hostname() == "" {
			continue
		}
		host := strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
		switch {
		case h.not[host]:
		case h.own(host):
			ours, h.seen[host] = true, true
		default:
			others = true
		}
	}
	return ours, others
}

func (h *hosts) own(host string) bool {
	bare := strings.ReplaceAll(host, "-", "")
	return slices.ContainsFunc(h.names, func(n string) bool { return strings.Contains(bare, n) })
}
